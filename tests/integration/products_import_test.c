/* products_import_test.c - products.sync from Shopify, between both simulated peers: a product
 * finds its item or gets one, once, whatever happens on the way (what changes there afterwards:
 * products_import_change_test.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/offers.h"
#include "support/shelf.h"

static int64_t posts(struct house *house, const char *set)
{
    OWN_TEXT char *operation = mem_printf("POST %s", set);
    return peers_calls(house->peers, "bc", operation);
}

/* ---- finding ---- */

static void a_product_finds_its_item_as_the_shop_reads_its_sku(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *mapping, *sku, *barcode, *more;
        bool found;
    } CASES[] = {
        {"none",            "FIND-1",        "4006381333931", "",                                   true },
        {"none",            "FIND-1",        "4006381333931", ",\"find_mapping_by_barcode\":false", false},
        {"none",            "FIND-1",        "",              "",                                   false},
        {"item-no",         "find-1",        "",              "",                                   true },
        {"item-no",         "FIND-1|RED",    "",              "",                                   false},
        {"item-no-variant", "FIND-1",        "",              "",                                   true },
        {"item-no-variant", "FIND-1|RED",    "",              "",                                   true },
        {"item-no-variant", "FIND-1|BLUE",   "",              "",                                   false},
        {"item-no-variant", "FIND-1|RED|XL", "",              "",                                   false},
        {"variant-code",    "red-find",      "",              "",                                   true },
        {"variant-code",    "FIND-1",        "",              "",                                   false},
        {"barcode",         "4006381333931", "",              "",                                   true },
        {"barcode",         "4006381333932", "",              "",                                   false},
        {"vendor-item-no",  "FIND-1",        "",              "",                                   false},
    };
    OWN_TEXT char *item = shelf_item(house, "FIND-1", ",\"gtin\":\"4006381333931\"");
    house_tell(house, "bc", "variants", "{\"item\":\"FIND-1\",\"code\":\"RED\"}");
    house_tell(house, "bc", "variants", "{\"item\":\"FIND-1\",\"code\":\"RED-FIND\"}");
    for (size_t i = 0; i < COUNT(CASES); i++) {
        OWN_TEXT char *id = mem_printf("81000000%02zu", i);
        OWN_TEXT char *settings =
            mem_printf(IN ",\"sku_mapping\":\"%s\"%s", CASES[i].mapping, CASES[i].more);
        OWN_TEXT char *variant = mem_printf("{\"sku\":\"%s\",\"barcode\":\"%s\",\"price\":\"1\"}",
                                            CASES[i].sku, CASES[i].barcode);
        house_put_shop(house, "DEMO", settings);
        offer(house, id, "Found", "", variant);
        offers_sync(house);
        offers_link_is(house, id, CASES[i].found ? "FIND-1" : "");
    }
    assert_true(*item);
}

static void what_is_not_found_is_listed_with_its_reason(void **state)
{
    struct house *house = *state;
    offers_sync(house);
    int64_t before = house_cues(house).unmapped_products;
    offer_one(house, "8200000001", "NOWHERE-1");
    offers_sync(house);
    assert_int_equal(house_cues(house).unmapped_products, before + 1);
    OWN_TEXT char *reason = house_field(house, "product:8200000001", "reason");
    assert_string_equal(reason, "no item and variant fit this SKU, and it has no bar code");
    assert_int_equal(offers_find(house, "items", "number", "NOWHERE-1", NULL), 0);
    /* The item is made by a person: a run that a person starts finds it, though nothing has
     * changed at Shopify. */
    OWN_TEXT char *item = shelf_item(house, "NOWHERE-1", "");
    offers_sync(house);
    offers_link_is(house, "8200000001", ""); /* not yet: an hour has to pass */
    assert_true(house_run_as(house, "products.sync", SHOP, TICKET_MANUAL).ok);
    offers_link_is(house, "8200000001", "NOWHERE-1");
    assert_int_equal(house_cues(house).unmapped_products, before);
    assert_true(*item);
}

