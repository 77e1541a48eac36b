/* queue_wake_test.c - events on the topic wake, with real producers: who is woken, what is a
 * double, where bad ones go, what becomes of them when a producer or Redis is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/consumer.h"
#include "support/stack.h"

enum { SOON_MS = 20000, JOIN_MS = 45000, EDGE_MS = 30000 };
#define FAR_AWAY 4000000000000LL

/* ---- a sender ---- */

struct sender {
    rd_kafka_t *client;
    char topic[TOPIC_TEXT];
};

static void sender_open(struct stack *stack, struct sender *sender)
{
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(
        rd_kafka_conf_set(conf, "bootstrap.servers", stack->kafka, reason, sizeof reason),
        RD_KAFKA_CONF_OK);
    sender->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    assert_non_null(sender->client);
    bus_topic(stack->environment, "wake", sender->topic);
}

static void sender_flush(struct sender *sender)
{
    assert_int_equal(rd_kafka_flush(sender->client, SOON_MS), 0);
}

static void sender_close(struct sender *sender)
{
    sender_flush(sender);
    rd_kafka_destroy(sender->client);
}

/* Headers: names and values, NULL-ended. */
static void send_raw(struct sender *sender, const char *key, const char *value,
                     const char *const headers[])
{
    rd_kafka_headers_t *list = rd_kafka_headers_new(4);
    for (; headers && *headers; headers += 2)
        rd_kafka_header_add(list, headers[0], -1, headers[1], -1);
    assert_int_equal(rd_kafka_producev(sender->client, RD_KAFKA_V_TOPIC(sender->topic),
                                       RD_KAFKA_V_KEY(key, strlen(key)),
                                       RD_KAFKA_V_VALUE((void *)(uintptr_t)value, strlen(value)),
                                       RD_KAFKA_V_HEADERS(list),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
}

static const char *const STRUCTURED[] = {"content-type", "application/cloudevents+json", NULL};

static void send_structured(struct sender *sender, int id, const char *entry)
{
    char key[16];
    OWN_TEXT char *value =
        mem_printf("{\"specversion\":\"1.0\",\"id\":\"%d\",\"source\":\"/test\",\"type\":"
                   "\"cartage.wake\",\"data\":{\"entry\":\"%s\"}}",
                   id, entry);
    snprintf(key, sizeof key, "%d", id);
    send_raw(sender, key, value, STRUCTURED);
}

static void send_binary(struct sender *sender, const char *id, const char *entry)
{
    OWN_TEXT char *value = mem_printf("{\"entry\":\"%s\"}", entry);
    const char *const headers[] = {"ce_specversion",
                                   "1.0",
                                   "ce_id",
                                   id,
                                   "ce_source",
                                   "/test",
                                   "ce_type",
                                   "cartage.wake",
                                   "content-type",
                                   "application/json; charset=UTF-8",
                                   NULL};
    send_raw(sender, id, value, headers);
}

/* ---- what is there afterwards ---- */

/* An entry that only events start. */
static const char *sleeper(struct stack *stack, const char *arguments)
{
    struct entry_definition definition = stack_definition(stack, "", arguments);
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = 86400000;
    definition.start_ms = FAR_AWAY;
    return stack_add_as(stack, &definition);
}

static int says(struct proc *proc, const char *text)
{
    char line[2048];
    int count = 0;
    FILE *log = fopen(proc_log(proc), "re");
    assert_non_null(log);
    while (fgets(line, sizeof line, log))
        count += strstr(line, text) != NULL;
    fclose(log);
    return count;
}

struct heard {
    struct proc *procs[3];
    int want;
};

static bool all_taken(void *state)
{
    struct heard *heard = state;
    int count = 0;
    for (size_t i = 0; i < COUNT(heard->procs) && heard->procs[i]; i++)
        count += says(heard->procs[i], "event=event.taken ");
    return count >= heard->want;
}

static int64_t number(struct stack *stack, const char *entry, const char *field)
{
    char text[32];
    stack_entry_get(stack, entry, field, text, sizeof text);
    return *text ? strtoll(text, NULL, 10) : -1;
}

struct slept {
    struct stack *stack;
    const char *entry;
};

static bool is_far_away(void *state)
{
    struct slept *slept = state;
    return number(slept->stack, slept->entry, "due") >= FAR_AWAY;
}

/* Nothing is to be done for it but its own slot. */
static bool sleeps(struct stack *stack, const char *entry)
{
    struct slept slept = {stack, entry};
    return wait_for(is_far_away, &slept, SOON_MS);
}

/* ---- tests ---- */

static void an_event_of_either_form_wakes_an_entry(void **state)
{
    struct stack *stack = *state;
    struct sender sender;
    struct proc *producer = stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *one = sleeper(stack, "{}"), *two = sleeper(stack, "{}");
    sender_open(stack, &sender);
    send_structured(&sender, 1, one);
    send_binary(&sender, "2", two);
    sender_close(&sender);
    assert_true(stack_ran(stack, one, "1 end", 1, JOIN_MS));
    assert_true(stack_ran(stack, two, "1 end", 1, JOIN_MS));
    assert_true(proc_says(producer, "event=event.taken type=cartage.wake source=/test", 2, 0));
}

static const struct {
    const char *value, *headers[9], *says;
} BAD[] = {
  /* clang-format off */
    {"hello", {NULL}, "the message is no CloudEvent"},
    {"{", {"content-type", "application/cloudevents+json", NULL}, "not JSON"},
    {"[]", {"content-type", "application/cloudevents-batch+json", NULL}, "one event, not a batch"},
    {"{\"id\":\"1\"}", {"content-type", "application/cloudevents+json", NULL},
     "attribute specversion is missing"},
    {"{\"entry\":\"x\"}", {"ce_specversion", "1.0", "ce_id", "1", "ce_source", "/t", "ce_type",
     "other", NULL}, "type \"other\" is none that is known"},
    {"{\"entry\":\"nobody\"}", {"ce_specversion", "1.0", "ce_id", "1", "ce_source", "/t", "ce_type",
     "cartage.wake", NULL}, "there is none that is called \"nobody\""},
  /* clang-format on */
};

/* The reason that the dead topic gives for the next message; the message is the caller's. */
static bool next_dead(struct consumer *dead, struct message *message)
{
    int64_t until = clock_mono_ms(&CLOCK_REAL) + JOIN_MS;
    while (clock_mono_ms(&CLOCK_REAL) < until) {
        consumer_serve(dead);
        if (consumer_take(dead, message))
            return true;
        consumer_wait(dead, 50);
    }
    return false;
}

static void a_bad_event_goes_to_the_dead_topic_and_holds_up_nobody(void **state)
{
    struct stack *stack = *state;
    struct sender sender;
    struct err err;
    struct proc *producer = stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *entry = sleeper(stack, "{}");
    sender_open(stack, &sender);
    for (size_t i = 0; i < COUNT(BAD); i++)
        send_raw(&sender, "same", BAD[i].value, BAD[i].headers);
    send_structured(&sender, 1, entry);
    sender_close(&sender);
    assert_true(stack_ran(stack, entry, "1 end", 1, JOIN_MS));
    assert_true(proc_says(producer, "event=event.dead ", COUNT(BAD), JOIN_MS));
    const struct consumer_config config = {
        .bus = {.servers = stack->kafka, .environment = stack->environment, .clock = &CLOCK_REAL},
        .group = "test",
        .topic = "dead"
    };
    OWN(consumer) struct consumer *dead = NULL;
    assert_true(consumer_open(&config, &dead, &err));
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct message message;
        assert_true(next_dead(dead, &message));
        const char *reason = message_header(&message, "reason");
        if (!reason || !strstr(reason, BAD[i].says))
            fail_msg("%s: %s", BAD[i].says, reason ? reason : "no reason");
        assert_int_equal(message.size, strlen(BAD[i].value));
        assert_memory_equal(message.value, BAD[i].value, message.size);
        assert_non_null(strstr(message_header(&message, "topic"), ".wake"));
        message_drop(&message);
    }
}

static void what_rests_is_no_bad_event(void **state)
{
    struct stack *stack = *state;
    struct sender sender;
    struct tickets granted = {0};
    struct err err;
    struct proc *producer = stack_producer(stack, NULL);
    const char *entry = sleeper(stack, "{}");
    assert_true(ledger_hold(stack->ledger, stack->company, entry, false, &granted, &err));
    sender_open(stack, &sender);
    send_structured(&sender, 1, entry);
    sender_close(&sender);
    assert_true(proc_says(producer, "event=event.refused ", 1, JOIN_MS));
    assert_int_equal(says(producer, "event=event.dead "), 0);
}

/* As a member of the producers' group, in which nobody else is any more, says that nothing of the
 * topic has been read. */
static void rewind_group(struct stack *stack)
{
    char group[128], reason[256], topic[TOPIC_TEXT];
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1), *all = NULL;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bus_topic(stack->environment, "wake", topic);
    snprintf(group, sizeof group, "cartage.%s.wake", stack->environment);
    const char *const properties[][2] = {
        {"bootstrap.servers",             stack->kafka},
        {"group.id",                      group       },
        {"partition.assignment.strategy", "roundrobin"},
        {"enable.auto.commit",            "false"     },
    };
    for (size_t i = 0; i < COUNT(properties); i++)
        assert_int_equal(
            rd_kafka_conf_set(conf, properties[i][0], properties[i][1], reason, sizeof reason),
            RD_KAFKA_CONF_OK);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    assert_non_null(client);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    assert_int_equal(rd_kafka_subscribe(client, topics), 0);
    int64_t until = clock_mono_ms(&CLOCK_REAL) + JOIN_MS;
    do {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 100);
        if (message)
            rd_kafka_message_destroy(message);
        if (all)
            rd_kafka_topic_partition_list_destroy(all);
        assert_int_equal(rd_kafka_assignment(client, &all), 0);
    } while (all->cnt == 0 && clock_mono_ms(&CLOCK_REAL) < until);
    assert_true(all->cnt > 0);
    for (int i = 0; i < all->cnt; i++)
        all->elems[i].offset = 0;
    assert_int_equal(rd_kafka_commit(client, all, 0), 0);
    rd_kafka_topic_partition_list_destroy(all);
    rd_kafka_topic_partition_list_destroy(topics);
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
}

