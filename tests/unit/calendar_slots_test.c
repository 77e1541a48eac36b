/* calendar_slots_test.c - windows, weekdays and zones; and Business Central's times, by its own
 * examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calendar/bc.h"
#include "calendar/days.h"
#include "calendar/words.h"

enum { MON = 1, TUE = 2, WED = 4, THU = 8, FRI = 16, SAT = 32, SUN = 64 };
enum { WEEKDAYS = MON | TUE | WED | THU | FRI };
#define MINUTE 60000LL

static int64_t utc(const char *text)
{
    char full[32];
    int64_t ms;
    snprintf(full, sizeof full, "%.10sT%.8s%sZ", text, text + 11, strlen(text) < 19 ? ":00" : "");
    if (!time_parse(full, &ms))
        fail_msg("%s is no time", text);
    return ms;
}

static const char *shown(int64_t ms)
{
    static char text[2][32];
    static int which;
    which = !which;
    if (!ms)
        return "never";
    time_format(ms, true, text[which]);
    return text[which];
}

static int64_t clock_of(const char *text, int64_t none)
{
    int hour, minute;
    if (!*text)
        return none;
    assert_int_equal(2, sscanf(text, "%d:%d", &hour, &minute));
    return (hour * 60 + minute) * MINUTE;
}

static struct slots slots_of(unsigned days, int64_t minutes, const char *from, const char *to)
{
    return (struct slots){.days = days,
                          .period_ms = minutes * MINUTE,
                          .from_ms = clock_of(from, 0),
                          .to_ms = clock_of(to, 0)};
}

/* ---- mode bc ---- */

static const struct {
    const char *name;
    unsigned days;
    int64_t minutes;
    const char *from, *to, *formula, *finished, *next;
} EXAMPLES[] = {
    {"all days, hourly",        EVERY_DAY,             60,    "",      "",      NULL,    "2012-01-01 13:00", "2012-01-01 14:00"},
    {"past midnight",           EVERY_DAY,             30,    "",      "",      NULL,    "2012-01-01 23:30", "2012-01-02 00:00"},
    {"starts at ten",           EVERY_DAY,             60,    "10:00", "",      NULL,    "2012-01-01 23:30", "2012-01-02 10:00"},
    {"not Monday, not Tuesday", EVERY_DAY - MON - TUE, 60,    "",      "",      NULL,    "2012-01-01 23:30",
     "2012-01-04 00:00"                                                                                                        },
    {"the end is inside",       EVERY_DAY,             30,    "",      "13:30", NULL,    "2012-01-01 13:00", "2012-01-01 13:30"},
    {"behind the end",          EVERY_DAY,             60,    "",      "13:30", NULL,    "2012-01-01 13:00", "2012-01-02 00:00"},
    {"three days a week",       WED | FRI | SAT,       60,    "13:00", "13:30", NULL,    "2012-01-01 12:00",
     "2012-01-04 13:00"                                                                                                        },
    {"and the next of them",    WED | FRI | SAT,       60,    "13:00", "13:30", NULL,    "2012-01-04 13:00",
     "2012-01-06 13:00"                                                                                                        },
    {"Sundays, no minutes",     SUN,                   0,     "10:00", "",      NULL,    "2012-01-01 13:00", "2012-01-08 10:00"},
    {"night, before midnight",  EVERY_DAY,             10,    "22:00", "02:00", NULL,    "2012-01-01 23:55",
     "2012-01-02 00:05"                                                                                                        },
    {"night, in its dead zone", EVERY_DAY,             10,    "22:00", "02:00", NULL,    "2012-01-01 20:00",
     "2012-01-01 22:00"                                                                                                        },
    {"night, at its end",       EVERY_DAY,             10,    "22:00", "02:00", NULL,    "2012-01-01 01:55",
     "2012-01-01 22:00"                                                                                                        },
    {"thirty days",             EVERY_DAY,             43200, "",      "",      NULL,    "2012-01-01 23:30", "2012-01-31 23:30"},
    {"the month's end",         0,                     0,     "11:00", "",      "1D+CM", "2012-03-31 13:00", "2012-04-30 11:00"},
 /* trap 1: drift */
    {"drift on Monday",         WEEKDAYS,              1440,  "16:00", "",      NULL,    "2012-01-02 16:05", "2012-01-03 16:05"},
    {"drift until Friday",      WEEKDAYS,              1440,  "16:00", "",      NULL,    "2012-01-06 16:25",
     "2012-01-09 16:00"                                                                                                        },
 /* trap 2: a day is lost; every second day */
    {"behind 16:10",            WEEKDAYS,              1440,  "16:00", "16:10", NULL,    "2012-01-04 16:15",
     "2012-01-06 16:00"                                                                                                        },
    {"every second day",        EVERY_DAY,             1440,  "11:00", "11:00", NULL,    "2012-01-02 11:05",
     "2012-01-04 11:00"                                                                                                        },
 /* trap 3: Friday night */
    {"into Saturday",           FRI,                   30,    "22:00", "02:00", NULL,    "2012-01-06 23:34", "2012-01-13 00:04"},
    {"Friday's first hours",    FRI,                   30,    "22:00", "02:00", NULL,    "2012-01-13 00:04",
     "2012-01-13 00:34"                                                                                                        },
    {"Friday's dead zone",      FRI,                   30,    "22:00", "02:00", NULL,    "2012-01-13 01:37", "2012-01-13 22:00"},
 /* traps 4 and 5: formulas */
    {"a day is lost",           0,                     0,     "23:50", "",      "1D",    "2012-01-03 00:10", "2012-01-04 23:50"},
    {"does not advance",        0,                     0,     "11:00", "",      "CM",    "2012-01-31 12:00", "2012-01-31 11:00"},
};

