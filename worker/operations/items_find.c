/* items_find.c - see items_find.h. The mapping is that of the spec, products 2.12. */
#include "operations/items_find.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { REFERENCE_MOST = 50, NAME_MOST = 100 };

struct finding {
    const struct shop *shop;
    struct lookup *lookup;
    struct bc_shows shows;
    enum lookup_kind references; /* LOOKUP_ITEM_GTIN where the level shows none */
};

/* Longer than the field becomes "": it cannot be there. */
static const char *cased(const char *text, int (*of)(int), size_t most, char out[])
{
    size_t size = strlen(text);
    size = size <= most ? size : 0;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)of((unsigned char)text[i]);
    out[size] = 0;
    return out;
}

/* ---- what was not found ---- */

const char *sought_code(const struct shop *shop, bool by_hand, const char *sku)
{
    return by_hand                         ? "mapped-to-nothing"
           : !*sku                         ? "no-sku"
           : shop->sku_mapping == SKU_NONE ? "sku-mapping-none"
                                           : "no-item";
}

char *sought_why(const struct shop *shop, bool by_hand, const char *sku, const char *barcode)
{
    static const char *const BY_SKU[] = {
        [SKU_NONE] = "the shop's sku_mapping is none",
        [SKU_ITEM_NO] = "no item has this SKU as its number",
        [SKU_ITEM_NO_VARIANT] = "no item and variant fit this SKU",
        [SKU_VENDOR_ITEM_NO] = "no item has this SKU as its vendor's number",
        [SKU_BARCODE] = "no item has this SKU as its bar code",
        [SKU_VARIANT_CODE] = "no item has a variant of this code",
    };
    if (by_hand)
        return mem_text("mapped by hand to a number that Business Central does not have");
    const char *also = !shop->find_mapping_by_barcode ? ""
                       : *barcode                     ? ", none its bar code"
                                                      : ", and it has no bar code";
    return mem_printf("%s%s", *sku ? BY_SKU[shop->sku_mapping] : "it has no SKU", also);
}

/* ---- vendors ---- */

void vendor_want(struct lookup *lookup, const char *vendor)
{
    char text[NAME_MOST + 1];
    lookup_want(lookup, LOOKUP_VENDOR_NUMBER, cased(vendor, toupper, ITEM_NUMBER_MOST, text));
    lookup_want(lookup, LOOKUP_VENDOR_NAME, cased(vendor, tolower, NAME_MOST, text));
}

const char *vendor_found(const struct lookup *lookup, const char *vendor)
{
    const json *row = lookup_find(lookup, LOOKUP_VENDOR_NUMBER, vendor);
    if (!row)
        row = lookup_find(lookup, LOOKUP_VENDOR_NAME, vendor);
    return json_text(row, "number");
}

/* ---- references ---- */

static const char *field(const struct finding *finding, const json *row, const char *of_app,
                         const char *of_page)
{
    return json_text(row, finding->references == LOOKUP_REFERENCE ? of_app : of_page);
}

/* "Bar_x0020_Code" is "Bar Code". */
static bool is_barcode(const char *type)
{
    return strncasecmp(type, "Bar", 3) == 0;
}

/* The last that fits wins, as in the original; one of a vendor, where it is named. */
static const json *reference_of(const struct finding *finding, const struct sought *sought,
                                const char *number, bool of_vendor)
{
    const json *found = NULL;
    size_t at = 0;
    for (const json *row; (row = lookup_next(finding->lookup, finding->references, number, &at));) {
        const char *type = field(finding, row, "referenceType", "Reference_Type");
        const char *unit = field(finding, row, "unitOfMeasureCode", "Unit_of_Measure");
        const char *vendor = field(finding, row, "referenceTypeNumber", "Reference_Type_No");
        bool kind = of_vendor ? strcasecmp(type, "Vendor") == 0 : is_barcode(type);
        if (kind && (!*unit || strcasecmp(unit, sought->unit) == 0 || !*sought->unit) &&
            (!of_vendor || !*sought->vendor_number || strcmp(vendor, sought->vendor_number) == 0))
            found = row;
    }
    return found;
}

static void take_item(struct sought *sought, const json *row)
{
    sought->item = json_text(row, "id");
    sought->number = json_text(row, "number");
}

/* The item's number and the variant's code become what a SKU would have said. */
static void take_reference(const struct finding *finding, struct sought *sought, const json *row)
{
    if (!row)
        return;
    snprintf(sought->parts.item, sizeof sought->parts.item, "%s",
             field(finding, row, "itemNumber", "Item_No"));
    snprintf(sought->parts.code, sizeof sought->parts.code, "%s",
             field(finding, row, "variantCode", "Variant_Code"));
}

/* ---- rounds ---- */

static void want_reference(const struct finding *finding, const char *number)
{
    char text[REFERENCE_MOST + 1];
    lookup_want(finding->lookup, finding->references, cased(number, toupper, REFERENCE_MOST, text));
}

static void want_number(const struct finding *finding, const struct sought *sought)
{
    lookup_want(finding->lookup, LOOKUP_ITEM_NUMBER, sought->parts.item);
    if (*sought->parts.code && *sought->parts.item)
        lookup_want(finding->lookup, LOOKUP_ITEM_VARIANT, sought->parts.item);
}

