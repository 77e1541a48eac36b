/* posting_send.c - changes one document where the entry asks for it, and posts it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/posting.h"

enum { POSTING_MS = 540000 }; /* the server's own limit is 8 minutes, its gateway's 10 */

/* The service says these in English, which we ask for; in another language they are refusals like
 * any other, with their text. */
static enum reason reason_of(const char *text)
{
    static const struct {
        const char *part;
        enum reason reason;
    } PARTS[] = {
        {"warehouse", REASON_WAREHOUSE},
        {"approv",    REASON_APPROVAL },
    };
    for (size_t i = 0; i < COUNT(PARTS); i++)
        if (strcasestr(text, PARTS[i].part))
            return PARTS[i].reason;
    return REASON_POSTING_REFUSED;
}

static void refused(struct posting_work *work, const struct err *why)
{
    enum reason reason = reason_of(why->text);
    work->tries++;
    posting_stop(work, reason == REASON_POSTING_REFUSED ? RESULT_FAILED : RESULT_SKIPPED, reason,
                 "%s", why->text);
}

/* What a call that was not to be lost has come to, when it has not done what it should. */
static void judge(struct posting *posting, struct posting_work *work, const struct err *why)
{
    if (why->kind == ERR_FATAL && why->code == 404) {
        work->result = RESULT_GONE;
    } else if (why->kind == ERR_FATAL) {
        refused(work, why);
    } else { /* changed meanwhile, or a lock was lost: nothing has happened */
        work->result = RESULT_UNSENT;
        undone_add(&posting->unsent, work->number, why->text);
        log_info("posting.later", TEXT("document", work->number), TEXT("why", why->text));
    }
}

/* ---- changes before ---- */

static bool change(struct posting *posting, struct posting_work *work, struct bc_call *call,
                   struct err *err)
{
    call->method = "PATCH";
    call->repeatable = true;
    if (!bc_call_all(posting->attempt, call, 1, err))
        return false;
    if (call->err.kind != ERR_NONE)
        judge(posting, work, &call->err);
    return true;
}

static bool change_dates(struct posting *posting, struct posting_work *work, struct err *err)
{
    static const char *const DATES[] = {[POSTING_ORDER] = "orderDate",
                                        [POSTING_INVOICE] = "invoiceDate",
                                        [POSTING_MEMO] = "creditMemoDate"};
    const struct posting_plan *plan = &work->plan;
    if (!plan->posting_date && !plan->document_date)
        return true;
    json *body = json_new_object();
    if (plan->document_date) /* first: it may carry the other along */
        json_set_text(body, DATES[work->kind], plan->document_date);
    if (plan->posting_date)
        json_set_text(body, "postingDate", plan->posting_date);
    OWN_TEXT char *path = mem_printf("%s(%s)", posting_kind_set(work->kind), work->id);
    struct bc_call call = {.path = path, .body = body, .if_match = work->document.etag};
    bool ok = change(posting, work, &call, err);
    if (ok && work->result == RESULT_OPEN)
        work->document.etag =
            arena_text(posting->attempt->arena, json_text(call.answer, "@odata.etag"));
    bc_call_drop(&call);
    return ok;
}

/* We have just set what it ships, so its mark is another. */
static bool is_set(const struct posting_work *work, const struct posting_line *line, bool ships)
{
    for (size_t i = 0; i < work->plan.ship_count && !ships; i++)
        if (work->plan.ship[i].line == line)
            return true;
    return false;
}

/* Shipping and invoicing one after the other: setting the first resets the second. */
static bool change_lines(struct posting *posting, struct posting_work *work, const char *field,
                         const struct posting_change changes[], size_t count, struct err *err)
{
    bool ships = changes == work->plan.ship;
    if (count == 0 || work->result != RESULT_OPEN)
        return true;
    struct bc_call *calls = mem_array(count, sizeof *calls);
    for (size_t i = 0; i < count; i++) {
        json *body = json_new_object();
        json_set_decimal(body, field, changes[i].quantity);
        calls[i] = (struct bc_call){
            .method = "PATCH",
            .path =
                arena_printf(posting->attempt->arena, "salesOrderLines(%s)", changes[i].line->id),
            .body = body,
            .if_match = is_set(work, changes[i].line, ships) ? "*" : changes[i].line->etag,
            .repeatable = true,
        };
    }
    bool ok = count == 1 ? bc_call_all(posting->attempt, calls, count, err)
                         : bc_batch(posting->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (ok && calls[i].err.kind != ERR_NONE && work->result == RESULT_OPEN)
            judge(posting, work, &calls[i].err);
        bc_call_drop(&calls[i]);
    }
    free(calls);
    return ok;
}

/* ---- posting ---- */

static bool before(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    struct posting_work *work = call->state;
    char progress[POSTING_PROGRESS], attempts[24];
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *record = mem_printf("posting:%s", work->id);
    OWN_TEXT char *kind = mem_printf("post %s", posting_kind_word(work->kind));
    posting_progress(&work->document, progress);
    work->look_until_ms = clock_now_ms(attempt->clock) + attempt->company->bc_late_s * 1000;
    write_note(write, record, "bc", kind, work->number, work->look_until_ms);
    snprintf(attempts, sizeof attempts, "%" PRId64, work->attempts);
    write_add(write, "HSET", record, "before", progress, "attempts", attempts, NULL);
    if (!attempt_write(attempt, write, &work->locked, err))
        return false;
    if (work->locked)
        err_set(&call->err, ERR_RETRY, 0, "another run is posting %s", work->number);
    return true;
}

bool posting_send(struct posting *posting, struct posting_work *work, struct err *err)
{
    const struct posting_plan *plan = &work->plan;
    bool lines = plan->ship_count + plan->invoice_count > 0;
    if (!change_dates(posting, work, err) ||
        !change_lines(posting, work, "shipQuantity", plan->ship, plan->ship_count, err) ||
        !change_lines(posting, work, "invoiceQuantity", plan->invoice, plan->invoice_count, err))
        return false;
    if (work->result != RESULT_OPEN)
        return true;
    OWN_TEXT char *path =
        mem_printf("%s(%s)/Microsoft.NAV.%s", posting_kind_set(work->kind), work->id,
                   work->kind == POSTING_ORDER ? "shipAndInvoice" : "post");
    struct bc_call call = {
        .method = "POST",
        .path = path,
        /* What was looked at is posted, not what somebody has made of it since. Changed lines have
         * changed the header's mark too. */
        .if_match = lines || !*work->document.etag ? NULL : work->document.etag,
        .timeout_ms = POSTING_MS,
        .before = before,
        .state = work,
    };
    work->attempts++;
    bool ok = bc_call_all(posting->attempt, &call, 1, err);
    if (ok && call.err.kind == ERR_NONE)
        work->result = RESULT_SENT;
    else if (ok && call.err.kind == ERR_UNCERTAIN)
        posting_stop(work, RESULT_FLIGHT, REASON_POSTING_IN_FLIGHT,
                     "the last call got no answer, and what it does may still come");
    else if (ok)
        judge(posting, work, &call.err);
    bc_call_drop(&call);
    return ok;
}
