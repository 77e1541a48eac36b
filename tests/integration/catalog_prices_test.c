/* catalog_prices_test.c - catalogs.sync and catalog-prices.sync between both simulated peers: the
 * catalogs that Shopify has, and the prices that their price lists get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/redis.h"
#include "store/room.h"
#include "support/shelf.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define GOLD "\"Gold\":\"price_group=GOLD, discount_group=B2B, vat_group=DOMESTIC\""
#define SETTINGS(catalogs) ",\"sku_mapping\":\"item-no-variant\",\"catalogs\":{" catalogs "}"

static void make_catalog(struct house *house, const char *form)
{
    house_tell(house, "shopify", "catalogs", form);
}

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data",    "synthetic", "--replica-lag", "0", "--level",
                              "extension", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", SETTINGS(GOLD));
    make_catalog(house, "{\"title\":\"Gold\",\"currency\":\"GBP\",\"locations\":[{\"name\":\"Head "
                        "office\",\"company\":\"Adatum\"}]}");
    make_catalog(house, "{\"title\":\"Europe\",\"currency\":\"EUR\",\"markets\":[\"Europe\"]}");
    make_catalog(house, "{\"title\":\"Bare\",\"markets\":[\"Elsewhere\"]}");
    house_good(house, "catalogs.sync", SHOP);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static int calm(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SETTINGS(GOLD));
    house_tell(house, "shopify", "catalogs/Gold", "{\"locked\":false,\"status\":\"ACTIVE\"}");
    house_good(house, "catalogs.sync", SHOP);
    house_good(house, "catalog-prices.sync", SHOP);
    return 0;
}

/* ---- items and what is on the lists ---- */

static char *linked(struct house *house, const char *number, const char *more)
{
    char *item = shelf_item(house, number, more);
    assert_int_equal(1, shelf_add(house, number).created);
    return item;
}

static char *variant_of(struct house *house, const char *item)
{
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", product);
    return house_field(house, key, "variants");
}

static void offer(struct house *house, const char *item, const char *more)
{
    OWN_TEXT char *body = mem_printf("{\"item\":\"%s\"%s}", item, more);
    house_tell(house, "bc", "parts/priceListLines", body);
}

/* "12.5/15@10:11,50:10" as the list has it, "" = no fixed price. */
static char *listed(struct house *house, const char *catalog, const char *item)
{
    OWN_TEXT char *path = mem_printf("catalogs/%s", catalog), *variant = variant_of(house, item);
    OWN_JSON json *shown = house_ask(house, "shopify", "GET", path, NULL);
    const json *price = json_get(json_path(shown, "priceList.prices"), variant);
    if (!price)
        return mem_text("");
    OWN_BUF struct buf breaks = {0};
    const char *pieces;
    json *amount;
    JSON_EACH(pieces, amount, json_get(price, "breaks"))
    {
        buf_printf(&breaks, "%s%s:%s", breaks.size ? "," : "@", pieces, json_string(amount));
    }
    return mem_printf("%s/%s%s", json_text(price, "price"), json_text(price, "compareAt"),
                      buf_str(&breaks));
}

static void expect_listed(struct house *house, const char *catalog, const char *item,
                          const char *want)
{
    OWN_TEXT char *got = listed(house, catalog, item);
    assert_string_equal(want, got);
}

static struct counts sync(struct house *house)
{
    return house_good(house, "catalog-prices.sync", SHOP);
}

static char *catalog_id(struct house *house, const char *title)
{
    OWN_TEXT char *path = mem_printf("catalogs/%s", title);
    OWN_JSON json *shown = house_ask(house, "shopify", "GET", path, NULL);
    return mem_text(json_text(shown, "id"));
}

static void expect_reason(struct house *house, const char *title, const char *want)
{
    OWN_TEXT char *reason = house_reason(house, title);
    assert_string_equal(want, reason);
}

