/* load.c - one worker's unbroken Shopify work, for bench/limiter: the client of the workers on the
 * budget of the fleet, without a queue around it. A task that parks comes back when it was told to.
 *
 *   bench-load REDIS SHOPIFY-ADDRESS reads|mutations NUMBER SECONDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attempt.h"
#include "base/ids.h"
#include "base/log.h"
#include "ledger/commands.h"
#include "limiter/limiter.h"
#include "shopify/shopify.h"

enum {
    BATCH = 16,
    READS = 4,
    IDS = 25
}; /* calls a batch; many large reads would outlast the time */

static const char COMPANY[] = "11111111-1111-4111-8111-111111111111";
static const char CREDENTIAL[] =
    "{\"kind\":\"shopify-client-credentials\",\"client_id\":\"cartage-demo\","
    "\"client_secret\":{\"env\":\"SHOPIFY_SECRET\"}}";

struct load {
    struct ledger *ledger;
    struct http *http;
    struct limiter *limiter;
    struct arena *arena;
    struct run_sheet sheet;
    struct attempt *attempt;
    char *orders[IDS];
    size_t order_count;
    int64_t parks, parked_ms, calls;
};

static int fail(const struct err *err)
{
    fprintf(stderr, "bench-load: %s\n", err->text);
    return 1;
}

static bool load_open(struct load *load, char **argv, struct err *err)
{
    struct ledger_config config = {.redis = argv[1], .environment = "bench"};
    bool changed;
    if (!ledger_open(&config, &load->ledger, err) || !ledger_init(load->ledger, &changed, err) ||
        !ledger_credential_put(load->ledger, "app", CREDENTIAL, &changed, err) ||
        !http_open("cartage-bench", &load->http, err))
        return false;
    const char *scale = getenv("CARTAGE_TIME_SCALE");
    load->limiter = limiter_new(load->ledger, argv[4]);
    limiter_set_time_scale(load->limiter, scale ? strtod(scale, NULL) : 1);
    load->arena = arena_new();
    load->sheet = (struct run_sheet){
        .fence = "bench.1",
        .arguments = "{\"shop\":\"DEMO\"}",
        .company_settings =
            arena_printf(load->arena, "{\"id\":\"%s\",\"name\":\"bench\"}", COMPANY),
        .shop_settings =
            arena_printf(load->arena,
                         "{\"code\":\"DEMO\",\"enabled\":true,\"store\":\"demo.myshopify.com\","
                         "\"origin\":\"%s\",\"credential\":\"app\"}",
                         argv[2]),
    };
    snprintf(load->sheet.ticket.task, sizeof load->sheet.ticket.task, "bench.%s", argv[4]);
    snprintf(load->sheet.ticket.company, sizeof load->sheet.ticket.company, "%s", COMPANY);
    return attempt_open(&load->sheet, load->arena, &CLOCK_REAL, load->ledger, load->http,
                        load->limiter, &load->attempt, err);
}

static void load_close(struct load *load)
{
    for (size_t i = 0; i < load->order_count; i++)
        free(load->orders[i]);
    attempt_free(load->attempt);
    arena_free(load->arena);
    limiter_free(load->limiter);
    http_free(load->http);
    ledger_free(load->ledger);
}

static bool find_orders(struct load *load, struct err *err)
{
    struct shopify_call call = {.document = "orders-delta", .variables = json_new_object()};
    json_set_text(call.variables, "query", "updated_at:>='2000-01-01T00:00:00Z'");
    json_set_int(call.variables, "first", IDS);
    bool good = shopify_ask(load->attempt, &call, err);
    const json *nodes = json_path(call.data, "orders.nodes");
    for (; good && load->order_count < json_count(nodes); load->order_count++)
        load->orders[load->order_count] =
            mem_text(json_text(json_at(nodes, load->order_count), "id"));
    shopify_call_drop(&call);
    return good;
}

static struct shopify_call read_orders(const struct load *load)
{
    struct shopify_call call = {.document = "orders-by-ids", .variables = json_new_object()};
    json *ids = json_new_array();
    for (size_t i = 0; i < load->order_count; i++)
        json_add_text(ids, load->orders[i]);
    json_set(call.variables, "ids", ids);
    return call;
}

static struct shopify_call tag_order(const struct load *load)
{
    struct shopify_call call = {
        .document = "tags-add", .variables = json_new_object(), .user_errors_at = "tagsAdd"};
    json *tags = json_new_array();
    json_add_text(tags, "bench");
    json_set_text(call.variables, "id", load->orders[random_u64() % load->order_count]);
    json_set(call.variables, "tags", tags);
    return call;
}

/* False only for what does not pass by itself. */
static bool work(struct load *load, bool reads, struct err *err)
{
    struct shopify_call calls[BATCH];
    size_t count = reads ? READS : BATCH;
    for (size_t i = 0; i < count; i++)
        calls[i] = reads ? read_orders(load) : tag_order(load);
    bool good = shopify_call_all(load->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        load->calls += calls[i].data != NULL;
        if (good && calls[i].err.kind != ERR_NONE) {
            *err = calls[i].err;
            good = false;
        }
        shopify_call_drop(&calls[i]);
    }
    if (good || err->kind != ERR_THROTTLED)
        return good;
    load->parks++;
    load->parked_ms += err->retry_after_ms;
    struct timespec parked = {err->retry_after_ms / 1000, err->retry_after_ms % 1000 * 1000000};
    nanosleep(&parked, NULL);
    return true;
}

int main(int argc, char **argv)
{
    struct load load = {0};
    struct err err = {0};
    if (argc != 6) {
        fprintf(stderr, "usage: bench-load REDIS SHOPIFY-ADDRESS reads|mutations NUMBER SECONDS\n");
        return 2;
    }
    ids_start();
    log_set_level(LOG_LEVEL_ERROR);
    bool reads = strcmp(argv[3], "reads") == 0;
    int64_t until = clock_mono_ms(&CLOCK_REAL) + (int64_t)(strtod(argv[5], NULL) * 1000);
    if (!load_open(&load, argv, &err) || !find_orders(&load, &err))
        return fail(&err);
    while (clock_mono_ms(&CLOCK_REAL) < until)
        if (!work(&load, reads, &err))
            return fail(&err);
    printf("{\"calls\":%lld,\"points\":%lld,\"parks\":%lld,\"parked_ms\":%lld}\n",
           (long long)load.calls, (long long)load.attempt->counts.points, (long long)load.parks,
           (long long)load.parked_ms);
    load_close(&load);
    return 0;
}
