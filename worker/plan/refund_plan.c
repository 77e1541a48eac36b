/* refund_plan.c - lines of a credit memo. */
#include "plan/refund_plan.h"

#include <string.h>

#include "plan/amounts.h"

enum {
    PRICE_PLACES = 5,
    MORE_LINES = 4
}; /* the order's number, cash, the balance, what evens out */

struct refunding { /* what every step of one plan needs */
    const struct order *order;
    const struct order_refund *refund;
    const struct shop *shop;
    const struct item_match *matches;
    struct arena *arena;
    struct order_plan *plan;
    struct buf *detail;
};

/* ---- what a line is booked on ---- */

static bool is_item(const struct order_line *source)
{
    return source && !source->gift_card && !source->tip && !order_line_is_custom(source);
}

enum booking { BOOK_ITEM, BOOK_ACCOUNT, BOOK_AMOUNT /* one unit at the line's amount */ };

static bool is_restock(const struct order_refund_line *line, const char *type)
{
    return strcmp(line->restock, type) == 0;
}

static enum booking booking_of(const struct order_refund_line *line,
                               const struct order_line *source, const struct shop *shop,
                               const char **account)
{
    *account = "";
    if (!line->exchange && is_restock(line, "CANCEL")) {
        *account = shop->refund_account;
        return BOOK_AMOUNT;
    }
    bool stays_away = !line->exchange && is_restock(line, "NO_RESTOCK");
    if (is_item(source) && !stays_away)
        return BOOK_ITEM;
    *account = source && source->gift_card ? shop->gift_card_account
               : stays_away                ? shop->refund_account_non_restock
               : source && source->tip     ? shop->tip_account
                                           : shop->custom_line_account;
    return BOOK_ACCOUNT;
}

bool refund_needs_item(const struct order *order, const struct order_refund *refund,
                       const struct order_line *line)
{
    static const struct shop NO_ACCOUNTS = {0};
    const char *account;
    const struct order_return *from =
        refund->line_count == 0 ? order_return_of(order, refund) : NULL;
    for (size_t i = 0; i < refund->line_count; i++)
        if (strcmp(refund->lines[i].line_id, line->id) == 0 &&
            booking_of(&refund->lines[i], line, &NO_ACCOUNTS, &account) == BOOK_ITEM)
            return true;
    for (size_t i = 0; from && i < from->line_count; i++)
        if (strcmp(from->lines[i].line_id, line->id) == 0 && is_item(line))
            return true;
    return false;
}

static enum reason no_account(struct refunding *at, const char *what)
{
    buf_printf(at->detail, "%.80s", what);
    return REASON_REFUND_ACCOUNT;
}

/* ---- goods ---- */

static struct decimal of(const struct refunding *at, struct money_pair pair)
{
    return money_of(pair, at->plan->side);
}

static const char *mapped_place(const struct refunding *at, const char *location)
{
    const char *code = *location ? setting_map_get(&at->shop->locations, location) : NULL;
    return code ? code : "";
}

/* Spec, orders 4.2. What goes out in exchange leaves from where it is, whatever the shop says. */
static const char *place_of(const struct refunding *at, const char *location, bool goes_out)
{
    const char *named = mapped_place(at, location), *own = at->shop->return_location;
    bool named_first = goes_out || at->shop->return_location_priority == RETURN_TO_ORIGINAL;
    const char *first = named_first ? named : own;
    return *first ? first : named_first ? own : named;
}

/* Price and discount whose line has this amount; what goes out again has no discount, which the ERP
 * refuses on negative quantities. */
static void set_price(struct plan_line *line, struct decimal price, struct decimal amount,
                      int places)
{
    line->price = price;
    line->discount = DECIMAL_ZERO;
    line->discount = decimal_sub(amounts_line(line, places), amount);
    if (decimal_sign(line->discount) >= 0 && decimal_sign(line->quantity) > 0)
        return;
    line->price = decimal_div(amount, line->quantity, PRICE_PLACES);
    line->discount = DECIMAL_ZERO;
}

static struct plan_line *add_item(struct refunding *at, const struct order_line *source,
                                  const char *location)
{
    const struct item_match *match = &at->matches[source - at->order->lines];
    struct plan_line *line = plan_add(at->plan, PLAN_ITEM, source->id, "");
    line->item_id = match->item_id;
    line->item_variant_id = match->item_variant_id;
    line->unit = match->unit;
    line->location = location;
    return line;
}