/* 1,000 events to two producers: one run now, and one at the trailing edge for those that came
 * while it ran. Then, on a broker that keeps them, the whole topic once more: nothing. */
static void a_burst_is_two_runs_and_a_replay_none(void **state)
{
    enum { BEFORE = 900, ALL = 1000, QUIET_MS = (ALL - BEFORE) * 100 }; /* at least */
    struct stack *stack = *state;
    struct sender sender;
    struct heard heard = {.want = BEFORE};
    const char *half = stack->broker ? "what=assign partitions=2 " : "what=assign partitions=6 ";
    heard.procs[0] = stack_producer(stack, LONGER_LEASE, "--log-level=debug", NULL);
    heard.procs[1] = stack_producer(stack, LONGER_LEASE, "--log-level=debug", NULL);
    stack_worker(stack, LONGER_LEASE, NULL);
    const char *entry = sleeper(stack, "{\"hold\":\"go\"}");
    sender_open(stack, &sender);
    int id = 0;
    for (; id < BEFORE; id++)
        send_structured(&sender, id, entry);
    assert_true(stack_ran(stack, entry, "1 begin", 1, JOIN_MS));
    for (size_t i = 0; i < 2; i++) /* each has its part of the topic before the rest comes */
        assert_true(proc_says(heard.procs[i], half, 1, JOIN_MS));
    for (; id < ALL; id++)
        send_structured(&sender, id, entry);
    send_structured(&sender, 7, entry); /* a double */
    sender_close(&sender);
    heard.want = ALL + 1;
    assert_true(wait_for(all_taken, &heard, JOIN_MS));
    for (size_t i = 0; i < 2; i++) /* both took part */
        assert_true(says(heard.procs[i], "event=event.taken ") > 0);
    const int64_t released = clock_mono_ms(&CLOCK_REAL);
    stack_release(stack, "go");
    assert_true(stack_ran(stack, entry, "1 end", 2, EDGE_MS + SOON_MS));
    assert_true(clock_mono_ms(&CLOCK_REAL) - released >= QUIET_MS);
    assert_true(sleeps(stack, entry));
    assert_int_equal(stack_effects(stack, entry, "1 begin"), 2);

    if (stack
            ->broker) /* the embedded one takes half a minute for what follows; doubles are above */
        return;
    proc_stop(heard.procs[0]);
    proc_stop(heard.procs[1]);
    rewind_group(stack);
    heard = (struct heard){.procs = {stack_producer(stack, NULL)}, .want = ALL + 1};
    assert_true(wait_for(all_taken, &heard, JOIN_MS));
    assert_int_equal(says(heard.procs[0], "woken=0 doubles=1 refused=0"), ALL + 1);
    assert_true(number(stack, entry, "due") >= FAR_AWAY);
    assert_int_equal(stack_effects(stack, entry, "1 begin"), 2);
}

