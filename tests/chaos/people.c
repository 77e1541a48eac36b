/* people.c - what people and triggers ask of the queue, a line each: {"verb":"add",...} in, one
 * word out.
 *
 *   people --redis HOST:PORT --env NAME --kafka SERVERS
 *
 * Verbs: company (with its settings), add (a definition), edit (id and a definition), hold, stop,
 * ready, restart, delete, wake, cancel (entry is its task), priority. Answers `ok`, `no TEXT` where
 * it is refused, `again TEXT` where nobody knows: Redis is away. Tickets that a command frees are
 * published, as the API does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "bus/publisher.h"
#include "ledger/commands.h"

struct people {
    struct ledger *ledger;
    struct publisher *publisher;
};

static struct entry_definition definition_of(const json *line)
{
    struct entry_definition out = {
        .operation = "test.work",
        .arguments = json_text(line, "arguments"),
        .description = "",
        .schedule = schedule_parse(json_text(line, "schedule")),
        .start_ms = json_int(line, "start", 0),
        .every_ms = json_int(line, "every", 0),
        .days = (unsigned)json_int(line, "days", 0),
        .from_ms = json_int(line, "from", 0),
        .to_ms = json_int(line, "to", 0),
        .formula = json_has(line, "formula") ? json_text(line, "formula") : NULL,
        .zone = json_text(line, "zone"),
        .grace_ms = json_int(line, "grace", 0),
        .max_backlog = (int)json_int(line, "backlog", 0),
        .bc = json_flag(line, "bc", false),
        .idle_ms = json_int(line, "idle", 0),
        .priority = (enum priority)json_int(line, "priority", PRIORITY_NORMAL),
        .max_retry = (int)json_int(line, "max_retry", 1),
        .expires_ms = json_int(line, "expires", 0),
        .stop_on_exhausted = json_flag(line, "stop", false),
        .coalesce_key = json_has(line, "key") ? json_text(line, "key") : NULL,
    };
    snprintf(out.id, sizeof out.id, "%s", json_text(line, "id"));
    snprintf(out.company, sizeof out.company, "%s", json_text(line, "company"));
    snprintf(out.category, sizeof out.category, "%s", json_text(line, "category"));
    if (!catch_up_parse(json_text(line, "catch_up"), &out.catch_up))
        out.catch_up = CATCH_UP_SKIP;
    return out;
}

static bool obey(struct people *people, const json *line, struct tickets *granted, struct err *err)
{
    struct ledger *ledger = people->ledger;
    const char *verb = json_text(line, "verb"), *company = json_text(line, "company");
    const char *entry = json_text(line, "id"), *answer;
    struct entry_definition definition = definition_of(line);
    char id[UUID_TEXT];
    bool existing, changed;

    if (strcmp(verb, "company") == 0)
        return ledger_settings_put(ledger, company, "company", json_text(line, "settings"),
                                   &changed, err);
    if (strcmp(verb, "add") == 0)
        return ledger_add(ledger, &definition, id, &existing, granted, err);
    if (strcmp(verb, "edit") == 0)
        return ledger_edit(ledger, entry, &definition, granted, err);
    if (strcmp(verb, "hold") == 0 || strcmp(verb, "stop") == 0)
        return ledger_hold(ledger, company, entry, *verb == 's', granted, err);
    if (strcmp(verb, "ready") == 0)
        return ledger_ready(ledger, company, entry, granted, err);
    if (strcmp(verb, "restart") == 0)
        return ledger_restart(ledger, company, entry, granted, err);
    if (strcmp(verb, "delete") == 0)
        return ledger_delete(ledger, company, entry, granted, err);
    if (strcmp(verb, "wake") == 0)
        return ledger_wake(ledger, company, entry, &answer, granted, err);
    if (strcmp(verb, "cancel") == 0)
        return ledger_cancel(ledger, company, entry, granted, err);
    return err_set(err, ERR_FATAL, 0, "unknown verb \"%s\"", verb);
}

static void answer_line(struct people *people, char *text)
{
    struct tickets granted = {0};
    struct err err;
    OWN_JSON json *line = NULL;
    bool good = json_parse(text, strlen(text), &line, &err) && obey(people, line, &granted, &err);

    publisher_tickets(people->publisher, &granted);
    tickets_drop(&granted);
    if (good)
        puts("ok");
    else
        printf("%s %s\n", err.kind == ERR_FATAL ? "no" : "again", err.text);
    fflush(stdout);
}

static const char *flag(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    fprintf(stderr, "people: %s is missing\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    const struct ledger_config ledger = {.redis = flag(argc, argv, "--redis"),
                                         .environment = flag(argc, argv, "--env"),
                                         .timeout_ms = 1000};
    const struct bus_config bus = {.servers = flag(argc, argv, "--kafka"),
                                   .environment = ledger.environment,
                                   .clock = &CLOCK_REAL};
    struct people people = {0};
    struct err err;
    char *line = NULL;
    size_t size = 0;

    ids_start();
    log_set_program("people");
    log_set_level(LOG_LEVEL_ERROR);
    if (!ledger_open(&ledger, &people.ledger, &err) ||
        !publisher_open(&bus, &people.publisher, &err)) {
        fprintf(stderr, "people: %s\n", err.text);
        return EXIT_FAILURE;
    }
    while (getline(&line, &size, stdin) > 0)
        answer_line(&people, line);
    free(line);
    publisher_free(people.publisher);
    ledger_free(people.ledger);
    return EXIT_SUCCESS;
}
