/* api_pages_test.c - lists come in pages that together are the whole, each row once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl.h"
#include "ledger/redis.h"
#include "store/room.h"
#include "store/staging.h"
#include "support/api.h"

#define OTHER "22222222-2222-4222-8222-222222222222"

static void put(struct api_house *house, const char *method, const char *path, const char *body)
{
    struct client_answer answer = api_ask(house, method, path, body);
    if (answer.status >= 300)
        fail_msg("%s %s: %d %s", method, path, answer.status, json_text(answer.body, "detail"));
    client_answer_drop(&answer);
}

static void stage(struct api_house *house, const char *company, const char *const words[])
{
    const char *argv[8];
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = store_key(house->ledger, company, words[1]);
    struct err err = {0};
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = argc == 1 ? key : words[argc];
    if (!redis_command(ledger_redis(house->ledger), argc, argv, NULL, &reply, &err))
        fail_msg("%s", err.text);
}
#define STAGE(company, ...) stage(house, company, (const char *const[]){__VA_ARGS__, NULL})

/* Two records of each kind in a shop, and an order that both its names name. */
static void stage_shop(struct api_house *house, const char *company, int shop)
{
    char digest[FIND_DIGEST], named[FIND_DIGEST];
    assert_true(find_digest("ann@example.com", digest) && find_digest("#ann@example.com", named));
    for (int i = 0; i < 2; i++) {
        OWN_TEXT char *code = mem_printf("S%d", shop), *id = mem_printf("%d", 100 * shop + i),
                      *at = mem_printf("%d", 5000 - shop % 3);
        char *keys[] = {mem_printf("skips:S%d", shop),   mem_printf("unmapped-products:S%d", shop),
                        mem_printf("skip:%s", id),       mem_printf("product:%s", id),
                        mem_printf("posting:%s", id),    mem_printf("order:%s", id),
                        mem_printf("%s:%s", digest, id), mem_printf("%s:%s", named, id)};
        STAGE(company, "ZADD", keys[0], at, id);
        STAGE(company, "ZADD", keys[1], at, id);
        STAGE(company, "ZADD", "postings", at, id);
        STAGE(company, "ZADD", i ? "postings-of:failed" : "postings-of:posted", at, id);
        STAGE(company, "ZADD", "find-posting", "0", keys[6]);
        STAGE(company, "ZADD", "find", "0", keys[6]);
        STAGE(company, "ZADD", "find", "0", keys[7]);
        STAGE(company, "HSET", keys[2], "record", id);
        STAGE(company, "HSET", keys[3], "name", "Chair");
        STAGE(company, "HSET", keys[4], "state", i ? "failed" : "posted", "shop", code);
        STAGE(company, "HSET", keys[5], "name", id);
        for (size_t k = 0; k < COUNT(keys); k++)
            free(keys[k]);
    }
}

/* Seven of each list, over two companies where it has some. */
static void furnish(struct api_house *house)
{
    char path[200], body[300];
    api_house_furnish(house, true);
    put(house, "PUT", "/v1/companies/" OTHER, "{\"name\":\"ALPHA\"}");
    for (int i = 1; i < 7; i++) {
        const char *company = i % 2 ? API_COMPANY : OTHER;
        snprintf(path, sizeof path, "/v1/credentials/c%d", i);
        put(house, "PUT", path, "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"NONE\"}}");
        snprintf(path, sizeof path, "/v1/shops/S%d?company=%s", i, company);
        put(house, "PUT", path, "{\"store\":\"demo.myshopify.com\"}");
        snprintf(body, sizeof body, "{\"name\":\"t%d\",\"role\":\"view\"}", i);
        put(house, "POST", "/v1/tokens", body);
        snprintf(path, sizeof path, "/v1/categories/C%d?company=%s", i, company);
        put(house, "PATCH", path, "{\"permits\":2}");
        snprintf(body, sizeof body,
                 "{\"company\":\"%s\",\"name\":\"e%d\",\"operation\":\"orders.sync\",\"arguments\":"
                 "{\"shop\":\"S%d\"},\"every_ms\":3600000}",
                 company, i, i);
        put(house, "POST", "/v1/entries", body);
        stage_shop(house, company, i);
    }
}

