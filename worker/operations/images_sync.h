/* images_sync.h - what the steps of images.sync share. Of this operation only.
 *
 * A picture goes one way: it is looked at (images_look.c), collected and sent (images_sync.c,
 * images_send.c), and shown when Shopify is done with it (images_show.c). The other way, from the
 * store, is images_in.c.
 */
#ifndef CARTAGE_IMAGES_SYNC_H
#define CARTAGE_IMAGES_SYNC_H

#include "attempt.h"
#include "bc/catalogue.h"
#include "model/filter.h"
#include "store/staging.h"
#include "store/store.h"

enum { IMAGES_A_CALL = 250, SHA256 = 64 + 1, IMAGE_AT = 32 };

/* A picture of Business Central and the image that shows it: of a product, or of those of its
 * variants that are the same item variant (or the same item, which is not the product's). */
struct image {
    const char *member;   /* its name in our lists: "<product>", "<product>:<source>" */
    const char *product;  /* Shopify's number */
    const char *variants; /* "4,5", its variants that show it; "" = the product itself does */
    const char *source;   /* SystemId of the item or item variant whose picture it is */
    bool of_variant;      /* the latter */
    const char *number;   /* of the item, for people: "1896-S", "1896-S BLUE" */
    const char *image_id; /* Shopify's, "" = none yet */
    const char *was;      /* digest of what Shopify has */
    const char *seen;     /* `at` when it was last dealt with */
    bool apart;           /* not all its variants show it yet */
    char at[IMAGE_AT];    /* time of change now, ms; from Shopify: digest of how it looks */
    char digest[SHA256];  /* of what Business Central has */
    const char *type;     /* "image/png" */
    struct buf bytes;
    const char *uploaded; /* where it was uploaded to; NULL = not yet */
    bool settled;         /* dealt with, one way or the other; else the next run's */
    /* of one that Shopify works on */
    bool made;       /* nothing shows it yet */
    const char *had; /* the image that stood before, "" = none */
    const char *why; /* it is not to be shown; NULL = it is */
};

struct images_known; /* what Business Central says there is */

struct images {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct filter *products;
    struct images_known *known;
    bool first;             /* run of the shop */
    bool every;             /* all that is looked at is asked for, changed or not */
    struct store_ids due;   /* products that are looked at again: settled ones leave their list */
    struct store_ids later; /* products of this page of which something is left for the next run */
    int64_t seen_ms;        /* Business Central's changes are known up to then, by its clock */
    int64_t begun_ms;       /* by ours */
    struct arena *arena;    /* of a window */
    struct image items[IMAGES_A_CALL];
    size_t count, bytes;
};

MUST_USE bool images_flush(struct images *run, struct err *err);

/* ---- looking ---- */

struct images_known *images_known_new(void);
void images_known_free(struct images_known *known);
/* The products whose pictures are to be looked at, and what has changed of them. */
MUST_USE bool images_look(struct images *run, struct store_ids *products, struct err *err);
/* Makes known what there is of these pictures. */
MUST_USE bool images_ask(struct images *run, const struct image images[], size_t count,
                         const char *const items[], struct err *err);
/* What there is of an item or item variant; false = it is gone. */
bool images_known(const struct images *run, const char *id, const char **type, int64_t *changed_ms);
/* Products linked since `linked_ms`, or with variants that were, and never looked at; and those
 * that are due, which run->due keeps; each once. */
MUST_USE bool images_new(struct images *run, int64_t linked_ms, struct store_ids *out,
                         struct err *err);
bool images_is_due(const struct images *run, const char *product);
/* Leaves those of the products that were never looked at, each once. */
MUST_USE bool images_unseen(struct images *run, struct store_ids *products, struct err *err);
/* All of the shop that the run's filter takes. */
MUST_USE bool images_all(struct images *run, struct store_ids *out, struct err *err);
/* Moves them. */
void ids_take(struct store_ids *into, struct store_ids *from);

/* ---- a page of products ---- */

struct images_page {
    struct images *run;
    struct arena *arena; /* of the texts */
    struct image *images;
    const char **items; /* the item whose picture, or whose variant's picture it is */
    size_t count, room;
};
/* At most STORE_PAGE products; the images of one stand together, its own first. */
MUST_USE bool images_page_read(struct images *run, const struct store_ids *products,
                               struct images_page *out, struct err *err);
void images_page_drop(struct images_page *page);
void images_digest(const struct buf *bytes, char out[static SHA256]);

/* ---- records ---- */

/* Its image is `id`, of the picture with this digest. */
void images_record(struct images *run, const struct image *image, const char *id,
                   const char *digest, const char *at);
/* Something of this product is left for the next run. */
void images_later(struct images *run, const char *product);
/* A page of products is through: those of which nothing is left are due no more. */
void images_page_done(struct images *run, const struct store_ids *products);
/* The images of these products, as far as they were never looked at, whatever the shop's direction:
 * for who has just made them. */
MUST_USE bool images_of_products(struct attempt *attempt, struct store_ids *products,
                                 struct err *err);
/* Why Shopify shows none; stands until an image is shown, or the picture is another one. */
void images_refused(struct images *run, const struct image *image, const char *why);
void images_skip_gone(struct images *run, const struct image *image);

/* ---- sending ---- */

/* A mutation that harms nobody by taking place late, or twice: `lost` = whether it did is not
 * known, and the images at hand are the next run's. (New bytes of a file are none: late, they would
 * overwrite newer ones. Such a run parks until they cannot come any more.) */
struct shopify_call;
MUST_USE bool images_try(struct images *run, struct shopify_call *call, bool *lost,
                         struct err *err);
/* Sends the window; what is not settled then is the next run's. */
MUST_USE bool images_send(struct images *run, struct err *err);
/* Notes that Shopify works on this file: `made` = nothing shows it yet. */
void images_on_their_way(struct images *run, const struct image *image, const char *id, bool made);
/* Images that Shopify has worked on are shown. *left = how many it still works on. */
MUST_USE bool images_show(struct images *run, size_t *left, struct err *err);
/* What is written to several files at once: halved when Shopify refuses it, down to the one that is
 * in the way. `done` gets each with the refusal, or NULL. */
struct images_update {
    json *(*input)(const struct image *image, struct arena *arena);
    void (*done)(struct images *run, struct image *image, const json *refusal);
    bool harmless; /* late, or twice */
};
MUST_USE bool images_update(struct images *run, const struct images_update *update,
                            struct image *const of[], size_t count, struct err *err);

/* Pictures of items to Shopify; of these products alone, or (NULL) of whatever may have changed. */
MUST_USE bool images_out(struct images *run, struct store_ids *only, struct err *err);
/* Images of the store to items. */
MUST_USE bool images_in(struct images *run, struct err *err);

#endif
