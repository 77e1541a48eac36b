/* shopify_test.c - what Shopify's answers mean, and what its documents say of themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/embed.h"
#include "base/ids.h"
#include "shopify/answer.h"
#include "shopify/shopify.h"

static const char COST[] =
    "\"extensions\":{\"cost\":{\"requestedQueryCost\":67,\"actualQueryCost\":12,"
    "\"throttleStatus\":{\"maximumAvailable\":2000.0,"
    "\"currentlyAvailable\":1988,\"restoreRate\":100.0}}}";

static const struct {
    const char *name;
    int status;
    const char *headers, *body; /* body: %COST% stands for COST */
    enum answer_kind kind;
    enum err_kind err;
    const char *text; /* part of the error's text */
} ANSWERS[] = {
  /* clang-format off */
    {"data", 200, "", "{\"data\":{\"shop\":{}},%COST%}", ANSWER_OK, ERR_NONE, ""},
    {"an empty list of errors is none", 200, "", "{\"data\":{},\"errors\":[]}", ANSWER_OK, ERR_NONE,
     ""},
    {"throttled", 200, "",
     "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{\"code\":\"THROTTLED\"}}],%COST%}",
     ANSWER_THROTTLED, ERR_THROTTLED, "budget"},
    {"dearer than one document may be", 200, "", "{\"errors\":[{\"message\":\"Query cost is "
     "2000\",\"extensions\":{\"code\":\"MAX_COST_EXCEEDED\"," "\"cost\":2000,\"maxCost\":1000}}]}",
     ANSWER_REFUSED, ERR_FATAL, "Query cost is 2000"},
    {"access denied names what is missing", 200, "X-Request-Id: r-1\r\n",
     "{\"data\":{\"orders\":null},\"errors\":[{\"message\":\"Access denied for orders field.\","
     "\"path\":[\"orders\"],\"extensions\":{\"code\":\"ACCESS_DENIED\","
     "\"requiredAccess\":\"`read_orders` access scope.\"}}]}", ANSWER_REFUSED, ERR_FATAL,
     "access to orders is denied; grant the app: `read_orders`"},
    {"partial data is a failure", 200, "",
     "{\"data\":{\"a\":1,\"b\":null},\"errors\":[{\"message\":\"Invalid id\","
     "\"extensions\":{\"code\":\"RESOURCE_NOT_FOUND\"}}]}", ANSWER_REFUSED, ERR_FATAL,
     "RESOURCE_NOT_FOUND"},
    {"their fault", 200, "", "{\"data\":null,\"errors\":[{\"message\":\"Internal error\","
     "\"extensions\":{\"code\":\"INTERNAL_SERVER_ERROR\",\"requestId\":\"r\"}}]}", ANSWER_BROKEN,
     ERR_RETRY, "Internal error"},
    {"a filter that was not understood", 200, "",
     "{\"data\":{\"orders\":{}},\"extensions\":{\"search\":[{\"path\":[\"orders\"],\"warnings\":"
     "[{\"field\":\"updated\",\"message\":\"Invalid search "
     "field\",\"code\":\"invalid_field\"}]}]}}", ANSWER_REFUSED, ERR_FATAL,
     "Invalid search field (updated)"},
    {"search without warnings", 200, "",
     "{\"data\":{\"orders\":{}},\"extensions\":{\"search\":[{\"path\":[\"orders\"]}]}}", ANSWER_OK,
     ERR_NONE, ""},
    {"errors as a text", 200, "", "{\"errors\":\"no\"}", ANSWER_REFUSED, ERR_FATAL, "no"},
    {"a cut answer", 200, "", "{\"data\":{\"sh", ANSWER_BROKEN, ERR_RETRY, "not JSON"},
    {"an empty answer", 200, "", "", ANSWER_BROKEN, ERR_RETRY, ""},
    {"neither data nor errors", 200, "", "{}", ANSWER_BROKEN, ERR_RETRY, "without data"},
    {"another version, silently", 200, "X-Shopify-API-Version: 2026-01\r\n", "{\"data\":{}}",
     ANSWER_CLOSED, ERR_FATAL, "2026-10 was asked for and 2026-01 was served"},
    {"the version asked for", 200, "x-shopify-api-version: 2026-10\r\n", "{\"data\":{}}", ANSWER_OK,
     ERR_NONE, ""},
    {"token refused, errors as text", 401, "", "{\"errors\":\"[API] Invalid API key\"}",
     ANSWER_TOKEN, ERR_FATAL, "Invalid API key"},
    {"frozen", 402, "", "{\"errors\":\"Unavailable Shop\"}", ANSWER_CLOSED, ERR_FATAL, "frozen"},
    {"forbidden", 403, "", "", ANSWER_CLOSED, ERR_FATAL, "scopes"},
    {"no such store", 404, "", "{\"errors\":\"Not Found\"}", ANSWER_CLOSED, ERR_FATAL,
     "no such store"},
    {"locked", 423, "", "", ANSWER_CLOSED, ERR_FATAL, "locked"},
    {"errors as an object", 422, "", "{\"errors\":{\"query\":\"missing\"}}", ANSWER_REFUSED,
     ERR_FATAL, "missing"},
    {"too many, with a decimal time", 429, "retry-after: 4.0\r\n", "", ANSWER_LATER, ERR_THROTTLED,
     "429"},
    {"suspicious", 430, "", "", ANSWER_CLOSED, ERR_FATAL, "suspicious"},
    {"gateway", 502, "", "<html>", ANSWER_BROKEN, ERR_RETRY, "502"},
    {"the network's own", 525, "", "", ANSWER_BROKEN, ERR_RETRY, "525"},
    {"a redirect is not followed", 301, "", "", ANSWER_CLOSED, ERR_FATAL, "redirect"},
  /* clang-format on */
};

