/* admin_definitions_test.c - a body becomes an entry's definition, or an error that names the
 * field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/definitions.h"

#define COMPANY "11111111-1111-4111-8111-111111111111"

static json *parsed(const char *text)
{
    json *tree = NULL;
    struct err err = {0};
    if (!json_parse(text, strlen(text), &tree, &err))
        fail_msg("%s: %s", text, err.text);
    return tree;
}

static void a_full_body_is_read(void **state)
{
    (void)state;
    OWN_JSON json *body =
        parsed("{\"name\":\"read orders\",\"operation\":\"orders.sync\",\"shop\":\"demo\","
               "\"arguments\":{\"tags\":\"<>*[wholesale]*\"},\"every_ms\":60000,"
               "\"category\":\"shpfy\",\"priority\":\"high\",\"max_retry\":2}");
    OWN_WANTED struct wanted wanted = {0};
    struct err err = {0};
    char id[UUID_TEXT];
    if (!wanted_read(body, COMPANY, &wanted, &err))
        fail_msg("%s", err.text);
    const struct entry_definition *got = &wanted.definition;
    uuid_from_name(COMPANY "/read orders", id);
    assert_string_equal(got->id, id);
    assert_string_equal(got->operation, "orders.sync");
    assert_string_equal(got->arguments, "{\"shop\":\"DEMO\",\"tags\":\"<>*[wholesale]*\"}");
    assert_string_equal(got->category, "SHPFY");
    assert_string_equal(got->description, "read orders");
    assert_int_equal(got->schedule, SCHEDULE_EVERY);
    assert_int_equal(got->every_ms, 60000);
    assert_int_equal(got->priority, PRIORITY_HIGH);
    assert_int_equal(got->max_retry, 2);
    assert_string_equal(wanted.shop, "DEMO");
}

static void a_report_number_is_an_operation(void **state)
{
    (void)state;
    OWN_JSON json *body = parsed("{\"operation\":30103,\"shop\":\"DEMO\"}");
    OWN_WANTED struct wanted wanted = {0};
    struct err err = {0};
    assert_true(wanted_read(body, COMPANY, &wanted, &err));
    assert_string_equal(wanted.definition.operation, "orders.process");
    assert_string_equal(wanted.definition.id, "");
    assert_int_equal(wanted.definition.schedule, SCHEDULE_AT);
    assert_int_equal(wanted.definition.max_retry, -1);
}

static const struct {
    const char *name, *body, *says;
} REFUSED[] = {
  /* clang-format off */
    {"no operation", "{}", "operation is missing"},
    {"unknown operation", "{\"operation\":\"orders.synk\"}", "did you mean orders.sync"},
    {"no shop", "{\"operation\":\"orders.sync\"}", "argument shop is missing"},
    {"unknown argument",
     "{\"operation\":\"orders.sync\",\"shop\":\"A\",\"arguments\":{\"tag\":\"x\"}}",
     "no argument \"tag\""},
    {"unknown field", "{\"operation\":\"orders.sync\",\"shop\":\"A\",\"evry_ms\":1}",
     "did you mean every_ms"},
    {"too often", "{\"operation\":\"orders.sync\",\"shop\":\"A\",\"every_ms\":5}",
     "every_ms: want a number from"},
    {"priority", "{\"operation\":\"orders.sync\",\"shop\":\"A\",\"priority\":\"urgent\"}",
     "want high, normal or low"},
    {"category", "{\"operation\":\"orders.sync\",\"shop\":\"A\",\"category\":\"a b\"}",
     "category \"a b\""},
    {"slash in the name", "{\"operation\":\"orders.sync\",\"shop\":\"A\",\"name\":\"a/b\"}",
     "no '/'"},
    {"arguments no object", "{\"operation\":\"orders.sync\",\"arguments\":[1]}",
     "arguments: want an object"},
  /* clang-format on */
};

static void a_wrong_field_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        OWN_JSON json *body = parsed(REFUSED[i].body);
        OWN_WANTED struct wanted wanted = {0};
        struct err err = {0};
        if (wanted_read(body, COMPANY, &wanted, &err))
            fail_msg("%s was taken", REFUSED[i].name);
        if (!strstr(err.text, REFUSED[i].says) || err.code != 400)
            fail_msg("%s: %d %s", REFUSED[i].name, err.code, err.text);
    }
}

#define STANDS                                                                                     \
    "\"operation\":\"orders.sync\",\"arguments\":{\"tags\":\"a\",\"shop\":\"DEMO\"},"              \
    "\"category\":\"SHPFY\",\"description\":\"n\",\"priority\":\"normal\",\"max_retry\":5,"        \
    "\"retry_ms\":0,\"timeout_ms\":0,\"expires_ms\":0,\"stop_on_exhausted\":false,\"start_ms\":7"

static const struct {
    const char *name, *entry;
    bool stands;
} ENTRIES[] = {
  /* clang-format off */
    {"the same", "{" STANDS ",\"every_ms\":60000}", true},
    {"on hold now", "{" STANDS ",\"every_ms\":60000,\"status\":\"On Hold\"}", true},
    {"another rhythm", "{" STANDS ",\"every_ms\":90000}", false},
    {"another operation", "{" STANDS ",\"every_ms\":60000,\"operation\":\"orders.process\"}",
     false},
    {"another argument", "{" STANDS ",\"every_ms\":60000,\"arguments\":{\"shop\":\"DEMO\"}}",
     false},
  /* clang-format on */
};

static void what_stands_is_recognised(void **state)
{
    (void)state;
    OWN_JSON json *body = parsed("{\"name\":\"n\",\"operation\":\"30104\",\"every_ms\":60000,"
                                 "\"arguments\":{\"shop\":\"demo\",\"tags\":\"a\"}}");
    OWN_WANTED struct wanted wanted = {0};
    struct err err = {0};
    assert_true(wanted_read(body, COMPANY, &wanted, &err));
    for (size_t i = 0; i < COUNT(ENTRIES); i++) {
        OWN_JSON json *entry = parsed(ENTRIES[i].entry);
        if (wanted_stands(&wanted, entry) != ENTRIES[i].stands)
            fail_msg("%s", ENTRIES[i].name);
    }
}

int main(void)
{
    ids_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_body_is_read),
        cmocka_unit_test(a_report_number_is_an_operation),
        cmocka_unit_test(a_wrong_field_is_named),
        cmocka_unit_test(what_stands_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
