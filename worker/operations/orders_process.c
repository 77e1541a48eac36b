/* orders_process.c - report 30103: makes a sales order of each staged order that has none.
 *
 * Idempotency: orders_documents.c says what keeps an order from standing twice. Everything else
 * here is decided again by each run from what is staged, so a killed run starts over with what is
 * left in `unprocessed:<shop>`; there is no cursor.
 *
 * Orders go through in windows: customers and items of the whole window are looked up in groups,
 * creates keep four calls in flight, and each order ends with one WRITE of its own as soon as its
 * answer is here. One bad order never stops the next: it gets a reason, and what it waits for is
 * shown.
 */
#include "operations/orders_process.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "model/operations.h"
#include "operations/operations_table.h"
#include "plan/order_change.h"

enum { MOST = 100000, FLUSH_BYTES = 200 << 10 };
enum { BACKOFF_MS = 5 * 60 * 1000, BACKOFF_MOST_MS = 24 * 3600 * 1000, LOOK_AGAIN_MS = 30000 };

int64_t process_now_ms(const struct orders_process *process)
{
    return clock_now_ms(process->attempt->clock);
}

bool process_flush(struct orders_process *process, bool all, struct err *err)
{
    if (write_count(process->write) == 0 || (!all && write_size(process->write) < FLUSH_BYTES))
        return true;
    if (!attempt_write(process->attempt, process->write, NULL, err))
        return false;
    write_clear(process->write);
    return true;
}

/* ---- one order's fate ---- */

bool work_open(const struct work *work)
{
    return !work->leave && !work->done && work->reason == REASON_NONE;
}

void work_stop(struct work *work, enum reason reason, const char *detail, ...)
{
    char text[400];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    work->reason = reason;
    buf_clear(&work->detail);
    buf_text(&work->detail, text);
}

static bool has_word(const char *words, const char *word, char between)
{
    size_t size = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += size)
        if ((at == words || at[-1] == between) && (at[size] == between || !at[size]))
            return true;
    return false;
}

void work_waits_for(struct work *work, const char *kind, const char *id)
{
    OWN_TEXT char *record = mem_printf("%s:%s", kind, id);
    const char *have = buf_str(&work->waiting_for);
    if (!has_word(have, record, ' '))
        buf_printf(&work->waiting_for, "%s%s", *have ? " " : "", record);
}

/* ---- records that orders wait for ---- */

static char *with_shop(const char *shops, const char *shop)
{
    return has_word(shops, shop, ',') ? mem_text(shops)
                                      : mem_printf("%s%s%s", shops, *shops ? "," : "", shop);
}

void write_unmapped(struct orders_process *process, const char *kind, const char *id,
                    const char *order_id, const char *shops, const char *name, const char *sku,
                    const char *reason)
{
    char now[32];
    OWN_TEXT char *all = with_shop(shops, process->shop->code);
    OWN_TEXT char *key = mem_printf("%s:%s", kind, id),
                  *blocks = mem_printf("blocks:%s:%s", kind, id);
    OWN_TEXT char *index = mem_printf("unmapped-%ss:%s", kind, process->shop->code);
    snprintf(now, sizeof now, "%" PRId64, process_now_ms(process));
    write_add(process->write, "HSET", key, "name", name, "sku", sku, "shops", all, "reason", reason,
              NULL);
    write_add(process->write, "ZADD", index, "NX", now, id, NULL);
    write_add(process->write, "SADD", blocks, order_id, NULL);
}

void write_mapped(struct orders_process *process, const char *kind, const char *id,
                  const char *shops, const char *name, const char *sku, const char *erp_id,
                  const char *number)
{
    OWN_TEXT char *all = with_shop(shops, process->shop->code);
    OWN_TEXT char *key = mem_printf("%s:%s", kind, id),
                  *blocks = mem_printf("blocks:%s:%s", kind, id);
    OWN_TEXT char *index = mem_printf("unmapped-%ss:%s", kind, process->shop->code);
    write_add(process->write, "HSET", key, "name", name, "sku", sku, "shops", all, "erp_id", erp_id,
              "number", number, NULL);
    write_add(process->write, "HDEL", key, "reason", NULL);
    write_add(process->write, "ZREM", index, id, NULL);
    write_add(process->write, "DEL", blocks, NULL);
}

