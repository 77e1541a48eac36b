/* order_plan.c - lines, discounts and totals of a sales document. */
#include "plan/order_plan.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "plan/amounts.h"

enum { MOST_DESCRIPTION = 100, MOST_NOTE_LINES = 10, MOST_NUMBER = 20 };
/* Beside goods and shipping: the order's number, PO number, tips, duties, fees, two roundings. */
enum { MORE_LINES = MOST_NOTE_LINES + 7 };

/* ---- what is left alone ---- */

bool order_line_is_custom(const struct order_line *line)
{
    return !*line->product_id && !*line->variant_id && !*line->sku;
}

bool order_line_needs_item(const struct order_line *line)
{
    return line->net > 0 && !line->gift_card && !line->tip && !order_line_is_custom(line);
}

static bool is_plain_custom(const struct order_line *line)
{
    return order_line_is_custom(line) && !line->tip && !line->gift_card;
}

static bool is_gift_card(const struct order_line *line)
{
    return line->gift_card;
}

static bool is_tip(const struct order_line *line)
{
    return line->tip;
}

static const struct order_line *find_line(const struct order *order,
                                          bool (*is)(const struct order_line *line))
{
    for (size_t i = 0; i < order->line_count; i++)
        if (order->lines[i].net > 0 && is(&order->lines[i]))
            return &order->lines[i];
    return NULL;
}

static bool anything_left(const struct order *order)
{
    for (size_t i = 0; i < order->line_count; i++)
        if (order->lines[i].net > 0)
            return true;
    for (size_t i = 0; i < order->shipping_count; i++)
        if (!order->shipping_lines[i].removed &&
            decimal_sign(order->shipping_lines[i].price.shop) > 0)
            return true;
    return false;
}

/* Cancelled before a document was made, and nothing of it is to be delivered. */
static bool called_off(const struct order *order)
{
    for (size_t i = 0; i < order->line_count; i++)
        if (order->lines[i].current > 0)
            return false;
    return *order->cancelled != 0;
}

static enum reason named(enum reason reason, const struct order_line *line, struct buf *detail)
{
    buf_printf(detail, "line \"%.80s\"", line->title);
    return reason;
}

/* The part of the tips that is no line of its own. */
static struct decimal loose_tips(const struct order *order, enum money_side side)
{
    struct decimal sum = money_of(order->tips, side);
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        if (line->tip)
            sum = decimal_sub(
                sum, decimal_mul(money_of(line->price, side), decimal_from_int(line->quantity)));
    }
    return decimal_sign(sum) > 0 ? sum : DECIMAL_ZERO;
}

enum reason order_skip(const struct order *order, const struct shop *shop, struct buf *detail)
{
    char external[EXTERNAL_NUMBER_MAX + 1];
    const struct order_line *line;

    if (order->test)
        return REASON_TEST;
    if (called_off(order))
        return REASON_CANCELLED;
    if (!anything_left(order))
        return REASON_NO_LINES;
    if (order->channel_tax)
        return REASON_CHANNEL_TAX;
    if (order->more_shipping)
        return REASON_MANY_SHIPPING_LINES;
    if (!*shop->custom_line_account && (line = find_line(order, is_plain_custom)))
        return named(REASON_CUSTOM_LINE, line, detail);
    if (!order_external_number(order, shop, "", external))
        return REASON_LONG_NAME;
    if (shop->use_shopify_order_no && (*order->name == '@' || strlen(order->name) > MOST_NUMBER))
        return REASON_ORDER_NUMBER;
    if (!*shop->gift_card_account && (line = find_line(order, is_gift_card)))
        return named(REASON_GIFT_CARD, line, detail);
    if (!*shop->tip_account && (line = find_line(order, is_tip)))
        return named(REASON_TIP, line, detail);
    if (!*shop->tip_account && decimal_sign(loose_tips(order, MONEY_SHOP)) > 0)
        return REASON_TIP;
    return REASON_NONE;
}

/* ---- texts ---- */

bool order_external_number(const struct order *order, const struct shop *shop, const char *more,
                           char out[static EXTERNAL_NUMBER_MAX + 1])
{
    size_t prefix = strlen(shop->external_document_prefix), name = strlen(order->name);
    if (prefix + name + strlen(more) > EXTERNAL_NUMBER_MAX || name == 0)
        return false;
    memcpy(out, shop->external_document_prefix, prefix);
    memcpy(out + prefix, order->name, name);
    memcpy(out + prefix + name, more, strlen(more) + 1);
    for (char *at = out; *at; at++)
        *at = (char)toupper((unsigned char)*at); /* as the ERP's code fields hold it */
    return true;
}

