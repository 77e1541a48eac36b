/* payouts_sync.c - report 30105: payouts of Shopify Payments and the lines of its balance.
 *
 * Reads only, and what is staged is keyed by Shopify's ids: a run that is killed anywhere is done
 * again from its marks, and staging twice is harmless. Pages come in ascending order of ids, and a
 * mark moves after its page is staged, so nothing is passed over. Orders' own transactions are
 * never written: what a payment became stands beside them (`order-lines:<order>`).
 *
 * Ids need not grow with time, and Shopify corrects lines late. Both is found without listing all
 * again: a payout is the sum of its lines, so one that is not has its lines listed; and once a day
 * what is of the last days is read again by its ids, 250 for 3 points.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/log.h"
#include "model/payments.h"
#include "operations/operations_table.h"
#include "operations/payments.h"
#include "shopify/shopify.h"

enum {
    PAYOUTS = 100,
    LINES = 250,
    FEW_PAYOUTS = 20, /* what a week has; its page costs 13 points instead of 21 */
    ALL = 1000000,
    DAY_MS = 24 * 3600 * 1000,
    LATE_DAYS = 7,    /* lines and payouts read again daily */
    FAILED_DAYS = 30, /* a bank may take a payout after all */
};

static const struct payment_field PAYOUT_FIELDS[] = {
  /* clang-format off */
    {"status", "status", FIELD_TEXT},
    {"issued", "issuedAt", FIELD_TEXT},
    {"direction", "transactionType", FIELD_TEXT},
    {"trace", "externalTraceId", FIELD_TEXT},
    {"net", "net.amount", FIELD_TEXT},
    {"currency", "net.currencyCode", FIELD_TEXT},
    {"charges", "summary.chargesGross.amount", FIELD_TEXT},
    {"charges_fee", "summary.chargesFee.amount", FIELD_TEXT},
    {"refunds", "summary.refundsFeeGross.amount", FIELD_TEXT},
    {"refunds_fee", "summary.refundsFee.amount", FIELD_TEXT},
    {"adjustments", "summary.adjustmentsGross.amount", FIELD_TEXT},
    {"adjustments_fee", "summary.adjustmentsFee.amount", FIELD_TEXT},
    {"reserved", "summary.reservedFundsGross.amount", FIELD_TEXT},
    {"reserved_fee", "summary.reservedFundsFee.amount", FIELD_TEXT},
    {"retried", "summary.retriedPayoutsGross.amount", FIELD_TEXT},
    {"retried_fee", "summary.retriedPayoutsFee.amount", FIELD_TEXT},
    {"advance", "summary.advanceGross.amount", FIELD_TEXT},
    {"advance_fee", "summary.advanceFees.amount", FIELD_TEXT},
  /* clang-format on */
};
enum { PAYOUT_STATUS, PAYOUT_ISSUED };

static const struct payment_field LINE_FIELDS[] = {
  /* clang-format off */
    {"type", "type", FIELD_TEXT},
    {"at", "transactionDate", FIELD_TEXT},
    {"payout", "associatedPayout.id", FIELD_ID},
    {"order", "associatedOrder.id", FIELD_ID},
    {"order_name", "associatedOrder.name", FIELD_TEXT},
    {"amount", "amount.amount", FIELD_TEXT},
    {"fee", "fee.amount", FIELD_TEXT},
    {"net", "net.amount", FIELD_TEXT},
    {"currency", "amount.currencyCode", FIELD_TEXT},
    {"source_type", "sourceType", FIELD_TEXT},
    {"source", "sourceId", FIELD_TEXT},
    {"transaction", "sourceOrderTransactionId", FIELD_TEXT},
    {"reason", "adjustmentReason", FIELD_TEXT},
    {"test", "test", FIELD_FLAG},
  /* clang-format on */
};
enum { LINE_TYPE, LINE_AT, LINE_PAYOUT, LINE_ORDER };

/* ---- where records are listed ---- */

static void list_at(struct payments *payments, const char *index, int64_t score, const char *id)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, score);
    write_add(payments->write, "ZADD", payments_key(payments, index), text, id, NULL);
}

static int64_t ms_of(const char *text)
{
    int64_t ms;
    return time_parse(text, &ms) ? ms : 0;
}

/* One that the bank refused is looked at daily for a month; what was paid or cancelled is at its
 * end. What Shopify may call others is followed. */
static void follow_payout(struct payments *payments, const char *id, const char *status,
                          int64_t issued_ms)
{
    bool failed = strcmp(status, "FAILED") == 0;
    bool ended = strcmp(status, "PAID") == 0 || strcmp(status, "CANCELED") == 0 ||
                 (failed && payments->now_ms - issued_ms > (int64_t)FAILED_DAYS * DAY_MS);
    if (ended)
        write_add(payments->write, "ZREM", payments_key(payments, "payouts-open"), id, NULL);
    else
        list_at(payments, "payouts-open", failed ? payments->now_ms + DAY_MS : 0, id);
}

