/* config.c - the table of options, and the three places a value may come from. */
#include "config/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_type { OPTION_TEXT, OPTION_NUMBER, OPTION_SWITCH };

struct option_row {
    const char *name;
    enum option_type type;
    int programs;
    size_t offset; /* in struct config */
    const char *otherwise;
    int64_t lowest, highest;         /* OPTION_NUMBER */
    bool (*fits)(const char *value); /* OPTION_TEXT; NULL = anything */
    const char *takes;               /* what a value looks like, for --help and errors */
    const char *help;
};

static bool fits_environment(const char *value)
{
    size_t size = strlen(value);
    return size >= 1 && size <= 32 &&
           strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static bool fits_level(const char *value)
{
    enum log_level level;
    return log_level_parse(value, &level);
}

static bool fits_group(const char *value)
{
    size_t size = strlen(value);
    return size >= 1 && size <= 64 &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               size;
}

static bool fits_history(const char *value)
{
    return strcmp(value, "ring") == 0 || strcmp(value, "kafka") == 0;
}

static bool fits_some(const char *value)
{
    return *value != 0;
}

static bool fits_url(const char *value)
{
    return !*value || ((strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0) &&
                       strlen(value) < 1024 && !strpbrk(value, " ?#"));
}

static bool fits_address(const char *value)
{
    const char *colon = strrchr(value, ':');
    if (!colon || colon == value || !colon[1])
        return false;
    return strspn(colon + 1, "0123456789") == strlen(colon + 1) && atol(colon + 1) <= 65535;
}

static bool fits_listen(const char *value)
{
    return !*value || fits_address(value);
}

enum { BOTH = PROGRAM_PRODUCER | PROGRAM_WORKER, FILE_LINES_MAX = 1000 };
#define AT(field) offsetof(struct config, field)

static const struct option_row OPTIONS[] = {
  /* clang-format off */
    {"ENV", OPTION_TEXT, BOTH, AT(environment), "dev", 0, 0, fits_environment,
     "1 to 32 of a-z 0-9 -", "environment: names the keys in Redis and the topics"},
    {"REDIS", OPTION_TEXT, BOTH, AT(redis), "127.0.0.1:6379", 0, 0, fits_some,
     "HOST:PORT or redis[s]://[USER:PASSWORD@]HOST:PORT[/DB]", "where the state lives; rediss:// speaks TLS"},
    {"REDIS_USER", OPTION_TEXT, BOTH, AT(redis_access.user), "", 0, 0, NULL, "NAME",
     "user of Redis (ACL), where its address names none"},
    {"REDIS_PASSWORD_FILE", OPTION_TEXT, BOTH, AT(redis_access.password_file), "", 0, 0, NULL, "FILE",
     "holds the password of Redis; read anew at each connection"},
    {"REDIS_CA_FILE", OPTION_TEXT, BOTH, AT(redis_access.ca_file), "", 0, 0, NULL, "FILE",
     "authorities that may sign the certificate of Redis, PEM (default: the system's)"},
    {"REDIS_CERT_FILE", OPTION_TEXT, BOTH, AT(redis_access.cert_file), "", 0, 0, NULL, "FILE",
     "our own certificate, PEM, where Redis asks for one"},
    {"REDIS_KEY_FILE", OPTION_TEXT, BOTH, AT(redis_access.key_file), "", 0, 0, NULL, "FILE",
     "private key of that certificate, PEM"},
    {"CA_FILE", OPTION_TEXT, BOTH, AT(ca_file), "", 0, 0, NULL, "FILE",
     "authorities trusted for HTTPS beside the system's, PEM: for a Business Central of your own"},
    {"KAFKA", OPTION_TEXT, BOTH, AT(kafka), "127.0.0.1:9092", 0, 0, fits_some,
     "HOST:PORT[,HOST:PORT]...", "brokers that deliver tickets"},
    {"LISTEN", OPTION_TEXT, PROGRAM_PRODUCER, AT(listen), "127.0.0.1:8710", 0, 0, fits_address,
     "HOST:PORT, port 0 = any free one", "address of the HTTP API"},
    {"TOKEN_FILE", OPTION_TEXT, PROGRAM_PRODUCER, AT(token_file), "", 0, 0, NULL, "FILE",
     "holds the bearer token that the HTTP API asks for"},
    {"TLS_CERT_FILE", OPTION_TEXT, PROGRAM_PRODUCER, AT(tls_cert_file), "", 0, 0, NULL, "FILE",
     "certificate of the HTTP API and those above it, PEM; with it and TLS_KEY_FILE it speaks HTTPS only"},
    {"TLS_KEY_FILE", OPTION_TEXT, PROGRAM_PRODUCER, AT(tls_key_file), "", 0, 0, NULL, "FILE",
     "private key of that certificate, PEM"},
    {"ADDRESS_FILE", OPTION_TEXT, PROGRAM_PRODUCER, AT(address_file), "", 0, 0, NULL, "FILE",
     "receives the address of the HTTP API once it listens"},
    {"INIT", OPTION_SWITCH, PROGRAM_PRODUCER, AT(init), "", 0, 0, NULL, NULL,
     "create the data set where there is none, then end"},
    {"ADOPT", OPTION_SWITCH, PROGRAM_PRODUCER, AT(adopt), "", 0, 0, NULL, NULL,
     "go on with this Redis, a copy, an old backup or empty, after a loss, then end (cartage adopt)"},
    {"GROUP", OPTION_TEXT, PROGRAM_WORKER, AT(group), "workers", 0, 0, fits_group,
     "1 to 64 of a-z A-Z 0-9 - _ .", "name of this pool of workers, a consumer group"},
    {"CATEGORIES", OPTION_TEXT, PROGRAM_WORKER, AT(categories), "", 0, 0, NULL, "NAME[,NAME]...",
     "serve only tasks of these categories (default: all)"},
    {"EXECUTORS", OPTION_NUMBER, PROGRAM_WORKER, AT(executors), "8", 1, 256, NULL, NULL,
     "tasks that run at the same time"},
    {"LEASE_MS", OPTION_NUMBER, BOTH, AT(lease_ms), "10000", 200, 600000, NULL, NULL,
     "how long a claimed task stays ours without a heartbeat; the same in every process"},
    {"WITNESS", OPTION_TEXT, BOTH, AT(witness), "", 0, 0, NULL, "FILE",
     "where the data set's witness is kept (default: the topic cartage.<env>.witness)"},
    {"HISTORY", OPTION_TEXT, PROGRAM_PRODUCER, AT(history), "ring", 0, 0, fits_history,
     "ring or kafka", "ring: the latest 10000 records a bucket stay in Redis; kafka: all are copied "
     "to the topic cartage.<env>.history"},
    {"SEAL_KEY_FILE", OPTION_TEXT, BOTH, AT(seal_key_file), "", 0, 0, NULL, "FILE",
     "opens and seals secrets kept in Redis; the same in every process"},
    {"SENDMAIL", OPTION_TEXT, PROGRAM_PRODUCER, AT(sendmail), "/usr/sbin/sendmail", 0, 0, fits_some,
     "PROGRAM", "sends notifications by mail; it is called with -t -i"},
    {"NOTIFY_COMMANDS", OPTION_TEXT, PROGRAM_PRODUCER, AT(notify_commands), "", 0, 0, NULL, "FOLDER",
     "holds the programs that notifications may run (default: none)"},
    {"TIME_SCALE", OPTION_NUMBER, PROGRAM_WORKER, AT(time_scale), "1", 1, 1000, NULL, NULL,
     "budgets and time-outs run so many times real time, as simulated peers do with the same scale"},
    {"METRICS", OPTION_TEXT, PROGRAM_WORKER, AT(metrics), "", 0, 0, fits_listen, "HOST:PORT",
     "address at which this worker answers GET /metrics (default: none)"},
    {"OTLP_ENDPOINT", OPTION_TEXT, BOTH, AT(otlp_endpoint), "", 0, 0, fits_url, "http[s]://HOST[:PORT]",
     "collector that spans are sent to by OTLP/HTTP; also OTEL_EXPORTER_OTLP_ENDPOINT (default: none)"},
    {"OTLP_HEADERS", OPTION_TEXT, BOTH, AT(otlp_headers), "", 0, 0, NULL, "NAME=VALUE[,NAME=VALUE]...",
     "sent to the collector, a secret mostly: in the file or OTEL_EXPORTER_OTLP_HEADERS"},
    {"LOG_LEVEL", OPTION_TEXT, BOTH, AT(log_level), "info", 0, 0, fits_level,
     "debug, info, warn or error", "lowest level that is written"},
  /* clang-format on */
};

/* ---- names ---- */

/* "--lease-ms" and "lease_ms" are LEASE_MS. */
static void name_canonical(const char *text, size_t size, char out[static 96])
{
    size_t n = size < 95 ? size : 95;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        out[i] = c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    out[n] = 0;
}

static void name_flag(const char *name, char out[static 96])
{
    size_t n = strlen(name);
    for (size_t i = 0; i <= n; i++)
        out[i] = name[i] == '_'                     ? '-'
                 : name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32)
                                                    : name[i];
}