static void expect_staged(struct house *house, const char *title, const char *field,
                          const char *want)
{
    OWN_TEXT char *id = catalog_id(house, title), *key = mem_printf("catalog:DEMO:%s", id);
    OWN_TEXT char *got = house_field(house, key, field);
    assert_string_equal(want, got);
}

/* ---- catalogs ---- */

static void catalogs_are_staged_as_they_are(void **state)
{
    struct house *house = *state;
    expect_staged(house, "Gold", "type", "company");
    expect_staged(house, "Gold", "currency", "GBP");
    expect_staged(house, "Gold", "erp_currency", "");
    expect_staged(house, "Europe", "type", "market");
    expect_staged(house, "Europe", "erp_currency", "EUR");
    expect_staged(house, "Bare", "list", "");
    struct counts counts = house_good(house, "catalogs.sync", SHOP);
    assert_true(counts.read >= 3);
    assert_int_equal(2, counts.calls); /* one a kind */
    counts = house_good(house, "catalogs.sync", "{\"shop\":\"DEMO\",\"type\":\"market\"}");
    assert_true(counts.read >= 2);
    assert_int_equal(1, counts.calls);
    expect_staged(house, "Gold", "gone", "");
}

static void a_catalog_that_is_gone_is_marked(void **state)
{
    struct house *house = *state;
    make_catalog(house, "{\"title\":\"Brief\",\"currency\":\"GBP\",\"markets\":[\"Nowhere\"]}");
    house_good(house, "catalogs.sync", SHOP);
    OWN_TEXT char *id = catalog_id(house, "Brief"), *key = mem_printf("catalog:DEMO:%s", id);
    json_free(house_ask(house, "shopify", "DELETE", "catalogs/Brief", NULL));
    house_good(house, "catalogs.sync", "{\"shop\":\"DEMO\",\"type\":\"company\"}");
    OWN_TEXT char *before = house_field(house, key, "gone");
    assert_string_equal("", before);
    house_good(house, "catalogs.sync", SHOP);
    OWN_TEXT char *after = house_field(house, key, "gone");
    assert_string_equal("1", after);
}

/* ---- prices ---- */

static void a_catalogs_prices_are_its_groups(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-1", "");
    offer(house, "CAT-1",
          ",\"lineNumber\":1,\"assignTo\":\"Customer Price Group\","
          "\"assignToNumber\":\"GOLD\",\"unitPrice\":40");
    offer(house, "CAT-1",
          ",\"lineNumber\":2,\"assignTo\":\"Customer Disc. Group\","
          "\"assignToNumber\":\"B2B\",\"amountType\":\"Discount\","
          "\"lineDiscountPercent\":12.5");
    assert_int_equal(1, sync(house).updated);
    expect_listed(house, "Gold", item, "35/40");
    expect_listed(house, "Europe", item, ""); /* the setting does not name it */
}

static void a_run_with_nothing_to_tell_asks_shopify_nothing(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-2", "");
    assert_int_equal(1, sync(house).updated);
    expect_listed(house, "Gold", item, "49.9/");
    struct counts counts = sync(house);
    assert_int_equal(0, counts.calls);
    assert_int_equal(0, counts.read);
    offer(house, "CAT-2", ",\"lineNumber\":3,\"unitPrice\":44");
    counts = sync(house);
    assert_int_equal(1, counts.updated);
    assert_int_equal(1, counts.calls);
    expect_listed(house, "Gold", item, "44/");
}

/* The original forgets the compare-at price where only the price changes. */
static void price_and_compare_at_go_together(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-3", "");
    offer(house, "CAT-3",
          ",\"lineNumber\":4,\"amountType\":\"Any\",\"unitPrice\":30,"
          "\"lineDiscountPercent\":10");
    sync(house);
    expect_listed(house, "Gold", item, "27/30");
    offer(house, "CAT-3",
          ",\"lineNumber\":4,\"amountType\":\"Any\",\"unitPrice\":30,"
          "\"lineDiscountPercent\":20");
    sync(house);
    expect_listed(house, "Gold", item, "24/30");
    offer(house, "CAT-3", ",\"lineNumber\":4,\"unitPrice\":24");
    sync(house);
    expect_listed(house, "Gold", item, "24/");
}

