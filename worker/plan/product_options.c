/* product_options.c - the options of a product, and their values of each variant. Spec, products
 * 2.5.
 *
 * Attributes that the shop names become options, in its order, where the item has any of them; else
 * the one option is the variant's code, and where units are variants, the unit is another.
 */
#include <string.h>
#include <strings.h>

#include "plan/product_plan.h"

enum { ATTRIBUTES_MOST = 16 };

/* ---- attributes ---- */

static size_t names_of(const char *list, struct arena *arena, const char *names[ATTRIBUTES_MOST])
{
    size_t count = 0;
    for (char *rest = arena_text(arena, list), *name; (name = strtok_r(rest, ",", &rest));) {
        size_t size;
        name += strspn(name, " ");
        for (size = strlen(name); size > 0 && name[size - 1] == ' '; size--)
            name[size - 1] = 0;
        if (*name && count < ATTRIBUTES_MOST)
            names[count++] = name;
    }
    return count;
}

/* The variant's own, else the item's; NULL = it has none. */
static const char *value_of(const struct item *item, const struct item_variant *variant,
                            const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < item->attribute_count; i++) {
        const struct item_attribute *row = &item->attributes[i];
        bool own = variant && strcasecmp(row->variant_code, variant->code) == 0;
        if (*row->language || row->blocked || !*row->value || strcasecmp(row->name, name) != 0)
            continue;
        if (own)
            return row->value;
        if (!*row->variant_code)
            found = row->value;
    }
    return found;
}

static bool has_any(const struct item *item, const char *name)
{
    for (size_t i = 0; i < item->attribute_count; i++)
        if (!item->attributes[i].blocked && !*item->attributes[i].language &&
            *item->attributes[i].value && strcasecmp(item->attributes[i].name, name) == 0)
            return true;
    return false;
}

static void by_attributes(const struct item *item, const struct shop *shop, struct arena *arena,
                          struct product_draft *out)
{
    const char *names[ATTRIBUTES_MOST];
    size_t count = names_of(shop->option_attributes, arena, names);
    for (size_t i = 0; i < count; i++) {
        if (!has_any(item, names[i]))
            continue;
        if (out->option_count == PRODUCT_OPTIONS) {
            out->too_many_options = true;
            return;
        }
        out->option_names[out->option_count++] = names[i];
    }
    out->by_attributes = out->option_count > 0;
}

/* ---- names and values ---- */

bool product_by_unit(const struct item *item, const struct shop *shop)
{
    return shop->uom_as_variant && *shop->uom_option_name && item->unit_count > 0;
}

void product_options(const struct item *item, const struct shop *shop, struct arena *arena,
                     struct product_draft *out)
{
    by_attributes(item, shop, arena, out);
    if (out->by_attributes)
        return;
    if (item->variant_count > 0)
        out->option_names[out->option_count++] = "Variant";
    if (product_by_unit(item, shop))
        out->option_names[out->option_count++] = shop->uom_option_name;
}

void variant_options(const struct item *item, const struct product_draft *product,
                     struct variant_draft *draft)
{
    size_t at = 0;
    for (size_t k = 0; product->by_attributes && k < product->option_count; k++)
        draft->options[at++] = value_of(item, draft->variant, product->option_names[k]);
    if (product->by_attributes)
        return;
    if (draft->variant)
        draft->options[at++] = draft->variant->code;
    if (*draft->unit)
        draft->options[at++] = draft->unit;
}

/* ---- what is wrong with them ---- */

static bool same_values(const struct product_draft *draft, size_t a, size_t b)
{
    for (size_t k = 0; k < draft->option_count; k++) {
        const char *left = draft->variants[a].options[k], *right = draft->variants[b].options[k];
        if (!left || !right || strcmp(left, right) != 0)
            return false;
    }
    return draft->option_count > 0;
}

static void name_variant(const struct product_draft *draft, size_t at, struct buf *detail)
{
    const struct item_variant *variant = draft->variants[at].variant;
    buf_printf(detail, "%s%s of item %s", variant ? "variant " : "",
               variant ? variant->code : "the one variant", draft->item->number);
}

enum reason variant_refusal(const struct product_draft *draft, size_t at, struct buf *detail)
{
    if (!draft->by_attributes)
        return REASON_NONE; /* codes and units are there, and once each */
    for (size_t k = 0; k < draft->option_count; k++)
        if (!draft->variants[at].options[k]) {
            name_variant(draft, at, detail);
            buf_printf(detail, " has no %s", draft->option_names[k]);
            return REASON_OPTION_VALUE;
        }
    for (size_t i = 0; i < at; i++)
        if (same_values(draft, i, at)) {
            name_variant(draft, at, detail);
            buf_text(detail, " has the values of another:");
            for (size_t k = 0; k < draft->option_count; k++)
                buf_printf(detail, " %s", draft->variants[at].options[k]);
            return REASON_OPTION_DOUBLE;
        }
    return REASON_NONE;
}
