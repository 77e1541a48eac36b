/* orders_import.c - stages orders whole, and loads those that the shop has claimed.
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
#include "operations/orders_group.h"
#include "plan/order_change.h"
#include "store/privacy.h"

enum { MOST = 10000 };
enum { WAS_DIGEST, WAS_STATE, WAS_SNAPSHOT };
static const char *const FIELDS[] = {"digest", "state", "snapshot"};

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
    decimal_format(order->current.total.shop, total);
    snprintf(created, sizeof created, "%" PRId64, created_ms);
    write_add(sync->write, "HSET", key, "name", order->name, "shop", sync->shop->code, "store",
              sync->store, "created", order->created, "created_ms", created, "updated",
              order->updated, "digest", digest, "financial", order->financial, "fulfillment",
              order->fulfillment, "tags", order->tags, "total", total, "currency", order->currency,
              "risk", order->risk, "paid", order->fully_paid ? "1" : "0", "closed",
              order->closed ? "1" : "0", NULL);
}

static void write_whole(struct orders_sync *sync, const char *id, const struct buf *packed)
{
    OWN_TEXT char *key = mem_printf("order:%s", id);
    const char *const argv[] = {"whole", buf_str(packed)};
    const size_t sizes[] = {5, packed->size};
    write_add_bytes(sync->write, "HSET", key, 2, argv, sizes);
}

/* What it is now, for its story, and by what people may ask for it. */
static void write_story(struct orders_sync *sync, const struct order *order, const char *event)
{
    char total[DECIMAL_TEXT];
    decimal_format_fixed(order->current.total.shop, 2, total);
    stage_life(sync->write, order->id, event, "%s %s, %s, %s", total, order->currency,
               order->financial, order->fulfillment);
    stage_find(sync->write, order->id, order->name);
    stage_find(sync->write, order->id, order->email);
    stage_find(sync->write, order->id, order->customer_email);
    if (*order->customer_id) { /* by his number, for whoever is to be forgotten (store/privacy.h) */
        OWN_TEXT char *owner = mem_printf("customer:%s", order->customer_id);
        stage_find(sync->write, order->id, owner);
    }
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
    OWN_TEXT char *autos = mem_printf("auto:%s", sync->shop->code);
    OWN_TEXT char *all = mem_printf("orders:%s", sync->shop->code);
    snprintf(score, sizeof score, "%" PRId64, created_ms);
    snprintf(now, sizeof now, "%" PRId64, sync_now_ms(sync));
    write_add(sync->write, "ZADD", all, score, order->id, NULL);
    stage_stock(sync->write, sync->shop->code, order->id);
    if (strcmp(state, "processed") != 0) {
        if (strcmp(state, "creating") != 0) /* a document stands, and is to be put right */
            write_add(sync->write, "HSET", key, "state", "new", NULL);
        if (!*state && sync->shop->auto_create_orders)
            write_add(sync->write, "ZADD", autos, score, order->id, NULL);
        write_add(sync->write, "ZADD", unprocessed, score, order->id, NULL);
        return;
    }
    stage_archive(sync->write, sync->shop->code, order->id);
    stage_refunds(sync->write, sync->shop->code, order);
    if (order_changed(order, snapshot, &detail)) {
        write_add(sync->write, "HSET", key, "update", buf_str(&detail), NULL);
        stage_life(sync->write, order->id, "update", "%s", buf_str(&detail));
        write_add(sync->write, "ZADD", updates, now, order->id, NULL);
    } else {
        write_add(sync->write, "HDEL", key, "update", NULL);
        write_add(sync->write, "ZREM", updates, order->id, NULL);
    }
}

/* What stays as it was when the order came: the customer that an order is for, and where it goes,
 * are not changed behind the back of whoever has looked at it. */
static void keep_first(json *node, const json *old)
{
    static const char *const FIRST[] = {"name",
                                        "createdAt",
                                        "email",
                                        "phone",
                                        "customer",
                                        "sourceName",
                                        "app",
                                        "test",
                                        "currencyCode",
                                        "staffMember",
                                        "displayAddress",
                                        "shippingAddress",
                                        "billingAddress",
                                        "purchasingEntity",
                                        "retailLocation",
                                        "presentmentCurrencyCode"};
    for (size_t i = 0; i < COUNT(FIRST); i++)
        if (json_has(old, FIRST[i])) {
            const json *value = json_get(old, FIRST[i]);
            json_set(node, FIRST[i], value ? json_copy(value) : NULL);
        }
    if (privacy_is_blank(old))
        privacy_blank(node);
}

/* The order as it was staged before. */
static bool read_old(struct orders_sync *sync, const char *id, json **out, struct err *err)
{
    static const char *const WHOLE[] = {"whole"};
    OWN_TEXT char *key = mem_printf("order:%s", id);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_BUF struct buf text = {0};
    const char *bytes;
    size_t size;
    if (!store_read(sync->attempt->ledger, sync->company, keys, 1, WHOLE, 1, &rows, err))
        return false;
    return !store_bytes(rows, 0, 0, &bytes, &size) ||
           (staged_unpack(bytes, size, &text, err) &&
            json_parse(buf_str(&text), text.size, out, err));
}