static void business_centrals_own_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(EXAMPLES); i++) {
        struct slots slots =
            slots_of(EXAMPLES[i].days, EXAMPLES[i].minutes, EXAMPLES[i].from, EXAMPLES[i].to);
        struct formula formula;
        struct err err;
        if (EXAMPLES[i].formula) {
            assert_true(formula_parse(EXAMPLES[i].formula, &formula, &err));
            slots.formula = &formula;
        }
        int64_t got = bc_next(&slots, utc(EXAMPLES[i].finished), 0);
        if (got != utc(EXAMPLES[i].next))
            fail_msg("%s: %s", EXAMPLES[i].name, shown(got));
    }
}

/* job-queue.md 6.3, trap 1: with runs of 7 minutes, 9 a day instead of 11. */
static void a_day_of_drift(void **state)
{
    (void)state;
    struct slots slots = slots_of(EVERY_DAY, 60, "08:00", "18:00");
    int runs = 0;
    for (int64_t at = utc("2012-01-02 08:00"); at < utc("2012-01-03 00:00"); runs++)
        at = bc_next(&slots, at + 7 * MINUTE, 0);
    assert_int_equal(runs, 9);
}

static void business_centrals_first_run_and_rest(void **state)
{
    (void)state;
    struct slots slots = slots_of(WEEKDAYS, 60, "08:00", "18:00"), monthly = {.from_ms = 0};
    struct formula formula;
    struct err err;
    int64_t saturday = utc("2012-01-07 12:00"), monday = utc("2012-01-09 08:00"), until;
    assert_int_equal(bc_initial(&slots, saturday, 0), monday);
    assert_int_equal(bc_initial(&slots, saturday, utc("2012-01-10 12:17")),
                     utc("2012-01-10 12:17"));
    assert_int_equal(bc_inactivity(&slots, utc("2012-01-06 17:30"), 720 * MINUTE), monday);
    /* A formula that is made ready runs at once. */
    assert_true(formula_parse("1M", &formula, &err));
    monthly.formula = &formula;
    assert_int_equal(bc_initial(&monthly, saturday, 0), saturday);
    /* Only the clock is asked at the start: picked up on Saturday inside the window, it runs. */
    assert_true(bc_open(&slots, saturday, &until));
    assert_int_equal(until, utc("2012-01-07 18:00"));
    assert_true(bc_open(&slots, utc("2012-01-07 18:00"), &until));
    assert_false(bc_open(&slots, utc("2012-01-07 18:00:01"), &until));
    assert_false(bc_open(&slots, utc("2012-01-09 07:59:59"), &until));
    struct slots night = slots_of(EVERY_DAY, 10, "22:00", "02:00");
    assert_true(bc_open(&night, utc("2012-01-07 23:00"), &until));
    assert_int_equal(until, utc("2012-01-08 02:00"));
    assert_true(bc_open(&night, utc("2012-01-08 01:00"), &until));
    assert_false(bc_open(&night, utc("2012-01-08 03:00"), &until));
}

