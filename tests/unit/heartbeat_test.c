/* heartbeat_test.c - when an attempt may send, and when a reaper may trust time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heartbeat.h"
#include "reaper.h"

enum { LEASE = 10000 };

static const struct {
    const char *name;
    enum gate now;
    int64_t since_ms;
    bool yield, draining;
    enum gate want;
} GATES[] = {
    {"a fresh beat",                GATE_OPEN,    0,    false, false, GATE_OPEN   },
    {"a late one",                  GATE_OPEN,    6999, false, false, GATE_OPEN   },
    {"0.7 lease: closed",           GATE_OPEN,    7000, false, false, GATE_CLOSED },
    {"a new beat opens",            GATE_CLOSED,  100,  false, false, GATE_OPEN   },
    {"still late, still closed",    GATE_CLOSED,  9000, false, false, GATE_CLOSED },
    {"hand-over",                   GATE_OPEN,    100,  true,  false, GATE_YIELD  },
    {"drain goes before hand-over", GATE_YIELD,   100,  true,  true,  GATE_DRAIN  },
    {"no sending on an old lease",  GATE_DRAIN,   7000, false, true,  GATE_CLOSED },
    {"and drained when it is back", GATE_CLOSED,  100,  false, true,  GATE_DRAIN  },
    {"a person's word stays",       GATE_CANCEL,  100,  true,  true,  GATE_CANCEL },
    {"time over stays",             GATE_TIMEOUT, 9000, false, false, GATE_TIMEOUT},
    {"a lost task stays lost",      GATE_FENCED,  0,    false, true,  GATE_FENCED },
};

static void the_gate_follows_the_beats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GATES); i++) {
        enum gate got = heartbeat_gate(GATES[i].now, GATES[i].since_ms, LEASE, GATES[i].yield,
                                       GATES[i].draining);
        if (got != GATES[i].want)
            fail_msg("%s: got %d", GATES[i].name, (int)got);
    }
}

struct look { /* one round of the reaper: times since the round before */
    int64_t redis_passed, mono_passed, reconnects;
    bool trusted;
};

static const struct {
    const char *name;
    struct look looks[8];
} STORIES[] = {
    {"its own start: until every gate that cannot renew has closed",
     {{0, 0, 0, false}, {4000, 4000, 0, false}, {2900, 2900, 0, false}, {100, 100, 0, true}} },
    {"a leap of Redis' clock",
     {{0, 0, 0, false},
      {4000, 4000, 0, false},
      {3000, 3000, 0, true},
      {1600, 1000, 0, false},
      {5000, 5000, 0, false},
      {5000, 5000, 0, false},
      {5000, 5000, 0, true}}                                                                 },
    {"Redis' clock stepped back",
     {{0, 0, 0, false},
      {4000, 4000, 0, false},
      {3000, 3000, 0, true},
      {-9000, 1000, 0, false},
      {5000, 5000, 0, false}}                                                                },
    {"a little drift is none",
     {{0, 0, 0, false}, {4000, 4000, 0, false}, {3000, 3000, 0, true}, {1400, 1000, 0, true}}},
    {"a reconnect",
     {{0, 0, 0, false},
      {4000, 4000, 0, false},
      {3000, 3000, 0, true},
      {1000, 1000, 1, false},
      {5000, 5000, 0, false},
      {5500, 5500, 0, false},
      {2600, 2600, 0, true}}                                                                 },
    {"the laptop slept: both clocks went on",
     {{0, 0, 0, false},
      {4000, 4000, 0, false},
      {3000, 3000, 0, true},
      {90000, 90000, 0, false},
      {1000, 1000, 0, false}}                                                                },
};

static void a_reaper_waits_until_time_can_be_trusted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(STORIES); i++) {
        struct trust trust = {0};
        int64_t redis_ms = 1767225600000, mono_ms = 5000, connects = 1;
        for (size_t at = 0; at < COUNT(STORIES[i].looks); at++) {
            const struct look *look = &STORIES[i].looks[at];
            if (at && !look->mono_passed)
                break;
            redis_ms += look->redis_passed;
            mono_ms += look->mono_passed;
            connects += look->reconnects;
            if (trust_round(&trust, LEASE, redis_ms, mono_ms, connects) != look->trusted)
                fail_msg("%s: look %zu", STORIES[i].name, at);
        }
    }
}

static void a_bucket_whose_clock_went_back_is_trusted_when_all_have_renewed(void **state)
{
    static const struct {
        int64_t leaps, mono_ms, from_ms;
    } LOOKS[] = {
        {-1, 1000,  0    }, /* the start is waited out anyway */
        {-1, 2000,  0    },
        {4,  3000,  16000}, /* what ran from then on cannot be lost by now */
        {4,  9000,  16000},
        {4,  17000, 16000},
        {5,  18000, 31000},
        {-1, 40000, 53000},
    };
    struct bucket_trust bucket = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(LOOKS); i++) {
        bucket_looked(&bucket, LOOKS[i].leaps, LEASE, LOOKS[i].mono_ms);
        assert_int_equal(LOOKS[i].from_ms, bucket.from_ms);
    }
}

static void the_reaper_keeps_step_with_the_lease(void **state)
{
    (void)state;
    assert_int_equal(reaper_period_ms(10000), 1000);
    assert_int_equal(reaper_period_ms(600), 100);
    assert_int_equal(reaper_period_ms(600000), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_follows_the_beats),
        cmocka_unit_test(a_reaper_waits_until_time_can_be_trusted),
        cmocka_unit_test(a_bucket_whose_clock_went_back_is_trusted_when_all_have_renewed),
        cmocka_unit_test(the_reaper_keeps_step_with_the_lease),
    };
    return cmocka_run_group_tests_name("heartbeat", tests, NULL, NULL);
}
