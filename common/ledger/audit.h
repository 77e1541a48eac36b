/* audit.h - a walk over the whole data set that proves, and repairs, what the scripts promise: each
 * entry stands in exactly the index that its status and place demand, each permit has its entry.
 *
 * The walk goes by Redis' SCAN, so it finds what no index knows any more, and is a step at a time:
 * one look at the keys, or one script call of at most 64 members. Threads: as the ledger.
 */
#ifndef CARTAGE_AUDIT_H
#define CARTAGE_AUDIT_H

#include "ledger/ledger.h"

enum { AUDIT_A_STEP = 64 };

struct anomaly {
    char entry[UUID_TEXT], what[96];
};
struct audit_step {
    bool done; /* the walk is at its end */
    size_t entries, count;
    struct anomaly found[AUDIT_A_STEP * 8];
};

struct audit;
struct audit *audit_new(void);
void audit_free(struct audit *audit);
OWNABLE(audit)
/* A step that failed may be taken again. */
MUST_USE bool audit_next(struct audit *audit, struct ledger *ledger, struct audit_step *step,
                         struct tickets *granted, struct err *err);

/* Whose turn it is, so that of several producers one walks. *mine = ours; keep it while walking,
 * and say when it is over. `at_once` does not wait until the last walk is a period old, but for one
 * that is under way (*busy). */
MUST_USE bool audit_turn(struct ledger *ledger, const char *producer, bool at_once, bool *mine,
                         bool *busy, struct err *err);
MUST_USE bool audit_keep(struct ledger *ledger, const char *producer, struct err *err);
MUST_USE bool audit_over(struct ledger *ledger, int64_t period_ms, struct err *err);

#endif
