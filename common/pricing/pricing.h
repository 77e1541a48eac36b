/* pricing.h - the price of one piece, as Business Central's engine "lowest price" works it out of
 * sales price lists, item card, tax and exchange rate. Pure.
 *
 * The rules, in their order:
 *   1. A line counts when it is active and of sales, its dates hold the day (both ends count), its
 *      currency, variant and unit are the asked ones or blank, and its least quantity is reached:
 *      by the pieces, in base units where the line names no unit.
 *   2. It counts for all customers, for this one, a campaign of it; for prices also for the price
 *      group, for discounts also for the discount group. Lines for all items count only where no
 *      line of the item (or, of discounts, of its discount group) does.
 *   3. A line's price goes through tax, unit, currency, and is rounded once. A line that names the
 *      variant or the currency beats one that leaves it blank and names nothing more; of the others
 *      the lowest price wins. Without a line it is the card's, converted alike.
 *   4. The highest discount wins, and is given if the price's line allows one; without a line, if
 *      the terms do.
 *   5. Price = rounded unit price less the rounded share of it; compare-at = the unit price, where
 *      that is above the price.
 * A figure that is missing (the unit, a rate of tax, an exchange rate) is an answer of its own:
 * there is no price then, and never one of 0.
 */
#ifndef CARTAGE_PRICING_H
#define CARTAGE_PRICING_H

#include "base/decimal.h"

enum pricing_buyer { /* whom a line is for */
                     PRICING_ALL_CUSTOMERS,
                     PRICING_CUSTOMER,
                     PRICING_CAMPAIGN,
                     PRICING_PRICE_GROUP,
                     PRICING_DISCOUNT_GROUP,
                     PRICING_NOBODY, /* contacts, jobs, purchases ... */
};
enum pricing_asset {
    PRICING_ITEM,
    PRICING_ITEM_GROUP /* item discount group */,
    PRICING_ALL_ITEMS
};

struct pricing_line {
    const char *list; /* price list and number of the line: for people */
    int64_t number;
    enum pricing_buyer buyer;
    enum pricing_asset asset;
    const char *buyer_code, *group;        /* `group` of PRICING_ITEM_GROUP */
    const char *variant, *unit, *currency; /* "" = any; the local currency */
    const char *from, *to;                 /* "2026-11-26", "" = open */
    const char *vat_group; /* business group whose VAT is inside; "" = the buyer's */
    bool active, of_sales, has_price, has_discount, includes_vat, line_discounts;
    struct decimal least, price, discount; /* discount in percent */
};
struct pricing_lines {
    const struct pricing_line *rows;
    size_t count;
};
struct pricing_vat {
    const char *business, *product;
    struct decimal percent; /* 0 of a reverse charge */
};
struct pricing_rate { /* so much of the buyer's currency is so much of the local one */
    struct decimal amount, local;
};

/* Who buys, when, in which money: one pricing context. */
struct pricing_terms {
    const char *date, *currency;                                     /* "" = the local one */
    const char *customer, *price_group, *discount_group, *vat_group; /* "" = none */
    const char *const *campaigns;
    size_t campaign_count;
    bool line_discounts, include_vat;
    bool has_rate;
    struct pricing_rate rate;
    struct decimal unit_step, amount_step; /* "0.00001", "0.01": what amounts are rounded to */
    const struct pricing_vat *vat;
    size_t vat_count;
    struct pricing_lines common; /* lines of discount groups and of all items */
};
struct pricing_unit {
    const char *code;
    struct decimal quantity; /* base units in one of it */
};
struct pricing_item {
    const struct pricing_unit *units;
    size_t unit_count;
    const char *base_unit, *sales_unit; /* "" = none */
    struct decimal price, cost;         /* local, of a base unit */
    bool includes_vat;
    const char *price_vat_group; /* business group whose VAT is inside; "" = the buyer's */
    const char *vat_group, *discount_group; /* VAT product group; item discount group */
    struct pricing_lines lines;             /* this item's own */
};
struct pricing_question {
    const struct pricing_item *item;
    const char *variant, *unit; /* "" = the item itself; the sales unit, else the base unit */
    struct decimal quantity;    /* pieces from which lines count; the answer is of one piece */
};

enum pricing_answer {
    PRICING_DONE,
    PRICING_NO_UNIT,      /* the unit is none of the item's */
    PRICING_NO_VAT,       /* the VAT posting setup has no such pair of groups */
    PRICING_NO_RATE,      /* no exchange rate that day */
    PRICING_OUT_OF_RANGE, /* a figure below 0 or beyond all money */
};
enum pricing_refusal { PRICING_ALLOWED, PRICING_REFUSED_BY_LINE, PRICING_REFUSED_BY_TERMS };
struct pricing_result {
    enum pricing_answer answer; /* all but PRICING_DONE: nothing below */
    struct decimal unit_price, percent, price;
    struct decimal compare_at; /* 0 = none */
    struct decimal cost;
    const struct pricing_unit *unit;
    const struct pricing_line *line;          /* NULL = the card's price */
    const struct pricing_line *discount_line; /* NULL = none, or refused */
    enum pricing_refusal refusal;             /* of a discount that there would be */
};
struct pricing_result pricing_work_out(const struct pricing_terms *terms,
                                       const struct pricing_question *question);
/* What a piece costs where more are bought at once. */
struct pricing_break {
    int64_t least; /* pieces, 2 or more */
    struct decimal price;
};
/* Each number of pieces from which on the price is another than before, beginning with that of one
 * piece: by the least quantities of all lines, in whole pieces of the question's unit. How many
 * there are, of which the first `most` are in `out`. */
size_t pricing_breaks(const struct pricing_terms *terms, const struct pricing_question *question,
                      struct pricing_break out[], size_t most);
/* The item's unit of that code ("" = the sales unit, else the base unit); NULL = none of its. */
const struct pricing_unit *pricing_unit(const struct pricing_item *item, const char *code);

#endif
