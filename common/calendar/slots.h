/* slots.h - planned times of a recurring entry. Pure.
 *
 * `every`: slots lie at anchor + k * period; the anchor is the entry's first start. Weekdays,
 * windows and date formulas are further kinds of the same two questions.
 */
#ifndef CARTAGE_SLOTS_H
#define CARTAGE_SLOTS_H

#include <stdint.h>

struct slots {
    int64_t anchor_ms, period_ms; /* period at least 1000 */
};

/* The first slot after `after_ms` (strictly); never before the anchor. */
int64_t slots_next(const struct slots *slots, int64_t after_ms);
/* The last slot at or before `at_ms`; 0 when the anchor lies later. */
int64_t slots_last(const struct slots *slots, int64_t at_ms);

#endif
