/* customers_sync_test.c - customers.sync and customers.add between both simulated peers: found,
 * linked, made, changed in one direction, once, whatever happens on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/house.h"

#define ALL ",\"customer_import\":\"all\""
#define SHOPIFY_WRITES ",\"customer_import\":\"all\",\"shopify_can_update_customers\":true"
#define ERP_WRITES ",\"customer_import\":\"all\",\"can_update_shopify_customers\":true"
#define MAKES ",\"customer_import\":\"all\",\"auto_create_customers\":true"
static const char SHOP[] = "{\"shop\":\"DEMO\"}";

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
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
    return house_good(house, "customers.sync", SHOP);
}

/* ---- people and their cards ---- */

static void add_shopper(struct house *house, const char *id, const char *email, const char *phone,
                        const char *last)
{
    OWN_TEXT char *body = mem_printf(
        "{\"id\":\"%s\",\"firstName\":\"Sync\",\"lastName\":\"%s\",\"email\":\"%s\",\"phone\":%s,"
        "\"addresses\":[{\"firstName\":\"Aunt\",\"lastName\":\"%s\",\"company\":null,\"address1\":"
        "\"1 Old Road\",\"address2\":\"Back door\",\"zip\":\"BA1 5AQ\",\"city\":\"Bath\","
        "\"countryCode\":\"GB\",\"phone\":null}]}",
        id, last, email, phone, last);
    house_tell(house, "shopify", "customers", body);
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

static json *shown(struct house *house, const char *id)
{
    OWN_TEXT char *path = mem_printf("customers/%s", id);
    return house_ask(house, "shopify", "GET", path, NULL);
}

static json *card(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("customers/%s", number);
    return house_ask(house, "bc", "GET", path, NULL);
}

static char *linked(struct house *house, const char *id)
{
    OWN_TEXT char *key = mem_printf("customer:%s", id);
    return house_field(house, key, "number");
}

static void edit_card(struct house *house, const char *number, const char *body)
{
    OWN_TEXT char *path = mem_printf("customers/%s", number);
    house_tell(house, "bc", path, body);
}

static void edit_shopper(struct house *house, const char *id, const char *body)
{
    OWN_TEXT char *path = mem_printf("customers/%s", id);
    house_tell(house, "shopify", path, body);
}

static void expect_number(struct house *house, const char *id, const char *number)
{
    OWN_TEXT char *now = linked(house, id);
    assert_string_equal(now, number);
}

static void expect_card(struct house *house, const char *number, const char *field,
                        const char *text)
{
    OWN_JSON json *now = card(house, number);
    assert_string_equal(json_text(now, field), text);
}

static int64_t writes(struct house *house)
{
    return peers_calls(house->peers, "shopify", "CustomerChange") +
           peers_calls(house->peers, "shopify", "CustomerSet");
}

static void an_hour_passes_there(struct house *house)
{
    char text[32];
    int64_t now_ms;
    OWN_JSON json *time = house_ask(house, "bc", "GET", "time", NULL);
    assert_true(time_parse(json_text(time, "business"), &now_ms));
    time_format(now_ms + 3600000, false, text);
    OWN_TEXT char *later = mem_printf("{\"business\":\"%s\"}", text);
    house_tell(house, "bc", "time", later);
}

static struct counts add(struct house *house, const char *numbers)
{
    OWN_TEXT char *arguments = mem_printf("{\"shop\":\"DEMO\",\"customer_no\":\"%s\"}", numbers);
    return house_good(house, "customers.add", arguments);
}

static char *owner(struct house *house, const char *erp_id)
{
    struct err err;
    OWN_IDS struct store_ids found = {0};
    OWN_TEXT char *key = mem_printf("erp-customer:DEMO:%s", erp_id);
    const char *const keys[] = {key};
    if (!store_values(house->ledger, HOUSE_COMPANY, keys, 1, &found, &err))
        fail_msg("%s", err.text);
    return mem_text(found.items[0]);
}

/* The customers of the world are linked, so that each test sees its own alone. */
static int settle(void **state)
{
    sync_as(*state, ALL);
    return 0;
}

/* ---- found ---- */

static void who_has_the_e_mail_is_linked_and_nothing_is_written(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY01", "Sync One", ",\"email\":\"Sync.One@Example.com\""));
    add_shopper(house, "7390000000001", "sync.one@example.com", "null", "One");
    struct counts counts = sync_as(house, ALL);
    assert_int_equal(counts.created + counts.updated, 0);
    expect_number(house, "7390000000001", "SY01");
    expect_card(house, "SY01", "displayName", "Sync One");
    counts = sync_as(house, ALL);
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
}

