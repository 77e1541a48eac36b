/* sync.h - operations that commands ask for by the way. */
#ifndef CARTAGE_CTL_SYNC_H
#define CARTAGE_CTL_SYNC_H

#include "ctl.h"

/* Waits for a run of its own, whatever the shop's toggle says, and gives it (owned); Ctrl-C cancels
 * it. A run that did not end well is told, and its exit code given; one that did prints nothing. */
int sync_waited(struct ctl *ctl, const char *operation, const json *arguments, json **run);

/* The number of a run that nobody waits for, and where its log is. */
void sync_print_queued(struct ctl *ctl, const json *run);

#endif
