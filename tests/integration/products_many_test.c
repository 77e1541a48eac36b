/* products_many_test.c - products.add of many items, one call a product: what is asked for all of
 * them together is asked once, and every one of them is published.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/shelf.h"

#define SHOP "{\"shop\":\"DEMO\",\"item_no\":\"M-*\"}"
#define SETTINGS                                                                                   \
    ",\"sku_mapping\":\"item-no-variant\",\"bulk_from\":0,\"late_s\":1,"                           \
    "\"sales_channels\":\"online_store\""
enum { ITEMS = 130 };

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", SETTINGS);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static void put_items(struct house *house, int count)
{
    OWN_TEXT char *body = mem_printf(
        "{\"prefix\":\"M-\",\"count\":%d,\"variants\":2,\"card\":{\"unitPrice\":20}}", count);
    house_tell(house, "bc", "many-items", body);
}

/* By the peer's own record; of one product, or (NULL) of all. */
static int published(struct house *house, const char *product)
{
    int count = 0;
    OWN_JSON json *ledger = house_ask(house, "shopify", "GET", "ledger", NULL);
    const json *list = json_get(ledger, "effects");
    for (size_t i = 0; i < json_count(list); i++) {
        const json *effect = json_at(list, i);
        bool its = !product || strstr(json_text(effect, "key"), product);
        count += its && strcmp(json_text(effect, "kind"), "publishablePublish") == 0;
    }
    return count;
}

static int64_t calls(struct house *house, const char *operation)
{
    return peers_calls(house->peers, "shopify", operation);
}

static void a_small_store_is_listed_and_nothing_is_looked_for(void **state)
{
    struct house *house = *state;
    put_items(house, ITEMS);
    house_tell(house, "shopify", "products",
               "{\"id\":\"7900000000001\",\"title\":\"By hand\",\"variants\":["
               "{\"id\":\"47900000000001\",\"sku\":\"M-000100|V1\",\"price\":\"1.00\"}]}");
    struct counts counts = house_good(house, "products.add", SHOP);
    assert_int_equal(counts.created, ITEMS - 1);
    assert_int_equal(counts.updated, 1); /* which a person has made */
    assert_int_equal(calls(house, "ShelfPage"), 1);
    /* of the first page alone, most of which are other items: 25 a call, by each of two */
    assert_true(calls(house, "ProductsByBcId") + calls(house, "VariantsBySku") <= 4);
    assert_int_equal(calls(house, "ProductSet"), ITEMS - 1);
    assert_int_equal(published(house, NULL), ITEMS - 1);
    assert_true(calls(house, "ProductsPublish") <= ITEMS / 5 + 3);
    assert_int_equal(calls(house, "ProductPublish"), 0);
    assert_int_equal(house_good(house, "products.add", SHOP).calls, 0);
}

/* What stands at the shop is found in the list, whatever Redis has lost. */
static void a_product_that_carries_the_item_is_linked_not_set(void **state)
{
    struct house *house = *state;
    put_items(house, ITEMS);
    assert_int_equal(house_good(house, "products.add", SHOP).created, ITEMS);
    int64_t sets = calls(house, "ProductSet");
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    assert_true(redis_commandf(ledger_redis(house->ledger), &reply, &err, "EVAL %s 0",
                               "for _, k in ipairs(redis.call('KEYS', '*:s:*product*')) do "
                               "redis.call('DEL', k) end return 1"));
    struct counts counts = house_good(house, "products.add", SHOP);
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, ITEMS);
    assert_int_equal(calls(house, "ShelfPage"), 2);
    assert_int_equal(calls(house, "ProductSet"), sets);
}

static char *linked_product(struct house *house)
{
    OWN_JSON json *item = house_ask(house, "bc", "POST", "items/M-000001", "{}");
    return shelf_product(house, json_text(item, "id"));
}

static void what_a_killed_run_has_not_published_the_next_one_does(void **state)
{
    struct house *house = *state;
    put_items(house, 1);
    house_killed_at(house, "products.add", SHOP, "http.before:shopify ProductsPublish", 1);
    OWN_TEXT char *product = linked_product(house);
    assert_true(*product);
    assert_int_equal(published(house, product), 0);
    house_good(house, "products.add", SHOP);
    assert_int_equal(published(house, product), 1);
    assert_int_equal(house_good(house, "products.add", SHOP).calls, 0);
}

/* One that fails takes the others of its document with it: each goes by itself then. */
static void what_fails_together_is_published_singly(void **state)
{
    struct house *house = *state;
    put_items(house, 3);
    peers_fault(house->peers, "shopify", "{\"operation\":\"ProductsPublish\"}", 1,
                "{\"kind\":\"internal_before\"}");
    assert_int_equal(house_good(house, "products.add", SHOP).created, 3);
    assert_int_equal(calls(house, "ProductPublish"), 3);
    assert_int_equal(published(house, NULL), 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(a_small_store_is_listed_and_nothing_is_looked_for),
        TEST(a_product_that_carries_the_item_is_linked_not_set),
        TEST(what_a_killed_run_has_not_published_the_next_one_does),
        TEST(what_fails_together_is_published_singly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
