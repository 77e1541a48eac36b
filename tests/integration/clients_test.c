/* clients_test.c - the typed clients against the two simulated peers and a real Redis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bc/bc.h"
#include "shopify/shopify.h"
#include "support/peers.h"

static struct peers *peers;
static struct err err;

#define OK(what)                                                                                   \
    do {                                                                                           \
        if (!(what))                                                                               \
            fail_msg("%s", err.text);                                                              \
    } while (0)

static void a_store_tells_who_it_is(void **state)
{
    (void)state;
    struct desk desk;
    struct shopify_call call = {.document = "shop-info"};
    desk_open(peers, NULL, &desk);

    OK(shopify_ask(desk.attempt, &call, &err));
    assert_string_equal("demo.myshopify.com",
                        json_string(json_path(call.data, "shop.myshopifyDomain")));
    assert_int_equal(4, call.requested);
    assert_int_equal(1, desk.attempt->counts.calls);
    assert_int_equal(call.actual, desk.attempt->counts.points);
    shopify_call_drop(&call);
    desk_close(&desk);
}

static void an_environment_tells_its_companies(void **state)
{
    (void)state;
    struct desk desk;
    struct bc_call call = {.method = "GET", .path = "/companies"};
    struct bc *bc;
    desk_open(peers, NULL, &desk);

    OK(bc_ask(desk.attempt, &call, &err));
    assert_string_equal("CRONUS UK Ltd.", json_string(json_path(call.answer, "value.0.name")));
    OK(bc_of(desk.attempt, &bc, &err));
    assert_string_equal("CRONUS UK Ltd.", bc_company_name(bc));
    assert_true(bc_has(bc, "salesOrder", "externalDocumentNumber"));
    assert_true(bc_has(bc, "salesOrder", "salesOrderLines"));
    assert_false(bc_has(bc, "salesOrder", "noSuchProperty"));
    bc_call_drop(&call);
    desk_close(&desk);
}

/* A token is refreshed after a refusal at most once a minute: lets that minute have passed. */
static void age_tokens(struct desk *desk)
{
    struct redis *redis = ledger_redis(desk->ledger);
    OWN_REPLY redisReply *keys = NULL;
    OK(redis_commandf(redis, &keys, &err, "KEYS ct:*:token"));
    for (size_t i = 0; i < keys->elements; i++) {
        OWN_REPLY redisReply *reply = NULL;
        OK(redis_commandf(redis, &reply, &err, "HSET %s asked 1", keys->element[i]->str));
    }
}

/* ---- Shopify ---- */

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
        desk_open(peers, NULL, &desk);
        json_free(peers_admin(peers, "shopify", "DELETE", "ledger", NULL));
        peers_fault(peers, "shopify", "{\"operation\":\"ShopInfo\"}", row->times, row->action);
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
        desk_open(peers, NULL, &desk);
        OWN_TEXT char *id = first_order(&desk);
        OWN_TEXT char *text = mem_printf("once-%zu", i);
        struct shopify_call call = tag(id, text);
        json_free(peers_admin(peers, "shopify", "DELETE", "ledger", NULL));
        peers_fault(peers, "shopify", "{\"operation\":\"TagsAdd\"}", row->times, row->action);
        bool good = shopify_ask(desk.attempt, &call, &err);
        if (good != (row->want == ERR_NONE) || err.kind != row->want ||
            !strstr(err.text, row->text))
            fail_msg("%s: %s: %s", row->name, err_kind_name(err.kind), err.text);
        int64_t calls = peers_calls(peers, "shopify", "TagsAdd");
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
    desk_open(peers, NULL, &desk);
    OWN_TEXT char *id = first_order(&desk);
    for (int i = 0; i < MANY; i++) {
        OWN_TEXT char *text = mem_printf("many-%d", i);
        calls[i] = i % 4 == 0 ? (struct shopify_call){.document = "shop-info"} : tag(id, text);
    }
    peers_fault(peers, "shopify", "{\"operation\":\"ShopInfo\"}", 3,
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
    desk_open(peers, &options, &desk);
    struct shopify_call call = tag("gid://shopify/Order/1", "x");
    json_free(peers_admin(peers, "shopify", "DELETE", "ledger", NULL));
    OK(shopify_ask(desk.attempt, &call, &err));
    assert_true(call.not_allowed);
    assert_null(call.data);
    assert_int_equal(0, peers_calls(peers, "shopify", NULL));
    shopify_call_drop(&call);
    desk_close(&desk);
}

