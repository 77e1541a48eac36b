/* notices_test.c - who hears of what, what is one message, and the forms in which it leaves. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ids.h"
#include "child.h"
#include "notices_plan.h"
#include "notices_send.h"
#include "notices_text.h"
#include "yaml_tree.h"

#define MINUTE 60000LL
#define NOW 1767225600000LL

static struct err err;
static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    ids_start();
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* ---- settings ---- */

#define HOOK "\"name\":\"ops\",\"kind\":\"webhook\",\"address\":\"https://example.com/x\""
#define ONE(target) "{\"targets\":[{" target "}]}"

static const struct {
    const char *name, *text, *refusal; /* NULL = it fits */
} SECTIONS[] = {
    {"nobody",                   "{}",                                                                         NULL                         },
    {"a webhook",                ONE(HOOK),                                                                    NULL                         },
    {"a signed one",             ONE(HOOK ",\"secret\":{\"env\":\"KEY\"}"),                                    NULL                         },
    {"the secret itself",        ONE(HOOK ",\"secret\":\"s3cret\""),                                           "never the secret"           },
    {"a user in the URL",
     ONE("\"name\":\"a\",\"kind\":\"webhook\",\"address\":\"https://u:p@example.com/\""),
     "use secret"                                                                                                                           },
    {"no URL",                   ONE("\"name\":\"a\",\"kind\":\"webhook\",\"address\":\"example.com\""),
     "want a URL"                                                                                                                           },
    {"a command",                ONE("\"name\":\"a\",\"kind\":\"command\",\"address\":[\"page\",\"me now\"]"),
     NULL                                                                                                                                   },
    {"a path out of the folder",
     ONE("\"name\":\"a\",\"kind\":\"command\",\"address\":\"../bin/sh\""),                                     "NOTIFY_COMMANDS"            },
    {"a hidden program",         ONE("\"name\":\"a\",\"kind\":\"command\",\"address\":\"..\""),
     "NOTIFY_COMMANDS"                                                                                                                      },
    {"a mailbox",                ONE("\"name\":\"a\",\"kind\":\"mailbox\",\"address\":\"ops@example.com\""),   NULL                         },
    {"another header",
     ONE("\"name\":\"a\",\"kind\":\"mailbox\",\"address\":\"a@b.c\\nBcc: x@y.z\""),                            "one mailbox"                },
    {"two mailboxes",            ONE("\"name\":\"a\",\"kind\":\"mailbox\",\"address\":\"a@b.c,x@y.z\""),
     "one mailbox"                                                                                                                          },
    {"a signed mail",
     ONE("\"name\":\"a\",\"kind\":\"mailbox\",\"address\":\"a@b.c\",\"secret\":{\"env\":\"K\"}"),
     "only a webhook"                                                                                                                       },
    {"an unknown event",         ONE(HOOK ",\"on\":[\"failure\",\"always\"]"),                                 "on \"always\""              },
    {"an unknown kind",          ONE("\"name\":\"a\",\"kind\":\"pigeon\",\"address\":\"x\""),                  "kind"                       },
    {"an unknown field",         ONE(HOOK ",\"afetr\":2"),                                                     "did you mean after"         },
    {"after nothing",            ONE(HOOK ",\"after\":0"),                                                     "after: want a number from 1"},
    {"twice",                    "{\"targets\":[{" HOOK "},{" HOOK "}]}",                                      "twice"                      },
    {"a list that is none",      "{\"targets\":7}",                                                            "targets: want a list"       },
};

static void a_section_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SECTIONS); i++) {
        const struct notify *notify = NULL;
        bool fits = notify_parse(SECTIONS[i].text, arena, &notify, &err);
        if (fits != !SECTIONS[i].refusal)
            fail_msg("%s: %s", SECTIONS[i].name, fits ? "was taken" : err.text);
        if (!fits && (!strstr(err.text, SECTIONS[i].refusal) || err.code != 400))
            fail_msg("%s: it says %s", SECTIONS[i].name, err.text);
    }
}

