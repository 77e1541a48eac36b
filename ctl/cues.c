/* cues.c - the list of a cue, one action for a group of it, and when a cue changes its colour. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "text.h"

/* ---- the list ---- */

static void print_commands(struct ctl *ctl, const json *action)
{
    for (; action; action = json_get(action, "then"))
        if (*json_text(action, "command"))
            fprintf(ctl->out, "    %s\n", json_text(action, "command"));
}

static void print_detail(struct ctl *ctl, const json *row)
{
    const char *detail = json_text(json_get(row, "values"), "detail");
    fprintf(ctl->out, "%s%s%s", json_text(row, "text"), *detail ? ": " : "", detail);
}

static void print_orders(struct ctl *ctl, const json *row)
{
    const json *orders = json_get(row, "orders");
    for (size_t i = 0; i < json_count(orders); i++)
        fprintf(ctl->out, "%s%s", i ? " " : "; orders ", json_text(json_at(orders, i), "name"));
}

static void print_row(struct ctl *ctl, const json *row)
{
    char first[32], last[32];
    int64_t now_ms = clock_now_ms(ctl->clock), count = json_int(row, "count", 1);
    const json *actions = json_get(row, "actions");
    when_text(json_int(row, "first_ms", 0), now_ms, first);
    when_text(json_int(row, "last_ms", 0), now_ms, last);
    fprintf(ctl->out, "%s  %s  ", json_text(row, "name"), json_text(row, "shop"));
    print_detail(ctl, row);
    print_orders(ctl, row);
    fprintf(ctl->out, "\n    since %s", first);
    if (count > 1)
        fprintf(ctl->out, ", last %s, %" PRId64 " times", last, count);
    fprintf(ctl->out, "\n");
    print_commands(ctl, json_at(actions, 0));
}

int command_cue_show(struct ctl *ctl)
{
    OWN_BUF struct buf path = {0};
    OWN_JSON json *answer = NULL;
    buf_text(&path, "/v1/cues/");
    ctl_escape(&path, ctl->args[0]);
    buf_text(&path, "/rows");
    ctl_scope(ctl, &path, true);
    ctl_query(&path, "reason", ctl->reason);
    ctl_query(&path, "search", ctl->arg_count > 1 ? ctl->args[1] : NULL);
    ctl_query(&path, "after", ctl->after);
    ctl_query(&path, "limit", ctl->limit);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        return ctl_answer(ctl, answer, "%s", "");
    const json *groups = json_get(answer, "groups"), *rows = json_get(answer, "rows");
    for (size_t i = 0; i < json_count(groups); i++) {
        const json *group = json_at(groups, i);
        fprintf(ctl->out, "%" PRId64 "  %s  %s  (%s)\n", json_int(group, "count", 0),
                json_text(group, "shop"), json_text(group, "text"), json_text(group, "reason"));
        print_commands(ctl, json_get(group, "action"));
    }
    for (size_t i = 0; i < json_count(rows); i++) {
        fprintf(ctl->out, "%s", i ? "" : "\n");
        print_row(ctl, json_at(rows, i));
    }
    if (!json_count(rows))
        fprintf(ctl->err, "nothing is in this list\n");
    if (*json_text(answer, "next"))
        fprintf(ctl->err, "there are more: --after '%s'\n", json_text(answer, "next"));
    return EXIT_OK;
}

int command_cue_cure(struct ctl *ctl)
{
    OWN_BUF struct buf path = {0};
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    buf_text(&path, "/v1/cues/");
    ctl_escape(&path, ctl->args[0]);
    buf_text(&path, "/cure");
    ctl_scope(ctl, &path, true);
    json_set_text(body, "action", ctl->args[1]);
    json_set_text(body, "reason", ctl->reason ? ctl->reason : "");
    if (ctl->arg_count > 2)
        json_set_text(body, "number", ctl->args[2]);
    int code = ctl_ask(ctl, "POST", buf_str(&path), body, &answer);
    if (code != EXIT_OK)
        return code;
    const json *refusals = json_get(answer, "refusals");
    for (size_t i = 0; i < json_count(refusals); i++)
        fprintf(ctl->err, "%s\n", json_string(json_at(refusals, i)));
    code = ctl_answer(ctl, answer, "%" PRId64 " done, %" PRId64 " refused\n",
                      json_int(answer, "done", 0), json_int(answer, "refused", 0));
    return json_int(answer, "refused", 0) ? EXIT_FAILED : code;
}

/* ---- thresholds ---- */

int command_threshold_list(struct ctl *ctl)
{
    OWN_BUF struct buf path = {0};
    OWN_JSON json *answer = NULL;
    struct table table = {.columns = 4};
    buf_text(&path, "/v1/thresholds");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        return ctl_answer(ctl, answer, "%s", "");
    table_cell(&table, "CUE");
    table_cell(&table, "YELLOW FROM");
    table_cell(&table, "RED FROM");
    table_cell(&table, "WHOSE");
    const json *rows = json_get(answer, "thresholds");
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        table_cell(&table, "%s", json_text(row, "cue"));
        table_cell(&table, "%" PRId64, json_int(row, "yellow_from", 0));
        if (json_has(row, "red_from"))
            table_cell(&table, "%" PRId64, json_int(row, "red_from", 0));
        else
            table_cell(&table, "never");
        table_cell(&table, "%s", json_text(row, "of"));
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

static bool whole(const char *text, int64_t *out)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return *text && !*end;
}

static int change(struct ctl *ctl, json *threshold)
{
    OWN_BUF struct buf path = {0};
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    json *cues = json_new_object();
    json_set(cues, ctl->args[0], threshold);
    json_set(body, "cues", cues);
    buf_text(&path, "/v1/thresholds");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "PUT", buf_str(&path), body, &answer);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, answer, "thresholds of %s: %s", ctl->args[0],
                      json_text(answer, "change"));
}

int command_threshold_set(struct ctl *ctl)
{
    int64_t yellow, red = 0;
    if (!whole(ctl->args[1], &yellow) || (ctl->arg_count > 2 && !whole(ctl->args[2], &red)))
        return ctl_fail(ctl, EXIT_USAGE, "YELLOW and RED are numbers: red from %s on",
                        ctl->arg_count > 2 ? ctl->args[2] : "5");
    json *threshold = json_new_object();
    json_set_int(threshold, "yellow_from", yellow);
    if (ctl->arg_count > 2)
        json_set_int(threshold, "red_from", red);
    return change(ctl, threshold);
}

int command_threshold_reset(struct ctl *ctl)
{
    return change(ctl, NULL);
}
