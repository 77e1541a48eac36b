/* runs.h - a run as the API answers it, and a stream of it until it ends. */
#ifndef CARTAGE_ADMIN_RUNS_H
#define CARTAGE_ADMIN_RUNS_H

#include "admin/call.h"

/* One run with its `version`, a word that changes whenever anything in it does. */
MUST_USE bool run_read(struct ledger *ledger, const char *company, const char *run, json **out,
                       struct err *err);
bool run_ended(const json *run);

/* Answers runs as JSON lines, one run after the other, each until it ends; the documents of
 * `before` (an array, NULL = none) come first. A caller that leaves before the end cancels what has
 * not ended, or lets it go on. `tasks` is an array of texts. */
MUST_USE bool run_stream(struct api_call *call, const char *company, const json *before,
                         const json *tasks, bool goes_on, struct err *err);

#endif
