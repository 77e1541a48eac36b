/* products_change.h - what a run of products.sync would change at Shopify. Of this operation only.
 */
#ifndef CARTAGE_PRODUCTS_CHANGE_H
#define CARTAGE_PRODUCTS_CHANGE_H

#include "operations/brake.h"
#include "operations/products_run.h"

enum { BRAKE_PRICES, BRAKE_ARCHIVE, BRAKES };

struct change {                    /* of one product; texts live in the run's arena */
    struct item item;              /* id and number alone */
    struct staged_product after;   /* once Shopify has confirmed it */
    json *fields;                  /* NULL = none of the product's own */
    json *variants;                /* an array; NULL = none */
    struct staged_variant *afters; /* one for each of `variants` */
    bool refused;
};

struct export
{
    struct products run;
    bool only_prices;
    struct arena *arena; /* of the changes */
    struct change *changes;
    size_t count;
    struct brake *brakes[BRAKES];
};

/* Compares a page of items with what Shopify has confirmed; adds to the changes and the brakes. */
MUST_USE bool export_compare(struct export *export, const struct bc_items_page *page,
                             struct err *err);
/* Sends the changes, and stages what was confirmed. */
MUST_USE bool export_send(struct export *export, struct err *err);

#endif
