/* api_triggers_test.c - POST /v1/triggers: events in all forms, what they wake, what they are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "support/api.h"

#define OTHER "22222222-2222-4222-8222-222222222222"
static const char STRUCTURED[] = "Content-Type: application/cloudevents+json";
static const char BATCH[] = "Content-Type: application/cloudevents-batch+json; charset=utf-8";
static const char PLAIN[] = "Content-Type: application/json";

struct said {
    long status;
    json *body;
};
static void said_drop(struct said *said)
{
    json_free(said->body);
}
#define OWN_SAID __attribute__((cleanup(said_drop)))

static size_t on_bytes(char *bytes, size_t one, size_t count, void *state)
{
    buf_add(state, bytes, one * count);
    return one * count;
}

/* A POST with these header lines; the last is NULL. */
static struct said post(struct api_house *house, const char *body, const char *const lines[])
{
    char token[64] = "";
    OWN_BUF struct buf bytes = {0};
    struct said said = {0};
    struct err err;
    FILE *file = fopen(house->token_file, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%63s", token), 1);
    fclose(file);
    OWN_TEXT char *url = mem_printf("%s/v1/triggers", admin_address(house->admin));
    OWN_TEXT char *bearer = mem_printf("Authorization: Bearer %s", token);
    struct curl_slist *headers = curl_slist_append(NULL, bearer);
    for (; *lines; lines++)
        headers = curl_slist_append(headers, *lines);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &bytes);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &said.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (!json_parse(buf_str(&bytes), bytes.size, &said.body, &err))
        fail_msg("%s: %s", buf_str(&bytes), err.text);
    return said;
}
#define POST(house, body, ...) post((house), (body), (const char *const[]){__VA_ARGS__, NULL})

/* A structured event of this id with this data. */
static struct said send_event(struct api_house *house, const char *id, const char *data)
{
    OWN_TEXT char *text = mem_printf("{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/test\","
                                     "\"type\":\"cartage.wake\",\"data\":%s}",
                                     id, data);
    return POST(house, text, STRUCTURED);
}

static const char *word(const struct said *said, size_t at)
{
    return json_text(json_at(json_get(said->body, "woken"), at), "answer");
}

static void expect(const struct said *said, long status, const char *answer)
{
    if (said->status != status || strcmp(word(said, 0), answer) != 0)
        fail_msg("%ld %s instead of %ld %s", said->status, json_write(said->body), status, answer);
}

/* An entry whose next slot is far away. */
static const char *entry_of(struct api_house *house, const char *name, const char *more)
{
    static char ids[4][UUID_TEXT];
    static size_t next;
    char *id = ids[next++ % COUNT(ids)];
    OWN_TEXT char *body =
        mem_printf("{\"name\":\"%s\",\"operation\":\"orders.sync\",\"shop\":\"DEMO\",\"every_ms\":"
                   "86400000,\"start_ms\":4000000000000%s}",
                   name, more);
    struct client_answer answer = api_ask(house, "POST", "/v1/entries?company=" API_COMPANY, body);
    if (answer.status != 200)
        fail_msg("%s", json_write(answer.body));
    snprintf(id, UUID_TEXT, "%s", json_text(answer.body, "id"));
    client_answer_drop(&answer);
    return id;
}

static void command(struct api_house *house, const char *entry, const char *verb)
{
    OWN_TEXT char *path = mem_printf("/v1/entries/%s/%s", entry, verb);
    struct client_answer answer = api_ask(house, "POST", path, NULL);
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
}

/* As if 300 events had come: an entry that has run is quiet for half a minute. */
static void many_have_come(struct api_house *house, const char *entry)
{
    OWN_REPLY redisReply *reply = NULL;
    struct err err;
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err,
                        "HSET ct:{test/%02x}:e:%s woken 300",
                        ledger_bucket(house->ledger, API_COMPANY), entry))
        fail_msg("%s", err.text);
}

/* ---- forms ---- */

static void an_event_wakes_what_it_concerns_and_a_double_nobody(void **state)
{
    struct api_house *house = *state;
    struct work work;
    api_house_furnish(house, true);
    const char *entry = entry_of(house, "o", "");
    OWN_SAID struct said first =
        send_event(house, "1", "{\"operation\":\"orders.sync\",\"shop\":\"demo\"}");
    expect(&first, 202, "done");
    assert_string_equal(json_text(first.body, "id"), "1");
    const json *row = json_at(json_get(first.body, "woken"), 0);
    assert_string_equal(json_text(row, "entry"), entry);
    assert_string_equal(json_text(row, "company"), API_COMPANY);
    assert_true(api_claim(house, &work, 5000));
    assert_string_equal(work.ticket.entry, entry);
    api_finish(house, &work, OUTCOME_OK, "{}", NULL);
    OWN_SAID struct said again =
        send_event(house, "1", "{\"operation\":\"orders.sync\",\"shop\":\"demo\"}");
    expect(&again, 202, "double");
    many_have_come(house, entry);
    OWN_SAID struct said by_name = send_event(house, "2", "{\"entry\":\"o\"}");
    expect(&by_name, 202, "later");
    assert_false(api_claim(house, &work, 50));
}

