/* images_send.c - pictures on their way: a place for each, its bytes, and what Shopify makes of
 * them. A window of at most 250 goes in a handful of calls.
 *
 * A new file has the name of what it shows, and Shopify makes no second one of that name: so a
 * create whose answer was lost is found again, whenever it took place. The file that is found gets
 * the bytes at hand, because the picture may be another one by now.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/images_sync.h"
#include "shopify/shopify.h"

enum { UPLOAD_MS = 120000, NAMES_A_CALL = 50 };

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

/* One file of a store for what shows it: "cartage-8100000000001.png". */
static const char *name_of(const struct images *run, const struct image *image)
{
    const char *end = ending(image->type);
    char *name = arena_printf(run->arena, "cartage-%s.%s", image->member, end ? end : "png");
    for (char *at = name; (at = strchr(at, ':'));)
        *at = '-';
    return name;
}

/* Not now; the next run sends it again. */
static void failed(struct images *run, struct image *image, const char *why)
{
    images_refused(run, image, why);
    image->uploaded = NULL;
}

/* Never: it has its digest, so it is not sent again until it changes. */
static void never(struct images *run, struct image *image, const char *why)
{
    failed(run, image, why);
    images_record(run, image, image->image_id, image->digest, image->at);
    image->settled = true;
}

/* ---- a place, and the bytes ---- */

static bool ask_for_places(struct images *run, struct shopify_call *call, bool *lost,
                           struct err *err)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < run->count; i++) {
        const struct image *image = &run->items[i];
        json *input = json_new_object();
        json_set_text(input, "resource", "IMAGE");
        json_set_text(input, "filename", name_of(run, image));
        json_set_text(input, "mimeType", ending(image->type) ? image->type : "image/png");
        json_set_text(input, "httpMethod", "PUT");
        json_add(list, input);
    }
    json_set(variables, "input", list);
    *call = (struct shopify_call){.document = "staged-uploads-create",
                                  .variables = variables,
                                  .user_errors_at = "stagedUploadsCreate"};
    return images_try(run, call, lost, err);
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
    if (!simulated && strncmp(url, "https://", 8) != 0) {
        failed(run, image, "the place for it has no https address");
        return true;
    }
    bool ok = attempt_exchange(run->attempt, &http, err);
    if (ok && http.status >= 200 && http.status < 300)
        image->uploaded = arena_text(run->arena, json_text(target, "resourceUrl"));
    else if (ok)
        failed(run, image,
               http.err.kind == ERR_NONE ? "the storage does not take it" : http.err.text);
    http_call_drop(&http);
    return ok;
}

static bool upload_all(struct images *run, struct err *err)
{
    struct shopify_call call = {0};
    bool lost, ok = ask_for_places(run, &call, &lost, err);
    const json *targets = json_path(call.data, "stagedUploadsCreate.stagedTargets");
    const json *refusal = json_at(call.user_errors, 0);
    for (size_t i = 0; ok && !lost && i < run->count; i++) {
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

/* ---- new files, which nothing shows yet ---- */

/* Files of these names stand already: made by a call whose answer was lost. Their image is found by
 * the search index, which lags: what it does not know yet is the next run's. */
static bool find_made(struct images *run, struct image *const of[], size_t count, struct err *err)
{
    for (size_t at = 0; at < count; at += NAMES_A_CALL) {
        OWN_BUF struct buf query = {0};
        size_t end = count - at < NAMES_A_CALL ? count : at + NAMES_A_CALL;
        for (size_t i = at; i < end; i++)
            buf_printf(&query, "%sfilename:'%s'", i > at ? " OR " : "", name_of(run, of[i]));
        json *variables = json_new_object();
        json_set_text(variables, "query", buf_str(&query));
        struct shopify_call call = {.document = "files-by-name", .variables = variables};
        if (!shopify_ask(run->attempt, &call, err))
            return err_wrap(err, "find files that were made");
        const json *nodes = json_path(call.data, "files.nodes");
        for (size_t i = at; i < end; i++)
            for (size_t n = 0; n < json_count(nodes); n++) {
                const char *url = json_text(json_get(json_at(nodes, n), "image"), "url");
                const char *name = strrchr(url, '/');
                size_t length = name ? strcspn(name + 1, "?") : 0;
                if (length != strlen(name_of(run, of[i])) ||
                    strncmp(name + 1, name_of(run, of[i]), length) != 0)
                    continue;
                of[i]->image_id = staged_id(json_text(json_at(nodes, n), "id"), run->arena);
                of[i]->apart = true; /* whether its variants show it is not known */
            }
        shopify_call_drop(&call);
    }
    return true;
}

static struct shopify_call create_call(struct images *run, struct image *const of[], size_t count)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        json *input = json_new_object();
        json_set_text(input, "contentType", "IMAGE");
        json_set_text(input, "originalSource", of[i]->uploaded);
        json_set_text(input, "filename", name_of(run, of[i]));
        json_set_text(input, "duplicateResolutionMode", "RAISE_ERROR");
        json_add(list, input);
    }
    json_set(variables, "files", list);
    return (struct shopify_call){
        .document = "file-create", .variables = variables, .user_errors_at = "fileCreate"};
}

