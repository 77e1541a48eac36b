/* bc_catalogue_test.c - the simulated Business Central's items, at each level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
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
    struct decimal sum, left, reserved, on_orders;
};

static bool add_place(void *state, const struct bc_stock *stock, struct err *ignored)
{
    struct places *places = state;
    (void)ignored;
    places->rows++;
    places->of_main += stock->location_code && strcmp(stock->location_code, "MAIN") == 0;
    places->sum = decimal_add(places->sum, stock->inventory);
    places->left = decimal_add(places->left, stock->projected);
    places->reserved = decimal_add(places->reserved, stock->reserved);
    places->on_orders = decimal_add(places->on_orders, stock->on_orders);
    assert_true(stock->has_projected);
    return true;
}

static void expect_decimal(const char *want, struct decimal got)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    assert_string_equal(want, text);
}

/* 5, 6, 7 pieces at MAIN and 0, 1, 2 at EAST, in two colours; 3 of them are ordered, and 4 nowhere
 * in particular, where none lies. */
static void look_at_stock(struct desk *desk, const char *item, const char *level)
{
    struct places places = {0};
    struct bc_stock_want want = {.item_ids = &item, .item_count = 1, .projected = true};
    OK(bc_stock_each(desk->attempt, &want, add_place, &places, &err));
    expect_decimal("42", places.sum);
    expect_decimal("35", places.left);
    expect_decimal("7", places.on_orders);
    expect_decimal(strcmp(level, "api") == 0 ? "0" : "2", places.reserved);
    bool parted = strcmp(level, "api") != 0;
    assert_int_equal(parted ? 11 : 1, places.rows);
    assert_int_equal(parted ? 6 : 0, places.of_main);
}

/* Two boxes of twelve are ordered; only level api does not say what a box holds. */
static void look_at_boxes(struct desk *desk, const struct bc_item *jar, const char *level)
{
    struct places places = {0};
    struct bc_stock_want want = {.item_ids = &jar->id, .item_count = 1, .projected = true};
    OK(bc_stock_each(desk->attempt, &want, add_place, &places, &err));
    expect_decimal(strcmp(level, "api") == 0 ? "2" : "24", places.on_orders);
}

static void prices_of_the_card(struct desk *desk)
{
    const struct bc_item *item;
    const char *code;
    OK(bc_item_find(desk->attempt, BC_ITEM_NUMBER, "2004-S", &item, &code, &err));
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
    expect_decimal("11.02", prices[0].price); /* 9.50 pounds at 1.16 */
    expect_decimal("6.612", prices[0].cost);
    assert_int_equal(BC_PRICE_NO_UNIT, prices[1].skip);
}

/* ---- what a person does there ---- */

static void person(const char *path, const char *body)
{
    json *answer = peers_admin(test_peers, "bc", "POST", path, body);
    if (json_has(answer, "errors"))
        fail_msg("%s: %s", path, json_text(answer, "errors"));
    json_free(answer);
}

static const struct bc_item *item_of(struct desk *desk, const char *number)
{
    const struct bc_item *item;
    const char *code;
    OK(bc_item_find(desk->attempt, BC_ITEM_NUMBER, number, &item, &code, &err));
    return item;
}

/* Of a variant: by references alone. Its GTIN finds an item at every level. */
static void found_by_its_barcode(struct desk *desk, const char *level)
{
    const struct bc_item *item;
    const char *code, *gtin = item_of(desk, "1896-S")->gtin;
    assert_true(*gtin);
    OK(bc_item_find(desk->attempt, BC_ITEM_BARCODE, gtin, &item, &code, &err));
    assert_string_equal("1896-S", item->number);
    OK(bc_item_find(desk->attempt, BC_ITEM_BARCODE, "50977", &item, &code, &err));
    assert_true((item != NULL) == (strcmp(level, "api") != 0));
    assert_string_equal(item ? "GREY-M" : "", code);
    OK(bc_item_find(desk->attempt, BC_ITEM_VENDOR_NUMBER, "50977", &item, &code, &err));
    assert_null(item);
}

