/* lists.c - lists and single records: entries, runs, shops, cues, unmapped, skips. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "follow.h"
#include "lists.h"
#include "text.h"

/* The pages behind the first one, into it: whoever asks for a list without a limit wants all of it.
 */
static int ask_pages(struct ctl *ctl, const char *path, const char *name, json *answer)
{
    OWN_TEXT char *next = mem_text(json_text(answer, "next"));
    while (*next && !strstr(path, "limit=") && !ctl_leaving()) {
        OWN_BUF struct buf full = {0};
        OWN_JSON json *page = NULL;
        buf_printf(&full, "%s%cafter=", path, strchr(path, '?') ? '&' : '?');
        ctl_escape(&full, next);
        int code = ctl_ask(ctl, "GET", buf_str(&full), NULL, &page);
        if (code != EXIT_OK)
            return code;
        json *rows = json_get(answer, name);
        for (size_t i = 0; i < json_count(json_get(page, name)); i++)
            json_add(rows, json_copy(json_at(json_get(page, name), i)));
        free(next);
        next = mem_text(json_text(page, "next"));
    }
    return EXIT_OK;
}

int list_ask(struct ctl *ctl, const char *path, const char *name, bool with_shop, json **answer,
             json **rows)
{
    OWN_BUF struct buf full = {0};
    buf_text(&full, path);
    ctl_scope(ctl, &full, with_shop);
    int code = ctl_ask(ctl, "GET", buf_str(&full), NULL, answer);
    if (code == EXIT_OK)
        code = ask_pages(ctl, buf_str(&full), name, *answer);
    if (code != EXIT_OK)
        return code;
    *rows = json_get(*answer, name);
    if (ctl->json) {
        ctl_print_json(ctl, *answer);
        *rows = NULL;
    } else if (!json_count(*rows)) {
        fprintf(ctl->err, "no %s%s%s\n", name, ctl->arg_count ? " " : "",
                ctl->arg_count ? ctl->args[0] : "");
    }
    return EXIT_OK;
}

/* "ok on worker a7aa9a6334bad288 (6.3 s): read 231, created 181" */
static void attempt_text(const json *attempt, struct buf *out)
{
    char took[32];
    const char *error = json_text(attempt, "error"), *outcome = json_text(attempt, "outcome");
    OWN_BUF struct buf counts = {0};
    took_text(attempt, took);
    counts_text(json_get(attempt, "counts"), &counts);
    buf_printf(out, "%s on worker %s (%s): %s", *outcome ? outcome : "running",
               json_text(attempt, "worker"), took, *error ? error : buf_str(&counts));
}

static void add_attempts(struct table *table, const json *attempts)
{
    for (size_t i = 0; i < json_count(attempts); i++) {
        OWN_BUF struct buf text = {0};
        attempt_text(json_at(attempts, i), &text);
        table_cell(table, "attempt %" PRId64, json_int(json_at(attempts, i), "attempt", 0));
        table_cell(table, "%s", buf_str(&text));
    }
}

/* A time, a span, what a run has done, or the value as it is. */
static void field_text(const struct ctl *ctl, const char *name, const json *record,
                       const json *value, struct buf *out)
{
    char when[32], at[32];
    size_t size = strlen(name);
    const char *text = json_string(value);
    int64_t ms = json_int(record, name, 0);
    bool is_ms = size > 3 && strcmp(name + size - 3, "_ms") == 0 && ms > 0;
    if (is_ms && ms > 1000000000000) {
        when_text(ms, clock_now_ms(ctl->clock), when);
        time_format(ms, false, at);
        buf_printf(out, "%s (%s)", at, when);
    } else if (is_ms) {
        span_text(ms, at);
        buf_printf(out, "%" PRId64 " (%s)", ms, at);
    } else if (strcmp(name, "counts") == 0 && json_is_object(value)) {
        counts_text(value, out);
    } else {
        const char *written = *text || !value ? text : json_write(value);
        buf_text(out, strcmp(written, "\"\"") == 0 ? "-" : written);
    }
}

void record_print(struct ctl *ctl, const json *record)
{
    if (ctl->json) {
        ctl_print_json(ctl, record);
        return;
    }
    struct table table = {.columns = 2};
    const char *name;
    json *child;
    JSON_EACH(name, child, record)
    {
        OWN_BUF struct buf text = {0};
        if (strcmp(name, "attempts") == 0 && json_is_array(child)) {
            add_attempts(&table, child);
            continue;
        }
        field_text(ctl, name, record, child, &text);
        table_cell(&table, "%s", name);
        table_cell(&table, "%s", buf_str(&text));
    }
    if (table.cells)
        table_print(&table, ctl->out);
}

