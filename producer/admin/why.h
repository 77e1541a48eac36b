/* why.h - the one thing that a run or an entry waits for, and what a person can do about it.
 *
 * Answers {"code", "text", "values", "action"}: `code` is a word that never changes, `values` what
 * the text names, `action` a call of this API and the command that does the same; null where
 * nothing helps but time.
 */
#ifndef CARTAGE_ADMIN_WHY_H
#define CARTAGE_ADMIN_WHY_H

#include "admin/admin.h"
#include "wire/json.h"

MUST_USE bool why_run(const struct admin_config *config, struct ledger *ledger, const char *company,
                      const char *task_or_no, json **out, struct err *err);
MUST_USE bool why_entry(const struct admin_config *config, struct ledger *ledger,
                        const char *company, const char *entry_id, json **out, struct err *err);

#endif
