/* orders_claim.c - discovery rows: which shop takes which order of a store.
 *
 * A claim is `claim:<order>` = shop, set only where there is none, so of two shops that ask at once
 * one gets it and both see who. It outlives the row: changes of an order go to the shop that has
 * it. A row's indexes are written with the row, so half a page is never left without them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/orders_facts.h"
#include "operations/orders_told.h"

struct row {
    const char *id, *name, *updated;
    json *node; /* NULL for rows that are read back from Redis */
    int64_t updated_ms;
    struct order_facts facts;
    const char *miss; /* the argument that leaves it out, NULL = fits */
    char *owner;      /* shop, "" = nobody */
    bool known, same, closed;
    bool archived;   /* closed, never read, and yet to be read: it may have had its document */
    bool seen, free; /* an earlier run listed it; nobody had it when this run looked */
    struct skip_before skip;
    const char *skip_shop;
};

struct page {
    struct row *rows;
    size_t count;
    bool walked; /* listed by the walk: what is left out comes again */
    struct arena *arena;
    struct store_rows *orders, *waiting, *skips;
};

static void page_drop(struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        free(page->rows[i].owner);
    store_rows_free(page->orders);
    store_rows_free(page->waiting);
    store_rows_free(page->skips);
    arena_free(page->arena);
    free(page->rows);
}

/* ---- reading a page ---- */

static bool take_rows(json *const nodes[], size_t count, struct page *page, struct err *err)
{
    page->arena = arena_new();
    page->rows = mem_array(count + 1, sizeof *page->rows);
    for (size_t i = 0; i < count; i++) {
        json *node = nodes[i];
        struct row row = {
            .node = node,
            .id = staged_id(json_text(node, "id"), page->arena),
            .name = json_text(node, "name"),
            .updated = json_text(node, "updatedAt"),
            .closed = json_flag(node, "closed", false),
        };
        if (!*row.id || !time_parse(row.updated, &row.updated_ms))
            return err_set(err, ERR_RETRY, 0, "a listed order has no id or time of change");
        facts_of_node(node, page->arena, &row.facts);
        page->rows[page->count++] = row;
    }
    return true;
}

static bool read_many(struct orders_sync *sync, const struct page *page, const char *prefix,
                      const char *const fields[], size_t field_count, struct store_rows **out,
                      struct err *err)
{
    const char *keys[STORE_PAGE];
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(page->arena, "%s%s", prefix, page->rows[i].id);
    return store_read(sync->attempt->ledger, sync->company, keys, page->count, fields, field_count,
                      out, err);
}

static bool read_claims(struct orders_sync *sync, struct page *page, struct err *err)
{
    const char *keys[STORE_PAGE];
    OWN_IDS struct store_ids claims = {0};
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(page->arena, "claim:%s", page->rows[i].id);
    if (!store_values(sync->attempt->ledger, sync->company, keys, page->count, &claims, err))
        return err_wrap(err, "read claims");
    for (size_t i = 0; i < page->count; i++) {
        free(page->rows[i].owner);
        page->rows[i].owner = GIVE(claims.items[i]);
    }
    return true;
}

/* Of a row with its node: does the order look as it did when it was read? */
static bool looks_same(const struct page *page, size_t i)
{
    char picture[PICTURE];
    const struct row *row = &page->rows[i];
    facts_picture(row->node, picture);
    return strcmp(store_text(page->orders, i, 2), picture) == 0 &&
           strcmp(store_text(page->orders, i, 3), row->facts.fulfillment) == 0;
}

/* Only its time has changed, after a bulk operation began that writes to it: which time is our own
 * is known when that has ended. The mark rests until then, and the row is listed again. */
static bool hold_row(struct orders_sync *sync, struct page *page, size_t i, struct err *err)
{
    struct row *row = &page->rows[i];
    struct under_way *under_way;
    if (!page->walked || !sync->under_way || row->same || !row->known || !*row->owner ||
        !looks_same(page, i))
        return true;
    if (!told_peek(sync->attempt, sync->under_way, row->owner, &under_way, err))
        return false;
    if (bulk_may_have_changed(under_way->numbers, row->id, row->updated_ms) ||
        bulk_may_have_changed(under_way->closing, row->id, row->updated_ms))
        row->same = sync->mark_rests = true;
    return true;
}