static void ask_first(const struct finding *finding, struct sought *sought)
{
    const struct shop *shop = finding->shop;
    if (*sought->by_hand) {
        lookup_want(finding->lookup, LOOKUP_ITEM_NUMBER, sought->by_hand);
        return;
    }
    sku_read(sought->sku, shop, &sought->parts);
    if (shop->sku_mapping == SKU_VARIANT_CODE)
        lookup_want(finding->lookup, LOOKUP_VARIANT_CODE, sought->parts.code);
    else if (shop->sku_mapping == SKU_BARCODE)
        want_reference(finding, sought->sku);
    else if (shop->sku_mapping == SKU_VENDOR_ITEM_NO && finding->shows.references) {
        want_reference(finding, sought->sku);
        vendor_want(finding->lookup, sought->vendor);
    }
    want_number(finding, sought);
}

static const json *variant_of(const struct finding *finding, const struct sought *sought)
{
    size_t at = 0;
    for (const json *row;
         (row = lookup_next(finding->lookup, LOOKUP_ITEM_VARIANT, sought->parts.item, &at));)
        if (strcasecmp(json_text(row, "code"), sought->parts.code) == 0)
            return row;
    return NULL;
}

/* By number and code, once both were asked for. */
static void take_number(const struct finding *finding, struct sought *sought)
{
    const json *row = lookup_find(finding->lookup, LOOKUP_ITEM_NUMBER, sought->parts.item);
    const json *variant = *sought->parts.code && row ? variant_of(finding, sought) : NULL;
    if (!row || (*sought->parts.code && !variant))
        return;
    take_item(sought, row);
    sought->item_variant = variant ? json_text(variant, "id") : "";
    sought->code = variant ? json_text(variant, "code") : "";
}

static void take_code(const struct finding *finding, struct sought *sought)
{
    const json *row = lookup_find(finding->lookup, LOOKUP_VARIANT_CODE, sought->parts.code);
    if (!row)
        return;
    sought->item = json_text(row, "itemId");
    sought->number = json_text(row, "itemNumber");
    sought->item_variant = json_text(row, "id");
    sought->code = json_text(row, "code");
}

static void take_gtin(const struct finding *finding, struct sought *sought, const char *number)
{
    const json *row = lookup_find(finding->lookup, LOOKUP_ITEM_GTIN, number);
    if (row)
        take_item(sought, row);
}

static void by_number_of(const struct finding *finding, struct sought *sought, const char *number)
{
    if (finding->references == LOOKUP_ITEM_GTIN)
        take_gtin(finding, sought, number);
    else
        take_reference(finding, sought, reference_of(finding, sought, number, false));
}

static void answer_first(const struct finding *finding, struct sought *sought)
{
    int mapping = finding->shop->sku_mapping;
    if (*sought->by_hand) {
        const json *row = lookup_find(finding->lookup, LOOKUP_ITEM_NUMBER, sought->by_hand);
        if (row)
            take_item(sought, row);
    } else if (mapping == SKU_VARIANT_CODE)
        take_code(finding, sought);
    else if (mapping == SKU_BARCODE)
        by_number_of(finding, sought, sought->sku);
    else if (mapping == SKU_VENDOR_ITEM_NO && finding->shows.references) {
        sought->vendor_number = vendor_found(finding->lookup, sought->vendor);
        take_reference(finding, sought, reference_of(finding, sought, sought->sku, true));
    } else
        take_number(finding, sought);
}

/* A reference names an item that is yet to be read; else the bar code is next. */
static void ask_second(const struct finding *finding, struct sought *sought)
{
    bool of_reference = *sought->parts.item && (finding->shop->sku_mapping == SKU_BARCODE ||
                                                finding->shop->sku_mapping == SKU_VENDOR_ITEM_NO);
    sought->by_barcode = !*sought->item && !of_reference && !*sought->by_hand &&
                         finding->shop->find_mapping_by_barcode && *sought->barcode;
    if (*sought->item)
        return;
    if (of_reference)
        want_number(finding, sought);
    if (sought->by_barcode)
        want_reference(finding, sought->barcode);
}

static void answer_second(const struct finding *finding, struct sought *sought)
{
    if (*sought->item)
        return;
    if (!sought->by_barcode) {
        if (!*sought->by_hand)
            take_number(finding, sought);
        return;
    }
    sought->parts = (struct sku_parts){0};
    by_number_of(finding, sought, sought->barcode);
    if (!*sought->item)
        want_number(finding, sought);
}

bool items_find(struct attempt *attempt, const struct shop *shop, struct lookup *lookup,
                struct sought *const list[], size_t count, struct err *err)
{
    struct finding finding = {.shop = shop, .lookup = lookup};
    if (!bc_shows(attempt, &finding.shows, err))
        return false;
    finding.references = !finding.shows.references                   ? LOOKUP_ITEM_GTIN
                         : finding.shows.level == BC_LEVEL_EXTENSION ? LOOKUP_REFERENCE
                                                                     : LOOKUP_REFERENCE_PAGE;
    for (size_t i = 0; i < count; i++) {
        list[i]->open = !*list[i]->item;
        list[i]->vendor_number = "";
        if (list[i]->open)
            ask_first(&finding, list[i]);
    }
    if (!lookup_round(lookup, attempt, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i]->open) {
            answer_first(&finding, list[i]);
            ask_second(&finding, list[i]);
        }
    if (!lookup_round(lookup, attempt, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i]->open)
            answer_second(&finding, list[i]);
    if (!lookup_round(lookup, attempt, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i]->open && !*list[i]->item && list[i]->by_barcode)
            take_number(&finding, list[i]);
    return true;
}