static void e_mail_goes_before_phone_and_phone_is_compared_by_its_digits(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY02", "By Phone", ",\"phoneNumber\":\"0117 900 4242\""));
    free(add_card(house, "SY03", "By Mail", ",\"email\":\"sync.three@example.com\""));
    add_shopper(house, "7390000000002", "sync.two@example.com", "\"+441179004242\"", "Two");
    add_shopper(house, "7390000000003", "sync.three@example.com", "\"+44 117 900 4242\"", "Three");
    /* digits of which the other's are a subsequence, and no end */
    free(add_card(house, "SY04", "Subsequence", ",\"phoneNumber\":\"91 02 93 04 95 06 97\""));
    add_shopper(house, "7390000000004", "sync.four@example.com", "\"+441234567\"", "Four");
    sync_as(house, ALL);
    expect_number(house, "7390000000002", "SY02");
    expect_number(house, "7390000000003", "SY03");
    expect_number(house, "7390000000004", "");
}

static void where_two_fit_a_person_says_which(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY05", "Twin A", ",\"email\":\"twin@example.com\""));
    free(add_card(house, "SY06", "Twin B", ",\"email\":\"Twin@example.com\""));
    add_shopper(house, "7390000000005", "twin@example.com", "null", "Twin");
    sync_as(house, MAKES);
    expect_number(house, "7390000000005", "");
    OWN_TEXT char *why = house_field(house, "customer:7390000000005", "reason");
    assert_non_null(strstr(why, "SY05 and SY06"));
    struct err err;
    bool changed;
    assert_true(store_map(house->ledger, HOUSE_COMPANY, MAPPING_CUSTOMER, "7390000000005", "SY06",
                          &changed, &err));
    sync_as(house, ALL); /* he has not changed since */
    expect_number(house, "7390000000005", "SY06");
    OWN_TEXT char *none = house_field(house, "customer:7390000000005", "reason");
    assert_string_equal(none, "");
}

static void a_customer_that_was_deleted_there_is_looked_for_anew(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY07", "First", ",\"email\":\"dead@example.com\""));
    add_shopper(house, "7390000000007", "dead@example.com", "null", "Dead");
    sync_as(house, ALL);
    expect_number(house, "7390000000007", "SY07");
    json_free(house_ask(house, "bc", "DELETE", "customers/SY07", NULL));
    free(add_card(house, "SY08", "Second", ",\"email\":\"dead@example.com\""));
    edit_shopper(house, "7390000000007", "{\"lastName\":\"Alive\"}");
    sync_as(house, ALL);
    expect_number(house, "7390000000007", "SY08");
}

/* Shopify does not change him when his card is made later. */
static void who_is_nobody_is_found_once_he_has_a_card(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY60", "Somebody", ""));
    add_shopper(house, "7390000000060", "sixty@example.com", "null", "Sixty");
    add_shopper(house, "7390000000061", "sixty.one@example.com", "\"+441179006161\"", "Sixty One");
    sync_as(house, ALL);
    expect_number(house, "7390000000060", "");
    an_hour_passes_there(house);
    free(add_card(house, "SY61", "By Mail", ",\"email\":\"office@example.com;Sixty@example.com\""));
    free(add_card(house, "SY62", "By Phone", ",\"phoneNumber\":\"0117 900 6161\""));
    sync_as(house, ALL);
    expect_number(house, "7390000000060", ""); /* that is the second address of another one */
    expect_number(house, "7390000000061", "SY62");
    edit_card(house, "SY60", "{\"email\":\"Sixty@example.com; office@example.com\"}");
    sync_as(house, ALL);
    expect_number(house, "7390000000060", "SY60");
}

/* The replica that look-ups ask has not got the card yet. */
static void a_card_that_the_replica_lacks_is_found_by_a_later_run(void **state)
{
    struct house *house = *state;
    house_tell(house, "bc", "settings", "{\"replicaLagMs\":3600000}");
    free(add_card(house, "SY63", "Just Made",
                  ",\"type\":\"Person\",\"email\":\"sixty.three@example.com\",\"addressLine1\":"
                  "\"63 Road\",\"city\":\"Bath\",\"postalCode\":\"BA1 5AQ\",\"country\":\"GB\""));
    add_shopper(house, "7390000000063", "sixty.three@example.com", "null", "Sixty Three");
    sync_as(house, ERP_WRITES);
    expect_number(house, "7390000000063", "");
    house_tell(house, "bc", "settings", "{\"replicaLagMs\":0}");
    sync_as(house, ERP_WRITES);
    expect_number(house, "7390000000063", "SY63");
    OWN_JSON json *now = shown(house, "7390000000063");
    assert_string_equal(json_text(json_path(now, "addresses.0"), "address1"), "63 Road");
}

