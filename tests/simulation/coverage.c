/* coverage.c - the tables of what can happen, and how often it did. */
#include "coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const FAULT_NAMES[FAULTS] = {
    [FAULT_PRODUCER_BEFORE_FIRE] = "producer killed before FIRE",
    [FAULT_PRODUCER_BEFORE_PUBLISH] = "producer killed after FIRE, before publish",
    [FAULT_PRODUCER_AFTER_PUBLISH] = "producer killed after publish",
    [FAULT_PRODUCER_STALE] = "producer fires on an old reading",
    [FAULT_PRODUCER_STOPPED] = "producer stopped and resumed",
    [FAULT_PRODUCER_WITHIN_REAP] = "producer stopped within a reaper's round",
    [FAULT_CALL_LOST] = "call lost",
    [FAULT_CALL_TWICE] = "call twice",
    [FAULT_WORKER_BEFORE_CLAIM] = "worker killed before CLAIM",
    [FAULT_WORKER_AFTER_CLAIM] = "worker killed after CLAIM",
    [FAULT_WORKER_BEFORE_FINISH] = "worker killed before FINISH",
    [FAULT_WORKER_STOPPED] = "worker stopped beyond its lease and resumed",
    [FAULT_WORKER_NO_REDIS] = "worker cut off from Redis",
    [FAULT_WORKER_NO_KAFKA] = "worker cut off from Kafka",
    [FAULT_REDIS_RESTART] = "Redis restarted",
    [FAULT_REDIS_OLD_FILE] = "Redis restarted with a truncated file",
    [FAULT_REDIS_FAILOVER] = "failover that loses the last second",
    [FAULT_REDIS_FULL] = "Redis out of memory",
    [FAULT_BROKER_LOST] = "broker lost",
    [FAULT_TOPIC_ANEW] = "topic deleted and created anew",
    [FAULT_TICKET_LOST] = "ticket lost",
    [FAULT_TICKET_TWICE] = "ticket twice",
    [FAULT_TICKET_REPLAYED] = "ticket replayed",
    [FAULT_TICKET_REORDERED] = "ticket reordered",
    [FAULT_TICKET_DELAYED] = "ticket delayed",
    [FAULT_CLOCK_REDIS_AHEAD] = "clock of Redis steps ahead",
    [FAULT_CLOCK_REDIS_BACK] = "clock of Redis steps back",
    [FAULT_CLOCK_WORKER] = "clock of a worker steps",
    [FAULT_CLOCK_PERSON] = "clock of a person's machine steps",
    [FAULT_DST_AHEAD] = "summer time begins",
    [FAULT_DST_BACK] = "summer time ends",
    [FAULT_ALL_ASLEEP] = "all machines asleep",
    [FAULT_POISON] = "poison task",
    [FAULT_FORGED_FENCE] = "forged fence",
    [FAULT_ZONE_UNKNOWN] = "zone unknown",
    [FAULT_COMMAND] = "command at any moment",
};

static const char *const SCRIPTS[] = {"add",  "edit", "command", "wake",   "due",  "fire", "claim",
                                      "look", "beat", "write",   "finish", "reap", "audit"};

/* Where a script's words stand in its reply. */
enum where {
    WORDS,  /* [1] = a list of words, or of lists that begin with one */
    WORD,   /* [1] */
    ITSELF, /* the reply */
    NUMBER, /* [2], a number */
};
static const struct {
    const char *script;
    enum where where;
    const char *words[10];
} ANSWERS[] = {
    {"claim",   WORDS,  {"ok", "dup", "stale", "unknown", "late"}                                 },
    {"beat",    WORDS,  {"ok", "fenced", "cancel", "timeout", "yield"}                            },
    {"finish",  WORDS,  {"done", "fenced"}                                                        },
    {"write",   ITSELF, {"ok", "fenced", "refused"}                                               },
    {"command", WORD,   {"done", "gone", "running", "over"}                                       },
    {"edit",    WORD,   {"changed", "same", "gone"}                                               },
    {"wake",    WORDS,  {"done", "later", "covered", "rerun", "double", "gone", "resting", "once"}},
    {"add",     NUMBER, {"0", "1", "2"}                                                           },
};

/* ---- counting ---- */

static const char *unwanted = "";

void faults_without(const char *words)
{
    unwanted = words;
}

bool fault_wanted(enum fault fault)
{
    char word[64];
    for (const char *at = unwanted; *at;) {
        size_t size = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)size, at);
        if (size && strstr(FAULT_NAMES[fault], word))
            return false;
        at += size + (at[size] == ',');
    }
    return true;
}

void tally_move(struct tally *tally, enum entry_status status, enum entry_sub sub,
                enum entry_event on)
{
    assert(MOVE_COUNT <= MOVES_KNOWN);
    for (size_t i = 0; i < MOVE_COUNT; i++)
        if (MOVES[i].status == status && MOVES[i].sub == sub && MOVES[i].on == on)
            tally->moves[i]++;
}

void tally_reply_lost(struct tally *tally, const char *script)
{
    for (size_t i = 0; i < COUNT(SCRIPTS); i++)
        if (strcmp(SCRIPTS[i], script) == 0)
            tally->replies_lost[i]++;
}

