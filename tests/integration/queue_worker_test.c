/* queue_worker_test.c - tickets become runs, and a run survives whatever happens to its worker.
 *
 * Real processes: Redis, a broker, cartage-producer, and workers with the operation test.work. The
 * lease is 600 ms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

enum { SOON_MS = 15000, JOIN_MS = 45000 };

static void a_ticket_runs_and_its_entry_is_gone(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"steps\":2}");
    assert_true(stack_ran(stack, entry, "1 end", 1, SOON_MS));
    assert_true(stack_gone(stack, entry, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, NULL), 4); /* begin, two steps, end */
}

static bool came_by_kafka(void *state)
{
    struct proc *worker = ((void **)state)[1];
    stack_add(((void **)state)[0], "SHPFY", "{}");
    return proc_says(worker, "from=kafka", 1, 500);
}

static void tickets_travel_through_kafka(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_entry_is(stack, entry, "sub", "granted", SOON_MS)); /* its topic is there */
    void *both[] = {stack, stack_worker(stack, NULL)};
    /* The first ones are found in Redis: joining a group takes seconds. */
    assert_true(wait_for(came_by_kafka, both, JOIN_MS));
}

static void a_killed_workers_task_runs_again_elsewhere(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    struct proc *first = stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"steps\":1,\"hold\":\"go\"}");
    assert_true(stack_ran(stack, entry, "1 begin", 1, SOON_MS));
    assert_true(proc_says(stack_worker(stack, NULL), "event=worker.started", 1, SOON_MS));
    int64_t killed_ms = clock_now_ms(&CLOCK_REAL);
    proc_kill(first);
    assert_true(stack_ran(stack, entry, "2 begin", 1, SOON_MS));
    /* lease 600 + grace 180 + reaper 100 + tick 500 + a second until idle workers look + one look:
     * what has 10 s came by the lease, and not by the half minute after which it is published again
     */
    assert_in_range(stack_effect_ms(stack, entry, "2 begin") - killed_ms, 0, 10000);
    stack_release(stack, "go");
    assert_true(stack_ran(stack, entry, "2 end", 1, SOON_MS));
    assert_true(stack_gone(stack, entry, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, "1 end"), 0);
}

static void sigterm_hands_over_with_the_cursor(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, LONGER_LEASE, NULL);
    struct proc *first = stack_worker(stack, LONGER_LEASE, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"steps\":40,\"ms\":50}");
    assert_true(stack_ran(stack, entry, "1 3", 1, SOON_MS));
    stack_worker(stack, LONGER_LEASE, NULL);
    proc_signal(first, SIGTERM);
    assert_true(proc_ends(first, SOON_MS));
    assert_int_equal(proc_status(first), 0);
    assert_true(stack_ran(stack, entry, "2 end", 1, SOON_MS));
    assert_true(stack_gone(stack, entry, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, NULL),
                     43); /* no step twice: 2 begins, 40 steps, 1 end */
}

static void a_stopped_worker_finds_itself_fenced(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    struct proc *first = stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"hold\":\"go\"}");
    assert_true(stack_ran(stack, entry, "1 begin", 1, SOON_MS));
    proc_signal(first, SIGSTOP);
    stack_worker(stack, NULL);
    assert_true(stack_ran(stack, entry, "2 begin", 1, SOON_MS));
    stack_release(stack, "go");
    proc_signal(first, SIGCONT);
    assert_true(stack_ran(stack, entry, "2 end", 1, SOON_MS));
    assert_true(proc_says(first, "event=attempt.fenced", 1, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, "1 0"), 0);
    assert_int_equal(stack_effects(stack, entry, "1 end"), 0);
    /* and goes on working */
    const char *next = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_ran(stack, next, "1 end", 1, SOON_MS));
}

