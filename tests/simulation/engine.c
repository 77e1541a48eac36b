/* engine.c - redis.call and its conversions, scripts by their digest.
 *
 * Each script has a Lua of its own, whose memory lies in one region. It runs up to the end of its
 * prelude once, when it is loaded; what the region holds then is kept, and each call begins by
 * putting that back. So a call finds what a first call finds, whatever those before it did, and
 * neither makes a hundred functions anew nor collects garbage.
 */
#include "engine.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "engine_inside.h"

enum { SCRIPTS = 128, WORDS = 8192, FLAG_ALLOW_OOM = 1, FLAG_NO_WRITES = 2, FLAG_PLAIN = 4 };
enum { STACK = 400 }; /* enough for most calls: one that has to grow it moves all of it */
enum { PIECE = 16, SMALL = 512, CLASSES = SMALL / PIECE + 32 };
static const size_t REGION = 1 << 28; /* of addresses; pages that are touched count */
/* What stands between the prelude and the script (ledger/script_text.c). */
static const char BEGINS[] = "\nlocal function script()\n",
                  READY[] = "\nREADY() local function script()\n";

struct pool {
    char *region;
    size_t used;
    void *spare[CLASSES]; /* pieces that nobody uses, each holds the next one's place */
};

struct script {
    char sha[SHA_TEXT];
    char *text;
    size_t size;
    struct pool pool, fresh;
    char *kept;              /* the region, as long as `fresh` says */
    lua_State *lua, *thread; /* the thread waits for its call */
    int flags;
    bool loaded;
};

struct engine {
    struct script *scripts[SCRIPTS];
    size_t count;
    /* of the script that runs */
    struct store *store;
    int flags;
    bool wrote;
    struct drand48_data random;
};

/* ---- Redis' replies become Lua's values ---- */

static void push_answer(lua_State *lua, const struct answer *answer)
{
    luaL_checkstack(lua, 4, "a reply is nested too deeply");
    switch (answer->kind) {
    case ANSWER_NUMBER:
        lua_pushnumber(lua, (lua_Number)answer->number);
        break;
    case ANSWER_TEXT:
        lua_pushlstring(lua, answer->text, answer->size);
        break;
    case ANSWER_NIL:
        lua_pushboolean(lua, 0);
        break;
    case ANSWER_STATUS:
    case ANSWER_ERROR:
        lua_createtable(lua, 0, 1);
        lua_pushlstring(lua, answer->text, answer->size);
        lua_setfield(lua, -2, answer->kind == ANSWER_STATUS ? "ok" : "err");
        break;
    case ANSWER_LIST:
        lua_createtable(lua, (int)answer->count, 0);
        for (size_t i = 0; i < answer->count; i++) {
            push_answer(lua, &answer->items[i]);
            lua_rawseti(lua, -2, (int)i + 1);
        }
    }
}

static struct engine *engine_of(lua_State *lua)
{
    return lua_touserdata(lua, lua_upvalueindex(1));
}

static int failed(lua_State *lua, const char *text, bool raise)
{
    lua_createtable(lua, 0, 1);
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, "err");
    return raise ? lua_error(lua) : 1;
}

static int call(lua_State *lua, bool raise)
{
    static const char *argv[WORDS];
    static size_t sizes[WORDS];
    struct engine *engine = engine_of(lua);
    int argc = lua_gettop(lua);
    if (argc == 0 || argc > WORDS)
        return failed(lua, "ERR Please specify at least one argument for this redis.call", raise);
    for (int i = 0; i < argc; i++) {
        if (lua_type(lua, i + 1) == LUA_TNUMBER) {
            char number[NUMBER_TEXT];
            lua_pushlstring(lua, number, number_text(lua_tonumber(lua, i + 1), number));
            lua_replace(lua, i + 1);
        } else if (lua_type(lua, i + 1) != LUA_TSTRING) {
            return failed(lua, "ERR Lua redis lib command arguments must be strings or integers",
                          raise);
        }
        argv[i] = lua_tolstring(lua, i + 1, &sizes[i]);
    }
    const struct words words = {argc, argv, sizes};
    int flags = store_flags(&words);
    if (flags > 0 && (flags & COMMAND_WRITES) && (engine->flags & FLAG_NO_WRITES))
        return failed(lua, "ERR Write commands are not allowed from read-only scripts.", raise);
    if (flags > 0 && (flags & COMMAND_GROWS) && store_is_full(engine->store) && !engine->wrote &&
        !(engine->flags & FLAG_ALLOW_OOM))
        return failed(lua, "OOM command not allowed when used memory > 'maxmemory'.", raise);
    engine->wrote |= flags > 0 && (flags & COMMAND_WRITES);
    const struct answer *answer = store_command(engine->store, &words);
    push_answer(lua, answer);
    return answer->kind == ANSWER_ERROR && raise ? lua_error(lua) : 1;
}

