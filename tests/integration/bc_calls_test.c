/* bc_calls_test.c - typed questions to the simulated Business Central, over a real limiter in
 * Redis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bc/bc.h"
#include "support/ok.h"
#include "support/peers.h"

static void an_environment_tells_its_companies(void **state)
{
    (void)state;
    struct desk desk;
    struct bc_call call = {.method = "GET", .path = "/companies"};
    struct bc *bc;
    desk_open(test_peers, NULL, &desk);

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

static void the_entrys_credential_goes_before_the_companys(void **state)
{
    (void)state;
    struct desk desk;
    struct bc *bc;
    desk_open(test_peers, NULL, &desk);
    desk.sheet.credential = "nobody";
    assert_false(bc_of(desk.attempt, &bc, &err));
    assert_non_null(strstr(err.text, "there is no credential nobody"));
    desk_close(&desk);
}

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
        desk_open(test_peers, NULL, &desk);
        OK(bc_of(desk.attempt, &bc, &err));
        json_free(peers_admin(test_peers, "bc", "DELETE", "ledger", NULL));
        peers_fault(test_peers, "bc", "{\"path\":\"/items\"}", row->times, row->action);
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
        desk_open(test_peers, NULL, &desk);
        OWN_TEXT char *customer =
            first_number(&desk, "customers?$top=1&$filter=blocked%20eq%20'_x0020_'");
        OWN_TEXT char *external = mem_printf("ONCE-%zu", i);
        struct bc_call call = order(customer, external);
        int64_t before = desk.attempt->counts.erp_calls;
        peers_fault(test_peers, "bc", "{\"path\":\"/salesOrders\",\"method\":\"POST\"}", row->times,
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
    desk_open(test_peers, NULL, &desk);
    OK(bc_list(desk.attempt, "customers?$select=number", false, see, whole, &err));
    json_free(peers_admin(test_peers, "bc", "POST", "settings", "{\"pageCap\":7}"));
    int64_t before = desk.attempt->counts.erp_calls;
    OK(bc_list(desk.attempt, "customers?$select=number", false, see, paged, &err));
    json_free(peers_admin(test_peers, "bc", "POST", "settings", "{\"pageCap\":20000}"));
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
    desk_open(test_peers, NULL, &desk);
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
    desk_open(test_peers, NULL, &desk);
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
    desk_open(test_peers, NULL, &desk);
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
        desk_open(test_peers, &options, &desk);
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
    desk_open(test_peers, NULL, &desk);
    OK(bc_ask(desk.attempt, &call, &err));
    bc_call_drop(&call);
    desk_age_tokens(&desk);
    json_free(peers_admin(test_peers, "bc", "DELETE", "ledger", NULL));
    json_free(peers_admin(test_peers, "bc", "POST", "tokens", "{}"));
    call = get_items();
    OK(bc_ask(desk.attempt, &call, &err));
    assert_int_equal(1, peers_calls(test_peers, "bc", "POST token"));
    bc_call_drop(&call);
    desk_close(&desk);
}

/* The note of a create that is under way there may have been lost with Redis. */
static void after_an_adoption_reads_go_and_creates_wait(void **state)
{
    (void)state;
    struct desk desk;
    err_clear(&err);
    desk_open(test_peers, NULL, &desk);
    OWN_TEXT char *customer =
        first_number(&desk, "customers?$top=1&$filter=blocked%20eq%20'_x0020_'");
    int64_t late_ms = desk.attempt->company->bc_late_s * 1000, now_ms = clock_mono_ms(&CLOCK_REAL);
    desk.attempt->adopted_ms = now_ms - late_ms + 60000;
    struct bc_call early = order(customer, "ADOPTED"), late = order(customer, "ADOPTED");
    assert_false(bc_ask(desk.attempt, &early, &err));
    assert_int_equal(ERR_UNCERTAIN, err.kind);
    assert_in_range(err.retry_after_ms, 50000, 60000);
    err_clear(&err);
    assert_int_equal(0, orders_there(&desk, "ADOPTED"));

    desk.attempt->adopted_ms = now_ms - late_ms;
    OK(bc_ask(desk.attempt, &late, &err));
    assert_int_equal(1, orders_there(&desk, "ADOPTED"));
    bc_call_drop(&early);
    bc_call_drop(&late);
    desk_close(&desk);
}

static enum bc_level level_now(struct desk *desk)
{
    enum bc_level level;
    OK(bc_level_of(desk->attempt, &level, &err));
    return level;
}

static void offer(const char *level)
{
    OWN_TEXT char *body = mem_printf("{\"level\":\"%s\"}", level);
    json_free(peers_admin(test_peers, "bc", "POST", "settings", body));
}

/* What the app brought is gone with it: the first to hear of it tries again, and whoever looks next
 * looks there. A record that is not there says nothing about the app. */
static void an_app_that_is_taken_away_is_noticed(void **state)
{
    static const struct {
        const char *path, *offered;
        enum bc_level before, after;
        enum err_kind want;
    } ROWS[] = {
        {"postedShipments(11111111-1111-4111-8111-111111111111)", "extension", BC_LEVEL_EXTENSION,
         BC_LEVEL_EXTENSION,                                                                                     ERR_FATAL},
        {"postedShipments?$top=1",                                "api",       BC_LEVEL_EXTENSION, BC_LEVEL_API, ERR_RETRY},
        {"postedShipments?$top=1",                                "api",       BC_LEVEL_API,       BC_LEVEL_API, ERR_FATAL},
    };
    struct desk first;
    (void)state;
    offer("extension");
    desk_open(test_peers, NULL, &first);
    assert_int_equal(BC_LEVEL_EXTENSION, level_now(&first));
    desk_close(&first);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct desk desk, next;
        struct bc_call call = {.root = BC_EXTENSION, .method = "GET", .path = ROWS[i].path};
        offer(ROWS[i].offered);
        desk_open(test_peers, NULL, &desk);
        assert_int_equal(ROWS[i].before, level_now(&desk));
        assert_false(bc_ask(desk.attempt, &call, &err));
        assert_int_equal(404, call.status);
        assert_int_equal(ROWS[i].want, err.kind);
        bc_call_drop(&call);
        desk_close(&desk);
        desk_open(test_peers, NULL, &next);
        assert_int_equal(ROWS[i].after, level_now(&next));
        desk_close(&next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_environment_tells_its_companies, test_peers_calm),
        cmocka_unit_test_teardown(the_entrys_credential_goes_before_the_companys, test_peers_calm),
        cmocka_unit_test_teardown(erp_reads_get_over_what_passes, test_peers_calm),
        cmocka_unit_test_teardown(a_document_is_sent_once, test_peers_calm),
        cmocka_unit_test_teardown(after_an_adoption_reads_go_and_creates_wait, test_peers_calm),
        cmocka_unit_test_teardown(listings_are_read_to_their_end, test_peers_calm),
        cmocka_unit_test_teardown(an_app_that_is_taken_away_is_noticed, test_peers_calm),
        cmocka_unit_test_teardown(a_batch_answers_for_each_member, test_peers_calm),
        cmocka_unit_test_teardown(hooks_stand_around_each_call, test_peers_calm),
        cmocka_unit_test_teardown(a_stale_etag_is_told, test_peers_calm),
        cmocka_unit_test_teardown(who_we_are_at_the_erp, test_peers_calm),
        cmocka_unit_test_teardown(a_refused_erp_token_is_fetched_again, test_peers_calm),
    };
    return cmocka_run_group_tests(tests, test_peers_open, test_peers_close);
}
