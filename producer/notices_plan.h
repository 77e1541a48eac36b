/* notices_plan.h - who hears of what, and what is one message. Pure. */
#ifndef CARTAGE_NOTICES_PLAN_H
#define CARTAGE_NOTICES_PLAN_H

#include "ledger/outbox.h"
#include "model/notify.h"

enum { NOTICE_CAUSE_TEXT = 33 };

/* Why this target hears of this event: NOTIFY_FAILURE, NOTIFY_RECOVERY, NOTIFY_MANUAL; 0 = it does
 * not. `failures` are times of the company's latest failures, ascending. */
unsigned notice_why(const struct notify_target *target, const struct outbox_event *event,
                    const int64_t failures[], size_t count);
const char *notice_why_name(unsigned why); /* "failure" */

/* Events of one cause become one message: same company, target, operation and error text, but for
 * its numbers (ids, times, amounts). */
void notice_cause(const struct notify_target *target, const struct outbox_event *event,
                  unsigned why, char out[static NOTICE_CAUSE_TEXT]);

/* Every notice of these events; rows and texts in the arena. */
size_t notices_plan(const struct outbox_look *look, struct arena *arena,
                    struct outbox_notice **out);

/* Until the next try after so many: 2 s, doubling to 15 min. */
int64_t notice_delay_ms(int64_t tries);

#endif
