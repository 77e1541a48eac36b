/* queue_bus_test.c - tickets through a broker: nothing is read unasked, nothing unread is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bus/consumer.h"
#include "bus/publisher.h"
#include "bus/witness.h"
#include "metrics/metrics.h"
#include "support/broker.h"

enum { PATIENCE_MS = 15000 };

struct bed { /* one broker; every test opens what it needs */
    char dir[64], address[256], environment[33];
    struct proc *broker;
    struct bus_config bus;
};

static int set_up(void **state)
{
    struct bed *bed = mem_new(sizeof *bed);
    ids_start();
    snprintf(bed->dir, sizeof bed->dir, "/tmp/cartage-test-XXXXXX");
    assert_non_null(mkdtemp(bed->dir));
    bed->broker = broker_start(bed->dir, bed->address, sizeof bed->address);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;
    OWN_TEXT char *command = mem_printf("rm -rf %s", bed->dir);
    proc_free(bed->broker);
    int status = system(command);
    free(bed);
    return status;
}

static void bed_fresh(struct bed *bed)
{
    environment_new(bed->environment, sizeof bed->environment);
    bed->bus = (struct bus_config){
        .servers = bed->address, .environment = bed->environment, .clock = &CLOCK_REAL};
}

static struct ticket ticket_of(const struct bed *bed, const char *category, int slot)
{
    struct ticket ticket = {.epoch = 1, .attempt = 1, .granted_ms = 1767225600000};
    uuid_random(ticket.entry);
    uuid_random(ticket.company);
    snprintf(ticket.task, sizeof ticket.task, "%s.1.%d", ticket.entry, slot);
    snprintf(ticket.environment, sizeof ticket.environment, "%s", bed->environment);
    snprintf(ticket.category, sizeof ticket.category, "%s", category);
    snprintf(ticket.operation, sizeof ticket.operation, "test.work");
    return ticket;
}

static struct publisher *open_publisher(struct bed *bed)
{
    struct publisher *publisher;
    struct err err;
    if (!publisher_open(&bed->bus, &publisher, &err))
        fail_msg("%s", err.text);
    return publisher;
}

static struct consumer *open_consumer(struct bed *bed, const char *const *categories)
{
    struct consumer *consumer;
    struct err err;
    const struct consumer_config config = {.bus = bed->bus, .group = "g", .categories = categories};
    if (!consumer_open(&config, &consumer, &err))
        fail_msg("%s", err.text);
    return consumer;
}

static void publish(struct bed *bed, struct publisher *publisher, const char *category, int first,
                    int count)
{
    struct tickets tickets = {0};
    struct err err;
    for (int i = 0; i < count; i++) {
        struct ticket ticket = ticket_of(bed, category, first + i);
        tickets_add(&tickets, &ticket);
    }
    publisher_tickets(publisher, &tickets);
    tickets_drop(&tickets);
    if (!publisher_flush(publisher, PATIENCE_MS, &err))
        fail_msg("%s", err.text);
}

/* Reads one ticket within the bound; its slot, or -1. */
static int take_slot(struct consumer *consumer, int wait_ms, struct message *message)
{
    int64_t until = clock_mono_ms(&CLOCK_REAL) + wait_ms;
    while (clock_mono_ms(&CLOCK_REAL) < until) {
        consumer_serve(consumer);
        if (consumer_take(consumer, message)) {
            struct ticket ticket;
            struct err err;
            if (!ticket_decode(message->value, message->size, &ticket, &err))
                fail_msg("%s", err.text);
            return atoi(strrchr(ticket.task, '.') + 1);
        }
        consumer_wait(consumer, 20);
    }
    return -1;
}

static void every_ticket_arrives_once(void **state)
{
    struct bed *bed = *state;
    bool seen[200] = {0};
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    publish(bed, publisher, "SHPFY", 0, 100);
    publish(bed, publisher, "", 100, 100); /* the blank category has a topic too */
    struct consumer *consumer = open_consumer(bed, NULL);
    for (int i = 0; i < 200; i++) {
        struct message message;
        int slot = take_slot(consumer, PATIENCE_MS, &message);
        assert_in_range(slot, 0, 199);
        assert_false(seen[slot]);
        seen[slot] = true;
        consumer_seen(consumer, message.topic, message.partition, message.offset);
        message_drop(&message);
    }
    consumer_free(consumer);
    publisher_free(publisher);
}

