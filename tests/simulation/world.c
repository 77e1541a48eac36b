/* world.c - a seed: chance, calls and their fate, topics, and the course of things. */
#include "world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "seam.h"

enum { CHECK_EVERY = 10, GOING_ON = 60, SETTLED = 40, DRAIN_STEPS = 2000, MORE_STEPS = 8 };
const char *const WORLD_CATEGORIES[CATEGORIES] = {"SHPFY", "POST", "BULK", ""};

/* ---- chance ---- */

uint64_t world_random(struct world *world, uint64_t below)
{
    uint64_t x = world->random += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return (x ^ (x >> 31)) % below;
}

bool world_chance(struct world *world, int permille)
{
    return world->faulty && world_random(world, 1000) < (uint64_t)permille;
}

bool world_fault(struct world *world, enum fault fault, int permille)
{
    bool now = world_chance(world, permille) && fault_wanted(fault);
    world->tally->faults[fault] += now;
    return now;
}

int64_t world_redis_ms(const struct world *world)
{
    return world->now + world->redis_ahead;
}

int world_bucket(const struct world *world, const char *company)
{
    int i = 0;
    while (strcmp(world->companies[i], company) != 0)
        assert(++i < COMPANIES);
    return world->buckets[i];
}

/* ---- calls ---- */

bool world_answered(bool good, const struct err *err, const char *what)
{
    if (good || err->kind == ERR_RETRY || err->kind == ERR_UNCERTAIN)
        return good;
    fprintf(stderr, "simulate: %s: %s\n", what, err->text);
    exit(2);
}

static enum seam_fate fate(void *state, const char *script)
{
    struct world *world = state;
    if (world->quiet)
        return FATE_UNSEEN;
    if (world->down)
        return FATE_DOWN;
    if (world->cut)
        return FATE_CALL_LOST;
    if (!script)
        return FATE_GOOD; /* somebody connects */
    if (world_fault(world, FAULT_CALL_LOST, 5))
        return FATE_CALL_LOST;
    if (!world_chance(world, 25))
        return FATE_GOOD;
    tally_reply_lost(world->tally, script);
    return FATE_REPLY_LOST;
}

static void replied(void *state, const char *script, const redisReply *reply)
{
    static const char *const MUST_WORK[] = {"beat", "write", "finish", "reap"};
    struct world *world = state;
    if (world->quiet)
        return;
    tally_answer(world->tally, script, reply);
    if (reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "OOM", 3) != 0)
        return;
    for (size_t i = 0; i < COUNT(MUST_WORK); i++)
        if (strcmp(script, MUST_WORK[i]) == 0)
            model_breach(world->model, "I5", "%s is refused when Redis has no memory left", script);
}

/* ---- topics ---- */

void world_publish(struct world *world, struct tickets *granted)
{
    for (size_t i = 0; i < granted->count; i++) {
        const struct ticket *ticket = &granted->items[i];
        size_t at = world->old_count < BAG ? world->old_count++ : world_random(world, BAG);
        world->old[at] = *ticket;
        if (world->now < world->no_broker_until_ms || world_fault(world, FAULT_TICKET_LOST, 60))
            continue;
        int copies = world_fault(world, FAULT_TICKET_TWICE, 60) ? 2 : 1;
        int64_t late =
            world_fault(world, FAULT_TICKET_DELAYED, 60) ? (int64_t)world_random(world, 90000) : 0;
        while (copies-- && world->bag_count < BAG)
            world->bag[world->bag_count++] = (struct delayed){*ticket, world->now + late};
    }
    tickets_drop(granted);
}

bool world_fetch(struct world *world, struct ticket *out)
{
    if (world->now < world->no_broker_until_ms)
        return false;
    if (world->old_count && world_fault(world, FAULT_TICKET_REPLAYED, 80)) {
        *out = world->old[world_random(world, world->old_count)];
        return true;
    }
    if (!world->bag_count)
        return false;
    size_t at =
        world_fault(world, FAULT_TICKET_REORDERED, 400) ? world_random(world, world->bag_count) : 0;
    if (world->bag[at].at_ms > world->now)
        return false;
    *out = world->bag[at].ticket;
    memmove(world->bag + at, world->bag + at + 1, (--world->bag_count - at) * sizeof *world->bag);
    return true;
}

