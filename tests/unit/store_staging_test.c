/* store_staging_test.c - a record's whole survives packing, and what is broken is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ids.h"
#include "store/staging.h"

static void wholes_come_back(void **state)
{
    static const size_t SIZES[] = {1, STAGED_DEFLATE_BYTES, STAGED_DEFLATE_BYTES + 1, 300000,
                                   STAGED_MAX_BYTES};
    (void)state;
    for (size_t i = 0; i < COUNT(SIZES); i++) {
        OWN_TEXT char *text = mem_new(SIZES[i] + 1);
        OWN_BUF struct buf packed = {0}, plain = {0};
        struct err err;
        for (size_t k = 0; k < SIZES[i]; k++)
            text[k] = (char)('a' + k % 23);
        assert_true(staged_pack(text, SIZES[i], &packed));
        assert_true(SIZES[i] <= STAGED_DEFLATE_BYTES || packed.size < SIZES[i]);
        assert_true(staged_unpack(packed.data, packed.size, &plain, &err));
        assert_int_equal(plain.size, SIZES[i]);
        assert_memory_equal(plain.data, text, SIZES[i]);
    }
}

static void too_much_is_refused(void **state)
{
    OWN_TEXT char *text = mem_new(STAGED_MAX_BYTES + 2);
    OWN_BUF struct buf packed = {0};
    (void)state;
    memset(text, 'a', STAGED_MAX_BYTES + 1);
    assert_false(staged_pack(text, STAGED_MAX_BYTES + 1, &packed));
    /* What does not shrink must not fill a script either. */
    for (size_t k = 0; k < STAGED_PACKED_MAX * 2; k++)
        text[k] = (char)random_u64();
    buf_clear(&packed);
    assert_false(staged_pack(text, STAGED_PACKED_MAX * 2, &packed));
}

static void broken_wholes_are_errors(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } ROWS[] = {
        {"",             0 },
        {"j",            1 },
        {"q123",         4 },
        {"z99999999 x",  11},
        {"z5000 notzip", 12},
        {"z",            1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_BUF struct buf plain = {0};
        struct err err;
        if (staged_unpack(ROWS[i].bytes, ROWS[i].size, &plain, &err))
            fail_msg("row %zu is accepted", i);
        assert_int_equal(err.kind, ERR_FATAL);
    }
}

static void orders_without_the_basics_are_refused(void **state)
{
    static const char *const BROKEN[] = {
        "{}",
        "{\"id\":\"gid://shopify/Order/5\",\"name\":\"#1\",\"createdAt\":\"x\"}",
        ("{\"id\":\"gid://shopify/Order/"
         "5\",\"name\":\"#1\",\"createdAt\":\"x\",\"updatedAt\":\"x\","
         "\"lineItems\":{\"nodes\":[{\"id\":\"gid://shopify/LineItem/8\",\"quantity\":1}]}}"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT(BROKEN); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_JSON json *tree = NULL;
        struct order order;
        struct err err;
        assert_true(json_parse(BROKEN[i], strlen(BROKEN[i]), &tree, &err));
        assert_false(staged_order(tree, arena, &order, &err));
    }
}

static void orders_are_found_by_any_spelling(void **state)
{
    static const struct {
        const char *left, *right;
        bool same;
    } ROWS[] = {
        {"#1001",           "#1001",           true },
        {"so-1001-eu",      " SO-1001-EU ",    true },
        {"Ann@Example.com", "ann@example.COM", true },
        {"#1001",           "#1002",           false},
        {"#1001",           "1001",            false},
    };
    char left[FIND_DIGEST], right[FIND_DIGEST];
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        assert_true(find_digest(ROWS[i].left, left) && find_digest(ROWS[i].right, right));
        assert_int_equal(strlen(left), FIND_DIGEST - 1);
        if ((strcmp(left, right) == 0) != ROWS[i].same)
            fail_msg("%s and %s", ROWS[i].left, ROWS[i].right);
    }
}

static void nothing_is_found_by_nothing(void **state)
{
    char digest[FIND_DIGEST], longer[300];
    OWN(write) struct write *write = write_new();
    (void)state;
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_false(find_digest("", digest));
    assert_false(find_digest("   ", digest));
    assert_false(find_digest(longer, digest));
    stage_find(write, "5", " ");
    assert_int_equal(write_count(write), 0);
    stage_find(write, "5", "#1001");
    assert_int_equal(write_count(write), 1);
}

static void an_event_is_one_line_of_whole_characters(void **state)
{
    char text[1000];
    OWN(write) struct write *write = write_new();
    OWN_BUF struct buf packed = {0};
    (void)state;
    strcpy(text, "x\ty\n");
    while (strlen(text) < 900)
        strcat(text, "\xc3\xbc"); /* 400 lies within one of them */
    stage_life(write, "5", "held", "%s", text + 1);
    write_pack(write, &packed);
    OWN_TEXT char *cut = mem_text_n(packed.data, packed.size);
    const char *detail = strstr(cut, " y ");
    assert_non_null(detail);
    size_t size = (size_t)(packed.data + packed.size - (packed.data + (detail - cut)));
    assert_int_equal(size, 399);
    assert_int_equal((unsigned char)packed.data[packed.size - 1], 0xbc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wholes_come_back),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(broken_wholes_are_errors),
        cmocka_unit_test(orders_without_the_basics_are_refused),
        cmocka_unit_test(orders_are_found_by_any_spelling),
        cmocka_unit_test(nothing_is_found_by_nothing),
        cmocka_unit_test(an_event_is_one_line_of_whole_characters),
    };
    ids_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
