/* queue_producer_test.c - who runs when: order, exclusion, people's commands, several producers,
 * dead tickets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bus/witness.h"
#include "support/stack.h"

enum { SOON_MS = 15000, JOIN_MS = 45000 };

/* A command of people that must work; its tickets go to the broker. */
#define COMMAND(stack, call)                                                                       \
    do {                                                                                           \
        struct tickets granted = {0};                                                              \
        struct err err;                                                                            \
        if (!(call))                                                                               \
            fail_msg("%s", err.text);                                                              \
        stack_publish(stack, &granted);                                                            \
        tickets_drop(&granted);                                                                    \
    } while (0)

static const char *add_with_priority(struct stack *stack, enum priority priority)
{
    struct entry_definition definition = stack_definition(stack, "SHPFY", "{}");
    definition.priority = priority;
    return stack_add_as(stack, &definition);
}

static void a_category_runs_one_at_a_time_by_priority(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, LONGER_LEASE, NULL);
    stack_worker(stack, LONGER_LEASE, NULL);
    stack_worker(stack, LONGER_LEASE, NULL);
    const char *first = stack_add(stack, "SHPFY", "{\"hold\":\"go\"}");
    assert_true(stack_ran(stack, first, "1 begin", 1, SOON_MS));
    const char *low = add_with_priority(stack, PRIORITY_LOW);
    const char *normal = add_with_priority(stack, PRIORITY_NORMAL);
    const char *high = add_with_priority(stack, PRIORITY_HIGH);
    assert_true(stack_entry_is(stack, low, "sub", "gated", SOON_MS));
    assert_true(stack_entry_is(stack, normal, "sub", "gated", SOON_MS));
    assert_true(stack_entry_is(stack, high, "sub", "gated", SOON_MS));
    stack_release(stack, "go");
    const char *const order[] = {first, high, normal, low};
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_true(stack_ran(stack, order[i], "1 end", 1, SOON_MS));
        if (i > 0)
            assert_true(stack_effect_ms(stack, order[i - 1], "1 end") <=
                        stack_effect_ms(stack, order[i], "1 begin"));
    }
}

static void companies_do_not_wait_for_each_other(void **state)
{
    struct stack *stack = *state;
    char other[UUID_TEXT];
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    uuid_random(other);
    stack_company(stack, other);
    struct entry_definition definition = stack_definition(stack, "SHPFY", "{\"hold\":\"go\"}");
    const char *one = stack_add_as(stack, &definition);
    snprintf(definition.company, sizeof definition.company, "%s", other);
    const char *two = stack_add_as(stack, &definition);
    assert_true(stack_ran(stack, one, "1 begin", 1, SOON_MS)); /* both at once: neither can end */
    assert_true(stack_ran(stack, two, "1 begin", 1, SOON_MS));
    stack_release(stack, "go");
    assert_true(stack_gone(stack, one, SOON_MS));
    assert_true(stack_gone(stack, two, SOON_MS));
}

static void what_is_on_hold_does_not_run_until_ready(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *first = stack_add(stack, "SHPFY", "{\"hold\":\"go\"}");
    assert_true(stack_ran(stack, first, "1 begin", 1, SOON_MS));
    const char *held = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_entry_is(stack, held, "sub", "gated", SOON_MS));
    COMMAND(stack, ledger_hold(stack->ledger, stack->company, held, false, &granted, &err));
    assert_true(stack_entry_is(stack, held, "sub", "rest", SOON_MS));
    stack_release(stack, "go");
    const char *after = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, after, SOON_MS)); /* came later, ran before */
    assert_int_equal(stack_effects(stack, held, NULL), 0);
    COMMAND(stack, ledger_ready(stack->ledger, stack->company, held, &granted, &err));
    assert_true(stack_ran(stack, held, "1 end", 1, SOON_MS));
}

static void a_granted_ticket_is_stale_after_a_hold(void **state)
{
    struct stack *stack = *state;
    struct tickets tickets = {0};
    const char *entry = stack_add(stack, "SHPFY", "{}");
    assert_int_equal(stack_fire(stack, &tickets), 1);
    COMMAND(stack, ledger_hold(stack->ledger, stack->company, entry, false, &granted, &err));
    stack_publish(stack, &tickets);
    tickets_drop(&tickets);
    struct proc *worker = stack_worker(stack, NULL);
    assert_true(proc_says(worker, "event=claim.refused", 1, JOIN_MS));
    assert_int_equal(stack_effects(stack, entry, NULL), 0);
}

