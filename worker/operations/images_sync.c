/* images_sync.c - report 30107: an item's picture becomes the image of its product.
 *
 * Idempotency: a picture is known by the SHA-256 of its bytes. One that has an image at Shopify
 * replaces its bytes under the same id, so sending it twice leaves one. A new one becomes a file
 * first, whose id is kept as soon as Shopify says it, and is shown by its product when Shopify is
 * done with it: to refer to it twice is to refer to it once. A create without answer leaves at most
 * a file that no product shows; a gallery never grows by it (images_send.c).
 *
 * Which pictures may have changed is asked by the items' time of change, which a picture moves; the
 * mark moves when the run has ended, so a killed one looks again. An idle run asks Shopify nothing.
 */
#include "operations/images_sync.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "operations/operations_table.h"

enum { MOST = 1000000, WINDOW_BYTES = 8 << 20, LOOKS = 20, LOOK_MS = 500 };

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
}

static bool send_window(struct images *run, struct err *err)
{
    bool ok = run->count == 0 || images_send(run, err);
    empty(run);
    return ok && attempt_checkpoint(run->attempt, "", 0, err);
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
    return true;
}

/* Nothing to be shown: what Shopify has stays. */
static void no_picture(struct images *run, const struct image *image)
{
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", run->shop->code, image->product);
    if (!*image->was)
        write_add(run->write, "HSET", key, "image_digest", "none", NULL);
}

static bool take_item(struct images *run, struct image *image, const struct bc_picture *picture,
                      struct err *err)
{
    struct err why;
    run->attempt->counts.read++;
    if (picture->err.kind != ERR_NONE)
        return passed_over(run, image, &picture->err, err);
    if (!*picture->type) {
        no_picture(run, image);
        return true;
    }
    image->type = arena_text(run->arena, picture->type);
    if (!bc_picture_read(run->attempt, picture, &image->bytes, &why)) {
        buf_drop(&image->bytes);
        return passed_over(run, image, &why, err);
    }
    digest_of(&image->bytes, image->digest);
    if (image->bytes.size == 0 || strcmp(image->digest, image->was) == 0) {
        buf_drop(&image->bytes);
        return true;
    }
    run->bytes += image->bytes.size;
    run->items[run->count++] = *image;
    return true;
}

/* ---- all of them ---- */

static bool has_changed(char *const changed[], size_t count, const char *item)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(changed[i], item) == 0)
            return true;
    return false;
}

static bool read_changed(struct images *run, int64_t since_ms, struct store_ids *out,
                         int64_t *seen_ms, struct err *err)
{
    struct bc_items_want want = {.since_ms = since_ms};
    struct bc_items_page page;
    OWN(bc_items) struct bc_items *items = NULL;
    if (!bc_items_open(run->attempt, &want, &items, err))
        return false;
    do {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read which items have changed");
        for (size_t i = 0; i < page.count; i++) {
            out->items = mem_grow(out->items, out->count, out->count + 1, sizeof *out->items);
            out->items[out->count++] = mem_text(page.items[i].id);
        }
    } while (page.count > 0);
    *seen_ms = bc_items_seen_ms(items);
    return true;
}

/* Products of a page whose pictures are to be looked at; texts live in the page's arena. */
static bool candidates(struct images *run, char *const ids[], size_t count,
                       const struct store_ids *changed, bool all, struct arena *arena,
                       struct image out[], size_t *found, struct err *err)
{
    static const char *const FIELDS[] = {"item", "item_number", "image_id", "image_digest"};
    static const char *const MADE[] = {"id"};
    OWN(store_rows) struct store_rows *rows = NULL, *made = NULL;
    const char *keys[STORE_PAGE], *files[STORE_PAGE];
    for (size_t i = 0; i < count; i++) {
        keys[i] = arena_printf(arena, "shop-product:%s:%s", run->shop->code, ids[i]);
        files[i] = arena_printf(arena, "shop-image:%s:%s", run->shop->code, ids[i]);
    }
    *found = 0;
    if (!store_read(run->attempt->ledger, run->company, keys, count, FIELDS, COUNT(FIELDS), &rows,
                    err) ||
        !store_read(run->attempt->ledger, run->company, files, count, MADE, 1, &made, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *item = store_text(rows, i, 0), *digest = store_text(rows, i, 3);
        bool wanted = all || !*digest || has_changed(changed->items, changed->count, item);
        if (!*item || !filter_fits(run->products, ids[i]) || !wanted || *store_text(made, i, 0))
            continue; /* the last: an image of it is on its way */
        out[(*found)++] = (struct image){
            .product = arena_text(arena, ids[i]),
            .item = arena_text(arena, item),
            .number = arena_text(arena, store_text(rows, i, 1)),
            .image_id = arena_text(arena, store_text(rows, i, 2)),
            .was = arena_text(arena, digest),
        };
    }
    return true;
}

/* A window goes out before its page ends: then the texts of its images are still there. */
static bool take_page(struct images *run, char *const ids[], size_t count,
                      const struct store_ids *changed, bool all, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct image *images = arena_array(arena, count, sizeof *images);
    struct bc_picture *pictures = arena_array(arena, count, sizeof *pictures);
    size_t found;
    if (!candidates(run, ids, count, changed, all, arena, images, &found, err))
        return false;
    for (size_t i = 0; i < found; i++)
        pictures[i] = (struct bc_picture){.id = images[i].item};
    if (found > 0 && !bc_pictures(run->attempt, pictures, found, err))
        return false;
    for (size_t i = 0; i < found; i++) {
        if (!take_item(run, &images[i], &pictures[i], err))
            return false;
        bool full = run->count == IMAGES_A_CALL || run->bytes >= WINDOW_BYTES;
        if ((full || i + 1 == found) && !send_window(run, err))
            return false;
    }
    return true;
}

static bool take_all(struct images *run, const struct store_ids *changed, bool all, struct err *err)
{
    OWN_TEXT char *list = mem_printf("shop-products:%s", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(run->attempt->ledger, run->company, list, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += STORE_PAGE) {
        size_t left = ids.count - from, count = left < STORE_PAGE ? left : STORE_PAGE;
        attempt_progress(run->attempt, "comparing pictures", (int64_t)from, (int64_t)ids.count);
        if (!take_page(run, ids.items + from, count, changed, all, err) ||
            !attempt_checkpoint(run->attempt, "", 0, err))
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
    static const char *const FIELDS[] = {"at"};
    char now[32];
    OWN_TEXT char *mark = mem_printf("mark:images:%s", run->shop->code);
    const char *const keys[] = {mark};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids changed = {0};
    int64_t seen_ms = 0;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, 1, &rows, err))
        return false;
    int64_t since_ms = store_int(rows, 0, 0);
    bool all = since_ms == 0 || run->products;
    /* The first time all of them: the mark is Business Central's own time, never ours. */
    if (!read_changed(run, since_ms, &changed, &seen_ms, err))
        return false;
    if (!take_all(run, &changed, all, err) || !attach_all(run, err))
        return false;
    if (seen_ms == 0 || run->products)
        return true;
    snprintf(now, sizeof now, "%" PRId64, seen_ms);
    write_add(run->write, "HSET", mark, "at", now, NULL);
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
    };
    if (*products && !filter_parse(products, FILTER_NUMBER, &run.products, err))
        return err_wrap(err, "product_id_filter");
    if (run.shop->sync_images == IMAGES_TO_SHOPIFY)
        return export_images(&run, err);
    return true;
}
