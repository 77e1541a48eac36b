/* order_plan.c - lines, discounts and totals of a sales document. */
#include "plan/order_plan.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"

enum { MONEY_PLACES = 2, MOST_DESCRIPTION = 100, MOST_NOTE_LINES = 10 };

/* ---- what is left alone ---- */

static bool is_custom(const struct order_line *line)
{
    return !*line->product_id && !*line->variant_id && !*line->sku;
}

static bool is_tip(const struct order_line *line)
{
    return is_custom(line) && strcmp(line->title, "Tip") == 0;
}

bool order_line_needs_item(const struct order_line *line)
{
    return line->current > 0 && !line->gift_card && !is_custom(line);
}

static const struct order_line *find_line(const struct order *order,
                                          bool (*is)(const struct order_line *line))
{
    for (size_t i = 0; i < order->line_count; i++)
        if (order->lines[i].current > 0 && is(&order->lines[i]))
            return &order->lines[i];
    return NULL;
}

static bool is_gift_card(const struct order_line *line)
{
    return line->gift_card;
}

static bool anything_left(const struct order *order)
{
    for (size_t i = 0; i < order->line_count; i++)
        if (order->lines[i].current > 0)
            return true;
    for (size_t i = 0; i < order->shipping_count; i++)
        if (!order->shipping_lines[i].removed &&
            decimal_sign(order->shipping_lines[i].price.shop) > 0)
            return true;
    return false;
}

static enum reason named(enum reason reason, const struct order_line *line, struct buf *detail)
{
    buf_printf(detail, "line \"%.80s\"", line->title);
    return reason;
}

enum reason order_skip(const struct order *order, const struct shop *shop, struct buf *detail)
{
    char external[EXTERNAL_NUMBER_MAX + 1];
    const struct order_line *line;
    bool returning = *order->returns && strcmp(order->returns, "NO_RETURN") != 0;

    if (order->test)
        return REASON_TEST;
    if (*order->cancelled)
        return REASON_CANCELLED;
    if (decimal_sign(order->refunded.shop) > 0)
        return REASON_REFUNDED;
    if (returning)
        return REASON_RETURNED;
    if (!anything_left(order))
        return REASON_NO_LINES;
    if (*order->company_id)
        return REASON_COMPANY;
    if ((line = find_line(order, is_gift_card)))
        return named(REASON_GIFT_CARD, line, detail);
    if ((line = find_line(order, is_tip)))
        return named(REASON_TIP, line, detail);
    if (decimal_sign(order->tips.shop) != 0)
        return REASON_TIP;
    if (order->channel_tax)
        return REASON_CHANNEL_TAX;
    if (decimal_sign(order->duties.shop) != 0)
        return REASON_DUTIES;
    if (decimal_sign(order->fees.shop) != 0)
        return REASON_FEES;
    if (decimal_sign(order->rounding.shop) != 0 || decimal_sign(order->refund_rounding.shop) != 0)
        return REASON_CASH_ROUNDING;
    if (order->more_shipping)
        return REASON_MANY_SHIPPING_LINES;
    if (!*shop->custom_line_account && (line = find_line(order, is_custom)))
        return named(REASON_CUSTOM_LINE, line, detail);
    return order_external_number(order, shop, external) ? REASON_NONE : REASON_LONG_NAME;
}

/* ---- the document ---- */

bool order_external_number(const struct order *order, const struct shop *shop,
                           char out[static EXTERNAL_NUMBER_MAX + 1])
{
    size_t prefix = strlen(shop->external_document_prefix), name = strlen(order->name);
    if (prefix + name > EXTERNAL_NUMBER_MAX || name == 0)
        return false;
    memcpy(out, shop->external_document_prefix, prefix);
    memcpy(out + prefix, order->name, name + 1);
    for (char *at = out; *at; at++)
        *at = (char)toupper((unsigned char)*at); /* as the ERP's code fields hold it */
    return true;
}

