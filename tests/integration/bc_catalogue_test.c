/* bc_catalogue_test.c - the simulated Business Central's items, at each level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bc/catalogue.h"
#include "support/ok.h"
#include "support/peers.h"

static void set_level(const char *level)
{
    OWN_TEXT char *body = mem_printf("{\"level\":\"%s\"}", level);
    json_free(peers_admin(test_peers, "bc", "POST", "settings", body));
}

/* A level that was offered is remembered by the process until it turns out not to be there: so
 * tests go from the most to the least. */
static bool any_row(void *state, const json *row, struct err *ignored)
{
    (void)state;
    (void)row;
    (void)ignored;
    return true;
}

static void lower_to(const char *level)
{
    struct desk desk;
    enum bc_level known;
    struct err gone;
    set_level(level);
    desk_open(test_peers, NULL, &desk);
    OK(bc_level_of(desk.attempt, &known, &err));
    if (strcmp(bc_level_name(known), level) != 0)
        assert_false(known == BC_LEVEL_EXTENSION
                         ? bc_list_at(desk.attempt, BC_EXTENSION, "postedShipments?$top=1", false,
                                      any_row, NULL, &gone)
                         : bc_list_at(desk.attempt, BC_PAGES, "PostedSalesShipments?$top=1", false,
                                      any_row, NULL, &gone));
    desk_close(&desk);
}

struct found {
    size_t items, variants, pages;
    bool shirt;
    struct bc_item copy; /* of 3000-S: what does not point anywhere */
    char name[64], blue[32], vendor[32], copy_id[40];
};

static void look_at(const struct bc_item *item, struct found *found)
{
    found->items++;
    found->variants += item->variant_count;
    if (strcmp(item->number, "3000-S") != 0)
        return;
    found->shirt = true;
    found->copy = *item;
    snprintf(found->copy_id, sizeof found->copy_id, "%s", item->id);
    snprintf(found->name, sizeof found->name, "%s", item->category_name);
    snprintf(found->blue, sizeof found->blue, "%s", item->variants[0].code);
    snprintf(found->vendor, sizeof found->vendor, "%s",
             item->vendor_number ? item->vendor_number : "(none)");
}

static struct found read_all(struct desk *desk, struct bc_items_want want, int64_t *seen_ms)
{
    struct found found = {0};
    OWN(bc_items) struct bc_items *items = NULL;
    struct bc_items_page page;
    OK(bc_items_open(desk->attempt, &want, &items, &err));
    for (;;) {
        OK(bc_items_next(items, &page, &err));
        if (page.count == 0)
            break;
        found.pages++;
        for (size_t i = 0; i < page.count; i++)
            look_at(&page.items[i], &found);
    }
    if (seen_ms)
        *seen_ms = bc_items_seen_ms(items);
    return found;
}

struct places {
    size_t rows, of_main;
    struct decimal sum;
};

static bool add_place(void *state, const struct bc_stock *stock, struct err *ignored)
{
    struct places *places = state;
    (void)ignored;
    places->rows++;
    places->of_main += stock->location_code && strcmp(stock->location_code, "MAIN") == 0;
    places->sum = decimal_add(places->sum, stock->inventory);
    return true;
}

static void expect_decimal(const char *want, struct decimal got)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    assert_string_equal(want, text);
}

/* 5, 6, 7 pieces at MAIN and 0, 1, 2 at EAST, in two colours. */
static void look_at_stock(struct desk *desk, const char *item, const char *level)
{
    struct places places = {0};
    struct bc_stock_want want = {.item_ids = &item, .item_count = 1, .projected = true};
    OK(bc_stock_each(desk->attempt, &want, add_place, &places, &err));
    expect_decimal("42", places.sum);
    bool parted = strcmp(level, "extension") == 0;
    assert_int_equal(parted ? 10 : 1, places.rows);
    assert_int_equal(parted ? 6 : 0, places.of_main);
}

static void prices_of_the_card(struct desk *desk)
{
    const struct bc_item *item;
    const char *code;
    OK(bc_item_find(desk->attempt, BC_ITEM_NUMBER, "3020-S", &item, &code, &err));
    assert_non_null(item);
    struct bc_terms terms = {.date = "2026-11-02",
                             .currency = "EUR",
                             .price_group = "",
                             .discount_group = "",
                             .vat_group = "",
                             .customer = ""};
    struct bc_price prices[2] = {
        {.item = item, .unit = ""   },
        {.item = item, .unit = "KEG"}
    };
    OK(bc_prices(desk->attempt, &terms, prices, 2, &err));
    assert_int_equal(BC_PRICED, prices[0].skip);
    expect_decimal("361.92", prices[0].price); /* 312.00 pounds at 1.16 */
    expect_decimal("217.152", prices[0].cost);
    assert_int_equal(BC_PRICE_NO_UNIT, prices[1].skip);
}

static const char *const LEVELS[] = {"extension", "odata-page", "api"};

static void items_come_whole_at_every_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LEVELS); i++) {
        struct desk desk;
        lower_to(LEVELS[i]);
        desk_open(test_peers, NULL, &desk);
        struct bc_items_want want = {.page = 10, .texts = true, .attributes = true};
        struct found found = read_all(&desk, want, NULL);
        bool extension = strcmp(LEVELS[i], "extension") == 0;
        assert_true(found.items > 40 && found.pages >= 5);
        assert_true(found.shirt);
        assert_int_equal(6, found.copy.variant_count);
        assert_string_equal("Work Clothing", found.name);
        assert_string_equal("BLUE-L", found.blue);
        assert_int_equal(extension ? 3 : 0, found.copy.text_count);
        assert_int_equal(extension ? 3 : 0, found.copy.attribute_count);
        assert_int_equal(1, found.copy.unit_count);
        look_at_stock(&desk, found.copy_id, LEVELS[i]);
        prices_of_the_card(&desk);
        desk_close(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(items_come_whole_at_every_level, test_peers_calm),
    };
    return cmocka_run_group_tests(tests, test_peers_open, test_peers_close);
}
