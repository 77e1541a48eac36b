/* arena.c - a chain of blocks; each at least as large as asked for. The first is small: most arenas
 * hold the words of one call, and zeroing more would cost more than the call itself. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 2 * 1024, BLOCK_SIZE = 64 * 1024, ALIGNMENT = 16 };

struct block {
    struct block *before;
    size_t size, used;
    _Alignas(ALIGNMENT) char bytes[];
};

struct arena {
    struct block *last;
    size_t held;
};

struct arena *arena_new(void)
{
    return mem_new(sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena, (struct arena_mark){0});
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct block *block = arena->last;
    if (!block || block->size - block->used < size) {
        const size_t least = block ? BLOCK_SIZE : FIRST_SIZE;
        size_t room = size > least ? size : least;
        struct block *fresh = mem_new(sizeof *fresh + room);
        fresh->before = block;
        fresh->size = room;
        arena->last = block = fresh;
        arena->held += room;
    }
    void *memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    bool overflow = __builtin_mul_overflow(count, size, &bytes);
    assert(!overflow);
    return arena_alloc(arena, bytes);
}

char *arena_text_n(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    if (size)
        memcpy(copy, text, size);
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return text ? arena_text_n(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    char few[128]; /* most texts: written once, then copied */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(few, sizeof few, format, args);
    va_end(args);
    assert(length >= 0);
    if ((size_t)length < sizeof few) {
        va_end(again);
        return arena_text_n(arena, few, (size_t)length);
    }
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

struct arena_mark arena_mark(struct arena *arena)
{
    return (struct arena_mark){arena->last, arena->last ? arena->last->used : 0};
}

void arena_reset(struct arena *arena, struct arena_mark mark)
{
    while (arena->last && arena->last != mark.block) {
        struct block *gone = arena->last;
        arena->last = gone->before;
        arena->held -= gone->size;
        free(gone);
    }
    if (arena->last) {
        memset(arena->last->bytes + mark.used, 0, arena->last->used - mark.used);
        arena->last->used = mark.used;
    }
}

size_t arena_size(const struct arena *arena)
{
    return arena->held;
}
