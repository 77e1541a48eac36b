/* metrics_test.c - the text that a scraper reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "metrics/metrics.h"

static size_t times(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void counters_and_gauges_are_written_by_family(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    metric_add(METRIC_CLAIM_DUP, 2);
    metric_add(METRIC_CLAIM_DUP, 1);
    metric_set(METRIC_RUNNING, 7);
    metrics_write(&text);
    assert_non_null(strstr(buf_str(&text), "cartage_claims_total{answer=\"dup\"} 3\n"));
    assert_non_null(strstr(buf_str(&text), "cartage_claims_total{answer=\"ok\"} 0\n"));
    assert_non_null(strstr(buf_str(&text), "\ncartage_running 7\n"));
    assert_int_equal(times(buf_str(&text), "# TYPE cartage_claims counter\n"), 1);
    assert_int_equal(times(buf_str(&text), "# TYPE cartage_running gauge\n"), 1);
    assert_int_equal(times(buf_str(&text), "# EOF\n"), 1);
    assert_string_equal(buf_str(&text) + text.size - 6, "# EOF\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_and_gauges_are_written_by_family),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
