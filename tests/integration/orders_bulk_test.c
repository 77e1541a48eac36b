/* orders_bulk_test.c - numbers and closings that go to Shopify as one bulk operation: what is told,
 * what waits meanwhile, and what becomes of it when something breaks on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/log.h"
#include "limiter/limiter.h"
#include "support/house.h"

#define ONLY "{\"shop\":\"DEMO\",\"order_no\":\"#9*\"}"
enum { ORDERS = 3, BOUND_S = 20 };

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"bulk_from\":3,\"late_s\":1");
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- what is there ---- */

static redisReply *redis(struct house *house, const char *command)
{
    char host[32] = "";
    int port = 0;
    assert_int_equal(sscanf(house->peers->redis.address, "%31[^:]:%d", host, &port), 2);
    redisContext *context = redisConnect(host, port);
    redisReply *reply = redisCommand(context, command);
    if (!reply)
        fail_msg("%s: %s", command, context->errstr);
    redisFree(context);
    return reply;
}

/* When operations are looked at again; not until when a start that was lost may still take effect.
 */
static void set_due(struct house *house, const char *due)
{
    redisReply *keys = redis(house, "KEYS *:s:*:bulk:DEMO:*");
    for (size_t i = 0; i < keys->elements; i++) {
        OWN_TEXT char *ask = mem_printf("HGET %s state", keys->element[i]->str);
        OWN_TEXT char *tell = mem_printf("HSET %s due %s", keys->element[i]->str, due);
        redisReply *stands = redis(house, ask);
        if (stands->type == REDIS_REPLY_STRING && strcmp(stands->str, "starting") != 0)
            freeReplyObject(redis(house, tell));
        freeReplyObject(stands);
    }
    freeReplyObject(keys);
}

static void due_now(struct house *house)
{
    set_due(house, "0");
}

static void due_in_years(struct house *house)
{
    set_due(house, "9999999999999");
}

static int64_t calls(struct house *house, const char *operation)
{
    return peers_calls(house->peers, "shopify", operation);
}

static void steer(struct house *house, const char *course)
{
    house_tell(house, "shopify", "bulk", course);
}

/* What happened to the orders of this test at Shopify, by the peer's own record. */
static int effects(struct house *house, const char *kind)
{
    int count = 0;
    OWN_JSON json *ledger = house_ask(house, "shopify", "GET", "ledger", NULL);
    const json *list = json_get(ledger, "effects");
    for (size_t i = 0; i < json_count(list); i++)
        count += strcmp(json_text(json_at(list, i), "kind"), kind) == 0;
    return count;
}

/* An order's record here, by its name. */
static char *staged(struct house *house, int order, const char *field)
{
    OWN_TEXT char *path = mem_printf("orders/%%239%03d", order);
    OWN_JSON json *shown = house_ask(house, "shopify", "GET", path, NULL);
    OWN_TEXT char *key = mem_printf("order:%s", json_text(shown, "id"));
    return house_field(house, key, field);
}

/* How many of the orders have their document's number at Shopify. */
static int numbered(struct house *house)
{
    int count = 0;
    for (int i = 1; i <= ORDERS; i++) {
        OWN_TEXT char *path = mem_printf("orders/%%239%03d", i);
        OWN_JSON json *order = house_ask(house, "shopify", "GET", path, NULL);
        OWN_TEXT char *number = staged(house, i, "document");
        const json *list = json_get(order, "attributes");
        for (size_t k = 0; k < json_count(list); k++)
            count += strcmp(json_text(json_at(list, k), "key"), "BC Doc. No.") == 0 &&
                     strcmp(json_text(json_at(list, k), "value"), number) == 0;
    }
    return count;
}

static int listed(struct house *house, const char *list)
{
    struct err err;
    OWN_IDS struct store_ids ids = {0};
    OWN_TEXT char *key = mem_printf("%s:DEMO", list);
    if (!store_zset(house->ledger, HOUSE_COMPANY, key, INT64_MAX, 100, &ids, &err))
        fail_msg("%s", err.text);
    return (int)ids.count;
}

