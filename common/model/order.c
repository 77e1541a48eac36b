/* order.c - what follows from what Shopify says of an order.
 *
 * A line's `quantity` never goes down: what was taken off stands in refunds. Those that gave
 * nothing back are edits, so the order shrinks by them; all others become credit memos, so the
 * order does not. Its totals are Shopify's present ones and what the credit memos took from them:
 * where nothing was given back they are Shopify's to the cent.
 */
#include "model/order.h"

#include <string.h>

/* ---- money ---- */

struct decimal money_of(struct money_pair pair, enum money_side side)
{
    return side == MONEY_SHOP ? pair.shop : pair.presentment;
}

struct money_pair money_add(struct money_pair a, struct money_pair b)
{
    return (struct money_pair){decimal_add(a.shop, b.shop),
                               decimal_add(a.presentment, b.presentment)};
}

struct money_pair money_sub(struct money_pair a, struct money_pair b)
{
    return (struct money_pair){decimal_sub(a.shop, b.shop),
                               decimal_sub(a.presentment, b.presentment)};
}

int money_places(const char *currency)
{
    /* ISO 4217: what has other than two */
    static const char *const NONE[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                       "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
    static const char *const THREE[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    for (size_t i = 0; i < COUNT(NONE); i++)
        if (strcmp(currency, NONE[i]) == 0)
            return 0;
    for (size_t i = 0; i < COUNT(THREE); i++)
        if (strcmp(currency, THREE[i]) == 0)
            return 3;
    return 2;
}

const char *order_channel(const char *source, const char *app)
{
    static const struct {
        const char *source, *channel;
    } NAMES[] = {
        {"web",                 "Online Store"  },
        {"pos",                 "Point of Sale" },
        {"shopify_draft_order", "Draft Orders"  },
        {"iphone",              "Shopify Mobile"},
        {"android",             "Shopify Mobile"},
    };
    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (strcmp(source, NAMES[i].source) == 0)
            return NAMES[i].channel;
    return *app ? app : source;
}

/* amount * part / whole, in whole units of either currency. */
static struct money_pair share(const struct order *order, struct money_pair amount, int64_t part,
                               int64_t whole)
{
    struct decimal up = decimal_from_int(part), down = decimal_from_int(whole);
    if (part == whole || whole <= 0)
        return amount;
    return (struct money_pair){
        decimal_div(decimal_mul(amount.shop, up), down, money_places(order->currency)),
        decimal_div(decimal_mul(amount.presentment, up), down,
                    money_places(order->presentment_currency)),
    };
}

static struct money_pair times(struct money_pair price, int64_t quantity)
{
    struct decimal units = decimal_from_int(quantity);
    return (struct money_pair){decimal_mul(price.shop, units),
                               decimal_mul(price.presentment, units)};
}

static struct money_pair taxes_of(const struct order_taxes *taxes)
{
    struct money_pair sum = {DECIMAL_ZERO, DECIMAL_ZERO};
    for (size_t i = 0; i < taxes->count; i++)
        sum = money_add(sum, taxes->items[i].amount);
    return sum;
}

/* ---- refunds ---- */

const struct order_line *order_line_by_id(const struct order *order, const char *id)
{
    for (size_t i = 0; i < order->line_count; i++)
        if (strcmp(order->lines[i].id, id) == 0)
            return &order->lines[i];
    return NULL;
}

static void judge_refunds(struct order *order)
{
    for (size_t i = 0; i < order->refund_count; i++) {
        struct order_refund *refund = &order->refunds[i];
        bool money = *refund->return_id || decimal_sign(refund->total.shop) > 0;
        for (size_t k = 0; k < refund->line_count; k++) {
            struct order_refund_line *line = &refund->lines[k];
            line->can_credit = money || line->exchange || strcmp(line->restock, "RETURN") == 0;
        }
    }
}

const struct order_return *order_return_of(const struct order *order,
                                           const struct order_refund *refund)
{
    for (size_t i = 0; i < order->return_count && *refund->return_id; i++)
        if (strcmp(order->return_list[i].id, refund->return_id) == 0)
            return &order->return_list[i];
    return NULL;
}

bool order_refund_is_credit(const struct order *order, const struct order_refund *refund)
{
    const struct order_return *from = order_return_of(order, refund);
    for (size_t i = 0; i < refund->line_count; i++)
        if (!refund->lines[i].can_credit)
            return false;
    return refund->line_count > 0 || refund->shipping_count > 0 ||
           decimal_sign(refund->total.shop) > 0 || (from && from->line_count > 0);
}

struct money_pair order_refund_rounding(const struct order *order,
                                        const struct order_refund *refund)
{
    struct money_pair sum = {DECIMAL_ZERO, DECIMAL_ZERO};
    for (size_t i = 0; i < refund->transaction_count; i++)
        for (size_t k = 0; k < order->transaction_count; k++) {
            const struct order_transaction *paid = &order->transactions[k];
            if (strcmp(paid->id, refund->transactions[i]) == 0 &&
                strcmp(paid->status, "SUCCESS") == 0)
                sum = money_add(sum, paid->rounding);
        }
    return sum;
}

bool order_has_credit(const struct order *order)
{
    for (size_t i = 0; i < order->refund_count; i++) {
        const struct order_refund *refund = &order->refunds[i];
        if (decimal_sign(refund->total.shop) > 0)
            return true;
        for (size_t k = 0; k < refund->line_count; k++)
            if (refund->lines[k].can_credit)
                return true;
    }
    return false;
}

/* Units of a line in refunds that may, or may not, become a credit memo. */
static int64_t units_back(const struct order *order, const char *id, bool can_credit)
{
    int64_t units = 0;
    for (size_t i = 0; i < order->refund_count; i++)
        for (size_t k = 0; k < order->refunds[i].line_count; k++) {
            const struct order_refund_line *line = &order->refunds[i].lines[k];
            if (!line->exchange && line->can_credit == can_credit && strcmp(line->line_id, id) == 0)
                units += line->quantity;
        }
    return units;
}

/* ---- lines ---- */

static void mark_exchanged(struct order *order)
{
    for (size_t i = 0; i < order->return_count; i++)
        for (size_t k = 0; k < order->return_list[i].exchange_count; k++)
            for (size_t n = 0; n < order->line_count; n++)
                if (strcmp(order->lines[n].id, order->return_list[i].exchanges[k].line_id) == 0)
                    order->lines[n].exchange = true;
}

/* What is on the order now, and what went back for money. Shopify lists a cancelled unit in a
 * refund too, yet not each removal of an unpaid one: so we count from what is left, not from what
 * was sold. */
static void settle_line(struct order *order, struct order_line *line)
{
    int64_t net = line->current + units_back(order, line->id, true);
    line->net = line->exchange ? 0 : net > line->quantity ? line->quantity : net;
    line->net_discount = share(order, line->discount, line->net, line->quantity);
}

static bool is_open(const struct order_fulfillment *from)
{
    return strcmp(from->status, "CLOSED") != 0;
}

/* The location that is to send the line; of several the last, when together they are the line. */
static bool locate(const struct order *order, struct order_line *line, bool open_only)
{
    const struct order_fulfillment *last = NULL;
    int64_t units = 0;
    bool same = true;
    for (size_t i = 0; i < order->fulfillment_count; i++) {
        const struct order_fulfillment *from = &order->fulfillments[i];
        for (size_t k = 0; k < from->line_count; k++) {
            if (strcmp(from->lines[k].line_id, line->id) != 0 || (open_only && !is_open(from)))
                continue;
            same = same && (!last || strcmp(last->location_id, from->location_id) == 0);
            units += from->lines[k].total;
            last = from;
        }
    }
    if (last && (same || units == line->quantity || units == line->current)) {
        line->location_id = last->location_id;
        line->delivery_method = last->method;
    }
    return last != NULL;
}

static void settle_lines(struct order *order)
{
    for (size_t i = 0; i < order->line_count; i++) {
        settle_line(order, &order->lines[i]);
        if (!locate(order, &order->lines[i], true))
            locate(order, &order->lines[i], false);
    }
}

/* ---- totals ---- */

/* What credit memos take, or took, off the order's present totals. */
static void add_credits(const struct order *order, struct order_totals *net)
{
    for (size_t i = 0; i < order->refund_count; i++) {
        const struct order_refund *refund = &order->refunds[i];
        for (size_t k = 0; k < refund->line_count; k++) {
            const struct order_refund_line *line = &refund->lines[k];
            if (!line->can_credit || line->exchange)
                continue;
            net->tax = money_add(net->tax, line->tax);
            net->total = money_add(net->total, line->subtotal);
            if (!order->taxes_included)
                net->total = money_add(net->total, line->tax);
        }
        for (size_t k = 0; k < refund->shipping_count; k++) {
            const struct money_pair tax = refund->shipping[k].tax;
            net->tax = money_add(net->tax, tax);
            if (!order->taxes_included)
                net->total = money_add(net->total, tax);
        }
    }
    net->total = money_add(net->total, money_sub(net->shipping, order->current.shipping));
}

/* All that went out in exchange, whether it was kept or came back as well. */
static void take_exchanged(const struct order *order, struct order_totals *net)
{
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        if (!line->exchange)
            continue;
        int64_t units = line->current + units_back(order, line->id, true);
        struct money_pair off = share(order, line->discount, units, line->quantity);
        struct money_pair tax = share(order, taxes_of(&line->taxes), units, line->quantity);
        net->tax = money_sub(net->tax, tax);
        net->total = money_sub(net->total, money_sub(times(line->price, units), off));
        if (!order->taxes_included)
            net->total = money_sub(net->total, tax);
    }
}

static struct money_pair net_discounts(const struct order *order)
{
    struct money_pair sum = order->sold.discounts;
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        sum = money_sub(sum, money_sub(line->discount, line->net_discount));
    }
    return sum;
}

