/* product_plan.c - fields, options and variants of a product. Spec, products 2.2, 2.5, 2.7, 2.9. */
#include "plan/product_plan.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TITLE_MOST = 100, TYPE_MOST = 50, VENDOR_MOST = 100 };

const char *const PRODUCT_FIELD_NAMES[PRODUCT_FIELDS] = {"title", "descriptionHtml", "productType",
                                                         "vendor", "status"};
const char *const VARIANT_FIELD_NAMES[VARIANT_FIELDS] = {"sku",
                                                         "barcode",
                                                         "inventoryPolicy",
                                                         "tracked",
                                                         "weight",
                                                         "harmonizedSystemCode",
                                                         "countryCodeOfOrigin"};

/* ---- texts ---- */

/* At most so many characters, never half of one. */
static const char *cut(const char *text, size_t most, struct arena *arena)
{
    size_t size = 0, characters = 0;
    while (text[size] && characters < most) {
        size++;
        while (((unsigned char)text[size] & 0xC0) == 0x80)
            size++;
        characters++;
    }
    char *copy = arena_text_n(arena, text, size);
    for (char *at = copy; *at; at++)
        if (*at == '\t')
            *at = ' ';
    return copy;
}

const char *product_title(const struct item *item, const char *language)
{
    for (size_t i = 0; *language && i < item->translation_count; i++) {
        const struct item_translation *row = &item->translations[i];
        if (!*row->variant_code && strcasecmp(row->language, language) == 0 && *row->description)
            return row->description;
    }
    return NULL;
}

/* ---- codes ---- */

/* Does the reference speak of them? -1 = no; the last in key order (variant, then unit) is the most
 * special. */
static int special_for(const struct item *item, const struct item_barcode *row,
                       const struct item_variant *variant, const char *unit)
{
    const char *code = variant ? variant->code : "";
    const char *wanted = *unit ? unit : item->sales_unit ? item->sales_unit : item->base_unit;
    bool of_variant = *row->variant_code != 0, of_unit = *row->unit_code != 0;
    if ((of_variant && strcasecmp(row->variant_code, code) != 0) ||
        (of_unit && strcasecmp(row->unit_code, wanted) != 0))
        return -1;
    return 2 * of_variant + of_unit;
}

const char *product_barcode(const struct item *item, const struct item_variant *variant,
                            const char *unit)
{
    const char *found = "";
    int best = -1;
    if (!item->shows_barcodes)
        return variant || !item->gtin ? "" : item->gtin;
    for (size_t i = 0; i < item->barcode_count; i++) {
        int special = special_for(item, &item->barcodes[i], variant, unit);
        if (special >= 0 && special >= best) {
            best = special;
            found = item->barcodes[i].number;
        }
    }
    return found;
}

/* The vendor's number of that variant and unit, else the item's own. */
static const char *vendor_number(const struct item *item, const struct item_variant *variant,
                                 const char *unit)
{
    const char *found = item->vendor_item_number;
    int best = -1;
    for (size_t i = 0; i < item->vendor_code_count; i++) {
        int special = special_for(item, &item->vendor_codes[i], variant, unit);
        if (special >= 0 && special >= best) {
            best = special;
            found = item->vendor_codes[i].number;
        }
    }
    return found;
}

const char *product_sku(const struct item *item, const struct item_variant *variant,
                        const char *unit, const struct shop *shop, struct arena *arena)
{
    switch ((enum sku_mapping)shop->sku_mapping) {
    case SKU_ITEM_NO:
        return item->number;
    case SKU_ITEM_NO_VARIANT:
        return variant
                   ? arena_printf(arena, "%s%s%s", item->number, shop->sku_separator, variant->code)
                   : item->number;
    case SKU_VARIANT_CODE:
        return variant ? variant->code : "";
    case SKU_VENDOR_ITEM_NO:
        return vendor_number(item, variant, unit);
    case SKU_BARCODE:
        return product_barcode(item, variant, unit);
    case SKU_NONE:
        break;
    }
    return NULL;
}

/* ---- variants ---- */

/* The number and, where that is not kilograms, its unit: another unit is another weight. */
static const char *weight_of(const struct item *item, const char *unit, const struct shop *shop,
                             struct arena *arena)
{
    static const char *const NAMES[] = {" grams", "", " ounces", " pounds"};
    char text[DECIMAL_TEXT];
    struct decimal weight = item->weight;
    const char *sold = *unit ? unit : item->sales_unit ? item->sales_unit : "";
    if (!item->has_weight)
        return NULL;
    for (size_t i = 0; i < item->unit_count; i++)
        if (strcasecmp(item->units[i].code, sold) == 0)
            weight = decimal_mul(weight, item->units[i].quantity);
    decimal_format(decimal_round(weight, 5), text);
    return arena_printf(arena, "%s%s", text, NAMES[shop->weight_unit]);
}

