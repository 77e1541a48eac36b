/* reset.c - up to when a shop's records are read, and reading them again from another time on. */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "follow.h"
#include "sync.h"
#include "text.h"

static int read_times(struct ctl *ctl, const char *shop, json **answer)
{
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/shops/");
    ctl_escape(&path, shop);
    buf_text(&path, "/times");
    ctl_scope(ctl, &path, false);
    return ctl_ask(ctl, "GET", buf_str(&path), NULL, answer);
}

/* Where the next walk begins, for people. */
static const char *begins(const json *time, const json *answer)
{
    const char *reset = json_text(time, "reset"), *at = json_text(time, "at");
    return *reset ? reset : *at ? at : json_text(answer, "history_start");
}

int command_shop_times(struct ctl *ctl)
{
    static const char *const HEADS[] = {"WHAT", "OPERATION", "READ UNTIL", "NEXT BEGINS AT"};
    OWN_JSON json *answer = NULL;
    struct table table = {.columns = COUNT(HEADS)};
    int code = read_times(ctl, ctl->args[0], &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    const json *times = json_get(answer, "times");
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(times); i++) {
        const json *time = json_at(times, i);
        const char *at = json_text(time, "at");
        table_cell(&table, "%s", json_text(time, "name"));
        table_cell(&table, "%s", json_text(time, "operation"));
        table_cell(&table, "%s", *at ? at : "-");
        table_cell(&table, "%s", begins(time, answer));
    }
    table_print(&table, ctl->out);
    fprintf(ctl->out, "a first sync begins at %s (order_history_start of the shop)\n",
            json_text(answer, "history_start"));
    return EXIT_OK;
}

static const json *time_named(const json *answer, const char *name)
{
    const json *times = json_get(answer, "times");
    for (size_t i = 0; i < json_count(times); i++)
        if (strcmp(json_text(json_at(times, i), "name"), name) == 0)
            return json_at(times, i);
    return NULL;
}

/* The peer is asked by a run of its own: how much would the next sync read? */
static int preview(struct ctl *ctl, const char *to, int64_t *count)
{
    OWN_JSON json *arguments = json_new_object(), *run = NULL;
    json_set_text(arguments, "shop", ctl->args[0]);
    json_set_text(arguments, "what", ctl->args[1]);
    json_set_text(arguments, "from", to);
    int code = sync_waited(ctl, "sync.count", arguments, &run);
    *count = json_int(json_get(run, "counts"), "read", 0);
    return code;
}

static int apply_reset(struct ctl *ctl, const char *to)
{
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    OWN_BUF struct buf path = {0};
    json_set_text(body, "to", to);
    buf_text(&path, "/v1/shops/");
    ctl_escape(&path, ctl->args[0]);
    buf_text(&path, "/times/");
    ctl_escape(&path, ctl->args[1]);
    ctl_scope(ctl, &path, false);
    return ctl_ask(ctl, "PUT", buf_str(&path), body, &answer);
}

static int told(struct ctl *ctl, const char *from, const char *to, const json *time, int64_t count)
{
    OWN_JSON json *answer = json_new_object();
    json_set_text(answer, "shop", ctl->args[0]);
    json_set_text(answer, "what", ctl->args[1]);
    json_set_text(answer, "from", from);
    json_set_text(answer, "to", to);
    json_set_int(answer, "count", count);
    json_set_bool(answer, "applied", ctl->yes);
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    fprintf(ctl->out,
            "%" PRId64 " %s have changed since %s; what is known as it is will not be loaded "
            "again\n",
            count, ctl->args[1], to);
    if (ctl->yes)
        fprintf(ctl->out, "the next %s begins at %s instead of %s\n", json_text(time, "operation"),
                to, from);
    else
        fprintf(ctl->out,
                "nothing is changed yet; the same with --yes lets the next %s begin there "
                "instead of at %s\n",
                json_text(time, "operation"), from);
    return EXIT_OK;
}

int command_reset_sync(struct ctl *ctl)
{
    char to[32], from[32];
    int64_t to_ms, count = 0;
    OWN_JSON json *answer = NULL;
    if (!ctl->to || !time_parse(ctl->to, &to_ms))
        return ctl_fail(ctl, EXIT_USAGE, "--to takes a time like 2027-01-31T06:00:00Z%s%s",
                        ctl->to ? ", not " : "", ctl->to ? ctl->to : "");
    time_format(to_ms, false, to);
    int code = read_times(ctl, ctl->args[0], &answer);
    if (code != EXIT_OK)
        return code;
    const json *time = time_named(answer, ctl->args[1]);
    if (!time)
        return ctl_fail(ctl, EXIT_NOT_FOUND,
                        "\"%s\" has no sync time; `cartage shop times %s` lists them", ctl->args[1],
                        ctl->args[0]);
    snprintf(from, sizeof from, "%s", begins(time, answer));
    code = preview(ctl, to, &count);
    if (code == EXIT_OK && ctl->yes)
        code = apply_reset(ctl, to);
    return code == EXIT_OK ? told(ctl, from, to, time, count) : code;
}
