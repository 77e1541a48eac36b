/* products_import_load.c - products as Shopify shows them, beside what is staged of them. */
#include <stdlib.h>
#include <string.h>

#include "operations/products_import.h"
#include "store/staging.h"
#include "store/store.h"

/* ---- from Shopify ---- */

static struct decimal amount_of(const json *node, const char *name)
{
    struct decimal amount;
    return json_decimal(node, name, &amount) ? amount : DECIMAL_ZERO;
}

/* Parts its options: the one that holds a unit, where the shop has units as variants; the rest. */
static void take_options(const struct import *import, const json *node, bool only,
                         struct import_variant *out)
{
    OWN_BUF struct buf own = {0};
    const json *selected = json_get(node, "selectedOptions");
    for (size_t i = 0; i < json_count(selected) && !only; i++) {
        const json *row = json_at(selected, i);
        const char *value = json_text(row, "value");
        if (import->shop->uom_as_variant &&
            strcmp(json_text(row, "name"), import->shop->uom_option_name) == 0)
            out->unit = value;
        else
            buf_printf(&own, "%s%s", own.size ? " / " : "", value);
    }
    out->own = arena_text(import->arena, buf_str(&own));
}

static void take_variant(const struct import *import, const json *node, bool only,
                         struct import_variant *out)
{
    const json *item = json_get(node, "inventoryItem");
    *out = (struct import_variant){
        .id = staged_id(json_text(node, "id"), import->arena),
        .sku = json_text(node, "sku"),
        .barcode = json_text(node, "barcode"),
        .own = "",
        .unit = "",
        .unit_code = "",
        .tariff = json_text(item, "harmonizedSystemCode"),
        .origin = json_text(item, "countryCodeOfOrigin"),
        .inventory_item = staged_id(json_text(item, "id"), import->arena),
        .tracked = json_flag(item, "tracked", false),
        .price = amount_of(node, "price"),
        .cost = amount_of(json_get(item, "unitCost"), "amount"),
    };
    if (!import->shop->sync_tariff)
        out->tariff = out->origin = "";
    take_options(import, node, only, out);
}

static void keep_answer(struct import *import, struct shopify_call *call)
{
    size_t n = import->answer_count;
    import->answers = mem_grow(import->answers, n, n + 1, sizeof *import->answers);
    import->answers[import->answer_count++] = GIVE(call->answer);
}

static void add_variants(struct import *import, const json *page, bool only,
                         struct import_product *product)
{
    const json *nodes = json_get(page, "nodes");
    size_t before = product->variant_count, count = before + json_count(nodes);
    struct import_variant *all = arena_array(import->arena, count + 1, sizeof *all);
    if (before)
        memcpy(all, product->variants, before * sizeof *all);
    for (size_t i = 0; i < json_count(nodes); i++)
        take_variant(import, json_at(nodes, i), only, &all[before + i]);
    product->variants = all;
    product->variant_count = count;
}

/* Those behind the first page; a cursor is a variable, so none is ever malformed. */
static bool load_rest(struct import *import, const char *after, struct import_product *product,
                      struct err *err)
{
    OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", product->id);
    while (*after) {
        struct shopify_call call = {.document = "product-variants-page",
                                    .variables = json_new_object()};
        json_set_text(call.variables, "id", gid);
        json_set_text(call.variables, "after", after);
        if (!shopify_ask(import->attempt, &call, err)) {
            shopify_call_drop(&call);
            return err_wrap(err, "read variants of %.60s", product->title);
        }
        const json *page = json_path(call.data, "product.variants");
        add_variants(import, page, false, product);
        bool more = json_flag(json_get(page, "pageInfo"), "hasNextPage", false);
        after = more ? arena_text(import->arena, json_text(json_get(page, "pageInfo"), "endCursor"))
                     : "";
        keep_answer(import, &call);
        shopify_call_drop(&call);
    }
    return true;
}

static bool take_product(struct import *import, const json *node, struct coming *out,
                         struct err *err)
{
    const json *page = json_get(node, "variants"), *info = json_get(page, "pageInfo");
    bool only = json_flag(node, "hasOnlyDefaultVariant", false);
    struct import_product *product = &out->product;
    out->gone = !node || json_flag(node, "isGiftCard", false);
    if (out->gone)
        return true;
    product->title = json_text(node, "title");
    product->type = json_text(node, "productType");
    product->vendor = json_text(node, "vendor");
    product->status = json_text(node, "status");
    product->updated = json_text(node, "updatedAt");
    if (!time_parse(product->updated, &out->updated_ms))
        return err_set(err, ERR_RETRY, 0, "product %s has no time of change", product->id);
    add_variants(import, page, only, product);
    return !json_flag(info, "hasNextPage", false) ||
           load_rest(import, json_text(info, "endCursor"), product, err);
}

static bool take_nodes(struct import *import, const char *const ids[], size_t count,
                       const json *nodes, struct coming list[], struct err *err)
{
    if (json_count(nodes) != count)
        return err_set(err, ERR_RETRY, 0, "Shopify has answered about %zu products of %zu",
                       json_count(nodes), count);
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct coming){
            .product = {
                        .id = ids[i], .title = "", .type = "", .vendor = "", .status = "", .updated = ""}
        };
        if (!take_product(import, json_at(nodes, i), &list[i], err))
            return false;
    }
    return true;
}

