/* store.c - single reads of what is staged. */
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/room.h"

/* ---- keys ---- */

void store_prefix(struct ledger *ledger, const char *company, struct buf *out)
{
    buf_printf(out, "ct:{%s/%02x}:", ledger_environment(ledger), ledger_bucket(ledger, company));
}

char *store_key(struct ledger *ledger, const char *company, const char *rest)
{
    OWN_BUF struct buf key = {0};
    store_prefix(ledger, company, &key);
    buf_printf(&key, "s:%s:%s", company, rest);
    return mem_text(buf_str(&key));
}

/* ---- hashes ---- */

struct store_rows {
    redisReply *reply; /* an array of rows, each an array of values */
};

void store_rows_free(struct store_rows *rows)
{
    if (!rows)
        return;
    if (rows->reply)
        freeReplyObject(rows->reply);
    free(rows);
}

static const redisReply *value_of(const struct store_rows *rows, size_t row, size_t field)
{
    assert(row < rows->reply->elements && field < rows->reply->element[row]->elements);
    return rows->reply->element[row]->element[field];
}

bool store_bytes(const struct store_rows *rows, size_t row, size_t field, const char **bytes,
                 size_t *size)
{
    const redisReply *value = value_of(rows, row, field);
    if (value->type != REDIS_REPLY_STRING)
        return false;
    *bytes = value->str;
    *size = value->len;
    return true;
}

const char *store_text(const struct store_rows *rows, size_t row, size_t field)
{
    const redisReply *value = value_of(rows, row, field);
    return value->type == REDIS_REPLY_STRING ? value->str : "";
}

int64_t store_int(const struct store_rows *rows, size_t row, size_t field)
{
    return strtoll(store_text(rows, row, field), NULL, 10);
}

bool store_read(struct ledger *ledger, const char *company, const char *const keys[], size_t count,
                const char *const fields[], size_t field_count, struct store_rows **out,
                struct err *err)
{
    char *full[STORE_PAGE];
    const char *argv[STORE_PAGE + STORE_FIELDS];
    assert(count <= STORE_PAGE && field_count <= STORE_FIELDS);
    OWN(store_rows) struct store_rows *rows = mem_new(sizeof *rows);
    for (size_t i = 0; i < count; i++)
        argv[i] = full[i] = store_key(ledger, company, keys[i]);
    for (size_t i = 0; i < field_count; i++)
        argv[count + i] = fields[i];
    bool ok = redis_script(ledger_redis(ledger), "staged", (int)count, (int)(count + field_count),
                           argv, NULL, &rows->reply, err);
    for (size_t i = 0; i < count; i++)
        free(full[i]);
    if (!ok)
        return err_wrap(err, "read staged records");
    assert(rows->reply->elements == count);
    *out = GIVE(rows);
    return true;
}

/* ---- sets ---- */

void store_ids_drop(struct store_ids *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        free(ids->items[i]);
    free(ids->items);
    *ids = (struct store_ids){0};
}

void store_ids_add(struct store_ids *ids, const char *id, size_t most)
{
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->items[i], id) == 0)
            return;
    if (ids->count < most)
        ids->items[ids->count++] = mem_text(id);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void store_ids_sort(struct store_ids *ids)
{
    if (ids->count > 1)
        qsort(ids->items, ids->count, sizeof *ids->items, by_text);
}

void store_ids_each_once(struct store_ids *ids)
{
    size_t kept = 0;
    store_ids_sort(ids);
    for (size_t i = 0; i < ids->count; i++) {
        if (*ids->items[i] && (kept == 0 || strcmp(ids->items[kept - 1], ids->items[i]) != 0))
            ids->items[kept++] = ids->items[i];
        else
            free(ids->items[i]);
    }
    ids->count = kept;
}

bool store_ids_has(const struct store_ids *ids, const char *id)
{
    return ids->count > 0 && bsearch(&id, ids->items, ids->count, sizeof *ids->items, by_text);
}

static void take_ids(const redisReply *reply, struct store_ids *out)
{
    out->items = mem_array(reply->elements + 1, sizeof *out->items);
    for (size_t i = 0; i < reply->elements; i++) {
        const redisReply *item = reply->element[i];
        out->items[out->count++] =
            item->type == REDIS_REPLY_STRING ? mem_text_n(item->str, item->len) : mem_text("");
    }
}

static bool ask_ids(struct ledger *ledger, int argc, const char *const argv[],
                    struct store_ids *out, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_command(ledger_redis(ledger), argc, argv, NULL, &reply, err))
        return err_wrap(err, "list staged records");
    take_ids(reply, out);
    return true;
}

bool store_zset_between(struct ledger *ledger, const char *company, const char *key, int64_t least,
                        int64_t most_score, size_t most, struct store_ids *out, struct err *err)
{
    char lowest[32], highest[32], limit[32];
    OWN_TEXT char *full = store_key(ledger, company, key);
    snprintf(lowest, sizeof lowest, "%" PRId64, least);
    snprintf(highest, sizeof highest, "%" PRId64, most_score);
    snprintf(limit, sizeof limit, "%zu", most);
    const char *const argv[] = {"ZRANGEBYSCORE", full, lowest, highest, "LIMIT", "0", limit};
    return ask_ids(ledger, COUNT(argv), argv, out, err);
}

bool store_zset(struct ledger *ledger, const char *company, const char *key, int64_t most_score,
                size_t most, struct store_ids *out, struct err *err)
{
    return store_zset_between(ledger, company, key, INT64_MIN, most_score, most, out, err);
}

bool store_set(struct ledger *ledger, const char *company, const char *key, struct store_ids *out,
               struct err *err)
{
    OWN_TEXT char *full = store_key(ledger, company, key);
    const char *const argv[] = {"SMEMBERS", full};
    return ask_ids(ledger, COUNT(argv), argv, out, err);
}

bool store_values(struct ledger *ledger, const char *company, const char *const keys[],
                  size_t count, struct store_ids *out, struct err *err)
{
    char *full[STORE_PAGE];
    const char *argv[STORE_PAGE + 1] = {"MGET"};
    assert(count <= STORE_PAGE);
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = full[i] = store_key(ledger, company, keys[i]);
    bool ok = ask_ids(ledger, (int)count + 1, argv, out, err);
    for (size_t i = 0; i < count; i++)
        free(full[i]);
    return ok;
}

bool store_read_ids(struct ledger *ledger, const char *company, const char *prefix,
                    const struct store_ids *ids, const char *const fields[], size_t field_count,
                    struct store_rows **out, struct err *err)
{
    char *keys[STORE_PAGE];
    for (size_t i = 0; i < ids->count; i++)
        keys[i] = mem_printf("%s%s", prefix, ids->items[i]);
    bool ok = store_read(ledger, company, (const char *const *)keys, ids->count, fields,
                         field_count, out, err);
    for (size_t i = 0; i < ids->count; i++)
        free(keys[i]);
    return ok;
}
