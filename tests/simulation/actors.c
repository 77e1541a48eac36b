/* actors.c - what producers, workers, reapers and people do, and what goes wrong with it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "calendar/days.h"
#include "world.h"

enum { LEASE_MS = 10000, BEAT_MS = 2000, GATE_MS = 7000 };

/* ---- producers ---- */

static void reading_drop(struct reading *reading)
{
    arena_free(reading->arena);
    *reading = (struct reading){0};
}

static void fire(struct world *world, struct reading *reading)
{
    struct tickets granted = {0};
    struct err err;
    int times = world_fault(world, FAULT_CALL_TWICE, 10) ? 2 : 1;
    for (int i = 0; i < times && reading->count; i++) {
        world_must(ledger_fire(world->ledger, reading->bucket, reading->due, reading->decisions,
                               reading->count, &granted, &err),
                   &err, "fire");
        world_read_history(world, reading->bucket);
    }
    if (world_fault(world, FAULT_REPLY_LOST, 8))
        tickets_drop(&granted); /* or its producer died: the grants stand in Redis */
    else
        world_publish(world, &granted);
    reading_drop(reading);
}

static void read_due(struct world *world, struct reading *reading, int bucket)
{
    struct err err;
    int64_t next;
    reading->arena = arena_new();
    reading->bucket = bucket;
    world_must(ledger_due(world->ledger, bucket, 64, reading->arena, &reading->due, &reading->count,
                          &next, &err),
               &err, "due");
    reading->decisions =
        arena_array(reading->arena, reading->count + 1, sizeof *reading->decisions);
    for (size_t i = 0; i < reading->count; i++)
        reading->decisions[i] = queue_decide(&reading->due[i].entry, world->now);
}

void producer_step(struct world *world)
{
    struct reading *reading = &world->readings[world_random(world, PRODUCERS)];
    if (reading->arena && world_fault(world, FAULT_PRODUCER_STALE, 50))
        return; /* what it read grows old */
    if (reading->arena) {
        fire(world, reading);
        return;
    }
    for (int i = 0; i < COMPANIES; i++) {
        read_due(world, reading, ledger_bucket(world->ledger, world->companies[i]));
        if (world_chance(world, 30))
            return; /* fires at a later step, on what it knows now */
        fire(world, reading);
    }
}

void reaper_step(struct world *world)
{
    for (int i = 0; i < COMPANIES; i++) {
        struct tickets again = {0};
        struct reaped reaped;
        struct err err;
        int bucket = ledger_bucket(world->ledger, world->companies[i]);
        world_must(ledger_reap(world->ledger, bucket, true, &again, &reaped, &err), &err, "reap");
        world_read_history(world, bucket);
        world_publish(world, &again);
    }
}

/* ---- workers ---- */

static void worker_born(struct world *world, struct worker *worker)
{
    *worker = (struct worker){0};
    snprintf(worker->id, sizeof worker->id, "%016" PRIx64, world_random(world, UINT64_MAX));
}

static int bucket_of(const struct world *world, const struct seat *seat)
{
    return ledger_bucket(world->ledger, seat->ticket.company);
}

static void begin(struct world *world, struct seat *seat)
{
    static const enum outcome OUTCOMES[] = {OUTCOME_OK,    OUTCOME_OK,    OUTCOME_OK,  OUTCOME_IDLE,
                                            OUTCOME_RETRY, OUTCOME_FATAL, OUTCOME_PARK};
    seat->claimed = true;
    seat->confirmed_ms = seat->beat_ms = world->now;
    seat->end_ms = world->now + 500 + (int64_t)world_random(world, 40000);
    seat->outcome = OUTCOMES[world_random(world, world->faulty ? COUNT(OUTCOMES) : 3)];
    if (seat->ticket.entry[0] < '3' && world->faulty)
        seat->outcome = OUTCOME_RETRY; /* poison: it always fails */
}

