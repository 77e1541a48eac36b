/* model_needs_test.c - what operations need: when a need is one, what grants it, and that the page
 * "Getting started" says the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/needs.h"
#include "model/operations.h"

static const struct {
    const char *name, *scopes;
    const char *granted[4];
    bool want;
} GRANTS[] = {
    {"the scope itself",                 "read_orders",     {"read_orders", NULL},      true },
    {"writing includes reading",         "read_orders",     {"write_orders", NULL},     true },
    {"reading does not include writing", "write_orders",    {"read_orders", NULL},      false},
    {"one of several is enough",         "read_a|read_b",   {"read_x", "read_b", NULL}, true },
    {"none of several",                  "read_a|read_b",   {"read_x", NULL},           false},
    {"a longer name is another scope",   "read_orders",     {"read_orders_old", NULL},  false},
    {"a shorter name is another scope",  "read_all_orders", {"read_all", NULL},         false},
    {"nothing was granted",              "read_orders",     {NULL},                     false},
};

static void a_scope_is_granted_by_itself_or_by_its_writing_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GRANTS); i++)
        if (scope_granted(GRANTS[i].scopes, GRANTS[i].granted) != GRANTS[i].want)
            fail_msg("%s", GRANTS[i].name);
}

static const struct shop *shop_of(struct arena *arena, const char *more)
{
    const struct shop *shop = NULL;
    struct err err = {0};
    OWN_TEXT char *text = mem_printf("{\"code\":\"MAIN\",\"store\":\"a.myshopify.com\"%s}", more);
    if (!settings_shop_parse(text, arena, &shop, &err))
        fail_msg("%s", err.text);
    return shop;
}

static bool wants(const struct shop *shop, const char *operation, const char *scope)
{
    for (size_t i = 0; i < SCOPE_NEED_COUNT; i++)
        if (strcmp(SCOPE_NEEDS[i].operation, operation) == 0 &&
            strstr(SCOPE_NEEDS[i].scopes, scope) && scope_applies(shop, &SCOPE_NEEDS[i]))
            return true;
    return false;
}

static void a_setting_makes_a_need_one(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    const struct shop *plain = shop_of(arena, "");
    const struct shop *reads = shop_of(arena, ",\"allow_writes\":false");
    const struct shop *quiet = shop_of(arena, ",\"order_attributes_to_shopify\":false");
    const struct shop *staff = shop_of(arena, ",\"salespeople\":{\"Ann\":\"AN\"}");
    const struct shop *service = shop_of(arena, ",\"fulfillment_service\":\"ours\"");
    assert_true(wants(plain, "orders.sync", "read_orders"));
    assert_true(wants(plain, "orders.process", "write_orders"));
    assert_false(wants(reads, "orders.process", "write_orders"));
    assert_false(wants(quiet, "orders.process", "write_orders"));
    assert_false(wants(plain, "orders.sync", "read_users"));
    assert_true(wants(staff, "orders.sync", "read_users"));
    assert_true(wants(service, "shipments.sync", "write_assigned_fulfillment_orders"));
    assert_true(need_applies(plain, NULL));
    /* A choice of none is none, wherever it stands among the choices. */
    const struct shop *named = shop_of(arena, ",\"name_2_source\":\"company\"");
    assert_false(need_applies(plain, "name_2_source"));
    assert_true(need_applies(named, "name_2_source"));
    assert_false(need_applies(plain, "tax_area_priority"));
}

static void every_need_names_an_operation_and_a_setting_that_there_are(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    const struct shop *shop = shop_of(arena, "");
    for (size_t i = 0; i < SCOPE_NEED_COUNT; i++) {
        assert_non_null(operation_by_name(SCOPE_NEEDS[i].operation));
        (void)need_applies(shop, SCOPE_NEEDS[i].setting); /* asserts that there is such a setting */
    }
    for (size_t i = 0; i < PERMISSION_NEED_COUNT; i++) {
        assert_non_null(operation_by_name(PERMISSION_NEEDS[i].operation));
        (void)need_applies(shop, PERMISSION_NEEDS[i].setting);
    }
    for (size_t i = 0; i < TEMPLATE_NEED_COUNT; i++) {
        assert_non_null(operation_by_name(TEMPLATE_NEEDS[i].operation));
        (void)need_applies(shop, TEMPLATE_NEEDS[i].setting);
    }
    for (size_t i = 0; i < LEVEL_FEATURE_COUNT; i++) {
        assert_true(!*LEVEL_FEATURES[i].lacks || *LEVEL_FEATURES[i].settings);
        for (const char *at = LEVEL_FEATURES[i].settings; *at; at += strspn(at, ",")) {
            char setting[64];
            size_t size = strcspn(at, ",");
            snprintf(setting, sizeof setting, "%.*s", (int)size, at);
            (void)need_applies(shop, setting);
            at += size;
        }
    }
}

static void a_level_carries_what_its_column_says(void **state)
{
    (void)state;
    const struct level_feature pages = {"x", "", false, true, true, ""};
    assert_false(level_carries(&pages, "api"));
    assert_true(level_carries(&pages, "odata-page"));
    assert_true(level_carries(&pages, "extension"));
}

static const struct {
    const char *version, *end; /* NULL = no such version */
} ENDS[] = {
    {"2026-10",  "2027-10-01T17:00:00Z"},
    {"2026-01",  "2027-01-01T17:00:00Z"},
    {"2026-11",  NULL                  },
    {"2026-13",  NULL                  },
    {"unstable", NULL                  },
    {"2026-1",   NULL                  },
    {"2026-100", NULL                  },
};
static const struct {
    const char *now, *latest;
} LATEST[] = {
    {"2026-11-26T00:00:00Z", "2026-10"},
    {"2027-01-01T16:59:59Z", "2026-10"},
    {"2027-01-01T17:00:00Z", "2027-01"},
    {"2026-04-01T17:00:00Z", "2026-04"},
};

static void a_version_ends_a_year_after_it_came(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        int64_t end_ms = 0;
        char text[32];
        bool known = api_version_end(ENDS[i].version, &end_ms);
        assert_int_equal(known, ENDS[i].end != NULL);
        if (known) {
            time_format(end_ms, false, text);
            assert_string_equal(text, ENDS[i].end);
        }
    }
    for (size_t i = 0; i < COUNT(LATEST); i++) {
        int64_t now_ms;
        char latest[8];
        assert_true(time_parse(LATEST[i].now, &now_ms));
        api_version_latest(now_ms, latest);
        assert_string_equal(latest, LATEST[i].latest);
    }
}

static void the_page_has_the_tables(void **state)
{
    (void)state;
    static char page[64 << 10];
    FILE *file = fopen("docs/getting-started.md", "re");
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = 0;
    fclose(file);
    for (int part = 0; part < NEEDS_PARTS; part++) {
        OWN_BUF struct buf table = {0};
        needs_page((enum needs_part)part, &table);
        if (!strstr(page, buf_str(&table)))
            fail_msg("docs/getting-started.md does not hold this table:\n%s", buf_str(&table));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_is_granted_by_itself_or_by_its_writing_side),
        cmocka_unit_test(a_setting_makes_a_need_one),
        cmocka_unit_test(every_need_names_an_operation_and_a_setting_that_there_are),
        cmocka_unit_test(a_level_carries_what_its_column_says),
        cmocka_unit_test(a_version_ends_a_year_after_it_came),
        cmocka_unit_test(the_page_has_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
