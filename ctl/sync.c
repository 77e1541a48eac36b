/* sync.c - the toggle, as a person meets it: a run's number at once, or the run until its end. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "follow.h"
#include "leave.h"
#include "operation_flags.h"
#include "sync.h"
#include "text.h"

void sync_print_queued(struct ctl *ctl, const json *run)
{
    fprintf(ctl->out, "run %" PRId64 " (%s)\nlog: cartage log --entry %s\n", json_int(run, "no", 0),
            json_text(run, "task"), json_text(run, "entry"));
}

static int queued(struct ctl *ctl, const json *run)
{
    if (ctl->json && !ctl->follow)
        ctl_print_json(ctl, run);
    else if (!ctl->json)
        sync_print_queued(ctl, run);
    fflush(ctl->out);
    return ctl->follow ? follow_run(ctl, run) : EXIT_OK;
}

/* `quiet`: who asked goes on with the run, and tells what came of it. */
static int waited_for(struct ctl *ctl, struct follow *follow, bool quiet, enum leave leave,
                      const struct err *err)
{
    if (err->kind == ERR_CANCELLED) {
        OWN_JSON json *runs = json_new_array();
        json_add(runs, json_copy(follow->run));
        return leave_runs(ctl, leave, follow, runs);
    }
    bool over = follow->run && strcmp(json_text(follow->run, "state"), "finished") == 0;
    if (!over && err->kind != ERR_NONE)
        return ctl_refused(ctl, &(struct client_answer){0}, err);
    if (!over)
        return ctl_fail(
            ctl, EXIT_UNREACHABLE,
            "the producer ended the connection before the run did; see `cartage run list`");
    return quiet && run_ended_well(follow->run) ? EXIT_OK : follow_result(follow);
}

/* run NULL = as the toggle says; else waited for, and given to the caller. */
static int sync_once(struct ctl *ctl, const char *operation, const json *arguments, json **run)
{
    OWN_JSON json *body = json_new_object();
    enum leave leave;
    int code = leave_choice(ctl, &leave);
    if (code != EXIT_OK)
        return code;
    json_set_text(body, "on_leave", leave_word(leave));
    json_set(body, "arguments", json_copy(arguments));
    json_set_text(body, "operation", operation);
    if (run)
        json_set_bool(body, "wait", true);
    else if (ctl->detach)
        json_set_bool(body, "detach", true);
    if (ctl->notify)
        json_set_text(body, "notify", ctl->notify);

    OWN_BUF struct buf path = {0};
    struct client_answer answer = {0};
    struct err err = {0};
    struct follow follow;
    buf_text(&path, "/v1/sync");
    ctl_scope(ctl, &path, false);
    follow_open(&follow, ctl);
    bool called =
        client_call(ctl->client, "POST", buf_str(&path), body, follow_see, &follow, &answer, &err);
    if (called && answer.status == 202)
        code = queued(ctl, answer.body);
    else if (called && answer.status != 200)
        code = ctl_refused(ctl, &answer, &err);
    else
        code = waited_for(ctl, &follow, run != NULL, leave, &err);
    if (run)
        *run = json_copy(follow.run);
    follow_drop(&follow);
    client_answer_drop(&answer);
    return code;
}

int sync_waited(struct ctl *ctl, const char *operation, const json *arguments, json **run)
{
    return sync_once(ctl, operation, arguments, run);
}

/* Reading orders and making documents are two operations of one category: queued in this order,
 * they run in this order, and waited for, the second starts when the first ended well. */
int command_sync(struct ctl *ctl)
{
    OWN_JSON json *arguments = json_new_object();
    const struct operation *operation = operation_named(ctl, ctl->args[0]);
    int code = operation ? operation_flags(ctl, operation, arguments) : EXIT_USAGE;
    if (code != EXIT_OK)
        return code;
    if (ctl->process && strcmp(operation->name, "orders.sync") != 0)
        return ctl_fail(ctl, EXIT_USAGE, "--process goes with orders.sync, not with %s",
                        operation->name);
    if (ctl->process && ctl->json)
        return ctl_fail(ctl, EXIT_USAGE,
                        "--process makes two runs, --json one document; call sync twice");
    code = sync_once(ctl, operation->name, arguments, NULL);
    if (code != EXIT_OK || !ctl->process)
        return code;
    OWN_JSON json *shop = json_new_object();
    json_set_text(shop, "shop", json_text(arguments, "shop"));
    return sync_once(ctl, "orders.process", shop, NULL);
}

/* ---- entry run ---- */

int command_entry_run(struct ctl *ctl)
{
    OWN_JSON json *run = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/entries/");
    ctl_escape(&path, ctl->args[0]);
    buf_text(&path, "/run");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "POST", buf_str(&path), NULL, &run);
    return code != EXIT_OK ? code : queued(ctl, run);
}
