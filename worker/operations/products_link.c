/* products_link.c - what Shopify has answered about a product becomes its link here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "calendar/zone.h"
#include "operations/operations_table.h"
#include "operations/products_run.h"

/* ---- the run ---- */

int64_t products_now_ms(const struct products *run)
{
    return clock_now_ms(run->attempt->clock);
}

bool products_open(struct products *run, struct attempt *attempt, struct err *err)
{
    OWN(zone) struct zone *zone = NULL;
    *run = (struct products){.attempt = attempt, .shop = attempt->shop, .places = -1};
    if (!shop_ready(attempt, err) || !zone_open(attempt->company->time_zone, &zone, err))
        return false;
    run->company = attempt->company->id;
    zone_date(zone, clock_now_ms(attempt->clock), run->today);
    if (!bc_shows(attempt, &run->shows, err))
        return false;
    run->write = write_new();
    return sent_read(run, err);
}

void products_close(struct products *run)
{
    write_free(GIVE(run->write));
    json_free(GIVE(run->stocked));
    json_free(GIVE(run->channels));
    store_ids_drop(&run->unsure);
}

bool products_flush(struct products *run, bool all, struct err *err)
{
    return attempt_flush(run->attempt, run->write, all ? 0 : WRITE_MAX_BYTES / 2, err);
}

/* ---- looking ---- */

bool product_read(struct products *run, const char *gid, json **out, struct err *err)
{
    OWN_JSON json *whole = NULL;
    OWN_TEXT char *after = NULL;
    for (bool more = true; more;) {
        json *variables = json_new_object();
        json_set_text(variables, "id", gid);
        if (after)
            json_set_text(variables, "after", after);
        struct shopify_call call = {.document = "product-links", .variables = variables};
        if (!shopify_ask(run->attempt, &call, err))
            return false;
        const json *product = json_get(call.data, "product");
        const json *page = json_path(product, "variants.pageInfo");
        more = json_flag(page, "hasNextPage", false);
        free(after);
        after = mem_text(json_text(page, "endCursor"));
        if (!whole)
            whole = product ? json_copy(product) : json_new_object();
        else
            for (size_t i = 0; i < json_count(json_path(product, "variants.nodes")); i++)
                json_add(json_path(whole, "variants.nodes"),
                         json_copy(json_at(json_path(product, "variants.nodes"), i)));
        shopify_call_drop(&call);
    }
    *out = GIVE(whole);
    return true;
}

/* ---- links ---- */

static bool same_options(const struct product_draft *draft, const struct variant_draft *variant,
                         const json *node)
{
    const json *selected = json_get(node, "selectedOptions");
    if (draft->option_count == 0)
        return true;
    for (size_t k = 0; k < draft->option_count; k++) {
        bool found = false;
        for (size_t i = 0; i < json_count(selected) && !found; i++) {
            const json *row = json_at(selected, i);
            found = strcmp(json_text(row, "name"), draft->option_names[k]) == 0 &&
                    strcmp(json_text(row, "value"), variant->options[k]) == 0;
        }
        if (!found)
            return false;
    }
    return json_count(selected) == draft->option_count;
}

static const struct variant_draft *by_code(const struct product_draft *draft, const json *node)
{
    const char *sku = json_text(node, "sku"), *barcode = json_text(node, "barcode");
    for (size_t i = 0; i < draft->variant_count; i++) {
        const char *const *fields = draft->variants[i].fields;
        if ((*sku && fields[VARIANT_SKU] && strcmp(fields[VARIANT_SKU], sku) == 0) ||
            (*barcode && fields[VARIANT_BARCODE] && strcmp(fields[VARIANT_BARCODE], barcode) == 0))
            return &draft->variants[i];
    }
    return NULL;
}

/* The value that Shopify gives a product's only variant, and that it keeps when others come. */
static bool was_the_only_one(const json *node)
{
    const json *selected = json_get(node, "selectedOptions");
    return json_count(selected) == 1 &&
           strcmp(json_text(json_at(selected, 0), "value"), "Default Title") == 0;
}

