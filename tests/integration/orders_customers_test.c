/* orders_customers_test.c - customers that are made with their first order, against both simulated
 * peers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "support/house.h"

static const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
static const char ADDRESS[] =
    ",\"shippingAddress\":{\"firstName\":\"Nora\",\"lastName\":\"New\",\"company\":null,"
    "\"address1\":\"1 Long Lane\",\"address2\":null,\"city\":\"London\",\"zip\":\"N1 1AA\","
    "\"countryCode\":\"GB\",\"phone\":\"020 7946 0555\"}";

static int open_at(void **state, const char *level)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--level", level, NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"auto_create_customers\":true");
    *state = house;
    return 0;
}

static int open_demo(void **state)
{
    return open_at(state, "api");
}

static int open_extension(void **state)
{
    return open_at(state, "extension");
}

static int close_demo(void **state)
{
    house_free(*state);
    return 0;
}

static void place_guest(struct house *house, const char *name, const char *email, const char *more)
{
    OWN_TEXT char *order = mem_printf("{\"name\":\"%s\",\"email\":\"%s\",\"lines\":[{\"sku\":"
                                      "\"1896-S\",\"quantity\":1,\"price\":\"10.00\"}]%s}",
                                      name, email, more);
    house_tell(house, "shopify", "orders", order);
}

static struct counts sync_and_process(struct house *house)
{
    house_good(house, "orders.sync", NINES);
    return house_good(house, "orders.process", NINES);
}

/* A field of an order's document, "" = it has none; "#9001-R" = of its first credit memo. */
static char *of_document(struct house *house, const char *external, const char *field)
{
    OWN_JSON json *answer = house_ask(house, "bc", "GET", "documents", NULL);
    const json *list = json_get(answer, "documents");
    for (size_t i = 0; i < json_count(list); i++)
        if (strncmp(json_text(json_at(list, i), "externalDocumentNumber"), external,
                    strlen(external)) == 0)
            return mem_text(json_text(json_at(list, i), field));
    return mem_text("");
}

static char *customer_of(struct house *house, const char *external)
{
    return of_document(house, external, "customerNumber");
}

static int64_t made(struct house *house)
{
    return peers_calls(house->peers, "bc", "POST customers");
}

static void expect_reason(struct house *house, const char *record, const char *reason)
{
    OWN_TEXT char *got = house_reason(house, record);
    if (strcmp(got, reason) != 0)
        fail_msg("%s: reason \"%s\" instead of \"%s\"", record, got, reason);
}

static void a_stranger_is_made_once(void **state)
{
    struct house *house = *state;
    place_guest(house, "#9001", "nora@example.com", ADDRESS);
    place_guest(house, "#9002", "NORA@example.com", ADDRESS); /* the same guest again */
    place_guest(house, "#9003", "other@example.com", ADDRESS);
    struct counts counts = sync_and_process(house);
    assert_int_equal(counts.created, 3);
    assert_int_equal(made(house), 2);
    OWN_TEXT char *first = customer_of(house, "#9001"), *second = customer_of(house, "#9002"),
                  *third = customer_of(house, "#9003");
    assert_true(*first != 0);
    assert_string_equal(first, second);
    assert_string_not_equal(first, third);
    /* a later run finds the customer, and makes none */
    place_guest(house, "#9004", "nora@example.com", ADDRESS);
    sync_and_process(house);
    OWN_TEXT char *fourth = customer_of(house, "#9004");
    assert_string_equal(first, fourth);
    assert_int_equal(made(house), 2);
}

static void nobody_is_made_who_could_not_be_found_again(void **state)
{
    struct house *house = *state;
    place_guest(house, "#9001", "nora@example.com", ""); /* no address */
    struct counts counts = sync_and_process(house);
    assert_int_equal(counts.created, 0);
    expect_reason(house, "#9001", "customer-unmapped");
    assert_int_equal(made(house), 0);
    house_put_shop(house, "DEMO", "");
    place_guest(house, "#9002", "other@example.com", ADDRESS); /* and not without being asked */
    sync_and_process(house);
    expect_reason(house, "#9002", "customer-unmapped");
    assert_int_equal(made(house), 0);
}

