/* stock_settings.c - see stock_settings.h. */
#include "model/stock_settings.h"

#include <stdlib.h>
#include <string.h>

#include "model/filter.h"

const char *const STOCK_CALCULATIONS[] = {"disabled", "non-reserved", "projected-available", NULL};
const char *const STOCK_QUANTITIES[] = {"on_hand", "available", NULL};

static int word_of(const char *const words[], const char *text)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

/* ---- what they may say ---- */

static bool refuse(const char *map, const struct setting_pair *pair, const char *want,
                   struct err *err)
{
    return err_set(err, ERR_FATAL, 400, "%s \"%.60s\": \"%.40s\" does not fit, want %s", map,
                   pair->key, pair->value, want);
}

static bool is_number(const char *text)
{
    return *text && strlen(text) <= 20 && text[strspn(text, "0123456789")] == 0;
}

static bool location_ok(const char *map, const struct setting_pair *pair, struct err *err)
{
    return is_number(pair->key) ||
           err_set(err, ERR_FATAL, 400,
                   "%s \"%.60s\": want the number of a location of Shopify, 82000000001", map,
                   pair->key);
}

static bool words_ok(const char *map, const struct setting_map *rows, const char *const words[],
                     const char *want, struct err *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (!location_ok(map, &rows->pairs[i], err))
            return false;
        if (word_of(words, rows->pairs[i].value) < 0)
            return refuse(map, &rows->pairs[i], want, err);
    }
    return true;
}

static bool filters_ok(const struct setting_map *rows, struct err *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        OWN(filter) struct filter *filter = NULL;
        if (!location_ok("location_filters", &rows->pairs[i], err))
            return false;
        if (!filter_parse(rows->pairs[i].value, FILTER_TEXT, &filter, err))
            return err_wrap(err, "location_filters \"%.40s\"", rows->pairs[i].key);
    }
    return true;
}

static bool safety_ok(const struct setting_map *rows, struct err *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct setting_pair *pair = &rows->pairs[i];
        const char *at = strrchr(pair->key, '@');
        if (!is_number(pair->value) || strlen(pair->value) > 9)
            return refuse("safety_stock", pair, "a number of pieces", err);
        if (at && !is_number(at + 1))
            return err_set(err, ERR_FATAL, 400,
                           "safety_stock \"%.60s\": want ITEM, ITEM@LOCATION, *@LOCATION or *, "
                           "LOCATION a number of Shopify's",
                           pair->key);
    }
    return true;
}

static bool limit_ok(const char *name, int64_t value, int64_t most, struct err *err)
{
    return (value >= 0 && value <= most) ||
           err_set(err, ERR_FATAL, 400, "%s: want 0 to %lld", name, (long long)most);
}

bool stock_settings_check(const struct shop *shop, struct err *err)
{
    return words_ok("stock_calculations", &shop->stock_calculations, STOCK_CALCULATIONS,
                    "disabled, non-reserved or projected-available", err) &&
           words_ok("stock_quantities", &shop->stock_quantities, STOCK_QUANTITIES,
                    "on_hand or available", err) &&
           filters_ok(&shop->location_filters, err) && safety_ok(&shop->safety_stock, err) &&
           limit_ok("stock_reserve", shop->stock_reserve, 100, err) &&
           limit_ok("stock_check_hours", shop->stock_check_hours, 10000, err) &&
           limit_ok("brake_stock", shop->brake_stock, 100, err) &&
           limit_ok("brake_least", shop->brake_least, 1000000, err);
}

/* ---- what they say ---- */

enum stock_calculation stock_calculation_of(const struct shop *shop, const char *location)
{
    const char *own = setting_map_get(&shop->stock_calculations, location);
    int word = own ? word_of(STOCK_CALCULATIONS, own) : -1;
    if (word >= 0)
        return (enum stock_calculation)word;
    bool placed = setting_map_get(&shop->location_filters, location) ||
                  setting_map_get(&shop->locations, location);
    return placed ? (enum stock_calculation)shop->stock_calculation : STOCK_DISABLED;
}

enum stock_quantity stock_quantity_of(const struct shop *shop, const char *location)
{
    const char *own = setting_map_get(&shop->stock_quantities, location);
    int word = own ? word_of(STOCK_QUANTITIES, own) : -1;
    if (word >= 0)
        return (enum stock_quantity)word;
    return stock_calculation_of(shop, location) == STOCK_PROJECTED ? STOCK_AVAILABLE
                                                                   : STOCK_ON_HAND;
}

const char *stock_filter_of(const struct shop *shop, const char *location)
{
    const char *own = setting_map_get(&shop->location_filters, location);
    const char *code = own ? own : setting_map_get(&shop->locations, location);
    return code ? code : "";
}

int64_t stock_safety_of(const struct shop *shop, const char *location, const char *item)
{
    OWN_TEXT char *here = mem_printf("%s@%s", item, location);
    OWN_TEXT char *everything = mem_printf("*@%s", location);
    const char *const nearest[] = {here, item, everything, "*"};
    for (size_t i = 0; shop->safety_stock.count > 0 && i < COUNT(nearest); i++) {
        const char *pieces = setting_map_get(&shop->safety_stock, nearest[i]);
        if (pieces)
            return strtoll(pieces, NULL, 10);
    }
    return 0;
}