static void expect_state(struct house *house, const char *purpose, const char *want)
{
    OWN_TEXT char *key = mem_printf("bulk:DEMO:%s", purpose);
    OWN_TEXT char *got = house_field(house, key, "state");
    assert_string_equal(got, want);
}

/* ---- what is done ---- */

static void import(struct house *house)
{
    for (int i = 1; i <= ORDERS; i++) {
        OWN_TEXT char *name = mem_printf("#9%03d", i);
        house_place(house, name, "");
    }
    house_good(house, "orders.sync", ONLY);
    house_later(house);
}

static void process(struct house *house)
{
    house_good(house, "orders.process", ONLY);
}

static struct counts look(struct house *house)
{
    due_now(house);
    return house_good(house, "orders.sync", ONLY);
}

/* Runs as a schedule would start them, until nothing is left to tell Shopify. */
static void settle(struct house *house)
{
    time_t until = time(NULL) + BOUND_S;
    do {
        if (time(NULL) > until)
            fail_msg("orders are still to be told after %d s", BOUND_S);
        house_good(house, "orders.sync", ONLY);
        due_now(house);
        process(house);
    } while (listed(house, "attributes") > 0);
    expect_state(house, "numbers", "");
    assert_int_equal(numbered(house), ORDERS);
}

/* All is told; nothing is loaded again for it, and nothing is sent again. */
static void expect_quiet(struct house *house)
{
    int64_t loads = calls(house, "OrdersByIds"), updates = effects(house, "orderUpdate");
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    process(house);
    assert_int_equal(calls(house, "OrdersByIds"), loads);
    assert_int_equal(effects(house, "orderUpdate"), updates);
}

/* ---- as it should be ---- */

static void many_numbers_go_as_one_operation(void **state)
{
    struct house *house = *state;
    import(house);
    process(house);
    assert_int_equal(calls(house, "BulkRunMutation"), 1);
    assert_int_equal(calls(house, "OrderUpdate"), 0);
    expect_state(house, "numbers", "running");
    int64_t loads = calls(house, "OrdersByIds");
    assert_int_equal(look(house).read, 0);
    assert_int_equal(calls(house, "BulkStatus"), 1);
    assert_int_equal(numbered(house), ORDERS);
    assert_int_equal(listed(house, "attributes"), 0);
    expect_state(house, "numbers", "");
    assert_int_equal(calls(house, "OrdersByIds"), loads);
    assert_int_equal(effects(house, "orderUpdate"), ORDERS);
    expect_quiet(house);
}

static void few_go_one_by_one(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_place(house, "#9002", "");
    house_good(house, "orders.sync", ONLY);
    process(house);
    assert_int_equal(calls(house, "OrderUpdate"), 2);
    house_put_shop(house, "DEMO", ",\"bulk_from\":0");
    for (int i = 3; i <= 6; i++) {
        OWN_TEXT char *name = mem_printf("#9%03d", i);
        house_place(house, name, "");
    }
    house_good(house, "orders.sync", ONLY);
    process(house);
    assert_int_equal(calls(house, "OrderUpdate"), 6);
    assert_int_equal(calls(house, "StagedUploadsCreate"), 0);
}

/* While Shopify is at it, its records are left alone, everything else goes on. */
static void nobody_waits_for_an_operation(void **state)
{
    struct house *house = *state;
    import(house);
    steer(house, "{\"hold\":true}");
    process(house);
    house_place(house, "#9004", "");
    struct counts meanwhile = look(house);
    assert_int_equal(meanwhile.created, 1);
    expect_state(house, "numbers", "running");
    process(house);
    assert_int_equal(calls(house, "OrderUpdate"), 1); /* the new one's */
    assert_int_equal(numbered(house), 0);
    for (int i = 5; i <= 7; i++) {
        OWN_TEXT char *name = mem_printf("#9%03d", i);
        house_place(house, name, "");
    }
    house_good(house, "orders.sync", ONLY);
    process(house); /* many again: they wait for their turn */
    assert_int_equal(listed(house, "attributes"), ORDERS + 3);
    assert_int_equal(calls(house, "BulkRunMutation"), 1);
    steer(house, "{}");
    settle(house);
    assert_int_equal(calls(house, "BulkRunMutation"), 2);
    assert_int_equal(calls(house, "OrderUpdate"), 1);
    assert_int_equal(effects(house, "orderUpdate"), ORDERS + 4);
    expect_quiet(house);
}

