/* orders_documents.c - looks for documents, makes those that are missing, puts right what differs:
 * sales orders, invoices of what has been delivered, credit memos of refunds.
 *
 * What keeps an order from standing twice in the ERP, which does not enforce the external number:
 *  1. Every create is preceded by a look there, on the primary, for orders, invoices and shipments.
 *  2. A note of the write in flight stands in Redis before the request leaves, and is replaced by
 * the link in one WRITE. Another run's note is a lock.
 *  3. After an unknown outcome nothing is sent: the order waits under its note, and each run looks
 * again. Only when the server's own limit (bc_late_s) has passed and nothing is there is it sent
 * again. Corrections set values, so they may run twice.
 *  4. An invoice or credit memo whose prices the ERP takes the other way round than planned is
 * deleted while it is our own draft, and made again. Deleting may run twice; killed in between, the
 * next run finds either of the two.
 *  5. The notes themselves may be lost, with Redis. After a data set was adopted, an order that is
 * not found there waits as long as if it had a note.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/document_json.h"
#include "operations/operations_table.h"
#include "operations/orders_process.h"

/* ---- the look ---- */

static const struct {
    const char *kind, *set, *lines, *import; /* the extension's set */
} DOCUMENTS[] = {
    [PLAN_ORDER] = {"salesOrder",      "salesOrders",      "salesOrderLines",      "orderImports"  },
    [PLAN_INVOICE] = {"salesInvoice",    "salesInvoices",    "salesInvoiceLines",    "invoiceImports"},
    [PLAN_CREDIT_MEMO] = {"salesCreditMemo", "salesCreditMemos", "salesCreditMemoLines",
                    "creditMemoImports"                                                            },
};

/* Of the document as it stands, which may be another kind than planned. */
static enum plan_document kind_of(const struct work *work)
{
    for (size_t i = 0; i < COUNT(DOCUMENTS); i++)
        if (strcmp(work->kind, DOCUMENTS[i].kind) == 0)
            return (enum plan_document)i;
    return PLAN_ORDER;
}

static void take_document(struct work *work, const char *kind, const json *row)
{
    struct decimal total;
    work->kind = kind;
    const json *lines = json_get(row, DOCUMENTS[kind_of(work)].lines);
    if (!lines)
        lines = json_get(row, "lines"); /* of the extension's page, with the same ids */
    snprintf(work->document, sizeof work->document, "%s", json_text(row, "id"));
    snprintf(work->number, sizeof work->number, "%s", json_text(row, "number"));
    snprintf(work->order_number, sizeof work->order_number, "%s",
             json_text(row, strcmp(kind, "salesOrder") == 0 ? "number" : "orderNumber"));
    const char *status = json_text(row, "status");
    work->draft = strcmp(status, "Draft") == 0;
    work->cancelled = strcmp(status, DOCUMENT_CANCELLED) == 0;
    work->posted = kind_of(work) != PLAN_ORDER && *status && !work->draft &&
                   strcmp(status, DOCUMENT_IN_REVIEW) != 0;
    work->erp_prices_include_tax =
        json_flag(row, "pricesIncludeTax", work->plan.prices_include_tax);
    work->has_total = json_decimal(row, "totalAmountIncludingTax", &total);
    if (work->has_total)
        work->erp_total = total;
    json_free(work->lines);
    work->lines = lines ? json_copy(lines) : NULL;
}

static const struct {
    enum lookup_kind lookup;
    const char *kind;
} PLACES[] = {
    {LOOKUP_ORDER,    "salesOrder"     },
    {LOOKUP_INVOICE,  "salesInvoice"   },
    {LOOKUP_SHIPMENT, "salesShipment"  },
    {LOOKUP_MEMO,     "salesCreditMemo"},
};

