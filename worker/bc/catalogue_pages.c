/* catalogue_pages.c - what published pages add to the items of API v2.0: cards, units, references,
 * translations, blocked variants.
 *
 * Pages know numbers, no ids and no times of change. So they are asked for the items at hand: by
 * the range of their numbers where the items are a page of a whole listing, which the server has
 * sorted itself, else one by one in a few questions.
 */
#include <stdlib.h>
#include <string.h>

#include "bc/catalogue_room.h"

enum { ROWS = 2000, NUMBERS_A_CALL = 20 };

struct named {
    const char *number;
    struct bc_item *item;
};
struct fill {
    struct arena *arena;
    struct named *names; /* sorted */
    size_t count;
};

static int by_number(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->number, ((const struct named *)b)->number);
}

static struct bc_item *item_of(const struct fill *fill, const char *number)
{
    struct named key = {.number = number};
    const struct named *found =
        bsearch(&key, fill->names, fill->count, sizeof *fill->names, by_number);
    return found ? found->item : NULL;
}

/* The rows again, with room for one more. */
static void *widened(struct arena *arena, const void *rows, size_t count, size_t size)
{
    void *wider = arena_array(arena, count + 1, size);
    if (count > 0)
        memcpy(wider, rows, count * size);
    return wider;
}

static const char *text_of(const struct fill *fill, const json *row, const char *name)
{
    return arena_text(fill->arena, json_text(row, name));
}

/* ---- one row of each service ---- */

static bool take_card(void *state, const json *row, struct err *err)
{
    const struct fill *fill = state;
    struct bc_item *item = item_of(fill, json_text(row, "No"));
    (void)err;
    if (!item)
        return true;
    item->sales_blocked = json_flag(row, "Sales_Blocked", false);
    item->sales_unit = text_of(fill, row, "Sales_Unit_of_Measure");
    item->vendor_number = text_of(fill, row, "Vendor_No");
    item->vendor_item_number = text_of(fill, row, "Vendor_Item_No");
    item->tariff_number = text_of(fill, row, "Tariff_No");
    item->origin = text_of(fill, row, "Country_Region_of_Origin_Code");
    item->discount_group = text_of(fill, row, "Item_Disc_Group");
    item->vat_group = text_of(fill, row, "VAT_Prod_Posting_Group");
    item->has_weight = json_decimal(row, "Gross_Weight", &item->gross_weight);
    return true;
}

static bool take_vendor(void *state, const json *row, struct err *err)
{
    const struct fill *fill = state;
    const char *name = text_of(fill, row, "displayName"), *number = json_text(row, "number");
    (void)err;
    for (size_t i = 0; i < fill->count; i++) {
        struct bc_item *item = fill->names[i].item;
        if (item->vendor_number && strcmp(item->vendor_number, number) == 0)
            item->vendor_name = name;
    }
    return true;
}

static bool take_variant(void *state, const json *row, struct err *err)
{
    const struct fill *fill = state;
    struct bc_item *item = item_of(fill, json_text(row, "Item_No"));
    (void)err;
    for (size_t i = 0; item && i < item->variant_count; i++) {
        struct bc_variant *variant = (struct bc_variant *)&item->variants[i];
        if (strcmp(variant->code, json_text(row, "Code")) != 0)
            continue;
        variant->has_blocked = true;
        variant->blocked = json_flag(row, "Blocked", false);
        variant->sales_blocked = json_flag(row, "Sales_Blocked", false);
        variant->description2 = text_of(fill, row, "Description_2");
    }
    return true;
}

static bool take_unit(void *state, const json *row, struct err *err)
{
    const struct fill *fill = state;
    struct bc_item *item = item_of(fill, json_text(row, "Item_No"));
    const char *code = json_text(row, "Code");
    (void)err;
    /* the base unit is there already, by its card */
    if (!item || strcmp(code, item->base_unit) == 0)
        return true;
    struct bc_unit *units =
        widened(fill->arena, item->units, item->unit_count, sizeof *item->units);
    units[item->unit_count] = (struct bc_unit){.code = arena_text(fill->arena, code)};
    if (json_decimal(row, "Qty_per_Unit_of_Measure", &units[item->unit_count].quantity))
        item->unit_count++;
    item->units = units;
    return true;
}

static bool take_reference(void *state, const json *row, struct err *err)
{
    const struct fill *fill = state;
    struct bc_item *item = item_of(fill, json_text(row, "Item_No"));
    (void)err;
    if (!item)
        return true;
    const char *type = bc_member(fill->arena, json_text(row, "Reference_Type"));
    struct bc_reference *references =
        widened(fill->arena, item->references, item->reference_count, sizeof *item->references);
    references[item->reference_count++] = (struct bc_reference){
        .kind = bc_reference_kind(type),
        .variant_code = text_of(fill, row, "Variant_Code"),
        .unit_code = text_of(fill, row, "Unit_of_Measure"),
        .vendor_number = text_of(fill, row, "Reference_Type_No"),
        .number = text_of(fill, row, "Reference_No"),
    };
    item->references = references;
    return true;
}

