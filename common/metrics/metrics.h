/* metrics.h - counters and gauges of one process, written as OpenMetrics text.
 *
 * A metric is one row of the table; counting is one atomic add. Threads: any.
 */
#ifndef CARTAGE_METRICS_H
#define CARTAGE_METRICS_H

#include "base/buf.h"

/* X(id, kind, family, labels, help): rows of one family stand together. Counters get _total when
 * written. */
#define METRICS(X)                                                                                 \
    X(TICKETS_PUBLISHED, COUNTER, "cartage_tickets_published", "", "Tickets handed to Kafka")      \
    X(TICKETS_FAILED, COUNTER, "cartage_tickets_failed", "", "Tickets Kafka did not take in time") \
    X(TICKETS_READ, COUNTER, "cartage_tickets_read", "", "Tickets taken from partition queues")    \
    X(TICKETS_DEAD, COUNTER, "cartage_tickets_dead", "", "Messages sent to the dead topic")        \
    X(TICKETS_UNKNOWN, COUNTER, "cartage_tickets_unknown", "",                                     \
      "Tickets of operations left to others")                                                      \
    X(TICKETS_LOOKED, COUNTER, "cartage_tickets_looked", "",                                       \
      "Tickets an idle worker found in Redis")                                                     \
    X(CLAIM_OK, COUNTER, "cartage_claims", "answer=\"ok\"", "Claims by their answer")              \
    X(CLAIM_DUP, COUNTER, "cartage_claims", "answer=\"dup\"", "")                                  \
    X(CLAIM_STALE, COUNTER, "cartage_claims", "answer=\"stale\"", "")                              \
    X(CLAIM_UNKNOWN, COUNTER, "cartage_claims", "answer=\"unknown\"", "")                          \
    X(CLAIM_LATE, COUNTER, "cartage_claims", "answer=\"late\"", "")                                \
    X(FINISHES, COUNTER, "cartage_finishes", "", "Attempts whose finish was accepted")             \
    X(FENCED, COUNTER, "cartage_fenced", "", "Attempts that lost their task while running")        \
    X(RUNNING, GAUGE, "cartage_running", "", "Attempts that run now")                              \
    X(FIRED, COUNTER, "cartage_fired", "", "Due entries a tick decided on")                        \
    X(REAPED_LOST, COUNTER, "cartage_reaped", "what=\"lost\"", "What the reaper did")              \
    X(REAPED_AGAIN, COUNTER, "cartage_reaped", "what=\"again\"", "")                               \
    X(AUDIT_PASSES, COUNTER, "cartage_audit_passes", "", "Walks of the audit over all entries")    \
    X(AUDIT_ANOMALIES, COUNTER, "cartage_audit_anomalies", "",                                     \
      "What the audit found wrong, and put right")                                                 \
    X(SUSPENDED, GAUGE, "cartage_suspended", "", "1 = a second copy of the data set is alive")     \
    X(EVENTS_TAKEN, COUNTER, "cartage_events", "what=\"taken\"",                                   \
      "Events from outside, by entry; bad ones by event")                                          \
    X(EVENTS_DOUBLE, COUNTER, "cartage_events", "what=\"double\"", "")                             \
    X(EVENTS_REFUSED, COUNTER, "cartage_events", "what=\"refused\"", "")                           \
    X(EVENTS_BAD, COUNTER, "cartage_events", "what=\"bad\"", "")                                   \
    X(NOTICES_SENT, COUNTER, "cartage_notices", "what=\"sent\"", "Notices to people")              \
    X(NOTICES_FAILED, COUNTER, "cartage_notices", "what=\"failed\"", "")                           \
    X(NOTICES_GIVEN_UP, COUNTER, "cartage_notices", "what=\"given_up\"", "")                       \
    X(SPANS_SENT, COUNTER, "cartage_spans", "what=\"sent\"",                                       \
      "Spans of traces, by what became of them")                                                   \
    X(SPANS_REFUSED, COUNTER, "cartage_spans", "what=\"refused\"", "")                             \
    X(SPANS_DROPPED, COUNTER, "cartage_spans", "what=\"dropped\"", "")                             \
    X(LOOP_ERRORS, COUNTER, "cartage_loop_errors", "", "Rounds of a loop that failed")

#define METRIC_ID_(id, kind, family, labels, help) METRIC_##id,
enum metric { METRICS(METRIC_ID_) METRIC_COUNT };
#undef METRIC_ID_

void metric_add(enum metric metric, int64_t by);
void metric_set(enum metric metric, int64_t value);
int64_t metric_value(enum metric metric);
#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"
void metrics_write(struct buf *out); /* with the families of series.h; ends with # EOF */

#endif
