/* series.c - series by their labels, behind one lock. */
#include "metrics/series.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum series_kind { COUNTER, GAUGE, HISTOGRAM, TIME }; /* TIME: a counter of seconds */

static const struct {
    enum series_kind kind;
    const char *name, *labels, *help;
} ROWS[] = {
#define SERIES_ROW_(id, kind, name, labels, help) {kind, name, labels, help},
    FAMILIES(SERIES_ROW_)
#undef SERIES_ROW_
};

/* Upper ends, ms: from a fast call to a task that nobody had time for. */
static const int64_t ENDS[] = {10,    25,    50,    100,   250,    500,    1000,   2500,   5000,
                               10000, 15000, 30000, 60000, 120000, 300000, 900000, 3600000};
enum { KEY_TEXT = LABELS_MOST * LABEL_TEXT };

struct series {
    char *key; /* labels, each with its NUL */
    size_t key_size;
    int64_t value;   /* a histogram's: the sum */
    int64_t *counts; /* a histogram's, one more than ENDS */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct series *items;
    size_t count;
    bool full;
} series_of[SERIES_FAMILIES];

static size_t label_count(enum series_family family)
{
    size_t count = *ROWS[family].labels != 0;
    for (const char *c = ROWS[family].labels; *c; c++)
        count += *c == ',';
    return count;
}

static size_t make_key(enum series_family family, const char *const labels[], bool other,
                       char key[static KEY_TEXT])
{
    size_t size = 0;
    const char *names = ROWS[family].labels;
    for (size_t i = 0; i < label_count(family); i++) {
        size_t name = strcspn(names, ",");
        bool open = name > 0 && names[name - 1] == '*';
        const char *text = other && open ? "other" : labels[i] ? labels[i] : "";
        names += name + (names[name] == ',');
        size_t part = strnlen(text, LABEL_TEXT - 1);
        memcpy(key + size, text, part);
        key[size + part] = 0;
        size += part + 1;
    }
    return size;
}

static struct series *find(enum series_family family, const char *key, size_t size)
{
    for (size_t i = 0; i < series_of[family].count; i++) {
        struct series *series = &series_of[family].items[i];
        if (series->key_size == size && memcmp(series->key, key, size) == 0)
            return series;
    }
    return NULL;
}

static struct series *add(enum series_family family, const char *key, size_t size)
{
    size_t count = series_of[family].count++;
    series_of[family].items =
        mem_grow(series_of[family].items, count, count + 1, sizeof(struct series));
    struct series *series = &series_of[family].items[count];
    *series = (struct series){.key = mem_new(size + 1), .key_size = size};
    memcpy(series->key, key, size);
    if (ROWS[family].kind == HISTOGRAM)
        series->counts = mem_array(COUNT(ENDS) + 1, sizeof *series->counts);
    return series;
}

/* With the lock held. */
static struct series *series_for(enum series_family family, const char *const labels[])
{
    char key[KEY_TEXT];
    size_t size = make_key(family, labels, false, key);
    struct series *series = find(family, key, size);
    if (series)
        return series;
    if (series_of[family].count >= SERIES_MOST) {
        size = make_key(family, labels, true, key);
        series = find(family, key, size);
    }
    return series ? series : add(family, key, size);
}

void series_count(enum series_family family, int64_t by, const char *const labels[])
{
    assert(ROWS[family].kind == COUNTER || ROWS[family].kind == TIME);
    pthread_mutex_lock(&lock);
    series_for(family, labels)->value += by;
    pthread_mutex_unlock(&lock);
}

void series_set(enum series_family family, int64_t thousandths, const char *const labels[])
{
    assert(ROWS[family].kind == GAUGE);
    pthread_mutex_lock(&lock);
    series_for(family, labels)->value = thousandths;
    pthread_mutex_unlock(&lock);
}

void series_observe(enum series_family family, int64_t ms, const char *const labels[])
{
    size_t at = 0;
    assert(ROWS[family].kind == HISTOGRAM);
    while (at < COUNT(ENDS) && ms > ENDS[at])
        at++;
    pthread_mutex_lock(&lock);
    struct series *series = series_for(family, labels);
    series->counts[at]++;
    series->value += ms;
    pthread_mutex_unlock(&lock);
}