/* A producer dies between Redis' answer and the commit; the next one reads what it had taken again.
 */
static void a_producer_that_dies_loses_and_doubles_nothing(void **state)
{
    enum { MANY = 60 };
    struct stack *stack = *state;
    struct sender sender;
    char entries[MANY][UUID_TEXT];
    assert_int_equal(setenv("CARTAGE_FAULT_AT", "redis.after:wake:20", 1), 0);
    struct proc *first = stack_producer(stack, NULL);
    unsetenv("CARTAGE_FAULT_AT");
    stack_worker(stack, NULL);
    sender_open(stack, &sender);
    for (int i = 0; i < MANY; i++) {
        snprintf(entries[i], UUID_TEXT, "%s", sleeper(stack, "{}"));
        send_structured(&sender, i, entries[i]);
    }
    sender_close(&sender);
    assert_true(proc_ends(first, JOIN_MS));
    assert_int_equal(proc_status(first), -9);
    struct proc *second = stack_producer(stack, NULL);
    for (int i = 0; i < MANY; i++)
        assert_true(stack_ran(stack, entries[i], "1 end", 1, JOIN_MS));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(stack_effects(stack, entries[i], "1 begin"), 1);
    assert_true(proc_says(second, "woken=0 doubles=1", 1, JOIN_MS));
}

