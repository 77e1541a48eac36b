/* bed.c - words of the tests of the queue's scripts. */
#include "support/bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

const char BED_COMPANY[UUID_TEXT] = "8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11";
struct err bed_err;
static struct test_redis server;

int bed_group_set_up(void **state)
{
    (void)state;
    ids_start();
    log_set_level(LOG_LEVEL_ERROR);
    test_redis_start(&server, false);
    return 0;
}

int bed_group_tear_down(void **state)
{
    (void)state;
    test_redis_stop(&server);
    return 0;
}

int bed_set_up(void **state)
{
    struct bed *bed = mem_new(sizeof *bed);
    char random[17];
    bool created;
    random_hex(8, random);
    snprintf(bed->environment, sizeof bed->environment, "t%s", random);
    struct ledger_config config = {
        .redis = server.address, .environment = bed->environment, .lease_ms = BED_LEASE_MS};
    BED_OK(ledger_open(&config, &bed->ledger, &bed_err));
    BED_OK(ledger_init(bed->ledger, &created, &bed_err));
    assert_true(created);
    bed->arena = arena_new();
    bed->bucket = ledger_bucket(bed->ledger, BED_COMPANY);
    bed_at(bed, BED_START);
    *state = bed;
    return 0;
}

int bed_tear_down(void **state)
{
    struct bed *bed = *state;
    assert_string_equal("", bed_audit(bed));
    tickets_drop(&bed->granted);
    arena_free(bed->arena);
    ledger_free(bed->ledger);
    free(bed);
    return 0;
}

void bed_at(struct bed *bed, int64_t now)
{
    bed->now = now;
    BED_OK(ledger_simulate(bed->ledger, now, &bed_err));
}

void bed_later(struct bed *bed, int64_t ms)
{
    bed_at(bed, bed->now + ms);
}

struct entry_definition bed_once(const char *category)
{
    struct entry_definition definition = {.schedule = SCHEDULE_AT,
                                          .arguments = "{\"shop\":\"DEMO\"}",
                                          .description = "a test",
                                          .run_as = "test",
                                          .priority = PRIORITY_NORMAL,
                                          .max_retry = -1,
                                          .kind = TICKET_IMMEDIATE};
    snprintf(definition.company, sizeof definition.company, "%s", BED_COMPANY);
    snprintf(definition.category, sizeof definition.category, "%s", category);
    snprintf(definition.operation, sizeof definition.operation, "orders.sync");
    return definition;
}

struct entry_definition bed_every(const char *category, int64_t every_ms)
{
    struct entry_definition definition = bed_once(category);
    definition.schedule = SCHEDULE_EVERY;
    definition.every_ms = every_ms;
    definition.kind = TICKET_SCHEDULED;
    return definition;
}

/* What the next call grants is all there is to see. */
static struct tickets *anew(struct bed *bed)
{
    tickets_drop(&bed->granted);
    bed->granted = (struct tickets){0};
    return &bed->granted;
}

const char *bed_add(struct bed *bed, const struct entry_definition *definition)
{
    char id[UUID_TEXT];
    bool existing;
    BED_OK(ledger_add(bed->ledger, definition, id, &existing, anew(bed), &bed_err));
    return arena_text(bed->arena, id);
}

void bed_edit(struct bed *bed, const char *entry, const struct entry_definition *definition)
{
    BED_OK(ledger_edit(bed->ledger, entry, definition, anew(bed), &bed_err));
}

size_t bed_tick(struct bed *bed)
{
    struct due_entry *due;
    size_t count;
    int64_t next;
    BED_OK(ledger_due(bed->ledger, bed->bucket, 64, bed->arena, &due, &count, &next, &bed_err));
    struct decision *decisions = arena_array(bed->arena, count + 1, sizeof *decisions);
    for (size_t i = 0; i < count; i++)
        decisions[i] = queue_decide(&due[i].entry, bed->now);
    BED_OK(ledger_fire(bed->ledger, bed->bucket, due, decisions, count, anew(bed), &bed_err));
    return bed->granted.count;
}

struct ticket bed_tick_one(struct bed *bed)
{
    assert_int_equal(1, bed_tick(bed));
    return bed->granted.items[0];
}

struct ticket bed_ticket(struct bed *bed, const char *entry)
{
    for (size_t i = 0; i < bed->granted.count; i++)
        if (strcmp(bed->granted.items[i].entry, entry) == 0)
            return bed->granted.items[i];
    fail_msg("entry %s was granted nothing", entry);
    return (struct ticket){0};
}

enum claim bed_claim_as(struct bed *bed, const struct ticket *ticket, const char *fence)
{
    struct claim_request request = {.ticket = ticket, .arena = bed->arena};
    struct ticket copy = *ticket; /* it may stand in what is emptied now */
    request.ticket = &copy;
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    BED_OK(ledger_claim(bed->ledger, bed->bucket, &request, 1, anew(bed), &bed_err));
    return request.answer;
}

