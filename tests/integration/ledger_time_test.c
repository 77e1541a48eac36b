/* ledger_time_test.c - what the ledger's scripts do when: slots, delays, leases, penalties, at a
 * time that the test sets; and replays, which no time makes right. The rules without a time are in
 * ledger_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/why.h"
#include "ledger/commands.h"
#include "ledger/write.h"
#include "support/redis.h"

#define T0 1767225600000LL /* 2026-01-01 */
#define MINUTE 60000LL
enum { LEASE_MS = 10000, GRACE_MS = 3000 };

static const char COMPANY[] = "8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11";
static struct test_redis server;

/* One data set, one connection, one time. */
struct bed {
    struct ledger *ledger;
    struct arena *arena;
    int64_t now;
    int bucket, fences;
    char environment[33];
};
static struct err err;

#define OK(what)                                                                                   \
    do {                                                                                           \
        if (!(what))                                                                               \
            fail_msg("%s", err.text);                                                              \
    } while (0)

static void at(struct bed *bed, int64_t now)
{
    bed->now = now;
    OK(ledger_simulate(bed->ledger, now, &err));
}

static int set_up(void **state)
{
    struct bed *bed = mem_new(sizeof *bed);
    char random[17];
    bool created;
    ids_start();
    random_hex(8, random);
    snprintf(bed->environment, sizeof bed->environment, "t%s", random);
    struct ledger_config config = {
        .redis = server.address, .environment = bed->environment, .lease_ms = LEASE_MS};
    OK(ledger_open(&config, &bed->ledger, &err));
    OK(ledger_init(bed->ledger, &created, &err));
    assert_true(created);
    bed->arena = arena_new();
    bed->bucket = ledger_bucket(bed->ledger, COMPANY);
    at(bed, T0);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;
    arena_free(bed->arena);
    ledger_free(bed->ledger);
    free(bed);
    return 0;
}

/* ---- words of the tests ---- */

static struct entry_definition once(const char *category)
{
    struct entry_definition definition = {.schedule = SCHEDULE_AT,
                                          .arguments = "{\"shop\":\"DEMO\"}",
                                          .description = "a test",
                                          .run_as = "test",
                                          .priority = PRIORITY_NORMAL,
                                          .max_retry = -1,
                                          .kind = TICKET_IMMEDIATE};
    snprintf(definition.company, sizeof definition.company, "%s", COMPANY);
    snprintf(definition.category, sizeof definition.category, "%s", category);
    snprintf(definition.operation, sizeof definition.operation, "orders.sync");
    return definition;
}

static struct entry_definition every(const char *category, int64_t every_ms)
{
    struct entry_definition definition = once(category);
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = every_ms;
    definition.kind = TICKET_SCHEDULED;
    return definition;
}

static const char *add(struct bed *bed, const struct entry_definition *definition)
{
    char id[UUID_TEXT];
    bool existing;
    struct tickets granted = {0};
    OK(ledger_add(bed->ledger, definition, id, &existing, &granted, &err));
    tickets_drop(&granted);
    return arena_text(bed->arena, id);
}

/* One tick of a producer; what it granted. */
static struct tickets tick(struct bed *bed)
{
    struct due_entry *due;
    struct tickets granted = {0};
    size_t count;
    int64_t next;
    OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &err));
    struct decision *decisions = arena_array(bed->arena, count + 1, sizeof *decisions);
    for (size_t i = 0; i < count; i++)
        decisions[i] = queue_decide(&due[i].entry, bed->now);
    OK(ledger_fire(bed->ledger, bed->bucket, due, decisions, count, &granted, &err));
    return granted;
}

/* Exactly one ticket, from as many ticks as a plan needs (plan, then fire). */
static struct ticket tick_one(struct bed *bed)
{
    struct tickets granted = tick(bed);
    assert_int_equal(1, granted.count);
    struct ticket ticket = granted.items[0];
    tickets_drop(&granted);
    return ticket;
}

static void tick_none(struct bed *bed)
{
    struct tickets granted = tick(bed);
    assert_int_equal(0, granted.count);
    tickets_drop(&granted);
}

static const char *fence_new(struct bed *bed)
{
    return arena_printf(bed->arena, "00112233aabbccdd.%d", ++bed->fences);
}

static enum claim claim_as(struct bed *bed, const struct ticket *ticket, const char *fence,
                           struct run_sheet *sheet)
{
    struct claim_request request = {.ticket = ticket, .arena = bed->arena};
    struct tickets granted = {0};
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    OK(ledger_claim(bed->ledger, bed->bucket, &request, 1, &granted, &err));
    tickets_drop(&granted);
    if (sheet)
        *sheet = request.sheet;
    return request.answer;
}

static const char *claim(struct bed *bed, const struct ticket *ticket)
{
    const char *fence = fence_new(bed);
    assert_string_equal("ok", claim_name(claim_as(bed, ticket, fence, NULL)));
    return fence;
}

static enum beat beat(struct bed *bed, const struct ticket *ticket, const char *fence,
                      const char *cursor)
{
    struct beat_request request = {.cursor = cursor, .cursor_size = cursor ? strlen(cursor) : 0};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    OK(ledger_beat(bed->ledger, bed->bucket, &request, 1, &err));
    return request.answer;
}

/* What a finish grants; `done` may be NULL = must be true. */
static struct tickets finish_at(struct bed *bed, const struct ticket *ticket, const char *fence,
                                enum outcome outcome, int64_t at_ms, bool *done)
{
    struct finish_request request = {.outcome = outcome, .at_ms = at_ms, .counts = "{\"read\":3}"};
    struct tickets granted = {0};
    if (outcome != OUTCOME_OK && outcome != OUTCOME_PARK)
        request.error = "it went wrong";
    if (outcome == OUTCOME_PARK)
        request.why = "budget";
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    OK(ledger_finish(bed->ledger, bed->bucket, &request, 1, &granted, &err));
    if (done)
        *done = request.done;
    else
        assert_true(request.done);
    return granted;
}

static void finish(struct bed *bed, const struct ticket *ticket, const char *fence,
                   enum outcome outcome)
{
    struct tickets granted = finish_at(bed, ticket, fence, outcome, 0, NULL);
    tickets_drop(&granted);
}

