/* products_import_change.c - what has changed of products at Shopify goes to their items.
 *
 * Idempotency: fields are set to what Shopify says, and only where the item says something else; so
 * a change whose answer got lost is no change any more, or is sent again. Only when all of a
 * product is there, what Shopify has said is staged as seen. A value that was sent from here is no
 * news (plan/import_plan.h).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "operations/products_import.h"
#include "store/products.h"

enum { GTIN_MOST = 14 };

struct changing {
    struct import *import;
    struct coming *coming;
    const struct bc_item *item;
    bool any; /* something was written */
};

/* ---- an item's own fields ---- */

static bool is_new_text(const char *now, const char *want)
{
    return *want && strcmp(now ? now : "", want) != 0;
}

static bool change_row(struct changing *changing, const bool news[], const char *gtin,
                       struct err *err)
{
    struct import *import = changing->import;
    const struct bc_item *item = changing->item;
    const struct import_product *product = &changing->coming->product;
    const char *title = import_text(product->title, ITEM_TEXT_MOST, import->arena);
    const char *category = import_category(import, product);
    struct bc_item_draft draft = {0};
    if (news[IMPORT_TITLE] && is_new_text(item->description, title))
        draft.description = title;
    if (news[IMPORT_TYPE] && is_new_text(item->category_code, category))
        draft.category_code = category;
    if (gtin && is_new_text(item->gtin, gtin))
        draft.gtin = gtin;
    if (!draft.description && !draft.category_code && !draft.gtin)
        return true;
    changing->any = true;
    return bc_item_change(import->attempt, item->id, &draft, err);
}

/* Vendor, tariff number, country: where the level shows them, it takes them. */
static bool change_card(struct changing *changing, const bool news[], const bool of_variant[],
                        const struct import_variant *variant, struct err *err)
{
    struct import *import = changing->import;
    const struct bc_item *item = changing->item;
    const char *vendor = vendor_found(import->lookup, changing->coming->product.vendor);
    struct bc_card_draft draft = {0};
    bool kept;
    if (!import->shows.card || import->shows.level != BC_LEVEL_EXTENSION)
        return true;
    if (news[IMPORT_VENDOR] && is_new_text(item->vendor_number, vendor))
        draft.vendor_number = vendor;
    if (of_variant[IMPORT_TARIFF] && *variant->tariff &&
        !import_same_tariff(item->tariff_number ? item->tariff_number : "", variant->tariff))
        draft.tariff_number = variant->tariff;
    if (of_variant[IMPORT_ORIGIN] && is_new_text(item->origin, variant->origin))
        draft.origin = variant->origin;
    if (!draft.vendor_number && !draft.tariff_number && !draft.origin)
        return true;
    changing->any = true;
    return bc_item_card_change(import->attempt, item->id, &draft, &kept, err);
}

/* ---- variants and bar codes ---- */

static const struct bc_variant *variant_there(const struct bc_item *item, const char *id)
{
    for (size_t i = 0; i < item->variant_count; i++)
        if (strcasecmp(item->variants[i].id, id) == 0)
            return &item->variants[i];
    return NULL;
}

static bool has_barcode(const struct bc_item *item, const char *code, const char *number)
{
    for (size_t i = 0; i < item->reference_count; i++)
        if (item->references[i].kind == BC_REFERENCE_BARCODE &&
            strcasecmp(item->references[i].number, number) == 0 &&
            strcasecmp(item->references[i].variant_code, code) == 0)
            return true;
    return false;
}

static bool change_variant(struct changing *changing, const struct coming_variant *variant,
                           const bool news[], struct err *err)
{
    struct import *import = changing->import;
    const struct bc_item *item = changing->item;
    const struct bc_variant *there = variant_there(item, variant->sought.item_variant);
    const char *text = import_text(variant->of->own, ITEM_TEXT_MOST, import->arena);
    const char *code = there ? there->code : "";
    bool kept, from_here = *variant->sent && !*variant->seen; /* its options are our own */
    if (news[IMPORT_OWN] && there && !from_here && strcasecmp(text, there->code) != 0 &&
        is_new_text(there->description, text)) {
        changing->any = true;
        if (!bc_variant_change(import->attempt, there->id, text, err))
            return false;
    }
    if (!news[IMPORT_BARCODE] || !*variant->of->barcode || !import->shows.references ||
        has_barcode(item, code, variant->of->barcode))
        return true;
    const struct bc_reference barcode = {.kind = BC_REFERENCE_BARCODE,
                                         .variant_code = code,
                                         .unit_code = "",
                                         .vendor_number = "",
                                         .number = variant->of->barcode};
    if (!bc_reference_add(import->attempt, item, &barcode, &kept, err))
        return false;
    changing->any |= kept;
    return true;
}

/* ---- a product's part in one item ---- */

