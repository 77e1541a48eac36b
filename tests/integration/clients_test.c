/* clients_test.c - what the clients of a fleet share in Redis: tokens, seats, and an outage of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "bc/bc.h"
#include "shopify/shopify.h"
#include "support/ok.h"
#include "support/peers.h"

static struct bc_call get_items(void)
{
    return (struct bc_call){.method = "GET", .path = "items?$top=1&$select=id,number"};
}

struct asker {
    pthread_t thread;
    struct desk desk;
    struct shopify_call shop;
    struct bc_call items;
    struct err err;
    bool good;
};

static void *ask_store(void *state)
{
    struct asker *asker = state;
    asker->good = shopify_ask(asker->desk.attempt, &asker->shop, &asker->err);
    return NULL;
}

static void a_fleet_fetches_one_token(void **state)
{
    (void)state;
    struct asker askers[6] = {0};
    struct desk desk;
    desk_open(test_peers, NULL, &desk);
    OWN_REPLY redisReply *keys = NULL;
    OK(redis_commandf(ledger_redis(desk.ledger), &keys, &err, "KEYS ct:*:token"));
    for (size_t i = 0; i < keys->elements; i++) {
        OWN_REPLY redisReply *reply = NULL;
        OK(redis_commandf(ledger_redis(desk.ledger), &reply, &err, "DEL %s",
                          keys->element[i]->str));
    }
    json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
    for (size_t i = 0; i < COUNT(askers); i++) {
        desk_open(test_peers, NULL, &askers[i].desk);
        askers[i].shop.document = "shop-info";
        assert_int_equal(0, pthread_create(&askers[i].thread, NULL, ask_store, &askers[i]));
    }
    for (size_t i = 0; i < COUNT(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        if (!askers[i].good)
            fail_msg("%s", askers[i].err.text);
        shopify_call_drop(&askers[i].shop);
        desk_close(&askers[i].desk);
    }
    assert_int_equal(1, peers_calls(test_peers, "shopify", "oauth"));
    assert_int_equal(COUNT(askers), peers_calls(test_peers, "shopify", "ShopInfo"));
    desk_close(&desk);
}

static void *ask_erp(void *state)
{
    struct asker *asker = state;
    asker->good = bc_ask(asker->desk.attempt, &asker->items, &asker->err);
    return NULL;
}

/* The end of the only seat's lease, 0 = no seat is taken. */
static double seat_ends(struct desk *desk)
{
    struct redis *redis = ledger_redis(desk->ledger);
    OWN_REPLY redisReply *keys = NULL;
    OWN_REPLY redisReply *seats = NULL;
    OK(redis_commandf(redis, &keys, &err, "KEYS ct:*:seats"));
    if (keys->elements == 0)
        return 0;
    OK(redis_commandf(redis, &seats, &err, "ZRANGE %s 0 -1 WITHSCORES", keys->element[0]->str));
    return seats->elements == 2 ? strtod(seats->element[1]->str, NULL) : 0;
}

static struct desk *looker;
static double first_end;

static bool seat_is_taken(void *state)
{
    (void)state;
    first_end = seat_ends(looker);
    return first_end > 0;
}

static bool seat_is_renewed(void *state)
{
    (void)state;
    return seat_ends(looker) > first_end;
}

static void a_long_call_keeps_its_seat(void **state)
{
    (void)state;
    struct asker asker = {.items = get_items()};
    struct bc *bc;
    struct desk desk;
    desk_open(test_peers, NULL, &desk);
    looker = &desk;
    desk_open(test_peers, NULL, &asker.desk);
    OK(bc_of(asker.desk.attempt, &bc, &err));
    peers_fault(test_peers, "bc", "{\"path\":\"/items\"}", 1,
                "{\"kind\":\"hang_after\",\"ms\":5000}");
    assert_int_equal(0, pthread_create(&asker.thread, NULL, ask_erp, &asker));
    bool taken = wait_for(seat_is_taken, NULL, 3000),
         renewed = wait_for(seat_is_renewed, NULL, 5000);
    pthread_join(asker.thread, NULL);
    assert_true(taken && renewed && asker.good);
    assert_true(seat_ends(&desk) == 0); /* and gives it back */
    bc_call_drop(&asker.items);
    desk_close(&asker.desk);
    desk_close(&desk);
}

/* ---- Redis away ---- */

static void *ask_both(void *state)
{
    struct asker *asked = state;
    asked->good = bc_ask(asked->desk.attempt, &asked->items, &asked->err) &&
                  shopify_ask(asked->desk.attempt, &asked->shop, &asked->err);
    return NULL;
}

static void redis_away_costs_waiting_only(void **state)
{
    (void)state;
    struct asker asked = {.shop = {.document = "shop-info"}, .items = get_items()};
    struct bc *bc;
    desk_open(test_peers, NULL, &asked.desk);
    OK(bc_of(asked.desk.attempt, &bc, &err));
    OK(shopify_ask(asked.desk.attempt, &asked.shop, &err));
    shopify_call_drop(&asked.shop);
    test_redis_kill(&test_peers->redis);
    assert_int_equal(0, pthread_create(&asked.thread, NULL, ask_both, &asked));
    test_redis_missed(&test_peers->redis);
    test_redis_again(&test_peers->redis);
    pthread_join(asked.thread, NULL);
    if (!asked.good)
        fail_msg("%s", asked.err.text);
    bc_call_drop(&asked.items);
    shopify_call_drop(&asked.shop);
    desk_close(&asked.desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_fleet_fetches_one_token, test_peers_calm),
        cmocka_unit_test_teardown(a_long_call_keeps_its_seat, test_peers_calm),
        cmocka_unit_test_teardown(redis_away_costs_waiting_only, test_peers_calm),
    };
    return cmocka_run_group_tests(tests, test_peers_open, test_peers_close);
}
