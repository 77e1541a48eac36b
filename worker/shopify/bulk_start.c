/* bulk_start.c - how an operation at Shopify is begun: its lines, the file, the start.
 *
 * The order is what makes it safe (bulk.c): the fleet's place, Shopify's place for the file, the
 * upload; then the record that says it may be under way; then the start.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/ids.h"
#include "base/log.h"
#include "shopify/bulk_file.h"
#include "shopify/bulk_room.h"

enum { MARK = 24 + 1 };

/* ---- lines ---- */

bool bulk_lines_open(struct bulk_lines **out, struct err *err)
{
    OWN(bulk_lines) struct bulk_lines *lines = mem_new(sizeof *lines);
    lines->file = tmpfile();
    lines->kept = tmpfile();
    if (!lines->file || !lines->kept || fseek(lines->file, BULK_HEAD, SEEK_SET) != 0)
        return err_set(err, ERR_RETRY, 0, "no room for temporary files");
    *out = GIVE(lines);
    return true;
}

void bulk_lines_free(struct bulk_lines *lines)
{
    if (!lines)
        return;
    if (lines->file)
        fclose(lines->file);
    if (lines->kept)
        fclose(lines->kept);
    buf_drop(&lines->records);
    free(lines);
}

bool bulk_lines_add(struct bulk_lines *lines, const char *record, json *variables, const char *kept)
{
    OWN_JSON json *line = variables;
    const char *text = json_write(line);
    size_t size = strlen(text) + 1;
    assert(!kept || (strlen(kept) <= BULK_KEPT && !strchr(kept, '\n')));
    if (lines->count >= BULK_LINES || lines->size + size > BULK_BYTES)
        return false;
    if (fprintf(lines->file, "%s\n", text) < 0 ||
        fprintf(lines->kept, "%s\n", kept ? kept : "") < 0)
        return false; /* the disk is full: a line that was cut off is never sent, see `size` */
    buf_printf(&lines->records, "%s\n", record);
    lines->size += size;
    lines->count++;
    return true;
}

size_t bulk_lines_count(const struct bulk_lines *lines)
{
    return lines->count;
}

/* ---- the file ---- */

static bool refused(struct bulk *bulk, const struct shopify_call *call, struct err *err)
{
    const json *first = json_at(call->user_errors, 0);
    if (strcmp(json_text(first, "code"), "OPERATION_IN_PROGRESS") == 0) {
        log_info("bulk.waits", TEXT("shop", bulk->attempt->shop->code),
                 TEXT("purpose", bulk->job->purpose), TEXT("why", json_text(first, "message")));
        return bulk_stand(bulk, BULK_WAITING, bulk_next_look_ms(bulk, -1), err);
    }
    return bulk_rest(bulk, json_text(first, "message"), err);
}

/* A place for the file; *target has it, or nothing could be had now. */
static bool ask_for_place(struct bulk *bulk, struct shopify_call *call, const json **target,
                          struct err *err)
{
    json *input = json_new_object(), *list = json_new_array(), *variables = json_new_object();
    json_set_text(input, "resource", "BULK_MUTATION_VARIABLES");
    json_set_text(input, "filename", "lines.jsonl");
    json_set_text(input, "mimeType", "text/jsonl");
    json_set_text(input, "httpMethod", "POST");
    json_add(list, input);
    json_set(variables, "input", list);
    *call = (struct shopify_call){.document = "staged-uploads-create",
                                  .variables = variables,
                                  .user_errors_at = "stagedUploadsCreate"};
    *target = NULL;
    enum asked asked = bulk_ask(bulk, call, err);
    if (asked != ASKED_ANSWERED)
        return asked == ASKED_LATER;
    if (call->user_errors)
        return refused(bulk, call, err);
    *target = json_at(json_path(call->data, "stagedUploadsCreate.stagedTargets"), 0);
    return true;
}

/* Puts the form around the lines: its head ends where they begin. *from = where it begins. */
static bool wrap_lines(const struct bulk_lines *lines, const json *parameters, const char *boundary,
                       int64_t *from, size_t *size)
{
    OWN_BUF struct buf before = {0}, behind = {0};
    bulk_form(parameters, boundary, &before, &behind);
    if (before.size > BULK_HEAD || fflush(lines->file) != 0)
        return false;
    int file = fileno(lines->file);
    *from = BULK_HEAD - (int64_t)before.size;
    *size = before.size + lines->size + behind.size;
    return pwrite(file, before.data, before.size, (off_t)*from) == (ssize_t)before.size &&
           pwrite(file, behind.data, behind.size, (off_t)(BULK_HEAD + lines->size)) ==
               (ssize_t)behind.size;
}

static bool upload(struct bulk *bulk, const struct bulk_lines *lines, const json *target,
                   bool *done, struct err *err)
{
    char boundary[BULK_BOUNDARY];
    struct http_call http = {.method = "POST",
                             .url = json_text(target, "url"),
                             .body_file = fileno(lines->file),
                             .timeout_ms = BULK_FILE_MS,
                             .label = "shopify storage upload"};
    random_hex((BULK_BOUNDARY - 1) / 2, boundary);
    OWN_TEXT char *type = mem_printf("Content-Type: multipart/form-data; boundary=%s", boundary);
    const char *const headers[] = {type, NULL};
    http.headers = headers;
    *done = false;
    if (!bulk_storage_address(bulk->attempt, http.url))
        return bulk_rest(bulk, "the place for its file has no https address", err);
    if (!wrap_lines(lines, json_get(target, "parameters"), boundary, &http.body_from,
                    &http.body_size))
        return bulk_rest(bulk, "its file does not fit into the folder for temporary files", err);
    bool ok = attempt_exchange(bulk->attempt, &http, err);
    *done = ok && http.status >= 200 && http.status < 300;
    if (ok && !*done)
        log_warn("bulk.later", TEXT("shop", bulk->attempt->shop->code),
                 TEXT("purpose", bulk->job->purpose),
                 TEXT("why", http.err.kind == ERR_NONE ? "the storage does not take its file"
                                                       : http.err.text),
                 NUM("status", http.status));
    http_call_drop(&http);
    return ok;
}

