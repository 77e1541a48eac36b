/* images_sync.c - report 30107: an item's picture becomes the image of its product.
 *
 * Idempotency: a picture is known by the SHA-256 of its bytes. One that has an image at Shopify
 * replaces its bytes under the same id, so sending it twice leaves one. A new one becomes a file
 * first, whose id is kept as soon as Shopify says it, and is shown by its product when Shopify is
 * done with it: to refer to it twice is to refer to it once. A create without answer leaves at most
 * a file that no product shows; a gallery never grows by it (images_send.c).
 *
 * Which pictures may have changed is known by their items' times of change, which a picture moves
 * (images_look.c). A picture that could not be read, sent or shown stands in images-due until it is
 * dealt with; the mark moves when the run has ended, so a killed one looks again. An idle run asks
 * Shopify nothing.
 */
#include "operations/images_sync.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "operations/operations_table.h"

enum { WINDOW_BYTES = 8 << 20, LOOKS = 20, LOOK_MS = 500 };

bool images_flush(struct images *run, struct err *err)
{
    return attempt_flush(run->attempt, run->write, 0, err);
}

static void empty(struct images *run)
{
    for (size_t i = 0; i < run->count; i++)
        buf_drop(&run->items[i].bytes);
    run->count = run->bytes = 0;
    arena_free(run->arena);
    run->arena = arena_new();
}

static void run_drop(struct images *run)
{
    empty(run);
    arena_free(run->arena);
    write_free(run->write);
    filter_free(run->products);
    images_known_free(run->known);
}

static bool send_window(struct images *run, struct err *err)
{
    bool ok = run->count == 0 || images_send(run, err);
    for (size_t i = 0; ok && i < run->count; i++)
        if (!run->items[i].settled)
            images_later(run, &run->items[i]);
    empty(run);
    return ok && images_flush(run, err) && attempt_checkpoint(run->attempt, "", 0, err);
}

/* ---- records ---- */

void images_record(struct images *run, const char *product, const char *id, const char *digest,
                   const char *at)
{
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", run->shop->code, product);
    write_add(run->write, "HSET", key, "image_id", id, "image_digest", digest, "image_at", at,
              NULL);
}

void images_settled(struct images *run, struct image *image)
{
    OWN_TEXT char *due = mem_printf("images-due:%s", run->shop->code);
    image->settled = true;
    if (run->due || run->products)
        write_add(run->write, "ZREM", due, image->product, NULL);
}

void images_later(struct images *run, const struct image *image)
{
    char now[32];
    OWN_TEXT char *due = mem_printf("images-due:%s", run->shop->code);
    snprintf(now, sizeof now, "%" PRId64, run->begun_ms);
    write_add(run->write, "ZADD", due, "NX", now, image->product, NULL);
}

/* ---- one item ---- */

