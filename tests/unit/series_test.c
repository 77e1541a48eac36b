/* series_test.c - series by their labels: sums, buckets, bounds, escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "metrics/series.h"

static const char *written(struct buf *text)
{
    buf_clear(text);
    series_write(text);
    return buf_str(text);
}

static void says(struct buf *text, const char *line)
{
    if (!strstr(written(text), line))
        fail_msg("no \"%s\" in %s", line, buf_str(text));
}

static void series_are_told_apart_by_labels(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    series_count(SERIES_ATTEMPTS, 1, LABELS("orders.sync", "ok"));
    series_count(SERIES_ATTEMPTS, 2, LABELS("orders.sync", "ok"));
    series_count(SERIES_ATTEMPTS, 1, LABELS("orders.sync", "retry"));
    series_count(SERIES_LIMITER_WAIT, 1234, LABELS("a.myshopify.com", "points"));
    series_set(SERIES_QUEUE_DUE, 7000, NO_LABELS);
    says(&text, "cartage_attempts_total{operation=\"orders.sync\",outcome=\"ok\"} 3\n");
    says(&text, "cartage_attempts_total{operation=\"orders.sync\",outcome=\"retry\"} 1\n");
    says(&text, "cartage_limiter_wait_seconds_total{store=\"a.myshopify.com\",limit=\"points\"} "
                "1.234\n");
    says(&text, "\ncartage_queue_due 7.000\n");
    series_clear(SERIES_QUEUE_DUE);
    assert_null(strstr(written(&text), "\ncartage_queue_due "));
    says(&text, "# TYPE cartage_queue_due gauge\n");
}

static void a_histogram_counts_up_to_each_end(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    const int64_t seen[] = {0, 10, 11, 1000, 3600000, 3600001};
    for (size_t i = 0; i < COUNT(seen); i++)
        series_observe(SERIES_LAG, seen[i], LABELS("A \"quoted\" \\ name\n"));
#define OF "{category=\"A \\\"quoted\\\" \\\\ name\\n\""
    says(&text, "cartage_lag_seconds_bucket" OF ",le=\"0.01\"} 2\n");
    says(&text, "cartage_lag_seconds_bucket" OF ",le=\"0.025\"} 3\n");
    says(&text, "cartage_lag_seconds_bucket" OF ",le=\"1.0\"} 4\n");
    says(&text, "cartage_lag_seconds_bucket" OF ",le=\"3600.0\"} 5\n");
    says(&text, "cartage_lag_seconds_bucket" OF ",le=\"+Inf\"} 6\n");
    says(&text, "cartage_lag_seconds_count" OF "} 6\n");
    says(&text, "cartage_lag_seconds_sum" OF "} 7201.022\n");
#undef OF
}

static void the_open_label_is_bounded(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    char store[32];
    for (int i = 0; i < SERIES_MOST + 500; i++) {
        snprintf(store, sizeof store, "s%d", i);
        series_count(SERIES_POINTS, 1, LABELS(store, i % 2 ? "orders.sync" : "orders.process"));
    }
    says(&text, "cartage_points_total{store=\"s999\",operation=\"orders.sync\"} 1\n");
    says(&text, "cartage_points_total{store=\"other\",operation=\"orders.sync\"} 250\n");
    says(&text, "cartage_points_total{store=\"other\",operation=\"orders.process\"} 250\n");
    assert_null(strstr(buf_str(&text), "store=\"s1000\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_are_told_apart_by_labels),
        cmocka_unit_test(a_histogram_counts_up_to_each_end),
        cmocka_unit_test(the_open_label_is_bounded),
    };
    return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
