/* order_snapshot.c - what of an order its document knows. */
#include <inttypes.h>

#include "model/order.h"

void order_snapshot(const struct order *order, struct buf *out)
{
    char shipping[DECIMAL_TEXT];
    const char *comma = "";
    for (size_t i = 0; i < order->line_count; i++) {
        if (order->lines[i].net <= 0)
            continue;
        buf_printf(out, "%s%s:%" PRId64, comma, order->lines[i].id, order->lines[i].net);
        comma = ",";
    }
    decimal_format(order->sold.shipping.shop, shipping);
    buf_printf(out, ";%s%s", shipping, *order->cancelled ? ";cancelled" : "");
}
