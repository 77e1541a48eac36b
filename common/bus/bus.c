/* bus.c - names and properties. */
#include "bus/bus.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"

enum { LEVEL_ERROR = 3 /* syslog's */, ONE_OF = 20 };

void bus_task_topic(const char *environment, const char *category, char out[static TOPIC_TEXT])
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t at = (size_t)snprintf(out, TOPIC_TEXT, "cartage.%s.task.", environment);

    if (!*category)
        snprintf(out + at, TOPIC_TEXT - at, "-none");
    for (const char *c = category; *c && at + 4 < TOPIC_TEXT; c++) {
        char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        if (strchr(PLAIN, lower))
            at += (size_t)snprintf(out + at, TOPIC_TEXT - at, "%c", lower);
        else
            at += (size_t)snprintf(out + at, TOPIC_TEXT - at, "-%02x", (unsigned char)lower);
    }
}

void bus_other_topic(const char *environment, char out[static TOPIC_TEXT])
{
    snprintf(out, TOPIC_TEXT, "cartage.%s.task.-other", environment);
}

void bus_topic(const char *environment, const char *name, char out[static TOPIC_TEXT])
{
    snprintf(out, TOPIC_TEXT, "cartage.%s.%s", environment, name);
}

/* Why a broker lets nobody in: it says so to the log of librdkafka alone, whose calls know of
 * nothing but a time-out. */
static struct {
    pthread_mutex_t lock;
    const rd_kafka_t *client;
    const char *cure;
} refusal = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *cure_of(const char *said)
{
    static const int SCRAM_AGREES = 0x02060100; /* librdkafka 2.6.1 */
    if (strstr(said, "could not be verified") || strstr(said, "certificate verify failed"))
        return "its certificate is not trusted: KAFKA_SSL_CA_LOCATION names who signed it";
    if (strstr(said, "SASL authentication error"))
        return strstr(said, "mechanism SCRAM") && rd_kafka_version() < SCRAM_AGREES
                   ? "it refuses our password: KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD_FILE; or "
                     "this librdkafka, older than 2.6.1, cannot speak SCRAM to Kafka 4: PLAIN"
                   : "it refuses our password: KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD_FILE";
    if (strstr(said, "security.protocol"))
        return "KAFKA_SECURITY_PROTOCOL is another there (ssl, sasl_ssl)";
    return NULL;
}

static void refusal_note(const rd_kafka_t *client, const char *said)
{
    const char *cure = cure_of(said);
    if (!cure)
        return;
    pthread_mutex_lock(&refusal.lock);
    refusal.client = client;
    refusal.cure = cure;
    pthread_mutex_unlock(&refusal.lock);
}

bool bus_explain(const rd_kafka_t *client, struct err *err)
{
    pthread_mutex_lock(&refusal.lock);
    const char *cure = refusal.client == client ? refusal.cure : NULL;
    refusal.client = NULL; /* once: a later silence has reasons of its own */
    pthread_mutex_unlock(&refusal.lock);
    size_t size = strlen(err->text);
    if (cure)
        snprintf(err->text + size, sizeof err->text - size, "; %s", cure);
    return false;
}

/* While a broker is away, librdkafka says so several times a second and client: the first and then
 * one of many is enough for a person. */
static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    static _Atomic unsigned said;
    refusal_note(client, text);
    if (level <= LEVEL_ERROR && atomic_fetch_add(&said, 1) % ONE_OF == 0)
        log_warn("kafka.client", TEXT("about", facility), TEXT("text", text));
    else
        log_debug("kafka.client", TEXT("about", facility), TEXT("text", text));
}

/* What correctness hangs on. */
static bool is_ours(const char *property)
{
    static const char *const OURS[] = {"bootstrap.servers", "group.id", "enable.auto.commit",
                                       "enable.auto.offset.store"};
    for (size_t i = 0; i < COUNT(OURS); i++) {
        if (strcmp(OURS[i], property) == 0)
            return true;
    }
    return false;
}

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *err)
{
    char reason[256] = "";
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) == RD_KAFKA_CONF_OK)
        return true;
    return err_set(err, ERR_FATAL, 0, "Kafka property %s: %s", name, reason);
}

/* "sasl.password.file" is sasl.password, as it stands in that file. */
static bool set_given(rd_kafka_conf_t *conf, const struct config_pair *given, struct err *err)
{
    static const char ENDS[] = ".password.file";
    size_t size = strlen(given->name), ends = sizeof ENDS - 1;
    if (size <= ends || strcmp(given->name + size - ends, ENDS) != 0)
        return set(conf, given->name, given->value, err);
    OWN_TEXT char *name = mem_text_n(given->name, size - strlen(".file"));
    OWN_SECRET char *secret = NULL;
    if (!secret_resolve("file", given->value, &secret, err))
        return err_wrap(err, "Kafka property %s", name);
    return set(conf, name, secret, err);
}

bool bus_properties(const struct bus_config *config, const char *const own[][2],
                    rd_kafka_conf_t **out, struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool good = set(conf, "bootstrap.servers", config->servers, err) &&
                set(conf, "client.id", "cartage", err) &&
                /* a new category's topic is seen within seconds, not after five minutes */
                set(conf, "topic.metadata.refresh.interval.ms", "10000", err) &&
                set(conf, "reconnect.backoff.max.ms", "1000", err) &&
                set(conf, "log.connection.close", "false", err);

    for (size_t i = 0; good && own[i][0]; i++)
        good = set(conf, own[i][0], own[i][1], err);
    for (size_t i = 0; good && i < config->option_count; i++) {
        if (is_ours(config->options[i].name))
            good =
                err_set(err, ERR_FATAL, 0, "Kafka property %s is set by cartage itself; remove it",
                        config->options[i].name);
        else
            good = set_given(conf, &config->options[i], err);
    }
    if (!good) {
        rd_kafka_conf_destroy(conf);
        return false;
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    *out = conf;
    return true;
}
