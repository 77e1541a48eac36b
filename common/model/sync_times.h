/* sync_times.h - the times up to which a shop's records are read: one row a walk. Pure.
 *
 * A run that walks goes on where the one before it ended. A person may set the time back, so that
 * records are looked at again, or forth (`cartage reset sync`).
 */
#ifndef CARTAGE_SYNC_TIMES_H
#define CARTAGE_SYNC_TIMES_H

#include "base/err.h"
#include "base/own.h"

struct sync_time {
    const char *name;      /* as people say it: "orders" */
    const char *operation; /* whose walk it is */
    const char *key;       /* of the hash, before the store or the shop */
    bool of_store;         /* one for all shops of a store */
    bool erp;              /* Business Central is asked, not Shopify */
};
extern const struct sync_time SYNC_TIMES[]; /* the last row has no name */

/* ERR_FATAL 404 lists the names. */
MUST_USE bool sync_time_named(const char *name, const struct sync_time **out, struct err *err);
/* "mark:orders:demo"; `store` is the store's address, or its name alone. */
char *sync_time_key(const struct sync_time *time, const char *store, const char *shop);

#endif
