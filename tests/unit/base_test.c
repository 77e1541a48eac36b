/* base_test.c - errors, memory, time and ids behave as their headers promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ids.h"

static void an_error_reads_from_the_outside_in(void **state)
{
    (void)state;
    struct err err;
    assert_false(err_set(&err, ERR_RETRY, 502, "POST %s: 502 Bad Gateway", "graphql.json"));
    assert_false(err_wrap(&err, "set stock, batch %d of %d", 2, 9));
    assert_string_equal(err.text, "set stock, batch 2 of 9: POST graphql.json: 502 Bad Gateway");
    assert_int_equal(err.kind, ERR_RETRY);
    assert_int_equal(err.code, 502);
}

static void a_text_that_is_too_long_says_so(void **state)
{
    (void)state;
    struct err err;
    char longer[2 * sizeof err.text];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    err_set(&err, ERR_FATAL, 0, "%s", longer);
    err_wrap(&err, "read order #1001");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "read order #1001: xxx", 21);
    assert_string_equal(err.text + sizeof err.text - 4, "...");
    err_wrap(&err, "%s", longer);
    assert_string_equal(err.text + sizeof err.text - 4, "...");
}

static void an_arena_gives_back_to_its_mark(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    char *kept = arena_text(arena, "kept");
    struct arena_mark mark = arena_mark(arena);
    for (int i = 0; i < 100; i++)
        memset(arena_alloc(arena, 10000), 0xff, 10000);
    assert_true(arena_size(arena) > 900000);
    arena_reset(arena, mark);
    assert_true(arena_size(arena) < 100000);
    assert_string_equal(kept, "kept");
    char *fresh = arena_alloc(arena, 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(fresh[i], 0);
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
}

static void a_buffer_grows_and_stays_text(void **state)
{
    (void)state;
    OWN_BUF struct buf buf = {0};
    assert_string_equal(buf_str(&buf), "");
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "%d,", i);
    assert_int_equal(buf.size, 3890);
    assert_int_equal(strlen(buf_str(&buf)), buf.size);
    buf_clear(&buf);
    assert_string_equal(buf_str(&buf), "");
    buf_escape(&buf, "A-z_0.9~ /?&=+%\xc3\xa4");
    assert_string_equal(buf_str(&buf), "A-z_0.9~%20%2F%3F%26%3D%2B%25%C3%A4");
}

static const struct {
    const char *text;
    int64_t utc_ms;
} TIMES[] = {
    {"1970-01-01T00:00:00Z",         0                },
    {"2026-11-23T07:00:00Z",         1795417200000LL  },
    {"2026-11-23T07:00:00.123Z",     1795417200123LL  },
    {"2026-11-23T08:30:00+01:30",    1795417200000LL  },
    {"2000-02-29T23:59:59Z",         951868799000LL   },
    {"0001-01-01T00:00:00Z",         -62135596800000LL},
    {"2026-08-01T09:30:12.0471234Z", 1785576612047LL  },
};

static void times_are_read_as_rfc_3339(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        int64_t got;
        assert_true(time_parse(TIMES[i].text, &got));
        if (got != TIMES[i].utc_ms)
            fail_msg("%s: %lld", TIMES[i].text, (long long)got);
    }
    static const char *const BAD[] = {"",
                                      "2026-11-23",
                                      "2026-13-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-11-23T25:00:00Z",
                                      "2026-11-23T07:00:00",
                                      "2026-11-23T07:00:00Zx",
                                      "26-11-23T07:00:00Z"};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        int64_t got;
        if (time_parse(BAD[i], &got))
            fail_msg("\"%s\" was taken", BAD[i]);
    }
}

static void times_are_written_as_they_are_read(void **state)
{
    (void)state;
    char text[32];
    time_format(1795417200123LL, true, text);
    assert_string_equal(text, "2026-11-23T07:00:00.123Z");
    time_format(1795417200123LL, false, text);
    assert_string_equal(text, "2026-11-23T07:00:00Z");
}

static void uuids_and_digests(void **state)
{
    (void)state;
    char a[UUID_TEXT], b[UUID_TEXT], hex[65];
    unsigned char bytes[16];
    ids_start();
    uuid_from_name("CRONUS/orders", a);
    uuid_from_name("CRONUS/orders", b);
    assert_string_equal(a, b);
    uuid_from_name("CRONUS/other", b);
    assert_string_not_equal(a, b);
    uuid_random(b);
    assert_true(uuid_parse(b, bytes));
    assert_int_equal(bytes[6] >> 4, 4);
    uuid_format(bytes, a);
    assert_string_equal(a, b);
    assert_true(uuid_parse("11111111-1111-4111-8111-11111111111A", bytes));
    assert_int_equal(bytes[15], 0x1a);
    assert_false(uuid_parse("11111111-1111-4111-8111-1111111111", bytes));
    assert_false(uuid_parse("{1111111-1111-4111-8111-111111111111", bytes));
    /* BLAKE2b-256 of "abc", RFC 7693's function at 32 bytes. */
    digest_hex("abc", 3, 32, hex);
    assert_string_equal(hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_reads_from_the_outside_in),
        cmocka_unit_test(a_text_that_is_too_long_says_so),
        cmocka_unit_test(an_arena_gives_back_to_its_mark),
        cmocka_unit_test(a_buffer_grows_and_stays_text),
        cmocka_unit_test(times_are_read_as_rfc_3339),
        cmocka_unit_test(times_are_written_as_they_are_read),
        cmocka_unit_test(uuids_and_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
