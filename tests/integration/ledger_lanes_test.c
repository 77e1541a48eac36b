/* ledger_lanes_test.c - what entries of one category, or of one bucket, mean to each other: order,
 * permits, pause, hand-over.
 */
#include "support/bed.h"

#include <string.h>

#include "admin/why.h"
#include "ledger/categories.h"

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

/* ---- what people say about a category ---- */

static size_t set(struct bed *bed, const char *category, struct category_change change)
{
    struct tickets granted = {0};
    bool changed;
    BED_OK(ledger_category_set(bed->ledger, BED_COMPANY, category, &change, &changed, &granted,
                               &bed_err));
    tickets_drop(&bed->granted);
    bed->granted = granted;
    return granted.count;
}

static const char *why(struct bed *bed, const char *entry, const char **next)
{
    OWN_JSON json *tree = NULL;
    BED_OK(why_run(&(struct admin_config){0}, bed->ledger, BED_COMPANY,
                   bed_field(bed, entry, "task"), &tree, &bed_err));
    if (next)
        *next = arena_text(bed->arena, json_text(json_get(tree, "action"), "command"));
    return arena_text(bed->arena, json_text(tree, "text"));
}

static void as_many_run_as_there_are_permits(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("POST");
    for (int i = 0; i < 4; i++)
        bed_add(bed, &definition);
    struct ticket first = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &first);
    assert_int_equal(2, set(bed, "POST", (struct category_change){.permits = 3}));
    assert_int_equal(0, set(bed, "POST", (struct category_change){.permits = 3}));
    /* Fewer than run: those go on, nothing follows until they are few enough. */
    assert_int_equal(0, set(bed, "POST", (struct category_change){.permits = 1}));
    bed_finish(bed, &first, fence, OUTCOME_OK);
    assert_int_equal(0, bed->granted.count);
    OWN_REPLY redisReply *settings = bed_redis(bed, "HGETALL ~cat:%s:POST", BED_COMPANY);
    assert_int_equal(0, settings->elements); /* what is usual takes no room */
}

static void a_paused_category_lets_nothing_begin(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    const char *next;
    bed_add(bed, &definition);
    struct ticket running = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &running);
    assert_int_equal(0, set(bed, "SHPFY", (struct category_change){.pause = PAUSE_ON}));
    const char *waits = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    assert_string_equal("waits for category SHPFY, which is paused", why(bed, waits, &next));
    assert_string_equal("cartage category resume SHPFY", next);
    assert_int_equal(BEAT_OK, bed_beat(bed, &running, fence));
    bed_finish(bed, &running, fence, OUTCOME_OK);
    assert_int_equal(0, bed->granted.count);
    bed_later(bed, 60 * MINUTE);
    assert_int_equal(0, bed_tick(bed));
    bed_stands(bed, waits, "6", "gated");
    assert_int_equal(1, set(bed, "SHPFY", (struct category_change){.pause = PAUSE_OFF}));
    bed_ticket(bed, waits);
    assert_int_equal(2, bed_recorded(bed, "category"));
}

static void nobody_hands_over_to_a_paused_category(void **state)
{
    struct bed *bed = *state;
    struct entry_definition low = bed_once("SHPFY"), high = bed_once("SHPFY");
    const char *fence;
    low.priority = PRIORITY_LOW;
    struct ticket ticket = run(bed, &low, &fence);
    bed_add(bed, &high);
    bed_tick(bed);
    set(bed, "SHPFY", (struct category_change){.pause = PAUSE_ON});
    bed_later(bed, 60000);
    assert_int_equal(BEAT_OK, bed_beat(bed, &ticket, fence));
    set(bed, "SHPFY", (struct category_change){.pause = PAUSE_OFF});
    assert_int_equal(BEAT_YIELD, bed_beat(bed, &ticket, fence));
}