static void a_second_run_lists_and_reads_nothing(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = shelf_item(house, "IDLE-1", "");
    offer_one(house, "8200000011", "IDLE-1");
    offers_sync(house);
    int64_t reads = peers_calls(house->peers, "shopify", "ProductsByIds");
    struct ran ran = house_run_as(house, "products.sync", SHOP, TICKET_SCHEDULED);
    assert_true(ran.ok);
    assert_int_equal(ran.counts.calls, 1); /* the list of what has changed */
    assert_int_equal(ran.counts.erp_calls, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", "ProductsByIds"), reads);
    assert_true(*item);
}

static size_t variants_of(struct house *house, const char *item, const char *code,
                          const char *description)
{
    OWN_JSON json *rows = offers_rows(house, "itemVariants");
    size_t found = 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        bool fits = (!code || strcmp(json_text(row, "code"), code) == 0) &&
                    (!description || strcmp(json_text(row, "description"), description) == 0);
        found += fits && strcmp(json_text(row, "itemNumber"), item) == 0;
    }
    return found;
}

/* A store that was never looked at, or is looked at again under other settings, is read by one
 * query; where that comes to nothing, page by page. */
static void all_of_a_store_comes_by_one_query(void **state)
{
    static const struct {
        const char *id, *sku, *course;
        bool query; /* has found it */
    } CASES[] = {
        {"8200000211", "ALL-1", "{}",                          true },
        {"8200000212", "ALL-2", "{\"end\":\"FAILED\"}",        false},
        {"8200000213", "ALL-3", "{\"end\":\"EXPIRED\"}",       false},
        {"8200000214", "ALL-4", "{\"start\":\"reset_after\"}", true },
    };
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        OWN_TEXT char *settings = mem_printf(MAKES ",\"bulk_from\":%zu", i + 2);
        OWN_TEXT char *rows =
            mem_printf("{\"sku\":\"%s|RED\",\"price\":\"10\",\"options\":[\"Red\"]},"
                       "{\"sku\":\"%s|BLUE\",\"price\":\"10\",\"options\":"
                       "[\"Blue\"]}",
                       CASES[i].sku, CASES[i].sku);
        house_put_shop(house, "DEMO", settings);
        offer(house, CASES[i].id, "All", ",\"options\":[\"Colour\"]", rows);
        house_later(house); /* what is that new is read again */
        int64_t reads = peers_calls(house->peers, "shopify", "ProductsByIds");
        if (strstr(CASES[i].course, "start"))
            peers_fault(house->peers, "shopify", "{\"operation\":\"BulkRunQuery\"}", 1,
                        "{\"kind\":\"reset_after\"}");
        else
            house_tell(house, "shopify", "bulk", CASES[i].course);
        struct ran ran = house_parks(house, "products.sync", SHOP, TICKET_SCHEDULED);
        if (!ran.ok)
            fail_msg("%s: %s", CASES[i].sku, ran.err.text);
        offers_link_is(house, CASES[i].id, CASES[i].sku);
        assert_int_equal(variants_of(house, CASES[i].sku, NULL, NULL), 2);
        assert_int_equal(peers_calls(house->peers, "shopify", "ProductsByIds") == reads,
                         CASES[i].query);
        assert_int_equal(offers_sync(house).calls, 1); /* from now on by pages */
        house_tell(house, "shopify", "bulk", "{}");
        OWN_REPLY redisReply *reply = NULL;
        struct err err;
        assert_true(
            redis_commandf(ledger_redis(house->ledger), &reply, &err, "EVAL %s 0",
                           "for _, k in ipairs(redis.call('KEYS', '*bulk:DEMO:products-in')) "
                           "do redis.call('DEL', k) end"));
    }
}

