/* notices.c - tells people: turns what runs left in the outbox into notices, and sends them.
 *
 * Every producer does both. Redis plans an event once and gives a notice to one producer at a time,
 * under a lease longer than any sending; whoever dies between sending and saying so leaves the
 * notice to be sent again, under the same id. So a receiver may see an id twice, and none is lost.
 * Sending happens on threads of its own, so that a slow receiver holds up nobody else's notice.
 */
#include "loops.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "metrics/metrics.h"
#include "notices_plan.h"
#include "notices_send.h"

enum { LOOK_MS = 1000, OUTAGE_MS = 2000, SENDERS = 4, EVENTS_A_LOOK = 64, TELL_MS = 30000 };
enum { LEASE_MS = NOTICE_SEND_MOST_MS + TELL_MS + 25000 };

struct errand { /* one notice to send */
    int bucket;
    struct arena *arena;
    struct outbox_taken *notice;
};

struct office {
    struct loops *loops;
    struct mailbox *errands;
    _Atomic int free; /* senders without an errand */
    pthread_t threads[SENDERS];
    size_t running;
};

static void errand_free(struct errand *errand)
{
    arena_free(errand->arena);
    free(errand);
}

/* ---- sending ---- */

struct desk { /* of one sender */
    struct office *office;
    struct ledger *ledger;
    struct http *http;
};

static bool deliver(struct desk *desk, const struct outbox_taken *notice, bool *unknown,
                    struct err *err)
{
    struct loops *loops = desk->office->loops;
    OWN(arena) struct arena *arena = arena_new();
    const struct notify *notify = NULL;
    const struct notify_target *target = NULL;
    *unknown = false;
    if (*notice->notify && !notify_parse(notice->notify, arena, &notify, err))
        return false;
    target = notify ? notify_find(notify, notice->target) : NULL;
    if (!target) {
        *unknown = true;
        return err_set(err, ERR_FATAL, 0, "the company has no target %s any more", notice->target);
    }
    if (!desk->http && !http_open("cartage/" CARTAGE_VERSION, &desk->http, err))
        return false;
    const struct notice_sender sender = {.clock = loops->clock,
                                         .environment = loops->ledger.environment,
                                         .sendmail = loops->sendmail,
                                         .commands = loops->notify_commands,
                                         .ending = &loops->ending,
                                         .http = desk->http};
    bool good = notice_send(&sender, target, notice, err);
    if (!good && err->kind == ERR_CANCELLED) { /* the call is still under way: forget it */
        http_free(desk->http);
        desk->http = NULL;
    }
    return good;
}

/* How it went; asked again while Redis is away, within the lease. */
static void tell(struct desk *desk, const struct errand *errand, bool sent, bool unknown,
                 const struct err *why)
{
    struct loops *loops = desk->office->loops;
    const char *id = errand->notice->id;
    int64_t end_ms = clock_mono_ms(loops->clock) + TELL_MS;
    int64_t delay = why->kind == ERR_CANCELLED ? 0 : notice_delay_ms(errand->notice->tries);
    bool given_up = unknown, told;
    struct err err;
    if (why->retry_after_ms > delay)
        delay = why->retry_after_ms;
    do {
        told = (desk->ledger || ledger_open(&loops->ledger, &desk->ledger, &err)) &&
               (sent || unknown ? outbox_end(desk->ledger, errand->bucket, id,
                                             sent ? "delivered" : "given-up", why->text, &err)
                                : outbox_again(desk->ledger, errand->bucket, id, loops->id, delay,
                                               why->text, &given_up, &err));
    } while (!told && clock_mono_ms(loops->clock) < end_ms && loops_wait(loops, LOOK_MS));
    metric_add(sent       ? METRIC_NOTICES_SENT
               : given_up ? METRIC_NOTICES_GIVEN_UP
                          : METRIC_NOTICES_FAILED,
               1);
    if (sent)
        log_info("notice.delivered", TEXT("notice", id), TEXT("target", errand->notice->target),
                 TEXT("why", errand->notice->why), NUM("runs", errand->notice->count));
    else
        log_warn(given_up ? "notice.given_up" : "notice.failed", TEXT("notice", id),
                 TEXT("target", errand->notice->target), NUM("try", errand->notice->tries),
                 TEXT("error", why->text));
    if (!told)
        log_warn("notice.untold", TEXT("notice", id), TEXT("error", err.text),
                 TEXT("next", "its lease runs out, and it is sent again"));
}