/* Adds entries of these priorities, a minute apart, behind one that runs; gives their ids. */
static void queue_up(struct bed *bed, const enum priority priorities[], size_t count,
                     const char *ids[])
{
    struct entry_definition definition = bed_once("SHPFY");
    for (size_t i = 0; i < count; i++) {
        definition.priority = priorities[i];
        ids[i] = bed_add(bed, &definition);
        assert_int_equal(0, bed_tick(bed));
        bed_later(bed, MINUTE);
    }
}

/* Ends the run at hand; the next one is granted by that, and claimed. */
static const char *next_in_line(struct bed *bed, struct ticket *ticket, const char **fence)
{
    bed_finish(bed, ticket, *fence, OUTCOME_OK);
    assert_int_equal(1, bed->granted.count);
    *ticket = bed->granted.items[0];
    *fence = bed_claim(bed, ticket);
    return arena_text(bed->arena, ticket->entry);
}

static void overtaking_is_bounded_unless_the_order_is_strict(void **state)
{
    static const enum priority PRIORITIES[] = {PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_HIGH,
                                               PRIORITY_NORMAL};
    struct bed *bed = *state;
    const char *ids[COUNT(PRIORITIES)], *fence;
    struct entry_definition definition = bed_once("SHPFY");
    struct ticket ticket = run(bed, &definition, &fence);
    queue_up(bed, PRIORITIES, 1, ids);
    bed_later(bed, 40 * MINUTE); /* more than the whole handicap of Low */
    queue_up(bed, PRIORITIES + 1, 3, ids + 1);
    assert_string_equal(ids[0], next_in_line(bed, &ticket, &fence));

    /* The lane changes over while three wait, and back. */
    assert_int_equal(0, set(bed, "SHPFY", (struct category_change){.order = ORDER_STRICT}));
    ids[0] = bed_add(bed, &definition);
    assert_int_equal(0, bed_tick(bed));
    assert_string_equal(ids[2],
                        next_in_line(bed, &ticket, &fence)); /* High, the last to come but one */
    assert_string_equal(ids[1], next_in_line(bed, &ticket, &fence)); /* then by age of the entry */
    assert_int_equal(0, set(bed, "SHPFY", (struct category_change){.order = ORDER_BOUNDED}));
    assert_string_equal(ids[3], next_in_line(bed, &ticket, &fence));
    assert_string_equal(ids[0], next_in_line(bed, &ticket, &fence));
}

static void strict_low_waits_for_ever_behind_high(void **state)
{
    static const enum priority LOW[] = {PRIORITY_LOW}, HIGH[] = {PRIORITY_HIGH};
    struct bed *bed = *state;
    const char *low, *high, *fence;
    struct entry_definition definition = bed_once("SHPFY");
    set(bed, "SHPFY", (struct category_change){.order = ORDER_STRICT});
    struct ticket ticket = run(bed, &definition, &fence);
    queue_up(bed, LOW, 1, &low);
    bed_later(bed, 24 * 60 * MINUTE);
    queue_up(bed, HIGH, 1, &high);
    assert_string_equal(high, next_in_line(bed, &ticket, &fence));
    assert_string_equal(low, next_in_line(bed, &ticket, &fence));
}

static void a_long_line_changes_its_order_in_pieces(void **state)
{
    enum { MANY = 150 };
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    const char *fence;
    run(bed, &definition, &fence);
    for (int i = 0; i < MANY; i++) {
        definition.priority = i == MANY - 1 ? PRIORITY_HIGH : PRIORITY_LOW;
        bed_add(bed, &definition);
    }
    for (int i = 0; i < MANY; i += 64)
        assert_int_equal(0, bed_tick(bed));
    set(bed, "SHPFY", (struct category_change){.order = ORDER_STRICT});
    OWN_REPLY redisReply *left = bed_redis(bed, "ZCOUNT ~wait:%s:SHPFY 0 +inf", BED_COMPANY);
    assert_int_equal(0, left->integer);
    set(bed, "SHPFY", (struct category_change){.order = ORDER_BOUNDED});
    OWN_REPLY redisReply *others = bed_redis(bed, "ZCOUNT ~wait:%s:SHPFY 0 +inf", BED_COMPANY);
    assert_int_equal(MANY, others->integer);
    /* A flood of permits is granted in pieces, too. */
    set(bed, "SHPFY", (struct category_change){.permits = 100});
    assert_int_equal(99, bed->granted.count);
}

