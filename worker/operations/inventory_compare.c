/* inventory_compare.c - all variants, a page at a time: what each location is to be given, beside
 * what it has as far as we know. Only what is not known is read at Shopify.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/stock_settings.h"
#include "operations/inventory_sync.h"
#include "operations/operations_table.h"

enum { MOST = 1000000, UNIT_MS = 24 * 3600 * 1000 };

/* ---- staged variants ---- */

enum {
    V_ITEM,
    V_NUMBER,
    V_ITEM_VARIANT,
    V_CODE,
    V_INVENTORY_ITEM,
    V_TRACKED,
    V_UOM,
};
static const char *const VARIANT[] = {
    "item", "item_number", "item_variant", "variant_code", "inventory_item", "tracked", "uom"};

static void read_variant(const struct store_rows *rows, size_t i, struct arena *arena,
                         struct inventory_variant *out)
{
    const char *code = store_text(rows, i, V_CODE);
    out->item = arena_text(arena, store_text(rows, i, V_ITEM));
    out->number = arena_text(arena, store_text(rows, i, V_NUMBER));
    out->item_variant = arena_text(arena, store_text(rows, i, V_ITEM_VARIANT));
    out->variant_code = arena_text(arena, code);
    out->inventory_item = arena_text(arena, store_text(rows, i, V_INVENTORY_ITEM));
    out->tracked = strcmp(store_text(rows, i, V_TRACKED), "true") == 0;
    out->name = *code ? arena_printf(arena, "%s %s", out->number, code) : out->number;
    out->uom = arena_text(arena, store_text(rows, i, V_UOM));
}

/* What a unit holds, and which one an item is sold in, may have changed: nothing tells, so it is
 * asked again after a day. */
static void read_unit(const struct inventory *run, const struct store_rows *kept, size_t i,
                      struct arena *arena, struct inventory_variant *out)
{
    const char *unit = store_text(kept, i, 1);
    bool same = strcmp(store_text(kept, i, 2), out->uom) == 0;
    bool fresh = inventory_now_ms(run) - store_int(kept, i, 3) < UNIT_MS;
    out->unit = arena_text(arena, same && fresh ? unit : "");
    if (!decimal_parse(unit, &out->per_unit))
        out->per_unit = DECIMAL_ZERO;
}

/* What the company's other shops have sold and may sell of the same item:
 * {"SHOP":"burden:burden beside demand:promised"}. */
#define NUMBERS "%" SCNd64 ":%" SCNd64 ":%" SCNd64
static void read_others(const struct inventory *run, struct inventory_variant *variant)
{
    OWN_JSON json *shops = NULL;
    struct err ignored;
    const char *code;
    json *row;
    if (!*variant->shops || !json_parse(variant->shops, strlen(variant->shops), &shops, &ignored))
        return;
    JSON_EACH(code, row, shops)
    {
        int64_t burdens[2], promised;
        if (strcmp(code, run->shop->code) == 0 ||
            sscanf(json_string(row), NUMBERS, &burdens[0], &burdens[1], &promised) != 3)
            continue;
        for (size_t i = 0; i < COUNT(variant->others); i++) {
            variant->others[i].burden += burdens[i];
            variant->others[i].promised += promised;
        }
    }
}

