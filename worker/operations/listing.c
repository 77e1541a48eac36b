/* listing.c - see listing.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "operations/listing.h"
#include "store/staging.h"

void listing_drop(struct listing *listing)
{
    free(listing->after);
    listing->after = NULL;
}

char *listing_query(const struct listing *listing, const char *rest)
{
    OWN_TEXT char *since = *listing->from ? mem_printf("updated_at:>='%s' ", listing->from) : NULL;
    OWN_TEXT char *behind =
        *listing->behind ? mem_printf("%s:>%s ", listing->by, listing->behind) : NULL;
    return mem_printf("%s%s%s", since ? since : "", behind ? behind : "", rest);
}

json *listing_variables(const struct listing *listing, const char *rest)
{
    OWN_TEXT char *query = listing_query(listing, rest);
    json *variables = json_new_object();
    json_set_text(variables, "query", query);
    if (listing->after)
        json_set_text(variables, "after", listing->after);
    return variables;
}

/* False = the next list would be this one again. */
static bool begin_at_time(struct listing *listing)
{
    if (strcmp(listing->last, listing->from) <= 0)
        return false;
    snprintf(listing->from, sizeof listing->from, "%s", listing->last);
    return true;
}

static bool begin_behind(struct listing *listing, const json *node)
{
    OWN(arena) struct arena *arena = arena_new();
    const json *object = listing->of ? json_get(node, listing->of) : node;
    const char *id = staged_id(json_text(object, "id"), arena);
    if (!*id || strcmp(id, listing->behind) == 0)
        return false;
    snprintf(listing->behind, sizeof listing->behind, "%s", id);
    return true;
}

bool listing_goes_on(struct listing *listing, const json *list)
{
    const json *nodes = json_get(list, "nodes"), *page = json_get(list, "pageInfo");
    size_t count = json_count(nodes);
    const json *last = count > 0 ? json_at(nodes, count - 1) : NULL;
    bool more = json_flag(page, "hasNextPage", false);
    listing_drop(listing);
    listing->after = more ? mem_text(json_text(page, "endCursor")) : NULL;
    listing->rows += (int64_t)count;
    listing->pages++;
    if (last)
        snprintf(listing->last, sizeof listing->last, "%s", json_text(last, "updatedAt"));
    if (more || listing->pages < 2)
        return more;
    if (listing->by ? !begin_behind(listing, last) : !begin_at_time(listing))
        return false;
    listing->pages = 0;
    return true;
}
