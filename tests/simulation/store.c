/* store.c - keys, texts, expiry, and the table of commands. */
#include "store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store_inside.h"

enum { FIRST_SIZE = 256, COMMANDS = 256, REPLY = 32 * 1024 };
static struct value GONE;
const char WRONG_TYPE[] = "WRONGTYPE Operation against a key holding the wrong kind of value";
const char NO_NUMBER[] = "ERR value is not an integer or out of range";
const char SYNTAX[] = "ERR syntax error";

/* ---- replies ---- */

static struct answer *answer_new(struct store *store, enum answer_kind kind)
{
    struct answer *answer = arena_alloc(store->replies, sizeof *answer);
    answer->kind = kind;
    return answer;
}

struct answer *answer_number(struct store *store, int64_t number)
{
    struct answer *answer = answer_new(store, ANSWER_NUMBER);
    answer->number = number;
    return answer;
}

static struct answer *answer_word(struct store *store, enum answer_kind kind, const char *text)
{
    struct answer *answer = answer_new(store, kind);
    answer->text = text;
    answer->size = strlen(text);
    return answer;
}

struct answer *answer_ok(struct store *store)
{
    return answer_word(store, ANSWER_STATUS, "OK");
}

struct answer *answer_nil(struct store *store)
{
    return answer_new(store, ANSWER_NIL);
}

struct answer *answer_error(struct store *store, const char *text)
{
    return answer_word(store, ANSWER_ERROR, text);
}

static void fill(struct answer *answer, const struct bytes *bytes)
{
    answer->kind = bytes ? ANSWER_TEXT : ANSWER_NIL;
    answer->text = bytes ? bytes->text : NULL;
    answer->size = bytes ? bytes->size : 0;
}

struct answer *answer_bytes(struct store *store, const struct bytes *bytes)
{
    struct answer *answer = answer_new(store, ANSWER_NIL);
    fill(answer, bytes);
    return answer;
}

struct answer *answer_list(struct store *store, size_t capacity)
{
    struct answer *answer = answer_new(store, ANSWER_LIST);
    answer->items = arena_array(store->replies, capacity ? capacity : 1, sizeof *answer->items);
    answer->capacity = capacity;
    return answer;
}

void answer_add_bytes(struct answer *list, const struct bytes *bytes)
{
    assert(list->count < list->capacity);
    fill(&list->items[list->count++], bytes);
}

static const char *score_text(struct store *store, double score)
{
    if (isinf(score))
        return score > 0 ? "inf" : "-inf";
    char text[NUMBER_TEXT];
    return arena_text_n(store->replies, text, number_text(score, text));
}

struct answer *answer_score(struct store *store, double score)
{
    return answer_word(store, ANSWER_TEXT, score_text(store, score));
}

void answer_add_score(struct store *store, struct answer *list, double score)
{
    struct answer *answer = &list->items[list->count++];
    assert(list->count <= list->capacity);
    *answer = (struct answer){.kind = ANSWER_TEXT, .text = score_text(store, score)};
    answer->size = strlen(answer->text);
}

/* ---- words ---- */

bool word_is(const struct words *words, int at, const char *text)
{
    return at < words->argc && (words->argv[at][0] | ' ') == (text[0] | ' ') && /* most end here */
           words->sizes[at] == strlen(text) &&
           strncasecmp(words->argv[at], text, words->sizes[at]) == 0;
}

/* Nearly all numbers are whole, and their digits are found faster than by printf. */
size_t number_text(double number, char out[static NUMBER_TEXT])
{
    char digits[NUMBER_TEXT], *at = digits + sizeof digits;
    const bool less = signbit(number);
    if (!(fabs(number) < 1e15) || number != floor(number) || (less && number == 0))
        return (size_t)snprintf(out, NUMBER_TEXT, "%.17g", number);
    uint64_t rest = (uint64_t)fabs(number);
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (less)
        *--at = '-';
    const size_t size = (size_t)(digits + sizeof digits - at);
    memcpy(out, at, size);
    out[size] = 0;
    return size;
}

