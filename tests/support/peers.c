/* peers.c - starting what the clients talk to. */
#include "support/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "ledger/commands.h"

enum { START_MS = 20000, ADMIN_MS = 10000 };

static const char COMPANY[] = "11111111-1111-4111-8111-111111111111";
static const char CREDENTIALS[][2][256] = {
    {"app",        "{\"kind\":\"shopify-client-credentials\",\"client_id\":\"cartage-demo\","
            "\"client_secret\":{\"env\":\"TEST_SHOPIFY_SECRET\"}}"                      },
    {"app-wrong",  "{\"kind\":\"shopify-client-credentials\",\"client_id\":\"cartage-demo\","
                  "\"client_secret\":{\"env\":\"TEST_WRONG_SECRET\"}}"            },
    {"app-static", "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"TEST_SHOPIFY_TOKEN\"}}"       },
    {"erp",        "{\"kind\":\"bc-oauth\",\"client_id\":\"cartage-bc\","
            "\"client_secret\":{\"env\":\"TEST_BC_SECRET\"}}"                           },
    {"erp-wrong",  "{\"kind\":\"bc-oauth\",\"client_id\":\"cartage-bc\","
                  "\"client_secret\":{\"env\":\"TEST_WRONG_SECRET\"}}"            },
    {"erp-basic",  "{\"kind\":\"bc-basic\",\"user\":\"cartage\",\"key\":{\"env\":\"TEST_BC_KEY\"}}"},
};

/* ---- the process of the peers ---- */

static struct {
    struct proc *proc;
    char dir[64], address[64];
} keeper;

static void remove_folder(const char *dir)
{
    OWN_TEXT char *remove = mem_printf("rm -rf %s", dir);
    if (system(remove) != 0)
        fprintf(stderr, "could not remove %s\n", dir);
}

static void keeper_stop(void)
{
    proc_free(keeper.proc);
    remove_folder(keeper.dir);
}

static void keeper_start(void)
{
    char log[96], file[96];
    if (keeper.proc)
        return;
    snprintf(keeper.dir, sizeof keeper.dir, "/tmp/cartage-keeper-XXXXXX");
    assert_non_null(mkdtemp(keeper.dir));
    snprintf(log, sizeof log, "%s/log", keeper.dir);
    snprintf(file, sizeof file, "%s/address", keeper.dir);
    const char *const argv[] = {"node", "tests/support/peers.mjs", "--address-file", file, NULL};
    keeper.proc = proc_start("peers", log, argv, NULL);
    atexit(keeper_stop);
    if (!file_says(file, keeper.address, sizeof keeper.address, START_MS))
        fail_msg("the simulated peers do not start, see %s", log);
}

static json *flags_of(const char *const flags[])
{
    json *list = json_new_array();
    for (; flags && *flags; flags++)
        json_add_text(list, *flags);
    return list;
}

/* The answer is the caller's; other states than 2xx fail the test. */
static json *ask(struct peers *peers, const char *method, const char *url, const char *body)
{
    static const char *const HEADERS[] = {"Content-Type: application/json", NULL};
    struct http_call call = {.method = method,
                             .url = url,
                             .headers = HEADERS,
                             .body = body,
                             .body_size = body ? strlen(body) : 0,
                             .timeout_ms = ADMIN_MS,
                             .max_answer = 64 << 20,
                             .label = "admin"};
    json *answer = NULL;
    struct err err = {0};
    http_start(peers->http, &call);
    while (!http_wait(peers->http, 1000))
        continue;
    if (call.status < 200 || call.status > 299)
        fail_msg("%s %s: status %d %s %s", method, url, call.status, call.err.text,
                 buf_str(&call.answer));
    if (call.answer.size > 0 && !json_parse(buf_str(&call.answer), call.answer.size, &answer, &err))
        fail_msg("%s %s: %s", method, url, err.text);
    http_call_drop(&call);
    return answer;
}

static json *ask_keeper(struct peers *peers, const char *method, const char *body)
{
    OWN_TEXT char *url = mem_printf("%s/open", keeper.address);
    return ask(peers, method, url, body);
}

struct peers *peers_redis_only(void)
{
    struct peers *peers = mem_new(sizeof *peers);
    struct err err;
    ids_start();
    snprintf(peers->dir, sizeof peers->dir, "/tmp/cartage-peers-XXXXXX");
    assert_non_null(mkdtemp(peers->dir));
    test_redis_start(&peers->redis, true);
    if (!http_open("cartage-test", &peers->http, &err))
        fail_msg("%s", err.text);
    return peers;
}

struct peers *peers_open(const char *const shopify_flags[], const char *const bc_flags[])
{
    struct peers *peers = peers_redis_only();
    OWN_JSON json *flags = json_new_object();
    keeper_start();
    json_set(flags, "shopify", flags_of(shopify_flags));
    json_set(flags, "bc", flags_of(bc_flags));
    OWN_JSON json *urls = ask_keeper(peers, "POST", json_write(flags));
    snprintf(peers->shopify, sizeof peers->shopify, "%s", json_text(urls, "shopify"));
    snprintf(peers->bc, sizeof peers->bc, "%s", json_text(urls, "bc"));
    setenv("TEST_SHOPIFY_SECRET", "sandbox-secret", 1);
    setenv("TEST_SHOPIFY_TOKEN", "shpat_sandbox", 1);
    setenv("TEST_BC_SECRET", "sandbox-bc-secret", 1);
    setenv("TEST_BC_KEY", "sandbox-bc-key", 1);
    setenv("TEST_WRONG_SECRET", "wrong", 1);
    return peers;
}

void peers_free(struct peers *peers)
{
    if (!peers)
        return;
    if (*peers->shopify)
        json_free(ask_keeper(peers, "DELETE", NULL));
    http_free(peers->http);
    test_redis_stop(&peers->redis);
    remove_folder(peers->dir);
    free(peers);
}