/* Shopify keeps the digits alone. */
static const char *digits_of(const char *text, struct arena *arena)
{
    if (!text)
        return NULL;
    char *digits = arena_text(arena, text), *to = digits;
    for (const char *at = text; *at; at++)
        if (isdigit((unsigned char)*at))
            *to++ = *at;
    *to = 0;
    return digits;
}

void variant_draft(const struct item *item, const struct shop *shop, struct arena *arena,
                   struct variant_draft *draft)
{
    const char **fields = draft->fields;
    fields[VARIANT_SKU] = product_sku(item, draft->variant, draft->unit, shop, arena);
    fields[VARIANT_BARCODE] = product_barcode(item, draft->variant, draft->unit);
    fields[VARIANT_POLICY] = shop->inventory_policy == POLICY_DENY ? "DENY" : "CONTINUE";
    fields[VARIANT_TRACKED] = shop->inventory_tracked ? "true" : "false";
    fields[VARIANT_WEIGHT] = weight_of(item, draft->unit, shop, arena);
    fields[VARIANT_TARIFF] = shop->sync_tariff ? digits_of(item->tariff, arena) : NULL;
    fields[VARIANT_ORIGIN] = shop->sync_tariff ? item->origin : NULL;
}

static void add_variants(const struct item *item, const struct shop *shop,
                         const struct item_variant *variant, struct arena *arena,
                         struct product_draft *out)
{
    bool by_unit = !out->by_attributes && product_by_unit(item, shop);
    for (size_t i = 0; i < (by_unit ? item->unit_count : 1); i++) {
        struct variant_draft *draft = &out->variants[out->variant_count++];
        *draft =
            (struct variant_draft){.variant = variant, .unit = by_unit ? item->units[i].code : ""};
        variant_options(item, out, draft);
        variant_draft(item, shop, arena, draft);
    }
}

void product_draft(const struct item *item, const struct shop *shop, const char *today,
                   struct arena *arena, struct product_draft *out)
{
    size_t units = item->unit_count ? item->unit_count : 1;
    const char *title = product_title(item, shop->language);
    OWN_BUF struct buf body = {0};
    *out = (struct product_draft){.item = item};
    out->variants = arena_array(arena, (item->variant_count + 1) * units, sizeof *out->variants);
    product_options(item, shop, arena, out);
    for (size_t i = 0; i < item->variant_count; i++)
        if (item->variants[i].blocked)
            out->blocked_variants++;
        else
            add_variants(item, shop, &item->variants[i], arena, out);
    if (item->variant_count == 0)
        add_variants(item, shop, NULL, arena, out);
    product_body(item, shop, shop->language, today, &body);
    out->fields[PRODUCT_TITLE] = cut(title ? title : item->description, TITLE_MOST, arena);
    out->fields[PRODUCT_BODY] = arena_text(arena, buf_str(&body));
    out->fields[PRODUCT_TYPE] = cut(item->category, TYPE_MOST, arena);
    out->fields[PRODUCT_VENDOR] = item->shows_vendor ? cut(item->vendor, VENDOR_MOST, arena) : NULL;
}

const char *product_status_new(const struct shop *shop)
{
    static const char *const WORDS[] = {"ACTIVE", "DRAFT", "UNLISTED"};
    return WORDS[shop->product_status];
}

enum reason product_refusal(const struct product_draft *draft, struct buf *detail)
{
    const struct item *item = draft->item;
    if (item->blocked || item->sales_blocked) {
        buf_printf(detail, "item %s is %s", item->number,
                   item->blocked ? "blocked" : "blocked for sale");
        return REASON_ITEM_BLOCKED;
    }
    if (!*draft->fields[PRODUCT_TITLE]) {
        buf_printf(detail, "item %s has no description", item->number);
        return REASON_ITEM_NO_DESCRIPTION;
    }
    if (draft->variant_count == 0) {
        buf_printf(detail, "all %zu variants of item %s are blocked", draft->blocked_variants,
                   item->number);
        return REASON_ITEM_BLOCKED;
    }
    if (draft->too_many_options) {
        buf_printf(detail, "item %s has more than %d of the shop's option_attributes", item->number,
                   PRODUCT_OPTIONS);
        return REASON_OPTIONS_MOST;
    }
    for (size_t i = 0; i < draft->variant_count; i++) {
        enum reason reason = variant_refusal(draft, i, detail);
        if (reason != REASON_NONE)
            return reason;
    }
    if (draft->variant_count > PRODUCT_VARIANTS_MOST) {
        buf_printf(detail, "item %s would have %zu variants, Shopify takes %d", item->number,
                   draft->variant_count, PRODUCT_VARIANTS_MOST);
        return REASON_ITEM_VARIANTS;
    }
    return REASON_NONE;
}
