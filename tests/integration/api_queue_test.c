/* api_queue_test.c - how people steer the queue: categories and priorities, through the API, a file
 * and the command line; what is wrong is told by its field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/api.h"

enum { SOON_MS = 10000 };

/* `cartage ...` ends with this code, and says this somewhere. */
static void says(struct told told, int code, const char *text)
{
    bool said = strstr(told.out, text) || strstr(told.err, text);
    if (told.code != code || !said)
        fail_msg("code %d, not %d, or no \"%s\": %s%s", told.code, code, text, told.out, told.err);
    told_drop(&told);
}

static void a_category_is_listed_set_paused_and_resumed(void **state)
{
    struct api_house *house = *state;
    struct work work;
    api_house_furnish(house, true);
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO"), 0, "created");
    assert_true(api_claim(house, &work, SOON_MS));
    says(API_CLI(house, "entry", "add", "orders.process", "--shop", "DEMO"), 0, "created");
    says(API_CLI(house, "category", "list"), 0, "SHPFY");
    says(API_CLI(house, "category", "show", "shpfy"), 0, "run 1 (orders.sync) running");

    says(API_CLI(house, "category", "pause", "SHPFY"), 0, "category SHPFY: changed");
    says(API_CLI(house, "category", "pause", "SHPFY"), 0, "unchanged");
    says(API_CLI(house, "category", "list"), 0, "paused");
    says(API_CLI(house, "why", "2"), 0, "category SHPFY, which is paused");
    says(API_CLI(house, "why", "2"), 0, "next: cartage category resume SHPFY");
    api_finish(house, &work, OUTCOME_OK, "{}", NULL);
    assert_false(api_claim(house, &work, 100));
    says(API_CLI(house, "category", "resume", "SHPFY"), 0, "changed");
    assert_true(api_claim(house, &work, SOON_MS)); /* published by the call that resumed it */
    says(API_CLI(house, "category", "set", "SHPFY", "permits=2", "order=strict"), 0, "changed");
    says(API_CLI(house, "category", "show", "SHPFY"), 0, "permits   2");
    says(API_CLI(house, "category", "show", "SHPFY"), 0, "order     strict");
    says(API_CLI(house, "category", "show", "-"), 0, "permits   5");
}

static void what_is_wrong_is_told_by_its_field(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    says(API_CLI(house, "category", "set", "SHPFY", "permits=0"), 2,
         "permits: want a number from 1 to 100");
    says(API_CLI(house, "category", "set", "SHPFY", "permits=two"), 2, "permits: want a number");
    says(API_CLI(house, "category", "set", "SHPFY", "order=fifo"), 2,
         "order \"fifo\": want bounded");
    says(API_CLI(house, "category", "set", "SHPFY", "paused=maybe"), 2,
         "paused: want true or false");
    says(API_CLI(house, "category", "set", "SHPFY", "speed=9"), 2, "want permits, order or paused");
    says(API_CLI(house, "category", "set", "SHPFY", "permits"), 2, "write SETTING=VALUE");
    says(API_CLI(house, "category", "set", "A.B", "permits=2"), 2, "letters, digits and '-'");
    says(API_CLI(house, "entry", "set", "nothing"), 2, "what shall change?");
    says(API_CLI(house, "entry", "set", "nothing", "--priority", "high"), 5, "there is no entry");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "o", "--every",
                 "5 minutes"),
         0, "created");
    says(API_CLI(house, "entry", "set", "o", "--priority", "urgent"), 2,
         "want high, normal or low");
    static const struct {
        const char *body, *says;
    } PATCHES[] = {
        {"{\"every_ms\":5}",                    "every_ms: want a number from 1000"},
        {"{\"every\":5}",                       "has no field"                     },
        {"{\"name\":\"p\"}",                    "the path says which entry"        },
        {"{\"operation\":null}",                "operation is missing"             },
        {"{\"arguments\":{\"shop\":null}}",     "shop is missing"                  },
        {"{\"arguments\":{\"shop\":\"NONE\"}}", "shop NONE is not known"           },
        {"{\"formula\":\"1D\"}",                "leave every out"                  },
    };
    for (size_t i = 0; i < COUNT(PATCHES); i++) {
        struct client_answer answer = api_ask(house, "PATCH", "/v1/entries/o", PATCHES[i].body);
        if (answer.status < 400 || !strstr(json_text(answer.body, "detail"), PATCHES[i].says))
            fail_msg("%s: %d %s", PATCHES[i].body, answer.status, json_text(answer.body, "detail"));
        client_answer_drop(&answer);
    }
}