static const char *field(struct bed *bed, const char *entry, const char *name)
{
    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(bed->ledger), &reply, &err, "HGET ct:{%s/%02x}:e:%s %s",
                      bed->environment, (unsigned)bed->bucket, entry, name));
    return reply->type == REDIS_REPLY_STRING ? arena_text(bed->arena, reply->str) : "";
}

static int64_t number(struct bed *bed, const char *entry, const char *name)
{
    return strtoll(field(bed, entry, name), NULL, 10);
}

static bool gone(struct bed *bed, const char *entry)
{
    return !*field(bed, entry, "status");
}

static void stands(struct bed *bed, const char *entry, const char *status, const char *sub)
{
    assert_string_equal(status, field(bed, entry, "status"));
    assert_string_equal(sub, field(bed, entry, "sub"));
}

static struct reaped reap_by(struct bed *bed, int64_t trusted_ms, struct tickets *again)
{
    struct reaped reaped = {0};
    OK(ledger_reap(bed->ledger, bed->bucket, trusted_ms, again, &reaped, &err));
    return reaped;
}

static struct reaped reap(struct bed *bed, bool trust, struct tickets *again)
{
    return reap_by(bed, trust ? INT64_MAX : 0, again);
}

typedef bool (*verb)(struct ledger *, const char *, const char *, struct tickets *, struct err *);
static size_t ask(struct bed *bed, verb what, const char *entry)
{
    struct tickets granted = {0};
    OK(what(bed->ledger, COMPANY, entry, &granted, &err));
    size_t count = granted.count;
    tickets_drop(&granted);
    return count;
}

static void hold(struct bed *bed, const char *entry, bool stop)
{
    struct tickets granted = {0};
    OK(ledger_hold(bed->ledger, COMPANY, entry, stop, &granted, &err));
    tickets_drop(&granted);
}

/* ---- one entry's life ---- */

static void slots_stay_on_their_grid(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 10 * MINUTE);
    const char *entry = add(bed, &definition);

    struct ticket first = tick_one(bed); /* anchored at the time it was added: due at once */
    assert_int_equal(T0, number(bed, entry, "slot"));
    const char *fence = claim(bed, &first);
    at(bed, T0 + 3 * MINUTE);
    finish(bed, &first, fence, OUTCOME_OK);
    tick_none(bed);
    stands(bed, entry, "0", "due");
    assert_int_equal(T0 + 10 * MINUTE, number(bed, entry, "due"));
    at(bed, T0 + 10 * MINUTE + 400);
    struct ticket second = tick_one(bed);
    assert_string_not_equal(first.task, second.task);
    fence = claim(bed, &second);

    /* 35 minutes away: one late run at the latest slot, those before it skipped. */
    finish(bed, &second, fence, OUTCOME_OK);
    at(bed, T0 + 45 * MINUTE);
    struct ticket late = tick_one(bed);
    assert_int_equal(T0 + 40 * MINUTE, number(bed, entry, "slot"));
    assert_int_equal(T0 + 30 * MINUTE, number(bed, entry, "last_slot"));
    fence = claim(bed, &late);
    finish(bed, &late, fence, OUTCOME_IDLE);
    tick_none(bed);
    stands(bed, entry, "5", "due");
    assert_int_equal(T0 + 50 * MINUTE, number(bed, entry, "due"));
}

/* ---- windows, policies, formulas: what the tick decides and the scripts carry out ---- */

/* Records of this event in the history. */
static int recorded(struct bed *bed, const char *event)
{
    OWN_REPLY redisReply *rows = NULL;
    OK(redis_commandf(ledger_redis(bed->ledger), &rows, &err, "XRANGE ct:{%s/%02x}:hist - +",
                      bed->environment, (unsigned)bed->bucket));
    return test_recorded(rows, event);
}

static void a_closed_window_skips_what_waited(void **state)
{
    struct bed *bed = *state;
    struct entry_definition blocker = once("SHPFY"), definition = every("SHPFY", 10 * MINUTE);
    const int64_t day = T0 - T0 % (24 * 60 * MINUTE), now = T0 - day;
    definition.from_ms = now;
    definition.to_ms = now + 30 * MINUTE;
    definition.days = EVERY_DAY;
    add(bed, &blocker);
    struct ticket held = tick_one(bed);
    const char *fence = claim(bed, &held), *entry = add(bed, &definition);
    tick_none(bed);
    stands(bed, entry, "6", "gated");
    assert_int_equal(T0 + 30 * MINUTE, number(bed, entry, "until"));

    at(bed, T0 + 31 * MINUTE); /* the category is free when the window is not open any more */
    finish(bed, &held, fence, OUTCOME_OK);
    stands(bed, entry, "0", "due");
    tick_none(bed); /* ended as skipped */
    assert_int_equal(T0, number(bed, entry, "last_slot"));
    tick_none(bed); /* 10, 20 and 30 minutes: skipped as well; the next is tomorrow's */
    stands(bed, entry, "0", "due");
    assert_int_equal(T0 + 30 * MINUTE, number(bed, entry, "last_slot"));
    assert_int_equal(T0 + 24 * 60 * MINUTE, number(bed, entry, "due"));
    assert_int_equal(2, recorded(bed, "skip"));
}

static void a_retry_outside_the_window_ends_its_slot(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 60 * MINUTE);
    const int64_t now = T0 % (24 * 60 * MINUTE);
    definition.from_ms = now;
    definition.to_ms = now + 5 * MINUTE;
    definition.retry_ms = 10 * MINUTE;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    finish(bed, &ticket, fence, OUTCOME_RETRY);
    at(bed, number(bed, entry, "due"));
    tick_none(bed);
    tick_none(bed);
    stands(bed, entry, "0", "due");
    assert_int_equal(T0 + 24 * 60 * MINUTE, number(bed, entry, "due"));
    OWN_JSON json *run = NULL;
    OK(ledger_run(bed->ledger, COMPANY, ticket.task, &run, &err));
    assert_string_equal("finished", json_text(run, "state"));
    assert_string_equal("fatal", json_text(run, "outcome"));
    assert_non_null(strstr(json_text(run, "error"), "its window closed"));
}

