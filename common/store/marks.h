/* marks.h - up to when a shop's records are read, and how a person moves that time. */
#ifndef CARTAGE_STORE_MARKS_H
#define CARTAGE_STORE_MARKS_H

#include "ledger/write.h"
#include "store/store.h"

/* Where a walk begins: the time that a person has set, which it takes over for good with what it
 * adds to `write`; else `overlap_ms` before its mark; else `first`, an instant. The caller sends
 * `write` before it asks for anything: a run that is killed then goes on from there. */
MUST_USE bool store_walk_start(struct ledger *ledger, const char *company, const char *key,
                               int64_t overlap_ms, const char *first, struct write *write,
                               char from[static 32], struct err *err);

/* The mark, and the time that a person has set and no run has taken over; "" = none. */
struct store_mark {
    char at[32], reset[32];
};
MUST_USE bool store_mark(struct ledger *ledger, const char *company, const char *key,
                         struct store_mark *out, struct err *err);
/* The next walk begins at `to`; stands in the log of the company with `why`. */
MUST_USE bool store_mark_reset(struct ledger *ledger, const char *company, const char *key,
                               const char *to, const char *operation, const char *why,
                               struct err *err);

#endif
