/* series.h - metrics whose labels are known at run time only: an operation, a store, a category.
 *
 * A family is one row of the table. A label with a * is open (names that people give): a process
 * keeps SERIES_MOST series of a family, and counts what is new beyond that under "other". The other
 * labels come from our own tables. Threads: any; a lock and a short look.
 */
#ifndef CARTAGE_SERIES_H
#define CARTAGE_SERIES_H

#include "base/buf.h"

enum { SERIES_MOST = 1000, LABELS_MOST = 4, LABEL_TEXT = 64 };

/* X(id, kind, name, labels, help). A histogram's and an age's unit is the second, said in
 * milliseconds; a gauge is said in thousandths. */
#define FAMILIES(X)                                                                                \
    X(ATTEMPTS, COUNTER, "cartage_attempts", "operation,outcome",                                  \
      "Attempts that this worker finished, by how they ended")                                     \
    X(ATTEMPT_TIME, HISTOGRAM, "cartage_attempt_seconds", "operation",                             \
      "How long an attempt took, from its claim to its finish")                                    \
    X(LAG, HISTOGRAM, "cartage_lag_seconds", "category*",                                          \
      "How long after it was due an attempt began")                                                \
    X(CALLS, COUNTER, "cartage_calls", "store*,peer,operation,outcome",                            \
      "Calls to Shopify and Business Central, by what came back")                                  \
    X(CALL_TIME, HISTOGRAM, "cartage_call_seconds", "peer", "How long a call took")                \
    X(POINTS, COUNTER, "cartage_points", "store*,operation",                                       \
      "Points that Shopify charged for queries and mutations")                                     \
    X(POINTS_AVAILABLE, GAUGE, "cartage_points_available", "store*",                               \
      "Points that the store had left when it answered this worker last")                          \
    X(POINTS_MAXIMUM, GAUGE, "cartage_points_maximum", "store*",                                   \
      "Points that the store's budget holds")                                                      \
    X(LIMITER_ASKS, COUNTER, "cartage_limiter_asks", "store*,limit,answer",                        \
      "Asks for points of a store, or for a seat at Business Central")                             \
    X(LIMITER_WAIT, TIME, "cartage_limiter_wait_seconds", "store*,limit",                          \
      "Waits that the limiter answered with")                                                      \
    X(QUEUE_READY, GAUGE, "cartage_queue_ready", "category*",                                      \
      "Tasks that could run now and have no worker: what more workers would do")                   \
    X(QUEUE_READY_AGE, GAUGE, "cartage_queue_ready_age_seconds", "category*",                      \
      "How long the oldest of them has waited for a worker")                                       \
    X(QUEUE_WAITING, GAUGE, "cartage_queue_waiting", "category*",                                  \
      "Tasks that wait for a permit of their category")                                            \
    X(QUEUE_WAITING_AGE, GAUGE, "cartage_queue_waiting_age_seconds", "category*",                  \
      "How long the next of them has waited, of the company where it waits longest")               \
    X(QUEUE_RUNNING, GAUGE, "cartage_queue_running", "category*", "Tasks that run")                \
    X(PERMITS, GAUGE, "cartage_permits", "category*,state",                                        \
      "Permits of all companies together, and how many are held")                                  \
    X(QUEUE_DUE, GAUGE, "cartage_queue_due", "", "Entries that are due and not fired yet")         \
    X(QUEUE_DUE_AGE, GAUGE, "cartage_queue_due_age_seconds", "",                                   \
      "How long the first of them has been due: high where no producer fires")                     \
    X(LEASES, GAUGE, "cartage_leases", "state",                                                    \
      "Leases of running tasks: held, or over and not yet noticed")                                \
    X(FAILED_ENTRIES, GAUGE, "cartage_failed_entries", "",                                         \
      "Entries whose latest run failed: the cue of synchronization errors")                        \
    X(FRESHNESS, HISTOGRAM, "cartage_freshness_seconds", "company*,shop*,kind",                    \
      "From a change in one system to its effect in the other")                                    \
    X(FRESH, COUNTER, "cartage_fresh", "company*,shop*,kind,within",                               \
      "Such changes, by whether they arrived within the shop's target")                            \
    X(REDIS_UP, GAUGE, "cartage_redis_up", "", "1 = Redis answered when this was asked for")

#define SERIES_ID_(id, kind, name, labels, help) SERIES_##id,
enum series_family { FAMILIES(SERIES_ID_) SERIES_FAMILIES };
#undef SERIES_ID_

/* `labels`: as many as the row names; NULL = "". Longer ones are cut. */
void series_count(enum series_family family, int64_t by, const char *const labels[]);
void series_observe(enum series_family family, int64_t ms, const char *const labels[]);
void series_set(enum series_family family, int64_t thousandths, const char *const labels[]);
void series_clear(enum series_family family); /* its series are gone */
#define LABELS(...) ((const char *const[]){__VA_ARGS__})
#define NO_LABELS NULL

void series_write(struct buf *out);

#endif
