/* attempt.c - the gate, the checkpoint slot and the calls of one attempt. */
#include "attempt.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attempt_fresh.h"
#include "base/fault.h"
#include "base/log.h"
#include "limiter/limiter.h"
#include "metrics/series.h"
#include "model/operations.h"
#include "wire/json.h"

enum { GATE_LOOK_MS = 20, FLOW_LOOK_MS = 500, MAX_CURSOR = 4096 };
enum { LEDGER_PATIENCE_MS = 120000, TRACE_CALLS = 16 };

/* Shared with the heartbeat: what to show and what to keep. */
struct attempt_private {
    pthread_mutex_t mutex;
    struct buf cursor;
    char step[96];
    int64_t done, total;
    bool new_progress, new_cursor;
    struct counts shown; /* counts as of the last checkpoint or progress */
    _Atomic int64_t moved_ms;
    struct {
        int64_t at_ms, ms;
        int status;
        char label[64], problem[128];
    } calls[TRACE_CALLS]; /* a ring */
    size_t call_count;
};

static int64_t lag_ms(const struct run_sheet *sheet)
{
    int64_t lag = sheet->claimed_ms - sheet->due_ms;
    return sheet->due_ms > 0 && lag > 0 ? lag : 0;
}

static void begin_span(struct attempt *attempt)
{
    const struct run_sheet *sheet = attempt->sheet;
    const struct ticket *ticket = &sheet->ticket;
    struct span *span = &attempt->span;
    span_begin(span, ticket->trace, ticket->task, SPAN_CONSUMER, ticket->operation);
    span_say(span, "cartage.task", ticket->task);
    span_number(span, "cartage.attempt", ticket->attempt);
    span_say(span, "cartage.company", ticket->company);
    span_say(span, "cartage.category", ticket->category);
    span_say(span, "cartage.shop", json_text(attempt->args, "shop"));
    span_number(span, "cartage.run", sheet->no);
    span_number(span, "cartage.lag_ms", lag_ms(sheet));
}

bool attempt_open(const struct run_sheet *sheet, struct arena *arena, const struct clock *clock,
                  struct ledger *ledger, struct http *http, struct limiter *limiter,
                  struct attempt **out, struct err *err)
{
    OWN(attempt) struct attempt *attempt = mem_new(sizeof *attempt);
    attempt->private_ = mem_new(sizeof *attempt->private_);
    pthread_mutex_init(&attempt->private_->mutex, NULL);
    attempt->sheet = sheet;
    attempt->arena = arena;
    attempt->clock = clock;
    attempt->ledger = ledger;
    attempt->http = http;
    attempt->limiter = limiter;
    attempt->adopted_ms = NEVER_ADOPTED;
    atomic_store(&attempt->private_->moved_ms, clock_mono_ms(clock));

    const char *arguments = sheet->arguments && *sheet->arguments ? sheet->arguments : "{}";
    if (!json_parse(arguments, strlen(arguments), &attempt->args, err))
        return err_wrap(err, "arguments of %s", sheet->ticket.operation);
    const struct operation *operation = operation_by_name(sheet->ticket.operation);
    bool anywhere = operation && operation->anywhere && !sheet->company_settings;
    if (!anywhere &&
        !settings_company_parse(sheet->company_settings, arena, &attempt->company, err))
        return err_wrap(err, "settings of company %s", sheet->ticket.company);
    if (sheet->shop_settings &&
        !settings_shop_parse(sheet->shop_settings, arena, &attempt->shop, err))
        return err_wrap(err, "settings of shop %s", json_text(attempt->args, "shop"));
    if (limiter)
        limiter_begin(limiter, sheet->ticket.task);
    begin_span(attempt);
    *out = GIVE(attempt);
    return true;
}

void attempt_leave(struct attempt *attempt, void (*free_it)(void *what), void *what)
{
    size_t at = 0;
    while (at < COUNT(attempt->leaving) && attempt->leaving[at].free)
        at++;
    assert(at < COUNT(attempt->leaving));
    attempt->leaving[at].free = free_it;
    attempt->leaving[at].what = what;
}

