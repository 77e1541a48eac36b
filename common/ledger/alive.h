/* alive.h - which processes of the fleet live, what they are, and how their clocks go.
 *
 * Nothing is decided by it: leases say who runs a task. It is for people (doctor, why).
 */
#ifndef CARTAGE_ALIVE_H
#define CARTAGE_ALIVE_H

#include "base/clock.h"
#include "ledger/ledger.h"

enum {
    ALIVE_TELL_MS = 10000, /* how often a process says so */
    ALIVE_GONE_MS = 25000, /* who was not heard of for so long does not live */
};

/* `facts` is an object; it says at least "kind" (worker, producer). */
MUST_USE bool ledger_alive_tell(struct ledger *ledger, const char *process,
                                const struct clock *clock, const json *facts, struct err *err);
MUST_USE bool ledger_alive_end(struct ledger *ledger, const char *process, struct err *err);
/* [{"process", "ago_ms", "ahead_ms", ...facts}]: those heard of in time, the latest first;
 * ahead_ms is its clock less Redis' when it spoke. */
MUST_USE bool ledger_alive(struct ledger *ledger, json **out, struct err *err);
/* Is it a worker that serves this category? */
bool alive_serves(const json *process, const char *category);

#endif
