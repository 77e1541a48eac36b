/* recorder.c - writes the history down as JSON lines while it happens, from where it is told: the
 * streams in Redis, or the topic that producers copy it to. It shares no code with either.
 *
 *   recorder --redis HOST:PORT --env NAME --out FILE
 *   recorder --kafka SERVERS --env NAME --out FILE
 *   recorder --kafka SERVERS --env NAME --group NAME --offsets FILE     what the pool has
 * committed, then ends
 *
 * SIGTERM: reads what is there, then ends. From Redis it notices when a record it has read is gone
 * after a restart (exit code 3): with appendfsync always none may be.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hiredis.h>
#include <json.h>
#include <librdkafka/rdkafka.h>

enum { BUCKETS = 16, PAGE = 500, PAUSE_MS = 50, KAFKA_MS = 500, LOST = 3, QUIET_ROUNDS = 6 };

static volatile sig_atomic_t ending;

static void on_end(int number)
{
    (void)number;
    ending = 1;
}

static const char *flag(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return NULL;
}

/* ---- from Redis ---- */

struct streams {
    const char *environment;
    FILE *out;
    redisContext *redis;
    char last[BUCKETS][32]; /* "" = nothing read yet */
    bool fresh;             /* just connected: does what was read last still stand? */
    bool lost;
};

static bool redis_open_again(struct streams *streams, const char *address)
{
    char host[64];
    const char *colon = strrchr(address, ':');
    struct timeval bound = {2, 0};
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    streams->redis = redisConnectWithTimeout(host, atoi(colon + 1), bound);
    if (streams->redis && !streams->redis->err &&
        redisSetTimeout(streams->redis, bound) == REDIS_OK) {
        streams->fresh = true;
        return true;
    }
    redisFree(streams->redis);
    streams->redis = NULL;
    return false;
}

static redisReply *stream_range(struct streams *streams, int bucket, const char *from,
                                const char *to)
{
    redisReply *reply = redisCommand(streams->redis, "XRANGE ct:{%s/%02x}:hist %s %s COUNT %d",
                                     streams->environment, (unsigned)bucket, from, to, PAGE);
    if (reply && reply->type == REDIS_REPLY_ARRAY)
        return reply;
    if (reply)
        freeReplyObject(reply); /* LOADING */
    redisFree(streams->redis);
    streams->redis = NULL;
    return NULL;
}

static void write_line(struct streams *streams, int bucket, int64_t seq, const char *at, char *text)
{
    static const char *const NAMES[] = {
        "event", "company", "category", "entry", "task",  "attempt", "epoch",   "fence", "slot",
        "due",   "from",    "to",       "lane",  "ready", "prio",    "retries", "lost"};
    json_object *line = json_object_new_object();
    json_object_object_add(line, "bucket", json_object_new_int(bucket));
    json_object_object_add(line, "seq", json_object_new_int64(seq));
    json_object_object_add(line, "at", json_object_new_string(at));
    size_t column = 0, most = sizeof NAMES / sizeof *NAMES;
    for (char *value = strsep(&text, "\t"); value; value = strsep(&text, "\t")) {
        const char *name = column < most ? NAMES[column] : value;
        if (column++ >= most)
            value = strsep(&text, "\t");
        json_object_object_add(line, name, json_object_new_string(value ? value : ""));
    }
    fprintf(streams->out, "%s\n", json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
    json_object_put(line);
}

/* A script call: the time, then a line for each change. The last one's number is the id. */
static void write_record(struct streams *streams, int bucket, const redisReply *item)
{
    const redisReply *row = item->element[1];
    if (row->elements != 2 || strcmp(row->element[0]->str, "v1") != 0) {
        fprintf(stderr, "recorder: bucket %d: record %s is of an unknown form\n", bucket,
                item->element[0]->str);
        exit(EXIT_FAILURE);
    }
    char *text = row->element[1]->str;
    int64_t seq = strtoll(item->element[0]->str, NULL, 10) + 1;
    for (const char *c = text; *c; c++)
        seq -= *c == '\n';
    const char *at = strsep(&text, "\n");
    for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
        write_line(streams, bucket, seq++, at, line);
}

/* Answers how many records were new, -1 = Redis is away. */
static int read_bucket(struct streams *streams, int bucket)
{
    char from[40] = "-";
    char *last = streams->last[bucket];
    if (*last && streams->fresh) {
        redisReply *there = stream_range(streams, bucket, last, last);
        if (!there)
            return -1;
        if (there->elements == 0) {
            fprintf(stderr, "recorder: bucket %d: record %s is gone after a restart\n", bucket,
                    last);
            streams->lost = true;
        }
        freeReplyObject(there);
    }
    if (*last)
        snprintf(from, sizeof from, "(%s", last);
    redisReply *page = stream_range(streams, bucket, from, "+");
    if (!page)
        return -1;
    int count = (int)page->elements;
    for (int i = 0; i < count; i++) {
        write_record(streams, bucket, page->element[i]);
        snprintf(last, sizeof streams->last[bucket], "%s", page->element[i]->element[0]->str);
    }
    freeReplyObject(page);
    return count;
}

static int record_redis(const char *address, struct streams *streams)
{
    while (true) {
        bool last_round = ending;
        int news = 0;
        if (!streams->redis && !redis_open_again(streams, address)) {
            if (last_round)
                return EXIT_FAILURE;
        } else {
            for (int bucket = 0; bucket < BUCKETS && streams->redis; bucket++) {
                int count = read_bucket(streams, bucket);
                news += count > 0 ? count : 0;
            }
            streams->fresh = streams->fresh && !streams->redis;
        }
        fflush(streams->out);
        if (last_round && news == 0)
            break;
        if (news == 0)
            poll(NULL, 0, PAUSE_MS);
    }
    redisFree(streams->redis);
    return streams->lost ? LOST : EXIT_SUCCESS;
}

/* ---- from Kafka ---- */

static rd_kafka_t *kafka_open(const char *servers, const char *group)
{
    char reason[256] = "";
    const char *const OPTIONS[][2] = {
        {"bootstrap.servers",                  servers   },
        {"group.id",                           group     },
        {"enable.auto.commit",                 "false"   },
        {"auto.offset.reset",                  "earliest"},
        {"fetch.wait.max.ms",                  "100"     },
        {"log_level",                          "0"       },
        {"topic.metadata.refresh.interval.ms", "2000"    },
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++)
        rd_kafka_conf_set(conf, OPTIONS[i][0], OPTIONS[i][1], reason, sizeof reason);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (!client) {
        fprintf(stderr, "recorder: %s\n", reason);
        exit(EXIT_FAILURE);
    }
    return client;
}

/* A line may come twice, when another producer took the copying over; headers and gaps stand for
 * themselves. */
static void write_lines(FILE *out, const char *text, size_t size, int64_t *highest)
{
    while (size) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        char line[65536];
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        json_object *row = json_tokener_parse(line), *bucket = NULL, *seq = NULL, *event = NULL;
        bool counted = row && json_object_object_get_ex(row, "bucket", &bucket) &&
                       json_object_object_get_ex(row, "seq", &seq) &&
                       json_object_object_get_ex(row, "event", &event) &&
                       strcmp(json_object_get_string(event), "gap") != 0;
        int64_t *last = counted ? &highest[json_object_get_int(bucket) % BUCKETS] : NULL;
        if (!counted || json_object_get_int64(seq) > *last) {
            fprintf(out, "%s\n", line);
            if (counted)
                *last = json_object_get_int64(seq);
        }
        json_object_put(row);
        text += end ? length + 1 : length;
        size -= end ? length + 1 : length;
    }
}