static void a_store_refuses_by_user_errors_or_by_code(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(peers, NULL, &desk);
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
    desk_open(peers, NULL, &desk);
    OK(shopify_ask(desk.attempt, &call, &err));
    shopify_call_drop(&call);
    age_tokens(&desk);
    json_free(peers_admin(peers, "shopify", "DELETE", "ledger", NULL));
    peers_fault(peers, "shopify", "{\"operation\":\"ShopInfo\"}", 1, "{\"kind\":\"revoke_token\"}");
    OK(shopify_ask(desk.attempt, &call, &err));
    assert_int_equal(1, peers_calls(peers, "shopify", "oauth"));
    shopify_call_drop(&call);

    age_tokens(&desk);
    peers_fault(peers, "shopify", "{\"operation\":\"ShopInfo\"}", 0, "{\"kind\":\"revoke_token\"}");
    assert_false(shopify_ask(desk.attempt, &call, &err));
    assert_int_equal(ERR_FATAL, err.kind);
    assert_int_equal(2, peers_calls(peers, "shopify", "oauth")); /* asked once more, then it ends */
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
        desk_open(peers, &options, &desk);
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
    desk_open(peers, NULL, &desk);
    json_free(peers_admin(peers, "shopify", "DELETE", "ledger", NULL));
    atomic_store(&desk.attempt->gate, GATE_CANCEL);
    assert_false(shopify_ask(desk.attempt, &call, &err));
    assert_int_equal(ERR_CANCELLED, err.kind);
    assert_int_equal(0, peers_calls(peers, "shopify", "ShopInfo"));
    shopify_call_drop(&call);
    desk_close(&desk);
}

/* ---- Business Central ---- */

static struct bc_call get_items(void)
{
    return (struct bc_call){.method = "GET", .path = "items?$top=1&$select=id,number"};
}

struct bc_row {
    const char *name, *action;
    int times;
    enum err_kind want;
    int calls;
};

static const struct bc_row BC_READS[] = {
  /* clang-format off */
    {"failed", "{\"kind\":\"status\",\"status\":500}", 2, ERR_NONE, 3},
    {"goes on failing", "{\"kind\":\"status\",\"status\":500}", 0, ERR_RETRY, 4},
    {"a page of HTML", "{\"kind\":\"status\",\"status\":504}", 1, ERR_NONE, 2},
    {"cancelled there", "{\"kind\":\"status\",\"status\":408}", 1, ERR_NONE, 2},
    {"no answer", "{\"kind\":\"reset_before\"}", 1, ERR_NONE, 2},
    {"a cut answer", "{\"kind\":\"truncate\"}", 1, ERR_NONE, 2},
    {"deadlock", "{\"kind\":\"status\",\"status\":409}", 1, ERR_NONE, 2},
    {"a short pause", "{\"kind\":\"status\",\"status\":503,\"headers\":{\"retry-after\":\"1\"}}", 1,
     ERR_NONE, 2},
    {"a long pause", "{\"kind\":\"status\",\"status\":429,\"headers\":{\"retry-after\":\"30\"}}", 1,
     ERR_THROTTLED, 1},
  /* clang-format on */
};

/* A pause belongs to the credential, and the next test is not to wait for it. */
static void forget_pauses(struct desk *desk)
{
    struct redis *redis = ledger_redis(desk->ledger);
    OWN_REPLY redisReply *keys = NULL;
    OK(redis_commandf(redis, &keys, &err, "KEYS ct:*:rate"));
    for (size_t i = 0; i < keys->elements; i++) {
        OWN_REPLY redisReply *reply = NULL;
        OK(redis_commandf(redis, &reply, &err, "HDEL %s until", keys->element[i]->str));
    }
}