/* The jar is sold by the piece and by the box of 12. */
static void look_at_card(const struct bc_item *item, const char *level)
{
    bool more = strcmp(level, "api") != 0;
    assert_int_equal(more ? 2 : 1, item->unit_count);
    assert_int_equal(more, item->has_weight);
    assert_int_equal(more, item->sales_unit != NULL);
    if (!more)
        return;
    assert_string_equal("PCS", item->sales_unit);
    assert_non_null(item->vendor_name);
    assert_true(*item->vendor_name);
    const struct bc_unit *box = &item->units[strcmp(item->units[0].code, "BOX") == 0 ? 0 : 1];
    expect_decimal("12", box->quantity);
    assert_int_equal(1, item->reference_count);
    assert_int_equal(BC_REFERENCE_VENDOR, item->references[0].kind);
}

static const char *const LEVELS[] = {"extension", "odata-page", "api"};

/* Ids of the shirt's first variant and of MAIN, from the peer's own list of places. */
static void order_some(void)
{
    json *places = peers_admin(test_peers, "bc", "GET", "stock?item=3000-S", NULL);
    const json *rows = json_get(places, "places"), *row = NULL;
    for (size_t i = 0; !row && i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "locationCode"), "MAIN") == 0)
            row = json_at(rows, i);
    assert_non_null(row);
    OWN_TEXT char *order = mem_printf(
        "{\"kind\":\"order\",\"salesOrderLines\":[{\"lineType\":\"Item\",\"lineObjectNumber\":"
        "\"3000-S\",\"itemVariantId\":\"%s\",\"locationId\":\"%s\",\"quantity\":3},"
        "{\"lineType\":\"Item\",\"lineObjectNumber\":\"3000-S\",\"quantity\":4},"
        "{\"lineType\":\"Item\",\"lineObjectNumber\":\"3010-S\",\"unitOfMeasureCode\":\"BOX\","
        "\"quantity\":2}]}",
        json_text(row, "variantId"), json_text(row, "locationId"));
    OWN_TEXT char *reserve =
        mem_printf("{\"item\":\"3000-S\",\"variant\":\"%s\",\"location\":\"MAIN\",\"reserved\":2}",
                   json_text(row, "variantCode"));
    person("documents", order);
    person("stock", reserve);
    json_free(places);
}

static void items_come_whole_at_every_level(void **state)
{
    (void)state;
    order_some();
    person("parts/itemReferences",
           "{\"item\":\"3000-S\",\"variantCode\":\"GREY-M\",\"referenceNumber\":\"50977\"}");
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
        look_at_card(item_of(&desk, "3010-S"), LEVELS[i]);
        assert_string_equal(strcmp(LEVELS[i], "api") == 0 ? "(none)" : "20000", found.vendor);
        look_at_stock(&desk, found.copy_id, LEVELS[i]);
        look_at_boxes(&desk, item_of(&desk, "3010-S"), LEVELS[i]);
        prices_of_the_card(&desk);
        found_by_its_barcode(&desk, LEVELS[i]);
        desk_close(&desk);
    }
}

/* ---- changes ---- */

static void what_changes_beside_an_item_is_read(void **state)
{
    (void)state;
    struct desk desk;
    int64_t seen_ms = 0;
    lower_to("extension");
    desk_open(test_peers, NULL, &desk);
    struct bc_items_want want = {.texts = true, .prices = true};
    assert_true(read_all(&desk, want, &seen_ms).items > 40);
    assert_true(seen_ms > 0);
    person("time", "{\"business\":\"2026-11-03T08:00:00Z\"}");
    want.since_ms = seen_ms; /* what was there at the start is long past */
    assert_int_equal(0, read_all(&desk, want, NULL).items);
    int64_t calls = desk.attempt->counts.erp_calls;
    assert_int_equal(0, read_all(&desk, want, NULL).items);
    assert_int_equal(2, desk.attempt->counts.erp_calls - calls); /* one batch, one listing */
    person("variants", "{\"item\":\"3000-S\",\"code\":\"BLUE-S\",\"blocked\":true}");
    person("parts/itemReferences", "{\"item\":\"3000-S\",\"referenceNumber\":\"509900\"}");
    person("items/3020-S", "{\"displayName\":\"Garden Bench, oiled\"}");
    struct found found = read_all(&desk, want, &seen_ms);
    assert_int_equal(2, found.items);
    assert_true(found.shirt);
    assert_int_equal(2, found.copy.reference_count); /* the vendor's, and the new one */
    assert_true(seen_ms > want.since_ms);
    person("variants", "{\"item\":\"3000-S\",\"code\":\"BLUE-S\",\"blocked\":false}");
    desk_close(&desk);
}