/* Cuts at a whole UTF-8 letter: the ERP refuses what is longer. */
static size_t letters(const char *text, size_t most)
{
    size_t count = 0, size = 0;
    while (text[size] && count < most) {
        size++;
        while (((unsigned char)text[size] & 0xC0) == 0x80)
            size++;
        count++;
    }
    return size;
}

const char *plan_text(struct arena *arena, const char *text)
{
    return arena_text_n(arena, text, letters(text, MOST_DESCRIPTION));
}

/* An order of 23:30 UTC belongs to the next day in summer London. */
const char *plan_date(const char *instant, const struct zone *zone, struct arena *arena)
{
    char date[11];
    int64_t utc_ms;
    if (!zone || !time_parse(instant, &utc_ms))
        return arena_text_n(arena, instant, strnlen(instant, 10));
    zone_date(zone, utc_ms, date);
    return arena_text(arena, date);
}

/* ---- lines ---- */

struct plan_line *plan_add(struct order_plan *plan, enum plan_line_kind kind, const char *id,
                           const char *description)
{
    struct plan_line *line = &plan->lines[plan->line_count++];
    *line = (struct plan_line){.kind = kind,
                               .shopify_id = id,
                               .item_id = "",
                               .item_variant_id = "",
                               .unit = "",
                               .number = "",
                               .description = description,
                               .location = "",
                               .location_id = "",
                               .rate = DECIMAL_ZERO};
    return line;
}

static struct plan_line *add_account(struct order_plan *plan, const char *account, const char *id,
                                     const char *description, struct decimal amount)
{
    struct plan_line *line = plan_add(plan, PLAN_ACCOUNT, id, description);
    line->number = account;
    line->quantity = decimal_from_int(1);
    line->price = amount;
    return line;
}

/* What was exempt has its rates too, and no tax; but so has what is so little that its tax is
 * nothing. */
static bool was_charged(const struct order_plan *plan, const struct order_tax *tax,
                        struct decimal amount)
{
    struct decimal hundred = decimal_from_int(100), unit = {1, plan->places};
    struct decimal whole = plan->taxes_included ? decimal_add(hundred, tax->percent) : hundred;
    struct decimal due = decimal_div(decimal_mul(amount, tax->percent), whole, plan->places + 2);
    return decimal_sign(money_of(tax->amount, plan->side)) != 0 ||
           decimal_cmp(decimal_abs(due), unit) < 0;
}

void plan_tax(const struct order_plan *plan, struct plan_line *line,
              const struct order_taxes *taxes, struct decimal amount)
{
    for (size_t i = 0; i < taxes->count; i++) {
        if (!was_charged(plan, &taxes->items[i], amount))
            continue;
        line->rate = decimal_add(line->rate, taxes->items[i].percent);
        line->taxes++;
    }
}

void plan_line_tax(const struct order_plan *plan, struct plan_line *line,
                   const struct order_line *source)
{
    struct decimal price = money_of(source->price, plan->side);
    struct decimal gross = decimal_mul(price, decimal_from_int(source->quantity));
    plan_tax(plan, line, &source->taxes,
             decimal_sub(gross, money_of(source->discount, plan->side)));
    if (source->current != source->quantity) /* of what is left, and of what is gone */
        line->taxes *= 2;
}

void plan_shipping_tax(const struct order_plan *plan, struct plan_line *line,
                       const struct order_shipping *source)
{
    plan_tax(
        plan, line, &source->taxes,
        decimal_sub(money_of(source->price, plan->side), money_of(source->discount, plan->side)));
}

void plan_add_number_line(struct order_plan *plan, const struct order *order,
                          const struct shop *shop, struct arena *arena)
{
    if (shop->order_no_on_line)
        plan_add(plan, PLAN_COMMENT, "",
                 plan_text(arena, arena_printf(arena, "Shopify Order No.: %s", order->name)));
}

static void add_comments(struct order_plan *plan, const struct order *order, struct arena *arena)
{
    if (*order->po_number)
        plan_add(plan, PLAN_COMMENT, "",
                 plan_text(arena, arena_printf(arena, "PO number: %s", order->po_number)));
    const char *note = order->note;
    for (int i = 0; i < MOST_NOTE_LINES && *note; i++) {
        size_t row = strcspn(note, "\r\n"), size = letters(note, MOST_DESCRIPTION);
        size = row < size ? row : size;
        if (size > 0)
            plan_add(plan, PLAN_COMMENT, "", arena_text_n(arena, note, size));
        note += size;
        note += strspn(note, "\r\n");
    }
}

