/* products_import.h - what the steps of products.sync from Shopify share. Of this room only. */
#ifndef CARTAGE_PRODUCTS_IMPORT_H
#define CARTAGE_PRODUCTS_IMPORT_H

#include "attempt.h"
#include "model/reasons.h"
#include "operations/items_find.h"
#include "operations/undone.h"
#include "plan/import_plan.h"
#include "shopify/shopify.h"

enum { IMPORT_BATCH = 125, IMPORT_VARIANTS = 25 }; /* products a call, variants of each */

struct import_rows { /* what was read for a batch, in its arena */
    struct store_rows *rows;
    struct import_rows *next;
};
struct coming_variant {
    const struct import_variant *of;
    struct sought sought; /* item "" = it has none yet */
    bool linked;          /* stands in Redis as this shop's */
    bool made;            /* its item, or its variant, is made by this run */
    const char *sent, *seen;
};
struct coming { /* a product on its way to its items */
    struct import_product product;
    struct coming_variant *variants; /* one each */
    int64_t updated_ms;
    bool gone;    /* no longer at Shopify, or a gift card */
    bool failed;  /* to be tried again: the mark stays before it */
    bool refused; /* its item was not taken there */
    bool told;    /* has a skip */
    const char *item, *item_number, *sent, *seen, *was_variants; /* of its link, "" = none */
    const char *by_hand, *shops;                                 /* of its record for people */
    const char *making; /* variants whose items an earlier run has begun to make */
};

struct import {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct bc_shows shows;
    char today[16];        /* where the company is */
    const char *terms;     /* digest of what the comparing depends on; "" = of single products */
    struct arena *arena;   /* of a batch */
    struct lookup *lookup; /* likewise */
    json **answers;        /* likewise; owned */
    size_t answer_count;
    struct import_rows *rows; /* likewise */
    struct undone unsent, awaited;
};

MUST_USE bool import_open(struct import *import, struct attempt *attempt, struct err *err);
void import_close(struct import *import);
MUST_USE bool import_flush(struct import *import, bool all, struct err *err);
int64_t import_now_ms(const struct import *import);
struct store_rows **import_rows(struct import *import); /* a place for rows of the batch */

/* All products of the store by one query. While it is under way whole_look parks the run. */
struct whole;
MUST_USE bool whole_look(struct import *import, struct whole **out, struct err *err);
void whole_free(struct whole *whole);
OWNABLE(whole)
/* It has an answer; what has changed since then it does not tell. */
bool whole_found(const struct whole *whole, int64_t *began_ms);
/* For so many products: it is started, and the run parks; true = they go by pages. */
MUST_USE bool whole_start(struct whole *whole, size_t products, struct err *err);
/* The next ones, up to IMPORT_BATCH, as nodes of products-by-ids; yours. None = no more. */
MUST_USE bool whole_next(struct whole *whole, json **nodes, struct err *err);

/* Products by their numbers, with what is staged of them; nodes NULL = Shopify is asked, else one
 * for each, borrowed while the batch lasts. */
MUST_USE bool import_load(struct import *import, const char *const ids[], size_t count,
                          const json *nodes, struct coming list[], struct err *err);
/* Finds, makes, changes and stages a batch; `change` = items that exist may be changed. */
MUST_USE bool import_batch(struct import *import, struct coming list[], size_t count, bool change,
                           struct err *err);
/* The codes of units that variants are sold in: as Shopify names them, else by that description. */
MUST_USE bool import_units(struct import *import, struct coming list[], size_t count,
                           struct err *err);
/* Makes the unit of this variant, if it is not there and its name can be a code. */
MUST_USE bool import_unit_make(struct import *import, struct coming *coming,
                               const struct import_variant *variant, struct err *err);
/* Makes the items of products that have none, or lack some of their variants. */
MUST_USE bool import_make(struct import *import, struct coming *coming, struct err *err);
MUST_USE bool import_change(struct import *import, struct coming list[], size_t count,
                            struct err *err);
/* What all of it is staged as: links, what Shopify has said, who is unmapped. */
MUST_USE bool import_stage(struct import *import, struct coming *coming, struct err *err);
/* The link of one variant alone, as soon as its item is made. */
void import_stage_variant(struct import *import, const struct coming *coming,
                          const struct coming_variant *variant);
void import_skip(struct import *import, struct coming *coming, enum reason reason,
                 const char *detail);
/* One record's failure: true = it has its skip, or waits for the next run, and the run goes on. */
MUST_USE bool import_passed(struct import *import, struct coming *coming, const struct err *why,
                            struct err *err);
/* Category and vendor of a product there, as far as they are asked for; "" = there is none. */
const char *import_category(const struct import *import, const struct import_product *product);

/* Products that an order names and that have no item: they come in as by products.sync, whatever
 * the shop's sync_item says. What cannot be made has its skip. */
MUST_USE bool products_import_named(struct attempt *attempt, const char *const products[],
                                    size_t count, struct err *err);
/* products.sync where the shop's sync_item is from-shopify. */
MUST_USE bool products_import_run(struct attempt *attempt, struct err *err);

#endif
