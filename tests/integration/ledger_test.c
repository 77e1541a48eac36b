/* ledger_test.c - the scripts on a real Redis, under a clock that the test turns by hand. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "admin/why.h"
#include "base/ids.h"
#include "ledger/commands.h"
#include "ledger/write.h"
#include "support/peers.h"

#define COMPANY "11111111-1111-4111-8111-111111111111"
#define OTHER "22222222-2222-4222-8222-222222222222"
enum { LEASE = 10000, GRACE = 3000 };

static struct peers *peers;
static struct ledger *ledger, *second; /* two processes' connections */
static struct arena *arena;
static struct tickets granted;
static struct err err;
static int64_t now;
static int fences;

#define OK(what)                                                                                   \
    do {                                                                                           \
        if (!(what))                                                                               \
            fail_msg("%s", err.text);                                                              \
    } while (0)

static void at(int64_t ms)
{
    now = ms;
    OK(ledger_simulate(ledger, ms, &err));
    OK(ledger_simulate(second, ms, &err));
}

static int fresh(void **state)
{
    (void)state;
    struct ledger_config config = {.redis = peers->redis.address, .environment = "test"};
    bool created;
    OWN_REPLY redisReply *reply = NULL;
    ledger_free(ledger);
    ledger_free(second);
    OK(ledger_open(&config, &ledger, &err));
    OK(ledger_open(&config, &second, &err));
    OK(redis_commandf(ledger_redis(ledger), &reply, &err, "FLUSHALL"));
    OK(ledger_init(ledger, &created, &err));
    assert_true(created);
    tickets_drop(&granted);
    at(1000000000000);
    return 0;
}

/* ---- words of the tests ---- */

static struct entry_definition job(const char *category)
{
    struct entry_definition definition = {.operation = "orders.sync",
                                          .arguments = "{\"shop\":\"DEMO\"}",
                                          .priority = PRIORITY_NORMAL,
                                          .max_retry = -1};
    strcpy(definition.company, COMPANY);
    snprintf(definition.category, sizeof definition.category, "%s", category);
    return definition;
}

static char *add(const struct entry_definition *definition)
{
    bool existing;
    char id[UUID_TEXT];
    OK(ledger_add(ledger, definition, id, &existing, &granted, &err));
    return arena_text(arena, id);
}

static int bucket_of(const char *company)
{
    return ledger_bucket(ledger, company);
}

/* One producer's tick over the company's bucket. */
static size_t tick_by(struct ledger *by, const char *company)
{
    struct due_entry *due;
    struct decision decisions[64];
    size_t count, before = granted.count;
    int64_t next;
    OK(ledger_due(by, bucket_of(company), 64, arena, &due, &count, &next, &err));
    for (size_t i = 0; i < count; i++)
        decisions[i] = queue_decide(&due[i].entry, now);
    OK(ledger_fire(by, bucket_of(company), due, decisions, count, &granted, &err));
    return granted.count - before;
}

static size_t tick(void)
{
    return tick_by(ledger, COMPANY);
}

/* The newest ticket of an entry. */
static struct ticket ticket_of(const char *entry)
{
    for (size_t i = granted.count; i-- > 0;)
        if (strcmp(granted.items[i].entry, entry) == 0)
            return granted.items[i];
    fail_msg("entry %s was never granted", entry);
    return (struct ticket){0};
}

static struct claim_request claimed;

static enum claim claim_as(const struct ticket *ticket, const char *fence)
{
    claimed = (struct claim_request){.ticket = ticket, .arena = arena};
    snprintf(claimed.fence, sizeof claimed.fence, "%s", fence);
    OK(ledger_claim(ledger, bucket_of(ticket->company), &claimed, 1, &granted, &err));
    return claimed.answer;
}

/* Claims and gives the fence. */
static const char *claim(const struct ticket *ticket)
{
    const char *fence = arena_printf(arena, "w.%d", ++fences);
    assert_int_equal(claim_as(ticket, fence), CLAIM_OK);
    return fence;
}

static bool finish_at(const struct ticket *ticket, const char *fence, enum outcome outcome,
                      int64_t at_ms, const char *cursor)
{
    struct finish_request request = {.outcome = outcome,
                                     .at_ms = at_ms,
                                     .error = outcome == OUTCOME_OK ? NULL : "it broke",
                                     .counts = "{\"read\":3}",
                                     .cursor = cursor,
                                     .cursor_size = cursor ? strlen(cursor) : 0};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    OK(ledger_finish(ledger, bucket_of(ticket->company), &request, 1, &granted, &err));
    return request.done;
}