static int record_kafka(const char *servers, const char *environment, FILE *out)
{
    char topic[128];
    int64_t highest[BUCKETS] = {0};
    snprintf(topic, sizeof topic, "cartage.%s.history", environment);
    rd_kafka_t *client = kafka_open(servers, "recorder");
    rd_kafka_topic_t *history = rd_kafka_topic_new(client, topic, NULL);
    rd_kafka_consume_start(history, 0, RD_KAFKA_OFFSET_BEGINNING);
    for (int quiet = 0; quiet < QUIET_ROUNDS;) {
        rd_kafka_message_t *message = rd_kafka_consume(history, 0, KAFKA_MS);
        if (message && !message->err) {
            write_lines(out, message->payload, message->len, highest);
            fflush(out);
        }
        quiet = !ending ? 0 : message && !message->err ? 0 : quiet + 1;
        if (message)
            rd_kafka_message_destroy(message);
    }
    rd_kafka_consume_stop(history, 0);
    rd_kafka_topic_destroy(history);
    rd_kafka_destroy(client);
    return EXIT_SUCCESS;
}

static int write_offsets(const char *servers, const char *environment, const char *group, FILE *out)
{
    char prefix[96], name[160];
    const struct rd_kafka_metadata *known = NULL;
    snprintf(prefix, sizeof prefix, "cartage.%s.task.", environment);
    snprintf(name, sizeof name, "cartage.%s.%s", environment, group);
    rd_kafka_t *client = kafka_open(servers, name);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(64);
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, &known, 10000);
    for (int i = 0; !code && i < known->topic_cnt; i++)
        for (int p = 0; strncmp(known->topics[i].topic, prefix, strlen(prefix)) == 0 &&
                        p < known->topics[i].partition_cnt;
             p++)
            rd_kafka_topic_partition_list_add(list, known->topics[i].topic, p);
    if (!code && list->cnt)
        code = rd_kafka_committed(client, list, 20000);
    for (int i = 0; !code && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *at = &list->elems[i];
        int64_t first = 0, end = 0;
        code =
            rd_kafka_query_watermark_offsets(client, at->topic, at->partition, &first, &end, 10000);
        fprintf(out,
                "{\"topic\":\"%s\",\"partition\":%d,\"from\":%" PRId64 ",\"offset\":%" PRId64
                ",\"end\":%" PRId64 "}\n",
                at->topic, at->partition, first, at->offset < 0 ? 0 : at->offset, end);
    }
    if (code)
        fprintf(stderr, "recorder: %s\n", rd_kafka_err2str(code));
    rd_kafka_metadata_destroy(known);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    return code ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *redis = flag(argc, argv, "--redis"), *kafka = flag(argc, argv, "--kafka");
    const char *environment = flag(argc, argv, "--env"), *path = flag(argc, argv, "--out");
    const char *offsets = flag(argc, argv, "--offsets"), *group = flag(argc, argv, "--group");
    FILE *out = offsets || path ? fopen(offsets ? offsets : path, "w") : NULL;
    int status;

    if (!out || !environment || (!redis && !kafka) || (offsets && (!group || !kafka))) {
        fprintf(stderr,
                "usage: recorder --redis HOST:PORT | --kafka SERVERS --env NAME --out FILE | "
                "--group NAME --offsets FILE\n");
        return 2;
    }
    signal(SIGTERM, on_end);
    signal(SIGINT, on_end);
    signal(SIGPIPE, SIG_IGN);
    if (offsets)
        status = write_offsets(kafka, environment, group, out);
    else if (redis)
        status = record_redis(redis, &(struct streams){.environment = environment, .out = out});
    else
        status = record_kafka(kafka, environment, out);
    return fclose(out) == 0 ? status : EXIT_FAILURE;
}
