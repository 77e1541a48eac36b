/* orders_companies_test.c - orders of companies (B2B) between both simulated peers: whose customer
 * they are sold to, and what becomes of those whose company has none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/redis.h"
#include "store/room.h"
#include "support/house.h"

static const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
#define FIRM "2190000001"
#define OFFICE "2290000001"
#define DEPOT "2290000002"

static int open_demo(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"auto_create_customers\":true");
    house_tell(house, "bc", "customers", "{\"number\":\"FIRM\",\"displayName\":\"Adatum\"}");
    house_tell(house, "bc", "customers", "{\"number\":\"DEPOT\",\"displayName\":\"Depot\"}");
    *state = house;
    return 0;
}

static int close_demo(void **state)
{
    house_free(*state);
    return 0;
}

/* Somebody who is a customer by himself orders for the company. */
static void place(struct house *house, const char *name, const char *location, const char *more)
{
    OWN_TEXT char *order =
        mem_printf("{\"name\":\"%s\",\"customer\":\"7300000000001\",\"poNumber\":\"PO-7\","
                   "\"company\":{\"id\":\"" FIRM "\",\"name\":\"Adatum\",\"locationId\":\"%s\","
                   "\"contactId\":\"2390000001\"},\"lines\":[{\"sku\":\"1896-S\",\"quantity\":1,"
                   "\"price\":\"10.00\"}]%s}",
                   name, location, more);
    house_tell(house, "shopify", "orders", order);
}

static struct counts run(struct house *house)
{
    house_good(house, "orders.sync", "{\"shop\":\"DEMO\"}");
    return house_good(house, "orders.process", NINES);
}

static char *document(struct house *house, const char *external, const char *field)
{
    OWN_JSON json *answer = house_ask(house, "bc", "GET", "documents", NULL);
    const json *list = json_get(answer, "documents");
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "externalDocumentNumber"), external) == 0)
            return mem_text(json_text(json_at(list, i), field));
    return mem_text("");
}

static void expect_sold_to(struct house *house, const char *external, const char *number)
{
    OWN_TEXT char *got = document(house, external, "customerNumber");
    assert_string_equal(number, got);
}

static void expect_reason(struct house *house, const char *record, const char *reason)
{
    OWN_TEXT char *got = house_reason(house, record);
    assert_string_equal(reason, got);
}

static void map(struct house *house, const char *number)
{
    struct err err;
    bool changed;
    if (!store_map(house->ledger, HOUSE_COMPANY, MAPPING_COMPANY, FIRM, number, &changed, &err))
        fail_msg("map company: %s", err.text);
}

static bool is_listed(struct house *house, const char *list)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = store_key(house->ledger, HOUSE_COMPANY, list);
    assert_true(
        redis_commandf(ledger_redis(house->ledger), &reply, &err, "ZSCORE %s %s", key, FIRM));
    return reply->str != NULL;
}

/* What companies.sync and companies.add-locations write. */
static void link_to(struct house *house, const char *record, const char *number)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = store_key(house->ledger, HOUSE_COMPANY, record);
    OWN_TEXT char *path = mem_printf("customers/%s", number);
    OWN_JSON json *customer = house_ask(house, "bc", "GET", path, NULL);
    assert_true(redis_commandf(ledger_redis(house->ledger), &reply, &err,
                               "HSET %s erp_id %s number %s", key, json_text(customer, "id"),
                               number));
}

static void a_company_without_a_customer_waits_until_it_is_mapped(void **state)
{
    struct house *house = *state;
    place(house, "#9001", OFFICE, "");
    struct counts counts = run(house);
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.failed, 0);
    expect_reason(house, "#9001", "company");
    assert_true(is_listed(house, "unmapped-companies:DEMO"));
    assert_true(is_listed(house, "companies-due:DEMO")); /* companies.sync looks for it */
    assert_int_equal(0, peers_calls(house->peers, "bc", "POST customers"));
    map(house, "NONE");
    run(house);
    expect_reason(house, "#9001", "company");
    map(house, "FIRM");
    assert_int_equal(1, run(house).created);
    expect_sold_to(house, "#9001", "FIRM"); /* and not to who has ordered */
    expect_reason(house, "#9001", "");
    assert_false(is_listed(house, "unmapped-companies:DEMO"));
    place(house, "#9002", OFFICE, "");
    assert_int_equal(1, run(house).created);
    expect_sold_to(house, "#9002", "FIRM");
}

static void a_location_that_is_a_customer_is_sold_to(void **state)
{
    struct house *house = *state;
    link_to(house, "company-location:" DEPOT, "DEPOT");
    place(house, "#9001", DEPOT, "");
    run(house);
    expect_reason(house, "#9001", "company"); /* its company is not linked */
    link_to(house, "company:" FIRM, "FIRM");
    place(house, "#9002", OFFICE, "");
    house_good(house, "orders.sync", "{\"shop\":\"DEMO\"}");
    assert_int_equal(2, house_run_as(house, "orders.process", NINES, TICKET_MANUAL).counts.created);
    expect_sold_to(house, "#9001", "DEPOT");
    expect_sold_to(house, "#9002", "FIRM");
}

