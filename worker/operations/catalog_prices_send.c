/* catalog_prices_send.c - prices go to their lists, 250 a call, and what Shopify confirms is
 * staged. Where there are many calls they go as one operation (catalog_prices_bulk.c).
 *
 * Idempotency: a fixed price is set, never added to, and always whole (price and compare-at), so
 * the same call twice leaves the same list. Only what Shopify has confirmed is staged: a price
 * whose answer got lost differs again, and is sent again. Shopify may carry out a lost call for a
 * while (late_s), and would put an old price in the place of a newer one: until then the catalog is
 * told nothing.
 *
 * One bad row makes Shopify refuse all of a call: it is taken out, and the others are sent again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/catalog_prices.h"
#include "operations/operations_table.h"

enum { GROUP = 16 };

void catalog_stop(struct catalog_prices *run, struct catalog *catalog, enum reason reason,
                  const char *detail)
{
    struct err why;
    OWN_TEXT char *id = mem_printf("catalog-%s", catalog->staged.id);
    if (catalog->stopped)
        return;
    catalog->stopped = true;
    run->run.attempt->counts.skipped++;
    log_info("catalog.stopped", TEXT("catalog", catalog->staged.title),
             TEXT("reason", reason_row(reason)->code), TEXT("why", detail));
    skip_one(run->run.attempt, run->run.write, id, catalog->staged.title, reason, detail, &why);
    stage_catalog_basis(run->run.write, run->run.shop->code, catalog->staged.id, "");
}

/* ---- batches ---- */

void price_batch_free(struct price_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->item_count; i++) {
        free(batch->items[i].item);
        free(batch->items[i].text);
    }
    free(batch->items);
    free(batch);
}

static void close_batch(struct catalog_prices *run, struct catalog *catalog)
{
    if (!catalog->open)
        return;
    if (run->full_count == run->full_room) {
        size_t room = run->full_room ? run->full_room * 2 : GROUP;
        run->full = mem_grow(run->full, run->full_room, room, sizeof(struct price_batch *));
        run->full_room = room;
    }
    run->full[run->full_count++] = GIVE(catalog->open);
}

/* The item's text stands with the last of its prices. */
static void told_when_confirmed(struct price_batch *batch, const char *item, const char *text)
{
    if (batch->item_count == batch->item_room) {
        size_t room = batch->item_room ? batch->item_room * 2 : 32;
        batch->items = mem_grow(batch->items, batch->item_room, room, sizeof *batch->items);
        batch->item_room = room;
    }
    batch->items[batch->item_count++] = (struct told_item){mem_text(item), mem_text(text)};
}

void catalog_batch_add(struct catalog_prices *run, struct catalog *catalog,
                       const struct list_price *prices, size_t count, const char *item,
                       const char *text)
{
    for (size_t i = 0; i < count; i++) {
        /* an item whose prices fit into one call is told by one call */
        size_t room = catalog->open ? LIST_PRICES_MOST - catalog->open->count : 0;
        if (room == 0 || (i == 0 && count <= LIST_PRICES_MOST && room < count))
            close_batch(run, catalog);
        if (!catalog->open) {
            catalog->open = mem_new(sizeof *catalog->open);
            catalog->open->catalog = catalog;
        }
        catalog->open->prices[catalog->open->count++] = prices[i];
    }
    told_when_confirmed(catalog->open, item, text);
}

/* ---- calls ---- */

static json *money(const char *amount, const char *currency)
{
    json *object = json_new_object();
    json_set_text(object, "amount", amount);
    json_set_text(object, "currencyCode", currency);
    return object;
}

json *price_batch_variables(const struct price_batch *batch)
{
    const struct staged_catalog *catalog = &batch->catalog->staged;
    json *variables = json_new_object(), *rows = json_new_array();
    OWN_TEXT char *list = mem_printf("gid://shopify/PriceList/%s", catalog->list);
    for (size_t i = 0; i < batch->count; i++) {
        const struct list_price *price = &batch->prices[i];
        OWN_TEXT char *variant = mem_printf("gid://shopify/ProductVariant/%s", price->variant);
        json *row = json_new_object();
        json_set_text(row, "variantId", variant);
        json_set(row, "price", money(price->price, catalog->currency));
        json_set(row, "compareAtPrice",
                 *price->compare_at ? money(price->compare_at, catalog->currency) : NULL);
        json_add(rows, row);
    }
    json_set_text(variables, "list", list);
    json_set(variables, "prices", rows);
    return variables;
}

/* ---- answers ---- */

static const struct {
    const char *code;
    enum reason reason;
} STOPS[] = {
    {"PRICE_LIST_CURRENCY_MISMATCH", REASON_CATALOG_CURRENCY},
    {"PRICE_LIST_NOT_FOUND",         REASON_CATALOG_GONE    },
    {"PRICE_LIST_LOCKED",            REASON_CATALOG_LATER   },
    {"CATALOG_CONTEXT_LOCKED",       REASON_CATALOG_LATER   },
};

/* ["prices", "3", "variantId"] -> 3; -1 = the call as a whole. */
static int64_t row_of(const json *refusal)
{
    const json *field = json_get(refusal, "field");
    const char *text = json_string(json_at(field, 1));
    char *end;
    long at = strtol(text, &end, 10);
    return *text && !*end ? at : -1;
}

