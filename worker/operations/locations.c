/* locations.c - see locations.h. */
#include "operations/locations.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shopify/shopify.h"
#include "store/staging.h"
#include "store/store.h"

enum { PAGE = 100 };

static bool add_page(struct attempt *attempt, json *list, char **after, struct err *err)
{
    struct shopify_call call = {.document = "locations-list", .variables = json_new_object()};
    OWN(arena) struct arena *arena = arena_new();
    json_set_int(call.variables, "first", PAGE);
    if (*after)
        json_set_text(call.variables, "after", *after);
    bool ok = shopify_ask(attempt, &call, err);
    const json *locations = json_get(call.data, "locations"), *nodes = json_get(locations, "nodes");
    for (size_t i = 0; ok && i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i);
        json *row = json_new_object();
        json_set_text(row, "id", staged_id(json_text(node, "id"), arena));
        json_set_text(row, "name", json_text(node, "name"));
        json_set_bool(row, "active", json_flag(node, "isActive", false));
        json_set_bool(row, "service", json_flag(node, "isFulfillmentService", false));
        json_add(list, row);
    }
    own_text_cleanup_(after);
    const json *page = json_get(locations, "pageInfo");
    *after =
        ok && json_flag(page, "hasNextPage", false) ? mem_text(json_text(page, "endCursor")) : NULL;
    shopify_call_drop(&call);
    return ok;
}

bool locations_ask(struct attempt *attempt, struct write *write, json **out, struct err *err)
{
    char now[32];
    OWN_JSON json *fresh = json_new_array();
    OWN_TEXT char *after = NULL;
    OWN_TEXT char *key = mem_printf("shop-locations:%s", attempt->shop->code);
    do
        if (!add_page(attempt, fresh, &after, err))
            return err_wrap(err, "read the store's locations");
    while (after && *after);
    snprintf(now, sizeof now, "%" PRId64, clock_now_ms(attempt->clock));
    write_add(write, "HSET", key, "at", now, "list", json_write(fresh), NULL);
    *out = GIVE(fresh);
    return true;
}

bool locations_kept(struct attempt *attempt, json **out, int64_t *age_ms, struct err *err)
{
    static const char *const FIELDS[] = {"at", "list"};
    struct err ignored;
    OWN_TEXT char *key = mem_printf("shop-locations:%s", attempt->shop->code);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(attempt->ledger, attempt->company->id, keys, 1, FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    const char *text = store_text(rows, 0, 1);
    if (!*text || !json_parse(text, strlen(text), out, &ignored))
        *out = json_new_array();
    *age_ms = clock_now_ms(attempt->clock) - store_int(rows, 0, 0);
    return true;
}
