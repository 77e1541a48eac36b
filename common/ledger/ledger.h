/* ledger.h - the run ledger in Redis: which task may run, who runs it, until when.
 *
 * Promise:  every call is one atomic script, so two workers never hold the same task.
 * Answers:  a refused claim is an answer (enum claim), not an error. An error means we do not
 *           know: ERR_RETRY when nothing was sent, ERR_UNCERTAIN when no reply came back. Every
 * call may be repeated with the same arguments. Threads:  one ledger per thread.     Blocks: at
 * most config->timeout_ms. Keys:     schemas/redis/keys.md. Scripts: schemas/redis/NAME.lua.
 */
#ifndef CARTAGE_LEDGER_H
#define CARTAGE_LEDGER_H

#include "base/arena.h"
#include "base/err.h"
#include "ledger/redis.h"
#include "queue/entry.h"
#include "wire/json.h"
#include "wire/ticket.h"

struct ledger_config {
    const char *redis;                 /* host:port */
    const struct redis_access *access; /* NULL = as the address says */
    const char *environment;           /* [a-z0-9-]{1,32} */
    int timeout_ms;                    /* 0 = 5000 */
    int64_t lease_ms;                  /* 0 = 10000 */
};

struct ledger;
MUST_USE bool ledger_open(const struct ledger_config *config, struct ledger **out, struct err *err);
void ledger_free(struct ledger *ledger);
OWNABLE(ledger)
struct redis *ledger_redis(struct ledger *ledger); /* borrowed, same thread */
const char *ledger_environment(const struct ledger *ledger);
int64_t ledger_lease_ms(const struct ledger *ledger);

/* ---- the incarnation: which data set this is ---- */
struct incarnation {
    char data_set[UUID_TEXT];
    int buckets;
    int64_t witness;    /* n of design.md 3.9 */
    int64_t adopted_ms; /* when a person last took it over, Redis time; 0 = never */
    int data_version;
};
enum { LEDGER_DATA_VERSION = 1 };
/* ERR_FATAL naming `cartage init` when there is none, or when it is newer than this
 * program. */
MUST_USE bool ledger_incarnation(struct ledger *ledger, struct incarnation *out, struct err *err);
/* Creates one where there is none; harmless otherwise. *created says which. */
MUST_USE bool ledger_init(struct ledger *ledger, bool *created, struct err *err);
/* A person takes this Redis over, whatever it holds: creates the data set where there is none, and
 * notes when. *created says which. */
MUST_USE bool ledger_adopt(struct ledger *ledger, bool *created, struct err *err);
/* By one, and at least past `past` (0 = no matter). */
MUST_USE bool ledger_witness_raise(struct ledger *ledger, int64_t past, int64_t *n,
                                   struct err *err);
int ledger_bucket(const struct ledger *ledger,
                  const char *company); /* bucket of a company's GUID */
int ledger_buckets(const struct ledger *ledger);
MUST_USE bool ledger_now(struct ledger *ledger, int64_t *redis_ms, struct err *err);
/* From now on this data set is a simulation: every call happens at `now_ms` instead of Redis' time.
 * For tests; nothing takes it back. */
MUST_USE bool ledger_simulate(struct ledger *ledger, int64_t now_ms, struct err *err);

/* ---- the producer's tick: due entries, a decision each (queue/decide.h), FIRE ---- */
struct due_entry {
    struct entry entry; /* definition and state, texts in the caller's arena */
    int64_t due_ms;
    int64_t read_ms; /* Redis time at which it was as told here: what is decided of it is decided
                        for then */
};
/* Entries with score <= now (Redis time), at most `most`; *next_ms = the earliest score left, 0 =
 * none. */
MUST_USE bool ledger_due(struct ledger *ledger, int bucket, size_t most, struct arena *arena,
                         struct due_entry **out, size_t *count, int64_t *next_ms, struct err *err);
/* The same in two steps, all buckets on their way at once: answers come in the order of asking, and
 * every one has to be taken, also after one that failed. */
MUST_USE bool ledger_due_ask(struct ledger *ledger, int bucket, size_t most, struct err *err);
MUST_USE bool ledger_due_answer(struct ledger *ledger, struct arena *arena, struct due_entry **out,
                                size_t *count, int64_t *next_ms, struct err *err);
MUST_USE bool ledger_fire(struct ledger *ledger, int bucket, const struct due_entry *entries,
                          const struct decision *decisions, size_t count, struct tickets *granted,
                          struct err *err);

/* ---- the worker ---- */
enum claim { CLAIM_OK, CLAIM_DUP, CLAIM_STALE, CLAIM_UNKNOWN, CLAIM_LATE };
const char *claim_name(enum claim claim);