/* Is there nothing to load? Our own writes move the time of change, too: what it was then, and the
 * look of the order, tell whether somebody else has been there. */
static bool is_same(const struct page *page, size_t i)
{
    const struct row *row = &page->rows[i];
    bool staged = strcmp(store_text(page->orders, i, 0), row->updated) == 0 ||
                  strcmp(store_text(page->orders, i, 1), row->updated) == 0;
    bool waits = row->node && strcmp(store_text(page->waiting, i, 0), row->updated) == 0;
    if (!row->node || !*store_text(page->orders, i, 2))
        return staged || waits;
    return waits || (staged && looks_same(page, i));
}

/* What we know of these orders already. */
static bool read_before(struct orders_sync *sync, struct page *page, struct err *err)
{
    static const char *const ORDER[] = {"updated", "echo", "picture", "fulfillment"},
                             *const ROW[] = {"updated"};
    if (!read_many(sync, page, "order:", ORDER, COUNT(ORDER), &page->orders, err) ||
        !read_many(sync, page, "row:", ROW, COUNT(ROW), &page->waiting, err) ||
        !read_many(sync, page, "skip:", SKIP_RECORD, COUNT(SKIP_RECORD), &page->skips, err) ||
        !read_claims(sync, page, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        struct row *row = &page->rows[i];
        const char *staged = store_text(page->orders, i, 0);
        row->known = *staged != 0;
        row->same = !sync->asked && is_same(page, i);
        row->archived =
            row->closed && !row->known && !sync->asked && attempt_adopted(sync->attempt);
        row->closed = row->closed && !row->archived && !sync->asked;
        row->free = !*row->owner;
        row->seen =
            row->known || *store_text(page->waiting, i, 0) || *store_text(page->skips, i, 0);
        row->facts.action = row->known ? "Update" : "New";
        row->skip = skip_before_read(page->skips, i);
        row->skip_shop = store_text(page->skips, i, SKIP_SHOP);
        if (!hold_row(sync, page, i, err))
            return false;
    }
    return true;
}

/* Which argument leaves each of them out. */
static bool test_filters(struct orders_sync *sync, struct page *page, struct err *err)
{
    struct order_facts *asked[STORE_PAGE];
    size_t count = 0;
    for (size_t i = 0; i < page->count; i++) {
        struct row *row = &page->rows[i];
        if (!row->same && (!row->closed || row->known))
            asked[count++] = &row->facts;
    }
    if (!facts_complete(sync, asked, count, page->arena, err))
        return false;
    for (size_t i = 0; i < page->count; i++)
        page->rows[i].miss = order_filters_miss(sync->filters, &page->rows[i].facts);
    return true;
}

/* ---- claiming ---- */

static bool wants_claim(const struct row *row)
{
    bool dropped = row->closed && !row->known;
    return !row->same && !dropped && !row->miss && !*row->owner;
}

/* Claims, and reads back who has got what. */
static bool claim(struct orders_sync *sync, struct page *page, struct err *err)
{
    size_t wanted = 0;
    for (size_t i = 0; i < page->count; i++) {
        if (!wants_claim(&page->rows[i]))
            continue;
        OWN_TEXT char *key = mem_printf("claim:%s", page->rows[i].id);
        write_add(sync->write, "SET", key, sync->shop->code, "NX", NULL);
        wanted++;
    }
    if (wanted == 0)
        return true;
    return sync_flush(sync, true, err) && read_claims(sync, page, err);
}

static void skip(struct orders_sync *sync, const struct row *row, enum reason reason,
                 const char *detail)
{
    const char *shop = *row->skip_shop ? row->skip_shop : sync->shop->code;
    if (stage_skip(sync->write, shop, row->id, row->name, row->updated, reason, detail, &row->skip))
        stage_life(sync->write, row->id, "held", "%s %s", reason_row(reason)->code, detail);
}

static void place_row(struct orders_sync *sync, const struct row *row)
{
    char score[32];
    OWN_TEXT char *filtered = mem_printf("filtered:%s", sync->store);
    snprintf(score, sizeof score, "%" PRId64, row->updated_ms);
    if (!*row->owner) {
        OWN_TEXT char *detail = mem_printf("argument %s", row->miss ? row->miss : "shop");
        write_add(sync->write, "ZADD", filtered, score, row->id, NULL);
        skip(sync, row, REASON_FILTERED_OUT, detail);
        return;
    }
    OWN_TEXT char *claimed = mem_printf("claimed:%s", row->owner);
    write_add(sync->write, "ZADD", claimed, score, row->id, NULL);
    if (row->free)
        stage_life(sync->write, row->id, "claimed", "%s", row->owner);
    write_add(sync->write, "ZREM", filtered, row->id, NULL);
    if (reason_by_code(row->skip.reason) == REASON_FILTERED_OUT)
        stage_skip_gone(sync->write, row->id);
}

/* An archived order is left alone that was never read, but for one whose document was linked in a
 * Redis that is lost: there its later refunds would have no order. No document is made of it. */
static void write_archived(struct orders_sync *sync, const struct row *row)
{
    OWN_TEXT char *key = mem_printf("row:%s", row->id);
    write_add(sync->write, "HSET", key, "archived", row->archived ? "1" : "0", NULL);
}

bool orders_claim_page(struct orders_sync *sync, json *const nodes[], size_t count,
                       const char *mark, struct err *err)
{
    __attribute__((cleanup(page_drop))) struct page page = {.walked = mark != NULL};
    if (!take_rows(nodes, count, &page, err) || !read_before(sync, &page, err) ||
        !test_filters(sync, &page, err) || !claim(sync, &page, err))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        const struct row *row = &page.rows[i];
        if (row->same)
            continue;
        if (!row->seen) {
            stage_life(sync->write, row->id, "discovered", "%s, %s, %s", row->facts.amount,
                       row->facts.financial, row->facts.fulfillment);
            stage_find(sync->write, row->id, row->name);
        }
        if (row->closed && !row->known) {
            skip(sync, row, REASON_CLOSED, "");
        } else {
            facts_write(sync->write, &row->facts, row->updated);
            write_archived(sync, row);
            place_row(sync, row);
        }
        if (!sync_flush(sync, false, err))
            return false;
    }
    OWN_TEXT char *key = mem_printf("mark:orders:%s", sync->store);
    if (mark && !sync->mark_rests)
        write_add(sync->write, "HSET", key, "at", mark, NULL);
    return sync_flush(sync, true, err);
}

