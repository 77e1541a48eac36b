/* catalog_prices.h - what the files of catalog-prices.sync share. Of this room only. */
#ifndef CARTAGE_CATALOG_PRICES_H
#define CARTAGE_CATALOG_PRICES_H

#include "model/catalog_terms.h"
#include "operations/products_run.h"
#include "shopify/bulk.h"
#include "store/catalogs.h"

enum { LIST_PRICES_MOST = 250 };

struct list_price { /* of one variant on one price list */
    char variant[24];
    char price[DECIMAL_TEXT], compare_at[DECIMAL_TEXT]; /* "" = none */
    char *breaks; /* "10:9.5,50:8", pieces and price; "" = those it has go; NULL = it has none */
};
struct told_item { /* what is staged of an item when all of its prices are confirmed */
    char *item, *text;
    size_t batches; /* that hold some of them and are not answered */
    bool failed;    /* one of them came to nothing */
};
struct price_batch {
    struct catalog *catalog;
    struct list_price prices[LIST_PRICES_MOST];
    size_t count;
    bool breaks;       /* some of them have breaks, or had */
    size_t break_rows; /* a call takes so many, too */
    bool confirmed;
    struct told_item **items;
    size_t item_count, item_room;
};
struct price_batches {
    struct price_batch **items;
    size_t count, room;
};
struct catalog {
    struct staged_catalog staged;
    struct context *context;
    struct price_batch *open; /* not full yet */
    bool stopped;             /* nothing more of it in this run */
};
struct context { /* who buys, and in which money: catalogs that agree share their prices */
    struct catalog_terms terms;
    struct bc_terms asked;
    char basis[33]; /* digest of what its prices are worked out from */
    bool stopped;
    int64_t probed; /* so many prices have passed the probe's count */
};
struct catalog_prices {
    struct products run;
    struct arena *arena;
    struct catalog_rows *rows;
    struct catalog *catalogs;
    struct context *contexts;
    size_t catalog_count, context_count;
    struct price_batches full;   /* to be sent */
    struct price_batches singly; /* with breaks: as one operation only calls of one kind go */
    struct bulk *bulk;
    struct bulk_lines *lines; /* what goes as one operation; NULL = nothing yet */
    size_t line_count;        /* that were ever added: names them */
    bool told;                /* an operation of this run is answered: what is left goes singly */
    struct write *due;        /* when items are to be looked at again */
    bool some;                /* not all that have prices: no mark moves */
    int64_t day;              /* today, counted from 1970 */
};

/* Works out the prices of a page of items for each context, and puts those that differ from what
 * Shopify has confirmed into the batches of their lists. */
MUST_USE bool catalog_prices_compare(struct catalog_prices *run, const struct bc_items_page *page,
                                     struct err *err);
/* Takes the prices' breaks. */
void catalog_batch_add(struct catalog_prices *run, struct catalog *catalog,
                       const struct list_price *prices, size_t count, const char *item,
                       const char *text);
/* Sends the full batches, one by one or, where there are many, as one operation; `all` = the
 * others, too. False also parks, until such an operation is answered. */
MUST_USE bool catalog_batches_send(struct catalog_prices *run, bool all, struct err *err);
void price_batch_free(struct price_batch *batch);
/* The batch holds some of the item's prices. */
void price_batch_hold(struct price_batch *batch, struct told_item *told);
void price_batches_drop(struct price_batches *batches);
/* The mutation's variables: the caller's. */
json *price_batch_variables(const struct price_batch *batch);
/* True = the batch goes again, without those of its rows that Shopify has refused. */
bool price_batch_take(struct catalog_prices *run, struct price_batch *batch,
                      const struct shopify_call *call);
/* The operation of an earlier attempt: takes its answers. False also parks. */
MUST_USE bool catalog_bulk_look(struct catalog_prices *run, struct err *err);
/* Puts the full batches into the operation's file where so many go together, *done; false also
 * parks. `all`: these are the last, and the operation starts. */
MUST_USE bool catalog_bulk_send(struct catalog_prices *run, bool all, bool *done, struct err *err);
/* Nothing more of this catalog is sent in this run, and all of it is compared in the next. */
void catalog_stop(struct catalog_prices *run, struct catalog *catalog, enum reason reason,
                  const char *detail);
/* Compares so many of these prices with sales quotes; one that differs stops the context. */
MUST_USE bool catalog_prices_probe(struct catalog_prices *run, struct context *context,
                                   const struct bc_price *prices, size_t count, struct err *err);

#endif
