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

struct lane { /* one bucket: what it has granted, what runs, which call is in flight */
    struct tickets open;
    struct claim_request claims[BUNDLE_MAX];
    struct finish_request finishes[BUNDLE_MAX];
    struct ticket claimed[BUNDLE_MAX];
    char lanes[BUNDLE_MAX][128];
    size_t count;
    bool asked, finishing;
};

struct client {
    struct ledger *ledger;
    struct arena *arena;
    size_t bundle;
    uint64_t fences, done;
    struct lane buckets[BUCKETS];
};

static void draw_fence(struct client *client, char out[static 48])
{
    snprintf(out, 48, "00000000000000aa.%" PRIu64, ++client->fences);
}

static bool ask_claims(struct client *client, int bucket, struct err *err)
{
    struct lane *lane = &client->buckets[bucket];
    lane->count = lane->open.count < client->bundle ? lane->open.count : client->bundle;
    lane->asked = lane->count > 0;
    lane->finishing = false;
    for (size_t i = 0; i < lane->count; i++) {
        lane->claimed[i] = lane->open.items[i];
        lane->claims[i] =
            (struct claim_request){.ticket = &lane->claimed[i], .arena = client->arena};
        draw_fence(client, lane->claims[i].fence);
    }
    lane->open.count -= lane->count;
    memmove(lane->open.items, lane->open.items + lane->count,
            lane->open.count * sizeof(struct ticket));
    return !lane->asked || ledger_claim_ask(client->ledger, bucket, lane->claims, lane->count, err);
}

static void finish_of(struct client *client, struct lane *lane, size_t i,
                      const struct ticket *ticket, const char *fence)
{
    struct finish_request *finish = &lane->finishes[i];
    *finish =
        (struct finish_request){.outcome = OUTCOME_OK, .counts = "{}", .lane = lane->lanes[i]};
    memcpy(finish->task, ticket->task, sizeof finish->task);
    snprintf(finish->fence, sizeof finish->fence, "%s", fence);
    snprintf(lane->lanes[i], sizeof lane->lanes[i], "%s:%s", ticket->company, ticket->category);
    draw_fence(client, finish->next_fence);
}

static bool ask_finishes(struct client *client, int bucket, struct err *err)
{
    struct lane *lane = &client->buckets[bucket];
    lane->finishing = lane->asked = true;
    return ledger_finish_ask(client->ledger, bucket, lane->finishes, lane->count, err);
}

static bool claims_heard(struct client *client, int bucket, struct err *err)
{
    struct lane *lane = &client->buckets[bucket];
    if (!ledger_claim_answer(client->ledger, lane->claims, lane->count, &lane->open, err))
        return false;
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->claims[i].answer != CLAIM_OK)
            return err_set(err, ERR_FATAL, 0, "claim of %s: %s", lane->claimed[i].task,
                           claim_name(lane->claims[i].answer));
        finish_of(client, lane, i, &lane->claimed[i], lane->claims[i].fence);
    }
    return ask_finishes(client, bucket, err);
}

static bool finishes_heard(struct client *client, int bucket, struct err *err)
{
    struct lane *lane = &client->buckets[bucket];
    size_t count = lane->count, on = 0;
    if (!ledger_finish_answer(client->ledger, lane->finishes, count, &lane->open, err))
        return false;
    client->done += count;
    for (size_t i = 0; i < count; i++) {
        struct finish_request heard = lane->finishes[i];
        if (!heard.done)
            return err_set(err, ERR_FATAL, 0, "finish of %s: fenced", heard.task);
        if (heard.has_next)
            finish_of(client, lane, on++, &heard.next.ticket, heard.next_fence);
        arena_free(heard.next_arena);
    }
    lane->count = on;
    return on ? ask_finishes(client, bucket, err) : ask_claims(client, bucket, err);
}

/* What is open when the run begins. */
static bool read_open(struct client *client, const char *environment, int bucket, struct err *err)
{
    struct redis *redis = ledger_redis(client->ledger);
    OWN_REPLY redisReply *ids = NULL;
    if (!redis_commandf(redis, &ids, err, "ZRANGE ct:{%s/%02x}:open 0 -1", environment,
                        (unsigned)bucket))
        return false;
    for (size_t i = 0; i < ids->elements; i++) {
        OWN_REPLY redisReply *row = NULL;
        if (!redis_commandf(redis, &row, err,
                            "HMGET ct:{%s/%02x}:e:%s task company category epoch attempt",
                            environment, (unsigned)bucket, ids->element[i]->str))
            return false;
        struct ticket ticket = {.epoch = strtoull(row->element[3]->str, NULL, 10),
                                .attempt = (uint32_t)strtoul(row->element[4]->str, NULL, 10)};
        snprintf(ticket.task, sizeof ticket.task, "%s", row->element[0]->str);
        snprintf(ticket.company, sizeof ticket.company, "%s", row->element[1]->str);
        snprintf(ticket.category, sizeof ticket.category, "%s", row->element[2]->str);
        tickets_add(&client->buckets[bucket].open, &ticket);
    }
    return true;
}

static int limit(char **argv)
{
    const struct ledger_config config = {.redis = argv[0], .environment = argv[1]};
    static struct client client;
    struct incarnation incarnation;
    struct err err;

    client.arena = arena_new();
    client.bundle = (size_t)atol(argv[2]);
    assert(client.bundle > 0 && client.bundle <= BUNDLE_MAX);
    bool good = ledger_open(&config, &client.ledger, &err) &&
                ledger_incarnation(client.ledger, &incarnation, &err) &&
                ledger_scripts_ready(client.ledger, &err);
    for (int i = 0; good && i < BUCKETS; i++)
        good = read_open(&client, argv[1], i, &err);
    for (int i = 0; good && i < BUCKETS; i++)
        good = ask_claims(&client, i, &err);
    /* Answers come in the order of asking: bucket by bucket, round by round. */
    for (bool more = true; good && more;) {
        more = false;
        for (int i = 0; good && i < BUCKETS; i++) {
            struct lane *lane = &client.buckets[i];
            if (!lane->asked)
                continue;
            more = true;
            lane->asked = false;
            good =
                lane->finishing ? finishes_heard(&client, i, &err) : claims_heard(&client, i, &err);
        }
    }
    for (int i = 0; i < BUCKETS; i++)
        tickets_drop(&client.buckets[i].open);
    arena_free(client.arena);
    ledger_free(client.ledger);
    if (!good)
        return fail(&err);
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
