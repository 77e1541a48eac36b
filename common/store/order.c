/* order.c - Shopify's JSON of an order into the record that decisions see. */
#include <string.h>

#include "store/order_read.h"
#include "store/privacy.h"

const char *staged_id(const char *gid, struct arena *arena)
{
    const char *slash = strrchr(gid, '/');
    const char *start = slash ? slash + 1 : gid;
    size_t size = strspn(start, "0123456789");
    return arena_text_n(arena, start, size);
}

const char *read_id(const json *node, const char *name, struct arena *arena)
{
    return staged_id(json_text(json_get(node, name), "id"), arena);
}

struct money_pair read_money(const json *object, const char *set)
{
    struct money_pair pair = {DECIMAL_ZERO, DECIMAL_ZERO};
    const json *bag = json_get(object, set);
    if (!json_decimal(json_get(bag, "shopMoney"), "amount", &pair.shop))
        pair.shop = DECIMAL_ZERO;
    if (!json_decimal(json_get(bag, "presentmentMoney"), "amount", &pair.presentment))
        pair.presentment = pair.shop;
    return pair;
}

static struct money_pair allocated(const json *object)
{
    struct money_pair sum = {DECIMAL_ZERO, DECIMAL_ZERO};
    const json *list = json_get(object, "discountAllocations");
    for (size_t i = 0; i < json_count(list); i++)
        sum = money_add(sum, read_money(json_at(list, i), "allocatedAmountSet"));
    return sum;
}

static struct decimal number(const json *object, const char *name)
{
    struct decimal value;
    return json_decimal(object, name, &value) ? value : DECIMAL_ZERO;
}

struct order_taxes read_taxes(const json *object, struct arena *arena)
{
    const json *list = json_get(object, "taxLines");
    struct order_taxes taxes = {.items =
                                    arena_array(arena, json_count(list) + 1, sizeof *taxes.items)};
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        taxes.items[taxes.count++] = (struct order_tax){
            .title = json_text(row, "title"),
            .rate = number(row, "rate"),
            .percent = number(row, "ratePercentage"),
            .amount = read_money(row, "priceSet"),
            .channel_liable = json_flag(row, "channelLiable", false),
        };
    }
    return taxes;
}

static bool channel_pays(const struct order_taxes *taxes)
{
    for (size_t i = 0; i < taxes->count; i++)
        if (taxes->items[i].channel_liable)
            return true;
    return false;
}

static struct order_attributes read_attributes(const json *object, struct arena *arena)
{
    const json *list = json_get(object, "customAttributes");
    struct order_attributes out = {.items =
                                       arena_array(arena, json_count(list) + 1, sizeof *out.items)};
    for (size_t i = 0; i < json_count(list); i++)
        out.items[out.count++] = (struct order_attribute){json_text(json_at(list, i), "key"),
                                                          json_text(json_at(list, i), "value")};
    return out;
}

static void read_address(const json *node, struct order_address *out)
{
    *out = (struct order_address){
        .first = json_text(node, "firstName"),
        .last = json_text(node, "lastName"),
        .name = json_text(node, "name"),
        .company = json_text(node, "company"),
        .address1 = json_text(node, "address1"),
        .address2 = json_text(node, "address2"),
        .city = json_text(node, "city"),
        .zip = json_text(node, "zip"),
        .state = json_text(node, "provinceCode"),
        .state_name = json_text(node, "province"),
        .country = json_text(node, "countryCodeV2"),
        .phone = json_text(node, "phone"),
        .present = node != NULL,
    };
}

