/* plan_billing_test.c - who is billed for an order, and when two bills are one customer's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/billing.h"

static const struct shop SHOP = {.name_source = NAME_COMPANY, .name_2_source = NAME_NONE};

static struct order_address address(const char *company, const char *name, const char *street)
{
    return (struct order_address){.first = "",
                                  .last = "",
                                  .name = name,
                                  .company = company,
                                  .address1 = street,
                                  .address2 = "",
                                  .city = "London",
                                  .zip = "N1 1AA",
                                  .state = "",
                                  .state_name = "",
                                  .country = "GB",
                                  .phone = "",
                                  .present = true};
}

static void the_bill_says_who_it_is_or_e_mail_does(void **state)
{
    static const struct {
        const char *name, *company, *person, *street;
        bool bill, ship;
        const char *want; /* "" = by e-mail and phone */
    } ROWS[] = {
        {"a person",             "",        "Nora New", "1 Long Lane", true,  true,  "Nora New" },
        {"a company goes first", "New Ltd", "Nora New", "1 Long Lane", true,  true,  "New Ltd"  },
        {"nobody's name",        "",        "",         "1 Long Lane", true,  true,  ""         },
        {"no street",            "",        "Nora New", "",            true,  true,  ""         },
        {"no bill: ship-to",     "",        "Nora New", "1 Long Lane", false, true,  "Ann Other"},
        {"no address at all",    "",        "Nora New", "1 Long Lane", false, false, ""         },
    };
    OWN(arena) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct order order = {
            .customer_first = "",
            .customer_last = "",
            .bill_to = address(ROWS[i].company, ROWS[i].person, ROWS[i].street),
            .ship_to = address("", "Ann Other", "9 Quay"),
        };
        order.bill_to.present = ROWS[i].bill;
        order.ship_to.present = ROWS[i].ship;
        struct billing got = billing_of(&order, &SHOP, arena);
        if (strcmp(got.name, ROWS[i].want) != 0 || (got.address != NULL) != (*ROWS[i].want != 0))
            fail_msg("%s: \"%s\"", ROWS[i].name, got.name);
    }
}

static void bills_are_the_same_however_they_are_written(void **state)
{
    static const struct {
        const char *company, *person, *street;
        bool same;
    } ROWS[] = {
        {"",        "nora NEW", " 1 long lane", true },
        {"",        "Nora Neu", "1 Long Lane",  false},
        {"",        "Nora New", "11 Long Lane", false},
        {"New Ltd", "Nora New", "1 Long Lane",  false},
    };
    OWN(arena) struct arena *arena = arena_new();
    struct order first = {.customer_first = "",
                          .customer_last = "",
                          .bill_to = address("", "Nora New", "1 Long Lane")};
    struct billing want = billing_of(&first, &SHOP, arena);
    (void)state;
    assert_int_equal(strlen(want.key), 16);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct order order = {.customer_first = "",
                              .customer_last = "",
                              .bill_to = address(ROWS[i].company, ROWS[i].person, ROWS[i].street)};
        struct billing got = billing_of(&order, &SHOP, arena);
        if ((strcmp(got.key, want.key) == 0) != ROWS[i].same)
            fail_msg("row %zu: %s beside %s", i, got.key, want.key);
    }
}

static void a_seller_is_another_one_than_who_is_billed(void **state)
{
    static const struct {
        const char *name, *company, *person, *street;
        bool sell, bill;
        const char *want; /* "" = none */
    } ROWS[] = {
        {"another person",             "",        "Ann Other", "1 Long Lane", true,  true,  "Ann Other"},
        {"the same at another place",  "",        "Nora New",  "9 Quay",      true,  true,  "Nora New" },
        {"the same",                   "",        "nora  NEW", "1 long lane", true,  true,  ""         },
        {"her company",                "New Ltd", "Nora New",  "1 Long Lane", true,  true,  "New Ltd"  },
        {"no address of its own",      "",        "Ann Other", "9 Quay",      false, true,  ""         },
        {"nobody's name",              "",        "",          "9 Quay",      true,  true,  ""         },
        {"no bill: he is billed, too", "",        "Ann Other", "9 Quay",      true,  false, ""         },
    };
    OWN(arena) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct order order = {
            .customer_first = "",
            .customer_last = "",
            .bill_to = address("", "Nora New", "1 Long Lane"),
            .sell_to = address(ROWS[i].company, ROWS[i].person, ROWS[i].street),
        };
        order.bill_to.present = ROWS[i].bill;
        order.sell_to.present = ROWS[i].sell;
        struct billing billed = billing_of(&order, &SHOP, arena);
        struct billing got = billing_seller(&order, &billed, &SHOP, arena);
        if (strcmp(got.address ? got.name : "", ROWS[i].want) != 0)
            fail_msg("%s: \"%s\"", ROWS[i].name, got.name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bill_says_who_it_is_or_e_mail_does),
        cmocka_unit_test(bills_are_the_same_however_they_are_written),
        cmocka_unit_test(a_seller_is_another_one_than_who_is_billed),
    };
    return cmocka_run_group_tests_name("plan_billing", tests, NULL, NULL);
}
