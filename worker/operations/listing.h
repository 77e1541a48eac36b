/* listing.h - a list of what has changed at Shopify, to its end however long it is. Pure.
 *
 * Nobody pages beyond 25,000 rows of a list, and it ends there like any other. So a list of several
 * pages is asked again from where it has ended, until nothing follows: from the last time in it
 * where it is sorted by time (oldest change first), else behind the last id.
 */
#ifndef CARTAGE_LISTING_H
#define CARTAGE_LISTING_H

#include "wire/json.h"

struct listing {
    char from[32]; /* the caller's, before the first page: what has changed since is asked for */
    char last[32]; /* the latest time that was listed, "" = none yet */
    char *after;   /* cursor of the page to ask for; NULL = the first one */
    /* Of one that is in the order of ids, the caller's: their name in a search, and which object of
     * a node has them (NULL = the node). */
    const char *by, *of;
    char behind[24]; /* the id that it goes on behind, "" = it is the first list */
    int64_t rows;
    int pages; /* since it was asked anew */
};
void listing_drop(struct listing *listing);

/* "updated_at:>='...' id:>... ", and `rest`; the caller's. */
char *listing_query(const struct listing *listing, const char *rest);
/* This query and the page's cursor, as all documents but images-delta name them; the caller's. */
json *listing_variables(const struct listing *listing, const char *rest);
/* `list`: nodes with their updatedAt or id, and pageInfo. True = another page is to be asked for.
 */
bool listing_goes_on(struct listing *listing, const json *list);

#endif