static void a_category_shows_who_holds_it(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY"), none = bed_once("");
    OWN_JSON json *list = NULL, *unknown = NULL;
    const char *fence;
    run(bed, &definition, &fence);
    bed_add(bed, &definition);
    bed_add(bed, &none);
    bed_tick(bed);
    BED_OK(ledger_categories(bed->ledger, BED_COMPANY, &list, &bed_err));
    assert_int_equal(2, json_count(list)); /* by name, the blank one first */
    assert_int_equal(5, json_int(json_at(list, 0), "permits", 0));
    const json *shpfy = json_at(list, 1), *holder = json_at(json_get(shpfy, "holders"), 0);
    assert_string_equal("SHPFY", json_text(shpfy, "category"));
    assert_int_equal(1, json_int(shpfy, "waiting", 0));
    assert_string_equal("running", json_text(holder, "state"));
    BED_OK(ledger_category(bed->ledger, BED_COMPANY, "NEW", &unknown, &bed_err));
    assert_int_equal(1, json_int(unknown, "permits", 0));
    assert_string_equal("bounded", json_text(unknown, "order"));
}

/* ---- priority ---- */

static bool raise_it(struct ledger *ledger, const char *company, const char *entry,
                     struct tickets *granted, struct err *err)
{
    return ledger_priority(ledger, company, entry, PRIORITY_HIGH, granted, err);
}

static void a_new_priority_counts_at_once_where_it_waits(void **state)
{
    static const enum priority LOW[] = {PRIORITY_LOW, PRIORITY_LOW, PRIORITY_LOW};
    struct bed *bed = *state;
    const char *ids[3], *fence;
    struct entry_definition definition = bed_once("SHPFY");
    struct ticket ticket = run(bed, &definition, &fence);
    queue_up(bed, LOW, 3, ids);
    int64_t epoch = bed_number(bed, ids[2], "epoch"), rev = bed_number(bed, ids[2], "rev");
    assert_int_equal(0, bed_ask(bed, raise_it, ids[2]));
    assert_int_equal(epoch, bed_number(bed, ids[2], "epoch"));
    assert_int_equal(rev + 1, bed_number(bed, ids[2], "rev"));
    assert_int_equal(0, bed_ask(bed, raise_it, ids[2])); /* again: nothing */
    assert_int_equal(rev + 1, bed_number(bed, ids[2], "rev"));
    assert_string_equal(ids[2], next_in_line(bed, &ticket, &fence));

    /* It runs now: refused, and that is recorded. */
    assert_int_equal(409, bed_ask(bed, raise_it, ids[2]));
    assert_non_null(strstr(bed_err.text, "runs"));
    assert_int_equal(1, bed_recorded(bed, "refused"));
    assert_int_equal(404, bed_ask(bed, raise_it, BED_COMPANY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(a_higher_priority_that_waits_ten_seconds_stops_a_run),
        BED_TEST(a_run_has_half_a_minute_between_two_hand_overs),
        BED_TEST(a_grant_without_an_executor_stops_a_run),
        BED_TEST(in_mode_bc_nobody_is_stopped),
        BED_TEST(as_many_run_as_there_are_permits),
        BED_TEST(a_paused_category_lets_nothing_begin),
        BED_TEST(nobody_hands_over_to_a_paused_category),
        BED_TEST(overtaking_is_bounded_unless_the_order_is_strict),
        BED_TEST(strict_low_waits_for_ever_behind_high),
        BED_TEST(a_long_line_changes_its_order_in_pieces),
        BED_TEST(a_category_shows_who_holds_it),
        BED_TEST(a_new_priority_counts_at_once_where_it_waits),
    };
    return BED_RUN("ledger_lanes", tests);
}