/* An operation has written, and nobody has its answers yet: its orders look changed. Somebody
 * else's change is read all the same. */
static void what_an_operation_has_written_is_not_loaded(void **state)
{
    struct house *house = *state;
    import(house);
    process(house);
    int64_t loads = calls(house, "OrdersByIds");
    house_later(house);
    due_in_years(house);
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    expect_state(house, "numbers", "running");
    house_tell(house, "shopify", "orders/%239002", "{\"tags\":[\"late\"]}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).updated, 1);
    assert_int_equal(calls(house, "OrdersByIds"), loads + 1);
    house_later(house);
    assert_int_equal(look(house).read, 0);
    assert_int_equal(calls(house, "OrdersByIds"), loads + 1);
    expect_state(house, "numbers", "");
    expect_quiet(house);
}

/* The list tells no more than that an order has changed, so the mark rests until it is known who
 * has done it. */
static void what_somebody_has_changed_meanwhile_is_read_afterwards(void **state)
{
    struct house *house = *state;
    import(house);
    process(house);
    due_in_years(house);
    house_later(house);
    house_tell(house, "shopify", "orders/%239002", "{\"note\":\"by the back door\"}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    for (int i = 0; i < 7; i++) /* beyond what every walk reads twice */
        house_later(house);
    house_place(house, "#9004", "");
    assert_int_equal(house_good(house, "orders.sync", ONLY).created, 1);
    for (int i = 0; i < 7; i++)
        house_later(house);
    assert_int_equal(look(house).updated, 1);
    process(house); /* the new one's number */
    expect_quiet(house);
}

/* The walk of one shop meets the orders of all shops of the store. */
static void another_shop_of_the_store_leaves_them_alone_too(void **state)
{
    struct house *house = *state;
    import(house);
    process(house);
    house_put_shop(house, "ABROAD", "");
    due_in_years(house);
    house_later(house);
    int64_t loads = calls(house, "OrdersByIds");
    house_good(house, "orders.sync", "{\"shop\":\"ABROAD\",\"order_no\":\"#8*\"}");
    assert_int_equal(listed(house, "claimed"), 0);
    assert_int_equal(look(house).read, 0);
    assert_int_equal(calls(house, "OrdersByIds"), loads);
    expect_state(house, "numbers", "");
    expect_quiet(house);
}

static void closings_go_as_one_operation(void **state)
{
    struct house *house = *state;
    import(house);
    process(house);
    look(house);
    for (int i = 1; i <= ORDERS; i++) {
        OWN_TEXT char *path = mem_printf("orders/%%239%03d/fulfil", i);
        house_tell(house, "shopify", path, "{}");
    }
    house_good(house, "orders.sync", ONLY);
    house_good(house, "sales-orders.post", "{\"shop\":\"DEMO\",\"all\":true}");
    house_later(house);
    house_good(house, "orders.sync", ONLY);
    assert_int_equal(calls(house, "BulkRunMutation"), 2);
    assert_int_equal(calls(house, "OrderClose"), 0);
    expect_state(house, "close", "running");
    due_in_years(house);
    int64_t loads = calls(house, "OrdersByIds");
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    assert_int_equal(look(house).read, 0);
    assert_int_equal(effects(house, "orderClose"), ORDERS);
    assert_int_equal(listed(house, "archive"), 0);
    expect_state(house, "close", "");
    for (int i = 1; i <= ORDERS; i++) {
        OWN_TEXT char *closed = staged(house, i, "closed");
        assert_string_equal(closed, "1");
    }
    assert_int_equal(look(house).read, 0);
    assert_int_equal(calls(house, "OrdersByIds"), loads);
    assert_int_equal(effects(house, "orderClose"), ORDERS);
}

static void a_refused_line_is_that_orders_refusal(void **state)
{
    struct house *house = *state;
    import(house);
    steer(house, "{\"refuse\":1}");
    process(house);
    look(house);
    int refused = 0;
    for (int i = 1; i <= ORDERS; i++) {
        OWN_TEXT char *why = staged(house, i, "attribute_error");
        refused += strcmp(why, "The record is locked by another app") == 0;
    }
    assert_int_equal(refused, 1);
    assert_int_equal(numbered(house), ORDERS - 1);
    assert_int_equal(listed(house, "attributes"), 0);
    expect_quiet(house);
}

/* ---- what breaks ---- */

static const struct {
    const char *operation, *action;
    int updates; /* how often orders are written altogether */
    int runs;    /* operations that began at Shopify */
} LOST[] = {
  /* clang-format off */
    {"StagedUploadsCreate", "{\"kind\":\"reset_before\"}",               ORDERS, 1},
    {"StagedUploadsCreate", "{\"kind\":\"reset_after\"}",                ORDERS, 1},
    {"upload",              "{\"kind\":\"reset_before\"}",               ORDERS, 1},
    {"upload",              "{\"kind\":\"reset_after\"}",                ORDERS, 1},
    {"upload",              "{\"kind\":\"status\",\"status\":503}",      ORDERS, 1},
    {"BulkRunMutation",     "{\"kind\":\"reset_before\"}",               ORDERS, 1},
    {"BulkRunMutation",     "{\"kind\":\"reset_after\"}",                ORDERS, 1},
    {"BulkRunMutation",     "{\"kind\":\"truncate\"}",                   ORDERS, 1},
    {"BulkRunMutation",     "{\"kind\":\"internal_after\"}",             ORDERS, 1},
    {"BulkRunMutation",     "{\"kind\":\"status\",\"status\":503}",      ORDERS, 1},
    {"BulkRunMutation",     "{\"kind\":\"later\",\"looks\":1,\"match\":\"BulkList\",\"bucket_ms\":500}", ORDERS, 1},
    {"BulkStatus",          "{\"kind\":\"reset_before\"}",               ORDERS, 1},
    {"BulkStatus",          "{\"kind\":\"truncate\"}",                   ORDERS, 1},
    {"download",            "{\"kind\":\"reset_before\"}",               ORDERS, 1},
    {"download",            "{\"kind\":\"status\",\"status\":503}",      ORDERS, 1},
  /* clang-format on */
};

static void an_answer_that_is_lost_costs_no_second_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LOST); i++) {
        void *opened = NULL;
        open_house(&opened);
        struct house *house = opened;
        OWN_TEXT char *match = mem_printf("{\"operation\":\"%s\"}", LOST[i].operation);
        import(house);
        peers_fault(house->peers, "shopify", match, 1, LOST[i].action);
        process(house);
        settle(house);
        int updates = effects(house, "orderUpdate");
        int runs = effects(house, "bulkOperationRunMutation");
        if (updates != LOST[i].updates || runs != LOST[i].runs)
            fail_msg("%s, %s: %d updates, %d operations", LOST[i].operation, LOST[i].action,
                     updates, runs);
        expect_quiet(house);
        close_house(&opened);
    }
}

