/* inventory_drift.c - what people, and other programs, have changed of Shopify's stock.
 *
 * What Shopify has is remembered, not read. So now and then (stock_check_hours) the levels that
 * have changed there since the last look are listed: by one query of Shopify's own time, for whose
 * answer the run parks, or where that is not to be had, a page of 250 a location. What is not as
 * remembered is read anew, and then set like everything else. A run by hand looks, too.
 *
 * Idempotency: nothing is written. A query that was lost is found again (shopify/bulk.c); what it
 * has found grows old while the run waits, so it says no more than what is to be read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "operations/inventory_sync.h"
#include "operations/listing.h"
#include "operations/operations_table.h"
#include "shopify/bulk.h"

enum { PAGE = 250, OVERLAP_MS = 10 * 60 * 1000, PATIENCE_MS = 10 * 60 * 1000 };
static const int64_t HOUR_MS = 3600 * 1000;
static const struct bulk_job CHANGED = {"stock", "bulkq-stock", NULL};

struct drifted {
    char item[STOCK_ID];
    size_t place;
    int64_t actual;
};
struct stock_drift {
    struct drifted *items;
    size_t count;
};

void stock_drift_free(struct stock_drift *drift)
{
    if (drift)
        free(drift->items);
    free(drift);
}

static int by_item(const void *left, const void *right)
{
    const struct drifted *a = left, *b = right;
    int order = strcmp(a->item, b->item);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

bool stock_drift_at(const struct stock_drift *drift, const char *item, size_t place,
                    int64_t *actual)
{
    struct drifted key = {.place = place};
    if (!drift || drift->count == 0)
        return false;
    snprintf(key.item, sizeof key.item, "%s", item);
    const struct drifted *found =
        bsearch(&key, drift->items, drift->count, sizeof *drift->items, by_item);
    if (found)
        *actual = found->actual;
    return found;
}

static void take_level(struct inventory *run, size_t place, const json *level)
{
    OWN(arena) struct arena *arena = arena_new();
    struct stock_drift *drift = run->drift;
    struct drifted one = {.place = place,
                          .actual = inventory_quantity(run, level, run->places[place].quantity)};
    snprintf(one.item, sizeof one.item, "%s",
             staged_id(json_text(json_get(level, "item"), "id"), arena));
    drift->items = mem_grow(drift->items, drift->count, drift->count + 1, sizeof *drift->items);
    drift->items[drift->count++] = one;
}

static bool read_page(struct inventory *run, size_t place, struct listing *listing, bool *more,
                      struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct shopify_call call = {.document = "inventory-levels-delta",
                                .variables = listing_variables(listing, "")};
    json_set_text(call.variables, "locationId",
                  inventory_gid(arena, "Location", run->places[place].id));
    json_set_int(call.variables, "first", PAGE);
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *levels = json_path(call.data, "location.inventoryLevels");
    const json *nodes = json_get(levels, "nodes");
    for (size_t i = 0; ok && i < json_count(nodes); i++)
        take_level(run, place, json_at(nodes, i));
    *more = ok && listing_goes_on(listing, levels);
    shopify_call_drop(&call);
    return ok;
}

static bool read_place(struct inventory *run, size_t place, const char *from, struct err *err)
{
    struct listing listing = {.by = "inventory_item_id", .of = "item"};
    bool ok = true;
    snprintf(listing.from, sizeof listing.from, "%s", from);
    for (bool more = true; ok && more;)
        ok = read_page(run, place, &listing, &more, err);
    listing_drop(&listing);
    return ok || err_wrap(err, "look for stock that was changed at %s", run->places[place].name);
}

/* The marks move with the end of the run: one that is killed looks again. Shopify's own time is
 * what the next look asks by: its clock need not be ours. */
void inventory_drift_done(struct inventory *run)
{
    char now[32];
    OWN_TEXT char *key = mem_printf("shop-locations:%s", run->shop->code);
    snprintf(now, sizeof now, "%" PRId64, run->checked_ms);
    if (run->checked_ms > 0)
        write_add(run->write, "HSET", key, "checked", now, "newest", run->newest, NULL);
}

/* ---- by a query ---- */

/* A level names its location; the locations themselves say nothing new. */
static bool take_row(void *state, const json *row, struct err *err)
{
    struct inventory *run = state;
    OWN(arena) struct arena *arena = arena_new();
    const char *location = staged_id(json_text(row, "__parentId"), arena);
    (void)err;
    for (size_t place = 0; place < run->place_count; place++)
        if (strcmp(run->places[place].id, location) == 0)
            take_level(run, place, row);
    return true;
}

/* *paged = it cannot be had this way. False also parks the run. */
static bool read_by_query(struct inventory *run, const char *query, bool *paged, struct err *err)
{
    OWN(bulk) struct bulk *bulk = NULL;
    size_t rows;
    *paged = false;
    if (!bulk_look_rows(run->attempt, &CHANGED, take_row, run, &bulk, err))
        return false;
    bool fresh = bulk_age_ms(bulk) < PATIENCE_MS;
    if (bulk_answered(bulk, &rows) && fresh)
        return true;
    run->drift->count = 0;
    if (bulk_is_under_way(bulk) && !fresh && !bulk_rest(bulk, "it takes too long", err))
        return false;
    if (bulk_road(bulk, BULK_LINES) == BULK_TOGETHER && !bulk_start_query(bulk, query, err))
        return false;
    *paged = !bulk_is_under_way(bulk);
    return *paged || bulk_wait(bulk, "changes of stock are listed", err);
}

/* ---- when ---- */

bool inventory_drift(struct inventory *run, struct err *err)
{
    static const char *const FIELDS[] = {"checked", "newest"};
    char from[32];
    int64_t newest_ms;
    bool paged;
    OWN_TEXT char *key = mem_printf("shop-locations:%s", run->shop->code);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    int64_t last_ms = store_int(rows, 0, 0), now_ms = inventory_now_ms(run);
    int64_t every_ms = run->shop->stock_check_hours * HOUR_MS;
    bool due = every_ms > 0 && now_ms - last_ms >= every_ms;
    snprintf(run->newest, sizeof run->newest, "%s", store_text(rows, 0, 1));
    if (run->forced || run->variants || (last_ms > 0 && !due && !started_by_hand(run->attempt)))
        return true;
    run->checked_ms = now_ms;
    /* The first run reads all that is not known; what is known since products were made here is
     * looked at from then on by the next look. */
    if (last_ms == 0 || !time_parse(run->newest, &newest_ms))
        return true;
    run->drift = mem_new(sizeof *run->drift);
    time_format(newest_ms - OVERLAP_MS, false, from);
    OWN_TEXT char *query = mem_printf("updated_at:>='%s'", from);
    if (!read_by_query(run, query, &paged, err))
        return false;
    for (size_t place = 0; paged && place < run->place_count; place++)
        if (!read_place(run, place, from, err))
            return false;
    if (run->drift->count > 0)
        qsort(run->drift->items, run->drift->count, sizeof *run->drift->items, by_item);
    return true;
}
