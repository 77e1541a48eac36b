/* products_add_variants.c - report 30117: items of Business Central become variants of a product
 * that stands.
 *
 * Idempotency: products_new.c's. An item's number is the value of the product's one option, which
 * Shopify keeps unique; the product is looked at first, and what stands there is linked. An item
 * that is a product, or a variant of one, is passed over. There is no cursor.
 */
#include <stdlib.h>
#include <string.h>

#include "model/filter.h"
#include "operations/operations_table.h"
#include "operations/products_change.h"

struct adding {
    struct export export; /* its one change: the new variants of the product */
    struct filter *number, *category;
    const char *asked; /* the product, as it was asked for */
    const char *option;
};

static void adding_drop(struct adding *adding)
{
    filter_free(adding->number);
    filter_free(adding->category);
    export_drop(&adding->export);
}

/* ---- the product ---- */

/* By Shopify's number, or by that of the item that it is; item "" = there is none yet. */
static bool find_product(struct adding *adding, struct staged_product *out, struct err *err)
{
    struct products *run = &adding->export.run;
    struct attempt *attempt = run->attempt;
    const char *id = adding->asked;
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids links = {0};
    if (strlen(id) < 10 || strspn(id, "0123456789") != strlen(id)) {
        const struct bc_item *item = NULL;
        const char *variant = NULL;
        if (!bc_item_find(attempt, BC_ITEM_NUMBER, id, &item, &variant, err))
            return err_wrap(err, "find item %s", id);
        if (!item)
            return err_set(err, ERR_FATAL, 0, "product: there is no item %s", id);
        const char *key =
            arena_printf(adding->export.arena, "item-product:%s:%s", run->shop->code, item->id);
        if (!store_values(attempt->ledger, run->company, &key, 1, &links, err))
            return false;
        id = arena_text(adding->export.arena, links.items[0]);
    }
    *out = (struct staged_product){.item = ""};
    if (!*id)
        return true;
    if (!store_products(attempt->ledger, run->company, run->shop->code, &id, 1, &rows, err))
        return false;
    const struct staged_product found = store_product_row(rows, 0);
    struct arena *arena = adding->export.arena;
    *out = (struct staged_product){
        .product = id,
        .item = arena_text(arena, found.item),
        .item_number = arena_text(arena, found.item_number),
        .title = arena_text(arena, found.title),
        .status = arena_text(arena, found.status),
        .variants = arena_text(arena, found.variants),
        .sent = arena_text(arena, found.sent),
    };
    return true;
}

/* The name of its one option; the one that every product has takes a name. */
static bool find_option(struct adding *adding, const struct staged_product *product,
                        struct err *err)
{
    OWN_JSON json *shown = NULL;
    OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", product->product);
    if (!product_read(&adding->export.run, gid, &shown, err))
        return err_wrap(err, "read product \"%s\"", product->title);
    const json *options = json_path(shown, "variants.nodes.0.selectedOptions");
    const char *name = json_text(json_at(options, 0), "name");
    if (json_count(options) == 0)
        return err_set(err, ERR_FATAL, 0, "product \"%s\" is gone at Shopify", product->title);
    if (json_count(options) > 1)
        return err_set(err, ERR_FATAL, 0,
                       "product \"%s\" has %zu options; items can be variants of a product of one",
                       product->title, json_count(options));
    bool plain = strcmp(name, "Title") == 0 &&
                 strcmp(json_text(json_at(options, 0), "value"), "Default Title") == 0;
    adding->option = plain ? "Variant" : arena_text(adding->export.arena, name);
    return true;
}

/* ---- the items ---- */

static void take_item(struct adding *adding, const struct item *item,
                      const struct variant_draft *draft, const struct priced *price)
{
    struct export *export = &adding->export;
    struct change *change = export->changes;
    struct product_draft whole = {.item = item,
                                  .option_names = {adding->option},
                                  .option_count = 1,
                                  .variants = (struct variant_draft *)draft,
                                  .variant_count = 1};
    change->fresh = mem_grow(change->fresh, change->fresh_count, change->fresh_count + 1,
                             sizeof *change->fresh);
    struct fresh *fresh = &change->fresh[change->fresh_count++];
    *fresh = (struct fresh){.guest = true};
    fresh_keep(export, &whole, 0, price, change->after.product, fresh);
}

