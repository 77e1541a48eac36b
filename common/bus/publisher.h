/* publisher.h - hands tickets to Kafka.
 *
 * Promise:  a ticket that cannot be delivered is counted and forgotten: it stands in Redis, where
 * an idle worker takes it after a second and a reaper publishes it again. Topics:   created by
 * admin calls before their first message (12 partitions, replicas as the brokers allow); a broker
 * without admin calls (the embedded one) makes them when they are written to. Threads:  any.
 * Blocks: only at the first ticket of a category, at most a few seconds.
 */
#ifndef CARTAGE_PUBLISHER_H
#define CARTAGE_PUBLISHER_H

#include "bus/bus.h"
#include "wire/ticket.h"

struct publisher;
MUST_USE bool publisher_open(const struct bus_config *config, struct publisher **out,
                             struct err *err);
void publisher_free(struct publisher *publisher); /* waits up to 5 s for what is under way */
OWNABLE(publisher)

void publisher_tickets(struct publisher *publisher, const struct tickets *tickets);
void publisher_poll(
    struct publisher *publisher); /* collects delivery reports; call it now and then */

/* Makes a topic of ours that others write to ("wake"), where there is none. */
MUST_USE bool publisher_topic(struct publisher *publisher, const char *name, int partitions,
                              struct err *err);

struct bus_header {
    const char *name, *value; /* the last row has NULL */
};
/* One message to a topic of ours ("dead", "witness"); the topic is created with one partition. */
MUST_USE bool publisher_send(struct publisher *publisher, const char *name, bool compacted,
                             const void *key, size_t key_size, const void *value, size_t size,
                             const struct bus_header *headers, struct err *err);
/* Waits until everything sent so far is delivered or has failed; how many did, ever. */
MUST_USE bool publisher_flush(struct publisher *publisher, int wait_ms, struct err *err);
int64_t publisher_failed(const struct publisher *publisher);
/* Does no broker answer? Asks them, half a second at most; for people. */
bool publisher_away(struct publisher *publisher);

#endif
