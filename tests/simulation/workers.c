/* workers.c - what a worker does with its tickets, and what happens to it meanwhile. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static void worker_born(struct world *world, struct worker *worker)
{
    *worker = (struct worker){.ledger = worker->ledger, .clock_ms = worker->clock_ms};
    snprintf(worker->id, sizeof worker->id, "%016" PRIx64, world_random(world, UINT64_MAX));
}

static int bucket_of(const struct world *world, const struct seat *seat)
{
    return world_bucket(world, seat->ticket.company);
}

static void read_history(struct world *world, const struct seat *seat)
{
    world_read_history(world, seat->ticket.company);
}

static bool holds(const struct world *world, const struct seat *seat)
{
    return strcmp(model_holder(world->model, seat->ticket.task), seat->fence) == 0;
}

/* ---- cursors: what was accepted last is what the next attempt gets ---- */

static struct cursor_known *cursor_of(struct world *world, const char *task)
{
    for (size_t i = 0; i < BAG; i++)
        if (strcmp(world->cursors[i].task, task) == 0)
            return &world->cursors[i];
    return NULL;
}

static void cursor_accepted(struct world *world, const struct seat *seat, const char *cursor)
{
    struct cursor_known *known = cursor_of(world, seat->ticket.task);
    if (!known)
        known = &world->cursors[world->cursor_at++ % BAG];
    snprintf(known->task, sizeof known->task, "%s", seat->ticket.task);
    snprintf(known->cursor, sizeof known->cursor, "%s", cursor);
}

static void check_cursor(struct world *world, const struct claim_request *request)
{
    const struct cursor_known *known = cursor_of(world, request->ticket->task);
    const char *cursor = request->sheet.cursor ? request->sheet.cursor : "";
    if (known && *known->cursor != '?' && strcmp(known->cursor, cursor) != 0)
        model_breach(world->model, "I10", "%s: attempt %u begins at cursor \"%s\", left was \"%s\"",
                     request->ticket->task, request->ticket->attempt, cursor, known->cursor);
}

/* ---- claims ---- */

static int64_t how_long(struct world *world)
{
    uint64_t kind = world_random(world, 10);
    if (kind < 7)
        return 200 + (int64_t)world_random(world, 6000);
    return kind < 9 ? 5000 + (int64_t)world_random(world, 25000)
                    : 35000 + (int64_t)world_random(world, 60000);
}

static void begin(struct world *world, struct seat *seat)
{
    static const enum outcome OUTCOMES[] = {OUTCOME_OK,   OUTCOME_OK,    OUTCOME_OK,
                                            OUTCOME_IDLE, OUTCOME_RETRY, OUTCOME_FATAL,
                                            OUTCOME_PARK, OUTCOME_PARK};
    seat->claimed = true;
    seat->confirmed_ms = seat->beat_ms = world->now;
    seat->end_ms = world->now + how_long(world);
    seat->outcome = OUTCOMES[world_random(world, world->faulty ? COUNT(OUTCOMES) : 3)];
    seat->stubborn = world_chance(world, 250);
    seat->killer = world->faulty && seat->ticket.entry[0] == '0';
    if (seat->ticket.entry[0] == '1' && world->faulty)
        seat->outcome = OUTCOME_RETRY; /* it always fails */
}

static void check_claim(struct world *world, const struct seat *seat,
                        const struct claim_request *request)
{
    const char *task = seat->ticket.task;
    if ((request->answer == CLAIM_OK) != holds(world, seat))
        model_breach(world->model, "I16", "%s: claim by %s is answered %s, the holder is \"%s\"",
                     task, seat->fence, claim_name(request->answer),
                     model_holder(world->model, task));
    if (request->answer != CLAIM_OK)
        return;
    if (model_attempt(world->model, task) != seat->ticket.attempt)
        model_breach(world->model, "I16", "%s: a ticket of attempt %u claims attempt %" PRId64,
                     task, seat->ticket.attempt, model_attempt(world->model, task));
    check_cursor(world, request);
}

