/* ledger_wake_test.c - what events do to entries: who is woken when, doubles, the records they
 * name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/commands.h"
#include "ledger/wake.h"
#include "ledger/write.h"
#include "support/ok.h"
#include "support/redis.h"

#define T0 1767225600000LL /* 2026-01-01 */
#define MINUTE 60000LL
#define DAY 86400000LL

static const char COMPANY[] = "8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11";
static struct test_redis server;

struct bed { /* a data set of its own */
    struct ledger *ledger;
    struct arena *arena;
    int64_t now;
    int bucket, fences;
    char environment[33];
    struct tickets granted;
};

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
    struct ledger_config config = {.redis = server.address, .environment = bed->environment};
    OK(ledger_open(&config, &bed->ledger, &err));
    OK(ledger_init(bed->ledger, &created, &err));
    bed->arena = arena_new();
    bed->bucket = ledger_bucket(bed->ledger, COMPANY);
    at(bed, T0);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;
    tickets_drop(&bed->granted);
    arena_free(bed->arena);
    ledger_free(bed->ledger);
    free(bed);
    return 0;
}

/* ---- words of the tests ---- */

static struct entry_definition once(void)
{
    struct entry_definition definition = {.schedule = SCHEDULE_AT,
                                          .arguments = "{\"shop\":\"DEMO\"}",
                                          .description = "a test",
                                          .run_as = "test",
                                          .priority = PRIORITY_NORMAL,
                                          .max_retry = -1,
                                          .kind = TICKET_WAKE};
    snprintf(definition.company, sizeof definition.company, "%s", COMPANY);
    snprintf(definition.category, sizeof definition.category, "SHPFY");
    snprintf(definition.operation, sizeof definition.operation, "orders.sync");
    return definition;
}

static struct entry_definition hourly(void)
{
    struct entry_definition definition = once();
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 60 * MINUTE;
    definition.start_ms = T0 + 60 * MINUTE;
    definition.kind = TICKET_SCHEDULED;
    return definition;
}

static size_t tick(struct bed *bed)
{
    struct due_entry *due;
    size_t count;
    int64_t next;
    tickets_drop(&bed->granted);
    OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &err));
    struct decision *decisions = arena_array(bed->arena, count + 1, sizeof *decisions);
    for (size_t i = 0; i < count; i++)
        decisions[i] = queue_decide(&due[i].entry, bed->now);
    OK(ledger_fire(bed->ledger, bed->bucket, due, decisions, count, &bed->granted, &err));
    return bed->granted.count;
}

static const char *add(struct bed *bed, struct entry_definition definition)
{
    char id[UUID_TEXT];
    bool existing;
    struct tickets granted = {0};
    OK(ledger_add(bed->ledger, &definition, id, &existing, &granted, &err));
    tick(bed); /* plans it */
    return arena_text(bed->arena, id);
}

static struct ticket tick_one(struct bed *bed)
{
    assert_int_equal(1, tick(bed));
    return bed->granted.items[0];
}

static const char *claim(struct bed *bed, const struct ticket *ticket)
{
    struct claim_request request = {.ticket = ticket, .arena = bed->arena};
    snprintf(request.fence, sizeof request.fence, "0123456789abcdef.%d", ++bed->fences);
    OK(ledger_claim(bed->ledger, bed->bucket, &request, 1, &bed->granted, &err));
    assert_int_equal(CLAIM_OK, request.answer);
    return arena_text(bed->arena, request.fence);
}

static void finish(struct bed *bed, const struct ticket *ticket, const char *fence,
                   enum outcome outcome)
{
    struct finish_request request = {.outcome = outcome, .counts = "{}", .at_ms = 0};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    OK(ledger_finish(bed->ledger, bed->bucket, &request, 1, &bed->granted, &err));
    assert_true(request.done);
}

/* A command on one key of the bucket; more NULL = no argument. */
static redisReply *ask(struct bed *bed, const char *verb, const char *rest, const char *more)
{
    redisReply *reply = NULL;
    OWN_TEXT char *key = mem_printf("ct:{%s/%02x}:%s", bed->environment, bed->bucket, rest);
    const char *const argv[] = {verb, key, more};
    OK(redis_command(ledger_redis(bed->ledger), more ? 3 : 2, argv, NULL, &reply, &err));
    return reply;
}

