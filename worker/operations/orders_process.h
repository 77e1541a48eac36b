/* orders_process.h - what the steps of orders.process share. Of this operation only. */
#ifndef CARTAGE_ORDERS_PROCESS_H
#define CARTAGE_ORDERS_PROCESS_H

#include "attempt.h"
#include "bc/bc.h"
#include "operations/orders_lookup.h"
#include "operations/undone.h"
#include "operations/unmapped.h"
#include "plan/amounts.h"
#include "plan/order_plan.h"
#include "store/order_filters.h"
#include "store/staging.h"
#include "store/store.h"

enum { WINDOW = 60 }; /* orders at once; a page of Redis holds them, and so does memory */

struct party {        /* a customer of the ERP */
    const char *key;  /* of his link, "<kind>:<key>"; set when looked for */
    const char *kind; /* NULL = "customer"; "company", "company-location" */
    char id[UUID_TEXT], number[24];
};

struct firm {           /* what a company has beside a name, an address and whom to ask */
    const char *tax_id; /* of its default location; "" = none */
    const char *terms;  /* code of the ERP that its payment terms are mapped to; "" = none */
    bool by_tax_id;     /* is looked for by its tax number alone */
    bool to_default;    /* unless it is linked, it is the default company */
};

struct work {              /* one order on its way to its document, or one of its refunds */
    const char *id, *name; /* of the order; name as people know the record: "#1001", "#1001-R7" */
    const char *refund_id; /* "" = the order itself */
    const struct order_refund *refund; /* NULL likewise */
    const struct firm *firm;           /* of a company; NULL = no company */
    const char *record;                /* "order:5", "refund:7": its hash, note and link */
    enum money_side side;              /* of a refund: that of the order's document */
    json *tree;
    struct order order;
    struct skip_before skip;
    const char *skip_shop;
    const char *order_state, *state; /* of the order's hash; of the record's */
    const char *waits;               /* records it waited for: "customer:1 product:2" */
    int64_t tries;                   /* refusals in a row */
    const char *was_reason;          /* why it waited */
    const char *note_fence;          /* of a write in flight, "" = none */
    int64_t look_until_ms;
    bool was_creating;   /* its document stands and may need corrections */
    bool leave;          /* the filters leave it out, or its time has not come */
    enum reason reason;  /* REASON_NONE = on its way to a document */
    enum reason refrain; /* why no document may be made, where one may stand already */
    bool link_only;      /* archived before it was read here: a document is only looked for */
    bool look_first;     /* one may stand that this data set does not know of */
    bool customer_made;  /* by this run */
    bool locked;         /* another run's note stands */
    bool taken;          /* no other run has it in hand */
    struct buf detail, waiting_for;
    struct party customer, bill_to; /* bill_to: where another is billed; its id "" = the same */
    struct item_match *matches;     /* one a line */
    struct order_plan plan;
    /* its document */
    bool found, created, done;
    const char *kind; /* salesOrder, salesInvoice, salesShipment, salesCreditMemo */
    char document[UUID_TEXT], number[24];
    char order_number[24];  /* of the sales order it was posted from, or is */
    json *lines;            /* of the answer; owned */
    bool draft;             /* may be changed: not posted, not released */
    bool posted, cancelled; /* an invoice or memo; and taken back there since */
    bool erp_prices_include_tax;
    bool balanced_with_tax; /* a memo whose balance stands on an account with tax */
    bool has_total;
    struct decimal erp_total;
};

struct window {
    struct work works[WINDOW];
    size_t count;
    struct arena *arena;
    struct lookup *lookup;
    struct store_rows *orders, *skips, *notes, *refunds;
};

struct tax_flag { /* what invoices and credit memos of a customer do: it can only be read */
    char customer_id[UUID_TEXT];
    bool prices_include_tax;
};
struct code { /* a record of the ERP that settings name by its code */
    char code[24], id[UUID_TEXT];
};
enum code_kind {
    CODE_SHIPMENT_METHOD,
    CODE_PAYMENT_TERMS,
    CODE_LOCATION,
    CODE_TAX_AREA,
    CODE_KINDS
};
struct codes {
    struct code *items;
    size_t count;
    bool read;
};

struct known_list { /* of the ERP's customers, read when first needed (orders_known.c) */
    struct known_customer *items;
    size_t count;
    bool read;
};
struct orders_process {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct order_filters *filters;
    const struct zone *zone; /* in which documents are dated */
    struct bc *bc;
    bool extension; /* the company has the app in extension/: orders go through it */
    struct write *write;
    bool by_hand; /* started by a person: nothing is put off */
    bool exact;   /* a customer that several fit is nobody's: no order waits for him */
    bool firms;   /* the works are companies of Shopify's, not orders; each has its `firm` */
    /* Of all that have one; of those that have several; of all that have one. */
    struct known_list phones, emails, tax_ids;
    struct tax_flag *tax_flags;
    size_t tax_flag_count;
    struct codes codes[CODE_KINDS];
    size_t unexplained;         /* totals that nothing explains */
    char first_unexplained[64]; /* the order's name */
    struct undone unsent;       /* creates that may work if sent again */
    struct undone awaited;      /* creates without an answer */
    size_t done, total;
};

