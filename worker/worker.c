/* worker.c - brings the crew together, and takes it apart within a bound. */
#include "crew.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ids.h"
#include "http/http.h"
#include "metrics/serve.h"
#include "operations/operations.h"
#include "trace/trace.h"

enum { DRAIN_MS = 15000, CATEGORIES_MAX = 64 };

struct worker {
    struct worker_config config;
    struct crew crew;
    struct metrics_server *metrics;
    pthread_t intake, claims, heartbeat, watch;
    size_t executors; /* running */
    bool intake_runs, claims_runs, heartbeat_runs, watch_runs;
};

/* ---- what the threads ask of the crew ---- */

const struct operation_run *crew_operation(const struct crew *crew, const char *name)
{
    for (size_t i = 0; i < crew->config->extra_count; i++) {
        if (strcmp(crew->config->extra[i].name, name) == 0)
            return &crew->config->extra[i];
    }
    return operation_find(name);
}

bool crew_note_adoption(struct crew *crew, struct ledger *ledger, int64_t redis_ms, struct err *err)
{
    int64_t now_ms;
    if (!redis_ms)
        return true;
    if (!ledger_now(ledger, &now_ms, err))
        return false;
    atomic_store(&crew->adopted_ms, clock_mono_ms(crew->clock) - (now_ms - redis_ms));
    return true;
}

bool crew_serves(const struct crew *crew, const char *category)
{
    for (size_t i = 0; i < crew->category_count; i++) {
        if (strcmp(crew->categories[i], category) == 0)
            return true;
    }
    return !crew->categories;
}

bool seat_take(struct crew *crew)
{
    if (atomic_load(&crew->suspended))
        return false;
    int free_seats = atomic_load(&crew->seats);
    while (free_seats > 0) {
        if (atomic_compare_exchange_weak(&crew->seats, &free_seats, free_seats - 1))
            return true;
    }
    return false;
}

void seat_give(struct crew *crew)
{
    atomic_fetch_add(&crew->seats, 1);
    consumer_wake(crew->consumer);
}

void crew_seen(struct crew *crew, const char *topic, int32_t partition, int64_t offset,
               const char *answer)
{
    log_debug("ticket.seen", TEXT("topic", topic), NUM("partition", partition),
              NUM("offset", offset), TEXT("answer", answer));
    consumer_seen(crew->consumer, topic, partition, offset);
}

struct job *job_new(struct crew *crew, const struct ticket *ticket)
{
    struct job *job = mem_new(sizeof *job);
    job->ticket = *ticket;
    job->arena = arena_new();
    atomic_fetch_add(&crew->jobs, 1);
    return job;
}

void job_free(struct crew *crew, struct job *job)
{
    buf_drop(&job->counts);
    buf_drop(&job->trace);
    buf_drop(&job->cursor);
    arena_free(job->arena);
    free(job->topic);
    free(job);
    atomic_fetch_sub(&crew->jobs, 1);
}

/* ---- start ---- */

static bool categories_read(struct crew *crew, const char *text, struct err *err)
{
    if (!*text)
        return true;
    crew->category_text = mem_text(text);
    crew->categories = mem_array(CATEGORIES_MAX + 1, sizeof *crew->categories);
    for (char *rest = crew->category_text, *name; (name = strsep(&rest, ","));) {
        if (crew->category_count == CATEGORIES_MAX)
            return err_set(err, ERR_FATAL, 0, "--categories takes at most %d names",
                           CATEGORIES_MAX);
        crew->categories[crew->category_count++] = name;
    }
    return true;
}

static bool check(struct crew *crew, struct err *err)
{
    OWN(ledger) struct ledger *ledger = NULL;
    OWN(witness) struct witness *witness = NULL;
    struct witness_record last = {0};
    struct incarnation incarnation;
    bool found;

    if (!ledger_open(&crew->ledger, &ledger, err) || !witness_open(&crew->witness, &witness, err) ||
        /* the witness first: Redis must not be behind what was written meanwhile */
        !witness_last(witness, &last, &found, err) ||
        !ledger_incarnation(ledger, &incarnation, err))
        return false;
    snprintf(crew->data_set, sizeof crew->data_set, "%s", incarnation.data_set);
    return witness_agrees(witness, found, &last, incarnation.data_set, incarnation.witness, err) &&
           crew_note_adoption(crew, ledger, incarnation.adopted_ms, err);
}

static bool kafka_open(struct crew *crew, struct err *err)
{
    const struct bus_config *bus = &crew->witness.bus;
    const struct consumer_config config = {
        .bus = *bus, .group = crew->config->options->group, .categories = crew->categories};
    return publisher_open(bus, &crew->publisher, err) &&
           consumer_open(&config, &crew->consumer, err);
}

static bool start(pthread_t *thread, bool *runs, void *(*loop)(void *), void *state,
                  struct err *err)
{
    int code = pthread_create(thread, NULL, loop, state);
    *runs = code == 0;
    return !code || err_set(err, ERR_RETRY, code, "start a thread: %s", strerror(code));
}

static bool threads_start(struct worker *worker, struct err *err)
{
    struct crew *crew = &worker->crew;
    bool good = true;

    for (size_t i = 0; i < crew->slot_count; i++) {
        crew->slots[i].crew = crew;
        pthread_mutex_init(&crew->slots[i].lock, NULL);
    }
    while (good && worker->executors < crew->slot_count) {
        struct slot *slot = &crew->slots[worker->executors];
        good = start(&slot->thread, &(bool){false}, executor_loop, slot, err);
        worker->executors += good;
    }
    return good && start(&worker->heartbeat, &worker->heartbeat_runs, heartbeat_loop, crew, err) &&
           start(&worker->watch, &worker->watch_runs, watch_loop, crew, err) &&
           start(&worker->claims, &worker->claims_runs, claims_loop, crew, err) &&
           start(&worker->intake, &worker->intake_runs, intake_loop, crew, err);
}

