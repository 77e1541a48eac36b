/* bc_test.c - what Business Central's answers mean; its addresses, filters and metadata. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bc/answer.h"
#include "bc/bc.h"
#include "bc/metadata.h"
#include "bc/room.h"

static const struct {
    const char *name;
    int status;
    const char *code, *message; /* code NULL = no JSON body */
    int64_t retry_after_ms;
    enum bc_verdict verdict;
    enum err_kind kind;
} ANSWERS[] = {
  /* clang-format off */
    {"created", 201, NULL, NULL, -1, BC_OK, ERR_NONE},
    {"no content", 204, NULL, NULL, -1, BC_OK, ERR_NONE},
    {"a bug of ours", 400, "BadRequest", "The property 'foo' does not exist", -1, BC_REFUSED,
     ERR_FATAL},
    {"a business rule", 400, "Application_DialogException", "Customer is blocked", -1, BC_REFUSED,
     ERR_FATAL},
    {"a deadlock behind a business error", 400, "Application_DialogException",
     "Your activity was Deadlocked with another user", -1, BC_AGAIN, ERR_RETRY},
    {"a lock behind a business error", 400, "Application_DialogException",
     "The record is locked by another user", -1, BC_AGAIN, ERR_RETRY},
    {"the key exists, 400", 400, "Internal_EntityWithSameKeyExists", "exists", -1, BC_REFUSED,
     ERR_FATAL},
    {"the key exists, 409", 409, "Internal_EntityWithSameKeyExists", "exists", -1, BC_REFUSED,
     ERR_FATAL},
    {"a page that is gone", 400, "SkipTokenIsNoLongerValid", "x", -1, BC_REFUSED, ERR_RETRY},
    {"token", 401, "Authentication_InvalidCredentials", "x", -1, BC_TOKEN, ERR_FATAL},
    {"token, deadlock in its text", 401, "Internal_ServerError", "please retry", -1, BC_TOKEN,
     ERR_FATAL},
    {"no permission", 403, "Authorization_RequestDenied", "x", -1, BC_REFUSED, ERR_FATAL},
    {"gone", 404, "Internal_RecordNotFound", "x", -1, BC_REFUSED, ERR_FATAL},
    {"cancelled after eight minutes", 408, NULL, NULL, -1, BC_BROKEN, ERR_RETRY},
    {"stale etag", 409, "Request_EntityChanged", "Another user has changed it", -1, BC_REFUSED,
     ERR_RETRY},
    {"stale etag, the other status", 412, NULL, NULL, -1, BC_REFUSED, ERR_RETRY},
    {"deadlock", 409, "Internal_ServerError", "x", -1, BC_AGAIN, ERR_RETRY},
    {"too large", 413, NULL, NULL, -1, BC_REFUSED, ERR_FATAL},
    {"too many", 429, "Application_TooManyRequests", "x", 3000, BC_LATER, ERR_THROTTLED},
    {"too many, no time", 429, NULL, NULL, -1, BC_LATER, ERR_THROTTLED},
    {"failed", 500, "Internal_ServerError", "please retry", -1, BC_BROKEN, ERR_RETRY},
    {"not offered", 501, "BadRequest_MethodNotImplemented", "x", -1, BC_REFUSED, ERR_FATAL},
    {"gateway", 502, NULL, NULL, 2000, BC_BROKEN, ERR_RETRY},
    {"restarting, with a time", 503, "Internal_TenantUnavailable", "x", 2000, BC_LATER,
     ERR_THROTTLED},
    {"unavailable, no time", 503, NULL, NULL, -1, BC_BROKEN, ERR_RETRY},
    {"the gateway gave up", 504, NULL, NULL, -1, BC_BROKEN, ERR_RETRY},
  /* clang-format on */
};

static void answers_mean_what_to_do_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ANSWERS); i++) {
        struct bc_answer answer;
        OWN_JSON json *body = NULL;
        if (ANSWERS[i].code) {
            json *error = json_new_object();
            json_set_text(error, "code", ANSWERS[i].code);
            json_set_text(error, "message", ANSWERS[i].message);
            body = json_new_object();
            json_set(body, "error", error);
        }
        bc_answer_read(ANSWERS[i].status, body, ANSWERS[i].retry_after_ms, "GET x", &answer);
        if (answer.verdict != ANSWERS[i].verdict || answer.err.kind != ANSWERS[i].kind)
            fail_msg("%s: verdict %d, %s", ANSWERS[i].name, answer.verdict, answer.err.text);
        if (answer.verdict != BC_OK) {
            assert_int_equal(ANSWERS[i].status, answer.err.code);
            assert_string_equal(ANSWERS[i].code ? ANSWERS[i].code : "", answer.err.peer_code);
        }
    }
}