static int ask_record(struct ctl *ctl, const char *method, const char *folder, const char *id,
                      const char *action, const json *body, json **out)
{
    OWN_BUF struct buf path = {0};
    buf_printf(&path, "/v1/%s/", folder);
    ctl_escape(&path, id);
    buf_text(&path, action);
    ctl_scope(ctl, &path, false);
    return ctl_ask(ctl, method, buf_str(&path), body, out);
}

/* ---- entries ---- */

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

/* "15 min mon-fri 08:00-18:00", "1D+CM 06:00", "once". */
static void rhythm(const json *entry, char out[static 96])
{
    char span[32];
    const char *formula = json_text(entry, "formula"), *days = json_text(entry, "days");
    if (*formula) {
        snprintf(out, 96, "%.24s %.8s", formula, json_text(entry, "at_time"));
    } else if (strcmp(json_text(entry, "schedule"), "manual") == 0) {
        snprintf(out, 96, "by events");
    } else if (!json_int(entry, "every_ms", 0)) {
        snprintf(out, 96, "once");
    } else {
        const char *window = json_text(entry, "window");
        span_text(json_int(entry, "every_ms", 0), span);
        snprintf(out, 96, "%s%s%.31s%s%.17s", span, *days ? " " : "", days, *window ? " " : "",
                 window);
    }
}

static void entry_row(struct table *table, const json *entry, int64_t now_ms)
{
    char next[32], last[32], every[96];
    const json *before = json_get(entry, "last");
    bool running = strcmp(json_text(entry, "sub"), "running") == 0;
    when_text(json_int(entry, "due_ms", 0), now_ms, next);
    when_text(json_int(before, "finished_ms", 0), now_ms, last);
    rhythm(entry, every);
    table_cell(table, "%s", json_text(entry, "id"));
    table_cell(table, "%s", or_dash(json_text(entry, "description")));
    table_cell(table, "%s", json_text(entry, "operation"));
    table_cell(table, "%s", or_dash(json_text(json_get(entry, "arguments"), "shop")));
    table_cell(table, "%s", every);
    table_cell(table, "%s", json_text(entry, "status"));
    table_cell(table, "%s", running ? "runs now" : next);
    if (before)
        table_cell(table, "run %" PRId64 " %s, %s", json_int(before, "run", 0),
                   json_text(before, "outcome"), last);
    else
        table_cell(table, "-");
}

static void heads(struct table *table, const char *const names[], size_t count)
{
    table->columns = count;
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%s", names[i]);
}

int command_entry_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"ENTRY", "NAME",   "OPERATION", "SHOP",
                                        "EVERY", "STATUS", "NEXT",      "LAST"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {0};
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/entries");
    ctl_query(&path, "search", ctl->arg_count ? ctl->args[0] : NULL);
    ctl_query(&path, "status", ctl->status);
    ctl_query(&path, "category", ctl->category);
    ctl_query(&path, "operation", ctl->operation);
    int code = list_ask(ctl, buf_str(&path), "entries", true, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(rows); i++)
        entry_row(&table, json_at(rows, i), clock_now_ms(ctl->clock));
    table_print(&table, ctl->out);
    return EXIT_OK;
}

static int entry_action(struct ctl *ctl, const char *method, const char *action, const json *body)
{
    OWN_JSON json *entry = NULL;
    int code = ask_record(ctl, method, "entries", ctl->args[0], action, body, &entry);
    if (code != EXIT_OK)
        return code;
    if (strcmp(method, "GET") == 0 || ctl->json) {
        record_print(ctl, entry);
        return EXIT_OK;
    }
    tell_warnings(ctl, json_get(entry, "warnings"));
    bool gone = strcmp(method, "DELETE") == 0;
    fprintf(ctl->out, "entry %s (%s): %s\n", json_text(entry, "id"), json_text(entry, "operation"),
            gone ? "deleted" : json_text(entry, "status"));
    return EXIT_OK;
}

int command_entry_set(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object();
    if (!ctl->priority && !ctl->category)
        return ctl_fail(ctl, EXIT_USAGE,
                        "what shall change? --priority high, normal or low, or --category");
    if (ctl->priority)
        json_set_text(body, "priority", ctl->priority);
    if (ctl->category)
        json_set_text(body, "category", ctl->category);
    return entry_action(ctl, "PATCH", "", body);
}

int command_entry_show(struct ctl *ctl)
{
    return entry_action(ctl, "GET", "", NULL);
}

