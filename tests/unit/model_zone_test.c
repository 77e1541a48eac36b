/* model_zone_test.c - the zone reader against the C library's, and what is no zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "calendar/zone.h"

static struct zone *open_zone(const char *name)
{
    struct zone *zone;
    struct err err;
    if (!zone_open(name, &zone, &err))
        fail_msg("%s", err.text);
    return zone;
}

static void dates_are_those_of_the_place(void **state)
{
    static const struct {
        const char *zone, *utc, *date;
    } ROWS[] = {
        {"UTC",              "2026-11-02T23:59:59Z", "2026-11-02"},
        {"Europe/London",    "2026-06-30T23:30:00Z", "2026-07-01"}, /* summer: an hour ahead */
        {"Europe/London",    "2026-12-31T23:30:00Z", "2026-12-31"},
        {"Europe/London",    "2050-06-30T23:30:00Z", "2050-07-01"}, /* by the rule of the footer */
        {"America/New_York", "2026-03-01T03:00:00Z", "2026-02-28"},
        {"Australia/Sydney", "2024-02-28T13:30:00Z", "2024-02-29"},
        {"Asia/Kathmandu",   "2026-01-01T18:14:59Z", "2026-01-01"}, /* 5:45 ahead */
        {"Asia/Kathmandu",   "2026-01-01T18:15:00Z", "2026-01-02"},
        {"Europe/London",    "1901-01-01T00:00:00Z", "1901-01-01"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN(zone) struct zone *zone = open_zone(ROWS[i].zone);
        char date[11];
        int64_t utc_ms;
        assert_true(time_parse(ROWS[i].utc, &utc_ms));
        zone_date(zone, utc_ms, date);
        assert_string_equal(date, ROWS[i].date);
    }
}

/* Every 13 days and a bit over 130 years, in zones of many kinds of rules. */
static void offsets_agree_with_the_c_library(void **state)
{
    static const char *const ZONES[] = {
        "Europe/London",    "America/New_York",  "Australia/Lord_Howe",
        "America/Santiago", "Africa/Casablanca", "Asia/Tehran",
        "Europe/Dublin",    "America/Nuuk",      "Pacific/Chatham"};
    (void)state;
    for (size_t i = 0; i < COUNT(ZONES); i++) {
        OWN(zone) struct zone *zone = open_zone(ZONES[i]);
        setenv("TZ", ZONES[i], 1);
        tzset();
        for (int64_t at = -2200000000; at < 2000000000; at += 1123457) {
            time_t then = (time_t)at;
            struct tm local;
            localtime_r(&then, &local);
            if (zone_offset_s(zone, at * 1000) != local.tm_gmtoff)
                fail_msg("%s at %lld: %lld instead of %ld", ZONES[i], (long long)at,
                         (long long)zone_offset_s(zone, at * 1000), local.tm_gmtoff);
        }
    }
    unsetenv("TZ");
    tzset();
}

static void what_is_no_zone_is_refused(void **state)
{
    static const char *const NAMES[] = {"", "Europe/Lundon", "../../etc/passwd", "/etc/passwd",
                                        "Europe"};
    static const unsigned char JUNK[64] = "TZif2";
    struct zone *zone;
    struct err err;
    (void)state;
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        assert_false(zone_open(NAMES[i], &zone, &err));
        assert_int_equal(err.code, 400);
    }
    for (size_t size = 0; size <= sizeof JUNK; size++)
        assert_false(zone_read("junk", JUNK, size, &zone, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_the_place),
        cmocka_unit_test(offsets_agree_with_the_c_library),
        cmocka_unit_test(what_is_no_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
