/* refunds_process.c - the second half of report 30103: a credit memo of each refund of this shop's
 * orders that has none.
 *
 * Idempotency: as for orders (orders_documents.c). The memo's external number names the order and
 * the refund, is looked for before anything is created, and a create without an answer waits under
 * its note. `refunds:<shop>` lists the refunds to look at; one leaves it in the WRITE that links
 * its memo.
 *
 * No memo is made of what was never sold here: refunds of an order without a document are left
 * alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/orders_process.h"

enum { MOST = 100000, FAR_MS = 365 * 86400 }; /* put off, in seconds: until something changes */

/* ---- how a refund ends ---- */

static void write_due(struct orders_process *process, const struct work *work, int64_t due_ms)
{
    char due[32];
    OWN_TEXT char *list = mem_printf("refunds:%s", process->shop->code);
    OWN_TEXT char *member = mem_printf("%s:%s", work->id, work->refund_id);
    snprintf(due, sizeof due, "%" PRId64, due_ms);
    if (due_ms < 0)
        write_add(process->write, "ZREM", list, member, NULL);
    else
        write_add(process->write, "ZADD", list, due, member, NULL);
}

static void write_skip(struct orders_process *process, const struct work *work)
{
    if (stage_skip(process->write, process->shop->code, work->record, work->name,
                   work->refund->updated, work->reason, buf_str(&work->detail), &work->skip))
        stage_life(process->write, work->id, "held", "%s %s: %s", reason_row(work->reason)->code,
                   work->name, buf_str(&work->detail));
}

static void end_open(struct orders_process *process, const struct work *work)
{
    char tries[32];
    bool waits = reason_row(work->reason)->class == CLASS_WAITS;
    int64_t far_ms = process_now_ms(process) + (int64_t)FAR_MS * 1000;
    snprintf(tries, sizeof tries, "%" PRId64, work->tries);
    write_add(process->write, "HSET", work->record, "order", work->id, "name", work->name, "state",
              waits ? "waiting" : "skipped", "reason", reason_row(work->reason)->code, "detail",
              buf_str(&work->detail), "tries", tries, NULL);
    write_due(process, work, waits ? work_due_again_ms(process, work) : far_ms);
    write_skip(process, work);
    if (work->reason == REASON_ERP_REFUSED)
        process->attempt->counts.failed++;
    else if (work->reason != REASON_REFUND_BY_HAND) /* this run was not to make it */
        process->attempt->counts.skipped++;
}

static void write_link(struct orders_process *process, const struct work *work)
{
    OWN_BUF struct buf lines = {0};
    OWN_TEXT char *link = mem_printf("link:%s", work->record);
    OWN_TEXT char *document = mem_printf("document:%s", work->document);
    work_line_map(work, &lines);
    write_add(process->write, "HSET", link, "kind", work->kind, "id", work->document, "number",
              work->number, "external", work->plan.external, "order", work->id, "lines",
              buf_str(&lines), NULL);
    write_add(process->write, "HSET", document, "order", work->id, "refund", work->refund_id, NULL);
    if (work->posted)
        stage_posted(process->write, link, work->id, work->document, work->number, work->cancelled);
    write_note_clear(process->write, work->record);
    stage_find(process->write, work->id, work->number);
}

static void write_totals(struct orders_process *process, const struct work *work)
{
    char created[32], total[DECIMAL_TEXT];
    bool need;
    int64_t created_ms = 0;
    OWN_BUF struct buf text = {0};
    OWN_TEXT char *ready = mem_printf("ready-refunds:%s", process->shop->code);
    struct difference difference = work_difference(process, work, &text, &need);
    bool agrees = difference.reason != DIFFERENCE_UNEXPLAINED;
    if (!time_parse(work->refund->created, &created_ms))
        created_ms = 0;
    snprintf(created, sizeof created, "%" PRId64, created_ms);
    decimal_format(work->erp_total, total);
    write_add(process->write, "HSET", work->record, "order", work->id, "name", work->name, "state",
              "processed", "reason", "", "detail", "", "tries", "0", "document", work->number,
              "erp_total", total, "difference", buf_str(&text), "difference_reason",
              difference_code(difference.reason), NULL);
    stage_life(process->write, work->id, "credit", "%s %s, %s %s%s%s", work->kind, work->number,
               total, work->plan.currency, text.size ? ": " : "", buf_str(&text));
    if (agrees)
        write_add(process->write, "ZADD", ready, created, work->refund_id, NULL);
    else
        write_add(process->write, "ZREM", ready, work->refund_id, NULL);
}