static bool take_page(struct adding *adding, const struct bc_items_page *page, struct err *err)
{
    struct products *run = &adding->export.run;
    OWN(arena) struct arena *arena = arena_new();
    OWN_IDS struct store_ids links = {0};
    const char **keys = arena_array(arena, page->count, sizeof *keys);
    struct item *items = arena_array(arena, page->count, sizeof *items);
    struct variant_draft *drafts = arena_array(arena, page->count, sizeof *drafts);
    struct priced *prices = arena_array(arena, page->count, sizeof *prices);
    size_t count = 0;
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(arena, "item-product:%s:%s", run->shop->code, page->items[i].id);
    if (!store_values(run->attempt->ledger, run->company, keys, page->count, &links, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        const struct bc_item *from = &page->items[i];
        OWN_BUF struct buf detail = {0};
        struct product_draft draft;
        if (*links.items[i] || !filter_fits(adding->number, from->number) ||
            !filter_fits(adding->category, from->category_code))
            continue;
        run->attempt->counts.read++;
        item_of(run, from, arena, &items[count]);
        product_draft(&items[count], run->shop, run->today, arena, &draft);
        enum reason reason = product_refusal(&draft, &detail);
        if (reason == REASON_NONE && !*adding->export.changes->after.item) {
            reason = REASON_PARENT_NO_PRODUCT;
            buf_printf(&detail, "item %s", adding->asked);
        }
        if (reason != REASON_NONE) {
            item_skip(run, &items[count], reason, buf_str(&detail));
            continue;
        }
        drafts[count] = (struct variant_draft){.unit = "", .options = {items[count].number}};
        variant_draft(&items[count], run->shop, arena, &drafts[count]);
        prices[count] = (struct priced){.draft = &drafts[count], .item = from};
        count++;
    }
    if (!products_price(run, prices, count, arena, err))
        return false;
    for (size_t i = 0; i < count; i++)
        take_item(adding, &items[i], &drafts[i], &prices[i]);
    return products_flush(run, false, err);
}

/* ---- the run ---- */

static bool take_items(struct adding *adding, struct err *err)
{
    OWN(bc_items) struct bc_items *items = NULL;
    struct bc_items_want want = {0};
    struct bc_items_page page;
    products_want(adding->export.run.shop, &want);
    if (!bc_items_open(adding->export.run.attempt, &want, &items, err))
        return false;
    for (;;) {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read items");
        if (page.count == 0)
            return true;
        if (!take_page(adding, &page, err))
            return false;
    }
}

static bool allowed(const struct shop *shop, struct err *err)
{
    if (shop->uom_as_variant)
        return err_set(err, ERR_FATAL, 0,
                       "the units of shop %s are variants already; switch its uom_as_variant off "
                       "to add items as variants",
                       shop->code);
    return shop->allow_writes ||
           err_set(err, ERR_FATAL, 0,
                   "nothing may be written to shop %s; set allow_writes of the shop", shop->code);
}

bool products_add_variants_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(adding_drop))) struct adding adding = {0};
    struct export *export = &adding.export;
    if (!products_open(&export->run, attempt, err) || !allowed(export->run.shop, err) ||
        !argument_filter(attempt->args, "item_no", &adding.number, err) ||
        !argument_filter(attempt->args, "category", &adding.category, err))
        return false;
    export->arena = arena_new();
    export->changes = mem_array(1, sizeof *export->changes);
    export->count = 1;
    struct change *change = export->changes;
    adding.asked = json_text(attempt->args, "product");
    if (!find_product(&adding, &change->after, err) ||
        (*change->after.item && !find_option(&adding, &change->after, err)))
        return false;
    change->item = (struct item){.id = change->after.item, .number = change->after.item_number};
    change->options.option_names[0] = adding.option;
    change->options.option_count = 1;
    return take_items(&adding, err) && products_day_read(&export->run, err) &&
           export_make(export, err) && products_flush(&export->run, true, err);
}