/* The part of a line's discount that belongs to the units still on it. */
static struct decimal net_discount(const struct order_line *line)
{
    if (line->current == line->quantity || line->quantity <= 0)
        return line->discount.shop;
    struct decimal share = decimal_mul(line->discount.shop, decimal_from_int(line->current));
    return decimal_div(share, decimal_from_int(line->quantity), MONEY_PLACES);
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

static char *cut(struct arena *arena, const char *text)
{
    return arena_text_n(arena, text, letters(text, MOST_DESCRIPTION));
}

static struct plan_line *add_line(struct order_plan *plan, enum plan_line_kind kind, const char *id,
                                  const char *description)
{
    struct plan_line *line = &plan->lines[plan->line_count++];
    *line = (struct plan_line){.kind = kind,
                               .shopify_id = id,
                               .item_id = "",
                               .item_variant_id = "",
                               .account = "",
                               .description = description};
    return line;
}

static void add_comments(struct order_plan *plan, const struct order *order, struct arena *arena)
{
    if (*order->po_number)
        add_line(plan, PLAN_COMMENT, "",
                 cut(arena, arena_printf(arena, "PO number: %s", order->po_number)));
    const char *note = order->note;
    for (int i = 0; i < MOST_NOTE_LINES && *note; i++) {
        size_t row = strcspn(note, "\r\n"), size = letters(note, MOST_DESCRIPTION);
        size = row < size ? row : size;
        if (size > 0)
            add_line(plan, PLAN_COMMENT, "", arena_text_n(arena, note, size));
        note += size;
        note += strspn(note, "\r\n");
    }
}

static struct decimal add_goods(struct order_plan *plan, const struct order *order,
                                const struct shop *shop, const struct item_match *matches,
                                struct arena *arena)
{
    struct decimal discounts = DECIMAL_ZERO;
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *source = &order->lines[i];
        if (source->current <= 0)
            continue;
        bool item = order_line_needs_item(source);
        struct plan_line *line = add_line(plan, item ? PLAN_ITEM : PLAN_ACCOUNT, source->id,
                                          item ? "" : cut(arena, source->title));
        if (item) {
            line->item_id = matches[i].item_id;
            line->item_variant_id = matches[i].item_variant_id;
        } else
            line->account = shop->custom_line_account;
        line->quantity = decimal_from_int(source->current);
        line->price = source->price.shop;
        line->discount = net_discount(source);
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
        *discounts = decimal_add(*discounts, source->discount.shop);
        if (decimal_sign(source->price.shop) <= 0)
            continue;
        const char *account = setting_map_get(&shop->shipment_accounts, source->title);
        account = account ? account : shop->shipping_account;
        if (!*account) {
            buf_printf(detail, "shipping \"%.80s\"", source->title);
            return false;
        }
        struct plan_line *line =
            add_line(plan, PLAN_ACCOUNT, source->id, cut(arena, source->title));
        line->account = account;
        line->quantity = decimal_from_int(1);
        line->price = source->price.shop;
        line->discount = source->discount.shop;
    }
    return true;
}

/* An order of 23:30 UTC belongs to the next day in summer London. */
static const char *date_there(const char *created, const struct zone *zone, struct arena *arena)
{
    char date[11];
    int64_t utc_ms;
    if (!zone || !time_parse(created, &utc_ms))
        return arena_text_n(arena, created, strnlen(created, 10));
    zone_date(zone, utc_ms, date);
    return arena_text(arena, date);
}

enum reason order_plan(const struct order *order, const struct shop *shop,
                       const struct item_match *matches, const struct zone *zone,
                       struct arena *arena, struct order_plan *out, struct buf *detail)
{
    char external[EXTERNAL_NUMBER_MAX + 1];
    size_t most = order->line_count + order->shipping_count + MOST_NOTE_LINES + 1;
    struct order_plan plan = {
        .date = date_there(order->created, zone, arena),
        .currency = *shop->currency ? shop->currency : order->currency,
        .prices_include_tax = order->taxes_included,
        .lines = arena_array(arena, most, sizeof *plan.lines),
        .total = order->current.total.shop,
    };
    if (!order_external_number(order, shop, external))
        return REASON_LONG_NAME;
    plan.external = arena_text(arena, external);
    struct decimal discounts = add_goods(&plan, order, shop, matches, arena);
    if (!add_shipping(&plan, order, shop, arena, &discounts, detail))
        return REASON_SHIPPING_ACCOUNT;
    add_comments(&plan, order, arena);
    plan.leftover = decimal_sub(order->current.discounts.shop, discounts);
    if (decimal_sign(plan.leftover) < 0)
        plan.leftover = DECIMAL_ZERO; /* rounding of reduced quantities */
    *out = plan;
    return REASON_NONE;
}
