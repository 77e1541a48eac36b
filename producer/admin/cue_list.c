/* cue_list.c - the list of a cue: its groups, a page of its rows, a search in it. */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/cues.h"
#include "admin/directory.h"
#include "admin/pages.h"
#include "admin/routes.h"

enum { PAGE = 50, SCANS = 4 };

struct listing {
    struct api_call *call;
    const struct cue *cue;
    const char *reason, *search; /* NULL = all */
    size_t most;
    json *groups, *rows;
    struct page_end from; /* its texts are "" at the beginning, and once it is passed */
    char next[PAGE_END];
};

static void end_at(struct listing *listing, const struct scope *scope, const char *key,
                   const struct list_place *place)
{
    page_end_write(listing->next, scope->company, scope->code, key, place);
}

static bool full(const struct listing *listing)
{
    return json_count(listing->rows) >= listing->most;
}

/* ---- rows ---- */

static void add_row(struct listing *listing, const struct scope *scope, json *row)
{
    actions_of_row(listing->cue, scope, row);
    json_add(listing->rows, row);
}

static bool add_page(struct listing *listing, const struct scope *scope, const char *key,
                     const struct list_page *page, struct err *err)
{
    OWN_JSON json *rows = json_new_array();
    bool fresh = strcmp(key, "new") == 0;
    const char *code = strchr(key, ':');
    bool done = strcmp(code ? code + 1 : key, "done") == 0;
    if (!rows_read(listing->call, listing->cue, scope, page, rows, err))
        return false;
    for (size_t i = 0; i < json_count(rows) && !full(listing); i++) {
        json *row = json_share(json_at(rows, i));
        if (fresh && strcmp(json_text(row, "code"), "new") != 0) {
            json_free(row);
            continue;
        }
        if (done)
            json_set_text(json_get(row, "values"), "done", word_of_text("done"));
        add_row(listing, scope, row);
    }
    return true;
}

/* The list of one group, or of all. What no run has looked at is picked out of the whole, a bounded
 * piece a call: the newest are the likeliest. */
static bool read_list(struct listing *listing, const struct scope *scope, const char *list,
                      const char *key, struct err *err)
{
    OWN_TEXT char *whole = mem_printf("%s:%s", listing->cue->list, scope->code);
    bool fresh = strcmp(key, "new") == 0;
    struct list_page *page = mem_new(sizeof *page);
    struct list_place after = listing->from.place;
    bool good = true, more = true;
    for (int scan = 0; good && more && !full(listing) && scan < (fresh ? SCANS : 1); scan++) {
        size_t room = listing->most - json_count(listing->rows);
        size_t most = fresh || room >= STORE_PAGE ? STORE_PAGE : room;
        good = list_read(listing->call->ledger, scope->company, *list ? list : whole,
                         *after.id ? &after : NULL, most, page, err) &&
               add_page(listing, scope, key, page, err);
        more = good && page->count == most;
        if (page->count)
            after = page->places[page->count - 1];
    }
    if (good && more) {
        if (fresh && full(listing)) { /* it may have ended within a page */
            const json *last = json_at(listing->rows, json_count(listing->rows) - 1);
            snprintf(after.id, sizeof after.id, "%s", json_text(last, "id"));
            after.at_ms = json_int(last, "first_ms", 0);
        }
        end_at(listing, scope, key, &after);
    }
    free(page);
    return good;
}

/* Those called so are looked for among all entries, then in the list. */
static bool search_entries(struct listing *listing, const struct scope *scope, struct err *err)
{
    const struct directory_query query = {
        .shop = *scope->code ? scope->code : NULL, .search = listing->search, .most = ENTRIES_MOST};
    OWN_JSON json *found = NULL, *entries = NULL;
    const char *ids[ENTRIES_MOST];
    if (!directory_find(admin_directory(listing->call->admin), listing->call->ledger,
                        scope->company, &query, &found, err))
        return false;
    size_t count = json_count(found);
    for (size_t i = 0; i < count; i++)
        ids[i] = json_text(json_at(found, i), "id");
    if (!ledger_failed_among(listing->call->ledger, scope->company, scope->code, ids, count,
                             listing->most, &entries, err))
        return false;
    for (size_t i = 0; i < json_count(entries) && !full(listing); i++)
        add_row(listing, scope, row_of_entry(scope, json_at(entries, i)));
    return true;
}

