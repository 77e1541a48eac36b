/* producers.c - what the loops of a producer do, and how they die. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static void reading_drop(struct reading *reading)
{
    arena_free(reading->arena);
    *reading = (struct reading){0};
}

static void killed(struct producer *producer)
{
    reading_drop(&producer->reading);
    producer->trust = (struct trust){0};
    producer->round = (struct round){0};
}

/* As the producer's tick decides: an entry whose zone nobody knows rests in error. */
static struct decision decide(struct world *world, struct entry *entry)
{
    struct err err;
    if (entry->definition.schedule != SCHEDULE_AT &&
        !zones_get(world->zones, entry_zone(entry), &entry->zone, &err))
        return (struct decision){.kind = DECIDE_FAIL, .why = "its zone is unknown"};
    return queue_decide(entry, world_redis_ms(world));
}

static bool read_due(struct world *world, struct producer *producer, const char *company)
{
    struct err err;
    int64_t next;
    struct reading *reading = &producer->reading;
    reading->arena = arena_new();
    reading->bucket = world_bucket(world, company);
    if (!world_answered(ledger_due(producer->ledger, reading->bucket, 64, reading->arena,
                                   &reading->due, &reading->count, &next, &err),
                        &err, "due") ||
        !reading->count) {
        reading_drop(reading);
        return false;
    }
    reading->decisions = arena_array(reading->arena, reading->count, sizeof *reading->decisions);
    for (size_t i = 0; i < reading->count; i++)
        reading->decisions[i] = decide(world, &reading->due[i].entry);
    return true;
}

/* Any company of the bucket will do to find its history. */
static const char *company_of(const struct world *world, int bucket)
{
    for (int i = 0; i < COMPANIES; i++)
        if (world_bucket(world, world->companies[i]) == bucket)
            return world->companies[i];
    return world->companies[0];
}

static void fire(struct world *world, struct producer *producer)
{
    struct reading *reading = &producer->reading;
    struct tickets granted = {0};
    struct err err;
    int times = world_fault(world, FAULT_CALL_TWICE, 100) ? 2 : 1;
    if (world_fault(world, FAULT_PRODUCER_BEFORE_FIRE, 20)) {
        killed(producer);
        return;
    }
    while (times--) {
        world_answered(ledger_fire(producer->ledger, reading->bucket, reading->due,
                                   reading->decisions, reading->count, &granted, &err),
                       &err, "fire");
        world_read_history(world, company_of(world, reading->bucket));
    }
    reading_drop(reading);
    if (world_fault(world, FAULT_PRODUCER_BEFORE_PUBLISH, 20)) {
        tickets_drop(&granted); /* they stand in Redis */
        killed(producer);
        return;
    }
    world_publish(world, &granted);
    if (world_fault(world, FAULT_PRODUCER_AFTER_PUBLISH, 20))
        killed(producer);
}

static void tick(struct world *world, struct producer *producer)
{
    if (producer->reading.arena) {
        if (!world_fault(world, FAULT_PRODUCER_STALE, 500))
            fire(world, producer);
        return; /* else what it read grows old */
    }
    for (int i = 0; i < COMPANIES; i++) {
        if (!read_due(world, producer, world->companies[i]))
            continue;
        if (world_chance(world, 300))
            return; /* fires at a later step, on what it knows now */
        fire(world, producer);
    }
}

/* Leases as they are before a reaper looks: nobody is lost sooner than lease and grace. */
static void tell_leases(struct world *world, const char *company)
{
    OWN_REPLY redisReply *rows = world_look(world, company, "ZRANGE run 0 -1 WITHSCORES");
    for (size_t i = 0; i + 1 < rows->elements; i += 2)
        model_lease(world->model, rows->element[i]->str,
                    strtoll(rows->element[i + 1]->str, NULL, 10) + GRACE_MS);
}

/* The real loop asks Redis for its time first, and so learns of a new connection. */
static bool round_begins(struct world *world, struct producer *producer)
{
    struct err err;
    OWN_REPLY redisReply *pong = NULL;
    struct redis *redis = ledger_redis(producer->reaper);
    if (!world_answered(redis_commandf(redis, &pong, &err, "TIME"), &err, "ask for the time"))
        return false;
    bool trusted = trust_round(&producer->trust, LEASE_MS, world_redis_ms(world), world->now,
                               redis_connects(redis));
    producer->round = (struct round){true, trusted ? world_redis_ms(world) : 0, 0};
    return true;
}

