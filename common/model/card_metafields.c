/* card_metafields.c - see card_metafields.h. */
#include "model/card_metafields.h"

#include <string.h>

const char *const CARD_METAFIELDS[] = {"number",      "website",      "salespersonCode",
                                       "creditLimit", "currencyCode", "taxRegistrationNumber",
                                       NULL};

bool metafield_names_check(const char *setting, const struct setting_map *map, struct err *err)
{
    for (size_t i = 0; i < map->count; i++) {
        const char *name = map->pairs[i].key, *dot = strchr(name, '.');
        if (!dot || dot - name < 2 || strlen(dot + 1) < 2 || strchr(dot + 1, '.'))
            return err_set(err, ERR_FATAL, 400,
                           "%s \"%.60s\": want namespace and key, custom.material", setting, name);
        if (strncmp(name, "cartage.", 8) == 0)
            return err_set(err, ERR_FATAL, 400, "%s \"%.60s\": the namespace cartage is its own",
                           setting, name);
    }
    return true;
}

static bool fields_ok(const char *setting, const struct setting_map *map, struct err *err)
{
    for (size_t i = 0; i < map->count; i++) {
        bool known = false;
        for (size_t k = 0; CARD_METAFIELDS[k] && !known; k++)
            known = strcmp(CARD_METAFIELDS[k], map->pairs[i].value) == 0;
        if (!known)
            return err_set(err, ERR_FATAL, 400,
                           "%s \"%.60s\": \"%.30s\" is no field that a metafield can have; want "
                           "number, website, salespersonCode, creditLimit, currencyCode or "
                           "taxRegistrationNumber",
                           setting, map->pairs[i].key, map->pairs[i].value);
    }
    return metafield_names_check(setting, map, err);
}

bool card_metafields_check(const struct shop *shop, struct err *err)
{
    return fields_ok("customer_metafields", &shop->customer_metafields, err) &&
           fields_ok("company_metafields", &shop->company_metafields, err);
}
