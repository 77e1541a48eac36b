/* products_sync_test.c - products.sync between both simulated peers: what changes on an item goes
 * to its product, nothing else does, and only what Shopify confirms counts as told.
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
#include "support/proc.h"
#include "support/shelf.h"

#define ACTIVE_LATE(seconds)                                                                       \
    ",\"late_s\":" #seconds                                                                        \
    ",\"sku_mapping\":\"item-no-variant\",\"inventory_tracked\":true,\"sync_item\":\"to-"          \
    "shopify\",\"can_update_shopify_products\":true"
#define ACTIVE ACTIVE_LATE(1)

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ACTIVE);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static int open_extension(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data",    "synthetic", "--replica-lag", "0", "--level",
                              "extension", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ACTIVE);
    *state = house;
    return 0;
}

static int calm(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE);
    return 0;
}

#define SHOP "{\"shop\":\"DEMO\"}"

static char *linked_item(struct house *house, const char *number)
{
    char *item = shelf_item(house, number, "");
    assert_int_equal(shelf_add(house, number).created, 1);
    return item;
}

static void edit_item(struct house *house, const char *number, const char *body)
{
    OWN_TEXT char *path = mem_printf("items/%s", number);
    house_tell(house, "bc", path, body);
}

static struct counts sync(struct house *house)
{
    return house_good(house, "products.sync", SHOP);
}

static bool has_told(void *state)
{
    return sync(state).updated == 1;
}

static int64_t writes(struct house *house)
{
    return peers_calls(house->peers, "shopify", "ProductChange");
}

static void expect_field(struct house *house, const char *item, const char *path, const char *want)
{
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_JSON json *found = shelf_shown(house, product);
    const char *got = json_string(json_path(found, path));
    if (strcmp(got, want) != 0)
        fail_msg("%s is \"%s\", not \"%s\"", path, got, want);
}

static void a_run_with_nothing_to_tell_asks_shopify_nothing(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-1");
    sync(house);
    struct counts counts = sync(house);
    assert_int_equal(counts.calls, 0);
    assert_int_equal(counts.updated, 0);
    assert_true(*item);
}

/* A field that a person has changed at Shopify stays, until it changes on the item. */
static void only_the_changed_field_goes(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-2");
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_TEXT char *path = mem_printf("products/%s", product);
    sync(house);
    house_tell(house, "shopify", path, "{\"title\":\"A merchant's title\"}");
    edit_item(house, "SYNC-2", "{\"itemCategoryCode\":\"MISC\"}");
    assert_int_equal(sync(house).updated, 1);
    expect_field(house, item, "title", "A merchant's title");
    expect_field(house, item, "productType", "Miscellaneous");
    edit_item(house, "SYNC-2", "{\"displayName\":\"Stool\"}");
    assert_int_equal(sync(house).updated, 1);
    expect_field(house, item, "title", "Stool");
}

static void a_price_goes_alone_where_it_is_asked_for(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-3");
    sync(house);
    edit_item(house, "SYNC-3", "{\"unitPrice\":51.5,\"displayName\":\"Other\"}");
    struct counts counts =
        house_good(house, "products.sync", "{\"shop\":\"DEMO\",\"only_prices\":true}");
    assert_int_equal(counts.updated, 1);
    expect_field(house, item, "title", "Chair SYNC-3");
    expect_field(house, item, "variants.0.price", "51.50");
    assert_int_equal(sync(house).updated, 1);
    expect_field(house, item, "title", "Other");
}

static void prices_stay_where_the_shop_says_so(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-4");
    house_put_shop(house, "DEMO", ACTIVE ",\"sync_prices\":false");
    sync(house);
    edit_item(house, "SYNC-4", "{\"unitPrice\":52,\"displayName\":\"Dearer\"}");
    sync(house);
    expect_field(house, item, "title", "Dearer");
    expect_field(house, item, "variants.0.price", "49.90");
}

