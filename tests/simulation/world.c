/* world.c - a seed's time and chance, its history, and what must hold between two steps. */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 1767225600000LL
enum { CHECK_EVERY = 8, GOING_ON = 200, DRAIN_STEPS = 4000, HISTORY_PAGE = 500, BLANK_PERMITS = 5 };

const char *const FAULT_NAMES[FAULTS] = {
    [FAULT_REPLY_LOST] = "reply lost",
    [FAULT_CALL_TWICE] = "call twice",
    [FAULT_TICKET_LOST] = "ticket lost",
    [FAULT_TICKET_TWICE] = "ticket twice",
    [FAULT_TICKET_REPLAYED] = "ticket replayed",
    [FAULT_PRODUCER_STALE] = "producer stale",
    [FAULT_WORKER_KILLED] = "worker killed",
    [FAULT_WORKER_STOPPED] = "worker stopped",
    [FAULT_WORKER_CUT] = "worker cut off",
    [FAULT_FORGED_FENCE] = "forged fence",
    [FAULT_COMMAND] = "command",
};

/* ---- chance ---- */

uint64_t world_random(struct world *world, uint64_t below)
{
    uint64_t x = world->random += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return (x ^ (x >> 31)) % below;
}

bool world_chance(struct world *world, int percent)
{
    return world->faulty && world_random(world, 100) < (uint64_t)percent;
}

bool world_fault(struct world *world, enum fault fault, int percent)
{
    bool now = world_chance(world, percent);
    world->totals->faults[fault] += now;
    return now;
}

void world_must(bool good, const struct err *err, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "simulate: %s: %s\n", what, err->text);
    exit(2);
}

/* ---- topics ---- */

static void keep(struct ticket *list, size_t *count, const struct ticket *ticket, uint64_t chance)
{
    if (*count < BAG)
        list[(*count)++] = *ticket;
    else
        list[chance % BAG] = *ticket;
}

void world_publish(struct world *world, struct tickets *granted)
{
    for (size_t i = 0; i < granted->count; i++) {
        const struct ticket *ticket = &granted->items[i];
        keep(world->old, &world->old_count, ticket, world_random(world, UINT64_MAX));
        if (world_fault(world, FAULT_TICKET_LOST, 10))
            continue;
        int copies = world_fault(world, FAULT_TICKET_TWICE, 10) ? 2 : 1;
        while (copies-- && world->bag_count < BAG)
            world->bag[world->bag_count++] = *ticket;
    }
    tickets_drop(granted);
}

/* ---- history ---- */

static const char *field(const redisReply *row, const char *name)
{
    for (size_t i = 0; i + 1 < row->elements; i += 2)
        if (strcmp(row->element[i]->str, name) == 0)
            return row->element[i + 1]->str;
    return "";
}

static int64_t number(const redisReply *row, const char *name)
{
    return strtoll(field(row, name), NULL, 10);
}

static void record_line(struct world *world, int bucket, const redisReply *item)
{
    const redisReply *row = item->element[1];
    OWN_JSON json *line = json_new_object();
    if (!world->record)
        return;
    json_set_int(line, "bucket", bucket);
    json_set_int(line, "seq", strtoll(item->element[0]->str, NULL, 10));
    for (size_t i = 0; i + 1 < row->elements; i += 2)
        json_set_text(line, row->element[i]->str, row->element[i + 1]->str);
    fprintf(world->record, "%s\n", json_write(line));
}

void world_read_history(struct world *world, int bucket)
{
    struct err err;
    for (size_t got = HISTORY_PAGE; got == HISTORY_PAGE;) {
        OWN_REPLY redisReply *reply = NULL;
        const char *from = *world->seen[bucket] ? world->seen[bucket] : "0";
        world_must(redis_commandf(ledger_redis(world->ledger), &reply, &err,
                                  "XRANGE ct:{%s/%02x}:hist (%s + COUNT %d", world->environment,
                                  (unsigned)bucket, from, HISTORY_PAGE),
                   &err, "read the history");
        got = reply->elements;
        for (size_t i = 0; i < got; i++) {
            const redisReply *row = reply->element[i]->element[1];
            const struct record record = {
                field(row, "event"),    field(row, "entry"), field(row, "task"),
                field(row, "fence"),    field(row, "lane"),  field(row, "company"),
                field(row, "category"), field(row, "from"),  field(row, "to"),
                field(row, "outcome"),  number(row, "at"),   number(row, "attempt"),
                number(row, "epoch"),   number(row, "slot"), number(row, "due"),
                number(row, "ready"),   number(row, "prio"), number(row, "retries"),
                number(row, "lost"),
            };
            model_tell(world->model, &record);
            json_set_int(world->totals->events, record.event,
                         json_int(world->totals->events, record.event, 0) + 1);
            record_line(world, bucket, reply->element[i]);
            snprintf(world->seen[bucket], sizeof world->seen[bucket], "%s",
                     reply->element[i]->element[0]->str);
        }
    }
}

