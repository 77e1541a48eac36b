/* bc.h - typed questions to Business Central's API v2.0 (OData).
 *
 * Every call takes a seat of the credential (4 of 5 in flight, fleet-wide) and a token of its rate,
 * goes through attempt_flow, and gives the seat back. Retried here: 401 once after a refresh, 429,
 * 503 with Retry-After, deadlocks, reads after 5xx and time-outs. A write without answer (time-out,
 * 408, 5xx, broken connection) is ERR_UNCERTAIN: the caller looks before it sends again.
 * Decide on err.peer_code, then on err.code (the status); a stale ETag is ERR_RETRY with status 409
 * or 412: read, merge, send again.
 */
#ifndef CARTAGE_BC_H
#define CARTAGE_BC_H

#include "attempt.h"

/* Whose sets a path names: API v2.0; the contract api/cartage/shopify/v1.0 of the app in
 * extension/; pages that an administrator has published (OData V4). */
enum bc_root { BC_API, BC_EXTENSION, BC_PAGES, BC_ROOTS };

struct bc_call {
    /* question */
    enum bc_root root;
    const char *method; /* GET POST PATCH DELETE */
    /* Below companies(<id>)/: "salesOrders?$filter=..."; with a slash in front below the API's
     * root:
     * "/companies". Already encoded (bc_encode). */
    const char *path;
    json *body;        /* taken; NULL = none */
    const void *bytes; /* in the place of a body: a picture, as it is */
    size_t bytes_size;
    const char *if_match; /* ETag; NULL = none */
    bool primary;         /* Data-Access-Intent: ReadWrite: a read that decides about a create */
    bool repeatable;      /* a write that may run twice: sent again after no answer */
    bool keep_going;      /* $batch: go on after a member failed */
    int weight;           /* calls it counts as: members of a batch; 0 = 1 */
    int page_size;        /* Prefer: odata.maxpagesize; 0 = the server's */
    int timeout_ms;       /* 0 = 120 s */
    struct buf *raw;      /* NULL = JSON; else gets the body as it came ($metadata) */
    /* Around each exchange, on this thread; NULL = nothing. `before` may note the write in Redis:
     * false ends the attempt, call->err set = this call is not sent. `after` sees the answer, or
     * the error, before the next call goes out; false ends the attempt. */
    bool (*before)(struct attempt *attempt, struct bc_call *call, struct err *err);
    bool (*after)(struct attempt *attempt, struct bc_call *call, struct err *err);
    void *state; /* theirs */
    /* answer */
    int status;
    json *answer;   /* NULL when empty; the error's body too */
    struct err err; /* ERR_NONE = 2xx */
    int64_t ms;
    int64_t date_ms; /* when it was answered, by their clock, to the second; -1 = not said */
};
void bc_call_drop(struct bc_call *call);

/* Token, company and metadata; opened on first use, freed with the attempt. The company is looked
 * up and $metadata read once per worker process and version (looked at again after an hour). */
MUST_USE bool bc_of(struct attempt *attempt, struct bc **out, struct err *err);

/* All calls, at most 4 in flight. False only for what ends the attempt; then calls that got their
 * answer have it, the others carry that error. */
MUST_USE bool bc_call_all(struct attempt *attempt, struct bc_call *calls, size_t count,
                          struct err *err);
MUST_USE bool bc_ask(struct attempt *attempt, struct bc_call *call, struct err *err);

/* Many small calls as few: $batch of at most 100 members each, every member its own transaction, in
 * order, going on after failures. Each member gets its status, answer and err as from bc_call_all.
 * All are of one root. */
MUST_USE bool bc_batch(struct attempt *attempt, struct bc_call *members, size_t count,
                       struct err *err);

/* Statuses of sales documents as API v2.0 writes them. */
#define DOCUMENT_CANCELLED "Canceled" /* posted, and taken back by a credit memo against it */
#define DOCUMENT_IN_REVIEW "In_x0020_Review"

/* Every row of a listing, following @odata.nextLink: `row` is called per entity, borrowed for the
 * call. Rows may come twice while others write: upsert by id. */
MUST_USE bool bc_list(struct attempt *attempt, const char *path, bool primary,
                      bool (*row)(void *state, const json *entity, struct err *err), void *state,
                      struct err *err);
/* The same below another root than API v2.0's. */
MUST_USE bool bc_list_at(struct attempt *attempt, enum bc_root root, const char *path, bool primary,
                         bool (*row)(void *state, const json *entity, struct err *err), void *state,
                         struct err *err);
/* The most that this company offers: looked up when first asked, once an hour and process, and
 * again when a set of that level turns out not to be there (then ERR_RETRY, once). */
enum bc_level { BC_LEVEL_API, BC_LEVEL_PAGES, BC_LEVEL_EXTENSION };
MUST_USE bool bc_level_of(struct attempt *attempt, enum bc_level *out, struct err *err);
/* Is that set among those of the company's level (not of API v2.0)? Remembered like the level. */
MUST_USE bool bc_offers(struct attempt *attempt, const char *set, bool *out, struct err *err);
/* Looks at the way to the attempt's company, step by step: address, token, companies, level, and a
 * row of each of these sets; what it found is left in `facts` (schemas/staging/probe.md), a failed
 * step too. False only for what ends the attempt. */
MUST_USE bool bc_probe(struct attempt *attempt, const char *const sets[], size_t count, json *facts,
                       struct err *err);
const char *bc_level_name(enum bc_level level); /* "api", "odata-page", "extension" */
/* True when the company's $metadata knows this property: bc_has(bc, "salesOrder",
 * "pricesIncludeTax"). */
bool bc_has(const struct bc *bc, const char *entity, const char *property);
const char *bc_company_name(const struct bc *bc);

/* Building paths: appends `field eq 'text'`, quotes doubled, percent-encoded for a query. */
void bc_filter_text(struct buf *filter, const char *field, const char *text);
void bc_encode(struct buf *out, const char *text); /* percent-encodes a query value */

#endif