static int redis_call(lua_State *lua)
{
    return call(lua, true);
}

static int redis_pcall(lua_State *lua)
{
    return call(lua, false);
}

static int error_reply(lua_State *lua)
{
    luaL_checkstring(lua, 1);
    return failed(lua, lua_tostring(lua, 1), false);
}

static int status_reply(lua_State *lua)
{
    lua_createtable(lua, 0, 1);
    lua_pushvalue(lua, 1);
    lua_setfield(lua, -2, "ok");
    return 1;
}

/* ---- the generator of Redis' Lua: from one seed the same numbers on every machine ---- */

static int seed(lua_State *lua)
{
    srand48_r(luaL_checkint(lua, 1), &engine_of(lua)->random);
    return 0;
}

static int draw(lua_State *lua)
{
    long drawn;
    lrand48_r(&engine_of(lua)->random, &drawn);
    lua_Number part = (lua_Number)(drawn % INT32_MAX) / (lua_Number)INT32_MAX;
    if (lua_gettop(lua) == 0) {
        lua_pushnumber(lua, part);
        return 1;
    }
    int low = lua_gettop(lua) > 1 ? luaL_checkint(lua, 1) : 1;
    int high = luaL_checkint(lua, lua_gettop(lua) > 1 ? 2 : 1);
    luaL_argcheck(lua, low <= high, 1, "interval is empty");
    lua_pushnumber(lua, floor(part * (high - low + 1)) + low);
    return 1;
}

/* ---- the world of a script ---- */

static int no_global(lua_State *lua)
{
    return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'",
                      lua_tostring(lua, 2));
}

static int no_new_global(lua_State *lua)
{
    return luaL_error(lua, "Attempt to modify a readonly table");
}

static int ready(lua_State *lua)
{
    return lua_yield(lua, 0);
}

static void with_engine(struct engine *engine, lua_State *lua, const char *name,
                        lua_CFunction function)
{
    lua_pushlightuserdata(lua, engine);
    lua_pushcclosure(lua, function, 1);
    lua_setfield(lua, -2, name);
}

static void open_libraries(struct engine *engine, lua_State *lua)
{
    static const lua_CFunction OPEN[] = {luaopen_base, luaopen_table, luaopen_string, luaopen_math};
    static const char *const GONE[] = {"dofile", "loadfile", "print"};
    for (size_t i = 0; i < COUNT(OPEN); i++) {
        lua_pushcfunction(lua, OPEN[i]);
        lua_call(lua, 0, 0);
    }
    for (size_t i = 0; i < COUNT(GONE); i++) {
        lua_pushnil(lua);
        lua_setglobal(lua, GONE[i]);
    }
    lua_createtable(lua, 0, 4);
    with_engine(engine, lua, "call", redis_call);
    with_engine(engine, lua, "pcall", redis_pcall);
    with_engine(engine, lua, "error_reply", error_reply);
    with_engine(engine, lua, "status_reply", status_reply);
    lua_setglobal(lua, "redis");
    lua_getglobal(lua, "math");
    with_engine(engine, lua, "random", draw);
    with_engine(engine, lua, "randomseed", seed);
    lua_pop(lua, 1);
    engine_open_texts(lua);
    /* KEYS and ARGV exist before the guard stands, so that setting them is no new global. */
    lua_newtable(lua);
    lua_setglobal(lua, "KEYS");
    lua_newtable(lua);
    lua_setglobal(lua, "ARGV");
    lua_pushcfunction(lua, ready);
    lua_setglobal(lua, "READY");
    lua_createtable(lua, 0, 2);
    lua_pushcfunction(lua, no_global);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, no_new_global);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, LUA_GLOBALSINDEX);
}

