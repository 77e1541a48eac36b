/* shelf.h - items of the house's company and their products in its shop DEMO. */
#ifndef CARTAGE_TEST_SHELF_H
#define CARTAGE_TEST_SHELF_H

#include "support/house.h"

/* A person makes an item, of these further fields (",\"blocked\":true"); its SystemId, yours. */
char *shelf_item(struct house *house, const char *number, const char *more);
/* products.add of the items of this filter. */
struct counts shelf_add(struct house *house, const char *numbers);
/* Number of the item's linked product, "" = none; yours. */
char *shelf_product(struct house *house, const char *item);
/* The product as Shopify stores it; yours. */
json *shelf_shown(struct house *house, const char *product);

#endif
