/* privacy.c - what is kept of a customer, for whoever he asks: as a file, or gone. */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "text.h"

int command_forget(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    if (strcmp(ctl->args[0], "customer") != 0)
        return ctl_fail(ctl, EXIT_USAGE, "forget: \"%s\" is not customer", ctl->args[0]);
    buf_text(&path, "/v1/customers/");
    ctl_escape(&path, ctl->args[1]);
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "DELETE", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, answer,
                      "customer %s is erased, and with him the names in %" PRId64 " orders\n",
                      ctl->args[1], json_int(answer, "orders", 0));
}

int command_data(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    bool customer = strcmp(ctl->args[0], "customer") == 0;
    if (!customer && strcmp(ctl->args[0], "request") != 0)
        return ctl_fail(ctl, EXIT_USAGE, "data: \"%s\" is neither customer nor request",
                        ctl->args[0]);
    buf_text(&path, customer ? "/v1/customers/" : "/v1/data-requests/");
    ctl_escape(&path, ctl->args[1]);
    buf_text(&path, customer ? "/data" : "");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code == EXIT_OK)
        ctl_print_json(ctl, answer);
    return code;
}

int command_data_requests(struct ctl *ctl)
{
    static const char *const HEADS[] = {"REQUEST", "CUSTOMER", "CAME"};
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    struct table table = {0};
    buf_text(&path, "/v1/data-requests");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    const json *rows = json_get(answer, "requests");
    if (code != EXIT_OK)
        return code;
    if (ctl->json || json_count(rows) == 0)
        return ctl_answer(ctl, answer, "no customer has asked what is kept of him\n");
    table.columns = COUNT(HEADS);
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++) {
        char came[32];
        time_format(json_int(json_at(rows, i), "at_ms", 0), false, came);
        table_cell(&table, "%s", json_text(json_at(rows, i), "id"));
        table_cell(&table, "%s", json_text(json_at(rows, i), "customer"));
        table_cell(&table, "%s", came);
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}
