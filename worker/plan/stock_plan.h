/* stock_plan.h - how many pieces of a variant a location of Shopify may be given. Pure.
 *
 * Shopify: on hand = available + committed (sold, not fulfilled). Business Central knows what lies
 * there, what is reserved, and what is planned. The same sale is seen by both, at different times,
 * so whoever simply adds the two up counts some sales twice and others not at all. What order lines
 * have done at both sides therefore corrects what Business Central says:
 *
 *   on hand    is lowered by Shopify when it fulfills, by Business Central when it posts. What is
 *              fulfilled and not posted is taken off.
 *   available  is lowered by Shopify when it sells. What Business Central does not hold as demand
 *              yet is taken off.
 *
 * Only what Business Central has reserved for orders that we know as demand there is put on again:
 * Shopify, or a correction, takes these very pieces off. Nothing else is ever put on. What is
 * posted and not told of yet stays taken off twice for that moment: the order may have been
 * cancelled at Shopify since it was read, and then it is off there only once. And what Shopify
 * lacks without an order that says why is taken off until orders have been read. So a piece that is
 * sold is never offered again. (One case shows nowhere: goods that came back and as many sold at a
 * till, both unread, look like nothing at all.)
 */
#ifndef CARTAGE_STOCK_PLAN_H
#define CARTAGE_STOCK_PLAN_H

#include "base/buf.h"
#include "base/decimal.h"
#include "model/settings.h"

/* ---- what Business Central has ---- */

struct stock_figures {        /* of an item and variant, summed over the locations of a filter */
    struct decimal inventory; /* what lies there */
    struct decimal reserved;  /* of it ... */
    struct decimal of_shops;  /* ... and of that for orders of Shopify */
    struct decimal projected; /* with all that comes and goes by today */
};
void stock_figures_add(struct stock_figures *sum, const struct stock_figures *one);
/* In whole units of `per_unit` pieces of the base unit (0 = the base unit itself), rounded down;
 * may be negative. */
int64_t stock_pieces(enum stock_calculation calculation, const struct stock_figures *figures,
                     struct decimal per_unit);
/* What `pieces` lacks because it is reserved for orders of Shopify, who takes these off by itself;
 * 0 where the calculation looks at no reservation. */
int64_t stock_reserved_twice(enum stock_calculation calculation,
                             const struct stock_figures *figures, struct decimal per_unit);

/* ---- what orders have done ---- */

struct stock_line {    /* an order line, or its part at one location of Shopify */
    int64_t fulfilled; /* units, says Shopify */
    int64_t open;      /* units that Shopify still has to fulfill: not cancelled, not taken off */
    int64_t back;      /* units that came back and were put into Shopify's stock there */
    int64_t shipped;   /* units that Business Central has posted */
    bool demanded;     /* its document is a sales order: Business Central counts it as demand */
};
struct stock_sold { /* of many lines; serves every calculation and quantity */
    int64_t fulfilled, open, back;
    int64_t unposted;      /* fulfilled, and not shipped */
    int64_t unshipped;     /* fulfilled or open, and not shipped */
    int64_t unposted_free; /* the same of lines that are no demand in Business Central */
    int64_t unshipped_free;
};
void stock_sold_line(struct stock_sold *sum, const struct stock_line *line);
void stock_sold_add(struct stock_sold *sum, const struct stock_sold *more, int sign);
/* To be added to what Business Central says. */
int64_t stock_correction(enum stock_calculation calculation, enum stock_quantity quantity,
                         const struct stock_sold *sold);

/* ---- a level: one variant at one location ---- */

struct stock_level {
    bool known;                   /* Shopify's quantity has been read or set ... */
    bool doubt;                   /* (an order may be in it or not: to be read again) */
    int64_t confirmed_ms;         /* (when that was) */
    enum stock_quantity quantity; /* ... this one ... */
    int64_t believed;             /* ... and is so much, as far as we know */
    int64_t odd;                  /* Shopify had so much less than that, and nobody knows why yet */
    int64_t odd_ms;               /* since when; 0 = nothing is odd */
    int64_t offered;    /* buyers may have bought on this, unread: the most it was given since */
    int64_t offered_ms; /* since when that is more than it has now; 0 = it is not */
    int64_t refused;    /* Shopify would not have so much, 1 higher; 0 = it has refused nothing */
    struct stock_sold sold;
};
/* Another quantity counts here from now on: what was known of the other one says nothing. */
void stock_counts(struct stock_level *level, enum stock_quantity quantity);

struct stock_others { /* the other shops of the company that sell the same pieces */
    int64_t reserve;  /* percent of what is free that is left to them; 0 = nobody looks at them */
    int64_t burden;   /* they have sold so much that Business Central does not know */
    int64_t promised; /* and may sell so much more by what they were last given */
};
int64_t stock_burden(enum stock_calculation calculation, const struct stock_sold *sold);
/* What the location may still sell, or have sold unread, by what it was given. */
int64_t stock_promised(const struct stock_level *level);

/* What Business Central has for a location. */
struct stock_base {
    int64_t pieces, twice; /* stock_pieces, stock_reserved_twice */
    int64_t safety;        /* kept back */
};
/* What the location is to be given, never below 0. */
int64_t stock_target(enum stock_calculation calculation, const struct stock_level *level,
                     const struct stock_base *base, const struct stock_others *others);

/* An order has changed since it was looked at, from `before` to `now`, at some time after since_ms:
 * where the level was confirmed later, that may be in it or not. */
void stock_order(struct stock_level *level, const struct stock_sold *before,
                 const struct stock_sold *now, int64_t since_ms);
/* Shopify has said what it has. Less than believed is odd until orders have been read again; where
 * nothing was known, less than `would`, its target without that. */
void stock_seen(struct stock_level *level, int64_t actual, int64_t would, int64_t now_ms);
/* Orders have been read from that time on: what was odd before is an order that is known by now, or
 * no order at all; what was sold before is known, too. */
void stock_explained(struct stock_level *level, int64_t looked_ms);
/* No order has changed at Shopify since orders were read: nothing that could explain it is left. */
void stock_quiet(struct stock_level *level);
void stock_given(struct stock_level *level, int64_t quantity, int64_t now_ms);

/* ---- as kept in Redis, one text a variant and one an order ---- */

enum { STOCK_LOCATIONS = 50, STOCK_ID = 24 };
struct stock_levels {
    struct {
        char location[STOCK_ID];
        struct stock_level level;
    } items[STOCK_LOCATIONS];
    size_t count;
};
/* Reading gives up on what it does not know: such a level is read at Shopify. */
void stock_levels_read(const char *text, struct stock_levels *out);
void stock_levels_write(const struct stock_levels *levels, struct buf *out);
/* Added where it is missing; NULL = there are too many. */
struct stock_level *stock_level_of(struct stock_levels *levels, const char *location);

#endif
