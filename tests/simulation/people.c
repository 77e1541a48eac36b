/* people.c - entries of every kind, and commands at any moment. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "calendar/days.h"
#include "ledger/categories.h"
#include "world.h"

#define MANY(kinds) ((kinds)[world_random(world, COUNT(kinds))])

/* ---- what an entry may be ---- */

/* A window of a minute around now, on all days or on some. */
static void plan_window(struct world *world, struct entry_definition *definition)
{
    int64_t clock = weather_clock(world, definition->zone);
    definition->from_ms = (clock + DAY_MS - 20000 + (int64_t)world_random(world, 50000)) % DAY_MS;
    definition->to_ms = (definition->from_ms + 60000) % DAY_MS;
    definition->days = world_random(world, 4) ? EVERY_DAY : 1U << world_random(world, 7);
}

static void plan_policy(struct world *world, struct entry_definition *definition)
{
    switch (world_random(world, 5)) {
    case 0:
        definition->catch_up = CATCH_UP_ALL;
        definition->max_backlog = 1 + (int)world_random(world, 4);
        break;
    case 1:
        definition->catch_up = CATCH_UP_NONE;
        definition->grace_ms = 1000 + (int64_t)world_random(world, 5000);
        break;
    case 2:
        definition->bc = true;
        definition->days = EVERY_DAY;
        break;
    default:
        break;
    }
    if (world_random(world, 3) == 0)
        definition->idle_ms = 10000 + (int64_t)world_random(world, 30000);
}

static void plan_every(struct world *world, struct entry_definition *definition)
{
    definition->schedule = SCHEDULE_EVERY;
    definition->every_ms = 5000 + (int64_t)world_random(world, 60000);
    plan_policy(world, definition);
    if (world_random(world, 4) == 0)
        plan_window(world, definition);
}

/* Some of them go on, `CD` stays where it is: an error of its entry, no loop. */
static void plan_formula(struct world *world, struct entry_definition *definition)
{
    static const char *const FORMULAS[] = {"1D", "CW+1D", "CM", "WD3", "D15", "1M+D15", "CD"};
    definition->schedule = SCHEDULE_FORMULA;
    definition->formula = MANY(FORMULAS);
    definition->from_ms =
        (weather_clock(world, definition->zone) + (int64_t)world_random(world, 120000)) % DAY_MS;
    plan_policy(world, definition);
}

static void plan_once(struct world *world, struct entry_definition *definition)
{
    static const char *const KEYS[] = {"import", "export"};
    definition->schedule = SCHEDULE_AT;
    if (world_random(world, 3) == 0)
        definition->start_ms =
            world->now + world->people_ahead + (int64_t)world_random(world, 60000);
    if (world_random(world, 3) == 0)
        definition->coalesce_key = MANY(KEYS);
    else
        definition->foreground = world_random(world, 4) == 0;
}

static void plan(struct world *world, struct entry_definition *definition)
{
    static const enum priority PRIORITIES[] = {PRIORITY_HIGH, PRIORITY_NORMAL, PRIORITY_LOW};
    const char *const ZONES[] = {world->zone, world->zone, "", "UTC"};
    static char arguments[32]; /* copied by the script's call */
    snprintf(arguments, sizeof arguments, "{\"n\":%d}", (int)world_random(world, 3));
    definition->arguments = arguments;
    definition->description = "simulated";
    definition->zone = MANY(ZONES);
    definition->priority = MANY(PRIORITIES);
    definition->max_retry = (int)world_random(world, 4);
    definition->retry_ms = (int64_t)world_random(world, 2) * 1000;
    definition->stop_on_exhausted = world_random(world, 4) == 0;
    snprintf(definition->category, sizeof definition->category, "%s", MANY(WORLD_CATEGORIES));
    snprintf(definition->operation, sizeof definition->operation, "orders.sync");
    definition->run_at_start = world_random(world, 8) == 0;
    if (world_random(world, 4) == 0)
        definition->timeout_ms = 5000 + (int64_t)world_random(world, 20000);
    if (world_random(world, 6) == 0)
        definition->expires_ms =
            world->now + (int64_t)world_random(world, world_random(world, 2) ? 4000 : 200000);
    switch (world_random(world, 8)) {
    case 0:
        plan_formula(world, definition);
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        plan_every(world, definition);
        break;
    default:
        plan_once(world, definition);
    }
}

