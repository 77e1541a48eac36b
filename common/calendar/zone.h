/* zone.h - time zones from the system's zone files (tzdata, RFC 9636).
 *
 * The 64-bit data and the footer's rule are read; zones are values after that, and asking one is
 * pure. The files lie in /usr/share/zoneinfo, or in the folder that TZDIR names.
 */
#ifndef CARTAGE_ZONE_H
#define CARTAGE_ZONE_H

#include "base/err.h"

struct zone;
/* "Europe/London"; ERR_FATAL, code 400, when there is none of that name. */
MUST_USE bool zone_open(const char *name, struct zone **out, struct err *err);
void zone_free(struct zone *zone);
OWNABLE(zone)
/* The same from bytes; for tests. */
MUST_USE bool zone_read(const char *name, const unsigned char *bytes, size_t size,
                        struct zone **out, struct err *err);

/* A zone of NULL is UTC in what follows. Seconds east of UTC at that instant. */
int64_t zone_offset_s(const struct zone *zone, int64_t utc_ms);
/* What the clock there shows at that instant, as milliseconds since 1970 in its own time. */
int64_t zone_local(const struct zone *zone, int64_t utc_ms);
/* When the clock there shows that: the first time if it does so twice, the first instant after it
 * if it lies in a gap. */
int64_t zone_utc(const struct zone *zone, int64_t local_ms);
/* The date there, "YYYY-MM-DD". */
void zone_date(const struct zone *zone, int64_t utc_ms, char out[static 11]);

/* Which rules the files hold, "2026a", and since when; false = the folder does not say. */
struct zone_data {
    char version[16];
    int64_t released_ms; /* as the package dates its files */
};
bool zone_data(struct zone_data *out);
/* Older than 18 months: some country has moved its clocks since. */
bool zone_data_old(const struct zone_data *data, int64_t now_ms);

#endif
