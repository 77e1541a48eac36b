/* audit.c - who changed what. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "pages.h"
#include "text.h"

/* Page after page, until there are enough or no more. */
static int read_changes(struct ctl *ctl, int64_t since, int64_t until, int64_t most, json *changes)
{
    OWN_TEXT char *after = NULL;
    do {
        OWN_BUF struct buf path = {0};
        OWN_JSON json *answer = NULL;
        int64_t left = most - (int64_t)json_count(changes);
        buf_printf(&path, "/v1/audit?limit=%" PRId64 "&since=%" PRId64,
                   left < PAGE ? left : (int64_t)PAGE, since);
        ctl_query(&path, "after", after);
        ctl_query(&path, "who", ctl->who);
        ctl_query(&path, "record", ctl->record);
        ctl_query(&path, "route", ctl->route);
        if (until)
            buf_printf(&path, "&until=%" PRId64, until);
        ctl_query(&path, "company", ctl->company);
        int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
        if (code != EXIT_OK)
            return code;
        const json *rows = json_get(answer, "changes");
        for (size_t i = 0; i < json_count(rows); i++)
            json_add(changes, json_copy(json_at(rows, i)));
        free(after);
        after = *json_text(answer, "next") ? mem_text(json_text(answer, "next")) : NULL;
    } while (after && (int64_t)json_count(changes) < most && !ctl_leaving());
    return EXIT_OK;
}

static void add_value(struct buf *out, const json *value)
{
    const char *text = json_string(value);
    buf_text(out, !value ? "-" : *text ? text : json_write(value));
}

/* "enabled: true -> false, currency: EUR -> -" */
static void fields_text(const json *change, struct buf *out)
{
    const char *name;
    json *child;
    JSON_EACH(name, child, json_get(change, "fields"))
    {
        buf_printf(out, "%s%s: ", out->size ? ", " : "", name);
        add_value(out, json_get(child, "before"));
        buf_text(out, " -> ");
        add_value(out, json_get(child, "after"));
    }
    if (out->size)
        return;
    JSON_EACH(name, child, json_get(change, "asked"))
    {
        buf_printf(out, "%s%s: ", out->size ? ", " : "", name);
        add_value(out, child);
    }
}

static void change_row(struct table *table, const json *change)
{
    OWN_BUF struct buf fields = {0};
    char at[32];
    time_format(json_int(change, "at_ms", 0), false, at);
    fields_text(change, &fields);
    table_cell(table, "%s", at);
    table_cell(table, "%s", json_text(change, "who"));
    table_cell(table, "%s", json_text(change, "from"));
    table_cell(table, "%s", json_text(change, "record"));
    table_cell(table, "%s", json_text(change, "route"));
    table_cell(table, "%.200s", fields.size ? buf_str(&fields) : "-");
}

int command_audit(struct ctl *ctl)
{
    static const char *const HEADS[] = {"TIME", "WHO", "FROM", "RECORD", "ROUTE", "CHANGED"};
    OWN_JSON json *changes = json_new_array();
    struct table table = {.columns = COUNT(HEADS)};
    struct err err = {0};
    int64_t since, until, most;
    if (!page_time(ctl, "--since", ctl->since, &since, &err) ||
        !page_time(ctl, "--until", ctl->until, &until, &err) || !page_most(ctl, &most, &err))
        return ctl_fail(ctl, EXIT_USAGE, "%s", err.text);
    int code = read_changes(ctl, since, until, most, changes);
    if (code != EXIT_OK)
        return code;
    if (ctl->json) {
        OWN_JSON json *answer = json_new_object();
        json_set(answer, "changes", GIVE(changes));
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    if (!json_count(changes)) {
        fputs("no changes\n", ctl->err);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = json_count(changes); i-- > 0;) /* as it happened: the newest last */
        change_row(&table, json_at(changes, i));
    table_print(&table, ctl->out);
    return EXIT_OK;
}
