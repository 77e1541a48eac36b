/* unmapped_suggest_test.c - who Shopify's records without a partner might be is told with the
 * reasons, and nothing is linked by it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"
#include "support/house.h"

#define CUSTOMER "7396000000001"
static const char SHOP[] = "{\"shop\":\"DEMO\"}";

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"customer_import\":\"all\",\"sku_mapping\":\"item-no\"");
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static json *suggested(struct house *house, enum mapping kind, const char *id)
{
    struct err err;
    OWN_JSON json *list = NULL;
    if (!store_unmapped(house->ledger, HOUSE_COMPANY, "DEMO", kind, NULL, STORE_PAGE, &list, NULL,
                        &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "id"), id) == 0)
            return json_copy(json_get(json_at(list, i), "suggestions"));
    fail_msg("%s is not without a partner", id);
    return NULL;
}

static void card(struct house *house, const char *body)
{
    json_free(house_ask(house, "bc", "POST", "customers", body));
}

static void expect_first(const json *list, const char *number, const char *why, bool sure)
{
    const json *first = json_at(list, 0);
    assert_string_equal(json_text(first, "number"), number);
    assert_string_equal(json_write(json_get(first, "why")), why);
    assert_int_equal(json_flag(first, "sure", false), sure);
}

static void a_customer_is_suggested_and_not_linked(void **state)
{
    struct house *house = *state;
    house_tell(
        house, "shopify", "customers",
        "{\"id\":\"" CUSTOMER "\",\"firstName\":\"Sue\",\"lastName\":\"Gestion\",\"email\":"
        "\"sue.gestoin@suggest.example\",\"phone\":null,\"addresses\":[{\"firstName\":\"Sue\","
        "\"lastName\":\"Gestion\",\"company\":null,\"address1\":\"9 Hint Row\",\"address2\":"
        "null,\"zip\":\"BA1 5AQ\",\"city\":\"Bath\",\"countryCode\":\"GB\",\"phone\":null}]}");
    card(house, "{\"number\":\"SG01\",\"displayName\":\"Sue Gestion\",\"email\":"
                "\"sue.gestion@suggest.example\",\"addressLine1\":\"9, Hint Row\"}");
    card(house, "{\"number\":\"SG02\",\"displayName\":\"Sue Question\",\"email\":"
                "\"sue.question@suggest.example\"}");
    house_good(house, "customers.sync", SHOP);
    struct counts counts = house_good(house, "unmapped.suggest", SHOP);
    assert_true(counts.read >= 1 && counts.updated >= 1);
    OWN_JSON json *list = suggested(house, MAPPING_CUSTOMER, CUSTOMER);
    expect_first(list, "SG01", "[\"same-name\",\"like-email\",\"same-street\"]", false);
    OWN_TEXT char *number = house_field(house, "customer:" CUSTOMER, "number");
    assert_string_equal(number, "");
    struct err err;
    bool changed;
    assert_true(store_map(house->ledger, HOUSE_COMPANY, MAPPING_CUSTOMER, CUSTOMER, "SG01",
                          &changed, &err));
    OWN_TEXT char *left = house_field(house, "customer:" CUSTOMER, "suggested");
    assert_string_equal(left, "");
}

/* A guest has no customer at Shopify: his order says who he is. */
static void a_guest_and_his_goods_are_suggested(void **state)
{
    struct house *house = *state;
    card(house, "{\"number\":\"SG03\",\"displayName\":\"Gustav Guest\",\"email\":"
                "\"gustav@elsewhere.example\",\"phoneNumber\":\"0117 900 8181\"}");
    house_tell(
        house, "shopify", "products",
        "{\"id\":\"8196000000001\",\"title\":\"Hinted bench\",\"vendor\":\"\",\"variants\":[{"
        "\"sku\":\"1896s\",\"price\":\"10.00\"}]}");
    card(house,
         "{\"number\":\"SG04\",\"displayName\":\"Known\",\"email\":\"known@suggest.example\"}");
    house_tell(
        house, "shopify", "orders",
        "{\"name\":\"#961\",\"email\":\"gustav.g@suggest.example\",\"shippingAddress\":{"
        "\"firstName\":\"Gustav\",\"lastName\":\"Guest\",\"company\":null,\"address2\":null,"
        "\"address1\":\"1 Guest Row\",\"city\":"
        "\"Bath\",\"zip\":\"BA1 5AQ\",\"countryCode\":\"GB\",\"phone\":null},\"lines\":[{\"sku\":"
        "\"1896s\",\"quantity\":1,\"price\":\"10.00\"}]}");
    house_tell(
        house, "shopify", "orders",
        "{\"name\":\"#962\",\"customer\":\"7300000000000\",\"email\":\"known@suggest.example\","
        "\"lines\":[{\"sku\":\"1896s\",\"quantity\":1,\"price\":\"10.00\"}]}");
    house_later(house);
    house_good(house, "orders.sync", SHOP);
    house_good(house, "orders.process", SHOP);
    house_good(house, "unmapped.suggest", SHOP);
    OWN_TEXT char *order = house_order_id(house, "#961");
    OWN_JSON json *guest = suggested(house, MAPPING_CUSTOMER, order);
    expect_first(guest, "SG03", "[\"same-name\"]", false);
    OWN_JSON json *goods = suggested(house, MAPPING_PRODUCT, "8196000000001");
    expect_first(goods, "1896-S", "[\"same-sku\"]", true);
}

