/* queue.c - what bench/queue needs beside the programs themselves.
 *
 *   bench-queue fill REDIS ENV COUNT FIRST COMPANIES CATEGORY OPERATION ARGUMENTS
 *       adds one-off entries that are due now, of the companies FIRST and following in turn;
 *       prints the companies' ids
 *   bench-queue limit REDIS ENV BUNDLE
 *       claims and finishes all that is granted, and all that this grants, with the very scripts of
 *       the ledger in bundles, every bucket's next call in flight before the last is answered: what
 *       this Redis can do with nothing else attached
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "ledger/commands.h"

enum { BUCKETS = 16, BUNDLE_MAX = 64, ARGS_MAX = 3 + 3 + 9 * BUNDLE_MAX };

static int fail(const struct err *err)
{
    fprintf(stderr, "bench-queue: %s\n", err->text);
    return 1;
}

/* ---- fill ---- */

static void company_name(long number, char out[static UUID_TEXT])
{
    char name[32];
    snprintf(name, sizeof name, "company %ld", number);
    uuid_from_name(name, out);
}

static bool companies_put(struct ledger *ledger, long first, long count, struct err *err)
{
    for (long i = first; i < first + count; i++) {
        char id[UUID_TEXT], settings[128];
        bool changed;
        company_name(i, id);
        snprintf(settings, sizeof settings, "{\"id\":\"%s\",\"name\":\"Bench %ld\"}", id, i);
        if (!ledger_settings_put(ledger, id, "company", settings, &changed, err))
            return false;
        puts(id);
    }
    return true;
}

static int fill(char **argv)
{
    const struct ledger_config config = {.redis = argv[0], .environment = argv[1]};
    long count = atol(argv[2]), first = atol(argv[3]), companies = atol(argv[4]);
    OWN(ledger) struct ledger *ledger = NULL;
    struct incarnation incarnation;
    struct err err;

    if (!ledger_open(&config, &ledger, &err) || !ledger_incarnation(ledger, &incarnation, &err) ||
        !companies_put(ledger, first, companies, &err))
        return fail(&err);
    for (long i = 0; i < count; i++) {
        struct entry_definition definition = {
            .arguments = argv[7], .max_retry = -1, .schedule = SCHEDULE_AT};
        struct tickets granted = {0};
        char id[UUID_TEXT];
        bool existing;
        company_name(first + i % companies, definition.company);
        snprintf(definition.category, sizeof definition.category, "%s", argv[5]);
        snprintf(definition.operation, sizeof definition.operation, "%s", argv[6]);
        if (!ledger_add(ledger, &definition, id, &existing, &granted, &err))
            return fail(&err);
        tickets_drop(&granted);
    }
    return 0;
}

/* ---- limit ---- */

struct lane { /* one bucket: what it has granted, what it has claimed */
    char prefix[80];
    struct tickets open;
    struct ticket claimed[BUNDLE_MAX];
    size_t claimed_count;
    uint64_t fences[BUNDLE_MAX], fence;
    bool finishing;
};

struct client {
    redisContext *context;
    char claim[41], finish[41];
    size_t bundle;
    struct lane lanes[BUCKETS];
    struct lane *asked[BUCKETS]; /* calls in flight, oldest first */
    size_t first, in_flight;
    uint64_t done;
};

static const char *text_at(const redisReply *reply, size_t index)
{
    return index < reply->elements && reply->element[index]->str ? reply->element[index]->str : "";
}

static bool load(struct client *client, const char *name, char sha[static 41])
{
    OWN_BUF struct buf text = {0};
    redis_script_text(name, &text);
    OWN_REPLY redisReply *reply =
        redisCommand(client->context, "SCRIPT LOAD %b", text.data, text.size);
    if (!reply || reply->type != REDIS_REPLY_STRING)
        return false;
    snprintf(sha, 41, "%s", reply->str);
    return true;
}

static void take_tickets(struct lane *lane, const redisReply *rows)
{
    for (size_t i = 0; i < rows->elements; i++) {
        const redisReply *row = rows->element[i];
        struct ticket ticket = {.epoch = strtoull(text_at(row, 5), NULL, 10),
                                .attempt = (uint32_t)strtoul(text_at(row, 6), NULL, 10)};
        snprintf(ticket.task, sizeof ticket.task, "%s", text_at(row, 0));
        tickets_add(&lane->open, &ticket);
    }
}

struct words { /* arguments of one call; numbers as text live here */
    const char *items[ARGS_MAX];
    int count;
    char numbers[3 * BUNDLE_MAX][32];
    size_t used;
};

static void word(struct words *words, const char *text)
{
    words->items[words->count++] = text;
}

static void number(struct words *words, const char *format, uint64_t value)
{
    char *text = words->numbers[words->used++];
    snprintf(text, sizeof words->numbers[0], format, value);
    word(words, text);
}

static void begin(struct words *words, const char *sha, const char *prefix)
{
    *words = (struct words){0};
    const char *const first[] = {"EVALSHA", sha, "1", prefix, "0"};
    for (size_t i = 0; i < COUNT(first); i++)
        word(words, first[i]);
}

static void ask(struct client *client, struct lane *lane, struct words *words)
{
    redisAppendCommandArgv(client->context, words->count, words->items, NULL);
    client->asked[(client->first + client->in_flight++) % BUCKETS] = lane;
}

