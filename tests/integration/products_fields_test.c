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

#include "store/room.h"
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

static void a_removed_items_product_goes_where_the_shop_says(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *action, *want, *linked;
    } ACTIONS[] = {
        {"nothing", "ACTIVE",   "yes"},
        {"draft",   "DRAFT",    ""   },
        {"archive", "ARCHIVED", ""   },
    };
    for (size_t i = 0; i < COUNT(ACTIONS); i++) {
        OWN_TEXT char *number = mem_printf("FLD-5%zu", i);
        OWN_TEXT char *path = mem_printf("items/%s", number);
        OWN_TEXT char *settings =
            mem_printf(ACTIVE ",\"removed_product_action\":\"%s\"", ACTIONS[i].action);
        house_put_shop(house, "DEMO", ACTIVE);
        OWN_TEXT char *item = shelf_item(house, number, "");
        assert_int_equal(shelf_add(house, number).created, 1);
        OWN_TEXT char *product = shelf_product(house, item);
        sync(house);
        json_free(house_ask(house, "bc", "DELETE", path, NULL));
        house_put_shop(house, "DEMO", settings);
        sync(house);
        OWN_JSON json *shown = shelf_shown(house, product);
        expect(shown, "status", ACTIONS[i].want);
        OWN_TEXT char *still = shelf_product(house, item);
        assert_int_equal(!*still, !*ACTIONS[i].linked);
        assert_int_equal(sync(house).calls, 0);
    }
}

/* ---- translations, metafields, collections ---- */

static void add_translation(struct house *house, const char *item, const char *description)
{
    OWN_TEXT char *body = mem_printf(
        "{\"item\":\"%s\",\"languageCode\":\"DEU\",\"description\":\"%s\"}", item, description);
    house_tell(house, "bc", "parts/itemTranslations", body);
}

static bool shows(struct house *house, const char *item, const char *text)
{
    OWN_JSON json *product = product_of(house, item);
    return strstr(json_write(product), text) != NULL;
}

static void titles_are_translated(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"translations\":{\"de\":\"DEU\"}");
    OWN_TEXT char *item = shelf_item(house, "FLD-9", "");
    add_translation(house, "FLD-9", "Stuhl");
    shelf_add(house, "FLD-9");
    assert_true(shows(house, item, "Stuhl"));
    sync(house);
    int64_t before = peers_calls(house->peers, "shopify", "TranslationsRegister");
    assert_int_equal(sync(house).calls, 0);
    add_translation(house, "FLD-9", "Sessel");
    assert_int_equal(sync(house).updated, 1);
    assert_true(shows(house, item, "Sessel"));
    assert_int_equal(peers_calls(house->peers, "shopify", "TranslationsRegister"), before + 1);
    assert_int_equal(sync(house).calls, 0);
}

/* The text that it is a translation of changes in the same run: the digest is that of the new one.
 */
static void a_translation_is_of_the_title_that_stands(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"translations\":{\"de\":\"DEU\"}");
    OWN_TEXT char *item = shelf_item(house, "FLD-10", "");
    shelf_add(house, "FLD-10");
    sync(house);
    add_translation(house, "FLD-10", "Hocker");
    house_tell(house, "bc", "items/FLD-10", "{\"displayName\":\"Stool\"}");
    assert_int_equal(sync(house).updated, 1);
    assert_true(shows(house, item, "Hocker"));
    expect_reason(house, "FLD-10", "");
}

/* Defect 6 of the original: a locale is more than two letters, and none is lost. */
static void defect_6_a_locale_is_taken_whole(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"translations\":{\"de\":\"DEU\",\"pt-BR\":\"PTB\"}");
    OWN_TEXT char *item = shelf_item(house, "FLD-11", "");
    add_translation(house, "FLD-11", "Stuhl");
    house_tell(house, "bc", "parts/itemTranslations",
               "{\"item\":\"FLD-11\",\"languageCode\":\"PTB\",\"description\":\"Cadeira\"}");
    shelf_add(house, "FLD-11");
    OWN_JSON json *product = product_of(house, item);
    assert_non_null(strstr(json_write(product), "\"locale\":\"pt-BR\""));
    assert_true(shows(house, item, "Cadeira") && shows(house, item, "Stuhl"));
}