static void erp_reads_get_over_what_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BC_READS); i++) {
        const struct bc_row *row = &BC_READS[i];
        struct bc_call call = get_items();
        struct bc *bc;
        struct desk desk;
        err_clear(&err);
        desk_open(peers, NULL, &desk);
        OK(bc_of(desk.attempt, &bc, &err));
        json_free(peers_admin(peers, "bc", "DELETE", "ledger", NULL));
        peers_fault(peers, "bc", "{\"path\":\"/items\"}", row->times, row->action);
        bool good = bc_ask(desk.attempt, &call, &err);
        if (good != (row->want == ERR_NONE) || err.kind != row->want)
            fail_msg("%s: %s: %s", row->name, err_kind_name(err.kind), err.text);
        if (row->want == ERR_THROTTLED)
            assert_true(err.retry_after_ms > 20000);
        assert_int_equal(row->calls, desk.attempt->counts.erp_calls);
        assert_null(strstr(err.text, "CorrelationId"));
        bc_call_drop(&call);
        forget_pauses(&desk);
        desk_close(&desk);
    }
}

static const struct bc_row BC_WRITES[] = {
    {"done, and the answer lost",   "{\"kind\":\"reset_after\"}",           1, ERR_UNCERTAIN, 1},
    {"done, and an error answered", "{\"kind\":\"internal_after\"}",        1, ERR_UNCERTAIN, 1},
    {"cancelled there",             "{\"kind\":\"status\",\"status\":408}", 1, ERR_UNCERTAIN, 1},
    {"a gateway gave up",           "{\"kind\":\"status\",\"status\":504}", 1, ERR_UNCERTAIN, 1},
    {"deadlock: nothing ran",       "{\"kind\":\"status\",\"status\":409}", 1, ERR_NONE,      2},
    {"too many: nothing ran",       "{\"kind\":\"throttled\"}",             1, ERR_NONE,      2},
};

static char *first_number(struct desk *desk, const char *path)
{
    struct bc_call call = {.method = "GET", .path = path};
    OK(bc_ask(desk->attempt, &call, &err));
    char *number = mem_text(json_string(json_path(call.answer, "value.0.number")));
    assert_true(*number);
    bc_call_drop(&call);
    return number;
}

static struct bc_call order(const char *customer, const char *external)
{
    struct bc_call call = {.method = "POST", .path = "salesOrders", .body = json_new_object()};
    json_set_text(call.body, "externalDocumentNumber", external);
    json_set_text(call.body, "customerNumber", customer);
    return call;
}

static size_t orders_there(struct desk *desk, const char *external)
{
    OWN_BUF struct buf path = {0};
    buf_text(&path, "salesOrders?$select=id,number&$filter=");
    bc_filter_text(&path, "externalDocumentNumber", external);
    struct bc_call call = {.method = "GET", .path = buf_str(&path), .primary = true};
    OK(bc_ask(desk->attempt, &call, &err));
    size_t count = json_count(json_get(call.answer, "value"));
    bc_call_drop(&call);
    return count;
}

static void a_document_is_sent_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BC_WRITES); i++) {
        const struct bc_row *row = &BC_WRITES[i];
        struct desk desk;
        err_clear(&err);
        desk_open(peers, NULL, &desk);
        OWN_TEXT char *customer =
            first_number(&desk, "customers?$top=1&$filter=blocked%20eq%20'_x0020_'");
        OWN_TEXT char *external = mem_printf("ONCE-%zu", i);
        struct bc_call call = order(customer, external);
        int64_t before = desk.attempt->counts.erp_calls;
        peers_fault(peers, "bc", "{\"path\":\"/salesOrders\",\"method\":\"POST\"}", row->times,
                    row->action);
        bool good = bc_ask(desk.attempt, &call, &err);
        if (good != (row->want == ERR_NONE) || err.kind != row->want)
            fail_msg("%s: %s: %s", row->name, err_kind_name(err.kind), err.text);
        assert_int_equal(row->calls, desk.attempt->counts.erp_calls - before);
        bool effect = good || strstr(row->action, "_after");
        assert_int_equal(effect ? 1 : 0, orders_there(&desk, external));
        bc_call_drop(&call);
        forget_pauses(&desk);
        desk_close(&desk);
    }
}

