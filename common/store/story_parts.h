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

/* "transactions": payments and refunds of the order, each with fee, gift card, payout and posted
 * document (that of the tree, told before). "payments": lines of Shopify Payments' balance that are
 * this order's, with the payout of each. */
MUST_USE bool story_payments(struct ledger *ledger, const char *company, const struct order *order,
                             const char *id, struct arena *arena, json *tree, struct err *err);
/* "3.2 GBP", what a payment has told as its fee, of the list `money:<order>` keeps
 * (schemas/staging/payment.md); "" = nothing. */
const char *money_fee(const char *list, const char *transaction, struct arena *arena);

#endif
