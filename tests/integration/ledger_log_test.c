/* ledger_log_test.c - the log of a company: what the scripts write, what people read, what is kept.
 */
#include "support/bed.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "ledger/log.h"

#define NOTHING                                                                                    \
    "{\"read\":0,\"created\":0,\"updated\":0,\"skipped\":0,\"failed\":0,\"calls\":1,\"points\":2," \
    "\"erp_calls\":0}"

static json *log_of(struct bed *bed, struct log_query query)
{
    json *answer = NULL;
    query.most = query.most ? query.most : 100;
    BED_OK(ledger_log(bed->ledger, BED_COMPANY, &query, &answer, &bed_err));
    return answer;
}

static const json *record(const json *answer, size_t index)
{
    return json_at(json_get(answer, "records"), index);
}

static size_t records(const json *answer)
{
    return json_count(json_get(answer, "records"));
}

static void finish_with(struct bed *bed, const struct ticket *ticket, const char *fence,
                        struct finish_request request)
{
    struct tickets granted = {0};
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    BED_OK(ledger_finish(bed->ledger, bed->bucket, &request, 1, &granted, &bed_err));
    assert_true(request.done);
    tickets_drop(&granted);
}

/* Runs what is due now, to this end. */
static void run_now(struct bed *bed, struct finish_request request)
{
    struct ticket ticket = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &ticket);
    finish_with(bed, &ticket, fence, request);
}

static void an_attempt_is_one_record_with_all_its_facts(void **state)
{
    struct bed *bed = *state;
    char message[3000];
    struct entry_definition definition = bed_once("SHPFY");
    const char *entry = bed_add(bed, &definition);
    bed_later(bed, 250);
    struct ticket ticket = bed_tick_one(bed);
    bed_later(bed, 1000);
    const char *fence = bed_claim(bed, &ticket);
    bed_later(bed, 2049);
    memset(message, 'x', sizeof message);
    message[sizeof message - 1] = 0;
    finish_with(bed, &ticket, fence,
                (struct finish_request){.outcome = OUTCOME_FATAL,
                                        .error = message,
                                        .code = 503,
                                        .trace = "GET orders: 503 in 12 ms\n",
                                        .counts = "{\"read\":7,\"calls\":3,\"points\":41}"});

    OWN_JSON json *log = log_of(bed, (struct log_query){.traces = true});
    assert_int_equal(1, records(log));
    assert_int_equal(0, json_int(log, "next", -1));
    const json *row = record(log, 0);
    assert_string_equal("attempt", json_text(row, "kind"));
    assert_string_equal(entry, json_text(row, "entry"));
    assert_string_equal(ticket.task, json_text(row, "task"));
    assert_string_equal("orders.sync", json_text(row, "operation"));
    assert_string_equal("SHPFY", json_text(row, "category"));
    assert_string_equal(fence, json_text(row, "fence"));
    assert_int_equal(strcspn(fence, "."), strlen(json_text(row, "worker")));
    assert_string_equal("fatal", json_text(row, "outcome"));
    assert_int_equal(503, json_int(row, "code", 0));
    assert_int_equal(2048, strlen(json_text(row, "error")));
    assert_int_equal(1250, json_int(row, "delay_ms", -1));
    assert_int_equal(2000, json_int(row, "took_ms", -1)); /* 2,049: tenths, 49 ms are none */
    assert_int_equal(7, json_int(json_get(row, "counts"), "read", 0));
    assert_int_equal(41, json_int(json_get(row, "counts"), "points", 0));
    assert_string_equal("GET orders: 503 in 12 ms\n", json_text(row, "trace"));
    assert_int_equal(1, json_int(row, "no", 0));
}

