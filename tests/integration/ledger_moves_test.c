/* ledger_moves_test.c - the table of legal moves against the real scripts: every place an entry can
 * stand at, and every event there is. What is a row happens and leads where the row says; what is
 * none changes nothing, and a person's or trigger's wish that is refused stands in the history.
 */
#include "support/bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/categories.h"

#define NOBODYS_FENCE "00112233aabbccdd.999"

/* An entry in its place, and what a worker or a person knows of it. */
struct at_hand {
    struct bed *bed;
    const char *entry;
    struct ticket ticket, blocker;     /* its latest ticket; who holds the category */
    const char *fence, *blocker_fence; /* of the claim, where it runs */
    struct entry_definition definition;
};

static void set(struct at_hand *hand, struct category_change change)
{
    bool changed;
    struct tickets granted = {0};
    BED_OK(ledger_category_set(hand->bed->ledger, BED_COMPANY, "SHPFY", &change, &changed, &granted,
                               &bed_err));
    tickets_drop(&granted);
}

/* ---- places ---- */

static void to_due(struct at_hand *hand)
{
    /* Waits for a retry, so that there is a task to cancel. */
    hand->entry = bed_add(hand->bed, &hand->definition);
    hand->ticket = bed_tick_one(hand->bed);
    hand->fence = bed_claim(hand->bed, &hand->ticket);
    bed_finish(hand->bed, &hand->ticket, hand->fence, OUTCOME_RETRY);
    hand->ticket.attempt++; /* the next one's */
    hand->fence = NOBODYS_FENCE;
}

static void to_idle(struct at_hand *hand)
{
    hand->definition.idle_ms = 60 * MINUTE;
    hand->entry = bed_add(hand->bed, &hand->definition);
    hand->ticket = bed_tick_one(hand->bed);
    hand->fence = bed_claim(hand->bed, &hand->ticket);
    bed_later(hand->bed, 31000);
    bed_finish(hand->bed, &hand->ticket, hand->fence, OUTCOME_IDLE);
    bed_tick(hand->bed);
    hand->fence = NOBODYS_FENCE;
}

static void to_granted(struct at_hand *hand)
{
    hand->entry = bed_add(hand->bed, &hand->definition);
    hand->ticket = bed_tick_one(hand->bed);
    hand->fence = NOBODYS_FENCE;
}

static void to_gated(struct at_hand *hand)
{
    struct entry_definition blocker = bed_once("SHPFY");
    bed_add(hand->bed, &blocker);
    hand->blocker = bed_tick_one(hand->bed);
    hand->blocker_fence = bed_claim(hand->bed, &hand->blocker);
    hand->entry = bed_add(hand->bed, &hand->definition);
    assert_int_equal(0, bed_tick(hand->bed));
    hand->ticket = hand->blocker;
    snprintf(hand->ticket.entry, sizeof hand->ticket.entry, "%s", hand->entry);
    snprintf(hand->ticket.task, sizeof hand->ticket.task, "%s",
             bed_field(hand->bed, hand->entry, "task"));
    hand->ticket.epoch = (uint64_t)bed_number(hand->bed, hand->entry, "epoch");
    hand->fence = NOBODYS_FENCE;
}

static void to_running(struct at_hand *hand)
{
    to_granted(hand);
    hand->fence = bed_claim(hand->bed, &hand->ticket);
}

static void to_held(struct at_hand *hand)
{
    to_running(hand);
    assert_int_equal(0, bed_hold(hand->bed, hand->entry, false));
}

static void to_error(struct at_hand *hand)
{
    hand->definition.stop_on_exhausted = true;
    to_running(hand);
    bed_finish(hand->bed, &hand->ticket, hand->fence, OUTCOME_FATAL);
    hand->fence = NOBODYS_FENCE;
}

/* With a plan that waits for a person, so that there is a task to cancel. */
static void to_hold(struct at_hand *hand)
{
    to_running(hand);
    assert_true(bed_finish_at(hand->bed, &hand->ticket, hand->fence, OUTCOME_PARK, PARK_NEVER));
    hand->fence = NOBODYS_FENCE;
}

