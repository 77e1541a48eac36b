/* orders_import.c - loads claimed orders in batches and stages them whole.
 *
 * An order that cannot be staged keeps its row with the error and stays claimed: the next run tries
 * it again, the others go on. Data that is equal but for its time of change (our own echo, a view
 * in the admin) only moves the time.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "operations/orders_sync.h"
#include "plan/order_change.h"
#include "shopify/shopify.h"

enum { IDS = 25, CALLS = 4, GROUP = IDS * CALLS, MOST = 10000, MORE_LINES = 250 };

struct group { /* orders that are loaded together */
    struct orders_sync *sync;
    const char *ids[GROUP], *names[GROUP], *versions[GROUP];
    size_t count;
    struct store_rows *before, *skips; /* FIELDS of order:<id>, SKIP of skip:<id> */
    struct arena *arena;
};
enum { WAS_DIGEST, WAS_STATE, WAS_SNAPSHOT };
static const char *const FIELDS[] = {"digest", "state", "snapshot"};
static const char *const SKIP[] = {"reason", "detail", "version", "first", "count"};

/* ---- loading ---- */

/* What the loads have brought: one node an order, or why not. */
struct loads {
    struct shopify_call batches[CALLS], singles[GROUP];
    size_t batch_count, single_count;
    json *nodes[GROUP];
    struct err whys[GROUP];
};

static void loads_cleanup(struct loads **loads)
{
    for (size_t i = 0; i < (*loads)->batch_count; i++)
        shopify_call_drop(&(*loads)->batches[i]);
    for (size_t i = 0; i < (*loads)->single_count; i++)
        shopify_call_drop(&(*loads)->singles[i]);
    free(*loads);
}

static struct shopify_call ask_orders(const struct group *group, size_t from, size_t count)
{
    json *ids = json_new_array(), *variables = json_new_object();
    for (size_t i = from; i < from + count && i < group->count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/Order/%s", group->ids[i]);
        json_add_text(ids, gid);
    }
    json_set(variables, "ids", ids);
    return (struct shopify_call){.document = "orders-by-ids", .variables = variables};
}

static void take_nodes(struct loads *loads, size_t from, size_t count,
                       const struct shopify_call *call)
{
    const json *nodes = json_get(call->data, "nodes");
    for (size_t i = 0; i < count; i++) {
        loads->whys[from + i] = call->err;
        loads->nodes[from + i] = call->err.kind == ERR_NONE ? json_at(nodes, i) : NULL;
    }
}

/* In batches; a batch that is refused for one order's sake is asked for again one by one. */
static bool load_orders(struct group *group, struct loads *loads, struct err *err)
{
    size_t whose[GROUP];
    struct attempt *attempt = group->sync->attempt;
    for (size_t from = 0; from < group->count; from += IDS)
        loads->batches[loads->batch_count++] = ask_orders(group, from, IDS);
    if (!shopify_call_all(attempt, loads->batches, loads->batch_count, err))
        return false;
    for (size_t i = 0; i < loads->batch_count; i++) {
        size_t from = i * IDS, left = group->count - from, count = left < IDS ? left : IDS;
        take_nodes(loads, from, count, &loads->batches[i]);
        for (size_t k = 0; k < count && count > 1 && loads->batches[i].err.kind == ERR_FATAL; k++) {
            whose[loads->single_count] = from + k;
            loads->singles[loads->single_count++] = ask_orders(group, from + k, 1);
        }
    }
    if (loads->single_count > 0 &&
        !shopify_call_all(attempt, loads->singles, loads->single_count, err))
        return false;
    for (size_t i = 0; i < loads->single_count; i++)
        take_nodes(loads, whose[i], 1, &loads->singles[i]);
    return true;
}

/* ---- lines beyond the first page ---- */

struct longer { /* an order with more lines than came with it */
    json *node;
    char *after; /* NULL = complete */
    bool moved;  /* it has changed meanwhile: the next walk brings it again */
    struct err why;
};
struct longers {
    struct longer items[GROUP];
    size_t count;
};

static void longers_drop(struct longers *longers)
{
    for (size_t i = 0; i < longers->count; i++)
        free(longers->items[i].after);
    free(longers);
}

static void longers_cleanup(struct longers **longers)
{
    longers_drop(*longers);
}

static char *next_page(const json *order)
{
    const json *page = json_path(order, "lineItems.pageInfo");
    return json_flag(page, "hasNextPage", false) ? mem_text(json_text(page, "endCursor")) : NULL;
}