static bool load_products(struct import *import, const char *const ids[], size_t count,
                          struct coming list[], struct err *err)
{
    json *gids = json_new_array();
    struct shopify_call call = {.document = "products-by-ids", .variables = json_new_object()};
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", ids[i]);
        json_add_text(gids, gid);
    }
    json_set(call.variables, "ids", gids);
    json_set_int(call.variables, "variants", IMPORT_VARIANTS);
    bool ok = shopify_ask(import->attempt, &call, err) &&
              take_nodes(import, ids, count, json_get(call.data, "nodes"), list, err);
    if (ok)
        keep_answer(import, &call);
    shopify_call_drop(&call);
    return ok || err_wrap(err, "read products");
}

/* ---- what is staged ---- */

struct rows_want {
    const char *const *keys;
    size_t count;
    const char *const *fields;
    size_t field_count;
};

static bool read_rows(struct import *import, const struct rows_want *want, struct store_rows **out,
                      struct err *err)
{
    return store_read(import->attempt->ledger, import->company, want->keys, want->count,
                      want->fields, want->field_count, out, err);
}

static bool read_products(struct import *import, struct coming list[], size_t count,
                          struct err *err)
{
    static const char *const LINK[] = {"item", "item_number", "sent", "seen", "variants"},
                             *const PEOPLE[] = {"by_hand", "shops"}, *const IN[] = {"making"};
    const char *links[IMPORT_BATCH], *people[IMPORT_BATCH], *in[IMPORT_BATCH];
    const char *shop = import->shop->code;
    struct arena *arena = import->arena;
    for (size_t i = 0; i < count; i++) {
        links[i] = arena_printf(arena, "shop-product:%s:%s", shop, list[i].product.id);
        people[i] = arena_printf(arena, "product:%s", list[i].product.id);
        in[i] = arena_printf(arena, "product-in:%s:%s", shop, list[i].product.id);
    }
    struct store_rows **link = import_rows(import), **person = import_rows(import),
                      **before = import_rows(import);
    if (!read_rows(import, &(struct rows_want){links, count, LINK, COUNT(LINK)}, link, err) ||
        !read_rows(import, &(struct rows_want){people, count, PEOPLE, COUNT(PEOPLE)}, person,
                   err) ||
        !read_rows(import, &(struct rows_want){in, count, IN, COUNT(IN)}, before, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        list[i].item = store_text(*link, i, 0);
        list[i].item_number = store_text(*link, i, 1);
        list[i].sent = store_text(*link, i, 2);
        list[i].seen = store_text(*link, i, 3);
        list[i].was_variants = store_text(*link, i, 4);
        list[i].by_hand = store_text(*person, i, 0);
        list[i].shops = store_text(*person, i, 1);
        list[i].making = store_text(*before, i, 0);
    }
    return true;
}

/* The shop's link first; then the one that an order has found. */
static void take_link(const struct coming *coming, struct coming_variant *variant,
                      const struct store_rows *links, const struct store_rows *found, size_t row)
{
    const struct import_variant *of = variant->of;
    variant->linked = *store_text(links, row, 0) != 0;
    const struct store_rows *from = variant->linked ? links : found;
    variant->sent = store_text(links, row, 4);
    variant->seen = store_text(links, row, 5);
    variant->sought = (struct sought){
        .by_hand = coming->by_hand,
        .sku = of->sku,
        .barcode = of->barcode,
        .vendor = coming->product.vendor,
        .unit = of->unit,
        .item = store_text(from, row, 0),
        .number = store_text(from, row, 1),
        .item_variant = store_text(from, row, 2),
        .code = variant->linked ? store_text(links, row, 3) : "",
    };
}

static bool read_variants(struct import *import, struct coming *coming, struct err *err)
{
    static const char *const LINK[] = {"item",         "item_number", "item_variant",
                                       "variant_code", "sent",        "seen"},
                             *const FOUND[] = {"item", "number", "item_variant"};
    const char *links[STORE_PAGE], *found[STORE_PAGE];
    struct arena *arena = import->arena;
    size_t all = coming->product.variant_count;
    coming->variants = arena_array(arena, all + 1, sizeof *coming->variants);
    for (size_t from = 0; from < all; from += STORE_PAGE) {
        size_t count = all - from < STORE_PAGE ? all - from : STORE_PAGE;
        struct store_rows **link = import_rows(import), **other = import_rows(import);
        for (size_t i = 0; i < count; i++) {
            const char *id = coming->product.variants[from + i].id;
            links[i] = arena_printf(arena, "shop-variant:%s:%s", import->shop->code, id);
            found[i] = arena_printf(arena, "variant:%s", id);
        }
        if (!read_rows(import, &(struct rows_want){links, count, LINK, COUNT(LINK)}, link, err) ||
            !read_rows(import, &(struct rows_want){found, count, FOUND, COUNT(FOUND)}, other, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            coming->variants[from + i].of = &coming->product.variants[from + i];
            take_link(coming, &coming->variants[from + i], *link, *other, i);
        }
    }
    return true;
}

bool import_load(struct import *import, const char *const ids[], size_t count, const json *nodes,
                 struct coming list[], struct err *err)
{
    if (!(nodes ? take_nodes(import, ids, count, nodes, list, err)
                : load_products(import, ids, count, list, err)) ||
        !read_products(import, list, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_variants(import, &list[i], err))
            return err_wrap(err, "read links of products");
    return true;
}
