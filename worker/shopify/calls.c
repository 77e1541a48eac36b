/* calls.c - many questions to one store at once, within the fleet's budget.
 *
 * A slot is a call on its way: it waits (for its turn, for points, for a pause to pass), is out, or
 * is done. Slots start in order; only the first that waits for points stands in the fleet's line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "metrics/series.h"
#include "shopify/answer.h"
#include "shopify/room.h"
#include "shopify/shopify.h"

enum { WINDOW = 32, TIMEOUT_MS = 15000, TRIES = 4, THROTTLED_TRIES = 3, LATER_TRIES = 8 };
enum { BACKOFF_MS = 500 };

enum slot_state { SLOT_WAITS, SLOT_OUT, SLOT_DONE };
struct slot {
    struct shopify_call *call;
    struct document document;
    enum slot_state state;
    struct http_call http;
    const char *headers[7];
    char *body;
    char label[96], cost_key[COST_KEY_TEXT], reservation[48];
    int tries, throttled, later;
    bool token_refused;
    int64_t not_before_ms;
};

struct run {
    struct shopify *shopify;
    struct slot *slots;
    size_t count, first; /* all before `first` are done */
    struct patience patience;
    bool need_token, line; /* line: we stand in the line for points */
    bool failed;
    struct err failure; /* what ends the attempt */
};

static int64_t now_ms(const struct run *run)
{
    return clock_mono_ms(run->shopify->attempt->clock);
}

/* ---- sending ---- */

static void prepare(struct shopify *shopify, struct slot *slot)
{
    json *question = json_new_object();
    if (slot->call->ask)
        slot->call->variables = slot->call->ask(slot->call->subject);
    char *query = mem_text_n(slot->document.text, slot->document.size);
    json_set_text(question, "query", query);
    json_set_text(question, "operationName", slot->document.operation);
    if (slot->call->variables) {
        document_cost_key(&slot->document, shopify->version, slot->call->variables, slot->cost_key);
        json_set(question, "variables", GIVE(slot->call->variables));
    } else {
        document_cost_key(&slot->document, shopify->version, NULL, slot->cost_key);
    }
    slot->body = mem_text(json_write(question));
    free(query);
    json_free(question);
    snprintf(slot->label, sizeof slot->label, "shopify %s", slot->document.operation);
}

static struct http_call *send_slot(struct shopify *shopify, struct slot *slot)
{
    const char *headers[] = {"Content-Type: application/json", "Accept: application/json",
                             shopify->token_header, NULL};
    memcpy(slot->headers, headers, sizeof headers);
    slot->http = (struct http_call){
        .method = "POST",
        .url = shopify->url,
        .connect_to = shopify->connect_to,
        .headers = slot->headers,
        .body = slot->body,
        .body_size = strlen(slot->body),
        .timeout_ms = TIMEOUT_MS,
        .label = slot->label,
        .state = slot,
    };
    slot->state = SLOT_OUT;
    slot->tries++;
    shopify->attempt->counts.calls++;
    return &slot->http;
}

static enum flow fail(struct run *run, const struct err *why)
{
    if (!run->failed)
        run->failure = *why;
    run->failed = true;
    return FLOW_FAIL;
}

static enum flow park(struct run *run, int64_t wait_ms)
{
    struct err why;
    err_set(&why, ERR_THROTTLED, 0, "%s: the budget is used up for %d s", run->shopify->store,
            (int)((wait_ms + 999) / 1000));
    why.retry_after_ms = wait_ms;
    return fail(run, &why);
}

/* A batch waits up to 5 s for each of its calls: a hand-over or a drain would come too late after
 * all of them. */
static enum flow wait_for_points(struct run *run, int64_t points_ms, int64_t *wait_ms,
                                 struct err *err)
{
    *wait_ms = points_ms;
    if (points_ms > LIMITER_PARK_MS)
        park(run, points_ms);
    else if (!attempt_may_wait(run->shopify->attempt, err))
        fail(run, err);
    else
        return FLOW_WAIT;
    *err = run->failure;
    return FLOW_FAIL;
}