static void attributes_come_in_headers_too(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    const char *entry = entry_of(house, "o", "");
    OWN_TEXT char *data = mem_printf("{\"entry\":\"%s\"}", entry);
    OWN_SAID struct said first =
        POST(house, data, PLAIN, "ce-specversion: 1.0", "CE-Id: a%20b%C3%A4%", "ce-source: /test",
             "ce-type: cartage.wake");
    expect(&first, 202, "done");
    assert_string_equal(json_text(first.body, "id"), "a b\303\244%");
    OWN_SAID struct said missing =
        POST(house, data, PLAIN, "ce-specversion: 1.0", "ce-id: 1", "ce-type: cartage.wake");
    assert_int_equal(missing.status, 400);
    assert_non_null(strstr(json_text(missing.body, "detail"), "attribute source is missing"));
}

static void the_bare_data_needs_no_event(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    const char *entry = entry_of(house, "o", "");
    OWN_TEXT char *data = mem_printf("{\"entry\":\"%s\"}", entry);
    OWN_SAID struct said first = POST(house, data, PLAIN);
    expect(&first, 202, "done");
    OWN_SAID struct said second = POST(house, data, PLAIN);
    expect(&second, 202, "covered"); /* doubles are not known */
}

#define EVENT(id, data)                                                                            \
    "{\"specversion\":\"1.0\",\"id\":\"" id                                                        \
    "\",\"source\":\"/test\",\"type\":\"cartage.wake\",\"data\":" data "}"

static void each_event_of_a_batch_has_its_answer(void **state)
{
    struct api_house *house = *state;
    static const int WANT[] = {202, 400, 404, 202};
    api_house_furnish(house, true);
    entry_of(house, "o", "");
    OWN_SAID struct said said =
        POST(house,
             "[" EVENT("1", "{\"entry\":\"o\"}") ",{\"id\":\"2\"}," EVENT(
                 "3", "{\"entry\":\"nothing\"}") "," EVENT("4", "{\"entry\":\"o\"}") "]",
             BATCH);
    assert_int_equal(said.status, 202);
    const json *events = json_get(said.body, "events");
    assert_int_equal(json_count(events), COUNT(WANT));
    for (size_t i = 0; i < COUNT(WANT); i++) {
        assert_int_equal(json_int(json_at(events, i), "status", 0), WANT[i]);
        assert_int_equal(*json_text(json_at(events, i), "detail") == 0, WANT[i] == 202);
    }
    OWN_SAID struct said none = POST(house, "[{\"id\":\"2\"},7]", BATCH);
    assert_int_equal(none.status, 422);
    OWN_SAID struct said empty = POST(house, "[]", BATCH);
    assert_int_equal(empty.status, 202);
}

/* ---- who is woken ---- */

static void what_rests_does_not_hold_up_the_others(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    const char *held = entry_of(house, "held", ""), *ready = entry_of(house, "ready", "");
    command(house, held, "hold");
    static const char DATA[] = "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"}";
    OWN_SAID struct said some = send_event(house, "1", DATA);
    assert_int_equal(some.status, 202);
    assert_int_equal(json_count(json_get(some.body, "woken")), 2);
    assert_string_equal(word(&some, 0), "resting");
    assert_string_equal(word(&some, 1), "done");
    command(house, ready, "hold");
    OWN_SAID struct said none = send_event(house, "2", DATA);
    assert_int_equal(none.status, 409);
    const char *detail = json_text(none.body, "detail");
    assert_non_null(strstr(detail, held));
    assert_non_null(strstr(detail, "and 1 more"));
    assert_non_null(strstr(detail, "cartage entry ready"));
    /* refused is not taken: once it is ready, the same event wakes it */
    command(house, held, "ready");
    OWN_SAID struct said then = send_event(house, "2", DATA);
    assert_int_equal(then.status, 202);
    assert_string_equal(word(&then, 1), "resting");
}