static const struct {
    enum entry_status status;
    enum entry_sub sub;
    void (*make)(struct at_hand *hand);
} PLACES[] = {
    {STATUS_READY,      SUB_DUE,     to_due    },
    {STATUS_INACTIVE,   SUB_DUE,     to_idle   },
    {STATUS_WAITING,    SUB_GATED,   to_gated  },
    {STATUS_READY,      SUB_GRANTED, to_granted},
    {STATUS_IN_PROCESS, SUB_RUNNING, to_running},
    {STATUS_ON_HOLD,    SUB_RUNNING, to_held   },
    {STATUS_ERROR,      SUB_REST,    to_error  },
    {STATUS_ON_HOLD,    SUB_REST,    to_hold   },
};

/* ---- events; each gives whether it was accepted ---- */

/* FIRE with this decision, as a producer would send it that saw the entry a moment ago. */
static bool fire(struct at_hand *hand, enum decision_kind kind)
{
    struct bed *bed = hand->bed;
    struct due_entry due = {.due_ms = bed_number(bed, hand->entry, "due")};
    int64_t slot = bed_number(bed, hand->entry, "slot");
    struct decision decision = {.kind = kind,
                                .slot_ms = slot ? slot : bed->now,
                                .due_ms = bed->now + MINUTE,
                                .why = "no further time"};
    struct tickets granted = {0};
    bool is_due = strcmp("due", bed_field(bed, hand->entry, "sub")) == 0;
    if (due.due_ms > bed->now)
        bed_at(bed, due.due_ms);
    set(hand, (struct category_change){.pause = PAUSE_ON}); /* it would be granted at once */
    snprintf(due.entry.definition.id, UUID_TEXT, "%s", hand->entry);
    due.entry.rev = (uint64_t)bed_number(bed, hand->entry, "rev");
    BED_OK(ledger_fire(bed->ledger, bed->bucket, &due, &decision, 1, &granted, &bed_err));
    assert_int_equal(0, granted.count);
    return is_due;
}

static bool plan(struct at_hand *hand)
{
    return fire(hand, DECIDE_NEXT);
}

static bool run(struct at_hand *hand)
{
    return fire(hand, DECIDE_RUN);
}

static bool has_no_time(struct at_hand *hand)
{
    return fire(hand, DECIDE_FAIL);
}

static bool expire(struct at_hand *hand)
{
    return fire(hand, DECIDE_EXPIRE);
}

static bool grant(struct at_hand *hand)
{
    bool waits = strcmp("gated", bed_field(hand->bed, hand->entry, "sub")) == 0;
    set(hand, (struct category_change){.permits = 5});
    return waits;
}

/* Its window has closed, and then it is granted, or claimed. */
static bool late(struct at_hand *hand)
{
    struct bed *bed = hand->bed;
    const char *sub = bed_field(bed, hand->entry, "sub");
    bool waits = strcmp("gated", sub) == 0 || strcmp("granted", sub) == 0;
    bed_change(bed, "HSET ~e:%s until %" PRId64, hand->entry, bed->now);
    bed_later(bed, 1);
    if (strcmp("gated", sub) == 0)
        set(hand, (struct category_change){.permits = 5});
    else
        assert_int_not_equal(CLAIM_OK, bed_claim_as(bed, &hand->ticket, "00112233aabbccdd.1000"));
    return waits;
}

static bool claim(struct at_hand *hand)
{
    return bed_claim_as(hand->bed, &hand->ticket, "00112233aabbccdd.1000") == CLAIM_OK;
}

static bool finish(struct at_hand *hand, enum outcome outcome)
{
    return bed_finish_at(hand->bed, &hand->ticket, hand->fence, outcome, 0);
}

static bool ends_ok(struct at_hand *hand)
{
    return finish(hand, OUTCOME_OK);
}

