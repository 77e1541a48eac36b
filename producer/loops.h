/* loops.h - what the loops of one producer share. Only they and producer.c include this. */
#ifndef CARTAGE_LOOPS_H
#define CARTAGE_LOOPS_H

#include <stdatomic.h>

#include "base/mailbox.h"
#include "bus/witness.h"
#include "ledger/ledger.h"
#include "metrics/outage.h"

struct loops {
    struct ledger_config ledger; /* each loop opens its own */
    struct witness_config witness;
    const struct clock *clock;
    const char *sendmail, *notify_commands; /* of the options */
    struct publisher *publisher;
    struct mailbox *kicks; /* wakes the tick */
    struct mailbox *end;   /* never holds anything; closed when the loops shall end */
    _Atomic bool ending;
    _Atomic bool suspended; /* a second copy of the data set is alive: fire nothing, reap nothing */
    bool history;           /* HISTORY=kafka */
    char id[17];
    struct incarnation incarnation;
};

/* Waits; false = the loops shall end. */
static inline bool loops_wait(struct loops *loops, int ms)
{
    void *nothing = mailbox_take(loops->end, ms);
    assert(!nothing);
    return !atomic_load(&loops->ending);
}

void *tick_loop(void *loops);
void *reaper_loop(void *loops);
void *witness_loop(void *loops);
void *trim_loop(void *loops);
void *audit_loop(void *loops);
void *history_loop(void *loops);
void *notices_loop(void *loops);
void *wakes_loop(void *loops);
void *webhooks_loop(void *loops);

#endif
