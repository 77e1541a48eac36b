/* images_show.c - images that Shopify works on: shown by their product and its variants once they
 * are ready, and settled.
 *
 * A file is UPLOADED, PROCESSING, then READY or FAILED; one whose bytes are replaced stays READY
 * without an image meanwhile. A new one that failed is deleted again, for nothing shows it; one
 * whose new bytes failed goes on with those that it had.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/images_sync.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

enum { MOST = 100000, STATUS_IDS = 100 };

/* ---- what is kept of them ---- */

void images_on_their_way(struct images *run, const struct image *image, const char *id, bool made)
{
    OWN_TEXT char *key = mem_printf("shop-image:%s:%s", run->shop->code, image->member);
    OWN_TEXT char *list = mem_printf("images-made:%s", run->shop->code);
    write_add(run->write, "HSET", key, "id", id, "digest", image->digest, "number", image->number,
              "at", image->at, "product", image->product, "variants", image->variants, "made",
              made ? "yes" : "no", "had", image->image_id, NULL);
    write_add(run->write, "ZADD", list, "0", image->member, NULL);
}

void images_refused(struct images *run, const struct image *image, const char *why)
{
    struct err err;
    OWN_TEXT char *id = mem_printf("image-%s", image->member);
    log_warn("image.refused", TEXT("item", image->number), TEXT("product", image->product),
             TEXT("why", why));
    skip_one(run->attempt, run->write, id, image->number, REASON_IMAGE_REFUSED, why, &err);
    run->attempt->counts.failed++;
}

void images_skip_gone(struct images *run, const struct image *image)
{
    OWN_TEXT char *id = mem_printf("image-%s", image->member);
    stage_skip_gone(run->write, id);
}

/* A picture that Shopify cannot show has its digest: it is not sent again until it changes. */
static void settle(struct images *run, const struct image *image)
{
    OWN_TEXT char *key = mem_printf("shop-image:%s:%s", run->shop->code, image->member);
    OWN_TEXT char *list = mem_printf("images-made:%s", run->shop->code);
    images_record(run, image, image->why ? image->had : image->image_id, image->digest, image->at);
    write_add(run->write, "DEL", key, NULL);
    write_add(run->write, "ZREM", list, image->member, NULL);
    if (image->why) {
        images_refused(run, image, image->why);
        return;
    }
    images_skip_gone(run, image);
    if (*image->had)
        run->attempt->counts.updated++;
    else
        run->attempt->counts.created++;
}

/* ---- many files in one call ---- */

static struct shopify_call update_call(const struct images_update *update, struct image *const of[],
                                       size_t count, struct arena *arena)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++)
        json_add(list, update->input(of[i], arena));
    json_set(variables, "files", list);
    return (struct shopify_call){
        .document = "file-update", .variables = variables, .user_errors_at = "fileUpdate"};
}

bool images_update(struct images *run, const struct images_update *update, struct image *const of[],
                   size_t count, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    if (count == 0)
        return true;
    struct shopify_call call = update_call(update, of, count, arena);
    bool lost = false, ok = update->harmless ? images_try(run, &call, &lost, err)
                                             : shopify_ask(run->attempt, &call, err);
    const json *refusal = json_at(call.user_errors, 0);
    bool halve = ok && refusal && count > 1;
    for (size_t i = 0; ok && !lost && !halve && i < count; i++) {
        if (call.not_allowed)
            run->attempt->counts.skipped++;
        else
            update->done(run, of[i], refusal);
    }
    shopify_call_drop(&call);
    if (!ok || !images_flush(run, err))
        return false;
    return !halve || (images_update(run, update, of, count / 2, err) &&
                      images_update(run, update, of + count / 2, count - count / 2, err));
}

/* ---- shown by the product ---- */

static json *reference(const struct image *image, struct arena *arena)
{
    json *input = json_new_object(), *products = json_new_array();
    json_set_text(input, "id", arena_printf(arena, "gid://shopify/MediaImage/%s", image->image_id));
    json_add_text(products, arena_printf(arena, "gid://shopify/Product/%s", image->product));
    json_set(input, "referencesToAdd", products);
    return input;
}