/* 02:00 to 03:00 comes twice: Business Central asks the clock, so the window is open twice, and
 * each time it ends when the clock shows its end, not when it first did. */
static void the_second_hour_of_an_overlap_has_an_end_ahead_of_it(void **state)
{
    (void)state;
    struct slots slots = slots_of(EVERY_DAY, 10, "02:10", "02:20");
    struct err err;
    OWN(zone) struct zone *zone = NULL;
    int64_t until;
    assert_true(zone_open("Europe/Berlin", &zone, &err));
    slots.zone = zone;
    assert_true(bc_open(&slots, utc("2026-10-25 00:15"), &until));
    assert_int_equal(until, utc("2026-10-25 00:20"));
    assert_false(bc_open(&slots, utc("2026-10-25 00:30"), &until));
    assert_true(bc_open(&slots, utc("2026-10-25 01:15"), &until));
    assert_int_equal(until, utc("2026-10-25 01:20"));
}

/* ---- mode slot ---- */

static const struct {
    const char *name, *zone;
    unsigned days;
    int64_t minutes;
    const char *from, *to, *after, *slots; /* the next ones, in UTC, day and time */
} GRIDS[] = {
    {"a window's slots, and the next day's",   "UTC",                 EVERY_DAY, 240,  "08:00", "18:00",
     "2026-03-04 07:00",                                                                                                     "04 08:00, 04 12:00, 04 16:00, 05 08:00"},
    {"its end is inside",                      "UTC",                 EVERY_DAY, 300,  "08:00", "18:00", "2026-03-04 12:00",
     "04 13:00, 04 18:00, 05 08:00"                                                                                                                                  },
    {"a late run shifts nothing",              "UTC",                 EVERY_DAY, 240,  "08:00", "",      "2026-03-04 12:07",
     "04 16:00, 04 20:00, 05 08:00"                                                                                                                                  },
    {"weekdays",                               "UTC",                 WEEKDAYS,  1440, "16:00", "",      "2026-03-06 16:00", "09 16:00, 10 16:00"                    },
    {"Friday's night belongs to Friday",       "UTC",                 FRI,       90,   "22:00", "02:00", "2026-03-06 22:10",
     "06 23:30, 07 01:00, 13 22:00"                                                                                                                                  },
    {"Thursday's night is not Friday's",       "UTC",                 FRI,       90,   "22:00", "02:00", "2026-03-06 00:10",
     "06 22:00, 06 23:30"                                                                                                                                            },
    {"until midnight",                         "UTC",                 EVERY_DAY, 720,  "12:00", "24:00", "2026-03-04 11:00",
     "04 12:00, 05 00:00, 05 12:00"                                                                                                                                  },
    {"days only: from 00:00",                  "UTC",                 MON,       600,  "",      "",      "2026-03-08 12:00",
     "09 00:00, 09 10:00, 09 20:00, 16 00:00"                                                                                                                        },
    {"New York is behind",                     "America/New_York",    EVERY_DAY, 1440, "08:00", "",      "2026-03-06 20:00",
     "07 13:00, 08 12:00, 09 12:00"                                                                                                                                  },
    {"in the gap: the first instant after it", "America/New_York",    EVERY_DAY, 1440, "02:30", "",
     "2026-03-07 00:00",                                                                                                     "07 07:30, 08 07:00, 09 06:30"          },
    {"in the overlap: its first coming",       "America/New_York",    EVERY_DAY, 1440, "01:30", "",
     "2026-10-31 00:00",                                                                                                     "31 05:30, 01 05:30, 02 06:30"          },
    {"hours of a day with 25",                 "America/New_York",    EVERY_DAY, 360,  "",      "",      "2026-11-01 03:00",
     "01 04:00, 01 10:00, 01 16:00, 01 22:00, 02 04:00, 02 05:00"                                                                                                    },
    {"time that passes, in half hours",        "Australia/Lord_Howe", EVERY_DAY, 60,   "01:00", "03:30",
     "2026-10-03 13:30",                                                                                                     "03 14:30, 03 15:30, 03 16:30, 04 14:00"},
    {"the day that Samoa left out",            "Pacific/Apia",        EVERY_DAY, 1440, "08:00", "",
     "2011-12-28 00:00",                                                                                                     "28 18:00, 29 18:00, 30 18:00, 31 18:00"},
};

