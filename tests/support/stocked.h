/* stocked.h - the stock of a variant at both sides, as people see and change it. */
#ifndef CARTAGE_TEST_STOCKED_H
#define CARTAGE_TEST_STOCKED_H

#include "support/house.h"

const char *stocked_number(const char *gid); /* what stands behind its last slash */
/* So many pieces of an item lie in Business Central. */
void stocked_in_erp(struct house *house, const char *item, int pieces);
/* What a person does to a level at Shopify; `more` = ",\"quantity\":8". */
void stocked_at_shopify(struct house *house, const char *sku, const char *place, const char *more);
/* The quantity `name` of a level; -998 = not stocked there any more, -997 = never. */
int64_t stocked_level(struct house *house, const char *sku, const char *place, const char *name);
/* A command on the company's staged data; its second word is the key. */
void stocked_redis(struct house *house, const char *command);
char *stocked_item(struct house *house, const char *number);       /* SystemId; the caller's */
const char *stocked_variant(struct house *house, const char *sku); /* until the next call */
/* A variant as products.sync leaves it. */
void stocked_link(struct house *house, const char *sku, const char *place);

#endif
