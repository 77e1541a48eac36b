/* queue_handover_test.c - a long run makes room, at a checkpoint, after half a minute, losing
 * nothing.
 *
 * Real processes, as in queue_worker_test.c. Three pools of one executor each work side by side,
 * each for a company in a bucket of its own, because half a minute is the least that every run
 * gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "support/stack.h"

/* A run's time begins with its claim; its first effect comes a moment later. */
enum { SOON_MS = 15000, LONG_MS = 90000, RUNS_MS = 30000, BEGUN_MS = 3000, STEPS = 400 };
#define LONG_WORK "{\"steps\":400,\"ms\":100}" /* 40 s */

/* A company whose bucket is none of those. */
static void company_apart(struct stack *stack, const char *const others[], size_t count,
                          char out[static UUID_TEXT])
{
    for (bool apart = false; !apart;) {
        uuid_random(out);
        apart = true;
        for (size_t i = 0; i < count; i++)
            apart &= ledger_bucket(stack->ledger, out) != ledger_bucket(stack->ledger, others[i]);
    }
    stack_company(stack, out);
}

static void add(struct stack *stack, const char *company, const char *category,
                const char *arguments, enum priority priority, bool bc, char id[static UUID_TEXT])
{
    struct entry_definition definition = stack_definition(stack, category, arguments);
    snprintf(definition.company, sizeof definition.company, "%s", company);
    definition.priority = priority;
    definition.max_retry = 0;
    if (bc) {
        definition.schedule = SCHEDULE_EVERY;
        definition.every_ms = 3600000;
        definition.days = EVERY_DAY;
        definition.bc = true;
        definition.kind = TICKET_SCHEDULED;
    }
    snprintf(id, UUID_TEXT, "%s", stack_add_as(stack, &definition));
}

/* From the begin of the long run to the begin of the one that waited. */
static int64_t waited_ms(struct stack *stack, const char *run, const char *other)
{
    assert_true(stack_ran(stack, other, "1 begin", 1, LONG_MS));
    return stack_effect_ms(stack, other, "1 begin") - stack_effect_ms(stack, run, "1 begin");
}

/* It was stopped once and did nothing twice: two begins, each step, one end. */
static void ended_in_two_parts(struct stack *stack, const char *run)
{
    assert_true(stack_ran(stack, run, "2 end", 1, LONG_MS));
    assert_int_equal(stack_effects(stack, run, NULL), 2 + STEPS + 1);
}

static void a_long_run_makes_room(void **state)
{
    struct stack *stack = *state;
    char two[UUID_TEXT], three[UUID_TEXT];
    char low[UUID_TEXT], high[UUID_TEXT], busy[UUID_TEXT], crowded[UUID_TEXT], bc[UUID_TEXT],
        behind[UUID_TEXT], nobodys[UUID_TEXT];
    company_apart(stack, (const char *const[]){stack->company}, 1, two);
    company_apart(stack, (const char *const[]){stack->company, two}, 2, three);
    struct proc *producer = stack_producer(stack, LONGER_LEASE, NULL);
    stack_worker(stack, "--categories=SHPFY", "--group=a", "--executors=1", LONGER_LEASE, NULL);
    stack_worker(stack, "--categories=POST,IMAGES", "--group=b", "--executors=1", LONGER_LEASE,
                 NULL);
    stack_worker(stack, "--categories=BC", "--group=c", "--executors=1", LONGER_LEASE, NULL);

    add(stack, stack->company, "SHPFY", LONG_WORK, PRIORITY_LOW, false, low);
    add(stack, two, "POST", LONG_WORK, PRIORITY_NORMAL, false, busy);
    add(stack, three, "BC", LONG_WORK, PRIORITY_LOW, true, bc);
    assert_true(stack_ran(stack, low, "1 begin", 1, SOON_MS));
    assert_true(stack_ran(stack, busy, "1 begin", 1, SOON_MS));
    assert_true(stack_ran(stack, bc, "1 begin", 1, SOON_MS));
    add(stack, stack->company, "SHPFY", "{}", PRIORITY_HIGH, false, high);
    add(stack, two, "IMAGES", "{}", PRIORITY_LOW, false, crowded);
    add(stack, three, "BC", "{}", PRIORITY_HIGH, false, behind);
    add(stack, three, "NOBODY", "{}", PRIORITY_HIGH, false, nobodys); /* no pool serves it */

    /* A higher priority takes the category over, a grant without an executor the executor. */
    assert_in_range(waited_ms(stack, low, high), RUNS_MS - BEGUN_MS, RUNS_MS + 5000);
    assert_in_range(waited_ms(stack, busy, crowded), RUNS_MS - BEGUN_MS, RUNS_MS + 5000);
    ended_in_two_parts(stack, low);
    ended_in_two_parts(stack, busy);
    assert_true(stack_gone(stack, low, SOON_MS));
    assert_true(stack_gone(stack, busy, SOON_MS));

    /* Of a ticket that nobody takes people hear. */
    assert_true(proc_says(producer, "event=reaper.unclaimed", 1, LONG_MS));
    assert_true(proc_says(producer, "category=NOBODY", 1, SOON_MS));

    /* In mode bc nobody is asked. */
    assert_true(stack_ran(stack, behind, "1 begin", 1, LONG_MS));
    assert_in_range(stack_effect_ms(stack, behind, "1 begin"), stack_effect_ms(stack, bc, "1 end"),
                    stack_effect_ms(stack, bc, "1 end") + SOON_MS);
    assert_int_equal(stack_effects(stack, bc, "2 begin"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {STACK_TEST(a_long_run_makes_room)};
    return cmocka_run_group_tests_name("queue_handover", tests, NULL, NULL);
}