int command_entry_hold(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object();
    json_set_bool(body, "stop", ctl->stop);
    return entry_action(ctl, "POST", "/hold", body);
}

int command_entry_ready(struct ctl *ctl)
{
    return entry_action(ctl, "POST", "/ready", NULL);
}

int command_entry_restart(struct ctl *ctl)
{
    return entry_action(ctl, "POST", "/restart", NULL);
}

int command_entry_delete(struct ctl *ctl)
{
    return entry_action(ctl, "DELETE", "", NULL);
}

/* ---- runs ---- */

static const char *state_word(const json *run)
{
    bool over = strcmp(json_text(run, "state"), "finished") == 0;
    return over ? json_text(run, "outcome") : json_text(run, "state");
}

/* Why it failed, what came of it, or how far it is. */
static void run_result(const json *run, struct buf *out)
{
    const json *progress = json_get(run, "progress");
    const char *error = json_text(run, "error"), *step = json_text(progress, "step");
    if (*error)
        buf_text(out, error);
    else if (strcmp(json_text(run, "state"), "finished") == 0 && json_int(run, "started_ms", 0))
        counts_text(json_get(run, "counts"), out);
    else if (*step)
        buf_printf(out, "%s %" PRId64 " of %" PRId64, step, json_int(progress, "done", 0),
                   json_int(progress, "total", 0));
}