/* Those whose names are taken, by the places that the refusals say; the others stay in `of`. */
static size_t set_apart(const json *refusals, struct image *of[], size_t *count,
                        struct image *taken[])
{
    bool is_taken[IMAGES_A_CALL] = {0};
    size_t found = 0, kept = 0;
    for (size_t i = 0; i < json_count(refusals); i++) {
        const json *refusal = json_at(refusals, i);
        size_t at = strtoul(json_string(json_at(json_get(refusal, "field"), 1)), NULL, 10);
        if (strcmp(json_text(refusal, "code"), "FILENAME_ALREADY_EXISTS") == 0 && at < *count)
            is_taken[at] = true;
    }
    for (size_t i = 0; i < *count; i++) {
        if (is_taken[i])
            taken[found++] = of[i];
        else
            of[kept++] = of[i];
    }
    *count = kept;
    return found;
}

static void created(struct images *run, struct image *image, const json *file)
{
    const char *id = staged_id(json_text(file, "id"), run->arena);
    if (*id)
        images_on_their_way(run, image, id, true);
    else
        failed(run, image, "no file was made");
    image->settled = *id;
}

/* All or none of a call are made. `of` is the caller's, in any order afterwards. */
static bool create(struct images *run, struct image *of[], size_t count, struct err *err)
{
    struct image *taken[IMAGES_A_CALL];
    if (count == 0)
        return true;
    struct shopify_call call = create_call(run, of, count);
    bool lost, ok = images_try(run, &call, &lost, err), refused = ok && call.user_errors;
    const json *files = json_path(call.data, "fileCreate.files");
    size_t left = count, found = refused ? set_apart(call.user_errors, of, &left, taken) : 0;
    for (size_t i = 0; ok && !lost && !refused && !call.not_allowed && i < count; i++)
        created(run, of[i], json_at(files, i));
    if (refused && found == 0 && count == 1)
        failed(run, of[0], json_text(json_at(call.user_errors, 0), "message"));
    shopify_call_drop(&call);
    if (!ok || !images_flush(run, err))
        return err_wrap(err, "make files of pictures");
    if (!refused || (found == 0 && count == 1))
        return true;
    if (found > 0)
        return find_made(run, taken, found, err) && create(run, of, left, err);
    return create(run, of, count / 2, err) && create(run, of + count / 2, count - count / 2, err);
}

/* ---- others replace the bytes of the image that there is ---- */

static json *replacement(const struct image *image, struct arena *arena)
{
    json *input = json_new_object(), *products = json_new_array();
    json_set_text(input, "id", arena_printf(arena, "gid://shopify/MediaImage/%s", image->image_id));
    json_set_text(input, "originalSource", image->uploaded);
    json_add_text(products, arena_printf(arena, "gid://shopify/Product/%s", image->product));
    json_set(input, "referencesToAdd", products);
    return input;
}

static void replaced(struct images *run, struct image *image, const json *refusal)
{
    const char *code = json_text(refusal, "code");
    if (!refusal) {
        images_on_their_way(run, image, image->image_id, image->apart);
        image->settled = true;
        return;
    }
    if (strcmp(code, "FILE_LOCKED") == 0 || strcmp(code, "NON_READY_STATE") == 0)
        return; /* it is worked on: the next run's */
    failed(run, image, json_text(refusal, "message"));
    /* Deleted at Shopify, or broken there: the next run makes another. */
    if (strcmp(code, "FILE_DOES_NOT_EXIST") == 0)
        images_record(run, image, "", "", "");
}

bool images_send(struct images *run, struct err *err)
{
    static const struct images_update REPLACE = {replacement, replaced, false};
    struct image *some[IMAGES_A_CALL];
    size_t count = 0;
    if (!upload_all(run, err))
        return false;
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].uploaded && !*run->items[i].image_id)
            some[count++] = &run->items[i];
    if (!create(run, some, count, err))
        return false;
    count = 0;
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].uploaded && *run->items[i].image_id && !run->items[i].settled)
            some[count++] = &run->items[i];
    return images_update(run, &REPLACE, some, count, err) || err_wrap(err, "replace images");
}
