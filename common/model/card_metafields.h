/* card_metafields.h - which fields of a customer in Business Central his metafields at Shopify may
 * have the values of, and what names metafields may have. Pure.
 */
#ifndef CARTAGE_CARD_METAFIELDS_H
#define CARTAGE_CARD_METAFIELDS_H

#include "model/settings.h"

/* As API v2.0 names them; the last one is NULL. */
extern const char *const CARD_METAFIELDS[];

/* "custom.material": Shopify's namespace and key, each of at least two characters. */
MUST_USE bool metafield_names_check(const char *setting, const struct setting_map *map,
                                    struct err *err);
/* customer_metafields and company_metafields. */
MUST_USE bool card_metafields_check(const struct shop *shop, struct err *err);

#endif
