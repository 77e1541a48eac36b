/* privacy_webhooks_test.c - what Shopify's three privacy webhooks ask for is done: one file, a
 * customer, a whole shop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"
#include "store/lists.h"
#include "store/privacy.h"
#include "store/staging.h"
#include "support/house.h"

#define CUSTOMER "7395000000001"
static const char SHOP[] = "{\"shop\":\"DEMO\"}";

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"customer_import\":\"all\",\"sku_mapping\":\"item-no\"");
    house_tell(house, "shopify", "customers",
               "{\"id\":\"" CUSTOMER "\",\"firstName\":\"Prue\",\"lastName\":\"Private\",\"email\":"
               "\"prue@private.example\",\"phone\":null,\"addresses\":[]}");
    json_free(house_ask(house, "bc", "POST", "customers",
                        "{\"number\":\"PR01\",\"displayName\":\"Prue Private\",\"email\":"
                        "\"prue@private.example\"}"));
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static char *place(struct house *house, const char *name, const char *customer, const char *email)
{
    OWN_TEXT char *body = mem_printf(
        "{\"name\":\"%s\",\"customer\":%s,\"email\":\"%s\",\"lines\":[{\"sku\":\"1896-S\","
        "\"quantity\":1,\"price\":\"10.00\"}]}",
        name, customer, email);
    house_tell(house, "shopify", "orders", body);
    house_later(house);
    house_good(house, "orders.sync", SHOP);
    return house_order_id(house, name);
}

static json *whole(struct house *house, const char *order)
{
    static const char *const FIELDS[] = {"whole"};
    struct err err;
    const char *bytes;
    size_t size;
    OWN_TEXT char *key = mem_printf("order:%s", order);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_BUF struct buf text = {0};
    json *tree = NULL;
    if (!store_read(house->ledger, HOUSE_COMPANY, keys, 1, FIELDS, 1, &rows, &err) ||
        !store_bytes(rows, 0, 0, &bytes, &size) || !staged_unpack(bytes, size, &text, &err) ||
        !json_parse(buf_str(&text), text.size, &tree, &err))
        fail_msg("order %s: %s", order, err.text);
    return tree;
}

static void comes(struct house *house, const char *topic, const char *body)
{
    struct err err;
    OWN_JSON json *tree = NULL;
    if (!json_parse(body, strlen(body), &tree, &err) ||
        !privacy_webhook(house->ledger, HOUSE_COMPANY, "DEMO", topic, tree, &err))
        fail_msg("%s: %s", topic, err.text);
}

static size_t found(struct house *house, const char *text)
{
    struct err err;
    OWN_IDS struct store_ids ids = {0};
    if (!list_find_orders(house->ledger, HOUSE_COMPANY, text, NULL, 50, &ids, NULL, &err))
        fail_msg("%s", err.text);
    return ids.count;
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

static void round_of(struct house *house)
{
    struct err err;
    if (!privacy_round(house->ledger, HOUSE_COMPANY, &err))
        fail_msg("%s", err.text);
}

static void a_data_request_produces_one_file(void **state)
{
    struct house *house = *state;
    struct err err;
    OWN_JSON json *files = NULL, *file = NULL, *none = NULL;
    house_good(house, "customers.sync", SHOP);
    OWN_TEXT char *order = place(house, "#951", "\"" CUSTOMER "\"", "prue@private.example");
    assert_true(*order);
    comes(house, "customers/data_request",
          "{\"customer\":{\"id\":" CUSTOMER
          "},\"data_request\":{\"id\":9999},\"orders_requested\":[]}");
    assert_true(privacy_files(house->ledger, HOUSE_COMPANY, &files, &err));
    assert_int_equal(json_count(files), 1);
    assert_string_equal(json_text(json_at(files, 0), "customer"), CUSTOMER);
    assert_true(privacy_file(house->ledger, HOUSE_COMPANY, "9999", &file, &err));
    assert_string_equal(json_text(json_path(file, "orders.0"), "email"), "prue@private.example");
    assert_string_equal(json_text(json_path(file, "links.0"), "number"), "PR01");
    assert_false(privacy_file(house->ledger, HOUSE_COMPANY, "1", &none, &err));
    assert_int_equal(err.code, 404);
}

static void a_redacted_customer_is_gone(void **state)
{
    struct house *house = *state;
    struct err err;
    OWN_JSON json *files = NULL;
    OWN_TEXT char *guest = place(house, "#952", "null", "prue@private.example");
    OWN_TEXT char *his = house_order_id(house, "#951");
    OWN_TEXT char *body =
        mem_printf("{\"customer\":{\"id\":" CUSTOMER "},\"orders_to_redact\":[%s,299938]}", guest);
    assert_int_equal(found(house, "prue@private.example"), 2);
    comes(house, "customers/redact", body);
    OWN_JSON json *first = whole(house, his), *second = whole(house, guest);
    assert_null(json_get(first, "email"));
    assert_null(json_get(first, "customer"));
    assert_null(json_get(second, "email"));
    assert_true(json_count(json_path(first, "lineItems.nodes")) == 1);
    assert_int_equal(found(house, "prue@private.example"), 0);
    OWN_TEXT char *number = house_field(house, "customer:" CUSTOMER, "number");
    assert_string_equal(number, "");
    assert_true(privacy_files(house->ledger, HOUSE_COMPANY, &files, &err));
    assert_int_equal(json_count(files), 0);
}

/* A run that had read him before writes him afterwards. */
static void what_is_written_meanwhile_goes_an_hour_later(void **state)
{
    struct house *house = *state;
    redis_do(house, "HSET", "customer:" CUSTOMER, "name", "Prue");
    round_of(house);
    OWN_TEXT char *early = house_field(house, "customer:" CUSTOMER, "name");
    assert_string_equal(early, "Prue");
    redis_do(house, "ZADD", "erase-due", "1", "customer:" CUSTOMER); /* and the hour is over */
    round_of(house);
    OWN_TEXT char *late = house_field(house, "customer:" CUSTOMER, "name");
    assert_string_equal(late, "");
    house_later(house);
    OWN_TEXT char *body = mem_text("{\"lastName\":\"Public\"}");
    house_tell(house, "shopify", "customers/" CUSTOMER, body);
    house_good(house, "customers.sync", SHOP);
    OWN_TEXT char *again = house_field(house, "customer:" CUSTOMER, "name");
    assert_string_equal(again, ""); /* nor is he staged any more */
}

