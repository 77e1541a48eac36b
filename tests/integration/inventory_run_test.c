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

#include "support/stocked.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define MAIN "70000000001"
#define HIGH_STREET "70000000002"
#define STOCKED ",\"late_s\":1,\"locations\":{\"" MAIN "\":\"MAIN\"}"
static const int64_t DAY_MS = 86400000;
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

/* Stock by location and variant is shown by the company's app alone. */
static int open_extension(void **state)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", "--level", "extension", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO",
                   ",\"late_s\":1,\"location_filters\":{\"" MAIN "\":\"MAIN\",\"" HIGH_STREET
                   "\":\"EAST\"}");
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static int64_t shopify_calls(struct house *house)
{
    return peers_calls(house->peers, "shopify", NULL);
}

static void expect_level(struct house *house, const char *what, int64_t on_hand, int64_t available)
{
    int64_t has = stocked_level(house, "1896-S", "Main Warehouse", "on_hand");
    int64_t sells = stocked_level(house, "1896-S", "Main Warehouse", "available");
    if (has != on_hand || sells != available)
        fail_msg("%s: on hand %" PRId64 ", available %" PRId64 " instead of %" PRId64
                 " and %" PRId64,
                 what, has, sells, on_hand, available);
}

/* ---- one variant ---- */

static void stock_arrives_and_an_idle_run_asks_nothing(void **state)
{
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    struct counts counts = house_good(house, "inventory.sync", SHOP);
    assert_int_equal(counts.updated, 1);
    expect_level(house, "first", 10, 10);

    int64_t calls = shopify_calls(house);
    counts = house_good(house, "inventory.sync", SHOP);
    assert_int_equal(counts.updated, 0);
    assert_int_equal(counts.points, 0);
    assert_int_equal(shopify_calls(house), calls);

    stocked_in_erp(house, "1896-S", 7);
    assert_int_equal(house_good(house, "inventory.sync", SHOP).updated, 1);
    expect_level(house, "changed", 7, 7);
    assert_int_equal(shopify_calls(house), calls + 1); /* set, and nothing read */
}

/* The connector reads one quantity and writes another, so that with open orders every run sends
 * every level again, and takes them off twice. */
static void an_order_is_counted_once_and_costs_nothing(void **state)
{
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
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
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    stocked_at_shopify(house, "1896-S", "High Street Shop", ",\"stocked\":false");
    assert_int_equal(house_good(house, "inventory.sync", SHOP).created, 1);
    assert_int_equal(stocked_level(house, "1896-S", "High Street Shop", "on_hand"), 10);
    house_good(house, "inventory.sync", SHOP); /* is it as it was left? */
    int64_t calls = shopify_calls(house);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);
}

static void what_a_person_changes_meanwhile_is_read_and_set(void **state)
{
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    stocked_at_shopify(house, "1896-S", "Main Warehouse", ",\"quantity\":25");
    stocked_in_erp(house, "1896-S", 8);
    int64_t reads = peers_calls(house->peers, "shopify", "InventoryLevelsByItems");
    house_good(house, "inventory.sync", SHOP);
    expect_level(house, "set after it was stale", 8, 8);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsByItems"), reads + 1);
}

/* What the first was about to set is set by the second, and comes through after it. */
static void two_runs_at_once_leave_what_is_true(void **state)
{
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    stocked_in_erp(house, "1896-S", 7);
    (void)house_doubled(house, "inventory.sync", SHOP, "shopify", "InventorySet");
    expect_level(house, "both", 7, 7);
    house_good(house, "inventory.sync", SHOP);
    expect_level(house, "after both", 7, 7);
}

