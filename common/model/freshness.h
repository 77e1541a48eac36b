/* freshness.h - how long a change in one system takes to arrive in the other: kinds, steps,
 * judgement. Pure.
 *
 * Ages are counted in steps, because a fleet adds up counts and no percentiles. A percentile is
 * therefore the upper end of a step: never better than it was.
 */
#ifndef CARTAGE_MODEL_FRESHNESS_H
#define CARTAGE_MODEL_FRESHNESS_H

#include "base/own.h"

enum fresh_kind {
    FRESH_ORDERS,    /* Shopify's order -> its document */
    FRESH_SHIPMENTS, /* posted shipment -> fulfillment */
    FRESH_STOCK,     /* stock there -> stock at Shopify */
    FRESH_PRODUCTS,  /* item or price -> product */
    FRESH_CUSTOMERS, /* either way */
    FRESH_KINDS
};
const char *fresh_kind_name(enum fresh_kind kind); /* "orders" */

enum { FRESH_STEPS = 18, FRESH_TARGET_S = 75 /* of a shop that says nothing else */ };
/* What took longer has waited for a person, or is history that is read for the first time. */
#define FRESH_MOST_MS INT64_C(86400000)

size_t fresh_step(int64_t age_ms);   /* below FRESH_STEPS */
int64_t fresh_step_end(size_t step); /* ms; of the last FRESH_MOST_MS */

struct fresh_tally { /* of one kind */
    int64_t steps[FRESH_STEPS];
    int64_t late; /* beyond the shop's target */
};
int64_t fresh_count(const struct fresh_tally *tally);
int64_t fresh_percentile(const struct fresh_tally *tally, int percent); /* ms; 0 = none came */
/* green: at most one of a hundred is late; yellow: at most one of ten; red. */
const char *fresh_colour(const struct fresh_tally *tally);

#endif