static void without_redis_events_wait(void **state)
{
    struct stack *stack = *state;
    struct sender sender;
    struct proc *producer = stack_producer(stack, NULL);
    stack_worker(stack, NULL);
    const char *warm = sleeper(stack, "{}"), *entry = sleeper(stack, "{}");
    sender_open(stack, &sender);
    send_structured(&sender, 1, warm); /* the group has joined */
    sender_flush(&sender);
    assert_true(stack_ran(stack, warm, "1 end", 1, JOIN_MS));
    test_redis_kill(&stack->redis);
    send_structured(&sender, 2, entry);
    send_raw(&sender, "bad", "hello", NULL);
    sender_close(&sender);
    assert_true(proc_says(producer, "loop=wakes", 1, SOON_MS));
    test_redis_again(&stack->redis);
    assert_true(stack_ran(stack, entry, "1 end", 1, JOIN_MS));
    assert_true(proc_says(producer, "event=event.dead ", 1, SOON_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STACK_TEST(an_event_of_either_form_wakes_an_entry),
        STACK_TEST(a_bad_event_goes_to_the_dead_topic_and_holds_up_nobody),
        STACK_TEST(what_rests_is_no_bad_event),
        STACK_TEST(a_burst_is_two_runs_and_a_replay_none),
        STACK_TEST(a_producer_that_dies_loses_and_doubles_nothing),
        STACK_TEST(without_redis_events_wait),
    };
    return cmocka_run_group_tests_name("queue_wake", tests, NULL, NULL);
}
