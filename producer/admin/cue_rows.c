/* cue_rows.c - what stands in a cue's list, row by row, as people see it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/cues.h"

enum { BLOCKS_MOST = 5 };

/* ---- what all rows say ---- */

static json *row_new(const struct scope *scope, const char *id, const char *name, const char *code,
                     const char *text, const char *detail)
{
    json *row = json_new_object(), *values = json_new_object();
    json_set_text(row, "id", id);
    json_set_text(row, "name", *name ? name : id);
    json_set_text(row, "company", scope->company);
    json_set_text(row, "shop", scope->code);
    json_set_text(row, "code", code);
    json_set_text(row, "text", text);
    if (*detail)
        json_set_text(values, "detail", detail);
    json_set(row, "values", values);
    return row;
}

static void set_seen(json *row, int64_t first_ms, int64_t last_ms, int64_t count)
{
    json_set_int(row, "first_ms", first_ms);
    json_set_int(row, "last_ms", last_ms);
    json_set_int(row, "count", count);
}

static void set_value(json *row, const char *name, const char *text)
{
    if (*text)
        json_set_text(json_get(row, "values"), name, text);
}

static struct store_ids ids_of(const struct list_page *page)
{
    struct store_ids ids = {.items = mem_array(page->count, sizeof *ids.items)};
    for (size_t i = 0; i < page->count; i++)
        ids.items[ids.count++] = mem_text(page->places[i].id);
    return ids;
}

enum { SKIP_RECORD_NAME, SKIP_REASON, SKIP_DETAIL, SKIP_FIRST, SKIP_LAST, SKIP_COUNT, SKIP_ALL };
static const char *const SKIP_FIELDS_OF[SKIP_ALL] = {"record", "reason", "detail",
                                                     "first",  "last",   "count"};

static void seen_of_skip(json *row, const struct store_rows *skips, size_t i, int64_t otherwise_ms)
{
    if (store_int(skips, i, SKIP_COUNT))
        set_seen(row, store_int(skips, i, SKIP_FIRST), store_int(skips, i, SKIP_LAST),
                 store_int(skips, i, SKIP_COUNT));
    else
        set_seen(row, otherwise_ms, otherwise_ms, 1);
}

/* ---- orders ---- */

enum {
    ORDER_NAME,
    ORDER_WAITS,
    ORDER_UPDATE,
    ORDER_DIFFERENCE,
    ORDER_WHY,
    ORDER_DOCUMENT,
    ORDER_ALL
};
static const char *const ORDER_FIELDS[ORDER_ALL] = {
    "name", "waits", "update", "difference", "difference_reason", "document"};

static json *order_row(const struct cue *cue, const struct scope *scope,
                       const struct store_rows *orders, const struct store_rows *skips, size_t i,
                       const struct list_place *place)
{
    const char *name = store_text(orders, i, ORDER_NAME), *detail;
    const struct reason_row *reason;
    json *row;
    if (cue->kind == CUE_UPDATES) {
        detail = store_text(orders, i, ORDER_UPDATE);
        row =
            row_new(scope, place->id, name, "order-changed", word_of_text("order-changed"), detail);
        set_seen(row, place->at_ms, place->at_ms, 1);
    } else if (cue->kind == CUE_DIFFERENCES) {
        const char *code = store_text(orders, i, ORDER_WHY);
        detail = store_text(orders, i, ORDER_DIFFERENCE);
        row = row_new(scope, place->id, name, code, word_of_text(code), detail);
        set_seen(row, place->at_ms, place->at_ms, 1);
    } else {
        reason = reason_row(reason_by_code(store_text(skips, i, SKIP_REASON)));
        bool waits = reason->class == CLASS_WAITS;
        row = row_new(scope, place->id, name, waits ? reason->code : "new",
                      waits ? reason->text : word_of_text("new"),
                      waits ? store_text(skips, i, SKIP_DETAIL) : "");
        set_value(row, "waits", store_text(orders, i, ORDER_WAITS));
        seen_of_skip(row, skips, i, place->at_ms);
    }
    set_value(row, "document", store_text(orders, i, ORDER_DOCUMENT));
    json_set_text(row, "order", place->id);
    return row;
}

static bool order_rows(struct api_call *call, const struct cue *cue, const struct scope *scope,
                       const struct list_page *page, json *rows, struct err *err)
{
    OWN_IDS struct store_ids ids = ids_of(page);
    OWN(store_rows) struct store_rows *orders = NULL, *skips = NULL;
    if (!store_read_ids(call->ledger, scope->company, "order:", &ids, ORDER_FIELDS, ORDER_ALL,
                        &orders, err) ||
        !store_read_ids(call->ledger, scope->company, "skip:", &ids, SKIP_FIELDS_OF, SKIP_ALL,
                        &skips, err))
        return false;
    for (size_t i = 0; i < page->count; i++)
        json_add(rows, order_row(cue, scope, orders, skips, i, &page->places[i]));
    return true;
}

/* ---- shipments ---- */

const char *shipment_of(const char *id)
{
    return strncmp(id, "shipment-", 9) == 0 ? id + 9 : id;
}

