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
               "\"category\":\"shpfy\",\"priority\":\"low\",\"max_retry\":2}");
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
    assert_int_equal(got->priority, PRIORITY_LOW);
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
    assert_int_equal(wanted.definition.priority, PRIORITY_HIGH); /* the operation's */
}

#define ORDERS "{\"operation\":\"orders.sync\",\"shop\":\"A\","
#define HOURLY "\"every_ms\":3600000,"

static void a_calendar_is_read(void **state)
{
    (void)state;
    OWN_JSON json *body = parsed(ORDERS "\"every_ms\":900000,\"days\":\"mon-fri\",\"window\":"
                                        "\"22:00-02:00\",\"zone\":\"Europe/London\",\"catch_up\":"
                                        "\"none\",\"grace_ms\":60000}");
    OWN_JSON json *monthly =
        parsed(ORDERS "\"formula\":\"1D+CM\",\"at_time\":\"06:30\",\"mode\":\"bc\"}");
    OWN_WANTED struct wanted wanted = {0};
    OWN_WANTED struct wanted other = {0};
    struct err err = {0};
    if (!wanted_read(body, COMPANY, &wanted, &err) || !wanted_read(monthly, COMPANY, &other, &err))
        fail_msg("%s", err.text);
    const struct entry_definition *got = &wanted.definition;
    assert_int_equal(got->schedule, SCHEDULE_EVERY);
    assert_int_equal(got->days, 31);
    assert_int_equal(got->from_ms, 22 * 3600000);
    assert_int_equal(got->to_ms, 2 * 3600000);
    assert_string_equal(got->zone, "Europe/London");
    assert_int_equal(got->catch_up, CATCH_UP_NONE);
    assert_int_equal(got->grace_ms, 60000);
    got = &other.definition;
    assert_int_equal(got->schedule, SCHEDULE_FORMULA);
    assert_string_equal(got->formula, "1D+CM");
    assert_int_equal(got->from_ms, 390 * 60000);
    assert_true(got->bc);
    assert_int_equal(got->kind, TICKET_SCHEDULED);
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
    {"days once", ORDERS "\"days\":\"mon\"}", "days: only an entry with every"},
    {"days of a formula", ORDERS "\"days\":\"mon\",\"formula\":\"1M\"}", "days: a formula goes"},
    {"no weekday", ORDERS HOURLY "\"days\":\"mon-fry\"}", "days: \"mon-fry\" is no list"},
    {"no window", ORDERS HOURLY "\"window\":\"8-18\"}", "window: \"8-18\" is no window"},
    {"empty window", ORDERS HOURLY "\"window\":\"08:00-08:00\"}", "write 08:00- for"},
    {"no text", ORDERS HOURLY "\"window\":800}", "window: want a text"},
    {"unknown zone", ORDERS HOURLY "\"zone\":\"Europe/Lundon\"}", "zone: time zone \"Europe/Lundon\""},
    {"no formula", ORDERS "\"formula\":\"1X\"}", "formula \"1X\": behind a number"},
    {"stands still", ORDERS "\"formula\":\"CM\"}", "write 1D+CM for the end of each month"},
    {"formula and every", ORDERS HOURLY "\"formula\":\"1M\"}", "leave every out"},
    {"time without formula", ORDERS HOURLY "\"at_time\":\"06:00\"}", "write window: 06:00-"},
    {"no time of day", ORDERS "\"formula\":\"1M\",\"at_time\":\"noon\"}", "at_time: \"noon\" is no time"},
    {"no policy", ORDERS HOURLY "\"catch_up\":\"some\"}", "want skip, none or all"},
    {"none without grace", ORDERS HOURLY "\"catch_up\":\"none\"}", "grace: catch_up none needs one"},
    {"grace for nothing", ORDERS HOURLY "\"grace_ms\":60000}", "grace: it belongs to"},
    {"backlog for nothing", ORDERS HOURLY "\"max_backlog\":5}", "max_backlog: it belongs to"},
    {"no mode", ORDERS HOURLY "\"mode\":\"nav\"}", "want slot or bc"},
    {"seconds in bc", ORDERS "\"every_ms\":1500,\"mode\":\"bc\"}", "every: in mode bc"},
    {"catching up in bc", ORDERS HOURLY "\"mode\":\"bc\",\"catch_up\":\"all\"}", "catch_up: mode bc"},
    {"36 hours of a window", ORDERS "\"every_ms\":129600000,\"window\":\"08:00-\"}", "must be whole days"},
    {"over before it began", ORDERS HOURLY "\"start_ms\":2000,\"expires_ms\":1000}", "expires: it lies before"},
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
    "\"category\":\"SHPFY\",\"description\":\"n\",\"priority\":\"high\",\"max_retry\":5,"          \
    "\"retry_ms\":0,\"timeout_ms\":0,\"expires_ms\":0,\"on_exhausted\":\"resume\",\"start_ms\":7"

static const struct {
    const char *name, *entry;
    bool stands;
} ENTRIES[] = {
  /* clang-format off */
    {"the same", "{" STANDS ",\"every_ms\":60000}", true},
    {"on hold now", "{" STANDS ",\"every_ms\":60000,\"status\":\"On Hold\"}", true},
    {"another rhythm", "{" STANDS ",\"every_ms\":90000}", false},
    {"other weekdays", "{" STANDS ",\"every_ms\":60000,\"days\":\"mon\"}", false},
    {"another priority", "{" STANDS ",\"every_ms\":60000,\"priority\":\"low\"}", false},
    {"another zone", "{" STANDS ",\"every_ms\":60000,\"zone\":\"Asia/Tokyo\"}", false},
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
        cmocka_unit_test(a_calendar_is_read),
        cmocka_unit_test(a_wrong_field_is_named),
        cmocka_unit_test(what_stands_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
