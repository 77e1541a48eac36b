/* disputes.c - disputes as people see them: what is asked of them, and by when. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/payments.h"
#include "store/balance.h"
#include "store/lists.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static const char *const FIELDS[] = {"order",     "order_name", "type",   "status",
                                     "amount",    "currency",   "reason", "network_reason",
                                     "initiated", "due",        "sent",   "finalized"};
enum { STATUS = 3, DUE = 9 };

/* Whole days; below 0 = it is too late. */
static int64_t days_left(const char *due, int64_t now_ms)
{
    int64_t due_ms = 0;
    if (!time_parse(due, &due_ms))
        return 0;
    int64_t left_ms = due_ms - now_ms;
    return left_ms >= 0 ? left_ms / DAY_MS : -1 - (-left_ms - 1) / DAY_MS;
}

static json *dispute_row(const struct store_rows *rows, size_t i, const char *id, int64_t now_ms)
{
    json *row = json_new_object();
    bool open = !dispute_ended(store_text(rows, i, STATUS));
    json_set_text(row, "id", id);
    for (size_t f = 0; f < COUNT(FIELDS); f++)
        json_set_text(row, FIELDS[f], store_text(rows, i, f));
    json_set_bool(row, "open", open);
    if (open && *store_text(rows, i, DUE))
        json_set_int(row, "days_left", days_left(store_text(rows, i, DUE), now_ms));
    return row;
}

static bool list_rows(struct ledger *ledger, const char *company, const struct store_ids *ids,
                      bool skip_open, int64_t now_ms, size_t most, json *list, struct err *err)
{
    for (size_t from = 0; from < ids->count; from += STORE_PAGE) {
        size_t left = ids->count - from;
        const struct store_ids page = {ids->items + from, left < STORE_PAGE ? left : STORE_PAGE};
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!store_read_ids(ledger, company, "dispute:", &page, FIELDS, COUNT(FIELDS), &rows, err))
            return false;
        for (size_t i = 0; i < page.count && json_count(list) < most; i++)
            if (!skip_open || dispute_ended(store_text(rows, i, STATUS)))
                json_add(list, dispute_row(rows, i, page.items[i], now_ms));
    }
    return true;
}

bool store_disputes(struct ledger *ledger, const char *company, const char *store, bool open_only,
                    int64_t now_ms, size_t most, json **out, struct err *err)
{
    OWN_TEXT char *open_key = mem_printf("disputes-open:%s", store);
    OWN_TEXT char *all_key = mem_printf("disputes:%s", store);
    OWN_IDS struct store_ids open = {0};
    struct list_page newest = {.count = 0};
    OWN_JSON json *list = json_new_array();
    if (!store_zset(ledger, company, open_key, INT64_MAX, most, &open, err) ||
        !list_rows(ledger, company, &open, false, now_ms, most, list, err))
        return err_wrap(err, "disputes of %s", store);
    if (!open_only && !list_read(ledger, company, all_key, NULL, most, &newest, err))
        return err_wrap(err, "disputes of %s", store);
    char *ids[STORE_PAGE];
    for (size_t i = 0; i < newest.count; i++)
        ids[i] = newest.places[i].id;
    const struct store_ids all = {ids, newest.count};
    if (!list_rows(ledger, company, &all, true, now_ms, most, list, err))
        return err_wrap(err, "disputes of %s", store);
    *out = GIVE(list);
    return true;
}
