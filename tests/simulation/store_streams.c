/* store_streams.c - streams: appended, trimmed at their beginning, read by id. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_inside.h"

static const char BAD_ID[] = "ERR Invalid stream ID specified as stream command argument";

struct id {
    uint64_t ms, seq;
};

static bool before(struct id a, struct id b)
{
    return a.ms < b.ms || (a.ms == b.ms && a.seq < b.seq);
}

static bool id_parse(const char *text, size_t size, uint64_t missing_seq, struct id *out)
{
    char copy[48], *end;
    if (size == 0 || size >= sizeof copy)
        return false;
    memcpy(copy, text, size);
    copy[size] = 0;
    out->ms = strtoull(copy, &end, 10);
    out->seq = missing_seq;
    if (*end == '-')
        out->seq = strtoull(end + 1, &end, 10);
    return *end == 0;
}

static void keep_last(struct value *value, size_t most)
{
    memmove(value->items, value->items + value->count - most, most * sizeof *value->items);
    value->count = most;
}

/* `MAXLEN ~ n` trims whole nodes in Redis, so at least what is beyond n stays for a while; here
 * nothing goes until twice as many are there. `MAXLEN n` is exact in both. */
static void trim(struct value *value, size_t most, bool about)
{
    if (value->count > (about ? most * 2 : most))
        keep_last(value, most);
}

/* `MINID ~ id` alike: nothing goes before half of it may. */
static void trim_below(struct value *value, struct id least, bool about)
{
    size_t gone = 0;
    while (gone < value->count &&
           before((struct id){value->items[gone].ms, value->items[gone].seq}, least))
        gone++;
    if (!about || gone > value->count / 2)
        keep_last(value, value->count - gone);
}

static struct item *append(struct store *store, struct value *value)
{
    if (value->count == value->capacity) {
        size_t more = value->capacity ? value->capacity * 2 : 16;
        struct item *wider = arena_array(store->arena, more, sizeof *wider);
        if (value->count)
            memcpy(wider, value->items, value->count * sizeof *wider);
        value->items = wider;
        value->capacity = more;
    }
    return &value->items[value->count++];
}

static struct answer *id_answer(struct store *store, struct answer *to, struct id id)
{
    to->kind = ANSWER_TEXT;
    to->text = arena_printf(store->replies, "%" PRIu64 "-%" PRIu64, id.ms, id.seq);
    to->size = strlen(to->text);
    return to;
}