static void claim(struct world *world, struct seat *seat)
{
    struct tickets granted = {0};
    struct err err;
    struct claim_request request = {.ticket = &seat->ticket, .arena = arena_new()};
    int bucket = bucket_of(world, seat);
    snprintf(request.fence, sizeof request.fence, "%s", seat->fence);
    world_must(ledger_claim(world->ledger, bucket, &request, 1, &granted, &err), &err, "claim");
    world_read_history(world, bucket);
    arena_free(request.arena);
    world_publish(world, &granted);
    if (world_fault(world, FAULT_REPLY_LOST, 10))
        return; /* asks again with the same fence */
    const char *holder = model_holder(world->model, seat->ticket.task);
    if ((request.answer == CLAIM_OK) != (strcmp(holder, seat->fence) == 0))
        model_breach(world->model, "I16", "%s: claim by %s is answered %s, the holder is %s",
                     seat->ticket.task, seat->fence, claim_name(request.answer), holder);
    if (request.answer == CLAIM_OK &&
        model_attempt(world->model, seat->ticket.task) != seat->ticket.attempt)
        model_breach(world->model, "I16", "%s: a ticket of attempt %u claims attempt %" PRId64,
                     seat->ticket.task, seat->ticket.attempt,
                     model_attempt(world->model, seat->ticket.task));
    if (request.answer == CLAIM_OK)
        begin(world, seat);
    else
        seat->busy = false;
}

static void take(struct world *world, struct worker *worker, const struct ticket *ticket)
{
    for (size_t i = 0; i < SEATS; i++) {
        struct seat *seat = &worker->seats[i];
        if (seat->busy)
            continue;
        *seat = (struct seat){.busy = true, .ticket = *ticket};
        char id[sizeof worker->id]; /* a copy: the seat lies in the worker too */
        memcpy(id, worker->id, sizeof id);
        snprintf(seat->fence, sizeof seat->fence, "%s.%" PRId64, id, ++worker->fences);
        claim(world, seat);
        return;
    }
}

static void look(struct world *world, struct worker *worker)
{
    struct tickets found = {0};
    struct err err;
    const char *company = world->companies[world_random(world, COMPANIES)];
    world_must(
        ledger_look(world->ledger, ledger_bucket(world->ledger, company), NULL, 0, 1, &found, &err),
        &err, "look");
    if (found.count)
        take(world, worker, &found.items[0]);
    tickets_drop(&found);
}

static void take_or_look(struct world *world, struct worker *worker)
{
    struct ticket ticket;
    if (world->old_count && world_fault(world, FAULT_TICKET_REPLAYED, 10)) {
        ticket = world->old[world_random(world, world->old_count)];
    } else if (world->bag_count) { /* any of them: partitions keep no order */
        size_t i = world_random(world, world->bag_count);
        ticket = world->bag[i];
        world->bag[i] = world->bag[--world->bag_count];
    } else {
        look(world, worker);
        return;
    }
    take(world, worker, &ticket);
}

static void check_answer(struct world *world, const struct seat *seat, const char *what, bool good)
{
    const char *holder = model_holder(world->model, seat->ticket.task);
    if (good && strcmp(holder, seat->fence) != 0)
        model_breach(world->model, "I12", "%s: %s is accepted from %s, the holder is %s",
                     seat->ticket.task, what, seat->fence, holder);
}

static void beat(struct world *world, struct worker *worker, struct seat *seat)
{
    struct err err;
    struct beat_request request = {0};
    if (world->now < worker->cut_until_ms || world->now < seat->beat_ms + BEAT_MS)
        return;
    seat->beat_ms = world->now;
    snprintf(request.task, sizeof request.task, "%s", seat->ticket.task);
    snprintf(request.fence, sizeof request.fence, "%s", seat->fence);
    world_must(ledger_beat(world->ledger, bucket_of(world, seat), &request, 1, &err), &err, "beat");
    check_answer(world, seat, "a beat", request.answer != BEAT_FENCED);
    world_read_history(world, bucket_of(world, seat));
    if (world_fault(world, FAULT_REPLY_LOST, 5))
        return;
    if (request.answer == BEAT_FENCED) {
        seat->busy = false;
        return;
    }
    seat->confirmed_ms = world->now;
    if (request.answer == BEAT_CANCEL || request.answer == BEAT_TIMEOUT) {
        seat->end_ms = world->now;
        seat->outcome = request.answer == BEAT_CANCEL ? OUTCOME_CANCELLED : OUTCOME_TIMEOUT;
    } else if (request.answer == BEAT_YIELD) {
        seat->end_ms = world->now;
        seat->outcome = OUTCOME_PARK;
    }
}

/* A write to a peer passes the gate only within 0.7 lease of a confirmed beat: then nobody else can
 * have claimed (I2). Redis is asked for its own data and answers by the fence. */
