/* outbox.c - the calls of the script outbox. */
#include "ledger/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

static const redisReply *part(const redisReply *reply, size_t index)
{
    return reply && reply->type == REDIS_REPLY_ARRAY && index < reply->elements
               ? reply->element[index]
               : NULL;
}

static size_t parts(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
}

static void begin(struct call *call, struct ledger *ledger, int bucket, const char *verb)
{
    call_begin(call, ledger, bucket);
    call_text(call, verb);
}

/* ---- look ---- */

static const char *field(const redisReply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < parts(fields); i += 2)
        if (strcmp(reply_text(fields, i), name) == 0)
            return reply_text(fields, i + 1);
    return "";
}

static void read_event(const redisReply *row, struct arena *arena, struct outbox_event *out)
{
    const redisReply *fields = part(row, 1);
    const struct {
        const char *name, **text;
    } TEXTS[] = {
        {"company",     &out->company    },
        {"entry",       &out->entry      },
        {"task",        &out->task       },
        {"operation",   &out->operation  },
        {"category",    &out->category   },
        {"description", &out->description},
        {"outcome",     &out->outcome    },
        {"error",       &out->error      },
        {"notify",      &out->notify     },
    };
    out->id = arena_text(arena, reply_text(row, 0));
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        *TEXTS[i].text = arena_text(arena, field(fields, TEXTS[i].name));
    out->at_ms = strtoll(field(fields, "at"), NULL, 10);
    out->no = strtoll(field(fields, "no"), NULL, 10);
    out->fails = strtoll(field(fields, "fails"), NULL, 10);
    out->failed = *field(fields, "failed") == '1';
    out->recovered = *field(fields, "again") == '1';
}

static void read_company(const redisReply *rows, size_t at, struct arena *arena,
                         struct outbox_company *out)
{
    const redisReply *times = part(rows, at + 3);
    int64_t *failures = arena_array(arena, parts(times) + 1, sizeof *failures);
    for (size_t i = 0; i < parts(times); i++)
        failures[i] = reply_number(times, i);
    *out = (struct outbox_company){.id = arena_text(arena, reply_text(rows, at)),
                                   .notify = arena_text(arena, reply_text(rows, at + 1)),
                                   .settings = arena_text(arena, reply_text(rows, at + 2)),
                                   .failures = failures,
                                   .failure_count = parts(times)};
}

bool outbox_look(struct ledger *ledger, int bucket, struct arena *arena, struct outbox_look *out,
                 struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    begin(&call, ledger, bucket, "look");
    if (!call_run(ledger, "outbox", &call, &reply, err))
        return err_wrap(err, "look into outbox %d", bucket);
    const redisReply *events = part(reply, 1), *companies = part(reply, 2);
    *out = (struct outbox_look){.due = (size_t)reply_number(reply, 0),
                                .event_count = parts(events),
                                .company_count = parts(companies) / 4};
    if (!out->event_count)
        return true;
    out->events = arena_array(arena, out->event_count, sizeof *out->events);
    out->companies = arena_array(arena, out->company_count, sizeof *out->companies);
    for (size_t i = 0; i < out->event_count; i++)
        read_event(events->element[i], arena, &out->events[i]);
    for (size_t i = 0; i < out->company_count; i++)
        read_company(companies, i * 4, arena, &out->companies[i]);
    return true;
}

/* ---- plan ---- */

bool outbox_plan(struct ledger *ledger, int bucket, const char *const events[], size_t event_count,
                 const struct outbox_notice *notices, size_t notice_count, bool *planned,
                 struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    begin(&call, ledger, bucket, "plan");
    call_number(&call, (int64_t)event_count);
    for (size_t i = 0; i < event_count; i++)
        call_text(&call, events[i]);
    for (size_t i = 0; i < notice_count; i++) {
        char id[UUID_TEXT];
        uuid_random(id);
        call_text(&call, notices[i].company);
        call_text(&call, notices[i].target);
        call_text(&call, notices[i].why);
        call_text(&call, notices[i].cause);
        call_number(&call, notices[i].collect_ms);
        call_number(&call, notices[i].hold_ms);
        call_text(&call, arena_text(call.texts, id));
        call_text(&call, notices[i].entry);
        call_text(&call, notices[i].row);
        call_text(&call, notices[i].operation);
    }
    if (!call_run(ledger, "outbox", &call, &reply, err))
        return err_wrap(err, "plan notices of bucket %d", bucket);
    *planned = reply->integer == 1;
    return true;
}

/* ---- take, end, again ---- */

static void read_taken(const redisReply *row, struct arena *arena, struct outbox_taken *out)
{
    const redisReply *rows = part(row, 9);
    const char **texts = arena_array(arena, parts(rows) + 1, sizeof *texts);
    for (size_t i = 0; i < parts(rows); i++)
        texts[i] = arena_text(arena, reply_text(rows, i));
    *out = (struct outbox_taken){.id = arena_text(arena, reply_text(row, 0)),
                                 .company = arena_text(arena, reply_text(row, 1)),
                                 .target = arena_text(arena, reply_text(row, 2)),
                                 .why = arena_text(arena, reply_text(row, 3)),
                                 .count = reply_number(row, 4),
                                 .created_ms = reply_number(row, 5),
                                 .tries = reply_number(row, 6),
                                 .notify = arena_text(arena, reply_text(row, 7)),
                                 .settings = arena_text(arena, reply_text(row, 8)),
                                 .rows = texts,
                                 .row_count = parts(rows)};
}

bool outbox_take(struct ledger *ledger, int bucket, const char *owner, int64_t lease_ms,
                 size_t most, struct arena *arena, struct outbox_taken **out, size_t *count,
                 struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    begin(&call, ledger, bucket, "take");
    call_text(&call, owner);
    call_number(&call, lease_ms);
    call_number(&call, (int64_t)most);
    if (!call_run(ledger, "outbox", &call, &reply, err))
        return err_wrap(err, "take notices of bucket %d", bucket);
    *count = parts(reply);
    *out = arena_array(arena, *count + 1, sizeof **out);
    for (size_t i = 0; i < *count; i++)
        read_taken(reply->element[i], arena, &(*out)[i]);
    return true;
}

bool outbox_end(struct ledger *ledger, int bucket, const char *id, const char *outcome,
                const char *error, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    begin(&call, ledger, bucket, "end");
    call_text(&call, id);
    call_text(&call, outcome);
    call_text(&call, error);
    return call_run(ledger, "outbox", &call, &reply, err) || err_wrap(err, "end notice %s", id);
}

bool outbox_again(struct ledger *ledger, int bucket, const char *id, const char *owner,
                  int64_t delay_ms, const char *error, bool *given_up, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    begin(&call, ledger, bucket, "again");
    call_text(&call, id);
    call_text(&call, owner);
    call_number(&call, delay_ms);
    call_text(&call, error);
    if (!call_run(ledger, "outbox", &call, &reply, err))
        return err_wrap(err, "put back notice %s", id);
    *given_up = reply->type == REDIS_REPLY_STRING && strcmp(reply->str, "given-up") == 0;
    return true;
}
