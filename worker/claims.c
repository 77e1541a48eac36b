/* claims.c - the desk: claims and finishes of all executors over one connection, bundled per
 * bucket.
 *
 * Nothing is forgotten when Redis is away: a claim is asked again with the same fence, a finish is
 * kept and repeated, until there is an answer. An idle worker looks in Redis for what nobody
 * claimed for a second: a ticket that was lost, or waits for a worker that is busy or gone.
 */
#include "crew.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/metrics.h"
#include "metrics/outage.h"

enum {
    BUNDLE = 32,
    LOOK_MS = 500,
    TIME_MS = 10000,   /* how often our clock is compared with Redis */
    AGAIN_MIN_MS = 50, /* after an error; doubles up to */
    AGAIN_MAX_MS = 1000,
};

struct jobs { /* kept until Redis has answered */
    struct job **items;
    size_t count, capacity;
};

struct desk {
    struct crew *crew;
    struct ledger *ledger;
    struct outage outage;
    struct jobs claims, finishes;
    int64_t look_ms, time_ms, again_ms; /* monotonic: when to do it next */
    int pause_ms;                       /* the current wait after an error */
    bool alone;                         /* a bundle failed for good: one finish a call */
    uint64_t claimed;                   /* the n of the next fence */
};

static void jobs_add(struct jobs *jobs, struct job *job)
{
    if (jobs->count == jobs->capacity) {
        size_t more = jobs->capacity ? 2 * jobs->capacity : 16;
        jobs->items = mem_grow(jobs->items, jobs->capacity, more, sizeof(struct job *));
        jobs->capacity = more;
    }
    jobs->items[jobs->count++] = job;
}

/* Moves up to `most` jobs of the first one's bucket to the front; answers how many. */
static size_t jobs_of_one_bucket(struct jobs *jobs, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < jobs->count && count < most; i++) {
        if (jobs->items[i]->bucket != jobs->items[0]->bucket)
            continue;
        struct job *job = jobs->items[i];
        jobs->items[i] = jobs->items[count];
        jobs->items[count++] = job;
    }
    return count;
}

static void jobs_drop_first(struct jobs *jobs, size_t count)
{
    memmove(jobs->items, jobs->items + count, (jobs->count - count) * sizeof(struct job *));
    jobs->count -= count;
}

static void publish(struct desk *desk, struct tickets *granted)
{
    publisher_tickets(desk->crew->publisher, granted);
    tickets_drop(granted);
}

/* ---- claims ---- */

static void claimed(struct desk *desk, struct job *job)
{
    struct crew *crew = desk->crew;

    log_info("attempt.claimed", TEXT("task", job->ticket.task), NUM("attempt", job->ticket.attempt),
             TEXT("operation", job->ticket.operation), TEXT("fence", job->fence),
             TEXT("from", job->topic ? "kafka" : "redis"));
    if (atomic_load(&crew->draining)) { /* the answer came too late: hand it over as it is */
        job->stage = JOB_FINISH;
        job->outcome = OUTCOME_PARK;
        job->why = "drain";
        jobs_add(&desk->finishes, job);
        return;
    }
    job->stage = JOB_RUN;
    bool put = mailbox_put(crew->tasks, &job, -1);
    assert(put); /* a seat is an executor */
}

static void claim_answered(struct desk *desk, struct job *job, const struct claim_request *request)
{
    static const enum metric COUNTED[] = {
        [CLAIM_OK] = METRIC_CLAIM_OK,       [CLAIM_DUP] = METRIC_CLAIM_DUP,
        [CLAIM_STALE] = METRIC_CLAIM_STALE, [CLAIM_UNKNOWN] = METRIC_CLAIM_UNKNOWN,
        [CLAIM_LATE] = METRIC_CLAIM_LATE,
    };
    metric_add(COUNTED[request->answer], 1);
    if (job->topic)
        crew_seen(desk->crew, job->topic, job->partition, job->offset, claim_name(request->answer));
    if (request->answer == CLAIM_OK) {
        job->sheet = request->sheet;
        claimed(desk, job);
        return;
    }
    log_info("claim.refused", TEXT("task", job->ticket.task), NUM("attempt", job->ticket.attempt),
             TEXT("answer", claim_name(request->answer)));
    job_free(desk->crew, job);
    seat_give(desk->crew);
}