static void find_longers(const struct loads *loads, size_t count, struct longers *longers)
{
    for (size_t i = 0; i < count; i++) {
        char *after = next_page(loads->nodes[i]);
        if (after)
            longers->items[longers->count++] =
                (struct longer){.node = loads->nodes[i], .after = after};
    }
}

static struct shopify_call ask_lines(const struct longer *longer)
{
    json *variables = json_new_object();
    json_set_text(variables, "id", json_text(longer->node, "id"));
    json_set_int(variables, "first", MORE_LINES);
    json_set_text(variables, "after", longer->after);
    return (struct shopify_call){.document = "order-lines-page", .variables = variables};
}

static void take_lines(struct longer *longer, const struct shopify_call *call)
{
    const json *order = json_get(call->data, "order");
    const json *rows = json_path(order, "lineItems.nodes");
    json *nodes = json_path(longer->node, "lineItems.nodes");
    free(GIVE(longer->after));
    longer->why = call->err;
    if (call->err.kind != ERR_NONE)
        return;
    longer->moved =
        strcmp(json_text(order, "updatedAt"), json_text(longer->node, "updatedAt")) != 0;
    for (size_t i = 0; !longer->moved && i < json_count(rows); i++)
        json_add(nodes, json_copy(json_at(rows, i)));
    longer->after = longer->moved ? NULL : next_page(order);
}

/* All orders' next pages together, until none has a next one. */
static bool load_lines(struct group *group, struct longers *longers, struct err *err)
{
    struct shopify_call calls[GROUP];
    size_t whose[GROUP], count;
    bool ok = true;
    do {
        count = 0;
        for (size_t i = 0; i < longers->count; i++) {
            if (!longers->items[i].after)
                continue;
            calls[count] = ask_lines(&longers->items[i]);
            whose[count++] = i;
        }
        ok = count == 0 || shopify_call_all(group->sync->attempt, calls, count, err);
        for (size_t i = 0; i < count; i++) {
            take_lines(&longers->items[whose[i]], &calls[i]);
            shopify_call_drop(&calls[i]);
        }
    } while (ok && count > 0);
    return ok;
}

static const struct longer *longer_of(const struct longers *longers, const json *node)
{
    for (size_t i = 0; i < longers->count; i++)
        if (longers->items[i].node == node)
            return &longers->items[i];
    return NULL;
}

/* ---- staging one order ---- */

static void digest_of(json *node, char out[static 33])
{
    OWN_TEXT char *updated = mem_text(json_text(node, "updatedAt"));
    json_set_text(node, "updatedAt", "");
    const char *text = json_write(node);
    digest_hex(text, strlen(text), 16, out);
    json_set_text(node, "updatedAt", updated);
}

static void no_longer_waiting(struct write *write, const char *shop, const char *id)
{
    OWN_TEXT char *claimed = mem_printf("claimed:%s", shop), *row = mem_printf("row:%s", id);
    write_add(write, "ZREM", claimed, id, NULL);
    write_add(write, "DEL", row, NULL);
}

/* The fields that lists, filters and later runs need without the whole. */
static void write_fields(struct orders_sync *sync, const struct order *order, const char *digest,
                         int64_t created_ms)
{
    char total[DECIMAL_TEXT], created[32];
    OWN_TEXT char *key = mem_printf("order:%s", order->id);
    decimal_format(order->current_total, total);
    snprintf(created, sizeof created, "%" PRId64, created_ms);
    write_add(sync->write, "HSET", key, "name", order->name, "shop", sync->shop->code, "store",
              sync->store, "created", order->created, "created_ms", created, "updated",
              order->updated, "digest", digest, "financial", order->financial, "fulfillment",
              order->fulfillment, "tags", order->tags, "total", total, "currency", order->currency,
              "risk", order->risk, NULL);
}

static void write_whole(struct orders_sync *sync, const char *id, const struct buf *packed)
{
    OWN_TEXT char *key = mem_printf("order:%s", id);
    const char *const argv[] = {"whole", buf_str(packed)};
    const size_t sizes[] = {5, packed->size};
    write_add_bytes(sync->write, "HSET", key, 2, argv, sizes);
}

