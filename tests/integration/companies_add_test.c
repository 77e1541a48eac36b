/* companies_add_test.c - companies.add and companies.add-locations between both simulated peers: a
 * customer becomes a company with its location, its main contact and his role, or a location of a
 * company with its own contact, once, whatever happens on the way.
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

static void a_country_chooses_the_customers(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CZ01", "Here Ltd", ",\"email\":\"cz01@example.com\""));
    free(add_card(house, "CZ02", "There Ltd", ",\"email\":\"cz02@example.com\""));
    house_tell(house, "bc", "customers/CZ02", "{\"country\":\"IE\"}");
    house_later(house);
    struct counts counts =
        house_good(house, "companies.add",
                   "{\"shop\":\"DEMO\",\"customer_no\":\"CZ0*\",\"customer_country\":\"IE\"}");
    assert_int_equal(counts.created, 1);
    OWN_JSON json *made = company(house, "CZ02");
    assert_string_equal(json_text(made, "name"), "There Ltd");
    assert_int_equal(add(house, "CZ0*").created, 1); /* the other one */
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

/* ---- catalogs ---- */

static json *catalogs(struct house *house)
{
    return house_ask(house, "shopify", "GET", "catalogs", NULL);
}

/* How many catalogs have this title, each for one location and with a price list in pounds. */
static int whole_catalogs(struct house *house, const char *title)
{
    OWN_JSON json *all = catalogs(house);
    int found = 0;
    for (size_t i = 0; i < json_count(all); i++) {
        const json *catalog = json_at(all, i);
        if (strcmp(json_text(catalog, "title"), title) != 0)
            continue;
        assert_string_equal(json_text(json_get(catalog, "priceList"), "currency"), "GBP");
        assert_int_equal(json_count(json_get(catalog, "contexts")), 1);
        found++;
    }
    return found;
}

static void a_company_gets_a_catalog_where_the_shop_says_so(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CH00", "No Catalog", ",\"email\":\"ch00@example.com\""));
    free(add_card(house, "CH01", "Same Name", ",\"email\":\"ch01@example.com\""));
    free(add_card(house, "CH02", "Same Name", ",\"email\":\"ch02@example.com\""));
    add(house, "CH00");
    assert_int_equal(whole_catalogs(house, "No Catalog"), 0);
    house_put_shop(house, "DEMO", TERMS ",\"auto_create_catalog\":true");
    assert_int_equal(add(house, "CH01|CH02").created, 2);
    assert_int_equal(whole_catalogs(house, "Same Name"),
                     2); /* their price lists have other names */
    assert_int_equal(add(house, "CH01|CH02").skipped, 0);
    assert_int_equal(whole_catalogs(house, "Same Name"), 2);
    house_put_shop(house, "DEMO", TERMS);
}

static void a_catalog_that_gets_lost_is_gone_on_with(void **state)
{
    static const char *const STEPS[] = {"CatalogCreate", "PriceListCreate"};
    struct house *house = *state;
    house_put_shop(house, "DEMO", TERMS ",\"auto_create_catalog\":true");
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        OWN_TEXT char *number = mem_printf("CI%02zu", i);
        OWN_TEXT char *name = mem_printf("Lost Catalog %zu", i);
        OWN_TEXT char *more = mem_printf(",\"email\":\"ci%02zu@example.com\"", i);
        OWN_TEXT char *rule = mem_printf("{\"operation\":\"%s\"}", STEPS[i]);
        free(add_card(house, number, name, more));
        peers_fault(house->peers, "shopify", rule, 1, "{\"kind\":\"reset_after\"}");
        assert_int_equal(add(house, number).skipped, 1);
        assert_int_equal(add(house, number).updated, 1);
        assert_int_equal(whole_catalogs(house, name), 1);
        OWN_TEXT char *reason = house_reason(house, number);
        assert_string_equal(reason, "");
    }
    house_put_shop(house, "DEMO", TERMS);
}

