/* lanes.c - pauses or resumes one category of many companies at once, as the HTTP API does for one.
 *
 *   bench-lanes REDIS ENV KAFKA CATEGORY pause|resume < LINES
 *
 * A line is a company's id. What a resumed category grants is published like any other grant.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bus/publisher.h"
#include "ledger/categories.h"

static bool set_all(struct ledger *ledger, struct publisher *publisher, const char *category,
                    bool paused, struct err *err)
{
    const struct category_change change = {.pause = paused ? PAUSE_ON : PAUSE_OFF};
    char company[128];

    while (fgets(company, sizeof company, stdin)) {
        struct tickets granted = {0};
        bool changed;
        company[strcspn(company, "\n")] = '\0';
        if (!ledger_category_set(ledger, company, category, &change, &changed, &granted, err))
            return false;
        publisher_tickets(publisher, &granted);
        tickets_drop(&granted);
    }
    return publisher_flush(publisher, 10000, err);
}

int main(int argc, char **argv)
{
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(publisher) struct publisher *publisher = NULL;
    struct incarnation incarnation;
    struct err err;

    if (argc != 6 || (strcmp(argv[5], "pause") != 0 && strcmp(argv[5], "resume") != 0)) {
        fprintf(stderr, "usage: bench-lanes REDIS ENV KAFKA CATEGORY pause|resume < companies\n");
        return 2;
    }
    log_set_level(LOG_LEVEL_WARN);
    const struct ledger_config config = {.redis = argv[1], .environment = argv[2]};
    const struct bus_config bus = {
        .servers = argv[3], .environment = argv[2], .clock = &CLOCK_REAL};
    if (ledger_open(&config, &ledger, &err) && ledger_incarnation(ledger, &incarnation, &err) &&
        publisher_open(&bus, &publisher, &err) &&
        set_all(ledger, publisher, argv[4], strcmp(argv[5], "pause") == 0, &err))
        return 0;
    fprintf(stderr, "bench-lanes: %s\n", err.text);
    return 1;
}
