/* api_http_test.c - who gets in, what is refused and how, what settings and entries become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "admin/routes.h"
#include "support/api.h"

static void every_route_asks_for_the_token(void **state)
{
    struct api_house *house = *state;
    static const char *const WRONG[] = {NULL,
                                        "",
                                        "a-token-of-this-test-0123456788",
                                        "a-token-of-this-test-01234567890",
                                        "ann.0123456789",
                                        "admin.a-token-of-this-test-0123456789"};
    for (const struct route *route = ROUTES; route->method; route++) {
        char path[200];
        api_fill(route->path, path);
        for (size_t i = 0; i < COUNT(WRONG); i++) {
            struct client_answer answer = api_ask_as(house, WRONG[i], route->method, path);
            int open = strchr(route->path, '{') ? 404 : 200; /* nothing is called x */
            if (answer.status != (route->role == ROLE_ANYBODY ? open : 401))
                fail_msg("%s %s without the token: %d", route->method, path, answer.status);
            client_answer_drop(&answer);
        }
    }
}

static const struct {
    const char *name, *method, *path, *body;
    int status;
    const char *says;
} PROBLEMS[] = {
  /* clang-format off */
    {"no route", "GET", "/v1/nothing", NULL, 404, "is no route"},
    {"wrong method", "DELETE", "/v1/runs", NULL, 405, "takes GET"},
    {"unknown company", "GET", "/v1/companies/NOBODY", NULL, 404, "company \"NOBODY\""},
    {"unknown shop", "GET", "/v1/shops/NOPE", NULL, 404, "shop NOPE is not known"},
    {"unknown setting", "PATCH", "/v1/shops/DEMO", "{\"enable\":true}", 400,
     "did you mean enabled"},
    {"wrong value", "PATCH", "/v1/shops/DEMO", "{\"enabled\":\"maybe\"}", 400,
     "enabled: \"maybe\""},
    {"store of a live shop", "PATCH", "/v1/shops/DEMO", "{\"store\":\"other.myshopify.com\"}", 409,
     "cartage shop disable DEMO"},
    {"another code", "PATCH", "/v1/shops/DEMO", "{\"code\":\"OTHER\"}", 400, "keeps its code"},
    {"shop of nobody", "PUT", "/v1/shops/A?company=22222222-2222-4222-8222-222222222222",
     "{\"store\":\"a.myshopify.com\"}", 404, "add the company first"},
    {"secret in the open", "PUT", "/v1/credentials/t",
     "{\"kind\":\"shopify-token\",\"token\":\"hush-hush\"}", 400, "never the secret"},
    {"no seal key", "PUT", "/v1/credentials/t",
     "{\"kind\":\"shopify-token\",\"token\":{\"value\":\"hush-hush\"}}", 422,
     "CARTAGE_SEAL_KEY_FILE"},
    {"kind of credential", "PUT", "/v1/credentials/t", "{\"kind\":\"pigeon\"}", 400,
     "kind \"pigeon\""},
    {"unknown operation", "POST", "/v1/entries", "{\"operation\":\"orders.eat\"}", 400,
     "operation \"orders.eat\""},
    {"entry of no shop", "POST", "/v1/entries", "{\"operation\":30104,\"shop\":\"NOPE\"}", 404,
     "shop NOPE is not known"},
    {"unknown entry", "POST", "/v1/entries/nothing/hold", NULL, 404, "there is no entry"},
    {"unknown run", "GET", "/v1/runs/4711", NULL, 404, "there is no run 4711"},
    {"limit", "GET", "/v1/runs?limit=1000", NULL, 400, "limit takes a number"},
    {"wait", "GET", "/v1/runs/1?wait=100", NULL, 400, "wait takes a number"},
    {"kind of record", "GET", "/v1/unmapped/dreams", NULL, 404,
     "not products, customers or companies"},
    {"escaped slash", "GET", "/v1/unmapped/a%2Fb", NULL, 404, "a/b"},
    {"unknown product", "PUT", "/v1/mappings/products/1", "{\"number\":\"X\"}", 404, "product 1"},
    {"no number", "PUT", "/v1/mappings/products/1", "{}", 400, "number is missing"},
    {"nothing to wake", "POST", "/v1/triggers", "{\"operation\":\"orders.process\"}", 404,
     "no entry of orders.process"},
    {"sync of no shop", "POST", "/v1/sync", "{\"operation\":\"orders.sync\"}", 400,
     "argument shop is missing"},
  /* clang-format on */
};

