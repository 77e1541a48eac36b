/* products_change.h - what a run of products.sync would change at Shopify. Of this operation only.
 */
#ifndef CARTAGE_PRODUCTS_CHANGE_H
#define CARTAGE_PRODUCTS_CHANGE_H

#include "operations/brake.h"
#include "operations/products_extras.h"
#include "operations/products_run.h"
#include "plan/product_variants.h"

enum { BRAKE_PRICES, BRAKE_ARCHIVE, BRAKES };

struct fresh {                  /* a variant that the product lacks */
    struct variant_draft draft; /* its options, SKU and bar code, to know it by */
    bool guest;                 /* another item than the product's */
    json *input;
    struct staged_variant after; /* once Shopify has made it; its number comes then */
};

struct change {                    /* of one product; texts live in the run's arena */
    struct item item;              /* id and number alone */
    struct staged_product after;   /* once Shopify has confirmed it */
    json *fields;                  /* NULL = none of the product's own */
    json *variants;                /* an array; NULL = none */
    struct staged_variant *afters; /* one for each of `variants` */
    bool together;                 /* it goes by an operation: products_together.c */
    struct extras extras;          /* product NULL = none of them has changed */
    struct fresh *fresh;           /* freed with the run */
    size_t fresh_count;
    struct product_draft options; /* the names of its options alone */
    const char *default_value;    /* of the first option, where units are variants; else NULL */
    bool removed;                 /* its item is gone: so is the link, once that is confirmed */
    int64_t changed_ms;           /* when the item's card was */
    bool finished;
    bool refused, due; /* due = the next run compares it again */
    bool unsure;       /* a call of it has no answer */
};

struct export
{
    struct products run;
    bool only_prices;
    int64_t last_look_ms; /* when the run before this one looked; 0 = there is none */
    int64_t checked;      /* prices that a quote has checked */
    struct arena *arena;  /* of the changes */
    struct change *changes;
    size_t count;
    size_t together; /* so many of them go by an operation */
    bool told;       /* this run has had the answers of one */
    struct brake *brakes[BRAKES];
    const char **seen; /* products whose item a reading has shown; its own only */
    size_t seen_count, seen_room;
};

/* Compares a page of items with what Shopify has confirmed; adds to the changes and the brakes. */
MUST_USE bool export_compare(struct export *export, const struct bc_items_page *page,
                             struct err *err);
void export_add(struct export *export, const struct change *change);
/* A product of a page's item; and then, after all pages: what is gone. */
void export_seen(struct export *export, const char *product);
MUST_USE bool export_removed(struct export *export, struct err *err);
/* Makes the new variants; before export_send, which finishes what is left. */
MUST_USE bool export_make(struct export *export, struct err *err);
/* It is compared again by the next run, whatever has changed until then. */
void product_due(struct export *export, const char *item);
/* Sends the changes, and stages what was confirmed. */
MUST_USE bool export_send(struct export *export, struct err *err);
/* Takes what an operation has answered; false also parks. */
MUST_USE bool export_look(struct export *export, struct err *err);
/* Which changes go by one, and sends them once all others are told; then false parks. */
MUST_USE bool export_choose(struct export *export, struct err *err);
MUST_USE bool export_together(struct export *export, struct err *err);
/* What was answered about its variants from `from` on. */
void change_take(struct export *export, struct change *change, const struct shopify_call *call,
                 size_t from, size_t count);
/* A variant of the draft, which the product is to get; texts are copied. */
void fresh_keep(struct export *export, const struct product_draft *draft, size_t at,
                const struct priced *price, const char *product, struct fresh *out);
void export_drop(struct export *export);
/* Translations and metafields; after export_send, for they are of the texts that stand now. */
MUST_USE bool export_extras(struct export *export, struct err *err);
/* Why the change could not be told, once; it is tried again. */
void change_refuse(struct export *export, struct change *change, enum reason reason,
                   const char *detail);
/* Told, or to be tried again; said again, it notes only what was refused since. */
void change_finish(struct export *export, struct change *change);

#endif
