/* ledger_why_test.c - what only a queue without its people shows: that nobody fires what is due,
 * that a worker was lost, and why a run was parked. The rest is provoked with real processes
 * (why_test.py).
 */
#include <stdio.h>
#include <string.h>

#include "admin/why.h"
#include "support/bed.h"

/* The one blocker of an entry, which must be this; the answer is the caller's. */
static json *blocked(struct bed *bed, const char *entry, const char *code)
{
    static const struct admin_config CONFIG;
    json *why = NULL;
    BED_OK(why_entry(&CONFIG, bed->ledger, BED_COMPANY, entry, &why, &bed_err));
    if (strcmp(json_text(why, "code"), code) != 0)
        fail_msg("not %s: %s", code, json_write(why));
    return why;
}

static void nobody_fires_what_is_due(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", 10 * MINUTE);
    definition.start_ms = BED_START + 10 * MINUTE;
    const char *entry = bed_add(bed, &definition);
    bed_tick(bed); /* plans its first slot */
    json_free(blocked(bed, entry, "time"));
    bed_later(bed, 10 * MINUTE + 4000); /* a producer may still be about to */
    json_free(blocked(bed, entry, "time"));
    bed_later(bed, 56000);
    OWN_JSON json *why = blocked(bed, entry, "no_producer");
    assert_int_equal(60, json_int(json_get(why, "values"), "late_s", 0));
    assert_string_equal("cartage doctor", json_text(json_get(why, "action"), "command"));
    assert_false(json_has(json_get(why, "action"), "method")); /* no call starts a producer */
    bed_tick_one(bed);                                         /* one is there again */
    json_free(blocked(bed, entry, "no_worker"));
}

static void a_lost_worker_is_named(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    struct tickets again = {0};
    struct reaped reaped = {0};
    const char *entry = bed_add(bed, &definition);
    struct ticket ticket = bed_tick_one(bed);
    bed_claim(bed, &ticket);
    json_free(blocked(bed, entry, "running"));
    bed_later(bed, BED_LEASE_MS + BED_GRACE_MS + 1);
    BED_OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &bed_err));
    tickets_drop(&again);
    assert_int_equal(1, reaped.lost);
    OWN_JSON json *why = blocked(bed, entry, "lost");
    assert_non_null(strstr(json_text(why, "text"), "worker was lost"));
    bed_tick_one(bed);
    json_free(blocked(bed, entry, "no_worker")); /* it waits for the next one */
}

static void a_parked_run_says_for_what(void **state)
{
    struct bed *bed = *state;
    static const struct {
        const char *why, *code, *says;
    } PARKS[] = {
        {"budget",    "budget",      "for the store's budget of calls"       },
        {"bc-limit",  "bc_limit",    "because Business Central limits calls" },
        {"bulk",      "bulk",        "for a bulk operation at Shopify"       },
        {"uncertain", "uncertain",   "to look for what may have been written"},
        {"hand-over", "handed_over", "made room for others"                  },
        {"drain",     "drained",     "another goes on with it"               },
    };
    for (size_t i = 0; i < COUNT(PARKS); i++) {
        struct entry_definition definition = bed_once(PARKS[i].why);
        const char *entry = bed_add(bed, &definition);
        struct ticket ticket = bed_tick_one(bed);
        struct finish_request request = {.outcome = OUTCOME_PARK,
                                         .at_ms = bed->now + 10 * MINUTE,
                                         .why = PARKS[i].why,
                                         .error = "order #1001"};
        struct tickets granted = {0};
        snprintf(request.task, sizeof request.task, "%s", ticket.task);
        snprintf(request.fence, sizeof request.fence, "%s", bed_claim(bed, &ticket));
        BED_OK(ledger_finish(bed->ledger, bed->bucket, &request, 1, &granted, &bed_err));
        tickets_drop(&granted);
        OWN_JSON json *why = blocked(bed, entry, PARKS[i].code);
        if (!strstr(json_text(why, "text"), PARKS[i].says) ||
            !strstr(json_text(why, "text"), "order #1001"))
            fail_msg("%s: %s", PARKS[i].why, json_write(why));
        assert_int_equal(bed->now + 10 * MINUTE, json_int(json_get(why, "values"), "until_ms", 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(nobody_fires_what_is_due),
        BED_TEST(a_lost_worker_is_named),
        BED_TEST(a_parked_run_says_for_what),
    };
    return BED_RUN("why", tests);
}
