/* warnings.c - what two entries would do to each other, and the commands that end it. */
#include "commands.h"

static void print_warning(FILE *out, const json *warning)
{
    const json *actions = json_get(warning, "actions");
    fprintf(out, "%s\n", json_text(warning, "text"));
    for (size_t i = 0; i < json_count(actions); i++)
        fprintf(out, "  > %s\n", json_text(json_at(actions, i), "command"));
}

void tell_warnings(struct ctl *ctl, const json *warnings)
{
    for (size_t i = 0; i < json_count(warnings); i++) {
        fputs("warning: ", ctl->err);
        print_warning(ctl->err, json_at(warnings, i));
    }
}

int command_warnings(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/warnings");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *warnings = json_get(answer, "warnings");
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else if (!json_count(warnings))
        fputs("no two entries in different categories change the same records\n", ctl->out);
    for (size_t i = 0; !ctl->json && i < json_count(warnings); i++)
        print_warning(ctl->out, json_at(warnings, i));
    return EXIT_OK;
}
