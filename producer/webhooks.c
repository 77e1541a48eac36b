/* webhooks.c - sees to it that the peers are asked, now and then, whether they still tell us of
 * their changes.
 *
 * The producer asks no peer: it adds a run of webhooks.check where the last look is old, or was at
 * another address. All that ask for the same share one run, so any number of producers may do this.
 */
#include <stdio.h>
#include <string.h>

#include "bus/publisher.h"
#include "companies.h"
#include "loops.h"
#include "model/operations.h"
#include "store/probes.h"

/* Business Central's subscriptions end after three days, Shopify's after four hours without an
 * answer; what a look could not do it may do a little later. */
enum { ROUND_MS = 10000, AGAIN_MS = 6 * 3600000, FAILED_AGAIN_MS = 600000 };

struct rounds {
    struct loops *loops;
    struct ledger *ledger;
};

/* As it is: no notice comes where none is wanted, and nothing is asked there. */
static bool is_due(const json *facts, const char *address, int64_t now_ms)
{
    const char *step = json_text(facts, "step");
    bool failed = strcmp(step, "failed") == 0, moved = strcmp(json_text(facts, "address"), address);
    int64_t age_ms = now_ms - json_int(facts, "at_ms", 0);
    if (!facts || moved)
        return *address || moved;
    return *address && age_ms > (failed ? FAILED_AGAIN_MS : AGAIN_MS);
}

static bool add_run(struct rounds *rounds, const char *company, const char *shop, struct err *err)
{
    const struct operation *operation = operation_by_name("webhooks.check");
    OWN_TEXT char *arguments = *shop ? mem_printf("{\"shop\":\"%s\"}", shop) : mem_text("{}");
    OWN_TEXT char *key = mem_printf("webhooks %s", shop);
    __attribute__((cleanup(tickets_drop))) struct tickets granted = {0};
    char id[UUID_TEXT];
    bool existing;
    struct entry_definition definition = {
        .arguments = arguments,
        .description = operation->title,
        .coalesce_key = key,
        .run_as = "producer",
        .schedule = SCHEDULE_AT,
        .priority = operation->priority,
        .foreground = true, /* never left behind: what failed stands in the findings */
        .kind = TICKET_FOREGROUND,
    };
    snprintf(definition.company, sizeof definition.company, "%s", company);
    snprintf(definition.operation, sizeof definition.operation, "%s", operation->name);
    snprintf(definition.category, sizeof definition.category, "%s", operation->category);
    if (!ledger_add(rounds->ledger, &definition, id, &existing, &granted, err))
        return err_wrap(err, "add a comparison of webhooks");
    publisher_tickets(rounds->loops->publisher, &granted);
    return true;
}

static bool one_company(struct rounds *rounds, const char *company, struct err *err)
{
    OWN_JSON json *settings = NULL, *probes = NULL;
    const char *field;
    json *child;
    if (!ledger_settings_all(rounds->ledger, company, &settings, err) ||
        !store_probes(rounds->ledger, company, &probes, err))
        return false;
    const char *address = json_text(json_get(settings, "company"), "public_address");
    int64_t now_ms = clock_now_ms(rounds->loops->clock);
    if (is_due(json_get(probes, "webhooks"), address, now_ms) && !add_run(rounds, company, "", err))
        return false;
    JSON_EACH(field, child, settings)
    {
        char kept[48];
        snprintf(kept, sizeof kept, "webhooks:%.30s", field + 5);
        if (strncmp(field, "shop:", 5) != 0 || !json_flag(child, "enabled", false) ||
            !is_due(json_get(probes, kept), address, now_ms))
            continue;
        if (!add_run(rounds, company, field + 5, err))
            return false;
    }
    return true;
}

static bool one_round(struct rounds *rounds, struct err *err)
{
    OWN_JSON json *companies = NULL;
    if ((!rounds->ledger && !ledger_open(&rounds->loops->ledger, &rounds->ledger, err)) ||
        !ledger_companies(rounds->ledger, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        if (!one_company(rounds, json_string(json_at(companies, i)), err))
            return false;
    return true;
}

void *webhooks_loop(void *shared)
{
    struct loops *loops = shared;
    struct rounds rounds = {.loops = loops};
    struct outage outage = {.loop = "webhooks"};
    struct err err;
    do {
        if (atomic_load(&loops->suspended))
            continue;
        if (one_round(&rounds, &err)) {
            outage_end(&outage);
        } else {
            outage_begin(&outage, &err);
            ledger_free(rounds.ledger);
            rounds.ledger = NULL;
        }
    } while (loops_wait(loops, ROUND_MS));
    ledger_free(rounds.ledger);
    return NULL;
}
