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
    int64_t drain_ms; /* how long what runs may take to park; 0 = 15 s */
};

/* What a main does: options, start, wait for SIGTERM or SIGINT, stop. The process's exit code: 2 =
 * wrong options, 1 = no data set, or the witness knows another, or something still ran when the
 * drain was over. Borrows all of `config`. */
int worker_main(int argc, char **argv, char **variables, struct worker_config config);

#endif
