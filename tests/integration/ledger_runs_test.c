/* ledger_runs_test.c - how one entry begins, ends, rests and goes on: what a run leads to. */
#include "support/bed.h"

#include <stdio.h>
#include <string.h>

#include "admin/why.h"

#define DAY (24 * 60 * MINUTE)

static struct ticket begin(struct bed *bed, const struct entry_definition *definition,
                           const char **entry, const char **fence)
{
    *entry = bed_add(bed, definition);
    struct ticket ticket = bed_tick_one(bed);
    *fence = bed_claim(bed, &ticket);
    return ticket;
}

/* ---- a park that ends only when a person says so ---- */

/* Parks with a cursor, as an operation does whose plan waits for approval. */
static void park_for_good(struct bed *bed, const struct ticket *ticket, const char *fence)
{
    struct finish_request request = {.outcome = OUTCOME_PARK,
                                     .at_ms = PARK_NEVER,
                                     .why = "approval",
                                     .error = "3 prices fall by more than half",
                                     .cursor = "the plan",
                                     .cursor_size = 8};
    struct tickets granted = {0};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    BED_OK(ledger_finish(bed->ledger, bed->bucket, &request, 1, &granted, &bed_err));
    assert_true(request.done);
    tickets_drop(&bed->granted);
    bed->granted = granted;
}

static void a_plan_rests_until_a_person_lets_it_go_on(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 60 * MINUTE), other = bed_once("SHPFY");
    const char *entry, *fence;
    OWN_JSON json *why = NULL;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    const char *waits = bed_add(bed, &other);
    bed_tick(bed);
    park_for_good(bed, &ticket, fence);
    bed_stands(bed, entry, "3", "rest");
    bed_ticket(bed, waits); /* its category is free meanwhile */

    BED_OK(
        why_run(&(struct admin_config){0}, bed->ledger, BED_COMPANY, ticket.task, &why, &bed_err));
    assert_string_equal("approval", json_text(why, "code"));
    assert_non_null(strstr(json_text(why, "text"), "3 prices fall by more than half"));
    assert_non_null(strstr(json_text(json_get(why, "action"), "command"), "cartage entry ready"));
    assert_int_equal(409, bed_wake(bed, entry)); /* no event goes past the person */
    bed_later(bed, 3 * DAY);
    bed_tick(bed);
    bed_stands(bed, entry, "3", "rest");

    assert_int_equal(0, bed_ask(bed, ledger_ready, entry));
    bed_stands(bed, entry, "0", "due");
    assert_int_equal(0, bed_ask(bed, ledger_delete, waits));
    struct ticket second = bed_tick_one(bed);
    assert_string_equal(ticket.task, second.task); /* the same task, and its plan */
    assert_int_equal(2, second.attempt);
    assert_string_equal("the plan", bed_field(bed, entry, "cursor"));
    fence = bed_claim(bed, &second);
    bed_finish(bed, &second, fence, OUTCOME_OK);
    assert_string_not_equal(ticket.task, bed_tick_one(bed).task); /* what comes next is new */
    assert_string_equal("", bed_field(bed, entry, "cursor"));
}

typedef void (*after_park)(struct bed *bed, const char *entry, const struct ticket *ticket);

static bool cancel_it(struct ledger *ledger, const char *company, const char *task,
                      struct tickets *granted, struct err *err)
{
    return ledger_cancel(ledger, company, task, granted, err);
}

static void by_restart(struct bed *bed, const char *entry, const struct ticket *ticket)
{
    (void)ticket;
    assert_int_equal(0, bed_ask(bed, ledger_restart, entry));
    bed_stands(bed, entry, "0", "due");
}

static void by_hold(struct bed *bed, const char *entry, const struct ticket *ticket)
{
    (void)ticket;
    assert_int_equal(0, bed_hold(bed, entry, false));
    bed_stands(bed, entry, "3", "rest");
}

static void by_cancel(struct bed *bed, const char *entry, const struct ticket *ticket)
{
    assert_int_equal(0, bed_ask(bed, cancel_it, ticket->task));
    bed_stands(bed, entry, "0", "due"); /* it goes on with its next slot */
}

