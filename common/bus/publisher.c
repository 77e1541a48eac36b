/* publisher.c - an idempotent librdkafka producer and the topics it knows to exist. */
#include "bus/publisher.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "metrics/metrics.h"

enum {
    ADMIN_TIMEOUT_MS = 5000,
    CONTROLLER_MS = 500,
    AWAY_MS = 500,
    RETRY_AFTER_MS = 1000,
    KNOWN_MAX = 1024,
    REPLICAS_MAX = 3
};

struct known { /* a category and where its tickets travel; or a topic of ours under its own name */
    char *name, *topic;
};

struct publisher {
    rd_kafka_t *client;
    char *environment;
    const struct clock *clock;
    _Atomic int64_t failed;
    pthread_mutex_t lock; /* guards what follows */
    struct known known[KNOWN_MAX];
    size_t known_count;
    int64_t retry_ms; /* the broker did not answer: ask no earlier than this (monotonic) */
};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *state)
{
    struct publisher *publisher = state;
    (void)client;
    if (!message->err) {
        metric_add(METRIC_TICKETS_PUBLISHED, 1);
        return;
    }
    atomic_fetch_add(&publisher->failed, 1);
    metric_add(METRIC_TICKETS_FAILED, 1);
    log_warn("ticket.undelivered", TEXT("topic", rd_kafka_topic_name(message->rkt)),
             TEXT("reason", rd_kafka_err2str(message->err)));
}

bool publisher_open(const struct bus_config *config, struct publisher **out, struct err *err)
{
    static const char *const OWN[][2] = {
        {"enable.idempotence",  "true" },
        {"acks",                "all"  },
        {"linger.ms",           "0"    },
        {"delivery.timeout.ms", "10000"},
        {NULL,                  NULL   },
    };
    rd_kafka_conf_t *conf;
    char reason[256] = "";

    if (!bus_properties(config, OWN, &conf, err))
        return err_wrap(err, "open a producer of Kafka");
    struct publisher *publisher = mem_new(sizeof *publisher);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, publisher);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    if (!client) {
        rd_kafka_conf_destroy(conf);
        free(publisher);
        return err_set(err, ERR_FATAL, 0, "open a producer of Kafka: %s", reason);
    }
    publisher->client = client;
    publisher->environment = mem_text(config->environment);
    publisher->clock = config->clock;
    pthread_mutex_init(&publisher->lock, NULL);
    *out = publisher;
    return true;
}

void publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return;
    rd_kafka_flush(publisher->client, 5000);
    rd_kafka_purge(publisher->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(publisher->client, 100);
    rd_kafka_destroy(publisher->client);
    for (size_t i = 0; i < publisher->known_count; i++) {
        free(publisher->known[i].name);
        free(publisher->known[i].topic);
    }
    free(publisher->environment);
    pthread_mutex_destroy(&publisher->lock);
    free(publisher);
}

/* ---- topics ---- */

struct topics_seen { /* what the brokers say */
    size_t task_topics;
    int brokers;
    bool exists;
};

static bool topics_ask(struct publisher *publisher, const char *topic, struct topics_seen *out,
                       struct err *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(publisher->client, 1, NULL, &metadata, ADMIN_TIMEOUT_MS);
    if (code)
        return err_set(err, ERR_RETRY, code, "ask Kafka for its topics: %s",
                       rd_kafka_err2str(code));

    char prefix[TOPIC_TEXT];
    snprintf(prefix, sizeof prefix, "cartage.%s.task.", publisher->environment);
    *out = (struct topics_seen){.brokers = metadata->broker_cnt};
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const char *name = metadata->topics[i].topic;
        out->task_topics += strncmp(name, prefix, strlen(prefix)) == 0;
        out->exists = out->exists || strcmp(name, topic) == 0;
    }
    rd_kafka_metadata_destroy(metadata);
    return true;
}

/* The answer of the one topic we asked for. */
static rd_kafka_resp_err_t create_answer(rd_kafka_event_t *event)
{
    size_t count = 0;
    if (!event)
        return RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (rd_kafka_event_error(event))
        return rd_kafka_event_error(event);
    const rd_kafka_topic_result_t **topics =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    return count ? rd_kafka_topic_result_error(topics[0]) : RD_KAFKA_RESP_ERR__FAIL;
}

