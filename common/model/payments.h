/* payments.h - words of Shopify Payments: what a line of the balance is, when a dispute is over.
 * Pure. */
#ifndef CARTAGE_MODEL_PAYMENTS_H
#define CARTAGE_MODEL_PAYMENTS_H

#include <stdbool.h>

enum line_class {
    LINE_UNKNOWN, /* a type that is newer than this program */
    LINE_CHARGE,
    LINE_REFUND,
    LINE_FEE, /* beside the fees that lines carry themselves */
    LINE_DISPUTE,
    LINE_RESERVE,
    LINE_RETRIED, /* of payouts that failed or were cancelled */
    LINE_ADVANCE,
    LINE_ADJUSTMENT,
    LINE_TRANSFER, /* the payout itself, as it leaves the balance */
    LINE_CLASSES
};
enum line_class line_class(const char *type);
const char *line_class_word(enum line_class is); /* "orders", "fees" */

/* Won, lost, accepted, prevented, refunded: nothing follows. What is not known is followed. */
bool dispute_ended(const char *status);

#endif
