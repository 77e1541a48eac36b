/* house.c - see house.h. */
#include "support/house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "ledger/commands.h"
#include "operations/operations.h"
#include "store/lists.h"
#include "store/subjects.h"
#include "support/proc.h"

enum { HOUSES_APART_MS = 2 * 3600 * 1000 };

const char HOUSE_COMPANY[] = "11111111-1111-4111-8111-111111111111";

void house_put(struct house *house, const char *field, const char *text)
{
    struct err err;
    bool changed;
    if (!ledger_settings_put(house->ledger, HOUSE_COMPANY, field, text, &changed, &err))
        fail_msg("%s: %s", field, err.text);
}

/* Each house begins hours after the one before. A peer may come up at the port of an earlier one,
 * and what the process remembers of that (company, access level) must not be taken for it. */
static int64_t houses;

int64_t house_ahead_ms;

static int64_t house_now(const struct clock *clock)
{
    (void)clock;
    return clock_now_ms(&CLOCK_REAL) + house_ahead_ms;
}

static int64_t house_mono(const struct clock *clock)
{
    (void)clock;
    return clock_mono_ms(&CLOCK_REAL) + houses * HOUSES_APART_MS;
}

const struct clock HOUSE_CLOCK = {.now_ms = house_now, .mono_ms = house_mono};

void house_put_shop(struct house *house, const char *code, const char *more)
{
    OWN_TEXT char *field = mem_printf("shop:%s", code);
    OWN_TEXT char *text = mem_printf(
        "{\"code\":\"%s\",\"store\":\"demo.myshopify.com\",\"origin\":\"%s\",\"credential\":"
        "\"app\",\"enabled\":true,\"default_customer\":\"WEB\",\"sku_mapping\":\"item-no\","
        "\"shipping_account\":\"6610\"%s}",
        code, house->peers->shopify, more);
    house_put(house, field, text);
}

static void put_credential(struct house *house, const char *name, const char *text)
{
    struct err err;
    bool changed;
    if (!ledger_credential_put(house->ledger, name, text, &changed, &err))
        fail_msg("%s: %s", name, err.text);
}

static void open_desk(struct house *house)
{
    struct err err;
    struct ledger_config config = {.redis = house->peers->redis.address, .environment = "test"};
    if (!ledger_open(&config, &house->ledger, &err) ||
        !http_open("cartage-test", &house->http, &err))
        fail_msg("%s", err.text);
    house->limiter = limiter_new(house->ledger, "test");
}

struct house *house_open(const char *const shopify_flags[], const char *const bc_flags[],
                         int late_s)
{
    struct house *house = mem_new(sizeof *house);
    struct err err;
    bool created;
    houses++;
    house_ahead_ms = 0;
    house->adopted_ms = NEVER_ADOPTED;
    house->peers = peers_open(shopify_flags, bc_flags);
    open_desk(house);
    if (!ledger_init(house->ledger, &created, &err))
        fail_msg("%s", err.text);
    put_credential(house, "app",
                   "{\"kind\":\"shopify-client-credentials\",\"client_id\":\"cartage-demo\","
                   "\"client_secret\":{\"env\":\"TEST_SHOPIFY_SECRET\"}}");
    put_credential(house, "erp",
                   "{\"kind\":\"bc-oauth\",\"client_id\":\"cartage-bc\","
                   "\"client_secret\":{\"env\":\"TEST_BC_SECRET\"}}");
    OWN_TEXT char *company =
        mem_printf("{\"id\":\"%s\",\"name\":\"CRONUS\",\"bc_origin\":\"%s\",\"bc_login\":\"%s\","
                   "\"bc_tenant\":\"sandbox\",\"bc_environment\":\"Production\","
                   "\"bc_credential\":\"erp\",\"bc_late_s\":%d}",
                   HOUSE_COMPANY, house->peers->bc, house->peers->bc, late_s);
    house_put(house, "company", company);
    house_put_shop(house, "DEMO", "");
    return house;
}