static void a_lost_ticket_is_taken_by_an_idle_worker(void **state)
{
    struct stack *stack = *state;
    struct proc *worker = stack_worker(stack, NULL);
    assert_true(proc_says(worker, "event=worker.started", 1, SOON_MS));
    const char *entry = stack_add(stack, "SHPFY", "{}");
    struct tickets lost = {0};
    assert_int_equal(stack_fire(stack, &lost), 1);
    assert_int_equal(lost.count, 1); /* granted, and never published */
    int64_t granted_ms = lost.items[0].granted_ms;
    tickets_drop(&lost);
    assert_true(stack_ran(stack, entry, "1 end", 1, SOON_MS));
    /* a second is left to Kafka */
    assert_in_range(stack_effect_ms(stack, entry, "1 begin") - granted_ms, 1000, SOON_MS);
}

static void company_in_bucket(struct stack *stack, int bucket, char company[static UUID_TEXT])
{
    do
        uuid_random(company);
    while (ledger_bucket(stack->ledger, company) != bucket);
    stack_company(stack, company);
}

static const char *add_for(struct stack *stack, const char *company, const char *category)
{
    struct entry_definition definition = stack_definition(stack, category, "{}");
    snprintf(definition.company, sizeof definition.company, "%s", company);
    return stack_add_as(stack, &definition);
}

/* One executor, and tickets that are all lost: each look finds room for one. */
static void who_waited_longest_has_the_last_seat(void **state)
{
    struct stack *stack = *state;
    static const char *const CATEGORIES[] = {"ONE", "TWO", "THREE"};
    const char *later[COUNT(CATEGORIES)];
    char low[UUID_TEXT], high[UUID_TEXT];
    struct tickets lost = {0};
    company_in_bucket(stack, 0, low);
    company_in_bucket(stack, 1, high);
    const char *first = add_for(stack, high, "ONE");
    assert_int_equal(stack_fire(stack, &lost), 1);
    for (size_t i = 0; i < COUNT(CATEGORIES); i++)
        later[i] = add_for(stack, low, CATEGORIES[i]);
    int64_t granted_ms = lost.items[0].granted_ms;
    tickets_drop(&lost);
    while (clock_now_ms(&CLOCK_REAL) <= granted_ms)
        continue; /* a millisecond at most: grants of one count as equally old */
    assert_int_equal(stack_fire(stack, &lost), COUNT(CATEGORIES));
    tickets_drop(&lost);
    stack_worker(stack, "--executors=1", NULL);

    assert_true(stack_ran(stack, first, "1 end", 1, SOON_MS));
    for (size_t i = 0; i < COUNT(CATEGORIES); i++) {
        assert_true(stack_ran(stack, later[i], "1 end", 1, SOON_MS));
        assert_true(stack_effect_ms(stack, first, "1 begin") <
                    stack_effect_ms(stack, later[i], "1 begin"));
    }
}

static void doubled_and_replayed_tickets_are_refused(void **state)
{
    struct stack *stack = *state;
    const char *entry = stack_add(stack, "SHPFY", "{}");
    struct tickets tickets = {0};
    stack_fire(stack, &tickets);
    assert_int_equal(tickets.count, 1);
    for (int i = 0; i < 5; i++)
        stack_publish(stack, &tickets);
    struct proc *worker = stack_worker(stack, NULL);
    assert_true(stack_gone(stack, entry, SOON_MS));
    for (int i = 0; i < 5; i++) /* again, when all is over */
        stack_publish(stack, &tickets);
    tickets_drop(&tickets);
    assert_true(proc_says(worker, "event=claim.refused", 9, JOIN_MS));
    assert_int_equal(stack_effects(stack, entry, NULL), 3);
}

static void a_task_parks_and_comes_back(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"park_ms\":1500}");
    assert_true(stack_ran(stack, entry, "2 end", 1, SOON_MS));
    assert_in_range(stack_effect_ms(stack, entry, "2 begin") -
                        stack_effect_ms(stack, entry, "1 begin"),
                    1500, 6000);
    assert_true(stack_gone(stack, entry, SOON_MS));
}

