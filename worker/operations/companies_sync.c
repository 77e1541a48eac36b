/* companies_sync.c - report 30114: companies of the store and customers of Business Central are the
 * same.
 *
 * Idempotency: that of customers.sync, whose way companies take (customers_import.c,
 * customers_update.c, customers_export.c): looked for before they are made, under the locks of what
 * they would be found by, and fields are set, only those that differ. Nothing is ever created at
 * Shopify here (companies.add does).
 *
 * Another road than the connector's: a company that fails stops no other; terms that are mapped to
 * nothing, or a blank tax number, leave what Business Central has; and one whose location alone has
 * changed is seen.
 */
#include "operations/customers_run.h"
#include "operations/operations_table.h"

static bool run_both(struct customers *run, struct err *err)
{
    if (run->shopify_writes && run->erp_writes)
        return err_set(err, ERR_FATAL, 0,
                       "shopify_can_update_companies and can_update_shopify_companies of shop %s "
                       "are both on, and each side would undo the other's changes; switch one off",
                       run->shop->code);
    bool has;
    if (!customers_have_firms(run, &has, err))
        return false;
    return !has || (customers_import(run, err) && customers_export(run, err));
}

bool companies_sync_run(struct attempt *attempt, struct err *err)
{
    struct customers run;
    if (!customers_open(&run, &FIRMS, attempt, err))
        return false;
    bool ok = run_both(&run, err);
    customers_close(&run);
    return ok;
}
