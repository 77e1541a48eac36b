/* shipments_sync.c - report 30109: posted shipments of Business Central become fulfillments.
 *
 * Idempotency: shipments_send.c says what keeps a fulfillment from standing twice. Everything else
 * is decided again by each run from the records in `shipments-due:<shop>`, so a killed run starts
 * over with what is left there; there is no cursor.
 *
 * Shipments go through in windows, of each order one at a time: what is open is read for all of
 * them together, calls go out as many as the budget carries, and each shipment ends with its own
 * record. One that fails never stops the next.
 */
#include "operations/shipments_sync.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"

enum { MOST = 10000, LOOK_AGAIN_MS = 5000, BACKOFF_MS = 60 * 1000, BACKOFF_MOST_MS = 900 * 1000 };

int64_t shipments_now_ms(const struct shipments *run)
{
    return clock_now_ms(run->attempt->clock);
}

bool shipments_flush(struct shipments *run, bool all, struct err *err)
{
    return attempt_flush(run->attempt, run->write, all ? 0 : WRITE_MAX_BYTES / 2, err);
}

bool ids_hold(const char *ids, const char *id)
{
    size_t size = strlen(id);
    for (const char *at = ids; *at && size > 0; at += strcspn(at, ","), at += *at == ',')
        if (strncmp(at, id, size) == 0 && (!at[size] || at[size] == ','))
            return true;
    return false;
}

void ship_stop(struct ship_work *work, enum reason reason, const char *detail, ...)
{
    char text[256];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    work->reason = reason;
    buf_clear(&work->detail);
    buf_text(&work->detail, text);
}

/* ---- the end of a shipment ---- */

void write_sent(struct shipments *run, const struct ship_work *work, const char *fulfillment)
{
    OWN_BUF struct buf sent = {0};
    OWN_TEXT char *key = mem_printf("shipment:%s", work->id);
    OWN_TEXT char *made = mem_printf("fulfillment:%s", fulfillment);
    OWN_TEXT char *order = mem_printf("order:%s", work->order);
    shipped_write(work->sent, work->sent_count, &sent);
    write_add(run->write, "HSET", key, "sent", buf_str(&sent), "fulfillments", work->fulfillments,
              "told", work->tracking.number, NULL);
    write_add(run->write, "HSET", made, "shipment", work->id, "order", work->order, "sent",
              buf_str(&sent), "updated", work->updated, NULL);
    stage_life(run->write, work->order, "fulfilled", "%s of shipment %s", fulfillment,
               work->number);
    stage_archive(run->write, run->shop->code, work->order);
    if (*work->status && *work->updated)
        write_add(run->write, "HSET", order, "fulfillment", work->status, "echo", work->updated,
                  NULL);
}

static const char *last_id(const char *ids)
{
    const char *comma = strrchr(ids, ',');
    return comma ? comma + 1 : ids;
}

static int64_t due_again_ms(const struct shipments *run, const struct ship_work *work)
{
    int64_t delay_ms = BACKOFF_MS;
    if (work->reason != REASON_SHOPIFY_LATER && work->reason != REASON_FULFILLMENT_HELD)
        return work->modified_ms < shipments_now_ms(run) ? work->modified_ms
                                                         : shipments_now_ms(run);
    for (int64_t i = 1; i < work->attempts && delay_ms < BACKOFF_MOST_MS; i++)
        delay_ms *= 2;
    return shipments_now_ms(run) + (delay_ms < BACKOFF_MOST_MS ? delay_ms : BACKOFF_MOST_MS);
}

static void write_indexes(struct shipments *run, const struct ship_work *work, int marker)
{
    char due[32], now[32];
    OWN_TEXT char *open = mem_printf("shipments-due:%s", run->shop->code);
    OWN_TEXT char *failed = mem_printf("shipments-failed:%s", run->shop->code);
    snprintf(due, sizeof due, "%" PRId64, due_again_ms(run, work));
    snprintf(now, sizeof now, "%" PRId64, shipments_now_ms(run));
    if (marker == 0 && work->reason != REASON_NONE)
        write_add(run->write, "ZADD", open, due, work->id, NULL);
    else
        write_add(run->write, "ZREM", open, work->id, NULL);
    if (marker == -1)
        write_add(run->write, "ZADD", failed, now, work->id, NULL);
    else
        write_add(run->write, "ZREM", failed, work->id, NULL);
}

