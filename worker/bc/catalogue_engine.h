/* catalogue_engine.h - the price of one piece out of price lists, as Business Central works it out.
 * Pure. */
#ifndef CARTAGE_BC_CATALOGUE_ENGINE_H
#define CARTAGE_BC_CATALOGUE_ENGINE_H

#include "bc/catalogue_room.h"

struct bc_vat_rate {
    const char *business, *product;
    struct decimal percent;
};
/* So much of the terms' currency is so much of the local one. */
struct bc_rate {
    struct decimal amount, local;
    int places; /* of an amount in it */
};
struct bc_engine {
    const struct bc_terms *terms;
    const struct bc_price_line *groups; /* lines of item discount groups */
    const struct bc_vat_rate *vat;
    size_t group_count, vat_count;
    struct bc_rate rate;
};
struct decimal bc_in_currency(const struct bc_rate *rate, struct decimal local);
/* Fills in price and compare_at of what can be priced; `unit` is the one it is sold in. */
void bc_engine_price(const struct bc_engine *engine, const struct bc_unit *unit,
                     struct bc_price *price);

#endif
