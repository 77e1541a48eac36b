/* history.c - pages of the stream `~hist`. */
#include "ledger/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

enum { CALLS = 50 }; /* read at once */

/* ---- a record of the stream: the time, then a line for each change, its last one's number the id
 * ---- */

static const char *const COLUMNS[] = {"event", "company", "category", "entry",   "task", "attempt",
                                      "epoch", "fence",   "slot",     "due",     "from", "to",
                                      "lane",  "ready",   "prio",     "retries", "lost"};

static char *cut(char **rest, int at)
{
    char *piece = *rest, *end = piece ? strchr(piece, at) : NULL;
    if (end)
        *end = 0;
    *rest = end ? end + 1 : NULL;
    return piece;
}

static char *text_of(const redisReply *item)
{
    const redisReply *fields = item->element[1];
    bool known = fields->elements == 2 && strcmp(fields->element[0]->str, "v1") == 0;
    return known ? fields->element[1]->str : NULL;
}

static int64_t first_seq(const redisReply *item)
{
    int64_t seq = strtoll(item->element[0]->str, NULL, 10) + 1;
    for (const char *c = text_of(item); c && *c; c++)
        seq -= *c == '\n';
    return seq;
}

void history_begin(redisReply *item, struct history_rows *out)
{
    *out = (struct history_rows){.seq = first_seq(item), .rest = text_of(item)};
    out->at = cut(&out->rest, '\n');
}

bool history_next(struct history_rows *rows, struct history_row *out)
{
    char *line = cut(&rows->rest, '\n');
    if (!line)
        return false;
    *out = (struct history_row){.seq = rows->seq++, .count = 1};
    out->name[0] = "at";
    out->text[0] = rows->at;
    for (size_t i = 0; line && out->count < HISTORY_FIELDS; i++, out->count++) {
        out->name[out->count] = i < COUNT(COLUMNS) ? COLUMNS[i] : cut(&line, '\t');
        out->text[out->count] = line ? cut(&line, '\t') : "";
    }
    return true;
}

const char *history_text(const struct history_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->name[i], name) == 0)
            return row->text[i];
    return "";
}

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

static void add_record(struct buf *lines, int bucket, const struct history_row *row)
{
    OWN_JSON json *line = json_new_object();
    json_set_int(line, "bucket", bucket);
    json_set_int(line, "seq", row->seq);
    for (size_t i = 0; i < row->count; i++)
        json_set_text(line, row->name[i], row->text[i]);
    add_line(lines, line);
}

static size_t add_records(struct buf *lines, int bucket, redisReply *item)
{
    struct history_rows rows;
    struct history_row row;
    size_t count = 0;
    for (history_begin(item, &rows); history_next(&rows, &row); count++)
        add_record(lines, bucket, &row);
    return count;
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
    if (!redis_commandf(redis, &page, err, "XRANGE %shist %s + COUNT %d", prefix, from, CALLS + 1))
        return false;
    size_t at = page->elements && strcmp(page->element[0]->element[0]->str, from) == 0;
    if (!at && page->elements && strcmp(from, "0-0") != 0)
        add_gap(&out->lines, bucket, strtoll(from, NULL, 10), first_seq(page->element[0]));
    for (size_t records = 0; at < page->elements && records < HISTORY_PAGE; at++, out->count++) {
        snprintf(out->last, sizeof out->last, "%s", page->element[at]->element[0]->str);
        records += add_records(&out->lines, bucket, page->element[at]);
    }
    out->more = at < page->elements || page->elements > CALLS;
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
