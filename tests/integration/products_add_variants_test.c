/* products_add_variants_test.c - products.add-variants between both simulated peers: items become
 * variants of a product that stands, and stay the items that they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "store/products.h"
#include "support/shelf.h"

#define ACTIVE                                                                                     \
    ",\"sku_mapping\":\"item-no-variant\",\"inventory_tracked\":true,\"sync_item\":\"to-"          \
    "shopify\",\"can_update_shopify_products\":true"

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

static int calm(void **state)
{
    house_put_shop(*state, "DEMO", ACTIVE);
    return 0;
}

static struct counts add(struct house *house, const char *product, const char *items)
{
    OWN_TEXT char *arguments =
        mem_printf("{\"shop\":\"DEMO\",\"product\":\"%s\",\"item_no\":\"%s\"}", product, items);
    return house_good(house, "products.add-variants", arguments);
}

static struct counts sync(struct house *house)
{
    return house_good(house, "products.sync", "{\"shop\":\"DEMO\"}");
}

static char *parent(struct house *house, const char *number)
{
    char *item = shelf_item(house, number, "");
    assert_int_equal(shelf_add(house, number).created, 1);
    sync(house);
    return item;
}

static json *product_of(struct house *house, const char *item)
{
    OWN_TEXT char *product = shelf_product(house, item);
    return shelf_shown(house, product);
}

static void expect_variant(const json *product, const char *sku, const char *price)
{
    const json *rows = json_get(product, "variants");
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "sku"), sku) == 0) {
            assert_string_equal(json_text(json_at(rows, i), "price"), price);
            return;
        }
    fail_msg("no variant %s in %s", sku, json_write(product));
}

static void expect_reason(struct house *house, const char *record, const char *want)
{
    OWN_TEXT char *reason = house_reason(house, record);
    assert_string_equal(reason, want);
}

static int64_t creations(struct house *house)
{
    return peers_calls(house->peers, "shopify", "VariantsCreate");
}

static void items_become_variants_of_a_product(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = parent(house, "AV-1");
    OWN_TEXT char *first = shelf_item(house, "AV-1A", ",\"unitPrice\":12");
    OWN_TEXT char *second = shelf_item(house, "AV-1B", "");
    assert_int_equal(add(house, "AV-1", "AV-1A|AV-1B").created, 2);
    OWN_JSON json *product = product_of(house, main);
    assert_string_equal(json_text(json_path(product, "options.0"), "name"), "Variant");
    assert_int_equal(json_count(json_get(product, "variants")), 3);
    expect_variant(product, "AV-1", "49.90");
    expect_variant(product, "AV-1A", "12.00");
    int64_t before = creations(house);
    assert_int_equal(add(house, "AV-1", "AV-1A|AV-1B").read, 0);
    assert_int_equal(shelf_add(house, "AV-1A|AV-1B").created, 0);
    assert_int_equal(creations(house), before);
    OWN_TEXT char *of = shelf_product(house, first), *same = shelf_product(house, second);
    assert_string_equal(of, same);
}

/* What changes on an item goes to its own variant; the product stays the first item's. */
static void each_variant_stays_its_own_item(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = parent(house, "AV-2");
    OWN_TEXT char *other = shelf_item(house, "AV-2A", "");
    add(house, "AV-2", "AV-2A");
    sync(house);
    house_tell(house, "bc", "items/AV-2A", "{\"unitPrice\":13,\"displayName\":\"Not a title\"}");
    assert_int_equal(sync(house).updated, 1);
    house_tell(house, "bc", "items/AV-2", "{\"unitPrice\":50,\"displayName\":\"Title\"}");
    assert_int_equal(sync(house).updated, 1);
    OWN_JSON json *product = product_of(house, main);
    assert_string_equal(json_text(product, "title"), "Title");
    expect_variant(product, "AV-2", "50.00");
    expect_variant(product, "AV-2A", "13.00");
    house_put_shop(house, "DEMO", ACTIVE ",\"removed_product_action\":\"archive\"");
    house_tell(house, "bc", "items/AV-2A", "{\"blocked\":true}");
    sync(house);
    expect_reason(house, "AV-2A", "item-blocked");
    OWN_JSON json *after = product_of(house, main);
    assert_string_equal(json_text(after, "status"), "ACTIVE");
    assert_true(*other);
}

static void the_category_narrows_the_items(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = parent(house, "AV-3");
    OWN_TEXT char *in = shelf_item(house, "AV-3A", ",\"itemCategoryCode\":\"MISC\"");
    OWN_TEXT char *out = shelf_item(house, "AV-3B", "");
    house_good(house, "products.add-variants",
               "{\"shop\":\"DEMO\",\"product\":\"AV-3\",\"item_no\":\"AV-3*\",\"category\":"
               "\"MISC\"}");
    OWN_TEXT char *made = shelf_product(house, in), *not_made = shelf_product(house, out);
    OWN_TEXT char *of = shelf_product(house, main);
    assert_string_equal(made, of);
    assert_string_equal(not_made, "");
}

static void a_product_is_named_by_shopifys_number_too(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = parent(house, "AV-4");
    OWN_TEXT char *other = shelf_item(house, "AV-4A", "");
    OWN_TEXT char *product = shelf_product(house, main);
    assert_int_equal(add(house, product, "AV-4A").created, 1);
    OWN_TEXT char *of = shelf_product(house, other);
    assert_string_equal(of, product);
}

