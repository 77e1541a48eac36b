/* slots.c - anchored periods: a late run never shifts what is planned. */
#include "calendar/slots.h"

#include <assert.h>

int64_t slots_next(const struct slots *slots, int64_t after_ms)
{
    assert(slots->period_ms > 0);
    if (after_ms < slots->anchor_ms)
        return slots->anchor_ms;
    int64_t passed = (after_ms - slots->anchor_ms) / slots->period_ms;
    return slots->anchor_ms + (passed + 1) * slots->period_ms;
}

int64_t slots_last(const struct slots *slots, int64_t at_ms)
{
    assert(slots->period_ms > 0);
    if (at_ms < slots->anchor_ms)
        return 0;
    return at_ms - (at_ms - slots->anchor_ms) % slots->period_ms;
}
