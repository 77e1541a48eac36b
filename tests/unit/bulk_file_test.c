/* bulk_file_test.c - the texts of a bulk operation: the form, the marked mutation, the lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/ids.h"
#include "shopify/bulk.h"
#include "shopify/bulk_file.h"

static json *parsed(const char *text)
{
    struct err err;
    json *tree = NULL;
    if (!json_parse(text, strlen(text), &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static void a_form_has_all_parameters_in_their_order_and_the_file_last(void **state)
{
    (void)state;
    OWN_JSON json *parameters = parsed("[{\"name\":\"acl\",\"value\":\"private\"},"
                                       "{\"name\":\"key\",\"value\":\"tmp/1\"}]");
    OWN_BUF struct buf before = {0}, behind = {0};
    bulk_form(parameters, "0f", &before, &behind);
    assert_string_equal(
        buf_str(&before),
        "--0f\r\nContent-Disposition: form-data; name=\"acl\"\r\n\r\nprivate\r\n"
        "--0f\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\ntmp/1\r\n"
        "--0f\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lines.jsonl\"\r\n"
        "Content-Type: text/jsonl\r\n\r\n");
    assert_string_equal(buf_str(&behind), "\r\n--0f--\r\n");
    assert_string_equal(bulk_parameter(parameters, "key"), "tmp/1");
    assert_string_equal(bulk_parameter(parameters, "policy"), "");
}

static void the_mutation_carries_the_mark_in_its_name(void **state)
{
    (void)state;
    struct document document;
    OWN_BUF struct buf marked = {0};
    assert_true(document_find("order-close", &document));
    bulk_marked(document.text, document.size, "mutation", "00ff", NULL, &marked);
    static const char BEGIN[] = "mutation OrderClose_00ff($id: ID!) {\n";
    assert_int_equal(strncmp(buf_str(&marked), BEGIN, strlen(BEGIN)), 0);
    assert_ptr_equal(strstr(buf_str(&marked), "# cost"), NULL);
    assert_non_null(strstr(buf_str(&marked), "userErrors"));
}

static void a_query_carries_its_filter_as_a_string(void **state)
{
    (void)state;
    static const char TEXT[] = "# bulk | WHERE\nquery Q {\n  a(query: \"WHERE\") { id }\n}\n";
    OWN_BUF struct buf marked = {0}, plain = {0};
    bulk_marked(TEXT, strlen(TEXT), "query", "00ff", "title:\"a\\b\"", &marked);
    assert_string_equal(buf_str(&marked),
                        "query Q_00ff {\n  a(query: \"title:\\\"a\\\\b\\\"\") { id }\n}\n");
    bulk_marked(TEXT, strlen(TEXT), "query", "00ff", NULL, &plain);
    assert_non_null(strstr(buf_str(&plain), "\"WHERE\""));
}

#define DATA(more)                                                                                 \
    "{\"data\":{\"orderClose\":{\"order\":{\"id\":\"1\"}" more "}},\"__lineNumber\":7}"
#define FAILED(code)                                                                               \
    "{\"errors\":[{\"message\":\"it failed\",\"extensions\":{\"code\":\"" code                     \
    "\"}}],\"data\":{\"orderClose\":null},\"__lineNumber\":0}"

static const struct {
    const char *name, *line;
    int64_t number;
    enum err_kind kind;
    const char *refusal, *text;
} LINES[] = {
  /* clang-format off */
    {"success",          DATA(",\"userErrors\":[]"),                           7,  ERR_NONE,  NULL, ""},
    {"refused",          DATA(",\"userErrors\":[{\"message\":\"locked\"}]"),   7,  ERR_NONE,  "locked", ""},
    {"may go again",     FAILED("INTERNAL_SERVER_ERROR"),                      0,  ERR_RETRY, NULL, "it failed, INTERNAL_SERVER_ERROR"},
    {"never goes",       FAILED("INVALID_VARIABLE"),                           0,  ERR_FATAL, NULL, "it failed, INVALID_VARIABLE"},
    {"without answer",   "{\"data\":{\"orderClose\":null},\"__lineNumber\":2}", 2,  ERR_RETRY, NULL, "a line without an answer"},
    {"without number",   "{\"data\":{\"orderClose\":{}}}",                     -1, ERR_NONE,  NULL, ""},
    {"cut off",          "{\"data\":{\"orderClose\":{\"ord",                   -1, ERR_NONE,  NULL, ""},
    {"nothing",          "",                                                   -1, ERR_NONE,  NULL, ""},
  /* clang-format on */
};

static void a_line_is_answered_as_if_it_had_been_sent_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LINES); i++) {
        struct shopify_call answer;
        int64_t number = bulk_answer(LINES[i].line, strlen(LINES[i].line), "orderClose", &answer);
        const char *refusal =
            answer.user_errors ? json_text(json_at(answer.user_errors, 0), "message") : NULL;
        if (number != LINES[i].number || answer.err.kind != LINES[i].kind ||
            strcmp(answer.err.text, LINES[i].text) != 0 || !refusal != !LINES[i].refusal ||
            (refusal && strcmp(refusal, LINES[i].refusal) != 0))
            fail_msg("%s: line %d, kind %d, \"%s\", refusal %s", LINES[i].name, (int)number,
                     (int)answer.err.kind, answer.err.text, refusal ? refusal : "none");
        shopify_call_drop(&answer);
    }
}

static void pauses_grow_to_a_minute(void **state)
{
    (void)state;
    static const int64_t WANT[] = {5000, 10000, 20000, 40000, 60000, 60000};
    for (size_t i = 0; i < COUNT(WANT); i++)
        assert_int_equal(bulk_pause_ms((int64_t)i), WANT[i]);
    assert_int_equal(bulk_pause_ms(1000000), 60000);
}

static const struct {
    int64_t done, all, passed_ms, want_ms;
} LEFT[] = {
    {500, 10000, 5000, 96900}, /* a hundred a second, and a fiftieth more */
    {100, 100,   5000, 0    },
    {200, 100,   5000, 0    },
    {0,   100,   5000, -1   },
    {-1,  100,   5000, -1   },
    {5,   0,     5000, -1   },
    {5,   100,   0,    -1   },
};

static void the_end_is_told_by_what_is_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LEFT); i++)
        assert_int_equal(bulk_left_ms(LEFT[i].done, LEFT[i].all, LEFT[i].passed_ms),
                         LEFT[i].want_ms);
}

static void lines_end_where_the_file_does(void **state)
{
    (void)state;
    struct err err;
    OWN(bulk_lines) struct bulk_lines *lines = NULL;
    assert_true(bulk_lines_open(&lines, &err));
    for (size_t i = 0; i < BULK_LINES; i++)
        assert_true(bulk_lines_add(lines, "1", json_new_object(), NULL));
    assert_false(bulk_lines_add(lines, "1", json_new_object(), NULL));
    assert_int_equal(bulk_lines_count(lines), BULK_LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_has_all_parameters_in_their_order_and_the_file_last),
        cmocka_unit_test(the_mutation_carries_the_mark_in_its_name),
        cmocka_unit_test(a_line_is_answered_as_if_it_had_been_sent_alone),
        cmocka_unit_test(pauses_grow_to_a_minute),
        cmocka_unit_test(a_query_carries_its_filter_as_a_string),
        cmocka_unit_test(the_end_is_told_by_what_is_done),
        cmocka_unit_test(lines_end_where_the_file_does),
    };
    ids_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
