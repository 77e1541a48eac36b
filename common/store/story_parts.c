/* story_parts.c - refunds, what is to be sent, and what came of posting. */
#include "store/story_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE, REASON, DETAIL, DOCUMENT, TOTAL, DIFFERENCE, DIFFERENCE_REASON, NAME };
static const char *const REFUND[] = {
    "state", "reason", "detail", "document", "erp_total", "difference", "difference_reason",
    "name"};

static void set_if(json *object, const char *name, const char *text)
{
    if (*text)
        json_set_text(object, name, text);
}

static void set_money(json *object, const char *name, struct decimal amount)
{
    char text[DECIMAL_TEXT];
    decimal_format_fixed(amount, 2, text);
    json_set_text(object, name, text);
}

static json *refund_row(const struct order_refund *refund, const struct store_rows *rows, size_t at)
{
    json *row = json_new_object();
    json_set_text(row, "id", refund->id);
    set_if(row, "name", store_text(rows, at, NAME));
    json_set_text(row, "created", refund->created);
    set_money(row, "amount", refund->total.shop);
    set_if(row, "state", store_text(rows, at, STATE));
    set_if(row, "reason", store_text(rows, at, REASON));
    set_if(row, "detail", store_text(rows, at, DETAIL));
    set_if(row, "document", store_text(rows, at, DOCUMENT));
    set_if(row, "erp", store_text(rows, at, TOTAL));
    set_if(row, "difference", store_text(rows, at, DIFFERENCE));
    set_if(row, "difference_reason", store_text(rows, at, DIFFERENCE_REASON));
    return row;
}

static void tell_returns(const struct order *order, json *tree)
{
    json *list = json_new_array();
    json_set(tree, "returns", list);
    for (size_t i = 0; i < order->return_count; i++) {
        json *row = json_new_object();
        json_add(list, row);
        json_set_text(row, "name", order->return_list[i].name);
        json_set_text(row, "status", order->return_list[i].status);
        json_set_int(row, "quantity", order->return_list[i].quantity);
    }
}

bool story_refunds(struct ledger *ledger, const char *company, const struct order *order,
                   json *tree, struct err *err)
{
    char *keys[STORE_PAGE];
    size_t count = order->refund_count < STORE_PAGE ? order->refund_count : STORE_PAGE;
    OWN(store_rows) struct store_rows *rows = NULL;
    json *list = json_new_array();
    json_set(tree, "refunds", list);
    tell_returns(order, tree);
    for (size_t i = 0; i < count; i++)
        keys[i] = mem_printf("refund:%s", order->refunds[i].id);
    bool ok = count == 0 || store_read(ledger, company, (const char *const *)keys, count, REFUND,
                                       COUNT(REFUND), &rows, err);
    for (size_t i = 0; i < count; i++)
        free(keys[i]);
    for (size_t i = 0; ok && i < count; i++)
        json_add(list, refund_row(&order->refunds[i], rows, i));
    return ok;
}

void story_fulfillment(const struct order *order, json *tree)
{
    json *list = json_new_array();
    json_set(tree, "to_send", list);
    for (size_t i = 0; i < order->fulfillment_count; i++) {
        const struct order_fulfillment *part = &order->fulfillments[i];
        int64_t remaining = 0, total = 0;
        for (size_t k = 0; k < part->line_count; k++) {
            remaining += part->lines[k].remaining;
            total += part->lines[k].total;
        }
        json *row = json_new_object();
        json_add(list, row);
        json_set_text(row, "status", part->status);
        json_set_text(row, "location", part->location_id);
        json_set_int(row, "total", total);
        json_set_int(row, "remaining", remaining);
    }
}

bool story_posting(struct ledger *ledger, const char *company, const char *document, json *into,
                   struct err *err)
{
    static const char *const FIELDS[] = {"state",          "reason",          "error",
                                         "invoice_number", "shipment_number", "at"};
    OWN_TEXT char *key = mem_printf("posting:%s", document);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(ledger, company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    if (!*store_text(rows, 0, 0))
        return true;
    json *posting = json_new_object();
    json_set(into, "posting", posting);
    for (size_t i = 0; i + 1 < COUNT(FIELDS); i++)
        set_if(posting, FIELDS[i], store_text(rows, 0, i));
    json_set_int(posting, "at_ms", store_int(rows, 0, COUNT(FIELDS) - 1));
    return true;
}
