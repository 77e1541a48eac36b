/* crew.h - what the threads of one worker share. Only they and worker.c include this.
 *
 * A job is one ticket on its way: intake (or a look at Redis) makes it, the desk claims it, an
 * executor runs it, the desk finishes and frees it. It has one owner at a time; mailboxes hand it
 * on. A seat is the right to bring one more job to the desk: there are as many as executors.
 */
#ifndef CARTAGE_CREW_H
#define CARTAGE_CREW_H

#include <pthread.h>

#include "base/mailbox.h"
#include "bus/consumer.h"
#include "bus/publisher.h"
#include "bus/witness.h"
#include "ledger/ledger.h"
#include "worker.h"

/* How long an executor may go on with a lane that has more: others wait so much longer for it. It
 * is what makes short tasks fast; a long one ends the chain. */
enum { CHAIN_MS = 100 };

enum job_stage { JOB_CLAIM, JOB_RUN, JOB_FINISH };

struct job {
    enum job_stage stage;
    struct ticket ticket;
    char *topic; /* where it came from; NULL = from Redis */
    int32_t partition;
    int64_t offset;
    int64_t asked_ms; /* when the desk asked Redis last, monotonic */
    bool answered;    /* and it has heard */
    bool sent;        /* its claim has been asked for at least once: Redis may know it */
    int bucket;
    char fence[48];
    struct arena *arena;
    struct run_sheet sheet;
    int64_t claimed_ms; /* sending of the claim, monotonic: the first confirmed beat */
    int64_t
        chain_ms; /* that of the first of the tasks that an executor ran without a ticket between */
    bool seated;  /* its executor waits for the next of the lane: the desk gives the seat back */
    char next_fence[48];
    const char *lane;
    /* what the executor leaves for the desk */
    enum outcome outcome;
    bool lost;       /* the task is somebody else's: nothing to finish */
    int64_t at_ms;   /* 0 = by the rules */
    const char *why; /* a constant */
    char error[512]; /* "" = none */
    int code;        /* the error's own, 0 = none */
    struct buf trace;
    struct buf counts;
    struct buf cursor; /* size 0 = as last written */
};

struct slot { /* one executor, as the heartbeat sees it */
    struct crew *crew;
    pthread_t thread;
    pthread_mutex_t lock;    /* guards all below */
    struct job *job;         /* NULL = idle */
    struct attempt *attempt; /* lives as long as `job` stands here */
    int64_t confirmed_ms;    /* sending of the last confirmed beat, monotonic */
    bool yield, given_up;
    struct buf progress, cursor; /* taken from the attempt, not yet confirmed by a beat */
    bool has_progress, has_cursor;
};

struct crew {
    const struct worker_config *config;
    const struct clock *clock;
    struct ledger_config ledger; /* each thread opens its own */
    struct witness_config witness;
    char data_set[UUID_TEXT];
    _Atomic int64_t adopted_ms; /* when a person took the data set over, monotonic */
    const char **categories;    /* NULL-ended; NULL = all */
    size_t category_count;
    char *category_text;
    struct consumer *consumer;
    struct publisher *publisher;
    struct mailbox *desk;  /* jobs to claim and to finish */
    struct mailbox *tasks; /* claimed jobs for the executors */
    struct mailbox *end;   /* never holds anything; closed when the heartbeat shall end */
    struct slot *slots;
    size_t slot_count;
    char id[17];                    /* worker id: 16 hex digits, drawn at start */
    _Atomic int seats;              /* free ones */
    _Atomic int jobs;               /* alive */
    _Atomic bool draining;          /* claim nothing more, park what runs */
    _Atomic bool ending;            /* no job is left: the threads end */
    _Atomic bool sick;              /* an attempt was given up */
    _Atomic bool suspended;         /* a second copy of the data set is alive: claim nothing */
    _Atomic int64_t redis_ahead_ms; /* Redis time minus ours */
};

/* When this data set was adopted, by our clock: one that is set wrong or steps must not shorten the
 * time that is waited from then on. */
MUST_USE bool crew_note_adoption(struct crew *crew, struct ledger *ledger, int64_t redis_ms,
                                 struct err *err);
const struct operation_run *crew_operation(const struct crew *crew, const char *name);
bool crew_serves(const struct crew *crew, const char *category);
MUST_USE bool seat_take(struct crew *crew); /* false = no executor is free */
void seat_give(struct crew *crew);          /* wakes the intake */

/* Taken from Kafka, and what it came to: said before its offset may be committed. */
void crew_seen(struct crew *crew, const char *topic, int32_t partition, int64_t offset,
               const char *answer);

struct job *job_new(struct crew *crew, const struct ticket *ticket);
void job_free(struct crew *crew, struct job *job);

/* With the slot's lock held: the beat sent then was confirmed, the gate stays open until it is too
 * old. */
void slot_confirm(struct slot *slot, int64_t sent_ms);

void *intake_loop(void *crew);
void *claims_loop(void *crew);
void *executor_loop(void *slot);
void *heartbeat_loop(void *crew);
void *watch_loop(void *crew);

#endif
