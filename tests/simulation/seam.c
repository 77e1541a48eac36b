/* seam.c - hiredis' calls, answered by the store, by Redis, or by both. */
#include "seam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embed.h"
#include "compare.h"
#include "engine.h"
#include "ledger/redis.h"
#include "ledger/script_text.h"

/* hiredis' own, and the two of the ledger that are watched. */
redisContext *__real_redisConnectWithTimeout(const char *host, int port,
                                             const struct timeval limit);
redisContext *__wrap_redisConnectWithTimeout(const char *host, int port,
                                             const struct timeval limit);
int __real_redisSetTimeout(redisContext *context, const struct timeval limit);
int __wrap_redisSetTimeout(redisContext *context, const struct timeval limit);
void __real_redisFree(redisContext *context);
void __wrap_redisFree(redisContext *context);
void *__real_redisCommandArgv(redisContext *context, int argc, const char **argv,
                              const size_t *sizes);
void *__wrap_redisCommandArgv(redisContext *context, int argc, const char **argv,
                              const size_t *sizes);
void *__real_redisvCommand(redisContext *context, const char *format, va_list args);
void *__wrap_redisvCommand(redisContext *context, const char *format, va_list args);
bool __real_redis_script(struct redis *redis, const char *name, int keys, int argc,
                         const char *const argv[], const size_t sizes[], redisReply **out,
                         struct err *err);
bool __wrap_redis_script(struct redis *redis, const char *name, int keys, int argc,
                         const char *const argv[], const size_t sizes[], redisReply **out,
                         struct err *err);
void __real_script_text(const char *name, struct buf *out);
void __wrap_script_text(const char *name, struct buf *out);
const struct embedded *__real_embed_find(const struct embedded *table, const char *name);
const struct embedded *__wrap_embed_find(const struct embedded *table, const char *name);

enum { SCRIPTS = 128 };

static struct {
    enum seam_mode mode;
    char host[64];
    int port;
    redisContext *redis; /* one for everybody: the faults of each connection happen here */
    struct store *store, *kept;
    struct engine *engine;
    redisReply *dump; /* of Redis: key, dumped value, its expiry, ... */
    const char *script, *folder;
    struct seam_watch watch;
    int life; /* a connection of an earlier life is closed */
    bool full;
    int64_t differences;
    struct {
        char ours[SHA_TEXT], theirs[SHA_TEXT];
    } shas[SCRIPTS];
    size_t sha_count;
    struct embedded files[SCRIPTS];
    size_t file_count;
    struct {
        char name[64];
        struct buf text;
    } texts[SCRIPTS];
    size_t text_count;
} seam;

/* ---- scripts from a folder instead of the program ---- */

static const struct embedded *file_read(const char *name)
{
    OWN_TEXT char *path = mem_printf("%s/%s", seam.folder, name);
    OWN_BUF struct buf text = {0};
    char piece[4096];
    FILE *in = fopen(path, "re");
    if (!in) {
        fprintf(stderr, "simulate: cannot read %s\n", path);
        exit(2);
    }
    for (size_t got; (got = fread(piece, 1, sizeof piece, in)) > 0;)
        buf_add(&text, piece, got);
    fclose(in);
    assert(seam.file_count < SCRIPTS);
    struct embedded *file = &seam.files[seam.file_count++];
    *file = (struct embedded){mem_text(name), mem_text_n(text.data, text.size), text.size};
    return file;
}

const struct embedded *__wrap_embed_find(const struct embedded *table, const char *name)
{
    if (!seam.folder || table != EMBED_redis_scripts)
        return __real_embed_find(table, name);
    for (size_t i = 0; i < seam.file_count; i++)
        if (strcmp(seam.files[i].name, name) == 0)
            return &seam.files[i];
    return file_read(name);
}

/* Each seed's connections load each script: it is put together once. */
void __wrap_script_text(const char *name, struct buf *out)
{
    size_t i = 0;
    while (i < seam.text_count && strcmp(seam.texts[i].name, name) != 0)
        i++;
    if (i == seam.text_count) {
        assert(seam.text_count < SCRIPTS);
        snprintf(seam.texts[seam.text_count++].name, sizeof seam.texts[i].name, "%s", name);
        __real_script_text(name, &seam.texts[i].text);
    }
    buf_add(out, seam.texts[i].text.data, seam.texts[i].text.size);
}

/* ---- connections ---- */

