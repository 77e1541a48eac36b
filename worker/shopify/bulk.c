/* bulk.c - how an operation at Shopify is looked at and read.
 *
 * Idempotency: the start has no key at Shopify, so `bulk:<shop>:<purpose>` says before it that it
 * may be under way, with a mark that stands in the operation's own text; an answer that is lost is
 * looked for by that mark among the newest operations, until Shopify's own limit (late_s) has
 * passed. Until then the records are held. An operation's lines are set-style mutations: a record
 * whose answer is lost for good goes again. Asking for a place and uploading leave nothing behind
 * and come first (bulk_start.c). A query changes nothing, and is found again for its place's sake.
 */
#include "shopify/bulk.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "shopify/bulk_file.h"
#include "shopify/bulk_room.h"

enum { NEWEST = 20 };
static const size_t MOST_RESULT = (size_t)1 << 30, MOST_LINE = 8 << 20;

/* Who takes what has come: answers of lines, or objects. */
struct taker {
    bulk_take take;
    bulk_row row;
    void *state;
};

/* ---- asking ---- */

enum asked bulk_ask(struct bulk *bulk, struct shopify_call *call, struct err *err)
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

bool bulk_storage_address(const struct attempt *attempt, const char *url)
{
    bool simulated =
        attempt->shop->origin && *attempt->shop->origin && strncmp(url, "http://", 7) == 0;
    return simulated || strncmp(url, "https://", 8) == 0;
}

static bool find_started(struct bulk *bulk, struct err *err)
{
    struct shopify_call call = {.document = "bulk-list", .variables = json_new_object()};
    json_set_int(call.variables, "first", NEWEST);
    json_set_text(call.variables, "query",
                  bulk_is_query(bulk) ? "operation_type:query" : "operation_type:mutation");
    enum asked asked = bulk_ask(bulk, &call, err);
    bool ok = asked != ASKED_ENDS;
    const json *nodes = json_path(call.data, "bulkOperations.nodes");
    bool found = false;
    for (size_t i = 0; ok && !found && i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i);
        found = strstr(json_text(node, "query"), bulk->mark) != NULL;
        if (found)
            ok = bulk_is_known(bulk, node, err);
    }
    if (asked == ASKED_ANSWERED && !found && bulk_now_ms(bulk) >= bulk->due_ms) /* it never began */
        ok = bulk_forget(bulk, err);
    shopify_call_drop(&call);
    return ok;
}

/* ---- answers of lines ---- */

struct group {
    struct shopify_call *answers;
    const char *records[BULK_GROUP];
    char *kept[BULK_GROUP];
    size_t count, given;
};

struct part { /* what was kept of the part that was read last */
    struct buf text;
    size_t first, lines;
    bool read;
};

static char *kept_of(struct bulk *bulk, struct part *part, size_t line, struct err *err)
{
    if (!part->read || line < part->first || line >= part->first + part->lines) {
        if (!bulk_read_kept(bulk, line, &part->first, &part->text, err))
            return NULL;
        part->read = true;
        part->lines = 0;
        for (const char *at = buf_str(&part->text); *at; at++)
            part->lines += *at == '\n';
    }
    const char *at = buf_str(&part->text);
    for (size_t i = part->first; i < line && *at; i++)
        at += strcspn(at, "\n") + 1;
    return mem_text_n(at, strcspn(at, "\n"));
}

static bool give_group(struct group *group, const struct taker *taker, struct err *err)
{
    bool ok = group->count == 0 ||
              taker->take(taker->state, group->records, (const char *const *)group->kept,
                          group->answers, group->count, err);
    group->given += group->count;
    while (group->count > 0) {
        free(group->kept[--group->count]);
        shopify_call_drop(&group->answers[group->count]);
    }
    return ok;
}

static bool add_line(struct bulk *bulk, struct group *group, struct part *part, const char *text,
                     size_t size, struct err *err)
{
    struct shopify_call *answer = &group->answers[group->count];
    int64_t line = bulk_answer(text, size, bulk->job->user_errors_at, answer);
    if (line < 0)
        return true;
    if ((size_t)line >= bulk->count) {
        shopify_call_drop(answer);
        return true;
    }
    char *kept = kept_of(bulk, part, (size_t)line, err);
    if (!kept) {
        shopify_call_drop(answer);
        return false;
    }
    group->records[group->count] = bulk->in_file[line];
    group->kept[group->count++] = kept;
    return true;
}

