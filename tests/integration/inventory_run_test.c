/* inventory_run_test.c - inventory.sync against both simulated peers: what Business Central has
 * stands at Shopify, an idle run asks nothing there, and no order counts twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/house.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define MAIN "70000000001"
#define HIGH_STREET "70000000002"
#define STOCKED ",\"late_s\":1,\"locations\":{\"" MAIN "\":\"MAIN\"}"
static const char ONLY[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", STOCKED);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- both sides, as people see them ---- */

static const char *last_part(const char *gid)
{
    return strrchr(gid, '/') + 1;
}

static void in_erp(struct house *house, const char *item, int pieces)
{
    OWN_TEXT char *path = mem_printf("items/%s", item);
    OWN_TEXT char *body = mem_printf("{\"inventory\":%d}", pieces);
    house_tell(house, "bc", path, body);
}

static void at_shopify(struct house *house, const char *sku, const char *place, const char *more)
{
    OWN_TEXT char *body = mem_printf("{\"sku\":\"%s\",\"location\":\"%s\"%s}", sku, place, more);
    house_tell(house, "shopify", "stock", body);
}

static int64_t level(struct house *house, const char *sku, const char *place, const char *name)
{
    OWN_JSON json *levels = house_ask(house, "shopify", "GET", "stock", NULL);
    for (size_t i = 0; i < json_count(levels); i++) {
        const json *row = json_at(levels, i);
        if (strcmp(json_text(row, "sku"), sku) == 0 &&
            strcmp(json_text(row, "location"), place) == 0)
            return json_flag(row, "isActive", false) ? json_int(row, name, -999) : -998;
    }
    return -997;
}

static void redis_do(struct house *house, const char *command)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    const char *rest = strchr(command, ' ') + 1;
    OWN_TEXT char *whole =
        mem_printf("%.*s ct:{test/%02x}:s:%s:%s", (int)(rest - command - 1), command,
                   ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, rest);
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, whole))
        fail_msg("%s: %s", whole, err.text);
}

static char *item_id(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("items/%s", number);
    OWN_JSON json *item = house_ask(house, "bc", "POST", path, "{}");
    return mem_text(json_text(item, "id"));
}

/* A variant as products.sync leaves it. */
static void link_variant(struct house *house, const char *sku, const char *place)
{
    OWN_TEXT char *item = item_id(house, sku);
    at_shopify(house, sku, place, ",\"stocked\":true");
    OWN_JSON json *levels = house_ask(house, "shopify", "GET", "stock", NULL);
    for (size_t i = 0; i < json_count(levels); i++) {
        const json *row = json_at(levels, i);
        if (strcmp(json_text(row, "sku"), sku) != 0)
            continue;
        const char *variant = last_part(json_text(row, "variant"));
        OWN_TEXT char *hash = mem_printf(
            "HSET shop-variant:DEMO:%s item %s item_number %s sku %s inventory_item %s tracked %s",
            variant, item, sku, sku, last_part(json_text(row, "item")),
            json_flag(row, "tracked", false) ? "true" : "false");
        OWN_TEXT char *set = mem_printf("ZADD shop-variants:DEMO 1 %s", variant);
        redis_do(house, hash);
        redis_do(house, set);
        return;
    }
    fail_msg("%s is nowhere", sku);
}

static int64_t shopify_calls(struct house *house)
{
    return peers_calls(house->peers, "shopify", NULL);
}

static void expect_level(struct house *house, const char *what, int64_t on_hand, int64_t available)
{
    int64_t has = level(house, "1896-S", "Main Warehouse", "on_hand");
    int64_t sells = level(house, "1896-S", "Main Warehouse", "available");
    if (has != on_hand || sells != available)
        fail_msg("%s: on hand %" PRId64 ", available %" PRId64 " instead of %" PRId64
                 " and %" PRId64,
                 what, has, sells, on_hand, available);
}

/* ---- one variant ---- */