static void referred(struct images *run, struct image *image, const json *refusal)
{
    const char *code = json_text(refusal, "code");
    bool busy = strcmp(code, "FILE_LOCKED") == 0 || strcmp(code, "NON_READY_STATE") == 0;
    image->settled = !busy;
    if (refusal && !busy)
        image->why = arena_text(run->arena, json_text(refusal, "message"));
}

/* ---- shown by variants ---- */

static struct shopify_call variants_call(struct image *const of[], size_t count,
                                         struct arena *arena)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        char *rest = arena_text(arena, of[i]->variants);
        for (char *id; (id = strtok_r(rest, ",", &rest));) {
            json *input = json_new_object();
            json_set_text(input, "id", arena_printf(arena, "gid://shopify/ProductVariant/%s", id));
            json_set_text(input, "mediaId",
                          arena_printf(arena, "gid://shopify/MediaImage/%s", of[i]->image_id));
            json_add(list, input);
        }
    }
    json_set_text(variables, "productId",
                  arena_printf(arena, "gid://shopify/Product/%s", of[0]->product));
    json_set(variables, "variants", list);
    return (struct shopify_call){.document = "variant-images",
                                 .variables = variables,
                                 .user_errors_at = "productVariantsBulkUpdate"};
}

/* A variant that is gone stops no other. An image that its product does not show yet, or that is
 * worked on again, is looked at once more. */
static void variants_called(const struct shopify_call *call, struct image *const of[], size_t count)
{
    bool again = call->err.kind != ERR_NONE || call->not_allowed;
    for (size_t i = 0; i < json_count(call->user_errors) && !again; i++) {
        const json *field = json_get(json_at(call->user_errors, i), "field");
        size_t last = json_count(field);
        again = last > 0 && strcmp(json_string(json_at(field, last - 1)), "mediaId") == 0;
    }
    for (size_t i = 0; i < count; i++)
        of[i]->settled = !again;
}

/* Those of one product stand together: one call a product. */
static bool show_variants(struct images *run, struct image *const of[], size_t count,
                          struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct shopify_call *calls = arena_array(arena, count + 1, sizeof *calls);
    size_t *ends = arena_array(arena, count + 1, sizeof *ends), products = 0;
    for (size_t i = 0; i < count; i = ends[products++]) {
        size_t end = i + 1;
        while (end < count && strcmp(of[end]->product, of[i]->product) == 0)
            end++;
        calls[products] = variants_call(of + i, end - i, arena);
        ends[products] = end;
    }
    bool ok = products == 0 || shopify_call_all(run->attempt, calls, products, err);
    for (size_t i = 0, at = 0; i < products; at = ends[i++]) {
        if (ok)
            variants_called(&calls[i], of + at, ends[i] - at);
        shopify_call_drop(&calls[i]);
    }
    return ok || err_wrap(err, "show images of variants");
}

/* ---- what became of them ---- */

static bool file_done(struct images *run, const char *document, const char *root,
                      const struct image *image, bool *lost, struct err *err)
{
    json *ids = json_new_array(), *variables = json_new_object();
    OWN_TEXT char *gid = mem_printf("gid://shopify/MediaImage/%s", image->image_id);
    json_add_text(ids, gid);
    json_set(variables, "ids", ids);
    struct shopify_call call = {
        .document = document, .variables = variables, .user_errors_at = root};
    bool ok = images_try(run, &call, lost, err);
    shopify_call_drop(&call);
    return ok; /* refused: it is gone already */
}

/* Those that failed, or that no product is there to show: see the top of this file. One by one, for
 * one that is gone refuses all. */
static bool clean_up(struct images *run, struct image *const failed[], size_t count,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        bool lost, ok = *failed[i]->had
                            ? file_done(run, "file-acknowledge", "fileAcknowledgeUpdateFailed",
                                        failed[i], &lost, err)
                            : file_done(run, "file-delete", "fileDelete", failed[i], &lost, err);
        if (!ok)
            return err_wrap(err, "clean up images that failed");
        if (!lost)
            settle(run, failed[i]);
    }
    return true;
}