static void fill(struct http_call *call, int status, const char *headers, const char *body)
{
    const char *mark = strstr(body, "%COST%");
    call->status = status;
    buf_printf(&call->header_lines, "HTTP/1.1 %d X\r\n%s\r\n", status, headers);
    if (mark) {
        buf_add(&call->answer, body, (size_t)(mark - body));
        buf_text(&call->answer, COST);
        buf_text(&call->answer, mark + 6);
    } else {
        buf_text(&call->answer, body);
    }
}

static void answers_mean_what_to_do_next(void **state)
{
    (void)state;
    const struct document document = {.name = "test", .operation = "Test"};
    for (size_t i = 0; i < COUNT(ANSWERS); i++) {
        struct http_call call = {0};
        struct answer answer;
        fill(&call, ANSWERS[i].status, ANSWERS[i].headers, ANSWERS[i].body);
        answer_read(&call, &document, "2026-10", "demo.myshopify.com", &answer);
        if (answer.kind != ANSWERS[i].kind || answer.err.kind != ANSWERS[i].err ||
            !strstr(answer.err.text, ANSWERS[i].text))
            fail_msg("%s: kind %d, %s: %s", ANSWERS[i].name, answer.kind,
                     err_kind_name(answer.err.kind), answer.err.text);
        answer_drop(&answer);
        http_call_drop(&call);
    }
}

static void a_mutation_in_another_version_has_happened(void **state)
{
    (void)state;
    const struct document document = {.name = "test", .operation = "Test", .mutation = true};
    struct http_call call = {0};
    struct answer answer;
    fill(&call, 200, "X-Shopify-API-Version: 2026-01\r\n", "{\"data\":{}}");
    answer_read(&call, &document, "2026-10", "demo.myshopify.com", &answer);
    assert_int_equal(ANSWER_OK, answer.kind);
    assert_true(answer.other_version);
    answer_drop(&answer);
    http_call_drop(&call);
}

