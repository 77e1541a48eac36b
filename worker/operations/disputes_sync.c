/* disputes_sync.c - report 30120: disputes, followed until they are over.
 *
 * Reads only; staging is keyed by Shopify's ids, so a run that is killed is simply done again.
 * Those that are open are read again at every run by their ids, 250 for 3 points, whatever their
 * status is called: a dispute keeps its id from inquiry through chargeback to its end. The list of
 * disputes promises no order, so its mark moves at the end where ids have not ascended; and once a
 * day Shopify is asked which ones are open, whatever their ids.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/payments.h"
#include "operations/operations_table.h"
#include "operations/payments.h"
#include "shopify/shopify.h"

enum { PAGE = 100, ALL = 100000, DAY_MS = 24 * 3600 * 1000 };

static const struct payment_field FIELDS[] = {
  /* clang-format off */
    {"status", "status", FIELD_TEXT},
    {"order", "order.id", FIELD_ID},
    {"due", "evidenceDueBy", FIELD_TEXT},
    {"initiated", "initiatedAt", FIELD_TEXT},
    {"order_name", "order.name", FIELD_TEXT},
    {"type", "type", FIELD_TEXT},
    {"sent", "evidenceSentOn", FIELD_TEXT},
    {"finalized", "finalizedOn", FIELD_TEXT},
    {"amount", "amount.amount", FIELD_TEXT},
    {"currency", "amount.currencyCode", FIELD_TEXT},
    {"reason", "reasonDetails.reason", FIELD_TEXT},
    {"network_reason", "reasonDetails.networkReasonCode", FIELD_TEXT},
  /* clang-format on */
};
enum { STATUS, ORDER, DUE, INITIATED };

static void list_at(struct payments *payments, const char *index, const char *time, const char *id)
{
    char text[32];
    int64_t ms;
    snprintf(text, sizeof text, "%" PRId64, time_parse(time, &ms) ? ms : 0);
    write_add(payments->write, "ZADD", payments_key(payments, index), text, id, NULL);
}

static void index_dispute(struct payments *payments, const struct payment_record *record)
{
    list_at(payments, "disputes", record->now[INITIATED], record->id);
    if (dispute_ended(record->now[STATUS]))
        write_add(payments->write, "ZREM", payments_key(payments, "disputes-open"), record->id,
                  NULL);
    else
        list_at(payments, "disputes-open", record->now[DUE], record->id);
    if (!*record->now[ORDER])
        return;
    OWN_TEXT char *key = mem_printf("order-disputes:%s", record->now[ORDER]);
    write_add(payments->write, "SADD", key, record->id, NULL);
}

static const struct payment_kind DISPUTE = {"dispute:", FIELDS, COUNT(FIELDS), index_dispute};

static bool read_open(struct payments *payments, struct err *err)
{
    OWN_IDS struct store_ids ids = {0};
    return (store_zset(payments->attempt->ledger, payments->company,
                       payments_key(payments, "disputes-open"), INT64_MAX, ALL, &ids, err) &&
            payments_again(payments, &DISPUTE, "disputes-by-ids", "ShopifyPaymentsDispute", &ids,
                           err)) ||
           err_wrap(err, "read open disputes again");
}

static bool read_list(struct payments *payments, struct payments_walk *walk, struct err *err)
{
    bool ok = true;
    while (ok && !walk->ended) {
        struct shopify_call call = {.document = "disputes-list", .variables = json_new_object()};
        json_set_text(call.variables, "query", walk->query);
        json_set_int(call.variables, "first", PAGE);
        if (walk->after)
            json_set_text(call.variables, "after", walk->after);
        attempt_progress(payments->attempt, "reading disputes", payments->attempt->counts.read, 0);
        ok = shopify_ask(payments->attempt, &call, err) &&
             payments_walk_page(payments, walk, payments_key(payments, "mark:disputes"),
                                json_get(call.data, "disputes"), err) &&
             attempt_checkpoint(payments->attempt, "", 0, err);
        shopify_call_drop(&call);
    }
    own_text_cleanup_(&walk->after);
    walk->after = NULL;
    return ok;
}

static bool read_new(struct payments *payments, int64_t mark, struct err *err)
{
    OWN_TEXT char *query = mark > 0 ? mem_printf("id:>=%" PRId64, mark + 1)
                                    : mem_printf("initiated_at:>='%.10sT00:00:00Z'",
                                                 payments->attempt->shop->order_history_start);
    struct payments_walk walk = {
        .kind = &DISPUTE, .query = query, .mark = "dispute", .highest = mark};
    return read_list(payments, &walk, err) || err_wrap(err, "read new disputes");
}

/* Open ones from before the shop's history, too, and those whose ids lie below the mark. */
static bool ask_open(struct payments *payments, struct err *err)
{
    char now[32];
    struct payments_walk walk = {.kind = &DISPUTE,
                                 .query = "status:needs_response OR status:under_review"};
    if (!read_list(payments, &walk, err))
        return err_wrap(err, "ask which disputes are open");
    snprintf(now, sizeof now, "%" PRId64, payments->now_ms);
    write_add(payments->write, "HSET", payments_key(payments, "mark:disputes"), "asked", now, NULL);
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

bool disputes_sync_run(struct attempt *attempt, struct err *err)
{
    static const char *const MARKS[] = {"dispute", "asked"};
    struct payments payments;
    OWN(write) struct write *write = write_new();
    OWN(store_rows) struct store_rows *marks = NULL;
    if (!shop_ready(attempt, err))
        return false;
    payments_open(attempt, write, &payments);
    const char *const keys[] = {payments_key(&payments, "mark:disputes")};
    if (!store_read(attempt->ledger, payments.company, keys, 1, MARKS, COUNT(MARKS), &marks, err))
        return false;
    bool late = payments.now_ms - store_int(marks, 0, 1) >= DAY_MS;
    return read_open(&payments, err) && read_new(&payments, store_int(marks, 0, 0), err) &&
           (!late || ask_open(&payments, err));
}