/* What the plan does not have is the shop's skip, and the company is whole without it. */
/* A sync finds the half of it by the e-mail address of its contact, and links it. */
static void whoever_is_linked_half_added_is_gone_on_with(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CN01", "Half Ltd", ",\"email\":\"cn01@example.com\""));
    house_put_shop(house, "DEMO", TERMS ",\"company_import\":\"all\",\"auto_create_catalog\":true");
    peers_fault(house->peers, "shopify", "{\"operation\":\"CompanyContactRoles\"}", 1,
                "{\"kind\":\"reset_before\"}");
    add(house, "CN01");
    house_later(house);
    house_good(house, "companies.sync", "{\"shop\":\"DEMO\"}");
    OWN_JSON json *half = company(house, "CN01");
    OWN_TEXT char *key = mem_printf("company:%s", json_text(half, "id"));
    OWN_TEXT char *linked = house_field(house, key, "number");
    assert_string_equal(linked, "CN01");
    assert_int_equal(json_count(json_path(half, "locations.0.roles")), 0);
    add(house, "CN01");
    expect_whole(house, "CN01", "cn01@example.com");
    assert_int_equal(whole_catalogs(house, "Half Ltd"), 1);
    int64_t calls = peers_calls(house->peers, "shopify", NULL);
    add(house, "CN01");
    assert_int_equal(peers_calls(house->peers, "shopify", NULL), calls);
    house_put_shop(house, "DEMO", TERMS);
}

static void a_plan_without_catalogs_adds_the_company(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CJ01", "Basic Ltd", ",\"email\":\"cj01@example.com\""));
    free(add_card(house, "CJ02", "Later Ltd", ",\"email\":\"cj02@example.com\""));
    house_put_shop(house, "DEMO", TERMS ",\"auto_create_catalog\":true");
    house_tell(house, "shopify", "plan", "{\"plan\":\"basic\"}");
    /* What is believed of the plan is older than that: the create is refused. */
    struct counts counts = add(house, "CJ01");
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.skipped, 1);
    OWN_TEXT char *reason = house_field(house, "skip:plan-company_catalogs-DEMO", "reason");
    assert_string_equal(reason, "plan");
    expect_whole(house, "CJ01", "cj01@example.com");
    counts = add(house, "CJ02"); /* now it is asked for, and nothing is tried */
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(whole_catalogs(house, "Later Ltd"), 0);
    house_tell(house, "shopify", "plan", "{\"plan\":\"plus\"}");
    /* After an upgrade the next run gives them what they lack, once, and makes nothing else. */
    counts = add(house, "CJ01|CJ02");
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 2);
    assert_int_equal(counts.skipped, 0);
    assert_int_equal(whole_catalogs(house, "Basic Ltd"), 1);
    assert_int_equal(whole_catalogs(house, "Later Ltd"), 1);
    expect_whole(house, "CJ01", "cj01@example.com");
    assert_int_equal(add(house, "CJ01|CJ02").updated, 0);
    assert_int_equal(whole_catalogs(house, "Basic Ltd"), 1);
    house_put_shop(house, "DEMO", TERMS);
}

static void grow_and_advanced_have_none_either(void **state)
{
    static const char *const PLANS[] = {"grow", "advanced"};
    struct house *house = *state;
    house_put_shop(house, "DEMO", TERMS ",\"auto_create_catalog\":true");
    for (size_t i = 0; i < COUNT(PLANS); i++) {
        OWN_TEXT char *number = mem_printf("CK0%zu", i);
        OWN_TEXT char *name = mem_printf("Of %s Ltd", PLANS[i]);
        OWN_TEXT char *more = mem_printf(",\"email\":\"ck0%zu@example.com\"", i);
        OWN_TEXT char *plan = mem_printf("{\"plan\":\"%s\"}", PLANS[i]);
        free(add_card(house, number, name, more));
        house_tell(house, "shopify", "plan", plan);
        struct counts counts = add(house, number);
        assert_int_equal(counts.created, 1);
        assert_int_equal(counts.skipped, 1);
        assert_int_equal(whole_catalogs(house, name), 0);
        house_tell(house, "shopify", "plan", "{\"plan\":\"plus\"}");
        assert_int_equal(add(house, number).updated, 1);
        assert_int_equal(whole_catalogs(house, name), 1);
    }
    house_put_shop(house, "DEMO", TERMS);
}