static bool topic_create(struct publisher *publisher, const char *topic, int partitions,
                         int replicas, bool compacted, struct err *err)
{
    char reason[256] = "";
    rd_kafka_NewTopic_t *wanted =
        rd_kafka_NewTopic_new(topic, partitions, replicas, reason, sizeof reason);
    if (!wanted)
        return err_set(err, ERR_FATAL, 0, "topic %s: %s", topic, reason);
    rd_kafka_NewTopic_set_config(wanted, "cleanup.policy", compacted ? "compact" : "delete");
    if (!compacted)
        rd_kafka_NewTopic_set_config(wanted, "retention.ms", "259200000"); /* 3 days */

    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(publisher->client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, ADMIN_TIMEOUT_MS, reason, sizeof reason);
    rd_kafka_queue_t *answers = rd_kafka_queue_new(publisher->client);
    rd_kafka_CreateTopics(publisher->client, &wanted, 1, options, answers);
    rd_kafka_event_t *event = rd_kafka_queue_poll(answers, ADMIN_TIMEOUT_MS + 1000);
    rd_kafka_resp_err_t code = create_answer(event);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(answers);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy(wanted);

    if (!code)
        log_info("topic.created", TEXT("topic", topic), NUM("partitions", partitions),
                 NUM("replicas", replicas));
    if (!code || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return true;
    return err_set(err, ERR_RETRY, code, "create topic %s: %s", topic, rd_kafka_err2str(code));
}

/* librdkafka's mock cluster says what it is. It makes topics when they are written to, and leaves
 * admin calls without an answer. */
static bool is_embedded(const struct publisher *publisher)
{
    char *cluster = rd_kafka_clusterid(publisher->client, 0); /* known: the metadata came with it */
    bool embedded = cluster && strncmp(cluster, "mockCluster", 11) == 0;
    if (cluster)
        rd_kafka_mem_free(publisher->client, cluster);
    return embedded;
}

static bool topic_make(struct publisher *publisher, const char *topic, int partitions,
                       bool compacted, size_t most, bool *full, struct err *err)
{
    struct topics_seen seen;
    *full = false;
    if (!topics_ask(publisher, topic, &seen, err))
        return false;
    if (seen.exists)
        return true;
    *full = most && seen.task_topics >= most;
    if (*full || is_embedded(publisher))
        return true;
    return topic_create(publisher, topic, partitions,
                        seen.brokers < REPLICAS_MAX ? seen.brokers : REPLICAS_MAX, compacted, err);
}

static const char *known_find(const struct publisher *publisher, const char *name)
{
    for (size_t i = 0; i < publisher->known_count; i++) {
        if (strcmp(publisher->known[i].name, name) == 0)
            return publisher->known[i].topic;
    }
    return NULL;
}

static const char *known_add(struct publisher *publisher, const char *name, const char *topic)
{
    if (publisher->known_count == KNOWN_MAX)
        return known_find(publisher, name); /* asked again each time: slow, and still right */
    struct known *known = &publisher->known[publisher->known_count++];
    *known = (struct known){mem_text(name), mem_text(topic)};
    return known->topic;
}

/* A category's topic, or a topic of ours by the name ".dead" (no category begins with a dot in
 * Redis: upper case letters and digits do not either, but a dot is escaped in a topic's name and
 * kept in this list). */
static bool topic_of(struct publisher *publisher, const char *name, bool category, bool compacted,
                     char out[static TOPIC_TEXT], struct err *err)
{
    const char *known = known_find(publisher, name);
    bool full = false, good = true;

    if (known) {
        snprintf(out, TOPIC_TEXT, "%s", known);
        return true;
    }
    if (clock_mono_ms(publisher->clock) < publisher->retry_ms)
        return err_set(err, ERR_RETRY, 0, "Kafka did not answer a moment ago");
    if (category) {
        bus_task_topic(publisher->environment, name, out);
        /* one place is kept for -other itself */
        good = topic_make(publisher, out, TASK_PARTITIONS, false, TASK_TOPICS_MAX - 1, &full, err);
        if (good && full) {
            bus_other_topic(publisher->environment, out);
            good = topic_make(publisher, out, TASK_PARTITIONS, false, 0, &full, err);
        }
    } else {
        bus_topic(publisher->environment, name + 1, out);
        good = topic_make(publisher, out, 1, compacted, 0, &full, err);
    }
    if (!good) {
        publisher->retry_ms = clock_mono_ms(publisher->clock) + RETRY_AFTER_MS;
        return false;
    }
    known_add(publisher, name, out);
    return true;
}

static bool topic_locked(struct publisher *publisher, const char *name, bool category,
                         bool compacted, char out[static TOPIC_TEXT], struct err *err)
{
    pthread_mutex_lock(&publisher->lock);
    bool good = topic_of(publisher, name, category, compacted, out, err);
    pthread_mutex_unlock(&publisher->lock);
    return good;
}

/* A broker that makes topics when they are asked for is asked by name. */
static void topic_touch(struct publisher *publisher, const char *topic)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(publisher->client, topic, NULL);
    if (!rd_kafka_metadata(publisher->client, 0, handle, &metadata, ADMIN_TIMEOUT_MS))
        rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
}

