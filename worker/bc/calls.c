/* calls.c - several questions to Business Central at once, each on a seat of the credential.
 *
 * A slot is a call on its way: it waits, is out, or is done. A seat that comes free is kept for the
 * next slot: giving it back and asking for the next is then one step, and where nobody else waits
 * the answer is yes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "bc/answer.h"
#include "bc/room.h"
#include "limiter/limiter.h"

enum { TIMEOUT_MS = 120000, WRITE_TRIES = 5, READ_TRIES = 8, BROKEN_TRIES = 4 };
enum { BACKOFF_MS = 500, MOST_BACKOFF_MS = 60000, RENEW_MS = LIMITER_SEAT_MS / 3 };

enum slot_state { SLOT_WAITS, SLOT_OUT, SLOT_DONE };
struct slot {
    struct bc_call *call;
    enum slot_state state;
    struct http_call http;
    char *url, *body, *etag_header, *page_header;
    const char *headers[10];
    char label[96], seat[SEAT_TEXT];
    int tries, later, broken;
    bool token_refused;
    int64_t not_before_ms;
};

struct run {
    struct bc *bc;
    struct slot *slots;
    size_t count, first;
    char spare[LIMITER_SEATS][SEAT_TEXT]; /* seats of calls that have ended */
    int spares;
    int64_t renewed_ms;
    struct patience patience;
    bool need_token, line, failed;
    struct err failure;
};

static int64_t now_ms(const struct run *run)
{
    return clock_mono_ms(run->bc->attempt->clock);
}

static bool is_read(const struct bc_call *call)
{
    return strcmp(call->method, "GET") == 0;
}

/* ---- sending ---- */

/* "bc GET salesOrders": the path up to its first key or option, which may hold a person's name. */
static void make_label(struct slot *slot)
{
    const char *path = slot->call->path[0] == '/' ? slot->call->path + 1 : slot->call->path;
    const char *action = strstr(path, "Microsoft.NAV.");
    const char *set = *path ? path : "root"; /* the list of an API's sets has no name of its own */
    snprintf(slot->label, sizeof slot->label, "bc %s %.*s%s%.40s", slot->call->method,
             (int)(strcspn(set, "(?/") < 40 ? strcspn(set, "(?/") : 40), set, action ? "/" : "",
             action ? action : "");
}

static void prepare(struct bc *bc, struct slot *slot)
{
    struct bc_call *call = slot->call;
    size_t count = 0;
    slot->url = bc_url(bc, call->root, call->path);
    make_label(slot);
    if (call->body)
        slot->body = mem_text(json_write(call->body));
    else if (call->bytes)
        slot->body = NULL; /* sent from where it lies */
    else if (strcmp(call->method, "POST") == 0 || strcmp(call->method, "PATCH") == 0)
        slot->body = mem_text("{}"); /* an action; with a body it cannot be sent twice unseen */
    slot->headers[count++] = NULL;   /* Authorization, set when sent */
    slot->headers[count++] = call->raw ? "Accept: */*" : "Accept: application/json";
    slot->headers[count++] = bc->language_header;
    if (slot->body)
        slot->headers[count++] = "Content-Type: application/json";
    if (call->bytes)
        slot->headers[count++] = "Content-Type: application/octet-stream";
    if (call->primary)
        slot->headers[count++] = "Data-Access-Intent: ReadWrite";
    if (call->keep_going)
        slot->headers[count++] = "Prefer: odata.continue-on-error";
    if (call->if_match)
        slot->headers[count++] = slot->etag_header = mem_printf("If-Match: %s", call->if_match);
    if (call->page_size > 0)
        slot->headers[count++] = slot->page_header =
            mem_printf("Prefer: odata.maxpagesize=%d", call->page_size);
    assert(count < COUNT(slot->headers));
}