struct seen {
    char *numbers[2000];
    size_t count;
};

static bool see(void *state, const json *entity, struct err *problem)
{
    struct seen *seen = state;
    (void)problem;
    if (seen->count < COUNT(seen->numbers))
        seen->numbers[seen->count++] = mem_text(json_text(entity, "number"));
    return true;
}

static void listings_are_read_to_their_end(void **state)
{
    (void)state;
    struct seen *whole = mem_new(sizeof *whole), *paged = mem_new(sizeof *paged);
    struct desk desk;
    desk_open(peers, NULL, &desk);
    OK(bc_list(desk.attempt, "customers?$select=number", false, see, whole, &err));
    json_free(peers_admin(peers, "bc", "POST", "settings", "{\"pageCap\":7}"));
    int64_t before = desk.attempt->counts.erp_calls;
    OK(bc_list(desk.attempt, "customers?$select=number", false, see, paged, &err));
    json_free(peers_admin(peers, "bc", "POST", "settings", "{\"pageCap\":20000}"));
    assert_true(whole->count > 14);
    assert_int_equal(whole->count, paged->count);
    assert_int_equal((whole->count + 6) / 7, desk.attempt->counts.erp_calls - before);
    for (size_t i = 0; i < whole->count; i++) {
        assert_string_equal(whole->numbers[i], paged->numbers[i]);
        free(whole->numbers[i]);
        free(paged->numbers[i]);
    }
    free(whole);
    free(paged);
    desk_close(&desk);
}

static void a_batch_answers_for_each_member(void **state)
{
    (void)state;
    enum { MANY = 120 }; /* two batches */
    static struct bc_call members[MANY];
    struct desk desk;
    struct bc *bc;
    desk_open(peers, NULL, &desk);
    OK(bc_of(desk.attempt, &bc, &err));
    for (int i = 0; i < MANY; i++)
        members[i] = (struct bc_call){
            .method = "GET", .path = i % 3 == 1 ? "noSuchThings" : "items?$top=1&$select=number"};
    int64_t before = desk.attempt->counts.erp_calls;
    OK(bc_batch(desk.attempt, members, MANY, &err));
    assert_int_equal(2, desk.attempt->counts.erp_calls - before);
    for (int i = 0; i < MANY; i++) {
        bool good = i % 3 != 1;
        assert_int_equal(good ? 200 : 404, members[i].status);
        assert_int_equal(good ? ERR_NONE : ERR_FATAL, members[i].err.kind);
        if (good)
            assert_int_equal(1, json_count(json_get(members[i].answer, "value")));
        else
            assert_string_equal("BadRequest_ResourceNotFound", members[i].err.peer_code);
        bc_call_drop(&members[i]);
    }
    desk_close(&desk);
}

struct hooks {
    int before, after, answered;
};

static bool before_call(struct attempt *attempt, struct bc_call *call, struct err *problem)
{
    struct hooks *hooks = call->state;
    (void)problem;
    (void)attempt;
    if (++hooks->before == 3)
        err_set(&call->err, ERR_RETRY, 0, "somebody else writes it");
    return true;
}

static bool after_call(struct attempt *attempt, struct bc_call *call, struct err *problem)
{
    struct hooks *hooks = call->state;
    hooks->answered += json_get(call->answer, "value") != NULL;
    if (++hooks->after == 8)
        return err_set(problem, ERR_CANCELLED, 0, "enough");
    return attempt_may_write(attempt, problem);
}

