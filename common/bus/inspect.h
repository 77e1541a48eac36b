/* inspect.h - what stands at Kafka: which brokers answer, and how our topics keep what they hold.
 * For people.
 */
#ifndef CARTAGE_BUS_INSPECT_H
#define CARTAGE_BUS_INSPECT_H

#include "bus/bus.h"
#include "wire/json.h"

/* {"brokers": ["host:port"], "embedded": the one of a local stack, which keeps nothing,
 * "topics": [{"name", "partitions", "retention_ms", "cleanup"}]} of this environment's topics;
 * the latter two only where the broker tells settings. Blocks for at most about six seconds. */
MUST_USE bool bus_inspect(const struct bus_config *config, json **out, struct err *err);

#endif
