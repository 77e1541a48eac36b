/* order_parts.c - what happens to an order, from Shopify's JSON: payments, refunds, returns, what
 * is to be sent. */
#include <string.h>

#include "store/order_read.h"

/* A list that stands alone or is a connection's page. */
static const json *nodes_of(const json *node, const char *name)
{
    const json *list = json_get(node, name);
    return json_is_array(list) ? list : json_get(list, "nodes");
}

/* ---- payments ---- */

/* A receipt is no contract of Shopify's: text or tree, and it may say nothing. */
json *staged_receipt(const json *receipt)
{
    struct err err;
    OWN_JSON json *parsed = NULL;
    const char *text = json_string(receipt);
    if (*text && json_parse(text, strlen(text), &parsed, &err))
        receipt = parsed;
    const json *card = json_get(receipt, "gift_card_id");
    if (!card)
        return NULL;
    json *kept = json_new_object();
    json_set(kept, "gift_card_id", json_copy(card));
    return kept;
}

static const char *gift_card(const json *row, struct arena *arena)
{
    OWN_JSON json *receipt = staged_receipt(json_get(row, "receiptJson"));
    int64_t number = json_int(receipt, "gift_card_id", 0);
    return number > 0 ? arena_printf(arena, "%lld", (long long)number)
                      : arena_text(arena, json_text(receipt, "gift_card_id"));
}

void read_transactions(const json *node, struct arena *arena, struct order *out)
{
    const json *rows = json_get(node, "transactions");
    out->transactions = arena_array(arena, json_count(rows) + 1, sizeof *out->transactions);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        out->transactions[out->transaction_count++] = (struct order_transaction){
            .id = staged_id(json_text(row, "id"), arena),
            .parent_id = read_id(row, "parentTransaction", arena),
            .refund_id = "",
            .kind = json_text(row, "kind"),
            .status = json_text(row, "status"),
            .gateway = json_text(row, "gateway"),
            .gateway_name = json_text(row, "formattedGateway"),
            .card_company = json_text(json_get(row, "paymentDetails"), "company"),
            .gift_card_id = gift_card(row, arena),
            .payment_id = json_text(row, "paymentId"),
            .error = json_text(row, "errorCode"),
            .created = json_text(row, "createdAt"),
            .test = json_flag(row, "test", false),
            .manual = json_flag(row, "manualPaymentGateway", false),
            .amount = read_money(row, "amountSet"),
            .rounding = read_money(row, "amountRoundingSet"),
        };
    }
}

/* ---- returns ---- */

/* Where the line's units were put: every disposition must name the same location. What does not
 * stand on the page may name another. */
static const char *return_location(const json *node, const char *line_id, struct arena *arena)
{
    const char *found = "";
    const json *orders = json_get(node, "reverseFulfillmentOrders");
    if (json_flag(json_get(orders, "pageInfo"), "hasNextPage", false))
        return "";
    for (size_t i = 0; i < json_count(json_get(orders, "nodes")); i++) {
        const json *lines = json_get(json_at(json_get(orders, "nodes"), i), "lineItems");
        if (json_flag(json_get(lines, "pageInfo"), "hasNextPage", false))
            return "";
        for (size_t k = 0; k < json_count(json_get(lines, "nodes")); k++) {
            const json *line = json_at(json_get(lines, "nodes"), k);
            const json *places = json_get(line, "dispositions");
            if (strcmp(read_id(json_get(line, "fulfillmentLineItem"), "lineItem", arena),
                       line_id) != 0)
                continue;
            for (size_t n = 0; n < json_count(places); n++) {
                const char *here = read_id(json_at(places, n), "location", arena);
                if (*found && strcmp(found, here) != 0)
                    return "";
                found = here;
            }
        }
    }
    return found;
}

static void read_return_lines(const json *node, struct arena *arena, struct order_return *out)
{
    const json *rows = nodes_of(node, "returnLineItems");
    out->lines = arena_array(arena, json_count(rows) + 1, sizeof *out->lines);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        bool known = json_has(row, "withCodeDiscountedTotalPriceSet");
        struct money_pair unit = {DECIMAL_ZERO, DECIMAL_ZERO};
        const char *line_id = read_id(json_get(row, "fulfillmentLineItem"), "lineItem", arena);
        if (!known && json_decimal(json_get(row, "unitPrice"), "amount", &unit.shop))
            unit.presentment = unit.shop;
        out->lines[out->line_count++] = (struct order_return_line){
            .id = staged_id(json_text(row, "id"), arena),
            .line_id = line_id,
            .quantity = json_int(row, "quantity", 0),
            .refundable = json_int(row, "refundableQuantity", 0),
            .refunded = json_int(row, "refundedQuantity", 0),
            .reason = json_text(json_get(row, "returnReasonDefinition"), "handle"),
            .reason_note = json_text(row, "returnReasonNote"),
            .customer_note = json_text(row, "customerNote"),
            .location_id = *line_id ? return_location(node, line_id, arena) : "",
            .total = known ? read_money(row, "withCodeDiscountedTotalPriceSet") : unit,
        };
    }
}

