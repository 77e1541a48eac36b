/* catalogue_pricing.c - a question to common/pricing, and a line of a price list as it wants it. */
#include "bc/catalogue_pricing.h"

#include <string.h>

enum { UNITS = 64 }; /* of an item: those beyond are none of its */

static const char *or_blank(const char *text)
{
    return text ? text : "";
}

/* ---- the question ---- */

static struct pricing_item item_of(const struct bc_item *item, struct pricing_unit units[UNITS])
{
    struct pricing_item out = {
        .units = units,
        .base_unit = or_blank(item->base_unit),
        .sales_unit = or_blank(item->sales_unit),
        .price = item->unit_price,
        .cost = item->unit_cost,
        .includes_vat = item->price_includes_tax,
        .price_vat_group = "",
        .vat_group = or_blank(item->vat_group),
        .discount_group = or_blank(item->discount_group),
    };
    for (; out.unit_count < item->unit_count && out.unit_count < UNITS; out.unit_count++)
        units[out.unit_count] = (struct pricing_unit){item->units[out.unit_count].code,
                                                      item->units[out.unit_count].quantity};
    return out;
}

static struct pricing_terms terms_of(const struct bc_pricing *pricing, const struct bc_terms *terms)
{
    return (struct pricing_terms){
        .date = terms->date,
        .currency = terms->currency,
        .customer = terms->customer,
        .price_group = terms->price_group,
        .discount_group = terms->discount_group,
        .vat_group = terms->vat_group,
        .line_discounts = terms->line_discounts,
        .include_vat = terms->include_vat,
        .has_rate = true, /* without one nothing is asked: see bc_prices */
        .rate = pricing->rate,
        .unit_step = {1, 5}, /* Business Central's own, unless somebody changes it */
        .amount_step = pricing->amount_step,
        .vat = pricing->vat,
        .vat_count = pricing->vat_count,
        .common = pricing->common,
    };
}

static struct pricing_question question_of(const struct pricing_item *item,
                                           const struct bc_price *price)
{
    return (struct pricing_question){
        .item = item,
        .variant = price->variant ? price->variant->code : "",
        .unit = price->unit,
        .quantity = decimal_from_int(1),
    };
}

static void answer(const struct pricing_result *result, enum bc_price_source source,
                   struct bc_price *price)
{
    price->source = source;
    if (result->answer != PRICING_DONE) {
        price->skip = result->answer == PRICING_NO_UNIT ? BC_PRICE_NO_UNIT : BC_PRICE_REFUSED;
        return;
    }
    price->price = result->price;
    price->compare_at = result->compare_at;
    price->cost = result->cost;
    price->line = result->line;
    price->discount_line = result->discount_line;
}

static void add_breaks(const struct pricing_terms *terms, const struct pricing_question *question,
                       struct arena *arena, struct bc_price *price)
{
    struct pricing_break found[BC_PRICE_BREAKS];
    price->break_count = pricing_breaks(terms, question, found, BC_PRICE_BREAKS);
    size_t kept = price->break_count < BC_PRICE_BREAKS ? price->break_count : BC_PRICE_BREAKS;
    if (kept == 0)
        return;
    struct pricing_break *breaks = arena_array(arena, kept, sizeof *breaks);
    memcpy(breaks, found, kept * sizeof *breaks);
    price->breaks = breaks;
}

void bc_price_by_lists(const struct bc_pricing *pricing, const struct bc_terms *terms,
                       const struct bc_item *item, struct arena *arena, struct bc_price *price)
{
    struct pricing_unit units[UNITS];
    struct pricing_item own = item_of(item, units);
    const struct pricing_terms asked = terms_of(pricing, terms);
    own.lines = (struct pricing_lines){item->price_lines, item->price_line_count};
    const struct pricing_question question = question_of(&own, price);
    struct pricing_result result = pricing_work_out(&asked, &question);
    answer(&result, BC_PRICE_LISTS, price);
    if (terms->quantity_breaks && price->skip == BC_PRICED)
        add_breaks(&asked, &question, arena, price);
}