static struct answer *run_xadd(struct store *store, const struct words *words)
{
    int at = 2;
    int64_t most = -1;
    bool about = false, wrong, below = word_is(words, at, "MINID");
    struct id id, least = {0};
    if (below || word_is(words, at, "MAXLEN")) {
        at++;
        about = word_is(words, at, "~");
        at += about || word_is(words, at, "=");
        if (below && (at >= words->argc || !id_parse(words->argv[at], words->sizes[at], 0, &least)))
            return answer_error(store, BAD_ID);
        if (!below && !word_number(words, at, &most))
            return answer_error(store, NO_NUMBER);
        at++;
    }
    struct value *value = value_get(store, words, 1, KIND_STREAM, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (at >= words->argc || (words->argc - at) % 2 == 0 || words->argc - at < 3)
        return answer_error(store, "ERR wrong number of arguments for 'xadd' command");
    if (!id_parse(words->argv[at], words->sizes[at], 0, &id))
        return answer_error(store, BAD_ID);
    if (!id.ms && !id.seq)
        return answer_error(store, "ERR The ID specified in XADD must be greater than 0-0");
    if (value && !before((struct id){value->last_ms, value->last_seq}, id))
        return answer_error(store, "ERR The ID specified in XADD is equal or smaller than the "
                                   "target stream top item");
    value = value_make(store, words, 1, KIND_STREAM);
    struct item *item = append(store, value);
    *item = (struct item){.ms = id.ms, .seq = id.seq, .count = (size_t)(words->argc - at - 1)};
    item->fields = arena_array(store->arena, item->count, sizeof *item->fields);
    for (size_t i = 0; i < item->count; i++) {
        int word = at + 1 + (int)i;
        item->fields[i].text = arena_text_n(store->arena, words->argv[word], words->sizes[word]);
        item->fields[i].size = item->fields[i].room = (uint32_t)words->sizes[word];
    }
    value->last_ms = id.ms;
    value->last_seq = id.seq;
    if (most >= 0)
        trim(value, (size_t)most, about);
    if (below)
        trim_below(value, least, about);
    return id_answer(store, answer_nil(store), id);
}

static bool bound(const struct words *words, int at, uint64_t missing_seq, struct id *out,
                  bool *open)
{
    const char *text = words->argv[at];
    size_t size = words->sizes[at];
    *open = size && *text == '(';
    if (size == 1 && (*text == '-' || *text == '+')) {
        *out = *text == '-' ? (struct id){0, 0} : (struct id){UINT64_MAX, UINT64_MAX};
        return true;
    }
    return id_parse(text + *open, size - *open, missing_seq, out);
}

static void add_item(struct store *store, struct answer *list, const struct item *item)
{
    struct answer *row = answer_list(store, 2);
    struct answer *fields = answer_list(store, item->count);
    for (size_t i = 0; i < item->count; i++)
        answer_add_bytes(fields, &item->fields[i]);
    id_answer(store, &row->items[0], (struct id){item->ms, item->seq});
    row->items[1] = *fields;
    row->count = 2;
    list->items[list->count++] = *row;
}

static struct answer *range(struct store *store, const struct words *words, bool down)
{
    struct id from, to;
    int64_t most = INT64_MAX;
    bool wrong, from_open, to_open;
    const struct value *value = value_get(store, words, 1, KIND_STREAM, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!bound(words, down ? 3 : 2, 0, &from, &from_open) ||
        !bound(words, down ? 2 : 3, UINT64_MAX, &to, &to_open))
        return answer_error(store, BAD_ID);
    if (word_is(words, 4, "COUNT") && !word_number(words, 5, &most))
        return answer_error(store, NO_NUMBER);
    size_t count = value ? value->count : 0, first = 0, last = count;
    /* Mostly the end of the history is asked for. */
    while (last > 0 &&
           (to_open
                ? !before((struct id){value->items[last - 1].ms, value->items[last - 1].seq}, to)
                : before(to, (struct id){value->items[last - 1].ms, value->items[last - 1].seq})))
        last--;
    for (first = last; first > 0; first--) {
        struct id id = {value->items[first - 1].ms, value->items[first - 1].seq};
        if (from_open ? !before(from, id) : before(id, from))
            break;
    }
    if ((int64_t)(last - first) > most)
        first = down ? last - (size_t)most : first, last = first + (size_t)most;
    struct answer *list = answer_list(store, last - first);
    for (size_t i = 0; i < last - first; i++)
        add_item(store, list, &value->items[down ? last - 1 - i : first + i]);
    return list;
}

static struct answer *run_xrange(struct store *store, const struct words *words)
{
    return range(store, words, false);
}

static struct answer *run_xrevrange(struct store *store, const struct words *words)
{
    return range(store, words, true);
}

static struct answer *run_xlen(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_STREAM, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    return answer_number(store, value ? (int64_t)value->count : 0);
}

static struct answer *run_xdel(struct store *store, const struct words *words)
{
    int64_t count = 0;
    bool wrong;
    struct value *value = value_get(store, words, 1, KIND_STREAM, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    for (int i = 2; i < words->argc; i++) {
        struct id id;
        if (!id_parse(words->argv[i], words->sizes[i], 0, &id))
            return answer_error(store, BAD_ID);
        for (size_t k = 0; value && k < value->count; k++) {
            if (value->items[k].ms != id.ms || value->items[k].seq != id.seq)
                continue;
            value->count--;
            memmove(value->items + k, value->items + k + 1,
                    (value->count - k) * sizeof *value->items);
            count++;
            break;
        }
    }
    return answer_number(store, count);
}

static struct answer *run_xtrim(struct store *store, const struct words *words)
{
    int at = 3;
    int64_t most;
    struct id id;
    bool wrong, about = word_is(words, at, "~");
    struct value *value = value_get(store, words, 1, KIND_STREAM, &wrong);
    at += about || word_is(words, at, "=");
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (at >= words->argc)
        return answer_error(store, SYNTAX);
    size_t before_it = value ? value->count : 0;
    if (word_is(words, 2, "MINID")) {
        if (!id_parse(words->argv[at], words->sizes[at], 0, &id))
            return answer_error(store, BAD_ID);
        if (value)
            trim_below(value, id, about);
    } else if (word_is(words, 2, "MAXLEN") && word_number(words, at, &most)) {
        if (value)
            trim(value, (size_t)most, about);
    } else {
        return answer_error(store, SYNTAX);
    }
    return answer_number(store, value ? (int64_t)(before_it - value->count) : 0);
}

const struct command STORE_STREAMS[] = {
    {"XADD",      5, COMMAND_WRITES | COMMAND_GROWS, run_xadd     },
    {"XRANGE",    4, 0,                              run_xrange   },
    {"XREVRANGE", 4, 0,                              run_xrevrange},
    {"XLEN",      2, 0,                              run_xlen     },
    {"XDEL",      3, COMMAND_WRITES,                 run_xdel     },
    {"XTRIM",     4, COMMAND_WRITES,                 run_xtrim    },
    {NULL,        0, 0,                              NULL         },
};
