/* redis.c - hiredis behind the promise of redis.h.
 *
 * A script is loaded once per connection at its first NOSCRIPT.
 */
#include "ledger/redis.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fault.h"
#include "ledger/script_text.h"

enum { SCRIPT_ARGS_MAX = 4096, DEFAULT_TIMEOUT_MS = 5000 };

struct redis {
    char *host, *user, *password;
    int port, database, timeout_ms;
    redisContext *context; /* NULL = to be opened by the next call */
    int64_t connects;
    size_t asked; /* scripts sent whose answers nobody has taken yet */
    struct sha {
        const char *name;
        char hex[41];
    } shas[64];
    size_t sha_count;
};

static bool address_parse(const char *address, struct redis *redis)
{
    const char *at = address;
    if (strncmp(at, "redis://", 8) == 0)
        at += 8;
    const char *host = strrchr(at, '@');
    if (host) {
        const char *colon = memchr(at, ':', (size_t)(host - at));
        if (colon && colon > at)
            redis->user = mem_text_n(at, (size_t)(colon - at));
        at = colon ? colon + 1 : at;
        redis->password = mem_text_n(at, (size_t)(host - at));
        at = host + 1;
    }
    size_t host_size = strcspn(at, ":/");
    if (host_size == 0)
        return false;
    redis->host = mem_text_n(at, host_size);
    at += host_size;
    char *end = (char *)at;
    redis->port = *at == ':' ? (int)strtol(at + 1, &end, 10) : 6379;
    if (*end == '/')
        redis->database = (int)strtol(end + 1, &end, 10);
    return *end == 0 && redis->port > 0 && redis->port < 65536;
}

bool redis_open(const char *address, int timeout_ms, struct redis **out, struct err *err)
{
    OWN(redis) struct redis *redis = mem_new(sizeof *redis);
    redis->timeout_ms = timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
    if (!address_parse(address, redis))
        return err_set(
            err, ERR_FATAL, 0,
            "the address of Redis must be host:port or redis://[user:password@]host:port");
    *out = GIVE(redis);
    return true;
}

void redis_free(struct redis *redis)
{
    if (!redis)
        return;
    if (redis->context)
        redisFree(redis->context);
    free(redis->host);
    free(redis->user);
    if (redis->password)
        explicit_bzero(redis->password, strlen(redis->password));
    free(redis->password);
    free(redis);
}

int64_t redis_connects(const struct redis *redis)
{
    return redis->connects;
}

static void throw_away(struct redis *redis)
{
    redisFree(redis->context);
    redis->context = NULL;
    redis->asked = 0;
}

/* The reply's own words, as an error; the reply stays the caller's. */
static bool reply_error(const redisReply *reply, struct err *err)
{
    static const char *const LATER[] = {"LOADING",    "BUSY",        "OOM",      "READONLY",
                                        "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF"};
    for (size_t i = 0; i < COUNT(LATER); i++)
        if (strncmp(reply->str, LATER[i], strlen(LATER[i])) == 0)
            return err_set(err, ERR_RETRY, 0, "Redis: %s", reply->str);
    return err_set(err, ERR_FATAL, 0, "Redis: %s", reply->str);
}

static bool greet(struct redis *redis, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (redis->password) {
        reply = redis->user
                    ? redisCommand(redis->context, "AUTH %s %s", redis->user, redis->password)
                    : redisCommand(redis->context, "AUTH %s", redis->password);
        if (!reply || reply->type == REDIS_REPLY_ERROR)
            return err_set(err, reply ? ERR_FATAL : ERR_RETRY, 0,
                           "Redis at %s:%d refuses the password", redis->host, redis->port);
        freeReplyObject(reply);
        reply = NULL;
    }
    if (redis->database) {
        reply = redisCommand(redis->context, "SELECT %d", redis->database);
        if (!reply || reply->type == REDIS_REPLY_ERROR)
            return err_set(err, reply ? ERR_FATAL : ERR_RETRY, 0,
                           "Redis at %s:%d has no database %d", redis->host, redis->port,
                           redis->database);
    }
    return true;
}

static bool connected(struct redis *redis, struct err *err)
{
    if (redis->context)
        return true;
    struct timeval limit = {redis->timeout_ms / 1000, redis->timeout_ms % 1000 * 1000};
    redis->context = redisConnectWithTimeout(redis->host, redis->port, limit);
    assert(redis->context);
    if (redis->context->err) {
        err_set(err, ERR_RETRY, 0, "Redis at %s:%d does not answer: %s", redis->host, redis->port,
                redis->context->errstr);
        throw_away(redis);
        return false;
    }
    redisSetTimeout(redis->context, limit);
    redis->connects++;
    if (greet(redis, err))
        return true;
    throw_away(redis);
    return false;
}

/* Sends and waits; the reply may be an error reply. */
static bool exchange(struct redis *redis, int argc, const char *const argv[], const size_t sizes[],
                     redisReply **out, struct err *err)
{
    assert(!redis->asked);
    if (!connected(redis, err))
        return false;
    /* hiredis takes const char ** and does not write through it. */
    redisReply *reply =
        redisCommandArgv(redis->context, argc, (const char **)(uintptr_t)argv, sizes);
    if (!reply) {
        err_set(err, ERR_UNCERTAIN, 0, "Redis at %s:%d: no reply: %s", redis->host, redis->port,
                redis->context->errstr);
        throw_away(redis);
        return false;
    }
    *out = reply;
    return true;
}

bool redis_command(struct redis *redis, int argc, const char *const argv[], const size_t sizes[],
                   redisReply **out, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!exchange(redis, argc, argv, sizes, &reply, err))
        return false;
    if (reply->type == REDIS_REPLY_ERROR)
        return reply_error(reply, err);
    *out = GIVE(reply);
    return true;
}

