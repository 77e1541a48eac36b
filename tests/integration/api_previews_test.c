/* api_previews_test.c - the form asks when an entry would run, and the queue then does just that;
 * an entry is changed by its id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/api.h"

#define ENTRY(more) "{\"operation\":\"orders.sync\",\"shop\":\"DEMO\"" more "}"
#define TUESDAY_MS 4000000000000LL /* 2 October 2096, 07:06:40 UTC */
#define START ",\"start_ms\":4000000000000"
enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

/* What a body answers: how many runs, the first and the last of them after TUESDAY_MS, and why
 * there are no more. */
static const struct {
    const char *name, *body;
    size_t count;
    int64_t first_ms, last_ms;
    const char *end, *zone;
} PREVIEWS[] = {
  /* clang-format off */
    {"by minutes, in the company's zone", ENTRY(",\"every_ms\":60000" START), 10, 0, 9 * MINUTE_MS, "", "Europe/London"},
    /* 16:15 to 18:00 in Tokyo, then 08:00 and 08:15 of the next day */
    {"weekdays and a window", ENTRY(",\"every_ms\":900000,\"days\":\"mon-fri\",\"window\":\"8:00-18:00\",\"zone\":\"Asia/Tokyo\"" START),
     10, 500000, 500000 + 16 * HOUR_MS, "", "Asia/Tokyo"},
    {"it expires", ENTRY(",\"every_ms\":60000,\"expires_ms\":4000000150000" START), 3, 0, 2 * MINUTE_MS, "expires", "Europe/London"},
    {"once", ENTRY(START), 1, 0, 0, "once", "Europe/London"},
    {"people and events alone", ENTRY(",\"manual\":true"), 0, 0, 0, "manual", "Europe/London"},
    /* its start, then the ends of nine months at 06:00 in London, winter and summer, to 30 June 2097 */
    {"a formula", ENTRY(",\"formula\":\"1D+CM\",\"at_time\":\"06:00\"" START), 10, 0, 23406800000, "", "Europe/London"},
    {"as Business Central", ENTRY(",\"every_ms\":3600000,\"mode\":\"bc\"" START), 10, 0, 9 * HOUR_MS, "", "Europe/London"},
  /* clang-format on */
};

static int64_t at(const json *runs, size_t index)
{
    return json_int(json_at(runs, index), "at_ms", 0);
}

static void london(struct api_house *house)
{
    api_house_furnish(house, true);
    struct client_answer answer = api_ask(house, "PUT", "/v1/companies/CRONUS",
                                          "{\"name\":\"CRONUS\",\"time_zone\":\"Europe/London\"}");
    assert_int_equal(answer.status, 200);
    client_answer_drop(&answer);
}

static void a_preview_tells_the_next_runs(void **state)
{
    struct api_house *house = *state;
    london(house);
    for (size_t i = 0; i < COUNT(PREVIEWS); i++) {
        struct client_answer answer =
            api_ask(house, "POST", "/v1/entries/preview", PREVIEWS[i].body);
        const json *runs = json_get(answer.body, "runs");
        size_t count = json_count(runs);
        if (answer.status != 200 || count != PREVIEWS[i].count ||
            (count && (at(runs, 0) != TUESDAY_MS + PREVIEWS[i].first_ms ||
                       at(runs, count - 1) != TUESDAY_MS + PREVIEWS[i].last_ms)) ||
            strcmp(json_text(answer.body, "end"), PREVIEWS[i].end) != 0 ||
            strcmp(json_text(answer.body, "zone"), PREVIEWS[i].zone) != 0)
            fail_msg("%s: %d %s", PREVIEWS[i].name, answer.status, json_write(answer.body));
        client_answer_drop(&answer);
    }
    struct client_answer answer = api_ask(house, "GET", "/v1/entries", NULL);
    assert_int_equal(json_count(json_get(answer.body, "entries")), 0); /* nothing was stored */
    client_answer_drop(&answer);
}

static void the_queue_plans_what_was_previewed(void **state)
{
    struct api_house *house = *state;
    london(house);
    for (size_t i = 0; i < COUNT(PREVIEWS); i++) {
        char path[64];
        if (!PREVIEWS[i].count)
            continue;
        struct client_answer answer = api_ask(house, "POST", "/v1/entries", PREVIEWS[i].body);
        snprintf(path, sizeof path, "/v1/entries/%s", json_text(answer.body, "id"));
        client_answer_drop(&answer);
        struct work none;
        assert_false(api_claim(house, &none, 1)); /* fires what is due: it is planned */
        answer = api_ask(house, "GET", path, NULL);
        if (json_int(answer.body, "due_ms", 0) != TUESDAY_MS + PREVIEWS[i].first_ms)
            fail_msg("%s: %s", PREVIEWS[i].name, json_write(answer.body));
        client_answer_drop(&answer);
    }
}

static void a_preview_refuses_what_the_entry_would(void **state)
{
    struct api_house *house = *state;
    static const struct {
        const char *body, *says;
    } REFUSED[] = {
        {ENTRY(",\"every_ms\":900000,\"window\":\"25:00-\""),  "window"                  },
        {ENTRY(",\"formula\":\"CM\""),                         "write 1D+CM"             },
        {ENTRY(",\"every_ms\":900000,\"zone\":\"Mars/Base\""), "zone"                    },
        {"{\"operation\":\"orders.sync\"}",                    "argument shop is missing"},
    };
    london(house);
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        struct client_answer answer =
            api_ask(house, "POST", "/v1/entries/preview", REFUSED[i].body);
        if (answer.status != 400 || !strstr(json_text(answer.body, "detail"), REFUSED[i].says))
            fail_msg("%s: %d %s", REFUSED[i].body, answer.status, json_write(answer.body));
        client_answer_drop(&answer);
    }
}

static const char *change(struct api_house *house, const char *path, const char *body,
                          char out[static 16])
{
    struct client_answer answer = api_ask(house, "PUT", path, body);
    snprintf(out, 16, "%s", answer.status == 200 ? json_text(answer.body, "change") : "refused");
    client_answer_drop(&answer);
    return out;
}

static void an_entry_without_a_name_is_changed_by_its_id(void **state)
{
    struct api_house *house = *state;
    char path[64], word[16];
    london(house);
    struct client_answer answer =
        api_ask(house, "POST", "/v1/entries", ENTRY(",\"every_ms\":60000" START));
    snprintf(path, sizeof path, "/v1/entries/%s", json_text(answer.body, "id"));
    client_answer_drop(&answer);

    assert_string_equal(change(house, path, ENTRY(",\"every_ms\":60000"), word), "unchanged");
    assert_string_equal(change(house, path, ENTRY(",\"every_ms\":120000"), word), "changed");
    assert_string_equal(change(house, path, ENTRY(",\"name\":\"other\""), word), "refused");
    assert_string_equal(change(house, "/v1/entries/nobody", ENTRY(""), word), "refused");
    answer = api_ask(house, "GET", path, NULL);
    assert_int_equal(json_int(answer.body, "every_ms", 0), 120000);
    assert_int_equal(json_int(answer.body, "start_ms", 0),
                     TUESDAY_MS); /* its slots stay where they were */
    client_answer_drop(&answer);
    answer = api_ask(house, "GET", "/v1/entries", NULL);
    assert_int_equal(json_count(json_get(answer.body, "entries")), 1);
    client_answer_drop(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_preview_tells_the_next_runs),
        API_TEST(the_queue_plans_what_was_previewed),
        API_TEST(a_preview_refuses_what_the_entry_would),
        API_TEST(an_entry_without_a_name_is_changed_by_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
