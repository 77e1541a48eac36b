/* bulk.c - how an operation at Shopify is begun, looked at and read.
 *
 * Idempotency: the start has no key at Shopify, so `bulk:<shop>:<purpose>` says before it that it
 * may be under way, with a mark that stands in the mutation itself; an answer that is lost is
 * looked for by that mark among the newest operations, until Shopify's own limit (late_s) has
 * passed. Until then the records are held. An operation's lines are set-style mutations: a record
 * whose answer is lost for good goes again. Asking for a place and uploading leave nothing behind
 * and come first.
 *
 * The record of an operation has a state:
 *   starting  it may be under way; nobody knows its id
 *   running   looked at from `due` on
 *   waiting   all of Shopify's places were taken; tried again from `due` on
 *   resting   the last one came to nothing: records go singly until `due`
 */
#include "shopify/bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "limiter/limiter.h"
#include "shopify/bulk_file.h"
#include "store/staging.h"
#include "store/store.h"

enum { REST_MS = 3600 * 1000, FILE_MS = 60000, NEWEST = 20, MARK = 24 + 1 };
enum { MOST_RESULT = 64 << 20 };

enum state { STATE_NONE, STATE_STARTING, STATE_RUNNING, STATE_WAITING, STATE_RESTING };
static const char *const STATES[] = {"", "starting", "running", "waiting", "resting"};

enum { STATE, DUE, LOOKS, MARKED, OPERATION, BEGAN, RECORDS, FIELDS };
static const char *const FIELD[FIELDS] = {"state",     "due",   "looks",  "mark",
                                          "operation", "began", "records"};

struct bulk {
    struct attempt *attempt;
    const struct bulk_job *job;
    enum state state;
    char *key;
    int64_t due_ms, looks, began_ms;
    char *mark, *operation;
    char *records;        /* a line each */
    const char **in_file; /* into `records`, in the order of the lines */
    const char **sorted;
    size_t count;
};

struct bulk_lines {
    struct buf text, records;
    size_t count;
};

/* ---- the record of it ---- */

