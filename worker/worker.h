/* worker.h - takes tasks that are offered, runs them, reports. No state of its own.
 *
 * Threads: one intake (Kafka), one at the ledger's desk (claims and finishes of all executors), N
 * executors (one attempt each, in straight-line code), one heartbeat. They share mailboxes, the
 * count of free seats, and a slot per executor.
 */
#ifndef CARTAGE_WORKER_H
#define CARTAGE_WORKER_H

#include "attempt.h"
#include "base/clock.h"
#include "config/config.h"

struct worker_config {
    const struct config *options;
    const struct clock *clock;
    const struct operation_run
        *extra; /* operations beside the shipped table: tests bring their own */
    size_t extra_count;
    int64_t quiet_ms; /* an attempt without progress for so long is given up; 0 = 15 min */
    int64_t drain_ms; /* bound of worker_stop; 0 = 15 s */
};

struct worker;
/* ERR_FATAL when there is no data set, or the witness knows another. Borrows all of `config`. */
MUST_USE bool worker_start(const struct worker_config *config, struct worker **out,
                           struct err *err);
/* Claims nothing more, parks what runs at its next checkpoint, waits at most drain_ms. false =
 * something still ran, or an attempt was given up: the process must end now, without freeing
 * anything. */
bool worker_stop(struct worker *worker);

/* What a main does: options, start, wait for SIGTERM or SIGINT, stop. The process's exit code. */
int worker_main(int argc, char **argv, char **variables, struct worker_config config);

#endif
