/* names.h - what entries are called and are for, without all that they do: for whoever searches
 * them.
 */
#ifndef CARTAGE_LEDGER_NAMES_H
#define CARTAGE_LEDGER_NAMES_H

#include "ledger/commands.h"

struct names_state {
    int64_t edits, newest; /* of entries of the company, ever; the number of the newest */
};
MUST_USE bool ledger_names_state(struct ledger *ledger, const char *company,
                                 struct names_state *out, struct err *err);
MUST_USE bool ledger_names_count(struct ledger *ledger, const char *company, int64_t *out,
                                 struct err *err); /* entries there are */
/* [{"id","no","description","operation","category","shop"}] in order of creation, behind number
 * `after`, at most ENTRIES_MOST: fewer = there are no more. */
MUST_USE bool ledger_names(struct ledger *ledger, const char *company, int64_t after, json **out,
                           struct err *err);
/* Ids of entries on hold or in error with a number above `after`, in order of creation; of those
 * that have rested longest, `most` at the most. */
MUST_USE bool ledger_resting_ids(struct ledger *ledger, const char *company, int64_t after,
                                 size_t most, json **out, struct err *err);

#endif
