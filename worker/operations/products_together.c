/* products_together.c - many products of which only variants change, prices above all, go to
 * Shopify as one operation of its own time.
 *
 * Idempotency: as singly (products_send.c): fields are set, and staged once they are confirmed.
 * What is staged then is kept with the line. A line without an answer differs again in the next
 * run. The run parks until the answers are there, and its cursor says that it has had them: what
 * was refused goes singly then, so a run never sends the same operation over and over.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/products_change.h"
#include "shopify/bulk.h"

enum { LINE_VARIANTS = 250, SHORT_VARIANTS = 40 };
static const char TOLD[] = "told";
static const struct bulk_job VARIANTS = {"variants", "variants-change",
                                         "productVariantsBulkUpdate"};

/* ---- what is kept of a line ---- */

enum { TEXTS = 11 };
static const char *const NAMES[TEXTS] = {
    "variant", "product", "item",           "item_number", "item_variant", "variant_code",
    "uom",     "sku",     "inventory_item", "sent",        "price_sent"};

static void texts_of(struct staged_variant *variant, const char **out[TEXTS])
{
    const char **texts[TEXTS] = {
        &variant->variant,     &variant->product,      &variant->item,
        &variant->item_number, &variant->item_variant, &variant->variant_code,
        &variant->uom,         &variant->sku,          &variant->inventory_item,
        &variant->sent,        &variant->price_sent};
    memcpy(out, texts, sizeof texts);
}

static json *kept_variant(struct staged_variant *variant)
{
    const char **texts[TEXTS];
    json *out = json_new_object();
    texts_of(variant, texts);
    for (size_t i = 0; i < TEXTS; i++)
        if (*texts[i] && **texts[i])
            json_set_text(out, NAMES[i], *texts[i]);
    json_set_bool(out, "tracked", variant->tracked);
    return out;
}

static json *kept_change(const struct change *change)
{
    json *out = json_new_object(), *variants = json_new_array();
    json_set_text(out, "item", change->item.id);
    json_set_text(out, "number", change->item.number);
    for (size_t i = 0; i < json_count(change->variants); i++)
        json_add(variants, kept_variant(&change->afters[i]));
    json_set(out, "variants", variants);
    return out;
}

static void read_change(const json *kept, struct arena *arena, struct change *change)
{
    const json *rows = json_get(kept, "variants");
    *change = (struct change){
        .item = {.id = json_text(kept, "item"), .number = json_text(kept, "number")}
    };
    change->afters = arena_array(arena, json_count(rows) + 1, sizeof *change->afters);
    for (size_t i = 0; i < json_count(rows); i++) {
        const char **texts[TEXTS];
        texts_of(&change->afters[i], texts);
        for (size_t k = 0; k < TEXTS; k++)
            *texts[k] = json_text(json_at(rows, i), NAMES[k]);
        change->afters[i].tracked = json_flag(json_at(rows, i), "tracked", false);
    }
}

/* ---- answers ---- */

static bool take(void *state, const char *const products[], const char *const kept[],
                 struct shopify_call answers[], size_t count, struct err *err)
{
    struct export *export = state;
    (void)products;
    for (size_t i = 0; i < count; i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_JSON json *tree = NULL;
        struct change change;
        struct err broken;
        if (!json_parse(kept[i], strlen(kept[i]), &tree, &broken))
            continue; /* it differs again */
        read_change(tree, arena, &change);
        change_take(export, &change, &answers[i], 0, json_count(json_get(tree, "variants")));
        change_finish(export, &change);
        if (!products_flush(&export->run, false, err))
            return false;
    }
    return products_flush(&export->run, true, err);
}

bool export_look(struct export *export, struct err *err)
{
    struct attempt *attempt = export->run.attempt;
    OWN(bulk) struct bulk *bulk = NULL;
    size_t records;
    if (!bulk_look(attempt, &VARIANTS, take, export, &bulk, err))
        return false;
    if (bulk_is_under_way(bulk))
        return bulk_wait(bulk, "changes of products are told", err);
    const struct run_sheet *sheet = attempt->sheet;
    export->told =
        (sheet->cursor_size == strlen(TOLD) && memcmp(sheet->cursor, TOLD, strlen(TOLD)) == 0) ||
        (bulk_answered(bulk, &records) && records < BULK_LINES);
    return !export->told || attempt_checkpoint(attempt, TOLD, strlen(TOLD), err);
}

/* ---- sending ---- */

/* Only its variants change, and they fit into a line. */
static bool is_light(const struct change *change)
{
    size_t variants = json_count(change->variants);
    if (change->fields || change->extras.product || change->fresh_count > 0 || variants == 0 ||
        variants > LINE_VARIANTS)
        return false;
    if (variants <= SHORT_VARIANTS)
        return true;
    OWN_JSON json *kept = kept_change(change);
    return strlen(json_write(kept)) <= BULK_KEPT;
}

bool export_choose(struct export *export, struct err *err)
{
    OWN(bulk) struct bulk *bulk = NULL;
    size_t light = 0;
    for (size_t i = 0; i < export->count; i++)
        light += is_light(&export->changes[i]);
    if (export->told || !export->run.shop->allow_writes)
        return true;
    if (!bulk_peek(export->run.attempt, export->run.shop->code, &VARIANTS, &bulk, err))
        return false;
    bool together = bulk_road(bulk, light) != BULK_SINGLY;
    for (size_t i = 0; i < export->count; i++)
        export->changes[i].together = together && is_light(&export->changes[i]);
    export->together = together ? light : 0;
    return true;
}

/* False = the file is full. */
static bool add_change(struct bulk_lines *lines, const struct change *change)
{
    json *variables = json_new_object();
    OWN_JSON json *kept = kept_change(change);
    OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", change->after.product);
    json_set_text(variables, "id", gid);
    json_set(variables, "variants", json_share(change->variants));
    return bulk_lines_add(lines, change->after.product, variables, json_write(kept));
}

bool export_together(struct export *export, struct err *err)
{
    OWN(bulk) struct bulk *bulk = NULL;
    OWN(bulk_lines) struct bulk_lines *lines = NULL;
    struct attempt *attempt = export->run.attempt;
    if (export->together == 0)
        return true;
    if (!bulk_peek(attempt, export->run.shop->code, &VARIANTS, &bulk, err) ||
        !bulk_lines_open(&lines, err))
        return false;
    bool place = bulk_road(bulk, export->together) == BULK_TOGETHER;
    for (size_t i = 0; place && i < export->count; i++)
        if (export->changes[i].together)
            (void)add_change(lines, &export->changes[i]); /* the rest goes another time */
    if (bulk_lines_count(lines) > 0 && !bulk_start(bulk, lines, err))
        return false;
    return bulk_wait(bulk, "changes of products are told", err);
}
