/* trace.h - who caused what: W3C trace context, and spans on their way to a collector (OTLP/HTTP).
 *
 * A span is made by whoever does something, tells the next by its traceparent, and is handed over
 * when it ends. Promise:  nothing here waits or fails. Without a collector a span costs its two
 * ids; with one that is slow or away, spans beyond the queue are dropped and counted
 * (cartage_spans). Names and values are constants, ids, numbers and names of ours: never an
 * address's query, a header, a body or a secret. Threads:  any; a span is one thread's.
 */
#ifndef CARTAGE_TRACE_H
#define CARTAGE_TRACE_H

#include "base/clock.h"
#include "base/err.h"

enum { TRACEPARENT_TEXT = 56, SPAN_FACTS = 12, SPAN_NAME = 96, SPAN_VALUE = 96 };

enum span_kind { SPAN_INTERNAL = 1, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER };

struct span_fact {
    const char *name; /* a constant */
    bool is_text;
    int64_t number;
    char text[SPAN_VALUE]; /* cut where it is longer */
};
struct span {
    char trace[33], id[17], parent[17]; /* parent "" = the first of its trace */
    bool sampled;                       /* as who began the trace wants it */
    enum span_kind kind;
    char name[SPAN_NAME];
    int64_t start_ms, end_ms;
    struct span_fact facts[SPAN_FACTS];
    size_t fact_count;
    char problem[SPAN_VALUE]; /* "" = it went well */
};

/* Is it a traceparent of version 00, or a later one read as such (W3C Trace Context 1, 3.2)? */
bool traceparent_is_one(const char *text);

/* Caused by `traceparent`. NULL, "" or none = it begins a trace, whose id is made of `seed`, so
 * that all tries of a task are one trace; NULL = at random. It starts now. */
void span_begin(struct span *out, const char *traceparent, const char *seed, enum span_kind kind,
                const char *name);
void span_say(struct span *span, const char *name, const char *value); /* "" = not said */
void span_number(struct span *span, const char *name, int64_t value);
/* What tells the next that this span caused it. */
void span_traceparent(const struct span *span, char out[static TRACEPARENT_TEXT]);
/* What a span caused by this one will be known by, before it exists: span_caused makes it. */
void span_promise(const struct span *cause, char out[static TRACEPARENT_TEXT]);
void span_caused(struct span *out, const struct span *cause, const char *promised,
                 enum span_kind kind, const char *name);
/* Ends now, unless end_ms is set. `problem`: NULL = it went well; it names no secret. */
void span_end(struct span *span, const char *problem);

/* ---- the way to the collector ---- */
struct trace_config {
    const struct clock *clock;
    const char *endpoint; /* "http://127.0.0.1:4318": /v1/traces is put behind it; "" = none */
    const char *headers;  /* secret: "name=value,name=value", values percent-encoded; "" = none */
    const char *service;  /* "cartage-worker" */
    const char *environment;
};
/* Once, before other threads; without it spans have no time and go nowhere. Copies what it keeps.
 */
MUST_USE bool trace_start(const struct trace_config *config, struct err *err);
void trace_stop(void); /* sends what is left, for two seconds at most */

#endif
