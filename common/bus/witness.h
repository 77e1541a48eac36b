/* witness.h - a record outside Redis of which data set is alive, and how far it is.
 *
 * Every few seconds a producer raises n in the incarnation and writes {data set, n, producer} here:
 * to the compacted topic cartage.<env>.witness, or to a file for a broker that keeps nothing.
 * Whoever starts compares the last record with the Redis it found: a copy of the data set, an old
 * backup, an empty Redis are noticed before anything is fired or claimed. Threads: one witness per
 * thread.   Blocks: a few seconds when Kafka does not answer.
 */
#ifndef CARTAGE_WITNESS_H
#define CARTAGE_WITNESS_H

#include "base/ids.h"
#include "bus/publisher.h"

struct witness_record {
    char data_set[UUID_TEXT];
    int64_t n;
    char producer[24];
};

struct witness_config {
    const char *file; /* "" = the topic */
    struct bus_config bus;
};

struct witness;
MUST_USE bool witness_open(const struct witness_config *config, struct witness **out,
                           struct err *err);
void witness_free(struct witness *witness);
OWNABLE(witness)

/* The last record there is. */
MUST_USE bool witness_last(struct witness *witness, struct witness_record *out, bool *found,
                           struct err *err);
/* Records that came after those already read, oldest first, one a call. */
MUST_USE bool witness_next(struct witness *witness, struct witness_record *out, bool *found,
                           struct err *err);
MUST_USE bool witness_write(struct witness *witness, struct publisher *publisher,
                            const struct witness_record *record, struct err *err);

/* What a person does who wants to go on with a Redis that is refused, and what comes of it. */
#define WITNESS_ADOPT                                                                              \
    "`cartage adopt`, then start producers and workers, then `cartage rebuild`, which links what " \
    "stands in both systems"

/* May a process start with this data set? ERR_FATAL says why not, and what to do. `found` and
 * `last` are witness_last's; data_set and n stand in Redis. */
MUST_USE bool witness_agrees(const struct witness *witness, bool found,
                             const struct witness_record *last, const char *data_set, int64_t n,
                             struct err *err);

/* Has Redis fallen back from `before` to `n` under a running process? ERR_FATAL says what to do. */
MUST_USE bool witness_holds(int64_t n, int64_t before, struct err *err);

/* Nobody but a copy of the data set, on a Redis of its own, writes such a record: it names another
 * data set, or is ahead of our Redis, whose n (`highest`) was read after the record. */
bool witness_is_foreign(const struct witness_record *record, const char *data_set, int64_t highest);

#endif