static void grids_lie_in_their_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GRIDS); i++) {
        OWN(zone) struct zone *zone = NULL;
        struct err err;
        char got[256] = "";
        struct slots slots = slots_of(GRIDS[i].days, GRIDS[i].minutes, GRIDS[i].from, GRIDS[i].to);
        if (!zone_open(GRIDS[i].zone, &zone, &err))
            fail_msg("%s", err.text);
        slots.zone = zone;
        int64_t at = utc(GRIDS[i].after);
        while (strlen(got) < strlen(GRIDS[i].slots)) {
            at = slots_next(&slots, at);
            if (!at)
                fail_msg("%s: no slot behind %s", GRIDS[i].name, got);
            const char *text = shown(at);
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.2s %.5s", *got ? ", " : "",
                     text + 8, text + 11);
            /* Back from any instant until the next one lies this very slot. */
            int64_t next = slots_next(&slots, at);
            assert_int_equal(slots_last(&slots, at), at);
            assert_int_equal(slots_last(&slots, next - 1), at);
        }
        if (strcmp(got, GRIDS[i].slots) != 0)
            fail_msg("%s: %s", GRIDS[i].name, got);
    }
}

static void whole_days_keep_the_anchors_time_of_day(void **state)
{
    (void)state;
    OWN(zone) struct zone *zone = NULL;
    struct err err;
    assert_true(zone_open("Europe/London", &zone, &err));
    struct slots slots = {
        .anchor_ms = utc("2026-03-27 06:00"), .period_ms = 2 * DAY_MS, .zone = zone};
    assert_int_equal(slots_next(&slots, 0), utc("2026-03-27 06:00"));
    assert_int_equal(slots_next(&slots, utc("2026-03-27 06:00")), utc("2026-03-29 05:00"));
    assert_int_equal(slots_last(&slots, utc("2026-03-31 04:59")), utc("2026-03-29 05:00"));
    slots.days = MON; /* every second day, and a Monday: every second week */
    assert_int_equal(slots_next(&slots, utc("2026-03-27 06:00")), utc("2026-04-05 23:00"));
    slots.period_ms = 14 * DAY_MS; /* every second week, begun on a Friday */
    slots.days = MON | FRI;
    assert_int_equal(slots_next(&slots, utc("2026-03-27 00:00")), utc("2026-04-05 23:00"));
    assert_int_equal(slots_next(&slots, utc("2026-04-05 23:00")), utc("2026-04-09 23:00"));
    assert_int_equal(slots_next(&slots, utc("2026-04-09 23:00")), utc("2026-04-19 23:00"));
}

