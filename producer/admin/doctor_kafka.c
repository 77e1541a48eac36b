/* doctor_kafka.c - the brokers: whether one answers, and whether our topics keep what they hold for
 * long enough.
 *
 * Kafka only delivers; what it loses costs time. But for the witness, of which the last record must
 * stay: without it no program starts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor.h"
#include "bus/inspect.h"

/* A ticket that is gone before a worker has taken it is offered again after half a minute; an
 * event on the topic wake is not. */
#define RETENTION_LEAST_MS 3600000LL

static bool is_witness(const char *name)
{
    size_t size = strlen(name), ends = strlen(".witness");
    return size > ends && strcmp(name + size - ends, ".witness") == 0;
}

static void advise(struct doctor *doctor, json *row, const char *topic, const char *setting)
{
    doctor_advise(row, "Set it at the broker: %s.", setting);
    doctor_command(row, "Set it",
                   "kafka-configs.sh --bootstrap-server %s --alter --entity-type topics "
                   "--entity-name %s --add-config %s",
                   doctor->config->bus->servers, topic, setting);
}

/* False = it is as it should be. */
static bool keeps_wrongly(struct doctor *doctor, const json *topic)
{
    const char *name = json_text(topic, "name"), *cleanup = json_text(topic, "cleanup");
    int64_t retention_ms = json_int(topic, "retention_ms", -1);
    bool compacts = strstr(cleanup, "compact");
    json *row;
    if (is_witness(name) && !compacts) {
        row = doctor_add(doctor, "brokers.topics", CHECK_BAD,
                         "topic %s forgets its last record (cleanup.policy %s): no producer and no "
                         "worker starts then",
                         name, cleanup);
        advise(doctor, row, name, "cleanup.policy=compact");
    } else if (!is_witness(name) && compacts) {
        row = doctor_add(doctor, "brokers.topics", CHECK_WARN,
                         "topic %s is compacted and never forgets (cleanup.policy %s)", name,
                         cleanup);
        advise(doctor, row, name, "cleanup.policy=delete");
    } else if (!is_witness(name) && retention_ms >= 0 && retention_ms < RETENTION_LEAST_MS) {
        row = doctor_add(doctor, "brokers.topics", CHECK_WARN,
                         "topic %s forgets after %" PRId64 " s what nobody has taken by then", name,
                         retention_ms / 1000);
        doctor_case(row, "forgets");
        advise(doctor, row, name, "retention.ms=259200000");
    } else {
        return false;
    }
    json_set_text(doctor_values(row), "topic", name);
    json_set_text(doctor_values(row), "cleanup", cleanup);
    json_set_int(doctor_values(row), "retention_ms", retention_ms);
    return true;
}

static void topics(struct doctor *doctor, const json *found)
{
    const json *all = json_get(found, "topics");
    size_t wrong = 0;
    for (size_t i = 0; i < json_count(all); i++)
        wrong += keeps_wrongly(doctor, json_at(all, i));
    if (wrong)
        return;
    json *row = doctor_add(doctor, "brokers.topics", CHECK_OK,
                           "%zu topics keep what they hold for long enough", json_count(all));
    json_set_int(doctor_values(row), "topics", (int64_t)json_count(all));
}

void doctor_kafka(struct doctor *doctor)
{
    OWN_JSON json *found = NULL;
    struct err err = {0};
    if (!doctor->config->bus) /* an API by itself, in a test */
        return;
    if (!bus_inspect(doctor->config->bus, &found, &err)) {
        json *row = doctor_add(doctor, "brokers", CHECK_BAD,
                               "%s; tickets travel by Redis alone, a second later each", err.text);
        json_set_text(doctor_values(row), "servers", doctor->config->bus->servers);
        json_set_text(doctor_values(row), "error", err.text);
        doctor_advise(row, "Start Kafka again, or set --kafka (CARTAGE_KAFKA) of producers and "
                           "workers to where it is, and restart them.");
        return;
    }
    size_t count = json_count(json_get(found, "brokers"));
    bool embedded = json_flag(found, "embedded", false);
    const char *servers = doctor->config->bus->servers;
    json *row = embedded
                    ? doctor_add(doctor, "brokers", CHECK_WARN,
                                 "the embedded broker at %s answers; it keeps nothing on disk and "
                                 "is for a local stack",
                                 servers)
                    : doctor_add(doctor, "brokers", CHECK_OK,
                                 "Kafka at %s answers with %zu brokers", servers, count);
    json_set_int(doctor_values(row), "brokers", (int64_t)count);
    json_set_bool(doctor_values(row), "embedded", embedded);
    if (embedded)
        doctor_advise(row, "For more than a laptop run Apache Kafka 3 or later, set --kafka "
                           "(CARTAGE_KAFKA) of producers and workers to it, and restart them.");
    else
        topics(doctor, found);
}
