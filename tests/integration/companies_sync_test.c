/* companies_sync_test.c - companies.sync between both simulated peers: found, linked, made, changed
 * in one direction, once, whatever happens on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/house.h"

#define ALL                                                                                        \
    ",\"company_import\":\"all\",\"payment_terms\":{\"Net 15\":\"14 DAYS\",\"Net 30\":\"1M(8D)\"}"
#define MAKES ALL ",\"auto_create_companies\":true"
#define ERP_WRITES ALL ",\"can_update_shopify_companies\":true"
#define SHOPIFY_WRITES ALL ",\"shopify_can_update_companies\":true"
static const char SHOP[] = "{\"shop\":\"DEMO\"}";

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ALL);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static struct counts sync_as(struct house *house, const char *settings)
{
    house_later(house);
    house_put_shop(house, "DEMO", settings);
    return house_good(house, "companies.sync", SHOP);
}

/* The companies of the world are made there, so that each test sees its own alone. */
static int settle(void **state)
{
    sync_as(*state, MAKES);
    return 0;
}

/* ---- companies and their cards ---- */

/* `more`: further members, `place`: members of its one location. */
static char *add_firm(struct house *house, const char *name, const char *more, const char *place)
{
    OWN_TEXT char *body =
        mem_printf("{\"name\":\"%s\"%s,\"locations\":[{\"name\":\"Main\",\"address\":{\"address1\":"
                   "\"1 Dock Road\",\"city\":\"London\",\"zip\":\"E16 1AA\"}%s}]}",
                   name, more, place);
    OWN_JSON json *made = house_ask(house, "shopify", "POST", "companies", body);
    if (!*json_text(made, "id"))
        fail_msg("company %s: %s", name, json_write(made));
    return mem_text(json_text(made, "id"));
}

static char *add_card(struct house *house, const char *number, const char *name, const char *more)
{
    OWN_TEXT char *body =
        mem_printf("{\"number\":\"%s\",\"displayName\":\"%s\"%s}", number, name, more);
    OWN_JSON json *made = house_ask(house, "bc", "POST", "customers", body);
    if (!*json_text(made, "id"))
        fail_msg("customer %s: %s", number, json_write(made));
    return mem_text(json_text(made, "id"));
}

static void edit_firm(struct house *house, const char *id, const char *body)
{
    OWN_TEXT char *path = mem_printf("companies/%s", id);
    house_tell(house, "shopify", path, body);
}

static void edit_place(struct house *house, const char *id, const char *body)
{
    OWN_TEXT char *path = mem_printf("companies/%s/locations/Main", id);
    house_tell(house, "shopify", path, body);
}

static json *card(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("customers/%s", number);
    return house_ask(house, "bc", "GET", path, NULL);
}

static void expect_card(struct house *house, const char *number, const char *field,
                        const char *text)
{
    OWN_JSON json *now = card(house, number);
    assert_string_equal(json_text(now, field), text);
}

static char *linked(struct house *house, const char *id)
{
    OWN_TEXT char *key = mem_printf("company:%s", id);
    return house_field(house, key, "number");
}

static void expect_number(struct house *house, const char *id, const char *number)
{
    OWN_TEXT char *now = linked(house, id);
    assert_string_equal(now, number);
}

static int64_t unmapped(struct house *house)
{
    struct err err;
    json *rows = NULL;
    assert_true(store_unmapped(house->ledger, HOUSE_COMPANY, "DEMO", MAPPING_COMPANY, NULL,
                               STORE_PAGE, &rows, NULL, &err));
    int64_t count = (int64_t)json_count(rows);
    json_free(rows);
    return count;
}

static char *terms_of(struct house *house, const char *number)
{
    OWN_JSON json *now = card(house, number);
    return mem_text(json_text(now, "paymentTermsId"));
}

/* ---- found ---- */

static void the_contacts_e_mail_finds_the_customer_and_nothing_is_written(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO01", "One Ltd", ",\"email\":\"Buyer.One@Example.com\""));
    OWN_TEXT char *id =
        add_firm(house, "Firm One", ",\"contact\":{\"email\":\"buyer.one@example.com\"}", "");
    struct counts counts = sync_as(house, ALL);
    assert_int_equal(counts.created + counts.updated, 0);
    expect_number(house, id, "CO01");
    expect_card(house, "CO01", "displayName", "One Ltd");
    counts = sync_as(house, ALL);
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
}