static void *sender_loop(void *shared)
{
    struct desk desk = {.office = shared};
    struct errand *errand;
    while ((errand = mailbox_take(desk.office->errands, -1))) {
        struct err err = {0};
        bool unknown = false;
        bool sent = deliver(&desk, errand->notice, &unknown, &err);
        if (sent)
            fault_point("notice.sent", NULL);
        tell(&desk, errand, sent, unknown, &err);
        errand_free(errand);
        atomic_fetch_add(&desk.office->free, 1);
    }
    http_free(desk.http);
    ledger_free(desk.ledger);
    return NULL;
}

/* A fleet that tells nobody has no threads for it. */
static bool open_office(struct office *office, struct err *err)
{
    for (; office->running < SENDERS; office->running++) {
        int code = pthread_create(&office->threads[office->running], NULL, sender_loop, office);
        if (code)
            return err_set(err, ERR_RETRY, code, "start a thread that sends notices");
        atomic_fetch_add(&office->free, 1);
    }
    return true;
}

static void close_office(struct office *office)
{
    mailbox_close(office->errands);
    while (office->running)
        pthread_join(office->threads[--office->running], NULL);
    mailbox_free(office->errands);
}

/* ---- planning and taking ---- */

static bool plan(struct ledger *ledger, int bucket, const struct outbox_look *look,
                 struct arena *arena, struct err *err)
{
    struct outbox_notice *notices;
    size_t count = notices_plan(look, arena, &notices);
    const char **events = arena_array(arena, look->event_count, sizeof *events);
    bool planned;
    for (size_t i = 0; i < look->event_count; i++)
        events[i] = look->events[i].id;
    return outbox_plan(ledger, bucket, events, look->event_count, notices, count, &planned, err);
}

/* One for each sender that is free. */
static bool take(struct office *office, struct ledger *ledger, int bucket, struct err *err)
{
    size_t count = 1;
    if (!open_office(office, err))
        return false;
    while (count && atomic_load(&office->free) > 0) {
        struct errand *errand = mem_new(sizeof *errand);
        errand->bucket = bucket;
        errand->arena = arena_new();
        bool good = outbox_take(ledger, bucket, office->loops->id, LEASE_MS, 1, errand->arena,
                                &errand->notice, &count, err);
        if (!good || !count) {
            errand_free(errand);
            return good;
        }
        atomic_fetch_sub(&office->free, 1);
        bool put = mailbox_put(office->errands, &errand, -1);
        assert(put); /* there is room for one of each sender */
    }
    return true;
}

static bool look_round(struct office *office, struct ledger *ledger, bool *more, struct err *err)
{
    *more = false;
    for (int bucket = 0; bucket < ledger_buckets(ledger); bucket++) {
        OWN(arena) struct arena *arena = arena_new();
        struct outbox_look look;
        if (!outbox_look(ledger, bucket, arena, &look, err))
            return false;
        *more |= look.event_count == EVENTS_A_LOOK;
        if ((look.event_count && !plan(ledger, bucket, &look, arena, err)) ||
            (look.due && !take(office, ledger, bucket, err)))
            return false;
    }
    return true;
}

void *notices_loop(void *shared)
{
    struct loops *loops = shared;
    struct office office = {.loops = loops, .errands = mailbox_new(SENDERS)};
    struct outage outage = {.loop = "notices"};
    OWN(ledger) struct ledger *ledger = NULL;
    struct err err;
    int wait;

    do {
        bool more = false;
        wait = LOOK_MS;
        if (atomic_load(&loops->suspended))
            continue;
        if ((ledger || ledger_open(&loops->ledger, &ledger, &err)) &&
            look_round(&office, ledger, &more, &err)) {
            outage_end(&outage);
            wait = more ? 0 : LOOK_MS;
        } else {
            outage_begin(&outage, &err);
            wait = OUTAGE_MS;
        }
    } while (loops_wait(loops, wait));
    close_office(&office);
    return NULL;
}