/* Where more waits than the client keeps in memory, it fetches on only after a second. */
static void whoever_empties_a_long_queue_does_not_wait_for_more(void **state)
{
    enum { ROUNDS = 6, PIECES = 12, PIECE = 100 };
    struct bed *bed = *state;
    struct message message;
    int slow = 0;
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    struct consumer *consumer = open_consumer(bed, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t longest = 0;
        for (int i = 0; i < PIECES; i++) /* in pieces, so that they are fetched in pieces */
            publish(bed, publisher, "SHPFY", 0, PIECE);
        for (int i = 0; i < PIECES * PIECE; i++) {
            int64_t asked = clock_mono_ms(&CLOCK_REAL);
            assert_true(take_slot(consumer, PATIENCE_MS, &message) >= 0);
            consumer_seen(consumer, message.topic, message.partition, message.offset);
            message_drop(&message);
            int64_t took = clock_mono_ms(&CLOCK_REAL) - asked;
            if (took > longest && (round > 0 || i > 0)) /* not the joining of the group */
                longest = took;
        }
        slow += longest >= 400;
    }
    assert_true(slow < ROUNDS / 2); /* the machine may be; the client's second is there each time */
    consumer_free(consumer);
    publisher_free(publisher);
}

static void what_was_seen_is_not_read_again(void **state)
{
    struct bed *bed = *state;
    struct message message;
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    publish(bed, publisher, "SHPFY", 0, 1);
    struct consumer *first = open_consumer(bed, NULL);
    assert_int_equal(take_slot(first, PATIENCE_MS, &message), 0);
    consumer_seen(first, message.topic, message.partition, message.offset);
    message_drop(&message);
    consumer_free(first); /* commits */

    publish(bed, publisher, "SHPFY", 1, 1);
    struct consumer *second = open_consumer(bed, NULL);
    assert_int_equal(take_slot(second, PATIENCE_MS, &message), 1);
    message_drop(&message);
    consumer_free(second);
    publisher_free(publisher);
}

static void what_was_not_seen_is_read_by_the_next(void **state)
{
    struct bed *bed = *state;
    struct message message;
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    publish(bed, publisher, "SHPFY", 7, 1);
    struct consumer *first = open_consumer(bed, NULL);
    assert_int_equal(take_slot(first, PATIENCE_MS, &message), 7);
    message_drop(&message); /* and dies before its claim */
    consumer_free(first);
    struct consumer *second = open_consumer(bed, NULL);
    assert_int_equal(take_slot(second, PATIENCE_MS, &message), 7);
    message_drop(&message);
    consumer_free(second);
    publisher_free(publisher);
}

/* Claims of two buckets are asked for one after the other: the later ticket may have its answer
 * first. */
static void what_stands_behind_one_not_seen_is_kept_for_it(void **state)
{
    struct bed *bed = *state;
    struct message messages[2], again;
    struct err err;
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    for (int i = 0; i < 2; i++) { /* both to the first partition */
        struct ticket ticket = ticket_of(bed, "SHPFY", i);
        OWN_BUF struct buf bytes = {0};
        ticket_encode(&ticket, &bytes);
        if (!publisher_send(publisher, "task.shpfy", false, "k", 1, bytes.data, bytes.size, NULL,
                            &err))
            fail_msg("%s", err.text);
    }
    struct consumer *first = open_consumer(bed, NULL);
    for (int i = 0; i < 2; i++)
        assert_int_equal(take_slot(first, PATIENCE_MS, &messages[i]), i);
    consumer_seen(first, messages[1].topic, messages[1].partition, messages[1].offset);
    for (int i = 0; i < 2; i++)
        message_drop(&messages[i]);
    consumer_free(first); /* commits what it may */

    struct consumer *second = open_consumer(bed, NULL);
    assert_int_equal(take_slot(second, PATIENCE_MS, &again), 0);
    message_drop(&again);
    consumer_free(second);
    publisher_free(publisher);
}

