/* why.c - which of all blockers holds a run: the queue's own first, then the peers'.
 *
 * A run has one state at a time, and each state has its blockers: due (a time, a budget, a peer),
 * gated (its category), granted (a worker, the broker), rest (a person). A run that is over may
 * have left an entry that a person has to put right, or records in a bulk operation at Shopify.
 */
#include "admin/why.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/actions.h"
#include "admin/why_calendar.h"
#include "base/clock.h"
#include "ledger/alive.h"
#include "ledger/categories.h"
#include "ledger/commands.h"
#include "queue/entry.h"
#include "store/store.h"

enum {
    TAKEN_MS = 3000, /* an idle worker takes a grant within this, with or without its ticket */
    FIRED_MS = 5000, /* a producer fires what is due within this */
};

struct asked {
    struct ledger *ledger;
    const char *company;
    const struct admin_config *config;
    int64_t now_ms;
    json *run;   /* NULL = asked of an entry that has no run at hand */
    json *entry; /* NULL = gone */
    json *why;   /* the answer, owned */
};

static void asked_drop(struct asked *asked)
{
    json_free(asked->run);
    json_free(asked->entry);
    json_free(asked->why);
}
#define OWN_ASKED __attribute__((cleanup(asked_drop)))

/* ---- the answer ---- */

/* Returns its values. */
PRINTF(3, 4)
static json *because(struct asked *asked, const char *code, const char *format, ...)
{
    char text[1024];
    json *values = json_new_object();
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_free(asked->why);
    asked->why = json_new_object();
    json_set_text(asked->why, "code", code);
    json_set_text(asked->why, "text", text);
    json_set(asked->why, "values", values);
    json_set(asked->why, "action", NULL);
    return values;
}

/* `what` stands between the folder and the verb: an entry's id, a shop's code. */
static void call_helps(struct asked *asked, const char *title, const char *method,
                       const char *folder, const char *what, const char *verb, const char *command)
{
    OWN_BUF struct buf path = {0};
    buf_printf(&path, "/v1/%s/", folder);
    buf_escape(&path, *what ? what : "-");
    buf_printf(&path, "%s?company=%s", verb, asked->company);
    OWN_TEXT char *line = mem_printf(strchr(what, ' ') ? "cartage %s \"%s\"" : "cartage %s %s",
                                     command, *what ? what : "-");
    json_set(asked->why, "action", action_with(title, method, buf_str(&path), NULL, line));
}

/* Not this API's to do: it starts a program. */
static void command_helps(struct asked *asked, const char *title, const char *command)
{
    json *action = json_new_object();
    json_set_text(action, "title", title);
    json_set_text(action, "command", command);
    json_set(asked->why, "action", action);
}

static const char *entry_of(const struct asked *asked)
{
    return asked->run ? json_text(asked->run, "entry") : json_text(asked->entry, "id");
}

static const char *argument(const struct asked *asked, const char *name)
{
    return json_text(json_get(asked->run ? asked->run : asked->entry, "arguments"), name);
}

static void set_until(json *values, int64_t until_ms)
{
    json_set_int(values, "until_ms", until_ms);
}

/* ---- gated: its category ---- */

