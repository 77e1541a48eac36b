/* companies_add_test.c - companies.add between both simulated peers: a customer becomes a company
 * with its location, its main contact and his role, once, whatever happens on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/house.h"

#define TERMS ",\"payment_terms\":{\"Net 15\":\"14 DAYS\"}"

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", TERMS);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static char *arguments(const char *number)
{
    return mem_printf("{\"shop\":\"DEMO\",\"customer_no\":\"%s\"}", number);
}

static struct counts add(struct house *house, const char *number)
{
    OWN_TEXT char *text = arguments(number);
    house_later(house);
    return house_good(house, "companies.add", text);
}

static char *add_card(struct house *house, const char *number, const char *name, const char *more)
{
    OWN_TEXT char *body = mem_printf("{\"number\":\"%s\",\"displayName\":\"%s\",\"addressLine1\":"
                                     "\"1 Dock Road\",\"city\":\"London\",\"country\":\"GB\"%s}",
                                     number, name, more);
    OWN_JSON json *made = house_ask(house, "bc", "POST", "customers", body);
    if (!*json_text(made, "id"))
        fail_msg("customer %s: %s", number, json_write(made));
    return mem_text(json_text(made, "id"));
}

static json *company(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("companies/%s", number);
    return house_ask(house, "shopify", "GET", path, NULL);
}

static char *owner(struct house *house, const char *erp_id)
{
    struct err err;
    OWN_TEXT char *key = mem_printf("erp-company:DEMO:%s", erp_id);
    const char *const keys[] = {key};
    OWN_IDS struct store_ids found = {0};
    assert_true(store_values(house->ledger, HOUSE_COMPANY, keys, 1, &found, &err));
    return mem_text(found.items[0]);
}

static void expect_whole(struct house *house, const char *number, const char *email)
{
    OWN_JSON json *now = company(house, number);
    const json *place = json_path(now, "locations.0");
    assert_string_equal(json_text(now, "externalId"), number);
    assert_string_equal(json_text(json_get(now, "mainContact"), "email"), email);
    assert_string_equal(json_text(json_path(place, "roles.0"), "role"), "Ordering only");
    assert_string_equal(json_text(json_get(place, "billingAddress"), "address1"), "1 Dock Road");
}

static void a_customer_becomes_a_company_once(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = add_card(house, "CA01", "Added Ltd",
                                 ",\"email\":\"ca01@example.com;more@example.com\","
                                 "\"taxRegistrationNumber\":\"GB200000001\"");
    struct counts counts = add(house, "CA01");
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.skipped, 0);
    expect_whole(house, "CA01", "ca01@example.com");
    OWN_JSON json *now = company(house, "CA01");
    assert_string_equal(json_text(now, "name"), "Added Ltd");
    assert_string_equal(json_text(json_path(now, "locations.0"), "taxRegistrationId"),
                        "GB200000001");
    assert_string_equal(json_text(json_path(now, "locations.0"), "terms"), "");
    OWN_TEXT char *owned = owner(house, id);
    assert_string_equal(owned, json_text(now, "id"));
    counts = add(house, "CA01");
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
    house_put_shop(house, "DEMO", TERMS ",\"company_import\":\"all\"");
    house_good(house, "companies.sync", "{\"shop\":\"DEMO\"}");
    OWN_TEXT char *key = mem_printf("company:%s", owned);
    OWN_TEXT char *number = house_field(house, key, "number");
    assert_string_equal(number, "CA01"); /* and does not come back as another one */
}

static void a_customer_of_the_store_becomes_the_contact(void **state)
{
    struct house *house = *state;
    house_tell(house, "shopify", "customers",
               "{\"id\":\"7390000000901\",\"firstName\":\"Al\",\"lastName\":\"Ready\",\"email\":"
               "\"ca02@example.com\",\"phone\":null,\"addresses\":[]}");
    free(add_card(house, "CA02", "Known Ltd", ",\"email\":\"ca02@example.com\""));
    struct counts counts = add(house, "CA02");
    assert_int_equal(counts.created, 1);
    expect_whole(house, "CA02", "ca02@example.com");
    OWN_JSON json *now = company(house, "CA02");
    assert_string_equal(json_text(json_get(now, "mainContact"), "customer"), "7390000000901");
}

