/* shipments_run_test.c - shipments.sync against both simulated peers: an order is placed, read and
 * made a document, a person posts its shipment in the ERP, and Shopify is told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/house.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define LATE(seconds) ",\"fulfillment_service\":\"ERP Warehouse\",\"late_s\":" #seconds
#define SETTINGS LATE(1)
static const char ONLY[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";

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

/* ---- an order on its way ---- */

/* lines: [["1896-S",2,"High Street Shop"],...] as text of the form's list. */
static void place(struct house *house, const char *name, const char *lines, const char *more)
{
    OWN_TEXT char *order =
        mem_printf("{\"name\":\"%s\",\"customer\":\"7300000000000\",\"email\":\"nobody@example."
                   "com\",\"lines\":[%s]%s}",
                   name, lines, more);
    json_free(peers_admin(house->peers, "shopify", "POST", "orders", order));
}

#define ONE(sku, quantity) "{\"sku\":\"" sku "\",\"quantity\":" quantity ",\"price\":\"12.50\"}"
#define AT(sku, quantity, location)                                                                \
    "{\"sku\":\"" sku "\",\"quantity\":" quantity ",\"price\":\"12.50\",\"location\":\"" location  \
    "\"}"

static void make_documents(struct house *house)
{
    house_good(house, "orders.sync", ONLY);
    house_good(house, "orders.process", ONLY);
}

static void by_hand(struct house *house, const char *name, const char *what, const char *body)
{
    OWN_TEXT char *path = mem_printf("orders/%%23%s/%s", name + 1, what);
    json_free(peers_admin(house->peers, "shopify", "POST", path, body));
}

static char *order_field(struct house *house, const char *name, const char *key, const char *field)
{
    OWN_TEXT char *id = house_order_id(house, name), *full = mem_printf("%s:%s", key, id);
    return house_field(house, full, field);
}

/* A person posts the order's shipment: all of it, or pieces by line number. */
static void ship(struct house *house, const char *name, const char *what)
{
    OWN_TEXT char *number = order_field(house, name, "order", "document");
    if (!*number)
        fail_msg("%s has no document", name);
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    OWN_TEXT char *body = mem_printf("{\"ship\":%s}", what);
    json_free(peers_admin(house->peers, "bc", "POST", path, body));
}

static void placed_and_shipped(struct house *house, const char *name, const char *lines)
{
    place(house, name, lines, "");
    make_documents(house);
    ship(house, name, "true");
}

/* ---- what Shopify has ---- */

/* "<location> <line index>x<units> ... | ...", cancelled ones left out; the caller's. */
static char *fulfillments_of(struct house *house, const char *name)
{
    OWN_JSON json *order = house_order(house, name);
    OWN_BUF struct buf out = {0};
    const json *list = json_get(order, "fulfillments"), *lines = json_get(order, "lines");
    for (size_t i = 0; i < json_count(list); i++) {
        const json *made = json_at(list, i), *held = json_get(made, "lines");
        if (strcmp(json_text(made, "status"), "CANCELLED") == 0)
            continue;
        buf_printf(&out, "%s%s", out.size ? " | " : "",
                   json_text(made, "location") + strlen(json_text(made, "location")) - 1);
        for (size_t k = 0; k < json_count(held); k++) {
            size_t at = 0;
            const char *line = json_text(json_at(held, k), "lineItem");
            while (at < json_count(lines) && strcmp(json_text(json_at(lines, at), "id"), line) != 0)
                at++;
            buf_printf(&out, " %zux%d", at, (int)json_int(json_at(held, k), "quantity", 0));
        }
    }
    return mem_text(buf_str(&out));
}

static void expect(struct house *house, const char *name, const char *want)
{
    OWN_TEXT char *got = fulfillments_of(house, name);
    if (strcmp(got, want) != 0)
        fail_msg("%s: fulfillments \"%s\" instead of \"%s\"", name, got, want);
}

static void expect_order(struct house *house, const char *name, const char *status)
{
    OWN_JSON json *order = house_order(house, name);
    OWN_TEXT char *staged = order_field(house, name, "order", "fulfillment");
    OWN_TEXT char *echo = order_field(house, name, "order", "echo");
    assert_string_equal(json_text(order, "fulfillmentStatus"), status);
    assert_string_equal(staged, status);
    assert_string_equal(echo, json_text(order, "updatedAt"));
}

static void expect_reason(struct house *house, const char *record, const char *reason)
{
    OWN_TEXT char *got = house_reason(house, record);
    if (strcmp(got, reason) != 0)
        fail_msg("%s: reason \"%s\" instead of \"%s\"", record, got, reason);
}

/* The shipments' numbers, oldest first: "102001". */
static char *shipment_number(struct house *house, const char *order, size_t nth)
{
    OWN_JSON json *list = NULL;
    struct err err;
    OWN_TEXT char *id = house_order_id(house, order);
    if (!store_shipments(house->ledger, HOUSE_COMPANY, id, &list, &err))
        fail_msg("%s", err.text);
    if (nth >= json_count(list))
        fail_msg("order %s has %zu shipments", order, json_count(list));
    return mem_text(json_text(json_at(list, nth), "number"));
}

