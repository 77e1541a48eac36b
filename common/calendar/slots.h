/* slots.h - planned times of a recurring entry. Pure.
 *
 * A late run never shifts what is planned. With weekdays or a window, slots of a day lie at the
 * window's start (or 00:00) + k * period, as far as the window's end, in the time of the zone; the
 * weekday is that of the window's start. Without, they lie at anchor + k * period; whole days keep
 * the anchor's time of day there. A date formula goes from date to date.
 *
 * A local time inside a gap is the first instant after it, one that comes twice is the first.
 * Inside a window time is what passes, not what the clock on the wall shows.
 */
#ifndef CARTAGE_SLOTS_H
#define CARTAGE_SLOTS_H

#include "calendar/formula.h"
#include "calendar/zone.h"

enum { EVERY_DAY = 127 };

struct slots {
    int64_t anchor_ms, period_ms;  /* no slot before the anchor; period at least 1000 */
    const struct zone *zone;       /* NULL = UTC */
    const struct formula *formula; /* NULL = by period */
    unsigned days;                 /* bit 0 = Monday; 0 = none named: every day */
    int64_t from_ms,
        to_ms; /* daily window or a formula's time of day; to 0 = none, 24 h = midnight */
};

/* The first slot after `after_ms` (strictly); never before the anchor. 0 = there is none: the
 * formula does not advance, or no day fits. */
int64_t slots_next(const struct slots *slots, int64_t after_ms);
/* The last slot at or before `at_ms`, no formula; 0 when there is none. */
int64_t slots_last(const struct slots *slots, int64_t at_ms);
/* Is that instant inside a window on one of its days? *until_ms = the window's last moment, 0 = no
 * bound. */
bool slots_open(const struct slots *slots, int64_t at_ms, int64_t *until_ms);

/* What has come up since `first_ms`, a slot at or before now: the latest `most` slots stay. */
struct backlog {
    int64_t keep_ms;              /* the first that stays */
    int64_t before_ms, latest_ms; /* the slot in front of it (0 = first stays); the last of all */
};
struct backlog slots_backlog(const struct slots *slots, int64_t first_ms, int64_t now_ms,
                             int64_t most);

#endif