/* The original sends a price of 0. */
static void what_has_no_price_is_a_skip_and_no_price(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-4", "");
    OWN_TEXT char *variant = variant_of(house, item);
    OWN_TEXT char *key = store_key(house->ledger, HOUSE_COMPANY, "shop-variant:DEMO:");
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    assert_true(redis_commandf(ledger_redis(house->ledger), &reply, &err, "HSET %s%s uom TON", key,
                               variant));
    struct counts counts = sync(house);
    assert_int_equal(0, counts.updated);
    assert_int_equal(1, counts.skipped);
    expect_listed(house, "Gold", item, "");
    OWN_TEXT char *reason = house_reason(house, "CAT-4");
    assert_string_equal("price-unknown", reason);
}

static void blocked_items_are_left_alone(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-5", "");
    house_tell(house, "bc", "items/CAT-5", "{\"blocked\":true}");
    struct counts counts = sync(house);
    assert_int_equal(0, counts.updated);
    assert_int_equal(0, counts.skipped);
    expect_listed(house, "Gold", item, "");
}

static void one_bad_row_keeps_no_other_back(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = linked(house, "CAT-6A", ""), *second = linked(house, "CAT-6B", "");
    OWN_TEXT char *product = shelf_product(house, first),
                  *path = mem_printf("products/%s", product);
    json_free(house_ask(house, "shopify", "DELETE", path, NULL));
    struct counts counts = sync(house);
    assert_int_equal(1, counts.updated);
    assert_int_equal(1, counts.skipped);
    expect_listed(house, "Gold", second, "49.9/");
    assert_int_equal(0, sync(house).calls); /* it is not asked again and again */
}

static void another_currency_stops_the_catalog_alone(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SETTINGS(GOLD ",\"*\":\"\""));
    OWN_TEXT char *item = linked(house, "CAT-7", "");
    sync(house);
    OWN_TEXT char *euro = listed(house, "Europe", item);
    assert_true(*euro && strcmp(euro, "49.9/") != 0); /* exchanged */
    house_tell(house, "shopify", "catalogs/Europe", "{\"currency\":\"USD\"}");
    offer(house, "CAT-7", ",\"lineNumber\":5,\"unitPrice\":47");
    sync(house);
    expect_listed(house, "Gold", item, "47/");
    expect_reason(house, "Europe", "catalog-currency");
    expect_reason(house, "Bare", "catalog-no-list");
    house_good(house, "catalogs.sync", SHOP);
    sync(house);
    OWN_TEXT char *dollar = listed(house, "Europe", item);
    assert_true(*dollar && strcmp(dollar, euro) != 0);
    expect_reason(house, "Europe", "");
}

static void a_locked_list_is_told_later(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-8", "");
    house_tell(house, "shopify", "catalogs/Gold", "{\"locked\":true}");
    assert_int_equal(0, sync(house).updated);
    expect_reason(house, "Gold", "catalog-refused");
    house_tell(house, "shopify", "catalogs/Gold", "{\"locked\":false}");
    assert_int_equal(1, sync(house).updated);
    expect_listed(house, "Gold", item, "49.9/");
    expect_reason(house, "Gold", "");
}