static bool gated(struct asked *asked, struct err *err)
{
    OWN_JSON json *lane = NULL;
    const char *category = json_text(asked->run, "category");
    const char *name = *category ? category : "-";
    json *values;
    if (!ledger_category(asked->ledger, asked->company, category, &lane, err))
        return false;
    const json *holders = json_get(lane, "holders"), *holder = json_at(holders, 0);
    if (json_flag(lane, "paused", false)) {
        values = because(asked, "category_paused", "waits for category %s, which is paused", name);
        json_set_text(values, "category", category);
        call_helps(asked, "End the pause", "PATCH", "categories", category, "", "category resume");
        json *body = json_new_object();
        json_set_bool(body, "paused", false);
        json_set(json_get(asked->why, "action"), "body", body);
        return true;
    }
    if (!holder) {
        values = because(asked, "turn", "waits for its turn in category %s, which is now", name);
        json_set_text(values, "category", category);
        return true;
    }
    char no[24];
    size_t others = json_count(holders) - 1;
    snprintf(no, sizeof no, "%" PRId64, json_int(holder, "run", 0));
    bool runs = strcmp(json_text(holder, "state"), "running") == 0;
    values = because(asked, "category_busy", "waits for category %s: run %s (%s)%s %s", name, no,
                     json_text(holder, "operation"), others ? " and others" : "",
                     others ? "hold its permits"
                     : runs ? "runs in it"
                            : "has its permit");
    json_set_text(values, "category", category);
    json_set_int(values, "run", json_int(holder, "run", 0));
    json_set_text(values, "operation", json_text(holder, "operation"));
    json_set_int(values, "others", (int64_t)others);
    call_helps(asked, "Show the run it waits for", "GET", "runs", no, "", "run show");
    return true;
}

/* ---- granted: a worker ---- */

/* Workers that live and serve the category, and how many runs they carry at once. A worker that
 * has just begun is heard of before it takes anything. */
static bool count_workers(struct asked *asked, const char *category, int64_t *workers,
                          int64_t *executors, struct err *err)
{
    OWN_JSON json *alive = NULL;
    *workers = *executors = 0;
    if (!ledger_alive(asked->ledger, &alive, err))
        return false;
    for (size_t i = 0; i < json_count(alive); i++) {
        const json *process = json_at(alive, i);
        if (!alive_serves(process, category))
            continue;
        *workers += 1;
        *executors += json_int(process, "executors", 0);
    }
    return true;
}

static bool granted(struct asked *asked, struct err *err)
{
    const char *category = json_text(asked->run, "category"), *name = *category ? category : "-";
    int64_t waited_ms = asked->now_ms - json_int(asked->entry, "granted_ms", asked->now_ms);
    const struct admin_config *config = asked->config;
    int64_t workers, executors;
    json *values;
    if (!count_workers(asked, category, &workers, &executors, err))
        return false;
    if (!workers) {
        values = because(asked, "no_worker",
                         "waits for a worker: none that lives serves category %s", name);
        OWN_TEXT char *start = *category ? mem_printf("cartage-worker --categories %s", category)
                                         : mem_text("cartage-worker");
        command_helps(asked, "Start a worker", start);
    } else if (waited_ms < TAKEN_MS) {
        values = because(asked, "handed_out", "waits for a worker, which takes it in a moment");
    } else if (config->broker_away && config->broker_away(config->state)) {
        values = because(asked, "no_broker",
                         "waits for a worker, and no Kafka broker answers: tickets do not travel, "
                         "so only an idle worker that looks for itself finds it");
        command_helps(asked, "Look at the brokers", "cartage doctor");
    } else {
        values = because(asked, "workers_busy",
                         "waits for a free executor: all %" PRId64 " of the %" PRId64
                         " workers that serve category %s are busy",
                         executors, workers, name);
        command_helps(asked, "Start another worker", "cartage-worker");
    }
    json_set_text(values, "category", category);
    json_set_int(values, "workers", workers);
    json_set_int(values, "executors", executors);
    json_set_int(values, "waited_s", waited_ms / 1000);
    return true;
}

/* ---- due: a time, or a peer that wants a pause ---- */

/* Reasons of a park (worker/executor.c). */
static const struct {
    const char *why, *code, *text;
} PARKS[] = {
    {"budget",    "budget",      "waits until %s for the store's budget of calls"       },
    {"bc-limit",  "bc_limit",    "waits until %s, because Business Central limits calls"},
    {"bulk",      "bulk",        "waits until %s for a bulk operation at Shopify"       },
    {"uncertain", "uncertain",   "waits until %s to look for what may have been written"},
    {"hand-over", "handed_over", "made room for others at %s; goes on as soon as it can"},
    {"drain",     "drained",     "its worker ended at %s; another goes on with it"      },
};

