/* stack.h - Redis, a broker, producers and workers as real processes on free loopback ports.
 *
 * The broker is the embedded one, or the Kafka whose address TEST_KAFKA holds; every stack has an
 * environment of its own, so tests share a Kafka without meeting. Whatever a stack started ends
 * with it. Functions that cannot do their work fail the test, and name the log to read.
 */
#ifndef CARTAGE_TEST_STACK_H
#define CARTAGE_TEST_STACK_H

#include "bus/publisher.h"
#include "ledger/commands.h"
#include "support/redis.h"

enum { STACK_PROCS = 24 };

struct stack {
    char dir[64], environment[33], kafka[256], company[UUID_TEXT];
    struct test_redis redis;
    struct proc *procs[STACK_PROCS];
    struct proc *broker; /* one of procs; NULL = TEST_KAFKA */
    size_t count;
    struct ledger *ledger; /* the test's own connection */
};

/* Redis, broker, data set; no producer and no worker yet. */
struct stack *stack_open(void);
void stack_free(struct stack *stack);
/* One for each test: cmocka's set-up and tear-down. */
int stack_set_up(void **state);
int stack_tear_down(void **state);
#define STACK_TEST(test) cmocka_unit_test_setup_teardown(test, stack_set_up, stack_tear_down)

/* Flags are NULL-ended, beside what every process gets; --lease-ms=600 unless another is given. */
struct proc *stack_producer(struct stack *stack, ...) __attribute__((sentinel));
struct proc *stack_worker(struct stack *stack, ...) __attribute__((sentinel)); /* test-worker */
/* Where no run may be lost: a worker has 0.7 lease to beat, and 0.4 s of the usual one are too short
 * on a machine that runs much else. */
#define LONGER_LEASE "--lease-ms=2000"
/* Runs a program of the build to its end; its exit code. `output` receives the last line it wrote.
 */
int stack_run(struct stack *stack, const char *program, char *output, int size, ...)
    __attribute__((sentinel));

/* Settings of one more company; the stack's own has them. */
void stack_company(struct stack *stack, const char *company);

/* A new entry of the operation test.work with these arguments; its id, valid until the next call
 * but seven. */
const char *stack_add(struct stack *stack, const char *category, const char *arguments);
const char *stack_add_as(struct stack *stack, const struct entry_definition *definition);
struct entry_definition stack_definition(const struct stack *stack, const char *category,
                                         const char *arguments);
/* Fires what is due, as a producer's tick does; how many entries. */
size_t stack_fire(struct stack *stack, struct tickets *granted);
void stack_publish(struct stack *stack, const struct tickets *tickets);

/* What ran: effects of test.work, in any company, whose field begins with the entry's id and,
 * if not NULL, ends in " <attempt> <step>" ("1 begin"). */
size_t stack_effects(struct stack *stack, const char *entry, const char *ending);
/* Waits until at least `count` such effects are there. */
bool stack_ran(struct stack *stack, const char *entry, const char *ending, size_t count,
               int wait_ms);
/* Waits until the entry is gone (a one-off that ended well or was cancelled) / stands so (enum
 * names of the entry's JSON: "status"). */
bool stack_gone(struct stack *stack, const char *entry, int wait_ms);
bool stack_entry_is(struct stack *stack, const char *entry, const char *field, const char *value,
                    int wait_ms);
void stack_entry_get(struct stack *stack, const char *entry, const char *field, char *out,
                     size_t size);                        /* field of the entry's hash, "" = none */
void stack_release(struct stack *stack, const char *key); /* lets test.work with "hold" go on */
int64_t stack_effect_ms(struct stack *stack, const char *entry, const char *ending); /* -1 = none */

#endif
