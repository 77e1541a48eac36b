/* order_change.c - compares an order with the snapshot of its document. */
#include "plan/order_change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void order_snapshot(const struct order *order, struct buf *out)
{
    char shipping[DECIMAL_TEXT];
    const char *comma = "";
    for (size_t i = 0; i < order->line_count; i++) {
        if (order->lines[i].current <= 0)
            continue;
        buf_printf(out, "%s%s:%" PRId64, comma, order->lines[i].id, order->lines[i].current);
        comma = ",";
    }
    decimal_format(order->sold.shipping.shop, shipping);
    buf_printf(out, ";%s", shipping);
}

/* The quantity the snapshot holds of a line, -1 = none. */
static int64_t quantity_then(const char *snapshot, const char *id)
{
    size_t size = strlen(id);
    for (const char *at = snapshot; *at && *at != ';'; at += *at == ',') {
        if (strncmp(at, id, size) == 0 && at[size] == ':')
            return strtoll(at + size + 1, NULL, 10);
        at += strcspn(at, ",;");
    }
    return -1;
}

static void line_change(const struct order_line *line, int64_t then, bool refunded,
                        struct buf *detail)
{
    if (then < 0 && line->current > 0)
        buf_printf(detail, "line \"%.60s\" was added; ", line->title);
    else if (then >= 0 && line->current > then)
        buf_printf(detail, "line \"%.60s\": %" PRId64 " instead of %" PRId64 "; ", line->title,
                   line->current, then);
    else if (then > line->current && !refunded)
        buf_printf(detail, "line \"%.60s\": %" PRId64 " of %" PRId64 " are left; ", line->title,
                   line->current, then);
}

bool order_changed(const struct order *order, const char *snapshot, struct buf *detail)
{
    const char *shipping = strchr(snapshot, ';');
    struct decimal then;
    bool refunded = decimal_sign(order->refunded.shop) > 0;
    if (!shipping || !decimal_parse(shipping + 1, &then))
        return false;
    size_t before = detail->size;
    if (*order->cancelled && !refunded)
        buf_text(detail, "cancelled without a refund; ");
    else
        for (size_t i = 0; i < order->line_count; i++)
            line_change(&order->lines[i], quantity_then(snapshot, order->lines[i].id), refunded,
                        detail);
    if (decimal_cmp(then, order->sold.shipping.shop) != 0)
        buf_text(detail, "the shipping charge has changed; ");
    return detail->size > before;
}
