/* sync_all.c - all master data of some shops, each shop by its own toggle. */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "follow.h"
#include "leave.h"
#include "sync.h"

struct all {
    struct ctl *ctl;
    json *runs;           /* as last seen, in the order of the server */
    struct follow follow; /* of the first that is waited for and has not ended */
    int code;             /* of the worst end */
};

static bool is_waited_for(const json *run)
{
    return strcmp(json_text(run, "kind"), "foreground") == 0;
}

static bool has_ended(const json *run)
{
    return strcmp(json_text(run, "state"), "finished") == 0;
}

/* Where it stands among those that are known; they grow at their end. */
static bool remember(struct all *all, const json *run)
{
    json *runs = json_new_array();
    bool known = false;
    for (size_t i = 0; i < json_count(all->runs); i++) {
        const json *row = json_at(all->runs, i);
        bool same = strcmp(json_text(row, "task"), json_text(run, "task")) == 0;
        json_add(runs, json_copy(same ? run : row));
        known |= same;
    }
    if (!known)
        json_add(runs, json_copy(run));
    json_free(all->runs);
    all->runs = runs;
    return known;
}

static void tell_queued(struct all *all, const json *run)
{
    struct ctl *ctl = all->ctl;
    if (ctl->json)
        return;
    fprintf(ctl->out, "%s %s: ", json_text(json_get(run, "arguments"), "shop"),
            json_text(run, "operation"));
    sync_print_queued(ctl, run);
    fflush(ctl->out); /* the others last */
}

static void tell_end(struct all *all, const json *run)
{
    struct ctl *ctl = all->ctl;
    int code = run_ended_well(run) ? EXIT_OK : EXIT_FAILED;
    if (!ctl->json) {
        fprintf(ctl->out, "%s %s: ", json_text(json_get(run, "arguments"), "shop"),
                json_text(run, "operation"));
        fflush(ctl->out);
        code = follow_result(&all->follow);
        if (code != EXIT_OK)
            fputs("failed\n", ctl->out);
        fflush(ctl->out);
    }
    all->code = code != EXIT_OK ? code : all->code;
}

/* The server tells of all runs once, then of each that is waited for until it ends. */
static void see(void *state, const json *run)
{
    struct all *all = state;
    bool known = remember(all, run);
    if (!is_waited_for(run)) {
        tell_queued(all, run);
        return;
    }
    if (!known && all->follow.run && !has_ended(all->follow.run))
        return; /* its turn comes */
    if (all->follow.run &&
        strcmp(json_text(all->follow.run, "task"), json_text(run, "task")) != 0) {
        follow_drop(&all->follow);
        follow_open(&all->follow, all->ctl);
    }
    follow_see(&all->follow, run);
    if (has_ended(run))
        tell_end(all, run);
}

static bool all_ended(const json *runs)
{
    for (size_t i = 0; i < json_count(runs); i++)
        if (is_waited_for(json_at(runs, i)) && !has_ended(json_at(runs, i)))
            return false;
    return true;
}

/* Those that are waited for; the others are the queue's. */
static json *waited(const json *runs)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_count(runs); i++)
        if (is_waited_for(json_at(runs, i)))
            json_add(out, json_copy(json_at(runs, i)));
    return out;
}

static int over(struct all *all, enum leave leave, const struct err *err)
{
    struct ctl *ctl = all->ctl;
    OWN_JSON json *ours = waited(all->runs);
    if (err->kind == ERR_CANCELLED)
        return leave_runs(ctl, leave, &all->follow, ours);
    if (err->kind != ERR_NONE)
        return ctl_refused(ctl, &(struct client_answer){0}, err);
    if (!all_ended(all->runs))
        return ctl_fail(ctl, EXIT_UNREACHABLE,
                        "the producer ended the connection before the runs did; see `cartage run "
                        "list`");
    if (ctl->json) {
        OWN_JSON json *answer = json_new_object();
        json_set(answer, "runs", json_copy(all->runs));
        ctl_print_json(ctl, answer);
    }
    return all->code;
}

/* What it left to others, so that nobody takes it for synced. */
static void tell_left_out(struct ctl *ctl, const json *answer)
{
    const json *names = json_get(answer, "not_run");
    for (size_t i = 0; i < json_count(names); i++)
        fprintf(ctl->err, "%s%s", i ? ", " : "not run: ", json_string(json_at(names, i)));
    if (json_count(names))
        fputc('\n', ctl->err);
}

int command_sync_all(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object();
    struct client_answer answer = {0};
    struct err err = {0};
    struct all all = {.ctl = ctl, .runs = json_new_array()};
    enum leave leave;
    int code = leave_choice(ctl, &leave);
    json *shops = json_new_array();
    OWN_BUF struct buf path = {0};
    for (size_t i = 0; i < ctl->arg_count; i++)
        json_add_text(shops, ctl->args[i]);
    json_set(body, "shops", shops);
    json_set_text(body, "on_leave", leave_word(leave));
    if (ctl->notify)
        json_set_text(body, "notify", ctl->notify);
    buf_text(&path, "/v1/sync/all");
    ctl_scope(ctl, &path, false);
    follow_open(&all.follow, ctl);
    if (code == EXIT_OK) {
        bool called =
            client_call(ctl->client, "POST", buf_str(&path), body, see, &all, &answer, &err);
        if (called && answer.status == 202) {
            for (size_t i = 0; i < json_count(json_get(answer.body, "runs")); i++)
                tell_queued(&all, json_at(json_get(answer.body, "runs"), i));
            if (ctl->json)
                ctl_print_json(ctl, answer.body);
            else
                tell_left_out(ctl, answer.body);
        } else if (called && answer.status != 200) {
            code = ctl_refused(ctl, &answer, &err);
        } else {
            code = over(&all, leave, &err);
        }
    }
    follow_drop(&all.follow);
    json_free(all.runs);
    client_answer_drop(&answer);
    return code;
}
