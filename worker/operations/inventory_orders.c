/* inventory_orders.c - what orders have done to stock at both sides, order by order.
 *
 * Whatever changes an order, its document or its shipments puts it on the list `stock-orders`. What
 * it had been counted with stands in its record, so it is counted once however often it changes,
 * and a run that is killed loses nothing: record, levels and list change in one WRITE. The first
 * run of a shop looks at all of its orders.
 *
 * Shopify's side is the order as it was staged, and the fulfillments that we have made since.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/inventory_sync.h"
#include "operations/shipments_sync.h"
#include "shopify/shopify.h"

enum { MOST = 1000000, SKEW_MS = 10000 };

/* ---- an order's lines, by location ---- */

struct part { /* of one order line, at one location of Shopify */
    const struct order_line *line;
    const char *location;
    struct stock_line units;
};
struct counted { /* one order on its way */
    struct inventory *run;
    struct arena *arena;
    const char *id;
    struct order order;
    struct part *parts;
    size_t count;
    bool posted, demanded; /* its document, as a whole; is a sales order */
};

static struct part *part_of(struct counted *counted, const struct order_line *line,
                            const char *location)
{
    for (size_t i = 0; i < counted->count; i++)
        if (counted->parts[i].line == line && strcmp(counted->parts[i].location, location) == 0)
            return &counted->parts[i];
    struct part *part = &counted->parts[counted->count++];
    *part = (struct part){.line = line, .location = location};
    return part;
}

static bool is_open(const struct order_fulfillment *fulfillment)
{
    return strcmp(fulfillment->status, "CLOSED") != 0 &&
           strcmp(fulfillment->status, "INCOMPLETE") != 0;
}

static void read_parts(struct counted *counted)
{
    const struct order *order = &counted->order;
    size_t most = 1;
    for (size_t i = 0; i < order->fulfillment_count; i++)
        most += order->fulfillments[i].line_count;
    for (size_t i = 0; i < order->refund_count; i++)
        most += order->refunds[i].line_count;
    counted->parts = arena_array(counted->arena, most, sizeof *counted->parts);
    for (size_t i = 0; i < order->fulfillment_count; i++) {
        const struct order_fulfillment *from = &order->fulfillments[i];
        for (size_t k = 0; strcmp(from->status, "CANCELLED") != 0 && k < from->line_count; k++) {
            const struct order_line *line = order_line_by_id(order, from->lines[k].line_id);
            if (!line || !*line->variant_id || !*from->location_id)
                continue;
            struct part *part = part_of(counted, line, from->location_id);
            part->units.fulfilled += from->lines[k].total - from->lines[k].remaining;
            if (is_open(from) && !*order->cancelled)
                part->units.open += from->lines[k].remaining;
        }
    }
}

/* Goods that came back and were put on a shelf. */
static void read_back(struct counted *counted)
{
    const struct order *order = &counted->order;
    for (size_t i = 0; i < order->refund_count; i++)
        for (size_t k = 0; k < order->refunds[i].line_count; k++) {
            const struct order_refund_line *back = &order->refunds[i].lines[k];
            const struct order_line *line = order_line_by_id(order, back->line_id);
            if (line && *line->variant_id && *back->location_id && back->restocked &&
                strcmp(back->restock, "RETURN") == 0)
                part_of(counted, line, back->location_id)->units.back += back->quantity;
        }
}

/* ---- what was shipped, and told since the order was read ---- */

/* Takes units to the parts of a line: first those that Shopify knows as fulfilled. */
static void add_shipped(struct counted *counted, const struct shipped *shipped)
{
    int64_t left = shipped->quantity;
    for (int open = 0; open < 2; open++)
        for (size_t i = 0; i < counted->count && left > 0; i++) {
            struct stock_line *units = &counted->parts[i].units;
            int64_t room = units->fulfilled + (open ? units->open : 0) - units->shipped;
            int64_t taken = room < left ? room : left;
            if (strcmp(counted->parts[i].line->id, shipped->line_item) != 0 || taken <= 0)
                continue;
            units->shipped += taken;
            left -= taken;
        }
}

