/* consumer.c - librdkafka's consumer with its partition queues taken apart. */
#include "bus/consumer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { COMMIT_EVERY_MS = 1000, REBALANCE_MS = 10000 };

struct partition {
    char *topic;
    int32_t number;
    rd_kafka_queue_t *queue;
};

struct taken { /* a message on its way, or done while an earlier one is not */
    char *topic;
    int32_t partition;
    int64_t offset;
    bool seen;
};

struct consumer {
    rd_kafka_t *client;
    rd_kafka_queue_t *own; /* rebalances and errors come here */
    const struct clock *clock;
    int event; /* written when a queue stops being empty, or by consumer_wake */
    struct partition *partitions;
    size_t count, next;
    int64_t revoked_ms; /* a rebalance is under way since; 0 = none */
    int64_t committed_ms;
    bool cooperative; /* the protocol of the group, as of the last rebalance */
    bool closing;
    _Atomic bool stored;  /* something to commit */
    pthread_mutex_t lock; /* guards what follows */
    struct taken *taken;  /* few: no more than there are executors, but for those done early */
    size_t taken_count;
};

static const uint64_t ONE = 1;

/* ---- what was taken ---- */

static bool is_of(const struct taken *taken, const char *topic, int32_t partition)
{
    return taken->partition == partition && strcmp(taken->topic, topic) == 0;
}

static void taken_add(struct consumer *consumer, const char *topic, int32_t partition,
                      int64_t offset)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->taken = mem_grow(consumer->taken, consumer->taken_count, consumer->taken_count + 1,
                               sizeof *consumer->taken);
    consumer->taken[consumer->taken_count++] =
        (struct taken){mem_text(topic), partition, offset, false};
    pthread_mutex_unlock(&consumer->lock);
}

/* With the lock held: those of a partition below `end` are forgotten. */
static void taken_forget(struct consumer *consumer, const char *topic, int32_t partition,
                         int64_t end)
{
    size_t kept = 0;
    for (size_t i = 0; i < consumer->taken_count; i++) {
        struct taken *taken = &consumer->taken[i];
        if (is_of(taken, topic, partition) && taken->offset < end)
            free(taken->topic);
        else
            consumer->taken[kept++] = *taken;
    }
    consumer->taken_count = kept;
}

/* Where the partition would be read on from: at the first that is not done, else behind the last.
 * -1 = nothing of it is known, it was given away meanwhile. */
static int64_t taken_done(struct consumer *consumer, const char *topic, int32_t partition,
                          int64_t offset)
{
    int64_t open = INT64_MAX, behind = -1;
    pthread_mutex_lock(&consumer->lock);
    for (size_t i = 0; i < consumer->taken_count; i++) {
        struct taken *taken = &consumer->taken[i];
        if (!is_of(taken, topic, partition))
            continue;
        taken->seen |= taken->offset == offset;
        if (!taken->seen && taken->offset < open)
            open = taken->offset;
        if (taken->offset >= behind)
            behind = taken->offset + 1;
    }
    int64_t position = open < behind ? open : behind;
    taken_forget(consumer, topic, partition, position);
    pthread_mutex_unlock(&consumer->lock);
    return position;
}

/* ---- assignment ---- */

static void partition_add(struct consumer *consumer, const char *topic, int32_t number)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_get_partition(consumer->client, topic, number);
    if (!queue)
        return;
    rd_kafka_queue_forward(queue, NULL);
    rd_kafka_queue_io_event_enable(queue, consumer->event, &ONE, sizeof ONE);
    consumer->partitions = mem_grow(consumer->partitions, consumer->count, consumer->count + 1,
                                    sizeof *consumer->partitions);
    consumer->partitions[consumer->count++] = (struct partition){mem_text(topic), number, queue};
}

