/* order_plan.h - from a Shopify order to the sales document it becomes. Pure.
 *
 * The document holds the order as it was sold, without what edits took off it and without what was
 * exchanged (model/order.h: net); money that went back is a credit memo (refund_plan.h). Prices go
 * in as Shopify shows them, in one of its two currencies. Taxes are the ERP's own business: what
 * its total will be is predicted, and compared afterwards (amounts.h).
 */
#ifndef CARTAGE_ORDER_PLAN_H
#define CARTAGE_ORDER_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "calendar/zone.h"
#include "model/order.h"
#include "model/reasons.h"
#include "model/settings.h"
#include "plan/party.h"

enum { EXTERNAL_NUMBER_MAX = 35 };

enum plan_document { PLAN_ORDER, PLAN_INVOICE, PLAN_CREDIT_MEMO };

enum plan_line_kind { PLAN_ITEM, PLAN_ACCOUNT, PLAN_COMMENT };
struct plan_line {
    enum plan_line_kind kind;
    const char *shopify_id;                /* order line or shipping line; "" for comments */
    const char *item_id, *item_variant_id; /* GUIDs; variant "" = none */
    const char *unit;        /* code of the unit it is sold in; "" = the item's sales unit */
    const char *number;      /* of an account, or of an item that a setting names; "" = item_id */
    const char *description; /* "" = the item's own */
    const char *location, *location_id; /* code of a setting, and its GUID once looked up; "" */
    struct decimal quantity, price, discount;
    struct decimal rate; /* percent of tax that Shopify has put on it, all taxes together */
    int taxes;           /* how often that was rounded */
};

struct order_plan {
    enum plan_document document;
    const char *external; /* externalDocumentNumber */
    const char *date;     /* YYYY-MM-DD */
    const char *due;      /* of an invoice; "" = by the payment terms */
    const char *currency; /* "" = the customer's */
    enum money_side side;
    int places;                                                /* decimals of the currency */
    bool taxes_included;                                       /* in Shopify's prices */
    bool prices_include_tax;                                   /* in the document's */
    const char *shipment_method, *payment_terms, *salesperson; /* codes of settings; "" = none */
    const char *payment_method, *shipping_agent, *agent_service, *tax_area; /* at level extension */
    struct party_names sell_to, bill_to, ship_to;
    const char *number; /* that the document is to have; "" = the ERP's next one */
    bool tax_liable;
    const char *shipment_method_id, *payment_terms_id; /* their GUIDs once looked up */
    struct plan_line *lines;
    size_t line_count, line_room;
    struct decimal leftover; /* discount that no line carries; 0 = none */
    struct decimal total;    /* with tax, as Shopify has it */
    /* What the document leaves out for want of an account. */
    struct decimal extras, rounding; /* duties and fees with their taxes; of cash */
    /* What is posted to rounding_account so that the totals are equal, and why. */
    struct decimal evened;
    int evened_for; /* enum difference_reason */
};

struct item_match {                        /* of one order line, by whoever looked it up */
    const char *item_id, *item_variant_id; /* "" = not found */
    const char *unit;                      /* that the variant is sold in; "" = the item's own */
};

/* May this order become a document at all? *detail says what exactly stands in the way ("" =
 * nothing more to say). REASON_NONE = yes. */
enum reason order_skip(const struct order *order, const struct shop *shop, struct buf *detail);

/* Does this line need an item? Others are booked on an account, or nothing is left of them. */
bool order_line_needs_item(const struct order_line *line);
/* No product, no variant, no SKU: typed in at the till or in the admin. */
bool order_line_is_custom(const struct order_line *line);

/* The document is dated where the company is; zone NULL = UTC. `erp_prices_include_tax` is what
 * the ERP does on an invoice, which cannot be told; NULL = as the order.
 * Precondition: order_skip said REASON_NONE and each line that needs an item has its match. */
enum reason order_plan(const struct order *order, const struct shop *shop,
                       const struct item_match *matches, const bool *erp_prices_include_tax,
                       const struct zone *zone, struct arena *arena, struct order_plan *out,
                       struct buf *detail);

/* Prefix and name, upper case: what the document carries in its only free reference. `more` is
 * put behind it. False = too long. */
bool order_external_number(const struct order *order, const struct shop *shop, const char *more,
                           char out[static EXTERNAL_NUMBER_MAX + 1]);

/* ---- for the plans of this room ---- */

struct plan_line *plan_add(struct order_plan *plan, enum plan_line_kind kind, const char *id,
                           const char *description);
void plan_add_number_line(struct order_plan *plan, const struct order *order,
                          const struct shop *shop, struct arena *arena);
/* The rates that were charged on an amount. */
void plan_tax(const struct order_plan *plan, struct plan_line *line,
              const struct order_taxes *taxes, struct decimal amount);
void plan_line_tax(const struct order_plan *plan, struct plan_line *line,
                   const struct order_line *source);
void plan_shipping_tax(const struct order_plan *plan, struct plan_line *line,
                       const struct order_shipping *source);
const char *plan_text(struct arena *arena, const char *text); /* cut to what a line holds */
const char *plan_date(const char *instant, const struct zone *zone, struct arena *arena);
enum money_side plan_side(const struct shop *shop);
/* The method that all successful payments go by, or those of a refund. Of several the one whose row
 * has the highest priority, then the one that paid most; where no row has one, none. */
const char *plan_payment_method(const struct order *order, const struct order_refund *refund,
                                const struct shop *shop);
/* The shipping line that says how the goods travel; "" = none stands. */
const char *plan_shipping_title(const struct order *order);
/* Tells each title of the order that the table `setting` of the shop has no row for. */
typedef void plan_title(void *state, const char *setting, const char *title);
void plan_titles(const struct order *order, const struct shop *shop, plan_title *found,
                 void *state);
/* Whose document it is; an address that the order lacks is another one's. */
void plan_parties(struct order_plan *plan, const struct order *order, const struct shop *shop,
                  struct arena *arena);
/* By the shop's priority: the area of the first address that has a city. */
const char *plan_tax_area(const struct order *order, const struct shop *shop, struct arena *arena);
const char *plan_area_of(const struct order_address *address, const struct shop *shop,
                         struct arena *arena);
/* Currency, its decimals and the side of every amount. */
void plan_currency(struct order_plan *plan, const struct order *order, const struct shop *shop,
                   enum money_side side);

#endif
