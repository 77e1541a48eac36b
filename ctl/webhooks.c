/* webhooks.c - what the peers tell of by themselves: asked, compared, mended. */
#include <string.h>

#include "commands.h"
#include "connect.h"

static int ask(struct ctl *ctl, bool mend, json **answer)
{
    OWN_JSON json *body = json_new_object();
    json *arguments = json_new_object();
    json_set_text(body, "operation", "webhooks.check");
    if (ctl->company)
        json_set_text(body, "company", ctl->company);
    if (ctl->shop)
        json_set_text(arguments, "shop", ctl->shop);
    json_set_text(arguments, "mend", mend ? "true" : "false");
    json_set(body, "arguments", arguments);
    return ctl_ask(ctl, "POST", "/v1/checks", body, answer);
}

/* A line each: what it is, how it stands, why. */
static void print_topics(struct ctl *ctl, const json *found)
{
    const char *company, *field;
    json *probes, *facts;
    JSON_EACH(company, probes, found)
    JSON_EACH(field, facts, probes)
    {
        const json *topics = json_get(facts, "topics");
        if (strncmp(field, "webhooks", 8) != 0)
            continue;
        for (size_t i = 0; i < json_count(topics); i++)
            fprintf(ctl->out, "%-24s %-52s %-8s %s\n", field[8] ? field + 9 : "Business Central",
                    json_text(json_at(topics, i), "topic"), json_text(json_at(topics, i), "state"),
                    json_text(json_at(topics, i), "why"));
    }
}

static int run(struct ctl *ctl, bool mend)
{
    OWN_JSON json *answer = NULL;
    int code = ask(ctl, mend, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else if (!mend)
        print_topics(ctl, json_get(answer, "found"));
    if (!ctl->json)
        checks_print(ctl, json_get(answer, "checks"));
    return strcmp(json_text(answer, "state"), "ok") == 0 ? EXIT_OK : EXIT_FAILED;
}

int command_webhooks_list(struct ctl *ctl)
{
    return run(ctl, false);
}

int command_webhooks_check(struct ctl *ctl)
{
    return run(ctl, true);
}