static void a_priority_changes_where_it_waits_and_not_while_it_runs(void **state)
{
    struct api_house *house = *state;
    struct work work, next;
    api_house_furnish(house, true);
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "one"), 0,
         "created");
    assert_true(api_claim(house, &work, SOON_MS));
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "two",
                 "--priority", "low"),
         0, "created");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "three",
                 "--priority", "low"),
         0, "created");
    says(API_CLI(house, "entry", "set", "one", "--priority", "high"), 6, "runs");
    says(API_CLI(house, "entry", "set", "three", "--priority", "high"), 0, "Waiting");
    says(API_CLI(house, "entry", "show", "three"), 0, "high");
    api_finish(house, &work, OUTCOME_OK, "{}", NULL);
    assert_true(api_claim(house, &next, SOON_MS));
    api_finish(house, &next, OUTCOME_OK, "{}", NULL);
    says(API_CLI(house, "entry", "show", "three"), 5, "there is no entry"); /* it was first */
}

static void a_file_says_how_a_category_works(void **state)
{
    struct api_house *house = *state;
    char path[128];
    api_house_furnish(house, true);
    snprintf(path, sizeof path, "%s/file.yaml", house->dir);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "companies:\n  - name: Demo\n    id: " API_COMPANY "\n    categories:\n"
                  "      - name: SHPFY\n        order: strict\n      - name: POST\n        "
                  "permits: 2\n        paused: true\n");
    fclose(file);
    says(API_CLI(house, "apply", "-f", path), 0, "changed category POST");
    says(API_CLI(house, "apply", "-f", path), 0, "nothing changed");
    says(API_CLI(house, "category", "show", "POST"), 0, "paused");
    says(API_CLI(house, "category", "show", "SHPFY"), 0, "strict");
}

static void an_entry_runs_once_beside_its_schedule(void **state)
{
    struct api_house *house = *state;
    struct work work;
    api_house_furnish(house, true);
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "o", "--every",
                 "1 hour", "--on-hold", "--tags", "a*"),
         0, "created");
    says(API_CLI(house, "entry", "run", "o"), 0, "run 1 (");
    says(API_CLI(house, "entry", "run", "o"), 0, "run 1 ("); /* the same wish */
    assert_true(api_claim(house, &work, SOON_MS));
    says(API_CLI(house, "category", "show", "SHPFY"), 0, "run 1 (orders.sync) running");
    says(API_CLI(house, "run", "show", "1"), 0, "a*"); /* with its arguments */
    says(API_CLI(house, "run", "show", "1"), 0, "manual");
    api_finish(house, &work, OUTCOME_OK, "{}", NULL);
    says(API_CLI(house, "entry", "show", "o"), 0, "On Hold"); /* as it was */
    assert_false(api_claim(house, &work, 100));
    says(API_CLI(house, "entry", "run", "nothing"), 5, "there is no entry");
    says(API_CLI(house, "shop", "disable", "DEMO"), 0, "changed");
    says(API_CLI(house, "entry", "run", "o"), 6, "cartage shop enable DEMO");
}

static void an_entry_is_previewed_and_edited_by_flags(void **state)
{
    struct api_house *house = *state;
    api_house_furnish(house, true);
    says(API_CLI(house, "entry", "preview", "orders.sync", "--shop", "DEMO", "--formula", "1D",
                 "--at-time", "06:00"),
         0, "T06:00:00");
    says(API_CLI(house, "entry", "preview", "orders.sync", "--shop", "DEMO", "--manual"), 0,
         "events wake it");
    says(API_CLI(house, "entry", "list"), 0, "no entries"); /* nothing was added */
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "o", "--every",
                 "1 hour", "--on-hold", "--tags", "a*", "--days", "mon-fri", "--priority", "low"),
         0, "created");
    says(API_CLI(house, "entry", "edit", "o", "--tags", "b*"), 0, "changed");
    says(API_CLI(house, "entry", "show", "o"), 0, "b*");
    says(API_CLI(house, "entry", "show", "o"), 0, "mon-fri"); /* the rest as it was */
    says(API_CLI(house, "entry", "show", "o"), 0, "3600000");
    says(API_CLI(house, "entry", "show", "o"), 0, "low");
    says(API_CLI(house, "entry", "show", "o"), 0, "On Hold");
    says(API_CLI(house, "entry", "edit", "o", "--formula", "1D", "--at-time", "06:00"), 0,
         "changed");
    says(API_CLI(house, "entry", "show", "o"), 0, "1D"); /* instead of every, and its days */
    says(API_CLI(house, "entry", "edit", "o", "--at-time", "06:00"), 0, "unchanged");
    says(API_CLI(house, "entry", "show", "o"), 0, "b*");
    says(API_CLI(house, "entry", "edit", "o", "--every", "perhaps"), 2, "--every");
    says(API_CLI(house, "entry", "edit", "nothing"), 5, "there is no entry");
    says(API_CLI(house, "company", "list"), 0, "CRONUS");
    says(API_CLI(house, "company", "show", "CRONUS"), 0, API_COMPANY);
    says(API_CLI(house, "credential", "list"), 0, "shopify-token");
    says(API_CLI(house, "store", "list"), 0, "no stores");
}

