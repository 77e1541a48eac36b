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
    for (size_t i = 0; i < batch->count; i++)
        free(batch->prices[i].breaks);
    for (size_t i = 0; i < batch->item_count; i++) {
        struct told_item *told = batch->items[i];
        told->failed |= !batch->confirmed;
        if (--told->batches > 0)
            continue;
        free(told->item);
        free(told->text);
        free(told);
    }
    free(batch->items);
    free(batch);
}

void price_batch_hold(struct price_batch *batch, struct told_item *told)
{
    if (batch->item_count == batch->item_room) {
        size_t room = batch->item_room ? batch->item_room * 2 : 32;
        batch->items = mem_grow(batch->items, batch->item_room, room, sizeof(struct told_item *));
        batch->item_room = room;
    }
    batch->items[batch->item_count++] = told;
    told->batches++;
}

void price_batches_drop(struct price_batches *batches)
{
    for (size_t i = 0; i < batches->count; i++)
        price_batch_free(batches->items[i]);
    free(batches->items);
    *batches = (struct price_batches){0};
}

static void close_batch(struct catalog_prices *run, struct catalog *catalog)
{
    if (!catalog->open)
        return;
    struct price_batches *to = catalog->open->breaks ? &run->singly : &run->full;
    if (to->count == to->room) {
        size_t room = to->room ? to->room * 2 : GROUP;
        to->items = mem_grow(to->items, to->room, room, sizeof(struct price_batch *));
        to->room = room;
    }
    to->items[to->count++] = GIVE(catalog->open);
}

static size_t break_rows(const struct list_price *price)
{
    size_t rows = price->breaks && *price->breaks ? 1 : 0;
    for (const char *at = rows ? price->breaks : ""; *at; at++)
        rows += *at == ',';
    return rows;
}

static bool has_room(const struct price_batch *batch, const struct list_price *prices, size_t count)
{
    size_t rows = batch->break_rows;
    for (size_t i = 0; i < count; i++)
        rows += break_rows(&prices[i]);
    return batch->count + count <= LIST_PRICES_MOST && rows <= LIST_PRICES_MOST;
}

void catalog_batch_add(struct catalog_prices *run, struct catalog *catalog,
                       const struct list_price *prices, size_t count, const char *item,
                       const char *text)
{
    static const struct price_batch EMPTY = {.count = 0};
    struct told_item *told = mem_new(sizeof *told);
    *told = (struct told_item){.item = mem_text(item), .text = mem_text(text)};
    /* an item whose prices fit into one call is told by one call */
    if (catalog->open && has_room(&EMPTY, prices, count) && !has_room(catalog->open, prices, count))
        close_batch(run, catalog);
    for (size_t i = 0; i < count; i++) {
        if (catalog->open && !has_room(catalog->open, &prices[i], 1))
            close_batch(run, catalog);
        if (!catalog->open) {
            catalog->open = mem_new(sizeof *catalog->open);
            catalog->open->catalog = catalog;
        }
        struct price_batch *batch = catalog->open;
        if (batch->item_count == 0 || batch->items[batch->item_count - 1] != told)
            price_batch_hold(batch, told);
        batch->prices[batch->count++] = prices[i];
        batch->breaks |= prices[i].breaks != NULL;
        batch->break_rows += break_rows(&prices[i]);
    }
}

/* ---- calls ---- */

static json *money(const char *amount, const char *currency)
{
    json *object = json_new_object();
    json_set_text(object, "amount", amount);
    json_set_text(object, "currencyCode", currency);
    return object;
}

static json *row_new(const struct list_price *price)
{
    OWN_TEXT char *variant = mem_printf("gid://shopify/ProductVariant/%s", price->variant);
    json *row = json_new_object();
    json_set_text(row, "variantId", variant);
    return row;
}

static json *price_rows(const struct price_batch *batch)
{
    const char *currency = batch->catalog->staged.currency;
    json *rows = json_new_array();
    for (size_t i = 0; i < batch->count; i++) {
        const struct list_price *price = &batch->prices[i];
        json *row = row_new(price);
        json_set(row, "price", money(price->price, currency));
        json_set(row, "compareAtPrice",
                 *price->compare_at ? money(price->compare_at, currency) : NULL);
        json_add(rows, row);
    }
    return rows;
}

json *price_batch_variables(const struct price_batch *batch)
{
    json *variables = json_new_object();
    OWN_TEXT char *list = mem_printf("gid://shopify/PriceList/%s", batch->catalog->staged.list);
    json_set_text(variables, "list", list);
    json_set(variables, "prices", price_rows(batch));
    return variables;
}

/* Breaks are set anew, whole, for each variant that has some or had: the same call twice leaves the
 * same list, for Shopify takes away first. */
static json *breaks_variables(const struct price_batch *batch)
{
    json *variables = json_new_object(), *input = json_new_object();
    json *added = json_new_array(), *gone = json_new_array();
    OWN_TEXT char *list = mem_printf("gid://shopify/PriceList/%s", batch->catalog->staged.list);
    for (size_t i = 0; i < batch->count; i++) {
        const struct list_price *price = &batch->prices[i];
        if (!price->breaks)
            continue;
        OWN_JSON json *whole = row_new(price);
        OWN_TEXT char *text = mem_text(price->breaks);
        json_add_text(gone, json_text(whole, "variantId"));
        for (char *rest = text, *one; (one = strtok_r(rest, ",", &rest));) {
            json *row = row_new(price);
            json_set_int(row, "minimumQuantity", strtoll(one, NULL, 10));
            json_set(row, "price", money(strchr(one, ':') + 1, batch->catalog->staged.currency));
            json_add(added, row);
        }
    }
    json_set_text(variables, "list", list);
    json_set(variables, "input", input);
    json_set(input, "pricesToAdd", price_rows(batch));
    json_set(input, "quantityPriceBreaksToAdd", added);
    json_set(input, "quantityPriceBreaksToDeleteByVariantId", gone);
    static const char *const NONE[] = {"pricesToDeleteByVariantId", "quantityPriceBreaksToDelete",
                                       "quantityRulesToAdd", "quantityRulesToDeleteByVariantId"};
    for (size_t i = 0; i < COUNT(NONE); i++) /* the schema wants them */
        json_set(input, NONE[i], json_new_array());
    return variables;
}