static void read_exchanges(const json *node, struct arena *arena, struct order_return *out)
{
    const json *rows = nodes_of(node, "exchangeLineItems");
    size_t most = 0;
    for (size_t i = 0; i < json_count(rows); i++)
        most += json_count(json_get(json_at(rows, i), "lineItems"));
    out->exchanges = arena_array(arena, most + 1, sizeof *out->exchanges);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i), *lines = json_get(row, "lineItems");
        for (size_t k = 0; k < json_count(lines); k++)
            out->exchanges[out->exchange_count++] = (struct order_exchange_line){
                .line_id = staged_id(json_text(json_at(lines, k), "id"), arena),
                .quantity = json_int(row, "quantity", 0),
            };
    }
}

void read_returns(const json *node, struct arena *arena, struct order *out)
{
    const json *rows = nodes_of(node, "returns");
    out->return_list = arena_array(arena, json_count(rows) + 1, sizeof *out->return_list);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i), *decline = json_get(row, "decline");
        struct order_return *one = &out->return_list[out->return_count++];
        *one = (struct order_return){
            .id = staged_id(json_text(row, "id"), arena),
            .name = json_text(row, "name"),
            .status = json_text(row, "status"),
            .decline_reason = json_text(decline, "reason"),
            .decline_note = json_text(decline, "note"),
            .quantity = json_int(row, "totalQuantity", 0),
        };
        read_return_lines(row, arena, one);
        read_exchanges(row, arena, one);
    }
}

/* ---- refunds ---- */

static const struct order_return *return_by_id(const struct order *order, const char *id)
{
    for (size_t i = 0; *id && i < order->return_count; i++)
        if (strcmp(order->return_list[i].id, id) == 0)
            return &order->return_list[i];
    return NULL;
}

static struct money_pair negative(struct money_pair value)
{
    return money_sub((struct money_pair){DECIMAL_ZERO, DECIMAL_ZERO}, value);
}

static struct money_pair line_value(const struct order_line *line)
{
    struct decimal units = decimal_from_int(line->quantity);
    struct money_pair gross = {decimal_mul(line->price.shop, units),
                               decimal_mul(line->price.presentment, units)};
    return money_sub(gross, line->discount);
}

/* What went out for what came back is sold by the credit memo, on lines below zero. */
static void add_exchanged(const struct order *order, const struct order_return *from,
                          struct order_refund *refund, struct arena *arena)
{
    for (size_t i = 0; from && i < from->exchange_count; i++) {
        const struct order_line *line = order_line_by_id(order, from->exchanges[i].line_id);
        if (!line)
            continue;
        struct money_pair tax = {DECIMAL_ZERO, DECIMAL_ZERO};
        for (size_t k = 0; k < line->taxes.count; k++)
            tax = money_add(tax, line->taxes.items[k].amount);
        refund->lines[refund->line_count++] = (struct order_refund_line){
            .id = arena_printf(arena, "-%s", line->id),
            .line_id = line->id,
            .restock = "RETURN",
            .location_id = "",
            .quantity = -line->quantity,
            .exchange = true,
            .price = line->price,
            .subtotal = negative(line_value(line)),
            .tax = negative(tax),
        };
    }
}

static const char *place_of(const struct order_return *from, const char *line_id)
{
    for (size_t i = 0; from && i < from->line_count; i++)
        if (strcmp(from->lines[i].line_id, line_id) == 0)
            return from->lines[i].location_id;
    return "";
}

static void read_refund_lines(const json *node, const struct order_return *from,
                              struct arena *arena, struct order_refund *out)
{
    const json *rows = nodes_of(node, "refundLineItems");
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        const char *line_id = read_id(row, "lineItem", arena);
        const char *own = read_id(row, "location", arena);
        out->lines[out->line_count++] = (struct order_refund_line){
            .id = staged_id(json_text(row, "id"), arena),
            .line_id = line_id,
            .restock = json_text(row, "restockType"),
            .location_id = *own ? own : place_of(from, line_id),
            .quantity = json_int(row, "quantity", 0),
            .restocked = json_flag(row, "restocked", false),
            .price = read_money(row, "priceSet"),
            .subtotal = read_money(row, "subtotalSet"),
            .tax = read_money(row, "totalTaxSet"),
        };
    }
}