static bool finish(const struct ticket *ticket, const char *fence, enum outcome outcome)
{
    return finish_at(ticket, fence, outcome, 0, NULL);
}

static enum beat beat(const struct ticket *ticket, const char *fence)
{
    struct beat_request request = {.progress = "{\"step\":\"read\"}"};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    OK(ledger_beat(ledger, bucket_of(ticket->company), &request, 1, &err));
    return request.answer;
}

static struct reaped reap(void)
{
    struct reaped reaped = {0};
    OK(ledger_reap(ledger, bucket_of(COMPANY), INT64_MAX, &granted, &reaped, &err));
    return reaped;
}

static json *entry(const char *id)
{
    json *tree = NULL;
    OK(ledger_entry(ledger, COMPANY, id, &tree, &err));
    return tree;
}

static void expect_entry(const char *id, const char *status, const char *sub)
{
    OWN_JSON json *tree = entry(id);
    assert_string_equal(json_text(tree, "status"), status);
    assert_string_equal(json_text(tree, "sub"), sub);
}

static bool gone(const char *id)
{
    json *tree = NULL;
    bool there = ledger_entry(ledger, COMPANY, id, &tree, &err);
    json_free(tree);
    return !there && err.code == 404;
}

/* ---- the way of a task ---- */

static void a_one_off_runs_once_and_is_gone(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition);
    assert_int_equal(tick(), 1);
    struct ticket ticket = ticket_of(id);
    assert_string_equal(ticket.category, "SHPFY");
    assert_int_equal(ticket.attempt, 1);

    const char *fence = claim(&ticket);
    assert_string_equal(claimed.sheet.arguments, "{\"shop\":\"DEMO\"}");
    assert_int_equal(claimed.sheet.no, 1);
    expect_entry(id, "In Process", "running");
    assert_int_equal(beat(&ticket, fence), BEAT_OK);
    assert_true(finish(&ticket, fence, OUTCOME_OK));
    assert_true(gone(id));
    assert_true(finish(&ticket, fence, OUTCOME_OK)); /* a lost reply: asked again, still done */

    OWN_JSON json *run = NULL;
    OK(ledger_run(ledger, COMPANY, "1", &run, &err));
    assert_string_equal(json_text(run, "state"), "finished");
    assert_string_equal(json_text(run, "outcome"), "ok");
    assert_int_equal(json_int(json_get(run, "counts"), "read", 0), 3);
    assert_int_equal(json_count(json_get(run, "attempts")), 1);
}

static void two_producers_fire_once(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    struct due_entry *first, *other;
    struct decision decision;
    size_t count;
    int64_t next;
    add(&definition);
    OK(ledger_due(ledger, bucket_of(COMPANY), 64, arena, &first, &count, &next, &err));
    OK(ledger_due(second, bucket_of(COMPANY), 64, arena, &other, &count, &next, &err));
    decision = queue_decide(&first->entry, now);
    OK(ledger_fire(ledger, bucket_of(COMPANY), first, &decision, 1, &granted, &err));
    OK(ledger_fire(second, bucket_of(COMPANY), other, &decision, 1, &granted, &err));
    assert_int_equal(granted.count, 1);
}

static void only_the_current_ticket_claims(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id), old = ticket, never = ticket;
    old.epoch++;
    assert_int_equal(claim_as(&old, "w.a"), CLAIM_STALE);
    old = ticket;
    old.attempt = 2;
    assert_int_equal(claim_as(&old, "w.a"), CLAIM_STALE);
    snprintf(never.task, sizeof never.task, "33333333-3333-4333-8333-333333333333.1.5");
    assert_int_equal(claim_as(&never, "w.a"), CLAIM_UNKNOWN);

    assert_int_equal(claim_as(&ticket, "w.a"), CLAIM_OK);
    assert_int_equal(claim_as(&ticket, "w.a"), CLAIM_OK); /* the reply was lost */
    assert_int_equal(claim_as(&ticket, "w.b"), CLAIM_DUP);
    assert_int_equal(beat(&ticket, "w.b"), BEAT_FENCED);
    assert_false(finish(&ticket, "w.b", OUTCOME_OK));
    assert_true(finish(&ticket, "w.a", OUTCOME_OK));
    assert_int_equal(claim_as(&ticket, "w.c"), CLAIM_UNKNOWN); /* replayed from offset 0 */
}

