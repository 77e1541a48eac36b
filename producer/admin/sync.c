/* sync.c - the toggle: an operation now, in the background or while the caller waits.
 *
 * Both are one-off entries under the same queue rules. On: the run's number at once. Off: an entry
 * of kind foreground, which is never left behind: its caller gets the run as a stream, and leaving
 * it cancels the run, or lets it go on, as the caller said (stream.c).
 */
#include "admin/sync.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/notify.h"
#include "admin/routes.h"
#include "admin/runs.h"
#include "base/log.h"
#include "companies.h"
#include "ledger/commands.h"

enum { NUMBER_WAIT_MS = 5000, LOOK_MS = 50 };

bool sync_ready(struct api_call *call, const char *company, const char *code, bool *background,
                struct err *err)
{
    OWN_JSON json *shop = NULL;
    *background = true;
    if (!*code)
        return true;
    if (!shop_read(call->ledger, company, code, &shop, err))
        return false;
    if (!json_flag(shop, "enabled", false))
        return err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                       "shop %s is not enabled, so nothing runs for it; `cartage shop enable %s`",
                       code, code);
    *background = json_flag(shop, "background", true);
    return true;
}

/* A run that was quicker than our look: its one-off entry is gone, the run is not. */
static bool run_of_past(struct api_call *call, const char *company, const char *id, json **run,
                        struct err *err)
{
    OWN_JSON json *rows = NULL;
    if (!ledger_runs(call->ledger, company, &(struct runs_query){.most = 50}, &rows, err))
        return false;
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "entry"), id) == 0)
            return run_read(call->ledger, company, json_text(json_at(rows, i), "task"), run, err);
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND, "entry %s is gone, and so is its run", id);
}

/* The run that the entry has at hand. It has one from its first slot on, which a tick sets: the
 * kick of this very call. */
static bool run_of_entry(struct api_call *call, const char *company, const char *id, json **run,
                         struct err *err)
{
    const struct clock *clock = call->config->clock;
    int64_t end_ms = clock_mono_ms(clock) + NUMBER_WAIT_MS;
    for (;;) {
        OWN_JSON json *entry = NULL;
        if (!ledger_entry(call->ledger, company, id, &entry, err))
            return err->code == MHD_HTTP_NOT_FOUND && run_of_past(call, company, id, run, err);
        if (*json_text(entry, "task"))
            return run_read(call->ledger, company, json_text(entry, "task"), run, err);
        if (clock_mono_ms(clock) > end_ms || !admin_pause(call->admin, LOOK_MS))
            return err_set(err, ERR_RETRY, 0,
                           "entry %s is in the queue but no producer has fired it; is one running?",
                           id);
        call->config->kick(call->config->state);
    }
}

/* Nobody waits for a foreground entry whose caller got an error. */
static void take_back(struct api_call *call, const char *company, const char *id)
{
    struct err err = {0};
    if (!ledger_delete(call->ledger, company, id, &call->granted, &err) &&
        err.code != MHD_HTTP_NOT_FOUND)
        log_warn("api.take_back", TEXT("entry", id), TEXT("error", err.text));
}

/* An entry as it is, once, now: a one-off beside it in its category, so it never overlaps with the
 * entry itself, and one that rests goes on resting. A second request for what waits is the same
 * wish. */
bool entries_run(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], id[UUID_TEXT];
    OWN_JSON json *entry = NULL, *run = NULL;
    struct entry_definition definition = {
        .run_as = "api", .schedule = SCHEDULE_AT, .kind = TICKET_MANUAL};
    bool background, existing;
    if (!api_holder(call, call->params[0], entry_named, company, &entry, err) ||
        !sync_ready(call, company, json_text(json_get(entry, "arguments"), "shop"), &background,
                    err))
        return false;
    OWN_TEXT char *key = mem_printf("once %s", json_text(entry, "id"));
    OWN_TEXT char *arguments = mem_text(json_write(json_get(entry, "arguments")));
    definition.arguments = arguments;
    definition.description = json_text(entry, "description");
    definition.coalesce_key = key;
    if (!priority_parse(json_text(entry, "priority"), &definition.priority))
        definition.priority = PRIORITY_NORMAL;
    definition.max_retry = (int)json_int(entry, "max_retry", -1);
    definition.retry_ms = json_int(entry, "retry_ms", 0);
    definition.timeout_ms = json_int(entry, "timeout_ms", 0);
    snprintf(definition.company, sizeof definition.company, "%s", company);
    snprintf(definition.category, sizeof definition.category, "%s", json_text(entry, "category"));
    snprintf(definition.operation, sizeof definition.operation, "%s",
             json_text(entry, "operation"));
    if (!ledger_add(call->ledger, &definition, id, &existing, &call->granted, err))
        return false;
    call->config->kick(call->config->state);
    if (!run_of_entry(call, company, id, &run, err))
        return false;
    return api_answer(call, MHD_HTTP_ACCEPTED, GIVE(run));
}

