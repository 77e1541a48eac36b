/* order_payments.c - what became of an order's money: lines of the balance with their payouts. */
#include <string.h>

#include "store/balance.h"
#include "store/story_parts.h"

enum { TYPE, AT, AMOUNT, FEE, NET, CURRENCY, PAYOUT, TRANSACTION, FIELD_COUNT };
static const char *const FIELDS[FIELD_COUNT] = {"type", "at",       "amount", "fee",
                                                "net",  "currency", "payout", "transaction"};

bool story_payments(struct ledger *ledger, const char *company, const char *order, json *tree,
                    struct err *err)
{
    static const char *const STATUS[] = {"status"};
    OWN_TEXT char *key = mem_printf("order-lines:%s", order);
    OWN_IDS struct store_ids ids = {0};
    OWN(store_rows) struct store_rows *rows = NULL, *payouts = NULL;
    OWN_JSON json *list = json_new_array();
    char *of[STORE_PAGE];
    if (!store_set(ledger, company, key, &ids, err))
        return false;
    struct store_ids page = {ids.items, ids.count < STORE_PAGE ? ids.count : STORE_PAGE};
    if (!store_read_ids(ledger, company, "balance:", &page, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    for (size_t i = 0; i < page.count; i++)
        of[i] = (char *)store_text(rows, i, PAYOUT);
    const struct store_ids payout_ids = {of, page.count};
    if (!store_read_ids(ledger, company, "payout:", &payout_ids, STATUS, COUNT(STATUS), &payouts,
                        err))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        json *row = json_new_object();
        json_set_text(row, "id", page.items[i]);
        for (size_t f = 0; f < FIELD_COUNT; f++)
            json_set_text(row, FIELDS[f], store_text(rows, i, f));
        json_set_text(row, "status", store_text(payouts, i, 0));
        json_add(list, row);
    }
    json_set(tree, "payments", GIVE(list));
    return true;
}