static void a_customer_that_got_no_answer_is_found(void **state)
{
    struct house *house = *state;
    place_guest(house, "#9001", "nora@example.com", ADDRESS);
    place_guest(house, "#9002", "other@example.com", ADDRESS);
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"customers\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    assert_int_equal(ran.counts.created, 1); /* the other one went on */
    house_good(house, "orders.process", NINES);
    OWN_TEXT char *first = customer_of(house, "#9001"), *second = customer_of(house, "#9002");
    assert_true(*first != 0 && *second != 0);
    assert_int_equal(made(house), 2);
}

static bool has_document(struct house *house, const char *external)
{
    OWN_TEXT char *customer = customer_of(house, external);
    return *customer != 0;
}

static void a_create_that_never_arrived_is_sent_again(void **state)
{
    struct house *house = *state;
    int64_t start_ms = clock_mono_ms(&CLOCK_REAL);
    place_guest(house, "#9001", "nora@example.com", ADDRESS);
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"customers\"}", 1,
                "{\"kind\":\"reset_before\"}");
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_false(ran.ok);
    expect_reason(house, "#9001", "in-flight");
    while (!has_document(house, "#9001")) { /* the ERP may finish a call for a second here */
        assert_true(clock_mono_ms(&CLOCK_REAL) - start_ms < 20000);
        ran = house_run(house, "orders.process", NINES);
        assert_true(ran.ok || ran.err.kind == ERR_UNCERTAIN);
    }
    assert_int_equal(made(house), 2); /* one of them never got there */
}

static void what_the_erp_refuses_is_shown(void **state)
{
    struct house *house = *state;
    place_guest(house, "#9001", "nora@example.com", ADDRESS);
    house_good(house, "orders.sync", NINES);
    peers_fault(
        house->peers, "bc", "{\"method\":\"POST\",\"path\":\"customers\"}", 1,
        "{\"kind\":\"status\",\"status\":400,\"body\":\"{\\\"error\\\":{\\\"code\\\":"
        "\\\"Application_DialogException\\\",\\\"message\\\":\\\"No template fits.\\\"}}\"}");
    house_good(house, "orders.process", NINES);
    expect_reason(house, "#9001", "customer-unmapped");
    OWN_JSON json *list = NULL;
    struct err err;
    assert_true(store_unmapped(house->ledger, HOUSE_COMPANY, "DEMO", MAPPING_CUSTOMER, NULL,
                               STORE_PAGE, &list, NULL, &err));
    assert_int_equal(json_count(list), 1);
    assert_non_null(strstr(json_text(json_at(list, 0), "reason"), "No template fits."));
    house_good(house, "orders.process", NINES); /* the template is there by now */
    assert_true(has_document(house, "#9001"));
}

/* All orders to a country may be one customer's, whoever has placed them. */
static void a_country_has_a_customer(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"country_customers\":{\"gb\":\"10000\"}");
    place_guest(house, "#9001", "nora@example.com", ADDRESS);
    sync_and_process(house);
    OWN_TEXT char *customer = customer_of(house, "#9001");
    assert_string_equal(customer, "10000");
}