/* Of an order, whatever it has become. */
static bool document_stands(const struct window *window, const char *external)
{
    for (size_t i = 0; i < COUNT(PLACES); i++)
        if (PLACES[i].lookup != LOOKUP_MEMO &&
            lookup_find(window->lookup, PLACES[i].lookup, external))
            return true;
    return false;
}

/* An invoice that was cancelled and posted anew stands twice: the one that counts. */
static const json *standing(const struct lookup *lookup, enum lookup_kind kind,
                            const char *external)
{
    const json *row, *first = NULL;
    for (size_t at = 0; (row = lookup_next(lookup, kind, external, &at));) {
        if (strcmp(json_text(row, "status"), DOCUMENT_CANCELLED) != 0)
            return row;
        first = first ? first : row;
    }
    return first;
}

static void look_result(struct window *window, struct work *work)
{
    for (size_t i = 0; i < COUNT(PLACES) && !work->found; i++) {
        const json *row = standing(window->lookup, PLACES[i].lookup, work->plan.external);
        if (!row || (PLACES[i].lookup == LOOKUP_MEMO) != (work->refund != NULL))
            continue;
        work->found = true;
        take_document(work, PLACES[i].kind, row);
    }
}

static void want_documents(struct window *window, const struct work *work)
{
    if (work->refund) {
        lookup_want(window->lookup, LOOKUP_MEMO, work->plan.external);
        return;
    }
    lookup_want(window->lookup, LOOKUP_ORDER, work->plan.external);
    lookup_want(window->lookup, LOOKUP_INVOICE, work->plan.external);
    lookup_want(window->lookup, LOOKUP_SHIPMENT, work->plan.external);
}

static bool look(struct orders_process *process, struct window *window, struct err *err)
{
    for (size_t i = 0; i < window->count; i++)
        if (work_open(&window->works[i]))
            want_documents(window, &window->works[i]);
    if (!lookup_round(window->lookup, process->attempt, err))
        return err_wrap(err, "look for documents");
    for (size_t i = 0; i < window->count; i++)
        if (work_open(&window->works[i]))
            look_result(window, &window->works[i]);
    return true;
}

bool orders_look_first(struct orders_process *process, struct window *window, struct err *err)
{
    char externals[WINDOW][EXTERNAL_NUMBER_MAX + 1];
    bool any = false;
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        *externals[i] = 0;
        if (!work->look_first ||
            !order_external_number(&work->order, process->shop, "", externals[i]))
            continue;
        work->plan.external = externals[i];
        want_documents(window, work);
        any = true;
    }
    if (any && !lookup_round(window->lookup, process->attempt, err))
        return err_wrap(err, "look for documents of orders that were known before");
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        bool stands = work->look_first && *externals[i] && document_stands(window, externals[i]);
        if (work->look_first && !stands)
            work->reason = work->refrain;
        work->plan.external = NULL;
    }
    return true;
}

static bool owned_by_other(const struct work *work, const char *order, const char *refund)
{
    const char *mine = work->refund ? work->refund_id : "";
    return *order && (strcmp(order, work->id) != 0 || strcmp(refund, mine) != 0);
}

/* A document that is another order's already is none of ours, whatever its external number says. */
static bool check_owners(struct orders_process *process, struct window *window, struct err *err)
{
    static const char *const FIELDS[] = {"order", "refund"};
    const char *keys[WINDOW];
    struct work *works[WINDOW];
    size_t count = 0;
    OWN(store_rows) struct store_rows *rows = NULL;
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (!work_open(work) || !work->found)
            continue;
        keys[count] = arena_printf(window->arena, "document:%s", work->document);
        works[count++] = work;
    }
    if (count == 0)
        return true;
    if (!store_read(process->attempt->ledger, process->company, keys, count, FIELDS, 2, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (owned_by_other(works[i], store_text(rows, i, 0), store_text(rows, i, 1)))
            work_stop(
                works[i], REASON_ERP_REFUSED,
                "document %s has the external number %s and belongs to another order; give the "
                "shop an external_document_prefix of its own",
                works[i]->number, works[i]->plan.external);
    }
    return true;
}