static void the_phone_is_tried_only_where_there_is_no_e_mail(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO02", "Two Ltd", ",\"phoneNumber\":\"0117 900 5202\""));
    OWN_TEXT char *mail = add_firm(
        house, "Firm Mail",
        ",\"contact\":{\"email\":\"nobody.two@example.com\",\"phone\":\"+441179005202\"}", "");
    sync_as(house, ALL);
    expect_number(house, mail, "");
    assert_int_equal(unmapped(house), 1);
    edit_firm(house, mail,
              "{\"contact\":{\"lastName\":\"Phone\",\"phone\":\"+44 117 9005 202 0\"}}");
    house_tell(house, "bc", "customers/CO02", "{\"phoneNumber\":\"0117 900 52020\"}");
    sync_as(house, ALL);
    expect_number(house, mail, "CO02");
    assert_int_equal(unmapped(house), 0);
}

static void by_tax_number_alone_and_never_a_guess(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO03", "Three Ltd", ",\"taxRegistrationNumber\":\"GB100000003\""));
    free(add_card(house, "CO04", "Four Ltd",
                  ",\"taxRegistrationNumber\":\"GB100000004\",\"email\":\"five@example.com\""));
    free(add_card(house, "CO05", "Four Branch", ",\"taxRegistrationNumber\":\"GB100000004\""));
    OWN_TEXT char *three =
        add_firm(house, "Firm Three", ",\"contact\":{\"email\":\"3@example.com\"}",
                 ",\"taxRegistrationId\":\"GB100000003\"");
    OWN_TEXT char *four = add_firm(house, "Firm Four", ",\"contact\":{\"email\":\"4@example.com\"}",
                                   ",\"taxRegistrationId\":\"GB100000004\"");
    OWN_TEXT char *five =
        add_firm(house, "Firm Five", ",\"contact\":{\"email\":\"five@example.com\"}", "");
    sync_as(house, ALL ",\"company_mapping\":\"tax-id\"");
    expect_number(house, three, "CO03");
    expect_number(house, four, ""); /* two have it */
    expect_number(house, five, ""); /* its e-mail does not count */
    assert_int_equal(unmapped(house), 2);
    OWN_TEXT char *key = mem_printf("company:%s", four);
    OWN_TEXT char *why = house_field(house, key, "reason");
    assert_non_null(strstr(why, "several customers"));
    bool changed = false;
    struct err err;
    assert_true(
        store_map(house->ledger, HOUSE_COMPANY, MAPPING_COMPANY, four, "CO04", &changed, &err));
    assert_true(
        store_map(house->ledger, HOUSE_COMPANY, MAPPING_COMPANY, five, "CO05", &changed, &err));
    sync_as(house, ALL ",\"company_mapping\":\"tax-id\"");
    expect_number(house, four, "CO04");
    expect_number(house, five, "CO05");
    assert_int_equal(unmapped(house), 0);
}

static void all_go_to_the_default_company_which_none_of_them_changes(void **state)
{
    static const char DEFAULT[] =
        SHOPIFY_WRITES ",\"company_mapping\":\"default\",\"default_company\":\"CO06\"";
    struct house *house = *state;
    free(add_card(house, "CO06", "All Companies", ""));
    OWN_TEXT char *six =
        add_firm(house, "Firm Six", ",\"contact\":{\"email\":\"6@example.com\"}", "");
    OWN_TEXT char *seven =
        add_firm(house, "Firm Seven", ",\"contact\":{\"email\":\"7@example.com\"}", "");
    sync_as(house, DEFAULT);
    expect_number(house, six, "CO06");
    expect_number(house, seven, "CO06");
    edit_firm(house, six, "{\"name\":\"Firm Sixty\"}");
    struct counts counts = sync_as(house, DEFAULT);
    assert_int_equal(counts.updated + counts.skipped, 0);
    expect_card(house, "CO06", "displayName", "All Companies");
}