static void a_section_written_reads_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SECTIONS); i++) {
        const struct notify *first = NULL, *second = NULL;
        OWN_BUF struct buf once = {0}, twice = {0};
        if (SECTIONS[i].refusal)
            continue;
        assert_true(notify_parse(SECTIONS[i].text, arena, &first, &err));
        notify_write(first, &once);
        if (!notify_parse(buf_str(&once), arena, &second, &err))
            fail_msg("%s: %s", SECTIONS[i].name, err.text);
        notify_write(second, &twice);
        assert_string_equal(buf_str(&once), buf_str(&twice));
    }
}

static const char *no_variable(const char *name)
{
    return strcmp(name, "HOOK") == 0 ? "https://example.com/hook" : NULL;
}

/* The page's example is read as `cartage apply` reads it. */
static void the_pages_example_fits(void **state)
{
    (void)state;
    OWN_BUF struct buf page = {0};
    OWN_JSON json *file = NULL;
    const struct notify *notify = NULL;
    char bytes[4096];
    size_t size;
    FILE *in = fopen("docs/notifications.md", "re");
    assert_non_null(in);
    while ((size = fread(bytes, 1, sizeof bytes, in)) > 0)
        buf_add(&page, bytes, size);
    fclose(in);
    const char *begin = strstr(buf_str(&page), "```yaml\n");
    assert_non_null(begin);
    begin += 8;
    const char *end = strstr(begin, "```");
    assert_non_null(end);
    if (!yaml_tree_read("page", begin, (size_t)(end - begin), no_variable, &file, &err) ||
        !notify_parse(json_write(json_path(file, "companies.0.notify")), arena, &notify, &err))
        fail_msg("%s", err.text);
    assert_int_equal(3, notify->count); /* one of each kind */
    for (size_t i = 0; i < notify->count; i++)
        assert_int_equal((int)i, notify->targets[i].kind);
}

/* ---- who hears of what ---- */

static const struct {
    const char *name;
    unsigned on;
    int64_t after, window_failures, window_minutes;
    const char *outcome;
    bool failed;
    int64_t fails; /* -1 = it works again */
    const char *asked;
    int64_t failures[4]; /* minutes ago, oldest first; -1 = none */
    unsigned want;
} WHYS[] = {
  /* clang-format off */
    {"the first failure", 3, 1, 0, 60, "retry", true, 1, "", {0, -1}, NOTIFY_FAILURE},
    {"not before the third", 3, 3, 0, 60, "fatal", true, 2, "", {0, -1}, 0},
    {"the third", 3, 3, 0, 60, "fatal", true, 3, "", {0, -1}, NOTIFY_FAILURE},
    {"and after it", 3, 3, 0, 60, "fatal", true, 4, "", {0, -1}, NOTIFY_FAILURE},
    {"not told of failures", NOTIFY_RECOVERY, 1, 0, 60, "fatal", true, 1, "", {0, -1}, 0},
    {"a full window", 1, 9, 3, 60, "fatal", true, 1, "", {59, 30, 0, -1}, NOTIFY_FAILURE},
    {"one of it is too old", 1, 9, 3, 60, "fatal", true, 1, "", {60, 30, 0, -1}, 0},
    {"no window", 1, 9, 0, 60, "fatal", true, 1, "", {3, 2, 1, 0}, 0},
    {"the first success after it", 3, 1, 0, 60, "ok", false, -1, "", {5, -1}, NOTIFY_RECOVERY},
    {"nothing to do is well, too", 3, 1, 0, 60, "idle", false, -1, "", {5, -1}, NOTIFY_RECOVERY},
    {"any other success", 3, 1, 0, 60, "ok", false, 0, "", {5, -1}, 0},
    {"cancelled is neither", 3, 1, 0, 60, "cancelled", false, 0, "", {5, -1}, 0},
    {"not told of recoveries", NOTIFY_FAILURE, 1, 0, 60, "ok", false, -1, "", {5, -1}, 0},
    {"who asked", 7, 1, 0, 60, "ok", false, 0, "ops", {-1}, NOTIFY_MANUAL},
    {"who asked, among others", 7, 1, 0, 60, "cancelled", false, 0, "a,ops,b", {-1}, NOTIFY_MANUAL},
    {"somebody else asked", 7, 1, 0, 60, "ok", false, 0, "ops2,op", {-1}, 0},
    {"who asked hears of a failure once", 7, 1, 0, 60, "fatal", true, 1, "ops", {0, -1}, NOTIFY_MANUAL},
    {"who may not ask", 3, 1, 0, 60, "ok", false, 0, "ops", {-1}, 0},
  /* clang-format on */
};

