/* inventory_places.c - Shopify's locations, and which of them take part. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "model/stock_settings.h"
#include "operations/inventory_sync.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

enum { FRESH_MS = 24 * 3600 * 1000, LOOK_MS = 15 * 60 * 1000, PAGE = 100 };

static bool add_page(struct inventory *run, json *list, char **after, struct err *err)
{
    struct shopify_call call = {.document = "locations-list", .variables = json_new_object()};
    OWN(arena) struct arena *arena = arena_new();
    json_set_int(call.variables, "first", PAGE);
    if (*after)
        json_set_text(call.variables, "after", *after);
    bool ok = shopify_ask(run->attempt, &call, err);
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

static bool refresh(struct inventory *run, const char *key, json **list, struct err *err)
{
    char now[32];
    OWN_JSON json *fresh = json_new_array();
    OWN_TEXT char *after = NULL;
    do
        if (!add_page(run, fresh, &after, err))
            return err_wrap(err, "read the store's locations");
    while (after && *after);
    snprintf(now, sizeof now, "%" PRId64, inventory_now_ms(run));
    write_add(run->write, "HSET", key, "at", now, "list", json_write(fresh), NULL);
    json_free(*list);
    *list = GIVE(fresh);
    return inventory_flush(run, true, err);
}

static bool is_listed(const json *list, const char *id)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "id"), id) == 0)
            return true;
    return false;
}

static bool names_unknown(const struct shop *shop, const json *list)
{
    const struct setting_map *const maps[] = {&shop->locations, &shop->location_filters,
                                              &shop->stock_calculations};
    for (size_t m = 0; m < COUNT(maps); m++)
        for (size_t i = 0; i < maps[m]->count; i++)
            if (!is_listed(list, maps[m]->pairs[i].key))
                return true;
    return false;
}

static bool take_part(struct inventory *run, const json *row, struct err *err)
{
    const char *id = json_text(row, "id");
    enum stock_calculation calculation = stock_calculation_of(run->shop, id);
    if (calculation == STOCK_DISABLED || !json_flag(row, "active", false))
        return true;
    if (run->place_count == STOCK_LOCATIONS)
        return err_set(err, ERR_FATAL, 0,
                       "shop %s keeps stock at more than %d locations; set stock_calculations to "
                       "disabled for those that need none",
                       run->shop->code, STOCK_LOCATIONS);
    struct inventory_place *place = &run->places[run->place_count++];
    snprintf(place->id, sizeof place->id, "%s", id);
    place->name = arena_text(run->attempt->arena, json_text(row, "name"));
    place->filter = stock_filter_of(run->shop, id);
    place->calculation = calculation;
    place->quantity = stock_quantity_of(run->shop, id);
    return true;
}

bool inventory_places(struct inventory *run, struct err *err)
{
    static const char *const FIELDS[] = {"at", "list"};
    struct err ignored;
    OWN_TEXT char *key = mem_printf("shop-locations:%s", run->shop->code);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_JSON json *list = NULL;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    const char *text = store_text(rows, 0, 1);
    if (!*text || !json_parse(text, strlen(text), &list, &ignored))
        list = json_new_array();
    int64_t age_ms = inventory_now_ms(run) - store_int(rows, 0, 0);
    bool stale = age_ms >= FRESH_MS || started_by_hand(run->attempt) ||
                 (age_ms >= LOOK_MS && names_unknown(run->shop, list));
    if (stale && !refresh(run, key, &list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++)
        if (!take_part(run, json_at(list, i), err))
            return false;
    if (run->place_count == 0)
        log_info("inventory.no_location", TEXT("shop", run->shop->code));
    return true;
}