static void who_is_linked_by_the_sync_is_no_skip_of_adding(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = add_card(house, "SY64", "Lost Too", ",\"email\":\"sy64@example.com\"");
    peers_fault(house->peers, "shopify", "{\"operation\":\"CustomerSet\"}", 1,
                "{\"kind\":\"reset_after\"}");
    add(house, "SY64");
    OWN_TEXT char *reason = house_reason(house, "SY64");
    assert_string_equal(reason, "customer-later");
    sync_as(house, ALL);
    OWN_TEXT char *made = owner(house, id), *none = house_reason(house, "SY64");
    assert_true(*made);
    assert_string_equal(none, "");
}

/* ---- which are read ---- */

static void the_import_setting_says_who_is_read(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY10", "Ten", ",\"email\":\"ten@example.com\""));
    add_shopper(house, "7390000000010", "ten@example.com", "null", "Ten");
    struct counts counts = sync_as(house, ",\"customer_import\":\"none\"");
    assert_int_equal(counts.read, 0);
    counts = sync_as(house, ",\"customer_import\":\"with-order\"");
    assert_int_equal(counts.read, 0); /* nothing of theirs may be written */
    sync_as(house, ",\"customer_import\":\"with-order\",\"shopify_can_update_customers\":true");
    expect_number(house, "7390000000010", ""); /* has no order */
    sync_as(house, ALL);                       /* and is older than the last run */
    expect_number(house, "7390000000010", "SY10");
}

static void both_directions_at_once_are_refused(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SHOPIFY_WRITES ",\"can_update_shopify_customers\":true");
    struct ran ran = house_run(house, "customers.sync", SHOP);
    assert_false(ran.ok);
    assert_non_null(strstr(ran.err.text, "can_update_shopify_customers"));
}

/* ---- made ---- */

static void an_unknown_customer_is_made_once_where_the_shop_wants_that(void **state)
{
    struct house *house = *state;
    add_shopper(house, "7390000000020", "made@example.com", "\"+441179002020\"", "Made");
    struct counts counts = sync_as(house, ALL);
    assert_int_equal(counts.created, 0);
    expect_number(house, "7390000000020", "");
    counts = sync_as(house, MAKES); /* the setting is another: he is looked at again */
    assert_true(counts.created >= 1);
    OWN_TEXT char *number = linked(house, "7390000000020");
    OWN_JSON json *made = card(house, number);
    assert_string_equal(json_text(made, "displayName"), "Sync Made");
    assert_string_equal(json_text(made, "email"), "made@example.com");
    assert_string_equal(json_text(made, "addressLine1"), "1 Old Road");
    assert_string_equal(json_text(made, "city"), "Bath");
    assert_string_equal(json_text(made, "country"), "GB");
    counts = sync_as(house, MAKES);
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
}

