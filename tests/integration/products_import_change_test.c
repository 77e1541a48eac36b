/* products_import_change_test.c - products.sync from Shopify, between both simulated peers: what
 * changes there arrives, but never what was sent from here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/offers.h"
#include "support/shelf.h"

/* ---- changing ---- */

static void what_changes_at_shopify_changes_the_item(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "CHG-1", "");
    house_put_shop(house, "DEMO", CHANGES);
    offers_sync(house);
    offer_one(house, "8200000101", "CHG-1");
    assert_int_equal(offers_sync(house).updated, 1);
    offers_item_is(house, "CHG-1", "displayName", "Thing 8200000101");
    offers_item_is(house, "CHG-1", "unitPrice", "49.9"); /* prices and costs never do */
    offers_item_is(house, "CHG-1", "unitCost", "20");
    offer_edit(house, "8200000101", "{\"title\":\"Edited\",\"productType\":\"miscellaneous\"}");
    house_tell(house, "shopify", "variants/CHG-1",
               "{\"barcode\":\"4006381333948\",\"price\":\"1\"}");
    assert_int_equal(offers_sync(house).updated, 1);
    offers_item_is(house, "CHG-1", "displayName", "Edited");
    offers_item_is(house, "CHG-1", "itemCategoryCode", "MISC");
    offers_item_is(house, "CHG-1", "gtin", "4006381333948");
    offers_item_is(house, "CHG-1", "unitPrice", "49.9");
    assert_int_equal(offers_sync(house).updated, 0);
    assert_true(*item);
}

static int64_t listing_costs(struct house *house)
{
    struct ran ran = house_run_as(house, "products.sync", SHOP, TICKET_SCHEDULED);
    if (!ran.ok)
        fail_msg("products.sync: %s", ran.err.text);
    assert_int_equal(ran.counts.calls, 1);
    return ran.counts.points;
}

/* Shopify's search lags, so what changed last is listed again, but not for ever; what changes then
 * is listed. */
static void what_changed_long_ago_is_listed_no_more(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "LONG-AGO-0", "");
    house_later(house);
    for (int i = 0; i < 40; i++) { /* of one minute */
        OWN_TEXT char *product =
            mem_printf("{\"id\":\"94500%02d\",\"title\":\"Old\",\"vendor\":\"\",\"variants\":"
                       "[{\"sku\":\"LONG-AGO-%d\",\"price\":\"1\"}]}",
                       i, i);
        house_tell(house, "shopify", "products", product);
    }
    house_later(house);
    offer_one(house, "9450040", "LONG-AGO-40");
    offers_sync(house);
    int64_t all = listing_costs(house);
    house_ahead_ms += 6 * 60 * 1000;
    assert_int_equal(listing_costs(house), all); /* late ones would be among them */
    assert_true(listing_costs(house) < all);
    house_put_shop(house, "DEMO", CHANGES);
    offers_sync(house);
    offer_edit(house, "9450000", "{\"title\":\"Of today\"}");
    assert_int_equal(offers_sync(house).updated, 1);
    offers_item_is(house, "LONG-AGO-0", "displayName", "Of today");
    assert_true(*item);
    house_ahead_ms = 0;
}

/* Defect 4 of the original: a product whose time of change is older than the one that is kept
 * counts as deleted. A store that was set back to a copy has such times. */
static void defect_4_an_older_time_is_a_change_like_any_other(void **state)
{
    struct house *house = *state;
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    house_put_shop(house, "DEMO", MAKES ",\"shopify_can_update_items\":true");
    offer_one(house, "9440001", "OLDER-1");
    offers_sync(house);
    offers_link_is(house, "9440001", "OLDER-1");
    assert_true(
        redis_commandf(ledger_redis(house->ledger), &reply, &err, "EVAL %s 0",
                       "local k = redis.call('KEYS', '*:product-in:DEMO:9440001') "
                       "return redis.call('HSET', k[1], 'updated', '2099-01-01T00:00:00Z')"));
    offer_edit(house, "9440001", "{\"title\":\"From a copy\"}");
    offers_sync(house);
    offers_link_is(house, "9440001", "OLDER-1");
    offers_item_is(house, "OLDER-1", "displayName", "From a copy");
}

