/* reaper.c - publishes again what nobody claimed, and gives up on workers that stopped renewing. */
#include "reaper.h"

#include <stdlib.h>

#include "loops.h"
#include "metrics/metrics.h"

enum { LEAP_MS = 500, PERIOD_MIN_MS = 100, PERIOD_MAX_MS = 1000 };

int reaper_period_ms(int64_t lease_ms)
{
    int64_t tenth = lease_ms / 10;
    return tenth < PERIOD_MIN_MS   ? PERIOD_MIN_MS
           : tenth > PERIOD_MAX_MS ? PERIOD_MAX_MS
                                   : (int)tenth;
}

/* By then whoever lives has renewed its lease, or its gate is closed. */
static int64_t renewed_ms(int64_t lease_ms, int64_t mono_ms)
{
    return mono_ms + lease_ms + 3 * lease_ms / 10;
}

/* Where nothing ran before, nobody can be lost as soon as something does, unless by such a leap. */
void bucket_looked(struct bucket_trust *bucket, int64_t leaps, int64_t lease_ms, int64_t mono_ms)
{
    if (bucket->looked && leaps != bucket->leaps)
        bucket->from_ms = renewed_ms(lease_ms, mono_ms);
    bucket->looked = true;
    bucket->leaps = leaps;
}

bool trust_round(struct trust *trust, int64_t lease_ms, int64_t redis_ms, int64_t mono_ms,
                 int64_t connects)
{
    int64_t passed = mono_ms - trust->mono_ms;
    int64_t leap = llabs((redis_ms - trust->redis_ms) - passed);
    int64_t from = trust->from_ms;

    /* A clock that leapt just before our start left no trace: until the gate of whoever cannot
     * renew has closed (0.7 lease after its last beat). Whoever lives has renewed by then. */
    if (!trust->started)
        from = mono_ms + 7 * lease_ms / 10;
    else if (leap > LEAP_MS || connects != trust->connects ||
             passed >
                 reaper_period_ms(lease_ms) + lease_ms / 2) /* we stood still, so may they have */
        from = renewed_ms(lease_ms, mono_ms);
    *trust = (struct trust){true, redis_ms, mono_ms, connects, from};
    return mono_ms >= from;
}

/* Offered again after half a minute: either all executors are busy, or nobody serves its category.
 */
static void tell_unclaimed(const struct tickets *offered, size_t count, int64_t now_ms)
{
    const struct ticket *first = &offered->items[offered->count - count];
    log_warn("reaper.unclaimed", NUM("tickets", count), TEXT("task", first->task),
             TEXT("category", first->category), TEXT("operation", first->operation),
             NUM("granted_ms_ago", now_ms - first->granted_ms),
             TEXT("next", "start workers that serve this category and know this operation, or give "
                          "them more executors"));
}

static bool reap_bucket(struct loops *loops, struct ledger *ledger, int bucket, int64_t redis_ms,
                        int64_t trusted_ms, struct bucket_trust *trust, struct err *err)
{
    const int64_t mono_ms = clock_mono_ms(loops->clock);
    struct tickets again = {0};
    struct reaped reaped = {.leaps = trust->looked ? trust->leaps : -1};
    if (mono_ms < trust->from_ms)
        trusted_ms = 0;
    bool good = ledger_reap(ledger, bucket, trusted_ms, &again, &reaped, err);

    if (good) {
        bucket_looked(trust, reaped.leaps, loops->ledger.lease_ms, mono_ms);
        metric_add(METRIC_REAPED_AGAIN, (int64_t)reaped.republished);
        metric_add(METRIC_REAPED_LOST, (int64_t)reaped.lost);
        if (reaped.republished)
            tell_unclaimed(&again, reaped.republished, redis_ms);
        if (reaped.lost || reaped.republished)
            log_info("reaper.reaped", NUM("bucket", bucket), NUM("lost", reaped.lost),
                     NUM("republished", reaped.republished));
    }
    publisher_tickets(loops->publisher, &again);
    tickets_drop(&again);
    return good || err_wrap(err, "reap bucket %d", bucket);
}

static bool reap_round(struct loops *loops, struct ledger *ledger, struct trust *trust,
                       struct bucket_trust buckets[], struct err *err)
{
    int64_t redis_ms;
    if (!ledger_now(ledger, &redis_ms, err))
        return false;
    bool trusted = trust_round(trust, loops->ledger.lease_ms, redis_ms, clock_mono_ms(loops->clock),
                               redis_connects(ledger_redis(ledger)));
    for (int bucket = 0; bucket < ledger_buckets(ledger); bucket++) {
        if (!reap_bucket(loops, ledger, bucket, redis_ms, trusted ? redis_ms : 0, &buckets[bucket],
                         err))
            return false;
    }
    return true;
}

void *reaper_loop(void *shared)
{
    struct loops *loops = shared;
    struct outage outage = {.loop = "reaper"};
    struct trust trust = {0};
    struct bucket_trust *buckets = NULL;
    OWN(ledger) struct ledger *ledger = NULL;
    struct err err;
    int period = reaper_period_ms(loops->ledger.lease_ms);

    do {
        if (atomic_load(&loops->suspended))
            continue;
        if ((ledger || ledger_open(&loops->ledger, &ledger, &err)) && !buckets)
            buckets = mem_array((size_t)ledger_buckets(ledger), sizeof *buckets);
        if (ledger && reap_round(loops, ledger, &trust, buckets, &err)) {
            outage_end(&outage);
        } else {
            outage_begin(&outage, &err);
        }
    } while (loops_wait(loops, period));
    free(buckets);
    return NULL;
}
