/* payments.h - what payouts.sync and disputes.sync share: records of Shopify Payments, staged field
 * by field. Of those two only.
 */
#ifndef CARTAGE_PAYMENTS_H
#define CARTAGE_PAYMENTS_H

#include "attempt.h"
#include "store/store.h"

struct payments {
    struct attempt *attempt;
    const char *company;
    char store[80]; /* the store's name without its domain */
    struct write *write;
    int64_t now_ms;
};
void payments_open(struct attempt *attempt, struct write *write, struct payments *out);
/* "payouts:<store>", in the attempt's arena. */
const char *payments_key(const struct payments *payments, const char *index);

/* A field of a staged record, and where the answer has it. */
struct payment_field {
    const char *name, *path;
    enum { FIELD_TEXT, FIELD_ID, FIELD_FLAG } kind;
};
enum { PAYMENT_FIELDS_MOST = 20 };

struct payment_record {
    const char *id;
    const char *now[PAYMENT_FIELDS_MOST], *before[PAYMENT_FIELDS_MOST]; /* "" = none */
    bool created;
};
struct payment_kind {
    const char *prefix; /* "payout:" */
    const struct payment_field *fields;
    size_t count;
    /* The record has come, or is not what it was: lists that it stands in. */
    void (*index)(struct payments *payments, const struct payment_record *record);
};

/* Stages those nodes that are new or not what they were. null among them = Shopify has it no more.
 * *highest = the highest id of them where that is higher; *ascending is unset where one is not
 * higher than the one before it. Both may be NULL. */
MUST_USE bool payments_stage(struct payments *payments, const struct payment_kind *kind,
                             const json *nodes, int64_t *highest, bool *ascending, struct err *err);

/* Reads these again by their ids, a page at a time. */
MUST_USE bool payments_again(struct payments *payments, const struct payment_kind *kind,
                             const char *document, const char *type, const struct store_ids *ids,
                             struct err *err);

/* A list by pages, each staged before the next is asked for. `mark` = the field of `mark_key` that
 * moves up to what is staged, where the list ascends, else at its end; NULL = none. */
struct payments_walk {
    const struct payment_kind *kind;
    const char *list;  /* "payouts", its name in the answer */
    const char *query; /* "" = all */
    const char *mark;
    int64_t highest; /* known; 0 = nothing */
    bool disordered;
    char *after;
    bool ended;
};
/* Takes one page of it. */
MUST_USE bool payments_walk_page(struct payments *payments, struct payments_walk *walk,
                                 const char *mark_key, const json *list, struct err *err);

#endif