static void end_processed(struct orders_process *process, const struct work *work)
{
    write_link(process, work);
    write_totals(process, work);
    write_due(process, work, -1);
    if (*work->skip.reason)
        stage_skip_gone(process->write, work->record);
    if (work->created)
        process->attempt->counts.created++;
    else
        process->attempt->counts.updated++;
}

bool refund_finish(struct orders_process *process, struct work *work, struct err *err)
{
    if (work->reason == REASON_NONE)
        end_processed(process, work);
    else
        end_open(process, work);
    work->done = true;
    return process_flush(process, *work->document != 0, err);
}

/* ---- a window ---- */

/* Before anybody is asked. What has its memo leaves the list, and so does what belongs to an order
 * without a document: the WRITE that links one puts its refunds back. */
static void judge(struct orders_process *process, struct work *work)
{
    bool gone = *work->refund_id && !work->refund;
    bool processed = strcmp(work->state, "processed") == 0;
    bool sold = strcmp(work->order_state, "processed") == 0;
    if (gone || processed ||
        (!work->leave && (!sold || !order_refund_is_credit(&work->order, work->refund)))) {
        write_due(process, work, -1);
        work->leave = true;
    }
    if (work->leave)
        return;
    bool by_itself = process->shop->return_and_refund_process == REFUNDS_AUTO_CREATE;
    bool unread = !*work->refund->created; /* listed with its order, and nothing more */
    if (by_itself && unread) {
        work->leave = true;
        return;
    }
    if (by_itself)
        process->attempt->counts.read++;
    else
        work->refrain = REASON_REFUND_BY_HAND;
    if (!*work->note_fence)
        work->reason = work->refrain;
}

static bool work_window(struct orders_process *process, struct window *window, struct err *err)
{
    if (!window_load(process, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        judge(process, &window->works[i]);
    if (!orders_find_customers(process, window, err) || !orders_find_items(process, window, err) ||
        !orders_plan(process, window, err) || !orders_make_documents(process, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if (!work_finish(process, &window->works[i], err))
            return false;
    return process_flush(process, true, err);
}

static bool run_window(struct orders_process *process, char *const members[], size_t count,
                       struct err *err)
{
    OWN(window) struct window *window = window_new();
    for (size_t i = 0; i < count; i++) {
        const char *colon = strchr(members[i], ':');
        if (!colon)
            continue;
        window->works[window->count++] = (struct work){
            .id = arena_text_n(window->arena, members[i], (size_t)(colon - members[i])),
            .refund_id = arena_text(window->arena, colon + 1),
            .kind = "",
        };
    }
    bool ok = work_window(process, window, err);
    window_release(process, window);
    return ok;
}

/* ---- the run ---- */

bool refunds_process(struct orders_process *process, struct err *err)
{
    OWN_TEXT char *key = mem_printf("refunds:%s", process->shop->code);
    OWN_IDS struct store_ids ids = {0};
    int64_t due_ms = process->by_hand ? INT64_MAX : process_now_ms(process);
    if (process->shop->return_and_refund_process == REFUNDS_NONE)
        return true;
    if (!store_zset(process->attempt->ledger, process->company, key, due_ms, MOST, &ids, err))
        return err_wrap(err, "list refunds");
    for (size_t from = 0; from < ids.count; from += WINDOW) {
        size_t some = ids.count - from < WINDOW ? ids.count - from : WINDOW;
        attempt_progress(process->attempt, "making credit memos", (int64_t)from,
                         (int64_t)ids.count);
        if (!run_window(process, ids.items + from, some, err) ||
            !attempt_checkpoint(process->attempt, "", 0, err))
            return false;
    }
    return true;
}

bool refunds_reconsider(struct orders_process *process, struct err *err)
{
    OWN_TEXT char *key = mem_printf("refunds:%s", process->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(process->attempt->ledger, process->company, key, INT64_MAX, MOST, &ids, err))
        return err_wrap(err, "list refunds");
    for (size_t i = 0; i < ids.count; i++) {
        write_add(process->write, "ZADD", key, "0", ids.items[i], NULL);
        if (!process_flush(process, false, err))
            return false;
    }
    return true;
}
