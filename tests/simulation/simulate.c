/* simulate.c - producers, workers and people against the real scripts, at a time and with a chance
 * that a seed decides, with every fault there is.
 *
 *   simulate --seeds N [--first S] [--json FILE]
 *     --redis HOST:PORT | new   the scripts run on that Redis (whose data goes!) or on a new one
 *     --both HOST:PORT | new    ... in this process, too, and each reply must be the same
 *     --jobs N                  processes (one a core; 1 on a Redis)
 *     --least N                 each fault, legal move and answer has to happen so often, and each
 *                               seed have a hundred tasks
 *     --steps N  --record FOLDER   a seed's length; its history as JSON lines, for the checker
 *     --scripts FOLDER          other scripts than the program's own
 *     --without WORDS           no faults whose names hold one of these words, commas between
 *
 * Long runs say every twentieth part of the way how far they are.
 * The same seed does the same again. Exit code 1 = an invariant broke, or something was too rare.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "seam.h"
#include "support/redis.h"
#include "world.h"

enum { JOBS_MOST = 64, RESULT_MOST = 1 << 24, LONG_RUN = 200, PARTS = 20 };

static struct progress { /* of all processes */
    atomic_int_fast64_t seeds, violations;
    time_t begun;
} * progress;

struct options {
    int64_t seeds, first, steps, jobs, least;
    const char *json, *record, *redis, *both, *scripts, *without;
};

static bool read_options(int argc, char **argv, struct options *out)
{
    struct {
        const char *name;
        int64_t *number;
        const char **text;
    } table[] = {
        {"--seeds",   &out->seeds, NULL         },
        {"--first",   &out->first, NULL         },
        {"--steps",   &out->steps, NULL         },
        {"--jobs",    &out->jobs,  NULL         },
        {"--least",   &out->least, NULL         },
        {"--json",    NULL,        &out->json   },
        {"--record",  NULL,        &out->record },
        {"--redis",   NULL,        &out->redis  },
        {"--both",    NULL,        &out->both   },
        {"--scripts", NULL,        &out->scripts},
        {"--without", NULL,        &out->without},
    };
    for (int i = 1; i + 1 < argc; i += 2) {
        size_t k = 0;
        while (k < COUNT(table) && strcmp(table[k].name, argv[i]) != 0)
            k++;
        if (k == COUNT(table))
            return false;
        char *end = NULL;
        if (table[k].text)
            *table[k].text = argv[i + 1];
        else if ((*table[k].number = strtoll(argv[i + 1], &end, 10)) <= 0 || *end)
            return false;
    }
    return argc % 2 == 1;
}

static bool write_result(const struct options *options, const json *result)
{
    FILE *out = options->json ? fopen(options->json, "we") : NULL;
    if (!options->json)
        return true;
    if (!out || fprintf(out, "%s\n", json_write(result)) < 0 || fclose(out) != 0) {
        fprintf(stderr, "simulate: cannot write %s\n", options->json);
        return false;
    }
    return true;
}

/* ---- how far it is, on standard error ---- */

static void progress_begin(void)
{
    progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        perror("simulate");
        exit(2);
    }
    progress->begun = time(NULL);
}

static void progress_tell(const struct options *options, size_t violations)
{
    const int64_t done = atomic_fetch_add(&progress->seeds, 1) + 1;
    const int64_t broken =
        atomic_fetch_add(&progress->violations, violations) + (int64_t)violations;
    if (options->seeds >= LONG_RUN && done % (options->seeds / PARTS) == 0)
        fprintf(stderr,
                "simulate: %" PRId64 " of %" PRId64 " seeds, %" PRId64 " violations, %lld s\n",
                done, options->seeds, broken, (long long)(time(NULL) - progress->begun));
}

/* ---- processes: each takes every n-th seed and writes what it counted into a pipe ---- */

static json *run_seeds(const struct options *options, int64_t job)
{
    struct tally tally = {.violations = json_new_array()};
    for (int64_t i = job; i < options->seeds; i += options->jobs) {
        const size_t before = json_count(tally.violations);
        simulate_seed((uint64_t)(options->first + i), options->steps, options->record, &tally);
        progress_tell(options, json_count(tally.violations) - before);
    }
    json *result = tally_json(&tally);
    json_free(tally.violations);
    return result;
}

static void child(const struct options *options, int64_t job, int pipe_end)
{
    seam_open(SEAM_STORE, NULL, options->scripts);
    OWN_JSON json *result = run_seeds(options, job);
    const char *text = json_write(result);
    size_t left = strlen(text);
    while (left) {
        ssize_t wrote = write(pipe_end, text, left);
        if (wrote <= 0)
            _exit(2);
        text += wrote;
        left -= (size_t)wrote;
    }
    _exit(0);
}