/* His tax area is that of his address; a code that is not there is a reason, and makes nobody. */
static void a_new_customer_has_the_tax_area_of_his_address(void **state)
{
    static const char ENGLAND[] =
        ",\"shippingAddress\":{\"firstName\":\"Nora\",\"lastName\":\"New\",\"company\":null,"
        "\"address1\":\"1 Long Lane\",\"address2\":null,\"city\":\"London\",\"zip\":\"N1 1AA\","
        "\"countryCode\":\"GB\",\"provinceCode\":\"ENG\",\"phone\":null}";
    struct house *house = *state;
    OWN_JSON json *row = NULL;
    house_put_shop(house, "DEMO",
                   ",\"auto_create_customers\":true,\"tax_areas\":{\"GB-ENG\":\"MOON\"}");
    place_guest(house, "#9001", "nora@example.com", ENGLAND);
    sync_and_process(house);
    expect_reason(house, "#9001", "code-unknown");
    assert_int_equal(made(house), 0);
    house_put_shop(house, "DEMO",
                   ",\"auto_create_customers\":true,\"tax_areas\":{\"GB-ENG\":\"EXPORT\"}");
    house_run(house, "orders.process", NINES);
    assert_int_equal(made(house), 1);
    OWN_JSON json *answer = house_ask(house, "bc", "GET", "documents", NULL);
    const json *list = json_get(answer, "documents");
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "externalDocumentNumber"), "#9001") == 0)
            row = json_copy(json_at(list, i));
    assert_string_equal(json_text(row, "taxAreaCode"), "EXPORT"); /* from him */
}

/* Made and found again by what the shop calls people. */
static void a_new_customer_is_called_as_the_shop_says(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   ",\"customer_mapping\":\"bill-to\",\"auto_create_customers\":true,"
                   "\"name_source\":\"last-first\",\"county_source\":\"name\"");
    for (int i = 0; i < 2; i++) {
        OWN_TEXT char *name = mem_printf("#900%d", i);
        place_guest(
            house, name, "nora@example.com",
            ",\"shippingAddress\":{\"firstName\":\"Nora\",\"lastName\":\"New\",\"company\":"
            "\"New Ltd\",\"address1\":\"1 Long Lane\",\"address2\":null,\"city\":\"London\","
            "\"zip\":\"N1 1AA\",\"countryCode\":\"GB\",\"provinceCode\":\"ENG\","
            "\"province\":\"England\",\"phone\":null}");
        sync_and_process(house);
        OWN_TEXT char *called = of_document(house, name, "customerName"),
                      *county = of_document(house, name, "billToState");
        assert_string_equal(called, "New Nora");
        assert_string_equal(county, "England"); /* from her */
    }
    assert_int_equal(made(house), 1);
}

/* ---- by bill-to info ---- */

static const char HOME[] =
    ",\"billingAddress\":{\"firstName\":\"Nora\",\"lastName\":\"New\","
    "\"company\":null,\"address1\":\"1 Long Lane\",\"address2\":null,"
    "\"city\":\"London\",\"zip\":\"N1 1AA\",\"countryCode\":\"GB\",\"phone\":null}";
static const char WORK[] =
    ",\"billingAddress\":{\"firstName\":\"Nora\",\"lastName\":\"New\","
    "\"company\":\"New Ltd\",\"address1\":\"2 Dock Road\",\"address2\":null,"
    "\"city\":\"Leeds\",\"zip\":\"LS1 1AA\",\"countryCode\":\"GB\",\"phone\":null}";
static const char BY_BILL[] = ",\"customer_mapping\":\"bill-to\",\"auto_create_customers\":true";

static void expect_customer(struct house *house, const char *order, const char *other, bool same)
{
    OWN_TEXT char *one = customer_of(house, order), *two = customer_of(house, other);
    assert_true(*one != 0 && *two != 0);
    if ((strcmp(one, two) == 0) != same)
        fail_msg("%s is %s's, %s is %s's", order, one, other, two);
}

/* One e-mail, two bills: a customer each, and each found again by name and address. */
static void who_is_billed_where_is_the_customer(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", BY_BILL);
    place_guest(house, "#9001", "nora@example.com", HOME);
    place_guest(house, "#9002", "nora@example.com", WORK);
    place_guest(house, "#9003", "n.new@example.com", HOME); /* the same bill, another e-mail */
    struct counts counts = sync_and_process(house);
    assert_int_equal(counts.created, 3);
    assert_int_equal(made(house), 2);
    expect_customer(house, "#9001", "#9002", false);
    expect_customer(house, "#9001", "#9003", true);
    place_guest(house, "#9004", "third@example.com", WORK); /* no link: found there */
    sync_and_process(house);
    expect_customer(house, "#9002", "#9004", true);
    assert_int_equal(made(house), 2);
    place_guest(house, "#9005", "nora@example.com", ADDRESS); /* no bill of its own: ship-to's */
    sync_and_process(house);
    expect_customer(house, "#9001", "#9005", true);
    assert_int_equal(made(house), 2);
}