static void by_edit(struct bed *bed, const char *entry, const struct ticket *ticket)
{
    struct entry_definition definition = bed_every("SHPFY", 60 * MINUTE);
    (void)ticket;
    definition.arguments = "{\"shop\":\"OTHER\"}";
    bed_edit(bed, entry, &definition);
    bed_stands(bed, entry, "3", "rest");
}

static void a_plan_is_dropped_by_what_makes_it_old(void **state)
{
    static const after_park WAYS[] = {by_restart, by_hold, by_cancel, by_edit};
    struct bed *bed = *state;
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        struct entry_definition definition = bed_every("SHPFY", 60 * MINUTE);
        const char *entry, *fence;
        OWN_JSON json *run = NULL;
        struct ticket ticket = begin(bed, &definition, &entry, &fence);
        park_for_good(bed, &ticket, fence);
        WAYS[i](bed, entry, &ticket);
        assert_string_equal("", bed_field(bed, entry, "cursor"));
        BED_OK(ledger_run(bed->ledger, BED_COMPANY, ticket.task, &run, &bed_err));
        assert_string_equal("finished", json_text(run, "state"));
        assert_string_equal("cancelled", json_text(run, "outcome"));
        assert_int_equal(0, bed_ask(bed, ledger_delete, entry));
        assert_true(bed_gone(bed, entry));
    }
}

/* ---- the first run ---- */

static struct entry_definition monthly(void)
{
    struct entry_definition definition = bed_every("SHPFY", 0);
    definition.schedule = SCHEDULE_FORMULA;
    definition.formula = "1D+CM";
    return definition;
}

static void a_formula_waits_for_its_day_unless_it_runs_at_the_start(void **state)
{
    struct bed *bed = *state;
    struct entry_definition patient = monthly(), eager = monthly();
    const char *fence, *entry = bed_add(bed, &patient);
    assert_int_equal(0, bed_tick(bed));
    int64_t end_of_month = BED_START + 30 * DAY;
    assert_int_equal(end_of_month, bed_number(bed, entry, "due"));
    assert_int_equal(0, bed_ask(bed, ledger_delete, entry));

    eager.run_at_start = true;
    struct ticket ticket = begin(bed, &eager, &entry, &fence);
    assert_int_equal(BED_START, bed_number(bed, entry, "slot"));
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(0, bed_tick(bed));
    assert_int_equal(end_of_month, bed_number(bed, entry, "due"));

    /* Made ready again, it does so again; a restart of the queue does not. */
    assert_int_equal(0, bed_hold(bed, entry, false));
    bed_later(bed, MINUTE);
    assert_int_equal(0, bed_ask(bed, ledger_ready, entry));
    ticket = bed_tick_one(bed);
    assert_string_equal(entry, ticket.entry);
    OWN_JSON json *shown = NULL;
    BED_OK(ledger_entry(bed->ledger, BED_COMPANY, entry, &shown, &bed_err));
    assert_true(json_flag(shown, "run_at_start", false));
}

static void a_run_at_the_start_keeps_to_its_window(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
    const int64_t midnight = BED_START - BED_START % DAY, now = BED_START - midnight;
    definition.days = EVERY_DAY;
    definition.from_ms = now + 60 * MINUTE;
    definition.to_ms = now + 120 * MINUTE;
    definition.run_at_start = true;
    const char *entry = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    assert_int_equal(0, bed_tick(bed));
    assert_int_equal(BED_START + 60 * MINUTE, bed_number(bed, entry, "due"));
}

/* ---- no time of its own ---- */

