/* item_settings.h - what the settings about items that are made may say. Pure. */
#ifndef CARTAGE_ITEM_SETTINGS_H
#define CARTAGE_ITEM_SETTINGS_H

#include "model/settings.h"

enum { VARIANT_PREFIX_MOST = 5 };

/* ERR_FATAL 400 names the setting and the row. */
MUST_USE bool item_settings_check(const struct shop *shop, struct err *err);

#endif
