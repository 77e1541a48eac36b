/* titles.h - what orders have named that no row of the shop's tables stands for. */
#ifndef CARTAGE_STORE_TITLES_H
#define CARTAGE_STORE_TITLES_H

#include "ledger/ledger.h"
#include "model/settings.h"
#include "wire/json.h"

/* Adds {"shop","setting","title","order"} to `list`: a shipping title, a payment gateway
 * ("gateway/card company") or terms without a row in that setting, with the latest order that named
 * it; schemas/staging/mapping.md. */
MUST_USE bool store_titles(struct ledger *ledger, const char *company, const struct shop *shop,
                           json *list, struct err *err);

#endif
