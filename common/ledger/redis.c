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
#include "base/secret.h"
#include "ledger/redis_tls.h"
#include "ledger/script_text.h"

enum { SCRIPT_ARGS_MAX = 4096, DEFAULT_TIMEOUT_MS = 5000 };

struct redis {
    char *host, *user, *password;
    int port, database, timeout_ms;
    const struct redis_access *access; /* NULL = what the address says is all */
    bool speaks_tls;
    redisContext *context; /* NULL = to be opened by the next call */
    struct redis_tls *tls; /* of this context; NULL = plain */
    bool heard;            /* it has answered something */
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
    redis->speaks_tls = strncmp(at, "rediss://", 9) == 0;
    if (redis->speaks_tls || strncmp(at, "redis://", 8) == 0)
        at = strstr(at, "://") + 3;
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

/* Said at the start: what is meant to be safe must not be plain in silence. */
static bool access_fits(const struct redis *redis, const struct redis_access *access,
                        struct err *err)
{
    if (!access)
        return true;
    if (!*access->cert_file != !*access->key_file)
        return err_set(err, ERR_FATAL, 0, "REDIS_%s_FILE is missing: the two go together",
                       *access->cert_file ? "KEY" : "CERT");
    if (!redis->speaks_tls && (*access->ca_file || *access->cert_file))
        return err_set(err, ERR_FATAL, 0,
                       "REDIS_%s_FILE is of use with TLS only: REDIS begins with rediss:// then",
                       *access->ca_file ? "CA" : "CERT");
    if (*access->user && !*access->password_file && !redis->password)
        return err_set(err, ERR_FATAL, 0, "REDIS_USER wants REDIS_PASSWORD_FILE");
    return true;
}

bool redis_open(const char *address, const struct redis_access *access, int timeout_ms,
                struct redis **out, struct err *err)
{
    OWN(redis) struct redis *redis = mem_new(sizeof *redis);
    redis->access = access;
    redis->timeout_ms = timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
    if (!address_parse(address, redis))
        return err_set(
            err, ERR_FATAL, 0,
            "the address of Redis must be host:port or redis[s]://[user:password@]host:port");
    if (!access_fits(redis, access, err))
        return false;
    *out = GIVE(redis);
    return true;
}

void redis_free(struct redis *redis)
{
    if (!redis)
        return;
    redis_tls_free(redis->tls);
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
    redis_tls_free(redis->tls);
    redis->tls = NULL;
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
    const char *cure = strncmp(reply->str, "NOAUTH", 6) == 0
                           ? " REDIS_USER and REDIS_PASSWORD_FILE say who we are"
                           : "";
    return err_set(err, ERR_FATAL, 0, "Redis: %s%s", reply->str, cure);
}

/* ---- a connection ---- */

static redisReply *heard(struct redis *redis, redisReply *reply)
{
    redis->heard = redis->heard || reply;
    return reply;
}

static redisReply *ask(struct redis *redis, int argc, const char *const argv[],
                       const size_t sizes[])
{
    /* hiredis takes const char ** and does not write through it. */
    const char **words = (const char **)(uintptr_t)argv;
    char *command = NULL;
    if (!redis->tls)
        return heard(redis, redisCommandArgv(redis->context, argc, words, sizes));
    int size = redisFormatCommandArgv(&command, argc, words, sizes);
    redis_tls_put(redis->tls, command, size);
    return heard(redis, redis_tls_get(redis->tls));
}

static redisReply *askv(struct redis *redis, const char *format, va_list args)
{
    char *command = NULL;
    if (!redis->tls)
        return heard(redis, redisvCommand(redis->context, format, args));
    int size = redisvFormatCommand(&command, format, args);
    redis_tls_put(redis->tls, command, size);
    return heard(redis, redis_tls_get(redis->tls));
}

static redisReply *askf(struct redis *redis, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = askv(redis, format, args);
    va_end(args);
    return reply;
}

static bool no_reply(struct redis *redis, struct err *err)
{
    /* A server that expects TLS hangs up, or answers what is no RESP. */
    const char *hint =
        !redis->tls && !redis->heard ? "; where it speaks TLS, REDIS begins with rediss://" : "";
    return err_set(err, ERR_UNCERTAIN, 0, "Redis at %s:%d: no reply: %s%s", redis->host,
                   redis->port, redis->context->errstr, hint);
}

static bool log_in(struct redis *redis, struct err *err)
{
    const struct redis_access *access = redis->access;
    const char *user = redis->user ? redis->user : access ? access->user : "";
    const char *password = redis->password;
    OWN_SECRET char *secret = NULL;
    if (!password && access && *access->password_file) {
        if (!secret_resolve("file", access->password_file, &secret, err))
            return err_wrap(err, "REDIS_PASSWORD_FILE");
        password = secret;
    }
    if (!password)
        return true;
    OWN_REPLY redisReply *reply =
        *user ? askf(redis, "AUTH %s %s", user, password) : askf(redis, "AUTH %s", password);
    if (!reply)
        return no_reply(redis, err);
    return reply->type != REDIS_REPLY_ERROR ||
           err_set(err, ERR_FATAL, 0,
                   "Redis at %s:%d refuses the password of user %s; look at REDIS_USER and "
                   "REDIS_PASSWORD_FILE, or at REDIS where it names them",
                   redis->host, redis->port, *user ? user : "default");
}

static bool greet(struct redis *redis, struct err *err)
{
    if (redis->speaks_tls && !redis_tls_open(redis->context, redis->host, redis->access,
                                             redis->timeout_ms, &redis->tls, err))
        return false;
    if (!log_in(redis, err))
        return false;
    if (!redis->database)
        return true;
    OWN_REPLY redisReply *reply = askf(redis, "SELECT %d", redis->database);
    if (!reply)
        return no_reply(redis, err);
    return reply->type != REDIS_REPLY_ERROR ||
           err_set(err, ERR_FATAL, 0, "Redis at %s:%d has no database %d", redis->host, redis->port,
                   redis->database);
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
    redis->heard = false;
    if (greet(redis, err))
        return true;
    if (err->kind == ERR_UNCERTAIN) /* nothing of the caller's was sent */
        err->kind = ERR_RETRY;
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
    redisReply *reply = ask(redis, argc, argv, sizes);
    if (!reply) {
        no_reply(redis, err);
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
    OWN_REPLY redisReply *reply = askv(redis, format, args);
    va_end(args);
    if (!reply) {
        no_reply(redis, err);
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
    if (redis->tls) {
        char *command = NULL;
        int size = redisFormatCommandArgv(&command, words.argc, words.argv, words.sizes);
        redis_tls_put(redis->tls, command, size);
    } else {
        redisAppendCommandArgv(redis->context, words.argc, words.argv, words.sizes);
    }
    redis->asked++;
    return true;
}

bool redis_script_answer(struct redis *redis, const char *name, redisReply **out, struct err *err)
{
    void *got = NULL;
    if (!redis->asked)
        return err_set(err, ERR_UNCERTAIN, 0, "script %s: the connection to Redis was lost", name);
    if (redis->tls)
        got = redis_tls_get(redis->tls);
    else if (redisGetReply(redis->context, &got) != REDIS_OK)
        got = NULL;
    if (!got) {
        no_reply(redis, err);
        throw_away(redis);
        return err_wrap(err, "script %s", name);
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