static void read_refund_shipping(const json *node, struct arena *arena, struct order_refund *out)
{
    const json *rows = nodes_of(node, "refundShippingLines");
    out->shipping = arena_array(arena, json_count(rows) + 1, sizeof *out->shipping);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        out->shipping[out->shipping_count++] = (struct order_refund_shipping){
            .id = staged_id(json_text(row, "id"), arena),
            .shipping_id = read_id(row, "shippingLine", arena),
            .title = json_text(json_get(row, "shippingLine"), "title"),
            .subtotal = read_money(row, "subtotalAmountSet"),
            .tax = read_money(row, "taxAmountSet"),
        };
    }
}

static void read_adjustments(const json *node, struct arena *arena, struct order_refund *out)
{
    const json *rows = nodes_of(node, "orderAdjustments");
    out->adjustments = arena_array(arena, json_count(rows) + 1, sizeof *out->adjustments);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        out->adjustments[out->adjustment_count++] = (struct order_adjustment){
            .id = staged_id(json_text(row, "id"), arena),
            .reason = json_text(row, "reason"),
            .amount = read_money(row, "amountSet"),
            .tax = read_money(row, "taxAmountSet"),
        };
    }
}

/* The refund's transactions are the order's, too: both know of each other. */
static void join_transactions(const json *node, struct arena *arena, struct order *order,
                              struct order_refund *out)
{
    const json *rows = nodes_of(node, "transactions");
    out->transactions = arena_array(arena, json_count(rows) + 1, sizeof *out->transactions);
    for (size_t i = 0; i < json_count(rows); i++) {
        const char *id = staged_id(json_text(json_at(rows, i), "id"), arena);
        out->transactions[out->transaction_count++] = id;
        for (size_t k = 0; k < order->transaction_count; k++)
            if (strcmp(order->transactions[k].id, id) == 0)
                order->transactions[k].refund_id = out->id;
    }
}

/* A return may be refunded in steps; what was exchanged goes with the first of them. */
static bool first_of_return(const struct order *order, const struct order_refund *refund)
{
    for (size_t i = 0; i < order->refund_count; i++)
        if (&order->refunds[i] != refund &&
            strcmp(order->refunds[i].return_id, refund->return_id) == 0)
            return false;
    return true;
}

void read_refunds(const json *node, struct arena *arena, struct order *out)
{
    const json *rows = json_get(node, "refunds");
    out->refunds = arena_array(arena, json_count(rows) + 1, sizeof *out->refunds);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        struct order_refund *one = &out->refunds[out->refund_count++];
        *one = (struct order_refund){
            .id = staged_id(json_text(row, "id"), arena),
            .return_id = read_id(row, "return", arena),
            .created = json_text(row, "createdAt"),
            .updated = json_text(row, "updatedAt"),
            .note = json_text(row, "note"),
            .total = read_money(row, "totalRefundedSet"),
        };
        const struct order_return *from = return_by_id(out, one->return_id);
        size_t most = json_count(nodes_of(row, "refundLineItems"));
        one->lines =
            arena_array(arena, most + (from ? from->exchange_count : 0) + 1, sizeof *one->lines);
        read_refund_lines(row, from, arena, one);
        if (first_of_return(out, one))
            add_exchanged(out, from, one, arena);
        read_refund_shipping(row, arena, one);
        read_adjustments(row, arena, one);
        join_transactions(row, arena, out, one);
    }
}

/* ---- what is to be sent ---- */

void read_fulfillments(const json *node, struct arena *arena, struct order *out)
{
    const json *rows = nodes_of(node, "fulfillmentOrders");
    out->fulfillments = arena_array(arena, json_count(rows) + 1, sizeof *out->fulfillments);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i), *lines = nodes_of(row, "lineItems");
        struct order_fulfillment *one = &out->fulfillments[out->fulfillment_count++];
        *one = (struct order_fulfillment){
            .id = staged_id(json_text(row, "id"), arena),
            .status = json_text(row, "status"),
            .request = json_text(row, "requestStatus"),
            .location_id = read_id(json_get(row, "assignedLocation"), "location", arena),
            .method = json_text(json_get(row, "deliveryMethod"), "methodType"),
            .lines = arena_array(arena, json_count(lines) + 1, sizeof *one->lines),
        };
        for (size_t k = 0; k < json_count(lines); k++) {
            const json *line = json_at(lines, k);
            one->lines[one->line_count++] = (struct order_fulfillment_line){
                .id = staged_id(json_text(line, "id"), arena),
                .line_id = read_id(line, "lineItem", arena),
                .total = json_int(line, "totalQuantity", 0),
                .remaining = json_int(line, "remainingQuantity", 0),
            };
        }
    }
}
