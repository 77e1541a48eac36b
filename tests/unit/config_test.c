/* config_test.c - where a value comes from, and what is said about a wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

enum { ARGUMENTS = 6 };

static bool read_with(enum program program, const char *const arguments[],
                      const char *const variables[], struct config *out, struct err *err)
{
    char *argv[ARGUMENTS + 2] = {"program"}, *environment[ARGUMENTS + 1] = {0};
    int argc = 1;
    for (size_t i = 0; i < ARGUMENTS && arguments[i]; i++)
        argv[argc++] = (char *)arguments[i];
    for (size_t i = 0; i < ARGUMENTS && variables[i]; i++)
        environment[i] = (char *)variables[i];
    return config_read(program, argc, argv, environment, out, err);
}

static const struct {
    const char *name;
    const char *arguments[ARGUMENTS], *variables[ARGUMENTS];
    int64_t lease_ms;
    const char *environment;
} TAKEN[] = {
  /* clang-format off */
    {"defaults", {0}, {0}, 10000, "dev"},
    {"a variable", {0}, {"CARTAGE_LEASE_MS=700"}, 700, "dev"},
    {"a flag with =", {"--lease-ms=600"}, {0}, 600, "dev"},
    {"a flag with a blank", {"--lease-ms", "600"}, {0}, 600, "dev"},
    {"a flag beats a variable", {"--lease-ms=600"}, {"CARTAGE_LEASE_MS=700"}, 600, "dev"},
    {"the last flag counts", {"--env=a", "--env=b"}, {0}, 10000, "b"},
    {"text", {"--env", "prod-1"}, {"CARTAGE_ENV=x"}, 10000, "prod-1"},
    {"other variables are not ours", {0}, {"CARTAGE_URL=x", "LEASE_MS=1"}, 10000, "dev"},
    {"another program's are not", {0}, {"CARTAGE_LISTEN=nonsense"}, 10000, "dev"},
  /* clang-format on */
};

static void values_come_from_the_strongest_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TAKEN); i++) {
        struct config config;
        struct err err;
        if (!read_with(PROGRAM_WORKER, TAKEN[i].arguments, TAKEN[i].variables, &config, &err))
            fail_msg("%s: %s", TAKEN[i].name, err.text);
        if (config.lease_ms != TAKEN[i].lease_ms ||
            strcmp(config.environment, TAKEN[i].environment) != 0)
            fail_msg("%s: got %ld and %s", TAKEN[i].name, (long)config.lease_ms,
                     config.environment);
        config_drop(&config);
    }
}