/* ---- locations ---- */

static struct counts add_places(struct house *house, const char *firm, const char *more)
{
    OWN_TEXT char *text = mem_printf("{\"shop\":\"DEMO\",\"company\":\"%s\",%s}", firm, more);
    house_later(house);
    return house_good(house, "companies.add-locations", text);
}

/* The company of the store that the locations are to belong to. */
static json *add_parent(struct house *house, const char *number, const char *email)
{
    OWN_TEXT char *more = mem_printf(",\"email\":\"%s\"", email);
    free(add_card(house, number, "Parent Ltd", more));
    add(house, number);
    return company(house, number);
}

static const json *place_of(const json *company, const char *number)
{
    const json *places = json_get(company, "locations");
    for (size_t i = 0; i < json_count(places); i++)
        if (strcmp(json_text(json_at(places, i), "externalId"), number) == 0)
            return json_at(places, i);
    return NULL;
}

static void expect_skip(struct house *house, const char *record, const char *reason)
{
    OWN_TEXT char *got = house_reason(house, record);
    assert_string_equal(reason, got);
}

static void a_customer_becomes_a_location_of_the_company_once(void **state)
{
    struct house *house = *state;
    json_free(add_parent(house, "CE00", "ce00@example.com"));
    OWN_TEXT char *id = add_card(house, "CE01", "Branch Ltd",
                                 ",\"email\":\"ce01@example.com\",\"taxRegistrationNumber\":"
                                 "\"GB200000002\"");
    free(add_card(house, "CE02", "Other country", ",\"email\":\"ce02@example.com\""));
    house_tell(house, "bc", "customers/CE02", "{\"country\":\"IE\"}");
    house_tell(house, "shopify", "customers",
               "{\"id\":\"7390000000951\",\"firstName\":\"Al\",\"lastName\":\"Ready\",\"email\":"
               "\"ce02@example.com\",\"phone\":null,\"addresses\":[]}");
    struct counts counts =
        add_places(house, "CE00", "\"customer_no\":\"CE0*\",\"customer_country\":\"GB\"");
    assert_int_equal(counts.created, 1);
    expect_skip(house, "CE00", "customer-elsewhere"); /* it is the company */
    OWN_JSON json *now = company(house, "CE00");
    const json *place = place_of(now, "CE01");
    assert_string_equal(json_text(place, "name"), "1 Dock Road");
    assert_string_equal(json_text(place, "taxRegistrationId"), "GB200000002");
    assert_string_equal(json_text(json_get(place, "billingAddress"), "recipient"), "Branch Ltd");
    assert_string_equal(json_text(json_path(place, "roles.0"), "email"), "ce01@example.com");
    assert_string_equal(json_text(json_path(place, "roles.0"), "role"), "Ordering only");
    assert_string_equal(json_text(json_get(now, "mainContact"), "email"), "ce00@example.com");
    assert_null(place_of(now, "CE02"));
    OWN_TEXT char *record = mem_printf("company-location:%s", json_text(place, "id"));
    OWN_TEXT char *owner_id = house_field(house, record, "erp_id");
    assert_string_equal(owner_id, id); /* what orders of the location are sold to */
    /* By Shopify's number, and to whom the contact is known already. */
    counts = add_places(house, json_text(now, "id"), "\"customer_no\":\"CE01|CE02\"");
    assert_int_equal(counts.created, 1);
    OWN_JSON json *then = company(house, "CE00");
    assert_int_equal(json_count(json_get(then, "locations")), 3);
    assert_string_equal(json_text(json_path(place_of(then, "CE02"), "roles.0"), "email"),
                        "ce02@example.com");
    int64_t calls = peers_calls(house->peers, "shopify", NULL);
    counts = add_places(house, "CE00", "\"customer_no\":\"CE01|CE02\"");
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", NULL), calls);
    /* And they do not become companies, nor locations of another one. */
    counts = add(house, "CE01");
    assert_int_equal(counts.created, 0);
    expect_skip(house, "CE01", "customer-elsewhere");
    json_free(add_parent(house, "CE09", "ce09@example.com"));
    counts = add_places(house, "CE09", "\"customer_no\":\"CE02\"");
    assert_int_equal(counts.created, 0);
    expect_skip(house, "CE02", "customer-elsewhere");
}

