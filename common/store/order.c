/* order.c - Shopify's JSON of an order into the record that decisions see. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/staging.h"

const char *staged_id(const char *gid, struct arena *arena)
{
    const char *slash = strrchr(gid, '/');
    const char *start = slash ? slash + 1 : gid;
    size_t size = strspn(start, "0123456789");
    return arena_text_n(arena, start, size);
}

static struct decimal money(const json *object, const char *set)
{
    struct decimal amount;
    const json *shop = json_get(json_get(object, set), "shopMoney");
    return json_decimal(shop, "amount", &amount) ? amount : DECIMAL_ZERO;
}

static struct decimal allocated(const json *object)
{
    struct decimal sum = DECIMAL_ZERO;
    const json *list = json_get(object, "discountAllocations");
    for (size_t i = 0; i < json_count(list); i++)
        sum = decimal_add(sum, money(json_at(list, i), "allocatedAmountSet"));
    return sum;
}

static bool channel_pays(const json *object)
{
    const json *taxes = json_get(object, "taxLines");
    for (size_t i = 0; i < json_count(taxes); i++)
        if (json_flag(json_at(taxes, i), "channelLiable", false))
            return true;
    return false;
}

static void read_address(const json *node, struct order_address *out)
{
    *out = (struct order_address){
        .name = json_text(node, "name"),
        .company = json_text(node, "company"),
        .address1 = json_text(node, "address1"),
        .address2 = json_text(node, "address2"),
        .city = json_text(node, "city"),
        .zip = json_text(node, "zip"),
        .state = json_text(node, "provinceCode"),
        .country = json_text(node, "countryCodeV2"),
        .phone = json_text(node, "phone"),
        .present = node != NULL,
    };
}

static bool read_lines(const json *node, struct arena *arena, struct order *out, struct err *err)
{
    const json *nodes = json_path(node, "lineItems.nodes");
    out->lines = arena_array(arena, json_count(nodes) + 1, sizeof *out->lines);
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *row = json_at(nodes, i);
        const json *variant = json_get(row, "variant");
        const char *sku = json_text(variant, "sku");
        struct order_line *line = &out->lines[out->line_count++];
        *line = (struct order_line){
            .id = staged_id(json_text(row, "id"), arena),
            .product_id = staged_id(json_text(json_get(row, "product"), "id"), arena),
            .variant_id = staged_id(json_text(variant, "id"), arena),
            .title = json_text(row, "title"),
            .variant_title = json_text(row, "variantTitle"),
            .sku = *sku ? sku : json_text(row, "sku"),
            .barcode = json_text(variant, "barcode"),
            .quantity = json_int(row, "quantity", -1),
            .current = json_int(row, "currentQuantity", -1),
            .gift_card = json_flag(row, "isGiftCard", false),
            .price = money(row, "originalUnitPriceSet"),
            .discount = allocated(row),
        };
        out->channel_tax = out->channel_tax || channel_pays(row);
        if (!*line->id || line->quantity < 0 || line->current < 0)
            return err_set(err, ERR_FATAL, 0, "line %zu has no id or quantity", i + 1);
    }
    return true;
}

static void read_shipping(const json *node, struct arena *arena, struct order *out)
{
    const json *nodes = json_path(node, "shippingLines.nodes");
    out->more_shipping = json_flag(json_path(node, "shippingLines.pageInfo"), "hasNextPage", false);
    out->shipping_lines = arena_array(arena, json_count(nodes) + 1, sizeof *out->shipping_lines);
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *row = json_at(nodes, i);
        out->shipping_lines[out->shipping_count++] = (struct order_shipping){
            .id = staged_id(json_text(row, "id"), arena),
            .title = json_text(row, "title"),
            .code = json_text(row, "code"),
            .removed = json_flag(row, "isRemoved", false),
            .price = money(row, "originalPriceSet"),
            .discount = allocated(row),
        };
        out->channel_tax = out->channel_tax || channel_pays(row);
    }
}

static const char *joined_tags(const json *node, struct arena *arena)
{
    OWN_BUF struct buf text = {0};
    const json *tags = json_get(node, "tags");
    for (size_t i = 0; i < json_count(tags); i++)
        buf_printf(&text, "%s[%s]", i ? " " : "", json_string(json_at(tags, i)));
    return arena_text(arena, buf_str(&text));
}

static const char *worst_risk(const json *node)
{
    static const char *const LEVELS[] = {"NONE", "PENDING", "LOW", "MEDIUM", "HIGH"};
    const json *list = json_path(node, "risk.assessments");
    size_t worst = 0;
    for (size_t i = 0; i < json_count(list); i++)
        for (size_t k = worst + 1; k < COUNT(LEVELS); k++)
            if (strcmp(json_text(json_at(list, i), "riskLevel"), LEVELS[k]) == 0)
                worst = k;
    return LEVELS[worst];
}

static void read_customer(const json *node, struct arena *arena, struct order *out)
{
    const json *customer = json_get(node, "customer");
    const char *first = json_text(customer, "firstName"), *last = json_text(customer, "lastName");
    out->customer_id = staged_id(json_text(customer, "id"), arena);
    out->customer_name = arena_printf(arena, "%s%s%s", first, *first && *last ? " " : "", last);
    out->customer_email = json_text(json_get(customer, "defaultEmailAddress"), "emailAddress");
    out->customer_phone = json_text(json_get(customer, "defaultPhoneNumber"), "phoneNumber");
    out->company_id =
        staged_id(json_text(json_path(node, "purchasingEntity.company"), "id"), arena);
    read_address(json_get(node, "displayAddress"), &out->sell_to);
    read_address(json_get(node, "shippingAddress"), &out->ship_to);
    read_address(json_get(node, "billingAddress"), &out->bill_to);
}

static void read_amounts(const json *node, struct order *out)
{
    const json *rounding = json_get(node, "totalCashRoundingAdjustment");
    out->total = money(node, "totalPriceSet");
    out->current_total = money(node, "currentTotalPriceSet");
    out->current_discounts = money(node, "currentTotalDiscountsSet");
    out->shipping = money(node, "totalShippingPriceSet");
    out->refunded = money(node, "totalRefundedSet");
    out->tips = money(node, "totalTipReceivedSet");
    out->duties = money(node, "currentTotalDutiesSet");
    out->fees = money(node, "currentTotalAdditionalFeesSet");
    out->rounding = decimal_add(money(rounding, "paymentSet"), money(rounding, "refundSet"));
}

bool staged_order(const json *node, struct arena *arena, struct order *out, struct err *err)
{
    struct order order = {
        .id = staged_id(json_text(node, "id"), arena),
        .name = json_text(node, "name"),
        .created = json_text(node, "createdAt"),
        .updated = json_text(node, "updatedAt"),
        .cancelled = json_text(node, "cancelledAt"),
        .financial = json_text(node, "displayFinancialStatus"),
        .fulfillment = json_text(node, "displayFulfillmentStatus"),
        .returns = json_text(node, "returnStatus"),
        .tags = joined_tags(node, arena),
        .email = json_text(node, "email"),
        .phone = json_text(node, "phone"),
        .note = json_text(node, "note"),
        .po_number = json_text(node, "poNumber"),
        .currency = json_text(node, "currencyCode"),
        .risk = worst_risk(node),
        .test = json_flag(node, "test", false),
        .closed = json_flag(node, "closed", false),
        .confirmed = json_flag(node, "confirmed", false),
        .fully_paid = json_flag(node, "fullyPaid", false),
        .edited = json_flag(node, "edited", false),
        .taxes_included = json_flag(node, "taxesIncluded", false),
        .channel_tax = channel_pays(node),
    };
    if (!*order.id || !*order.name || !*order.created || !*order.updated)
        return err_set(err, ERR_FATAL, 0, "order \"%.40s\" lacks id, name or times",
                       json_text(node, "id"));
    read_customer(node, arena, &order);
    read_amounts(node, &order);
    if (!read_lines(node, arena, &order, err))
        return err_wrap(err, "order %s", order.name);
    read_shipping(node, arena, &order);
    *out = order;
    return true;
}