static void a_blocked_company_waits(void **state)
{
    struct house *house = *state;
    link_to(house, "company:" FIRM, "FIRM");
    house_tell(house, "bc", "customers/FIRM", "{\"blocked\":\"All\"}");
    place(house, "#9001", OFFICE, "");
    run(house);
    house_run_as(house, "orders.process", NINES, TICKET_MANUAL);
    expect_reason(house, "#9001", "customer-blocked");
    house_tell(house, "bc", "customers/FIRM", "{\"blocked\":\" \"}");
    assert_int_equal(1, house_run_as(house, "orders.process", NINES, TICKET_MANUAL).counts.created);
    expect_sold_to(house, "#9001", "FIRM");
}

/* The customer was deleted there: what Business Central refuses drops the link. */
static void a_link_to_nobody_is_dropped(void **state)
{
    struct house *house = *state;
    link_to(house, "company:" FIRM, "FIRM");
    json_free(house_ask(house, "bc", "DELETE", "customers/FIRM", NULL));
    place(house, "#9001", OFFICE, "");
    run(house);
    house_run_as(house, "orders.process", NINES, TICKET_MANUAL);
    expect_reason(house, "#9001", "company");
    OWN_TEXT char *link = house_field(house, "company:" FIRM, "erp_id");
    assert_string_equal("", link);
    map(house, "DEPOT");
    house_run_as(house, "orders.process", NINES, TICKET_MANUAL);
    expect_sold_to(house, "#9001", "DEPOT");
}

/* Nobody reads companies here: the setting alone says whose the order is. */
static void a_company_is_the_default_one_where_the_mapping_says_so(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   ",\"company_import\":\"none\",\"company_mapping\":\"default\","
                   "\"default_company\":\"NOBODY\"");
    place(house, "#9001", OFFICE, "");
    run(house);
    expect_reason(house, "#9001", "company");
    house_put_shop(house, "DEMO",
                   ",\"company_import\":\"none\",\"company_mapping\":\"default\","
                   "\"default_company\":\"DEPOT\"");
    assert_int_equal(1, house_run_as(house, "orders.process", NINES, TICKET_MANUAL).counts.created);
    expect_sold_to(house, "#9001", "DEPOT");
}

/* The order makes it due; with company_import `with-order` that is all that companies.sync reads,
 * and with `none` it is left to people. */
static void a_company_that_orders_is_made_where_it_is_nowhere(void **state)
{
    struct house *house = *state;
    house_tell(
        house, "shopify", "companies",
        "{\"name\":\"Fresh Firm\",\"contact\":{\"email\":\"fresh@example.com\",\"firstName\":"
        "\"F\",\"lastName\":\"F\"},\"locations\":[{\"address\":{\"address1\":\"3 Road\","
        "\"city\":\"Bath\",\"zip\":\"BA1 5AQ\"}}]}");
    OWN_JSON json *firm = house_ask(house, "shopify", "GET", "companies/Fresh%20Firm", NULL);
    OWN_TEXT char *order = mem_printf(
        "{\"name\":\"#9003\",\"customer\":\"%s\",\"company\":{\"id\":\"%s\",\"name\":\"Fresh "
        "Firm\","
        "\"locationId\":\"%s\",\"contactId\":\"%s\"},\"lines\":[{\"sku\":\"1896-S\",\"quantity\":1,"
        "\"price\":\"10.00\"}]}",
        json_text(json_path(firm, "mainContact"), "customer"), json_text(firm, "id"),
        json_text(json_path(firm, "locations.0"), "id"),
        json_text(json_path(firm, "mainContact"), "id"));
    house_put_shop(house, "DEMO", ",\"auto_create_companies\":true,\"company_import\":\"none\"");
    house_tell(house, "shopify", "orders", order);
    run(house);
    house_good(house, "companies.sync", "{\"shop\":\"DEMO\"}");
    run(house);
    expect_reason(house, "#9003", "company");
    house_put_shop(house, "DEMO",
                   ",\"auto_create_companies\":true,\"company_import\":\"with-order\"");
    assert_int_equal(1, house_good(house, "companies.sync", "{\"shop\":\"DEMO\"}").created);
    assert_int_equal(1, house_run_as(house, "orders.process", NINES, TICKET_MANUAL).counts.created);
    OWN_TEXT char *record = mem_printf("company:%s", json_text(firm, "id"));
    OWN_TEXT char *number = house_field(house, record, "number");
    expect_sold_to(house, "#9003", number);
    assert_int_equal(0, house_good(house, "companies.sync", "{\"shop\":\"DEMO\"}").created);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_demo, close_demo)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_company_without_a_customer_waits_until_it_is_mapped),
        CASE(a_location_that_is_a_customer_is_sold_to),
        CASE(a_blocked_company_waits),
        CASE(a_link_to_nobody_is_dropped),
        CASE(a_company_is_the_default_one_where_the_mapping_says_so),
        CASE(a_company_that_orders_is_made_where_it_is_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
