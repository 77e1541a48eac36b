/* orders_archive.c - closes (archives) orders in Shopify with which nothing is left to do.
 *
 * Idempotency: closing a closed order changes nothing, so after a lost answer it is sent again; the
 * order stays listed until Shopify has answered. `archive:<shop>` lists the orders that have a
 * document, by when they are looked at; whoever changes one (import, process, shipments, posting)
 * makes it due at once. An order is done when it is fulfilled and its document an invoice, or when
 * it is paid too and nothing of its sales order is left to ship. Whether that is so is known from
 * our own postings, or asked of Business Central in groups.
 *
 * Many go as one bulk operation (shopify/bulk.h), which this run does not wait for. Nothing here
 * fails a run of orders.sync: what was imported stands.
 */
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"
#include "operations/orders_lookup.h"
#include "operations/orders_sync.h"
#include "operations/orders_told.h"

enum { MOST = 10000, PAGE = 50, SELDOM_MS = 24 * 3600 * 1000 };

enum { ORDER_STATE, ORDER_FULFILLMENT, ORDER_PAID, ORDER_CLOSED, ORDER_COUNT };
static const char *const ORDER[ORDER_COUNT] = {"state", "fulfillment", "paid", "closed"};
enum { LINK_KIND, LINK_ID, LINK_EXTERNAL, LINK_COUNT };
static const char *const LINK[LINK_COUNT] = {"kind", "id", "external"};
static const char *const POSTING[] = {"state"};

enum verdict {
    VERDICT_GONE,   /* not ours to close: closed already, or without a document */
    VERDICT_SELDOM, /* its time comes with a change; looked at daily all the same */
    VERDICT_ASK,    /* Business Central knows */
    VERDICT_AGAIN,  /* something is left to ship */
    VERDICT_CLOSE,
};

struct archiving { /* a page of orders */
    struct orders_sync *sync;
    struct arena *arena;
    char *const *ids;
    size_t count;
    struct store_rows *orders, *links, *postings;
    struct lookup *lookup;
    enum verdict verdicts[PAGE];
};

static void archiving_drop(struct archiving *archiving)
{
    store_rows_free(archiving->orders);
    store_rows_free(archiving->links);
    store_rows_free(archiving->postings);
    lookup_free(archiving->lookup);
    arena_free(archiving->arena);
}

/* ---- what is known here ---- */

static bool read_keys(struct archiving *archiving, const char *prefix, const char *const fields[],
                      size_t field_count, struct store_rows **out, struct err *err)
{
    const char *keys[PAGE];
    for (size_t i = 0; i < archiving->count; i++)
        keys[i] = arena_printf(archiving->arena, "%s%s", prefix, archiving->ids[i]);
    return store_read(archiving->sync->attempt->ledger, archiving->sync->company, keys,
                      archiving->count, fields, field_count, out, err);
}

static bool read_postings(struct archiving *archiving, struct err *err)
{
    const char *keys[PAGE];
    for (size_t i = 0; i < archiving->count; i++)
        keys[i] =
            arena_printf(archiving->arena, "posting:%s", store_text(archiving->links, i, LINK_ID));
    return store_read(archiving->sync->attempt->ledger, archiving->sync->company, keys,
                      archiving->count, POSTING, COUNT(POSTING), &archiving->postings, err);
}

/* Orders of tips or the like have nothing that could be sent. */
static bool is_sent(const char *fulfillment)
{
    return strcmp(fulfillment, "FULFILLED") == 0 ||
           strcmp(fulfillment, "FULFILLMENT_NOT_REQUIRED") == 0;
}