static const struct {
    const char *arguments[ARGUMENTS], *variables[ARGUMENTS];
    const char *says; /* names the option and what it takes */
} REFUSED[] = {
  /* clang-format off */
    {{"--lease-ms=1"}, {0}, "--lease-ms takes a number from 200 to 600000, not \"1\""},
    {{"--lease-ms=ten"}, {0}, "--lease-ms takes a number"},
    {{"--lease-ms="}, {0}, "--lease-ms takes a number"},
    {{"--lease-ms"}, {0}, "--lease-ms takes a value"},
    {{"--leas-ms=1000"}, {0}, "--leas-ms is no flag"},
    {{"--listen=127.0.0.1:1"}, {0}, "--listen is no flag"},
    {{"lease"}, {0}, "\"lease\" is no flag"},
    {{"--help=yes"}, {0}, "--help takes no value"},
    {{0}, {"OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT takes http"},
    {{0}, {"CARTAGE_LEASE_MS=x"}, "CARTAGE_LEASE_MS takes a number"},
    {{0}, {"CARTAGE_ENV=Prod"}, "CARTAGE_ENV takes 1 to 32 of a-z 0-9 -, not \"Prod\""},
    {{0}, {"CARTAGE_LOG_LEVEL=loud"}, "CARTAGE_LOG_LEVEL takes debug, info, warn or error"},
    {{0}, {"CARTAGE_CONFIG=/no/file"}, "configuration file /no/file"},
    {{"--group=a b"}, {0}, "--group takes"},
  /* clang-format on */
};

static void a_wrong_value_names_its_option(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        struct config config;
        struct err err;
        assert_false(
            read_with(PROGRAM_WORKER, REFUSED[i].arguments, REFUSED[i].variables, &config, &err));
        assert_int_equal(err.kind, ERR_FATAL);
        if (!strstr(err.text, REFUSED[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, REFUSED[i].says);
    }
}

static void kafka_options_pass_through(void **state)
{
    (void)state;
    static const char *const ARGS[] = {"--kafka-sasl-username", "me", "--redis-ca-file=/ca", NULL};
    static const char *const VARS[] = {"CARTAGE_KAFKA_SECURITY_PROTOCOL=ssl", "CARTAGE_KAFKA=b:1",
                                       "CARTAGE_KAFKA_SASL_USERNAME=you", NULL};
    struct config config;
    struct err err;
    assert_true(read_with(PROGRAM_PRODUCER, ARGS, VARS, &config, &err));
    assert_string_equal(config.kafka, "b:1");
    assert_string_equal(config.redis_access.ca_file, "/ca");
    assert_string_equal(config.redis_access.user, "");
    assert_int_equal(config.kafka_option_count, 2);
    assert_string_equal(config.kafka_options[0].name, "security.protocol");
    assert_string_equal(config.kafka_options[0].value, "ssl");
    assert_string_equal(config.kafka_options[1].name, "sasl.username");
    assert_string_equal(config.kafka_options[1].value, "me");
    config_drop(&config);
}

static const struct {
    const char *text;
    int64_t executors; /* 0 = refused */
    const char *says;
} FILES[] = {
  /* clang-format off */
    {"# a comment\n\n EXECUTORS = 3 \n", 3, NULL},
    {"executors=4\nkafka_client_id = x\n", 4, NULL},
    {"LISTEN = 127.0.0.1:1\nEXECUTORS = 5\n", 5, NULL}, /* the producer's line */
    {"EXECUTORS = 0\n", 0, "line 1: EXECUTORS takes a number from 1"},
    {"ENV = a\nEXECUTERS = 5\n", 0, "line 2: \"EXECUTERS\" is no option"},
    {"EXECUTORS 5\n", 0, "line 1: a line is NAME = value"},
    {"INIT = yes\n", 0, "\"INIT\" is no option"},
  /* clang-format on */
};

static void a_file_is_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(FILES); i++) {
        char path[] = "/tmp/cartage-config-XXXXXX", flag[64];
        int file = mkstemp(path);
        assert_true(file >= 0);
        assert_int_equal(write(file, FILES[i].text, strlen(FILES[i].text)), strlen(FILES[i].text));
        close(file);
        snprintf(flag, sizeof flag, "--config=%s", path);
        struct config config;
        struct err err;
        bool good = read_with(PROGRAM_WORKER, (const char *const[]){flag, NULL},
                              (const char *const[]){NULL}, &config, &err);
        unlink(path);
        if (good != (FILES[i].executors > 0))
            fail_msg("file %zu: %s", i, good ? "taken" : err.text);
        if (good) {
            assert_int_equal(config.executors, FILES[i].executors);
            config_drop(&config);
        } else if (!strstr(err.text, FILES[i].says)) {
            fail_msg("\"%s\" does not say \"%s\"", err.text, FILES[i].says);
        }
    }
}

static void help_shows_every_option_of_the_program(void **state)
{
    (void)state;
    OWN_BUF struct buf worker = {0}, producer = {0};
    config_help(PROGRAM_WORKER, &worker);
    config_help(PROGRAM_PRODUCER, &producer);
    assert_non_null(strstr(buf_str(&worker), "--executors"));
    assert_null(strstr(buf_str(&worker), "--listen"));
    assert_non_null(strstr(buf_str(&producer), "--listen"));
    assert_non_null(strstr(buf_str(&producer), "default 10000"));
}

static void the_standards_names_are_weaker_than_ours(void **state)
{
    (void)state;
    static const char *const NONE[ARGUMENTS] = {0};
    static const char *const BOTH[ARGUMENTS] = {"CARTAGE_OTLP_ENDPOINT=http://ours:4318",
                                                "OTEL_EXPORTER_OTLP_ENDPOINT=http://theirs:4318",
                                                "OTEL_EXPORTER_OTLP_HEADERS=key=x"};
    struct config config;
    struct err err;
    assert_true(read_with(PROGRAM_PRODUCER, NONE, BOTH, &config, &err));
    assert_string_equal("http://ours:4318", config.otlp_endpoint);
    assert_string_equal("key=x", config.otlp_headers);
    config_drop(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_from_the_strongest_source),
        cmocka_unit_test(a_wrong_value_names_its_option),
        cmocka_unit_test(kafka_options_pass_through),
        cmocka_unit_test(a_file_is_read_strictly),
        cmocka_unit_test(the_standards_names_are_weaker_than_ours),
        cmocka_unit_test(help_shows_every_option_of_the_program),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
