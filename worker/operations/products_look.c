/* products_look.c - items that stand at Shopify already are found, and linked, not made again.
 *
 * By the item's id first, which is consistent; then by SKU and bar code, which a search index
 * answers, so both are compared. What stands is not guessed from links in Redis: they are a cache.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "operations/operations_table.h"
#include "operations/products_add.h"

enum { LOOK = 25, MADE = 25 }; /* a call; of a hundred variants each, a megabyte */

/* ---- looking ---- */

static size_t groups_of(const struct window *window)
{
    return (window->count + LOOK - 1) / LOOK;
}

static struct shopify_call bc_id_call(const struct window *window, size_t from)
{
    json *variables = json_new_object();
    for (size_t i = 0; i < LOOK; i++) {
        size_t at = from + i < window->count ? from + i : from; /* it asks for so many */
        OWN_TEXT char *name = mem_printf("p%zu", i);
        json_set(variables, name, bc_id_identifier(window->items[at].item.id));
    }
    return (struct shopify_call){.document = "products-by-bc-id", .variables = variables};
}

static void bc_id_found(struct window *window, size_t from, const struct shopify_call *call)
{
    for (size_t i = from; i < window->count && i < from + LOOK; i++) {
        struct adding *one = &window->items[i];
        OWN_TEXT char *name = mem_printf("p%zu", i - from);
        one->found = arena_text(window->arena, json_text(json_get(call->data, name), "id"));
        one->own = *one->found;
    }
}