static void a_manual_entry_runs_when_it_is_asked_to(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 0);
    OWN_JSON json *shown = NULL;
    definition.schedule = SCHEDULE_MANUAL;
    const char *fence, *entry = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    BED_OK(ledger_entry(bed->ledger, BED_COMPANY, entry, &shown, &bed_err));
    assert_string_equal("manual", json_text(shown, "schedule"));
    assert_int_equal(0, json_int(shown, "due_ms", -1)); /* no time is known */
    bed_later(bed, 365 * DAY);
    assert_int_equal(0, bed_tick(bed));
    for (int i = 0; i < 2; i++) { /* an event, and another after it */
        assert_int_equal(0, bed_wake(bed, entry));
        struct ticket ticket = bed_tick_one(bed);
        assert_int_equal(bed->now, bed_number(bed, entry, "slot"));
        fence = bed_claim(bed, &ticket);
        bed_later(bed, MINUTE);
        bed_finish(bed, &ticket, fence, OUTCOME_OK);
        assert_int_equal(0, bed_tick(bed));
        bed_stands(bed, entry, "0", "due");
        bed_later(bed, 1000); /* its quiet time */
    }
    assert_int_equal(0, bed_ask(bed, ledger_restart, entry));
    bed_tick_one(bed);
    assert_int_equal(0, bed_recorded(bed, "covered"));
    assert_int_equal(0, bed_recorded(bed, "skip"));
}

static void a_manual_entry_expires_all_the_same(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 0);
    definition.schedule = SCHEDULE_MANUAL;
    definition.expires_ms = BED_START + DAY;
    const char *entry = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    bed_stands(bed, entry, "0", "due");
    bed_later(bed, DAY);
    assert_int_equal(0, bed_tick(bed));
    assert_true(bed_gone(bed, entry));
}

static void a_run_sheet_says_who_it_is_and_in_which_language(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    definition.credential = "second-user";
    definition.lang = "de-DE";
    bed_add(bed, &definition);
    struct ticket ticket = bed_tick_one(bed);
    struct claim_request request = {
        .ticket = &ticket, .arena = bed->arena, .fence = "00112233aabbccdd.1"};
    struct tickets granted = {0};
    BED_OK(ledger_claim(bed->ledger, bed->bucket, &request, 1, &granted, &bed_err));
    tickets_drop(&granted);
    assert_string_equal("second-user", request.sheet.credential);
    assert_string_equal("de-DE", request.sheet.lang);
    assert_false(request.sheet.rests);
}

/* ---- the last retry ---- */

/* Business Central's own: 10 to the power of n milliseconds, then six hours; a second at least. */
static void retries_wait_as_in_business_central(void **state)
{
    static const int64_t WAITS[] = {1000,    1000,     1000,     10000,   100000,
                                    1000000, 10000000, 21600000, 21600000};
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY"), delayed = bed_once("POST");
    const char *entry, *fence;
    definition.max_retry = delayed.max_retry = 10;
    definition.backoff_bc = delayed.backoff_bc = true;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    for (size_t i = 0; i < COUNT(WAITS); i++) {
        bed_finish(bed, &ticket, fence, OUTCOME_RETRY);
        assert_int_equal(bed->now + WAITS[i], bed_number(bed, entry, "due"));
        bed_later(bed, WAITS[i]);
        ticket = bed_tick_one(bed);
        fence = bed_claim(bed, &ticket);
    }
    delayed.retry_ms = 60000;
    ticket = begin(bed, &delayed, &entry, &fence);
    bed_finish(bed, &ticket, fence, OUTCOME_RETRY);
    assert_int_equal(bed->now + 60010, bed_number(bed, entry, "due"));
}

static const char *fail_once(struct bed *bed, const char *entry, enum outcome outcome)
{
    while (bed_tick(bed) == 0)
        bed_later(bed, MINUTE);
    struct ticket ticket = bed_ticket(bed, entry);
    const char *fence = bed_claim(bed, &ticket);
    bed_finish(bed, &ticket, fence, outcome);
    return bed_field(bed, entry, "failures");
}

static void after_its_last_retry_an_entry_stops_or_goes_on(void **state)
{
    struct bed *bed = *state;
    struct entry_definition stops = bed_every("SHPFY", 10 * MINUTE),
                            goes_on = bed_every("POST", 10 * MINUTE);
    stops.max_retry = goes_on.max_retry = 0;
    stops.stop_on_exhausted = true;
    const char *entry = bed_add(bed, &stops);
    assert_string_equal("1", fail_once(bed, entry, OUTCOME_RETRY));
    bed_stands(bed, entry, "2", "rest");
    bed_later(bed, DAY);
    assert_int_equal(0, bed_tick(bed));
    assert_int_equal(0, bed_ask(bed, ledger_ready, entry)); /* a person looked at it */
    assert_string_equal("", bed_field(bed, entry, "failures"));
    assert_int_equal(0, bed_hold(bed, entry, false));

    entry = bed_add(bed, &goes_on);
    assert_string_equal("1", fail_once(bed, entry, OUTCOME_RETRY));
    bed_stands(bed, entry, "0", "due");
    assert_string_equal("2", fail_once(bed, entry, OUTCOME_FATAL));
    OWN_JSON json *shown = NULL;
    BED_OK(ledger_entry(bed->ledger, BED_COMPANY, entry, &shown, &bed_err));
    assert_int_equal(2, json_int(shown, "failures", 0));
    assert_string_equal("resume", json_text(shown, "on_exhausted"));
    assert_string_equal("", fail_once(bed, entry, OUTCOME_OK));
}