static enum verdict judge(const struct archiving *archiving, size_t i)
{
    const struct store_rows *orders = archiving->orders;
    const char *kind = store_text(archiving->links, i, LINK_KIND);
    bool posted = strcmp(store_text(archiving->postings, i, 0), "posted") == 0;
    if (strcmp(store_text(orders, i, ORDER_STATE), "processed") != 0 || !*kind ||
        store_int(orders, i, ORDER_CLOSED) != 0)
        return VERDICT_GONE;
    if (!is_sent(store_text(orders, i, ORDER_FULFILLMENT)))
        return VERDICT_SELDOM;
    if (strcmp(kind, "salesInvoice") == 0)
        return VERDICT_CLOSE;
    if (store_int(orders, i, ORDER_PAID) == 0)
        return VERDICT_SELDOM;
    return posted || strcmp(kind, "salesOrder") != 0 ? VERDICT_CLOSE : VERDICT_ASK;
}

/* ---- what Business Central knows ---- */

/* A sales order that is gone was posted whole, or somebody has deleted it: an invoice tells. */
static bool ask(struct archiving *archiving, struct err *err)
{
    struct attempt *attempt = archiving->sync->attempt;
    archiving->lookup = lookup_new();
    for (size_t i = 0; i < archiving->count; i++)
        if (archiving->verdicts[i] == VERDICT_ASK)
            lookup_want(archiving->lookup, LOOKUP_ORDER,
                        store_text(archiving->links, i, LINK_EXTERNAL));
    if (!lookup_round(archiving->lookup, attempt, err))
        return false;
    for (size_t i = 0; i < archiving->count; i++) {
        const char *external = store_text(archiving->links, i, LINK_EXTERNAL);
        if (archiving->verdicts[i] != VERDICT_ASK)
            continue;
        const json *order = lookup_find(archiving->lookup, LOOKUP_ORDER, external);
        if (order)
            archiving->verdicts[i] =
                json_flag(order, "fullyShipped", false) ? VERDICT_CLOSE : VERDICT_AGAIN;
        else
            lookup_want(archiving->lookup, LOOKUP_INVOICE, external);
    }
    if (!lookup_round(archiving->lookup, attempt, err))
        return false;
    for (size_t i = 0; i < archiving->count; i++)
        if (archiving->verdicts[i] == VERDICT_ASK)
            archiving->verdicts[i] = lookup_find(archiving->lookup, LOOKUP_INVOICE,
                                                 store_text(archiving->links, i, LINK_EXTERNAL))
                                         ? VERDICT_CLOSE
                                         : VERDICT_SELDOM;
    return true;
}

/* ---- what is done ---- */

static json *close_variables(const char *id)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = mem_printf("gid://shopify/Order/%s", id);
    json_set_text(variables, "id", gid);
    return variables;
}

static bool close_singly(struct orders_sync *sync, struct told *told, const char *const ids[],
                         size_t count, struct err *err)
{
    struct shopify_call calls[PAGE];
    for (size_t from = 0; from < count; from += PAGE) {
        size_t some = count - from < PAGE ? count - from : PAGE;
        for (size_t i = 0; i < some; i++)
            calls[i] = (struct shopify_call){.document = TOLD_CLOSED.document,
                                             .variables = close_variables(ids[from + i]),
                                             .user_errors_at = TOLD_CLOSED.user_errors_at};
        attempt_progress(sync->attempt, "archiving orders", (int64_t)from, (int64_t)count);
        if (!told_singly(told, ids + from, calls, some, told_closed, err) ||
            !attempt_checkpoint(sync->attempt, "", 0, err))
            return false;
    }
    return true;
}

static bool close_together(struct orders_sync *sync, const char *const ids[], size_t count,
                           struct err *err)
{
    OWN(bulk_lines) struct bulk_lines *lines = NULL;
    if (!bulk_lines_open(&lines, err))
        return false;
    for (size_t i = 0; i < count; i++)
        (void)bulk_lines_add(lines, ids[i], close_variables(ids[i]), NULL);
    return bulk_start(sync->under_way->closing, lines, err);
}

static bool close_orders(struct orders_sync *sync, struct told *told, const char *const ids[],
                         size_t count, struct err *err)
{
    switch (bulk_road(sync->under_way->closing, count)) {
    case BULK_LATER:
        return true;
    case BULK_TOGETHER:
        return close_together(sync, ids, count, err);
    case BULK_SINGLY:
        break;
    }
    return close_singly(sync, told, ids, count, err);
}

