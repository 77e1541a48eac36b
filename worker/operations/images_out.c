/* images_out.c - pictures of items, and of their variants, become images of their products. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "operations/images_sync.h"

enum { WINDOW_BYTES = 8 << 20, LOOKS = 20, LOOK_MS = 500 };

/* ---- the window ---- */

static void empty(struct images *run)
{
    for (size_t i = 0; i < run->count; i++)
        buf_drop(&run->items[i].bytes);
    run->count = run->bytes = 0;
    arena_free(run->arena);
    run->arena = arena_new();
}

static bool send_window(struct images *run, struct err *err)
{
    bool ok = run->count == 0 || images_send(run, err);
    for (size_t i = 0; ok && i < run->count; i++)
        if (!run->items[i].settled)
            images_later(run, run->items[i].product);
    empty(run);
    return ok && images_flush(run, err) && attempt_checkpoint(run->attempt, "", 0, err);
}

/* ---- one picture ---- */

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
    images_later(run, image->product);
    return true;
}

/* What Shopify has stays: there is nothing else to be shown, or the same. */
static void as_it_was(struct images *run, struct image *image)
{
    images_record(run, image, image->image_id, *image->was ? image->was : "none", image->at);
    if (image->apart && *image->image_id) {
        snprintf(image->digest, sizeof image->digest, "%s", image->was);
        images_on_their_way(run, image, image->image_id, true);
    }
}

static bool take_picture(struct images *run, struct image *image, struct err *err)
{
    struct err why;
    const struct bc_picture picture = {.id = image->source, .of_variant = image->of_variant};
    run->attempt->counts.read++;
    if (!*image->type) {
        as_it_was(run, image);
        return true;
    }
    if (!bc_picture_read(run->attempt, &picture, &image->bytes, &why)) {
        buf_drop(&image->bytes);
        return passed_over(run, image, &why, err);
    }
    images_digest(&image->bytes, image->digest);
    if (image->bytes.size == 0 || strcmp(image->digest, image->was) == 0) {
        buf_drop(&image->bytes);
        as_it_was(run, image);
        return true;
    }
    run->bytes += image->bytes.size;
    run->items[run->count++] = *image;
    return true;
}

/* ---- a page of products ---- */

/* An image that is on its way is the next run's: the picture may be another one again. */
static bool leave_out_made(struct images *run, struct images_page *page, struct err *err)
{
    static const char *const FIELDS[] = {"id"};
    OWN_TEXT char *prefix = mem_printf("shop-image:%s:", run->shop->code);
    for (size_t at = 0; at < page->count; at += STORE_PAGE) {
        OWN(store_rows) struct store_rows *rows = NULL;
        char *some[STORE_PAGE];
        struct store_ids ids = {some, 0};
        for (; ids.count < STORE_PAGE && at + ids.count < page->count; ids.count++)
            some[ids.count] = (char *)page->images[at + ids.count].member;
        if (!store_read_ids(run->attempt->ledger, run->company, prefix, &ids, FIELDS, 1, &rows,
                            err))
            return false;
        for (size_t i = 0; i < ids.count; i++) {
            if (!*store_text(rows, i, 0))
                continue;
            images_later(run, page->images[at + i].product);
            page->images[at + i].settled = true;
        }
    }
    return true;
}

/* Is it to be read? What Business Central says of it is taken over. */
static bool is_wanted(const struct images *run, struct image *image)
{
    int64_t changed_ms;
    if (!images_known(run, image->source, &image->type, &changed_ms))
        return false; /* the item is gone, or has not changed */
    snprintf(image->at, sizeof image->at, "%" PRId64, changed_ms);
    return !*image->was || strcmp(image->at, image->seen) != 0;
}

/* A window goes out before its page ends: then the texts of its images are still there. */
static bool take_page(struct images *run, const struct store_ids *ids, struct err *err)
{
    __attribute__((cleanup(images_page_drop))) struct images_page page = {0};
    if (!images_page_read(run, ids, &page, err) || !leave_out_made(run, &page, err) ||
        !images_ask(run, page.images, page.count, page.items, err))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        struct image *image = &page.images[i];
        if (image->settled)
            continue;
        if (is_wanted(run, image)) {
            if (!take_picture(run, image, err))
                return false;
            image->bytes = (struct buf){0}; /* they are the window's */
        } else if (image->apart && *image->was) {
            snprintf(image->at, sizeof image->at, "%s", image->seen);
            as_it_was(run, image);
        }
        if ((run->count == IMAGES_A_CALL || run->bytes >= WINDOW_BYTES) && !send_window(run, err))
            return false;
    }
    if (!send_window(run, err))
        return false;
    images_page_done(run, ids);
    return images_flush(run, err);
}

/* ---- all of them ---- */

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
static bool show_all(struct images *run, struct err *err)
{
    size_t left = 0;
    for (int look = 0; look < LOOKS; look++) {
        if (!images_show(run, &left, err))
            return false;
        if (left == 0)
            return true;
        attempt_progress(run->attempt, "waiting for Shopify's images", 0, (int64_t)left);
        if (!attempt_wait_ms(run->attempt, LOOK_MS, err))
            return false;
    }
    return true;
}

bool images_out(struct images *run, struct store_ids *only, struct err *err)
{
    char at[32], linked[32];
    OWN_TEXT char *mark = mem_printf("mark:images:%s", run->shop->code);
    OWN_IDS struct store_ids products = {0};
    size_t left;
    run->begun_ms = clock_now_ms(run->attempt->clock);
    run->every = only;
    if (!images_show(run, &left, err) || (!only && !images_look(run, &products, err)) ||
        !take_all(run, only ? only : &products, err) || !show_all(run, err))
        return false;
    if (run->seen_ms == 0 || run->products || only)
        return true;
    snprintf(at, sizeof at, "%" PRId64, run->seen_ms);
    snprintf(linked, sizeof linked, "%" PRId64, run->begun_ms);
    write_add(run->write, "HSET", mark, "at", at, "linked", linked, NULL);
    return images_flush(run, err);
}