/* ---- creating ---- */

static void wait_in_flight(struct orders_process *process, struct work *work)
{
    work_stop(work, REASON_IN_FLIGHT,
              "the last call got no answer, and what it does may still come");
    undone_look(&process->awaited, work->name, work->look_until_ms);
}

static bool before_create(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    struct work *work = call->state;
    bool refused = false;
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *kind = mem_printf("create %s", DOCUMENTS[work->plan.document].kind);
    work->look_until_ms = clock_now_ms(attempt->clock) + attempt->company->bc_late_s * 1000;
    work_retake(write, work, clock_now_ms(attempt->clock));
    write_note(write, work->record, "bc", kind, work->plan.external, work->look_until_ms);
    if (!attempt_write(attempt, write, &refused, err))
        return false;
    work->locked = refused;
    if (refused)
        err_set(&call->err, ERR_RETRY, 0, "another run is writing %s", work->name);
    return true;
}

/* What the ERP made of a line beside what was planned: true = the field must be set again. */
static bool differs(const json *line, const char *field, struct decimal planned)
{
    struct decimal got;
    return !json_decimal(line, field, &got) || decimal_cmp(got, planned) != 0;
}

/* The next correction of this document as a call; false = it is as planned. */
static bool next_correction(const struct work *work, size_t *line, struct bc_call *call,
                            char **path)
{
    for (; *line < work->plan.line_count; (*line)++) {
        const struct plan_line *planned = &work->plan.lines[*line];
        const json *got = json_at(work->lines, *line);
        if (planned->kind == PLAN_COMMENT || !got)
            continue;
        bool price = differs(got, "unitPrice", planned->price);
        bool discount = differs(got, "discountAmount", planned->discount);
        if (!price && !discount)
            continue;
        json *body = json_new_object();
        if (price)
            json_set_decimal(body, "unitPrice", planned->price);
        json_set_decimal(body, "discountAmount", planned->discount);
        *path = mem_printf("%s(%s)", DOCUMENTS[kind_of(work)].lines, json_text(got, "id"));
        *call =
            (struct bc_call){.method = "PATCH", .body = body, .if_match = "*", .repeatable = true};
        (*line)++;
        return true;
    }
    if (*line == work->plan.line_count && decimal_sign(work->plan.leftover) > 0) {
        json *body = json_new_object();
        json_set_decimal(body, "discountAmount", work->plan.leftover);
        *path = mem_printf("%s(%s)", DOCUMENTS[kind_of(work)].set, work->document);
        *call =
            (struct bc_call){.method = "PATCH", .body = body, .if_match = "*", .repeatable = true};
        (*line)++;
        return true;
    }
    return false;
}

static bool as_planned(const struct work *work)
{
    struct bc_call call;
    char *path = NULL;
    size_t line = 0;
    if (!next_correction(work, &line, &call, &path))
        return true;
    json_free(call.body);
    free(path);
    return false;
}

/* The ERP takes prices the other way round than they were sent. */
static bool turned(const struct work *work)
{
    return work->draft && kind_of(work) != PLAN_ORDER &&
           work->erp_prices_include_tax != work->plan.prices_include_tax;
}

static bool missing_of_memo(const struct orders_process *process, const struct work *work,
                            struct decimal *missing);

static bool created(struct orders_process *process, struct work *work, struct bc_call *call,
                    struct err *err)
{
    take_document(work, DOCUMENTS[work->plan.document].kind, call->answer);
    work->created = true;
    if (turned(work)) /* made again, under the same note */
        return true;
    if (json_count(work->lines) != work->plan.line_count)
        log_warn("order.lines", TEXT("order", work->id), NUM("planned", work->plan.line_count),
                 NUM("made", json_count(work->lines)));
    struct decimal missing;
    bool right = as_planned(work) && !missing_of_memo(process, work, &missing);
    return right ? work_finish(process, work, err) : work_link(process, work, err);
}

