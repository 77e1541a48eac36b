/* balance.c - the daily balance, gathered from what is staged. */
#include "store/balance.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/balance.h"
#include "store/story_parts.h"

enum { ALL = 1000000, CURRENCIES = 32, OPEN_MOST = 64 };

struct open_sum { /* what is not posted, by one reason */
    enum balance_kind kind;
    const char *reason;
    int64_t count;
    struct decimal amount;
};
struct sales { /* of one currency */
    const char *currency;
    int64_t orders, refunds, invoices, memos;
    struct decimal sold, given_back, invoiced, credited;
    struct open_sum open[OPEN_MOST];
    size_t open_count;
};

struct gathering {
    struct ledger *ledger;
    const struct balance_ask *ask;
    struct arena *arena;
    struct sales sales[CURRENCIES];
    size_t sales_count;
    json *differences, *payouts, *lines;
};

/* ---- what both halves say ---- */

static void set_amount(json *object, const char *name, struct decimal amount)
{
    char text[DECIMAL_TEXT];
    decimal_format(amount, text);
    json_set_text(object, name, text);
}

static struct decimal amount_of(const char *text)
{
    struct decimal amount;
    return decimal_parse(text, &amount) ? amount : DECIMAL_ZERO;
}

/* `order` = id of the order that the record is, or belongs to; "" = none that is known here. */
static json *differ(struct gathering *all, const struct balance_verdict *verdict,
                    const char *record, const char *order, const char *currency)
{
    json *row = json_new_object();
    json_set_text(row, "kind", balance_kind_word(verdict->kind));
    json_set_text(row, "record", record);
    json_set_text(row, "order", order);
    json_set_text(row, "reason", verdict->reason);
    set_amount(row, "amount", verdict->amount);
    json_set_text(row, "currency", currency);
    json_set_text(row, "text", balance_kind_text(verdict->kind));
    json_add(all->differences, row);
    return row;
}

static bool read(struct gathering *all, const char *prefix, const struct store_ids *ids,
                 const char *const fields[], size_t count, struct store_rows **out, struct err *err)
{
    return store_read_ids(all->ledger, all->ask->company, prefix, ids, fields, count, out, err);
}

/* Links are called by their record, postings by the document that a link names. */
static bool read_postings(struct gathering *all, const struct store_rows *links, size_t id_at,
                          size_t count, struct store_rows **out, struct err *err)
{
    static const char *const FIELDS[] = {"state", "reason", "invoice_number"};
    const char *keys[STORE_PAGE];
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(all->arena, "posting:%s", store_text(links, i, id_at));
    return store_read(all->ledger, all->ask->company, keys, count, FIELDS, COUNT(FIELDS), out, err);
}

/* ---- sales ---- */

static struct sales *sales_in(struct gathering *all, const char *currency)
{
    for (size_t i = 0; i < all->sales_count; i++)
        if (strcmp(all->sales[i].currency, currency) == 0)
            return &all->sales[i];
    if (all->sales_count == CURRENCIES)
        return &all->sales[CURRENCIES - 1];
    all->sales[all->sales_count].currency = arena_text(all->arena, currency);
    return &all->sales[all->sales_count++];
}

static void add_open(struct gathering *all, struct sales *sales,
                     const struct balance_verdict *verdict)
{
    struct open_sum *at = NULL;
    for (size_t i = 0; i < sales->open_count && !at; i++)
        if (sales->open[i].kind == verdict->kind &&
            strcmp(sales->open[i].reason, verdict->reason) == 0)
            at = &sales->open[i];
    if (!at) {
        at = &sales->open[sales->open_count < OPEN_MOST ? sales->open_count++ : OPEN_MOST - 1];
        at->kind = verdict->kind;
        at->reason = arena_text(all->arena, verdict->reason);
    }
    at->count++;
    at->amount = decimal_add(at->amount, verdict->amount);
}

static void count_document(struct gathering *all, const struct balance_document *document,
                           const char *record, const char *order, const char *currency)
{
    struct sales *sales = sales_in(all, currency);
    struct balance_verdict verdict = balance_document(document);
    bool posted = balance_is_posted(document);
    if (document->refund) {
        sales->refunds++;
        sales->given_back = decimal_add(sales->given_back, document->shop);
        sales->memos += posted;
        if (posted)
            sales->credited = decimal_add(sales->credited, document->erp);
    } else {
        sales->orders++;
        sales->sold = decimal_add(sales->sold, document->shop);
        sales->invoices += posted;
        if (posted)
            sales->invoiced = decimal_add(sales->invoiced, document->erp);
    }
    if (verdict.kind == BALANCE_AGREES)
        return;
    add_open(all, sales, &verdict);
    json_set_text(differ(all, &verdict, record, order, currency), "document", document->document);
}

