/* api_edits_test.c - edits of records: their tags, the audit log, requests that are sent twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "support/api.h"

/* ---- calls with headers, and the answer's ETag ---- */

struct reply {
    long status;
    struct buf text;
    char tag[64];
    bool replayed;
};

static void reply_drop(struct reply *reply)
{
    buf_drop(&reply->text);
}
#define OWN_REPLY_ __attribute__((cleanup(reply_drop)))

static size_t take_text(char *bytes, size_t one, size_t count, void *state)
{
    buf_add(state, bytes, one * count);
    return one * count;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *state)
{
    struct reply *reply = state;
    OWN_TEXT char *line = mem_text_n(bytes, one * count);
    if (strncasecmp(line, "ETag: ", 6) == 0)
        snprintf(reply->tag, sizeof reply->tag, "%.*s", (int)strcspn(line + 6, "\r\n"), line + 6);
    if (strncasecmp(line, "Idempotency-Replayed: true", 26) == 0)
        reply->replayed = true;
    return one * count;
}

static void call(struct api_house *house, const char *method, const char *path, const char *body,
                 const char *header, struct reply *reply)
{
    *reply = (struct reply){0};
    CURL *curl = curl_easy_init();
    OWN_TEXT char *url = mem_printf("%s%s", admin_address(house->admin), path);
    struct curl_slist *headers =
        curl_slist_append(NULL, "Authorization: Bearer a-token-of-this-test-0123456789");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    if (header)
        headers = curl_slist_append(headers, header);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_text);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply->text);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

static void expect(const struct reply *reply, long status, const char *says)
{
    if (reply->status != status || (says && !strstr(buf_str(&reply->text), says)))
        fail_msg("%ld %s", reply->status, buf_str(&reply->text));
}

static json *audit(struct api_house *house, const char *query)
{
    OWN_TEXT char *path = mem_printf("/v1/audit?%s", query);
    struct client_answer answer = api_ask(house, "GET", path, NULL);
    assert_int_equal(answer.status, 200);
    return answer.body;
}

/* ---- ETags ---- */

static const struct {
    const char *name, *path, *method, *first, *second;
} RECORDS[] = {
  /* clang-format off */
    {"a shop", "/v1/shops/DEMO", "PATCH", "{\"background\":false}", "{\"background\":true}"},
    {"a company", "/v1/companies/" API_COMPANY, "PUT", "{\"name\":\"CRONUS\",\"log_days\":9}",
     "{\"name\":\"CRONUS\",\"log_days\":10}"},
    {"an entry", "/v1/entries/orders", "PATCH", "{\"priority\":\"low\"}", "{\"priority\":\"high\"}"},
    {"a credential", "/v1/credentials/s", "PUT", "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"A\"}}",
     "{\"kind\":\"shopify-token\",\"token\":{\"env\":\"B\"}}"},
    {"a category", "/v1/categories/SHPFY", "PATCH", "{\"permits\":2}", "{\"permits\":3}"},
  /* clang-format on */
};

static void furnish(struct api_house *house)
{
    api_house_furnish(house, true);
    struct client_answer answer = api_ask(
        house, "POST", "/v1/entries",
        "{\"name\":\"orders\",\"operation\":\"orders.sync\",\"arguments\":{\"shop\":\"DEMO\"},"
        "\"every_ms\":3600000}");
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
}

static void an_edit_of_what_changed_meanwhile_is_refused(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    for (size_t i = 0; i < COUNT(RECORDS); i++) {
        OWN_REPLY_ struct reply read, edit, late, again;
        call(house, "GET", RECORDS[i].path, NULL, NULL, &read);
        if (read.status != 200 || !*read.tag)
            fail_msg("%s: %ld, tag %s", RECORDS[i].name, read.status, read.tag);
        OWN_TEXT char *seen = mem_printf("If-Match: %s", read.tag);
        call(house, RECORDS[i].method, RECORDS[i].path, RECORDS[i].first, seen, &edit);
        expect(&edit, 200, NULL);
        if (!*edit.tag || strcmp(edit.tag, read.tag) == 0)
            fail_msg("%s: its tag after the edit is \"%s\"", RECORDS[i].name, edit.tag);

        call(house, RECORDS[i].method, RECORDS[i].path, RECORDS[i].second, seen, &late);
        expect(&late, 412, "was changed by admin at 2");
        expect(&late, 412, "read it again");
        assert_string_equal(late.tag, edit.tag);

        OWN_TEXT char *fresh = mem_printf("If-Match: \"other\", %s", edit.tag);
        call(house, RECORDS[i].method, RECORDS[i].path, RECORDS[i].second, fresh, &again);
        expect(&again, 200, NULL);
    }
}