static bool read_entries(struct listing *listing, const struct scope *scope, struct err *err)
{
    OWN_JSON json *entries = NULL;
    const struct list_place *after = &listing->from.place;
    size_t room = listing->most - json_count(listing->rows);
    if (listing->search)
        return search_entries(listing, scope, err);
    if (!ledger_failed(listing->call->ledger, scope->company, scope->code,
                       *after->id ? after->id : NULL, after->at_ms, room, &entries, err))
        return false;
    size_t count = json_count(entries);
    for (size_t i = 0; i < count && !full(listing); i++)
        add_row(listing, scope, row_of_entry(scope, json_at(entries, i)));
    if (count == room) {
        struct list_place last = {.at_ms = json_int(json_at(entries, count - 1), "since_ms", 0)};
        snprintf(last.id, sizeof last.id, "%s", json_text(json_at(entries, count - 1), "id"));
        end_at(listing, scope, "", &last);
    }
    return true;
}

/* ---- search ---- */

/* What is found in several ways is listed once. */
static void take(struct store_ids *ids, const char *prefix, const char *id)
{
    OWN_TEXT char *whole = mem_printf("%s%s", prefix, id);
    store_ids_add(ids, whole, STORE_PAGE);
}

/* Shipments by their number, and by that of their order, its e-mail, its document. */
static bool find_shipments(struct listing *listing, const struct scope *scope, const char *prefix,
                           const struct store_ids *orders, struct store_ids *out, struct err *err)
{
    struct ledger *ledger = listing->call->ledger;
    OWN_TEXT char *number = mem_printf("shipment-no:%s", listing->search);
    const char *const keys[] = {number};
    OWN_IDS struct store_ids named = {0};
    if (!store_values(ledger, scope->company, keys, 1, &named, err))
        return false;
    if (named.count && *named.items[0])
        take(out, prefix, named.items[0]);
    for (size_t i = 0; i < orders->count; i++) {
        OWN_TEXT char *key = mem_printf("shipments-of:%s", orders->items[i]);
        OWN_IDS struct store_ids ids = {0};
        if (!store_set(ledger, scope->company, key, &ids, err))
            return false;
        for (size_t k = 0; k < ids.count; k++)
            take(out, prefix, ids.items[k]);
    }
    return true;
}

static bool find(struct listing *listing, const struct scope *scope, bool of_skips,
                 struct store_ids *out, struct err *err)
{
    struct ledger *ledger = listing->call->ledger;
    enum cue_kind kind = listing->cue->kind;
    OWN_IDS struct store_ids orders = {0}, skips = {0};
    enum mapping mapping;
    if (cue_maps(listing->cue, &mapping))
        return list_find_unmapped(ledger, scope->company, mapping, scope->code, listing->search,
                                  out, err);
    bool shipments = kind == CUE_SHIPMENTS_DUE || kind == CUE_SHIPMENTS_FAILED;
    bool skipped = kind == CUE_SKIPS || kind == CUE_LEFT;
    out->items = mem_array(STORE_PAGE, sizeof *out->items);
    if (!list_find_orders(ledger, scope->company, listing->search, NULL, STORE_PAGE, &orders, NULL,
                          err) ||
        (skipped && !list_find_skips(ledger, scope->company, listing->search, &skips, err)))
        return false;
    for (size_t i = 0; !shipments && i < orders.count; i++)
        take(out, "", orders.items[i]);
    for (size_t i = 0; i < skips.count; i++)
        take(out, "", skips.items[i]);
    return !(shipments || kind == CUE_LEFT) ||
           find_shipments(listing, scope, of_skips || skipped ? "shipment-" : "", &orders, out,
                          err);
}

static bool search_list(struct listing *listing, const struct scope *scope, const char *list,
                        const char *key, struct err *err)
{
    OWN_TEXT char *whole = mem_printf("%s:%s", listing->cue->list, scope->code);
    OWN_IDS struct store_ids ids = {0};
    struct list_page *page = mem_new(sizeof *page);
    bool good =
        find(listing, scope, *list != 0, &ids, err) &&
        list_places(listing->call->ledger, scope->company, *list ? list : whole, &ids, page, err);
    if (good && strcmp(key, "new") != 0 && page->count > listing->most)
        page->count = listing->most;
    good = good && add_page(listing, scope, key, page, err);
    free(page);
    return good;
}

