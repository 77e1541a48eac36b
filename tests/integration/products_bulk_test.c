/* products_bulk_test.c - products.add of many items as operations of Shopify's own time: each item
 * becomes one product, whatever happens on the way, and what is left goes one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "limiter/limiter.h"
#include "support/shelf.h"

#define SETTINGS                                                                                   \
    ",\"sku_mapping\":\"item-no-variant\",\"inventory_tracked\":true,\"bulk_from\":3,\"late_s\":"  \
    "1,"                                                                                           \
    "\"sync_item\":\"to-shopify\",\"can_update_shopify_products\":true"
enum { ITEMS = 5 };

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", SETTINGS);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

/* No operation of a test before is remembered, and none rests. */
static int calm(void **state)
{
    struct house *house = *state;
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    house_tell(house, "shopify", "bulk", "{}");
    return redis_commandf(ledger_redis(house->ledger), &reply, &err, "EVAL %s 0",
                          "for _, k in ipairs(redis.call('KEYS', '*bulk*')) do "
                          "redis.call('DEL', k) end return 1")
               ? 0
               : -1;
}

/* ---- items, and what they have become ---- */

struct shelf {
    char *filter, *items[ITEMS];
};

static struct shelf fill(struct house *house, const char *name)
{
    struct shelf shelf = {.filter = mem_printf("{\"shop\":\"DEMO\",\"item_no\":\"%s-*\"}", name)};
    for (int i = 0; i < ITEMS; i++) {
        OWN_TEXT char *number = mem_printf("%s-%d", name, i);
        shelf.items[i] = shelf_item(house, number, "");
    }
    return shelf;
}

static void empty(struct shelf *shelf)
{
    for (int i = 0; i < ITEMS; i++)
        free(shelf->items[i]);
    free(shelf->filter);
}

static struct ran add(struct house *house, const struct shelf *shelf)
{
    struct ran ran = house_parks(house, "products.add", shelf->filter, TICKET_SCHEDULED);
    if (!ran.ok)
        fail_msg("products.add: %s", ran.err.text);
    return ran;
}

static int64_t calls(struct house *house, const char *operation)
{
    return peers_calls(house->peers, "shopify", operation);
}

static int linked(struct house *house, const struct shelf *shelf)
{
    int count = 0;
    for (int i = 0; i < ITEMS; i++) {
        OWN_TEXT char *product = shelf_product(house, shelf->items[i]);
        count += *product != 0;
    }
    return count;
}

/* By the peer's own record of what it has done. */
static int effects(struct house *house, const char *kind)
{
    int count = 0;
    OWN_JSON json *ledger = house_ask(house, "shopify", "GET", "ledger", NULL);
    const json *list = json_get(ledger, "effects");
    for (size_t i = 0; i < json_count(list); i++)
        count += strcmp(json_text(json_at(list, i), "kind"), kind) == 0;
    return count;
}

/* ---- as it should be ---- */

static void many_items_become_products_by_one_operation(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "ONE");
    int sets = effects(house, "productSet"), shown = effects(house, "publishablePublish");
    int64_t listings = peers_calls(house->peers, "bc", "GET items");
    struct ran ran = add(house, &shelf);
    assert_int_equal(ran.counts.created, ITEMS);
    /* a page and the count, then all of them; nothing is read to take answers */
    assert_int_equal(peers_calls(house->peers, "bc", "GET items") - listings, 3);
    assert_int_equal(linked(house, &shelf), ITEMS);
    assert_int_equal(effects(house, "productSet") - sets, ITEMS);
    assert_int_equal(effects(house, "publishablePublish") - shown, ITEMS);
    assert_int_equal(calls(house, "ProductSet") + calls(house, "ProductPublish"), 0);
    assert_int_equal(calls(house, "ProductsByBcId") + calls(house, "VariantsBySku"), 0);
    assert_int_equal(calls(house, "BulkRunMutation"), 2);
    assert_int_equal(calls(house, "BulkRunQuery"), 1);
    assert_int_equal(add(house, &shelf).counts.created, 0);
    assert_int_equal(calls(house, "BulkRunMutation"), 2);
}

