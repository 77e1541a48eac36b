/* log.h - the log of a company: one record for each attempt that closed, and for all that did not
 * run as planned. Scripts write it (L.log), people read it here, producers trim it.
 */
#ifndef CARTAGE_LEDGER_LOG_H
#define CARTAGE_LEDGER_LOG_H

#include "ledger/ledger.h"

struct log_query {
    const char *entry; /* id; NULL = all */
    const char *kind;  /* a word of log_kinds; NULL = all */
    int64_t since_ms;  /* 0 = the beginning */
    int64_t before;    /* paging key, 0 = the newest */
    size_t most;
    bool traces; /* with the last calls of attempts that failed */
};
/* {"records": [newest first], "next": paging key, 0 = no more}. A page that a filter leaves short,
 * or empty, still goes on at `next`: one call reads a bounded part of the log. */
MUST_USE bool ledger_log(struct ledger *ledger, const char *company, const struct log_query *query,
                         json **out, struct err *err);
extern const char *const LOG_KINDS[]; /* NULL-ended */

/* Removes what the companies' settings no longer keep; companies of one bucket, a bounded step.
 * *more = companies that have more to remove. */
MUST_USE bool ledger_trim(struct ledger *ledger, int bucket, const char *const companies[],
                          size_t count, size_t *removed, size_t *more, struct err *err);

#endif