static void a_store_beyond_the_depth_of_paging_is_read_whole(void **state)
{
    enum { PRODUCTS = 350, AT_A_TIME = 25 };
    struct house *house = house_open_shallow();
    (void)state;
    house_put_shop(house, "DEMO", BY_NUMBER);
    offers_sync(house); /* those that the store has by itself */
    for (int i = 0; i < PRODUCTS; i++) {
        OWN_TEXT char *product = mem_printf("{\"id\":\"74300000%05d\",\"title\":\"Deep\","
                                            "\"variants\":[{\"sku\":\"%s\",\"price\":\"1\"}]}",
                                            i, i + 1 < PRODUCTS ? "" : "1964-S");
        if (i % AT_A_TIME == 0)
            house_later(house);
        house_tell(house, "shopify", "products", product);
    }
    struct counts counts = offers_sync(house);
    assert_in_range(counts.read, PRODUCTS, PRODUCTS + 1);
    offers_link_is(house, "7430000000349", "1964-S");
    house_free(house);
}

/* ---- making ---- */

static void an_item_is_made_by_the_template_once(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", MAKES ",\"item_template\":{\"category\":\"MISC\"}");
    offer_one(house, "8200000021", "made-1");
    offers_sync(house);
    offers_item_is(house, "MADE-1", "displayName", "Thing 8200000021");
    offers_item_is(house, "MADE-1", "itemCategoryCode", "MISC");
    offers_item_is(house, "MADE-1", "unitPrice", "19.9");
    offers_item_is(house, "MADE-1", "unitCost", "7.5");
    offers_link_is(house, "8200000021", "MADE-1");
    int64_t made = posts(house, "items");
    offer_edit(house, "8200000021", "{\"tags\":[\"new\"]}");
    struct counts counts = offers_sync(house);
    assert_int_equal(counts.read, 1);
    assert_int_equal(counts.created + counts.updated, 0);
    assert_int_equal(posts(house, "items"), made);
}

/* A SKU's second half is the code of a variant; where there is none, or it is too long, the prefix
 * and a number. */
static void variants_of_a_product_are_variants_of_its_item(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", MAKES ",\"variant_prefix\":\"X-\"");
    offer(house, "8200000031", "Coat", ",\"options\":[\"Colour\",\"Size\"]",
          "{\"sku\":\"COAT|RED\",\"price\":\"10\",\"options\":[\"Red\",\"M\"]},"
          "{\"sku\":\"\",\"price\":\"10\",\"options\":[\"Blue\",\"M\"]},"
          "{\"sku\":\"COAT|MUCH-TOO-LONG\",\"price\":\"10\",\"options\":[\"Green\",\"M\"]}");
    offers_sync(house);
    assert_int_equal(variants_of(house, "COAT", "RED", "Red / M"), 1);
    assert_int_equal(variants_of(house, "COAT", "X-001", "Blue / M"), 1);
    assert_int_equal(variants_of(house, "COAT", "X-002", "Green / M"), 1);
    assert_int_equal(variants_of(house, "COAT", NULL, NULL), 3);
}

/* Defect 3 of the original: a product of more variants than a page has all of them. */
static void all_pages_of_variants_come_in(void **state)
{
    struct house *house = *state;
    OWN_BUF struct buf rows = {0};
    for (int i = 0; i < 60; i++)
        buf_printf(&rows, "%s{\"sku\":\"WIDE|C%02d\",\"price\":\"5\",\"options\":[\"c%d\"]}",
                   i ? "," : "", i, i);
    house_put_shop(house, "DEMO", MAKES);
    offer(house, "8200000041", "Wide", ",\"options\":[\"Colour\"]", buf_str(&rows));
    offers_sync(house);
    assert_int_equal(variants_of(house, "WIDE", NULL, NULL), 60);
}