static void what_found_nothing_is_one_record_with_a_count(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", MINUTE);
    definition.start_ms = BED_START + MINUTE;
    bed_add(bed, &definition);
    struct finish_request nothing = {.outcome = OUTCOME_OK, .counts = NOTHING};
    for (int i = 0; i < 5; i++) {
        bed_tick(bed); /* plans */
        bed_at(bed, BED_START + (i + 1) * MINUTE);
        run_now(bed, nothing);
    }
    OWN_JSON json *log = log_of(bed, (struct log_query){0});
    assert_int_equal(1, records(log));
    assert_int_equal(5, json_int(record(log, 0), "times", 0));
    assert_int_equal(BED_START + MINUTE, json_int(record(log, 0), "since_ms", 0));

    bed_tick(bed);
    bed_at(bed, BED_START + 6 * MINUTE);
    run_now(bed, (struct finish_request){.outcome = OUTCOME_OK, .counts = "{\"read\":1}"});
    bed_tick(bed);
    bed_at(bed, BED_START + 7 * MINUTE);
    run_now(bed, (struct finish_request){.outcome = OUTCOME_IDLE, .counts = NOTHING});
    OWN_JSON json *after = log_of(bed, (struct log_query){0});
    assert_int_equal(3, records(after)); /* a run that did something begins the count anew */
    assert_int_equal(1, json_int(record(after, 0), "times", 1));
    assert_int_equal(1, json_int(json_get(record(after, 1), "counts"), "read", 0));
    assert_int_equal(5, json_int(record(after, 2), "times", 0));
}

static void a_slot_that_does_not_run_is_a_record(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_every("SHPFY", MINUTE);
    definition.start_ms = BED_START + MINUTE;
    bed_add(bed, &definition);
    bed_tick(bed);
    bed_later(bed, 10 * MINUTE); /* nobody ticked: ten slots, one runs, late */
    bed_tick_one(bed);
    OWN_JSON json *log = log_of(bed, (struct log_query){.kind = "skip"});
    assert_int_equal(1, records(log));
    assert_int_equal(BED_START + MINUTE, json_int(record(log, 0), "since_ms", 0));
    assert_int_equal(BED_START + 9 * MINUTE, json_int(record(log, 0), "until_ms", 0));
}

static void expiry_hold_and_delay_are_records(void **state)
{
    struct bed *bed = *state;
    struct entry_definition late = bed_once("LATE"), first = bed_once("LATE");
    struct entry_definition expires = bed_once("GONE"), holds = bed_once("HELD");
    expires.start_ms = BED_START + 5 * MINUTE;
    expires.expires_ms = BED_START + 4 * MINUTE;
    holds.start_ms = BED_START + 60 * MINUTE;
    late.expires_ms = BED_START + 2 * MINUTE;
    const char *held = bed_add(bed, &holds);
    bed_add(bed, &first);
    struct ticket ticket = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &ticket);
    const char *deferred = bed_add(bed, &late);
    bed_tick(bed);
    const char *expired = bed_add(bed, &expires);
    assert_int_equal(0, bed_hold(bed, held, false));
    bed_later(bed, 5 * MINUTE);
    bed_finish(bed, &ticket, fence, OUTCOME_OK); /* its grant finds that the next is too late */
    bed_tick(bed);
    OWN_JSON json *defer = log_of(bed, (struct log_query){.entry = deferred, .kind = "defer"});
    assert_int_equal(1, records(defer));
    OWN_JSON json *expire = log_of(bed, (struct log_query){.entry = expired, .kind = "expire"});
    assert_int_equal(1, records(expire));
    OWN_JSON json *hold = log_of(bed, (struct log_query){.entry = held, .kind = "hold"});
    assert_int_equal(1, records(hold));
}

static void a_lost_worker_is_a_record(void **state)
{
    struct bed *bed = *state;
    struct entry_definition definition = bed_once("SHPFY");
    struct tickets again = {0};
    struct reaped reaped = {0};
    bed_add(bed, &definition);
    struct ticket ticket = bed_tick_one(bed);
    const char *fence = bed_claim(bed, &ticket);
    bed_later(bed, BED_LEASE_MS + BED_GRACE_MS + 1);
    BED_OK(ledger_reap(bed->ledger, bed->bucket, INT64_MAX, &again, &reaped, &bed_err));
    tickets_drop(&again);
    assert_int_equal(1, reaped.lost);
    OWN_JSON json *log = log_of(bed, (struct log_query){.kind = "lost"});
    assert_int_equal(1, records(log));
    assert_string_equal(fence, json_text(record(log, 0), "fence"));
    assert_string_equal("lost", json_text(record(log, 0), "outcome"));
}

static void runs(struct bed *bed, int count)
{
    for (int i = 0; i < count; i++) {
        struct entry_definition definition = bed_once("SHPFY");
        bed_add(bed, &definition);
        run_now(bed, (struct finish_request){.outcome = OUTCOME_OK, .counts = "{\"read\":1}"});
    }
}

