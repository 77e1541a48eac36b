/* orders_create.c - documents of orders that have just come, for shops that want them at once
 * (auto_create_orders).
 *
 * Idempotency: orders.process makes the documents, with all that keeps an order from standing
 * twice. `auto:<shop>` lists the orders whose turn has not come; one enters it in the WRITE that
 * stages it for the first time and leaves it after one try, so a killed run misses none, and what
 * could not be mapped waits for orders.process or a person. A change never makes a document.
 */
#include <string.h>

#include "operations/orders_process.h"
#include "operations/orders_sync.h"

enum { AT_ONCE = 1000 };

/* Credit memos of orders that have their documents wait to be made, too. */
static bool anything_waits(struct orders_sync *sync, const struct store_ids *ids, bool *waits,
                           struct err *err)
{
    OWN_TEXT char *refunds = mem_printf("refunds:%s", sync->shop->code);
    OWN_IDS struct store_ids open = {0};
    if (!store_zset(sync->attempt->ledger, sync->company, refunds, sync_now_ms(sync), 1, &open,
                    err))
        return false;
    *waits = ids->count > 0 || open.count > 0;
    return true;
}

bool orders_create(struct orders_sync *sync, struct err *err)
{
    bool waits;
    OWN_TEXT char *key = mem_printf("auto:%s", sync->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!sync->shop->auto_create_orders)
        return true;
    if (!store_zset(sync->attempt->ledger, sync->company, key, INT64_MAX, AT_ONCE, &ids, err) ||
        !anything_waits(sync, &ids, &waits, err))
        return err_wrap(err, "list new orders");
    if (!waits)
        return true;
    attempt_progress(sync->attempt, "creating documents", 0, (int64_t)ids.count);
    if (!orders_process_staged(sync->attempt, (const char *const *)ids.items, ids.count, err))
        return err_wrap(err, "create documents");
    for (size_t i = 0; i < ids.count; i++)
        write_add(sync->write, "ZREM", key, ids.items[i], NULL);
    return sync_flush(sync, true, err) && (ids.count < AT_ONCE || orders_create(sync, err));
}
