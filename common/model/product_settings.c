/* product_settings.c - see product_settings.h. */
#include "model/product_settings.h"

#include <string.h>

#include "model/card_metafields.h"
#include "model/filter.h"

static bool collections_ok(const struct shop *shop, struct err *err)
{
    for (size_t i = 0; i < shop->product_collections.count; i++) {
        const struct setting_pair *pair = &shop->product_collections.pairs[i];
        OWN(filter) struct filter *filter = NULL;
        if (!*pair->key || strspn(pair->key, "0123456789") != strlen(pair->key))
            return err_set(err, ERR_FATAL, 400,
                           "product_collections \"%.60s\": want Shopify's number of the collection",
                           pair->key);
        if (!filter_parse(pair->value, FILTER_TEXT, &filter, err)) {
            err->code = 400;
            return err_wrap(err, "product_collections \"%.60s\"", pair->key);
        }
    }
    return true;
}

bool product_settings_check(const struct shop *shop, struct err *err)
{
    if (shop->price_check < 0 || shop->price_check > 200)
        return err_set(err, ERR_FATAL, 400, "price_check: want 0 to 200 prices, which is a quote");
    return metafield_names_check("product_metafields", &shop->product_metafields, err) &&
           collections_ok(shop, err);
}