static void partition_end(struct partition *partition)
{
    rd_kafka_queue_io_event_enable(partition->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(partition->queue);
    free(partition->topic);
}

static void partition_remove(struct consumer *consumer, const char *topic, int32_t number)
{
    for (size_t i = 0; i < consumer->count; i++) {
        struct partition *partition = &consumer->partitions[i];
        if (partition->number == number && strcmp(partition->topic, topic) == 0) {
            pthread_mutex_lock(&consumer->lock);
            taken_forget(consumer, topic, number, INT64_MAX); /* its next owner reads them again */
            pthread_mutex_unlock(&consumer->lock);
            partition_end(partition);
            *partition = consumer->partitions[--consumer->count];
            return;
        }
    }
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *state)
{
    struct consumer *consumer = state;
    bool assign = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    bool lost =
        rd_kafka_assignment_lost(client); /* then the group takes no commit from us any more */
    rd_kafka_error_t *error = NULL;

    /* Given to us in the moment we leave: librdkafka drops it by itself. What is asked of the
     * group's part from here on may stay without an answer, for that part ends meanwhile:
     * rd_kafka_assign would wait for ever, and rd_kafka_rebalance_protocol answer NULL. */
    if (consumer->closing && assign)
        return;
    if (!consumer->closing)
        consumer->cooperative = strcmp(rd_kafka_rebalance_protocol(client), "COOPERATIVE") == 0;
    for (int i = 0; i < list->cnt; i++) {
        if (assign) /* before the assignment: from then on librdkafka leaves the queue where it is
                     */
            partition_add(consumer, list->elems[i].topic, list->elems[i].partition);
        else
            partition_remove(consumer, list->elems[i].topic, list->elems[i].partition);
    }
    if (!assign && !lost && atomic_exchange(&consumer->stored, false))
        rd_kafka_commit(client, NULL, 0);
    if (consumer->cooperative)
        error = assign ? rd_kafka_incremental_assign(client, list)
                       : rd_kafka_incremental_unassign(client, list);
    else
        code = rd_kafka_assign(client, assign ? list : NULL);
    consumer->revoked_ms = assign ? 0 : clock_mono_ms(consumer->clock);
    log_debug("kafka.rebalance", TEXT("what", assign ? "assign" : "revoke"),
              NUM("partitions", list->cnt), NUM("all", consumer->count));
    if (error) {
        log_warn("kafka.rebalance", TEXT("reason", rd_kafka_error_string(error)));
        rd_kafka_error_destroy(error);
    }
}

/* ---- opening ---- */

static bool subscribe(struct consumer *consumer, const struct consumer_config *config,
                      struct err *err)
{
    char topic[TOPIC_TEXT], pattern[2 * TOPIC_TEXT];
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);

    if (config->topic) {
        bus_topic(config->bus.environment, config->topic, topic);
        snprintf(pattern, sizeof pattern, "^%s$", topic);
        rd_kafka_topic_partition_list_add(list, pattern, RD_KAFKA_PARTITION_UA);
    } else if (!config->categories) {
        /* dots of the name are dots: the environment is a-z0-9- */
        snprintf(pattern, sizeof pattern, "^cartage[.]%s[.]task[.].*", config->bus.environment);
        rd_kafka_topic_partition_list_add(list, pattern, RD_KAFKA_PARTITION_UA);
    } else {
        for (const char *const *category = config->categories; *category; category++) {
            bus_task_topic(config->bus.environment, *category, topic);
            snprintf(pattern, sizeof pattern, "^%s$", topic); /* a pattern may match nothing yet */
            rd_kafka_topic_partition_list_add(list, pattern, RD_KAFKA_PARTITION_UA);
        }
        bus_other_topic(config->bus.environment, topic);
        snprintf(pattern, sizeof pattern, "^%s$", topic);
        rd_kafka_topic_partition_list_add(list, pattern, RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return !code ||
           err_set(err, ERR_FATAL, code, "subscribe to topics: %s", rd_kafka_err2str(code));
}

bool consumer_open(const struct consumer_config *config, struct consumer **out, struct err *err)
{
    char group[128], reason[256] = "";
    snprintf(group, sizeof group, "cartage.%s.%s", config->bus.environment, config->group);
    /* Where a partition has more in memory than `queued` says, nothing is fetched for it, and
     * librdkafka looks again only after a second: whoever empties it sooner would stand idle. */
    const char *const OWN[][2] = {
        {"group.id",                      group                       },
        {"enable.auto.commit",            "false"                     },
        {"enable.auto.offset.store",      "false"                     },
        {"auto.offset.reset",             "earliest"                  },
        {"partition.assignment.strategy", "roundrobin"                },
        {"session.timeout.ms",            "10000"                     },
        {"max.poll.interval.ms",          "30000"                     },
        {"queued.min.messages",           "100000"                    },
        {"queued.max.messages.kbytes",    "16384"                     },
        {"fetch.wait.max.ms",             config->topic ? "100" : "10"},
        {NULL,                            NULL                        },
    };
    rd_kafka_conf_t *conf;
    OWN(consumer) struct consumer *consumer = mem_new(sizeof *consumer);

    pthread_mutex_init(&consumer->lock, NULL);
    consumer->event = -1;
    consumer->clock = config->bus.clock;
    if (!bus_properties(&config->bus, OWN, &conf, err))
        return err_wrap(err, "open a consumer of Kafka");
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_opaque(conf, consumer);
    consumer->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (!consumer->client) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, ERR_FATAL, 0, "open a consumer of Kafka: %s", reason);
    }
    consumer->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (consumer->event < 0)
        return err_set(err, ERR_FATAL, errno, "open a consumer of Kafka: eventfd: %s",
                       strerror(errno));
    rd_kafka_poll_set_consumer(consumer->client);
    consumer->own = rd_kafka_queue_get_consumer(consumer->client);
    rd_kafka_queue_io_event_enable(consumer->own, consumer->event, &ONE, sizeof ONE);
    if (!subscribe(consumer, config, err))
        return false;
    *out = GIVE(consumer);
    return true;
}

