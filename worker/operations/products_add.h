/* products_add.h - what the steps of products.add share. Of this operation only.
 *
 * Items go in windows: looked for at Shopify and linked where they stand (products_look.c), created
 * otherwise (products_add.c).
 */
#ifndef CARTAGE_PRODUCTS_ADD_H
#define CARTAGE_PRODUCTS_ADD_H

#include "model/filter.h"
#include "operations/products_bulk.h"
#include "operations/products_shelf.h"

/* A window is so many items, or items of so many variants: what a store of the fastest plan takes
 * in a few seconds, and a few megabytes. */
enum { WINDOW = 100, WINDOW_VARIANTS = 1000 };

struct adding { /* one item on its way */
    const struct products *run;
    struct item item;
    const struct bc_item *from;
    struct product_draft draft;
    struct priced *prices; /* one a variant of the draft */
    const char *found;     /* gid of a product that stands; "" = none; or it goes together */
    bool own;              /* ... which carries the item's bc_id */
};

struct window {
    struct adding items[WINDOW];
    size_t count, variants;
    struct arena *arena;
};

struct add {
    struct products run;
    struct filter *number, *category;
    struct products_bulk *bulk;
    bool together; /* the items of this page */
    struct shelf shelf;
    struct store_ids unpublished;  /* gids: they go with the next window's calls */
    bool shelf_asked, shelf_known; /* all that the store had when this run began */
    size_t open;                   /* that the run is to add; asked for with the first of them */
    bool counted;
    size_t done;
    bool pictures;             /* those of what is added are sent, too */
    bool stock;                /* the shop's is told afterwards */
    struct store_ids pictured; /* its products */
};

/* Which of them stand at Shopify: `found`, `own`. */
MUST_USE bool products_look(struct add *add, struct window *window, struct err *err);
/* Links those. */
MUST_USE bool products_link_found(struct products *run, struct window *window, struct err *err);
/* Products with their variants, by their gids; out[i] is the caller's, NULL = it is gone. False:
 * none is. */
MUST_USE bool products_read(struct products *run, const char *const gids[], size_t count,
                            json *out[], struct err *err);

#endif
