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
    char digest[SHA256];  /* of what Business Central has */
    const char *type;     /* "image/png" */
    struct buf bytes;
    const char *source; /* where it was uploaded to; NULL = not yet */
};

struct images {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct filter *products;
    struct arena *arena; /* of a window */
    struct image items[IMAGES_A_CALL];
    size_t count, bytes;
};

MUST_USE bool images_flush(struct images *run, struct err *err);
/* Sends the window, and empties it. */
MUST_USE bool images_send(struct images *run, struct err *err);
/* Images that were made and are not shown by their products yet: shown as soon as Shopify is done
 * with them. *left = how many it still works on. */
MUST_USE bool images_attach(struct images *run, size_t *left, struct err *err);

#endif
