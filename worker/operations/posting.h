/* posting.h - what the steps of sales-orders.post and sales-invoices.post share. Of these only. */
#ifndef CARTAGE_OPERATIONS_POSTING_H
#define CARTAGE_OPERATIONS_POSTING_H

#include "attempt.h"
#include "bc/bc.h"
#include "model/filter.h"
#include "model/posting.h"
#include "model/reasons.h"
#include "operations/undone.h"
#include "plan/posting_plan.h"
#include "store/postings.h"
#include "store/staging.h"

enum { POSTING_WINDOW = 20 }; /* documents that are looked for in one call */

enum posting_result {
    RESULT_OPEN,    /* not decided yet */
    RESULT_LEFT,    /* nothing to do now */
    RESULT_SENT,    /* the server has said yes */
    RESULT_GONE,    /* the server has said that there is no such document */
    RESULT_POSTED,  /* it stands posted */
    RESULT_PARTLY,  /* a part of it is posted, the rest stands */
    RESULT_SKIPPED, /* with its reason */
    RESULT_FAILED,  /* refused, with the server's text */
    RESULT_FLIGHT,  /* no answer: what was sent may still take effect */
    RESULT_UNSENT,  /* nothing has happened; the next attempt sends it */
};

struct posting_work { /* one document on its way; texts live in the attempt's arena */
    enum posting_kind kind;
    const char *id, *number, *external;
    const char *order, *name, *shop; /* of Shopify; "" = made by hand */
    const char *refund;              /* of a credit memo */
    /* what is known of it */
    int64_t attempts, tries, due_ms;
    const char *invoice, *invoice_number, *shipment_number;
    const char *state, *before; /* before: what was shipped and invoiced when it was sent */
    const char *note_fence;     /* of a call in flight, "" = none */
    int64_t look_until_ms;
    bool cancelled; /* posted, and taken back there since */
    bool later;     /* refused before, and put off; only a preview sees it */
    bool locked;    /* another run is posting it */
    struct skip_before skip;
    /* what was found and decided */
    bool found;
    struct posting_document document;
    struct posting_plan plan;
    enum posting_result result;
    enum reason reason;
    char detail[300];
};

struct posting_filters;
struct posting {
    struct attempt *attempt;
    const char *company;
    enum posting_kind kind; /* POSTING_ORDER: report 296; POSTING_INVOICE: 297 */
    bool all, preview, by_hand, credit_memos;
    enum post_when when;
    struct posting_filters *filters;
    struct posting_wish wish;
    struct write *write;
    struct posting_work *works;
    size_t count, done, matched;
    int64_t looked_ms;     /* before the window was looked at: what came later was not seen */
    struct undone unsent;  /* may work if sent again */
    struct undone awaited; /* calls without an answer */
};

int64_t posting_now_ms(const struct posting *posting);
MUST_USE bool posting_flush(struct posting *posting, bool all, struct err *err);
const char *posting_kind_word(enum posting_kind kind); /* "salesOrder", "salesInvoice", ... */
const char *posting_kind_set(enum posting_kind kind);  /* "salesOrders", ... */

/* Filters of the entry (posting_filters.c); `today` in them is that day. */
MUST_USE bool posting_filters_open(const json *arguments, const char *today,
                                   struct posting_filters **out, struct err *err);
void posting_filters_free(struct posting_filters *filters);
OWNABLE(posting_filters)
bool posting_filters_fit(const struct posting_filters *filters,
                         const struct posting_document *document, const char *name);
/* By what is known before the document was looked at: number, external number, order. */
bool posting_filters_may_fit(const struct posting_filters *filters, const char *number,
                             const char *external, const char *name);

/* Which documents (posting_select.c): fills works. */
MUST_USE bool posting_select(struct posting *posting, struct err *err);

/* Looks for a window's documents, and for what became of those that are gone (posting_look.c). */
MUST_USE bool posting_look(struct posting *posting, struct posting_work works[], size_t count,
                           struct err *err);
/* After the window was sent: numbers of what was posted. */
MUST_USE bool posting_look_after(struct posting *posting, struct posting_work works[], size_t count,
                                 struct err *err);

/* Changes and sends one document (posting_send.c); false only for what ends the attempt. */
MUST_USE bool posting_send(struct posting *posting, struct posting_work *work, struct err *err);

/* Writes how one document has ended (posting_record.c). */
void posting_record(struct posting *posting, const struct posting_work *work);
void posting_preview(struct posting *posting, const struct posting_work *work);

void posting_stop(struct posting_work *work, enum posting_result result, enum reason reason,
                  const char *detail, ...) PRINTF(4, 5);

#endif
