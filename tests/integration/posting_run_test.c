/* posting_run_test.c - sales-orders.post and sales-invoices.post against both simulated peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "bc/bc.h"
#include "ledger/commands.h"
#include "store/postings.h"
#include "support/house.h"

static const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
static const char CREATED[] = "{\"shop\":\"DEMO\",\"post_when\":\"created\"}";

static int open_demo(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--time-scale", "480", NULL};
    *state = house_open(shopify, bc, 2); /* eight minutes there are a second here */
    return 0;
}

static int close_demo(void **state)
{
    house_free(*state);
    return 0;
}

/* So many orders of Shopify, #9001 and up, become sales orders. */
static void make_orders(struct house *house, int count, const char *more)
{
    for (int i = 1; i <= count; i++) {
        OWN_TEXT char *name = mem_printf("#%d", 9000 + i);
        house_place(house, name, more);
    }
    house_good(house, "orders.sync", NINES);
    struct counts made = house_good(house, "orders.process", NINES);
    assert_int_equal(made.created, count);
}

static json *documents(struct house *house)
{
    return house_ask(house, "bc", "GET", "documents", NULL);
}

/* Posted invoices that carry this external number; NULL = any. */
static size_t invoices(struct house *house, const char *external)
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

static json *posting_of(struct house *house, const char *text)
{
    OWN_JSON json *list = NULL;
    struct err err;
    if (!store_postings(house->ledger, HOUSE_COMPANY, NULL, NULL, text, 1000, &list, &err))
        fail_msg("%s", err.text);
    assert_int_equal(json_count(list), 1);
    return json_copy(json_at(list, 0));
}

static void expect_state(struct house *house, const char *name, const char *state,
                         const char *reason)
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

static void person_sets(struct house *house, const char *name, const char *body)
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
static void unready(struct house *house, const char *order)
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

static char *number_of(struct house *house, const char *external)
{
    OWN_JSON json *answer = documents(house);
    return mem_text(json_text(document_of(answer, external), "number"));
}

static char *line_field(struct house *house, const char *external, const char *field)
{
    char text[DECIMAL_TEXT];
    struct decimal value;
    OWN_JSON json *answer = documents(house);
    assert_true(json_decimal(json_path(document_of(answer, external), "lines.0"), field, &value));
    decimal_format(value, text);
    return mem_text(text);
}

static void document_told(struct house *house, const char *external, const char *body)
{
    OWN_TEXT char *number = number_of(house, external);
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    house_tell(house, "bc", path, body);
}

static void fault_posting(struct house *house, int times, const char *action)
{
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"shipAndInvoice\"}", times,
                action);
}

/* Shopify's times have seconds; a change counts from the next one on. */
static void shopify_later(struct house *house)
{
    char text[32];
    int64_t now_ms;
    OWN_JSON json *time = house_ask(house, "shopify", "GET", "time", NULL);
    assert_true(time_parse(json_text(time, "business"), &now_ms));
    time_format(now_ms + 60000, false, text);
    OWN_TEXT char *later = mem_printf("{\"business\":\"%s\"}", text);
    house_tell(house, "shopify", "time", later);
}

static size_t posting_count(struct house *house)
{
    OWN_JSON json *list = NULL;
    struct err err;
    assert_true(store_postings(house->ledger, HOUSE_COMPANY, NULL, NULL, NULL, 1000, &list, &err));
    return json_count(list);
}

/* ---- one order from Shopify to its invoice ---- */

static void an_order_is_posted_and_found_by_either_number(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.read, 1);
    assert_int_equal(counts.created, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
    OWN_JSON json *row = posting_of(house, "#9001");
    assert_string_equal(json_text(row, "state"), "posted");
    assert_true(*json_text(row, "invoice_number") && *json_text(row, "shipment_number"));
    OWN_JSON json *again = posting_of(house, json_text(row, "invoice_number"));
    assert_string_equal(json_text(again, "name"), "#9001");
    OWN_JSON json *too = posting_of(house, json_text(row, "number"));
    assert_string_equal(json_text(too, "name"), "#9001");
    /* nothing is left to do */
    counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.read, 0);
    assert_int_equal(counts.erp_calls, 0);
    expect_state(house, "#9001", "posted", "");
}

/* ---- which documents ---- */

/* The documents that a run with these arguments would post, by the orders' names, and how many it
 * would not. */
