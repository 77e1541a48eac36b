/* executor_test.c - what an attempt's end leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "executor.h"

enum { NOW = 1000000 };

static const struct {
    const char *name;
    bool good;
    enum err_kind kind;
    int64_t hint_ms;
    enum gate gate;
    struct verdict want;
} ENDS[] = {
    {"it is done",                      true,  ERR_NONE,      0,    GATE_OPEN,    {OUTCOME_OK, false, 0, NULL}         },
    {"done, though a drain came",       true,  ERR_NONE,      0,    GATE_DRAIN,   {OUTCOME_OK, false, 0, NULL}         },
    {"done, though cancelled too late",
     true,                                     ERR_NONE,
     0,                                                             GATE_CANCEL,
     {OUTCOME_OK, false, 0, NULL}                                                                                      },
    {"retry by the rules",              false, ERR_RETRY,     0,    GATE_OPEN,    {OUTCOME_RETRY, false, 0, NULL}      },
    {"retry when the peer says",
     false,                                    ERR_RETRY,
     7000,                                                          GATE_OPEN,
     {OUTCOME_RETRY, false, NOW + 7000, NULL}                                                                          },
    {"throttled",
     false,                                    ERR_THROTTLED,
     9000,                                                          GATE_OPEN,
     {OUTCOME_PARK, false, NOW + 9000, "budget"}                                                                       },
    {"waits for a person",
     false,                                    ERR_THROTTLED,
     PARK_NEVER,                                                    GATE_OPEN,
     {OUTCOME_PARK, false, PARK_NEVER, "approval"}                                                                     },
    {"throttled without a time",
     false,                                    ERR_THROTTLED,
     0,                                                             GATE_OPEN,
     {OUTCOME_PARK, false, NOW + 1000, "budget"}                                                                       },
    {"uncertain",
     false,                                    ERR_UNCERTAIN,
     0,                                                             GATE_OPEN,
     {OUTCOME_PARK, false, NOW + 60000, "uncertain"}                                                                   },
    {"uncertain until",
     false,                                    ERR_UNCERTAIN,
     8000,                                                          GATE_OPEN,
     {OUTCOME_PARK, false, NOW + 8000, "uncertain"}                                                                    },
    {"fatal",                           false, ERR_FATAL,     5000, GATE_OPEN,    {OUTCOME_FATAL, false, 0, NULL}      },
    {"a person cancelled",
     false,                                    ERR_CANCELLED,
     0,                                                             GATE_CANCEL,
     {OUTCOME_CANCELLED, false, 0, NULL}                                                                               },
    {"its time is over",                false, ERR_CANCELLED, 0,    GATE_TIMEOUT, {OUTCOME_TIMEOUT, false, 0, NULL}    },
    {"fenced",                          false, ERR_CANCELLED, 0,    GATE_FENCED,  {OUTCOME_LOST, true, 0, NULL}        },
    {"handed over",                     false, ERR_CANCELLED, 0,    GATE_YIELD,   {OUTCOME_PARK, false, 0, "hand-over"}},
    {"drained",                         false, ERR_CANCELLED, 0,    GATE_DRAIN,   {OUTCOME_PARK, false, 0, "drain"}    },
    {"a WRITE was fenced first",
     false,                                    ERR_CANCELLED,
     0,                                                             GATE_OPEN,
     {OUTCOME_RETRY, false, 0, NULL}                                                                                   },
    {"the same, gate closed",
     false,                                    ERR_CANCELLED,
     0,                                                             GATE_CLOSED,
     {OUTCOME_RETRY, false, 0, NULL}                                                                                   },
    {"an error counts, not the gate",
     false,                                    ERR_FATAL,
     0,                                                             GATE_DRAIN,
     {OUTCOME_FATAL, false, 0, NULL}                                                                                   },
};

static void an_end_leads_to_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        struct err err = {.kind = ENDS[i].kind, .retry_after_ms = ENDS[i].hint_ms};
        struct verdict got = executor_verdict(ENDS[i].good, &err, ENDS[i].gate, NOW);
        const struct verdict *want = &ENDS[i].want;
        bool same_why = want->why ? got.why && strcmp(got.why, want->why) == 0 : !got.why;
        if (got.outcome != want->outcome || got.lost != want->lost || got.at_ms != want->at_ms ||
            !same_why)
            fail_msg("%s: outcome %d at %ld why %s", ENDS[i].name, (int)got.outcome,
                     (long)got.at_ms, got.why ? got.why : "-");
    }
}

static void a_pause_says_whose_it_is(void **state)
{
    (void)state;
    struct err err = {.kind = ERR_THROTTLED, .retry_after_ms = 9000, .peer_code = PARK_BC_LIMIT};
    assert_string_equal(executor_verdict(false, &err, GATE_OPEN, NOW).why, PARK_BC_LIMIT);
    snprintf(err.peer_code, sizeof err.peer_code, PARK_BULK);
    assert_string_equal(executor_verdict(false, &err, GATE_OPEN, NOW).why, PARK_BULK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_leads_to_its_outcome),
        cmocka_unit_test(a_pause_says_whose_it_is),
    };
    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