static const char *title_of(const struct refunding *at, const struct order_line *source)
{
    return plan_text(at->arena, source ? source->title : "Refund");
}

static enum reason add_line(struct refunding *at, const struct order_refund_line *refunded)
{
    const struct order_line *source = order_line_by_id(at->order, refunded->line_id);
    const char *account;
    enum booking booking = booking_of(refunded, source, at->shop, &account);
    struct decimal amount = of(at, refunded->subtotal);
    if (booking != BOOK_ITEM && !*account)
        return no_account(at, source ? source->title : "a line that is not on the order");
    struct plan_line *line;
    if (booking == BOOK_ITEM) {
        const char *from = refunded->exchange ? source->location_id : refunded->location_id;
        line = add_item(at, source, place_of(at, from, refunded->exchange));
    } else {
        line = plan_add(at->plan, PLAN_ACCOUNT, refunded->line_id, title_of(at, source));
        line->number = account;
    }
    bool whole = booking == BOOK_AMOUNT || refunded->quantity == 0;
    line->quantity = decimal_from_int(whole ? 1 : refunded->quantity);
    set_price(line, whole ? amount : of(at, refunded->price), amount, at->plan->places);
    if (source)
        plan_line_tax(at->plan, line, source);
    return REASON_NONE;
}

static enum reason add_goods(struct refunding *at)
{
    enum reason reason = REASON_NONE;
    for (size_t i = 0; i < at->refund->line_count && reason == REASON_NONE; i++)
        reason = add_line(at, &at->refund->lines[i]);
    return reason;
}

/* A return whose refund names no lines: the goods are those of the return. */
static enum reason add_returned(struct refunding *at)
{
    const struct order_return *from = order_return_of(at->order, at->refund);
    for (size_t i = 0; from && i < from->line_count; i++) {
        const struct order_return_line *back = &from->lines[i];
        const struct order_line *source = order_line_by_id(at->order, back->line_id);
        if (back->quantity <= 0)
            continue;
        struct plan_line *line;
        if (is_item(source))
            line = add_item(at, source, place_of(at, back->location_id, false));
        else {
            line = plan_add(at->plan, PLAN_ACCOUNT, back->line_id, title_of(at, source));
            line->number = at->shop->refund_account;
            if (!*line->number)
                return no_account(at, title_of(at, source));
        }
        line->quantity = decimal_from_int(back->quantity);
        line->price = decimal_div(of(at, back->total), line->quantity, PRICE_PLACES);
        if (source)
            plan_line_tax(at->plan, line, source);
    }
    return REASON_NONE;
}

/* ---- shipping, cash, the rest ---- */

static const struct order_shipping *shipping_by_id(const struct order *order, const char *id)
{
    for (size_t i = 0; i < order->shipping_count; i++)
        if (strcmp(order->shipping_lines[i].id, id) == 0)
            return &order->shipping_lines[i];
    return NULL;
}

static enum reason add_shipping(struct refunding *at)
{
    for (size_t i = 0; i < at->refund->shipping_count; i++) {
        const struct order_refund_shipping *back = &at->refund->shipping[i];
        const struct order_shipping *source = shipping_by_id(at->order, back->shipping_id);
        struct decimal price = of(at, back->subtotal), tax = of(at, back->tax);
        const char *account = setting_map_get(&at->shop->shipment_accounts, back->title);
        account = account ? account : at->shop->shipping_account;
        if (decimal_sign(price) == 0)
            continue;
        if (!*account) {
            buf_printf(at->detail, "shipping \"%.80s\"", back->title);
            return REASON_SHIPPING_ACCOUNT;
        }
        struct plan_line *line =
            plan_add(at->plan, PLAN_ACCOUNT, back->shipping_id, plan_text(at->arena, back->title));
        line->number = account;
        line->quantity = decimal_from_int(1);
        line->price = at->order->taxes_included ? decimal_add(price, tax) : price;
        if (source)
            plan_shipping_tax(at->plan, line, source);
    }
    return REASON_NONE;
}