/* The side of its money that an order's documents are of: as they were made, else will be. */
static bool is_shown(const struct gathering *all, const char *handling_used)
{
    return *handling_used ? strcmp(handling_used, "presentment") == 0 : all->ask->shown;
}

static bool count_orders(struct gathering *all, const struct store_ids *ids, struct err *err)
{
    static const char *const ORDER[] = {
        "name",  "state",        "reason", "document", "erp_total", "currency", "difference_reason",
        "total", "handling_used"};
    static const char *const MONEY[] = {"sold", "sold_shown", "shown"};
    static const char *const LINK[] = {"id", "posted_number", "cancelled"};
    OWN(store_rows)
    struct store_rows *orders = NULL, *money = NULL, *links = NULL, *postings = NULL;
    if (!read(all, "order:", ids, ORDER, COUNT(ORDER), &orders, err) ||
        !read(all, "money:", ids, MONEY, COUNT(MONEY), &money, err) ||
        !read(all, "link:order:", ids, LINK, COUNT(LINK), &links, err) ||
        !read_postings(all, links, 0, ids->count, &postings, err))
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        bool shown = is_shown(all, store_text(orders, i, 8));
        const char *sold = store_text(money, i, shown ? 1 : 0);
        const char *unknown = store_text(orders, i, shown ? 4 : 7); /* said below */
        const char *currency = shown ? store_text(money, i, 2) : store_text(orders, i, 5);
        const struct balance_document document = {
            .shop = amount_of(*sold ? sold : unknown),
            .erp = amount_of(store_text(orders, i, 4)),
            .state = store_text(orders, i, 1),
            .reason = store_text(orders, i, 2),
            .document = store_text(orders, i, 3),
            .posting = store_text(postings, i, 0),
            .posting_reason = store_text(postings, i, 1),
            .posted_number = store_text(links, i, 1),
            .cancelled = store_text(links, i, 2),
            .difference_reason = store_text(orders, i, 6),
        };
        count_document(all, &document, store_text(orders, i, 0), ids->items[i], currency);
        if (!*sold)
            differ(all, &(struct balance_verdict){BALANCE_NOT_BOOKED, "", DECIMAL_ZERO},
                   store_text(orders, i, 0), ids->items[i], currency);
    }
    return true;
}

/* Of the list that is kept with its order: "<refund> <total> <transaction>...". */
static struct decimal refund_total(const char *list, const char *refund)
{
    char total[DECIMAL_TEXT] = "";
    size_t size = strlen(refund);
    for (const char *at = list; *at; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, refund, size) == 0 && at[size] == ' ')
            snprintf(total, sizeof total, "%.*s", (int)strcspn(at + size + 1, " \n"),
                     at + size + 1);
    return amount_of(total);
}

