/* entry_add.c - an entry out of flags: added, previewed, or laid over one that stands. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "operation_flags.h"
#include "text.h"

/* Spans and times: the API takes milliseconds. */
static int entry_times(struct ctl *ctl, json *body)
{
    const struct {
        const char *flag, *text, *field;
        bool is_span;
    } ROWS[] = {
        {"--every",   ctl->every,   "every_ms",   true },
        {"--grace",   ctl->grace,   "grace_ms",   true },
        {"--at",      ctl->at,      "start_ms",   false},
        {"--expires", ctl->expires, "expires_ms", false},
        {"--idle",    ctl->idle,    "idle_ms",    true },
        {"--retry",   ctl->retry,   "retry_ms",   true },
        {"--timeout", ctl->timeout, "timeout_ms", true },
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct err err = {0};
        int64_t ms = 0;
        if (!ROWS[i].text)
            continue;
        if (ROWS[i].is_span && !span_parse(ROWS[i].text, &ms, &err))
            return ctl_fail(ctl, EXIT_USAGE, "%s: %s", ROWS[i].flag, err.text);
        if (!ROWS[i].is_span && !time_parse(ROWS[i].text, &ms))
            return ctl_fail(ctl, EXIT_USAGE,
                            "%s: write a time like 2027-01-01T06:00:00Z, not \"%s\"", ROWS[i].flag,
                            ROWS[i].text);
        json_set_int(body, ROWS[i].field, ms);
    }
    return EXIT_OK;
}

