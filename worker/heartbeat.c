/* heartbeat.c - renews the leases of all attempts, and opens and closes their gates.
 *
 * One BEAT a bucket and fifth of a lease. The gate closes when the last confirmed beat was sent 0.7
 * lease ago and opens with the next one that is confirmed: Redis away costs waiting, no attempt. An
 * attempt that shows no progress for a quarter of an hour is stuck in a way no error describes: its
 * lease is left to run out, the others are parked, and the process ends.
 */
#include "heartbeat.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crew.h"
#include "metrics/outage.h"

/* How much of a lease a confirmed beat opens the gate for. */
#define GATE_LEASE(lease_ms) ((lease_ms)*7 / 10)
enum { BUNDLE = 64, QUIET_MS = 15 * 60 * 1000, TIMEOUT_MIN_MS = 200 };

struct beats { /* of one bucket */
    struct beat_request requests[BUNDLE];
    struct slot *slots[BUNDLE];
    struct buf progress[BUNDLE],
        cursors[BUNDLE]; /* what the requests point to; kept between rounds */
    size_t count;
};

enum gate heartbeat_gate(enum gate now, int64_t since_confirmed_ms, int64_t lease_ms, bool yield,
                         bool draining)
{
    if (now == GATE_CANCEL || now == GATE_TIMEOUT || now == GATE_FENCED)
        return now;
    if (since_confirmed_ms >= GATE_LEASE(lease_ms))
        return GATE_CLOSED;
    return draining ? GATE_DRAIN : yield ? GATE_YIELD : GATE_OPEN;
}

/* ---- gates ---- */

void slot_confirm(struct slot *slot, int64_t sent_ms)
{
    slot->confirmed_ms = sent_ms;
    atomic_store(&slot->attempt->shuts_ms, sent_ms + GATE_LEASE(slot->crew->ledger.lease_ms));
}

static int64_t quiet_limit(const struct crew *crew)
{
    return crew->config->quiet_ms ? crew->config->quiet_ms : QUIET_MS;
}

/* With the slot's lock held and an attempt in it. */
static void gate_settle(struct slot *slot, int64_t now)
{
    struct crew *crew = slot->crew;
    int old = atomic_load(&slot->attempt->gate);
    int new = (int)heartbeat_gate((enum gate)old, now - slot->confirmed_ms, crew->ledger.lease_ms,
                                  slot->yield, atomic_load(&crew->draining));
    if (new == old || !atomic_compare_exchange_strong(&slot->attempt->gate, &old, new))
        return;
    if (new == GATE_CLOSED)
        log_warn("gate.closed", TEXT("task", slot->job->ticket.task),
                 NUM("ms_since_beat", now - slot->confirmed_ms));
}

static void give_up(struct slot *slot)
{
    struct crew *crew = slot->crew;
    slot->given_up = true;
    atomic_store(&slot->attempt->gate, GATE_FENCED);
    log_error("attempt.stuck", TEXT("task", slot->job->ticket.task),
              NUM("attempt", slot->job->ticket.attempt), NUM("quiet_ms", quiet_limit(crew)),
              TEXT("text",
                   "no progress: its lease is left to run out, this worker hands over the rest and "
                   "ends"));
    if (!atomic_exchange(&crew->sick, true))
        kill(getpid(), SIGTERM);
}

static void gates_settle(struct crew *crew)
{
    for (size_t i = 0; i < crew->slot_count; i++) {
        struct slot *slot = &crew->slots[i];
        pthread_mutex_lock(&slot->lock);
        if (slot->attempt) {
            int64_t now = clock_mono_ms(crew->clock);
            gate_settle(slot, now);
            if (!slot->given_up && attempt_quiet_ms(slot->attempt, now) > quiet_limit(crew))
                give_up(slot);
        }
        pthread_mutex_unlock(&slot->lock);
    }
}

/* ---- beats ---- */

static void beats_add(struct beats *beats, struct slot *slot)
{
    struct beat_request *request = &beats->requests[beats->count];
    struct buf *progress = &beats->progress[beats->count], *cursor = &beats->cursors[beats->count];
    bool has_cursor = false;

    if (attempt_take_progress(slot->attempt, &slot->progress, &slot->cursor, &has_cursor))
        slot->has_progress = true;
    slot->has_cursor = slot->has_cursor || has_cursor;
    *request = (struct beat_request){0};
    snprintf(request->task, sizeof request->task, "%s", slot->job->ticket.task);
    snprintf(request->fence, sizeof request->fence, "%s", slot->job->fence);
    if (slot->has_progress) {
        buf_clear(progress);
        buf_text(progress, buf_str(&slot->progress));
        request->progress = buf_str(progress);
    }
    if (slot->has_cursor) {
        buf_clear(cursor);
        buf_add(cursor, slot->cursor.data, slot->cursor.size);
        request->cursor = buf_str(cursor);
        request->cursor_size = cursor->size;
    }
    beats->slots[beats->count++] = slot;
}

