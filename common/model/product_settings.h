/* product_settings.h - what the settings of products have to be. Pure. */
#ifndef CARTAGE_PRODUCT_SETTINGS_H
#define CARTAGE_PRODUCT_SETTINGS_H

#include "model/settings.h"

MUST_USE bool product_settings_check(const struct shop *shop, struct err *err);

#endif
