/* tokens.c - who may use the API: its tokens and their roles. */
#include <string.h>

#include "commands.h"
#include "text.h"

static void name_path(const struct ctl *ctl, struct buf *path)
{
    buf_text(path, "/v1/tokens/");
    ctl_escape(path, ctl->args[0]);
}

int command_me(struct ctl *ctl)
{
    OWN_JSON json *me = NULL;
    int code = ctl_ask(ctl, "GET", "/v1/me", NULL, &me);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, me, "%s, role %s\n", json_text(me, "name"), json_text(me, "role"));
}

int command_token_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"NAME", "ROLE", "MADE", "BY", "USED"};
    OWN_JSON json *answer = NULL;
    struct table table = {.columns = COUNT(HEADS)};
    int code = ctl_ask(ctl, "GET", "/v1/tokens", NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *rows = json_get(answer, "tokens");
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    if (!json_count(rows)) {
        fputs("no tokens beside the one in the producer's TOKEN_FILE\n", ctl->err);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    int64_t now_ms = clock_now_ms(ctl->clock);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        char made[32], used[32];
        when_text(json_int(row, "made_ms", 0), now_ms, made);
        when_text(json_int(row, "used_ms", 0), now_ms, used);
        table_cell(&table, "%s", json_text(row, "name"));
        table_cell(&table, "%s", json_text(row, "role"));
        table_cell(&table, "%s", made);
        table_cell(&table, "%s", json_text(row, "made_by"));
        table_cell(&table, "%s", used);
    }
    table_print(&table, ctl->out);
    return EXIT_OK;
}

/* The token alone on standard output, so that it goes into a file as it is. */
int command_token_add(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *made = NULL;
    if (!ctl->role)
        return ctl_fail(ctl, EXIT_USAGE,
                        "--role is missing: view, operate or admin (cartage token add %s --role "
                        "view)",
                        ctl->args[0]);
    json_set_text(body, "name", ctl->args[0]);
    json_set_text(body, "role", ctl->role);
    int code = ctl_ask(ctl, "POST", "/v1/tokens", body, &made);
    if (code != EXIT_OK)
        return code;
    fprintf(ctl->err, "token %s, role %s; it is shown this once, and nobody can read it again\n",
            json_text(made, "name"), json_text(made, "role"));
    return ctl_answer(ctl, made, "%s\n", json_text(made, "token"));
}

int command_token_withdraw(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    name_path(ctl, &path);
    int code = ctl_ask(ctl, "DELETE", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, answer, "token %s is withdrawn\n", ctl->args[0]);
}