static void nothing_goes_unless_the_shop_wants_it(void **state)
{
    struct house *house = *state;
    static const char *const OFF[] = {
        ",\"sku_mapping\":\"item-no-variant\",\"can_update_shopify_products\":true",
        ",\"sku_mapping\":\"item-no-variant\",\"sync_item\":\"to-shopify\""};
    OWN_TEXT char *item = linked_item(house, "SYNC-5");
    sync(house);
    edit_item(house, "SYNC-5", "{\"displayName\":\"Changed\"}");
    for (size_t i = 0; i < COUNT(OFF); i++) {
        house_put_shop(house, "DEMO", OFF[i]);
        assert_int_equal(sync(house).calls, 0);
        expect_field(house, item, "title", "Chair SYNC-5");
    }
}

/* Defect 1 of the original: what Shopify refuses is taken for told, and lost until the next edit.
 */
static void defect_1_what_is_refused_is_told_again(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-12");
    sync(house);
    peers_fault(house->peers, "shopify", "{\"operation\":\"ProductChange\"}", 1,
                "{\"kind\":\"status\",\"status\":200,\"body\":\"{\\\"data\\\":{"
                "\\\"productUpdate\\\":{\\\"product\\\":null,\\\"userErrors\\\":[{"
                "\\\"field\\\":[\\\"title\\\"],\\\"message\\\":\\\"Title is not "
                "allowed\\\"}]}}}\"}");
    edit_item(house, "SYNC-12", "{\"displayName\":\"Refused once\"}");
    assert_int_equal(sync(house).updated, 0);
    OWN_TEXT char *reason = house_reason(house, "SYNC-12");
    assert_string_equal(reason, "product-refused");
    assert_int_equal(sync(house).updated, 1);
    expect_field(house, item, "title", "Refused once");
    OWN_TEXT char *gone = house_reason(house, "SYNC-12");
    assert_string_equal(gone, "");
}

static void what_could_not_be_sent_is_told_again(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-6");
    sync(house);
    peers_fault(house->peers, "shopify", "{\"operation\":\"ProductChange\"}", 1,
                "{\"kind\":\"reset_before\"}");
    edit_item(house, "SYNC-6", "{\"displayName\":\"Late\"}");
    sync(house);
    assert_true(wait_for(has_told, house, 20000));
    expect_field(house, item, "title", "Late");
    int64_t before = writes(house);
    sync(house);
    assert_int_equal(writes(house), before);
}

static void an_answer_that_gets_lost_is_told_again(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE_LATE(60));
    OWN_TEXT char *item = linked_item(house, "SYNC-7");
    sync(house);
    peers_fault(house->peers, "shopify", "{\"operation\":\"ProductChange\"}", 1,
                "{\"kind\":\"reset_after\"}");
    edit_item(house, "SYNC-7", "{\"displayName\":\"Lost\"}");
    assert_int_equal(sync(house).updated, 0);
    OWN_TEXT char *reason = house_reason(house, "SYNC-7");
    assert_string_equal(reason, "product-later");
    edit_item(house, "SYNC-7", "{\"displayName\":\"Lost no more\"}");
    int64_t before = writes(house);
    assert_int_equal(sync(house).updated, 0); /* the lost one could still come, and be the last */
    assert_int_equal(writes(house), before);
    house_ahead_ms += 61 * 1000;
    assert_int_equal(sync(house).updated, 1);
    expect_field(house, item, "title", "Lost no more");
    OWN_TEXT char *gone = house_reason(house, "SYNC-7");
    assert_string_equal(gone, "");
}

static void a_blocked_items_product_goes_where_the_shop_says(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *action, *want;
    } ACTIONS[] = {
        {"nothing", "ACTIVE"  },
        {"draft",   "DRAFT"   },
        {"archive", "ARCHIVED"},
    };
    OWN_TEXT char *item = linked_item(house, "SYNC-8");
    edit_item(house, "SYNC-8", "{\"blocked\":true}");
    for (size_t i = 0; i < COUNT(ACTIONS); i++) {
        OWN_TEXT char *settings =
            mem_printf(ACTIVE ",\"removed_product_action\":\"%s\"", ACTIONS[i].action);
        house_put_shop(house, "DEMO", settings);
        sync(house);
        expect_field(house, item, "status", ACTIONS[i].want);
    }
    edit_item(house, "SYNC-8", "{\"blocked\":false}"); /* does not bring it back */
    sync(house);
    expect_field(house, item, "status", "ARCHIVED");
}

