/* orders_asked.c - exactly the orders that a person has asked for: by name, by Shopify's number, or
 * all that were placed or changed in a time.
 *
 * They go the way of those that events name, but for two things: an archived order is read, too,
 * and one that is staged as it is is staged again. The watermark stays where it is. Names are
 * looked for in Shopify's search, which may lag seconds behind an order just placed.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "calendar/zone.h"
#include "model/operations.h"
#include "operations/listing.h"
#include "operations/orders_group.h"

enum { PER_SEARCH = 25, PAGE = 250, ID_DIGITS = 10, DAY_MS = 24 * 3600 * 1000 };

struct names { /* what was asked for, and what Shopify calls so */
    char *items[PARAMETER_LIST_MOST];
    bool found[PARAMETER_LIST_MOST];
    size_t count;
};

static void names_drop(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
}

static void push_id(struct orders_sync *sync, const char *id)
{
    struct store_ids *ids = &sync->asked->ids;
    if ((ids->count & (ids->count - 1)) == 0)
        ids->items =
            mem_grow(ids->items, ids->count, ids->count ? 2 * ids->count : 1, sizeof *ids->items);
    ids->items[ids->count++] = mem_text(id);
}

/* An order may be asked for by its name and its number. */
static void add_id(struct orders_sync *sync, const char *id)
{
    const struct store_ids *ids = &sync->asked->ids;
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->items[i], id) == 0)
            return;
    push_id(sync, id);
}

/* ---- names ---- */

/* Orders have ids of 13 digits; an order's name may be a number, too, but a shorter one. */
static bool is_id(const char *text)
{
    size_t size = strlen(text);
    return size >= ID_DIGITS && size <= 20 && strspn(text, "0123456789") == size;
}

static void take_names(struct orders_sync *sync, const char *list, struct names *names)
{
    for (const char *at = list; *at; at += strspn(at, ",")) {
        size_t size = strcspn(at, ",");
        char *name = mem_text_n(at, size);
        at += size;
        if (is_id(name) || names->count == COUNT(names->items)) {
            add_id(sync, name);
            free(name);
        } else {
            names->items[names->count++] = name;
        }
    }
}

static void search_name(struct buf *query, const char *prefix, const char *name)
{
    buf_printf(query, "%sname:'%s", query->size ? " OR " : "", prefix);
    for (; *name; name++)
        buf_printf(query, strchr("'\\", *name) ? "\\%c" : "%c", *name);
    buf_text(query, "'");
}

/* People leave the "#" out. */
static bool same_name(const char *asked, const char *name)
{
    return strcasecmp(asked, name) == 0 || (*name == '#' && strcasecmp(asked, name + 1) == 0);
}

static void take_found(struct orders_sync *sync, const json *nodes, struct names *names)
{
    for (size_t i = 0; i < json_count(nodes); i++) {
        OWN(arena) struct arena *arena = arena_new();
        const json *node = json_at(nodes, i);
        for (size_t k = 0; k < names->count; k++) {
            if (!same_name(names->items[k], json_text(node, "name")))
                continue;
            names->found[k] = true;
            add_id(sync, staged_id(json_text(node, "id"), arena));
        }
    }
}

/* Every page of a search; the nodes are those of orders-delta. */
static bool search_page(struct orders_sync *sync, const char *query, struct names *names,
                        struct listing *listing, bool *more, struct err *err)
{
    OWN_TEXT char *rest = *listing->from ? mem_printf("(%s)", query) : mem_text(query);
    struct shopify_call call = {.document = "orders-delta",
                                .variables = listing_variables(listing, rest)};
    json_set_int(call.variables, "first", PAGE);
    bool ok = shopify_ask(sync->attempt, &call, err);
    if (ok) {
        const json *orders = json_get(call.data, "orders"), *nodes = json_get(orders, "nodes");
        *more = listing_goes_on(listing, orders);
        if (names)
            take_found(sync, nodes, names);
        for (size_t i = 0; !names && i < json_count(nodes); i++) {
            OWN(arena) struct arena *arena = arena_new();
            push_id(sync, staged_id(json_text(json_at(nodes, i), "id"), arena));
        }
    }
    shopify_call_drop(&call);
    return ok;
}

