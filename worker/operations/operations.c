/* operations.c - the run functions by name. A row of model/operations without one here runs
 * nowhere. */
#include "operations/operations.h"

#include <string.h>

#include "operations/operations_table.h"

static const struct operation_run RUNS[] = {
    {"orders.sync",         orders_sync_run        },
    {"orders.process",      orders_process_run     },
    {"sales-orders.post",   sales_orders_post_run  },
    {"sales-invoices.post", sales_invoices_post_run},
    {"sync.count",          sync_count_run         },
    {"shipments.sync",      shipments_sync_run     },
};

const struct operation_run *operation_find(const char *name)
{
    for (size_t i = 0; i < COUNT(RUNS); i++)
        if (strcmp(RUNS[i].name, name) == 0)
            return &RUNS[i];
    return NULL;
}

bool shop_ready(struct attempt *attempt, struct err *err)
{
    const char *code = json_text(attempt->args, "shop");
    if (!attempt->shop)
        return err_set(err, ERR_FATAL, 0,
                       "there is no shop %s; `cartage shop list` shows the shops", code);
    if (!attempt->shop->enabled)
        return err_set(err, ERR_FATAL, 0, "shop %s is not enabled; `cartage shop enable %s`", code,
                       code);
    return true;
}
