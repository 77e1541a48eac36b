/* listing.c - see listing.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "operations/listing.h"

void listing_drop(struct listing *listing)
{
    free(listing->after);
    listing->after = NULL;
}

char *listing_query(const struct listing *listing)
{
    return mem_printf("updated_at:>='%s'", listing->from);
}

bool listing_goes_on(struct listing *listing, const json *list)
{
    const json *nodes = json_get(list, "nodes"), *page = json_get(list, "pageInfo");
    size_t count = json_count(nodes);
    bool more = json_flag(page, "hasNextPage", false);
    listing_drop(listing);
    listing->after = more ? mem_text(json_text(page, "endCursor")) : NULL;
    listing->rows += (int64_t)count;
    listing->pages++;
    if (count > 0)
        snprintf(listing->last, sizeof listing->last, "%s",
                 json_text(json_at(nodes, count - 1), "updatedAt"));
    if (more || listing->by_id || listing->pages < 2 || strcmp(listing->last, listing->from) <= 0)
        return more;
    snprintf(listing->from, sizeof listing->from, "%s", listing->last);
    listing->pages = 0;
    return true;
}