static void redis_do(struct house *house, const char *command, const char *rest, const char *field,
                     const char *value)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    OWN_BUF struct buf key = {0};
    buf_printf(&key, "ct:{%s/%02x}:s:%s:%s", ledger_environment(house->ledger),
               ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, rest);
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, "%s %s %s %s", command,
                        buf_str(&key), field, value))
        fail_msg("%s", err.text);
}

static void a_company_is_known_by_its_tax_number(void **state)
{
    struct house *house = *state;
    OWN_JSON json *made = house_ask(
        house, "shopify", "POST", "companies",
        "{\"name\":\"Hinted Ltd\",\"locations\":[{\"name\":\"HQ\",\"taxRegistrationId\":\"GB 123 "
        "456 789\"}]}");
    const char *id = json_text(made, "id") + strcspn(json_text(made, "id"), "0123456789");
    OWN_TEXT char *record = mem_printf("company:%s", id);
    card(house,
         "{\"number\":\"SG05\",\"displayName\":\"Called Otherwise\",\"taxRegistrationNumber\":"
         "\"GB123456789\"}");
    redis_do(house, "HSET", record, "shops", "DEMO"); /* as companies.sync leaves it */
    redis_do(house, "ZADD", "unmapped-companies:DEMO", "1", id);
    house_good(house, "unmapped.suggest", "{\"shop\":\"DEMO\",\"kind\":\"companies\"}");
    OWN_JSON json *list = suggested(house, MAPPING_COMPANY, id);
    expect_first(list, "SG05", "[\"same-tax-id\"]", true);
}

static void nothing_is_asked_where_all_have_partners(void **state)
{
    struct house *house = *state;
    int64_t before = peers_calls(house->peers, "bc", "GET items");
    house_good(house, "unmapped.suggest", "{\"shop\":\"DEMO\",\"kind\":\"customers\"}");
    assert_int_equal(peers_calls(house->peers, "bc", "GET items"), before);
    struct ran ran = house_run(house, "unmapped.suggest", "{\"shop\":\"NOWHERE\"}");
    assert_false(ran.ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_customer_is_suggested_and_not_linked),
        cmocka_unit_test(a_guest_and_his_goods_are_suggested),
        cmocka_unit_test(a_company_is_known_by_its_tax_number),
        cmocka_unit_test(nothing_is_asked_where_all_have_partners),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