static void a_lost_answer_makes_no_second_customer(void **state)
{
    struct house *house = *state;
    sync_as(house, MAKES);
    add_shopper(house, "7390000000021", "lost@example.com", "null", "Lost");
    house_later(house);
    int64_t before = peers_calls(house->peers, "bc", "POST customers");
    peers_fault(house->peers, "bc", "{\"path\":\"/customers\",\"method\":\"POST\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "customers.sync", SHOP);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    assert_non_null(strstr(ran.err.text, "7390000000021")); /* the log keeps it: no name */
    assert_null(strstr(ran.err.text, "Sync Lost"));
    sync_as(house, MAKES);
    OWN_TEXT char *number = linked(house, "7390000000021");
    assert_true(*number);
    assert_int_equal(peers_calls(house->peers, "bc", "POST customers"), before + 1);
}

/* ---- changed by Shopify ---- */

static void a_change_at_shopify_goes_there_and_only_what_differs(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY30", "Sync Thirty",
                  ",\"email\":\"thirty@example.com\",\"type\":\"Person\",\"addressLine1\":\"1 Old "
                  "Road\",\"addressLine2\":\"Back door\",\"city\":\"Bath\",\"postalCode\":\"BA1 "
                  "5AQ\",\"country\":\"GB\",\"phoneNumber\":\"0117 900 3030\""));
    add_shopper(house, "7390000000030", "thirty@example.com", "\"+441179003030\"", "Thirty");
    struct counts counts = sync_as(house, SHOPIFY_WRITES);
    expect_number(house, "7390000000030", "SY30");
    expect_card(house, "SY30", "phoneNumber", "0117 900 3030"); /* the same number */
    edit_shopper(house, "7390000000030",
                 "{\"address\":{\"address1\":\"9 New Road\",\"address2\":\"\",\"city\":\"Bristol\","
                 "\"zip\":\"BS1 6UL\"}}");
    counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.updated, 1);
    expect_card(house, "SY30", "addressLine1", "9 New Road");
    expect_card(house, "SY30", "addressLine2", "");
    expect_card(house, "SY30", "city", "Bristol");
    expect_card(house, "SY30", "displayName", "Sync Thirty");
    counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.updated + counts.skipped, 0);
    edit_shopper(house, "7390000000030", "{\"note\":\"rings twice\"}"); /* nothing of it is told */
    counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.updated + counts.skipped, 0);
}

static void a_change_that_is_refused_stops_nobody_and_is_tried_again(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY31", "Sync Bad", ",\"email\":\"bad@example.com\""));
    free(add_card(house, "SY32", "Sync Good", ",\"email\":\"good@example.com\""));
    add_shopper(house, "7390000000031", "bad@example.com", "null", "Bad");
    add_shopper(house, "7390000000032", "good@example.com", "null", "Good");
    sync_as(house, ALL);
    edit_shopper(house, "7390000000031", "{\"address\":{\"countryCode\":\"ZZ\",\"city\":\"X\"}}");
    edit_shopper(house, "7390000000032", "{\"address\":{\"city\":\"Wells\"}}");
    sync_as(house, SHOPIFY_WRITES);
    expect_card(house, "SY32", "city", "Wells");
    OWN_TEXT char *reason = house_reason(house, "Sync Bad");
    assert_string_equal(reason, "customer-refused");
    house_later(house);
    house_later(house); /* behind the overlap of the watermark */
    for (int i = 0; i < 8; i++)
        house_later(house);
    edit_shopper(house, "7390000000032", "{\"address\":{\"city\":\"Frome\"}}");
    sync_as(house, SHOPIFY_WRITES); /* and now the watermark is minutes behind him */
    struct counts counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.skipped, 1);
    edit_card(house, "SY31", "{\"blocked\":\"\"}");
    edit_shopper(house, "7390000000031", "{\"address\":{\"countryCode\":\"IE\"}}");
    counts = sync_as(house, SHOPIFY_WRITES);
    assert_int_equal(counts.skipped, 0);
    expect_card(house, "SY31", "country", "IE");
    OWN_TEXT char *none = house_reason(house, "Sync Bad");
    assert_string_equal(none, "");
}

static void two_that_are_one_there_do_not_write_over_each_other(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY33", "Household", ",\"phoneNumber\":\"0117 900 3333\""));
    add_shopper(house, "7390000000033", "mum@example.com", "\"+441179003333\"", "Mum");
    sync_as(house, ALL);
    add_shopper(house, "7390000000034", "dad@example.com", "\"+440117 900 3333\"", "Dad");
    sync_as(house, SHOPIFY_WRITES);
    expect_number(house, "7390000000034", "SY33");
    OWN_TEXT char *reason = house_reason(house, "Sync Dad");
    assert_string_equal(reason, "customer-shared");
    edit_shopper(house, "7390000000034", "{\"lastName\":\"Papa\"}");
    sync_as(house, SHOPIFY_WRITES);
    expect_card(house, "SY33", "displayName", "Sync Mum");
}

/* ---- changed there ---- */

