/* story.h - orders as people ask for them: found by any of their names, and told whole.
 *
 * Reads only. What is told stands in several records that change one by one, so a story may show
 * two of them at slightly different times.
 */
#ifndef CARTAGE_STORY_H
#define CARTAGE_STORY_H

#include "store/lists.h"

/* The orders that this names: an order's name with or without "#", Shopify's number, an e-mail
 * address, the number of a document. A page of them as list_find_orders gives it:
 * [{"id","name","shop","state","created","currency","total","document"}] */
MUST_USE bool store_find(struct ledger *ledger, const char *company, const char *text,
                         const struct list_place *after, size_t most, json **out,
                         struct list_place *next, struct err *err);
/* Order of schemas/openapi, without links. ERR_FATAL 404 = nothing is known of it. */
MUST_USE bool store_story(struct ledger *ledger, const char *company, const char *id, json **out,
                          struct err *err);

#endif