static void add_told(struct counted *counted, const struct shipped *told)
{
    int64_t left = told->quantity;
    for (size_t i = 0; i < counted->count && left > 0; i++) {
        struct stock_line *units = &counted->parts[i].units;
        int64_t taken = units->open < left ? units->open : left;
        if (strcmp(counted->parts[i].line->id, told->line_item) != 0 || taken <= 0)
            continue;
        units->fulfilled += taken;
        units->open -= taken;
        left -= taken;
    }
}

/* What a shipment had told when the order was read: of its last fulfillment before that. */
static bool told_before(struct counted *counted, const char *fulfillments, const char **sent,
                        struct err *err)
{
    static const char *const FIELDS[] = {"sent", "updated"};
    *sent = "";
    for (const char *at = fulfillments; *at;) {
        size_t size = strcspn(at, ",");
        const char *key = arena_printf(counted->arena, "fulfillment:%.*s", (int)size, at);
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!store_read(counted->run->attempt->ledger, counted->run->company, &key, 1, FIELDS,
                        COUNT(FIELDS), &rows, err))
            return false;
        if (strcmp(store_text(rows, 0, 1), counted->order.updated) < 0)
            *sent = arena_text(counted->arena, store_text(rows, 0, 0));
        at += size + (at[size] == ',');
    }
    return true;
}

static bool read_shipment(struct counted *counted, const char *id, const char *links,
                          struct err *err)
{
    static const char *const FIELDS[] = {"rows", "sent", "fulfillments"};
    const char *key = arena_printf(counted->arena, "shipment:%s", id), *before;
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(counted->run->attempt->ledger, counted->run->company, &key, 1, FIELDS,
                    COUNT(FIELDS), &rows, err) ||
        !told_before(counted, store_text(rows, 0, 2), &before, err))
        return false;
    struct ship_work work = {.rows = store_text(rows, 0, 0), .link_lines = links};
    struct shipped *told, *earlier;
    ship_read_lines(&work, counted->arena);
    size_t count = shipped_read(store_text(rows, 0, 1), counted->arena, &told);
    size_t earlier_count = shipped_read(before, counted->arena, &earlier);
    shipped_less(told, count, earlier, earlier_count);
    for (size_t i = 0; i < count; i++)
        add_told(counted, &told[i]);
    for (size_t i = 0; i < work.line_count; i++)
        add_shipped(counted, &work.lines[i]);
    return true;
}

static bool read_document(struct counted *counted, struct err *err)
{
    static const char *const LINK[] = {"kind", "id", "lines"}, *const POSTING[] = {"state"};
    struct ledger *ledger = counted->run->attempt->ledger;
    const char *key = arena_printf(counted->arena, "link:order:%s", counted->id);
    const char *of = arena_printf(counted->arena, "shipments-of:%s", counted->id);
    OWN(store_rows) struct store_rows *link = NULL, *posting = NULL;
    OWN_IDS struct store_ids shipments = {0};
    if (!store_read(ledger, counted->run->company, &key, 1, LINK, COUNT(LINK), &link, err))
        return false;
    const char *kind = store_text(link, 0, 0);
    key = arena_printf(counted->arena, "posting:%s", store_text(link, 0, 1));
    if (!store_read(ledger, counted->run->company, &key, 1, POSTING, 1, &posting, err) ||
        !store_set(ledger, counted->run->company, of, &shipments, err))
        return false;
    counted->demanded = strcmp(kind, "salesOrder") == 0;
    counted->posted = strcmp(kind, "salesShipment") == 0 ||
                      (!counted->demanded && strcmp(store_text(posting, 0, 0), "posted") == 0);
    for (size_t i = 0; i < shipments.count; i++)
        if (!read_shipment(counted, shipments.items[i], store_text(link, 0, 2), err))
            return false;
    return true;
}

/* ---- counting ---- */

static const char FORM[] =
    "%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64;

static void sold_read(const char *text, struct stock_sold *out)
{
    struct stock_sold sold;
    bool whole =
        sscanf(text,
               "%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64,
               &sold.fulfilled, &sold.open, &sold.back, &sold.unposted, &sold.unshipped,
               &sold.unposted_free, &sold.unshipped_free) == 7;
    *out = whole ? sold : (struct stock_sold){0};
}