/* A result of which only a part came: those lines count, the others go again. */
static void a_result_that_breaks_off_is_read_again(void **state)
{
    struct house *house = *state;
    import(house);
    process(house);
    peers_fault(house->peers, "shopify", "{\"operation\":\"download\"}", 1,
                "{\"kind\":\"truncate\"}");
    settle(house);
    assert_int_equal(calls(house, "BulkRunMutation"), 1);
    expect_quiet(house);
}

static const struct {
    const char *operation, *point;
} DEATHS[] = {
    {"orders.process", "http.before:shopify StagedUploadsCreate"},
    {"orders.process", "http.after:shopify StagedUploadsCreate" },
    {"orders.process", "http.before:shopify storage upload"     },
    {"orders.process", "http.after:shopify storage upload"      },
    {"orders.process", "http.before:shopify BulkRunMutation"    },
    {"orders.process", "http.after:shopify BulkRunMutation"     },
    {"orders.sync",    "http.before:shopify BulkStatus"         },
    {"orders.sync",    "http.after:shopify BulkStatus"          },
    {"orders.sync",    "http.before:shopify storage download"   },
    {"orders.sync",    "http.after:shopify storage download"    },
};

static void a_worker_killed_at_any_step_is_followed_by_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DEATHS); i++) {
        void *opened = NULL;
        open_house(&opened);
        struct house *house = opened;
        import(house);
        if (strcmp(DEATHS[i].operation, "orders.sync") == 0) {
            process(house);
            due_now(house);
        }
        house_killed_at(house, DEATHS[i].operation, ONLY, DEATHS[i].point, 1);
        settle(house);
        int updates = effects(house, "orderUpdate");
        if (updates != ORDERS || effects(house, "bulkOperationRunMutation") != 1)
            fail_msg("%s: %d updates", DEATHS[i].point, updates);
        expect_quiet(house);
        close_house(&opened);
    }
}