static redisReply *real(int argc, const char **argv, const size_t *sizes)
{
    redisReply *reply = __real_redisCommandArgv(seam.redis, argc, argv, sizes);
    if (!reply) {
        fprintf(stderr, "simulate: Redis at %s:%d: %s\n", seam.host, seam.port, seam.redis->errstr);
        exit(2);
    }
    return reply;
}

redisContext *__wrap_redisConnectWithTimeout(const char *host, int port, const struct timeval limit)
{
    if (!seam.engine) /* not yet open: a test asks whether Redis is up */
        return __real_redisConnectWithTimeout(host, port, limit);
    redisContext *context = mem_new(sizeof *context);
    context->fd = seam.life;
    if (seam.watch.fate && seam.watch.fate(seam.watch.world, NULL) == FATE_DOWN) {
        context->err = REDIS_ERR_IO;
        snprintf(context->errstr, sizeof context->errstr, "nobody listens");
    }
    return context;
}

int __wrap_redisSetTimeout(redisContext *context, const struct timeval limit)
{
    return seam.engine ? REDIS_OK : __real_redisSetTimeout(context, limit);
}

void __wrap_redisFree(redisContext *context)
{
    if (seam.engine)
        free(context);
    else
        __real_redisFree(context);
}

/* ---- the two of them ---- */

static const char *their_sha(const char *ours)
{
    for (size_t i = 0; i < seam.sha_count; i++)
        if (strcmp(seam.shas[i].ours, ours) == 0)
            return seam.shas[i].theirs;
    return ours;
}

static void pair_shas(const redisReply *ours, const redisReply *theirs)
{
    if (strcmp(their_sha(ours->str), ours->str) != 0 || theirs->type != REDIS_REPLY_STRING)
        return;
    assert(seam.sha_count < SCRIPTS);
    memcpy(seam.shas[seam.sha_count].ours, ours->str, SHA_TEXT);
    memcpy(seam.shas[seam.sha_count++].theirs, theirs->str, SHA_TEXT);
}

static bool is(const struct words *words, int at, const char *text)
{
    return at < words->argc && strcasecmp(words->argv[at], text) == 0;
}

static redisReply *in_process(const struct words *words)
{
    if (is(words, 0, "EVALSHA")) {
        int keys = atoi(words->argv[2]);
        const struct words rest = {words->argc - 3, words->argv + 3, words->sizes + 3};
        return engine_run(seam.engine, seam.store, words->argv[1], keys, &rest);
    }
    if (is(words, 0, "SCRIPT") && is(words, 1, "LOAD")) {
        char sha[SHA_TEXT];
        engine_load(seam.engine, words->argv[2], words->sizes[2], sha);
        return engine_reply(
            &(struct answer){.kind = ANSWER_TEXT, .text = sha, .size = SHA_TEXT - 1});
    }
    bool grows = store_flags(words) > 0 && (store_flags(words) & COMMAND_GROWS);
    if (grows && store_is_full(seam.store))
        return engine_error("OOM command not allowed when used memory > 'maxmemory'.");
    return engine_reply(store_command(seam.store, words));
}

static redisReply *on_redis(const struct words *words)
{
    enum { MOST = 8192 };
    static const char *argv[MOST];
    assert(words->argc <= MOST);
    memcpy(argv, words->argv, (size_t)words->argc * sizeof *argv);
    if (is(words, 0, "EVALSHA"))
        argv[1] = their_sha(argv[1]);
    return real(words->argc, argv, words->sizes);
}

static redisReply *answer(const struct words *words)
{
    if (seam.mode == SEAM_REDIS)
        return on_redis(words);
    redisReply *ours = in_process(words);
    if (seam.mode == SEAM_STORE)
        return ours;
    OWN_REPLY redisReply *theirs = on_redis(words);
    if (is(words, 0, "SCRIPT"))
        pair_shas(ours, theirs);
    else if (!compare_replies(words, seam.script, ours, theirs))
        seam.differences++;
    return ours;
}

/* ---- hiredis' calls ---- */

static void *lost(redisContext *context, const char *why)
{
    context->err = REDIS_ERR_EOF;
    snprintf(context->errstr, sizeof context->errstr, "%s", why);
    return NULL;
}