/* ---- a wish ---- */

static void wish_definition(const struct sync_wish *wish, const char *key,
                            struct entry_definition *out)
{
    bool background = wish->background;
    *out = (struct entry_definition){
        .arguments = wish->arguments,
        .description = wish->operation->title,
        .coalesce_key = background ? key : NULL,
        .run_as = "api",
        .notify = wish->notify,
        .schedule = SCHEDULE_AT,
        .priority = background ? wish->priority : PRIORITY_HIGH,
        .max_retry = background ? -1 : 0,
        .foreground = !background,
        .kind = background ? TICKET_IMMEDIATE : TICKET_FOREGROUND,
    };
    snprintf(out->company, sizeof out->company, "%s", wish->company);
    snprintf(out->category, sizeof out->category, "%s", wish->operation->category);
    snprintf(out->operation, sizeof out->operation, "%s", wish->operation->name);
}

/* The address of its log, for people and programs. */
static void add_log(json *run)
{
    OWN_TEXT char *path = mem_printf("/v1/companies/%s/log?entry=%s", json_text(run, "company"),
                                     json_text(run, "entry"));
    json_set_text(run, "log", path);
}

bool sync_start(struct api_call *call, const struct sync_wish *wish, json **run, struct err *err)
{
    char id[UUID_TEXT];
    bool existing = false;
    struct entry_definition definition;
    OWN_TEXT char *key = mem_printf("sync %s %s", wish->operation->name, wish->arguments);
    wish_definition(wish, key, &definition);
    if (!ledger_add(call->ledger, &definition, id, &existing, &call->granted, err))
        return false;
    /* The run may begin while we look for its number. */
    if (call->granted.count)
        call->config->publish(call->config->state, &call->granted);
    tickets_drop(&call->granted);
    call->config->kick(call->config->state);
    if (run_of_entry(call, wish->company, id, run, err)) {
        add_log(*run);
        return true;
    }
    if (!wish->background)
        take_back(call, wish->company, id);
    return false;
}

bool sync_on_leave(const json *body, bool *goes_on, struct err *err)
{
    const char *word = json_text(body, "on_leave");
    *goes_on = strcmp(word, "goes-on") == 0;
    if (*goes_on || !*word || strcmp(word, "cancel") == 0)
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                   "on_leave \"%.40s\": want cancel or goes-on, for a run whose caller leaves",
                   word);
}

bool sync_post(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_WANTED struct wanted wanted = {0};
    OWN_JSON json *run = NULL;
    bool background = true, goes_on = false;
    const char *notify = json_text(call->body, "notify");
    if (!api_company(call, company, err) || !sync_on_leave(call->body, &goes_on, err) ||
        !wanted_arguments(call->body, &wanted, err) ||
        !sync_ready(call, company, wanted.shop, &background, err) ||
        !notify_known(call, company, notify, err))
        return false;
    background |= json_flag(call->body, "detach", false);
    background &= !json_flag(call->body, "wait", false);

    const struct sync_wish wish = {.company = company,
                                   .operation = wanted.operation,
                                   .arguments = buf_str(&wanted.arguments),
                                   .notify = notify,
                                   .priority = wanted.operation->priority,
                                   .background = background};
    if (!sync_start(call, &wish, &run, err))
        return false;
    if (background)
        return api_answer(call, MHD_HTTP_ACCEPTED, GIVE(run));
    OWN_JSON json *tasks = json_new_array();
    json_add_text(tasks, json_text(run, "task"));
    if (run_stream(call, company, NULL, tasks, goes_on, err))
        return true;
    take_back(call, company, json_text(run, "entry"));
    return false;
}
