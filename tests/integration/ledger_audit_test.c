/* ledger_audit_test.c - whatever is broken by hand, one walk of the audit finds, names and puts
 * right. That nothing is broken otherwise, the end of every bed checks.
 */
#include "support/bed.h"

#include <stdio.h>
#include <string.h>

#define SHPFY "8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11:SHPFY"
#define GHOST "99999999-9999-4999-8999-999999999999"

/* Five entries in five places. */
struct places {
    const char *due, *gated, *granted, *running, *rest;
    const char *fence;
    struct ticket run;
};

static void fill(struct bed *bed, struct places *places)
{
    struct entry_definition shpfy = bed_once("SHPFY"), post = bed_once("POST");
    places->running = bed_add(bed, &shpfy);
    places->run = bed_tick_one(bed);
    places->fence = bed_claim(bed, &places->run);
    places->gated = bed_add(bed, &shpfy);
    places->granted = bed_add(bed, &post);
    assert_int_equal(1, bed_tick(bed));
    shpfy.start_ms = bed->now + 60 * MINUTE;
    places->due = bed_add(bed, &shpfy);
    shpfy.on_hold = true;
    places->rest = bed_add(bed, &shpfy);
    bed_stands(bed, places->due, "0", "due");
    bed_stands(bed, places->gated, "6", "gated");
    bed_stands(bed, places->granted, "0", "granted");
    bed_stands(bed, places->running, "1", "running");
    bed_stands(bed, places->rest, "3", "rest");
}

/* `%s` of the command is the entry in that place. */
static const struct {
    const char *damage;
    size_t place; /* offset in struct places */
    const char *found, *status, *sub;
} DAMAGES[] = {
  /* clang-format off */
#define AT(name) offsetof(struct places, name)
    {"ZREM ~due %s", AT(due), "it was missing in due", "0", "due"},
    {"ZADD ~due 5 %s", AT(due), "it stood in due at another time", "0", "due"},
    {"ZREM ~wait:" SHPFY " %s", AT(gated), "it was missing in wait:" SHPFY, "6", "gated"},
    {"ZADD ~wait:" SHPFY " 5 %s", AT(gated), "it stood in wait:" SHPFY " at another time", "6", "gated"},
    {"ZREM ~open %s", AT(granted), "it was missing in open", "0", "granted"},
    {"ZREM ~run %s", AT(running), "it was missing in run", "1", "running"},
    {"ZREM ~rest:8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11 %s", AT(rest),
     "it was missing in rest:8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11", "3", "rest"},
    {"ZREM ~list:8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11 %s", AT(due), "it was missing in the list of its company", "0", "due"},
    {"ZADD ~due 5 %s", AT(running), "due", "1", "running"},
    {"ZADD ~wait:" SHPFY " 5 %s", AT(running), ("wait:" SHPFY), "1", "running"},
    {"ZADD ~open 5 %s", AT(gated), "open", "6", "gated"},
    {"SREM ~permit:" SHPFY " %s", AT(running), "it had no permit", "1", "running"},
    {"HDEL ~e:%s lane", AT(running), "", "1", "running"},
    {"SADD ~permit:" SHPFY " %s", AT(rest), "permit", "3", "rest"},
    {"HSET ~e:%s status 0", AT(running), "its status did not fit its place", "1", "running"},
    {"HSET ~e:%s status 4", AT(due), "its status did not fit its place", "0", "due"},
    {"HSET ~e:%s sub nowhere", AT(due), "its state did not exist", "2", "rest"},
  /* clang-format on */
};

static void each_damage_is_named_and_put_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DAMAGES); i++) {
        void *one;
        struct places places;
        char command[256], *found;
        bed_set_up(&one);
        struct bed *bed = one;
        fill(bed, &places);
        const char *entry = *(const char **)((char *)&places + DAMAGES[i].place);
        snprintf(command, sizeof command, "%s", DAMAGES[i].damage);
        found = strstr(command, "%s");
        snprintf(found, sizeof command - (size_t)(found - command), "%s%s", entry,
                 strstr(DAMAGES[i].damage, "%s") + 2);
        bed_change(bed, "%s", command);
        const char *said = bed_audit(bed);
        if (!strstr(said, DAMAGES[i].found))
            fail_msg("%s: the audit says \"%s\"", command, said);
        if (strcmp(DAMAGES[i].sub, bed_field(bed, entry, "sub")) != 0 ||
            strcmp(DAMAGES[i].status, bed_field(bed, entry, "status")) != 0)
            fail_msg("%s: it stands at %s/%s", command, bed_field(bed, entry, "status"),
                     bed_field(bed, entry, "sub"));
        assert_true(bed_recorded(bed, "anomaly") > 0);
        bed_tear_down(&one); /* a second walk finds nothing */
    }
}

static void what_may_be_running_keeps_a_lease(void **state)
{
    struct bed *bed = *state;
    struct places places;
    fill(bed, &places);
    bed_change(bed, "ZREM ~run %s", places.running);
    bed_later(bed, 60 * MINUTE);
    bed_audit(bed);
    OWN_REPLY redisReply *score = bed_redis(bed, "ZSCORE ~run %s", places.running);
    assert_int_equal(bed->now + BED_LEASE_MS, strtoll(score->str, NULL, 10));
    bed_finish(bed, &places.run, places.fence, OUTCOME_OK); /* its worker lived */
    bed_ticket(bed, places.gated);
}

