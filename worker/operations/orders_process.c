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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "model/needs.h"
#include "model/operations.h"
#include "operations/operations_table.h"

enum { MOST = 100000, LOOK_AGAIN_MS = 30000 };

int64_t process_now_ms(const struct orders_process *process)
{
    return clock_now_ms(process->attempt->clock);
}

bool process_flush(struct orders_process *process, bool all, struct err *err)
{
    return attempt_flush(process->attempt, process->write, all ? 0 : WRITE_FLUSH_BYTES, err);
}

/* ---- a window ---- */

enum {
    ORDER_NAME,
    ORDER_STATE,
    ORDER_WAITS,
    ORDER_TRIES,
    ORDER_REASON,
    ORDER_HANDLING,
    ORDER_LINK_ONLY,
    ORDER_WHOLE
};
static const char *const ORDER_FIELDS[] = {"name",   "state",         "waits",     "tries",
                                           "reason", "handling_used", "link_only", "whole"};

struct window *window_new(void)
{
    struct window *window = mem_new(sizeof *window);
    window->arena = arena_new();
    window->lookup = lookup_new();
    return window;
}

void window_free(struct window *window)
{
    for (size_t i = 0; window && i < window->count; i++) {
        struct work *work = &window->works[i];
        json_free(work->tree);
        json_free(work->lines);
        buf_drop(&work->detail);
        buf_drop(&work->waiting_for);
    }
    if (!window)
        return;
    store_rows_free(window->orders);
    store_rows_free(window->skips);
    store_rows_free(window->notes);
    store_rows_free(window->refunds);
    lookup_free(window->lookup);
    arena_free(window->arena);
    free(window);
}

/* One row a work; `key` names it. */
static bool read_rows(struct orders_process *process, struct window *window,
                      const char *(*key)(struct window *window, const struct work *work),
                      const char *const fields[], size_t field_count, struct store_rows **out,
                      struct err *err)
{
    const char *keys[WINDOW];
    for (size_t i = 0; i < window->count; i++)
        keys[i] = key(window, &window->works[i]);
    return store_read(process->attempt->ledger, process->company, keys, window->count, fields,
                      field_count, out, err);
}

static const char *order_key(struct window *window, const struct work *work)
{
    return arena_printf(window->arena, "order:%s", work->id);
}

static const char *skip_key(struct window *window, const struct work *work)
{
    return arena_printf(window->arena, "skip:%s", *work->refund_id ? work->record : work->id);
}

static const char *note_key(struct window *window, const struct work *work)
{
    return arena_printf(window->arena, "note:%s", work->record);
}

static const char *record_key(struct window *window, const struct work *work)
{
    (void)window;
    return work->record;
}

static bool find_refund(struct window *window, struct work *work, struct err *err)
{
    for (size_t i = 0; i < work->order.refund_count; i++)
        if (strcmp(work->order.refunds[i].id, work->refund_id) == 0)
            work->refund = &work->order.refunds[i];
    work->name = arena_printf(window->arena, "%s-R%s", work->name, work->refund_id);
    return work->refund ||
           err_set(err, ERR_FATAL, 0, "refund %s is no longer on the order", work->refund_id);
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
           staged_order(work->tree, window->arena, &work->order, err) &&
           (!*work->refund_id || find_refund(window, work, err));
}

static void take_rows(struct window *window, size_t at)
{
    struct work *work = &window->works[at];
    bool refund = *work->refund_id != 0;
    const char *state = store_text(window->orders, at, ORDER_STATE);
    work->name = store_text(window->orders, at, ORDER_NAME);
    work->order_state = state;
    work->was_creating = !refund && strcmp(state, "creating") == 0;
    work->waits = refund ? "" : store_text(window->orders, at, ORDER_WAITS);
    work->tries =
        refund ? store_int(window->refunds, at, 1) : store_int(window->orders, at, ORDER_TRIES);
    work->was_reason = store_text(window->orders, at, ORDER_REASON);
    work->link_only = store_int(window->orders, at, ORDER_LINK_ONLY) != 0;
    work->state = refund ? store_text(window->refunds, at, 0) : state;
    work->side = strcmp(store_text(window->orders, at, ORDER_HANDLING), "presentment") == 0
                     ? MONEY_PRESENTMENT
                     : MONEY_SHOP;
    work->skip = skip_before_read(window->skips, at);
    work->skip_shop = store_text(window->skips, at, SKIP_SHOP);
    work->note_fence = store_text(window->notes, at, 0);
    work->look_until_ms = store_int(window->notes, at, 1);
}