static bool not_created(struct orders_process *process, struct work *work, const struct err *why,
                        struct err *err)
{
    if (why->kind == ERR_UNCERTAIN) {
        wait_in_flight(process, work);
        return work_finish(process, work, err);
    }
    if (!work->locked)
        write_note_clear(process->write, work->record);
    work->note_fence = "";
    if (why->kind != ERR_FATAL) { /* nothing has happened; the next run or attempt sends it */
        work->leave = true;
        undone_add(&process->unsent, work->name, why->text);
        return process_flush(process, true, err);
    }
    work->tries++;
    work_stop(work, REASON_ERP_REFUSED, "%s", why->text);
    return true; /* finished once we know whether its customer is blocked */
}

struct create { /* state of a call */
    struct work *work;
    struct orders_process *process;
};

static bool before(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    struct create *create = call->state;
    call->state = create->work;
    bool ok = before_create(attempt, call, err);
    call->state = create;
    return ok;
}

static bool after(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    struct create *create = call->state;
    struct orders_process *process = create->process;
    bool ok = call->err.kind == ERR_NONE ? created(process, create->work, call, err)
                                         : not_created(process, create->work, &call->err, err);
    attempt_progress(attempt, "making sales documents", (int64_t)process->done,
                     (int64_t)process->total);
    return ok && attempt_checkpoint(attempt, "", 0, err);
}

static bool may_create(struct orders_process *process, struct work *work)
{
    bool noted = *work->note_fence != 0;
    int64_t strays_ms = attempt_strays_left_ms(process->attempt);
    if (!work_open(work) || work->found)
        return false;
    if (strays_ms > 0 && work->refrain == REASON_NONE) {
        work_stop(work, REASON_IN_FLIGHT,
                  "the data set was taken over, and a call from before may still come through");
        undone_look(&process->awaited, work->name, process_now_ms(process) + strays_ms);
        return false;
    }
    if (noted && process_now_ms(process) < work->look_until_ms) {
        wait_in_flight(process, work);
        return false;
    }
    if (work->refrain != REASON_NONE) {
        work->reason = work->refrain;
        return false;
    }
    if (noted) /* the server can no longer finish that call */
        write_note_clear(process->write, work->record);
    return true;
}

/* The longest documents first: then no seat waits for the last one. */
static int longest_first(const void *a, const void *b)
{
    const struct work *left = *(struct work *const *)a, *right = *(struct work *const *)b;
    return left->plan.line_count < right->plan.line_count   ? 1
           : left->plan.line_count > right->plan.line_count ? -1
                                                            : 0;
}

static bool create(struct orders_process *process, struct work *works[], size_t count,
                   struct err *err)
{
    struct bc_call calls[WINDOW];
    struct create states[WINDOW];
    char *paths[WINDOW];
    bool tax_flag = bc_has(process->bc, "salesOrder", "pricesIncludeTax");
    qsort(works, count, sizeof *works, longest_first);
    for (size_t i = 0; i < count; i++) {
        enum plan_document kind = works[i]->plan.document;
        bool extension = process->extension;
        paths[i] = extension
                       ? mem_printf("%s?$expand=lines", DOCUMENTS[kind].import)
                       : mem_printf("%s?$expand=%s", DOCUMENTS[kind].set, DOCUMENTS[kind].lines);
        states[i] = (struct create){works[i], process};
        calls[i] = (struct bc_call){
            .root = extension ? BC_EXTENSION : BC_API,
            .method = "POST",
            .path = paths[i],
            .body = document_json(&works[i]->order, &works[i]->plan, works[i]->customer.id,
                                  works[i]->bill_to.id, tax_flag, extension),
            .before = before,
            .after = after,
            .state = &states[i],
        };
    }
    bool ok = count == 0 || bc_call_all(process->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (ok && works[i]->locked) /* not sent: no answer has said so */
            ok = not_created(process, works[i], &calls[i].err, err);
        bc_call_drop(&calls[i]);
        free(paths[i]);
    }
    return ok;
}

