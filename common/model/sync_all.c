/* sync_all.c - the table of "sync all"; steps whose operation this version has not are passed over
 * and named.
 */
#include "model/sync_all.h"

#include <stddef.h>

const struct sync_step SYNC_ALL[] = {
    {"customers.sync",      NULL         },
    {"products.sync",       NULL         },
    {"inventory.sync",      NULL         },
    {"images.sync",         NULL         },
    {"products.sync",       "only_prices"},
    {"companies.sync",      NULL         },
    {"catalog-prices.sync", NULL         },
    {NULL,                  NULL         },
};

const char *const SYNC_ALL_LEAVES[] = {"orders.sync",       "orders.process",      "shipments.sync",
                                       "payouts.sync",      "disputes.sync",       "catalogs.sync",
                                       "sales-orders.post", "sales-invoices.post", NULL};