static void write_skip(struct shipments *run, const struct ship_work *work)
{
    OWN_TEXT char *id = mem_printf("shipment-%s", work->id);
    if (work->reason != REASON_NONE) {
        bool news = stage_skip(run->write, run->shop->code, id, work->number, work->posted,
                               work->reason, buf_str(&work->detail), &work->skip);
        if (news && *work->order)
            stage_life(run->write, work->order, "held", "%s %s", reason_row(work->reason)->code,
                       work->number);
    } else if (*work->skip.reason)
        stage_skip_gone(run->write, id);
}

static void count_end(struct shipments *run, const struct ship_work *work, int marker)
{
    struct counts *counts = &run->attempt->counts;
    if (work->reason == REASON_NONE)
        return; /* its fulfillments are counted */
    if (marker == -1)
        counts->failed++;
    else
        counts->skipped++;
    log_info("shipment.not_told", TEXT("shipment", work->number), TEXT("order", work->order_name),
             TEXT("reason", reason_row(work->reason)->code), TEXT("why", buf_str(&work->detail)));
}

bool ship_finish(struct shipments *run, struct ship_work *work, struct err *err)
{
    char attempts[32], text[8];
    int marker = shipment_marker(work->reason);
    OWN_TEXT char *key = mem_printf("shipment:%s", work->id);
    if (work->done || work->leave)
        return true;
    work->attempts = marker == 0 && work->reason != REASON_NONE ? work->attempts + 1 : 0;
    snprintf(attempts, sizeof attempts, "%" PRId64, work->attempts);
    snprintf(text, sizeof text, "%d", marker);
    write_add(run->write, "HSET", key, "marker",
              work->reason == REASON_NONE ? last_id(work->fulfillments) : text, "reason",
              reason_row(work->reason)->code, "detail", buf_str(&work->detail), "warning",
              buf_str(&work->warning), "attempts", attempts, "order", work->order, "order_name",
              work->order_name, NULL);
    write_indexes(run, work, marker);
    if (*work->order)
        stage_stock(run->write, run->shop->code, work->order);
    write_skip(run, work);
    count_end(run, work, marker);
    work->done = true;
    run->done++;
    attempt_progress(run->attempt, "telling Shopify of shipments", (int64_t)run->done,
                     (int64_t)run->total);
    return shipments_flush(run, false, err);
}

/* ---- a window ---- */

enum {
    R_NUMBER,
    R_EXTERNAL,
    R_CUSTOMER,
    R_POSTED,
    R_ORDER,
    R_ATTEMPTS,
    R_ROWS,
    R_SENT,
    R_FULFILLMENTS,
    R_TRACKING,
    R_AGENT,
    R_URL,
    R_READ,
    R_MODIFIED
};
static const char *const RECORD[] = {
    "number",         "external",     "customer", "posted",       "order",
    "attempts",       "rows",         "sent",     "fulfillments", "tracking_number",
    "tracking_agent", "tracking_url", "read",     "modified"};

static void unload(struct ship_window *window)
{
    store_rows_free(GIVE(window->records));
    store_rows_free(GIVE(window->orders));
    store_rows_free(GIVE(window->links));
    store_rows_free(GIVE(window->skips));
}

static void window_drop(struct ship_window *window)
{
    for (size_t i = 0; i < window->count; i++) {
        buf_drop(&window->works[i].detail);
        buf_drop(&window->works[i].warning);
    }
    unload(window);
    arena_free(window->arena);
    free(window);
}

static void window_cleanup(struct ship_window **window)
{
    if (*window)
        window_drop(*window);
}

static bool read_rows(struct shipments *run, struct ship_window *window, const char *format,
                      bool by_order, const char *const fields[], size_t field_count,
                      struct store_rows **out, struct err *err)
{
    const char *keys[SHIP_WINDOW];
    for (size_t i = 0; i < window->count; i++)
        keys[i] = arena_printf(window->arena, "%s%s", format,
                               by_order ? window->works[i].order : window->works[i].id);
    return store_read(run->attempt->ledger, run->company, keys, window->count, fields, field_count,
                      out, err);
}