static const char *account_of(const struct order_line *line, const struct shop *shop)
{
    return line->gift_card ? shop->gift_card_account
           : line->tip     ? shop->tip_account
                           : shop->custom_line_account;
}

static const char *mapped(const struct setting_map *map, const char *key)
{
    const char *value = *key ? setting_map_get(map, key) : NULL;
    return value ? value : "";
}

/* Answers the discounts that the lines carry. */
static struct decimal add_goods(struct order_plan *plan, const struct order *order,
                                const struct shop *shop, const struct item_match *matches,
                                struct arena *arena)
{
    struct decimal discounts = DECIMAL_ZERO;
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *source = &order->lines[i];
        if (source->net <= 0)
            continue;
        bool item = order_line_needs_item(source);
        struct plan_line *line = plan_add(plan, item ? PLAN_ITEM : PLAN_ACCOUNT, source->id,
                                          item ? "" : plan_text(arena, source->title));
        if (item) {
            line->item_id = matches[i].item_id;
            line->item_variant_id = matches[i].item_variant_id;
            line->unit = matches[i].unit;
            line->location = mapped(&shop->locations, source->location_id);
        } else
            line->number = account_of(source, shop);
        line->quantity = decimal_from_int(source->net);
        line->price = money_of(source->price, plan->side);
        line->discount = money_of(source->net_discount, plan->side);
        plan_line_tax(plan, line, source);
        discounts = decimal_add(discounts, line->discount);
    }
    return discounts;
}

static bool add_shipping(struct order_plan *plan, const struct order *order,
                         const struct shop *shop, struct arena *arena, struct decimal *discounts,
                         struct buf *detail)
{
    for (size_t i = 0; i < order->shipping_count; i++) {
        const struct order_shipping *source = &order->shipping_lines[i];
        if (source->removed)
            continue;
        struct decimal price = money_of(source->price, plan->side);
        struct decimal discount = money_of(source->discount, plan->side);
        *discounts = decimal_add(*discounts, discount);
        if (decimal_sign(price) <= 0)
            continue;
        const char *item = mapped(&shop->shipment_items, source->title);
        const char *account = mapped(&shop->shipment_accounts, source->title);
        account = *account ? account : shop->shipping_account;
        if (!*item && !*account) {
            buf_printf(detail, "shipping \"%.80s\"", source->title);
            return false;
        }
        struct plan_line *line = plan_add(plan, *item ? PLAN_ITEM : PLAN_ACCOUNT, source->id,
                                          plan_text(arena, source->title));
        line->number = *item ? item : account;
        line->quantity = decimal_from_int(1);
        line->price = price;
        line->discount = discount;
        plan_shipping_tax(plan, line, source);
    }
    return true;
}

/* Taxes that neither a line nor the shipping shows are those of duties and fees. */
static struct decimal other_taxes(const struct order *order, enum money_side side)
{
    struct money_pair sum = order->sold.tax;
    for (size_t i = 0; i < order->line_count; i++)
        for (size_t k = 0; k < order->lines[i].taxes.count; k++)
            sum = money_sub(sum, order->lines[i].taxes.items[k].amount);
    for (size_t i = 0; i < order->shipping_count; i++)
        for (size_t k = 0; k < order->shipping_lines[i].taxes.count; k++)
            if (!order->shipping_lines[i].removed)
                sum = money_sub(sum, order->shipping_lines[i].taxes.items[k].amount);
    return money_of(sum, side);
}

/* What is neither goods nor shipping. Without an account it is left out, and the totals differ. */
static void add_extras(struct order_plan *plan, const struct order *order, const struct shop *shop)
{
    struct decimal tips = loose_tips(order, plan->side);
    struct decimal duties = money_of(order->duties, plan->side);
    if (order->duties_included) /* the goods' prices hold them */
        duties = DECIMAL_ZERO;
    const struct {
        const char *account, *text;
        struct decimal amount;
        struct decimal *missing;
    } EXTRAS[] = {
        {shop->tip_account,         "Tip",       tips,          &plan->extras},
        {                           shop->duties_account,                 "Duties",      duties, &plan->extras             },
        {          shop->fees_account,     "Additional fees",     money_of(order->fees, plan->side),              &plan->extras},
        { shop->cash_rounding_account, "Cash rounding", money_of(order->rounding,                                       plan->side),
         &plan->rounding},
    };
    bool taxed = decimal_sign(order->duties.shop) != 0 || decimal_sign(order->fees.shop) != 0;
    for (size_t i = 0; i < COUNT(EXTRAS); i++) {
        if (decimal_sign(EXTRAS[i].amount) == 0)
            continue;
        if (*EXTRAS[i].account)
            add_account(plan, EXTRAS[i].account, "", EXTRAS[i].text, EXTRAS[i].amount);
        else
            *EXTRAS[i].missing = decimal_add(*EXTRAS[i].missing, EXTRAS[i].amount);
    }
    if (taxed && !order->taxes_included)
        plan->extras = decimal_add(plan->extras, other_taxes(order, plan->side));
}

