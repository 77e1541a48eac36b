/* products_fields_test.c - what products carry, setting by setting, where the company shows all of
 * it: created so, and changed so.
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

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
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
    house_put_shop(*state, "DEMO", ACTIVE);
    return 0;
}

static void add_variant(struct house *house, const char *item, const char *code)
{
    OWN_TEXT char *body = mem_printf("{\"item\":\"%s\",\"code\":\"%s\"}", item, code);
    house_tell(house, "bc", "variants", body);
}

static void add_attribute(struct house *house, const char *item, const char *variant,
                          const char *name, const char *value)
{
    int id = strcmp(name, "Size") == 0 ? 2 : 1; /* by which Business Central tells them apart */
    OWN_TEXT char *body =
        mem_printf("{\"item\":\"%s\",\"variantCode\":\"%s\",\"attributeId\":%d,\"name\":\"%s\","
                   "\"value\":\"%s\"}",
                   item, variant, id, name, value);
    house_tell(house, "bc", "parts/itemAttributes", body);
}

static struct counts sync(struct house *house)
{
    return house_good(house, "products.sync", "{\"shop\":\"DEMO\"}");
}

static json *product_of(struct house *house, const char *item)
{
    OWN_TEXT char *product = shelf_product(house, item);
    return shelf_shown(house, product);
}

static void expect(const json *product, const char *path, const char *want)
{
    const char *got = json_string(json_path(product, path));
    if (strcmp(got, want) != 0)
        fail_msg("%s is \"%s\", not \"%s\", in %s", path, got, want, json_write(product));
}

static void expect_reason(struct house *house, const char *record, const char *want)
{
    OWN_TEXT char *reason = house_reason(house, record);
    assert_string_equal(reason, want);
}

static void attributes_are_options_where_the_shop_names_them(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"option_attributes\":\"Colour,Size\"");
    OWN_TEXT char *item = shelf_item(house, "FLD-1", "");
    add_variant(house, "FLD-1", "B");
    add_attribute(house, "FLD-1", "B", "Colour", "Blue");
    add_attribute(house, "FLD-1", "", "Size", "Large");
    assert_int_equal(shelf_add(house, "FLD-1").created, 1);
    sync(house);
    add_variant(house, "FLD-1", "R");
    assert_int_equal(sync(house).created, 0); /* it has no colour */
    expect_reason(house, "FLD-1", "option-value");
    add_attribute(house, "FLD-1", "R", "Colour", "Blue");
    assert_int_equal(sync(house).created, 0);
    expect_reason(house, "FLD-1", "option-double");
    add_attribute(house, "FLD-1", "R", "Size", "Small");
    assert_int_equal(sync(house).created, 1);
    expect_reason(house, "FLD-1", "");
    OWN_JSON json *product = product_of(house, item);
    expect(product, "options.0.name", "Colour");
    expect(product, "options.1.name", "Size");
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    assert_int_equal(sync(house).calls, 0);
}

static void an_item_without_its_values_is_no_product(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"option_attributes\":\"Colour\"");
    OWN_TEXT char *item = shelf_item(house, "FLD-2", "");
    add_variant(house, "FLD-2", "B");
    add_variant(house, "FLD-2", "R");
    add_attribute(house, "FLD-2", "B", "Colour", "Blue");
    assert_int_equal(shelf_add(house, "FLD-2").created, 0);
    expect_reason(house, "FLD-2", "option-value");
    add_attribute(house, "FLD-2", "R", "Colour", "Red");
    assert_int_equal(shelf_add(house, "FLD-2").created, 1);
    expect_reason(house, "FLD-2", "");
    assert_true(*item);
}

static void a_new_product_has_the_shops_tags(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"product_tags\":\"from erp, new\"");
    OWN_TEXT char *item = shelf_item(house, "FLD-3", "");
    shelf_add(house, "FLD-3");
    OWN_JSON json *product = product_of(house, item);
    assert_int_equal(json_count(json_get(product, "tags")), 2);
    assert_non_null(strstr(json_write(json_get(product, "tags")), "from erp"));
}

/* Each mapping, when the product is made and when the shop changes its mind. */
static void skus_follow_the_mapping(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *mapping, *want;
    } MAPPINGS[] = {
        {"item-no",         "FLD-4"  },
        {"variant-code",    "B"      },
        {"item-no-variant", "FLD-4|B"},
        {"barcode",         "4711"   },
        {"vendor-item-no",  "V-77"   },
    };
    OWN_TEXT char *item =
        shelf_item(house, "FLD-4", ",\"vendorNumber\":\"10000\",\"vendorItemNumber\":\"V-7\"");
    add_variant(house, "FLD-4", "B");
    house_tell(house, "bc", "parts/itemReferences",
               "{\"item\":\"FLD-4\",\"variantCode\":\"B\",\"referenceNumber\":\"4711\"}");
    house_tell(house, "bc", "parts/itemReferences",
               "{\"item\":\"FLD-4\",\"variantCode\":\"B\",\"referenceType\":\"Vendor\","
               "\"referenceTypeNumber\":\"10000\",\"referenceNumber\":\"V-77\"}");
    for (size_t i = 0; i < COUNT(MAPPINGS); i++) {
        OWN_TEXT char *settings = mem_printf(",\"sku_mapping\":\"%s\",\"sync_item\":\"to-shopify\","
                                             "\"can_update_shopify_products\":true",
                                             MAPPINGS[i].mapping);
        house_put_shop(house, "DEMO", settings);
        if (i == 0)
            shelf_add(house, "FLD-4");
        sync(house);
        OWN_JSON json *product = product_of(house, item);
        expect(product, "variants.0.sku", MAPPINGS[i].want);
        expect(product, "variants.0.barcode", "4711");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(attributes_are_options_where_the_shop_names_them, calm),
        cmocka_unit_test_teardown(an_item_without_its_values_is_no_product, calm),
        cmocka_unit_test_teardown(a_new_product_has_the_shops_tags, calm),
        cmocka_unit_test_teardown(skus_follow_the_mapping, calm),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
