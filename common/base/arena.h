/* arena.h - memory of one attempt: many small allocations, freed in one step.
 *
 * Threads: one arena belongs to one thread at a time.   Memory is zeroed.
 */
#ifndef CARTAGE_ARENA_H
#define CARTAGE_ARENA_H

#include "base/own.h"

struct arena;

MUST_USE struct arena *arena_new(void);
void arena_free(struct arena *arena);
OWNABLE(arena)

void *arena_alloc(struct arena *arena, size_t size); /* aligned for any type */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_text(struct arena *arena, const char *text); /* copy; NULL stays NULL */
char *arena_text_n(struct arena *arena, const char *text, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);

/* What was allocated after the mark goes at once; for a loop that would otherwise grow. */
struct arena_mark {
    void *block;
    size_t used;
};
struct arena_mark arena_mark(struct arena *arena);
void arena_reset(struct arena *arena, struct arena_mark mark);
size_t arena_size(const struct arena *arena); /* bytes held */

#endif
