/* leave.h - Ctrl-C while a run is waited for: it is cancelled, or goes on without us, as the person
 * chose with --on-interrupt, or says when asked.
 */
#ifndef CARTAGE_CTL_LEAVE_H
#define CARTAGE_CTL_LEAVE_H

#include "follow.h"

enum leave { LEAVE_CANCEL, LEAVE_GOES_ON, LEAVE_ASK };

/* What --on-interrupt says; without it a person at a terminal is asked, anything else cancels. An
 * exit code after telling what is wrong with it. */
int leave_choice(struct ctl *ctl, enum leave *out);
/* What the server does by itself when the connection breaks. */
const char *leave_word(enum leave choice);

/* Carries the choice out for `runs` (an array; those that have ended are passed over) and tells
 * what becomes of the one in `follow`, whose end is waited for when it is cancelled. EXIT_LEFT. */
int leave_runs(struct ctl *ctl, enum leave choice, struct follow *follow, const json *runs);

#endif
