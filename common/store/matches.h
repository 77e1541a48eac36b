/* matches.h - how many records the arguments of an operation let in now, of those that are staged.
 *
 * The run's own filters are asked, on the lists that the run takes its records from; nothing is
 * changed, no peer is asked. What a peer has to be asked about is not counted.
 */
#ifndef CARTAGE_STORE_MATCHES_H
#define CARTAGE_STORE_MATCHES_H

#include "store/order_filters.h"

enum { MATCHES_LOOKED_MOST = 1000, MATCHES_SAMPLE = 5 };

/* {"of": "orders", "code", "count", "sample": ["#1001"], "unseen", "undecided"}; `arguments` are
 * those of an entry, checked; `store` is the store's name. Without filters every record is counted,
 * with some the first MATCHES_LOOKED_MOST: "unseen" is how many stand behind. "undecided" are those
 * that only a run can judge. The code says which records these are: "unprocessed", "discovered",
 * "shipments-due". One that begins with "asked-" counts nothing: there is no "count" then. */
MUST_USE bool store_matches(struct ledger *ledger, const char *company, const char *store,
                            const struct operation *operation, const json *arguments, json **out,
                            struct err *err);

#endif
