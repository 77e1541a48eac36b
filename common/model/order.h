/* order.h - a Shopify order as the decisions see it: ids as numbers in text, every amount in the
 * shop's money and in the customer's. Pure.
 *
 * Texts are borrowed from whoever read the order (store/staging.h); "" = absent, never NULL. What
 * Shopify does not say itself (which units a document holds, what an order was before money went
 * back) is filled in by order_settle, so that nobody works it out a second time.
 */
#ifndef CARTAGE_ORDER_H
#define CARTAGE_ORDER_H

#include "base/buf.h"
#include "base/decimal.h"

struct money_pair {
    struct decimal shop, presentment;
};
enum money_side { MONEY_SHOP, MONEY_PRESENTMENT };

struct decimal money_of(struct money_pair pair, enum money_side side);
struct money_pair money_add(struct money_pair a, struct money_pair b);
struct money_pair money_sub(struct money_pair a, struct money_pair b);
/* The sales channel in the words of the admin: "web" is "Online Store"; others are called as their
 * app is, or as the source when nobody named that. */
const char *order_channel(const char *source, const char *app);
int money_places(const char *currency); /* decimals of a currency: GBP 2, JPY 0, KWD 3 */

struct order_address {
    const char *first, *last, *name, *company, *address1, *address2, *city, *zip;
    const char *state, *state_name; /* code and name */
    const char *country, *phone;
    bool present;
};

struct order_tax {
    const char *title;
    struct decimal rate, percent; /* 0.2 and 20 */
    struct money_pair amount;
    bool channel_liable; /* the sales channel hands it on */
};
struct order_taxes {
    struct order_tax *items;
    size_t count;
};

struct order_attribute {
    const char *key, *value;
};
struct order_attributes {
    struct order_attribute *items;
    size_t count;
};

struct order_line {
    const char *id, *product_id, *variant_id;
    const char *title, *variant_title, *sku, *barcode, *vendor;
    int64_t quantity, current; /* as sold; after edits and refunds */
    int64_t net; /* what the order's document holds: without what edits took off (order_settle) */
    int64_t unfulfilled;
    bool gift_card, tip, taxable, requires_shipping;
    bool exchange; /* given out for something that came back: its credit memo sells it */
    struct money_pair price, discount; /* a unit's; what was allocated to `quantity` units */
    struct money_pair net_discount;    /* the share of `net` units */
    struct order_taxes taxes;
    struct order_attributes attributes;
    const char *location_id, *delivery_method; /* of its fulfilment orders; "" = several or none */
};

struct order_shipping {
    const char *id, *title, *code, *source;
    bool removed;
    struct money_pair price, discount;
    struct order_taxes taxes;
};

struct order_transaction {
    const char *id, *parent_id, *refund_id; /* refund_id "" = belongs to none */
    const char *kind, *status;              /* Shopify's constants */
    const char *gateway, *gateway_name;     /* "gift_card"; as people see it */
    const char *card_company, *gift_card_id, *payment_id, *error, *created;
    bool test, manual;
    struct money_pair amount, rounding;
};

struct order_refund_line {
    const char *id, *line_id, *restock, *location_id;
    int64_t quantity; /* negative = an exchanged unit that goes out */
    bool restocked;
    bool can_credit; /* false = an edit: it makes the order smaller, and is no credit memo */
    bool exchange;
    struct money_pair price, subtotal, tax; /* subtotal holds the tax where prices do */
};
struct order_refund_shipping {
    const char *id, *shipping_id, *title;
    struct money_pair subtotal, tax;
};
struct order_adjustment { /* what was given back beside lines and shipping */
    const char *id, *reason;
    struct money_pair amount, tax;
};
struct order_refund {
    const char *id, *return_id, *created, *updated, *note;
    struct money_pair total;
    struct order_refund_line *lines;
    struct order_refund_shipping *shipping;
    struct order_adjustment *adjustments;
    const char **transactions; /* ids */
    size_t line_count, shipping_count, adjustment_count, transaction_count;
};

