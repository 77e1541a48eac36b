/* runs.h - a run as the API answers it, and a stream of it until it ends. */
#ifndef CARTAGE_ADMIN_RUNS_H
#define CARTAGE_ADMIN_RUNS_H

#include "admin/call.h"

/* One run with its `version`, a word that changes whenever anything in it does. */
MUST_USE bool run_read(struct ledger *ledger, const char *company, const char *run, json **out,
                       struct err *err);
bool run_ended(const json *run);

/* Answers the run as JSON lines until it ends; cancels it when the caller leaves before. */
MUST_USE bool run_stream(struct api_call *call, const char *company, const char *task,
                         struct err *err);

#endif
