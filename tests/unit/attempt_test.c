/* attempt_test.c - the gate, the checkpoint slot, credentials and what a token endpoint answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"
#include "attempt_credential.h"
#include "attempt_fresh.h"
#include "base/secret.h"

/* ---- an attempt on a hand-turned clock: it stands still unless a test moves it ---- */

static int64_t hand_ms;
static int looks, beat_at; /* times somebody looked at it; at which look a beat is confirmed */
static void confirm_beat(void);
static int64_t hand(const struct clock *clock)
{
    (void)clock;
    if (++looks == beat_at)
        confirm_beat();
    return hand_ms;
}
static const struct clock HAND = {hand, hand, NULL};

static struct arena *arena;
static struct attempt *attempt;
static struct err err;

static void confirm_beat(void)
{
    atomic_store(&attempt->shuts_ms, hand_ms + 100);
}

static int open_attempt(void **state)
{
    static struct run_sheet sheet;
    (void)state;
    ids_start();
    hand_ms = 1000;
    arena = arena_new();
    sheet = (struct run_sheet){
        .fence = "w.1",
        .arguments = "{\"shop\":\"DEMO\",\"days\":3}",
        .company_settings = "{\"name\":\"CRONUS\",\"id\":\"11111111-1111-4111-8111-111111111111\"}",
    };
    snprintf(sheet.ticket.task, sizeof sheet.ticket.task, "task");
    return attempt_open(&sheet, arena, &HAND, NULL, NULL, NULL, &attempt, &err) ? 0 : -1;
}

static int close_attempt(void **state)
{
    (void)state;
    attempt_free(attempt);
    arena_free(arena);
    return 0;
}

static void settings_and_arguments_are_there(void **state)
{
    (void)state;
    assert_string_equal("CRONUS", attempt->company->name);
    assert_null(attempt->shop);
    assert_int_equal(3, json_int(attempt->args, "days", 0));
}

static const struct {
    const char *name;
    enum gate gate;
    bool write, checkpoint;
} GATES[] = {
    {"open",                                      GATE_OPEN,    true,  true },
    {"cancelled",                                 GATE_CANCEL,  false, false},
    {"out of time",                               GATE_TIMEOUT, false, false},
    {"somebody else's",                           GATE_FENCED,  false, false},
    {"handing over: the next checkpoint ends it", GATE_YIELD,   true,  false},
    {"draining: the next checkpoint ends it",     GATE_DRAIN,   true,  false},
};

/* A process that was stopped runs on: its lease is old, and its heartbeat has not yet shut the
 * gate. */
static void a_gate_left_open_is_shut_by_its_time(void **state)
{
    (void)state;
    atomic_store(&attempt->gate, GATE_OPEN);
    confirm_beat();
    hand_ms += 100;
    looks = 0;
    beat_at = 5;
    assert_true(attempt_may_write(attempt, &err));
    assert_true(looks >= beat_at); /* not before the beat */
    beat_at = 0;
}

static void the_gate_is_asked_before_each_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GATES); i++) {
        err_clear(&err);
        atomic_store(&attempt->gate, GATES[i].gate);
        if (attempt_may_write(attempt, &err) != GATES[i].write)
            fail_msg("%s: write: %s", GATES[i].name, err.text);
        if (attempt_checkpoint(attempt, "c", 1, &err) != GATES[i].checkpoint)
            fail_msg("%s: checkpoint: %s", GATES[i].name, err.text);
        if (attempt_wait_ms(attempt, 0, &err) != GATES[i].checkpoint)
            fail_msg("%s: wait: %s", GATES[i].name, err.text);
        if (!GATES[i].checkpoint)
            assert_int_equal(ERR_CANCELLED, err.kind);
    }
}

static void a_checkpoint_is_kept_even_when_it_ends_the_run(void **state)
{
    (void)state;
    OWN_BUF struct buf progress = {0};
    OWN_BUF struct buf cursor = {0};
    bool has_cursor;
    atomic_store(&attempt->gate, GATE_DRAIN);
    assert_false(attempt_checkpoint(attempt, "page 7", 6, &err));
    assert_true(attempt_take_progress(attempt, &progress, &cursor, &has_cursor));
    assert_true(has_cursor);
    assert_string_equal("page 7", buf_str(&cursor));
    assert_false(attempt_take_progress(attempt, &progress, &cursor, &has_cursor)); /* taken */
}

