/* queue_test.c - slots, what the tick decides, the table of moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "calendar/slots.h"
#include "queue/entry.h"

enum { MIN = 60000 };
#define T 1767225600000LL

static void slots_lie_on_a_grid(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t after, next, last; /* minutes from the anchor; last = at or before `after` */
    } ROWS[] = {
        {"long before the anchor", -999, 0,    -1  },
        {"just before",            -1,   0,    -1  },
        {"the anchor is taken",    0,    15,   0   },
        {"between two slots",      20,   30,   15  },
        {"on a slot the next one", 30,   45,   30  },
        {"far away it still fits", 1501, 1515, 1500},
    };
    const struct slots slots = {.anchor_ms = T, .period_ms = 15 * MIN};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        int64_t after = T + ROWS[i].after * MIN;
        int64_t last = ROWS[i].last < 0 ? 0 : T + ROWS[i].last * MIN;
        if (slots_next(&slots, after) != T + ROWS[i].next * MIN ||
            slots_last(&slots, after) != last)
            fail_msg("%s", ROWS[i].name);
    }
}

static void the_tick_decides(void **state)
{
    (void)state;
    enum { NEVER = 0 };
    /* Minutes from T; the entry's period is 15, its anchor T, now is T + 100. */
    static const struct {
        const char *name;
        enum schedule_kind schedule;
        int64_t planned, last, expires;
        const char *flags; /* b = begun, r = resumed, n = named */
        enum decision_kind kind;
        int64_t slot, until, from, to;
    } ROWS[] = {
        {"a one-off runs",               SCHEDULE_AT,    99, 0,  NEVER, "n",   DECIDE_RUN,    99,  0,   0,  0},
        {"with its expiry as bound",     SCHEDULE_AT,    99, 0,  200,   "n",   DECIDE_RUN,    99,  200, 0,  0},
        {"expired before it began",      SCHEDULE_AT,    50, 0,  100,   "n",   DECIDE_EXPIRE, 0,   0,   0,  0},
        {"expired, but it has begun",    SCHEDULE_AT,    50, 0,  60,    "bnr", DECIDE_RUN,    50,  0,   0,  0},
        {"a retry is a new start",       SCHEDULE_AT,    50, 0,  60,    "bn",  DECIDE_EXPIRE, 0,   0,   0,  0},
        {"to be planned: the next slot", SCHEDULE_EVERY, 0,  90, NEVER, "",    DECIDE_NEXT,   105, 0,   0,
         0                                                                                                   },
        {"one slot late runs, no skip",  SCHEDULE_EVERY, 0,  75, NEVER, "",    DECIDE_RUN,    90,  0,   0,  0},
        {"the planned slot runs",        SCHEDULE_EVERY, 90, 75, NEVER, "",    DECIDE_RUN,    90,  0,   0,  0},
        {"three late: the latest, once", SCHEDULE_EVERY, 60, 45, NEVER, "",    DECIDE_RUN,    90,  0,   60,
         75                                                                                                  },
        {"a woken slot stays off grid",  SCHEDULE_EVERY, 44, 30, NEVER, "n",   DECIDE_RUN,    44,  0,   0,
         0                                                                                                   },
        {"a retry keeps its slot",       SCHEDULE_EVERY, 45, 30, NEVER, "bn",  DECIDE_RUN,    45,  0,   0,  0},
        {"recurring expires as well",    SCHEDULE_EVERY, 0,  90, 95,    "",    DECIDE_EXPIRE, 0,   0,   0,  0},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const int64_t now = T + 100 * MIN;
        struct entry entry = {
            .definition = {.schedule = ROWS[i].schedule, .start_ms = T, .every_ms = 15 * MIN},
            .slot_ms = ROWS[i].planned ? T + ROWS[i].planned * MIN : 0,
            .planned = ROWS[i].planned > 0,
            .last_slot_ms = T + ROWS[i].last * MIN,
            .begun = strchr(ROWS[i].flags, 'b'),
            .resumed = strchr(ROWS[i].flags, 'r'),
            .named = strchr(ROWS[i].flags, 'n'),
        };
        if (ROWS[i].expires)
            entry.definition.expires_ms = T + ROWS[i].expires * MIN;
        struct decision got = queue_decide(&entry, now);
        int64_t slot = ROWS[i].slot ? T + ROWS[i].slot * MIN : 0;
        int64_t until = ROWS[i].until ? T + ROWS[i].until * MIN : 0;
        int64_t from = ROWS[i].from ? T + ROWS[i].from * MIN : 0;
        int64_t to = ROWS[i].to ? T + ROWS[i].to * MIN : 0;
        if (got.kind != ROWS[i].kind || got.slot_ms != slot || got.until_ms != until ||
            got.skipped_from_ms != from || got.skipped_to_ms != to)
            fail_msg("%s: kind %d, slot %+lld min, until %lld, skipped %lld to %lld", ROWS[i].name,
                     got.kind, (long long)(got.slot_ms - T) / MIN, (long long)got.until_ms,
                     (long long)got.skipped_from_ms, (long long)got.skipped_to_ms);
        if (got.kind == DECIDE_NEXT)
            assert_true(got.due_ms == got.slot_ms && got.slot_ms > now);
    }
}

