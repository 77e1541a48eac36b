/* edits.h - around every change of a record: If-Match before it, the audit log behind it.
 *
 * A record is what GET answers at the path of the change, or at the longest beginning of it; so a
 * route that others add is audited with before and after without a line of its own. What changes by
 * itself (a next run, who waits) is no part of a record's tag, nor of the log.
 * Two edits of one record come one after the other, over all producers: the second one's If-Match
 * sees the first one's change.
 */
#ifndef CARTAGE_ADMIN_EDITS_H
#define CARTAGE_ADMIN_EDITS_H

#include "admin/call.h"
#include "ledger/changes.h"

struct edit {
    bool audited;              /* a change of somebody's; else all below is empty */
    const struct route *reads; /* GET of the record; NULL = it has none */
    json *before;              /* NULL = there was none */
    char *lock, owner[EDIT_OWNER];
};
/* 412 says who changed the record meanwhile. Also after an error edit_end must be called. */
MUST_USE bool edit_begin(struct api_call *call, struct edit *edit, struct err *err);
/* The change was made, or not (`good`): notes it and lets the next edit pass. */
void edit_end(struct api_call *call, struct edit *edit, bool good);

/* Of an answer to GET: sets call->tag where its record can be edited. */
void edit_tag_answer(struct api_call *call);

#endif
