/* billing.h - who is billed for an order, and where: what a customer is found by where the shop
 * maps customers by bill-to info. Pure.
 *
 * One person of Shopify may be several customers of the ERP: at home, and at his company.
 */
#ifndef CARTAGE_BILLING_H
#define CARTAGE_BILLING_H

#include "base/arena.h"
#include "model/order.h"

struct billing {
    const struct order_address *address; /* NULL = goes by e-mail and phone */
    const char *name;                    /* the company, else the person */
    const char *key; /* the same for the same name and address, however they are written */
};

/* Without a name on the bill the order goes by e-mail and phone, whatever the shop says. */
struct billing billing_of(const struct order *order, struct arena *arena);

#endif
