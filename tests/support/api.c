/* api.c - the HTTP API on a real Redis, with a worker played by hand. */
#include "support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/secret.h"
#include "calendar/zones.h"
#include "command_line.h"

static const char TOKEN[] = "a-token-of-this-test-0123456789";

static void must(bool good, const struct err *err)
{
    if (!good)
        fail_msg("%s", err->text);
}

static void on_publish(void *state, const struct tickets *tickets)
{
    struct api_house *house = state;
    pthread_mutex_lock(&house->lock);
    for (size_t i = 0; i < tickets->count; i++)
        tickets_add(&house->tickets, &tickets->items[i]);
    pthread_mutex_unlock(&house->lock);
}

/* What a producer's tick does, for all buckets, once. */
static void fire_due(struct api_house *house)
{
    struct err err = {0};
    OWN(zones) struct zones *zones = zones_new();
    for (int bucket = 0; bucket < ledger_buckets(house->ledger); bucket++) {
        OWN(arena) struct arena *arena = arena_new();
        struct due_entry *entries = NULL;
        struct decision decisions[64];
        size_t count = 0;
        int64_t next_ms = 0, now_ms = 0;
        must(ledger_now(house->ledger, &now_ms, &err) &&
                 ledger_due(house->ledger, bucket, COUNT(decisions), arena, &entries, &count,
                            &next_ms, &err),
             &err);
        for (size_t i = 0; i < count; i++) {
            must(zones_get(zones, entry_zone(&entries[i].entry), &entries[i].entry.zone, &err),
                 &err);
            decisions[i] = queue_decide(&entries[i].entry, now_ms);
        }
        if (count)
            must(ledger_fire(house->ledger, bucket, entries, decisions, count, &house->tickets,
                             &err),
                 &err);
    }
}

static void on_kick(void *state)
{
    struct api_house *house = state;
    pthread_mutex_lock(&house->lock);
    fire_due(house);
    pthread_mutex_unlock(&house->lock);
}

/* A file of the house, of one line. */
static void write_line(struct api_house *house, const char *name, const char *line,
                       char path[static 96])
{
    snprintf(path, 96, "%s/%s", house->dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "%s\n", line);
    fclose(file);
}

struct api_house *api_house_open(void)
{
    struct api_house *house = mem_new(sizeof *house);
    struct err err = {0};
    bool created = false;
    test_redis_start(&house->redis, false);
    pthread_mutex_init(&house->lock, NULL);
    snprintf(house->dir, sizeof house->dir, "/tmp/cartage-api-XXXXXX");
    assert_non_null(mkdtemp(house->dir));
    write_line(house, "token", TOKEN, house->token_file);
    house->config = (struct admin_config){
        .listen = "127.0.0.1:0",
        .token_file = house->token_file,
        .environment = "test",
        .ledger = {.redis = house->redis.address, .environment = "test"},
        .clock = &CLOCK_REAL,
        .publish = on_publish,
        .kick = on_kick,
        .state = house,
    };
    struct incarnation incarnation;
    must(ledger_open(&house->config.ledger, &house->ledger, &err) &&
             ledger_init(house->ledger, &created, &err) &&
             ledger_incarnation(house->ledger, &incarnation, &err) &&
             admin_start(&house->config, &house->admin, &err),
         &err);
    return house;
}

void api_house_free(struct api_house *house)
{
    if (!house)
        return;
    admin_stop(house->admin);
    ledger_free(house->ledger);
    tickets_drop(&house->tickets);
    test_redis_stop(&house->redis);
    unlink(house->token_file);
    rmdir(house->dir);
    pthread_mutex_destroy(&house->lock);
    free(house);
}

int api_house_set_up(void **state)
{
    *state = api_house_open();
    return 0;
}

int api_house_tear_down(void **state)
{
    api_house_free(*state);
    return 0;
}

static struct client_answer ask(struct api_house *house, const char *token, const char *method,
                                const char *path, const json *body)
{
    struct client *client = client_new(admin_address(house->admin), token, NULL);
    struct client_answer answer = {0};
    struct err err = {0};
    if (!client_call(client, method, path, body, NULL, NULL, &answer, &err))
        fail_msg("%s %s: %s", method, path, err.text);
    client_free(client);
    return answer;
}

struct client_answer api_ask(struct api_house *house, const char *method, const char *path,
                             const char *body)
{
    struct err err = {0};
    OWN_JSON json *tree = NULL;
    must(!body || json_parse(body, strlen(body), &tree, &err), &err);
    return ask(house, TOKEN, method, path, tree);
}

struct client_answer api_ask_as(struct api_house *house, const char *token, const char *method,
                                const char *path)
{
    return ask(house, token, method, path, NULL);
}

void api_fill(const char *path, char out[static 200])
{
    size_t used = 0;
    for (; *path; path++) {
        out[used++] = *path == '{' ? 'x' : *path;
        if (*path == '{')
            path += strcspn(path, "}");
    }
    out[used] = 0;
}