static void a_company_that_nobody_orders_for_stops_no_other(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO08", "Eight Ltd", ",\"email\":\"8@example.com\""));
    OWN_TEXT char *alone = add_firm(house, "Firm Alone", "", "");
    house_tell(house, "shopify", "companies",
               "{\"name\":\"Firm Nowhere\",\"contact\":{\"email\":\"n@example.com\"}}");
    OWN_TEXT char *eight =
        add_firm(house, "Firm Eight", ",\"contact\":{\"email\":\"8@example.com\"}", "");
    sync_as(house, ALL);
    OWN_TEXT char *no_contact = house_reason(house, "Firm Alone");
    OWN_TEXT char *no_address = house_reason(house, "Firm Nowhere");
    assert_string_equal(no_contact, "company-no-contact");
    assert_string_equal(no_address, "company-no-address");
    expect_number(house, eight, "CO08");
    free(add_card(house, "CO09", "Alone Ltd", ",\"email\":\"alone@example.com\""));
    edit_firm(house, alone, "{\"contact\":{\"email\":\"alone@example.com\"}}");
    sync_as(house, ALL);
    expect_number(house, alone, "CO09");
    OWN_TEXT char *cured = house_reason(house, "Firm Alone");
    assert_string_equal(cured, "");
}

/* ---- made ---- */

static void an_unknown_company_is_made_once_with_terms_and_tax_number(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = add_firm(
        house, "Made Ltd", ",\"contact\":{\"email\":\"made.co@example.com\",\"lastName\":\"M\"}",
        ",\"terms\":\"Net 15\",\"taxRegistrationId\":\"GB100000010\",\"phone\":\"+442079005510\"");
    sync_as(house, ALL);
    expect_number(house, id, "");
    struct counts counts =
        sync_as(house, MAKES); /* the setting is another: it is looked at again */
    assert_true(counts.created >= 1);
    OWN_TEXT char *number = linked(house, id);
    OWN_JSON json *made = card(house, number);
    static const char *const WANTED[][2] = {
        {"displayName",           "Made Ltd"           },
        {"type",                  "Company"            },
        {"email",                 "made.co@example.com"},
        {"addressLine1",          "1 Dock Road"        },
        {"city",                  "London"             },
        {"country",               "GB"                 },
        {"phoneNumber",           "+442079005510"      },
        {"taxRegistrationNumber", "GB100000010"        }
    };
    for (size_t i = 0; i < COUNT(WANTED); i++)
        assert_string_equal(json_text(made, WANTED[i][0]), WANTED[i][1]);
    assert_true(*json_text(made, "paymentTermsId"));
    counts = sync_as(house, MAKES);
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
}

static void a_lost_answer_makes_no_second_customer(void **state)
{
    struct house *house = *state;
    sync_as(house, MAKES);
    OWN_TEXT char *id =
        add_firm(house, "Lost Ltd", ",\"contact\":{\"email\":\"lost.co@example.com\"}", "");
    house_later(house);
    int64_t before = peers_calls(house->peers, "bc", "POST customers");
    peers_fault(house->peers, "bc", "{\"path\":\"/customers\",\"method\":\"POST\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "companies.sync", SHOP);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    sync_as(house, MAKES);
    OWN_TEXT char *number = linked(house, id);
    assert_true(*number);
    assert_int_equal(peers_calls(house->peers, "bc", "POST customers"), before + 1);
}

static void one_that_is_refused_stops_no_other_and_no_time_passes_it(void **state)
{
    struct house *house = *state;
    sync_as(house, MAKES);
    OWN_TEXT char *bad =
        add_firm(house, "Bad Ltd", ",\"contact\":{\"email\":\"bad.co@example.com\"}",
                 ",\"taxRegistrationId\":\"A number that is longer than 20\"");
    OWN_TEXT char *good =
        add_firm(house, "Good Ltd", ",\"contact\":{\"email\":\"good.co@example.com\"}", "");
    sync_as(house, MAKES);
    OWN_TEXT char *made = linked(house, good);
    assert_true(*made);
    expect_number(house, bad, "");
    assert_int_equal(unmapped(house), 1);
    edit_place(house, bad, "{\"taxRegistrationId\":\"GB100000011\"}");
    sync_as(house, MAKES);
    OWN_TEXT char *cured = linked(house, bad);
    assert_true(*cured);
    assert_int_equal(unmapped(house), 0);
}

/* ---- changed at Shopify ---- */

static void a_change_at_shopify_goes_there_and_only_what_differs(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO20", "Twenty Ltd",
                  ",\"email\":\"20@example.com\",\"type\":\"Company\""));
    OWN_TEXT char *id = add_firm(house, "Twenty Ltd", ",\"contact\":{\"email\":\"20@example.com\"}",
                                 ",\"terms\":\"Net 30\",\"taxRegistrationId\":\"GB100000020\"");
    sync_as(house, SHOPIFY_WRITES);
    expect_card(house, "CO20", "taxRegistrationNumber", "GB100000020");
    expect_card(house, "CO20", "addressLine1", "1 Dock Road");
    OWN_TEXT char *terms = terms_of(house, "CO20");
    assert_true(*terms);
    /* A location alone, by which no time of its company moves. */
    edit_place(house, id, "{\"address\":{\"address1\":\"20 New Road\"},\"terms\":\"Net 15\"}");
    struct counts counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.updated, 1);
    expect_card(house, "CO20", "addressLine1", "20 New Road");
    OWN_TEXT char *other = terms_of(house, "CO20");
    assert_string_not_equal(other, terms);
    edit_firm(house, id, "{\"name\":\"Twenty PLC\",\"contact\":{\"email\":\"new20@example.com\"}}");
    counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.updated, 1);
    expect_card(house, "CO20", "displayName", "Twenty PLC");
    expect_card(house, "CO20", "email", "20@example.com"); /* a person's, who may be another one */
    counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.updated + counts.skipped, 0);
}