static void a_held_run_that_parks_is_no_failure(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
    const char *entry, *fence;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    bed_hold(bed, entry, false);
    bed_finish(bed, &ticket, fence, OUTCOME_PARK);
    bed_stands(bed, entry, "3", "rest");
    OWN_REPLY redisReply *errors = bed_redis(bed, "ZCARD ~errors:%s", BED_COMPANY);
    assert_int_equal(0, errors->integer);
    assert_string_equal("", bed_field(bed, entry, "failures"));
}

/* ---- nothing to do ---- */

static void an_idle_entry_rests_and_an_event_wakes_it(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
    const char *entry, *fence;
    definition.idle_ms = 60 * MINUTE;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    bed_later(bed, 35000);
    bed_finish(bed, &ticket, fence, OUTCOME_IDLE);
    assert_int_equal(0, bed_tick(bed));
    bed_stands(bed, entry, "5", "due");
    assert_int_equal(BED_START + 70 * MINUTE, bed_number(bed, entry, "due")); /* on its grid */
    bed_later(bed, 24 * MINUTE);
    assert_int_equal(0, bed_wake(bed, entry));
    bed_stands(bed, entry, "0", "due");
    ticket = bed_tick_one(bed);
    fence = bed_claim(bed, &ticket);
    bed_finish(bed, &ticket, fence, OUTCOME_OK); /* it found something */
    assert_int_equal(0, bed_tick(bed));
    bed_stands(bed, entry, "0", "due");
    assert_int_equal(BED_START + 30 * MINUTE, bed_number(bed, entry, "due"));
    assert_int_equal(1, bed_recorded(bed, "skip")); /* 10 and 20: it rested then */
    assert_int_equal(0, bed_recorded(bed, "covered"));

    /* Left alone it wakes by itself. */
    bed_later(bed, 6 * MINUTE);
    ticket = bed_tick_one(bed);
    fence = bed_claim(bed, &ticket);
    bed_finish(bed, &ticket, fence, OUTCOME_IDLE);
    bed_at(bed, BED_START + 100 * MINUTE);
    assert_int_equal(1, bed_tick(bed) + bed_tick(bed));
    assert_int_equal(2, bed_recorded(bed, "skip"));
}

/* ---- changes while it runs ---- */

static void an_edit_while_it_runs_counts_from_the_next_run_on(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
    const char *entry, *fence;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    int64_t epoch = bed_number(bed, entry, "epoch");
    definition.every_ms = 25 * MINUTE;
    snprintf(definition.category, sizeof definition.category, "POST");
    bed_edit(bed, entry, &definition);
    bed_stands(bed, entry, "1", "running");
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
    const struct entry_definition next = bed_once("SHPFY");
    const char *waits = bed_add(bed, &next);
    assert_int_equal(0, bed_tick(bed)); /* the permit that it holds is that of its old category */
    bed_later(bed, MINUTE);
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    bed_ticket(bed, waits);
    assert_int_equal(epoch + 1, bed_number(bed, entry, "epoch"));
    bed_tick(bed);
    assert_int_equal(BED_START + 25 * MINUTE, bed_number(bed, entry, "due"));
    bed_at(bed, BED_START + 25 * MINUTE);
    ticket = bed_tick_one(bed);
    assert_string_equal("POST", ticket.category);
}

