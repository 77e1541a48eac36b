/* products_shelf.h - which products a store has: by the item that they carry, by SKU, by bar code.
 * Of products.add only.
 */
#ifndef CARTAGE_PRODUCTS_SHELF_H
#define CARTAGE_PRODUCTS_SHELF_H

#include "operations/products_run.h"

struct shelf {
    struct shelf_text *texts; /* sorted once it is closed */
    size_t count, room;
};
void shelf_drop(struct shelf *shelf);

/* A product's row: {id, metafield {value}}, the item that it carries. */
void shelf_take_product(struct shelf *shelf, const json *row);
/* A variant's row {sku, barcode}, of the product with this gid. */
void shelf_take_variant(struct shelf *shelf, const json *row, const char *product);
void shelf_close(struct shelf *shelf);

/* The number of the product that carries the item's id (*own), or has a SKU or bar code of the
 * draft's; 0 = none. */
int64_t shelf_find(const struct shelf *shelf, const struct product_draft *draft, bool *own);

/* A small store's products, in one question, and not by the search index; *known = these are all.
 */
MUST_USE bool shelf_read(struct products *run, struct shelf *out, bool *known, struct err *err);

#endif
