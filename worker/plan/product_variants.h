/* product_variants.h - which of an item's variants a product lacks, and whether its options take
 * them. Pure.
 */
#ifndef CARTAGE_PRODUCT_VARIANTS_H
#define CARTAGE_PRODUCT_VARIANTS_H

#include "plan/product_plan.h"

/* A variant as the store shows it; texts are borrowed. */
struct shown_variant {
    const char *sku, *barcode;
    const char *names[PRODUCT_OPTIONS], *values[PRODUCT_OPTIONS];
    size_t option_count;
    bool taken; /* linked to another variant */
};

/* The variant that has the draft's option values; else the only one of its SKU or bar code; -1 =
 * none. */
int variant_standing(const struct product_draft *draft, const struct variant_draft *variant,
                     const struct shown_variant shown[], size_t count);

/* Do the product's options take the draft's? OPTIONS_RENAME: it has none yet but the one that
 * Shopify gives every product, which takes the name of the draft's one. */
enum options_fit { OPTIONS_FIT, OPTIONS_RENAME, OPTIONS_OTHER };
enum options_fit options_fit(const struct product_draft *draft, const struct shown_variant shown[],
                             size_t count);

/* Is it the same unit? "" = the one that the item is sold in. */
bool same_unit(const struct item *item, const char *a, const char *b);

#endif
