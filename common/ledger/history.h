/* history.h - reading the history of a bucket on, page by page, for whoever copies it elsewhere.
 *
 * The ring in Redis forgets; a copy goes on from where the last one stood (`~copied`), whichever
 * producer makes it. One producer at a time has the turn, by a lease: two that copy at once do no
 * harm but double lines, which their bucket and seq tell apart.
 */
#ifndef CARTAGE_LEDGER_HISTORY_H
#define CARTAGE_LEDGER_HISTORY_H

#include "ledger/ledger.h"
#include "ledger/redis.h"

enum { HISTORY_PAGE = 200, HISTORY_FIELDS = 40 };

/* The stream's records as they stand in Redis: one of each script call, a line for each change
 * (keys.md). Read in place: the reply's text is cut to pieces. */
struct history_rows {
    int64_t seq; /* of the next line */
    char *at, *rest;
};
struct history_row {
    int64_t seq;
    const char *name[HISTORY_FIELDS], *text[HISTORY_FIELDS];
    size_t count;
};
/* One item of XRANGE's answer. */
void history_begin(redisReply *item, struct history_rows *out);
/* false = there is no further line. */
bool history_next(struct history_rows *rows, struct history_row *out);
const char *history_text(const struct history_row *row, const char *name); /* "" = not there */

/* Takes or keeps the turn for `lease_ms`. */
MUST_USE bool ledger_history_turn(struct ledger *ledger, const char *producer, int64_t lease_ms,
                                  bool *mine, struct err *err);

struct history_page {
    struct buf lines; /* JSON, one record a line; a gap is a record of its own */
    size_t count;     /* of script calls; 0 = nothing new */
    bool more;        /* at once */
    char last[32];    /* id of the last one */
};
/* What follows the copy's position, up to the call that fills HISTORY_PAGE records. The caller
 * drops out->lines. */
MUST_USE bool ledger_history_page(struct ledger *ledger, int bucket, struct history_page *out,
                                  struct err *err);
/* The page has arrived elsewhere. */
MUST_USE bool ledger_history_copied(struct ledger *ledger, int bucket,
                                    const struct history_page *page, struct err *err);

#endif