static void work(struct world *world, struct seat *seat)
{
    struct err err;
    bool fenced, refused;
    OWN(write) struct write *write = write_new();
    if (world->now - seat->confirmed_ms < GATE_MS)
        check_answer(world, seat, "an effect", true);
    write_add(write, "HSET", "work", seat->ticket.task, seat->fence, NULL);
    world_must(ledger_write(world->ledger, bucket_of(world, seat), seat->ticket.task, seat->fence,
                            write, &fenced, &refused, &err),
               &err, "write");
    check_answer(world, seat, "a write", !fenced);
}

static void end(struct world *world, struct seat *seat)
{
    struct tickets granted = {0};
    struct err err;
    struct finish_request request = {.outcome = seat->outcome, .counts = "{\"read\":1}"};
    bool held = strcmp(model_holder(world->model, seat->ticket.task), seat->fence) == 0;
    if (seat->outcome == OUTCOME_PARK)
        request.at_ms = world->now + (int64_t)world_random(world, 60000);
    snprintf(request.task, sizeof request.task, "%s", seat->ticket.task);
    snprintf(request.fence, sizeof request.fence, "%s", seat->fence);
    world_must(ledger_finish(world->ledger, bucket_of(world, seat), &request, 1, &granted, &err),
               &err, "finish");
    world_read_history(world, bucket_of(world, seat));
    world_publish(world, &granted);
    if (request.done && !held && !seat->ended)
        model_breach(world->model, "I12", "%s: a finish is accepted from %s, which held nothing",
                     request.task, request.fence);
    seat->ended = true;
    if (!world_fault(world, FAULT_REPLY_LOST, 15))
        seat->busy = false; /* else asks again */
}

static void forge(struct world *world, const struct seat *seat)
{
    struct seat forged = *seat;
    if (!world_fault(world, FAULT_FORGED_FENCE, 3))
        return;
    snprintf(forged.fence, sizeof forged.fence, "%016x.1", 0xbadU);
    forged.outcome = OUTCOME_OK;
    end(world, &forged);
}

static void seat_step(struct world *world, struct worker *worker, struct seat *seat)
{
    if (!seat->claimed) {
        claim(world, seat);
        return;
    }
    if (!seat->ended)
        beat(world, worker, seat);
    if (!seat->busy)
        return;
    if (seat->ended || world->now >= seat->end_ms)
        end(world, seat);
    else if (world_random(world, 3) == 0)
        work(world, seat);
    if (seat->busy)
        forge(world, seat);
}

/* Windows of a minute, each policy, Business Central's times: the scripts that skip and catch up.
 */
static void plan_oddly(struct world *world, struct entry_definition *definition)
{
    int64_t clock = world->now % DAY_MS;
    switch (world_random(world, 6)) {
    case 0:
        definition->from_ms = (clock + (int64_t)world_random(world, 20000)) % DAY_MS;
        definition->to_ms = (definition->from_ms + 60000) % DAY_MS;
        definition->days = EVERY_DAY;
        break;
    case 1:
        definition->catch_up = CATCH_UP_ALL;
        definition->max_backlog = 1 + (int)world_random(world, 4);
        break;
    case 2:
        definition->catch_up = CATCH_UP_NONE;
        definition->grace_ms = 1000 + (int64_t)world_random(world, 5000);
        break;
    case 3:
        definition->bc = true;
        definition->days = EVERY_DAY;
        definition->idle_ms = 30000;
        break;
    default:
        break;
    }
}

static void trouble(struct world *world, struct worker *worker)
{
    if (world_fault(world, FAULT_WORKER_KILLED, 1))
        worker_born(world, worker);
    if (world_fault(world, FAULT_WORKER_STOPPED, 1))
        worker->stopped_until_ms = world->now + 5000 + (int64_t)world_random(world, 40000);
    if (world_fault(world, FAULT_WORKER_CUT, 1))
        worker->cut_until_ms = world->now + (int64_t)world_random(world, 30000);
}

void workers_step(struct world *world)
{
    for (size_t i = 0; i < WORKERS; i++) {
        struct worker *worker = &world->workers[i];
        if (!*worker->id)
            worker_born(world, worker);
        trouble(world, worker);
        if (world->now < worker->stopped_until_ms)
            continue;
        size_t busy = 0;
        for (size_t k = 0; k < SEATS; k++) {
            if (worker->seats[k].busy)
                seat_step(world, worker, &worker->seats[k]);
            busy += worker->seats[k].busy;
        }
        if (busy < SEATS)
            take_or_look(world, worker);
    }
}

/* ---- people ---- */

