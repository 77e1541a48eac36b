/* orders_sync.h - what the steps of orders.sync share. Of this operation only. */
#ifndef CARTAGE_ORDERS_SYNC_H
#define CARTAGE_ORDERS_SYNC_H

#include "attempt.h"
#include "store/order_filters.h"
#include "store/staging.h"
#include "store/store.h"
#include "store/subjects.h"

struct asked { /* a run that a person has asked for exactly these */
    struct store_ids ids;
    struct buf not_done; /* which could not be had, and why */
};

struct under_way;
struct orders_sync {
    struct attempt *attempt;
    const char *company; /* GUID */
    const struct shop *shop;
    char store[128]; /* the store's name: one watermark for all shops on it */
    struct order_filters *filters;
    struct write *write;
    bool advanced;               /* the store's plan tells who has sold an order */
    struct asked *asked;         /* NULL = what has changed */
    struct under_way *under_way; /* at Shopify, of the store's shops; NULL where orders are asked */
    bool mark_rests;             /* a listed order is left to a run after that has ended */
};

/* Sends what has gathered when it is large, or when `all`. */
MUST_USE bool sync_flush(struct orders_sync *sync, bool all, struct err *err);
int64_t sync_now_ms(const struct orders_sync *sync);

/* One page of the discovery: rows that are new or changed are claimed by the shop whose filters fit
 * first, and shown as filtered out otherwise. `mark` is written with the last of it; NULL = it
 * stays.
 */
MUST_USE bool orders_claim_page(struct orders_sync *sync, json *const nodes[], size_t count,
                                const char *mark, struct err *err);
/* Rows that nobody has claimed yet: does this run ask for them? */
MUST_USE bool orders_claim_left(struct orders_sync *sync, struct err *err);
/* Loads, claims and stages what events have named; what is left is tried by the next run. */
MUST_USE bool orders_import_named(struct orders_sync *sync, struct err *err);
/* The same of exactly these; those that are gone, or another shop's, go to asked->not_done. */
MUST_USE bool orders_import_ids(struct orders_sync *sync, const struct store_ids *ids,
                                struct err *err);
/* The arguments name orders, or a time of theirs: then a run reads these and nothing else. */
bool orders_are_asked(const struct attempt *attempt);
MUST_USE bool orders_import_asked(struct orders_sync *sync, struct err *err);
/* Loads and stages what the shop has claimed. */
MUST_USE bool orders_import(struct orders_sync *sync, struct err *err);
/* Makes the documents of new orders, where the shop wants them at once. */
MUST_USE bool orders_create(struct orders_sync *sync, struct err *err);
/* Closes orders with which nothing is left to do. */
MUST_USE bool orders_archive(struct orders_sync *sync, struct err *err);

#endif
