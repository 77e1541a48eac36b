/* zones.h - zones opened once and lent by name; read again every hour, for the system may have got
 * new rules.
 *
 * Threads: one cache per thread.
 */
#ifndef CARTAGE_ZONES_H
#define CARTAGE_ZONES_H

#include "calendar/zone.h"

struct zones;
MUST_USE struct zones *zones_new(void);
void zones_free(struct zones *zones);
OWNABLE(zones)
/* Begins a round: what was lent before goes when an hour has passed. */
void zones_begin(struct zones *zones, int64_t now_ms);
/* Lent until the next round; "" and "UTC" are NULL, which is UTC. */
MUST_USE bool zones_get(struct zones *zones, const char *name, const struct zone **out,
                        struct err *err);

#endif
