/* store_inside.h - what the files of the store share. */
#ifndef CARTAGE_SIMULATION_STORE_INSIDE_H
#define CARTAGE_SIMULATION_STORE_INSIDE_H

#include "store.h"

struct bytes { /* in the store's arena */
    char *text;
    uint32_t size, room, hash;
};

enum kind { KIND_TEXT, KIND_HASH, KIND_SET, KIND_SORTED, KIND_LIST, KIND_STREAM };

struct member { /* of a hash (name, value), a set (name), a list (name), a sorted set (name, score)
                 */
    struct bytes name, value;
    double score;
};

struct item { /* of a stream */
    uint64_t ms, seq;
    struct bytes *fields;
    size_t count;
};

struct value {
    struct bytes key;
    enum kind kind;
    int64_t expires_ms; /* 0 = never */
    struct bytes text;
    struct member *members;
    struct item *items;
    uint64_t last_ms, last_seq;
    size_t count, capacity;
};

struct store {
    struct arena *arena, *replies;
    struct arena_mark fresh;
    struct value **table; /* open addressing; NULL = free, &GONE = was here */
    size_t size, used, filled;
    int64_t now_ms;
    bool full;
};

typedef struct answer *command_run(struct store *store, const struct words *words);
struct command {
    const char *name;
    int least; /* words, the name included */
    int flags;
    command_run *run;
};
extern const struct command STORE_HASHES[], STORE_SORTED[], STORE_STREAMS[]; /* NULL name ends */

/* ---- replies ---- */
struct answer *answer_number(struct store *store, int64_t number);
struct answer *answer_ok(struct store *store);
struct answer *answer_nil(struct store *store);
struct answer *answer_error(struct store *store, const char *text);
struct answer *answer_bytes(struct store *store, const struct bytes *bytes); /* NULL = nil */
struct answer *answer_list(struct store *store, size_t capacity);
void answer_add_bytes(struct answer *list, const struct bytes *bytes);
void answer_add_score(struct store *store, struct answer *list, double score);
struct answer *answer_score(struct store *store, double score);
extern const char WRONG_TYPE[], NO_NUMBER[], SYNTAX[];

/* ---- keys and values ---- */
uint32_t bytes_hash(const char *text, size_t size);
bool bytes_equal(const struct bytes *a, const char *text, size_t size, uint32_t hash);
void bytes_put(struct store *store, struct bytes *to, const char *text, size_t size);
/* NULL = absent. *wrong = it is of another kind. */
struct value *value_get(struct store *store, const struct words *words, int at, enum kind kind,
                        bool *wrong);
struct value *value_make(struct store *store, const struct words *words, int at, enum kind kind);
void value_drop(struct store *store, struct value *value);
void value_tidy(struct store *store, struct value *value); /* an empty one goes */
/* HDEL, SREM, ZREM: key, member...; answers how many there were. */
struct answer *remove_members(struct store *store, const struct words *words, enum kind kind);
struct member *member_find(const struct value *value, const char *text, size_t size);
struct member *member_add(struct store *store, struct value *value, size_t at);
void member_remove(struct value *value, size_t at);
bool word_is(const struct words *words, int at, const char *text); /* whatever its case */
bool word_number(const struct words *words, int at, int64_t *out);
bool word_score(const char *text, size_t size, double *out);
/* Redis' indexes from the end become indexes from the start; false = nothing lies between. */
bool range_of(int64_t from, int64_t to, size_t count, size_t *first, size_t *last);

#endif