static void what_is_gone_is_not_as_it_was_read(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    OWN_REPLY_ struct reply read, gone, late, made;
    call(house, "GET", "/v1/entries/orders", NULL, NULL, &read);
    OWN_TEXT char *seen = mem_printf("If-Match: %s", read.tag);
    call(house, "DELETE", "/v1/entries/orders", NULL, seen, &gone);
    expect(&gone, 200, NULL);
    call(house, "PATCH", "/v1/entries/orders", "{\"priority\":\"low\"}", seen, &late);
    expect(&late, 412, "does not exist");
    call(house, "PUT", "/v1/shops/NEW?company=" API_COMPANY, "{\"store\":\"new.myshopify.com\"}",
         "If-Match: *", &made);
    expect(&made, 412, "leave out If-Match");
}

static void what_has_no_tag_is_not_compared(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    OWN_REPLY_ struct reply reply;
    call(house, "POST", "/v1/sync", "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"}",
         "If-Match: \"x\"", &reply);
    expect(&reply, 400, "has no ETag");
}

static void a_run_does_not_change_the_tag_of_its_entry(void **state)
{
    struct api_house *house = *state;
    struct work work;
    furnish(house);
    OWN_REPLY_ struct reply before, after;
    call(house, "GET", "/v1/entries/orders", NULL, NULL, &before);
    assert_true(api_claim(house, &work, 5000));
    api_finish(house, &work, OUTCOME_OK, "{\"read\":1}", NULL);
    call(house, "GET", "/v1/entries/orders", NULL, NULL, &after);
    assert_string_equal(before.tag, after.tag);
}

struct editor {
    struct api_house *house;
    const char *seen;
    int permits;
    long status;
    pthread_t thread;
};

static void *edits(void *state)
{
    struct editor *editor = state;
    OWN_REPLY_ struct reply reply;
    OWN_TEXT char *body = mem_printf("{\"permits\":%d}", editor->permits);
    call(editor->house, "PATCH", "/v1/categories/SHPFY", body, editor->seen, &reply);
    editor->status = reply.status;
    return NULL;
}

static void of_many_edits_at_once_one_passes(void **state)
{
    struct api_house *house = *state;
    struct editor editors[8];
    furnish(house);
    for (int round = 0; round < 10; round++) {
        OWN_REPLY_ struct reply read;
        int passed = 0;
        call(house, "GET", "/v1/categories/SHPFY", NULL, NULL, &read);
        OWN_TEXT char *seen = mem_printf("If-Match: %s", read.tag);
        for (size_t i = 0; i < COUNT(editors); i++) {
            editors[i] = (struct editor){house, seen, 10 + round * 8 + (int)i, 0, 0};
            assert_int_equal(pthread_create(&editors[i].thread, NULL, edits, &editors[i]), 0);
        }
        for (size_t i = 0; i < COUNT(editors); i++) {
            pthread_join(editors[i].thread, NULL);
            passed += editors[i].status == 200;
            assert_true(editors[i].status == 200 || editors[i].status == 412);
        }
        assert_int_equal(passed, 1);
    }
}

/* ---- the audit log ---- */

static void a_change_tells_who_what_and_from_where(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    struct told told = API_CLI(house, "shop", "set", "DEMO", "currency=EUR");
    told_drop(&told);
    OWN_JSON json *found = audit(house, "limit=1");
    const json *change = json_at(json_get(found, "changes"), 0);
    assert_string_equal(json_text(change, "who"), "admin");
    assert_string_equal(json_text(change, "role"), "admin");
    assert_string_equal(json_text(change, "from"), "127.0.0.1");
    assert_string_equal(json_text(change, "route"), "PATCH /v1/shops/{shop}");
    assert_string_equal(json_text(change, "record"), "shop DEMO");
    assert_string_equal(json_text(change, "company"), API_COMPANY);
    assert_true(json_int(change, "at_ms", 0) > 1000000000000);
    assert_string_equal(json_write(json_get(change, "fields")),
                        "{\"currency\":{\"before\":\"\",\"after\":\"EUR\"}}");
}

static const struct {
    const char *method, *path, *body, *record, *route;
} CHANGES[] = {
  /* clang-format off */
    {"POST", "/v1/entries/orders/hold", NULL, "entry orders", "POST /v1/entries/{entry}/hold"},
    {"POST", "/v1/shops/DEMO/disable", NULL, "shop DEMO", "POST /v1/shops/{shop}/disable"},
    {"PATCH", "/v1/categories/SHPFY", "{\"paused\":true}", "category SHPFY",
     "PATCH /v1/categories/{category}"},
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":\"view\"}", "token ann", "POST /v1/tokens"},
    {"DELETE", "/v1/tokens/ann", NULL, "token ann", "DELETE /v1/tokens/{token}"},
    {"DELETE", "/v1/entries/orders", NULL, "entry orders", "DELETE /v1/entries/{entry}"},
  /* clang-format on */
};

