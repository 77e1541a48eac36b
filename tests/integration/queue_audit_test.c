/* queue_audit_test.c - a producer that starts looks over every entry, and cures what it finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support/stack.h"

enum { SOON_MS = 15000 };

static void spoil(struct stack *stack, const char *command, const char *index, const char *entry)
{
    OWN_REPLY redisReply *reply = NULL;
    struct err err;
    if (!redis_commandf(ledger_redis(stack->ledger), &reply, &err, "%s ct:{%s/%02x}:%s %s", command,
                        stack->environment, ledger_bucket(stack->ledger, stack->company), index,
                        entry))
        fail_msg("%s", err.text);
}

static void an_entry_that_no_index_knows_runs_after_the_next_start(void **state)
{
    struct stack *stack = *state;
    const char *lost = stack_add(stack, "SHPFY", "{}");
    spoil(stack, "ZREM", "due", lost);
    assert_int_equal(0, stack_fire(stack, NULL)); /* nobody would ever look at it */
    stack_worker(stack, NULL);
    struct proc *producer = stack_producer(stack, NULL);
    assert_true(proc_says(producer, "event=audit.anomaly", 1, SOON_MS));
    assert_true(proc_says(producer, "it was missing in due", 1, SOON_MS));
    assert_true(proc_says(producer, "event=audit.passed", 1, SOON_MS));
    assert_true(stack_ran(stack, lost, "1 end", 1, SOON_MS));
}

static void the_audit_of_a_working_fleet_finds_nothing(void **state)
{
    struct stack *stack = *state;
    struct proc *first = stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *last = NULL;
    for (int i = 0; i < 60; i++)
        last = stack_add(stack, i % 2 ? "SHPFY" : "POST", "{\"steps\":1}");
    struct proc *second = stack_producer(stack, NULL); /* walks in the midst of it */
    assert_true(stack_ran(stack, last, "1 end", 1, 2 * SOON_MS));
    assert_true(proc_says(first, "event=audit.passed", 1, SOON_MS));
    assert_true(proc_says(second, "event=audit.passed", 1, SOON_MS));
    assert_false(proc_says(first, "event=audit.anomaly", 1, 0));
    assert_false(proc_says(second, "event=audit.anomaly", 1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STACK_TEST(an_entry_that_no_index_knows_runs_after_the_next_start),
        STACK_TEST(the_audit_of_a_working_fleet_finds_nothing),
    };
    return cmocka_run_group_tests_name("queue_audit", tests, NULL, NULL);
}