static void items_stay_where_the_shop_says_so(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "STAY-1", "");
    offer_one(house, "8200000111", "STAY-1");
    assert_int_equal(offers_sync(house).updated, 0);
    offers_item_is(house, "STAY-1", "displayName", "Chair STAY-1");
    house_put_shop(house, "DEMO", ",\"sku_mapping\":\"item-no-variant\"");
    offer_edit(house, "8200000111", "{\"title\":\"Other\"}");
    assert_int_equal(offers_sync(house).calls, 0); /* no direction: nothing is asked */
    assert_true(*item);
}

/* What a person has changed in Business Central stays, until the same changes at Shopify. */
static void only_what_has_changed_there_comes(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ONLY-1", "");
    house_put_shop(house, "DEMO", CHANGES);
    offer_one(house, "8200000121", "ONLY-1");
    offers_sync(house);
    house_tell(house, "bc", "items/ONLY-1", "{\"displayName\":\"By hand\"}");
    offer_edit(house, "8200000121", "{\"productType\":\"Miscellaneous\"}");
    offers_sync(house);
    offers_item_is(house, "ONLY-1", "displayName", "By hand");
    offers_item_is(house, "ONLY-1", "itemCategoryCode", "MISC");
    offer_edit(house, "8200000121", "{\"title\":\"From there\"}");
    offers_sync(house);
    offers_item_is(house, "ONLY-1", "displayName", "From there");
    assert_true(*item);
}

/* A product that was sent from here says nothing new, whatever the item is called by now. */
static void what_was_sent_from_here_never_comes_back(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ECHO-1", "");
    assert_int_equal(shelf_add(house, "ECHO-1").created, 1);
    OWN_TEXT char *product = shelf_product(house, item);
    house_tell(house, "bc", "items/ECHO-1", "{\"displayName\":\"Newer here\"}");
    house_put_shop(house, "DEMO", CHANGES);
    offer_edit(house, product, "{\"tags\":[\"sale\"]}");
    assert_int_equal(offers_sync(house).updated, 0);
    offers_item_is(house, "ECHO-1", "displayName", "Newer here");
}

static void a_change_whose_answer_gets_lost_is_there(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "CHL-1", "");
    house_put_shop(house, "DEMO", CHANGES);
    offers_sync(house);
    offer_one(house, "8200000131", "CHL-1");
    peers_fault(house->peers, "bc", "{\"operation\":\"PATCH items\"}", 1,
                "{\"kind\":\"reset_after\"}");
    offers_sync(house); /* sets what it says, so it is sent again at once */
    offers_item_is(house, "CHL-1", "displayName", "Thing 8200000131");
    assert_int_equal(offers_sync(house).updated, 0);
    assert_true(*item);
}

/* The item is deleted there: the product is unmapped, and finds the one that is made in its place.
 */
static void a_deleted_item_is_no_longer_the_products(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = shelf_item(house, "GONE-1", "");
    house_put_shop(house, "DEMO", CHANGES);
    offer_one(house, "8200000201", "GONE-1");
    offers_sync(house);
    json_free(house_ask(house, "bc", "DELETE", "items/GONE-1", NULL));
    offer_edit(house, "8200000201", "{\"title\":\"Again\"}");
    offers_sync(house);
    offers_link_is(house, "8200000201", "");
    OWN_TEXT char *second = shelf_item(house, "GONE-1", "");
    assert_true(house_run_as(house, "products.sync", SHOP, TICKET_MANUAL).ok);
    offers_link_is(house, "8200000201", "GONE-1");
    offers_item_is(house, "GONE-1", "displayName", "Again");
    assert_string_not_equal(first, second);
}

static void a_deleted_products_item_is_linked_to_nothing(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "DEL-1", "");
    offer(house, "8200000141", "Two", ",\"options\":[\"Size\"]",
          "{\"sku\":\"DEL-1\",\"price\":\"3\",\"options\":[\"S\"]},"
          "{\"sku\":\"DEL-2\",\"price\":\"3\",\"options\":[\"M\"]}");
    offers_sync(house);
    offers_link_is(house, "8200000141", "DEL-1");
    house_later(house);
    json_free(house_ask(house, "shopify", "DELETE", "variants/DEL-1", NULL));
    offers_sync(house);
    OWN_TEXT char *variants = house_field(house, "shop-product:DEMO:8200000141", "variants");
    assert_string_equal(variants, "");
    assert_true(*item);
}

