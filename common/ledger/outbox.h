/* outbox.h - events of runs on their way to people (schemas/redis/outbox.lua).
 *
 * Promise:  an event that a script appended is planned exactly once; a notice is taken by one
 *           producer at a time and stays until it is ended. At least once: whoever sends a notice
 *           and dies before the end leaves it to be sent again under the same id.
 */
#ifndef CARTAGE_LEDGER_OUTBOX_H
#define CARTAGE_LEDGER_OUTBOX_H

#include "ledger/ledger.h"

struct outbox_event { /* texts in the caller's arena */
    const char *id, *company, *entry, *task, *operation, *category, *description, *outcome, *error;
    const char *notify; /* who asked to hear of this run: names with commas between, "" = nobody */
    int64_t at_ms, no;
    int64_t fails; /* failures of its entry in a row, with this one */
    bool failed;
    bool recovered; /* its entry works again */
};
struct outbox_company {
    const char *id, *notify, *settings; /* JSON, "" = none */
    const int64_t *failures; /* times of its latest ones, ascending, at most a day back */
    size_t failure_count;
};
struct outbox_look {
    size_t due; /* notices that somebody should send now */
    struct outbox_event *events;
    size_t event_count;
    struct outbox_company *companies; /* of these events */
    size_t company_count;
};
MUST_USE bool outbox_look(struct ledger *ledger, int bucket, struct arena *arena,
                          struct outbox_look *out, struct err *err);

struct outbox_notice { /* one row of one notice, as decided */
    const char *company, *target, *why, *cause, *entry, *operation;
    const char *row;    /* JSON: the run, as the message lists it */
    int64_t collect_ms; /* it waits so long for more of its cause */
    int64_t hold_ms;    /* after a cause was told, the next notice of it waits so long */
};
/* *planned false = another producer was quicker; nothing happened. */
MUST_USE bool outbox_plan(struct ledger *ledger, int bucket, const char *const events[],
                          size_t event_count, const struct outbox_notice *notices,
                          size_t notice_count, bool *planned, struct err *err);

struct outbox_taken { /* texts in the caller's arena */
    const char *id, *company, *target, *why, *notify, *settings;
    int64_t count, created_ms, tries;
    const char *const *rows; /* JSON each; the first of `count` */
    size_t row_count;
};
MUST_USE bool outbox_take(struct ledger *ledger, int bucket, const char *owner, int64_t lease_ms,
                          size_t most, struct arena *arena, struct outbox_taken **out,
                          size_t *count, struct err *err);
/* outcome "delivered" or "given-up"; repeatable. */
MUST_USE bool outbox_end(struct ledger *ledger, int bucket, const char *id, const char *outcome,
                         const char *error, struct err *err);
/* Not delivered: again after the delay, or given up when it is a day old. */
MUST_USE bool outbox_again(struct ledger *ledger, int bucket, const char *id, const char *owner,
                           int64_t delay_ms, const char *error, bool *given_up, struct err *err);

#endif