static bool count_refunds(struct gathering *all, const struct store_ids *members, struct err *err)
{
    static const char *const REFUND[] = {"state", "reason", "document", "erp_total",
                                         "difference_reason"};
    static const char *const LINK[] = {"id", "posted_number", "cancelled"};
    static const char *const ORDER[] = {"name", "currency", "handling_used"};
    static const char *const MONEY[] = {"refunds", "refunds_shown", "shown"};
    char *order_ids[STORE_PAGE], *refund_ids[STORE_PAGE];
    OWN(store_rows)
    struct store_rows *refunds = NULL, *links = NULL, *postings = NULL, *orders = NULL,
                      *money = NULL;
    for (size_t i = 0; i < members->count; i++) {
        const char *text = members->items[i], *colon = strchr(text, ':');
        int size = colon ? (int)(colon - text) : 0;
        order_ids[i] = (char *)arena_printf(all->arena, "%.*s", size, text);
        refund_ids[i] = (char *)arena_text(all->arena, colon ? colon + 1 : text);
    }
    const struct store_ids by_order = {order_ids, members->count};
    const struct store_ids by_refund = {refund_ids, members->count};
    if (!read(all, "refund:", &by_refund, REFUND, COUNT(REFUND), &refunds, err) ||
        !read(all, "link:refund:", &by_refund, LINK, COUNT(LINK), &links, err) ||
        !read_postings(all, links, 0, members->count, &postings, err) ||
        !read(all, "order:", &by_order, ORDER, COUNT(ORDER), &orders, err) ||
        !read(all, "money:", &by_order, MONEY, COUNT(MONEY), &money, err))
        return false;
    for (size_t i = 0; i < members->count; i++) {
        bool shown = is_shown(all, store_text(orders, i, 2));
        const struct balance_document document = {
            .refund = true,
            .shop = refund_total(store_text(money, i, shown ? 1 : 0), refund_ids[i]),
            .erp = amount_of(store_text(refunds, i, 3)),
            .state = store_text(refunds, i, 0),
            .reason = store_text(refunds, i, 1),
            .document = store_text(refunds, i, 2),
            .posting = store_text(postings, i, 0),
            .posting_reason = store_text(postings, i, 1),
            .posted_number = store_text(links, i, 1),
            .cancelled = store_text(links, i, 2),
            .difference_reason = store_text(refunds, i, 4),
        };
        const char *name =
            arena_printf(all->arena, "%s-R%s", store_text(orders, i, 0), refund_ids[i]);
        count_document(all, &document, name, order_ids[i],
                       shown ? store_text(money, i, 2) : store_text(orders, i, 1));
    }
    return true;
}

typedef bool (*counter)(struct gathering *all, const struct store_ids *ids, struct err *err);

static bool in_pages(struct gathering *all, const struct store_ids *ids, counter count,
                     struct err *err)
{
    for (size_t from = 0; from < ids->count; from += STORE_PAGE) {
        size_t left = ids->count - from;
        const struct store_ids page = {ids->items + from, left < STORE_PAGE ? left : STORE_PAGE};
        if (!count(all, &page, err))
            return false;
    }
    return true;
}

static bool of_days(struct gathering *all, const char *index, const char *of, counter count,
                    struct err *err)
{
    OWN_TEXT char *key = mem_printf("%s:%s", index, of);
    OWN_IDS struct store_ids ids = {0};
    return store_zset_between(all->ledger, all->ask->company, key, all->ask->from_ms,
                              all->ask->to_ms - 1, ALL, &ids, err) &&
           in_pages(all, &ids, count, err);
}

/* ---- payouts ---- */

enum {
    LINE_TYPE,
    LINE_AMOUNT,
    LINE_FEE_KEPT,
    LINE_NET,
    LINE_CURRENCY,
    LINE_ORDER,
    LINE_ORDER_NAME,
    LINE_TRANSACTION,
    LINE_AT,
    LINE_FIELDS
};
static const char *const LINE[LINE_FIELDS] = {
    "type", "amount", "fee", "net", "currency", "order", "order_name", "transaction", "at"};

/* What the payment told as its fee, where that is in the line's currency. */
static bool told_fee(const char *list, const char *transaction, const char *currency,
                     struct arena *arena, struct decimal *out)
{
    const char *fee = money_fee(list, transaction, arena), *code = strchr(fee, ' ');
    return code && strcmp(code + 1, currency) == 0 &&
           decimal_parse(arena_text_n(arena, fee, (size_t)(code - fee)), out);
}

struct payout { /* the one whose lines are added up */
    const char *id;
    struct balance_sum sum;
};

struct line_orders { /* what is known of the orders of a page of lines */
    struct store_rows *orders, *money, *links, *postings;
    struct store_rows *memo_links, *memos; /* of refunds; only where lines are told */
};

static void line_orders_drop(struct line_orders *known)
{
    store_rows_free(known->orders);
    store_rows_free(known->money);
    store_rows_free(known->links);
    store_rows_free(known->postings);
    store_rows_free(known->memo_links);
    store_rows_free(known->memos);
}

/* The refund that this transaction has paid back, of its order's list; "" = none. */
static const char *refund_of(const char *list, const char *transaction, struct arena *arena)
{
    const char *wanted = arena_printf(arena, " %s ", transaction);
    for (const char *at = list; *at && *transaction; at += strcspn(at, "\n"), at += *at == '\n') {
        const char *row = arena_printf(arena, "%.*s ", (int)strcspn(at, "\n"), at);
        const char *total = row + strcspn(row, " ") + 1;
        if (strstr(total + strcspn(total, " "), wanted))
            return arena_text_n(arena, row, strcspn(row, " "));
    }
    return "";
}