bool inventory_variants(struct inventory *run, const char *const ids[], size_t count,
                        struct arena *arena, struct inventory_variant *out, bool there[],
                        struct err *err)
{
    static const char *const LEVELS[] = {"levels", "unit", "unit_of", "unit_at"}, *const SHOPS[] = {
                                                                                      "shops"};
    const char *variants[STORE_PAGE], *levels[STORE_PAGE], *items[STORE_PAGE];
    struct ledger *ledger = run->attempt->ledger;
    OWN(store_rows) struct store_rows *rows = NULL, *kept = NULL, *shops = NULL;
    assert(count <= STORE_PAGE);
    for (size_t i = 0; i < count; i++) {
        variants[i] = arena_printf(arena, "shop-variant:%s:%s", run->shop->code, ids[i]);
        levels[i] = arena_printf(arena, "shop-stock:%s:%s", run->shop->code, ids[i]);
    }
    if (!store_read(ledger, run->company, variants, count, VARIANT, COUNT(VARIANT), &rows, err) ||
        !store_read(ledger, run->company, levels, count, LEVELS, COUNT(LEVELS), &kept, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct inventory_variant){.id = ids[i]};
        read_variant(rows, i, arena, &out[i]);
        out[i].kept = arena_text(arena, store_text(kept, i, 0));
        stock_levels_read(out[i].kept, &out[i].levels);
        read_unit(run, kept, i, arena, &out[i]);
        there[i] = *out[i].item && *out[i].inventory_item;
        items[i] = arena_printf(arena, "item-stock:%s:%s", out[i].item, out[i].item_variant);
        for (size_t k = 0; k < COUNT(out[i].others); k++)
            out[i].others[k].reserve = run->shop->stock_reserve;
        out[i].shops = "";
    }
    if (run->shop->stock_reserve == 0)
        return true;
    if (!store_read(ledger, run->company, items, count, SHOPS, 1, &shops, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        out[i].shops = arena_text(arena, store_text(shops, i, 0));
        read_others(run, &out[i]);
    }
    return true;
}

static void tell_others(struct inventory *run, const struct inventory_variant *variant)
{
    OWN_JSON json *shops = NULL;
    struct err ignored;
    int64_t numbers[3] = {0};
    for (size_t i = 0; i < variant->levels.count; i++) {
        const struct stock_level *level = &variant->levels.items[i].level;
        numbers[0] += stock_burden(STOCK_NON_RESERVED, &level->sold);
        numbers[1] += stock_burden(STOCK_PROJECTED, &level->sold);
        numbers[2] += stock_promised(level);
    }
    if (!*variant->shops || !json_parse(variant->shops, strlen(variant->shops), &shops, &ignored))
        shops = json_new_object();
    OWN_TEXT char *mine =
        mem_printf("%" PRId64 ":%" PRId64 ":%" PRId64, numbers[0], numbers[1], numbers[2]);
    json_set_text(shops, run->shop->code, mine);
    OWN_TEXT char *key = mem_printf("item-stock:%s:%s", variant->item, variant->item_variant);
    if (strcmp(json_write(shops), variant->shops) != 0)
        write_add(run->write, "HSET", key, "shops", json_write(shops), NULL);
}

void inventory_keep(struct inventory *run, const struct inventory_variant *variant)
{
    OWN_BUF struct buf text = {0};
    stock_levels_write(&variant->levels, &text);
    if (strcmp(buf_str(&text), variant->kept) != 0) {
        OWN_TEXT char *key = mem_printf("shop-stock:%s:%s", run->shop->code, variant->id);
        write_add(run->write, "HSET", key, "levels", buf_str(&text), NULL);
    }
    if (run->shop->stock_reserve > 0 && *variant->item)
        tell_others(run, variant);
}

/* ---- one level ---- */

bool inventory_target(const struct inventory *run, const struct inventory_variant *variant,
                      size_t place, const struct stock_level *level, int64_t *target)
{
    const struct inventory_place *at = &run->places[place];
    struct stock_figures figures;
    if (!stock_table_at(run->figures, variant->item, variant->item_variant, place, &figures))
        return false;
    const struct stock_base base = {
        .pieces = stock_pieces(at->calculation, &figures, variant->per_unit),
        .twice = stock_reserved_twice(at->calculation, &figures, variant->per_unit),
        .safety = stock_safety_of(run->shop, at->id, variant->number),
    };
    const struct stock_others *others =
        &variant->others[at->calculation == STOCK_PROJECTED ? 1 : 0];
    *target = stock_target(at->calculation, level, &base, others);
    return true;
}

/* ---- a page ---- */

struct page {
    struct inventory *run;
    struct arena *arena;
    struct inventory_variant variants[STORE_PAGE];
    bool there[STORE_PAGE];
    bool missing[STORE_PAGE][STOCK_LOCATIONS];
    size_t count;
};

bool inventory_seen(struct inventory *run, struct inventory_variant *variant, size_t place,
                    int64_t actual, struct err *err)
{
    struct stock_level *level = stock_level_of(&variant->levels, run->places[place].id);
    int64_t would = actual;
    bool quiet = false;
    if (!level)
        return true;
    (void)inventory_target(run, variant, place, level, &would);
    stock_seen(level, actual, would, inventory_now_ms(run));
    if (level->odd > 0 && !inventory_quiet(run, &quiet, err))
        return false;
    if (quiet)
        stock_quiet(level);
    return true;
}

static bool take_level(struct page *page, size_t i, size_t place, int64_t actual, bool stocked,
                       struct err *err)
{
    struct inventory_variant *variant = &page->variants[i];
    page->missing[i][place] = !stocked;
    if (stocked)
        return inventory_seen(page->run, variant, place, actual, err);
    stock_level_of(&variant->levels, page->run->places[place].id)->known = false;
    return true;
}

static bool read_place(struct page *page, size_t place, struct err *err)
{
    struct inventory *run = page->run;
    const char *items[STORE_PAGE];
    size_t which[STORE_PAGE], count = 0;
    int64_t actual[STORE_PAGE];
    bool stocked[STORE_PAGE];
    /* Where nobody reads orders none can explain anything, and what was sold shows in the ERP. */
    int64_t looked_ms = run->looked_ms ? run->looked_ms : inventory_now_ms(run);
    for (size_t i = 0; i < page->count; i++) {
        struct inventory_variant *variant = &page->variants[i];
        if (!page->there[i] || !variant->tracked)
            continue;
        struct stock_level *level = stock_level_of(&variant->levels, run->places[place].id);
        if (!level)
            continue;
        stock_counts(level, run->places[place].quantity);
        stock_explained(level, looked_ms);
        int64_t drifted = level->believed;
        if (!run->forced)
            (void)stock_drift_at(run->drift, variant->inventory_item, place, &drifted);
        if (run->forced || (level->known && !level->doubt && drifted == level->believed))
            continue;
        items[count] = variant->inventory_item;
        which[count++] = i;
    }
    if (count > 0 && !inventory_read(run, place, items, count, actual, stocked, err))
        return false;
    for (size_t k = 0; k < count; k++)
        if (!take_level(page, which[k], place, actual[k], stocked[k], err))
            return false;
    return true;
}

static void plan_level(struct page *page, size_t i, size_t place, int64_t *before, int64_t *after)
{
    struct inventory *run = page->run;
    struct inventory_variant *variant = &page->variants[i];
    const struct stock_level *level = stock_level_of(&variant->levels, run->places[place].id);
    int64_t target;
    if (!level || !inventory_target(run, variant, place, level, &target))
        return;
    bool missing = page->missing[i][place] && target > 0;
    bool known_refusal = level->refused == target + 1 && !started_by_hand(run->attempt);
    bool differs = level->known && !known_refusal && (run->forced || target != level->believed);
    *before += level->known && level->believed > 0 ? level->believed : 0;
    *after += level->known || missing ? target : 0;
    if (!missing && !differs)
        return;
    struct arena *kept = run->attempt->arena;
    const struct stock_change change = {
        .variant = arena_text(kept, variant->id),
        .item = arena_text(kept, variant->inventory_item),
        .name = arena_text(kept, variant->name),
        .place = place,
        .from = level->believed,
        .to = target,
        .missing = missing,
    };
    inventory_add(run, &change);
}

static void plan_variant(struct page *page, size_t i)
{
    struct inventory *run = page->run;
    int64_t before = 0, after = 0;
    char had[32];
    if (!page->there[i] || !page->variants[i].tracked)
        return;
    run->attempt->counts.read++;
    for (size_t place = 0; place < run->place_count; place++)
        plan_level(page, i, place, &before, &after);
    inventory_keep(run, &page->variants[i]);
    if (before == 0)
        return;
    snprintf(had, sizeof had, "%" PRId64, before);
    brake_of(run->brake, 1);
    if (after == 0)
        brake_hit(run->brake, page->variants[i].name, had, "0", before);
}

static bool compare_page(struct inventory *run, char *const ids[], size_t count, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct page *page = arena_alloc(arena, sizeof *page);
    const char *wanted[STORE_PAGE];
    page->run = run;
    page->arena = arena;
    for (size_t i = 0; i < count; i++)
        if (filter_fits(run->variants, ids[i]))
            wanted[page->count++] = ids[i];
    if (page->count == 0)
        return true;
    if (!inventory_variants(run, wanted, page->count, arena, page->variants, page->there, err) ||
        !inventory_units(run, page->variants, page->count, err))
        return false;
    for (size_t i = 0; i < page->count; i++)
        page->there[i] = page->there[i] && strcmp(page->variants[i].unit, "none") != 0;
    for (size_t place = 0; place < run->place_count; place++)
        if (!read_place(page, place, err))
            return false;
    for (size_t i = 0; i < page->count; i++)
        plan_variant(page, i);
    return inventory_flush(run, true, err);
}

bool inventory_compare(struct inventory *run, struct err *err)
{
    OWN_TEXT char *key = mem_printf("shop-variants:%s", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += STORE_PAGE) {
        size_t left = ids.count - from, count = left < STORE_PAGE ? left : STORE_PAGE;
        attempt_progress(run->attempt, "comparing stock", (int64_t)from, (int64_t)ids.count);
        if (!compare_page(run, ids.items + from, count, err) ||
            !attempt_checkpoint(run->attempt, "", 0, err))
            return err_wrap(err, "compare stock");
    }
    return true;
}
