/* billing.h - who has ordered and who is billed, and where: what customers are found by where the
 * shop maps them by bill-to info. Pure.
 *
 * One person of Shopify may be several customers of the ERP: at home, and at his company. And one
 * order may be two customers': goods go to the one, the bill to the other.
 */
#ifndef CARTAGE_BILLING_H
#define CARTAGE_BILLING_H

#include "base/arena.h"
#include "plan/party.h"

struct billing {
    const struct order_address *address; /* NULL = goes by e-mail and phone, or there is none */
    const char *name, *county;           /* by the shop's sources */
    const char *key; /* the same for the same name and address, however they are written */
};

/* Without a name on the bill the order goes by e-mail and phone, whatever the shop says. */
struct billing billing_of(const struct order *order, const struct shop *shop, struct arena *arena);
/* The sell-to customer where he is another one than who is billed; else its address is NULL. */
struct billing billing_seller(const struct order *order, const struct billing *billed,
                              const struct shop *shop, struct arena *arena);

#endif
