/* own.h - who owns a value, said in its declaration.
 *
 * OWN(x) declares a pointer that x_free() releases at the end of its scope; GIVE hands it on and
 * leaves NULL, so that leaving the scope frees nothing. Every x_free accepts NULL and half-built.
 */
#ifndef CARTAGE_OWN_H
#define CARTAGE_OWN_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(at, first) __attribute__((format(printf, at, first)))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define OWNABLE(name)                                                                              \
    static inline void name##_cleanup_(struct name **owned)                                        \
    {                                                                                              \
        name##_free(*owned);                                                                       \
    }
#define OWN(name) __attribute__((cleanup(name##_cleanup_)))

#define GIVE(owned)                                                                                \
    __extension__({                                                                                \
        __typeof__(owned) given_ = (owned);                                                        \
        (owned) = NULL;                                                                            \
        given_;                                                                                    \
    })

/* Text on the heap, for OWN_TEXT char *text = ... */
void own_text_cleanup_(char **text);
#define OWN_TEXT __attribute__((cleanup(own_text_cleanup_)))

/* Zeroed memory; running out of it ends the process, so every input has a limit. */
MUST_USE void *mem_new(size_t size);
MUST_USE void *mem_array(size_t count, size_t size);
MUST_USE void *mem_grow(void *old, size_t old_count, size_t new_count, size_t size);
MUST_USE char *mem_text(const char *text);                /* a copy; NULL stays NULL */
MUST_USE char *mem_text_n(const char *text, size_t size); /* a copy with a closing NUL */
MUST_USE char *mem_printf(const char *format, ...) PRINTF(1, 2);

#endif
