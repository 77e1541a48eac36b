/* limiter.c - the shared budgets' scripts (schemas/redis/limiter_*.lua), called by name. Keys carry
 * a hash tag of their own, so that a budget lives on one node of a cluster. */
#include "limiter/limiter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/secret.h"
#include "metrics/series.h"

enum { KEY_TEXT = 128, NUMBER_TEXT = 24 };
enum { TOKEN_LOCK_MS = 30000, TOKEN_REFUSED_GAP_MS = 60000 };

struct limiter {
    struct ledger *ledger;
    char *worker, *who;
    double scale;
    char scale_text[NUMBER_TEXT];
    uint64_t count; /* makes ids of this limiter unique */
    char unique[17];
};

struct limiter *limiter_new(struct ledger *ledger, const char *worker_id)
{
    struct limiter *limiter = mem_new(sizeof *limiter);
    limiter->ledger = ledger;
    limiter->worker = mem_text(worker_id);
    random_hex(8, limiter->unique);
    limiter_set_time_scale(limiter, 1);
    limiter_begin(limiter, limiter->unique);
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    if (!limiter)
        return;
    free(limiter->worker);
    free(limiter->who);
    free(limiter);
}

void limiter_set_time_scale(struct limiter *limiter, double scale)
{
    limiter->scale = scale > 0 ? scale : 1;
    snprintf(limiter->scale_text, sizeof limiter->scale_text, "%.6g", limiter->scale);
}

int64_t limiter_real_ms(const struct limiter *limiter, int64_t bucket_ms)
{
    return (int64_t)((double)bucket_ms / limiter->scale);
}

void limiter_begin(struct limiter *limiter, const char *who)
{
    free(limiter->who);
    limiter->who = mem_text(who);
}

/* A tenth of the wait and a little: who waits for the same thing does not come back together. */
static int64_t with_jitter(int64_t wait_ms)
{
    return wait_ms + (int64_t)(random_u64() % (uint64_t)(wait_ms / 10 + 5));
}

static void new_id(struct limiter *limiter, char *out, size_t size)
{
    snprintf(out, size, "%s.%" PRIu64, limiter->unique, ++limiter->count);
}

struct keys {
    char text[4][KEY_TEXT];
};

/* Store and credential names are people's texts: their digest keeps keys short and plain. */
static void make_keys(const struct limiter *limiter, const char *room, const char *name,
                      const char *const parts[], size_t count, struct keys *out)
{
    char digest[33];
    digest_hex(name, strlen(name), 16, digest);
    for (size_t i = 0; i < count; i++)
        snprintf(out->text[i], KEY_TEXT, "ct:{%s/%s/%s}:%s", ledger_environment(limiter->ledger),
                 room, digest, parts[i]);
}

static const char *const POINT_KEYS[] = {"bucket", "open", "line", "waiters"};
static const char *const SEAT_KEYS[] = {"rate", "seats", "line", "waiters"};
static const char *const TOKEN_KEYS[] = {"token"};
static const char *const PLACE_KEYS[] = {"places"};

struct script_call {
    const char *script;
    size_t keys, args;
    const char *argv[16];
};

static bool run(struct limiter *limiter, const struct script_call *call, size_t want,
                redisReply **out, struct err *err)
{
    if (!redis_script(ledger_redis(limiter->ledger), call->script, (int)call->keys,
                      (int)(call->keys + call->args), call->argv, NULL, out, err))
        return err_wrap(err, "ask the limiter");
    if ((*out)->type != REDIS_REPLY_ARRAY || (*out)->elements < want)
        return err_set(err, ERR_FATAL, 0, "script %s answered in an unknown form", call->script);
    return true;
}

static int64_t reply_int(const redisReply *reply, size_t at)
{
    const redisReply *part = at < reply->elements ? reply->element[at] : NULL;
    if (!part)
        return 0;
    return part->type == REDIS_REPLY_INTEGER  ? part->integer
           : part->type == REDIS_REPLY_STRING ? strtoll(part->str, NULL, 10)
                                              : 0;
}

/* ---- figures: a bucket is "<store>/<client id>", and only the store is told of ---- */

static const char *store_of(const char *bucket, char out[static LABEL_TEXT])
{
    snprintf(out, LABEL_TEXT, "%.*s", (int)strcspn(bucket, "/"), bucket);
    return out;
}

