/* executor.c - runs one attempt after the other in straight-line code.
 *
 * Its connection to Redis, its HTTP handles and its limiter live from the first attempt to the end
 * of the process; everything else lives in the attempt's arena.
 */
#include "executor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "crew.h"
#include "limiter/limiter.h"
#include "metrics/metrics.h"

enum { UNCERTAIN_MS = 60000, THROTTLED_MIN_MS = 1000 };

struct tools { /* of one executor */
    struct ledger *ledger;
    struct http *http;
    struct limiter *limiter;
};

/* ---- the verdict ---- */

static struct verdict cancelled(enum gate gate)
{
    switch (gate) {
    case GATE_CANCEL:
        return (struct verdict){.outcome = OUTCOME_CANCELLED};
    case GATE_TIMEOUT:
        return (struct verdict){.outcome = OUTCOME_TIMEOUT};
    case GATE_FENCED:
        return (struct verdict){.outcome = OUTCOME_LOST, .lost = true};
    case GATE_YIELD:
        return (struct verdict){.outcome = OUTCOME_PARK, .why = "hand-over"};
    case GATE_DRAIN:
        return (struct verdict){.outcome = OUTCOME_PARK, .why = "drain"};
    case GATE_OPEN:
    case GATE_CLOSED:
        break;
    }
    /* A WRITE was refused before the heartbeat heard of it: Redis answers this finish the same way.
     */
    return (struct verdict){.outcome = OUTCOME_RETRY};
}

/* What a parked task waits for: a store's budget unless its operation says otherwise. */
static const char *park_why(const struct err *err)
{
    static const char *const SAID[] = {PARK_BC_LIMIT, PARK_BULK};
    for (size_t i = 0; i < COUNT(SAID); i++)
        if (strcmp(err->peer_code, SAID[i]) == 0)
            return SAID[i];
    return "budget";
}

struct verdict executor_verdict(bool good, const struct err *err, enum gate gate, int64_t now_ms)
{
    if (good)
        return (struct verdict){.outcome = OUTCOME_OK};
    int64_t hint = err->retry_after_ms;
    switch (err->kind) {
    case ERR_RETRY:
        return (struct verdict){.outcome = OUTCOME_RETRY, .at_ms = hint > 0 ? now_ms + hint : 0};
    case ERR_THROTTLED:
        if (hint == PARK_NEVER)
            return (struct verdict){
                .outcome = OUTCOME_PARK, .at_ms = PARK_NEVER, .why = "approval"};
        return (struct verdict){.outcome = OUTCOME_PARK,
                                .at_ms =
                                    now_ms + (hint > THROTTLED_MIN_MS ? hint : THROTTLED_MIN_MS),
                                .why = park_why(err)};
    case ERR_UNCERTAIN:
        return (struct verdict){.outcome = OUTCOME_PARK,
                                .at_ms = now_ms + (hint > 0 ? hint : UNCERTAIN_MS),
                                .why = "uncertain"};
    case ERR_FATAL:
        return (struct verdict){.outcome = OUTCOME_FATAL};
    case ERR_CANCELLED:
        return cancelled(gate);
    case ERR_NONE:
        break;
    }
    assert(!"an operation that fails says why");
    return (struct verdict){.outcome = OUTCOME_FATAL};
}

/* ---- one attempt ---- */

static void slot_begin(struct slot *slot, struct job *job, struct attempt *attempt)
{
    pthread_mutex_lock(&slot->lock);
    slot->job = job;
    slot->attempt = attempt;
    slot_confirm(slot, job->claimed_ms);
    slot->yield = slot->given_up = slot->has_progress = slot->has_cursor = false;
    pthread_mutex_unlock(&slot->lock);
}

/* Why it was cancelled, if it was: a gate that is closed for a late beat hides the reason beneath.
 */
static enum gate slot_reason(const struct slot *slot)
{
    enum gate gate = (enum gate)atomic_load(&slot->attempt->gate);
    if (gate != GATE_OPEN && gate != GATE_CLOSED)
        return gate;
    if (atomic_load(&slot->crew->draining))
        return GATE_DRAIN;
    return slot->yield ? GATE_YIELD : gate;
}

/* The newest cursor goes with the finish: one the last beat did not bring home, or none has taken
 * yet. */