static int64_t now_ms(const struct bulk *bulk)
{
    return clock_now_ms(bulk->attempt->clock);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void drop_records(struct bulk *bulk)
{
    free(bulk->records);
    free(bulk->in_file);
    free(bulk->sorted);
}

static void set_records(struct bulk *bulk, const char *records)
{
    size_t room = 0;
    drop_records(bulk);
    bulk->records = mem_text(records);
    bulk->count = 0;
    for (const char *at = bulk->records; *at; at++)
        room += *at == '\n';
    bulk->in_file = mem_array(room + 1, sizeof *bulk->in_file);
    bulk->sorted = mem_array(room + 1, sizeof *bulk->sorted);
    for (char *at = bulk->records, *end; (end = strchr(at, '\n')); at = end + 1) {
        *end = 0;
        bulk->in_file[bulk->count++] = at;
    }
    memcpy(bulk->sorted, bulk->in_file, bulk->count * sizeof *bulk->sorted);
    qsort(bulk->sorted, bulk->count, sizeof *bulk->sorted, by_text);
}

static struct bulk *bulk_new(struct attempt *attempt, const char *shop, const struct bulk_job *job)
{
    struct bulk *bulk = mem_new(sizeof *bulk);
    bulk->attempt = attempt;
    bulk->job = job;
    bulk->key = mem_printf("bulk:%s:%s", shop, job->purpose);
    return bulk;
}

void bulk_free(struct bulk *bulk)
{
    if (!bulk)
        return;
    free(bulk->key);
    free(bulk->mark);
    free(bulk->operation);
    drop_records(bulk);
    free(bulk);
}

static bool bulk_read(struct bulk *bulk, struct err *err)
{
    const char *const keys[] = {bulk->key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_BUF struct buf records = {0};
    struct err broken;
    const char *bytes;
    size_t size;
    if (!store_read(bulk->attempt->ledger, bulk->attempt->sheet->ticket.company, keys, 1, FIELD,
                    FIELDS, &rows, err))
        return err_wrap(err, "read what is under way at Shopify");
    for (size_t i = 0; i < COUNT(STATES); i++)
        if (strcmp(store_text(rows, 0, STATE), STATES[i]) == 0)
            bulk->state = (enum state)i;
    bulk->due_ms = store_int(rows, 0, DUE);
    bulk->looks = store_int(rows, 0, LOOKS);
    bulk->began_ms = store_int(rows, 0, BEGAN);
    bulk->mark = mem_text(store_text(rows, 0, MARKED));
    bulk->operation = mem_text(store_text(rows, 0, OPERATION));
    bool has_records = store_bytes(rows, 0, RECORDS, &bytes, &size) &&
                       staged_unpack(bytes, size, &records, &broken);
    set_records(bulk, has_records ? buf_str(&records) : "");
    return true;
}

/* The state from now on; what is not said here stays as it is. */
static void set_state(struct bulk *bulk, struct write *write, enum state state, int64_t wait_ms)
{
    char due[32], looks[32];
    bulk->state = state;
    bulk->due_ms = now_ms(bulk) + wait_ms;
    snprintf(due, sizeof due, "%" PRId64, bulk->due_ms);
    snprintf(looks, sizeof looks, "%" PRId64, bulk->looks);
    write_add(write, "HSET", bulk->key, "state", STATES[state], "due", due, "looks", looks, NULL);
    if (state != STATE_STARTING)
        write_note_clear(write, bulk->key);
    if (state == STATE_WAITING || state == STATE_RESTING) {
        write_add(write, "HDEL", bulk->key, "records", "operation", "mark", "began", NULL);
        bulk->count = 0;
    }
}

static int64_t pause_ms(struct bulk *bulk)
{
    return limiter_real_ms(bulk->attempt->limiter, bulk_pause_ms(bulk->looks++));
}

/* None is under way any more. */
static bool forget(struct bulk *bulk, struct err *err)
{
    OWN(write) struct write *write = write_new();
    write_add(write, "DEL", bulk->key, NULL);
    write_note_clear(write, bulk->key);
    bulk->state = STATE_NONE;
    bulk->count = 0;
    return attempt_write(bulk->attempt, write, NULL, err);
}

static bool stand(struct bulk *bulk, enum state state, int64_t wait_ms, struct err *err)
{
    OWN(write) struct write *write = write_new();
    set_state(bulk, write, state, wait_ms);
    return attempt_write(bulk->attempt, write, NULL, err);
}

/* The last one came to nothing, so the next would too: for a while its records go singly. */
static bool rest(struct bulk *bulk, const char *why, struct err *err)
{
    log_warn("bulk.failed", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("why", why),
             TEXT("next", "its records go one by one for an hour"));
    return stand(bulk, STATE_RESTING, limiter_real_ms(bulk->attempt->limiter, REST_MS), err);
}

static bool is_known(struct bulk *bulk, const json *operation, struct err *err)
{
    char began[32];
    OWN(write) struct write *write = write_new();
    free(bulk->operation);
    bulk->looks = 0;
    bulk->operation = mem_text(json_text(operation, "id"));
    if (!time_parse(json_text(operation, "createdAt"), &bulk->began_ms))
        bulk->began_ms = 0;
    snprintf(began, sizeof began, "%" PRId64, bulk->began_ms);
    write_add(write, "HSET", bulk->key, "operation", bulk->operation, "began", began, NULL);
    set_state(bulk, write, STATE_RUNNING, pause_ms(bulk));
    log_info("bulk.started", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("operation", bulk->operation),
             NUM("records", bulk->count));
    return attempt_write(bulk->attempt, write, NULL, err);
}

/* ---- asking ---- */

enum asked { ASKED_ANSWERED, ASKED_LATER, ASKED_ENDS };

/* A question whose failure is a matter of the next look, unless it ends the attempt. */
static enum asked ask(struct bulk *bulk, struct shopify_call *call, struct err *err)
{
    if (!shopify_call_all(bulk->attempt, call, 1, err))
        return ASKED_ENDS;
    if (call->err.kind == ERR_NONE && !call->not_allowed)
        return ASKED_ANSWERED;
    log_warn("bulk.later", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose),
             TEXT("why", call->not_allowed ? "the shop allows no writes" : call->err.text));
    return ASKED_LATER;
}

/* The storage is another house: it sees no token, and its addresses are secrets. */
static bool storage_address(const struct attempt *attempt, const char *url)
{
    bool simulated =
        attempt->shop->origin && *attempt->shop->origin && strncmp(url, "http://", 7) == 0;
    return simulated || strncmp(url, "https://", 8) == 0;
}

/* ---- looking at one ---- */

static bool find_started(struct bulk *bulk, struct err *err)
{
    struct shopify_call call = {.document = "bulk-list", .variables = json_new_object()};
    json_set_int(call.variables, "first", NEWEST);
    enum asked asked = ask(bulk, &call, err);
    bool ok = asked != ASKED_ENDS;
    const json *nodes = json_path(call.data, "bulkOperations.nodes");
    bool found = false;
    for (size_t i = 0; ok && !found && i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i);
        found = strstr(json_text(node, "query"), bulk->mark) != NULL;
        if (found)
            ok = is_known(bulk, node, err);
    }
    if (asked == ASKED_ANSWERED && !found && now_ms(bulk) >= bulk->due_ms) /* it never began */
        ok = forget(bulk, err);
    shopify_call_drop(&call);
    return ok;
}