static struct http_call *send_slot(struct bc *bc, struct slot *slot)
{
    slot->headers[0] = bc->auth_header;
    slot->http = (struct http_call){
        .method = slot->call->method,
        .url = slot->url,
        .headers = slot->headers,
        .body = slot->call->bytes ? slot->call->bytes : slot->body,
        .body_size = slot->call->bytes ? slot->call->bytes_size
                     : slot->body      ? strlen(slot->body)
                                       : 0,
        .timeout_ms = slot->call->timeout_ms > 0 ? slot->call->timeout_ms : TIMEOUT_MS,
        .label = slot->label,
        .state = slot,
    };
    slot->state = SLOT_OUT;
    slot->tries++;
    bc->attempt->counts.erp_calls++;
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
    err_set(&why, ERR_THROTTLED, 0, "Business Central wants a pause of %d s",
            (int)((wait_ms + 999) / 1000));
    snprintf(why.peer_code, sizeof why.peer_code, PARK_BC_LIMIT);
    why.retry_after_ms = wait_ms;
    return fail(run, &why);
}

static void give_spares(struct run *run)
{
    struct err err;
    while (run->spares > 0) {
        run->spares--;
        if (!limiter_seat_give(run->bc->attempt->limiter, run->bc->seats, run->spare[run->spares],
                               &err))
            log_debug("bc.seat", TEXT("why", err.text)); /* its lease ends by itself */
    }
}

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

static enum flow take_seat(struct run *run, struct slot *slot, int64_t *wait_ms, struct err *err)
{
    struct attempt *attempt = run->bc->attempt;
    bool granted = false;
    slot->seat[0] = 0;
    if (run->spares > 0)
        memcpy(slot->seat, run->spare[--run->spares], SEAT_TEXT);
    int weight = slot->call->weight > 0 ? slot->call->weight : 1;
    if (!limiter_seat_take(attempt->limiter, run->bc->seats, weight, &granted, wait_ms, slot->seat,
                           err)) {
        *wait_ms = ATTEMPT_PAUSE_MS;
        return attempt_patient(attempt, &run->patience, err) ? FLOW_WAIT : fail(run, err);
    }
    run->patience = (struct patience){0};
    run->line = !granted;
    if (granted)
        return FLOW_SEND;
    if (*wait_ms <= LIMITER_PARK_MS)
        return FLOW_WAIT;
    park(run, *wait_ms);
    *err = run->failure;
    return FLOW_FAIL;
}

/* An operation that does not ask for this time itself parks until it has passed: what cannot be
 * repeated blindly may be under way already. */
static bool strays_are_out(struct run *run, const struct bc_call *call)
{
    int64_t left_ms = attempt_strays_left_ms(run->bc->attempt);
    struct err why;
    if (left_ms <= 0 || is_read(call) || call->repeatable)
        return false;
    err_set(&why, ERR_UNCERTAIN, 0,
            "the data set was taken over, and a call from before may still come through");
    why.retry_after_ms = left_ms;
    fail(run, &why);
    return true;
}

static void finish(struct slot *slot, const struct err *why);

static enum flow next_call(void *state, struct http_call **call, int64_t *wait_ms, struct err *err)
{
    struct run *run = state;
    if (run->failed) {
        *err = run->failure;
        return FLOW_FAIL;
    }
    struct slot *slot = run->need_token ? NULL : ready_slot(run, wait_ms);
    if (!slot) {
        give_spares(run);
        return run->need_token || *wait_ms < 0 ? FLOW_END : FLOW_WAIT;
    }
    if (strays_are_out(run, slot->call)) {
        *err = run->failure;
        return FLOW_FAIL;
    }
    enum flow flow = take_seat(run, slot, wait_ms, err);
    if (flow != FLOW_SEND)
        return flow;
    bool sent = !slot->call->before || slot->call->before(run->bc->attempt, slot->call, err);
    if (!sent || slot->call->err.kind != ERR_NONE) {
        struct err why = slot->call->err;
        memcpy(run->spare[run->spares++], slot->seat, SEAT_TEXT);
        if (!sent)
            return fail(run, err);
        finish(slot, &why);
        return next_call(state, call, wait_ms, err);
    }
    if (!slot->url)
        prepare(run->bc, slot);
    *call = send_slot(run->bc, slot);
    return FLOW_SEND;
}

