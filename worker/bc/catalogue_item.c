/* catalogue_item.c - one item: what is asked for, and what a row of it says. */
#include <string.h>

#include "bc/catalogue_room.h"

/* ---- asking ---- */

#define CARD                                                                                       \
    "id,number,displayName,type,blocked,gtin,inventory,unitPrice,priceIncludesTax,unitCost,"

void bc_item_query(const struct bc *bc, const struct bc_shows *shows,
                   const struct bc_items_want *want, struct buf *out)
{
    if (shows->level != BC_LEVEL_EXTENSION || !shows->card) {
        buf_printf(out,
                   "items?$select=" CARD "%sitemCategoryCode,taxGroupCode,baseUnitOfMeasureCode,"
                   "lastModifiedDateTime&$expand=itemVariants($select=id,code,description),"
                   "itemCategory($select=displayName)",
                   bc_has(bc, "item", "displayName2") ? "displayName2," : "");
        return;
    }
    buf_text(out, "itemExtras?$select=" CARD
                  "displayName2,categoryCode,categoryName,taxGroupCode,vatProductGroup,"
                  "baseUnitOfMeasureCode,salesBlocked,salesUnitOfMeasureCode,grossWeight,"
                  "tariffNumber,countryOfOriginCode,vendorNumber,vendorName,vendorItemNumber,"
                  "itemDiscountGroup,lastModifiedDateTime"
                  "&$expand=variants($select=id,code,description,description2,blocked,"
                  "salesBlocked),units($select=code,quantityPerUnit)");
    if (shows->references)
        buf_text(out, ",references($select=variantCode,unitOfMeasureCode,referenceType,"
                      "referenceTypeNumber,referenceNumber)");
    if (shows->texts && want->texts)
        buf_text(out, ",texts($select=kind,languageCode,startingDate,endingDate,text)");
    if (shows->translations && want->translations)
        buf_text(out, ",translations($select=languageCode,variantCode,description)");
    if (shows->attributes && want->attributes)
        buf_text(out, ",attributes($select=variantCode,languageCode,name,value,unit,type,blocked)");
    if (shows->price_lists && want->prices)
        buf_text(out, ",prices");
}

void bc_filter_ids(struct buf *filter, const char *property, const char *const ids[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(filter, "%s%s%%20eq%%20%s", i ? "%20or%20" : "", property, ids[i]);
}

/* ---- reading ---- */

static const char *text_of(struct arena *arena, const json *row, const char *name)
{
    return arena_text(arena, json_text(row, name));
}

static struct decimal decimal_of(const json *row, const char *name)
{
    struct decimal value;
    return json_decimal(row, name, &value) ? value : DECIMAL_ZERO;
}

/* "Non_x002D_Inventory" is how an option's member travels; people know "Non-Inventory". */
const char *bc_member(struct arena *arena, const char *coded)
{
    char *text = arena_text(arena, coded), *to = text;
    for (const char *at = text; *at;) {
        unsigned code;
        if (sscanf(at, "_x%4x_", &code) == 1 && code > 0 && code < 0x80 && strlen(at) >= 7 &&
            at[6] == '_') {
            *to++ = (char)code;
            at += 7;
        } else {
            *to++ = *at++;
        }
    }
    *to = 0;
    return text;
}

static void read_variants(struct arena *arena, const json *rows, struct bc_item *item)
{
    struct bc_variant *variants = arena_array(arena, json_count(rows) + 1, sizeof *variants);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        variants[i] = (struct bc_variant){
            .id = text_of(arena, row, "id"),
            .code = text_of(arena, row, "code"),
            .description = text_of(arena, row, "description"),
            .has_blocked = json_has(row, "blocked"),
            .blocked = json_flag(row, "blocked", false),
            .sales_blocked = json_flag(row, "salesBlocked", false),
        };
        if (json_has(row, "description2"))
            variants[i].description2 = text_of(arena, row, "description2");
    }
    item->variants = variants;
    item->variant_count = json_count(rows);
}

static void read_units(struct arena *arena, const json *rows, struct bc_item *item)
{
    struct bc_unit *units = arena_array(arena, json_count(rows) + 1, sizeof *units);
    for (size_t i = 0; i < json_count(rows); i++)
        units[i] = (struct bc_unit){
            .code = text_of(arena, json_at(rows, i), "code"),
            .quantity = decimal_of(json_at(rows, i), "quantityPerUnit"),
        };
    item->unit_count = json_count(rows);
    if (item->unit_count == 0 && *item->base_unit) {
        units[0] = (struct bc_unit){.code = item->base_unit, .quantity = decimal_from_int(1)};
        item->unit_count = 1;
    }
    item->units = units;
}

enum bc_reference_kind bc_reference_kind(const char *type)
{
    return strcmp(type, "Bar Code") == 0 ? BC_REFERENCE_BARCODE
           : strcmp(type, "Vendor") == 0 ? BC_REFERENCE_VENDOR
                                         : BC_REFERENCE_OTHER;
}

static void read_references(struct arena *arena, const struct bc_shows *shows, const json *rows,
                            struct bc_item *item)
{
    struct bc_reference *references = arena_array(arena, json_count(rows) + 1, sizeof *references);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        const char *type = bc_member(arena, json_text(row, "referenceType"));
        references[i] = (struct bc_reference){
            .kind = bc_reference_kind(type),
            .variant_code = text_of(arena, row, "variantCode"),
            .unit_code = text_of(arena, row, "unitOfMeasureCode"),
            .vendor_number = text_of(arena, row, "referenceTypeNumber"),
            .number = text_of(arena, row, "referenceNumber"),
        };
    }
    item->reference_count = json_count(rows);
    if (!shows->references && *item->gtin) {
        references[0] = (struct bc_reference){.kind = BC_REFERENCE_BARCODE,
                                              .variant_code = "",
                                              .unit_code = "",
                                              .vendor_number = "",
                                              .number = item->gtin};
        item->reference_count = 1;
    }
    item->references = references;
}