static void expect_shipment(struct house *house, const char *order, size_t nth, const char *field,
                            const char *want)
{
    OWN_JSON json *list = NULL;
    struct err err;
    OWN_TEXT char *id = house_order_id(house, order);
    if (!store_shipments(house->ledger, HOUSE_COMPANY, id, &list, &err))
        fail_msg("%s", err.text);
    const char *got = json_text(json_at(list, nth), field);
    if (strcmp(got, want) != 0)
        fail_msg("shipment %zu of %s: %s \"%s\" instead of \"%s\"", nth, order, field, got, want);
}

/* Those with marker -1. */
static json *failed_shipments(struct house *house)
{
    static const char *const FIELDS[] = {"number", "order_name", "marker", "reason", "detail"};
    OWN_IDS struct store_ids ids = {0};
    json *list = json_new_array();
    struct err err;
    if (!store_zset(house->ledger, HOUSE_COMPANY, "shipments-failed:DEMO", INT64_MAX, STORE_PAGE,
                    &ids, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < ids.count; i++) {
        OWN_TEXT char *key = mem_printf("shipment:%s", ids.items[i]);
        json *row = json_new_object();
        json_add(list, row);
        for (size_t f = 0; f < COUNT(FIELDS); f++) {
            OWN_TEXT char *text = house_field(house, key, FIELDS[f]);
            json_set_text(row, FIELDS[f], text);
        }
    }
    return list;
}

static int64_t creates(struct house *house)
{
    return peers_calls(house->peers, "shopify", "FulfillmentCreate");
}

/* What no command of a person does: a key of the staged records goes, or holds this text. */
static void forget(struct house *house, const char *key)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, "DEL ct:{test/%02x}:s:%s:%s",
                        ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, key))
        fail_msg("%s", err.text);
    assert_int_equal(reply->integer, 1);
}

static void remember(struct house *house, const char *key, const char *text)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, "SET ct:{test/%02x}:s:%s:%s %s",
                        ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, key, text))
        fail_msg("%s", err.text);
}

/* ---- one shipment ---- */

static void a_shipment_becomes_a_fulfillment(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2") "," ONE("1900-S", "1"));
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.read, 1);
    assert_int_equal(counts.created, 1);
    expect(house, "#9001", "1 0x2 1x1");
    expect_order(house, "#9001", "FULFILLED");
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
    assert_int_equal(house_cues(house).shipment_errors, 0);

    /* again: the ERP is asked what has changed, Shopify nothing */
    int64_t calls = peers_calls(house->peers, "shopify", NULL);
    counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.read, 0);
    assert_int_equal(counts.points, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", NULL), calls);
}

static void parts_are_told_as_they_go(void **state)
{
    struct house *house = *state;
    place(house, "#9001", ONE("1896-S", "5") "," ONE("1900-S", "1"), "");
    make_documents(house);
    ship(house, "#9001", "{\"10000\":2}");
    house_good(house, "shipments.sync", SHOP);
    expect(house, "#9001", "1 0x2");
    expect_order(house, "#9001", "PARTIALLY_FULFILLED");
    ship(house, "#9001", "{\"10000\":1,\"20000\":1}");
    ship(house, "#9001", "{\"10000\":2}"); /* two of one order in one run */
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 2);
    expect(house, "#9001", "1 0x2 | 1 0x1 1x1 | 1 0x2");
    expect_order(house, "#9001", "FULFILLED");
}

static void each_location_has_a_fulfillment_of_its_own(void **state)
{
    struct house *house = *state;
    placed_and_shipped(
        house, "#9001",
        ONE("1896-S", "2") "," AT("1900-S", "1", "High Street Shop") "," ONE("1908-S", "3"));
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 2);
    expect(house, "#9001", "1 0x2 2x3 | 2 1x1");
    expect_order(house, "#9001", "FULFILLED");
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
}

static void other_services_ship_for_themselves(void **state)
{
    struct house *house = *state;
    place(house, "#9001", AT("1896-S", "2", "Parcel Partner"), "");
    place(house, "#9002", AT("1896-S", "2", "Parcel Partner") "," ONE("1900-S", "1"), "");
    make_documents(house);
    ship(house, "#9001", "true");
    ship(house, "#9002", "true");
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.failed, 1);
    expect(house, "#9001", "");
    expect(house, "#9002", "1 1x1");
    expect_shipment(house, "#9001", 0, "marker", "-1");
    expect_shipment(house, "#9001", 0, "reason", "third-party");
    expect_shipment(house, "#9002", 0, "warning", "2 units are another fulfillment service's; ");
    assert_int_equal(house_cues(house).shipment_errors, 1);
}

static void our_own_service_accepts_and_ships(void **state)
{
    struct house *house = *state;
    place(house, "#9001", AT("1896-S", "2", "ERP Warehouse"), "");
    make_documents(house);
    by_hand(house, "#9001", "request", "{}");
    ship(house, "#9001", "true");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect(house, "#9001", "5 0x2");
    expect_order(house, "#9001", "FULFILLED");
    assert_int_equal(peers_calls(house->peers, "shopify", "FulfillmentRequestAccept"), 1);
}

