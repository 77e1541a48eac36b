/* edits.c - the record behind a change: read before and after, compared, told. */
#include "admin/edits.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/edit_texts.h"
#include "admin/routes.h"
#include "base/log.h"

enum { LOOK_MS = 20, WAIT_MS = 15000 };

/* ---- the record ---- */

static bool leads_to(const char *beginning, const char *path)
{
    size_t size = strlen(beginning);
    return strncmp(beginning, path, size) == 0 && (!path[size] || path[size] == '/');
}

static const struct route *reader_of(const struct route *changes)
{
    const struct route *best = NULL;
    for (const struct route *route = ROUTES; route->method; route++)
        if (strcmp(route->method, "GET") == 0 && strchr(route->path, '{') &&
            leads_to(route->path, changes->path) &&
            (!best || strlen(route->path) > strlen(best->path)))
            best = route;
    return best;
}

static bool is_edit(const char *method)
{
    return strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0 ||
           strcmp(method, "DELETE") == 0;
}

/* NULL tree = there is none. The reader sees the call as a GET of the same names. */
static bool record_read(const struct api_call *call, const struct route *reads, json **out,
                        struct err *err)
{
    struct api_call look = *call;
    struct err problem = {0};
    look.route = reads;
    look.method = "GET";
    look.answer = NULL;
    look.problem = NULL;
    look.response = NULL;
    look.granted = (struct tickets){0};
    bool good = reads->handle(&look, &problem);
    if (look.response)
        MHD_destroy_response(look.response);
    tickets_drop(&look.granted);
    json_free(look.problem);
    if (!good) {
        json_free(look.answer);
        look.answer = NULL;
    }
    *out = look.answer;
    if (good || problem.code == MHD_HTTP_NOT_FOUND)
        return true;
    *err = problem;
    return false;
}

/* ---- If-Match ---- */

static void tag_of(const json *record, char out[static CALL_TAG])
{
    OWN_JSON json *steady = record_steady(record);
    char digest[33];
    /* A record with a rev is the same while its rev is; of others, every field counts. */
    OWN_TEXT char *text =
        json_has(record, "rev")
            ? mem_printf("%s %lld", json_text(record, "id"), (long long)json_int(record, "rev", 0))
            : mem_text(json_write(steady));
    digest_hex(text, strlen(text), 16, digest);
    snprintf(out, CALL_TAG, "\"%s\"", digest);
}

void edit_tag_answer(struct api_call *call)
{
    if (!call->answer || !call->route || !strchr(call->route->path, '{'))
        return;
    for (const struct route *route = ROUTES; route->method; route++)
        if (strcmp(route->path, call->route->path) == 0 && is_edit(route->method))
            tag_of(call->answer, call->tag);
}

/* Is `tag` among the tags of a header: a, W/b, "*". */
static bool tag_listed(const char *header, const char *tag)
{
    size_t size = strlen(tag);
    if (strcmp(header, "*") == 0)
        return *tag != 0;
    for (const char *at = header; *tag && (at = strstr(at, tag)); at += size)
        if (!at[size] || strchr(", ", at[size]))
            return true;
    return false;
}

/* Who was last, out of the log. */
static void last_editor(struct api_call *call, const char *record, char out[static 96])
{
    OWN_JSON json *found = NULL;
    struct err ignored = {0};
    const struct change_query query = {.record = record, .most = 1};
    snprintf(out, 96, "meanwhile");
    if (!ledger_changes(call->ledger, &query, &found, &ignored))
        return;
    const json *change = json_at(json_get(found, "changes"), 0);
    char at[32];
    if (!change)
        return;
    time_format(json_int(change, "at_ms", 0), false, at);
    snprintf(out, 96, "by %.32s at %.31s", json_text(change, "who"), at);
}

static bool still_as_read(struct api_call *call, const struct edit *edit, struct err *err)
{
    char tag[CALL_TAG] = "", editor[96];
    const char *wanted =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_MATCH);
    if (!wanted)
        return true;
    if (!edit->reads)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "If-Match: %s has no ETag to compare; leave it out", call->route->path);
    if (edit->before)
        tag_of(edit->before, tag);
    if (tag_listed(wanted, tag))
        return true;
    OWN_TEXT char *record = record_name(call, edit->reads, edit->before);
    if (!edit->before)
        return err_set(err, ERR_FATAL, MHD_HTTP_PRECONDITION_FAILED,
                       "%s does not exist (any more), so it is not as you read it; leave out "
                       "If-Match to make it",
                       record);
    last_editor(call, record, editor);
    snprintf(call->tag, sizeof call->tag, "%s", tag);
    return err_set(err, ERR_FATAL, MHD_HTTP_PRECONDITION_FAILED,
                   "%s was changed %s, after you had read it; read it again, look at what is "
                   "different, and repeat your change",
                   record, editor);
}