static void read_texts(struct arena *arena, const json *rows, struct bc_item *item)
{
    struct bc_text *texts = arena_array(arena, json_count(rows) + 1, sizeof *texts);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        const char *from = text_of(arena, row, "startingDate"),
                   *to = text_of(arena, row, "endingDate");
        texts[i] = (struct bc_text){
            .kind = strcmp(bc_member(arena, json_text(row, "kind")), "Marketing") == 0
                        ? BC_TEXT_MARKETING
                        : BC_TEXT_EXTENDED,
            .language = text_of(arena, row, "languageCode"),
            .from = strcmp(from, "0001-01-01") == 0 ? "" : from,
            .to = strcmp(to, "0001-01-01") == 0 ? "" : to,
            .text = text_of(arena, row, "text"),
        };
    }
    item->texts = texts;
    item->text_count = json_count(rows);
}

static void read_translations(struct arena *arena, const json *rows, struct bc_item *item)
{
    struct bc_translation *translations =
        arena_array(arena, json_count(rows) + 1, sizeof *translations);
    for (size_t i = 0; i < json_count(rows); i++)
        translations[i] = (struct bc_translation){
            .language = text_of(arena, json_at(rows, i), "languageCode"),
            .variant_code = text_of(arena, json_at(rows, i), "variantCode"),
            .description = text_of(arena, json_at(rows, i), "description"),
        };
    item->translations = translations;
    item->translation_count = json_count(rows);
}

static void read_attributes(struct arena *arena, const json *rows, struct bc_item *item)
{
    struct bc_attribute *attributes = arena_array(arena, json_count(rows) + 1, sizeof *attributes);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        const char *type = json_text(row, "type");
        attributes[i] = (struct bc_attribute){
            .variant_code = text_of(arena, row, "variantCode"),
            .language = text_of(arena, row, "languageCode"),
            .name = text_of(arena, row, "name"),
            .value = text_of(arena, row, "value"),
            .unit = text_of(arena, row, "unit"),
            .blocked = json_flag(row, "blocked", false),
            .number = strcmp(type, "Integer") == 0 || strcmp(type, "Decimal") == 0,
        };
    }
    item->attributes = attributes;
    item->attribute_count = json_count(rows);
}

static void read_prices(struct arena *arena, const json *rows, struct bc_item *item)
{
    struct pricing_line *lines = arena_array(arena, json_count(rows) + 1, sizeof *lines);
    for (size_t i = 0; i < json_count(rows); i++)
        if (bc_price_line_read(arena, json_at(rows, i), &lines[item->price_line_count]))
            item->price_line_count++;
    item->price_lines = lines;
    item->price_lines_read = json_is_array(rows);
}

static void read_card(struct arena *arena, const json *row, struct bc_item *item)
{
    const struct {
        const char *name, **to;
    } TEXTS[] = {
        {"salesUnitOfMeasureCode", &item->sales_unit        },
        {"vendorNumber",           &item->vendor_number     },
        {"vendorName",             &item->vendor_name       },
        {"vendorItemNumber",       &item->vendor_item_number},
        {"tariffNumber",           &item->tariff_number     },
        {"countryOfOriginCode",    &item->origin            },
        {"itemDiscountGroup",      &item->discount_group    },
        {"vatProductGroup",        &item->vat_group         },
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        *TEXTS[i].to = json_has(row, TEXTS[i].name) ? text_of(arena, row, TEXTS[i].name) : NULL;
    item->sales_blocked = json_flag(row, "salesBlocked", false);
    item->has_weight = json_decimal(row, "grossWeight", &item->gross_weight);
}

void bc_item_read(struct arena *arena, const struct bc_shows *shows, const json *row,
                  struct bc_item *out)
{
    bool whole = json_has(row, "categoryCode"); /* of itemExtras */
    *out = (struct bc_item){
        .id = text_of(arena, row, "id"),
        .number = text_of(arena, row, "number"),
        .description = text_of(arena, row, "displayName"),
        .description2 = text_of(arena, row, "displayName2"),
        .type = bc_member(arena, json_text(row, "type")),
        .category_code = text_of(arena, row, whole ? "categoryCode" : "itemCategoryCode"),
        .category_name = whole ? text_of(arena, row, "categoryName")
                               : text_of(arena, json_get(row, "itemCategory"), "displayName"),
        .base_unit = text_of(arena, row, "baseUnitOfMeasureCode"),
        .gtin = text_of(arena, row, "gtin"),
        .tax_group = text_of(arena, row, "taxGroupCode"),
        .blocked = json_flag(row, "blocked", false),
        .price_includes_tax = json_flag(row, "priceIncludesTax", false),
        .unit_price = decimal_of(row, "unitPrice"),
        .unit_cost = decimal_of(row, "unitCost"),
        .inventory = decimal_of(row, "inventory"),
    };
    if (!time_parse(json_text(row, "lastModifiedDateTime"), &out->changed_ms))
        out->changed_ms = 0;
    read_card(arena, row, out);
    read_variants(arena, json_get(row, whole ? "variants" : "itemVariants"), out);
    read_units(arena, json_get(row, "units"), out);
    read_references(arena, shows, json_get(row, "references"), out);
    read_texts(arena, json_get(row, "texts"), out);
    read_translations(arena, json_get(row, "translations"), out);
    read_attributes(arena, json_get(row, "attributes"), out);
    read_prices(arena, json_get(row, "prices"), out);
}