static void all_catches_up_in_order(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 10 * MINUTE);
    definition.catch_up = CATCH_UP_ALL;
    definition.max_backlog = 3;
    const char *entry = add(bed, &definition);
    at(bed, T0 + 45 * MINUTE); /* five slots have passed; the latest three run */
    for (int i = 2; i <= 4; i++) {
        struct ticket ticket = tick_one(bed);
        assert_int_equal(T0 + i * 10 * MINUTE, number(bed, entry, "slot"));
        assert_int_equal(ticket.kind, i < 4 ? TICKET_CATCH_UP : TICKET_SCHEDULED);
        finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    }
    tick_none(bed);
    assert_int_equal(T0 + 50 * MINUTE, number(bed, entry, "due"));
    assert_int_equal(1, recorded(bed, "skip"));
}

static void a_formula_without_end_is_an_error_not_a_loop(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 0);
    definition.schedule = SCHEDULE_FORMULA;
    definition.formula = "1D+CM";
    definition.from_ms = 6 * 60 * MINUTE;
    const char *entry = add(bed, &definition);
    tick_none(bed);
    int64_t due = number(bed, entry, "due");
    assert_int_equal(due % (24 * 60 * MINUTE), definition.from_ms);
    assert_true(due > T0 && due <= T0 + 31LL * 24 * 60 * MINUTE);

    definition.formula = "CD"; /* the API refuses it */
    struct tickets granted = {0};
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    tick_none(bed);
    stands(bed, entry, "2", "rest");
    assert_int_equal(1, recorded(bed, "fail"));
    OWN_JSON json *view = NULL;
    OK(ledger_entry(bed->ledger, COMPANY, entry, &view, &err));
    assert_string_equal("its schedule names no further time", json_text(view, "error"));
    assert_string_equal("06:00", json_text(view, "at_time"));
}

/* Fixed delay: an hour from the end of the run, not from the slot. */
static void business_central_counts_from_the_finish(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 60 * MINUTE);
    definition.bc = true;
    definition.days = EVERY_DAY;
    const char *entry = add(bed, &definition);
    tick_none(bed);
    assert_int_equal(T0 + 1000, number(bed, entry, "due")); /* Business Central's floor */
    at(bed, T0 + 1000);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    at(bed, T0 + 7 * MINUTE);
    finish(bed, &ticket, fence, OUTCOME_OK);
    at(bed, T0 + 8 * MINUTE); /* planned later: it still counts from the end */
    tick_none(bed);
    assert_int_equal(T0 + 67 * MINUTE, number(bed, entry, "due"));
}

static void a_zone_of_its_own_goes_before_the_companys(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 60 * MINUTE);
    struct due_entry *due;
    size_t count;
    int64_t next;
    bool changed;
    OK(ledger_settings_put(bed->ledger, COMPANY, "company", "{\"time_zone\":\"Europe/Paris\"}",
                           &changed, &err));
    definition.days = EVERY_DAY;
    const char *entry = add(bed, &definition);
    OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &err));
    assert_int_equal(1, count);
    assert_string_equal("Europe/Paris", entry_zone(&due->entry));
    definition.zone = "Asia/Tokyo";
    struct tickets granted = {0};
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &err));
    assert_string_equal("Asia/Tokyo", entry_zone(&due->entry));
    definition.zone = NULL; /* a field that says nothing any more goes */
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &err));
    assert_string_equal("Europe/Paris", entry_zone(&due->entry));
}

static void an_entry_of_the_past_starts_at_its_next_slot(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 10 * MINUTE);
    definition.start_ms = T0 - 25 * MINUTE;
    const char *entry = add(bed, &definition);
    tick_none(bed);
    assert_int_equal(T0 + 5 * MINUTE, number(bed, entry, "due"));
}

/* Edited while it runs: its new slots count from the edit, though all are to be caught up. */
/* An edit of what does not move its time leaves it due at the same instant: the revision tells. */
static void a_decision_on_an_old_definition_does_nothing(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", MINUTE);
    const char *entry = add(bed, &definition);
    struct tickets granted = {0};
    struct due_entry *due;
    size_t count;
    int64_t next;
    OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &err));
    assert_int_equal(1, count);
    struct decision decision = queue_decide(&due->entry, bed->now);
    definition.max_backlog = 7;
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    assert_int_equal(due->due_ms, number(bed, entry, "due"));
    OK(ledger_fire(bed->ledger, bed->bucket, due, &decision, 1, &granted, &err));
    assert_int_equal(0, granted.count);
    stands(bed, entry, "0", "due");
    tick_one(bed);
    tickets_drop(&granted);
}

static void an_edit_during_a_run_catches_nothing_up(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 60 * MINUTE);
    struct tickets granted = {0};
    definition.catch_up = CATCH_UP_ALL;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    at(bed, T0 + 7 * MINUTE);
    definition.start_ms = T0;
    definition.every_ms = 2 * MINUTE;
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    at(bed, T0 + 9 * MINUTE);
    finish(bed, &ticket, fence, OUTCOME_OK);
    ticket = tick_one(bed);
    assert_int_equal(T0 + 8 * MINUTE, number(bed, entry, "slot"));
}

static void a_failure_comes_again_with_growing_delay(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    definition.max_retry = 2;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed), before = ticket;
    static const int64_t BASE[] = {10000, 20000};

    for (int n = 1; n <= 2; n++) {
        const char *fence = claim(bed, &ticket);
        finish(bed, &ticket, fence, OUTCOME_RETRY);
        int64_t delay = number(bed, entry, "due") - bed->now;
        assert_in_range(delay, BASE[n - 1] * 8 / 10, BASE[n - 1] * 12 / 10);
        tick_none(bed); /* not before */
        at(bed, bed->now + delay);
        ticket = tick_one(bed);
        assert_string_equal(before.task, ticket.task); /* the same task, another attempt */
        assert_int_equal(n + 1, ticket.attempt);
    }
    const char *fence = claim(bed, &ticket);
    finish(bed, &ticket, fence, OUTCOME_RETRY);
    stands(bed, entry, "2", "rest");
    assert_string_equal("it went wrong", field(bed, entry, "err"));
    assert_int_equal(0, ask(bed, ledger_restart, entry));
    ticket = tick_one(bed);
    assert_string_not_equal(before.task, ticket.task);
    assert_int_equal(1, ticket.attempt);
}

