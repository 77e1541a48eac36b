/* inventory_places.c - Shopify's locations, and which of them take part. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "model/stock_settings.h"
#include "operations/inventory_sync.h"
#include "operations/locations.h"
#include "operations/operations_table.h"

enum { FRESH_MS = 24 * 3600 * 1000, LOOK_MS = 15 * 60 * 1000 };

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
    OWN_JSON json *list = NULL;
    int64_t age_ms;
    if (!locations_kept(run->attempt, &list, &age_ms, err))
        return false;
    bool stale = age_ms >= FRESH_MS || started_by_hand(run->attempt) ||
                 (age_ms >= LOOK_MS && names_unknown(run->shop, list));
    if (stale) {
        json_free(GIVE(list));
        if (!locations_ask(run->attempt, run->write, &list, err) ||
            !inventory_flush(run, true, err))
            return false;
    }
    for (size_t i = 0; i < json_count(list); i++)
        if (!take_part(run, json_at(list, i), err))
            return false;
    if (run->place_count == 0)
        log_info("inventory.no_location", TEXT("shop", run->shop->code));
    return true;
}