/* ---- prices ---- */

static const char *const OFFERS[] = {
    "{\"item\":\"3000-S\",\"lineNumber\":1,\"assignTo\":\"Customer Price Group\","
    "\"assignToNumber\":\"WEB\",\"unitPrice\":30}",
    "{\"item\":\"3000-S\",\"lineNumber\":2,\"unitPrice\":28,\"endingDate\":\"2026-11-01\"}",
    "{\"item\":\"3000-S\",\"lineNumber\":3,\"unitPrice\":27,\"minimumQuantity\":10}",
    "{\"item\":\"3000-S\",\"lineNumber\":4,\"variantCode\":\"BLUE-M\",\"unitPrice\":33.333}",
    "{\"item\":\"3000-S\",\"lineNumber\":5,\"currencyCode\":\"EUR\",\"unitPrice\":41.5}",
    "{\"item\":\"3010-S\",\"lineNumber\":6,\"unitOfMeasureCode\":\"BOX\",\"unitPrice\":54,"
    "\"priceIncludesTax\":true}",
    "{\"item\":\"3020-S\",\"lineNumber\":7,\"unitPrice\":299.99,\"allowLineDiscount\":false}",
    "{\"item\":\"3020-S\",\"lineNumber\":8,\"amountType\":\"Discount\",\"lineDiscountPercent\":5}",
    "{\"item\":\"1896-S\",\"lineNumber\":9,\"amountType\":\"Any\",\"unitPrice\":600,"
    "\"lineDiscountPercent\":12.5}",
    "{\"assetNumber\":\"RESALE\",\"lineNumber\":10,\"assignTo\":\"Customer Disc. Group\","
    "\"assignToNumber\":\"WEBD\",\"amountType\":\"Discount\",\"lineDiscountPercent\":10}",
    "{\"assetType\":\" \",\"assetNumber\":\"\",\"lineNumber\":11,\"amountType\":\"Discount\","
    "\"lineDiscountPercent\":7}",
};

/* The quote's customer is prepared as the terms say; its word is the truth. */
static void expect_the_quotes_prices(struct desk *desk, struct bc_terms terms)
{
    static const struct {
        const char *item, *unit;
        int variant;
    } SOLD[] = {
        {"3000-S", "",    -1},
        {"3000-S", "",    1 },
        {"3010-S", "",    -1},
        {"3010-S", "BOX", -1},
        {"3020-S", "",    -1},
        {"1896-S", "",    -1},
        {"1900-S", "",    -1}
    };
    struct bc_price own[COUNT(SOLD)], quoted[COUNT(SOLD)];
    for (size_t i = 0; i < COUNT(SOLD); i++) {
        const struct bc_item *item = item_of(desk, SOLD[i].item);
        own[i] = quoted[i] = (struct bc_price){
            .item = item,
            .variant = SOLD[i].variant < 0 ? NULL : &item->variants[SOLD[i].variant],
            .unit = SOLD[i].unit,
        };
    }
    struct bc_item bare[COUNT(SOLD)]; /* read without their lines, every second time */
    for (size_t i = 0; i < COUNT(SOLD) && terms.include_vat; i++) {
        bare[i] = *own[i].item;
        bare[i].price_lines_read = false;
        bare[i].price_line_count = 0;
        own[i].item = &bare[i];
    }
    OK(bc_prices(desk->attempt, &terms, own, COUNT(SOLD), &err));
    OK(bc_prices_by_quote(desk->attempt, &terms, quoted, COUNT(SOLD), &err));
    for (size_t i = 0; i < COUNT(SOLD); i++) {
        char mine[DECIMAL_TEXT], theirs[DECIMAL_TEXT];
        assert_int_equal(BC_PRICED, own[i].skip);
        assert_int_equal(BC_PRICE_LISTS, own[i].source);
        assert_int_equal(BC_PRICE_QUOTE, quoted[i].source);
        decimal_format_fixed(own[i].price, 2, mine);
        decimal_format_fixed(quoted[i].price, 2, theirs);
        if (strcmp(mine, theirs) != 0)
            fail_msg("%s %s in '%s', VAT %d: %s here, %s by the quote", SOLD[i].item, SOLD[i].unit,
                     terms.currency, terms.include_vat, mine, theirs);
        assert_int_equal(0, decimal_cmp(own[i].compare_at, quoted[i].compare_at));
        assert_int_equal(0, decimal_cmp(own[i].cost, quoted[i].cost));
    }
}

