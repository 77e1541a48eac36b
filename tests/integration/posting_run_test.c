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
#include "store/postings.h"
#include "support/house.h"

static const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
static const char CREATED[] = "{\"shop\":\"DEMO\",\"post_when\":\"created\"}";

static int open_demo(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", NULL};
    *state = house_open(shopify, bc, 1);
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

/* ---- one order from Shopify to its invoice ---- */

static void an_order_is_posted_and_found_by_either_number(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    int64_t before = peers_calls(house->peers, "bc", "POST salesOrders");
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
    (void)before;
    expect_state(house, "#9001", "posted", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_order_is_posted_and_found_by_either_number, open_demo,
                                        close_demo),
    };
    return cmocka_run_group_tests_name("posting_run", tests, NULL, NULL);
}