static void a_bill_that_nobody_has_waits_for_a_person(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"customer_mapping\":\"bill-to\"");
    place_guest(house, "#9001", "nora@example.com", HOME);
    sync_and_process(house);
    expect_reason(house, "#9001", "customer-unmapped");
    OWN_JSON json *list = NULL;
    struct err err;
    assert_true(store_unmapped(house->ledger, HOUSE_COMPANY, "DEMO", MAPPING_CUSTOMER, NULL,
                               STORE_PAGE, &list, NULL, &err));
    assert_int_equal(json_count(list), 1);
    assert_string_equal(json_text(json_at(list, 0), "name"), "Nora New");
    assert_non_null(strstr(json_text(json_at(list, 0), "reason"), "address on the bill"));
}

/* Its name and address find what got no answer. */
static void a_billed_customer_that_got_no_answer_is_found(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", BY_BILL);
    place_guest(house, "#9001", "nora@example.com", HOME);
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"customers\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    house_good(house, "orders.process", NINES);
    assert_true(has_document(house, "#9001"));
    assert_int_equal(made(house), 1);
}

static void expect_parties(struct house *house, const char *external, const char *sold_to,
                           const char *billed_to)
{
    OWN_TEXT char *name = of_document(house, external, "customerName"),
                  *bill = of_document(house, external, "billToName");
    if (strcmp(name, sold_to) != 0 || strcmp(bill, billed_to) != 0) {
        OWN_TEXT char *why = house_reason(house, external);
        fail_msg("%s is sold to %s and billed to %s; it waits for %s", external, name, bill, why);
    }
}

/* Sent to her home, billed to her company: a customer each, and the document names both. */
static void goods_go_to_one_and_the_bill_to_another(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *both = mem_printf("%s%s", ADDRESS, WORK),
                  *delivered = mem_printf("%s,\"fulfillmentStatus\":\"FULFILLED\"", both);
    house_put_shop(house, "DEMO",
                   ",\"customer_mapping\":\"bill-to\",\"auto_create_customers\":true,"
                   "\"return_and_refund_process\":\"auto-create\",\"auto_create_orders\":false,"
                   "\"refund_account\":\"6610\",\"refund_account_non_restock\":\"6610\"");
    place_guest(house, "#9001", "nora@example.com", both);
    place_guest(house, "#9002", "nora@example.com", delivered);
    struct counts counts = sync_and_process(house);
    assert_int_equal(counts.created, 2);
    assert_int_equal(made(house), 2);
    expect_parties(house, "#9001", "Nora New", "New Ltd");
    expect_parties(house, "#9002", "Nora New", "New Ltd"); /* an invoice */
    place_guest(house, "#9003", "nora@example.com", HOME); /* and both are found by themselves */
    place_guest(house, "#9004", "other@example.com", WORK);
    sync_and_process(house);
    expect_parties(house, "#9003", "Nora New", "Nora New");
    expect_parties(house, "#9004", "New Ltd", "New Ltd");
    expect_customer(house, "#9001", "#9003", true);
    assert_int_equal(made(house), 2);
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    house_good(house, "orders.sync", NINES);
    house_good(house, "orders.process", NINES);
    expect_parties(house, "#9001-R", "Nora New", "New Ltd"); /* a credit memo */
}