static int64_t number(struct bed *bed, const char *entry, const char *field)
{
    OWN_TEXT char *key = mem_printf("e:%s", entry);
    OWN_REPLY redisReply *reply = ask(bed, "HGET", key, field);
    return reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : -1;
}

/* Records of the history about this event. */
static int recorded(struct bed *bed, const char *event)
{
    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(bed->ledger), &reply, &err, "XRANGE ct:{%s/%02x}:hist - +",
                      bed->environment, bed->bucket));
    return test_recorded(reply, event);
}

static enum wake wake_for(struct bed *bed, const char *entry, const char *event,
                          const char *traceparent)
{
    const struct wake_cause cause = {.source = "/test", .id = event, .traceparent = traceparent};
    enum wake answer;
    OK(ledger_wakes(bed->ledger, COMPANY, &entry, 1, &cause, &answer, &bed->granted, &err));
    return answer;
}

static enum wake wake_by(struct bed *bed, const char *entry, const char *event)
{
    return wake_for(bed, entry, event, NULL);
}

#define IS(want, got) assert_string_equal(wake_name(want), wake_name(got))

/* ---- when ---- */

static void the_first_event_is_never_held_back(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    assert_int_equal(T0 + 60 * MINUTE, number(bed, entry, "due"));
    IS(WAKE_DONE, wake_by(bed, entry, "1"));
    assert_int_equal(T0, number(bed, entry, "due"));
    assert_int_equal(1, recorded(bed, "covered")); /* the slot it jumps */
    struct ticket ticket = tick_one(bed);
    assert_int_equal(TICKET_WAKE, ticket.kind);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    tick(bed);
    /* the slot that was covered is not run again */
    assert_int_equal(T0 + 120 * MINUTE, number(bed, entry, "due"));
}

static struct ticket fired_at(struct bed *bed, int64_t now)
{
    at(bed, now);
    return tick_one(bed);
}

static void a_ticket_says_which_event_caused_it(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    IS(WAKE_DONE, wake_for(bed, entry, "1", "00-1"));
    IS(WAKE_COVERED, wake_for(bed, entry, "2", "00-2")); /* the first one's run covers it */
    struct ticket ticket = tick_one(bed);
    assert_string_equal("00-1", ticket.trace);
    const char *fence = claim(bed, &ticket);
    IS(WAKE_RERUN, wake_for(bed, entry, "3", "00-3"));
    IS(WAKE_RERUN, wake_for(bed, entry, "4", "00-4"));
    finish(bed, &ticket, fence, OUTCOME_RETRY);
    at(bed, T0 + 20000); /* the same task once more: caused by the same */
    ticket = fired_at(bed, T0 + 30000);
    assert_string_equal("00-1", ticket.trace);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    ticket = fired_at(bed, T0 + 31000);
    assert_string_equal("00-3", ticket.trace);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    tick(bed);
    ticket = fired_at(bed, T0 + 120 * MINUTE); /* the plan's own */
    assert_string_equal("", ticket.trace);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
}

static void a_one_off_belongs_to_the_event_that_made_it(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = once();
    const struct wake_cause cause = {.source = "/test", .id = "1", .traceparent = "00-1"};
    enum added added;
    char id[UUID_TEXT];
    definition.coalesce_key = "one";
    OK(ledger_add_for(bed->ledger, &definition, &cause, id, &added, &bed->granted, &err));
    assert_string_equal("00-1", tick_one(bed).trace);
}

