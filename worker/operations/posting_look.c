/* posting_look.c - documents as they stand, and what became of those that are gone.
 *
 * On the primary, because it decides about a posting; at most twenty documents a call. An order
 * that was posted whole is gone: its invoice and shipment carry its number.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/posting.h"

static const struct {
    const char *word, *set, *select;
} KINDS[] = {
    [POSTING_ORDER] = {"salesOrder",      "salesOrders",
                       "$select=id,number,externalDocumentNumber,orderDate,postingDate,"
                       "customerNumber,currencyCode,totalAmountIncludingTax,status"
                       "&$expand=salesOrderLines($select=id,quantity,shippedQuantity,"
                       "invoicedQuantity,shipQuantity,invoiceQuantity)"              },
    [POSTING_INVOICE] = {"salesInvoice",    "salesInvoices",
                       "$select=id,number,externalDocumentNumber,invoiceDate,postingDate,"
                         "customerNumber,currencyCode,totalAmountIncludingTax,status"},
    [POSTING_MEMO] = {"salesCreditMemo", "salesCreditMemos",
                       "$select=id,number,externalDocumentNumber,creditMemoDate,postingDate,"
                      "customerNumber,currencyCode,totalAmountIncludingTax,status"   },
};

const char *posting_kind_word(enum posting_kind kind)
{
    return KINDS[kind].word;
}

const char *posting_kind_set(enum posting_kind kind)
{
    return KINDS[kind].set;
}

/* ---- one question about several ---- */

struct question {
    struct bc_call call;
    struct buf path;
    size_t values;
};

static void ask_about(struct question *question, const char *set, const char *select,
                      const char *field, const char *value)
{
    if (question->values++ == 0)
        buf_printf(&question->path, "%s?%s&$filter=", set, select);
    else
        buf_text(&question->path, "%20or%20");
    if (strcmp(field, "id") == 0) /* GUIDs stand bare */
        buf_printf(&question->path, "id%%20eq%%20%s", value);
    else
        bc_filter_text(&question->path, field, value);
}

static bool answer_ok(struct question *question, struct err *err)
{
    const json *rows = json_get(question->call.answer, "value");
    if (question->call.err.kind != ERR_NONE) {
        *err = question->call.err;
        return err_wrap(err, "look for documents");
    }
    return (json_is_array(rows) && !json_has(question->call.answer, "@odata.nextLink")) ||
           err_set(err, ERR_RETRY, question->call.status,
                   "look for documents: the answer is not complete");
}

static bool ask(struct posting *posting, struct question questions[], size_t count, struct err *err)
{
    struct bc_call calls[3];
    size_t asked[3], used = 0;
    assert(count <= COUNT(calls));
    for (size_t i = 0; i < count; i++) {
        if (questions[i].values == 0)
            continue;
        calls[used] =
            (struct bc_call){.method = "GET", .path = buf_str(&questions[i].path), .primary = true};
        asked[used++] = i;
    }
    bool ok = used == 0 || bc_call_all(posting->attempt, calls, used, err);
    for (size_t k = 0; k < used; k++) {
        questions[asked[k]].call = calls[k];
        ok = ok && answer_ok(&questions[asked[k]], err);
    }
    return ok;
}

static void drop(struct question questions[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bc_call_drop(&questions[i].call);
        buf_drop(&questions[i].path);
    }
}

static const json *rows_of(const struct question *question)
{
    return json_get(question->call.answer, "value");
}

/* ---- a document as it stands ---- */

static struct decimal quantity(const json *line, const char *field)
{
    struct decimal value;
    return json_decimal(line, field, &value) ? value : DECIMAL_ZERO;
}

/* "In_x0020_Review" -> "In Review"; a released order is called Open there. */
static const char *status_word(enum posting_kind kind, const char *status)
{
    if (strcmp(status, DOCUMENT_IN_REVIEW) == 0)
        return "In Review";
    return kind == POSTING_ORDER && strcmp(status, "Open") == 0 ? "Released" : status;
}

static void read_lines(const json *row, struct arena *arena, struct posting_document *out)
{
    const json *lines = json_get(row, "salesOrderLines");
    out->lines = arena_array(arena, json_count(lines) + 1, sizeof *out->lines);
    for (size_t i = 0; i < json_count(lines); i++) {
        const json *line = json_at(lines, i);
        if (decimal_sign(quantity(line, "quantity")) == 0)
            continue;
        out->lines[out->line_count++] = (struct posting_line){
            .id = arena_text(arena, json_text(line, "id")),
            .etag = arena_text(arena, json_text(line, "@odata.etag")),
            .quantity = quantity(line, "quantity"),
            .shipped = quantity(line, "shippedQuantity"),
            .invoiced = quantity(line, "invoicedQuantity"),
            .to_ship = quantity(line, "shipQuantity"),
            .to_invoice = quantity(line, "invoiceQuantity"),
        };
    }
}