static void every_kind_of_change_is_told(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    for (size_t i = 0; i < COUNT(CHANGES); i++) {
        struct client_answer answer =
            api_ask(house, CHANGES[i].method, CHANGES[i].path, CHANGES[i].body);
        if (answer.status >= 300)
            fail_msg("%s: %s", CHANGES[i].path, json_text(answer.body, "detail"));
        client_answer_drop(&answer);
        OWN_JSON json *found = audit(house, "limit=1");
        const json *change = json_at(json_get(found, "changes"), 0);
        if (strcmp(json_text(change, "record"), CHANGES[i].record) != 0 ||
            strcmp(json_text(change, "route"), CHANGES[i].route) != 0)
            fail_msg("%s: %s", CHANGES[i].path, json_write(change));
    }
}

#define QUESTION(more) "{\"operation\":\"orders.process\",\"shop\":\"DEMO\"" more "}"

static void what_changes_nothing_is_not_told(void **state)
{
    struct api_house *house = *state;
    furnish(house);
    OWN_JSON json *before = audit(house, "limit=1");
    static const char *const BODIES[][3] = {
        {"PATCH", "/v1/shops/DEMO",      "{\"enabled\":true}"           },
        {"PATCH", "/v1/entries/orders",  "{\"priority\":\"high\"}"      },
        {"PATCH", "/v1/shops/DEMO",      "{\"enabled\":\"maybe\"}"      },
        {"POST",  "/v1/entries/preview", QUESTION(",\"every_ms\":60000")},
        {"POST",  "/v1/entries/matches", QUESTION("")                   },
        {"GET",   "/v1/shops",           NULL                           },
    };
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        struct client_answer answer = api_ask(house, BODIES[i][0], BODIES[i][1], BODIES[i][2]);
        client_answer_drop(&answer);
    }
    OWN_JSON json *after = audit(house, "limit=1");
    OWN_TEXT char *text = mem_text(json_write(json_get(before, "changes")));
    assert_string_equal(json_write(json_get(after, "changes")), text);
}

static void no_secret_is_told(void **state)
{
    struct api_house *house = *state;
    api_house_seal(house);
    furnish(house);
    OWN_REPLY_ struct reply credential, company;
    call(house, "PUT", "/v1/credentials/t",
         "{\"kind\":\"shopify-token\",\"token\":{\"value\":\"hush-hush\"}}", NULL, &credential);
    expect(&credential, 200, NULL);
    call(house, "PUT", "/v1/companies/" API_COMPANY,
         "{\"name\":\"CRONUS\",\"notify\":{\"targets\":[{\"name\":\"ops\",\"kind\":\"webhook\","
         "\"address\":\"https://example.com/x\",\"secret\":{\"value\":\"hush-hush\"}}]}}",
         NULL, &company);
    expect(&company, 200, NULL);
    api_house_unseal(house);
    OWN_JSON json *found = audit(house, "limit=200");
    const char *text = json_write(found);
    if (strstr(text, "hush") || !strstr(text, "credential t") || !strstr(text, "hidden"))
        fail_msg("%s", text);
}

static void it_is_paged_and_filtered(void **state)
{
    struct api_house *house = *state;
    char path[200];
    furnish(house);
    for (int i = 0; i < 7; i++) {
        snprintf(path, sizeof path, "{\"permits\":%d}", i + 2);
        struct client_answer answer = api_ask(house, "PATCH", "/v1/categories/POST", path);
        client_answer_drop(&answer);
    }
    size_t seen = 0, pages = 0;
    OWN_TEXT char *next = mem_text("");
    do {
        OWN_TEXT char *query =
            mem_printf("limit=3&record=category%%20post%s%s", *next ? "&after=" : "", next);
        OWN_JSON json *page = audit(house, query);
        seen += json_count(json_get(page, "changes"));
        pages++;
        free(next);
        next = mem_text(json_text(page, "next"));
    } while (*next && pages < 9);
    assert_int_equal(seen, 7);
    assert_true(pages == 3 || pages == 4);
    static const struct {
        const char *query;
        bool some;
    } FILTERS[] = {
        {"who=admin",           true },
        {"who=adm",             false},
        {"route=PATCH",         true },
        {"record=shop%20DEMO",  true },
        {"record=shop%20NONE",  false},
        {"company=CRONUS",      true },
        {"since=4000000000000", false},
        {"until=1000",          false},
    };
    for (size_t i = 0; i < COUNT(FILTERS); i++) {
        OWN_JSON json *found = audit(house, FILTERS[i].query);
        if ((json_count(json_get(found, "changes")) > 0) != FILTERS[i].some)
            fail_msg("%s: %zu", FILTERS[i].query, json_count(json_get(found, "changes")));
    }
    struct told told = API_CLI(house, "audit", "--record", "category POST", "--limit", "2");
    if (!strstr(told.out, "permits: 7 -> 8") || strstr(told.out, "permits: 5 -> 6"))
        fail_msg("%s", told.out);
    told_drop(&told);
}