static void count_ask(const char *store, const char *limit, const char *answer, int64_t wait_ms)
{
    series_count(SERIES_LIMITER_ASKS, 1, LABELS(store, limit, answer));
    if (wait_ms > 0)
        series_count(SERIES_LIMITER_WAIT, wait_ms, LABELS(store, limit));
}

static void note_status(const char *bucket, const struct points_status *status)
{
    char store[LABEL_TEXT];
    if (status->maximum < 0)
        return;
    series_set(SERIES_POINTS_AVAILABLE, status->available_x100 * 10,
               LABELS(store_of(bucket, store)));
    series_set(SERIES_POINTS_MAXIMUM, status->maximum * 1000, LABELS(store));
}

/* ---- Shopify points ---- */

static struct script_call points_call(struct limiter *limiter, const char *bucket,
                                      struct keys *keys, const char *verb)
{
    make_keys(limiter, "pts", bucket, POINT_KEYS, 4, keys);
    return (struct script_call){
        .script = "limiter_points",
        .keys = 4,
        .args = 2,
        .argv = {keys->text[0], keys->text[1], keys->text[2], keys->text[3], verb,
                 limiter->scale_text},
    };
}

bool limiter_points_take(struct limiter *limiter, const char *bucket, int cost, int floor_percent,
                         struct points_grant *out, struct err *err)
{
    struct keys keys;
    struct script_call call = points_call(limiter, bucket, &keys, "take");
    char cost_text[NUMBER_TEXT], floor_text[NUMBER_TEXT], lease_text[NUMBER_TEXT];
    char store[LABEL_TEXT];
    OWN_REPLY redisReply *reply = NULL;

    memset(out, 0, sizeof *out);
    new_id(limiter, out->reservation, sizeof out->reservation);
    snprintf(cost_text, sizeof cost_text, "%d", cost);
    snprintf(floor_text, sizeof floor_text, "%d", floor_percent);
    snprintf(lease_text, sizeof lease_text, "%d", LIMITER_POINTS_MS);
    const char *args[] = {out->reservation, cost_text, floor_text, lease_text, limiter->who};
    memcpy(call.argv + call.keys + call.args, args, sizeof args);
    call.args += COUNT(args);
    if (!run(limiter, &call, 1, &reply, err))
        return false;
    out->granted = reply_int(reply, 0) == 1;
    if (!out->granted)
        out->wait_ms = with_jitter(reply_int(reply, 1));
    count_ask(store_of(bucket, store), "points", out->granted ? "granted" : "wait", out->wait_ms);
    return true;
}

struct status_text {
    char second[NUMBER_TEXT], maximum[NUMBER_TEXT], available[NUMBER_TEXT], rate[NUMBER_TEXT];
};

static void add_status(struct script_call *call, const char *reservation, int second,
                       const struct points_status *status, struct status_text *text)
{
    snprintf(text->second, sizeof text->second, "%d", second);
    snprintf(text->maximum, sizeof text->maximum, "%" PRId64, status->maximum);
    snprintf(text->available, sizeof text->available, "%.2f", (double)status->available_x100 / 100);
    snprintf(text->rate, sizeof text->rate, "%.2f", (double)status->restore_x100 / 100);
    const char *args[] = {reservation, text->second, text->maximum, text->available, text->rate};
    memcpy(call->argv + call->keys + call->args, args, sizeof args);
    call->args += COUNT(args);
}

bool limiter_points_settle(struct limiter *limiter, const char *bucket, const char *reservation,
                           const struct points_status *status, struct err *err)
{
    struct keys keys;
    struct status_text text;
    struct script_call call = points_call(limiter, bucket, &keys, "settle");
    OWN_REPLY redisReply *reply = NULL;
    add_status(&call, reservation, status->actual, status, &text);
    note_status(bucket, status);
    return run(limiter, &call, 1, &reply, err);
}

bool limiter_points_throttled(struct limiter *limiter, const char *bucket, const char *reservation,
                              const struct points_status *status, int64_t *wait_ms, struct err *err)
{
    struct keys keys;
    struct status_text text;
    struct script_call call = points_call(limiter, bucket, &keys, "throttled");
    char store[LABEL_TEXT];
    OWN_REPLY redisReply *reply = NULL;
    add_status(&call, reservation, status->requested, status, &text);
    note_status(bucket, status);
    if (!run(limiter, &call, 2, &reply, err))
        return false;
    *wait_ms = with_jitter(reply_int(reply, 1));
    count_ask(store_of(bucket, store), "points", "throttled", *wait_ms);
    return true;
}

