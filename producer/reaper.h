/* reaper.h - when time can be trusted enough to declare a task lost. Pure.
 *
 * A lease that ran out says that its worker is gone only if the worker had the chance to renew it.
 * So after a leap of either clock, a reconnect to Redis, a stop of our own process or our own
 * start, nobody is declared lost for a while, in which those who live renew.
 */
#ifndef CARTAGE_REAPER_H
#define CARTAGE_REAPER_H

#include <stdbool.h>
#include <stdint.h>

struct trust {
    bool started;
    int64_t redis_ms, mono_ms, connects; /* of the round before */
    int64_t from_ms;                     /* trusted from here on (monotonic) */
};

/* One call a round; `connects` counts connections opened to Redis. */
bool trust_round(struct trust *trust, int64_t lease_ms, int64_t redis_ms, int64_t mono_ms,
                 int64_t connects);

/* What was found in a bucket: between two rounds Redis' clock may have gone back and come forward
 * again, which the rounds' own times do not show but the leases given meanwhile do. */
struct bucket_trust {
    bool looked;
    int64_t leaps;   /* how often it has gone back, -1 where nothing ran */
    int64_t from_ms; /* trusted from here on (monotonic) */
};
void bucket_looked(struct bucket_trust *bucket, int64_t leaps, int64_t lease_ms, int64_t mono_ms);
int reaper_period_ms(int64_t lease_ms);

#endif