static bool create_missing(struct orders_process *process, struct window *window, struct err *err)
{
    struct work *works[WINDOW];
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++)
        if (may_create(process, &window->works[i]))
            works[count++] = &window->works[i];
    return process_flush(process, true, err) && create(process, works, count, err);
}

/* ---- prices the other way round ---- */

static bool is_ours(const struct work *work)
{
    return work->created || work->was_creating || *work->note_fence;
}

/* 404: another try of ours has done it. */
static bool delete_draft(struct orders_process *process, const struct work *work, struct err *err)
{
    OWN_TEXT char *path = mem_printf("%s(%s)", DOCUMENTS[kind_of(work)].set, work->document);
    struct bc_call call = {.method = "DELETE", .path = path, .if_match = "*", .repeatable = true};
    bool ok = bc_ask(process->attempt, &call, err);
    bool gone = !ok && call.status == 404;
    bc_call_drop(&call);
    if (gone)
        err_clear(err);
    return ok || gone || err_wrap(err, "delete draft %s of %s", work->number, work->name);
}

static bool make_again(struct orders_process *process, struct window *window, struct work *work,
                       struct err *err)
{
    tax_flag_put(process, work_billed(work)->id, work->erp_prices_include_tax);
    if (!delete_draft(process, work, err) || !work_plan_again(process, window, work, err))
        return false;
    work->document[0] = work->number[0] = 0;
    work->kind = "";
    work->found = work->created = false;
    return true;
}

static bool turn(struct orders_process *process, struct window *window, struct err *err)
{
    struct work *works[WINDOW];
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (!work_open(work) || !*work->document || !is_ours(work) || !turned(work))
            continue;
        if (!make_again(process, window, work, err))
            return false;
        if (work_open(work))
            works[count++] = work;
    }
    return create(process, works, count, err);
}

/* ---- correcting ---- */

static bool needs_correcting(const struct work *work)
{
    return work_open(work) && *work->document && work->draft && is_ours(work) &&
           work->erp_prices_include_tax == work->plan.prices_include_tax &&
           json_count(work->lines) == work->plan.line_count && !as_planned(work);
}

static bool read_again(struct orders_process *process, struct work *work, struct err *why)
{
    enum plan_document kind = kind_of(work);
    OWN_TEXT char *get =
        mem_printf("%s(%s)?$expand=%s", DOCUMENTS[kind].set, work->document, DOCUMENTS[kind].lines);
    struct bc_call again = {.method = "GET", .path = get, .primary = true};
    bool ok = bc_ask(process->attempt, &again, why);
    if (ok)
        take_document(work, DOCUMENTS[kind].kind, again.answer);
    bc_call_drop(&again);
    return ok;
}

/* What could not be corrected: what ends the attempt does, the rest is the record's reason. */
static bool correction_failed(struct work *work, const struct err *why, struct err *err)
{
    if (why->kind == ERR_CANCELLED || why->kind == ERR_THROTTLED || why->kind == ERR_RETRY) {
        *err = *why;
        return err_wrap(err, "correct document %s of %s", work->number, work->name);
    }
    work->tries++;
    work_stop(work, REASON_ERP_REFUSED, "document %s stands, but could not be corrected: %s",
              work->number, why->text);
    return true;
}

static bool correct_one(struct orders_process *process, struct work *work, struct err *err)
{
    struct bc_call call;
    char *path = NULL;
    size_t line = 0;
    struct err why;
    err_clear(&why);
    while (why.kind == ERR_NONE && next_correction(work, &line, &call, &path)) {
        OWN_TEXT char *owned = path;
        call.path = owned;
        if (!bc_ask(process->attempt, &call, &why) && why.kind == ERR_NONE)
            why = call.err;
        bc_call_drop(&call);
    }
    if (why.kind == ERR_NONE && read_again(process, work, &why))
        return true;
    return correction_failed(work, &why, err);
}

