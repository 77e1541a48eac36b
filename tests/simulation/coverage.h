/* coverage.h - what happened in the seeds: faults, legal moves, answers; a zero is a hole in the
 * proof.
 */
#ifndef CARTAGE_SIMULATION_COVERAGE_H
#define CARTAGE_SIMULATION_COVERAGE_H

#include <hiredis/hiredis.h>

#include "queue/entry.h"
#include "wire/json.h"

enum fault {
    FAULT_PRODUCER_BEFORE_FIRE,    /* killed: what it read is lost */
    FAULT_PRODUCER_BEFORE_PUBLISH, /* killed: the grants stand in Redis */
    FAULT_PRODUCER_AFTER_PUBLISH,
    FAULT_PRODUCER_STALE, /* fires on what it read long ago */
    FAULT_PRODUCER_STOPPED,
    FAULT_PRODUCER_WITHIN_REAP,
    FAULT_CALL_LOST,  /* never reached Redis; the caller does not know */
    FAULT_CALL_TWICE, /* the caller asks the same again */
    FAULT_WORKER_BEFORE_CLAIM,
    FAULT_WORKER_AFTER_CLAIM,
    FAULT_WORKER_BEFORE_FINISH,
    FAULT_WORKER_STOPPED, /* longer than its lease and grace, and it comes back */
    FAULT_WORKER_NO_REDIS,
    FAULT_WORKER_NO_KAFKA,
    FAULT_REDIS_RESTART,
    FAULT_REDIS_OLD_FILE, /* restarted with the state of up to a second ago */
    FAULT_REDIS_FAILOVER, /* the replica lacked up to a second; it answers at once */
    FAULT_REDIS_FULL,     /* out of memory: what would grow is refused */
    FAULT_BROKER_LOST,
    FAULT_TOPIC_ANEW, /* deleted with all it held, created again */
    FAULT_TICKET_LOST,
    FAULT_TICKET_TWICE,
    FAULT_TICKET_REPLAYED,
    FAULT_TICKET_REORDERED,
    FAULT_TICKET_DELAYED,
    FAULT_CLOCK_REDIS_AHEAD,
    FAULT_CLOCK_REDIS_BACK,
    FAULT_CLOCK_WORKER,
    FAULT_CLOCK_PERSON, /* of the machine people plan at */
    FAULT_DST_AHEAD,
    FAULT_DST_BACK,
    FAULT_ALL_ASLEEP, /* minutes to hours in which no machine ran */
    FAULT_POISON,     /* an attempt that takes its worker with it */
    FAULT_FORGED_FENCE,
    FAULT_ZONE_UNKNOWN,
    FAULT_COMMAND, /* hold, ready, restart, cancel, delete, edit, wake at any moment */
    FAULTS,
};

enum { TASKS_LEAST = 100 }; /* of a seed */
enum { SCRIPTS_KNOWN = 32, MOVES_KNOWN = 128, ANSWERS_KNOWN = 64 };

struct tally {
    int64_t seeds, records, claims, tasks, tasks_least;
    int64_t faults[FAULTS], replies_lost[SCRIPTS_KNOWN];
    int64_t moves[MOVES_KNOWN], answers[ANSWERS_KNOWN];
    json *violations; /* [{"seed", "invariant", "text"}] */
};

/* Faults whose names hold one of these words (with commas between) do not happen from now on. */
void faults_without(const char *words);
bool fault_wanted(enum fault fault);

void tally_move(struct tally *tally, enum entry_status status, enum entry_sub sub,
                enum entry_event on);
/* An answer that no table here knows ends the run: the table shall know it. */
void tally_answer(struct tally *tally, const char *script, const redisReply *reply);
void tally_reply_lost(struct tally *tally, const char *script);

/* {"seeds", "violations", "faults": {kind: count}, "moves": {...}, "refusals": {...}, ...} */
json *tally_json(const struct tally *tally);
/* Adds what another process has written with tally_json. */
void tally_merge(json *total, const json *part);
/* How many of the kinds happened less often than `least`; each is told on standard error. */
size_t tally_holes(const json *total, int64_t least);

#endif