static void hooks_stand_around_each_call(void **state)
{
    (void)state;
    struct hooks hooks = {0};
    struct bc_call calls[20];
    struct desk desk;
    desk_open(peers, NULL, &desk);
    for (size_t i = 0; i < COUNT(calls); i++) {
        calls[i] = get_items();
        calls[i].before = before_call;
        calls[i].after = after_call;
        calls[i].state = &hooks;
    }
    assert_false(bc_call_all(desk.attempt, calls, COUNT(calls), &err));
    assert_string_equal("enough", err.text);
    assert_int_equal(ERR_RETRY, calls[2].err.kind); /* not sent */
    assert_null(calls[2].answer);
    assert_true(hooks.after >= 8 && hooks.after <= 11); /* what was out came home */
    assert_int_equal(hooks.after, hooks.answered);
    assert_int_equal(hooks.before, hooks.after + 1);
    assert_string_equal("enough", calls[COUNT(calls) - 1].err.text);
    for (size_t i = 0; i < COUNT(calls); i++)
        bc_call_drop(&calls[i]);
    desk_close(&desk);
}

static void a_stale_etag_is_told(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(peers, NULL, &desk);
    OWN_TEXT char *customer =
        first_number(&desk, "customers?$top=1&$filter=blocked%20eq%20'_x0020_'");
    struct bc_call made = order(customer, "ETAG-1");
    OK(bc_ask(desk.attempt, &made, &err));
    OWN_TEXT char *path = mem_printf("salesOrders(%s)", json_text(made.answer, "id"));
    const char *etag = json_text(made.answer, "@odata.etag");
    for (int i = 0; i < 2; i++) {
        struct bc_call change = {
            .method = "PATCH", .path = path, .body = json_new_object(), .if_match = etag};
        OWN_TEXT char *text = mem_printf("ETAG-%d", i + 2);
        json_set_text(change.body, "externalDocumentNumber", text);
        bool good = bc_ask(desk.attempt, &change, &err);
        assert_int_equal(i == 0, good);
        if (!good)
            assert_string_equal("Request_EntityChanged", err.peer_code);
        bc_call_drop(&change);
    }
    bc_call_drop(&made);
    desk_close(&desk);
}

