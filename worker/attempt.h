/* attempt.h - one try of one task, as an operation sees it.
 *
 * Everything an operation may block on goes through here: HTTP, the ledger, waiting. So the gate is
 * asked before every outgoing call, and a cancel, a lost lease or a drain reaches straight-line
 * code as an ERR_CANCELLED from the next call.
 *
 * What an operation's false means (worker/executor.c): ERR_RETRY -> outcome RETRY; ERR_THROTTLED ->
 * PARK until now + retry_after_ms, or until a person approves when that is PARK_NEVER (its
 * peer_code may say PARK_BC_LIMIT: not a store's budget is used up, but Business Central's; or
 * PARK_BULK: Shopify is at work on an operation of ours);
 * ERR_UNCERTAIN -> PARK until retry_after_ms; ERR_FATAL -> FATAL; ERR_CANCELLED -> what the gate
 * said: cancelled, timed out, lost, or PARK now (drain, hand-over). Threads: the executor's own,
 * but for the gate word and the progress slot, which the heartbeat reads.
 */
#ifndef CARTAGE_ATTEMPT_H
#define CARTAGE_ATTEMPT_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/http.h"
#include "ledger/ledger.h"
#include "ledger/write.h"
#include "model/freshness.h"
#include "model/settings.h"
#include "trace/trace.h"
#include "wire/json.h"

#define PARK_BC_LIMIT "bc-limit"
#define PARK_BULK "bulk"
#define NEVER_ADOPTED INT64_MIN /* such a time may lie before this machine's start */

enum gate {
    GATE_OPEN,    /* go */
    GATE_CLOSED,  /* last confirmed beat is too old: wait, do not send */
    GATE_CANCEL,  /* a person asked */
    GATE_TIMEOUT, /* job timeout */
    GATE_FENCED,  /* the task belongs to somebody else now */
    GATE_YIELD,   /* hand-over: park at the next checkpoint */
    GATE_DRAIN,   /* SIGTERM: park at the next checkpoint */
};

struct counts {
    int64_t read, created, updated, skipped, failed; /* records */
    int64_t calls, points;                           /* Shopify */
    int64_t erp_calls;                               /* Business Central */
};

enum attempt_peer { AT_SHOPIFY, AT_BC, ATTEMPT_PEERS };

struct shopify;
struct bc;
struct limiter;

struct attempt {
    const struct run_sheet *sheet;
    struct arena *arena; /* freed when the attempt ends */
    const struct clock *clock;
    const struct company *company; /* model/settings.h, parsed from the run sheet */
    const struct shop *shop;       /* NULL when the operation has no shop */
    json *args;                    /* the arguments as a tree */
    struct ledger *ledger;         /* the executor's own connection: WRITE, reads, limiter */
    struct http *http;
    struct limiter *limiter;
    struct shopify *shopify; /* opened on first use by shopify_of(attempt) */
    struct bc *bc;           /* opened on first use by bc_of(attempt) */
    int64_t adopted_ms;      /* when a person took the data set over, monotonic, or NEVER_ADOPTED */
    struct counts counts;
    int64_t ahead_ms[ATTEMPT_PEERS]; /* the peer's clock, of ours */
    struct fresh_tally fresh[FRESH_KINDS];
    const char *looks_for;            /* what this run looks for, since when: attempt_last_look */
    int64_t looks_ms;                 /* 0 = it did not say */
    struct span span;                 /* this try; its calls are caused by it */
    _Atomic int gate;                 /* enum gate, set by the heartbeat */
    _Atomic int64_t shuts_ms;         /* monotonic: from then on it is closed, whatever it says */
    struct attempt_private *private_; /* attempt.c */
    struct {
        void (*free)(void *what);
        void *what;
    } leaving[4]; /* see attempt_leave */
};
/* What a room above opened for this attempt (shopify, bc) is freed with it. */
void attempt_leave(struct attempt *attempt, void (*free_it)(void *what), void *what);

/* Sheet, clock, ledger, http, limiter are borrowed; company and shop are parsed here (ERR_FATAL
 * names field). */
MUST_USE bool attempt_open(const struct run_sheet *sheet, struct arena *arena,
                           const struct clock *clock, struct ledger *ledger, struct http *http,
                           struct limiter *limiter, struct attempt **out, struct err *err);
void attempt_free(struct attempt *attempt);
OWNABLE(attempt)