/* ---- categories ---- */

static void the_blank_category_runs_five(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("");
    for (int i = 0; i < 7; i++)
        add(bed, &definition);
    struct tickets granted = tick(bed);
    assert_int_equal(5, granted.count);
    tickets_drop(&granted);
}

static void priority_goes_first_until_the_penalty_is_over(void **state)
{
    struct bed *bed = *state;
    static const enum priority ORDER[] = {PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_HIGH};
    struct entry_definition definition = once("SHPFY");
    const char *entries[3];
    add(bed, &definition);
    struct ticket running = tick_one(bed);
    const char *fence = claim(bed, &running);
    for (int i = 0; i < 3; i++) {
        definition.priority = ORDER[i];
        entries[i] = add(bed, &definition);
    }
    tick_none(bed);
    for (int i = 2; i >= 0; i--) {
        struct tickets granted = finish_at(bed, &running, fence, OUTCOME_OK, 0, NULL);
        assert_int_equal(1, granted.count);
        running = granted.items[0];
        tickets_drop(&granted);
        assert_string_equal(entries[i], running.entry);
        fence = claim(bed, &running);
    }
    /* Low waits behind High, but not for ever: 30 minutes are its whole handicap. */
    definition.priority = PRIORITY_LOW;
    const char *low = add(bed, &definition);
    tick_none(bed);
    at(bed, T0 + 31 * MINUTE);
    definition.priority = PRIORITY_HIGH;
    add(bed, &definition);
    tick_none(bed);
    struct tickets granted = finish_at(bed, &running, fence, OUTCOME_OK, 0, NULL);
    assert_string_equal(low, granted.items[0].entry);
    tickets_drop(&granted);
}

/* ---- replies that got lost, messages that came twice ---- */

static void replays_only_ever_get_refusals(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 10 * MINUTE);
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed), forged = ticket;
    struct run_sheet sheet, again;
    const char *fence = fence_new(bed), *other = fence_new(bed);
    bool done;

    snprintf(forged.task, sizeof forged.task, "%s", "00000000-0000-4000-8000-000000000000.1.5");
    assert_int_equal(CLAIM_UNKNOWN, claim_as(bed, &forged, other, NULL));
    assert_int_equal(CLAIM_OK, claim_as(bed, &ticket, fence, &sheet));
    assert_int_equal(CLAIM_OK, claim_as(bed, &ticket, fence, &again)); /* its reply was lost */
    assert_int_equal(sheet.no, again.no);
    assert_int_equal(sheet.claimed_ms, again.claimed_ms);
    assert_int_equal(CLAIM_DUP, claim_as(bed, &ticket, other, NULL));

    finish_at(bed, &ticket, other, OUTCOME_OK, 0, &done);
    assert_false(done);
    finish(bed, &ticket, fence, OUTCOME_OK);
    finish_at(bed, &ticket, fence, OUTCOME_OK, 0, &done);
    assert_true(done); /* repeated: nothing happens, and it is told so */
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, other, NULL));
    assert_int_equal(BEAT_FENCED, beat(bed, &ticket, fence, NULL));
    assert_int_equal(T0, number(bed, entry, "last_slot"));

    tick_none(bed);
    at(bed, T0 + 10 * MINUTE);
    struct ticket second = tick_one(bed);
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, other, NULL));
    claim(bed, &second);
}

struct racer {
    const struct bed *bed;
    const struct ticket *ticket;
    char fence[48];
    enum claim answer;
};

static void *race(void *shared)
{
    struct racer *racer = shared;
    struct ledger_config config = {.redis = server.address, .environment = racer->bed->environment};
    struct claim_request request = {.ticket = racer->ticket, .arena = arena_new()};
    struct tickets granted = {0};
    struct err problem;
    OWN(ledger) struct ledger *ledger = NULL;
    snprintf(request.fence, sizeof request.fence, "%s", racer->fence);
    bool good = ledger_open(&config, &ledger, &problem) &&
                ledger_claim(ledger, racer->bed->bucket, &request, 1, &granted, &problem);
    racer->answer = good ? request.answer : CLAIM_UNKNOWN;
    arena_free(request.arena);
    tickets_drop(&granted);
    return NULL;
}

static void many_workers_one_claim(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct racer racers[16];
    pthread_t threads[COUNT(racers)];
    int got = 0;
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    for (size_t i = 0; i < COUNT(racers); i++) {
        racers[i] = (struct racer){.bed = bed, .ticket = &ticket};
        snprintf(racers[i].fence, sizeof racers[i].fence, "%s", fence_new(bed));
        assert_int_equal(0, pthread_create(&threads[i], NULL, race, &racers[i]));
    }
    for (size_t i = 0; i < COUNT(racers); i++) {
        pthread_join(threads[i], NULL);
        got += racers[i].answer == CLAIM_OK;
        assert_true(racers[i].answer == CLAIM_OK || racers[i].answer == CLAIM_DUP);
    }
    assert_int_equal(1, got);
}

/* ---- losing and finding ---- */

static void an_idle_worker_finds_what_nobody_claimed(void **state)
{
    struct bed *bed = *state;
    static const char *const POST[] = {"POST"};
    struct entry_definition definition = once("SHPFY");
    struct tickets found = {0};
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    at(bed, T0 + 900);
    OK(ledger_look(bed->ledger, bed->bucket, NULL, 0, 4, &found, &err));
    assert_int_equal(0, found.count);
    at(bed, T0 + 1100);
    OK(ledger_look(bed->ledger, bed->bucket, POST, 1, 4, &found, &err));
    assert_int_equal(0, found.count);
    OK(ledger_look(bed->ledger, bed->bucket, NULL, 0, 4, &found, &err));
    assert_int_equal(1, found.count);
    assert_string_equal(ticket.task, found.items[0].task);
    claim(bed, &found.items[0]);
    assert_int_equal(CLAIM_DUP, claim_as(bed, &ticket, fence_new(bed), NULL));
    tickets_drop(&found);
}