struct house *house_open_shallow(void)
{
    const char *const shopify[] = {"--data",         "none", "--index-lag", "0",
                                   "--paging-depth", "300",  NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    return house_open(shopify, bc, 1);
}

void house_free(struct house *house)
{
    limiter_free(house->limiter);
    http_free(house->http);
    ledger_free(house->ledger);
    peers_free(house->peers);
    buf_drop(&house->cursor);
    free(house);
}

/* ---- the test as a worker ---- */

static void fire(struct house *house, struct tickets *granted)
{
    struct err err;
    int64_t next_ms, now_ms;
    int bucket = ledger_bucket(house->ledger, HOUSE_COMPANY);
    OWN(arena) struct arena *arena = arena_new();
    struct due_entry *due = NULL;
    size_t count = 0;
    if (!ledger_now(house->ledger, &now_ms, &err) ||
        !ledger_due(house->ledger, bucket, 8, arena, &due, &count, &next_ms, &err))
        fail_msg("%s", err.text);
    struct decision *decisions = arena_array(arena, count + 1, sizeof *decisions);
    for (size_t i = 0; i < count; i++)
        decisions[i] = queue_decide(&due[i].entry, now_ms);
    if (count > 0 && !ledger_fire(house->ledger, bucket, due, decisions, count, granted, &err))
        fail_msg("%s", err.text);
}

static struct ticket start(struct house *house, const char *operation, const char *arguments,
                           enum ticket_kind kind)
{
    struct tickets granted = {0};
    struct err err;
    enum added added;
    char id[UUID_TEXT];
    struct entry_definition entry = {.schedule = SCHEDULE_AT,
                                     .arguments = arguments,
                                     .description = "test",
                                     .priority = PRIORITY_NORMAL,
                                     .kind = (int)kind};
    snprintf(entry.company, sizeof entry.company, "%s", HOUSE_COMPANY);
    snprintf(entry.operation, sizeof entry.operation, "%s", operation);
    if (!ledger_add_for(house->ledger, &entry, &house->named, id, &added, &granted, &err))
        fail_msg("%s", err.text);
    if (granted.count == 0)
        fire(house, &granted);
    if (granted.count != 1)
        fail_msg("%s: %zu tickets", operation, granted.count);
    struct ticket ticket = granted.items[0];
    tickets_drop(&granted);
    return ticket;
}

static void finish(struct house *house, const struct ticket *ticket, const char *fence)
{
    struct finish_request request = {.outcome = OUTCOME_CANCELLED, .counts = "{}"};
    struct tickets granted = {0};
    struct err err;
    snprintf(request.task, sizeof request.task, "%s", ticket->task);
    snprintf(request.fence, sizeof request.fence, "%s", fence);
    if (!ledger_finish(house->ledger, ledger_bucket(house->ledger, HOUSE_COMPANY), &request, 1,
                       &granted, &err))
        fail_msg("%s", err.text);
    tickets_drop(&granted);
}

struct run { /* one claimed attempt */
    struct arena *arena;
    struct ticket ticket;
    struct claim_request claim;
};

static void begin(struct house *house, const char *operation, const char *arguments,
                  enum ticket_kind kind, struct run *run)
{
    struct tickets granted = {0};
    struct err err;
    *run = (struct run){.arena = arena_new(), .ticket = start(house, operation, arguments, kind)};
    run->claim = (struct claim_request){.ticket = &run->ticket, .arena = run->arena};
    snprintf(house->task, sizeof house->task, "%s", run->ticket.task);
    snprintf(run->claim.fence, sizeof run->claim.fence, "0123456789abcdef.%d", ++house->fences);
    if (!ledger_claim(house->ledger, ledger_bucket(house->ledger, HOUSE_COMPANY), &run->claim, 1,
                      &granted, &err))
        fail_msg("%s", err.text);
    assert_int_equal(run->claim.answer, CLAIM_OK);
    run->claim.sheet.fence = run->claim.fence;
    tickets_drop(&granted);
}

static void keep_cursor(struct house *house, struct attempt *attempt)
{
    OWN_BUF struct buf progress = {0}, cursor = {0};
    bool has_cursor = false;
    attempt_take_progress(attempt, &progress, &cursor, &has_cursor);
    if (!house->resumes)
        buf_clear(&house->cursor);
    if (has_cursor) {
        buf_clear(&house->cursor);
        buf_add(&house->cursor, cursor.data, cursor.size);
    }
}

static struct ran perform(struct house *house, struct run *run, run_function function)
{
    struct ran ran = {0};
    struct err err;
    OWN(attempt) struct attempt *attempt = NULL;
    if (!attempt_open(&run->claim.sheet, run->arena, &HOUSE_CLOCK, house->ledger, house->http,
                      house->limiter, &attempt, &err))
        fail_msg("%s", err.text);
    attempt->adopted_ms = house->adopted_ms;
    if (house->resumes) {
        run->claim.sheet.cursor = house->cursor.data;
        run->claim.sheet.cursor_size = house->cursor.size;
    }
    ran.ok = function(attempt, &ran.err);
    ran.counts = attempt->counts;
    keep_cursor(house, attempt);
    return ran;
}

static void count_named(struct house *house, const char *entry)
{
    struct err err;
    OWN_SUBJECTS struct store_subjects left = {0};
    if (!store_subjects(house->ledger, HOUSE_COMPANY, entry, &left, &err))
        fail_msg("%s", err.text);
    house->still_named = left.count;
}

static void end(struct house *house, struct run *run)
{
    finish(house, &run->ticket, run->claim.fence);
    arena_free(run->arena);
}

struct ran house_run_with(struct house *house, const char *operation, const char *arguments,
                          enum ticket_kind kind, run_function function)
{
    struct run run;
    begin(house, operation, arguments, kind, &run);
    struct ran ran = perform(house, &run, function);
    count_named(house, run.ticket.entry);
    end(house, &run);
    return ran;
}

void house_killed_at(struct house *house, const char *operation, const char *arguments,
                     const char *point, int nth)
{
    struct run run;
    int status = 0;
    begin(house, operation, arguments, TICKET_SCHEDULED, &run);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* connections of its own: ours stay whole */
        OWN_TEXT char *at = mem_printf("%s:%d", point, nth);
        struct house there = {.peers = house->peers, .adopted_ms = house->adopted_ms};
        open_desk(&there);
        setenv("CARTAGE_FAULT_AT", at, 1);
        fault_start();
        perform(&there, &run, operation_find(operation)->run);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("%s never came to %s for the %d. time", operation, point, nth);
    end(house, &run);
}

struct held {
    struct house *house;
    const char *peer;
};

static bool has_come(void *state)
{
    const struct held *held = state;
    OWN_JSON json *faults = peers_admin(held->house->peers, held->peer, "GET", "faults", NULL);
    return json_int(json_path(faults, "rules.0"), "hits", 0) > 0;
}

bool house_doubled(struct house *house, const char *operation, const char *arguments,
                   const char *peer, const char *call)
{
    struct run run;
    struct held held = {house, peer};
    int status = 0;
    OWN_TEXT char *match = mem_printf("{\"operation\":\"%s\"}", call);
    begin(house, operation, arguments, TICKET_SCHEDULED, &run);
    peers_fault(house->peers, peer, match, 1, "{\"kind\":\"hold\"}");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct house there = {.peers = house->peers, .adopted_ms = house->adopted_ms};
        open_desk(&there);
        _exit(perform(&there, &run, operation_find(operation)->run).ok ? 0 : 1);
    }
    if (!wait_for(has_come, &held, 10000))
        fail_msg("%s never comes to %s", operation, call);
    house_good(house, operation, arguments);
    json_free(peers_admin(house->peers, peer, "DELETE", "faults", NULL));
    assert_int_equal(waitpid(child, &status, 0), child);
    end(house, &run);
    if (!WIFEXITED(status))
        fail_msg("the first %s dies of signal %d", operation, WTERMSIG(status));
    return WEXITSTATUS(status) == 0;
}

