/* catalog_prices_sync.c - report 30116: the prices of catalogs that the shop's settings name.
 *
 * Idempotency: catalog_prices_send.c says why prices may be sent twice. The mark up to which
 * Business Central's changes are told moves when all of them were sent; a catalog that was stopped
 * on the way has no basis then, and is compared whole by the next run. A price that Shopify refuses
 * for its variant is not asked again until it changes.
 *
 * Fewest calls: catalogs for which the same terms and currency hold share one price vector.
 * Business Central says which items and price lines have changed; prices that begin or end are
 * known by their day, and what all prices depend on (terms, rates, lines for all items) by a
 * digest. So a run with nothing to tell asks Shopify nothing. Once a week all is compared, for a
 * price line that was deleted leaves no trace.
 *
 * A run for some catalogs alone, by its parameters, compares all of these and moves no mark: what
 * it has seen the others have not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "calendar/days.h"
#include "model/filter.h"
#include "operations/catalog_prices.h"
#include "operations/operations_table.h"

enum { DIGEST_BYTES = 16, WEEK_MS = 7 * 24 * 3600 * 1000 };

static void prices_drop(struct catalog_prices *run)
{
    for (size_t i = 0; i < run->catalog_count; i++)
        price_batch_free(run->catalogs[i].open);
    price_batches_drop(&run->full);
    price_batches_drop(&run->singly);
    bulk_free(run->bulk);
    bulk_lines_free(run->lines);
    catalog_rows_free(run->rows);
    arena_free(run->arena);
    products_close(&run->run);
}

/* ---- which catalogs ---- */

static bool takes(const struct attempt *attempt, const char *name, enum filter_kind kind,
                  const char *value, bool *out, struct err *err)
{
    const char *text = json_text(attempt->args, name);
    OWN(filter) struct filter *filter = NULL;
    if (!*text)
        return true;
    if (!filter_parse(text, kind, &filter, err))
        return err_wrap(err, "%s", name);
    *out = *out && filter_fits(filter, value);
    return true;
}

static bool is_asked(const struct catalog_prices *run, const struct staged_catalog *catalog,
                     bool *out, struct err *err)
{
    const struct attempt *attempt = run->run.attempt;
    const char *type = json_text(attempt->args, "type");
    *out = !catalog->gone && strcmp(catalog->status, "ACTIVE") == 0 &&
           (!*type || strcmp(type, catalog->type) == 0);
    return takes(attempt, "catalog_id", FILTER_NUMBER, catalog->id, out, err) &&
           takes(attempt, "catalog_name", FILTER_TEXT, catalog->title, out, err);
}

static bool same_context(const struct context *context, const struct catalog_terms *terms,
                         const char *currency)
{
    return strcmp(context->terms.customer, terms->customer) == 0 &&
           strcmp(context->terms.price_group, terms->price_group) == 0 &&
           strcmp(context->terms.discount_group, terms->discount_group) == 0 &&
           strcmp(context->terms.vat_group, terms->vat_group) == 0 &&
           context->terms.line_discounts == terms->line_discounts &&
           context->terms.include_vat == terms->include_vat &&
           context->terms.quantity_breaks == terms->quantity_breaks &&
           strcmp(context->asked.currency, currency) == 0;
}

static struct context *context_of(struct catalog_prices *run, const struct catalog_terms *terms,
                                  const char *currency)
{
    for (size_t i = 0; i < run->context_count; i++)
        if (same_context(&run->contexts[i], terms, currency))
            return &run->contexts[i];
    struct context *context = &run->contexts[run->context_count++];
    *context = (struct context){
        .terms = *terms,
        .asked = {.date = run->run.today,
                  .currency = currency,
                  .price_group = terms->price_group,
                  .discount_group = terms->discount_group,
                  .vat_group = terms->vat_group,
                  .customer = terms->customer,
                  .line_discounts = terms->line_discounts,
                  .include_vat = terms->include_vat,
                  .quantity_breaks = terms->quantity_breaks},
    };
    return context;
}

