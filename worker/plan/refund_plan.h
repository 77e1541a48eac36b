/* refund_plan.h - from a refund or return of Shopify to the credit memo it becomes. Pure.
 *
 * Its total is what was given back, to the last digit (but for what cash was rounded by, where that
 * has no account): what lines and shipping do not explain
 * (money without goods, a fee kept, tax rounded another way) is one line on the refund account.
 */
#ifndef CARTAGE_REFUND_PLAN_H
#define CARTAGE_REFUND_PLAN_H

#include "plan/order_plan.h"

/* Does the credit memo need the item of this line of the order? */
bool refund_needs_item(const struct order *order, const struct order_refund *refund,
                       const struct order_line *line);

/* `side` is the one that the order's document was made in. `erp_prices_include_tax` is what the
 * ERP's document does; NULL = as the order.
 * Precondition: order_refund_is_credit, and lines that need an item have their match. */
enum reason refund_plan(const struct order *order, const struct order_refund *refund,
                        const struct shop *shop, enum money_side side,
                        const struct item_match *matches, const bool *erp_prices_include_tax,
                        const struct zone *zone, struct arena *arena, struct order_plan *out,
                        struct buf *detail);

#endif
