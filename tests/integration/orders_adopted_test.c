/* orders_adopted_test.c - orders.sync and orders.process in a data set that a person has taken
 * over: what stands in the ERP is linked again, also where no document would be made any more, and
 * nothing is made of what never had one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "ledger/commands.h"
#include "support/house.h"

#define SYNC "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}"
#define PROCESS "{\"shop\":\"DEMO\"}"
#define REFUND "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}"

static int open_house(void **state)
{
    static const char *const SHOPIFY[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    static const char *const BC[] = {"--data", "synthetic", NULL};
    *state = house_open(SHOPIFY, BC, 1);
    house_put_shop(*state, "DEMO",
                   ",\"return_and_refund_process\":\"auto-create\",\"refund_account\":\"6130\","
                   "\"refund_account_non_restock\":\"6130\"");
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- what people do ---- */

static void at_order(struct house *house, const char *name, const char *action, const char *body)
{
    OWN_TEXT char *path = mem_printf("orders/%%23%s/%s", name + 1, action);
    house_later(house);
    house_tell(house, "shopify", path, body);
}

/* All that was staged is gone with Redis; what is configured was applied again. */
static void lose_redis(struct house *house)
{
    OWN_REPLY redisReply *found = NULL;
    int bucket = ledger_bucket(house->ledger, HOUSE_COMPANY);
    struct err err;
    if (!redis_commandf(ledger_redis(house->ledger), &found, &err, "KEYS ct:*test/%02x*:s:%s:*",
                        bucket, HOUSE_COMPANY))
        fail_msg("%s", err.text);
    assert_true(found->elements > 0);
    for (size_t i = 0; i < found->elements; i++) {
        OWN_REPLY redisReply *gone = NULL;
        if (!redis_commandf(ledger_redis(house->ledger), &gone, &err, "DEL %s",
                            found->element[i]->str))
            fail_msg("%s", err.text);
    }
}

static void adopt(struct house *house)
{
    house->adopted_ms = clock_mono_ms(&HOUSE_CLOCK) - 3600 * 1000;
}

/* ---- what is there afterwards ---- */

static size_t document_count(struct house *house)
{
    OWN_JSON json *answer = house_ask(house, "bc", "GET", "documents", NULL);
    return json_count(json_get(answer, "documents"));
}

static void expect_state(struct house *house, const char *name, const char *state)
{
    OWN_TEXT char *id = house_order_id(house, name), *key = mem_printf("order:%s", id);
    OWN_TEXT char *got = house_field(house, key, "state");
    if (strcmp(got, state) != 0)
        fail_msg("%s is \"%s\" instead of \"%s\"", name, got, state);
}

static void expect_reason(struct house *house, const char *name, const char *reason)
{
    OWN_TEXT char *got = house_reason(house, name);
    if (strcmp(got, reason) != 0)
        fail_msg("%s: reason \"%s\" instead of \"%s\"", name, got, reason);
}

/* #9001 was sold and archived, #9002 sold and called off, #9003 and #9004 the same without a
 * document. */
static void past(struct house *house)
{
    house_place(house, "#9001", "");
    house_place(house, "#9002", "");
    house_good(house, "orders.sync", SYNC);
    assert_int_equal(house_good(house, "orders.process", PROCESS).created, 2);
    house_place(house, "#9003", "");
    house_place(house, "#9004", "");
    at_order(house, "#9001", "archive", "{}");
    at_order(house, "#9003", "archive", "{}");
    at_order(house, "#9002", "cancel", "{\"reason\":\"CUSTOMER\"}");
    at_order(house, "#9004", "cancel", "{\"reason\":\"CUSTOMER\"}");
    lose_redis(house);
}

static void a_new_data_set_leaves_the_past_alone(void **state)
{
    struct house *house = *state;
    past(house);
    house_good(house, "orders.sync", SYNC);
    assert_int_equal(house_good(house, "orders.process", PROCESS).created, 0);
    expect_reason(house, "#9001", "closed");
    expect_reason(house, "#9002", "closed"); /* archived, too */
    expect_reason(house, "#9003", "closed");
    expect_reason(house, "#9004", "closed");
    assert_int_equal(document_count(house), 2);
}

static void what_stands_is_linked_whatever_became_of_its_order(void **state)
{
    struct house *house = *state;
    past(house);
    adopt(house);
    house_good(house, "orders.sync", SYNC);
    assert_int_equal(house_good(house, "orders.process", PROCESS).created, 0);
    expect_state(house, "#9001", "processed");
    expect_state(house, "#9002", "processed");
    expect_reason(house, "#9003", "closed");
    expect_reason(house, "#9004", "cancelled");
    assert_int_equal(document_count(house), 2);
    assert_int_equal(house_good(house, "orders.process", PROCESS).created, 0);
}

static void a_refund_of_an_archived_order_is_credited(void **state)
{
    struct house *house = *state;
    past(house);
    adopt(house);
    at_order(house, "#9001", "refund", REFUND);
    house_good(house, "orders.sync", SYNC);
    assert_int_equal(house_good(house, "orders.process", PROCESS).created, 1);
    assert_int_equal(document_count(house), 3);
}

static void an_order_that_is_opened_again_gets_its_document(void **state)
{
    struct house *house = *state;
    past(house);
    adopt(house);
    house_good(house, "orders.sync", SYNC);
    house_good(house, "orders.process", PROCESS);
    at_order(house, "#9003", "reopen", "{}");
    house_good(house, "orders.sync", SYNC);
    assert_int_equal(house_good(house, "orders.process", PROCESS).created, 1);
    expect_state(house, "#9003", "processed");
    assert_int_equal(document_count(house), 3);
}

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, open_house, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(a_new_data_set_leaves_the_past_alone),
        IN_HOUSE(what_stands_is_linked_whatever_became_of_its_order),
        IN_HOUSE(a_refund_of_an_archived_order_is_credited),
        IN_HOUSE(an_order_that_is_opened_again_gets_its_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