/* The run that takes the answers goes on with them, where it is asked to. */
static void pictures_follow_products_that_went_together(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "PIC");
    free(shelf.filter);
    shelf.filter = mem_text("{\"shop\":\"DEMO\",\"item_no\":\"PIC-*\",\"sync_images\":true}");
    house_tell(house, "bc", "pictures",
               "{\"item\":\"PIC-0\",\"content\":"
               "\"R0lGODlhAgADAIAAAP///wAAACwAAAAAAgADAAACAoRRADs=\"}");
    add(house, &shelf);
    OWN_TEXT char *product = shelf_product(house, shelf.items[0]);
    OWN_JSON json *shown = shelf_shown(house, product);
    assert_int_equal(json_count(json_get(shown, "media")), 1);
}

/* What was confirmed by a line is what is known of the product: nothing is sent again. */
static void what_a_line_confirms_is_not_sent_again(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "KEPT");
    add(house, &shelf);
    OWN_TEXT char *product = shelf_product(house, shelf.items[0]);
    OWN_JSON json *made = shelf_shown(house, product);
    assert_string_equal(json_text(made, "title"), "Chair KEPT-0");
    assert_string_equal(json_text(json_path(made, "variants.0"), "price"), "49.90");
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", product);
    OWN_TEXT char *variant = house_field(house, key, "variants");
    OWN_TEXT char *sent = house_field(house, key, "sent");
    OWN_TEXT char *own = mem_printf("shop-variant:DEMO:%s", variant);
    OWN_TEXT char *price = house_field(house, own, "price_sent");
    assert_non_null(strstr(sent, "title="));
    assert_string_equal(price, "49.9//20");
    int64_t changes = calls(house, "ProductChange");
    house_good(house, "products.sync", "{\"shop\":\"DEMO\"}");
    assert_int_equal(calls(house, "ProductChange"), changes);
}

static void what_stands_already_is_linked_and_never_set(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "STAND");
    house_tell(house, "shopify", "products",
               "{\"id\":\"7900000000101\",\"title\":\"By "
               "hand\",\"vendor\":\"V\",\"variants\":[{\"id\":\"44900000000101\",\"sku\":\"STAND-1"
               "\",\"price\":\"9.00\"}]}");
    struct ran ran = add(house, &shelf);
    assert_int_equal(ran.counts.created, ITEMS - 1);
    assert_int_equal(ran.counts.updated, 1);
    OWN_TEXT char *product = shelf_product(house, shelf.items[1]);
    assert_string_equal(product, "7900000000101");
    OWN_JSON json *made = shelf_shown(house, product);
    assert_string_equal(json_text(made, "title"), "By hand");
}

static void few_items_go_one_by_one(void **state)
{
    struct house *house = *state;
    free(shelf_item(house, "FEW-1", ""));
    free(shelf_item(house, "FEW-2", ""));
    int64_t runs = calls(house, "BulkRunMutation"), sets = calls(house, "ProductSet");
    assert_int_equal(shelf_add(house, "FEW-*").created, 2);
    assert_int_equal(calls(house, "BulkRunMutation"), runs);
    assert_int_equal(calls(house, "ProductSet"), sets + 2);
}

/* How many there are is the run's: of a page of Business Central it may be one. */
static void items_of_many_pages_go_together(void **state)
{
    struct house *house = *state;
    static const char ASKED[] =
        "{\"shop\":\"DEMO\",\"item_no\":\"FAR-000001|FAR-000120|FAR-000240\"}";
    int64_t sets = calls(house, "ProductSet"), runs = calls(house, "BulkRunMutation");
    house_tell(house, "bc", "many-items",
               "{\"prefix\":\"FAR-\",\"count\":240,\"card\":{\"unitPrice\":20}}");
    struct ran ran = house_parks(house, "products.add", ASKED, TICKET_SCHEDULED);
    if (!ran.ok)
        fail_msg("products.add: %s", ran.err.text);
    assert_int_equal(ran.counts.created, 3);
    assert_int_equal(calls(house, "ProductSet"), sets);
    assert_int_equal(calls(house, "BulkRunMutation"), runs + 2);
}

