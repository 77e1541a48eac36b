/* posting_record.c - how a document has ended: its record, its order's link and life, its skip. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/posting.h"

enum { BACKOFF_MS = 5 * 60 * 1000, BACKOFF_MOST_MS = 24 * 3600 * 1000 };

static const char *state_word(enum posting_result result)
{
    switch (result) {
    case RESULT_POSTED:
        return "posted";
    case RESULT_PARTLY:
        return "partly";
    case RESULT_FAILED:
        return "failed";
    default:
        return "skipped";
    }
}

/* Refused again and again, it is tried ever more rarely; what waits for a person at the document
 * too. */
static int64_t due_again_ms(const struct posting *posting, const struct posting_work *work)
{
    int64_t delay_ms = BACKOFF_MS;
    if (work->result != RESULT_FAILED && work->result != RESULT_SKIPPED)
        return 0;
    for (int64_t i = 1; i < work->tries && delay_ms < BACKOFF_MOST_MS; i++)
        delay_ms *= 2;
    return posting_now_ms(posting) + (delay_ms < BACKOFF_MOST_MS ? delay_ms : BACKOFF_MOST_MS);
}

static void record(struct posting *posting, const struct posting_work *work)
{
    bool good = work->result == RESULT_POSTED || work->result == RESULT_PARTLY;
    const struct posting_record row = {
        .id = work->id,
        .number = work->number,
        .kind = posting_kind_word(work->kind),
        .order = work->order,
        .name = work->name,
        .refund = work->refund,
        .shop = work->shop,
        .state = state_word(work->result),
        .invoice = work->invoice,
        .invoice_number = work->invoice_number,
        .shipment_number = work->shipment_number,
        .reason = reason_row(work->reason)->code,
        .error = work->detail,
        .attempts = work->attempts,
        .tries = good ? 0 : work->tries,
        .due_ms = due_again_ms(posting, work),
    };
    stage_posting(posting->write, &row, posting_now_ms(posting));
}

/* The order, or its refund, is shown with what was posted of it. */
static void write_link(struct posting *posting, const struct posting_work *work)
{
    if (!*work->order)
        return;
    bool whole = work->result == RESULT_POSTED, memo = *work->refund;
    OWN_TEXT char *link =
        mem_printf("link:%s:%s", memo ? "refund" : "order", memo ? work->refund : work->order);
    OWN_TEXT char *ready = mem_printf("%s:%s", memo ? "ready-refunds" : "ready", work->shop);
    OWN_TEXT char *marks = mem_printf("post-marks:%s", work->shop);
    OWN_TEXT char *mark =
        mem_printf("%s%s", memo ? "refund:" : "", memo ? work->refund : work->order);
    write_add(posting->write, "HSET", link, "posted_shipment", work->shipment_number, NULL);
    if (whole)
        write_add(posting->write, "ZREM", ready, memo ? work->refund : work->order, NULL);
    if (whole)
        write_add(posting->write, "SREM", marks, mark, NULL);
    if (!memo)
        stage_archive(posting->write, work->shop, work->order);
    stage_find(posting->write, work->order, work->shipment_number);
    stage_life(
        posting->write, work->order, "posted", "%s %s%s%s%s%s", posting_kind_word(work->kind),
        work->number, *work->invoice_number ? (memo ? " as credit memo " : " as invoice ") : "",
        work->invoice_number, *work->shipment_number ? ", shipment " : "", work->shipment_number);
    stage_posted(posting->write, link, work->order, work->invoice, work->invoice_number,
                 work->cancelled);
}

static void write_skip(struct posting *posting, const struct posting_work *work)
{
    if (!*work->shop)
        return; /* made by hand: its record says it */
    if (stage_skip(posting->write, work->shop, work->id, work->name, "", work->reason, work->detail,
                   &work->skip) &&
        *work->order)
        stage_life(posting->write, work->order, "held", "%s %s", reason_row(work->reason)->code,
                   work->detail);
}

static void clear_note(struct posting *posting, const struct posting_work *work)
{
    OWN_TEXT char *name = mem_printf("posting:%s", work->id);
    write_note_clear(posting->write, name);
}

/* Gone without a trace: nothing here could still be posted. */
static void forget_ready(struct posting *posting, const struct posting_work *work)
{
    OWN_TEXT char *ready =
        mem_printf("%s:%s", *work->refund ? "ready-refunds" : "ready", work->shop);
    if (*work->order)
        write_add(posting->write, "ZREM", ready, *work->refund ? work->refund : work->order, NULL);
}

void posting_record(struct posting *posting, const struct posting_work *work)
{
    struct counts *counts = &posting->attempt->counts;
    switch (work->result) {
    case RESULT_POSTED:
    case RESULT_PARTLY:
        record(posting, work);
        write_link(posting, work);
        if (*work->skip.reason && *work->shop)
            stage_skip_gone(posting->write, work->id);
        clear_note(posting, work);
        break;
    case RESULT_SKIPPED:
    case RESULT_FAILED:
        record(posting, work);
        write_skip(posting, work);
        if (work->reason == REASON_DOCUMENT_GONE)
            forget_ready(posting, work);
        clear_note(posting, work);
        counts->skipped += work->result == RESULT_SKIPPED;
        counts->failed += work->result == RESULT_FAILED;
        break;
    case RESULT_FLIGHT:
        record(posting, work);
        break;
    case RESULT_UNSENT:
        if (!work->locked)
            clear_note(posting, work);
        break;
    default:
        break;
    }
}

void posting_preview(struct posting *posting, const struct posting_work *work)
{
    const struct posting_document *document = &work->document;
    OWN_JSON json *row = json_new_object();
    bool post = work->result == RESULT_OPEN;
    json_set_text(row, "id", work->id);
    json_set_text(row, "number", work->number);
    json_set_text(row, "kind", posting_kind_word(work->kind));
    json_set_text(row, "order", work->order);
    json_set_text(row, "name", work->name);
    json_set_text(row, "shop", work->shop);
    json_set_text(row, "external", work->external);
    if (work->found) {
        json_set_text(row, "customer", document->customer);
        json_set_text(row, "posting_date", document->posting_date);
        json_set_text(row, "document_date", document->document_date);
        json_set_text(row, "currency", document->currency);
        json_set_decimal(row, "amount", document->amount);
    }
    json_set_bool(row, "post", post);
    json_set_text(row, "reason", reason_row(work->reason)->code);
    json_set_text(row, "detail", work->detail);
    stage_preview(posting->write, posting->attempt->sheet->ticket.task, work->id, json_write(row));
}
