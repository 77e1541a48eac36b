/* products_add_test.c - products.add between both simulated peers: an item becomes a product, once,
 * whatever happens on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/shelf.h"
#include "support/stocked.h"

#define SETTINGS                                                                                   \
    ",\"sku_mapping\":\"item-no-variant\",\"inventory_tracked\":true,\"product_status\":\"draft\""

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
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

static int calm(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SETTINGS);
    return 0;
}

static void an_item_becomes_a_product_once(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ADD-1", "");
    struct counts counts = shelf_add(house, "ADD-1");
    assert_int_equal(counts.created, 1);
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_JSON json *made = shelf_shown(house, product);
    assert_string_equal(json_text(made, "title"), "Chair ADD-1");
    assert_string_equal(json_text(made, "status"), "DRAFT");
    const json *variant = json_path(made, "variants.0");
    assert_string_equal(json_text(variant, "sku"), "ADD-1");
    assert_string_equal(json_text(variant, "price"), "49.90");

    int64_t sets = peers_calls(house->peers, "shopify", "ProductSet");
    counts = shelf_add(house, "ADD-1");
    assert_int_equal(counts.created + counts.updated + counts.skipped, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", "ProductSet"), sets);
}

static int published(struct house *house)
{
    OWN_JSON json *ledger = house_ask(house, "shopify", "GET", "ledger", NULL);
    int count = 0;
    for (const char *at = json_write(ledger); (at = strstr(at, "publishablePublish")); at++)
        count++;
    return count;
}

static void a_new_product_is_published_where_the_shop_says(void **state)
{
    struct house *house = *state;
    int before = published(house);
    OWN_TEXT char *item = shelf_item(house, "ADD-9", "");
    shelf_add(house, "ADD-9");
    int shown = published(house);
    assert_true(shown > before);
    house_put_shop(house, "DEMO", SETTINGS ",\"sales_channels\":\"\"");
    OWN_TEXT char *other = shelf_item(house, "ADD-9B", "");
    shelf_add(house, "ADD-9B");
    OWN_TEXT char *product = shelf_product(house, other);
    assert_true(*item && *product);
    assert_int_equal(published(house), shown);
}

/* Shopify would stock it at its first location alone; and what a new product has needs no reading.
 */
static void a_new_product_is_stocked_wherever_the_shop_keeps_stock(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   SETTINGS ",\"stock_calculations\":{\"70000000002\":\"non-reserved\"}");
    OWN_TEXT char *item = shelf_item(house, "ADD-10", "");
    stocked_in_erp(house, "ADD-10", 6);
    shelf_add(house, "ADD-10");
    assert_int_equal(stocked_level(house, "ADD-10", "High Street Shop", "on_hand"), 0);
    assert_int_equal(stocked_level(house, "ADD-10", "Main Warehouse", "on_hand"), -997);
    OWN_TEXT char *only = mem_printf("{\"shop\":\"DEMO\",\"variant_id_filter\":\"%s\"}",
                                     stocked_variant(house, "ADD-10"));
    int64_t reads = peers_calls(house->peers, "shopify", "InventoryLevelsByItems");
    assert_int_equal(house_good(house, "inventory.sync", only).updated, 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryLevelsByItems"), reads);
    assert_int_equal(peers_calls(house->peers, "shopify", "InventoryActivate"), 0);
    assert_int_equal(stocked_level(house, "ADD-10", "High Street Shop", "on_hand"), 6);
    assert_true(*item);
}

/* ... or is told at once, where the run is asked to. */
static void stock_is_told_with_the_product_where_that_is_asked(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   SETTINGS ",\"stock_calculations\":{\"70000000002\":\"non-reserved\"}");
    OWN_TEXT char *item = shelf_item(house, "ADD-13", "");
    stocked_in_erp(house, "ADD-13", 6);
    house_good(house, "products.add",
               "{\"shop\":\"DEMO\",\"item_no\":\"ADD-13\",\"sync_inventory\":true}");
    assert_int_equal(stocked_level(house, "ADD-13", "High Street Shop", "on_hand"), 6);
    assert_true(*item);
}