static void a_category_is_a_mutex_of_its_company(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY"), low = job("SHPFY"), high = job("SHPFY"),
                            elsewhere = job("SHPFY"), other_lane = job("POST");
    char *first = add(&definition);
    tick();
    low.priority = PRIORITY_LOW;
    char *waits_low = add(&low);
    tick();
    at(now + 1000);
    high.priority = PRIORITY_HIGH;
    char *waits_high = add(&high), *free_lane = add(&other_lane);
    strcpy(elsewhere.company, OTHER);
    char *free_company = add(&elsewhere);
    tick();
    tick_by(ledger, OTHER);
    expect_entry(waits_low, "Waiting", "gated");
    expect_entry(waits_high, "Waiting", "gated");
    ticket_of(free_lane);
    ticket_of(free_company);

    struct ticket ticket = ticket_of(first);
    const char *fence = claim(&ticket);
    OWN_JSON json *why = NULL;
    OK(why_run(&(struct admin_config){0}, ledger, COMPANY, "2", &why, &err));
    assert_string_equal(json_text(why, "text"),
                        "waits for category SHPFY: run 1 (orders.sync) runs in it");
    finish(&ticket, fence, OUTCOME_OK);
    expect_entry(waits_high, "Ready", "granted"); /* by the script that freed the permit */
    expect_entry(waits_low, "Waiting", "gated");
}

static void a_failure_is_retried_later_and_later_then_rests(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.max_retry = 2;
    char *id = add(&definition);
    int64_t delays[2];
    for (int n = 0; n < 3; n++) {
        assert_int_equal(tick(), 1);
        struct ticket ticket = ticket_of(id);
        assert_int_equal(ticket.attempt, n + 1);
        finish(&ticket, claim(&ticket), OUTCOME_RETRY);
        OWN_JSON json *tree = entry(id);
        if (n < 2) {
            delays[n] = json_int(tree, "due_ms", 0) - now;
            assert_string_equal(json_text(tree, "error"), "it broke");
            assert_int_equal(tick(), 0);
            at(json_int(tree, "due_ms", 0));
        }
    }
    assert_in_range(delays[0], 8000, 12000);
    assert_in_range(delays[1], 16000, 24000);
    expect_entry(id, "Error", "rest");
    OK(ledger_ready(ledger, COMPANY, id, &granted, &err));
    assert_int_equal(tick(), 1);
    assert_int_equal(ticket_of(id).attempt, 1);
}

static void a_recurring_entry_survives_its_failure(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 60000;
    definition.start_ms = now;
    definition.max_retry = 0;
    char *id = add(&definition);
    assert_int_equal(tick(), 1);
    struct ticket ticket = ticket_of(id);
    finish(&ticket, claim(&ticket), OUTCOME_FATAL);
    assert_int_equal(tick(), 0); /* planned: its next slot */
    OWN_JSON json *tree = entry(id);
    assert_true(json_int(tree, "slot_ms", 0) == now + 60000);
    assert_string_equal(json_text(json_get(tree, "last"), "outcome"), "fatal");

    at(now + 60000 * 10 + 5); /* nobody looked for ten minutes: one late run, the rest is skipped */
    assert_int_equal(tick(), 1);
    OWN_JSON json *late = entry(id);
    assert_true(json_int(late, "slot_ms", 0) == now - 5);
}

static void parking_keeps_the_cursor_and_uses_no_retry(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY"), next = job("SHPFY");
    char *id = add(&definition);
    tick();
    char *other = add(&next);
    tick();
    struct ticket ticket = ticket_of(id);
    finish_at(&ticket, claim(&ticket), OUTCOME_PARK, now + 9000, "page 7");
    struct ticket meanwhile = ticket_of(other); /* the permit went on at once */
    finish(&meanwhile, claim(&meanwhile), OUTCOME_OK);
    assert_int_equal(tick(), 0);
    at(now + 9000);
    assert_int_equal(tick(), 1);
    struct ticket again = ticket_of(id);
    assert_string_equal(again.task, ticket.task);
    assert_int_equal(again.attempt, 2);
    claim(&again);
    assert_int_equal(claimed.sheet.cursor_size, 6);
    assert_memory_equal(claimed.sheet.cursor, "page 7", 6);
    assert_int_equal(claimed.sheet.retries, 0);
}