static bool ends_idle(struct at_hand *hand)
{
    return finish(hand, OUTCOME_IDLE);
}

static bool fails_once(struct at_hand *hand)
{
    return finish(hand, OUTCOME_RETRY);
}

static bool parks(struct at_hand *hand)
{
    return finish(hand, OUTCOME_PARK);
}

static bool asks_a_person(struct at_hand *hand)
{
    return bed_finish_at(hand->bed, &hand->ticket, hand->fence, OUTCOME_PARK, PARK_NEVER);
}

/* After its last retry, and it is to stop then. */
static bool fails_for_good(struct at_hand *hand)
{
    bed_change(hand->bed, "HSET ~e:%s stop_on_exhausted 1", hand->entry);
    return finish(hand, OUTCOME_FATAL);
}

static bool is_lost(struct at_hand *hand)
{
    struct bed *bed = hand->bed;
    struct reaped reaped = {0};
    struct tickets again = {0};
    bool runs = strcmp("running", bed_field(bed, hand->entry, "sub")) == 0;
    if (hand->blocker_fence) /* it lives */
        bed_later(bed, BED_LEASE_MS), bed_beat(bed, &hand->blocker, hand->blocker_fence);
    bed_later(bed, runs || !hand->blocker_fence ? BED_LEASE_MS + BED_GRACE_MS : 0);
    BED_OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &bed_err));
    tickets_drop(&again);
    return reaped.lost > 0;
}

/* It was to be deleted while it runs, and ends now. */
static bool ends_for_good(struct at_hand *hand)
{
    if (strcmp("running", bed_field(hand->bed, hand->entry, "sub")) == 0)
        bed_ask(hand->bed, ledger_delete, hand->entry);
    return finish(hand, OUTCOME_OK);
}

static bool hold(struct at_hand *hand)
{
    return bed_hold(hand->bed, hand->entry, false) == 0;
}

static bool ready(struct at_hand *hand)
{
    return bed_ask(hand->bed, ledger_ready, hand->entry) == 0;
}

static bool restart(struct at_hand *hand)
{
    return bed_ask(hand->bed, ledger_restart, hand->entry) == 0;
}

static bool wake(struct at_hand *hand)
{
    return bed_wake(hand->bed, hand->entry) == 0;
}

static bool cancel(struct at_hand *hand)
{
    const char *task = bed_field(hand->bed, hand->entry, "task");
    return bed_ask(hand->bed, ledger_cancel, *task ? task : hand->ticket.task) == 0;
}

/* The same of a one-off. */
static bool drop(struct at_hand *hand)
{
    bed_change(hand->bed, "HSET ~e:%s schedule at", hand->entry);
    return cancel(hand);
}

static bool edit(struct at_hand *hand)
{
    hand->definition.arguments = "{\"shop\":\"OTHER\"}";
    bed_edit(hand->bed, hand->entry, &hand->definition);
    return true;
}

static bool to_high(struct ledger *ledger, const char *company, const char *entry,
                    struct tickets *granted, struct err *err)
{
    return ledger_priority(ledger, company, entry, PRIORITY_HIGH, granted, err);
}

static bool priority(struct at_hand *hand)
{
    return bed_ask(hand->bed, to_high, hand->entry) == 0;
}

static bool delete_it(struct at_hand *hand)
{
    return bed_ask(hand->bed, ledger_delete, hand->entry) == 0;
}

static bool pause_it(struct at_hand *hand)
{
    set(hand, (struct category_change){.pause = PAUSE_ON});
    return true;
}

static bool audit(struct at_hand *hand)
{
    return !*bed_audit(hand->bed);
}