static void thresholds_say_who_hears(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(WHYS); i++) {
        struct notify_target target = {.name = "ops",
                                       .on = WHYS[i].on,
                                       .after = WHYS[i].after,
                                       .window_failures = WHYS[i].window_failures,
                                       .window_minutes = WHYS[i].window_minutes};
        struct outbox_event event = {.outcome = WHYS[i].outcome,
                                     .failed = WHYS[i].failed,
                                     .fails = WHYS[i].fails,
                                     .recovered = WHYS[i].fails < 0,
                                     .notify = WHYS[i].asked,
                                     .at_ms = NOW};
        int64_t failures[4];
        size_t count = 0;
        while (count < 4 && WHYS[i].failures[count] >= 0) {
            failures[count] = NOW - WHYS[i].failures[count] * MINUTE;
            count++;
        }
        unsigned got = notice_why(&target, &event, failures, count);
        if (got != WHYS[i].want)
            fail_msg("%s: %u, want %u", WHYS[i].name, got, WHYS[i].want);
    }
}

/* ---- what is one message ---- */

static const struct {
    const char *name;
    struct outbox_event event;
    const char *target;
    unsigned why;
    bool same; /* as the first row */
} CAUSES[] = {
  /* clang-format off */
    {"the first", {.company = "c", .operation = "orders.sync", .error = "shop A: 503 after 12 ms", .id = "1"}, "ops", NOTIFY_FAILURE, true},
    {"other numbers", {.company = "c", .operation = "orders.sync", .error = "shop A: 50 after 1234 ms", .id = "2"}, "ops", NOTIFY_FAILURE, true},
    {"another text", {.company = "c", .operation = "orders.sync", .error = "shop B: 503 after 12 ms", .id = "3"}, "ops", NOTIFY_FAILURE, false},
    {"another operation", {.company = "c", .operation = "products.sync", .error = "shop A: 503 after 12 ms", .id = "4"}, "ops", NOTIFY_FAILURE, false},
    {"another company", {.company = "d", .operation = "orders.sync", .error = "shop A: 503 after 12 ms", .id = "5"}, "ops", NOTIFY_FAILURE, false},
    {"another target", {.company = "c", .operation = "orders.sync", .error = "shop A: 503 after 12 ms", .id = "6"}, "qa", NOTIFY_FAILURE, false},
    {"a recovery", {.company = "c", .operation = "orders.sync", .error = "", .id = "7"}, "ops", NOTIFY_RECOVERY, false},
    {"asked for", {.company = "c", .operation = "orders.sync", .error = "shop A: 503 after 12 ms", .id = "8"}, "ops", NOTIFY_MANUAL, false},
  /* clang-format on */
};

static void one_cause_is_one_message(void **state)
{
    char first[NOTICE_CAUSE_TEXT], cause[NOTICE_CAUSE_TEXT], again[NOTICE_CAUSE_TEXT];
    (void)state;
    for (size_t i = 0; i < COUNT(CAUSES); i++) {
        struct notify_target target = {.name = CAUSES[i].target};
        struct outbox_event event = CAUSES[i].event;
        notice_cause(&target, &event, CAUSES[i].why, cause);
        if (i == 0)
            memcpy(first, cause, sizeof first);
        if ((strcmp(cause, first) == 0) != CAUSES[i].same)
            fail_msg("%s is %s", CAUSES[i].name,
                     CAUSES[i].same ? "another cause" : "the same cause");
        event.id = "9"; /* who asked hears of each run; all else does not look at the event's id */
        notice_cause(&target, &event, CAUSES[i].why, again);
        assert_int_equal(CAUSES[i].why == NOTIFY_MANUAL, strcmp(cause, again) != 0);
    }
}

