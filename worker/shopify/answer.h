/* answer.h - what an answer of Shopify's GraphQL endpoint means. Pure. */
#ifndef CARTAGE_SHOPIFY_ANSWER_H
#define CARTAGE_SHOPIFY_ANSWER_H

#include "http/http.h"
#include "limiter/limiter.h"
#include "shopify/document.h"

enum answer_kind {
    ANSWER_OK,        /* data, complete */
    ANSWER_THROTTLED, /* nothing ran, nothing was charged */
    ANSWER_LATER,     /* 429: wait_ms */
    ANSWER_TOKEN,     /* 401 */
    ANSWER_BROKEN,    /* their fault, outcome unknown: 5xx, internal error, no or cut answer */
    ANSWER_REFUSED,   /* this call fails again until a person changes something */
    ANSWER_CLOSED,    /* every call to this store does */
};

struct answer {
    enum answer_kind kind;
    json *root, *data; /* root is owned; data is borrowed from it */
    struct points_status points;
    int64_t wait_ms; /* ANSWER_LATER */
    char request_id[64];
    char served[32];    /* the API version that answered; "" = it does not say */
    bool other_version; /* than the one asked for */
    struct err err;     /* for all but ANSWER_OK; kind as for a read */
};

/* `call` has ended with a status. `version` = the API version asked for, `store` for the texts. */
void answer_read(const struct http_call *call, const struct document *document, const char *version,
                 const char *store, struct answer *out);
void answer_drop(struct answer *answer);

#endif