/* Plain numbers; their bounds are the server's business. */
static int entry_numbers(struct ctl *ctl, json *body)
{
    const struct {
        const char *flag, *text, *field;
    } ROWS[] = {
        {"--max-retry",   ctl->retries, "max_retry"  },
        {"--max-backlog", ctl->backlog, "max_backlog"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        char *end;
        if (!ROWS[i].text)
            continue;
        long number = strtol(ROWS[i].text, &end, 10);
        if (!*ROWS[i].text || *end)
            return ctl_fail(ctl, EXIT_USAGE, "%s takes a number, not \"%s\"", ROWS[i].flag,
                            ROWS[i].text);
        json_set_int(body, ROWS[i].field, number);
    }
    return EXIT_OK;
}

static int entry_words(struct ctl *ctl, json *body)
{
    const char *const TEXTS[][2] = {
        {"name",         ctl->name      },
        {"category",     ctl->category  },
        {"priority",     ctl->priority  },
        {"days",         ctl->days      },
        {"window",       ctl->window    },
        {"zone",         ctl->zone      },
        {"formula",      ctl->formula   },
        {"at_time",      ctl->at_time   },
        {"catch_up",     ctl->catch_up  },
        {"mode",         ctl->mode      },
        {"on_exhausted", ctl->exhausted },
        {"backoff",      ctl->backoff   },
        {"credential",   ctl->credential},
        {"lang",         ctl->lang      },
        {"notify",       ctl->notify    },
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (TEXTS[i][1])
            json_set_text(body, TEXTS[i][0], TEXTS[i][1]);
    if (ctl->manual)
        json_set_bool(body, "manual", true);
    if (ctl->run_at_start)
        json_set_bool(body, "run_at_start", true);
    if (ctl->hold)
        json_set_bool(body, "on_hold", true);
    int code = entry_times(ctl, body);
    return code == EXIT_OK ? entry_numbers(ctl, body) : code;
}

/* A definition of this operation, of flags alone. */
static int entry_wanted(struct ctl *ctl, json *body)
{
    json *arguments = json_new_object();
    json_set(body, "arguments", arguments);
    const struct operation *operation = operation_named(ctl, ctl->args[0]);
    int code = operation ? operation_flags(ctl, operation, arguments) : EXIT_USAGE;
    if (code == EXIT_OK)
        code = entry_words(ctl, body);
    if (code == EXIT_OK)
        json_set_text(body, "operation", operation->name);
    return code;
}

static int ask_entries(struct ctl *ctl, const char *method, const char *entry, const char *action,
                       const json *body, json **out)
{
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/entries");
    if (entry) {
        buf_text(&path, "/");
        ctl_escape(&path, entry);
    }
    buf_text(&path, action);
    ctl_scope(ctl, &path, false);
    return ctl_ask(ctl, method, buf_str(&path), body, out);
}

/* And what it would do at the same time as others. */
static int tell_change(struct ctl *ctl, const json *change)
{
    tell_warnings(ctl, json_get(change, "warnings"));
    return ctl_answer(ctl, change, "entry %s: %s\n", json_text(change, "id"),
                      json_text(change, "change"));
}

int command_entry_add(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *change = NULL;
    int code = entry_wanted(ctl, body);
    if (code == EXIT_OK)
        code = ask_entries(ctl, "POST", NULL, "", body, &change);
    return code == EXIT_OK ? tell_change(ctl, change) : code;
}

/* ---- entry preview ---- */

static void print_runs(struct ctl *ctl, const json *answer)
{
    static const struct {
        const char *end, *text;
    } ENDS[] = {
        {"once",    "it runs once"                            },
        {"manual",  "events wake it, and people; no time does"},
        {"expires", "then it expires"                         },
        {"none",    "its schedule names no further time"      },
    };
    const json *runs = json_get(answer, "runs");
    for (size_t i = 0; i < json_count(runs); i++) {
        char at[32], when[32];
        int64_t ms = json_int(json_at(runs, i), "at_ms", 0);
        time_format(ms, false, at);
        when_text(ms, clock_now_ms(ctl->clock), when);
        fprintf(ctl->out, "%s (%s)\n", at, when);
    }
    for (size_t i = 0; i < COUNT(ENDS); i++)
        if (strcmp(ENDS[i].end, json_text(answer, "end")) == 0)
            fprintf(ctl->out, "%s\n", ENDS[i].text);
}

int command_entry_preview(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    int code = entry_wanted(ctl, body);
    if (code == EXIT_OK)
        code = ask_entries(ctl, "POST", NULL, "/preview", body, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else
        print_runs(ctl, answer);
    return EXIT_OK;
}

/* ---- entry edit ---- */

/* One kind of schedule takes the place of another: what only the other has is taken away. */
static json *no_more_of_others(const struct ctl *ctl)
{
    static const char *const BY_PERIOD[] = {"every_ms", "days", "window", "manual", NULL};
    static const char *const BY_FORMULA[] = {"formula", "at_time", "manual", NULL};
    static const char *const ANY[] = {"every_ms", "days",         "window",   "formula",
                                      "at_time",  "catch_up",     "grace_ms", "max_backlog",
                                      "idle_ms",  "run_at_start", NULL};
    const char *const *names = ctl->manual    ? ANY
                               : ctl->formula ? BY_PERIOD
                               : ctl->every   ? BY_FORMULA
                                              : NULL;
    json *body = json_new_object();
    for (; names && *names; names++)
        json_set(body, *names, NULL);
    return body;
}

int command_entry_edit(struct ctl *ctl)
{
    OWN_JSON json *entry = NULL, *after = NULL, *body = no_more_of_others(ctl);
    json *arguments = json_new_object();
    json_set(body, "arguments", arguments);
    int code = ask_entries(ctl, "GET", ctl->args[0], "", NULL, &entry);
    if (code != EXIT_OK)
        return code;
    const struct operation *operation = operation_named(ctl, json_text(entry, "operation"));
    code = operation ? operation_flags(ctl, operation, arguments) : EXIT_USAGE;
    if (code == EXIT_OK)
        code = entry_words(ctl, body);
    if (code == EXIT_OK)
        code = ask_entries(ctl, "PATCH", json_text(entry, "id"), "", body, &after);
    if (code != EXIT_OK)
        return code;
    bool same = json_int(entry, "rev", 0) == json_int(after, "rev", 0);
    json_set_text(after, "change", same ? "unchanged" : "changed");
    return tell_change(ctl, after);
}