static void what_shopify_refuses_of_a_translation_is_told_again(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACTIVE ",\"translations\":{\"xx\":\"DEU\"}");
    OWN_TEXT char *item = shelf_item(house, "FLD-12", "");
    add_translation(house, "FLD-12", "Stuhl");
    assert_int_equal(shelf_add(house, "FLD-12").created, 1); /* a locale that the store has not */
    sync(house);
    expect_reason(house, "FLD-12", "product-refused");
    house_put_shop(house, "DEMO", ACTIVE ",\"translations\":{\"de\":\"DEU\"}");
    sync(house);
    expect_reason(house, "FLD-12", "");
    assert_true(shows(house, item, "Stuhl"));
}

static void attributes_are_metafields_where_the_shop_names_them(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   ACTIVE ",\"product_metafields\":{\"custom.material\":\"Material\"}");
    OWN_TEXT char *item = shelf_item(house, "FLD-13", "");
    add_attribute(house, "FLD-13", "", "Material", "Oakwood");
    shelf_add(house, "FLD-13");
    assert_true(shows(house, item, "Oakwood"));
    sync(house);
    assert_int_equal(sync(house).calls, 0);
    add_attribute(house, "FLD-13", "", "Material", "Beechwood");
    struct counts counts = sync(house);
    assert_int_equal(counts.updated, 1);
    assert_true(shows(house, item, "Beechwood"));
    assert_int_equal(sync(house).calls, 0);
}

/* Defect 5 of the original: what a store has of them is not asked, but for what has changed. */
static void defect_5_no_metafield_is_asked_for(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   ACTIVE ",\"product_metafields\":{\"custom.material\":\"Material\"}");
    free(shelf_item(house, "FLD-14A", ""));
    OWN_TEXT char *item = shelf_item(house, "FLD-14B", "");
    add_attribute(house, "FLD-14B", "", "Material", "Oakwood");
    shelf_add(house, "FLD-14*");
    sync(house);
    for (char which = 'A'; which <= 'B'; which++) { /* one without any, one whose stays as it is */
        OWN_TEXT char *path = mem_printf("items/FLD-14%c", which);
        house_tell(house, "bc", path, "{\"displayName\":\"Other\"}");
        struct counts counts = sync(house);
        assert_int_equal(counts.updated, 1);
        assert_int_equal(counts.calls, 1); /* its title, and nothing beside it */
    }
    assert_true(*item);
}

static void new_products_join_collections(void **state)
{
    struct house *house = *state;
    OWN_JSON json *made = house_ask(house, "shopify", "POST", "collections",
                                    "{\"title\":\"Misc\",\"handle\":\"misc\"}");
    const char *gid = json_text(made, "id"), *id = strrchr(gid, '/');
    assert_non_null(id);
    OWN_TEXT char *settings =
        mem_printf(ACTIVE ",\"product_collections\":{\"%s\":\"MISC|CHAIR\"}", id + 1);
    house_put_shop(house, "DEMO", settings);
    OWN_TEXT char *in = shelf_item(house, "FLD-15A", ",\"itemCategoryCode\":\"MISC\"");
    OWN_TEXT char *out = shelf_item(house, "FLD-15B", "");
    assert_int_equal(shelf_add(house, "FLD-15*").created, 2);
    OWN_JSON json *member = product_of(house, in), *other = product_of(house, out);
    assert_int_equal(json_count(json_get(member, "collections")), 1);
    assert_int_equal(json_count(json_get(other, "collections")), 0);
}

/* ---- prices ---- */

static void list_price(struct house *house, const char *item, int line, const char *more)
{
    OWN_TEXT char *body = mem_printf("{\"item\":\"%s\",\"lineNumber\":%d%s}", item, line, more);
    house_tell(house, "bc", "parts/priceListLines", body);
}

static void expect_prices(struct house *house, const char *item, const char *price,
                          const char *compare_at)
{
    OWN_JSON json *product = product_of(house, item);
    expect(product, "variants.0.price", price);
    expect(product, "variants.0.compareAtPrice", compare_at);
}

/* Each setting of prices, on an item that has a price for all, one for a group, and discounts. */
static void prices_are_what_the_shops_terms_make(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *settings, *price, *compare_at;
    } TERMS[] = {
        {"",                                                              "49.90", ""     },
        {",\"price_group\":\"RETAIL\"",                                   "45.00", ""     },
        {",\"discount_group\":\"LARGE\"",                                 "44.91", "49.90"},
        {",\"discount_group\":\"LARGE\",\"line_discounts\":false",        "49.90", ""     },
        {",\"price_vat_group\":\"DOMESTIC\",\"prices_include_vat\":true", "59.88", ""     },
    };
    OWN_TEXT char *item = shelf_item(house, "FLD-6", ",\"unitPrice\":49.9");
    list_price(
        house, "FLD-6", 1,
        ",\"assignTo\":\"Customer Price Group\",\"assignToNumber\":\"RETAIL\",\"unitPrice\":45");
    list_price(house, "FLD-6", 2,
               ",\"assignTo\":\"Customer Disc. Group\",\"assignToNumber\":\"LARGE\","
               "\"amountType\":\"Discount\",\"lineDiscountPercent\":10");
    shelf_add(house, "FLD-6");
    for (size_t i = 0; i < COUNT(TERMS); i++) {
        OWN_TEXT char *settings = mem_printf(ACTIVE "%s", TERMS[i].settings);
        house_put_shop(house, "DEMO", settings);
        sync(house);
        expect_prices(house, item, TERMS[i].price, TERMS[i].compare_at);
    }
}

