/* ledger_outbox_test.c - what runs leave for people to hear of, at a time that the test sets. */
#include "support/bed.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/log.h"
#include "ledger/outbox.h"

#define HOUR (60 * MINUTE)
enum { LEASE_MS = 90000 };

static void tells(struct bed *bed)
{
    bool changed;
    BED_OK(ledger_settings_put(bed->ledger, BED_COMPANY, "notify", "{\"targets\":[]}", &changed,
                               &bed_err));
}

static struct outbox_look look(struct bed *bed)
{
    struct outbox_look out;
    BED_OK(outbox_look(bed->ledger, bed->bucket, bed->arena, &out, &bed_err));
    return out;
}

/* Plans every event there is as one notice each, of these words. */
static bool plan(struct bed *bed, const struct outbox_look *seen, struct outbox_notice notice)
{
    struct outbox_notice *notices = arena_array(bed->arena, seen->event_count + 1, sizeof notice);
    const char **ids = arena_array(bed->arena, seen->event_count + 1, sizeof *ids);
    bool planned;
    for (size_t i = 0; i < seen->event_count; i++) {
        notices[i] = notice;
        notices[i].company = BED_COMPANY;
        notices[i].entry = seen->events[i].entry;
        notices[i].operation = seen->events[i].operation;
        notices[i].row = arena_printf(bed->arena, "{\"no\":%d}", (int)seen->events[i].no);
        ids[i] = seen->events[i].id;
    }
    BED_OK(outbox_plan(bed->ledger, bed->bucket, ids, seen->event_count, notices, seen->event_count,
                       &planned, &bed_err));
    return planned;
}

static const struct outbox_notice FAILURE = {
    .target = "ops", .why = "failure", .cause = "c1", .collect_ms = 10000, .hold_ms = 15 * MINUTE};

static size_t take(struct bed *bed, const char *owner, struct outbox_taken **out)
{
    size_t count;
    BED_OK(outbox_take(bed->ledger, bed->bucket, owner, LEASE_MS, 10, bed->arena, out, &count,
                       &bed_err));
    return count;
}

static struct outbox_taken take_one(struct bed *bed, const char *owner)
{
    struct outbox_taken *taken;
    assert_int_equal(1, take(bed, owner, &taken));
    return taken[0];
}

static void take_none(struct bed *bed, const char *owner)
{
    struct outbox_taken *taken;
    assert_int_equal(0, take(bed, owner, &taken));
}

static void end(struct bed *bed, const char *id)
{
    BED_OK(outbox_end(bed->ledger, bed->bucket, id, "delivered", "", &bed_err));
}

/* What waits for its time runs now, to this end. */
static void run(struct bed *bed, enum outcome outcome)
{
    struct ticket ticket = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &ticket);
    bed_finish(bed, &ticket, fence, outcome);
}

static const char *once(struct bed *bed, const char *notify)
{
    struct entry_definition definition = bed_once("SHPFY");
    definition.max_retry = 0;
    definition.notify = notify;
    return bed_add(bed, &definition);
}

static void nobody_to_tell_is_no_event(void **state)
{
    struct bed *bed = *state;
    once(bed, "ops");
    run(bed, OUTCOME_FATAL);
    assert_int_equal(0, look(bed).event_count);
}

static void what_ends_well_as_always_is_no_event(void **state)
{
    struct bed *bed = *state;
    tells(bed);
    once(bed, NULL);
    run(bed, OUTCOME_OK);
    assert_int_equal(0, look(bed).event_count);
}

static void failures_count_in_a_row_until_a_success(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", MINUTE);
    tells(bed);
    definition.max_retry = 0;
    bed_add(bed, &definition);
    static const enum outcome OUTCOMES[] = {OUTCOME_FATAL, OUTCOME_RETRY, OUTCOME_OK, OUTCOME_OK,
                                            OUTCOME_FATAL};
    for (size_t i = 0; i < COUNT(OUTCOMES); i++) {
        bed_at(bed, BED_START + (int64_t)i * MINUTE);
        run(bed, OUTCOMES[i]);
        bed_tick(bed); /* plans */
    }
    static const struct {
        bool failed, recovered;
        int64_t fails;
    } WANT[] = {
        {true,  false, 1},
        {true,  false, 2},
        {false, true,  2}, /* the success that ended two failures; the one after it is no news */
        {true,  false, 1},
    };
    struct outbox_look seen = look(bed);
    assert_int_equal(COUNT(WANT), seen.event_count);
    for (size_t i = 0; i < COUNT(WANT); i++) {
        assert_int_equal(WANT[i].failed, seen.events[i].failed);
        assert_int_equal(WANT[i].recovered, seen.events[i].recovered);
        assert_int_equal(WANT[i].fails, seen.events[i].fails);
    }
    assert_int_equal(1, seen.company_count);
    assert_int_equal(3, seen.companies[0].failure_count);
    assert_int_equal(BED_START, seen.companies[0].failures[0]);
}

