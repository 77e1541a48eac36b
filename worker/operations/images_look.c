/* images_look.c - whose pictures are to be looked at, and what Business Central says there is.
 *
 * The first run looks at all of them. After it: at those of items that have changed since, of
 * products that were linked since, and of those that could not be dealt with (images-due). Business
 * Central is asked in listings, with what it says of the picture beside the item, or by the items'
 * ids where they are few; so an idle run is one question there, and none to Shopify.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "operations/images_sync.h"

/* By ids up to so many products, 20 in a call: above it a listing of all, 500 in a call, is less.
 * Clocks of workers differ, so links count as new for a while. */
enum { MOST = 1000000, BY_IDS = 200, SKEW_MS = 120000 };

struct images_row { /* what there is of an item, or an item variant */
    char id[UUID_TEXT], item[UUID_TEXT];
    const char *type; /* "" = no picture */
    int64_t changed_ms;
};

struct images_known {
    struct images_row *rows;
    size_t count, room;
    bool sorted;
    bool whole; /* of all: whoever is not among them is gone */
    struct arena *texts;
};

struct images_known *images_known_new(void)
{
    struct images_known *known = mem_new(sizeof *known);
    known->texts = arena_new();
    return known;
}

void images_known_free(struct images_known *known)
{
    if (!known)
        return;
    arena_free(known->texts);
    free(known->rows);
    free(known);
}

/* Types are few, rows are many. */
static const char *type_of(struct images_known *known, const char *type)
{
    for (size_t i = known->count; i > 0 && i + 8 > known->count; i--)
        if (strcmp(known->rows[i - 1].type, type) == 0)
            return known->rows[i - 1].type;
    return *type ? arena_text(known->texts, type) : "";
}

static bool add_row(void *state, const struct bc_picture *picture, struct err *err)
{
    struct images_known *known = state;
    (void)err;
    if (strlen(picture->id) + 1 != UUID_TEXT || strlen(picture->item) + 1 != UUID_TEXT)
        return true;
    if (known->count == known->room) {
        size_t room = known->room ? known->room * 2 : 64;
        known->rows = mem_grow(known->rows, known->room, room, sizeof *known->rows);
        known->room = room;
    }
    struct images_row *row = &known->rows[known->count];
    row->type = type_of(known, picture->type);
    row->changed_ms = picture->changed_ms;
    memcpy(row->id, picture->id, UUID_TEXT);
    memcpy(row->item, picture->item, UUID_TEXT);
    known->count++;
    known->sorted = false;
    return true;
}

/* The latest first: a row may come twice while others write. */
static int by_id(const void *a, const void *b)
{
    const struct images_row *one = a, *other = b;
    int order = strcmp(one->id, other->id);
    return order != 0
               ? order
               : (one->changed_ms < other->changed_ms) - (one->changed_ms > other->changed_ms);
}

static void sort(struct images_known *known)
{
    size_t kept = 0;
    if (!known->sorted && known->count > 1)
        qsort(known->rows, known->count, sizeof *known->rows, by_id);
    for (size_t i = 0; !known->sorted && i < known->count; i++)
        if (kept == 0 || strcmp(known->rows[kept - 1].id, known->rows[i].id) != 0)
            known->rows[kept++] = known->rows[i];
    known->count = known->sorted ? known->count : kept;
    known->sorted = true;
}

static int is_id(const void *id, const void *row)
{
    return strcmp(id, ((const struct images_row *)row)->id);
}

static const struct images_row *find(struct images_known *known, const char *id)
{
    sort(known);
    return known->count == 0 ? NULL
                             : bsearch(id, known->rows, known->count, sizeof *known->rows, is_id);
}

bool images_known(const struct images *run, const char *id, const char **type, int64_t *changed_ms)
{
    const struct images_row *row = find(run->known, id);
    if (row) {
        *type = row->type;
        *changed_ms = row->changed_ms;
    }
    return row != NULL;
}

bool images_is_due(const struct images *run, const char *product)
{
    return store_ids_has(&run->due, product);
}

/* Items whose pictures, or (of_variants) whose variants' pictures nothing is known of yet. */
static bool ask_some(struct images *run, bool of_variants, const struct image images[],
                     size_t count, const char *const items[], struct err *err)
{
    const char **unknown = mem_array(count + 1, sizeof *unknown);
    struct bc_pictures_want want = {.items = unknown, .of_variants = of_variants};
    for (size_t i = 0; i < count; i++) {
        bool again = want.item_count > 0 && strcmp(unknown[want.item_count - 1], items[i]) == 0;
        bool wanted = run->every || !*images[i].was || images_is_due(run, images[i].product);
        if (wanted && images[i].of_variant == of_variants && !again &&
            !find(run->known, images[i].source))
            unknown[want.item_count++] = items[i];
    }
    bool ok = want.item_count == 0 || bc_pictures_each(run->attempt, &want, add_row, run->known,
                                                       run->first ? &run->seen_ms : NULL, err);
    free(unknown);
    return ok;
}

bool images_ask(struct images *run, const struct image images[], size_t count,
                const char *const items[], struct err *err)
{
    return run->known->whole || (ask_some(run, false, images, count, items, err) &&
                                 ask_some(run, true, images, count, items, err));
}

/* ---- whose ---- */

void ids_take(struct store_ids *into, struct store_ids *from)
{
    into->items =
        mem_grow(into->items, into->count, into->count + from->count + 1, sizeof *into->items);
    for (size_t i = 0; i < from->count; i++)
        into->items[into->count++] = GIVE(from->items[i]);
    free(from->items);
    *from = (struct store_ids){0};
}

