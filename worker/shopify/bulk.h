/* bulk.h - one mutation for many records, which Shopify carries out by itself, beside our budget.
 *
 * Promise:  of a shop and purpose at most one operation is under way; which records are in it, in
 *           the order of its lines, is written before it is started. Every line is answered, or its
 *           record goes again: so a record stays on the list that it is taken from until it has an
 *           answer, and the mutation has to be one that may run twice.
 * Time:     nothing here waits. An operation takes from seconds to hours; whoever comes next, a run
 *           of any operation of the shop, looks and takes the answers (docs/decisions/bulk.md).
 * Errors:   those of shopify_ask. What cannot be had now is left for the next look.
 */
#ifndef CARTAGE_SHOPIFY_BULK_H
#define CARTAGE_SHOPIFY_BULK_H

#include "shopify/shopify.h"

enum { BULK_LINES = 10000, BULK_BYTES = 20 << 20, BULK_GROUP = 250 };

struct bulk_job {
    const char *purpose;                   /* "close": names it in Redis and in logs */
    const char *document, *user_errors_at; /* as in struct shopify_call */
};

/* The answers of up to BULK_GROUP records, each as if it had been sent alone. What is learned has
 * to be in Redis when it returns: afterwards the operation is forgotten. */
typedef bool (*bulk_take)(void *state, const char *const records[], struct shopify_call answers[],
                          size_t count, struct err *err);

struct bulk;
/* What is under way for this purpose, after a look at it; the answers of one that has ended are
 * handed to `take`. False = Redis, what ends the attempt, or what `take` said. */
MUST_USE bool bulk_look(struct attempt *attempt, const struct bulk_job *job, bulk_take take,
                        void *state, struct bulk **out, struct err *err);
/* What is under way for another shop of the store: nothing is asked, nothing taken. */
MUST_USE bool bulk_peek(struct attempt *attempt, const char *shop, const struct bulk_job *job,
                        struct bulk **out, struct err *err);
void bulk_free(struct bulk *bulk);
OWNABLE(bulk)
/* The record is in an operation that has not ended: it is written there, so not here. */
bool bulk_holds(const struct bulk *bulk, const char *record);
/* ... and has it changed there by our own doing, perhaps? Not before the operation began. */
bool bulk_may_have_changed(const struct bulk *bulk, const char *record, int64_t changed_ms);
/* So many records: do they go by an operation of their own? If not, they go one by one, or wait: */
enum bulk_road { BULK_SINGLY, BULK_TOGETHER, BULK_LATER };
enum bulk_road bulk_road(const struct bulk *bulk, size_t records);

struct bulk_lines;
struct bulk_lines *bulk_lines_new(void);
void bulk_lines_free(struct bulk_lines *lines);
OWNABLE(bulk_lines)
/* Takes the variables. False = it is full; the rest goes another time. */
bool bulk_lines_add(struct bulk_lines *lines, const char *record, json *variables);
size_t bulk_lines_count(const struct bulk_lines *lines);

/* Sends them, where bulk_road says TOGETHER. That it could not be started now, or has perhaps, is
 * no error: the next look knows. */
MUST_USE bool bulk_start(struct bulk *bulk, const struct bulk_lines *lines, struct err *err);

#endif
