/* item_settings.c - see item_settings.h. */
#include "model/item_settings.h"

#include <string.h>
#include <strings.h>

static const char *const KEYS[] = {"type",          "base_unit",       "category",
                                   "product_group", "inventory_group", "tax_group"};
static const char *const TYPES[] = {"Inventory", "Service", "Non-Inventory"};

static bool is_one_of(const char *const words[], size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(words[i], text) == 0)
            return true;
    return false;
}

bool item_settings_check(const struct shop *shop, struct err *err)
{
    const struct setting_map *rows = &shop->item_template;
    for (size_t i = 0; i < rows->count; i++) {
        const struct setting_pair *pair = &rows->pairs[i];
        if (!is_one_of(KEYS, COUNT(KEYS), pair->key))
            return err_set(err, ERR_FATAL, 400,
                           "item_template \"%.40s\": want type, base_unit, category, "
                           "product_group, inventory_group or tax_group",
                           pair->key);
        if (strcasecmp(pair->key, "type") == 0 && !is_one_of(TYPES, COUNT(TYPES), pair->value))
            return err_set(err, ERR_FATAL, 400,
                           "item_template \"type\": \"%.40s\" does not fit, want Inventory, "
                           "Service or Non-Inventory",
                           pair->value);
        if (strlen(pair->value) > 20)
            return err_set(err, ERR_FATAL, 400, "item_template \"%.40s\": at most 20 characters",
                           pair->key);
    }
    return (*shop->variant_prefix && strlen(shop->variant_prefix) <= VARIANT_PREFIX_MOST) ||
           err_set(err, ERR_FATAL, 400, "variant_prefix: want 1 to %d characters, a code holds 10",
                   VARIANT_PREFIX_MOST);
}