/* ---- pages ---- */

/* Adds those that are to be closed to `ids`. */
static bool judge_page(struct archiving *archiving, struct told *told, const char *ids[],
                       size_t *count, struct err *err)
{
    bool asks = false;
    if (!read_keys(archiving, "order:", ORDER, ORDER_COUNT, &archiving->orders, err) ||
        !read_keys(archiving, "link:order:", LINK, LINK_COUNT, &archiving->links, err) ||
        !read_postings(archiving, err))
        return false;
    for (size_t i = 0; i < archiving->count; i++) {
        archiving->verdicts[i] = judge(archiving, i);
        asks = asks || archiving->verdicts[i] == VERDICT_ASK;
    }
    if (asks && !ask(archiving, err))
        return false;
    for (size_t i = 0; i < archiving->count; i++) {
        const char *id = archiving->ids[i];
        if (archiving->verdicts[i] == VERDICT_GONE)
            told_close(told, id);
        else if (archiving->verdicts[i] == VERDICT_SELDOM)
            told_close_later(told, id, SELDOM_MS);
        else if (archiving->verdicts[i] == VERDICT_AGAIN)
            told_close_later(told, id, TOLD_AGAIN_MS);
        else if (!bulk_holds(archiving->sync->under_way->closing, id))
            ids[(*count)++] = id;
    }
    return true;
}

/* *why = what kept it from judging them all. */
static bool judge_all(struct orders_sync *sync, struct told *told, const struct store_ids *listed,
                      const char *ids[], size_t *count, struct err *why, struct err *err)
{
    bool ok = true;
    for (size_t from = 0; ok && from < listed->count; from += PAGE) {
        __attribute__((cleanup(archiving_drop))) struct archiving archiving = {
            .sync = sync,
            .arena = arena_new(),
            .ids = listed->items + from,
            .count = listed->count - from < PAGE ? listed->count - from : PAGE,
        };
        attempt_progress(sync->attempt, "looking for orders to archive", (int64_t)from,
                         (int64_t)listed->count);
        ok = judge_page(&archiving, told, ids, count, why);
        if (!sync_flush(sync, true, err) || !attempt_checkpoint(sync->attempt, "", 0, err))
            return false;
    }
    return true;
}

/* What could not be judged or closed is so by a later run. */
static bool is_later(struct orders_sync *sync, const struct err *why, struct err *err)
{
    sync->attempt->counts.failed++;
    return or_later(sync->attempt, "orders.archive", why, err);
}

bool orders_archive(struct orders_sync *sync, struct err *err)
{
    OWN_TEXT char *list = mem_printf("archive:%s", sync->shop->code);
    OWN_IDS struct store_ids listed = {0};
    struct told told = {sync->attempt, sync->write};
    struct err unjudged, unclosed;
    size_t count = 0;
    err_clear(&unjudged);
    if (!sync->shop->archive_processed_orders)
        return true;
    if (!store_zset(sync->attempt->ledger, sync->company, list, sync_now_ms(sync), MOST, &listed,
                    err))
        return err_wrap(err, "list orders to archive");
    if (listed.count > 0 && !sync->shop->allow_writes) {
        log_info("orders.archive_off", TEXT("shop", sync->shop->code), NUM("orders", listed.count));
        sync->attempt->counts.skipped++;
        return true;
    }
    const char **ids = arena_array(sync->attempt->arena, listed.count + 1, sizeof *ids);
    if (!judge_all(sync, &told, &listed, ids, &count, &unjudged, err) ||
        (unjudged.kind != ERR_NONE && !is_later(sync, &unjudged, err)))
        return false;
    return count == 0 || close_orders(sync, &told, ids, count, &unclosed) ||
           is_later(sync, &unclosed, err);
}
