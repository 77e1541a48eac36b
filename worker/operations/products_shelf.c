/* products_shelf.c - a store's products, told apart by digests of their texts: a hundred thousand
 * variants are a few megabytes.
 *
 * A store to which many items are to be added is mostly a new one. Then one question for all that
 * it has costs less than one for each item, so a first export pays for what it creates, and for
 * little more.
 */
#include "operations/products_shelf.h"

#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_A_PAGE = 250 };

struct shelf_text { /* a text of the store's, as a digest; of which product */
    uint64_t text;
    int64_t product;
};

void shelf_drop(struct shelf *shelf)
{
    free(shelf->texts);
    *shelf = (struct shelf){0};
}

/* FNV-1a of 64 bits: a hundred thousand texts of a store are told apart by it. */
static uint64_t digest_of(char kind, const char *text)
{
    uint64_t hash =
        (UINT64_C(14695981039346656037) ^ (unsigned char)kind) * UINT64_C(1099511628211);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

static void take(struct shelf *shelf, char kind, const char *text, const char *gid)
{
    enum { FIRST = 256 };
    const char *id = strrchr(gid, '/');
    if (!*text || !id)
        return;
    if (shelf->count == shelf->room) {
        size_t room = shelf->room ? 2 * shelf->room : FIRST;
        shelf->texts = mem_grow(shelf->texts, shelf->room, room, sizeof *shelf->texts);
        shelf->room = room;
    }
    shelf->texts[shelf->count++] =
        (struct shelf_text){digest_of(kind, text), strtoll(id + 1, NULL, 10)};
}

void shelf_take_product(struct shelf *shelf, const json *row)
{
    take(shelf, 'i', json_text(json_get(row, "metafield"), "value"), json_text(row, "id"));
}

void shelf_take_variant(struct shelf *shelf, const json *row, const char *product)
{
    take(shelf, 's', json_text(row, "sku"), product);
    take(shelf, 'b', json_text(row, "barcode"), product);
}

static int by_digest(const void *left, const void *right)
{
    const struct shelf_text *a = left, *b = right;
    return a->text != b->text ? (a->text > b->text) - (a->text < b->text)
                              : (a->product > b->product) - (a->product < b->product);
}

void shelf_close(struct shelf *shelf)
{
    if (shelf->count > 0)
        qsort(shelf->texts, shelf->count, sizeof *shelf->texts, by_digest);
}

static int64_t find(const struct shelf *shelf, char kind, const char *text)
{
    size_t low = 0, high = shelf->count;
    if (!text || !*text)
        return 0;
    uint64_t want = digest_of(kind, text);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shelf->texts[middle].text < want)
            low = middle + 1;
        else
            high = middle;
    }
    return low < shelf->count && shelf->texts[low].text == want ? shelf->texts[low].product : 0;
}

int64_t shelf_find(const struct shelf *shelf, const struct product_draft *draft, bool *own)
{
    int64_t product = find(shelf, 'i', draft->item->id);
    *own = product > 0;
    for (size_t i = 0; i < draft->variant_count && product == 0; i++) {
        product = find(shelf, 's', draft->variants[i].fields[VARIANT_SKU]);
        if (product == 0)
            product = find(shelf, 'b', draft->variants[i].fields[VARIANT_BARCODE]);
    }
    return product;
}

/* ---- a small store ---- */

static bool take_page(struct shelf *shelf, const json *products)
{
    const json *nodes = json_get(products, "nodes");
    bool all = !json_flag(json_get(products, "pageInfo"), "hasNextPage", true);
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i), *rows = json_path(node, "variants.nodes");
        shelf_take_product(shelf, node);
        for (size_t k = 0; k < json_count(rows); k++)
            shelf_take_variant(shelf, json_at(rows, k), json_text(node, "id"));
        all = all && !json_flag(json_path(node, "variants.pageInfo"), "hasNextPage", true);
    }
    return all;
}

bool shelf_read(struct products *run, struct shelf *out, bool *known, struct err *err)
{
    OWN_TEXT char *links = mem_printf("shop-products:%s", run->shop->code);
    OWN_IDS struct store_ids ours = {0};
    *known = false;
    if (!store_zset(run->attempt->ledger, run->company, links, INT64_MAX, PRODUCTS_A_PAGE + 1,
                    &ours, err))
        return false;
    if (ours.count > PRODUCTS_A_PAGE)
        return true; /* it is no small store */
    struct shopify_call call = {.document = "shelf-page"};
    bool ok = shopify_ask(run->attempt, &call, err);
    if (ok)
        *known = take_page(out, json_get(call.data, "products"));
    shopify_call_drop(&call);
    shelf_close(out);
    return ok || err_wrap(err, "list the store's products");
}