static size_t preview(struct house *house, const char *operation, const char *arguments,
                      struct buf *names)
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

static void fifty_of_shopify_beside_fifty_made_by_hand(void **state)
{
    struct house *house = *state;
    house_tell(house, "bc", "documents", "{\"kind\":\"order\",\"count\":50}");
    make_orders(house, 50, "");
    OWN_BUF struct buf names = {0};
    assert_int_equal(preview(house, "sales-orders.post", CREATED, &names), 0);
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 50);
    assert_int_equal(counts.read, 50);
    /* one call a posting; twenty documents a look, before and after */
    assert_in_range(counts.erp_calls, 50 + 3 + 6, 50 + 3 + 6 + 1);
    OWN_JSON json *answer = documents(house);
    const json *list = json_get(answer, "documents");
    size_t orders = 0, posted = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        const char *external = json_text(row, "externalDocumentNumber");
        if (strcmp(json_text(row, "kind"), "order") == 0) {
            assert_string_equal(external, "");
            orders++;
        } else if (strcmp(json_text(row, "status"), "Open") == 0) {
            assert_true(strncmp(external, "#90", 3) == 0);
            posted++;
        }
    }
    assert_int_equal(orders, 50);
    assert_int_equal(posted, 50);
    for (int i = 9001; i <= 9050; i++) {
        OWN_TEXT char *name = mem_printf("#%d", i);
        assert_non_null(strstr(buf_str(&names), name)); /* the preview has said so */
        assert_int_equal(invoices(house, name), 1);
    }
}

/* What `all` adds: whatever people have made, too. */
static void all_takes_those_made_by_hand_too(void **state)
{
    struct house *house = *state;
    house_tell(house, "bc", "documents", "{\"kind\":\"order\",\"count\":3}");
    make_orders(house, 2, "");
    house_place(house, "#9101", ""); /* changed after it was processed */
    house_good(house, "orders.sync", "{\"shop\":\"DEMO\",\"order_no\":\"#9101\"}");
    house_good(house, "orders.process", "{\"shop\":\"DEMO\",\"order_no\":\"#9101\"}");
    struct err err;
    OWN_JSON json *row = NULL;
    assert_true(store_post_mark(house->ledger, HOUSE_COMPANY, "DEMO", "#9101", &row, &err));
    unready(house, json_text(row, "order"));
    struct counts counts = house_good(house, "sales-orders.post", "{\"all\":true}");
    assert_int_equal(counts.created, 5);
    assert_int_equal(invoices(house, "#9101"), 0); /* ours, and not ready */
    assert_int_equal(invoices(house, NULL), 5);
    OWN_JSON json *list = NULL;
    assert_true(
        store_postings(house->ledger, HOUSE_COMPANY, NULL, "posted", NULL, 100, &list, &err));
    assert_int_equal(json_count(list), 5);
}

static void invoices_and_credit_memos_are_the_other_reports(void **state)
{
    struct house *house = *state;
    house_tell(house, "bc", "documents", "{\"kind\":\"order\",\"count\":1}");
    house_tell(house, "bc", "documents", "{\"kind\":\"invoice\",\"count\":2}");
    house_tell(house, "bc", "documents", "{\"kind\":\"credit_memo\",\"count\":1}");
    struct counts counts =
        house_good(house, "sales-invoices.post", "{\"all\":true,\"credit_memos\":false}");
    assert_int_equal(counts.created, 2);
    counts = house_good(house, "sales-invoices.post", "{\"all\":true}");
    assert_int_equal(counts.created, 1);
    counts = house_good(house, "sales-invoices.post", "{\"all\":true}");
    assert_int_equal(counts.read, 0);
    assert_int_equal(invoices(house, NULL), 2);
}

