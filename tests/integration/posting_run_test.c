/* posting_run_test.c - sales-orders.post and sales-invoices.post against both simulated peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postings.h"
#include "support/postings.h"

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
    OWN_JSON json *row = name_order(house, "#9101");
    unready(house, json_text(row, "id"));
    struct counts none = house_good(house, "sales-orders.post", "{\"order_no\":\"#9101\"}");
    assert_int_equal(none.read, 0);
    struct counts counts = house_good(house, "sales-orders.post", "{\"all\":true}");
    assert_int_equal(counts.created, 5);
    assert_int_equal(invoices(house, "#9101"), 0); /* ours, and not ready */
    assert_int_equal(invoices(house, NULL), 5);
    assert_int_equal(posting_count(house), 5);
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
    house_put_shop(house, "OTHER", "");
    house_put_shop(house, "DEMO", ",\"create_fulfilled_orders_as_invoices\":false");
    house_place(house, "#9001", "");
    house_place(house, "#9002",
                ",\"financialStatus\":\"PENDING\",\"lines\":[{\"sku\":\"1896-S\","
                "\"quantity\":2,\"price\":\"60.00\"}]");
    house_place(house, "#9003", ",\"fulfillmentStatus\":\"FULFILLED\"");
    house_good(house, "orders.sync", NINES);
    house_good(house, "orders.process", NINES);
    OWN_JSON json *row = name_order(house, "#9002");
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
    house_later(house);
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
    counts = house_good(house, "sales-invoices.post", "{\"post_when\":\"manual\"}");
    assert_int_equal(counts.read, 0);
    json_free(name_order(house, "#9001")); /* what is left of it: its refund */
    counts = house_good(house, "sales-invoices.post", "{\"post_when\":\"manual\"}");
    assert_int_equal(counts.created, 1);
    OWN_JSON json *memos = NULL;
    struct err err;
    const struct posting_query query = {
        .shop = "DEMO", .state = "posted", .text = "#9001", .most = 9};
    assert_true(store_postings(house->ledger, HOUSE_COMPANY, &query, &memos, NULL, &err));
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

/* The extension's contract has neither: the sentence names the level that the company has. */
static int open_extension(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--level", "extension", NULL};
    *state = house_open(shopify, bc, 1);
    return 0;
}

static void the_refusal_names_the_companys_level(void **state)
{
    struct ran ran = house_run(*state, "sales-orders.post",
                               "{\"post_when\":\"created\",\"calc_inv_discount\":true}");
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_FATAL);
    assert_non_null(strstr(ran.err.text, "level extension"));
}

static int64_t skipped_records(struct house *house)
{
    return house_cues(house).skipped_records;
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
    const struct posting_query query = {.shop = "DEMO", .state = "failed", .most = 10};
    assert_true(store_postings(house->ledger, HOUSE_COMPANY, &query, &failed, NULL, &err));
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
    json_free(name_order(house, json_text(row, "number")));
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
        cmocka_unit_test_setup_teardown(the_refusal_names_the_companys_level, open_extension,
                                        close_postings),
        RUN(a_refused_document_waits_for_a_change_and_stops_no_other),
        RUN(a_persons_run_takes_what_was_put_off),
        RUN(approval_and_warehouse_are_skips),
        RUN(dates_are_replaced_before_posting),
        RUN(ship_first_and_invoice_later),
        RUN(invoice_alone_needs_something_shipped),
        RUN(quantities_left_blank_mean_all),
    };
    return cmocka_run_group_tests_name("posting_run", tests, NULL, NULL);
}
