/* model_inside.h - what the model remembers. */
#ifndef CARTAGE_SIMULATION_MODEL_INSIDE_H
#define CARTAGE_SIMULATION_MODEL_INSIDE_H

#include "base/ids.h"
#include "coverage.h"
#include "model.h"

enum {
    VIOLATIONS_MOST = 20,
    MAX_LOST = 3,
    EVENT_MS = 100,
    QUIET_LEAST_MS = 1000,
    QUIET_MOST_MS = 30000
};

struct task { /* one occurrence */
    char id[96], entry[UUID_TEXT];
    int64_t epoch, slot, attempt; /* highest claimed */
    int64_t started_ms;
    bool open, ok, closed, cancelled;
    size_t peers;
    char fence[48], lane[128];
};

struct place { /* an entry as the history tells it */
    char id[UUID_TEXT], stands[16], lane[128];
    int64_t epoch, resolved, ready, priority, no, retries, lost, started_ms, ended_ms, lease_ms;
    size_t peers; /* permits of its lane when it was granted */
    bool gated, deleting;
    bool waits; /* its task parked until a person says that it may go on */
    bool wish;  /* one more run was promised while this one runs */
};

struct lane { /* what people said about it */
    char name[128];
    size_t permits;
    bool paused, strict;
};

struct model {
    struct tally *tally;
    struct task *tasks;
    struct place *places;
    struct lane *lanes;
    char (*fences)[48];
    size_t task_count, place_count, lane_count, fence_count, records, claims;
    int64_t latest_ms; /* Redis' clock never showed a later time */
    bool approval;
    json *violations;
};

/* model_moves.c: from where to where, in which order, and what a finish leads to. */
void model_check_move(struct model *model, const struct record *record, struct place *place);
void model_check_order(struct model *model, const struct record *record,
                       const struct place *chosen);

#endif
