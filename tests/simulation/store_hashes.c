/* store_hashes.c - hashes, sets and lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_inside.h"

/* ---- hashes ---- */

static struct answer *run_hset(struct store *store, const struct words *words)
{
    int64_t fresh = 0;
    bool wrong;
    value_get(store, words, 1, KIND_HASH, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (words->argc % 2)
        return answer_error(store, "ERR wrong number of arguments for 'hset' command");
    struct value *value = value_make(store, words, 1, KIND_HASH);
    for (int i = 2; i < words->argc; i += 2) {
        struct member *member = member_find(value, words->argv[i], words->sizes[i]);
        fresh += member == NULL;
        if (!member) {
            member = member_add(store, value, value->count);
            bytes_put(store, &member->name, words->argv[i], words->sizes[i]);
        }
        bytes_put(store, &member->value, words->argv[i + 1], words->sizes[i + 1]);
    }
    return answer_number(store, fresh);
}

static struct answer *run_hsetnx(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_HASH, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (member_find(value, words->argv[2], words->sizes[2]))
        return answer_number(store, 0);
    return run_hset(store, words);
}

static struct answer *run_hget(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_HASH, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    const struct member *member = member_find(value, words->argv[2], words->sizes[2]);
    return answer_bytes(store, member ? &member->value : NULL);
}

static struct answer *run_hmget(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_HASH, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    struct answer *list = answer_list(store, (size_t)words->argc - 2);
    for (int i = 2; i < words->argc; i++) {
        const struct member *member = member_find(value, words->argv[i], words->sizes[i]);
        answer_add_bytes(list, member ? &member->value : NULL);
    }
    return list;
}

static struct answer *members(struct store *store, const struct words *words, enum kind kind,
                              bool names, bool values)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, kind, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    struct answer *list = answer_list(store, value ? value->count * 2 : 0);
    for (size_t i = 0; value && i < value->count; i++) {
        if (names)
            answer_add_bytes(list, &value->members[i].name);
        if (values)
            answer_add_bytes(list, &value->members[i].value);
    }
    return list;
}

static struct answer *run_hgetall(struct store *store, const struct words *words)
{
    return members(store, words, KIND_HASH, true, true);
}

static struct answer *run_hkeys(struct store *store, const struct words *words)
{
    return members(store, words, KIND_HASH, true, false);
}

static struct answer *run_hvals(struct store *store, const struct words *words)
{
    return members(store, words, KIND_HASH, false, true);
}

struct answer *remove_members(struct store *store, const struct words *words, enum kind kind)
{
    int64_t count = 0;
    bool wrong;
    struct value *value = value_get(store, words, 1, kind, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    for (int i = 2; value && i < words->argc; i++) {
        struct member *member = member_find(value, words->argv[i], words->sizes[i]);
        if (!member)
            continue;
        member_remove(value, (size_t)(member - value->members));
        count++;
    }
    if (value)
        value_tidy(store, value);
    return answer_number(store, count);
}

static struct answer *run_hdel(struct store *store, const struct words *words)
{
    return remove_members(store, words, KIND_HASH);
}

static struct answer *run_hincrby(struct store *store, const struct words *words)
{
    char text[32], *end;
    int64_t by;
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_HASH, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!word_number(words, 3, &by))
        return answer_error(store, NO_NUMBER);
    const struct member *member = member_find(value, words->argv[2], words->sizes[2]);
    int64_t number = member ? strtoll(member->value.text, &end, 10) : 0;
    if (member && (*end || !member->value.size))
        return answer_error(store, "ERR hash value is not an integer");
    snprintf(text, sizeof text, "%lld", (long long)(number + by));
    const char *const argv[] = {"HSET", words->argv[1], words->argv[2], text};
    const size_t sizes[] = {4, words->sizes[1], words->sizes[2], strlen(text)};
    run_hset(store, &(struct words){4, argv, sizes});
    return answer_number(store, number + by);
}

static struct answer *count_of(struct store *store, const struct words *words, enum kind kind)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, kind, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    return answer_number(store, value ? (int64_t)value->count : 0);
}

static struct answer *run_hlen(struct store *store, const struct words *words)
{
    return count_of(store, words, KIND_HASH);
}

static struct answer *has(struct store *store, const struct words *words, enum kind kind)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, kind, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    return answer_number(store, member_find(value, words->argv[2], words->sizes[2]) != NULL);
}

static struct answer *run_hexists(struct store *store, const struct words *words)
{
    return has(store, words, KIND_HASH);
}

/* ---- sets ---- */