static const struct {
    const char *arguments, *names;
} SELECTIONS[] = {
  /* clang-format off */
    {"{\"post_when\":\"created\"}", "#9001 #9002 #9003"},
    {"{\"post_when\":\"paid\"}", "#9001 #9003"},
    {"{\"post_when\":\"fulfilled\"}", "#9003"},
    {"{\"post_when\":\"manual\"}", "#9002"},
    {"{\"post_when\":\"paid\",\"order_no\":\"#9001\"}", "#9001"},
    {"{\"order_no\":\"#9002..\"}", "#9002 #9003"},
    {"{\"customer\":\"WEB\"}", ""},
    {"{\"customer\":\"<>WEB\",\"amount\":\">100\"}", "#9002"},
    {"{\"amount\":\"25\"}", "#9001 #9003"},
    {"{\"external_document_number\":\"*9003\"}", "#9003"},
    {"{\"status\":\"Released\"}", "#9003"},
    {"{\"status\":\"Draft\"}", "#9001 #9002"},
    {"{\"filter_document_date\":\"..2020-01-01\"}", ""},
    {"{\"filter_posting_date\":\"..today\",\"post_when\":\"created\"}", "#9001 #9002 #9003"},
    {"{\"filter_document_date\":\"..today\"}", "#9001 #9002 #9003"},
    {"{\"shop\":\"DEMO\",\"post_when\":\"created\"}", "#9001 #9002 #9003"},
    {"{\"shop\":\"OTHER\",\"post_when\":\"created\"}", ""},
  /* clang-format on */
};

static void each_filter_takes_what_it_names(void **state)
{
    struct house *house = *state;
    struct err err;
    OWN_JSON json *row = NULL;
    house_put_shop(house, "OTHER", "");
    house_put_shop(house, "DEMO", ",\"create_fulfilled_orders_as_invoices\":false");
    house_place(house, "#9001", "");
    house_place(house, "#9002",
                ",\"financialStatus\":\"PENDING\",\"lines\":[{\"sku\":\"1896-S\","
                "\"quantity\":2,\"price\":\"60.00\"}]");
    house_place(house, "#9003", ",\"fulfillmentStatus\":\"FULFILLED\"");
    house_good(house, "orders.sync", NINES);
    house_good(house, "orders.process", NINES);
    assert_true(store_post_mark(house->ledger, HOUSE_COMPANY, "DEMO", "#9002", &row, &err));
    document_told(house, "#9003", "{\"status\":\"Open\"}");
    for (size_t i = 0; i < COUNT(SELECTIONS); i++) {
        OWN_BUF struct buf names = {0};
        preview(house, "sales-orders.post", SELECTIONS[i].arguments, &names);
        if (strcmp(buf_str(&names), SELECTIONS[i].names) != 0)
            fail_msg("%s: \"%s\"", SELECTIONS[i].arguments, buf_str(&names));
    }
    OWN_BUF struct buf names = {0};
    OWN_BUF struct buf number = {0};
    buf_printf(&number, "{\"number\":\"%s\"}", json_text(row, "document"));
    preview(house, "sales-orders.post", buf_str(&number), &names);
    assert_string_equal(buf_str(&names), "#9002");
    assert_int_equal(invoices(house, NULL), 0); /* nobody has posted anything */
    assert_int_equal(posting_count(house), 0);
    struct counts counts = house_good(house, "sales-orders.post", "{\"post_when\":\"manual\"}");
    assert_int_equal(counts.created, 1);
    assert_int_equal(invoices(house, "#9002"), 1);
}

/* An order that was delivered already is an invoice from the start, and a refund a credit memo. */
static void invoices_and_refunds_of_shopify_are_posted(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"return_and_refund_process\":\"auto-create\"");
    house_place(house, "#9001", ",\"fulfillmentStatus\":\"FULFILLED\"");
    house_place(house, "#9002", "");
    house_good(house, "orders.sync", NINES);
    house_good(house, "orders.process", NINES);
    shopify_later(house);
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    house_good(house, "orders.sync", NINES);
    house_good(house, "orders.process", NINES);
    house_tell(house, "bc", "documents", "{\"kind\":\"invoice\",\"count\":2}");
    house_tell(house, "bc", "documents", "{\"kind\":\"credit_memo\",\"count\":2}");
    OWN_BUF struct buf names = {0};
    preview(house, "sales-invoices.post", CREATED, &names);
    assert_string_equal(buf_str(&names), "#9001 #9001");
    struct counts counts = house_good(house, "sales-invoices.post",
                                      "{\"post_when\":\"created\",\"credit_memos\":false}");
    assert_int_equal(counts.created, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
    counts = house_good(house, "sales-invoices.post", "{\"post_when\":\"paid\"}");
    assert_int_equal(counts.created, 1);
    OWN_JSON json *memos = NULL;
    struct err err;
    assert_true(
        store_postings(house->ledger, HOUSE_COMPANY, "DEMO", "posted", "#9001", 9, &memos, &err));
    assert_int_equal(json_count(memos), 2);
    assert_int_equal(posting_count(house), 2);
    assert_int_equal(house_good(house, "sales-invoices.post", CREATED).read, 0);
    assert_int_equal(invoices(house, NULL), 1);
}