struct order_return_line {
    const char *id, *line_id; /* line_id "" = unverified: not known what it was */
    int64_t quantity, refundable, refunded;
    const char *reason, *reason_note, *customer_note;
    const char *location_id; /* where it was put; "" = not yet, or at several */
    struct money_pair total; /* discounted; of an unverified one its unit's price */
};
struct order_exchange_line {
    const char *line_id; /* the order line that goes out */
    int64_t quantity;
};
struct order_return {
    const char *id, *name, *status, *decline_reason, *decline_note;
    int64_t quantity;
    struct order_return_line *lines;
    struct order_exchange_line *exchanges;
    size_t line_count, exchange_count;
};

struct order_fulfillment_line {
    const char *id, *line_id;
    int64_t total, remaining;
};
struct order_fulfillment { /* a fulfilment order: what one location is to send */
    const char *id, *status, *request, *location_id, *method;
    struct order_fulfillment_line *lines;
    size_t line_count;
};

struct order_totals { /* with tax where it says so: `total` always, the others as prices are */
    struct money_pair total, tax, discounts, shipping;
};

struct order {
    const char *id, *name;
    const char *created, *updated, *processed, *closed_at;
    const char *cancelled, *cancel_reason;         /* UTC instant; "" = is not */
    const char *financial, *fulfillment, *returns; /* Shopify's constants */
    const char *tags;                              /* "[a] [b]" */
    const char *email, *phone, *note, *po_number;
    const char *customer_id, *customer_name, *customer_first, *customer_last;
    const char *customer_email, *customer_phone;
    const char *company_id, *company_location_id, *company_contact_id; /* B2B; "" = a person */
    const char *company_name;                                          /* NULL or "" = a person */
    const char *currency, *presentment_currency;                       /* ISO */
    const char *risk;    /* HIGH, MEDIUM, LOW, NONE or PENDING of the worst assessment */
    const char *channel; /* as people see it: "Online Store"; else the source */
    const char *source;  /* "web", "pos" */
    const char *staff_id, *retail_location_id;
    const char *gateway; /* of the largest payment that stands or is expected */
    const char *terms_name, *terms_type, *due; /* due "" = no date, or several */
    int64_t terms_days;
    const char *discount_codes; /* "A, B" */
    bool test, closed, confirmed, fully_paid, edited, taxes_included, tax_exempt, duties_included;
    bool erased;        /* its customer is: nothing of him is left (store/privacy.h) */
    bool channel_tax;   /* a tax line that the sales channel owes */
    bool more_shipping; /* shipping lines that were not read */
    struct order_address sell_to, ship_to, bill_to;
    struct order_attributes attributes;
    struct order_taxes taxes;
    struct order_totals sold, current; /* as sold; after edits and refunds */
    struct order_totals net; /* as the order's document should be: after edits, before money went
                                back, without what was exchanged (order_settle) */
    struct money_pair subtotal, refunded, outstanding, tips, duties, fees;
    struct money_pair rounding, refund_rounding; /* of cash, paid in and given back */
    struct order_line *lines;
    struct order_shipping *shipping_lines;
    struct order_transaction *transactions;
    struct order_refund *refunds;
    struct order_return *return_list;
    struct order_fulfillment *fulfillments;
    size_t line_count, shipping_count, transaction_count, refund_count, return_count;
    size_t fulfillment_count;
};

/* Fills in what follows from the rest: net quantities, discounts and totals, exchanges, locations,
 * gateway. */
void order_settle(struct order *order);

/* "<line id>:<net quantity>,...;<shipping total>[;cancelled]": what a document knows of its order;
 * kept with the processed order, and compared with what the order is later. */
void order_snapshot(const struct order *order, struct buf *out);

const struct order_line *order_line_by_id(const struct order *order, const char *id);
/* Is this refund a document of its own, a credit memo? False for edits, which only make the order
 * smaller, and for refunds of nothing. */
bool order_refund_is_credit(const struct order *order, const struct order_refund *refund);
/* What cash made of it, of the payments that have gone through. */
struct money_pair order_refund_rounding(const struct order *order,
                                        const struct order_refund *refund);
const struct order_return *order_return_of(const struct order *order,
                                           const struct order_refund *refund); /* NULL = none */
/* The money of its sales has been given back, or is to be: a credit memo may be made of it. */
bool order_has_credit(const struct order *order);

#endif
