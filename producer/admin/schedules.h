/* schedules.h - when an entry runs, out of a JSON body: its fields checked, one against another. */
#ifndef CARTAGE_ADMIN_SCHEDULES_H
#define CARTAGE_ADMIN_SCHEDULES_H

#include "queue/entry.h"
#include "wire/json.h"

/* every_ms, start_ms and expires_ms stand in *out; reads days, window, zone, formula, at_time,
 * catch_up, grace_ms, max_backlog, mode, idle_ms. Texts are those of the body. ERR_FATAL, code 400,
 * names the field and what to write. */
MUST_USE bool schedule_read(const json *body, struct entry_definition *out, struct err *err);
/* Does an entry, as the ledger answers it, stand as wanted? */
bool schedule_stands(const struct entry_definition *want, const json *entry);

#endif