/* ---- one edit at a time ---- */

/* The same for every path that leads to the record, by its id or its name. */
static void lock_key(const struct api_call *call, const struct edit *edit, char out[static 33])
{
    const char *id = json_text(edit->before, "id"), *code = json_text(edit->before, "code");
    OWN_TEXT char *key =
        mem_printf("%s %s %s", edit->reads->path, json_text(edit->before, "company"),
                   *id     ? id
                   : *code ? code
                           : call->path);
    digest_hex(key, strlen(key), 16, out);
}

static bool lock_take(struct api_call *call, struct edit *edit, struct err *err)
{
    int64_t end_ms = clock_mono_ms(call->config->clock) + WAIT_MS;
    char digest[33];
    lock_key(call, edit, digest);
    bool mine = false;
    for (;;) {
        if (!ledger_edit_take(call->ledger, digest, edit->owner, &mine, err))
            return false;
        if (mine) {
            edit->lock = mem_text(digest);
            return true;
        }
        if (clock_mono_ms(call->config->clock) > end_ms || !admin_pause(call->admin, LOOK_MS))
            return err_set(err, ERR_RETRY, 0, "%s is being changed by somebody else; try again",
                           call->path);
    }
}

/* Whoever may do it: all but what only answers, and events that wake, which stand in the queue's
 * history, each with its source. */
static bool changes_something(const struct api_call *call)
{
    static bool (*const UNNOTED[])(struct api_call * call, struct err * err) = {
        triggers_post, hooks_shopify, hooks_bc, entries_preview, entries_matches};
    for (size_t i = 0; i < COUNT(UNNOTED); i++)
        if (call->route->handle == UNNOTED[i])
            return false;
    return strcmp(call->method, "GET") != 0;
}

bool edit_begin(struct api_call *call, struct edit *edit, struct err *err)
{
    const struct route *route = call->route;
    edit->audited = changes_something(call) && call->ledger;
    if (!edit->audited)
        return true;
    edit->reads = reader_of(route);
    if (!edit->reads)
        return still_as_read(call, edit, err);
    if (!record_read(call, edit->reads, &edit->before, err))
        return false;
    if (!is_edit(call->method))
        return still_as_read(call, edit, err);
    if (!lock_take(call, edit, err))
        return false;
    json_free(edit->before); /* whoever had the lock before may have changed it */
    edit->before = NULL;
    return record_read(call, edit->reads, &edit->before, err) && still_as_read(call, edit, err);
}

/* ---- the log ---- */

static void note(struct api_call *call, const struct edit *edit, const json *after, struct err *err)
{
    const json *record = after ? after : edit->before;
    OWN_JSON json *fields = record_difference(edit->before, after);
    const char *change = json_text(call->answer, "change");
    if (strcmp(change, "unchanged") == 0 || (is_edit(call->method) && edit->reads && !fields))
        return;
    OWN_JSON json *row = json_new_object();
    OWN_TEXT char *name = record_name(call, edit->reads, record);
    OWN_TEXT char *route = mem_printf("%s %s", call->method, call->route->path);
    json_set_text(row, "who", call->caller.name);
    json_set_text(row, "role", role_name(call->caller.role));
    json_set_text(row, "from", call->caller.from);
    json_set_text(row, "route", route);
    json_set_text(row, "record", name);
    record_company(call, record, row);
    if (*change)
        json_set_text(row, "change", change);
    if (fields)
        json_set(row, "fields", GIVE(fields));
    json *asked = asked_of(call->body);
    if (asked)
        json_set(row, "asked", asked);
    (void)!ledger_change_add(call->ledger, json_write(row), err);
}

void edit_end(struct api_call *call, struct edit *edit, bool good)
{
    struct err err = {0};
    json *after = NULL;
    if (edit->audited && good) {
        if (edit->reads && record_read(call, edit->reads, &after, &err) && after)
            tag_of(after, call->tag);
        if (err.kind == ERR_NONE)
            note(call, edit, after, &err);
        /* The change stands and its caller hears so; that nobody noted it is told here. */
        if (err.kind != ERR_NONE)
            log_warn("audit.lost", TEXT("who", call->caller.name), TEXT("method", call->method),
                     TEXT("path", call->path), TEXT("error", err.text));
    }
    struct err unlocked = {0};
    if (edit->lock && !ledger_edit_give(call->ledger, edit->lock, edit->owner, &unlocked))
        log_warn("api.lock_left", TEXT("path", call->path), TEXT("error", unlocked.text));
    free(edit->lock);
    json_free(after);
    json_free(edit->before);
    *edit = (struct edit){0};
}
