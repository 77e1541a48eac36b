/* orders_sync.c - report 30104: reads changed orders of a store and stages them whole.
 *
 * What is staged is keyed by Shopify's ids, so staging twice is harmless. Nothing is written to a
 * peer but that finished orders are closed (orders_archive.c). The walk goes by `updatedAt`, oldest
 * first; its watermark moves with the page it belongs to, in one WRITE, and starts five minutes
 * early next time: an index that lags shows orders late. A killed run resumes at the watermark and
 * at what is claimed and not loaded yet; there is no cursor beside them. Orders that events have
 * named come first, by their ids: that index may not know them yet.
 *
 * Another road than the connector's: the first walk does not ask for `status:open`, so that an
 * order that is cancelled or archived is known with its reason instead of unknown. Archived ones
 * are still not imported.
 */
#include "operations/orders_sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/wake.h"
#include "model/operations.h"
#include "operations/listing.h"
#include "operations/operations_table.h"
#include "operations/orders_told.h"
#include "operations/plan_gate.h"
#include "store/marks.h"

enum { OVERLAP_MS = 5 * 60 * 1000, PAGE = 250, SHOP_INFO_MS = 6 * 3600 * 1000 };

int64_t sync_now_ms(const struct orders_sync *sync)
{
    return clock_now_ms(sync->attempt->clock);
}

bool sync_flush(struct orders_sync *sync, bool all, struct err *err)
{
    return attempt_flush(sync->attempt, sync->write, all ? 0 : WRITE_FLUSH_BYTES, err);
}

/* ---- the shop itself ---- */

/* Others are refused when they ask who has sold an order. */
static bool is_advanced(const char *plan, bool plus)
{
    static const char *const PLANS[] = {"Plus Trial", "Development", "Advanced"};
    for (size_t i = 0; i < COUNT(PLANS); i++)
        plus = plus || strcmp(plan, PLANS[i]) == 0;
    return plus;
}

