/* peers.h - a real Redis and the two simulated peers, and attempts that talk to them.
 *
 * Functions that cannot do their work fail the test and name the log to read.
 */
#ifndef CARTAGE_TEST_PEERS_H
#define CARTAGE_TEST_PEERS_H

#include "attempt.h"
#include "limiter/limiter.h"
#include "support/redis.h"

struct peers {
    char dir[64], shopify[64], bc[64];
    struct test_redis redis;
    struct http *http; /* for the admin sides */
};
/* Peers of the test's own, in a process that all tests of a program share (support/peers.mjs): one
 * set at a time. Flags for the peers beside the usual ones, NULL-ended; NULL = none. NULL for
 * `shopify` or `bc` as a whole list is "none", the peer runs all the same. */
struct peers *peers_open(const char *const shopify_flags[], const char *const bc_flags[]);
struct peers *peers_redis_only(void);
void peers_free(struct peers *peers);

/* POST, GET or DELETE on an admin side ("shopify" or "bc"); the answer is the caller's. */
json *peers_admin(struct peers *peers, const char *peer, const char *method, const char *path,
                  const char *body);
/* One fault rule, replacing all others. `match` and `action` are JSON texts; `times` 0 = always. */
void peers_fault(struct peers *peers, const char *peer, const char *match, int times,
                 const char *action);
int64_t peers_calls(struct peers *peers, const char *peer,
                    const char *operation); /* by its ledger */

/* The one set that all tests of a program share: cmocka's set-up and tear-down. */
extern struct peers *test_peers;
int test_peers_open(void **state);
int test_redis_only(void **state); /* without the simulated peers */
int test_peers_close(void **state);
int test_peers_calm(void **state); /* after a test: no faults are left */

/* What an executor owns, and one attempt on it. */
struct desk {
    struct ledger *ledger;
    struct http *http;
    struct limiter *limiter;
    struct arena *arena;
    struct run_sheet sheet;
    struct attempt *attempt;
};
struct desk_options {
    const char *task;               /* NULL = one of its own */
    const char *shopify_credential; /* NULL = the app's client credentials */
    const char *bc_credential;      /* NULL = OAuth */
    const char *company;            /* GUID in Business Central; NULL = the first */
    bool writes_off;
};
void desk_open(struct peers *peers, const struct desk_options *options, struct desk *desk);
void desk_close(struct desk *desk);
/* A token is refreshed after a refusal at most once a minute: lets that minute have passed. */
void desk_age_tokens(struct desk *desk);

#endif
