/* queue_test.c - slots, what the tick decides, the table of moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "calendar/days.h"
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
        int64_t until = ROWS[i].until ? T + ROWS[i].until * MIN - 1 : 0; /* not at its expiry */
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

/* ---- windows and policies: 2 March 2026 is a Monday, times are minutes of it ---- */

#define MONDAY 1772409600000LL
#define HOUR 60

static void a_window_bounds_the_start(void **state)
{
    (void)state;
    enum { OPENS = 8 * HOUR, CLOSES = 18 * HOUR, DAY = 24 * HOUR };
    static const struct {
        const char *name;
        const char *flags; /* b = begun, r = resumed, n = named, w = woken, m = manual, p = planned,
                              f = night, 1 = Mondays only */
        enum catch_up policy;
        int64_t grace, backlog, slot, now; /* slot: planned or named, else the last one */
        enum decision_kind kind;
        int64_t want, until, from, to;
    } ROWS[] = {
        {"inside, until the end",                   "p",   CATCH_UP_SKIP, 0,  0,  OPENS,       OPENS,            DECIDE_RUN,  OPENS,            CLOSES,
         0,                                                                                                                                                                0          },
        {"late, the latest",                        "p",   CATCH_UP_SKIP, 0,  0,  OPENS,       OPENS + 150,      DECIDE_RUN,  OPENS + 120,
         CLOSES,                                                                                                                                              OPENS,       OPENS + 60 },
        {"its window has closed: the next day's",   "p",   CATCH_UP_SKIP, 0,  0,  CLOSES,      CLOSES + 1,
         DECIDE_SKIP,                                                                                                         DAY + OPENS,      0,            CLOSES,      CLOSES     },
        {"a day late: today's",                     "p",   CATCH_UP_SKIP, 0,  0,  CLOSES,      DAY + OPENS + 10, DECIDE_RUN,
         DAY + OPENS,                                                                                                                           DAY + CLOSES, CLOSES,      CLOSES     },
        {"Monday's is not made up on Tuesday",      "p1",  CATCH_UP_SKIP, 0,  0,  OPENS,       DAY + OPENS,
         DECIDE_SKIP,                                                                                                         7 * DAY + OPENS,  0,            OPENS,       CLOSES     },
        {"to be planned, at night",                 "",    CATCH_UP_SKIP, 0,  0,  CLOSES,      20 * HOUR,        DECIDE_NEXT,
         DAY + OPENS,                                                                                                                           0,            0,           0          },
        {"gated until it closed",                   "n",   CATCH_UP_SKIP, 0,  0,  CLOSES,      CLOSES + 1,       DECIDE_SKIP,
         DAY + OPENS,                                                                                                                           0,            CLOSES,      CLOSES     },
        {"gated over night: its own window counts", "n",   CATCH_UP_SKIP, 0,  0,  CLOSES,
         DAY + OPENS + 5,                                                                                        DECIDE_SKIP, DAY + OPENS + 60, 0,            CLOSES,      CLOSES     },
        {"a retry is a new start",                  "bn",  CATCH_UP_SKIP, 0,  0,  CLOSES - 60, CLOSES + 5,       DECIDE_SKIP,
         DAY + OPENS,                                                                                                                           0,            CLOSES - 60, CLOSES - 60},
        {"a retry inside",                          "bn",  CATCH_UP_SKIP, 0,  0,  OPENS,       OPENS + 30,       DECIDE_RUN,  OPENS,            CLOSES,
         0,                                                                                                                                                                0          },
        {"a parked one has begun",                  "bnr", CATCH_UP_SKIP, 0,  0,  OPENS,       CLOSES + 5,       DECIDE_RUN,  OPENS,
         0,                                                                                                                                                   0,           0          },
        {"a person asks no window",                 "nm",  CATCH_UP_SKIP, 0,  0,  20 * HOUR,   20 * HOUR,        DECIDE_RUN,
         20 * HOUR,                                                                                                                             0,            0,           0          },
        {"a wake does",                             "nw",  CATCH_UP_SKIP, 0,  0,  20 * HOUR,   20 * HOUR,        DECIDE_SKIP, DAY + OPENS,
         0,                                                                                                                                                   20 * HOUR,   20 * HOUR  },
        {"a wake ahead of tomorrow's slot",         "nw",  CATCH_UP_SKIP, 0,  0,  DAY + OPENS, 17 * HOUR,
         DECIDE_RUN,                                                                                                          DAY + OPENS,      CLOSES,       0,           0          },
        {"the night belongs to its evening",        "pf1", CATCH_UP_SKIP, 0,  0,  DAY + 60,    DAY + 70,
         DECIDE_RUN,                                                                                                          DAY + 60,         DAY + 120,    0,           0          },
        {"none: in time",                           "p",   CATCH_UP_NONE, 10, 0,  OPENS,       OPENS + 10,       DECIDE_RUN,  OPENS,
         OPENS + 10,                                                                                                                                          0,           0          },
        {"none: later than its grace",              "p",   CATCH_UP_NONE, 10, 0,  OPENS,       OPENS + 11,       DECIDE_SKIP,
         OPENS + 60,                                                                                                                            0,            OPENS,       OPENS      },
        {"none: the latest is in time",             "p",   CATCH_UP_NONE, 10, 0,  OPENS,       OPENS + 125,      DECIDE_RUN,
         OPENS + 120,                                                                                                                           OPENS + 130,  OPENS,       OPENS + 60 },
        {"none: waited too long",                   "n",   CATCH_UP_NONE, 10, 0,  OPENS,       OPENS + 11,       DECIDE_SKIP,
         OPENS + 60,                                                                                                                            0,            OPENS,       OPENS      },
        {"none: a retry is no lateness",            "bn",  CATCH_UP_NONE, 10, 0,  OPENS,       OPENS + 30,       DECIDE_RUN,
         OPENS,                                                                                                                                 CLOSES,       0,           0          },
        {"all: the oldest first",                   "p",   CATCH_UP_ALL,  0,  10, OPENS,       OPENS + 125,      DECIDE_RUN,  OPENS,
         CLOSES,                                                                                                                                              0,           0          },
        {"all: at most so many",                    "p",   CATCH_UP_ALL,  0,  2,  OPENS,       OPENS + 190,      DECIDE_RUN,
         OPENS + 120,                                                                                                                           CLOSES,       OPENS,       OPENS + 60 },
        {"all: waits for the next window",          "p",   CATCH_UP_ALL,  0,  10, CLOSES - 60, CLOSES + 5,
         DECIDE_NEXT,                                                                                                         CLOSES - 60,      0,            0,           0          },
        {"all: and runs in it",                     "n",   CATCH_UP_ALL,  0,  10, CLOSES - 60, DAY + OPENS,      DECIDE_RUN,
         CLOSES - 60,                                                                                                                           DAY + CLOSES, 0,           0          },
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const char *flags = ROWS[i].flags;
        bool night = strchr(flags, 'f'), at_hand = *flags && *flags != '1';
        struct entry entry = {
            .definition = {.schedule = SCHEDULE_EVERY,
                           .start_ms = MONDAY - DAY_MS,
                           .every_ms = 60 * MIN,
                           .from_ms = (night ? 22 * HOUR : OPENS) * MIN,
                           .to_ms = (night ? 2 * HOUR : CLOSES) * MIN,
                           .days = strchr(flags, '1') ? 1 : 0,
                           .catch_up = ROWS[i].policy,
                           .grace_ms = ROWS[i].grace * MIN,
                           .max_backlog = (int)ROWS[i].backlog},
            .slot_ms = at_hand ? MONDAY + ROWS[i].slot * MIN : 0,
            .planned = at_hand,
            .last_slot_ms = strchr(flags, 'w') ? MONDAY + ROWS[i].slot * MIN - 1
                            : at_hand          ? MONDAY - 1
                                               : MONDAY + ROWS[i].slot * MIN,
            .begun = strchr(flags, 'b'),
            .resumed = strchr(flags, 'r'),
            .named = strchr(flags, 'n'),
            .woken = strchr(flags, 'w'),
            .manual = strchr(flags, 'm'),
        };
        struct decision got = queue_decide(&entry, MONDAY + ROWS[i].now * MIN);
        int64_t want[] = {ROWS[i].want, ROWS[i].until, ROWS[i].from, ROWS[i].to};
        int64_t have[] = {got.slot_ms, got.until_ms, got.skipped_from_ms, got.skipped_to_ms};
        bool same = got.kind == ROWS[i].kind;
        for (size_t k = 0; k < COUNT(want); k++)
            same = same && (want[k] ? MONDAY + want[k] * MIN == have[k] : !have[k]);
        if (!same)
            fail_msg("%s: kind %d, slot %lld min, until %lld, skipped %lld to %lld", ROWS[i].name,
                     got.kind, (long long)(have[0] - MONDAY) / MIN,
                     (long long)(have[1] - MONDAY) / MIN, (long long)(have[2] - MONDAY) / MIN,
                     (long long)(have[3] - MONDAY) / MIN);
        if (got.kind == DECIDE_SKIP)
            assert_true(got.why && got.due_ms == got.slot_ms &&
                        got.due_ms > MONDAY + ROWS[i].now * MIN);
        if (got.kind == DECIDE_NEXT)
            assert_true(got.due_ms > MONDAY + ROWS[i].now * MIN);
    }
}

