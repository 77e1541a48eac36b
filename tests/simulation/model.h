/* model.h - what must be true of a bucket's history, checked record by record as it is written.
 *
 * It knows the promises (invariants I1 to I20 of the queue) and nothing of the scripts: it is told
 * records and answers, and says what they break.
 */
#ifndef CARTAGE_SIMULATION_MODEL_H
#define CARTAGE_SIMULATION_MODEL_H

#include "base/arena.h"
#include "wire/json.h"

struct record { /* one record of the history; texts valid during the call */
    const char *event, *entry, *task, *fence, *lane, *company, *category, *from, *to, *outcome;
    int64_t at, attempt, epoch, slot, due, ready, priority, retries, lost;
};

struct model;
struct model *model_new(int max_retry, int64_t retry_ms);
void model_free(struct model *model);
OWNABLE(model)

void model_tell(struct model *model, const struct record *record);
/* A breach that the caller saw, with its invariant's name. */
void model_breach(struct model *model, const char *invariant, const char *format, ...) PRINTF(3, 4);
/* Who runs this task now, "" = nobody. */
const char *model_holder(const struct model *model, const char *task);
int64_t model_attempt(const struct model *model, const char *task); /* last claimed, 0 = none */
size_t model_records(const struct model *model);
size_t model_claims(const struct model *model);
size_t model_running(const struct model *model);
/* {"invariant", "text"} of each breach so far, at most 20; NULL = none. */
const json *model_violations(const struct model *model);

#endif
