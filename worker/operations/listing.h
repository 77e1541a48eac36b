/* listing.h - a list of what has changed at Shopify, oldest change first, to its end however long
 * it is. Pure.
 *
 * Nobody pages beyond 25,000 rows of a list, and it ends there like any other. So a list of several
 * pages is asked again from the last time in it, until nothing follows.
 */
#ifndef CARTAGE_LISTING_H
#define CARTAGE_LISTING_H

#include "wire/json.h"

struct listing {
    char from[32]; /* the caller's, before the first page: what has changed since is asked for */
    char last[32]; /* the latest time that was listed, "" = none yet */
    char *after;   /* cursor of the page to ask for; NULL = the first one since `from` */
    bool by_id;    /* it is in the order of its ids, and ends where Shopify ends it */
    int64_t rows;
    int pages; /* since `from` */
};
void listing_drop(struct listing *listing);

/* "updated_at:>='...'"; the caller's. */
char *listing_query(const struct listing *listing);
/* `list`: nodes with their updatedAt, and pageInfo. True = another page is to be asked for. */
bool listing_goes_on(struct listing *listing, const json *list);

#endif