static bool change_item(struct changing *changing, struct coming_variant *variant, bool first,
                        struct err *err)
{
    const struct import *import = changing->import;
    const struct coming *coming = changing->coming;
    const char *values[IMPORT_FIELDS], *of_variant[IMPORT_VARIANT_FIELDS];
    bool news[IMPORT_FIELDS], variant_news[IMPORT_VARIANT_FIELDS];
    import_fields(&coming->product, values);
    import_variant_fields(variant->of, of_variant);
    size_t some =
        import_news(IMPORT_FIELD_NAMES, values, IMPORT_FIELDS, coming->sent, coming->seen, news);
    some += import_news(IMPORT_VARIANT_FIELD_NAMES, of_variant, IMPORT_VARIANT_FIELDS,
                        variant->sent, variant->seen, variant_news);
    if (some == 0)
        return true;
    const char *barcode = variant->of->barcode;
    bool as_gtin = !import->shows.references && variant_news[IMPORT_BARCODE] && *barcode &&
                   !*variant->sought.item_variant && strlen(barcode) <= GTIN_MOST;
    return (!first || (change_row(changing, news, as_gtin ? barcode : NULL, err) &&
                       change_card(changing, news, variant_news, variant->of, err))) &&
           change_variant(changing, variant, variant_news, err);
}

/* All variants of it that are this item's; the first speaks for the item. */
static bool change_coming(struct import *import, struct coming *coming, const struct bc_item *item,
                          struct err *err)
{
    struct changing changing = {.import = import, .coming = coming, .item = item};
    struct err why;
    bool first = true, ok = true;
    for (size_t i = 0; ok && i < coming->product.variant_count; i++) {
        struct coming_variant *variant = &coming->variants[i];
        if (variant->made || strcmp(variant->sought.item, item->id) != 0)
            continue;
        ok = change_item(&changing, variant, first, &why);
        first = false;
    }
    if (!ok) {
        err_wrap(&why, "change item %s", item->number);
        return import_passed(import, coming, &why, err);
    }
    if (changing.any) {
        import->attempt->counts.updated++;
        log_info("item.changed", TEXT("item", item->number), TEXT("product", coming->product.id));
    }
    return true;
}

/* ---- a batch ---- */

static bool has_news(const struct coming *coming, const struct coming_variant *variant)
{
    const char *values[IMPORT_FIELDS], *of_variant[IMPORT_VARIANT_FIELDS];
    bool news[IMPORT_FIELDS + IMPORT_VARIANT_FIELDS];
    import_fields(&coming->product, values);
    import_variant_fields(variant->of, of_variant);
    return *variant->sought.item && !variant->made &&
           import_news(IMPORT_FIELD_NAMES, values, IMPORT_FIELDS, coming->sent, coming->seen,
                       news) +
                   import_news(IMPORT_VARIANT_FIELD_NAMES, of_variant, IMPORT_VARIANT_FIELDS,
                               variant->sent, variant->seen, news) >
               0;
}

static void add_id(const char **ids, size_t *count, const char *id)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(ids[i], id) == 0)
            return;
    ids[(*count)++] = id;
}

static size_t items_of(struct import *import, const struct coming list[], size_t count,
                       const char ***out)
{
    size_t most = 0, some = 0;
    for (size_t i = 0; i < count; i++)
        most += list[i].product.variant_count;
    *out = arena_array(import->arena, most + 1, sizeof **out);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].product.variant_count; k++)
            if (!list[i].failed && has_news(&list[i], &list[i].variants[k]))
                add_id(*out, &some, list[i].variants[k].sought.item);
    return some;
}

/* An item that is gone there: its variants have none, and are found anew. */
static void drop_gone(struct import *import, struct coming list[], size_t count, const char *item)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].product.variant_count; k++) {
            struct coming_variant *variant = &list[i].variants[k];
            if (strcmp(variant->sought.item, item) != 0)
                continue;
            log_warn("item.gone", TEXT("item", variant->sought.number),
                     TEXT("product", list[i].product.id));
            stage_variant_gone(import->write, import->shop->code, variant->of->id,
                               list[i].product.id);
            variant->sought.item = variant->sought.item_variant = variant->sought.number = "";
        }
}

bool import_change(struct import *import, struct coming list[], size_t count, struct err *err)
{
    struct bc_items_want want = {.primary = true};
    struct bc_items_page page;
    const char **ids;
    OWN(bc_items) struct bc_items *items = NULL;
    want.id_count = items_of(import, list, count, &ids);
    want.ids = ids;
    bool *found = arena_array(import->arena, want.id_count + 1, sizeof *found);
    if (want.id_count == 0)
        return true;
    if (!bc_items_open(import->attempt, &want, &items, err))
        return false;
    for (;;) {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read the items of products that have changed");
        if (page.count == 0)
            break;
        for (size_t i = 0; i < page.count; i++) {
            for (size_t k = 0; k < want.id_count; k++)
                found[k] |= strcmp(ids[k], page.items[i].id) == 0;
            for (size_t k = 0; k < count; k++)
                if (!list[k].failed && !list[k].refused &&
                    !change_coming(import, &list[k], &page.items[i], err))
                    return false;
        }
    }
    for (size_t k = 0; k < want.id_count; k++)
        if (!found[k])
            drop_gone(import, list, count, ids[k]);
    return true;
}
