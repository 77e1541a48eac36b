/* decimal_test.c - money is exact and rounds half away from zero. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/decimal.h"

static struct decimal dec(const char *text)
{
    struct decimal value;
    if (!decimal_parse(text, &value))
        fail_msg("%s does not parse", text);
    return value;
}

static void texts_come_back_in_their_shortest_form(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } ROWS[] = {
        {"0",          "0"         },
        {"-0.00",      "0"         },
        {"12.50",      "12.5"      },
        {"-3",         "-3"        },
        {"1e-3",       "0.001"     },
        {"25E2",       "2500"      },
        {"0.05",       "0.05"      },
        {"1000000000", "1000000000"},
        {"19.9",       "19.9"      },
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        char text[DECIMAL_TEXT];
        decimal_format(dec(ROWS[i].in), text);
        assert_string_equal(text, ROWS[i].out);
    }
}

static void what_is_no_decimal_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",    "-",  ".",    "1,5",  "1.2.3",
        "abc", "1e", "1e99", "0x10", "12345678901234567890123456789012"};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct decimal value;
        if (decimal_parse(BAD[i], &value))
            fail_msg("\"%s\" was taken", BAD[i]);
    }
}

static void rounding_is_half_away_from_zero(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        int places;
        const char *out;
    } ROWS[] = {
        {"1.005",  2, "1.01" },
        {"-1.005", 2, "-1.01"},
        {"2.674",  2, "2.67" },
        {"0.5",    0, "1"    },
        {"7",      2, "7.00" },
        {"-0.004", 2, "0.00" },
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        char text[DECIMAL_TEXT];
        decimal_format_fixed(dec(ROWS[i].in), ROWS[i].places, text);
        assert_string_equal(text, ROWS[i].out);
    }
}

static void arithmetic_is_exact(void **state)
{
    (void)state;
    char text[DECIMAL_TEXT];
    decimal_format(decimal_add(dec("0.1"), dec("0.2")), text);
    assert_string_equal(text, "0.3");
    decimal_format(decimal_mul(dec("3"), dec("9.99")), text);
    assert_string_equal(text, "29.97");
    decimal_format(decimal_div(dec("29.97"), dec("1.25"), 2), text);
    assert_string_equal(text, "23.98");
    assert_int_equal(decimal_cmp(dec("1.50"), dec("1.5")), 0);
    assert_int_equal(decimal_cmp(dec("-2"), dec("1")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back_in_their_shortest_form),
        cmocka_unit_test(what_is_no_decimal_is_refused),
        cmocka_unit_test(rounding_is_half_away_from_zero),
        cmocka_unit_test(arithmetic_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
