/* order.h - a Shopify order as the decisions see it: ids as numbers in text, amounts in shop money.
 * Pure.
 *
 * Texts are borrowed from whoever read the order (store/order.h); "" = absent, never NULL.
 */
#ifndef CARTAGE_ORDER_H
#define CARTAGE_ORDER_H

#include "base/decimal.h"

struct order_address {
    const char *name, *company, *address1, *address2, *city, *zip, *state, *country, *phone;
    bool present;
};

struct order_line {
    const char *id, *product_id, *variant_id;
    const char *title, *variant_title, *sku, *barcode;
    int64_t quantity, current; /* as sold; after edits and refunds */
    bool gift_card;
    struct decimal price, discount; /* a unit's; what was allocated to `quantity` units */
};

struct order_shipping {
    const char *id, *title, *code;
    bool removed;
    struct decimal price, discount;
};

struct order {
    const char *id, *name;
    const char *created, *updated, *cancelled;     /* UTC instants; cancelled "" = is not */
    const char *financial, *fulfillment, *returns; /* Shopify's constants */
    const char *tags;                              /* "[a] [b]" */
    const char *email, *phone, *note, *po_number;
    const char *customer_id, *customer_name, *customer_email, *customer_phone;
    const char *company_id; /* B2B; "" = a person */
    const char *currency;   /* the shop's, ISO */
    const char *risk;       /* HIGH, MEDIUM, LOW, NONE or PENDING of the worst assessment */
    bool test, closed, confirmed, fully_paid, edited, taxes_included;
    bool channel_tax;   /* a tax line that the sales channel owes */
    bool more_shipping; /* shipping lines that were not read */
    struct order_address sell_to, ship_to, bill_to;
    struct decimal total, current_total, current_discounts, shipping, refunded;
    struct decimal tips, duties, fees, rounding;
    struct order_line *lines;
    size_t line_count;
    struct order_shipping *shipping_lines;
    size_t shipping_count;
};

#endif