static void a_refusal_says_why_and_what_to_do(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    for (size_t i = 0; i < COUNT(PROBLEMS); i++) {
        struct client_answer answer =
            api_ask(house, PROBLEMS[i].method, PROBLEMS[i].path, PROBLEMS[i].body);
        const char *detail = json_text(answer.body, "detail");
        if (answer.status != PROBLEMS[i].status || !strstr(detail, PROBLEMS[i].says))
            fail_msg("%s: %d %s", PROBLEMS[i].name, answer.status, detail);
        assert_int_equal(json_int(answer.body, "status", 0), answer.status);
        assert_true(*json_text(answer.body, "title") && *json_text(answer.body, "type"));
        if (strstr(detail, "hush"))
            fail_msg("%s repeats a secret", PROBLEMS[i].name);
        client_answer_drop(&answer);
    }
}

static void a_body_too_large_is_refused(void **state)
{
    struct api_house *house = *state;
    OWN_BUF struct buf body = {0};
    buf_text(&body, "{\"a\":\"");
    for (int i = 0; i < CALL_MAX_BODY / 10; i++)
        buf_text(&body, "0123456789");
    buf_text(&body, "\"}");
    struct client_answer answer = api_ask(house, "POST", "/v1/sync", buf_str(&body));
    assert_int_equal(answer.status, 413);
    client_answer_drop(&answer);
    answer = api_ask(house, "GET", "/v1/companies", NULL); /* and the API goes on */
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
}

static void a_secret_goes_in_and_never_comes_out(void **state)
{
    struct api_house *house = *state;
    api_house_seal(house);
    static const char BODY[] = "{\"kind\":\"shopify-token\",\"token\":{\"value\":\"hush-hush\"}}";
    static const char *const CHANGES[] = {"created", "unchanged"};
    for (size_t i = 0; i < COUNT(CHANGES); i++) {
        struct client_answer answer = api_ask(house, "PUT", "/v1/credentials/sealed", BODY);
        assert_int_equal(answer.status, 200);
        assert_string_equal(json_text(answer.body, "change"), CHANGES[i]);
        client_answer_drop(&answer);
    }
    api_house_unseal(house);
    struct client_answer answer = api_ask(house, "GET", "/v1/credentials", NULL);
    const char *text = json_write(answer.body);
    assert_non_null(strstr(text, "{\"name\":\"sealed\",\"kind\":\"shopify-token\"}"));
    assert_null(strstr(text, "token\":{"));
    client_answer_drop(&answer);

    OWN_JSON json *stored = NULL;
    struct err err = {0};
    pthread_mutex_lock(&house->lock);
    assert_true(ledger_credential_get(house->ledger, "sealed", &stored, &err));
    pthread_mutex_unlock(&house->lock);
    assert_true(*json_text(json_get(stored, "token"), "sealed"));
    assert_null(strstr(json_write(stored), "hush"));
}

static void settings_change_and_stay(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    static const struct {
        const char *method, *path, *body, *change;
    } STEPS[] = {
  /* clang-format off */
        {"PUT", "/v1/companies/CRONUS", "{\"name\":\"CRONUS\"}", "unchanged"},
        {"PATCH", "/v1/shops/demo", "{\"allow_writes\":false}", "changed"},
        {"PATCH", "/v1/shops/demo", "{\"allow_writes\":\"false\"}", "unchanged"},
        {"POST", "/v1/shops/demo/enable", NULL, "unchanged"},
        {"POST", "/v1/shops/demo/disable", NULL, "changed"},
        {"PATCH", "/v1/shops/demo", "{\"store\":\"https://other.myshopify.com/\"}", "changed"},
  /* clang-format on */
    };
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        struct client_answer answer = api_ask(house, STEPS[i].method, STEPS[i].path, STEPS[i].body);
        if (answer.status != 200 || strcmp(json_text(answer.body, "change"), STEPS[i].change) != 0)
            fail_msg("%s %s: %d %s", STEPS[i].method, STEPS[i].path, answer.status,
                     json_write(answer.body));
        client_answer_drop(&answer);
    }
    struct client_answer answer = api_ask(house, "GET", "/v1/shops/DEMO", NULL);
    assert_string_equal(json_text(answer.body, "store"), "other.myshopify.com");
    assert_string_equal(json_text(answer.body, "company"), API_COMPANY);
    assert_false(json_flag(answer.body, "allow_writes", true));
    assert_false(json_flag(answer.body, "enabled", true));
    client_answer_drop(&answer);
}