static void each_variant_is_an_item_where_a_sku_is_one(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", IN ",\"sku_mapping\":\"item-no\",\"auto_create_items\":true");
    offer(house, "8200000051", "Pair", ",\"options\":[\"Side\"]",
          "{\"sku\":\"PAIR-L\",\"price\":\"10\",\"options\":[\"left\"]},"
          "{\"sku\":\"PAIR-R\",\"price\":\"11\",\"options\":[\"right\"]}");
    offers_sync(house);
    offers_item_is(house, "PAIR-L", "displayName", "Pair");
    offers_item_is(house, "PAIR-R", "unitPrice", "11");
}

#define SERIES IN ",\"sku_mapping\":\"none\",\"auto_create_items\":true"

/* What happens to the call that makes the item; `again` = the next run finds it at once. */
static const struct {
    const char *name, *settings, *title, *action;
} LOST[] = {
    {"8200000061", MAKES,  "Lost by number", "{\"kind\":\"reset_after\"}" },
    {"8200000062", MAKES,  "Cut by number",  "{\"kind\":\"truncate\"}"    },
    {"8200000063", SERIES, "Lost of series", "{\"kind\":\"reset_after\"}" },
    {"8200000064", SERIES, "Gone of series", "{\"kind\":\"reset_before\"}"},
};

static void an_answer_that_gets_lost_makes_no_second_item(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(LOST); i++) {
        OWN_TEXT char *variant = mem_printf("{\"sku\":\"LOST-%zu\",\"price\":\"3\"}", i);
        house_put_shop(house, "DEMO", LOST[i].settings);
        offer(house, LOST[i].name, LOST[i].title, "", variant);
        peers_fault(house->peers, "bc", "{\"operation\":\"POST items\"}", 1, LOST[i].action);
        offers_settle(house, LOST[i].title);
        if (offers_find(house, "items", "displayName", LOST[i].title, NULL) != 1)
            fail_msg("%s: %zu items", LOST[i].title,
                     offers_find(house, "items", "displayName", LOST[i].title, NULL));
        offers_sync(house);
        assert_int_equal(offers_find(house, "items", "displayName", LOST[i].title, NULL), 1);
    }
}

/* Two of one title: the second is not taken for the first, whose answer got lost. */
static void two_of_one_title_are_two_items(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SERIES);
    offer(house, "8200000071", "Twin", "", "{\"sku\":\"\",\"price\":\"3\"}");
    offers_sync(house);
    offer(house, "8200000072", "Twin", "", "{\"sku\":\"\",\"price\":\"3\"}");
    peers_fault(house->peers, "bc", "{\"operation\":\"POST items\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_false(house_run(house, "products.sync", SHOP).ok);
    offers_settle(house, "Twin");
    assert_int_equal(offers_find(house, "items", "displayName", "Twin", NULL), 2);
    OWN_TEXT char *one = house_field(house, "shop-product:DEMO:8200000071", "item");
    OWN_TEXT char *other = house_field(house, "shop-product:DEMO:8200000072", "item");
    assert_string_not_equal(one, other);
}

/* The same delivered twice, and both are at work: the first has seen no link of the product, and is
 * held up until the second has made its item. */
static void a_doubled_run_makes_no_second_item(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SERIES);
    offer(house, "8200000075", "Doubled", ",\"vendor\":\"Nobody\"",
          "{\"sku\":\"\",\"price\":\"3\"}");
    assert_false(
        house_doubled(house, "products.sync", SHOP, "bc", "GET vendors")); /* it comes back */
    assert_int_equal(offers_find(house, "items", "displayName", "Doubled", NULL), 1);
    offers_sync(house);
    OWN_JSON json *item = NULL;
    assert_int_equal(offers_find(house, "items", "displayName", "Doubled", &item), 1);
    offers_link_is(house, "8200000075", json_text(item, "number"));
}

