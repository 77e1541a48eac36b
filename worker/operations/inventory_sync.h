/* inventory_sync.h - what the steps of inventory.sync share. Of this operation only. */
#ifndef CARTAGE_INVENTORY_SYNC_H
#define CARTAGE_INVENTORY_SYNC_H

#include "attempt.h"
#include "model/filter.h"
#include "operations/brake.h"
#include "plan/stock_plan.h"
#include "store/staging.h"
#include "store/store.h"

enum { LEVEL_IDS = 100, STOCK_BATCH = 250 };

struct inventory_place { /* a location of Shopify that takes part */
    char id[STOCK_ID];
    const char *name, *filter;
    enum stock_calculation calculation;
    enum stock_quantity quantity;
};

struct stock_table; /* inventory_figures.c */

struct stock_change {                  /* a level to be set, or to be stocked first */
    const char *variant, *item, *name; /* inventory item; what people call it */
    size_t place;
    int64_t from, to;
    bool missing; /* Shopify does not stock it there yet */
};

struct inventory {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct inventory_place places[STOCK_LOCATIONS];
    size_t place_count;
    struct stock_table *figures;
    struct filter *variants;
    bool forced;               /* skip_import: nothing is read, everything known is sent */
    int64_t looked_ms;         /* orders have been read from then on */
    int quiet;                 /* has any order changed since? -1 = not asked yet */
    struct stock_drift *drift; /* levels that changed at Shopify; NULL = nobody has looked */
    int64_t checked_ms;        /* when that was; 0 = not by this run */
    char newest[32]; /* Shopify's latest time of change of a level that was read; "" = none yet */
    struct brake *brake;
    struct stock_change *changes;
    size_t change_count, change_room;
    size_t batch;         /* of this run */
    int64_t last_look_ms; /* when the run before this one looked; 0 = there is none */
};

int64_t inventory_now_ms(const struct inventory *run);
MUST_USE bool inventory_flush(struct inventory *run, bool all, struct err *err);
const char *inventory_gid(struct arena *arena, const char *kind, const char *id);

/* Which locations take part; Shopify is asked for them once a day, or when a setting names one that
 * is not known. */
MUST_USE bool inventory_places(struct inventory *run, struct err *err);
/* Takes what orders have done since the last run into the levels. */
MUST_USE bool inventory_orders(struct inventory *run, struct err *err);
/* Has no order changed at Shopify since orders were read? Asked once. */
MUST_USE bool inventory_quiet(struct inventory *run, bool *quiet, struct err *err);

/* What Business Central has of everything. */
MUST_USE bool inventory_figures(struct inventory *run, struct err *err);
void stock_table_free(struct stock_table *table);
/* Of an item and variant at a place; false = it cannot be told (access level). */
bool stock_table_at(const struct stock_table *table, const char *item, const char *variant,
                    size_t place, struct stock_figures *out);

/* Now and then: which levels have changed at Shopify since the last look. */
MUST_USE bool inventory_drift(struct inventory *run, struct err *err);
void inventory_drift_done(struct inventory *run);
void stock_drift_free(struct stock_drift *drift);
bool stock_drift_at(const struct stock_drift *drift, const char *item, size_t place,
                    int64_t *actual);
/* Of an inventory level as Shopify answers it; notes its time of change. */
int64_t inventory_quantity(struct inventory *run, const json *level, enum stock_quantity quantity);

/* Compares all variants, and lists what is to be changed. */
MUST_USE bool inventory_compare(struct inventory *run, struct err *err);
/* What this variant's location is to be given now. */
struct inventory_variant { /* as staged; texts live in the page's arena */
    const char *id, *item, *number, *item_variant, *variant_code, *inventory_item, *name;
    const char *uom, *unit;  /* of the variant, "" = the item's sales unit; "" = not known yet,
                                "none" = the item has no stock */
    struct decimal per_unit; /* base units in one of it */
    bool tracked;
    struct stock_levels levels;
    const char *kept;              /* levels as they stand in Redis */
    struct stock_others others[2]; /* by enum stock_calculation, from STOCK_NON_RESERVED on */
    const char *shops;             /* what every shop has of the item, as kept */
};
/* False = it cannot be told. */
bool inventory_target(const struct inventory *run, const struct inventory_variant *variant,
                      size_t place, const struct stock_level *level, int64_t *target);
/* A page of staged variants, at most STORE_PAGE; false in `there` = none of that number is. */
MUST_USE bool inventory_variants(struct inventory *run, const char *const ids[], size_t count,
                                 struct arena *arena, struct inventory_variant *out, bool there[],
                                 struct err *err);
/* Writes its levels, where they are others by now. */
void inventory_keep(struct inventory *run, const struct inventory_variant *variant);
void inventory_add(struct inventory *run, const struct stock_change *change);
/* What Shopify has of these inventory items at a place: actual[i], or stocked[i] = false. */
MUST_USE bool inventory_read(struct inventory *run, size_t place, const char *const items[],
                             size_t count, int64_t actual[], bool stocked[], struct err *err);

/* How many base units each of them sells, where that is not known yet. */
MUST_USE bool inventory_units(struct inventory *run, struct inventory_variant variants[],
                              size_t count, struct err *err);
/* Shopify's answer about one level: what it lacks may be an order that has not been read. */
MUST_USE bool inventory_seen(struct inventory *run, struct inventory_variant *variant, size_t place,
                             int64_t actual, struct err *err);

/* Starts stocking items where they are missing, with what they are to have. */
MUST_USE bool inventory_activate(struct inventory *run, struct err *err);
/* Batches that were noted and have no answer. */
MUST_USE bool inventory_resend(struct inventory *run, struct err *err);
MUST_USE bool inventory_send(struct inventory *run, struct err *err);

#endif