/* Gives the answers on, group by group; *given = how many there were. */
static bool take_lines(struct bulk *bulk, FILE *file, const struct taker *taker, size_t *given,
                       struct err *err)
{
    struct group group = {.answers = mem_array(BULK_GROUP, sizeof *group.answers)};
    struct part part = {0};
    char *text = NULL;
    size_t room = 0;
    bool ok = true;
    for (ssize_t size; ok && (size = getline(&text, &room, file)) > 0;) {
        if ((size_t)size <= MOST_LINE)
            ok = add_line(bulk, &group, &part, text, (size_t)size, err);
        if (ok && group.count == BULK_GROUP)
            ok = give_group(&group, taker, err);
    }
    if (ok)
        ok = give_group(&group, taker, err);
    while (group.count > 0) {
        free(group.kept[--group.count]);
        shopify_call_drop(&group.answers[group.count]);
    }
    *given = group.given;
    buf_drop(&part.text);
    free(group.answers);
    free(text);
    return ok;
}

/* Gives the objects on, one by one; *given = -1: a line is broken, so the file is. */
static bool take_rows(FILE *file, const struct taker *taker, int64_t *given, struct err *err)
{
    char *text = NULL;
    size_t room = 0;
    bool ok = true;
    *given = 0;
    for (ssize_t size; ok && *given >= 0 && (size = getline(&text, &room, file)) > 0;) {
        OWN_JSON json *row = NULL;
        struct err broken;
        if ((size_t)size > MOST_LINE || !json_parse(text, (size_t)size, &row, &broken)) {
            *given = -1;
            break;
        }
        ok = taker->row(taker->state, row, err);
        ++*given;
    }
    free(text);
    return ok;
}

/* ---- looking at one ---- */

enum fetched { FETCHED, FETCH_LATER, FETCH_GONE, FETCH_ENDS };

static enum fetched fetch(struct bulk *bulk, const char *url, FILE *file, struct err *err)
{
    struct http_call http = {.method = "GET",
                             .url = url,
                             .timeout_ms = BULK_FILE_MS,
                             .max_answer = MOST_RESULT,
                             .answer_file = fileno(file),
                             .label = "shopify storage download"};
    if (!bulk_storage_address(bulk->attempt, url))
        return FETCH_GONE;
    if (!attempt_exchange(bulk->attempt, &http, err)) {
        http_call_drop(&http);
        return FETCH_ENDS;
    }
    bool refused =
        http.status >= 300 && http.status < 500 && http.status != 408 && http.status != 429;
    enum fetched fetched = http.status == 200                      ? FETCHED
                           : http.err.kind == ERR_FATAL || refused ? FETCH_GONE
                                                                   : FETCH_LATER;
    if (fetched == FETCH_LATER)
        log_warn("bulk.later", TEXT("shop", bulk->attempt->shop->code),
                 TEXT("purpose", bulk->job->purpose),
                 TEXT("why", http.err.kind == ERR_NONE ? "the storage does not give its answers"
                                                       : http.err.text),
                 NUM("status", http.status));
    http_call_drop(&http);
    rewind(file);
    return fetched;
}

static void log_end(const struct bulk *bulk, const char *status, size_t records, int64_t given)
{
    log_info("bulk.ended", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("operation", bulk->operation),
             TEXT("status", status), NUM("records", records), NUM("answers", given));
}

/* A part of what a query has found says nothing: it is asked again, or page by page. */
static bool rows_have_ended(struct bulk *bulk, const json *operation, FILE *file,
                            const struct taker *taker, struct err *err)
{
    const char *status = json_text(operation, "status"), *url = json_text(operation, "url");
    const char *count = json_text(operation, "objectCount");
    int64_t given = 0;
    if (strcmp(status, "COMPLETED") != 0) {
        OWN_TEXT char *why = mem_printf("it is %s %s", status, json_text(operation, "errorCode"));
        log_end(bulk, status, 0, 0);
        return bulk_rest(bulk, why, err);
    }
    enum fetched fetched = *url ? fetch(bulk, url, file, err) : FETCHED; /* nothing was found */
    if (fetched == FETCH_ENDS)
        return false;
    if (fetched == FETCH_LATER)
        return bulk_stand(bulk, BULK_RUNNING, bulk_next_look_ms(bulk, -1), err);
    if (fetched == FETCHED && *url && !take_rows(file, taker, &given, err))
        return false;
    log_end(bulk, status, 0, given);
    if (fetched == FETCH_GONE || given != strtoll(count, NULL, 10))
        return bulk_rest(bulk, "its answers cannot be had", err);
    bulk->answered = true;
    bulk->answered_records = (size_t)given;
    return bulk_forget(bulk, err);
}