static void arguments_choose_among_entries(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    entry_of(house, "all", "");
    const char *web =
        entry_of(house, "web", ",\"arguments\":{\"tags\":\"*[web]*\",\"fully_paid\":true}");
    OWN_SAID struct said some =
        send_event(house, "1",
                   "{\"operation\":30104,\"shop\":\"DEMO\",\"arguments\":{\"fully_paid\":true,"
                   "\"tags\":\"*[web]*\"}}");
    expect(&some, 202, "done");
    assert_int_equal(json_count(json_get(some.body, "woken")), 1);
    assert_string_equal(json_text(json_at(json_get(some.body, "woken"), 0), "entry"), web);
    OWN_SAID struct said all = send_event(house, "2", "{\"operation\":30104}");
    assert_int_equal(json_count(json_get(all.body, "woken")), 2);
}

static void where_there_is_no_entry_one_is_made(void **state)
{
    struct api_house *house = *state;
    struct work work;
    api_house_furnish(house, true);
    static const char DATA[] = "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\",\"ids\":[17,"
                               "\"gid://shopify/Order/18\",\"19\"]}";
    OWN_SAID struct said first = send_event(house, "1", DATA);
    expect(&first, 202, "added");
    OWN_SAID struct said second = send_event(house, "2", DATA);
    expect(&second, 202, "existing");
    assert_true(api_claim(house, &work, 5000));
    assert_int_equal(work.ticket.kind, TICKET_WAKE);
    OWN_REPLY redisReply *ids = NULL;
    struct err err;
    assert_true(redis_commandf(
        ledger_redis(house->ledger), &ids, &err, "ZRANGE ct:{test/%02x}:s:%s:subjects:%s 0 -1",
        ledger_bucket(house->ledger, API_COMPANY), API_COMPANY, work.ticket.entry));
    assert_int_equal(ids->elements, 3);
    assert_string_equal(ids->element[1]->str, "18");
    OWN_SAID struct said third = send_event(house, "3", DATA); /* while it runs */
    expect(&third, 202, "existing");
    many_have_come(house, work.ticket.entry);
    api_finish(house, &work, OUTCOME_OK, "{}", NULL);
    OWN_SAID struct said again = send_event(house, "1", DATA);
    expect(&again, 202, "double");
    assert_false(api_claim(house, &work, 50)); /* once more, when it has been quiet */
    struct client_answer answer = api_ask(house, "GET", "/v1/entries", NULL);
    assert_int_equal(json_count(json_get(answer.body, "entries")), 1);
    client_answer_drop(&answer);
}

static void a_shop_that_is_off_says_so(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    struct client_answer answer = api_ask(house, "POST", "/v1/shops/DEMO/disable", NULL);
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
    OWN_SAID struct said said =
        send_event(house, "1", "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"}");
    assert_int_equal(said.status, 409);
    assert_non_null(strstr(json_text(said.body, "detail"), "cartage shop enable DEMO"));
}

static void of_several_companies_the_shop_tells(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    entry_of(house, "o", "");
    struct client_answer answer =
        api_ask(house, "PUT", "/v1/companies/" OTHER, "{\"name\":\"Second Ltd.\"}");
    client_answer_drop(&answer);
    OWN_SAID struct said none = send_event(house, "1", "{\"operation\":\"orders.sync\"}");
    assert_int_equal(none.status, 400);
    assert_non_null(strstr(json_text(none.body, "detail"), "company is missing, and there are 2"));
    OWN_SAID struct said one =
        send_event(house, "2", "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"}");
    expect(&one, 202, "done");
    /* the second one gets a shop of that name, which is off */
    answer = api_ask(house, "PUT", "/v1/shops/DEMO?company=" OTHER,
                     "{\"store\":\"other.myshopify.com\",\"credential\":\"s\"}");
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
    OWN_SAID struct said both =
        send_event(house, "3", "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"}");
    assert_int_equal(both.status, 202);
    const json *woken = json_get(both.body, "woken");
    assert_int_equal(json_count(woken), 2);
    for (size_t i = 0; i < 2; i++) {
        bool other = strcmp(json_text(json_at(woken, i), "company"), OTHER) == 0;
        assert_string_equal(word(&both, i), other ? "disabled" : "covered");
    }
    OWN_SAID struct said named = send_event(
        house, "4", "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\",\"company\":\"cronus\"}");
    expect(&named, 202, "covered");
    assert_int_equal(json_count(json_get(named.body, "woken")), 1);
}

/* ---- what is wrong ---- */

