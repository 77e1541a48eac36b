/* doctor.c - every check as lines: how it stands, what it found, what to do. */
#include <string.h>

#include "commands.h"
#include "connect.h"

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

void checks_print(struct ctl *ctl, const json *checks)
{
    for (size_t i = 0; i < json_count(checks); i++)
        print_check(ctl, json_at(checks, i));
}

/* With --probe the peers are asked first; what they say then stands in the doctor's own rows. */
static int probe(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    json_set_text(body, "operation", "doctor.probe");
    if (ctl->company)
        json_set_text(body, "company", ctl->company);
    return ctl_ask(ctl, "POST", "/v1/checks", body, &answer);
}

int command_doctor(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    int code = ctl->probe ? probe(ctl) : EXIT_OK;
    if (code == EXIT_OK)
        code = ctl_ask(ctl, "GET", "/v1/doctor", NULL, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else
        checks_print(ctl, json_get(answer, "checks"));
    return strcmp(json_text(answer, "state"), "bad") == 0 ? EXIT_FAILED : EXIT_OK;
}