static json *read_part(int pipe_end)
{
    OWN_BUF struct buf text = {0};
    char piece[65536];
    struct err err;
    json *part = NULL;
    for (ssize_t got; text.size < RESULT_MOST && (got = read(pipe_end, piece, sizeof piece)) > 0;)
        buf_add(&text, piece, (size_t)got);
    close(pipe_end);
    return json_parse(text.data ? text.data : "", text.size, &part, &err) ? part : NULL;
}

static bool run_jobs(const struct options *options, json *total)
{
    int ends[JOBS_MOST];
    pid_t pids[JOBS_MOST];
    bool good = true;
    for (int64_t job = 0; job < options->jobs; job++) {
        int pair[2];
        if (pipe(pair) != 0 || (pids[job] = fork()) < 0) {
            perror("simulate");
            return false;
        }
        if (!pids[job]) {
            close(pair[0]);
            child(options, job, pair[1]);
        }
        close(pair[1]);
        ends[job] = pair[0];
    }
    for (int64_t job = 0; job < options->jobs; job++) {
        int status = 0;
        OWN_JSON json *part = read_part(ends[job]);
        waitpid(pids[job], &status, 0);
        if (part)
            tally_merge(total, part);
        if (!part || status != 0)
            fprintf(stderr, "simulate: process %" PRId64 " ended badly\n", job);
        good &= part && status == 0;
    }
    return good;
}

/* ---- on a Redis ---- */

static bool run_on_redis(const struct options *options, json *total)
{
    const char *address = options->both ? options->both : options->redis;
    struct test_redis server;
    const bool own = strcmp(address, "new") == 0;
    if (own) {
        test_redis_start(&server, false);
        address = server.address;
    }
    seam_open(options->both ? SEAM_BOTH : SEAM_REDIS, address, options->scripts);
    OWN_JSON json *part = run_seeds(options, 0);
    int64_t differences = seam_differences();
    tally_merge(total, part);
    seam_close();
    if (own)
        test_redis_stop(&server);
    if (options->both)
        printf("%" PRId64 " replies differ\n", differences);
    return differences == 0;
}

static void print(const struct options *options, const json *total)
{
    const json *violations = json_get(total, "violations");
    for (size_t i = 0; i < json_count(violations); i++) {
        const json *row = json_at(violations, i);
        printf("%s: %s\n  again: simulate --seeds 1 --first %" PRId64 "%s%" PRId64 "\n",
               json_text(row, "invariant"), json_text(row, "text"), json_int(row, "seed", 0),
               options->steps ? " --steps " : "", options->steps);
    }
    printf("%" PRId64 " seeds, %" PRId64 " records, %" PRId64 " claims, at least %" PRId64
           " tasks a seed, %zu violations\n",
           json_int(total, "seeds", 0), json_int(total, "records", 0), json_int(total, "claims", 0),
           json_int(total, "tasks_least", 0), json_count(violations));
    struct rusage used, children;
    getrusage(RUSAGE_SELF, &used);
    getrusage(RUSAGE_CHILDREN, &children);
    const double cpu_s = (double)(used.ru_utime.tv_sec + children.ru_utime.tv_sec) +
                         (double)(used.ru_utime.tv_usec + children.ru_utime.tv_usec) / 1e6;
    printf("%lld s with %" PRId64 " processes, %.0f ms of a core a seed\n",
           (long long)(time(NULL) - progress->begun), options->jobs,
           1000 * cpu_s / (double)options->seeds);
}

int main(int argc, char **argv)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct options options = {.seeds = 20, .first = 1, .steps = 300, .jobs = cores > 0 ? cores : 1};
    if (!read_options(argc, argv, &options) || options.jobs > JOBS_MOST) {
        fprintf(stderr, "usage: simulate [--seeds N] [--first S] [--json FILE] [--redis ADDRESS | "
                        "--both ADDRESS]\n  [--jobs N] [--least N] [--steps N] [--record FOLDER] "
                        "[--scripts FOLDER] [--without WORDS]; an ADDRESS is HOST:PORT or new\n");
        return 2;
    }
    ids_start();
    progress_begin();
    if (options.without)
        faults_without(options.without);
    struct tally nothing = {0};
    OWN_JSON json *total = tally_json(&nothing);
    if (options.redis || options.both)
        options.jobs = 1;
    bool good =
        options.redis || options.both ? run_on_redis(&options, total) : run_jobs(&options, total);
    print(&options, total);
    good &= json_count(json_get(total, "violations")) == 0;
    good &= tally_holes(total, options.least) == 0;
    return write_result(&options, total) && good ? 0 : 1;
}