static void a_refused_line_is_that_items_skip(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "NO");
    int64_t runs = calls(house, "BulkRunMutation");
    house_put_shop(house, "DEMO", SETTINGS ",\"sales_channels\":\"\"");
    house_tell(house, "shopify", "bulk", "{\"refuse\":3}");
    struct ran ran = add(house, &shelf);
    assert_int_equal(ran.counts.created, ITEMS - 1);
    assert_int_equal(ran.counts.skipped, 1);
    assert_int_equal(linked(house, &shelf), ITEMS - 1);
    assert_int_equal(calls(house, "BulkRunMutation"), runs + 1);
    OWN_TEXT char *reason = house_reason(house, "NO-3");
    assert_string_equal(reason, "product-refused");
    house_tell(house, "shopify", "bulk", "{}");
    house_put_shop(house, "DEMO", SETTINGS);
    assert_int_equal(add(house, &shelf).counts.created, 1); /* the next run tries it again */
    assert_int_equal(linked(house, &shelf), ITEMS);
}

/* ---- what breaks ---- */

/* The run up to the nth look; it is parked then. */
static void run_up_to(struct house *house, const struct shelf *shelf, int looks)
{
    for (int i = 0; i < looks; i++) {
        struct ran ran = house_run(house, "products.add", shelf->filter);
        assert_false(ran.ok);
        assert_string_equal(ran.err.peer_code, PARK_BULK);
        house_bulk_due(house);
    }
}

static void expect_all(struct house *house, const struct shelf *shelf, const char *name, int sets,
                       int before)
{
    int made = effects(house, "productSet") - before;
    if (linked(house, shelf) != ITEMS || made != sets)
        fail_msg("%s: %d products of %d made, %d linked", name, made, sets, linked(house, shelf));
}

static void what_a_broken_operation_has_left_goes_one_by_one(void **state)
{
    static const struct {
        const char *name, *course;
        int singly;
    } ROWS[] = {
        {"FAIL",   "{\"end\":\"FAILED\",\"after\":2}",   3},
        {"CANCEL", "{\"end\":\"CANCELED\",\"after\":1}", 4},
        {"NOUGHT", "{\"end\":\"FAILED\",\"after\":0}",   5},
        {"EXPIRE", "{\"end\":\"EXPIRED\"}",              0}, /* done, but for the answers */
    };
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        __attribute__((cleanup(empty))) struct shelf shelf = fill(house, ROWS[i].name);
        int before = effects(house, "productSet");
        int64_t sets = calls(house, "ProductSet"), runs = calls(house, "BulkRunMutation");
        calm(state);
        run_up_to(house, &shelf, 1); /* what the store has is asked as ever */
        house_tell(house, "shopify", "bulk", ROWS[i].course);
        run_up_to(house, &shelf, 1);
        house_tell(house, "shopify", "bulk", "{}");
        add(house, &shelf);
        expect_all(house, &shelf, ROWS[i].name, ITEMS, before);
        assert_int_equal(calls(house, "ProductSet") - sets, ROWS[i].singly);
        /* Of the products themselves there was one; those that it made are published alike. */
        assert_true(calls(house, "BulkRunMutation") - runs <= 2);
    }
}