bool word_number(const struct words *words, int at, int64_t *out)
{
    char text[32], *end;
    if (at >= words->argc || words->sizes[at] == 0 || words->sizes[at] >= sizeof text)
        return false;
    memcpy(text, words->argv[at], words->sizes[at]);
    text[words->sizes[at]] = 0;
    *out = strtoll(text, &end, 10);
    return *end == 0;
}

bool word_score(const char *text, size_t size, double *out)
{
    char copy[64], *end;
    if (size == 0 || size >= sizeof copy)
        return false;
    memcpy(copy, text, size);
    copy[size] = 0;
    *out = strtod(copy, &end);
    return *end == 0 && !isnan(*out);
}

bool range_of(int64_t from, int64_t to, size_t count, size_t *first, size_t *last)
{
    int64_t size = (int64_t)count;
    from = from < 0 ? from + size : from;
    to = to < 0 ? to + size : to;
    from = from < 0 ? 0 : from;
    to = to >= size ? size - 1 : to;
    if (from > to || from >= size)
        return false;
    *first = (size_t)from;
    *last = (size_t)to;
    return true;
}

/* ---- bytes ---- */

uint32_t bytes_hash(const char *text, size_t size)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619U;
    return hash;
}

bool bytes_equal(const struct bytes *a, const char *text, size_t size, uint32_t hash)
{
    return a->hash == hash && a->size == size && memcmp(a->text, text, size) == 0;
}

static void bytes_fill(struct store *store, struct bytes *to, const char *text, size_t size)
{
    if (!to->text || to->room < size) {
        to->room = (uint32_t)(size < 16 ? 16 : size + size / 4);
        to->text = arena_alloc(store->arena, to->room + 1);
    }
    memmove(to->text, text, size);
    to->text[size] = 0;
    to->size = (uint32_t)size;
}

void bytes_put(struct store *store, struct bytes *to, const char *text, size_t size)
{
    bytes_fill(store, to, text, size);
    to->hash = bytes_hash(text, size);
}

/* ---- the table of keys ---- */

static size_t slot_of(const struct store *store, const char *key, size_t size, uint32_t hash)
{
    size_t mask = store->size - 1, free_slot = SIZE_MAX;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        const struct value *value = store->table[at];
        if (!value)
            return free_slot == SIZE_MAX ? at : free_slot;
        if (value == &GONE)
            free_slot = free_slot == SIZE_MAX ? at : free_slot;
        else if (bytes_equal(&value->key, key, size, hash))
            return at;
    }
}

static void grow(struct store *store)
{
    struct value **old = store->table;
    size_t size = store->size;
    store->size = store->used * 4 < FIRST_SIZE ? FIRST_SIZE : size * 2;
    store->table = mem_array(store->size, sizeof(struct value *));
    store->filled = store->used;
    for (size_t i = 0; i < size; i++)
        if (old[i] && old[i] != &GONE)
            store->table[slot_of(store, old[i]->key.text, old[i]->key.size, old[i]->key.hash)] =
                old[i];
    free(old);
}

static struct value *find(struct store *store, const char *key, size_t size)
{
    struct value *value = store->table[slot_of(store, key, size, bytes_hash(key, size))];
    if (!value || value == &GONE)
        return NULL;
    if (!value->expires_ms || value->expires_ms > store->now_ms)
        return value;
    value_drop(store, value);
    return NULL;
}

void value_drop(struct store *store, struct value *value)
{
    store->table[slot_of(store, value->key.text, value->key.size, value->key.hash)] = &GONE;
    store->used--;
}

void value_tidy(struct store *store, struct value *value)
{
    if (value->count == 0)
        value_drop(store, value);
}

struct value *value_get(struct store *store, const struct words *words, int at, enum kind kind,
                        bool *wrong)
{
    struct value *value = find(store, words->argv[at], words->sizes[at]);
    *wrong = value && value->kind != kind;
    return *wrong ? NULL : value;
}

static void place(struct store *store, struct value *value)
{
    if ((store->filled + 1) * 2 > store->size)
        grow(store);
    size_t at = slot_of(store, value->key.text, value->key.size, value->key.hash);
    store->filled += store->table[at] == NULL;
    store->used++;
    store->table[at] = value;
}

