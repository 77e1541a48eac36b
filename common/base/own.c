/* own.c - memory that is there or ends the process. */
#include "base/own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *present(void *memory)
{
    if (!memory) {
        fputs("level=error event=process.out_of_memory\n", stderr);
        abort();
    }
    return memory;
}

void own_text_cleanup_(char **text)
{
    free(*text);
}

void *mem_new(size_t size)
{
    return present(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
    return present(calloc(count ? count : 1, size));
}

void *mem_grow(void *old, size_t old_count, size_t new_count, size_t size)
{
    char *grown = present(reallocarray(old, new_count, size));
    if (new_count > old_count)
        memset(grown + old_count * size, 0, (new_count - old_count) * size);
    return grown;
}

char *mem_text(const char *text)
{
    return text ? present(strdup(text)) : NULL;
}

char *mem_text_n(const char *text, size_t size)
{
    char *copy = mem_new(size + 1);
    if (size)
        memcpy(copy, text, size);
    return copy;
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return present(length < 0 ? NULL : text);
}