static void a_lost_answer_is_told_again(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-9", "");
    house_put_shop(house, "DEMO", SETTINGS(GOLD) ",\"late_s\":60");
    peers_fault(house->peers, "shopify", "{\"operation\":\"CatalogPricesAdd\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_int_equal(0, sync(house).updated);
    offer(house, "CAT-9", ",\"lineNumber\":11,\"unitPrice\":48");
    assert_int_equal(0, sync(house).calls); /* the lost one may come after this one */
    expect_reason(house, "Gold", "catalog-later");
    house_ahead_ms += 61 * 1000;
    assert_int_equal(1, sync(house).updated);
    expect_listed(house, "Gold", item, "48/");
    expect_reason(house, "Gold", "");
}

static void parameters_choose_catalogs(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SETTINGS("\"*\":\"\""));
    OWN_TEXT char *item = linked(house, "CAT-10", "");
    house_good(house, "catalog-prices.sync",
               "{\"shop\":\"DEMO\",\"type\":\"company\",\"catalog_name\":\"G*\"}");
    expect_listed(house, "Gold", item, "49.9/");
    expect_listed(house, "Europe", item, "");
    OWN_TEXT char *id = catalog_id(house, "Europe");
    OWN_TEXT char *arguments = mem_printf("{\"shop\":\"DEMO\",\"catalog_id\":\"%s\"}", id);
    house_good(house, "catalog-prices.sync", arguments);
    OWN_TEXT char *euro = listed(house, "Europe", item);
    assert_true(*euro);
    offer(house, "CAT-10", ",\"lineNumber\":9,\"unitPrice\":46");
    house_good(house, "catalog-prices.sync", arguments);
    expect_listed(house, "Gold", item, "49.9/");
    sync(house); /* what one catalog was told, the other was not */
    expect_listed(house, "Gold", item, "46/");
    offer(house, "CAT-10", ",\"lineNumber\":9,\"unitPrice\":45");
    OWN_TEXT char *before = listed(house, "Europe", item);
    house_good(house, "catalog-prices.sync", "{\"shop\":\"DEMO\",\"type\":\"market\"}");
    OWN_TEXT char *after = listed(house, "Europe", item);
    assert_string_not_equal(before, after);
    expect_listed(house, "Gold", item, "46/");
}

/* A catalog that was taken out of the setting for a while has missed what others were told. */
static void a_catalog_that_comes_back_is_compared_whole(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-13", "");
    sync(house);
    house_put_shop(house, "DEMO", SETTINGS("\"Europe\":\"\""));
    offer(house, "CAT-13", ",\"lineNumber\":10,\"unitPrice\":45");
    sync(house);
    expect_listed(house, "Gold", item, "49.9/");
    house_put_shop(house, "DEMO", SETTINGS(GOLD));
    sync(house);
    expect_listed(house, "Gold", item, "45/");
}

/* The compare-at price of yen would be a part of a yen above the price. */
static void prices_have_the_decimals_of_the_lists_currency(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-14", "");
    make_catalog(house, "{\"title\":\"Yen\",\"currency\":\"JPY\",\"markets\":[\"Japan\"]}");
    house_good(house, "catalogs.sync", SHOP);
    house_put_shop(house, "DEMO", SETTINGS("\"Yen\":\"\""));
    sync(house);
    expect_listed(house, "Yen", item, "9880/");
}

/* ---- many ---- */

#define MANY SETTINGS("\"Gold\":\"\",\"Europe\":\"\"") ",\"bulk_from\":2,\"late_s\":1"

/* All prices of two catalogs, as if none had been told. */
static struct counts sync_many(struct house *house)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    assert_true(redis_commandf(ledger_redis(house->ledger), &reply, &err, "EVAL %s 0",
                               "for _, k in ipairs(redis.call('KEYS', '*catalog-sent:*')) do "
                               "redis.call('DEL', k) end "
                               "for _, k in ipairs(redis.call('KEYS', '*bulk*')) do "
                               "redis.call('DEL', k) end return 1"));
    house_put_shop(house, "DEMO", MANY);
    struct ran ran = house_parks(house, "catalog-prices.sync", SHOP, TICKET_SCHEDULED);
    if (!ran.ok)
        fail_msg("catalog-prices.sync: %s", ran.err.text);
    return ran.counts;
}

