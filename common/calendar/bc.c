/* bc.c - Business Central's arithmetic, bit by bit; names are those of job-queue.md 6.1. */
#include "calendar/bc.h"

#include "calendar/days.h"

struct window { /* S and E; an E of midnight is set, and zero */
    int64_t start, end;
    bool has_end, crosses;
};

static struct window window_of(const struct slots *slots)
{
    struct window window = {slots->from_ms, slots->to_ms % DAY_MS, slots->to_ms > 0, false};
    window.crosses = window.has_end && window.start > window.end;
    return window;
}

static bool enabled(const struct slots *slots, int64_t day)
{
    return slots->days & (1u << (days_weekday(day) - 1));
}

static int64_t fit(const struct slots *slots, int64_t candidate_ms)
{
    const struct window window = window_of(slots);
    int64_t local = zone_local(slots->zone, candidate_ms), date = floor_div(local, DAY_MS);
    int64_t clock = local - date * DAY_MS, days = 0;

    if (window.crosses && clock > window.end && clock < window.start) {
        clock = window.start; /* dead zone of a night window: the same day */
    } else if (!window.crosses && window.has_end && clock > window.end) {
        clock = window.start;
        days = 1;
    }
    for (int64_t walk = 0; walk <= 7; walk++) {
        if (enabled(slots, date + days + walk)) {
            days += walk;
            break;
        }
    }
    if (!window.crosses && clock < window.start)
        clock = window.start;
    if (days > 0 && clock > window.start)
        clock = window.start; /* a later day always begins at S */
    if (days == 0 && clock == local - date * DAY_MS)
        return candidate_ms; /* unchanged, also in the second hour of an overlap */
    return zone_utc(slots->zone, (date + days) * DAY_MS + clock);
}

int64_t bc_next(const struct slots *slots, int64_t finished_ms, int64_t due_ms)
{
    int64_t day;
    if (slots->formula) {
        if (!formula_apply(slots->formula, floor_div(zone_local(slots->zone, finished_ms), DAY_MS),
                           &day))
            return 0;
        return zone_utc(slots->zone, day * DAY_MS + slots->from_ms);
    }
    if (slots->period_ms > 0)
        return fit(slots, finished_ms + slots->period_ms);
    day = floor_div(zone_local(slots->zone, due_ms ? due_ms : finished_ms), DAY_MS);
    return fit(slots, zone_utc(slots->zone, (day + 1) * DAY_MS));
}

int64_t bc_initial(const struct slots *slots, int64_t now_ms, int64_t due_ms)
{
    int64_t base = due_ms > now_ms ? due_ms : now_ms;
    return slots->formula ? base : fit(slots, base);
}

/* A formula has no weekday and would come back at 00:00 of today, again and again: there the
 * formula itself is taken. */
int64_t bc_inactivity(const struct slots *slots, int64_t now_ms, int64_t idle_ms)
{
    return slots->formula ? bc_next(slots, now_ms, 0) : fit(slots, now_ms + idle_ms);
}

/* When the window of now ends. In the second hour of an overlap the first such time has passed:
 * there it is as far away as the clock shows. */
static int64_t window_end(const struct slots *slots, int64_t now_ms, int64_t end_local)
{
    int64_t at = zone_utc(slots->zone, end_local);
    return at >= now_ms ? at : now_ms + end_local - zone_local(slots->zone, now_ms);
}

/* A formula's Starting Time is its time of day, no window: testing it would move a late run to
 * "now" until midnight. */
bool bc_open(const struct slots *slots, int64_t now_ms, int64_t *until_ms)
{
    const struct window window = window_of(slots);
    int64_t local = zone_local(slots->zone, now_ms), date = floor_div(local, DAY_MS);
    int64_t clock = local - date * DAY_MS;
    *until_ms = 0;
    if (slots->formula || (!window.start && !window.has_end))
        return true;
    if (window.crosses) {
        bool evening = clock >= window.start;
        *until_ms = window_end(slots, now_ms, (date + evening) * DAY_MS + window.end);
        return evening || clock <= window.end;
    }
    if (window.has_end && window.start != window.end) {
        *until_ms = window_end(slots, now_ms, date * DAY_MS + window.end);
        return clock >= window.start && clock <= window.end;
    }
    *until_ms = window_end(slots, now_ms, (date + 1) * DAY_MS) - 1;
    return clock >= window.start;
}