static bool reap_company(struct world *world, struct producer *producer, int at, int64_t trusted_ms)
{
    struct err err;
    struct tickets again = {0};
    const char *company = world->companies[at];
    struct bucket_trust *trust = &producer->buckets[at];
    struct reaped reaped = {.leaps = trust->looked ? trust->leaps : -1};
    if (world->now < trust->from_ms)
        trusted_ms = 0;
    tell_leases(world, company);
    bool good = world_answered(ledger_reap(producer->reaper, world_bucket(world, company),
                                           trusted_ms, &again, &reaped, &err),
                               &err, "reap");
    world_read_history(world, company);
    model_leases_end(world->model);
    world_publish(world, &again);
    if (good)
        bucket_looked(trust, reaped.leaps, LEASE_MS, world->now);
    return good;
}

static void reap(struct world *world, struct producer *producer)
{
    struct round *round = &producer->round;
    if (!round->goes_on && !round_begins(world, producer))
        return;
    while (round->next < COMPANIES) {
        if (world_fault(world, FAULT_PRODUCER_WITHIN_REAP, 15)) {
            producer->stopped_until_ms = world->now + (int64_t)world_random(world, 5000);
            return; /* goes on from here, with what it knew of the time */
        }
        if (!reap_company(world, producer, round->next++, round->trusted_ms))
            break;
    }
    round->goes_on = false;
}

static void call_audit(struct world *world, struct producer *producer, const char *company,
                       const char *const words[], int count)
{
    char prefix[80], now[24], lease[24];
    const char *argv[ENTRIES + 8] = {prefix, now, lease};
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    snprintf(prefix, sizeof prefix, "ct:{%s/%02x}:", world->environment,
             (unsigned)world_bucket(world, company));
    snprintf(now, sizeof now, "%lld", (long long)world_redis_ms(world));
    snprintf(lease, sizeof lease, "%d", LEASE_MS);
    for (int i = 0; i < count; i++)
        argv[3 + i] = words[i];
    world_answered(redis_script(ledger_redis(producer->ledger), "audit", 1, 3 + count, argv, NULL,
                                &reply, &err),
                   &err, "audit");
    world_read_history(world, company);
}

/* One script of the walk; it must find nothing, for what it puts right is recorded. */
static void audit(struct world *world, struct producer *producer)
{
    static const char *const INDEXES[] = {"due", "open", "run", "rest:", "wait:", "permit:"};
    const char *company = world->companies[world_random(world, COMPANIES)];
    const char *words[ENTRIES + 1] = {"entries"}, *index = INDEXES[world_random(world, 6)];
    char name[160];
    int count = 1;
    if (world_random(world, 2)) {
        for (size_t i = 0; i < world->entry_count; i++)
            if (strcmp(world->entries[i].company, company) == 0)
                words[count++] = world->entries[i].id;
        call_audit(world, producer, company, words, count);
        return;
    }
    const char *category = WORLD_CATEGORIES[world_random(world, CATEGORIES)];
    bool lane = strcmp(index, "wait:") == 0 || strcmp(index, "permit:") == 0;
    snprintf(name, sizeof name, "%s%s%s%s", index, strchr(index, ':') ? company : "",
             lane ? ":" : "", lane ? category : "");
    call_audit(world, producer, company, (const char *const[]){"index", name, "0"}, 3);
}

void producers_step(struct world *world)
{
    for (int i = 0; i < PRODUCERS; i++) {
        struct producer *producer = &world->producers[i];
        if (world_fault(world, FAULT_PRODUCER_STOPPED, 3))
            producer->stopped_until_ms = world->now + 2000 + (int64_t)world_random(world, 40000);
        if (world->faulty && world->now < producer->stopped_until_ms)
            continue;
        if (world_random(world, 2))
            tick(world, producer);
        if (!world->faulty || world_random(world, 2)) /* a reaper that comes late trusts no time */
            reap(world, producer);
        if (world_random(world, 20) == 0)
            audit(world, producer);
    }
}