/* {"<variant>@<location>": "..."} of what the order is now. */
static json *sums_of(struct counted *counted)
{
    json *sums = json_new_object();
    for (size_t i = 0; i < counted->count; i++) {
        struct part *part = &counted->parts[i];
        struct stock_sold sold;
        const char *name =
            arena_printf(counted->arena, "%s@%s", part->line->variant_id, part->location);
        part->units.demanded = counted->demanded;
        if (counted->posted)
            part->units.shipped = part->units.fulfilled + part->units.open;
        sold_read(json_text(sums, name), &sold);
        stock_sold_line(&sold, &part->units);
        json_set_text(sums, name,
                      arena_printf(counted->arena, FORM, sold.fulfilled, sold.open, sold.back,
                                   sold.unposted, sold.unshipped, sold.unposted_free,
                                   sold.unshipped_free));
    }
    return sums;
}

struct levels_of { /* the variants of an order, loaded together */
    const char *ids[STORE_PAGE];
    bool there[STORE_PAGE];
    struct inventory_variant variants[STORE_PAGE];
    size_t count;
};

static const char *variant_of(struct counted *counted, const char *name)
{
    return arena_text_n(counted->arena, name, strcspn(name, "@"));
}

static void add_ids(struct counted *counted, const json *sums, struct levels_of *levels)
{
    const char *name;
    json *value;
    JSON_EACH(name, value, sums)
    {
        const char *id = variant_of(counted, name);
        size_t at = 0;
        while (at < levels->count && strcmp(levels->ids[at], id) != 0)
            at++;
        if (at == levels->count && at < STORE_PAGE)
            levels->ids[levels->count++] = id;
        (void)value;
    }
}

static void apply_one(struct counted *counted, struct levels_of *levels, const char *name,
                      const char *before, const char *now, int64_t since_ms)
{
    const char *at = strchr(name, '@'), *id = variant_of(counted, name);
    struct stock_sold was, is;
    size_t i = 0;
    while (i < levels->count && strcmp(levels->ids[i], id) != 0)
        i++;
    if (!at || i == levels->count || strcmp(before, now) == 0)
        return;
    struct stock_level *level = stock_level_of(&levels->variants[i].levels, at + 1);
    sold_read(before, &was);
    sold_read(now, &is);
    if (level)
        stock_order(level, &was, &is, since_ms);
}

static bool apply(struct counted *counted, const json *before, const json *now, int64_t since_ms,
                  struct err *err)
{
    struct levels_of *levels = arena_alloc(counted->arena, sizeof *levels);
    const char *name;
    json *value;
    add_ids(counted, now, levels);
    add_ids(counted, before, levels);
    if (levels->count > 0 &&
        !inventory_variants(counted->run, levels->ids, levels->count, counted->arena,
                            levels->variants, levels->there, err))
        return false;
    JSON_EACH(name, value, now)
    apply_one(counted, levels, name, json_text(before, name), json_string(value), since_ms);
    JSON_EACH(name, value, before)
    if (!json_has(now, name))
        apply_one(counted, levels, name, json_string(value), "", since_ms);
    for (size_t i = 0; i < levels->count; i++)
        inventory_keep(counted->run, &levels->variants[i]);
    return true;
}

/* ---- one order ---- */

enum { O_WHOLE, O_STOCK, O_UPDATED, O_SEEN, O_CREATED };
static const char *const ORDER[] = {"whole", "stock", "stock_updated", "stock_ms", "created_ms"};

static bool unpack(const struct store_rows *rows, json **out, struct err *err)
{
    const char *bytes;
    size_t size;
    OWN_BUF struct buf text = {0};
    return store_bytes(rows, 0, O_WHOLE, &bytes, &size) && staged_unpack(bytes, size, &text, err) &&
           json_parse(buf_str(&text), text.size, out, err);
}

static void write_counted(struct counted *counted, const json *sums, bool read_again)
{
    char now[32];
    struct inventory *run = counted->run;
    const char *key = arena_printf(counted->arena, "order:%s", counted->id);
    snprintf(now, sizeof now, "%" PRId64, inventory_now_ms(run));
    write_add(run->write, "HSET", key, "stock", json_write(sums), NULL);
    if (read_again)
        write_add(run->write, "HSET", key, "stock_updated", counted->order.updated, "stock_ms", now,
                  NULL);
}

