/* calendar_formula_test.c - date formulas: the documented examples, what is refused, what does not
 * advance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "calendar/days.h"
#include "calendar/formula.h"

static int64_t day_of(const char *text)
{
    int year, month, day;
    assert_int_equal(3, sscanf(text, "%d-%d-%d", &year, &month, &day));
    return days_of(year, month, day);
}

static void formulas_say_what_is_documented(void **state)
{
    static const struct {
        const char *formula, *from, *to;
    } ROWS[] = {
        {"1D",        "2026-03-04", "2026-03-05"},
        {"1D",        "2026-01-31", "2026-02-01"},
        {"1W",        "2026-03-04", "2026-03-11"},
        {"1M",        "2026-03-04", "2026-04-04"},
        {"1M",        "2026-01-31", "2026-02-28"}, /* clamped */
        {"1M",        "2026-02-28", "2026-03-28"}, /* and the 31st is forgotten */
        {"CW+1D",     "2026-03-04", "2026-03-09"},
        {"CW+1D",     "2026-01-31", "2026-02-02"},
        {"CM",        "2026-03-04", "2026-03-31"},
        {"CM",        "2026-01-31", "2026-01-31"},
        {"-CM",       "2026-03-04", "2026-03-01"},
        {"-CM",       "2026-01-31", "2026-01-01"},
        {"1D+CM",     "2026-03-04", "2026-03-31"},
        {"1D+CM",     "2026-01-31", "2026-02-28"},
        {"CM+1D",     "2026-03-04", "2026-04-01"},
        {"CM+1D",     "2026-01-31", "2026-02-01"},
        {"-CM+1M",    "2026-03-04", "2026-04-01"},
        {"-CM+1M",    "2026-01-31", "2026-02-01"},
        {"WD1",       "2026-03-04", "2026-03-09"},
        {"WD3",       "2026-03-04", "2026-03-11"}, /* strict: not the Wednesday itself */
        {"WD1",       "2026-01-31", "2026-02-02"},
        {"WD3",       "2026-01-31", "2026-02-04"},
        {"-WD2",      "1996-05-21", "1996-05-14"},
        {"D15",       "2026-03-04", "2026-03-15"},
        {"D4",        "2026-03-04", "2026-04-04"},
        {"D15",       "2026-01-31", "2026-02-15"},
        {"D4",        "2026-01-31", "2026-02-04"},
        {"D31",       "2026-02-28", "2026-03-31"}, /* clamped in February, so it has been there */
        {"-D31",      "2026-03-15", "2026-02-28"},
        {"1M+D15",    "2026-03-04", "2026-04-15"},
        {"1M+D15",    "2026-01-31", "2026-03-15"},
        {"CQ+1D",     "2026-03-04", "2026-04-01"},
        {"CQ+1D",     "2026-01-31", "2026-04-01"},
        {"CQ+1M-10D", "1996-05-21", "1996-07-20"},
        {"CM+30D",    "1996-05-21", "1996-06-30"},
        {"<1d + cm>", "2026-03-04", "2026-03-31"},
        {"-CQ",       "2026-12-31", "2026-10-01"},
        {"CY",        "2026-03-04", "2026-12-31"},
        {"-CY",       "2026-03-04", "2026-01-01"},
        {"-CW",       "2026-03-08", "2026-03-02"},
        {"CD",        "2026-03-08", "2026-03-08"},
        {"1Y",        "2024-02-29", "2025-02-28"},
        {"-1Q",       "2026-05-31", "2026-02-28"},
        {"-2W",       "2026-03-04", "2026-02-18"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct formula formula;
        struct err err = {0};
        int64_t day = 0;
        if (!formula_parse(ROWS[i].formula, &formula, &err) ||
            !formula_apply(&formula, day_of(ROWS[i].from), &day))
            fail_msg("%s: %s", ROWS[i].formula, err.text);
        struct date date = days_date(day);
        if (day != day_of(ROWS[i].to))
            fail_msg("%s from %s: %04d-%02d-%02d", ROWS[i].formula, ROWS[i].from, date.year,
                     date.month, date.day);
    }
}

static void what_is_no_formula_is_explained(void **state)
{
    static const struct {
        const char *formula, *says;
    } ROWS[] = {
        {"",                        "it is empty"           },
        {"<>",                      "it is empty"           },
        {"1",                       "behind a number stands"},
        {"1X",                      "behind a number stands"},
        {"2WD",                     "behind a number stands"},
        {"C",                       "behind C stands"       },
        {"CWD",                     "behind C stands"       },
        {"M3",                      "only D and WD"         },
        {"WD8",                     "1 (Monday) to 7"       },
        {"WD0",                     "1 (Monday) to 7"       },
        {"D32",                     "1 to 31"               },
        {"D",                       "1 to 31"               },
        {"10000D",                  "at most 9999"          },
        {"1D+1D+1D+1D",             "at most three terms"   },
        {"1D++1D",                  "a term is like"        },
        {"1D+",                     "a term is like"        },
        {"every month",             "a term is like"        },
        {"1000D+1000D+1000D+1000D", "at most 20 characters" },
        {"99999999999999999999D",   "at most 20 characters" },
        {"9999999999999999999D",    "at most 9999"          },
        {"1D>+1D",                  "a term is like"        },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct formula formula;
        struct err err = {0};
        if (formula_parse(ROWS[i].formula, &formula, &err))
            fail_msg("%s was taken", ROWS[i].formula);
        if (!strstr(err.text, ROWS[i].says) || err.code != 400)
            fail_msg("%s: %s", ROWS[i].formula, err.text);
    }
}

static void what_stands_still_is_found(void **state)
{
    static const struct {
        const char *formula;
        bool advances;
    } ROWS
        [] =
            {
                {"1D",      true },
                {"1M",      true },
                {"1D+CM",   true },
                {"CW+1D",   true },
                {"D15",     true },
                {"-CM+1M",  true },
                {"1Y",      true },
                {"9999D",   true },
                {"CM",      false}, /* the last day of a month yields itself */
                {"CD",      false},
                {"0D",      false},
                {"-1D",     false},
                {"1W-WD1",  false}, /* a Monday yields itself */
                {"-CM+D15", false}, /* from the 20th it goes back */
                {"1M-31D",  false},
                {"9999Y",   false}, /* leaves the calendar at once */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct formula formula;
        struct err err = {0};
        int64_t stuck;
        assert_true(formula_parse(ROWS[i].formula, &formula, &err));
        if (formula_advances(&formula, day_of("2026-11-25"), &stuck) != ROWS[i].advances)
            fail_msg("%s", ROWS[i].formula);
    }
}

static void dates_go_there_and_back(void **state)
{
    (void)state;
    for (int64_t day = days_of(1, 1, 1), weekday = 1; day < days_of(2500, 1, 1); day++) {
        struct date date = days_date(day);
        if (days_of(date.year, date.month, date.day) != day || days_weekday(day) != weekday)
            fail_msg("%lld", (long long)day);
        weekday = weekday % 7 + 1;
    }
    assert_int_equal(days_of(1970, 1, 1), 0);
    assert_int_equal(days_weekday(0), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_say_what_is_documented),
        cmocka_unit_test(what_is_no_formula_is_explained),
        cmocka_unit_test(what_stands_still_is_found),
        cmocka_unit_test(dates_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