json *peers_admin(struct peers *peers, const char *peer, const char *method, const char *path,
                  const char *body)
{
    OWN_TEXT char *url =
        mem_printf("%s/_sandbox/%s", strcmp(peer, "bc") == 0 ? peers->bc : peers->shopify, path);
    return ask(peers, method, url, body);
}

void peers_fault(struct peers *peers, const char *peer, const char *match, int times,
                 const char *action)
{
    OWN_TEXT char *count = times > 0 ? mem_printf("\"times\":%d,", times) : mem_text("");
    OWN_TEXT char *rules =
        mem_printf("{\"rules\":[{\"match\":%s,%s\"action\":%s}]}", match, count, action);
    json_free(peers_admin(peers, peer, "POST", "faults", rules));
}

int64_t peers_calls(struct peers *peers, const char *peer, const char *operation)
{
    OWN_JSON json *ledger = peers_admin(peers, peer, "GET", "ledger", NULL);
    if (!operation)
        return json_int(ledger, "calls", -1);
    return json_int(json_get(json_get(ledger, "by_operation"), operation), "calls", 0);
}

/* ---- shared by a program's tests ---- */

struct peers *test_peers;

int test_peers_open(void **state)
{
    (void)state;
    test_peers = peers_open(NULL, NULL);
    return 0;
}

int test_redis_only(void **state)
{
    (void)state;
    test_peers = peers_redis_only();
    return 0;
}

int test_peers_close(void **state)
{
    (void)state;
    peers_free(test_peers);
    return 0;
}

int test_peers_calm(void **state)
{
    (void)state;
    json_free(peers_admin(test_peers, "shopify", "DELETE", "faults", NULL));
    json_free(peers_admin(test_peers, "bc", "DELETE", "faults", NULL));
    return 0;
}

/* ---- attempts ---- */

static const char *company_settings(struct peers *peers, const struct desk_options *options,
                                    struct arena *arena)
{
    bool basic = options->bc_credential && strcmp(options->bc_credential, "erp-basic") == 0;
    return arena_printf(
        arena,
        "{\"id\":\"%s\",\"name\":\"CRONUS\",\"bc_origin\":\"%s\",\"bc_login\":\"%s\","
        "\"bc_tenant\":\"sandbox\",\"bc_environment\":\"Production\",%s"
        "\"bc_company\":\"%s\",\"bc_credential\":\"%s\"}",
        COMPANY, peers->bc, peers->bc, basic ? "\"bc_instance\":\"BC\"," : "",
        options->company ? options->company : COMPANY,
        options->bc_credential ? options->bc_credential : "erp");
}

static const char *shop_settings(struct peers *peers, const struct desk_options *options,
                                 struct arena *arena)
{
    return arena_printf(
        arena,
        "{\"code\":\"DEMO\",\"enabled\":true,\"store\":\"demo.myshopify.com\",\"origin\":\"%s\","
        "\"api_version\":\"2026-10\",\"credential\":\"%s\",\"allow_writes\":%s}",
        peers->shopify, options->shopify_credential ? options->shopify_credential : "app",
        options->writes_off ? "false" : "true");
}

void desk_open(struct peers *peers, const struct desk_options *options, struct desk *desk)
{
    static const struct desk_options NONE;
    static _Atomic int number;
    struct ledger_config config = {.redis = peers->redis.address, .environment = "test"};
    struct err err = {0};
    bool changed;
    options = options ? options : &NONE;
    memset(desk, 0, sizeof *desk);
    if (!ledger_open(&config, &desk->ledger, &err) || !ledger_init(desk->ledger, &changed, &err) ||
        !http_open("cartage-test", &desk->http, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < COUNT(CREDENTIALS); i++)
        if (!ledger_credential_put(desk->ledger, CREDENTIALS[i][0], CREDENTIALS[i][1], &changed,
                                   &err))
            fail_msg("%s", err.text);
    desk->limiter = limiter_new(desk->ledger, "test");
    desk->arena = arena_new();
    desk->sheet = (struct run_sheet){
        .fence = "test.1",
        .arguments = "{\"shop\":\"DEMO\"}",
        .company_settings = company_settings(peers, options, desk->arena),
        .shop_settings = shop_settings(peers, options, desk->arena),
    };
    snprintf(desk->sheet.ticket.task, sizeof desk->sheet.ticket.task, "%s.%d",
             options->task ? options->task : "task", options->task ? 0 : ++number);
    snprintf(desk->sheet.ticket.company, sizeof desk->sheet.ticket.company, "%s", COMPANY);
    snprintf(desk->sheet.ticket.operation, sizeof desk->sheet.ticket.operation, "test.work");
    if (!attempt_open(&desk->sheet, desk->arena, &CLOCK_REAL, desk->ledger, desk->http,
                      desk->limiter, &desk->attempt, &err))
        fail_msg("%s", err.text);
}

void desk_close(struct desk *desk)
{
    attempt_free(desk->attempt);
    limiter_free(desk->limiter);
    http_free(desk->http);
    ledger_free(desk->ledger);
    arena_free(desk->arena);
    memset(desk, 0, sizeof *desk);
}

void desk_age_tokens(struct desk *desk)
{
    struct redis *redis = ledger_redis(desk->ledger);
    OWN_REPLY redisReply *keys = NULL;
    struct err err;
    if (!redis_commandf(redis, &keys, &err, "KEYS ct:*:token"))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < keys->elements; i++) {
        OWN_REPLY redisReply *reply = NULL;
        if (!redis_commandf(redis, &reply, &err, "HSET %s asked 1", keys->element[i]->str))
            fail_msg("%s", err.text);
    }
}