/* The worker dies before and after each call that makes something. */
static void a_killed_run_is_completed_by_the_next(void **state)
{
    struct house *house = *state;
    static const char *const POINTS[] = {"http.before:bc POST items", "http.after:bc POST items",
                                         "http.before:bc POST itemVariants",
                                         "http.after:bc POST itemVariants"};
    for (size_t i = 0; i < COUNT(POINTS); i++) {
        OWN_TEXT char *id = mem_printf("820000008%zu", i);
        OWN_TEXT char *title = mem_printf("Killed %zu", i);
        house_put_shop(house, "DEMO", SERIES ",\"sku_mapping\":\"variant-code\"");
        offer(house, id, title, ",\"options\":[\"Size\"]",
              "{\"sku\":\"\",\"price\":\"3\",\"options\":[\"S\"]},"
              "{\"sku\":\"\",\"price\":\"3\",\"options\":[\"M\"]}");
        house_killed_at(house, "products.sync", SHOP, POINTS[i], 1);
        offers_settle(house, POINTS[i]);
        OWN_JSON json *item = NULL;
        if (offers_find(house, "items", "displayName", title, &item) != 1)
            fail_msg("%s: not one item", POINTS[i]);
        assert_int_equal(variants_of(house, json_text(item, "number"), NULL, NULL), 2);
        assert_int_equal(variants_of(house, json_text(item, "number"), NULL, "M"), 1);
    }
}

/* Defects of the original: what is refused there is not forgotten, and the mark waits for what
 * could not be sent. */
static void what_is_refused_or_fails_comes_again(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", MAKES);
    offers_sync(house);
    offer_one(house, "8200000091", "AGAIN-1");
    peers_fault(house->peers, "bc", "{\"operation\":\"POST items\"}", 0,
                "{\"kind\":\"status\",\"status\":403}");
    offers_sync(house);
    OWN_TEXT char *reason = house_reason(house, "Thing 8200000091");
    assert_string_equal(reason, "item-refused");
    json_free(house_ask(house, "bc", "DELETE", "faults", NULL));
    assert_true(house_run_as(house, "products.sync", SHOP, TICKET_MANUAL).ok);
    OWN_TEXT char *gone = house_reason(house, "Thing 8200000091");
    assert_string_equal(gone, "");
    offers_link_is(house, "8200000091", "AGAIN-1");

    offer_one(house, "8200000092", "AGAIN-2");
    for (int minutes = 0; minutes < 6; minutes++) /* more than what runs list twice */
        house_later(house);
    offer_one(house, "8200000093", "AGAIN-3");
    peers_fault(house->peers, "bc", "{\"operation\":\"POST items\"}", 1,
                "{\"kind\":\"reset_before\"}");
    assert_false(house_run(house, "products.sync", SHOP).ok);
    offers_item_is(house, "AGAIN-3", "displayName", "Thing 8200000093"); /* one stops no other */
    offers_sync(house);
    offers_item_is(house, "AGAIN-2", "displayName", "Thing 8200000092");
}

/* ---- orders ---- */

static void order_of(struct house *house, const char *name, const char *sku)
{
    OWN_TEXT char *order = mem_printf(
        "{\"name\":\"%s\",\"customer\":\"7300000000000\",\"email\":\"nobody@example.com\","
        "\"lines\":[{\"sku\":\"%s\",\"quantity\":2,\"price\":\"12.50\"}]}",
        name, sku);
    house_tell(house, "shopify", "orders", order);
    house_good(house, "orders.sync", SHOP);
}

static void an_orders_unknown_item_is_made_where_the_shop_wants_that(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", "");
    offer_one(house, "8200000151", "ORD-1");
    order_of(house, "#8151", "ORD-1");
    house_good(house, "orders.process", SHOP);
    OWN_TEXT char *waits = house_reason(house, "#8151");
    assert_string_equal(waits, "product-unmapped");
    assert_int_equal(offers_find(house, "items", "number", "ORD-1", NULL), 0);

    house_put_shop(house, "DEMO", ",\"auto_create_items\":true");
    house_good(house, "orders.process", SHOP);
    offers_item_is(house, "ORD-1", "displayName", "Thing 8200000151");
    OWN_TEXT char *done = house_reason(house, "#8151");
    assert_string_equal(done, "");
    int64_t made = posts(house, "items");
    order_of(house, "#8152", "ORD-1"); /* it is known now */
    assert_int_equal(house_good(house, "orders.process", SHOP).created, 1);
    assert_int_equal(posts(house, "items"), made);
}

