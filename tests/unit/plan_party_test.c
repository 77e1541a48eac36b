/* plan_party_test.c - what an address is called, by the shop's sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/party.h"

/* clang-format off */
static const struct {
    const char *what;
    enum name_source name, name_2, contact;
    const char *company, *first, *last, *whole; /* of the address */
    const char *want, *want_2, *want_contact;
} NAMES[] = {
    {"a company, and who is there", NAME_COMPANY, NAME_NONE, NAME_FIRST_LAST, "New Ltd", "Nora", "New", "Nora New",
     "New Ltd", "", "Nora New"},
    {"in the other order", NAME_COMPANY, NAME_NONE, NAME_LAST_FIRST, "New Ltd", "Nora", "New", "Nora New",
     "New Ltd", "", "New Nora"},
    {"nobody is to be named", NAME_COMPANY, NAME_NONE, NAME_NONE, "New Ltd", "Nora", "New", "Nora New",
     "New Ltd", "", ""},
    {"no company: the person", NAME_COMPANY, NAME_NONE, NAME_FIRST_LAST, "", "Nora", "New", "Nora New",
     "Nora New", "", ""},
    {"no company: what name 2 is", NAME_COMPANY, NAME_LAST_FIRST, NAME_FIRST_LAST, "", "Nora", "New", "Nora New",
     "New Nora", "", "Nora New"},
    {"both names", NAME_COMPANY, NAME_FIRST_LAST, NAME_FIRST_LAST, "New Ltd", "Nora", "New", "Nora New",
     "New Ltd", "Nora New", "Nora New"},
    {"the person first", NAME_FIRST_LAST, NAME_COMPANY, NAME_FIRST_LAST, "New Ltd", "Nora", "New", "Nora New",
     "Nora New", "New Ltd", ""},
    {"the last name first", NAME_LAST_FIRST, NAME_NONE, NAME_FIRST_LAST, "New Ltd", "Nora", "New", "Nora New",
     "New Nora", "", "Nora New"},
    {"no person: the company", NAME_FIRST_LAST, NAME_NONE, NAME_FIRST_LAST, "New Ltd", "", "", "",
     "New Ltd", "", ""},
    {"a last name alone", NAME_LAST_FIRST, NAME_NONE, NAME_FIRST_LAST, "", "", "New", "New",
     "New", "", ""},
    {"no parts of the name", NAME_LAST_FIRST, NAME_NONE, NAME_FIRST_LAST, "", "", "", "Nora New",
     "Nora New", "", ""},
    {"no name: what name 2 is", NAME_NONE, NAME_FIRST_LAST, NAME_NONE, "New Ltd", "Nora", "New", "Nora New",
     "Nora New", "", ""},
    {"an address that names nobody is the customer's", NAME_COMPANY, NAME_NONE, NAME_FIRST_LAST, "", "", "", "",
     "Ann Other", "", ""},
};
/* clang-format on */

static void names_follow_their_sources(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct order order = {.customer_first = "Ann", .customer_last = "Other"};
    (void)state;
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        const struct shop shop = {.name_source = NAMES[i].name,
                                  .name_2_source = NAMES[i].name_2,
                                  .contact_source = NAMES[i].contact};
        const struct order_address address = {.company = NAMES[i].company,
                                              .first = NAMES[i].first,
                                              .last = NAMES[i].last,
                                              .name = NAMES[i].whole,
                                              .state = "",
                                              .state_name = "",
                                              .present = true};
        struct party_names got = party_names(&order, &address, &shop, arena);
        if (strcmp(got.name, NAMES[i].want) != 0 || strcmp(got.name_2, NAMES[i].want_2) != 0 ||
            strcmp(got.contact, NAMES[i].want_contact) != 0)
            fail_msg("%s: \"%s\", \"%s\", \"%s\"", NAMES[i].what, got.name, got.name_2,
                     got.contact);
    }
}

static void a_county_is_a_code_or_a_name(void **state)
{
    static const struct {
        enum county_source source;
        const char *state, *state_name, *want;
    } ROWS[] = {
        {COUNTY_CODE, "CA", "California", "CA"        },
        {COUNTY_NAME, "CA", "California", "California"},
        {COUNTY_NAME, "CA", "",           "CA"        },
        {COUNTY_CODE, "",   "California", ""          },
    };
    OWN(arena) struct arena *arena = arena_new();
    const struct order order = {.customer_first = "", .customer_last = ""};
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const struct shop shop = {.county_source = ROWS[i].source};
        const struct order_address address = {.company = "",
                                              .first = "",
                                              .last = "",
                                              .name = "",
                                              .state = ROWS[i].state,
                                              .state_name = ROWS[i].state_name,
                                              .present = true};
        assert_string_equal(party_names(&order, &address, &shop, arena).county, ROWS[i].want);
    }
}

/* Spec, orders 2.4: whoever has ordered for a company is not its name. */
static void a_company_whose_address_names_nobody_has_its_own_name(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    struct order order = {
        .customer_first = "Ann", .customer_last = "Other", .company_name = "Adatum"};
    struct order_address address = {
        .company = "", .first = "", .last = "", .name = "", .state = "", .present = true};
    const struct shop shop = {.name_source = NAME_COMPANY, .name_2_source = NAME_FIRST_LAST};
    (void)state;
    struct party_names names = party_names(&order, &address, &shop, arena);
    assert_string_equal(names.name, "Adatum");
    assert_string_equal(names.name_2, "");
    order.company_name = "";
    assert_string_equal(party_names(&order, &address, &shop, arena).name, "Ann Other");
    order.company_name = "Adatum";
    address.company = "Adatum Cardiff";
    assert_string_equal(party_names(&order, &address, &shop, arena).name, "Adatum Cardiff");
}

static void an_address_that_is_not_there_has_no_name(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct order order = {.customer_first = "Ann", .customer_last = "Other"};
    const struct order_address address = {.state = ""};
    const struct shop shop = {.name_source = NAME_COMPANY};
    (void)state;
    assert_string_equal(party_names(&order, &address, &shop, arena).name, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_their_sources),
        cmocka_unit_test(a_county_is_a_code_or_a_name),
        cmocka_unit_test(a_company_whose_address_names_nobody_has_its_own_name),
        cmocka_unit_test(an_address_that_is_not_there_has_no_name),
    };
    return cmocka_run_group_tests_name("plan_party", tests, NULL, NULL);
}
