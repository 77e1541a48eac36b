/* postings.h - documents that are posted: what came of each, for runs and for people.
 *
 * Records are by the document's SystemId, because documents that people made have no order
 * (schemas/staging/posting.md). People read them here, and mark orders for `post_when` manual.
 */
#ifndef CARTAGE_POSTINGS_H
#define CARTAGE_POSTINGS_H

#include "ledger/write.h"
#include "store/store.h"

struct posting_record {
    const char *id, *number;  /* of the document */
    const char *kind;         /* salesOrder, salesInvoice, salesCreditMemo */
    const char *order, *name; /* of Shopify; "" = made by hand */
    const char *refund;       /* of a credit memo, "" = none */
    const char *shop;
    const char *state;                                      /* posted, partly, skipped, failed */
    const char *invoice, *invoice_number, *shipment_number; /* posted */
    const char *reason, *error;      /* code of docs/skips.md; what exactly */
    int64_t attempts, tries, due_ms; /* sent in all; refused in a row; not before */
};
void stage_posting(struct write *write, const struct posting_record *record, int64_t now_ms);
/* A row of a run's preview, as JSON; rows go after a day. */
void stage_preview(struct write *write, const char *task, const char *document, const char *row);

/* ---- for people ---- */

/* [{"order","name","shop","kind","id","number","state","invoice","invoice_number",
 * "shipment_number","reason","error","cure","attempts","at_ms"}], a page as those of store.h. NULL
 * = any; `text` is a name or number of Shopify's or of Business Central's. Of one shop a page may
 * hold fewer than `most`, or none, although there are more: a look ends somewhere. */
struct posting_query {
    const char *shop, *state, *text;
    const struct list_place *after;
    size_t most;
};
MUST_USE bool store_postings(struct ledger *ledger, const char *company,
                             const struct posting_query *query, json **out, struct list_place *next,
                             struct err *err);
/* What the run of this task would post: {"post": count, "documents": [...]} in the order of the
 * documents' numbers; ERR_FATAL 404 = it was no preview, or longer than a day ago. */
MUST_USE bool store_posting_preview(struct ledger *ledger, const char *company, const char *task,
                                    json **out, struct err *err);
/* What is ready is named for posting: an order by its name, its id or its document's number, and
 * with the order its refunds. Entries with post_when manual take it, and a refusal puts it off no
 * longer. Adds {"id","name","shop","document"} to `marked` for each. */
MUST_USE bool store_post_mark(struct ledger *ledger, const char *company, const char *shop,
                              const char *text, json *marked, struct err *err);

#endif