static const struct {
    const char *name, *operation, *action;
} LOST[] = {
    {"LA", "BulkRunQuery",        "{\"kind\":\"reset_after\"}"          },
    {"LB", "StagedUploadsCreate", "{\"kind\":\"reset_after\"}"          },
    {"LC", "upload",              "{\"kind\":\"reset_before\"}"         },
    {"LD", "BulkRunMutation",     "{\"kind\":\"reset_before\"}"         },
    {"LE", "BulkRunMutation",     "{\"kind\":\"reset_after\"}"          },
    {"LF", "BulkRunMutation",     "{\"kind\":\"truncate\"}"             },
    {"LG", "BulkStatus",          "{\"kind\":\"reset_before\"}"         },
    {"LH", "download",            "{\"kind\":\"status\",\"status\":503}"},
    {"LI", "download",            "{\"kind\":\"truncate\"}"             },
};

static void an_answer_that_is_lost_makes_no_second_product(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(LOST); i++) {
        __attribute__((cleanup(empty))) struct shelf shelf = fill(house, LOST[i].name);
        OWN_TEXT char *match = mem_printf("{\"operation\":\"%s\"}", LOST[i].operation);
        int before = effects(house, "productSet");
        int runs = effects(house, "bulkOperationRunMutation");
        peers_fault(house->peers, "shopify", match, 1, LOST[i].action);
        add(house, &shelf);
        expect_all(house, &shelf, LOST[i].name, ITEMS, before);
        assert_int_equal(effects(house, "bulkOperationRunMutation") - runs, 2);
    }
}

static const struct {
    const char *name, *point;
    int looks; /* after so many the worker comes to it */
} DEATHS[] = {
    {"KA", "http.before:shopify BulkRunQuery",       0},
    {"KB", "http.after:shopify BulkRunQuery",        0},
    {"KC", "http.after:shopify storage download",    1},
    {"KD", "http.after:shopify StagedUploadsCreate", 1},
    {"KE", "http.after:shopify storage upload",      1},
    {"KF", "http.before:shopify BulkRunMutation",    1},
    {"KG", "http.after:shopify BulkRunMutation",     1},
    {"KH", "http.after:shopify BulkStatus",          2},
    {"KI", "http.after:shopify storage download",    2},
    {"KJ", "http.before:shopify PublicationsList",   2},
    {"KK", "http.after:shopify BulkRunMutation",     2},
    {"KL", "http.after:shopify storage download",    3},
};

static void a_worker_killed_at_any_step_is_followed_by_another(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(DEATHS); i++) {
        __attribute__((cleanup(empty))) struct shelf shelf = fill(house, DEATHS[i].name);
        int before = effects(house, "productSet"), shown = effects(house, "publishablePublish");
        int runs = effects(house, "bulkOperationRunMutation");
        run_up_to(house, &shelf, DEATHS[i].looks);
        house_killed_at(house, "products.add", shelf.filter, DEATHS[i].point, 1);
        house_bulk_due(house);
        add(house, &shelf);
        expect_all(house, &shelf, DEATHS[i].point, ITEMS, before);
        assert_int_equal(effects(house, "publishablePublish") - shown, ITEMS);
        assert_int_equal(effects(house, "bulkOperationRunMutation") - runs, 2);
    }
}

/* Whoever comes while it runs waits for it, and starts none of its own. */
static void two_runs_share_one_operation(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "TWO");
    int64_t runs = calls(house, "BulkRunMutation");
    run_up_to(house, &shelf, 1);
    house_tell(house, "shopify", "bulk", "{\"hold\":true}");
    run_up_to(house, &shelf, 3);
    assert_int_equal(calls(house, "BulkRunMutation"), runs + 1);
    assert_int_equal(linked(house, &shelf), 0);
    house_tell(house, "shopify", "bulk", "{}");
    add(house, &shelf);
    assert_int_equal(linked(house, &shelf), ITEMS);
    assert_int_equal(calls(house, "BulkRunMutation"), runs + 2);
}

/* Defect 7 of the original: what was looked at while it ran counts as dealt with, and what fails in
 * it afterwards is told to nobody. */
