/* products_large_test.c - a product of more variants than one page, or one call, takes.
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
    ",\"sku_mapping\":\"item-no-variant\",\"sync_item\":\"to-shopify\","                           \
    "\"can_update_shopify_products\":true"
enum { VARIANTS = 260 };

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

static char *large_item(struct house *house, const char *number)
{
    char *item = shelf_item(house, number, "");
    for (int i = 0; i < VARIANTS; i++) {
        OWN_TEXT char *body = mem_printf("{\"item\":\"%s\",\"code\":\"V%03d\"}", number, i);
        house_tell(house, "bc", "variants", body);
    }
    assert_int_equal(shelf_add(house, number).created, 1);
    return item;
}

/* Defect 3 of the original: behind the first page stand variants, too. */
static void defect_3_all_pages_of_variants_are_linked(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = large_item(house, "LARGE-3");
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", product);
    OWN_TEXT char *variants = house_field(house, key, "variants");
    int count = 1;
    for (const char *at = variants; (at = strchr(at, ',')); at++)
        count++;
    assert_int_equal(count, VARIANTS);
}

/* Defect 2 of the original: the variant that begins the next call is not left out. */
static void defect_2_no_variant_falls_between_two_calls(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = large_item(house, "LARGE-2");
    house_good(house, "products.sync", "{\"shop\":\"DEMO\"}");
    house_tell(house, "bc", "items/LARGE-2", "{\"unitPrice\":51}");
    house_good(house, "products.sync", "{\"shop\":\"DEMO\"}");
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_JSON json *shown = shelf_shown(house, product);
    const json *rows = json_get(shown, "variants");
    assert_int_equal(json_count(rows), VARIANTS);
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "price"), "51.00") != 0)
            fail_msg("variant %zu costs %s", i + 1, json_text(json_at(rows, i), "price"));
}

/* Its prices on a catalog's list go by two calls, and one of them comes to nothing. */
static void a_part_that_gets_lost_is_told_again(void **state)
{
    struct house *house = *state;
    free(large_item(house, "LARGE-4"));
    house_put_shop(house, "DEMO",
                   ACTIVE ",\"bulk_from\":0,\"late_s\":60,\"catalogs\":{\"Gold\":\"\"}");
    house_tell(house, "shopify", "catalogs",
               "{\"title\":\"Gold\",\"currency\":\"GBP\",\"markets\":[\"Europe\"]}");
    house_good(house, "catalogs.sync", "{\"shop\":\"DEMO\"}");
    peers_fault(house->peers, "shopify", "{\"operation\":\"CatalogPricesAdd\"}", 1,
                "{\"kind\":\"reset_before\"}");
    house_good(house, "catalog-prices.sync", "{\"shop\":\"DEMO\"}");
    house_ahead_ms += 61 * 1000;
    house_good(house, "catalog-prices.sync", "{\"shop\":\"DEMO\"}");
    OWN_JSON json *shown = house_ask(house, "shopify", "GET", "catalogs/Gold", NULL);
    const char *variant;
    json *price;
    int count = 0;
    JSON_EACH(variant, price, json_path(shown, "priceList.prices"))
    {
        count += *variant && price;
    }
    assert_int_equal(count, 3 * VARIANTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defect_3_all_pages_of_variants_are_linked),
        cmocka_unit_test(defect_2_no_variant_falls_between_two_calls),
        cmocka_unit_test(a_part_that_gets_lost_is_told_again),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