/* It no longer waits for what it waited for, but for what is still in waiting_for. */
static void stop_waiting(struct orders_process *process, const struct work *work)
{
    char record[64];
    for (const char *at = work->waits; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        snprintf(record, sizeof record, "%.*s", (int)size, at);
        at += size;
        if (has_word(buf_str(&work->waiting_for), record, ' '))
            continue;
        OWN_TEXT char *blocks = mem_printf("blocks:%s", record);
        write_add(process->write, "SREM", blocks, work->id, NULL);
    }
}

/* ---- how an order ends ---- */

static void write_skip(struct orders_process *process, const struct work *work)
{
    const char *shop = *work->skip_shop ? work->skip_shop : process->shop->code;
    if (stage_skip(process->write, shop, work->id, work->name, work->order.updated, work->reason,
                   buf_str(&work->detail), &work->skip, process_now_ms(process)))
        stage_life(process->write, work->id, "held", "%s %s", reason_row(work->reason)->code,
                   buf_str(&work->detail));
}

/* Left alone until Shopify changes the order, or somebody the shop's settings. */
static void end_skipped(struct orders_process *process, const struct work *work)
{
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    OWN_TEXT char *skipped = mem_printf("skipped:%s", process->shop->code);
    write_add(process->write, "HSET", key, "state", "skipped", "reason",
              reason_row(work->reason)->code, "waits", "", NULL);
    write_add(process->write, "ZREM", unprocessed, work->id, NULL);
    write_add(process->write, "SADD", skipped, work->id, NULL);
    write_skip(process, work);
    process->attempt->counts.skipped++;
}

/* What Business Central has refused is tried ever more rarely; what we can look up ourselves, every
 * run. */
static int64_t due_again_ms(const struct orders_process *process, const struct work *work)
{
    int64_t created_ms, delay_ms = BACKOFF_MS;
    if (work->reason != REASON_ERP_REFUSED)
        return time_parse(work->order.created, &created_ms) ? created_ms : 0;
    for (int64_t i = 1; i < work->tries && delay_ms < BACKOFF_MOST_MS; i++)
        delay_ms *= 2;
    return process_now_ms(process) + (delay_ms < BACKOFF_MOST_MS ? delay_ms : BACKOFF_MOST_MS);
}

static void end_waiting(struct orders_process *process, const struct work *work)
{
    char due[32], tries[32];
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    snprintf(due, sizeof due, "%" PRId64, due_again_ms(process, work));
    snprintf(tries, sizeof tries, "%" PRId64, work->tries);
    write_add(process->write, "HSET", key, "state", *work->document ? "creating" : "waiting",
              "reason", reason_row(work->reason)->code, "waits", buf_str(&work->waiting_for),
              "tries", tries, NULL);
    write_add(process->write, "ZADD", unprocessed, due, work->id, NULL);
    write_skip(process, work);
    if (work->reason == REASON_CUSTOMER_UNMAPPED || work->reason == REASON_PRODUCT_UNMAPPED)
        process->attempt->counts.skipped++;
    else
        process->attempt->counts.failed++;
}

/* Which of the document's lines is which of Shopify's: shipments and refunds ask for it later. */
static void line_map(const struct work *work, struct buf *out)
{
    buf_text(out, "{");
    for (size_t i = 0, n = 0; i < json_count(work->lines) && i < work->plan.line_count; i++) {
        const char *id = work->plan.lines[i].shopify_id;
        if (*id)
            buf_printf(out, "%s\"%" PRId64 "\":\"%s\"", n++ ? "," : "",
                       json_int(json_at(work->lines, i), "sequence", (int64_t)(i + 1) * 10000), id);
    }
    buf_text(out, "}");
}

static void write_link(struct orders_process *process, const struct work *work, const char *state)
{
    OWN_BUF struct buf lines = {0};
    OWN_TEXT char *key = mem_printf("order:%s", work->id),
                  *link = mem_printf("link:order:%s", work->id);
    OWN_TEXT char *document = mem_printf("document:%s", work->document);
    OWN_TEXT char *record = mem_printf("order:%s", work->id);
    line_map(work, &lines);
    write_add(process->write, "HSET", key, "state", state, "document", work->number, NULL);
    write_add(process->write, "HSET", link, "kind", work->kind, "id", work->document, "number",
              work->number, "external", work->plan.external, "lines", buf_str(&lines), NULL);
    write_add(process->write, "HSET", document, "order", work->id, NULL);
    write_note_clear(process->write, record);
    stage_find(process->write, work->id, work->number);
    if (work->was_creating) /* the run that made it has said so */
        return;
    stage_life(process->write, work->id, "mapped", "customer %s", work->customer_number);
    stage_life(process->write, work->id, "document", "%s %s, %s", work->kind, work->number,
               work->created ? "made" : "found");
}