/* Where the order stands: unprocessed and due, or processed and perhaps changed since. */
static void write_state(struct orders_sync *sync, const struct order *order, const char *state,
                        const char *snapshot, int64_t created_ms)
{
    char score[32], now[32];
    OWN_BUF struct buf detail = {0};
    OWN_TEXT char *key = mem_printf("order:%s", order->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", sync->shop->code);
    OWN_TEXT char *updates = mem_printf("updates:%s", sync->shop->code);
    OWN_TEXT char *all = mem_printf("orders:%s", sync->shop->code);
    snprintf(score, sizeof score, "%" PRId64, created_ms);
    snprintf(now, sizeof now, "%" PRId64, sync_now_ms(sync));
    write_add(sync->write, "ZADD", all, score, order->id, NULL);
    if (strcmp(state, "processed") != 0) {
        write_add(sync->write, "HSET", key, "state", "new", NULL);
        write_add(sync->write, "ZADD", unprocessed, score, order->id, NULL);
    } else if (order_changed(order, snapshot, &detail)) {
        write_add(sync->write, "HSET", key, "update", buf_str(&detail), NULL);
        write_add(sync->write, "ZADD", updates, now, order->id, NULL);
    } else {
        write_add(sync->write, "HDEL", key, "update", NULL);
        write_add(sync->write, "ZREM", updates, order->id, NULL);
    }
}

static bool too_large(struct orders_sync *sync, const struct order *order)
{
    const struct skip_before before = {.reason = "", .detail = "", .version = ""};
    stage_skip(sync->write, sync->shop->code, order->id, order->name, order->updated,
               REASON_TOO_LARGE, "", &before, sync_now_ms(sync));
    no_longer_waiting(sync->write, sync->shop->code, order->id);
    sync->attempt->counts.skipped++;
    return true;
}

static bool stage_order(struct group *group, size_t at, json *node, struct err *err)
{
    struct orders_sync *sync = group->sync;
    struct order order;
    char digest[33];
    int64_t created_ms;
    OWN_BUF struct buf packed = {0};
    digest_of(node, digest); /* first: it exchanges a text that the order borrows */
    if (!staged_order(node, group->arena, &order, err))
        return false;
    if (!time_parse(order.created, &created_ms))
        return err_set(err, ERR_FATAL, 0, "order %s: createdAt \"%.40s\" is no time", order.name,
                       order.created);
    const char *state = store_text(group->before, at, WAS_STATE);
    bool same = strcmp(store_text(group->before, at, WAS_DIGEST), digest) == 0;
    const char *text = json_write(node);
    if (!staged_pack(text, strlen(text), &packed))
        return too_large(sync, &order);
    if (write_size(sync->write) + packed.size > WRITE_FLUSH_BYTES && !sync_flush(sync, true, err))
        return false;
    if (same) {
        OWN_TEXT char *key = mem_printf("order:%s", order.id);
        write_add(sync->write, "HSET", key, "updated", order.updated, NULL);
    } else {
        write_fields(sync, &order, digest, created_ms);
        write_whole(sync, order.id, &packed);
        write_state(sync, &order, state, store_text(group->before, at, WAS_SNAPSHOT), created_ms);
        sync->attempt->counts.created += !*state;
        sync->attempt->counts.updated += *state != 0;
    }
    no_longer_waiting(sync->write, sync->shop->code, order.id);
    if (reason_by_code(store_text(group->skips, at, 0)) == REASON_UNREADABLE)
        stage_skip_gone(sync->write, sync->shop->code, order.id);
    return true;
}

static struct skip_before skip_of(const struct group *group, size_t at)
{
    return (struct skip_before){
        .reason = store_text(group->skips, at, 0),
        .detail = store_text(group->skips, at, 1),
        .version = store_text(group->skips, at, 2),
        .first_ms = store_int(group->skips, at, 3),
        .count = store_int(group->skips, at, 4),
    };
}

/* One bad order never stops the next: only what ends the attempt is handed on. */
static bool order_failed(struct group *group, size_t at, struct err *why, struct err *err)
{
    struct orders_sync *sync = group->sync;
    if (why->kind == ERR_CANCELLED || why->kind == ERR_THROTTLED) {
        *err = *why;
        return false;
    }
    OWN_TEXT char *key = mem_printf("row:%s", group->ids[at]);
    log_warn("order.not_staged", TEXT("order", group->ids[at]), TEXT("why", why->text));
    sync->attempt->counts.failed++;
    write_add(sync->write, "HSET", key, "error", why->text, NULL);
    if (why->kind == ERR_FATAL) { /* others pass by themselves */
        struct skip_before before = skip_of(group, at);
        stage_skip(sync->write, sync->shop->code, group->ids[at], group->names[at],
                   group->versions[at], REASON_UNREADABLE, why->text, &before, sync_now_ms(sync));
    }
    return true;
}

/* Deleted in Shopify between the list and the load: there is nothing to wait for. */
static bool order_vanished(struct orders_sync *sync, const char *id)
{
    log_info("order.vanished", TEXT("order", id));
    sync->attempt->counts.skipped++;
    no_longer_waiting(sync->write, sync->shop->code, id);
    return true;
}

static bool take_order(struct group *group, size_t at, json *node, const struct longer *longer,
                       struct err *err)
{
    struct err why;
    err_clear(&why);
    if (longer && longer->moved)
        return true;
    group->sync->attempt->counts.read++;
    if (!node)
        return order_vanished(group->sync, group->ids[at]);
    if (longer && longer->why.kind != ERR_NONE)
        why = longer->why;
    else if (stage_order(group, at, node, &why))
        return true;
    return order_failed(group, at, &why, err);
}

static bool read_before(struct group *group, struct err *err)
{
    const char *orders[GROUP], *skips[GROUP];
    struct ledger *ledger = group->sync->attempt->ledger;
    for (size_t i = 0; i < group->count; i++) {
        orders[i] = arena_printf(group->arena, "order:%s", group->ids[i]);
        skips[i] = arena_printf(group->arena, "skip:%s", group->ids[i]);
    }
    return store_read(ledger, group->sync->company, orders, group->count, FIELDS, COUNT(FIELDS),
                      &group->before, err) &&
           store_read(ledger, group->sync->company, skips, group->count, SKIP, COUNT(SKIP),
                      &group->skips, err);
}

static bool import_group(struct group *group, struct err *err)
{
    __attribute__((cleanup(longers_cleanup))) struct longers *longers = mem_new(sizeof *longers);
    __attribute__((cleanup(loads_cleanup))) struct loads *loads = mem_new(sizeof *loads);
    if (!read_before(group, err) || !load_orders(group, loads, err))
        return false;
    find_longers(loads, group->count, longers);
    if (!load_lines(group, longers, err))
        return false;
    for (size_t i = 0; i < group->count; i++) {
        struct arena_mark mark = arena_mark(group->arena);
        json *node = loads->nodes[i];
        bool ok = loads->whys[i].kind == ERR_NONE
                      ? take_order(group, i, node, longer_of(longers, node), err)
                      : order_failed(group, i, &loads->whys[i], err);
        arena_reset(group->arena, mark);
        if (!ok)
            return false;
    }
    return sync_flush(group->sync, true, err);
}

/* ---- which of the claimed rows this run asks for ---- */

static bool wanted(struct orders_sync *sync, const struct store_rows *rows, size_t i,
                   const char *id)
{
    struct order_facts facts = {
        .id = id,
        .name = store_text(rows, i, 0),
        .financial = store_text(rows, i, 1),
        .fulfillment = store_text(rows, i, 2),
        .tags = store_text(rows, i, 3),
        .amount = store_text(rows, i, 4),
        .fully_paid = store_int(rows, i, 5) != 0,
        .confirmed = store_int(rows, i, 6) != 0,
        .test = store_int(rows, i, 7) != 0,
        .action = store_text(rows, i, 8),
    };
    return order_filters_miss(sync->filters, &facts) == NULL;
}

static bool import_page(struct orders_sync *sync, const struct store_ids *ids, size_t from,
                        struct err *err)
{
    static const char *const ROW[] = {"name", "financial", "fulfillment", "tags",   "amount",
                                      "paid", "confirmed", "test",        "action", "updated"};
    const char *keys[GROUP];
    OWN(arena) struct arena *arena = arena_new();
    OWN(store_rows) struct store_rows *rows = NULL, *before = NULL, *skips = NULL;
    struct group group = {.sync = sync, .arena = arena};
    size_t count = ids->count - from < GROUP ? ids->count - from : GROUP;
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(arena, "row:%s", ids->items[from + i]);
    if (!store_read(sync->attempt->ledger, sync->company, keys, count, ROW, COUNT(ROW), &rows, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!wanted(sync, rows, i, ids->items[from + i]))
            continue;
        group.names[group.count] = store_text(rows, i, 0);
        group.versions[group.count] = store_text(rows, i, 9);
        group.ids[group.count++] = ids->items[from + i];
    }
    bool ok = group.count == 0 || import_group(&group, err);
    before = group.before; /* freed with the scope */
    skips = group.skips;
    return ok;
}

bool orders_import(struct orders_sync *sync, struct err *err)
{
    OWN_TEXT char *key = mem_printf("claimed:%s", sync->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(sync->attempt->ledger, sync->company, key, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += GROUP) {
        attempt_progress(sync->attempt, "loading orders", (int64_t)from, (int64_t)ids.count);
        if (!import_page(sync, &ids, from, err))
            return err_wrap(err, "load orders");
        attempt_progress(sync->attempt, "loading orders",
                         (int64_t)(from + GROUP < ids.count ? from + GROUP : ids.count),
                         (int64_t)ids.count);
        if (!attempt_checkpoint(sync->attempt, "", 0, err))
            return false;
    }
    return true;
}