/* A batch holds what Shopify refuses for good: it is left out, and the others stand. */
static void a_refused_quantity_stops_no_other(void **state)
{
    struct house *house = *state;
    static const char *const SKUS[] = {"1896-S", "1900-S", "1906-S"};
    for (size_t i = 0; i < COUNT(SKUS); i++) {
        stocked_in_erp(house, SKUS[i], 10);
        stocked_link(house, SKUS[i], "Main Warehouse");
    }
    house_tell(house, "shopify", "bundle", "{\"sku\":\"1900-S\"}");
    struct counts counts = house_good(house, "inventory.sync", SHOP);
    assert_int_equal(counts.updated, 2);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "on_hand"), 10);
    assert_int_equal(stocked_level(house, "1906-S", "Main Warehouse", "on_hand"), 10);
    OWN_TEXT char *reason = house_reason(house, "1900-S");
    assert_string_equal(reason, "stock-refused");

    /* it is not sent again until it is to be another quantity; then it may be taken */
    int64_t calls = shopify_calls(house);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);
    house_tell(house, "shopify", "bundle", "{\"sku\":\"1900-S\",\"is\":false}");
    stocked_in_erp(house, "1900-S", 9);
    assert_int_equal(house_good(house, "inventory.sync", SHOP).updated, 1);
    OWN_TEXT char *gone = house_reason(house, "1900-S");
    assert_string_equal(gone, "");
}

static void a_killed_run_sends_the_same_again(void **state)
{
    struct house *house = *state;
    static const char *const POINTS[] = {
        "http.before:shopify LocationsList",          "http.after:shopify LocationsList",
        "http.before:shopify InventoryLevelsByItems", "http.after:shopify InventoryLevelsByItems",
        "http.before:shopify InventorySet",           "http.after:shopify InventorySet"};
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    for (size_t i = 0; i < COUNT(POINTS); i++) {
        OWN_TEXT char *forget =
            mem_printf("DEL shop-stock:DEMO:%s", stocked_variant(house, "1896-S"));
        stocked_redis(house, forget); /* read again, and the locations, too */
        stocked_redis(house, "DEL shop-locations:DEMO");
        stocked_in_erp(house, "1896-S", 10 + (int)i);
        house_killed_at(house, "inventory.sync", SHOP, POINTS[i], 1);
        house_good(house, "inventory.sync", SHOP);
        expect_level(house, POINTS[i], 10 + (int64_t)i, 10 + (int64_t)i);
    }
    int64_t calls = shopify_calls(house);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);
}

/* A run by hand, which parks while Shopify lists what has changed. */
static struct ran look_by_hand(struct house *house)
{
    return house_parks(house, "inventory.sync", SHOP, TICKET_MANUAL);
}

