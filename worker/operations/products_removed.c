/* products_removed.c - products whose item is gone in Business Central.
 *
 * A deletion leaves no trace in changes, so each reading of all items tells which linked products
 * have shown none. What a listing of ids on the primary does not hold either is gone: the shop's
 * action is told once, and the link ends with Shopify's word. A product that has that status
 * already is unlinked at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/products_change.h"

enum { MOST = 1000000 };

void export_seen(struct export *export, const char *product)
{
    if (export->seen_count == export->seen_room) {
        size_t room = export->seen_room ? export->seen_room * 2 : 256;
        export->seen = mem_grow(export->seen, export->seen_room, room, sizeof *export->seen);
        export->seen_room = room;
    }
    export->seen[export->seen_count++] = arena_text(export->arena, product);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool was_seen(const struct export *export, const char *product)
{
    return export->seen_count > 0 &&
           bsearch(&product, export->seen, export->seen_count, sizeof *export->seen, by_text);
}

/* ---- one that is gone ---- */

static void remove_product(struct export *export, const struct staged_product *staged)
{
    static const char *const STATUS[] = {NULL, "ARCHIVED", "DRAFT"};
    struct arena *arena = export->arena;
    const char *status = STATUS[export->run.shop->removed_product_action];
    struct change change = {.removed = true};
    change.item = (struct item){.id = arena_text(arena, staged->item),
                                .number = arena_text(arena, staged->item_number)};
    change.after = (struct staged_product){
        .product = arena_text(arena, staged->product),
        .item = change.item.id,
        .item_number = change.item.number,
        .title = arena_text(arena, staged->title),
        .status = status,
        .variants = arena_text(arena, staged->variants),
        .sent = "",
    };
    log_info("product.item_gone", TEXT("product", staged->title),
             TEXT("item", staged->item_number));
    if (strcmp(staged->status, status) == 0) {
        stage_product_gone(export->run.write, export->run.shop->code, &change.after);
        return;
    }
    OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", staged->product);
    change.fields = json_new_object();
    json_set_text(change.fields, "id", gid);
    json_set_text(change.fields, "status", status);
    if (strcmp(status, "ARCHIVED") == 0)
        brake_hit(export->brakes[BRAKE_ARCHIVE], staged->item_number, staged->status, status, 1);
    export_add(export, &change);
}

static bool check_page(struct export *export, const char *const ids[], size_t count,
                       struct err *err)
{
    struct products *run = &export->run;
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN(arena) struct arena *arena = arena_new();
    const char **items = arena_array(arena, count, sizeof *items);
    bool *exists = arena_array(arena, count, sizeof *exists);
    if (!store_products(run->attempt->ledger, run->company, run->shop->code, ids, count, &rows,
                        err))
        return false;
    for (size_t i = 0; i < count; i++)
        items[i] = store_product_row(rows, i).item;
    if (!bc_items_exist(run->attempt, items, count, exists, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct staged_product staged = store_product_row(rows, i);
        staged.product = ids[i];
        if (!exists[i] && *staged.item)
            remove_product(export, &staged);
    }
    return products_flush(run, false, err);
}

/* ---- all of them ---- */

bool export_removed(struct export *export, struct err *err)
{
    struct products *run = &export->run;
    OWN_TEXT char *key = mem_printf("shop-products:%s", run->shop->code);
    OWN_IDS struct store_ids linked = {0};
    OWN(arena) struct arena *arena = arena_new();
    const char **missing;
    size_t count = 0;
    if (export->only_prices || run->shop->removed_product_action == REMOVED_NOTHING)
        return true;
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, MOST, &linked, err))
        return false;
    if (export->seen_count > 1)
        qsort(export->seen, export->seen_count, sizeof *export->seen, by_text);
    missing = arena_array(arena, linked.count + 1, sizeof *missing);
    for (size_t i = 0; i < linked.count; i++)
        if (!was_seen(export, linked.items[i]))
            missing[count++] = linked.items[i];
    for (size_t from = 0; from < count; from += STORE_PAGE) {
        size_t size = count - from < STORE_PAGE ? count - from : STORE_PAGE;
        if (!check_page(export, missing + from, size, err))
            return err_wrap(err, "see which items are gone");
    }
    return true;
}
