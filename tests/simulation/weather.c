/* weather.c - what happens to machines, to Redis, to the broker, and to time itself. */
#include <stdlib.h>
#include <string.h>

#include "calendar/days.h"
#include "seam.h"
#include "world.h"

enum { STEP_MS = 1200, CALM_STEP_MS = 4000, WITHIN_MS = 900, HOUR_MS = 3600000 };
#define YEAR_2026 1767225600000LL

static const struct place {
    const char *zone;
} ZONES[] = {{"Europe/Berlin"}, {"America/New_York"}, {"Australia/Lord_Howe"}};

/* The change of the clocks of 2026 that goes this way, by looking. */
static int64_t change_of_clocks(const struct zone *zone, int64_t way)
{
    for (int64_t at = YEAR_2026; at < YEAR_2026 + 365 * (int64_t)DAY_MS; at += 12 * HOUR_MS) {
        int64_t low = at, high = at + 12 * HOUR_MS, before = zone_offset_s(zone, low);
        if ((zone_offset_s(zone, high) - before) * way <= 0)
            continue;
        while (high - low > 1000) {
            int64_t middle = low + (high - low) / 2000 * 1000;
            if (zone_offset_s(zone, middle) == before)
                low = middle;
            else
                high = middle;
        }
        return high;
    }
    return 0;
}

static void tell_time(struct world *world)
{
    struct err err;
    struct ledger *ledgers[1 + 2 * PRODUCERS + WORKERS] = {world->people};
    size_t count = 1;
    for (int i = 0; i < PRODUCERS; i++) {
        ledgers[count++] = world->producers[i].ledger;
        ledgers[count++] = world->producers[i].reaper;
    }
    for (int i = 0; i < WORKERS; i++)
        ledgers[count++] = world->workers[i].ledger;
    for (size_t i = 0; i < count; i++)
        world_answered(ledger_simulate(ledgers[i], world_redis_ms(world), &err), &err,
                       "set the time");
    seam_time(world_redis_ms(world));
}

/* A third of the seeds sees summer time begin, a third sees it end; the rest begins anywhere in the
 * year, half of them just before a day is over. */
void weather_begin(struct world *world)
{
    struct err err;
    const struct zone *zone;
    static const int64_t WAYS[] = {1, -1, 0};
    world->zone = ZONES[world_random(world, COUNT(ZONES))].zone;
    world->dst_way = WAYS[world->seed % COUNT(WAYS)];
    if (!zones_get(world->zones, world->zone, &zone, &err)) {
        fprintf(stderr, "simulate: %s\n", err.text);
        exit(2);
    }
    if (world->dst_way) {
        world->dst_ms = change_of_clocks(zone, world->dst_way);
        world->now = world->dst_ms - 20000 - (int64_t)world_random(world, 180000);
    } else {
        world->now = YEAR_2026 + (int64_t)world_random(world, 365) * DAY_MS;
        world->now += world_random(world, 2) ? -(int64_t)world_random(world, 120000)
                                             : (int64_t)world_random(world, DAY_MS);
    }
    tell_time(world);
}

int64_t weather_clock(struct world *world, const char *name)
{
    struct err err;
    const struct zone *zone = NULL;
    if (*name && !zones_get(world->zones, name, &zone, &err))
        return 0;
    return zone_local(zone, world_redis_ms(world)) % DAY_MS;
}

/* ---- time ---- */

static void clocks_step(struct world *world)
{
    int64_t far = 600 + (int64_t)world_random(world, 60000);
    if (world_fault(world, FAULT_CLOCK_REDIS_AHEAD, 4))
        world->redis_ahead += far;
    if (world_fault(world, FAULT_CLOCK_REDIS_BACK, 4))
        world->redis_ahead -= far;
    if (world_fault(world, FAULT_CLOCK_WORKER, 4))
        world->workers[world_random(world, WORKERS)].clock_ms =
            (int64_t)world_random(world, 120000) - 60000;
    if (world_fault(world, FAULT_CLOCK_PERSON, 4))
        world->people_ahead = (int64_t)world_random(world, 120000) - 60000;
}

