/* order_change.h - what an order was when its document was made, and whether Shopify has changed it
 * since in a way the document does not know. Pure.
 *
 * A refund of money is no such change: it becomes a document of its own.
 */
#ifndef CARTAGE_ORDER_CHANGE_H
#define CARTAGE_ORDER_CHANGE_H

#include "base/buf.h"
#include "model/order.h"

/* "<line id>:<quantity>,...;<shipping total>": kept with the processed order. */
void order_snapshot(const struct order *order, struct buf *out);
/* True = changed; `detail` says how, for people. An unreadable snapshot counts as unchanged. */
bool order_changed(const struct order *order, const char *snapshot, struct buf *detail);

#endif