static enum gate slot_end(struct slot *slot)
{
    bool has_cursor = false;
    pthread_mutex_lock(&slot->lock);
    struct job *job = slot->job;
    enum gate reason = slot_reason(slot);
    attempt_take_progress(slot->attempt, &slot->progress, &slot->cursor, &has_cursor);
    if (has_cursor || slot->has_cursor)
        buf_add(&job->cursor, slot->cursor.data, slot->cursor.size);
    attempt_counts_json(slot->attempt, &job->counts);
    slot->job = NULL;
    slot->attempt = NULL;
    pthread_mutex_unlock(&slot->lock);
    return reason;
}

static bool tools_open(struct crew *crew, struct tools *tools, struct err *err)
{
    if (!tools->ledger && !ledger_open(&crew->ledger, &tools->ledger, err))
        return false;
    if (!tools->http) {
        if (!http_open("cartage/" CARTAGE_VERSION, &tools->http, err))
            return false;
        http_set_time_scale(tools->http, crew->config->options->time_scale);
    }
    if (!tools->limiter) {
        tools->limiter = limiter_new(tools->ledger, crew->id);
        limiter_set_time_scale(tools->limiter, (double)crew->config->options->time_scale);
    }
    return true;
}

static bool run(struct slot *slot, struct tools *tools, struct job *job, bool *idle,
                enum gate *reason, struct span *span, struct err *err)
{
    struct crew *crew = slot->crew;
    OWN(attempt) struct attempt *attempt = NULL;

    if (!tools_open(crew, tools, err) ||
        !attempt_open(&job->sheet, job->arena, crew->clock, tools->ledger, tools->http,
                      tools->limiter, &attempt, err))
        return false;
    attempt->adopted_ms = atomic_load(&crew->adopted_ms);
    slot_begin(slot, job, attempt);
    bool good = crew_operation(crew, job->ticket.operation)->run(attempt, err);
    if (!good)
        attempt_trace(attempt, &job->trace);
    attempt_fresh_end(attempt, good);
    const struct counts *counts = &attempt->counts;
    *idle =
        good && attempt->sheet->rests && !counts->created && !counts->updated && !counts->failed;
    *reason = slot_end(slot);
    *span = attempt->span;
    return good;
}

static void execute(struct slot *slot, struct tools *tools, struct job *job)
{
    struct crew *crew = slot->crew;
    enum gate reason = GATE_OPEN;
    struct err err = {0};

    metric_add(METRIC_RUNNING, 1);
    struct span span = {0}; /* of an attempt that could not even be opened there is none */
    bool idle = false, good = run(slot, tools, job, &idle, &reason, &span, &err);
    metric_add(METRIC_RUNNING, -1);

    struct verdict verdict = executor_verdict(
        good, &err, reason, clock_now_ms(crew->clock) + atomic_load(&crew->redis_ahead_ms));
    job->stage = JOB_FINISH;
    job->outcome = idle ? OUTCOME_IDLE : verdict.outcome;
    job->lost = verdict.lost;
    job->at_ms = verdict.at_ms;
    job->why = verdict.why;
    if (!good) {
        snprintf(job->error, sizeof job->error, "%s", err.text);
        job->code = err.code;
    }
    if (span.start_ms) {
        span_say(&span, "cartage.outcome", outcome_name(job->outcome));
        span_end(&span, good ? NULL : job->error);
    }
    log_debug("attempt.ended", TEXT("task", job->ticket.task),
              TEXT("outcome", outcome_name(job->outcome)));
}

static bool goes_on(struct crew *crew, const struct job *job)
{
    return job->outcome == OUTCOME_OK && clock_mono_ms(crew->clock) - job->chain_ms < CHAIN_MS &&
           !atomic_load(&crew->draining) && !atomic_load(&crew->suspended);
}

void *executor_loop(void *own)
{
    struct slot *slot = own;
    struct crew *crew = slot->crew;
    struct tools tools = {0};
    struct job *job;

    while ((job = mailbox_take(crew->tasks, -1))) {
        execute(slot, &tools, job);
        bool seated = job->seated = goes_on(crew, job);
        bool put = mailbox_put(crew->desk, &job, -1);
        assert(put); /* the desk outlives the executors */
        if (!seated)
            seat_give(crew);
    }
    limiter_free(tools.limiter);
    http_free(tools.http);
    ledger_free(tools.ledger);
    return NULL;
}