/* Seats are short leases, so that a killed worker blocks nobody for long. */
static void renew_seats(void *state)
{
    struct run *run = state;
    const char *seats[LIMITER_SEATS];
    size_t count = 0;
    struct err err;
    int64_t now = now_ms(run);
    if (now - run->renewed_ms < RENEW_MS)
        return;
    run->renewed_ms = now;
    for (size_t i = run->first; i < run->count && count < LIMITER_SEATS; i++)
        if (run->slots[i].state == SLOT_OUT)
            seats[count++] = run->slots[i].seat;
    if (count > 0 &&
        !limiter_seats_renew(run->bc->attempt->limiter, run->bc->seats, seats, count, &err))
        log_debug("bc.seats", TEXT("why", err.text));
}

/* ---- reading ---- */

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
    free(slot->url);
    free(slot->body);
    free(slot->etag_header);
    free(slot->page_header);
    slot->url = slot->body = slot->etag_header = slot->page_header = NULL;
}

static int64_t backoff_ms(int tries)
{
    int64_t most = (int64_t)BACKOFF_MS << (tries < 8 ? tries : 8);
    if (most > MOST_BACKOFF_MS)
        most = MOST_BACKOFF_MS;
    return most / 4 + (int64_t)(random_u64() % (uint64_t)most);
}

static void outcome_unknown(struct run *run, struct slot *slot, const struct err *why)
{
    bool safe = is_read(slot->call) || slot->call->repeatable;
    if (safe && ++slot->broken < BROKEN_TRIES) {
        again(run, slot, backoff_ms(slot->broken));
        return;
    }
    struct err err = *why;
    err.kind = safe ? ERR_RETRY : ERR_UNCERTAIN;
    finish(slot, &err);
}

/* 429 and 503: the whole credential pauses, not this call alone. */
static void later(struct run *run, struct slot *slot, const struct bc_answer *answer)
{
    struct err err;
    int64_t wait_ms = answer->wait_ms >= 0 ? answer->wait_ms : 2 * backoff_ms(++slot->later);
    if (answer->wait_ms >= 0)
        slot->later++;
    if (!limiter_seat_backoff(run->bc->attempt->limiter, run->bc->seats, wait_ms, &err))
        log_debug("bc.backoff", TEXT("why", err.text));
    again(run, slot, 0);
    int64_t real_ms = limiter_real_ms(run->bc->attempt->limiter, wait_ms);
    if (slot->later >= (is_read(slot->call) ? READ_TRIES : WRITE_TRIES) ||
        real_ms > LIMITER_PARK_MS)
        park(run, real_ms);
}

static void not_run(struct run *run, struct slot *slot, const struct err *why)
{
    int most = is_read(slot->call) ? READ_TRIES : WRITE_TRIES;
    if (slot->tries < most)
        again(run, slot, backoff_ms(slot->tries));
    else
        finish(slot, why);
}

static void token_refused(struct run *run, struct slot *slot, const struct err *why)
{
    again(run, slot, 0);
    if (slot->token_refused)
        fail(run, why);
    slot->token_refused = true;
    run->need_token = true;
}

/* Once: an attempt that has looked itself gets the refusal as it is. */
static void set_is_gone(struct run *run, const struct slot *slot, struct err *why)
{
    bool gone = slot->call->root != BC_API && slot->http.status == 404 &&
                strcmp(why->peer_code, "BadRequest_ResourceNotFound") == 0;
    if (gone && bc_level_forget(run->bc))
        err_set(why, ERR_RETRY, slot->http.status,
                "%s: company %s does not offer this any longer; the next try goes by what it does",
                slot->label + 3, run->bc->company_name);
}

static void log_answer(const struct slot *slot, const struct bc_answer *answer)
{
    char request[64] = "";
    if (!http_header(&slot->http, "request-id", request, sizeof request))
        http_header(&slot->http, "ms-correlation-x", request, sizeof request);
    log_debug("bc.answered", TEXT("call", slot->label), NUM("status", slot->http.status),
              NUM("ms", slot->http.ms), TEXT("request", request));
    if (answer->verdict != BC_OK)
        log_info("bc.refused", TEXT("call", slot->label), NUM("status", slot->http.status),
                 TEXT("code", answer->err.peer_code), TEXT("correlation", answer->correlation),
                 TEXT("request", request));
}