static void put_currency(struct house *house, const char *currency)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = store_key(house->ledger, HOUSE_COMPANY, "shopinfo:demo");
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, "HSET %s currency %s", key,
                        currency))
        fail_msg("%s", err.text);
}

static void prices_have_the_decimals_of_the_stores_currency(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "FLD-8", ",\"unitPrice\":49.95");
    shelf_add(house, "FLD-8");
    expect_prices(house, item, "49.95", "");
    put_currency(house, "JPY");
    house_put_shop(house, "DEMO", ACTIVE ",\"product_status\":\"draft\"");
    sync(house);
    put_currency(house, "GBP");
    expect_prices(house, item, "50.00", ""); /* the store of the test shows pounds */
}

/* The customer's own terms are others than the shop's: Business Central's word goes, and is told.
 */
static void a_quote_checks_prices(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "FLD-7", "");
    house_tell(house, "bc", "customers",
               "{\"number\":\"QUOTED\",\"displayName\":\"Shop\",\"priceGroup\":\"RETAIL\"}");
    shelf_add(house, "FLD-7");
    sync(house);
    list_price(
        house, "FLD-7", 1,
        ",\"assignTo\":\"Customer Price Group\",\"assignToNumber\":\"RETAIL\",\"unitPrice\":41");
    house_put_shop(house, "DEMO", ACTIVE ",\"price_customer\":\"QUOTED\"");
    house_tell(house, "bc", "items/FLD-7", "{\"unitPrice\":48}");
    sync(house);
    expect_prices(house, item, "48.00", ""); /* none is asked */
    house_put_shop(house, "DEMO", ACTIVE ",\"price_customer\":\"QUOTED\",\"price_check\":5");
    house_tell(house, "bc", "items/FLD-7", "{\"unitPrice\":47}");
    sync(house);
    expect_prices(house, item, "41.00", "");
    expect_reason(house, "FLD-7", "price-differs");
    house_put_shop(house, "DEMO",
                   ACTIVE ",\"price_customer\":\"QUOTED\",\"price_check\":5,\"price_group\":"
                          "\"RETAIL\"");
    list_price(
        house, "FLD-7", 1,
        ",\"assignTo\":\"Customer Price Group\",\"assignToNumber\":\"RETAIL\",\"unitPrice\":40");
    sync(house);
    expect_prices(house, item, "40.00", "");
    expect_reason(house, "FLD-7", "");
}

/* ---- an edit arrives where its setting says so, and nowhere else ---- */

