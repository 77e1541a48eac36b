/* inspect.c - asks brokers for metadata, and for the settings of our topics. */
#include "bus/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METADATA_MS = 3000, SETTINGS_MS = 3000, TOPICS_MOST = 128 };
/* librdkafka's simulated cluster, of which sandbox/broker is made, calls itself so. */
static const char EMBEDDED[] = "mockCluster";

static bool client_open(const struct bus_config *config, rd_kafka_t **out, struct err *err)
{
    static const char *const OWN[][2] = {
        {NULL, NULL}
    };
    char reason[256] = "";
    rd_kafka_conf_t *conf;
    if (!bus_properties(config, OWN, &conf, err))
        return false;
    *out = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    if (*out)
        return true;
    rd_kafka_conf_destroy(conf);
    return err_set(err, ERR_FATAL, 0, "Kafka: %s", reason);
}

static void add_brokers(const struct rd_kafka_metadata *metadata, json *found)
{
    json *brokers = json_new_array();
    for (int i = 0; i < metadata->broker_cnt; i++) {
        OWN_TEXT char *address =
            mem_printf("%s:%d", metadata->brokers[i].host, metadata->brokers[i].port);
        json_add_text(brokers, address);
    }
    json_set(found, "brokers", brokers);
}

static json *topic_of(const json *topics, const char *name)
{
    for (size_t i = 0; i < json_count(topics); i++)
        if (strcmp(json_text(json_at(topics, i), "name"), name) == 0)
            return json_at(topics, i);
    return NULL;
}

static void add_topics(const struct rd_kafka_metadata *metadata, const char *environment,
                       json *found)
{
    OWN_TEXT char *ours = mem_printf("cartage.%s.", environment);
    json *topics = json_new_array();
    for (int i = 0; i < metadata->topic_cnt && json_count(topics) < TOPICS_MOST; i++) {
        if (strncmp(metadata->topics[i].topic, ours, strlen(ours)) != 0)
            continue;
        json *topic = json_new_object();
        json_set_text(topic, "name", metadata->topics[i].topic);
        json_set_int(topic, "partitions", metadata->topics[i].partition_cnt);
        json_add(topics, topic);
    }
    json_set(found, "topics", topics);
}

static void read_settings(const rd_kafka_ConfigResource_t *resource, json *topics)
{
    size_t count = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    json *topic = topic_of(topics, rd_kafka_ConfigResource_name(resource));
    for (size_t i = 0; topic && i < count; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]);
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (value && strcmp(name, "retention.ms") == 0)
            json_set_int(topic, "retention_ms", strtoll(value, NULL, 10));
        else if (value && strcmp(name, "cleanup.policy") == 0)
            json_set_text(topic, "cleanup", value);
    }
}

static bool ask_settings(rd_kafka_t *client, json *topics, struct err *err)
{
    rd_kafka_ConfigResource_t *resources[TOPICS_MOST];
    size_t count = json_count(topics), answered = 0;
    char reason[256];
    for (size_t i = 0; i < count; i++)
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC,
                                                   json_text(json_at(topics, i), "name"));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_request_timeout(options, SETTINGS_MS, reason, sizeof reason);
    rd_kafka_DescribeConfigs(client, resources, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, SETTINGS_MS + 500);
    bool good = event && !rd_kafka_event_error(event);
    if (!good)
        err_set(err, ERR_RETRY, 0, "Kafka tells no settings of topics: %s",
                event ? rd_kafka_event_error_string(event) : "no answer");
    if (good) {
        const rd_kafka_ConfigResource_t **found = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &answered);
        for (size_t i = 0; i < answered; i++)
            read_settings(found[i], topics);
    }
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_ConfigResource_destroy_array(resources, count);
    return good;
}

static bool look(rd_kafka_t *client, const struct bus_config *config, json *found, struct err *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, &metadata, METADATA_MS);
    if (code)
        return err_set(err, ERR_RETRY, (int)code, "no broker of %s answers: %s", config->servers,
                       rd_kafka_err2str(code)) ||
               bus_explain(client, err);
    add_brokers(metadata, found);
    add_topics(metadata, config->environment, found);
    rd_kafka_metadata_destroy(metadata);
    char *cluster = rd_kafka_clusterid(client, 1000);
    bool embedded = cluster && strncmp(cluster, EMBEDDED, strlen(EMBEDDED)) == 0;
    if (cluster)
        rd_kafka_mem_free(client, cluster);
    json_set_bool(found, "embedded", embedded);
    json *topics = json_get(found, "topics");
    return embedded || json_count(topics) == 0 || ask_settings(client, topics, err);
}

bool bus_inspect(const struct bus_config *config, json **out, struct err *err)
{
    OWN_JSON json *found = json_new_object();
    rd_kafka_t *client;
    if (!client_open(config, &client, err))
        return false;
    bool good = look(client, config, found, err);
    rd_kafka_destroy(client);
    if (good)
        *out = GIVE(found);
    return good;
}
