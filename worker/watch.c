/* watch.c - notices when a second copy of the data set comes alive, and claims nothing from then
 * on; and says every ten seconds that this worker lives.
 *
 * Producers write the witness; a worker only reads what came since it last looked. What runs goes
 * on: its fence holds in our Redis, whoever else is alive.
 */
#include "crew.h"

#include <unistd.h>

#include "ledger/alive.h"
#include "metrics/metrics.h"
#include "metrics/outage.h"

/* What doctor says of this worker. */
static bool say_alive(struct crew *crew, struct ledger *ledger, struct err *err)
{
    char host[65] = "";
    json *categories = json_new_array();
    OWN_JSON json *facts = json_new_object();
    gethostname(host, sizeof host - 1);
    for (size_t i = 0; i < crew->category_count; i++)
        json_add_text(categories, crew->categories[i]);
    json_set_text(facts, "kind", "worker");
    json_set_text(facts, "host", host);
    json_set_text(facts, "version", CARTAGE_VERSION);
    json_set(facts, "categories", categories);
    json_set_int(facts, "executors", (int64_t)crew->slot_count);
    return ledger_alive_tell(ledger, crew->id, crew->clock, facts, err);
}

static void suspend(struct crew *crew, const struct witness_record *record, int64_t own_n)
{
    atomic_store(&crew->suspended, true);
    metric_set(METRIC_SUSPENDED, 1);
    log_error(
        "witness.foreign", TEXT("data_set", record->data_set), TEXT("producer", record->producer),
        NUM("n", record->n), NUM("own_n", own_n),
        TEXT("text",
             "a second copy of the data set is alive: nothing is claimed here any more. Stop one "
             "of the two, then restart this worker"));
}

static bool look(struct crew *crew, struct ledger *ledger, struct witness *witness, struct err *err)
{
    struct witness_record record;
    struct incarnation now;
    bool found = true;

    while (witness_next(witness, &record, &found, err)) {
        if (!found)
            return true;
        if (!ledger_incarnation(ledger, &now, err))
            return false;
        if (witness_is_foreign(&record, crew->data_set, now.witness))
            suspend(crew, &record, now.witness);
    }
    return false;
}

/* A Redis that was exchanged for another while this worker ran. */
static bool fell(struct crew *crew, struct ledger *ledger, int64_t *highest, struct err *err)
{
    struct incarnation now;
    if (!ledger_incarnation(ledger, &now, err))
        return false;
    if (!witness_holds(now.witness, *highest, err) && !atomic_load(&crew->suspended)) {
        atomic_store(&crew->suspended, true);
        metric_set(METRIC_SUSPENDED, 1);
        log_error("witness.fell", TEXT("text", err->text));
    }
    if (now.witness > *highest)
        *highest = now.witness;
    return crew_note_adoption(crew, ledger, now.adopted_ms, err);
}

void *watch_loop(void *shared)
{
    struct crew *crew = shared;
    struct outage outage = {.loop = "watch"};
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(witness) struct witness *witness = NULL;
    int64_t highest = 0;
    struct err err;

    while (!atomic_load(&crew->ending)) {
        if ((ledger || ledger_open(&crew->ledger, &ledger, &err)) &&
            say_alive(crew, ledger, &err) &&
            (witness || witness_open(&crew->witness, &witness, &err)) &&
            fell(crew, ledger, &highest, &err) && look(crew, ledger, witness, &err))
            outage_end(&outage);
        else
            outage_begin(&outage, &err);
        void *nothing = mailbox_take(crew->end, ALIVE_TELL_MS);
        assert(!nothing);
    }
    if (ledger && !ledger_alive_end(ledger, crew->id, &err))
        log_warn("watch.end", TEXT("why", err.text)); /* it is missed in a while */
    return NULL;
}
