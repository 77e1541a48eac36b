/* log.c - the log as people see it: JSON in the API's form (schemas/openapi). */
#include "ledger/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ledger/call.h"

enum { STEP = 200, STEPS_MOST = 25 };

const char *const LOG_KINDS[] = {"attempt", "lost", "dropped", "skip",   "defer", "expire",
                                 "hold",    "fail", "anomaly", "notice", "reset", NULL};

/* What a record says, in this order (L.log). */
static const char *const COLUMNS[] = {
    "at",          "event",   "entry", "task",   "no",    "operation", "category",
    "description", "attempt", "fence", "slot",   "due",   "started",   "outcome",
    "code",        "error",   "why",   "counts", "times", "since",     "to"};

/* One record of the stream: its id, and its one text, cut to pieces. */
struct record {
    const char *id, *text[COUNT(COLUMNS)];
};

static const char *field(const struct record *record, const char *name)
{
    for (size_t i = 0; i < COUNT(COLUMNS); i++)
        if (strcmp(COLUMNS[i], name) == 0)
            return record->text[i];
    return "";
}

static int64_t number(const struct record *record, const char *name)
{
    return strtoll(field(record, name), NULL, 10);
}

static bool record_at(const redisReply *reply, size_t index, struct record *out)
{
    const redisReply *row = reply->element[index];
    const redisReply *fields = row->elements > 1 ? row->element[1] : NULL;
    if (!fields || fields->elements != 2 || strcmp(reply_text(fields, 0), "v1") != 0)
        return false;
    char *rest = fields->element[1]->str;
    out->id = reply_text(row, 0);
    for (size_t i = 0; i < COUNT(COLUMNS); i++)
        out->text[i] = rest ? strsep(&rest, "\t") : "";
    return true;
}

/* ---- as JSON ---- */

static void set_some(json *row, const char *name, const char *text)
{
    if (*text)
        json_set_text(row, name, text);
}

static void set_positive(json *row, const char *name, int64_t value)
{
    if (value > 0)
        json_set_int(row, name, value);
}

/* How long it ran: as Business Central shows it, in tenths of a second. */
static int64_t tenths(int64_t ms)
{
    return ms > 0 ? (ms + 50) / 100 * 100 : 0;
}

static void add_attempt(json *row, const struct record *record)
{
    struct err ignored;
    json *counts = NULL;
    int64_t at = number(record, "at"), started = number(record, "started"),
            due = number(record, "due");
    const char *fence = field(record, "fence"), *text = field(record, "counts");
    json_set_int(row, "attempt", number(record, "attempt"));
    set_some(row, "outcome", field(record, "outcome"));
    set_positive(row, "code", number(record, "code"));
    if (*text && json_parse(text, strlen(text), &counts, &ignored))
        json_set(row, "counts", counts);
    if (!*fence)
        return;
    char worker[64];
    snprintf(worker, sizeof worker, "%.*s", (int)strcspn(fence, "."), fence);
    json_set_text(row, "worker", worker);
    json_set_text(row, "fence", fence);
    json_set_int(row, "started_ms", started);
    json_set_int(row, "took_ms", tenths(at - started));
    json_set_int(row, "delay_ms", started > due ? started - due : 0);
}

static json *record_json(const char *company, const struct record *record)
{
    json *row = json_new_object();
    const char *kind = field(record, "event");
    bool ended = *field(record, "outcome") != 0, skip = strcmp(kind, "skip") == 0;
    json_set_int(row, "id", strtoll(record->id, NULL, 10));
    json_set_int(row, "at_ms", number(record, "at"));
    json_set_text(row, "kind", kind);
    json_set_text(row, "company", company);
    set_some(row, "entry", field(record, "entry"));
    set_some(row, "task", field(record, "task"));
    set_positive(row, "no", number(record, "no"));
    set_some(row, "operation", field(record, "operation"));
    set_some(row, "category", field(record, "category"));
    set_some(row, "description", field(record, "description"));
    set_positive(row, "slot_ms", number(record, "slot"));
    set_positive(row, "due_ms", number(record, "due"));
    if (ended)
        add_attempt(row, record);
    set_some(row, "error", field(record, "error"));
    set_some(row, "why", field(record, "why"));
    if (number(record, "times") > 1)
        json_set_int(row, "times", number(record, "times"));
    if (number(record, "times") > 1 || (skip && number(record, "to")))
        json_set_int(row, "since_ms", number(record, "since"));
    if (skip)
        set_positive(row, "until_ms", number(record, "to"));
    if (strcmp(kind, "notice") == 0)
        set_some(row, "target", field(record, "to"));
    return row;
}

static bool add_trace(struct ledger *ledger, const char *company, const struct record *record,
                      json *row, struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *reply = NULL;
    if (!*field(record, "error") || !*field(record, "fence"))
        return true;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "GET %strace:%s:%s", prefix,
                        field(record, "task"), field(record, "attempt")))
        return false;
    if (reply->type == REDIS_REPLY_STRING)
        json_set_text(row, "trace", reply->str);
    return true;
}

/* ---- reading ---- */

static bool fits(const struct log_query *query, const struct record *record)
{
    return (!query->entry || strcmp(query->entry, field(record, "entry")) == 0) &&
           (!query->kind || strcmp(query->kind, field(record, "event")) == 0);
}

/* One step backwards; false in *goes_on when the log, or the time asked for, ends here. */
static bool read_step(struct ledger *ledger, const char *company, const struct log_query *query,
                      int64_t *before, json *records, bool *goes_on, struct err *err)
{
    char prefix[80], from[32] = "+";
    OWN_REPLY redisReply *reply = NULL;
    if (*before)
        snprintf(from, sizeof from, "(%" PRId64 "-0", *before);
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "XREVRANGE %slog:%s %s - COUNT %d",
                        prefix, company, from, STEP))
        return err_wrap(err, "read the log");
    *goes_on = reply->elements == STEP;
    for (size_t i = 0; i < reply->elements && json_count(records) < query->most; i++) {
        struct record record;
        if (!record_at(reply, i, &record))
            continue;
        if (number(&record, "at") < query->since_ms) {
            *goes_on = false;
            return true;
        }
        *before = strtoll(record.id, NULL, 10);
        if (!fits(query, &record))
            continue;
        json *row = record_json(company, &record);
        json_add(records, row);
        if (query->traces && !add_trace(ledger, company, &record, row, err))
            return err_wrap(err, "read a trace");
        if (json_count(records) == query->most)
            *goes_on = *goes_on || i + 1 < reply->elements;
    }
    return true;
}

bool ledger_log(struct ledger *ledger, const char *company, const struct log_query *query,
                json **out, struct err *err)
{
    json *answer = json_new_object(), *records = json_new_array();
    int64_t before = query->before;
    bool goes_on = true;
    json_set(answer, "records", records);
    for (int step = 0; goes_on && step < STEPS_MOST && json_count(records) < query->most; step++)
        if (!read_step(ledger, company, query, &before, records, &goes_on, err)) {
            json_free(answer);
            return false;
        }
    json_set_int(answer, "next", goes_on ? before : 0);
    *out = answer;
    return true;
}

bool ledger_trim(struct ledger *ledger, int bucket, const char *const companies[], size_t count,
                 size_t *removed, size_t *more, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, bucket);
    for (size_t i = 0; i < count; i++)
        call_text(&call, companies[i]);
    if (!call_run(ledger, "trim", &call, &reply, err))
        return err_wrap(err, "trim the logs of bucket %d", bucket);
    *removed = (size_t)reply_number(reply, 0);
    *more = (size_t)reply_number(reply, 1);
    return true;
}
