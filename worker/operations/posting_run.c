/* posting_run.c - reports 296 and 297: posts sales orders, invoices and credit memos.
 *
 * Idempotency: posting is no create with a key, and cannot be taken back. What keeps a document
 * from being posted twice:
 *  1. Each is looked at before it is sent, on the primary, in the same run: one that is posted is
 *     recorded, one that is gone is looked for among invoices and shipments by its number.
 *  2. A note of the call in flight stands in Redis before the request leaves, with what was shipped
 *     and invoiced until then. Another run's note is a lock.
 *  3. After an unknown outcome nothing is sent: each run looks again. Gone, posted, or more shipped
 *     or invoiced than the note says = it took effect. Only when the server's own limit (bc_late_s)
 *     has passed and nothing has moved is it sent again.
 *  4. The call carries the mark (ETag) of what was looked at, so a document that somebody has
 * changed since is looked at anew. Changes of dates and quantities set values, so they may run
 * twice. There is no cursor: a killed run starts over with what is still ready.
 *
 * One document at a time: posting locks tables, and a second one would only wait. One that is
 * refused never stops the next.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "calendar/zone.h"
#include "operations/operations_table.h"
#include "operations/posting.h"

enum { LOOK_AGAIN_MS = 30000 };

int64_t posting_now_ms(const struct posting *posting)
{
    return clock_now_ms(posting->attempt->clock);
}

bool posting_flush(struct posting *posting, bool all, struct err *err)
{
    return attempt_flush(posting->attempt, posting->write, all ? 0 : WRITE_FLUSH_BYTES, err);
}

void posting_stop(struct posting_work *work, enum posting_result result, enum reason reason,
                  const char *detail, ...)
{
    va_list args;
    va_start(args, detail);
    vsnprintf(work->detail, sizeof work->detail, detail, args);
    va_end(args);
    work->result = result;
    work->reason = reason;
}

/* ---- one document's fate ---- */

static void look_again(struct posting *posting, struct posting_work *work)
{
    posting_stop(work, RESULT_FLIGHT, REASON_POSTING_IN_FLIGHT,
                 "the last call got no answer, and what it does may still come");
    undone_look(&posting->awaited, work->number, work->look_until_ms);
}

static void judge_gone(struct posting *posting, struct posting_work *work)
{
    if (*work->invoice_number)
        work->result = RESULT_POSTED;
    else if (*work->note_fence && posting->looked_ms < work->look_until_ms)
        look_again(posting, work);
    else
        posting_stop(work, RESULT_SKIPPED, REASON_DOCUMENT_GONE,
                     "%s %s is no longer in Business Central, and no posted invoice has its number",
                     posting_kind_word(work->kind), work->number);
}

/* A call without an answer: has it moved anything? True = settled, one way or the other. */
static bool settle(struct posting *posting, struct posting_work *work)
{
    char progress[POSTING_PROGRESS];
    if (!*work->note_fence)
        return false;
    posting_progress(&work->document, progress);
    if (work->kind == POSTING_ORDER && *work->before && strcmp(progress, work->before) != 0)
        work->result = RESULT_PARTLY;
    else if (posting->looked_ms < work->look_until_ms && work->plan.step != POSTING_DONE)
        look_again(posting, work);
    else
        return false; /* the server can no longer finish that call */
    return true;
}

static void judge(struct posting *posting, struct posting_work *work)
{
    if (!work->found) {
        judge_gone(posting, work);
        return;
    }
    posting_plan(&work->document, &posting->wish, posting->attempt->arena, &work->plan);
    if (settle(posting, work))
        return;
    if (work->plan.step == POSTING_DONE) {
        work->invoice = work->id;
        work->invoice_number = work->document.number;
        work->cancelled = strcmp(work->document.status, DOCUMENT_CANCELLED) == 0;
        work->result = RESULT_POSTED;
        return;
    }
    if (!posting_filters_fit(posting->filters, &work->document, work->name) ||
        work->plan.step == POSTING_NOTHING) {
        work->result = RESULT_LEFT;
        return;
    }
    if (*work->note_fence) {
        OWN_TEXT char *name = mem_printf("posting:%s", work->id);
        write_note_clear(posting->write, name);
    }
    if (work->plan.step == POSTING_APPROVAL)
        posting_stop(work, RESULT_SKIPPED, REASON_APPROVAL, "%s %s is in review",
                     posting_kind_word(work->kind), work->number);
}

