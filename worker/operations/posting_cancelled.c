/* posting_cancelled.c - posted invoices that somebody has cancelled in Business Central since.
 *
 * Once a day those are asked for that were cancelled, by the time of their change: a call, a page
 * for a thousand. An invoice is known by the number under which it was posted; what is written is
 * a mark at the order's link, which the daily balance reads, and a line of the order's life.
 * Setting it twice is harmless, so nothing is kept but the day. The first run only sets that: what
 * cartage has posted is cancelled later than that, if at all.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "operations/posting.h"
#include "store/lists.h"
#include "store/staging.h"
#include "store/store.h"

enum { DAY_MS = 24 * 3600 * 1000, ORDERS_MOST = 10 };
static const char MARK[] = "mark:cancelled"; /* of the company: both reports look for all */

/* Its order's link, where that was posted as this invoice and the mark is new. */
static bool mark_order(struct posting *posting, const char *order, const json *invoice,
                       struct err *err)
{
    static const char *const FIELDS[] = {"posted_invoice", "id", "cancelled"};
    OWN_TEXT char *link = mem_printf("link:order:%s", order);
    OWN(store_rows) struct store_rows *rows = NULL;
    const char *const keys[] = {link};
    if (!store_read(posting->attempt->ledger, posting->company, keys, 1, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    const char *id = json_text(invoice, "id");
    bool is_its = strcasecmp(store_text(rows, 0, 0), id) == 0 ||
                  strcasecmp(store_text(rows, 0, 1), id) == 0; /* found posted, it has no other */
    if (!is_its || *store_text(rows, 0, 2))
        return true;
    const char *number = json_text(invoice, "number");
    log_info("posting.cancelled", TEXT("order", order), TEXT("invoice", number));
    write_add(posting->write, "HSET", link, "cancelled", number, NULL);
    stage_life(posting->write, order, "posting-cancelled", "%s", number);
    posting->attempt->counts.updated++;
    return true;
}

static bool take_invoice(void *state, const json *invoice, struct err *err)
{
    struct posting *posting = state;
    OWN_IDS struct store_ids orders = {0};
    if (!list_find_orders(posting->attempt->ledger, posting->company, json_text(invoice, "number"),
                          NULL, ORDERS_MOST, &orders, NULL, err))
        return false;
    for (size_t i = 0; i < orders.count; i++)
        if (!mark_order(posting, orders.items[i], invoice, err))
            return false;
    return posting_flush(posting, false, err);
}

bool posting_find_cancelled(struct posting *posting, struct err *err)
{
    static const char *const FIELDS[] = {"at"}, *const KEYS[] = {MARK};
    char from[32], now[24];
    int64_t now_ms = posting_now_ms(posting);
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(posting->attempt->ledger, posting->company, KEYS, 1, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    int64_t at_ms = store_int(rows, 0, 0);
    if (at_ms && now_ms - at_ms < DAY_MS)
        return true;
    /* A day more than since the last look: clocks differ. */
    time_format(at_ms - DAY_MS, false, from);
    OWN_TEXT char *path =
        mem_printf("salesInvoices?$select=id,number&$filter=status%%20eq%%20'Canceled'"
                   "%%20and%%20lastModifiedDateTime%%20ge%%20%s",
                   from);
    if (at_ms && !bc_list(posting->attempt, path, true, take_invoice, posting, err))
        return err_wrap(err, "look for invoices that were cancelled");
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(posting->write, "HSET", MARK, "at", now, NULL);
    return posting_flush(posting, true, err);
}
