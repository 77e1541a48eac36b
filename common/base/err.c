/* err.c - building error texts from the inside out. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(char *text, size_t size, int wanted)
{
    if (wanted >= (int)size)
        memcpy(text + size - 4, "...", 4);
}

bool err_set(struct err *err, enum err_kind kind, int code, const char *format, ...)
{
    va_list args;
    memset(err, 0, sizeof *err);
    err->kind = kind;
    err->code = code;
    va_start(args, format);
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    mark_cut(err->text, sizeof err->text, wanted);
    return false;
}

bool err_wrap(struct err *err, const char *doing, ...)
{
    char inner[sizeof err->text];
    va_list args;
    memcpy(inner, err->text, sizeof inner);
    va_start(args, doing);
    int used = vsnprintf(err->text, sizeof err->text, doing, args);
    va_end(args);
    if (used < 0 || used >= (int)sizeof err->text - 3) {
        mark_cut(err->text, sizeof err->text, used);
        return false;
    }
    size_t left = sizeof err->text - (size_t)used;
    int wanted = snprintf(err->text + used, left, ": %s", inner);
    mark_cut(err->text, sizeof err->text, used + wanted);
    return false;
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const NAMES[] = {"none",      "retry", "throttled",
                                        "uncertain", "fatal", "cancelled"};
    assert((size_t)kind < COUNT(NAMES));
    return NAMES[kind];
}

void err_clear(struct err *err)
{
    memset(err, 0, sizeof *err);
}