static void who_stops_beating_is_lost_and_fenced(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id);
    const char *fence = claim(&ticket);
    at(now + LEASE - 1);
    assert_int_equal(beat(&ticket, fence), BEAT_OK);
    at(now + LEASE + GRACE - 1);
    assert_int_equal(reap().lost, 0); /* to the last moment it may come back */
    at(now + 1);
    struct reaped untrusted = {0};
    OK(ledger_reap(ledger, bucket_of(COMPANY), 0, &granted, &untrusted, &err));
    assert_int_equal(untrusted.lost, 0);
    assert_int_equal(reap().lost, 1);
    assert_int_equal(beat(&ticket, fence), BEAT_FENCED);
    assert_false(finish(&ticket, fence, OUTCOME_OK));
    assert_int_equal(tick(), 1);
    struct ticket again = ticket_of(id);
    assert_int_equal(again.attempt, 2);
    const char *other = claim(&again);
    assert_int_equal(beat(&ticket, fence), BEAT_FENCED);
    assert_true(finish(&again, other, OUTCOME_OK));
}

static void a_task_that_is_lost_too_often_rests(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition);
    for (int n = 1; n <= 4; n++) {
        assert_int_equal(tick(), 1);
        struct ticket ticket = ticket_of(id);
        assert_int_equal(ticket.attempt, n);
        claim(&ticket);
        at(now + LEASE + GRACE + 1);
        assert_int_equal(reap().lost, 1);
    }
    expect_entry(id, "Error", "rest");
}

static void a_ticket_nobody_took_is_offered_again(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition);
    struct tickets looked = {0};
    tick();
    OK(ledger_look(ledger, bucket_of(COMPANY), NULL, 0, 8, &looked, &err));
    assert_int_equal(looked.count, 0);
    at(now + 1001);
    const char *const post[] = {"POST"};
    OK(ledger_look(ledger, bucket_of(COMPANY), post, 1, 8, &looked, &err));
    assert_int_equal(looked.count, 0);
    OK(ledger_look(ledger, bucket_of(COMPANY), NULL, 0, 8, &looked, &err));
    assert_int_equal(looked.count, 1);
    at(now + 30000);
    assert_int_equal(reap().republished, 1);
    at(now + 30000);
    assert_int_equal(reap().republished, 0); /* doubling */
    at(now + 30001);
    assert_int_equal(reap().republished, 1);
    assert_string_equal(ticket_of(id).task, looked.items[0].task); /* the same offer */
    claim(&looked.items[0]);
    tickets_drop(&looked);
}

/* ---- people ---- */

static void hold_withdraws_what_waits_and_lets_finish_what_runs(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY"), next = job("SHPFY");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 60000;
    char *id = add(&definition);
    tick();
    char *other = add(&next);
    tick();
    struct ticket ticket = ticket_of(id);
    OK(ledger_hold(ledger, COMPANY, id, false, &granted, &err));
    expect_entry(id, "On Hold", "rest");
    assert_int_equal(claim_as(&ticket, "w.x"), CLAIM_STALE);
    struct ticket meanwhile = ticket_of(other);
    finish(&meanwhile, claim(&meanwhile), OUTCOME_OK);

    OK(ledger_restart(ledger, COMPANY, id, &granted, &err));
    assert_int_equal(tick(), 1);
    ticket = ticket_of(id);
    const char *fence = claim(&ticket);
    OK(ledger_hold(ledger, COMPANY, id, false, &granted, &err));
    assert_int_equal(beat(&ticket, fence), BEAT_OK);
    assert_true(finish(&ticket, fence, OUTCOME_OK));
    expect_entry(id, "On Hold", "rest");

    OK(ledger_restart(ledger, COMPANY, id, &granted, &err));
    tick();
    ticket = ticket_of(id);
    fence = claim(&ticket);
    OK(ledger_hold(ledger, COMPANY, id, true, &granted, &err));
    assert_int_equal(beat(&ticket, fence), BEAT_CANCEL);
}