/* What the one order of this name has become: its line; yours. */
static json *line_of(struct house *house, const char *name)
{
    OWN_JSON json *document = NULL;
    json *line = NULL;
    assert_int_equal(offers_find(house, "salesOrders", "externalDocumentNumber", name, &document),
                     1);
    assert_int_equal(
        offers_find(house, "salesOrderLines", "documentId", json_text(document, "id"), &line), 1);
    return line;
}

/* A line of a product that came in by nobody's run finds its item by the same rules. */
static void an_orders_line_finds_its_item_as_the_shop_reads_its_sku(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *mapping, *sku, *barcode, *unit;
    } CASES[] = {
        {"item-no",         "ordm-1",        "",              "PCS"},
        {"item-no-variant", "ORDM-1|RED",    "",              "PCS"},
        {"variant-code",    "red-ordm",      "",              "PCS"},
        {"barcode",         "4006381334006", "",              "PCS"},
        {"vendor-item-no",  "ven-ordm-1",    "",              "PCS"},
        {"none",            "whatever",      "4006381334006", "PCS"},
    };
    OWN_TEXT char *item = shelf_item(house, "ORDM-1", "");
    OWN_JSON json *vendors = offers_rows(house, "vendors");
    OWN_TEXT char *vendor =
        mem_printf("{\"item\":\"ORDM-1\",\"referenceType\":\"Vendor\",\"referenceTypeNumber\":"
                   "\"%s\",\"referenceNumber\":\"VEN-ORDM-1\"}",
                   json_text(json_at(vendors, 0), "number"));
    house_tell(house, "bc", "variants", "{\"item\":\"ORDM-1\",\"code\":\"RED\"}");
    house_tell(house, "bc", "variants", "{\"item\":\"ORDM-1\",\"code\":\"RED-ORDM\"}");
    house_tell(house, "bc", "parts/itemReferences",
               "{\"item\":\"ORDM-1\",\"variantCode\":\"RED\",\"referenceNumber\":"
               "\"4006381334006\"}");
    house_tell(house, "bc", "parts/itemReferences", vendor);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        OWN_TEXT char *id = mem_printf("82000009%02zu", i), *name = mem_printf("#89%02zu", i);
        OWN_TEXT char *settings = mem_printf(",\"sku_mapping\":\"%s\"", CASES[i].mapping);
        OWN_TEXT char *variant = mem_printf("{\"sku\":\"%s\",\"barcode\":\"%s\",\"price\":\"1\"}",
                                            CASES[i].sku, CASES[i].barcode);
        house_put_shop(house, "DEMO", settings);
        offer(house, id, "Ordered", "", variant);
        order_of(house, name, CASES[i].sku);
        house_good(house, "orders.process", SHOP);
        OWN_JSON json *line = line_of(house, name);
        assert_string_equal(json_text(line, "itemId"), item);
        assert_string_equal(json_text(line, "unitOfMeasureCode"), CASES[i].unit);
        bool variant_wanted = i > 0 && i != 4;
        assert_int_equal(strncmp(json_text(line, "itemVariantId"), "00000000", 8) != 0,
                         variant_wanted);
    }
}

/* ---- units ---- */

#define BY_UNIT MAKES ",\"uom_as_variant\":true"

/* A unit that is not there is made; how many pieces it has nobody has said, so a person is asked.
 * What is sold by the crate is ordered by the crate. */