static void what_gets_lost_of_a_location_is_gone_on_with(void **state)
{
    static const char *const STEPS[] = {"CompanyLocationCreate", "CompanyContactCreate",
                                        "CompanyContactAssign", "CompanyContactRoles"};
    struct house *house = *state;
    json_free(add_parent(house, "CF99", "cf99@example.com"));
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        OWN_TEXT char *number = mem_printf("CF%02zu", i);
        OWN_TEXT char *email = mem_printf("cf%02zu@example.com", i);
        OWN_TEXT char *more = mem_printf(",\"email\":\"%s\"", email);
        OWN_TEXT char *shopper =
            mem_printf("{\"id\":\"73900000019%02zu\",\"firstName\":\"S\",\"lastName\":\"T\","
                       "\"email\":\"%s\",\"phone\":null,\"addresses\":[]}",
                       i + 10, email);
        OWN_TEXT char *which = mem_printf("\"customer_no\":\"%s\"", number);
        if (i == 2)
            house_tell(house, "shopify", "customers", shopper);
        free(add_card(house, number, "Lost Branch", more));
        OWN_TEXT char *rule = mem_printf("{\"operation\":\"%s\"}", STEPS[i]);
        peers_fault(house->peers, "shopify", rule, 1, "{\"kind\":\"reset_after\"}");
        assert_int_equal(add_places(house, "CF99", which).skipped, 1);
        add_places(house, "CF99", which);
        expect_skip(house, number, "");
        OWN_JSON json *now = company(house, "CF99");
        assert_string_equal(json_text(json_path(place_of(now, number), "roles.0"), "email"), email);
        assert_int_equal(json_count(json_get(now, "locations")), i + 2);
        assert_int_equal(json_count(json_get(now, "contacts")), i + 2);
    }
}

static void a_location_without_a_company_waits_with_its_reason(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CG00", "Not yet Ltd", ",\"email\":\"cg00@example.com\""));
    free(add_card(house, "CG01", "Branch Ltd", ",\"email\":\"cg01@example.com\""));
    free(add_card(house, "CG02", "No Mail Ltd", ""));
    add_places(house, "CG00", "\"customer_no\":\"CG01|CG02\"");
    expect_skip(house, "CG01", "parent-no-company");
    expect_skip(house, "CG02", "customer-no-email");
    add(house, "CG00");
    assert_int_equal(add_places(house, "CG00", "\"customer_no\":\"CG01|CG02\"").created, 1);
    expect_skip(house, "CG01", "");
    /* A company, or a customer, that nobody knows is said so at once. */
    struct ran ran =
        house_run(house, "companies.add-locations",
                  "{\"shop\":\"DEMO\",\"company\":\"NOBODY\",\"customer_no\":\"CG02\"}");
    assert_false(ran.ok);
    assert_non_null(strstr(ran.err.text, "there is no customer NOBODY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_customer_becomes_a_company_once),
        cmocka_unit_test(a_country_chooses_the_customers),
        cmocka_unit_test(a_customer_of_the_store_becomes_the_contact),
        cmocka_unit_test(whatever_gets_lost_is_gone_on_with_and_nothing_is_twice),
        cmocka_unit_test(whoever_is_linked_half_added_is_gone_on_with),
        cmocka_unit_test(one_who_cannot_be_added_does_not_stop_the_next),
        cmocka_unit_test(the_contact_has_the_role_of_the_setting),
        cmocka_unit_test(a_company_gets_a_catalog_where_the_shop_says_so),
        cmocka_unit_test(a_catalog_that_gets_lost_is_gone_on_with),
        cmocka_unit_test(a_plan_without_catalogs_adds_the_company),
        cmocka_unit_test(grow_and_advanced_have_none_either),
        cmocka_unit_test(a_customer_becomes_a_location_of_the_company_once),
        cmocka_unit_test(what_gets_lost_of_a_location_is_gone_on_with),
        cmocka_unit_test(a_location_without_a_company_waits_with_its_reason),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