static bool claim_bundle(struct desk *desk, struct err *err)
{
    struct claim_request requests[BUNDLE] = {0};
    struct job *jobs[BUNDLE];
    struct tickets granted = {0};
    size_t count;
    int64_t now = clock_mono_ms(desk->crew->clock);

    for (size_t i = 0; i < desk->claims.count; i++)
        desk->claims.items[i]->bucket =
            ledger_bucket(desk->ledger, desk->claims.items[i]->ticket.company);
    count = jobs_of_one_bucket(&desk->claims, BUNDLE);
    for (size_t i = 0; i < count; i++) {
        struct job *job = jobs[i] = desk->claims.items[i];
        requests[i] = (struct claim_request){.ticket = &job->ticket, .arena = job->arena};
        snprintf(requests[i].fence, sizeof requests[i].fence, "%s", job->fence);
        job->claimed_ms = now;
        job->sent = true;
    }
    if (!ledger_claim(desk->ledger, jobs[0]->bucket, requests, count, &granted, err)) {
        tickets_drop(&granted);
        return err_wrap(err, "claim %zu tasks", count);
    }
    jobs_drop_first(&desk->claims, count);
    publish(desk, &granted);
    for (size_t i = 0; i < count; i++)
        claim_answered(desk, jobs[i], &requests[i]);
    return true;
}

/* A claim that Redis has never seen is simply dropped when the worker drains: others take it. */
static void drop_unsent(struct desk *desk)
{
    size_t kept = 0;
    for (size_t i = 0; i < desk->claims.count; i++) {
        struct job *job = desk->claims.items[i];
        if (job->sent)
            desk->claims.items[kept++] = job;
        else
            job_free(desk->crew, job);
    }
    desk->claims.count = kept;
}

/* ---- finishes ---- */

static void finish_answered(struct desk *desk, struct job *job, bool done)
{
    metric_add(done ? METRIC_FINISHES : METRIC_FENCED, 1);
    if (done)
        log_info("attempt.finished", TEXT("task", job->ticket.task),
                 NUM("attempt", job->ticket.attempt), TEXT("operation", job->ticket.operation),
                 TEXT("outcome", outcome_name(job->outcome)), TEXT("why", job->why),
                 TEXT("error", job->error),
                 NUM("ms", clock_mono_ms(desk->crew->clock) - job->claimed_ms));
    else
        log_warn(
            "attempt.fenced", TEXT("task", job->ticket.task), NUM("attempt", job->ticket.attempt),
            TEXT("text", "the task was given to somebody else; nothing more is written for it"));
    job_free(desk->crew, job);
}

static bool finish_bundle(struct desk *desk, struct err *err)
{
    struct finish_request requests[BUNDLE];
    struct job *jobs[BUNDLE];
    struct tickets granted = {0};
    size_t count = jobs_of_one_bucket(&desk->finishes, desk->alone ? 1 : BUNDLE);

    for (size_t i = 0; i < count; i++) {
        struct job *job = jobs[i] = desk->finishes.items[i];
        requests[i] = (struct finish_request){
            .outcome = job->outcome,
            .at_ms = job->at_ms,
            .error = *job->error ? job->error : NULL,
            .code = job->code,
            .trace = job->trace.data,
            .why = job->why,
            .counts = job->counts.size ? job->counts.data : NULL,
            .cursor = job->cursor.size ? job->cursor.data : NULL,
            .cursor_size = job->cursor.size,
        };
        snprintf(requests[i].task, sizeof requests[i].task, "%s", job->ticket.task);
        snprintf(requests[i].fence, sizeof requests[i].fence, "%s", job->fence);
    }
    bool good = ledger_finish(desk->ledger, jobs[0]->bucket, requests, count, &granted, err);
    if (!good && err->kind == ERR_FATAL && count == 1) {
        /* Redis will never take this one: its lease runs out, and the reaper says what comes next.
         */
        log_error("finish.refused", TEXT("task", jobs[0]->ticket.task), TEXT("reason", err->text));
        requests[0].done = false;
        good = true;
    }
    desk->alone = !good && err->kind == ERR_FATAL;
    if (!good) {
        tickets_drop(&granted);
        return err_wrap(err, "finish %zu tasks", count);
    }
    jobs_drop_first(&desk->finishes, count);
    publish(desk, &granted);
    for (size_t i = 0; i < count; i++)
        finish_answered(desk, jobs[i], requests[i].done);
    return true;
}

/* ---- looking ---- */

static bool is_at_hand(const struct desk *desk, const struct ticket *ticket)
{
    for (size_t i = 0; i < desk->claims.count; i++) {
        if (strcmp(desk->claims.items[i]->ticket.task, ticket->task) == 0)
            return true;
    }
    return false;
}

