/* product_variants.c - see product_variants.h. Spec, products 2.4, 2.5. */
#include "plan/product_variants.h"

#include <string.h>
#include <strings.h>

static bool same_values(const struct product_draft *draft, const struct variant_draft *variant,
                        const struct shown_variant *shown)
{
    if (draft->option_count == 0 || shown->option_count != draft->option_count)
        return false;
    for (size_t k = 0; k < draft->option_count; k++) {
        bool found = false;
        for (size_t i = 0; i < shown->option_count && !found; i++)
            found = strcmp(shown->names[i], draft->option_names[k]) == 0 &&
                    strcmp(shown->values[i], variant->options[k]) == 0;
        if (!found)
            return false;
    }
    return true;
}

static bool same_code(const char *own, const char *shown)
{
    return own && *own && strcmp(own, shown) == 0;
}

int variant_standing(const struct product_draft *draft, const struct variant_draft *variant,
                     const struct shown_variant shown[], size_t count)
{
    int found = -1, matches = 0;
    for (size_t i = 0; i < count; i++)
        if (!shown[i].taken && same_values(draft, variant, &shown[i]))
            return (int)i;
    for (size_t i = 0; i < count; i++)
        if (!shown[i].taken && (same_code(variant->fields[VARIANT_SKU], shown[i].sku) ||
                                same_code(variant->fields[VARIANT_BARCODE], shown[i].barcode))) {
            found = (int)i;
            matches++;
        }
    return matches == 1 ? found : -1;
}

static bool is_default(const struct shown_variant *shown)
{
    return shown->option_count == 1 && strcmp(shown->names[0], "Title") == 0 &&
           strcmp(shown->values[0], "Default Title") == 0;
}

enum options_fit options_fit(const struct product_draft *draft, const struct shown_variant shown[],
                             size_t count)
{
    if (draft->option_count == 1 && count == 1 && is_default(&shown[0]))
        return OPTIONS_RENAME;
    if (count == 0 || draft->option_count == 0 || shown[0].option_count != draft->option_count)
        return OPTIONS_OTHER;
    for (size_t k = 0; k < draft->option_count; k++) {
        bool found = false;
        for (size_t i = 0; i < draft->option_count && !found; i++)
            found = strcmp(shown[0].names[i], draft->option_names[k]) == 0;
        if (!found)
            return OPTIONS_OTHER;
    }
    return OPTIONS_FIT;
}

bool same_unit(const struct item *item, const char *a, const char *b)
{
    const char *sold = item->sales_unit && *item->sales_unit ? item->sales_unit : item->base_unit;
    return strcasecmp(*a ? a : sold, *b ? b : sold) == 0;
}
