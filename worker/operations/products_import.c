/* products_import.c - products.sync where the shop's sync_item is from-shopify: products that are
 * new or have changed at Shopify find their items, and make or change them as the shop says. All of
 * a store, at first, come by one query; what changes then, by pages.
 *
 * Idempotency: products_import_make.c and products_import_change.c say it of their writes. What was
 * taken stands in `product-in:<shop>:<product>` by Shopify's time of change, so what is listed
 * twice is looked at once. The mark is written page by page, oldest change first, and never passes
 * a product that is to be tried again; each run lists from five minutes before it, because
 * Shopify's search lags behind. Once a run that began five minutes after the mark was reached has
 * seen all, the search has caught up with it: later ones list from the mark itself, so that a
 * thousand products of one hour are not listed for ever. Another setting has all looked at again.
 *
 * What found no item, or was refused there, stands in `products-in-due:<shop>` and is looked at
 * again every hour, or when a person starts the run: the item may have been made since.
 */
#include "operations/products_import.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "calendar/zone.h"
#include "operations/listing.h"
#include "operations/operations_table.h"
#include "shopify/bulk.h"
#include "store/staging.h"
#include "store/store.h"

enum { OVERLAP_MS = 5 * 60 * 1000, LOOK_AGAIN_MS = 30000, DIGEST_BYTES = 16, CATEGORY_MOST = 100 };

int64_t import_now_ms(const struct import *import)
{
    return clock_now_ms(import->attempt->clock);
}

bool import_flush(struct import *import, bool all, struct err *err)
{
    return attempt_flush(import->attempt, import->write, all ? 0 : WRITE_MAX_BYTES / 2, err);
}

bool import_open(struct import *import, struct attempt *attempt, struct err *err)
{
    OWN(zone) struct zone *zone = NULL;
    *import = (struct import){.attempt = attempt, .shop = attempt->shop, .terms = ""};
    if (!shop_ready(attempt, err) || !zone_open(attempt->company->time_zone, &zone, err))
        return false;
    import->company = attempt->company->id;
    zone_date(zone, clock_now_ms(attempt->clock), import->today);
    if (!bc_shows(attempt, &import->shows, err))
        return false;
    import->write = write_new();
    return true;
}

/* ---- what a batch keeps ---- */

struct store_rows **import_rows(struct import *import)
{
    struct import_rows *kept = arena_alloc(import->arena, sizeof *kept);
    *kept = (struct import_rows){.next = import->rows};
    import->rows = kept;
    return &kept->rows;
}

static void batch_begin(struct import *import)
{
    import->arena = arena_new();
    import->lookup = lookup_new();
}

static void batch_end(struct import *import)
{
    for (; import->rows; import->rows = import->rows->next)
        store_rows_free(import->rows->rows);
    for (size_t i = 0; i < import->answer_count; i++)
        json_free(import->answers[i]);
    import->answer_count = 0;
    lookup_free(GIVE(import->lookup));
    arena_free(GIVE(import->arena));
}

void import_close(struct import *import)
{
    free(import->answers);
    write_free(GIVE(import->write));
}

/* ---- a batch ---- */

static void lower_copy(const char *text, char out[static CATEGORY_MOST + 1])
{
    size_t size = strlen(text);
    size = size <= CATEGORY_MOST ? size : 0; /* longer than the field: it cannot be there */
    for (size_t i = 0; i < size; i++)
        out[i] = (char)tolower((unsigned char)text[i]);
    out[size] = 0;
}

const char *import_category(const struct import *import, const struct import_product *product)
{
    return json_text(lookup_find(import->lookup, LOOKUP_CATEGORY, product->type), "code");
}