static int64_t times(struct house *house, const char *operation)
{
    return peers_calls(house->peers, "shopify", operation);
}

static void many_prices_go_as_one_operation(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-15", "");
    int64_t runs = times(house, "BulkRunMutation"), singly = times(house, "CatalogPricesAdd");
    struct counts counts = sync_many(house);
    assert_true(counts.updated >= 2);
    expect_listed(house, "Gold", item, "49.9/");
    assert_int_equal(runs + 1, times(house, "BulkRunMutation"));
    assert_int_equal(singly, times(house, "CatalogPricesAdd"));
    assert_int_equal(0, sync(house).calls); /* all of it is confirmed */
}

static void what_a_line_is_refused_for_keeps_no_other_price_back(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *gone = linked(house, "CAT-16", ""), *good = linked(house, "CAT-17", "");
    OWN_TEXT char *product = shelf_product(house, gone), *path = mem_printf("products/%s", product);
    int64_t runs = times(house, "BulkRunMutation");
    json_free(house_ask(house, "shopify", "DELETE", path, NULL));
    sync_many(house);
    expect_listed(house, "Gold", good, "49.9/");
    OWN_TEXT char *euro = listed(house, "Europe", good);
    assert_true(*euro);
    assert_int_equal(runs + 1, times(house, "BulkRunMutation")); /* the rest went singly */
    assert_int_equal(0, sync(house).calls);
}

static void an_operation_that_breaks_off_is_finished_singly(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-18", "");
    house_tell(house, "shopify", "bulk", "{\"end\":\"CANCELED\",\"after\":1}");
    sync_many(house);
    house_tell(house, "shopify", "bulk", "{}");
    expect_listed(house, "Gold", item, "49.9/");
    OWN_TEXT char *euro = listed(house, "Europe", item);
    assert_true(*euro);
    assert_int_equal(0, sync(house).calls);
}

/* ---- days ---- */

static void date_in(int days, char out[static 16])
{
    time_t at = (time_t)(clock_now_ms(&HOUSE_CLOCK) / 1000) + days * 86400;
    struct tm parts;
    strftime(out, 16, "%Y-%m-%d", gmtime_r(&at, &parts));
}

static int64_t due_day(struct house *house, const char *item)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = store_key(house->ledger, HOUSE_COMPANY, "catalog-due:DEMO");
    assert_true(
        redis_commandf(ledger_redis(house->ledger), &reply, &err, "ZSCORE %s %s", key, item));
    return reply->str ? atoll(reply->str) : 0;
}

static void a_price_that_begins_or_ends_is_looked_at_on_its_day(void **state)
{
    struct house *house = *state;
    char today[16], later[16];
    OWN_TEXT char *item = linked(house, "CAT-11", "");
    int64_t day = clock_now_ms(&HOUSE_CLOCK) / 86400000;
    date_in(0, today);
    date_in(3, later);
    OWN_TEXT char *ends =
        mem_printf(",\"lineNumber\":6,\"unitPrice\":20,\"endingDate\":\"%s\"", today);
    OWN_TEXT char *begins =
        mem_printf(",\"lineNumber\":7,\"unitPrice\":30,\"startingDate\":\"%s\"", later);
    offer(house, "CAT-11", begins);
    sync(house);
    expect_listed(house, "Gold", item, "49.9/");
    assert_int_equal(day + 3, due_day(house, item));
    offer(house, "CAT-11", ends);
    sync(house);
    expect_listed(house, "Gold", item, "20/"); /* it counts on its last day */
    assert_int_equal(day + 1, due_day(house, item));
    /* as if that day had come, and something had been left to tell */
    struct err err;
    OWN_REPLY redisReply *moved = NULL, *lost = NULL;
    OWN_TEXT char *key = store_key(house->ledger, HOUSE_COMPANY, "catalog-due:DEMO");
    OWN_TEXT char *id = catalog_id(house, "Gold"), *catalog = mem_printf("catalog:DEMO:%s", id);
    OWN_TEXT char *list = house_field(house, catalog, "list");
    OWN_TEXT char *sent = mem_printf("catalog-sent:DEMO:%s:%s", list, item);
    OWN_TEXT char *sent_key = store_key(house->ledger, HOUSE_COMPANY, sent);
    assert_true(redis_commandf(ledger_redis(house->ledger), &moved, &err, "ZADD %s %lld %s", key,
                               (long long)day, item));
    assert_true(redis_commandf(ledger_redis(house->ledger), &lost, &err, "DEL %s", sent_key));
    assert_int_equal(1, sync(house).updated);
    assert_int_equal(day + 1, due_day(house, item));
}