static void whatever_gets_lost_is_gone_on_with_and_nothing_is_twice(void **state)
{
    static const char *const STEPS[] = {"CompanyCreate", "CompanyContactAssign",
                                        "CompanyMainContact", "CompanyContactRoles"};
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        OWN_TEXT char *number = mem_printf("CB%02zu", i);
        OWN_TEXT char *email = mem_printf("cb%02zu@example.com", i);
        OWN_TEXT char *shopper =
            mem_printf("{\"id\":\"73900000009%02zu\",\"firstName\":\"S\",\"lastName\":\"T\","
                       "\"email\":\"%s\",\"phone\":null,\"addresses\":[]}",
                       i + 10, email);
        OWN_TEXT char *more = mem_printf(",\"email\":\"%s\"", email);
        if (i > 0) /* else the create makes its contact, too */
            house_tell(house, "shopify", "customers", shopper);
        free(add_card(house, number, "Lost Ltd", more));
        OWN_TEXT char *rule = mem_printf("{\"operation\":\"%s\"}", STEPS[i]);
        peers_fault(house->peers, "shopify", rule, 1, "{\"kind\":\"reset_after\"}");
        struct counts counts = add(house, number);
        assert_int_equal(counts.skipped, 1);
        add(house, number);
        expect_whole(house, number, email);
        OWN_JSON json *now = company(house, number);
        assert_int_equal(json_count(json_get(now, "locations")), 1);
        assert_int_equal(json_count(json_get(now, "contacts")), 1);
        OWN_TEXT char *reason = house_reason(house, number);
        assert_string_equal(reason, "");
        counts = add(house, number);
        assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
    }
}

static void one_who_cannot_be_added_does_not_stop_the_next(void **state)
{
    struct house *house = *state;
    house_tell(
        house, "shopify", "companies",
        "{\"name\":\"Someone Else\",\"externalId\":\"CC03\",\"contact\":{\"email\":"
        "\"cc09@example.com\"},\"locations\":[{\"address\":{\"address1\":\"9 Road\",\"city\":"
        "\"York\"}}]}");
    free(add_card(house, "CC09", "Owner Ltd", ",\"email\":\"cc09@example.com\""));
    free(add_card(house, "CC01", "No Mail Ltd", ""));
    free(add_card(house, "CC02", "Blocked Ltd",
                  ",\"email\":\"cc02@example.com\",\"blocked\":\"All\""));
    free(add_card(house, "CC03", "Taken Ltd", ",\"email\":\"cc03@example.com\""));
    free(add_card(house, "CC04", "Good Ltd", ",\"email\":\"cc04@example.com\""));
    house_put_shop(house, "DEMO", TERMS ",\"company_import\":\"all\"");
    house_later(house);
    house_good(house, "companies.sync", "{\"shop\":\"DEMO\"}");
    struct counts counts = add(house, "CC01..CC04");
    OWN_TEXT char *no_mail = house_reason(house, "CC01"), *blocked = house_reason(house, "CC02");
    OWN_TEXT char *taken = house_reason(house, "CC03");
    assert_string_equal(taken, "company-taken");
    assert_string_equal(no_mail, "customer-no-email");
    assert_string_equal(blocked, "customer-not-offered");
    assert_int_equal(counts.created, 1);
    expect_whole(house, "CC04", "cc04@example.com");
}

static void the_contact_has_the_role_of_the_setting(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CD01", "Admin Ltd", ",\"email\":\"cd01@example.com\""));
    free(add_card(house, "CD02", "None Ltd", ",\"email\":\"cd02@example.com\""));
    house_put_shop(house, "DEMO", TERMS ",\"contact_role\":\"location-admin\"");
    add(house, "CD01");
    OWN_JSON json *admin = company(house, "CD01");
    assert_string_equal(json_text(json_path(admin, "locations.0.roles.0"), "role"),
                        "Location admin");
    house_put_shop(house, "DEMO", TERMS ",\"contact_role\":\"none\"");
    add(house, "CD02");
    OWN_JSON json *none = company(house, "CD02");
    assert_int_equal(json_count(json_path(none, "locations.0.roles")), 0);
    assert_string_equal(json_text(json_get(none, "mainContact"), "email"), "cd02@example.com");
    house_put_shop(house, "DEMO", TERMS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_customer_becomes_a_company_once),
        cmocka_unit_test(a_customer_of_the_store_becomes_the_contact),
        cmocka_unit_test(whatever_gets_lost_is_gone_on_with_and_nothing_is_twice),
        cmocka_unit_test(one_who_cannot_be_added_does_not_stop_the_next),
        cmocka_unit_test(the_contact_has_the_role_of_the_setting),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
