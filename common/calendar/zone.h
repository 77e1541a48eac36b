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

/* Seconds east of UTC at that instant. */
int64_t zone_offset_s(const struct zone *zone, int64_t utc_ms);
/* The date there, "YYYY-MM-DD". */
void zone_date(const struct zone *zone, int64_t utc_ms, char out[static 11]);

#endif