/* Acceptance of the brake: nothing is written until a person approves exactly this plan. */
static void a_run_that_would_change_too_many_prices_waits(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = linked_item(house, "SYNC-9A");
    OWN_TEXT char *second = linked_item(house, "SYNC-9B");
    sync(house);
    house_put_shop(house, "DEMO", ACTIVE ",\"brake_least\":2,\"brake_prices\":1");
    sync(house);
    edit_item(house, "SYNC-9A", "{\"unitPrice\":70}");
    assert_int_equal(sync(house).updated, 1); /* fewer than two wait for nobody */
    edit_item(house, "SYNC-9A", "{\"unitPrice\":5}");
    edit_item(house, "SYNC-9B", "{\"unitPrice\":5}");
    int64_t before = writes(house);
    struct ran ran = house_run(house, "products.sync", SHOP);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_THROTTLED);
    assert_int_equal(writes(house), before);
    expect_field(house, first, "variants.0.price", "70.00");
    expect_field(house, second, "variants.0.price", "49.90");
}

/* A run that waits for a person, and has written nothing. */
static void expect_brake(struct house *house, const char *why)
{
    int64_t before = writes(house);
    struct ran ran = house_run(house, "products.sync", SHOP);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_THROTTLED);
    assert_int_equal(ran.err.retry_after_ms, PARK_NEVER);
    assert_non_null(strstr(ran.err.text, why));
    assert_int_equal(writes(house), before);
}

static void a_run_that_would_archive_too_many_products_waits(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = linked_item(house, "SYNC-10A");
    OWN_TEXT char *second = linked_item(house, "SYNC-10B");
#define ARCHIVE                                                                                    \
    ACTIVE ",\"removed_product_action\":\"archive\",\"brake_least\":2,\"brake_prices\":0"
    house_put_shop(house, "DEMO", ARCHIVE);
    sync(house);
    edit_item(house, "SYNC-10A", "{\"blocked\":true}");
    edit_item(house, "SYNC-10B", "{\"blocked\":true}");
    expect_brake(house, "products would be archived");
    expect_field(house, first, "status", "ACTIVE");
    house_put_shop(house, "DEMO", ARCHIVE ",\"brake_archive\":0"); /* lets everything through */
    sync(house);
    expect_field(house, first, "status", "ARCHIVED");
    expect_field(house, second, "status", "ARCHIVED");
}

/* By twelve per cent each. */
static void how_much_of_a_price_counts_is_the_shops(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = linked_item(house, "SYNC-J1");
    OWN_TEXT char *second = linked_item(house, "SYNC-J2");
    sync(house);
#define BRAKED ACTIVE ",\"brake_least\":2,\"brake_prices\":1,\"brake_price_change\":"
    house_put_shop(house, "DEMO", BRAKED "10");
    sync(house);
    edit_item(house, "SYNC-J1", "{\"unitPrice\":56}");
    edit_item(house, "SYNC-J2", "{\"unitPrice\":56}");
    expect_brake(house, "prices would change by more than 10 %");
    house_put_shop(house, "DEMO", BRAKED "15");
    assert_int_equal(sync(house).updated, 2);
    expect_field(house, first, "variants.0.price", "56.00");
    expect_field(house, second, "variants.0.price", "56.00");
}