static void defect_7_a_look_while_it_runs_settles_nothing(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "SEVEN");
    house_put_shop(house, "DEMO", SETTINGS ",\"sales_channels\":\"\"");
    run_up_to(house, &shelf, 1);
    house_tell(house, "shopify", "bulk", "{\"hold\":true,\"refuse\":3}");
    int64_t looks = calls(house, "BulkStatus"), sets = calls(house, "ProductSet");
    run_up_to(house, &shelf, 3);
    assert_true(calls(house, "BulkStatus") >= looks + 2);
    assert_int_equal(linked(house, &shelf), 0);
    house_tell(house, "shopify", "bulk", "{}");
    struct ran ran = add(house, &shelf);
    assert_int_equal(ran.counts.created, ITEMS - 1);
    assert_int_equal(linked(house, &shelf), ITEMS - 1);
    assert_int_equal(calls(house, "ProductSet"), sets);
    OWN_TEXT char *reason = house_reason(house, "SEVEN-3");
    assert_string_equal(reason, "product-refused");
    house_put_shop(house, "DEMO", SETTINGS);
}

static void with_all_places_taken_it_waits_its_turn(void **state)
{
    static const char BUCKET[] = "demo.myshopify.com/cartage-demo";
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "FULL");
    struct err err;
    bool taken = true;
    for (int i = 0; i < LIMITER_PLACES && taken; i++) {
        OWN_TEXT char *who = mem_printf("another/%d", i);
        if (!limiter_place_take(house->limiter, BUCKET, "mutation", who, &taken, &err))
            fail_msg("%s", err.text);
    }
    int64_t files = calls(house, "StagedUploadsCreate");
    run_up_to(house, &shelf, 3);
    assert_int_equal(calls(house, "StagedUploadsCreate"), files);
    assert_true(limiter_place_give(house->limiter, BUCKET, "mutation", "another/0", &err));
    assert_int_equal(add(house, &shelf).counts.created, ITEMS);
}

/* ---- prices ---- */

#define PRICES "{\"shop\":\"DEMO\",\"only_prices\":true}"

static void set_prices(struct house *house, const char *name, const char *price)
{
    for (int i = 0; i < ITEMS; i++) {
        OWN_TEXT char *path = mem_printf("items/%s-%d", name, i);
        OWN_TEXT char *body = mem_printf("{\"unitPrice\":%s}", price);
        house_tell(house, "bc", path, body);
    }
}

static int priced(struct house *house, const struct shelf *shelf, const char *price)
{
    int count = 0;
    for (int i = 0; i < ITEMS; i++) {
        OWN_TEXT char *product = shelf_product(house, shelf->items[i]);
        OWN_JSON json *shown = shelf_shown(house, product);
        count += strcmp(json_text(json_path(shown, "variants.0"), "price"), price) == 0;
    }
    return count;
}

static struct ran tell_prices(struct house *house)
{
    struct ran ran = house_parks(house, "products.sync", PRICES, TICKET_SCHEDULED);
    if (!ran.ok)
        fail_msg("products.sync: %s", ran.err.text);
    return ran;
}

static void many_prices_go_as_one_operation(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "PRICE");
    add(house, &shelf);
    tell_prices(house);
    set_prices(house, "PRICE", "51.5");
    int64_t runs = calls(house, "BulkRunMutation"), changes = calls(house, "ProductChange");
    assert_int_equal(tell_prices(house).counts.updated, ITEMS);
    assert_int_equal(priced(house, &shelf, "51.50"), ITEMS);
    assert_int_equal(calls(house, "BulkRunMutation"), runs + 1);
    assert_int_equal(calls(house, "ProductChange"), changes);
    assert_int_equal(tell_prices(house).counts.updated, 0);
    assert_int_equal(calls(house, "BulkRunMutation"), runs + 1);
}

static void a_refused_price_is_that_items_skip(void **state)
{
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "DEAR");
    add(house, &shelf);
    tell_prices(house);
    set_prices(house, "DEAR", "52.5");
    int64_t changes = calls(house, "ProductChange");
    house_tell(house, "shopify", "bulk", "{\"refuse\":2}");
    struct ran ran = tell_prices(house);
    assert_int_equal(ran.counts.updated, ITEMS); /* the one that was refused goes singly then */
    assert_int_equal(ran.counts.skipped, 1);
    assert_int_equal(priced(house, &shelf, "52.50"), ITEMS);
    assert_int_equal(calls(house, "ProductChange"), changes + 1);
}

