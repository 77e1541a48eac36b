/* sync_times.c - the table of walks. */
#include "model/sync_times.h"

#include <string.h>

#include "base/buf.h"
#include "model/operations.h"

const struct sync_time SYNC_TIMES[] = {
    {"orders",        "orders.sync", "mark:orders:", true, false},
    {"shipments", "shipments.sync", "mark:shipments:", false, true},
    {0         },
};

bool sync_time_named(const char *name, const struct sync_time **out, struct err *err)
{
    OWN_BUF struct buf names = {0};
    for (const struct sync_time *time = SYNC_TIMES; time->name; time++) {
        if (!operation_by_name(time->operation))
            continue;
        if (strcmp(time->name, name) == 0) {
            *out = time;
            return true;
        }
        buf_printf(&names, "%s%s", names.size ? ", " : "", time->name);
    }
    return err_set(err, ERR_FATAL, 404, "\"%.40s\" has no sync time; want one of: %s", name,
                   buf_str(&names));
}

char *sync_time_key(const struct sync_time *time, const char *store, const char *shop)
{
    if (!time->of_store)
        return mem_printf("%s%s", time->key, shop);
    return mem_printf("%s%.*s", time->key, (int)strcspn(store, "."), store);
}
