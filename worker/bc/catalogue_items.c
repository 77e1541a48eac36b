/* catalogue_items.c - the items that have changed, a page at a time.
 *
 * An item's time of change moves with its card only: a variant, a unit, a barcode, a text of it may
 * change beside it. So a reading of changes asks each of those sets, too, which items theirs belong
 * to, all in one $batch, and reads those items behind the ones whose card has changed.
 *
 * The mark is the latest time of change that was seen, by their clock. A long transaction commits
 * older times after our look, so the next reading starts five minutes before it, unless the mark
 * was settled: so old, when it was read, that nothing older could still come.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bc/catalogue_room.h"

/* A page is a tree of 19 times its text, and each executor may hold one. */
enum { PAGE = 100, MOST_PAGE = 1000, SETTLED_MS = 15 * 60 * 1000, CHANGED_PAGE = 4000 };

struct ids {
    char **items;
    size_t count, room;
};

struct bc_items {
    struct attempt *attempt;
    struct bc_items_want want;
    struct bc_shows shows;
    struct arena *arena;  /* of the page */
    struct bc_item *rows; /* of the page */
    size_t row_room;
    char *next;        /* the listing's next page; NULL = none */
    struct ids listed; /* what the listing has shown, of a reading of changes */
    struct ids others; /* changed beside their card; or the ids that were asked for */
    size_t at;         /* of others */
    bool started, sifted;
    int64_t asked_ms;  /* when the first answer was made, by their clock */
    int64_t latest_ms; /* time of change */
};

/* ---- ids ---- */

static void ids_add(struct ids *ids, const char *id)
{
    if (ids->count == ids->room) {
        size_t room = ids->room ? ids->room * 2 : 64;
        ids->items = mem_grow(ids->items, ids->room, room, sizeof *ids->items);
        ids->room = room;
    }
    ids->items[ids->count++] = mem_text(id);
}