static const struct {
    const char *name, *data;
    int status;
    const char *says;
} WRONG[] = {
  /* clang-format off */
    {"no data", "null", 400, "data is missing: want {\"entry\""},
    {"a text", "\"entry\"", 400, "data is missing"},
    {"nothing asked", "{}", 400, "operation is missing"},
    {"misspelt field", "{\"operation\":30104,\"shp\":\"DEMO\"}", 400, "did you mean shop"},
    {"misspelt operation", "{\"operation\":\"orders.synk\"}", 400, "did you mean orders.sync"},
    {"both", "{\"entry\":\"o\",\"operation\":30104}", 400, "exclude each other"},
    {"entry as a number", "{\"entry\":7}", 400, "entry: want its id or name"},
    {"unknown entry", "{\"entry\":\"nobody\"}", 404, "there is none that is called \"nobody\""},
    {"unknown entry id", "{\"entry\":\"00000000-0000-4000-8000-000000000000\"}", 404,
     "there is no entry 00000000"},
    {"unknown company", "{\"operation\":30104,\"company\":\"NOBODY\"}", 404,
     "company \"NOBODY\" is not known"},
    {"unknown company id", "{\"operation\":30104,\"company\":\"" OTHER "\"}", 404,
     "company " OTHER " is not known"},
    {"unknown shop", "{\"operation\":30104,\"shop\":\"NOPE\"}", 404, "shop NOPE is not known"},
    {"unknown argument", "{\"operation\":30104,\"shop\":\"DEMO\",\"arguments\":{\"tag\":\"x\"}}",
     400, "tag"},
    {"ids are no list", "{\"operation\":30104,\"ids\":\"7\"}", 400, "ids: want a list"},
    {"an id with a space", "{\"operation\":30104,\"ids\":[\"7\",\"7 8\"]}", 400, "ids: the 2."},
    {"an object as id", "{\"operation\":30104,\"ids\":[{}]}", 400, "ids: the 1."},
    {"an id that means all", "{\"operation\":30104,\"ids\":[\"*\"]}", 400, "ids: the 1."},
    {"nobody to wake", "{\"operation\":\"orders.process\"}", 404, "no entry of orders.process"},
  /* clang-format on */
};

static void what_is_wrong_is_named_with_its_cure(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        OWN_SAID struct said said = send_event(house, "1", WRONG[i].data);
        if (said.status != WRONG[i].status ||
            !strstr(json_text(said.body, "detail"), WRONG[i].says))
            fail_msg("%s: %ld %s", WRONG[i].name, said.status, json_write(said.body));
        assert_int_equal(json_int(said.body, "status", 0), said.status);
    }
    static const char *const TEXTS[][2] = {
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":\"other\"}",
         "type \"other\" is none that is known; cartage.wake is"                                  },
        {"{",                                                                           "not JSON"},
        {"",                                                                            "not JSON"},
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        OWN_SAID struct said said = POST(house, TEXTS[i][0], STRUCTURED);
        assert_int_equal(said.status, 400);
        if (!strstr(json_text(said.body, "detail"), TEXTS[i][1]))
            fail_msg("%s", json_write(said.body));
    }
    OWN_SAID struct said avro = POST(house, "x", "Content-Type: application/cloudevents+avro");
    assert_int_equal(avro.status, 400);
    assert_non_null(strstr(json_text(avro.body, "detail"), "application/cloudevents+json"));
}

static void no_kick(void *state)
{
    (void)state;
}

static void without_redis_the_sender_is_asked_to_repeat(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    entry_of(house, "o", "");
    house->config.kick = no_kick; /* the house's own needs Redis, too */
    proc_kill(house->redis.proc);
    OWN_SAID struct said said = send_event(house, "1", "{\"entry\":\"o\"}");
    assert_int_equal(said.status, 503);
    OWN_SAID struct said batch = POST(house, "[" EVENT("1", "{\"entry\":\"o\"}") "]", BATCH);
    assert_int_equal(batch.status, 503);
}

int main(void)
{
    ids_start();
    const struct CMUnitTest tests[] = {
        API_TEST(an_event_wakes_what_it_concerns_and_a_double_nobody),
        API_TEST(attributes_come_in_headers_too),
        API_TEST(the_bare_data_needs_no_event),
        API_TEST(each_event_of_a_batch_has_its_answer),
        API_TEST(what_rests_does_not_hold_up_the_others),
        API_TEST(arguments_choose_among_entries),
        API_TEST(where_there_is_no_entry_one_is_made),
        API_TEST(a_shop_that_is_off_says_so),
        API_TEST(of_several_companies_the_shop_tells),
        API_TEST(what_is_wrong_is_named_with_its_cure),
        API_TEST(without_redis_the_sender_is_asked_to_repeat),
    };
    return cmocka_run_group_tests_name("api_triggers", tests, NULL, NULL);
}