static void count_word(struct tally *tally, size_t row, const char *word)
{
    size_t at = 0;
    for (size_t i = 0; i < row; i++)
        for (size_t k = 0; ANSWERS[i].words[k]; k++)
            at++;
    for (size_t k = 0; ANSWERS[row].words[k]; k++) {
        if (strcmp(ANSWERS[row].words[k], word) == 0) {
            assert(at + k < ANSWERS_KNOWN);
            tally->answers[at + k]++;
            return;
        }
    }
    fprintf(stderr, "simulate: %s answers \"%s\", which the table in coverage.c does not know\n",
            ANSWERS[row].script, word);
    exit(2);
}

static const char *first_word(const redisReply *reply)
{
    while (reply->type == REDIS_REPLY_ARRAY && reply->elements)
        reply = reply->element[0];
    return reply->str ? reply->str : "";
}

void tally_answer(struct tally *tally, const char *script, const redisReply *reply)
{
    char number[24];
    size_t row = 0;
    while (row < COUNT(ANSWERS) && strcmp(ANSWERS[row].script, script) != 0)
        row++;
    if (row == COUNT(ANSWERS) || reply->type == REDIS_REPLY_ERROR)
        return;
    switch (ANSWERS[row].where) {
    case WORDS:
        for (size_t i = 0; i < reply->element[1]->elements; i++)
            count_word(tally, row, first_word(reply->element[1]->element[i]));
        break;
    case WORD:
        count_word(tally, row, first_word(reply->element[1]));
        break;
    case ITSELF:
        count_word(tally, row, reply->str);
        break;
    case NUMBER:
        snprintf(number, sizeof number, "%lld", reply->element[2]->integer);
        count_word(tally, row, number);
    }
}

/* ---- telling ---- */

static void set_count(json *object, int64_t count, const char *format, ...) PRINTF(3, 4);
static void set_count(json *object, int64_t count, const char *format, ...)
{
    char name[96];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    json_set_int(object, name, json_int(object, name, 0) + count);
}

static json *moves_json(const struct tally *tally)
{
    json *out = json_new_object();
    for (size_t i = 0; i < MOVE_COUNT; i++)
        set_count(out, tally->moves[i], "%d/%s %s %d/%s", MOVES[i].status,
                  entry_sub_name(MOVES[i].sub), entry_event_name(MOVES[i].on), MOVES[i].to_status,
                  entry_sub_name(MOVES[i].to_sub));
    return out;
}

json *tally_json(const struct tally *tally)
{
    json *out = json_new_object(), *faults = json_new_object(), *answers = json_new_object();
    size_t at = 0;
    json_set_int(out, "seeds", tally->seeds);
    json_set(out, "violations",
             tally->violations ? json_copy(tally->violations) : json_new_array());
    for (size_t i = 0; i < FAULTS; i++)
        set_count(faults, tally->faults[i], "%s", FAULT_NAMES[i]);
    for (size_t i = 0; i < COUNT(SCRIPTS); i++)
        set_count(faults, tally->replies_lost[i], "reply of %s lost", SCRIPTS[i]);
    for (size_t i = 0; i < COUNT(ANSWERS); i++)
        for (size_t k = 0; ANSWERS[i].words[k]; k++)
            set_count(answers, tally->answers[at++], "%s %s", ANSWERS[i].script,
                      ANSWERS[i].words[k]);
    json_set(out, "faults", faults);
    json_set(out, "moves", moves_json(tally));
    json_set(out, "answers", answers);
    json_set_int(out, "records", tally->records);
    json_set_int(out, "claims", tally->claims);
    json_set_int(out, "tasks", tally->tasks);
    json_set_int(out, "tasks_least", tally->tasks_least);
    return out;
}

static const char *const MAPS[] = {"faults", "moves", "answers"};

void tally_merge(json *total, const json *part)
{
    static const char *const SUMS[] = {"seeds", "records", "claims", "tasks"};
    const char *name;
    json *child;
    for (size_t i = 0; i < COUNT(SUMS); i++)
        set_count(total, json_int(part, SUMS[i], 0), "%s", SUMS[i]);
    int64_t least = json_int(part, "tasks_least", 0), so_far = json_int(total, "tasks_least", 0);
    if (json_int(part, "seeds", 0)) /* a process may have got none */
        json_set_int(total, "tasks_least", so_far && so_far < least ? so_far : least);
    for (size_t i = 0; i < COUNT(MAPS); i++) {
        json *sums = json_get(total, MAPS[i]);
        JSON_EACH(name, child, json_get(part, MAPS[i]))
        set_count(sums, json_int(json_get(part, MAPS[i]), name, 0), "%s", name);
    }
    const json *violations = json_get(part, "violations");
    for (size_t i = 0; i < json_count(violations); i++)
        json_add(json_get(total, "violations"), json_copy(json_at(violations, i)));
}

size_t tally_holes(const json *total, int64_t least)
{
    size_t holes = 0;
    const char *name;
    json *child;
    for (size_t i = 0; i < COUNT(MAPS); i++) {
        const json *counts = json_get(total, MAPS[i]);
        JSON_EACH(name, child, counts)
        {
            int64_t count = json_int(counts, name, 0);
            holes += count < least;
            if (count < least)
                fprintf(stderr, "simulate: %s: \"%s\" happened %lld times, wanted are %lld\n",
                        MAPS[i], name, (long long)count, (long long)least);
        }
    }
    if (least && json_int(total, "tasks_least", 0) < TASKS_LEAST) {
        fprintf(stderr, "simulate: a seed has %lld tasks, wanted are %d\n",
                (long long)json_int(total, "tasks_least", 0), TASKS_LEAST);
        holes++;
    }
    return holes;
}