static void change_entry(struct api_house *house, const char *body, const char *change, char *id)
{
    struct client_answer answer = api_ask(house, "POST", "/v1/entries", body);
    if (answer.status != 200 || strcmp(json_text(answer.body, "change"), change) != 0)
        fail_msg("%s: %d %s", body, answer.status, json_write(answer.body));
    snprintf(id, UUID_TEXT, "%s", json_text(answer.body, "id"));
    client_answer_drop(&answer);
}

static void an_entry_with_a_name_is_added_once(void **state)
{
    struct api_house *house = *state;
    char first[UUID_TEXT], second[UUID_TEXT], third[UUID_TEXT];
    api_house_furnish(house, true);
#define ENTRY(more) "{\"name\":\"o\",\"operation\":\"orders.sync\",\"shop\":\"DEMO\"," more "}"
    change_entry(house, ENTRY("\"every_ms\":60000"), "created", first);
    struct work work;
    assert_true(api_claim(house, &work, 5000)); /* its first slot is now */
    assert_string_equal(work.ticket.entry, first);
    api_finish(house, &work, OUTCOME_OK, "{\"read\":3}", NULL);

    change_entry(house, ENTRY("\"every_ms\":60000"), "unchanged", second);
    assert_string_equal(first, second);
    change_entry(house, ENTRY("\"every_ms\":90000"), "changed", third);
    assert_string_equal(first, third);
    struct client_answer answer = api_ask(house, "GET", "/v1/entries/o", NULL);
    assert_int_equal(json_int(answer.body, "every_ms", 0), 90000);
    assert_string_equal(json_text(json_get(answer.body, "last"), "outcome"), "ok");
    client_answer_drop(&answer);
    answer = api_ask(house, "GET", "/v1/entries", NULL);
    assert_int_equal(json_count(json_get(answer.body, "entries")), 1);
    client_answer_drop(&answer);
}

/* Words of people go in and come out; the calendar of a company is that of its zone. */
static void an_entry_keeps_its_calendar(void **state)
{
    struct api_house *house = *state;
    char first[UUID_TEXT], second[UUID_TEXT];
    api_house_furnish(house, true);
#define CALENDAR                                                                                   \
    "\"every_ms\":900000,\"days\":\"Mon-Fri\",\"window\":\"8:00-18:00\",\"zone\":\"Asia/Tokyo\","  \
    "\"catch_up\":\"all\",\"max_backlog\":5,\"start_ms\":4000000000000"
    change_entry(house, ENTRY(CALENDAR), "created", first);
    change_entry(house, ENTRY(CALENDAR), "unchanged", second);
    struct client_answer answer = api_ask(house, "GET", "/v1/entries/o", NULL);
    assert_string_equal(json_text(answer.body, "days"), "mon-fri");
    assert_string_equal(json_text(answer.body, "window"), "08:00-18:00");
    assert_string_equal(json_text(answer.body, "zone"), "Asia/Tokyo");
    assert_string_equal(json_text(answer.body, "catch_up"), "all");
    assert_int_equal(json_int(answer.body, "max_backlog", 0), 5);
    client_answer_drop(&answer);
    /* Tuesday 2 October 2096, 07:06:40 UTC: there it is 16:06:40, and the next quarter inside. */
    struct work none;
    assert_false(api_claim(house, &none, 1));
    answer = api_ask(house, "GET", "/v1/entries/o", NULL);
    assert_int_equal(json_int(answer.body, "due_ms", 0), 4000000500000);
    client_answer_drop(&answer);

    change_entry(house, ENTRY("\"formula\":\"1D+CM\",\"at_time\":\"06:00\",\"mode\":\"bc\""),
                 "changed", second);
    assert_string_equal(first, second);
    answer = api_ask(house, "GET", "/v1/entries/o", NULL);
    assert_string_equal(json_text(answer.body, "schedule"), "formula");
    assert_string_equal(json_text(answer.body, "at_time"), "06:00");
    assert_string_equal(json_text(answer.body, "mode"), "bc");
    assert_string_equal(json_text(answer.body, "window"), "");
    client_answer_drop(&answer);
    answer = api_ask(house, "POST", "/v1/entries", ENTRY("\"formula\":\"CM\""));
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(json_text(answer.body, "detail"), "write 1D+CM"));
    client_answer_drop(&answer);
}

