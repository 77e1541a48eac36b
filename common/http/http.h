/* http.h - one request, one answer; several in flight on one thread (libcurl).
 *
 * Promise:  a request with a body goes out once. (libcurl repeats a request by itself when a kept
 *           connection dies before the first byte of the answer; the peer may have acted by then.)
 * Errors:   ERR_RETRY when nothing was sent (no connection), ERR_UNCERTAIN when the request may
 *           have arrived. A status is no error here: the peer's room reads it.
 * Threads:  one http per thread.   Limits: an answer of more than max_answer bytes is ERR_FATAL.
 */
#ifndef CARTAGE_HTTP_H
#define CARTAGE_HTTP_H

#include "base/buf.h"
#include "base/err.h"

enum { HTTP_MAX_ANSWER = 8 << 20, HTTP_MAX_HEADERS = 64 << 10 };

struct http_call {
    /* question: texts borrowed until the call is done */
    const char *method;         /* "GET", "POST", ... */
    const char *url;            /* http or https; redirects are not followed */
    const char *connect_to;     /* "host:port" to talk to instead of the URL's host; NULL = URL's */
    const char *const *headers; /* "Name: value", NULL-ended */
    const char *body;           /* NULL = none */
    size_t body_size;
    int body_file; /* > 0: the body is in this file instead, from `body_from` on */
    int64_t body_from;
    int answer_file; /* > 0: the answer goes into this file, from its start on; not to `answer` */
    int timeout_ms;
    size_t max_answer;    /* 0 = HTTP_MAX_ANSWER */
    const char *label;    /* for fault points and logs: "shopify OrdersDelta"; no secrets */
    void *state;          /* the caller's */
    char traceparent[56]; /* W3C trace context, sent with it; "" = none */
    /* answer */
    int status; /* 0 = none */
    struct buf answer;
    struct buf header_lines; /* raw answer headers */
    struct err err;          /* kind ERR_NONE when an answer came */
    int64_t ms;              /* from start to end */
};
/* "demo.myshopify.com", with a port where there is one; never the path or query. Answers `out`. */
const char *http_host(const struct http_call *call, char *out, size_t size);
/* First answer header of that name (any case), trimmed, copied into `out`; NULL = none. */
const char *http_header(const struct http_call *call, const char *name, char *out, size_t size);
void http_call_drop(struct http_call *call); /* frees the answer */

/* "4.0" or "120" seconds, or an HTTP date less the answer's own Date; -1 = none. */
int64_t http_retry_after_ms(const struct http_call *call);

/* When the answer was made by the peer's clock, to the second; -1 = it does not say. */
int64_t http_date_ms(const struct http_call *call);

/* Called by main before threads start; the text is kept. Its authorities are trusted beside those
 * of the system. NULL or "" = the system's alone. */
void http_ca_file(const char *path);

struct http;
MUST_USE bool http_open(const char *user_agent, struct http **out, struct err *err);
void http_free(struct http *http);
OWNABLE(http)

/* Peers that live so many times real time (simulated ones) are given up as much sooner, but never
 * before a second: the machine under both keeps its own time. */
void http_set_time_scale(struct http *http, int64_t scale);

void http_start(struct http *http, struct http_call *call); /* from now on in flight */
/* A finished call, or NULL: none within about wait_ms (0 = only look; may be early). Connections
 * are kept and reused. */
struct http_call *http_wait(struct http *http, int wait_ms);

#endif
