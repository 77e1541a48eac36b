/* child.h - a program with a standard input and a limit. */
#ifndef CARTAGE_CHILD_H
#define CARTAGE_CHILD_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/err.h"

/* Runs argv[0] with this standard input in a process group of its own, in an environment of these
 * "NAME=value" alone. True when it exits with 0 in time. */
struct child {
    const char *const *argv; /* NULL-ended */
    const char *const *variables;
    const char *input;
    size_t input_size;
    int64_t timeout_ms;
    const struct clock *clock;
    const _Atomic bool *ending;
};
MUST_USE bool child_run(const struct child *child, struct err *err);

#endif