/* ---- discounts ---- */

/* Shares of a discount, each rounded, may be a unit more than the whole: lines that were made
 * smaller give it back, the last one first. */
static void give_back(struct order_plan *plan, const struct order *order, struct decimal over)
{
    const struct decimal unit = {1, plan->places};
    for (size_t i = plan->line_count; i > 0 && decimal_sign(over) > 0; i--) {
        struct plan_line *line = &plan->lines[i - 1];
        const struct order_line *source = order_line_by_id(order, line->shopify_id);
        bool part = source && source->net != source->quantity;
        if (!part || decimal_cmp(line->discount, unit) < 0)
            continue;
        line->discount = decimal_sub(line->discount, unit);
        over = decimal_sub(over, unit);
    }
}

static void settle_discounts(struct order_plan *plan, const struct order *order,
                             struct decimal carried)
{
    struct decimal left = decimal_sub(money_of(order->net.discounts, plan->side), carried);
    if (decimal_sign(left) < 0)
        give_back(plan, order, decimal_neg(left));
    plan->leftover = decimal_sign(left) > 0 ? left : DECIMAL_ZERO;
}

/* ---- header ---- */

enum money_side plan_side(const struct shop *shop)
{
    return shop->currency_handling == CURRENCY_PRESENTMENT ? MONEY_PRESENTMENT : MONEY_SHOP;
}

void plan_currency(struct order_plan *plan, const struct order *order, const struct shop *shop,
                   enum money_side side)
{
    const char *iso = side == MONEY_PRESENTMENT ? order->presentment_currency : order->currency;
    bool named = side == MONEY_SHOP && *shop->currency;
    plan->side = side;
    plan->places = money_places(iso);
    plan->currency = named ? shop->currency : iso;
}

static bool is_invoice(const struct order *order, const struct shop *shop)
{
    return shop->create_fulfilled_orders_as_invoices &&
           strcmp(order->fulfillment, "FULFILLED") == 0;
}

/* The first shipping line, as long as it stands: spec, orders 3.2. */
const char *plan_shipping_title(const struct order *order)
{
    for (size_t i = 0; i < order->shipping_count; i++)
        if (!order->shipping_lines[i].removed)
            return order->shipping_lines[i].title;
    return "";
}

static const char *by_shipping(const struct order *order, const struct setting_map *map)
{
    return mapped(map, plan_shipping_title(order));
}

/* Under the state's code or its name. */
const char *plan_area_of(const struct order_address *address, const struct shop *shop,
                         struct arena *arena)
{
    const char *const STATES[] = {address->state, address->state_name};
    const char *area = "";
    for (size_t i = 0; i < COUNT(STATES) && !*area; i++)
        area = mapped(&shop->tax_areas, arena_printf(arena, "%s-%s", address->country, STATES[i]));
    return area;
}

/* Of one address only: spec, orders 3.2. */
const char *plan_tax_area(const struct order *order, const struct shop *shop, struct arena *arena)
{
    const struct order_address *const SHIP = &order->ship_to, *const SELL = &order->sell_to,
                                      *const BILL = &order->bill_to;
    const struct order_address *const ORDERS[][3] = {
        [TAX_AREA_NONE] = {SHIP, SELL, BILL},
        [TAX_AREA_SHIP_SELL_BILL] = {SHIP, SELL, BILL},
        [TAX_AREA_SHIP_BILL_SELL] = {SHIP, BILL, SELL},
        [TAX_AREA_SELL_SHIP_BILL] = {SELL, SHIP, BILL},
        [TAX_AREA_SELL_BILL_SHIP] = {SELL, BILL, SHIP},
        [TAX_AREA_BILL_SELL_SHIP] = {BILL, SELL, SHIP},
        [TAX_AREA_BILL_SHIP_SELL] = {BILL, SHIP, SELL},
    };
    for (size_t i = 0; i < 3 && shop->tax_area_priority != TAX_AREA_NONE; i++) {
        const struct order_address *address = ORDERS[shop->tax_area_priority][i];
        if (address->present && *address->city)
            return plan_area_of(address, shop, arena);
    }
    return "";
}

static const struct order_address *present(const struct order_address *first,
                                           const struct order_address *second)
{
    return first->present ? first : second;
}

