/* images_page.c - the images of a page of products, and whose pictures they are.
 *
 * A variant that is an item variant shows that one's picture; one that is another item than its
 * product (a flat item among the variants) shows that item's. Variants of a product that are the
 * same to Business Central, in several units say, share one image.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/images_sync.h"

static struct image *page_add(struct images_page *page, const char *item)
{
    if (page->count == page->room) {
        size_t room = page->room ? page->room * 2 : 64;
        page->images = mem_grow(page->images, page->room, room, sizeof *page->images);
        page->items = mem_grow(page->items, page->room, room, sizeof *page->items);
        page->room = room;
    }
    page->items[page->count] = item;
    page->images[page->count] = (struct image){0};
    return &page->images[page->count++];
}

void images_page_drop(struct images_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        buf_drop(&page->images[i].bytes);
    free(page->images);
    free(page->items);
    arena_free(page->arena); /* NULL is fine */
}

static const char *text_at(struct images_page *page, const struct store_rows *rows, size_t row,
                           size_t field)
{
    return arena_text(page->arena, store_text(rows, row, field));
}

/* Where the same picture is an image of the product already; `from` = its first image. */
static struct image *image_of(struct images_page *page, size_t from, const char *source)
{
    for (size_t i = from; i < page->count; i++)
        if (strcmp(page->images[i].source, source) == 0)
            return &page->images[i];
    return NULL;
}

enum { V_ITEM, V_NUMBER, V_ITEM_VARIANT, V_CODE, V_IMAGE, V_DIGEST, V_AT };
static const char *const VARIANT[] = {"item",     "item_number",  "item_variant", "variant_code",
                                      "image_id", "image_digest", "image_at"};

/* It is the product's item, and shows the product's image: of no interest again. */
static void seen_plain(struct images_page *page, const char *id)
{
    OWN_TEXT char *key = mem_printf("shop-variant:%s:%s", page->run->shop->code, id);
    write_add(page->run->write, "HSET", key, "image_digest", "none", NULL);
}

static void add_variant(struct images_page *page, const char *product, const char *product_item,
                        size_t from, const char *id, const struct store_rows *rows, size_t row)
{
    const char *item = store_text(rows, row, V_ITEM);
    const char *variant = store_text(rows, row, V_ITEM_VARIANT);
    const char *code = store_text(rows, row, V_CODE), *number = store_text(rows, row, V_NUMBER);
    const char *image_id = store_text(rows, row, V_IMAGE);
    bool anothers = strcmp(item, product_item) != 0;
    if (!*item || (!*variant && !anothers)) {
        if (!*store_text(rows, row, V_DIGEST))
            seen_plain(page, id);
        return;
    }
    const char *source = *variant ? variant : item;
    struct image *image = image_of(page, from, source);
    if (image) {
        image->variants = arena_printf(page->arena, "%s,%s", image->variants, id);
        image->apart |= strcmp(image->image_id, image_id) != 0;
        if (*image->image_id || !*image_id)
            return;
    } else {
        image = page_add(page, arena_text(page->arena, item));
        image->variants = arena_text(page->arena, id);
        image->product = product;
        image->source = arena_text(page->arena, source);
        image->of_variant = *variant;
        image->member = arena_printf(page->arena, "%s:%s", product, source);
        image->number = *code ? arena_printf(page->arena, "%s %s", number, code)
                              : arena_text(page->arena, number);
    }
    image->image_id = arena_text(page->arena, image_id);
    image->was = text_at(page, rows, row, V_DIGEST);
    image->seen = text_at(page, rows, row, V_AT);
    if (anothers) { /* whoever hears of that item finds the product */
        OWN_TEXT char *key = mem_printf("item-variant-of:%s:%s", page->run->shop->code, item);
        write_add(page->run->write, "SET", key, product, NULL);
    }
}

static bool add_variants(struct images_page *page, const char *product, const char *item,
                         const char *list, struct err *err)
{
    OWN_TEXT char *prefix = mem_printf("shop-variant:%s:", page->run->shop->code);
    OWN_TEXT char *left = mem_text(list);
    char *rest = left;
    size_t from = page->count;
    while (*rest) {
        OWN(store_rows) struct store_rows *rows = NULL;
        char *some[STORE_PAGE];
        struct store_ids ids = {some, 0};
        for (char *id; ids.count < STORE_PAGE && (id = strtok_r(rest, ",", &rest));)
            some[ids.count++] = id;
        if (ids.count == 0)
            break;
        if (!store_read_ids(page->run->attempt->ledger, page->run->company, prefix, &ids, VARIANT,
                            COUNT(VARIANT), &rows, err))
            return false;
        for (size_t i = 0; i < ids.count; i++)
            add_variant(page, product, item, from, some[i], rows, i);
    }
    return true;
}

bool images_page_read(struct images *run, const struct store_ids *ids, struct images_page *page,
                      struct err *err)
{
    static const char *const FIELDS[] = {"item",         "item_number", "image_id",
                                         "image_digest", "image_at",    "variants"};
    OWN_TEXT char *prefix = mem_printf("shop-product:%s:", run->shop->code);
    page->run = run;
    page->arena = arena_new();
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read_ids(run->attempt->ledger, run->company, prefix, ids, FIELDS, COUNT(FIELDS),
                        &rows, err))
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        const char *product = arena_text(page->arena, ids->items[i]);
        const char *item = text_at(page, rows, i, 0);
        if (!*item)
            continue; /* no product of ours any more */
        *page_add(page, item) = (struct image){
            .member = product,
            .product = product,
            .variants = "",
            .source = item,
            .number = text_at(page, rows, i, 1),
            .image_id = text_at(page, rows, i, 2),
            .was = text_at(page, rows, i, 3),
            .seen = text_at(page, rows, i, 4),
        };
        if (!add_variants(page, product, item, store_text(rows, i, 5), err))
            return false;
    }
    return true;
}