/* Lease, cancel, outgoing gate: before every write to a peer. Waits while the gate is closed. */
MUST_USE bool attempt_may_write(struct attempt *attempt, struct err *err);
/* How long Business Central may still carry out a create of which nothing is known here: the note
 * of it was lost with the Redis before the one that was adopted. At most 0 = no longer. */
int64_t attempt_strays_left_ms(const struct attempt *attempt);
/* Has a person ever taken this data set over? Then what it does not know may stand at the peers. */
bool attempt_adopted(const struct attempt *attempt);
/* Before a wait for what others use up (points): a hand-over or a drain need not sit it out. Says
 * ERR_CANCELLED like a checkpoint, and keeps no cursor. */
MUST_USE bool attempt_may_wait(struct attempt *attempt, struct err *err);
/* Waits; ends early with ERR_CANCELLED when the gate says so. */
MUST_USE bool attempt_wait_ms(struct attempt *attempt, int64_t ms, struct err *err);

/* At least every 10 s between two calls. The cursor (at most 4 KiB) and counts go with the next
 * beat or WRITE. Says ERR_CANCELLED when a hand-over or drain asked for it: the operation returns,
 * and resumes from this cursor. */
MUST_USE bool attempt_checkpoint(struct attempt *attempt, const void *cursor, size_t size,
                                 struct err *err);
/* For people: "orders 120 of 340". total 0 = unknown. Cheap; shown with the next beat. */
void attempt_progress(struct attempt *attempt, const char *step, int64_t done, int64_t total);

/* WRITE of staged data under the fence; counts and cursor travel along. ERR_CANCELLED when fenced.
 * *refused (may be NULL: then ERR_RETRY) = another run's write of this record is in flight. */
MUST_USE bool attempt_write(struct attempt *attempt, const struct write *write, bool *refused,
                            struct err *err);
/* The same, and empties `write`: once `least` bytes have come together, 0 = whatever there is. */
MUST_USE bool attempt_flush(struct attempt *attempt, struct write *write, size_t least,
                            struct err *err);

/* HTTP of one or many calls, on this thread, at most `window` in flight. `next` hands out the next
 * call to start (FLOW_SEND), says how long nothing may start (FLOW_WAIT, *wait_ms), or that nothing
 * is left (FLOW_END); `done` gets each finished call and may make `next` hand out more (a retry).
 * The gate is asked before each send; fault points "http.before:<label>" and "http.after:<label>"
 * stand around each exchange. */
enum flow { FLOW_SEND, FLOW_WAIT, FLOW_END, FLOW_FAIL };
struct attempt_flow {
    enum flow (*next)(void *state, struct http_call **call, int64_t *wait_ms, struct err *err);
    void (*done)(void *state, struct http_call *call);
    void (*look)(void *state); /* at least twice a second while calls are out; NULL = nothing */
    void *state;
    int window;
};
MUST_USE bool attempt_flow(struct attempt *attempt, const struct attempt_flow *flow,
                           struct err *err);
/* One exchange; its own failure is in call->err, false is the attempt's. */
MUST_USE bool attempt_exchange(struct attempt *attempt, struct http_call *call, struct err *err);

/* Redis away: nothing is sent, and it may be back soon. True = ask again in ATTEMPT_PAUSE_MS; false
 * = not such an error, or away for two minutes. Zeroed at the start of what may be repeated. */
enum { ATTEMPT_PAUSE_MS = 250 };
struct patience {
    int64_t until_ms;
};
bool attempt_patient(struct attempt *attempt, struct patience *patience, const struct err *err);

/* What the heartbeat takes with its next beat: false = nothing new. Buffers are the caller's. */
bool attempt_take_progress(struct attempt *attempt, struct buf *progress_json, struct buf *cursor,
                           bool *has_cursor);
int64_t attempt_quiet_ms(const struct attempt *attempt,
                         int64_t mono_ms); /* since last sign of progress */
void attempt_counts_json(const struct attempt *attempt, struct buf *out);
/* Its last calls, oldest first, a line each: for the log of an attempt that failed. */
void attempt_trace(const struct attempt *attempt, struct buf *out);

/* An operation: one row in model/operations.h and one run function (worker/operations). */
struct operation_run {
    const char *name;
    bool (*run)(struct attempt *attempt, struct err *err);
};

#endif
