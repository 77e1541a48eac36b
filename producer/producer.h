/* producer.h - the scheduler: ticks, the reaper and the witness, each a loop on a thread of its
 * own.
 *
 * Any number of producers run side by side on one data set: what two of them do at once, Redis does
 * once.
 */
#ifndef CARTAGE_PRODUCER_H
#define CARTAGE_PRODUCER_H

#include "base/clock.h"
#include "base/err.h"
#include "config/config.h"
#include "ledger/ledger.h"

struct producer;
/* ERR_FATAL when there is no data set, or the witness knows another. Borrows options and clock. */
MUST_USE bool producer_start(const struct config *options, const struct clock *clock,
                             struct producer **out, struct err *err);
void producer_stop(struct producer *producer); /* ends the loops, delivers what is under way */

void producer_publish(void *producer, const struct tickets *tickets); /* any thread */
void producer_kick(void *producer); /* something may be due now: any thread */
bool producer_broker_away(void *producer); /* asks Kafka, half a second at most: any thread */

/* --init: creates the data set where there is none, and its witness. */
MUST_USE bool producer_init(const struct config *options, const struct clock *clock,
                            struct err *err);

/* --adopt: a person says that this Redis is the one to go on with, be it a copy, an old backup or
 * empty; another copy that lives stops when it reads the witness. docs/decisions/rebuild.md says
 * what happens then. */
MUST_USE bool producer_adopt(const struct config *options, const struct clock *clock,
                             struct err *err);

#endif