void consumer_free(struct consumer *consumer)
{
    if (!consumer)
        return;
    if (consumer->client) {
        if (consumer->own)
            consumer_serve(consumer); /* what is taken back already is not left to the closing */
        if (atomic_exchange(&consumer->stored, false))
            rd_kafka_commit(consumer->client, NULL, 0);
        consumer->closing = true;
        rd_kafka_consumer_close(consumer->client); /* gives the partitions back: on_rebalance */
    }
    while (consumer->count)
        partition_end(&consumer->partitions[--consumer->count]);
    free(consumer->partitions);
    while (consumer->taken_count)
        free(consumer->taken[--consumer->taken_count].topic);
    free(consumer->taken);
    pthread_mutex_destroy(&consumer->lock);
    if (consumer->own) {
        rd_kafka_queue_io_event_enable(consumer->own, -1, NULL, 0);
        rd_kafka_queue_destroy(consumer->own);
    }
    if (consumer->client)
        rd_kafka_destroy(consumer->client);
    if (consumer->event >= 0)
        close(consumer->event);
    free(consumer);
}

/* ---- serving ---- */

static void commit(struct consumer *consumer)
{
    int64_t now = clock_mono_ms(consumer->clock);
    /* A rebalance that gave us nothing new may end without a word: the bound. */
    bool moving = consumer->revoked_ms && now - consumer->revoked_ms < REBALANCE_MS;
    if (moving || now - consumer->committed_ms < COMMIT_EVERY_MS)
        return;
    consumer->committed_ms = now;
    if (atomic_exchange(&consumer->stored, false))
        rd_kafka_commit(consumer->client, NULL, 1);
}

void consumer_serve(struct consumer *consumer)
{
    rd_kafka_message_t *message;
    while ((message = rd_kafka_consumer_poll(consumer->client, 0))) {
        if (message->err)
            log_debug("kafka.consumer", TEXT("reason", rd_kafka_message_errstr(message)));
        rd_kafka_message_destroy(message);
    }
    commit(consumer);
}

bool consumer_take(struct consumer *consumer, struct message *out)
{
    for (size_t tries = 0; tries < consumer->count; tries++) {
        struct partition *partition = &consumer->partitions[consumer->next++ % consumer->count];
        rd_kafka_message_t *raw = rd_kafka_consume_queue(partition->queue, 0);
        if (!raw)
            continue;
        if (raw->err) {
            log_debug("kafka.partition", TEXT("topic", partition->topic),
                      NUM("partition", partition->number),
                      TEXT("reason", rd_kafka_message_errstr(raw)));
            rd_kafka_message_destroy(raw);
            continue;
        }
        taken_add(consumer, rd_kafka_topic_name(raw->rkt), raw->partition, raw->offset);
        *out = (struct message){rd_kafka_topic_name(raw->rkt),
                                raw->partition,
                                raw->offset,
                                raw->key,
                                raw->payload,
                                raw->key_len,
                                raw->len,
                                raw};
        return true;
    }
    return false;
}

const char *message_header(const struct message *message, const char *name)
{
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t size = 0;
    if (rd_kafka_message_headers(message->raw, &headers) ||
        rd_kafka_header_get_last(headers, name, &value, &size) || !value)
        return NULL;
    /* librdkafka puts a NUL behind it */
    return strlen(value) == size ? value : NULL;
}

void message_drop(struct message *message)
{
    if (message->raw)
        rd_kafka_message_destroy(message->raw);
    *message = (struct message){0};
}

void consumer_wait(struct consumer *consumer, int wait_ms)
{
    struct pollfd ready = {.fd = consumer->event, .events = POLLIN};
    uint64_t count;
    if (poll(&ready, 1, wait_ms) > 0) {
        ssize_t got = read(consumer->event, &count, sizeof count);
        (void)got; /* nothing to read = somebody was quicker */
    }
}

void consumer_wake(struct consumer *consumer)
{
    ssize_t put = write(consumer->event, &ONE, sizeof ONE);
    (void)put; /* full = it is awake anyway */
}

void consumer_seen(struct consumer *consumer, const char *topic, int32_t partition, int64_t offset)
{
    int64_t position = taken_done(consumer, topic, partition, offset);
    if (position < 0)
        return;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = position;
    /* A partition that moved on meanwhile is refused here; its new owner sees the message once
     * more. */
    if (!rd_kafka_offsets_store(consumer->client, list))
        atomic_store(&consumer->stored, true);
    rd_kafka_topic_partition_list_destroy(list);
}
