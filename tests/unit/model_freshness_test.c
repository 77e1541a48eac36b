/* model_freshness_test.c - steps, percentiles and colours of how long changes took to arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/freshness.h"

static const struct {
    int64_t age_ms, end_ms;
} AGES[] = {
    {0,             250          },
    {250,           250          },
    {251,           500          },
    {75000,         75000        },
    {75001,         120000       },
    {3600001,       FRESH_MOST_MS},
    {FRESH_MOST_MS, FRESH_MOST_MS},
};

static void an_age_falls_into_its_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(AGES); i++)
        assert_int_equal(AGES[i].end_ms, fresh_step_end(fresh_step(AGES[i].age_ms)));
}

static const struct {
    const char *name;
    int64_t quick, slow, late; /* of a second, of ten minutes */
    int64_t p50_ms, p99_ms;
    const char *colour;
} TALLIES[] = {
    {"none came",             0,  0, 0, 0,      0,      "green" },
    {"all in time",           10, 0, 0, 1000,   1000,   "green" },
    {"one of a hundred late", 99, 1, 1, 1000,   1000,   "green" },
    {"more than that",        98, 2, 2, 1000,   900000, "yellow"},
    {"one of ten",            9,  1, 1, 1000,   900000, "yellow"},
    {"more than one of ten",  8,  2, 2, 1000,   900000, "red"   },
    {"the only one",          0,  1, 1, 900000, 900000, "red"   },
    {"slow, yet in time",     0,  5, 0, 900000, 900000, "green" },
};

static void one_of_a_hundred_may_be_late(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TALLIES); i++) {
        struct fresh_tally tally = {.late = TALLIES[i].late};
        tally.steps[fresh_step(1000)] = TALLIES[i].quick;
        tally.steps[fresh_step(600000)] = TALLIES[i].slow;
        if (fresh_percentile(&tally, 50) != TALLIES[i].p50_ms ||
            fresh_percentile(&tally, 99) != TALLIES[i].p99_ms ||
            fresh_count(&tally) != TALLIES[i].quick + TALLIES[i].slow ||
            strcmp(fresh_colour(&tally), TALLIES[i].colour) != 0)
            fail_msg("%s: p50 %ld, p99 %ld, %s", TALLIES[i].name,
                     (long)fresh_percentile(&tally, 50), (long)fresh_percentile(&tally, 99),
                     fresh_colour(&tally));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_age_falls_into_its_step),
        cmocka_unit_test(one_of_a_hundred_may_be_late),
    };
    return cmocka_run_group_tests_name("freshness", tests, NULL, NULL);
}
