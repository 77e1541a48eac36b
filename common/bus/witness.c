/* witness.c - the last record of a topic or a file. */
#include "bus/witness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/json.h"

enum { ANSWER_MS = 5000, BEHIND_MAX = 3 };

struct witness {
    char *file; /* NULL = the topic */
    char place[TOPIC_TEXT + 64];
    rd_kafka_t *client;
    rd_kafka_topic_t *topic;
    bool reading;
    int64_t next;             /* offset of the first record not read yet */
    struct witness_record at; /* file: what it said when last read */
};

bool witness_open(const struct witness_config *config, struct witness **out, struct err *err)
{
    static const char *const OWN[][2] = {
        {"auto.offset.reset", "earliest"},
        {"fetch.wait.max.ms", "10"      },
        {NULL,                NULL      },
    };
    OWN(witness) struct witness *witness = mem_new(sizeof *witness);
    char name[TOPIC_TEXT], reason[256] = "";
    rd_kafka_conf_t *conf;

    if (*config->file) {
        witness->file = mem_text(config->file);
        snprintf(witness->place, sizeof witness->place, "file %s", config->file);
        *out = GIVE(witness);
        return true;
    }
    bus_topic(config->bus.environment, "witness", name);
    snprintf(witness->place, sizeof witness->place, "topic %s", name);
    if (!bus_properties(&config->bus, OWN, &conf, err))
        return err_wrap(err, "open the witness");
    witness->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (!witness->client) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, ERR_FATAL, 0, "open the witness: %s", reason);
    }
    witness->topic = rd_kafka_topic_new(witness->client, name, NULL);
    *out = GIVE(witness);
    return true;
}

void witness_free(struct witness *witness)
{
    if (!witness)
        return;
    if (witness->reading)
        rd_kafka_consume_stop(witness->topic, 0);
    if (witness->topic)
        rd_kafka_topic_destroy(witness->topic);
    if (witness->client)
        rd_kafka_destroy(witness->client);
    free(witness->file);
    free(witness);
}

/* ---- records ---- */

static void record_write(const struct witness_record *record, struct buf *out)
{
    buf_printf(out, "{\"data_set\":\"%s\",\"n\":%" PRId64 ",\"producer\":\"%s\"}\n",
               record->data_set, record->n, record->producer);
}

static bool record_read(const struct witness *witness, const char *text, size_t size,
                        struct witness_record *out, struct err *err)
{
    OWN_JSON json *root = NULL;
    if (!json_parse(text, size, &root, err))
        return err_wrap(err, "read the witness (%s)", witness->place);
    struct witness_record record = {.n = json_int(root, "n", -1)};
    snprintf(record.data_set, sizeof record.data_set, "%s", json_text(root, "data_set"));
    snprintf(record.producer, sizeof record.producer, "%s", json_text(root, "producer"));
    if (!*record.data_set || record.n < 0)
        return err_set(err, ERR_FATAL, 0, "the witness (%s) is no record of ours", witness->place);
    *out = record;
    return true;
}

/* ---- the file ---- */

static bool file_last(struct witness *witness, struct witness_record *out, bool *found,
                      struct err *err)
{
    char text[512];
    FILE *file = fopen(witness->file, "re");
    *found = false;
    if (!file && errno == ENOENT)
        return true;
    if (!file)
        return err_set(err, ERR_FATAL, errno, "read the witness (%s): %s", witness->place,
                       strerror(errno));
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    if (!record_read(witness, text, size, out, err))
        return false;
    *found = true;
    return true;
}

/* A reader never sees half a record: it appears by rename. */
static bool file_write(struct witness *witness, const struct buf *text, struct err *err)
{
    OWN_TEXT char *draft = mem_printf("%s.%ld", witness->file, (long)getpid());
    FILE *file = fopen(draft, "we");
    bool good = file && fwrite(text->data, 1, text->size, file) == text->size &&
                fflush(file) == 0 && fsync(fileno(file)) == 0;
    int reason = errno;
    if (file && fclose(file) != 0 && good) {
        reason = errno;
        good = false;
    }
    if (good && rename(draft, witness->file) != 0) {
        reason = errno;
        good = false;
    }
    if (good)
        return true;
    unlink(draft);
    return err_set(err, ERR_RETRY, reason, "write the witness (%s): %s", witness->place,
                   strerror(reason));
}

/* ---- the topic ---- */

/* Asked anew each time: a client remembers for long that a topic did not exist. */
static bool topic_exists(struct witness *witness, bool *exists, struct err *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(witness->client, 0, witness->topic, &metadata, ANSWER_MS);
    if (code)
        return err_set(err, ERR_RETRY, code, "read the witness (%s): %s", witness->place,
                       rd_kafka_err2str(code)) ||
               bus_explain(witness->client, err);
    *exists = metadata->topic_cnt == 1 && !metadata->topics[0].err &&
              metadata->topics[0].partition_cnt > 0;
    rd_kafka_metadata_destroy(metadata);
    return true;
}