/* ---- memory: pieces by their size, kept for the next of that size ---- */

static size_t class_of(size_t size)
{
    if (size <= SMALL)
        return (size + PIECE - 1) / PIECE;
    return SMALL / PIECE + (size_t)(64 - __builtin_clzll((size - 1) / SMALL)); /* doubling */
}

static size_t size_of(size_t class)
{
    const size_t small = SMALL / PIECE;
    return class <= small ? class * PIECE : (size_t)SMALL << (class - small);
}

static void *piece_take(struct pool *pool, size_t class)
{
    void *piece = pool->spare[class];
    if (piece) {
        memcpy(&pool->spare[class], piece, sizeof piece);
        return piece;
    }
    const size_t size = size_of(class);
    if (REGION - pool->used < size)
        return NULL;
    piece = pool->region + pool->used;
    pool->used += size;
    return piece;
}

/* lua_Alloc: a script's tables and texts come and go by the hundred. */
static void *memory(void *state, void *old, size_t old_size, size_t size)
{
    struct pool *pool = state;
    const size_t had = class_of(old_size), wants = class_of(size);
    if (had == wants)
        return size ? old : NULL;
    void *piece = size ? piece_take(pool, wants) : NULL;
    if (size && !piece)
        return NULL;
    if (size && old_size)
        memcpy(piece, old, old_size < size ? old_size : size);
    if (old_size) {
        memcpy(old, &pool->spare[had], sizeof(void *));
        pool->spare[had] = old;
    }
    return piece;
}

struct engine *engine_new(void)
{
    return mem_new(sizeof(struct engine));
}

void engine_free(struct engine *engine)
{
    for (size_t i = 0; engine && i < engine->count; i++) {
        struct script *script = engine->scripts[i];
        munmap(script->pool.region, REGION); /* all of its Lua lies there */
        free(script->kept);
        free(script->text);
        free(script);
    }
    free(engine);
}

/* ---- scripts ---- */

static int flags_of(const char *text, size_t size)
{
    static const struct {
        const char *word;
        int flag;
    } FLAGS[] = {
        {"allow-oom", FLAG_ALLOW_OOM},
        {"no-writes", FLAG_NO_WRITES}
    };
    const char *end = memchr(text, '\n', size);
    int flags = 0;
    if (size < 2 || memcmp(text, "#!", 2) != 0 || !end)
        return FLAG_PLAIN;
    for (size_t i = 0; i < COUNT(FLAGS); i++)
        if (memmem(text, (size_t)(end - text), FLAGS[i].word, strlen(FLAGS[i].word)))
            flags |= FLAGS[i].flag;
    return flags;
}

static struct script *find(struct engine *engine, const char *sha)
{
    for (size_t i = 0; i < engine->count; i++)
        if (engine->scripts[i]->sha[0] == sha[0] && strcmp(engine->scripts[i]->sha, sha) == 0)
            return engine->scripts[i];
    return NULL;
}

static int write_code(lua_State *lua, const void *bytes, size_t size, void *out)
{
    (void)lua;
    buf_add(out, bytes, size);
    return 0;
}

/* In another Lua: what a compiler leaves behind would be put back at each call. */
static void compile(const struct buf *source, struct buf *code)
{
    lua_State *lua = luaL_newstate();
    assert(lua);
    if (luaL_loadbuffer(lua, source->data, source->size, "@user_script") != 0) {
        fprintf(stderr, "a script cannot be compiled: %s\n", lua_tostring(lua, -1));
        exit(2);
    }
    lua_dump(lua, write_code, code);
    lua_close(lua);
}