/* A payout of which something has changed is added up again by this run, or the next. */
static void index_payout(struct payments *payments, const struct payment_record *record)
{
    int64_t issued_ms = ms_of(record->now[PAYOUT_ISSUED]);
    list_at(payments, "payouts", issued_ms, record->id);
    list_at(payments, "payouts-check", 0, record->id);
    follow_payout(payments, record->id, record->now[PAYOUT_STATUS], issued_ms);
    if (record->created)
        write_add(payments->write, "HSET", payments_key(payments, "mark:payouts"), "look", "1",
                  NULL);
}

static void of_payout(struct payments *payments, const char *verb, const char *payout,
                      const char *id)
{
    if (!*payout)
        return;
    OWN_TEXT char *key = mem_printf("payout-lines:%s", payout);
    write_add(payments->write, verb, key, id, NULL);
    list_at(payments, "payouts-check", 0, payout);
}

static void index_line(struct payments *payments, const struct payment_record *record)
{
    const char *payout = record->now[LINE_PAYOUT], *before = record->before[LINE_PAYOUT];
    int64_t at_ms = ms_of(record->now[LINE_AT]);
    list_at(payments, "balances", at_ms, record->id);
    if (strcmp(before, payout) != 0)
        of_payout(payments, "SREM", before, record->id);
    of_payout(payments, "SADD", payout, record->id);
    if (*payout)
        write_add(payments->write, "ZREM", payments_key(payments, "balances-open"), record->id,
                  NULL);
    else
        list_at(payments, "balances-open", at_ms, record->id);
    if (*record->now[LINE_ORDER]) {
        OWN_TEXT char *key = mem_printf("order-lines:%s", record->now[LINE_ORDER]);
        write_add(payments->write, "SADD", key, record->id, NULL);
    }
    if (line_class(record->now[LINE_TYPE]) == LINE_UNKNOWN)
        list_at(payments, "balances-unknown", at_ms, record->id);
}

static const struct payment_kind PAYOUT = {"payout:", PAYOUT_FIELDS, COUNT(PAYOUT_FIELDS),
                                           index_payout};
static const struct payment_kind LINE = {"balance:", LINE_FIELDS, COUNT(LINE_FIELDS), index_line};

/* ---- lists ---- */

static void walk_drop(struct payments_walk *walk)
{
    own_text_cleanup_(&walk->after);
}
#define OWN_WALK __attribute__((cleanup(walk_drop)))

static void ask_list(json *variables, const struct payments_walk *walk, const char *first, int page,
                     const char *with, const char *query, const char *after)
{
    json_set_bool(variables, with, walk && !walk->ended);
    if (!walk || walk->ended)
        return;
    json_set_int(variables, first, page);
    json_set_text(variables, query, walk->query);
    if (walk->after)
        json_set_text(variables, after, walk->after);
}

/* Both lists in one question, as long as both go on. *none = the store has no Shopify Payments. */
static bool read_lists(struct payments *payments, struct payments_walk *payouts, int payouts_first,
                       struct payments_walk *lines, bool *none, struct err *err)
{
    const char *mark_key = payments_key(payments, "mark:payouts");
    while ((payouts && !payouts->ended) || (lines && !lines->ended)) {
        struct shopify_call call = {.document = "payouts-page", .variables = json_new_object()};
        bool with_payouts = payouts && !payouts->ended, with_lines = lines && !lines->ended;
        ask_list(call.variables, payouts, "payouts", payouts_first, "withPayouts", "payoutQuery",
                 "payoutsAfter");
        ask_list(call.variables, lines, "lines", LINES, "withLines", "lineQuery", "linesAfter");
        attempt_progress(payments->attempt, "reading payouts", payments->attempt->counts.read, 0);
        bool ok = shopify_ask(payments->attempt, &call, err);
        const json *account = ok ? json_get(call.data, "shopifyPaymentsAccount") : NULL;
        *none = ok && !account;
        if (account && with_payouts)
            ok = payments_walk_page(payments, payouts, mark_key, json_get(account, "payouts"), err);
        if (ok && account && with_lines)
            ok = payments_walk_page(payments, lines, mark_key,
                                    json_get(account, "balanceTransactions"), err);
        shopify_call_drop(&call);
        if (!ok || !attempt_checkpoint(payments->attempt, "", 0, err))
            return false;
        if (*none)
            return true;
        payouts_first = PAYOUTS;
    }
    return true;
}

struct marks {
    int64_t payout, line, again_ms;
    bool look; /* payouts have come, and lines that had none may be theirs */
};

