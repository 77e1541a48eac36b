/* clock.h - time is handed in; only a program's main names the real clock.
 *
 * now_ms:  UTC milliseconds since 1970, for slots, records and people.
 * mono_ms: milliseconds that never step back and count while a laptop sleeps (CLOCK_BOOTTIME), for
 *          leases, gates and waits.
 */
#ifndef CARTAGE_CLOCK_H
#define CARTAGE_CLOCK_H

#include "base/own.h"

struct clock {
    int64_t (*now_ms)(const struct clock *clock);
    int64_t (*mono_ms)(const struct clock *clock);
    void *state;
};

extern const struct clock CLOCK_REAL; /* named by main.c files only */

static inline int64_t clock_now_ms(const struct clock *clock)
{
    return clock->now_ms(clock);
}
static inline int64_t clock_mono_ms(const struct clock *clock)
{
    return clock->mono_ms(clock);
}

/* "2026-11-23T07:00:00Z", with ".123" when milliseconds are not 0 and `millis` is set. */
void time_format(int64_t utc_ms, bool millis, char out[static 32]);
/* RFC 3339 with Z or an offset, fraction optional; false when it is not one. */
MUST_USE bool time_parse(const char *text, int64_t *utc_ms);

#endif