/* ---- requests that are sent twice ---- */

static void a_request_sent_again_is_answered_again(void **state)
{
    struct api_house *house = *state;
    static const char BODY[] = "{\"operation\":\"orders.sync\",\"arguments\":{\"shop\":\"DEMO\"},"
                               "\"every_ms\":3600000}";
    api_house_furnish(house, true);
    OWN_REPLY_ struct reply first, again, other, free_key, elsewhere;
    call(house, "POST", "/v1/entries", BODY, "Idempotency-Key: one", &first);
    expect(&first, 200, "\"created\"");
    call(house, "POST", "/v1/entries", BODY, "Idempotency-Key: one", &again);
    expect(&again, 200, "\"created\"");
    assert_true(again.replayed && !first.replayed);
    assert_string_equal(buf_str(&first.text), buf_str(&again.text));
    call(house, "POST", "/v1/entries", "{\"operation\":\"orders.process\",\"shop\":\"DEMO\"}",
         "Idempotency-Key: one", &other);
    expect(&other, 422, "another request");
    call(house, "POST", "/v1/sync", BODY, "Idempotency-Key: one", &elsewhere);
    expect(&elsewhere, 422, "/v1/entries");
    call(house, "POST", "/v1/entries", BODY, "Idempotency-Key: two", &free_key);
    expect(&free_key, 200, "\"created\"");
    struct client_answer list = api_ask(house, "GET", "/v1/entries", NULL);
    assert_int_equal(json_count(json_get(list.body, "entries")), 2);
    client_answer_drop(&list);
}

static void a_refused_request_may_be_sent_again(void **state)
{
    struct api_house *house = *state;
    static const char BODY[] = "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"}";
    api_house_furnish(house, true);
    OWN_REPLY_ struct reply refused, done, again;
    struct client_answer answer = api_ask(house, "POST", "/v1/shops/DEMO/disable", NULL);
    client_answer_drop(&answer);
    call(house, "POST", "/v1/sync", BODY, "Idempotency-Key: s", &refused);
    expect(&refused, 409, "not enabled");
    answer = api_ask(house, "POST", "/v1/shops/DEMO/enable", NULL);
    client_answer_drop(&answer);
    call(house, "POST", "/v1/sync", BODY, "Idempotency-Key: s", &done);
    expect(&done, 202, NULL);
    call(house, "POST", "/v1/sync", BODY, "Idempotency-Key: s", &again);
    expect(&again, 202, NULL);
    assert_string_equal(buf_str(&done.text), buf_str(&again.text));
}

/* The producer died between the deed and its answer: what was made is found by the key. */
static void an_entry_is_made_once_even_when_its_answer_was_never_kept(void **state)
{
    struct api_house *house = *state;
    static const char BODY[] = "{\"operation\":\"orders.sync\",\"arguments\":{\"shop\":\"DEMO\"},"
                               "\"every_ms\":3600000}";
    struct err err = {0};
    OWN_REPLY redisReply *forgotten = NULL;
    api_house_furnish(house, true);
    OWN_REPLY_ struct reply first, again;
    call(house, "POST", "/v1/entries", BODY, "Idempotency-Key: one", &first);
    assert_true(redis_commandf(ledger_redis(house->ledger), &forgotten, &err, "EVAL %s 0",
                               "for _, key in ipairs(redis.call('KEYS', 'ct:test:once:*')) do "
                               "redis.call('DEL', key) end"));
    call(house, "POST", "/v1/entries", BODY, "Idempotency-Key: one", &again);
    expect(&again, 200, "\"unchanged\"");
    assert_false(again.replayed);
    struct client_answer list = api_ask(house, "GET", "/v1/entries", NULL);
    assert_int_equal(json_count(json_get(list.body, "entries")), 1);
    client_answer_drop(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(an_edit_of_what_changed_meanwhile_is_refused),
        API_TEST(what_is_gone_is_not_as_it_was_read),
        API_TEST(what_has_no_tag_is_not_compared),
        API_TEST(a_run_does_not_change_the_tag_of_its_entry),
        API_TEST(of_many_edits_at_once_one_passes),
        API_TEST(a_change_tells_who_what_and_from_where),
        API_TEST(every_kind_of_change_is_told),
        API_TEST(what_changes_nothing_is_not_told),
        API_TEST(no_secret_is_told),
        API_TEST(it_is_paged_and_filtered),
        API_TEST(a_request_sent_again_is_answered_again),
        API_TEST(a_refused_request_may_be_sent_again),
        API_TEST(an_entry_is_made_once_even_when_its_answer_was_never_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
