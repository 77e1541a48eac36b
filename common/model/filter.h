/* filter.h - Business Central's filter language on one field. Pure.
 *
 *   a|b  or      a&b  and      a..b, ..b, a..  range      <>a not      >a >=a <a <=a
 *   *  any text      ?  one letter      @a  upper and lower case alike      'a|b'  taken literally
 *
 * `&` binds closer than `|`, as there. Statuses of Shopify are compared as words: PARTIALLY_PAID is
 * "Partially Paid" (filter_word).
 */
#ifndef CARTAGE_FILTER_H
#define CARTAGE_FILTER_H

#include "base/err.h"

enum filter_kind {
    FILTER_TEXT,   /* letters as they are; ranges in the order of their bytes */
    FILTER_NUMBER, /* decimals */
};

struct filter;
MUST_USE bool filter_parse(const char *text, enum filter_kind kind, struct filter **out,
                           struct err *err);
void filter_free(struct filter *filter);
OWNABLE(filter)

/* NULL filter = everything fits. */
bool filter_fits(const struct filter *filter, const char *value);

/* "PARTIALLY_PAID" -> "Partially Paid"; what is no such word stays as it is. */
enum { FILTER_WORD = 64 };
void filter_word(const char *word, char out[static FILTER_WORD]);

#endif
