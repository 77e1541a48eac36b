/* offers.h - what a merchant offers and changes in the house's store, and what has become of it in
 * Business Central: for tests of products that come from Shopify.
 */
#ifndef CARTAGE_TEST_OFFERS_H
#define CARTAGE_TEST_OFFERS_H

#include "support/house.h"

#define IN ",\"sync_item\":\"from-shopify\",\"bulk_from\":0"
#define BY_NUMBER IN ",\"sku_mapping\":\"item-no-variant\""
#define MAKES BY_NUMBER ",\"auto_create_items\":true"
#define CHANGES BY_NUMBER ",\"shopify_can_update_items\":true"
#define SHOP "{\"shop\":\"DEMO\"}"

/* A house at this level, which knows what its store has had from the beginning. */
int offers_open_api(void **state);
int offers_open_extension(void **state);
int offers_open_pages(void **state);
int offers_close(void **state);
int offers_calm(void **state); /* no faults, and the shop as it was */

/* A product of this number; `variants` as the sandbox takes them. */
void offer(struct house *house, const char *id, const char *title, const char *more,
           const char *variants);
void offer_one(struct house *house, const char *id, const char *sku);
void offer_edit(struct house *house, const char *id, const char *body);

struct counts offers_sync(struct house *house);
/* Runs until one ends well. */
void offers_settle(struct house *house, const char *what);

/* Rows of a set of the company; yours. */
json *offers_rows(struct house *house, const char *set);
/* How many rows' field says this; the first of them (NULL = not wanted) is yours. */
size_t offers_find(struct house *house, const char *set, const char *field, const char *text,
                   json **first);
void offers_item_is(struct house *house, const char *number, const char *field, const char *want);
void offers_link_is(struct house *house, const char *product, const char *number);

#endif
