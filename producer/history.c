/* history.c - copies the history to Kafka (HISTORY = kafka), for whoever needs more than the ring
 * keeps.
 *
 * The work goes on without it: a Kafka that is away costs nothing but lines, and lines that the
 * ring has forgotten by then are told of as a gap. A line may come twice, after a producer died
 * between sending and noting it; bucket and seq say which it is.
 */
#include <stdio.h>
#include <string.h>

#include "calendar/zone.h"
#include "ledger/history.h"
#include "loops.h"

enum { TURN_MS = 5000, LOOK_MS = 200, FLUSH_MS = 4000 };

struct copy {
    struct loops *loops;
    struct ledger *ledger;
    struct publisher *publisher; /* its own: its deliveries are waited for */
    bool mine;
};

static bool deliver(struct copy *copy, const char *key, const struct buf *lines, struct err *err)
{
    int64_t failed = publisher_failed(copy->publisher);
    if (!publisher_send(copy->publisher, "history", false, key, strlen(key), lines->data,
                        lines->size, NULL, err) ||
        !publisher_flush(copy->publisher, FLUSH_MS, err))
        return false;
    return publisher_failed(copy->publisher) == failed ||
           err_set(err, ERR_RETRY, 0, "Kafka did not take the history");
}

/* Whose records follow, and by which rules of the zones they were planned. */
static bool send_header(struct copy *copy, struct err *err)
{
    OWN_JSON json *line = json_new_object();
    OWN_BUF struct buf text = {0};
    struct zone_data zones;
    json_set_text(line, "event", "header");
    json_set_text(line, "data_set", copy->loops->incarnation.data_set);
    json_set_text(line, "producer", copy->loops->id);
    json_set_text(line, "zones", zone_data(&zones) ? zones.version : "");
    buf_printf(&text, "%s\n", json_write(line));
    return deliver(copy, "header", &text, err);
}

static bool copy_bucket(struct copy *copy, int bucket, bool *more, struct err *err)
{
    struct history_page page;
    char key[16];
    bool good = ledger_history_page(copy->ledger, bucket, &page, err);

    snprintf(key, sizeof key, "%02x", (unsigned)bucket);
    if (good && page.count)
        good = deliver(copy, key, &page.lines, err) &&
               ledger_history_copied(copy->ledger, bucket, &page, err);
    *more |= good && page.more;
    buf_drop(&page.lines);
    return good;
}

static bool copy_round(struct copy *copy, bool *more, struct err *err)
{
    bool before = copy->mine;
    *more = false;
    if (!ledger_history_turn(copy->ledger, copy->loops->id, TURN_MS, &copy->mine, err))
        return false;
    if (!copy->mine)
        return true;
    if (!before && !send_header(copy, err)) {
        copy->mine = false; /* said again with the next round */
        return false;
    }
    for (int bucket = 0; bucket < ledger_buckets(copy->ledger); bucket++) {
        if (!copy_bucket(copy, bucket, more, err))
            return false;
    }
    return true;
}

void *history_loop(void *shared)
{
    struct loops *loops = shared;
    struct outage outage = {.loop = "history"};
    struct copy copy = {.loops = loops};
    struct err err;
    bool more = false;

    if (!loops->history)
        return NULL;
    do {
        if (atomic_load(&loops->suspended))
            continue;
        if ((copy.ledger || ledger_open(&loops->ledger, &copy.ledger, &err)) &&
            (copy.publisher || publisher_open(&loops->witness.bus, &copy.publisher, &err)) &&
            copy_round(&copy, &more, &err)) {
            outage_end(&outage);
        } else {
            more = false;
            outage_begin(&outage, &err);
        }
    } while (loops_wait(loops, more ? 0 : LOOK_MS));
    publisher_free(copy.publisher);
    ledger_free(copy.ledger);
    return NULL;
}
