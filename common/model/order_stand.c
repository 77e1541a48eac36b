/* order_stand.c - the first thing that stands in an order's way. */
#include "model/order_stand.h"

#include <string.h>

#include "model/reasons.h"

static void with_detail(struct buf *text, const char *what, const char *detail)
{
    buf_printf(text, "%s%s%s", what, *detail ? ": " : "", detail);
}

/* Not staged: on its way in, or left outside. */
static void outside(const struct order_stand *stand, struct buf *text, struct buf *cure)
{
    enum reason reason = reason_by_code(stand->reason);
    if (reason != REASON_NONE)
        with_detail(text, reason_row(reason)->text, stand->detail);
    else if (*stand->detail)
        with_detail(text, "its data could not be staged", stand->detail);
    else
        buf_text(text, "the next run of orders.sync reads it");
    buf_printf(cure, "cartage order sync '%s'", stand->name);
    if (*stand->shop)
        buf_printf(cure, " --shop %s", stand->shop);
}

static void process_again(const struct order_stand *stand, struct buf *cure)
{
    buf_printf(cure, "cartage sync orders.process --shop %s", stand->shop);
}

/* The first record without a partner: "customer:7300000000001 product:..." */
static bool map_first(const struct order_stand *stand, struct buf *cure)
{
    size_t kind = strcspn(stand->waits, ":"), size = strcspn(stand->waits, " ");
    if (kind == 0 || kind + 1 >= size)
        return false;
    buf_printf(cure, "cartage map %.*s %.*s NUMBER", (int)kind, stand->waits,
               (int)(size - kind - 1), stand->waits + kind + 1);
    return true;
}

static void held(const struct order_stand *stand, struct buf *text, struct buf *cure)
{
    const struct reason_row *row = reason_row(reason_by_code(stand->reason));
    with_detail(text, row->text, stand->detail);
    if (row->class != CLASS_WAITS)
        buf_text(cure, row->cure);
    else if (!map_first(stand, cure)) {
        process_again(stand, cure);
        if (*row->cure)
            buf_printf(cure, "  # %s", row->cure);
    }
}

static void unposted(const struct order_stand *stand, struct buf *text, struct buf *cure)
{
    const struct reason_row *row = reason_row(reason_by_code(stand->reason));
    buf_printf(cure, "cartage post '%s'", stand->name);
    if (row->class != CLASS_POSTING) {
        buf_printf(text, "document %s is to be posted", stand->document);
        return;
    }
    with_detail(text, row->text, stand->detail);
    if (*row->cure)
        buf_printf(cure, "  # %s", row->cure);
}

static void processed(const struct order_stand *stand, struct buf *text, struct buf *cure)
{
    if (*stand->update) {
        with_detail(text, "Shopify has changed it since its document was made", stand->update);
        buf_printf(cure, "cartage order resolve '%s'  # once document %s says the same",
                   stand->name, stand->document);
    } else if (*stand->shipment && stand->shipment_failed) {
        buf_printf(text, "Shopify was not told of shipment %s: %s", stand->shipment,
                   stand->shipment_why);
        buf_printf(cure, "cartage shipment retry %s", stand->shipment);
    } else if (*stand->difference) {
        with_detail(text, "the totals differ, and no rule explains it", stand->difference);
        buf_printf(cure, "correct document %s in Business Central", stand->document);
    } else if (*stand->shipment) {
        buf_printf(text, "shipment %s is to be told to Shopify%s%s", stand->shipment,
                   *stand->shipment_why ? ": " : "", stand->shipment_why);
        buf_printf(cure, "cartage sync shipments.sync --shop %s", stand->shop);
    } else if (!stand->posted) {
        unposted(stand, text, cure);
    }
}

void order_waits_for(const struct order_stand *stand, struct buf *text, struct buf *cure)
{
    if (!*stand->state) {
        outside(stand, text, cure);
    } else if (strcmp(stand->state, "processed") == 0) {
        processed(stand, text, cure);
    } else if (*stand->reason) {
        held(stand, text, cure);
    } else {
        buf_text(text, strcmp(stand->state, "creating") == 0
                           ? "its document is made and not yet as it should be"
                           : "the next run of orders.process makes its document");
        process_again(stand, cure);
    }
}