static void read_document(const json *row, enum posting_kind kind, struct arena *arena,
                          struct posting_document *out)
{
    static const char *const DATES[] = {[POSTING_ORDER] = "orderDate",
                                        [POSTING_INVOICE] = "invoiceDate",
                                        [POSTING_MEMO] = "creditMemoDate"};
    *out = (struct posting_document){
        .kind = kind,
        .id = arena_text(arena, json_text(row, "id")),
        .number = arena_text(arena, json_text(row, "number")),
        .etag = arena_text(arena, json_text(row, "@odata.etag")),
        .status = arena_text(arena, status_word(kind, json_text(row, "status"))),
        .customer = arena_text(arena, json_text(row, "customerNumber")),
        .external = arena_text(arena, json_text(row, "externalDocumentNumber")),
        .currency = arena_text(arena, json_text(row, "currencyCode")),
        .posting_date = arena_text(arena, json_text(row, "postingDate")),
        .document_date = arena_text(arena, json_text(row, DATES[kind])),
        .amount = quantity(row, "totalAmountIncludingTax"),
    };
    read_lines(row, arena, out);
}

static bool look_documents(struct posting *posting, struct posting_work works[], size_t count,
                           struct err *err)
{
    struct question questions[POSTING_MEMO + 1] = {0};
    for (size_t i = 0; i < count; i++)
        ask_about(&questions[works[i].kind], KINDS[works[i].kind].set, KINDS[works[i].kind].select,
                  "id", works[i].id);
    bool ok = ask(posting, questions, COUNT(questions), err);
    for (size_t i = 0; ok && i < count; i++) {
        const json *rows = rows_of(&questions[works[i].kind]);
        works[i].found = false;
        for (size_t k = 0; k < json_count(rows) && !works[i].found; k++) {
            const json *row = json_at(rows, k);
            if (strcasecmp(json_text(row, "id"), works[i].id) != 0)
                continue;
            works[i].found = true;
            read_document(row, works[i].kind, posting->attempt->arena, &works[i].document);
        }
    }
    drop(questions, COUNT(questions));
    return ok;
}

/* ---- what became of an order ---- */

/* Numbers of a series grow, first in length. */
static bool is_later(const char *number, const char *than)
{
    size_t a = strlen(number), b = strlen(than);
    return a != b ? a > b : strcmp(number, than) > 0;
}

static const json *latest_of(const json *rows, const char *order)
{
    const json *latest = NULL;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        if (strcmp(json_text(row, "orderNumber"), order) == 0 &&
            (!latest || is_later(json_text(row, "number"), json_text(latest, "number"))))
            latest = row;
    }
    return latest;
}

/* Invoices and shipments of these orders. */
static bool look_posted(struct posting *posting, struct posting_work *works[], size_t count,
                        struct err *err)
{
    struct question questions[2] = {0};
    for (size_t i = 0; i < count; i++) {
        ask_about(&questions[0], "salesInvoices", "$select=id,number,orderNumber,status",
                  "orderNumber", works[i]->number);
        ask_about(&questions[1], "salesShipments", "$select=id,number,orderNumber", "orderNumber",
                  works[i]->number);
    }
    bool ok = ask(posting, questions, COUNT(questions), err);
    for (size_t i = 0; ok && i < count; i++) {
        struct arena *arena = posting->attempt->arena;
        const json *invoice = latest_of(rows_of(&questions[0]), works[i]->number);
        const json *shipment = latest_of(rows_of(&questions[1]), works[i]->number);
        if (invoice) {
            works[i]->invoice = arena_text(arena, json_text(invoice, "id"));
            works[i]->invoice_number = arena_text(arena, json_text(invoice, "number"));
            works[i]->cancelled = strcmp(json_text(invoice, "status"), DOCUMENT_CANCELLED) == 0;
        }
        if (shipment)
            works[i]->shipment_number = arena_text(arena, json_text(shipment, "number"));
    }
    drop(questions, COUNT(questions));
    return ok;
}

bool posting_look(struct posting *posting, struct posting_work works[], size_t count,
                  struct err *err)
{
    struct posting_work *gone[POSTING_WINDOW];
    size_t gone_count = 0;
    posting->looked_ms = posting_now_ms(posting);
    if (!look_documents(posting, works, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!works[i].found && works[i].kind == POSTING_ORDER)
            gone[gone_count++] = &works[i];
    return look_posted(posting, gone, gone_count, err);
}

/* A posted invoice or memo keeps its id and gets another number. */
bool posting_look_after(struct posting *posting, struct posting_work works[], size_t count,
                        struct err *err)
{
    struct posting_work *orders[POSTING_WINDOW];
    struct question questions[POSTING_MEMO + 1] = {0};
    size_t order_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool sent = works[i].result == RESULT_SENT || works[i].result == RESULT_GONE;
        if (sent && works[i].kind == POSTING_ORDER)
            orders[order_count++] = &works[i];
        else if (sent)
            ask_about(&questions[works[i].kind], KINDS[works[i].kind].set,
                      "$select=id,number,status", "id", works[i].id);
    }
    bool ok = ask(posting, questions, COUNT(questions), err);
    for (size_t i = 0; ok && i < count; i++) {
        if (works[i].kind == POSTING_ORDER)
            continue;
        const json *rows = rows_of(&questions[works[i].kind]);
        for (size_t k = 0; k < json_count(rows); k++) {
            const json *row = json_at(rows, k);
            if (strcasecmp(json_text(row, "id"), works[i].id) != 0)
                continue;
            works[i].invoice = works[i].id;
            works[i].invoice_number = arena_text(posting->attempt->arena, json_text(row, "number"));
        }
    }
    drop(questions, COUNT(questions));
    return ok && look_posted(posting, orders, order_count, err);
}
