/* attempt_fresh.h - how long changes took to arrive, as an operation sees it happen.
 *
 * Ages go by the clock of the peer that dates the change: how far it is from ours is seen in its
 * answers' Date. What took longer than a day is not counted (model/freshness.h). Figures are added
 * up in the shop's `fresh:` hashes when the run ends; those of a run that is lost are lost, too.
 */
#ifndef CARTAGE_ATTEMPT_FRESH_H
#define CARTAGE_ATTEMPT_FRESH_H

#include "attempt.h"
#include "model/freshness.h"

/* A change that was made at this peer is now in the other. changed_ms 0 = it does not say when. */
void attempt_fresh(struct attempt *attempt, enum fresh_kind kind, enum attempt_peer made_at,
                   int64_t changed_ms);
/* When the last run that ended well has looked for this (`what`: a constant), by our clock; 0 =
 * none has. What a run finds changed has changed since then: for records without a time of their
 * own. */
MUST_USE bool attempt_last_look(struct attempt *attempt, const char *what, int64_t *looked_ms,
                                struct err *err);
/* The same for a time of ours. */
void attempt_fresh_since(struct attempt *attempt, enum fresh_kind kind, int64_t looked_ms,
                         int64_t changed_ms);

/* Of the executor: the run is over. */
void attempt_fresh_end(struct attempt *attempt, bool good);
/* Of attempt.c: an answer has come. */
void attempt_note_clock(struct attempt *attempt, const struct http_call *call);

#endif
