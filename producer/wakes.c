/* wakes.c - events that come by the topic wake: the same function as behind POST /v1/triggers.
 *
 * All producers of an environment are one group. An offset is committed once Redis has taken the
 * event, or the dead topic a bad one; until then the message is held and tried again. So an event
 * may be read twice, after a producer died in between; Redis knows its id, and nobody is woken
 * twice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bus/consumer.h"
#include "bus/publisher.h"
#include "loops.h"
#include "metrics/metrics.h"
#include "triggers.h"

enum { WAIT_MS = 250, AGAIN_MS = 200, OPEN_MS = 1000, FLUSH_MS = 15000, CONFLICT = 409 };

struct intake {
    struct loops *loops;
    struct ledger *ledger;
    struct publisher *publisher; /* its own: its deliveries are waited for */
    struct consumer *consumer;
    struct message held; /* raw NULL = none */
};

/* ---- one message ---- */

static const char *event_attribute(void *state, const char *attribute)
{
    char name[40];
    snprintf(name, sizeof name, "ce_%s", attribute);
    return message_header(state, name);
}

static bool read_event(struct message *message, struct cloud_event *out, struct err *err)
{
    enum event_form form;
    const char *type = message_header(message, "content-type");
    if (message->size > EVENT_MAX_BYTES)
        return err_set(err, ERR_FATAL, 413, "an event has at most %d bytes", EVENT_MAX_BYTES);
    if (!cloud_event_form(type, message_header(message, "ce_specversion") != NULL, &form, err))
        return false;
    if (form == EVENT_BATCH)
        return err_set(err, ERR_FATAL, 400, "a message of a topic is one event, not a batch");
    if (form == EVENT_NONE)
        return err_set(err, ERR_FATAL, 400,
                       "the message is no CloudEvent: want the header ce_specversion, or "
                       "content-type application/cloudevents+json");
    if (form == EVENT_STRUCTURED)
        return cloud_event_structured(message->value, message->size, out, err);
    return cloud_event_binary(event_attribute, message, type, message->value, message->size, out,
                              err);
}

/* True once the dead topic has it. */
static bool bury(struct intake *intake, const struct message *message, const char *reason,
                 struct err *err)
{
    char partition[16], offset[32];
    int64_t failed = publisher_failed(intake->publisher);
    snprintf(partition, sizeof partition, "%d", message->partition);
    snprintf(offset, sizeof offset, "%" PRId64, message->offset);
    const struct bus_header headers[] = {
        {"reason",    reason           },
        {"topic",     message->topic   },
        {"partition", partition        },
        {"offset",    offset           },
        {"producer",  intake->loops->id},
        {NULL,        NULL             },
    };
    if (!publisher_send(intake->publisher, "dead", false, message->key, message->key_size,
                        message->value, message->size, headers, err) ||
        !publisher_flush(intake->publisher, FLUSH_MS, err))
        return false;
    if (publisher_failed(intake->publisher) != failed)
        return err_set(err, ERR_RETRY, 0, "the dead topic did not take a bad event");
    metric_add(METRIC_EVENTS_BAD, 1);
    log_warn("event.dead", TEXT("topic", message->topic), NUM("partition", message->partition),
             NUM("offset", message->offset), TEXT("reason", reason));
    return true;
}

static void kick(struct loops *loops)
{
    static char token;
    void *tick = &token;
    bool told = mailbox_put(loops->kicks, &tick, 0);
    (void)told; /* false = one is waiting already */
}

/* False = not now: it stays, and is tried again. */
static bool take(struct intake *intake, struct message *message, struct err *err)
{
    OWN_EVENT struct cloud_event event = {0};
    OWN_TRIGGERED struct triggered done = {.traceparent = message_header(message, "traceparent")};
    bool good =
        read_event(message, &event, err) && triggers_take(intake->ledger, &event, NULL, &done, err);
    if (done.taken) {
        publisher_tickets(intake->loops->publisher, &done.granted);
        kick(intake->loops);
    }
    if (good)
        good = !triggered_refused(&done, err);
    if (good)
        return true;
    if (err->kind != ERR_FATAL || err->code < 400 || err->code > 499)
        return false;
    if (err->code != CONFLICT)
        return bury(intake, message, err->text, err);
    /* Nothing is wrong with it: those whom it concerns do not want to be woken. */
    log_info("event.refused", TEXT("source", event.source), TEXT("id", event.id),
             TEXT("reason", err->text));
    return true;
}

/* ---- the loop ---- */

static void intake_close(struct intake *intake)
{
    message_drop(&intake->held);
    consumer_free(GIVE(intake->consumer));
}

static bool intake_open(struct intake *intake, struct err *err)
{
    const struct loops *loops = intake->loops;
    const struct consumer_config config = {
        .bus = loops->witness.bus, .group = "wake", .topic = "wake"};
    return intake->consumer ||
           ((intake->ledger || ledger_open(&loops->ledger, &intake->ledger, err)) &&
            (intake->publisher || publisher_open(&loops->witness.bus, &intake->publisher, err)) &&
            publisher_topic(intake->publisher, "wake", TASK_PARTITIONS, err) &&
            consumer_open(&config, &intake->consumer, err));
}

/* One message, or a wait for one; false = something is away. */
static bool intake_step(struct intake *intake, struct err *err)
{
    consumer_serve(intake->consumer);
    publisher_poll(intake->publisher);
    if (!intake->held.raw && !consumer_take(intake->consumer, &intake->held)) {
        consumer_wait(intake->consumer, WAIT_MS);
        return true;
    }
    if (!take(intake, &intake->held, err))
        return false;
    consumer_seen(intake->consumer, intake->held.topic, intake->held.partition,
                  intake->held.offset);
    message_drop(&intake->held);
    return true;
}

void *wakes_loop(void *shared)
{
    struct loops *loops = shared;
    struct intake intake = {.loops = loops};
    struct outage outage = {.loop = "wakes"};
    struct err err;

    while (!atomic_load(&loops->ending)) {
        int wait = 0;
        if (atomic_load(&loops->suspended)) { /* the events are the other copy's */
            intake_close(&intake);
            wait = OPEN_MS;
        } else if (!intake_open(&intake, &err)) {
            outage_begin(&outage, &err);
            wait = OPEN_MS;
        } else if (!intake_step(&intake, &err)) {
            outage_begin(&outage, &err);
            wait = AGAIN_MS;
        } else {
            outage_end(&outage);
        }
        if (wait && !loops_wait(loops, wait))
            break;
    }
    intake_close(&intake);
    publisher_free(intake.publisher);
    ledger_free(intake.ledger);
    return NULL;
}