/* An answer that was promised as JSON and is none: gateways send pages of HTML. */
static void take_body(struct slot *slot, json **body)
{
    struct err ignored;
    if (slot->http.answer.size > 0 && !slot->call->raw &&
        !json_parse(buf_str(&slot->http.answer), slot->http.answer.size, body, &ignored))
        *body = NULL;
    bool good = slot->http.status >= 200 && slot->http.status < 300;
    if (slot->call->raw && good)
        buf_add(slot->call->raw, buf_str(&slot->http.answer), slot->http.answer.size);
}

static void read_slot(struct run *run, struct slot *slot)
{
    struct bc_answer answer;
    OWN_JSON json *body = NULL;

    take_body(slot, &body);
    bc_answer_read(slot->http.status, body, http_retry_after_ms(&slot->http), slot->label + 3,
                   &answer);
    if (answer.verdict == BC_OK && slot->http.answer.size > 0 && !slot->call->raw && !body) {
        answer.verdict = BC_BROKEN;
        err_set(&answer.err, ERR_RETRY, slot->http.status, "%s: the answer is no JSON",
                slot->label + 3);
    }
    log_answer(slot, &answer);
    slot->call->status = slot->http.status;
    slot->call->date_ms = http_date_ms(&slot->http);
    switch (answer.verdict) {
    case BC_OK:
        slot->call->answer = GIVE(body);
        finish(slot, NULL);
        break;
    case BC_REFUSED:
        set_is_gone(run, slot, &answer.err);
        slot->call->answer = GIVE(body);
        finish(slot, &answer.err);
        break;
    case BC_TOKEN:
        token_refused(run, slot, &answer.err);
        break;
    case BC_LATER:
        later(run, slot, &answer);
        break;
    case BC_AGAIN:
        not_run(run, slot, &answer.err);
        break;
    case BC_BROKEN:
        outcome_unknown(run, slot, &answer.err);
        break;
    }
}

static void call_done(void *state, struct http_call *http)
{
    struct run *run = state;
    struct slot *slot = http->state;
    assert(run->spares < LIMITER_SEATS);
    memcpy(run->spare[run->spares++], slot->seat, SEAT_TEXT);
    slot->call->ms = http->ms;
    if (http->err.kind == ERR_NONE) {
        read_slot(run, slot);
    } else {
        err_wrap(&http->err, "%s", slot->label + 3);
        log_info("bc.no_answer", TEXT("why", http->err.text), NUM("try", slot->tries));
        if (http->err.kind == ERR_RETRY)
            not_run(run, slot, &http->err);
        else
            outcome_unknown(run, slot, &http->err);
    }
    http_call_drop(http);
    struct err err;
    if (slot->state == SLOT_DONE && slot->call->after &&
        !slot->call->after(run->bc->attempt, slot->call, &err))
        fail(run, &err);
}

/* ---- the whole ---- */

static void close_slots(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct slot *slot = &run->slots[i];
        if (slot->state != SLOT_DONE)
            finish(slot, &run->failure);
        json_free(slot->call->body);
        slot->call->body = NULL;
    }
    free(run->slots);
}

bool bc_run(struct bc *bc, struct bc_call *calls, size_t count, struct err *err)
{
    struct run run = {.bc = bc, .count = count};
    run.slots = mem_array(count, sizeof *run.slots);
    run.renewed_ms = now_ms(&run);
    for (size_t i = 0; i < count; i++) {
        run.slots[i].call = &calls[i];
        err_clear(&calls[i].err);
    }
    struct attempt_flow flow = {
        .next = next_call,
        .done = call_done,
        .look = renew_seats,
        .state = &run,
        .window = LIMITER_SEATS,
    };
    bool ok = true;
    do {
        ok = bc_token(bc, run.need_token, err);
        run.need_token = false;
        ok = ok && attempt_flow(bc->attempt, &flow, err);
    } while (ok && run.need_token);
    give_spares(&run);
    if (!ok)
        run.failure = *err;
    if (!ok && run.line) {
        struct err ignored;
        if (!limiter_seat_leave(bc->attempt->limiter, bc->seats, &ignored))
            log_debug("bc.leave", TEXT("why", ignored.text));
    }
    close_slots(&run);
    return ok;
}

void bc_call_drop(struct bc_call *call)
{
    json_free(call->body);
    json_free(call->answer);
    call->body = call->answer = NULL;
}