struct ran house_run_as(struct house *house, const char *operation, const char *arguments,
                        enum ticket_kind kind)
{
    return house_run_with(house, operation, arguments, kind, operation_find(operation)->run);
}

struct ran house_run(struct house *house, const char *operation, const char *arguments)
{
    return house_run_as(house, operation, arguments, TICKET_SCHEDULED);
}

struct counts house_good(struct house *house, const char *operation, const char *arguments)
{
    struct ran ran = house_run(house, operation, arguments);
    if (!ran.ok)
        fail_msg("%s: %s", operation, ran.err.text);
    return ran.counts;
}

void house_bulk_due(struct house *house)
{
    static const char SCRIPT[] =
        "for _, k in ipairs(redis.call('KEYS', '*:s:*:bulk:*')) do "
        "if redis.call('HGET', k, 'state') == 'running' or redis.call('HGET', k, 'state') == "
        "'waiting' then redis.call('HSET', k, 'due', '0') end end return 1";
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, "EVAL %s 0", SCRIPT))
        fail_msg("%s", err.text);
}

static void add_counts(struct counts *sum, const struct counts *more)
{
    sum->read += more->read;
    sum->created += more->created;
    sum->updated += more->updated;
    sum->skipped += more->skipped;
    sum->failed += more->failed;
    sum->calls += more->calls;
    sum->points += more->points;
}