static void ids_drop(struct ids *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        free(ids->items[i]);
    free(ids->items);
    *ids = (struct ids){0};
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void ids_sort(struct ids *ids)
{
    if (ids->count > 1)
        qsort(ids->items, ids->count, sizeof *ids->items, by_text);
}

/* Each once, and none that the listing has shown already. */
static void sift(struct bc_items *items)
{
    struct ids *others = &items->others, *listed = &items->listed;
    size_t kept = 0;
    items->sifted = true;
    ids_sort(others);
    ids_sort(listed);
    for (size_t i = 0; i < others->count; i++) {
        char *id = others->items[i];
        bool known = (kept > 0 && strcmp(others->items[kept - 1], id) == 0) ||
                     (listed->count > 0 &&
                      bsearch(&id, listed->items, listed->count, sizeof *listed->items, by_text));
        if (known)
            free(id);
        else
            others->items[kept++] = id;
    }
    others->count = kept;
}

/* ---- what has changed ---- */

static void note_change(struct bc_items *items, const char *stamp)
{
    int64_t at_ms;
    if (time_parse(stamp, &at_ms) && at_ms > items->latest_ms)
        items->latest_ms = at_ms;
}

static void note_asked(struct bc_items *items, const struct bc_call *call)
{
    if (items->asked_ms == 0 && call->date_ms > 0)
        items->asked_ms = call->date_ms;
}

static bool add_changed(void *state, const json *row, struct err *err)
{
    struct bc_items *items = state;
    const char *id = json_text(row, "itemId");
    (void)err;
    if (*id)
        ids_add(&items->others, id);
    note_change(items, json_text(row, "lastModifiedDateTime"));
    return true;
}

static bool read_changed(struct bc_items *items, struct bc_call *call, struct err *err)
{
    if (call->err.kind != ERR_NONE) {
        *err = call->err;
        return false;
    }
    const json *rows = json_get(call->answer, "value");
    for (size_t i = 0; i < json_count(rows); i++)
        if (!add_changed(items, json_at(rows, i), err))
            return false;
    const char *link = json_text(call->answer, "@odata.nextLink");
    if (!*link)
        return true;
    OWN_TEXT char *next = NULL;
    return bc_next_path(items->attempt->bc->roots[call->root], link, &next, err) &&
           bc_list_pages(items->attempt, call->root, next, CHANGED_PAGE, false, add_changed, items,
                         NULL, err);
}

static bool ask_changed(struct bc_items *items, const char *since, struct err *err)
{
    static const char *const BESIDE[] = {"itemVariantExtras", "itemUnits", "itemReferences"};
    const struct bc_shows *shows = &items->shows;
    const struct bc_items_want *want = &items->want;
    const char *sets[8];
    size_t count = 0;
    bool extension = shows->level == BC_LEVEL_EXTENSION && shows->card;
    if (!extension)
        sets[count++] = "itemVariants";
    for (size_t i = 0; extension && i < COUNT(BESIDE); i++)
        sets[count++] = BESIDE[i];
    if (extension && want->texts && shows->texts)
        sets[count++] = "itemTexts";
    if (extension && want->translations && shows->translations)
        sets[count++] = "itemTranslations";
    if (extension && want->attributes && shows->attributes)
        sets[count++] = "itemAttributes";
    if (extension && want->prices && shows->price_lists)
        sets[count++] = "priceListLines";
    struct bc_call calls[COUNT(sets)] = {0};
    for (size_t i = 0; i < count; i++)
        calls[i] = (struct bc_call){
            .method = "GET",
            .root = extension ? BC_EXTENSION : BC_API,
            .path = arena_printf(
                items->arena,
                "%s?$select=itemId,lastModifiedDateTime&$filter=lastModifiedDateTime%%20gt%%20%s",
                sets[i], since),
            .page_size = CHANGED_PAGE,
        };
    bool ok = count == 1 ? bc_call_all(items->attempt, calls, 1, err)
                         : bc_batch(items->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        note_asked(items, &calls[i]);
        ok = ok && read_changed(items, &calls[i], err);
        bc_call_drop(&calls[i]);
    }
    return ok;
}

/* ---- pages ---- */

static enum bc_root root_of(const struct bc_items *items)
{
    return items->shows.level == BC_LEVEL_EXTENSION && items->shows.card ? BC_EXTENSION : BC_API;
}

static bool start(struct bc_items *items, struct err *err)
{
    struct bc *bc;
    OWN_BUF struct buf path = {0};
    items->started = true;
    if (!bc_of(items->attempt, &bc, err) || !bc_shows(items->attempt, &items->shows, err))
        return false;
    for (size_t i = 0; i < items->want.id_count; i++)
        ids_add(&items->others, items->want.ids[i]);
    if (items->want.ids)
        return true;
    bc_item_query(bc, &items->shows, &items->want, &path);
    if (items->want.since_ms > 0) {
        char since[32];
        time_format(items->want.since_ms - BC_OVERLAP_MS, true, since);
        buf_printf(&path, "&$filter=lastModifiedDateTime%%20gt%%20%s", since);
        if (!ask_changed(items, since, err))
            return false;
    }
    items->next = mem_text(buf_str(&path));
    return true;
}

static void take_row(struct bc_items *items, const json *row, size_t *count)
{
    if (*count == items->row_room) {
        size_t room = items->row_room ? items->row_room * 2 : 64;
        items->rows = mem_grow(items->rows, items->row_room, room, sizeof *items->rows);
        items->row_room = room;
    }
    bc_item_read(items->arena, &items->shows, row, &items->rows[*count]);
    note_change(items, json_text(row, "lastModifiedDateTime"));
    (*count)++;
}

static bool read_listing(struct bc_items *items, size_t *count, struct err *err)
{
    OWN_TEXT char *path = GIVE(items->next);
    struct bc_call call = {
        .method = "GET", .root = root_of(items), .path = path, .page_size = items->want.page};
    bool ok = bc_ask(items->attempt, &call, err);
    if (ok) {
        const json *rows = json_get(call.answer, "value");
        note_asked(items, &call);
        for (size_t i = 0; i < json_count(rows); i++) {
            if (items->want.since_ms > 0)
                ids_add(&items->listed, json_text(json_at(rows, i), "id"));
            take_row(items, json_at(rows, i), count);
        }
        const char *link = json_text(call.answer, "@odata.nextLink");
        ok = !*link || bc_next_path(items->attempt->bc->roots[call.root], link, &items->next, err);
    }
    bc_call_drop(&call);
    return ok;
}

static bool read_others(struct bc_items *items, size_t *count, struct err *err)
{
    struct bc_call calls[MOST_PAGE / BC_IDS_A_CALL + 1] = {0};
    size_t asked = 0;
    size_t end = items->at + (size_t)items->want.page;
    if (end > items->others.count)
        end = items->others.count;
    for (; items->at < end; items->at += BC_IDS_A_CALL) {
        OWN_BUF struct buf path = {0};
        size_t left = end - items->at;
        bc_item_query(items->attempt->bc, &items->shows, &items->want, &path);
        buf_text(&path, "&$filter=");
        bc_filter_ids(&path, "id", (const char *const *)items->others.items + items->at,
                      left < BC_IDS_A_CALL ? left : BC_IDS_A_CALL);
        calls[asked++] = (struct bc_call){
            .method = "GET",
            .primary = items->want.primary,
            .root = root_of(items),
            .path = arena_text(items->arena, buf_str(&path)),
        };
    }
    items->at = end;
    bool ok = bc_call_all(items->attempt, calls, asked, err);
    for (size_t i = 0; i < asked; i++) {
        if (ok && calls[i].err.kind != ERR_NONE) {
            *err = calls[i].err;
            ok = false;
        }
        const json *rows = json_get(calls[i].answer, "value");
        note_asked(items, &calls[i]);
        for (size_t row = 0; ok && row < json_count(rows); row++)
            take_row(items, json_at(rows, row), count);
        bc_call_drop(&calls[i]);
    }
    return ok;
}

bool bc_items_open(struct attempt *attempt, const struct bc_items_want *want, struct bc_items **out,
                   struct err *err)
{
    (void)err;
    struct bc_items *items = mem_new(sizeof *items);
    items->attempt = attempt;
    items->want = *want;
    if (items->want.page <= 0)
        items->want.page = PAGE;
    if (items->want.page > MOST_PAGE)
        items->want.page = MOST_PAGE;
    items->arena = arena_new();
    *out = items;
    return true;
}

static bool next_page(struct bc_items *items, size_t *count, struct err *err)
{
    if (!items->started && !start(items, err))
        return false;
    while (*count == 0 && items->next)
        if (!read_listing(items, count, err))
            return false;
    if (*count > 0)
        return true;
    if (!items->sifted)
        sift(items);
    while (*count == 0 && items->at < items->others.count)
        if (!read_others(items, count, err))
            return false;
    return true;
}

bool bc_items_next(struct bc_items *items, struct bc_items_page *page, struct err *err)
{
    size_t count = 0;
    arena_free(items->arena);
    items->arena = arena_new();
    if (!next_page(items, &count, err))
        return err_wrap(err, "read items");
    bool in_order = items->want.since_ms == 0 && !items->want.ids;
    if (count > 0 && items->shows.level == BC_LEVEL_PAGES &&
        !bc_pages_fill(items->attempt, items->arena, &items->shows, &items->want, in_order,
                       items->rows, count, err))
        return err_wrap(err, "read items");
    *page = (struct bc_items_page){.items = items->rows, .count = count};
    return true;
}

int64_t bc_next_since_ms(int64_t since_ms, int64_t asked_ms, int64_t latest_ms)
{
    bool settled = asked_ms - latest_ms > SETTLED_MS;
    if (latest_ms == 0)
        return since_ms;
    return settled ? latest_ms + BC_OVERLAP_MS : latest_ms;
}

int64_t bc_items_seen_ms(const struct bc_items *items)
{
    return bc_next_since_ms(items->want.since_ms, items->asked_ms, items->latest_ms);
}

void bc_items_free(struct bc_items *items)
{
    if (!items)
        return;
    arena_free(items->arena);
    free(items->rows);
    free(items->next);
    ids_drop(&items->listed);
    ids_drop(&items->others);
    free(items);
}

/* ---- which are still there ---- */

bool bc_items_list(struct attempt *attempt,
                   bool (*row)(void *state, const json *item, struct err *err), void *state,
                   struct err *err)
{
    return bc_list_pages(attempt, BC_API, "items?$select=id,number,itemCategoryCode,blocked",
                         CHANGED_PAGE, false, row, state, NULL, err) ||
           err_wrap(err, "list the items");
}

struct asked_id {
    const char *id;
    bool *exists;
};
struct asked {
    struct asked_id *ids;
    size_t count;
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct asked_id *)a)->id, ((const struct asked_id *)b)->id);
}

static bool mark(void *state, const json *row, struct err *err)
{
    const struct asked *asked = state;
    struct asked_id key = {.id = json_text(row, "id")};
    struct asked_id *found = bsearch(&key, asked->ids, asked->count, sizeof *asked->ids, by_id);
    (void)err;
    if (found)
        *found->exists = true;
    return true;
}

bool bc_items_exist(struct attempt *attempt, const char *const ids[], size_t count, bool exists[],
                    struct err *err)
{
    if (count == 0)
        return true;
    struct asked asked = {.ids = mem_array(count, sizeof *asked.ids), .count = count};
    for (size_t i = 0; i < count; i++) {
        exists[i] = false;
        asked.ids[i] = (struct asked_id){.id = ids[i], .exists = &exists[i]};
    }
    qsort(asked.ids, count, sizeof *asked.ids, by_id);
    bool ok = bc_list_pages(attempt, BC_API, "items?$select=id", CHANGED_PAGE, true, mark, &asked,
                            NULL, err);
    free(asked.ids);
    return ok || err_wrap(err, "see which items there are");
}