static void a_burst_is_one_run_now_and_one_at_the_trailing_edge(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    char event[24];
    int done = 0, covered = 0, rerun = 0, event_no = 0;
    for (; event_no < 400; event_no++) { /* before it begins */
        snprintf(event, sizeof event, "%d", event_no);
        enum wake answer = wake_by(bed, entry, event);
        done += answer == WAKE_DONE;
        covered += answer == WAKE_COVERED;
    }
    assert_int_equal(1, done);
    assert_int_equal(399, covered);
    struct ticket ticket = tick_one(bed);
    IS(WAKE_COVERED, wake_by(bed, entry, "granted"));
    const char *fence = claim(bed, &ticket);
    for (; event_no < 900; event_no++) { /* while it runs */
        snprintf(event, sizeof event, "%d", event_no);
        rerun += wake_by(bed, entry, event) == WAKE_RERUN;
    }
    assert_int_equal(500, rerun);
    assert_int_equal(1, recorded(bed, "rerun")); /* a storm is one record */
    at(bed, T0 + 5000);
    finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(T0 + 35000, number(bed, entry, "due"));
    for (; event_no < 1000; event_no++) { /* after it */
        snprintf(event, sizeof event, "%d", event_no);
        IS(WAKE_COVERED, wake_by(bed, entry, event));
    }
    assert_int_equal(0, tick(bed));
    assert_int_equal(T0 + 35000, number(bed, entry, "due"));
    at(bed, T0 + 35000);
    ticket = tick_one(bed);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    assert_int_equal(0, tick(bed));
    assert_int_equal(T0 + 120 * MINUTE, number(bed, entry, "due"));
}

static enum wake wake_next(struct bed *bed, const char *entry, int *event_no)
{
    char event[24];
    snprintf(event, sizeof event, "n%d", ++*event_no);
    return wake_by(bed, entry, event);
}

/* So many events since the last run began: so long it rests when it has ended. */
static const struct {
    int events;
    int64_t quiet_ms;
} QUIETS[] = {
    {1,   1000 },
    {10,  1000 },
    {11,  1100 },
    {50,  5000 },
    {299, 29900},
    {300, 30000},
    {400, 30000}
};

static void an_entry_rests_for_longer_the_more_events_there_were(void **state)
{
    struct bed *bed = *state;
    int event_no = 0;
    for (size_t i = 0; i < COUNT(QUIETS); i++) {
        const char *during = add(bed, hourly()), *after = add(bed, hourly());
        const int64_t began = bed->now;
        const char *const entries[] = {during, after};
        for (size_t e = 0; e < COUNT(entries); e++) {
            wake_next(bed, entries[e], &event_no);
            struct ticket ticket = tick_one(bed);
            const char *fence = claim(bed, &ticket);
            for (int n = 0; entries[e] == during && n < QUIETS[i].events; n++)
                IS(WAKE_RERUN, wake_next(bed, during, &event_no));
            finish(bed, &ticket, fence, OUTCOME_OK);
            tick(bed);
        }
        for (int n = 0; n < QUIETS[i].events; n++) /* the run that waits waits for longer */
            IS(n ? WAKE_COVERED : WAKE_LATER, wake_next(bed, after, &event_no));
        assert_int_equal(began + QUIETS[i].quiet_ms, number(bed, during, "due"));
        assert_int_equal(began + QUIETS[i].quiet_ms, number(bed, after, "due"));
        at(bed, began + QUIETS[i].quiet_ms - 1);
        assert_int_equal(0, tick(bed));
        at(bed, began + QUIETS[i].quiet_ms);
        assert_int_equal(1, tick(bed)); /* of one category: one after the other */
        OK(ledger_delete(bed->ledger, COMPANY, during, &bed->granted, &err));
        OK(ledger_delete(bed->ledger, COMPANY, after, &bed->granted, &err));
    }
}

/* A minute of events, one every `every_ms`, for an entry whose runs take a third of a second: how
 * often it runs. `longest_ms`: from an event to the beginning of the run that sees it. */
static int runs_in_a_minute(struct bed *bed, const char *entry, int64_t every_ms,
                            int64_t *longest_ms)
{
    enum { STEP_MS = 20, RUN_MS = 300, AFTER_MS = 40000 };
    const int64_t began = bed->now;
    int64_t waits = 0, ends = 0;
    int runs = 0, event_no = 0;
    struct ticket ticket;
    const char *fence = NULL;
    for (int64_t now = began; now < began + MINUTE + AFTER_MS; now += STEP_MS) {
        at(bed, now);
        for (; now < began + MINUTE && began + event_no * every_ms <= now;) {
            assert_false(wake_is_refusal(wake_next(bed, entry, &event_no)));
            waits = waits ? waits : now;
        }
        if (fence && now >= ends) {
            finish(bed, &ticket, fence, OUTCOME_OK);
            fence = NULL;
        }
        if (!fence && tick(bed)) {
            ticket = bed->granted.items[0];
            fence = claim(bed, &ticket);
            ends = now + RUN_MS;
            runs++;
            *longest_ms = waits && now - waits > *longest_ms ? now - waits : *longest_ms;
            waits = 0;
        }
    }
    assert_int_equal(0, waits); /* none is missed */
    return runs;
}