struct value *value_make(struct store *store, const struct words *words, int at, enum kind kind)
{
    struct value *value = find(store, words->argv[at], words->sizes[at]);
    if (value)
        return value;
    value = arena_alloc(store->arena, sizeof *value);
    bytes_put(store, &value->key, words->argv[at], words->sizes[at]);
    value->kind = kind;
    place(store, value);
    return value;
}

/* ---- members ---- */

struct member *member_find(const struct value *value, const char *text, size_t size)
{
    uint32_t hash = bytes_hash(text, size);
    for (size_t i = 0; value && i < value->count; i++)
        if (bytes_equal(&value->members[i].name, text, size, hash))
            return &value->members[i];
    return NULL;
}

struct member *member_add(struct store *store, struct value *value, size_t at)
{
    if (value->count == value->capacity) {
        size_t more = value->capacity ? value->capacity * 2 : 4;
        struct member *wider = arena_array(store->arena, more, sizeof *wider);
        if (value->count)
            memcpy(wider, value->members, value->count * sizeof *wider);
        value->members = wider;
        value->capacity = more;
    }
    memmove(value->members + at + 1, value->members + at,
            (value->count - at) * sizeof *value->members);
    value->members[at] = (struct member){0};
    value->count++;
    return &value->members[at];
}

void member_remove(struct value *value, size_t at)
{
    value->count--;
    memmove(value->members + at, value->members + at + 1,
            (value->count - at) * sizeof *value->members);
}

/* ---- a store ---- */

struct store *store_new(void)
{
    struct store *store = mem_new(sizeof *store);
    store->arena = arena_new();
    store->replies = arena_new();
    arena_alloc(store->replies, REPLY); /* its first block stays */
    store->fresh = (struct arena_mark){arena_mark(store->replies).block, 0};
    grow(store);
    return store;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    arena_free(store->arena);
    arena_free(store->replies);
    free(store->table);
    free(store);
}

static struct bytes copy_bytes(struct store *store, const struct bytes *from)
{
    struct bytes to = {0};
    if (!from->text)
        return to;
    bytes_fill(store, &to, from->text, from->size);
    to.hash = from->hash;
    return to;
}

static struct value *copy_value(struct store *store, const struct value *from)
{
    struct value *to = arena_alloc(store->arena, sizeof *to);
    *to = *from;
    to->key = copy_bytes(store, &from->key);
    to->text = copy_bytes(store, &from->text);
    to->capacity = from->count;
    if (from->members)
        to->members = arena_array(store->arena, from->count + 1, sizeof *to->members);
    if (from->items)
        to->items = arena_array(store->arena, from->count + 1, sizeof *to->items);
    for (size_t i = 0; from->members && i < from->count; i++)
        to->members[i] =
            (struct member){copy_bytes(store, &from->members[i].name),
                            copy_bytes(store, &from->members[i].value), from->members[i].score};
    for (size_t i = 0; from->items && i < from->count; i++) {
        struct item *item = &to->items[i];
        *item = from->items[i];
        item->fields = arena_array(store->arena, item->count + 1, sizeof *item->fields);
        for (size_t k = 0; k < item->count; k++)
            item->fields[k] = copy_bytes(store, &from->items[i].fields[k]);
    }
    return to;
}

struct store *store_copy(const struct store *from)
{
    struct store *store = store_new();
    store->now_ms = from->now_ms;
    store->full = from->full;
    for (size_t i = 0; i < from->size; i++)
        if (from->table[i] && from->table[i] != &GONE)
            place(store, copy_value(store, from->table[i]));
    return store;
}

void store_time(struct store *store, int64_t now_ms)
{
    store->now_ms = now_ms;
}

int64_t store_now(const struct store *store)
{
    return store->now_ms;
}

void store_full(struct store *store, bool full)
{
    store->full = full;
}

bool store_is_full(const struct store *store)
{
    return store->full;
}

/* ---- commands of keys and texts ---- */

