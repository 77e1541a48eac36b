/* entries.c - adds entries of the benches' own operations, which the HTTP API does not know.
 *
 *   bench-entries REDIS ENVIRONMENT < LINES
 *
 * A line is an entry: {"company", "category", "operation", "arguments": {...}, "priority":
 * "high|normal|low", "every_ms": N (left out = once), "start_ms": T (left out = now)}. Prints the
 * id of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/commands.h"

static bool add(struct ledger *ledger, const json *line, struct err *err)
{
    const char *arguments = json_write(json_get(line, "arguments"));
    struct entry_definition definition = {
        .arguments = arguments,
        .description = "bench",
        .run_as = "bench",
        .every_ms = json_int(line, "every_ms", 0),
        .start_ms = json_int(line, "start_ms", 0),
        .max_retry = -1,
        .kind = TICKET_SCHEDULED,
    };
    struct tickets granted = {0};
    char id[UUID_TEXT];
    bool existing;

    definition.schedule = definition.every_ms ? SCHEDULE_EVERY : SCHEDULE_AT;
    snprintf(definition.company, sizeof definition.company, "%s", json_text(line, "company"));
    snprintf(definition.category, sizeof definition.category, "%s", json_text(line, "category"));
    snprintf(definition.operation, sizeof definition.operation, "%s", json_text(line, "operation"));
    if (!priority_parse(json_text(line, "priority"), &definition.priority))
        return err_set(err, ERR_FATAL, 0, "priority \"%s\": want high, normal or low",
                       json_text(line, "priority"));
    if (!ledger_add(ledger, &definition, id, &existing, &granted, err))
        return false;
    tickets_drop(&granted); /* a tick fires it; none is granted by ADD */
    printf("%s\n", id);
    return true;
}

static bool add_lines(struct ledger *ledger, struct err *err)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    bool good = true;
    while (good && (length = getline(&text, &size, stdin)) > 0) {
        OWN_JSON json *line = NULL;
        good = json_parse(text, (size_t)length, &line, err) && add(ledger, line, err);
    }
    free(text);
    return good;
}

int main(int argc, char **argv)
{
    OWN(ledger) struct ledger *ledger = NULL;
    struct incarnation incarnation;
    struct err err;
    if (argc != 3) {
        fprintf(stderr, "usage: bench-entries REDIS ENVIRONMENT < LINES\n");
        return 2;
    }
    ids_start();
    struct ledger_config config = {.redis = argv[1], .environment = argv[2]};
    if (ledger_open(&config, &ledger, &err) && ledger_incarnation(ledger, &incarnation, &err) &&
        add_lines(ledger, &err))
        return 0;
    fprintf(stderr, "bench-entries: %s\n", err.text);
    return 1;
}