/* The link goes where orders look for it. */
static void its_orders_find_the_item_without_a_look_up(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ADD-2", "");
    shelf_add(house, "ADD-2");
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", product);
    OWN_TEXT char *variant = house_field(house, key, "variants");
    OWN_TEXT char *mapped = mem_printf("variant:%s", variant);
    OWN_TEXT char *of_variant = house_field(house, mapped, "item");
    assert_string_equal(of_variant, item);
    OWN_TEXT char *own = mem_printf("shop-variant:DEMO:%s", variant);
    OWN_TEXT char *tracked = house_field(house, own, "tracked");
    OWN_TEXT char *inventory = house_field(house, own, "inventory_item");
    OWN_TEXT char *price = house_field(house, own, "price_sent");
    assert_string_equal(tracked, "true");
    assert_true(*inventory);
    assert_string_equal(price, "49.9//20");
}

/* Defect 8 of the original: a SKU with a blank or a colon breaks the search, and one variant alone
 * is looked for. */
static void defect_8_a_product_that_a_person_made_is_linked(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ADD -3:X", "");
    house_tell(house, "shopify", "products",
               "{\"id\":\"7900000000001\",\"title\":\"By "
               "hand\",\"vendor\":\"V\",\"variants\":[{\"id\":\"44900000000001\",\"sku\":\"ADD "
               "-3:X\",\"price\":\"9.00\"}]}");
    house_later(house);
    struct counts counts = shelf_add(house, "ADD -3:X");
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 1);
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_JSON json *made = shelf_shown(house, product);
    assert_string_equal(json_text(made, "title"), "By hand");
}

static void a_product_stays_the_item_that_it_is(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = shelf_item(house, "ADD-8A", "");
    OWN_TEXT char *second = shelf_item(house, "ADD-8B", "");
    house_tell(
        house, "shopify", "products",
        "{\"id\":\"7900000000008\",\"title\":\"Two sizes\",\"vendor\":\"V\",\"variants\":["
        "{\"id\":\"44900000000081\",\"sku\":\"ADD-8A\",\"title\":\"S\",\"price\":\"9.00\"},"
        "{\"id\":\"44900000000082\",\"sku\":\"ADD-8B\",\"title\":\"L\",\"price\":\"9.00\"}]}");
    house_later(house);
    struct counts counts = shelf_add(house, "ADD-8A|ADD-8B");
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(counts.skipped, 1);
    OWN_TEXT char *product = shelf_product(house, first);
    OWN_TEXT char *none = shelf_product(house, second);
    OWN_TEXT char *reason = house_reason(house, "ADD-8B");
    assert_string_equal(product, "7900000000008");
    assert_string_equal(none, "");
    assert_string_equal(reason, "product-of-another");
}

/* The answer never comes, though the product was made; and no index finds it yet. */
static void a_lost_answer_makes_no_second_product(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ADD-4", "");
    peers_fault(house->peers, "shopify", "{\"operation\":\"ProductSet\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct counts counts = shelf_add(house, "ADD-4");
    assert_int_equal(counts.created, 0);
    OWN_TEXT char *reason = house_reason(house, "ADD-4");
    assert_string_equal(reason, "product-later");
    int64_t sets = peers_calls(house->peers, "shopify", "ProductSet");
    counts = shelf_add(house, "ADD-4");
    assert_int_equal(counts.updated, 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "ProductSet"), sets);
    OWN_TEXT char *product = shelf_product(house, item);
    assert_true(*product);
    OWN_TEXT char *gone = house_reason(house, "ADD-4");
    assert_string_equal(gone, "");
}

static void a_killed_worker_makes_no_second_product(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ADD-5", "");
    const char *arguments = "{\"shop\":\"DEMO\",\"item_no\":\"ADD-5\"}";
    house_killed_at(house, "products.add", arguments, "http.after:shopify ProductSet", 1);
    int64_t sets = peers_calls(house->peers, "shopify", "ProductSet");
    shelf_add(house, "ADD-5");
    assert_int_equal(peers_calls(house->peers, "shopify", "ProductSet"), sets);
    OWN_TEXT char *product = shelf_product(house, item);
    assert_true(*product);
}