static bool search(struct orders_sync *sync, const char *query, struct names *names,
                   struct err *err)
{
    struct listing listing = {0};
    bool ok = true;
    for (bool more = true; ok && more;) {
        ok = search_page(sync, query, names, &listing, &more, err);
        attempt_progress(sync->attempt, "looking for orders", (int64_t)sync->asked->ids.count, 0);
        ok = ok && attempt_checkpoint(sync->attempt, "", 0, err);
    }
    listing_drop(&listing);
    return ok;
}

static bool find_names(struct orders_sync *sync, const char *list, struct err *err)
{
    __attribute__((cleanup(names_drop))) struct names names = {0};
    take_names(sync, list, &names);
    for (size_t from = 0; from < names.count; from += PER_SEARCH) {
        OWN_BUF struct buf query = {0};
        for (size_t i = from; i < names.count && i < from + PER_SEARCH; i++) {
            search_name(&query, "", names.items[i]);
            if (*names.items[i] != '#')
                search_name(&query, "#", names.items[i]);
        }
        if (!search(sync, buf_str(&query), &names, err))
            return err_wrap(err, "look for orders by name");
    }
    for (size_t i = 0; i < names.count; i++)
        if (!names.found[i])
            buf_printf(&sync->asked->not_done, "%s%s: Shopify has no such order",
                       sync->asked->not_done.size ? "; " : "", names.items[i]);
    return true;
}

/* ---- a time ---- */

/* A date is a day where the company is: from its first instant, up to its last. */
static void instant(const struct zone *zone, const char *text, bool is_end, char out[static 32])
{
    int64_t ms;
    if (strlen(text) == 10) {
        OWN_TEXT char *midnight = mem_printf("%sT00:00:00Z", text);
        bool known = time_parse(midnight, &ms);
        assert(known); /* the argument was checked */
        ms = zone_utc(zone, ms + (is_end ? DAY_MS : 0)) - (is_end ? 1000 : 0);
    } else {
        bool known = time_parse(text, &ms);
        assert(known);
    }
    time_format(ms, false, out);
}

/* What has changed in a time was placed before its end; what was placed in it, changed after its
 * beginning. So one bound needs one condition, two need both. */
static bool find_times(struct orders_sync *sync, const char *from_text, const char *to_text,
                       struct err *err)
{
    char from[32], to[32];
    OWN_BUF struct buf query = {0};
    OWN(zone) struct zone *zone = NULL;
    if (!zone_open(sync->attempt->company->time_zone, &zone, err))
        return false;
    if (*from_text)
        instant(zone, from_text, false, from);
    if (*to_text)
        instant(zone, to_text, true, to);
    if (*from_text && *to_text)
        buf_printf(&query,
                   "(created_at:>='%s' AND created_at:<='%s') OR "
                   "(updated_at:>='%s' AND updated_at:<='%s')",
                   from, to, from, to);
    else if (*from_text)
        buf_printf(&query, "updated_at:>='%s'", from);
    else
        buf_printf(&query, "created_at:<='%s'", to);
    if (!search(sync, buf_str(&query), NULL, err))
        return err_wrap(err, "look for orders of that time");
    store_ids_each_once(&sync->asked->ids); /* one may change while they are listed */
    return true;
}

/* ---- the run ---- */

static const char *argument(const struct orders_sync *sync, const char *name)
{
    return json_text(sync->attempt->args, name);
}

bool orders_are_asked(const struct attempt *attempt)
{
    return *json_text(attempt->args, "named") || *json_text(attempt->args, "from_time") ||
           *json_text(attempt->args, "to_time");
}

static bool import_asked(struct orders_sync *sync, struct err *err)
{
    const char *named = argument(sync, "named");
    const char *from = argument(sync, "from_time"), *to = argument(sync, "to_time");
    const struct buf *not_done = &sync->asked->not_done;
    if (*named && !find_names(sync, named, err))
        return false;
    if ((*from || *to) && !find_times(sync, from, to, err))
        return false;
    if (!orders_import_ids(sync, &sync->asked->ids, err))
        return false;
    return not_done->size == 0 || err_set(err, ERR_FATAL, 0, "%s", buf_str(not_done));
}

bool orders_import_asked(struct orders_sync *sync, struct err *err)
{
    struct asked asked = {0};
    sync->asked = &asked;
    bool ok = import_asked(sync, err);
    sync->asked = NULL;
    store_ids_drop(&asked.ids);
    buf_drop(&asked.not_done);
    return ok;
}