bool people_add(struct world *world)
{
    struct entry_definition definition = {0};
    struct tickets granted = {0};
    struct err err;
    char id[UUID_TEXT], name[64];
    bool existing = false, good = false;
    if (world->entry_count == ENTRIES)
        return false;
    plan(world, &definition);
    definition.on_hold = world_random(world, 12) == 0;
    snprintf(definition.company, sizeof definition.company, "%s",
             world->companies[world_random(world, COMPANIES)]);
    snprintf(name, sizeof name, "%s %zu", world->environment, world->entry_count);
    uuid_from_name(name, definition.id);
    for (int tries = 0; !good && tries < 3; tries++) { /* no reply: the same once more */
        good = world_answered(ledger_add(world->people, &definition, id, &existing, &granted, &err),
                              &err, "add");
        world_read_history(world, definition.company);
    }
    world_publish(world, &granted);
    if (good && existing && strcmp(id, definition.id) != 0)
        return true;
    struct entry_known *entry = &world->entries[world->entry_count++];
    snprintf(entry->id, sizeof entry->id, "%s", definition.id);
    snprintf(entry->company, sizeof entry->company, "%s", definition.company);
    return true;
}

/* ---- commands ---- */

struct command {
    struct world *world;
    const struct entry_known *entry;
    struct tickets *granted;
    struct err *err;
};

static bool hold(const struct command *c)
{
    return ledger_hold(c->world->people, c->entry->company, c->entry->id, world_random(c->world, 2),
                       c->granted, c->err);
}

static bool ready(const struct command *c)
{
    return ledger_ready(c->world->people, c->entry->company, c->entry->id, c->granted, c->err);
}

static bool restart(const struct command *c)
{
    return ledger_restart(c->world->people, c->entry->company, c->entry->id, c->granted, c->err);
}

static bool delete (const struct command *c)
{
    return world_random(c->world, 2) ||
           ledger_delete(c->world->people, c->entry->company, c->entry->id, c->granted, c->err);
}

static bool priority(const struct command *c)
{
    static const enum priority PRIORITIES[] = {PRIORITY_HIGH, PRIORITY_NORMAL, PRIORITY_LOW};
    return ledger_priority(c->world->people, c->entry->company, c->entry->id,
                           PRIORITIES[world_random(c->world, 3)], c->granted, c->err);
}

static bool edit(const struct command *c)
{
    struct entry_definition definition = {0};
    struct world *world = c->world;
    plan(world, &definition);
    definition.coalesce_key = NULL;
    definition.foreground = false;
    snprintf(definition.company, sizeof definition.company, "%s", c->entry->company);
    bool good = ledger_edit(world->people, c->entry->id, &definition, c->granted, c->err);
    if (good && world_fault(world, FAULT_CALL_TWICE, 200))
        good = ledger_edit(world->people, c->entry->id, &definition, c->granted, c->err);
    return good;
}

static bool cancel(const struct command *c)
{
    OWN_JSON json *known = NULL;
    if (!ledger_entry(c->world->people, c->entry->company, c->entry->id, &known, c->err) ||
        !*json_text(known, "task"))
        return true;
    return ledger_cancel(c->world->people, c->entry->company, json_text(known, "task"), c->granted,
                         c->err);
}