static void a_busy_shop_hardly_waits_and_a_storm_is_three_runs(void **state)
{
    struct bed *bed = *state;
    static const struct {
        int64_t every_ms, most_ms;
        int least_runs, most_runs;
    } MINUTES[] = {
        {20000, 0,     3,  3 }, /* now and then: at once */
        {2000,  0,     30, 30},
        {500,   1500,  30, 50}, /* busy: a second and the run before */
        {20,    31000, 3,  3 }, /* 3,000 in a minute */
        {6,     31000, 3,  3 }, /* 10,000 */
    };
    for (size_t i = 0; i < COUNT(MINUTES); i++) {
        const char *entry = add(bed, hourly());
        int64_t longest = 0;
        const int runs = runs_in_a_minute(bed, entry, MINUTES[i].every_ms, &longest);
        if (runs < MINUTES[i].least_runs || runs > MINUTES[i].most_runs ||
            longest > MINUTES[i].most_ms)
            fail_msg("an event each %d ms: %d runs, the longest wait %d ms",
                     (int)MINUTES[i].every_ms, runs, (int)longest);
        OK(ledger_delete(bed->ledger, COMPANY, entry, &bed->granted, &err));
    }
}

static void an_event_after_a_run_waits_for_the_trailing_edge(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    wake_by(bed, entry, "1");
    struct ticket ticket = tick_one(bed);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_IDLE);
    at(bed, T0 + 400);
    tick(bed);
    IS(WAKE_LATER, wake_by(bed, entry, "2"));
    IS(WAKE_COVERED, wake_by(bed, entry, "3"));
    assert_int_equal(T0 + 1000, number(bed, entry, "due"));
    at(bed, T0 + 1000);
    ticket = tick_one(bed);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    at(bed, T0 + 2000); /* a second after that end: nothing holds it back */
    tick(bed);
    IS(WAKE_DONE, wake_by(bed, entry, "4"));
}

static void a_retry_comes_forward_and_the_run_follows(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = hourly();
    definition.retry_ms = 20 * MINUTE;
    const char *entry = add(bed, definition);
    wake_by(bed, entry, "1");
    struct ticket ticket = tick_one(bed);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_RETRY);
    assert_true(number(bed, entry, "due") > T0 + 20 * MINUTE);
    at(bed, T0 + 10000);
    IS(WAKE_RERUN, wake_by(bed, entry, "2"));
    /* sooner, but events must not burn its retries away */
    assert_int_equal(T0 + 30000, number(bed, entry, "due"));
    at(bed, T0 + 30000);
    ticket = tick_one(bed);
    assert_int_equal(2, ticket.attempt);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    assert_int_equal(0, tick(bed));
    at(bed, T0 + 31000); /* its cursor may have passed the change: once more */
    ticket = tick_one(bed);
    assert_int_equal(1, ticket.attempt);
}

static void a_parked_run_keeps_its_time(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    wake_by(bed, entry, "1");
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    struct finish_request park = {
        .outcome = OUTCOME_PARK, .at_ms = T0 + 9 * MINUTE, .why = "budget", .counts = "{}"};
    snprintf(park.task, sizeof park.task, "%s", ticket.task);
    snprintf(park.fence, sizeof park.fence, "%s", fence);
    OK(ledger_finish(bed->ledger, bed->bucket, &park, 1, &bed->granted, &err));
    at(bed, T0 + MINUTE);
    IS(WAKE_RERUN, wake_by(bed, entry, "2"));
    assert_int_equal(T0 + 9 * MINUTE, number(bed, entry, "due"));
    assert_int_equal(1, number(bed, entry, "rerun"));
}

static void a_backlog_is_not_jumped(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = hourly();
    definition.catch_up = CATCH_UP_ALL;
    const char *entry = add(bed, definition);
    at(bed, T0 + 150 * MINUTE); /* two slots have passed */
    IS(WAKE_COVERED, wake_by(bed, entry, "1"));
    for (int slot = 1; slot <= 2; slot++) {
        struct ticket ticket = tick_one(bed);
        assert_int_equal(T0 + slot * 60 * MINUTE, number(bed, entry, "slot"));
        finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    }
}

