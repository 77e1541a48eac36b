/* order_links.h - addresses at which people see a record: Shopify's admin, Business Central's web
 * client. Pure.
 */
#ifndef CARTAGE_ADMIN_ORDER_LINKS_H
#define CARTAGE_ADMIN_ORDER_LINKS_H

#include "wire/json.h"

void link_shopify_order(const char *store, const char *id, struct buf *out);
/* `settings` are the company's; `kind` as in link.md (salesOrder, ...), or "customer". Nothing is
 * written for a kind that has no page. */
void link_erp(const json *settings, const char *kind, const char *number, struct buf *out);

#endif