static void read_line(const json *row, struct arena *arena, struct order_line *line)
{
    const json *variant = json_get(row, "variant");
    const char *sku = json_text(variant, "sku");
    *line = (struct order_line){
        .id = staged_id(json_text(row, "id"), arena),
        .product_id = read_id(row, "product", arena),
        .variant_id = staged_id(json_text(variant, "id"), arena),
        .title = json_text(row, "title"),
        .variant_title = json_text(row, "variantTitle"),
        .sku = *sku ? sku : json_text(row, "sku"),
        .barcode = json_text(variant, "barcode"),
        .vendor = json_text(row, "vendor"),
        .quantity = json_int(row, "quantity", -1),
        .current = json_int(row, "currentQuantity", -1),
        .unfulfilled = json_int(row, "unfulfilledQuantity", 0),
        .gift_card = json_flag(row, "isGiftCard", false),
        .taxable = json_flag(row, "taxable", false),
        .requires_shipping = json_flag(row, "requiresShipping", false),
        .price = read_money(row, "originalUnitPriceSet"),
        .discount = allocated(row),
        .taxes = read_taxes(row, arena),
        .attributes = read_attributes(row, arena),
        .location_id = "",
        .delivery_method = "",
    };
    line->tip = !*line->product_id && strcmp(line->title, "Tip") == 0;
}

