/* tick.c - finds due entries, lets the queue's rules decide, fires, publishes what was granted.
 *
 * All producers tick at once: FIRE carries a decision out only if the entry still is as it was
 * read, so the second of two is a no-op. What a producer that dies in between granted stands in
 * Redis and is taken there.
 */
#include "loops.h"

#include "calendar/zones.h"
#include "metrics/metrics.h"

enum { TICK_MS = 500, OUTAGE_MS = 200, ENTRIES_A_CALL = 64 };

struct round {               /* one look at all buckets */
    int64_t now_ms, next_ms; /* Redis time; next_ms 0 = nothing is planned */
    size_t fired;
    bool more;
};

/* An entry whose zone nobody here knows rests in error, and says so. */
static struct decision decide(struct entry *entry, struct zones *zones, int64_t now_ms,
                              struct arena *arena)
{
    struct err err;
    if (entry->definition.schedule != SCHEDULE_AT &&
        !zones_get(zones, entry_zone(entry), &entry->zone, &err))
        return (struct decision){.kind = DECIDE_FAIL, .why = arena_text(arena, err.text)};
    return queue_decide(entry, now_ms);
}

struct bucket_due {
    struct due_entry *entries;
    size_t count;
};

/* All buckets are asked at once: a kick has to wait for one answer, not for one after the other. */
static bool due_of_all(struct ledger *ledger, struct arena *arena, struct bucket_due *out,
                       struct round *round, struct err *err)
{
    int asked = 0;
    bool good = true;
    while (good && asked < ledger_buckets(ledger)) {
        good = ledger_due_ask(ledger, asked, ENTRIES_A_CALL, err);
        asked += good;
    }
    for (int bucket = 0; bucket < asked; bucket++) {
        struct bucket_due *due = &out[bucket];
        struct err own;
        int64_t next_ms;
        if (!ledger_due_answer(ledger, arena, &due->entries, &due->count, &next_ms, &own)) {
            if (good)
                *err = own;
            good = false;
            continue;
        }
        round->more |= due->count == ENTRIES_A_CALL;
        if (next_ms && (!round->next_ms || next_ms < round->next_ms))
            round->next_ms = next_ms;
    }
    return good;
}

static bool tick_bucket(struct loops *loops, struct ledger *ledger, int bucket,
                        const struct bucket_due *found, struct zones *zones, struct arena *arena,
                        struct round *round, struct err *err)
{
    const struct due_entry *due = found->entries;
    size_t count = found->count;
    struct tickets granted = {0};
    struct decision *decisions = arena_array(arena, count, sizeof *decisions);
    for (size_t i = 0; i < count; i++)
        decisions[i] = decide(&found->entries[i].entry, zones, due[i].read_ms, arena);
    bool good = ledger_fire(ledger, bucket, due, decisions, count, &granted, err);
    if (good) {
        metric_add(METRIC_FIRED, (int64_t)count);
        round->fired += count;
    }
    publisher_tickets(loops->publisher, &granted);
    tickets_drop(&granted);
    return good;
}

static bool tick_buckets(struct loops *loops, struct ledger *ledger, struct zones *zones,
                         struct round *round, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct bucket_due *due = arena_array(arena, (size_t)ledger_buckets(ledger), sizeof *due);

    *round = (struct round){0};
    if (!ledger_now(ledger, &round->now_ms, err))
        return false;
    zones_begin(zones, round->now_ms);
    if (!due_of_all(ledger, arena, due, round, err))
        return err_wrap(err, "tick");
    for (int bucket = 0; bucket < ledger_buckets(ledger); bucket++) {
        if (due[bucket].count &&
            !tick_bucket(loops, ledger, bucket, &due[bucket], zones, arena, round, err))
            return err_wrap(err, "tick of bucket %d", bucket);
    }
    return true;
}

static bool tick_round(struct loops *loops, struct ledger *ledger, struct zones *zones,
                       struct round *round, struct err *err)
{
    int64_t begun_ms = clock_mono_ms(loops->clock);
    bool good = tick_buckets(loops, ledger, zones, round, err);
    if (round->fired)
        log_debug("tick.round", NUM("fired", round->fired),
                  NUM("ms", clock_mono_ms(loops->clock) - begun_ms));
    return good;
}

static int wait_after(const struct round *round)
{
    if (round->more)
        return 0;
    if (!round->next_ms)
        return TICK_MS;
    int64_t wait = round->next_ms - round->now_ms;
    return wait < 1 ? 1 : wait > TICK_MS ? TICK_MS : (int)wait;
}

/* Old rules are an hour wrong wherever a country has moved its clocks since. */
static void tell_zones(const struct clock *clock)
{
    struct zone_data data;
    if (!zone_data(&data))
        log_warn("zones.unknown", TEXT("next", "install tzdata with tzdata.zi, or set TZDIR"));
    else if (zone_data_old(&data, clock_now_ms(clock)))
        log_warn("zones.old", TEXT("version", data.version), TEXT("next", "update tzdata"));
    else
        log_info("zones.read", TEXT("version", data.version));
}

void *tick_loop(void *shared)
{
    struct loops *loops = shared;
    struct outage outage = {.loop = "tick"};
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(zones) struct zones *zones = zones_new();
    struct err err;

    tell_zones(loops->clock);
    while (!atomic_load(&loops->ending)) {
        struct round round;
        int wait = OUTAGE_MS;
        if (atomic_load(&loops->suspended)) {
            wait = TICK_MS;
        } else if ((ledger || ledger_open(&loops->ledger, &ledger, &err)) &&
                   tick_round(loops, ledger, zones, &round, &err)) {
            outage_end(&outage);
            wait = wait_after(&round);
        } else {
            outage_begin(&outage, &err);
        }
        publisher_poll(loops->publisher);
        void *kick = mailbox_take(loops->kicks, wait);
        (void)kick; /* its arrival is all it says */
    }
    return NULL;
}
