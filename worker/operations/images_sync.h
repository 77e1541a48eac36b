/* images_sync.h - what the steps of images.sync share. Of this operation only. */
#ifndef CARTAGE_IMAGES_SYNC_H
#define CARTAGE_IMAGES_SYNC_H

#include "attempt.h"
#include "bc/catalogue.h"
#include "model/filter.h"
#include "store/staging.h"
#include "store/store.h"

enum { IMAGES_A_CALL = 250, STATUS_IDS = 100, SHA256 = 64 + 1 };

struct image { /* the picture of an item on its way to its product */
    const char *product, *item, *number;
    const char *image_id; /* Shopify's, "" = none yet */
    const char *was;      /* digest of what Shopify has */
    const char *seen;     /* the item's time of change when it was last dealt with, ms */
    char at[32];          /* and now */
    char digest[SHA256];  /* of what Business Central has */
    const char *type;     /* "image/png" */
    struct buf bytes;
    const char *source; /* where it was uploaded to; NULL = not yet */
    bool settled;       /* dealt with, one way or the other; else the next run's */
};

struct images_known; /* what Business Central says there is */

struct images {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct filter *products;
    struct images_known *known;
    bool first;          /* run of the shop: all are looked at */
    bool due;            /* some are looked at again: what is settled is taken from their list */
    int64_t seen_ms;     /* Business Central's changes are known up to then, by its clock */
    int64_t begun_ms;    /* by ours */
    struct arena *arena; /* of a window */
    struct image items[IMAGES_A_CALL];
    size_t count, bytes;
};

MUST_USE bool images_flush(struct images *run, struct err *err);

struct images_known *images_known_new(void);
void images_known_free(struct images_known *known);
/* The products whose pictures are to be looked at, and what has changed of them. */
MUST_USE bool images_look(struct images *run, struct store_ids *products, struct err *err);
/* What there is of those of the items that nothing is known of yet. */
MUST_USE bool images_ask(struct images *run, const char *const items[], size_t count,
                         struct err *err);
/* What there is of the item; false = it is gone. */
bool images_known(const struct images *run, const char *id, const char **type, int64_t *changed_ms);

/* The record of a product: its image, and of which picture. */
void images_record(struct images *run, const char *product, const char *id, const char *digest,
                   const char *at);
/* One picture is dealt with; or it is the next run's. */
void images_settled(struct images *run, struct image *image);
void images_later(struct images *run, const struct image *image);
/* Sends the window, and empties it. */
MUST_USE bool images_send(struct images *run, struct err *err);
/* Images that were made and are not shown by their products yet: shown as soon as Shopify is done
 * with them. *left = how many it still works on. */
MUST_USE bool images_attach(struct images *run, size_t *left, struct err *err);

#endif