static void a_retry_and_a_cancel_are_no_failure(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    tells(bed);
    bed_add(bed, &definition); /* five retries */
    run(bed, OUTCOME_RETRY);
    assert_int_equal(0, look(bed).event_count);
    bed_later(bed, HOUR);
    run(bed, OUTCOME_CANCELLED);
    assert_int_equal(0, look(bed).event_count);
    once(bed, "ops"); /* but whoever asked hears of it */
    run(bed, OUTCOME_CANCELLED);
    assert_int_equal(1, look(bed).event_count);
    assert_string_equal("ops", look(bed).events[0].notify);
}

static void who_asks_for_the_same_run_is_told_too(void **state)
{
    struct bed *bed = *state;
    static const char *const ASKED[] = {"ops", "qa", "ops", NULL};
    tells(bed);
    for (size_t i = 0; i < COUNT(ASKED); i++) {
        struct entry_definition definition = bed_once("SHPFY");
        definition.coalesce_key = "the same";
        definition.notify = ASKED[i];
        bed_add(bed, &definition);
    }
    run(bed, OUTCOME_OK);
    struct outbox_look seen = look(bed);
    assert_int_equal(1, seen.event_count);
    assert_string_equal("ops,qa", seen.events[0].notify);
}

static void an_event_is_planned_once(void **state)
{
    struct bed *bed = *state;
    tells(bed);
    once(bed, NULL);
    run(bed, OUTCOME_FATAL);
    struct outbox_look first = look(bed), second = look(bed); /* two producers look */
    assert_true(plan(bed, &first, FAILURE));
    assert_false(plan(bed, &second, FAILURE));
    assert_int_equal(0, look(bed).event_count);
    bed_later(bed, FAILURE.collect_ms);
    assert_int_equal(1, take_one(bed, "a").count);
}

static void a_cause_collects_then_holds_back(void **state)
{
    struct bed *bed = *state;
    tells(bed);
    for (int i = 0; i < 60; i++) {
        once(bed, NULL);
        run(bed, OUTCOME_FATAL);
        struct outbox_look seen = look(bed);
        assert_true(plan(bed, &seen, FAILURE));
    }
    take_none(bed, "a"); /* it waits for more of its cause */
    bed_later(bed, FAILURE.collect_ms);
    struct outbox_taken first = take_one(bed, "a");
    assert_int_equal(60, first.count);
    assert_int_equal(50, first.row_count);
    assert_string_equal("{\"no\":1}", first.rows[0]);

    once(bed, NULL); /* while the first is on its way: another message */
    run(bed, OUTCOME_FATAL);
    struct outbox_look seen = look(bed);
    assert_true(plan(bed, &seen, FAILURE));
    end(bed, first.id);
    bed_later(bed, FAILURE.hold_ms - 1);
    take_none(bed, "a");
    bed_later(bed, 1);
    struct outbox_taken second = take_one(bed, "a");
    assert_int_equal(1, second.count);
    assert_string_not_equal(first.id, second.id);
}

static void a_recovery_is_for_who_was_told(void **state)
{
    struct bed *bed = *state;
    struct outbox_notice told = FAILURE, recovery = FAILURE, stranger = FAILURE;
    tells(bed);
    const char *entry = once(bed, NULL);
    run(bed, OUTCOME_FATAL);
    told.collect_ms = recovery.collect_ms = 0;
    recovery.why = stranger.why = "recovery";
    recovery.cause = "c2";
    stranger.target = "qa";
    struct outbox_look seen = look(bed);
    assert_true(plan(bed, &seen, told));
    end(bed, take_one(bed, "a").id);
    for (int round = 0; round < 2; round++) {
        bool known = round == 0;
        assert_int_equal(0, bed_ask(bed, ledger_restart, entry));
        run(bed, known ? OUTCOME_FATAL : OUTCOME_OK);
        seen = look(bed);
        assert_true(plan(bed, &seen, known ? stranger : recovery));
        if (known)
            take_none(bed, "a");
        else
            assert_string_equal("recovery", take_one(bed, "a").why);
    }
}

