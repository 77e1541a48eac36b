/* sync_count.c - how many records a walk would read from a time on: what a person wants to know
 * before setting a sync time back. Reads only.
 */
#include <string.h>

#include "bc/bc.h"
#include "model/sync_times.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

static bool count_orders(struct attempt *attempt, const char *from, int64_t *count, struct err *err)
{
    OWN_TEXT char *query = mem_printf("updated_at:>='%s'", from);
    struct shopify_call call = {.document = "orders-count", .variables = json_new_object()};
    json_set_text(call.variables, "query", query);
    bool ok = shopify_ask(attempt, &call, err);
    if (ok)
        *count = json_int(json_get(call.data, "ordersCount"), "count", 0);
    shopify_call_drop(&call);
    return ok;
}

static bool count_shipments(struct attempt *attempt, const char *from, int64_t *count,
                            struct err *err)
{
    struct bc *bc;
    if (!bc_of(attempt, &bc, err))
        return false;
    OWN_TEXT char *path = mem_printf("salesShipments?$count=true&$top=1&$select=id&"
                                     "$filter=lastModifiedDateTime%%20ge%%20%s",
                                     from);
    struct bc_call call = {.method = "GET", .path = path};
    bool ok = bc_ask(attempt, &call, err);
    if (ok)
        *count = json_int(call.answer, "@odata.count", 0);
    bc_call_drop(&call);
    return ok;
}

bool sync_count_run(struct attempt *attempt, struct err *err)
{
    const struct sync_time *time;
    char from[32];
    int64_t from_ms, count = 0;
    if (!shop_ready(attempt, err) || !sync_time_named(json_text(attempt->args, "what"), &time, err))
        return false;
    if (!time_parse(json_text(attempt->args, "from"), &from_ms))
        return err_set(err, ERR_FATAL, 0, "from: want a time like 2027-01-31T06:00:00Z");
    time_format(from_ms, false, from);
    bool ok = time->erp ? count_shipments(attempt, from, &count, err)
                        : count_orders(attempt, from, &count, err);
    if (!ok)
        return err_wrap(err, "count the %s changed since %s", time->name, from);
    attempt->counts.read = count;
    return true;
}
