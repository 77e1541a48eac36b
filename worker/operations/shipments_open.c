/* shipments_open.c - what Shopify has open for the orders at hand, read just before it is used: for
 * many orders at the price of one, further pages where an order has them. Nothing is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/shipments_sync.h"
#include "shopify/shopify.h"

struct longer { /* a list that has a next page */
    struct ship_work *work;
    size_t order; /* whose lines; NO_ORDER = further fulfillment orders of the work's order */
    char *after;
};
enum { LONGERS = 200 };
#define NO_ORDER ((size_t)-1)

struct opening {
    struct shipments *run;
    struct arena *arena;
    struct longer longers[LONGERS];
    size_t longer_count;
};

static void opening_drop(struct opening *opening)
{
    for (size_t i = 0; i < opening->longer_count; i++)
        free(opening->longers[i].after);
}

static void note_longer(struct opening *opening, struct ship_work *work, size_t order,
                        const json *list)
{
    const json *page = json_get(list, "pageInfo");
    if (!json_flag(page, "hasNextPage", false))
        return;
    if (opening->longer_count == LONGERS) {
        ship_stop(work, REASON_SHOPIFY_LATER, "the run has too many long orders at once");
        return;
    }
    opening->longers[opening->longer_count++] =
        (struct longer){work, order, mem_text(json_text(page, "endCursor"))};
}

static void take_lines(struct opening *opening, struct open_order *order, const json *list)
{
    const json *nodes = json_get(list, "nodes");
    size_t more = json_count(nodes);
    struct open_line *lines =
        arena_array(opening->arena, order->line_count + more + 1, sizeof *lines);
    if (order->line_count > 0)
        memcpy(lines, order->lines, order->line_count * sizeof *lines);
    for (size_t i = 0; i < more; i++) {
        const json *node = json_at(nodes, i), *line_item = json_get(node, "lineItem");
        lines[order->line_count + i] = (struct open_line){
            .id = staged_id(json_text(node, "id"), opening->arena),
            .line_item = staged_id(json_text(line_item, "id"), opening->arena),
            .remaining = json_int(node, "remainingQuantity", 0),
            .given_back = json_int(line_item, "currentQuantity", -1) == 0,
        };
    }
    order->lines = lines;
    order->line_count += more;
}

static bool may_ship(const json *node)
{
    const json *actions = json_get(node, "supportedActions");
    for (size_t i = 0; i < json_count(actions); i++)
        if (strcmp(json_text(json_at(actions, i), "action"), "CREATE_FULFILLMENT") == 0)
            return true;
    return false;
}

static void take_orders(struct opening *opening, struct ship_work *work, const json *list)
{
    const json *nodes = json_get(list, "nodes");
    size_t more = json_count(nodes);
    struct arena *arena = opening->arena;
    struct open_order *orders = arena_array(arena, work->open_count + more + 1, sizeof *orders);
    if (work->open_count > 0)
        memcpy(orders, work->open, work->open_count * sizeof *orders);
    work->open = orders;
    for (size_t i = 0; i < more; i++) {
        const json *node = json_at(nodes, i), *lines = json_get(node, "lineItems");
        const json *location = json_path(node, "assignedLocation.location");
        struct open_order *order = &orders[work->open_count];
        *order = (struct open_order){
            .id = staged_id(json_text(node, "id"), arena),
            .status = arena_text(arena, json_text(node, "status")),
            .request = arena_text(arena, json_text(node, "requestStatus")),
            .location = staged_id(json_text(location, "id"), arena),
            .location_name = arena_text(arena, json_text(location, "name")),
            .service = json_flag(location, "isFulfillmentService", false),
            .may_ship = may_ship(node),
        };
        take_lines(opening, order, lines);
        note_longer(opening, work, work->open_count++, lines);
    }
    note_longer(opening, work, NO_ORDER, list);
}

static const char *known_of(const json *order, struct arena *arena)
{
    OWN_BUF struct buf ids = {0};
    const json *list = json_get(order, "fulfillments");
    for (size_t i = 0; i < json_count(list); i++)
        buf_printf(&ids, "%s%s", i ? "," : "", staged_id(json_text(json_at(list, i), "id"), arena));
    return arena_text(arena, buf_str(&ids));
}

static void take_order(struct opening *opening, struct ship_work *work, const json *order)
{
    if (!order) {
        ship_stop(work, REASON_NOTHING_OPEN, "order %s is not there", work->order_name);
        return;
    }
    work->status = arena_text(opening->arena, json_text(order, "displayFulfillmentStatus"));
    work->updated = arena_text(opening->arena, json_text(order, "updatedAt"));
    work->fulfilled = strcmp(work->status, "FULFILLED") == 0;
    work->known = known_of(order, opening->arena);
    take_orders(opening, work, json_get(order, "fulfillmentOrders"));
}