bool work_link(struct orders_process *process, struct work *work, struct err *err)
{
    write_link(process, work, "creating");
    return process_flush(process, true, err);
}

/* Handed over to posting; a document that was found as a shipment is posted already. Posting asks
 * again whether a change of the order is open by then. */
static void write_ready(struct orders_process *process, const struct work *work)
{
    char score[32];
    int64_t created_ms = 0;
    OWN_TEXT char *ready = mem_printf("ready:%s", process->shop->code);
    if (!time_parse(work->order.created, &created_ms))
        created_ms = 0;
    snprintf(score, sizeof score, "%" PRId64, created_ms);
    if (strcmp(work->kind, "salesShipment") != 0)
        write_add(process->write, "ZADD", ready, score, work->id, NULL);
}

/* A difference of totals is a warning, not an error: the document stands, a person decides. */
static void compare_totals(struct orders_process *process, const struct work *work)
{
    char theirs[DECIMAL_TEXT], ours[DECIMAL_TEXT], score[32];
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *index = mem_printf("differences:%s", process->shop->code);
    struct decimal apart = decimal_abs(decimal_sub(work->erp_total, work->plan.total));
    bool differs = work->has_total && decimal_cmp(apart, process->shop->tolerance) > 0;
    decimal_format_fixed(work->plan.total, 2, theirs);
    decimal_format_fixed(work->erp_total, 2, ours);
    snprintf(score, sizeof score, "%" PRId64, process_now_ms(process));
    if (!differs) {
        write_add(process->write, "HDEL", key, "difference", NULL);
        write_add(process->write, "ZREM", index, work->id, NULL);
        write_ready(process, work);
        return;
    }
    OWN_TEXT char *text = mem_printf("Shopify %s, Business Central %s", theirs, ours);
    log_warn("order.totals", TEXT("order", work->id), TEXT("document", work->number),
             TEXT("shopify", theirs), TEXT("erp", ours));
    write_add(process->write, "HSET", key, "difference", text, NULL);
    stage_life(process->write, work->id, "difference", "%s", text);
    write_add(process->write, "ZADD", index, score, work->id, NULL);
}

static void end_processed(struct orders_process *process, const struct work *work)
{
    char score[32], total[DECIMAL_TEXT];
    int64_t created_ms = 0;
    OWN_BUF struct buf snapshot = {0};
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    OWN_TEXT char *processed = mem_printf("processed:%s", process->shop->code);
    if (!time_parse(work->order.created, &created_ms))
        created_ms = 0;
    snprintf(score, sizeof score, "%" PRId64, created_ms);
    order_snapshot(&work->order, &snapshot);
    decimal_format(work->erp_total, total);
    write_link(process, work, "processed");
    stage_life(process->write, work->id, "processed", "%s %s in Business Central", total,
               work->plan.currency);
    write_add(process->write, "HSET", key, "snapshot", buf_str(&snapshot), "erp_total", total,
              "currency_used", work->plan.currency, "reason", "", "waits", "", "tries", "0", NULL);
    write_add(process->write, "ZREM", unprocessed, work->id, NULL);
    write_add(process->write, "ZADD", processed, score, work->id, NULL);
    if (*work->skip.reason)
        stage_skip_gone(process->write, *work->skip_shop ? work->skip_shop : process->shop->code,
                        work->id);
    compare_totals(process, work);
    if (work->created)
        process->attempt->counts.created++;
    else
        process->attempt->counts.updated++;
}

bool work_finish(struct orders_process *process, struct work *work, struct err *err)
{
    if (work->done || work->leave)
        return true;
    OWN_TEXT char *skipped = mem_printf("skipped:%s", process->shop->code);
    stop_waiting(process, work);
    write_add(process->write, "SREM", skipped, work->id, NULL);
    if (work->reason == REASON_NONE)
        end_processed(process, work);
    else if (reason_row(work->reason)->class == CLASS_WAITS)
        end_waiting(process, work);
    else
        end_skipped(process, work);
    work->done = true;
    process->done++;
    return process_flush(process, *work->document != 0, err);
}

/* ---- a window ---- */

enum { ORDER_NAME, ORDER_STATE, ORDER_WAITS, ORDER_TRIES, ORDER_REASON, ORDER_WHOLE };
static const char *const ORDER_FIELDS[] = {"name", "state", "waits", "tries", "reason", "whole"};

