/* limiter.h - budgets, seats and tokens shared by the whole fleet, in Redis.
 *
 * Shopify: one leaky bucket per store and app: reserve the requested cost, settle with the actual
 * one; reservations are leases; bulk operations have five places of a kind. Business Central:
 * in-flight seats (leases of 10 s, renewed) and a rate per credential. Tokens: one refresh at a
 * time, shared, sealed. Waiters are served in order of arrival; a place in the line is kept by
 * asking again in time. Rules: Shopify's "API limits" (calculated query costs) and Business
 * Central's "Current limits" of its API; why they are shared: docs/decisions/shared-budgets.md.
 * Threads: one limiter per thread (it borrows a ledger's connection).
 * Never waits: it answers how long to wait. Errors are those of ledger/redis.h.
 */
#ifndef CARTAGE_LIMITER_H
#define CARTAGE_LIMITER_H

#include "base/err.h"
#include "ledger/ledger.h"

enum {
    LIMITER_SEATS = 4,         /* of the 5 that Business Central runs at once */
    LIMITER_RATE = 15,         /* calls a second, of its 20 */
    LIMITER_BURST = 1200,      /* with 300 s at that rate still below its 6000 in any 300 s */
    LIMITER_SEAT_MS = 10000,   /* a seat's lease: renew at least every third of it */
    LIMITER_PARK_MS = 5000,    /* who has to wait longer parks (design 3.7) */
    LIMITER_POINTS_MS = 20000, /* a reservation's lease: Shopify's time-out and slack */
};

struct limiter;
MUST_USE struct limiter *limiter_new(struct ledger *ledger, const char *worker_id);
void limiter_free(struct limiter *limiter);
OWNABLE(limiter)

/* Bucket time runs `scale` times real time (option TIME_SCALE; the simulated peers' --time-scale
 * has to be the same). 1 unless told. */
void limiter_set_time_scale(struct limiter *limiter, double scale);
int64_t limiter_real_ms(const struct limiter *limiter,
                        int64_t bucket_ms); /* what a peer asked for */
/* Places in the lines are held under this name from now on: the task, so that it keeps its place
 * while it is parked. */
void limiter_begin(struct limiter *limiter, const char *who);

/* ---- Shopify points. bucket = "<store>/<client id>"; floor_percent keeps a reserve (0, 20, 50)
 * ---- */
struct points_grant {
    bool granted;
    int64_t wait_ms; /* when not granted; with jitter */
    char reservation[48];
};
MUST_USE bool limiter_points_take(struct limiter *limiter, const char *bucket, int cost,
                                  int floor_percent, struct points_grant *out, struct err *err);
struct points_status { /* from extensions.cost; -1 = not said */
    int requested, actual;
    int64_t maximum, available_x100, restore_x100; /* hundredths of a point; maximum whole points */
};
MUST_USE bool limiter_points_settle(struct limiter *limiter, const char *bucket,
                                    const char *reservation, const struct points_status *status,
                                    struct err *err);
MUST_USE bool limiter_points_throttled(struct limiter *limiter, const char *bucket,
                                       const char *reservation, const struct points_status *status,
                                       int64_t *wait_ms, struct err *err);
/* Time-out or 5xx: the charge stays until its lease ends. Nothing to call. */
MUST_USE bool limiter_points_leave(struct limiter *limiter, const char *bucket, struct err *err);

enum { LIMITER_MINUTES = 60 };
struct points_view { /* for people: the page, doctor, the bench */
    double available, maximum, rate;
    int64_t open, waiting, throttled;
    int64_t updated_ms;            /* when `available` was that much; 0 = nothing was ever taken */
    int64_t used[LIMITER_MINUTES]; /* points of each minute of the latest hour, now last */
};
MUST_USE bool limiter_points_look(struct limiter *limiter, const char *bucket,
                                  struct points_view *out, struct err *err);

/* ---- Shopify's places for bulk operations: five of a kind ("mutation", "query") a store and app
 * ---- */
enum { LIMITER_PLACES = 5, LIMITER_PLACE_MS = 10 * 60 * 1000 }; /* a lease: each look renews it */
/* Who has one keeps it. */
MUST_USE bool limiter_place_take(struct limiter *limiter, const char *bucket, const char *kind,
                                 const char *who, bool *taken, struct err *err);
MUST_USE bool limiter_place_give(struct limiter *limiter, const char *bucket, const char *kind,
                                 const char *who, struct err *err);

/* Learned requested cost of a document (version, name, sizes of the variables); 0 = not known. */
MUST_USE bool limiter_cost_known(struct limiter *limiter, const char *key, int *cost,
                                 struct err *err);
MUST_USE bool limiter_cost_learn(struct limiter *limiter, const char *key, int cost,
                                 struct err *err);

/* ---- Business Central: a seat and a token of the rate, or how long to wait ---- */
enum { SEAT_TEXT = 48 };
/* weight = calls that it counts as (members of a batch). `seat` goes in as "" or as the caller's
 * seat of a call that has just ended, which is given back in the same step; it comes out as the
 * seat taken, or "". */
MUST_USE bool limiter_seat_take(struct limiter *limiter, const char *credential, int weight,
                                bool *granted, int64_t *wait_ms, char seat[static SEAT_TEXT],
                                struct err *err);
MUST_USE bool limiter_seat_give(struct limiter *limiter, const char *credential, const char *seat,
                                struct err *err);
/* For calls that are still out. */
MUST_USE bool limiter_seats_renew(struct limiter *limiter, const char *credential,
                                  const char *const seats[], size_t count, struct err *err);
MUST_USE bool limiter_seat_leave(struct limiter *limiter, const char *credential, struct err *err);
/* 429/503: the whole credential waits, wait_ms as the peer said it. */
MUST_USE bool limiter_seat_backoff(struct limiter *limiter, const char *credential, int64_t wait_ms,
                                   struct err *err);

/* ---- Tokens: a value with an expiry, refreshed by one process at a time (lock with fencing). ----
 * Stored sealed under a key made of `seal`, the secret that mints the token: who cannot mint it
 * cannot read it, and a changed secret makes the old value unreadable, which is as good as gone. */
struct token_name {
    const char *name; /* "shopify/<store>/<client id>" */
    const char *seal; /* secret */
};
struct token {
    char *value;     /* secret, never logged; NULL = none to use now. token_drop wipes it */
    int64_t left_ms; /* of its life */
    char fence[24];  /* not "": this caller asks the peer, then limiter_token_put or _abandon */
    bool refused; /* a refusal led to a new value less than a minute ago: asking again is pointless
                   */
    int64_t wait_ms; /* value NULL, no fence, not refused: somebody else asks, come back */
};
/* refused_value: what the peer answered 401 to, NULL = nothing. */
MUST_USE bool limiter_token_get(struct limiter *limiter, const struct token_name *name,
                                const char *refused_value, struct token *out, struct err *err);
MUST_USE bool limiter_token_put(struct limiter *limiter, const struct token_name *name,
                                const struct token *holder, const char *value, int64_t life_ms,
                                struct err *err);
MUST_USE bool limiter_token_abandon(struct limiter *limiter, const struct token_name *name,
                                    const struct token *holder, struct err *err);
void token_drop(struct token *token);

#endif
