/* doctor.c - every check as lines: how it stands, what it found, what to do. */
#include <string.h>

#include "commands.h"

static void print_check(struct ctl *ctl, const json *row)
{
    const json *actions = json_get(row, "actions");
    fprintf(ctl->out, "%-5s %-20s %s\n", json_text(row, "state"), json_text(row, "code"),
            json_text(row, "text"));
    if (strcmp(json_text(row, "state"), "ok") == 0)
        return;
    fprintf(ctl->out, "      %s\n", json_text(row, "advice"));
    for (size_t i = 0; i < json_count(actions); i++)
        if (*json_text(json_at(actions, i), "command"))
            fprintf(ctl->out, "      > %s\n", json_text(json_at(actions, i), "command"));
}

int command_doctor(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    int code = ctl_ask(ctl, "GET", "/v1/doctor", NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *checks = json_get(answer, "checks");
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else
        for (size_t i = 0; i < json_count(checks); i++)
            print_check(ctl, json_at(checks, i));
    return strcmp(json_text(answer, "state"), "bad") == 0 ? EXIT_FAILED : EXIT_OK;
}
