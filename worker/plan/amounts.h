/* amounts.h - what the ERP makes of a planned document, to the last digit, and why that is not
 * always what Shopify has. Pure.
 *
 * The rules are Business Central's: each line is rounded to the currency; the tax of a group of
 * lines with one VAT identifier and rate is that of their sum; an invoice discount is spread over
 * the lines of items by their amounts, the last one takes what is left. Rates are those that
 * Shopify has charged: where the ERP is set up with others, the totals differ by an amount that
 * nothing here predicts, and that is an error.
 */
#ifndef CARTAGE_AMOUNTS_H
#define CARTAGE_AMOUNTS_H

#include "plan/order_plan.h"

enum difference_reason {
    DIFFERENCE_NONE,
    DIFFERENCE_TAX_BY_GROUP, /* tax is rounded by line there, by VAT group here */
    DIFFERENCE_CASH_ROUNDING,
    DIFFERENCE_DUTY_OR_FEE, /* without an account, and the taxes on it */
    DIFFERENCE_UNEXPLAINED,
};
const char *difference_code(enum difference_reason reason); /* "tax-by-group"; "" = none */

struct difference {
    enum difference_reason reason;
    struct decimal amount; /* the ERP's total less Shopify's */
};

/* The total with tax that the ERP computes. `groups` says each line's VAT identifier, as its answer
 * has it; NULL = lines of one rate are one group. */
struct decimal amounts_total(const struct order_plan *plan, const char *const *groups);

/* What is to be expected before anybody is asked. Of several causes the one with the most money
 * names it; its amount is that of all of them. */
struct difference amounts_predict(const struct order_plan *plan, const char *const *groups);

/* The same of a total that the ERP has: explained only when it is the predicted one. */
struct difference order_difference(const struct order_plan *plan, struct decimal erp_total,
                                   const char *const *groups);

/* Adds the line that evens out what is predicted, on this account. Nothing where a duty or a fee is
 * the cause: that has accounts of its own. The plan's lines need room for one more. */
void amounts_even(struct order_plan *plan, const char *account);

/* The ERP takes prices the other way round than planned: with tax, or without. Each line keeps its
 * amount; groups of one rate keep their sum as well as whole cents allow. */
void amounts_convert(struct order_plan *plan, bool prices_include_tax);

struct decimal amounts_line(const struct plan_line *line, int places); /* after its discount */

#endif