static void parked(struct asked *asked, const char *when)
{
    const char *why = json_text(asked->run, "why"), *error = json_text(asked->run, "error");
    for (size_t i = 0; i < COUNT(PARKS); i++) {
        if (strcmp(PARKS[i].why, why) != 0)
            continue;
        OWN_BUF struct buf text = {0};
        buf_printf(&text, PARKS[i].text, when);
        json *values =
            because(asked, PARKS[i].code, "%s%s%s", buf_str(&text), *error ? ": " : "", error);
        set_until(values, json_int(asked->run, "due_ms", 0));
        json_set_text(values, "shop", argument(asked, "shop"));
        json_set_text(values, "error", error);
        return;
    }
    set_until(because(asked, "parked", "is parked until %s: %s", when, why),
              json_int(asked->run, "due_ms", 0));
}

/* Its latest attempt failed: tried again at a known time, or now, if a person wants. */
static void retried(struct asked *asked, const char *when)
{
    int64_t retry = json_int(asked->run, "retries", 0);
    json *values =
        because(asked, "retry", "waits until %s for retry %" PRId64 " of %" PRId64 ": %s", when,
                retry, json_int(asked->entry, "max_retry", 0), json_text(asked->run, "error"));
    set_until(values, json_int(asked->run, "due_ms", 0));
    json_set_int(values, "retry", retry);
    json_set_int(values, "max_retry", json_int(asked->entry, "max_retry", 0));
    json_set_text(values, "error", json_text(asked->run, "error"));
    call_helps(asked, "Try it now", "POST", "entries", entry_of(asked), "/restart",
               "entry restart");
}

static void run_now_helps(struct asked *asked)
{
    call_helps(asked, "Run it once now", "POST", "entries", entry_of(asked), "/run", "entry run");
}

/* A planned time: in its window, or out of it. */
static bool timed(struct asked *asked, int64_t due_ms, const char *when, struct err *err)
{
    struct why_window window;
    if (!due_ms) {
        because(asked, "manual", "has no times of its own: an event wakes it, or a person");
        run_now_helps(asked);
        return true;
    }
    if (due_ms + FIRED_MS < asked->now_ms) {
        int64_t late_s = (asked->now_ms - due_ms) / 1000;
        json *values = because(asked, "no_producer", "is due, and no producer fires it");
        json_set_int(values, "late_s", late_s);
        command_helps(asked, "Look at the producers", "cartage doctor");
        return true;
    }
    if (!why_window(asked->ledger, asked->company, asked->entry, asked->now_ms, &window, err))
        return false;
    json *values =
        window.closed
            ? because(asked, "window", "waits for its window, %s%s%s (%s): next at %s", window.days,
                      *window.days && *window.hours ? " " : "", window.hours, window.zone, when)
            : because(asked, "time", "waits for its time, %s", when);
    set_until(values, due_ms);
    if (window.closed) {
        json_set_text(values, "days", window.days);
        json_set_text(values, "window", window.hours);
        json_set_text(values, "zone", window.zone);
    }
    run_now_helps(asked);
    return true;
}

static bool due(struct asked *asked, struct err *err)
{
    const json *of = asked->run ? asked->run : asked->entry;
    const char *outcome = json_text(asked->run, "outcome");
    int64_t due_ms = json_int(of, "due_ms", 0);
    char when[32];
    time_format(due_ms, false, when);
    if (strcmp(outcome, "retry") == 0 || strcmp(outcome, "timeout") == 0)
        retried(asked, when);
    else if (strcmp(outcome, "park") == 0)
        parked(asked, when);
    else if (strcmp(outcome, "lost") == 0)
        because(asked, "lost", "its worker was lost; a producer hands it out again now");
    else
        return timed(asked, due_ms, when, err);
    return true;
}

/* ---- running, resting, over ---- */

