/* products_new_test.c - products.sync between both simulated peers: what an item is offered in
 * anew becomes variants of its product, once, whatever happens on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/shelf.h"

#define ACTIVE                                                                                     \
    ",\"sku_mapping\":\"item-no-variant\",\"inventory_tracked\":true,\"sync_item\":\"to-"          \
    "shopify\",\"can_update_shopify_products\":true"
#define BY_UNIT ACTIVE ",\"uom_as_variant\":true"
#define SHOP "{\"shop\":\"DEMO\"}"

static const int64_t DAY_MS = 86400000;

static int open_house(void **state)
{
    /* on Plus, no day has a limit */
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0",
                                   "--plan", "basic",     NULL};
    const char *const bc[] = {"--data",    "synthetic", "--replica-lag", "0", "--level",
                              "extension", NULL};
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

static int calm(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE);
    house_tell(house, "shopify", "limits", "{\"from\":50000,\"perDay\":1000}");
    house_ahead_ms = 0;
    return 0;
}

static void add_variant(struct house *house, const char *item, const char *code, const char *more)
{
    OWN_TEXT char *body =
        mem_printf("{\"item\":\"%s\",\"code\":\"%s\",\"description\":\"%s %s\"%s}", item, code,
                   item, code, more);
    house_tell(house, "bc", "variants", body);
}

/* An item that is a product with the variant BLUE. */
static char *blue_item(struct house *house, const char *number)
{
    char *item = shelf_item(house, number, "");
    add_variant(house, number, "BLUE", "");
    assert_int_equal(shelf_add(house, number).created, 1);
    house_good(house, "products.sync", SHOP);
    return item;
}

static struct counts sync(struct house *house)
{
    return house_good(house, "products.sync", SHOP);
}

static int64_t creations(struct house *house)
{
    return peers_calls(house->peers, "shopify", "VariantsCreate");
}

static json *product_of(struct house *house, const char *item)
{
    OWN_TEXT char *product = shelf_product(house, item);
    return shelf_shown(house, product);
}

static const json *variant_at(const json *product, const char *sku)
{
    const json *rows = json_get(product, "variants");
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "sku"), sku) == 0)
            return json_at(rows, i);
    fail_msg("no variant %s in %s", sku, json_write(product));
    return NULL;
}

static void expect_reason(struct house *house, const char *record, const char *want)
{
    OWN_TEXT char *reason = house_reason(house, record);
    assert_string_equal(reason, want);
}

static void a_new_variant_comes_to_its_product(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = blue_item(house, "NEW-1");
    add_variant(house, "NEW-1", "RED", "");
    add_variant(house, "NEW-1", "OLIVE", ",\"blocked\":true");
    assert_int_equal(sync(house).created, 1);
    OWN_JSON json *product = product_of(house, item);
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    const json *red = variant_at(product, "NEW-1|RED");
    assert_string_equal(json_text(red, "price"), "49.90");
    assert_string_equal(json_text(variant_at(product, "NEW-1|BLUE"), "price"), "49.90");
    OWN_TEXT char *key = mem_printf("shop-variant:DEMO:%s", json_text(red, "id"));
    OWN_TEXT char *of = house_field(house, key, "item"),
                  *code = house_field(house, key, "variant_code");
    OWN_TEXT char *stock = house_field(house, key, "inventory_item");
    assert_string_equal(of, item);
    assert_string_equal(code, "RED");
    assert_true(*stock);
    struct counts counts = sync(house);
    assert_int_equal(counts.calls + counts.created + counts.updated, 0);
}

/* Defect 9 of the original: a run of prices alone makes nothing, also where units are variants. */
static void defect_9_prices_alone_make_no_variant(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", BY_UNIT);
    OWN_TEXT char *item = blue_item(house, "NEW-2");
    add_variant(house, "NEW-2", "RED", "");
    house_tell(house, "bc", "parts/itemUnits",
               "{\"item\":\"NEW-2\",\"code\":\"BOX\",\"quantityPerUnit\":6}");
    int64_t before = creations(house);
    house_good(house, "products.sync", "{\"shop\":\"DEMO\",\"only_prices\":true}");
    assert_int_equal(creations(house), before);
    assert_int_equal(sync(house).created, 3); /* BLUE by the box, RED by piece and box */
    assert_true(*item);
}

static void a_new_unit_is_a_new_variant_where_the_shop_says_so(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", BY_UNIT);
    OWN_TEXT char *item = shelf_item(house, "NEW-3", "");
    shelf_add(house, "NEW-3");
    sync(house);
    house_tell(house, "bc", "parts/itemUnits",
               "{\"item\":\"NEW-3\",\"code\":\"BOX\",\"quantityPerUnit\":6}");
    assert_int_equal(sync(house).created, 1);
    OWN_JSON json *product = product_of(house, item);
    const json *rows = json_get(product, "variants");
    assert_int_equal(json_count(rows), 2);
    assert_string_equal(json_text(json_at(rows, 1), "price"), "299.40");
}

/* The one variant that every product has takes a name, and stays the item itself. */
static void the_first_variant_of_a_plain_product(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "NEW-4", "");
    shelf_add(house, "NEW-4");
    sync(house);
    add_variant(house, "NEW-4", "BLUE", "");
    assert_int_equal(sync(house).created, 1);
    house_tell(house, "bc", "items/NEW-4", "{\"unitPrice\":51}");
    sync(house);
    OWN_JSON json *product = product_of(house, item);
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    assert_string_equal(json_text(json_path(product, "options.0"), "name"), "Variant");
    assert_string_equal(json_text(variant_at(product, "NEW-4"), "price"), "51.00");
    assert_string_equal(json_text(variant_at(product, "NEW-4|BLUE"), "price"), "51.00");
    assert_int_equal(sync(house).calls, 0);
}