const char *bed_claim(struct bed *bed, const struct ticket *ticket)
{
    const char *fence = arena_printf(bed->arena, "00112233aabbccdd.%d", ++bed->fences);
    assert_string_equal("ok", claim_name(bed_claim_as(bed, ticket, fence)));
    return fence;
}

enum beat bed_beat(struct bed *bed, const struct ticket *ticket, const char *fence)
{
    struct beat_request request = {0};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    BED_OK(ledger_beat(bed->ledger, bed->bucket, &request, 1, &bed_err));
    return request.answer;
}

bool bed_finish_at(struct bed *bed, const struct ticket *ticket, const char *fence,
                   enum outcome outcome, int64_t at_ms)
{
    struct finish_request request = {.outcome = outcome, .at_ms = at_ms, .counts = "{\"read\":3}"};
    if (outcome != OUTCOME_OK && outcome != OUTCOME_IDLE && outcome != OUTCOME_PARK)
        request.error = "it went wrong";
    if (outcome == OUTCOME_PARK)
        request.why = "budget";
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    BED_OK(ledger_finish(bed->ledger, bed->bucket, &request, 1, anew(bed), &bed_err));
    return request.done;
}

void bed_finish(struct bed *bed, const struct ticket *ticket, const char *fence,
                enum outcome outcome)
{
    assert_true(bed_finish_at(bed, ticket, fence, outcome, 0));
}

int bed_ask(struct bed *bed, bed_command command, const char *entry)
{
    return command(bed->ledger, BED_COMPANY, entry, anew(bed), &bed_err) ? 0 : bed_err.code;
}

int bed_hold(struct bed *bed, const char *entry, bool stop)
{
    return ledger_hold(bed->ledger, BED_COMPANY, entry, stop, anew(bed), &bed_err) ? 0
                                                                                   : bed_err.code;
}

int bed_wake(struct bed *bed, const char *entry)
{
    const char *answer = NULL;
    return ledger_wake(bed->ledger, BED_COMPANY, entry, &answer, anew(bed), &bed_err)
               ? 0
               : bed_err.code;
}

const char *bed_audit(struct bed *bed)
{
    OWN(audit) struct audit *audit = audit_new();
    struct audit_step *step = arena_array(bed->arena, 1, sizeof *step);
    struct tickets *granted = anew(bed);
    const char *said = "";
    while (!step->done) {
        BED_OK(audit_next(audit, bed->ledger, step, granted, &bed_err));
        for (size_t i = 0; i < step->count; i++)
            said = arena_printf(bed->arena, "%s%s: %s\n", said, step->found[i].entry,
                                step->found[i].what);
    }
    return said;
}

static redisReply *command(struct bed *bed, const char *format, va_list values)
{
    char text[512];
    const char *words[16], *next;
    int count = 0;
    redisReply *reply = NULL;
    vsnprintf(text, sizeof text, format, values);
    for (char *word = strtok_r(text, " ", (char **)&next); word && count < (int)COUNT(words);
         word = strtok_r(NULL, " ", (char **)&next)) {
        words[count++] = *word == '~'
                             ? arena_printf(bed->arena, "ct:{%s/%02x}:%s", bed->environment,
                                            (unsigned)bed->bucket, word + 1)
                             : arena_text(bed->arena, word);
    }
    BED_OK(redis_command(ledger_redis(bed->ledger), count, words, NULL, &reply, &bed_err));
    return reply;
}

redisReply *bed_redis(struct bed *bed, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    redisReply *reply = command(bed, format, values);
    va_end(values);
    return reply;
}

void bed_change(struct bed *bed, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    freeReplyObject(command(bed, format, values));
    va_end(values);
}

const char *bed_field(struct bed *bed, const char *entry, const char *name)
{
    OWN_REPLY redisReply *reply = bed_redis(bed, "HGET ~e:%s %s", entry, name);
    return reply->type == REDIS_REPLY_STRING ? arena_text(bed->arena, reply->str) : "";
}

int64_t bed_number(struct bed *bed, const char *entry, const char *name)
{
    return strtoll(bed_field(bed, entry, name), NULL, 10);
}

bool bed_gone(struct bed *bed, const char *entry)
{
    return !*bed_field(bed, entry, "status");
}

void bed_stands(struct bed *bed, const char *entry, const char *status, const char *sub)
{
    assert_string_equal(status, bed_field(bed, entry, "status"));
    assert_string_equal(sub, bed_field(bed, entry, "sub"));
}

int bed_recorded(struct bed *bed, const char *event)
{
    OWN_REPLY redisReply *rows = bed_redis(bed, "XRANGE ~hist - +");
    return test_recorded(rows, event);
}