int64_t process_now_ms(const struct orders_process *process);
MUST_USE bool process_flush(struct orders_process *process, bool all, struct err *err);

/* No other run has these in hand from before they are read until they are released, whatever its
 * category; those that another has are left for later. */
MUST_USE bool window_take(struct orders_process *process, struct window *window, struct err *err);
void work_retake(struct write *write, const struct work *work, int64_t now_ms); /* with a note */
void window_release(struct orders_process *process, struct window *window);

/* In a data set that was adopted: those of which no document may be made go on if one stands. */
MUST_USE bool orders_look_first(struct orders_process *process, struct window *window,
                                struct err *err);
/* Steps; each works on the orders that have no reason yet and gives one to those it stops. */
MUST_USE bool orders_find_companies(struct orders_process *process, struct window *window,
                                    struct err *err); /* those of orders, before customers */
MUST_USE bool orders_find_customers(struct orders_process *process, struct window *window,
                                    struct err *err);
MUST_USE bool orders_find_items(struct orders_process *process, struct window *window,
                                struct err *err);
/* Plans them, and finishes those that cannot be planned. */
MUST_USE bool orders_plan(struct orders_process *process, struct window *window, struct err *err);
MUST_USE bool orders_make_documents(struct orders_process *process, struct window *window,
                                    struct err *err);

/* What lies behind refusals: a blocked customer, or links to records that are gone. */
MUST_USE bool orders_explain_refusals(struct orders_process *process, struct window *window,
                                      struct err *err);

bool work_open(const struct work *work); /* still on its way */
void work_stop(struct work *work, enum reason reason, const char *detail, ...) PRINTF(3, 4);
/* This order waits for a record of ours: "customer" or "product". */
void work_waits_for(struct work *work, const char *kind, const char *id);

/* Commands about a record that an order could not do without. */
void write_unmapped(struct orders_process *process, const struct unmapped *unmapped);
void write_mapped(struct orders_process *process, const char *kind, const char *id,
                  const char *shops, const char *name, const char *sku, const char *erp_id,
                  const char *number);

bool work_needs_item(const struct work *work, const struct order_line *line);
/* Who is billed: his are currency, terms and whether prices hold tax. */
const struct party *work_billed(const struct work *work);
/* Once it is known how the ERP takes prices of this customer. */
MUST_USE bool work_plan_again(struct orders_process *process, struct window *window,
                              struct work *work, struct err *err);
void tax_flag_put(struct orders_process *process, const char *customer_id, bool include);
void orders_free_codes(struct orders_process *process);
/* The code of an id, "" = none has it. */
MUST_USE bool orders_code_named(struct orders_process *process, enum code_kind kind, const char *id,
                                const char **code, struct err *err);
/* The id of a code, in the window's arena; an unknown one stops the record, "" has none. */
MUST_USE bool orders_code(struct orders_process *process, struct window *window, struct work *work,
                          enum code_kind kind, const char *code, const char **id, struct err *err);

/* Of a document that stands: is its total as it should be, and if not, why? The text is for people,
 * "" = it is. `*need` = it asks for a person. */
struct difference work_difference(struct orders_process *process, const struct work *work,
                                  struct buf *text, bool *need);
/* "{\"10000\":\"<Shopify line>\"}": shipments and refunds ask for it later. */
void work_line_map(const struct work *work, struct buf *out);
int64_t work_due_again_ms(const struct orders_process *process, const struct work *work);
MUST_USE bool refund_finish(struct orders_process *process, struct work *work, struct err *err);
/* The refunds of orders that have their documents: report 30103's second half. */
MUST_USE bool refunds_process(struct orders_process *process, struct err *err);
/* All that were put off are due again: the shop's settings have changed. */
MUST_USE bool refunds_reconsider(struct orders_process *process, struct err *err);
/* The documents' numbers, to Shopify; last, because no order may fail for it. */
MUST_USE bool orders_write_back(struct orders_process *process, struct err *err);

/* Reads and judges a window's orders; what each step above needs. */
struct window *window_new(void);
void window_free(struct window *window);
OWNABLE(window)
MUST_USE bool window_load(struct orders_process *process, struct window *window, struct err *err);

/* Writes the end of one order: processed with its link, or why not. */
MUST_USE bool work_finish(struct orders_process *process, struct work *work, struct err *err);
/* The document exists, corrections are still to come. */
MUST_USE bool work_link(struct orders_process *process, struct work *work, struct err *err);

/* "Ship", "Invoice" and "All" are; the blank one stands in several ways. */
bool customer_is_blocked(const char *blocked);
/* The given staged orders, as a part of another operation's run; those that are processed already
 * are left alone. Ends like a run of orders.process. */
MUST_USE bool orders_process_staged(struct attempt *attempt, const char *const ids[], size_t count,
                                    struct err *err);

void orders_free_known(struct orders_process *process);

/* Once a day: what was posted or cancelled by people there (orders_posted.c). */
MUST_USE bool orders_find_posted(struct orders_process *process, struct err *err);

#endif