/* ---- what must hold between two steps ---- */

static int64_t ask(struct world *world, int bucket, const char *format, ...) PRINTF(3, 4);
static int64_t ask(struct world *world, int bucket, const char *format, ...)
{
    char command[256], key[320];
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    char *rest = strchr(command, ' ');
    *rest++ = 0;
    snprintf(key, sizeof key, "%s ct:{%s/%02x}:%s", command, world->environment, (unsigned)bucket,
             rest);
    world_must(redis_commandf(ledger_redis(world->ledger), &reply, &err, key), &err, key);
    if (reply->type == REDIS_REPLY_NIL)
        return -1;
    return reply->type == REDIS_REPLY_INTEGER ? reply->integer : (int64_t)strtod(reply->str, NULL);
}

/* I11: an entry stands in the index of its (status, sub) and in no other; I20: no lane has a free
 * permit while somebody waits in it. */
static void check_entry(struct world *world, int bucket, const char *company, const char *id,
                        const redisReply *row)
{
    const char *category = field(row, "category"), *sub = field(row, "sub");
    const char *lane = field(row, "lane");
    const bool in[] = {
        ask(world, bucket, "ZSCORE due %s", id) >= 0,
        ask(world, bucket, "ZSCORE wait:%s:%s %s", company, category, id) >= 0,
        ask(world, bucket, "ZSCORE open %s", id) >= 0,
        ask(world, bucket, "ZSCORE run %s", id) >= 0,
        ask(world, bucket, "ZSCORE rest:%s %s", company, id) >= 0,
    };
    static const char *const SUBS[] = {"due", "gated", "granted", "running", "rest"};
    for (size_t i = 0; i < COUNT(SUBS); i++)
        if (in[i] != (strcmp(SUBS[i], sub) == 0))
            model_breach(world->model, "I11", "entry %s is %s and %s in index %s", id, sub,
                         in[i] ? "stands" : "does not stand", SUBS[i]);
    bool holds = *lane && ask(world, bucket, "SISMEMBER permit:%s %s", lane, id) == 1;
    bool needs = strcmp(sub, "granted") == 0 || strcmp(sub, "running") == 0;
    if (holds != needs)
        model_breach(world->model, "I11", "entry %s is %s and its permit is %s", id, sub,
                     holds ? "held" : "not held");
    int64_t permits = *category ? 1 : BLANK_PERMITS;
    if (strcmp(sub, "gated") == 0 &&
        ask(world, bucket, "SCARD permit:%s:%s", company, category) < permits)
        model_breach(world->model, "I20", "entry %s waits in %s:%s, which has a free permit", id,
                     company, category);
}

static size_t check_permits(struct world *world, int bucket, const char *company)
{
    static const char *const CATEGORIES[] = {"SHPFY", "POST", ""};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(CATEGORIES); i++)
        count += (size_t)ask(world, bucket, "SCARD permit:%s:%s", company, CATEGORIES[i]);
    return count;
}

/* Indexes, permits, work conservation. */
static void world_check_places(struct world *world)
{
    struct err err;
    size_t holders = 0, permits = 0;
    for (size_t i = 0; i < world->entry_count; i++) {
        OWN_REPLY redisReply *row = NULL;
        const char *company = world->entry_company[i], *id = world->entries[i];
        int bucket = ledger_bucket(world->ledger, company);
        world_must(redis_commandf(ledger_redis(world->ledger), &row, &err,
                                  "HGETALL ct:{%s/%02x}:e:%s", world->environment, (unsigned)bucket,
                                  id),
                   &err, "read an entry");
        if (row->elements)
            check_entry(world, bucket, company, id, row);
        holders += *field(row, "lane") != 0;
    }
    for (size_t i = 0; i < COMPANIES; i++)
        permits += check_permits(world, ledger_bucket(world->ledger, world->companies[i]),
                                 world->companies[i]);
    if (holders != permits)
        model_breach(world->model, "I11", "%zu permits are held, %zu entries hold one", permits,
                     holders);
}

/* ---- a seed ---- */

static void step(struct world *world, int64_t i)
{
    struct err err;
    world->now += 100 + (int64_t)world_random(world, 1200);
    world_must(ledger_simulate(world->ledger, world->now, &err), &err, "set the time");
    producer_step(world);
    workers_step(world);
    people_step(world);
    if (world_random(world, 3) == 0)
        reaper_step(world);
    if (world->faulty && world_random(world, 12) == 0)
        people_add(world);
    if (i % CHECK_EVERY == 0)
        world_check_places(world);
}

/* Recurring entries go on for ever; what has begun must end, and nobody may be left with a grant.
 */
static bool at_rest(struct world *world)
{
    struct err err;
    if (model_running(world->model))
        return false;
    for (size_t i = 0; i < world->entry_count; i++) {
        OWN_JSON json *entry = NULL;
        if (!ledger_entry(world->ledger, world->entry_company[i], world->entries[i], &entry, &err))
            continue;
        if (strcmp(json_text(entry, "sub"), "rest") != 0)
            return false;
    }
    return true;
}