static void an_unclaimed_grant_is_offered_again_more_and_more_rarely(void **state)
{
    struct bed *bed = *state;
    static const int64_t AGAIN_S[] = {30, 90, 210}; /* 30 s, then doubling */
    struct entry_definition definition = once("SHPFY");
    struct tickets again = {0};
    size_t next = 0;
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    for (int64_t s = 10; s <= 240; s += 10) {
        at(bed, T0 + s * 1000);
        size_t got = reap(bed, true, &again).republished;
        bool due = next < COUNT(AGAIN_S) && s == AGAIN_S[next];
        assert_int_equal(due ? 1 : 0, got);
        next += due;
    }
    assert_int_equal(COUNT(AGAIN_S), next);
    assert_string_equal(ticket.task, again.items[2].task);
    assert_int_equal(1, again.items[2].attempt);
    tickets_drop(&again);
}

/* The gate of its worker counts from the claim whose answer came, so must the lease: found by
 * tests/model. */
static void a_claim_asked_again_has_a_lease_of_its_own(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets again = {0};
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);

    at(bed, T0 + LEASE_MS);
    assert_int_equal(CLAIM_OK, claim_as(bed, &ticket, fence, NULL)); /* its reply was lost */
    at(bed, T0 + 2 * LEASE_MS + GRACE_MS - 1);
    assert_int_equal(0, reap(bed, true, &again).lost);
    at(bed, T0 + 2 * LEASE_MS + GRACE_MS);
    assert_int_equal(1, reap(bed, true, &again).lost);
    tickets_drop(&again);
}

static void a_silent_worker_loses_its_task_and_nothing_else(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets again = {0};
    bool done, fenced, refused;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);

    at(bed, T0 + 9000);
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, "here"));
    at(bed, T0 + 9000 + LEASE_MS + GRACE_MS - 1);
    assert_int_equal(0, reap(bed, true, &again).lost); /* living workers are left alone */
    at(bed, T0 + 9000 + LEASE_MS + GRACE_MS);
    assert_int_equal(0, reap(bed, false, &again).lost); /* not while time cannot be trusted */
    assert_int_equal(0,
                     reap_by(bed, T0 + 9000 + LEASE_MS + GRACE_MS - 1, &again).lost); /* a leap */
    assert_int_equal(1, reap(bed, true, &again).lost);
    stands(bed, entry, "0", "due");
    assert_int_equal(1, number(bed, entry, "lost"));
    assert_int_equal(0, number(bed, entry, "retries"));

    /* The dead may speak again; nobody listens. */
    assert_int_equal(BEAT_FENCED, beat(bed, &ticket, fence, NULL));
    finish_at(bed, &ticket, fence, OUTCOME_OK, 0, &done);
    OWN(write) struct write *write = write_new();
    write_add(write, "SET", "x", "1", NULL);
    OK(ledger_write(bed->ledger, bed->bucket, ticket.task, fence, write, &fenced, &refused, &err));
    assert_true(fenced);
    struct ticket second = tick_one(bed);
    assert_int_equal(2, second.attempt);
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, fence, NULL));
    claim(bed, &second);
    tickets_drop(&again);
}

static void a_task_is_not_lost_for_ever(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets again = {0};
    const char *entry = add(bed, &definition);
    for (int i = 0; i < 4; i++) {
        struct ticket ticket = tick_one(bed);
        claim(bed, &ticket);
        at(bed, bed->now + LEASE_MS + GRACE_MS);
        assert_int_equal(1, reap(bed, true, &again).lost);
    }
    stands(bed, entry, "2", "rest"); /* three losses are forgiven, the fourth is an error */
    tickets_drop(&again);
}

/* Between two looks of the reaper, so that neither finds anything strange about the time. */
static void a_clock_that_goes_back_and_forth_costs_nobody_its_lease(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets again = {0};
    struct reaped reaped = {0};
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &err));
    assert_int_equal(0, reaped.leaps);
    at(bed, T0 - 26000);
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, NULL));
    at(bed, T0 + 1000);
    OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &err));
    assert_int_equal(0, reaped.lost);
    assert_int_equal(1, reaped.leaps);
    /* Who knows of it waits until all have renewed; this one never did. */
    OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &err));
    assert_int_equal(1, reaped.lost);
    assert_int_equal(1, reaped.leaps);
    tickets_drop(&again);
}

static void a_job_may_not_run_longer_than_its_timeout(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    definition.timeout_ms = 5 * MINUTE;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    at(bed, T0 + 5 * MINUTE);
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, NULL));
    at(bed, T0 + 5 * MINUTE + 1);
    assert_int_equal(BEAT_TIMEOUT, beat(bed, &ticket, fence, NULL));
    assert_int_equal(BEAT_TIMEOUT, beat(bed, &ticket, fence, NULL));
    assert_int_equal(BEAT_FENCED, beat(bed, &ticket, fence, NULL));
    /* What it sent before may still be on its way: its lease runs out like any other. */
    struct tickets again = {0};
    assert_int_equal(0, reap(bed, true, &again).lost);
    at(bed, bed->now + LEASE_MS + GRACE_MS - 1);
    assert_int_equal(BEAT_FENCED, beat(bed, &ticket, fence, NULL));
    assert_int_equal(0, reap(bed, true, &again).lost);
    at(bed, bed->now + 1);
    assert_int_equal(1, reap(bed, true, &again).lost);
    assert_int_equal(1, number(bed, entry, "lost"));
    tickets_drop(&again);
}

static void a_run_that_ignores_its_cancel_times_out(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets again = {0};
    definition.timeout_ms = 5 * MINUTE;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    OK(ledger_cancel(bed->ledger, COMPANY, ticket.task, &again, &err));
    at(bed, T0 + 5 * MINUTE);
    assert_int_equal(BEAT_CANCEL, beat(bed, &ticket, fence, NULL));
    at(bed, T0 + 5 * MINUTE + 1);
    assert_int_equal(BEAT_CANCEL, beat(bed, &ticket, fence, NULL));
    assert_int_equal(BEAT_CANCEL, beat(bed, &ticket, fence, NULL));
    assert_int_equal(BEAT_FENCED, beat(bed, &ticket, fence, NULL));
    at(bed, bed->now + LEASE_MS + GRACE_MS);
    assert_int_equal(1, reap(bed, true, &again).lost);
    assert_int_equal(1, number(bed, entry, "lost"));
    tickets_drop(&again);
    /* Who takes over hears of it at once. */
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    assert_int_equal(BEAT_CANCEL, beat(bed, &ticket, fence, NULL));
}