static void an_answer_tells_its_cost_and_request(void **state)
{
    (void)state;
    const struct document document = {.name = "test", .operation = "Test"};
    struct http_call call = {0};
    struct answer answer;
    fill(&call, 200, "X-Request-ID:  r-77 \r\n",
         "{\"errors\":[{\"message\":\"x\",\"extensions\":{\"code\":\"THROTTLED\"}}],%COST%}");
    answer_read(&call, &document, "2026-10", "demo.myshopify.com", &answer);
    assert_int_equal(67, answer.points.requested);
    assert_int_equal(12, answer.points.actual);
    assert_int_equal(2000, answer.points.maximum);
    assert_int_equal(198800, answer.points.available_x100);
    assert_int_equal(10000, answer.points.restore_x100);
    assert_string_equal("r-77", answer.request_id);
    assert_null(strstr(answer.err.text, "r-77")); /* no name that people know */
    answer_drop(&answer);
    http_call_drop(&call);
}

static const struct {
    const char *name, *text;
    bool good, mutation, idempotent;
    int cost;
    const char *operation;
} DOCUMENTS[] = {
  /* clang-format off */
    {"query", "# cost 13 | page first=250 | x\nquery Orders($a: Int) {\n}", true, false, false, 13,
     "Orders"},
    {"mutation with a key",
     "# cost 10\n# more\nmutation Set($k: String!) { a @idempotent(key: $k) { b } }", true, true,
     true, 10, "Set"},
    {"the word in a comment is no key", "# cost 11 | not @idempotent(\nmutation Ship { a }", true,
     true, false, 11, "Ship"},
    {"no cost", "query Orders { a }", false, false, false, 0, ""},
    {"no name", "# cost 1\nquery { a }", false, false, false, 1, ""},
  /* clang-format on */
};

static void documents_say_what_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DOCUMENTS); i++) {
        struct document got;
        bool good = document_read("x", DOCUMENTS[i].text, strlen(DOCUMENTS[i].text), &got);
        if (good != DOCUMENTS[i].good)
            fail_msg("%s: read %d", DOCUMENTS[i].name, good);
        if (!good)
            continue;
        assert_int_equal(DOCUMENTS[i].mutation, got.mutation);
        assert_int_equal(DOCUMENTS[i].idempotent, got.idempotent);
        assert_int_equal(DOCUMENTS[i].cost, got.cost);
        assert_string_equal(DOCUMENTS[i].operation, got.operation);
    }
}

static void every_document_of_the_build_can_be_read(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct embedded *file = EMBED_shopify_documents; file->name; file++, count++) {
        struct document document;
        if (strncmp(file->text, "# bulk ", 7) == 0) /* runs in Shopify's own time, without a cost */
            continue;
        if (!document_read(file->name, file->text, file->size, &document))
            fail_msg("%s: want `# cost N`, then one named operation", file->name);
    }
    assert_true(count > 0);
}

static void costs_are_told_apart_by_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *name, *variables;
        bool same; /* as {"first":250,"query":"a"} */
    } ROWS[] = {
        {"another text", "{\"first\":250,\"query\":\"b\",\"after\":\"c\"}", true },
        {"another page", "{\"first\":50,\"query\":\"a\"}",                  false},
        {"a list",       "{\"first\":250,\"ids\":[\"1\",\"2\"]}",           false},
    };
    const struct document document = {.name = "orders-delta", .text = "query", .size = 5};
    char want[COST_KEY_TEXT], got[COST_KEY_TEXT];
    struct err err;
    OWN_JSON json *first = NULL;
    ids_start();
    assert_true(json_parse("{\"first\":250,\"query\":\"a\"}", 25, &first, &err));
    document_cost_key(&document, "2026-10", first, want);
    assert_int_equal(0, strncmp(want, "2026-10/orders-delta/", 21));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_JSON json *variables = NULL;
        assert_true(json_parse(ROWS[i].variables, strlen(ROWS[i].variables), &variables, &err));
        document_cost_key(&document, "2026-10", variables, got);
        if ((strcmp(want, got) == 0) != ROWS[i].same)
            fail_msg("%s: %s", ROWS[i].name, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_mean_what_to_do_next),
        cmocka_unit_test(a_mutation_in_another_version_has_happened),
        cmocka_unit_test(an_answer_tells_its_cost_and_request),
        cmocka_unit_test(documents_say_what_they_are),
        cmocka_unit_test(every_document_of_the_build_can_be_read),
        cmocka_unit_test(costs_are_told_apart_by_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
