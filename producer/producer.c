/* producer.c - checks that this is the right data set, then lets the loops run. */
#include "producer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loops.h"

enum { LOOPS = 9 };
static void *(*const LOOP[LOOPS])(void *) = {tick_loop,    reaper_loop, witness_loop,
                                             trim_loop,    audit_loop,  history_loop,
                                             notices_loop, wakes_loop,  webhooks_loop};

struct producer {
    struct loops loops;
    pthread_t threads[LOOPS];
    size_t running;
};

static void settle(const struct config *options, const struct clock *clock, struct loops *out)
{
    out->clock = clock;
    out->sendmail = options->sendmail;
    out->notify_commands = options->notify_commands;
    out->ledger = (struct ledger_config){.redis = options->redis,
                                         .access = &options->redis_access,
                                         .environment = options->environment,
                                         .lease_ms = options->lease_ms};
    out->witness = (struct witness_config){
        .file = options->witness,
        .bus = {options->kafka, options->environment, options->kafka_options,
                options->kafka_option_count, clock},
    };
    out->history = strcmp(options->history, "kafka") == 0;
    random_hex(8, out->id);
}

static bool check(struct loops *loops, struct err *err)
{
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(witness) struct witness *witness = NULL;
    struct witness_record last = {0};
    bool found;

    return ledger_open(&loops->ledger, &ledger, err) &&
           witness_open(&loops->witness, &witness, err) &&
           /* the witness first: Redis must not be behind what was written meanwhile */
           witness_last(witness, &last, &found, err) &&
           ledger_incarnation(ledger, &loops->incarnation, err) &&
           witness_agrees(witness, found, &last, loops->incarnation.data_set,
                          loops->incarnation.witness, err);
}

bool producer_start(const struct config *options, const struct clock *clock, struct producer **out,
                    struct err *err)
{
    struct producer *producer = mem_new(sizeof *producer);

    settle(options, clock, &producer->loops);
    if (!check(&producer->loops, err) ||
        !publisher_open(&producer->loops.witness.bus, &producer->loops.publisher, err)) {
        producer_stop(producer);
        return false;
    }
    producer->loops.kicks = mailbox_new(1);
    producer->loops.end = mailbox_new(1);
    for (; producer->running < LOOPS; producer->running++) {
        int code = pthread_create(&producer->threads[producer->running], NULL,
                                  LOOP[producer->running], &producer->loops);
        if (code) {
            producer_stop(producer);
            return err_set(err, ERR_RETRY, code, "start a thread of the producer");
        }
    }
    log_info("producer.started", TEXT("environment", options->environment),
             TEXT("data_set", producer->loops.incarnation.data_set),
             TEXT("id", producer->loops.id));
    *out = producer;
    return true;
}

void producer_stop(struct producer *producer)
{
    if (!producer)
        return;
    atomic_store(&producer->loops.ending, true);
    if (producer->loops.end) {
        mailbox_close(producer->loops.end);
        mailbox_close(producer->loops.kicks);
    }
    while (producer->running)
        pthread_join(producer->threads[--producer->running], NULL);
    if (producer->loops.kicks) {
        void *kick = mailbox_take(producer->loops.kicks, 0);
        (void)kick;
    }
    mailbox_free(producer->loops.kicks);
    mailbox_free(producer->loops.end);
    publisher_free(producer->loops.publisher);
    free(producer);
}

void producer_publish(void *state, const struct tickets *tickets)
{
    struct producer *producer = state;
    publisher_tickets(producer->loops.publisher, tickets);
}

void producer_kick(void *state)
{
    static char token;
    struct producer *producer = state;
    void *kick = &token;
    bool told = mailbox_put(producer->loops.kicks, &kick, 0);
    (void)told; /* false = one is waiting already */
}

bool producer_broker_away(void *state)
{
    struct producer *producer = state;
    return publisher_away(producer->loops.publisher);
}

/* The witness's new last record: this Redis, past what the witness has seen. */
static bool bear_witness(struct loops *loops, struct ledger *ledger, struct witness *witness,
                         struct witness_record *last, struct err *err)
{
    OWN(publisher) struct publisher *publisher = NULL;
    snprintf(last->data_set, sizeof last->data_set, "%s", loops->incarnation.data_set);
    snprintf(last->producer, sizeof last->producer, "%s", loops->id);
    return ledger_witness_raise(ledger, last->n, &last->n, err) &&
           publisher_open(&loops->witness.bus, &publisher, err) &&
           witness_write(witness, publisher, last, err);
}

bool producer_init(const struct config *options, const struct clock *clock, struct err *err)
{
    struct loops loops = {0};
    struct witness_record last = {0};
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(witness) struct witness *witness = NULL;
    bool found, created = false;

    settle(options, clock, &loops);
    if (!ledger_open(&loops.ledger, &ledger, err) || !witness_open(&loops.witness, &witness, err) ||
        !witness_last(witness, &last, &found, err))
        return false;
    if (!found && !ledger_init(ledger, &created, err))
        return false;
    if (!ledger_incarnation(ledger, &loops.incarnation, err))
        return found && err->code == 404
                   ? err_set(
                         err, ERR_FATAL, 404,
                         "the witness remembers the data set %s, but Redis lost it or this is "
                         "another Redis. Correct --redis, or restore a backup. If nothing is left, "
                         "go on with this empty one: `cartage adopt`, then start "
                         "producers and workers, `cartage apply -f FILE`, then `cartage rebuild`",
                         last.data_set)
                   : false;
    if (found) {
        if (!witness_agrees(witness, found, &last, loops.incarnation.data_set,
                            loops.incarnation.witness, err))
            return false;
        log_info("producer.init", TEXT("data_set", loops.incarnation.data_set), NUM("created", 0));
        return true;
    }
    if (!bear_witness(&loops, ledger, witness, &last, err))
        return false;
    log_info("producer.init", TEXT("data_set", last.data_set), NUM("created", created));
    return true;
}

bool producer_adopt(const struct config *options, const struct clock *clock, struct err *err)
{
    struct loops loops = {0};
    struct witness_record last = {0};
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(witness) struct witness *witness = NULL;
    bool found, created = false;

    settle(options, clock, &loops);
    if (!ledger_open(&loops.ledger, &ledger, err) || !witness_open(&loops.witness, &witness, err) ||
        !witness_last(witness, &last, &found, err) || !ledger_adopt(ledger, &created, err) ||
        !ledger_incarnation(ledger, &loops.incarnation, err))
        return false;
    if (!bear_witness(&loops, ledger, witness, &last, err))
        return false;
    log_info("producer.adopted", TEXT("data_set", last.data_set), NUM("n", last.n),
             NUM("created", created),
             TEXT("next", created ? "start producers and workers, cartage apply -f FILE, cartage "
                                    "rebuild; it reads from the shops' order_history_start on"
                                  : "start producers and workers, cartage rebuild; it reads from "
                                    "the old watermarks on"));
    return true;
}
