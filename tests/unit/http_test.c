/* http_test.c - reading headers and the time a peer asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http.h"

static const char LINES[] = "HTTP/1.1 200 OK\r\nX-Empty:\r\nX-Request-Id: \t abc-1 \r\n"
                            "x-request-id: second\r\nX-Request: other\r\n\r\n";

static void headers_are_found_in_any_case(void **state)
{
    (void)state;
    struct http_call call = {0};
    char out[32], small[4];
    buf_text(&call.header_lines, LINES);
    assert_string_equal("abc-1", http_header(&call, "x-REQUEST-id", out, sizeof out));
    assert_string_equal("", http_header(&call, "X-Empty", out, sizeof out));
    assert_string_equal("other", http_header(&call, "X-Request", out, sizeof out));
    assert_null(http_header(&call, "Request-Id", out, sizeof out));
    assert_string_equal("abc", http_header(&call, "X-Request-Id", small, sizeof small));
    http_call_drop(&call);
    assert_null(http_header(&call, "X-Request-Id", out, sizeof out)); /* no answer at all */
}

static const struct {
    const char *name, *headers;
    int64_t want_ms;
} TIMES[] = {
  /* clang-format off */
    {"none", "A: b\r\n", -1},
    {"whole seconds", "Retry-After: 120\r\n", 120000},
    {"a decimal", "retry-after: 4.5\r\n", 4500},
    {"negative", "Retry-After: -3\r\n", 0},
    {"a day at most", "Retry-After: 1e12\r\n", 86400000},
    {"a date, by the peer's clock",
     "Date: Wed, 21 Oct 2026 07:27:30 GMT\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n",
     30000},
    {"a date that has passed",
     "Date: Wed, 21 Oct 2026 07:28:30 GMT\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 0},
    {"a date, and no clock to compare with", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", -1},
    {"nonsense", "Date: Wed, 21 Oct 2026 07:28:30 GMT\r\nRetry-After: soon\r\n", -1},
    {"empty", "Retry-After:\r\n", -1},
  /* clang-format on */
};

static void peers_say_how_long_to_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        struct http_call call = {0};
        buf_printf(&call.header_lines, "HTTP/1.1 429 X\r\n%s\r\n", TIMES[i].headers);
        int64_t got = http_retry_after_ms(&call);
        if (got != TIMES[i].want_ms)
            fail_msg("%s: %lld ms", TIMES[i].name, (long long)got);
        http_call_drop(&call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_in_any_case),
        cmocka_unit_test(peers_say_how_long_to_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
