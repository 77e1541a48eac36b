/* story_parts.h - what belongs to an order and stands in records of its own. Of this room only. */
#ifndef CARTAGE_STORE_STORY_PARTS_H
#define CARTAGE_STORE_STORY_PARTS_H

#include "model/order.h"
#include "store/store.h"

/* Refunds with their credit memos, and what comes back without money yet. */
MUST_USE bool story_refunds(struct ledger *ledger, const char *company, const struct order *order,
                            json *tree, struct err *err);
/* What each location has still to send, as Shopify has it. */
void story_fulfillment(const struct order *order, json *tree);
/* What came of posting a document; nothing is set where nobody has tried. */
MUST_USE bool story_posting(struct ledger *ledger, const char *company, const char *document,
                            json *into, struct err *err);

/* Lines of Shopify Payments' balance that are this order's, with the payout of each. */
MUST_USE bool story_payments(struct ledger *ledger, const char *company, const char *order,
                             json *tree, struct err *err);

#endif
