/* images_sync.c - report 30107: an item's picture becomes the image of its product, or the other
 * way round, as the shop says.
 *
 * Idempotency, to Shopify: a picture is known by the SHA-256 of its bytes. One that has an image
 * there replaces its bytes under the same id, so sending it twice leaves one. A new one becomes a
 * file of a name that no other file may have: made again after a lost answer, Shopify refuses it,
 * and the one of that name is taken for it. To refer to a file twice is to refer to it once. So
 * neither a gallery nor the store's list of files grows (images_send.c). To Business Central: an
 * item has one picture, and setting it twice leaves one (images_in.c).
 *
 * Which pictures may have changed is known by their items' times of change, which a picture moves
 * (images_look.c). A picture that could not be read, sent or shown stands in images-due until it is
 * dealt with; the mark moves when the run has ended, so a killed one looks again. An idle run to
 * Shopify asks it nothing.
 */
#include "operations/images_sync.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

bool images_flush(struct images *run, struct err *err)
{
    return attempt_flush(run->attempt, run->write, 0, err);
}

void images_digest(const struct buf *bytes, char out[static SHA256])
{
    unsigned char raw[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(raw, (const unsigned char *)buf_str(bytes), bytes->size);
    sodium_bin2hex(out, SHA256, raw, sizeof raw);
}

bool images_try(struct images *run, struct shopify_call *call, bool *lost, struct err *err)
{
    *lost = false;
    if (shopify_ask(run->attempt, call, err))
        return true;
    if (err->kind != ERR_UNCERTAIN)
        return false;
    log_warn("image.no_answer", TEXT("call", call->document), TEXT("why", err->text));
    *lost = true;
    return true;
}

/* ---- records ---- */

void images_record(struct images *run, const struct image *image, const char *id,
                   const char *digest, const char *at)
{
    OWN_TEXT char *list = mem_text(*image->variants ? image->variants : image->product);
    for (char *rest = list, *one; (one = strtok_r(rest, ",", &rest));) {
        OWN_TEXT char *key = mem_printf("shop-%s:%s:%s", *image->variants ? "variant" : "product",
                                        run->shop->code, one);
        write_add(run->write, "HSET", key, "image_id", id, "image_digest", digest, "image_at", at,
                  NULL);
    }
}

void images_later(struct images *run, const char *product)
{
    char now[32];
    OWN_TEXT char *due = mem_printf("images-due:%s", run->shop->code);
    struct store_ids *later = &run->later;
    snprintf(now, sizeof now, "%" PRId64, run->begun_ms);
    write_add(run->write, "ZADD", due, "NX", now, product, NULL);
    later->items = mem_grow(later->items, later->count, later->count + 1, sizeof *later->items);
    later->items[later->count++] = mem_text(product);
}

void images_page_done(struct images *run, const struct store_ids *products)
{
    OWN_TEXT char *due = mem_printf("images-due:%s", run->shop->code);
    for (size_t i = 0; i < products->count; i++) {
        bool done = images_is_due(run, products->items[i]);
        for (size_t k = 0; k < run->later.count && done; k++)
            done = strcmp(run->later.items[k], products->items[i]) != 0;
        if (done)
            write_add(run->write, "ZREM", due, products->items[i], NULL);
    }
    store_ids_drop(&run->later);
    run->later = (struct store_ids){0};
}

/* ---- the run ---- */

static void run_drop(struct images *run)
{
    for (size_t i = 0; i < run->count; i++)
        buf_drop(&run->items[i].bytes);
    arena_free(run->arena);
    write_free(run->write);
    filter_free(run->products);
    images_known_free(run->known);
    store_ids_drop(&run->due);
    store_ids_drop(&run->later);
}

static struct images run_of(struct attempt *attempt)
{
    return (struct images){
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = attempt->shop,
        .write = write_new(),
        .arena = arena_new(),
        .known = images_known_new(),
    };
}

bool images_of_products(struct attempt *attempt, struct store_ids *products, struct err *err)
{
    __attribute__((cleanup(run_drop))) struct images run = run_of(attempt);
    const struct counts records = attempt->counts; /* products, which are not images */
    if (!images_unseen(&run, products, err) || !images_out(&run, products, err))
        return err_wrap(err, "send pictures");
    attempt->counts.read = records.read;
    attempt->counts.created = records.created;
    attempt->counts.updated = records.updated;
    return true;
}

bool images_sync_run(struct attempt *attempt, struct err *err)
{
    const char *products = json_text(attempt->args, "product_id_filter");
    if (!shop_ready(attempt, err))
        return false;
    __attribute__((cleanup(run_drop))) struct images run = run_of(attempt);
    if (*products && !filter_parse(products, FILTER_NUMBER, &run.products, err))
        return err_wrap(err, "product_id_filter");
    if (run.shop->sync_images == IMAGES_TO_SHOPIFY)
        return images_out(&run, NULL, err);
    if (run.shop->sync_images == IMAGES_FROM_SHOPIFY)
        return images_in(&run, err);
    return true;
}
