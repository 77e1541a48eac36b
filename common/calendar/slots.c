/* slots.c - anchored periods, daily grids, date formulas. */
#include "calendar/slots.h"

#include <assert.h>

#include "calendar/days.h"

/* ---- the daily grid ---- */

struct grid {
    const struct slots *slots;
    int64_t from_ms;            /* of the day */
    int64_t stride, anchor_day; /* every so many days */
};

static bool windowed(const struct slots *slots)
{
    return slots->days || slots->from_ms || slots->to_ms;
}

static bool on_grid(const struct slots *slots)
{
    return windowed(slots) || slots->period_ms % DAY_MS == 0;
}

static int64_t local_day(const struct slots *slots, int64_t at_ms)
{
    return floor_div(zone_local(slots->zone, at_ms), DAY_MS);
}

static struct grid grid_of(const struct slots *slots)
{
    struct grid grid = {slots, slots->from_ms, 1, local_day(slots, slots->anchor_ms)};
    if (!windowed(slots))
        grid.from_ms = zone_local(slots->zone, slots->anchor_ms) - grid.anchor_day * DAY_MS;
    if (slots->period_ms >= DAY_MS)
        grid.stride = slots->period_ms / DAY_MS;
    return grid;
}

static bool weekday_fits(const struct slots *slots, int64_t day)
{
    return !slots->days || slots->days & (1u << (days_weekday(day) - 1));
}

static int64_t week_of(int64_t day)
{
    return floor_div(day + 3, 7);
}

static bool day_fits(const struct grid *grid, int64_t day)
{
    if (!weekday_fits(grid->slots, day))
        return false;
    if (grid->slots->days &&
        grid->stride % 7 == 0) /* "every week on Mondays", whatever day it began */
        return (week_of(day) - week_of(grid->anchor_day)) % (grid->stride / 7) == 0;
    return (day - grid->anchor_day) % grid->stride == 0;
}

static int64_t day_begin(const struct grid *grid, int64_t day)
{
    return zone_utc(grid->slots->zone, day * DAY_MS + grid->from_ms);
}

static int64_t day_end(const struct grid *grid, int64_t day)
{
    int64_t to = grid->slots->to_ms;
    if (!to)
        return zone_utc(grid->slots->zone, (day + 1) * DAY_MS) - 1;
    return zone_utc(grid->slots->zone, (day + (to < grid->from_ms)) * DAY_MS + to);
}

/* Of this day's slots the first after, or the last at or before `at`; 0 = none. */
static int64_t day_slot(const struct grid *grid, int64_t day, int64_t at, bool after)
{
    const int64_t period = grid->slots->period_ms;
    const struct zone *zone = grid->slots->zone;
    if (zone_utc(zone, day * DAY_MS) == zone_utc(zone, (day + 1) * DAY_MS))
        return 0; /* a day that the zone left out, at the date line */
    int64_t begin = day_begin(grid, day), end = day_end(grid, day);
    if (end < begin)
        end = begin; /* the window lies in a gap */
    int64_t most = period >= DAY_MS ? 0 : (end - begin) / period;
    int64_t k = at < begin ? -1 : (at - begin) / period;
    if (after)
        return ++k > most ? 0 : begin + k * period;
    return k < 0 ? 0 : begin + (k < most ? k : most) * period;
}

/* Days in order; windows of two days do not overlap. Two days back: around a change of the clocks,
 * or a window past midnight, the slot of a day lies on the next. */
static int64_t grid_search(const struct grid *grid, int64_t at, int step)
{
    int64_t day = local_day(grid->slots, at) - 2 * step, slot = 0;
    for (int64_t left = 8 * grid->stride + 6; left > 0 && !slot; left--, day += step)
        if (day_fits(grid, day))
            slot = day_slot(grid, day, at, step > 0);
    return slot;
}

/* ---- formulas ---- */

static int64_t formula_next(const struct slots *slots, int64_t after_ms)
{
    int64_t day;
    if (slots->anchor_ms > after_ms)
        return slots->anchor_ms; /* a first time was named */
    if (!formula_apply(slots->formula, local_day(slots, after_ms), &day))
        return 0;
    int64_t slot = zone_utc(slots->zone, day * DAY_MS + slots->from_ms);
    return slot > after_ms ? slot : 0;
}

/* ---- the questions ---- */

int64_t slots_next(const struct slots *slots, int64_t after_ms)
{
    if (slots->formula)
        return formula_next(slots, after_ms);
    assert(slots->period_ms > 0);
    if (after_ms < slots->anchor_ms)
        after_ms = slots->anchor_ms - 1;
    if (on_grid(slots)) {
        struct grid grid = grid_of(slots);
        return grid_search(&grid, after_ms, 1);
    }
    if (after_ms < slots->anchor_ms)
        return slots->anchor_ms;
    int64_t passed = (after_ms - slots->anchor_ms) / slots->period_ms;
    return slots->anchor_ms + (passed + 1) * slots->period_ms;
}

int64_t slots_last(const struct slots *slots, int64_t at_ms)
{
    assert(slots->period_ms > 0 && !slots->formula);
    if (at_ms < slots->anchor_ms)
        return 0;
    if (on_grid(slots)) {
        struct grid grid = grid_of(slots);
        int64_t slot = grid_search(&grid, at_ms, -1);
        return slot >= slots->anchor_ms ? slot : 0;
    }
    return at_ms - (at_ms - slots->anchor_ms) % slots->period_ms;
}

bool slots_open(const struct slots *slots, int64_t at_ms, int64_t *until_ms)
{
    *until_ms = 0;
    if (slots->formula ||
        (!slots->from_ms && !slots->to_ms && (!slots->days || slots->days == EVERY_DAY)))
        return true;
    struct grid grid = grid_of(slots);
    int64_t today = local_day(slots, at_ms);
    for (int64_t day = today - 1; day <= today + 1; day++) {
        *until_ms = day_end(&grid, day);
        if (weekday_fits(slots, day) && at_ms >= day_begin(&grid, day) && at_ms <= *until_ms)
            return true;
    }
    return false;
}

/* Forward only, from date to date: so far away as a formula's next one is, few have passed. */
static struct backlog formula_backlog(const struct slots *slots, int64_t first_ms, int64_t now_ms,
                                      int64_t most)
{
    struct backlog backlog = {first_ms, 0, first_ms};
    int64_t count = 1, at = first_ms;
    while ((at = slots_next(slots, at)) && at <= now_ms) {
        backlog.latest_ms = at;
        if (++count > most) {
            backlog.before_ms = backlog.keep_ms;
            backlog.keep_ms = slots_next(slots, backlog.keep_ms);
        }
    }
    return backlog;
}

struct backlog slots_backlog(const struct slots *slots, int64_t first_ms, int64_t now_ms,
                             int64_t most)
{
    if (slots->formula)
        return formula_backlog(slots, first_ms, now_ms, most);
    int64_t latest = slots_last(slots, now_ms);
    if (latest <= first_ms)
        return (struct backlog){first_ms, 0, first_ms};
    struct backlog backlog = {latest, 0, latest};
    for (int64_t i = 1; i < most && backlog.keep_ms > first_ms; i++) {
        int64_t before = slots_last(slots, backlog.keep_ms - 1);
        backlog.keep_ms = before > first_ms ? before : first_ms;
    }
    if (backlog.keep_ms > first_ms) {
        int64_t before = slots_last(slots, backlog.keep_ms - 1);
        backlog.before_ms = before > first_ms ? before : first_ms;
    }
    return backlog;
}