static bool find_all(struct import *import, struct coming list[], size_t count, struct err *err)
{
    size_t most = 0, some = 0;
    bool words = import->shop->auto_create_items || import->shop->shopify_can_update_items;
    for (size_t i = 0; i < count; i++)
        most += list[i].product.variant_count;
    struct sought **sought = arena_array(import->arena, most + 1, sizeof *sought);
    if (!import_units(import, list, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        char category[CATEGORY_MOST + 1];
        lower_copy(list[i].product.type, category);
        if (words && !list[i].gone) {
            lookup_want(import->lookup, LOOKUP_CATEGORY, category);
            vendor_want(import->lookup, list[i].product.vendor);
        }
        for (size_t k = 0; k < list[i].product.variant_count; k++)
            sought[some++] = &list[i].variants[k].sought;
    }
    return items_find(import->attempt, import->shop, import->lookup, sought, some, err) ||
           err_wrap(err, "find the items of products");
}

static bool make_all(struct import *import, struct coming list[], size_t count, struct err *err)
{
    for (size_t i = 0; import->shop->auto_create_items && i < count; i++) {
        struct err why;
        if (!list[i].gone && !import_make(import, &list[i], &why) &&
            !import_passed(import, &list[i], &why, err))
            return false;
        if (!attempt_checkpoint(import->attempt, "", 0, err))
            return false;
    }
    return true;
}

bool import_batch(struct import *import, struct coming list[], size_t count, bool change,
                  struct err *err)
{
    if (!find_all(import, list, count, err) || !make_all(import, list, count, err) ||
        (change && import->shop->shopify_can_update_items &&
         !import_change(import, list, count, err)))
        return false;
    for (size_t i = 0; i < count; i++) {
        import->attempt->counts.read++;
        if (!import_stage(import, &list[i], err))
            return false;
    }
    return import_flush(import, true, err);
}

/* Earliest change of those to be tried again, INT64_MAX = none. */
static bool take_batch(struct import *import, const char *const ids[], size_t count,
                       const json *nodes, bool change, int64_t *rests_ms, struct err *err)
{
    struct coming list[IMPORT_BATCH];
    batch_begin(import);
    bool ok = import_load(import, ids, count, nodes, list, err) &&
              import_batch(import, list, count, change, err);
    for (size_t i = 0; ok && i < count; i++)
        if (list[i].failed && list[i].updated_ms < *rests_ms)
            *rests_ms = list[i].updated_ms;
    batch_end(import);
    return ok;
}

static bool take_ids(struct import *import, const char *const ids[], size_t count, bool change,
                     int64_t *rests_ms, struct err *err)
{
    for (size_t from = 0; from < count; from += IMPORT_BATCH) {
        size_t some = count - from < IMPORT_BATCH ? count - from : IMPORT_BATCH;
        attempt_progress(import->attempt, "taking products in", import->attempt->counts.read, 0);
        if (!take_batch(import, ids + from, some, NULL, change, rests_ms, err))
            return false;
    }
    return true;
}

/* ---- what has changed ---- */

struct walk {
    struct import *import;
    int64_t mark_ms;     /* up to when all is taken */
    int64_t reached_ms;  /* when a run came to it, by our clock; only how long ago that is counts */
    bool settled;        /* the search has caught up with it */
    int64_t rests_ms;    /* the mark stays before it */
    struct whole *whole; /* all of them may come by one query; NULL = they go by pages */
    struct arena *arena; /* of a page */
};

static char *mark_key(const struct import *import)
{
    return mem_printf("mark:products-in:%s", import->shop->code);
}

static bool read_mark(struct walk *walk, struct err *err)
{
    static const char *const FIELDS[] = {"at", "terms", "whole", "reached", "settled"};
    struct import *import = walk->import;
    OWN_TEXT char *key = mark_key(import);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(import->attempt->ledger, import->company, keys, 1, FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    walk->mark_ms = strcmp(store_text(rows, 0, 1), import->terms) == 0 ? store_int(rows, 0, 0) : 0;
    walk->reached_ms = store_int(rows, 0, 3);
    walk->settled = store_int(rows, 0, 4) != 0;
    bool was_whole = strcmp(store_text(rows, 0, 2), import->terms) == 0;
    return walk->mark_ms > 0 || was_whole || whole_look(import, &walk->whole, err);
}

static bool write_mark(struct walk *walk, int64_t at_ms, struct err *err)
{
    char text[32], now[32];
    struct import *import = walk->import;
    OWN_TEXT char *key = mark_key(import);
    if (at_ms >= walk->rests_ms)
        at_ms = walk->rests_ms - 1000; /* Shopify's times have seconds */
    if (at_ms <= walk->mark_ms)
        return true;
    walk->mark_ms = at_ms;
    walk->reached_ms = import_now_ms(import);
    walk->settled = false;
    snprintf(text, sizeof text, "%" PRId64, at_ms);
    snprintf(now, sizeof now, "%" PRId64, walk->reached_ms);
    write_add(import->write, "HSET", key, "at", text, "terms", import->terms, "reached", now,
              "settled", "0", NULL);
    return import_flush(import, true, err);
}

/* All is seen that had changed up to the mark, by a walk that began at `began_ms`. */
static bool settle_mark(struct walk *walk, int64_t began_ms, struct err *err)
{
    OWN_TEXT char *key = mark_key(walk->import);
    if (walk->settled || walk->mark_ms == 0 || began_ms < walk->reached_ms + OVERLAP_MS)
        return true;
    write_add(walk->import->write, "HSET", key, "settled", "1", NULL);
    return import_flush(walk->import, true, err);
}

/* Of a page those that were not taken as they are now. */
static bool sift(struct walk *walk, const json *nodes, const char *out[], size_t *count,
                 int64_t *last_ms, struct err *err)
{
    static const char *const FIELDS[] = {"updated", "terms"};
    struct import *import = walk->import;
    const char *keys[STORE_PAGE], *ids[STORE_PAGE];
    size_t some = json_count(nodes);
    OWN(store_rows) struct store_rows *rows = NULL;
    assert(some <= STORE_PAGE);
    *count = 0;
    for (size_t i = 0; i < some; i++) {
        ids[i] = staged_id(json_text(json_at(nodes, i), "id"), walk->arena);
        keys[i] = arena_printf(walk->arena, "product-in:%s:%s", import->shop->code, ids[i]);
    }
    if (some == 0)
        return true;
    if (!store_read(import->attempt->ledger, import->company, keys, some, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    for (size_t i = 0; i < some; i++) {
        const char *updated = json_text(json_at(nodes, i), "updatedAt");
        if (!time_parse(updated, last_ms))
            return err_set(err, ERR_RETRY, 0, "product %s has no time of change", ids[i]);
        if (strcmp(store_text(rows, i, 0), updated) != 0 ||
            strcmp(store_text(rows, i, 1), import->terms) != 0)
            out[(*count)++] = ids[i];
    }
    return true;
}

static bool take_page(struct walk *walk, const json *products, struct err *err)
{
    const char *ids[STORE_PAGE];
    size_t count;
    int64_t last_ms = 0;
    walk->arena = arena_new();
    bool ok = sift(walk, json_get(products, "nodes"), ids, &count, &last_ms, err) &&
              take_ids(walk->import, ids, count, true, &walk->rests_ms, err) &&
              write_mark(walk, last_ms, err);
    arena_free(walk->arena);
    return ok;
}

/* Of what the query has found, a batch. */
static bool take_nodes(struct walk *walk, const json *nodes, struct err *err)
{
    const char *ids[STORE_PAGE];
    size_t count = 0, at = 0;
    int64_t last_ms;
    OWN_JSON json *fresh = json_new_array();
    walk->arena = arena_new();
    bool ok = sift(walk, nodes, ids, &count, &last_ms, err);
    for (size_t i = 0; ok && at < count && i < json_count(nodes); i++)
        if (strcmp(staged_id(json_text(json_at(nodes, i), "id"), walk->arena), ids[at]) == 0) {
            json_add(fresh, json_copy(json_at(nodes, i)));
            at++;
        }
    attempt_progress(walk->import->attempt, "taking products in",
                     walk->import->attempt->counts.read, 0);
    ok = ok &&
         (count == 0 || take_batch(walk->import, ids, count, fresh, true, &walk->rests_ms, err));
    arena_free(walk->arena);
    return ok;
}

/* What the query has found is taken once: a run that is to go on from here goes by pages, and reads
 * what is left. */
static bool take_whole(struct walk *walk, struct err *err)
{
    struct import *import = walk->import;
    OWN_TEXT char *key = mark_key(import);
    int64_t began_ms;
    if (!walk->whole || !whole_found(walk->whole, &began_ms))
        return true;
    write_add(import->write, "HSET", key, "whole", import->terms, NULL);
    if (!import_flush(import, true, err))
        return false;
    for (size_t count = 1; count > 0;) {
        OWN_JSON json *nodes = NULL;
        if (!whole_next(walk->whole, &nodes, err))
            return false;
        count = json_count(nodes);
        if (count > 0 && !take_nodes(walk, nodes, err))
            return false;
    }
    whole_free(GIVE(walk->whole));
    return write_mark(walk, began_ms, err);
}

/* Many of a store that was never looked at come by a query, for which the run parks. */
static bool start_whole(struct walk *walk, const json *products, struct err *err)
{
    bool more = json_flag(json_get(products, "pageInfo"), "hasNextPage", false);
    size_t page = json_count(json_get(products, "nodes"));
    return !walk->whole || whole_start(walk->whole, more ? BULK_LINES : page, err);
}

static bool walk_page(struct walk *walk, struct listing *listing, bool *more, struct err *err)
{
    struct shopify_call call = {.document = "products-delta",
                                .variables = listing_variables(listing, "gift_card:false")};
    bool ok = shopify_ask(walk->import->attempt, &call, err) ||
              err_wrap(err, "list products that have changed");
    const json *products = json_get(call.data, "products");
    ok = ok && (listing->rows > 0 || start_whole(walk, products, err)) &&
         take_page(walk, products, err);
    *more = ok && listing_goes_on(listing, products);
    shopify_call_drop(&call);
    return ok;
}

static bool walk_all(struct walk *walk, struct err *err)
{
    int64_t began_ms = import_now_ms(walk->import);
    int64_t since_ms = walk->mark_ms - (walk->settled ? 0 : OVERLAP_MS);
    struct listing listing = {0};
    bool ok = true;
    if (since_ms > 0)
        time_format(since_ms, false, listing.from);
    for (bool more = true; ok && more;)
        ok = walk_page(walk, &listing, &more, err);
    listing_drop(&listing);
    return ok && settle_mark(walk, began_ms, err);
}

/* What had no item, or was refused, an hour ago. */
static bool take_due(struct walk *walk, struct err *err)
{
    struct import *import = walk->import;
    OWN_TEXT char *key = mem_printf("products-in-due:%s", import->shop->code);
    OWN_IDS struct store_ids due = {0};
    int64_t until_ms = started_by_hand(import->attempt) ? INT64_MAX : import_now_ms(import);
    return store_zset(import->attempt->ledger, import->company, key, until_ms, STORE_PAGE, &due,
                      err) &&
           take_ids(import, (const char *const *)due.items, due.count, true, &walk->rests_ms, err);
}

/* ---- the run ---- */

static bool run_ended(struct import *import, struct err *err)
{
    if (import->unsent.count)
        return undone_retry(&import->unsent, "product", err);
    if (import->awaited.count)
        return undone_come_back(&import->awaited, "product", import->attempt, LOOK_AGAIN_MS, err);
    return true;
}

bool products_import_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(import_close))) struct import import = {0};
    char terms[2 * DIGEST_BYTES + 1];
    OWN_BUF struct buf settings = {0};
    struct walk walk = {.import = &import, .rests_ms = INT64_MAX};
    if (!import_open(&import, attempt, err))
        return false;
    settings_shop_write(import.shop, &settings);
    digest_hex(buf_str(&settings), settings.size, DIGEST_BYTES, terms);
    import.terms = terms;
    bool ok = read_mark(&walk, err) && take_due(&walk, err) && take_whole(&walk, err) &&
              walk_all(&walk, err) && run_ended(&import, err);
    whole_free(walk.whole);
    return ok;
}

bool products_import_named(struct attempt *attempt, const char *const products[], size_t count,
                           struct err *err)
{
    __attribute__((cleanup(import_close))) struct import import = {0};
    struct counts before = attempt->counts; /* of orders; what was called stays counted */
    int64_t rests_ms = INT64_MAX;
    if (!import_open(&import, attempt, err))
        return false;
    bool ok = take_ids(&import, products, count, false, &rests_ms, err);
    attempt->counts.read = before.read;
    attempt->counts.created = before.created;
    attempt->counts.updated = before.updated;
    attempt->counts.skipped = before.skipped;
    attempt->counts.failed = before.failed;
    return ok;
}