static struct answer *run_set(struct store *store, const struct words *words)
{
    int64_t keep_ms = 0;
    bool only_new = false;
    for (int i = 3; i < words->argc; i++) {
        if (word_is(words, i, "NX"))
            only_new = true;
        else if (word_is(words, i, "PX") && word_number(words, i + 1, &keep_ms))
            i++;
        else if (word_is(words, i, "EX") && word_number(words, i + 1, &keep_ms) && ++i)
            keep_ms *= 1000;
        else
            return answer_error(store, SYNTAX);
    }
    struct value *value = find(store, words->argv[1], words->sizes[1]);
    if (value && only_new)
        return answer_nil(store);
    if (value)
        value_drop(store, value);
    value = value_make(store, words, 1, KIND_TEXT);
    value->count = 1;
    value->expires_ms = keep_ms ? store->now_ms + keep_ms : 0;
    bytes_put(store, &value->text, words->argv[2], words->sizes[2]);
    return answer_ok(store);
}

static struct answer *run_get(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_TEXT, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    return answer_bytes(store, value ? &value->text : NULL);
}

static struct answer *run_incr(struct store *store, const struct words *words)
{
    char text[32], *end;
    bool wrong;
    int64_t by = 1;
    struct value *value = value_get(store, words, 1, KIND_TEXT, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (words->argc > 2 && !word_number(words, 2, &by))
        return answer_error(store, NO_NUMBER);
    int64_t number = value ? strtoll(value->text.text, &end, 10) : 0;
    if (value && (*end || !value->text.size))
        return answer_error(store, NO_NUMBER);
    value = value_make(store, words, 1, KIND_TEXT);
    value->count = 1;
    snprintf(text, sizeof text, "%lld", (long long)(number + by));
    bytes_put(store, &value->text, text, strlen(text));
    return answer_number(store, number + by);
}

static struct answer *run_del(struct store *store, const struct words *words)
{
    int64_t count = 0;
    for (int i = 1; i < words->argc; i++) {
        struct value *value = find(store, words->argv[i], words->sizes[i]);
        if (value)
            value_drop(store, value);
        count += value != NULL;
    }
    return answer_number(store, count);
}

static struct answer *run_exists(struct store *store, const struct words *words)
{
    int64_t count = 0;
    for (int i = 1; i < words->argc; i++)
        count += find(store, words->argv[i], words->sizes[i]) != NULL;
    return answer_number(store, count);
}

static struct answer *run_type(struct store *store, const struct words *words)
{
    static const char *const NAMES[] = {"string", "hash", "set", "zset", "list", "stream"};
    const struct value *value = find(store, words->argv[1], words->sizes[1]);
    return answer_word(store, ANSWER_STATUS, value ? NAMES[value->kind] : "none");
}

static struct answer *run_rename(struct store *store, const struct words *words)
{
    struct value *value = find(store, words->argv[1], words->sizes[1]);
    if (!value)
        return answer_error(store, "ERR no such key");
    struct value *other = find(store, words->argv[2], words->sizes[2]);
    if (other == value)
        return answer_ok(store);
    if (other)
        value_drop(store, other);
    value_drop(store, value);
    bytes_put(store, &value->key, words->argv[2], words->sizes[2]);
    place(store, value);
    return answer_ok(store);
}

static struct answer *expire(struct store *store, const struct words *words, int64_t unit_ms)
{
    int64_t keep;
    struct value *value = find(store, words->argv[1], words->sizes[1]);
    if (!word_number(words, 2, &keep))
        return answer_error(store, NO_NUMBER);
    if (!value)
        return answer_number(store, 0);
    if (keep <= 0)
        value_drop(store, value);
    else
        value->expires_ms = store->now_ms + keep * unit_ms;
    return answer_number(store, 1);
}

static struct answer *run_expire(struct store *store, const struct words *words)
{
    return expire(store, words, 1000);
}

static struct answer *run_pexpire(struct store *store, const struct words *words)
{
    return expire(store, words, 1);
}

static struct answer *run_pttl(struct store *store, const struct words *words)
{
    const struct value *value = find(store, words->argv[1], words->sizes[1]);
    if (!value || !value->expires_ms)
        return answer_number(store, value ? -1 : -2);
    return answer_number(store, value->expires_ms - store->now_ms);
}

static struct answer *run_persist(struct store *store, const struct words *words)
{
    struct value *value = find(store, words->argv[1], words->sizes[1]);
    bool had = value && value->expires_ms;
    if (had)
        value->expires_ms = 0;
    return answer_number(store, had);
}

static struct answer *run_time(struct store *store, const struct words *words)
{
    (void)words;
    struct answer *list = answer_list(store, 2);
    const int64_t parts[] = {store->now_ms / 1000, store->now_ms % 1000 * 1000};
    for (size_t i = 0; i < COUNT(parts); i++) {
        const char *text = arena_printf(store->replies, "%lld", (long long)parts[i]);
        list->items[list->count++] =
            (struct answer){.kind = ANSWER_TEXT, .text = text, .size = strlen(text)};
    }
    return list;
}

/* The pattern is `*`: whoever compares two stores wants them all. */
static struct answer *run_keys(struct store *store, const struct words *words)
{
    struct answer *list = answer_list(store, store->used);
    if (!word_is(words, 1, "*"))
        return answer_error(store, "ERR this store lists all keys or none");
    for (size_t i = 0; i < store->size; i++) {
        const struct value *value = store->table[i];
        if (value && value != &GONE && (!value->expires_ms || value->expires_ms > store->now_ms))
            answer_add_bytes(list, &value->key);
    }
    return list;
}

static struct answer *run_flush(struct store *store, const struct words *words)
{
    (void)words;
    arena_free(store->arena);
    store->arena = arena_new();
    memset(store->table, 0, store->size * sizeof *store->table);
    store->used = store->filled = 0;
    return answer_ok(store);
}

static const struct command STORE_KEYS[] = {
    {"SET",      3, COMMAND_WRITES | COMMAND_GROWS, run_set    },
    {"GET",      2, 0,                              run_get    },
    {"INCR",     2, COMMAND_WRITES | COMMAND_GROWS, run_incr   },
    {"INCRBY",   3, COMMAND_WRITES | COMMAND_GROWS, run_incr   },
    {"DEL",      2, COMMAND_WRITES,                 run_del    },
    {"UNLINK",   2, COMMAND_WRITES,                 run_del    },
    {"EXISTS",   2, 0,                              run_exists },
    {"TYPE",     2, 0,                              run_type   },
    {"RENAME",   3, COMMAND_WRITES,                 run_rename },
    {"EXPIRE",   3, COMMAND_WRITES,                 run_expire },
    {"PEXPIRE",  3, COMMAND_WRITES,                 run_pexpire},
    {"PTTL",     2, 0,                              run_pttl   },
    {"PERSIST",  2, COMMAND_WRITES,                 run_persist},
    {"TIME",     1, 0,                              run_time   },
    {"KEYS",     2, 0,                              run_keys   },
    {"FLUSHALL", 1, COMMAND_WRITES,                 run_flush  },
    {NULL,       0, 0,                              NULL       },
};

static size_t command_slot(const char *name, size_t size)
{
    size_t hash = size;
    for (size_t i = 0; i < size; i++)
        hash = hash * 31 + (unsigned char)(name[i] | ' '); /* whatever its case */
    return hash % COMMANDS;
}

static const struct command *command_of(const struct words *words)
{
    static const struct command *const TABLES[] = {STORE_HASHES, STORE_SORTED, STORE_KEYS,
                                                   STORE_STREAMS};
    static const struct command *known[COMMANDS]; /* open addressing */
    static bool filled;
    for (size_t i = 0; !filled && i < COUNT(TABLES); i++) {
        for (const struct command *command = TABLES[i]; command->name; command++) {
            size_t at = command_slot(command->name, strlen(command->name));
            while (known[at])
                at = (at + 1) % COMMANDS;
            known[at] = command;
        }
    }
    filled = true;
    size_t at = command_slot(words->argv[0], words->sizes[0]);
    while (known[at] && !word_is(words, 0, known[at]->name))
        at = (at + 1) % COMMANDS;
    return known[at];
}

int store_flags(const struct words *words)
{
    const struct command *command = command_of(words);
    return command ? command->flags : -1;
}

const struct answer *store_command(struct store *store, const struct words *words)
{
    const struct command *command = command_of(words);
    arena_reset(store->replies, store->fresh);
    if (!command)
        return answer_error(store, arena_printf(store->replies,
                                                "ERR the store of the simulation has no %.*s",
                                                (int)words->sizes[0], words->argv[0]));
    if (words->argc < command->least)
        return answer_error(store, "ERR wrong number of arguments");
    return command->run(store, words);
}