static void the_correlation_is_for_the_log(void **state)
{
    (void)state;
    struct bc_answer answer;
    struct err err;
    OWN_JSON json *body = NULL;
    static const char TEXT_[] = "{\"error\":{\"code\":\"X\",\"message\":\"No.='1000' exists.  "
                                "CorrelationId:  0a1b2c3d-1111-4111-8111-000000000001.\"}}";
    assert_true(json_parse(TEXT_, sizeof TEXT_ - 1, &body, &err));
    bc_answer_read(400, body, -1, "POST items", &answer);
    assert_string_equal("POST items: No.='1000' exists., status 400 X", answer.err.text);
    assert_string_equal("0a1b2c3d-1111-4111-8111-000000000001", answer.correlation);
}

static const char EDMX[] =
    "<?xml version=\"1.0\"?><edmx:Edmx><Schema Namespace=\"Microsoft.NAV\">"
    "<EntityType Name=\"salesOrder\"><Key><PropertyRef Name=\"id\"/></Key>"
    "<Property Name=\"id\" Type=\"Edm.Guid\"/><Property Name=\"number\" "
    "Type=\"Edm.String\"></Property>"
    "<NavigationProperty Name=\"salesOrderLines\" Type=\"Collection(x)\"><ReferentialConstraint "
    "Property=\"z\"/></NavigationProperty></EntityType><EntityType Name=\"empty\"/>"
    "<ComplexType Name=\"c\"><Property Name=\"lost\"/></ComplexType>"
    "<EntityType Name=\"item\"><Property Name=\"gtin\"/></EntityType></Schema></edmx:Edmx>";

static void metadata_knows_properties(void **state)
{
    (void)state;
    static const struct {
        const char *entity, *property;
        bool known;
    } ROWS[] = {
        {"salesOrder", "number",          true },
        {"salesOrder", "id",              true },
        {"salesOrder", "salesOrderLines", true },
        {"item",       "gtin",            true },
        {"item",       "number",          false},
        {"empty",      "lost",            false},
        {"c",          "lost",            false},
        {"salesOrder", "numbe",           false},
    };
    OWN(metadata) struct metadata *metadata = metadata_read(EDMX, sizeof EDMX - 1);
    assert_int_equal(4, metadata_count(metadata));
    for (size_t i = 0; i < COUNT(ROWS); i++)
        if (metadata_has(metadata, ROWS[i].entity, ROWS[i].property) != ROWS[i].known)
            fail_msg("%s.%s", ROWS[i].entity, ROWS[i].property);
}

static void metadata_takes_any_bytes(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof EDMX; cut++) { /* a heap copy: a read behind it is seen */
        char *part = malloc(cut + 1);
        memcpy(part, EDMX, cut);
        part[cut] = 0;
        metadata_free(metadata_read(part, cut));
        free(part);
    }
    OWN(metadata) struct metadata *html = metadata_read("<html><body>no</body></html>", 28);
    assert_int_equal(0, metadata_count(html));
}

static void the_next_page_is_asked_of_our_own_host(void **state)
{
    (void)state;
    static const char ROOT[] = "/v2.0/t/Production/api/v2.0";
    static const struct {
        const char *link, *want; /* NULL = refused */
    } ROWS[] = {
  /* clang-format off */
        {"https://api.example.com/v2.0/t/Production/api/v2.0/companies(1)/items?$skiptoken=2",
         "/companies(1)/items?$skiptoken=2"},
        {"http://internal:7048/v2.0/T/production/api/v2.0/companies(1)/items?aid=FIN",
         "/companies(1)/items?aid=FIN"},
        {"/v2.0/t/Production/api/v2.0/companies(1)/items", "/companies(1)/items"},
        {"https://evil.example.com/other/companies(1)", NULL},
        {"https://evil.example.com", NULL},
        {"https://api.example.com/v2.0/t/Production/api/v2.0evil/companies(1)", NULL},
  /* clang-format on */
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_TEXT char *path = NULL;
        struct err err = {0};
        bool good = bc_next_path(ROOT, ROWS[i].link, &path, &err);
        assert_int_equal(ROWS[i].want != NULL, good);
        if (good)
            assert_string_equal(ROWS[i].want, path);
    }
}

static void filters_are_quoted_and_encoded(void **state)
{
    (void)state;
    OWN_BUF struct buf filter = {0};
    bc_filter_text(&filter, "displayName", "O'Neil & S\xc3\xb6hne +1#?");
    assert_string_equal("displayName%20eq%20'O''Neil%20%26%20S%C3%B6hne%20%2B1%23%3F'",
                        buf_str(&filter));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_mean_what_to_do_next),
        cmocka_unit_test(the_correlation_is_for_the_log),
        cmocka_unit_test(metadata_knows_properties),
        cmocka_unit_test(metadata_takes_any_bytes),
        cmocka_unit_test(the_next_page_is_asked_of_our_own_host),
        cmocka_unit_test(filters_are_quoted_and_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