static bool shipment_rows(struct api_call *call, const struct scope *scope,
                          const struct list_page *page, json *rows, struct err *err)
{
    enum { NUMBER, ORDER, ORDER_NAME_OF, ALL };
    static const char *const FIELDS[ALL] = {"number", "order", "order_name"};
    OWN_IDS struct store_ids ids = ids_of(page);
    OWN(store_rows) struct store_rows *shipments = NULL, *skips = NULL;
    for (size_t i = 0; i < ids.count; i++) {
        const char *id = shipment_of(ids.items[i]);
        memmove(ids.items[i], id, strlen(id) + 1);
    }
    if (!store_read_ids(call->ledger, scope->company, "shipment:", &ids, FIELDS, ALL, &shipments,
                        err) ||
        !store_read_ids(call->ledger, scope->company, "skip:shipment-", &ids, SKIP_FIELDS_OF,
                        SKIP_ALL, &skips, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        const struct reason_row *reason =
            reason_row(reason_by_code(store_text(skips, i, SKIP_REASON)));
        bool new = !*reason->code;
        json *row = row_new(scope, ids.items[i], store_text(shipments, i, NUMBER),
                            new ? "new" : reason->code, new ? word_of_text("new") : reason->text,
                            store_text(skips, i, SKIP_DETAIL));
        seen_of_skip(row, skips, i, page->places[i].at_ms);
        set_value(row, "order", store_text(shipments, i, ORDER_NAME_OF));
        json_set_text(row, "order", store_text(shipments, i, ORDER));
        json_add(rows, row);
    }
    return true;
}

/* ---- skips ---- */

static bool skip_rows(struct api_call *call, const struct scope *scope,
                      const struct list_page *page, json *rows, struct err *err)
{
    OWN_IDS struct store_ids ids = ids_of(page);
    OWN(store_rows) struct store_rows *skips = NULL;
    if (!store_read_ids(call->ledger, scope->company, "skip:", &ids, SKIP_FIELDS_OF, SKIP_ALL,
                        &skips, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        const char *id = page->places[i].id;
        const struct reason_row *reason =
            reason_row(reason_by_code(store_text(skips, i, SKIP_REASON)));
        if (!*reason->code)
            continue;
        json *row = row_new(scope, id, store_text(skips, i, SKIP_RECORD_NAME), reason->code,
                            reason->text, store_text(skips, i, SKIP_DETAIL));
        seen_of_skip(row, skips, i, page->places[i].at_ms);
        json_set_text(row, "order", id[strspn(id, "0123456789")] ? "" : id);
        json_add(rows, row);
    }
    return true;
}

/* ---- customers and products ---- */

static bool unmapped_rows(struct api_call *call, const struct cue *cue, const struct scope *scope,
                          const struct list_page *page, json *rows, struct err *err)
{
    enum { NAME, SKU, REASON, SUGGESTED, SHOP_AT, ALL };
    OWN_TEXT char *at = mem_printf("at:%s", scope->code);
    const char *const fields[ALL] = {"name", "sku", "reason", "suggested", at};
    enum mapping kind;
    if (!cue_maps(cue, &kind))
        return true;
    OWN_TEXT char *prefix = mem_printf("%s:", mapping_word(kind));
    OWN(store_rows) struct store_rows *records = NULL;
    OWN_JSON json *waiting = NULL;
    OWN_IDS struct store_ids ids = ids_of(page);
    if (!store_read_ids(call->ledger, scope->company, prefix, &ids, fields, ALL, &records, err) ||
        !list_waiting(call->ledger, scope->company, kind, &ids, BLOCKS_MOST, &waiting, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        char code[32];
        const struct list_place *place = &page->places[i];
        const char *words = store_text(records, i, SHOP_AT);
        snprintf(code, sizeof code, "%.*s", (int)strcspn(words, " "), words);
        json *row =
            row_new(scope, place->id, store_text(records, i, NAME), code, word_of_text(code), "");
        set_value(row, "detail", store_text(records, i, REASON));
        set_value(row, "sku", store_text(records, i, SKU));
        set_seen(row, place->at_ms, place->at_ms, json_int(json_at(waiting, i), "count", 0));
        json_set(row, "orders", json_share(json_get(json_at(waiting, i), "orders")));
        json_set(row, "suggestions", suggestions_of(store_text(records, i, SUGGESTED)));
        json_add(rows, row);
    }
    return true;
}

/* ---- entries ---- */

json *row_of_entry(const struct scope *scope, const json *entry)
{
    const json *last = json_get(entry, "last");
    const char *title = json_text(entry, "description"), *error = json_text(entry, "error");
    const char *code = failed_code(scope);
    if (!*title)
        title = json_text(entry, "operation");
    if (!*error)
        error = json_text(last, "error");
    json *row = row_new(scope, json_text(entry, "id"), title, code, word_of_text(code), error);
    int64_t since_ms = json_int(entry, "since_ms", 0), last_ms = json_int(last, "finished_ms", 0);
    int64_t failures = json_int(entry, "failures", 1);
    set_seen(row, since_ms, last_ms ? last_ms : since_ms, failures);
    set_value(row, "operation", json_text(entry, "operation"));
    json_set_int(row, "run", json_int(last, "run", 0));
    return row;
}

bool rows_read(struct api_call *call, const struct cue *cue, const struct scope *scope,
               const struct list_page *page, json *rows, struct err *err)
{
    if (page->count == 0)
        return true;
    switch (cue->kind) {
    case CUE_CUSTOMERS:
    case CUE_PRODUCTS:
    case CUE_COMPANIES:
        return unmapped_rows(call, cue, scope, page, rows, err);
    case CUE_SHIPMENTS_DUE:
    case CUE_SHIPMENTS_FAILED:
        return shipment_rows(call, scope, page, rows, err);
    case CUE_SKIPS:
    case CUE_LEFT:
        return skip_rows(call, scope, page, rows, err);
    default:
        return order_rows(call, cue, scope, page, rows, err);
    }
}