static void a_lost_answer_makes_no_second_variant(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = parent(house, "AV-5");
    OWN_TEXT char *other = shelf_item(house, "AV-5A", "");
    peers_fault(house->peers, "shopify", "{\"operation\":\"VariantsCreate\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_int_equal(add(house, "AV-5", "AV-5A").created, 0);
    expect_reason(house, "AV-5A", "product-later");
    int64_t before = creations(house);
    add(house, "AV-5", "AV-5A");
    assert_int_equal(creations(house), before);
    expect_reason(house, "AV-5A", "");
    OWN_JSON json *product = product_of(house, main);
    OWN_TEXT char *of = shelf_product(house, other);
    assert_int_equal(json_count(json_get(product, "variants")), 2);
    assert_true(*of);
}

static bool forget(struct attempt *attempt, struct err *err)
{
    OWN(write) struct write *write = write_new();
    OWN(store_rows) struct store_rows *rows = NULL;
    const char *product = json_text(attempt->args, "product"),
               *guest = json_text(attempt->args, "item_no");
    if (!store_products(attempt->ledger, attempt->company->id, "DEMO", &product, 1, &rows, err))
        return false;
    const struct staged_product staged = store_product_row(rows, 0);
    OWN_TEXT char *of_guest = mem_printf("item-product:DEMO:%s", guest);
    stage_product_gone(write, "DEMO", &staged);
    write_add(write, "DEL", of_guest, NULL);
    return attempt_flush(attempt, write, 0, err);
}

/* As after a loss of Redis: each item finds its own variant again, and the first takes no other's.
 */
static void without_links_each_finds_its_own(void **state)
{
    struct house *house = *state;
    static const char *const WITH[] = {ACTIVE, ACTIVE ",\"sku_mapping\":\"none\""};
    for (size_t i = 0; i < COUNT(WITH); i++) {
        OWN_TEXT char *number = mem_printf("AV-8%zu", i), *guest = mem_printf("AV-8%zuA", i);
        house_put_shop(house, "DEMO", WITH[i]);
        OWN_TEXT char *main = parent(house, number);
        OWN_TEXT char *other = shelf_item(house, guest, ",\"unitPrice\":12");
        assert_int_equal(add(house, number, guest).created, 1);
        OWN_TEXT char *product = shelf_product(house, main);
        OWN_TEXT char *arguments =
            mem_printf("{\"shop\":\"DEMO\",\"product\":\"%s\",\"item_no\":\"%s\"}", product, other);
        assert_true(
            house_run_with(house, "products.add-variants", arguments, TICKET_SCHEDULED, forget).ok);
        int64_t before = creations(house);
        shelf_add(house, number);
        add(house, number, guest);
        sync(house);
        assert_int_equal(creations(house), before);
        OWN_TEXT char *of = shelf_product(house, main), *same = shelf_product(house, other);
        assert_string_equal(of, product);
        assert_string_equal(same, product);
        expect_reason(house, guest, "");
        OWN_JSON json *shown = product_of(house, main);
        const json *rows = json_get(shown, "variants");
        assert_int_equal(json_count(rows), 2);
        assert_string_equal(json_text(json_at(rows, 0), "price"), "49.90");
        assert_string_equal(json_text(json_at(rows, 1), "price"), "12.00");
    }
}

static void one_bad_item_does_not_stop_the_next(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *main = parent(house, "AV-6");
    free(shelf_item(house, "AV-6A", ",\"blocked\":true"));
    OWN_TEXT char *good = shelf_item(house, "AV-6B", "");
    assert_int_equal(add(house, "AV-6", "AV-6A|AV-6B").created, 1);
    expect_reason(house, "AV-6A", "item-blocked");
    OWN_TEXT char *of = shelf_product(house, good);
    assert_true(*of && *main);
    free(shelf_item(house, "AV-6C", ""));
    add(house, "AV-6C", "AV-6A|AV-6C"); /* no product yet */
    expect_reason(house, "AV-6C", "parent-no-product");
}

static void what_cannot_be_is_said(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *settings, *product, *want;
    } REFUSALS[] = {
        {",\"uom_as_variant\":true", "AV-7",   "uom_as_variant"},
        {",\"allow_writes\":false",  "AV-7",   "allow_writes"  },
        {"",                         "NOBODY", "no item NOBODY"},
    };
    OWN_TEXT char *main = parent(house, "AV-7");
    free(shelf_item(house, "AV-7A", ""));
    for (size_t i = 0; i < COUNT(REFUSALS); i++) {
        OWN_TEXT char *settings = mem_printf(ACTIVE "%s", REFUSALS[i].settings);
        OWN_TEXT char *arguments = mem_printf(
            "{\"shop\":\"DEMO\",\"product\":\"%s\",\"item_no\":\"AV-7A\"}", REFUSALS[i].product);
        house_put_shop(house, "DEMO", settings);
        struct ran ran = house_run(house, "products.add-variants", arguments);
        assert_false(ran.ok);
        if (!strstr(ran.err.text, REFUSALS[i].want))
            fail_msg("%s", ran.err.text);
    }
    assert_true(*main);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(items_become_variants_of_a_product, calm),
        cmocka_unit_test_teardown(each_variant_stays_its_own_item, calm),
        cmocka_unit_test_teardown(the_category_narrows_the_items, calm),
        cmocka_unit_test_teardown(a_product_is_named_by_shopifys_number_too, calm),
        cmocka_unit_test_teardown(a_lost_answer_makes_no_second_variant, calm),
        cmocka_unit_test_teardown(without_links_each_finds_its_own, calm),
        cmocka_unit_test_teardown(one_bad_item_does_not_stop_the_next, calm),
        cmocka_unit_test_teardown(what_cannot_be_is_said, calm),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
