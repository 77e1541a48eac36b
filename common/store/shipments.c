/* shipments.c - what people see of shipments, and their second try. */
#include <stdlib.h>
#include <string.h>

#include "model/reasons.h"
#include "store/room.h"

enum { NUMBER, EXTERNAL, ORDER, ORDER_NAME, POSTED, MARKER, REASON, DETAIL, WARNING, FULFILLMENTS };
static const char *const FIELDS[] = {"number", "external", "order",  "order_name", "posted",
                                     "marker", "reason",   "detail", "warning",    "fulfillments"};

static json *shipment_row(const struct store_rows *rows, size_t i, const char *id)
{
    const struct reason_row *reason = reason_row(reason_by_code(store_text(rows, i, REASON)));
    json *row = json_new_object();
    json_set_text(row, "id", id);
    for (size_t f = 0; f < COUNT(FIELDS); f++)
        json_set_text(row, FIELDS[f], store_text(rows, i, f));
    json_set_text(row, "text", reason->text);
    json_set_text(row, "cure", reason->cure);
    return row;
}

static bool list_ids(struct ledger *ledger, const char *company, const struct store_ids *ids,
                     json *list, struct err *err)
{
    for (size_t from = 0; from < ids->count; from += STORE_PAGE) {
        char *keys[STORE_PAGE];
        size_t left = ids->count - from, count = left < STORE_PAGE ? left : STORE_PAGE;
        OWN(store_rows) struct store_rows *rows = NULL;
        for (size_t i = 0; i < count; i++)
            keys[i] = mem_printf("shipment:%s", ids->items[from + i]);
        bool ok = store_read(ledger, company, (const char *const *)keys, count, FIELDS,
                             COUNT(FIELDS), &rows, err);
        for (size_t i = 0; i < count; i++)
            free(keys[i]);
        if (!ok)
            return false;
        for (size_t i = 0; i < count; i++)
            json_add(list, shipment_row(rows, i, ids->items[from + i]));
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    const json *left = *(json *const *)a, *right = *(json *const *)b;
    return strcmp(json_text(left, "number"), json_text(right, "number"));
}

bool store_shipments(struct ledger *ledger, const char *company, const char *order, json **out,
                     struct err *err)
{
    OWN_TEXT char *key = mem_printf("shipments-of:%s", order);
    OWN_IDS struct store_ids ids = {0};
    OWN_JSON json *list = json_new_array(), *sorted = json_new_array();
    if (!store_set(ledger, company, key, &ids, err) || !list_ids(ledger, company, &ids, list, err))
        return err_wrap(err, "shipments of order %s", order);
    size_t count = json_count(list);
    json **rows = mem_array(count + 1, sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = json_at(list, i);
    qsort(rows, count, sizeof *rows, by_number);
    for (size_t i = 0; i < count; i++)
        json_add(sorted, json_copy(rows[i]));
    free(rows);
    *out = GIVE(sorted);
    return true;
}

static bool set_marker(struct ledger *ledger, const char *company, const char *shop,
                       const char *number, const char *what, enum reason reason, bool *changed,
                       struct err *err)
{
    OWN_BUF struct buf prefix = {0};
    OWN_REPLY redisReply *reply = NULL;
    if (!*number || strlen(number) > 40)
        return err_set(err, ERR_FATAL, 400,
                       "shipment \"%.40s\": want its number in Business Central", number);
    store_prefix(ledger, company, &prefix);
    const char *const argv[] = {buf_str(&prefix),        "0", company, shop, number, what,
                                reason_row(reason)->code};
    if (!redis_script(ledger_redis(ledger), "marker", 1, COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "%s shipment %s", what, number);
    if (strcmp(reply->str, "unknown") == 0)
        return err_set(err, ERR_FATAL, 404, "shop %s knows no posted shipment %s", shop, number);
    if (strcmp(reply->str, "busy") == 0)
        return err_set(
            err, ERR_FATAL, 409,
            "a fulfillment of shipment %s may be on its way; the next shipments.sync says", number);
    *changed = strcmp(reply->str, "changed") == 0;
    return true;
}

bool store_shipment_retry(struct ledger *ledger, const char *company, const char *shop,
                          const char *number, bool *changed, struct err *err)
{
    return set_marker(ledger, company, shop, number, "retry", REASON_NONE, changed, err);
}

bool store_shipment_done(struct ledger *ledger, const char *company, const char *shop,
                         const char *number, bool *changed, struct err *err)
{
    return set_marker(ledger, company, shop, number, "done", REASON_SHIPMENT_SETTLED, changed, err);
}