static void time_passes(struct world *world)
{
    /* Without faults there is less to see between two beats. */
    int64_t passes = 100 + (int64_t)world_random(world, world->faulty ? STEP_MS : CALM_STEP_MS);
    const int64_t before = world->before_ms = world->now;
    if (world->model_kept)
        passes = 50 + (int64_t)world_random(world, WITHIN_MS);
    else if (world_fault(world, FAULT_ALL_ASLEEP, 4))
        passes = 60000 + (int64_t)world_random(world, 3 * HOUR_MS);
    world->now += passes;
    if (world->faulty && world->dst_way && before < world->dst_ms && world->now >= world->dst_ms)
        world->tally->faults[world->dst_way > 0 ? FAULT_DST_AHEAD : FAULT_DST_BACK]++;
    clocks_step(world);
    world->quiet = true;
    tell_time(world);
    world->quiet = false;
}

/* ---- Redis ---- */

static void redis_goes(struct world *world, int64_t for_ms)
{
    seam_disconnect();
    world->down_until_ms = world->now + for_ms;
}

/* Some stay with the old primary for a while. */
static void workers_cut_off(struct world *world)
{
    for (size_t i = 0; i < WORKERS; i++)
        if (world_fault(world, FAULT_WORKER_NO_REDIS, 400))
            world->workers[i].no_redis_until_ms = world->now + (int64_t)world_random(world, 15000);
}

/* What happened since the step before is forgotten, by Redis and by its history. */
static void redis_forgets(struct world *world)
{
    seam_restore();
    history_roll_back(world);
    world->rolled_back_ms = world->now;
    memset(world->cursors, 0, sizeof world->cursors);
    if (world_random(world, 2)) {
        world->tally->faults[FAULT_REDIS_OLD_FILE]++;
        redis_goes(world, (int64_t)world_random(world, 15000));
    } else {
        world->tally->faults[FAULT_REDIS_FAILOVER]++;
        redis_goes(world, 0);
    }
    workers_cut_off(world);
}

/* Somebody has just come back and is about to renew what is nearly lost: what is forgotten now
 * costs most. */
static bool somebody_is_back(const struct world *world)
{
    const int64_t before = world->before_ms;
    bool back = world->down_until_ms > before && world->down_until_ms <= world->now;
    for (size_t i = 0; i < WORKERS; i++) {
        const int64_t until = world->workers[i].no_redis_until_ms;
        back |= until > before && until <= world->now;
    }
    return back;
}

static void redis_weather(struct world *world)
{
    if (world->model_kept)
        redis_forgets(world);
    else if (world_fault(world, FAULT_REDIS_RESTART, 3))
        redis_goes(world, (int64_t)world_random(world, 20000));
    if (world_fault(world, FAULT_REDIS_FULL, 3))
        world->full_until_ms = world->now + 3000 + (int64_t)world_random(world, 20000);
    seam_full(world->now < world->full_until_ms);
    world->down = world->now < world->down_until_ms;
    if (!world->down && world_chance(world, somebody_is_back(world) ? 100 : 8)) {
        history_keep(world);
        seam_snapshot();
    }
}

static void broker_weather(struct world *world)
{
    if (world_fault(world, FAULT_BROKER_LOST, 3))
        world->no_broker_until_ms = world->now + 3000 + (int64_t)world_random(world, 40000);
    if (world_fault(world, FAULT_TOPIC_ANEW, 3))
        world->bag_count = 0;
}

void weather_step(struct world *world)
{
    time_passes(world);
    redis_weather(world);
    broker_weather(world);
}

void weather_clear(struct world *world)
{
    if (world->model_kept)
        redis_forgets(world);
    world->faulty = false;
    world->down_until_ms = world->full_until_ms = world->no_broker_until_ms = 0;
    world->down = false;
    seam_full(false);
}
