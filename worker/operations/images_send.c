/* images_send.c - pictures on their way: a place for each, its bytes, and what Shopify makes of
 * them. A window of at most 250 goes in a handful of calls.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/images_sync.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

enum { UPLOAD_MS = 120000, MOST = 100000 };

static const char *ending(const char *type)
{
    static const char *const TYPES[][2] = {
        {"image/png",  "png" },
        {"image/jpeg", "jpg" },
        {"image/gif",  "gif" },
        {"image/webp", "webp"}
    };
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (strcmp(TYPES[i][0], type) == 0)
            return TYPES[i][1];
    return NULL; /* Shopify shows no others */
}

/* Stands until an image of the product is shown. */
static void refused(struct images *run, const char *product, const char *number, const char *why)
{
    struct err err;
    OWN_TEXT char *id = mem_printf("image-%s", product);
    log_warn("image.refused", TEXT("item", number), TEXT("product", product), TEXT("why", why));
    skip_one(run->attempt, run->write, id, number, REASON_IMAGE_REFUSED, why, &err);
    run->attempt->counts.failed++;
}

/* Not now; the next run sends it again. */
static bool failed(struct images *run, struct image *image, const char *why)
{
    refused(run, image->product, image->number, why);
    image->source = NULL;
    return true;
}

/* Never: it has its digest, so it is not sent again until it changes. */
static void never(struct images *run, struct image *image, const char *why)
{
    failed(run, image, why);
    images_record(run, image->product, image->image_id, image->digest, image->at);
    images_settled(run, image);
}

/* ---- a place, and the bytes ---- */

static bool ask_for_places(struct images *run, struct shopify_call *call, struct err *err)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < run->count; i++) {
        const struct image *image = &run->items[i];
        const char *end = ending(image->type);
        json *input = json_new_object();
        json_set_text(input, "resource", "IMAGE");
        json_set_text(input, "filename",
                      arena_printf(run->arena, "%s.%s", image->item, end ? end : "png"));
        json_set_text(input, "mimeType", end ? image->type : "image/png");
        json_set_text(input, "httpMethod", "PUT");
        json_add(list, input);
    }
    json_set(variables, "input", list);
    *call = (struct shopify_call){.document = "staged-uploads-create",
                                  .variables = variables,
                                  .user_errors_at = "stagedUploadsCreate"};
    return shopify_ask(run->attempt, call, err);
}

static bool upload(struct images *run, struct image *image, const json *target, struct err *err)
{
    const char *url = json_text(target, "url");
    bool simulated = *run->shop->origin && strncmp(url, "http://", 7) == 0;
    OWN_TEXT char *type = mem_printf("Content-Type: %s", image->type);
    const char *const headers[] = {type, NULL};
    struct http_call http = {.method = "PUT",
                             .url = url,
                             .headers = headers,
                             .body = buf_str(&image->bytes),
                             .body_size = image->bytes.size,
                             .timeout_ms = UPLOAD_MS,
                             .label = "shopify storage upload"};
    if (!simulated && strncmp(url, "https://", 8) != 0)
        return failed(run, image, "the place for it has no https address");
    bool ok = attempt_exchange(run->attempt, &http, err);
    if (ok && http.status >= 200 && http.status < 300)
        image->source = arena_text(run->arena, json_text(target, "resourceUrl"));
    else if (ok)
        failed(run, image,
               http.err.kind == ERR_NONE ? "the storage does not take it" : http.err.text);
    http_call_drop(&http);
    return ok;
}

static bool upload_all(struct images *run, struct err *err)
{
    struct shopify_call call = {0};
    bool ok = ask_for_places(run, &call, err);
    const json *targets = json_path(call.data, "stagedUploadsCreate.stagedTargets");
    const json *refusal = json_at(call.user_errors, 0);
    for (size_t i = 0; ok && i < run->count; i++) {
        struct image *image = &run->items[i];
        if (call.not_allowed)
            run->attempt->counts.skipped++;
        else if (refusal || !json_at(targets, i))
            failed(run, image,
                   refusal ? json_text(refusal, "message") : "there is no place for it");
        else if (!ending(image->type))
            never(run, image, "Shopify shows no pictures of this type");
        else
            ok = upload(run, image, json_at(targets, i), err);
    }
    shopify_call_drop(&call);
    return ok || err_wrap(err, "upload pictures");
}