/* The first slot that may start now; *wait_ms = when the next one may, -1 = none waits. */
static struct slot *ready_slot(struct run *run, int64_t *wait_ms)
{
    int64_t now = now_ms(run);
    *wait_ms = -1;
    while (run->first < run->count && run->slots[run->first].state == SLOT_DONE)
        run->first++;
    for (size_t i = run->first; i < run->count; i++) {
        struct slot *slot = &run->slots[i];
        if (slot->state != SLOT_WAITS)
            continue;
        if (slot->not_before_ms <= now)
            return slot;
        int64_t left = slot->not_before_ms - now;
        if (*wait_ms < 0 || left < *wait_ms)
            *wait_ms = left;
    }
    return NULL;
}

static enum flow next_call(void *state, struct http_call **call, int64_t *wait_ms, struct err *err)
{
    struct run *run = state;
    struct shopify *shopify = run->shopify;
    struct points_grant grant;

    if (run->failed) {
        *err = run->failure;
        return FLOW_FAIL;
    }
    if (run->need_token)
        return FLOW_END; /* what is out comes home first */
    struct slot *slot = ready_slot(run, wait_ms);
    if (!slot)
        return *wait_ms < 0 ? FLOW_END : FLOW_WAIT;
    if (!slot->body)
        prepare(shopify, slot);
    int cost = shopify_cost(shopify, &slot->document, slot->cost_key);
    if (!limiter_points_take(shopify->attempt->limiter, shopify->bucket, cost,
                             shopify->floor_percent, &grant, err)) {
        *wait_ms = ATTEMPT_PAUSE_MS;
        return attempt_patient(shopify->attempt, &run->patience, err) ? FLOW_WAIT : fail(run, err);
    }
    run->patience = (struct patience){0};
    run->line = !grant.granted;
    if (!grant.granted)
        return wait_for_points(run, grant.wait_ms, wait_ms, err);
    memcpy(slot->reservation, grant.reservation, sizeof slot->reservation);
    *call = send_slot(shopify, slot);
    return FLOW_SEND;
}

/* ---- reading ---- */

static void settle(struct run *run, struct slot *slot, struct points_status points)
{
    struct err err;
    struct attempt *attempt = run->shopify->attempt;
    if (points.actual > 0) {
        attempt->counts.points += points.actual;
        series_count(SERIES_POINTS, points.actual,
                     LABELS(attempt->shop->store, attempt->sheet->ticket.operation));
    }
    if (!limiter_points_settle(attempt->limiter, run->shopify->bucket, slot->reservation, &points,
                               &err))
        log_debug("shopify.settle", TEXT("why", err.text)); /* the reservation ends by itself */
}

static void again(struct run *run, struct slot *slot, int64_t wait_ms)
{
    slot->state = SLOT_WAITS;
    slot->not_before_ms = now_ms(run) + wait_ms;
}

static void finish(struct slot *slot, const struct err *why)
{
    slot->state = SLOT_DONE;
    if (why)
        slot->call->err = *why;
    free(slot->body);
    slot->body = NULL;
}

static int64_t backoff_ms(int tries)
{
    int64_t most = (int64_t)BACKOFF_MS << (tries - 1);
    return most / 2 + (int64_t)(random_u64() % (uint64_t)most);
}

/* No answer, or one that tells nothing: a read, or a write whose key the store remembers, is asked
 * again; any other write may have happened. */
static void outcome_unknown(struct run *run, struct slot *slot, const struct err *why)
{
    bool safe = !slot->document.mutation || slot->document.idempotent;
    if (safe && slot->tries < TRIES) {
        again(run, slot, backoff_ms(slot->tries));
        return;
    }
    struct err err = *why;
    err.kind = slot->document.mutation ? ERR_UNCERTAIN : ERR_RETRY;
    finish(slot, &err);
}

