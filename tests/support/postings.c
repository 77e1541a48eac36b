/* postings.c - see postings.h. */
#include "support/postings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bc/bc.h"
#include "store/postings.h"

const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
const char CREATED[] = "{\"shop\":\"DEMO\",\"post_when\":\"created\"}";

int open_postings(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--time-scale", "480", NULL};
    *state = house_open(shopify, bc, 2); /* eight minutes there are a second here */
    return 0;
}

int close_postings(void **state)
{
    house_free(*state);
    return 0;
}

/* So many orders of Shopify, #9001 and up, become sales orders. */
void make_orders(struct house *house, int count, const char *more)
{
    for (int i = 1; i <= count; i++) {
        OWN_TEXT char *name = mem_printf("#%d", 9000 + i);
        house_place(house, name, more);
    }
    house_good(house, "orders.sync", NINES);
    struct counts made = house_good(house, "orders.process", NINES);
    assert_int_equal(made.created, count);
}

json *documents(struct house *house)
{
    return house_ask(house, "bc", "GET", "documents", NULL);
}

/* Posted invoices that carry this external number; NULL = any. */
size_t invoices(struct house *house, const char *external)
{
    OWN_JSON json *answer = documents(house);
    const json *list = json_get(answer, "documents");
    size_t found = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        found += strcmp(json_text(row, "kind"), "invoice") == 0 &&
                 strcmp(json_text(row, "status"), "Open") == 0 &&
                 (!external || strcmp(json_text(row, "externalDocumentNumber"), external) == 0);
    }
    return found;
}

json *posting_of(struct house *house, const char *text)
{
    OWN_JSON json *list = NULL;
    struct err err;
    const struct posting_query query = {.text = text, .most = 1000};
    if (!store_postings(house->ledger, HOUSE_COMPANY, &query, &list, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(json_count(list), 1);
    return json_copy(json_at(list, 0));
}

void expect_state(struct house *house, const char *name, const char *state, const char *reason)
{
    OWN_JSON json *row = posting_of(house, name);
    assert_string_equal(json_text(row, "state"), state);
    assert_string_equal(json_text(row, "reason"), reason);
}

/* What a person or a program beside us does with the same rights: a function run as an attempt. */
static struct {
    const char *name, *body, *order;
} wanted;

/* A location is given by its code. */
static bool set_location(struct attempt *attempt, json *body, struct err *err)
{
    OWN_BUF struct buf path = {0};
    if (!json_has(body, "locationId"))
        return true;
    buf_text(&path, "locations?$filter=");
    bc_filter_text(&path, "code", json_text(body, "locationId"));
    struct bc_call call = {.method = "GET", .path = buf_str(&path)};
    bool ok = bc_ask(attempt, &call, err);
    json_set_text(body, "locationId", json_text(json_path(call.answer, "value.0"), "id"));
    bc_call_drop(&call);
    return ok;
}

static bool patch_first_line(struct attempt *attempt, struct err *err)
{
    OWN_BUF struct buf path = {0};
    OWN_TEXT char *line = NULL;
    json *body = NULL;
    buf_text(&path, "salesOrders?$expand=salesOrderLines&$filter=");
    bc_filter_text(&path, "externalDocumentNumber", wanted.name);
    struct bc_call look = {.method = "GET", .path = buf_str(&path), .primary = true};
    bool ok = bc_ask(attempt, &look, err) &&
              json_parse(wanted.body, strlen(wanted.body), &body, err) &&
              set_location(attempt, body, err);
    line = mem_printf("salesOrderLines(%s)",
                      json_text(json_path(look.answer, "value.0.salesOrderLines.0"), "id"));
    bc_call_drop(&look);
    struct bc_call patch = {.method = "PATCH", .path = line, .body = body, .if_match = "*"};
    ok = ok && bc_ask(attempt, &patch, err);
    bc_call_drop(&patch);
    return ok;
}

void person_sets(struct house *house, const char *name, const char *body)
{
    wanted.name = name;
    wanted.body = body;
    struct ran ran =
        house_run_with(house, "sales-orders.post", CREATED, TICKET_SCHEDULED, patch_first_line);
    if (!ran.ok)
        fail_msg("%s: %s", name, ran.err.text);
}

static bool open_update(struct attempt *attempt, struct err *err)
{
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *key = mem_printf("order:%s", wanted.order);
    write_add(write, "HSET", key, "update", "2 of 1896-S are now 1", NULL);
    return attempt_write(attempt, write, NULL, err);
}

/* A change of the order is open: a person decides first. */
void unready(struct house *house, const char *order)
{
    wanted.order = order;
    struct ran ran =
        house_run_with(house, "sales-orders.post", CREATED, TICKET_SCHEDULED, open_update);
    if (!ran.ok)
        fail_msg("%s: %s", order, ran.err.text);
}

static const json *document_of(const json *answer, const char *external)
{
    const json *list = json_get(answer, "documents");
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "externalDocumentNumber"), external) == 0)
            return json_at(list, i);
    fail_msg("no document of %s", external);
    return NULL;
}

char *number_of(struct house *house, const char *external)
{
    OWN_JSON json *answer = documents(house);
    return mem_text(json_text(document_of(answer, external), "number"));
}

char *line_field(struct house *house, const char *external, const char *field)
{
    char text[DECIMAL_TEXT];
    struct decimal value;
    OWN_JSON json *answer = documents(house);
    assert_true(json_decimal(json_path(document_of(answer, external), "lines.0"), field, &value));
    decimal_format(value, text);
    return mem_text(text);
}

void document_told(struct house *house, const char *external, const char *body)
{
    OWN_TEXT char *number = number_of(house, external);
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    house_tell(house, "bc", path, body);
}

void fault_posting(struct house *house, int times, const char *action)
{
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"shipAndInvoice\"}", times,
                action);
}

size_t posting_count(struct house *house)
{
    OWN_JSON json *list = NULL;
    struct err err;
    const struct posting_query query = {.most = 1000};
    assert_true(store_postings(house->ledger, HOUSE_COMPANY, &query, &list, NULL, &err));
    return json_count(list);
}

/* The documents that a run with these arguments would post, by the orders' names, and how many it
 * would not. */
size_t preview(struct house *house, const char *operation, const char *arguments, struct buf *names)
{
    OWN_JSON json *tree = NULL, *answer = NULL;
    struct err err;
    assert_true(json_parse(arguments, strlen(arguments), &tree, &err));
    json_set_bool(tree, "preview", true);
    OWN_TEXT char *text = mem_text(json_write(tree));
    house_good(house, operation, text);
    if (!store_posting_preview(house->ledger, HOUSE_COMPANY, house->task, &answer, &err))
        fail_msg("%s", err.text);
    const json *rows = json_get(answer, "documents");
    int64_t post = 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        if (!json_flag(row, "post", false))
            continue;
        post++;
        const char *name = json_text(row, "name");
        buf_printf(names, "%s%s", names->size ? " " : "", *name ? name : json_text(row, "number"));
    }
    assert_int_equal(post, json_int(answer, "post", -1));
    return json_count(rows) - (size_t)post;
}

json *name_order(struct house *house, const char *text)
{
    OWN_JSON json *rows = json_new_array();
    struct err err;
    if (!store_post_mark(house->ledger, HOUSE_COMPANY, "DEMO", text, rows, &err))
        fail_msg("%s", err.text);
    assert_int_equal(json_count(rows), 1);
    return json_copy(json_at(rows, 0));
}
