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
    OWN_TEXT char *query = listing_query(&listing, "");
    assert_string_equal(query, "updated_at:>='" T2 "' ");
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

/* A page of levels that ends with this item's. */
static bool page_of_levels(struct listing *listing, const char *item, bool more)
{
    OWN_TEXT char *text = mem_printf("{\"nodes\":[{\"id\":\"gid://shopify/InventoryLevel/9?x=1\","
                                     "\"item\":{\"id\":\"gid://shopify/InventoryItem/%s\"}}],"
                                     "\"pageInfo\":{\"hasNextPage\":%s,\"endCursor\":\"c\"}}",
                                     item, more ? "true" : "false");
    OWN_JSON json *list = NULL;
    struct err err;
    assert_true(json_parse(text, strlen(text), &list, &err));
    return listing_goes_on(listing, list);
}

static void a_list_by_id_goes_on_behind_its_last(void **state)
{
    struct listing listing = since(T0);
    (void)state;
    listing.by = "inventory_item_id";
    listing.of = "item";
    assert_true(page_of_levels(&listing, "10", true));
    assert_true(page_of_levels(&listing, "20", false));
    OWN_TEXT char *query = listing_query(&listing, "rest");
    assert_string_equal(query, "updated_at:>='" T0 "' inventory_item_id:>20 rest");
    assert_true(page_of_levels(&listing, "30", true));
    OWN_TEXT char *same = listing_query(&listing, "rest");
    assert_string_equal(same, query); /* the next page of it */
    assert_true(page_of_levels(&listing, "40", false));
    assert_false(page(&listing, "", false));
}

static void a_search_that_knows_no_such_bound_ends(void **state)
{
    struct listing listing = since(T0);
    (void)state;
    listing.by = "inventory_item_id";
    listing.of = "item";
    assert_true(page_of_levels(&listing, "10", true));
    assert_true(page_of_levels(&listing, "20", false));
    assert_true(page_of_levels(&listing, "10", true));
    assert_false(page_of_levels(&listing, "20", false));
}

static void what_was_always_so_is_asked_without_a_time(void **state)
{
    struct listing listing = {0};
    (void)state;
    OWN_TEXT char *all = listing_query(&listing, "gift_card:false");
    assert_string_equal(all, "gift_card:false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_page_is_the_end),
        cmocka_unit_test(several_pages_are_asked_again_until_nothing_follows),
        cmocka_unit_test(pages_of_one_second_end),
        cmocka_unit_test(nothing_is_the_end),
        cmocka_unit_test(a_list_by_id_goes_on_behind_its_last),
        cmocka_unit_test(a_search_that_knows_no_such_bound_ends),
        cmocka_unit_test(what_was_always_so_is_asked_without_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