/* Lines that are done are done; the rest goes, one by one for a while. */
static void what_a_broken_operation_has_left_goes_singly(void **state)
{
    static const struct {
        const char *course;
        int singly, updates;
    } ROWS[] = {
        {"{\"end\":\"FAILED\",\"after\":2}",   1, ORDERS},
        {"{\"end\":\"CANCELED\",\"after\":1}", 2, ORDERS},
        {"{\"end\":\"FAILED\",\"after\":0}",   3, ORDERS},
        {"{\"end\":\"EXPIRED\"}",              0, ORDERS}, /* done, but for the answers */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        void *opened = NULL;
        open_house(&opened);
        struct house *house = opened;
        import(house);
        steer(house, ROWS[i].course);
        process(house);
        look(house);
        expect_state(house, "numbers", "resting");
        process(house);
        if (calls(house, "OrderUpdate") != ROWS[i].singly ||
            effects(house, "orderUpdate") != ROWS[i].updates)
            fail_msg("%s: %d singly", ROWS[i].course, (int)calls(house, "OrderUpdate"));
        assert_int_equal(numbered(house), ORDERS);
        assert_int_equal(listed(house, "attributes"), 0);
        assert_int_equal(calls(house, "BulkRunMutation"), 1);
        close_house(&opened);
    }
}

static void an_address_that_has_expired_is_no_loss(void **state)
{
    struct house *house = *state;
    char text[32];
    int64_t now_ms;
    import(house);
    process(house);
    OWN_JSON json *time = house_ask(house, "shopify", "GET", "time", NULL);
    assert_true(time_parse(json_text(time, "business"), &now_ms));
    time_format(now_ms + 8LL * 86400 * 1000, false, text);
    OWN_TEXT char *later = mem_printf("{\"business\":\"%s\"}", text);
    house_tell(house, "shopify", "time", later);
    look(house);
    expect_state(house, "numbers", "resting");
    process(house);
    assert_int_equal(numbered(house), ORDERS);
    assert_int_equal(listed(house, "attributes"), 0);
    assert_int_equal(effects(house, "orderUpdate"), ORDERS);
}

static void when_all_places_are_taken_it_waits(void **state)
{
    struct house *house = *state;
    import(house);
    steer(house, "{\"taken\":5}");
    process(house);
    expect_state(house, "numbers", "waiting");
    due_in_years(house);
    process(house);
    assert_int_equal(calls(house, "BulkRunMutation"), 1);
    due_now(house);
    process(house);
    assert_int_equal(calls(house, "BulkRunMutation"), 2);
    assert_int_equal(calls(house, "OrderUpdate"), 0);
    steer(house, "{}");
    due_now(house);
    process(house);
    expect_state(house, "numbers", "running");
    settle(house);
    assert_int_equal(effects(house, "bulkOperationRunMutation"), 1);
}