static void place_at(struct house *house, const char *name, const char *created)
{
    OWN_TEXT char *body =
        mem_printf("{\"name\":\"%s\",\"customer\":\"" CUSTOMER
                   "\",\"email\":\"prue@private.example\",\"createdAt\":\"%s\","
                   "\"lines\":[{\"sku\":\"1896-S\",\"quantity\":1,\"price\":\"10.00\"}]}",
                   name, created);
    house_tell(house, "shopify", "orders", body);
}

static void of_his_orders_only_later_ones_have_him(void **state)
{
    struct house *house = *state;
    char later[32];
    int64_t now_ms;
    struct err err;
    assert_true(ledger_now(house->ledger, &now_ms, &err));
    time_format(now_ms + 3600000, false, later);
    place_at(house, "#954", "2021-03-04T05:06:07Z"); /* was never read before he was erased */
    place_at(house, "#955", later);
    house_later(house);
    house_good(house, "orders.sync", SHOP);
    OWN_TEXT char *early_id = house_order_id(house, "#954");
    OWN_TEXT char *later_id = house_order_id(house, "#955");
    OWN_JSON json *old = whole(house, early_id), *new = whole(house, later_id);
    assert_null(json_get(old, "email"));
    assert_string_equal(json_text(new, "email"), "prue@private.example");
}

static void a_body_that_names_nobody_is_refused(void **state)
{
    struct house *house = *state;
    struct err err;
    OWN_JSON json *body = json_new_object();
    assert_false(
        privacy_webhook(house->ledger, HOUSE_COMPANY, "DEMO", "customers/redact", body, &err));
    assert_int_equal(err.code, 400);
    assert_true(privacy_topic("shop/redact"));
    assert_false(privacy_topic("orders/create"));
}

/* Who was found for his orders alone has no link of a customer's; one that a person has named may
 * be many people's. */
static void whom_orders_were_sold_to_is_not_added_again(void **state)
{
    struct house *house = *state;
    static const char SOLD_TO[] = "30000000-0000-4000-8000-000000000001";
    static const char NAMED[] = "30000000-0000-4000-8000-000000000002";
    const char *const ids[] = {SOLD_TO, NAMED};
    int64_t erased[COUNT(ids)];
    struct err err;
    redis_do(house, "HSET", "customer:7395000000003", "erp_id", SOLD_TO);
    redis_do(house, "HSET", "customer:7395000000004", "erp_id", NAMED);
    redis_do(house, "HSET", "customer:7395000000004", "by_hand", "CASH");
    comes(house, "customers/redact", "{\"customer\":{\"id\":7395000000003}}");
    comes(house, "customers/redact", "{\"customer\":{\"id\":7395000000004}}");
    assert_true(privacy_erased(house->ledger, HOUSE_COMPANY, ids, COUNT(ids), erased, &err));
    assert_true(erased[0] > 0);
    assert_int_equal(erased[1], 0);
}

static void of_a_redacted_shop_nobody_is_left(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *order = place(house, "#953", "\"7300000000000\"", "last@private.example");
    house_good(house, "customers.sync", SHOP);
    OWN_TEXT char *linked = house_field(house, "shop-customer:DEMO:7300000000000", "updated");
    assert_true(*linked);
    house_tell(house, "shopify", "customers",
               "{\"id\":\"7395000000002\",\"firstName\":\"Orla\",\"lastName\":\"Onlyorders\","
               "\"email\":\"orla@private.example\",\"phone\":null,\"addresses\":[]}");
    redis_do(house, "HSET", "customer:7395000000002", "name", "Orla"); /* linked by #956 alone */
    OWN_TEXT char *hers = place(house, "#956", "\"7395000000002\"", "orla@private.example");
    assert_true(*hers);
    comes(house, "shop/redact", "{\"shop_id\":1,\"shop_domain\":\"demo.myshopify.com\"}");
    round_of(house);
    OWN_JSON json *left = whole(house, order);
    assert_null(json_get(left, "email"));
    assert_int_equal(found(house, "last@private.example"), 0);
    OWN_TEXT char *gone = house_field(house, "shop-customer:DEMO:7300000000000", "updated");
    assert_string_equal(gone, "");
    OWN_TEXT char *name = house_field(house, "customer:7395000000002", "name");
    assert_string_equal(name, "");
    assert_int_equal(house_cues(house).unmapped_customers, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_data_request_produces_one_file),
        cmocka_unit_test(a_redacted_customer_is_gone),
        cmocka_unit_test(what_is_written_meanwhile_goes_an_hour_later),
        cmocka_unit_test(of_his_orders_only_later_ones_have_him),
        cmocka_unit_test(a_body_that_names_nobody_is_refused),
        cmocka_unit_test(whom_orders_were_sold_to_is_not_added_again),
        cmocka_unit_test(of_a_redacted_shop_nobody_is_left),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