struct ran house_parks(struct house *house, const char *operation, const char *arguments,
                       enum ticket_kind kind)
{
    enum { MOST = 500 };
    struct counts sum = {0};
    for (int i = 0; i < MOST; i++) {
        struct ran ran = house_run_as(house, operation, arguments, kind);
        house->resumes = !ran.ok && strcmp(ran.err.peer_code, PARK_BULK) == 0;
        add_counts(&sum, &ran.counts);
        ran.counts = sum;
        if (!house->resumes)
            return ran;
        house_bulk_due(house);
    }
    fail_msg("%s is still parked after %d looks", operation, MOST);
    return (struct ran){0};
}

/* ---- the admin sides ---- */

json *house_ask(struct house *house, const char *peer, const char *method, const char *path,
                const char *body)
{
    return peers_admin(house->peers, peer, method, path, body);
}

void house_tell(struct house *house, const char *peer, const char *path, const char *body)
{
    json_free(house_ask(house, peer, "POST", path, body));
}

void house_later(struct house *house)
{
    char text[32];
    int64_t now_ms;
    OWN_JSON json *time = house_ask(house, "shopify", "GET", "time", NULL);
    assert_true(time_parse(json_text(time, "business"), &now_ms));
    time_format(now_ms + 60000, false, text);
    OWN_TEXT char *later = mem_printf("{\"business\":\"%s\"}", text);
    house_tell(house, "shopify", "time", later);
}

void house_place(struct house *house, const char *name, const char *more)
{
    OWN_TEXT char *order = mem_printf("{\"name\":\"%s\",\"customer\":\"7300000000000\",\"email\":"
                                      "\"nobody@example.com\",\"lines\":[{\"sku\":\"1896-S\","
                                      "\"quantity\":2,\"price\":\"12.50\"}]%s}",
                                      name, more);
    house_tell(house, "shopify", "orders", order);
}

/* ---- what is there afterwards ---- */

struct house_cues house_cues(struct house *house)
{
    static const char *const LISTS[] = {"unmapped-customers:DEMO", "unmapped-products:DEMO",
                                        "unprocessed:DEMO",        "updates:DEMO",
                                        "skips-open:DEMO",         "differences:DEMO",
                                        "shipments-due:DEMO",      "shipments-failed:DEMO"};
    int64_t counts[COUNT(LISTS)];
    struct err err;
    if (!list_counts(house->ledger, HOUSE_COMPANY, LISTS, COUNT(LISTS), counts, &err))
        fail_msg("%s", err.text);
    return (struct house_cues){.unmapped_customers = counts[0],
                               .unmapped_products = counts[1],
                               .unprocessed_orders = counts[2],
                               .order_updates = counts[3],
                               .skipped_records = counts[4],
                               .differences = counts[5],
                               .unprocessed_shipments = counts[6],
                               .shipment_errors = counts[7]};
}

char *house_field(struct house *house, const char *key, const char *field)
{
    struct err err;
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(house->ledger, HOUSE_COMPANY, &key, 1, &field, 1, &rows, &err))
        fail_msg("%s", err.text);
    return mem_text(store_text(rows, 0, 0));
}

char *house_reason(struct house *house, const char *record)
{
    OWN_JSON json *list = NULL;
    struct err err;
    if (!store_skips(house->ledger, HOUSE_COMPANY, "DEMO", NULL, 1000, &list, NULL, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "record"), record) == 0)
            return mem_text(json_text(json_at(list, i), "reason"));
    return mem_text("");
}

json *house_order(struct house *house, const char *name)
{
    OWN_TEXT char *path = mem_printf("orders/%%23%s", name + 1);
    return house_ask(house, "shopify", "GET", path, NULL);
}

char *house_order_id(struct house *house, const char *name)
{
    OWN_JSON json *order = house_order(house, name);
    return mem_text(json_text(order, "id"));
}

const char *house_value(const json *rows, const char *key)
{
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "key"), key) == 0)
            return json_text(json_at(rows, i), "value");
    return "";
}