/* ---- a window ---- */

static void judge_after(struct posting_work *work)
{
    if (work->result == RESULT_SENT)
        work->result = work->plan.whole ? RESULT_POSTED : RESULT_PARTLY;
    else if (work->result == RESULT_GONE && *work->invoice_number)
        work->result = RESULT_POSTED;
    else if (work->result == RESULT_GONE)
        posting_stop(work, RESULT_SKIPPED, REASON_DOCUMENT_GONE,
                     "%s %s was deleted while it was about to be posted",
                     posting_kind_word(work->kind), work->number);
}

static void count(struct posting *posting, const struct posting_work *work, bool sent)
{
    struct counts *counts = &posting->attempt->counts;
    bool good = work->result == RESULT_POSTED || work->result == RESULT_PARTLY;
    counts->read += work->result != RESULT_LEFT;
    counts->created += good && sent;
    counts->updated += good && !sent;
}

static bool end_window(struct posting *posting, struct posting_work works[], size_t count_,
                       struct err *err)
{
    bool sent[POSTING_WINDOW];
    if (!posting_look_after(posting, works, count_, err))
        return false;
    for (size_t i = 0; i < count_; i++) {
        sent[i] = works[i].result == RESULT_SENT;
        judge_after(&works[i]);
        count(posting, &works[i], sent[i]);
        posting_record(posting, &works[i]);
        if (!posting_flush(posting, false, err))
            return false;
    }
    return posting_flush(posting, true, err);
}

static bool send_window(struct posting *posting, struct posting_work works[], size_t count_,
                        struct err *err)
{
    for (size_t i = 0; i < count_; i++) {
        attempt_progress(posting->attempt, "posting", (int64_t)(posting->done + i),
                         (int64_t)posting->count);
        if (works[i].result != RESULT_OPEN)
            continue;
        if (!posting_send(posting, &works[i], err))
            return err_wrap(err, "post %s", works[i].number);
        if (works[i].result == RESULT_FLIGHT)
            look_again(posting, &works[i]);
        if (!attempt_checkpoint(posting->attempt, "", 0, err))
            return false;
    }
    return true;
}

/* Entries leave it until then; a person's run takes it at once. */
static void put_off(struct posting_work *work)
{
    char when[32];
    time_format(work->due_ms, false, when);
    posting_stop(work, RESULT_SKIPPED, reason_by_code(work->skip.reason), "put off until %s: %s",
                 when, work->skip.detail);
    if (work->reason == REASON_NONE)
        work->reason = REASON_POSTING_REFUSED;
}

static bool preview_window(struct posting *posting, struct posting_work works[], size_t count_,
                           struct err *err)
{
    write_clear(posting->write); /* a preview changes nothing */
    for (size_t i = 0; i < count_; i++) {
        if (works[i].result == RESULT_LEFT || works[i].result == RESULT_POSTED)
            continue;
        if (works[i].later && works[i].result == RESULT_OPEN)
            put_off(&works[i]);
        posting->matched++;
        posting->attempt->counts.read++;
        posting->attempt->counts.skipped += works[i].result != RESULT_OPEN;
        posting_preview(posting, &works[i]);
    }
    return posting_flush(posting, true, err);
}

static bool run_window(struct posting *posting, struct posting_work works[], size_t count_,
                       struct err *err)
{
    if (!posting_look(posting, works, count_, err))
        return false;
    for (size_t i = 0; i < count_; i++)
        judge(posting, &works[i]);
    if (posting->preview)
        return preview_window(posting, works, count_, err);
    return posting_flush(posting, true, err) && send_window(posting, works, count_, err) &&
           end_window(posting, works, count_, err);
}

/* ---- the run ---- */

/* What this company's access level does not offer is refused: dropped silently, the books would not
 * be what the entry says. The extension's contract has neither of them either. */