/* ---- who refuses ---- */

static void what_rests_refuses_and_the_others_are_woken(void **state)
{
    struct bed *bed = *state;
    const char *entries[3] = {add(bed, hourly()), add(bed, hourly()),
                              "00000000-0000-4000-8000-000000000000"};
    const struct wake_cause cause = {.source = "/test", .id = "1"};
    enum wake answers[3];
    OK(ledger_hold(bed->ledger, COMPANY, entries[0], false, &bed->granted, &err));
    OK(ledger_wakes(bed->ledger, COMPANY, entries, 3, &cause, answers, &bed->granted, &err));
    IS(WAKE_RESTING, answers[0]);
    IS(WAKE_DONE, answers[1]);
    IS(WAKE_GONE, answers[2]);
    assert_int_equal(1, recorded(bed, "refused"));
    /* what was refused was not taken: delivered again, it works */
    OK(ledger_ready(bed->ledger, COMPANY, entries[0], &bed->granted, &err));
    OK(ledger_wakes(bed->ledger, COMPANY, entries, 3, &cause, answers, &bed->granted, &err));
    assert_false(wake_is_refusal(answers[0]));
    IS(WAKE_DOUBLE, answers[1]);
}

static void many_entries_are_woken_in_bundles(void **state)
{
    enum { MANY = 150 };
    struct bed *bed = *state;
    const char *entries[MANY];
    enum wake answers[MANY];
    const struct wake_cause cause = {.source = "/test", .id = "1"};
    for (int i = 0; i < MANY; i++)
        entries[i] = add(bed, hourly());
    OK(ledger_wakes(bed->ledger, COMPANY, entries, MANY, &cause, answers, &bed->granted, &err));
    for (int i = 0; i < MANY; i++)
        IS(WAKE_DONE, answers[i]);
}

/* ---- doubles ---- */

static void a_double_does_nothing_for_a_day(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly()), *other = add(bed, hourly());
    IS(WAKE_DONE, wake_by(bed, entry, "1"));
    struct ticket ticket = tick_one(bed);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    at(bed, T0 + DAY - 1);
    IS(WAKE_DOUBLE, wake_by(bed, entry, "1"));
    IS(WAKE_DONE, wake_by(bed, other, "1")); /* it was not taken there */
    at(bed, T0 + DAY);
    IS(WAKE_DONE, wake_by(bed, entry, "1"));
}

static void source_and_id_together_name_an_event(void **state)
{
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    const struct wake_cause causes[] = {
        {.source = "/a",  .id = "b1"},
        {.source = "/ab", .id = "1" },
        {.source = "/a",  .id = "b1"},
    };
    static const enum wake WANT[] = {WAKE_DONE, WAKE_COVERED, WAKE_DOUBLE};
    for (size_t i = 0; i < COUNT(causes); i++) {
        enum wake answer;
        OK(ledger_wakes(bed->ledger, COMPANY, &entry, 1, &causes[i], &answer, &bed->granted, &err));
        IS(WANT[i], answer);
    }
}

static int64_t remembered(struct bed *bed)
{
    OWN_TEXT char *seen = mem_printf("seen:%s", COMPANY);
    OWN_REPLY redisReply *reply = ask(bed, "ZCARD", seen, NULL);
    return reply->integer;
}

static void what_is_remembered_is_bounded(void **state)
{
    static const char FILL[] =
        "for i = 1, 100000 do redis.call('ZADD', KEYS[1], ARGV[1] + i, i) end";
    struct bed *bed = *state;
    const char *entry = add(bed, hourly());
    OWN_REPLY redisReply *filled = NULL;
    OK(redis_commandf(ledger_redis(bed->ledger), &filled, &err, "EVAL %s 1 ct:{%s/%02x}:seen:%s %s",
                      FILL, bed->environment, bed->bucket, COMPANY, "1767225600000"));
    at(bed, T0 + 200000);
    wake_by(bed, entry, "1");
    assert_int_equal(100000, remembered(bed)); /* the oldest is forgotten */
    at(bed, T0 + 200000 + DAY);
    wake_by(bed, entry, "2");
    assert_int_equal(100000 + 1 - 64, remembered(bed)); /* no call cleans for long */
}