static void a_change_there_goes_to_shopify_and_other_addresses_stay(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY40", "Sync Forty",
                  ",\"email\":\"forty@example.com\",\"type\":\"Person\",\"addressLine1\":\"1 Old "
                  "Road\",\"addressLine2\":\"Back door\",\"city\":\"Bath\",\"postalCode\":\"BA1 "
                  "5AQ\",\"country\":\"GB\""));
    house_tell(house, "shopify", "customers",
               "{\"id\":\"7390000000040\",\"firstName\":\"Sync\",\"lastName\":\"Forty\",\"email\":"
               "\"forty@example.com\",\"phone\":null,\"addresses\":[{\"firstName\":\"Sync\","
               "\"lastName\":\"Forty\",\"company\":null,\"address1\":\"1 Old Road\",\"address2\":"
               "\"Back door\",\"zip\":\"BA1 5AQ\",\"city\":\"Bath\",\"countryCode\":\"GB\","
               "\"phone\":null},{\"firstName\":\"Aunt\",\"lastName\":\"Forty\",\"company\":null,"
               "\"address1\":\"2 Side Lane\",\"address2\":null,\"zip\":\"BS1\",\"city\":"
               "\"Bristol\",\"countryCode\":\"GB\",\"phone\":null}]}");
    sync_as(house, ERP_WRITES); /* the customers of the world are told, too */
    int64_t before = writes(house);
    struct counts counts = sync_as(house, ERP_WRITES);
    assert_int_equal(counts.updated, 0);
    assert_int_equal(writes(house), before);
    edit_card(house, "SY40",
              "{\"addressLine1\":\"7 Far Road\",\"addressLine2\":\"\",\"email\":\"new@example.com; "
              "other@example.com\",\"displayName\":\"Sync Fourty\"}");
    counts = sync_as(house, ERP_WRITES);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(writes(house), before + 1);
    OWN_JSON json *now = shown(house, "7390000000040");
    assert_string_equal(json_text(now, "email"), "new@example.com");
    assert_string_equal(json_text(now, "lastName"), "Fourty");
    assert_string_equal(json_text(json_path(now, "addresses.0"), "address1"), "7 Far Road");
    assert_string_equal(json_text(json_path(now, "addresses.0"), "address2"), "");
    assert_string_equal(json_text(json_path(now, "addresses.0"), "city"), "Bath");
    assert_string_equal(json_text(json_path(now, "addresses.1"), "address1"), "2 Side Lane");
    counts = sync_as(house, ERP_WRITES);
    assert_int_equal(counts.updated + counts.skipped, 0);
    assert_int_equal(writes(house), before + 1);
    expect_card(house, "SY40", "displayName", "Sync Fourty"); /* and does not come back */
}

/* The value of a metafield as the store has it, "" = it has none; yours. */
static char *metafield(struct house *house, const char *id, const char *key)
{
    OWN_JSON json *now = shown(house, id);
    return mem_text(house_value(json_get(now, "metafields"), key));
}

static void expect_metafield(struct house *house, const char *id, const char *key, const char *want)
{
    OWN_TEXT char *got = metafield(house, id, key);
    assert_string_equal(got, want);
}

#define FIELDS                                                                                     \
    ERP_WRITES ",\"customer_metafields\":{\"custom.site\":\"website\",\"custom.credit\":"          \
               "\"creditLimit\"}"