/* ---- the course of things ---- */

redisReply *world_look(struct world *world, const char *company, const char *format, ...)
{
    char command[256];
    const char *argv[16];
    char key[320], *rest = NULL;
    int argc = 0;
    struct err err;
    redisReply *reply = NULL;
    const bool quiet = world->quiet;
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    for (char *word = strtok_r(command, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert(argc < (int)COUNT(argv));
        argv[argc++] = word;
    }
    snprintf(key, sizeof key, "ct:{%s/%02x}:%s", world->environment,
             (unsigned)world_bucket(world, company), argv[1]);
    argv[1] = key;
    world->quiet = true;
    bool good = redis_command(world->eye, argc, argv, NULL, &reply, &err);
    world->quiet = quiet;
    if (good)
        return reply;
    fprintf(stderr, "simulate: %s %s: %s\n", argv[0], key, err.text);
    exit(2);
}

static void step(struct world *world, int64_t i)
{
    weather_step(world);
    producers_step(world);
    workers_step(world);
    people_step(world);
    if (i % CHECK_EVERY == 0)
        world_check_places(world);
}

/* Recurring entries go on for ever; what has begun must end, and nobody may be left with a grant.
 */
static bool at_rest(struct world *world, char why[static 128])
{
    snprintf(why, 128, "%zu attempts run", model_running(world->model));
    if (model_running(world->model))
        return false;
    for (size_t i = 0; i < world->entry_count; i++) {
        const struct entry_known *entry = &world->entries[i];
        OWN_REPLY redisReply *sub = world_look(world, entry->company, "HGET e:%s sub", entry->id);
        if (sub->type != REDIS_REPLY_STRING || strcmp(sub->str, "rest") == 0)
            continue;
        snprintf(why, 128, "entry %s is %s", entry->id, sub->str);
        return false;
    }
    return true;
}

/* I5: soon after the last fault nothing that is due lies about. */
static void check_settled(struct world *world, int64_t i)
{
    const struct {
        const char *index, *what;
        int64_t late_ms;
    } INDEXES[] = {
        {"due", "is due, and nobody fires it",             30000           },
        {"run", "has lost its worker, and nobody says so", GRACE_MS + 30000}
    };
    for (int k = 0; k < COMPANIES && i > SETTLED && i < GOING_ON; k++) {
        for (size_t n = 0; n < COUNT(INDEXES); n++) {
            OWN_REPLY redisReply *late =
                world_look(world, world->companies[k], "ZRANGEBYSCORE %s -inf %" PRId64,
                           INDEXES[n].index, world_redis_ms(world) - INDEXES[n].late_ms);
            if (late->elements)
                model_breach(world->model, "I5", "entry %s %s", late->element[0]->str,
                             INDEXES[n].what);
        }
    }
}

/* The faults stop: recurring entries are held after a while, so everything must come to an end. */
static void drain(struct world *world)
{
    char why[128] = "";
    weather_clear(world);
    workers_heal(world);
    for (int64_t i = 0; i < DRAIN_STEPS; i++) {
        if (i == GOING_ON)
            people_hold_recurring(world);
        step(world, i);
        check_settled(world, i);
        if (i > GOING_ON && i % 4 == 0 && at_rest(world, why))
            return;
    }
    model_breach(world->model, "I5", "an hour after the last fault %s", why);
}

/* I16: every ticket that ever was, once more: not one may be claimed. */
static void replay(struct world *world)
{
    size_t before = model_claims(world->model);
    for (size_t i = 0; i < world->old_count; i++) {
        struct err err;
        struct tickets granted = {0};
        struct claim_request request = {.ticket = &world->old[i], .arena = world->arena};
        const char *company = world->old[i].company;
        snprintf(request.fence, sizeof request.fence, "feedfeedfeedfeed.%zu", i + 1);
        world_answered(
            ledger_claim(world->people, world_bucket(world, company), &request, 1, &granted, &err),
            &err, "claim");
        tickets_drop(&granted);
        world_read_history(world, company);
        if (request.answer == CLAIM_OK)
            model_breach(world->model, "I16", "replayed ticket %s is claimed", world->old[i].task);
    }
    if (model_claims(world->model) != before)
        model_breach(world->model, "I16", "the replay led to claims");
}

static struct ledger *open_ledger(const struct world *world)
{
    struct ledger_config config = {
        .redis = "simulated:1", .environment = world->environment, .lease_ms = LEASE_MS};
    struct ledger *ledger = NULL;
    struct err err;
    world_answered(ledger_open(&config, &ledger, &err), &err, "open the ledger");
    return ledger;
}

static void open_record(struct world *world, const char *folder)
{
    OWN_TEXT char *path = mem_printf("%s/%" PRIu64 ".jsonl", folder, world->seed);
    world->record = fopen(path, "we");
    if (world->record)
        return;
    fprintf(stderr, "simulate: cannot write %s\n", path);
    exit(2);
}

static void world_open(struct world *world, const char *record)
{
    struct err err;
    bool created;
    snprintf(world->environment, sizeof world->environment, "sim-%" PRIu64, world->seed);
    if (record)
        open_record(world, record);
    world->random = world->seed * 0x2545f4914f6cdd1dULL;
    world->faulty = world->quiet = true;
    world->arena = arena_new();
    world->model = model_new(world->tally);
    world->zones = zones_new();
    world->people = open_ledger(world);
    for (int i = 0; i < PRODUCERS; i++) {
        world->producers[i].ledger = open_ledger(world);
        world->producers[i].reaper = open_ledger(world);
    }
    for (int i = 0; i < WORKERS; i++)
        world->workers[i].ledger = open_ledger(world);
    seam_empty();
    seam_watch(&(struct seam_watch){world, fate, replied});
    world_answered(redis_open("simulated:1", NULL, 0, &world->eye, &err) &&
                       ledger_init(world->people, &created, &err),
                   &err, "begin");
    for (int i = 0; i < COMPANIES; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s company %d", world->environment, i);
        uuid_from_name(name, world->companies[i]);
        world->buckets[i] = ledger_bucket(world->people, world->companies[i]);
    }
    weather_begin(world);
    workers_begin(world);
    people_begin(world);
    world->quiet = false;
}

static void world_close(struct world *world)
{
    struct tally *tally = world->tally;
    const json *violations = model_violations(world->model);
    int64_t tasks = (int64_t)model_tasks(world->model);
    for (size_t i = 0; i < json_count(violations); i++) {
        json *row = json_copy(json_at(violations, i));
        json_set_int(row, "seed", (int64_t)world->seed);
        json_add(tally->violations, row);
    }
    tally->seeds++;
    tally->records += (int64_t)model_records(world->model);
    tally->claims += (int64_t)model_claims(world->model);
    tally->tasks += tasks;
    if (!tally->tasks_least || tasks < tally->tasks_least)
        tally->tasks_least = tasks;
    seam_watch(NULL);
    seam_full(false);
    if (seam_is_both())
        seam_read_all();
    for (int i = 0; i < PRODUCERS; i++) {
        arena_free(world->producers[i].reading.arena);
        ledger_free(world->producers[i].ledger);
        ledger_free(world->producers[i].reaper);
    }
    for (int i = 0; i < WORKERS; i++)
        ledger_free(world->workers[i].ledger);
    if (world->record)
        fclose(world->record);
    redis_free(world->eye);
    model_free(world->model);
    model_free(world->model_kept);
    zones_free(world->zones);
    arena_free(world->arena);
    ledger_free(world->people);
}

void simulate_seed(uint64_t seed, int64_t steps, const char *record, struct tally *tally)
{
    struct world *world = mem_new(sizeof *world);
    world->tally = tally;
    world->seed = seed;
    world_open(world, record);
    for (int64_t i = 0;
         i < steps || (i < steps * MORE_STEPS && model_tasks(world->model) < TASKS_LEAST); i++)
        step(world, i);
    drain(world);
    world_check_places(world);
    replay(world);
    world_close(world);
    free(world);
}
