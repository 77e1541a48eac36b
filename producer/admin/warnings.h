/* warnings.h - entries of a company that would change the same records at the same time, and the
 * one click that ends it. */
#ifndef CARTAGE_ADMIN_WARNINGS_H
#define CARTAGE_ADMIN_WARNINGS_H

#include "ledger/commands.h"

enum { WARNINGS_MOST = 50 };
/* {"code", "text", "values", "entries", "family", "setting", "actions"} each; `entry_id` NULL =
 * those of all active entries, else only those that this one has a part in. Owned. */
MUST_USE bool warnings_read(struct ledger *ledger, const char *company, const char *entry_id,
                            json **out, struct err *err);

#endif
