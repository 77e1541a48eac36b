/* shopify.h - typed questions to a store's Admin API; GraphQL documents are files in
 * schemas/shopify.
 *
 * Every call reserves its cost in the fleet's limiter, goes through attempt_flow, and settles.
 * Retries that are safe happen here: 401 once after a refresh, 429, THROTTLED (bounded), reads and
 * @idempotent writes after 5xx and time-outs. What remains is an error: ERR_THROTTLED with a time
 * (the task parks), ERR_UNCERTAIN for a mutation without answer.
 * `userErrors` are no error: they come back in the answer and the caller decides.
 * Writes ask the shop's setting "allow writes to Shopify" first: off = call->not_allowed, nothing
 * sent.
 */
#ifndef CARTAGE_SHOPIFY_H
#define CARTAGE_SHOPIFY_H

#include "attempt.h"

struct shopify_call {
    /* question */
    const char *document; /* file name without ending: "orders-delta" */
    json *variables;      /* taken; NULL = none, or `ask` makes them when the call's turn comes */
    /* For many calls with much to say, whose variables would fill memory side by side. */
    json *(*ask)(const void *subject);
    const void *subject; /* borrowed until shopify_call_all is over */
    /* The mutation root whose userErrors count: "tagsAdd", or with the list's own name where it is
     * another: "orderCancel.orderCancelUserErrors". NULL = a query. */
    const char *user_errors_at;
    /* answer: in the caller's hands until shopify_call_drop */
    json *data; /* the "data" object; borrowed from `answer` */
    json *answer;
    json *user_errors;     /* array, NULL = none or empty; borrowed from `answer` */
    bool not_allowed;      /* writes are off for this shop: nothing was sent */
    int requested, actual; /* points; -1 = not said */
    struct err err;        /* of this call alone; kind ERR_NONE = answered (or not_allowed) */
};
void shopify_call_drop(struct shopify_call *call);

/* Opened on first use, freed with the attempt; token, version and store come from the shop's
 * settings and its credential. */
MUST_USE bool shopify_of(struct attempt *attempt, struct shopify **out, struct err *err);

/* Looks at the way to the shop's store, step by step: address, token, scopes, versions; what it
 * found is left in `facts` (schemas/staging/probe.md), a failed step too. False only for what ends
 * the attempt. */
MUST_USE bool shopify_probe(struct attempt *attempt, json *facts, struct err *err);

/* All calls, as many in flight as the budget carries (at most 32, which spend what the plan Plus
 * gives back: ten points each, in a third of a second). False only for what ends the
 * attempt (cancelled, throttled beyond 5 s, credential refused, store closed); then calls that got
 * their answer have it (err.kind ERR_NONE), the others carry that error. Otherwise each call's own
 * failure is in its err. */
MUST_USE bool shopify_call_all(struct attempt *attempt, struct shopify_call *calls, size_t count,
                               struct err *err);
/* One call; its own failure is this function's failure. */
MUST_USE bool shopify_ask(struct attempt *attempt, struct shopify_call *call, struct err *err);

#endif