/* A call of one order that failed is that order's trouble; what ends the attempt is all's. */
static void call_failed(struct ship_work *work, const struct err *why)
{
    ship_stop(work, why->kind == ERR_FATAL ? REASON_FULFILLMENT_REFUSED : REASON_SHOPIFY_LATER,
              "%s", why->text);
}

static struct shopify_call ask_orders(struct ship_work *const works[], size_t count)
{
    json *ids = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/Order/%s", works[i]->order);
        json_add_text(ids, gid);
    }
    json_set(variables, "ids", ids);
    return (struct shopify_call){.document = "fulfillment-orders-by-order-ids",
                                 .variables = variables};
}

static struct shopify_call ask_longer(const struct longer *longer)
{
    json *variables = json_new_object();
    bool lines = longer->order != NO_ORDER;
    OWN_TEXT char *gid = lines ? mem_printf("gid://shopify/FulfillmentOrder/%s",
                                            longer->work->open[longer->order].id)
                               : mem_printf("gid://shopify/Order/%s", longer->work->order);
    json_set_text(variables, "id", gid);
    json_set_text(variables, "after", longer->after);
    return (struct shopify_call){.document = lines ? "fulfillment-lines-page"
                                                   : "fulfillment-orders-of-order",
                                 .variables = variables};
}

/* `size` orders a call; the orders of calls that were refused go into `again`. */
static bool read_batches(struct opening *opening, struct ship_work *const works[], size_t count,
                         size_t size, struct ship_work *again[], size_t *again_count,
                         struct err *err)
{
    struct shopify_call calls[SHIP_WINDOW];
    size_t call_count = 0;
    for (size_t from = 0; from < count; from += size)
        calls[call_count++] = ask_orders(works + from, count - from < size ? count - from : size);
    bool ok = shopify_call_all(opening->run->attempt, calls, call_count, err);
    for (size_t i = 0; i < call_count; i++) {
        const json *nodes = json_get(calls[i].data, "nodes");
        for (size_t k = i * size; ok && k < count && k < (i + 1) * size; k++) {
            if (calls[i].err.kind == ERR_NONE)
                take_order(opening, works[k], json_at(nodes, k - i * size));
            else if (calls[i].err.kind == ERR_FATAL && size > 1)
                again[(*again_count)++] = works[k];
            else
                call_failed(works[k], &calls[i].err);
        }
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

/* One order that cannot be read must not cost its neighbours theirs: then each is asked alone. */
static bool read_first(struct opening *opening, struct ship_work *const works[], size_t count,
                       struct err *err)
{
    struct ship_work *again[SHIP_WINDOW];
    size_t again_count = 0, none = 0;
    return read_batches(opening, works, count, SHIP_IDS, again, &again_count, err) &&
           (again_count == 0 || read_batches(opening, again, again_count, 1, NULL, &none, err));
}

/* The next page of every list that has one, all together, until none has. */
static bool read_longer(struct opening *opening, struct err *err)
{
    while (opening->longer_count > 0) {
        struct longer longers[LONGERS];
        struct shopify_call calls[LONGERS];
        size_t count = opening->longer_count;
        memcpy(longers, opening->longers, count * sizeof *longers);
        opening->longer_count = 0;
        for (size_t i = 0; i < count; i++)
            calls[i] = ask_longer(&longers[i]);
        bool ok = shopify_call_all(opening->run->attempt, calls, count, err);
        for (size_t i = 0; i < count; i++) {
            struct ship_work *work = longers[i].work;
            const json *list = json_path(calls[i].data, "order.fulfillmentOrders");
            const json *lines = json_path(calls[i].data, "fulfillmentOrder.lineItems");
            if (ok && calls[i].err.kind != ERR_NONE)
                call_failed(work, &calls[i].err);
            else if (ok && longers[i].order == NO_ORDER)
                take_orders(opening, work, list);
            else if (ok) {
                take_lines(opening, &work->open[longers[i].order], lines);
                note_longer(opening, work, longers[i].order, lines);
            }
            free(longers[i].after);
            shopify_call_drop(&calls[i]);
        }
        if (!ok)
            return false;
    }
    return true;
}

bool shipments_read_open(struct shipments *run, struct ship_window *window, struct err *err)
{
    struct ship_work *works[SHIP_WINDOW];
    size_t count = 0;
    __attribute__((cleanup(opening_drop))) struct opening opening = {.run = run,
                                                                     .arena = window->arena};
    for (size_t i = 0; i < window->count; i++)
        if (window->works[i].picked && window->works[i].reason == REASON_NONE)
            works[count++] = &window->works[i];
    return count == 0 || ((read_first(&opening, works, count, err) && read_longer(&opening, err)) ||
                          err_wrap(err, "read what is open"));
}
