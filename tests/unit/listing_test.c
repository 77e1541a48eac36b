/* listing_test.c - a list of several pages goes on from the last time in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "operations/listing.h"

/* A page that ends with this time; "" = it has no row. */
static bool page(struct listing *listing, const char *last, bool more)
{
    OWN_TEXT char *text = mem_printf("{\"nodes\":[%s%s%s],\"pageInfo\":{\"hasNextPage\":%s,"
                                     "\"endCursor\":\"c\"}}",
                                     *last ? "{\"updatedAt\":\"" : "", last, *last ? "\"}" : "",
                                     more ? "true" : "false");
    OWN_JSON json *list = NULL;
    struct err err;
    assert_true(json_parse(text, strlen(text), &list, &err));
    return listing_goes_on(listing, list);
}

static struct listing since(const char *from)
{
    struct listing listing = {0};
    snprintf(listing.from, sizeof listing.from, "%s", from);
    return listing;
}

#define T0 "2026-01-01T00:00:00Z"
#define T1 "2026-01-02T00:00:00Z"
#define T2 "2026-01-03T00:00:00Z"

static void one_page_is_the_end(void **state)
{
    struct listing listing = since(T0);
    (void)state;
    assert_false(page(&listing, T1, false));
    assert_int_equal(listing.rows, 1);
    assert_string_equal(listing.last, T1);
}

static void several_pages_are_asked_again_until_nothing_follows(void **state)
{
    struct listing listing = since(T0);
    (void)state;
    assert_true(page(&listing, T1, true));
    assert_string_equal(listing.after, "c");
    assert_true(page(&listing, T2, false)); /* its end, or Shopify's */
    assert_null(listing.after);
    OWN_TEXT char *query = listing_query(&listing);
    assert_string_equal(query, "updated_at:>='" T2 "'");
    assert_false(page(&listing, T2, false));
    assert_int_equal(listing.rows, 3);
}

static void pages_of_one_second_end(void **state)
{
    struct listing listing = since(T1);
    (void)state;
    assert_true(page(&listing, T1, true));
    assert_false(page(&listing, T1, false));
}

static void nothing_is_the_end(void **state)
{
    struct listing listing = since(T1);
    (void)state;
    assert_false(page(&listing, "", false));
    assert_string_equal(listing.last, "");
}

static void a_list_by_id_is_asked_once(void **state)
{
    struct listing listing = since(T0);
    (void)state;
    listing.by_id = true;
    assert_true(page(&listing, T2, true));
    assert_false(page(&listing, T1, false));
    assert_string_equal(listing.from, T0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_page_is_the_end),
        cmocka_unit_test(several_pages_are_asked_again_until_nothing_follows),
        cmocka_unit_test(pages_of_one_second_end),
        cmocka_unit_test(nothing_is_the_end),
        cmocka_unit_test(a_list_by_id_is_asked_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