static void settle_totals(struct order *order)
{
    order->net = order->current;
    bool exchanged = false;
    for (size_t i = 0; i < order->line_count; i++)
        exchanged = exchanged || order->lines[i].exchange;
    if (!exchanged && !order_has_credit(order))
        return;
    order->net.shipping = (struct money_pair){DECIMAL_ZERO, DECIMAL_ZERO};
    for (size_t i = 0; i < order->shipping_count; i++) {
        const struct order_shipping *line = &order->shipping_lines[i];
        if (!line->removed)
            order->net.shipping =
                money_add(order->net.shipping, money_sub(line->price, line->discount));
    }
    order->net.discounts = net_discounts(order);
    add_credits(order, &order->net);
    take_exchanged(order, &order->net);
}

static const char *main_gateway(const struct order *order)
{
    const char *gateway = "";
    struct decimal most = DECIMAL_ZERO;
    for (size_t i = 0; i < order->transaction_count; i++) {
        const struct order_transaction *one = &order->transactions[i];
        bool paid = strcmp(one->kind, "SALE") == 0 || strcmp(one->kind, "CAPTURE") == 0;
        bool stands = strcmp(one->status, "SUCCESS") == 0 || strcmp(one->status, "PENDING") == 0;
        if (!paid || !stands || decimal_cmp(one->amount.shop, most) <= 0)
            continue;
        most = one->amount.shop;
        gateway = one->gateway;
    }
    return gateway;
}

void order_settle(struct order *order)
{
    judge_refunds(order);
    mark_exchanged(order);
    settle_lines(order);
    settle_totals(order);
    order->gateway = main_gateway(order);
}