static void collect(struct crew *crew, int bucket, size_t *from, struct beats *beats)
{
    beats->count = 0;
    for (; *from < crew->slot_count && beats->count < BUNDLE; ++*from) {
        struct slot *slot = &crew->slots[*from];
        pthread_mutex_lock(&slot->lock);
        if (slot->job && slot->job->bucket == bucket && !slot->given_up)
            beats_add(beats, slot);
        pthread_mutex_unlock(&slot->lock);
    }
}

static void stop(struct slot *slot, enum gate gate, const char *why)
{
    atomic_store(&slot->attempt->gate, (int)gate);
    log_info("attempt.stopping", TEXT("task", slot->job->ticket.task), TEXT("why", why));
}

/* With the slot's lock held, and the attempt that was asked about still in it. */
static void answered(struct slot *slot, const struct beat_request *request, int64_t sent_ms)
{
    int gate = atomic_load(&slot->attempt->gate);
    bool final = gate == GATE_CANCEL || gate == GATE_TIMEOUT || gate == GATE_FENCED;

    if (request->answer == BEAT_FENCED) {
        if (gate != GATE_FENCED)
            stop(slot, GATE_FENCED, "fenced");
        return;
    }
    slot_confirm(slot, sent_ms);
    slot->has_progress = slot->has_cursor =
        false; /* what came meanwhile is still with the attempt */
    if (request->answer == BEAT_CANCEL && !final)
        stop(slot, GATE_CANCEL, "cancelled");
    else if (request->answer == BEAT_TIMEOUT && !final)
        stop(slot, GATE_TIMEOUT, "timeout");
    else if (request->answer == BEAT_YIELD)
        slot->yield = true;
}

static bool beat_bundle(struct crew *crew, struct ledger *ledger, int bucket, struct beats *beats,
                        struct err *err)
{
    int64_t sent_ms = clock_mono_ms(crew->clock);
    if (!ledger_beat(ledger, bucket, beats->requests, beats->count, err))
        return err_wrap(err, "beat of %zu attempts", beats->count);
    for (size_t i = 0; i < beats->count; i++) {
        struct slot *slot = beats->slots[i];
        pthread_mutex_lock(&slot->lock);
        if (slot->attempt && strcmp(slot->job->fence, beats->requests[i].fence) == 0)
            answered(slot, &beats->requests[i], sent_ms);
        pthread_mutex_unlock(&slot->lock);
    }
    return true;
}

static bool beat_round(struct crew *crew, struct ledger *ledger, struct beats *beats,
                       struct err *err)
{
    for (int bucket = 0; bucket < ledger_buckets(ledger); bucket++) {
        for (size_t from = 0; from < crew->slot_count;) {
            collect(crew, bucket, &from, beats);
            if (beats->count && !beat_bundle(crew, ledger, bucket, beats, err))
                return false;
        }
    }
    return true;
}

void *heartbeat_loop(void *shared)
{
    struct crew *crew = shared;
    struct outage outage = {.loop = "heartbeat"};
    struct beats *beats = mem_new(sizeof *beats);
    OWN(ledger) struct ledger *ledger = NULL;
    struct err err;
    int64_t lease = crew->ledger.lease_ms, next_ms = 0;
    struct ledger_config config = crew->ledger;

    /* A Redis that hangs must not keep us from closing the gates. */
    config.timeout_ms = lease / 10 > TIMEOUT_MIN_MS ? (int)(lease / 10) : TIMEOUT_MIN_MS;
    while (!atomic_load(&crew->ending)) {
        int64_t now = clock_mono_ms(crew->clock);
        if (now >= next_ms) {
            if ((ledger || ledger_open(&config, &ledger, &err)) &&
                beat_round(crew, ledger, beats, &err)) {
                outage_end(&outage);
                next_ms = now + lease / 5;
            } else {
                outage_begin(&outage, &err);
            }
        }
        gates_settle(crew);
        void *nothing = mailbox_take(crew->end, (int)(lease / 20));
        assert(!nothing);
    }
    for (size_t i = 0; i < BUNDLE; i++) {
        buf_drop(&beats->progress[i]);
        buf_drop(&beats->cursors[i]);
    }
    free(beats);
    return NULL;
}
