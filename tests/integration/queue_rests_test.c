/* queue_rests_test.c - entries that rest: until a person approves, or because there was nothing to
 * do. Real processes, as in queue_worker_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

enum { SOON_MS = 15000 };

static void a_plan_waits_for_a_person_and_goes_on(void **state)
{
    struct stack *stack = *state;
    struct tickets granted = {0};
    struct err err;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"park_ms\":-1,\"steps\":2}");
    assert_true(stack_entry_is(stack, entry, "status", "3", SOON_MS));
    assert_true(stack_entry_is(stack, entry, "sub", "rest", SOON_MS));
    assert_true(stack_entry_is(stack, entry, "why", "approval", SOON_MS));
    const char *other = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, other, SOON_MS)); /* it holds neither executor nor permit */
    if (!ledger_ready(stack->ledger, stack->company, entry, &granted, &err))
        fail_msg("%s", err.text);
    stack_publish(stack, &granted);
    tickets_drop(&granted);
    assert_true(
        stack_ran(stack, entry, "2 end", 1, SOON_MS)); /* the same task, its second attempt */
    assert_true(stack_gone(stack, entry, SOON_MS));
}

static void a_run_that_changed_nothing_lets_its_entry_rest(void **state)
{
    struct stack *stack = *state;
    char due[32], slot[32];
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    struct entry_definition definition = stack_definition(stack, "SHPFY", "{\"steps\":1}");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 1000;
    definition.idle_ms = 3600000;
    const char *entry = stack_add_as(stack, &definition);
    assert_true(stack_ran(stack, entry, "1 end", 1, SOON_MS));
    assert_true(stack_entry_is(stack, entry, "status", "5", SOON_MS));
    assert_true(stack_entry_is(stack, entry, "last_outcome", "idle", SOON_MS));
    int64_t ended_ms = stack_effect_ms(stack, entry, "1 end");
    for (int i = 0; i < 100; i++) { /* planned by a tick */
        stack_entry_get(stack, entry, "slot", slot, sizeof slot);
        if (strtoll(slot, NULL, 10) > 0)
            break;
        assert_false(stack_ran(stack, entry, "2 begin", 1, 50));
    }
    stack_entry_get(stack, entry, "due", due, sizeof due);
    assert_in_range(strtoll(due, NULL, 10) - ended_ms, 3599000, 3605000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STACK_TEST(a_plan_waits_for_a_person_and_goes_on),
        STACK_TEST(a_run_that_changed_nothing_lets_its_entry_rest),
    };
    return cmocka_run_group_tests_name("queue_rests", tests, NULL, NULL);
}
