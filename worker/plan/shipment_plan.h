/* shipment_plan.h - from a posted shipment to the fulfillments it becomes in Shopify. Pure.
 *
 * Business Central says how much of which order line was shipped; Shopify's fulfillment orders say
 * from which location, and how much of it is still open. Locations of Business Central play no
 * part. Ids are Shopify's numbers as text; texts are borrowed.
 */
#ifndef CARTAGE_SHIPMENT_PLAN_H
#define CARTAGE_SHIPMENT_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "model/reasons.h"

enum { FULFILLMENT_LINES_MOST = 250 }; /* of one call */

/* ---- what was shipped ---- */

struct shipped_line {
    int64_t sequence;        /* the order line's own: posting keeps it */
    const char *object;      /* number of the item or account */
    struct decimal quantity; /* negative = takes back a line before it (an undone shipment) */
    bool item;               /* others count only where Shopify has something open for them */
};
struct line_link { /* document line -> order line */
    int64_t sequence;
    const char *line_item;
};
struct shipped { /* units of one order line */
    const char *line_item;
    int64_t quantity;
    bool firm; /* has an item: what cannot be placed of it is worth a word */
};

/* Nets corrections, drops lines that Shopify does not know, rounds to whole units, and adds up the
 * lines of one order line. Returns how many are left; `out` has room for `count`. */
size_t shipment_lines(const struct shipped_line *lines, size_t count, const struct line_link *links,
                      size_t link_count, struct arena *arena, struct shipped *out);

/* ---- what Shopify has open ---- */

struct open_line {
    const char *id, *line_item;
    int64_t remaining;
    bool given_back; /* no unit of the order line is the customer's any more */
};
struct open_order {                    /* a fulfillment order */
    const char *id, *status, *request; /* Shopify's constants */
    const char *location, *location_name;
    bool service;  /* the location belongs to a fulfillment service */
    bool may_ship; /* supportedActions has CREATE_FULFILLMENT */
    struct open_line *lines;
    size_t line_count;
};

/* ---- the plan ---- */

struct ship_piece {
    const struct open_order *order;
    const struct open_line *line;
    int64_t quantity;
};
struct ship_call { /* one fulfillmentCreate: one location, pieces of one fulfillment order together
                    */
    const struct ship_piece *pieces;
    size_t count;
};
struct ship_plan {
    struct ship_call *calls;
    size_t call_count;
    const struct open_order **accepts; /* requests to our own service, to be accepted first */
    size_t accept_count;
    int64_t held;   /* units on hold, scheduled, or not to be shipped yet: later */
    int64_t others; /* units at a location of another fulfillment service: never */
    int64_t capped; /* units that Shopify has no room for: more was shipped than is open */
};

/* `service` = the name of our own fulfillment service, "" = none. REASON_NONE = there are calls;
 * otherwise why there are none. `fulfilled`: Shopify says that the whole order is. */
enum reason shipment_plan(const struct shipped *lines, size_t count,
                          const struct open_order *orders, size_t order_count, const char *service,
                          bool fulfilled, struct arena *arena, struct ship_plan *out);

/* The lines of a call, by order line: what the fulfillment must hold. Returns how many. */
size_t ship_call_lines(const struct ship_call *call, struct arena *arena, struct shipped **out);

/* Are these the same units of the same order lines, in whatever order and pieces? */
bool shipped_same(const struct shipped *a, size_t a_count, const struct shipped *b, size_t b_count);
/* Takes `less` off `from`; false and nothing changed = it does not hold all of it. */
bool shipped_take(struct shipped *from, size_t from_count, const struct shipped *less,
                  size_t less_count);

/* What is left of `lines` when `sent` has gone, never below nothing. */
void shipped_less(struct shipped *lines, size_t count, const struct shipped *sent,
                  size_t sent_count);
/* Both lists as one, a row an order line. Returns how many. */
size_t shipped_both(const struct shipped *a, size_t a_count, const struct shipped *b,
                    size_t b_count, struct arena *arena, struct shipped **out);

/* As kept in Redis: "<line item>:<units>,...". Reading gives up on what it does not know. */
void shipped_write(const struct shipped *lines, size_t count, struct buf *out);
size_t shipped_read(const char *text, struct arena *arena, struct shipped **out);

/* ---- the marker ---- */

/* What stands on a shipment for this reason: 0 = to do, -1 = failed, -2 = nothing to ship. */
int shipment_marker(enum reason reason);

/* ---- tracking ---- */

struct tracking { /* as Business Central has it */
    const char *number, *agent, *url;
};
/* "https://carrier.example/track?no=%1" -> with the number in it, encoded; "" = no template. */
const char *tracking_url(const char *template, const char *number, struct arena *arena);

#endif
