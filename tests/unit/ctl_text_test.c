/* ctl_text_test.c - spans, times and tables as people read them; YAML as the settings file has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"
#include "yaml_tree.h"

static const struct {
    const char *text;
    int64_t ms; /* -1 = refused */
} SPANS[] = {
    {"5 minutes",   300000   },
    {"1 hour",      3600000  },
    {"30s",         30000    },
    {"30 s",        30000    },
    {"2 days",      172800000},
    {"1m",          60000    },
    {"",            -1       },
    {"5",           -1       },
    {"-1 h",        -1       },
    {"0 s",         -1       },
    {"5 parsecs",   -1       },
    {"1h 5m",       -1       },
    {"999999999 s", -1       },
};

static void spans_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SPANS); i++) {
        struct err err = {0};
        int64_t ms = -1;
        if (!span_parse(SPANS[i].text, &ms, &err))
            ms = -1;
        if (ms != SPANS[i].ms)
            fail_msg("\"%s\" is %lld", SPANS[i].text, (long long)ms);
    }
}

static const struct {
    int64_t at;
    const char *text;
} WHENS[] = {
    {0,       "-"         },
    {1000000, "now"       },
    {1000400, "now"       },
    {1034200, "in 34 s"   },
    {995000,  "5 s ago"   },
    {1120000, "in 2 min"  },
    {400000,  "10 min ago"},
};

static void times_are_told_from_now(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(WHENS); i++) {
        char text[32];
        when_text(WHENS[i].at, 1000000, text);
        assert_string_equal(text, WHENS[i].text);
    }
}

static void columns_are_as_wide_as_their_widest(void **state)
{
    (void)state;
    struct table table = {.columns = 2};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    table_cell(&table, "A");
    table_cell(&table, "B");
    table_cell(&table, "caf\xc3\xa9");
    table_cell(&table, "%d", 7);
    table_print(&table, out);
    fclose(out);
    assert_string_equal(text, "A     B\ncaf\xc3\xa9  7\n");
    free(text);
}

/* ---- YAML ---- */

static const char *variable(const char *name)
{
    return strcmp(name, "HOST") == 0    ? "http://127.0.0.1:7"
           : strcmp(name, "COUNT") == 0 ? "12"
                                        : NULL;
}

static const struct {
    const char *name, *yaml, *json; /* json NULL: refused, and `says` stands in the error */
    const char *says;
} FILES[] = {
  /* clang-format off */
    {"types", "a: 1\nb: 1.50\nc: true\nd: no\ne: ~\nf: 'true'\ng: \"7\"\nh: 007\n",
     "{\"a\":1,\"b\":1.50,\"c\":true,\"d\":\"no\",\"e\":null,\"f\":\"true\",\"g\":\"7\",\"h\":"
     "\"007\"}", NULL},
    {"nesting", "a:\n  - { b: x y }\n  - [1, 2]\n", "{\"a\":[{\"b\":\"x y\"},[1,2]]}", NULL},
    {"variables", "a: ${HOST}/x\nb: ${COUNT}\nc: '${HOST}'\nd: \"$$5 ${COUNT}\"\ne: $5\n",
     "{\"a\":\"http://127.0.0.1:7/x\",\"b\":12,\"c\":\"${HOST}\",\"d\":\"$5 12\",\"e\":\"$5\"}",
     NULL},
    {"GUID", "id: 11111111-1111-4111-8111-111111111111\n",
     "{\"id\":\"11111111-1111-4111-8111-111111111111\"}", NULL},
    {"missing", "a: 1\nb: ${NOWHERE}\n", NULL, "f line 2: ${NOWHERE} is not set"},
    {"twice", "a: 1\na: 2\n", NULL, "f line 2: \"a\" stands here twice"},
    {"broken", "a: [1\nb: 2\n", NULL, "f line"},
    {"empty", "# nothing\n", NULL, "f is empty"},
    {"key no text", "[1]: 2\n", NULL, "f line 1: a name must be"},
  /* clang-format on */
};

static void yaml_becomes_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(FILES); i++) {
        OWN_JSON json *tree = NULL;
        struct err err = {0};
        bool good =
            yaml_tree_read("f", FILES[i].yaml, strlen(FILES[i].yaml), variable, &tree, &err);
        if (good != (FILES[i].json != NULL))
            fail_msg("%s: %s", FILES[i].name, good ? "was taken" : err.text);
        if (good)
            assert_string_equal(json_write(tree), FILES[i].json);
        else if (!strstr(err.text, FILES[i].says))
            fail_msg("%s: %s", FILES[i].name, err.text);
    }
}

static void a_bomb_of_aliases_is_refused(void **state)
{
    (void)state;
    OWN_BUF struct buf yaml = {0};
    OWN_JSON json *tree = NULL;
    struct err err = {0};
    buf_text(&yaml, "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_printf(&yaml, "l%d: &l%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_printf(&yaml, "%s*l%d", k ? ", " : "", i - 1);
        buf_text(&yaml, "]\n");
    }
    assert_false(yaml_tree_read("f", buf_str(&yaml), yaml.size, variable, &tree, &err));
    assert_non_null(strstr(err.text, "too deep or too large"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_read),
        cmocka_unit_test(times_are_told_from_now),
        cmocka_unit_test(columns_are_as_wide_as_their_widest),
        cmocka_unit_test(yaml_becomes_json),
        cmocka_unit_test(a_bomb_of_aliases_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