static struct pricing_result by_card(const struct bc_pricing *pricing, const struct bc_terms *terms,
                                     const struct bc_price *price)
{
    struct pricing_unit units[UNITS];
    const struct pricing_item own = item_of(price->item, units);
    struct pricing_terms asked = terms_of(pricing, terms);
    asked.include_vat = own.includes_vat;
    asked.common = (struct pricing_lines){0};
    const struct pricing_question question = question_of(&own, price);
    return pricing_work_out(&asked, &question);
}

void bc_price_by_card(const struct bc_pricing *pricing, const struct bc_terms *terms,
                      struct bc_price *price)
{
    struct pricing_result result = by_card(pricing, terms, price);
    answer(&result, BC_PRICE_CARD, price);
}

void bc_price_cost(const struct bc_pricing *pricing, const struct bc_terms *terms,
                   struct bc_price *price)
{
    price->cost = by_card(pricing, terms, price).cost;
}

bool bc_price_has_unit(const struct bc_price *price)
{
    struct pricing_unit units[UNITS];
    const struct pricing_item own = item_of(price->item, units);
    return pricing_unit(&own, price->unit) != NULL;
}

/* ---- a line of a price list ---- */

static const char *date_of(struct arena *arena, const json *row, const char *name)
{
    const char *date = json_text(row, name);
    return strcmp(date, "0001-01-01") == 0 ? "" : arena_text(arena, date);
}

static struct decimal decimal_of(const json *row, const char *name)
{
    struct decimal value;
    return json_decimal(row, name, &value) ? value : DECIMAL_ZERO;
}

static enum pricing_buyer buyer_of(const char *source)
{
    static const char *const NAMES[] = {"All Customers", "Customer", "Campaign",
                                        "Customer Price Group", "Customer Disc. Group"};
    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (strcmp(source, NAMES[i]) == 0)
            return (enum pricing_buyer)i;
    return PRICING_NOBODY;
}

/* The asset "(All)" has a blank name. */
static enum pricing_asset asset_of(const char *asset)
{
    if (strcmp(asset, "Item Discount Group") == 0)
        return PRICING_ITEM_GROUP;
    return strcmp(asset, " ") == 0 || strcmp(asset, "(All)") == 0 ? PRICING_ALL_ITEMS
                                                                  : PRICING_ITEM;
}

bool bc_price_line_read(struct arena *arena, const json *row, struct pricing_line *out)
{
    const char *kind = bc_member(arena, json_text(row, "amountType"));
    if (strcmp(json_text(row, "status"), "Active") != 0)
        return false;
    *out = (struct pricing_line){
        .list = arena_text(arena, json_text(row, "priceListCode")),
        .number = json_int(row, "lineNumber", 0),
        .buyer = buyer_of(bc_member(arena, json_text(row, "assignTo"))),
        .asset = asset_of(bc_member(arena, json_text(row, "assetType"))),
        .buyer_code = arena_text(arena, json_text(row, "assignToNumber")),
        .group = arena_text(arena, json_text(row, "assetNumber")),
        .variant = arena_text(arena, json_text(row, "variantCode")),
        .unit = arena_text(arena, json_text(row, "unitOfMeasureCode")),
        .currency = arena_text(arena, json_text(row, "currencyCode")),
        .from = date_of(arena, row, "startingDate"),
        .to = date_of(arena, row, "endingDate"),
        .vat_group = arena_text(arena, json_text(row, "vatBusinessGroup")),
        .active = true,
        .of_sales = true, /* the set shows no others */
        .has_price = strcmp(kind, "Discount") != 0,
        .has_discount = strcmp(kind, "Price") != 0,
        .includes_vat = json_flag(row, "priceIncludesTax", false),
        .line_discounts = json_flag(row, "allowLineDiscount", true),
        .least = decimal_of(row, "minimumQuantity"),
        .price = decimal_of(row, "unitPrice"),
        .discount = decimal_of(row, "lineDiscountPercent"),
    };
    return true;
}