/* Nothing has changed in Business Central: what a person has changed at Shopify shows by a look. */
static void what_people_change_is_found_and_put_right(void **state)
{
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    stocked_at_shopify(house, "1896-S", "Main Warehouse", ",\"quantity\":25");
    assert_int_equal(house_good(house, "inventory.sync", SHOP).updated, 0);
    struct ran ran = look_by_hand(house);
    assert_true(ran.ok);
    assert_int_equal(ran.counts.updated, 1);
    expect_level(house, "put right", 10, 10);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsDelta"), 0);
    assert_int_equal(look_by_hand(house).counts.updated, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", "BulkRunQuery"), 2);
}

/* Where the query comes to nothing, the same is found page by page. */
static void a_look_that_fails_goes_page_by_page(void **state)
{
    static const char *const COURSES[] = {
        "{\"end\":\"FAILED\",\"after\":1}",
        "{\"end\":\"CANCELED\"}",
        "{\"end\":\"EXPIRED\"}",
    };
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    for (size_t i = 0; i < COUNT(COURSES); i++) {
        int64_t pages = peers_calls(house->peers, "shopify", "InventoryLevelsDelta");
        house_tell(house, "shopify", "bulk", COURSES[i]);
        stocked_at_shopify(house, "1896-S", "Main Warehouse", ",\"quantity\":25");
        struct ran ran = look_by_hand(house);
        assert_true(ran.ok);
        assert_int_equal(ran.counts.updated, 1);
        expect_level(house, COURSES[i], 10, 10);
        assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsDelta"), pages + 1);
        stocked_redis(house, "DEL bulk:DEMO:stock");
    }
}

static void changes_beyond_the_depth_of_paging_are_found(void **state)
{
    enum { BEFORE = 349 };
    struct house *house = house_open_shallow();
    OWN_BUF struct buf product = {0};
    (void)state;
    house_put_shop(house, "DEMO", STOCKED);
    house_tell(house, "shopify", "variants/1964-S", "{\"sku\":\"before\"}");
    buf_text(&product,
             "{\"id\":\"8900000000001\",\"title\":\"Many\",\"options\":[\"No\"],\"variants\":[");
    for (int i = 0; i < BEFORE; i++)
        buf_printf(&product, "{\"sku\":\"F%d\",\"price\":\"1\",\"options\":[\"%d\"]},", i, i);
    buf_text(&product, "{\"sku\":\"1964-S\",\"price\":\"1\",\"options\":[\"last\"]}]}");
    house_tell(house, "shopify", "products", buf_str(&product));
    stocked_in_erp(house, "1964-S", 10);
    stocked_link(house, "1964-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    for (int i = 0; i < BEFORE; i++) {
        OWN_TEXT char *sku = mem_printf("F%d", i);
        stocked_at_shopify(house, sku, "Main Warehouse", ",\"stocked\":true,\"quantity\":3");
    }
    stocked_at_shopify(house, "1964-S", "Main Warehouse", ",\"quantity\":25");
    house_tell(house, "shopify", "bulk", "{\"end\":\"CANCELED\"}");
    struct ran ran = look_by_hand(house);
    assert_true(ran.ok);
    assert_int_equal(ran.counts.updated, 1);
    assert_int_equal(stocked_level(house, "1964-S", "Main Warehouse", "on_hand"), 10);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsDelta"), 3);
    house_free(house);
}

/* ... and where its start is lost, it is found again: there is one of it. */
static void a_look_whose_start_is_lost_is_found(void **state)
{
    static const char *const LOST[] = {"reset_before", "reset_after", "truncate"};
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    for (size_t i = 0; i < COUNT(LOST); i++) {
        OWN_TEXT char *action = mem_printf("{\"kind\":\"%s\"}", LOST[i]);
        peers_fault(house->peers, "shopify", "{\"operation\":\"BulkRunQuery\"}", 1, action);
        stocked_at_shopify(house, "1896-S", "Main Warehouse", ",\"quantity\":25");
        assert_int_equal(look_by_hand(house).counts.updated, 1);
        expect_level(house, LOST[i], 10, 10);
    }
}

/* ---- calculations, safety, shops ---- */

/* Defect 3.5: the connector reads available and writes on_hand; with an open order they never
 * agree, so it sends every run, and takes the order off twice. */
static void defect_3_5_open_orders_are_not_sent_again_and_again(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", STOCKED ",\"stock_calculation\":\"projected-available\"");
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    house_good(house, "orders.process", ONLY);
    house_good(house, "inventory.sync", SHOP);
    expect_level(house, "imported", 10, 8);
    int64_t calls = shopify_calls(house);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);
    expect_level(house, "again", 10, 8);
}

static void safety_stock_is_kept_back(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", STOCKED ",\"safety_stock\":{\"*\":1,\"1896-S@" MAIN "\":3}");
    stocked_in_erp(house, "1896-S", 10);
    stocked_in_erp(house, "1900-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    stocked_link(house, "1900-S", "Main Warehouse");
    house_good(house, "inventory.sync", SHOP);
    expect_level(house, "kept back", 7, 7);
    assert_int_equal(stocked_level(house, "1900-S", "Main Warehouse", "on_hand"), 9);
}

/* What one gave up the other has once the first has been lowered: never both of them. */
static void both_settle(struct house *house, int64_t pieces)
{
    house_good(house, "inventory.sync", SHOP);
    for (int round = 0; round < 3; round++) {
        house_good(house, "inventory.sync", "{\"shop\":\"SECOND\"}");
        house_good(house, "inventory.sync", SHOP);
        int64_t offered = stocked_level(house, "1896-S", "Main Warehouse", "available") +
                          stocked_level(house, "1896-S", "High Street Shop", "available");
        if (offered > pieces)
            fail_msg("round %d: %" PRId64 " of %" PRId64 " are offered", round, offered, pieces);
    }
}