static void price_lists_say_what_a_quote_says(void **state)
{
    (void)state;
    struct desk desk;
    lower_to("extension");
    desk_open(test_peers, NULL, &desk);
    for (size_t i = 0; i < COUNT(OFFERS); i++)
        person("parts/priceListLines", OFFERS[i]);
    person("customers", "{\"number\":\"SHOP\",\"displayName\":\"Shop\",\"priceGroup\":\"WEB\","
                        "\"discountGroup\":\"WEBD\",\"allowLineDiscount\":true}");
    for (int i = 0; i < 8; i++) {
        bool vat = i & 1, discounts = i & 2;
        OWN_TEXT char *body = mem_printf("{\"pricesIncludeTax\":%s,\"allowLineDiscount\":%s}",
                                         vat ? "true" : "false", discounts ? "true" : "false");
        person("customers/SHOP", body);
        expect_the_quotes_prices(&desk, (struct bc_terms){.date = "2026-11-03",
                                                          .currency = i & 4 ? "EUR" : "",
                                                          .price_group = "WEB",
                                                          .discount_group = "WEBD",
                                                          .vat_group = "DOMESTIC",
                                                          .customer = "SHOP",
                                                          .line_discounts = discounts,
                                                          .include_vat = vat});
    }
    assert_int_equal(0, peers_calls(test_peers, "bc", "POST salesOrders"));
    desk_close(&desk);
}

static bool count_row(void *state, const json *row, struct err *ignored)
{
    (void)row;
    (void)ignored;
    ++*(size_t *)state;
    return true;
}

static void quotes_leave_nothing_and_skip_what_is_refused(void **state)
{
    (void)state;
    struct desk desk;
    size_t left = 0;
    lower_to("extension");
    desk_open(test_peers, NULL, &desk);
    person("customers", "{\"number\":\"QUOTES\",\"displayName\":\"Quotes\"}");
    struct bc_terms terms = {.date = "2026-11-03",
                             .currency = "",
                             .price_group = "",
                             .discount_group = "",
                             .vat_group = "DOMESTIC",
                             .customer = "QUOTES"};
    struct bc_price prices[] = {
        {.item = item_of(&desk, "1896-S"), .unit = ""},
        {.item = item_of(&desk, "1900-S"), .unit = ""},
        {.item = item_of(&desk, "3040-S"), .unit = ""},
        {.item = item_of(&desk, "1906-S"), .unit = ""}
    };
    person("items/1900-S", "{\"blocked\":true}"); /* after it was read */
    peers_fault(test_peers, "bc", "{\"path\":\"/salesQuotes\",\"method\":\"POST\"}", 1,
                "{\"kind\":\"reset_after\"}");
    OK(bc_prices_by_quote(desk.attempt, &terms, prices, COUNT(prices), &err));
    assert_int_equal(BC_PRICED, prices[0].skip);
    assert_int_equal(BC_PRICE_REFUSED, prices[1].skip);
    assert_int_equal(BC_PRICE_BLOCKED, prices[2].skip);
    assert_int_equal(BC_PRICED, prices[3].skip);
    OK(bc_prices_by_quote(desk.attempt, &terms, prices, 1, &err));
    OK(bc_list(desk.attempt, "salesQuotes?$select=id", true, count_row, &left, &err));
    assert_int_equal(0, left);
    terms.customer = "NOBODY";
    assert_false(bc_prices_by_quote(desk.attempt, &terms, prices, 1, &err));
    assert_int_equal(ERR_FATAL, err.kind);
    assert_non_null(strstr(err.text, "customer NOBODY"));
    person("items/1900-S", "{\"blocked\":false}");
    desk_close(&desk);
}