/* Loads it into its thread, and runs its prelude. */
static void begin(struct script *script)
{
    OWN_BUF struct buf source = {0}, code = {0};
    const char *end = script->text + script->size;
    const char *body =
        script->flags & FLAG_PLAIN ? script->text : memchr(script->text, '\n', script->size);
    const char *begins = memmem(body, (size_t)(end - body), BEGINS, sizeof BEGINS - 1);
    if (begins) {
        buf_add(&source, body, (size_t)(begins - body));
        buf_text(&source, READY);
        body = begins + sizeof BEGINS - 1;
    }
    buf_add(&source, body, (size_t)(end - body));
    compile(&source, &code);
    if (luaL_loadbuffer(script->thread, code.data, code.size, "@user_script") != 0 ||
        (begins && lua_resume(script->thread, 0) != LUA_YIELD)) {
        fprintf(stderr, "a script's prelude fails: %s\n", lua_tostring(script->thread, -1));
        exit(2);
    }
}

static void script_prepare(struct engine *engine, struct script *script)
{
    struct pool *pool = &script->pool;
    pool->region = mmap(NULL, REGION, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(pool->region != MAP_FAILED);
    script->lua = lua_newstate(memory, pool);
    assert(script->lua);
    open_libraries(engine, script->lua);
    script->thread = lua_newthread(script->lua);
    begin(script);
    lua_gc(script->lua, LUA_GCCOLLECT, 0);
    lua_gc(script->lua, LUA_GCSTOP, 0);
    lua_checkstack(script->thread, STACK);
    script->fresh = *pool;
    script->kept = mem_new(pool->used);
    memcpy(script->kept, pool->region, pool->used);
}

void engine_load(struct engine *engine, const char *text, size_t size, char sha[static SHA_TEXT])
{
    unsigned char digest[(SHA_TEXT - 1) / 2];
    for (size_t i = 0; i < engine->count; i++) { /* each connection of each seed loads it again */
        struct script *old = engine->scripts[i];
        if (old->size == size && memcmp(old->text, text, size) == 0) {
            memcpy(sha, old->sha, SHA_TEXT);
            old->loaded = true;
            return;
        }
    }
    assert(engine->count < SCRIPTS);
    struct script *script = engine->scripts[engine->count++] = mem_new(sizeof *script);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)text, size, NULL, 0);
    sodium_bin2hex(sha, SHA_TEXT, digest, sizeof digest);
    memcpy(script->sha, sha, SHA_TEXT);
    script->text = mem_text_n(text, size);
    script->size = size;
    script->loaded = true;
    script->flags = flags_of(text, size);
    script_prepare(engine, script);
}

void engine_forget(struct engine *engine)
{
    for (size_t i = 0; i < engine->count; i++)
        engine->scripts[i]->loaded = false;
}

/* ---- Lua's values become replies ---- */

static redisReply *reply_new(int type)
{
    redisReply *reply = calloc(1, sizeof *reply); /* freeReplyObject frees it */
    assert(reply);
    reply->type = type;
    return reply;
}

static redisReply *reply_text(int type, const char *text, size_t size)
{
    redisReply *reply = reply_new(type);
    reply->str = malloc(size + 1);
    assert(reply->str);
    memcpy(reply->str, text, size);
    reply->str[size] = 0;
    reply->len = size;
    return reply;
}

static void reply_items(redisReply *reply, size_t count)
{
    reply->elements = count;
    reply->element = calloc(count ? count : 1, sizeof(redisReply *));
    assert(reply->element);
}

redisReply *engine_error(const char *text)
{
    return reply_text(REDIS_REPLY_ERROR, text, strlen(text));
}

redisReply *engine_reply(const struct answer *answer)
{
    redisReply *reply;
    switch (answer->kind) {
    case ANSWER_NUMBER:
        reply = reply_new(REDIS_REPLY_INTEGER);
        reply->integer = answer->number;
        return reply;
    case ANSWER_TEXT:
        return reply_text(REDIS_REPLY_STRING, answer->text, answer->size);
    case ANSWER_STATUS:
        return reply_text(REDIS_REPLY_STATUS, answer->text, answer->size);
    case ANSWER_ERROR:
        return reply_text(REDIS_REPLY_ERROR, answer->text, answer->size);
    case ANSWER_LIST:
        reply = reply_new(REDIS_REPLY_ARRAY);
        reply_items(reply, answer->count);
        for (size_t i = 0; i < answer->count; i++)
            reply->element[i] = engine_reply(&answer->items[i]);
        return reply;
    default:
        return reply_new(REDIS_REPLY_NIL);
    }
}

