/* limiter.h - budgets, seats and tokens shared by the whole fleet, in Redis.
 *
 * Shopify: one leaky bucket per store and app: reserve the requested cost, settle with the actual one;
 * reservations are leases. Business Central: in-flight seats (leases of 10 s, renewed) and a rate per
 * credential. Tokens: one refresh at a time, shared.
 * Source of the rules: shopify-api.md 2.6, business-central-api.md 7, job-queue.md 21.
 * Threads: one limiter per thread (it borrows a ledger's connection).   Never waits: it answers how long to wait.
 */
#ifndef CARTAGE_LIMITER_H
#define CARTAGE_LIMITER_H

#include "base/err.h"
#include "ledger/ledger.h"

struct limiter;
MUST_USE struct limiter *limiter_new(struct ledger *ledger, const char *worker_id);
void limiter_free(struct limiter *limiter);
OWNABLE(limiter)

/* Shopify points. bucket = "<store>/<client id>"; floor_percent keeps a reserve (0, 20, 50). */
struct points_grant {
    bool granted;
    int64_t wait_ms;     /* when not granted */
    char reservation[48];
};
MUST_USE bool limiter_points_take(struct limiter *limiter, const char *bucket, int cost,
                                  int floor_percent, struct points_grant *out, struct err *err);
struct points_status { /* from extensions.cost; -1 = not said */
    int requested, actual;
    int64_t maximum, available_x100, restore_x100; /* hundredths of a point */
};
MUST_USE bool limiter_points_settle(struct limiter *limiter, const char *bucket,
                                    const char *reservation, const struct points_status *status,
                                    struct err *err);
MUST_USE bool limiter_points_throttled(struct limiter *limiter, const char *bucket,
                                       const char *reservation, const struct points_status *status,
                                       int64_t *wait_ms, struct err *err);
/* Timeout or 5xx: the charge stays until its lease ends. Nothing to call. */

/* Learned requested cost of a document (version, name, page sizes digest); 0 = not known. */
MUST_USE bool limiter_cost_known(struct limiter *limiter, const char *key, int *cost, struct err *err);
MUST_USE bool limiter_cost_learn(struct limiter *limiter, const char *key, int cost, struct err *err);

/* Business Central: a seat and a token of the rate, or how long to wait. */
MUST_USE bool limiter_seat_take(struct limiter *limiter, const char *credential, bool *granted,
                                int64_t *wait_ms, char seat[static 48], struct err *err);
MUST_USE bool limiter_seat_give(struct limiter *limiter, const char *credential, const char *seat,
                                struct err *err);
MUST_USE bool limiter_seat_renew(struct limiter *limiter, const char *credential, const char *seat,
                                 struct err *err);
/* 429/503: the whole credential waits. */
MUST_USE bool limiter_seat_backoff(struct limiter *limiter, const char *credential, int64_t wait_ms,
                                   struct err *err);

/* Tokens: a value with an expiry, refreshed by one process at a time (lock with fencing). */
struct token {
    char *value; /* secret: never logged; caller frees by token_drop, which wipes it */
    int64_t expires_ms;
    bool refresh;  /* this caller holds the lock: ask the peer, then limiter_token_put */
    int64_t wait_ms; /* value NULL and refresh false: somebody else refreshes, ask again */
};
MUST_USE bool limiter_token_get(struct limiter *limiter, const char *name, bool rejected,
                                const char *rejected_value, struct token *out, struct err *err);
MUST_USE bool limiter_token_put(struct limiter *limiter, const char *name, const char *value,
                                int64_t life_ms, struct err *err);
MUST_USE bool limiter_token_abandon(struct limiter *limiter, const char *name, struct err *err);
void token_drop(struct token *token);

#endif