static int list_runs(struct ctl *ctl)
{
    static const char *const HEADS[] = {"RUN",   "OPERATION", "SHOP", "TRY",
                                        "STATE", "STARTED",   "TOOK", "RESULT"};
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    json *rows = NULL;
    struct table table = {0};
    buf_text(&path, "/v1/runs");
    ctl_query(&path, "limit", ctl->limit ? ctl->limit : "50");
    ctl_query(&path, "open", ctl->open ? "true" : NULL);
    int code = list_ask(ctl, buf_str(&path), "runs", false, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *run = json_at(rows, i);
        OWN_BUF struct buf result = {0};
        char started[32], took[32];
        when_text(json_int(run, "started_ms", 0), clock_now_ms(ctl->clock), started);
        took_text(run, took);
        run_result(run, &result);
        table_cell(&table, "%" PRId64, json_int(run, "no", 0));
        table_cell(&table, "%s", json_text(run, "operation"));
        table_cell(&table, "%s", or_dash(json_text(json_get(run, "arguments"), "shop")));
        table_cell(&table, "%" PRId64, json_int(run, "attempt", 0));
        table_cell(&table, "%s", state_word(run));
        table_cell(&table, "%s", started);
        table_cell(&table, "%s", took);
        table_cell(&table, "%.120s", or_dash(buf_str(&result)));
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

/* Each run as it starts and ends. What has been said is kept as "task attempt state". */
static int watch_runs(struct ctl *ctl)
{
    OWN_JSON json *said = json_new_object();
    struct timespec second = {.tv_sec = 1};
    while (!ctl_leaving()) {
        OWN_JSON json *answer = NULL;
        OWN_BUF struct buf path = {0};
        buf_text(&path, "/v1/runs?limit=50");
        ctl_scope(ctl, &path, false);
        int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
        if (code != EXIT_OK)
            return code == EXIT_LEFT ? EXIT_OK : code;
        const json *rows = json_get(answer, "runs");
        json *now = json_new_object();
        for (size_t i = json_count(rows); i-- > 0;) {
            const json *run = json_at(rows, i);
            OWN_BUF struct buf result = {0};
            OWN_TEXT char *key = mem_printf("%s %" PRId64 " %s", json_text(run, "task"),
                                            json_int(run, "attempt", 0), state_word(run));
            json_set_bool(now, key, true);
            if (json_has(said, key))
                continue;
            run_result(run, &result);
            fprintf(ctl->out, "run %" PRId64 " %s: %s%s%s\n", json_int(run, "no", 0),
                    json_text(run, "operation"), state_word(run), result.size ? ": " : "",
                    buf_str(&result));
        }
        fflush(ctl->out);
        json_free(said);
        said = now;
        nanosleep(&second, NULL); /* Ctrl-C ends it early */
    }
    return EXIT_OK;
}

int command_run_list(struct ctl *ctl)
{
    if (ctl->follow && ctl->json)
        return ctl_fail(ctl, EXIT_USAGE,
                        "--follow prints for ever, --json one document; choose one");
    return ctl->follow ? watch_runs(ctl) : list_runs(ctl);
}

static int show_run(struct ctl *ctl, json *run)
{
    if (!ctl->follow) {
        record_print(ctl, run);
        return EXIT_OK;
    }
    return follow_run(ctl, run);
}

int command_run_show(struct ctl *ctl)
{
    OWN_JSON json *run = NULL;
    int code = ask_record(ctl, "GET", "runs", ctl->args[0], "", NULL, &run);
    return code != EXIT_OK ? code : show_run(ctl, run);
}

int command_run_cancel(struct ctl *ctl)
{
    OWN_JSON json *run = NULL;
    int code = ask_record(ctl, "POST", "runs", ctl->args[0], "/cancel", NULL, &run);
    if (code != EXIT_OK)
        return code;
    if (ctl->follow) {
        code = show_run(ctl, run);
        /* Cancelled is what was asked for. */
        return code == EXIT_FAILED ? EXIT_OK : code;
    }
    return ctl_answer(ctl, run, "run %" PRId64 ": %s\n", json_int(run, "no", 0),
                      strcmp(json_text(run, "state"), "finished") == 0
                          ? "cancelled"
                          : "will stop at its next step");
}

static void print_brake(const json *brake)
{
    const json *rows = json_get(brake, "rows");
    printf("%" PRId64 " of %" PRId64 " %s (more than %" PRId64 " percent):\n",
           json_int(brake, "hits", 0), json_int(brake, "records", 0), json_text(brake, "what"),
           json_int(brake, "percent", 0));
    for (size_t i = 0; i < json_count(rows); i++)
        printf("  %-40s %s -> %s\n", json_text(json_at(rows, i), "record"),
               json_text(json_at(rows, i), "before"), json_text(json_at(rows, i), "after"));
}

int command_run_plan(struct ctl *ctl)
{
    OWN_JSON json *plan = NULL;
    int code = ask_record(ctl, "GET", "runs", ctl->args[0], "/plan", NULL, &plan);
    const json *brakes = json_get(plan, "brakes");
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        return ctl_answer(ctl, plan, "%s", "");
    for (size_t i = 0; i < json_count(brakes); i++)
        print_brake(json_at(brakes, i));
    return EXIT_OK;
}

int command_run_approve(struct ctl *ctl)
{
    OWN_JSON json *run = NULL;
    int code = ask_record(ctl, "POST", "runs", ctl->args[0], "/approve", NULL, &run);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, run, "run %" PRId64 ": approved, it goes on\n", json_int(run, "no", 0));
}

/* A run's number, or its task id: that of its entry with its epoch and slot behind. */
static bool is_run(const char *word)
{
    return strspn(word, "0123456789") == strlen(word) || strchr(word, '.');
}

int command_why(struct ctl *ctl)
{
    OWN_JSON json *why = NULL;
    const char *what = ctl->args[0], *folder = is_run(what) ? "runs" : "entries";
    int code = ask_record(ctl, "GET", folder, what, "/why", NULL, &why);
    if (code != EXIT_OK)
        return code;
    const char *next = json_text(json_get(why, "action"), "command");
    return ctl_answer(ctl, why, "%s\n%s%s%s", json_text(why, "text"), *next ? "next: " : "", next,
                      *next ? "\n" : "");
}

/* ---- shops ---- */

int command_shop_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"SHOP",   "STORE",      "ENABLED",
                                        "WRITES", "BACKGROUND", "COMPANY"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {0};
    int code = list_ask(ctl, "/v1/shops", "shops", false, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *shop = json_at(rows, i);
        table_cell(&table, "%s", json_text(shop, "code"));
        table_cell(&table, "%s", json_text(shop, "store"));
        table_cell(&table, "%s", json_flag(shop, "enabled", false) ? "yes" : "no");
        table_cell(&table, "%s", json_flag(shop, "allow_writes", true) ? "yes" : "no");
        table_cell(&table, "%s", json_flag(shop, "background", true) ? "yes" : "no");
        table_cell(&table, "%s", json_text(shop, "company"));
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

static int shop_change(struct ctl *ctl, const char *method, const char *action, const json *body)
{
    OWN_JSON json *change = NULL;
    int code = ask_record(ctl, method, "shops", ctl->args[0], action, body, &change);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, change, "shop %s: %s\n", ctl->args[0], json_text(change, "change"));
}

int command_shop_enable(struct ctl *ctl)
{
    return shop_change(ctl, "POST", "/enable", NULL);
}

int command_shop_disable(struct ctl *ctl)
{
    return shop_change(ctl, "POST", "/disable", NULL);
}

/* ---- what needs a person ---- */

int command_cues(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {.columns = 3};
    int code = list_ask(ctl, "/v1/cues", "cues", true, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *cue = json_at(rows, i), *cures = json_get(cue, "cure");
        table_cell(&table, "%s", json_text(cue, "colour"));
        table_cell(&table, "%" PRId64, json_int(cue, "value", 0));
        table_cell(&table, "%s", json_text(cue, "title"));
        for (size_t k = 0; k < json_count(cures); k++) {
            table_cell(&table, "%s", "");
            table_cell(&table, "%s", "");
            table_cell(&table, "  %s", json_string(json_at(cures, k)));
        }
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

static void list_text(const json *list, struct buf *out)
{
    size_t count = json_count(list);
    for (size_t i = 0; i < count && i < 5; i++)
        buf_printf(out, "%s%s", i ? " " : "", json_string(json_at(list, i)));
    if (count > 5)
        buf_printf(out, " and %zu more", count - 5);
}

/* "10000 Adatum: same-phone, same-name"; where another fits as well, it is a question. */
static void suggestion_text(const json *list, struct buf *out)
{
    const json *first = json_at(list, 0), *why = json_get(first, "why");
    if (!first)
        return;
    buf_printf(out, "%s %s%s", json_text(first, "number"), json_text(first, "name"),
               json_flag(first, "sure", false) ? ":" : "?");
    for (size_t i = 0; i < json_count(why); i++)
        buf_printf(out, "%s %s", i ? "," : "", json_string(json_at(why, i)));
}

int command_unmapped(struct ctl *ctl)
{
    static const char *const HEADS[] = {"ID", "NAME", "REASON", "BLOCKS", "MIGHT BE"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {0};
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/unmapped/");
    ctl_escape(&path, ctl->args[0]);
    int code = list_ask(ctl, buf_str(&path), "unmapped", true, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        OWN_BUF struct buf blocks = {0}, might_be = {0};
        list_text(json_get(row, "blocks"), &blocks);
        suggestion_text(json_get(row, "suggestions"), &might_be);
        table_cell(&table, "%s", json_text(row, "id"));
        table_cell(&table, "%s", json_text(row, "name"));
        table_cell(&table, "%s", json_text(row, "reason"));
        table_cell(&table, "%s", or_dash(buf_str(&blocks)));
        table_cell(&table, "%s", or_dash(buf_str(&might_be)));
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

/* One product, the list of products; other words are the list's already, or the API says no. */
static const char *list_of(const char *kind)
{
    static const char *const LISTS[][2] = {
        {"product",  "products" },
        {"customer", "customers"},
        {"company",  "companies"}
    };
    for (size_t i = 0; i < COUNT(LISTS); i++)
        if (strcmp(kind, LISTS[i][0]) == 0)
            return LISTS[i][1];
    return kind;
}

static int change_mapping(struct ctl *ctl, const char *method, const json *body)
{
    OWN_JSON json *change = NULL;
    OWN_BUF struct buf path = {0};
    const char *kind = ctl->args[0];
    buf_text(&path, "/v1/mappings/");
    ctl_escape(&path, list_of(kind));
    buf_text(&path, "/");
    ctl_escape(&path, ctl->args[1]);
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, method, buf_str(&path), body, &change);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, change, "%s %s: %s\n", kind, ctl->args[1], json_text(change, "change"));
}

int command_map(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object();
    json_set_text(body, "number", ctl->args[2]);
    return change_mapping(ctl, "PUT", body);
}

int command_unmap(struct ctl *ctl)
{
    return change_mapping(ctl, "DELETE", NULL);
}

int command_skips(struct ctl *ctl)
{
    static const char *const HEADS[] = {"SHOP", "RECORD", "REASON", "TIMES", "LAST"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {0};
    int code = list_ask(ctl, "/v1/skips", "skips", true, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        char last[32];
        when_text(json_int(row, "last_ms", 0), clock_now_ms(ctl->clock), last);
        const char *detail = json_text(row, "detail");
        table_cell(&table, "%s", or_dash(json_text(row, "shop")));
        table_cell(&table, "%s", json_text(row, "record"));
        table_cell(&table, "%s%s%s", json_text(row, "reason"), *detail ? ": " : "", detail);
        table_cell(&table, "%" PRId64, json_int(row, "count", 1));
        table_cell(&table, "%s", last);
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

/* A reason is a word like gift-card; an order's name and id hold a digit. */
int command_skips_done(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    OWN_BUF struct buf path = {0};
    const char *word = ctl->args[0];
    json_set_text(body, word[strcspn(word, "0123456789")] ? "record" : "reason", word);
    buf_text(&path, "/v1/skips/done");
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "POST", buf_str(&path), body, &answer);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, answer, "%" PRId64 " done\n", json_int(answer, "done", 0));
}