static void hold_recurring(struct world *world)
{
    for (size_t i = 0; i < world->entry_count; i++) {
        struct tickets granted = {0};
        struct err err;
        OWN_JSON json *entry = NULL;
        const char *company = world->entry_company[i], *id = world->entries[i];
        if (!ledger_entry(world->ledger, company, id, &entry, &err) ||
            strcmp(json_text(entry, "schedule"), "every") != 0)
            continue;
        /* 404: it is being deleted, its run ends it */
        world_must(ledger_hold(world->ledger, company, id, false, &granted, &err) ||
                       err.code == 404,
                   &err, "hold");
        world_read_history(world, ledger_bucket(world->ledger, company));
        world_publish(world, &granted);
    }
}

/* The faults stop: recurring entries are held after a while, so everything must come to an end. */
static void drain(struct world *world)
{
    world->faulty = false;
    for (size_t i = 0; i < WORKERS; i++)
        world->workers[i].stopped_until_ms = world->workers[i].cut_until_ms = 0;
    for (int64_t i = 0; i < DRAIN_STEPS; i++) {
        if (i == GOING_ON)
            hold_recurring(world);
        step(world, i);
        if (i > GOING_ON && at_rest(world))
            return;
    }
    model_breach(world->model, "I5", "an hour after the last fault something still waits or runs");
}

/* I16: every ticket that ever was, once more: not one may be claimed. */
static void replay(struct world *world)
{
    size_t before = model_claims(world->model);
    for (size_t i = 0; i < world->old_count; i++) {
        struct err err;
        struct tickets granted = {0};
        struct claim_request request = {.ticket = &world->old[i], .arena = world->arena};
        snprintf(request.fence, sizeof request.fence, "feedfeedfeedfeed.%zu", i + 1);
        int bucket = ledger_bucket(world->ledger, world->old[i].company);
        world_must(ledger_claim(world->ledger, bucket, &request, 1, &granted, &err), &err, "claim");
        tickets_drop(&granted);
        world_read_history(world, bucket);
        if (request.answer == CLAIM_OK)
            model_breach(world->model, "I16", "replayed ticket %s is claimed", world->old[i].task);
    }
    if (model_claims(world->model) != before)
        model_breach(world->model, "I16", "the replay led to claims");
}

static void world_open(struct world *world, const char *redis, uint64_t seed, const char *record)
{
    struct err err;
    bool created;
    snprintf(world->environment, sizeof world->environment, "sim-%" PRIu64, seed);
    struct ledger_config config = {.redis = redis, .environment = world->environment};
    world->random = seed * 0x2545f4914f6cdd1dULL;
    world->now = START_MS;
    world->faulty = true;
    world->arena = arena_new();
    world->model = model_new(MAX_RETRY, 0);
    world_must(ledger_open(&config, &world->ledger, &err), &err, "open the ledger");
    OWN_REPLY redisReply *reply = NULL;
    world_must(redis_commandf(ledger_redis(world->ledger), &reply, &err, "FLUSHALL"), &err,
               "flush");
    world_must(ledger_init(world->ledger, &created, &err), &err, "init");
    world_must(ledger_simulate(world->ledger, world->now, &err), &err, "set the time");
    for (int i = 0; i < COMPANIES; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s company %d", world->environment, i);
        uuid_from_name(name, world->companies[i]);
    }
    if (record) {
        OWN_TEXT char *path = mem_printf("%s/%" PRIu64 ".jsonl", record, seed);
        world->record = fopen(path, "we");
        if (!world->record) {
            fprintf(stderr, "simulate: cannot write %s\n", path);
            exit(2);
        }
    }
}

static void world_close(struct world *world, uint64_t seed)
{
    const json *violations = model_violations(world->model);
    for (size_t i = 0; i < json_count(violations); i++) {
        json *row = json_copy(json_at(violations, i));
        json_set_int(row, "seed", (int64_t)seed);
        json_add(world->totals->violations, row);
    }
    world->totals->records += (int64_t)model_records(world->model);
    world->totals->claims += (int64_t)model_claims(world->model);
    for (size_t i = 0; i < PRODUCERS; i++)
        arena_free(world->readings[i].arena);
    if (world->record)
        fclose(world->record);
    model_free(world->model);
    arena_free(world->arena);
    ledger_free(world->ledger);
}

void simulate_seed(const char *redis, uint64_t seed, int64_t steps, const char *record,
                   struct totals *totals)
{
    struct world *world = mem_new(sizeof *world);
    world->totals = totals;
    world_open(world, redis, seed, record);
    for (int i = 0; i < 6; i++)
        people_add(world);
    for (int64_t i = 0; i < steps; i++)
        step(world, i);
    drain(world);
    world_check_places(world);
    replay(world);
    world_close(world, seed);
    free(world);
}
