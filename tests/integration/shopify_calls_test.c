/* shopify_calls_test.c - typed questions to the simulated store, over a real limiter in Redis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "limiter/limiter.h"
#include "shopify/shopify.h"
#include "support/ok.h"
#include "support/peers.h"

static void a_store_tells_who_it_is(void **state)
{
    (void)state;
    struct desk desk;
    struct shopify_call call = {.document = "shop-info"};
    desk_open(test_peers, NULL, &desk);

    OK(shopify_ask(desk.attempt, &call, &err));
    assert_string_equal("demo.myshopify.com",
                        json_string(json_path(call.data, "shop.myshopifyDomain")));
    assert_int_equal(4, call.requested);
    assert_int_equal(1, desk.attempt->counts.calls);
    assert_int_equal(call.actual, desk.attempt->counts.points);
    shopify_call_drop(&call);
    desk_close(&desk);
}

struct shopify_row {
    const char *name, *action;
    int times;
    enum err_kind want; /* ERR_NONE = answered */
    int calls;
    const char *text;
};

static const struct shopify_row READS[] = {
  /* clang-format off */
    {"a failing gateway", "{\"kind\":\"status\",\"status\":503}", 2, ERR_NONE, 3, ""},
    {"a gateway that goes on failing", "{\"kind\":\"status\",\"status\":502}", 0, ERR_RETRY, 4,
     "502"},
    {"no answer", "{\"kind\":\"reset_before\"}", 1, ERR_NONE, 2, ""},
    {"an answer that was lost", "{\"kind\":\"reset_after\"}", 1, ERR_NONE, 2, ""},
    {"a cut answer", "{\"kind\":\"truncate\"}", 1, ERR_NONE, 2, ""},
    {"an internal error", "{\"kind\":\"internal_before\"}", 1, ERR_NONE, 2, ""},
    {"throttled", "{\"kind\":\"throttled\"}", 1, ERR_NONE, 2, ""},
    {"throttled again and again", "{\"kind\":\"throttled\"}", 0, ERR_THROTTLED, 3, "budget"},
    {"a short pause", "{\"kind\":\"status\",\"status\":429,\"headers\":{\"retry-after\":\"0.2\"}}",
     1, ERR_NONE, 2, ""},
    {"a long pause", "{\"kind\":\"status\",\"status\":429,\"headers\":{\"retry-after\":\"60.0\"}}",
     1, ERR_THROTTLED, 1, "budget"},
    {"frozen", "{\"kind\":\"status\",\"status\":402}", 0, ERR_FATAL, 1, "frozen"},
    {"suspicious", "{\"kind\":\"status\",\"status\":430}", 0, ERR_FATAL, 1, "suspicious"},
    {"another version served",
     "{\"kind\":\"headers\",\"headers\":{\"x-shopify-api-version\":\"2026-01\"}}", 0, ERR_FATAL, 1,
     "2026-01 was served"},
  /* clang-format on */
};

static void reads_get_over_what_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(READS); i++) {
        const struct shopify_row *row = &READS[i];
        struct shopify_call call = {.document = "shop-info"};
        struct desk desk;
        err_clear(&err);
        desk_open(test_peers, NULL, &desk);
        json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
        peers_fault(test_peers, "shopify", "{\"operation\":\"ShopInfo\"}", row->times, row->action);
        bool good = shopify_ask(desk.attempt, &call, &err);
        if (good != (row->want == ERR_NONE) || err.kind != row->want ||
            !strstr(err.text, row->text))
            fail_msg("%s: %s: %s", row->name, err_kind_name(err.kind), err.text);
        if (row->want == ERR_THROTTLED)
            assert_true(err.retry_after_ms > 0);
        int64_t calls = desk.attempt->counts.calls;
        if (calls != row->calls)
            fail_msg("%s: %d calls", row->name, (int)calls);
        shopify_call_drop(&call);
        desk_close(&desk);
    }
}

static char *first_order(struct desk *desk)
{
    struct shopify_call call = {.document = "orders-delta", .variables = json_new_object()};
    json_set_text(call.variables, "query", "updated_at:>='2000-01-01T00:00:00Z'");
    json_set_int(call.variables, "first", 5);
    OK(shopify_ask(desk->attempt, &call, &err));
    char *id = mem_text(json_string(json_path(call.data, "orders.nodes.0.id")));
    assert_int_equal(0, strncmp(id, "gid://shopify/Order/", 20));
    shopify_call_drop(&call);
    return id;
}

static struct shopify_call tag(const char *id, const char *text)
{
    struct shopify_call call = {
        .document = "tags-add", .variables = json_new_object(), .user_errors_at = "tagsAdd"};
    json *tags = json_new_array();
    json_add_text(tags, text);
    json_set_text(call.variables, "id", id);
    json_set(call.variables, "tags", tags);
    return call;
}

