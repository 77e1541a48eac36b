/* store_test.c - the store says what Redis says: random commands over few keys, small scripts that
 * show each conversion, no memory left. Whole simulations on both are simulate's --both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "engine.h"
#include "ledger/redis.h"
#include "seam.h"
#include "support/redis.h"

enum { COMMANDS = 60000, KEYS = 5, WORDS_MOST = 12 };

static struct test_redis server;
static struct redis *both;
static uint64_t chance = 20260101;

static uint64_t draw(uint64_t below)
{
    uint64_t x = chance += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return (x ^ (x >> 31)) % below;
}

/* k key (mostly of the kind that the command is for), m member, n small number, s score, i index,
 * b score bound, d stream id, e stream bound; anything else stands for itself; * = once more, what
 * comes after it. */
static const char *const SHAPES[] = {
    "SET k:t m",
    "SET k:t n",
    "SET k:t m NX",
    "SET k:t m PX 600000",
    "GET k:t",
    "INCR k:t",
    "INCRBY k:t n",
    "DEL k:?",
    "DEL k:? k:?",
    "EXISTS k:?",
    "EXISTS k:? k:?",
    "TYPE k:?",
    "RENAME k:h k:h",
    "RENAME k:l k:l",
    "EXPIRE k:? 600",
    "PEXPIRE k:? 600000",
    "PERSIST k:?",
    "HSET k:h m m",
    "HSET k:h m n m m",
    "HGET k:h m",
    "HGETALL k:h",
    "HMGET k:h m m m",
    "HDEL k:h m",
    "HDEL k:h m m",
    "HINCRBY k:h m n",
    "HSETNX k:h m m",
    "HEXISTS k:h m",
    "HKEYS k:h",
    "HVALS k:h",
    "HLEN k:h",
    "SADD k:s m m",
    "SREM k:s m",
    "SCARD k:s",
    "SISMEMBER k:s m",
    "SMEMBERS k:s",
    "RPUSH k:l m m",
    "LPUSH k:l m",
    "LPOP k:l",
    "RPOP k:l",
    "LLEN k:l",
    "LRANGE k:l i i",
    "LTRIM k:l i i",
    "ZADD k:z s m",
    "ZADD k:z s m s m",
    "ZADD k:z NX s m",
    "ZADD k:z XX s m",
    "ZADD k:z GT CH s m",
    "ZADD k:z LT s m",
    "ZREM k:z m",
    "ZREM k:z m m",
    "ZSCORE k:z m",
    "ZRANK k:z m",
    "ZCARD k:z",
    "ZCOUNT k:z b b",
    "ZRANGE k:z i i",
    "ZRANGE k:z i i WITHSCORES",
    "ZRANGE k:z b b BYSCORE LIMIT 1 2",
    "ZRANGE k:z i i REV",
    "ZREVRANGE k:z i i WITHSCORES",
    "ZRANGEBYSCORE k:z b b",
    "ZRANGEBYSCORE k:z b b WITHSCORES LIMIT 0 2",
    "ZREVRANGEBYSCORE k:z b b LIMIT 1 2",
    "ZPOPMIN k:z",
    "ZREMRANGEBYRANK k:z i i",
    "ZREMRANGEBYSCORE k:z b b",
    "XADD k:x d m m",
    "XADD k:x MAXLEN 5 d m m m n",
    "XADD k:x MAXLEN ~ 10000 d m m",
    "XADD k:x MINID d d m m",
    "XADD k:x MINID ~ 0 d m m",
    "XRANGE k:x e e",
    "XRANGE k:x e e COUNT 2",
    "XREVRANGE k:x e e",
    "XREVRANGE k:x e e COUNT 3",
    "XLEN k:x",
    "XDEL k:x d",
    "XTRIM k:x MINID d",
    "XTRIM k:x MAXLEN 4",
};

