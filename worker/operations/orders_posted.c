/* orders_posted.c - documents that people post, or take back, in Business Central itself.
 *
 * Once a day those are asked for that have changed there since: a call for invoices and one for
 * credit memos, a page for a thousand. One is known by its id, which a draft keeps when it is
 * posted, an invoice of a sales order by its external number too. What is written stands at the
 * link of the order or the refund, where the daily balance reads it, and in the order's life;
 * setting it twice is harmless, so nothing is kept but the day. The first run only sets that: what
 * was posted before is told as it is found (orders_documents.c, posting_record.c). A part of a
 * sales order is no whole: only what comes to the document's total counts as posted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "operations/orders_process.h"

enum { DAY_MS = 24 * 3600 * 1000 };
static const char MARK[] = "mark:posted"; /* of the company: whichever shop's run comes first */

struct owner { /* whose document it is */
    const char *order, *refund;
};

enum { LINK_ID, LINK_POSTED, LINK_NUMBER, LINK_CANCELLED };
static const char *const LINK[] = {"id", "posted_invoice", "posted_number", "cancelled"};

static bool is_whole(struct orders_process *process, const struct owner *owner, const json *row,
                     bool *whole, struct err *err)
{
    static const char *const TOTAL[] = {"erp_total"};
    struct decimal posted, made;
    OWN_TEXT char *key = *owner->refund ? mem_printf("refund:%s", owner->refund)
                                        : mem_printf("order:%s", owner->order);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(process->attempt->ledger, process->company, keys, 1, TOTAL, 1, &rows, err))
        return false;
    *whole = json_decimal(row, "totalAmountIncludingTax", &posted) &&
             decimal_parse(store_text(rows, 0, 0), &made) && decimal_cmp(posted, made) == 0;
    return true;
}

static bool take_owned(struct orders_process *process, const struct owner *owner, const json *row,
                       struct err *err)
{
    const char *id = json_text(row, "id"), *number = json_text(row, "number");
    bool cancelled = strcmp(json_text(row, "status"), DOCUMENT_CANCELLED) == 0, whole = false;
    OWN_TEXT char *link = *owner->refund ? mem_printf("link:refund:%s", owner->refund)
                                         : mem_printf("link:order:%s", owner->order);
    const char *const keys[] = {link};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(process->attempt->ledger, process->company, keys, 1, LINK, COUNT(LINK), &rows,
                    err) ||
        !is_whole(process, owner, row, &whole, err))
        return false;
    bool known = *store_text(rows, 0, LINK_NUMBER) != 0;
    bool was_cancelled = *store_text(rows, 0, LINK_CANCELLED) != 0;
    bool same = strcasecmp(store_text(rows, 0, LINK_POSTED), id) == 0 ||
                strcasecmp(store_text(rows, 0, LINK_ID), id) == 0;
    if (known && same && cancelled == was_cancelled)
        return true;
    if (known && !same && (!was_cancelled || cancelled)) /* another one stands for it */
        return true;
    if (!known && !whole)
        return true;
    if (!known || !same)
        stage_life(process->write, owner->order, "posted", "as %s %s in Business Central",
                   *owner->refund ? "credit memo" : "invoice", number);
    stage_posted(process->write, link, owner->order, id, number, cancelled);
    process->attempt->counts.updated++;
    return process_flush(process, false, err);
}

static bool take_posted(void *state, const json *row, struct err *err)
{
    static const char *const OWNER[] = {"order", "refund"};
    struct orders_process *process = state;
    const char *status = json_text(row, "status");
    OWN_TEXT char *document = mem_printf("document:%s", json_text(row, "id"));
    OWN_TEXT char *external = mem_printf("external:%s", json_text(row, "externalDocumentNumber"));
    const char *const by_id[] = {document}, *const by_number[] = {external};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids orders = {0};
    if (strcmp(status, "Draft") == 0 || strcmp(status, DOCUMENT_IN_REVIEW) == 0)
        return true;
    if (!store_read(process->attempt->ledger, process->company, by_id, 1, OWNER, COUNT(OWNER),
                    &rows, err))
        return false;
    struct owner owner = {store_text(rows, 0, 0), store_text(rows, 0, 1)};
    if (!*owner.order && json_has(row, "orderNumber")) { /* an invoice: memos have none */
        if (!store_values(process->attempt->ledger, process->company, by_number, 1, &orders, err))
            return false;
        owner.order = orders.items[0];
    }
    return !*owner.order || take_owned(process, &owner, row, err);
}

bool orders_find_posted(struct orders_process *process, struct err *err)
{
    static const char *const AT[] = {"at"}, *const KEYS[] = {MARK};
    static const char *const SELECTS[] = {
        "salesInvoices?$select=id,number,externalDocumentNumber,orderNumber,"
        "totalAmountIncludingTax,status",
        "salesCreditMemos?$select=id,number,totalAmountIncludingTax,status",
    };
    char from[32], now[24];
    int64_t now_ms = process_now_ms(process);
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(process->attempt->ledger, process->company, KEYS, 1, AT, 1, &rows, err))
        return false;
    int64_t at_ms = store_int(rows, 0, 0);
    if (at_ms && now_ms - at_ms < DAY_MS)
        return true;
    time_format(at_ms - DAY_MS, false,
                from); /* a day more than since the last look: clocks differ */
    for (size_t i = 0; at_ms && i < COUNT(SELECTS); i++) {
        OWN_TEXT char *path = mem_printf("%s&$filter=status%%20ne%%20'Draft'"
                                         "%%20and%%20lastModifiedDateTime%%20ge%%20%s",
                                         SELECTS[i], from);
        if (!bc_list(process->attempt, path, true, take_posted, process, err))
            return err_wrap(err, "look for documents that were posted or cancelled");
    }
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(process->write, "HSET", MARK, "at", now, NULL);
    return process_flush(process, true, err);
}