static void what_is_on_hold_waits(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    by_hand(house, "#9001", "hold", "{\"reason\":\"OTHER\"}");
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(counts.failed, 0);
    expect_shipment(house, "#9001", 0, "marker", "0");
    expect_shipment(house, "#9001", 0, "reason", "fulfillment-held");
    assert_int_equal(house_cues(house).unprocessed_shipments, 1);
    by_hand(house, "#9001", "release", "{}");
    /* it is put off; a person's run takes it at once */
    assert_int_equal(house_good(house, "shipments.sync", SHOP).read, 0);
    struct ran ran = house_run_as(house, "shipments.sync", SHOP, TICKET_FOREGROUND);
    assert_true(ran.ok);
    assert_int_equal(ran.counts.created, 1);
    expect(house, "#9001", "1 0x2");
    OWN_TEXT char *number = shipment_number(house, "#9001", 0);
    expect_reason(house, number, "");
}

static void what_shopify_has_already_needs_nobody(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    by_hand(house, "#9001", "fulfil", "{}");
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.created, 0);
    expect_shipment(house, "#9001", 0, "marker", "-2");
    expect_shipment(house, "#9001", 0, "reason", "already-fulfilled");
    assert_int_equal(house_cues(house).shipment_errors, 0);
    assert_int_equal(creates(house), 0);
}

static void what_was_given_back_first_needs_nobody(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    placed_and_shipped(house, "#9002", ONE("1896-S", "3"));
    by_hand(house, "#9001", "refund",
            "{\"lines\":[{\"line\":0,\"quantity\":2,\"restock\":\"RETURN\"}]}");
    by_hand(house, "#9002", "refund",
            "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.failed, 0);
    expect_shipment(house, "#9001", 0, "marker", "-2");
    expect_shipment(house, "#9001", 0, "reason", "given-back");
    assert_int_equal(house_cues(house).shipment_errors, 0);
    expect(house, "#9002", "1 0x2"); /* what is left of it */
    assert_int_equal(creates(house), 1);
}

/* ---- nothing twice ---- */

#define FIRST_CREATE "{\"operation\":\"FulfillmentCreate\"}"
#define NO_ACCESS                                                                                  \
    "{\"kind\":\"status\",\"status\":200,\"body\":\"{\\\"errors\\\":[{\\\"message\\\":\\\"no "     \
    "access\\\",\\\"extensions\\\":{\\\"code\\\":\\\"ACCESS_DENIED\\\"}}]}\"}"

static void three_shipped(struct house *house)
{
    place(house, "#9001", ONE("1896-S", "2"), "");
    place(house, "#9002", ONE("1896-S", "2"), "");
    place(house, "#9003", ONE("1896-S", "2"), "");
    make_documents(house);
    ship(house, "#9001", "true");
    ship(house, "#9002", "true");
    ship(house, "#9003", "true");
}

static void expect_three(struct house *house)
{
    expect(house, "#9001", "1 0x2");
    expect(house, "#9002", "1 0x2");
    expect(house, "#9003", "1 0x2");
    expect_order(house, "#9001", "FULFILLED");
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
    assert_int_equal(house_cues(house).shipment_errors, 0);
}

/* The answer is lost, the effect is not. */
static void a_lost_answer_makes_no_second_fulfillment(void **state)
{
    static const char *const LOSSES[] = {"{\"kind\":\"reset_after\"}", "{\"kind\":\"truncate\"}",
                                         "{\"kind\":\"internal_after\"}",
                                         "{\"kind\":\"status_after\",\"status\":502}"};
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(LOSSES); i++) {
        OWN_TEXT char *name = mem_printf("#900%zu", i + 1);
        place(house, name, ONE("1896-S", "2"), "");
    }
    make_documents(house);
    for (size_t i = 0; i < COUNT(LOSSES); i++) {
        OWN_TEXT char *name = mem_printf("#900%zu", i + 1);
        ship(house, name, "true");
        peers_fault(house->peers, "shopify", FIRST_CREATE, 1, LOSSES[i]);
        struct ran ran = house_run(house, "shipments.sync", SHOP);
        assert_false(ran.ok);
        assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
        assert_true(ran.err.retry_after_ms > 0);
        expect_shipment(house, name, 0, "reason", "fulfillment-in-flight");
        struct counts counts = house_good(house, "shipments.sync", SHOP);
        assert_int_equal(counts.created, 0);
        assert_int_equal(counts.updated, 1);
        expect(house, name, "1 0x2");
        expect_order(house, name, "FULFILLED");
        expect_shipment(house, name, 0, "reason", "");
    }
    assert_int_equal(creates(house), COUNT(LOSSES));
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
}

static bool late_is_over(void *state)
{
    struct ran *ran = ((void **)state)[1];
    *ran = house_run(((void **)state)[0], "shipments.sync", SHOP);
    return ran->ok;
}

