/* model_zone_test.c - the zone reader against the C library's, and what is no zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static size_t file_of(const char *name, unsigned char *bytes, size_t room)
{
    char path[128];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

static void a_rule_out_of_the_calendar_is_refused(void **state)
{
    static const char *const RULES[] = {"M0.5.0/1", "M13.5.0",  "M3.0.0/1",
                                        "M3.6.0/1", "M3.5.7/1", "M3.5.0/x"};
    static unsigned char bytes[65536];
    struct err err;
    (void)state;
    size_t size = file_of("Europe/London", bytes, sizeof bytes);
    unsigned char *rule = memmem(bytes, size, "M3.5.0/1", 8);
    assert_non_null(rule);
    for (size_t i = 0; i < COUNT(RULES); i++) {
        struct zone *zone = NULL;
        memcpy(rule, RULES[i], strlen(RULES[i]));
        bool taken = zone_read("changed", bytes, size, &zone, &err);
        zone_free(zone);
        if (taken)
            fail_msg("%s was taken", RULES[i]);
    }
}

/* Whatever stands in the file: it is refused, or asking it ends. */
static void a_damaged_file_does_no_harm(void **state)
{
    static unsigned char whole[65536], bytes[65536];
    size_t size = file_of("Europe/London", whole, sizeof whole), taken = 0;
    uint64_t seed = 7;
    struct err err;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct zone *zone = NULL;
        memcpy(bytes, whole, size);
        for (int k = 0; k < 1 + i % 4; k++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[(seed >> 33) % size] = (unsigned char)(seed >> 20);
        }
        if (!zone_read("damaged", bytes, i % 5 ? size : (seed >> 40) % size, &zone, &err))
            continue;
        taken++;
        for (int64_t at = -1000000000000; at < 5000000000000; at += 500000000000)
            zone_utc(zone, at);
        zone_free(zone);
    }
    assert_in_range(taken, 100, 19900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_the_place),
        cmocka_unit_test(offsets_agree_with_the_c_library),
        cmocka_unit_test(what_is_no_zone_is_refused),
        cmocka_unit_test(a_rule_out_of_the_calendar_is_refused),
        cmocka_unit_test(a_damaged_file_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