static void cancel_stops_a_task_wherever_it_is(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *waiting = add(&definition);
    tick();
    OK(ledger_cancel(ledger, COMPANY, "1", &granted, &err));
    assert_true(gone(waiting));
    OWN_JSON json *run = NULL;
    OK(ledger_run(ledger, COMPANY, "1", &run, &err));
    assert_string_equal(json_text(run, "outcome"), "cancelled");
    assert_false(ledger_cancel(ledger, COMPANY, "1", &granted, &err));
    assert_int_equal(err.code, 409);

    char *running = add(&definition);
    tick();
    struct ticket ticket = ticket_of(running);
    const char *fence = claim(&ticket);
    OK(ledger_cancel(ledger, COMPANY, ticket.task, &granted, &err));
    assert_int_equal(beat(&ticket, fence), BEAT_CANCEL);
    assert_true(finish(&ticket, fence, OUTCOME_CANCELLED));
    assert_true(gone(running));
    assert_false(ledger_cancel(ledger, COMPANY, "77", &granted, &err));
    assert_int_equal(err.code, 404);
}

static void a_restart_or_wake_during_a_run_leads_to_one_more(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    const char *word = NULL;
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 3600000;
    definition.start_ms = now;
    char *id = add(&definition);
    tick();
    OK(ledger_wake(ledger, COMPANY, id, &word, &granted, &err));
    assert_string_equal(word, "the run that waits covers it");
    struct ticket ticket = ticket_of(id);
    const char *fence = claim(&ticket);
    OK(ledger_wake(ledger, COMPANY, id, &word, &granted, &err));
    OK(ledger_wake(ledger, COMPANY, id, &word, &granted, &err));
    finish(&ticket, fence, OUTCOME_OK);
    assert_int_equal(tick(), 0); /* no sooner than a second after the run's end */
    at(now + 1000);
    assert_int_equal(tick(), 1);
    struct ticket again = ticket_of(id);
    assert_string_not_equal(again.task, ticket.task);
    finish(&again, claim(&again), OUTCOME_OK);
    assert_int_equal(tick(), 0); /* two wakes, one more run */
    OWN_JSON json *tree = entry(id);
    assert_true(json_int(tree, "slot_ms", 0) == 1000000000000 + 3600000);
}

static void a_second_add_of_one_key_is_the_first(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.coalesce_key = "orders.sync DEMO";
    char *id = add(&definition), again[UUID_TEXT];
    bool existing = false;
    OK(ledger_add(ledger, &definition, again, &existing, &granted, &err));
    assert_true(existing);
    assert_string_equal(again, id);
    tick();
    struct ticket ticket = ticket_of(id);
    finish(&ticket, claim(&ticket), OUTCOME_OK);
    OK(ledger_add(ledger, &definition, again, &existing, &granted, &err));
    assert_false(existing);
}

static void a_foreground_task_leaves_nothing_behind(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.foreground = true;
    definition.kind = TICKET_FOREGROUND;
    definition.priority = PRIORITY_HIGH;
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id);
    assert_int_equal(ticket.kind, TICKET_FOREGROUND);
    finish(&ticket, claim(&ticket), OUTCOME_RETRY);
    assert_true(gone(id));
    OWN_JSON json *run = NULL;
    OK(ledger_run(ledger, COMPANY, "1", &run, &err));
    assert_string_equal(json_text(run, "error"), "it broke");
}

static void deleting_what_runs_waits_for_its_end(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 60000;
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id);
    const char *fence = claim(&ticket);
    OK(ledger_delete(ledger, COMPANY, id, &granted, &err));
    assert_int_equal(beat(&ticket, fence), BEAT_OK);
    assert_true(finish(&ticket, fence, OUTCOME_OK));
    assert_true(gone(id));
    assert_false(ledger_delete(ledger, COMPANY, id, &granted, &err));
    assert_int_equal(err.code, 404);
}

static void an_edit_makes_a_granted_ticket_stale(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 60000;
    definition.start_ms = now;
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id);
    OK(ledger_edit(ledger, id, &definition, &granted, &err)); /* the same: nothing happens */
    definition.every_ms = 120000;
    OK(ledger_edit(ledger, id, &definition, &granted, &err));
    assert_int_equal(claim_as(&ticket, "w.x"), CLAIM_STALE);
    tick();
    OWN_JSON json *tree = entry(id);
    assert_int_equal(json_int(tree, "every_ms", 0), 120000);
}