/* The call never arrived: it is sent again once it can no longer come, and the others went on. */
static void a_call_that_never_arrived_is_sent_again(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", LATE(60));
    three_shipped(house);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1, "{\"kind\":\"reset_before\"}");
    struct ran ran = house_run(house, "shipments.sync", SHOP);
    assert_false(ran.ok);
    assert_int_equal(ran.counts.created, 2);
    assert_int_equal(house_cues(house).unprocessed_shipments, 1);
    ran = house_run(house, "shipments.sync", SHOP); /* too early: it is looked for, not sent */
    assert_false(ran.ok);
    assert_int_equal(ran.counts.created, 0);
    house_ahead_ms += 61 * 1000;
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect_three(house);
}

/* We gave up, looked, found nothing; then it comes. */
static void an_effect_that_comes_after_the_look_is_the_one(void **state)
{
    struct house *house = *state;
    struct ran last = {0};
    void *both[] = {house, &last};
    house_put_shop(house, "DEMO", ",\"late_s\":60");
    three_shipped(house);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1,
                "{\"kind\":\"later\",\"looks\":1,\"match\":\"FulfillmentsByOrderIds\"}");
    assert_false(house_run(house, "shipments.sync", SHOP).ok);
    assert_false(house_run(house, "shipments.sync", SHOP).ok); /* the look that finds nothing */
    assert_true(wait_for(late_is_over, both, 10000));
    assert_int_equal(last.counts.created, 0);
    assert_int_equal(last.counts.updated, 1);
    expect_three(house);
}

/* Twice in a row. */
static void two_lost_answers_in_a_row(void **state)
{
    struct house *house = *state;
    struct ran last = {0};
    void *both[] = {house, &last};
    three_shipped(house);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 3, "{\"kind\":\"reset_before\"}");
    assert_false(house_run(house, "shipments.sync", SHOP).ok);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 3, "{\"kind\":\"reset_after\"}");
    assert_true(wait_for(late_is_over, both, 20000));
    expect_three(house);
}

static void a_killed_worker_leaves_no_second_fulfillment(void **state)
{
    static const struct {
        const char *point;
        int nth;
    } POINTS[] = {
        {"redis.after:write",                     1},
        {"http.before:shopify FulfillmentCreate", 1},
        {"http.after:shopify FulfillmentCreate",  1},
        {"http.after:shopify FulfillmentCreate",  3},
        {"redis.after:write",                     3},
        {"redis.before:write",                    4},
        {"redis.after:write",                     4},
    };
    struct house *house = *state;
    struct ran last = {0};
    void *both[] = {house, &last};
    for (size_t i = 0; i < COUNT(POINTS); i++) {
        const char *names[] = {"#9011", "#9021", "#9031"};
        char all[3][8];
        for (size_t k = 0; k < 3; k++) {
            snprintf(all[k], sizeof all[k], "#90%zu%zu", i + 1, k + 1);
            names[k] = all[k];
            place(house, names[k], ONE("1896-S", "2"), "");
        }
        make_documents(house);
        for (size_t k = 0; k < 3; k++)
            ship(house, names[k], "true");
        house_killed_at(house, "shipments.sync", SHOP, POINTS[i].point, POINTS[i].nth);
        assert_true(wait_for(late_is_over, both, 10000));
        for (size_t k = 0; k < 3; k++) {
            expect(house, names[k], "1 0x2");
            expect_order(house, names[k], "FULFILLED");
        }
    }
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
}

/* One shipment's trouble is not the others'. */
static void a_refused_shipment_stops_no_other(void **state)
{
    struct house *house = *state;
    bool changed;
    struct err err;
    three_shipped(house);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1,
                "{\"kind\":\"status\",\"status\":200,\"body\":\"{\\\"data\\\":{"
                "\\\"fulfillmentCreate\\\":{\\\"fulfillment\\\":null,\\\"userErrors\\\":[{"
                "\\\"field\\\":[\\\"fulfillment\\\"],\\\"message\\\":\\\"Not today.\\\"}]}},"
                "\\\"extensions\\\":{\\\"cost\\\":{\\\"requestedQueryCost\\\":11,"
                "\\\"actualQueryCost\\\":11,\\\"throttleStatus\\\":{\\\"maximumAvailable\\\":20000,"
                "\\\"currentlyAvailable\\\":19000,\\\"restoreRate\\\":1000}}}}\"}");
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.created, 2);
    assert_int_equal(counts.failed, 1);
    OWN_JSON json *failed = failed_shipments(house);
    assert_int_equal(json_count(failed), 1);
    const json *row = json_at(failed, 0);
    assert_string_equal(json_text(row, "marker"), "-1");
    assert_string_equal(json_text(row, "reason"), "fulfillment-refused");
    assert_string_equal(json_text(row, "detail"), "Not today.");
    const char *number = json_text(row, "number");
    expect_reason(house, number, "fulfillment-refused");
    assert_int_equal(house_cues(house).shipment_errors, 1);

    /* a failed one waits for a person */
    assert_int_equal(house_good(house, "shipments.sync", SHOP).read, 0);
    assert_true(store_shipment_retry(house->ledger, HOUSE_COMPANY, "DEMO", number, &changed, &err));
    assert_true(changed);
    assert_int_equal(house_cues(house).shipment_errors, 0);
    assert_int_equal(house_cues(house).unprocessed_shipments, 1);
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect_three(house);
    assert_true(store_shipment_retry(house->ledger, HOUSE_COMPANY, "DEMO", number, &changed, &err));
    assert_false(changed); /* Shopify knows it */
    assert_false(
        store_shipment_retry(house->ledger, HOUSE_COMPANY, "DEMO", "404404", &changed, &err));
    assert_int_equal(err.code, 404);
}