static void a_retry_has_its_whole_time_again(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    definition.timeout_ms = 5 * MINUTE;
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    at(bed, T0 + 3 * MINUTE);
    finish(bed, &ticket, fence, OUTCOME_PARK); /* goes on: what it ran counts */
    at(bed, T0 + 10 * MINUTE);
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    at(bed, T0 + 12 * MINUTE);
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, NULL));
    at(bed, T0 + 12 * MINUTE + 1);
    assert_int_equal(BEAT_TIMEOUT, beat(bed, &ticket, fence, NULL));
    finish(bed, &ticket, fence, OUTCOME_TIMEOUT);
    at(bed, number(bed, entry, "due"));
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    at(bed, bed->now + 5 * MINUTE);
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, NULL));
    at(bed, bed->now + 1);
    assert_int_equal(BEAT_TIMEOUT, beat(bed, &ticket, fence, NULL));
}

static void a_long_run_yields_to_a_higher_priority(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    definition.priority = PRIORITY_HIGH;
    at(bed, T0 + 15000);
    add(bed, &definition);
    tick_none(bed);
    at(bed, T0 + 29000);
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, NULL));
    at(bed, T0 + 31000);
    assert_int_equal(BEAT_YIELD, beat(bed, &ticket, fence, NULL));
}

/* ---- people ---- */

static void hold_ready_and_the_stale_ticket(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    const char *entry = add(bed, &definition), *waits = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    struct tickets granted = {0};
    /* The first of both was granted; which one is the order's business. */
    const char *held = strcmp(ticket.entry, entry) == 0 ? entry : waits;
    OK(ledger_hold(bed->ledger, COMPANY, held, false, &granted, &err));
    assert_int_equal(1, granted.count); /* its permit went to the other in the same script */
    tickets_drop(&granted);
    stands(bed, held, "3", "rest");
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, fence_new(bed), NULL));
    tick_none(bed);
    assert_int_equal(0, ask(bed, ledger_ready, held));
    stands(bed, held, "0", "due");
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, fence_new(bed), NULL));
}

static void what_a_deleted_entry_held_goes_to_the_next(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    const char *one = add(bed, &definition), *other = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    struct tickets granted = {0};
    const char *next = strcmp(ticket.entry, one) == 0 ? other : one;
    OK(ledger_delete(bed->ledger, COMPANY, ticket.entry, &granted, &err));
    assert_int_equal(1, granted.count);
    assert_string_equal(next, granted.items[0].entry);
    tickets_drop(&granted);
    assert_true(gone(bed, ticket.entry));
    stands(bed, next, "0", "granted");
}

static void hold_lets_a_run_end_and_nothing_follow(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", MINUTE);
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    hold(bed, entry, false);
    stands(bed, entry, "3", "running");
    assert_int_equal(BEAT_OK, beat(bed, &ticket, fence, NULL));
    hold(bed, entry, true);
    assert_int_equal(BEAT_CANCEL, beat(bed, &ticket, fence, NULL));
    finish(bed, &ticket, fence, OUTCOME_CANCELLED);
    stands(bed, entry, "3", "rest");
    at(bed, T0 + 5 * MINUTE);
    tick_none(bed);
    ask(bed, ledger_ready, entry);
    tick_one(bed);
    assert_int_equal(T0 + 5 * MINUTE, number(bed, entry, "slot"));
}

static void cancel_before_and_while_it_runs(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", MINUTE);
    struct tickets granted = {0};
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    OK(ledger_cancel(bed->ledger, COMPANY, ticket.task, &granted, &err));
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, fence_new(bed), NULL));
    stands(bed, entry, "0", "due");
    tick_none(bed);
    at(bed, T0 + MINUTE);
    ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    OK(ledger_cancel(bed->ledger, COMPANY, "2", &granted, &err)); /* by its number */
    assert_int_equal(BEAT_CANCEL, beat(bed, &ticket, fence, NULL));
    finish(bed, &ticket, fence, OUTCOME_CANCELLED);
    assert_false(ledger_cancel(bed->ledger, COMPANY, "2", &granted, &err));
    assert_int_equal(409, err.code);
    tickets_drop(&granted);
}

static void edits_make_tickets_stale_only_where_they_matter(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets granted = {0};
    const char *entry = add(bed, &definition);
    snprintf(definition.id, sizeof definition.id, "%s", entry);
    struct ticket ticket = tick_one(bed);
    definition.description = "other words";
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    stands(bed, entry, "0", "granted");
    assert_int_equal(2, number(bed, entry, "rev"));
    definition.arguments = "{\"shop\":\"OTHER\"}";
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    stands(bed, entry, "0", "due");
    assert_int_equal(CLAIM_STALE, claim_as(bed, &ticket, fence_new(bed), NULL));
    OK(ledger_edit(bed->ledger, entry, &definition, &granted, &err));
    assert_int_equal(3, number(bed, entry, "rev")); /* the same again changes nothing */
    struct run_sheet sheet;
    ticket = tick_one(bed);
    assert_int_equal(CLAIM_OK, claim_as(bed, &ticket, fence_new(bed), &sheet));
    assert_string_equal("{\"shop\":\"OTHER\"}", sheet.arguments);
    tickets_drop(&granted);
}

static const char *wake(struct bed *bed, const char *entry)
{
    struct tickets granted = {0};
    const char *answer = NULL;
    OK(ledger_wake(bed->ledger, COMPANY, entry, &answer, &granted, &err));
    tickets_drop(&granted);
    return answer;
}