static bool lines_have_ended(struct bulk *bulk, const json *operation, FILE *file,
                             const struct taker *taker, struct err *err)
{
    const char *status = json_text(operation, "status"), *url = json_text(operation, "url");
    bool completed = strcmp(status, "COMPLETED") == 0;
    size_t given = 0, count = bulk->count;
    OWN_TEXT char *why = mem_printf("it is %s %s", status, json_text(operation, "errorCode"));
    if (!*url)
        url = json_text(operation, "partialDataUrl");
    enum fetched fetched = *url ? fetch(bulk, url, file, err) : FETCH_GONE;
    if (fetched == FETCH_ENDS)
        return false;
    if (fetched == FETCH_LATER)
        return bulk_stand(bulk, BULK_RUNNING, bulk_next_look_ms(bulk, -1), err);
    if (fetched == FETCHED && !take_lines(bulk, file, taker, &given, err))
        return false;
    log_end(bulk, status, count, (int64_t)given);
    if (!completed || given == 0)
        return bulk_rest(bulk, completed ? "its answers cannot be had" : why, err);
    bulk->answered = given == count;
    bulk->answered_records = given;
    return bulk_forget(bulk, err);
}

static bool has_ended(struct bulk *bulk, const json *operation, const struct taker *taker,
                      struct err *err)
{
    FILE *file = tmpfile();
    if (!file)
        return err_set(err, ERR_RETRY, 0, "no room for a temporary file");
    bool ok = bulk_is_query(bulk) ? rows_have_ended(bulk, operation, file, taker, err)
                                  : lines_have_ended(bulk, operation, file, taker, err);
    fclose(file);
    return ok;
}

static bool poll(struct bulk *bulk, const struct taker *taker, struct err *err)
{
    static const char *const ON_ITS_WAY[] = {"CREATED", "RUNNING", "CANCELING"};
    struct shopify_call call = {.document = "bulk-status", .variables = json_new_object()};
    json_set_text(call.variables, "id", bulk->operation);
    enum asked asked = bulk_ask(bulk, &call, err);
    bool ok = asked != ASKED_ENDS, on_its_way = false, renewed;
    const json *operation = json_get(call.data, "bulkOperation");
    for (size_t i = 0; i < COUNT(ON_ITS_WAY); i++)
        on_its_way = on_its_way || strcmp(json_text(operation, "status"), ON_ITS_WAY[i]) == 0;
    if (asked == ASKED_LATER || (ok && on_its_way)) {
        int64_t done = strtoll(json_text(operation, "objectCount"), NULL, 10);
        ok = bulk_place_take(bulk, &renewed, err) &&
             bulk_stand(bulk, BULK_RUNNING,
                        bulk_next_look_ms(bulk, on_its_way && done > 0 ? done : -1), err);
    } else if (ok && !operation) {
        ok = bulk_rest(bulk, "Shopify does not know it", err);
    } else if (ok) {
        ok = has_ended(bulk, operation, taker, err);
    }
    shopify_call_drop(&call);
    return ok;
}

static bool look(struct attempt *attempt, const struct bulk_job *job, const struct taker *taker,
                 struct bulk **out, struct err *err)
{
    OWN(bulk) struct bulk *bulk = bulk_new(attempt, attempt->shop->code, job);
    if (!bulk_read(bulk, err))
        return false;
    if (bulk->state == BULK_STARTING && !find_started(bulk, err))
        return err_wrap(err, "look for what was started at Shopify");
    if (bulk->state == BULK_RUNNING && bulk_now_ms(bulk) >= bulk->due_ms && !poll(bulk, taker, err))
        return err_wrap(err, "take what Shopify has done");
    *out = GIVE(bulk);
    return true;
}

bool bulk_look(struct attempt *attempt, const struct bulk_job *job, bulk_take take, void *state,
               struct bulk **out, struct err *err)
{
    const struct taker taker = {.take = take, .state = state};
    assert(job->user_errors_at);
    return look(attempt, job, &taker, out, err);
}

bool bulk_look_rows(struct attempt *attempt, const struct bulk_job *job, bulk_row row, void *state,
                    struct bulk **out, struct err *err)
{
    const struct taker taker = {.row = row, .state = state};
    assert(!job->user_errors_at);
    return look(attempt, job, &taker, out, err);
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