static void units_of_a_product_are_units_of_its_item(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", BY_UNIT);
    offer(house, "8200000191", "Apples", ",\"options\":[\"Kind\",\"Unit of Measure\"]",
          "{\"sku\":\"APPLE|RED\",\"price\":\"1\",\"options\":[\"Red\",\"Piece\"]},"
          "{\"sku\":\"CRATES\",\"price\":\"9\",\"barcode\":\"4006381334013\","
          "\"options\":[\"Red\",\"Crate\"]},"
          "{\"sku\":\"\",\"price\":\"90\",\"options\":[\"Red\",\"A whole cartload\"]}");
    offers_sync(house);
    offers_item_is(house, "APPLE", "baseUnitOfMeasureCode", "PCS"); /* as its description says */
    assert_int_equal(variants_of(house, "APPLE", NULL, NULL), 1);
    assert_int_equal(offers_find(house, "unitsOfMeasure", "code", "CRATE", NULL), 1);
    OWN_JSON json *unit = NULL;
    assert_int_equal(offers_find(house, "itemUnits", "code", "CRATE", &unit), 1);
    assert_string_equal(json_text(unit, "itemNumber"), "APPLE");
    OWN_JSON json *barcode = NULL;
    offers_find(house, "itemReferences", "referenceNumber", "4006381334013", &barcode);
    assert_string_equal(json_text(barcode, "unitOfMeasureCode"), "CRATE");
    OWN_TEXT char *reason = house_reason(house, "Apples");
    assert_string_equal(reason, "item-incomplete");
    int64_t made = posts(house, "itemUnits") + posts(house, "unitsOfMeasure");
    offer_edit(house, "8200000191", "{\"tags\":[\"new\"]}");
    offers_sync(house);
    assert_int_equal(posts(house, "itemUnits") + posts(house, "unitsOfMeasure"), made);

    order_of(house, "#8191", "CRATES");
    house_good(house, "orders.process", SHOP);
    OWN_JSON json *line = line_of(house, "#8191");
    assert_string_equal(json_text(line, "unitOfMeasureCode"), "CRATE");
}

/* ---- levels ---- */

/* What a level does not take is said; where it does, it is there. */
static void what_an_item_lacks_is_said(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", MAKES);
    offer(house, "8200000161", "Lacking", ",\"options\":[\"Size\"]",
          "{\"sku\":\"LACK|S\",\"price\":\"3\",\"barcode\":\"4006381333955\","
          "\"options\":[\"S\"]}, {\"sku\":\"LACK|M\",\"price\":\"3\",\"options\":[\"M\"]}");
    offers_sync(house);
    OWN_TEXT char *reason = house_reason(house, "Lacking");
    assert_string_equal(reason, "item-incomplete");
}

static void bar_codes_and_vendors_are_there_at_level_extension(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO",
                   IN ",\"sku_mapping\":\"vendor-item-no\",\"auto_create_items\":true");
    OWN_JSON json *vendors = offers_rows(house, "vendors");
    const char *vendor = json_text(json_at(vendors, 0), "number");
    OWN_TEXT char *more =
        mem_printf(",\"vendor\":\"%s\"", json_text(json_at(vendors, 0), "displayName"));
    offer(house, "8200000171", "Whole", more,
          "{\"sku\":\"VND-77\",\"price\":\"3\",\"barcode\":\"4006381333962\"}");
    offers_sync(house);
    OWN_JSON json *item = NULL;
    assert_int_equal(offers_find(house, "items", "displayName", "Whole", &item), 1);
    assert_string_equal(json_text(item, "_vendorNumber"), vendor);
    assert_string_equal(json_text(item, "_vendorItemNumber"), "VND-77");
    assert_int_equal(offers_find(house, "itemReferences", "referenceNumber", "4006381333962", NULL),
                     1);
    assert_int_equal(offers_find(house, "itemReferences", "referenceNumber", "VND-77", NULL), 1);
    OWN_TEXT char *reason = house_reason(house, "Whole");
    assert_string_equal(reason, "");
    /* Another product of that vendor's number finds it. */
    offer(house, "8200000172", "Whole again", more, "{\"sku\":\"vnd-77\",\"price\":\"3\"}");
    assert_int_equal(offers_sync(house).created, 0);
    offers_link_is(house, "8200000172", json_text(item, "number"));
}

