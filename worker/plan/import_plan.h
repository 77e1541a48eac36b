/* import_plan.h - from a product at Shopify to the items that it is, or that are to be made of it,
 * and what of it is news to them. Pure.
 *
 * News is what Shopify says now and neither has said before nor was told from here: so a value that
 * we have sent ourselves never comes back, and one that a person has changed in Business Central
 * stays until it changes at Shopify. Texts are borrowed, or live in the arena.
 */
#ifndef CARTAGE_IMPORT_PLAN_H
#define CARTAGE_IMPORT_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "model/settings.h"

/* ---- the product ---- */

struct import_variant {
    const char *id, *sku, *barcode;
    const char *own;       /* its options but for the unit, "Red / M"; "" = none: the item itself */
    const char *unit;      /* of the option that holds a unit of measure; "" = none */
    const char *unit_code; /* of that in Business Central; "" = it has none yet */
    const char *tariff, *origin, *inventory_item;
    bool tracked;
    struct decimal price, cost; /* 0 = not said */
};
struct import_product {
    const char *id, *title, *type, *vendor, *status, *updated;
    struct import_variant *variants;
    size_t variant_count;
};

/* ---- what a SKU says ---- */

enum { ITEM_NUMBER_MOST = 20, VARIANT_CODE_MOST = 10, ITEM_TEXT_MOST = 100, UNIT_CODE_MOST = 10 };
struct sku_parts {
    char item[ITEM_NUMBER_MOST + 1];  /* upper case; "" = none */
    char code[VARIANT_CODE_MOST + 1]; /* likewise */
};
/* By the shop's mapping; a part that is too long for its field is none, and one too many makes all
 * of it none: it cannot be there. */
void sku_read(const char *sku, const struct shop *shop, struct sku_parts *out);
/* Is all of a product one item, its variants that item's? Else each variant is an item. */
bool import_one_item(const struct shop *shop);

/* ---- items to be made ---- */

/* The number that an item gets; "" = the series decides. */
const char *import_number(const struct import_variant *lead, const struct shop *shop,
                          struct arena *arena);
/* A code that is neither among these nor said by the SKU: the prefix and the next number. */
const char *import_code(const char *const taken[], size_t count, const struct shop *shop,
                        struct arena *arena);
/* As much of the text as the field holds, never half a character; tabs are spaces. */
const char *import_text(const char *text, size_t most, struct arena *arena);
/* Digits alone: a tariff number with its dots is the same as without. */
bool import_same_tariff(const char *a, const char *b);

/* ---- news ---- */

enum import_field { IMPORT_TITLE, IMPORT_TYPE, IMPORT_VENDOR, IMPORT_FIELDS };
enum import_variant_field {
    IMPORT_OWN,
    IMPORT_BARCODE,
    IMPORT_TARIFF,
    IMPORT_ORIGIN,
    IMPORT_VARIANT_FIELDS
};
extern const char *const IMPORT_FIELD_NAMES[IMPORT_FIELDS];
extern const char *const IMPORT_VARIANT_FIELD_NAMES[IMPORT_VARIANT_FIELDS];
void import_fields(const struct import_product *product, const char *out[IMPORT_FIELDS]);
void import_variant_fields(const struct import_variant *variant,
                           const char *out[IMPORT_VARIANT_FIELDS]);
/* `sent`, `seen`: digests as in plan/product_plan.h. How many are news. */
size_t import_news(const char *const names[], const char *const values[], size_t count,
                   const char *sent, const char *seen, bool news[]);

#endif