void people_add(struct world *world)
{
    static const char *const CATEGORIES[] = {"SHPFY", "POST", ""};
    static const enum priority PRIORITIES[] = {PRIORITY_HIGH, PRIORITY_NORMAL, PRIORITY_LOW};
    struct entry_definition definition = {.arguments = "{}",
                                          .description = "simulated",
                                          .priority = PRIORITIES[world_random(world, 3)],
                                          .max_retry = MAX_RETRY};
    struct tickets granted = {0};
    struct err err;
    bool existing;
    char key[32], id[UUID_TEXT];
    if (world->entry_count == ENTRIES)
        return;
    snprintf(definition.company, sizeof definition.company, "%s",
             world->companies[world_random(world, COMPANIES)]);
    snprintf(definition.category, sizeof definition.category, "%s",
             CATEGORIES[world_random(world, COUNT(CATEGORIES))]);
    snprintf(definition.operation, sizeof definition.operation, "orders.sync");
    char name[64];
    snprintf(name, sizeof name, "%s %zu", world->environment, world->entry_count);
    uuid_from_name(name, definition.id);
    if (world_random(world, 2)) {
        definition.schedule = SCHEDULE_EVERY;
        definition.every_ms = 5000 + (int64_t)world_random(world, 60000);
        definition.stop_on_exhausted = world_random(world, 4) == 0;
        plan_oddly(world, &definition);
    } else if (world_random(world, 3) == 0) {
        snprintf(key, sizeof key, "key %d", (int)world_random(world, 2));
        definition.coalesce_key = key;
    }
    if (world_random(world, 6) == 0)
        definition.expires_ms =
            world->now + (int64_t)world_random(world, world_random(world, 2) ? 4000 : 200000);
    definition.foreground = definition.schedule == SCHEDULE_AT && !definition.coalesce_key &&
                            world_random(world, 4) == 0;
    world_must(ledger_add(world->ledger, &definition, id, &existing, &granted, &err), &err, "add");
    world_read_history(world, ledger_bucket(world->ledger, definition.company));
    world_publish(world, &granted);
    if (existing)
        return;
    snprintf(world->entries[world->entry_count], UUID_TEXT, "%s", id);
    snprintf(world->entry_company[world->entry_count++], UUID_TEXT, "%s", definition.company);
}

static bool edit(struct world *world, const char *company, const char *entry,
                 struct tickets *granted, struct err *err)
{
    struct entry_definition definition = {.description = "edited",
                                          .priority = PRIORITY_NORMAL,
                                          .max_retry = MAX_RETRY,
                                          .schedule = SCHEDULE_EVERY,
                                          .every_ms = 20000};
    char arguments[32];
    snprintf(arguments, sizeof arguments, "{\"n\":%d}", (int)world_random(world, 3));
    definition.arguments = arguments;
    snprintf(definition.company, sizeof definition.company, "%s", company);
    snprintf(definition.category, sizeof definition.category, "%s",
             world_random(world, 2) ? "SHPFY" : "POST");
    snprintf(definition.operation, sizeof definition.operation, "orders.sync");
    return ledger_edit(world->ledger, entry, &definition, granted, err);
}

/* Refusals are answers: an entry that is gone or does not run is no fault. */
void people_step(struct world *world)
{
    struct tickets granted = {0};
    struct err err = {0};
    const char *answer;
    if (!world->entry_count || !world_fault(world, FAULT_COMMAND, 30))
        return;
    size_t i = world_random(world, world->entry_count);
    const char *entry = world->entries[i], *company = world->entry_company[i];
    bool good = true;
    OWN_JSON json *known = NULL;
    switch (world_random(world, 9)) {
    case 0:
        good = ledger_hold(world->ledger, company, entry, world_random(world, 2), &granted, &err);
        break;
    case 1:
    case 2:
        good = ledger_ready(world->ledger, company, entry, &granted, &err);
        break;
    case 3:
        good = ledger_restart(world->ledger, company, entry, &granted, &err);
        break;
    case 4:
        good =
            world_random(world, 3) || ledger_delete(world->ledger, company, entry, &granted, &err);
        break;
    case 5:
        good = edit(world, company, entry, &granted, &err);
        break;
    case 6:
        good = !ledger_entry(world->ledger, company, entry, &known, &err) ||
               !*json_text(known, "task") ||
               ledger_cancel(world->ledger, company, json_text(known, "task"), &granted, &err);
        break;
    default:
        good = ledger_wake(world->ledger, company, entry, &answer, &granted, &err);
    }
    world_must(good || err.code == 404 || err.code == 409, &err, "command");
    world_read_history(world, ledger_bucket(world->ledger, company));
    world_publish(world, &granted);
}