static void claim(struct world *world, struct worker *worker, struct seat *seat)
{
    struct tickets granted = {0};
    struct err err;
    struct claim_request request = {.ticket = &seat->ticket, .arena = arena_new()};
    snprintf(request.fence, sizeof request.fence, "%s", seat->fence);
    bool good = world_answered(
        ledger_claim(worker->ledger, bucket_of(world, seat), &request, 1, &granted, &err), &err,
        "claim");
    read_history(world, seat);
    world_publish(world, &granted);
    if (good) {
        check_claim(world, seat, &request);
        if (request.answer == CLAIM_OK)
            begin(world, seat);
        else
            seat->busy = false;
    } /* else asks again with the same fence */
    arena_free(request.arena);
}

static void take(struct world *world, struct worker *worker, const struct ticket *ticket)
{
    for (size_t i = 0; i < SEATS; i++) {
        struct seat *seat = &worker->seats[i];
        if (seat->busy)
            continue;
        if (world_fault(world, FAULT_WORKER_BEFORE_CLAIM, 10)) {
            worker_born(world, worker);
            return;
        }
        *seat = (struct seat){.busy = true, .ticket = *ticket};
        char id[sizeof worker->id]; /* a copy: the seat lies in the worker too */
        memcpy(id, worker->id, sizeof id);
        snprintf(seat->fence, sizeof seat->fence, "%s.%" PRId64, id, ++worker->fences);
        claim(world, worker, seat);
        if (seat->claimed && world_fault(world, FAULT_WORKER_AFTER_CLAIM, 10))
            worker_born(world, worker);
        return;
    }
}

static void look(struct world *world, struct worker *worker)
{
    struct tickets found = {0};
    struct err err;
    const char *company = world->companies[world_random(world, COMPANIES)];
    world_answered(
        ledger_look(worker->ledger, world_bucket(world, company), NULL, 0, 1, &found, &err), &err,
        "look");
    if (found.count)
        take(world, worker, &found.items[0]);
    tickets_drop(&found);
}

static void take_or_look(struct world *world, struct worker *worker)
{
    struct ticket ticket;
    if (world->now >= worker->no_kafka_until_ms && world_fetch(world, &ticket))
        take(world, worker, &ticket);
    else if (world_random(world, 3) == 0)
        look(world, worker);
}

/* ---- beats and writes ---- */

static void check_accepted(struct world *world, const struct seat *seat, const char *what,
                           bool accepted)
{
    if (accepted && !holds(world, seat))
        model_breach(world->model, "I12", "%s: %s is accepted from %s, the holder is \"%s\"",
                     seat->ticket.task, what, seat->fence,
                     model_holder(world->model, seat->ticket.task));
}

static void heed(struct world *world, struct seat *seat, enum beat answer)
{
    static const enum outcome FOLLOWS[] = {[BEAT_CANCEL] = OUTCOME_CANCELLED,
                                           [BEAT_TIMEOUT] = OUTCOME_TIMEOUT,
                                           [BEAT_YIELD] = OUTCOME_PARK};
    if (answer == BEAT_OK || (answer == BEAT_TIMEOUT && seat->stubborn))
        return;
    seat->end_ms = world->now;
    seat->outcome = FOLLOWS[answer];
    seat->killer = false;
}

static void check_beat(struct world *world, const struct seat *seat, enum beat answer)
{
    check_accepted(world, seat, "a beat", answer != BEAT_FENCED);
    if (answer != BEAT_CANCEL && answer != BEAT_FENCED &&
        model_cancelled(world->model, seat->ticket.task))
        model_breach(world->model, "I21", "%s was cancelled, and its beat is answered %d",
                     seat->ticket.task, answer);
    /* It has run since it was claimed, whenever its worker heard of that. */
    int64_t ran = world_redis_ms(world) - model_started(world->model, seat->ticket.task);
    if (answer == BEAT_YIELD && ran < YIELD_MS)
        model_breach(world->model, "I15", "%s is asked to yield after %" PRId64 " ms",
                     seat->ticket.task, ran);
}

