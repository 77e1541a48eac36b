/* find.c - which orders people mean. */
#include "store/lists.h"
#include "store/room.h"
#include "store/story.h"

enum { BRIEF_NAME, BRIEF_SHOP, BRIEF_STATE, BRIEF_CREATED, BRIEF_CURRENCY, BRIEF_TOTAL, BRIEF_DOC };
static const char *const BRIEF[] = {"name",     "shop",  "state",   "created",
                                    "currency", "total", "document"};
static const char *const OUTSIDE[] = {"name", "record", "shop"};

static json *brief_row(const struct store_rows *orders, const struct store_rows *rows,
                       const struct store_rows *skips, size_t i, const char *id)
{
    const char *name = store_text(orders, i, BRIEF_NAME), *shop = store_text(orders, i, BRIEF_SHOP);
    if (!*name)
        name = store_text(rows, i, 0);
    if (!*name)
        name = store_text(skips, i, 1);
    if (!*name)
        return NULL;
    json *row = json_new_object();
    json_set_text(row, "id", id);
    json_set_text(row, "name", name);
    json_set_text(row, "shop", *shop ? shop : store_text(skips, i, 2));
    json_set_text(row, "state", store_text(orders, i, BRIEF_STATE));
    json_set_text(row, "created", store_text(orders, i, BRIEF_CREATED));
    json_set_text(row, "currency", store_text(orders, i, BRIEF_CURRENCY));
    json_set_text(row, "total", store_text(orders, i, BRIEF_TOTAL));
    json_set_text(row, "document", store_text(orders, i, BRIEF_DOC));
    return row;
}

bool store_find(struct ledger *ledger, const char *company, const char *text,
                const struct list_place *after, size_t most, json **out, struct list_place *next,
                struct err *err)
{
    OWN(store_rows) struct store_rows *orders = NULL, *rows = NULL, *skips = NULL;
    OWN_IDS struct store_ids ids = {0};
    OWN_JSON json *list = json_new_array();
    if (!list_find_orders(ledger, company, text, after, most, &ids, next, err))
        return false;
    if (ids.count > 0 &&
        (!store_read_ids(ledger, company, "order:", &ids, BRIEF, COUNT(BRIEF), &orders, err) ||
         !store_read_ids(ledger, company, "row:", &ids, OUTSIDE, COUNT(OUTSIDE), &rows, err) ||
         !store_read_ids(ledger, company, "skip:", &ids, OUTSIDE, COUNT(OUTSIDE), &skips, err)))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        json *row = brief_row(orders, rows, skips, i, ids.items[i]);
        if (row)
            json_add(list, row);
    }
    *out = GIVE(list);
    return true;
}