static const struct {
    bool (*happens)(struct at_hand *hand);
    bool wish; /* of a person or trigger: its refusal stands in the history */
} EVENTS[ENTRY_EVENTS] = {
    [ON_PLAN] = {plan,           false},
    [ON_FIRE] = {run,            false},
    [ON_FAIL] = {has_no_time,    false},
    [ON_EXPIRE] = {expire,         false},
    [ON_GRANT] = {grant,          false},
    [ON_LATE] = {late,           false},
    [ON_CLAIM] = {claim,          false},
    [ON_FINISH] = {ends_ok,        false},
    [ON_IDLE] = {ends_idle,      false},
    [ON_RETRY] = {fails_once,     false},
    [ON_PARK] = {parks,          false},
    [ON_APPROVAL] = {asks_a_person,  false},
    [ON_EXHAUSTED] = {fails_for_good, false},
    [ON_LOST] = {is_lost,        false},
    [ON_END] = {ends_for_good,  false},
    [ON_HOLD] = {hold,           true },
    [ON_READY] = {ready,          true },
    [ON_RESTART] = {restart,        true },
    [ON_WAKE] = {wake,           true },
    [ON_CANCEL] = {cancel,         true },
    [ON_DROP] = {drop,           true },
    [ON_EDIT] = {edit,           true },
    [ON_PRIORITY] = {priority,       true },
    [ON_DELETE] = {delete_it,      true },
    [ON_PAUSE] = {pause_it,       false},
    [ON_AUDIT] = {audit,          false},
};

/* ---- the table ---- */

/* Where it stands, "0/due"; "4/gone" = nowhere. */
static const char *place_of(struct at_hand *hand)
{
    if (bed_gone(hand->bed, hand->entry))
        return "4/gone";
    return arena_printf(hand->bed->arena, "%s/%s", bed_field(hand->bed, hand->entry, "status"),
                        bed_field(hand->bed, hand->entry, "sub"));
}

static bool one_triple(size_t place, enum entry_event on)
{
    void *bed = NULL;
    enum entry_status status;
    enum entry_sub sub;
    char name[64];
    bed_set_up(&bed);
    struct at_hand hand = {.bed = bed, .definition = bed_every("SHPFY", 10 * MINUTE)};
    PLACES[place].make(&hand);
    const char *from = place_of(&hand);
    snprintf(name, sizeof name, "%d/%s", PLACES[place].status, entry_sub_name(PLACES[place].sub));
    assert_string_equal(name, from);
    bool legal = entry_move(PLACES[place].status, PLACES[place].sub, on, &status, &sub);
    const char *want =
        legal ? arena_printf(hand.bed->arena, "%d/%s", status, entry_sub_name(sub)) : from;
    int before = bed_recorded(hand.bed, "refused");

    bool accepted = EVENTS[on].happens(&hand);
    bool recorded = bed_recorded(hand.bed, "refused") > before;
    const char *stands = place_of(&hand);
    bool same =
        accepted == legal && strcmp(want, stands) == 0 && recorded == (!legal && EVENTS[on].wish);
    if (!same)
        print_error("%s of %s: %s, it leads to %s, %s; by the table %s, to %s\n",
                    entry_event_name(on), from, accepted ? "accepted" : "refused", stands,
                    recorded ? "a refusal is recorded" : "no refusal is recorded",
                    legal ? "legal" : "not legal", want);
    bed_tear_down(&bed);
    return same;
}

static void every_triple_is_as_the_table_says(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t place = 0; place < COUNT(PLACES); place++)
        for (int on = 0; on < ENTRY_EVENTS; on++)
            wrong += !one_triple(place, (enum entry_event)on);
    assert_int_equal(0, wrong);
}

static void every_row_begins_at_a_place_that_is_tried(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOVE_COUNT; i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT(PLACES); k++)
            known |= PLACES[k].status == MOVES[i].status && PLACES[k].sub == MOVES[i].sub;
        assert_true(known);
        for (size_t k = 0; k < i; k++) /* and no two say different things */
            assert_false(MOVES[k].status == MOVES[i].status && MOVES[k].sub == MOVES[i].sub &&
                         MOVES[k].on == MOVES[i].on);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_triple_is_as_the_table_says),
        cmocka_unit_test(every_row_begins_at_a_place_that_is_tried),
    };
    return BED_RUN("ledger_moves", tests);
}