/* ---- pictures ---- */

struct looked {
    const char *id; /* whose row is kept */
    char type[16];
    int width, height;
    size_t rows;
};

static bool look_at_picture(void *state, const struct bc_picture *picture, struct err *why)
{
    struct looked *looked = state;
    (void)why;
    looked->rows++;
    assert_true(picture->changed_ms > 0);
    if (strcmp(picture->id, looked->id) == 0) {
        snprintf(looked->type, sizeof looked->type, "%s", picture->type);
        looked->width = picture->width;
        looked->height = picture->height;
    }
    return true;
}

static struct looked look(struct desk *desk, const struct bc_pictures_want *want, const char *id,
                          int64_t *seen_ms)
{
    struct looked looked = {.id = id, .type = "unseen"};
    OK(bc_pictures_each(desk->attempt, want, look_at_picture, &looked, seen_ms, &err));
    return looked;
}

static void pictures_are_read_and_set(void **state)
{
    (void)state;
    static const unsigned char GIF[] = "GIF89a\x02\0\x03\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x02\0"
                                       "\x03\0\0\x02\x02\x84Q\0;";
    struct desk desk;
    OWN_BUF struct buf bytes = {0};
    lower_to("extension");
    desk_open(test_peers, NULL, &desk);
    const struct bc_item *item = item_of(&desk, "3000-S");
    const struct bc_picture variant = {.id = item->variants[0].id, .of_variant = true};
    const struct bc_pictures_want of_item = {.items = &item->id, .item_count = 1},
                                  of_variants = {
                                      .items = &item->id, .item_count = 1, .of_variants = true};
    struct looked looked = look(&desk, &of_item, item->id, NULL);
    assert_int_equal(1, looked.rows);
    assert_string_equal("image/png", looked.type);
    assert_int_equal(8, looked.width);
    looked = look(&desk, &of_variants, variant.id, NULL);
    assert_int_equal(item->variant_count, looked.rows);
    assert_string_equal("", looked.type);
    OK(bc_picture_read(desk.attempt, &variant, &bytes, &err));
    assert_int_equal(0, bytes.size);

    /* A picture moves the time of its variant, and is seen by it. */
    int64_t seen_ms = 0;
    struct bc_pictures_want changed = {.of_variants = true};
    assert_string_equal("", look(&desk, &changed, variant.id, &seen_ms).type);
    assert_true(seen_ms > 0);
    peers_fault(test_peers, "bc", "{\"path\":\"/pictureContent\"}", 1,
                "{\"kind\":\"reset_after\"}");
    OK(bc_picture_write(desk.attempt, &variant, GIF, sizeof GIF - 1, &err));
    changed.since_ms = seen_ms;
    looked = look(&desk, &changed, variant.id, NULL);
    assert_string_equal("image/gif", looked.type);
    assert_int_equal(3, looked.height);
    OK(bc_picture_read(desk.attempt, &variant, &bytes, &err));
    assert_int_equal(sizeof GIF - 1, bytes.size);
    assert_memory_equal(GIF, buf_str(&bytes), sizeof GIF - 1);
    OK(bc_picture_write(desk.attempt, &variant, NULL, 0, &err));
    assert_string_equal("", look(&desk, &of_variants, variant.id, NULL).type);
    desk_close(&desk);
}

/* ---- writing ---- */