static void a_delete_while_it_runs_waits_for_the_end(void **state)
{
    static const enum outcome ENDS[] = {OUTCOME_OK, OUTCOME_RETRY, OUTCOME_PARK, OUTCOME_FATAL};
    struct bed *bed = *state;
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
        const char *entry, *fence;
        OWN_JSON json *run = NULL;
        struct ticket ticket = begin(bed, &definition, &entry, &fence);
        assert_int_equal(0, bed_ask(bed, ledger_delete, entry));
        bed_stands(bed, entry, "1", "running");
        assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence)); /* it is not stopped */
        assert_int_equal(404, bed_ask(bed, ledger_ready, entry)); /* for people it is gone */
        bed_finish(bed, &ticket, fence, ENDS[i]);
        assert_true(bed_gone(bed, entry));
        BED_OK(ledger_run(bed->ledger, BED_COMPANY, ticket.task, &run, &bed_err));
        assert_string_equal("finished", json_text(run, "state")); /* the log keeps it */
    }
}

/* It fails, or parks, before its worker has heard of the cancel. */
static void a_cancelled_run_does_not_come_back(void **state)
{
    static const struct {
        enum outcome outcome;
        int64_t at_ms;
    } ENDS[] = {
        {OUTCOME_RETRY,   0         },
        {OUTCOME_PARK,    0         },
        {OUTCOME_PARK,    PARK_NEVER},
        {OUTCOME_TIMEOUT, 0         }
    };
    struct bed *bed = *state;
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE),
                                one = bed_once("POST");
        const char *entry, *once, *fence;
        OWN_JSON json *run = NULL;
        struct ticket ticket = begin(bed, &definition, &entry, &fence);
        assert_int_equal(0, bed_ask(bed, cancel_it, ticket.task));
        assert_true(bed_finish_at(bed, &ticket, fence, ENDS[i].outcome, ENDS[i].at_ms));
        BED_OK(ledger_run(bed->ledger, BED_COMPANY, ticket.task, &run, &bed_err));
        assert_string_equal("cancelled", json_text(run, "outcome"));
        assert_string_equal("finished", json_text(run, "state"));
        bed_stands(bed, entry, "0", "due");
        assert_string_equal("", bed_field(bed, entry, "cancel"));
        assert_string_equal("", bed_field(bed, entry, "failures"));
        assert_int_equal(0, bed_ask(bed, ledger_delete, entry));

        ticket = begin(bed, &one, &once, &fence);
        assert_int_equal(0, bed_ask(bed, cancel_it, ticket.task));
        assert_true(bed_finish_at(bed, &ticket, fence, ENDS[i].outcome, ENDS[i].at_ms));
        assert_true(bed_gone(bed, once));
    }
}

/* ---- expiry ---- */

static void nothing_begins_once_it_has_expired(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY"), blocker = bed_once("SHPFY");
    const char *running, *fence;
    struct ticket ticket = begin(bed, &blocker, &running, &fence);

    /* At FIRE. */
    definition.start_ms = BED_START + 10 * MINUTE;
    definition.expires_ms = BED_START + 11 * MINUTE;
    const char *late = bed_add(bed, &definition);
    /* At GRANT: it waits for its category until it is too late. */
    definition.start_ms = 0;
    definition.expires_ms = BED_START + 5 * MINUTE;
    const char *waits = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    bed_stands(bed, waits, "6", "gated");
    bed_at(bed, BED_START + 5 * MINUTE); /* from this very moment on */
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(0, bed->granted.count);
    bed_tick(bed);
    assert_true(bed_gone(bed, waits));
    bed_at(bed, BED_START + 11 * MINUTE);
    assert_int_equal(0, bed_tick(bed));
    assert_true(bed_gone(bed, late));

    /* At CLAIM: granted in time, taken too late. */
    definition.expires_ms = bed->now + MINUTE;
    const char *granted = bed_add(bed, &definition);
    ticket = bed_tick_one(bed);
    bed_later(bed, MINUTE);
    assert_int_equal(CLAIM_LATE, bed_claim_as(bed, &ticket, "00112233aabbccdd.77"));
    bed_tick(bed);
    assert_true(bed_gone(bed, granted));
    assert_int_equal(3, bed_recorded(bed, "expire"));
}