static void window_drop(struct window *window)
{
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        json_free(work->tree);
        json_free(work->lines);
        buf_drop(&work->detail);
        buf_drop(&work->waiting_for);
    }
    store_rows_free(window->orders);
    store_rows_free(window->skips);
    store_rows_free(window->notes);
    lookup_free(window->lookup);
    arena_free(window->arena);
    free(window);
}

static void window_cleanup(struct window **window)
{
    if (*window)
        window_drop(*window);
}

static bool read_rows(struct orders_process *process, struct window *window, const char *prefix,
                      const char *const fields[], size_t field_count, struct store_rows **out,
                      struct err *err)
{
    const char *keys[WINDOW];
    for (size_t i = 0; i < window->count; i++)
        keys[i] = arena_printf(window->arena, "%s%s", prefix, window->works[i].id);
    return store_read(process->attempt->ledger, process->company, keys, window->count, fields,
                      field_count, out, err);
}

static bool open_whole(struct window *window, size_t at, struct err *err)
{
    struct work *work = &window->works[at];
    OWN_BUF struct buf text = {0};
    const char *bytes;
    size_t size;
    if (!store_bytes(window->orders, at, ORDER_WHOLE, &bytes, &size))
        return err_set(err, ERR_FATAL, 0, "the staged order is gone");
    return staged_unpack(bytes, size, &text, err) &&
           json_parse(buf_str(&text), text.size, &work->tree, err) &&
           staged_order(work->tree, window->arena, &work->order, err);
}

static bool load(struct orders_process *process, struct window *window, struct err *err)
{
    static const char *const SKIP[] = {"reason", "detail", "version", "first", "count", "shop"};
    static const char *const NOTE[] = {"fence", "look_until"};
    if (!read_rows(process, window, "order:", ORDER_FIELDS, COUNT(ORDER_FIELDS), &window->orders,
                   err) ||
        !read_rows(process, window, "skip:", SKIP, COUNT(SKIP), &window->skips, err) ||
        !read_rows(process, window, "note:order:", NOTE, COUNT(NOTE), &window->notes, err))
        return false;
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        struct err why;
        work->name = store_text(window->orders, i, ORDER_NAME);
        work->was_creating = strcmp(store_text(window->orders, i, ORDER_STATE), "creating") == 0;
        work->waits = store_text(window->orders, i, ORDER_WAITS);
        work->tries = store_int(window->orders, i, ORDER_TRIES);
        work->was_reason = store_text(window->orders, i, ORDER_REASON);
        work->skip = (struct skip_before){
            .reason = store_text(window->skips, i, 0),
            .detail = store_text(window->skips, i, 1),
            .version = store_text(window->skips, i, 2),
            .first_ms = store_int(window->skips, i, 3),
            .count = store_int(window->skips, i, 4),
        };
        work->skip_shop = store_text(window->skips, i, 5);
        work->note_fence = store_text(window->notes, i, 0);
        work->look_until_ms = store_int(window->notes, i, 1);
        if (open_whole(window, i, &why))
            continue;
        log_warn("order.unreadable", TEXT("order", work->id), TEXT("why", why.text));
        work->leave = true;
        process->attempt->counts.failed++;
    }
    return true;
}

/* What can be said of an order before anybody is asked. */
static void judge(struct orders_process *process, struct work *work)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct order *order = &work->order;
    struct order_facts facts;
    if (work->leave)
        return;
    order_facts_of(order, "", arena, &facts);
    if (order_filters_miss(process->filters, &facts)) {
        work->leave = true;
        return;
    }
    process->attempt->counts.read++;
    work->refrain = order_skip(order, process->shop, &work->detail);
    /* A document may stand already, or be on its way: then it is looked for first. */
    if (!*work->note_fence && !work->was_creating)
        work->reason = work->refrain;
}

static bool plan(struct orders_process *process, struct window *window, struct err *err)
{
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (work_open(work))
            work->reason = order_plan(&work->order, process->shop, work->matches, process->zone,
                                      window->arena, &work->plan, &work->detail);
        if (!work_open(work) && !work_finish(process, work, err))
            return false;
    }
    return true;
}

