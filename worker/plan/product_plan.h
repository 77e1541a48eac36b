/* product_plan.h - from an item to the product it is at Shopify, and what of it is news there.
 * Pure.
 *
 * A draft says what the item's card says; a field that the company's level does not show is NULL,
 * and nothing is said of it. Change is found by comparing digests of the draft's fields with those
 * of what Shopify has confirmed: what a person changed there since stays, until the item changes.
 * Texts are borrowed from the item, or live in the arena.
 */
#ifndef CARTAGE_PRODUCT_PLAN_H
#define CARTAGE_PRODUCT_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "model/reasons.h"
#include "model/settings.h"

/* ---- the item, as the ERP shows it ---- */

struct item_unit {
    const char *code;
    struct decimal quantity; /* base units in one */
};
struct item_barcode {
    const char *variant_code, *unit_code; /* "" = all */
    const char *number;
};
struct item_text {
    bool marketing;
    const char *language;  /* "" = all */
    const char *from, *to; /* YYYY-MM-DD, "" = open */
    const char *text;
};
struct item_translation {
    const char *language, *variant_code, *description;
};
struct item_attribute {
    const char *variant_code, *language, *name, *value, *unit;
    bool blocked, number;
};
struct item_variant {
    const char *id, *code, *description;
    bool blocked; /* or sales-blocked */
};
struct item {
    const char *id, *number, *description, *category, *category_code, *vendor, *base_unit, *gtin;
    bool blocked, sales_blocked;
    bool stocked; /* it has an inventory: no service */
    /* NULL = not shown */
    const char *sales_unit, *vendor_item_number, *tariff, *origin;
    bool shows_vendor, has_weight, shows_barcodes; /* else the gtin stands for a bar code */
    struct decimal weight;                         /* of a base unit */
    const struct item_variant *variants;
    size_t variant_count;
    const struct item_unit *units;
    size_t unit_count;
    const struct item_barcode *barcodes;
    size_t barcode_count;
    const struct item_barcode *vendor_codes; /* numbers that the item's vendor has for it */
    size_t vendor_code_count;
    const struct item_text *texts;
    size_t text_count;
    const struct item_translation *translations;
    size_t translation_count;
    const struct item_attribute *attributes;
    size_t attribute_count;
};

/* ---- the draft ---- */

enum product_field {
    PRODUCT_TITLE,
    PRODUCT_BODY,
    PRODUCT_TYPE,
    PRODUCT_VENDOR,
    PRODUCT_STATUS, /* NULL = it stays as it is */
    PRODUCT_FIELDS
};
enum variant_field {
    VARIANT_SKU,
    VARIANT_BARCODE,
    VARIANT_POLICY,
    VARIANT_TRACKED, /* "true", "false" */
    VARIANT_WEIGHT,  /* "12.5" in the shop's unit */
    VARIANT_TARIFF,
    VARIANT_ORIGIN,
    VARIANT_FIELDS
};
extern const char *const PRODUCT_FIELD_NAMES[PRODUCT_FIELDS]; /* of the mutation's input */
extern const char *const VARIANT_FIELD_NAMES[VARIANT_FIELDS];

enum { PRODUCT_OPTIONS = 3, PRODUCT_VARIANTS_MOST = 2048 };
struct variant_draft {
    const struct item_variant *variant; /* NULL = the item itself */
    const char *unit;                   /* "" = the sales unit; else each unit is a variant */
    const char *options[PRODUCT_OPTIONS];
    const char *fields[VARIANT_FIELDS];
    const char *sent;  /* digests of the fields, where they themselves are not known; else NULL */
    const char *stock; /* what is known of its stock since it was sent; NULL = not asked */
};
struct product_draft {
    const struct item *item;
    const char *sent; /* as of a variant */
    const char *fields[PRODUCT_FIELDS];
    const char *option_names[PRODUCT_OPTIONS]; /* none = the one default variant */
    size_t option_count;
    struct variant_draft *variants;
    size_t variant_count;
    size_t blocked_variants; /* left out */
    bool by_attributes;      /* that is what its options are */
    bool too_many_options;
};

/* The names of its options; each of its units is a variant where product_by_unit. */
void product_options(const struct item *item, const struct shop *shop, struct arena *arena,
                     struct product_draft *out);
bool product_by_unit(const struct item *item, const struct shop *shop);
/* The values of a draft that has its variant and its unit; NULL = it has none. */
void variant_options(const struct item *item, const struct product_draft *product,
                     struct variant_draft *draft);
/* Why the variant cannot be made: it lacks a value, or has those of an earlier one. */
enum reason variant_refusal(const struct product_draft *draft, size_t at, struct buf *detail);
/* Fills the fields of a draft that has its variant and its unit. */
void variant_draft(const struct item *item, const struct shop *shop, struct arena *arena,
                   struct variant_draft *draft);
/* `today` YYYY-MM-DD decides which texts are valid. */
void product_draft(const struct item *item, const struct shop *shop, const char *today,
                   struct arena *arena, struct product_draft *out);
/* Why it is not created; REASON_NONE = it may be. */
enum reason product_refusal(const struct product_draft *draft, struct buf *detail);
const char *product_status_new(const struct shop *shop);

/* The description in a language: texts, marketing text, attributes, as the shop wants them. */
void product_body(const struct item *item, const struct shop *shop, const char *language,
                  const char *today, struct buf *html);
/* The title in a language; NULL = there is no translation. */
const char *product_title(const struct item *item, const char *language);
/* The SKU by the shop's mapping; NULL = it has none of its own. `variant` may be NULL. */
const char *product_sku(const struct item *item, const struct item_variant *variant,
                        const char *unit, const struct shop *shop, struct arena *arena);
/* The most special bar code that fits; "" = none. */
const char *product_barcode(const struct item *item, const struct item_variant *variant,
                            const char *unit);

/* ---- what is news ---- */

/* differs[i] where the value is said (not NULL) and is not the one that `sent` has; how many. */
size_t sent_differs(const char *const names[], const char *const values[], size_t count,
                    const char *sent, bool differs[]);
/* `sent` after those values were confirmed; what is not said stays as it was. */
void sent_write(const char *const names[], const char *const values[], size_t count,
                const char *before, struct buf *sent);

/* ---- prices ---- */

struct price {
    struct decimal price, compare_at, cost; /* compare_at is 0 unless above the price */
};
/* Rounded to the currency's decimals; compare-at only above the price. */
struct price price_rounded(struct decimal price, struct decimal compare_at, struct decimal cost,
                           int places);
void price_write(const struct price *price, struct buf *sent); /* "12.50/15/8" */
bool price_read(const char *sent, struct price *out);          /* false = none was sent */
/* Does the price change by more than so many percent of what it was? */
bool price_jumps(struct decimal before, struct decimal after, int64_t percent);

#endif