/* An item that was one variant of the product, and nothing else, can be a product of its own. */
static void a_deleted_variants_item_is_linked_to_nothing(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = shelf_item(house, "DEL-3", ""), *guest = shelf_item(house, "DEL-4", "");
    offer(house, "8200000142", "Two items", ",\"options\":[\"Size\"]",
          "{\"sku\":\"DEL-3\",\"price\":\"3\",\"options\":[\"S\"]},"
          "{\"sku\":\"DEL-4\",\"price\":\"3\",\"options\":[\"M\"]}");
    offers_sync(house);
    OWN_TEXT char *of_main = shelf_product(house, main), *of_guest = shelf_product(house, guest);
    assert_string_equal(of_main, "8200000142");
    assert_string_equal(of_guest, "8200000142");
    house_later(house);
    json_free(house_ask(house, "shopify", "DELETE", "variants/DEL-4", NULL));
    offers_sync(house);
    OWN_TEXT char *still = shelf_product(house, main), *free_now = shelf_product(house, guest);
    assert_string_equal(still, "8200000142");
    assert_string_equal(free_now, "");
    house_put_shop(house, "DEMO", ",\"sku_mapping\":\"item-no\"");
    assert_int_equal(shelf_add(house, "DEL-4").created, 1);
}

/* What is dotted here is the same there; what is blank there blanks nothing here. */
static void tariff_number_and_country_come_in(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item =
        shelf_item(house, "TRF-1", ",\"tariffNumber\":\"9403.20\",\"origin\":\"GB\"");
    house_put_shop(house, "DEMO", CHANGES);
    offers_sync(house);
    offer_one(house, "8200000191", "TRF-1");
    offers_sync(house);
    offers_item_is(house, "TRF-1", "_origin", "GB");
    house_later(house);
    house_tell(house, "shopify", "variants/TRF-1",
               "{\"inventoryItem\":{\"harmonizedSystemCode\":\"940320\"}}");
    assert_int_equal(offers_sync(house).updated, 0);
    house_later(house);
    house_tell(house, "shopify", "variants/TRF-1",
               "{\"inventoryItem\":{\"harmonizedSystemCode\":\"940330\","
               "\"countryCodeOfOrigin\":\"DE\"}}");
    assert_int_equal(offers_sync(house).updated, 1);
    offers_item_is(house, "TRF-1", "_tariffNumber", "940330");
    offers_item_is(house, "TRF-1", "_origin", "DE");
    house_put_shop(house, "DEMO", CHANGES ",\"sync_tariff\":false");
    house_later(house);
    house_tell(house, "shopify", "variants/TRF-1",
               "{\"inventoryItem\":{\"harmonizedSystemCode\":\"940350\"}}");
    offers_sync(house);
    offers_item_is(house, "TRF-1", "_tariffNumber", "940330");
    assert_true(*item);
}

int main(void)
{
    const struct CMUnitTest at_api[] = {
        cmocka_unit_test_teardown(what_changes_at_shopify_changes_the_item, offers_calm),
        cmocka_unit_test_teardown(what_changed_long_ago_is_listed_no_more, offers_calm),
        cmocka_unit_test_teardown(defect_4_an_older_time_is_a_change_like_any_other, offers_calm),
        cmocka_unit_test_teardown(items_stay_where_the_shop_says_so, offers_calm),
        cmocka_unit_test_teardown(only_what_has_changed_there_comes, offers_calm),
        cmocka_unit_test_teardown(what_was_sent_from_here_never_comes_back, offers_calm),
        cmocka_unit_test_teardown(a_change_whose_answer_gets_lost_is_there, offers_calm),
        cmocka_unit_test_teardown(a_deleted_item_is_no_longer_the_products, offers_calm),
        cmocka_unit_test_teardown(a_deleted_products_item_is_linked_to_nothing, offers_calm),
        cmocka_unit_test_teardown(a_deleted_variants_item_is_linked_to_nothing, offers_calm),
    };
    const struct CMUnitTest at_extension[] = {
        cmocka_unit_test_teardown(tariff_number_and_country_come_in, offers_calm),
    };
    int failed = cmocka_run_group_tests_name("at level api", at_api, offers_open_api, offers_close);
    return failed + cmocka_run_group_tests_name("at level extension", at_extension,
                                                offers_open_extension, offers_close);
}
