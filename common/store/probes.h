/* probes.h - what was found on the way to the peers, kept for doctor and connect
 * (schemas/staging/probe.md).
 */
#ifndef CARTAGE_STORE_PROBES_H
#define CARTAGE_STORE_PROBES_H

#include "store/store.h"

/* {"bc": facts, "shop:CODE": facts} of a company: those that were looked for. */
MUST_USE bool store_probes(struct ledger *ledger, const char *company, json **out, struct err *err);
/* What a check (connect.*) of this entry has found; NULL tree = nothing yet. */
MUST_USE bool store_check(struct ledger *ledger, const char *company, const char *entry, json **out,
                          struct err *err);

#endif
