/* write.c - commands packed as msgpack, as the script `write` takes them. */
#include "ledger/write.h"

#include <inttypes.h>
#include <msgpack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct write {
    msgpack_sbuffer rows; /* each an array; the count goes in front when it is sent */
    size_t count;
};

struct write *write_new(void)
{
    struct write *write = mem_new(sizeof *write);
    msgpack_sbuffer_init(&write->rows);
    return write;
}

void write_free(struct write *write)
{
    if (!write)
        return;
    msgpack_sbuffer_destroy(&write->rows);
    free(write);
}

void write_clear(struct write *write)
{
    msgpack_sbuffer_clear(&write->rows);
    write->count = 0;
}

size_t write_size(const struct write *write)
{
    return write->rows.size;
}

size_t write_count(const struct write *write)
{
    return write->count;
}

static void pack_text(msgpack_packer *packer, const char *text, size_t size)
{
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
}

static bool verb_allowed(const char *verb)
{
    static const char *const VERBS[] = {
        "HSET",  "HDEL", "DEL",    "SET",      "SADD",      "SREM",
        "ZADD",  "ZREM", "NOTE",   "EXPIRE",   "NOTECLEAR", "ZREMRANGEBYSCORE",
        "LIFE",  "SKIP", "UNSKIP", "UNMAPPED", "MAPPED",    "LOCK",
        "RENEW", "KEEP", "UNLOCK", "HINCRBY",  "UNVARIANT", "BLANK"};
    for (size_t i = 0; i < COUNT(VERBS); i++)
        if (strcmp(VERBS[i], verb) == 0)
            return true;
    return false;
}

void write_add_bytes(struct write *write, const char *verb, const char *key, int argc,
                     const char *const argv[], const size_t sizes[])
{
    msgpack_packer packer;
    assert(verb_allowed(verb));
    msgpack_packer_init(&packer, &write->rows, msgpack_sbuffer_write);
    msgpack_pack_array(&packer, (size_t)argc + 2);
    pack_text(&packer, verb, strlen(verb));
    pack_text(&packer, key, strlen(key));
    for (int i = 0; i < argc; i++)
        pack_text(&packer, argv[i], sizes ? sizes[i] : strlen(argv[i]));
    write->count++;
}

void write_add(struct write *write, const char *verb, const char *key, ...)
{
    const char *argv[64];
    int argc = 0;
    va_list args;
    va_start(args, key);
    for (const char *word; (word = va_arg(args, const char *));) {
        assert(argc < (int)COUNT(argv));
        argv[argc++] = word;
    }
    va_end(args);
    write_add_bytes(write, verb, key, argc, argv, NULL);
}

void write_note(struct write *write, const char *record, const char *peer, const char *kind,
                const char *key, int64_t look_until_ms)
{
    char until[24];
    snprintf(until, sizeof until, "%" PRId64, look_until_ms);
    write_add(write, "NOTE", record, peer, kind, key, until, NULL);
}

void write_note_clear(struct write *write, const char *record)
{
    write_add(write, "NOTECLEAR", record, NULL);
}

static void add_lock(struct write *write, const char *verb, const char *key, int64_t until_ms)
{
    char until[24];
    snprintf(until, sizeof until, "%" PRId64, until_ms);
    write_add(write, verb, key, until, NULL);
}

void write_lock(struct write *write, const char *key, int64_t until_ms)
{
    add_lock(write, "LOCK", key, until_ms);
}

void write_renew(struct write *write, const char *key, int64_t until_ms)
{
    add_lock(write, "RENEW", key, until_ms);
}

void write_keep(struct write *write, const char *key, int64_t until_ms)
{
    add_lock(write, "KEEP", key, until_ms);
}

void write_unlock(struct write *write, const char *key)
{
    write_add(write, "UNLOCK", key, NULL);
}

void write_expire(struct write *write, const char *key, int seconds)
{
    char text[16];
    snprintf(text, sizeof text, "%d", seconds);
    write_add(write, "EXPIRE", key, text, NULL);
}

void write_life(struct write *write, const char *order, const char *event, const char *detail)
{
    write_add(write, "LIFE", order, event, detail, NULL);
}

void write_pack(const struct write *write, struct buf *out)
{
    msgpack_sbuffer head;
    msgpack_packer packer;
    msgpack_sbuffer_init(&head);
    msgpack_packer_init(&packer, &head, msgpack_sbuffer_write);
    msgpack_pack_array(&packer, write->count);
    buf_add(out, head.data, head.size);
    buf_add(out, write->rows.data, write->rows.size);
    msgpack_sbuffer_destroy(&head);
}