static void formulas_go_from_date_to_date(void **state)
{
    (void)state;
    OWN(zone) struct zone *zone = NULL;
    struct formula formula;
    struct err err;
    assert_true(zone_open("Europe/London", &zone, &err));
    assert_true(formula_parse("1D+CM", &formula, &err));
    struct slots slots = {.zone = zone, .formula = &formula, .from_ms = 90 * MINUTE};
    int64_t at = slots_next(&slots, utc("2026-02-27 12:00"));
    assert_int_equal(at, utc("2026-02-28 01:30"));
    at = slots_next(&slots, at);
    assert_int_equal(at, utc("2026-03-31 00:30")); /* summer time */
    slots.anchor_ms = utc("2026-04-10 12:00");
    assert_int_equal(slots_next(&slots, at), slots.anchor_ms); /* a first time was named */
    assert_int_equal(slots_next(&slots, slots.anchor_ms), utc("2026-04-30 00:30"));
    struct backlog backlog =
        slots_backlog(&slots, utc("2026-04-30 00:30"), utc("2026-08-31 00:30"), 2);
    assert_int_equal(backlog.before_ms, utc("2026-06-30 00:30"));
    assert_int_equal(backlog.keep_ms, utc("2026-07-31 00:30"));
    assert_int_equal(backlog.latest_ms, utc("2026-08-31 00:30"));
}

static void windows_are_open_on_their_days(void **state)
{
    static const struct {
        const char *name;
        unsigned days;
        const char *from, *to, *at;
        bool open;
        const char *until;
    } ROWS[] = {
        {"inside",                     EVERY_DAY, "08:00", "18:00", "2026-03-04 12:00",    true,  "2026-03-04 18:00"},
        {"its end",                    EVERY_DAY, "08:00", "18:00", "2026-03-04 18:00",    true,  "2026-03-04 18:00"},
        {"behind it",                  EVERY_DAY, "08:00", "18:00", "2026-03-04 18:00:01", false, ""                },
        {"before it",                  EVERY_DAY, "08:00", "18:00", "2026-03-04 07:59:59", false, ""                },
        {"the evening of a Friday",    FRI,       "22:00", "02:00", "2026-03-06 23:00",    true,
         "2026-03-07 02:00"                                                                                         },
        {"and its morning after",      FRI,       "22:00", "02:00", "2026-03-07 01:00",    true,
         "2026-03-07 02:00"                                                                                         },
        {"not Friday's own morning",   FRI,       "22:00", "02:00", "2026-03-06 01:00",    false, ""                },
        {"a weekday ends at midnight", FRI,       "",      "",      "2026-03-06 23:59:59", true,
         "2026-03-06 23:59:59"                                                                                      },
        {"Saturday is none",           FRI,       "",      "",      "2026-03-07 00:00",    false, ""                },
        {"every day, no window",       EVERY_DAY, "",      "",      "2026-03-07 00:00",    true,  ""                },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct slots slots = slots_of(ROWS[i].days, 30, ROWS[i].from, ROWS[i].to);
        int64_t until, want = *ROWS[i].until ? utc(ROWS[i].until) : 0;
        bool open = slots_open(&slots, utc(ROWS[i].at), &until);
        if (open != ROWS[i].open || (open && until / 1000 != want / 1000))
            fail_msg("%s: %d, until %s", ROWS[i].name, open, shown(until));
    }
}

static void a_backlog_keeps_the_latest(void **state)
{
    (void)state;
    struct slots slots = slots_of(WEEKDAYS, 60, "08:00", "10:00");
    int64_t first = utc("2026-03-05 09:00"), now = utc("2026-03-09 09:30");
    struct backlog one = slots_backlog(&slots, first, now, 1),
                   all = slots_backlog(&slots, first, now, 100);
    assert_int_equal(one.keep_ms, utc("2026-03-09 09:00"));
    assert_int_equal(one.before_ms, utc("2026-03-09 08:00"));
    assert_int_equal(all.keep_ms, first);
    assert_int_equal(all.before_ms, 0);
    assert_int_equal(all.latest_ms, one.keep_ms);
    struct backlog three = slots_backlog(&slots, first, now, 3);
    assert_int_equal(three.keep_ms, utc("2026-03-06 10:00"));
    assert_int_equal(three.before_ms, utc("2026-03-06 09:00"));
}

