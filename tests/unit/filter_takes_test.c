/* filter_takes_test.c - Business Central's filter expressions over codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bc/catalogue.h"

static const struct {
    const char *filter, *code;
    bool takes;
} ROWS[] = {
    {"",              "EAST",  true },
    {" ",             "",      true },
    {"EAST",          "EAST",  true },
    {"EAST",          "EASTX", false},
    {"east",          "EAST",  true },
    {"EAST|WEST",     "WEST",  true },
    {"EAST | WEST",   "MAIN",  false},
    {"A*",            "A",     true },
    {"A*",            "BA",    false},
    {"*A*",           "BAR",   true },
    {"A?",            "A1",    true },
    {"A?",            "A12",   false},
    {"B1..B9",        "B5",    true },
    {"B1..B9",        "C",     false},
    {"..M",           "EAST",  true },
    {"..M",           "MAIN",  false},
    {"M..",           "MAIN",  true },
    {"<>OUT",         "EAST",  true },
    {"<>OUT",         "OUT",   false},
    {"<>OUT&<>IN",    "IN",    false},
    {"<>OUT&<>IN",    "EAST",  true },
    {"<>O*",          "OUT",   false},
    {"A..C&<>B|MAIN", "B",     false},
    {"A..C&<>B|MAIN", "MAIN",  true },
    {">M",            "N",     true },
    {">=M",           "M",     true },
    {"<M",            "M",     false},
    {"''",            "",      true },
    {"''",            "EAST",  false},
    {"<>''",          "",      false},
    {"'A|B'",         "A|B",   true },
    {"'A|B'",         "A",     false},
    {"@east",         "EAST",  true },
};

static void codes_are_taken_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++)
        if (bc_filter_takes(ROWS[i].filter, ROWS[i].code) != ROWS[i].takes)
            fail_msg("filter %s, code %s", ROWS[i].filter, ROWS[i].code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(codes_are_taken_or_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