static void a_cancelled_task_ends(void **state)
{
    struct stack *stack = *state;
    char task[128];
    stack_producer(stack, NULL);
    struct proc *worker = stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"hold\":\"never\"}");
    assert_true(stack_ran(stack, entry, "1 begin", 1, SOON_MS));
    stack_entry_get(stack, entry, "task", task, sizeof task);
    COMMAND(stack, ledger_cancel(stack->ledger, stack->company, task, &granted, &err));
    assert_true(proc_says(worker, "outcome=cancelled", 1, SOON_MS));
    assert_true(stack_gone(stack, entry, SOON_MS)); /* a one-off */
    assert_int_equal(stack_effects(stack, entry, NULL), 1);
}

static void a_task_that_takes_too_long_ends(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    struct proc *worker = stack_worker(stack, NULL);
    struct entry_definition definition = stack_definition(stack, "SHPFY", "{\"hold\":\"never\"}");
    definition.timeout_ms = 1000;
    definition.max_retry = 0;
    const char *entry = stack_add_as(stack, &definition);
    assert_true(stack_ran(stack, entry, "1 begin", 1, SOON_MS));
    assert_true(proc_says(worker, "outcome=timeout", 1, SOON_MS));
    assert_true(
        stack_entry_is(stack, entry, "status", "2", SOON_MS)); /* Error: no retry was left */
}

static void a_restarted_task_runs_once_more(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry = stack_add(stack, "SHPFY", "{\"fail\":\"fatal\"}");
    assert_true(stack_entry_is(stack, entry, "status", "2", SOON_MS));
    COMMAND(stack, ledger_restart(stack->ledger, stack->company, entry, &granted, &err));
    assert_true(
        stack_ran(stack, entry, "1 begin", 2, SOON_MS)); /* another task of the same entry */
}

static struct entry_definition every(const struct stack *stack, int64_t every_ms)
{
    struct entry_definition definition = stack_definition(stack, "SHPFY", "{}");
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = every_ms;
    definition.kind = TICKET_SCHEDULED;
    return definition;
}

static void a_recurring_entry_runs_slot_after_slot(void **state)
{
    struct stack *stack = *state;
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    struct entry_definition definition = every(stack, 1000);
    const char *entry = stack_add_as(stack, &definition);
    assert_true(stack_ran(stack, entry, "1 end", 4, 2 * SOON_MS));
    COMMAND(stack, ledger_hold(stack->ledger, stack->company, entry, false, &granted, &err));
    assert_true(stack_entry_is(stack, entry, "sub", "rest", SOON_MS));
    size_t ran = stack_effects(stack, entry, "1 begin");
    const char *other = stack_add(stack, "POST", "{\"steps\":1,\"ms\":2500}");
    assert_true(stack_gone(stack, other, SOON_MS)); /* two slots have passed */
    assert_in_range(stack_effects(stack, entry, "1 begin"), ran,
                    ran + 1); /* one may have begun at the hold */
}

static void two_producers_fire_everything_once(void **state)
{
    struct stack *stack = *state;
    enum { ENTRIES = 24 };
    char entries[ENTRIES][UUID_TEXT];
    struct proc *one = stack_producer(stack, NULL), *two = stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    stack_worker(stack, NULL);
    for (int i = 0; i < ENTRIES; i++) {
        char category[16];
        snprintf(category, sizeof category, "C%d", i % 6);
        snprintf(entries[i], UUID_TEXT, "%s", stack_add(stack, category, "{}"));
    }
    struct entry_definition definition = every(stack, 1000);
    const char *recurring = stack_add_as(stack, &definition);
    for (int i = 0; i < ENTRIES; i++)
        assert_true(stack_gone(stack, entries[i], 2 * SOON_MS));
    for (int i = 0; i < ENTRIES; i++)
        assert_int_equal(stack_effects(stack, entries[i], NULL), 3);
    assert_true(stack_ran(stack, recurring, "1 end", 3, SOON_MS));
    assert_int_equal(stack_effects(stack, recurring, "2 begin"), 0);
    assert_true(proc_alive(one) && proc_alive(two));
    proc_kill(one); /* and one goes on alone */
    const char *last = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, last, SOON_MS));
}

/* ---- the dead topic ---- */

static void send_raw(struct stack *stack, const char *category, const void *bytes, size_t size)
{
    const struct bus_config bus = {
        .servers = stack->kafka, .environment = stack->environment, .clock = &CLOCK_REAL};
    OWN(publisher) struct publisher *publisher = NULL;
    char topic[TOPIC_TEXT], name[TOPIC_TEXT];
    struct err err;

    if (!publisher_open(&bus, &publisher, &err))
        fail_msg("%s", err.text);
    bus_task_topic(stack->environment, category, topic);
    snprintf(name, sizeof name, "%s", topic + strlen("cartage..") + strlen(stack->environment));
    if (!publisher_send(publisher, name, false, "key", 3, bytes, size, NULL, &err) ||
        !publisher_flush(publisher, SOON_MS, &err))
        fail_msg("%s", err.text);
}