/* Defect 13 of the original: an error of the API, not of the form, ended the run of all. */
static void defect_13_one_shipments_api_error_ends_no_run(void **state)
{
    struct house *house = *state;
    three_shipped(house);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1, NO_ACCESS);
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.created, 2);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(house_cues(house).shipment_errors, 1);
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
}

static bool settle(struct house *house, const char *number, struct err *err)
{
    bool changed;
    return store_shipment_done(house->ledger, HOUSE_COMPANY, "DEMO", number, &changed, err) &&
           changed;
}

/* Whoever told Shopify by hand says so, of one that failed and of one that waits; not while a call
 * is on its way. */
static void a_person_may_settle_a_shipment(void **state)
{
    struct house *house = *state;
    struct err err;
    three_shipped(house);
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1, NO_ACCESS);
    house_good(house, "shipments.sync", SHOP);
    OWN_JSON json *failed = failed_shipments(house);
    const char *order = json_text(json_at(failed, 0), "order_name"),
               *number = json_text(json_at(failed, 0), "number");
    assert_true(settle(house, number, &err));
    assert_false(settle(house, number, &err)); /* it is so already */
    expect_shipment(house, order, 0, "marker", "-2");
    expect_reason(house, number, "settled-by-hand");
    assert_int_equal(house_cues(house).shipment_errors, 0);
    assert_int_equal(house_good(house, "shipments.sync", SHOP).read, 0);

    placed_and_shipped(house, "#9004", ONE("1896-S", "2"));
    by_hand(house, "#9004", "hold", "{\"reason\":\"OTHER\"}");
    house_good(house, "shipments.sync", SHOP);
    OWN_TEXT char *waits = shipment_number(house, "#9004", 0);
    assert_true(settle(house, waits, &err));
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);

    placed_and_shipped(house, "#9005", ONE("1896-S", "2"));
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1, "{\"kind\":\"reset_after\"}");
    assert_false(house_run(house, "shipments.sync", SHOP).ok);
    OWN_TEXT char *away = shipment_number(house, "#9005", 0);
    assert_false(settle(house, away, &err));
    assert_int_equal(err.code, 409);
    house_good(house, "shipments.sync", SHOP);
    expect(house, "#9005", "1 0x2");
    assert_false(settle(house, "404404", &err));
    assert_int_equal(err.code, 404);
}

/* What was sent of a shipment is not sent again with the rest. */
static void a_shipment_that_failed_in_part_sends_the_rest(void **state)
{
    struct house *house = *state;
    bool changed;
    struct err err;
    placed_and_shipped(house, "#9001",
                       ONE("1896-S", "2") "," AT("1900-S", "1", "High Street Shop"));
    OWN_TEXT char *rule =
        mem_printf("{\"rules\":[{\"match\":%s,\"nth\":2,\"action\":%s}]}", FIRST_CREATE, NO_ACCESS);
    json_free(peers_admin(house->peers, "shopify", "POST", "faults", rule));
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.failed, 1);
    expect(house, "#9001", "1 0x2");
    expect_order(house, "#9001", "PARTIALLY_FULFILLED");
    OWN_TEXT char *number = shipment_number(house, "#9001", 0);
    assert_true(store_shipment_retry(house->ledger, HOUSE_COMPANY, "DEMO", number, &changed, &err));
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect(house, "#9001", "1 0x2 | 2 1x1");
}

static void a_shop_without_answers_is_tried_ever_more_rarely(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    peers_fault(house->peers, "shopify", "{\"operation\":\"FulfillmentOrdersByOrderIds\"}", 0,
                "{\"kind\":\"status\",\"status\":502}");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).skipped, 1);
    expect_shipment(house, "#9001", 0, "reason", "shopify-later");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).read, 0);
    json_free(peers_admin(house->peers, "shopify", "DELETE", "faults", NULL));
    assert_true(house_run_as(house, "shipments.sync", SHOP, TICKET_FOREGROUND).ok);
    expect(house, "#9001", "1 0x2");
}

/* Redis was lost, a person has adopted what there is: what stands at Shopify is not told again. */
static void forget_shipments(struct house *house)
{
    static const char *const KEYS[] = {"shipment*", "fulfillment:*", "mark:shipments:*"};
    int bucket = ledger_bucket(house->ledger, HOUSE_COMPANY);
    struct err err;
    for (size_t i = 0; i < COUNT(KEYS); i++) {
        OWN_REPLY redisReply *found = NULL;
        if (!redis_commandf(ledger_redis(house->ledger), &found, &err,
                            "KEYS ct:*test/%02x*:s:%s:%s", bucket, HOUSE_COMPANY, KEYS[i]))
            fail_msg("%s", err.text);
        assert_true(found->elements > 0);
        for (size_t k = 0; k < found->elements; k++) {
            OWN_REPLY redisReply *gone = NULL;
            if (!redis_commandf(ledger_redis(house->ledger), &gone, &err, "DEL %s",
                                found->element[k]->str))
                fail_msg("%s", err.text);
        }
    }
}

