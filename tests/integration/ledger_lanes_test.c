/* ledger_lanes_test.c - what entries of one category, or of one bucket, mean to each other: order,
 * permits, pause, hand-over.
 */
#include "support/bed.h"

#include <string.h>

/* ---- hand-over ---- */

static struct ticket run(struct bed *bed, const struct entry_definition *definition,
                         const char **fence)
{
    bed_add(bed, definition);
    while (!bed_tick(bed))
        bed_later(bed, 1000); /* a schedule begins a second from now in mode bc */
    struct ticket ticket = bed->granted.items[0];
    *fence = bed_claim(bed, &ticket);
    return ticket;
}

static void a_higher_priority_that_waits_ten_seconds_stops_a_run(void **state)
{
    struct bed *bed = *state;
    struct entry_definition low = bed_once("SHPFY"), high = bed_once("SHPFY");
    const char *fence;
    low.priority = PRIORITY_LOW;
    struct ticket ticket = run(bed, &low, &fence);
    bed_at(bed, BED_START + 60000);
    bed_add(bed, &low); /* its equal may wait */
    bed_tick(bed);
    bed_later(bed, 20000);
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
    const char *urgent = bed_add(bed, &high);
    bed_tick(bed);
    bed_later(bed, 10000);
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
    bed_later(bed, 1);
    assert_int_equal(BEAT_YIELD, bed_beat(bed, &ticket, fence));
    bed_finish(bed, &ticket, fence, OUTCOME_PARK);
    ticket = bed_ticket(bed, urgent); /* granted by the park itself */
}

static void a_run_has_half_a_minute_between_two_hand_overs(void **state)
{
    struct bed *bed = *state;
    struct entry_definition low = bed_once("SHPFY"), high = bed_once("SHPFY");
    const char *fence;
    low.priority = PRIORITY_LOW;
    struct ticket first = run(bed, &low, &fence);
    bed_add(bed, &high);
    bed_tick(bed);
    bed_later(bed, 29999);
    assert_int_equal(BEAT_OK, bed_beat(bed, &first, fence));
    bed_later(bed, 1);
    assert_int_equal(BEAT_YIELD, bed_beat(bed, &first, fence));
    bed_finish(bed, &first, fence, OUTCOME_PARK);
    struct ticket urgent = bed->granted.items[0];
    const char *other = bed_claim(bed, &urgent);
    bed_add(bed, &high); /* the next one is there already */
    bed_tick(bed);
    bed_later(bed, 12000);
    bed_finish(bed, &urgent, other, OUTCOME_OK);
    struct ticket second = bed->granted.items[0];
    if (strcmp(second.entry, first.entry) != 0) { /* by its order key the other High goes first */
        other = bed_claim(bed, &second);
        bed_tick(bed);
        bed_finish(bed, &second, other, OUTCOME_OK);
        second = bed_ticket(bed, first.entry);
    }
    assert_int_equal(2, second.attempt);
    fence = bed_claim(bed, &second);
    bed_add(bed, &high);
    bed_tick(bed);
    bed_later(bed, 29000);
    assert_int_equal(BEAT_OK, bed_beat(bed, &second, fence));
    bed_later(bed, 1000);
    assert_int_equal(BEAT_YIELD, bed_beat(bed, &second, fence));
}

static void a_grant_without_an_executor_stops_a_run(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY"), other = bed_once("POST");
    const char *fence;
    struct ticket ticket = run(bed, &definition, &fence);
    bed_at(bed, BED_START + 40000);
    other.priority = PRIORITY_LOW;
    bed_add(bed, &other);
    assert_int_equal(1, bed_tick(bed));
    bed_later(bed, 5000);
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
    bed_later(bed, 1);
    assert_int_equal(BEAT_YIELD, bed_beat(bed, &ticket, fence));
    /* Ten minutes of hand-overs did not help: its category is served by nobody. */
    bed_later(bed, 10 * MINUTE);
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
}

static void in_mode_bc_nobody_is_stopped(void **state)
{
    struct bed *bed = *state;
    struct entry_definition low = bed_every("SHPFY", 60 * MINUTE), high = bed_once("SHPFY"),
                            other = bed_once("POST");
    const char *fence;
    low.priority = PRIORITY_LOW;
    low.days = EVERY_DAY;
    low.bc = true;
    struct ticket ticket = run(bed, &low, &fence);
    bed_add(bed, &high);
    bed_add(bed, &other);
    assert_int_equal(1, bed_tick(bed));
    bed_later(bed, 60000);
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(a_higher_priority_that_waits_ten_seconds_stops_a_run),
        BED_TEST(a_run_has_half_a_minute_between_two_hand_overs),
        BED_TEST(a_grant_without_an_executor_stops_a_run),
        BED_TEST(in_mode_bc_nobody_is_stopped),
    };
    return BED_RUN("ledger_lanes", tests);
}
