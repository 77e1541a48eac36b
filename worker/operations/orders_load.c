/* orders_load.c - orders by their ids, with all that belongs to them.
 *
 * One document brings what every order has. What only some have (refunds, returns, gift cards that
 * paid, a salesperson) is asked for in a second round, of those orders alone, and what is longer
 * than a page in further ones (orders_pages.c). All of it is one order's picture: where its time of
 * change moves between two answers the order is left, the next walk brings it again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/orders_group.h"

void loads_cleanup(struct loads **loads)
{
    for (size_t i = 0; i < (*loads)->batch_count; i++)
        shopify_call_drop(&(*loads)->batches[i]);
    for (size_t i = 0; i < (*loads)->single_count; i++)
        shopify_call_drop(&(*loads)->singles[i]);
    free(*loads);
}

/* ---- what every order has ---- */

static void add_id(struct shopify_call *call, const char *document, const char *id)
{
    if (!call->variables) {
        call->document = document;
        call->variables = json_new_object();
        json_set(call->variables, "ids", json_new_array());
    }
    OWN_TEXT char *gid = mem_printf("gid://shopify/Order/%s", id);
    json_add_text(json_get(call->variables, "ids"), gid);
}

static struct shopify_call ask_orders(const struct group *group, size_t from, size_t count)
{
    struct shopify_call call = {0};
    for (size_t i = from; i < from + count && i < group->count; i++)
        add_id(&call, "orders-by-ids", group->ids[i]);
    return call;
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

bool load_orders(struct group *group, struct loads *loads, struct err *err)
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

/* ---- what some have ---- */

static bool has_refunds(const struct orders_sync *sync, const json *order)
{
    (void)sync;
    return json_count(json_get(order, "refunds")) > 0;
}

static bool has_returns(const struct orders_sync *sync, const json *order)
{
    const char *status = json_text(order, "returnStatus");
    (void)sync;
    return *status && strcmp(status, "NO_RETURN") != 0;
}

static bool has_gift_card(const struct orders_sync *sync, const json *order)
{
    const json *list = json_get(order, "transactions");
    (void)sync;
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "gateway"), "gift_card") == 0)
            return true;
    return false;
}

static bool has_staff(const struct orders_sync *sync, const json *order)
{
    (void)order;
    return sync->advanced;
}

static void take_refunds(json *order, const json *more)
{
    json_set(order, "refunds", json_copy(json_get(more, "refunds")));
}

static void take_returns(json *order, const json *more)
{
    json_set(order, "returns", json_copy(json_get(more, "returns")));
}

/* Of a receipt only the card's number is kept. */
static void take_receipts(json *order, const json *more)
{
    const json *list = json_get(order, "transactions"), *rows = json_get(more, "transactions");
    for (size_t i = 0; i < json_count(list); i++)
        for (size_t k = 0; k < json_count(rows); k++) {
            json *one = json_at(list, i);
            const json *row = json_at(rows, k);
            if (strcmp(json_text(one, "gateway"), "gift_card") == 0 &&
                strcmp(json_text(one, "id"), json_text(row, "id")) == 0)
                json_set(one, "receiptJson", staged_receipt(json_get(row, "receiptJson")));
        }
}

static void take_staff(json *order, const json *more)
{
    json_set(order, "staffMember", json_copy(json_get(more, "staffMember")));
}

static const struct extra {
    const char *document;
    bool (*wanted)(const struct orders_sync *sync, const json *order);
    void (*take)(json *order, const json *more);
    bool optional; /* an order is whole without it */
} EXTRAS[] = {
  /* clang-format off */
    {"orders-refunds",  has_refunds,   take_refunds,  false},
    {"orders-returns",  has_returns,   take_returns,  false},
    {"orders-receipts", has_gift_card, take_receipts, true },
    {"orders-staff",    has_staff,     take_staff,    true },
  /* clang-format on */
};

struct asks { /* calls, each for some orders of the group */
    struct ask {
        const struct extra *extra;
        size_t whose[IDS], count;
        struct shopify_call call;
    } * items;
    size_t count;
};

static void asks_drop(struct asks *asks)
{
    for (size_t i = 0; i < asks->count; i++)
        shopify_call_drop(&asks->items[i].call);
    free(asks->items);
}
#define OWN_ASKS __attribute__((cleanup(asks_drop)))

static struct ask *new_ask(struct asks *asks, const struct extra *extra)
{
    asks->items = mem_grow(asks->items, asks->count, asks->count + 1, sizeof *asks->items);
    struct ask *ask = &asks->items[asks->count++];
    *ask = (struct ask){.extra = extra};
    return ask;
}

static void ask_of(const struct group *group, struct ask *ask, size_t order)
{
    add_id(&ask->call, ask->extra->document, group->ids[order]);
    ask->whose[ask->count++] = order;
}

static bool call_asks(struct group *group, struct asks *asks, struct err *err)
{
    struct shopify_call *calls = mem_array(asks->count + 1, sizeof *calls);
    for (size_t i = 0; i < asks->count; i++)
        calls[i] = asks->items[i].call;
    bool ok = asks->count == 0 || shopify_call_all(group->sync->attempt, calls, asks->count, err);
    for (size_t i = 0; i < asks->count; i++)
        asks->items[i].call = calls[i];
    free(calls);
    return ok;
}

static void take_ask(struct loads *loads, const struct ask *ask)
{
    const json *nodes = json_get(ask->call.data, "nodes");
    for (size_t i = 0; i < ask->count; i++) {
        size_t order = ask->whose[i];
        const json *more = json_at(nodes, i);
        if (ask->call.err.kind != ERR_NONE && ask->extra->optional)
            log_info("order.part_not_read", TEXT("document", ask->extra->document),
                     TEXT("why", ask->call.err.text));
        else if (ask->call.err.kind != ERR_NONE)
            loads->whys[order] = ask->call.err;
        else if (load_same(loads->nodes[order], more))
            ask->extra->take(loads->nodes[order], more);
        else
            loads->moved[order] = true;
    }
}

bool load_same(const json *order, const json *more)
{
    return strcmp(json_text(more, "updatedAt"), json_text(order, "updatedAt")) == 0;
}

bool load_extras(struct group *group, struct loads *loads, struct err *err)
{
    OWN_ASKS struct asks asks = {0}, singles = {0};
    for (size_t k = 0; k < COUNT(EXTRAS); k++) {
        struct ask *ask = NULL;
        for (size_t i = 0; i < group->count; i++) {
            if (!loads->nodes[i] || !EXTRAS[k].wanted(group->sync, loads->nodes[i]))
                continue;
            if (!ask || ask->count == IDS)
                ask = new_ask(&asks, &EXTRAS[k]);
            ask_of(group, ask, i);
        }
    }
    if (!call_asks(group, &asks, err))
        return false;
    for (size_t i = 0; i < asks.count; i++) {
        const struct ask *ask = &asks.items[i];
        bool split = ask->call.err.kind == ERR_FATAL && ask->count > 1 && !ask->extra->optional;
        for (size_t k = 0; split && k < ask->count; k++) /* one bad order spoils the call */
            ask_of(group, new_ask(&singles, ask->extra), ask->whose[k]);
        if (!split)
            take_ask(loads, ask);
    }
    if (!call_asks(group, &singles, err))
        return false;
    for (size_t i = 0; i < singles.count; i++)
        take_ask(loads, &singles.items[i]);
    return true;
}