static void pages_join_without_gap_or_double(void **state)
{
    struct bed *bed = *state;
    runs(bed, 7);
    int64_t before = 0, last = 8, seen = 0;
    do {
        OWN_JSON json *page = log_of(bed, (struct log_query){.most = 3, .before = before});
        for (size_t i = 0; i < records(page); i++, seen++) {
            assert_int_equal(last - 1, json_int(record(page, i), "no", 0));
            last--;
        }
        before = json_int(page, "next", -1);
    } while (before);
    assert_int_equal(7, seen);
    OWN_JSON json *none = log_of(bed, (struct log_query){.since_ms = bed->now + 1});
    assert_int_equal(0, records(none));
}

static size_t trim(struct bed *bed, size_t *more)
{
    const char *const companies[] = {BED_COMPANY};
    size_t removed;
    BED_OK(ledger_trim(bed->ledger, bed->bucket, companies, 1, &removed, more, &bed_err));
    return removed;
}

static void settings_say_what_is_kept(void **state)
{
    struct bed *bed = *state;
    size_t more;
    bool changed;
    runs(bed, 450);
    assert_int_equal(0, trim(bed, &more)); /* 10,000 and 30 days unless told otherwise */
    BED_OK(ledger_settings_put(bed->ledger, BED_COMPANY, "company",
                               "{\"log_records\":100,\"log_days\":2}", &changed, &bed_err));
    assert_int_equal(200, trim(bed, &more));
    assert_int_equal(1, more);
    assert_int_equal(150, trim(bed, &more));
    assert_int_equal(0, more);
    OWN_JSON json *log = log_of(bed, (struct log_query){.most = 200});
    assert_int_equal(100, records(log));
    assert_int_equal(450, json_int(record(log, 0), "no", 0)); /* the newest stay */

    bed_later(bed, 2 * 24 * 60 * MINUTE);
    assert_int_equal(0, trim(bed, &more)); /* two days to the millisecond: still kept */
    bed_later(bed, 1);
    runs(bed, 1);
    assert_int_equal(100, trim(bed, &more));
    OWN_JSON json *young = log_of(bed, (struct log_query){0});
    assert_int_equal(1, records(young));
}

static int64_t run_records(struct bed *bed)
{
    OWN_REPLY redisReply *keys = bed_redis(bed, "KEYS ~r:*");
    OWN_REPLY redisReply *list = bed_redis(bed, "ZCARD ~runs:%s", BED_COMPANY);
    assert_int_equal(list->integer + 1, keys->elements); /* and a list of attempts */
    return list->integer;
}

static void a_run_is_kept_for_a_week_after_its_end(void **state)
{
    struct bed *bed = *state;
    size_t more;
    struct entry_definition definition = bed_every("LATER", 60 * MINUTE);
    definition.max_retry = 1;
    definition.retry_ms = 10 * 24 * 60 * MINUTE;
    const char *entry = bed_add(bed, &definition);
    struct ticket ticket = bed_tick_one(bed);
    bed_finish(bed, &ticket, bed_claim(bed, &ticket), OUTCOME_RETRY); /* not over: it comes again */
    runs(bed, 120);

    bed_later(bed, 7 * 24 * 60 * MINUTE - 1);
    trim(bed, &more);
    assert_int_equal(0, more);
    assert_int_equal(121, run_records(bed));
    bed_later(bed, 1);
    trim(bed, &more);
    assert_int_equal(1, more);
    trim(bed, &more);
    assert_int_equal(1, more);
    trim(bed, &more);
    assert_int_equal(0, more);
    assert_int_equal(1, run_records(bed));
    bed_stands(bed, entry, "0", "due");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(an_attempt_is_one_record_with_all_its_facts),
        BED_TEST(what_found_nothing_is_one_record_with_a_count),
        BED_TEST(a_slot_that_does_not_run_is_a_record),
        BED_TEST(expiry_hold_and_delay_are_records),
        BED_TEST(a_lost_worker_is_a_record),
        BED_TEST(pages_join_without_gap_or_double),
        BED_TEST(settings_say_what_is_kept),
        BED_TEST(a_run_is_kept_for_a_week_after_its_end),
    };
    return BED_RUN("log", tests);
}
