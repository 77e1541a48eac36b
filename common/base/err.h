/* err.h - an error says what to do next.
 *
 * What can fail returns bool and takes `struct err *err` last. Whoever saw the failure picks the
 * kind, each caller adds what it was doing, one place (worker/executor.c for tasks) turns the kind
 * into retry, wait, read-back or stop and logs it once.
 */
#ifndef CARTAGE_ERR_H
#define CARTAGE_ERR_H

#include "base/own.h"

enum err_kind {
    ERR_NONE,
    ERR_RETRY,     /* nothing happened; the same call may work later */
    ERR_THROTTLED, /* refused for rate; wait retry_after_ms */
    ERR_UNCERTAIN, /* it may have happened; read back before writing again */
    ERR_FATAL,     /* fails again until a person changes something */
    ERR_CANCELLED, /* we were asked to stop, or lost the lease */
};

struct err {
    enum err_kind kind;
    int code; /* the peer's own number: HTTP status, errno, librdkafka code; 0 = none */
    int64_t retry_after_ms;
    char peer_code[64]; /* the peer's machine code, e.g. Internal_EntityWithSameKeyExists; "" = none
                         */
    char text[512];     /* "set stock, batch 2 of 9: POST graphql.json: 502 Bad Gateway" */
};

/* Both return false, so that a failing path is one line. Too long a text ends in "...". */
bool err_set(struct err *err, enum err_kind kind, int code, const char *format, ...) PRINTF(4, 5);
bool err_wrap(struct err *err, const char *doing, ...) PRINTF(2, 3); /* puts "doing: " in front */
const char *err_kind_name(enum err_kind kind);                       /* "retry", "throttled", ... */
void err_clear(struct err *err);

#endif