/* ---- records ---- */

/* The entry's subjects in order, with spaces between. */
static char *subjects(struct bed *bed, const char *entry)
{
    OWN_BUF struct buf text = {0};
    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(bed->ledger), &reply, &err,
                      "ZRANGE ct:{%s/%02x}:s:%s:subjects:%s 0 -1", bed->environment, bed->bucket,
                      COMPANY, entry));
    for (size_t i = 0; i < reply->elements; i++)
        buf_printf(&text, "%s%s", i ? " " : "", reply->element[i]->str);
    return arena_text(bed->arena, buf_str(&text));
}

static enum wake wake_about(struct bed *bed, const char *entry, const char *const ids[],
                            size_t count)
{
    const struct wake_cause cause = {.subjects = ids, .subject_count = count};
    enum wake answer;
    OK(ledger_wakes(bed->ledger, COMPANY, &entry, 1, &cause, &answer, &bed->granted, &err));
    return answer;
}

static void an_event_names_records(void **state)
{
    struct bed *bed = *state;
    static const char *const FIRST[] = {"17", "4"}, *const SECOND[] = {"17", "9"};
    const char *entry = add(bed, hourly());
    wake_about(bed, entry, FIRST, 2);
    wake_about(bed, entry, SECOND, 2); /* covered, and its records count too */
    assert_string_equal("4 17 9", subjects(bed, entry));
    OK(ledger_delete(bed->ledger, COMPANY, entry, &bed->granted, &err));
    assert_string_equal("", subjects(bed, entry));
}

static void a_refused_event_leaves_no_records(void **state)
{
    struct bed *bed = *state;
    static const char *const IDS[] = {"17"};
    const char *entry = add(bed, hourly());
    OK(ledger_hold(bed->ledger, COMPANY, entry, false, &bed->granted, &err));
    IS(WAKE_RESTING, wake_about(bed, entry, IDS, 1));
    assert_string_equal("", subjects(bed, entry));
}

/* A run takes away what it has read, by its mark; what an event said meanwhile stays. */
static void a_record_named_again_while_it_is_read_stays(void **state)
{
    struct bed *bed = *state;
    static const char *const IDS[] = {"17", "4"};
    const char *entry = add(bed, hourly());
    bool fenced = true, refused = true;
    wake_about(bed, entry, IDS, 2); /* marks 1 and 2 */
    struct ticket ticket = tick_one(bed);
    const char *fence = claim(bed, &ticket);
    IS(WAKE_RERUN, wake_about(bed, entry, IDS, 1));
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *key = mem_printf("subjects:%s", entry);
    write_add(write, "ZREMRANGEBYSCORE", key, "1", "1", NULL);
    write_add(write, "ZREMRANGEBYSCORE", key, "2", "2", NULL);
    OK(ledger_write(bed->ledger, bed->bucket, ticket.task, fence, write, &fenced, &refused, &err));
    assert_false(fenced);
    assert_string_equal("17", subjects(bed, entry));
}

static void too_many_records_are_all(void **state)
{
    struct bed *bed = *state;
    const char *ids[SUBJECTS_MOST + 1];
    const char *entry = add(bed, hourly());
    for (size_t i = 0; i < COUNT(ids); i++)
        ids[i] = arena_printf(bed->arena, "%zu", i);
    wake_about(bed, entry, ids, SUBJECTS_MOST);
    wake_about(bed, entry, ids, SUBJECTS_MOST); /* the same ones are not more */
    assert_true(strlen(subjects(bed, entry)) > 3000);
    wake_about(bed, entry, ids + SUBJECTS_MOST, 1);
    assert_string_equal("*", subjects(bed, entry));
    wake_about(bed, entry, ids, 5);
    assert_string_equal("*", subjects(bed, entry));
    const char *other = add(bed, hourly());
    wake_about(bed, other, ids, COUNT(ids));
    assert_string_equal("*", subjects(bed, other));
}

/* ---- one-off entries ---- */