static const char *word_for(const char *letter, char out[static 48])
{
    static const char KINDS[] = "thszlx";
    static const char *const BOUNDS[] = {"-inf", "+inf", "0", "(1", "3", "(2.5"};
    static const char *const ENDS[] = {"-", "+", "7", "(9-0", "20"};
    char kind = letter[1] == ':' ? letter[2] : 0;
    switch (*letter) {
    case 'k': /* now and then the wrong kind of key */
        if (kind == '?' || draw(40) == 0)
            kind = KINDS[draw(sizeof KINDS - 1)];
        snprintf(out, 48, "%c%d", kind, (int)draw(KEYS));
        return out;
    case 'm':
        snprintf(out, 48, "m%d", (int)draw(8));
        return out;
    case 'n':
    case 'i':
        snprintf(out, 48, "%d", (int)draw(12) - 5);
        return out;
    case 's':
        snprintf(out, 48, draw(3) ? "%.0f" : "%.17g", (double)draw(40) / (draw(2) ? 8 : 3));
        return out;
    case 'b':
        return BOUNDS[draw(COUNT(BOUNDS))];
    case 'd':
        snprintf(out, 48, "%d-0", 1 + (int)draw(2000));
        return out;
    default:
        return ENDS[draw(COUNT(ENDS))];
    }
}