static void wakes_are_never_lost_and_never_a_storm(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", 60 * MINUTE);
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    assert_non_null(strstr(wake(bed, entry), "covers")); /* granted, not begun */
    const char *fence = claim(bed, &ticket);
    assert_non_null(strstr(wake(bed, entry), "once more"));
    at(bed, T0 + 10000);
    finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(T0 + 11000, number(bed, entry, "due"));
    at(bed, T0 + 11000);
    ticket = tick_one(bed);
    assert_int_equal(TICKET_WAKE, ticket.kind);
    fence = claim(bed, &ticket); /* clears the wish */
    finish(bed, &ticket, fence, OUTCOME_OK);
    tick_none(bed);
    assert_int_equal(T0 + 60 * MINUTE, number(bed, entry, "due"));
    at(bed, T0 + 11900);
    assert_non_null(strstr(wake(bed, entry), "shortly"));
    at(bed, T0 + 12000);
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    finish(bed, &ticket, fence, OUTCOME_OK);
    at(bed, T0 + 10 * MINUTE);
    tick_none(bed);
    wake(bed, entry);
    tick_one(bed);
    hold(bed, entry, false);
    struct tickets granted = {0};
    const char *answer;
    assert_false(ledger_wake(bed->ledger, COMPANY, entry, &answer, &granted, &err));
    assert_int_equal(409, err.code);
}

static void a_wish_of_a_cancelled_task_is_met_by_the_next_run(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = every("SHPFY", MINUTE);
    struct tickets granted = {0};
    const char *entry = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    wake(bed, entry);
    finish(bed, &ticket, fence, OUTCOME_RETRY);
    OK(ledger_cancel(bed->ledger, COMPANY, ticket.task, &granted, &err));
    assert_string_equal("1", field(bed, entry, "rerun"));
    at(bed, T0 + MINUTE);
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    finish(bed, &ticket, fence, OUTCOME_OK);
    tick_none(bed);
    assert_int_equal(T0 + 2 * MINUTE, number(bed, entry, "due")); /* and not once more */
    tickets_drop(&granted);
}

static void the_same_wish_twice_is_one_entry(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    struct tickets granted = {0};
    char first[UUID_TEXT], second[UUID_TEXT];
    bool existing;
    definition.coalesce_key = "sync orders DEMO";
    definition.max_retry = 0;
    OK(ledger_add(bed->ledger, &definition, first, &existing, &granted, &err));
    assert_false(existing);
    OK(ledger_add(bed->ledger, &definition, second, &existing, &granted, &err));
    assert_true(existing);
    assert_string_equal(first, second);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    OK(ledger_add(bed->ledger, &definition, second, &existing, &granted, &err)); /* while it runs */
    finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(T0 + 1000, number(bed, first, "due"));
    at(bed, T0 + 1000);
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    finish(bed, &ticket, fence, OUTCOME_FATAL);
    stands(bed, first, "2", "rest");
    OK(ledger_add(bed->ledger, &definition, second, &existing, &granted, &err)); /* armed again */
    assert_string_equal(first, second);
    ticket = tick_one(bed);
    fence = claim(bed, &ticket);
    finish(bed, &ticket, fence, OUTCOME_OK);
    OK(ledger_add(bed->ledger, &definition, second, &existing, &granted,
                  &err)); /* all over: anew */
    assert_false(existing);
    assert_string_not_equal(first, second);
    tickets_drop(&granted);
}

static void an_expired_entry_never_starts(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    const char *blocker = add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    definition.expires_ms = T0 + MINUTE;
    const char *entry = add(bed, &definition);
    tick_none(bed);
    stands(bed, entry, "6", "gated");
    at(bed, T0 + MINUTE + 1);
    finish(bed, &ticket, fence, OUTCOME_OK); /* at GRANT it is too late */
    assert_true(gone(bed, blocker));
    stands(bed, entry, "0", "due");
    tick_none(bed);
    assert_true(gone(bed, entry));
}

static void a_claim_that_comes_too_late_is_told_so(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    definition.expires_ms = T0 + MINUTE;
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    at(bed, T0 + MINUTE + 1);
    assert_int_equal(CLAIM_LATE, claim_as(bed, &ticket, fence_new(bed), NULL));
    tick_none(bed);
}

/* ---- staged data ---- */

static void writes_need_the_fence_and_respect_notes(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY"), other = once("POST");
    bool fenced, refused;
    OWN_REPLY redisReply *reply = NULL;
    add(bed, &definition);
    struct ticket one = tick_one(bed);
    add(bed, &other);
    struct ticket two = tick_one(bed);
    const char *fence_one = claim(bed, &one), *fence_two = claim(bed, &two);
    OWN(write) struct write *write = write_new();

    write_add(write, "HSET", "order:1001", "state", "new", "whole", "\x01\xff", NULL);
    write_note(write, "order:1001", "bc", "create", "SHP-1001", T0 + 8 * MINUTE);
    OK(ledger_write(bed->ledger, bed->bucket, one.task, fence_one, write, &fenced, &refused, &err));
    assert_false(fenced);
    assert_false(refused);
    OK(ledger_write(bed->ledger, bed->bucket, one.task, fence_one, write, &fenced, &refused, &err));
    assert_false(refused); /* its own note, repeated */
    OK(ledger_write(bed->ledger, bed->bucket, two.task, fence_two, write, &fenced, &refused, &err));
    assert_true(refused);
    OK(ledger_write(bed->ledger, bed->bucket, two.task, fence_one, write, &fenced, &refused, &err));
    assert_true(fenced);
    OK(redis_commandf(ledger_redis(bed->ledger), &reply, &err,
                      "HGET ct:{%s/%02x}:s:%s:order:1001 state", bed->environment,
                      (unsigned)bed->bucket, COMPANY));
    assert_string_equal("new", reply->str);
    write_clear(write); /* whoever has looked at the peer takes the note over */
    write_note_clear(write, "order:1001");
    write_note(write, "order:1001", "bc", "create", "SHP-1001", T0 + 8 * MINUTE);
    OK(ledger_write(bed->ledger, bed->bucket, two.task, fence_two, write, &fenced, &refused, &err));
    assert_false(refused);
    OK(ledger_write(bed->ledger, bed->bucket, one.task, fence_one, write, &fenced, &refused, &err));
    assert_false(refused);
}

/* ---- what people see ---- */