/* Whoever looked at the list a while ago cancels what is over. */
static bool cancel_old(const struct command *c)
{
    struct world *world = c->world;
    OWN_REPLY redisReply *reply = NULL;
    char prefix[80], now[24];
    if (!world->old_count)
        return true;
    const struct ticket *old = &world->old[world_random(world, world->old_count)];
    snprintf(prefix, sizeof prefix, "ct:{%s/%02x}:", world->environment,
             (unsigned)world_bucket(world, old->company));
    snprintf(now, sizeof now, "%" PRId64, world_redis_ms(world));
    const char *const argv[] = {prefix, now, "cancel", old->entry, old->task};
    bool good = redis_script(ledger_redis(world->people), "command", 1, COUNT(argv), argv, NULL,
                             &reply, c->err);
    world_read_history(world, old->company);
    return good;
}

/* Events come twice, too. */
static bool wake(const struct command *c)
{
    enum wake answer;
    char id[16];
    const char *const entries[] = {c->entry->id};
    snprintf(id, sizeof id, "e%d", (int)world_random(c->world, 400));
    const struct wake_cause cause = {.source = "shop", .id = world_random(c->world, 2) ? id : NULL};
    bool good = ledger_wakes(c->world->people, c->entry->company, entries, 1, &cause, &answer,
                             c->granted, c->err);
    if (good && cause.id && world_fault(c->world, FAULT_CALL_TWICE, 300))
        good = ledger_wakes(c->world->people, c->entry->company, entries, 1, &cause, &answer,
                            c->granted, c->err);
    return good;
}

/* The same order for an event that comes twice: one entry. */
static bool add_for(const struct command *c)
{
    struct entry_definition definition = {0};
    enum added answer;
    char id[UUID_TEXT], name[64], event[16];
    struct world *world = c->world;
    if (world->entry_count == ENTRIES)
        return true;
    plan(world, &definition);
    definition.schedule = SCHEDULE_AT;
    definition.foreground = false;
    definition.coalesce_key = "event";
    snprintf(definition.company, sizeof definition.company, "%s", c->entry->company);
    snprintf(name, sizeof name, "%s %zu", world->environment, world->entry_count);
    uuid_from_name(name, definition.id);
    snprintf(event, sizeof event, "a%d", (int)world_random(world, 3));
    struct entry_known *entry = &world->entries[world->entry_count++];
    snprintf(entry->id, sizeof entry->id, "%s", definition.id);
    snprintf(entry->company, sizeof entry->company, "%s", definition.company);
    return ledger_add_for(world->people, &definition,
                          &(struct wake_cause){.source = "shop", .id = event}, id, &answer,
                          c->granted, c->err);
}

static bool category(const struct command *c)
{
    struct world *world = c->world;
    bool changed;
    const struct category_change change = {
        .permits = world_random(world, 3) ? 0 : 1 + (int)world_random(world, 3),
        .order = world_random(world, 4)   ? ORDER_AS_IS
                 : world_random(world, 2) ? ORDER_STRICT
                                          : ORDER_BOUNDED,
        .pause = world_random(world, 3) ? PAUSE_OFF : PAUSE_ON,
    };
    return ledger_category_set(world->people, c->entry->company, MANY(WORLD_CATEGORIES), &change,
                               &changed, c->granted, c->err);
}

static bool set_zone(struct world *world, const char *company, const char *zone, struct err *err)
{
    char settings[96];
    bool changed;
    snprintf(settings, sizeof settings, "{\"time_zone\":\"%s\"}", zone);
    return ledger_settings_put(world->people, company, "company", settings, &changed, err);
}

static bool zone(const struct command *c)
{
    bool unknown = world_fault(c->world, FAULT_ZONE_UNKNOWN, 300);
    return set_zone(c->world, c->entry->company, unknown ? "Nowhere/Land" : "UTC", c->err);
}

/* What was so already: no record, but a legal move. */
static void quiet_move(struct world *world, bool (*command)(const struct command *c),
                       const char *stood)
{
    static const struct {
        bool (*command)(const struct command *c);
        enum entry_event on;
    } ASKED[] = {
        {ready,    ON_READY   },
        {wake,     ON_WAKE    },
        {priority, ON_PRIORITY}
    };
    for (size_t i = 0; i < COUNT(ASKED); i++)
        if (ASKED[i].command == command)
            model_quiet_move(world->model, stood, ASKED[i].on);
}