/* Without a shop, all shops that are enabled; each shop's orders are its own. */
static void shops_are_told_apart(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "OTHER", "");
    house_place(house, "#9001", ",\"tags\":[\"other\"]");
    house_place(house, "#9002", "");
    house_good(house, "orders.sync", "{\"shop\":\"OTHER\",\"tags\":\"*[other]*\"}");
    house_good(house, "orders.process", "{\"shop\":\"OTHER\"}");
    house_good(house, "orders.sync", NINES);
    house_good(house, "orders.process", NINES);
    struct {
        const char *arguments, *names;
    } ROWS[] = {
        {CREATED,                                          "#9002"      },
        {"{\"shop\":\"OTHER\",\"post_when\":\"created\"}", "#9001"      },
        {"{\"post_when\":\"created\"}",                    "#9001 #9002"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_BUF struct buf names = {0};
        preview(house, "sales-orders.post", ROWS[i].arguments, &names);
        assert_string_equal(buf_str(&names), ROWS[i].names);
    }
    house_put_shop(house, "OTHER", ",\"enabled\":false");
    struct ran ran =
        house_run(house, "sales-orders.post", "{\"shop\":\"OTHER\",\"post_when\":\"created\"}");
    assert_false(ran.ok);
    assert_int_equal(house_good(house, "sales-orders.post", "{\"post_when\":\"created\"}").created,
                     1);
    assert_int_equal(invoices(house, "#9002"), 1);
    assert_int_equal(invoices(house, "#9001"), 0);
}

/* ---- what is refused ---- */

static void what_no_level_offers_is_refused_and_not_dropped(void **state)
{
    static const char *const ARGUMENTS[][2] = {
        {"vat_date",
         "{\"post_when\":\"created\",\"vat_date\":\"today\",\"replace_vat_date\":true}"},
        {"calc_inv_discount", "{\"post_when\":\"created\",\"calc_inv_discount\":true}" },
    };
    struct house *house = *state;
    make_orders(house, 1, "");
    for (size_t i = 0; i < COUNT(ARGUMENTS); i++) {
        struct ran ran = house_run(house, "sales-orders.post", ARGUMENTS[i][1]);
        assert_false(ran.ok);
        assert_int_equal(ran.err.kind, ERR_FATAL);
        assert_non_null(strstr(ran.err.text, ARGUMENTS[i][0]));
        assert_non_null(strstr(ran.err.text, "level api"));
    }
    struct ran ran = house_run(house, "sales-invoices.post",
                               "{\"post_when\":\"created\",\"calc_inv_discount\":true}");
    assert_false(ran.ok);
    assert_int_equal(invoices(house, NULL), 0);
}

static int64_t skipped_records(struct house *house)
{
    struct store_cues cues = {0};
    struct err err;
    assert_true(store_cues(house->ledger, HOUSE_COMPANY, "DEMO", &cues, &err));
    return cues.skipped_records;
}

/* A business error keeps its text, is put off, and stops no other. */
static void a_refused_document_waits_for_a_change_and_stops_no_other(void **state)
{
    struct house *house = *state;
    struct err err;
    make_orders(house, 3, "");
    int64_t before = skipped_records(house);
    fault_posting(house, 1,
                  "{\"kind\":\"status\",\"status\":400,\"body\":\"{\\\"error\\\":{\\\"code\\\":"
                  "\\\"Application_DialogException\\\",\\\"message\\\":\\\"Gen. Bus. "
                  "Posting Group must have a value.\\\"}}\"}");
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 2);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(invoices(house, NULL), 2);
    OWN_JSON json *failed = NULL;
    assert_true(
        store_postings(house->ledger, HOUSE_COMPANY, "DEMO", "failed", NULL, 10, &failed, &err));
    assert_int_equal(json_count(failed), 1);
    const json *row = json_at(failed, 0);
    assert_string_equal(json_text(row, "reason"), "posting-refused");
    assert_non_null(strstr(json_text(row, "error"), "Gen. Bus. Posting Group must have a value"));
    assert_int_equal(json_int(row, "attempts", 0), 1);
    assert_int_equal(skipped_records(house), before + 1);
    counts = house_good(house, "sales-orders.post", CREATED); /* put off */
    assert_int_equal(counts.read, 0);
    OWN_BUF struct buf names = {0};
    assert_int_equal(preview(house, "sales-orders.post", CREATED, &names), 1);
    assert_string_equal(buf_str(&names), "");
    OWN_JSON json *marked = NULL;
    assert_true(store_post_mark(house->ledger, HOUSE_COMPANY, "DEMO", json_text(row, "number"),
                                &marked, &err));
    assert_non_null(marked);
    counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 1);
    assert_int_equal(invoices(house, NULL), 3);
    assert_int_equal(skipped_records(house), before);
}

