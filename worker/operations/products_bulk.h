/* products_bulk.h - many new products as one operation at Shopify. Of products.add only. */
#ifndef CARTAGE_PRODUCTS_BULK_H
#define CARTAGE_PRODUCTS_BULK_H

#include "operations/products_run.h"

struct products_bulk;
/* Takes what earlier operations have answered, and publishes the products that they have made.
 * *over = what this run was to create has been sent. False also parks. */
MUST_USE bool products_bulk_open(struct products *run, struct products_bulk **out, bool *over,
                                 struct err *err);
void products_bulk_free(struct products_bulk *bulk);
OWNABLE(products_bulk)
/* The store's products are known: a run that was parked for that has more than a few to add. */
bool products_bulk_knows(const struct products_bulk *bulk);
/* Do so many items of a page go together? Then the store's products are known. False also parks,
 * until they are, or until there is a place. */
MUST_USE bool products_bulk_wants(struct products_bulk *bulk, size_t items, bool *together,
                                  struct err *err);
/* The number of the product that carries the item's id, or has a SKU or bar code of the draft's; 0
 * = none. */
int64_t products_bulk_find(const struct products_bulk *bulk, const struct product_draft *draft,
                           bool *own);
/* False = the product is created singly: it is too large, or the file is full. */
bool products_bulk_add(struct products_bulk *bulk, const struct product_draft *draft,
                       const struct priced *prices);
/* Has the file room for so many more? */
bool products_bulk_holds(const struct products_bulk *bulk, size_t more);
/* Sends what was gathered, and parks; true = there is nothing. `last` = the run has no more. */
MUST_USE bool products_bulk_end(struct products_bulk *bulk, bool last, struct err *err);

#endif
