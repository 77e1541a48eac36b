/* bed.h - the ledger's scripts on a real Redis at a time that the test sets: one company, one
 * connection, and the words in which tests of the queue speak. What cannot be done fails the test.
 */
#ifndef CARTAGE_TEST_BED_H
#define CARTAGE_TEST_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/audit.h"
#include "ledger/commands.h"
#include "support/redis.h"

#define BED_START 1767225600000LL /* 2026-01-01 */
#define MINUTE 60000LL
enum { BED_LEASE_MS = 10000, BED_GRACE_MS = 3000 };
extern const char BED_COMPANY[UUID_TEXT];

struct bed { /* a data set of its own */
    struct ledger *ledger;
    struct arena *arena;
    int64_t now;
    int bucket, fences;
    char environment[33];
    struct tickets granted; /* by the latest call that grants */
};

/* One Redis for a program's tests, a bed for each of them. */
int bed_group_set_up(void **state);
int bed_group_tear_down(void **state);
int bed_set_up(void **state);
int bed_tear_down(void **state); /* the audit must find nothing */
#define BED_TEST(test) cmocka_unit_test_setup_teardown(test, bed_set_up, bed_tear_down)
#define BED_RUN(name, tests)                                                                       \
    cmocka_run_group_tests_name(name, tests, bed_group_set_up, bed_group_tear_down)

#define BED_OK(what)                                                                               \
    do {                                                                                           \
        if (!(what))                                                                               \
            fail_msg("%s", bed_err.text);                                                          \
    } while (0)
extern struct err bed_err;

void bed_at(struct bed *bed, int64_t now);
void bed_later(struct bed *bed, int64_t ms);

struct entry_definition bed_once(const char *category);
struct entry_definition bed_every(const char *category, int64_t every_ms);
const char *bed_add(struct bed *bed, const struct entry_definition *definition);
void bed_edit(struct bed *bed, const char *entry, const struct entry_definition *definition);

size_t bed_tick(struct bed *bed); /* one tick of a producer; how many grants */
/* The only ticket that one tick grants. */
struct ticket bed_tick_one(struct bed *bed);
/* The first of the tickets that the latest call granted to this entry. */
struct ticket bed_ticket(struct bed *bed, const char *entry);
enum claim bed_claim_as(struct bed *bed, const struct ticket *ticket, const char *fence);
const char *bed_claim(struct bed *bed, const struct ticket *ticket); /* its fence */
enum beat bed_beat(struct bed *bed, const struct ticket *ticket, const char *fence);
/* false = fenced. */
bool bed_finish_at(struct bed *bed, const struct ticket *ticket, const char *fence,
                   enum outcome outcome, int64_t at_ms);
void bed_finish(struct bed *bed, const struct ticket *ticket, const char *fence,
                enum outcome outcome);

/* A command on one entry; the code of its refusal, 0 = done. */
typedef bool (*bed_command)(struct ledger *ledger, const char *company, const char *entry,
                            struct tickets *granted, struct err *err);
int bed_ask(struct bed *bed, bed_command command, const char *entry);
int bed_hold(struct bed *bed, const char *entry, bool stop);
int bed_wake(struct bed *bed, const char *entry);

/* A whole walk: what was found wrong, a line each; "" = nothing. */
const char *bed_audit(struct bed *bed);

/* Any command of Redis; "~" at the start of a word is the bucket's prefix. Owned by the caller. */
redisReply *bed_redis(struct bed *bed, const char *format, ...) PRINTF(2, 3);
void bed_change(struct bed *bed, const char *format, ...)
    PRINTF(2, 3); /* the answer is of no interest */
const char *bed_field(struct bed *bed, const char *entry, const char *name); /* "" = none */
int64_t bed_number(struct bed *bed, const char *entry, const char *name);
bool bed_gone(struct bed *bed, const char *entry);
void bed_stands(struct bed *bed, const char *entry, const char *status, const char *sub);
int bed_recorded(struct bed *bed, const char *event); /* records of the history */

#endif
