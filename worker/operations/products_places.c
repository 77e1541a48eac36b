/* products_places.c - where new products are stocked: at each location of Shopify whose stock we
 * keep, with nothing in it.
 *
 * Of a variant that says nothing Shopify stocks its first location alone, and inventory.sync would
 * have to start each other one by a mutation of its own. What a new variant has is known, too, so
 * nothing of it is read before it is set.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/stock_settings.h"
#include "operations/locations.h"
#include "operations/products_run.h"
#include "plan/stock_plan.h"

enum { QUANTITIES_MOST = 50000 }; /* of one mutation */

/* Asked anew by each run that creates: one location that is gone would have every product refused.
 */
bool products_places(struct products *run, struct err *err)
{
    OWN_JSON json *all = NULL, *places = json_new_array();
    if (run->stocked || !run->shop->inventory_tracked)
        return true;
    if (!locations_ask(run->attempt, run->write, &all, err))
        return false;
    for (size_t i = 0; i < json_count(all); i++) {
        const json *row = json_at(all, i);
        const char *id = json_text(row, "id");
        if (json_flag(row, "active", false) &&
            stock_calculation_of(run->shop, id) != STOCK_DISABLED)
            json_add_text(places, id);
    }
    run->stocked = GIVE(places);
    return true;
}

static bool is_stocked(const struct products *run, const struct product_draft *draft,
                       const struct variant_draft *variant)
{
    const char *tracked = variant->fields[VARIANT_TRACKED];
    return draft->item->stocked && tracked && strcmp(tracked, "true") == 0 &&
           json_count(run->stocked) > 0 && json_count(run->stocked) <= STOCK_LOCATIONS &&
           draft->variant_count * json_count(run->stocked) <= QUANTITIES_MOST;
}

void places_input(const struct products *run, const struct product_draft *draft,
                  const struct variant_draft *variant, json *out)
{
    if (!is_stocked(run, draft, variant))
        return;
    json *list = json_new_array();
    for (size_t i = 0; i < json_count(run->stocked); i++) {
        json *row = json_new_object();
        OWN_TEXT char *gid =
            mem_printf("gid://shopify/Location/%s", json_string(json_at(run->stocked, i)));
        json_set_text(row, "locationId", gid);
        json_set_text(row, "name", "available");
        json_set_int(row, "quantity", 0);
        json_add(list, row);
    }
    json_set(out, "inventoryQuantities", list);
}

/* Base units in one of what the variant sells: of its own unit, else of the item's sales unit. */
static struct decimal unit_of(const struct item *item, const char *code)
{
    const char *want = *code ? code : item->sales_unit ? item->sales_unit : "";
    for (size_t i = 0; i < item->unit_count; i++)
        if (strcmp(item->units[i].code, want) == 0)
            return item->units[i].quantity;
    return decimal_from_int(1);
}

const char *places_text(const struct products *run, const struct product_draft *draft,
                        const struct variant_draft *variant, struct arena *arena)
{
    OWN_BUF struct buf text = {0};
    struct stock_levels levels = {.count = 0};
    for (size_t i = 0; is_stocked(run, draft, variant) && i < json_count(run->stocked); i++) {
        const char *place = json_string(json_at(run->stocked, i));
        struct stock_level *level = stock_level_of(&levels, place);
        if (!level)
            continue;
        stock_counts(level, stock_quantity_of(run->shop, place));
        stock_given(level, 0, products_now_ms(run));
    }
    char unit[DECIMAL_TEXT];
    if (levels.count == 0)
        return "";
    decimal_format(unit_of(draft->item, variant->unit), unit);
    buf_printf(&text, "%s ", unit);
    stock_levels_write(&levels, &text);
    return arena_text(arena, buf_str(&text));
}

void places_stage(struct products *run, const struct product_draft *draft,
                  const struct variant_draft *variant, const char *id)
{
    OWN(arena) struct arena *arena = arena_new();
    const char *known = variant->stock ? variant->stock : places_text(run, draft, variant, arena);
    const char *levels = strchr(known, ' ');
    OWN_TEXT char *key = mem_printf("shop-stock:%s:%s", run->shop->code, id);
    if (levels)
        write_add(run->write, "HSET", key, "levels", levels + 1, "unit",
                  arena_text_n(arena, known, (size_t)(levels - known)), "unit_of", variant->unit,
                  NULL);
}

/* From when on inventory.sync has to look for what people change: Shopify's own time of the first
 * product, where nothing has been read there yet. */
bool places_since(struct products *run, const char *updated, struct err *err)
{
    static const char *const FIELDS[] = {"newest"};
    OWN_TEXT char *key = mem_printf("shop-locations:%s", run->shop->code);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (run->since_kept || !*updated || !run->shop->inventory_tracked)
        return true;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, 1, &rows, err))
        return false;
    if (!*store_text(rows, 0, 0))
        write_add(run->write, "HSET", key, "newest", updated, NULL);
    run->since_kept = true;
    return true;
}