static void prices_of_a_broken_operation_go_singly(void **state)
{
    static const struct {
        const char *course, *price, *shown;
        int singly;
    } ROWS[] = {
        {"{\"end\":\"FAILED\",\"after\":2}",   "61", "61.00", 3    },
        {"{\"end\":\"CANCELED\",\"after\":1}", "62", "62.00", 4    },
        {"{\"end\":\"EXPIRED\"}",              "63", "63.00", ITEMS}, /* set twice is once */
    };
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "BROKEN");
    add(house, &shelf);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        calm(state);
        tell_prices(house);
        set_prices(house, "BROKEN", ROWS[i].price);
        int64_t changes = calls(house, "ProductChange");
        house_tell(house, "shopify", "bulk", ROWS[i].course);
        tell_prices(house);
        assert_int_equal(priced(house, &shelf, ROWS[i].shown), ITEMS);
        assert_int_equal(calls(house, "ProductChange") - changes, ROWS[i].singly);
    }
}

static void a_worker_killed_over_prices_is_followed_by_another(void **state)
{
    static const struct {
        const char *point, *price, *shown;
        int looks;
    } ROWS[] = {
        {"http.after:shopify storage upload",   "71", "71.00", 0},
        {"http.before:shopify BulkRunMutation", "72", "72.00", 0},
        {"http.after:shopify BulkRunMutation",  "73", "73.00", 0},
        {"http.after:shopify storage download", "74", "74.00", 1},
    };
    struct house *house = *state;
    __attribute__((cleanup(empty))) struct shelf shelf = fill(house, "KILLED");
    add(house, &shelf);
    tell_prices(house);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        set_prices(house, "KILLED", ROWS[i].price);
        for (int look = 0; look < ROWS[i].looks; look++) {
            assert_false(house_run(house, "products.sync", PRICES).ok);
            house_bulk_due(house);
        }
        int updates = effects(house, "productVariantsBulkUpdate");
        house_killed_at(house, "products.sync", PRICES, ROWS[i].point, 1);
        house_bulk_due(house);
        tell_prices(house);
        assert_int_equal(priced(house, &shelf, ROWS[i].shown), ITEMS);
        if (ROWS[i].looks == 0)
            assert_int_equal(effects(house, "productVariantsBulkUpdate") - updates, ITEMS);
    }
}

#define HOUSE_TEST(test) cmocka_unit_test_setup_teardown(test, calm, calm)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(many_items_become_products_by_one_operation),
        HOUSE_TEST(pictures_follow_products_that_went_together),
        HOUSE_TEST(what_a_line_confirms_is_not_sent_again),
        HOUSE_TEST(what_stands_already_is_linked_and_never_set),
        HOUSE_TEST(few_items_go_one_by_one),
        HOUSE_TEST(a_refused_line_is_that_items_skip),
        HOUSE_TEST(what_a_broken_operation_has_left_goes_one_by_one),
        HOUSE_TEST(an_answer_that_is_lost_makes_no_second_product),
        HOUSE_TEST(a_worker_killed_at_any_step_is_followed_by_another),
        HOUSE_TEST(two_runs_share_one_operation),
        HOUSE_TEST(defect_7_a_look_while_it_runs_settles_nothing),
        HOUSE_TEST(with_all_places_taken_it_waits_its_turn),
        HOUSE_TEST(many_prices_go_as_one_operation),
        HOUSE_TEST(a_refused_price_is_that_items_skip),
        HOUSE_TEST(prices_of_a_broken_operation_go_singly),
        HOUSE_TEST(a_worker_killed_over_prices_is_followed_by_another),
        HOUSE_TEST(items_of_many_pages_go_together), /* last: later runs would read them all */
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
