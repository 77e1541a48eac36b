/* order_plan.h - from a Shopify order to the sales document it becomes. Pure.
 *
 * The document holds what is left of the order after edits: current quantities, discounts in
 * proportion to them. Prices go in as Shopify shows them (with tax where the order says so); taxes
 * are the ERP's own business, and totals are compared afterwards.
 */
#ifndef CARTAGE_ORDER_PLAN_H
#define CARTAGE_ORDER_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "calendar/zone.h"
#include "model/order.h"
#include "model/reasons.h"
#include "model/settings.h"

enum { EXTERNAL_NUMBER_MAX = 35 };

enum plan_line_kind { PLAN_ITEM, PLAN_ACCOUNT, PLAN_COMMENT };
struct plan_line {
    enum plan_line_kind kind;
    const char *shopify_id;                /* order line or shipping line; "" for comments */
    const char *item_id, *item_variant_id; /* GUIDs; variant "" = none */
    const char *account;
    const char *description; /* "" = the item's own */
    struct decimal quantity, price, discount;
};

struct order_plan {
    const char *external; /* externalDocumentNumber */
    const char *date;     /* YYYY-MM-DD */
    const char *currency;
    bool prices_include_tax;
    struct plan_line *lines;
    size_t line_count;
    struct decimal leftover; /* order discount that no line carries; 0 = none */
    struct decimal total;    /* with tax, as Shopify has it now */
};

struct item_match {                        /* of one order line, by whoever looked it up */
    const char *item_id, *item_variant_id; /* "" = not found */
};

/* May this order become a document at all? *detail says what exactly stands in the way ("" =
 * nothing more to say). REASON_NONE = yes. */
enum reason order_skip(const struct order *order, const struct shop *shop, struct buf *detail);

/* Does this line need an item? Others are booked on an account, or nothing is left of them. */
bool order_line_needs_item(const struct order_line *line);

/* The document is dated where the company is; zone NULL = UTC.
 * Precondition: order_skip said REASON_NONE and each line that needs an item has its match. */
enum reason order_plan(const struct order *order, const struct shop *shop,
                       const struct item_match *matches, const struct zone *zone,
                       struct arena *arena, struct order_plan *out, struct buf *detail);

/* Prefix and name, upper case: what the document carries in its only free reference. */
bool order_external_number(const struct order *order, const struct shop *shop,
                           char out[static EXTERNAL_NUMBER_MAX + 1]);

#endif