bool publisher_topic(struct publisher *publisher, const char *name, int partitions, struct err *err)
{
    char topic[TOPIC_TEXT];
    bool full;
    bus_topic(publisher->environment, name, topic);
    pthread_mutex_lock(&publisher->lock);
    bool good = topic_make(publisher, topic, partitions, false, 0, &full, err);
    if (good && is_embedded(publisher))
        topic_touch(publisher, topic);
    pthread_mutex_unlock(&publisher->lock);
    return good;
}

/* ---- messages ---- */

/* False = not handed over, for `err`'s reason. */
static bool publish(struct publisher *publisher, const struct ticket *ticket, struct err *err)
{
    char topic[TOPIC_TEXT];
    unsigned char key[16];
    OWN_BUF struct buf bytes = {0};

    if (!topic_locked(publisher, ticket->category, true, false, topic, err))
        return false;
    if (!uuid_parse(ticket->entry, key))
        assert(!"an entry's id is a UUID");
    ticket_encode(ticket, &bytes);
    fault_point("kafka.before:ticket", NULL);
    rd_kafka_resp_err_t code =
        rd_kafka_producev(publisher->client, RD_KAFKA_V_TOPIC(topic),
                          RD_KAFKA_V_KEY(key, sizeof key), RD_KAFKA_V_VALUE(bytes.data, bytes.size),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    fault_point("kafka.after:ticket", NULL);
    if (code)
        return err_set(err, ERR_RETRY, code, "%s: %s", topic, rd_kafka_err2str(code));
    log_debug("ticket.published", TEXT("task", ticket->task), NUM("attempt", ticket->attempt),
              TEXT("topic", topic));
    return true;
}

void publisher_tickets(struct publisher *publisher, const struct tickets *tickets)
{
    size_t failed = 0;
    struct err err, first;

    for (size_t i = 0; i < tickets->count; i++) {
        if (!publish(publisher, &tickets->items[i], &err) && failed++ == 0)
            first = err;
    }
    if (failed) {
        metric_add(METRIC_TICKETS_FAILED, (int64_t)failed);
        log_warn(
            "ticket.undelivered", NUM("tickets", failed), TEXT("reason", first.text),
            TEXT("text", "they stand in Redis: an idle worker takes them, or they are sent again"));
    }
    publisher_poll(publisher);
}

void publisher_poll(struct publisher *publisher)
{
    rd_kafka_poll(publisher->client, 0);
}

bool publisher_send(struct publisher *publisher, const char *name, bool compacted, const void *key,
                    size_t key_size, const void *value, size_t size,
                    const struct bus_header *headers, struct err *err)
{
    char topic[TOPIC_TEXT], own[TOPIC_TEXT];

    snprintf(own, sizeof own, ".%s", name);
    if (!topic_locked(publisher, own, false, compacted, topic, err))
        return err_wrap(err, "send to %s", name);
    rd_kafka_headers_t *list = rd_kafka_headers_new(8);
    for (; headers && headers->name; headers++)
        rd_kafka_header_add(list, headers->name, -1, headers->value, -1);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        publisher->client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
        RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE((void *)value, size),
        RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (!code)
        return true;
    rd_kafka_headers_destroy(list);
    return err_set(err, ERR_RETRY, code, "send to %s: %s", topic, rd_kafka_err2str(code));
}

bool publisher_flush(struct publisher *publisher, int wait_ms, struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(publisher->client, wait_ms);
    return !code ||
           err_set(err, ERR_UNCERTAIN, code, "deliver to Kafka: %s", rd_kafka_err2str(code));
}

int64_t publisher_failed(const struct publisher *publisher)
{
    return atomic_load(&publisher->failed);
}

bool publisher_away(struct publisher *publisher)
{
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(publisher->client, 0, NULL, &metadata, AWAY_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    rd_kafka_metadata_destroy(metadata);
    return false;
}