void attempt_free(struct attempt *attempt)
{
    if (!attempt)
        return;
    for (size_t i = 0; i < COUNT(attempt->leaving); i++)
        if (attempt->leaving[i].free)
            attempt->leaving[i].free(attempt->leaving[i].what);
    json_free(attempt->args);
    buf_drop(&attempt->private_->cursor);
    pthread_mutex_destroy(&attempt->private_->mutex);
    free(attempt->private_);
    free(attempt);
}

/* ---- the gate ---- */

static void moved(struct attempt *attempt)
{
    atomic_store(&attempt->private_->moved_ms, clock_mono_ms(attempt->clock));
}

int64_t attempt_quiet_ms(const struct attempt *attempt, int64_t mono_ms)
{
    return mono_ms - atomic_load(&attempt->private_->moved_ms);
}

static void sleep_ms(int64_t ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* True = go or wait; hand-over and drain act at the next checkpoint only, so that a call's answer
 * is never left unread. */
static bool gate_allows(struct attempt *attempt, enum gate *gate, struct err *err)
{
    int64_t shuts = atomic_load(&attempt->shuts_ms);
    *gate = (enum gate)atomic_load(&attempt->gate);
    switch (*gate) {
    case GATE_CANCEL:
        return err_set(err, ERR_CANCELLED, 0, "cancelled by a person");
    case GATE_TIMEOUT:
        return err_set(err, ERR_CANCELLED, 0, "the job's time is over");
    case GATE_FENCED:
        return err_set(err, ERR_CANCELLED, 0, "the task has passed to another worker");
    case GATE_OPEN:
    case GATE_CLOSED:
    case GATE_YIELD:
    case GATE_DRAIN:
        break;
    }
    /* A process that stood still may run on here before its heartbeat does. */
    if (shuts && clock_mono_ms(attempt->clock) >= shuts)
        *gate = GATE_CLOSED;
    return true;
}

bool attempt_may_write(struct attempt *attempt, struct err *err)
{
    for (enum gate gate; gate_allows(attempt, &gate, err); sleep_ms(GATE_LOOK_MS)) {
        if (gate != GATE_CLOSED)
            return true;
        moved(attempt); /* waiting for a beat is not being stuck */
    }
    return false;
}

bool attempt_may_wait(struct attempt *attempt, struct err *err)
{
    int gate = atomic_load(&attempt->gate);
    if (gate == GATE_YIELD)
        return err_set(err, ERR_CANCELLED, 0, "handed over to a more urgent task");
    if (gate == GATE_DRAIN)
        return err_set(err, ERR_CANCELLED, 0, "handed over: this worker is stopping");
    return true;
}

bool attempt_wait_ms(struct attempt *attempt, int64_t ms, struct err *err)
{
    int64_t until = clock_mono_ms(attempt->clock) + ms;
    for (enum gate gate; gate_allows(attempt, &gate, err) && attempt_may_wait(attempt, err);) {
        int64_t left = until - clock_mono_ms(attempt->clock);
        moved(attempt);
        if (left <= 0)
            return true;
        sleep_ms(left < GATE_LOOK_MS ? left : GATE_LOOK_MS);
    }
    return false;
}

/* ---- progress and cursor ---- */

bool attempt_checkpoint(struct attempt *attempt, const void *cursor, size_t size, struct err *err)
{
    assert(size <= MAX_CURSOR);
    struct attempt_private *slot = attempt->private_;
    pthread_mutex_lock(&slot->mutex);
    buf_clear(&slot->cursor);
    buf_add(&slot->cursor, cursor, size);
    slot->shown = attempt->counts;
    slot->new_cursor = slot->new_progress = true;
    pthread_mutex_unlock(&slot->mutex);
    moved(attempt);

    enum gate gate;
    return gate_allows(attempt, &gate, err) && attempt_may_wait(attempt, err);
}

void attempt_progress(struct attempt *attempt, const char *step, int64_t done, int64_t total)
{
    struct attempt_private *slot = attempt->private_;
    pthread_mutex_lock(&slot->mutex);
    snprintf(slot->step, sizeof slot->step, "%s", step);
    slot->done = done;
    slot->total = total;
    slot->shown = attempt->counts;
    slot->new_progress = true;
    pthread_mutex_unlock(&slot->mutex);
    moved(attempt);
}

static json *counts_json(const struct counts *counts)
{
    json *object = json_new_object();
    json_set_int(object, "read", counts->read);
    json_set_int(object, "created", counts->created);
    json_set_int(object, "updated", counts->updated);
    json_set_int(object, "skipped", counts->skipped);
    json_set_int(object, "failed", counts->failed);
    json_set_int(object, "calls", counts->calls);
    json_set_int(object, "points", counts->points);
    json_set_int(object, "erp_calls", counts->erp_calls);
    return object;
}

static void trace_call(struct attempt *attempt, const struct http_call *call)
{
    struct attempt_private *slot = attempt->private_;
    size_t at = slot->call_count++ % TRACE_CALLS;
    slot->calls[at].at_ms = clock_now_ms(attempt->clock);
    slot->calls[at].ms = call->ms;
    slot->calls[at].status = call->status;
    snprintf(slot->calls[at].label, sizeof slot->calls[at].label, "%s", call->label);
    snprintf(slot->calls[at].problem, sizeof slot->calls[at].problem, "%.127s", call->err.text);
}

void attempt_trace(const struct attempt *attempt, struct buf *out)
{
    const struct attempt_private *slot = attempt->private_;
    size_t first = slot->call_count > TRACE_CALLS ? slot->call_count - TRACE_CALLS : 0;
    for (size_t i = first; i < slot->call_count; i++) {
        size_t at = i % TRACE_CALLS;
        char when[32];
        time_format(slot->calls[at].at_ms, true, when);
        buf_printf(out, "%s %s: ", when, slot->calls[at].label);
        if (slot->calls[at].status)
            buf_printf(out, "%d in %" PRId64 " ms\n", slot->calls[at].status, slot->calls[at].ms);
        else
            buf_printf(out, "%s after %" PRId64 " ms\n", slot->calls[at].problem,
                       slot->calls[at].ms);
    }
}

void attempt_counts_json(const struct attempt *attempt, struct buf *out)
{
    OWN_JSON json *object = counts_json(&attempt->counts);
    buf_text(out, json_write(object));
}

bool attempt_take_progress(struct attempt *attempt, struct buf *progress_json, struct buf *cursor,
                           bool *has_cursor)
{
    struct attempt_private *slot = attempt->private_;
    pthread_mutex_lock(&slot->mutex);
    bool news = slot->new_progress || slot->new_cursor;
    *has_cursor = slot->new_cursor;
    if (slot->new_cursor) {
        buf_clear(cursor);
        buf_add(cursor, buf_str(&slot->cursor), slot->cursor.size);
    }
    if (news) {
        OWN_JSON json *object = json_new_object();
        json_set_text(object, "step", slot->step);
        json_set_int(object, "done", slot->done);
        json_set_int(object, "total", slot->total);
        json_set(object, "counts", counts_json(&slot->shown));
        buf_clear(progress_json);
        buf_text(progress_json, json_write(object));
    }
    slot->new_progress = slot->new_cursor = false;
    pthread_mutex_unlock(&slot->mutex);
    return news;
}

bool attempt_adopted(const struct attempt *attempt)
{
    return attempt->adopted_ms != NEVER_ADOPTED;
}

int64_t attempt_strays_left_ms(const struct attempt *attempt)
{
    if (!attempt_adopted(attempt))
        return 0;
    return attempt->adopted_ms + attempt->company->bc_late_s * 1000 - clock_mono_ms(attempt->clock);
}

/* ---- effects: what a checker reads beside the history (job-queue.md 26) ---- */

/* Monotonic times; "clock.compared" of the same process says how they stand to Redis' clock. */
static void log_effect(const struct attempt *attempt, const char *what, const char *key,
                       int64_t from_ms, const char *result)
{
    const struct ticket *ticket = &attempt->sheet->ticket;
    log_debug("effect", TEXT("task", ticket->task), NUM("attempt", ticket->attempt),
              TEXT("fence", attempt->sheet->fence), TEXT("what", what), TEXT("key", key),
              NUM("from", from_ms), NUM("to", clock_mono_ms(attempt->clock)),
              TEXT("result", result));
}

/* ---- WRITE ---- */

bool attempt_patient(struct attempt *attempt, struct patience *patience, const struct err *err)
{
    int64_t now = clock_mono_ms(attempt->clock);
    if (err->kind != ERR_RETRY && err->kind != ERR_UNCERTAIN)
        return false;
    if (patience->until_ms == 0)
        patience->until_ms = now + LEDGER_PATIENCE_MS;
    return now < patience->until_ms;
}

/* A WRITE may be repeated as it is, so a Redis that restarts costs waiting, not an attempt. */
bool attempt_write(struct attempt *attempt, const struct write *write, bool *refused,
                   struct err *err)
{
    int bucket = ledger_bucket(attempt->ledger, attempt->sheet->ticket.company);
    struct patience patience = {0};
    bool fenced = false, blocked = false;

    while (attempt_may_write(attempt, err)) {
        int64_t from = clock_mono_ms(attempt->clock);
        if (ledger_write(attempt->ledger, bucket, attempt->sheet->ticket.task,
                         attempt->sheet->fence, write, &fenced, &blocked, err)) {
            moved(attempt);
            log_effect(attempt, "write", "", from, fenced ? "fenced" : blocked ? "refused" : "ok");
            if (fenced)
                return err_set(err, ERR_CANCELLED, 0, "the task has passed to another worker");
            if (refused)
                *refused = blocked;
            return !blocked || refused ||
                   err_set(err, ERR_RETRY, 0, "another run is writing this record");
        }
        if (!attempt_patient(attempt, &patience, err))
            return err_wrap(err, "write what was staged");
        sleep_ms(ATTEMPT_PAUSE_MS);
    }
    return false;
}

bool attempt_flush(struct attempt *attempt, struct write *write, size_t least, struct err *err)
{
    if (write_count(write) == 0 || write_size(write) < least)
        return true;
    if (!attempt_write(attempt, write, NULL, err))
        return false;
    write_clear(write);
    return true;
}

/* ---- calls ---- */

struct flow_run {
    struct attempt *attempt;
    const struct attempt_flow *flow;
    struct err *err;
    int out;
    bool failed, idle; /* idle: nothing more to start for now */
};

static void log_call(const struct attempt *attempt, const struct http_call *call, int64_t gate_ms)
{
    static const char KEY[] = "Idempotency-Key: ";
    const char *key = "";
    for (const char *const *header = call->headers; header && *header; header++) {
        if (strncasecmp(*header, KEY, strlen(KEY)) == 0)
            key = *header + strlen(KEY);
    }
    log_effect(attempt, call->label, key, gate_ms, "sent");
}

static void send_call(struct flow_run *run, struct http_call *call, int64_t gate_ms)
{
    span_promise(&run->attempt->span, call->traceparent); /* each sending is one */
    fault_point("http.before", call->label);
    http_start(run->attempt->http, call);
    log_call(run->attempt, call, gate_ms);
    run->out++;
}

/* Starts what may start; answers how long nothing else will, -1 = until a call ends. */
static int64_t start_calls(struct flow_run *run)
{
    run->idle = false;
    while (run->out < run->flow->window) {
        struct http_call *call = NULL;
        int64_t wait_ms = 0;
        int64_t gate_ms = clock_mono_ms(run->attempt->clock);
        enum gate gate;
        if (!gate_allows(run->attempt, &gate, run->err)) {
            run->failed = true;
            return -1;
        }
        if (gate == GATE_CLOSED) {
            moved(run->attempt);
            return GATE_LOOK_MS;
        }
        switch (run->flow->next(run->flow->state, &call, &wait_ms, run->err)) {
        case FLOW_SEND:
            send_call(run, call, gate_ms);
            break;
        case FLOW_WAIT:
            moved(run->attempt);
            return wait_ms > 0 ? wait_ms : 1;
        case FLOW_END:
            run->idle = true;
            return -1;
        case FLOW_FAIL:
            run->failed = true;
            return -1;
        }
    }
    return -1;
}

/* Without its address: that may hold a name or a secret. */
static void end_span(const struct attempt *attempt, const struct http_call *call)
{
    struct span span;
    char host[SPAN_VALUE];
    span_caused(&span, &attempt->span, call->traceparent, SPAN_CLIENT, call->label);
    span.start_ms -= call->ms;
    span_say(&span, "http.request.method", call->method);
    span_say(&span, "server.address", http_host(call, host, sizeof host));
    if (call->status)
        span_number(&span, "http.response.status_code", call->status);
    span_end(&span, call->err.kind != ERR_NONE ? call->err.text
                    : call->status >= 400      ? "refused"
                                               : NULL);
}

static void count_call(const struct attempt *attempt, const struct http_call *call)
{
    bool shopify = strncmp(call->label, "shopify", 7) == 0;
    const char *peer = shopify ? "shopify" : "business-central";
    const char *store = shopify && attempt->shop ? attempt->shop->store : "";
    const char *outcome = call->err.kind == ERR_RETRY  ? "unsent"
                          : call->err.kind != ERR_NONE ? "unknown"
                          : call->status == 429        ? "throttled"
                          : call->status >= 500        ? "failed"
                          : call->status >= 400        ? "refused"
                                                       : "ok";
    series_count(SERIES_CALLS, 1, LABELS(store, peer, attempt->sheet->ticket.operation, outcome));
    series_observe(SERIES_CALL_TIME, call->ms, LABELS(peer));
}

bool attempt_flow(struct attempt *attempt, const struct attempt_flow *flow, struct err *err)
{
    struct flow_run run = {.attempt = attempt, .flow = flow, .err = err};
    for (;;) {
        int64_t wait_ms = run.failed ? -1 : start_calls(&run);
        if (run.out == 0 && (run.failed || run.idle))
            return !run.failed;
        if (wait_ms < 0 || wait_ms > FLOW_LOOK_MS)
            wait_ms = FLOW_LOOK_MS;
        if (run.out == 0) {
            sleep_ms(wait_ms);
            continue;
        }
        /* Calls already out are never dropped: their outcome would be lost. */
        struct http_call *call = http_wait(attempt->http, (int)wait_ms);
        if (call) {
            run.out--;
            fault_point("http.after", call->label);
            trace_call(attempt, call);
            end_span(attempt, call);
            count_call(attempt, call);
            attempt_note_clock(attempt, call);
            log_debug("effect.ended", TEXT("task", attempt->sheet->ticket.task),
                      TEXT("fence", attempt->sheet->fence), TEXT("what", call->label),
                      NUM("status", call->status), NUM("ms", call->ms));
            flow->done(flow->state, call);
            moved(attempt);
        }
        if (flow->look)
            flow->look(flow->state);
    }
}

struct exchange {
    struct http_call *call;
    bool sent;
};

static enum flow exchange_next(void *state, struct http_call **call, int64_t *wait_ms,
                               struct err *err)
{
    struct exchange *exchange = state;
    (void)wait_ms;
    (void)err;
    if (exchange->sent)
        return FLOW_END;
    exchange->sent = true;
    *call = exchange->call;
    return FLOW_SEND;
}

static void exchange_done(void *state, struct http_call *call)
{
    (void)state;
    (void)call; /* the caller reads it */
}

bool attempt_exchange(struct attempt *attempt, struct http_call *call, struct err *err)
{
    struct exchange exchange = {call, false};
    struct attempt_flow flow = {
        .next = exchange_next, .done = exchange_done, .state = &exchange, .window = 1};
    return attempt_flow(attempt, &flow, err);
}
