/* party.h - what an address of an order is called in the ERP: name, name 2, contact and county, by
 * the shop's sources of each. Pure.
 */
#ifndef CARTAGE_PARTY_H
#define CARTAGE_PARTY_H

#include "base/arena.h"
#include "model/order.h"
#include "model/settings.h"

struct party_names {
    const struct order_address *address; /* never NULL; may be not present */
    const char *name;    /* by its source, else whatever there is: company or person; "" = nobody */
    const char *name_2;  /* "" = the shop wants none, or it is the name */
    const char *contact; /* likewise */
    const char *county;  /* the state's code or its name */
};

struct party_names party_names(const struct order *order, const struct order_address *address,
                               const struct shop *shop, struct arena *arena);

#endif