static void *command(redisContext *context, const struct words *words)
{
    const bool counts = seam.watch.fate && !is(words, 0, "SCRIPT");
    const char *script = is(words, 0, "EVALSHA") ? seam.script : "";
    enum seam_fate fate = counts ? seam.watch.fate(seam.watch.world, script) : FATE_GOOD;
    if (fate == FATE_CALL_LOST || fate == FATE_DOWN)
        return lost(context, "the connection broke");
    if (seam.watch.fate && fate != FATE_UNSEEN && context->fd != seam.life)
        return lost(context, "Redis closed the connection");
    redisReply *reply = answer(words);
    if (counts)
        seam.watch.replied(seam.watch.world, script, reply);
    if (fate != FATE_REPLY_LOST)
        return reply;
    freeReplyObject(reply);
    return lost(context, "the connection broke before the reply came");
}

void *__wrap_redisCommandArgv(redisContext *context, int argc, const char **argv,
                              const size_t *sizes)
{
    size_t own[64];
    if (!seam.engine)
        return __real_redisCommandArgv(context, argc, argv, sizes);
    assert(sizes || argc <= (int)COUNT(own));
    for (int i = 0; !sizes && i < argc; i++)
        own[i] = strlen(argv[i]);
    return command(context, &(struct words){argc, argv, sizes ? sizes : own});
}

/* hiredis writes the format out as Redis' protocol; here it is taken apart again. */
void *__wrap_redisvCommand(redisContext *context, const char *format, va_list args)
{
    enum { MOST = 64 };
    const char *argv[MOST];
    size_t sizes[MOST];
    char *text = NULL;
    if (!seam.engine)
        return __real_redisvCommand(context, format, args);
    int size = redisvFormatCommand(&text, format, args);
    assert(size > 0);
    char *at = text;
    int argc = (int)strtol(at + 1, &at, 10);
    assert(argc <= MOST);
    for (int i = 0; i < argc; i++) {
        sizes[i] = (size_t)strtol(at + 3, &at, 10);
        argv[i] = at + 2;
        at += 2 + sizes[i];
    }
    for (int i = 0; i < argc; i++)
        *((char *)(uintptr_t)argv[i] + sizes[i]) = 0; /* over the line's end behind it */
    void *reply = command(context, &(struct words){argc, argv, sizes});
    free(text);
    return reply;
}

bool __wrap_redis_script(struct redis *redis, const char *name, int keys, int argc,
                         const char *const argv[], const size_t sizes[], redisReply **out,
                         struct err *err)
{
    seam.script = name;
    return __real_redis_script(redis, name, keys, argc, argv, sizes, out, err);
}

/* ---- what the world does to it ---- */

static void tell_redis(const char *const argv[], int argc)
{
    if (seam.mode == SEAM_STORE)
        return;
    OWN_REPLY redisReply *reply = real(argc, (const char **)(uintptr_t)argv, NULL);
    if (reply->type != REDIS_REPLY_ERROR)
        return;
    fprintf(stderr, "simulate: Redis refuses %s: %s\n", argv[0], reply->str);
    exit(2);
}
#define TELL(...)                                                                                  \
    tell_redis((const char *const[]){__VA_ARGS__}, (int)COUNT(((const char *const[]){__VA_ARGS__})))

void seam_open(enum seam_mode mode, const char *address, const char *scripts)
{
    seam.mode = mode;
    seam.folder = scripts;
    seam.store = store_new();
    seam.engine = engine_new();
    if (mode == SEAM_STORE)
        return;
    const char *colon = strrchr(address, ':');
    assert(colon && (size_t)(colon - address) < sizeof seam.host);
    memcpy(seam.host, address, (size_t)(colon - address));
    seam.port = atoi(colon + 1);
    seam.redis = __real_redisConnectWithTimeout(seam.host, seam.port, (struct timeval){5, 0});
    if (seam.redis && !seam.redis->err)
        return;
    fprintf(stderr, "simulate: Redis at %s does not answer\n", address);
    exit(2);
}

void seam_close(void)
{
    store_free(seam.store);
    store_free(seam.kept);
    engine_free(seam.engine);
    if (seam.dump)
        freeReplyObject(seam.dump);
    if (seam.redis)
        __real_redisFree(seam.redis);
    for (size_t i = 0; i < seam.file_count; i++) {
        free((char *)(uintptr_t)seam.files[i].name);
        free((char *)(uintptr_t)seam.files[i].text);
    }
    for (size_t i = 0; i < seam.text_count; i++)
        buf_drop(&seam.texts[i].text);
    memset(&seam, 0, sizeof seam);
}