/* Gives the answers on, group by group; *given = how many there were. */
static bool take_lines(struct bulk *bulk, const char *text, bulk_take take, void *state,
                       size_t *given, struct err *err)
{
    const char *records[BULK_GROUP];
    struct shopify_call *answers = mem_array(BULK_GROUP, sizeof *answers);
    size_t count = 0;
    bool ok = true;
    for (const char *at = text; ok && *at;) {
        size_t size = strcspn(at, "\n");
        int64_t line = bulk_answer(at, size, bulk->job->user_errors_at, &answers[count]);
        at += size + (at[size] == '\n');
        if (line >= 0 && (size_t)line >= bulk->count)
            shopify_call_drop(&answers[count]);
        else if (line >= 0)
            records[count++] = bulk->in_file[line];
        if (count < BULK_GROUP && *at)
            continue;
        ok = count == 0 || take(state, records, answers, count, err);
        *given += count;
        while (count > 0)
            shopify_call_drop(&answers[--count]);
    }
    free(answers);
    return ok;
}

enum fetched { FETCHED, FETCH_LATER, FETCH_GONE, FETCH_ENDS };

static enum fetched fetch(struct bulk *bulk, const char *url, struct http_call *http,
                          struct err *err)
{
    *http = (struct http_call){.method = "GET",
                               .url = url,
                               .timeout_ms = FILE_MS,
                               .max_answer = MOST_RESULT,
                               .label = "shopify storage download"};
    if (!storage_address(bulk->attempt, url))
        return FETCH_GONE;
    if (!attempt_exchange(bulk->attempt, http, err))
        return FETCH_ENDS;
    if (http->status == 200)
        return FETCHED;
    if (http->err.kind == ERR_FATAL ||
        (http->status >= 300 && http->status < 500 && http->status != 408 && http->status != 429))
        return FETCH_GONE;
    log_warn("bulk.later", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose),
             TEXT("why", http->err.kind == ERR_NONE ? "the storage does not give its answers"
                                                    : http->err.text),
             NUM("status", http->status));
    return FETCH_LATER;
}

static bool has_ended(struct bulk *bulk, const json *operation, bulk_take take, void *state,
                      struct err *err)
{
    const char *status = json_text(operation, "status"), *url = json_text(operation, "url");
    bool completed = strcmp(status, "COMPLETED") == 0;
    struct http_call http = {0};
    size_t given = 0, count = bulk->count;
    OWN_TEXT char *why = mem_printf("it is %s %s", status, json_text(operation, "errorCode"));
    if (!*url)
        url = json_text(operation, "partialDataUrl");
    enum fetched fetched = *url ? fetch(bulk, url, &http, err) : FETCH_GONE;
    bool ok = fetched != FETCH_ENDS;
    if (fetched == FETCHED)
        ok = take_lines(bulk, buf_str(&http.answer), take, state, &given, err);
    http_call_drop(&http);
    if (!ok)
        return false;
    if (fetched == FETCH_LATER)
        return stand(bulk, STATE_RUNNING, pause_ms(bulk), err);
    log_info("bulk.ended", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("operation", bulk->operation),
             TEXT("status", status), NUM("records", count), NUM("answers", given));
    if (completed && fetched == FETCHED && given > 0)
        return forget(bulk, err);
    return rest(bulk, completed ? "its answers cannot be had" : why, err);
}

static bool poll(struct bulk *bulk, bulk_take take, void *state, struct err *err)
{
    static const char *const ON_ITS_WAY[] = {"CREATED", "RUNNING", "CANCELING"};
    struct shopify_call call = {.document = "bulk-status", .variables = json_new_object()};
    json_set_text(call.variables, "id", bulk->operation);
    enum asked asked = ask(bulk, &call, err);
    bool ok = asked != ASKED_ENDS;
    const json *operation = json_get(call.data, "bulkOperation");
    bool on_its_way = false;
    for (size_t i = 0; i < COUNT(ON_ITS_WAY); i++)
        on_its_way = on_its_way || strcmp(json_text(operation, "status"), ON_ITS_WAY[i]) == 0;
    if (asked == ASKED_LATER || (ok && on_its_way))
        ok = stand(bulk, STATE_RUNNING, pause_ms(bulk), err);
    else if (ok && !operation)
        ok = rest(bulk, "Shopify does not know it", err);
    else if (ok)
        ok = has_ended(bulk, operation, take, state, err);
    shopify_call_drop(&call);
    return ok;
}

