/* consumer.h - takes messages of the task topics, or of one other, one at a time, only when asked.
 *
 * Partition queues are taken off the consumer's own queue and read round robin: what is not read
 * stays in librdkafka, which fetches little ahead, and nothing is ever paused. The consumer's own
 * queue is served all the time, so a busy worker stays in its group. Offsets are stored when
 * consumer_seen says so and committed once a second, but not in the middle of a cooperative
 * rebalance, where a commit loses the assignment. Threads: one, but for consumer_wake and
 * consumer_seen, which any may call.
 */
#ifndef CARTAGE_CONSUMER_H
#define CARTAGE_CONSUMER_H

#include "bus/bus.h"

struct consumer_config {
    struct bus_config bus;
    const char *group;             /* name of the pool */
    const char *const *categories; /* NULL-ended; NULL = all */
    const char *topic;             /* instead of the task topics: one of ours ("wake") */
};

struct consumer;
MUST_USE bool consumer_open(const struct consumer_config *config, struct consumer **out,
                            struct err *err);
void consumer_free(struct consumer *consumer); /* commits what is stored, leaves the group */
OWNABLE(consumer)

void consumer_serve(
    struct consumer *consumer); /* rebalances, commits; at least every few seconds */

struct message { /* borrowed until message_drop */
    const char *topic;
    int32_t partition;
    int64_t offset;
    const void *key, *value;
    size_t key_size, size;
    rd_kafka_message_t *raw;
};
MUST_USE bool consumer_take(struct consumer *consumer, struct message *out); /* false = none now */
/* A header's value as text, borrowed; NULL = there is none, or it is no text. */
const char *message_header(const struct message *message, const char *name);
void message_drop(struct message *message);

/* Waits until a message may be there or somebody calls consumer_wake. */
void consumer_wait(struct consumer *consumer, int wait_ms);
void consumer_wake(struct consumer *consumer);
/* The message needs no second look, whatever became of it. Its offset is committed once that holds
 * for all before it, too: a ticket that waits for an answer while its worker dies is read again. */
void consumer_seen(struct consumer *consumer, const char *topic, int32_t partition, int64_t offset);

#endif