/* Five operations of the fleet run already: nothing is asked of Shopify until one has ended. */
static void when_the_fleet_has_all_its_places_nothing_is_sent(void **state)
{
    static const char BUCKET[] = "demo.myshopify.com/cartage-demo";
    struct house *house = *state;
    struct err err;
    bool taken;
    import(house);
    for (int i = 0; i < LIMITER_PLACES; i++) {
        OWN_TEXT char *who = mem_printf("another/%d", i);
        if (!limiter_place_take(house->limiter, BUCKET, "mutation", who, &taken, &err) || !taken)
            fail_msg("place %d: %s", i, err.text);
    }
    process(house);
    expect_state(house, "numbers", "waiting");
    assert_int_equal(calls(house, "StagedUploadsCreate"), 0);
    assert_true(limiter_place_give(house->limiter, BUCKET, "mutation", "another/2", &err));
    settle(house);
    assert_int_equal(calls(house, "BulkRunMutation"), 1);
    assert_true(limiter_place_take(house->limiter, BUCKET, "mutation", "one more", &taken, &err));
    assert_true(taken); /* it was given back at the end */
}

/* ---- secrets ---- */

/* Everything that is logged while something goes wrong at each step, at the level that says most.
 */
static void no_address_and_no_token_is_logged(void **state)
{
    static const char *const SECRETS[] = {"Signature", "storage/", "goog", "shpat", "shpca"};
    struct house *house = *state;
    char path[] = "/tmp/cartage-bulk-log-XXXXXX";
    static char text[1 << 20];
    import(house);
    int log = mkstemp(path), errors = dup(STDERR_FILENO);
    assert_true(log >= 0 && errors >= 0);
    unlink(path);
    dup2(log, STDERR_FILENO);
    log_set_level(LOG_LEVEL_DEBUG);
    peers_fault(house->peers, "shopify", "{\"operation\":\"upload\"}", 1,
                "{\"kind\":\"status\",\"status\":403}");
    process(house);
    peers_fault(house->peers, "shopify", "{\"operation\":\"download\"}", 1,
                "{\"kind\":\"reset_before\"}");
    process(house);
    look(house);
    look(house);
    log_set_level(LOG_LEVEL_INFO);
    dup2(errors, STDERR_FILENO);
    close(errors);
    ssize_t size = pread(log, text, sizeof text - 1, 0);
    close(log);
    assert_true(size > 0);
    assert_non_null(strstr(text, "storage download")); /* it was logged at all */
    assert_non_null(strstr(text, "event=bulk.ended"));
    for (size_t i = 0; i < COUNT(SECRETS); i++)
        if (strstr(text, SECRETS[i]))
            fail_msg("%s: %.200s", SECRETS[i], strstr(text, SECRETS[i]));
}

#define HOUSE_TEST(test) cmocka_unit_test_setup_teardown(test, open_house, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(many_numbers_go_as_one_operation),
        HOUSE_TEST(few_go_one_by_one),
        HOUSE_TEST(nobody_waits_for_an_operation),
        HOUSE_TEST(what_an_operation_has_written_is_not_loaded),
        HOUSE_TEST(what_somebody_has_changed_meanwhile_is_read_afterwards),
        HOUSE_TEST(another_shop_of_the_store_leaves_them_alone_too),
        HOUSE_TEST(closings_go_as_one_operation),
        HOUSE_TEST(a_refused_line_is_that_orders_refusal),
        cmocka_unit_test(an_answer_that_is_lost_costs_no_second_operation),
        HOUSE_TEST(a_result_that_breaks_off_is_read_again),
        cmocka_unit_test(a_worker_killed_at_any_step_is_followed_by_another),
        cmocka_unit_test(what_a_broken_operation_has_left_goes_singly),
        HOUSE_TEST(an_address_that_has_expired_is_no_loss),
        HOUSE_TEST(when_all_places_are_taken_it_waits),
        HOUSE_TEST(when_the_fleet_has_all_its_places_nothing_is_sent),
        HOUSE_TEST(no_address_and_no_token_is_logged),
    };
    ids_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