struct run_sheet { /* everything an attempt needs to start; texts live in its arena */
    struct ticket ticket;
    const char *fence;
    const char *arguments; /* JSON object */
    const char *cursor;    /* bytes of the last checkpoint, NULL = none */
    size_t cursor_size;
    const char *description;
    int64_t no; /* the run's number, one count per company */
    int64_t slot_ms, due_ms, timeout_ms, claimed_ms;
    int64_t retries, max_retry;
    bool rests; /* after a run that found nothing to do (OUTCOME_IDLE) its entry rests */
    const char *credential, *lang; /* of the entry, for Business Central; "" = the usual */
    const char *company_settings;  /* JSON, as stored by the API */
    const char *shop_settings;     /* JSON of the shop named by argument `shop`, NULL = none */
};
struct claim_request {
    const struct ticket *ticket;
    char fence[48];         /* "<worker id>.<n>" */
    struct arena *arena;    /* receives the run sheet's texts */
    enum claim answer;      /* out */
    struct run_sheet sheet; /* out, when CLAIM_OK */
};
/* One script for requests of one bucket. Tickets freed by LATE come back in `granted`. */
MUST_USE bool ledger_claim(struct ledger *ledger, int bucket, struct claim_request *requests,
                           size_t count, struct tickets *granted, struct err *err);
/* The same in two steps, many calls on their way at once (redis_script_ask): first
 * ledger_scripts_ready, then answers in the order of asking, with the same requests. */
MUST_USE bool ledger_scripts_ready(struct ledger *ledger, struct err *err);
MUST_USE bool ledger_claim_ask(struct ledger *ledger, int bucket,
                               const struct claim_request *requests, size_t count, struct err *err);
MUST_USE bool ledger_claim_answer(struct ledger *ledger, struct claim_request *requests,
                                  size_t count, struct tickets *granted, struct err *err);
/* Tickets that nobody claimed for a second, at most `most`, of categories the worker serves (NULL =
 * all). */
MUST_USE bool ledger_look(struct ledger *ledger, int bucket, const char *const categories[],
                          size_t category_count, size_t most, struct tickets *out, struct err *err);

enum beat { BEAT_OK, BEAT_FENCED, BEAT_CANCEL, BEAT_TIMEOUT, BEAT_YIELD };
struct beat_request {
    char task[96];
    char fence[48];
    const char *progress; /* JSON for people, NULL = unchanged */
    const void *cursor;   /* NULL = unchanged */
    size_t cursor_size;
    enum beat answer; /* out */
};
MUST_USE bool ledger_beat(struct ledger *ledger, int bucket, struct beat_request *beats,
                          size_t count, struct err *err);

/* Commands on keys `~s:<C>:...`, built by write_add (ledger/write.h); at most 256 KiB. *fenced =
 * the attempt has lost its task: nothing was written. *refused = another fence's note of a write in
 * flight stands. */
struct write;
MUST_USE bool ledger_write(struct ledger *ledger, int bucket, const char *task, const char *fence,
                           const struct write *write, bool *fenced, bool *refused, struct err *err);

enum outcome {
    OUTCOME_OK,
    OUTCOME_IDLE,
    OUTCOME_RETRY,
    OUTCOME_FATAL,
    OUTCOME_CANCELLED,
    OUTCOME_TIMEOUT,
    OUTCOME_PARK,
    OUTCOME_LOST, /* said by the reaper only */
};
const char *outcome_name(enum outcome outcome);
enum { PARK_NEVER = -1 }; /* it rests with its cursor until a person makes its entry ready */
struct finish_request {
    char task[96];
    char fence[48];
    enum outcome outcome;
    int64_t at_ms;      /* PARK and RETRY: not before; 0 = by the rules, now for PARK; PARK_NEVER */
    const char *error;  /* text for people, NULL = none */
    int code;           /* the peer's own number of the error, 0 = none */
    const char *trace;  /* the last calls before the error, a line each; NULL = none */
    const char *why;    /* PARK: "budget", "bc-limit", "drain", "hand-over", "uncertain" */
    const char *counts; /* JSON: read, created, updated, skipped, failed, calls, points, ... */
    const void *cursor; /* NULL = as last written */
    size_t cursor_size;
    /* The worker's executor goes on with the next task of the lane, if one of the same operation
     * waits: granted and claimed in this very call. "" = no. */
    char next_fence[48];
    const char *lane; /* "<company>:<category>" of its ticket; NULL = no next */
    bool done;        /* out: accepted now or before; false = fenced */
    bool has_next;
    struct run_sheet next;    /* out, when has_next */
    struct arena *next_arena; /* its texts; the caller's from then on */
};
MUST_USE bool ledger_finish(struct ledger *ledger, int bucket, struct finish_request *finishes,
                            size_t count, struct tickets *granted, struct err *err);

MUST_USE bool ledger_finish_ask(struct ledger *ledger, int bucket,
                                const struct finish_request *finishes, size_t count,
                                struct err *err);
MUST_USE bool ledger_finish_answer(struct ledger *ledger, struct finish_request *finishes,
                                   size_t count, struct tickets *granted, struct err *err);

/* ---- the reaper ---- */
struct reaped {
    size_t republished, lost;
    int64_t leaps; /* how often Redis' clock has gone back, -1 where nothing ran; in: when it was
                    * looked at last */
};
/* Leases are over by `trusted_ms`, a time of Redis that could be trusted when it was read; 0, or
 * when the clock has gone back since the last look = tickets are published again, nobody is
 * declared lost (job-queue.md 21). */
MUST_USE bool ledger_reap(struct ledger *ledger, int bucket, int64_t trusted_ms,
                          struct tickets *again, struct reaped *out, struct err *err);

/* ---- people and triggers: ledger/commands.h ---- */

#endif