static struct plan_line *add_amount(struct refunding *at, const char *account, const char *text,
                                    struct decimal amount)
{
    struct plan_line *line = plan_add(at->plan, PLAN_ACCOUNT, "", text);
    line->number = account;
    line->quantity = decimal_from_int(1);
    line->price = amount;
    return line;
}

/* The total is what was really given back; without an account the memo lacks the rounding. */
static void add_cash(struct refunding *at)
{
    struct decimal rounding = of(at, order_refund_rounding(at->order, at->refund));
    at->plan->total = decimal_add(at->plan->total, rounding);
    if (decimal_sign(rounding) == 0)
        return;
    if (*at->shop->cash_rounding_account)
        add_amount(at, at->shop->cash_rounding_account, "Cash rounding", rounding);
    else
        at->plan->rounding = rounding;
}

static enum reason add_balance(struct refunding *at)
{
    struct decimal booked = decimal_add(amounts_total(at->plan, NULL), at->plan->rounding);
    struct decimal rest = decimal_sub(at->plan->total, booked);
    if (decimal_sign(rest) == 0)
        return REASON_NONE;
    if (!*at->shop->refund_account)
        return no_account(at, "what was refunded beside lines and shipping");
    add_amount(at, at->shop->refund_account, "Refund", rest);
    return REASON_NONE;
}

/* ---- the memo ---- */

static bool is_pending(const struct order *order, const struct order_refund *refund)
{
    for (size_t i = 0; i < refund->transaction_count; i++)
        for (size_t k = 0; k < order->transaction_count; k++)
            if (strcmp(order->transactions[k].id, refund->transactions[i]) == 0 &&
                strcmp(order->transactions[k].status, "PENDING") == 0)
                return true;
    return false;
}

static size_t most_lines(const struct order *order, const struct order_refund *refund)
{
    const struct order_return *from = order_return_of(order, refund);
    return refund->line_count + refund->shipping_count + (from ? from->line_count : 0) + MORE_LINES;
}

static enum reason add_lines(struct refunding *at, const bool *erp_prices_include_tax)
{
    plan_add_number_line(at->plan, at->order, at->shop, at->arena);
    enum reason reason = at->refund->line_count > 0 ? add_goods(at) : add_returned(at);
    if (reason == REASON_NONE)
        reason = add_shipping(at);
    if (reason != REASON_NONE)
        return reason;
    if (erp_prices_include_tax)
        amounts_convert(at->plan, *erp_prices_include_tax);
    add_cash(at);
    reason = add_balance(at);
    if (reason == REASON_NONE)
        amounts_even(at->plan, at->shop->rounding_account);
    return reason;
}

enum reason refund_plan(const struct order *order, const struct order_refund *refund,
                        const struct shop *shop, enum money_side side,
                        const struct item_match *matches, const bool *erp_prices_include_tax,
                        const struct zone *zone, struct arena *arena, struct order_plan *out,
                        struct buf *detail)
{
    char external[EXTERNAL_NUMBER_MAX + 1];
    const char *more = arena_printf(arena, "-R%s", refund->id);
    struct order_plan plan = {
        .document = PLAN_CREDIT_MEMO,
        .date = plan_date(refund->created, zone, arena),
        .due = "",
        .taxes_included = order->taxes_included,
        .prices_include_tax = order->taxes_included,
        .shipment_method = "",
        .payment_terms = "",
        .salesperson = "",
        .payment_method = plan_payment_method(order, refund, shop),
        .shipping_agent = "",
        .agent_service = "",
        .tax_area = plan_tax_area(order, shop, arena), /* the order's: spec, orders 4.2 */
        .number = "",
        .shipment_method_id = "",
        .payment_terms_id = "",
        .lines = arena_array(arena, most_lines(order, refund), sizeof *plan.lines),
    };
    struct refunding at = {order, refund, shop, matches, arena, &plan, detail};
    if (is_pending(order, refund))
        return REASON_REFUND_PENDING;
    if (!order_external_number(order, shop, more, external))
        return REASON_LONG_NAME;
    plan.external = arena_text(arena, external);
    plan.tax_liable = *plan.tax_area && !order->tax_exempt;
    plan_parties(&plan, order, shop, arena);
    plan_currency(&plan, order, shop, side);
    plan.total = money_of(refund->total, side);
    enum reason reason = add_lines(&at, erp_prices_include_tax);
    *out = plan;
    return reason;
}