static void an_entry_is_added_in_words(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    struct told told = API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name",
                               "n", "--every", "15 minutes", "--days", "mon-fri", "--window",
                               "08:00-18:00", "--zone", "Europe/London", "--catch-up", "none",
                               "--grace", "10 minutes", "--expires", "2096-01-01T00:00:00Z");
    if (told.code)
        fail_msg("%s", told.err);
    told_drop(&told);
    told = API_CLI(house, "entry", "add", "30104", "--shop", "DEMO", "--name", "m", "--formula",
                   "1M+CM", "--at-time", "06:00", "--mode", "bc");
    if (told.code)
        fail_msg("%s", told.err);
    told_drop(&told);
    told = API_CLI(house, "entry", "list");
    if (!strstr(told.out, "15 min mon-fri 08:00-18:00") || !strstr(told.out, "1M+CM 06:00"))
        fail_msg("%s", told.out);
    told_drop(&told);
    struct client_answer answer = api_ask(house, "GET", "/v1/entries/n", NULL);
    assert_string_equal(json_text(answer.body, "zone"), "Europe/London");
    assert_int_equal(json_int(answer.body, "grace_ms", 0), 600000);
    assert_int_equal(json_int(answer.body, "expires_ms", 0), 3976214400000);
    client_answer_drop(&answer);
    /* And a file says the same: nothing to change. */
    char path[] = "/tmp/cartage-apply-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    dprintf(file, "companies:\n  - id: 11111111-1111-4111-8111-111111111111\n    name: CRONUS\n"
                  "    entries:\n"
                  "      - name: n\n        operation: orders.sync\n        shop: DEMO\n"
                  "        every: 15 minutes\n        days: mon-fri\n        window: 08:00-18:00\n"
                  "        zone: Europe/London\n        catch_up: none\n        grace: 10 minutes\n"
                  "        expires: 2096-01-01T00:00:00Z\n"
                  "      - name: m\n        operation: 30104\n        shop: DEMO\n"
                  "        formula: \"1M+CM\"\n        at_time: 06:00\n        mode: bc\n");
    close(file);
    told = API_CLI(house, "apply", "-f", path, "--json");
    unlink(path);
    if (told.code)
        fail_msg("%s%s", told.out, told.err);
    OWN_JSON json *applied = NULL;
    struct err err = {0};
    assert_true(json_parse(told.out, strlen(told.out), &applied, &err));
    const json *records = json_get(applied, "records");
    assert_string_equal(json_text(json_at(records, json_count(records) - 2), "change"),
                        "unchanged");
    assert_string_equal(json_text(json_at(records, json_count(records) - 1), "change"),
                        "unchanged");
    told_drop(&told);
    told = API_CLI(house, "entry", "add", "30104", "--shop", "DEMO", "--every", "1 h", "--days",
                   "mo-fr");
    assert_int_equal(told.code, 2);
    assert_non_null(strstr(told.err, "days: \"mo-fr\" is no list of weekdays; write mon-fri"));
    told_drop(&told);
}

static void entries_obey(void **state)
{
    struct api_house *house = *state;
    char id[UUID_TEXT];
    api_house_furnish(house, true);
    change_entry(house, ENTRY("\"every_ms\":60000,\"on_hold\":true"), "created", id);
    static const struct {
        const char *method, *path, *status; /* of the entry; NULL = any */
    } STEPS[] = {
        {"GET",    "/v1/entries/o",         "On Hold"},
        {"POST",   "/v1/entries/o/ready",   NULL     },
        {"POST",   "/v1/entries/o/hold",    "On Hold"},
        {"POST",   "/v1/entries/o/restart", "Ready"  },
        {"DELETE", "/v1/entries/o",         NULL     },
    };
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        struct client_answer answer = api_ask(house, STEPS[i].method, STEPS[i].path, NULL);
        const char *status = json_text(answer.body, "status");
        if (answer.status != 200 || (STEPS[i].status && strcmp(status, STEPS[i].status) != 0))
            fail_msg("%s %s: %d %s", STEPS[i].method, STEPS[i].path, answer.status,
                     json_write(answer.body));
        client_answer_drop(&answer);
    }
    struct client_answer answer = api_ask(house, "GET", "/v1/entries/o", NULL);
    assert_int_equal(answer.status, 404);
    client_answer_drop(&answer);
}

static void a_trigger_wakes_an_entry(void **state)
{
    struct api_house *house = *state;
    char id[UUID_TEXT];
    struct work work;
    api_house_furnish(house, true);
    change_entry(house, ENTRY("\"every_ms\":86400000,\"start_ms\":4000000000000"), "created", id);
    assert_false(api_claim(house, &work, 50));
    struct client_answer answer =
        api_ask(house, "POST", "/v1/triggers", "{\"operation\":30104,\"shop\":\"DEMO\"}");
    assert_int_equal(answer.status, 202);
    const json *woken = json_get(answer.body, "woken");
    assert_int_equal(json_count(woken), 1);
    assert_string_equal(json_text(json_at(woken, 0), "entry"), id);
    client_answer_drop(&answer);
    assert_true(api_claim(house, &work, 5000));
    assert_string_equal(work.ticket.entry, id);
}