static void a_hold_or_restart_before_a_slot_leaves_it_planned(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 60000;
    definition.start_ms = now;
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id);
    finish(&ticket, claim(&ticket), OUTCOME_OK);
    tick(); /* plans the slot one minute later */
    at(now + 10000);
    OK(ledger_hold(ledger, COMPANY, id, false, &granted, &err));
    OK(ledger_ready(ledger, COMPANY, id, &granted, &err));
    assert_int_equal(tick(), 0);
    OWN_JSON json *planned = entry(id);
    assert_true(json_int(planned, "slot_ms", 0) == now + 50000);

    OK(ledger_restart(ledger, COMPANY, id, &granted, &err));
    assert_int_equal(tick(), 1);
    struct ticket again = ticket_of(id);
    OWN_JSON json *runs = entry(id);
    assert_true(json_int(runs, "slot_ms", 0) == now);
    finish(&again, claim(&again), OUTCOME_OK);
    tick();
    OWN_JSON json *after = entry(id);
    assert_true(json_int(after, "slot_ms", 0) == now + 50000);
}

/* ---- staged data ---- */

static void only_the_holder_writes(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition);
    bool fenced, refused;
    tick();
    struct ticket ticket = ticket_of(id);
    const char *fence = claim(&ticket);
    OWN(write) struct write *write = write_new();
    write_add(write, "HSET", "order:1001", "state", "new", NULL);
    write_add(write, "ZADD", "orders", "5", "1001", NULL);
    write_note(write, "1001", "bc", "salesOrder", "#1001", now + 510000);
    OK(ledger_write(ledger, bucket_of(COMPANY), ticket.task, fence, write, &fenced, &refused,
                    &err));
    assert_false(fenced || refused);
    OK(ledger_write(ledger, bucket_of(COMPANY), ticket.task, "w.z", write, &fenced, &refused,
                    &err));
    assert_true(fenced);

    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(ledger), &reply, &err,
                      "HGET ct:{test/%02x}:s:%s:order:1001 state", bucket_of(COMPANY), COMPANY));
    assert_string_equal(reply->str, "new");
}

static void a_note_of_another_run_locks_its_record(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY"), other = job("POST");
    char *id = add(&definition), *elsewhere = add(&other);
    bool fenced, refused;
    tick();
    struct ticket ticket = ticket_of(id), second_ticket = ticket_of(elsewhere);
    const char *fence = claim(&ticket), *second_fence = claim(&second_ticket);
    OWN(write) struct write *write = write_new();
    write_note(write, "1001", "bc", "salesOrder", "#1001", now + 510000);
    OK(ledger_write(ledger, bucket_of(COMPANY), ticket.task, fence, write, &fenced, &refused,
                    &err));
    assert_false(refused);
    OK(ledger_write(ledger, bucket_of(COMPANY), second_ticket.task, second_fence, write, &fenced,
                    &refused, &err));
    assert_true(refused);
    write_clear(write);
    write_note_clear(write, "1001");
    OK(ledger_write(ledger, bucket_of(COMPANY), ticket.task, fence, write, &fenced, &refused,
                    &err));
    write_clear(write);
    write_note(write, "1001", "bc", "salesOrder", "#1001", now + 510000);
    OK(ledger_write(ledger, bucket_of(COMPANY), second_ticket.task, second_fence, write, &fenced,
                    &refused, &err));
    assert_false(refused);
}

static size_t life_of(const char *order, char first[static 64])
{
    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(ledger), &reply, &err,
                      "ZRANGE ct:{test/%02x}:s:%s:life:%s 0 -1 WITHSCORES", bucket_of(COMPANY),
                      COMPANY, order));
    if (reply->elements > 0)
        snprintf(first, 64, "%s", reply->element[0]->str);
    for (size_t i = 1; i < reply->elements; i += 2)
        assert_int_equal(strtoll(reply->element[i]->str, NULL, 10), now);
    return reply->elements / 2;
}

