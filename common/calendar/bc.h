/* bc.h - when Business Central would run an entry next: fixed delay from the end of the last run,
 * with its drift and its skipped days (job-queue.md 6.1 and 6.2). Pure.
 *
 * For entries that were migrated and must keep their times, and as an oracle for tests. `days` is
 * taken as it stands: without a weekday the date is not moved.
 */
#ifndef CARTAGE_BC_H
#define CARTAGE_BC_H

#include "calendar/slots.h"

/* After a run that finished at `finished_ms`; due_ms = when it was due, 0 = unknown. 0 = no date
 * left. */
int64_t bc_next(const struct slots *slots, int64_t finished_ms, int64_t due_ms);
/* The first run: due if that is later than now, inside the window and on an enabled day. */
int64_t bc_initial(const struct slots *slots, int64_t now_ms, int64_t due_ms);
/* After a run that found nothing to do. */
int64_t bc_inactivity(const struct slots *slots, int64_t now_ms, int64_t idle_ms);
/* May it start now? Only the clock counts, no weekday. *until_ms = last moment, 0 = no bound. */
bool bc_open(const struct slots *slots, int64_t now_ms, int64_t *until_ms);

#endif
