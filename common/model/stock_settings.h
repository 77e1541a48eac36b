/* stock_settings.h - the words of a shop's stock settings, and what they may say. Pure. */
#ifndef CARTAGE_STOCK_SETTINGS_H
#define CARTAGE_STOCK_SETTINGS_H

#include "model/settings.h"

extern const char *const STOCK_CALCULATIONS[]; /* NULL-ended, as enum stock_calculation */
extern const char *const STOCK_QUANTITIES[];   /* likewise, enum stock_quantity */

/* Maps by location and item: numbers of locations, words, filters and whole numbers. ERR_FATAL 400
 * names the row. */
MUST_USE bool stock_settings_check(const struct shop *shop, struct err *err);

/* Does the location take part, and how: its own setting, else the shop's where the location has a
 * filter or a code. */
enum stock_calculation stock_calculation_of(const struct shop *shop, const char *location);
/* Its own setting, else the one that counts no order twice: on hand with what is not reserved,
 * available with what is projected. */
enum stock_quantity stock_quantity_of(const struct shop *shop, const char *location);
/* Business Central's filter on location codes; "" = all. */
const char *stock_filter_of(const struct shop *shop, const char *location);
/* Pieces kept back: the nearest of "item@location", "item", "*@location", "*". */
int64_t stock_safety_of(const struct shop *shop, const char *location, const char *item);

#endif