static void what_has_no_further_slot_ends(void **state)
{
    (void)state;
    struct entry entry = {
        .definition = {.schedule = SCHEDULE_EVERY,
                       .every_ms = 1440 * MIN,
                       .from_ms = 8 * HOUR * MIN,
                       .expires_ms = MONDAY + 20 * HOUR * MIN},
        .last_slot_ms = MONDAY + 8 * HOUR * MIN
    };
    const int64_t noon = MONDAY + 12 * HOUR * MIN;
    assert_int_equal(queue_decide(&entry, noon).kind, DECIDE_EXPIRE); /* not tomorrow, but now */
    entry.definition.expires_ms = 0;
    assert_int_equal(queue_decide(&entry, noon).kind, DECIDE_NEXT);
    entry.definition.schedule = SCHEDULE_FORMULA;
    entry.definition.formula = "CD"; /* stored before it was checked: an error, never a loop */
    struct decision got = queue_decide(&entry, noon);
    assert_int_equal(got.kind, DECIDE_FAIL);
    assert_non_null(got.why);
    entry.definition.formula = "1M";
    got = queue_decide(&entry, noon);
    assert_int_equal(got.kind, DECIDE_NEXT);
    assert_int_equal(got.slot_ms, MONDAY + 31 * DAY_MS + 8 * HOUR * MIN);
}