static void throttled(struct run *run, struct slot *slot, const struct answer *answer)
{
    struct err err;
    int64_t wait_ms = 1000;
    struct attempt *attempt = run->shopify->attempt;
    if (!limiter_points_throttled(attempt->limiter, run->shopify->bucket, slot->reservation,
                                  &answer->points, &wait_ms, &err))
        log_debug("shopify.throttled", TEXT("why", err.text));
    shopify_cost_seen(run->shopify, &slot->document, slot->cost_key, answer->points.requested);
    again(run, slot, wait_ms);
    if (++slot->throttled >= THROTTLED_TRIES || wait_ms > LIMITER_PARK_MS)
        park(run, wait_ms);
}

static void later(struct run *run, struct slot *slot, const struct answer *answer)
{
    int64_t wait_ms = limiter_real_ms(run->shopify->attempt->limiter, answer->wait_ms);
    again(run, slot, wait_ms + (int64_t)(random_u64() % 250));
    if (++slot->later >= LATER_TRIES || wait_ms > LIMITER_PARK_MS)
        park(run, wait_ms);
}

static void token_refused(struct run *run, struct slot *slot, const struct answer *answer)
{
    again(run, slot, 0);
    if (slot->token_refused)
        fail(run, &answer->err);
    slot->token_refused = true;
    run->need_token = true;
}

void shopify_call_take(struct shopify_call *call, json *data)
{
    char path[160];
    call->data = data;
    if (!call->user_errors_at)
        return;
    snprintf(path, sizeof path, "%s%s", call->user_errors_at,
             strchr(call->user_errors_at, '.') ? "" : ".userErrors");
    json *errors = json_path(call->data, path);
    call->user_errors = json_count(errors) > 0 ? errors : NULL;
}

static void take_data(struct slot *slot, struct answer *answer)
{
    slot->call->answer = GIVE(answer->root);
    shopify_call_take(slot->call, GIVE(answer->data));
}

static void read_slot(struct run *run, struct slot *slot)
{
    struct shopify *shopify = run->shopify;
    struct answer answer;
    struct points_status nothing = {-1, 0, -1, -1, -1};

    answer_read(&slot->http, &slot->document, shopify->version, shopify->store, &answer);
    slot->call->requested = answer.points.requested;
    slot->call->actual = answer.points.actual;
    log_debug("shopify.answered", TEXT("operation", slot->document.operation),
              TEXT("request", answer.request_id), NUM("status", slot->http.status),
              NUM("ms", slot->http.ms), NUM("points", answer.points.actual));
    if (*answer.served)
        memcpy(shopify->served, answer.served, sizeof shopify->served);
    if (answer.err.kind != ERR_NONE) /* for Shopify's support, not for a message to people */
        log_info("shopify.failed", TEXT("operation", slot->document.operation),
                 TEXT("request", answer.request_id), TEXT("error", answer.err.text));
    if (answer.other_version)
        log_warn("shopify.version", TEXT("store", shopify->store), TEXT("asked", shopify->version));
    if (answer.kind == ANSWER_THROTTLED) {
        throttled(run, slot, &answer);
    } else if (answer.kind == ANSWER_BROKEN) {
        if (answer.points.actual >= 0)
            settle(run, slot, answer.points);
        outcome_unknown(run, slot, &answer.err);
    } else {
        settle(run, slot, answer.points.actual >= 0 ? answer.points : nothing);
        shopify_cost_seen(shopify, &slot->document, slot->cost_key, answer.points.requested);
        if (answer.kind == ANSWER_LATER)
            later(run, slot, &answer);
        else if (answer.kind == ANSWER_TOKEN)
            token_refused(run, slot, &answer);
        else if (answer.kind == ANSWER_OK)
            take_data(slot, &answer);
        if (answer.kind == ANSWER_CLOSED)
            fail(run, &answer.err);
        if (slot->state == SLOT_OUT)
            finish(slot, answer.kind == ANSWER_OK ? NULL : &answer.err);
    }
    if (answer.kind != ANSWER_OK)
        log_info("shopify.refused", TEXT("why", answer.err.text),
                 TEXT("code", answer.err.peer_code));
    answer_drop(&answer);
}

