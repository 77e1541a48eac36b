/* catalog_prices_bulk.c - very many prices go to Shopify as one operation of its own time, a line
 * for what would be a call.
 *
 * Idempotency: as singly, a fixed price is set, whole. What is staged once Shopify confirms a line
 * is kept with it; a line without an answer, or one that was refused, differs again in the next
 * attempt. The run parks until the answers are there. Its cursor says that the last part of what it
 * had to tell was sent, then that it is answered: what is left goes singly, so that no run sends
 * the same lines over and over.
 */
#include <stdio.h>
#include <string.h>

#include "operations/catalog_prices.h"

static const char LAST[] = "last", TOLD[] = "told";
static const struct bulk_job PRICES = {"catalog-prices", "catalog-prices-add",
                                       "priceListFixedPricesAdd"};

/* ---- what is kept of a line ---- */

static json *kept_of(const struct price_batch *batch)
{
    json *kept = json_new_object(), *items = json_new_array();
    json_set_text(kept, "catalog", batch->catalog->staged.id);
    json_set_text(kept, "list", batch->catalog->staged.list);
    json_set_int(kept, "prices", (int64_t)batch->count);
    for (size_t i = 0; i < batch->item_count; i++) {
        if (batch->items[i]->batches > 1 || batch->items[i]->failed)
            continue; /* of several lines: it goes again, singly */
        json_add_text(items, batch->items[i]->item);
        json_add_text(items, batch->items[i]->text);
    }
    json_set(kept, "items", items);
    return kept;
}

/* NULL = nobody's any more: its catalog has no prices from here, or another list. */
static struct price_batch *read_kept(struct catalog_prices *run, const json *kept)
{
    struct catalog *catalog = NULL;
    const json *items = json_get(kept, "items");
    for (size_t i = 0; i < run->catalog_count; i++)
        if (strcmp(run->catalogs[i].staged.id, json_text(kept, "catalog")) == 0 &&
            strcmp(run->catalogs[i].staged.list, json_text(kept, "list")) == 0)
            catalog = &run->catalogs[i];
    if (!catalog)
        return NULL;
    struct price_batch *batch = mem_new(sizeof *batch);
    batch->catalog = catalog;
    batch->count = (size_t)json_int(kept, "prices", 0);
    for (size_t i = 0; i + 1 < json_count(items); i += 2) {
        struct told_item *told = mem_new(sizeof *told);
        *told = (struct told_item){.item = mem_text(json_string(json_at(items, i))),
                                   .text = mem_text(json_string(json_at(items, i + 1)))};
        price_batch_hold(batch, told);
    }
    return batch;
}

/* ---- answers ---- */

/* A line that was refused says nothing of its other prices: they differ again, and go singly. */
static bool take(void *state, const char *const records[], const char *const kept[],
                 struct shopify_call answers[], size_t count, struct err *err)
{
    struct catalog_prices *run = state;
    (void)records;
    for (size_t i = 0; i < count; i++) {
        OWN_JSON json *tree = NULL;
        struct err broken;
        if (answers[i].err.kind != ERR_NONE || answers[i].user_errors ||
            !json_parse(kept[i], strlen(kept[i]), &tree, &broken))
            continue;
        struct price_batch *batch = read_kept(run, tree);
        if (batch)
            (void)price_batch_take(run, batch, &answers[i]);
        price_batch_free(batch);
        if (!products_flush(&run->run, false, err))
            return false;
    }
    return products_flush(&run->run, true, err);
}

static bool stands_at(const struct attempt *attempt, const char *cursor)
{
    const struct run_sheet *sheet = attempt->sheet;
    return sheet->cursor_size == strlen(cursor) &&
           memcmp(sheet->cursor, cursor, strlen(cursor)) == 0;
}

bool catalog_bulk_look(struct catalog_prices *run, struct err *err)
{
    struct attempt *attempt = run->run.attempt;
    size_t lines;
    if (!bulk_look(attempt, &PRICES, take, run, &run->bulk, err))
        return false;
    if (bulk_is_under_way(run->bulk))
        return bulk_wait(run->bulk, "prices of catalogs are told", err);
    run->told =
        stands_at(attempt, TOLD) || (stands_at(attempt, LAST) && bulk_answered(run->bulk, &lines));
    return !run->told || attempt_checkpoint(attempt, TOLD, strlen(TOLD), err);
}

/* ---- sending ---- */

/* False = the file is full. A line whose texts are too long to be kept goes singly afterwards. */
static bool add_batch(struct catalog_prices *run, const struct price_batch *batch)
{
    OWN_JSON json *kept = kept_of(batch);
    const char *text = json_write(kept);
    OWN_TEXT char *record = mem_printf("%s-%zu", batch->catalog->staged.list, run->line_count++);
    return strlen(text) > BULK_KEPT ||
           bulk_lines_add(run->lines, record, price_batch_variables(batch), text);
}

static bool start(struct catalog_prices *run, bool last, struct err *err)
{
    if (last && !attempt_checkpoint(run->run.attempt, LAST, strlen(LAST), err))
        return false;
    return bulk_start(run->bulk, run->lines, err) &&
           bulk_wait(run->bulk, "prices of catalogs are told", err);
}

bool catalog_bulk_send(struct catalog_prices *run, bool all, bool *done, struct err *err)
{
    enum bulk_road road = bulk_road(run->bulk, run->full.count);
    *done = !run->told && run->run.shop->allow_writes && run->run.shop->bulk_from > 0;
    if (!*done)
        return true;
    if (!run->lines && road != BULK_TOGETHER) {
        if (road == BULK_LATER)
            return bulk_wait(run->bulk, "prices of catalogs are told", err);
        /* few so far: more may come */
        *done = !all && (int64_t)run->full.count < run->run.shop->bulk_from;
        return true;
    }
    if (!run->lines && !bulk_lines_open(&run->lines, err))
        return false;
    while (run->full.count > 0) {
        struct price_batch *batch = run->full.items[run->full.count - 1];
        if (!batch->catalog->stopped && !add_batch(run, batch))
            return start(run, false, err);
        run->full.count--;
        price_batch_free(batch);
    }
    if (!all)
        return true;
    return bulk_lines_count(run->lines) == 0 || start(run, true, err);
}
