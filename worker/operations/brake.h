/* brake.h - a plan that would do too much waits until a person has seen it.
 *
 * Promise:  what is asked before the first write holds the whole run: nothing of it is sent. The
 *           plan stands with its biggest rows (schemas/staging/brake.md), and a person lets exactly
 *           that one through: the next run plans again, and another plan waits again.
 */
#ifndef CARTAGE_OPERATIONS_BRAKE_H
#define CARTAGE_OPERATIONS_BRAKE_H

#include "attempt.h"

struct brake;
/* `what` would become of them, for people: "variants in stock would be set to 0". percent 0 = never
 * waits. */
struct brake *brake_new(const char *what, int64_t percent, int64_t least);
void brake_free(struct brake *brake);
OWNABLE(brake)
void brake_of(struct brake *brake, size_t records); /* that the percentage is of; adds up */
/* One that would; `weight` = how much, the biggest are shown. In any order. */
void brake_hit(struct brake *brake, const char *record, const char *before, const char *after,
               int64_t weight);

/* True = go on. False = the plan is kept, and the attempt ends until it is approved. */
MUST_USE bool brake_ask(struct attempt *attempt, struct brake *const brakes[], size_t count,
                        struct err *err);

#endif
