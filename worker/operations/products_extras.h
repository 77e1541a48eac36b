/* products_extras.h - translations and metafields of products, and metafields of whatever has them,
 * to be set. Of this room only. */
#ifndef CARTAGE_PRODUCTS_EXTRAS_H
#define CARTAGE_PRODUCTS_EXTRAS_H

#include "operations/products_run.h"
#include "plan/product_extras.h"

struct extras { /* of one product: those that have changed */
    const char *product;
    const char *type; /* of its id, where it is no product: "Customer"; else NULL */
    struct extra *words, *fields;
    size_t word_count, field_count;
    const char *words_after, *fields_after; /* digests, once all of them are confirmed */
    /* answer */
    enum reason reason; /* REASON_NONE = all are set, and staged so */
    char refusal[160];
};

/* Sets them all; false only for what ends the attempt. */
MUST_USE bool products_extras(struct products *run, struct extras *list, size_t count,
                              struct err *err);
/* The metafields alone; nothing is staged. */
MUST_USE bool extras_set_fields(struct attempt *attempt, struct extras *list, size_t count,
                                struct err *err);
json *metafield_json(const struct extra *field); /* namespace, key, type, value; the caller's */

#endif