/* Two shops sell the same item of one company; each leaves half of what is free to the other. */
static void two_shops_do_not_sell_the_same_piece(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", STOCKED ",\"stock_reserve\":50");
    house_put_shop(house, "SECOND",
                   ",\"locations\":{\"" HIGH_STREET "\":\"MAIN\"},\"stock_reserve\":50");
    stocked_in_erp(house, "1896-S", 10);
    stocked_link(house, "1896-S", "Main Warehouse");
    stocked_at_shopify(house, "1896-S", "High Street Shop", ",\"stocked\":true");
    const char *variant = stocked_variant(house, "1896-S");
    static const char *const FIELDS[] = {"item", "item_number", "sku", "inventory_item", "tracked"};
    OWN_TEXT char *from = mem_printf("shop-variant:DEMO:%s", variant);
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        OWN_TEXT char *value = house_field(house, from, FIELDS[i]);
        OWN_TEXT char *set =
            mem_printf("HSET shop-variant:SECOND:%s %s %s", variant, FIELDS[i], value);
        stocked_redis(house, set);
    }
    OWN_TEXT char *list = mem_printf("ZADD shop-variants:SECOND 1 %s", variant);
    stocked_redis(house, list);
    both_settle(house, 10);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "available"), 5);
    assert_int_equal(stocked_level(house, "1896-S", "High Street Shop", "available"), 5);
    stocked_in_erp(house, "1896-S", 7);
    house_good(house, "inventory.sync", SHOP); /* the other one may sell five of the seven yet */
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "available"), 2);
    both_settle(house, 7);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "available"), 3);
    assert_int_equal(stocked_level(house, "1896-S", "High Street Shop", "available"), 3);
}

/* ---- where Business Central shows places ---- */

static void placed(struct house *house, const char *location, int inventory, int reserved)
{
    OWN_TEXT char *body =
        mem_printf("{\"item\":\"1896-S\",\"location\":\"%s\",\"inventory\":%d,\"reserved\":%d}",
                   location, inventory, reserved);
    house_tell(house, "bc", "stock", body);
}

static void places_have_the_stock_of_their_filters(void **state)
{
    struct house *house = *state;
    stocked_link(house, "1896-S", "Main Warehouse");
    stocked_at_shopify(house, "1896-S", "High Street Shop", ",\"stocked\":true");
    placed(house, "MAIN", 6, 0);
    placed(house, "EAST", 4, 1);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "on_hand"), 6);
    assert_int_equal(stocked_level(house, "1896-S", "High Street Shop", "on_hand"), 3);

    /* both in one place; the other takes no part any more, and stays as it is */
    house_put_shop(house, "DEMO",
                   ",\"late_s\":1,\"location_filters\":{\"" MAIN "\":\"MAIN|EAST\",\"" HIGH_STREET
                   "\":\"E*\"},\"stock_calculations\":{\"" HIGH_STREET "\":\"disabled\"}");
    placed(house, "EAST", 5, 1);
    house_good(house, "inventory.sync", SHOP);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "on_hand"), 10);
    assert_int_equal(stocked_level(house, "1896-S", "High Street Shop", "on_hand"), 3);

    /* it is sold by the box from now on: that is noticed within a day */
    house_put_shop(house, "DEMO",
                   ",\"stock_check_hours\":0,\"location_filters\":{\"" MAIN "\":\"MAIN|EAST\"}");
    house_tell(house, "bc", "parts/itemUnits",
               "{\"item\":\"1896-S\",\"code\":\"BOX\",\"quantityPerUnit\":4}");
    house_tell(house, "bc", "items/1896-S", "{\"salesUnit\":\"BOX\"}");
    house_ahead_ms = DAY_MS;
    house_good(house, "inventory.sync", SHOP);
    house_ahead_ms = 0;
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "on_hand"), 2);
}

/* ---- the brake ---- */

static void a_run_that_would_empty_the_shop_waits(void **state)
{
    struct house *house = *state;
    static const char *const SKUS[] = {"1896-S", "1900-S", "1906-S"};
    house_put_shop(house, "DEMO", STOCKED ",\"brake_least\":2,\"brake_stock\":50");
    for (size_t i = 0; i < COUNT(SKUS); i++) {
        stocked_in_erp(house, SKUS[i], 10);
        stocked_link(house, SKUS[i], "Main Warehouse");
    }
    house_good(house, "inventory.sync", SHOP);
    stocked_in_erp(house, "1896-S", 0);
    house_good(house, "inventory.sync", SHOP); /* one of three is none of the brake's business */
    expect_level(house, "sold out", 0, 0);
    stocked_in_erp(house, "1900-S", 0);
    stocked_in_erp(house, "1906-S", 0);
    int64_t sets = peers_calls(house->peers, "shopify", "InventorySet");
    struct ran ran = house_run(house, "inventory.sync", SHOP);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_THROTTLED);
    assert_int_equal(ran.err.retry_after_ms, PARK_NEVER);
    assert_non_null(strstr(ran.err.text, "2 of 2 variants in stock would be set to 0"));
    assert_int_equal(peers_calls(house->peers, "shopify", "InventorySet"), sets);

    /* nobody has approved it, and 0 as limit lets everything through */
    assert_false(house_run(house, "inventory.sync", SHOP).ok);
    house_put_shop(house, "DEMO", STOCKED ",\"brake_least\":2,\"brake_stock\":0");
    assert_int_equal(house_good(house, "inventory.sync", SHOP).updated, 2);
}

