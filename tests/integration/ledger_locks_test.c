/* ledger_locks_test.c - the lock of what is created: one fence at a time, as long as it says, and
 * never a second one while a create may still come through. */
#include "support/bed.h"

#include "ledger/write.h"

enum { TEN_S = 10000 };
typedef void (*lock_verb)(struct write *write, const char *key, int64_t until_ms);

static void unlock(struct write *write, const char *key, int64_t until_ms)
{
    (void)until_ms;
    write_unlock(write, key);
}

/* Was it done, or refused? */
static bool done(struct bed *bed, const struct ticket *ticket, const char *fence, lock_verb verb,
                 const char *key, int64_t ms)
{
    bool fenced, refused;
    OWN(write) struct write *write = write_new();
    verb(write, key, bed->now + ms);
    BED_OK(ledger_write(bed->ledger, bed->bucket, ticket->task, fence, write, &fenced, &refused,
                        &bed_err));
    assert_false(fenced);
    return !refused;
}

struct two { /* running in two categories */
    struct ticket tickets[2];
    const char *fences[2];
};

static struct two start(struct bed *bed)
{
    struct two two;
    const char *const CATEGORIES[] = {"A", "B"};
    for (size_t i = 0; i < 2; i++) {
        struct entry_definition definition = bed_once(CATEGORIES[i]);
        bed_add(bed, &definition);
        two.tickets[i] = bed_tick_one(bed);
        two.fences[i] = bed_claim(bed, &two.tickets[i]);
    }
    return two;
}
#define DOES(who, verb, key, ms) done(bed, &two.tickets[who], two.fences[who], verb, key, ms)

static void one_holds_it_until_it_gives_it_back(void **state)
{
    struct bed *bed = *state;
    struct two two = start(bed);
    assert_true(DOES(0, write_lock, "customer:x", TEN_S));
    assert_true(DOES(0, write_lock, "customer:x", TEN_S)); /* again by its holder */
    assert_false(DOES(1, write_lock, "customer:x", TEN_S));
    assert_true(DOES(1, write_lock, "customer:y", TEN_S)); /* another key */
    assert_true(DOES(1, unlock, "customer:x", 0));         /* not his: nothing happens */
    assert_false(DOES(1, write_lock, "customer:x", TEN_S));
    assert_true(DOES(0, unlock, "customer:x", 0));
    assert_true(DOES(1, write_lock, "customer:x", TEN_S));
}

static void it_ends_by_itself(void **state)
{
    struct bed *bed = *state;
    struct two two = start(bed);
    assert_true(DOES(0, write_lock, "customer:x", TEN_S));
    bed_later(bed, TEN_S - 1);
    assert_false(DOES(1, write_lock, "customer:x", TEN_S));
    bed_later(bed, 1);
    /* Nobody took it meanwhile: then its holder may go on. */
    assert_true(DOES(0, write_renew, "customer:x", TEN_S));
    assert_true(DOES(0, write_lock, "customer:x", TEN_S)); /* nothing was sent */
    bed_later(bed, TEN_S);
    assert_true(DOES(1, write_lock, "customer:x", TEN_S));
    assert_false(DOES(0, write_keep, "customer:x", TEN_S));
    assert_false(DOES(0, write_renew, "customer:x", TEN_S));
    assert_true(DOES(1, unlock, "customer:x", 0));
    assert_false(DOES(0, write_keep, "customer:x", TEN_S)); /* somebody was there */
}

static void what_is_refused_changes_nothing(void **state)
{
    struct bed *bed = *state;
    struct two two = start(bed);
    bool fenced, refused;
    OWN(write) struct write *write = write_new();
    assert_true(DOES(0, write_lock, "customer:x", TEN_S));
    write_lock(write, "customer:y", bed->now + TEN_S);
    write_lock(write, "customer:x", bed->now + TEN_S);
    BED_OK(ledger_write(bed->ledger, bed->bucket, two.tickets[1].task, two.fences[1], write,
                        &fenced, &refused, &bed_err));
    assert_true(refused);
    assert_true(DOES(0, write_lock, "customer:y", TEN_S)); /* it was not taken */
}

/* Not even by who has sent it: another record of Shopify's may ask for the same. */
static void what_may_be_on_its_way_is_not_made_again(void **state)
{
    struct bed *bed = *state;
    struct two two = start(bed);
    assert_true(DOES(0, write_lock, "customer:x", TEN_S));
    assert_true(DOES(0, write_keep, "customer:x", MINUTE));
    assert_false(DOES(0, write_lock, "customer:x", TEN_S));
    assert_true(DOES(0, unlock, "customer:x", 0)); /* now the answer is known */
    assert_true(DOES(0, write_lock, "customer:x", TEN_S));
}

/* The next attempt of a task goes on with its locks, but not where a create may be on its way. */
static void an_attempt_that_died_leaves_what_it_had_sent_locked(void **state)
{
    struct bed *bed = *state;
    struct two two = start(bed);
    assert_true(DOES(0, write_lock, "customer:looked", 10 * MINUTE));
    assert_true(DOES(0, write_lock, "customer:sent", TEN_S));
    assert_true(DOES(0, write_keep, "customer:sent", 10 * MINUTE));
    bed_finish(bed, &two.tickets[0], two.fences[0], OUTCOME_RETRY);
    bed_later(bed, MINUTE);
    two.tickets[0] = bed_tick_one(bed);
    two.fences[0] = bed_claim(bed, &two.tickets[0]);
    assert_false(DOES(1, write_lock, "customer:looked", TEN_S));
    assert_true(DOES(0, write_lock, "customer:looked", TEN_S));
    assert_false(DOES(0, write_lock, "customer:sent", TEN_S));
    assert_false(DOES(0, write_keep, "customer:sent", TEN_S));
    bed_later(bed, 9 * MINUTE);
    assert_true(DOES(0, write_lock, "customer:sent", TEN_S));
    assert_false(DOES(1, write_lock, "customer:sent", TEN_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(one_holds_it_until_it_gives_it_back),
        BED_TEST(it_ends_by_itself),
        BED_TEST(what_is_refused_changes_nothing),
        BED_TEST(what_may_be_on_its_way_is_not_made_again),
        BED_TEST(an_attempt_that_died_leaves_what_it_had_sent_locked),
    };
    return BED_RUN("ledger_locks", tests);
}
