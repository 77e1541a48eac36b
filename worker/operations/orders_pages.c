/* orders_pages.c - what is longer than the page that came with its order.
 *
 * Any list of an order may have a next page: its lines, shipping lines, what is to be sent, what
 * came back. All next pages of a group go out together, round after round, until none is left;
 * pages that a page brings (lines of a return that was on a second page) are found there.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/orders_group.h"

enum { ROUNDS_MOST = 1000 }; /* of 250 rows: more than an order may have */

enum page_kind {
    PAGE_LINES,
    PAGE_SHIPPING,
    PAGE_FULFILLMENT,
    PAGE_FULFILLMENT_LINES,
    PAGE_REFUND_LINES,
    PAGE_RETURNS,
    PAGE_RETURN_LINES,
    PAGE_EXCHANGES,
    PAGE_KINDS
};
static const struct {
    const char *document, *list; /* the list's name in its object */
    const char *object, *order;  /* where the answer has the object, and the order's time */
} KINDS[PAGE_KINDS] = {
  /* clang-format off */
    [PAGE_LINES] = {"order-lines-page", "lineItems", "order", "order"},
    [PAGE_SHIPPING] = {"order-shipping-page", "shippingLines", "order", "order"},
    [PAGE_FULFILLMENT] = {"order-fulfillment-page", "fulfillmentOrders", "order", "order"},
    [PAGE_FULFILLMENT_LINES] = {"fulfillment-lines-page", "lineItems", "fulfillmentOrder",
                                "fulfillmentOrder.order"},
    [PAGE_REFUND_LINES] = {"refund-lines-page", "refundLineItems", "refund", "refund.order"},
    [PAGE_RETURNS] = {"order-returns-page", "returns", "order", "order"},
    [PAGE_RETURN_LINES] = {"return-lines-page", "returnLineItems", "return", "return.order"},
    [PAGE_EXCHANGES] = {"return-exchanges-page", "exchangeLineItems", "return", "return.order"},
  /* clang-format on */
};

struct page { /* a list that has a next page */
    enum page_kind kind;
    size_t order; /* in the group */
    json *object; /* whose list it is */
};
struct pages {
    struct page *items;
    size_t count;
};

static void pages_drop(struct pages *pages)
{
    free(pages->items);
}
#define OWN_PAGES __attribute__((cleanup(pages_drop)))

static const json *info_of(enum page_kind kind, const json *object)
{
    return json_get(json_get(object, KINDS[kind].list), "pageInfo");
}

static void add_page(struct pages *pages, enum page_kind kind, size_t order, json *object)
{
    if (!json_flag(info_of(kind, object), "hasNextPage", false))
        return;
    pages->items = mem_grow(pages->items, pages->count, pages->count + 1, sizeof *pages->items);
    pages->items[pages->count++] = (struct page){.kind = kind, .order = order, .object = object};
}

/* Of all objects in a list, from its `from`th on. */
static void add_pages(struct pages *pages, enum page_kind kind, size_t order, const json *list,
                      size_t from)
{
    for (size_t i = from; i < json_count(list); i++)
        add_page(pages, kind, order, json_at(list, i));
}

static void find_in_returns(struct pages *pages, size_t order, const json *list, size_t from)
{
    add_pages(pages, PAGE_RETURN_LINES, order, list, from);
    add_pages(pages, PAGE_EXCHANGES, order, list, from);
}

static void find_pages(struct pages *pages, size_t order, json *node)
{
    add_page(pages, PAGE_LINES, order, node);
    add_page(pages, PAGE_SHIPPING, order, node);
    add_page(pages, PAGE_FULFILLMENT, order, node);
    add_page(pages, PAGE_RETURNS, order, node);
    add_pages(pages, PAGE_FULFILLMENT_LINES, order, json_path(node, "fulfillmentOrders.nodes"), 0);
    add_pages(pages, PAGE_REFUND_LINES, order, json_get(node, "refunds"), 0);
    find_in_returns(pages, order, json_path(node, "returns.nodes"), 0);
}

