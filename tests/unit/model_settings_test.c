/* model_settings_test.c - what people configure is read whole or refused with the field's name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/operations.h"
#include "model/settings.h"

static void stores_have_one_form(void **state)
{
    static const struct {
        const char *in, *out; /* NULL = refused */
    } ROWS[] = {
        {"demo.myshopify.com",                      "demo.myshopify.com"},
        {"https://Demo.myshopify.com//",            "demo.myshopify.com"},
        {"https://admin.shopify.com/store/d-1",     "d-1.myshopify.com" },
        {"admin.shopify.com/store/demo/",           "demo.myshopify.com"},
        {"demo",                                    NULL                },
        {"https://demo.myshopify.com/admin",        NULL                },
        {"https://-a.myshopify.com",                NULL                },
        {"https://demo.myshopify.com.evil.example", NULL                },
        {"",                                        NULL                },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        char out[128];
        struct err err;
        bool ok = settings_store(ROWS[i].in, out, &err);
        if (ok != (ROWS[i].out != NULL))
            fail_msg("%s: %s", ROWS[i].in, ok ? "accepted" : err.text);
        if (ok)
            assert_string_equal(out, ROWS[i].out);
    }
}

static void a_shop_comes_back_as_it_was_written(void **state)
{
    static const char SHOP[] =
        "{\"code\":\"web\",\"store\":\"https://Demo.myshopify.com\",\"enabled\":true,"
        "\"sku_mapping\":\"item-no\",\"shipping_account\":6610,\"tolerance\":0.05,"
        "\"shipment_accounts\":{\"Express\":\"6620\",\"Say \\\"hi\\\"\":6630}}";
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf first = {0}, second = {0};
    const struct shop *shop;
    struct err err;
    (void)state;
    assert_true(settings_shop_parse(SHOP, arena, &shop, &err));
    assert_string_equal(shop->code, "WEB");
    assert_string_equal(shop->store, "demo.myshopify.com");
    assert_true(shop->enabled && shop->background && shop->allow_writes);
    assert_int_equal(shop->sku_mapping, SKU_ITEM_NO);
    assert_string_equal(shop->shipping_account, "6610");
    assert_string_equal(setting_map_get(&shop->shipment_accounts, "EXPRESS"), "6620");
    assert_string_equal(setting_map_get(&shop->shipment_accounts, "Say \"hi\""), "6630");
    assert_null(setting_map_get(&shop->shipment_accounts, "Standard"));
    settings_shop_write(shop, &first);
    assert_true(settings_shop_parse(buf_str(&first), arena, &shop, &err));
    settings_shop_write(shop, &second);
    assert_string_equal(buf_str(&first), buf_str(&second));
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    static const struct {
        const char *json, *says;
    } SHOPS[] = {
  /* clang-format off */
        {"{\"store\":\"demo.myshopify.com\"}", "code is missing"},
        {"{\"code\":\"A\"}", "store is missing"},
        {"{\"code\":\"A B\",\"store\":\"demo.myshopify.com\"}", "code \"A B\""},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"enabeld\":true}",
         "did you mean enabled?"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"enabled\":\"yes\"}",
         "enabled: \"yes\""},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"sku_mapping\":\"x\"}",
         "item-no-variant"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"tolerance\":-1}", "tolerance"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"bulk_from\":-1}", "bulk_from"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"api_version\":\"26\"}", "api_version"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"origin\":\"ftp://x\"}", "origin"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"order_history_start\":\"2020\"}",
         "order_history_start"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"shipment_accounts\":{\"a\":[1]}}",
         "shipment_accounts.a"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"payment_methods\":{\"cash\":\"CASH\"},"
         "\"payment_priorities\":{\"cash\":\"first\"}}",
         "payment_priorities \"cash\": \"first\" does not fit"},
        {"{\"code\":\"A\",\"store\":\"demo.myshopify.com\",\"payment_methods\":{\"cash\":\"CASH\"},"
         "\"payment_priorities\":{\"cash\":0}}",
         "want 1 to 9999"},
        {"[]", "JSON object"},
        {"{\"code\":", "JSON object"},
  /* clang-format on */
    };
    OWN(arena) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT(SHOPS); i++) {
        const struct shop *shop;
        struct err err;
        if (settings_shop_parse(SHOPS[i].json, arena, &shop, &err) ||
            !strstr(err.text, SHOPS[i].says))
            fail_msg("%s: %s", SHOPS[i].json, err.text);
        assert_int_equal(err.code, 400);
    }
}