/* ---- what a credit memo comes to ---- */

/* The memo's total is what was given back, whatever VAT groups the accounts of its lines have: what
 * is missing is on the refund account, whose own tax is reckoned with. */
static bool missing_of_memo(const struct orders_process *process, const struct work *work,
                            struct decimal *missing)
{
    struct decimal booked = decimal_add(work->erp_total, work->plan.rounding);
    *missing = decimal_sub(work->plan.total, booked);
    return work->refund && work_open(work) && *work->document && work->draft && is_ours(work) &&
           work->has_total && decimal_sign(*missing) != 0 && *process->shop->refund_account;
}

/* The memo's last line, when it is the one that balances: planned, or added before. */
static const json *balance_of(const struct orders_process *process, const struct work *work)
{
    size_t count = json_count(work->lines), planned = work->plan.line_count;
    const json *last = count > 0 ? json_at(work->lines, count - 1) : NULL;
    bool on_account =
        strcmp(json_text(last, "lineObjectNumber"), process->shop->refund_account) == 0;
    bool added = count == planned + 1;
    bool plain = count == planned && planned > 0 && !*work->plan.lines[planned - 1].shopify_id;
    return on_account && (added || plain) ? last : NULL;
}

static bool balance_once(struct orders_process *process, struct work *work, struct decimal missing,
                         struct err *why)
{
    const json *line = balance_of(process, work);
    struct decimal price = DECIMAL_ZERO, rate = DECIMAL_ZERO, hundred = decimal_from_int(100);
    OWN_TEXT char *path =
        line ? mem_printf("salesCreditMemoLines(%s)", json_text(line, "id"))
             : mem_printf("salesCreditMemos(%s)/salesCreditMemoLines", work->document);
    work->balanced_with_tax = line && json_decimal(line, "taxPercent", &rate) &&
                              decimal_sign(rate) != 0 && !work->plan.prices_include_tax;
    if (work->balanced_with_tax)
        missing = decimal_div(decimal_mul(missing, hundred), decimal_add(hundred, rate),
                              work->plan.places);
    if (line && !json_decimal(line, "unitPrice", &price))
        price = DECIMAL_ZERO;
    json *body = json_new_object();
    if (!line) {
        json_set_text(body, "lineType", "Account");
        json_set_text(body, "lineObjectNumber", process->shop->refund_account);
        json_set_text(body, "description", "Refund");
        json_set_decimal(body, "quantity", decimal_from_int(1));
    }
    json_set_decimal(body, "unitPrice", decimal_add(price, missing));
    struct bc_call call = {.method = line ? "PATCH" : "POST",
                           .path = path,
                           .body = body,
                           .if_match = line ? "*" : NULL,
                           .repeatable = line != NULL};
    bool ok = bc_ask(process->attempt, &call, why);
    bc_call_drop(&call);
    return ok && read_again(process, work, why);
}

/* A line that got no answer is there or not when the next run reads the memo, under its note. */
static bool balance_memo(struct orders_process *process, struct work *work, struct err *err)
{
    struct decimal missing;
    struct err why;
    err_clear(&why);
    for (int i = 0; i < 3 && missing_of_memo(process, work, &missing); i++)
        if (!balance_once(process, work, missing, &why))
            return correction_failed(work, &why, err);
    return true;
}

bool orders_make_documents(struct orders_process *process, struct window *window, struct err *err)
{
    if (!look(process, window, err) || !check_owners(process, window, err) ||
        !create_missing(process, window, err) || !turn(process, window, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if ((needs_correcting(&window->works[i]) &&
             !correct_one(process, &window->works[i], err)) ||
            !balance_memo(process, &window->works[i], err))
            return false;
    return orders_explain_refusals(process, window, err);
}