/* ---- parameters ---- */

static void every_parameter_narrows_the_run(void **state)
{
    struct house *house = *state;
    stocked_in_erp(house, "1896-S", 10);
    stocked_in_erp(house, "1900-S", 5);
    stocked_link(house, "1896-S", "Main Warehouse");
    stocked_link(house, "1900-S", "Main Warehouse");
    OWN_JSON json *levels = house_ask(house, "shopify", "GET", "stock", NULL);
    const char *variant = "";
    int64_t before = stocked_level(house, "1896-S", "Main Warehouse", "on_hand");
    for (size_t i = 0; i < json_count(levels); i++)
        if (strcmp(json_text(json_at(levels, i), "sku"), "1900-S") == 0)
            variant = stocked_number(json_text(json_at(levels, i), "variant"));
    OWN_TEXT char *only = mem_printf("{\"shop\":\"DEMO\",\"variant_id_filter\":\"%s\"}", variant);
    assert_int_equal(house_good(house, "inventory.sync", only).updated, 1);
    assert_int_equal(stocked_level(house, "1900-S", "Main Warehouse", "on_hand"), 5);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "on_hand"), before);

    /* nothing is read, what is known is sent although nothing differs, what is not is left */
    int64_t reads = peers_calls(house->peers, "shopify", "InventoryLevelsByItems");
    struct counts counts =
        house_good(house, "inventory.sync", "{\"shop\":\"DEMO\",\"skip_import\":true}");
    assert_int_equal(counts.updated, 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsByItems"), reads);
    assert_int_equal(stocked_level(house, "1896-S", "Main Warehouse", "on_hand"), before);
}

/* ---- a life of orders: whatever happens in whatever order, with a run after each event ---- */

enum { LIVES = 5, STEPS = 24, PIECES = 10 };

struct lived {
    char name[8];
    bool placed, cancelled;
    int64_t shipped;
};
struct life {
    struct house *house;
    struct lived orders[LIVES];
    uint64_t seed;
    bool read; /* both sides have been, by the latest events */
};

static uint64_t chance(struct life *life, uint64_t below)
{
    life->seed = life->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (life->seed >> 33) % below;
}

static json *shopify_order(struct house *house, const char *name)
{
    OWN_TEXT char *path = mem_printf("orders/%%23%s", name + 1);
    return house_ask(house, "shopify", "GET", path, NULL);
}

static void order_told(struct house *house, const char *name, const char *what, const char *body)
{
    OWN_TEXT char *path = mem_printf("orders/%%23%s/%s", name + 1, what);
    house_tell(house, "shopify", path, body);
}

/* Units that Shopify has sold and not given up: fulfilled, and open. */
static int64_t sold_of(struct life *life, const struct lived *order)
{
    int64_t units = 0;
    OWN_JSON json *node = shopify_order(life->house, order->name);
    const json *list = json_get(node, "fulfillmentOrders");
    for (size_t i = 0; i < json_count(list); i++) {
        const json *lines = json_get(json_at(list, i), "lines");
        bool open = strcmp(json_text(json_at(list, i), "status"), "CLOSED") != 0;
        for (size_t k = 0; k < json_count(lines); k++) {
            int64_t total = json_int(json_at(lines, k), "total", 0);
            int64_t left = json_int(json_at(lines, k), "remaining", 0);
            units += order->cancelled || !open ? total - left : total;
        }
    }
    return units;
}

static int64_t free_pieces(struct life *life)
{
    OWN_JSON json *item = house_ask(life->house, "bc", "POST", "items/1896-S", "{}");
    struct decimal inventory;
    assert_true(json_decimal(item, "inventory", &inventory));
    int64_t pieces = (int64_t)decimal_round(inventory, 0).digits;
    for (size_t i = 0; i < LIVES; i++) {
        int64_t owed =
            life->orders[i].placed ? sold_of(life, &life->orders[i]) - life->orders[i].shipped : 0;
        pieces -= owed > 0 ? owed : 0;
    }
    return pieces;
}