static void nothing_is_created_twice(void **state)
{
    (void)state;
    struct desk desk;
    const struct bc_item *item;
    const struct bc_variant *variant;
    bool made, kept;
    lower_to("extension");
    desk_open(test_peers, NULL, &desk);
    struct bc_item_draft draft = {.number = "NEW-1",
                                  .description = "Brought from the shop",
                                  .type = "Inventory",
                                  .category_code = "DECOR",
                                  .has_price = true,
                                  .price = decimal_from_int(12)};
    peers_fault(test_peers, "bc", "{\"path\":\"/items$\",\"method\":\"POST\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_false(bc_item_create(desk.attempt, &draft, 0, &item, &made, &err));
    assert_int_equal(ERR_UNCERTAIN, err.kind);
    err_clear(&err);
    OK(bc_item_create(desk.attempt, &draft, 0, &item, &made, &err));
    assert_false(made);
    assert_string_equal("Brought from the shop", item->description);
    assert_string_equal("Home and Garden", item->category_name);
    expect_decimal("12", item->unit_price);
    OK(bc_variant_create(desk.attempt, item, "V_001", "the first", &variant, &made, &err));
    assert_true(made);
    OK(bc_variant_create(desk.attempt, item, "v_001", "again", &variant, &made, &err));
    assert_false(made);
    assert_string_equal("the first", variant->description);
    OK(bc_variant_change(desk.attempt, variant->id, "the very first", &err));
    struct bc_reference reference = {.kind = BC_REFERENCE_BARCODE,
                                     .variant_code = "V_001",
                                     .unit_code = "",
                                     .number = "5099888000017"};
    for (int i = 0; i < 2; i++) {
        OK(bc_reference_add(desk.attempt, item, &reference, &kept, &err));
        assert_true(kept);
    }
    const char *code;
    OK(bc_item_find(desk.attempt, BC_ITEM_BARCODE, "5099888000017", &item, &code, &err));
    assert_string_equal("NEW-1", item->number);
    assert_string_equal("V_001", code);
    assert_string_equal("the very first", item->variants[0].description);
    OK(bc_item_find(desk.attempt, BC_ITEM_VARIANT_CODE, "V_001", &item, &code, &err));
    assert_string_equal("NEW-1", item->number);
    struct bc_card_draft card = {.vendor_number = "10000",
                                 .tariff_number = "6109 10",
                                 .has_weight = true,
                                 .gross_weight = decimal_from_int(3)};
    OK(bc_item_card_change(desk.attempt, item->id, &card, &kept, &err));
    assert_true(kept);
    assert_string_equal("London Postmaster", item_of(&desk, "NEW-1")->vendor_name);
    expect_decimal("3", item_of(&desk, "NEW-1")->gross_weight);
    draft = (struct bc_item_draft){.description = "Renamed at the shop"};
    OK(bc_item_change(desk.attempt, item->id, &draft, &err));
    assert_string_equal("Renamed at the shop", item_of(&desk, "NEW-1")->description);
    desk_close(&desk);
}

static void an_item_of_the_series_is_found_again(void **state)
{
    (void)state;
    struct desk desk;
    const struct bc_item *item;
    bool made;
    lower_to("extension");
    desk_open(test_peers, NULL, &desk);
    struct bc_item_draft draft = {.description = "Without a number of its own"};
    peers_fault(test_peers, "bc", "{\"path\":\"/items$\",\"method\":\"POST\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_false(bc_item_create(desk.attempt, &draft, 0, &item, &made, &err));
    assert_int_equal(ERR_UNCERTAIN, err.kind);
    err_clear(&err);
    int64_t noted_ms;
    assert_true(time_parse("2026-11-03T08:00:00Z", &noted_ms));
    OK(bc_item_create(desk.attempt, &draft, noted_ms, &item, &made, &err));
    assert_false(made);
    bool exists[2];
    const char *ids[] = {item->id, "99999999-9999-4999-8999-999999999999"};
    OK(bc_items_exist(desk.attempt, ids, 2, exists, &err));
    assert_true(exists[0]);
    assert_false(exists[1]);
    desk_close(&desk);
}

/* What was just written is read back here: the replica is not behind. */
static int open_peers(void **state)
{
    if (test_peers_open(state) != 0)
        return -1;
    person("settings", "{\"replicaLagMs\":0}");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_changes_beside_an_item_is_read, test_peers_calm),
        cmocka_unit_test_teardown(price_lists_say_what_a_quote_says, test_peers_calm),
        cmocka_unit_test_teardown(quotes_leave_nothing_and_skip_what_is_refused, test_peers_calm),
        cmocka_unit_test_teardown(pictures_are_read_and_set, test_peers_calm),
        cmocka_unit_test_teardown(nothing_is_created_twice, test_peers_calm),
        cmocka_unit_test_teardown(an_item_of_the_series_is_found_again, test_peers_calm),
        cmocka_unit_test_teardown(items_come_whole_at_every_level, test_peers_calm),
    };
    return cmocka_run_group_tests(tests, open_peers, test_peers_close);
}