static bool run_window(struct orders_process *process, char *const ids[], size_t count,
                       struct err *err)
{
    __attribute__((cleanup(window_cleanup))) struct window *window = mem_new(sizeof *window);
    window->arena = arena_new();
    window->lookup = lookup_new();
    for (size_t i = 0; i < count; i++)
        window->works[window->count++] = (struct work){.id = ids[i], .kind = ""};
    if (!load(process, window, err))
        return false;
    for (size_t i = 0; i < count; i++)
        judge(process, &window->works[i]);
    if (!orders_find_customers(process, window, err) || !orders_find_items(process, window, err) ||
        !plan(process, window, err) || !orders_make_documents(process, window, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!work_finish(process, &window->works[i], err))
            return false;
    return process_flush(process, true, err);
}

/* ---- the run ---- */

static bool by_hand(const struct attempt *attempt)
{
    enum ticket_kind kind = attempt->sheet->ticket.kind;
    return kind == TICKET_IMMEDIATE || kind == TICKET_MANUAL || kind == TICKET_FOREGROUND;
}

/* Skips follow from the order, the shop's settings and what this program supports. When one of the
 * latter two is another than at the last run, skipped orders are looked at again: so a cure that is
 * a setting works without anybody touching the orders. */
static bool reconsider_skipped(struct orders_process *process, struct err *err)
{
    static const char *const FIELDS[] = {"digest"};
    char digest[33];
    OWN_BUF struct buf rules = {0};
    OWN_TEXT char *key = mem_printf("judged:%s", process->shop->code);
    OWN_TEXT char *skipped = mem_printf("skipped:%s", process->shop->code);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids ids = {0};
    settings_shop_write(process->shop, &rules);
    reasons_page(&rules);
    digest_hex(buf_str(&rules), rules.size, 16, digest);
    if (!store_read(process->attempt->ledger, process->company, keys, 1, FIELDS, 1, &rows, err))
        return false;
    if (strcmp(store_text(rows, 0, 0), digest) == 0)
        return true;
    if (!store_set(process->attempt->ledger, process->company, skipped, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        write_add(process->write, "ZADD", unprocessed, "0", ids.items[i], NULL);
        if (!process_flush(process, false, err))
            return false;
    }
    write_add(process->write, "HSET", key, "digest", digest, NULL);
    return process_flush(process, true, err);
}

static bool run_all(struct orders_process *process, struct err *err)
{
    OWN_TEXT char *key = mem_printf("unprocessed:%s", process->shop->code);
    OWN_IDS struct store_ids ids = {0};
    int64_t due_ms = process->by_hand ? INT64_MAX : process_now_ms(process);
    if (!reconsider_skipped(process, err) ||
        !store_zset(process->attempt->ledger, process->company, key, due_ms, MOST, &ids, err))
        return err_wrap(err, "list unprocessed orders");
    process->total = ids.count;
    for (size_t from = 0; from < ids.count; from += WINDOW) {
        size_t count = ids.count - from < WINDOW ? ids.count - from : WINDOW;
        attempt_progress(process->attempt, "looking up customers and items", (int64_t)process->done,
                         (int64_t)process->total);
        if (!run_window(process, ids.items + from, count, err) ||
            !attempt_checkpoint(process->attempt, "", 0, err))
            return false;
    }
    return true;
}

bool orders_process_run(struct attempt *attempt, struct err *err)
{
    OWN(order_filters) struct order_filters *filters = NULL;
    OWN(write) struct write *write = write_new();
    OWN(zone) struct zone *zone = NULL;
    struct orders_process process = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = attempt->shop,
        .write = write,
        .by_hand = by_hand(attempt),
    };
    if (!shop_ready(attempt, err) || !zone_open(attempt->company->time_zone, &zone, err) ||
        !order_filters_open(operation_by_name("orders.process"), attempt->args, &filters, err) ||
        !bc_of(attempt, &process.bc, err))
        return false;
    process.filters = filters;
    process.zone = zone;
    bool ok = run_all(&process, err);
    orders_free_phones(&process);
    if (ok && process.unsent > 0)
        return err_set(err, ERR_RETRY, 0, "%zu documents could not be sent", process.unsent);
    if (!ok || process.next_look_ms == 0)
        return ok;
    /* Creates without an answer: this run comes back for them and keeps nobody waiting meanwhile.
     */
    int64_t wait_ms = process.next_look_ms - process_now_ms(&process);
    err_set(err, ERR_UNCERTAIN, 0, "documents may be on their way; looked for again");
    err->retry_after_ms =
        wait_ms < LOOK_AGAIN_MS ? (wait_ms > 1000 ? wait_ms : 1000) : LOOK_AGAIN_MS;
    return false;
}