static void words_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        unsigned days;
        const char *written;
    } DAYS[] = {
        {"mon-fri",         WEEKDAYS,              "mon-fri"        },
        {"Monday, wed FRI", MON | WED | FRI,       "mon,wed,fri"    },
        {"sat-mon",         SAT | SUN | MON,       "mon,sat,sun"    },
        {"all",             EVERY_DAY,             "mon-sun"        },
        {"sun",             SUN,                   "sun"            },
        {"mon,wed-thu,sat", MON | WED | THU | SAT, "mon,wed,thu,sat"},
        {"",                0,                     NULL             },
        {"mon-",            0,                     NULL             },
        {"montag",          0,                     NULL             },
        {"mon;tue",         0,                     NULL             },
    };
    static const struct {
        const char *text;
        int64_t from, to;
        const char *written;
    } WINDOWS[] = {
        {"08:00-18:00",   480,  1080, "08:00-18:00"},
        {" 8:00 - 18:00", 480,  1080, "08:00-18:00"},
        {"22:00-02:00",   1320, 120,  "22:00-02:00"},
        {"08:00-",        480,  0,    "08:00-"     },
        {"-18:00",        0,    1080, "00:00-18:00"},
        {"12:00-00:00",   720,  1440, "12:00-24:00"},
        {"12:00",         0,    0,    NULL         },
        {"-",             0,    0,    NULL         },
        {"24:00-02:00",   0,    0,    NULL         },
        {"08:00-25:00",   0,    0,    NULL         },
        {"08:60-09:00",   0,    0,    NULL         },
        {"08:00-18:00x",  0,    0,    NULL         },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(DAYS); i++) {
        unsigned days;
        struct err err = {0};
        char written[DAYS_TEXT];
        bool ok = weekdays_parse(DAYS[i].text, &days, &err);
        if (ok != (DAYS[i].written != NULL) || (ok && days != DAYS[i].days))
            fail_msg("%s: %x %s", DAYS[i].text, days, err.text);
        weekdays_text(days, written);
        if (ok && strcmp(written, DAYS[i].written) != 0)
            fail_msg("%s: %s", DAYS[i].text, written);
    }
    for (size_t i = 0; i < COUNT(WINDOWS); i++) {
        int64_t from, to;
        struct err err = {0};
        char written[WINDOW_TEXT];
        bool ok = window_parse(WINDOWS[i].text, &from, &to, &err);
        if (ok != (WINDOWS[i].written != NULL) ||
            (ok && (from != WINDOWS[i].from * MINUTE || to != WINDOWS[i].to * MINUTE)))
            fail_msg("%s: %lld to %lld %s", WINDOWS[i].text, (long long)from, (long long)to,
                     err.text);
        window_text(from, to, written);
        if (ok && strcmp(written, WINDOWS[i].written) != 0)
            fail_msg("%s: %s", WINDOWS[i].text, written);
    }
}

static void the_rules_have_a_version(void **state)
{
    (void)state;
    struct zone_data data;
    if (!zone_data(&data)) {
        skip(); /* this system's files do not name it */
    }
    assert_int_equal(strspn(data.version, "0123456789"), 4);
    assert_true(data.released_ms > utc("2015-01-01 00:00"));
    assert_false(zone_data_old(&data, data.released_ms + 500 * DAY_MS));
    assert_true(zone_data_old(&data, data.released_ms + 600 * DAY_MS));
    setenv("TZDIR", "/nowhere", 1);
    assert_false(zone_data(&data));
    unsetenv("TZDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(business_centrals_own_examples),
        cmocka_unit_test(the_second_hour_of_an_overlap_has_an_end_ahead_of_it),
        cmocka_unit_test(a_day_of_drift),
        cmocka_unit_test(business_centrals_first_run_and_rest),
        cmocka_unit_test(grids_lie_in_their_zone),
        cmocka_unit_test(whole_days_keep_the_anchors_time_of_day),
        cmocka_unit_test(formulas_go_from_date_to_date),
        cmocka_unit_test(windows_are_open_on_their_days),
        cmocka_unit_test(a_backlog_keeps_the_latest),
        cmocka_unit_test(words_are_read_and_written),
        cmocka_unit_test(the_rules_have_a_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