static bool read_memos(struct gathering *all, const struct store_rows *rows, size_t count,
                       struct line_orders *out, struct err *err)
{
    static const char *const LINK_OF[] = {"id", "posted_number"};
    char *ids[STORE_PAGE];
    for (size_t i = 0; i < count; i++)
        ids[i] = (char *)refund_of(store_text(out->money, i, 1),
                                   store_text(rows, i, LINE_TRANSACTION), all->arena);
    const struct store_ids refunds = {ids, count};
    return read(all, "link:refund:", &refunds, LINK_OF, COUNT(LINK_OF), &out->memo_links, err) &&
           read_postings(all, out->memo_links, 0, count, &out->memos, err);
}

static bool read_line_orders(struct gathering *all, const struct store_rows *rows, size_t count,
                             struct line_orders *out, struct err *err)
{
    static const char *const ORDER[] = {"name"}, *const MONEY[] = {"fees", "refunds"};
    static const char *const LINK[] = {"id", "posted_number"};
    char *ids[STORE_PAGE];
    for (size_t i = 0; i < count; i++)
        ids[i] = (char *)store_text(rows, i, LINE_ORDER);
    const struct store_ids orders = {ids, count};
    return read(all, "order:", &orders, ORDER, COUNT(ORDER), &out->orders, err) &&
           read(all, "money:", &orders, MONEY, COUNT(MONEY), &out->money, err) &&
           read(all, "link:order:", &orders, LINK, COUNT(LINK), &out->links, err) &&
           read_postings(all, out->links, 0, count, &out->postings, err) &&
           (!all->ask->lines || read_memos(all, rows, count, out, err));
}

static void tell_line(struct gathering *all, const char *payout, const char *id,
                      const struct store_rows *rows, size_t i, const struct line_orders *known)
{
    json *row = json_new_object();
    const char *invoice = store_text(known->postings, i, 2);
    json_set_text(row, "payout", payout);
    json_set_text(row, "id", id);
    for (size_t f = 0; f < LINE_FIELDS; f++)
        json_set_text(row, LINE[f], store_text(rows, i, f));
    json_set_text(row, "class", line_class_word(line_class(store_text(rows, i, LINE_TYPE))));
    json_set_text(row, "invoice", *invoice ? invoice : store_text(known->links, i, 1));
    const char *memo = store_text(known->memos, i, 2);
    json_set_text(row, "memo", *memo ? memo : store_text(known->memo_links, i, 1));
    json_add(all->lines, row);
}

static bool add_lines(struct gathering *all, struct payout *payout, const struct store_ids *ids,
                      struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    __attribute__((cleanup(line_orders_drop))) struct line_orders known = {0};
    if (!read(all, "balance:", ids, LINE, COUNT(LINE), &rows, err) ||
        !read_line_orders(all, rows, ids->count, &known, err))
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        const char *currency = store_text(rows, i, LINE_CURRENCY);
        const char *name = store_text(rows, i, LINE_ORDER_NAME);
        struct balance_line line = {
            .type = store_text(rows, i, LINE_TYPE),
            .amount = amount_of(store_text(rows, i, LINE_AMOUNT)),
            .fee = amount_of(store_text(rows, i, LINE_FEE_KEPT)),
            .net = amount_of(store_text(rows, i, LINE_NET)),
            .of_order = *store_text(rows, i, LINE_ORDER) != 0,
            .staged = *store_text(known.orders, i, 0) != 0,
        };
        line.told = told_fee(store_text(known.money, i, 0), store_text(rows, i, LINE_TRANSACTION),
                             currency, all->arena, &line.told_fee);
        balance_add(&payout->sum, &line);
        struct balance_verdict verdict = balance_line(&line);
        if (verdict.kind != BALANCE_AGREES) {
            json *row = differ(all, &verdict, *name ? name : ids->items[i],
                               line.staged ? store_text(rows, i, LINE_ORDER) : "", currency);
            json_set_text(row, "payout", payout->id);
            json_set_text(row, "line", ids->items[i]);
        }
        if (all->ask->lines)
            tell_line(all, payout->id, ids->items[i], rows, i, &known);
    }
    return true;
}

