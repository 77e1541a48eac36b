/* trace_test.c - trace contexts as the standard has them, and who is caused by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/ids.h"
#include "trace/room.h"
#include "trace/trace.h"
#include "wire/json.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define CAUSE "00-" TRACE "-b7ad6b7169203331-01"

static const struct {
    const char *text;
    bool good;
} CONTEXTS[] = {
  /* clang-format off */
    {CAUSE, true},
    {"00-" TRACE "-b7ad6b7169203331-00", true},
    {"cc-" TRACE "-b7ad6b7169203331-01-what-will-be", true},
    {"cc-" TRACE "-b7ad6b7169203331-01", true},
    {"cc-" TRACE "-b7ad6b7169203331-01.what", false},
    {"00-" TRACE "-b7ad6b7169203331-01-more", false},
    {"ff-" TRACE "-b7ad6b7169203331-01", false},
    {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
    {"00-" TRACE "-0000000000000000-01", false},
    {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
    {"00-" TRACE "-b7ad6b716920333-01", false},
    {"00-" TRACE "-b7ad6b7169203331-1", false},
    {"00-" TRACE "_b7ad6b7169203331-01", false},
    {"", false},
    {NULL, false},
  /* clang-format on */
};

static void a_context_is_one_or_is_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CONTEXTS); i++) {
        struct span span;
        span_begin(&span, CONTEXTS[i].text, NULL, SPAN_SERVER, "t");
        bool taken = strcmp(span.trace, TRACE) == 0 && strcmp(span.parent, "b7ad6b7169203331") == 0;
        if (traceparent_is_one(CONTEXTS[i].text) != CONTEXTS[i].good || taken != CONTEXTS[i].good)
            fail_msg("%s", CONTEXTS[i].text ? CONTEXTS[i].text : "NULL");
        if (!taken && (*span.parent || strlen(span.trace) != 32 || !span.sampled))
            fail_msg("%s begins no trace", CONTEXTS[i].text ? CONTEXTS[i].text : "NULL");
    }
}

static void what_is_caused_says_so(void **state)
{
    (void)state;
    char told[TRACEPARENT_TEXT], promised[TRACEPARENT_TEXT];
    struct span trigger, attempt, call;
    span_begin(&trigger, CAUSE, NULL, SPAN_CONSUMER, "trigger");
    span_traceparent(&trigger, told);
    span_begin(&attempt, told, "a seed", SPAN_CONSUMER, "attempt");
    span_promise(&attempt, promised);
    span_caused(&call, &attempt, promised, SPAN_CLIENT, "call");
    assert_true(traceparent_is_one(told) && traceparent_is_one(promised));
    assert_string_equal(TRACE, call.trace);
    assert_string_equal(trigger.id, attempt.parent);
    assert_string_equal(attempt.id, call.parent);
    assert_memory_equal(promised + 36, call.id, 16);
    assert_string_not_equal(attempt.id, call.id);
}

static void tries_of_a_task_are_one_trace(void **state)
{
    (void)state;
    struct span first, second, other;
    span_begin(&first, "", "task", SPAN_CONSUMER, "t");
    span_begin(&second, "", "task", SPAN_CONSUMER, "t");
    span_begin(&other, "", "task 2", SPAN_CONSUMER, "t");
    assert_string_equal(first.trace, second.trace);
    assert_string_not_equal(first.trace, other.trace);
    assert_string_not_equal(first.id, second.id);
}

static void a_long_value_is_cut(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    OWN_JSON json *tree = NULL;
    struct err err = {0};
    char much[3 * SPAN_VALUE];
    struct span span;
    const struct trace_service service = {.name = "s", .environment = "e", .instance = "i"};
    memset(much, 'x', sizeof much - 1);
    much[sizeof much - 1] = 0;
    span_begin(&span, NULL, NULL, SPAN_CLIENT, much);
    span_say(&span, "key", much);
    span_say(&span, "nothing", "");
    span_number(&span, "large", INT64_MAX);
    span_end(&span, much);
    otlp_body(&span, 1, &service, &text);
    assert_true(json_parse(text.data, text.size, &tree, &err));
    const json *said = json_at(
        json_path(json_at(json_path(json_at(json_get(tree, "resourceSpans"), 0), "scopeSpans"), 0),
                  "spans"),
        0);
    assert_int_equal(SPAN_NAME - 1, strlen(json_text(said, "name")));
    assert_int_equal(2, json_count(json_get(said, "attributes")));
    assert_string_equal(
        "9223372036854775807",
        json_text(json_get(json_at(json_get(said, "attributes"), 1), "value"), "intValue"));
    assert_int_equal(2, json_int(json_get(said, "status"), "code", 0));
}

static int set_up(void **state)
{
    (void)state;
    ids_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_is_one_or_is_passed_over),
        cmocka_unit_test(what_is_caused_says_so),
        cmocka_unit_test(tries_of_a_task_are_one_trace),
        cmocka_unit_test(a_long_value_is_cut),
    };
    return cmocka_run_group_tests_name("trace", tests, set_up, NULL);
}