/* The field `err` or `ok` of the table on top: what makes it a reply of one word. */
static redisReply *field_reply(lua_State *lua, const char *field, int type)
{
    redisReply *reply = NULL;
    lua_pushstring(lua, field);
    lua_rawget(lua, -2);
    if (lua_type(lua, -1) == LUA_TSTRING) {
        size_t size;
        const char *text = lua_tolstring(lua, -1, &size);
        reply = reply_text(type, text, size);
    }
    lua_pop(lua, 1);
    return reply;
}

static redisReply *value_reply(lua_State *lua) /* of the value on top */
{
    size_t size;
    const char *text;
    redisReply *reply;
    luaL_checkstack(lua, 4, "a reply is nested too deeply");
    switch (lua_type(lua, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(lua, -1, &size);
        return reply_text(REDIS_REPLY_STRING, text, size);
    case LUA_TBOOLEAN:
        reply = reply_new(lua_toboolean(lua, -1) ? REDIS_REPLY_INTEGER : REDIS_REPLY_NIL);
        reply->integer = lua_toboolean(lua, -1);
        return reply;
    case LUA_TNUMBER:
        reply = reply_new(REDIS_REPLY_INTEGER);
        reply->integer = (long long)lua_tonumber(lua, -1);
        return reply;
    case LUA_TTABLE:
        break;
    default:
        return reply_new(REDIS_REPLY_NIL);
    }
    if ((reply = field_reply(lua, "err", REDIS_REPLY_ERROR)) ||
        (reply = field_reply(lua, "ok", REDIS_REPLY_STATUS)))
        return reply;
    reply = reply_new(REDIS_REPLY_ARRAY);
    size_t count = 0;
    for (lua_rawgeti(lua, -1, 1); !lua_isnil(lua, -1); lua_rawgeti(lua, -1, (int)count + 1)) {
        lua_pop(lua, 1);
        count++;
    }
    lua_pop(lua, 1);
    reply_items(reply, count);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(lua, -1, (int)i + 1);
        reply->element[i] = value_reply(lua);
        lua_pop(lua, 1);
    }
    return reply;
}

static void set_words(lua_State *lua, const char *name, const struct words *words, int from, int to)
{
    lua_createtable(lua, to - from, 0);
    for (int i = from; i < to; i++) {
        lua_pushlstring(lua, words->argv[i], words->sizes[i]);
        lua_rawseti(lua, -2, i - from + 1);
    }
    lua_setglobal(lua, name);
}

static redisReply *error_of(lua_State *lua)
{
    char text[512];
    redisReply *reply = lua_type(lua, -1) == LUA_TTABLE ? value_reply(lua) : NULL;
    if (reply)
        return reply;
    snprintf(text, sizeof text, "ERR %s", lua_tostring(lua, -1));
    return engine_error(text);
}

redisReply *engine_run(struct engine *engine, struct store *store, const char *sha, int keys,
                       const struct words *words)
{
    struct script *script = find(engine, sha);
    if (!script || !script->loaded)
        return engine_error("NOSCRIPT No matching script. Please use EVAL.");
    lua_State *lua = script->thread;
    if (store_is_full(store) && !(script->flags & (FLAG_ALLOW_OOM | FLAG_NO_WRITES | FLAG_PLAIN)))
        return engine_error("OOM allow-oom flag is not set on the script, can not run it when used "
                            "memory > 'maxmemory'");
    engine->store = store;
    engine->flags = script->flags;
    engine->wrote = false;
    srand48_r(0, &engine->random);
    script->pool = script->fresh;
    memcpy(script->pool.region, script->kept, script->fresh.used);
    set_words(script->lua, "KEYS", words, 0, keys);
    set_words(script->lua, "ARGV", words, keys, words->argc);
    bool good = lua_resume(lua, 0) == 0;
    if (good && lua_gettop(lua) == 0)
        lua_pushnil(lua);
    lua_settop(lua, good ? 1 : lua_gettop(lua));
    return good ? value_reply(lua) : error_of(lua);
}
