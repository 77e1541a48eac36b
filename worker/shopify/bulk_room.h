/* bulk_room.h - what the files bulk*.c share: the record of an operation. Nobody else includes it.
 *
 * It has a state:
 *   starting  it may be under way; nobody knows its id
 *   running   looked at from `due` on
 *   waiting   all of Shopify's places were taken; tried again from `due` on
 *   resting   the last one came to nothing: records go singly until `due`
 */
#ifndef CARTAGE_SHOPIFY_BULK_ROOM_H
#define CARTAGE_SHOPIFY_BULK_ROOM_H

#include <stdio.h>

#include "base/arena.h"
#include "limiter/limiter.h"
#include "shopify/bulk.h"
#include "shopify/room.h"
#include "store/store.h"

enum bulk_state { BULK_NONE, BULK_STARTING, BULK_RUNNING, BULK_WAITING, BULK_RESTING };

struct bulk {
    struct attempt *attempt;
    const struct bulk_job *job;
    enum bulk_state state;
    char *key, *place; /* in Redis; among the fleet's places */
    int64_t due_ms, looks, began_ms, since_ms;
    char *mark, *operation;
    char *records;        /* a line each */
    const char **in_file; /* into `records`, in the order of the lines */
    const char **sorted;
    size_t count;
    size_t *chunks; /* the first line of each part that lines are kept in */
    size_t chunk_count;
    bool answered;
    size_t answered_records;
};

struct bulk_lines {
    FILE *file; /* the form's head has room in front of the lines */
    FILE *kept; /* a line each */
    struct buf records;
    size_t size, count;
};
enum { BULK_HEAD = 32 << 10 };

static inline bool bulk_is_query(const struct bulk *bulk)
{
    return !bulk->job->user_errors_at;
}
int64_t bulk_now_ms(const struct bulk *bulk);
struct bulk *bulk_new(struct attempt *attempt, const char *shop, const struct bulk_job *job);
MUST_USE bool bulk_read(struct bulk *bulk, struct err *err);
void bulk_set_records(struct bulk *bulk, const char *records);
/* What was kept of the part that a line is in, a line each; *first = the part's first line. */
MUST_USE bool bulk_read_kept(struct bulk *bulk, size_t line, size_t *first, struct buf *out,
                             struct err *err);
/* The parts, once the record says how many there are. */
MUST_USE bool bulk_write_parts(struct bulk *bulk, const struct bulk_lines *lines, struct err *err);

/* The state from now on; what is not said here stays as it is. */
void bulk_set_state(struct bulk *bulk, struct write *write, enum bulk_state state, int64_t wait_ms);
MUST_USE bool bulk_stand(struct bulk *bulk, enum bulk_state state, int64_t wait_ms,
                         struct err *err);
int64_t bulk_next_look_ms(struct bulk *bulk, int64_t done); /* done: lines so far, -1 = unknown */
/* None is under way any more. */
MUST_USE bool bulk_forget(struct bulk *bulk, struct err *err);
/* Shopify has shown it: its id, and when it began. */
MUST_USE bool bulk_is_known(struct bulk *bulk, const json *operation, struct err *err);

/* The fleet's place for it; each look takes it anew. */
MUST_USE bool bulk_place_take(struct bulk *bulk, bool *taken, struct err *err);
void bulk_place_give(struct bulk *bulk);

enum asked { ASKED_ANSWERED, ASKED_LATER, ASKED_ENDS };
/* A question whose failure is a matter of the next look, unless it ends the attempt. */
enum asked bulk_ask(struct bulk *bulk, struct shopify_call *call, struct err *err);
/* The storage is another house: it sees no token, and its addresses are secrets. */
bool bulk_storage_address(const struct attempt *attempt, const char *url);
enum { BULK_FILE_MS = 600000 };

#endif
