/* forget.h - how long skips stay that nobody has to do anything about. */
#ifndef CARTAGE_STORE_FORGET_H
#define CARTAGE_STORE_FORGET_H

#include "store/store.h"

/* Their list by kind of record ("order", "refund", "posting", "shipment") and reason, or "done";
 * caller frees. */
char *skips_of(const char *shop, const char *record, const char *code);
/* Those last seen so many days ago go, a bounded number a call; *gone 0 = there are no more. What
 * waits or asks for a person stays. */
MUST_USE bool store_forget(struct ledger *ledger, const char *company, const char *shop,
                           int64_t days, int64_t *gone, struct err *err);

#endif
