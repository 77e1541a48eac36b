/* bulk.h - one question about many records, which Shopify carries out by itself, beside our budget:
 * a mutation for each line of a file, or a query whose answer is a file.
 *
 * Promise:  of a shop and purpose at most one operation is under way; which records are in it, in
 *           the order of its lines, is written before it is started. Every line is answered, or its
 *           record goes again: so a record stays on the list that it is taken from until it has an
 *           answer, and the mutation has to be one that may run twice.
 * Time:     nothing here waits. An operation takes from seconds to hours; whoever comes next, a run
 *           of any operation of the shop, looks and takes the answers. A run that has nothing to do
 *           without them parks by bulk_wait (docs/decisions/bulk.md).
 * Memory:   lines are gathered in a file and sent from it, results are loaded into one and read
 * line by line: what is held at once is a group of BULK_GROUP lines. Errors:   those of
 * shopify_ask. What cannot be had now is left for the next look.
 */
#ifndef CARTAGE_SHOPIFY_BULK_H
#define CARTAGE_SHOPIFY_BULK_H

#include "shopify/shopify.h"

enum { BULK_LINES = 10000, BULK_BYTES = 95 << 20, BULK_GROUP = 250, BULK_KEPT = 64 << 10 };

struct bulk_job {
    const char *purpose;  /* "close": names it in Redis and in logs */
    const char *document; /* of a mutation one like any other, of a query one for this alone */
    const char *user_errors_at; /* as in struct shopify_call; NULL = a query */
};

/* The answers of up to BULK_GROUP records, each as if it had been sent alone; kept[i] is what was
 * handed over with its line, "" = nothing. What is learned has to be in Redis when it returns:
 * afterwards the operation is forgotten. */
typedef bool (*bulk_take)(void *state, const char *const records[], const char *const kept[],
                          struct shopify_call answers[], size_t count, struct err *err);
/* One object that a query has found; a nested one says `__parentId`, and may come before it. */
typedef bool (*bulk_row)(void *state, const json *row, struct err *err);

struct bulk;
/* What is under way for this purpose, after a look at it; the answers of one that has ended are
 * handed to `take`, or to `row`. False = Redis, what ends the attempt, or what they said. */
MUST_USE bool bulk_look(struct attempt *attempt, const struct bulk_job *job, bulk_take take,
                        void *state, struct bulk **out, struct err *err);
MUST_USE bool bulk_look_rows(struct attempt *attempt, const struct bulk_job *job, bulk_row row,
                             void *state, struct bulk **out, struct err *err);
/* What is under way for another shop of the store: nothing is asked, nothing taken. */
MUST_USE bool bulk_peek(struct attempt *attempt, const char *shop, const struct bulk_job *job,
                        struct bulk **out, struct err *err);
void bulk_free(struct bulk *bulk);
OWNABLE(bulk)
/* It has ended well, and this look has handed over all that it was to answer; how many records. */
bool bulk_answered(const struct bulk *bulk, size_t *records);
bool bulk_is_under_way(const struct bulk *bulk);
int64_t bulk_age_ms(const struct bulk *bulk); /* of what is under way or has just been answered */
/* Nobody wants its answers any more: for an hour what it was for goes singly. */
MUST_USE bool bulk_rest(struct bulk *bulk, const char *why, struct err *err);
/* The record is in an operation that has not ended: it is written there, so not here. */
bool bulk_holds(const struct bulk *bulk, const char *record);
/* ... and has it changed there by our own doing, perhaps? Not before the operation began. */
bool bulk_may_have_changed(const struct bulk *bulk, const char *record, int64_t changed_ms);
/* So many records: do they go by an operation of their own? If not, they go one by one, or wait: */
enum bulk_road { BULK_SINGLY, BULK_TOGETHER, BULK_LATER };
enum bulk_road bulk_road(const struct bulk *bulk, size_t records);
/* For who has nothing to do meanwhile: says false and parks the task until the next look. */
bool bulk_wait(const struct bulk *bulk, const char *what, struct err *err);

struct bulk_lines;
MUST_USE bool bulk_lines_open(struct bulk_lines **out, struct err *err);
void bulk_lines_free(struct bulk_lines *lines);
OWNABLE(bulk_lines)
/* Takes the variables; `kept`, at most BULK_KEPT bytes without a line end, comes back with the
 * answer, NULL = nothing. False = it is full; the rest goes another time. */
bool bulk_lines_add(struct bulk_lines *lines, const char *record, json *variables,
                    const char *kept);
size_t bulk_lines_count(const struct bulk_lines *lines);

/* Sends them, where bulk_road says TOGETHER. That it could not be started now, or has perhaps, is
 * no error: the next look knows. */
MUST_USE bool bulk_start(struct bulk *bulk, const struct bulk_lines *lines, struct err *err);
/* The same for a query. It has no variables: `where` takes the place of the string "WHERE" in its
 * document; NULL = it has none. */
MUST_USE bool bulk_start_query(struct bulk *bulk, const char *where, struct err *err);

#endif