bool limiter_points_leave(struct limiter *limiter, const char *bucket, struct err *err)
{
    struct keys keys;
    struct script_call call = points_call(limiter, bucket, &keys, "leave");
    OWN_REPLY redisReply *reply = NULL;
    call.argv[call.keys + call.args++] = limiter->who;
    return run(limiter, &call, 1, &reply, err);
}

/* "<minute>:<points>" of u0 to u59; one of an earlier hour says nothing. */
static void read_minute(const char *text, int64_t now_ms, int64_t used[LIMITER_MINUTES])
{
    int64_t now = now_ms / 60000, minute, points;
    if (sscanf(text, "%" SCNd64 ":%" SCNd64, &minute, &points) == 2 && minute <= now &&
        minute > now - LIMITER_MINUTES)
        used[LIMITER_MINUTES - 1 - (now - minute)] = points;
}

static void read_field(const char *name, const char *text, int64_t now_ms, struct points_view *out)
{
    if (strcmp(name, "available") == 0)
        out->available = strtod(text, NULL);
    else if (strcmp(name, "maximum") == 0)
        out->maximum = strtod(text, NULL);
    else if (strcmp(name, "rate") == 0)
        out->rate = strtod(text, NULL);
    else if (strcmp(name, "updated") == 0)
        out->updated_ms = (int64_t)strtod(text, NULL);
    else if (strcmp(name, "throttled") == 0)
        out->throttled = strtoll(text, NULL, 10);
    else if (*name == 'u')
        read_minute(text, now_ms, out->used);
}

bool limiter_points_look(struct limiter *limiter, const char *bucket, struct points_view *out,
                         struct err *err)
{
    struct keys keys;
    struct redis *redis = ledger_redis(limiter->ledger);
    OWN_REPLY redisReply *time = NULL;
    OWN_REPLY redisReply *state = NULL;
    OWN_REPLY redisReply *open = NULL;
    OWN_REPLY redisReply *line = NULL;
    make_keys(limiter, "pts", bucket, POINT_KEYS, 4, &keys);
    if (!redis_commandf(redis, &time, err, "TIME") ||
        !redis_commandf(redis, &state, err, "HGETALL %s", keys.text[0]) ||
        !redis_commandf(redis, &open, err, "ZCARD %s", keys.text[1]) ||
        !redis_commandf(redis, &line, err, "ZCARD %s", keys.text[2]))
        return err_wrap(err, "look at the budget of %s", bucket);
    *out = (struct points_view){.open = open->integer, .waiting = line->integer};
    for (size_t i = 0; i + 1 < state->elements; i += 2)
        read_field(state->element[i]->str, state->element[i + 1]->str, reply_int(time, 0) * 1000,
                   out);
    return true;
}

/* ---- places of bulk operations ---- */

static bool place_call(struct limiter *limiter, const char *bucket, const char *kind,
                       const char *verb, const char *who, bool *granted, struct err *err)
{
    struct keys keys;
    char most[NUMBER_TEXT], lease[NUMBER_TEXT];
    OWN_TEXT char *room = mem_printf("bulk-%s", kind);
    OWN_REPLY redisReply *reply = NULL;
    make_keys(limiter, room, bucket, PLACE_KEYS, 1, &keys);
    snprintf(most, sizeof most, "%d", LIMITER_PLACES);
    snprintf(lease, sizeof lease, "%d", LIMITER_PLACE_MS);
    const struct script_call call = {
        .script = "limiter_places",
        .keys = 1,
        .args = 4,
        .argv = {keys.text[0], verb, who, most, lease}
    };
    if (!run(limiter, &call, 1, &reply, err))
        return false;
    *granted = reply_int(reply, 0) == 1;
    return true;
}

bool limiter_place_take(struct limiter *limiter, const char *bucket, const char *kind,
                        const char *who, bool *taken, struct err *err)
{
    return place_call(limiter, bucket, kind, "take", who, taken, err);
}

bool limiter_place_give(struct limiter *limiter, const char *bucket, const char *kind,
                        const char *who, struct err *err)
{
    bool given;
    return place_call(limiter, bucket, kind, "give", who, &given, err);
}

/* ---- learned costs ---- */

bool limiter_cost_known(struct limiter *limiter, const char *key, int *cost, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(limiter->ledger), &reply, err, "HGET ct:{%s/cost}:learned %s",
                        ledger_environment(limiter->ledger), key))
        return err_wrap(err, "look up a learned cost");
    *cost = reply->type == REDIS_REPLY_STRING ? (int)strtol(reply->str, NULL, 10) : 0;
    return true;
}