static void fields_of_the_card_become_metafields(void **state)
{
    struct house *house = *state;
    static const char ID[] = "7390000000080";
    free(add_card(house, "SY80", "Sync Eighty",
                  ",\"email\":\"eighty@example.com\",\"website\":\"https://sixty.example\","
                  "\"creditLimit\":1500.5"));
    add_shopper(house, ID, "eighty@example.com", "null", "Eighty");
    sync_as(house, ERP_WRITES);
    expect_metafield(house, ID, "site", "");
    sync_as(house, FIELDS); /* another setting, so all are compared */
    expect_metafield(house, ID, "site", "https://sixty.example");
    expect_metafield(house, ID, "credit", "1500.5");
    int64_t sets = peers_calls(house->peers, "shopify", "MetafieldsSet"), before = writes(house);
    assert_int_equal(sync_as(house, FIELDS).updated, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", "MetafieldsSet"), sets);
    edit_card(house, "SY80", "{\"creditLimit\":2000,\"website\":\"\"}");
    assert_int_equal(sync_as(house, FIELDS).updated, 1);
    expect_metafield(house, ID, "credit", "2000");
    expect_metafield(house, ID, "site", "https://sixty.example"); /* blank leaves it as it is */
    assert_int_equal(writes(house), before);

    edit_card(house, "SY80", "{\"creditLimit\":3000}");
    peers_fault(house->peers, "shopify", "{\"operation\":\"MetafieldsSet\"}", 1,
                "{\"kind\":\"reset_before\"}");
    struct counts counts = sync_as(house, FIELDS);
    assert_int_equal(counts.updated, 0);
    assert_int_equal(counts.skipped, 1);
    OWN_TEXT char *reason = house_reason(house, "SY80");
    assert_string_equal(reason, "customer-later");
    sync_as(house, FIELDS);
    expect_metafield(house, ID, "credit", "3000");
    OWN_TEXT char *gone = house_reason(house, "SY80");
    assert_string_equal(gone, "");
}

static void a_worker_that_dies_before_the_metafields_leaves_them_to_the_next(void **state)
{
    struct house *house = *state;
    static const char ID[] = "7390000000082";
    free(add_card(house, "SY82", "Sync Eightytwo",
                  ",\"email\":\"eightytwo@example.com\",\"website\":\"https://old.example\""));
    add_shopper(house, ID, "eightytwo@example.com", "null", "Eightytwo");
    sync_as(house, FIELDS);
    for (int with_address = 0; with_address < 2; with_address++) {
        OWN_TEXT char *site = mem_printf("https://new%d.example", with_address);
        OWN_TEXT char *edit =
            mem_printf("{\"website\":\"%s\"%s}", site, with_address ? ",\"city\":\"Wells\"" : "");
        edit_card(house, "SY82", edit);
        house_later(house);
        house_killed_at(house, "customers.sync", SHOP, "http.before:shopify MetafieldsSet", 1);
        expect_metafield(house, ID, "site",
                         with_address ? "https://new0.example" : "https://old.example");
        sync_as(house, FIELDS);
        expect_metafield(house, ID, "site", site);
    }
}

static void who_is_added_gets_his_metafields_too(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY81", "Sync New",
                  ",\"email\":\"new61@example.com\",\"website\":\"https://new.example\""));
    house_put_shop(house, "DEMO", FIELDS);
    assert_int_equal(add(house, "SY81").created, 1);
    sync_as(house, FIELDS);
    OWN_JSON json *now = shown(house, "new61@example.com");
    OWN_TEXT char *site = metafield(house, json_text(now, "id"), "site");
    assert_string_equal(site, "https://new.example");
}

static void who_cannot_be_told_stops_nobody_and_is_tried_again(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY41", "Sync Taken", ",\"email\":\"t41@example.com\""));
    free(add_card(house, "SY42", "Sync Fine", ",\"email\":\"t42@example.com\""));
    add_shopper(house, "7390000000041", "t41@example.com", "null", "Taken");
    add_shopper(house, "7390000000042", "t42@example.com", "null", "Fine");
    sync_as(house, ERP_WRITES);
    edit_card(house, "SY41", "{\"email\":\"t42@example.com\",\"phoneNumber\":\"0117 900 4141\"}");
    edit_card(house, "SY42", "{\"addressLine1\":\"5 Fine Road\",\"city\":\"Bath\"}");
    sync_as(house, ERP_WRITES);
    OWN_JSON json *fine = shown(house, "7390000000042");
    assert_string_equal(json_text(json_path(fine, "addresses.0"), "address1"), "5 Fine Road");
    OWN_TEXT char *reason = house_reason(house, "SY41");
    assert_string_equal(reason, "customer-refused");
    for (int i = 0; i < 8; i++)
        house_later(house);
    struct counts counts = sync_as(house, ERP_WRITES);
    assert_int_equal(counts.skipped, 1);
    edit_card(house, "SY41", "{\"email\":\"t41b@example.com\"}");
    counts = sync_as(house, ERP_WRITES);
    assert_int_equal(counts.updated, 1);
    OWN_TEXT char *none = house_reason(house, "SY41");
    assert_string_equal(none, "");
}

static void nothing_is_ever_made_at_shopify_by_the_sync(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY43", "Not There", ",\"email\":\"notthere@example.com\""));
    sync_as(house, ERP_WRITES);
    assert_int_equal(peers_calls(house->peers, "shopify", "CustomerSet"), 0);
}

/* Business Central's change is older than the link: the walk has passed it. */
static void who_is_linked_later_is_told_what_changed_before(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SY44", "Sync Later",
                  ",\"type\":\"Person\",\"email\":\"y44@example.com\",\"addressLine1\":\"44 "
                  "Road\",\"city\":\"Bath\",\"postalCode\":\"BA1 5AQ\",\"country\":\"GB\""));
    free(add_card(house, "SY45", "Newer", ""));
    sync_as(house, ERP_WRITES);
    an_hour_passes_there(house); /* the overlap of the mark is far behind */
    edit_card(house, "SY45", "{\"displayName\":\"Newest\"}");
    sync_as(house, ERP_WRITES);
    add_shopper(house, "7390000000044", "y44@example.com", "null", "Later");
    sync_as(house, ERP_WRITES);
    OWN_JSON json *now = shown(house, "7390000000044");
    assert_string_equal(json_text(json_path(now, "addresses.0"), "address1"), "44 Road");
}

