/* order_payments.c - what became of an order's money: its payments and refunds with their
 * documents, lines of the balance with their payouts.
 */
#include <string.h>

#include "model/payments.h"
#include "store/balance.h"
#include "store/story_parts.h"

enum { TYPE, AT, AMOUNT, FEE, NET, CURRENCY, PAYOUT, TRANSACTION, FIELD_COUNT };
static const char *const FIELDS[FIELD_COUNT] = {"type", "at",       "amount", "fee",
                                                "net",  "currency", "payout", "transaction"};

struct booked { /* lines of the balance that are this order's */
    struct store_ids ids;
    struct store_rows *rows, *payouts;
};

static void booked_drop(struct booked *booked)
{
    store_ids_drop(&booked->ids);
    store_rows_free(booked->rows);
    store_rows_free(booked->payouts);
}

static size_t page_of(size_t count)
{
    return count < STORE_PAGE ? count : STORE_PAGE;
}

static bool read_booked(struct ledger *ledger, const char *company, const char *order,
                        struct booked *out, struct err *err)
{
    static const char *const STATUS[] = {"status"};
    OWN_TEXT char *key = mem_printf("order-lines:%s", order);
    char *of[STORE_PAGE];
    if (!store_set(ledger, company, key, &out->ids, err))
        return false;
    struct store_ids page = {out->ids.items, page_of(out->ids.count)};
    if (!store_read_ids(ledger, company, "balance:", &page, FIELDS, COUNT(FIELDS), &out->rows, err))
        return false;
    for (size_t i = 0; i < page.count; i++)
        of[i] = (char *)store_text(out->rows, i, PAYOUT);
    const struct store_ids payouts = {of, page.count};
    return store_read_ids(ledger, company, "payout:", &payouts, STATUS, COUNT(STATUS),
                          &out->payouts, err);
}

static json *tell_booked(const struct booked *booked)
{
    json *list = json_new_array();
    for (size_t i = 0; i < page_of(booked->ids.count); i++) {
        json *row = json_new_object();
        json_set_text(row, "id", booked->ids.items[i]);
        for (size_t f = 0; f < FIELD_COUNT; f++)
            json_set_text(row, FIELDS[f], store_text(booked->rows, i, f));
        json_set_text(row, "status", store_text(booked->payouts, i, 0));
        json_add(list, row);
    }
    return list;
}

/* ---- payments and refunds ---- */

const char *money_fee(const char *list, const char *transaction, struct arena *arena)
{
    size_t size = strlen(transaction);
    for (const char *at = list; *at && size; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, transaction, size) == 0 && at[size] == ' ')
            return arena_text_n(arena, at + size + 1, strcspn(at + size + 1, "\n"));
    return "";
}

/* Its own line: a dispute of the payment has a line that names it, too. */
static bool is_line_of(const struct booked *booked, size_t i, const char *transaction)
{
    enum line_class is = line_class(store_text(booked->rows, i, TYPE));
    return (is == LINE_CHARGE || is == LINE_REFUND) &&
           strcmp(store_text(booked->rows, i, TRANSACTION), transaction) == 0;
}

static void set_if(json *row, const char *name, const char *text)
{
    if (*text)
        json_set_text(row, name, text);
}

static json *tell_payment(const struct order *order, const struct order_transaction *payment,
                          const struct booked *booked, const char *fee)
{
    char amount[DECIMAL_TEXT];
    json *row = json_new_object();
    size_t places = strcspn(fee, " ");
    OWN_TEXT char *kept = mem_printf("%.*s", (int)places, fee);
    decimal_format_fixed(payment->amount.shop, money_places(order->currency), amount);
    json_set_text(row, "id", payment->id);
    json_set_text(row, "kind", payment->kind);
    json_set_text(row, "status", payment->status);
    json_set_text(row, "gateway",
                  *payment->gateway_name ? payment->gateway_name : payment->gateway);
    json_set_text(row, "at", payment->created);
    json_set_text(row, "amount", amount);
    json_set_text(row, "currency", order->currency);
    set_if(row, "gift_card", payment->gift_card_id);
    set_if(row, "refund", payment->refund_id);
    set_if(row, "fee", kept);
    set_if(row, "fee_currency", *fee ? fee + places + 1 : "");
    for (size_t i = 0; i < page_of(booked->ids.count); i++)
        if (is_line_of(booked, i, payment->id))
            set_if(row, "payout", store_text(booked->rows, i, PAYOUT));
    return row;
}

/* What was paid stands on the order's invoice, what was given back on the refund's credit memo. */
static void set_document(json *row, const struct order_transaction *payment, const char *invoice,
                         const char *memo)
{
    bool paid = strcmp(payment->kind, "SALE") == 0 || strcmp(payment->kind, "CAPTURE") == 0;
    if (strcmp(payment->status, "SUCCESS") != 0)
        return;
    set_if(row, "memo", memo);
    set_if(row, "invoice", paid ? invoice : "");
}

static bool tell_payments(struct ledger *ledger, const char *company, const struct order *order,
                          const struct booked *booked, struct arena *arena, json *tree,
                          struct err *err)
{
    static const char *const FEES[] = {"fees"}, *const NUMBER[] = {"posted_number"};
    const char *invoice = json_text(json_get(tree, "document"), "posted_number");
    const char *const money_key[] = {arena_printf(arena, "money:%s", order->id)};
    char *refunds[STORE_PAGE];
    size_t count = page_of(order->transaction_count);
    OWN(store_rows) struct store_rows *money = NULL, *memos = NULL;
    json *list = json_new_array();
    json_set(tree, "transactions", list);
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        refunds[i] = (char *)order->transactions[i].refund_id;
    const struct store_ids of = {refunds, count};
    if (!store_read(ledger, company, money_key, 1, FEES, COUNT(FEES), &money, err) ||
        !store_read_ids(ledger, company, "link:refund:", &of, NUMBER, COUNT(NUMBER), &memos, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct order_transaction *payment = &order->transactions[i];
        json *row = tell_payment(order, payment, booked,
                                 money_fee(store_text(money, 0, 0), payment->id, arena));
        set_document(row, payment, invoice, store_text(memos, i, 0));
        json_add(list, row);
    }
    return true;
}

bool story_payments(struct ledger *ledger, const char *company, const struct order *order,
                    const char *id, struct arena *arena, json *tree, struct err *err)
{
    __attribute__((cleanup(booked_drop))) struct booked booked = {.rows = NULL};
    if (!read_booked(ledger, company, id, &booked, err) ||
        !tell_payments(ledger, company, order, &booked, arena, tree, err))
        return false;
    json_set(tree, "payments", tell_booked(&booked));
    return true;
}