/* ---- rows that nobody has claimed ---- */

static void take_left(const struct store_ids *ids, size_t from, struct page *page)
{
    page->arena = arena_new();
    page->rows = mem_array(STORE_PAGE, sizeof *page->rows);
    for (size_t i = from; i < ids->count && page->count < STORE_PAGE; i++)
        page->rows[page->count++] = (struct row){.id = ids->items[i], .facts.id = ids->items[i]};
}

static bool read_left(struct orders_sync *sync, struct page *page, struct store_rows **out,
                      struct err *err)
{
    if (!read_many(sync, page, "row:", FACT_FIELDS, FACT_COUNT, out, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        struct row *row = &page->rows[i];
        order_facts_of_row(row->id, *out, i, &row->facts);
        row->name = row->facts.name;
        row->updated = store_text(*out, i, FACT_UPDATED);
        if (!time_parse(row->updated, &row->updated_ms))
            row->updated_ms = 0;
    }
    return true;
}

static bool left_page(struct orders_sync *sync, const struct store_ids *ids, size_t from,
                      struct err *err)
{
    __attribute__((cleanup(page_drop))) struct page page = {0};
    OWN(store_rows) struct store_rows *rows = NULL;
    take_left(ids, from, &page);
    if (!read_left(sync, &page, &rows, err) || !read_before(sync, &page, err) ||
        !test_filters(sync, &page, err) || !claim(sync, &page, err))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        const struct row *row = &page.rows[i];
        if (row->facts.complete && store_int(rows, i, FACT_COMPLETE) == 0)
            facts_write(sync->write, &row->facts, row->updated);
        if (*row->owner)
            place_row(sync, row);
    }
    return sync_flush(sync, true, err);
}

bool orders_claim_left(struct orders_sync *sync, struct err *err)
{
    enum { MOST = 10000 }; /* of one run; the oldest first */
    OWN_TEXT char *key = mem_printf("filtered:%s", sync->store);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(sync->attempt->ledger, sync->company, key, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += STORE_PAGE)
        if (!left_page(sync, &ids, from, err))
            return err_wrap(err, "look at orders that were filtered out");
    return true;
}