struct dead {
    rd_kafka_t *client;
    rd_kafka_topic_t *topic;
};

static void dead_open(struct stack *stack, struct dead *dead)
{
    const struct bus_config bus = {
        .servers = stack->kafka, .environment = stack->environment, .clock = &CLOCK_REAL};
    static const char *const OWN[][2] = {
        {"auto.offset.reset", "earliest"},
        {"fetch.wait.max.ms", "10"      },
        {NULL,                NULL      },
    };
    char name[TOPIC_TEXT], reason[256];
    rd_kafka_conf_t *conf;
    struct err err;
    if (!bus_properties(&bus, OWN, &conf, &err))
        fail_msg("%s", err.text);
    dead->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    assert_non_null(dead->client);
    bus_topic(stack->environment, "dead", name);
    dead->topic = rd_kafka_topic_new(dead->client, name, NULL);
    assert_int_equal(rd_kafka_consume_start(dead->topic, 0, RD_KAFKA_OFFSET_BEGINNING), 0);
}

static void dead_close(struct dead *dead)
{
    rd_kafka_consume_stop(dead->topic, 0);
    rd_kafka_topic_destroy(dead->topic);
    rd_kafka_destroy(dead->client);
}

/* The next dead message's reason; its value must be `size` bytes long. */
static void dead_expect(struct dead *dead, size_t size, const char *reason)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t length;
    int64_t until = clock_mono_ms(&CLOCK_REAL) + SOON_MS;
    rd_kafka_message_t *message = NULL;
    while (!message && clock_mono_ms(&CLOCK_REAL) < until) {
        message = rd_kafka_consume(dead->topic, 0, 100);
        if (message && message->err) {
            rd_kafka_message_destroy(message);
            message = NULL;
        }
    }
    assert_non_null(message);
    assert_int_equal(message->len, size);
    assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
    assert_int_equal(rd_kafka_header_get_last(headers, "reason", &value, &length), 0);
    if (!strstr(value, reason))
        fail_msg("\"%s\" does not say \"%s\"", (const char *)value, reason);
    assert_int_equal(rd_kafka_header_get_last(headers, "worker", &value, &length), 0);
    assert_int_equal(length, 16);
    rd_kafka_message_destroy(message);
}

static void what_is_no_ticket_goes_to_the_dead_topic(void **state)
{
    struct stack *stack = *state;
    struct tickets tickets = {0};
    OWN_BUF struct buf strange = {0};

    const char *entry = stack_add(stack, "SHPFY", "{}");
    stack_fire(stack, &tickets);
    assert_int_equal(tickets.count, 1);
    struct ticket foreign = tickets.items[0];
    snprintf(foreign.environment, sizeof foreign.environment, "other");
    ticket_encode(&foreign, &strange);
    stack_publish(stack, &tickets); /* makes the topic, too */
    tickets_drop(&tickets);
    send_raw(stack, "SHPFY", "not a ticket", 12);
    struct proc *worker = stack_worker(stack, "--executors=1", NULL);
    assert_true(proc_says(worker, "event=ticket.dead", 1, JOIN_MS));
    send_raw(stack, "SHPFY", strange.data, strange.size);
    assert_true(proc_says(worker, "event=ticket.dead", 2, JOIN_MS));
    assert_true(stack_gone(stack, entry, SOON_MS));
    assert_int_equal(stack_effects(stack, entry, NULL), 3); /* the foreign one ran nothing */

    struct dead dead;
    dead_open(stack, &dead);
    dead_expect(&dead, 12, "no single msgpack value");
    dead_expect(&dead, strange.size, "belongs to the environment \"other\"");
    dead_close(&dead);
}

/* ---- the data set and its witness ---- */

static void another_redis_is_refused(void **state)
{
    struct stack *stack = *state;
    const char *const flush[] = {"FLUSHALL"};
    OWN_REPLY redisReply *reply = NULL;
    struct err err;
    char said[1024];

    assert_int_equal(stack_run(stack, "cartage-producer", said, sizeof said, "--init", NULL), 0);
    assert_true(redis_command(ledger_redis(stack->ledger), 1, flush, NULL, &reply, &err));
    assert_int_equal(stack_run(stack, "cartage-producer", said, sizeof said, "--init", NULL), 1);
    assert_non_null(strstr(said, "`cartage adopt`"));
    assert_int_equal(stack_run(stack, "cartage-producer", said, sizeof said, NULL), 1);
    assert_int_equal(stack_run(stack, "test-worker", said, sizeof said, NULL), 1);
}