/* An order may have come since its shipment was first seen. */
static bool find_orders(struct shipments *run, struct ship_window *window, struct err *err)
{
    const char *keys[SHIP_WINDOW];
    OWN_IDS struct store_ids orders = {0};
    for (size_t i = 0; i < window->count; i++)
        keys[i] = arena_printf(window->arena, "external:%s", window->works[i].external);
    if (!store_values(run->attempt->ledger, run->company, keys, window->count, &orders, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if (!*window->works[i].order)
            window->works[i].order = arena_text(window->arena, orders.items[i]);
    return true;
}

static void take_records(struct ship_window *window)
{
    for (size_t i = 0; i < window->count; i++) {
        struct ship_work *work = &window->works[i];
        work->number = store_text(window->records, i, R_NUMBER);
        work->external = store_text(window->records, i, R_EXTERNAL);
        work->customer = store_text(window->records, i, R_CUSTOMER);
        work->posted = store_text(window->records, i, R_POSTED);
        work->order = store_text(window->records, i, R_ORDER);
        if (!time_parse(store_text(window->records, i, R_MODIFIED), &work->modified_ms))
            work->modified_ms = 0;
        work->attempts = store_int(window->records, i, R_ATTEMPTS);
        work->rows = store_text(window->records, i, R_ROWS);
        work->fulfillments = store_text(window->records, i, R_FULFILLMENTS);
        work->sent_count =
            shipped_read(store_text(window->records, i, R_SENT), window->arena, &work->sent);
        work->tracking = (struct tracking){
            .number = store_text(window->records, i, R_TRACKING),
            .agent = store_text(window->records, i, R_AGENT),
            .url = store_text(window->records, i, R_URL),
        };
        work->known = work->status = work->updated = "";
    }
}

static bool load_once(struct shipments *run, struct ship_window *window, struct err *err)
{
    static const char *const ORDER[] = {"name"}, *const LINK[] = {"lines"};
    if (!read_rows(run, window, "shipment:", false, RECORD, COUNT(RECORD), &window->records, err))
        return false;
    take_records(window);
    if (!find_orders(run, window, err) ||
        !read_rows(run, window, "order:", true, ORDER, COUNT(ORDER), &window->orders, err) ||
        !read_rows(run, window, "link:order:", true, LINK, COUNT(LINK), &window->links, err) ||
        !read_rows(run, window, "skip:shipment-", false, SKIP_RECORD, SKIP_FIELDS, &window->skips,
                   err))
        return false;
    for (size_t i = 0; i < window->count; i++) {
        struct ship_work *work = &window->works[i];
        work->order_name = store_text(window->orders, i, 0);
        work->link_lines = store_text(window->links, i, 0);
        work->skip = skip_before_read(window->skips, i);
    }
    return true;
}

/* What waited since an earlier run is read again first. */
static bool load(struct shipments *run, struct ship_window *window, struct err *err)
{
    const char *stale[SHIP_WINDOW];
    size_t count = 0;
    if (!load_once(run, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if (*window->works[i].order_name && store_int(window->records, i, R_READ) < run->started_ms)
            stale[count++] = window->works[i].id;
    if (count == 0)
        return true;
    unload(window);
    return shipments_read_again(run, stale, count, err) && load_once(run, window, err);
}

/* ---- what a shipment has to tell ---- */

static size_t read_links(const struct ship_work *work, struct arena *arena, struct line_link **out)
{
    OWN_JSON json *map = NULL;
    struct err ignored;
    const char *name;
    json *value;
    size_t count = 0;
    *out = NULL;
    if (!*work->link_lines ||
        !json_parse(work->link_lines, strlen(work->link_lines), &map, &ignored))
        return 0;
    JSON_EACH(name, value, map) count++;
    *out = arena_array(arena, count + 1, sizeof **out);
    count = 0;
    JSON_EACH(name, value, map)
    (*out)[count++] =
        (struct line_link){strtoll(name, NULL, 10), staged_id(json_string(value), arena)};
    return count;
}

void ship_read_lines(struct ship_work *work, struct arena *arena)
{
    OWN_JSON json *rows = NULL;
    struct err ignored;
    struct line_link *links;
    if (!json_parse(work->rows, strlen(work->rows), &rows, &ignored))
        return;
    size_t count = json_count(rows), link_count = read_links(work, arena, &links);
    struct shipped_line *lines = arena_array(arena, count + 1, sizeof *lines);
    for (size_t i = 0; i < count; i++) {
        const json *row = json_at(rows, i);
        lines[i] = (struct shipped_line){
            .sequence = json_int(row, "s", 0),
            .object = arena_text(arena, json_text(row, "n")),
            .item = json_flag(row, "i", false),
        };
        if (!json_decimal(row, "q", &lines[i].quantity))
            lines[i].quantity = DECIMAL_ZERO;
    }
    work->lines = arena_array(arena, count + 1, sizeof *work->lines);
    work->line_count = shipment_lines(lines, count, links, link_count, arena, work->lines);
    shipped_less(work->lines, work->line_count, work->sent, work->sent_count);
}

static bool filtered_out(const struct shipments *run, const struct ship_work *work)
{
    const char *const values[] = {work->number, work->customer, work->posted};
    for (size_t i = 0; i < COUNT(values); i++)
        if (!filter_fits(run->filters[i], values[i]))
            return true;
    return false;
}

void ship_busy(struct shipments *run, const char *order, const char *shipment,
               int64_t look_until_ms)
{
    run->busy.items =
        mem_grow(run->busy.items, run->busy.count, run->busy.count + 1, sizeof *run->busy.items);
    run->busy.items[run->busy.count++] = mem_text(order);
    if (look_until_ms > shipments_now_ms(run))
        undone_look(&run->awaited, shipment, look_until_ms);
}

static bool is_busy(const struct shipments *run, const char *order)
{
    for (size_t i = 0; i < run->busy.count; i++)
        if (strcmp(run->busy.items[i], order) == 0)
            return true;
    return false;
}

static bool nothing_left(const struct ship_work *work)
{
    for (size_t i = 0; i < work->line_count; i++)
        if (work->lines[i].quantity > 0)
            return false;
    return true;
}

/* What can be said before Shopify is asked. */
static void judge(struct shipments *run, struct ship_work *work, struct arena *arena)
{
    if (filtered_out(run, work)) {
        work->leave = true;
        return;
    }
    run->attempt->counts.read++;
    if (!*work->order || !*work->order_name) {
        ship_stop(work, REASON_ORDER_NOT_STAGED, "%s", work->external);
        return;
    }
    ship_read_lines(work, arena);
    int64_t strays_ms = *work->fulfillments ? 0 : shipments_strays_until_ms(run);
    if (strays_ms > 0)
        ship_busy(run, work->order, work->number, strays_ms);
    if (is_busy(run, work->order))
        ship_stop(work, REASON_FULFILLMENT_IN_FLIGHT, "order %s", work->order_name);
    else if (nothing_left(work) && !*work->fulfillments)
        ship_stop(work, REASON_SHIPMENT_NO_LINES, "order %s", work->order_name);
    else if (!nothing_left(work) && !run->shop->allow_writes)
        ship_stop(work, REASON_WRITES_OFF, "order %s", work->order_name);
}

static void plan(struct shipments *run, struct ship_work *work, struct arena *arena)
{
    if (work->reason != REASON_NONE || nothing_left(work))
        return; /* or all of it stands already */
    enum reason reason =
        shipment_plan(work->lines, work->line_count, work->open, work->open_count,
                      run->shop->fulfillment_service, work->fulfilled, arena, &work->plan);
    /* What is left of a shipment that was told is a charge, or nothing that Shopify has open: it is
     * over, and at most worth a word. */
    bool told = *work->fulfillments && reason_row(reason)->class != CLASS_SHIPMENT_WAITS;
    if (told)
        reason = REASON_NONE;
    if (reason != REASON_NONE)
        ship_stop(work, reason, "order %s", work->order_name);
    if (work->plan.capped > 0 && reason == REASON_NONE)
        buf_printf(&work->warning, "%" PRId64 " units more were shipped than Shopify has open; ",
                   work->plan.capped);
    if (work->plan.others > 0 && reason == REASON_NONE)
        buf_printf(&work->warning, "%" PRId64 " units are another fulfillment service's; ",
                   work->plan.others);
    if (work->warning.size > 0)
        log_warn("shipment.warning", TEXT("shipment", work->number),
                 TEXT("order", work->order_name), TEXT("what", buf_str(&work->warning)));
}

/* The next shipment of each order that has one; false = none is left. */
static bool pick(struct ship_window *window)
{
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++) {
        struct ship_work *work = &window->works[i];
        bool another = false;
        work->picked = false;
        if (work->done || work->leave)
            continue;
        for (size_t k = 0; k < i; k++)
            another = another ||
                      (window->works[k].picked && strcmp(window->works[k].order, work->order) == 0);
        work->picked = !another;
        count += work->picked;
    }
    return count > 0;
}

static bool run_picked(struct shipments *run, struct ship_window *window, struct err *err)
{
    if (!shipments_read_open(run, window, err) || !shipments_adopt(run, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if (window->works[i].picked)
            plan(run, &window->works[i], window->arena);
    if (!shipments_send(run, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++) {
        struct ship_work *work = &window->works[i];
        if (!work->picked)
            continue;
        if (work->reason == REASON_NONE && work->plan.held > 0)
            ship_stop(work, REASON_FULFILLMENT_HELD, "order %s, %" PRId64 " units",
                      work->order_name, work->plan.held);
        if (work->reason == REASON_FULFILLMENT_IN_FLIGHT)
            ship_busy(run, work->order, work->number,
                      shipments_now_ms(run) + run->shop->late_s * 1000);
        if (!ship_finish(run, work, err))
            return false;
    }
    return true;
}

static bool run_window(struct shipments *run, char *const ids[], size_t count, struct err *err)
{
    __attribute__((cleanup(window_cleanup))) struct ship_window *window = mem_new(sizeof *window);
    window->arena = arena_new();
    for (size_t i = 0; i < count; i++)
        window->works[window->count++] = (struct ship_work){.id = ids[i]};
    if (!load(run, window, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct ship_work *work = &window->works[i];
        judge(run, work, window->arena);
        bool all_told = work->reason == REASON_NONE && !work->leave && nothing_left(work);
        if ((work->reason != REASON_NONE || all_told) && !ship_finish(run, work, err))
            return false;
    }
    while (pick(window)) {
        for (size_t i = 0; i < count; i++)
            if (window->works[i].picked && is_busy(run, window->works[i].order))
                ship_stop(&window->works[i], REASON_FULFILLMENT_IN_FLIGHT, "order %s",
                          window->works[i].order_name);
        if (!run_picked(run, window, err))
            return false;
    }
    return shipments_flush(run, true, err);
}

/* ---- the run ---- */

static const char *const FILTERS[] = {"shipment_no", "customer_no", "posting_date"};

static bool open_filters(struct shipments *run, struct err *err)
{
    for (size_t i = 0; i < COUNT(FILTERS); i++) {
        const char *text = json_text(run->attempt->args, FILTERS[i]);
        if (*text && !filter_parse(text, FILTER_TEXT, &run->filters[i], err))
            return err_wrap(err, "argument %s", FILTERS[i]);
    }
    return true;
}

static void run_drop(struct shipments *run)
{
    for (size_t i = 0; i < COUNT(run->filters); i++)
        filter_free(run->filters[i]);
    store_ids_drop(&run->busy);
    write_free(run->write);
}

static bool run_due(struct shipments *run, struct err *err)
{
    OWN_TEXT char *key = mem_printf("shipments-due:%s", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    int64_t due_ms = run->by_hand ? INT64_MAX : shipments_now_ms(run);
    if (!store_zset(run->attempt->ledger, run->company, key, due_ms, MOST, &ids, err))
        return err_wrap(err, "list unprocessed shipments");
    run->total = ids.count;
    for (size_t from = 0; from < ids.count; from += SHIP_WINDOW) {
        size_t count = ids.count - from < SHIP_WINDOW ? ids.count - from : SHIP_WINDOW;
        if (!run_window(run, ids.items + from, count, err) ||
            !attempt_checkpoint(run->attempt, "", 0, err))
            return false;
    }
    return true;
}

bool shipments_sync_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(run_drop))) struct shipments run = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = attempt->shop,
        .write = write_new(),
        .by_hand = started_by_hand(attempt),
        .started_ms = clock_now_ms(attempt->clock),
    };
    if (!shop_ready(attempt, err) || !open_filters(&run, err) || !shipments_settle(&run, err) ||
        !shipments_discover(&run, err) || !run_due(&run, err) ||
        !shipments_tell_tracking(&run, err))
        return false;
    if (!run.awaited.count)
        return true;
    /* Calls without an answer: this run comes back for them and keeps nobody waiting meanwhile. */
    return undone_come_back(&run.awaited, "shipment", attempt, LOOK_AGAIN_MS, err);
}
