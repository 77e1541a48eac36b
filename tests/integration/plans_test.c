/* plans_test.c - shops on every plan of Shopify: what a plan does not have is one skip of the shop,
 * and every run ends well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/shelf.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define SETTINGS                                                                                   \
    ",\"sku_mapping\":\"item-no-variant\",\"catalogs\":{\"*\":\"\"},\"salespeople\":{\"1\":"       \
    "\"JO\"}"
#define COMPANY_CATALOGS "plan-company_catalogs-DEMO"
#define MARKET_CATALOGS "plan-market_catalogs-DEMO"
#define STAFF "plan-staff-DEMO"
#define COMPANIES "plan-b2b-DEMO"

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data",    "synthetic", "--replica-lag", "0", "--level",
                              "extension", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", SETTINGS);
    free(shelf_item(house, "PLAN-1", ""));
    assert_int_equal(1, shelf_add(house, "PLAN-1").created);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static void go_to(struct house *house, const char *plan)
{
    OWN_TEXT char *body = mem_printf("{\"plan\":\"%s\"}", plan);
    house_tell(house, "shopify", "plan", body);
    house_ahead_ms += 7 * 3600 * 1000; /* what was believed of the plan is old */
}

/* "plan Basic has no ...", "" = no such skip stands. */
static void expect_skip(struct house *house, const char *id, const char *begin)
{
    OWN_TEXT char *key = mem_printf("skip:%s", id);
    OWN_TEXT char *reason = house_field(house, key, "reason");
    OWN_TEXT char *detail = house_field(house, key, "detail");
    assert_string_equal(*begin ? "plan" : "", reason);
    if (strncmp(begin, detail, strlen(begin)) != 0)
        fail_msg("%s: \"%s\" does not begin with \"%s\"", id, detail, begin);
}

/* How many catalogs the staging has that are not gone. */
static int catalogs(struct house *house, const char *type)
{
    OWN_IDS struct store_ids ids = {0};
    struct err err;
    int found = 0;
    assert_true(
        store_zset(house->ledger, HOUSE_COMPANY, "catalogs:DEMO", INT64_MAX, 100, &ids, &err));
    for (size_t i = 0; i < ids.count; i++) {
        OWN_TEXT char *key = mem_printf("catalog:DEMO:%s", ids.items[i]);
        OWN_TEXT char *is = house_field(house, key, "type"),
                      *gone = house_field(house, key, "gone");
        found += strcmp(is, type) == 0 && !*gone;
    }
    return found;
}

static void every_plan_runs_every_task(void **state)
{
    static const char *const TASKS[] = {"orders.sync",         "orders.process", "customers.sync",
                                        "products.sync",       "inventory.sync", "catalogs.sync",
                                        "catalog-prices.sync", "companies.sync"};
    static const struct {
        const char *plan, *company, *market, *staff;
        int companies;
    } PLANS[] = {
        {"plus",     "",                                 "",                                        "",                                   1},
        {"basic",    "plan Basic has no catalogs str",   "",                                        "plan Basic has nobody who has sold", 0},
        {"grow",     "plan Grow has no catalogs str",    "",                                        "plan Grow has nobody who has sold",  0},
        {"advanced", "plan Advanced has no catalogs st", "",                                        "",                                   0},
        {"starter",  "plan Starter has no catalogs str", "plan Starter has no catalogs of markets",
         "plan Starter has nobody who has sold",                                                                                          0},
    };
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(PLANS); i++) {
        go_to(house, PLANS[i].plan);
        for (size_t k = 0; k < COUNT(TASKS); k++)
            house_good(house, TASKS[k], SHOP);
        expect_skip(house, COMPANY_CATALOGS, PLANS[i].company);
        expect_skip(house, MARKET_CATALOGS, PLANS[i].market);
        expect_skip(house, STAFF, PLANS[i].staff);
        expect_skip(house, COMPANIES, *PLANS[i].market ? "plan Starter has no companies" : "");
        assert_int_equal(PLANS[i].companies, catalogs(house, "company"));
        assert_int_equal(*PLANS[i].market ? 0 : 1, catalogs(house, "market"));
    }
}

/* Nothing is asked of the customers where none of them could be a company. */
static void companies_are_not_added_where_the_plan_has_none(void **state)
{
    static const char *const ADDS[][2] = {
        {"companies.add",           SHOP                                  },
        {"companies.add-locations",
         "{\"shop\":\"DEMO\",\"company\":\"20010\",\"customer_no\":\"*\"}"},
    };
    struct house *house = *state;
    go_to(house, "starter");
    for (size_t i = 0; i < COUNT(ADDS); i++) {
        struct counts counts = house_good(house, ADDS[i][0], ADDS[i][1]);
        assert_int_equal(1, counts.skipped);
        assert_int_equal(1, counts.calls);
        assert_int_equal(0, counts.read);
        expect_skip(house, COMPANIES, "plan Starter has no companies");
    }
}

static void the_skip_goes_with_an_upgrade(void **state)
{
    struct house *house = *state;
    go_to(house, "basic");
    for (int i = 0; i < 2; i++) {
        struct counts counts = house_good(house, "catalogs.sync", SHOP);
        assert_int_equal(1, counts.skipped);
        assert_int_equal(2, counts.calls); /* the plan, and the catalogs of markets */
    }
    house_tell(house, "shopify", "plan", "{\"plan\":\"plus\"}");
    house_tell(house, "shopify", "catalogs/Trade%20partners", "{\"status\":\"ACTIVE\"}");
    assert_int_equal(0, house_good(house, "catalogs.sync", SHOP).skipped); /* at once */
    expect_skip(house, COMPANY_CATALOGS, "");
    assert_int_equal(1, catalogs(house, "company"));
    assert_int_equal(2, house_good(house, "catalogs.sync", SHOP).calls); /* it is believed */
}

/* Shopify says what a plan has from 2026-07 on. */
static void an_older_version_is_not_asked(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SETTINGS ",\"api_version\":\"2026-04\"");
    go_to(house, "basic");
    struct counts counts = house_good(house, "catalogs.sync", SHOP);
    assert_int_equal(0, counts.skipped);
    assert_int_equal(2, counts.calls);
    house_put_shop(house, "DEMO", SETTINGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_runs_every_task),
        cmocka_unit_test(companies_are_not_added_where_the_plan_has_none),
        cmocka_unit_test(the_skip_goes_with_an_upgrade),
        cmocka_unit_test(an_older_version_is_not_asked),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