bool window_load(struct orders_process *process, struct window *window, struct err *err)
{
    static const char *const NOTE[] = {"fence", "look_until"}, *const REFUND[] = {"state", "tries"};
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        bool refund = *work->refund_id != 0;
        work->record = arena_printf(window->arena, "%s:%s", refund ? "refund" : "order",
                                    refund ? work->refund_id : work->id);
    }
    if (!window_take(process, window, err) ||
        !read_rows(process, window, order_key, ORDER_FIELDS, COUNT(ORDER_FIELDS), &window->orders,
                   err) ||
        !read_rows(process, window, skip_key, SKIP_RECORD, COUNT(SKIP_RECORD), &window->skips,
                   err) ||
        !read_rows(process, window, note_key, NOTE, COUNT(NOTE), &window->notes, err) ||
        !read_rows(process, window, record_key, REFUND, COUNT(REFUND), &window->refunds, err))
        return false;
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        struct err why;
        take_rows(window, i);
        if (open_whole(window, i, &why))
            continue;
        log_warn("order.unreadable", TEXT("record", work->record), TEXT("why", why.text));
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
    if (work->refrain == REASON_NONE && work->link_only)
        work->refrain = REASON_CLOSED;
    if (work->refrain == REASON_NONE || *work->note_fence || work->was_creating)
        return; /* a document may stand already, or be on its way: it is looked for */
    if (attempt_adopted(process->attempt))
        work->look_first = true;
    else
        work->reason = work->refrain;
}