static const char *waits_for(struct bed *bed, const char *run)
{
    OWN_JSON json *why = NULL;
    OK(why_run(&(struct admin_config){0}, bed->ledger, COMPANY, run, &why, &err));
    assert_true(*json_text(why, "text"));
    return arena_text(bed->arena, json_text(why, "code"));
}

static void runs_tell_what_happened(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    OWN_JSON json *page = NULL, *run = NULL, *entries = NULL;
    add(bed, &definition);
    assert_string_equal("time", waits_for(bed, "1"));
    add(bed, &definition);
    struct ticket ticket = tick_one(bed);
    const char *first = strcmp(waits_for(bed, "1"), "no_worker") == 0 ? "1" : "2";
    const char *second = *first == '1' ? "2" : "1";
    assert_string_equal("no_worker", waits_for(bed, first));
    assert_string_equal("category_busy", waits_for(bed, second));
    const char *fence = claim(bed, &ticket);
    assert_string_equal("running", waits_for(bed, first));
    at(bed, T0 + 700);
    finish(bed, &ticket, fence, OUTCOME_RETRY);
    assert_string_equal("retry", waits_for(bed, first));

    OK(ledger_runs(bed->ledger, COMPANY, &(struct runs_query){.most = 10}, &page, &err));
    OK(ledger_entries(bed->ledger, COMPANY, &entries, &err));
    assert_int_equal(2, json_count(page));
    assert_int_equal(2, json_count(entries));
    OK(ledger_run(bed->ledger, COMPANY, first, &run, &err));
    assert_string_equal("due", json_text(run, "state"));
    assert_string_equal("retry", json_text(run, "outcome"));
    assert_string_equal("it went wrong", json_text(run, "error"));
    assert_int_equal(2, json_int(run, "attempt", 0));
    const json *attempt = json_path(run, "attempts.0");
    assert_int_equal(700, json_int(attempt, "finished_ms", 0) - json_int(attempt, "started_ms", 0));
    assert_int_equal(3, json_int(json_get(attempt, "counts"), "read", 0));
    assert_false(ledger_run(bed->ledger, COMPANY, "99", &run, &err));
    assert_int_equal(404, err.code);
}

/* The numbers of the runs that have not ended, newest first: "2 1"; a page holds two. */
static void expect_open(struct bed *bed, const char *wanted)
{
    OWN_JSON json *page = NULL;
    OWN_BUF struct buf numbers = {0};
    OK(ledger_runs(bed->ledger, COMPANY, &(struct runs_query){.most = 2, .open = true}, &page,
                   &err));
    for (size_t i = 0; i < json_count(page); i++)
        buf_printf(&numbers, "%s%d", i ? " " : "", (int)json_int(json_at(page, i), "no", 0));
    assert_string_equal(wanted, buf_str(&numbers));
}

/* However many have ended since it began, until it has ended itself. */
static void what_has_not_ended_is_listed(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once("SHPFY");
    add(bed, &definition);
    struct ticket first = tick_one(bed);
    const char *fence = claim(bed, &first);
    for (int i = 0; i < 3; i++) {
        struct entry_definition beside = once("OTHER");
        add(bed, &beside);
        struct ticket ticket = tick_one(bed);
        finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    }
    expect_open(bed, "1"); /* it runs */
    finish(bed, &first, fence, OUTCOME_RETRY);
    expect_open(bed, "1"); /* it waits for its next attempt */
    at(bed, T0 + 600000);
    first = tick_one(bed);
    expect_open(bed, "1"); /* a worker is looked for */
    fence = claim(bed, &first);
    add(bed, &definition);
    expect_open(bed, "5 1"); /* one that is new beside it */
    finish(bed, &first, fence, OUTCOME_OK);
    expect_open(bed, "5");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(slots_stay_on_their_grid),
        CASE(what_has_not_ended_is_listed),
        CASE(a_closed_window_skips_what_waited),
        CASE(a_retry_outside_the_window_ends_its_slot),
        CASE(all_catches_up_in_order),
        CASE(a_formula_without_end_is_an_error_not_a_loop),
        CASE(business_central_counts_from_the_finish),
        CASE(a_zone_of_its_own_goes_before_the_companys),
        CASE(an_entry_of_the_past_starts_at_its_next_slot),
        CASE(a_failure_comes_again_with_growing_delay),
        CASE(the_blank_category_runs_five),
        CASE(priority_goes_first_until_the_penalty_is_over),
        CASE(replays_only_ever_get_refusals),
        CASE(many_workers_one_claim),
        CASE(an_idle_worker_finds_what_nobody_claimed),
        CASE(an_unclaimed_grant_is_offered_again_more_and_more_rarely),
        CASE(a_claim_asked_again_has_a_lease_of_its_own),
        CASE(a_silent_worker_loses_its_task_and_nothing_else),
        CASE(a_task_is_not_lost_for_ever),
        CASE(a_clock_that_goes_back_and_forth_costs_nobody_its_lease),
        CASE(a_job_may_not_run_longer_than_its_timeout),
        CASE(a_run_that_ignores_its_cancel_times_out),
        CASE(a_retry_has_its_whole_time_again),
        CASE(a_long_run_yields_to_a_higher_priority),
        CASE(hold_ready_and_the_stale_ticket),
        CASE(what_a_deleted_entry_held_goes_to_the_next),
        CASE(hold_lets_a_run_end_and_nothing_follow),
        CASE(cancel_before_and_while_it_runs),
        CASE(a_decision_on_an_old_definition_does_nothing),
        CASE(an_edit_during_a_run_catches_nothing_up),
        CASE(edits_make_tickets_stale_only_where_they_matter),
        CASE(wakes_are_never_lost_and_never_a_storm),
        CASE(a_wish_of_a_cancelled_task_is_met_by_the_next_run),
        CASE(the_same_wish_twice_is_one_entry),
        CASE(an_expired_entry_never_starts),
        CASE(a_claim_that_comes_too_late_is_told_so),
        CASE(writes_need_the_fence_and_respect_notes),
        CASE(runs_tell_what_happened),
    };
    test_redis_start(&server, true);
    int failed = cmocka_run_group_tests_name("ledger_time", tests, NULL, NULL);
    test_redis_stop(&server);
    return failed;
}