static void an_orders_life_keeps_its_order_and_its_bound(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    char *id = add(&definition), first[64];
    bool fenced, refused;
    tick();
    struct ticket ticket = ticket_of(id);
    const char *fence = claim(&ticket);
    OWN_JSON json *runs = entry(id);
    OWN_TEXT char *want = mem_printf("z-first\t%" PRId64 "\t0", json_int(runs, "run", 0));
    OWN(write) struct write *write = write_new();
    write_life(write, "1001", "z-first", "0");
    write_life(write, "1001", "a-second", "");
    for (int twice = 0; twice < 2; twice++) /* an answer that never came: it is sent again */
        OK(ledger_write(ledger, bucket_of(COMPANY), ticket.task, fence, write, &fenced, &refused,
                        &err));
    assert_int_equal(life_of("1001", first), 2);
    assert_string_equal(first, want);
    write_clear(write);
    for (int i = 0; i < 60; i++) {
        OWN_TEXT char *detail = mem_printf("%d", i);
        write_life(write, "1002", "held", detail);
    }
    OK(ledger_write(ledger, bucket_of(COMPANY), ticket.task, fence, write, &fenced, &refused,
                    &err));
    assert_int_equal(life_of("1002", first), 50);
    assert_non_null(strstr(first, "\t10"));
}

static void settings_travel_with_the_claim(void **state)
{
    (void)state;
    struct entry_definition definition = job("SHPFY");
    bool changed;
    OK(ledger_settings_put(ledger, COMPANY, "company", "{\"name\":\"CRONUS\"}", &changed, &err));
    assert_true(changed);
    OK(ledger_settings_put(ledger, COMPANY, "company", "{\"name\":\"CRONUS\"}", &changed, &err));
    assert_false(changed);
    OK(ledger_settings_put(ledger, COMPANY, "shop:DEMO", "{\"code\":\"DEMO\"}", &changed, &err));
    char *id = add(&definition);
    tick();
    struct ticket ticket = ticket_of(id);
    claim(&ticket);
    assert_string_equal(claimed.sheet.company_settings, "{\"name\":\"CRONUS\"}");
    assert_string_equal(claimed.sheet.shop_settings, "{\"code\":\"DEMO\"}");
    OWN_JSON json *all = NULL;
    OK(ledger_settings_all(ledger, COMPANY, &all, &err));
    assert_string_equal(json_text(json_get(all, "shop:DEMO"), "code"), "DEMO");
}

static void a_data_set_is_made_once(void **state)
{
    (void)state;
    struct incarnation incarnation, again;
    bool created;
    OK(ledger_incarnation(ledger, &incarnation, &err));
    OK(ledger_init(ledger, &created, &err));
    assert_false(created);
    OK(ledger_incarnation(ledger, &again, &err));
    assert_string_equal(incarnation.data_set, again.data_set);
    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(ledger), &reply, &err,
                      "HSET ct:test:incarnation data_version 99"));
    assert_false(ledger_incarnation(ledger, &again, &err));
    assert_non_null(strstr(err.text, "newer program"));
}

static int begin(void **state)
{
    (void)state;
    ids_start();
    arena = arena_new();
    peers = peers_redis_only();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ledger_free(ledger);
    ledger_free(second);
    tickets_drop(&granted);
    arena_free(arena);
    peers_free(peers);
    return 0;
}

#define CASE(test) cmocka_unit_test_setup(test, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_one_off_runs_once_and_is_gone),
        CASE(two_producers_fire_once),
        CASE(only_the_current_ticket_claims),
        CASE(a_category_is_a_mutex_of_its_company),
        CASE(a_failure_is_retried_later_and_later_then_rests),
        CASE(a_recurring_entry_survives_its_failure),
        CASE(parking_keeps_the_cursor_and_uses_no_retry),
        CASE(who_stops_beating_is_lost_and_fenced),
        CASE(a_task_that_is_lost_too_often_rests),
        CASE(a_ticket_nobody_took_is_offered_again),
        CASE(hold_withdraws_what_waits_and_lets_finish_what_runs),
        CASE(cancel_stops_a_task_wherever_it_is),
        CASE(a_restart_or_wake_during_a_run_leads_to_one_more),
        CASE(a_second_add_of_one_key_is_the_first),
        CASE(a_foreground_task_leaves_nothing_behind),
        CASE(deleting_what_runs_waits_for_its_end),
        CASE(an_edit_makes_a_granted_ticket_stale),
        CASE(a_hold_or_restart_before_a_slot_leaves_it_planned),
        CASE(only_the_holder_writes),
        CASE(a_note_of_another_run_locks_its_record),
        CASE(an_orders_life_keeps_its_order_and_its_bound),
        CASE(settings_travel_with_the_claim),
        CASE(a_data_set_is_made_once),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
