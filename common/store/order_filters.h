/* order_filters.h - the filters of a request page, tested on one order: by the run, and by whoever
 * counts what a run would take. */
#ifndef CARTAGE_STORE_ORDER_FILTERS_H
#define CARTAGE_STORE_ORDER_FILTERS_H

#include "base/arena.h"
#include "model/operations.h"
#include "model/order.h"
#include "store/store.h"

struct order_facts { /* what filters can ask for; statuses as Shopify writes them */
    const char *id, *name, *financial, *fulfillment, *tags, *action, *amount, *vat;
    bool fully_paid, confirmed, test;
    /* What a list of orders does not say by itself: */
    bool complete;
    const char *channel, *sell_to, *ship_to, *bill_to; /* countries by their ISO codes */
    const char *attributes;                            /* keys, a line each */
    bool high_risk, channel_liable;
};

struct order_filters;
/* Arguments were checked when the entry was stored; one that no longer fits is ERR_FATAL. */
MUST_USE bool order_filters_open(const struct operation *operation, const json *arguments,
                                 struct order_filters **out, struct err *err);
void order_filters_free(struct order_filters *filters);
OWNABLE(order_filters)
/* The argument that leaves this order out; NULL = it fits. */
const char *order_filters_miss(const struct order_filters *filters,
                               const struct order_facts *facts);
/* Is anything asked for that a list of orders does not say? */
bool order_filters_need_all(const struct order_filters *filters);

/* The facts of an order that is staged; texts live in the arena or are the order's. */
void order_facts_of(const struct order *order, const char *action, struct arena *arena,
                    struct order_facts *out);

/* Fields of `row:<order>`, a discovered order that is not loaded yet, in the order in which
 * order_facts_of_row reads them. */
enum { FACT_COUNT = 19, FACT_UPDATED = 1, FACT_COMPLETE = 11 };
extern const char *const FACT_FIELDS[FACT_COUNT];
void order_facts_of_row(const char *id, const struct store_rows *rows, size_t row,
                        struct order_facts *out);

#endif
