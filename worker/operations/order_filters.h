/* order_filters.h - the filters of a request page, tested on one order. */
#ifndef CARTAGE_ORDER_FILTERS_H
#define CARTAGE_ORDER_FILTERS_H

#include "base/arena.h"
#include "model/operations.h"
#include "wire/json.h"

struct order_facts { /* what filters can ask for; statuses as Shopify writes them */
    const char *id, *name, *financial, *fulfillment, *tags, *action, *amount;
    bool fully_paid, confirmed, test, high_risk;
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

#endif