static void beat(struct world *world, struct worker *worker, struct seat *seat)
{
    struct err err;
    struct beat_request request = {0};
    char cursor[CURSOR_TEXT];
    const int64_t sent_ms = world->now;
    const bool held = holds(world, seat);
    if (world->now < seat->beat_ms + BEAT_MS)
        return;
    seat->beat_ms = world->now;
    snprintf(request.task, sizeof request.task, "%s", seat->ticket.task);
    snprintf(request.fence, sizeof request.fence, "%s", seat->fence);
    if (world_random(world, 3) == 0) {
        snprintf(cursor, sizeof cursor, "c%" PRId64, world->now);
        request.cursor = cursor;
        request.cursor_size = strlen(cursor);
    }
    bool good = world_answered(
        ledger_beat(worker->ledger, bucket_of(world, seat), &request, 1, &err), &err, "beat");
    if (good)
        check_beat(world, seat, request.answer);
    read_history(world, seat);
    if (request.cursor && held) /* "?": nobody knows, or it was the last beat of a lost attempt */
        cursor_accepted(world, seat, good && request.answer != BEAT_FENCED ? cursor : "?");
    if (!good)
        return;
    if (request.answer == BEAT_FENCED) {
        seat->busy = false;
        return;
    }
    seat->confirmed_ms = sent_ms;
    heed(world, seat, request.answer);
}

/* A write to a peer passes the gate only within 0.7 lease of a confirmed beat: then nobody else can
 * have claimed (I2), but for a Redis that has forgotten the claim and not been asked since. One
 * that has only forgotten the beat must not let anybody in. */
static void effect(struct world *world, const struct seat *seat)
{
    bool open = world->now - seat->confirmed_ms < GATE_MS;
    bool forgotten =
        !model_claimed(world->model, seat->fence) && seat->confirmed_ms <= world->rolled_back_ms;
    if (open && !holds(world, seat) && !forgotten)
        model_breach(world->model, "I2", "%s: an effect of %s passes, the holder is \"%s\"",
                     seat->ticket.task, seat->fence, model_holder(world->model, seat->ticket.task));
}

/* Redis is asked for its own data and answers by the fence. Now and then the write is one that
 * cannot be repeated blindly: a note is its lock, and who finds another's looks and clears it. */
static void work(struct world *world, struct worker *worker, struct seat *seat)
{
    struct err err;
    bool fenced = false, refused = false, notes = world_random(world, 3) == 0;
    char record[16];
    OWN(write) struct write *write = write_new();
    effect(world, seat);
    snprintf(record, sizeof record, "r%d", (int)world_random(world, 3));
    if (notes && world_random(world, 4) == 0)
        write_note_clear(write, record);
    if (notes)
        write_note(write, record, "bc", "post", seat->ticket.task, world_redis_ms(world) + 60000);
    write_add(write, "HSET", "work", seat->ticket.task, seat->fence, NULL);
    if (world_answered(ledger_write(worker->ledger, bucket_of(world, seat), seat->ticket.task,
                                    seat->fence, write, &fenced, &refused, &err),
                       &err, "write"))
        check_accepted(world, seat, "a write", !fenced);
}

/* ---- the end ---- */

#define FORGED "0000000000000bad.1"
static bool forged(const struct seat *seat)
{
    return strcmp(seat->fence, FORGED) == 0;
}

/* The executor goes on with what the very call has claimed for it. */
static void go_on(struct world *world, struct seat *seat, const struct finish_request *request)
{
    struct seat next = {.busy = true, .ticket = request->next.ticket};
    snprintf(next.fence, sizeof next.fence, "%s", request->next_fence);
    *seat = next;
    if (!holds(world, seat))
        model_breach(world->model, "I16", "%s: %s goes on with it, the holder is \"%s\"",
                     seat->ticket.task, seat->fence, model_holder(world->model, seat->ticket.task));
    begin(world, seat);
}

static void prepare_finish(struct world *world, struct worker *worker, struct seat *seat)
{
    if (seat->ended)
        return; /* asks the very same again */
    if (seat->outcome == OUTCOME_PARK)
        seat->park_ms = world_chance(world, 400)
                            ? PARK_NEVER /* until a person says so */
                            : world->now + worker->clock_ms + (int64_t)world_random(world, 60000);
    if (world_random(world, 2))
        snprintf(seat->next_fence, sizeof seat->next_fence, "%s.%" PRId64, worker->id,
                 ++worker->fences);
}