static void delays_grow_to_a_quarter_of_an_hour(void **state)
{
    static const int64_t WANT[] = {2000,  4000,   8000,   16000,  32000,
                                   64000, 128000, 256000, 512000, 900000};
    (void)state;
    for (size_t i = 0; i < COUNT(WANT); i++)
        assert_int_equal(WANT[i], notice_delay_ms((int64_t)i + 1));
    assert_int_equal(900000, notice_delay_ms(1000));
}

/* ---- forms ---- */

static const char *const ROWS[] = {
    "{\"no\":12,\"operation\":\"orders.sync\",\"description\":\"Aufträge\",\"outcome\":\"failed\","
    "\"error\":\"Größe: "
    "503\",\"failures\":3,\"at_ms\":1767225600000,\"entry\":\"e\",\"task\":\"t\"}",
};

static struct outbox_taken taken(const char *why, int64_t count)
{
    return (struct outbox_taken){.id = "11111111-1111-4111-8111-111111111111",
                                 .company = "c",
                                 .target = "ops",
                                 .why = why,
                                 .settings = "{\"name\":\"CRONUS\"}",
                                 .count = count,
                                 .rows = ROWS,
                                 .row_count = 1};
}

static void subjects_say_what_happened(void **state)
{
    static const struct {
        const char *why;
        int64_t count;
        const char *want;
    } SUBJECTS[] = {
        {"failure",  1,  "CRONUS: orders.sync failed (run 12)"            },
        {"failure",  14, "CRONUS: 14 runs of orders.sync failed"          },
        {"recovery", 1,  "CRONUS: orders.sync works again"                },
        {"recovery", 3,  "CRONUS: 3 entries work again"                   },
        {"manual",   1,  "CRONUS: run 12 of orders.sync has ended: failed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(SUBJECTS); i++) {
        OWN_BUF struct buf got = {0};
        struct outbox_taken notice = taken(SUBJECTS[i].why, SUBJECTS[i].count);
        notice_subject(&notice, &got);
        assert_string_equal(SUBJECTS[i].want, buf_str(&got));
    }
}

static void a_list_that_is_cut_says_so(void **state)
{
    OWN_BUF struct buf text = {0};
    struct outbox_taken notice = taken("failure", 14);
    (void)state;
    notice_text(&notice, &text);
    assert_non_null(strstr(buf_str(&text), "... and 13 more\n"));
    assert_non_null(strstr(buf_str(&text), "failed 3 times in a row"));
    assert_non_null(strstr(buf_str(&text), "Größe: 503"));
}

static void headers_of_a_mail_are_ascii_lines(void **state)
{
    OWN_BUF struct buf mail = {0};
    struct outbox_taken notice = taken("failure", 1);
    (void)state;
    notice.settings = "{\"name\":\"Käse und Söhne an der schönen blauen Donau, Außenstelle "
                      "Österreich\\nBcc: x@y.z\"}";
    notice_mail(&notice, "prod", "ops@example.com", &mail);
    const char *text = buf_str(&mail), *end = strstr(text, "\n\n");
    assert_non_null(end);
    size_t line = 0, headers = 0;
    for (const char *c = text; c < end; c++) {
        assert_true((unsigned char)*c < 0x80);
        line = *c == '\n' ? 0 : line + 1;
        assert_true(line <= 78 + 10); /* "Subject: " and one encoded word */
        headers += *c == '\n' && c[1] != ' ';
    }
    assert_int_equal(6, headers); /* To, Subject, and five more: none came in with the name */
    assert_null(strstr(text, "Bcc"));
}

static void a_letter_that_was_cut_is_a_question_mark(void **state)
{
    static const struct {
        const char *text, *want;
    } TEXTS[] = {
        {"plain",               "plain"              },
        {"Größe",             "Größe"            },
        {"Gr\xc3",              "Gr?"                },
        {"\xe2\x82 5",          "?? 5"               },
        {"\xc0\xaf",            "??"                 },
        {"\xed\xa0\x80",        "???"                },
        {"\xf0\x9f\x98\x80 ok", "\xf0\x9f\x98\x80 ok"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        assert_string_equal(TEXTS[i].want, utf8_clean(TEXTS[i].text, arena));
}

/* HMAC-SHA256 of "1.body" under "key", as `openssl dgst -sha256 -hmac key` says. */
static void the_signature_is_hmac_sha256(void **state)
{
    char got[NOTICE_SIGNATURE_TEXT];
    (void)state;
    notice_sign("key", 1, "body", 4, got);
    assert_string_equal("sha256=91b5374b153842ad05b2c4eab9349b8321b14703165bd3fb8b034dfb8be98ae5",
                        got);
}

/* ---- programs ---- */

static bool run(const char *script, const char *input, int64_t timeout_ms)
{
    static const _Atomic bool never = false;
    static const char *const VARIABLES[] = {"PATH=/usr/bin:/bin", "GIVEN=1", NULL};
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct child child = {.argv = argv,
                                .variables = VARIABLES,
                                .input = input,
                                .input_size = strlen(input),
                                .timeout_ms = timeout_ms,
                                .clock = &CLOCK_REAL,
                                .ending = &never};
    return child_run(&child, &err);
}

static void programs_have_an_input_an_environment_and_a_limit(void **state)
{
    static char large[300000];
    (void)state;
    memset(large, 'x', sizeof large - 1);
    assert_true(run("test \"$(cat)\" = 'what it says'", "what it says", 10000));
    assert_true(run("test $(wc -c) -eq 299999", large, 10000)); /* more than a pipe holds */
    assert_true(run("exit 0", large, 10000));                   /* and it may not care to read */
    assert_true(run("test \"$GIVEN\" = 1 -a -z \"$HOME\" -a -z \"$CARTAGE_REDIS\"", "", 10000));
    assert_true(run("test \"$(ls /proc/self/fd | wc -l)\" -le 4", "", 10000)); /* ls opens one */
    assert_false(run("exit 3", "", 10000));
    assert_non_null(strstr(err.text, "exit code 3"));
    assert_false(run("kill -TERM $$", "", 10000)); /* no signal is blocked */
    assert_non_null(strstr(err.text, "signal 15"));
}

static void a_program_that_stays_is_killed_with_its_group(void **state)
{
    char path[] = "/tmp/cartage-child-XXXXXX", script[256];
    int file = mkstemp(path), alive = 1;
    pid_t pid = 0;
    (void)state;
    assert_true(file >= 0);
    snprintf(script, sizeof script, "sleep 600 & echo $! > %s; wait", path);
    assert_false(run(script, "", 2000)); /* so long it has on a busy machine to say who it is */
    assert_non_null(strstr(err.text, "did not end"));
    FILE *in = fdopen(file, "r");
    assert_non_null(in);
    assert_int_equal(1, fscanf(in, "%d", &pid));
    fclose(in);
    unlink(path);
    for (int look = 0; alive && look < 500; look++) { /* init collects it; a bound of 5 s */
        char stat[64], state_of = 0;
        snprintf(stat, sizeof stat, "/proc/%d/stat", pid);
        FILE *proc = fopen(stat, "re");
        alive = proc && fscanf(proc, "%*d %*s %c", &state_of) == 1 && state_of != 'Z';
        if (proc)
            fclose(proc);
        usleep(alive ? 10000 : 0);
    }
    assert_false(alive);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_section_is_checked),
        CASE(a_section_written_reads_the_same),
        CASE(the_pages_example_fits),
        CASE(thresholds_say_who_hears),
        CASE(one_cause_is_one_message),
        CASE(delays_grow_to_a_quarter_of_an_hour),
        CASE(subjects_say_what_happened),
        CASE(a_list_that_is_cut_says_so),
        CASE(headers_of_a_mail_are_ascii_lines),
        CASE(a_letter_that_was_cut_is_a_question_mark),
        CASE(the_signature_is_hmac_sha256),
        CASE(programs_have_an_input_an_environment_and_a_limit),
        CASE(a_program_that_stays_is_killed_with_its_group),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
