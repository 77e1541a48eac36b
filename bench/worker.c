/* worker.c - a worker with the operations that the benches measure, beside the shipped ones.
 *
 *   bench.reads, bench.mutations {"shop", "orders": [id...], "calls": N}: N calls at Shopify, whole
 *     orders 25 at a time, or a tag on one order. Both may run twice: reading changes nothing, and
 *     a tag that is there stays as it is.
 *   bench.steps {"steps": N, "step_ms": M}: N pieces of work that nothing cuts short, as a call to
 *     a peer is not. Each leaves a field `<task> <attempt> <step>` in the company's hash `effects`,
 *     written under the fence: a step done twice leaves two.
 * Each keeps what it has done as its cursor, and goes on from there.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shopify/shopify.h"
#include "worker.h"

enum { BATCH = 16, READS = 4 }; /* calls between two checkpoints; of large reads, what 5 s carry */

static int64_t done_before(const struct attempt *attempt)
{
    const struct run_sheet *sheet = attempt->sheet;
    char *text =
        sheet->cursor ? arena_text_n(attempt->arena, sheet->cursor, sheet->cursor_size) : NULL;
    return text ? strtoll(text, NULL, 10) : 0;
}

static bool keep(struct attempt *attempt, int64_t done, int64_t total, struct err *err)
{
    char *cursor = arena_printf(attempt->arena, "%" PRId64, done);
    attempt_progress(attempt, "pieces of work", done, total);
    return attempt_checkpoint(attempt, cursor, strlen(cursor), err);
}

/* ---- calls to Shopify ---- */

static struct shopify_call read_orders(const json *orders, int64_t number)
{
    struct shopify_call call = {.document = "orders-by-ids", .variables = json_new_object()};
    (void)number;
    json_set(call.variables, "ids", json_copy(orders));
    return call;
}

static struct shopify_call tag_order(const json *orders, int64_t number)
{
    struct shopify_call call = {
        .document = "tags-add", .variables = json_new_object(), .user_errors_at = "tagsAdd"};
    json *tags = json_new_array();
    json_add_text(tags, "bench");
    json_set_text(call.variables, "id",
                  json_string(json_at(orders, (size_t)number % json_count(orders))));
    json_set(call.variables, "tags", tags);
    return call;
}

typedef struct shopify_call make_call(const json *orders, int64_t number);

/* Calls that were answered before the budget was used up stay done. */
static bool ask_batch(struct attempt *attempt, make_call *make, size_t count, int64_t *done,
                      struct err *err)
{
    struct shopify_call calls[BATCH];
    for (size_t i = 0; i < count; i++)
        calls[i] = make(json_get(attempt->args, "orders"), *done + (int64_t)i);
    bool good = shopify_call_all(attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        *done += calls[i].data != NULL;
        if (good && calls[i].err.kind != ERR_NONE) {
            *err = calls[i].err;
            good = false;
        }
        shopify_call_drop(&calls[i]);
    }
    return good;
}

static bool ask_all(struct attempt *attempt, make_call *make, size_t batch, struct err *err)
{
    int64_t done = done_before(attempt), total = json_int(attempt->args, "calls", 1);
    struct err ending;

    if (!json_count(json_get(attempt->args, "orders")))
        return err_set(err, ERR_FATAL, 0, "argument \"orders\" names no order");
    while (done < total) {
        size_t count = total - done < (int64_t)batch ? (size_t)(total - done) : batch;
        bool good = ask_batch(attempt, make, count, &done, err);
        if (!keep(attempt, done, total, &ending) && good) {
            *err = ending;
            good = false;
        }
        if (!good)
            return false;
    }
    return true;
}

static bool reads(struct attempt *attempt, struct err *err)
{
    return ask_all(attempt, read_orders, READS, err);
}

static bool mutations(struct attempt *attempt, struct err *err)
{
    return ask_all(attempt, tag_order, BATCH, err);
}

/* ---- counted steps ---- */

static bool effect(struct attempt *attempt, int64_t step, struct err *err)
{
    OWN(write) struct write *write = write_new();
    const struct ticket *ticket = &attempt->sheet->ticket;
    char *field = arena_printf(attempt->arena, "%s %" PRIu32 " %" PRId64, ticket->task,
                               ticket->attempt, step);
    write_add(write, "HSET", "effects", field, "1", NULL);
    return attempt_write(attempt, write, NULL, err);
}

static bool steps(struct attempt *attempt, struct err *err)
{
    int64_t done = done_before(attempt), total = json_int(attempt->args, "steps", 1);
    int64_t ms = json_int(attempt->args, "step_ms", 1000);
    struct timespec step = {ms / 1000, ms % 1000 * 1000000};

    while (done < total) {
        nanosleep(&step, NULL);
        if (!effect(attempt, done, err))
            return false;
        attempt->counts.read++;
        if (!keep(attempt, ++done, total, err))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const struct operation_run EXTRA[] = {
        {"bench.reads",     reads    },
        {"bench.mutations", mutations},
        {"bench.steps",     steps    },
    };
    return worker_main(
        argc, argv, environ,
        (struct worker_config){.clock = &CLOCK_REAL, .extra = EXTRA, .extra_count = COUNT(EXTRA)});
}