/* ---- more pieces ---- */

#define BREAKS                                                                                     \
    SETTINGS("\"Gold\":\"price_group=GOLD, discount_group=B2B, vat_group=DOMESTIC, "               \
             "quantity_breaks=yes\"")

static void more_pieces_cost_less(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-20", ""), *other = linked(house, "CAT-21", "");
    offer(house, "CAT-20", ",\"lineNumber\":20,\"minimumQuantity\":10,\"unitPrice\":40");
    offer(house, "CAT-20", ",\"lineNumber\":21,\"minimumQuantity\":50,\"unitPrice\":30");
    sync(house);
    expect_listed(house, "Gold", item, "49.9/"); /* it is an option */
    house_put_shop(house, "DEMO", BREAKS);
    struct counts counts = sync(house);
    assert_int_equal(1, counts.updated);
    assert_int_equal(1, counts.calls);
    expect_listed(house, "Gold", item, "49.9/@10:40,50:30");
    expect_listed(house, "Gold", other, "49.9/");
    assert_int_equal(0, sync(house).calls);
    offer(house, "CAT-20", ",\"lineNumber\":21,\"minimumQuantity\":60,\"unitPrice\":29.5");
    sync(house);
    expect_listed(house, "Gold", item, "49.9/@10:40,60:29.5");
    offer(house, "CAT-20", ",\"lineNumber\":20,\"minimumQuantity\":1,\"unitPrice\":41");
    sync(house);
    expect_listed(house, "Gold", item, "41/@60:29.5");
    house_put_shop(house, "DEMO", SETTINGS(GOLD)); /* what was told goes again */
    sync(house);
    expect_listed(house, "Gold", item, "41/");
    assert_int_equal(0, sync(house).calls);
}

static void lost_breaks_are_told_again(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-22", "");
    house_put_shop(house, "DEMO", BREAKS ",\"late_s\":60");
    offer(house, "CAT-22", ",\"lineNumber\":22,\"minimumQuantity\":10,\"unitPrice\":40");
    peers_fault(house->peers, "shopify", "{\"operation\":\"CatalogPricesBreaks\"}", 1,
                "{\"kind\":\"reset_after\"}");
    assert_int_equal(0, sync(house).updated);
    house_ahead_ms += 61 * 1000;
    assert_true(sync(house).updated > 0);
    expect_listed(house, "Gold", item, "49.9/@10:40");
    expect_reason(house, "Gold", "");
}

static void breaks_that_shopify_refuses_keep_no_other_back(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *first = linked(house, "CAT-23", ""), *second = linked(house, "CAT-24", "");
    house_put_shop(house, "DEMO", BREAKS);
    offer(house, "CAT-23", ",\"lineNumber\":23,\"minimumQuantity\":10,\"unitPrice\":40");
    offer(house, "CAT-24", ",\"lineNumber\":24,\"minimumQuantity\":10,\"unitPrice\":40");
    OWN_TEXT char *product = shelf_product(house, first);
    OWN_TEXT char *path = mem_printf("products/%s", product);
    json_free(house_ask(house, "shopify", "DELETE", path, NULL));
    struct counts counts = sync(house);
    assert_true(counts.updated > 0);
    assert_true(counts.skipped > 0);
    expect_listed(house, "Gold", second, "49.9/@10:40");
}