/* ---- added ---- */

static void a_customer_is_added_once_and_does_not_come_back(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = add_card(house, "SY50", "Anna Fifty",
                                 ",\"email\":\"fifty@example.com\",\"type\":\"Person\","
                                 "\"addressLine1\":\"50 Road\",\"city\":\"Bath\",\"country\":"
                                 "\"GB\",\"phoneNumber\":\"0117 900 5050\"");
    struct counts counts = add(house, "SY50");
    assert_int_equal(counts.created, 1);
    OWN_TEXT char *made = owner(house, id);
    OWN_JSON json *now = shown(house, made);
    assert_string_equal(json_text(now, "firstName"), "Anna");
    assert_string_equal(json_text(now, "lastName"), "Fifty");
    assert_string_equal(json_text(json_path(now, "metafields.0"), "value"), id);
    assert_string_equal(json_text(json_path(now, "addresses.0"), "address1"), "50 Road");
    expect_number(house, made, "SY50");
    counts = add(house, "SY50");
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
    counts = sync_as(house, SHOPIFY_WRITES);
    expect_card(house, "SY50", "phoneNumber", "0117 900 5050");
    assert_int_equal(counts.updated, 0);
}

static void who_stands_at_shopify_is_linked_unless_he_is_anothers(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = add_card(house, "SY51", "Known", ",\"email\":\"known@example.com\"");
    add_shopper(house, "7390000000051", "known@example.com", "null", "Known");
    struct counts counts = add(house, "SY51");
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 1);
    expect_number(house, "7390000000051", "SY51");
    free(add_card(house, "SY52", "Other", ",\"email\":\"known@example.com\""));
    counts = add(house, "SY52");
    assert_int_equal(counts.skipped, 1);
    OWN_TEXT char *reason = house_reason(house, "SY52");
    assert_string_equal(reason, "customer-taken");
    OWN_TEXT char *still = owner(house, id);
    assert_string_equal(still, "7390000000051");
}

static void a_lost_answer_adds_no_second_customer(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = add_card(house, "SY53", "Lost", ",\"email\":\"sy53@example.com\"");
    peers_fault(house->peers, "shopify", "{\"operation\":\"CustomerSet\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct counts counts = add(house, "SY53");
    assert_int_equal(counts.created, 0);
    OWN_TEXT char *reason = house_reason(house, "SY53");
    assert_string_equal(reason, "customer-later");
    int64_t sets = peers_calls(house->peers, "shopify", "CustomerSet");
    add(house, "SY53");
    assert_int_equal(peers_calls(house->peers, "shopify", "CustomerSet"), sets);
    OWN_TEXT char *made = owner(house, id);
    assert_true(*made);
    const char *arguments = "{\"shop\":\"DEMO\",\"customer_no\":\"SY54\"}";
    OWN_TEXT char *other = add_card(house, "SY54", "Killed", ",\"email\":\"sy54@example.com\"");
    house_killed_at(house, "customers.add", arguments, "http.after:shopify CustomerSet", 1);
    sets = peers_calls(house->peers, "shopify", "CustomerSet");
    add(house, "SY54");
    assert_int_equal(peers_calls(house->peers, "shopify", "CustomerSet"), sets);
    OWN_TEXT char *of_other = owner(house, other);
    assert_true(*of_other);
}

static void one_who_cannot_be_added_does_not_stop_the_next(void **state)
{
    struct house *house = *state;
    free(add_card(house, "SZ1", "No Mail", ""));
    free(add_card(house, "SZ2", "Blocked", ",\"email\":\"sz2@example.com\",\"blocked\":\"All\""));
    OWN_TEXT char *good = add_card(house, "SZ3", "Good",
                                   ",\"email\":\"sz3@example.com;more@example.com\",\"country\":"
                                   "\"IE\",\"city\":\"Cork\"");
    free(add_card(house, "SZ4", "Elsewhere", ",\"email\":\"sz4@example.com\",\"country\":\"DE\""));
    struct counts counts =
        house_good(house, "customers.add",
                   "{\"shop\":\"DEMO\",\"customer_no\":\"SZ*\",\"customer_country\":\"IE|''\"}");
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.skipped, 2);
    OWN_TEXT char *no_mail = house_reason(house, "SZ1"), *blocked = house_reason(house, "SZ2");
    OWN_TEXT char *made = owner(house, good);
    OWN_JSON json *now = shown(house, made);
    assert_string_equal(no_mail, "customer-no-email");
    assert_string_equal(blocked, "customer-not-offered");
    assert_string_equal(json_text(now, "email"), "sz3@example.com");
}