static void random_command(void)
{
    char shape[96], words[WORDS_MOST][48];
    const char *argv[WORDS_MOST];
    int argc = 0;
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    snprintf(shape, sizeof shape, "%s", SHAPES[draw(COUNT(SHAPES))]);
    char *rest = NULL;
    for (char *word = strtok_r(shape, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        bool stands = !(strchr("mnsibde", *word) && !word[1]) && strncmp(word, "k:", 2) != 0;
        if (stands)
            snprintf(words[argc], sizeof words[argc], "%s", word);
        argv[argc] = stands ? words[argc] : word_for(word, words[argc]);
        argc++;
    }
    bool good = redis_command(both, argc, argv, NULL, &reply, &err);
    (void)good; /* an error is an answer like any other: the seam compares it */
}

static void same_content(void)
{
    assert_true(seam_read_all() > 0);
}

static void random_commands_are_answered_alike(void **state)
{
    (void)state;
    seam_empty();
    for (int i = 0; i < COMMANDS; i++) {
        random_command();
        if (i % 2000 == 1999)
            same_content();
    }
    same_content();
    assert_int_equal(0, seam_differences());
}

static void run(const char *text, const char *argument)
{
    struct err err;
    OWN_REPLY redisReply *sha = NULL;
    OWN_REPLY redisReply *reply = NULL;
    const char *const load[] = {"SCRIPT", "LOAD", text};
    assert_true(redis_command(both, 3, load, NULL, &sha, &err));
    const char *const call[] = {"EVALSHA", sha->str, "1", "h0", argument};
    bool good = redis_command(both, 5, call, NULL, &reply, &err);
    (void)good;
    if (seam_differences())
        fail_msg("in the script: %s", text);
}

static void scripts_see_the_same_values(void **state)
{
    static const char *const SCRIPTS[] = {
        "return {1, 2.9, -3.7, 'four', true, false, 'six'}",
        "return {1, nil, 3}",
        "return {{}, {1, {2, {3}}}, 'x'}",
        "return {ok = 'fine'}",
        "return {err = 'My own words'}",
        "return redis.error_reply('My own words')",
        "return redis.status_reply('WELL')",
        "return redis.call('HGET', 'nothing', 'x') == false",
        "return {redis.call('HMGET', 'nothing', 'x', 'y')}",
        "return redis.call('SET', KEYS[1], ARGV[1])",
        "return redis.call('HGET', KEYS[1], 'x')",
        "return redis.pcall('HGET', KEYS[1], 'x').err",
        "redis.call('DEL', KEYS[1]) return redis.call('HSET', KEYS[1], 'a', 1, 'b', 2.5, 'c', "
        "1e15, "
        "'d', 123456789012345678)",
        "return redis.call('HGETALL', KEYS[1])",
        "return redis.call('HINCRBY', KEYS[1], 'a', 41)",
        "return redis.call('HINCRBY', KEYS[1], 'b', 1)",
        "return {#redis.call('TIME'), redis.call('EXISTS', KEYS[1])}",
        "return unknown_name",
        "new_name = 1 return 1",
        "return redis.call('HSET', KEYS[1], {}, 1)",
        "error('by hand')",
        "error({err = 'a table'})",
        "local n = nil; return n.field",
        "return cjson.encode({a = 1, b = 'x\"y/z\\n', c = {1, 2.5, {}}, d = {x = true}, e = 1e20})",
        "return cjson.encode({attempt = 1, outcome = 'ok', error = '', why = '', worker = 'ab', "
        "started_ms = 1767225600123, finished_ms = 1767225600456, counts = '{\"read\":1}'})",
        "return cjson.encode({})",
        "local t = cjson.decode('{\"a\":[1,2.5,\"x\",null,true],\"b\":{\"c\":-7e3}}') "
        "return {t.a[1], tostring(t.a[2]), t.a[3], t.a[4] == cjson.null, t.a[5], t.b.c, #t.a}",
        "return {pcall(cjson.decode, '') and 1 or 0, pcall(cjson.decode, '{') and 1 or 0}",
        "local t = cmsgpack.unpack(ARGV[1]) return {t[1], t[2], #t}",
        "math.randomseed(7) local t = {} for i = 1, 20 do t[i] = math.random(100) end return t",
        "math.randomseed(0) local t = {} for i = 1, 5 do t[i] = tostring(math.random()) end return "
        "t",
        "math.randomseed(99) return {math.random(5, 9), string.format('%.0f', 1767225600123), "
        "tostring(10 / 4)}",
        "local t = {} for k in pairs({id = 1, company = 2, slot = 3, due = 4, epoch = 5, lane = 6, "
        "task = 7, attempt = 8}) do t[#t + 1] = k end return t",
        "local a, b = string.match('abc 12', '^(%S+) (%d+)$') return {a, b, #ARGV, KEYS[1]}",
        "#!lua flags=no-writes\nreturn redis.call('HSET', KEYS[1], 'x', 1)",
        "#!lua flags=no-writes\nreturn redis.call('HGETALL', KEYS[1])",
        "#!lua flags=allow-oom\nreturn redis.call('HSET', KEYS[1], 'x', 1)",
        "#!lua\nreturn redis.call('HSET', KEYS[1], 'x', 2)",
        "return redis.call('HSET', KEYS[1], 'x', 3)",
        "redis.call('HDEL', KEYS[1], 'x') return redis.call('HSET', KEYS[1], 'x', 3)",
        "redis.call('DEL', KEYS[1]) return redis.call('XADD', KEYS[1], '5-0', 'a', 'b')",
    };
    (void)state;
    seam_empty();
    for (size_t i = 0; i < COUNT(SCRIPTS); i++)
        run(SCRIPTS[i], "\x93\x01\xa3two\xc3");
    seam_full(true); /* the same once more, without memory */
    for (size_t i = 0; i < COUNT(SCRIPTS); i++)
        run(SCRIPTS[i], "\x93\x01\xa3two\xc3");
    for (int i = 0; i < 500; i++)
        random_command();
    seam_full(false);
    assert_int_equal(0, seam_differences());
}

static void a_snapshot_brings_all_back(void **state)
{
    (void)state;
    seam_empty();
    for (int i = 0; i < 3000; i++)
        random_command();
    seam_snapshot();
    for (int i = 0; i < 500; i++)
        random_command();
    seam_restore();
    same_content();
    for (int i = 0; i < 3000; i++)
        random_command();
    same_content();
    assert_int_equal(0, seam_differences());
}

static int set_up(void **state)
{
    struct err err;
    (void)state;
    ids_start();
    test_redis_start(&server, false);
    seam_open(SEAM_BOTH, server.address, NULL);
    seam_time(1767225600000);
    return redis_open(server.address, NULL, 5000, &both, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    redis_free(both);
    seam_close();
    test_redis_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_commands_are_answered_alike),
        cmocka_unit_test(scripts_see_the_same_values),
        cmocka_unit_test(a_snapshot_brings_all_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