static bool count_order(struct counted *counted, struct err *err)
{
    struct inventory *run = counted->run;
    const char *key = arena_printf(counted->arena, "order:%s", counted->id);
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_JSON json *node = NULL, *before = NULL, *now = NULL;
    struct err why;
    if (!store_read(run->attempt->ledger, run->company, &key, 1, ORDER, COUNT(ORDER), &rows, err))
        return false;
    if (!unpack(rows, &node, &why) || !staged_order(node, counted->arena, &counted->order, &why)) {
        log_warn("inventory.order_unread", TEXT("order", counted->id));
        return true;
    }
    read_parts(counted);
    read_back(counted);
    if (!read_document(counted, err))
        return false;
    now = sums_of(counted);
    const char *text = store_text(rows, 0, O_STOCK);
    if (!*text || !json_parse(text, strlen(text), &before, &why))
        before = json_new_object();
    bool read_again = strcmp(store_text(rows, 0, O_UPDATED), counted->order.updated) != 0;
    int64_t since_ms = *store_text(rows, 0, O_SEEN) ? store_int(rows, 0, O_SEEN)
                                                    : store_int(rows, 0, O_CREATED) - SKEW_MS;
    if (!apply(counted, before, now, read_again ? since_ms : INT64_MAX, err))
        return false;
    write_counted(counted, now, read_again);
    return true;
}

/* ---- all of them ---- */

static bool read_marks(struct inventory *run, bool *first, struct err *err)
{
    static const char *const COUNTED[] = {"counted"}, *const LOOKED[] = {"looked"};
    OWN_TEXT char *locations = mem_printf("shop-locations:%s", run->shop->code);
    OWN_TEXT char *mark =
        mem_printf("mark:orders:%.*s", (int)strcspn(run->shop->store, "."), run->shop->store);
    const char *const here[] = {locations}, *const there[] = {mark};
    OWN(store_rows) struct store_rows *counted = NULL, *looked = NULL;
    struct ledger *ledger = run->attempt->ledger;
    if (!store_read(ledger, run->company, here, 1, COUNTED, 1, &counted, err) ||
        !store_read(ledger, run->company, there, 1, LOOKED, 1, &looked, err))
        return false;
    *first = !*store_text(counted, 0, 0);
    run->looked_ms = store_int(looked, 0, 0);
    return true;
}

static bool count_list(struct inventory *run, const char *list, const struct store_ids *ids,
                       struct err *err)
{
    for (size_t i = 0; i < ids->count; i++) {
        OWN(arena) struct arena *arena = arena_new();
        struct counted counted = {.run = run, .arena = arena, .id = ids->items[i]};
        attempt_progress(run->attempt, "counting what orders hold", (int64_t)i,
                         (int64_t)ids->count);
        if (!count_order(&counted, err))
            return err_wrap(err, "stock of order %s", ids->items[i]);
        write_add(run->write, "ZREM", list, ids->items[i], NULL);
        if (!inventory_flush(run, true, err) || !attempt_checkpoint(run->attempt, "", 0, err))
            return false;
    }
    return true;
}

bool inventory_orders(struct inventory *run, struct err *err)
{
    OWN_TEXT char *list = mem_printf("stock-orders:%s", run->shop->code);
    OWN_TEXT char *all = mem_printf("orders:%s", run->shop->code);
    OWN_TEXT char *locations = mem_printf("shop-locations:%s", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    bool first;
    if (!read_marks(run, &first, err) ||
        !store_zset(run->attempt->ledger, run->company, first ? all : list, INT64_MAX, MOST, &ids,
                    err) ||
        !count_list(run, list, &ids, err))
        return false;
    if (!first)
        return true;
    write_add(run->write, "HSET", locations, "counted", "1", NULL);
    return inventory_flush(run, true, err);
}

bool inventory_quiet(struct inventory *run, bool *quiet, struct err *err)
{
    char from[32];
    *quiet = run->quiet != 0;
    if (run->quiet >= 0 || run->looked_ms == 0) /* nobody reads orders: none can explain it */
        return true;
    time_format(run->looked_ms, false, from);
    struct shopify_call call = {.document = "orders-count", .variables = json_new_object()};
    OWN_TEXT char *query = mem_printf("updated_at:>='%s'", from);
    json_set_text(call.variables, "query", query);
    bool ok = shopify_ask(run->attempt, &call, err);
    if (ok)
        run->quiet = json_int(json_get(call.data, "ordersCount"), "count", 1) == 0;
    *quiet = run->quiet != 0;
    shopify_call_drop(&call);
    return ok || err_wrap(err, "look for orders that are not read yet");
}
