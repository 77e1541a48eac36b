/* triggers.h - what events from outside ask for, whoever brings them: the HTTP API, the wake topic.
 *
 * Promise:  an event becomes wakes of the entries it concerns, or a one-off entry where there is
 *           none; never a run of its own (docs/triggers.md). Nothing of it is kept but its id.
 * Errors:   ERR_FATAL with a code from 400 to 499 is the event's own fault, or that of what it
 * names; anything else means that it was not taken, or not by all: the same event again is
 *           harmless, whoever took it already answers `double`.
 */
#ifndef CARTAGE_TRIGGERS_H
#define CARTAGE_TRIGGERS_H

#include "ledger/wake.h"
#include "wire/cloud_event.h"

struct triggered {
    const char *traceparent; /* in: what the sender's message says caused it; NULL = nothing */
    json *woken;             /* [{"entry", "company", "answer", "text"}], one an entry; owned */
    size_t taken, doubles, refused;
    struct tickets granted; /* the caller publishes them */
};
void triggered_drop(struct triggered *triggered);
#define OWN_TRIGGERED __attribute__((cleanup(triggered_drop)))

/* By the event's type. `company`: of an event that names none; NULL or "" = none either. */
MUST_USE bool triggers_take(struct ledger *ledger, const struct cloud_event *event,
                            const char *company, struct triggered *out, struct err *err);
/* What `cartage.wake` carries as data, without an event around it: doubles are not known. */
MUST_USE bool triggers_wake(struct ledger *ledger, const json *data, const char *company,
                            struct triggered *out, struct err *err);
/* What a peer has noticed: the recurring entries of the operation are woken, and none is made. */
struct notice {
    const char *type; /* for the trace: "orders/create" */
    const char *company, *operation;
    const char *shop;   /* "" = those of all shops */
    const json *record; /* its number at Shopify; NULL = none is named */
    const char *source, *id;
};
MUST_USE bool triggers_notice(struct ledger *ledger, const struct notice *notice,
                              struct triggered *out, struct err *err);
/* Nobody was woken, and somebody refused: true, and `err` (code 409) says who and what to do. */
bool triggered_refused(const struct triggered *triggered, struct err *err);

#endif