static bool choose(struct catalog_prices *run, struct err *err)
{
    size_t count = catalog_rows_count(run->rows);
    run->catalogs = arena_array(run->arena, count + 1, sizeof *run->catalogs);
    run->contexts = arena_array(run->arena, count + 1, sizeof *run->contexts);
    for (size_t i = 0; i < count; i++) {
        struct catalog catalog = {.staged = catalog_row(run->rows, i)};
        struct catalog_terms terms;
        bool asked;
        if (!is_asked(run, &catalog.staged, &asked, err))
            return false;
        if (!asked || !catalog_terms_of(run->run.shop, catalog.staged.title, catalog.staged.id,
                                        run->arena, &terms)) {
            if (!run->some && *catalog.staged.basis) /* it misses what this run sees */
                stage_catalog_basis(run->run.write, run->run.shop->code, catalog.staged.id, "");
            continue;
        }
        if (!*catalog.staged.list) {
            catalog_stop(run, &catalog, REASON_CATALOG_NO_LIST, "");
            continue;
        }
        if (catalog.staged.unsure_ms > products_now_ms(&run->run)) {
            catalog_stop(run, &catalog, REASON_CATALOG_LATER,
                         "the last prices got no answer, and may still come through");
            continue;
        }
        catalog.context = context_of(run, &terms, catalog.staged.erp_currency);
        run->catalogs[run->catalog_count++] = catalog;
    }
    return true;
}

/* ---- what their prices depend on ---- */

static void stop_context(struct catalog_prices *run, struct context *context, enum reason reason,
                         const char *detail)
{
    context->stopped = true;
    for (size_t i = 0; i < run->catalog_count; i++)
        if (run->catalogs[i].context == context)
            catalog_stop(run, &run->catalogs[i], reason, detail);
}

static bool read_basis(struct catalog_prices *run, struct context *context, struct err *err)
{
    const struct catalog_terms *terms = &context->terms;
    OWN_BUF struct buf text = {0};
    if (!bc_prices_basis(run->run.attempt, &context->asked, &text, err)) {
        if (err->kind != ERR_FATAL || !*context->asked.currency)
            return false;
        stop_context(run, context, REASON_CATALOG_CURRENCY, err->text);
        err_clear(err);
        return true;
    }
    buf_printf(&text, "%s|%s|%s|%s|%d%d|%s|%d%s", terms->customer, terms->price_group,
               terms->discount_group, terms->vat_group, terms->line_discounts, terms->include_vat,
               context->asked.currency, run->run.shop->uom_as_variant,
               terms->quantity_breaks ? "|breaks" : "");
    digest_hex(buf_str(&text), text.size, DIGEST_BYTES, context->basis);
    return true;
}

static bool is_known(const struct catalog *catalog)
{
    OWN_TEXT char *basis = mem_printf("%s/%s", catalog->context->basis, catalog->staged.list);
    return strcmp(catalog->staged.basis, basis) == 0;
}

/* ---- items ---- */

struct mark {
    int64_t since_ms, full_ms;
};

static char *mark_key(const struct catalog_prices *run)
{
    return mem_printf("mark:catalog-prices:%s", run->run.shop->code);
}