static void what_only_shopify_remembers_is_not_told_again(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", LATE(60));
    place(house, "#9001", ONE("1896-S", "5") "," AT("1900-S", "2", "High Street Shop"), "");
    place(house, "#9002", ONE("1896-S", "5"), "");
    place(house, "#9003", ONE("1896-S", "3"),
          ",\"shipping\":[{\"title\":\"Post\",\"code\":\"post\",\"price\":\"4.00\"}]");
    make_documents(house);
    ship(house, "#9001", "{\"10000\":2,\"20000\":1}"); /* two fulfillments */
    ship(house, "#9001", "{\"10000\":1}");
    ship(house, "#9003", "true"); /* its charge is shipped there, too, and nobody's here */
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 4);
    ship(house, "#9001", "{\"10000\":2,\"20000\":1}"); /* and these are still to be told */
    ship(house, "#9002", "{\"10000\":5}");
    forget_shipments(house);
    house->adopted_ms = clock_mono_ms(&HOUSE_CLOCK);
    struct ran ran = house_run(house, "shipments.sync", SHOP); /* calls may still come through */
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    assert_int_equal(ran.counts.created, 0);
    house->adopted_ms = clock_mono_ms(&HOUSE_CLOCK) - 61 * 1000;
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.updated, 4);
    expect_shipment(house, "#9003", 0, "reason", "");
    expect(house, "#9003", "1 0x3");
    assert_int_equal(counts.created, 3);
    expect(house, "#9001", "1 0x2 | 2 1x1 | 1 0x1 | 1 0x2 | 2 1x1");
    expect(house, "#9002", "1 0x5");
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 0);
}

/* ---- what is shipped ---- */

static void long_shipments_take_several_calls(void **state)
{
    enum { MANY = 260 };
    struct house *house = *state;
    OWN_BUF struct buf lines = {0};
    for (int i = 0; i < MANY; i++)
        buf_printf(&lines, "%s" ONE("1896-S", "1"), i ? "," : "");
    placed_and_shipped(house, "#9001", buf_str(&lines));
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 2);
    expect_order(house, "#9001", "FULFILLED");
    assert_int_equal(creates(house), 2);
    OWN_JSON json *order = house_order(house, "#9001");
    const json *list = json_get(order, "fulfillments");
    assert_int_equal(json_count(json_get(json_at(list, 0), "lines")), 250);
    assert_int_equal(json_count(json_get(json_at(list, 1), "lines")), 10);
}

static void an_undone_shipment_is_no_shipment(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    json_free(peers_admin(house->peers, "bc", "POST", "shipments/102001", "{\"undo\":true}"));
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 0);
    expect(house, "#9001", "");
    expect_shipment(house, "#9001", 0, "marker", "-2");
    expect_shipment(house, "#9001", 0, "reason", "shipment-no-lines");
}

/* Undone while it waited: its lines are read again. */
static void undone_while_it_waited(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    by_hand(house, "#9001", "hold", "{\"reason\":\"OTHER\"}");
    house_good(house, "shipments.sync", SHOP);
    json_free(peers_admin(house->peers, "bc", "POST", "shipments/102001", "{\"undo\":true}"));
    by_hand(house, "#9001", "release", "{}");
    assert_true(house_run_as(house, "shipments.sync", SHOP, TICKET_FOREGROUND).ok);
    expect(house, "#9001", "");
    expect_shipment(house, "#9001", 0, "marker", "-2");
}

/* Open quantities are read for each shipment: an order that changed since it was read is no trouble
 * (what was staged of its fulfillment orders plays no part). */
static void what_is_open_is_read_fresh(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "4"));
    by_hand(house, "#9001", "fulfil", "{\"lines\":[{\"line\":0,\"quantity\":1}]}");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect(house, "#9001", "1 0x1 | 1 0x3");
    expect_shipment(house, "#9001", 0, "warning",
                    "1 units more were shipped than Shopify has open; ");
}

/* ---- which shipments ---- */

static void every_parameter_narrows_the_run(void **state)
{
    struct house *house = *state;
    three_shipped(house);
    OWN_JSON json *listed = NULL;
    house_good(house, "shipments.sync", "{\"shop\":\"DEMO\",\"shipment_no\":\"0\"}");
    OWN_TEXT char *second = shipment_number(house, "#9002", 0);
    OWN_TEXT char *by_number = mem_printf("{\"shop\":\"DEMO\",\"shipment_no\":\"%s\"}", second);
    assert_int_equal(house_good(house, "shipments.sync", by_number).created, 1);
    expect(house, "#9001", "");
    expect(house, "#9002", "1 0x2");
    static const char *const NONE[] = {
        "{\"shop\":\"DEMO\",\"customer_no\":\"NOBODY\"}",
        "{\"shop\":\"DEMO\",\"posting_date\":\"..2001-01-01\"}",
    };
    for (size_t i = 0; i < COUNT(NONE); i++)
        assert_int_equal(house_good(house, "shipments.sync", NONE[i]).read, 0);
    assert_int_equal(house_cues(house).unprocessed_shipments, 2);
    assert_int_equal(
        house_good(house, "shipments.sync", "{\"shop\":\"DEMO\",\"posting_date\":\"2001-01-02..\"}")
            .created,
        2);
    (void)listed;
    place(house, "#9004", ONE("1896-S", "2"), "");
    make_documents(house);
    ship(house, "#9004", "true");
    OWN_TEXT char *id = house_order_id(house, "#9004"), *key = mem_printf("link:order:%s", id);
    OWN_TEXT char *number = house_field(house, key, "number");
    assert_true(*number);
    OWN_TEXT char *customer = mem_printf("{\"shop\":\"DEMO\",\"customer_no\":\"<>NOBODY\"}");
    assert_int_equal(house_good(house, "shipments.sync", customer).created, 1);
}

