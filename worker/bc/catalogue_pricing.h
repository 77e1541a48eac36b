/* catalogue_pricing.h - items and terms as Business Central's room has them, asked of
 * common/pricing; only the catalogue's files include it. Pure. */
#ifndef CARTAGE_BC_CATALOGUE_PRICING_H
#define CARTAGE_BC_CATALOGUE_PRICING_H

#include "bc/catalogue_room.h"
#include "pricing/pricing.h"

/* What is the same for all items. */
struct bc_pricing {
    const struct pricing_vat *vat;
    size_t vat_count;
    struct pricing_lines common;
    struct pricing_rate rate;
    struct decimal amount_step; /* what an amount in the terms' currency is rounded to */
};
/* Prices by price lists; `item` is the price's, with its lines. What cannot be priced gets its
 * skip. Breaks are of the arena.
 */
void bc_price_by_lists(const struct bc_pricing *pricing, const struct bc_terms *terms,
                       const struct bc_item *item, struct arena *arena, struct bc_price *price);
/* The card's price as it stands there, VAT in or out: no level below shows more. */
void bc_price_by_card(const struct bc_pricing *pricing, const struct bc_terms *terms,
                      struct bc_price *price);
/* The cost of what a quote has priced. */
void bc_price_cost(const struct bc_pricing *pricing, const struct bc_terms *terms,
                   struct bc_price *price);
bool bc_price_has_unit(const struct bc_price *price);

#endif