static const struct option_row *option_find(enum program program, const char *name)
{
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        if ((OPTIONS[i].programs & (int)program) && strcmp(OPTIONS[i].name, name) == 0)
            return &OPTIONS[i];
    }
    return NULL;
}

/* The file is shared by all programs: another program's option is known, and no business of ours.
 */
static bool option_known(const char *name)
{
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        if (OPTIONS[i].type != OPTION_SWITCH && strcmp(OPTIONS[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool is_kafka_option(const char *name)
{
    return strncmp(name, "KAFKA_", 6) == 0 && name[6];
}

/* ---- values ---- */

static const char *keep(struct config *config, const char *value)
{
    config->texts =
        mem_grow(config->texts, config->text_count, config->text_count + 1, sizeof(char *));
    return config->texts[config->text_count++] = mem_text(value);
}

static bool set_number(const struct option_row *row, const char *value, const char *source,
                       int64_t *out, struct err *err)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (!*value || *end || errno || number < row->lowest || number > row->highest)
        return err_set(err, ERR_FATAL, 0,
                       "%s takes a number from %" PRId64 " to %" PRId64 ", not \"%s\"", source,
                       row->lowest, row->highest, value);
    *out = number;
    return true;
}

static bool set_option(struct config *config, const struct option_row *row, const char *value,
                       const char *source, struct err *err)
{
    void *field = (char *)config + row->offset;
    switch (row->type) {
    case OPTION_NUMBER:
        return set_number(row, value, source, field, err);
    case OPTION_SWITCH:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        break;
    }
    if (row->fits && !row->fits(value))
        return err_set(err, ERR_FATAL, 0, "%s takes %s, not \"%s\"", source, row->takes, value);
    *(const char **)field = keep(config, value);
    return true;
}

static bool set_kafka(struct config *config, const char *name, const char *value)
{
    char property[96];
    size_t n = strlen(name + 6);
    for (size_t i = 0; i <= n; i++) {
        char c = name[6 + i];
        property[i] = c == '_' ? '.' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    for (size_t i = 0; i < config->kafka_option_count; i++) {
        if (strcmp(config->kafka_options[i].name, property) == 0) {
            free(config->kafka_options[i].value);
            config->kafka_options[i].value = mem_text(value);
            return true;
        }
    }
    config->kafka_options = mem_grow(config->kafka_options, config->kafka_option_count,
                                     config->kafka_option_count + 1, sizeof *config->kafka_options);
    config->kafka_options[config->kafka_option_count++] =
        (struct config_pair){mem_text(property), mem_text(value)};
    return true;
}

/* ---- the three sources, weakest first ---- */

static char *trimmed(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size && strchr(" \t\r\n", text[size - 1]))
        text[--size] = 0;
    return text;
}

static bool read_line(enum program program, struct config *config, const char *path, int number,
                      char *line, struct err *err)
{
    char *text = trimmed(line), name[96], source[256];
    if (!*text || *text == '#')
        return true;
    char *equals = strchr(text, '=');
    if (!equals)
        return err_set(err, ERR_FATAL, 0, "%s line %d: a line is NAME = value, not \"%s\"", path,
                       number, text);
    *equals = 0;
    char *value = trimmed(equals + 1), *label = trimmed(text);
    name_canonical(label, strlen(label), name);
    snprintf(source, sizeof source, "%s line %d: %s", path, number, name);
    const struct option_row *row = option_find(program, name);
    if (row && row->type != OPTION_SWITCH)
        return set_option(config, row, value, source, err);
    if (is_kafka_option(name))
        return set_kafka(config, name, value);
    if (!row && option_known(name))
        return true;
    return err_set(err, ERR_FATAL, 0, "%s line %d: \"%s\" is no option; see --help", path, number,
                   label);
}

static bool read_file(enum program program, struct config *config, const char *path,
                      struct err *err)
{
    char line[4096];
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set(err, ERR_FATAL, errno, "configuration file %s: %s", path, strerror(errno));
    bool good = true;
    int number = 0;
    while (good && fgets(line, sizeof line, file)) {
        if (++number > FILE_LINES_MAX)
            good = err_set(err, ERR_FATAL, 0, "configuration file %s: more than %d lines", path,
                           FILE_LINES_MAX);
        else
            good = read_line(program, config, path, number, line, err);
    }
    fclose(file);
    return good;
}

static bool read_variables(enum program program, struct config *config, char **variables,
                           struct err *err)
{
    static const char PREFIX[] = "CARTAGE_";
    for (; variables && *variables; variables++) {
        const char *equals = strchr(*variables, '=');
        if (strncmp(*variables, PREFIX, sizeof PREFIX - 1) != 0 || !equals)
            continue;
        const char *start = *variables + sizeof PREFIX - 1;
        char name[96], source[128];
        if ((size_t)(equals - start) >= sizeof name)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(equals - start), start);
        snprintf(source, sizeof source, "CARTAGE_%s", name);
        const struct option_row *row = option_find(program, name);
        if (row && row->type != OPTION_SWITCH) {
            if (!set_option(config, row, equals + 1, source, err))
                return false;
        } else if (is_kafka_option(name) && !set_kafka(config, name, equals + 1)) {
            return false;
        }
    }
    return true;
}

/* What OpenTelemetry's specification calls them: weaker than ours. */
static bool read_standard(enum program program, struct config *config, char **variables,
                          struct err *err)
{
    static const char *const SAME[][2] = {
        {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTLP_ENDPOINT"},
        {"OTEL_EXPORTER_OTLP_HEADERS",  "OTLP_HEADERS" },
    };
    for (; variables && *variables; variables++) {
        const char *equals = strchr(*variables, '=');
        for (size_t i = 0; equals && i < COUNT(SAME); i++) {
            size_t size = strlen(SAME[i][0]);
            if ((size_t)(equals - *variables) == size &&
                strncmp(*variables, SAME[i][0], size) == 0 &&
                !set_option(config, option_find(program, SAME[i][1]), equals + 1, SAME[i][0], err))
                return false;
        }
    }
    return true;
}

struct flag { /* one argument taken apart */
    char name[96], source[128];
    const char *value; /* NULL = none */
};

/* "--name value", "--name=value", "--switch"; moves *at past what it took. */
static bool take_flag(enum program program, int argc, char **argv, int *at, struct flag *out,
                      struct err *err)
{
    const char *text = argv[*at];
    if (strncmp(text, "--", 2) != 0 || !text[2])
        return err_set(err, ERR_FATAL, 0, "\"%s\" is no flag; see --help", text);
    const char *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : strlen(text);
    name_canonical(text + 2, size - 2, out->name);
    snprintf(out->source, sizeof out->source, "%.*s", (int)size, text);

    const struct option_row *row = option_find(program, out->name);
    bool is_switch = (row && row->type == OPTION_SWITCH) || strcmp(out->name, "HELP") == 0 ||
                     strcmp(out->name, "VERSION") == 0;
    if (!row && !is_switch && !is_kafka_option(out->name) && strcmp(out->name, "CONFIG") != 0)
        return err_set(err, ERR_FATAL, 0, "%s is no flag; see --help", out->source);
    out->value = equals ? equals + 1 : NULL;
    if (is_switch && out->value)
        return err_set(err, ERR_FATAL, 0, "%s takes no value", out->source);
    if (!is_switch && !out->value) {
        if (*at + 1 >= argc)
            return err_set(err, ERR_FATAL, 0, "%s takes a value: %s", out->source,
                           row && row->takes ? row->takes : "a number or text");
        out->value = argv[++*at];
    }
    ++*at;
    return true;
}

static bool read_flags(enum program program, struct config *config, int argc, char **argv,
                       struct err *err)
{
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!take_flag(program, argc, argv, &at, &flag, err))
            return false;
        const struct option_row *row = option_find(program, flag.name);
        if (row) {
            if (!set_option(config, row, flag.value, flag.source, err))
                return false;
        } else if (strcmp(flag.name, "HELP") == 0) {
            config->help = true;
        } else if (strcmp(flag.name, "VERSION") == 0) {
            config->version = true;
        } else if (is_kafka_option(flag.name)) {
            set_kafka(config, flag.name, flag.value);
        }
    }
    return true;
}

/* The file is read first but named by a flag or a variable, so these are looked at beforehand. */
static const char *file_named(enum program program, int argc, char **argv, char **variables)
{
    const char *path = NULL;
    struct err ignored;
    for (; variables && *variables; variables++) {
        if (strncmp(*variables, "CARTAGE_CONFIG=", 15) == 0 && (*variables)[15])
            path = *variables + 15;
    }
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!take_flag(program, argc, argv, &at, &flag, &ignored))
            break; /* read_flags says why */
        if (strcmp(flag.name, "CONFIG") == 0)
            path = flag.value;
    }
    return path;
}