static bool level_ok(struct attempt *attempt, struct err *err)
{
    const json *arguments = attempt->args;
    enum bc_level level;
    static const struct {
        const char *argument, *why;
    } MISSING[] = {
        {"vat_date",          "has no VAT date on sales documents"                              },
        {"replace_vat_date",  "has no VAT date on sales documents"                              },
        {"calc_inv_discount", "has no action that calculates the invoice discount of a document"},
    };
    for (size_t i = 0; i < COUNT(MISSING); i++) {
        const char *name = MISSING[i].argument;
        if (!*json_text(arguments, name) && !json_flag(arguments, name, false))
            continue;
        return bc_level_of(attempt, &level, err) &&
               err_set(err, ERR_FATAL, 0,
                       "argument %s: Business Central at access level %s %s; leave it out, or post "
                       "these documents there",
                       name, bc_level_name(level), MISSING[i].why);
    }
    return true;
}

static bool run_all(struct posting *posting, struct err *err)
{
    if (!posting_select(posting, err))
        return false;
    for (; posting->done < posting->count; posting->done += POSTING_WINDOW) {
        size_t left = posting->count - posting->done;
        attempt_progress(posting->attempt, "looking at documents", (int64_t)posting->done,
                         (int64_t)posting->count);
        if (!run_window(posting, posting->works + posting->done,
                        left < POSTING_WINDOW ? left : POSTING_WINDOW, err) ||
            !attempt_checkpoint(posting->attempt, "", 0, err))
            return false;
    }
    if (posting->preview && posting->matched == 0) {
        stage_preview(posting->write, posting->attempt->sheet->ticket.task, "", "");
        return posting_flush(posting, true, err);
    }
    return true;
}

/* What has no answer yet: this run comes back for it and keeps nobody waiting meanwhile. */
static bool outcome(struct posting *posting, struct err *err)
{
    if (posting->unsent.count)
        return undone_retry(&posting->unsent, "document", err);
    if (!posting->awaited.count || posting->preview)
        return true;
    return undone_come_back(&posting->awaited, "document", posting->attempt, LOOK_AGAIN_MS, err);
}

static const char *date_argument(const struct attempt *attempt, const char *flag, const char *today)
{
    const char *date = json_text(attempt->args, "posting_date");
    if (!json_flag(attempt->args, flag, false))
        return NULL;
    return strcmp(date, "today") == 0 ? today : date;
}

static bool run(struct attempt *attempt, enum posting_kind kind, struct err *err)
{
    char today[11];
    OWN(zone) struct zone *zone = NULL;
    OWN(posting_filters) struct posting_filters *filters = NULL;
    OWN(write) struct write *write = write_new();
    if ((*json_text(attempt->args, "shop") && !shop_ready(attempt, err)) ||
        !level_ok(attempt, err) || !zone_open(attempt->company->time_zone, &zone, err))
        return false;
    zone_date(zone, clock_now_ms(attempt->clock), today);
    if (!posting_filters_open(attempt->args, today, &filters, err))
        return false;
    struct posting posting = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .kind = kind,
        .all = json_flag(attempt->args, "all", false),
        .preview = json_flag(attempt->args, "preview", false),
        .by_hand = started_by_hand(attempt),
        .credit_memos = json_flag(attempt->args, "credit_memos", true),
        .when = post_when_of(json_text(attempt->args, "post_when")),
        .filters = filters,
        .wish =
            {
                   .ship = json_flag(attempt->args, "ship", true),
                   .invoice = json_flag(attempt->args, "invoice", true),
                   .posting_date = date_argument(attempt, "replace_posting_date", today),
                   .document_date = date_argument(attempt, "replace_document_date", today),
                   },
        .write = write,
    };
    bool ok = run_all(&posting, err) && outcome(&posting, err);
    free(posting.works);
    return ok;
}

bool sales_orders_post_run(struct attempt *attempt, struct err *err)
{
    return run(attempt, POSTING_ORDER, err);
}

bool sales_invoices_post_run(struct attempt *attempt, struct err *err)
{
    return run(attempt, POSTING_INVOICE, err);
}