void seam_watch(const struct seam_watch *watch)
{
    seam.watch = watch ? *watch : (struct seam_watch){0};
}

bool seam_is_both(void)
{
    return seam.mode == SEAM_BOTH;
}

int64_t seam_differences(void)
{
    return seam.differences;
}

void seam_time(int64_t now_ms)
{
    store_time(seam.store, now_ms);
}

void seam_full(bool full)
{
    if (full == seam.full)
        return;
    seam.full = full;
    store_full(seam.store, full);
    TELL("CONFIG", "SET", "maxmemory", full ? "1" : "0");
}

void seam_empty(void)
{
    const char *const argv[] = {"FLUSHALL"};
    const size_t sizes[] = {8};
    store_command(seam.store, &(struct words){1, argv, sizes});
    TELL("FLUSHALL");
}

void seam_disconnect(void)
{
    seam.life++;
    engine_forget(seam.engine);
    TELL("SCRIPT", "FLUSH");
}

static redisReply *both_answer(const char *verb, const char *key, const char *from, const char *to,
                               const char *more)
{
    const char *const argv[] = {verb, key, from, to, more};
    size_t sizes[COUNT(argv)];
    int argc = 0;
    for (; argc < (int)COUNT(argv) && argv[argc]; argc++)
        sizes[argc] = strlen(argv[argc]);
    return answer(&(struct words){argc, argv, sizes});
}

size_t seam_read_all(void)
{
    static const char *const READS[][5] = {
        {"string", "GET",      NULL, NULL, NULL        },
        {"hash",   "HGETALL",  NULL, NULL, NULL        },
        {"set",    "SMEMBERS", NULL, NULL, NULL        },
        {"zset",   "ZRANGE",   "0",  "-1", "WITHSCORES"},
        {"list",   "LRANGE",   "0",  "-1", NULL        },
        {"stream", "XRANGE",   "-",  "+",  NULL        },
    };
    OWN_REPLY redisReply *keys = both_answer("KEYS", "*", NULL, NULL, NULL);
    for (size_t i = 0; i < keys->elements; i++) {
        const char *key = keys->element[i]->str;
        OWN_REPLY redisReply *kind = both_answer("TYPE", key, NULL, NULL, NULL);
        size_t k = 0;
        while (strcmp(READS[k][0], kind->str) != 0)
            k++;
        freeReplyObject(both_answer(READS[k][1], key, READS[k][2], READS[k][3], READS[k][4]));
        freeReplyObject(both_answer("PERSIST", key, NULL, NULL, NULL));
    }
    return keys->elements;
}

/* Of every key its name, its value as Redis stores it, and how long it stays. */
static const char DUMP[] = "local all = {} "
                           "for _, key in ipairs(redis.call('KEYS', '*')) do "
                           "all[#all + 1] = key "
                           "all[#all + 1] = redis.call('DUMP', key) "
                           "all[#all + 1] = tostring(math.max(0, redis.call('PTTL', key))) "
                           "end return all";

void seam_snapshot(void)
{
    store_free(seam.kept);
    seam.kept = store_copy(seam.store);
    if (seam.mode == SEAM_STORE)
        return;
    if (seam.dump)
        freeReplyObject(seam.dump);
    seam.dump = real(3, (const char *[]){"EVAL", DUMP, "0"}, NULL);
    assert(seam.dump->type == REDIS_REPLY_ARRAY);
}

void seam_restore(void)
{
    assert(seam.kept);
    int64_t now_ms = store_now(seam.store);
    store_free(seam.store);
    seam.store = GIVE(seam.kept);
    store_time(seam.store, now_ms);
    store_full(seam.store, seam.full);
    if (seam.mode == SEAM_STORE)
        return;
    TELL("CONFIG", "SET", "maxmemory", "0");
    TELL("FLUSHALL");
    for (size_t i = 0; i + 2 < seam.dump->elements; i += 3) {
        redisReply *const *row = &seam.dump->element[i];
        const char *argv[] = {"RESTORE", row[0]->str, row[2]->str, row[1]->str};
        const size_t sizes[] = {7, row[0]->len, row[2]->len, row[1]->len};
        OWN_REPLY redisReply *reply = real(4, argv, sizes);
        assert(reply->type == REDIS_REPLY_STATUS);
    }
    TELL("CONFIG", "SET", "maxmemory", seam.full ? "1" : "0");
}