/* The connection is kept from a call before: libcurl must not repeat the request by itself. */
static const struct shopify_row WRITES[] = {
  /* clang-format off */
    {"done, and the answer lost", "{\"kind\":\"reset_after\"}", 1, ERR_UNCERTAIN, 1, "TagsAdd"},
    {"done, and an error answered", "{\"kind\":\"internal_after\"}", 1, ERR_UNCERTAIN, 1,
     "TagsAdd"},
    {"not done, and nobody knows", "{\"kind\":\"reset_before\"}", 1, ERR_UNCERTAIN, 1, "TagsAdd"},
    {"a failing gateway", "{\"kind\":\"status\",\"status\":504}", 1, ERR_UNCERTAIN, 1, "504"},
    {"throttled: nothing ran", "{\"kind\":\"throttled\"}", 1, ERR_NONE, 2, ""},
    {"too many: nothing ran",
     "{\"kind\":\"status\",\"status\":429,\"headers\":{\"retry-after\":\"0.1\"}}", 1, ERR_NONE, 2,
     ""},
  /* clang-format on */
};

static void a_write_goes_out_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(WRITES); i++) {
        const struct shopify_row *row = &WRITES[i];
        struct desk desk;
        err_clear(&err);
        desk_open(test_peers, NULL, &desk);
        OWN_TEXT char *id = first_order(&desk);
        OWN_TEXT char *text = mem_printf("once-%zu", i);
        struct shopify_call call = tag(id, text);
        json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
        peers_fault(test_peers, "shopify", "{\"operation\":\"TagsAdd\"}", row->times, row->action);
        bool good = shopify_ask(desk.attempt, &call, &err);
        if (good != (row->want == ERR_NONE) || err.kind != row->want ||
            !strstr(err.text, row->text))
            fail_msg("%s: %s: %s", row->name, err_kind_name(err.kind), err.text);
        int64_t calls = peers_calls(test_peers, "shopify", "TagsAdd");
        if (calls != row->calls)
            fail_msg("%s: %d calls", row->name, (int)calls);
        shopify_call_drop(&call);
        desk_close(&desk);
    }
}

static void many_calls_come_back_in_their_places(void **state)
{
    (void)state;
    enum { MANY = 40 };
    struct shopify_call calls[MANY];
    struct desk desk;
    desk_open(test_peers, NULL, &desk);
    OWN_TEXT char *id = first_order(&desk);
    for (int i = 0; i < MANY; i++) {
        OWN_TEXT char *text = mem_printf("many-%d", i);
        calls[i] = i % 4 == 0 ? (struct shopify_call){.document = "shop-info"} : tag(id, text);
    }
    peers_fault(test_peers, "shopify", "{\"operation\":\"ShopInfo\"}", 3,
                "{\"kind\":\"status\",\"status\":500}");
    OK(shopify_call_all(desk.attempt, calls, MANY, &err));
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(ERR_NONE, calls[i].err.kind);
        assert_non_null(json_path(calls[i].data, i % 4 == 0 ? "shop.id" : "tagsAdd.node.id"));
        assert_null(calls[i].user_errors);
        shopify_call_drop(&calls[i]);
    }
    desk_close(&desk);
}

static void writes_that_are_off_send_nothing(void **state)
{
    (void)state;
    const struct desk_options options = {.writes_off = true};
    struct desk desk;
    desk_open(test_peers, &options, &desk);
    struct shopify_call call = tag("gid://shopify/Order/1", "x");
    json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
    OK(shopify_ask(desk.attempt, &call, &err));
    assert_true(call.not_allowed);
    assert_null(call.data);
    assert_int_equal(0, peers_calls(test_peers, "shopify", NULL));
    shopify_call_drop(&call);
    desk_close(&desk);
}

static void a_store_refuses_by_user_errors_or_by_code(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(test_peers, NULL, &desk);
    struct shopify_call call = tag("gid://shopify/Order/404404", "x");
    bool good = shopify_ask(desk.attempt, &call, &err);
    assert_true(good ? json_count(call.user_errors) == 1 : err.kind == ERR_FATAL);
    shopify_call_drop(&call);

    struct shopify_call wrong = {.document = "orders-delta", .variables = json_new_object()};
    json_set_text(wrong.variables, "query", "no_such_field:1");
    assert_false(shopify_ask(desk.attempt, &wrong, &err));
    assert_int_equal(ERR_FATAL, err.kind);
    assert_non_null(strstr(err.text, "not understood"));
    shopify_call_drop(&wrong);
    desk_close(&desk);
}