/* The same delivered twice, and both are at work: the second has looked while the first one's
 * product was not there yet. */
static void a_doubled_run_makes_no_second_product(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "TWICE-1", "");
    const char *arguments = "{\"shop\":\"DEMO\",\"item_no\":\"TWICE-1\"}";
    assert_true(house_doubled(house, "products.add", arguments, "shopify", "ProductSet"));
    int64_t sets = peers_calls(house->peers, "shopify", "ProductSet");
    shelf_add(house, "TWICE-1");
    assert_int_equal(peers_calls(house->peers, "shopify", "ProductSet"), sets);
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_JSON json *all = house_ask(house, "shopify", "GET", "products?sku=TWICE-1", NULL);
    assert_int_equal(json_count(all), 1);
    const char *gid = json_text(json_at(all, 0), "id");
    assert_string_equal(strrchr(gid, '/') + 1, product);
    OWN_TEXT char *reason = house_reason(house, "TWICE-1");
    assert_string_equal(reason, "");
}

static void one_bad_item_does_not_stop_the_next(void **state)
{
    struct house *house = *state;
    free(shelf_item(house, "ADD-6A", ",\"displayName\":\"\""));
    free(shelf_item(house, "ADD-6B", ",\"blocked\":true"));
    OWN_TEXT char *good = shelf_item(house, "ADD-6C", "");
    struct counts counts = shelf_add(house, "ADD-6*");
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.skipped, 2);
    OWN_TEXT char *no_title = house_reason(house, "ADD-6A");
    OWN_TEXT char *is_blocked = house_reason(house, "ADD-6B");
    OWN_TEXT char *product = shelf_product(house, good);
    assert_string_equal(no_title, "item-no-description");
    assert_string_equal(is_blocked, "item-blocked");
    assert_true(*product);
}

static void the_category_narrows_the_items(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *in = shelf_item(house, "ADD-7A", ",\"itemCategoryCode\":\"MISC\"");
    OWN_TEXT char *out = shelf_item(house, "ADD-7B", "");
    house_good(house, "products.add",
               "{\"shop\":\"DEMO\",\"item_no\":\"ADD-7*\",\"category\":\"MISC\"}");
    OWN_TEXT char *made = shelf_product(house, in), *not_made = shelf_product(house, out);
    assert_true(*made);
    assert_string_equal(not_made, "");
}

static void nothing_is_made_where_nothing_may_be_written(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "ADD-8", "");
    house_put_shop(house, "DEMO", SETTINGS ",\"allow_writes\":false");
    struct ran ran = house_run(house, "products.add", "{\"shop\":\"DEMO\",\"item_no\":\"ADD-8\"}");
    assert_false(ran.ok);
    assert_non_null(strstr(ran.err.text, "allow_writes"));
    OWN_TEXT char *product = shelf_product(house, item);
    assert_string_equal(product, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_item_becomes_a_product_once, calm),
        cmocka_unit_test_teardown(a_new_product_is_published_where_the_shop_says, calm),
        cmocka_unit_test_teardown(a_new_product_is_stocked_wherever_the_shop_keeps_stock, calm),
        cmocka_unit_test_teardown(stock_is_told_with_the_product_where_that_is_asked, calm),
        cmocka_unit_test_teardown(its_orders_find_the_item_without_a_look_up, calm),
        cmocka_unit_test_teardown(defect_8_a_product_that_a_person_made_is_linked, calm),
        cmocka_unit_test_teardown(a_product_stays_the_item_that_it_is, calm),
        cmocka_unit_test_teardown(a_lost_answer_makes_no_second_product, calm),
        cmocka_unit_test_teardown(a_killed_worker_makes_no_second_product, calm),
        cmocka_unit_test_teardown(a_doubled_run_makes_no_second_product, calm),
        cmocka_unit_test_teardown(one_bad_item_does_not_stop_the_next, calm),
        cmocka_unit_test_teardown(the_category_narrows_the_items, calm),
        cmocka_unit_test_teardown(nothing_is_made_where_nothing_may_be_written, calm),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
