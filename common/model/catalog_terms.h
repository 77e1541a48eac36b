/* catalog_terms.h - how the prices of a catalog are made: a row of the shop's setting `catalogs`,
 * "price_group=GOLD, discount_group=B2B, line_discounts=no". Pure.
 *
 * A catalog without a row has no prices from here; "*" is the row of all that have none. Customer
 * no.: price group, discount group and line discounts are that customer's, as a person enters them
 * here beside it; lines for the customer itself count.
 */
#ifndef CARTAGE_CATALOG_TERMS_H
#define CARTAGE_CATALOG_TERMS_H

#include "base/arena.h"
#include "model/settings.h"

struct catalog_terms {
    const char *customer, *price_group, *discount_group, *vat_group; /* "" = none */
    bool line_discounts, include_vat, quantity_breaks;
};
/* By the catalog's title or number. False = its prices are not made here. */
bool catalog_terms_of(const struct shop *shop, const char *title, const char *number,
                      struct arena *arena, struct catalog_terms *out);
MUST_USE bool catalog_terms_check(const struct shop *shop, struct err *err);

#endif
