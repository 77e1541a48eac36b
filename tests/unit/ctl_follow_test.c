/* ctl_follow_test.c - a run as people watch it: a bar on a terminal, lines elsewhere, then the
 * result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "follow.h"

static int64_t time_ms; /* turned by hand */

static int64_t hand(const struct clock *clock)
{
    (void)clock;
    return time_ms;
}
static const struct clock HAND = {hand, hand, NULL};

struct desk {
    struct ctl ctl;
    struct follow follow;
    char *out, *err;
    size_t out_size, err_size;
};

static void desk_open(struct desk *desk, bool terminal)
{
    *desk = (struct desk){.ctl = {.clock = &HAND}};
    time_ms = 1000000;
    desk->ctl.out = open_memstream(&desk->out, &desk->out_size);
    desk->ctl.err = open_memstream(&desk->err, &desk->err_size);
    follow_open(&desk->follow, &desk->ctl);
    desk->follow.terminal = terminal;
}

static void see(struct desk *desk, const char *text)
{
    OWN_JSON json *run = NULL;
    struct err err = {0};
    if (!json_parse(text, strlen(text), &run, &err))
        fail_msg("%s", err.text);
    follow_see(&desk->follow, run);
}

static int result(struct desk *desk)
{
    int code = follow_result(&desk->follow);
    follow_drop(&desk->follow);
    fclose(desk->ctl.out);
    fclose(desk->ctl.err);
    return code;
}

static void desk_drop(struct desk *desk)
{
    free(desk->out);
    free(desk->err);
}

#define RUN "\"no\":12,\"operation\":\"orders.sync\""
#define AT(done)                                                                                   \
    "{" RUN ",\"state\":\"running\",\"progress\":{\"step\":\"orders\",\"done\":" done              \
    ",\"total\":340}}"
#define ENDED(outcome, error)                                                                      \
    "{" RUN ",\"state\":\"finished\",\"outcome\":\"" outcome "\",\"error\":\"" error               \
    "\",\"started_ms\":1000,\"finished_ms\":13500,\"counts\":{\"read\":340,\"failed\":2}}"

static void lines_tell_each_step_once_and_then_now_and_again(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, false);
    see(&desk, "{" RUN ",\"state\":\"gated\",\"category\":\"SHPFY\"}");
    see(&desk, AT("0"));
    time_ms += 1000;
    see(&desk, AT("50")); /* too soon for another line */
    time_ms += 2000;
    see(&desk, AT("150"));
    see(&desk, ENDED("ok", ""));
    assert_int_equal(result(&desk), 0);
    assert_string_equal(desk.err, "run 12 orders.sync: waits for its turn in category SHPFY\n"
                                  "run 12 orders.sync: orders 0 of 340\n"
                                  "run 12 orders.sync: orders 150 of 340, 50.0/s\n");
    assert_string_equal(desk.out, "run 12 ok: read 340, failed 2, took 12.5 s\n");
    desk_drop(&desk);
}

static void a_plan_that_waits_for_a_person_says_so(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, false);
    see(&desk, "{" RUN ",\"state\":\"rest\",\"error\":\"3 prices fall\"}");
    see(&desk, ENDED("ok", ""));
    assert_int_equal(result(&desk), 0);
    assert_string_equal(
        desk.err, "run 12 orders.sync: waits for a person (cartage entry ready): 3 prices fall\n");
    desk_drop(&desk);
}

static void a_terminal_gets_a_bar_on_one_line(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, true);
    see(&desk, AT("0"));
    time_ms += 1000;
    see(&desk, AT("170"));
    see(&desk, ENDED("ok", ""));
    assert_int_equal(result(&desk), 0);
    assert_string_equal(
        desk.err,
        "\r\033[Krun 12 orders.sync: orders [........................] 0 of 340"
        "\r\033[Krun 12 orders.sync: orders [############............] 170 of 340, 170.0/s"
        "\r\033[K");
    desk_drop(&desk);
}

static void a_failure_is_told_and_is_exit_code_1(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, false);
    desk.ctl.json = true;
    see(&desk, ENDED("fatal", "the store is closed"));
    assert_int_equal(result(&desk), 1);
    assert_string_equal(desk.err,
                        "cartage: run 12 of orders.sync ended as fatal: the store is closed "
                        "(read 340, failed 2)\n");
    assert_non_null(strstr(desk.out, "\"outcome\":\"fatal\""));
    desk_drop(&desk);
}

static void what_is_due_this_moment_is_no_news(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, false);
    see(&desk, "{" RUN ",\"state\":\"due\",\"due_ms\":999990}");
    time_ms += 5000;
    see(&desk, "{" RUN ",\"state\":\"due\",\"due_ms\":999990}");
    see(&desk, ENDED("idle", ""));
    assert_int_equal(result(&desk), 0);
    assert_string_equal(desk.err, "run 12 orders.sync: waits for its time\n");
    desk_drop(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_tell_each_step_once_and_then_now_and_again),
        cmocka_unit_test(a_plan_that_waits_for_a_person_says_so),
        cmocka_unit_test(a_terminal_gets_a_bar_on_one_line),
        cmocka_unit_test(a_failure_is_told_and_is_exit_code_1),
        cmocka_unit_test(what_is_due_this_moment_is_no_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