static void finish(struct world *world, struct worker *worker, struct seat *seat)
{
    struct tickets granted = {0};
    struct err err;
    struct finish_request request = {.outcome = seat->outcome, .counts = "{\"read\":1}"};
    char lane[128];
    const bool held = holds(world, seat);
    prepare_finish(world, worker, seat);
    request.at_ms = seat->park_ms;
    snprintf(request.task, sizeof request.task, "%s", seat->ticket.task);
    snprintf(request.fence, sizeof request.fence, "%s", seat->fence);
    snprintf(request.next_fence, sizeof request.next_fence, "%s", seat->next_fence);
    snprintf(lane, sizeof lane, "%s:%s", seat->ticket.company, seat->ticket.category);
    request.lane = lane;
    bool good = world_answered(
        ledger_finish(worker->ledger, bucket_of(world, seat), &request, 1, &granted, &err), &err,
        "finish");
    model_approval(world->model, request.at_ms < 0);
    read_history(world, seat);
    model_approval(world->model, false);
    world_publish(world, &granted);
    if (good && request.done && !held && (!seat->ended || forged(seat)))
        model_breach(world->model, "I12", "%s: a finish is accepted from %s, which held nothing",
                     request.task, request.fence);
    seat->ended = true;
    if (good && !world_fault(world, FAULT_CALL_TWICE, 80)) { /* else asks again */
        seat->busy = false;
        if (request.has_next)
            go_on(world, seat, &request);
    }
    arena_free(request.next_arena);
}

static void forge(struct world *world, struct worker *worker, const struct seat *seat)
{
    struct seat other = *seat;
    if (!world_fault(world, FAULT_FORGED_FENCE, 20))
        return;
    snprintf(other.fence, sizeof other.fence, FORGED);
    other.outcome = OUTCOME_OK;
    other.ended = true; /* nothing more is prepared for it */
    other.park_ms = *other.next_fence = 0;
    other.beat_ms = other.confirmed_ms = 0; /* no gate of it is open */
    if (world_random(world, 2))
        finish(world, worker, &other);
    else if (world_random(world, 2))
        beat(world, worker, &other);
    else
        work(world, worker, &other);
}

static void seat_ends(struct world *world, struct worker *worker, struct seat *seat)
{
    if (seat->killer && !seat->ended) {
        world->tally->faults[FAULT_POISON]++;
        worker_born(world, worker);
    } else if (!seat->ended && world_fault(world, FAULT_WORKER_BEFORE_FINISH, 15)) {
        worker_born(world, worker);
    } else {
        finish(world, worker, seat);
    }
}

static void seat_step(struct world *world, struct worker *worker, struct seat *seat)
{
    if (!seat->claimed) {
        claim(world, worker, seat);
        return;
    }
    if (!seat->ended)
        beat(world, worker, seat);
    if (!seat->busy)
        return;
    if (seat->ended || world->now >= seat->end_ms)
        seat_ends(world, worker, seat);
    else if (world_random(world, 3) == 0)
        work(world, worker, seat);
    if (seat->busy)
        forge(world, worker, seat);
}

/* ---- the worker ---- */

static void trouble(struct world *world, struct worker *worker)
{
    int64_t long_ms = LEASE_MS + GRACE_MS + 2000;
    if (world_fault(world, FAULT_WORKER_STOPPED, 5))
        worker->stopped_until_ms = world->now + long_ms + (int64_t)world_random(world, 30000);
    if (world_fault(world, FAULT_WORKER_NO_REDIS, 5))
        worker->no_redis_until_ms = world->now + (int64_t)world_random(world, 30000);
    if (world_fault(world, FAULT_WORKER_NO_KAFKA, 5))
        worker->no_kafka_until_ms = world->now + (int64_t)world_random(world, 60000);
}

void workers_begin(struct world *world)
{
    for (size_t i = 0; i < WORKERS; i++)
        worker_born(world, &world->workers[i]);
}

void workers_heal(struct world *world)
{
    for (size_t i = 0; i < WORKERS; i++) {
        struct worker *worker = &world->workers[i];
        worker->stopped_until_ms = worker->no_redis_until_ms = worker->no_kafka_until_ms = 0;
        for (size_t k = 0; k < SEATS; k++)
            worker->seats[k].killer = false;
    }
}

void workers_step(struct world *world)
{
    for (size_t i = 0; i < WORKERS; i++) {
        struct worker *worker = &world->workers[i];
        trouble(world, worker);
        if (world->now < worker->stopped_until_ms)
            continue;
        world->cut = world->now < worker->no_redis_until_ms;
        size_t busy = 0;
        for (size_t k = 0; k < SEATS; k++) {
            if (worker->seats[k].busy)
                seat_step(world, worker, &worker->seats[k]);
            busy += worker->seats[k].busy;
        }
        if (busy < SEATS)
            take_or_look(world, worker);
        world->cut = false;
    }
}