static bool show_ready(struct images *run, struct image *const ready[], size_t count,
                       struct err *err)
{
    static const struct images_update REFER = {reference, referred, true};
    struct image *some[STATUS_IDS];
    size_t made = 0, variants = 0;
    for (size_t i = 0; i < count; i++) {
        ready[i]->settled = !ready[i]->made;
        if (ready[i]->made)
            some[made++] = ready[i];
    }
    if (!images_update(run, &REFER, some, made, err))
        return err_wrap(err, "show images");
    for (size_t i = 0; i < count; i++)
        if (ready[i]->made && ready[i]->settled && !ready[i]->why && *ready[i]->variants)
            some[variants++] = ready[i];
    if (!show_variants(run, some, variants, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (ready[i]->why && !clean_up(run, &ready[i], 1, err))
            return false;
        if (ready[i]->settled && !ready[i]->why)
            settle(run, ready[i]);
    }
    return images_flush(run, err);
}

/* Is it ready to be shown, or has it failed? Neither: Shopify still works on it. */
static bool is_ready(struct images *run, struct image *image, const json *node)
{
    const char *status = json_text(node, "fileStatus");
    const char *why = json_text(json_at(json_get(node, "mediaErrors"), 0), "message");
    if (strcmp(status, "READY") == 0)
        return json_get(node, "image");
    if (!*status)
        image->why = "the file is gone from Shopify";
    else if (strcmp(status, "FAILED") == 0)
        image->why = *why ? arena_text(run->arena, why) : "Shopify could not make an image of it";
    return false;
}

static bool look_at(struct images *run, struct image waiting[], size_t count, size_t *left,
                    struct err *err)
{
    struct shopify_call call = {.document = "media-status", .variables = json_new_object()};
    struct image *ready[STATUS_IDS], *failed[STATUS_IDS];
    size_t ready_count = 0, failed_count = 0;
    json *ids = json_new_array();
    for (size_t i = 0; i < count; i++)
        json_add_text(ids,
                      arena_printf(run->arena, "gid://shopify/MediaImage/%s", waiting[i].image_id));
    json_set(call.variables, "ids", ids);
    bool ok = shopify_ask(run->attempt, &call, err);
    for (size_t i = 0; ok && i < count; i++) {
        const json *node = json_at(json_get(call.data, "nodes"), i);
        if (is_ready(run, &waiting[i], node))
            ready[ready_count++] = &waiting[i];
        else if (waiting[i].why)
            failed[failed_count++] = &waiting[i];
    }
    shopify_call_drop(&call);
    ok = ok && show_ready(run, ready, ready_count, err) &&
         clean_up(run, failed, failed_count, err) && images_flush(run, err);
    for (size_t i = 0; i < count; i++)
        *left += !waiting[i].settled && !waiting[i].why;
    return ok;
}

bool images_show(struct images *run, size_t *left, struct err *err)
{
    static const char *const FIELDS[] = {"id",      "digest",   "number", "at",
                                         "product", "variants", "made",   "had"};
    OWN_TEXT char *list = mem_printf("images-made:%s", run->shop->code);
    OWN_TEXT char *prefix = mem_printf("shop-image:%s:", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    *left = 0;
    if (!store_zset(run->attempt->ledger, run->company, list, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += STATUS_IDS) {
        size_t count = ids.count - from < STATUS_IDS ? ids.count - from : STATUS_IDS;
        const struct store_ids page = {ids.items + from, count};
        struct image waiting[STATUS_IDS];
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!store_read_ids(run->attempt->ledger, run->company, prefix, &page, FIELDS,
                            COUNT(FIELDS), &rows, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            waiting[i] = (struct image){
                .member = page.items[i],
                .image_id = store_text(rows, i, 0),
                .number = store_text(rows, i, 2),
                .product = store_text(rows, i, 4),
                .variants = store_text(rows, i, 5),
                .made = strcmp(store_text(rows, i, 6), "yes") == 0,
                .had = store_text(rows, i, 7),
            };
            snprintf(waiting[i].digest, sizeof waiting[i].digest, "%s", store_text(rows, i, 1));
            snprintf(waiting[i].at, sizeof waiting[i].at, "%s", store_text(rows, i, 3));
        }
        if (!look_at(run, waiting, count, left, err))
            return err_wrap(err, "look at the images that were made");
    }
    return true;
}
