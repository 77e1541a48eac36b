/* items_find.h - what products are in Business Central: by SKU as the shop reads it, then by bar
 * code. Of this room only.
 *
 * What is found is borrowed from the lookup. Questions of many go together, in at most three
 * rounds.
 */
#ifndef CARTAGE_ITEMS_FIND_H
#define CARTAGE_ITEMS_FIND_H

#include "bc/catalogue.h"
#include "operations/orders_lookup.h"
#include "plan/import_plan.h"

struct sought {
    const char *by_hand; /* a number that goes before everything else; "" = none */
    const char *sku, *barcode;
    const char *vendor; /* as Shopify names him; "" = any */
    const char *unit;   /* of the option that holds one; "" = the sales unit */
    /* answer; "" = not found */
    const char *item, *item_variant, *number;
    const char *code; /* of the variant */
    /* while it is looked for */
    struct sku_parts parts;
    const char *vendor_number;
    bool open, by_barcode;
};

/* Leaves those alone that have an item already. */
MUST_USE bool items_find(struct attempt *attempt, const struct shop *shop, struct lookup *lookup,
                         struct sought *const list[], size_t count, struct err *err);
/* Why nothing was found: a word of schemas/staging/mapping.md; a sentence, the caller's. */
const char *sought_code(const struct shop *shop, bool by_hand, const char *sku);
char *sought_why(const struct shop *shop, bool by_hand, const char *sku, const char *barcode);
/* The vendor of that number or name; "" = there is none. Both must have been asked for. */
void vendor_want(struct lookup *lookup, const char *vendor);
const char *vendor_found(const struct lookup *lookup, const char *vendor);

#endif