static bool work_window(struct orders_process *process, struct window *window, struct err *err)
{
    if (!window_load(process, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        judge(process, &window->works[i]);
    if (!orders_look_first(process, window, err) || !orders_find_companies(process, window, err) ||
        !orders_find_customers(process, window, err) || !orders_find_items(process, window, err) ||
        !orders_plan(process, window, err) || !orders_make_documents(process, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if (!work_finish(process, &window->works[i], err))
            return false;
    return process_flush(process, true, err);
}

static bool run_window(struct orders_process *process, char *const ids[], size_t count,
                       struct err *err)
{
    OWN(window) struct window *window = window_new();
    for (size_t i = 0; i < count; i++)
        window->works[window->count++] = (struct work){.id = ids[i], .refund_id = "", .kind = ""};
    bool ok = work_window(process, window, err);
    window_release(process, window);
    return ok;
}

/* ---- the run ---- */

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
    if (!refunds_reconsider(process, err))
        return false;
    write_add(process->write, "HSET", key, "digest", digest, NULL);
    return process_flush(process, true, err);
}

static bool run_ids(struct orders_process *process, char *const ids[], size_t count,
                    struct err *err)
{
    process->total = count;
    for (size_t from = 0; from < count; from += WINDOW) {
        size_t some = count - from < WINDOW ? count - from : WINDOW;
        attempt_progress(process->attempt, "looking up customers and items", (int64_t)process->done,
                         (int64_t)process->total);
        if (!run_window(process, ids + from, some, err) ||
            !attempt_checkpoint(process->attempt, "", 0, err))
            return false;
    }
    return true;
}

static bool run_all(struct orders_process *process, struct err *err)
{
    OWN_TEXT char *key = mem_printf("unprocessed:%s", process->shop->code);
    OWN_IDS struct store_ids ids = {0};
    int64_t due_ms = process->by_hand ? INT64_MAX : process_now_ms(process);
    if (!reconsider_skipped(process, err) ||
        !store_zset(process->attempt->ledger, process->company, key, due_ms, MOST, &ids, err))
        return err_wrap(err, "list unprocessed orders");
    return run_ids(process, ids.items, ids.count, err) && refunds_process(process, err) &&
           orders_write_back(process, err) && orders_find_posted(process, err);
}

/* ---- how a run ends ---- */

static bool run_ended(const struct orders_process *process, struct err *err)
{
    if (process->unsent.count)
        return undone_retry(&process->unsent, "order", err);
    /* Creates without an answer: this run comes back for them and keeps nobody waiting meanwhile.
     */
    if (process->awaited.count)
        return undone_come_back(&process->awaited, "order", process->attempt, LOOK_AGAIN_MS, err);
    if (process->unexplained > 0)
        return err_set(err, ERR_FATAL, 0,
                       "the totals of %zu documents differ by what nothing explains, the first is "
                       "that of %s; compare it with Shopify's order, and the taxes that Business "
                       "Central puts on its lines and accounts",
                       process->unexplained, process->first_unexplained);
    return true;
}

struct part { /* of another operation's run: these orders only */
    const char *const *ids;
    size_t count;
};

static bool run_part(struct orders_process *process, const struct part *part, struct err *err)
{
    OWN_TEXT char *key = mem_printf("unprocessed:%s", process->shop->code);
    OWN_IDS struct store_ids open = {0};
    if (!store_zset(process->attempt->ledger, process->company, key, INT64_MAX, MOST, &open, err))
        return err_wrap(err, "list unprocessed orders");
    char **ids = arena_array(process->attempt->arena, part->count + 1, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < open.count; i++)
        for (size_t k = 0; k < part->count; k++)
            if (strcmp(open.items[i], part->ids[k]) == 0)
                ids[count++] = open.items[i];
    return run_ids(process, ids, count, err) && refunds_process(process, err) &&
           orders_write_back(process, err);
}

/* What a level cannot put on a document is refused with the setting's name: dropped silently, the
 * books would not be what the shop says. Spec, orders 3.8. */
static bool level_ok(const struct shop *shop, enum bc_level level, struct err *err)
{
    const char *name = bc_level_name(level);
    char setting[SETTING_NAME];
    for (size_t i = 0; i < LEVEL_FEATURE_COUNT; i++) {
        const struct level_feature *feature = &LEVEL_FEATURES[i];
        if (*feature->lacks && !level_carries(feature, name) &&
            level_wanted(feature, shop, setting))
            return err_set(err, ERR_FATAL, 0,
                           "%s of shop %s: Business Central at access level %s takes %s on a sales "
                           "document; leave it out, or install the app in extension/",
                           setting, shop->code, name, feature->lacks);
    }
    return true;
}

static bool run(struct attempt *attempt, const struct part *part, struct err *err)
{
    OWN(order_filters) struct order_filters *filters = NULL;
    OWN(write) struct write *write = write_new();
    OWN(zone) struct zone *zone = NULL;
    OWN_JSON json *no_filters = json_new_object();
    enum bc_level level;
    struct orders_process process = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = attempt->shop,
        .write = write,
        .by_hand = part || started_by_hand(attempt),
    };
    if (!shop_ready(attempt, err) || !zone_open(attempt->company->time_zone, &zone, err) ||
        !order_filters_open(operation_by_name("orders.process"), part ? no_filters : attempt->args,
                            &filters, err) ||
        !bc_of(attempt, &process.bc, err) || !bc_level_of(attempt, &level, err) ||
        !level_ok(attempt->shop, level, err))
        return false;
    process.extension = level == BC_LEVEL_EXTENSION;
    process.filters = filters;
    process.zone = zone;
    bool ok = part ? run_part(&process, part, err) : run_all(&process, err);
    orders_free_known(&process);
    orders_free_codes(&process);
    return ok && run_ended(&process, err);
}

bool orders_process_run(struct attempt *attempt, struct err *err)
{
    return run(attempt, NULL, err);
}

bool orders_process_staged(struct attempt *attempt, const char *const ids[], size_t count,
                           struct err *err)
{
    const struct part part = {ids, count};
    return run(attempt, &part, err);
}