static struct shopify_call ask_page(const struct page *page)
{
    json *variables = json_new_object();
    json_set_text(variables, "id", json_text(page->object, "id"));
    json_set_text(variables, "after", json_text(info_of(page->kind, page->object), "endCursor"));
    return (struct shopify_call){.document = KINDS[page->kind].document, .variables = variables};
}

/* The page's rows join the list; what is unfinished in them or behind them goes to `next`. */
static void take_page(struct loads *loads, const struct page *page, const struct shopify_call *call,
                      struct pages *next)
{
    const json *answer = json_path(call->data, KINDS[page->kind].object);
    const json *got = json_get(answer, KINDS[page->kind].list), *rows = json_get(got, "nodes");
    json *list = json_get(page->object, KINDS[page->kind].list);
    json *nodes = json_get(list, "nodes");
    size_t from = json_count(nodes);
    if (call->err.kind != ERR_NONE) {
        loads->whys[page->order] = call->err;
        return;
    }
    if (!load_same(loads->nodes[page->order], json_path(call->data, KINDS[page->kind].order))) {
        loads->moved[page->order] = true;
        return;
    }
    for (size_t i = 0; i < json_count(rows); i++)
        json_add(nodes, json_copy(json_at(rows, i)));
    json_set(list, "pageInfo", json_copy(json_get(got, "pageInfo")));
    if (page->kind == PAGE_FULFILLMENT)
        add_pages(next, PAGE_FULFILLMENT_LINES, page->order, nodes, from);
    if (page->kind == PAGE_RETURNS)
        find_in_returns(next, page->order, nodes, from);
    add_page(next, page->kind, page->order, page->object);
}

static bool load_round(struct group *group, struct loads *loads, const struct pages *pages,
                       struct pages *next, struct err *err)
{
    struct shopify_call *calls = mem_array(pages->count, sizeof *calls);
    for (size_t i = 0; i < pages->count; i++)
        calls[i] = ask_page(&pages->items[i]);
    bool ok = shopify_call_all(group->sync->attempt, calls, pages->count, err);
    for (size_t i = 0; i < pages->count; i++) {
        size_t order = pages->items[i].order;
        if (ok && !loads->moved[order] && loads->whys[order].kind == ERR_NONE)
            take_page(loads, &pages->items[i], &calls[i], next);
        shopify_call_drop(&calls[i]);
    }
    free(calls);
    return ok;
}

/* Lists of which more than a page is no order we have heard of. */
static void check_ends(struct loads *loads, size_t order)
{
    static const char *const LISTS[] = {"refundShippingLines", "orderAdjustments", "transactions"};
    const json *refunds = json_get(loads->nodes[order], "refunds");
    for (size_t i = 0; i < json_count(refunds); i++)
        for (size_t k = 0; k < COUNT(LISTS); k++)
            if (json_flag(json_get(json_get(json_at(refunds, i), LISTS[k]), "pageInfo"),
                          "hasNextPage", false))
                err_set(&loads->whys[order], ERR_FATAL, 0, "order %s: a refund has more than 50 %s",
                        json_text(loads->nodes[order], "name"), LISTS[k]);
}

bool load_pages(struct group *group, struct loads *loads, struct err *err)
{
    OWN_PAGES struct pages pages = {0};
    for (size_t i = 0; i < group->count; i++)
        if (loads->nodes[i] && !loads->moved[i] && loads->whys[i].kind == ERR_NONE) {
            find_pages(&pages, i, loads->nodes[i]);
            check_ends(loads, i);
        }
    for (int round = 0; pages.count > 0 && round < ROUNDS_MOST; round++) {
        struct pages next = {0};
        bool ok = load_round(group, loads, &pages, &next, err);
        pages_drop(&pages);
        pages = next;
        if (!ok)
            return false;
    }
    return true;
}
