/* posting_plan.c - quantities to ship and to invoice, from what stands on the document. */
#include "plan/posting_plan.h"

#include <stdio.h>
#include <string.h>

static bool same(struct decimal a, struct decimal b)
{
    return decimal_cmp(a, b) == 0;
}

static struct decimal open_to_ship(const struct posting_line *line)
{
    return decimal_sub(line->quantity, line->shipped);
}

/* What could be invoiced once so much is shipped. */
static struct decimal open_to_invoice(const struct posting_line *line, struct decimal ships)
{
    return decimal_sub(decimal_add(line->shipped, ships), line->invoiced);
}

static bool all_zero(const struct decimal *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (decimal_sign(values[i]) != 0)
            return false;
    return true;
}

static void want_to_ship(const struct posting_document *document, bool ship, struct decimal *out)
{
    for (size_t i = 0; i < document->line_count; i++)
        out[i] = ship ? document->lines[i].to_ship : DECIMAL_ZERO;
    if (ship && all_zero(out, document->line_count))
        for (size_t i = 0; i < document->line_count; i++)
            out[i] = open_to_ship(&document->lines[i]);
}

/* `stands`: what the document will say is to be invoiced once `ships` is set. */
static void want_to_invoice(const struct posting_document *document,
                            const struct posting_wish *wish, const struct decimal *ships,
                            const struct decimal *stands, struct decimal *out)
{
    for (size_t i = 0; i < document->line_count; i++)
        out[i] = !wish->invoice ? DECIMAL_ZERO
                 : wish->ship   ? stands[i]
                                : open_to_invoice(&document->lines[i], DECIMAL_ZERO);
    if (wish->invoice && all_zero(out, document->line_count))
        for (size_t i = 0; i < document->line_count; i++)
            out[i] = open_to_invoice(&document->lines[i], ships[i]);
}

static bool completes(const struct posting_document *document, const struct decimal *ships,
                      const struct decimal *invoices)
{
    for (size_t i = 0; i < document->line_count; i++) {
        const struct posting_line *line = &document->lines[i];
        if (!same(decimal_add(line->shipped, ships[i]), line->quantity) ||
            !same(decimal_add(line->invoiced, invoices[i]), line->quantity))
            return false;
    }
    return true;
}

static void plan_order(const struct posting_document *document, const struct posting_wish *wish,
                       struct arena *arena, struct posting_plan *out)
{
    size_t count = document->line_count;
    struct decimal *ships = arena_array(arena, count + 1, sizeof *ships);
    struct decimal *stands = arena_array(arena, count + 1, sizeof *stands);
    struct decimal *invoices = arena_array(arena, count + 1, sizeof *invoices);
    out->ship = arena_array(arena, count + 1, sizeof *out->ship);
    out->invoice = arena_array(arena, count + 1, sizeof *out->invoice);
    want_to_ship(document, wish->ship, ships);
    for (size_t i = 0; i < count; i++) {
        const struct posting_line *line = &document->lines[i];
        bool set = !same(ships[i], line->to_ship);
        stands[i] = set ? open_to_invoice(line, ships[i]) : line->to_invoice;
        if (set)
            out->ship[out->ship_count++] = (struct posting_change){line, ships[i]};
    }
    want_to_invoice(document, wish, ships, stands, invoices);
    for (size_t i = 0; i < count; i++)
        if (!same(invoices[i], stands[i]))
            out->invoice[out->invoice_count++] =
                (struct posting_change){&document->lines[i], invoices[i]};
    out->ships = !all_zero(ships, count);
    out->invoices = !all_zero(invoices, count);
    out->whole = completes(document, ships, invoices);
    out->step = out->ships || out->invoices ? POSTING_SEND : POSTING_NOTHING;
}

void posting_plan(const struct posting_document *document, const struct posting_wish *wish,
                  struct arena *arena, struct posting_plan *out)
{
    *out = (struct posting_plan){.step = POSTING_SEND};
    bool draft = strcmp(document->status, "Draft") == 0;
    if (strcmp(document->status, "In Review") == 0) {
        out->step = POSTING_APPROVAL;
        return;
    }
    if (document->kind == POSTING_ORDER) {
        plan_order(document, wish, arena, out);
    } else {
        out->step = draft ? POSTING_SEND : POSTING_DONE;
        out->invoices = out->whole = true;
    }
    if (out->step != POSTING_SEND)
        return;
    if (wish->posting_date && strcmp(wish->posting_date, document->posting_date) != 0)
        out->posting_date = wish->posting_date;
    if (wish->document_date && strcmp(wish->document_date, document->document_date) != 0)
        out->document_date = wish->document_date;
}

void posting_progress(const struct posting_document *document, char out[static POSTING_PROGRESS])
{
    struct decimal shipped = DECIMAL_ZERO, invoiced = DECIMAL_ZERO;
    char left[DECIMAL_TEXT], right[DECIMAL_TEXT];
    for (size_t i = 0; i < document->line_count; i++) {
        shipped = decimal_add(shipped, document->lines[i].shipped);
        invoiced = decimal_add(invoiced, document->lines[i].invoiced);
    }
    decimal_format(shipped, left);
    decimal_format(invoiced, right);
    snprintf(out, POSTING_PROGRESS, "%s/%s", left, right);
}
