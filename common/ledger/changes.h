/* changes.h - what people changed, for GET /v1/audit; and one edit of a record at a time.
 *
 * A change is a JSON text of its caller's, without secrets. All of an environment are one stream,
 * bounded by number and age. (ledger/audit.h proves entries; this is people's audit log.)
 */
#ifndef CARTAGE_LEDGER_CHANGES_H
#define CARTAGE_LEDGER_CHANGES_H

#include "ledger/ledger.h"

enum { CHANGES_KEPT = 20000, CHANGES_DAYS = 400 };

MUST_USE bool ledger_change_add(struct ledger *ledger, const char *json_text, struct err *err);

struct change_query {
    const char *before;         /* paging key: `next` of the page before; NULL = newest */
    const char *who, *company;  /* exactly; NULL = any */
    const char *record, *route; /* part of it, in any case; NULL = any */
    int64_t since_ms, until_ms; /* 0 = any */
    size_t most;
};
/* {"changes": [newest first, each with "at_ms"], "next": where more may be} */
MUST_USE bool ledger_changes(struct ledger *ledger, const struct change_query *query, json **out,
                             struct err *err);

/* A lock that nobody holds for longer than EDIT_MS: whoever takes it reads, compares and writes. */
enum { EDIT_MS = 10000, EDIT_OWNER = 33 };
/* Fills `owner`; *mine = false while another edit of this record is under way. */
MUST_USE bool ledger_edit_take(struct ledger *ledger, const char *record,
                               char owner[static EDIT_OWNER], bool *mine, struct err *err);
MUST_USE bool ledger_edit_give(struct ledger *ledger, const char *record, const char *owner,
                               struct err *err);

#endif