static void a_revoked_token_is_fetched_again_once(void **state)
{
    (void)state;
    struct shopify_call call = {.document = "shop-info"};
    struct desk desk;
    desk_open(test_peers, NULL, &desk);
    OK(shopify_ask(desk.attempt, &call, &err));
    shopify_call_drop(&call);
    desk_age_tokens(&desk);
    json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
    peers_fault(test_peers, "shopify", "{\"operation\":\"ShopInfo\"}", 1,
                "{\"kind\":\"revoke_token\"}");
    OK(shopify_ask(desk.attempt, &call, &err));
    assert_int_equal(1, peers_calls(test_peers, "shopify", "oauth"));
    shopify_call_drop(&call);

    desk_age_tokens(&desk);
    peers_fault(test_peers, "shopify", "{\"operation\":\"ShopInfo\"}", 0,
                "{\"kind\":\"revoke_token\"}");
    assert_false(shopify_ask(desk.attempt, &call, &err));
    assert_int_equal(ERR_FATAL, err.kind);
    assert_int_equal(
        2, peers_calls(test_peers, "shopify", "oauth")); /* asked once more, then it ends */
    shopify_call_drop(&call);
    desk_close(&desk);
}

static void credentials_of_each_kind(void **state)
{
    (void)state;
    static const struct {
        const char *shopify;
        bool good;
    } ROWS[] = {
        {"app-static", true },
        {"app-wrong",  false},
        {"no-such",    false}
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const struct desk_options options = {.shopify_credential = ROWS[i].shopify};
        struct shopify_call call = {.document = "shop-info"};
        struct desk desk;
        desk_open(test_peers, &options, &desk);
        if (shopify_ask(desk.attempt, &call, &err) != ROWS[i].good)
            fail_msg("%s: %s", ROWS[i].shopify, err.text);
        if (!ROWS[i].good)
            assert_int_equal(ERR_FATAL, err.kind);
        assert_null(strstr(err.text, "sandbox-secret"));
        shopify_call_drop(&call);
        desk_close(&desk);
    }
}

static void a_cancelled_attempt_sends_nothing(void **state)
{
    (void)state;
    struct shopify_call call = {.document = "shop-info"};
    struct desk desk;
    desk_open(test_peers, NULL, &desk);
    json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
    atomic_store(&desk.attempt->gate, GATE_CANCEL);
    assert_false(shopify_ask(desk.attempt, &call, &err));
    assert_int_equal(ERR_CANCELLED, err.kind);
    assert_int_equal(0, peers_calls(test_peers, "shopify", "ShopInfo"));
    shopify_call_drop(&call);
    desk_close(&desk);
}

/* A second take, because the first brings the level up to now. */
static void use_up(struct limiter *limiter, const char *bucket, struct points_grant *out)
{
    struct points_view view = {.available = 1};
    for (int i = 0; i < 2; i++) {
        OK(limiter_points_take(limiter, bucket, (int)view.available, 0, out, &err));
        assert_true(out->granted);
        OK(limiter_points_look(limiter, bucket, &view, &err));
    }
}

/* It would have its points within five seconds, and so would each call after it. */
static void a_hand_over_does_not_wait_for_points(void **state)
{
    static const enum gate GATES[] = {GATE_YIELD, GATE_DRAIN};
    static const char BUCKET[] = "demo.myshopify.com/cartage-demo";
    (void)state;
    for (size_t i = 0; i < COUNT(GATES); i++) {
        struct shopify_call call = {.document = "shop-info"};
        struct points_status nothing = {-1, 0, -1, -1, -1};
        struct points_grant others;
        struct desk desk;
        desk_open(test_peers, NULL, &desk);
        json_free(peers_admin(test_peers, "shopify", "DELETE", "ledger", NULL));
        use_up(desk.limiter, BUCKET, &others);
        atomic_store(&desk.attempt->gate, GATES[i]);
        assert_false(shopify_ask(desk.attempt, &call, &err));
        assert_int_equal(ERR_CANCELLED, err.kind);
        assert_int_equal(0, peers_calls(test_peers, "shopify", "ShopInfo"));
        OK(limiter_points_settle(desk.limiter, BUCKET, others.reservation, &nothing, &err));
        shopify_call_drop(&call);
        desk_close(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_store_tells_who_it_is, test_peers_calm),
        cmocka_unit_test_teardown(reads_get_over_what_passes, test_peers_calm),
        cmocka_unit_test_teardown(a_write_goes_out_once, test_peers_calm),
        cmocka_unit_test_teardown(many_calls_come_back_in_their_places, test_peers_calm),
        cmocka_unit_test_teardown(writes_that_are_off_send_nothing, test_peers_calm),
        cmocka_unit_test_teardown(a_store_refuses_by_user_errors_or_by_code, test_peers_calm),
        cmocka_unit_test_teardown(a_revoked_token_is_fetched_again_once, test_peers_calm),
        cmocka_unit_test_teardown(credentials_of_each_kind, test_peers_calm),
        cmocka_unit_test_teardown(a_cancelled_attempt_sends_nothing, test_peers_calm),
        cmocka_unit_test_teardown(a_hand_over_does_not_wait_for_points, test_peers_calm),
    };
    return cmocka_run_group_tests(tests, test_peers_open, test_peers_close);
}