static enum added add_by(struct bed *bed, const char *event, char id[static UUID_TEXT])
{
    static const char *const IDS[] = {"17"};
    const struct wake_cause cause = {
        .source = "/test", .id = event, .subjects = IDS, .subject_count = 1};
    struct entry_definition definition = once();
    enum added answer;
    definition.coalesce_key = "sync orders.sync {}";
    OK(ledger_add_for(bed->ledger, &definition, &cause, id, &answer, &bed->granted, &err));
    return answer;
}

static void where_no_entry_is_concerned_one_is_made_once(void **state)
{
    struct bed *bed = *state;
    char first[UUID_TEXT], second[UUID_TEXT];
    assert_int_equal(ADDED_NEW, add_by(bed, "1", first));
    assert_int_equal(ADDED_EXISTING, add_by(bed, "2", second));
    assert_string_equal(first, second);
    assert_string_equal("17", subjects(bed, first));
    assert_int_equal(-1, number(bed, first, "event")); /* no part of the definition */
    struct ticket ticket = tick_one(bed);
    finish(bed, &ticket, claim(bed, &ticket), OUTCOME_OK);
    /* it is gone, and neither event makes another */
    assert_int_equal(-1, number(bed, first, "no"));
    assert_int_equal(ADDED_DOUBLE, add_by(bed, "1", second));
    assert_int_equal(ADDED_DOUBLE, add_by(bed, "2", second));
    assert_int_equal(0, tick(bed));
    assert_int_equal(ADDED_NEW, add_by(bed, "3", second));
}

static void an_operation_finds_its_recurring_entries(void **state)
{
    struct bed *bed = *state;
    struct entry_definition other = hourly(), single = once();
    OWN_JSON json *found = NULL;
    single.start_ms = T0 + DAY;
    snprintf(other.operation, sizeof other.operation, "orders.process");
    const char *entry = add(bed, hourly());
    add(bed, other);
    add(bed, single);
    OK(ledger_entries_of(bed->ledger, COMPANY, "orders.sync", &found, &err));
    assert_int_equal(1, json_count(found));
    assert_string_equal(entry, json_text(json_at(found, 0), "id"));
    assert_string_equal("DEMO", json_text(json_get(json_at(found, 0), "arguments"), "shop"));
}

static void a_long_list_is_looked_through(void **state)
{
    enum { MANY = 1050 };
    struct bed *bed = *state;
    OWN_JSON json *found = NULL;
    struct entry_definition definition = hourly();
    struct tickets granted = {0};
    char id[UUID_TEXT];
    bool existing;
    for (int i = 0; i < MANY; i++)
        OK(ledger_add(bed->ledger, &definition, id, &existing, &granted, &err));
    OK(ledger_entries_of(bed->ledger, COMPANY, "orders.sync", &found, &err));
    assert_int_equal(MANY, json_count(found));
    assert_string_equal(id, json_text(json_at(found, MANY - 1), "id"));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_first_event_is_never_held_back),
        CASE(a_ticket_says_which_event_caused_it),
        CASE(a_one_off_belongs_to_the_event_that_made_it),
        CASE(a_burst_is_one_run_now_and_one_at_the_trailing_edge),
        CASE(an_event_after_a_run_waits_for_the_trailing_edge),
        CASE(an_entry_rests_for_longer_the_more_events_there_were),
        CASE(a_busy_shop_hardly_waits_and_a_storm_is_three_runs),
        CASE(a_retry_comes_forward_and_the_run_follows),
        CASE(a_parked_run_keeps_its_time),
        CASE(a_backlog_is_not_jumped),
        CASE(what_rests_refuses_and_the_others_are_woken),
        CASE(many_entries_are_woken_in_bundles),
        CASE(a_double_does_nothing_for_a_day),
        CASE(source_and_id_together_name_an_event),
        CASE(what_is_remembered_is_bounded),
        CASE(an_event_names_records),
        CASE(a_refused_event_leaves_no_records),
        CASE(a_record_named_again_while_it_is_read_stays),
        CASE(too_many_records_are_all),
        CASE(where_no_entry_is_concerned_one_is_made_once),
        CASE(an_operation_finds_its_recurring_entries),
        CASE(a_long_list_is_looked_through),
    };
    test_redis_start(&server, true);
    int failed = cmocka_run_group_tests_name("ledger_wake", tests, NULL, NULL);
    test_redis_stop(&server);
    return failed;
}