static bool read_mark(const struct catalog_prices *run, struct mark *out, struct err *err)
{
    static const char *const FIELDS[] = {"since", "full"};
    OWN_TEXT char *key = mark_key(run);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(run->run.attempt->ledger, run->run.company, keys, 1, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    *out = (struct mark){store_int(rows, 0, 0), store_int(rows, 0, 1)};
    bool late = run->some || products_now_ms(&run->run) - out->full_ms >= WEEK_MS;
    for (size_t i = 0; i < run->catalog_count; i++)
        late = late || (!run->catalogs[i].stopped && !is_known(&run->catalogs[i]));
    if (late)
        out->since_ms = 0;
    return true;
}

static bool compare_all(struct catalog_prices *run, struct bc_items_want *want, int64_t *seen_ms,
                        struct err *err)
{
    OWN(bc_items) struct bc_items *items = NULL;
    struct bc_items_page page;
    want->prices = true;
    if (!bc_items_open(run->run.attempt, want, &items, err))
        return false;
    for (;;) {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read items");
        if (page.count == 0)
            break;
        if (!catalog_prices_compare(run, &page, err) || !catalog_batches_send(run, false, err))
            return false;
        attempt_progress(run->run.attempt, "comparing prices", run->run.attempt->counts.read, 0);
    }
    if (seen_ms)
        *seen_ms = bc_items_seen_ms(items);
    return true;
}

/* Items a price of which begins or ends. They stay due until they are told. */
static bool compare_due(struct catalog_prices *run, struct err *err)
{
    OWN(write) struct write *told = write_new();
    OWN_TEXT char *key = mem_printf("catalog-due:%s", run->run.shop->code);
    run->due = told;
    for (;;) {
        OWN_IDS struct store_ids due = {0};
        const char *ids[STORE_PAGE];
        if (!store_zset(run->run.attempt->ledger, run->run.company, key, run->day, STORE_PAGE, &due,
                        err))
            return false;
        for (size_t i = 0; i < due.count; i++) {
            ids[i] = due.items[i];
            write_add(run->due, "ZREM", key, due.items[i], NULL); /* before its next day */
        }
        struct bc_items_want want = {.ids = ids, .id_count = due.count};
        if (due.count == 0)
            return true;
        if (!compare_all(run, &want, NULL, err) || !catalog_batches_send(run, true, err) ||
            !attempt_flush(run->run.attempt, run->due, 0, err))
            return false;
        if (due.count < STORE_PAGE)
            return true;
    }
}

static void write_mark(struct catalog_prices *run, const struct mark *mark, int64_t seen_ms)
{
    char since[32], full[32];
    OWN_TEXT char *key = mark_key(run);
    snprintf(since, sizeof since, "%" PRId64, seen_ms);
    snprintf(full, sizeof full, "%" PRId64,
             mark->since_ms == 0 ? products_now_ms(&run->run) : mark->full_ms);
    write_add(run->run.write, "HSET", key, "since", since, "full", full, NULL);
    for (size_t i = 0; i < run->catalog_count; i++) {
        const struct catalog *catalog = &run->catalogs[i];
        OWN_TEXT char *basis = mem_printf("%s/%s", catalog->context->basis, catalog->staged.list);
        OWN_TEXT char *skip = mem_printf("catalog-%s", catalog->staged.id);
        if (catalog->stopped)
            continue;
        stage_catalog_basis(run->run.write, run->run.shop->code, catalog->staged.id, basis);
        stage_skip_gone(run->run.write, skip);
    }
}

static int64_t day_of(const char *date)
{
    return days_of(atoi(date), atoi(date + 5), atoi(date + 8));
}

bool catalog_prices_sync_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(prices_drop))) struct catalog_prices run = {0};
    struct mark mark;
    int64_t seen_ms = 0;
    run.arena = arena_new();
    if (!products_open(&run.run, attempt, err))
        return false;
    run.day = day_of(run.run.today);
    run.due = run.run.write;
    run.some = *json_text(attempt->args, "type") || *json_text(attempt->args, "catalog_id") ||
               *json_text(attempt->args, "catalog_name");
    if (!store_catalogs(attempt->ledger, run.run.company, attempt->shop->code, &run.rows, err) ||
        !choose(&run, err))
        return false;
    for (size_t i = 0; i < run.context_count; i++)
        if (!read_basis(&run, &run.contexts[i], err))
            return false;
    if (run.catalog_count == 0) {
        log_info("catalog_prices.none", TEXT("shop", attempt->shop->code));
        return products_flush(&run.run, true, err);
    }
    if (!catalog_bulk_look(&run, err) || !read_mark(&run, &mark, err))
        return false;
    struct bc_items_want want = {.since_ms = mark.since_ms};
    if (!compare_all(&run, &want, &seen_ms, err) || !catalog_batches_send(&run, true, err) ||
        (mark.since_ms > 0 && !compare_due(&run, err)))
        return false;
    if (!run.some)
        write_mark(&run, &mark, seen_ms);
    return products_flush(&run.run, true, err);
}