/* Refusals are answers: an entry that is gone or does not run is no fault. */
static bool run(struct world *world, const struct entry_known *entry,
                bool (*command)(const struct command *c))
{
    struct tickets granted = {0};
    struct err err = {0};
    char stood[16];
    const size_t records = model_records(world->model);
    snprintf(stood, sizeof stood, "%s", model_stands(world->model, entry->id));
    bool good = command(&(struct command){world, entry, &granted, &err});
    const bool done = good;
    good = world_answered(good || err.code == 404 || err.code == 409, &err, "command");
    world_read_history(world, entry->company);
    if (done && model_records(world->model) == records)
        quiet_move(world, command, stood);
    world_publish(world, &granted);
    return good;
}

/* Whoever holds what runs has more to say about it. */
static void address_held(struct world *world)
{
    for (size_t i = 0; i < world->entry_count; i++)
        if (strcmp(model_stands(world->model, world->entries[i].id), "3/running") == 0)
            world->addressed = i;
}

void people_step(struct world *world)
{
    static bool (*const COMMANDS[])(const struct command *c) = {
        hold, hold, ready,      restart, delete, edit,    edit,     cancel,
        wake, wake, cancel_old, wake,    zone,   add_for, priority, category,
    };
    if (world_chance(world, model_tasks(world->model) < TASKS_LEAST ? 90 : 45))
        people_add(world);
    if (!world_fault(world, FAULT_COMMAND, 350))
        return;
    if (world_random(world,
                     3)) /* else once more the same entry: who holds it thinks better of it */
        world->addressed = world_random(world, world->entry_count);
    if (world_random(world, 3) == 0)
        address_held(world);
    run(world, &world->entries[world->addressed], MANY(COMMANDS));
}

void people_begin(struct world *world)
{
    for (int i = 0; i < COMPANIES; i++) {
        struct err err;
        struct tickets granted = {0};
        bool changed;
        const struct category_change two = {.permits = 2};
        world_answered(set_zone(world, world->companies[i], "UTC", &err) &&
                           ledger_category_set(world->people, world->companies[i], "BULK", &two,
                                               &changed, &granted, &err),
                       &err, "begin");
        world_read_history(world, world->companies[i]);
    }
    for (int i = 0; i < FIRST_ENTRIES; i++)
        people_add(world);
}

static bool go_on(const struct command *c)
{
    const struct category_change on = {.pause = PAUSE_OFF};
    bool changed;
    for (int i = 0; i < CATEGORIES; i++)
        if (!ledger_category_set(c->world->people, c->entry->company, WORLD_CATEGORIES[i], &on,
                                 &changed, c->granted, c->err))
            return false;
    return true;
}

/* Until it is answered: a connection may be closed since the last fault. */
static void insist(struct world *world, const struct entry_known *entry,
                   bool (*command)(const struct command *c))
{
    int tries = 0;
    while (!run(world, entry, command))
        assert(++tries < 3);
}

/* When the faults are over: what rests by pause goes on, what recurs is held. */
void people_hold_recurring(struct world *world)
{
    for (size_t i = 0; i < world->entry_count; i++) {
        const struct entry_known *entry = &world->entries[i];
        OWN_REPLY redisReply *kind =
            world_look(world, entry->company, "HGET e:%s schedule", entry->id);
        if (kind->type == REDIS_REPLY_STRING && strcmp(kind->str, "at") != 0)
            insist(world, entry, hold);
    }
    for (int i = 0; i < COMPANIES; i++) {
        struct entry_known any = {0};
        snprintf(any.company, sizeof any.company, "%s", world->companies[i]);
        insist(world, &any, go_on);
    }
}