/* However late, however often: slots only ever grow, and none is both run and skipped. */
static void slots_strictly_increase(void **state)
{
    (void)state;
    struct entry entry = {
        .definition = {.schedule = SCHEDULE_EVERY, .start_ms = T, .every_ms = 7000},
        .last_slot_ms = T - 1
    };
    uint64_t seed = 42;
    int64_t now = T;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        now += (int64_t)(seed >> 33) % 30000;
        struct decision got = queue_decide(&entry, now);
        if (got.skipped_from_ms) {
            assert_true(got.skipped_from_ms > entry.last_slot_ms);
            assert_true(got.skipped_to_ms >= got.skipped_from_ms);
            assert_true(got.slot_ms > got.skipped_to_ms);
        }
        assert_true(got.slot_ms > entry.last_slot_ms);
        assert_int_equal(0, (got.slot_ms - T) % 7000);
        entry.planned = got.kind == DECIDE_NEXT;
        entry.slot_ms = entry.planned ? got.slot_ms : 0;
        if (got.kind == DECIDE_RUN) {
            assert_true(got.slot_ms <= now && now - got.slot_ms < 7000); /* the latest one */
            entry.last_slot_ms = got.slot_ms;
        }
    }
}

static void what_is_not_a_row_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum entry_status status;
        enum entry_sub sub;
        enum entry_event on;
        bool legal;
    } ROWS[] = {
        {STATUS_READY,      SUB_GRANTED, ON_CLAIM, true },
        {STATUS_WAITING,    SUB_GATED,   ON_CLAIM, false}, /* no claim without a grant */
        {STATUS_READY,      SUB_DUE,     ON_CLAIM, false},
        {STATUS_READY,      SUB_DUE,     ON_GRANT, false}, /* permits go to who waits in line */
        {STATUS_ON_HOLD,    SUB_REST,    ON_FIRE,  false}, /* nothing fires what a person holds */
        {STATUS_ERROR,      SUB_REST,    ON_FIRE,  false},
        {STATUS_IN_PROCESS, SUB_RUNNING, ON_GRANT, false},
        {STATUS_IN_PROCESS, SUB_RUNNING, ON_LOST,  true },
        {STATUS_READY,      SUB_GRANTED, ON_LOST,  false}, /* nobody holds it */
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        enum entry_status status;
        enum entry_sub sub;
        if (entry_move(ROWS[i].status, ROWS[i].sub, ROWS[i].on, &status, &sub) != ROWS[i].legal)
            fail_msg("row %zu", i);
    }
}

static void words_of_people(void **state)
{
    (void)state;
    enum priority priority;
    assert_string_equal("On Hold with Inactivity Timeout", entry_status_name(STATUS_INACTIVE));
    assert_string_equal("low", priority_name(PRIORITY_LOW));
    assert_true(priority_parse("high", &priority));
    assert_int_equal(PRIORITY_HIGH, priority);
    assert_false(priority_parse("urgent", &priority));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_lie_on_a_grid),     cmocka_unit_test(the_tick_decides),
        cmocka_unit_test(slots_strictly_increase), cmocka_unit_test(what_is_not_a_row_is_refused),
        cmocka_unit_test(words_of_people),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