static bool too_large(struct orders_sync *sync, const struct order *order)
{
    const struct skip_before before = {.reason = "", .detail = "", .version = ""};
    if (stage_skip(sync->write, sync->shop->code, order->id, order->name, order->updated,
                   REASON_TOO_LARGE, "", &before))
        stage_life(sync->write, order->id, "held", "%s", reason_row(REASON_TOO_LARGE)->code);
    no_longer_waiting(sync->write, sync->shop->code, order->id);
    sync->attempt->counts.skipped++;
    return true;
}

struct staging { /* one order on its way into staging */
    json *node;
    struct order order;
    char digest[33], picture[PICTURE];
    int64_t created_ms;
    const char *state; /* what it was, "" = new */
    bool same;
    struct buf packed;
};

/* An order from before its customer was erased, read for the first time since. */
static bool is_of_erased(const struct group *group, size_t at, const json *node)
{
    int64_t created_ms;
    return group->erased_ms[at] && time_parse(json_text(node, "createdAt"), &created_ms) &&
           created_ms < group->erased_ms[at];
}

static bool read_order(struct group *group, size_t at, struct staging *staging, struct err *err)
{
    OWN_JSON json *old = NULL;
    digest_of(staging->node, staging->digest); /* of what Shopify says, before anything is kept */
    facts_picture(staging->node, staging->picture);
    staging->state = store_text(group->before, at, WAS_STATE);
    staging->same = strcmp(store_text(group->before, at, WAS_DIGEST), staging->digest) == 0;
    if (*staging->state && !staging->same &&
        !read_old(group->sync, staged_id(json_text(staging->node, "id"), group->arena), &old, err))
        return false;
    if (old)
        keep_first(staging->node, old);
    else if (is_of_erased(group, at, staging->node))
        privacy_blank(staging->node);
    if (!staged_order(staging->node, group->arena, &staging->order, err))
        return false;
    return time_parse(staging->order.created, &staging->created_ms) ||
           err_set(err, ERR_FATAL, 0, "order %s: createdAt \"%.40s\" is no time",
                   staging->order.name, staging->order.created);
}

static void write_order(struct group *group, size_t at, const struct staging *staging)
{
    struct orders_sync *sync = group->sync;
    const struct order *order = &staging->order;
    OWN_TEXT char *key = mem_printf("order:%s", order->id);
    write_add(sync->write, "HSET", key, "updated", order->updated, "picture", staging->picture,
              NULL);
    if (staging->same && !sync->asked)
        return;
    write_fields(sync, order, staging->digest, staging->created_ms);
    write_whole(sync, order->id, &staging->packed);
    orders_money_write(sync->write, sync->shop->code, order, staging->node, group->arena);
    if (!*staging->state || !order->closed || sync->asked)
        write_add(sync->write, "HSET", key, "link_only",
                  !*staging->state && !sync->asked && store_int(group->listed, at, 0) ? "1" : "0",
                  NULL);
    write_story(sync, order, !*staging->state ? "imported" : staging->same ? "reread" : "changed");
    write_state(sync, order, staging->state, store_text(group->before, at, WAS_SNAPSHOT),
                staging->created_ms);
    sync->attempt->counts.created += !*staging->state;
    sync->attempt->counts.updated += *staging->state != 0;
}

