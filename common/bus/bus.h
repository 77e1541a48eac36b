/* bus.h - what both ends of Kafka share: names of topics, properties of a client.
 *
 * Redis decides, Kafka delivers: nothing that travels here is needed for a right answer. A message
 * that is lost, late, doubled or replayed costs time only, so both ends give up rather than block.
 */
#ifndef CARTAGE_BUS_H
#define CARTAGE_BUS_H

#include <librdkafka/rdkafka.h>

#include "base/clock.h"
#include "base/err.h"
#include "config/config.h"

enum { TOPIC_TEXT = 256, TASK_TOPICS_MAX = 64, TASK_PARTITIONS = 12 };

struct bus_config {      /* texts borrowed for the life of what is opened with it */
    const char *servers; /* host:port,host:port */
    const char *environment;
    const struct config_pair *options; /* passed on to librdkafka */
    size_t option_count;
    const struct clock *clock;
};

/* "cartage.<env>.task.<category>": A-Z lower-cased, every byte outside a-z0-9 as -hh, blank as
 * "-none". The name says its category whole, so two categories never meet in one topic but in
 * "-other". */
void bus_task_topic(const char *environment, const char *category, char out[static TOPIC_TEXT]);
void bus_other_topic(const char *environment, char out[static TOPIC_TEXT]);
void bus_topic(const char *environment, const char *name,
               char out[static TOPIC_TEXT]); /* "dead", ... */

/* Properties of one client: `own` (NULL-ended names and values) and what people passed on.
 * ERR_FATAL names the property that librdkafka does not take, or that is ours alone to set. */
MUST_USE bool bus_properties(const struct bus_config *config, const char *const own[][2],
                             rd_kafka_conf_t **out, struct err *err);

/* Appends to the error of a call why brokers refuse this client, and the setting that cures it,
 * where they said so; always false. */
bool bus_explain(const rd_kafka_t *client, struct err *err);

#endif