static const struct {
    const char *path, *name, *key, *further;
    size_t rows;
} LISTS[] = {
    {"/v1/companies",         "companies",   "id",       "",                      2 },
    {"/v1/credentials",       "credentials", "name",     "",                      7 },
    {"/v1/shops",             "shops",       "code",     "",                      7 },
    {"/v1/shops",             "shops",       "code",     "&company=" OTHER,       3 },
    {"/v1/tokens",            "tokens",      "name",     "",                      6 },
    {"/v1/categories",        "categories",  "category", "",                      8 },
    {"/v1/entries",           "entries",     "id",       "",                      6 },
    {"/v1/entries",           "entries",     "id",       "&company=" API_COMPANY, 3 },
    {"/v1/skips",             "skips",       "id",       "",                      12},
    {"/v1/skips",             "skips",       "id",       "&shop=S2",              2 },
    {"/v1/unmapped/products", "unmapped",    "id",       "",                      12},
    {"/v1/postings",          "postings",    "id",       "",                      12},
    {"/v1/postings",          "postings",    "id",       "&state=failed",         6 },
    {"/v1/postings",          "postings",    "id",       "&q=ann@example.com",    12},
    {"/v1/postings",          "postings",    "id",       "&shop=S2",              2 },
    {"/v1/postings",          "postings",    "id",       "&shop=S2&state=failed", 1 },
    {"/v1/orders",            "orders",      "id",       "&find=ann@example.com", 12},
    {"/v1/orders",            "orders",      "id",       "&find=301",             1 },
};

static void pages_are_the_whole(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    for (size_t i = 0; i < COUNT(LISTS); i++) {
        for (int limit = 1; limit <= 4; limit++) {
            OWN_JSON json *seen = json_new_object();
            OWN_TEXT char *next = mem_text("");
            size_t rows = 0, pages = 0;
            do {
                OWN_BUF struct buf path = {0};
                buf_printf(&path, "%s?limit=%d%s", LISTS[i].path, limit, LISTS[i].further);
                if (*next) {
                    buf_text(&path, "&after=");
                    ctl_escape(&path, next);
                }
                struct client_answer answer = api_ask(house, "GET", buf_str(&path), NULL);
                const json *list = json_get(answer.body, LISTS[i].name);
                assert_int_equal(answer.status, 200);
                assert_true(json_count(list) <= (size_t)limit);
                for (size_t k = 0; k < json_count(list); k++, rows++) {
                    OWN_TEXT char *key =
                        mem_printf("%s %s", json_text(json_at(list, k), LISTS[i].key),
                                   json_text(json_at(list, k), "company"));
                    if (json_has(seen, key))
                        fail_msg("%s, limit %d: %s comes twice", LISTS[i].path, limit, key);
                    json_set_bool(seen, key, true);
                }
                free(next);
                next = mem_text(json_text(answer.body, "next"));
                client_answer_drop(&answer);
            } while (*next && ++pages < 20);
            if (rows != LISTS[i].rows)
                fail_msg("%s%s, limit %d: %zu rows, not %zu", LISTS[i].path, LISTS[i].further,
                         limit, rows, LISTS[i].rows);
        }
    }
}

static void what_is_no_page_is_refused(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    static const char *const PATHS[] = {
        "/v1/entries?after=x",
        "/v1/entries?after=" API_COMPANY,
        "/v1/entries?after=" API_COMPANY "%20x",
        "/v1/entries?limit=1001",
        "/v1/shops?limit=0",
        "/v1/skips?after=x",
        "/v1/unmapped/products?after=" API_COMPANY,
        "/v1/postings?limit=2001",
        "/v1/orders?find=x&after=/",
    };
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        struct client_answer answer = api_ask(house, "GET", PATHS[i], NULL);
        if (answer.status != 400)
            fail_msg("%s: %d", PATHS[i], answer.status);
        client_answer_drop(&answer);
    }
}

/* More entries than a page holds: the command line tells them all. */
static void the_command_line_reads_every_page(void **state)
{
    struct api_house *house = *state;
    struct err err = {0};
    struct entry_definition definition = {.arguments = "{}",
                                          .description = "many",
                                          .run_as = "test",
                                          .schedule = SCHEDULE_AT,
                                          .start_ms = 4000000000000,
                                          .priority = PRIORITY_NORMAL};
    api_house_furnish(house, true);
    snprintf(definition.company, sizeof definition.company, "%s", API_COMPANY);
    snprintf(definition.category, sizeof definition.category, "SHPFY");
    snprintf(definition.operation, sizeof definition.operation, "orders.process");
    for (int i = 0; i < 1100; i++) {
        char id[UUID_TEXT];
        bool existing;
        if (!ledger_add(house->ledger, &definition, id, &existing, &house->tickets, &err))
            fail_msg("%s", err.text);
    }
    struct told told = API_CLI(house, "entry", "list", "--json");
    OWN_JSON json *answer = NULL;
    assert_int_equal(told.code, 0);
    assert_true(json_parse(told.out, strlen(told.out), &answer, &err));
    assert_int_equal(json_count(json_get(answer, "entries")), 1100);
    told_drop(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(pages_are_the_whole),
        API_TEST(what_is_no_page_is_refused),
        API_TEST(the_command_line_reads_every_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