/* The plan of a run that waits, with this record in it. */
static json *plan_with(struct house *house, const char *record)
{
    struct err err;
    OWN_TEXT char *pattern = store_key(house->ledger, HOUSE_COMPANY, "brake:*");
    OWN_REPLY redisReply *keys = NULL;
    assert_true(redis_commandf(ledger_redis(house->ledger), &keys, &err, "KEYS %s", pattern));
    for (size_t i = 0; i < keys->elements; i++) {
        json *plan = NULL;
        OWN_REPLY redisReply *text = NULL;
        assert_true(redis_commandf(ledger_redis(house->ledger), &text, &err, "HGET %s brakes",
                                   keys->element[i]->str));
        if (strstr(text->str, record) && json_parse(text->str, text->len, &plan, &err))
            return plan;
    }
    fail_msg("no plan has %s", record);
    return NULL;
}

/* Twenty prices by more than thirty per cent, and more than a tenth of all; the plan shows the
 * biggest first. */
static void what_holds_a_run_where_nobody_has_set_it(void **state)
{
    enum { ITEMS = 20, BIGGEST = 7 };
    struct house *house = *state;
    char numbers[ITEMS][16];
    for (int i = 0; i < ITEMS; i++) {
        snprintf(numbers[i], sizeof numbers[i], "SYNC-K%02d", i);
        free(linked_item(house, numbers[i]));
    }
    sync(house);
    for (int i = 1; i < ITEMS; i++)
        edit_item(house, numbers[i], "{\"unitPrice\":34.9}"); /* from 49.90 */
    edit_item(house, numbers[0], "{\"unitPrice\":35}");       /* 29.9 % */
    assert_int_equal(sync(house).updated, ITEMS);             /* nineteen hold nothing */
    for (int i = 0; i < ITEMS; i++)
        edit_item(house, numbers[i], i == BIGGEST ? "{\"unitPrice\":500}" : "{\"unitPrice\":60}");
    expect_brake(house, "prices would change by more than 30 %");
    OWN_JSON json *plan = plan_with(house, numbers[BIGGEST]);
    const json *rows = json_path(plan, "0.rows");
    assert_int_equal(json_count(rows), ITEMS);
    assert_string_equal(json_text(json_at(rows, 0), "record"), numbers[BIGGEST]);
    assert_string_equal(json_text(json_at(rows, 0), "before"), "34.9");
    assert_string_equal(json_text(json_at(rows, 0), "after"), "500");
    house_put_shop(house, "DEMO", ACTIVE ",\"brake_prices\":0");
    assert_int_equal(sync(house).updated, ITEMS);
}

/* A line of a price list leaves its item's own time as it is. */
static void a_price_list_changes_its_items_price(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked_item(house, "SYNC-L");
    sync(house);
    house_tell(house, "bc", "parts/priceListLines",
               "{\"item\":\"SYNC-L\",\"lineNumber\":1,\"unitPrice\":44.9}");
    assert_int_equal(sync(house).updated, 1);
    expect_field(house, item, "variants.0.price", "44.90");
    assert_int_equal(sync(house).calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_run_with_nothing_to_tell_asks_shopify_nothing, calm),
        cmocka_unit_test_teardown(only_the_changed_field_goes, calm),
        cmocka_unit_test_teardown(a_price_goes_alone_where_it_is_asked_for, calm),
        cmocka_unit_test_teardown(prices_stay_where_the_shop_says_so, calm),
        cmocka_unit_test_teardown(nothing_goes_unless_the_shop_wants_it, calm),
        cmocka_unit_test_teardown(defect_1_what_is_refused_is_told_again, calm),
        cmocka_unit_test_teardown(what_could_not_be_sent_is_told_again, calm),
        cmocka_unit_test_teardown(an_answer_that_gets_lost_is_told_again, calm),
        cmocka_unit_test_teardown(a_blocked_items_product_goes_where_the_shop_says, calm),
        cmocka_unit_test_teardown(a_run_that_would_change_too_many_prices_waits, calm),
        cmocka_unit_test_teardown(a_run_that_would_archive_too_many_products_waits, calm),
        cmocka_unit_test_teardown(how_much_of_a_price_counts_is_the_shops, calm),
        cmocka_unit_test_teardown(what_holds_a_run_where_nobody_has_set_it, calm),
        cmocka_unit_test_setup_teardown(a_price_list_changes_its_items_price, open_extension,
                                        close_house),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