static void ask_claims(struct client *client, struct lane *lane)
{
    static struct words words;
    size_t count = lane->open.count < client->bundle ? lane->open.count : client->bundle;
    if (count == 0)
        return;
    begin(&words, client->claim, lane->prefix);
    word(&words, "10000");
    for (size_t i = 0; i < count; i++) {
        struct ticket *ticket = &lane->claimed[i];
        *ticket = lane->open.items[i];
        lane->fences[i] = ++lane->fence;
        word(&words, ticket->task);
        number(&words, "%" PRIu64, ticket->attempt);
        number(&words, "%" PRIu64, ticket->epoch);
        number(&words, "00000000000000aa.%" PRIu64, lane->fences[i]);
    }
    lane->claimed_count = count;
    lane->open.count -= count;
    memmove(lane->open.items, lane->open.items + count, lane->open.count * sizeof(struct ticket));
    lane->finishing = false;
    ask(client, lane, &words);
}

static void ask_finishes(struct client *client, struct lane *lane)
{
    static struct words words;
    begin(&words, client->finish, lane->prefix);
    for (size_t i = 0; i < lane->claimed_count; i++) {
        const char *const rest[] = {"ok", "0", "", "", "{}", "0", "", "", ""};
        word(&words, lane->claimed[i].task);
        number(&words, "00000000000000aa.%" PRIu64, lane->fences[i]);
        for (size_t k = 0; k < COUNT(rest); k++)
            word(&words, rest[k]);
    }
    lane->finishing = true;
    ask(client, lane, &words);
}

static bool answered(struct client *client, struct lane *lane, const redisReply *reply,
                     struct err *err)
{
    if (reply->type != REDIS_REPLY_ARRAY)
        return err_set(err, ERR_FATAL, 0, "a script failed: %s", reply->str);
    const redisReply *answers = reply->element[1];
    for (size_t i = 0; i < answers->elements; i++) {
        const redisReply *row = answers->element[i];
        const char *said = lane->finishing ? row->str : text_at(row, 0);
        if (strcmp(said, lane->finishing ? "done" : "ok") != 0)
            return err_set(err, ERR_FATAL, 0, "%s: %s", lane->claimed[i].task, said);
    }
    take_tickets(lane, reply->element[0]);
    if (!lane->finishing) {
        ask_finishes(client, lane);
        return true;
    }
    client->done += lane->claimed_count;
    ask_claims(client, lane);
    return true;
}

/* What is open when the run begins. */
static bool read_open(struct client *client, struct lane *lane)
{
    OWN_REPLY redisReply *ids = redisCommand(client->context, "ZRANGE %sopen 0 -1", lane->prefix);
    for (size_t i = 0; ids && i < ids->elements; i++) {
        OWN_REPLY redisReply *row = redisCommand(client->context, "HMGET %se:%s task epoch attempt",
                                                 lane->prefix, text_at(ids, i));
        if (!row)
            return false;
        struct ticket ticket = {.epoch = strtoull(text_at(row, 1), NULL, 10),
                                .attempt = (uint32_t)strtoul(text_at(row, 2), NULL, 10)};
        snprintf(ticket.task, sizeof ticket.task, "%s", text_at(row, 0));
        tickets_add(&lane->open, &ticket);
    }
    return ids != NULL;
}

static int limit(char **argv)
{
    static struct client client;
    struct err err = {0};
    char host[64];
    const char *colon = strrchr(argv[0], ':');

    snprintf(host, sizeof host, "%.*s", (int)(colon - argv[0]), argv[0]);
    client.context = redisConnect(host, atoi(colon + 1));
    client.bundle = (size_t)atol(argv[2]);
    assert(client.context && client.bundle <= BUNDLE_MAX);
    bool good = !client.context->err && load(&client, "claim", client.claim) &&
                load(&client, "finish", client.finish);
    for (int i = 0; good && i < BUCKETS; i++) {
        struct lane *lane = &client.lanes[i];
        snprintf(lane->prefix, sizeof lane->prefix, "ct:{%s/%02x}:", argv[1], i);
        lane->fence = (uint64_t)i << 32;
        good = read_open(&client, lane);
    }
    for (int i = 0; good && i < BUCKETS; i++)
        ask_claims(&client, &client.lanes[i]);
    while (good && client.in_flight) {
        void *reply = NULL;
        good = redisGetReply(client.context, &reply) == REDIS_OK;
        struct lane *lane = client.asked[client.first];
        client.first = (client.first + 1) % BUCKETS;
        client.in_flight--;
        good = good && answered(&client, lane, reply, &err);
        if (reply)
            freeReplyObject(reply);
    }
    for (int i = 0; i < BUCKETS; i++)
        tickets_drop(&client.lanes[i].open);
    if (!good) {
        if (err.kind == ERR_NONE)
            err_set(&err, ERR_FATAL, 0, "Redis: %s", client.context->errstr);
        return fail(&err);
    }
    redisFree(client.context);
    printf("%" PRIu64 "\n", client.done);
    return 0;
}

int main(int argc, char **argv)
{
    ids_start();
    log_set_level(LOG_LEVEL_WARN);
    if (argc == 10 && strcmp(argv[1], "fill") == 0)
        return fill(argv + 2);
    if (argc == 5 && strcmp(argv[1], "limit") == 0)
        return limit(argv + 2);
    fprintf(stderr, "usage: bench-queue fill REDIS ENV COUNT FIRST COMPANIES CATEGORY "
                    "OPERATION ARGUMENTS | limit REDIS ENV BUNDLE\n");
    return 2;
}
