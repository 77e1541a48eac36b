/* order_change.c - compares an order with the snapshot of its document. */
#include "plan/order_change.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The quantity the snapshot holds of a line, 0 = none. */
static int64_t quantity_then(const char *snapshot, const char *id)
{
    size_t size = strlen(id);
    for (const char *at = snapshot; *at && *at != ';'; at += *at == ',') {
        if (strncmp(at, id, size) == 0 && at[size] == ':')
            return strtoll(at + size + 1, NULL, 10);
        at += strcspn(at, ",;");
    }
    return 0;
}

static void tell(struct buf *detail, const char *format, ...) PRINTF(2, 3);
static void tell(struct buf *detail, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_printf(detail, "%s%s", detail->size ? "; " : "", text);
}

static void line_change(const struct order_line *line, int64_t then, struct buf *detail)
{
    char sku[64] = "";
    if (*line->sku)
        snprintf(sku, sizeof sku, " (%.50s)", line->sku);
    if (then == 0 && line->net > 0)
        tell(detail, "\"%.60s\"%s was added: %" PRId64, line->title, sku, line->net);
    else if (then > 0 && line->net <= 0)
        tell(detail, "\"%.60s\"%s was taken off: %" PRId64 " before", line->title, sku, then);
    else if (then != line->net)
        tell(detail, "\"%.60s\"%s: %" PRId64 " before, %" PRId64 " now", line->title, sku, then,
             line->net);
}

/* Lines that Shopify no longer lists have no name left. */
static void lost_lines(const struct order *order, const char *snapshot, struct buf *detail)
{
    char id[32];
    for (const char *at = snapshot; *at && *at != ';'; at += *at == ',') {
        size_t size = strcspn(at, ":,;");
        snprintf(id, sizeof id, "%.*s", (int)size, at);
        if (at[size] == ':' && !order_line_by_id(order, id))
            tell(detail, "line %s was taken off: %" PRId64 " before", id,
                 (int64_t)strtoll(at + size + 1, NULL, 10));
        at += strcspn(at, ",;");
    }
}

static bool comes_back(const struct order *order, const char *line_id)
{
    for (size_t i = 0; i < order->refund_count; i++)
        for (size_t k = 0; k < order->refunds[i].line_count; k++)
            if (strcmp(order->refunds[i].lines[k].line_id, line_id) == 0)
                return true;
    return false;
}

/* What a cancelled order has given back is a credit memo; a unit that nobody gave back is still on
 * its document. */
static void cancellation(const struct order *order, struct buf *detail)
{
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        if (line->exchange || line->quantity == 0 || comes_back(order, line->id))
            continue;
        tell(detail, "the order was cancelled, and \"%.60s\" was not given back", line->title);
        return;
    }
}

bool order_changed(const struct order *order, const char *snapshot, struct buf *detail)
{
    char was[DECIMAL_TEXT], is[DECIMAL_TEXT], text[DECIMAL_TEXT];
    struct decimal then;
    const char *shipping = strchr(snapshot, ';');
    if (!shipping)
        return false;
    size_t size = strcspn(shipping + 1, ";");
    snprintf(text, sizeof text, "%.*s", (int)size, shipping + 1);
    if (!decimal_parse(text, &then))
        return false;
    bool cancelled_then = shipping[1 + size] == ';';
    OWN_BUF struct buf found = {0};
    for (size_t i = 0; i < order->line_count; i++)
        line_change(&order->lines[i], quantity_then(snapshot, order->lines[i].id), &found);
    lost_lines(order, snapshot, &found);
    if (decimal_cmp(then, order->sold.shipping.shop) != 0) {
        decimal_format_fixed(then, 2, was);
        decimal_format_fixed(order->sold.shipping.shop, 2, is);
        tell(&found, "shipping: %s before, %s now", was, is);
    }
    if (*order->cancelled && !cancelled_then && found.size > 0)
        tell(&found, "the order was cancelled");
    else if (*order->cancelled && !cancelled_then)
        cancellation(order, &found);
    buf_text(detail, buf_str(&found));
    return found.size > 0;
}