static void what_an_entry_does_is_said_by_flags_and_file_alike(void **state)
{
    struct api_house *house = *state;
    char path[128];
    api_house_furnish(house, true);
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "o", "--formula",
                 "1M+CM", "--run-at-start", "--on-exhausted", "stop", "--max-retry", "2", "--retry",
                 "1 minute", "--timeout", "2 hours", "--idle", "30 minutes"),
         0, "created");
    static const char *const SHOWN[] = {"run_at_start  true",    "on_exhausted  stop",
                                        "max_retry     2",       "retry_ms      60000",
                                        "timeout_ms    7200000", "idle_ms       1800000"};
    for (size_t i = 0; i < COUNT(SHOWN); i++)
        says(API_CLI(house, "entry", "show", "o"), 0, SHOWN[i]);
    snprintf(path, sizeof path, "%s/file.yaml", house->dir);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "companies:\n  - name: Demo\n    id: " API_COMPANY "\n    entries:\n"
                  "      - name: o\n        operation: orders.sync\n        shop: DEMO\n        "
                  "formula: 1M+CM\n"
                  "        run_at_start: true\n        on_exhausted: stop\n        max_retry: 2\n"
                  "        retry: 1 minute\n        timeout: 2 hours\n        idle: 30 minutes\n");
    fclose(file);
    says(API_CLI(house, "apply", "-f", path), 0, "company"); /* its name */
    says(API_CLI(house, "apply", "-f", path), 0, "nothing changed");

    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "m", "--manual",
                 "--backoff", "bc", "--max-retry", "3", "--credential", "s", "--lang", "de-DE"),
         0, "created");
    static const char *const MANUAL[] = {"manual", "bc", "de-DE", "credential"};
    for (size_t i = 0; i < COUNT(MANUAL); i++)
        says(API_CLI(house, "entry", "show", "m"), 0, MANUAL[i]);
    says(API_CLI(house, "entry", "list"), 0, "by events");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--name", "m", "--manual",
                 "--backoff", "bc", "--max-retry", "3", "--credential", "s", "--lang", "de-DE"),
         0, "unchanged");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--manual", "--every",
                 "1 hour"),
         2, "manual: it has no time of its own");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--manual", "--window",
                 "08:00-"),
         2, "window: only an entry with every");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--backoff", "linear"), 2,
         "backoff \"linear\": want exp");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--backoff", "bc",
                 "--max-retry", "11"),
         2, "max_retry: with backoff bc");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--lang", "d"), 2,
         "want a language like de-DE");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--credential", "nobody"),
         2, "credential: there is no credential");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--on-exhausted",
                 "explode"),
         2, "on_exhausted \"explode\": want resume");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--run-at-start"), 2,
         "run_at_start: an entry that runs once");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--every", "1 hour",
                 "--run-at-start", "--at", "2099-01-01T00:00:00Z"),
         2, "run_at_start: start says when");
    says(API_CLI(house, "entry", "add", "orders.sync", "--shop", "DEMO", "--max-retry", "many"), 2,
         "--max-retry takes a number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_category_is_listed_set_paused_and_resumed),
        API_TEST(what_is_wrong_is_told_by_its_field),
        API_TEST(a_priority_changes_where_it_waits_and_not_while_it_runs),
        API_TEST(a_file_says_how_a_category_works),
        API_TEST(an_entry_runs_once_beside_its_schedule),
        API_TEST(an_entry_is_previewed_and_edited_by_flags),
        API_TEST(what_an_entry_does_is_said_by_flags_and_file_alike),
    };
    return cmocka_run_group_tests_name("api_queue", tests, NULL, NULL);
}