static void cues_are_green_until_a_run_fails(void **state)
{
    struct api_house *house = *state;
    char id[UUID_TEXT];
    struct work work;
    api_house_furnish(house, true);
    change_entry(house, ENTRY("\"every_ms\":60000,\"max_retry\":0"), "created", id);
    for (int failed = 0; failed <= 1; failed++) {
        struct client_answer answer = api_ask(house, "GET", "/v1/cues", NULL);
        const json *cues = json_get(answer.body, "cues");
        assert_true(json_count(cues) >= 6);
        for (size_t i = 0; i < json_count(cues); i++) {
            const json *cue = json_at(cues, i);
            bool errors = strcmp(json_text(cue, "name"), "synchronization_errors") == 0;
            assert_int_equal(json_int(cue, "value", -1), errors && failed ? 1 : 0);
            assert_string_equal(json_text(cue, "colour"), errors && failed ? "yellow" : "green");
            const json *cures = json_get(cue, "cure");
            assert_int_equal(json_count(cures), errors && failed ? 1 : 0);
            if (json_count(cures)) {
                assert_non_null(strstr(json_string(json_at(cures, 0)), id));
                assert_non_null(strstr(json_string(json_at(cures, 0)), "no such store"));
            }
        }
        client_answer_drop(&answer);
        if (!failed) {
            assert_true(api_claim(house, &work, 5000));
            api_finish(house, &work, OUTCOME_FATAL, "{}", "no such store");
        }
    }
}

static void with_several_companies_one_must_be_meant(void **state)
{
    struct api_house *house = *state;
    char id[UUID_TEXT];
    api_house_furnish(house, true);
    change_entry(house, ENTRY("\"every_ms\":60000"), "created", id);
    struct client_answer answer =
        api_ask(house, "PUT", "/v1/companies/22222222-2222-4222-8222-222222222222",
                "{\"name\":\"Second Ltd.\"}");
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
    static const struct {
        const char *method, *path;
        int status;
        const char *says;
    } STEPS[] = {
        {"GET", "/v1/runs/1",                           400, "company is missing, and there are 2"},
        {"GET", "/v1/runs/1?company=cronus",            200, ""                                   },
        {"GET", "/v1/runs/9?company=cronus",            404, "there is no run 9"                  },
        {"GET", "/v1/runs?before=7",                    400, "before goes with one company"       },
        {"GET", "/v1/shops/DEMO",                       200, ""                                   },
        {"GET", "/v1/shops/DEMO?company=Second%20Ltd.", 404, "shop DEMO is not known"             },
        {"GET", "/v1/entries/o",                        200, ""                                   },
        {"GET", "/v1/entries/p",                        404, "not known in any company"           },
    };
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        answer = api_ask(house, STEPS[i].method, STEPS[i].path, NULL);
        if (answer.status != STEPS[i].status ||
            !strstr(json_text(answer.body, "detail"), STEPS[i].says))
            fail_msg("%s: %d %s", STEPS[i].path, answer.status, json_write(answer.body));
        client_answer_drop(&answer);
    }
}

static void without_redis_it_says_so(void **state)
{
    struct api_house *house = *state;
    proc_kill(house->redis.proc);
    struct client_answer answer = api_ask(house, "GET", "/v1/health", NULL);
    assert_int_equal(answer.status, 503);
    client_answer_drop(&answer);
    answer = api_ask(house, "GET", "/v1/companies", NULL);
    assert_int_equal(answer.status, 503);
    assert_true(*json_text(answer.body, "detail"));
    client_answer_drop(&answer);
    struct told told = API_CLI(house, "cues");
    assert_int_equal(told.code, 3);
    told_drop(&told);
}

int main(void)
{
    ids_start();
    const struct CMUnitTest tests[] = {
        API_TEST(every_route_asks_for_the_token),
        API_TEST(a_refusal_says_why_and_what_to_do),
        API_TEST(a_body_too_large_is_refused),
        API_TEST(a_secret_goes_in_and_never_comes_out),
        API_TEST(settings_change_and_stay),
        API_TEST(an_entry_with_a_name_is_added_once),
        API_TEST(an_entry_keeps_its_calendar),
        API_TEST(an_entry_is_added_in_words),
        API_TEST(entries_obey),
        API_TEST(a_trigger_wakes_an_entry),
        API_TEST(cues_are_green_until_a_run_fails),
        API_TEST(with_several_companies_one_must_be_meant),
        API_TEST(without_redis_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
