/* orders_load.c - orders by their ids, with all their lines. */
#include <stdlib.h>
#include <string.h>

#include "operations/orders_group.h"

enum { MORE_LINES = 250 };

void loads_cleanup(struct loads **loads)
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

/* ---- lines beyond the first page ---- */

static void longers_drop(struct longers *longers)
{
    for (size_t i = 0; i < longers->count; i++)
        free(longers->items[i].after);
    free(longers);
}

void longers_cleanup(struct longers **longers)
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
bool load_lines(struct group *group, const struct loads *loads, struct longers *longers,
                struct err *err)
{
    struct shopify_call calls[GROUP];
    size_t whose[GROUP], count;
    bool ok = true;
    find_longers(loads, group->count, longers);
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

const struct longer *longer_of(const struct longers *longers, const json *node)
{
    for (size_t i = 0; i < longers->count; i++)
        if (longers->items[i].node == node)
            return &longers->items[i];
    return NULL;
}