static bool take_translation(void *state, const json *row, struct err *err)
{
    const struct fill *fill = state;
    struct bc_item *item = item_of(fill, json_text(row, "Item_No"));
    (void)err;
    if (!item)
        return true;
    struct bc_translation *translations = widened(
        fill->arena, item->translations, item->translation_count, sizeof *item->translations);
    translations[item->translation_count++] = (struct bc_translation){
        .language = text_of(fill, row, "Language_Code"),
        .variant_code = text_of(fill, row, "Variant_Code"),
        .description = text_of(fill, row, "Description"),
    };
    item->translations = translations;
    return true;
}

/* ---- asking ---- */

struct service {
    const char *name, *number; /* its column of the item's number */
    bool wanted;
    bool (*take)(void *state, const json *row, struct err *err);
};

static bool ask_range(struct attempt *attempt, struct fill *fill, const struct service *service,
                      const struct bc_item *items, size_t count, struct err *err)
{
    OWN_BUF struct buf path = {0}, first = {0}, last = {0};
    bc_filter_text(&first, service->number, items[0].number);
    bc_filter_text(&last, service->number, items[count - 1].number);
    /* "No%20eq%20'A'": the same text says ge and le */
    const char *from = strstr(buf_str(&first), "eq") + 2, *to = strstr(buf_str(&last), "eq") + 2;
    buf_printf(&path, "%s?$filter=%s%%20ge%s%%20and%%20%s%%20le%s", service->name, service->number,
               from, service->number, to);
    return bc_list_pages(attempt, BC_PAGES, buf_str(&path), ROWS, false, service->take, fill, NULL,
                         err);
}

static bool ask_each(struct attempt *attempt, enum bc_root root, const char *set,
                     const char *property, const char *const numbers[], size_t count,
                     bool (*take)(void *, const json *, struct err *), struct fill *fill,
                     struct err *err)
{
    for (size_t at = 0; at < count; at += NUMBERS_A_CALL) {
        OWN_BUF struct buf path = {0};
        buf_printf(&path, "%s%s$filter=", set, strchr(set, '?') ? "&" : "?");
        for (size_t i = at; i < count && i < at + NUMBERS_A_CALL; i++) {
            buf_text(&path, i > at ? "%20or%20" : "");
            bc_filter_text(&path, property, numbers[i]);
        }
        if (!bc_list_pages(attempt, root, buf_str(&path), ROWS, false, take, fill, NULL, err))
            return false;
    }
    return true;
}

static bool name_vendors(struct attempt *attempt, struct fill *fill, struct err *err)
{
    const char **numbers = arena_array(fill->arena, fill->count + 1, sizeof *numbers);
    size_t count = 0;
    for (size_t i = 0; i < fill->count; i++) {
        const char *number = fill->names[i].item->vendor_number;
        bool known = !number || !*number;
        for (size_t seen = 0; seen < count && !known; seen++)
            known = strcmp(numbers[seen], number) == 0;
        if (!known)
            numbers[count++] = number;
    }
    return ask_each(attempt, BC_API, "vendors?$select=number,displayName", "number", numbers, count,
                    take_vendor, fill, err);
}

bool bc_pages_fill(struct attempt *attempt, struct arena *arena, const struct bc_shows *shows,
                   const struct bc_items_want *want, bool in_order, struct bc_item *items,
                   size_t count, struct err *err)
{
    struct fill fill = {.arena = arena, .count = count};
    const char **numbers = arena_array(arena, count + 1, sizeof *numbers);
    fill.names = arena_array(arena, count + 1, sizeof *fill.names);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = items[i].number;
        fill.names[i] = (struct named){items[i].number, &items[i]};
    }
    qsort(fill.names, count, sizeof *fill.names, by_number);
    const struct service SERVICES[] = {
        {"ItemCard",           "No",      shows->card,                               take_card     },
        {"ItemVariants",       "Item_No", shows->variant_blocked,                    take_variant  },
        {"ItemUnitsOfMeasure", "Item_No", shows->units,                              take_unit     },
        {"ItemReferences",     "Item_No", shows->references,                         take_reference},
        {"ItemTranslations",   "Item_No", shows->translations && want->translations,
         take_translation                                                                          },
    };
    for (size_t i = 0; i < COUNT(SERVICES); i++) {
        const struct service *service = &SERVICES[i];
        bool ok =
            !service->wanted || (in_order && count > NUMBERS_A_CALL
                                     ? ask_range(attempt, &fill, service, items, count, err)
                                     : ask_each(attempt, BC_PAGES, service->name, service->number,
                                                numbers, count, service->take, &fill, err));
        if (!ok)
            return err_wrap(err, "read page %s", service->name);
    }
    return !shows->card || name_vendors(attempt, &fill, err);
}