bool images_all(struct images *run, struct store_ids *out, struct err *err)
{
    OWN_TEXT char *key = mem_printf("shop-products:%s", run->shop->code);
    OWN_IDS struct store_ids all = {0};
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, MOST, &all, err))
        return false;
    for (size_t i = 0; i < all.count; i++)
        if (!filter_fits(run->products, all.items[i])) {
            free(all.items[i]);
            all.items[i] = mem_text("");
        }
    ids_take(out, &all);
    store_ids_each_once(out);
    return true;
}

/* Records without a digest: `field` of theirs, or (NULL) themselves, stands in their place. */
static bool unseen(struct images *run, const char *kind, const char *field, struct store_ids *ids,
                   struct err *err)
{
    const char *const fields[] = {"image_digest", field};
    OWN_TEXT char *prefix = mem_printf("%s:%s:", kind, run->shop->code);
    for (size_t at = 0; at < ids->count; at += STORE_PAGE) {
        OWN(store_rows) struct store_rows *rows = NULL;
        size_t left = ids->count - at;
        const struct store_ids page = {ids->items + at, left < STORE_PAGE ? left : STORE_PAGE};
        if (!store_read_ids(run->attempt->ledger, run->company, prefix, &page, fields,
                            field ? 2 : 1, &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            if (*store_text(rows, i, 0)) {
                *page.items[i] = 0;
            } else if (field) {
                free(page.items[i]);
                page.items[i] = mem_text(store_text(rows, i, 1));
            }
        }
    }
    return true;
}

bool images_unseen(struct images *run, struct store_ids *products, struct err *err)
{
    store_ids_each_once(products);
    if (!unseen(run, "shop-product", NULL, products, err))
        return false;
    store_ids_each_once(products);
    return true;
}

static bool linked_since(struct images *run, const char *list, const char *kind, const char *field,
                         int64_t linked_ms, struct store_ids *out, struct err *err)
{
    OWN_TEXT char *key = mem_printf("%s:%s", list, run->shop->code);
    OWN_IDS struct store_ids linked = {0};
    if (!store_zset_between(run->attempt->ledger, run->company, key, linked_ms - SKEW_MS, INT64_MAX,
                            MOST, &linked, err) ||
        !unseen(run, kind, field, &linked, err))
        return false;
    ids_take(out, &linked);
    store_ids_each_once(out);
    return true;
}

bool images_new(struct images *run, int64_t linked_ms, struct store_ids *out, struct err *err)
{
    OWN_TEXT char *key = mem_printf("images-due:%s", run->shop->code);
    OWN_IDS struct store_ids again = {0};
    struct ledger *ledger = run->attempt->ledger;
    if (!linked_since(run, "shop-products", "shop-product", NULL, linked_ms, out, err) ||
        !linked_since(run, "shop-variants", "shop-variant", "product", linked_ms, out, err) ||
        !store_zset(ledger, run->company, key, INT64_MAX, MOST, &run->due, err))
        return false;
    store_ids_each_once(&run->due);
    again.items = mem_array(run->due.count + 1, sizeof *again.items);
    for (; again.count < run->due.count; again.count++)
        again.items[again.count] = mem_text(run->due.items[again.count]);
    ids_take(out, &again);
    store_ids_each_once(out);
    return true;
}

/* Products that are one of these items, or have a variant that is. */
static bool products_by(struct images *run, const char *key, struct store_ids *out, struct err *err)
{
    for (size_t at = 0; at < run->known->count; at += STORE_PAGE) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_IDS struct store_ids found = {0};
        const char *keys[STORE_PAGE];
        size_t count = run->known->count - at < STORE_PAGE ? run->known->count - at : STORE_PAGE;
        for (size_t i = 0; i < count; i++)
            keys[i] = arena_printf(arena, "%s:%s:%s", key, run->shop->code,
                                   run->known->rows[at + i].item);
        if (!store_values(run->attempt->ledger, run->company, keys, count, &found, err))
            return false;
        ids_take(out, &found);
    }
    store_ids_each_once(out);
    return true;
}

static bool list(struct images *run, int64_t since_ms, struct err *err)
{
    const struct bc_pictures_want items = {.since_ms = since_ms},
                                  variants = {.since_ms = since_ms, .of_variants = true};
    run->known->whole = since_ms == 0;
    return bc_pictures_each(run->attempt, &items, add_row, run->known, &run->seen_ms, err) &&
           bc_pictures_each(run->attempt, &variants, add_row, run->known, &run->seen_ms, err);
}

bool images_look(struct images *run, struct store_ids *products, struct err *err)
{
    static const char *const FIELDS[] = {"at", "linked"};
    OWN_TEXT char *mark = mem_printf("mark:images:%s", run->shop->code);
    const char *const keys[] = {mark};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    int64_t since_ms = store_int(rows, 0, 0);
    run->first = since_ms == 0 && !run->products;
    run->every = run->products || run->first;
    if (run->every)
        return images_all(run, products, err) && (products->count <= BY_IDS || list(run, 0, err));
    if (!images_new(run, store_int(rows, 0, 1), products, err))
        return false;
    if (products->count > BY_IDS) {
        store_ids_drop(products);
        return images_all(run, products, err) && list(run, 0, err);
    }
    return list(run, since_ms, err) && products_by(run, "item-product", products, err) &&
           products_by(run, "item-variant-of", products, err);
}