static void a_persons_run_takes_what_was_put_off(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    house_tell(house, "bc", "setup", "{\"allowPostingTo\":\"2001-01-01\"}");
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.failed, 1);
    OWN_JSON json *row = posting_of(house, "#9001");
    assert_non_null(strstr(json_text(row, "error"), "range of allowed posting dates"));
    house_tell(house, "bc", "setup", "{\"allowPostingTo\":\"0001-01-01\"}");
    counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 0);
    struct ran ran = house_run_as(house, "sales-orders.post", CREATED, TICKET_IMMEDIATE);
    assert_true(ran.ok);
    assert_int_equal(ran.counts.created, 1);
    expect_state(house, "#9001", "posted", "");
}

static void approval_and_warehouse_are_skips(void **state)
{
    struct house *house = *state;
    make_orders(house, 4, "");
    document_told(house, "#9001", "{\"status\":\"In Review\"}");
    document_told(house, "#9002", "{\"approval\":true}");
    person_sets(house, "#9003", "{\"locationId\":\"EAST\"}");
    house_tell(house, "bc", "locations/EAST", "{\"warehouse\":\"Shipment\"}");
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.skipped, 3);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(counts.created, 1);
    expect_state(house, "#9001", "skipped", "approval");
    expect_state(house, "#9002", "skipped", "approval");
    expect_state(house, "#9003", "skipped", "warehouse");
    expect_state(house, "#9004", "posted", "");
    document_told(house, "#9001", "{\"status\":\"Open\"}"); /* approved */
    struct ran ran = house_run_as(house, "sales-orders.post", CREATED, TICKET_MANUAL);
    assert_true(ran.ok);
    expect_state(house, "#9001", "posted", "");
}

/* ---- dates and parts ---- */

static void expect_dates(struct house *house, const char *external, const char *posting,
                         const char *document)
{
    OWN_JSON json *answer = documents(house);
    const json *list = json_get(answer, "documents");
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        if (strcmp(json_text(row, "externalDocumentNumber"), external) != 0 ||
            strcmp(json_text(row, "kind"), "invoice") != 0)
            continue;
        assert_string_equal(json_text(row, "postingDate"), posting);
        assert_string_equal(json_text(row, "invoiceDate"), document);
        return;
    }
    fail_msg("no invoice of %s", external);
}

static void dates_are_replaced_before_posting(void **state)
{
    struct house *house = *state;
    char today[32];
    int64_t now_ms;
    struct err err;
    make_orders(house, 4, ",\"createdAt\":\"2026-03-04T12:00:00Z\"");
    assert_true(ledger_now(house->ledger, &now_ms, &err));
    time_format(now_ms, false, today);
    today[10] = 0;
    house_good(house, "sales-orders.post",
               "{\"order_no\":\"#9001\",\"posting_date\":\"2026-02-03\","
               "\"replace_posting_date\":true}");
    expect_dates(house, "#9001", "2026-02-03", "2026-03-04");
    house_good(house, "sales-orders.post",
               "{\"order_no\":\"#9002\",\"posting_date\":\"2026-02-03\","
               "\"replace_posting_date\":true,\"replace_document_date\":true}");
    expect_dates(house, "#9002", "2026-02-03", "2026-02-03");
    house_good(house, "sales-orders.post",
               "{\"order_no\":\"#9003\",\"posting_date\":\"today\","
               "\"replace_document_date\":true,\"replace_posting_date\":true}");
    expect_dates(house, "#9003", today, today);
    house_tell(house, "bc", "documents",
               "{\"kind\":\"invoice\",\"count\":1,"
               "\"externalDocumentNumber\":\"BY-HAND\"}");
    house_good(house, "sales-invoices.post",
               "{\"all\":true,\"external_document_number\":\"BY-HAND\",\"posting_date\":"
               "\"2026-02-03\",\"replace_posting_date\":true,\"replace_document_date\":true}");
    expect_dates(house, "BY-HAND", "2026-02-03", "2026-02-03");
}