/* Nobody is made without being asked: who is billed must be known, who it is sent to need not. */
static void only_who_is_billed_must_be_known(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *both = mem_printf("%s%s", ADDRESS, WORK);
    house_tell(house, "bc", "settings", "{\"replicaLagMs\":0}");
    house_put_shop(house, "DEMO", BY_BILL);
    place_guest(house, "#9001", "nora@example.com", WORK); /* her company is made */
    sync_and_process(house);
    house_put_shop(house, "DEMO", ",\"customer_mapping\":\"bill-to\"");
    place_guest(house, "#9002", "nora@example.com", both);
    place_guest(house, "#9003", "nora@example.com", ADDRESS);
    sync_and_process(house);
    assert_int_equal(made(house), 1);
    expect_parties(house, "#9002", "New Ltd", "New Ltd");
    expect_reason(house, "#9003", "customer-unmapped");
}

/* The two have one e-mail, and with it one lock: what is made first leaves it to the other. */
static void one_of_the_two_may_be_made_later(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *both = mem_printf("%s%s", ADDRESS, WORK);
    house_put_shop(house, "DEMO", BY_BILL);
    place_guest(house, "#9001", "nora@example.com", both);
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"customers\"}", 1,
                "{\"kind\":\"status\",\"status\":409}");
    assert_int_equal(house_good(house, "orders.process", NINES).created, 1);
    expect_parties(house, "#9001", "Nora New", "New Ltd");
    assert_int_equal(made(house), 3); /* one of them was refused */
    OWN_REPLY redisReply *keys = NULL;
    struct err err;
    assert_true(redis_commandf(ledger_redis(house->ledger), &keys, &err, "KEYS *:lock:customer:*"));
    assert_int_equal(keys->elements, 0);
}

/* Whichever of the two the ERP has lost the answer of, or has blocked, the order waits for. */
static void each_of_the_two_is_waited_for(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *both = mem_printf("%s%s", ADDRESS, WORK);
    house_put_shop(house, "DEMO", BY_BILL);
    place_guest(house, "#9001", "nora@example.com", both);
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"customers\"}", 2,
                "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    assert_false(has_document(house, "#9001"));
    house_good(house, "orders.process", NINES);
    expect_parties(house, "#9001", "Nora New", "New Ltd");
    assert_int_equal(made(house), 2);
    OWN_TEXT char *billed = of_document(house, "#9001", "billToCustomerNumber"),
                  *path = mem_printf("customers/%s", billed);
    house_tell(house, "bc", path, "{\"blocked\":\"All\"}");
    place_guest(house, "#9002", "nora@example.com", both);
    sync_and_process(house);
    expect_reason(house, "#9002", "customer-blocked");
    house_tell(house, "bc", path, "{\"blocked\":\"\"}");
    house_good(house, "orders.process", NINES);
    expect_parties(house, "#9002", "Nora New", "New Ltd");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_demo, close_demo)
    const struct CMUnitTest tests[] = {
        TEST(a_stranger_is_made_once),
        TEST(nobody_is_made_who_could_not_be_found_again),
        TEST(a_customer_that_got_no_answer_is_found),
        TEST(a_create_that_never_arrived_is_sent_again),
        TEST(what_the_erp_refuses_is_shown),
        TEST(a_country_has_a_customer),
        TEST(a_new_customer_has_the_tax_area_of_his_address),
        TEST(a_new_customer_is_called_as_the_shop_says),
        TEST(who_is_billed_where_is_the_customer),
        TEST(a_bill_that_nobody_has_waits_for_a_person),
        TEST(a_billed_customer_that_got_no_answer_is_found),
        TEST(goods_go_to_one_and_the_bill_to_another),
        cmocka_unit_test_setup_teardown(goods_go_to_one_and_the_bill_to_another, open_extension,
                                        close_demo),
        TEST(one_of_the_two_may_be_made_later),
        TEST(only_who_is_billed_must_be_known),
        TEST(each_of_the_two_is_waited_for),
    };
    return cmocka_run_group_tests_name("orders_customers", tests, NULL, NULL);
}
