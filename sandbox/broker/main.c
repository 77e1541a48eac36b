/* main.c - a Kafka broker for the local stack: librdkafka's mock cluster in a process of its own.
 *
 * It speaks the real protocol (consumer groups, offsets, transactions) but keeps nothing on disk,
 * forgets past 5 MiB or 100,000 messages a partition and picks its own port, which it writes to a
 * file. It creates topics by itself, with four partitions, when somebody asks for them; it knows no
 * admin calls, so topics that need another count are named with --topic.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

enum { TOPICS_MAX = 64, PARTITIONS_MAX = 1024 };

struct options {
    const char *address_file;
    int partitions;
    const char *topics[TOPICS_MAX];
    int topic_count;
};

static const char HELP[] =
    "usage: cartage-broker [--address-file FILE] [--partitions N] [--topic NAME]...\n"
    "\n"
    "A Kafka broker for the local stack and for tests. It keeps nothing: not for production.\n"
    "  --address-file FILE  where to write HOST:PORT once the broker listens (default: stdout)\n"
    "  --topic NAME         create this topic at start; may be repeated\n"
    "  --partitions N       partitions of each --topic (default 4, as topics that clients ask "
    "for)\n"
    "Ends on SIGTERM and SIGINT.\n";

static int complain(const char *what, const char *reason)
{
    fprintf(stderr, "cartage-broker: %s: %s\n", what, reason);
    return EXIT_FAILURE;
}

static bool options_partitions(const char *text, int *out)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value < 1 || value > PARTITIONS_MAX)
        return false;
    *out = (int)value;
    return true;
}

/* False when the program should end now, with *status. */
static bool options_read(int argc, char **argv, struct options *options, int *status)
{
    static const struct option FLAGS[] = {
        {"address-file", required_argument, NULL, 'a'},
        {"partitions",   required_argument, NULL, 'p'},
        {"topic",        required_argument, NULL, 't'},
        {"help",         no_argument,       NULL, 'h'},
        {NULL,           0,                 NULL, 0  },
    };

    *options = (struct options){.partitions = 4};
    for (int flag; (flag = getopt_long(argc, argv, "h", FLAGS, NULL)) != -1;) {
        *status = 2;
        if (flag == 'a') {
            options->address_file = optarg;
        } else if (flag == 'p' && !options_partitions(optarg, &options->partitions)) {
            fprintf(stderr, "cartage-broker: --partitions takes 1 to %d, not \"%s\"\n",
                    PARTITIONS_MAX, optarg);
            return false;
        } else if (flag == 't') {
            if (options->topic_count == TOPICS_MAX) {
                fprintf(stderr, "cartage-broker: at most %d times --topic\n", TOPICS_MAX);
                return false;
            }
            options->topics[options->topic_count++] = optarg;
        } else if (flag == 'h') {
            fputs(HELP, stdout);
            *status = EXIT_SUCCESS;
            return false;
        } else if (flag == '?') {
            return false; /* getopt has said why */
        }
    }
    if (optind < argc) {
        fprintf(stderr, "cartage-broker: \"%s\" is no flag; see --help\n", argv[optind]);
        *status = 2;
        return false;
    }
    return true;
}

/* A reader never sees half an address: the file appears by rename. */
static bool address_publish(const char *file, const char *address)
{
    char draft[4096];

    if (!file)
        return printf("%s\n", address) > 0 && fflush(stdout) == 0;
    if (snprintf(draft, sizeof draft, "%s.%ld", file, (long)getpid()) >= (int)sizeof draft) {
        errno = ENAMETOOLONG;
        return false;
    }

    FILE *out = fopen(draft, "w");
    if (!out)
        return false;
    bool written = fprintf(out, "%s\n", address) > 0;
    if (fclose(out) != 0 || !written || rename(draft, file) != 0) {
        int reason = errno;
        unlink(draft);
        errno = reason;
        return false;
    }
    return true;
}

static bool topics_create(rd_kafka_mock_cluster_t *cluster, const struct options *options)
{
    for (int i = 0; i < options->topic_count; i++) {
        rd_kafka_resp_err_t code =
            rd_kafka_mock_topic_create(cluster, options->topics[i], options->partitions, 1);
        if (code) {
            complain(options->topics[i], rd_kafka_err2str(code));
            return false;
        }
    }
    return true;
}

static int serve(rd_kafka_mock_cluster_t *cluster, const struct options *options,
                 const sigset_t *ends)
{
    if (!topics_create(cluster, options))
        return EXIT_FAILURE;
    if (!address_publish(options->address_file, rd_kafka_mock_cluster_bootstraps(cluster)))
        return complain(options->address_file ? options->address_file : "stdout", strerror(errno));

    int signal = 0;
    sigwait(ends, &signal);
    if (options->address_file)
        unlink(options->address_file); /* nobody answers there any more */
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = EXIT_SUCCESS;

    if (!options_read(argc, argv, &options, &status))
        return status;

    /* Blocked before librdkafka starts its threads, so that only sigwait() sees them. */
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);

    char reason[512] = "no reason given";
    rd_kafka_conf_t *config = rd_kafka_conf_new();
    /* The handle only carries the cluster; that it has no servers of its own deserves no warning.
     */
    rd_kafka_conf_set(config, "log_level", "3", reason, sizeof reason);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, config, reason, sizeof reason);
    if (!handle)
        return complain("start librdkafka", reason);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(handle, 1);
    if (cluster) {
        status = serve(cluster, &options, &ends);
        rd_kafka_mock_cluster_destroy(cluster);
    } else {
        status = complain("listen on loopback", "librdkafka could not start its mock cluster");
    }
    rd_kafka_destroy(handle);
    return status;
}