static bool refresh_shop(struct orders_sync *sync, struct err *err)
{
    static const char *const FIELDS[] = {"at", "plan", "plus"};
    char now[32];
    OWN_TEXT char *key = shop_info_key(sync->shop);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(sync->attempt->ledger, sync->company, keys, 1, FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    sync->advanced = is_advanced(store_text(rows, 0, 1), store_int(rows, 0, 2) != 0);
    if (sync_now_ms(sync) - store_int(rows, 0, 0) < SHOP_INFO_MS)
        return true;
    struct shopify_call call = {.document = "shop-info"};
    bool ok = shopify_ask(sync->attempt, &call, err);
    if (ok) {
        const json *shop = json_get(call.data, "shop");
        const json *plan = json_get(shop, "plan");
        const char *name = json_text(plan, "publicDisplayName");
        bool plus = json_flag(plan, "shopifyPlus", false);
        sync->advanced = is_advanced(name, plus);
        snprintf(now, sizeof now, "%" PRId64, sync_now_ms(sync));
        write_add(sync->write, "HSET", key, "at", now, "name", json_text(shop, "name"), "currency",
                  json_text(shop, "currencyCode"), "time_zone", json_text(shop, "ianaTimezone"),
                  "plan", name, "plus", plus ? "1" : "0", NULL);
        bool told = sync->advanced || sync->shop->salespeople.count == 0;
        plan_tell(sync->attempt, sync->write, PLAN_STAFF, told, name);
    }
    shopify_call_drop(&call);
    return ok ? sync_flush(sync, true, err) : err_wrap(err, "read the shop");
}

/* ---- the walk ---- */

static bool claim_nodes(struct orders_sync *sync, const json *nodes, struct err *err)
{
    json *rows[PAGE];
    size_t count = json_count(nodes);
    assert(count <= PAGE);
    for (size_t i = 0; i < count; i++)
        rows[i] = json_at(nodes, i);
    return count == 0 ||
           orders_claim_page(sync, rows, count, json_text(rows[count - 1], "updatedAt"), err);
}

static bool walk_start(struct orders_sync *sync, char from[static 32], struct err *err)
{
    OWN_TEXT char *key = mem_printf("mark:orders:%s", sync->store);
    OWN_TEXT char *first = mem_printf("%.10sT00:00:00Z", sync->shop->order_history_start);
    return store_walk_start(sync->attempt->ledger, sync->company, key, OVERLAP_MS, first,
                            sync->write, from, err) &&
           sync_flush(sync, true, err);
}

static bool walk_page(struct orders_sync *sync, struct listing *walk, bool *more, struct err *err)
{
    struct shopify_call call = {.document = "orders-delta",
                                .variables = listing_variables(walk, "")};
    json_set_int(call.variables, "first", PAGE);
    bool ok = shopify_ask(sync->attempt, &call, err);
    if (ok) {
        const json *orders = json_get(call.data, "orders");
        *more = listing_goes_on(walk, orders);
        ok = claim_nodes(sync, json_get(orders, "nodes"), err);
    }
    shopify_call_drop(&call);
    return ok;
}

static bool discover(struct orders_sync *sync, struct err *err)
{
    struct listing walk = {0};
    bool ok = walk_start(sync, walk.from, err);
    for (bool more = true; ok && more;) {
        attempt_progress(sync->attempt, "looking for changed orders", walk.rows, 0);
        ok = walk_page(sync, &walk, &more, err);
        if (!ok)
            err_wrap(err, "look for orders changed since %s", walk.from);
        ok = ok && attempt_checkpoint(sync->attempt, "", 0, err);
    }
    listing_drop(&walk);
    return ok && orders_claim_left(sync, err);
}

/* Every order as it was when the walk began is known now: inventory.sync asks. */
static bool all_looked_at(struct orders_sync *sync, int64_t began_ms, struct err *err)
{
    char looked[32];
    OWN_TEXT char *key = mem_printf("mark:orders:%s", sync->store);
    snprintf(looked, sizeof looked, "%" PRId64, began_ms);
    write_add(sync->write, "HSET", key, "looked", looked, NULL);
    return sync_flush(sync, true, err);
}

/* An event began this run: what it has staged waits for no slot either. The event cannot wake both,
 * for the second might run first. Of the same category it is granted when this run ends; a ticket
 * of another is taken from Redis by an idle worker (LOOK), so nobody publishes it here. */
static bool wake_process(const struct orders_sync *sync, struct err *err)
{
    const struct attempt *attempt = sync->attempt;
    char traceparent[TRACEPARENT_TEXT];
    struct tickets granted = {0};
    OWN_JSON json *rows = NULL;
    if (attempt->sheet->ticket.kind != TICKET_WAKE || sync->shop->auto_create_orders ||
        !(attempt->counts.created + attempt->counts.updated))
        return true;
    if (!entries_of_shop(attempt, "orders.process", &rows, err))
        return false;
    size_t count = json_count(rows);
    const char **entries = arena_array(attempt->arena, count + 1, sizeof *entries);
    enum wake *answers = arena_array(attempt->arena, count + 1, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        entries[i] = json_text(json_at(rows, i), "id");
    span_traceparent(&attempt->span, traceparent);
    const struct wake_cause cause = {.traceparent = traceparent};
    const bool good = count == 0 || ledger_wakes(attempt->ledger, sync->company, entries, count,
                                                 &cause, answers, &granted, err);
    tickets_drop(&granted);
    return good;
}

bool orders_sync_run(struct attempt *attempt, struct err *err)
{
    OWN(order_filters) struct order_filters *filters = NULL;
    OWN(write) struct write *write = write_new();
    if (!shop_ready(attempt, err) ||
        !order_filters_open(operation_by_name("orders.sync"), attempt->args, &filters, err))
        return false;
    struct orders_sync sync = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = attempt->shop,
        .filters = filters,
        .write = write,
    };
    snprintf(sync.store, sizeof sync.store, "%.*s", (int)strcspn(attempt->shop->store, "."),
             attempt->shop->store);
    if (orders_are_asked(attempt))
        return refresh_shop(&sync, err) && orders_import_asked(&sync, err);
    /* Before the walk: by the answers it knows which changes are our own. */
    OWN(under_way) struct under_way *under_way = NULL;
    struct told told = {attempt, write};
    if (!refresh_shop(&sync, err) || !told_look(&told, &under_way, err))
        return false;
    sync.under_way = under_way;
    int64_t began_ms = sync_now_ms(&sync);
    return orders_import_named(&sync, err) && discover(&sync, err) && orders_import(&sync, err) &&
           all_looked_at(&sync, began_ms, err) && orders_create(&sync, err) &&
           orders_archive(&sync, err) && wake_process(&sync, err);
}
