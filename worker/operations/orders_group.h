/* orders_group.h - orders that are loaded and staged together. Of orders.sync only. */
#ifndef CARTAGE_ORDERS_GROUP_H
#define CARTAGE_ORDERS_GROUP_H

#include "operations/orders_sync.h"
#include "shopify/shopify.h"

enum { IDS = 25, CALLS = 4, GROUP = IDS * CALLS };

struct group {
    struct orders_sync *sync;
    const char *ids[GROUP], *names[GROUP], *versions[GROUP];
    const struct store_subject *subjects[GROUP]; /* NULL = no event named it */
    size_t count;
    struct store_rows *before, *skips; /* what staging knew of them */
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
};

void loads_cleanup(struct loads **loads);
#define OWN_LOADS __attribute__((cleanup(loads_cleanup)))

struct longer { /* an order with more lines than came with it */
    json *node;
    char *after; /* NULL = complete */
    bool moved;  /* it has changed meanwhile: the next walk brings it again */
    struct err why;
};
struct longers {
    struct longer items[GROUP];
    size_t count;
};

void longers_cleanup(struct longers **longers);
#define OWN_LONGERS __attribute__((cleanup(longers_cleanup)))

/* In batches; a batch that is refused for one order's sake is asked for again one by one. False
 * only for what ends the attempt. */
MUST_USE bool load_orders(struct group *group, struct loads *loads, struct err *err);
/* The lines beyond the first page, of all of them together. */
MUST_USE bool load_lines(struct group *group, const struct loads *loads, struct longers *longers,
                         struct err *err);
const struct longer *longer_of(const struct longers *longers, const json *node);

/* What an event named is in staging, or it is known why not: it goes, in the same WRITE. NULL is
 * fine. */
void subject_done(struct orders_sync *sync, const struct store_subject *subject);
/* Stages what was loaded, or records why not. */
MUST_USE bool stage_group(struct group *group, struct loads *loads, struct err *err);
/* The discovery's rows of a group, what they say of one, and the group without the others: the row
 * `i` becomes the `count`th. */
enum { ROW_UPDATED = 9 };
MUST_USE bool group_rows(const struct group *group, struct store_rows **out, struct err *err);
bool group_wants(const struct group *group, const struct store_rows *rows, size_t i);
void group_keep(struct group *group, const struct store_rows *rows, size_t i);

#endif