static void progress_shows_counts_of_its_own_moment(void **state)
{
    (void)state;
    OWN_BUF struct buf progress = {0};
    OWN_BUF struct buf cursor = {0};
    OWN_JSON json *shown = NULL;
    bool has_cursor;
    attempt->counts.read = 120;
    attempt_progress(attempt, "orders", 120, 340);
    attempt->counts.read = 121;
    assert_true(attempt_take_progress(attempt, &progress, &cursor, &has_cursor));
    assert_false(has_cursor);
    assert_true(json_parse(buf_str(&progress), progress.size, &shown, &err));
    assert_string_equal("orders", json_text(shown, "step"));
    assert_int_equal(120, json_int(shown, "done", 0));
    assert_int_equal(340, json_int(shown, "total", 0));
    assert_int_equal(120, json_int(json_get(shown, "counts"), "read", 0));
}

static void quiet_counts_from_the_last_step(void **state)
{
    (void)state;
    hand_ms = 61000;
    assert_int_equal(60000, attempt_quiet_ms(attempt, hand_ms));
    attempt_progress(attempt, "orders", 1, 0);
    assert_int_equal(0, attempt_quiet_ms(attempt, hand_ms));
}

static void patience_with_redis_ends(void **state)
{
    (void)state;
    static const enum err_kind NEVER[] = {ERR_FATAL, ERR_CANCELLED, ERR_THROTTLED};
    struct patience patience = {0};
    for (size_t i = 0; i < COUNT(NEVER); i++) {
        err_set(&err, NEVER[i], 0, "x");
        assert_false(attempt_patient(attempt, &patience, &err));
    }
    err_set(&err, ERR_UNCERTAIN, 0, "no reply");
    assert_true(attempt_patient(attempt, &patience, &err));
    hand_ms += 119000;
    assert_true(attempt_patient(attempt, &patience, &err));
    hand_ms += 1000;
    assert_false(attempt_patient(attempt, &patience, &err));
}

static int freed;
static void count_free(void *what)
{
    freed += *(int *)what;
}

static void what_rooms_opened_is_freed_with_it(void **state)
{
    int two = 2, three = 3;
    freed = 0;
    attempt_leave(attempt, count_free, &two);
    attempt_leave(attempt, count_free, &three);
    close_attempt(state);
    assert_int_equal(5, freed);
    open_attempt(state);
}

/* ---- credentials ---- */