static void a_shop_that_takes_no_writes_has_a_skip_each(void **state)
{
    struct house *house = *state;
    three_shipped(house);
    house_put_shop(house, "DEMO", SETTINGS ",\"allow_writes\":false");
    int64_t calls = peers_calls(house->peers, "shopify", NULL);
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.skipped, 3);
    assert_int_equal(peers_calls(house->peers, "shopify", NULL), calls);
    expect_shipment(house, "#9001", 0, "reason", "writes-off");
    house_put_shop(house, "DEMO", SETTINGS);
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 3);
    expect_three(house);
}

/* Shipments whose order is not known wait; those of other buyers are not ours. */
static void shipments_without_an_order_wait_for_it(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", SETTINGS ",\"external_document_prefix\":\"WEB-\"");
    json *made = peers_admin(house->peers, "bc", "POST", "documents",
                             "{\"kind\":\"order\",\"externalDocumentNumber\":\"WEB-#7777\"}");
    json_free(made);
    json_free(peers_admin(house->peers, "bc", "POST", "documents",
                          "{\"kind\":\"order\",\"externalDocumentNumber\":\"PO 7777\"}"));
    OWN_JSON json *list = peers_admin(house->peers, "bc", "GET", "documents", NULL);
    const json *documents = json_get(list, "documents");
    for (size_t i = 0; i < json_count(documents); i++) {
        OWN_TEXT char *path =
            mem_printf("documents/%s", json_text(json_at(documents, i), "number"));
        json_free(peers_admin(house->peers, "bc", "POST", path, "{\"ship\":true}"));
    }
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.read, 1);
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(house_cues(house).unprocessed_shipments, 1);
    assert_int_equal(creates(house), 0);
}

/* Without a prefix a shipment may be anybody's: it is kept aside until its order comes. */
static void an_order_that_comes_after_its_shipment(void **state)
{
    struct house *house = *state;
    place(house, "#9001", ONE("1896-S", "2"), "");
    make_documents(house);
    OWN_TEXT char *id = house_order_id(house, "#9001"), *number = NULL;
    ship(house, "#9001", "true");
    number = order_field(house, "#9001", "order", "document");
    forget(house, "external:#9001");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).read, 0);
    assert_int_equal(house_cues(house).unprocessed_shipments, 0);
    remember(house, "external:#9001", id);
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect(house, "#9001", "1 0x2");
}

/* ---- tracking ---- */

static void set_level(struct house *house, const char *level)
{
    OWN_TEXT char *text = mem_printf("{\"level\":\"%s\"}", level);
    json_free(peers_admin(house->peers, "bc", "POST", "settings", text));
}

static void expect_tracking(struct house *house, const char *name, const char *want)
{
    OWN_JSON json *order = house_order(house, name);
    const json *made = json_at(json_get(order, "fulfillments"), 0);
    const json *tracking = json_at(json_get(made, "tracking"), 0);
    OWN_TEXT char *got = mem_printf("%s %s %s", json_text(tracking, "company"),
                                    json_text(tracking, "number"), json_text(tracking, "url"));
    if (strcmp(got, want) != 0)
        fail_msg("%s: tracking \"%s\" instead of \"%s\"", name, got, want);
}

static void track(struct house *house, const char *shipment, const char *number, const char *agent)
{
    OWN_TEXT char *path = mem_printf("shipments/%s", shipment);
    OWN_TEXT char *body =
        mem_printf("{\"trackingNumber\":\"%s\",\"shippingAgent\":\"%s\"}", number, agent);
    json_free(peers_admin(house->peers, "bc", "POST", path, body));
}

#define CARRIERS                                                                                   \
    ",\"tracking_companies\":{\"ROYALMAIL\":\"Royal Mail\"},"                                      \
    "\"tracking_urls\":{\"UPS\":\"https://ups.example/?no=%1\"}"