static void ship_one(struct life *life, struct lived *order)
{
    OWN_JSON json *node = shopify_order(life->house, order->name);
    OWN_TEXT char *key = mem_printf("order:%s", json_text(node, "id"));
    OWN_TEXT char *number = house_field(life->house, key, "document");
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    if (!*number || order->shipped == 2)
        return;
    house_tell(life->house, "bc", path, "{\"ship\":{\"10000\":1}}");
    order->shipped++;
}

static void happens(struct life *life)
{
    struct lived *order = &life->orders[chance(life, LIVES)];
    life->read = false;
    switch (chance(life, 7)) {
    case 0:
    case 1:
        if (!order->placed)
            house_place(life->house, order->name, "");
        order->placed = true;
        break;
    case 2:
        house_good(life->house, "orders.sync", ONLY);
        break;
    case 3:
        house_good(life->house, "orders.process", ONLY);
        break;
    case 4:
        if (order->placed)
            ship_one(life, order);
        break;
    case 5:
        house_good(life->house, "shipments.sync", SHOP);
        break;
    default:
        if (order->placed && !order->cancelled && order->shipped == 0)
            order_told(life->house, order->name, "cancel",
                       "{\"reason\":\"CUSTOMER\",\"restock\":true}");
        order->cancelled = order->cancelled || (order->placed && order->shipped == 0);
    }
    house_later(life->house);
}

static void check_life(struct life *life, int step, bool equal)
{
    int64_t available = stocked_level(life->house, "1896-S", "Main Warehouse", "available");
    int64_t left = free_pieces(life);
    if (equal ? available != left : available > (left > 0 ? left : 0))
        fail_msg("seed %" PRIu64 ", step %d: %" PRId64 " available, %" PRId64 " free", life->seed,
                 step, available, left);
}

/* Acceptance in one sentence: what is offered was never sold before, and nothing is held back once
 * both sides have been read. */
static void no_order_of_events_offers_a_piece_twice(void **state)
{
    struct life life = {.house = *state, .seed = 7};
    stocked_in_erp(life.house, "1896-S", PIECES);
    stocked_link(life.house, "1896-S", "Main Warehouse");
    house_good(life.house, "inventory.sync", SHOP);
    for (size_t i = 0; i < LIVES; i++)
        snprintf(life.orders[i].name, sizeof life.orders[i].name, "#900%d", (int)i + 1);
    for (int step = 0; step < STEPS; step++) {
        happens(&life);
        house_good(life.house, "inventory.sync", SHOP);
        check_life(&life, step, false);
    }
    house_good(life.house, "orders.sync", ONLY);
    house_good(life.house, "shipments.sync", SHOP);
    house_good(life.house, "orders.sync", ONLY);
    house_good(life.house, "inventory.sync", SHOP);
    house_good(life.house, "inventory.sync", SHOP);
    check_life(&life, STEPS, true);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(two_runs_at_once_leave_what_is_true),
        TEST(stock_arrives_and_an_idle_run_asks_nothing),
        TEST(an_order_is_counted_once_and_costs_nothing),
        TEST(missing_levels_are_stocked),
        TEST(what_a_person_changes_meanwhile_is_read_and_set),
        TEST(a_refused_quantity_stops_no_other),
        TEST(a_killed_run_sends_the_same_again),
        TEST(what_people_change_is_found_and_put_right),
        TEST(a_look_that_fails_goes_page_by_page),
        TEST(a_look_whose_start_is_lost_is_found),
        cmocka_unit_test(changes_beyond_the_depth_of_paging_are_found),
        TEST(defect_3_5_open_orders_are_not_sent_again_and_again),
        TEST(safety_stock_is_kept_back),
        TEST(two_shops_do_not_sell_the_same_piece),
        cmocka_unit_test_setup_teardown(places_have_the_stock_of_their_filters, open_extension,
                                        close_house),
        TEST(a_run_that_would_empty_the_shop_waits),
        TEST(every_parameter_narrows_the_run),
        TEST(no_order_of_events_offers_a_piece_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
