/* balance.h - do the books agree? What Shopify sold and gave back against what is posted, and
 * payouts against their lines. Pure: values in, verdicts out.
 *
 * Every verdict that is no agreement names one record, one kind and one amount, so that the sum of
 * all amounts is the whole difference and nothing is left unexplained.
 */
#ifndef CARTAGE_BALANCE_H
#define CARTAGE_BALANCE_H

#include "base/decimal.h"
#include "model/payments.h"

enum balance_kind {
    BALANCE_AGREES,
    BALANCE_NO_INVOICE,    /* sold, and no posted invoice */
    BALANCE_NO_MEMO,       /* given back, and no posted credit memo */
    BALANCE_OTHER_TOTAL,   /* posted with another total */
    BALANCE_NOT_IMPORTED,  /* money of an order that was never staged */
    BALANCE_WRONG_FEE,     /* a line keeps another fee than its payment told */
    BALANCE_UNKNOWN_TYPE,  /* a line of a type that this program does not know */
    BALANCE_UNEVEN_PAYOUT, /* a payout is not the sum of its lines */
    BALANCE_NOT_BOOKED,    /* an order whose refunds and fees are not known: read before they were
                              kept */
    BALANCE_KINDS
};
const char *balance_kind_word(enum balance_kind kind); /* "no-invoice" */
const char *balance_kind_text(enum balance_kind kind); /* for people, with what to do next */

struct balance_verdict {
    enum balance_kind kind;
    const char *reason;    /* code of docs/skips.md, or a word of its own; "" = none is known */
    struct decimal amount; /* Shopify's side less the other */
};

/* A sale or a refund, and the document of it. Texts "" = none. */
struct balance_document {
    bool refund;
    struct decimal shop;                  /* sold, or given back; never negative */
    struct decimal erp;                   /* total with tax of its document */
    const char *state, *reason;           /* of the order, or the refund */
    const char *document;                 /* its number */
    const char *posting, *posting_reason; /* state and reason of its posting */
    const char *posted_number;            /* of the posted document */
    const char *cancelled;                /* its number, where it was cancelled there since */
    const char *difference_reason;
};
bool balance_is_posted(const struct balance_document *document);
struct balance_verdict balance_document(const struct balance_document *document);

/* A line of a payout. */
struct balance_line {
    const char *type;
    struct decimal amount, fee, net;
    bool of_order; /* Shopify says whose it is */
    bool staged;   /* and that order is known here */
    bool told;     /* its payment has told a fee, in the line's currency */
    struct decimal told_fee;
};
struct balance_verdict balance_line(const struct balance_line *line);

/* A payout's lines together. */
struct balance_sum {
    struct decimal amounts[LINE_CLASSES]; /* gross */
    struct decimal fees, net;
    size_t lines;
};
void balance_add(struct balance_sum *sum, const struct balance_line *line);
/* orders - refunds - fees +- the rest = net? */
struct balance_verdict balance_payout(struct decimal net, const struct balance_sum *sum);

#endif
