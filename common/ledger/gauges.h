/* gauges.h - how much work there is, of all companies together: for /metrics. */
#ifndef CARTAGE_LEDGER_GAUGES_H
#define CARTAGE_LEDGER_GAUGES_H

#include "ledger/ledger.h"

enum { GAUGE_CATEGORIES = 64 }; /* what comes later is told of as `other` */

/* Ages in ms, 0 = there is none. */
struct category_gauge {
    char category[64];
    int64_t waiting, waiting_age; /* for a permit; of the next of the lane where it waits longest */
    int64_t ready, ready_age;     /* granted, and no worker has claimed it */
    int64_t permits, held;
};
struct queue_gauges {
    int64_t due, due_age; /* and not fired */
    int64_t leases, over; /* over: of those */
    int64_t failed;       /* entries whose latest run failed */
    struct category_gauge categories[GAUGE_CATEGORIES + 1];
    size_t count;
};
MUST_USE bool ledger_gauges(struct ledger *ledger, struct queue_gauges *out, struct err *err);

#endif