static bool read_lines(const json *node, struct arena *arena, struct order *out, struct err *err)
{
    const json *nodes = json_path(node, "lineItems.nodes");
    out->lines = arena_array(arena, json_count(nodes) + 1, sizeof *out->lines);
    for (size_t i = 0; i < json_count(nodes); i++) {
        struct order_line *line = &out->lines[out->line_count++];
        read_line(json_at(nodes, i), arena, line);
        out->channel_tax = out->channel_tax || channel_pays(&line->taxes);
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
        struct order_shipping *line = &out->shipping_lines[out->shipping_count++];
        *line = (struct order_shipping){
            .id = staged_id(json_text(row, "id"), arena),
            .title = json_text(row, "title"),
            .code = json_text(row, "code"),
            .source = json_text(row, "source"),
            .removed = json_flag(row, "isRemoved", false),
            .price = read_money(row, "originalPriceSet"),
            .discount = allocated(row),
            .taxes = read_taxes(row, arena),
        };
        out->channel_tax = out->channel_tax || channel_pays(&line->taxes);
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

static const char *joined_codes(const json *node, struct arena *arena)
{
    OWN_BUF struct buf text = {0};
    const json *codes = json_get(node, "discountCodes");
    for (size_t i = 0; i < json_count(codes); i++)
        buf_printf(&text, "%s%s", i ? ", " : "", json_string(json_at(codes, i)));
    return arena_text(arena, buf_str(&text));
}

static void read_customer(const json *node, struct arena *arena, struct order *out)
{
    const json *customer = json_get(node, "customer"), *buyer = json_get(node, "purchasingEntity");
    const char *first = json_text(customer, "firstName"), *last = json_text(customer, "lastName");
    out->customer_id = staged_id(json_text(customer, "id"), arena);
    out->customer_first = first;
    out->customer_last = last;
    out->customer_name = arena_printf(arena, "%s%s%s", first, *first && *last ? " " : "", last);
    out->customer_email = json_text(json_get(customer, "defaultEmailAddress"), "emailAddress");
    out->customer_phone = json_text(json_get(customer, "defaultPhoneNumber"), "phoneNumber");
    out->company_id = read_id(buyer, "company", arena);
    out->company_name = json_text(json_get(buyer, "company"), "name");
    out->company_location_id = read_id(buyer, "location", arena);
    out->company_contact_id = read_id(buyer, "contact", arena);
    read_address(json_get(node, "displayAddress"), &out->sell_to);
    read_address(json_get(node, "shippingAddress"), &out->ship_to);
    read_address(json_get(node, "billingAddress"), &out->bill_to);
}

/* One date of payment is the order's; several are none (schedules of parts). */
static void read_terms(const json *node, struct order *out)
{
    const json *terms = json_get(node, "paymentTerms");
    const json *schedules = json_path(terms, "paymentSchedules.nodes");
    out->terms_name = json_text(terms, "paymentTermsName");
    out->terms_type = json_text(terms, "paymentTermsType");
    out->terms_days = json_int(terms, "dueInDays", 0);
    out->due = json_count(schedules) == 1 ? json_text(json_at(schedules, 0), "dueAt") : "";
}

static void read_amounts(const json *node, struct order *out)
{
    const json *rounding = json_get(node, "totalCashRoundingAdjustment");
    out->sold = (struct order_totals){
        .total = read_money(node, "totalPriceSet"),
        .tax = read_money(node, "totalTaxSet"),
        .discounts = read_money(node, "totalDiscountsSet"),
        .shipping = read_money(node, "totalShippingPriceSet"),
    };
    out->current = (struct order_totals){
        .total = read_money(node, "currentTotalPriceSet"),
        .tax = read_money(node, "currentTotalTaxSet"),
        .discounts = read_money(node, "currentTotalDiscountsSet"),
        .shipping = read_money(node, "currentShippingPriceSet"),
    };
    out->subtotal = read_money(node, "subtotalPriceSet");
    out->refunded = read_money(node, "totalRefundedSet");
    out->outstanding = read_money(node, "totalOutstandingSet");
    out->tips = read_money(node, "totalTipReceivedSet");
    out->duties = read_money(node, "currentTotalDutiesSet");
    out->fees = read_money(node, "currentTotalAdditionalFeesSet");
    out->rounding = read_money(rounding, "paymentSet");
    out->refund_rounding = read_money(rounding, "refundSet");
}

static void read_header(const json *node, struct arena *arena, struct order *out)
{
    const char *app = json_text(json_get(node, "app"), "name");
    const char *source = json_text(node, "sourceName");
    *out = (struct order){
        .id = staged_id(json_text(node, "id"), arena),
        .name = json_text(node, "name"),
        .created = json_text(node, "createdAt"),
        .updated = json_text(node, "updatedAt"),
        .processed = json_text(node, "processedAt"),
        .closed_at = json_text(node, "closedAt"),
        .cancelled = json_text(node, "cancelledAt"),
        .cancel_reason = json_text(node, "cancelReason"),
        .financial = json_text(node, "displayFinancialStatus"),
        .fulfillment = json_text(node, "displayFulfillmentStatus"),
        .returns = json_text(node, "returnStatus"),
        .tags = joined_tags(node, arena),
        .discount_codes = joined_codes(node, arena),
        .email = json_text(node, "email"),
        .phone = json_text(node, "phone"),
        .note = json_text(node, "note"),
        .po_number = json_text(node, "poNumber"),
        .currency = json_text(node, "currencyCode"),
        .presentment_currency = json_text(node, "presentmentCurrencyCode"),
        .risk = worst_risk(node),
        .source = source,
        .channel = order_channel(source, app),
        .staff_id = read_id(node, "staffMember", arena),
        .retail_location_id = read_id(node, "retailLocation", arena),
        .test = json_flag(node, "test", false),
        .closed = json_flag(node, "closed", false),
        .confirmed = json_flag(node, "confirmed", false),
        .fully_paid = json_flag(node, "fullyPaid", false),
        .erased = privacy_is_blank(node),
        .edited = json_flag(node, "edited", false),
        .taxes_included = json_flag(node, "taxesIncluded", false),
        .tax_exempt = json_flag(node, "taxExempt", false),
        .duties_included = json_flag(node, "dutiesIncluded", false),
        .attributes = read_attributes(node, arena),
        .taxes = read_taxes(node, arena),
    };
    if (!*out->presentment_currency)
        out->presentment_currency = out->currency;
    out->channel_tax = channel_pays(&out->taxes);
}

bool staged_order(const json *node, struct arena *arena, struct order *out, struct err *err)
{
    struct order order;
    read_header(node, arena, &order);
    if (!*order.id || !*order.name || !*order.created || !*order.updated)
        return err_set(err, ERR_FATAL, 0, "order \"%.40s\" lacks id, name or times",
                       json_text(node, "id"));
    read_customer(node, arena, &order);
    read_terms(node, &order);
    read_amounts(node, &order);
    if (!read_lines(node, arena, &order, err))
        return err_wrap(err, "order %s", order.name);
    read_shipping(node, arena, &order);
    read_transactions(node, arena, &order);
    read_returns(node, arena, &order);
    read_refunds(node, arena, &order);
    read_fulfillments(node, arena, &order);
    order_settle(&order);
    *out = order;
    return true;
}