static bool topic_end(struct witness *witness, int64_t *end, struct err *err)
{
    int64_t low = 0;
    bool exists = false;
    *end = 0;
    if (!topic_exists(witness, &exists, err))
        return false;
    if (!exists)
        return true; /* nobody has written yet */
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
        witness->client, rd_kafka_topic_name(witness->topic), 0, &low, end, ANSWER_MS);
    return !code || err_set(err, ERR_RETRY, code, "read the witness (%s): %s", witness->place,
                            rd_kafka_err2str(code));
}

/* The record at witness->next or behind it; there is one before `end`. */
static bool topic_read(struct witness *witness, int64_t end, struct witness_record *out,
                       bool *found, struct err *err)
{
    *found = false;
    while (!*found && witness->next < end) {
        rd_kafka_message_t *message = rd_kafka_consume(witness->topic, 0, ANSWER_MS);
        if (!message)
            return err_set(err, ERR_RETRY, 0, "read the witness (%s): no answer in %d s",
                           witness->place, ANSWER_MS / 1000);
        bool good = true;
        if (message->err) {
            good = err_set(err, ERR_RETRY, message->err, "read the witness (%s): %s",
                           witness->place, rd_kafka_message_errstr(message));
        } else {
            witness->next = message->offset + 1;
            *found = good = record_read(witness, message->payload, message->len, out, err);
        }
        rd_kafka_message_destroy(message);
        if (!good)
            return false;
    }
    return true;
}

static bool topic_start(struct witness *witness, int64_t offset, struct err *err)
{
    if (witness->reading)
        rd_kafka_consume_stop(witness->topic, 0);
    witness->reading = rd_kafka_consume_start(witness->topic, 0, offset) == 0;
    witness->next = offset;
    rd_kafka_resp_err_t code =
        witness->reading ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
    return witness->reading || err_set(err, ERR_RETRY, code, "read the witness (%s): %s",
                                       witness->place, rd_kafka_err2str(code));
}

/* ---- both ---- */

bool witness_last(struct witness *witness, struct witness_record *out, bool *found, struct err *err)
{
    int64_t end = 0;
    *found = false;
    if (witness->file) {
        if (!file_last(witness, out, found, err))
            return false;
        if (*found)
            witness->at = *out;
        return true;
    }
    if (!topic_end(witness, &end, err))
        return false;
    if (end == 0)
        return true;
    return topic_start(witness, end - 1, err) && topic_read(witness, end, out, found, err);
}

bool witness_next(struct witness *witness, struct witness_record *out, bool *found, struct err *err)
{
    int64_t end = 0;
    *found = false;
    if (witness->file) {
        if (!file_last(witness, out, found, err))
            return false;
        *found = *found &&
                 (out->n != witness->at.n || strcmp(out->producer, witness->at.producer) != 0 ||
                  strcmp(out->data_set, witness->at.data_set) != 0);
        if (*found)
            witness->at = *out;
        return true;
    }
    if (!topic_end(witness, &end, err))
        return false;
    if (end == 0 || (witness->reading && witness->next >= end))
        return true;
    if (!witness->reading && !topic_start(witness, end - 1, err))
        return false;
    return topic_read(witness, end, out, found, err);
}

bool witness_write(struct witness *witness, struct publisher *publisher,
                   const struct witness_record *record, struct err *err)
{
    OWN_BUF struct buf text = {0};
    record_write(record, &text);
    if (witness->file)
        return file_write(witness, &text, err);
    /* one key: compaction keeps the last record */
    return publisher_send(publisher, "witness", true, "witness", 7, text.data, text.size, NULL,
                          err) &&
           (publisher_flush(publisher, ANSWER_MS, err) || err_wrap(err, "write the witness"));
}

bool witness_agrees(const struct witness *witness, bool found, const struct witness_record *last,
                    const char *data_set, int64_t n, struct err *err)
{
    if (!found)
        return err_set(
            err, ERR_FATAL, 0,
            "the data set %s has no witness (%s): if this Redis is the one that was meant, run "
            "`cartage init`, which writes one; a broker that keeps nothing needs "
            "--witness FILE",
            data_set, witness->place);
    if (strcmp(last->data_set, data_set) != 0)
        return err_set(
            err, ERR_FATAL, 0,
            "Redis holds the data set %s, but the witness (%s) knows %s: this is another "
            "Redis or a copy. Correct --redis or --env; if the other one is gone for good, go on "
            "with this one: " WITNESS_ADOPT,
            data_set, witness->place, last->data_set);
    if (last->n > n + BEHIND_MAX)
        return err_set(
            err, ERR_FATAL, 0,
            "Redis stands at %" PRId64 ", but the witness (%s) saw %" PRId64
            ": this is an old backup of the data set. Restore a newer one; if there is none, go on "
            "with this one: " WITNESS_ADOPT,
            n, witness->place, last->n);
    return true;
}

bool witness_holds(int64_t n, int64_t before, struct err *err)
{
    return n + BEHIND_MAX >= before ||
           err_set(err, ERR_FATAL, 0,
                   "Redis fell back from %" PRId64 " to %" PRId64
                   " while this ran: an old backup took its place. Stop every producer and worker; "
                   "then " WITNESS_ADOPT,
                   before, n);
}

bool witness_is_foreign(const struct witness_record *record, const char *data_set, int64_t highest)
{
    return strcmp(record->data_set, data_set) != 0 || record->n > highest;
}