bool redis_commandf(struct redis *redis, redisReply **out, struct err *err, const char *format, ...)
{
    if (!connected(redis, err))
        return false;
    va_list args;
    va_start(args, format);
    OWN_REPLY redisReply *reply = redisvCommand(redis->context, format, args);
    va_end(args);
    if (!reply) {
        err_set(err, ERR_UNCERTAIN, 0, "Redis at %s:%d: no reply: %s", redis->host, redis->port,
                redis->context->errstr);
        throw_away(redis);
        return false;
    }
    if (reply->type == REDIS_REPLY_ERROR)
        return reply_error(reply, err);
    *out = GIVE(reply);
    return true;
}

static bool script_load(struct redis *redis, const char *name, struct sha *sha, struct err *err)
{
    OWN_BUF struct buf text = {0};
    script_text(name, &text);
    const char *const argv[] = {"SCRIPT", "LOAD", buf_str(&text)};
    const size_t sizes[] = {6, 4, text.size};
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_command(redis, 3, argv, sizes, &reply, err))
        return err_wrap(err, "load script %s", name);
    assert(reply->type == REDIS_REPLY_STRING && reply->len == 40);
    memcpy(sha->hex, reply->str, 41);
    return true;
}

static struct sha *sha_of(struct redis *redis, const char *name)
{
    for (size_t i = 0; i < redis->sha_count; i++)
        if (strcmp(redis->shas[i].name, name) == 0)
            return &redis->shas[i];
    assert(redis->sha_count < COUNT(redis->shas));
    struct sha *sha = &redis->shas[redis->sha_count++];
    sha->name = name; /* script names are literals */
    return sha;
}

struct words { /* EVALSHA and all that follows */
    const char *argv[SCRIPT_ARGS_MAX];
    size_t sizes[SCRIPT_ARGS_MAX];
    char keys[16];
    int argc;
};

static void words_of(struct words *words, const struct sha *sha, int keys, int argc,
                     const char *const argv[], const size_t sizes[])
{
    const char *const first[] = {"EVALSHA", sha->hex, words->keys};
    assert(argc + (int)COUNT(first) <= SCRIPT_ARGS_MAX);
    snprintf(words->keys, sizeof words->keys, "%d", keys);
    words->argc = 0;
    for (size_t i = 0; i < COUNT(first); i++) {
        words->sizes[words->argc] = strlen(first[i]);
        words->argv[words->argc++] = first[i];
    }
    for (int i = 0; i < argc; i++) {
        words->sizes[words->argc] = sizes ? sizes[i] : strlen(argv[i]);
        words->argv[words->argc++] = argv[i];
    }
}

static bool is_unknown(const redisReply *reply)
{
    return strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

bool redis_script(struct redis *redis, const char *name, int keys, int argc,
                  const char *const argv[], const size_t sizes[], redisReply **out, struct err *err)
{
    struct words words;
    struct sha *sha = sha_of(redis, name);
    if (!sha->hex[0] && !script_load(redis, name, sha, err))
        return false;
    words_of(&words, sha, keys, argc, argv, sizes);
    fault_point("redis.before", name);
    OWN_REPLY redisReply *reply = NULL;
    for (int tries = 0;; tries++) {
        if (!exchange(redis, words.argc, words.argv, words.sizes, &reply, err))
            return err_wrap(err, "script %s", name);
        if (reply->type != REDIS_REPLY_ERROR)
            break;
        if (!is_unknown(reply) || tries > 0) {
            reply_error(reply, err);
            return err_wrap(err, "script %s", name);
        }
        freeReplyObject(reply);
        reply = NULL;
        if (!script_load(redis, name, sha, err))
            return false;
    }
    fault_point("redis.after", name);
    *out = GIVE(reply);
    return true;
}

bool redis_script_ready(struct redis *redis, const char *name, struct err *err)
{
    struct sha *sha = sha_of(redis, name);
    return sha->hex[0] || script_load(redis, name, sha, err);
}

bool redis_script_ask(struct redis *redis, const char *name, int keys, int argc,
                      const char *const argv[], const size_t sizes[], struct err *err)
{
    struct words words;
    struct sha *sha = sha_of(redis, name);
    assert(sha->hex[0]);
    if (!connected(redis, err))
        return false;
    words_of(&words, sha, keys, argc, argv, sizes);
    fault_point("redis.before", name);
    redisAppendCommandArgv(redis->context, words.argc, words.argv, words.sizes);
    redis->asked++;
    return true;
}

bool redis_script_answer(struct redis *redis, const char *name, redisReply **out, struct err *err)
{
    void *got = NULL;
    if (!redis->asked)
        return err_set(err, ERR_UNCERTAIN, 0, "script %s: the connection to Redis was lost", name);
    if (redisGetReply(redis->context, &got) != REDIS_OK) {
        err_set(err, ERR_UNCERTAIN, 0, "script %s: Redis at %s:%d: no reply: %s", name, redis->host,
                redis->port, redis->context->errstr);
        throw_away(redis);
        return false;
    }
    redis->asked--;
    OWN_REPLY redisReply *reply = got;
    if (reply->type == REDIS_REPLY_ERROR) {
        reply_error(reply, err);
        if (is_unknown(reply)) { /* the next one loads it */
            sha_of(redis, name)->hex[0] = 0;
            err->kind = ERR_RETRY;
        }
        return err_wrap(err, "script %s", name);
    }
    fault_point("redis.after", name);
    *out = GIVE(reply);
    return true;
}