static void members_without_an_entry_are_removed(void **state)
{
    static const char *const INDEXES[] = {"due",
                                          "open",
                                          "run",
                                          ("wait:" SHPFY),
                                          "wait:ghost:XX",
                                          "rest:8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11",
                                          "list:8d3c0d6e-7f0a-4b43-9d53-5b2f6d1f0a11"};
    struct bed *bed = *state;
    struct places places;
    fill(bed, &places);
    for (size_t i = 0; i < COUNT(INDEXES); i++) {
        bed_change(bed, "ZADD ~%s 5 " GHOST, INDEXES[i]);
    }
    /* None of them stops a tick, a reaper, a grant. */
    struct reaped reaped = {0};
    struct tickets again = {0};
    BED_OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &bed_err));
    tickets_drop(&again);
    bed_tick(bed);
    const char *said = bed_audit(bed);
    assert_non_null(strstr(said, "no entry, but a place in due"));
    for (size_t i = 0; i < COUNT(INDEXES); i++) {
        OWN_REPLY redisReply *score = bed_redis(bed, "ZSCORE ~%s " GHOST, INDEXES[i]);
        assert_int_equal(REDIS_REPLY_NIL, score->type);
    }
    bed_finish(bed, &places.run, places.fence, OUTCOME_OK);
    bed_ticket(bed, places.gated);
}

static void a_permit_without_an_entry_blocks_its_lane_until_the_audit(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    bed_change(bed, "SADD ~permit:" SHPFY " " GHOST);
    const char *entry = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    bed_audit(bed);
    assert_int_equal(1, bed->granted.count); /* whoever frees a permit grants */
    bed_ticket(bed, entry);
}

static void nothing_waits_beside_a_free_permit(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    bed_change(bed, "HSET ~cat:" SHPFY " paused 1");
    const char *entry = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    bed_change(bed, "DEL ~cat:" SHPFY); /* not as the script does it */
    assert_non_null(strstr(bed_audit(bed), "it waited beside a free permit"));
    bed_ticket(bed, entry);
}

static void half_an_entry_is_taken_away(void **state)
{
    struct bed *bed = *state;
    bed_change(bed, "HSET ~e:" GHOST " progress x");
    bed_change(bed, "ZADD ~due 5 " GHOST);
    assert_non_null(strstr(bed_audit(bed), "a part of an entry was left"));
    assert_true(bed_gone(bed, GHOST));
}

static void a_walk_sees_every_entry_once_its_pages_are_full(void **state)
{
    struct bed *bed = *state;
    enum { MANY = 200 };
    const char *entries[MANY];
    struct entry_definition definition = bed_once("SHPFY");
    definition.start_ms = bed->now + 60 * MINUTE;
    for (int i = 0; i < MANY; i++)
        entries[i] = bed_add(bed, &definition);
    for (int i = 0; i < MANY; i += 3) {
        bed_change(bed, "ZREM ~due %s", entries[i]);
    }
    bed_audit(bed);
    assert_int_equal((MANY + 2) / 3, bed_recorded(bed, "anomaly"));
    OWN_REPLY redisReply *count = bed_redis(bed, "ZCARD ~due");
    assert_int_equal(MANY, count->integer);
}

static void a_lane_that_changes_its_order_is_no_anomaly(void **state)
{
    struct bed *bed = *state;
    struct places places;
    fill(bed, &places);
    bed_change(bed, "HSET ~cat:" SHPFY " order strict"); /* and died */
    assert_string_equal("", bed_audit(bed));
    OWN_REPLY redisReply *score = bed_redis(bed, "ZSCORE ~wait:" SHPFY " %s", places.gated);
    assert_true(strtoll(score->str, NULL, 10) < 0);
}

static void producers_take_turns(void **state)
{
    struct bed *bed = *state;
    bool mine, busy;
    BED_OK(audit_turn(bed->ledger, "a", true, &mine, &busy, &bed_err));
    assert_true(mine);
    BED_OK(audit_turn(bed->ledger, "b", true, &mine, &busy, &bed_err));
    assert_false(mine);
    assert_true(busy);
    BED_OK(audit_over(bed->ledger, 60000, &bed_err));
    BED_OK(audit_turn(bed->ledger, "b", false, &mine, &busy, &bed_err));
    assert_false(mine);
    assert_false(busy);
    BED_OK(audit_turn(bed->ledger, "c", true, &mine, &busy, &bed_err)); /* it has just started */
    assert_true(mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_damage_is_named_and_put_right),
        BED_TEST(what_may_be_running_keeps_a_lease),
        BED_TEST(members_without_an_entry_are_removed),
        BED_TEST(a_permit_without_an_entry_blocks_its_lane_until_the_audit),
        BED_TEST(nothing_waits_beside_a_free_permit),
        BED_TEST(half_an_entry_is_taken_away),
        BED_TEST(a_walk_sees_every_entry_once_its_pages_are_full),
        BED_TEST(a_lane_that_changes_its_order_is_no_anomaly),
        BED_TEST(producers_take_turns),
    };
    return BED_RUN("ledger_audit", tests);
}
