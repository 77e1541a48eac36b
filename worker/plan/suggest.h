/* suggest.h - who of the one side might be who of the other, for a person to say so. Pure.
 *
 * Nothing is linked by this: exact rules are the look-ups' (orders_customers.h, items_find.h). Each
 * thing that two records have alike counts so many points and is a reason that people read. The
 * first suggestion is a sure one only where it has enough of them, and far more than the second:
 * where two fit alike none is.
 */
#ifndef CARTAGE_SUGGEST_H
#define CARTAGE_SUGGEST_H

#include "base/arena.h"

enum suggest_why { /* in the order in which they are told */
                   WHY_EMAIL,
                   WHY_TAX_ID,
                   WHY_BARCODE,
                   WHY_SKU,
                   WHY_PHONE,
                   WHY_NAME,
                   WHY_EMAIL_LIKE,
                   WHY_SKU_LIKE,
                   WHY_NAME_LIKE,
                   WHY_STREET,
                   WHY_POST_CODE,
                   WHY_COUNT
};
const char *suggest_word(enum suggest_why why); /* "same-email"; schemas/staging/mapping.md */

/* What is compared of a record; "" = it has none. A product has a code and a barcode for each of
 * its variants, a customer of the ERP one e-mail address for each that is written there: texts that
 * hold several have a line for each. */
struct suggest_record {
    const char *name, *emails, *phone, *tax_id, *street, *zip;
    const char *codes, *barcodes; /* SKUs; an item's number; GTINs */
};

/* The ERP's records, prepared for many searches; texts are borrowed. */
struct suggest_index;
struct suggest_index *suggest_index_new(const struct suggest_record *records, size_t count,
                                        struct arena *arena);

enum { SUGGEST_MOST = 3 };
struct suggestion {
    size_t record; /* its place among the index's */
    int points;
    unsigned why; /* bits of suggest_why */
};
struct suggestions { /* the best first; points of none are 0 */
    struct suggestion items[SUGGEST_MOST];
    size_t count;
    bool sure; /* of the first */
};
void suggest(const struct suggest_index *index, const struct suggest_record *record,
             struct suggestions *out);

#endif