static void what_shopify_has_not_is_kept(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO21", "Kept Ltd",
                  ",\"email\":\"21@example.com\",\"taxRegistrationNumber\":\"GB100000021\""));
    OWN_TEXT char *id = add_firm(house, "Kept Ltd", ",\"contact\":{\"email\":\"21@example.com\"}",
                                 ",\"terms\":\"Net 30\"");
    sync_as(house, SHOPIFY_WRITES);
    OWN_TEXT char *terms = terms_of(house, "CO21");
    assert_true(*terms);
    expect_card(house, "CO21", "taxRegistrationNumber", "GB100000021");
    edit_place(house, id, "{\"terms\":\"Net 90\"}"); /* mapped to nothing */
    sync_as(house, SHOPIFY_WRITES);
    OWN_TEXT char *unmapped_terms = terms_of(house, "CO21");
    assert_string_equal(unmapped_terms, terms);
    edit_place(house, id, "{\"terms\":null}");
    sync_as(house, SHOPIFY_WRITES);
    OWN_TEXT char *blank = terms_of(house, "CO21");
    assert_string_equal(blank, terms);
}

static void a_customer_that_was_deleted_there_is_looked_for_anew(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO22", "Old Ltd", ",\"email\":\"22@example.com\""));
    OWN_TEXT char *id =
        add_firm(house, "Again Ltd", ",\"contact\":{\"email\":\"22@example.com\"}", "");
    sync_as(house, ALL);
    expect_number(house, id, "CO22");
    json_free(house_ask(house, "bc", "DELETE", "customers/CO22", NULL));
    free(add_card(house, "CO23", "New Ltd", ",\"email\":\"22@example.com\""));
    edit_firm(house, id, "{\"name\":\"Again PLC\"}");
    sync_as(house, ALL);
    expect_number(house, id, "CO23");
}

static void a_contact_does_not_write_his_name_over_the_company(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO24", "Named Ltd", ",\"email\":\"24@example.com\""));
    OWN_TEXT char *id = add_firm(
        house, "Named Ltd",
        ",\"contact\":{\"email\":\"24@example.com\",\"firstName\":\"Per\",\"lastName\":\"Son\"}",
        "");
    house_put_shop(house, "DEMO",
                   ALL ",\"customer_import\":\"all\",\"shopify_can_update_customers\":true");
    house_later(house);
    house_good(house, "customers.sync", SHOP);
    expect_card(house, "CO24", "displayName", "Named Ltd");
    sync_as(house, SHOPIFY_WRITES);
    expect_number(house, id, "CO24");
}

/* ---- changed in Business Central ---- */

static json *firm(struct house *house, const char *id)
{
    OWN_TEXT char *path = mem_printf("companies/%s", id);
    return house_ask(house, "shopify", "GET", path, NULL);
}

static const char *place_text(const json *company, const char *name)
{
    return json_text(json_path(company, "locations.0"), name);
}

static const char *street(const json *company, const char *place)
{
    OWN_TEXT char *path = mem_printf("locations.%s.billingAddress", place);
    return json_text(json_path(company, path), "address1");
}