static void stock_arrives_and_an_idle_run_asks_nothing(void **state)
{
    struct house *house = *state;
    in_erp(house, "1896-S", 10);
    link_variant(house, "1896-S", "Main Warehouse");
    struct counts counts = house_good(house, "inventory.sync", SHOP);
    assert_int_equal(counts.updated, 1);
    expect_level(house, "first", 10, 10);

    int64_t calls = shopify_calls(house);
    counts = house_good(house, "inventory.sync", SHOP);
    assert_int_equal(counts.updated, 0);
    assert_int_equal(counts.points, 0);
    assert_int_equal(shopify_calls(house), calls);

    in_erp(house, "1896-S", 7);
    assert_int_equal(house_good(house, "inventory.sync", SHOP).updated, 1);
    expect_level(house, "changed", 7, 7);
    assert_int_equal(shopify_calls(house), calls + 1); /* set, and nothing read */
}

/* The connector reads one quantity and writes another, so that with open orders every run sends
 * every level again, and takes them off twice. */
static void an_order_is_counted_once_and_costs_nothing(void **state)
{
    struct house *house = *state;
    in_erp(house, "1896-S", 10);
    link_variant(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    house_place(house, "#9001", "");
    expect_level(house, "placed", 10, 8);
    int64_t sets = peers_calls(house->peers, "shopify", "InventorySet");
    house_good(house, "inventory.sync", SHOP);
    house_good(house, "orders.sync", ONLY);
    house_good(house, "inventory.sync", SHOP);
    house_good(house, "orders.process", ONLY);
    house_good(house, "inventory.sync", SHOP);
    expect_level(house, "imported", 10, 8);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventorySet"), sets);
}

static void missing_levels_are_stocked(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"locations\":{\"" HIGH_STREET "\":\"MAIN\"}");
    in_erp(house, "1896-S", 10);
    link_variant(house, "1896-S", "Main Warehouse");
    at_shopify(house, "1896-S", "High Street Shop", ",\"stocked\":false");
    assert_int_equal(house_good(house, "inventory.sync", SHOP).created, 1);
    assert_int_equal(level(house, "1896-S", "High Street Shop", "on_hand"), 10);
    house_good(house, "inventory.sync", SHOP); /* is it as it was left? */
    int64_t calls = shopify_calls(house);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);
}

static void what_a_person_changes_meanwhile_is_read_and_set(void **state)
{
    struct house *house = *state;
    in_erp(house, "1896-S", 10);
    link_variant(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    at_shopify(house, "1896-S", "Main Warehouse", ",\"quantity\":25");
    in_erp(house, "1896-S", 8);
    int64_t reads = peers_calls(house->peers, "shopify", "InventoryLevelsByItems");
    house_good(house, "inventory.sync", SHOP);
    expect_level(house, "set after it was stale", 8, 8);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsByItems"), reads + 1);
}

/* A batch holds what Shopify refuses for good: it is left out, and the others stand. */
static void a_refused_quantity_stops_no_other(void **state)
{
    struct house *house = *state;
    static const char *const SKUS[] = {"1896-S", "1900-S", "1906-S"};
    for (size_t i = 0; i < COUNT(SKUS); i++) {
        in_erp(house, SKUS[i], 10);
        link_variant(house, SKUS[i], "Main Warehouse");
    }
    house_tell(house, "shopify", "bundle", "{\"sku\":\"1900-S\"}");
    struct counts counts = house_good(house, "inventory.sync", SHOP);
    assert_int_equal(counts.updated, 2);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(level(house, "1896-S", "Main Warehouse", "on_hand"), 10);
    assert_int_equal(level(house, "1906-S", "Main Warehouse", "on_hand"), 10);
}

static void a_killed_run_sends_the_same_again(void **state)
{
    struct house *house = *state;
    static const char *const POINTS[] = {"http.before:shopify InventorySet",
                                         "http.after:shopify InventorySet"};
    in_erp(house, "1896-S", 10);
    link_variant(house, "1896-S", "Main Warehouse");
    for (size_t i = 0; i < COUNT(POINTS); i++) {
        in_erp(house, "1896-S", 10 + (int)i);
        house_killed_at(house, "inventory.sync", SHOP, POINTS[i], 1);
        house_good(house, "inventory.sync", SHOP);
        expect_level(house, POINTS[i], 10 + (int64_t)i, 10 + (int64_t)i);
    }
    int64_t calls = shopify_calls(house);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(stock_arrives_and_an_idle_run_asks_nothing),
        TEST(an_order_is_counted_once_and_costs_nothing),
        TEST(missing_levels_are_stocked),
        TEST(what_a_person_changes_meanwhile_is_read_and_set),
        TEST(a_refused_quantity_stops_no_other),
        TEST(a_killed_run_sends_the_same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