static void claim_later(struct desk *desk, struct job *job)
{
    snprintf(job->fence, sizeof job->fence, "%s.%" PRIu64, desk->crew->id, ++desk->claimed);
    jobs_add(&desk->claims, job);
}

static bool look_bucket(struct desk *desk, int bucket, struct err *err)
{
    struct crew *crew = desk->crew;
    struct tickets found = {0};
    int seats = atomic_load(&crew->seats);

    if (seats <= 0)
        return true;
    if (!ledger_look(desk->ledger, bucket, crew->categories, crew->category_count, (size_t)seats,
                     &found, err))
        return err_wrap(err, "look for open tasks");
    for (size_t i = 0; i < found.count; i++) {
        const struct ticket *ticket = &found.items[i];
        if (!crew_operation(crew, ticket->operation) || is_at_hand(desk, ticket))
            continue;
        if (!seat_take(crew))
            break;
        metric_add(METRIC_TICKETS_LOOKED, 1);
        claim_later(desk, job_new(crew, ticket));
    }
    tickets_drop(&found);
    return true;
}

static bool look(struct desk *desk, struct err *err)
{
    for (int bucket = 0; bucket < ledger_buckets(desk->ledger); bucket++) {
        if (!look_bucket(desk, bucket, err))
            return false;
    }
    return true;
}

/* ---- the loop ---- */

static bool compare_clocks(struct desk *desk, int64_t now, struct err *err)
{
    int64_t redis_ms;
    if (now < desk->time_ms)
        return true;
    int64_t asked = clock_mono_ms(desk->crew->clock);
    if (!ledger_now(desk->ledger, &redis_ms, err))
        return false;
    atomic_store(&desk->crew->redis_ahead_ms, redis_ms - clock_now_ms(desk->crew->clock));
    log_debug("clock.compared", NUM("redis", redis_ms), NUM("asked", asked),
              NUM("answered", clock_mono_ms(desk->crew->clock)));
    desk->time_ms = now + TIME_MS;
    return true;
}

/* Everything that is due now; finishes first, for they free permits that others wait for. */
static bool work(struct desk *desk, int64_t now, struct err *err)
{
    bool draining = atomic_load(&desk->crew->draining);

    if (!desk->ledger && !ledger_open(&desk->crew->ledger, &desk->ledger, err))
        return false;
    while (desk->finishes.count) {
        if (!finish_bundle(desk, err))
            return false;
    }
    if (draining)
        drop_unsent(desk);
    else if (now >= desk->look_ms) {
        desk->look_ms = now + LOOK_MS;
        if (!look(desk, err))
            return false;
    }
    while (desk->claims.count) {
        if (!claim_bundle(desk, err))
            return false;
    }
    return (draining && !desk->finishes.count) || compare_clocks(desk, now, err);
}

static void receive(struct desk *desk, struct job *job)
{
    if (job->stage == JOB_CLAIM)
        claim_later(desk, job);
    else if (job->lost)
        finish_answered(desk, job, false);
    else
        jobs_add(&desk->finishes, job);
}

static void round_of_work(struct desk *desk)
{
    int64_t now = clock_mono_ms(desk->crew->clock);
    struct err err;

    if (now < desk->again_ms)
        return;
    if (work(desk, now, &err)) {
        outage_end(&desk->outage);
        desk->pause_ms = 0;
        return;
    }
    outage_begin(&desk->outage, &err);
    desk->pause_ms = desk->pause_ms ? 2 * desk->pause_ms : AGAIN_MIN_MS;
    if (desk->pause_ms > AGAIN_MAX_MS)
        desk->pause_ms = AGAIN_MAX_MS;
    desk->again_ms = now + desk->pause_ms;
}

void *claims_loop(void *shared)
{
    struct crew *crew = shared;
    struct desk desk = {.crew = crew, .outage = {.loop = "claims"}};

    while (!atomic_load(&crew->ending)) {
        bool waiting = desk.claims.count || desk.finishes.count;
        struct job *job = mailbox_take(crew->desk, waiting ? AGAIN_MIN_MS : LOOK_MS);
        for (size_t taken = 0; job; job = ++taken < BUNDLE ? mailbox_take(crew->desk, 0) : NULL)
            receive(&desk, job);
        round_of_work(&desk);
    }
    ledger_free(desk.ledger);
    free(desk.claims.items);
    free(desk.finishes.items);
    return NULL;
}
