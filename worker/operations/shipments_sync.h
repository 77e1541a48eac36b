/* shipments_sync.h - what the steps of shipments.sync share. Of this operation only. */
#ifndef CARTAGE_SHIPMENTS_SYNC_H
#define CARTAGE_SHIPMENTS_SYNC_H

#include "attempt.h"
#include "model/filter.h"
#include "operations/undone.h"
#include "plan/shipment_plan.h"
#include "store/staging.h"
#include "store/store.h"

enum { SHIP_WINDOW = 50, SHIP_IDS = 25 };

struct ship_work {                                          /* one posted shipment on its way */
    const char *id, *number, *external, *customer, *posted; /* SystemId; as the ERP has them */
    const char *order, *order_name;                         /* Shopify's; "" = not known here */
    int64_t modified_ms;
    int64_t attempts; /* without an end, in a row */
    const char *rows; /* its lines as JSON */
    struct tracking tracking;
    struct skip_before skip;
    const char *link_lines; /* JSON: document line -> order line */
    /* what is to be told, and what was */
    struct shipped *lines, *sent;
    size_t line_count, sent_count;
    const char *fulfillments; /* numbers, comma between */
    /* what Shopify has open */
    struct open_order *open;
    size_t open_count;
    bool fulfilled;    /* the whole order is, says Shopify */
    const char *known; /* fulfillments that stand, comma between */
    /* the plan on its way */
    struct ship_plan plan;
    size_t next_call;
    enum reason reason; /* REASON_NONE = on its way, or sent */
    struct buf detail, warning;
    bool leave, done, picked;
    const char *status, *updated; /* of the order, by the last answer; "" = none */
};

struct shipments {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct filter *filters[3];
    int64_t started_ms;
    bool by_hand;          /* started by a person: nothing is put off */
    struct undone awaited; /* calls without an answer */
    struct store_ids busy; /* orders whose notes are not settled */
    size_t done, total;
};

struct ship_window {
    struct ship_work works[SHIP_WINDOW];
    size_t count;
    struct arena *arena;
    struct store_rows *records, *orders, *links, *skips;
};

int64_t shipments_now_ms(const struct shipments *run);
MUST_USE bool shipments_flush(struct shipments *run, bool all, struct err *err);

/* Reads what the ERP has posted or changed since the last run. */
MUST_USE bool shipments_discover(struct shipments *run, struct err *err);
/* Shipments by their ids, as the ERP has them now: lines may have been undone since they were read.
 */
MUST_USE bool shipments_read_again(struct shipments *run, const char *const ids[], size_t count,
                                   struct err *err);
/* Looks for fulfillments whose call got no answer; what may still come keeps its order busy. */
MUST_USE bool shipments_settle(struct shipments *run, struct err *err);
/* What Shopify has open for the picked works. */
MUST_USE bool shipments_read_open(struct shipments *run, struct ship_window *window,
                                  struct err *err);
/* In a data set that was adopted: what stands at Shopify and no record of ours has. */
MUST_USE bool shipments_adopt(struct shipments *run, struct ship_window *window, struct err *err);
/* Until when calls from before the adoption may still come through; 0 = no longer. */
int64_t shipments_strays_until_ms(const struct shipments *run);
/* What a fulfillment of Shopify's holds; 0 lines = more than one page, which none of ours has. */
size_t fulfillment_lines(const json *fulfillment, struct arena *arena, struct shipped **out);
/* Sends the plans of the picked works. */
MUST_USE bool shipments_send(struct shipments *run, struct ship_window *window, struct err *err);

/* Tracking of shipments by number, as far as the ERP can say; absent = empty texts. */
MUST_USE bool shipments_read_tracking(struct shipments *run, const char *const numbers[],
                                      size_t count, struct arena *arena, struct tracking *out,
                                      struct err *err);
/* Numbers that became known after their fulfillment. */
MUST_USE bool shipments_tell_tracking(struct shipments *run, struct err *err);
/* As Shopify takes it, by the shop's settings for the agent; the caller's. */
json *tracking_json(const struct shipments *run, const struct tracking *tracking,
                    struct arena *arena);

/* The shipped units of its order lines, less what it has told (rows, link_lines, sent). */
void ship_read_lines(struct ship_work *work, struct arena *arena);
void ship_stop(struct ship_work *work, enum reason reason, const char *detail, ...) PRINTF(3, 4);
/* Writes where the shipment stands now. */
MUST_USE bool ship_finish(struct shipments *run, struct ship_work *work, struct err *err);
/* What the shipment's own fulfillments hold so far, this one the latest; and on the staged order
 * what our change did to it: its status, and the time of change that orders.sync need not read
 * again. */
void write_sent(struct shipments *run, const struct ship_work *work, const char *fulfillment);
/* Nothing more of this order is sent by this run, which comes back for it until that time. */
void ship_busy(struct shipments *run, const char *order, const char *shipment,
               int64_t look_until_ms);
void ship_clear_note(struct shipments *run, const struct ship_work *work);
bool ids_hold(const char *ids, const char *id); /* "1,22,3" */

#endif