/* By its options; of a product that was not made here, by SKU or bar code. An item without options
 * is one variant of the product: the others may be other items. NULL = another's. */
static const struct variant_draft *draft_of(const struct product_draft *draft, const json *nodes,
                                            const json *node, bool confirmed)
{
    for (size_t i = 0; i < draft->variant_count; i++)
        if (same_options(draft, &draft->variants[i], node) &&
            (draft->option_count > 0 || confirmed ||
             (draft->variant_count == 1 && json_count(nodes) == 1)))
            return &draft->variants[i];
    const struct variant_draft *found = by_code(draft, node);
    if (found || draft->variant_count != 1 || !was_the_only_one(node))
        return found;
    for (size_t i = 0; i < json_count(nodes); i++)
        if (by_code(draft, json_at(nodes, i)))
            return NULL;
    return &draft->variants[0];
}

static void link_variant(struct products *run, const struct product_draft *draft,
                         const struct variant_draft *variant, const struct priced *price,
                         const char *product, const json *node, bool confirmed)
{
    OWN_BUF struct buf sent = {0}, price_sent = {0};
    OWN(arena) struct arena *arena = arena_new();
    if (confirmed)
        sent_write(VARIANT_FIELD_NAMES, variant->fields, VARIANT_FIELDS,
                   variant->sent ? variant->sent : "", &sent);
    if (confirmed && price && price->has)
        price_write(&price->price, &price_sent);
    const struct staged_variant staged = {
        .variant = staged_id(json_text(node, "id"), arena),
        .product = product,
        .item = draft->item->id,
        .item_number = draft->item->number,
        .item_variant = variant->variant ? variant->variant->id : "",
        .variant_code = variant->variant ? variant->variant->code : "",
        .uom = variant->unit,
        .sku = json_text(node, "sku"),
        .inventory_item = staged_id(json_text(json_get(node, "inventoryItem"), "id"), arena),
        .tracked = json_flag(json_get(node, "inventoryItem"), "tracked", false),
        .sent = buf_str(&sent),
        .price_sent = buf_str(&price_sent),
    };
    stage_variant(run->write, run->shop->code, &staged, products_now_ms(run));
    if (confirmed)
        places_stage(run, draft, variant, staged.variant);
}

void product_linked(struct products *run, const struct product_draft *draft,
                    const struct priced *prices, const json *product, bool confirmed)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf sent = {0}, ids = {0};
    const char *id = staged_id(json_text(product, "id"), arena);
    const json *nodes = json_path(product, "variants.nodes");
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i);
        const struct variant_draft *variant = draft_of(draft, nodes, node, confirmed);
        if (!variant)
            continue;
        link_variant(run, draft, variant, prices ? &prices[variant - draft->variants] : NULL, id,
                     node, confirmed);
        buf_printf(&ids, "%s%s", ids.size ? "," : "", staged_id(json_text(node, "id"), arena));
    }
    if (confirmed)
        sent_write(PRODUCT_FIELD_NAMES, draft->fields, PRODUCT_FIELDS,
                   draft->sent ? draft->sent : "", &sent);
    const struct staged_product staged = {
        .product = id,
        .item = draft->item->id,
        .item_number = draft->item->number,
        .title = json_text(product, "title"),
        .status = json_text(product, "status"),
        .variants = buf_str(&ids),
        .sent = buf_str(&sent),
    };
    stage_product(run->write, run->shop->code, &staged, products_now_ms(run));
    item_skip_gone(run, draft->item->id);
}

/* ---- skips ---- */

void item_skip(struct products *run, const struct item *item, enum reason reason,
               const char *detail)
{
    struct err why;
    OWN_TEXT char *id = mem_printf("item-%s", item->id);
    run->attempt->counts.skipped++;
    log_info("item.skipped", TEXT("item", item->number), TEXT("reason", reason_row(reason)->code),
             TEXT("why", detail));
    skip_one(run->attempt, run->write, id, item->number, reason, detail, &why);
}

void item_skip_gone(struct products *run, const char *item)
{
    OWN_TEXT char *id = mem_printf("item-%s", item);
    stage_skip_gone(run->write, id);
}