static void a_second_copy_alive_stops_firing_and_claiming(void **state)
{
    struct stack *stack = *state;
    struct proc *producer = stack_producer(stack, NULL), *worker = stack_worker(stack, NULL);
    const char *before = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, before, SOON_MS));

    const struct witness_config config = {
        .file = "",
        .bus = {.servers = stack->kafka, .environment = stack->environment, .clock = &CLOCK_REAL}
    };
    OWN(witness) struct witness *witness = NULL;
    OWN(publisher) struct publisher *publisher = NULL;
    struct witness_record record;
    struct err err;
    bool found;
    assert_true(witness_open(&config, &witness, &err) &&
                publisher_open(&config.bus, &publisher, &err));
    assert_true(witness_last(witness, &record, &found, &err) && found);
    record.n += 1000; /* the copy has been alive for hours */
    snprintf(record.producer, sizeof record.producer, "of the copy");
    assert_true(witness_write(witness, publisher, &record, &err));
    assert_true(proc_says(producer, "event=witness.foreign", 1, 2 * SOON_MS));
    assert_true(proc_says(worker, "event=witness.foreign", 1, 2 * SOON_MS));

    const char *after = stack_add(stack, "SHPFY", "{}");
    assert_false(stack_entry_is(stack, after, "sub", "granted", 1500)); /* nobody fires */
    struct tickets tickets = {0};
    assert_int_equal(stack_fire(stack, &tickets), 1);
    tickets_drop(&tickets);
    assert_false(stack_ran(stack, after, "1 begin", 1, 2500)); /* nobody claims */

    /* The copy is gone for good, says a person: who starts from now on goes on with this Redis. */
    char said[1024];
    assert_int_equal(stack_run(stack, "cartage-producer", said, sizeof said, NULL), 1);
    assert_non_null(strstr(said, "`cartage adopt`"));
    assert_int_equal(stack_run(stack, "cartage-producer", said, sizeof said, "--adopt", NULL), 0);
    stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    assert_true(stack_ran(stack, after, "1 begin", 1, SOON_MS));
}

struct raised {
    struct stack *stack;
    int64_t from;
};

static bool is_raised(void *state)
{
    const struct raised *raised = state;
    struct incarnation now;
    struct err err;
    return ledger_incarnation(raised->stack->ledger, &now, &err) && now.witness > raised->from;
}

static void an_old_backup_under_a_living_fleet_stops_it(void **state)
{
    struct stack *stack = *state;
    struct err err;
    int64_t n;
    assert_true(ledger_witness_raise(stack->ledger, 1000, &n, &err));
    struct proc *producer = stack_producer(stack, NULL);
    struct raised raised = {stack, n};
    assert_true(wait_for(is_raised, &raised, SOON_MS)); /* it has looked, before it falls */
    struct proc *worker = stack_worker(stack, NULL);
    const char *before = stack_add(stack, "SHPFY", "{}");
    assert_true(stack_gone(stack, before, SOON_MS));

    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = mem_printf("ct:%s:incarnation", stack->environment);
    const char *const fall[] = {"HSET", key, "witness", "17"};
    assert_true(redis_command(ledger_redis(stack->ledger), 4, fall, NULL, &reply, &err));
    assert_true(proc_says(producer, "event=witness.fell", 1, 2 * SOON_MS));
    assert_true(proc_says(worker, "event=witness.fell", 1, 2 * SOON_MS));

    const char *after = stack_add(stack, "SHPFY", "{}");
    assert_false(stack_entry_is(stack, after, "sub", "granted", 1500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STACK_TEST(a_category_runs_one_at_a_time_by_priority),
        STACK_TEST(companies_do_not_wait_for_each_other),
        STACK_TEST(what_is_on_hold_does_not_run_until_ready),
        STACK_TEST(a_granted_ticket_is_stale_after_a_hold),
        STACK_TEST(a_cancelled_task_ends),
        STACK_TEST(a_task_that_takes_too_long_ends),
        STACK_TEST(a_restarted_task_runs_once_more),
        STACK_TEST(a_recurring_entry_runs_slot_after_slot),
        STACK_TEST(two_producers_fire_everything_once),
        STACK_TEST(what_is_no_ticket_goes_to_the_dead_topic),
        STACK_TEST(another_redis_is_refused),
        STACK_TEST(a_second_copy_alive_stops_firing_and_claiming),
        STACK_TEST(an_old_backup_under_a_living_fleet_stops_it),
    };
    return cmocka_run_group_tests_name("queue_producer", tests, NULL, NULL);
}
