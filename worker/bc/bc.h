/* bc.h - typed questions to Business Central's API v2.0 (OData).
 *
 * Every call takes a seat of the credential (4 of 5 in flight, fleet-wide) and a token of its rate, goes through
 * attempt_flow, and gives it back. Retried here: 401 once after a refresh, 429, 503 with Retry-After, 409
 * deadlocks, reads after 5xx and time-outs. A write without answer (time-out, 408, 5xx, broken connection) is
 * ERR_UNCERTAIN: the caller looks before it sends again. Decide on err.peer_code, then err.code (status).
 */
#ifndef CARTAGE_BC_H
#define CARTAGE_BC_H

#include "attempt.h"

struct bc_call {
    /* question */
    const char *method;  /* GET POST PATCH DELETE */
    const char *path;    /* below companies(<id>)/: "salesOrders?$filter=..."; already encoded (bc_filter) */
    json *body;          /* taken; NULL = none */
    const char *if_match; /* ETag; NULL = none */
    bool primary;        /* Data-Access-Intent: ReadWrite: a read that decides about a create */
    int timeout_ms;      /* 0 = 120 s */
    /* answer */
    int status;
    json *answer;        /* NULL when empty */
    struct err err;      /* ERR_NONE = 2xx */
    int64_t ms;
};
void bc_call_drop(struct bc_call *call);

MUST_USE bool bc_of(struct attempt *attempt, struct bc **out, struct err *err); /* token, company, metadata */
void bc_free(struct bc *bc);

/* All calls, at most 4 in flight; false only for what ends the attempt. */
MUST_USE bool bc_call_all(struct attempt *attempt, struct bc_call *calls, size_t count, struct err *err);
MUST_USE bool bc_ask(struct attempt *attempt, struct bc_call *call, struct err *err);

/* Every row of a listing, following @odata.nextLink: `row` is called per entity, borrowed for the call. */
MUST_USE bool bc_list(struct attempt *attempt, const char *path, bool primary,
                      bool (*row)(void *state, const json *entity, struct err *err), void *state,
                      struct err *err);
/* True when the company's $metadata knows this property: bc_has(bc, "salesOrder", "pricesIncludeTax"). */
bool bc_has(const struct bc *bc, const char *entity, const char *property);

/* Building paths: appends `field eq 'text'` with quotes doubled and the whole percent-encoded as needed. */
void bc_filter_text(struct buf *filter, const char *field, const char *text);
void bc_encode(struct buf *out, const char *text); /* percent-encodes a query value */

#endif
