/* witness.c - raises the witness every ten seconds, and notices when a second copy does so too.
 *
 * All producers of one data set count on the same n in Redis, so of each n there is one record, and
 * none is ahead of Redis. A record that breaks this comes from a copy of the data set with a Redis
 * of its own: both would run everything twice, so this one stops firing and says so until a person
 * decides.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/alive.h"
#include "loops.h"
#include "metrics/metrics.h"

enum { WITNESS_MS = 10000, REMEMBERED = 32 };

/* What doctor says of this producer. */
static bool say_alive(struct loops *loops, struct ledger *ledger, struct err *err)
{
    char host[65] = "";
    OWN_JSON json *facts = json_new_object();
    gethostname(host, sizeof host - 1);
    json_set_text(facts, "kind", "producer");
    json_set_text(facts, "host", host);
    json_set_text(facts, "version", CARTAGE_VERSION);
    return ledger_alive_tell(ledger, loops->id, loops->clock, facts, err);
}

struct own_numbers { /* n of our latest records */
    int64_t n[REMEMBERED], highest;
    size_t count;
};

static bool is_own_number(const struct own_numbers *own, int64_t n)
{
    for (size_t i = 0; i < own->count && i < REMEMBERED; i++) {
        if (own->n[i] == n)
            return true;
    }
    return false;
}

/* `highest` was read from Redis after the record. */
static bool is_foreign(const struct loops *loops, const struct own_numbers *own,
                       const struct witness_record *record, int64_t highest)
{
    if (strcmp(record->producer, loops->id) == 0)
        return false;
    return witness_is_foreign(record, loops->incarnation.data_set, highest) ||
           is_own_number(own, record->n);
}

static void suspend(struct loops *loops)
{
    atomic_store(&loops->suspended, true);
    metric_set(METRIC_SUSPENDED, 1);
}

static bool look(struct loops *loops, struct ledger *ledger, struct witness *witness,
                 const struct own_numbers *own, struct err *err)
{
    struct witness_record record;
    struct incarnation now;
    bool found = true;

    while (true) {
        if (!witness_next(witness, &record, &found, err))
            return false;
        if (!found)
            return true;
        if (!ledger_incarnation(ledger, &now, err))
            return false;
        if (!is_foreign(loops, own, &record, now.witness))
            continue;
        suspend(loops);
        log_error(
            "witness.foreign", TEXT("data_set", record.data_set), TEXT("producer", record.producer),
            NUM("n", record.n), NUM("own_n", now.witness),
            TEXT("text",
                 "a second copy of the data set is alive: nothing is fired here any more. Stop "
                 "one of the two, then restart this producer; the one that stays: cartage-producer "
                 "--adopt, where it is refused"));
    }
}

static bool raise_witness(struct loops *loops, struct ledger *ledger, struct witness *witness,
                          struct own_numbers *own, struct err *err)
{
    struct witness_record record = {0};
    struct incarnation now;

    if (!look(loops, ledger, witness, own, err) || !ledger_incarnation(ledger, &now, err))
        return false;
    if (strcmp(now.data_set, loops->incarnation.data_set) != 0)
        return err_set(err, ERR_FATAL, 0, "Redis now holds the data set %s instead of %s; restart",
                       now.data_set, loops->incarnation.data_set);
    if (atomic_load(&loops->suspended))
        return true;
    if (!ledger_witness_raise(ledger, 0, &record.n, err))
        return false;
    if (!witness_holds(record.n, own->highest, err)) {
        suspend(loops);
        log_error("witness.fell", TEXT("text", err->text));
        return true;
    }
    own->highest = record.n;
    own->n[own->count++ % REMEMBERED] = record.n;
    snprintf(record.data_set, sizeof record.data_set, "%s", now.data_set);
    snprintf(record.producer, sizeof record.producer, "%s", loops->id);
    return witness_write(witness, loops->publisher, &record, err);
}

void *witness_loop(void *shared)
{
    struct loops *loops = shared;
    struct outage outage = {.loop = "witness"};
    struct own_numbers own = {0};
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(witness) struct witness *witness = NULL;
    struct err err;

    do {
        if ((ledger || ledger_open(&loops->ledger, &ledger, &err)) &&
            say_alive(loops, ledger, &err) &&
            (witness || witness_open(&loops->witness, &witness, &err)) &&
            raise_witness(loops, ledger, witness, &own, &err))
            outage_end(&outage);
        else
            outage_begin(&outage, &err);
    } while (loops_wait(loops, WITNESS_MS));
    if (ledger && !ledger_alive_end(ledger, loops->id, &err))
        log_warn("witness.end", TEXT("why", err.text)); /* it is missed in a while */
    return NULL;
}