static void a_company_knows_its_guid(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct company *company;
    struct err err;
    (void)state;
    assert_true(settings_company_parse(
        "{\"name\":\"A\",\"id\":\"1111111A-1111-4111-8111-111111111111\"}", arena, &company, &err));
    assert_string_equal(company->id, "1111111a-1111-4111-8111-111111111111");
    assert_string_equal(company->bc_company, company->id);
    assert_int_equal(company->bc_late_s, 510);
    assert_false(
        settings_company_parse("{\"name\":\"A\",\"id\":\"CRONUS\"}", arena, &company, &err));
    assert_non_null(strstr(err.text, "GUID"));
    assert_false(
        settings_company_parse("{\"name\":\"A\",\"id\":\"1111111a-1111-4111-8111-111111111111\","
                               "\"bc_orign\":\"\"}",
                               arena, &company, &err));
    assert_non_null(strstr(err.text, "bc_origin"));
}

static void secrets_are_references(void **state)
{
    static const struct {
        const char *json, *says; /* NULL = fine */
    } ROWS[] = {
  /* clang-format off */
        {"{\"kind\":\"shopify-token\",\"token\":{\"env\":\"T\"}}", NULL},
        {"{\"kind\":\"bc-oauth\",\"client_id\":\"a\",\"client_secret\":{\"file\":\"/x\"}}", NULL},
        {"{\"kind\":\"shopify-token\",\"token\":\"shpat_geheim\"}", "never the secret"},
        {"{\"kind\":\"shopify-token\",\"token\":{\"value\":\"shpat_geheim\"}}", "never the secret"},
        {"{\"kind\":\"shopify-token\"}", "token is missing"},
        {"{\"kind\":\"shopify-tokn\",\"token\":{\"env\":\"T\"}}", "shopify-token"},
        {"{\"kind\":\"bc-basic\",\"user\":\"a\",\"key\":{\"env\":\"T\"},\"usr\":1}",
         "did you mean user?"},
  /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_BUF struct buf out = {0};
        struct err err = {0};
        bool ok = settings_credential_check("c", ROWS[i].json, &out, &err);
        if (ok != !ROWS[i].says || (ROWS[i].says && !strstr(err.text, ROWS[i].says)))
            fail_msg("%s: %s", ROWS[i].json, err.text);
        assert_null(strstr(err.text, "geheim"));
    }
}

static void arguments_become_canonical(void **state)
{
    static const struct {
        const char *operation, *json, *out, *says;
    } ROWS[] = {
  /* clang-format off */
        {"orders.sync", "{\"tags\":\"*vip*\",\"shop\":\"demo\"}",
         "{\"shop\":\"DEMO\",\"tags\":\"*vip*\"}", NULL},
        {"30103", "{\"high_risk\":false,\"shop\":\"DEMO\",\"order_no\":\"\"}",
         "{\"shop\":\"DEMO\",\"high_risk\":false}", NULL},
        {"orders.sync", "{}", NULL, "argument shop is missing"},
        {"orders.sync", "{\"shop\":\"A\",\"tag\":\"x\"}", NULL, "did you mean tags?"},
        {"orders.sync", "{\"shop\":\"A\",\"tags\":\"a|\"}", NULL, "argument tags: filter"},
        {"orders.sync", "{\"shop\":\"A\",\"amount\":\"many\"}", NULL, "is no number"},
        {"orders.sync", "{\"shop\":\"A\",\"test\":\"maybe\"}", NULL, "true or false"},
        {"orders.sync", "{\"shop\":\"A\",\"named\":\" #1 ,, #2,\"}",
         "{\"shop\":\"A\",\"named\":\"#1,#2\"}", NULL},
        {"orders.sync", "{\"shop\":\"A\",\"named\":\" , \"}", NULL, "want names"},
        {"orders.sync", "{\"shop\":\"A\",\"from_time\":\"2027-01-31\",\"to_time\":\"2027-02-01T06:00:00Z\"}",
         "{\"shop\":\"A\",\"from_time\":\"2027-01-31\",\"to_time\":\"2027-02-01T06:00:00Z\"}", NULL},
        {"orders.sync", "{\"shop\":\"A\",\"to_time\":\"yesterday\"}", NULL, "a date like 2027-01-31"},
  /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_BUF struct buf out = {0};
        struct err err = {0};
        bool ok =
            operation_arguments(operation_by_name(ROWS[i].operation), ROWS[i].json, &out, &err);
        if (ok != (ROWS[i].out != NULL) || (!ok && !strstr(err.text, ROWS[i].says)))
            fail_msg("%s: %s", ROWS[i].json, err.text);
        if (ok)
            assert_string_equal(buf_str(&out), ROWS[i].out);
    }
    assert_null(operation_by_name("orders.snc"));
    assert_int_equal(operation_by_name("orders.sync")->report, 30104);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_have_one_form),
        cmocka_unit_test(a_shop_comes_back_as_it_was_written),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(a_company_knows_its_guid),
        cmocka_unit_test(secrets_are_references),
        cmocka_unit_test(arguments_become_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
