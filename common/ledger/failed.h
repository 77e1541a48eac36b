/* failed.h - entries whose latest run failed, since when, and how often runs have failed at all. */
#ifndef CARTAGE_LEDGER_FAILED_H
#define CARTAGE_LEDGER_FAILED_H

#include "ledger/commands.h"

struct failed_counts {
    int64_t now, historic; /* entries; failed runs ever */
};
/* Of one shop; "" = what belongs to no shop. */
MUST_USE bool ledger_failed_counts(struct ledger *ledger, const char *company, const char *shop,
                                   struct failed_counts *out, struct err *err);
/* Entries as ledger_entry gives them, each with "since_ms", the latest failure first; behind the
 * entry `after` that failed at `after_ms` (NULL = from the beginning). */
MUST_USE bool ledger_failed(struct ledger *ledger, const char *company, const char *shop,
                            const char *after, int64_t after_ms, size_t most, json **out,
                            struct err *err);
/* Those of these entries that stand there, at most `most`, in their order; up to ENTRIES_MOST ids.
 */
MUST_USE bool ledger_failed_among(struct ledger *ledger, const char *company, const char *shop,
                                  const char *const ids[], size_t count, size_t most, json **out,
                                  struct err *err);

#endif
