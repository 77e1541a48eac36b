/* model_filter_test.c - Business Central's filter language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/filter.h"

static const struct {
    const char *filter;
    enum filter_kind kind;
    const char *value;
    bool fits;
} ROWS[] = {
    {"Paid",                FILTER_TEXT,   "Paid",            true },
    {"Paid",                FILTER_TEXT,   "paid",            false},
    {"@paid",               FILTER_TEXT,   "PAID",            true },
    {"Paid|Pending",        FILTER_TEXT,   "Pending",         true },
    {"Paid | Pending",      FILTER_TEXT,   "Pending",         true },
    {"<>Voided&<>Refunded", FILTER_TEXT,   "Paid",            true },
    {"<>Voided&<>Refunded", FILTER_TEXT,   "Refunded",        false},
    {"A|B&C",               FILTER_TEXT,   "A",               true },
    {"A|B&C",               FILTER_TEXT,   "B",               false},
    {"*[vip]*",             FILTER_TEXT,   "[new] [vip] [x]", true },
    {"@*[VIP]*",            FILTER_TEXT,   "[new] [vip]",     true },
    {"<>*[wholesale]*",     FILTER_TEXT,   "[wholesale]",     false},
    {"<>*[wholesale]*",     FILTER_TEXT,   "",                true },
    {"*[tag1]*&<>*[tag3]*", FILTER_TEXT,   "[tag1] [tag2]",   true },
    {"*[tag1]*&<>*[tag3]*", FILTER_TEXT,   "[tag1] [tag3]",   false},
    {"a?c",                 FILTER_TEXT,   "abc",             true },
    {"a?c",                 FILTER_TEXT,   "ac",              false},
    {"a*b*c",               FILTER_TEXT,   "aXbXbYc",         true },
    {"''",                  FILTER_TEXT,   "",                true },
    {"''",                  FILTER_TEXT,   "x",               false},
    {"<>''",                FILTER_TEXT,   "x",               true },
    {"'a|b'",               FILTER_TEXT,   "a|b",             true },
    {"'a|b'",               FILTER_TEXT,   "a",               false},
    {"'*'",                 FILTER_TEXT,   "anything",        false},
    {"'it''s'",             FILTER_TEXT,   "it's",            true },
    {"#1001..#1003",        FILTER_TEXT,   "#1002",           true },
    {"#1001..#1003",        FILTER_TEXT,   "#1004",           false},
    {"'a..b'",              FILTER_TEXT,   "a..b",            true },
    {"10..20",              FILTER_NUMBER, "9.99",            false},
    {"10..20",              FILTER_NUMBER, "20.00",           true },
    {"..20",                FILTER_NUMBER, "-1",              true },
    {"100..",               FILTER_NUMBER, "99",              false},
    {">=100",               FILTER_NUMBER, "100.00",          true },
    {">100",                FILTER_NUMBER, "100.00",          false},
    {"<100",                FILTER_NUMBER, "9",               true },
    {"<=9",                 FILTER_NUMBER, "10",              false},
    {"5",                   FILTER_NUMBER, "5.000",           true },
    {"<>5",                 FILTER_NUMBER, "5.0",             false},
    {"5",                   FILTER_NUMBER, "none",            false},
};

static void values_fit_or_do_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN(filter) struct filter *filter = NULL;
        struct err err;
        if (!filter_parse(ROWS[i].filter, ROWS[i].kind, &filter, &err))
            fail_msg("%s: %s", ROWS[i].filter, err.text);
        if (filter_fits(filter, ROWS[i].value) != ROWS[i].fits)
            fail_msg("%s on \"%s\": want %d", ROWS[i].filter, ROWS[i].value, ROWS[i].fits);
    }
    assert_true(filter_fits(NULL, "anything"));
}

static void slips_are_refused(void **state)
{
    static const struct {
        const char *filter;
        enum filter_kind kind;
    } SLIPS[] = {
        {"a|",    FILTER_TEXT  },
        {"&a",    FILTER_TEXT  },
        {"<>",    FILTER_TEXT  },
        {"..",    FILTER_TEXT  },
        {"'open", FILTER_TEXT  },
        {"",      FILTER_TEXT  },
        {"1..x",  FILTER_NUMBER},
        {">few",  FILTER_NUMBER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(SLIPS); i++) {
        OWN(filter) struct filter *filter = NULL;
        struct err err;
        if (filter_parse(SLIPS[i].filter, SLIPS[i].kind, &filter, &err))
            fail_msg("\"%s\" is accepted", SLIPS[i].filter);
        assert_int_equal(err.code, 400);
    }
}

static void constants_become_words(void **state)
{
    static const struct {
        const char *in, *out;
    } WORDS[] = {
        {"PAID",           "Paid"          },
        {"PARTIALLY_PAID", "Partially Paid"},
        {"Partially Paid", "Partially Paid"},
        {"",               ""              },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        char word[FILTER_WORD];
        filter_word(WORDS[i].in, word);
        assert_string_equal(word, WORDS[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_fit_or_do_not),
        cmocka_unit_test(slips_are_refused),
        cmocka_unit_test(constants_become_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
