/* categories.c - what people say about a category, and who holds its permits. */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "text.h"

static void path_of(struct ctl *ctl, const char *category, struct buf *out)
{
    buf_text(out, "/v1/categories");
    if (category) {
        buf_text(out, "/");
        ctl_escape(out, category);
    }
    ctl_scope(ctl, out, false);
}

static const char *named(const json *category)
{
    const char *name = json_text(category, "category");
    return *name ? name : "-";
}

/* "run 12 (orders.sync) running", one after the other. */
static void holders_text(const json *category, struct buf *out)
{
    const json *holders = json_get(category, "holders");
    for (size_t i = 0; i < json_count(holders); i++) {
        const json *holder = json_at(holders, i);
        buf_printf(out, "%srun %" PRId64 " (%s) %s", i ? ", " : "", json_int(holder, "run", 0),
                   json_text(holder, "operation"), json_text(holder, "state"));
    }
    if (!out->size)
        buf_text(out, "-");
}

int command_category_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"CATEGORY", "PERMITS", "ORDER",
                                        "STATE",    "WAITING", "HOLDERS"};
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    struct table table = {.columns = COUNT(HEADS)};
    path_of(ctl, NULL, &path);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *rows = json_get(answer, "categories");
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        OWN_BUF struct buf holders = {0};
        holders_text(row, &holders);
        table_cell(&table, "%s", named(row));
        table_cell(&table, "%" PRId64, json_int(row, "permits", 0));
        table_cell(&table, "%s", json_text(row, "order"));
        table_cell(&table, "%s", json_flag(row, "paused", false) ? "paused" : "open");
        table_cell(&table, "%" PRId64, json_int(row, "waiting", 0));
        table_cell(&table, "%s", buf_str(&holders));
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

int command_category_show(struct ctl *ctl)
{
    OWN_JSON json *category = NULL;
    OWN_BUF struct buf path = {0}, holders = {0};
    path_of(ctl, ctl->args[0], &path);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &category);
    if (code != EXIT_OK)
        return code;
    holders_text(category, &holders);
    return ctl_answer(ctl, category,
                      "category  %s\npermits   %" PRId64 "\norder     %s\nstate     %s\n"
                      "waiting   %" PRId64 "\nholders   %s\n",
                      named(category), json_int(category, "permits", 0),
                      json_text(category, "order"),
                      json_flag(category, "paused", false) ? "paused" : "open",
                      json_int(category, "waiting", 0), buf_str(&holders));
}

static int change(struct ctl *ctl, const json *body)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    path_of(ctl, ctl->args[0], &path);
    int code = ctl_ask(ctl, "PATCH", buf_str(&path), body, &answer);
    if (code != EXIT_OK)
        return code;
    const char *name = json_text(answer, "id");
    return ctl_answer(ctl, answer, "category %s: %s\n", *name ? name : "-",
                      json_text(answer, "change"));
}

static int pause_as(struct ctl *ctl, bool paused)
{
    OWN_JSON json *body = json_new_object();
    json_set_bool(body, "paused", paused);
    return change(ctl, body);
}

int command_category_pause(struct ctl *ctl)
{
    return pause_as(ctl, true);
}

int command_category_resume(struct ctl *ctl)
{
    return pause_as(ctl, false);
}

int command_category_set(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object();
    for (size_t i = 1; i < ctl->arg_count; i++) {
        const char *equals = strchr(ctl->args[i], '=');
        if (!equals || equals == ctl->args[i])
            return ctl_fail(ctl, EXIT_USAGE, "\"%s\": write SETTING=VALUE, like permits=2",
                            ctl->args[i]);
        OWN_TEXT char *name = mem_text_n(ctl->args[i], (size_t)(equals - ctl->args[i]));
        json_set_text(body, name, equals + 1); /* the server knows the setting's type */
    }
    return change(ctl, body);
}