static void call_done(void *state, struct http_call *http)
{
    struct run *run = state;
    struct slot *slot = http->state;
    struct points_status nothing = {-1, 0, -1, -1, -1};

    if (http->err.kind == ERR_NONE) {
        read_slot(run, slot);
    } else {
        err_wrap(&http->err, "%s", slot->document.operation);
        log_info("shopify.no_answer", TEXT("why", http->err.text), NUM("try", slot->tries));
        if (http->err.kind == ERR_RETRY) { /* nothing went out */
            settle(run, slot, nothing);
            again(run, slot, backoff_ms(slot->tries));
            if (slot->tries >= TRIES)
                finish(slot, &http->err);
        } else {
            outcome_unknown(run, slot, &http->err);
        }
    }
    http_call_drop(http);
}

/* ---- the whole ---- */

static void open_slots(struct run *run, struct shopify_call *calls)
{
    const struct shop *shop = run->shopify->attempt->shop;
    for (size_t i = 0; i < run->count; i++) {
        struct slot *slot = &run->slots[i];
        slot->call = &calls[i];
        err_clear(&calls[i].err);
        bool known = document_find(calls[i].document, &slot->document);
        assert(known && (!slot->document.mutation || calls[i].user_errors_at));
        calls[i].not_allowed = slot->document.mutation && !shop->allow_writes;
        if (calls[i].not_allowed)
            finish(slot, NULL);
    }
}

static void close_slots(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct slot *slot = &run->slots[i];
        if (slot->state != SLOT_DONE)
            finish(slot, &run->failure);
        json_free(slot->call->variables);
        slot->call->variables = NULL;
    }
    free(run->slots);
}

bool shopify_call_all(struct attempt *attempt, struct shopify_call *calls, size_t count,
                      struct err *err)
{
    struct run run = {.count = count};
    if (!shopify_of(attempt, &run.shopify, err))
        return false;
    run.slots = mem_array(count, sizeof *run.slots);
    open_slots(&run, calls);

    struct attempt_flow flow = {
        .next = next_call, .done = call_done, .state = &run, .window = WINDOW};
    bool ok = true, again = true;
    while (ok && again) {
        int64_t wait_ms;
        if (!ready_slot(&run, &wait_ms) && wait_ms < 0)
            break; /* all done, or nothing allowed: no token is needed */
        ok = shopify_token(run.shopify, run.need_token, err);
        run.need_token = false;
        ok = ok && attempt_flow(attempt, &flow, err);
        again = run.need_token;
    }
    if (!ok)
        run.failure = *err;
    if (!ok && run.line && err->kind != ERR_THROTTLED) { /* a parked task keeps its place */
        struct err ignored;
        if (!limiter_points_leave(attempt->limiter, run.shopify->bucket, &ignored))
            log_debug("shopify.leave", TEXT("why", ignored.text));
    }
    close_slots(&run);
    return ok || err_wrap(err, "shop %s", attempt->shop->code);
}

bool shopify_ask(struct attempt *attempt, struct shopify_call *call, struct err *err)
{
    if (!shopify_call_all(attempt, call, 1, err))
        return false;
    if (call->err.kind == ERR_NONE)
        return true;
    *err = call->err;
    return err_wrap(err, "shop %s", attempt->shop->code);
}

void shopify_call_drop(struct shopify_call *call)
{
    json_free(call->variables);
    json_free(call->answer);
    call->variables = call->answer = call->data = call->user_errors = NULL;
}