static struct answer *run_sadd(struct store *store, const struct words *words)
{
    int64_t fresh = 0;
    bool wrong;
    value_get(store, words, 1, KIND_SET, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    struct value *value = value_make(store, words, 1, KIND_SET);
    for (int i = 2; i < words->argc; i++) {
        if (member_find(value, words->argv[i], words->sizes[i]))
            continue;
        struct member *member = member_add(store, value, value->count);
        bytes_put(store, &member->name, words->argv[i], words->sizes[i]);
        fresh++;
    }
    return answer_number(store, fresh);
}

static struct answer *run_srem(struct store *store, const struct words *words)
{
    return remove_members(store, words, KIND_SET);
}

static struct answer *run_scard(struct store *store, const struct words *words)
{
    return count_of(store, words, KIND_SET);
}

static struct answer *run_sismember(struct store *store, const struct words *words)
{
    return has(store, words, KIND_SET);
}

static struct answer *run_smembers(struct store *store, const struct words *words)
{
    return members(store, words, KIND_SET, true, false);
}

/* Any member will do for Redis; here it is always the first. */
static struct answer *run_srandmember(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_SET, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    return answer_bytes(store, value ? &value->members[0].name : NULL);
}

/* ---- lists ---- */

static struct answer *push(struct store *store, const struct words *words, bool front)
{
    bool wrong;
    value_get(store, words, 1, KIND_LIST, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    struct value *value = value_make(store, words, 1, KIND_LIST);
    for (int i = 2; i < words->argc; i++) {
        struct member *member = member_add(store, value, front ? 0 : value->count);
        bytes_put(store, &member->name, words->argv[i], words->sizes[i]);
    }
    return answer_number(store, (int64_t)value->count);
}

static struct answer *run_rpush(struct store *store, const struct words *words)
{
    return push(store, words, false);
}

static struct answer *run_lpush(struct store *store, const struct words *words)
{
    return push(store, words, true);
}

static struct answer *run_llen(struct store *store, const struct words *words)
{
    return count_of(store, words, KIND_LIST);
}

static struct answer *run_lrange(struct store *store, const struct words *words)
{
    int64_t from, to;
    size_t first, last;
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_LIST, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!word_number(words, 2, &from) || !word_number(words, 3, &to))
        return answer_error(store, NO_NUMBER);
    struct answer *list = answer_list(store, value ? value->count : 0);
    if (value && range_of(from, to, value->count, &first, &last))
        for (size_t i = first; i <= last; i++)
            answer_add_bytes(list, &value->members[i].name);
    return list;
}

static struct answer *run_ltrim(struct store *store, const struct words *words)
{
    int64_t from, to;
    size_t first, last;
    bool wrong;
    struct value *value = value_get(store, words, 1, KIND_LIST, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!word_number(words, 2, &from) || !word_number(words, 3, &to))
        return answer_error(store, NO_NUMBER);
    if (value && !range_of(from, to, value->count, &first, &last)) {
        value_drop(store, value);
    } else if (value) {
        memmove(value->members, value->members + first,
                (last - first + 1) * sizeof *value->members);
        value->count = last - first + 1;
    }
    return answer_ok(store);
}

static struct answer *pop(struct store *store, const struct words *words, bool front)
{
    bool wrong;
    struct value *value = value_get(store, words, 1, KIND_LIST, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!value)
        return answer_nil(store);
    size_t at = front ? 0 : value->count - 1;
    struct answer *answer = answer_bytes(store, &value->members[at].name);
    member_remove(value, at);
    value_tidy(store, value);
    return answer;
}

static struct answer *run_lpop(struct store *store, const struct words *words)
{
    return pop(store, words, true);
}

static struct answer *run_rpop(struct store *store, const struct words *words)
{
    return pop(store, words, false);
}

const struct command STORE_HASHES[] = {
    {"HSET",        4, COMMAND_WRITES | COMMAND_GROWS, run_hset       },
    {"HGET",        3, 0,                              run_hget       },
    {"HGETALL",     2, 0,                              run_hgetall    },
    {"HMGET",       3, 0,                              run_hmget      },
    {"HDEL",        3, COMMAND_WRITES,                 run_hdel       },
    {"HINCRBY",     4, COMMAND_WRITES | COMMAND_GROWS, run_hincrby    },
    {"HSETNX",      4, COMMAND_WRITES | COMMAND_GROWS, run_hsetnx     },
    {"HEXISTS",     3, 0,                              run_hexists    },
    {"HKEYS",       2, 0,                              run_hkeys      },
    {"HVALS",       2, 0,                              run_hvals      },
    {"HLEN",        2, 0,                              run_hlen       },
    {"SADD",        3, COMMAND_WRITES | COMMAND_GROWS, run_sadd       },
    {"SREM",        3, COMMAND_WRITES,                 run_srem       },
    {"SCARD",       2, 0,                              run_scard      },
    {"SISMEMBER",   3, 0,                              run_sismember  },
    {"SMEMBERS",    2, 0,                              run_smembers   },
    {"SRANDMEMBER", 2, 0,                              run_srandmember},
    {"RPUSH",       3, COMMAND_WRITES | COMMAND_GROWS, run_rpush      },
    {"LPUSH",       3, COMMAND_WRITES | COMMAND_GROWS, run_lpush      },
    {"LPOP",        2, COMMAND_WRITES,                 run_lpop       },
    {"RPOP",        2, COMMAND_WRITES,                 run_rpop       },
    {"LLEN",        2, 0,                              run_llen       },
    {"LRANGE",      4, 0,                              run_lrange     },
    {"LTRIM",       4, COMMAND_WRITES,                 run_ltrim      },
    {NULL,          0, 0,                              NULL           },
};
