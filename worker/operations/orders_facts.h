/* orders_facts.h - what is known of an order before it is loaded: rows of the discovery. Of
 * orders.sync only.
 */
#ifndef CARTAGE_ORDERS_FACTS_H
#define CARTAGE_ORDERS_FACTS_H

#include "operations/orders_sync.h"

/* From a node of orders-delta, or of orders-by-ids (then they are complete). Texts live in the
 * arena or are the node's. */
void facts_of_node(const json *node, struct arena *arena, struct order_facts *out);
void facts_write(struct write *write, const struct order_facts *facts, const char *updated);

/* Completes those that this run's filters need: one question for up to 250 orders. */
MUST_USE bool facts_complete(struct orders_sync *sync, struct order_facts *const facts[],
                             size_t count, struct arena *arena, struct err *err);

/* A picture of what any list of orders says, but for the time of change and what we write ourselves
 * (closed, fulfilled): an order that looks the same at the time that our own write got as answer
 * has not been changed by anybody else. */
enum { PICTURE = 32 + 1 };
void facts_picture(const json *node, char out[static PICTURE]);

#endif