bool config_read(enum program program, int argc, char **argv, char **variables, struct config *out,
                 struct err *err)
{
    struct config config = {0};
    bool good = true;
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        if (OPTIONS[i].type !=
            OPTION_SWITCH) /* the default of a text may be "", which no check has to like */
            good =
                OPTIONS[i].type == OPTION_TEXT
                    ? (*(const char **)((char *)&config + OPTIONS[i].offset) =
                           OPTIONS[i].otherwise) != NULL
                    : set_option(&config, &OPTIONS[i], OPTIONS[i].otherwise, OPTIONS[i].name, err);
        assert(good);
    }
    const char *path = file_named(program, argc, argv, variables);
    good = (!path || read_file(program, &config, path, err)) &&
           read_standard(program, &config, variables, err) &&
           read_variables(program, &config, variables, err) &&
           read_flags(program, &config, argc, argv, err);
    if (!good) {
        config_drop(&config);
        return false;
    }
    *out = config;
    return true;
}

void config_drop(struct config *config)
{
    for (size_t i = 0; i < config->text_count; i++)
        free(config->texts[i]);
    for (size_t i = 0; i < config->kafka_option_count; i++) {
        free(config->kafka_options[i].name);
        free(config->kafka_options[i].value);
    }
    free(config->texts);
    free(config->kafka_options);
    *config = (struct config){0};
}

