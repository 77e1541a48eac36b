/* products.h - commands that stage products and their variants, and how they are read back.
 *
 * Fields and indexes: schemas/staging/product.md. A link is written in all its places at once: for
 * the export, and for the orders of the product.
 */
#ifndef CARTAGE_STORE_PRODUCTS_H
#define CARTAGE_STORE_PRODUCTS_H

#include "ledger/write.h"
#include "store/store.h"

struct staged_product {
    const char *product;            /* Shopify's number */
    const char *item, *item_number; /* SystemId */
    const char *title, *status;     /* "" = not known */
    const char *variants;           /* "1,2,3" */
    const char *sent;               /* "" = nothing has been sent yet */
    const char *words, *metafields; /* likewise; read alone */
};
struct staged_variant {
    const char *variant, *product;
    const char *item, *item_number, *item_variant, *variant_code, *uom;
    const char *sku, *inventory_item;
    bool tracked;
    const char *sent, *price_sent;
};

/* What a link needs; `now_ms` = when. */
void stage_product(struct write *write, const char *shop, const struct staged_product *product,
                   int64_t now_ms);
void stage_product_variants(struct write *write, const char *shop, const char *product,
                            const char *variants);
void stage_product_extras(struct write *write, const char *shop, const char *product,
                          const char *words, const char *metafields);
void stage_variant(struct write *write, const char *shop, const struct staged_variant *variant,
                   int64_t now_ms);
/* A variant's item is one of another item's product. */
void stage_guest(struct write *write, const char *shop, const struct staged_variant *variant);
/* The product is gone at Shopify, with all these variants: its item is linked to nothing. */
void stage_product_gone(struct write *write, const char *shop,
                        const struct staged_product *product);
/* An item that was this variant and nothing else of the product is linked to nothing. */
void stage_variant_gone(struct write *write, const char *shop, const char *variant,
                        const char *product);

/* Rows of products, or of variants, that read_*_row takes apart; texts live as long as the rows. */
MUST_USE bool store_products(struct ledger *ledger, const char *company, const char *shop,
                             const char *const products[], size_t count, struct store_rows **out,
                             struct err *err);
MUST_USE bool store_variants(struct ledger *ledger, const char *company, const char *shop,
                             const char *const variants[], size_t count, struct store_rows **out,
                             struct err *err);
/* How many a sorted set has. */
MUST_USE bool store_size(struct ledger *ledger, const char *company, const char *key, int64_t *out,
                         struct err *err);
/* item "" = not staged. The number itself is the caller's to fill in. */
struct staged_product store_product_row(const struct store_rows *rows, size_t row);
struct staged_variant store_variant_row(const struct store_rows *rows, size_t row);

#endif