static void running(struct asked *asked)
{
    const char *step = json_text(json_get(asked->run, "progress"), "step");
    const char *worker = json_text(asked->run, "worker");
    json *values =
        because(asked, "running", "runs on worker %s: %s", worker, *step ? step : "has begun");
    json_set_text(values, "worker", worker);
    json_set_text(values, "step", step);
}

/* It rests with its plan: a person looks at it and says whether it may go on. */
static void resting(struct asked *asked)
{
    const char *error = json_text(asked->run, "error");
    json *values =
        because(asked, "approval", "rests until a person says that it may go on: %s", error);
    json_set_text(values, "error", error);
    call_helps(asked, "Let it go on", "POST", "entries", entry_of(asked), "/ready", "entry ready");
}

/* Its entry was taken out of the queue, or has given up. */
static void out_of_queue(struct asked *asked, bool failed)
{
    const char *error = json_text(asked->entry, "error");
    if (failed) {
        json *values = because(asked, "error", "its entry stopped after it failed: %s", error);
        json_set_text(values, "error", error);
        call_helps(asked, "Run it again", "POST", "entries", entry_of(asked), "/restart",
                   "entry restart");
        return;
    }
    because(asked, "hold", "its entry is on hold");
    call_helps(asked, "End the hold", "POST", "entries", entry_of(asked), "/ready", "entry ready");
}