static bool stops(struct catalog_prices *run, struct price_batch *batch, const json *refusals)
{
    for (size_t i = 0; i < json_count(refusals); i++) {
        const json *refusal = json_at(refusals, i);
        int64_t row = row_of(refusal);
        enum reason reason = REASON_NONE;
        for (size_t k = 0; k < COUNT(STOPS); k++)
            if (strcmp(json_text(refusal, "code"), STOPS[k].code) == 0)
                reason = STOPS[k].reason;
        if (reason == REASON_NONE && (row < 0 || row >= (int64_t)batch->count))
            reason = REASON_CATALOG_REFUSED;
        if (reason == REASON_NONE)
            continue;
        catalog_stop(run, batch->catalog, reason, json_text(refusal, "message"));
        return true;
    }
    return false;
}

/* The rows that Shopify has named; what is left is sent again. */
static void take_out(struct catalog_prices *run, struct price_batch *batch, const json *refusals)
{
    bool bad[LIST_PRICES_MOST] = {false};
    size_t left = 0;
    for (size_t i = 0; i < json_count(refusals); i++)
        bad[row_of(json_at(refusals, i))] = true;
    for (size_t i = 0; i < batch->count; i++) {
        if (!bad[i]) {
            batch->prices[left++] = batch->prices[i];
            continue;
        }
        run->run.attempt->counts.skipped++;
        log_info("catalog.price_refused", TEXT("catalog", batch->catalog->staged.title),
                 TEXT("variant", batch->prices[i].variant),
                 TEXT("why", json_text(json_at(refusals, 0), "message")));
    }
    batch->count = left;
}

static void confirm(struct catalog_prices *run, const struct price_batch *batch)
{
    for (size_t i = 0; i < batch->item_count; i++) {
        OWN_TEXT char *key = mem_printf("catalog-sent:%s:%s:%s", run->run.shop->code,
                                        batch->catalog->staged.list, batch->items[i].item);
        write_add(run->run.write, "SET", key, batch->items[i].text, NULL);
    }
    run->run.attempt->counts.updated += (int64_t)batch->count;
}

bool price_batch_take(struct catalog_prices *run, struct price_batch *batch,
                      const struct shopify_call *call)
{
    if (call->not_allowed) {
        catalog_stop(run, batch->catalog, REASON_WRITES_OFF, "");
    } else if (call->err.kind != ERR_NONE) {
        catalog_stop(run, batch->catalog,
                     call->err.kind == ERR_FATAL ? REASON_CATALOG_REFUSED : REASON_CATALOG_LATER,
                     call->err.text);
    } else if (call->user_errors) {
        if (stops(run, batch, call->user_errors))
            return false;
        take_out(run, batch, call->user_errors);
        if (batch->count > 0)
            return true;
        confirm(run, batch); /* none of them is a price that Shopify wants */
    } else {
        confirm(run, batch);
    }
    return false;
}

/* ---- sending ---- */

/* `until` 0 = they are answered. */
static void note(struct catalog_prices *run, struct price_batch *const batches[], size_t count,
                 int64_t until_ms)
{
    for (size_t i = 0; i < count; i++)
        stage_catalog_unsure(run->run.write, run->run.shop->code, batches[i]->catalog->staged.id,
                             until_ms);
}

static bool send_group(struct catalog_prices *run, struct price_batch **batches, size_t count,
                       struct err *err)
{
    struct shopify_call calls[GROUP];
    struct err why;
    int64_t until_ms = products_now_ms(&run->run) + run->run.shop->late_s * 1000;
    note(run, batches, count, until_ms);
    if (!products_flush(&run->run, true, err))
        return false;
    for (size_t i = 0; i < count; i++)
        calls[i] = (struct shopify_call){.document = "catalog-prices-add",
                                         .variables = price_batch_variables(batches[i]),
                                         .user_errors_at = "priceListFixedPricesAdd"};
    bool ok = shopify_call_all(run->run.attempt, calls, count, err);
    note(run, batches, count, 0);
    /* Also where the attempt ends: what was answered is staged. */
    for (size_t i = 0; i < count; i++)
        if (calls[i].err.kind == ERR_UNCERTAIN || calls[i].err.kind == ERR_CANCELLED)
            note(run, &batches[i], 1, until_ms);
    for (size_t i = 0; i < count; i++) {
        if (!price_batch_take(run, batches[i], &calls[i]))
            price_batch_free(GIVE(batches[i]));
        if (!products_flush(&run->run, false, ok ? err : &why))
            ok = false;
        shopify_call_drop(&calls[i]);
    }
    return products_flush(&run->run, true, ok ? err : &why) && ok;
}

/* Those that go again stand first afterwards. */
static bool send_full(struct catalog_prices *run, struct err *err)
{
    while (run->full_count > 0) {
        struct price_batch *group[GROUP];
        size_t count = 0, left = 0, taken = 0;
        for (; taken < run->full_count && count < GROUP; taken++)
            if (run->full[taken]->catalog->stopped)
                price_batch_free(run->full[taken]);
            else
                group[count++] = run->full[taken];
        for (; taken < run->full_count; taken++)
            run->full[left++] = run->full[taken];
        run->full_count = left;
        bool ok = count == 0 || send_group(run, group, count, err);
        for (size_t i = 0; i < count; i++)
            if (group[i])
                run->full[run->full_count++] = group[i];
        if (!ok)
            return err_wrap(err, "tell Shopify of prices");
    }
    return true;
}

bool catalog_batches_send(struct catalog_prices *run, bool all, struct err *err)
{
    for (size_t i = 0; all && i < run->catalog_count; i++)
        close_batch(run, &run->catalogs[i]);
    bool done;
    if (!catalog_bulk_send(run, all, &done, err))
        return false;
    return done || (run->full_count < GROUP && !all) || send_full(run, err);
}