static void ship_first_and_invoice_later(void **state)
{
    struct house *house = *state;
    make_orders(house, 2, "");
    struct counts counts =
        house_good(house, "sales-orders.post", "{\"post_when\":\"created\",\"invoice\":false}");
    assert_int_equal(counts.created, 2);
    assert_int_equal(invoices(house, NULL), 0);
    expect_state(house, "#9001", "partly", "");
    OWN_JSON json *row = posting_of(house, "#9001");
    assert_true(*json_text(row, "shipment_number") && !*json_text(row, "invoice_number"));
    counts = house_good(house, "sales-orders.post", /* all is shipped */
                        "{\"post_when\":\"created\",\"invoice\":false}");
    assert_int_equal(counts.read, 0);
    counts = house_good(house, "sales-orders.post", "{\"post_when\":\"created\",\"ship\":false}");
    assert_int_equal(counts.created, 2);
    assert_int_equal(invoices(house, "#9001"), 1);
    assert_int_equal(invoices(house, NULL), 2);
    expect_state(house, "#9001", "posted", "");
}

static void invoice_alone_needs_something_shipped(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    struct counts counts =
        house_good(house, "sales-orders.post", "{\"post_when\":\"created\",\"ship\":false}");
    assert_int_equal(counts.read, 0);
    document_told(house, "#9001", "{\"ship\":{\"10000\":1}}");
    counts = house_good(house, "sales-orders.post", "{\"post_when\":\"created\",\"ship\":false}");
    assert_int_equal(counts.created, 1);
    expect_state(house, "#9001", "partly", "");
    assert_int_equal(invoices(house, "#9001"), 1);
    counts = house_good(house, "sales-orders.post", CREATED); /* the rest */
    assert_int_equal(counts.created, 1);
    assert_int_equal(invoices(house, "#9001"), 2);
    expect_state(house, "#9001", "posted", "");
}

static void quantities_left_blank_mean_all(void **state)
{
    struct house *house = *state;
    house_tell(house, "bc", "setup", "{\"defaultQuantityToShip\":\"blank\"}");
    make_orders(house, 1, "");
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
    expect_state(house, "#9001", "posted", "");
}

/* ---- nothing twice ---- */

static bool settled(void *state)
{
    struct house *house = state;
    struct ran ran = house_run(house, "sales-orders.post", CREATED);
    assert_true(ran.ok || ran.err.kind == ERR_UNCERTAIN);
    return ran.ok;
}

static const struct {
    const char *name, *action;
    int times;
    bool waits; /* the run that met it could not say how it ended */
} LOSSES[] = {
  /* clang-format off */
    {"the answer is lost", "{\"kind\":\"reset_after\"}", 1, true},
    {"it never arrives", "{\"kind\":\"reset_before\"}", 1, true},
    {"twice in a row", "{\"kind\":\"reset_before\"}", 2, true},
    {"the server fails after", "{\"kind\":\"internal_after\"}", 1, true},
    {"the server fails before", "{\"kind\":\"internal_before\"}", 1, true},
    {"the answer is garbled", "{\"kind\":\"status_after\",\"status\":502}", 1, true},
    {"it comes after we have looked", "{\"kind\":\"later\",\"match\":\"salesOrders\"}", 1, true},
    {"it comes after we have looked twice", "{\"kind\":\"later\",\"looks\":2,\"match\":\"salesOrders\"}", 1, true},
    {"it takes the server's eight minutes", "{\"kind\":\"later\",\"looks\":1000,\"bucket_ms\":480000}", 1, true},
    {"cancelled by the server", "{\"kind\":\"status\",\"status\":408}", 1, true},
    {"a lock is lost", "{\"kind\":\"status\",\"status\":409}", 1, false},
    {"locked by another user", "{\"kind\":\"locked\"}", 2, false},
    {"too many calls", "{\"kind\":\"throttled\"}", 1, false},
    {"the token has expired", "{\"kind\":\"revoke_token\"}", 1, false},
  /* clang-format on */
};

