/* model.h - what must be true of a bucket's history, checked record by record as it is written.
 *
 * It knows the promises (invariants I1 to I20 of the queue) and nothing of the scripts: it is told
 * records and answers, and says what they break.
 */
#ifndef CARTAGE_SIMULATION_MODEL_H
#define CARTAGE_SIMULATION_MODEL_H

#include "base/arena.h"
#include "queue/entry.h"
#include "wire/json.h"

struct record { /* one record of the history; texts valid during the call */
    const char *event, *entry, *task, *fence, *lane, *company, *category, *from, *to, *outcome,
        *why, *order;
    int64_t at, attempt, epoch, slot, due, ready, priority, retries, lost, no, permits, woken;
    bool paused, matters; /* of a category; of an edit: it changes what runs, or when */
    /* Its entry's definition right after the script; `defined` = it was there to be read. */
    bool defined, stops, ephemeral, once, resumed;
    int64_t until, expires, max_retry, retry_ms;
};

struct tally;
struct model;
struct model *model_new(struct tally *tally); /* counts the moves there */
void model_free(struct model *model);
OWNABLE(model)
/* What it believes now, and back to that: Redis has forgotten. What was counted and broken stays.
 */
struct model *model_copy(const struct model *model);
void model_take_back(struct model **model, struct model *copy);

void model_tell(struct model *model, const struct record *record);
/* A breach that the caller saw, with its invariant's name. */
void model_breach(struct model *model, const char *invariant, const char *format, ...) PRINTF(3, 4);
/* A reaper begins: it may not say that this entry's attempt is lost before then (Redis time). */
void model_lease(struct model *model, const char *entry, int64_t until_ms);
void model_leases_end(struct model *model);

/* The next end that the model is told of is a park that only a person ends. */
void model_approval(struct model *model, bool approval);
/* What was asked for where it is already so leaves no record. */
const char *model_stands(const struct model *model, const char *entry); /* "0/due"; "-" = nowhere */
void model_quiet_move(struct model *model, const char *stands, enum entry_event on);

/* Who runs this task now, "" = nobody. */
const char *model_holder(const struct model *model, const char *task);
int64_t model_attempt(const struct model *model, const char *task); /* last claimed, 0 = none */
int64_t model_started(const struct model *model, const char *task); /* Redis time of that claim */
bool model_claimed(const struct model *model, const char *fence);   /* its claim is not forgotten */
bool model_cancelled(const struct model *model, const char *task);
size_t model_permits(const struct model *model, const char *lane);
bool model_paused(const struct model *model, const char *lane);
size_t model_records(const struct model *model);
size_t model_claims(const struct model *model);
size_t model_tasks(const struct model *model); /* claimed at least once */
size_t model_running(const struct model *model);
/* {"invariant", "text"} of each breach so far, at most 20; NULL = none. */
const json *model_violations(const struct model *model);

#endif