static const struct {
    const char *name, *family, *json;
    const char *secret; /* NULL = refused */
    const char *text;   /* of the error */
} CREDENTIALS[] = {
  /* clang-format off */
    {"client credentials", "shopify",
     "{\"kind\":\"shopify-client-credentials\",\"client_id\":\"c\",\"client_secret\":{\"env\":\"T_"
     "SECRET\"}}", "from env", ""},
    {"static token", "shopify", "{\"kind\":\"shopify-token\",\"token\":{\"file\":\"FILE\"}}",
     "from file", ""},
    {"basic, sealed", "bc",
     "{\"kind\":\"bc-basic\",\"user\":\"u\",\"key\":{\"sealed\":\"SEALED\"}}", "from seal", ""},
    {"of the other peer", "bc", "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"T_SECRET\"}}",
     NULL, "none for Business Central"},
    {"without id", "bc", "{\"kind\":\"bc-oauth\",\"client_secret\":{\"env\":\"T_SECRET\"}}", NULL,
     "has no client_id"},
    {"variable not set", "shopify", "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"T_UNSET\"}}",
     NULL, "T_UNSET is not set"},
    {"no such file", "shopify", "{\"kind\":\"shopify-token\",\"token\":{\"file\":\"/no/such\"}}",
     NULL, "/no/such"},
    {"sealed elsewhere", "shopify", "{\"kind\":\"shopify-token\",\"token\":{\"sealed\":\"AAAA\"}}",
     NULL, "does not open"},
    {"a secret in the open", "shopify", "{\"kind\":\"shopify-token\",\"token\":\"open-secret\"}",
     NULL, "token: want"},
  /* clang-format on */
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static char *replaced(const char *text, const char *mark, const char *with)
{
    const char *at = strstr(text, mark);
    return at ? mem_printf("%.*s%s%s", (int)(at - text), text, with, at + strlen(mark))
              : mem_text(text);
}

static void secrets_come_by_reference(void **state)
{
    (void)state;
    char key[] = "/tmp/cartage-key-XXXXXX", file[] = "/tmp/cartage-secret-XXXXXX";
    OWN_TEXT char *sealed = NULL;
    close(mkstemp(key));
    close(mkstemp(file));
    write_file(key, "a seal key for this test\n");
    write_file(file, "from file\n");
    secret_key_file(key);
    setenv("T_SECRET", "from env", 1);
    assert_true(secret_seal("from seal", &sealed, &err));
    assert_null(strstr(sealed, "seal"));

    for (size_t i = 0; i < COUNT(CREDENTIALS); i++) {
        OWN_TEXT char *with_file = replaced(CREDENTIALS[i].json, "FILE", file);
        OWN_TEXT char *text = replaced(with_file, "SEALED", sealed);
        OWN_JSON json *stored = NULL;
        struct credential credential = {0};
        err_clear(&err);
        assert_true(json_parse(text, strlen(text), &stored, &err));
        bool good = credential_read(stored, "cred", CREDENTIALS[i].family, &credential, &err);
        if (good != (CREDENTIALS[i].secret != NULL) || !strstr(err.text, CREDENTIALS[i].text))
            fail_msg("%s: %s", CREDENTIALS[i].name, err.text);
        if (good)
            assert_string_equal(CREDENTIALS[i].secret, credential.secret);
        assert_null(strstr(err.text, "open-secret"));
        credential_drop(&credential);
    }
    secret_key_file(NULL);
    unlink(key);
    unlink(file);
}

static const struct {
    const char *name;
    int status;
    const char *body;
    bool good;
    enum err_kind kind;
    const char *text;
} GRANTS[] = {
  /* clang-format off */
    {"a token", 200, "{\"access_token\":\"t\",\"expires_in\":3599}", true, ERR_NONE, ""},
    {"a token without a life", 200, "{\"access_token\":\"t\"}", true, ERR_NONE, ""},
    {"Entra refuses", 401,
     "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: x\"}", false, ERR_FATAL,
     "invalid_client, AADSTS7000215"},
    {"Shopify refuses", 400, "{\"error\":\"invalid_client\"}", false, ERR_FATAL, "invalid_client"},
    {"a page", 404, "<html>", false, ERR_FATAL, "no JSON"},
    {"later", 503, "", false, ERR_RETRY, "503"},
    {"too many", 429, "", false, ERR_RETRY, "429"},
    {"no token in it", 200, "{}", false, ERR_FATAL, "refused"},
  /* clang-format on */
};

static void token_endpoints_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GRANTS); i++) {
        struct http_call call = {.status = GRANTS[i].status};
        char *token = NULL;
        int64_t life_ms = 0;
        buf_text(&call.answer, GRANTS[i].body);
        err_clear(&err);
        bool good = grant_read(&call, "oauth", &token, &life_ms, &err);
        if (good != GRANTS[i].good || err.kind != GRANTS[i].kind ||
            !strstr(err.text, GRANTS[i].text))
            fail_msg("%s: %s", GRANTS[i].name, err.text);
        if (good)
            assert_true(life_ms >= 3599000);
        secret_free(token);
        http_call_drop(&call);
    }
}

#define WITH_ATTEMPT(test) cmocka_unit_test_setup_teardown(test, open_attempt, close_attempt)

/* ---- how long a change took to arrive ---- */

#define NOON_MS INT64_C(1795694400000) /* 2026-11-26T12:00:00Z */