static void a_lost_answer_posts_nothing_twice(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(LOSSES); i++) {
        OWN_TEXT char *first = mem_printf("#90%02zu", 2 * i + 1);
        OWN_TEXT char *second = mem_printf("#90%02zu", 2 * i + 2);
        print_message("%s\n", LOSSES[i].name);
        house_place(house, first, "");
        house_place(house, second, "");
        house_good(house, "orders.sync", NINES);
        house_good(house, "orders.process", NINES);
        fault_posting(house, LOSSES[i].times, LOSSES[i].action);
        struct ran ran = house_run(house, "sales-orders.post", CREATED);
        if (LOSSES[i].waits) {
            assert_false(ran.ok);
            assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
            assert_true(ran.err.retry_after_ms > 0);
            assert_int_equal(ran.counts.created, LOSSES[i].times == 1 ? 1 : 0);
        } else {
            assert_true(ran.ok);
            assert_int_equal(ran.counts.created, 2);
        }
        assert_true(wait_for(settled, house, 30000));
        assert_int_equal(invoices(house, first), 1);
        assert_int_equal(invoices(house, second), 1);
        expect_state(house, first, "posted", "");
        expect_state(house, second, "posted", "");
    }
    assert_int_equal(invoices(house, NULL), 2 * COUNT(LOSSES));
}

/* A part that took effect is not followed by the rest in the same breath: once it is shipped, the
 * company proposes all that is left, and only the next run may take that. */
static void a_lost_part_is_not_followed_by_the_rest(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    person_sets(house, "#9001", "{\"shipQuantity\":1}");
    fault_posting(house, 1, "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "sales-orders.post", CREATED);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
    expect_state(house, "#9001", "partly", "");
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).created, 1);
    assert_int_equal(invoices(house, "#9001"), 2);
}

static void a_person_ships_a_part(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    person_sets(house, "#9001", "{\"shipQuantity\":1}");
    house_good(house, "sales-orders.post", "{\"post_when\":\"created\",\"invoice\":false}");
    expect_state(house, "#9001", "partly", "");
    OWN_TEXT char *left = line_field(house, "#9001", "shippedQuantity");
    assert_string_equal(left, "1");
}

static void a_document_that_is_gone_is_told_apart(void **state)
{
    struct house *house = *state;
    make_orders(house, 3, "");
    document_told(house, "#9001", "{\"post\":true}"); /* by a person */
    OWN_TEXT char *number = number_of(house, "#9002");
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    json_free(house_ask(house, "bc", "DELETE", path, NULL));
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(counts.skipped, 1);
    expect_state(house, "#9001", "posted", "");
    expect_state(house, "#9002", "skipped", "document-gone");
    assert_int_equal(invoices(house, "#9001"), 1);
    OWN_JSON json *row = posting_of(house, "#9001");
    assert_true(*json_text(row, "invoice_number"));
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).read, 0);
}

static void a_document_that_somebody_changes_is_looked_at_again(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    fault_posting(house, 1,
                  "{\"kind\":\"status\",\"status\":409,\"body\":\"{\\\"error\\\":{\\\"code\\\":"
                  "\\\"Request_EntityChanged\\\",\\\"message\\\":\\\"Another user has already "
                  "changed the record.\\\"}}\"}");
    struct ran ran = house_run(house, "sales-orders.post", CREATED);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_RETRY);
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).created, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, open_demo, close_demo)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(an_order_is_posted_and_found_by_either_number),
        RUN(fifty_of_shopify_beside_fifty_made_by_hand),
        RUN(all_takes_those_made_by_hand_too),
        RUN(invoices_and_credit_memos_are_the_other_reports),
        RUN(each_filter_takes_what_it_names),
        RUN(shops_are_told_apart),
        RUN(invoices_and_refunds_of_shopify_are_posted),
        RUN(what_no_level_offers_is_refused_and_not_dropped),
        RUN(a_refused_document_waits_for_a_change_and_stops_no_other),
        RUN(a_persons_run_takes_what_was_put_off),
        RUN(approval_and_warehouse_are_skips),
        RUN(dates_are_replaced_before_posting),
        RUN(ship_first_and_invoice_later),
        RUN(invoice_alone_needs_something_shipped),
        RUN(quantities_left_blank_mean_all),
        RUN(a_lost_answer_posts_nothing_twice),
        RUN(a_lost_part_is_not_followed_by_the_rest),
        RUN(a_person_ships_a_part),
        RUN(a_document_that_is_gone_is_told_apart),
        RUN(a_document_that_somebody_changes_is_looked_at_again),
    };
    return cmocka_run_group_tests_name("posting_run", tests, NULL, NULL);
}