static void a_failed_attempt_is_tried_again(void **state)
{
    struct stack *stack = *state;
    char retries[16];
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry =
        stack_add(stack, "SHPFY", "{\"fail\":\"retry\",\"fail_until\":1,\"hold\":\"go\"}");
    assert_true(
        stack_ran(stack, entry, "2 begin", 1, 2 * SOON_MS)); /* 2 * 5 s, a fifth more at most */
    stack_entry_get(stack, entry, "retries", retries, sizeof retries);
    assert_string_equal(retries, "1");
    stack_release(stack, "go");
    assert_true(stack_gone(stack, entry, SOON_MS));
}

static void a_fatal_error_stops_a_one_off(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"fail\":\"fatal\"}");
    assert_true(stack_entry_is(stack, entry, "status", "2", SOON_MS)); /* Error */
    assert_true(stack_entry_is(stack, entry, "sub", "rest", SOON_MS));
    assert_int_equal(stack_effects(stack, entry, NULL), 1);
    /* and its category is free for others */
    const char *next = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, next, SOON_MS));
}

static void redis_away_costs_waiting_not_an_attempt(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, LONGER_LEASE, NULL);
    struct proc *worker = stack_worker(stack, LONGER_LEASE, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"hold\":\"go\"}");
    assert_true(stack_ran(stack, entry, "1 begin", 1, SOON_MS));
    test_redis_kill(&stack->redis);
    assert_true(proc_says(worker, "event=gate.closed", 1, SOON_MS));
    assert_true(proc_says(worker, "event=outage.began", 2, SOON_MS)); /* heartbeat and desk */
    test_redis_again(&stack->redis);
    assert_true(proc_says(worker, "event=outage.ended", 2, SOON_MS));
    stack_release(stack, "go");
    assert_true(stack_ran(stack, entry, "1 end", 1, SOON_MS));
    assert_true(stack_gone(stack, entry, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, "2 begin"), 0);
}

static void a_finish_waits_for_redis(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, LONGER_LEASE, NULL);
    struct proc *worker = stack_worker(stack, LONGER_LEASE, "--log-level=debug", NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"linger_ms\":2300}"); /* its lease is over */
    assert_true(proc_says(worker, "event=test.lingers", 1, SOON_MS)); /* it waits for no answer */
    test_redis_kill(&stack->redis);
    assert_true(proc_says(worker, "event=attempt.ended", 1, SOON_MS));
    assert_true(proc_says(worker, "event=outage.began", 2, SOON_MS));
    test_redis_again(&stack->redis);
    assert_true(proc_says(worker, "event=attempt.finished", 1, SOON_MS));
    assert_true(stack_gone(stack, entry, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, "2 begin"), 0);
}

static void a_stuck_attempt_ends_its_worker(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    setenv("TEST_QUIET_MS", "700", 1);
    setenv("TEST_DRAIN_MS", "2000", 1);
    struct proc *first = stack_worker(stack, NULL);
    unsetenv("TEST_QUIET_MS");
    unsetenv("TEST_DRAIN_MS");
    const char *other = stack_add(stack, "POST", "{\"hold\":\"go\"}");
    assert_true(stack_ran(stack, other, "1 begin", 1, SOON_MS));
    const char *stuck = stack_add(stack, "SHPFY", "{\"stuck\":true}");
    assert_true(stack_ran(stack, stuck, "1 begin", 1, SOON_MS));
    assert_true(proc_ends(first, SOON_MS));
    assert_int_equal(proc_status(first), 1);
    stack_worker(stack, NULL);
    assert_true(stack_ran(stack, other, "2 begin", 1, SOON_MS)); /* handed over */
    assert_true(stack_ran(stack, stuck, "2 begin", 1, SOON_MS)); /* lost */
    stack_release(stack, "go");
    assert_true(stack_ran(stack, other, "2 end", 1, SOON_MS));
}

