/* import_plan.c - see import_plan.h. */
#include "plan/import_plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/product_plan.h"

const char *const IMPORT_FIELD_NAMES[IMPORT_FIELDS] = {"title", "productType", "vendor"};
const char *const IMPORT_VARIANT_FIELD_NAMES[IMPORT_VARIANT_FIELDS] = {
    "options", "barcode", "harmonizedSystemCode", "countryCodeOfOrigin"};

/* ---- what a SKU says ---- */

static bool upper_copy(const char *text, size_t size, char *out, size_t most)
{
    out[0] = 0;
    if (size > most)
        return false;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[size] = 0;
    return true;
}

void sku_read(const char *sku, const struct shop *shop, struct sku_parts *out)
{
    size_t between = strlen(shop->sku_separator);
    *out = (struct sku_parts){0};
    switch ((enum sku_mapping)shop->sku_mapping) {
    case SKU_ITEM_NO:
        upper_copy(sku, strlen(sku), out->item, ITEM_NUMBER_MOST);
        return;
    case SKU_VARIANT_CODE:
        upper_copy(sku, strlen(sku), out->code, VARIANT_CODE_MOST);
        return;
    case SKU_ITEM_NO_VARIANT: {
        const char *cut = between ? strstr(sku, shop->sku_separator) : NULL;
        const char *code = cut ? cut + between : "";
        bool fits =
            !strstr(code, shop->sku_separator) &&
            upper_copy(sku, cut ? (size_t)(cut - sku) : strlen(sku), out->item, ITEM_NUMBER_MOST) &&
            upper_copy(code, strlen(code), out->code, VARIANT_CODE_MOST);
        if (!fits || (cut && (!*out->item || !*out->code)))
            *out = (struct sku_parts){0};
        return;
    }
    case SKU_VENDOR_ITEM_NO:
    case SKU_BARCODE:
    case SKU_NONE:
        return;
    }
}

bool import_one_item(const struct shop *shop)
{
    return shop->sku_mapping == SKU_NONE || shop->sku_mapping == SKU_VARIANT_CODE ||
           shop->sku_mapping == SKU_ITEM_NO_VARIANT;
}

/* ---- items to be made ---- */

/* The first part counts even where the second is none. */
const char *import_number(const struct import_variant *lead, const struct shop *shop,
                          struct arena *arena)
{
    char number[ITEM_NUMBER_MOST + 1] = "";
    bool parted = shop->sku_mapping == SKU_ITEM_NO_VARIANT && *shop->sku_separator;
    const char *cut = parted ? strstr(lead->sku, shop->sku_separator) : NULL;
    if (shop->sku_mapping == SKU_ITEM_NO || shop->sku_mapping == SKU_ITEM_NO_VARIANT)
        upper_copy(lead->sku, cut ? (size_t)(cut - lead->sku) : strlen(lead->sku), number,
                   ITEM_NUMBER_MOST);
    return arena_text(arena, number);
}

const char *import_code(const char *const taken[], size_t count, const struct shop *shop,
                        struct arena *arena)
{
    size_t prefix = strlen(shop->variant_prefix);
    long last = 0;
    for (size_t i = 0; i < count; i++) {
        const char *number = taken[i] + prefix;
        char *end;
        if (strncasecmp(taken[i], shop->variant_prefix, prefix) != 0 ||
            !isdigit((unsigned char)*number))
            continue;
        long at = strtol(number, &end, 10);
        last = !*end && at > last ? at : last;
    }
    char code[64];
    snprintf(code, sizeof code, "%s%03ld", shop->variant_prefix, last + 1);
    for (char *at = code; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return arena_text(arena, code);
}

const char *import_text(const char *text, size_t most, struct arena *arena)
{
    size_t size = 0, letters = 0;
    while (text[size]) {
        bool begins = ((unsigned char)text[size] & 0xC0) != 0x80;
        if (begins && letters++ == most)
            break;
        size++;
    }
    char *out = arena_text_n(arena, text, size);
    for (char *at = out; *at; at++)
        *at = *at == '\t' || *at == '\n' || *at == '\r' ? ' ' : *at;
    return out;
}

bool import_same_tariff(const char *a, const char *b)
{
    for (;;) {
        while (*a && !isdigit((unsigned char)*a))
            a++;
        while (*b && !isdigit((unsigned char)*b))
            b++;
        if (*a != *b)
            return false;
        if (!*a)
            return true;
        a++, b++;
    }
}

/* ---- news ---- */

void import_fields(const struct import_product *product, const char *out[IMPORT_FIELDS])
{
    out[IMPORT_TITLE] = product->title;
    out[IMPORT_TYPE] = product->type;
    out[IMPORT_VENDOR] = product->vendor;
}

void import_variant_fields(const struct import_variant *variant,
                           const char *out[IMPORT_VARIANT_FIELDS])
{
    out[IMPORT_OWN] = variant->own;
    out[IMPORT_BARCODE] = variant->barcode;
    out[IMPORT_TARIFF] = variant->tariff;
    out[IMPORT_ORIGIN] = variant->origin;
}

size_t import_news(const char *const names[], const char *const values[], size_t count,
                   const char *sent, const char *seen, bool news[])
{
    enum { MOST = 8 };
    bool not_sent[MOST], not_seen[MOST];
    size_t some = 0;
    assert(count <= MOST);
    sent_differs(names, values, count, sent, not_sent);
    sent_differs(names, values, count, seen, not_seen);
    for (size_t i = 0; i < count; i++) {
        news[i] = not_sent[i] && not_seen[i];
        some += news[i];
    }
    return some;
}