/* ---- answers ---- */

static const struct {
    const char *code;
    enum reason reason;
} STOPS[] = {
    {"PRICE_LIST_CURRENCY_MISMATCH",               REASON_CATALOG_CURRENCY},
    {"PRICE_ADD_CURRENCY_MISMATCH",                REASON_CATALOG_CURRENCY},
    {"QUANTITY_PRICE_BREAK_ADD_CURRENCY_MISMATCH", REASON_CATALOG_CURRENCY},
    {"PRICE_LIST_NOT_FOUND",                       REASON_CATALOG_GONE    },
    {"PRICE_LIST_LOCKED",                          REASON_CATALOG_LATER   },
    {"CATALOG_CONTEXT_LOCKED",                     REASON_CATALOG_LATER   },
    {"GENERIC_ERROR",                              REASON_CATALOG_LATER   },
};

/* The price whose breaks hold row `at` of all breaks that were sent, or of those that go. */
static int64_t price_of_break(const struct price_batch *batch, long at, bool gone)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct list_price *price = &batch->prices[i];
        long rows = gone ? price->breaks != NULL : (long)break_rows(price);
        if (at < rows)
            return (int64_t)i;
        at -= rows;
    }
    return -1;
}

/* Which of the batch's prices is meant: ["prices", "3", "variantId"] -> 3, or ["input",
 * "quantityPriceBreaksToAdd", "7", ...]; -1 = the call as a whole. */
static int64_t row_of(const struct price_batch *batch, const json *refusal)
{
    const json *field = json_get(refusal, "field");
    size_t first = strcmp(json_string(json_at(field, 0)), "input") == 0 ? 1 : 0;
    const char *list = json_string(json_at(field, first));
    const char *text = json_string(json_at(field, first + 1));
    char *end;
    long at = strtol(text, &end, 10);
    if (!*text || *end || at < 0)
        return -1;
    if (strncmp(list, "quantityPriceBreaks", 19) == 0)
        return price_of_break(batch, at, strstr(list, "Delete") != NULL);
    return at;
}

static bool stops(struct catalog_prices *run, struct price_batch *batch, const json *refusals)
{
    for (size_t i = 0; i < json_count(refusals); i++) {
        const json *refusal = json_at(refusals, i);
        int64_t row = row_of(batch, refusal);
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
        bad[row_of(batch, json_at(refusals, i))] = true;
    for (size_t i = 0; i < batch->count; i++) {
        if (!bad[i]) {
            batch->prices[left++] = batch->prices[i];
            continue;
        }
        run->run.attempt->counts.skipped++;
        log_info("catalog.price_refused", TEXT("catalog", batch->catalog->staged.title),
                 TEXT("variant", batch->prices[i].variant),
                 TEXT("why", json_text(json_at(refusals, 0), "message")));
        free(batch->prices[i].breaks);
    }
    batch->count = left;
}

static void confirm(struct catalog_prices *run, struct price_batch *batch)
{
    batch->confirmed = true;
    for (size_t i = 0; i < batch->item_count; i++) {
        const struct told_item *told = batch->items[i];
        OWN_TEXT char *key = mem_printf("catalog-sent:%s:%s:%s", run->run.shop->code,
                                        batch->catalog->staged.list, told->item);
        if (told->batches == 1 && !told->failed)
            write_add(run->run.write, "SET", key, told->text, NULL);
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

static struct shopify_call call_of(const struct price_batch *batch)
{
    if (batch->breaks)
        return (struct shopify_call){.document = "catalog-prices-breaks",
                                     .variables = breaks_variables(batch),
                                     .user_errors_at = "quantityPricingByVariantUpdate"};
    return (struct shopify_call){.document = "catalog-prices-add",
                                 .variables = price_batch_variables(batch),
                                 .user_errors_at = "priceListFixedPricesAdd"};
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
        calls[i] = call_of(batches[i]);
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

/* Those that go again stand last afterwards. */
static bool send_all(struct catalog_prices *run, struct price_batches *batches, struct err *err)
{
    while (batches->count > 0) {
        struct price_batch *group[GROUP];
        size_t count = 0, left = 0, taken = 0;
        for (; taken < batches->count && count < GROUP; taken++)
            if (batches->items[taken]->catalog->stopped)
                price_batch_free(batches->items[taken]);
            else
                group[count++] = batches->items[taken];
        for (; taken < batches->count; taken++)
            batches->items[left++] = batches->items[taken];
        batches->count = left;
        bool ok = count == 0 || send_group(run, group, count, err);
        for (size_t i = 0; i < count; i++)
            if (group[i])
                batches->items[batches->count++] = group[i];
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
    if ((all || run->singly.count >= GROUP) && !send_all(run, &run->singly, err))
        return false;
    if (!catalog_bulk_send(run, all, &done, err))
        return false;
    return done || (run->full.count < GROUP && !all) || send_all(run, &run->full, err);
}