static void crew_set(struct worker *worker)
{
    struct crew *crew = &worker->crew;
    const struct config *options = worker->config.options;

    crew->config = &worker->config;
    crew->clock = worker->config.clock;
    crew->ledger = (struct ledger_config){.redis = options->redis,
                                          .access = &options->redis_access,
                                          .environment = options->environment,
                                          .lease_ms = options->lease_ms};
    crew->witness = (struct witness_config){
        .file = options->witness,
        .bus = {options->kafka, options->environment, options->kafka_options,
                options->kafka_option_count, crew->clock},
    };
    crew->slot_count = (size_t)options->executors;
    crew->slots = mem_array(crew->slot_count, sizeof *crew->slots);
    crew->desk = mailbox_new(4 * crew->slot_count);
    crew->tasks = mailbox_new(crew->slot_count);
    crew->end = mailbox_new(1);
    atomic_store(&crew->seats, (int)crew->slot_count);
    atomic_store(&crew->adopted_ms, NEVER_ADOPTED);
    random_hex(8, crew->id);
}

/* ---- stop ---- */

static bool drained(struct worker *worker)
{
    struct crew *crew = &worker->crew;
    int64_t bound = worker->config.drain_ms ? worker->config.drain_ms : DRAIN_MS;
    int64_t until = clock_mono_ms(crew->clock) + bound;

    atomic_store(&crew->draining, true);
    while (worker->claims_runs && atomic_load(&crew->jobs) > 0) {
        if (clock_mono_ms(crew->clock) >= until)
            return false;
        void *nothing = mailbox_take(crew->end, 20);
        assert(!nothing);
    }
    return true;
}

static void crew_free(struct crew *crew)
{
    consumer_free(crew->consumer);
    publisher_free(crew->publisher);
    mailbox_free(crew->desk);
    mailbox_free(crew->tasks);
    mailbox_free(crew->end);
    for (size_t i = 0; i < crew->slot_count; i++) {
        buf_drop(&crew->slots[i].progress);
        buf_drop(&crew->slots[i].cursor);
    }
    free(crew->slots);
    free(crew->categories);
    free(crew->category_text);
}

/* Claims nothing more, parks what runs at its next checkpoint, waits at most drain_ms. false =
 * something still ran, or an attempt was given up: the process must end now, without freeing
 * anything. */
static bool worker_stop(struct worker *worker)
{
    struct crew *crew = &worker->crew;

    if (!drained(worker) || atomic_load(&crew->sick)) {
        log_error("worker.undrained", NUM("jobs", atomic_load(&crew->jobs)),
                  TEXT("text", "what still runs is left to its lease"));
        return false;
    }
    atomic_store(&crew->ending, true);
    mailbox_close(crew->tasks);
    mailbox_close(crew->desk);
    mailbox_close(crew->end);
    if (crew->consumer)
        consumer_wake(crew->consumer);
    while (worker->executors)
        pthread_join(crew->slots[--worker->executors].thread, NULL);
    if (worker->intake_runs)
        pthread_join(worker->intake, NULL);
    if (worker->claims_runs)
        pthread_join(worker->claims, NULL);
    if (worker->heartbeat_runs)
        pthread_join(worker->heartbeat, NULL);
    if (worker->watch_runs)
        pthread_join(worker->watch, NULL);
    crew_free(crew);
    metrics_server_free(worker->metrics);
    free(worker);
    return true;
}

/* ---- the program ---- */

static bool worker_start(const struct worker_config *config, struct worker **out, struct err *err)
{
    const struct config *options = config->options;
    struct worker *worker = mem_new(sizeof *worker);

    worker->config = *config;
    crew_set(worker);
    if (!categories_read(&worker->crew, options->categories, err) || !check(&worker->crew, err) ||
        !metrics_serve(options->metrics, &worker->metrics, err) ||
        !kafka_open(&worker->crew, err) || !threads_start(worker, err)) {
        if (!worker_stop(worker))
            log_warn("worker.unclean", TEXT("text", "something still runs"));
        return false;
    }
    log_info("worker.started", TEXT("environment", options->environment),
             TEXT("id", worker->crew.id), NUM("executors", options->executors));
    *out = worker;
    return true;
}

static int serve(const struct worker_config *config, const sigset_t *ends)
{
    struct worker *worker = NULL;
    struct err err;
    int signal = 0;

    const struct trace_config traces = {config->clock, config->options->otlp_endpoint,
                                        config->options->otlp_headers, "cartage-worker",
                                        config->options->environment};
    if (!trace_start(&traces, &err) || !worker_start(config, &worker, &err)) {
        trace_stop();
        return config_complain(PROGRAM_WORKER, &err);
    }
    sigwait(ends, &signal);
    log_info("worker.ending", NUM("signal", signal));
    if (!worker_stop(worker))
        _exit(EXIT_FAILURE); /* threads still run in what we would free */
    trace_stop();
    return EXIT_SUCCESS;
}

int worker_main(int argc, char **argv, char **variables, struct worker_config config)
{
    struct config options;
    sigset_t ends;
    int status;

    if (!config_start(PROGRAM_WORKER, argc, argv, variables, &ends, &options, &status))
        return status;
    http_ca_file(options.ca_file);
    config.options = &options;
    status = serve(&config, &ends);
    config_drop(&options);
    return status;
}