static void edit_card(struct house *house, const char *number, const char *body)
{
    OWN_TEXT char *path = mem_printf("customers/%s", number);
    house_tell(house, "bc", path, body);
}

static int64_t writes(struct house *house)
{
    return peers_calls(house->peers, "shopify", "CompanyChange");
}

static void a_change_there_goes_to_the_oldest_location_alone(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO30", "Thirty Ltd",
                  ",\"email\":\"30@example.com\",\"addressLine1\":\"1 Dock Road\",\"city\":"
                  "\"London\",\"postalCode\":\"E16 1AA\",\"country\":\"GB\""));
    OWN_TEXT char *id = add_firm(house, "Thirty Ltd", ",\"contact\":{\"email\":\"30@example.com\"}",
                                 ",\"terms\":\"Net 30\"");
    OWN_TEXT char *places = mem_printf("companies/%s/locations", id);
    house_tell(house, "shopify", places,
               "{\"name\":\"Depot\",\"address\":{\"address1\":\"9 Far Lane\",\"city\":\"Leeds\"}}");
    sync_as(house, ALL);
    OWN_JSON json *code = card(house, "CO20");
    OWN_TEXT char *change =
        mem_printf("{\"displayName\":\"Thirty PLC\",\"addressLine1\":\"30 Head "
                   "Street\",\"taxRegistrationNumber\":"
                   "\"GB100000030\",\"phoneNumber\":\"+442079005530\",\"paymentTermsId\":\"%s\"}",
                   json_text(code, "paymentTermsId"));
    edit_card(house, "CO30", change);
    sync_as(house, ERP_WRITES); /* the companies of the world are told, too */
    OWN_JSON json *now = firm(house, id);
    assert_string_equal(json_text(now, "name"), "Thirty PLC");
    assert_string_equal(json_text(now, "externalId"), "CO30");
    assert_string_equal(street(now, "0"), "30 Head Street");
    assert_string_equal(street(now, "1"), "9 Far Lane");
    assert_string_equal(place_text(now, "taxRegistrationId"), "GB100000030");
    assert_string_equal(json_text(json_path(now, "mainContact"), "email"), "30@example.com");
    int64_t before = writes(house);
    struct counts counts = sync_as(house, ERP_WRITES);
    assert_int_equal(counts.updated + counts.skipped, 0);
    assert_int_equal(writes(house), before);
    expect_card(house, "CO30", "displayName", "Thirty PLC"); /* and does not come back */
}

static void fields_of_the_card_become_the_companys_metafields(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO70", "Seventy Ltd",
                  ",\"email\":\"70@example.com\",\"website\":\"https://seventy.example\""));
    OWN_TEXT char *id =
        add_firm(house, "Seventy Ltd", ",\"contact\":{\"email\":\"70@example.com\"}", "");
    sync_as(house, ALL);
    sync_as(house, ERP_WRITES ",\"company_metafields\":{\"custom.site\":\"website\"}");
    OWN_JSON json *now = firm(house, id);
    const json *field = json_path(now, "metafields.0");
    assert_string_equal(json_text(field, "key"), "site");
    assert_string_equal(json_text(field, "value"), "https://seventy.example");
    int64_t sets = peers_calls(house->peers, "shopify", "MetafieldsSet");
    sync_as(house, ERP_WRITES ",\"company_metafields\":{\"custom.site\":\"website\"}");
    assert_int_equal(peers_calls(house->peers, "shopify", "MetafieldsSet"), sets);
}

static void blank_terms_match_no_template_and_unmapped_ones_change_nothing(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO31", "Blank Ltd", ",\"email\":\"31@example.com\""));
    OWN_TEXT char *id =
        add_firm(house, "Blank Ltd", ",\"contact\":{\"email\":\"31@example.com\"}", "");
    sync_as(house, ERP_WRITES);
    OWN_JSON json *none = firm(house, id);
    assert_string_equal(place_text(none, "terms"),
                        ""); /* no template is anybody's for being unmapped */
    OWN_JSON json *code = card(house, "CO20");
    OWN_TEXT char *mapped =
        mem_printf("{\"paymentTermsId\":\"%s\"}", json_text(code, "paymentTermsId"));
    edit_card(house, "CO31", mapped);
    sync_as(house, ERP_WRITES);
    OWN_JSON json *set = firm(house, id);
    assert_string_equal(place_text(set, "terms"), "Net 15");
    edit_card(house, "CO31", "{\"paymentTermsId\":\"00000000-0000-0000-0000-000000000000\"}");
    sync_as(house, ERP_WRITES);
    OWN_JSON json *taken = firm(house, id);
    assert_string_equal(place_text(taken, "terms"), "");
}