bool bulk_look(struct attempt *attempt, const struct bulk_job *job, bulk_take take, void *state,
               struct bulk **out, struct err *err)
{
    OWN(bulk) struct bulk *bulk = bulk_new(attempt, attempt->shop->code, job);
    if (!bulk_read(bulk, err))
        return false;
    if (bulk->state == STATE_STARTING && !find_started(bulk, err))
        return err_wrap(err, "look for what was started at Shopify");
    if (bulk->state == STATE_RUNNING && now_ms(bulk) >= bulk->due_ms &&
        !poll(bulk, take, state, err))
        return err_wrap(err, "take what Shopify has done");
    *out = GIVE(bulk);
    return true;
}

bool bulk_peek(struct attempt *attempt, const char *shop, const struct bulk_job *job,
               struct bulk **out, struct err *err)
{
    OWN(bulk) struct bulk *bulk = bulk_new(attempt, shop, job);
    if (!bulk_read(bulk, err))
        return false;
    *out = GIVE(bulk);
    return true;
}

/* ---- what stands ---- */

static bool is_under_way(const struct bulk *bulk)
{
    return bulk->state == STATE_STARTING || bulk->state == STATE_RUNNING;
}

bool bulk_holds(const struct bulk *bulk, const char *record)
{
    return bulk && is_under_way(bulk) &&
           bsearch(&record, bulk->sorted, bulk->count, sizeof *bulk->sorted, by_text);
}

bool bulk_may_have_changed(const struct bulk *bulk, const char *record, int64_t changed_ms)
{
    return bulk_holds(bulk, record) && changed_ms >= bulk->began_ms;
}

enum bulk_road bulk_road(const struct bulk *bulk, size_t records)
{
    int64_t from = bulk->attempt->shop->bulk_from;
    if (from == 0 || (int64_t)records < from)
        return BULK_SINGLY;
    if (is_under_way(bulk))
        return BULK_LATER;
    if (now_ms(bulk) >= bulk->due_ms)
        return BULK_TOGETHER;
    return bulk->state == STATE_WAITING   ? BULK_LATER
           : bulk->state == STATE_RESTING ? BULK_SINGLY
                                          : BULK_TOGETHER;
}

/* ---- starting one ---- */

struct bulk_lines *bulk_lines_new(void)
{
    return mem_new(sizeof(struct bulk_lines));
}

void bulk_lines_free(struct bulk_lines *lines)
{
    if (!lines)
        return;
    buf_drop(&lines->text);
    buf_drop(&lines->records);
    free(lines);
}

bool bulk_lines_add(struct bulk_lines *lines, const char *record, json *variables)
{
    OWN_JSON json *line = variables;
    const char *text = json_write(line);
    if (lines->count >= BULK_LINES || lines->text.size + strlen(text) >= BULK_BYTES)
        return false;
    buf_printf(&lines->text, "%s\n", text);
    buf_printf(&lines->records, "%s\n", record);
    lines->count++;
    return true;
}

size_t bulk_lines_count(const struct bulk_lines *lines)
{
    return lines->count;
}

static bool refused(struct bulk *bulk, const struct shopify_call *call, struct err *err)
{
    const json *first = json_at(call->user_errors, 0);
    if (strcmp(json_text(first, "code"), "OPERATION_IN_PROGRESS") == 0) {
        log_info("bulk.waits", TEXT("shop", bulk->attempt->shop->code),
                 TEXT("purpose", bulk->job->purpose), TEXT("why", json_text(first, "message")));
        return stand(bulk, STATE_WAITING, pause_ms(bulk), err);
    }
    return rest(bulk, json_text(first, "message"), err);
}

/* A place for the file; *targets has it, or nothing could be had now. */
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
    enum asked asked = ask(bulk, call, err);
    if (asked != ASKED_ANSWERED)
        return asked == ASKED_LATER;
    if (call->user_errors)
        return refused(bulk, call, err);
    *target = json_at(json_path(call->data, "stagedUploadsCreate.stagedTargets"), 0);
    return true;
}

