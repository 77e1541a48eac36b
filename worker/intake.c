/* intake.c - takes tickets from Kafka, but only while an executor is free.
 *
 * A ticket that cannot be read goes to the dead topic; one of another environment too: somebody
 * mixed two up, and a person should see it. One of an operation we do not know is left to workers
 * that do. None of these frees anything in Redis: the grant stands there and is taken from there.
 */
#include "crew.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "metrics/metrics.h"

enum { WAIT_MS = 250 };

static void bury(struct crew *crew, const struct message *message, const char *reason)
{
    char partition[16], offset[32];
    snprintf(partition, sizeof partition, "%d", message->partition);
    snprintf(offset, sizeof offset, "%" PRId64, message->offset);
    const struct bus_header headers[] = {
        {"reason",    reason        },
        {"topic",     message->topic},
        {"partition", partition     },
        {"offset",    offset        },
        {"worker",    crew->id      },
        {NULL,        NULL          },
    };
    struct err err;

    metric_add(METRIC_TICKETS_DEAD, 1);
    log_warn("ticket.dead", TEXT("topic", message->topic), NUM("partition", message->partition),
             NUM("offset", message->offset), TEXT("reason", reason));
    if (!publisher_send(crew->publisher, "dead", false, message->key, message->key_size,
                        message->value, message->size, headers, &err))
        log_warn("ticket.dead", TEXT("text", "the dead topic did not take it"),
                 TEXT("reason", err.text));
}

/* Ours to claim? Where it is not, *answer says what it came to. */
static bool is_ours(struct crew *crew, const struct message *message, struct ticket *out,
                    const char **answer)
{
    struct err err;

    *answer = "dead";
    if (!ticket_decode(message->value, message->size, out, &err)) {
        bury(crew, message, err.text);
        return false;
    }
    if (strcmp(out->environment, crew->ledger.environment) != 0) {
        err_set(&err, ERR_FATAL, 0, "it belongs to the environment \"%s\", this worker to \"%s\"",
                out->environment, crew->ledger.environment);
        bury(crew, message, err.text);
        return false;
    }
    *answer = "left"; /* to workers that serve it */
    if (!crew_serves(crew, out->category))
        return false;
    if (!crew_operation(crew, out->operation)) {
        metric_add(METRIC_TICKETS_UNKNOWN, 1);
        log_info("ticket.unknown", TEXT("task", out->task), TEXT("operation", out->operation));
        return false;
    }
    return true;
}

/* Takes one message on a seat already taken; false = none was there. */
static bool take_one(struct crew *crew)
{
    struct message message;
    struct ticket ticket;
    const char *answer;

    if (!consumer_take(crew->consumer, &message))
        return false;
    metric_add(METRIC_TICKETS_READ, 1);
    if (is_ours(crew, &message, &ticket, &answer)) {
        log_debug("ticket.taken", TEXT("task", ticket.task), NUM("attempt", ticket.attempt));
        struct job *job = job_new(crew, &ticket);
        job->topic = mem_text(message.topic);
        job->partition = message.partition;
        job->offset = message.offset;
        bool put = mailbox_put(crew->desk, &job, -1);
        assert(put || atomic_load(&crew->ending));
    } else {
        crew_seen(crew, message.topic, message.partition, message.offset, answer);
        atomic_fetch_add(&crew->seats, 1); /* nobody to wake: we go on looking ourselves */
    }
    message_drop(&message);
    return true;
}

void *intake_loop(void *shared)
{
    struct crew *crew = shared;

    while (!atomic_load(&crew->draining)) {
        consumer_serve(crew->consumer);
        while (!atomic_load(&crew->draining) && seat_take(crew)) {
            if (!take_one(crew)) {
                atomic_fetch_add(&crew->seats, 1);
                break;
            }
        }
        publisher_poll(crew->publisher);
        consumer_wait(crew->consumer, WAIT_MS);
    }
    /* Stay in the group while the last tasks are handed over: leaving moves partitions, and takes
     * seconds. */
    while (!atomic_load(&crew->ending)) {
        consumer_serve(crew->consumer);
        publisher_poll(crew->publisher);
        consumer_wait(crew->consumer, WAIT_MS);
    }
    return NULL;
}