/* What its shop has under way at Shopify; *purpose "" = nothing. */
static bool bulk_of(struct asked *asked, const char *shop, const char **purpose, int64_t *began_ms,
                    struct err *err)
{
    static const char *const PURPOSES[] = {"numbers", "close"}; /* schemas/staging/bulk.md */
    static const char *const FIELDS[] = {"state", "began"};
    OWN_TEXT char *numbers = mem_printf("bulk:%s:%s", shop, PURPOSES[0]);
    OWN_TEXT char *close = mem_printf("bulk:%s:%s", shop, PURPOSES[1]);
    const char *const keys[] = {numbers, close};
    OWN(store_rows) struct store_rows *rows = NULL;
    *purpose = "";
    if (!store_read(asked->ledger, asked->company, keys, COUNT(keys), FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    for (size_t i = 0; i < COUNT(keys) && !**purpose; i++) {
        const char *state = store_text(rows, i, 0);
        if (!*state || strcmp(state, "resting") == 0)
            continue;
        *purpose = PURPOSES[i];
        *began_ms = store_int(rows, i, 1);
    }
    return true;
}

static void look_again_helps(struct asked *asked, const char *shop)
{
    const char *operation = json_text(asked->run, "operation");
    json *body = json_new_object();
    OWN_TEXT char *path = mem_printf("/v1/sync?company=%s", asked->company);
    OWN_TEXT char *command = mem_printf("cartage sync %s --shop %s", operation, shop);
    json_set_text(body, "operation", operation);
    json_set_text(body, "shop", shop);
    json_set(asked->why, "action",
             action_with("Look for its answers now", "POST", path, body, command));
}

static bool over(struct asked *asked, struct err *err)
{
    const char *outcome = json_text(asked->run, "outcome"), *error = json_text(asked->run, "error");
    const char *shop = argument(asked, "shop"), *status = json_text(asked->entry, "status"),
               *purpose;
    int64_t began_ms = 0;
    if (asked->entry && strcmp(status, entry_status_name(STATUS_ERROR)) == 0) {
        out_of_queue(asked, true);
        return true;
    }
    if (asked->entry && strcmp(status, entry_status_name(STATUS_ON_HOLD)) == 0) {
        out_of_queue(asked, false);
        return true;
    }
    if (*shop && !bulk_of(asked, shop, &purpose, &began_ms, err))
        return false;
    if (*shop && *purpose && (strcmp(outcome, "ok") == 0 || strcmp(outcome, "idle") == 0)) {
        json *values =
            because(asked, "bulk",
                    "has ended (%s), and a bulk operation at Shopify (%s) still writes for "
                    "shop %s; the next run of the shop takes its answers",
                    outcome, purpose, shop);
        json_set_text(values, "shop", shop);
        json_set_text(values, "purpose", purpose);
        json_set_int(values, "began_ms", began_ms);
        look_again_helps(asked, shop);
        return true;
    }
    json *values =
        because(asked, "ended", "has ended (%s)%s%s", outcome, *error ? ": " : "", error);
    json_set_text(values, "outcome", outcome);
    json_set_text(values, "error", error);
    return true;
}

/* ---- the one blocker ---- */

/* Of a shop that is off nothing can run, whatever else it waits for. */
static bool shop_is_off(struct asked *asked, bool *off, struct err *err)
{
    const char *shop = argument(asked, "shop");
    OWN_JSON json *settings = NULL;
    *off = false;
    if (!*shop)
        return true;
    OWN_TEXT char *name = mem_printf("shop:%s", shop);
    if (!ledger_settings_get(asked->ledger, asked->company, name, &settings, err))
        return false;
    *off = settings && !json_flag(settings, "enabled", false);
    if (!*off)
        return true;
    json_set_text(because(asked, "shop_disabled", "waits for shop %s, which is not enabled", shop),
                  "shop", shop);
    call_helps(asked, "Enable the shop", "POST", "shops", shop, "/enable", "shop enable");
    return true;
}

static bool answer(struct asked *asked, json **out, struct err *err)
{
    const char *state = json_text(asked->run, "state");
    bool off = false, ended = strcmp(state, "finished") == 0, good = true;
    bool fatal = strcmp(json_text(asked->run, "outcome"), "fatal") == 0;
    if (strcmp(state, "running") != 0 && (!ended || fatal) && !shop_is_off(asked, &off, err))
        return false;
    if (off)
        ;
    else if (strcmp(state, "running") == 0)
        running(asked);
    else if (strcmp(state, "due") == 0)
        good = due(asked, err);
    else if (strcmp(state, "gated") == 0)
        good = gated(asked, err);
    else if (strcmp(state, "granted") == 0)
        good = granted(asked, err);
    else if (strcmp(state, "rest") == 0)
        resting(asked);
    else
        good = over(asked, err);
    if (good)
        *out = GIVE(asked->why);
    return good;
}

/* A run without its entry is over; one that is over may outlive it. */
static bool look(struct asked *asked, const char *entry_id, struct err *err)
{
    struct err gone = {0};
    if (!ledger_now(asked->ledger, &asked->now_ms, err))
        return false;
    if (ledger_entry(asked->ledger, asked->company, entry_id, &asked->entry, &gone))
        return true;
    *err = gone;
    return gone.code == 404;
}

bool why_run(const struct admin_config *config, struct ledger *ledger, const char *company,
             const char *task_or_no, json **out, struct err *err)
{
    OWN_ASKED struct asked asked = {.ledger = ledger, .company = company, .config = config};
    return ledger_run(ledger, company, task_or_no, &asked.run, err) &&
           look(&asked, json_text(asked.run, "entry"), err) && answer(&asked, out, err);
}

bool why_entry(const struct admin_config *config, struct ledger *ledger, const char *company,
               const char *entry_id, json **out, struct err *err)
{
    OWN_ASKED struct asked asked = {.ledger = ledger, .company = company, .config = config};
    bool off, good = true;
    if (!look(&asked, entry_id, err))
        return false;
    if (!asked.entry)
        return false; /* `err` says that it is not there */
    if (*json_text(asked.entry, "task"))
        return ledger_run(ledger, company, json_text(asked.entry, "task"), &asked.run, err) &&
               answer(&asked, out, err);
    const char *status = json_text(asked.entry, "status");
    if (strcmp(status, entry_status_name(STATUS_ON_HOLD)) == 0)
        out_of_queue(&asked, false);
    else if (!shop_is_off(&asked, &off, err))
        return false;
    else if (off)
        ;
    else if (strcmp(status, entry_status_name(STATUS_ERROR)) == 0)
        out_of_queue(&asked, true);
    else
        good = due(&asked, err);
    if (good)
        *out = GIVE(asked.why);
    return good;
}
