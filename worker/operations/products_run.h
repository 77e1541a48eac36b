/* products_run.h - what the operations of products share. Of this room only. */
#ifndef CARTAGE_PRODUCTS_RUN_H
#define CARTAGE_PRODUCTS_RUN_H

#include "attempt.h"
#include "bc/catalogue.h"
#include "plan/product_plan.h"
#include "shopify/shopify.h"
#include "store/products.h"
#include "store/staging.h"

struct products {
    struct attempt *attempt;
    const char *company;
    const struct shop *shop;
    struct write *write;
    struct bc_shows shows; /* what the company's level shows */
    char today[16];        /* where the company is */
    int places;            /* decimals of the store's currency; -1 = not asked yet */
    bool day_over;         /* the store takes no more new variants today; products_day.c */
    json *stocked;   /* ids of the locations that new products are stocked at; NULL = not asked */
    json *channels;  /* [{publicationId}] of the shop's sales channels; NULL = not asked */
    bool since_kept; /* places_since */
    struct store_ids unsure; /* items that sent_waits for */
    bool swept;
};

MUST_USE bool products_open(struct products *run, struct attempt *attempt, struct err *err);
void products_close(struct products *run);
MUST_USE bool products_flush(struct products *run, bool all, struct err *err);
int64_t products_now_ms(const struct products *run);

/* The item as the plan sees it; lives as long as the page, or in the arena. */
void item_of(const struct products *run, const struct bc_item *from, struct arena *arena,
             struct item *out);
/* Products to be published stand in a list of the shop's (the key is the caller's) until they are,
 * or are refused: noted as they are created, by gid. */
char *products_publish_key(const struct products *run);
void products_publish_note(struct products *run, const char *gid);
/* Publishes products, by their gids, on the shop's sales channels: twice is once. What is refused
 * is a warning in the log: a person publishes it. What is not answered stays in the list. */
MUST_USE bool products_publish(struct products *run, const char *const gids[], size_t count,
                               struct err *err);

/* The same in two steps, for who has other calls to send beside these; so many products a call,
 * which is a second of Shopify's time. publish_answered drops the calls; `ok`: they were sent. */
enum { PUBLISH_A_CALL = 5 };
MUST_USE bool publish_calls(struct products *run, const char *const gids[], size_t count,
                            struct shopify_call out[], size_t *used, struct err *err);
MUST_USE bool publish_answered(struct products *run, const char *const gids[], size_t count,
                               struct shopify_call calls[], size_t used, bool ok, struct err *err);

/* All pages of a product's variants, in one tree: {id, title, status, variants: {nodes}}; no id =
 * it is gone. */
MUST_USE bool product_read(struct products *run, const char *gid, json **out, struct err *err);
/* Has the store said that it takes no more new variants today? */
MUST_USE bool products_day_read(struct products *run, struct err *err);
/* Says this answer so? */
bool products_day_over(struct products *run, const struct shopify_call *call);

/* What has to be asked of the items for this shop. */
void products_want(const struct shop *shop, struct bc_items_want *want);
/* Prices of drafts, asked together; `has` false = there is none. */
struct priced {
    const struct variant_draft *draft;
    const struct bc_item *item;
    bool has, by_quote;
    struct price price;
};
MUST_USE bool products_price(struct products *run, struct priced *list, size_t count,
                             struct arena *arena, struct err *err);

/* The same prices, asked of Business Central by a quote: its word stays, and another one is listed.
 */
MUST_USE bool products_check_prices(struct products *run, struct priced *const list[], size_t count,
                                    struct arena *arena, struct err *err);
/* Where new products are stocked: asked once a run, before the first is created; then what their
 * variants are told of it, and what is known of their stock once Shopify has answered. `updated` =
 * Shopify's time of the first of them. */
MUST_USE bool products_places(struct products *run, struct err *err);
void places_input(const struct products *run, const struct product_draft *draft,
                  const struct variant_draft *variant, json *out);
/* What is known of a new variant's unit and stock, "" = nothing; the arena's. */
const char *places_text(const struct products *run, const struct product_draft *draft,
                        const struct variant_draft *variant, struct arena *arena);
void places_stage(struct products *run, const struct product_draft *draft,
                  const struct variant_draft *variant, const char *id);
MUST_USE bool places_since(struct products *run, const char *updated, struct err *err);

/* The input of a whole new product, under its bc_id; the caller's. */
json *product_input(const struct products *run, const struct product_draft *draft,
                    const struct priced *prices);
/* The input of one of its variants, to be made beside others. */
json *fresh_input(const struct products *run, const struct product_draft *draft, size_t at,
                  const struct priced *price);
/* A variant's fields that differ (NULL = all that are said) as the mutation takes them. */
void variant_input(const struct products *run, const struct variant_draft *draft,
                   const bool differs[], json *out);
void price_input(const struct price *price, json *variant);
json *bc_id_identifier(const char *item); /* {"customId": ...} */

/* Mutations whose answer may be lost: read at the start, noted with a flush before each is sent,
 * and answered. An item that waits is left alone until its late effect can no longer come. */
MUST_USE bool sent_read(struct products *run, struct err *err);
bool sent_waits(const struct products *run, const char *item);
void sent_note(struct products *run, const char *item);
void sent_answered(struct products *run, const char *item, const struct shopify_call *call);

/* Stages what Shopify has answered about a product: its link, and those of the variants that are
 * found in the draft. `confirmed` = the draft has just been written there whole. */
void product_linked(struct products *run, const struct product_draft *draft,
                    const struct priced *prices, const json *product, bool confirmed);
/* Records why an item is no product, or not as it should be; the same again counts once. */
void item_skip(struct products *run, const struct item *item, enum reason reason,
               const char *detail);
void item_skip_gone(struct products *run, const char *item);

/* Asks for run->channels, once a run. */
MUST_USE bool products_channels(struct products *run, struct err *err);
void product_published_log(const char *product, const struct shopify_call *call);

#endif