static bool upload(struct bulk *bulk, const struct bulk_lines *lines, const json *target,
                   bool *done, struct err *err)
{
    char boundary[BULK_BOUNDARY];
    OWN_BUF struct buf body = {0};
    bulk_form(json_get(target, "parameters"), buf_str(&lines->text), lines->text.size, &body,
              boundary);
    OWN_TEXT char *type = mem_printf("Content-Type: multipart/form-data; boundary=%s", boundary);
    const char *const headers[] = {type, NULL};
    struct http_call http = {.method = "POST",
                             .url = json_text(target, "url"),
                             .headers = headers,
                             .body = buf_str(&body),
                             .body_size = body.size,
                             .timeout_ms = FILE_MS,
                             .label = "shopify storage upload"};
    *done = false;
    if (!storage_address(bulk->attempt, http.url))
        return rest(bulk, "the place for its file has no https address", err);
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

/* From here on it may be under way. *mine = false: another run is just beginning one. */
static bool announce(struct bulk *bulk, const struct bulk_lines *lines, bool *mine, struct err *err)
{
    int64_t late_ms = bulk->attempt->shop->late_s * 1000;
    bool refused = false;
    OWN(write) struct write *write = write_new();
    OWN_BUF struct buf packed = {0};
    if (!staged_pack(buf_str(&lines->records), lines->records.size, &packed))
        return err_set(err, ERR_FATAL, 0, "%zu records are too many for one operation",
                       lines->count);
    set_records(bulk, buf_str(&lines->records));
    const char *const fields[] = {"mark", bulk->mark, "records", buf_str(&packed)};
    const size_t sizes[] = {4, strlen(bulk->mark), 7, packed.size};
    write_add(write, "DEL", bulk->key, NULL);
    set_state(bulk, write, STATE_STARTING, late_ms);
    write_add_bytes(write, "HSET", bulk->key, COUNT(fields), fields, sizes);
    write_note(write, bulk->key, "shopify", bulk->job->purpose, bulk->mark, now_ms(bulk) + late_ms);
    if (!attempt_write(bulk->attempt, write, &refused, err))
        return false;
    *mine = !refused;
    return true;
}

static bool run(struct bulk *bulk, const char *path, struct err *err)
{
    struct document document;
    struct err why;
    OWN_BUF struct buf mutation = {0};
    bool known = document_find(bulk->job->document, &document);
    assert(known);
    bulk_marked(&document, bulk->mark, &mutation);
    struct shopify_call call = {.document = "bulk-run-mutation",
                                .variables = json_new_object(),
                                .user_errors_at = "bulkOperationRunMutation"};
    json_set_text(call.variables, "mutation", buf_str(&mutation));
    json_set_text(call.variables, "path", path);
    json_set_text(call.variables, "clientIdentifier", bulk->mark);
    enum asked asked = ask(bulk, &call, err);
    const json *operation = json_path(call.data, "bulkOperationRunMutation.bulkOperation");
    bool ok = asked != ASKED_ENDS;
    if (asked == ASKED_ANSWERED && call.user_errors)
        ok = refused(bulk, &call, err);
    else if (asked == ASKED_ANSWERED && operation)
        ok = is_known(bulk, operation, err);
    else if (asked == ASKED_LATER && call.err.kind == ERR_FATAL)
        ok = rest(bulk, call.err.text, err);
    else if (asked == ASKED_LATER && call.err.kind == ERR_RETRY)
        ok = forget(bulk, err); /* nothing was sent */
    else if (asked == ASKED_ENDS && err->kind == ERR_THROTTLED)
        ok = forget(bulk, &why) && false; /* nothing either */
    shopify_call_drop(&call);             /* else it may have begun: the next look finds it */
    return ok;
}

bool bulk_start(struct bulk *bulk, const struct bulk_lines *lines, struct err *err)
{
    char mark[MARK];
    struct shopify_call place;
    const json *target;
    bool done = false, mine = false;
    random_hex((MARK - 1) / 2, mark);
    free(bulk->mark);
    bulk->mark = mem_text(mark);
    bool ok = ask_for_place(bulk, &place, &target, err) &&
              (!target || upload(bulk, lines, target, &done, err));
    if (ok && done)
        ok = announce(bulk, lines, &mine, err);
    if (ok && mine)
        ok = run(bulk, bulk_parameter(json_get(target, "parameters"), "key"), err);
    shopify_call_drop(&place);
    return ok || err_wrap(err, "start an operation at Shopify");
}