bool limiter_cost_learn(struct limiter *limiter, const char *key, int cost, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(limiter->ledger), &reply, err,
                        "HSET ct:{%s/cost}:learned %s %d", ledger_environment(limiter->ledger), key,
                        cost))
        return err_wrap(err, "learn a cost");
    return true;
}

/* ---- Business Central seats ---- */

static struct script_call seats_call(struct limiter *limiter, const char *credential,
                                     struct keys *keys, const char *verb)
{
    make_keys(limiter, "seat", credential, SEAT_KEYS, 4, keys);
    return (struct script_call){
        .script = "limiter_seats",
        .keys = 4,
        .args = 2,
        .argv = {keys->text[0], keys->text[1], keys->text[2], keys->text[3], verb,
                 limiter->scale_text},
    };
}

bool limiter_seat_take(struct limiter *limiter, const char *credential, int weight, bool *granted,
                       int64_t *wait_ms, char seat[static SEAT_TEXT], struct err *err)
{
    struct keys keys;
    struct script_call call = seats_call(limiter, credential, &keys, "take");
    char fresh[SEAT_TEXT], seats_text[NUMBER_TEXT], rate_text[NUMBER_TEXT], burst_text[NUMBER_TEXT];
    char lease_text[NUMBER_TEXT], weight_text[NUMBER_TEXT];
    OWN_REPLY redisReply *reply = NULL;

    new_id(limiter, fresh, sizeof fresh);
    snprintf(seats_text, sizeof seats_text, "%d", LIMITER_SEATS);
    snprintf(rate_text, sizeof rate_text, "%d", LIMITER_RATE);
    snprintf(lease_text, sizeof lease_text, "%d", LIMITER_SEAT_MS);
    snprintf(burst_text, sizeof burst_text, "%d", LIMITER_BURST);
    snprintf(weight_text, sizeof weight_text, "%d", weight);
    const char *args[] = {seat,      fresh,      limiter->who, seats_text,
                          rate_text, burst_text, weight_text,  lease_text};
    memcpy(call.argv + call.keys + call.args, args, sizeof args);
    call.args += COUNT(args);
    if (!run(limiter, &call, 1, &reply, err))
        return false;
    *granted = reply_int(reply, 0) == 1;
    *wait_ms = *granted ? 0 : with_jitter(reply_int(reply, 1));
    count_ask("", "seats", *granted ? "granted" : "wait", *wait_ms);
    snprintf(seat, SEAT_TEXT, "%s", *granted ? fresh : "");
    return true;
}

bool limiter_seat_give(struct limiter *limiter, const char *credential, const char *seat,
                       struct err *err)
{
    struct keys keys;
    struct script_call call = seats_call(limiter, credential, &keys, "give");
    OWN_REPLY redisReply *reply = NULL;
    call.argv[call.keys + call.args++] = seat;
    return run(limiter, &call, 1, &reply, err);
}

bool limiter_seats_renew(struct limiter *limiter, const char *credential, const char *const seats[],
                         size_t count, struct err *err)
{
    struct keys keys;
    struct script_call call = seats_call(limiter, credential, &keys, "renew");
    char lease_text[NUMBER_TEXT];
    OWN_REPLY redisReply *reply = NULL;
    assert(count <= LIMITER_SEATS);
    snprintf(lease_text, sizeof lease_text, "%d", LIMITER_SEAT_MS);
    call.argv[call.keys + call.args++] = lease_text;
    for (size_t i = 0; i < count; i++)
        call.argv[call.keys + call.args++] = seats[i];
    return run(limiter, &call, 1, &reply, err);
}

bool limiter_seat_leave(struct limiter *limiter, const char *credential, struct err *err)
{
    struct keys keys;
    struct script_call call = seats_call(limiter, credential, &keys, "leave");
    OWN_REPLY redisReply *reply = NULL;
    call.argv[call.keys + call.args++] = limiter->who;
    return run(limiter, &call, 1, &reply, err);
}

bool limiter_seat_backoff(struct limiter *limiter, const char *credential, int64_t wait_ms,
                          struct err *err)
{
    struct keys keys;
    struct script_call call = seats_call(limiter, credential, &keys, "backoff");
    char wait_text[NUMBER_TEXT];
    OWN_REPLY redisReply *reply = NULL;
    snprintf(wait_text, sizeof wait_text, "%" PRId64, wait_ms);
    call.argv[call.keys + call.args++] = wait_text;
    count_ask("", "seats", "throttled", wait_ms);
    return run(limiter, &call, 1, &reply, err);
}