/* ---- what Shopify makes of them ---- */

static void skip_gone(struct images *run, const char *product)
{
    OWN_TEXT char *id = mem_printf("image-%s", product);
    stage_skip_gone(run->write, id);
}

/* New ones become files, which no product shows yet. */
static bool make_files(struct images *run, struct err *err)
{
    json *list = json_new_array(), *variables = json_new_object();
    OWN_TEXT char *made = mem_printf("images-made:%s", run->shop->code);
    struct image *of[IMAGES_A_CALL];
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (!run->items[i].source || *run->items[i].image_id)
            continue;
        json *input = json_new_object();
        json_set_text(input, "contentType", "IMAGE");
        json_set_text(input, "originalSource", run->items[i].source);
        json_add(list, input);
        of[count++] = &run->items[i];
    }
    json_set(variables, "files", list);
    struct shopify_call call = {
        .document = "file-create", .variables = variables, .user_errors_at = "fileCreate"};
    bool ok = count == 0 || shopify_ask(run->attempt, &call, err);
    const json *files = json_path(call.data, "fileCreate.files");
    const json *refusal = json_at(call.user_errors, 0);
    for (size_t i = 0; ok && i < count; i++) {
        const char *id = staged_id(json_text(json_at(files, i), "id"), run->arena);
        if (refusal || !*id) {
            failed(run, of[i], refusal ? json_text(refusal, "message") : "no file was made");
            continue;
        }
        OWN_TEXT char *key = mem_printf("shop-image:%s:%s", run->shop->code, of[i]->product);
        write_add(run->write, "HSET", key, "id", id, "digest", of[i]->digest, "number",
                  of[i]->number, "at", of[i]->at, NULL);
        write_add(run->write, "ZADD", made, "0", of[i]->product, NULL);
        images_settled(run, of[i]);
    }
    if (count == 0)
        json_free(variables);
    else
        shopify_call_drop(&call);
    return ok ? images_flush(run, err) : err_wrap(err, "make files of pictures");
}

/* Others replace the bytes of the image that there is; one call, or none of them is done. */
static bool replace_files(struct images *run, struct image *of[], size_t count, struct err *err)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        json *input = json_new_object();
        json_set_text(input, "id",
                      arena_printf(run->arena, "gid://shopify/MediaImage/%s", of[i]->image_id));
        json_set_text(input, "originalSource", of[i]->source);
        json_add(list, input);
    }
    json_set(variables, "files", list);
    struct shopify_call call = {
        .document = "file-update", .variables = variables, .user_errors_at = "fileUpdate"};
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *refusal = json_at(call.user_errors, 0);
    const char *code = json_text(refusal, "code");
    for (size_t i = 0; ok && i < count; i++) {
        if (call.not_allowed) {
            run->attempt->counts.skipped++;
        } else if (!refusal) {
            images_record(run, of[i]->product, of[i]->image_id, of[i]->digest, of[i]->at);
            images_settled(run, of[i]);
            skip_gone(run, of[i]->product);
            run->attempt->counts.updated++;
        } else if (count == 1) {
            failed(run, of[i], json_text(refusal, "message"));
            /* Deleted at Shopify, or broken there: the next run makes another. */
            if (strcmp(code, "FILE_DOES_NOT_EXIST") == 0 ||
                strcmp(code, "INVALID_FAILED_MEDIA_STATE") == 0)
                images_record(run, of[i]->product, "", "", "");
        }
    }
    bool again = ok && refusal && count > 1; /* one was in the way of all */
    shopify_call_drop(&call);
    for (size_t i = 0; again && ok && i < count; i++)
        ok = replace_files(run, &of[i], 1, err);
    return ok ? images_flush(run, err) : err_wrap(err, "replace images");
}

bool images_send(struct images *run, struct err *err)
{
    struct image *old[IMAGES_A_CALL];
    size_t count = 0;
    if (!upload_all(run, err) || !make_files(run, err))
        return false;
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].source && *run->items[i].image_id)
            old[count++] = &run->items[i];
    return count == 0 || replace_files(run, old, count, err);
}

/* ---- shown by their products ---- */

struct made { /* a file that was made for a product */
    const char *product, *number, *id, *digest, *at;
};