static void add_term(struct buf *query, const char *field, const char *value)
{
    if (!value || !*value)
        return;
    buf_printf(query, "%s%s:\"", query->size ? " OR " : "", field);
    for (const char *at = value; *at; at++)
        buf_printf(query, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
    buf_text(query, "\"");
}

static bool is_its(const struct product_draft *draft, const json *node)
{
    const char *sku = json_text(node, "sku"), *barcode = json_text(node, "barcode");
    for (size_t i = 0; i < draft->variant_count; i++) {
        const char *const *fields = draft->variants[i].fields;
        if ((*sku && fields[VARIANT_SKU] && strcmp(fields[VARIANT_SKU], sku) == 0) ||
            (*barcode && fields[VARIANT_BARCODE] && strcmp(fields[VARIANT_BARCODE], barcode) == 0))
            return true;
    }
    return false;
}

static struct shopify_call sku_call(const struct window *window, size_t from)
{
    OWN_BUF struct buf query = {0};
    for (size_t i = from; i < window->count && i < from + LOOK; i++)
        for (size_t k = 0; !*window->items[i].found && k < window->items[i].draft.variant_count;
             k++) {
            const char *const *fields = window->items[i].draft.variants[k].fields;
            add_term(&query, "sku", fields[VARIANT_SKU]);
            add_term(&query, "barcode", fields[VARIANT_BARCODE]);
            if (query.size > 3000)
                break; /* one of a product's variants finds it, too */
        }
    if (query.size == 0)
        return (struct shopify_call){0};
    json *variables = json_new_object();
    json_set_text(variables, "query", buf_str(&query));
    return (struct shopify_call){.document = "variants-by-sku", .variables = variables};
}

static void sku_found(struct window *window, size_t from, const struct shopify_call *call)
{
    const json *nodes = json_path(call->data, "productVariants.nodes");
    for (size_t n = 0; n < json_count(nodes); n++)
        for (size_t i = from; i < window->count && i < from + LOOK; i++) {
            struct adding *one = &window->items[i];
            if (!*one->found && is_its(&one->draft, json_at(nodes, n)))
                one->found = arena_text(window->arena,
                                        json_text(json_get(json_at(nodes, n), "product"), "id"));
        }
}

/* One kind of question for the whole window, in groups that are asked together. */
static bool look_by(struct products *run, struct window *window,
                    struct shopify_call (*ask)(const struct window *, size_t),
                    void (*take)(struct window *, size_t, const struct shopify_call *),
                    struct err *err)
{
    struct shopify_call calls[(WINDOW + LOOK - 1) / LOOK];
    size_t from[COUNT(calls)], count = 0;
    for (size_t i = 0; i < groups_of(window); i++) {
        calls[count] = ask(window, i * LOOK);
        from[count] = i * LOOK;
        count += calls[count].document != NULL;
    }
    bool ok = count == 0 || shopify_call_all(run->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (ok && calls[i].err.kind != ERR_NONE) {
            *err = calls[i].err;
            ok = false;
        }
        if (ok)
            take(window, from[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

bool products_look(struct add *add, struct window *window, struct err *err)
{
    if (!add->together && !add->shelf_known)
        return (look_by(&add->run, window, bc_id_call, bc_id_found, err) ||
                err_wrap(err, "look for products by cartage.bc_id")) &&
               (look_by(&add->run, window, sku_call, sku_found, err) ||
                err_wrap(err, "look for products by SKU"));
    for (size_t i = 0; i < window->count; i++) {
        struct adding *one = &window->items[i];
        int64_t product = add->together ? products_bulk_find(add->bulk, &one->draft, &one->own)
                                        : shelf_find(&add->shelf, &one->draft, &one->own);
        if (product > 0)
            one->found = arena_printf(window->arena, "gid://shopify/Product/%" PRId64, product);
    }
    return true;
}

/* ---- products with their variants ---- */

static struct shopify_call made_call(const char *const gids[], size_t count)
{
    json *variables = json_new_object(), *ids = json_new_array();
    for (size_t i = 0; i < count; i++)
        json_add_text(ids, gids[i]);
    json_set(variables, "ids", ids);
    return (struct shopify_call){.document = "products-made", .variables = variables};
}

/* One whose variants do not fit into a page of many products is read by itself. */
static bool read_whole(struct products *run, json **product, struct err *err)
{
    json *whole = NULL;
    if (!json_flag(json_path(*product, "variants.pageInfo"), "hasNextPage", false))
        return true;
    if (!product_read(run, json_text(*product, "id"), &whole, err))
        return false;
    json_free(*product);
    *product = whole;
    return true;
}

bool products_read(struct products *run, const char *const gids[], size_t count, json *out[],
                   struct err *err)
{
    struct shopify_call calls[(WINDOW + MADE - 1) / MADE];
    size_t groups = (count + MADE - 1) / MADE;
    assert(groups <= COUNT(calls));
    for (size_t g = 0; g < groups; g++)
        calls[g] = made_call(gids + g * MADE, count - g * MADE < MADE ? count - g * MADE : MADE);
    bool ok = groups == 0 || shopify_call_all(run->attempt, calls, groups, err);
    for (size_t g = 0; g < groups; g++) {
        if (ok && calls[g].err.kind != ERR_NONE) {
            *err = calls[g].err;
            ok = false;
        }
        for (size_t i = g * MADE; i < count && i < (g + 1) * MADE; i++) {
            const json *node = ok ? json_at(json_get(calls[g].data, "nodes"), i - g * MADE) : NULL;
            out[i] = *json_text(node, "id") ? json_copy(node) : NULL;
        }
        shopify_call_drop(&calls[g]);
    }
    for (size_t i = 0; i < count && ok; i++)
        ok = !out[i] || read_whole(run, &out[i], err);
    for (size_t i = 0; i < count && !ok; i++) {
        json_free(out[i]); /* NULL is fine */
        out[i] = NULL;
    }
    return ok || err_wrap(err, "read products");
}

/* ---- linking ---- */

/* A run that was killed between creating and linking has perhaps not published either. */
static bool publish_found(struct products *run, const struct window *window, struct err *err)
{
    const char *gids[WINDOW] = {0};
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++)
        if (window->items[i].own)
            gids[count++] = window->items[i].found;
    return products_publish(run, gids, count, err);
}

/* One product is one item's: with a second one each would write its own title over the other's. */
static bool is_anothers(struct products *run, const struct adding *one, const char *product,
                        bool *out, struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!products_flush(run, true, err) ||
        !store_products(run->attempt->ledger, run->company, run->shop->code, &product, 1, &rows,
                        err))
        return false;
    const struct staged_product staged = store_product_row(rows, 0);
    *out = *staged.item && strcmp(staged.item, one->item.id) != 0;
    if (*out) {
        OWN_TEXT char *detail =
            mem_printf("product \"%s\" is item %s", staged.title, staged.item_number);
        item_skip(run, &one->item, REASON_PRODUCT_OF_ANOTHER, detail);
    }
    return true;
}

static bool link_one(struct products *run, struct window *window, struct adding *one,
                     const json *product, struct err *err)
{
    bool anothers = false;
    if (!product) {
        one->found = ""; /* deleted meanwhile */
        return true;
    }
    const char *id = staged_id(json_text(product, "id"), window->arena);
    if (!one->own && !is_anothers(run, one, id, &anothers, err))
        return false;
    if (anothers)
        return true;
    product_linked(run, &one->draft, NULL, product, false);
    run->attempt->counts.updated++;
    return products_flush(run, false, err);
}

bool products_link_found(struct products *run, struct window *window, struct err *err)
{
    const char *gids[WINDOW] = {0};
    struct adding *of[WINDOW];
    json *products[WINDOW];
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++)
        if (*window->items[i].found) {
            of[count] = &window->items[i];
            gids[count++] = window->items[i].found;
        }
    bool ok = publish_found(run, window, err) && products_read(run, gids, count, products, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = link_one(run, window, of[i], products[i], err);
    for (size_t i = 0; ok && i < count; i++)
        json_free(products[i]);
    return ok;
}
