/* order_change.h - has Shopify changed an order since its document was made, in a way the document
 * does not know? Pure.
 *
 * Compared is what the document holds: each line's net quantity, the shipping charge, whether the
 * order was cancelled. A refund of money is no such change: it becomes a document of its own.
 */
#ifndef CARTAGE_ORDER_CHANGE_H
#define CARTAGE_ORDER_CHANGE_H

#include "base/buf.h"
#include "model/order.h"

/* `snapshot` = order_snapshot of then. True = changed; `detail` says how, for people: what was and
 * what is, by name and quantity. An unreadable snapshot counts as unchanged. */
bool order_changed(const struct order *order, const char *snapshot, struct buf *detail);

#endif
