/* simulate.c - producers, workers and people against the real scripts on a real Redis, at a time
 * that a seed decides, with faults: lost and doubled replies, tickets lost, doubled, late and
 * replayed, workers killed and stopped, producers that act on what they read long ago, commands at
 * any moment.
 *
 *   simulate --seeds N [--first S] [--steps N] [--json FILE] [--record FOLDER]
 *
 * The same seed does the same again. --record keeps each seed's history as JSON lines, for the
 * checker. Exit code 1 = an invariant broke.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/redis.h"
#include "world.h"

struct options {
    int64_t seeds, first, steps;
    const char *json, *record;
};

static bool read_options(int argc, char **argv, struct options *out)
{
    struct {
        const char *name;
        int64_t *number;
        const char **text;
    } table[] = {
        {"--seeds",  &out->seeds, NULL        },
        {"--first",  &out->first, NULL        },
        {"--steps",  &out->steps, NULL        },
        {"--json",   NULL,        &out->json  },
        {"--record", NULL,        &out->record},
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

int main(int argc, char **argv)
{
    struct options options = {.seeds = 20, .first = 1, .steps = 400};
    struct test_redis redis;
    struct totals totals = {0};
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: simulate [--seeds N] [--first S] [--steps N] [--json FILE] "
                        "[--record FOLDER]\n");
        return 2;
    }
    ids_start();
    test_redis_start(&redis, false);
    totals.violations = json_new_array();
    totals.events = json_new_object();
    for (int64_t seed = options.first; seed < options.first + options.seeds; seed++)
        simulate_seed(redis.address, (uint64_t)seed, options.steps, options.record, &totals);
    test_redis_stop(&redis);

    OWN_JSON json *result = json_new_object();
    json *faults = json_new_object();
    size_t broken = json_count(totals.violations);
    json_set_int(result, "seeds", options.seeds);
    json_set(result, "violations", totals.violations);
    for (size_t i = 0; i < FAULTS; i++)
        json_set_int(faults, FAULT_NAMES[i], totals.faults[i]);
    json_set(result, "faults", faults);
    json_set(result, "events", totals.events);
    json_set_int(result, "records", totals.records);
    json_set_int(result, "claims", totals.claims);
    for (size_t i = 0; i < broken; i++)
        printf("%s\n", json_write(json_at(totals.violations, i)));
    printf("%" PRId64 " seeds, %" PRId64 " records, %" PRId64 " claims, %zu violations\n",
           options.seeds, totals.records, totals.claims, broken);
    return write_result(&options, result) && broken == 0 ? 0 : 1;
}
