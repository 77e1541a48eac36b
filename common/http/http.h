/* http.h - one request, one answer; several in flight on one thread (libcurl).
 *
 * Errors:  ERR_RETRY when nothing was sent (no connection), ERR_UNCERTAIN when the request may have arrived.
 *          A status is no error here: the peer's room reads it.
 * Threads: one http per thread.   Limits: an answer of more than max_answer bytes ends the call (ERR_FATAL).
 */
#ifndef CARTAGE_HTTP_H
#define CARTAGE_HTTP_H

#include "base/buf.h"
#include "base/err.h"

struct http_call {
    /* question: texts borrowed until the call is done */
    const char *method; /* "GET", "POST", ... */
    const char *url;
    const char *connect_to;         /* "host:port" to talk to instead of the URL's host; NULL = URL's */
    const char *const *headers;     /* "Name: value", NULL-ended */
    const char *body;               /* NULL = none */
    size_t body_size;
    int timeout_ms;
    const char *label;              /* for fault points and logs: "shopify OrdersDelta"; no secrets */
    void *state;                    /* the caller's */
    /* answer */
    int status;                     /* 0 = none */
    struct buf answer;
    struct buf header_lines;        /* raw answer headers */
    struct err err;                 /* kind ERR_NONE when an answer came */
    int64_t started_ms, ended_ms;   /* monotonic */
};
/* First answer header of that name (any case), trimmed; NULL = none. Copied into `out`. */
const char *http_header(const struct http_call *call, const char *name, char *out, size_t size);
void http_call_drop(struct http_call *call); /* frees the answer */

struct http;
MUST_USE bool http_open(const char *user_agent, struct http **out, struct err *err);
void http_free(struct http *http);
OWNABLE(http)

void http_start(struct http *http, struct http_call *call); /* from now on in flight */
/* A finished call, or NULL after wait_ms (0 = only look); connections are kept and reused. */
struct http_call *http_wait(struct http *http, int wait_ms);
int http_in_flight(const struct http *http);
void http_abort(struct http *http); /* forgets all calls in flight (outcome unknown) */

#endif