static void a_pool_serves_only_its_categories(void **state)
{
    struct bed *bed = *state;
    static const char *const POST[] = {"POST", NULL};
    struct message message;
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    publish(bed, publisher, "SHPFY", 1, 5);
    publish(bed, publisher, "POST", 100, 1);
    struct consumer *consumer = open_consumer(bed, POST);
    assert_int_equal(take_slot(consumer, PATIENCE_MS, &message), 100);
    message_drop(&message);
    assert_int_equal(take_slot(consumer, 300, &message), -1);
    consumer_free(consumer);
    publisher_free(publisher);
}

static void a_new_category_is_seen_while_running(void **state)
{
    struct bed *bed = *state;
    struct message message;
    bed_fresh(bed);
    struct config_pair quick[] = {
        {"topic.metadata.refresh.interval.ms", METADATA_REFRESH_MS}
    };
    struct publisher *publisher = open_publisher(bed);
    bed->bus.options = quick;
    bed->bus.option_count = 1;
    publish(bed, publisher, "SHPFY", 1, 1);
    struct consumer *consumer = open_consumer(bed, NULL);
    assert_int_equal(take_slot(consumer, PATIENCE_MS, &message), 1);
    consumer_seen(consumer, message.topic, message.partition, message.offset);
    message_drop(&message);
    publish(bed, publisher, "POST", 2, 1);
    assert_int_equal(take_slot(consumer, PATIENCE_MS, &message), 2);
    message_drop(&message);
    consumer_free(consumer);
    publisher_free(publisher);
}

static void an_unreachable_broker_blocks_nobody_for_long(void **state)
{
    struct bed *bed = *state;
    bed_fresh(bed);
    bed->bus.servers = "127.0.0.1:1";
    struct publisher *publisher = open_publisher(bed);
    struct tickets tickets = {0};
    int64_t failed = metric_value(METRIC_TICKETS_FAILED), start = clock_mono_ms(&CLOCK_REAL);
    for (int i = 0; i < 100; i++) {
        struct ticket ticket = ticket_of(bed, "SHPFY", i);
        tickets_add(&tickets, &ticket);
    }
    publisher_tickets(publisher, &tickets); /* asks once, not a hundred times */
    assert_in_range(clock_mono_ms(&CLOCK_REAL) - start, 0, 8000);
    assert_int_equal(metric_value(METRIC_TICKETS_FAILED) - failed, 100);
    tickets_drop(&tickets);
    publisher_free(publisher);
}

static struct witness *open_witness(struct bed *bed, const char *file)
{
    const struct witness_config config = {.file = file, .bus = bed->bus};
    struct witness *witness;
    struct err err;
    if (!witness_open(&config, &witness, &err))
        fail_msg("%s", err.text);
    return witness;
}

static void witness_round(struct bed *bed, const char *file)
{
    struct publisher *publisher = open_publisher(bed);
    struct witness *writer = open_witness(bed, file), *reader = open_witness(bed, file);
    struct witness_record record = {.data_set = "8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11", .n = 41};
    struct witness_record read;
    struct err err = {0};
    bool found = true;

    assert_true(witness_last(reader, &read, &found, &err) ||
                (fprintf(stderr, "%s\n", err.text), false));
    assert_false(found);
    assert_false(witness_agrees(reader, found, &read, record.data_set, 0, &err));
    assert_non_null(strstr(err.text, "`cartage init`"));

    for (int i = 0; i < 3; i++, record.n++)
        assert_true(witness_write(writer, publisher, &record, &err));
    assert_true(witness_last(reader, &read, &found, &err));
    assert_true(found);
    assert_int_equal(read.n, 43);
    assert_string_equal(read.data_set, record.data_set);

    assert_true(
        witness_agrees(reader, true, &read, record.data_set, 40, &err)); /* a failover's loss */
    assert_false(witness_agrees(reader, true, &read, record.data_set, 39, &err));
    assert_non_null(strstr(err.text, "`cartage adopt`"));
    assert_false(
        witness_agrees(reader, true, &read, "00000000-0000-4000-8000-000000000000", 43, &err));
    assert_non_null(strstr(err.text, "`cartage adopt`"));

    assert_true(witness_next(reader, &read, &found, &err));
    assert_false(found);
    assert_true(witness_write(writer, publisher, &record, &err));
    assert_true(witness_next(reader, &read, &found, &err));
    assert_true(found);
    assert_int_equal(read.n, 44);
    witness_free(reader);
    witness_free(writer);
    publisher_free(publisher);
}