/* Killed between the item and its card: the next run gives it its vendor. */
static void what_a_killed_run_has_begun_is_completed(void **state)
{
    struct house *house = *state;
    OWN_JSON json *vendors = offers_rows(house, "vendors");
    const char *vendor = json_text(json_at(vendors, 0), "number");
    OWN_TEXT char *more = mem_printf(",\"vendor\":\"%s\"", vendor);
    house_put_shop(house, "DEMO", MAKES);
    offers_sync(house);
    offer(house, "8200000181", "Begun", more, "{\"sku\":\"BEGUN-1\",\"price\":\"3\"}");
    house_killed_at(house, "products.sync", SHOP, "http.before:bc PATCH itemExtras", 1);
    offers_item_is(house, "BEGUN-1", "_vendorNumber", "");
    offers_sync(house);
    offers_item_is(house, "BEGUN-1", "_vendorNumber", vendor);
}

int main(void)
{
    const struct CMUnitTest at_api[] = {
        cmocka_unit_test_teardown(a_product_finds_its_item_as_the_shop_reads_its_sku, offers_calm),
        cmocka_unit_test_teardown(what_is_not_found_is_listed_with_its_reason, offers_calm),
        cmocka_unit_test_teardown(a_second_run_lists_and_reads_nothing, offers_calm),
        cmocka_unit_test_teardown(all_of_a_store_comes_by_one_query, offers_calm),
        cmocka_unit_test_teardown(an_item_is_made_by_the_template_once, offers_calm),
        cmocka_unit_test_teardown(variants_of_a_product_are_variants_of_its_item, offers_calm),
        cmocka_unit_test_teardown(all_pages_of_variants_come_in, offers_calm),
        cmocka_unit_test_teardown(each_variant_is_an_item_where_a_sku_is_one, offers_calm),
        cmocka_unit_test_teardown(an_answer_that_gets_lost_makes_no_second_item, offers_calm),
        cmocka_unit_test_teardown(two_of_one_title_are_two_items, offers_calm),
        cmocka_unit_test_teardown(a_doubled_run_makes_no_second_item, offers_calm),
        cmocka_unit_test_teardown(a_killed_run_is_completed_by_the_next, offers_calm),
        cmocka_unit_test_teardown(what_is_refused_or_fails_comes_again, offers_calm),
        cmocka_unit_test_teardown(an_orders_unknown_item_is_made_where_the_shop_wants_that,
                                  offers_calm),
        cmocka_unit_test_teardown(what_an_item_lacks_is_said, offers_calm),
    };
    const struct CMUnitTest at_extension[] = {
        cmocka_unit_test_teardown(what_a_killed_run_has_begun_is_completed, offers_calm),
        cmocka_unit_test_teardown(bar_codes_and_vendors_are_there_at_level_extension, offers_calm),
        cmocka_unit_test_teardown(variants_of_a_product_are_variants_of_its_item, offers_calm),
        cmocka_unit_test_teardown(an_orders_line_finds_its_item_as_the_shop_reads_its_sku,
                                  offers_calm),
        cmocka_unit_test_teardown(units_of_a_product_are_units_of_its_item, offers_calm),
    };
    const struct CMUnitTest at_pages[] = {
        cmocka_unit_test_teardown(what_an_item_lacks_is_said, offers_calm),
    };
    const struct CMUnitTest deep[] = {
        cmocka_unit_test(a_store_beyond_the_depth_of_paging_is_read_whole),
    };
    int failed = cmocka_run_group_tests_name("beyond the depth", deep, NULL, NULL);
    failed += cmocka_run_group_tests_name("at level api", at_api, offers_open_api, offers_close);
    failed += cmocka_run_group_tests_name("at level odata-page", at_pages, offers_open_pages,
                                          offers_close);
    return failed + cmocka_run_group_tests_name("at level extension", at_extension,
                                                offers_open_extension, offers_close);
}
