/* orders_beside_test.c - another run notes a record between this run's reading of it and its write:
 * what this run wanted to make is not sent, and it neither takes it for made nor for refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "support/house.h"

static const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
static const char ADDRESS[] =
    ",\"email\":\"nora@example.com\",\"shippingAddress\":{\"firstName\":\"Nora\",\"lastName\":"
    "\"New\",\"company\":null,\"address1\":\"1 Long Lane\",\"address2\":null,\"city\":\"London\","
    "\"zip\":\"N1 1AA\",\"countryCode\":\"GB\",\"phone\":null}";

enum { SOON_MS = 10000, LONG_MS = 60000 };

static int open_demo(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"auto_create_customers\":true");
    *state = house;
    return 0;
}

static int close_demo(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- the other run ---- */

struct other {
    struct house *house;
    char *note; /* its whole key */
    bool done;
};

static bool has_looked(void *state)
{
    OWN_JSON json *faults = peers_admin(state, "bc", "GET", "faults", NULL);
    return json_int(json_path(faults, "rules.0"), "hits", 0) > 0;
}

/* Business Central does not answer this run's look until the other one has noted the record. */
static void *note(void *state)
{
    struct other *other = state;
    struct redis *redis = NULL;
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    if (wait_for(has_looked, other->house->peers, SOON_MS) &&
        redis_open(other->house->peers->redis.address, NULL, SOON_MS, &redis, &err))
        other->done = redis_commandf(redis, &reply, &err,
                                     "HSET %s fence other peer bc kind create until %lld",
                                     other->note, (long long)clock_now_ms(&CLOCK_REAL) + LONG_MS);
    json_free(peers_admin(other->house->peers, "bc", "DELETE", "faults", NULL));
    redis_free(redis);
    return NULL;
}

static char *note_key(struct house *house, const char *record)
{
    static const char KNOWN[] = "unprocessed:DEMO";
    OWN_REPLY redisReply *keys = NULL;
    struct err err;
    assert_true(redis_commandf(ledger_redis(house->ledger), &keys, &err, "KEYS *%s", KNOWN));
    assert_int_equal(keys->elements, 1);
    int prefix = (int)(strlen(keys->element[0]->str) - strlen(KNOWN));
    return mem_printf("%.*snote:%s", prefix, keys->element[0]->str, record);
}

static struct ran run_beside(struct house *house, const char *record, const char *slow_set)
{
    struct other other = {.house = house, .note = note_key(house, record)};
    pthread_t thread;
    OWN_TEXT char *match = mem_printf("{\"method\":\"GET\",\"path\":\"%s\"}", slow_set);
    peers_fault(house->peers, "bc", match, 1, "{\"kind\":\"hold\"}");
    assert_int_equal(pthread_create(&thread, NULL, note, &other), 0);
    struct ran ran = house_run(house, "orders.process", NINES);
    pthread_join(thread, NULL);
    assert_true(other.done);
    OWN_REPLY redisReply *gone = NULL;
    struct err err;
    assert_true(redis_commandf(ledger_redis(house->ledger), &gone, &err, "DEL %s", other.note));
    assert_int_equal(gone->integer, 1); /* this run has left it alone */
    free(other.note);
    return ran;
}

/* ---- what this run does ---- */

static size_t documents(struct house *house)
{
    OWN_JSON json *answer = house_ask(house, "bc", "GET", "documents?external=%239001", NULL);
    return json_count(json_get(answer, "documents"));
}

static void left_to_the_next_run(struct house *house, const char *kind, const char *slow_set,
                                 const char *made)
{
    OWN_TEXT char *id = house_order_id(house, "#9001"), *record = mem_printf("%s:%s", kind, id),
                  *key = mem_printf("order:%s", id);
    struct ran ran = run_beside(house, record, slow_set);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_RETRY);
    assert_int_equal(peers_calls(house->peers, "bc", made), 0);
    assert_int_equal(documents(house), 0);
    OWN_TEXT char *document = house_field(house, key, "document"),
                  *reason = house_field(house, key, "reason");
    assert_string_equal(document, "");
    assert_string_equal(reason, "");
    assert_int_equal(house_good(house, "orders.process", NINES).created, 1);
    assert_int_equal(documents(house), 1);
    assert_int_equal(peers_calls(house->peers, "bc", made), 1);
}

static void an_order_that_another_run_is_writing_is_left_to_it(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", NINES);
    left_to_the_next_run(house, "order", "salesShipments", "POST salesOrders");
}

static void so_is_one_whose_customer_another_run_is_making(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *order = mem_printf("{\"name\":\"#9001\",\"lines\":[{\"sku\":\"1896-S\","
                                      "\"quantity\":1,\"price\":\"10.00\"}]%s}",
                                      ADDRESS);
    house_tell(house, "shopify", "orders", order);
    house_good(house, "orders.sync", NINES);
    left_to_the_next_run(house, "customer", "customers", "POST customers");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_demo, close_demo)
    const struct CMUnitTest tests[] = {
        TEST(an_order_that_another_run_is_writing_is_left_to_it),
        TEST(so_is_one_whose_customer_another_run_is_making),
    };
    return cmocka_run_group_tests_name("orders_beside", tests, NULL, NULL);
}