static bool add_up(struct gathering *all, struct payout *payout, struct err *err)
{
    OWN_TEXT char *key = mem_printf("payout-lines:%s", payout->id);
    OWN_IDS struct store_ids ids = {0};
    if (!store_set(all->ledger, all->ask->company, key, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += STORE_PAGE) {
        size_t left = ids.count - from;
        const struct store_ids page = {ids.items + from, left < STORE_PAGE ? left : STORE_PAGE};
        if (!add_lines(all, payout, &page, err))
            return false;
    }
    return true;
}

static void tell_payout(struct gathering *all, const struct payout *payout,
                        const struct store_rows *rows, size_t i)
{
    static const char *const FIELDS[] = {"issued", "status", "currency", "net", "trace"};
    json *row = json_new_object();
    json_set_text(row, "id", payout->id);
    for (size_t f = 0; f < COUNT(FIELDS); f++)
        json_set_text(row, FIELDS[f], store_text(rows, i, f));
    for (int is = 0; is < LINE_CLASSES; is++)
        if (is != LINE_TRANSFER && is != LINE_FEE)
            set_amount(row, line_class_word((enum line_class)is), payout->sum.amounts[is]);
    /* What lines keep, and lines that are nothing but a fee. */
    set_amount(row, "fees", decimal_sub(payout->sum.amounts[LINE_FEE], payout->sum.fees));
    set_amount(row, "lines_net", payout->sum.net);
    json_set_int(row, "lines", (int64_t)payout->sum.lines);
    json_add(all->payouts, row);
}

static bool count_payouts(struct gathering *all, const struct store_ids *ids, struct err *err)
{
    static const char *const FIELDS[] = {"issued", "status", "currency", "net", "trace"};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!read(all, "payout:", ids, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        struct payout payout = {.id = ids->items[i]};
        if (!add_up(all, &payout, err))
            return false;
        struct balance_verdict verdict =
            balance_payout(amount_of(store_text(rows, i, 3)), &payout.sum);
        if (verdict.kind != BALANCE_AGREES)
            json_set_text(differ(all, &verdict, payout.id, "", store_text(rows, i, 2)), "payout",
                          payout.id);
        tell_payout(all, &payout, rows, i);
    }
    return true;
}

/* ---- the whole ---- */

static json *tell_sales(const struct gathering *all)
{
    json *list = json_new_array();
    for (size_t i = 0; i < all->sales_count; i++) {
        const struct sales *sales = &all->sales[i];
        json *row = json_new_object(), *open = json_new_array();
        json_set_text(row, "currency", sales->currency);
        json_set_int(row, "orders", sales->orders);
        set_amount(row, "sold", sales->sold);
        json_set_int(row, "refunds", sales->refunds);
        set_amount(row, "given_back", sales->given_back);
        json_set_int(row, "invoices", sales->invoices);
        set_amount(row, "invoiced", sales->invoiced);
        json_set_int(row, "memos", sales->memos);
        set_amount(row, "credited", sales->credited);
        for (size_t k = 0; k < sales->open_count; k++) {
            json *each = json_new_object();
            json_set_text(each, "kind", balance_kind_word(sales->open[k].kind));
            json_set_text(each, "reason", sales->open[k].reason);
            json_set_int(each, "count", sales->open[k].count);
            set_amount(each, "amount", sales->open[k].amount);
            json_add(open, each);
        }
        json_set(row, "open", open);
        json_add(list, row);
    }
    return list;
}

static void gathering_drop(struct gathering *all)
{
    json_free(all->differences);
    json_free(all->payouts);
    json_free(all->lines);
    arena_free(all->arena);
}

bool store_balance(struct ledger *ledger, const struct balance_ask *ask, json **out,
                   struct err *err)
{
    __attribute__((cleanup(gathering_drop))) struct gathering all = {
        .ledger = ledger,
        .ask = ask,
        .arena = arena_new(),
        .differences = json_new_array(),
        .payouts = json_new_array(),
        .lines = json_new_array(),
    };
    if (!of_days(&all, "orders", ask->shop, count_orders, err) ||
        !of_days(&all, "refunds-made", ask->shop, count_refunds, err) ||
        !of_days(&all, "payouts", ask->store, count_payouts, err))
        return err_wrap(err, "balance of shop %s", ask->shop);
    *out = json_new_object();
    json_set(*out, "sales", tell_sales(&all));
    json_set(*out, "payouts", GIVE(all.payouts));
    json_set(*out, "differences", GIVE(all.differences));
    if (ask->lines)
        json_set(*out, "lines", GIVE(all.lines));
    return true;
}
