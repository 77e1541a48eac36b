/* store.h - the Redis commands that the scripts use, in this process.
 *
 * It stands in for Redis in the simulation: ten thousand seeds in minutes instead of hours. It
 * knows nothing of the queue; store_test.c holds it equal to a real Redis, reply for reply and key
 * for key. An unknown command is an error, never a silent nothing. Time stands still until it is
 * set.
 */
#ifndef CARTAGE_SIMULATION_STORE_H
#define CARTAGE_SIMULATION_STORE_H

#include "base/arena.h"

struct words { /* a command and its arguments; any bytes */
    int argc;
    const char *const *argv;
    const size_t *sizes;
};

enum answer_kind {
    ANSWER_NIL,
    ANSWER_NUMBER,
    ANSWER_TEXT,
    ANSWER_STATUS,
    ANSWER_ERROR,
    ANSWER_LIST
};
struct answer { /* valid until the next command of the same store */
    enum answer_kind kind;
    int64_t number;
    const char *text;
    size_t size;
    struct answer *items;
    size_t count, capacity;
};

enum command_flag {
    COMMAND_WRITES = 1,
    COMMAND_GROWS = 2, /* refused when Redis is out of memory */
};

/* As Redis and Lua write it with "%.17g"; answers its size. */
enum { NUMBER_TEXT = 40 };
size_t number_text(double number, char out[static NUMBER_TEXT]);

struct store;
struct store *store_new(void);
void store_free(struct store *store);
OWNABLE(store)
/* Everything, as it is now: a restart with an old file, a failover. */
struct store *store_copy(const struct store *store);
void store_time(struct store *store, int64_t now_ms);
void store_full(struct store *store, bool full); /* out of memory */
int64_t store_now(const struct store *store);
bool store_is_full(const struct store *store);

/* -1 = there is no such command. */
int store_flags(const struct words *words);
const struct answer *store_command(struct store *store, const struct words *words);

#endif
