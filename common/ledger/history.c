/* history.c - pages of the stream `~hist`. */
#include "ledger/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

bool ledger_history_turn(struct ledger *ledger, const char *producer, int64_t lease_ms, bool *mine,
                         struct err *err)
{
    struct redis *redis = ledger_redis(ledger);
    const char *environment = ledger_environment(ledger);
    OWN_REPLY redisReply *taken = NULL, *holder = NULL, *kept = NULL;

    *mine = false;
    if (!redis_commandf(redis, &taken, err, "SET ct:%s:historian %s NX PX %" PRId64, environment,
                        producer, lease_ms))
        return false;
    if (taken->type != REDIS_REPLY_NIL) {
        *mine = true;
        return true;
    }
    if (!redis_commandf(redis, &holder, err, "GET ct:%s:historian", environment))
        return false;
    if (holder->type != REDIS_REPLY_STRING || strcmp(holder->str, producer) != 0)
        return true;
    if (!redis_commandf(redis, &kept, err, "PEXPIRE ct:%s:historian %" PRId64, environment,
                        lease_ms))
        return false;
    *mine = kept->integer == 1;
    return true;
}

static void add_line(struct buf *lines, json *line)
{
    buf_text(lines, json_write(line));
    buf_text(lines, "\n");
}

/* Records between the two are gone: the ring was quicker than the copy. */
static void add_gap(struct buf *lines, int bucket, int64_t after, int64_t before)
{
    OWN_JSON json *line = json_new_object();
    json_set_int(line, "bucket", bucket);
    json_set_int(line, "seq", before);
    json_set_text(line, "event", "gap");
    json_set_int(line, "after", after);
    json_set_int(line, "before", before);
    add_line(lines, line);
}

static void add_record(struct buf *lines, int bucket, const redisReply *item)
{
    const redisReply *row = item->element[1];
    OWN_JSON json *line = json_new_object();
    json_set_int(line, "bucket", bucket);
    json_set_int(line, "seq", strtoll(item->element[0]->str, NULL, 10));
    for (size_t i = 0; i + 1 < row->elements; i += 2)
        json_set_text(line, row->element[i]->str, row->element[i + 1]->str);
    add_line(lines, line);
}

bool ledger_history_page(struct ledger *ledger, int bucket, struct history_page *out,
                         struct err *err)
{
    struct redis *redis = ledger_redis(ledger);
    char prefix[80];
    OWN_REPLY redisReply *position = NULL, *page = NULL;

    ledger_prefix(ledger, bucket, prefix);
    *out = (struct history_page){0};
    if (!redis_commandf(redis, &position, err, "GET %scopied", prefix))
        return false;
    const char *from = position->type == REDIS_REPLY_STRING ? position->str : "0-0";
    /* From the last one on, itself included: where it is gone, so may be some behind it. */
    if (!redis_commandf(redis, &page, err, "XRANGE %shist %s + COUNT %d", prefix, from,
                        HISTORY_PAGE + 1))
        return false;
    size_t at = page->elements && strcmp(page->element[0]->element[0]->str, from) == 0;
    if (!at && page->elements && strcmp(from, "0-0") != 0)
        add_gap(&out->lines, bucket, strtoll(from, NULL, 10),
                strtoll(page->element[0]->element[0]->str, NULL, 10));
    for (; at < page->elements; at++, out->count++) {
        add_record(&out->lines, bucket, page->element[at]);
        snprintf(out->last, sizeof out->last, "%s", page->element[at]->element[0]->str);
    }
    return true;
}

bool ledger_history_copied(struct ledger *ledger, int bucket, const struct history_page *page,
                           struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *reply = NULL;
    ledger_prefix(ledger, bucket, prefix);
    return redis_commandf(ledger_redis(ledger), &reply, err, "SET %scopied %s", prefix, page->last);
}