/* `why` it is not shown; NULL = it is. */
static void settle(struct images *run, const struct made *made, const char *why)
{
    OWN_TEXT char *key = mem_printf("shop-image:%s:%s", run->shop->code, made->product);
    OWN_TEXT char *list = mem_printf("images-made:%s", run->shop->code);
    /* A picture that Shopify cannot show has its digest: it is not sent again until it changes. */
    images_record(run, made->product, why ? "" : made->id, made->digest, made->at);
    write_add(run->write, "DEL", key, NULL);
    write_add(run->write, "ZREM", list, made->product, NULL);
    if (why) {
        refused(run, made->product, made->number, why);
    } else {
        skip_gone(run, made->product);
        run->attempt->counts.created++;
    }
}

static bool show(struct images *run, const struct made made[], size_t count, struct arena *arena,
                 struct err *err)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        json *input = json_new_object(), *products = json_new_array();
        json_set_text(input, "id", arena_printf(arena, "gid://shopify/MediaImage/%s", made[i].id));
        json_add_text(products, arena_printf(arena, "gid://shopify/Product/%s", made[i].product));
        json_set(input, "referencesToAdd", products);
        json_add(list, input);
    }
    json_set(variables, "files", list);
    struct shopify_call call = {
        .document = "file-update", .variables = variables, .user_errors_at = "fileUpdate"};
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *refusal = json_at(call.user_errors, 0);
    bool again = ok && refusal && count > 1;
    for (size_t i = 0; ok && !again && i < count; i++)
        if (!call.not_allowed)
            settle(run, &made[i], refusal ? json_text(refusal, "message") : NULL);
    shopify_call_drop(&call);
    for (size_t i = 0; again && ok && i < count; i++)
        ok = show(run, &made[i], 1, arena, err);
    return ok ? images_flush(run, err) : err_wrap(err, "show images");
}

static bool look(struct images *run, const struct made made[], size_t count, struct arena *arena,
                 size_t *left, struct err *err)
{
    struct shopify_call call = {.document = "media-status", .variables = json_new_object()};
    struct made *ready = arena_array(arena, count, sizeof *ready);
    json *ids = json_new_array();
    size_t ready_count = 0;
    for (size_t i = 0; i < count; i++)
        json_add_text(ids, arena_printf(arena, "gid://shopify/MediaImage/%s", made[i].id));
    json_set(call.variables, "ids", ids);
    bool ok = shopify_ask(run->attempt, &call, err);
    for (size_t i = 0; ok && i < count; i++) {
        const json *node = json_at(json_get(call.data, "nodes"), i);
        const char *status = json_text(node, "fileStatus");
        if (strcmp(status, "READY") == 0) {
            ready[ready_count++] = made[i];
        } else if (!*status || strcmp(status, "FAILED") == 0) {
            const char *why = json_text(json_at(json_get(node, "mediaErrors"), 0), "message");
            settle(run, &made[i], *why ? why : "the file is gone from Shopify");
        } else {
            ++*left;
        }
    }
    shopify_call_drop(&call);
    return ok && images_flush(run, err) &&
           (ready_count == 0 || show(run, ready, ready_count, arena, err));
}

bool images_attach(struct images *run, size_t *left, struct err *err)
{
    static const char *const FIELDS[] = {"id", "digest", "number", "at"};
    OWN(arena) struct arena *arena = arena_new();
    OWN_TEXT char *list = mem_printf("images-made:%s", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    *left = 0;
    if (!store_zset(run->attempt->ledger, run->company, list, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += STATUS_IDS) {
        size_t count = ids.count - from < STATUS_IDS ? ids.count - from : STATUS_IDS;
        struct made made[STATUS_IDS];
        const char *keys[STATUS_IDS];
        OWN(store_rows) struct store_rows *rows = NULL;
        for (size_t i = 0; i < count; i++)
            keys[i] = arena_printf(arena, "shop-image:%s:%s", run->shop->code, ids.items[from + i]);
        if (!store_read(run->attempt->ledger, run->company, keys, count, FIELDS, COUNT(FIELDS),
                        &rows, err))
            return false;
        for (size_t i = 0; i < count; i++)
            made[i] = (struct made){.product = ids.items[from + i],
                                    .id = store_text(rows, i, 0),
                                    .digest = store_text(rows, i, 1),
                                    .number = store_text(rows, i, 2),
                                    .at = store_text(rows, i, 3)};
        if (!look(run, made, count, arena, left, err))
            return err_wrap(err, "look at the images that were made");
    }
    return true;
}