/* ... and where units become variants, it is the unit that the item is sold in. */
static void a_plain_product_whose_units_become_variants(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "NEW-5", "");
    house_tell(house, "bc", "parts/itemUnits",
               "{\"item\":\"NEW-5\",\"code\":\"BOX\",\"quantityPerUnit\":6}");
    shelf_add(house, "NEW-5");
    sync(house);
    house_put_shop(house, "DEMO", BY_UNIT);
    sync(house);
    OWN_JSON json *product = product_of(house, item);
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    assert_string_equal(json_text(json_path(product, "options.0"), "name"), "Unit of Measure");
    assert_non_null(strstr(json_write(product), "\"PCS\""));
    assert_null(strstr(json_write(product), "Default Title"));
    assert_int_equal(sync(house).calls, 0);
}

static void a_lost_answer_makes_no_second_variant(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = blue_item(house, "NEW-6");
    add_variant(house, "NEW-6", "RED", "");
    peers_fault(house->peers, "shopify", "{\"operation\":\"VariantsCreate\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_int_equal(sync(house).created, 0);
    expect_reason(house, "NEW-6", "product-later");
    int64_t before = creations(house);
    sync(house); /* linked */
    sync(house); /* its fields are told */
    assert_int_equal(creations(house), before);
    expect_reason(house, "NEW-6", "");
    OWN_JSON json *product = product_of(house, item);
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    assert_int_equal(sync(house).calls, 0);
}

static void a_killed_worker_makes_no_second_variant(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = blue_item(house, "NEW-7");
    add_variant(house, "NEW-7", "RED", "");
    house_killed_at(house, "products.sync", SHOP, "http.after:shopify VariantsCreate", 1);
    int64_t before = creations(house);
    sync(house);
    sync(house);
    assert_int_equal(creations(house), before);
    OWN_JSON json *product = product_of(house, item);
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    assert_int_equal(sync(house).calls, 0);
}

/* A merchant's own options are his: the variant is linked where its SKU stands, else it is said. */
static void a_product_with_other_options_is_left_to_a_person(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "NEW-8", "");
    add_variant(house, "NEW-8", "S", "");
    house_tell(
        house, "shopify", "products",
        "{\"id\":\"7900000000101\",\"title\":\"By hand\",\"vendor\":\"V\",\"options\":"
        "[\"Size\"],\"variants\":[{\"id\":\"44900000000101\",\"sku\":\"NEW-8|S\",\"options\":"
        "[\"Small\"],\"price\":\"9.00\"}]}");
    house_later(house);
    assert_int_equal(shelf_add(house, "NEW-8").updated, 1);
    sync(house);
    add_variant(house, "NEW-8", "L", "");
    int64_t before = creations(house);
    sync(house);
    expect_reason(house, "NEW-8", "product-options");
    assert_int_equal(creations(house), before);
    assert_int_equal(sync(house).calls, 0); /* nothing is asked again and again */
    house_tell(house, "shopify", "products/7900000000101/variants",
               "{\"variants\":[{\"optionValues\":[{\"optionName\":\"Size\",\"name\":\"Large\"}],"
               "\"inventoryItem\":{\"sku\":\"NEW-8|L\"}}]}");
    house_tell(house, "bc", "items/NEW-8", "{\"displayName\":\"Table\"}");
    sync(house);
    expect_reason(house, "NEW-8", "");
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", product);
    OWN_TEXT char *variants = house_field(house, key, "variants");
    assert_non_null(strchr(variants, ','));
}

/* A store of so many variants makes so many new ones a day; the rest comes the day after. */
static void the_days_limit_is_waited_for(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = blue_item(house, "NEW-9");
    add_variant(house, "NEW-9", "RED", "");
    OWN_TEXT char *other = shelf_item(house, "NEW-9B", "");
    house_tell(house, "shopify", "limits", "{\"from\":1,\"perDay\":0}");
    assert_int_equal(sync(house).created, 0);
    expect_reason(house, "NEW-9", "variants-per-day");
    int64_t before = creations(house), sets = peers_calls(house->peers, "shopify", "ProductSet");
    assert_int_equal(sync(house).calls, 0); /* the day is not over */
    shelf_add(house, "NEW-9B");
    expect_reason(house, "NEW-9B", "variants-per-day");
    assert_int_equal(creations(house), before);
    assert_int_equal(peers_calls(house->peers, "shopify", "ProductSet"), sets);
    house_tell(house, "shopify", "limits", "{\"from\":50000,\"perDay\":1000}");
    house_ahead_ms = DAY_MS;
    assert_int_equal(sync(house).created, 1);
    expect_reason(house, "NEW-9", "");
    assert_int_equal(shelf_add(house, "NEW-9B").created, 1);
    assert_true(*item && *other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_new_variant_comes_to_its_product, calm),
        cmocka_unit_test_teardown(defect_9_prices_alone_make_no_variant, calm),
        cmocka_unit_test_teardown(a_new_unit_is_a_new_variant_where_the_shop_says_so, calm),
        cmocka_unit_test_teardown(the_first_variant_of_a_plain_product, calm),
        cmocka_unit_test_teardown(a_plain_product_whose_units_become_variants, calm),
        cmocka_unit_test_teardown(a_lost_answer_makes_no_second_variant, calm),
        cmocka_unit_test_teardown(a_killed_worker_makes_no_second_variant, calm),
        cmocka_unit_test_teardown(a_product_with_other_options_is_left_to_a_person, calm),
        cmocka_unit_test_teardown(the_days_limit_is_waited_for, calm),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
