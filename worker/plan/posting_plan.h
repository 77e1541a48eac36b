/* posting_plan.h - may this document be posted now, and what must be set on it before. Pure.
 *
 * Posting at Business Central takes what its lines say is to be shipped and to be invoiced. A part
 * that is not wanted is set to nothing; what people have set stays, unless nothing at all is set,
 * as a company does that leaves these quantities blank: then all that is left is meant.
 */
#ifndef CARTAGE_POSTING_PLAN_H
#define CARTAGE_POSTING_PLAN_H

#include "base/arena.h"
#include "base/decimal.h"

enum posting_kind { POSTING_ORDER, POSTING_INVOICE, POSTING_MEMO };

struct posting_line {
    const char *id, *etag;
    struct decimal quantity, shipped, invoiced, to_ship, to_invoice;
};

struct posting_document { /* as it stands there; texts are "" where absent */
    enum posting_kind kind;
    const char *id, *number, *etag;
    const char *status; /* Draft, In Review, Released, or one of posted invoices */
    const char *customer, *external, *currency;
    const char *posting_date, *document_date;
    struct decimal amount;
    struct posting_line *lines; /* of orders: those that have a quantity */
    size_t line_count;
};

struct posting_wish {
    bool ship, invoice;       /* orders */
    const char *posting_date; /* that replaces the document's; NULL = keep it */
    const char *document_date;
};

enum posting_step {
    POSTING_SEND,     /* post it, after the changes below */
    POSTING_NOTHING,  /* nothing is left of what is wanted */
    POSTING_APPROVAL, /* somebody must approve it first */
    POSTING_DONE,     /* it is posted */
};

struct posting_change { /* of a line; shipping first, for it resets what is to be invoiced */
    const struct posting_line *line;
    struct decimal quantity;
};

struct posting_plan {
    enum posting_step step;
    const char *posting_date, *document_date; /* NULL = as it is */
    struct posting_change *ship, *invoice;
    size_t ship_count, invoice_count;
    bool ships, invoices; /* what posting will do */
    bool whole;           /* nothing is left of the document afterwards */
};
void posting_plan(const struct posting_document *document, const struct posting_wish *wish,
                  struct arena *arena, struct posting_plan *out);

/* "<shipped>/<invoiced>" of all lines: what grows when a posting takes effect. */
enum { POSTING_PROGRESS = 2 * DECIMAL_TEXT + 2 };
void posting_progress(const struct posting_document *document, char out[static POSTING_PROGRESS]);

#endif
