/* text.c - times, spans and tables for people. */
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t ms;
} UNITS[] = {
    {"s",       1000    },
    {"sec",     1000    },
    {"second",  1000    },
    {"seconds", 1000    },
    {"m",       60000   },
    {"min",     60000   },
    {"minute",  60000   },
    {"minutes", 60000   },
    {"h",       3600000 },
    {"hour",    3600000 },
    {"hours",   3600000 },
    {"d",       86400000},
    {"day",     86400000},
    {"days",    86400000},
};

bool span_parse(const char *text, int64_t *ms, struct err *err)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    const char *unit = end + strspn(end, " ");
    for (size_t i = 0; end != text && i < COUNT(UNITS); i++) {
        if (strcmp(UNITS[i].name, unit) == 0 && number > 0 && number <= 100000) {
            *ms = number * UNITS[i].ms;
            return true;
        }
    }
    return err_set(
        err, ERR_FATAL, 0,
        "\"%s\" is no span of time; write \"5 minutes\", \"1 hour\", \"30 s\" or \"1 day\"", text);
}

void span_text(int64_t ms, char out[static 32])
{
    if (ms < 1000)
        snprintf(out, 32, "%" PRId64 " ms", ms);
    else if (ms < 60000)
        snprintf(out, 32, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
    else if (ms < 2 * 3600000)
        snprintf(out, 32, "%" PRId64 " min", ms / 60000);
    else if (ms < 2 * 86400000)
        snprintf(out, 32, "%" PRId64 " h", ms / 3600000);
    else
        snprintf(out, 32, "%" PRId64 " d", ms / 86400000);
}

void when_text(int64_t at_ms, int64_t now_ms, char out[static 32])
{
    char span[32];
    int64_t away = at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms;
    if (!at_ms) {
        snprintf(out, 32, "-");
        return;
    }
    if (away < 1000) {
        snprintf(out, 32, "now");
        return;
    }
    if (away < 60000) /* tenths tell nothing here */
        away -= away % 1000;
    span_text(away, span);
    char *point = strstr(span, ".0 s");
    if (point)
        memmove(point, " s", 3);
    snprintf(out, 32, at_ms > now_ms ? "in %.20s" : "%.20s ago", span);
}

void table_cell(struct table *table, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    assert(size >= 0);
    table->texts = mem_grow(table->texts, table->cells, table->cells + 1, sizeof *table->texts);
    table->texts[table->cells++] = text;
}

static size_t width_of(const char *text) /* characters, not bytes */
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

void table_print(struct table *table, FILE *out)
{
    size_t widths[16] = {0};
    assert(table->columns <= COUNT(widths) && table->cells % table->columns == 0);
    for (size_t i = 0; i < table->cells; i++) {
        size_t width = width_of(table->texts[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->cells; i++) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;
        fputs(table->texts[i], out);
        if (!last)
            fprintf(out, "%*s", (int)(widths[column] - width_of(table->texts[i]) + 2), "");
        else
            fputc('\n', out);
        free(table->texts[i]);
    }
    free(table->texts);
    *table = (struct table){.columns = table->columns};
}