static void put(struct api_house *house, const char *path, const char *body)
{
    struct client_answer answer = api_ask(house, "PUT", path, body);
    if (answer.status != 200)
        fail_msg("PUT %s: %d %s", path, answer.status, json_text(answer.body, "detail"));
    client_answer_drop(&answer);
}

void api_house_put_shop(struct api_house *house, const char *code, bool background)
{
    OWN_TEXT char *path = mem_printf("/v1/shops/%s?company=" API_COMPANY, code);
    OWN_TEXT char *shop = mem_printf("{\"store\":\"demo.myshopify.com\",\"credential\":\"s\","
                                     "\"enabled\":true,\"background\":%s}",
                                     background ? "true" : "false");
    put(house, path, shop);
}

void api_house_furnish(struct api_house *house, bool background)
{
    put(house, "/v1/credentials/s", "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"NONE\"}}");
    put(house, "/v1/companies/" API_COMPANY, "{\"name\":\"CRONUS\"}");
    api_house_put_shop(house, "DEMO", background);
}

void api_house_seal(struct api_house *house)
{
    write_line(house, "key", "a key of more than sixteen letters", house->seal_file);
    secret_key_file(house->seal_file);
}

void api_house_unseal(struct api_house *house)
{
    secret_key_file(NULL);
    unlink(house->seal_file);
}

struct told api_cli(struct api_house *house, const char *const words[])
{
    char *argv[24] = {"cartage"};
    int argc = 1;
    size_t sizes[2] = {0};
    struct told told = {0};
    OWN_TEXT char *url = mem_printf("--url=%s", admin_address(house->admin));
    OWN_TEXT char *token = mem_printf("--token-file=%s", house->token_file);
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    argv[argc++] = url;
    argv[argc++] = token;
    FILE *out = open_memstream(&told.out, &sizes[0]), *err = open_memstream(&told.err, &sizes[1]);
    told.code = ctl_main(argc, argv, &CLOCK_REAL, out, err);
    fclose(out);
    fclose(err);
    return told;
}

void told_drop(struct told *told)
{
    free(told->out);
    free(told->err);
    *told = (struct told){0};
}

/* ---- the worker's part ---- */

struct taking {
    struct api_house *house;
    struct ticket ticket;
};

static bool take(void *state)
{
    struct taking *taking = state;
    struct api_house *house = taking->house;
    pthread_mutex_lock(&house->lock);
    fire_due(house);
    bool found = house->tickets.count > 0;
    if (found) {
        taking->ticket = house->tickets.items[0];
        house->tickets.count--;
        memmove(house->tickets.items, house->tickets.items + 1,
                house->tickets.count * sizeof *house->tickets.items);
    }
    pthread_mutex_unlock(&house->lock);
    return found;
}

bool api_claim(struct api_house *house, struct work *work, int wait_ms)
{
    struct taking taking = {.house = house};
    struct err err = {0};
    OWN(arena) struct arena *arena = arena_new();
    if (!wait_for(take, &taking, wait_ms))
        return false;
    pthread_mutex_lock(&house->lock);
    work->ticket = taking.ticket;
    snprintf(work->fence, sizeof work->fence, "0123456789abcdef.%d", ++house->claims);
    struct claim_request request = {.ticket = &work->ticket, .arena = arena};
    snprintf(request.fence, sizeof request.fence, "%s", work->fence);
    bool good = ledger_claim(house->ledger, ledger_bucket(house->ledger, work->ticket.company),
                             &request, 1, &house->tickets, &err);
    pthread_mutex_unlock(&house->lock);
    must(good, &err);
    return request.answer == CLAIM_OK;
}

enum beat api_beat(struct api_house *house, const struct work *work, const char *progress)
{
    struct beat_request beat = {.progress = progress};
    struct err err = {0};
    snprintf(beat.task, sizeof beat.task, "%s", work->ticket.task);
    snprintf(beat.fence, sizeof beat.fence, "%s", work->fence);
    pthread_mutex_lock(&house->lock);
    bool good = ledger_beat(house->ledger, ledger_bucket(house->ledger, work->ticket.company),
                            &beat, 1, &err);
    pthread_mutex_unlock(&house->lock);
    must(good, &err);
    return beat.answer;
}

void api_finish(struct api_house *house, const struct work *work, enum outcome outcome,
                const char *counts, const char *error)
{
    struct finish_request finish = {.outcome = outcome, .counts = counts, .error = error};
    struct err err = {0};
    snprintf(finish.task, sizeof finish.task, "%s", work->ticket.task);
    snprintf(finish.fence, sizeof finish.fence, "%s", work->fence);
    pthread_mutex_lock(&house->lock);
    bool good = ledger_finish(house->ledger, ledger_bucket(house->ledger, work->ticket.company),
                              &finish, 1, &house->tickets, &err);
    pthread_mutex_unlock(&house->lock);
    must(good, &err);
    assert_true(finish.done);
}