static void what_has_begun_ends_after_its_expiry(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    const char *entry, *fence;
    definition.expires_ms = BED_START + MINUTE;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    bed_later(bed, 10 * MINUTE);
    bed_finish(bed, &ticket, fence, OUTCOME_PARK);
    struct ticket second = bed_tick_one(bed);
    fence = bed_claim(bed, &second);
    bed_finish(bed, &second, fence, OUTCOME_OK);
    assert_true(bed_gone(bed, entry));
}

static void an_entry_whose_next_slot_is_beyond_its_expiry_ends_at_once(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
    const char *entry, *fence;
    definition.expires_ms = BED_START + 10 * MINUTE;
    struct ticket ticket = begin(bed, &definition, &entry, &fence);
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(0, bed_tick(bed)); /* nine minutes before */
    assert_true(bed_gone(bed, entry));
}

static void an_earlier_expiry_counts_for_what_waits_already(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    const char *running, *fence;
    struct ticket ticket = begin(bed, &definition, &running, &fence);
    const char *waits = bed_add(bed, &definition);
    bed_tick(bed);
    bed_stands(bed, waits, "6", "gated");
    definition.expires_ms = BED_START + 5 * MINUTE;
    bed_edit(bed, waits, &definition);
    bed_tick(bed);
    bed_stands(bed, waits, "6", "gated");
    bed_later(bed, 6 * MINUTE);
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(0, bed->granted.count);
    bed_tick(bed);
    assert_true(bed_gone(bed, waits));
}

/* ---- coalescing ---- */

static void one_wish_is_one_entry(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    const char *entry, *fence;
    definition.coalesce_key = "sync orders DEMO";
    entry = bed_add(bed, &definition);
    assert_string_equal(entry, bed_add(bed, &definition)); /* it has not begun: the same wish */
    struct ticket ticket = bed_tick_one(bed);
    assert_string_equal(entry, bed_add(bed, &definition));
    fence = bed_claim(bed, &ticket);
    assert_string_equal("", bed_field(bed, entry, "rerun"));
    bed_later(bed, 5000);
    assert_string_equal(entry, bed_add(bed, &definition)); /* it runs: once more, afterwards */
    assert_string_equal("1", bed_field(bed, entry, "rerun"));
    bed_later(bed, 5000);
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    assert_int_equal(0, bed_tick(bed));
    assert_int_equal(BED_START + 11000, bed_number(bed, entry, "due")); /* no storm */
    bed_at(bed, BED_START + 11000);
    ticket = bed_tick_one(bed);
    fence = bed_claim(bed, &ticket);
    bed_finish(bed, &ticket, fence, OUTCOME_OK);
    assert_true(bed_gone(bed, entry));
    assert_string_not_equal(entry, bed_add(bed, &definition));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(a_plan_rests_until_a_person_lets_it_go_on),
        BED_TEST(a_plan_is_dropped_by_what_makes_it_old),
        BED_TEST(a_formula_waits_for_its_day_unless_it_runs_at_the_start),
        BED_TEST(a_run_at_the_start_keeps_to_its_window),
        BED_TEST(a_manual_entry_runs_when_it_is_asked_to),
        BED_TEST(a_manual_entry_expires_all_the_same),
        BED_TEST(a_run_sheet_says_who_it_is_and_in_which_language),
        BED_TEST(retries_wait_as_in_business_central),
        BED_TEST(after_its_last_retry_an_entry_stops_or_goes_on),
        BED_TEST(a_held_run_that_parks_is_no_failure),
        BED_TEST(an_idle_entry_rests_and_an_event_wakes_it),
        BED_TEST(an_edit_while_it_runs_counts_from_the_next_run_on),
        BED_TEST(a_delete_while_it_runs_waits_for_the_end),
        BED_TEST(a_cancelled_run_does_not_come_back),
        BED_TEST(nothing_begins_once_it_has_expired),
        BED_TEST(what_has_begun_ends_after_its_expiry),
        BED_TEST(an_entry_whose_next_slot_is_beyond_its_expiry_ends_at_once),
        BED_TEST(an_earlier_expiry_counts_for_what_waits_already),
        BED_TEST(one_wish_is_one_entry),
    };
    return BED_RUN("ledger_runs", tests);
}
