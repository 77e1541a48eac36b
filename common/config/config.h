/* config.h - the options of the long-running programs: one table serves flags, variables and a
 * file.
 *
 * An option NAME is the flag --name (blanks of the name are dashes), the variable CARTAGE_NAME and
 * the line `NAME = value` of the file that --config or CARTAGE_CONFIG names; the flag is stronger
 * than the variable, the variable stronger than the file. KAFKA_<PROPERTY> goes to librdkafka as it
 * is, with dots for the underscores (CARTAGE_KAFKA_SECURITY_PROTOCOL is security.protocol); a
 * password comes from a file where _FILE follows (KAFKA_SASL_PASSWORD_FILE). Errors name the
 * option, where its value came from, and what it takes. A flag or a line of the file that is in no
 * table is an error; a variable is not, because other programs share the prefix.
 */
#ifndef CARTAGE_CONFIG_H
#define CARTAGE_CONFIG_H

#include <signal.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "config/redis_access.h"

enum program { PROGRAM_PRODUCER = 1, PROGRAM_WORKER = 2 };

struct config_pair { /* one property for librdkafka */
    char *name, *value;
};

struct config {
    const char *environment; /* ENV */
    const char *redis;       /* REDIS */
    struct redis_access redis_access;
    const char *ca_file;         /* CA_FILE: trusted for HTTPS beside the system's, "" = none */
    const char *kafka;           /* KAFKA: servers, "host:port,host:port" */
    const char *listen;          /* LISTEN */
    const char *token_file;      /* TOKEN_FILE, "" = none */
    const char *tls_cert_file;   /* TLS_CERT_FILE, "" = no TLS */
    const char *tls_key_file;    /* TLS_KEY_FILE */
    const char *address_file;    /* ADDRESS_FILE, "" = none */
    const char *group;           /* GROUP */
    const char *categories;      /* CATEGORIES, "" = all */
    const char *witness;         /* WITNESS: a file, "" = the topic */
    const char *seal_key_file;   /* SEAL_KEY_FILE, "" = nothing is sealed */
    const char *sendmail;        /* SENDMAIL */
    const char *notify_commands; /* NOTIFY_COMMANDS: a folder, "" = none may be run */
    const char *history;         /* HISTORY: "ring" or "kafka" */
    const char *metrics;         /* METRICS, "" = none */
    const char *otlp_endpoint;   /* OTLP_ENDPOINT, "" = spans go nowhere */
    const char *otlp_headers;    /* OTLP_HEADERS, secret; "" = none */
    const char *log_level;       /* LOG_LEVEL */
    int64_t executors;           /* EXECUTORS */
    int64_t lease_ms;            /* LEASE_MS */
    int64_t time_scale; /* TIME_SCALE: budgets run so many times real time; for simulated peers */
    bool init;          /* --init */
    bool adopt;         /* --adopt */
    bool help, version; /* --help, --version */
    struct config_pair *kafka_options;
    size_t kafka_option_count;
    char **texts; /* owns what the fields above point to */
    size_t text_count;
};

/* `variables` is NULL-ended, "NAME=value" each, as main's environ. */
MUST_USE bool config_read(enum program program, int argc, char **argv, char **variables,
                          struct config *out, struct err *err);
void config_drop(struct config *config);
void config_help(enum program program, struct buf *out);
const char *config_program(enum program program); /* "producer", "worker" */
const char *config_about(enum program program);   /* what it does, in two sentences */
struct config_row {                               /* an option as people meet it */
    const char *flag, *takes, *otherwise, *help;  /* "--lease-ms"; "" = a switch, no default */
};
/* Each option of the program, in the order of the table. */
void config_rows(enum program program, void (*see)(void *state, const struct config_row *row),
                 void *state);

/* What main does first: SIGTERM and SIGINT wait for sigwait(ends), a broken pipe kills nobody, the
 * options are read and the log and the key of sealed secrets follow them. False = nothing is left
 * to do (help was printed, or what is wrong was said): end with *status. */
MUST_USE bool config_start(enum program program, int argc, char **argv, char **variables,
                           sigset_t *ends, struct config *out, int *status);
/* "cartage-worker: text" on standard error; EXIT_FAILURE. */
int config_complain(enum program program, const struct err *err);

#endif