/* ---- shops ---- */

static bool read_source(struct listing *listing, const struct scope *scope, const char *list,
                        const char *key, struct err *err)
{
    if (listing->search)
        return search_list(listing, scope, list, key, err);
    if (*listing->from.key && strcmp(listing->from.key, key) != 0)
        return true; /* the pages before have shown it */
    if (!read_list(listing, scope, list, key, err))
        return false;
    listing->from.key[0] = 0;
    listing->from.place = (struct list_place){0};
    return true;
}

/* What needs nobody has no list of its own but those of its groups. */
static bool read_groups(struct listing *listing, const struct scope *scope,
                        const struct groups *groups, struct err *err)
{
    for (size_t i = 0; i < groups->count && !full(listing) && !*listing->next; i++)
        if (!read_source(listing, scope, groups->items[i].list, groups->items[i].key, err))
            return false;
    return true;
}

static void add_groups(struct listing *listing, const struct scope *scope,
                       const struct groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = &groups->items[i];
        json *object = json_new_object(), *values = json_new_object();
        json_set_text(object, "code", group->code);
        json_set_text(object, "reason", group->key);
        json_set_text(object, "text", group->text);
        json_set_text(object, "company", scope->company);
        json_set_text(object, "shop", scope->code);
        json_set_int(object, "count", group->count);
        json_set_text(values, "shop", scope->code);
        json_set(object, "values", values);
        json_set(object, "action", action_of_group(listing->cue, scope, group));
        json_add(listing->groups, object);
    }
}

static bool read_shop(struct listing *listing, const struct scope *scope, struct err *err)
{
    struct groups *groups = mem_new(sizeof *groups);
    const struct group *group = NULL;
    bool good = groups_read(listing->call, listing->cue, scope, groups, err);
    if (good) {
        add_groups(listing, scope, groups);
        group = listing->reason ? group_by_key(groups, listing->reason) : NULL;
    }
    bool past = *listing->from.company && (strcmp(listing->from.company, scope->company) != 0 ||
                                           strcmp(listing->from.code, scope->code) != 0);
    if (!past)
        listing->from.company[0] = 0;
    if (!good || past || full(listing) || *listing->next || (listing->reason && !group) ||
        groups->total == 0) {
        free(groups);
        return good;
    }
    if (listing->cue->kind == CUE_ENTRIES)
        good = read_entries(listing, scope, err);
    else if (listing->cue->kind == CUE_LEFT && !group)
        good = read_groups(listing, scope, groups, err);
    else
        good = read_source(listing, scope, group ? group->list : "", group ? group->key : "", err);
    listing->from.key[0] = 0;
    listing->from.place = (struct list_place){0};
    free(groups);
    return good;
}

bool cues_rows(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    OWN_JSON json *groups = json_new_array(), *rows = json_new_array();
    int64_t limit;
    struct listing listing = {.call = call,
                              .cue = cue_by_name(call->params[0]),
                              .reason = api_query(call, "reason"),
                              .search = api_query(call, "search"),
                              .groups = groups,
                              .rows = rows};
    if (!listing.cue)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "\"%.40s\" is no cue; `cartage cues` names them", call->params[0]);
    if (!api_query_int(call, "limit", 1, STORE_PAGE, PAGE, &limit, err) ||
        !page_end_read(api_query(call, "after"), &listing.from, err) ||
        !scopes_read(call, &scopes, err))
        return false;
    listing.most = (size_t)limit;
    for (size_t i = 0; i < scopes.count; i++)
        if (!read_shop(&listing, &scopes.items[i], err))
            return false;
    json *answer = json_new_object();
    json_set_text(answer, "cue", listing.cue->name);
    json_set_text(answer, "title", listing.cue->title);
    json_set(answer, "groups", GIVE(groups));
    json_set(answer, "rows", GIVE(rows));
    json_set_text(answer, "next", *listing.next ? listing.next : NULL);
    return api_answer(call, MHD_HTTP_OK, answer);
}