/* Nothing to do: it rests, and when it runs again the slots of its rest are recorded. */
static void an_idle_entry_rests(void **state)
{
    (void)state;
    struct entry entry = {
        .definition = {.schedule = SCHEDULE_EVERY,
                       .start_ms = MONDAY,
                       .every_ms = 10 * MIN,
                       .idle_ms = 45 * MIN},
        .status = STATUS_INACTIVE,
        .last_slot_ms = MONDAY,
        .ended_ms = MONDAY + 2 * MIN
    };
    struct decision got = queue_decide(&entry, MONDAY + 2 * MIN);
    assert_int_equal(got.kind, DECIDE_NEXT);
    assert_int_equal(got.slot_ms, MONDAY + 50 * MIN);
    assert_int_equal(got.skipped_from_ms, 0);

    /* The rest is over. */
    entry.planned = true;
    entry.slot_ms = MONDAY + 50 * MIN;
    got = queue_decide(&entry, MONDAY + 50 * MIN);
    assert_int_equal(got.kind, DECIDE_RUN);
    assert_int_equal(got.slot_ms, MONDAY + 50 * MIN);
    assert_int_equal(got.skipped_from_ms, MONDAY + 10 * MIN);
    assert_int_equal(got.skipped_to_ms, MONDAY + 40 * MIN);
    got = queue_decide(&entry, MONDAY + 75 * MIN); /* seen late */
    assert_int_equal(got.slot_ms, MONDAY + 70 * MIN);
    assert_int_equal(got.skipped_from_ms, MONDAY + 10 * MIN);
    assert_int_equal(got.skipped_to_ms, MONDAY + 60 * MIN);

    /* An event has ended it. */
    entry.status = STATUS_READY;
    entry.named = entry.woken = true;
    entry.slot_ms = MONDAY + 33 * MIN;
    got = queue_decide(&entry, MONDAY + 33 * MIN);
    assert_int_equal(got.kind, DECIDE_RUN);
    assert_int_equal(got.skipped_from_ms, MONDAY + 10 * MIN);
    assert_int_equal(got.skipped_to_ms, MONDAY + 30 * MIN);

    /* A run that was longer than its period rests all the same. */
    entry = (struct entry){.definition = entry.definition,
                           .status = STATUS_INACTIVE,
                           .last_slot_ms = MONDAY,
                           .ended_ms = MONDAY + 12 * MIN};
    got = queue_decide(&entry, MONDAY + 12 * MIN);
    assert_int_equal(got.kind, DECIDE_NEXT);
    assert_int_equal(got.slot_ms, MONDAY + 60 * MIN);
}