static void kafka_away_costs_a_second(void **state)
{
    struct stack *stack = *state;
    if (!stack->broker)
        skip(); /* a broker that others share is not ours to kill */
    struct proc *producer = stack_producer(stack, NULL), *worker = stack_worker(stack, NULL);
    const char *before = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, before, SOON_MS));
    proc_kill(stack->broker);
    const char *known = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, known, SOON_MS));
    const char *unknown = stack_add(stack, "POST", "{}"); /* its topic cannot be made */
    assert_true(stack_gone(stack, unknown, SOON_MS));
    proc_signal(worker, SIGTERM);
    proc_signal(producer, SIGTERM);
    assert_true(proc_ends(worker, SOON_MS)); /* without the broker they leave in time, too */
    assert_true(proc_ends(producer, SOON_MS));
    assert_int_equal(proc_status(worker), 0);
    assert_int_equal(proc_status(producer), 0);
}

static void an_operation_not_known_here_is_left_to_others(void **state)
{
    struct stack *stack = *state;
    struct entry_definition definition = stack_definition(stack, "SHPFY", "{}");
    struct tickets tickets = {0};
    snprintf(definition.operation, sizeof definition.operation, "of.tomorrow");
    const char *entry = stack_add_as(stack, &definition);
    stack_fire(stack, &tickets);
    stack_publish(stack, &tickets);
    tickets_drop(&tickets);
    struct proc *worker = stack_worker(stack, NULL);
    assert_true(proc_says(worker, "event=ticket.unknown", 1, JOIN_MS));
    assert_true(stack_entry_is(stack, entry, "sub", "granted", SOON_MS));
    assert_true(proc_alive(worker));
}

static void a_pool_of_one_category_leaves_the_rest(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, "--categories=POST", "--group=posting", NULL);
    const char *rest = stack_add(stack, "SHPFY", "{}");
    const char *ours = stack_add(stack, "POST", "{}");
    assert_true(stack_gone(stack, ours, SOON_MS));
    assert_true(stack_entry_is(stack, rest, "sub", "granted", SOON_MS));
    stack_worker(stack, NULL);
    assert_true(stack_gone(stack, rest, SOON_MS));
}

static void a_worker_refuses_a_data_set_it_does_not_find(void **state)
{
    struct stack *stack = *state;
    char said[512];
    assert_int_equal(stack_run(stack, "test-worker", said, sizeof said, "--env=elsewhere", NULL),
                     1);
    assert_non_null(strstr(said, "`cartage init`"));
    assert_int_equal(stack_run(stack, "test-worker", said, sizeof said, "--executors=0", NULL), 2);
    assert_non_null(strstr(said, "--executors takes a number from 1 to 256"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STACK_TEST(a_ticket_runs_and_its_entry_is_gone),
        STACK_TEST(tickets_travel_through_kafka),
        STACK_TEST(a_killed_workers_task_runs_again_elsewhere),
        STACK_TEST(sigterm_hands_over_with_the_cursor),
        STACK_TEST(a_stopped_worker_finds_itself_fenced),
        STACK_TEST(a_lost_ticket_is_taken_by_an_idle_worker),
        STACK_TEST(who_waited_longest_has_the_last_seat),
        STACK_TEST(doubled_and_replayed_tickets_are_refused),
        STACK_TEST(a_task_parks_and_comes_back),
        STACK_TEST(a_failed_attempt_is_tried_again),
        STACK_TEST(a_fatal_error_stops_a_one_off),
        STACK_TEST(redis_away_costs_waiting_not_an_attempt),
        STACK_TEST(a_finish_waits_for_redis),
        STACK_TEST(a_stuck_attempt_ends_its_worker),
        STACK_TEST(kafka_away_costs_a_second),
        STACK_TEST(an_operation_not_known_here_is_left_to_others),
        STACK_TEST(a_pool_of_one_category_leaves_the_rest),
        STACK_TEST(a_worker_refuses_a_data_set_it_does_not_find),
    };
    return cmocka_run_group_tests_name("queue_worker", tests, NULL, NULL);
}
