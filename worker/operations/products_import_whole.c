/* products_import_whole.c - all products of a store at once, by one query of Shopify's own time:
 * where none was taken in yet, or all are looked at again. What it has found lies in a file, of
 * which a batch is held at a time.
 *
 * Idempotency: nothing is written. A query that was lost is found again (shopify/bulk.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/products_import.h"
#include "shopify/bulk.h"

static const struct bulk_job ALL = {"products-in", "bulkq-products", NULL};

struct spot { /* a line of the file: a product, or one of its variants */
    int64_t product;
    long offset;
    uint32_t size;
    bool is_variant;
};
struct whole {
    struct import *import;
    struct bulk *bulk;
    FILE *file;
    struct spot *spots; /* sorted: a product before its variants, these as they came */
    size_t count, room, at;
    long size;
};

void whole_free(struct whole *whole)
{
    if (!whole)
        return;
    bulk_free(whole->bulk);
    if (whole->file)
        fclose(whole->file);
    free(whole->spots);
    free(whole);
}

static int64_t number_of(const char *gid)
{
    const char *last = strrchr(gid, '/');
    return last ? strtoll(last + 1, NULL, 10) : 0;
}

static bool take_row(void *state, const json *row, struct err *err)
{
    struct whole *whole = state;
    const char *text = json_write(row), *parent = json_text(row, "__parentId");
    size_t size = strlen(text);
    if (whole->count == whole->room) {
        size_t room = whole->room ? whole->room * 2 : 256;
        whole->spots = mem_grow(whole->spots, whole->room, room, sizeof *whole->spots);
        whole->room = room;
    }
    whole->spots[whole->count++] =
        (struct spot){.product = number_of(*parent ? parent : json_text(row, "id")),
                      .offset = whole->size,
                      .size = (uint32_t)size,
                      .is_variant = *parent != 0};
    whole->size += (long)size;
    return fwrite(text, 1, size, whole->file) == size ||
           err_set(err, ERR_RETRY, 0, "keep the products of the store: the disk takes no more");
}

static int by_product(const void *left, const void *right)
{
    const struct spot *a = left, *b = right;
    if (a->product != b->product)
        return a->product > b->product ? 1 : -1;
    if (a->is_variant != b->is_variant)
        return a->is_variant - b->is_variant;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

bool whole_look(struct import *import, struct whole **out, struct err *err)
{
    OWN(whole) struct whole *whole = mem_new(sizeof *whole);
    whole->import = import;
    if (!(whole->file = tmpfile()))
        return err_set(err, ERR_RETRY, 0, "keep the products of the store: no temporary file");
    if (!bulk_look_rows(import->attempt, &ALL, take_row, whole, &whole->bulk, err))
        return false;
    if (bulk_is_under_way(whole->bulk))
        return bulk_wait(whole->bulk, "the store's products are listed", err);
    if (whole->count > 1)
        qsort(whole->spots, whole->count, sizeof *whole->spots, by_product);
    *out = GIVE(whole);
    return true;
}

bool whole_found(const struct whole *whole, int64_t *began_ms)
{
    size_t rows;
    *began_ms = import_now_ms(whole->import) - bulk_age_ms(whole->bulk);
    return bulk_answered(whole->bulk, &rows);
}

bool whole_start(struct whole *whole, size_t products, struct err *err)
{
    if (bulk_road(whole->bulk, products) != BULK_TOGETHER)
        return true;
    return bulk_start_query(whole->bulk, NULL, err) &&
           bulk_wait(whole->bulk, "the store's products are listed", err);
}

static bool read_spot(struct whole *whole, const struct spot *spot, json **out, struct err *err)
{
    OWN_TEXT char *text = mem_new(spot->size + 1);
    return (fseek(whole->file, spot->offset, SEEK_SET) == 0 &&
            fread(text, 1, spot->size, whole->file) == spot->size &&
            json_parse(text, spot->size, out, err)) ||
           err_set(err, ERR_RETRY, 0, "read the products of the store: its file is broken");
}

/* A product with its variants, as a page of products shows it. */
static bool read_product(struct whole *whole, json *nodes, struct err *err)
{
    const struct spot *first = &whole->spots[whole->at];
    OWN_JSON json *product = NULL;
    json *variants = json_new_object(), *page = json_new_array();
    json_set(variants, "nodes", page);
    bool ok = first->is_variant || read_spot(whole, first, &product, err);
    for (whole->at += !first->is_variant;
         ok && whole->at < whole->count && whole->spots[whole->at].product == first->product;
         whole->at++) {
        json *variant = NULL;
        ok = read_spot(whole, &whole->spots[whole->at], &variant, err);
        if (ok)
            json_add(page, variant);
    }
    if (!ok || !product) { /* variants of a product that is not told: they come another time */
        json_free(variants);
        return ok;
    }
    json_set(product, "variants", variants);
    json_add(nodes, GIVE(product));
    return true;
}

bool whole_next(struct whole *whole, json **nodes, struct err *err)
{
    OWN_JSON json *list = json_new_array();
    while (whole->at < whole->count && json_count(list) < IMPORT_BATCH)
        if (!read_product(whole, list, err))
            return false;
    *nodes = GIVE(list);
    return true;
}