static void business_central_counts_from_the_end(void **state)
{
    (void)state;
    struct entry entry = {
        .definition = {.schedule = SCHEDULE_EVERY,
                       .bc = true,
                       .start_ms = MONDAY,
                       .every_ms = 60 * MIN,
                       .days = EVERY_DAY,
                       .from_ms = 8 * HOUR * MIN,
                       .to_ms = 18 * HOUR * MIN},
        .last_slot_ms = MONDAY - 1
    };
    const int64_t now = MONDAY + 6 * HOUR * MIN;
    struct decision got = queue_decide(&entry, now); /* first run: into the window */
    assert_int_equal(got.kind, DECIDE_NEXT);
    assert_int_equal(got.slot_ms, MONDAY + 8 * HOUR * MIN);
    entry.planned = true;
    entry.slot_ms = got.slot_ms;
    got = queue_decide(&entry, got.slot_ms);
    assert_int_equal(got.kind, DECIDE_RUN);
    assert_int_equal(got.until_ms, MONDAY + 18 * HOUR * MIN);
    /* picked up after the window: the next one, and the slot is recorded */
    got = queue_decide(&entry, MONDAY + 19 * HOUR * MIN);
    assert_int_equal(got.kind, DECIDE_SKIP);
    assert_int_equal(got.slot_ms, MONDAY + 32 * HOUR * MIN);
    assert_int_equal(got.skipped_from_ms, entry.slot_ms);
    /* ended at 8:07: 9:07 */
    entry.planned = false;
    entry.last_slot_ms = entry.slot_ms;
    entry.slot_ms = 0;
    entry.ended_ms = MONDAY + (8 * HOUR + 7) * MIN;
    got = queue_decide(&entry, entry.ended_ms + 5);
    assert_int_equal(got.slot_ms, MONDAY + (9 * HOUR + 7) * MIN);
    entry.definition.every_ms = 1000; /* never sooner than a second from now */
    got = queue_decide(&entry, entry.ended_ms + 700);
    assert_int_equal(got.slot_ms, entry.ended_ms + 1700);
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
        cmocka_unit_test(slots_lie_on_a_grid),
        cmocka_unit_test(the_tick_decides),
        cmocka_unit_test(slots_strictly_increase),
        cmocka_unit_test(what_is_not_a_row_is_refused),
        cmocka_unit_test(words_of_people),
        cmocka_unit_test(a_window_bounds_the_start),
        cmocka_unit_test(what_has_no_further_slot_ends),
        cmocka_unit_test(an_idle_entry_rests),
        cmocka_unit_test(business_central_counts_from_the_end),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
