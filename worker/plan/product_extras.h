/* product_extras.h - what hangs on a product beside its fields: translations and metafields. Pure.
 */
#ifndef CARTAGE_PRODUCT_EXTRAS_H
#define CARTAGE_PRODUCT_EXTRAS_H

#include "plan/product_plan.h"

/* One text under its name: "de title", "de body_html"; of a metafield "custom.material". */
struct extra {
    const char *name, *value;
};

/* Titles and bodies in the languages that the shop names, as far as the item has them and they are
 * not those of the product itself. */
size_t product_words(const struct product_draft *draft, const struct shop *shop, const char *today,
                     struct arena *arena, struct extra **out);
/* Values of the attributes that the shop names, of the item itself. */
size_t product_metafields(const struct product_draft *draft, const struct shop *shop,
                          struct arena *arena, struct extra **out);

/* Those of them that differ from what was confirmed, in front; `after` = what will have been. An
 * extra that is there no more differs in nothing: Shopify keeps it. */
size_t extras_changed(struct extra *extras, size_t count, const char *sent, struct buf *after);

#endif