static bool read_marks(struct payments *payments, struct marks *out, struct err *err)
{
    static const char *const FIELDS[] = {"payout", "line", "again", "look"};
    const char *const keys[] = {payments_key(payments, "mark:payouts")};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(payments->attempt->ledger, payments->company, keys, 1, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    *out = (struct marks){store_int(rows, 0, 0), store_int(rows, 0, 1), store_int(rows, 0, 2),
                          store_int(rows, 0, 3) != 0};
    return true;
}

/* From the mark on, or from where the shop's history is to begin. */
static const char *since(const struct payments *payments, int64_t mark, const char *time)
{
    struct arena *arena = payments->attempt->arena;
    return mark > 0 ? arena_printf(arena, "id:>=%" PRId64, mark + 1)
                    : arena_printf(arena, "%s:>='%.10sT00:00:00Z'", time,
                                   payments->attempt->shop->order_history_start);
}

static bool read_new(struct payments *payments, const struct marks *marks, bool *none,
                     struct err *err)
{
    OWN_WALK struct payments_walk payouts = {.kind = &PAYOUT,
                                             .query = since(payments, marks->payout, "issued_at"),
                                             .mark = "payout",
                                             .highest = marks->payout};
    OWN_WALK struct payments_walk lines = {.kind = &LINE,
                                           .query = since(payments, marks->line, "processed_at"),
                                           .mark = "line",
                                           .highest = marks->line};
    return read_lists(payments, &payouts, PAYOUTS, &lines, none, err) ||
           err_wrap(err, "read new payouts and lines of the balance");
}

/* ---- what may have changed ---- */

static bool list_of(struct payments *payments, const char *index, int64_t least_ms, int64_t most_ms,
                    struct store_ids *out, struct err *err)
{
    return store_zset_between(payments->attempt->ledger, payments->company,
                              payments_key(payments, index), least_ms, most_ms, ALL, out, err);
}

static bool payouts_again(struct payments *payments, const struct store_ids *ids, struct err *err)
{
    return payments_again(payments, &PAYOUT, "payouts-by-ids", "ShopifyPaymentsPayout", ids, err);
}

static bool lines_again(struct payments *payments, const struct store_ids *ids, struct err *err)
{
    return payments_again(payments, &LINE, "balance-by-ids", "ShopifyPaymentsBalanceTransaction",
                          ids, err);
}

/* One that failed is due again tomorrow, though nothing of it has changed. */
static bool put_off_failed(struct payments *payments, const struct store_ids *ids, struct err *err)
{
    static const char *const FIELDS[] = {"status", "issued"};
    for (size_t from = 0; from < ids->count; from += STORE_PAGE) {
        size_t left = ids->count - from;
        struct store_ids page = {ids->items + from, left < STORE_PAGE ? left : STORE_PAGE};
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!store_read_ids(payments->attempt->ledger, payments->company, "payout:", &page, FIELDS,
                            COUNT(FIELDS), &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            if (strcmp(store_text(rows, i, 0), "FAILED") == 0)
                follow_payout(payments, page.items[i], "FAILED", ms_of(store_text(rows, i, 1)));
    }
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

/* Payouts on their way, and lines without payout where one may have come for them. */
static bool read_open(struct payments *payments, bool look, struct err *err)
{
    OWN_IDS struct store_ids payouts = {0}, lines = {0};
    if (!list_of(payments, "payouts-open", 0, payments->now_ms, &payouts, err) ||
        !payouts_again(payments, &payouts, err) || !put_off_failed(payments, &payouts, err))
        return err_wrap(err, "read payouts again that are on their way");
    if (!look && payouts.count == 0)
        return true;
    if (!list_of(payments, "balances-open", INT64_MIN, INT64_MAX, &lines, err) ||
        !lines_again(payments, &lines, err))
        return err_wrap(err, "read lines again that no payout had");
    if (!look)
        return true;
    write_add(payments->write, "HDEL", payments_key(payments, "mark:payouts"), "look", NULL);
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

/* Once a day: what is of the last days, and payouts whose ids lie below the mark. */
static bool read_late(struct payments *payments, bool first, struct err *err)
{
    char from[32], now[32];
    bool none = false;
    int64_t least_ms = payments->now_ms - (int64_t)LATE_DAYS * DAY_MS;
    OWN_IDS struct store_ids payouts = {0}, lines = {0};
    time_format(least_ms, false, from);
    OWN_TEXT char *query = mem_printf("issued_at:>='%s'", from);
    OWN_WALK struct payments_walk walk = {.kind = &PAYOUT, .query = query};
    if (!first && (!list_of(payments, "balances", least_ms, INT64_MAX, &lines, err) ||
                   !read_lists(payments, &walk, FEW_PAYOUTS, NULL, &none, err) ||
                   !list_of(payments, "payouts", payments->now_ms - (int64_t)FAILED_DAYS * DAY_MS,
                            least_ms, &payouts, err) ||
                   !payouts_again(payments, &payouts, err) || !lines_again(payments, &lines, err)))
        return err_wrap(err, "read what is of the last days again");
    snprintf(now, sizeof now, "%" PRId64, payments->now_ms);
    write_add(payments->write, "HSET", payments_key(payments, "mark:payouts"), "again", now, NULL);
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

/* ---- does a payout come to the sum of its lines? ---- */

struct sum {
    struct decimal net; /* of the lines, but for the transfer itself */
    size_t lines;
};

static bool add_up(struct payments *payments, const char *payout, struct sum *out, struct err *err)
{
    static const char *const FIELDS[] = {"type", "net"};
    OWN_TEXT char *key = mem_printf("payout-lines:%s", payout);
    OWN_IDS struct store_ids lines = {0};
    *out = (struct sum){DECIMAL_ZERO, 0};
    if (!store_set(payments->attempt->ledger, payments->company, key, &lines, err))
        return false;
    for (size_t from = 0; from < lines.count; from += STORE_PAGE) {
        size_t left = lines.count - from;
        struct store_ids page = {lines.items + from, left < STORE_PAGE ? left : STORE_PAGE};
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!store_read_ids(payments->attempt->ledger, payments->company, "balance:", &page, FIELDS,
                            COUNT(FIELDS), &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            struct decimal net;
            if (line_class(store_text(rows, i, 0)) == LINE_TRANSFER ||
                !decimal_parse(store_text(rows, i, 1), &net))
                continue;
            out->net = decimal_add(out->net, net);
            out->lines++;
        }
    }
    return true;
}

static bool is_even(const char *net, const struct sum *sum)
{
    struct decimal whole;
    return decimal_parse(net, &whole) && decimal_cmp(whole, sum->net) == 0;
}

static bool list_lines_of(struct payments *payments, const char *payout, struct err *err)
{
    bool none = false;
    OWN_TEXT char *query = mem_printf("payments_transfer_id:%s", payout);
    OWN_WALK struct payments_walk walk = {.kind = &LINE, .query = query};
    return read_lists(payments, NULL, 0, &walk, &none, err);
}

static bool check_payout(struct payments *payments, const char *payout, struct err *err)
{
    static const char *const FIELDS[] = {"net", "lines_net", "lines"};
    char lines[32], net[DECIMAL_TEXT];
    struct sum sum;
    OWN_TEXT char *key = mem_printf("payout:%s", payout);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(payments->attempt->ledger, payments->company, keys, 1, FIELDS, COUNT(FIELDS),
                    &rows, err) ||
        !add_up(payments, payout, &sum, err))
        return false;
    if (*store_text(rows, 0, 0) && !is_even(store_text(rows, 0, 0), &sum) &&
        (!list_lines_of(payments, payout, err) || !add_up(payments, payout, &sum, err)))
        return false;
    bool even = !*store_text(rows, 0, 0) || is_even(store_text(rows, 0, 0), &sum);
    decimal_format(sum.net, net);
    snprintf(lines, sizeof lines, "%zu", sum.lines);
    if (*store_text(rows, 0, 0)) /* one that is older than the shop's history is not staged */
        write_add(payments->write, "HSET", key, "lines_net", net, "lines", lines, NULL);
    if (even)
        write_add(payments->write, "ZREM", payments_key(payments, "payouts-check"), payout, NULL);
    else
        list_at(payments, "payouts-check", payments->now_ms + DAY_MS, payout);
    return attempt_flush(payments->attempt, payments->write, WRITE_FLUSH_BYTES, err);
}

static bool check_payouts(struct payments *payments, struct err *err)
{
    OWN_IDS struct store_ids ids = {0};
    if (!list_of(payments, "payouts-check", 0, payments->now_ms, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        attempt_progress(payments->attempt, "adding payouts up", (int64_t)i, (int64_t)ids.count);
        if (!check_payout(payments, ids.items[i], err))
            return err_wrap(err, "add up payout %s", ids.items[i]);
        if (!attempt_checkpoint(payments->attempt, "", 0, err))
            return false;
    }
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

bool payouts_sync_run(struct attempt *attempt, struct err *err)
{
    struct payments payments;
    struct marks marks;
    bool none = false;
    OWN(write) struct write *write = write_new();
    if (!shop_ready(attempt, err))
        return false;
    payments_open(attempt, write, &payments);
    if (!read_marks(&payments, &marks, err) || !read_new(&payments, &marks, &none, err))
        return false;
    if (none) {
        log_info("payouts.none", TEXT("shop", attempt->shop->code));
        return true;
    }
    bool first = marks.again_ms == 0;
    bool late = payments.now_ms - marks.again_ms >= DAY_MS;
    return read_marks(&payments, &marks, err) && read_open(&payments, marks.look, err) &&
           (!late || read_late(&payments, first, err)) && check_payouts(&payments, err);
}