static const struct {
    const char *setting;     /* beside ACTIVE; what is edited arrives with it, not with `without` */
    const char *without;     /* "" = there is no such setting: it always arrives */
    const char *path, *body; /* the edit in Business Central */
    const char *field, *want; /* at Shopify; the end of a text counts */
} EDITS[] = {
  /* clang-format off */
    {"", "", "items/EDIT-1", "{\"displayName\":\"Stool\"}", "title", "Stool"},
    {"", "", "items/EDIT-1", "{\"itemCategoryCode\":\"MISC\"}", "productType", "Miscellaneous"},
    {"", "", "items/EDIT-1", "{\"vendorNumber\":\"30000\"}", "vendor", "CoolWood Technologies"},
    {"", "", "items/EDIT-1", "{\"unitCost\":21.5}", "variants.0.item.cost", "21.5"},
    {"", "", "parts/itemReferences", "{\"item\":\"EDIT-1\",\"referenceNumber\":\"4006381334020\"}", "variants.0.barcode", "4006381334020"},
    {"", ",\"sync_prices\":false", "items/EDIT-1", "{\"unitPrice\":52}", "variants.0.price", "52.00"},
    {",\"sync_tariff\":true", ",\"sync_tariff\":false", "items/EDIT-1", "{\"tariffNumber\":\"9401.69\"}", "variants.0.item.harmonizedSystemCode", "940169"},
    {",\"sync_tariff\":true", ",\"sync_tariff\":false", "items/EDIT-1", "{\"origin\":\"DK\"}", "variants.0.item.countryCodeOfOrigin", "DK"},
    {",\"sync_extended_text\":true", ",\"sync_extended_text\":false", "parts/itemTexts", "{\"item\":\"EDIT-1\",\"kind\":\"Extended\",\"textNumber\":1,\"text\":\"Three legs.\"}", "descriptionHtml", "Three legs."},
    {",\"sync_marketing_text\":true", ",\"sync_marketing_text\":false", "parts/itemTexts", "{\"item\":\"EDIT-1\",\"kind\":\"Marketing\",\"text\":\"Sits well.\"}", "descriptionHtml", "Sits well."},
    {",\"sync_attributes\":true", ",\"sync_attributes\":false", "parts/itemAttributes", "{\"item\":\"EDIT-1\",\"attributeId\":1,\"name\":\"Wood\",\"value\":\"Ash\"}", "descriptionHtml", "Ash"},
    {",\"language\":\"DAN\"", "", "parts/itemTranslations", "{\"item\":\"EDIT-1\",\"languageCode\":\"DAN\",\"description\":\"Skammel\"}", "title", "Skammel"},
    {",\"inventory_policy\":\"deny\"", ",\"inventory_policy\":\"continue\"", "", "", "variants.0.inventoryPolicy", "DENY"},
    {",\"weight_unit\":\"grams\"", ",\"weight_unit\":\"kilograms\"", "items/EDIT-1", "{\"grossWeight\":800}", "variants.0.item.weight.unit", "\"GRAMS\""},
  /* clang-format on */
};

static bool stands(struct house *house, const char *item, const char *field, const char *want)
{
    OWN_JSON json *product = product_of(house, item);
    return strstr(json_write(json_path(product, field)), want) != NULL;
}

static void an_edit_arrives_where_its_setting_says_so(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "EDIT-1", "");
    shelf_add(house, "EDIT-1");
    sync(house);
    for (size_t i = 0; i < COUNT(EDITS); i++) {
        OWN_TEXT char *with = mem_printf(ACTIVE "%s", EDITS[i].setting);
        OWN_TEXT char *without = mem_printf(ACTIVE "%s", EDITS[i].without);
        if (*EDITS[i].path)
            house_tell(house, "bc", EDITS[i].path, EDITS[i].body);
        if (*EDITS[i].without) {
            house_put_shop(house, "DEMO", without);
            sync(house);
            if (stands(house, item, EDITS[i].field, EDITS[i].want))
                fail_msg("%s has arrived with%s", EDITS[i].field, EDITS[i].without);
        }
        house_put_shop(house, "DEMO", with);
        sync(house);
        OWN_JSON json *product = product_of(house, item);
        if (!stands(house, item, EDITS[i].field, EDITS[i].want))
            fail_msg("%s is no \"%s\" with \"%s\" in %s", EDITS[i].field, EDITS[i].want,
                     EDITS[i].setting, json_write(product));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_edit_arrives_where_its_setting_says_so, calm),
        cmocka_unit_test_teardown(attributes_are_options_where_the_shop_names_them, calm),
        cmocka_unit_test_teardown(an_item_without_its_values_is_no_product, calm),
        cmocka_unit_test_teardown(a_new_product_has_the_shops_tags, calm),
        cmocka_unit_test_teardown(skus_follow_the_mapping, calm),
        cmocka_unit_test_teardown(a_removed_items_product_goes_where_the_shop_says, calm),
        cmocka_unit_test_teardown(titles_are_translated, calm),
        cmocka_unit_test_teardown(a_translation_is_of_the_title_that_stands, calm),
        cmocka_unit_test_teardown(defect_6_a_locale_is_taken_whole, calm),
        cmocka_unit_test_teardown(what_shopify_refuses_of_a_translation_is_told_again, calm),
        cmocka_unit_test_teardown(attributes_are_metafields_where_the_shop_names_them, calm),
        cmocka_unit_test_teardown(defect_5_no_metafield_is_asked_for, calm),
        cmocka_unit_test_teardown(new_products_join_collections, calm),
        cmocka_unit_test_teardown(prices_are_what_the_shops_terms_make, calm),
        cmocka_unit_test_teardown(prices_have_the_decimals_of_the_stores_currency, calm),
        cmocka_unit_test_teardown(a_quote_checks_prices, calm),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
