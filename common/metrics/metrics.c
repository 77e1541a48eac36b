/* metrics.c - the table, and its text. */
#include "metrics/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "metrics/series.h"

enum metric_kind { COUNTER, GAUGE };

static const struct {
    enum metric_kind kind;
    const char *family, *labels, *help;
} ROWS[] = {
#define METRIC_ROW_(id, kind, family, labels, help) {kind, family, labels, help},
    METRICS(METRIC_ROW_)
#undef METRIC_ROW_
};

static _Atomic int64_t values[METRIC_COUNT];

void metric_add(enum metric metric, int64_t by)
{
    atomic_fetch_add_explicit(&values[metric], by, memory_order_relaxed);
}

void metric_set(enum metric metric, int64_t value)
{
    atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

int64_t metric_value(enum metric metric)
{
    return atomic_load_explicit(&values[metric], memory_order_relaxed);
}

void metrics_write(struct buf *out)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        bool counter = ROWS[i].kind == COUNTER;
        if (i == 0 || strcmp(ROWS[i].family, ROWS[i - 1].family) != 0) {
            buf_printf(out, "# TYPE %s %s\n", ROWS[i].family, counter ? "counter" : "gauge");
            buf_printf(out, "# HELP %s %s\n", ROWS[i].family, ROWS[i].help);
        }
        buf_printf(out, "%s%s", ROWS[i].family, counter ? "_total" : "");
        if (*ROWS[i].labels)
            buf_printf(out, "{%s}", ROWS[i].labels);
        buf_printf(out, " %" PRId64 "\n", metric_value((enum metric)i));
    }
    series_write(out);
    buf_text(out, "# EOF\n");
}