static void more_breaks_than_shopify_takes_are_said(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-25", "");
    house_put_shop(house, "DEMO", BREAKS);
    for (int i = 0; i < 12; i++) {
        OWN_TEXT char *line =
            mem_printf(",\"lineNumber\":%d,\"minimumQuantity\":%d,\"unitPrice\":%d", 30 + i,
                       10 * (i + 1), 40 - i);
        offer(house, "CAT-25", line);
    }
    sync(house);
    OWN_TEXT char *got = listed(house, "Gold", item);
    assert_non_null(strstr(got, "@10:40,20:39"));
    assert_non_null(strstr(got, "100:31"));
    assert_null(strstr(got, "110:"));
    OWN_TEXT char *reason = house_reason(house, "CAT-25");
    assert_string_equal("price-breaks", reason);
}

/* ---- beside a quote ---- */

static void a_quote_that_differs_stops_the_catalog(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = linked(house, "CAT-12", "");
    house_tell(house, "bc", "customers",
               "{\"number\":\"PROBE\",\"displayName\":\"Probe\",\"priceGroup\":\"GOLD\"}");
    offer(house, "CAT-12",
          ",\"lineNumber\":8,\"assignTo\":\"Customer Price Group\","
          "\"assignToNumber\":\"GOLD\",\"unitPrice\":41");
    house_put_shop(house, "DEMO",
                   SETTINGS("\"Gold\":\"customer=PROBE, price_group=GOLD, "
                            "vat_group=DOMESTIC\"") ",\"price_probe\":100");
    sync(house);
    expect_listed(house, "Gold", item, "41/");
    expect_reason(house, "Gold", "");
    assert_true(peers_calls(house->peers, "bc", "POST salesQuotes") > 0);
    house_tell(house, "bc", "customers/PROBE", "{\"priceGroup\":\"OTHER\"}");
    offer(house, "CAT-12",
          ",\"lineNumber\":8,\"assignTo\":\"Customer Price Group\","
          "\"assignToNumber\":\"GOLD\",\"unitPrice\":42");
    assert_int_equal(0, sync(house).updated);
    expect_listed(house, "Gold", item, "41/");
    expect_reason(house, "Gold", "price-rule");
}

#define CASE(name) cmocka_unit_test_setup(name, calm)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(catalogs_are_staged_as_they_are),
        CASE(a_catalog_that_is_gone_is_marked),
        CASE(a_catalogs_prices_are_its_groups),
        CASE(a_run_with_nothing_to_tell_asks_shopify_nothing),
        CASE(price_and_compare_at_go_together),
        CASE(what_has_no_price_is_a_skip_and_no_price),
        CASE(blocked_items_are_left_alone),
        CASE(many_prices_go_as_one_operation),
        CASE(one_bad_row_keeps_no_other_back),
        CASE(another_currency_stops_the_catalog_alone),
        CASE(a_locked_list_is_told_later),
        CASE(a_lost_answer_is_told_again),
        CASE(parameters_choose_catalogs),
        CASE(a_catalog_that_comes_back_is_compared_whole),
        CASE(prices_have_the_decimals_of_the_lists_currency),
        CASE(what_a_line_is_refused_for_keeps_no_other_price_back),
        CASE(an_operation_that_breaks_off_is_finished_singly),
        CASE(a_price_that_begins_or_ends_is_looked_at_on_its_day),
        CASE(more_pieces_cost_less),
        CASE(lost_breaks_are_told_again),
        CASE(breaks_that_shopify_refuses_keep_no_other_back),
        CASE(more_breaks_than_shopify_takes_are_said),
        CASE(a_quote_that_differs_stops_the_catalog),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