/* ---- the start ---- */

/* From here on it may be under way. *mine = false: another run is just beginning one. */
static bool announce(struct bulk *bulk, const struct bulk_lines *lines, bool *mine, struct err *err)
{
    int64_t late_ms = bulk->attempt->shop->late_s * 1000;
    bool refused = false;
    OWN(write) struct write *write = write_new();
    write_add(write, "DEL", bulk->key, NULL);
    bulk_set_state(bulk, write, BULK_STARTING, late_ms);
    write_add(write, "HSET", bulk->key, "mark", bulk->mark, NULL);
    write_note(write, bulk->key, "shopify", bulk->job->purpose, bulk->mark,
               bulk_now_ms(bulk) + late_ms);
    if (!attempt_write(bulk->attempt, write, &refused, err))
        return false;
    *mine = !refused;
    bulk_set_records(bulk, lines ? buf_str(&lines->records) : "");
    return refused || !lines || bulk_write_parts(bulk, lines, err);
}

static bool run(struct bulk *bulk, struct shopify_call *call, struct err *err)
{
    struct err why;
    enum asked asked = bulk_ask(bulk, call, err);
    OWN_TEXT char *path = mem_printf("%s.bulkOperation", call->user_errors_at);
    const json *operation = json_path(call->data, path);
    bool ok = asked != ASKED_ENDS;
    if (asked == ASKED_ANSWERED && call->user_errors)
        ok = refused(bulk, call, err);
    else if (asked == ASKED_ANSWERED && operation)
        ok = bulk_is_known(bulk, operation, err);
    else if (asked == ASKED_LATER && call->err.kind == ERR_FATAL)
        ok = bulk_rest(bulk, call->err.text, err);
    else if (asked == ASKED_LATER && (call->err.kind == ERR_RETRY || call->not_allowed))
        ok = bulk_forget(bulk, err); /* nothing was sent */
    else if (asked == ASKED_ENDS && err->kind == ERR_THROTTLED && !bulk_forget(bulk, &why))
        log_debug("bulk.forget", TEXT("why", why.text)); /* nothing was sent either */
    shopify_call_drop(call); /* else it may have begun: the next look finds it */
    return ok;
}

static bool run_mutation(struct bulk *bulk, const char *path, struct err *err)
{
    struct document document;
    OWN_BUF struct buf mutation = {0};
    bool known = document_find(bulk->job->document, &document);
    assert(known && document.mutation);
    bulk_marked(document.text, document.size, "mutation", bulk->mark, NULL, &mutation);
    struct shopify_call call = {.document = "bulk-run-mutation",
                                .variables = json_new_object(),
                                .user_errors_at = "bulkOperationRunMutation"};
    json_set_text(call.variables, "mutation", buf_str(&mutation));
    json_set_text(call.variables, "path", path);
    json_set_text(call.variables, "clientIdentifier", bulk->mark);
    return run(bulk, &call, err);
}

static bool run_query(struct bulk *bulk, const char *where, struct err *err)
{
    OWN_BUF struct buf query = {0};
    OWN_TEXT char *file = mem_printf("%s.graphql", bulk->job->document);
    const struct embedded *found = embed_find(EMBED_shopify_documents, file);
    assert(found);
    bulk_marked(found->text, found->size, "query", bulk->mark, where, &query);
    struct shopify_call call = {.document = "bulk-run-query",
                                .variables = json_new_object(),
                                .user_errors_at = "bulkOperationRunQuery"};
    json_set_text(call.variables, "query", buf_str(&query));
    return run(bulk, &call, err);
}

/* One of the five that the fleet has at this store; without one it waits like one under way. */
static bool take_place(struct bulk *bulk, bool *taken, struct err *err)
{
    char mark[MARK];
    random_hex((MARK - 1) / 2, mark);
    free(bulk->mark);
    bulk->mark = mem_text(mark);
    if (!bulk_place_take(bulk, taken, err))
        return false;
    if (*taken)
        return true;
    log_info("bulk.waits", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("why", "our other operations run there"));
    return bulk_stand(bulk, BULK_WAITING, bulk_next_look_ms(bulk, -1), err);
}

bool bulk_start(struct bulk *bulk, const struct bulk_lines *lines, struct err *err)
{
    struct shopify_call place = {0};
    const json *target = NULL;
    bool done = false, mine = false, taken = false;
    bool ok = take_place(bulk, &taken, err) &&
              (!taken || ask_for_place(bulk, &place, &target, err)) &&
              (!target || upload(bulk, lines, target, &done, err));
    if (ok && done)
        ok = announce(bulk, lines, &mine, err);
    if (ok && mine)
        ok = run_mutation(bulk, bulk_parameter(json_get(target, "parameters"), "key"), err);
    else if (taken)
        bulk_place_give(bulk);
    shopify_call_drop(&place);
    return ok || err_wrap(err, "start an operation at Shopify");
}

bool bulk_start_query(struct bulk *bulk, const char *where, struct err *err)
{
    bool mine = false, taken = false;
    bool ok = take_place(bulk, &taken, err) && (!taken || announce(bulk, NULL, &mine, err));
    if (ok && mine)
        ok = run_query(bulk, where, err);
    else if (taken)
        bulk_place_give(bulk);
    return ok || err_wrap(err, "start a query at Shopify");
}
