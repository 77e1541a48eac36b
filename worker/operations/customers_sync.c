/* customers_sync.c - report 30100: customers of the store and of Business Central are the same.
 *
 * Idempotency: customers_import.c, customers_update.c and customers_export.c say each for their
 * direction why a write may be sent twice. Nothing is ever created at Shopify here (customers.add
 * does), and only one of the two directions changes fields: with both on, each side would undo the
 * other's changes, so such a shop is refused (model/settings_card.c), and by this run.
 */
#include "operations/customers_run.h"
#include "operations/operations_table.h"

static bool run_both(struct customers *run, struct err *err)
{
    const struct shop *shop = run->shop;
    if (shop->shopify_can_update_customers && shop->can_update_shopify_customers)
        return err_set(err, ERR_FATAL, 0,
                       "shopify_can_update_customers and can_update_shopify_customers of shop %s "
                       "are both on, and each side would undo the other's changes; switch one off",
                       shop->code);
    return customers_import(run, err) && customers_export(run, err);
}

bool customers_sync_run(struct attempt *attempt, struct err *err)
{
    struct customers run;
    if (!customers_open(&run, &PERSONS, attempt, err))
        return false;
    bool ok = run_both(&run, err);
    customers_close(&run);
    return ok;
}
