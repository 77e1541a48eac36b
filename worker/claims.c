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
#include "metrics/series.h"

enum {
    BUNDLE = 32,
    BUNDLES = 32, /* in flight at once */
    ROUND = 512,  /* jobs taken before Redis is asked: there are many buckets to bundle them for */
    LOOK_MS = 500,
    LOOK_SOON_MS = 20, /* where one has found something there may be more */
    TIME_MS = 10000,   /* how often our clock is compared with Redis */
    AGAIN_MIN_MS = 50, /* after an error; doubles up to */
    AGAIN_MAX_MS = 1000,
};

struct jobs { /* kept until Redis has answered */
    struct job **items;
    size_t count, capacity;
};

/* What is asked in one script: jobs of one bucket, their requests beside them. */
struct bundle {
    bool claims; /* else finishes */
    int bucket;
    size_t count;
    bool asked, answered;
    struct job *jobs[BUNDLE];
    union {
        struct claim_request claim[BUNDLE];
        struct finish_request finish[BUNDLE];
    };
    struct tickets granted;
};

struct desk {
    struct crew *crew;
    struct bundle *bundles; /* of one exchange with Redis */
    size_t bundle_count;
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

/* Keeps those that no answered bundle holds. */
static void jobs_drop_answered(struct jobs *jobs)
{
    size_t kept = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        if (!jobs->items[i]->answered)
            jobs->items[kept++] = jobs->items[i];
    }
    jobs->count = kept;
}

static void fence_draw(struct desk *desk, char out[static 48])
{
    snprintf(out, 48, "%s.%" PRIu64, desk->crew->id, ++desk->claimed);
}

static void publish(struct desk *desk, struct tickets *granted)
{
    publisher_tickets(desk->crew->publisher, granted);
    tickets_drop(granted);
}

/* ---- claims ---- */

static int64_t lag_ms(const struct run_sheet *sheet)
{
    int64_t lag = sheet->claimed_ms - sheet->due_ms;
    return sheet->due_ms > 0 && lag > 0 ? lag : 0;
}

