/* products_sync.c - report 30108: what has changed of linked items goes to their products. (What
 * comes from Shopify is products_import.c's.)
 *
 * Idempotency: products_send.c says why a change may be sent twice. The mark up to which Business
 * Central's changes are told moves when all of them were sent; what was refused stands in
 * `products-due:<shop>` and is compared again by every run.
 *
 * Business Central says which items have changed; each field is compared by its digest with what
 * Shopify has confirmed, so a run with nothing to tell asks Shopify nothing. Another setting, or
 * another day (texts and prices begin and end), has all items compared again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "base/ids.h"
#include "base/log.h"
#include "operations/operations_table.h"
#include "operations/products_change.h"
#include "operations/products_import.h"

enum { DIGEST_BYTES = 16, DUE_MOST = STORE_PAGE };

/* What a run's comparing depends on beside the items. */
static void terms_of(const struct export *export, char out[static 2 * DIGEST_BYTES + 1])
{
    OWN_BUF struct buf text = {0};
    settings_shop_write(export->run.shop, &text);
    buf_text(&text, export->run.today);
    digest_hex(buf_str(&text), text.size, DIGEST_BYTES, out);
}

static char *mark_key(const struct export *export)
{
    return mem_printf("mark:%s:%s", export->only_prices ? "prices" : "products",
                      export->run.shop->code);
}

static bool read_mark(const struct export *export, const char *terms, int64_t *since_ms,
                      struct err *err)
{
    static const char *const FIELDS[] = {"since", "terms"};
    OWN_TEXT char *key = mark_key(export);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    const struct products *run = &export->run;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    *since_ms = strcmp(store_text(rows, 0, 1), terms) == 0 ? store_int(rows, 0, 0) : 0;
    return true;
}

static void write_mark(struct export *export, const char *terms, int64_t since_ms)
{
    char since[32];
    OWN_TEXT char *key = mark_key(export);
    snprintf(since, sizeof since, "%" PRId64, since_ms);
    write_add(export->run.write, "HSET", key, "since", since, "terms", terms, NULL);
}

static bool compare_all(struct export *export, struct bc_items_want *want, int64_t *seen_ms,
                        struct err *err)
{
    OWN(bc_items) struct bc_items *items = NULL;
    struct bc_items_page page;
    products_want(export->run.shop, want);
    if (!bc_items_open(export->run.attempt, want, &items, err))
        return false;
    for (;;) {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read items");
        if (page.count == 0)
            break;
        if (!export_compare(export, &page, err))
            return false;
        attempt_progress(export->run.attempt, "comparing items", export->run.attempt->counts.read,
                         0);
    }
    if (seen_ms)
        *seen_ms = bc_items_seen_ms(items);
    return true;
}

/* What an earlier run could not tell; those that have changed since are compared already. */
static bool compare_due(struct export *export, int64_t since_ms, struct err *err)
{
    struct products *run = &export->run;
    OWN_TEXT char *key = mem_printf("products-due:%s", run->shop->code);
    OWN_IDS struct store_ids due = {0};
    const char *ids[DUE_MOST];
    size_t count = 0;
    if (since_ms == 0)
        return true;
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, DUE_MOST, &due, err))
        return false;
    for (size_t i = 0; i < due.count; i++) {
        bool compared = false;
        for (size_t k = 0; k < export->count && !compared; k++)
            compared = strcmp(export->changes[k].item.id, due.items[i]) == 0;
        if (!compared)
            ids[count++] = due.items[i];
    }
    struct bc_items_want want = {.ids = ids, .id_count = count};
    return count == 0 || compare_all(export, &want, NULL, err);
}

static bool open_brakes(struct export *export, struct err *err)
{
    const struct products *run = &export->run;
    const struct shop *shop = run->shop;
    OWN_TEXT char *prices =
        mem_printf("prices would change by more than %d %%", (int)shop->brake_price_change);
    int64_t products, variants;
    OWN_TEXT char *all_products = mem_printf("shop-products:%s", shop->code);
    OWN_TEXT char *all_variants = mem_printf("shop-variants:%s", shop->code);
    export->brakes[BRAKE_PRICES] = brake_new(prices, shop->brake_prices, shop->brake_least);
    export->brakes[BRAKE_ARCHIVE] =
        brake_new("products would be archived", shop->brake_archive, shop->brake_least);
    if (!store_size(run->attempt->ledger, run->company, all_products, &products, err) ||
        !store_size(run->attempt->ledger, run->company, all_variants, &variants, err))
        return false;
    brake_of(export->brakes[BRAKE_PRICES], (size_t)variants);
    brake_of(export->brakes[BRAKE_ARCHIVE], (size_t)products);
    return true;
}

static bool wanted(const struct export *export)
{
    const struct shop *shop = export->run.shop;
    return export->only_prices ||
           (shop->sync_item == SYNC_ITEM_TO_SHOPIFY && shop->can_update_shopify_products);
}

/* The other direction, but for prices, which only ever go out. */
static bool comes_in(const struct attempt *attempt)
{
    return attempt->shop && attempt->shop->sync_item == SYNC_ITEM_FROM_SHOPIFY &&
           !json_flag(attempt->args, "only_prices", false);
}

bool products_sync_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(export_drop))) struct export export = {0};
    char terms[2 * DIGEST_BYTES + 1];
    int64_t since_ms = 0, seen_ms = 0;
    if (comes_in(attempt))
        return products_import_run(attempt, err);
    if (!products_open(&export.run, attempt, err))
        return false;
    export.arena = arena_new();
    export.only_prices = json_flag(attempt->args, "only_prices", false);
    if (!wanted(&export)) {
        log_info("products.not_wanted", TEXT("shop", attempt->shop->code));
        return true;
    }
    terms_of(&export, terms);
    if (!attempt_last_look(attempt, export.only_prices ? "prices" : "products",
                           &export.last_look_ms, err) ||
        !export_look(&export, err))
        return false;
    if (!open_brakes(&export, err) || !read_mark(&export, terms, &since_ms, err))
        return false;
    struct bc_items_want want = {.since_ms = since_ms};
    if (!compare_all(&export, &want, &seen_ms, err) || !compare_due(&export, since_ms, err) ||
        (since_ms == 0 && !export_removed(&export, err)) ||
        !brake_ask(attempt, export.brakes, BRAKES, err) || !products_day_read(&export.run, err) ||
        !export_make(&export, err) || !export_send(&export, err) || !export_extras(&export, err))
        return false;
    for (size_t i = 0; i < export.count; i++)
        change_finish(&export, &export.changes[i]);
    write_mark(&export, terms, seen_ms);
    return products_flush(&export.run, true, err);
}
