/* locations.h - Shopify's locations of a shop, as stock and new products ask for them. Of this room
 * only. */
#ifndef CARTAGE_LOCATIONS_H
#define CARTAGE_LOCATIONS_H

#include "attempt.h"

/* [{"id", "name", "active", "service"}], the caller's; asked of Shopify, and kept in
 * `shop-locations:<shop>` with the next flush of `write`. */
MUST_USE bool locations_ask(struct attempt *attempt, struct write *write, json **out,
                            struct err *err);
/* As kept, with its age; an empty list that is as old as the world where none is. */
MUST_USE bool locations_kept(struct attempt *attempt, json **out, int64_t *age_ms, struct err *err);

#endif