static void a_store_beyond_the_depth_of_paging_is_read_whole(void **state)
{
    enum { PEOPLE = 400, AT_A_TIME = 20 };
    struct house *house = house_open_shallow();
    (void)state;
    house_put_shop(house, "DEMO", ALL);
    house_good(house, "customers.sync", SHOP); /* those that the store has by itself */
    for (int i = 0; i < PEOPLE; i++) {
        OWN_TEXT char *id = mem_printf("74200000%05d", i);
        OWN_TEXT char *email = mem_printf("deep%d@example.com", i);
        if (i % AT_A_TIME == 0)
            house_later(house);
        add_shopper(house, id, email, "null", "Deep");
    }
    struct counts counts = sync_as(house, MAKES); /* other settings: all are read again */
    assert_in_range(counts.created, PEOPLE, PEOPLE + 100);
    OWN_TEXT char *last = linked(house, "7420000000399");
    assert_string_not_equal(last, "");
    counts = sync_as(house, MAKES);
    assert_int_equal(counts.created + counts.updated, 0);
    house_free(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(who_has_the_e_mail_is_linked_and_nothing_is_written, settle),
        cmocka_unit_test_teardown(e_mail_goes_before_phone_and_phone_is_compared_by_its_digits,
                                  settle),
        cmocka_unit_test_teardown(where_two_fit_a_person_says_which, settle),
        cmocka_unit_test_teardown(a_customer_that_was_deleted_there_is_looked_for_anew, settle),
        cmocka_unit_test_teardown(the_import_setting_says_who_is_read, settle),
        cmocka_unit_test_teardown(both_directions_at_once_are_refused, settle),
        cmocka_unit_test_teardown(a_change_there_goes_to_shopify_and_other_addresses_stay, settle),
        cmocka_unit_test_teardown(fields_of_the_card_become_metafields, settle),
        cmocka_unit_test_teardown(who_cannot_be_told_stops_nobody_and_is_tried_again, settle),
        cmocka_unit_test_teardown(nothing_is_ever_made_at_shopify_by_the_sync, settle),
        cmocka_unit_test_teardown(who_is_linked_later_is_told_what_changed_before, settle),
        cmocka_unit_test_teardown(a_change_at_shopify_goes_there_and_only_what_differs, settle),
        cmocka_unit_test_teardown(a_change_that_is_refused_stops_nobody_and_is_tried_again, settle),
        cmocka_unit_test_teardown(two_that_are_one_there_do_not_write_over_each_other, settle),
        cmocka_unit_test_teardown(an_unknown_customer_is_made_once_where_the_shop_wants_that,
                                  settle),
        cmocka_unit_test_teardown(a_lost_answer_makes_no_second_customer, settle),
        cmocka_unit_test_teardown(a_customer_is_added_once_and_does_not_come_back, settle),
        cmocka_unit_test_teardown(who_stands_at_shopify_is_linked_unless_he_is_anothers, settle),
        cmocka_unit_test_teardown(a_lost_answer_adds_no_second_customer, settle),
        cmocka_unit_test_teardown(one_who_cannot_be_added_does_not_stop_the_next, settle),
        cmocka_unit_test_teardown(who_is_nobody_is_found_once_he_has_a_card, settle),
        cmocka_unit_test_teardown(a_card_that_the_replica_lacks_is_found_by_a_later_run, settle),
        cmocka_unit_test_teardown(who_is_linked_by_the_sync_is_no_skip_of_adding, settle),
        cmocka_unit_test_teardown(who_is_added_gets_his_metafields_too, settle),
        cmocka_unit_test_teardown(a_worker_that_dies_before_the_metafields_leaves_them_to_the_next,
                                  settle),
        cmocka_unit_test(a_store_beyond_the_depth_of_paging_is_read_whole),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
