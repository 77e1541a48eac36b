/* exact.h - an amount under conversion, exact until it is rounded once at the end. Pure.
 *
 * Business Central carries some 28 digits through tax, unit and currency and rounds the result; two
 * roundings on the way can differ from it by a hundred-thousandth, and so by a cent. What does not
 * fit into 128 bits is an answer (false), not a bug: figures come from people.
 */
#ifndef CARTAGE_EXACT_H
#define CARTAGE_EXACT_H

#include "base/decimal.h"

struct exact { /* above / below */
    int128 above, below;
};

struct exact exact_of(struct decimal value);
/* times by / per; per is not 0. */
MUST_USE bool exact_scale(struct exact *value, struct decimal by, struct decimal per);
/* To a multiple of the step ("0.01", "0.05"; above 0), half away from zero. */
MUST_USE bool exact_round(const struct exact *value, struct decimal step, struct decimal *out);

#endif