/* ---- tokens ---- */

static struct script_call token_call(struct limiter *limiter, const char *name, struct keys *keys,
                                     const char *verb)
{
    make_keys(limiter, "tok", name, TOKEN_KEYS, 1, keys);
    return (struct script_call){
        .script = "limiter_token", .keys = 1, .args = 1, .argv = {keys->text[0], verb}
    };
}

static void token_digest(const char *value, char out[static 33])
{
    digest_hex(value, strlen(value), 16, out);
}

static bool token_unreadable(struct limiter *limiter, const struct token_name *name,
                             const char *digest, struct err *err)
{
    struct keys keys;
    struct script_call call = token_call(limiter, name->name, &keys, "drop");
    OWN_REPLY redisReply *reply = NULL;
    call.argv[call.keys + call.args++] = digest;
    return run(limiter, &call, 1, &reply, err);
}

bool limiter_token_get(struct limiter *limiter, const struct token_name *name,
                       const char *refused_value, struct token *out, struct err *err)
{
    struct keys keys;
    struct script_call call = token_call(limiter, name->name, &keys, "get");
    char digest[33] = "", lock_text[NUMBER_TEXT], gap_text[NUMBER_TEXT];
    OWN_REPLY redisReply *reply = NULL;

    memset(out, 0, sizeof *out);
    if (refused_value)
        token_digest(refused_value, digest);
    snprintf(lock_text, sizeof lock_text, "%d", TOKEN_LOCK_MS);
    snprintf(gap_text, sizeof gap_text, "%d", TOKEN_REFUSED_GAP_MS);
    const char *args[] = {digest, lock_text, gap_text};
    memcpy(call.argv + call.keys + call.args, args, sizeof args);
    call.args += COUNT(args);
    if (!run(limiter, &call, 6, &reply, err))
        return false;
    const char *sealed =
        reply->element[0]->type == REDIS_REPLY_STRING ? reply->element[0]->str : "";
    const char *fence =
        reply->element[2]->type == REDIS_REPLY_STRING ? reply->element[2]->str : "0";
    unsigned char key[SECRET_KEY_BYTES];
    secret_key_from("token", name->seal, key);
    if (*sealed && !secret_unbox(sealed, key, &out->value)) {
        const char *stored =
            reply->element[5]->type == REDIS_REPLY_STRING ? reply->element[5]->str : "";
        if (!token_unreadable(limiter, name, stored, err))
            return false;
    }
    if (strcmp(fence, "0") != 0)
        snprintf(out->fence, sizeof out->fence, "%s", fence);
    out->left_ms = out->value ? reply_int(reply, 1) - reply_int(reply, 4) : 0;
    int64_t wait = reply_int(reply, 3);
    out->refused = wait < 0;
    if (!out->value && !out->fence[0] && !out->refused)
        out->wait_ms = with_jitter(wait > 0 ? wait : 1);
    return true;
}

bool limiter_token_put(struct limiter *limiter, const struct token_name *name,
                       const struct token *holder, const char *value, int64_t life_ms,
                       struct err *err)
{
    struct keys keys;
    struct script_call call = token_call(limiter, name->name, &keys, "put");
    unsigned char key[SECRET_KEY_BYTES];
    char digest[33], life_text[NUMBER_TEXT];
    OWN_REPLY redisReply *reply = NULL;

    secret_key_from("token", name->seal, key);
    token_digest(value, digest);
    OWN_TEXT char *sealed = secret_box(value, key);
    snprintf(life_text, sizeof life_text, "%" PRId64, life_ms);
    const char *args[] = {holder->fence, sealed, digest, life_text};
    memcpy(call.argv + call.keys + call.args, args, sizeof args);
    call.args += COUNT(args);
    return run(limiter, &call, 1, &reply, err);
}

bool limiter_token_abandon(struct limiter *limiter, const struct token_name *name,
                           const struct token *holder, struct err *err)
{
    struct keys keys;
    struct script_call call = token_call(limiter, name->name, &keys, "abandon");
    OWN_REPLY redisReply *reply = NULL;
    call.argv[call.keys + call.args++] = holder->fence;
    return run(limiter, &call, 1, &reply, err);
}

void token_drop(struct token *token)
{
    secret_free(token->value);
    memset(token, 0, sizeof *token);
}