static bool stage_order(struct group *group, size_t at, json *node, struct err *err)
{
    struct orders_sync *sync = group->sync;
    struct staging staging = {.node = node};
    if (!read_order(group, at, &staging, err))
        return false;
    const char *text = json_write(node);
    bool fits = staged_pack(text, strlen(text), &staging.packed), ok = true;
    if (fits && write_size(sync->write) + staging.packed.size > WRITE_FLUSH_BYTES)
        ok = sync_flush(sync, true, err);
    if (ok && fits)
        write_order(group, at, &staging);
    buf_drop(&staging.packed);
    if (!fits)
        return too_large(sync, &staging.order);
    if (!ok)
        return false;
    no_longer_waiting(sync->write, sync->shop->code, staging.order.id);
    if (reason_by_code(store_text(group->skips, at, 0)) == REASON_UNREADABLE)
        stage_skip_gone(sync->write, staging.order.id);
    return true;
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
        struct skip_before before = skip_before_read(group->skips, at);
        if (stage_skip(sync->write, sync->shop->code, group->ids[at], group->names[at],
                       group->versions[at], REASON_UNREADABLE, why->text, &before))
            stage_life(sync->write, group->ids[at], "held", "%s %s",
                       reason_row(REASON_UNREADABLE)->code, why->text);
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

static bool take_order(struct group *group, size_t at, const struct loads *loads, struct err *err)
{
    struct err why = loads->whys[at];
    if (loads->moved[at])
        return true;
    group->sync->attempt->counts.read++;
    if (!loads->nodes[at] && why.kind == ERR_NONE)
        return order_vanished(group->sync, group->ids[at]);
    if (why.kind == ERR_NONE && stage_order(group, at, loads->nodes[at], &why))
        return true;
    return order_failed(group, at, &why, err);
}

static bool read_before(struct group *group, struct err *err)
{
    static const char *const LISTED[] = {"archived"};
    const char *orders[GROUP], *skips[GROUP], *listed[GROUP];
    struct ledger *ledger = group->sync->attempt->ledger;
    for (size_t i = 0; i < group->count; i++) {
        orders[i] = arena_printf(group->arena, "order:%s", group->ids[i]);
        skips[i] = arena_printf(group->arena, "skip:%s", group->ids[i]);
        listed[i] = arena_printf(group->arena, "row:%s", group->ids[i]);
    }
    return store_read(ledger, group->sync->company, listed, group->count, LISTED, COUNT(LISTED),
                      &group->listed, err) &&
           store_read(ledger, group->sync->company, orders, group->count, FIELDS, COUNT(FIELDS),
                      &group->before, err) &&
           store_read(ledger, group->sync->company, skips, group->count, SKIP_RECORD, SKIP_FIELDS,
                      &group->skips, err);
}

void subject_done(struct orders_sync *sync, const struct store_subject *subject)
{
    if (subject)
        store_subject_done(sync->write, sync->attempt->sheet->ticket.entry, subject);
}

static bool read_erased(struct group *group, const struct loads *loads, struct err *err)
{
    const char *ids[GROUP];
    for (size_t i = 0; i < group->count; i++)
        ids[i] = staged_id(json_text(json_get(loads->nodes[i], "customer"), "id"), group->arena);
    return privacy_erased(group->sync->attempt->ledger, group->sync->company, ids, group->count,
                          group->erased_ms, err);
}

bool stage_group(struct group *group, struct loads *loads, struct err *err)
{
    if (!read_before(group, err) || !read_erased(group, loads, err) ||
        !load_extras(group, loads, err) || !load_pages(group, loads, err))
        return false;
    for (size_t i = 0; i < group->count; i++) {
        struct arena_mark mark = arena_mark(group->arena);
        bool ok = take_order(group, i, loads, err);
        arena_reset(group->arena, mark);
        if (!ok)
            return false;
        subject_done(group->sync, group->subjects[i]);
    }
    return sync_flush(group->sync, true, err);
}

void group_drop(struct group *group)
{
    store_rows_free(group->before);
    store_rows_free(group->skips);
    store_rows_free(group->listed);
    arena_free(group->arena);
}

/* ---- which of the claimed rows this run asks for ---- */

bool group_rows(const struct group *group, struct store_rows **out, struct err *err)
{
    const char *keys[GROUP];
    for (size_t i = 0; i < group->count; i++)
        keys[i] = arena_printf(group->arena, "row:%s", group->ids[i]);
    return store_read(group->sync->attempt->ledger, group->sync->company, keys, group->count,
                      FACT_FIELDS, FACT_COUNT, out, err);
}

bool group_wants(struct group *group, const struct store_rows *rows, bool wants[], struct err *err)
{
    struct order_facts facts[GROUP], *asked[GROUP];
    for (size_t i = 0; i < group->count; i++) {
        order_facts_of_row(group->ids[i], rows, i, &facts[i]);
        asked[i] = &facts[i];
    }
    if (!facts_complete(group->sync, asked, group->count, group->arena, err))
        return false;
    for (size_t i = 0; i < group->count; i++)
        wants[i] = order_filters_miss(group->sync->filters, &facts[i]) == NULL;
    return true;
}

void group_keep(struct group *group, const struct store_rows *rows, size_t i)
{
    size_t at = group->count++;
    group->ids[at] = group->ids[i];
    group->subjects[at] = group->subjects[i];
    group->names[at] = store_text(rows, i, 0);
    group->versions[at] = store_text(rows, i, FACT_UPDATED);
}

static bool import_page(struct orders_sync *sync, const struct store_ids *ids, size_t from,
                        struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_LOADS struct loads *loads = mem_new(sizeof *loads);
    OWN_GROUP struct group group = {.sync = sync, .arena = arena_new()};
    size_t count = ids->count - from < GROUP ? ids->count - from : GROUP;
    for (group.count = 0; group.count < count; group.count++)
        group.ids[group.count] = ids->items[from + group.count];
    bool wants[GROUP];
    if (!group_rows(&group, &rows, err) || !group_wants(&group, rows, wants, err))
        return false;
    group.count = 0;
    for (size_t i = 0; i < count; i++)
        if (wants[i])
            group_keep(&group, rows, i);
    return group.count == 0 || (load_orders(&group, loads, err) && stage_group(&group, loads, err));
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