static void digest_of(const struct buf *bytes, char out[static SHA256])
{
    unsigned char raw[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(raw, (const unsigned char *)buf_str(bytes), bytes->size);
    sodium_bin2hex(out, SHA256, raw, sizeof raw);
}

/* One picture that cannot be read stops no other. */
static bool passed_over(struct images *run, const struct image *image, const struct err *why,
                        struct err *err)
{
    if (why->kind == ERR_CANCELLED || why->kind == ERR_THROTTLED) {
        *err = *why;
        return false;
    }
    log_warn("image.unread", TEXT("item", image->number), TEXT("why", why->text));
    run->attempt->counts.failed++;
    images_later(run, image);
    return true;
}

/* What Shopify has stays: there is nothing else to be shown, or the same. */
static void as_it_was(struct images *run, struct image *image)
{
    images_record(run, image->product, image->image_id, *image->was ? image->was : "none",
                  image->at);
    images_settled(run, image);
}

static bool take_item(struct images *run, struct image *image, struct err *err)
{
    struct err why;
    const struct bc_picture picture = {.id = image->item};
    run->attempt->counts.read++;
    if (!*image->type) {
        as_it_was(run, image);
        return true;
    }
    if (!bc_picture_read(run->attempt, &picture, &image->bytes, &why)) {
        buf_drop(&image->bytes);
        return passed_over(run, image, &why, err);
    }
    digest_of(&image->bytes, image->digest);
    if (image->bytes.size == 0 || strcmp(image->digest, image->was) == 0) {
        buf_drop(&image->bytes);
        as_it_was(run, image);
        return true;
    }
    run->bytes += image->bytes.size;
    run->items[run->count++] = *image;
    return true;
}

/* ---- all of them ---- */

/* Products of a page that are items; texts live in the page's arena. An image that is on its way is
 * the next run's: the picture may be another one again. */
static bool read_products(struct images *run, const struct store_ids *page, struct arena *arena,
                          struct image out[], size_t *count, struct err *err)
{
    static const char *const FIELDS[] = {"item", "item_number", "image_id", "image_digest",
                                         "image_at"};
    static const char *const MADE[] = {"id"};
    OWN_TEXT char *prefix = mem_printf("shop-product:%s:", run->shop->code);
    OWN_TEXT char *made_prefix = mem_printf("shop-image:%s:", run->shop->code);
    OWN(store_rows) struct store_rows *rows = NULL, *made = NULL;
    struct ledger *ledger = run->attempt->ledger;
    *count = 0;
    if (!store_read_ids(ledger, run->company, prefix, page, FIELDS, COUNT(FIELDS), &rows, err) ||
        !store_read_ids(ledger, run->company, made_prefix, page, MADE, 1, &made, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        struct image image = {
            .product = arena_text(arena, page->items[i]),
            .item = arena_text(arena, store_text(rows, i, 0)),
            .number = arena_text(arena, store_text(rows, i, 1)),
            .image_id = arena_text(arena, store_text(rows, i, 2)),
            .was = arena_text(arena, store_text(rows, i, 3)),
            .seen = arena_text(arena, store_text(rows, i, 4)),
        };
        if (*store_text(made, i, 0))
            images_later(run, &image);
        else if (*image.item)
            out[(*count)++] = image;
        else
            images_settled(run, &image); /* no product of ours any more */
    }
    return true;
}

/* Is its picture to be read? What Business Central says of it is taken over. */
static bool is_wanted(const struct images *run, struct image *image)
{
    int64_t changed_ms;
    if (!images_known(run, image->item, &image->type, &changed_ms))
        return false; /* the item is gone */
    snprintf(image->at, sizeof image->at, "%" PRId64, changed_ms);
    return !*image->was || strcmp(image->at, image->seen) != 0;
}

/* A window goes out before its page ends: then the texts of its images are still there. */
static bool take_page(struct images *run, const struct store_ids *page, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct image *images = arena_array(arena, page->count, sizeof *images);
    const char **items = arena_array(arena, page->count, sizeof *items);
    size_t count;
    if (!read_products(run, page, arena, images, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        items[i] = images[i].item;
    if (!images_ask(run, items, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(run, &images[i]))
            images_settled(run, &images[i]);
        else if (!take_item(run, &images[i], err))
            return false;
        if ((run->count == IMAGES_A_CALL || run->bytes >= WINDOW_BYTES) && !send_window(run, err))
            return false;
    }
    return send_window(run, err);
}

static bool take_all(struct images *run, const struct store_ids *products, struct err *err)
{
    for (size_t from = 0; from < products->count; from += STORE_PAGE) {
        size_t left = products->count - from;
        const struct store_ids page = {products->items + from,
                                       left < STORE_PAGE ? left : STORE_PAGE};
        attempt_progress(run->attempt, "comparing pictures", (int64_t)from,
                         (int64_t)products->count);
        if (!take_page(run, &page, err))
            return err_wrap(err, "compare pictures");
    }
    return images_flush(run, err);
}

/* Shopify works on an image for a second or two; what takes longer is the next run's. */
static bool attach_all(struct images *run, struct err *err)
{
    size_t left = 0;
    for (int look = 0; look < LOOKS; look++) {
        if (!images_attach(run, &left, err))
            return false;
        if (left == 0)
            return true;
        attempt_progress(run->attempt, "waiting for Shopify's images", 0, (int64_t)left);
        if (!attempt_wait_ms(run->attempt, LOOK_MS, err))
            return false;
    }
    return true;
}

static bool export_images(struct images *run, struct err *err)
{
    char at[32], linked[32];
    OWN_TEXT char *mark = mem_printf("mark:images:%s", run->shop->code);
    OWN_IDS struct store_ids products = {0};
    size_t left;
    if (!images_attach(run, &left, err) || !images_look(run, &products, err) ||
        !take_all(run, &products, err) || !attach_all(run, err))
        return false;
    if (run->seen_ms == 0 || run->products)
        return true;
    snprintf(at, sizeof at, "%" PRId64, run->seen_ms);
    snprintf(linked, sizeof linked, "%" PRId64, run->begun_ms);
    write_add(run->write, "HSET", mark, "at", at, "linked", linked, NULL);
    return images_flush(run, err);
}

bool images_sync_run(struct attempt *attempt, struct err *err)
{
    const char *products = json_text(attempt->args, "product_id_filter");
    if (!shop_ready(attempt, err))
        return false;
    __attribute__((cleanup(run_drop))) struct images run = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = attempt->shop,
        .write = write_new(),
        .arena = arena_new(),
        .known = images_known_new(),
    };
    if (*products && !filter_parse(products, FILTER_NUMBER, &run.products, err))
        return err_wrap(err, "product_id_filter");
    if (run.shop->sync_images == IMAGES_TO_SHOPIFY)
        return export_images(&run, err);
    return true;
}