static void answered(const char *label, const char *date)
{
    struct http_call call = {.label = label};
    buf_printf(&call.header_lines, "HTTP/1.1 200 OK\r\nDate: %s\r\n\r\n", date);
    attempt_note_clock(attempt, &call);
    http_call_drop(&call);
}

static void an_age_goes_by_the_clock_that_dates_the_change(void **state)
{
    (void)state;
    static const struct shop SHOP = {.code = "DEMO", .freshness_target_s = 75};
    const struct fresh_tally *orders = &attempt->fresh[FRESH_ORDERS];
    attempt->shop = &SHOP;
    hand_ms = NOON_MS;
    answered("shopify OrdersDelta", "Thu, 26 Nov 2026 11:59:59 GMT"); /* within its second */
    assert_int_equal(0, attempt->ahead_ms[AT_SHOPIFY]);
    answered("shopify OrdersDelta", "Thu, 26 Nov 2026 12:10:00 GMT");
    answered("bc GET items", "Thu, 26 Nov 2026 11:00:00 GMT");
    answered("bc oauth", "Thu, 26 Nov 2026 13:00:00 GMT"); /* another machine */
    assert_int_equal(600500, attempt->ahead_ms[AT_SHOPIFY]);
    assert_int_equal(-3599500, attempt->ahead_ms[AT_BC]);
    attempt_fresh(attempt, FRESH_ORDERS, AT_SHOPIFY, NOON_MS + 595000); /* 5.5 s by its clock */
    attempt_fresh(attempt, FRESH_ORDERS, AT_SHOPIFY, NOON_MS + 700000); /* not yet: now */
    attempt_fresh(attempt, FRESH_ORDERS, AT_SHOPIFY, NOON_MS + 400000); /* late */
    attempt_fresh(attempt, FRESH_ORDERS, AT_SHOPIFY, 0);                /* does not say */
    attempt_fresh(attempt, FRESH_ORDERS, AT_SHOPIFY, NOON_MS - 2 * FRESH_MOST_MS); /* history */
    assert_int_equal(3, fresh_count(orders));
    assert_int_equal(1, orders->steps[fresh_step(5500)]);
    assert_int_equal(1, orders->steps[0]);
    assert_int_equal(1, orders->late);
    attempt->shop = NULL;
}

static void what_has_no_time_has_changed_since_the_last_look(void **state)
{
    (void)state;
    static const struct shop SHOP = {.code = "DEMO", .freshness_target_s = 75};
    const struct fresh_tally *products = &attempt->fresh[FRESH_PRODUCTS];
    attempt->shop = &SHOP;
    hand_ms = NOON_MS;
    attempt_fresh_since(attempt, FRESH_PRODUCTS, 0, NOON_MS - 1000); /* nobody had looked */
    assert_int_equal(0, fresh_count(products));
    attempt_fresh_since(attempt, FRESH_PRODUCTS, NOON_MS - 60000, 0);
    attempt_fresh_since(attempt, FRESH_PRODUCTS, NOON_MS - 60000, NOON_MS - 90000); /* a price */
    attempt_fresh_since(attempt, FRESH_PRODUCTS, NOON_MS - 60000, NOON_MS - 2000);
    assert_int_equal(2, products->steps[fresh_step(60000)]);
    assert_int_equal(1, products->steps[fresh_step(2000)]);
    attempt->shop = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ATTEMPT(settings_and_arguments_are_there),
        WITH_ATTEMPT(the_gate_is_asked_before_each_step),
        WITH_ATTEMPT(a_gate_left_open_is_shut_by_its_time),
        WITH_ATTEMPT(a_checkpoint_is_kept_even_when_it_ends_the_run),
        WITH_ATTEMPT(progress_shows_counts_of_its_own_moment),
        WITH_ATTEMPT(quiet_counts_from_the_last_step),
        WITH_ATTEMPT(patience_with_redis_ends),
        WITH_ATTEMPT(what_rooms_opened_is_freed_with_it),
        WITH_ATTEMPT(an_age_goes_by_the_clock_that_dates_the_change),
        WITH_ATTEMPT(what_has_no_time_has_changed_since_the_last_look),
        cmocka_unit_test(secrets_come_by_reference),
        cmocka_unit_test(token_endpoints_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
