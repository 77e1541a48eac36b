/* main.c - starts the scheduler and its HTTP API, ends them on SIGTERM and SIGINT. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "bus/bus.h"
#include "http/http.h"
#include "producer.h"
#include "trace/trace.h"

static int complain(const struct err *err)
{
    return config_complain(PROGRAM_PRODUCER, err);
}

/* A reader never sees half an address: the file appears by rename. */
static bool address_publish(const char *path, const char *address, struct err *err)
{
    if (!*path)
        return true;
    OWN_TEXT char *draft = mem_printf("%s.%ld", path, (long)getpid());
    FILE *out = fopen(draft, "we");
    bool good = out && fprintf(out, "%s\n", address) > 0;
    if (out && fclose(out) != 0)
        good = false;
    if (good && rename(draft, path) == 0)
        return true;
    int reason = errno;
    unlink(draft);
    return err_set(err, ERR_FATAL, reason, "--address-file %s: %s", path, strerror(reason));
}

static int serve(const struct config *options, const sigset_t *ends)
{
    struct producer *producer = NULL;
    struct admin *admin = NULL;
    struct err err;
    int status = EXIT_SUCCESS;

    const struct trace_config traces = {&CLOCK_REAL, options->otlp_endpoint, options->otlp_headers,
                                        "cartage-producer", options->environment};
    if (!trace_start(&traces, &err) || !producer_start(options, &CLOCK_REAL, &producer, &err)) {
        trace_stop();
        return complain(&err);
    }
    const struct bus_config bus = {options->kafka, options->environment, options->kafka_options,
                                   options->kafka_option_count, &CLOCK_REAL};
    const struct admin_config config = {
        .listen = options->listen,
        .token_file = options->token_file,
        .tls_cert_file = options->tls_cert_file,
        .tls_key_file = options->tls_key_file,
        .environment = options->environment,
        .ledger = {.redis = options->redis,
                   .access = &options->redis_access,
                   .environment = options->environment,
                   .lease_ms = options->lease_ms},
        .bus = &bus,
        .clock = &CLOCK_REAL,
        .publish = producer_publish,
        .kick = producer_kick,
        .broker_away = producer_broker_away,
        .state = producer,
    };
    if (!admin_start(&config, &admin, &err) ||
        !address_publish(options->address_file, admin_address(admin), &err)) {
        status = complain(&err);
    } else {
        int signal = 0;
        sigwait(ends, &signal);
        log_info("producer.ending", NUM("signal", signal));
        if (*options->address_file)
            unlink(options->address_file); /* nobody answers there any more */
    }
    admin_stop(admin);
    producer_stop(producer);
    trace_stop();
    return status;
}

int main(int argc, char **argv)
{
    struct config options;
    struct err err;
    sigset_t ends;
    int status = EXIT_SUCCESS;

    if (!config_start(PROGRAM_PRODUCER, argc, argv, environ, &ends, &options, &status))
        return status;
    http_ca_file(options.ca_file);
    if (!options.init && !options.adopt)
        status = serve(&options, &ends);
    else if (!(options.adopt ? producer_adopt : producer_init)(&options, &CLOCK_REAL, &err))
        status = complain(&err);
    config_drop(&options);
    return status;
}
