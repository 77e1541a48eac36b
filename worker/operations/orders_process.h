/* orders_process.h - what the steps of orders.process share. Of this operation only. */
#ifndef CARTAGE_ORDERS_PROCESS_H
#define CARTAGE_ORDERS_PROCESS_H

#include "attempt.h"
#include "bc/bc.h"
#include "operations/order_filters.h"
#include "operations/orders_lookup.h"
#include "plan/order_plan.h"
#include "store/staging.h"
#include "store/store.h"

enum { WINDOW = 60 }; /* orders at once; a page of Redis holds them, and so does memory */

struct work { /* one order on its way */
    const char *id, *name;
    json *tree;
    struct order order;
    struct skip_before skip;
    const char *skip_shop;
    const char *waits;      /* records it waited for: "customer:1 product:2" */
    int64_t tries;          /* refusals in a row */
    const char *was_reason; /* why it waited */
    const char *note_fence; /* of a write in flight, "" = none */
    int64_t look_until_ms;
    bool was_creating;   /* its document stands and may need corrections */
    bool leave;          /* the filters leave it out, or its time has not come */
    enum reason reason;  /* REASON_NONE = on its way to a document */
    enum reason refrain; /* why no document may be made, where one may stand already */
    bool locked;         /* another run's note stands */
    struct buf detail, waiting_for;
    char customer_id[UUID_TEXT], customer_number[24];
    struct item_match *matches; /* one a line */
    struct order_plan plan;
    /* its document */
    bool found, created, done;
    const char *kind; /* salesOrder, salesInvoice, salesShipment */
    char document[UUID_TEXT], number[24];
    json *lines; /* of the answer; owned */
    bool has_total;
    struct decimal erp_total;
};

struct window {
    struct work works[WINDOW];
    size_t count;
    struct arena *arena;
    struct lookup *lookup;
    struct store_rows *orders, *skips, *notes;
};

struct phone; /* customers of the ERP by phone, read when first needed */
struct orders_process {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct order_filters *filters;
    const struct zone *zone; /* in which documents are dated */
    struct bc *bc;
    struct write *write;
    bool by_hand; /* started by a person: nothing is put off */
    struct phone *phones;
    size_t phone_count;
    bool phones_read;
    size_t unsent; /* creates that may work if sent again */
    int64_t
        next_look_ms; /* the earliest time at which an uncertain create can be settled; 0 = none */
    size_t done, total;
};

int64_t process_now_ms(const struct orders_process *process);
MUST_USE bool process_flush(struct orders_process *process, bool all, struct err *err);

/* Steps; each works on the orders that have no reason yet and gives one to those it stops. */
MUST_USE bool orders_find_customers(struct orders_process *process, struct window *window,
                                    struct err *err);
MUST_USE bool orders_find_items(struct orders_process *process, struct window *window,
                                struct err *err);
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
void write_unmapped(struct orders_process *process, const char *kind, const char *id,
                    const char *order_id, const char *shops, const char *name, const char *sku,
                    const char *reason);
void write_mapped(struct orders_process *process, const char *kind, const char *id,
                  const char *shops, const char *name, const char *sku, const char *erp_id,
                  const char *number);

/* Writes the end of one order: processed with its link, or why not. */
MUST_USE bool work_finish(struct orders_process *process, struct work *work, struct err *err);
/* The document exists, corrections are still to come. */
MUST_USE bool work_link(struct orders_process *process, struct work *work, struct err *err);

/* "Ship", "Invoice" and "All" are; the blank one stands in several ways. */
bool customer_is_blocked(const char *blocked);
/* The record of ours that stands for the order's customer: Shopify's, or the order itself for
 * guests. */
const char *work_customer(const struct work *work);
void orders_free_phones(struct orders_process *process);

#endif