void series_clear(enum series_family family)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < series_of[family].count; i++) {
        free(series_of[family].items[i].key);
        free(series_of[family].items[i].counts);
    }
    free(series_of[family].items);
    series_of[family].items = NULL;
    series_of[family].count = 0;
    pthread_mutex_unlock(&lock);
}

/* ---- text ---- */

static void write_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            buf_printf(out, "\\%c", *text);
        else if (*text == '\n')
            buf_text(out, "\\n");
        else
            buf_add(out, text, 1);
    }
}

/* `le`: of a histogram's bucket, NULL = none. */
static void write_name(struct buf *out, enum series_family family, const char *suffix,
                       const struct series *series, const char *le)
{
    const char *names = ROWS[family].labels, *values = series->key;
    buf_printf(out, "%s%s", ROWS[family].name, suffix);
    if (*names || le)
        buf_text(out, "{");
    for (bool first = true; *names; first = false) {
        buf_printf(out, "%s%.*s=\"", first ? "" : ",", (int)strcspn(names, "*,"), names);
        write_escaped(out, values);
        buf_text(out, "\"");
        values += strlen(values) + 1;
        names += strcspn(names, ",");
        names += *names == ',';
    }
    if (le)
        buf_printf(out, "%sle=\"%s\"", *ROWS[family].labels ? "," : "", le);
    if (*ROWS[family].labels || le)
        buf_text(out, "}");
    buf_text(out, " ");
}

static void write_thousandths(struct buf *out, int64_t value)
{
    buf_printf(out, "%s%" PRId64 ".%03d\n", value < 0 ? "-" : "",
               (value < 0 ? -value : value) / 1000, (int)((value < 0 ? -value : value) % 1000));
}

static void write_histogram(struct buf *out, enum series_family family, const struct series *series)
{
    int64_t count = 0;
    for (size_t i = 0; i <= COUNT(ENDS); i++) {
        char le[24] = "+Inf";
        count += series->counts[i];
        if (i < COUNT(ENDS)) { /* as OpenMetrics wants floats: 0.25, 1.0 */
            OWN_BUF struct buf text = {0};
            buf_printf(&text, "%" PRId64 ".%03d", ENDS[i] / 1000, (int)(ENDS[i] % 1000));
            while (text.data[text.size - 1] == '0' && text.data[text.size - 2] != '.')
                text.size--;
            memcpy(le, text.data, text.size);
            le[text.size] = 0;
        }
        write_name(out, family, "_bucket", series, le);
        buf_printf(out, "%" PRId64 "\n", count);
    }
    write_name(out, family, "_count", series, NULL);
    buf_printf(out, "%" PRId64 "\n", count);
    write_name(out, family, "_sum", series, NULL);
    write_thousandths(out, series->value);
}

static void write_series(struct buf *out, enum series_family family, const struct series *series)
{
    switch (ROWS[family].kind) {
    case COUNTER:
        write_name(out, family, "_total", series, NULL);
        buf_printf(out, "%" PRId64 "\n", series->value);
        return;
    case TIME:
        write_name(out, family, "_total", series, NULL);
        write_thousandths(out, series->value);
        return;
    case GAUGE:
        write_name(out, family, "", series, NULL);
        write_thousandths(out, series->value);
        return;
    case HISTOGRAM:
        write_histogram(out, family, series);
        return;
    }
}

void series_write(struct buf *out)
{
    static const char *const TYPES[] = {
        [COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram", [TIME] = "counter"};
    pthread_mutex_lock(&lock);
    for (size_t f = 0; f < SERIES_FAMILIES; f++) {
        buf_printf(out, "# TYPE %s %s\n# HELP %s %s\n", ROWS[f].name, TYPES[ROWS[f].kind],
                   ROWS[f].name, ROWS[f].help);
        for (size_t i = 0; i < series_of[f].count; i++)
            write_series(out, (enum series_family)f, &series_of[f].items[i]);
    }
    pthread_mutex_unlock(&lock);
}
