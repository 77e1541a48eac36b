/* api_roles_test.c - tokens that people make: each route asks for its role, a withdrawn one is
 * refused, and nothing but a hash is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admin/routes.h"
#include "ledger/tokens.h"
#include "support/api.h"

static char *make(struct api_house *house, const char *name, const char *role)
{
    OWN_TEXT char *body = mem_printf("{\"name\":\"%s\",\"role\":\"%s\"}", name, role);
    struct client_answer answer = api_ask(house, "POST", "/v1/tokens", body);
    if (answer.status != 201)
        fail_msg("token %s: %d %s", name, answer.status, json_text(answer.body, "detail"));
    char *text = mem_text(json_text(answer.body, "token"));
    client_answer_drop(&answer);
    return text;
}

static void each_route_asks_for_its_role(void **state)
{
    struct api_house *house = *state;
    static const char *const ROLES[] = {"view", "operate", "admin"};
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        enum role role;
        assert_true(role_parse(ROLES[i], &role));
        OWN_TEXT char *token = make(house, ROLES[i][0] == 'a' ? "chief" : ROLES[i], ROLES[i]);
        for (const struct route *route = ROUTES; route->method; route++) {
            char path[200];
            api_fill(route->path, path);
            struct client_answer answer = api_ask_as(house, token, route->method, path);
            const char *needed = json_text(answer.body, "role");
            if ((answer.status == 403) != (role < route->role))
                fail_msg("%s %s with role %s: %d", route->method, route->path, ROLES[i],
                         answer.status);
            if (answer.status == 403)
                assert_string_equal(needed, role_name(route->role));
            if (answer.status == 403 && !strstr(json_text(answer.body, "detail"), needed))
                fail_msg("%s does not name its role", json_text(answer.body, "detail"));
            client_answer_drop(&answer);
        }
    }
}

static void a_token_is_shown_once_and_kept_as_a_hash(void **state)
{
    struct api_house *house = *state;
    struct err err = {0};
    OWN_JSON json *stored = NULL;
    int64_t used_ms = 0;
    OWN_TEXT char *token = make(house, "ann", "operate");
    assert_true(strlen(token) > 40 && strncmp(token, "ann.", 4) == 0);
    assert_true(ledger_token_get(house->ledger, "ann", &stored, &used_ms, &err));
    assert_null(strstr(json_write(stored), token + 4));
    assert_int_equal(used_ms, 0);

    struct client_answer me = api_ask_as(house, token, "GET", "/v1/me");
    assert_string_equal(json_write(me.body), "{\"name\":\"ann\",\"role\":\"operate\"}");
    client_answer_drop(&me);

    struct client_answer list = api_ask(house, "GET", "/v1/tokens", NULL);
    const json *row = json_at(json_get(list.body, "tokens"), 0);
    assert_string_equal(json_text(row, "name"), "ann");
    assert_string_equal(json_text(row, "made_by"), "admin");
    assert_true(json_int(row, "made_ms", 0) > 0 && json_int(row, "used_ms", 0) > 0);
    assert_null(strstr(json_write(list.body), "hash"));
    client_answer_drop(&list);
}

static void a_withdrawn_token_is_refused_at_once(void **state)
{
    struct api_house *house = *state;
    OWN_TEXT char *token = make(house, "ann", "admin");
    struct client_answer answer = api_ask_as(house, token, "DELETE", "/v1/tokens/ann");
    assert_int_equal(answer.status, 200); /* her own, too */
    client_answer_drop(&answer);
    answer = api_ask_as(house, token, "GET", "/v1/me");
    assert_int_equal(answer.status, 401);
    assert_non_null(strstr(json_text(answer.body, "detail"), "withdrawn"));
    client_answer_drop(&answer);
    answer = api_ask(house, "DELETE", "/v1/tokens/ann", NULL);
    assert_int_equal(answer.status, 404);
    client_answer_drop(&answer);
    OWN_TEXT char *again = make(house, "ann", "view"); /* the name is free */
    assert_string_not_equal(again, token);
}

static const struct {
    const char *method, *path, *body;
    int status;
    const char *says;
} REFUSED[] = {
  /* clang-format off */
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":\"view\"}", 409, "a token ann already"},
    {"POST", "/v1/tokens", "{\"name\":\"admin\",\"role\":\"view\"}", 409, "TOKEN_FILE"},
    {"POST", "/v1/tokens", "{\"name\":\"Ann Lee\",\"role\":\"view\"}", 400, "name"},
    {"POST", "/v1/tokens", "{\"name\":\"bob\",\"role\":\"king\"}", 400, "view, operate or admin"},
    {"POST", "/v1/tokens", "{\"name\":\"bob\"}", 400, "role"},
    {"POST", "/v1/tokens", "{\"name\":\"bob\",\"role\":\"view\",\"days\":3}", 400, "days"},
    {"DELETE", "/v1/tokens/admin", NULL, 409, "TOKEN_FILE"},
  /* clang-format on */
};

static void what_does_not_fit_is_refused(void **state)
{
    struct api_house *house = *state;
    free(make(house, "ann", "view"));
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        struct client_answer answer =
            api_ask(house, REFUSED[i].method, REFUSED[i].path, REFUSED[i].body);
        const char *detail = json_text(answer.body, "detail");
        if (answer.status != REFUSED[i].status || !strstr(detail, REFUSED[i].says))
            fail_msg("%s %s: %d %s", REFUSED[i].method, REFUSED[i].body, answer.status, detail);
        client_answer_drop(&answer);
    }
}

static void the_command_line_does_the_same(void **state)
{
    struct api_house *house = *state;
    struct told told = API_CLI(house, "token", "add", "ann", "--role", "view");
    assert_int_equal(told.code, 0);
    assert_true(strncmp(told.out, "ann.", 4) == 0 && strstr(told.err, "this once"));
    told_drop(&told);
    told = API_CLI(house, "token", "list");
    assert_true(strstr(told.out, "ann") && strstr(told.out, "view"));
    told_drop(&told);
    told = API_CLI(house, "me", "--json");
    assert_string_equal(told.out, "{\"name\":\"admin\",\"role\":\"admin\"}\n");
    told_drop(&told);
    told = API_CLI(house, "token", "withdraw", "ann");
    assert_int_equal(told.code, 0);
    told_drop(&told);
    told = API_CLI(house, "token", "add", "ann");
    assert_int_equal(told.code, 2);
    assert_non_null(strstr(told.err, "--role"));
    told_drop(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(each_route_asks_for_its_role),
        API_TEST(a_token_is_shown_once_and_kept_as_a_hash),
        API_TEST(a_withdrawn_token_is_refused_at_once),
        API_TEST(what_does_not_fit_is_refused),
        API_TEST(the_command_line_does_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