static void claimed(struct desk *desk, struct job *job)
{
    struct crew *crew = desk->crew;

    job->answered = false;
    series_observe(SERIES_LAG, lag_ms(&job->sheet), LABELS(job->ticket.category));
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

/* The executor goes on with what the finish claimed for it. */
static void go_on(struct desk *desk, const struct job *job, const struct finish_request *request)
{
    struct job *next = job_new(desk->crew, &request->next.ticket);
    struct arena *own = next->arena;
    next->arena = request->next_arena;
    arena_free(own);
    next->sheet = request->next;
    next->bucket = job->bucket;
    next->claimed_ms = job->asked_ms;
    next->chain_ms = job->chain_ms;
    snprintf(next->fence, sizeof next->fence, "%s", request->next_fence);
    metric_add(METRIC_CLAIM_OK, 1);
    claimed(desk, next);
}

static void finish_answered(struct desk *desk, struct job *job, bool done)
{
    int64_t took_ms = clock_mono_ms(desk->crew->clock) - job->claimed_ms;
    metric_add(done ? METRIC_FINISHES : METRIC_FENCED, 1);
    series_count(SERIES_ATTEMPTS, 1,
                 LABELS(job->ticket.operation, done ? outcome_name(job->outcome) : "fenced"));
    series_observe(SERIES_ATTEMPT_TIME, took_ms, LABELS(job->ticket.operation));
    if (done)
        log_info("attempt.finished", TEXT("task", job->ticket.task),
                 NUM("attempt", job->ticket.attempt), TEXT("operation", job->ticket.operation),
                 TEXT("outcome", outcome_name(job->outcome)), TEXT("why", job->why),
                 TEXT("error", job->error), NUM("ms", took_ms));
    else
        log_warn(
            "attempt.fenced", TEXT("task", job->ticket.task), NUM("attempt", job->ticket.attempt),
            TEXT("text", "the task was given to somebody else; nothing more is written for it"));
    if (job->seated)
        seat_give(desk->crew);
    job_free(desk->crew, job);
}

/* ---- an exchange: all that is at hand, each bucket's in a script, all scripts at once ---- */

static struct bundle *bundle_for(struct desk *desk, bool claims, int bucket, size_t most)
{
    for (size_t i = desk->bundle_count; i-- > 0;) {
        struct bundle *bundle = &desk->bundles[i];
        if (bundle->claims == claims && bundle->bucket == bucket && bundle->count < most)
            return bundle;
    }
    if (desk->bundle_count == BUNDLES)
        return NULL;
    struct bundle *bundle = &desk->bundles[desk->bundle_count++];
    bundle->claims = claims;
    bundle->bucket = bucket;
    bundle->count = 0;
    bundle->asked = bundle->answered = false;
    bundle->granted = (struct tickets){0};
    return bundle;
}

static void bundle_claim(struct bundle *bundle, struct job *job)
{
    struct claim_request *request = &bundle->claim[bundle->count];
    *request = (struct claim_request){.ticket = &job->ticket, .arena = job->arena};
    snprintf(request->fence, sizeof request->fence, "%s", job->fence);
    job->claimed_ms = job->chain_ms = job->asked_ms;
    job->sent = true;
}

static void bundle_finish(struct desk *desk, struct bundle *bundle, struct job *job)
{
    struct finish_request *request = &bundle->finish[bundle->count];
    *request = (struct finish_request){
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
    snprintf(request->task, sizeof request->task, "%s", job->ticket.task);
    snprintf(request->fence, sizeof request->fence, "%s", job->fence);
    if (!job->seated)
        return;
    if (!*job->next_fence) {
        fence_draw(desk, job->next_fence);
        job->lane = arena_printf(job->arena, "%s:%s", job->ticket.company, job->ticket.category);
    }
    snprintf(request->next_fence, sizeof request->next_fence, "%s", job->next_fence);
    request->lane = job->lane;
}

static void bundle_up(struct desk *desk, struct jobs *jobs, bool claims)
{
    size_t most = !claims && desk->alone ? 1 : BUNDLE;
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *job = jobs->items[i];
        if (claims)
            job->bucket = ledger_bucket(desk->ledger, job->ticket.company);
        struct bundle *bundle = bundle_for(desk, claims, job->bucket, most);
        if (!bundle)
            return;
        job->asked_ms = clock_mono_ms(desk->crew->clock);
        if (claims)
            bundle_claim(bundle, job);
        else
            bundle_finish(desk, bundle, job);
        bundle->jobs[bundle->count++] = job;
    }
}

static bool ask(struct desk *desk, struct bundle *bundle, struct err *err)
{
    bundle->asked =
        bundle->claims
            ? ledger_claim_ask(desk->ledger, bundle->bucket, bundle->claim, bundle->count, err)
            : ledger_finish_ask(desk->ledger, bundle->bucket, bundle->finish, bundle->count, err);
    return bundle->asked ||
           err_wrap(err, "%s %zu tasks", bundle->claims ? "claim" : "finish", bundle->count);
}

static bool hear(struct desk *desk, struct bundle *bundle, struct err *err)
{
    if (bundle->claims) {
        bundle->answered =
            ledger_claim_answer(desk->ledger, bundle->claim, bundle->count, &bundle->granted, err);
        return bundle->answered || err_wrap(err, "claim %zu tasks", bundle->count);
    }
    bundle->answered =
        ledger_finish_answer(desk->ledger, bundle->finish, bundle->count, &bundle->granted, err);
    if (!bundle->answered && err->kind == ERR_FATAL && bundle->count == 1) {
        /* Redis will never take this one: its lease runs out, and the reaper says what comes next.
         */
        log_error("finish.refused", TEXT("task", bundle->jobs[0]->ticket.task),
                  TEXT("reason", err->text));
        bundle->finish[0].done = false;
        bundle->answered = true;
    }
    if (!bundle->answered)
        desk->alone = err->kind == ERR_FATAL;
    return bundle->answered || err_wrap(err, "finish %zu tasks", bundle->count);
}

static void settle(struct desk *desk, struct bundle *bundle)
{
    publish(desk, &bundle->granted);
    for (size_t i = 0; i < bundle->count; i++) {
        struct job *job = bundle->jobs[i];
        if (bundle->claims) {
            claim_answered(desk, job, &bundle->claim[i]);
            continue;
        }
        if (bundle->finish[i].has_next) {
            job->seated = false;
            go_on(desk, job, &bundle->finish[i]);
        }
        finish_answered(desk, job, bundle->finish[i].done);
    }
}

/* Finishes first, for they free permits that others wait for. False = at least one bundle has no
 * answer; its jobs are kept. */
static bool exchange(struct desk *desk, struct err *err)
{
    struct err one = {0};
    bool good = true;

    if (!ledger_scripts_ready(desk->ledger, err))
        return false;
    desk->bundle_count = 0;
    bundle_up(desk, &desk->finishes, false);
    bundle_up(desk, &desk->claims, true);
    desk->alone = false;
    for (size_t i = 0; good && i < desk->bundle_count; i++)
        good = ask(desk, &desk->bundles[i], err);
    for (size_t i = 0; i < desk->bundle_count; i++) {
        struct bundle *bundle = &desk->bundles[i];
        if (!bundle->asked || hear(desk, bundle, &one)) {
            for (size_t k = 0; bundle->answered && k < bundle->count; k++)
                bundle->jobs[k]->answered = true;
            continue;
        }
        if (good)
            *err = one;
        good = false;
    }
    jobs_drop_answered(&desk->finishes);
    jobs_drop_answered(&desk->claims);
    for (size_t i = 0; i < desk->bundle_count; i++) {
        if (desk->bundles[i].answered)
            settle(desk, &desk->bundles[i]);
        else
            tickets_drop(&desk->bundles[i].granted);
    }
    return good;
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
    fence_draw(desk, job->fence);
    jobs_add(&desk->claims, job);
}

static int by_grant(const void *left, const void *right)
{
    int64_t a = ((const struct ticket *)left)->granted_ms,
            b = ((const struct ticket *)right)->granted_ms;
    return a < b ? -1 : a > b;
}

/* Who has waited longest comes first, whatever its bucket: a task that has just given way would
 * otherwise be found again at once where its bucket holds nothing else. */
static bool look(struct desk *desk, struct err *err)
{
    struct crew *crew = desk->crew;
    struct tickets found = {0};
    const size_t before = desk->claims.count;
    int seats = atomic_load(&crew->seats);
    bool good = true;

    for (int bucket = 0; good && bucket < ledger_buckets(desk->ledger); bucket++)
        good = ledger_look(desk->ledger, bucket, crew->categories, crew->category_count,
                           (size_t)seats, &found, err);
    if (found.count)
        qsort(found.items, found.count, sizeof *found.items, by_grant);
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
    if (desk->claims.count > before)
        desk->look_ms = clock_mono_ms(crew->clock) + LOOK_SOON_MS;
    return good || err_wrap(err, "look for open tasks");
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

/* Everything that is due now. */
static bool work(struct desk *desk, int64_t now, struct err *err)
{
    bool draining = atomic_load(&desk->crew->draining);

    if (!desk->ledger && !ledger_open(&desk->crew->ledger, &desk->ledger, err))
        return false;
    if (draining)
        drop_unsent(desk);
    else if (now >= desk->look_ms && atomic_load(&desk->crew->seats) > 0) {
        desk->look_ms = now + LOOK_MS;
        if (!look(desk, err))
            return false;
    }
    while (desk->finishes.count || desk->claims.count) {
        if (!exchange(desk, err))
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

/* Until when nobody needs to bring anything for us to have something to do. */
static int wait_ms(const struct desk *desk)
{
    if (desk->claims.count || desk->finishes.count)
        return AGAIN_MIN_MS;
    if (atomic_load(&desk->crew->seats) <= 0)
        return LOOK_MS; /* whoever ends comes here first */
    int64_t left = desk->look_ms - clock_mono_ms(desk->crew->clock);
    return left < LOOK_SOON_MS ? LOOK_SOON_MS : left > LOOK_MS ? LOOK_MS : (int)left;
}

void *claims_loop(void *shared)
{
    struct crew *crew = shared;
    struct desk desk = {.crew = crew,
                        .outage = {.loop = "claims"},
                        .bundles = mem_array(BUNDLES, sizeof(struct bundle))};

    while (!atomic_load(&crew->ending)) {
        struct job *job = mailbox_take(crew->desk, wait_ms(&desk));
        for (size_t taken = 0; job; job = ++taken < ROUND ? mailbox_take(crew->desk, 0) : NULL)
            receive(&desk, job);
        round_of_work(&desk);
    }
    ledger_free(desk.ledger);
    free(desk.bundles);
    free(desk.claims.items);
    free(desk.finishes.items);
    return NULL;
}
