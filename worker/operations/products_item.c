/* products_item.c - items as Business Central's room reads them, for the plan. */
#include <stdlib.h>
#include <string.h>

#include "operations/products_run.h"

static const char *or_none(const char *text)
{
    return text ? text : "";
}

static void take_variants(const struct bc_item *from, struct arena *arena, struct item *out)
{
    struct item_variant *list = arena_array(arena, from->variant_count + 1, sizeof *list);
    for (size_t i = 0; i < from->variant_count; i++)
        list[i] = (struct item_variant){
            .id = from->variants[i].id,
            .code = from->variants[i].code,
            .description = or_none(from->variants[i].description),
            .blocked = from->variants[i].has_blocked &&
                       (from->variants[i].blocked || from->variants[i].sales_blocked),
        };
    out->variants = list;
    out->variant_count = from->variant_count;
}

static void take_references(const struct bc_item *from, struct arena *arena, struct item *out)
{
    struct item_unit *units = arena_array(arena, from->unit_count + 1, sizeof *units);
    struct item_barcode *codes = arena_array(arena, from->reference_count + 1, sizeof *codes);
    struct item_barcode *numbers = arena_array(arena, from->reference_count + 1, sizeof *numbers);
    const char *vendor = or_none(from->vendor_number);
    for (size_t i = 0; i < from->unit_count; i++)
        units[i] = (struct item_unit){from->units[i].code, from->units[i].quantity};
    for (size_t i = 0; i < from->reference_count; i++) {
        const struct bc_reference *row = &from->references[i];
        const struct item_barcode code = {or_none(row->variant_code), or_none(row->unit_code),
                                          or_none(row->number)};
        if (row->kind == BC_REFERENCE_BARCODE)
            codes[out->barcode_count++] = code;
        else if (row->kind == BC_REFERENCE_VENDOR && *vendor &&
                 strcmp(vendor, or_none(row->vendor_number)) == 0)
            numbers[out->vendor_code_count++] = code;
    }
    out->units = units;
    out->unit_count = from->unit_count;
    out->barcodes = codes;
    out->vendor_codes = numbers;
}

static void take_texts(const struct bc_item *from, struct arena *arena, struct item *out)
{
    struct item_text *texts = arena_array(arena, from->text_count + 1, sizeof *texts);
    struct item_translation *words = arena_array(arena, from->translation_count + 1, sizeof *words);
    struct item_attribute *rows = arena_array(arena, from->attribute_count + 1, sizeof *rows);
    for (size_t i = 0; i < from->text_count; i++)
        texts[i] = (struct item_text){
            from->texts[i].kind == BC_TEXT_MARKETING, or_none(from->texts[i].language),
            or_none(from->texts[i].from), or_none(from->texts[i].to), or_none(from->texts[i].text)};
    for (size_t i = 0; i < from->translation_count; i++)
        words[i] = (struct item_translation){or_none(from->translations[i].language),
                                             or_none(from->translations[i].variant_code),
                                             or_none(from->translations[i].description)};
    for (size_t i = 0; i < from->attribute_count; i++) {
        const struct bc_attribute *row = &from->attributes[i];
        rows[i] = (struct item_attribute){or_none(row->variant_code),
                                          or_none(row->language),
                                          or_none(row->name),
                                          or_none(row->value),
                                          or_none(row->unit),
                                          row->blocked,
                                          row->number};
    }
    out->texts = texts;
    out->text_count = from->text_count;
    out->translations = words;
    out->translation_count = from->translation_count;
    out->attributes = rows;
    out->attribute_count = from->attribute_count;
}

void item_of(const struct products *run, const struct bc_item *from, struct arena *arena,
             struct item *out)
{
    bool named = from->vendor_name && *from->vendor_name;
    bool described = from->category_name && *from->category_name;
    *out = (struct item){
        .id = from->id,
        .number = from->number,
        .description = or_none(from->description),
        .category_code = or_none(from->category_code),
        .category = described ? from->category_name : or_none(from->category_code),
        .vendor = named ? from->vendor_name : or_none(from->vendor_number),
        .shows_vendor = from->vendor_number != NULL,
        .base_unit = or_none(from->base_unit),
        .gtin = from->gtin,
        .blocked = from->blocked,
        .stocked = strcmp(from->type, "Inventory") == 0,
        .sales_blocked = from->sales_blocked,
        .sales_unit = from->sales_unit && *from->sales_unit ? from->sales_unit : NULL,
        .vendor_item_number = from->vendor_item_number,
        .tariff = from->tariff_number,
        .origin = from->origin,
        .has_weight = from->has_weight,
        .weight = from->gross_weight,
        .shows_barcodes = run->shows.references,
    };
    take_variants(from, arena, out);
    take_references(from, arena, out);
    take_texts(from, arena, out);
}

void products_want(const struct shop *shop, struct bc_items_want *want)
{
    want->texts = shop->sync_extended_text || shop->sync_marketing_text;
    want->translations = *shop->language || shop->sync_attributes || shop->translations.count > 0;
    want->attributes =
        shop->sync_attributes || *shop->option_attributes || shop->product_metafields.count > 0;
    want->prices = true; /* else a changed line of a price list would leave its item unchanged */
}
