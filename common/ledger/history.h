/* history.h - reading the history of a bucket on, page by page, for whoever copies it elsewhere.
 *
 * The ring in Redis forgets; a copy goes on from where the last one stood (`~copied`), whichever
 * producer makes it. One producer at a time has the turn, by a lease: two that copy at once do no
 * harm but double lines, which their bucket and seq tell apart.
 */
#ifndef CARTAGE_LEDGER_HISTORY_H
#define CARTAGE_LEDGER_HISTORY_H

#include "ledger/ledger.h"

enum { HISTORY_PAGE = 200 };

/* Takes or keeps the turn for `lease_ms`. */
MUST_USE bool ledger_history_turn(struct ledger *ledger, const char *producer, int64_t lease_ms,
                                  bool *mine, struct err *err);

struct history_page {
    struct buf lines; /* JSON, one record a line; a gap is a record of its own */
    size_t count;     /* records; 0 = nothing new */
    char last[32];    /* id of the last one */
};
/* What follows the copy's position, at most HISTORY_PAGE records. The caller drops out->lines. */
MUST_USE bool ledger_history_page(struct ledger *ledger, int bucket, struct history_page *out,
                                  struct err *err);
/* The page has arrived elsewhere. */
MUST_USE bool ledger_history_copied(struct ledger *ledger, int bucket,
                                    const struct history_page *page, struct err *err);

#endif
