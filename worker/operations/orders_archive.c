/* orders_archive.c - closes (archives) orders in Shopify with which nothing is left to do.
 *
 * Idempotency: closing a closed order changes nothing, so after a lost answer it is sent again; the
 * order stays listed until Shopify has answered. `archive:<shop>` lists the orders that have a
 * document, by when they are looked at; whoever changes one (import, process, shipments, posting)
 * makes it due at once. An order is done when it is fulfilled and its document an invoice, or when
 * it is paid too and nothing of its sales order is left to ship. Whether that is so is known from
 * our own postings, or asked of Business Central in groups.
 *
 * Nothing here fails a run of orders.sync: what was imported stands.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/orders_lookup.h"
#include "operations/orders_sync.h"
#include "shopify/shopify.h"

enum { MOST = 10000, PAGE = 50, AGAIN_MS = 3600 * 1000, SELDOM_MS = 24 * 3600 * 1000 };

enum { ORDER_STATE, ORDER_NAME, ORDER_FULFILLMENT, ORDER_PAID, ORDER_CLOSED, ORDER_COUNT };
static const char *const ORDER[ORDER_COUNT] = {"state", "name", "fulfillment", "paid", "closed"};
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

static void look_later(struct orders_sync *sync, const char *id, int64_t wait_ms)
{
    char score[32];
    OWN_TEXT char *list = mem_printf("archive:%s", sync->shop->code);
    snprintf(score, sizeof score, "%" PRId64, sync_now_ms(sync) + wait_ms);
    write_add(sync->write, "ZADD", list, score, id, NULL);
}

static void leaves_list(struct orders_sync *sync, const char *id)
{
    OWN_TEXT char *list = mem_printf("archive:%s", sync->shop->code);
    write_add(sync->write, "ZREM", list, id, NULL);
}

static void is_closed(struct orders_sync *sync, const char *id, const json *order)
{
    OWN_TEXT char *key = mem_printf("order:%s", id);
    write_add(sync->write, "HSET", key, "closed", "1", "echo", json_text(order, "updatedAt"), NULL);
    stage_life(sync->write, id, "closed", "%s", json_text(order, "closedAt"));
    leaves_list(sync, id);
}

static void take_answer(struct archiving *archiving, size_t i, const struct shopify_call *call)
{
    struct orders_sync *sync = archiving->sync;
    const char *why = call->user_errors ? json_text(json_at(call->user_errors, 0), "message")
                      : call->err.kind != ERR_NONE ? call->err.text
                                                   : "";
    if (!*why) {
        is_closed(sync, archiving->ids[i], json_path(call->data, "orderClose.order"));
        return;
    }
    log_warn("order.not_archived", TEXT("order", store_text(archiving->orders, i, ORDER_NAME)),
             TEXT("why", why));
    sync->attempt->counts.failed++;
    look_later(sync, archiving->ids[i], AGAIN_MS);
}

static bool close_orders(struct archiving *archiving, struct err *err)
{
    struct shopify_call calls[PAGE];
    size_t whose[PAGE], count = 0;
    for (size_t i = 0; i < archiving->count; i++) {
        if (archiving->verdicts[i] != VERDICT_CLOSE)
            continue;
        json *variables = json_new_object();
        json_set_text(variables, "id",
                      arena_printf(archiving->arena, "gid://shopify/Order/%s", archiving->ids[i]));
        calls[count] = (struct shopify_call){
            .document = "order-close", .variables = variables, .user_errors_at = "orderClose"};
        whose[count++] = i;
    }
    bool ok = count == 0 || shopify_call_all(archiving->sync->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (ok || calls[i].err.kind == ERR_NONE)
            take_answer(archiving, whose[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

static bool archive_page(struct archiving *archiving, struct err *err)
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
        if (archiving->verdicts[i] == VERDICT_GONE)
            leaves_list(archiving->sync, archiving->ids[i]);
        else if (archiving->verdicts[i] == VERDICT_SELDOM)
            look_later(archiving->sync, archiving->ids[i], SELDOM_MS);
        else if (archiving->verdicts[i] == VERDICT_AGAIN)
            look_later(archiving->sync, archiving->ids[i], AGAIN_MS);
    }
    return close_orders(archiving, err);
}

/* Only what parks or ends the attempt is handed on. */
static bool or_later(struct orders_sync *sync, struct err *why, struct err *err)
{
    if (why->kind == ERR_CANCELLED || why->kind == ERR_THROTTLED) {
        *err = *why;
        return false;
    }
    log_warn("orders.archive", TEXT("shop", sync->shop->code), TEXT("why", why->text));
    sync->attempt->counts.failed++;
    return true;
}

bool orders_archive(struct orders_sync *sync, struct err *err)
{
    OWN_TEXT char *list = mem_printf("archive:%s", sync->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!sync->shop->archive_processed_orders)
        return true;
    if (!store_zset(sync->attempt->ledger, sync->company, list, sync_now_ms(sync), MOST, &ids, err))
        return err_wrap(err, "list orders to archive");
    if (ids.count > 0 && !sync->shop->allow_writes) {
        log_info("orders.archive_off", TEXT("shop", sync->shop->code), NUM("orders", ids.count));
        sync->attempt->counts.skipped++;
        return true;
    }
    for (size_t from = 0; from < ids.count; from += PAGE) {
        __attribute__((cleanup(archiving_drop))) struct archiving archiving = {
            .sync = sync,
            .arena = arena_new(),
            .ids = ids.items + from,
            .count = ids.count - from < PAGE ? ids.count - from : PAGE,
        };
        struct err why;
        err_clear(&why);
        attempt_progress(sync->attempt, "archiving orders", (int64_t)from, (int64_t)ids.count);
        bool ok = archive_page(&archiving, &why);
        if (!sync_flush(sync, true, err))
            return false;
        if (!ok)
            return or_later(sync, &why, err);
        if (!attempt_checkpoint(sync->attempt, "", 0, err))
            return false;
    }
    return true;
}