static void the_witness_is_kept_by_the_topic(void **state)
{
    struct bed *bed = *state;
    bed_fresh(bed);
    witness_round(bed, "");
}

static void the_witness_is_kept_by_a_file(void **state)
{
    struct bed *bed = *state;
    char file[128];
    bed_fresh(bed);
    snprintf(file, sizeof file, "%s/witness", bed->dir);
    witness_round(bed, file);
}

static void topics_say_their_category(void **state)
{
    static const struct {
        const char *category, *topic;
    } NAMES[] = {
        {"SHPFY",     "cartage.prod.task.shpfy"        },
        {"SHPFY-PAY", "cartage.prod.task.shpfy-2dpay"  },
        {"",          "cartage.prod.task.-none"        },
        {"A_B.C",     "cartage.prod.task.a-5fb-2ec"    },
        {"VERKÄUFE", "cartage.prod.task.verk-c3-84ufe"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        char topic[TOPIC_TEXT];
        bus_task_topic("prod", NAMES[i].category, topic);
        assert_string_equal(topic, NAMES[i].topic);
    }
}

/* ---- an end in the moment of a beginning ---- */

enum { LEAVERS = 60 };

static void *leave(void *leavers)
{
    for (struct consumer **each = leavers; *each; each++)
        consumer_free(*each);
    return NULL;
}

/* What the group gives a consumer that leaves is in its queue, and nobody has looked. One alone
 * would pass mostly: of sixty, each in a group of its own, several stood for ever. */
static void whoever_leaves_while_it_is_given_something_ends(void **state)
{
    struct bed *bed = *state;
    struct consumer *leavers[LEAVERS + 1] = {NULL};
    struct timespec until;
    pthread_t thread;
    struct err err;
    bed_fresh(bed);
    struct publisher *publisher = open_publisher(bed);
    publish(bed, publisher, "SHPFY", 0, 1); /* there is something to give */
    for (int i = 0; i < LEAVERS; i++) {
        char group[16];
        snprintf(group, sizeof group, "g%d", i);
        const struct consumer_config config = {.bus = bed->bus, .group = group};
        if (!consumer_open(&config, &leavers[i], &err))
            fail_msg("%s", err.text);
    }
    for (int i = 0; i < LEAVERS; i++)
        consumer_wait(leavers[i], PATIENCE_MS);
    assert_int_equal(pthread_create(&thread, NULL, leave, leavers), 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    if (pthread_timedjoin_np(thread, NULL, &until) != 0)
        fail_msg("a consumer has not ended after half a minute");
    publisher_free(publisher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_say_their_category),
        cmocka_unit_test(every_ticket_arrives_once),
        cmocka_unit_test(whoever_empties_a_long_queue_does_not_wait_for_more),
        cmocka_unit_test(what_was_seen_is_not_read_again),
        cmocka_unit_test(what_was_not_seen_is_read_by_the_next),
        cmocka_unit_test(what_stands_behind_one_not_seen_is_kept_for_it),
        cmocka_unit_test(a_pool_serves_only_its_categories),
        cmocka_unit_test(a_new_category_is_seen_while_running),
        cmocka_unit_test(an_unreachable_broker_blocks_nobody_for_long),
        cmocka_unit_test(the_witness_is_kept_by_the_topic),
        cmocka_unit_test(the_witness_is_kept_by_a_file),
        cmocka_unit_test(whoever_leaves_while_it_is_given_something_ends),
    };
    return cmocka_run_group_tests_name("queue_bus", tests, set_up, tear_down);
}
