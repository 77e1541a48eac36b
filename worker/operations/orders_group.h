/* orders_group.h - orders that are loaded and staged together. Of orders.sync only. */
#ifndef CARTAGE_ORDERS_GROUP_H
#define CARTAGE_ORDERS_GROUP_H

#include "operations/orders_facts.h"
#include "shopify/shopify.h"

enum { IDS = 25, CALLS = 4, GROUP = IDS * CALLS };

struct group {
    struct orders_sync *sync;
    const char *ids[GROUP], *names[GROUP], *versions[GROUP];
    const struct store_subject *subjects[GROUP]; /* NULL = no event named it */
    size_t count;
    struct store_rows *before, *skips, *listed; /* what staging knew of them */
    int64_t erased_ms[GROUP];                   /* when its customer was, 0 = was not */
    struct arena *arena;
};
void group_drop(struct group *group);
#define OWN_GROUP __attribute__((cleanup(group_drop)))

/* What the loads have brought: one node an order, or why not. */
struct loads {
    struct shopify_call batches[CALLS], singles[GROUP];
    size_t batch_count, single_count;
    json *nodes[GROUP];
    struct err whys[GROUP];
    bool moved[GROUP]; /* it has changed meanwhile: the next walk brings it again */
};

void loads_cleanup(struct loads **loads);
#define OWN_LOADS __attribute__((cleanup(loads_cleanup)))

/* In batches; a batch that is refused for one order's sake is asked for again one by one. False
 * only for what ends the attempt. */
MUST_USE bool load_orders(struct group *group, struct loads *loads, struct err *err);
/* What only some orders have: refunds, returns, gift cards that paid. */
MUST_USE bool load_extras(struct group *group, struct loads *loads, struct err *err);
/* What lies beyond first pages, of all of them together. */
MUST_USE bool load_pages(struct group *group, struct loads *loads, struct err *err);
bool load_same(const json *order, const json *more); /* of one time of change */

/* What an event named is in staging, or it is known why not: it goes, in the same WRITE. NULL is
 * fine. */
void subject_done(struct orders_sync *sync, const struct store_subject *subject);
/* Stages what was loaded, or records why not. */
MUST_USE bool stage_group(struct group *group, struct loads *loads, struct err *err);
/* What the daily balance compares, beside the order (orders_money.c). */
void orders_money_write(struct write *write, const char *shop, const struct order *order,
                        const json *node, struct arena *arena);
/* The discovery's rows of a group, what this run's filters say of them, and the group without the
 * others: the row `i` becomes the `count`th. */
MUST_USE bool group_rows(const struct group *group, struct store_rows **out, struct err *err);
MUST_USE bool group_wants(struct group *group, const struct store_rows *rows, bool wants[],
                          struct err *err);
void group_keep(struct group *group, const struct store_rows *rows, size_t i);

#endif
