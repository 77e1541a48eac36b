/* ledger_next_test.c - a finish that goes on with the next task of its lane: granted and claimed in
 * one script, without a ticket. */
#include "support/bed.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 8 };

/* Finishes the tasks of these tickets in one call, each with a next fence. */
static void finish_all(struct bed *bed, const struct ticket *tickets, const char *const fences[],
                       const char *const next[], size_t count, struct finish_request out[])
{
    char lane[MOST][128];
    tickets_drop(&bed->granted);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct finish_request){.outcome = OUTCOME_OK, .counts = "{}", .lane = lane[i]};
        snprintf(lane[i], sizeof lane[i], "%s:%s", tickets[i].company, tickets[i].category);
        memcpy(out[i].task, tickets[i].task, sizeof out[i].task);
        snprintf(out[i].fence, sizeof out[i].fence, "%s", fences[i]);
        snprintf(out[i].next_fence, sizeof out[i].next_fence, "%s", next[i]);
    }
    BED_OK(ledger_finish(bed->ledger, bed->bucket, out, count, &bed->granted, &bed_err));
    for (size_t i = 0; i < count; i++) {
        assert_true(out[i].done);
        arena_free(out[i].next_arena); /* the tests read what is no text of it */
        out[i].next_arena = NULL;
    }
}

static struct finish_request finish(struct bed *bed, const struct ticket *ticket, const char *fence,
                                    const char *next)
{
    struct finish_request out;
    finish_all(bed, ticket, &fence, &next, 1, &out);
    return out;
}

static struct entry_definition of(const char *operation)
{
    struct entry_definition definition = bed_once("SHPFY");
    snprintf(definition.operation, sizeof definition.operation, "%s", operation);
    return definition;
}

static void the_next_runs_without_a_ticket(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = of("orders.sync");
    bed_add(bed, &definition);
    struct ticket first = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &first), *second = bed_add(bed, &definition);
    bed_tick(bed);
    bed_stands(bed, second, "6", "gated");

    bed_later(bed, 1000);
    struct finish_request done = finish(bed, &first, fence, "worker.77");
    assert_true(done.has_next);
    assert_int_equal(0, bed->granted.count);
    assert_string_equal(second, done.next.ticket.entry);
    assert_string_equal(bed_field(bed, second, "task"), done.next.ticket.task);
    assert_int_equal(1, done.next.ticket.attempt);
    assert_int_equal(bed->now, done.next.claimed_ms);
    bed_stands(bed, second, "1", "running");
    assert_string_equal("worker.77", bed_field(bed, second, "fence"));
    assert_int_equal(2, bed_recorded(bed, "grant"));
    assert_int_equal(2, bed_recorded(bed, "claim"));
    assert_string_equal("", bed_audit(bed));
    assert_int_equal(BEAT_OK, bed_beat(bed, &done.next.ticket, "worker.77"));

    struct finish_request last = finish(bed, &done.next.ticket, "worker.77", "worker.78");
    assert_false(last.has_next); /* nobody waits */
    assert_true(bed_gone(bed, second));
}

static void a_lost_reply_is_answered_again(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = of("orders.sync");
    bed_add(bed, &definition);
    struct ticket first = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &first), *second = bed_add(bed, &definition);
    bed_tick(bed);

    assert_true(finish(bed, &first, fence, "worker.77").has_next);
    bed_later(bed, BED_LEASE_MS);
    struct finish_request again = finish(bed, &first, fence, "worker.77");
    assert_true(again.has_next);
    assert_string_equal(second, again.next.ticket.entry);
    assert_int_equal(1, bed_recorded(bed, "finish"));
    assert_int_equal(2, bed_recorded(bed, "claim"));
    /* The lease counts from the answer that arrived. */
    OWN_REPLY redisReply *end = bed_redis(bed, "ZSCORE ~run %s", second);
    assert_int_equal(bed->now + BED_LEASE_MS, strtoll(end->str, NULL, 10));
    assert_false(finish(bed, &first, fence, "worker.79").has_next); /* that fence holds nothing */
}

static void another_operation_goes_by_ticket(void **state)
{
    struct bed *bed = *state;
    struct entry_definition orders = of("orders.sync"), products = of("products.sync");
    bed_add(bed, &orders);
    struct ticket first = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &first), *second = bed_add(bed, &products);
    bed_tick(bed);

    assert_false(finish(bed, &first, fence, "worker.77").has_next);
    assert_int_equal(1, bed->granted.count);
    assert_string_equal(second, bed->granted.items[0].entry);
    bed_stands(bed, second, "0", "granted");
}

/* Two of five permits end in one call: each goes on with one, and no more is granted than is free.
 */
static void each_of_a_bundle_goes_on(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = of("orders.sync");
    struct ticket first[2];
    const char *fences[2];
    struct finish_request done[2];
    definition.category[0] = 0;
    for (int i = 0; i < 8; i++)
        bed_add(bed, &definition);
    assert_int_equal(5, bed_tick(bed));
    for (int i = 0; i < 2; i++)
        first[i] = bed->granted.items[i];
    for (int i = 0; i < 2; i++)
        fences[i] = bed_claim(bed, &first[i]);

    finish_all(bed, first, fences, (const char *const[]){"worker.71", "worker.72"}, 2, done);
    assert_true(done[0].has_next && done[1].has_next);
    assert_string_equal("worker.71", bed_field(bed, done[0].next.ticket.entry, "fence"));
    assert_string_equal("worker.72", bed_field(bed, done[1].next.ticket.entry, "fence"));
    assert_int_equal(0, bed->granted.count);
    OWN_REPLY redisReply *held = bed_redis(bed, "SCARD ~permit:%s:", BED_COMPANY);
    assert_int_equal(5, held->integer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(the_next_runs_without_a_ticket),
        BED_TEST(a_lost_reply_is_answered_again),
        BED_TEST(another_operation_goes_by_ticket),
        BED_TEST(each_of_a_bundle_goes_on),
    };
    return BED_RUN("ledger_next", tests);
}