static void who_we_are_at_the_erp(void **state)
{
    (void)state;
    static const struct {
        const char *credential, *company;
        bool good;
        const char *text;
    } ROWS[] = {
        {"erp-basic", NULL,                                   true,  ""              },
        {"erp-wrong", NULL,                                   false, "refused"       },
        {"erp",       "22222222-2222-4222-8222-222222222222", false, "has no company"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const struct desk_options options = {.bc_credential = ROWS[i].credential,
                                             .company = ROWS[i].company};
        struct bc_call call = get_items();
        struct desk desk;
        err_clear(&err);
        desk_open(peers, &options, &desk);
        if (bc_ask(desk.attempt, &call, &err) != ROWS[i].good || !strstr(err.text, ROWS[i].text))
            fail_msg("%s: %s", ROWS[i].credential, err.text);
        bc_call_drop(&call);
        desk_close(&desk);
    }
}

static void a_refused_erp_token_is_fetched_again(void **state)
{
    (void)state;
    struct bc_call call = get_items();
    struct desk desk;
    desk_open(peers, NULL, &desk);
    OK(bc_ask(desk.attempt, &call, &err));
    bc_call_drop(&call);
    age_tokens(&desk);
    json_free(peers_admin(peers, "bc", "DELETE", "ledger", NULL));
    json_free(peers_admin(peers, "bc", "POST", "tokens", "{}"));
    call = get_items();
    OK(bc_ask(desk.attempt, &call, &err));
    assert_int_equal(1, peers_calls(peers, "bc", "POST token"));
    bc_call_drop(&call);
    desk_close(&desk);
}

/* ---- what a fleet shares ---- */

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
    desk_open(peers, NULL, &desk);
    OWN_REPLY redisReply *keys = NULL;
    OK(redis_commandf(ledger_redis(desk.ledger), &keys, &err, "KEYS ct:*:token"));
    for (size_t i = 0; i < keys->elements; i++) {
        OWN_REPLY redisReply *reply = NULL;
        OK(redis_commandf(ledger_redis(desk.ledger), &reply, &err, "DEL %s",
                          keys->element[i]->str));
    }
    json_free(peers_admin(peers, "shopify", "DELETE", "ledger", NULL));
    for (size_t i = 0; i < COUNT(askers); i++) {
        desk_open(peers, NULL, &askers[i].desk);
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
    assert_int_equal(1, peers_calls(peers, "shopify", "oauth"));
    assert_int_equal(COUNT(askers), peers_calls(peers, "shopify", "ShopInfo"));
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
    desk_open(peers, NULL, &desk);
    looker = &desk;
    desk_open(peers, NULL, &asker.desk);
    OK(bc_of(asker.desk.attempt, &bc, &err));
    peers_fault(peers, "bc", "{\"path\":\"/items\"}", 1, "{\"kind\":\"hang_after\",\"ms\":5000}");
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
    desk_open(peers, NULL, &asked.desk);
    OK(bc_of(asked.desk.attempt, &bc, &err));
    OK(shopify_ask(asked.desk.attempt, &asked.shop, &err));
    shopify_call_drop(&asked.shop);
    test_redis_kill(&peers->redis);
    assert_int_equal(0, pthread_create(&asked.thread, NULL, ask_both, &asked));
    test_redis_missed(&peers->redis);
    test_redis_again(&peers->redis);
    pthread_join(asked.thread, NULL);
    if (!asked.good)
        fail_msg("%s", asked.err.text);
    bc_call_drop(&asked.items);
    shopify_call_drop(&asked.shop);
    desk_close(&asked.desk);
}

static int open_all(void **state)
{
    (void)state;
    peers = peers_open(NULL, NULL);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    peers_free(peers);
    return 0;
}

static int calm(void **state)
{
    (void)state;
    json_free(peers_admin(peers, "shopify", "DELETE", "faults", NULL));
    json_free(peers_admin(peers, "bc", "DELETE", "faults", NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_store_tells_who_it_is, calm),
        cmocka_unit_test_teardown(an_environment_tells_its_companies, calm),
        cmocka_unit_test_teardown(reads_get_over_what_passes, calm),
        cmocka_unit_test_teardown(a_write_goes_out_once, calm),
        cmocka_unit_test_teardown(many_calls_come_back_in_their_places, calm),
        cmocka_unit_test_teardown(writes_that_are_off_send_nothing, calm),
        cmocka_unit_test_teardown(a_store_refuses_by_user_errors_or_by_code, calm),
        cmocka_unit_test_teardown(a_revoked_token_is_fetched_again_once, calm),
        cmocka_unit_test_teardown(credentials_of_each_kind, calm),
        cmocka_unit_test_teardown(a_cancelled_attempt_sends_nothing, calm),
        cmocka_unit_test_teardown(erp_reads_get_over_what_passes, calm),
        cmocka_unit_test_teardown(a_document_is_sent_once, calm),
        cmocka_unit_test_teardown(listings_are_read_to_their_end, calm),
        cmocka_unit_test_teardown(a_batch_answers_for_each_member, calm),
        cmocka_unit_test_teardown(hooks_stand_around_each_call, calm),
        cmocka_unit_test_teardown(a_stale_etag_is_told, calm),
        cmocka_unit_test_teardown(who_we_are_at_the_erp, calm),
        cmocka_unit_test_teardown(a_refused_erp_token_is_fetched_again, calm),
        cmocka_unit_test_teardown(a_fleet_fetches_one_token, calm),
        cmocka_unit_test_teardown(a_long_call_keeps_its_seat, calm),
        cmocka_unit_test_teardown(redis_away_costs_waiting_only, calm),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