static void tracking_goes_along(struct house *house, const char *level)
{
    house_put_shop(house, "DEMO", SETTINGS CARRIERS);
    set_level(house, level);
    place(house, "#9001", ONE("1896-S", "2"), "");
    place(house, "#9002", ONE("1896-S", "2"), "");
    place(house, "#9003", ONE("1896-S", "2"), "");
    make_documents(house);
    ship(house, "#9001", "true");
    ship(house, "#9002", "true");
    ship(house, "#9003", "true");
    track(house, "102001", "RM 1", "ROYALMAIL");
    track(house, "102002", "1Z/2", "UPS");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 3);
    expect_tracking(
        house, "#9001",
        "Royal Mail RM 1 https://www.royalmail.com/track-your-item#/tracking-results/RM 1");
    expect_tracking(house, "#9002", "UPS 1Z/2 https://ups.example/?no=1Z%2F2");
    expect_tracking(house, "#9003", "  ");

    /* one that comes later is told later, once */
    track(house, "102003", "77", "DHL");
    struct counts counts = house_good(house, "shipments.sync", SHOP);
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 1);
    expect_tracking(house, "#9003", "DHL 77 ");
    expect_order(house, "#9003", "FULFILLED");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).updated, 0);
    assert_int_equal(peers_calls(house->peers, "shopify", "FulfillmentTrackingUpdate"), 1);
}

static void the_extension_knows_tracking(void **state)
{
    tracking_goes_along(*state, "extension");
}

static void a_published_page_knows_tracking(void **state)
{
    tracking_goes_along(*state, "odata-page");
}

static void the_plain_api_knows_none(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    track(house, "102001", "RM 1", "ROYALMAIL");
    assert_int_equal(house_good(house, "shipments.sync", SHOP).created, 1);
    expect_tracking(house, "#9001", "  ");
}

/* A fulfillment with another number is another parcel. */
static void a_lost_answer_is_known_by_its_number(void **state)
{
    struct house *house = *state;
    struct ran last = {0};
    void *both[] = {house, &last};
    set_level(house, "extension");
    place(house, "#9001", ONE("1896-S", "4"), "");
    make_documents(house);
    ship(house, "#9001", "{\"10000\":2}");
    track(house, "102001", "A1", "DHL");
    peers_fault(house->peers, "shopify", FIRST_CREATE, 1, "{\"kind\":\"reset_before\"}");
    assert_false(house_run(house, "shipments.sync", SHOP).ok);
    by_hand(house, "#9001", "fulfil",
            "{\"lines\":[{\"line\":0,\"quantity\":2}],\"tracking\":{\"number\":\"B2\"}}");
    assert_true(wait_for(late_is_over, both, 10000));
    assert_int_equal(last.counts.created, 1);
    expect(house, "#9001", "1 0x2 | 1 0x2");
}

static void customers_are_told_by_setting(void **state)
{
    struct house *house = *state;
    placed_and_shipped(house, "#9001", ONE("1896-S", "2"));
    house_good(house, "shipments.sync", SHOP);
    house_put_shop(house, "DEMO", SETTINGS ",\"send_shipping_confirmation\":false");
    placed_and_shipped(house, "#9002", ONE("1896-S", "2"));
    house_good(house, "shipments.sync", SHOP);
    OWN_JSON json *first = house_order(house, "#9001"), *second = house_order(house, "#9002");
    assert_true(json_flag(json_at(json_get(first, "fulfillments"), 0), "notified", false));
    assert_false(json_flag(json_at(json_get(second, "fulfillments"), 0), "notified", true));
}

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, open_house, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(a_shipment_becomes_a_fulfillment),
        IN_HOUSE(parts_are_told_as_they_go),
        IN_HOUSE(each_location_has_a_fulfillment_of_its_own),
        IN_HOUSE(other_services_ship_for_themselves),
        IN_HOUSE(our_own_service_accepts_and_ships),
        IN_HOUSE(what_is_on_hold_waits),
        IN_HOUSE(what_shopify_has_already_needs_nobody),
        IN_HOUSE(what_was_given_back_first_needs_nobody),
        IN_HOUSE(a_lost_answer_makes_no_second_fulfillment),
        IN_HOUSE(a_call_that_never_arrived_is_sent_again),
        IN_HOUSE(an_effect_that_comes_after_the_look_is_the_one),
        IN_HOUSE(two_lost_answers_in_a_row),
        IN_HOUSE(a_killed_worker_leaves_no_second_fulfillment),
        IN_HOUSE(a_refused_shipment_stops_no_other),
        IN_HOUSE(defect_13_one_shipments_api_error_ends_no_run),
        IN_HOUSE(a_person_may_settle_a_shipment),
        IN_HOUSE(a_shipment_that_failed_in_part_sends_the_rest),
        IN_HOUSE(a_shop_without_answers_is_tried_ever_more_rarely),
        IN_HOUSE(what_only_shopify_remembers_is_not_told_again),
        IN_HOUSE(long_shipments_take_several_calls),
        IN_HOUSE(an_undone_shipment_is_no_shipment),
        IN_HOUSE(undone_while_it_waited),
        IN_HOUSE(what_is_open_is_read_fresh),
        IN_HOUSE(every_parameter_narrows_the_run),
        IN_HOUSE(a_shop_that_takes_no_writes_has_a_skip_each),
        IN_HOUSE(shipments_without_an_order_wait_for_it),
        IN_HOUSE(an_order_that_comes_after_its_shipment),
        IN_HOUSE(the_extension_knows_tracking),
        IN_HOUSE(a_published_page_knows_tracking),
        IN_HOUSE(the_plain_api_knows_none),
        IN_HOUSE(a_lost_answer_is_known_by_its_number),
        IN_HOUSE(customers_are_told_by_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