const char *config_program(enum program program)
{
    return program == PROGRAM_PRODUCER ? "producer" : "worker";
}

const char *config_about(enum program program)
{
    return program == PROGRAM_PRODUCER
               ? "Finds due entries of the job queue, offers them to the workers, serves the HTTP "
                 "API.\nAny number run side by side."
               : "Takes tasks that are offered, runs them, reports. Any number run side by side.";
}

void config_rows(enum program program, void (*see)(void *state, const struct config_row *row),
                 void *state)
{
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        const struct option_row *option = &OPTIONS[i];
        char flag[96 + 2] = "--", numbers[64] = "";
        if (!(option->programs & (int)program))
            continue;
        name_flag(option->name, flag + 2);
        if (option->type == OPTION_NUMBER)
            snprintf(numbers, sizeof numbers, "%" PRId64 " to %" PRId64, option->lowest,
                     option->highest);
        const bool is_switch = option->type != OPTION_NUMBER && option->type != OPTION_TEXT;
        const struct config_row row = {.flag = flag,
                                       .takes = *numbers        ? numbers
                                                : option->takes ? option->takes
                                                                : "",
                                       .otherwise = is_switch ? "" : option->otherwise,
                                       .help = option->help};
        see(state, &row);
    }
}

static void help_row(void *state, const struct config_row *row)
{
    struct buf *out = state;
    buf_printf(out, "  %-16s %s\n", row->flag, row->help);
    if (*row->takes)
        buf_printf(out, "  %-16s takes %s%s%s\n", "", row->takes,
                   *row->otherwise ? "; default " : "", row->otherwise);
}

void config_help(enum program program, struct buf *out)
{
    buf_printf(out, "usage: cartage-%s [--OPTION VALUE]...\n\n%s\n\n", config_program(program),
               config_about(program));
    config_rows(program, help_row, out);
    buf_text(
        out,
        "  --config         FILE with lines NAME = value (also CARTAGE_CONFIG)\n"
        "  --kafka-...      any property of librdkafka: --kafka-security-protocol ssl; a password\n"
        "                   from a file where -file follows: --kafka-sasl-password-file FILE\n"
        "  --help, --version\n\n"
        "Each option is also a variable (--lease-ms: CARTAGE_LEASE_MS) and a line of the file\n"
        "(LEASE_MS = 10000). A flag is stronger than a variable, a variable than the file.\n");
}