void plan_parties(struct order_plan *plan, const struct order *order, const struct shop *shop,
                  struct arena *arena)
{
    const struct order_address *sell_to = present(&order->sell_to, &order->bill_to);
    const struct order_address *bill_to = present(&order->bill_to, &order->sell_to);
    const struct order_address *ship_to = present(&order->ship_to, &order->sell_to);
    plan->sell_to = party_names(order, sell_to, shop, arena);
    plan->bill_to = party_names(order, bill_to, shop, arena);
    plan->ship_to = party_names(order, ship_to, shop, arena);
}

static void plan_header(struct order_plan *plan, const struct order *order, const struct shop *shop,
                        const struct zone *zone, struct arena *arena)
{
    plan->document = is_invoice(order, shop) ? PLAN_INVOICE : PLAN_ORDER;
    plan->date = plan_date(order->created, zone, arena);
    plan->due = *order->due ? plan_date(order->due, zone, arena) : "";
    plan->taxes_included = plan->prices_include_tax = order->taxes_included;
    plan->shipment_method = by_shipping(order, &shop->shipment_methods);
    plan->payment_terms = mapped(&shop->payment_terms, order->terms_name);
    plan_parties(plan, order, shop, arena);
    plan->salesperson = mapped(&shop->salespeople, order->staff_id);
    plan->payment_method = plan_payment_method(order, NULL, shop);
    plan->shipping_agent = by_shipping(order, &shop->shipment_agents);
    plan->agent_service = by_shipping(order, &shop->shipment_agent_services);
    plan->tax_area = plan_tax_area(order, shop, arena);
    plan->tax_liable = *plan->tax_area && !order->tax_exempt;
    plan->number = shop->use_shopify_order_no ? order->name : "";
    plan->shipment_method_id = plan->payment_terms_id = "";
    plan_currency(plan, order, shop, plan_side(shop));
    plan->total =
        decimal_add(money_of(order->net.total, plan->side), money_of(order->rounding, plan->side));
}

/* Two lines of one rate may be two groups there, whose tax is rounded each by itself. */
static bool groups_matter(const struct order_plan *plan)
{
    for (size_t i = 0; i < plan->line_count; i++)
        for (size_t k = 0; k < i; k++)
            if (decimal_sign(plan->lines[i].rate) != 0 &&
                decimal_cmp(plan->lines[i].rate, plan->lines[k].rate) == 0)
                return true;
    return false;
}

/* Prices without tax cannot make every total that prices with tax make: 1.19 is no whole number of
 * cents and 20 % on it. Such an order is a sales order, whose prices may be either, and so is one
 * whose total would hang on the ERP's VAT groups. */
static void turn_prices(struct order_plan *plan, bool include_tax, struct arena *arena)
{
    struct order_plan turned = *plan;
    turned.lines = arena_array(arena, plan->line_room, sizeof *turned.lines);
    memcpy(turned.lines, plan->lines, plan->line_count * sizeof *turned.lines);
    amounts_convert(&turned, include_tax);
    struct decimal total = amounts_total(plan, NULL);
    bool kept = decimal_cmp(amounts_total(&turned, NULL), total) == 0 && !groups_matter(plan);
    if (plan->taxes_included && !include_tax && !kept)
        plan->document = PLAN_ORDER;
    else
        *plan = turned;
}

enum reason order_plan(const struct order *order, const struct shop *shop,
                       const struct item_match *matches, const bool *erp_prices_include_tax,
                       const struct zone *zone, struct arena *arena, struct order_plan *out,
                       struct buf *detail)
{
    char external[EXTERNAL_NUMBER_MAX + 1];
    size_t most = order->line_count + order->shipping_count + MORE_LINES;
    struct order_plan plan = {.lines = arena_array(arena, most, sizeof *plan.lines),
                              .line_room = most};
    if (!order_external_number(order, shop, "", external))
        return REASON_LONG_NAME;
    plan.external = arena_text(arena, external);
    plan_header(&plan, order, shop, zone, arena);
    plan_add_number_line(&plan, order, shop, arena);
    struct decimal discounts = add_goods(&plan, order, shop, matches, arena);
    if (!add_shipping(&plan, order, shop, arena, &discounts, detail))
        return REASON_SHIPPING_ACCOUNT;
    settle_discounts(&plan, order, discounts);
    add_extras(&plan, order, shop);
    if (erp_prices_include_tax && plan.document == PLAN_INVOICE)
        turn_prices(&plan, *erp_prices_include_tax, arena);
    amounts_even(&plan, shop->rounding_account);
    add_comments(&plan, order, arena);
    *out = plan;
    return REASON_NONE;
}