static void one_that_shopify_refuses_stops_no_other_and_is_tried_again(void **state)
{
    struct house *house = *state;
    free(add_card(house, "CO32", "Wrong Ltd", ",\"email\":\"32@example.com\""));
    free(add_card(house, "CO33", "Right Ltd", ",\"email\":\"33@example.com\""));
    OWN_TEXT char *wrong =
        add_firm(house, "Wrong Ltd", ",\"contact\":{\"email\":\"32@example.com\"}", "");
    OWN_TEXT char *right =
        add_firm(house, "Right Ltd", ",\"contact\":{\"email\":\"33@example.com\"}", "");
    sync_as(house, ERP_WRITES);
    edit_card(house, "CO32",
              "{\"displayName\":\"Wrong PLC\",\"addressLine1\":\"3 Road\",\"phoneNumber\":\"12\"}");
    edit_card(house, "CO33", "{\"displayName\":\"Right PLC\"}");
    sync_as(house, ERP_WRITES);
    OWN_JSON json *fine = firm(house, right);
    assert_string_equal(json_text(fine, "name"), "Right PLC");
    OWN_TEXT char *reason = house_reason(house, "CO32");
    assert_string_equal(reason, "customer-refused");
    for (int i = 0; i < 8; i++)
        house_later(house);
    peers_fault(house->peers, "shopify", "{\"operation\":\"CompanyChange\"}", 1,
                "{\"kind\":\"reset_after\"}");
    edit_card(house, "CO32", "{\"phoneNumber\":\"0117 900 5532\"}");
    sync_as(house, ERP_WRITES);
    sync_as(house, ERP_WRITES); /* the answer was lost: it differs no more */
    OWN_JSON json *cured = firm(house, wrong);
    assert_string_equal(json_text(cured, "name"), "Wrong PLC");
    assert_string_equal(street(cured, "0"), "3 Road");
    OWN_TEXT char *none = house_reason(house, "CO32");
    assert_string_equal(none, "");
}

static void both_directions_at_once_are_refused(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SHOPIFY_WRITES ",\"can_update_shopify_companies\":true");
    struct ran ran = house_run(house, "companies.sync", SHOP);
    assert_false(ran.ok);
    assert_non_null(strstr(ran.err.text, "can_update_shopify_companies"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_contacts_e_mail_finds_the_customer_and_nothing_is_written,
                                  settle),
        cmocka_unit_test_teardown(the_phone_is_tried_only_where_there_is_no_e_mail, settle),
        cmocka_unit_test_teardown(by_tax_number_alone_and_never_a_guess, settle),
        cmocka_unit_test_teardown(all_go_to_the_default_company_which_none_of_them_changes, settle),
        cmocka_unit_test_teardown(a_company_that_nobody_orders_for_stops_no_other, settle),
        cmocka_unit_test_teardown(an_unknown_company_is_made_once_with_terms_and_tax_number,
                                  settle),
        cmocka_unit_test_teardown(a_lost_answer_makes_no_second_customer, settle),
        cmocka_unit_test_teardown(one_that_is_refused_stops_no_other_and_no_time_passes_it, settle),
        cmocka_unit_test_teardown(a_change_at_shopify_goes_there_and_only_what_differs, settle),
        cmocka_unit_test_teardown(what_shopify_has_not_is_kept, settle),
        cmocka_unit_test_teardown(a_customer_that_was_deleted_there_is_looked_for_anew, settle),
        cmocka_unit_test_teardown(a_change_there_goes_to_the_oldest_location_alone, settle),
        cmocka_unit_test_teardown(fields_of_the_card_become_the_companys_metafields, settle),
        cmocka_unit_test_teardown(blank_terms_match_no_template_and_unmapped_ones_change_nothing,
                                  settle),
        cmocka_unit_test_teardown(one_that_shopify_refuses_stops_no_other_and_is_tried_again,
                                  settle),
        cmocka_unit_test_teardown(both_directions_at_once_are_refused, settle),
        cmocka_unit_test_teardown(a_contact_does_not_write_his_name_over_the_company, settle),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