static void a_notice_belongs_to_one_producer_at_a_time(void **state)
{
    struct bed *bed = *state;
    struct outbox_notice now = FAILURE;
    bool given_up;
    now.collect_ms = 0;
    tells(bed);
    once(bed, NULL);
    run(bed, OUTCOME_FATAL);
    struct outbox_look seen = look(bed);
    assert_true(plan(bed, &seen, now));
    struct outbox_taken first = take_one(bed, "a");
    take_none(bed, "b");
    bed_later(bed, LEASE_MS - 1);
    take_none(bed, "b");
    bed_later(bed, 1);
    struct outbox_taken second = take_one(bed, "b"); /* a died, or stands still */
    assert_string_equal(first.id, second.id);
    assert_int_equal(2, second.tries);
    BED_OK(outbox_again(bed->ledger, bed->bucket, first.id, "a", 0, "late", &given_up, &bed_err));
    take_none(bed, "c"); /* what a says of it no longer counts ... */
    end(bed, first.id);  /* ... but delivered is delivered */
    bed_later(bed, LEASE_MS);
    take_none(bed, "b");
    end(bed, first.id); /* repeatable */
}

static void after_a_day_it_is_given_up_and_recorded(void **state)
{
    struct bed *bed = *state;
    struct outbox_notice now = FAILURE;
    struct outbox_taken taken = {0};
    bool given_up = false;
    int tries = 0;
    now.collect_ms = 0;
    tells(bed);
    once(bed, NULL);
    run(bed, OUTCOME_FATAL);
    struct outbox_look seen = look(bed);
    assert_true(plan(bed, &seen, now));
    while (!given_up && tries < 100) {
        taken = take_one(bed, "a");
        BED_OK(outbox_again(bed->ledger, bed->bucket, taken.id, "a", 15 * MINUTE, "it answered 500",
                            &given_up, &bed_err));
        bed_later(bed, 15 * MINUTE);
        tries++;
    }
    assert_int_equal(24 * 4 + 1, tries);
    take_none(bed, "a");
    OWN_JSON json *log = NULL;
    struct log_query query = {.kind = "notice", .most = 10};
    BED_OK(ledger_log(bed->ledger, BED_COMPANY, &query, &log, &bed_err));
    const json *row = json_at(json_get(log, "records"), 0);
    assert_int_equal(1, json_count(json_get(log, "records")));
    assert_string_equal("given-up", json_text(row, "outcome"));
    assert_string_equal("ops", json_text(row, "target"));
    assert_string_equal("it answered 500", json_text(row, "error"));
    assert_int_equal(tries, json_int(row, "attempt", 0));
}

static void an_entry_that_cannot_be_planned_is_a_failure(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 0);
    tells(bed);
    definition.schedule = SCHEDULE_FORMULA;
    definition.formula = "1M+nonsense";
    const char *entry = bed_add(bed, &definition);
    bed_tick(bed);
    bed_stands(bed, entry, "2", "rest");
    struct outbox_look seen = look(bed);
    assert_int_equal(1, seen.event_count);
    assert_true(seen.events[0].failed);
    assert_int_equal(0, seen.events[0].no);
    assert_non_null(strstr(seen.events[0].error, "date formula"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(nobody_to_tell_is_no_event),
        BED_TEST(what_ends_well_as_always_is_no_event),
        BED_TEST(failures_count_in_a_row_until_a_success),
        BED_TEST(a_retry_and_a_cancel_are_no_failure),
        BED_TEST(who_asks_for_the_same_run_is_told_too),
        BED_TEST(an_event_is_planned_once),
        BED_TEST(a_cause_collects_then_holds_back),
        BED_TEST(a_recovery_is_for_who_was_told),
        BED_TEST(a_notice_belongs_to_one_producer_at_a_time),
        BED_TEST(after_a_day_it_is_given_up_and_recorded),
        BED_TEST(an_entry_that_cannot_be_planned_is_a_failure),
    };
    return BED_RUN("outbox", tests);
}
