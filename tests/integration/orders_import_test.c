/* orders_import_test.c - orders.sync against both simulated peers: which orders it takes, what it
 * keeps of them, what it reads again, and which it archives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "store/products.h"
#include "store/staging.h"
#include "store/store.h"
#include "support/house.h"

#define ONLY "{\"shop\":\"DEMO\",\"order_no\":\"#9*\"}"

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", NULL};
    *state = house_open(shopify, bc, 1);
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- what is there ---- */

/* The number of an order of the peer, by its name ("%239001"). */
static void id_of(struct house *house, const char *name, char out[static 32])
{
    OWN_TEXT char *path = mem_printf("orders/%s", name);
    OWN_JSON json *order = house_ask(house, "shopify", "GET", path, NULL);
    snprintf(out, 32, "%s", json_text(order, "id"));
}

static char *field(struct house *house, const char *name, const char *wanted)
{
    char id[32];
    struct err err;
    const char *const fields[] = {wanted};
    OWN(store_rows) struct store_rows *rows = NULL;
    id_of(house, name, id);
    OWN_TEXT char *key = mem_printf("order:%s", id);
    const char *const keys[] = {key};
    if (!store_read(house->ledger, HOUSE_COMPANY, keys, 1, fields, 1, &rows, &err))
        fail_msg("%s", err.text);
    const char *bytes = "";
    size_t size = 0;
    if (!store_bytes(rows, 0, 0, &bytes, &size) || strcmp(wanted, "whole") != 0)
        return mem_text(store_text(rows, 0, 0));
    OWN_BUF struct buf text = {0};
    if (!staged_unpack(bytes, size, &text, &err))
        fail_msg("%s", err.text);
    return mem_text(buf_str(&text));
}

static void expect_field(struct house *house, const char *name, const char *wanted,
                         const char *value)
{
    OWN_TEXT char *got = field(house, name, wanted);
    if (strcmp(got, value) != 0)
        fail_msg("%s: %s is \"%s\" instead of \"%s\"", name, wanted, got, value);
}

struct staged { /* an order as decisions see it */
    json *tree;
    struct arena *arena;
    struct order order;
};

static void staged_drop(struct staged *staged)
{
    json_free(staged->tree);
    arena_free(staged->arena);
}
#define OWN_STAGED __attribute__((cleanup(staged_drop)))

static struct staged staged_of(struct house *house, const char *name)
{
    struct staged staged = {.arena = arena_new()};
    struct err err;
    OWN_TEXT char *text = field(house, name, "whole");
    if (!json_parse(text, strlen(text), &staged.tree, &err) ||
        !staged_order(staged.tree, staged.arena, &staged.order, &err))
        fail_msg("%s: %s", name, err.text);
    return staged;
}

static int64_t updates(struct house *house)
{
    return house_cues(house).order_updates;
}

static void change(struct house *house, const char *path, const char *body)
{
    house_later(house);
    house_tell(house, "shopify", path, body);
}

static int64_t loads(struct house *house)
{
    return peers_calls(house->peers, "shopify", "OrdersByIds");
}

static void process(struct house *house, const char *name, const char *more)
{
    house_place(house, name, more);
    house_good(house, "orders.sync", ONLY);
    house_good(house, "orders.process", ONLY);
}

/* ---- filters ---- */

#define ADDRESS(country)                                                                           \
    "{\"firstName\":\"A\",\"lastName\":\"B\",\"company\":null,\"address1\":\"1 High "              \
    "St\",\"address2\":"                                                                           \
    "null,\"zip\":\"1\",\"city\":\"C\",\"phone\":null,\"countryCode\":\"" country "\"}"

/* What lists of orders do not say is asked for by the runs that need it, also of orders that other
 * runs have listed. */
static void two_shops_share_a_store_by_country(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "ABROAD", "");
    house_place(house, "#9001", ",\"shippingAddress\":" ADDRESS("GB"));
    house_place(house, "#9002", ",\"shippingAddress\":" ADDRESS("IE"));
    house_place(house, "#9003", ",\"shippingAddress\":" ADDRESS("FR") ",\"tags\":[\"home\"]");
    house_good(house, "orders.sync",
               "{\"shop\":\"DEMO\",\"order_no\":\"#9*\",\"tags\":\"*[home]*\"}");
    assert_int_equal(peers_calls(house->peers, "shopify", "OrdersFacts"), 0);
    struct counts abroad =
        house_good(house, "orders.sync",
                   "{\"shop\":\"ABROAD\",\"order_no\":\"#9*\",\"ship_to_country\":\"<>GB\"}");
    assert_int_equal(peers_calls(house->peers, "shopify", "OrdersFacts"), 1);
    assert_int_equal(abroad.created, 1);
    struct counts home =
        house_good(house, "orders.sync",
                   "{\"shop\":\"DEMO\",\"order_no\":\"#9*\",\"ship_to_country\":\"GB\"}");
    assert_int_equal(home.created, 1);
    expect_field(house, "%239001", "shop", "DEMO");
    expect_field(house, "%239002", "shop", "ABROAD");
    expect_field(house, "%239003", "shop", "DEMO");
}

/* One order fits each row, the other does not. */
static void filters_choose_among_the_listed(void **state)
{
    static const struct {
        const char *filter, *fits, *other;
    } ROWS[] = {
        {"\"high_risk\":true",                                    ",\"risk\":\"HIGH\"",                  ",\"risk\":\"LOW\"" },
        {"\"high_risk\":false",                                   ",\"risk\":\"LOW\"",                   ",\"risk\":\"HIGH\""},
        {"\"channel\":\"Point of Sale\"",                         ",\"sourceName\":\"pos\"",             ""                  },
        {"\"channel_liable\":true",                               ",\"channelLiable\":true",             ""                  },
        {"\"attribute_key\":\"Gift\"",                            ",\"attributes\":{\"Gift\":\"yes\"}",
         ",\"attributes\":{\"G\":\"1\"}"                                                                                     },
        {"\"attribute_key\":\"Gift\",\"attribute_exists\":false", "",
         ",\"attributes\":{\"Gift\":\"yes\"}"                                                                                },
        {"\"bill_to_country\":\"IE\"",                            ",\"billingAddress\":" ADDRESS("IE"),
         ",\"billingAddress\":" ADDRESS("GB")                                                                                },
        {"\"sell_to_country\":\"IE\"",                            ",\"shippingAddress\":" ADDRESS("IE"),
         ",\"shippingAddress\":" ADDRESS("GB")                                                                               },
        {"\"vat_amount\":\"0\"",                                  ",\"taxRate\":0",                      ",\"taxRate\":20"   },
        {"\"fully_paid\":false",                                  ",\"financialStatus\":\"PENDING\"",    ""                  },
    };
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_TEXT char *fits = mem_printf("#9%02zu1", i), *other = mem_printf("#9%02zu2", i);
        OWN_TEXT char *run =
            mem_printf("{\"shop\":\"DEMO\",\"order_no\":\"#9%02zu?\",%s}", i, ROWS[i].filter);
        OWN_TEXT char *path = mem_printf("%%23%s", fits + 1),
                      *left = mem_printf("%%23%s", other + 1);
        house_place(house, fits, ROWS[i].fits);
        house_place(house, other, ROWS[i].other);
        house_good(house, "orders.sync", run);
        OWN_TEXT char *shop = field(house, path, "shop"), *none = field(house, left, "shop");
        if (strcmp(shop, "DEMO") != 0 || *none)
            fail_msg("%s: \"%s\" and \"%s\"", ROWS[i].filter, shop, none);
    }
}

/* Defect 11 of the reference: nobody asked Shopify whether an order is confirmed. */
static void defect_11_the_filter_confirmed_finds_confirmed_orders(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_place(house, "#9002", ",\"confirmed\":false");
    house_good(house, "orders.sync", "{\"shop\":\"DEMO\",\"order_no\":\"#9*\",\"confirmed\":true}");
    expect_field(house, "%239001", "shop", "DEMO");
    expect_field(house, "%239002", "shop", "");
    house_good(house, "orders.sync",
               "{\"shop\":\"DEMO\",\"order_no\":\"#9*\",\"confirmed\":false}");
    expect_field(house, "%239002", "shop", "DEMO");
}

/* Both ask for everything: each order is one shop's, and nothing is made twice. */
static void an_order_that_two_shops_ask_for_is_the_firsts(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "POS", ",\"external_document_prefix\":\"P-\"");
    house_place(house, "#9001", "");
    assert_int_equal(house_good(house, "orders.sync", ONLY).created, 1);
    struct counts second =
        house_good(house, "orders.sync", "{\"shop\":\"POS\",\"order_no\":\"#9*\"}");
    assert_int_equal(second.read, 0);
    house_place(house, "#9002", "");
    assert_int_equal(
        house_good(house, "orders.sync", "{\"shop\":\"POS\",\"order_no\":\"#9*\"}").created, 1);
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    expect_field(house, "%239001", "shop", "DEMO");
    expect_field(house, "%239002", "shop", "POS");
}

/* ---- all that belongs to an order ---- */

/* With payments and what is to be sent; the reference pays 287. */
static void an_order_costs_at_most_seven_points(void **state)
{
    enum { ORDERS = 100, POINTS = 7 };
    struct house *house = *state;
    for (int i = 0; i < ORDERS; i++) {
        OWN_TEXT char *name = mem_printf("#9%03d", i);
        house_place(house, name, ",\"shipping\":[{\"title\":\"Standard\",\"price\":\"5.00\"}]");
    }
    struct counts counts = house_good(house, "orders.sync", ONLY);
    assert_int_equal(counts.created, ORDERS);
    if (counts.points > POINTS * ORDERS)
        fail_msg("%lld points for %d orders", (long long)counts.points, ORDERS);
    /* Nothing new: one question, and nothing is loaded. */
    struct counts idle = house_good(house, "orders.sync", ONLY);
    assert_int_equal(idle.read, 0);
    assert_int_equal(idle.calls, 1);
}

/* Other plans refuse the question who has sold an order. */
static void only_advanced_plans_are_asked_for_staff(void **state)
{
    struct house *house = *state;
    house_tell(house, "shopify", "plan", "{\"plan\":\"grow\"}");
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrdersStaff"), 0);
}

static void an_advanced_plan_tells_who_has_sold(void **state)
{
    struct house *house = *state;
    house_tell(house, "shopify", "plan", "{\"plan\":\"advanced\"}");
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrdersStaff"), 1);
}

static void defect_1_what_goes_beyond_a_page_is_read(void **state)
{
    struct house *house = *state;
    OWN_BUF struct buf lines = {0}, shipping = {0};
    for (int i = 0; i < 60; i++)
        buf_printf(&lines, "%s{\"sku\":\"1896-S\",\"quantity\":1,\"price\":\"1.00\"}",
                   i ? "," : "");
    /* Defect 1 of the reference: shipping lines after the first page were never fetched. */
    for (int i = 0; i < 25; i++)
        buf_printf(&shipping, "%s{\"title\":\"Parcel %d\",\"price\":\"2.00\"}", i ? "," : "", i);
    OWN_TEXT char *more =
        mem_printf(",\"lines\":[%s],\"shipping\":[%s]", buf_str(&lines), buf_str(&shipping));
    house_place(house, "#9001", more);
    house_place(house, "#9002", "");
    house_good(house, "orders.sync", ONLY);
    OWN_STAGED struct staged staged = staged_of(house, "%239001");
    assert_int_equal(staged.order.line_count, 60);
    assert_int_equal(staged.order.shipping_count, 25);
    assert_string_equal(staged.order.shipping_lines[24].title, "Parcel 24");
    assert_false(staged.order.more_shipping);
    assert_int_equal(staged.order.fulfillment_count, 1);
    assert_int_equal(staged.order.fulfillments[0].line_count, 60);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderShippingPage"), 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "FulfillmentLinesPage"), 1);
    assert_int_equal(loads(house), 1);
}

static void refunds_come_with_their_lines(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", ",\"shipping\":[{\"title\":\"Standard\",\"price\":\"5.00\"}]");
    house_place(house, "#9002", "");
    change(house, "orders/%239001/refund",
           "{\"note\":\"too "
           "small\",\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}],\"shipping\":"
           "\"5.00\"}");
    house_good(house, "orders.sync", ONLY);
    OWN_STAGED struct staged staged = staged_of(house, "%239001");
    assert_int_equal(staged.order.refund_count, 1);
    assert_string_equal(staged.order.refunds[0].note, "too small");
    assert_int_equal(staged.order.refunds[0].line_count, 1);
    assert_true(staged.order.refunds[0].lines[0].can_credit);
    assert_int_equal(staged.order.refunds[0].shipping_count, 1);
    assert_int_equal(staged.order.lines[0].current, 1);
    assert_int_equal(staged.order.lines[0].net, 2);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrdersRefunds"), 1);
}

/* Defect 2 of the reference: returns beyond the twentieth were never read. */
static void defect_2_returns_beyond_a_page_are_read(void **state)
{
    enum { RETURNS = 23, LINES = 25 };
    struct house *house = *state;
    OWN_BUF struct buf lines = {0}, back = {0};
    for (int i = 0; i < LINES; i++) {
        buf_printf(&lines, "%s{\"sku\":\"1896-S\",\"quantity\":%d,\"price\":\"1.00\"}",
                   i ? "," : "", i ? 1 : RETURNS + 1);
        buf_printf(&back, "%s{\"line\":%d,\"quantity\":1}", i ? "," : "", i);
    }
    OWN_TEXT char *more = mem_printf(",\"lines\":[%s]", buf_str(&lines));
    OWN_TEXT char *all = mem_printf("{\"lines\":[%s]}", buf_str(&back));
    house_place(house, "#9001", more);
    change(house, "orders/%239001/fulfil", "{}");
    for (int i = 1; i < RETURNS; i++)
        house_tell(house, "shopify", "orders/%239001/return",
                   "{\"lines\":[{\"line\":0,\"quantity\":1,\"reason\":\"DEFECTIVE\"}]}");
    house_tell(house, "shopify", "orders/%239001/return", all);
    house_good(house, "orders.sync", ONLY);
    OWN_STAGED struct staged staged = staged_of(house, "%239001");
    assert_int_equal(staged.order.return_count, RETURNS);
    assert_int_equal(staged.order.return_list[0].line_count, 1);
    assert_int_equal(staged.order.return_list[RETURNS - 1].line_count, LINES);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderReturnsPage"), 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "ReturnLinesPage"), 1);
}

/* What goes out for what comes back stands on the order, and is no line of its document; more of it
 * than a page is read as well. */
static void exchanges_are_known_as_such(void **state)
{
    enum { OUT = 24 };
    struct house *house = *state;
    OWN_BUF struct buf out = {0};
    for (int i = 0; i < OUT; i++)
        buf_printf(&out, "%s{\"sku\":\"1896-S\",\"quantity\":1,\"price\":\"1.00\"}", i ? "," : "");
    OWN_TEXT char *body =
        mem_printf("{\"lines\":[{\"line\":0,\"quantity\":1}],\"exchange\":[%s]}", buf_str(&out));
    process(house, "#9001", "");
    change(house, "orders/%239001/fulfil", "{}");
    house_tell(house, "shopify", "orders/%239001/return", body);
    house_good(house, "orders.sync", ONLY);
    OWN_STAGED struct staged staged = staged_of(house, "%239001");
    assert_int_equal(staged.order.line_count, 1 + OUT);
    assert_int_equal(staged.order.return_list[0].exchange_count, OUT);
    for (size_t i = 0; i < staged.order.line_count; i++)
        assert_int_equal(staged.order.lines[i].exchange, i > 0);
    assert_int_equal(staged.order.lines[0].net, 2);
    assert_int_equal(staged.order.lines[OUT].net, 0);
    assert_int_equal(updates(house), 0); /* no conflict: the document is as it should be */
    assert_int_equal(peers_calls(house->peers, "shopify", "ReturnExchangesPage"), 1);
}

/* A unit that is taken off before the document exists is simply not on it. */
static void an_edit_before_the_document_is_no_conflict(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    change(house, "orders/%239001/edit", "{\"lines\":[{\"line\":0,\"quantity\":1}]}");
    house_good(house, "orders.sync", ONLY);
    {
        OWN_STAGED struct staged staged = staged_of(house, "%239001");
        assert_int_equal(staged.order.lines[0].net, 1);
        assert_false(order_has_credit(&staged.order));
    }
    house_good(house, "orders.process", ONLY);
    change(house, "orders/%239001", "{\"note\":\"thanks\"}");
    house_good(house, "orders.sync", ONLY);
    assert_int_equal(updates(house), 0);
    change(house, "orders/%239001/edit", "{\"add\":[{\"sku\":\"1896-S\",\"quantity\":3}]}");
    house_good(house, "orders.sync", ONLY);
    assert_int_equal(updates(house), 1);
    expect_field(house, "%239001", "update", "\"ATHENS Desk\" (1896-S) was added: 3");
}

/* Defect 12 of the reference: what is left to send stayed as it was when it was first read. */
static void defect_12_what_is_left_to_send_is_read_again(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    {
        OWN_STAGED struct staged staged = staged_of(house, "%239001");
        assert_int_equal(staged.order.fulfillments[0].lines[0].remaining, 2);
        assert_string_equal(staged.order.fulfillments[0].status, "OPEN");
    }
    change(house, "orders/%239001/fulfil", "{}");
    house_good(house, "orders.sync", ONLY);
    OWN_STAGED struct staged staged = staged_of(house, "%239001");
    assert_int_equal(staged.order.fulfillments[0].lines[0].remaining, 0);
    assert_string_equal(staged.order.fulfillments[0].status, "CLOSED");
}

static void customer_and_addresses_stay_as_they_were(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    change(house, "orders/%239001", "{\"email\":\"other@example.com\",\"note\":\"ring twice\"}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).updated, 1);
    {
        OWN_STAGED struct staged staged = staged_of(house, "%239001");
        assert_string_equal(staged.order.email, "nobody@example.com");
        assert_string_equal(staged.order.note, "ring twice");
    }
    /* The same answer once more is no change, although what is kept is another. */
    change(house, "orders/%239001", "{\"note\":\"ring twice\"}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).updated, 0);
}

/* ---- changes after the document ---- */

static void defect_8_a_change_that_is_settled_does_not_come_back(void **state)
{
    struct house *house = *state;
    char id[32];
    bool changed;
    struct err err;
    process(house, "#9001", "");
    id_of(house, "%239001", id);
    change(house, "orders/%239001/cancel", "{\"reason\":\"CUSTOMER\"}");
    house_good(house, "orders.sync", ONLY);
    assert_int_equal(updates(house), 1);
    expect_field(house, "%239001", "update",
                 "\"ATHENS Desk\" (1896-S) was taken off: 2 before; the order was cancelled");
    assert_true(store_update_resolve(house->ledger, HOUSE_COMPANY, id, &changed, &err));
    assert_true(changed);
    assert_int_equal(updates(house), 0);
    change(house, "orders/%239001", "{\"note\":\"sorry\"}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).updated, 1);
    assert_int_equal(updates(house), 0);
    assert_true(store_update_resolve(house->ledger, HOUSE_COMPANY, id, &changed, &err));
    assert_false(changed);
    assert_false(store_update_resolve(house->ledger, HOUSE_COMPANY, "1", &changed, &err));
    assert_int_equal(err.code, 404);
}

/* The document that stands is found again: there is no second one. */
static void an_order_that_is_unlinked_looks_for_its_document(void **state)
{
    struct house *house = *state;
    char id[32];
    bool changed;
    struct err err;
    process(house, "#9001", "");
    id_of(house, "%239001", id);
    OWN_TEXT char *number = field(house, "%239001", "document");
    assert_true(store_order_unlink(house->ledger, HOUSE_COMPANY, id, &changed, &err));
    assert_true(changed);
    expect_field(house, "%239001", "state", "new");
    expect_field(house, "%239001", "document", "");
    int64_t posts = peers_calls(house->peers, "bc", "POST salesOrders");
    house_good(house, "orders.process", ONLY);
    expect_field(house, "%239001", "state", "processed");
    expect_field(house, "%239001", "document", number);
    assert_int_equal(peers_calls(house->peers, "bc", "POST salesOrders"), posts);
}

/* ---- archiving, and our own echo ---- */

static bool is_closed(struct house *house, const char *name)
{
    OWN_TEXT char *path = mem_printf("orders/%s", name);
    OWN_JSON json *order = house_ask(house, "shopify", "GET", path, NULL);
    return *json_text(order, "closedAt") != 0;
}

static void post(struct house *house)
{
    house_good(house, "sales-orders.post", "{\"shop\":\"DEMO\",\"all\":true}");
}

static void an_order_is_archived_when_nothing_is_left_to_do(void **state)
{
    struct house *house = *state;
    process(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    assert_false(is_closed(house, "%239001")); /* not sent */
    change(house, "orders/%239001/fulfil", "{}");
    house_good(house, "orders.sync", ONLY);
    assert_false(is_closed(house, "%239001")); /* sent there, not from here */
    post(house);
    house_good(house, "orders.sync", ONLY);
    assert_true(is_closed(house, "%239001"));
    expect_field(house, "%239001", "closed", "1");
}

/* A tip alone is nothing that is ever sent. */
static void what_needs_no_fulfilment_is_archived_too(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"tip_account\":\"6610\"");
    process(house, "#9001",
            ",\"lines\":[{\"title\":\"Tip\",\"quantity\":1,\"price\":\"3.00\",\"tip\":true}]");
    expect_field(house, "%239001", "fulfillment", "FULFILLMENT_NOT_REQUIRED");
    expect_field(house, "%239001", "state", "processed");
    post(house);
    house_good(house, "orders.sync", ONLY);
    assert_true(is_closed(house, "%239001"));
}

static void what_comes_back_because_we_wrote_is_not_loaded(void **state)
{
    struct house *house = *state;
    process(house, "#9001", ""); /* the document's number is written to the order */
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderUpdate"), 1);
    int64_t first = loads(house);
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    assert_int_equal(loads(house), first);
    change(house, "orders/%239001/fulfil", "{}");
    house_good(house, "orders.sync", ONLY);
    post(house);
    change(house, "time", "{}"); /* a later second */
    house_good(house, "orders.sync", ONLY);
    assert_true(is_closed(house, "%239001"));
    int64_t before = loads(house);
    assert_int_equal(house_good(house, "orders.sync", ONLY).read, 0);
    assert_int_equal(loads(house), before);
    /* A change by somebody else at the very second of our own write is one all the same. */
    house_tell(house, "shopify", "orders/%239001", "{\"tags\":[\"late\"]}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).updated, 1);
    assert_int_equal(loads(house), before + 1);
}

static void archiving_may_be_off_and_writes_may_be(void **state)
{
    struct house *house = *state;
    process(house, "#9001", "");
    change(house, "orders/%239001/fulfil", "{}");
    house_good(house, "orders.sync", ONLY);
    post(house);
    house_put_shop(house, "DEMO", ",\"archive_processed_orders\":false");
    assert_int_equal(house_good(house, "orders.sync", ONLY).skipped, 0);
    assert_false(is_closed(house, "%239001"));
    house_put_shop(house, "DEMO", ",\"allow_writes\":false");
    assert_int_equal(house_good(house, "orders.sync", ONLY).skipped, 1);
    assert_false(is_closed(house, "%239001"));
    house_put_shop(house, "DEMO", "");
    house_good(house, "orders.sync", ONLY);
    assert_true(is_closed(house, "%239001"));
}

/* ---- documents at once ---- */

static void new_orders_get_their_document_at_once(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"auto_create_orders\":true");
    house_place(house, "#9001", "");
    house_place(house, "#9002", ",\"lines\":[{\"sku\":\"ASSEMBLY-VISIT\",\"quantity\":1}]");
    house_good(house, "orders.sync", ONLY);
    expect_field(house, "%239001", "state", "processed");
    expect_field(house, "%239002", "reason", "product-unmapped");
    /* A change makes no document: that is for orders.process or a person. */
    char id[32];
    bool changed;
    struct err err;
    OWN_STAGED struct staged staged = staged_of(house, "%239002");
    snprintf(id, sizeof id, "%s", staged.order.lines[0].product_id);
    assert_true(
        store_map(house->ledger, HOUSE_COMPANY, MAPPING_PRODUCT, id, "1896-S", &changed, &err));
    change(house, "orders/%239002", "{\"note\":\"hurry\"}");
    assert_int_equal(house_good(house, "orders.sync", ONLY).updated, 1);
    expect_field(house, "%239002", "document", "");
    house_good(house, "orders.process", ONLY);
    expect_field(house, "%239002", "state", "processed");
}

static void without_the_setting_nothing_is_made(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", ONLY);
    expect_field(house, "%239001", "state", "new");
    house_put_shop(house, "DEMO", ",\"auto_create_orders\":true");
    house_good(house, "orders.sync", ONLY);
    expect_field(house, "%239001", "state", "new");
}

#define HOUSE_TEST(test) cmocka_unit_test_setup_teardown(test, open_house, close_house)

static void a_history_beyond_the_depth_of_paging_is_found_whole(void **state)
{
    enum { ORDERS = 400 };
    struct house *house = house_open_shallow();
    struct err err;
    int64_t listed = 0;
    (void)state;
    for (int i = 0; i < ORDERS; i++) {
        OWN_TEXT char *name = mem_printf("#H%d", i);
        house_place(house, name, "");
        if (i % 20 == 0)
            house_later(house);
    }
    house_good(house, "orders.sync", "{\"shop\":\"DEMO\",\"order_no\":\"#none\"}");
    if (!store_size(house->ledger, HOUSE_COMPANY, "filtered:demo", &listed, &err))
        fail_msg("%s", err.text);
    assert_int_equal(listed, ORDERS);
    struct counts asked =
        house_good(house, "orders.sync", "{\"shop\":\"DEMO\",\"from_time\":\"2020-01-01\"}");
    assert_int_equal(asked.created, ORDERS);
    house_free(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(two_shops_share_a_store_by_country),
        HOUSE_TEST(filters_choose_among_the_listed),
        HOUSE_TEST(defect_11_the_filter_confirmed_finds_confirmed_orders),
        HOUSE_TEST(an_order_that_two_shops_ask_for_is_the_firsts),
        HOUSE_TEST(an_order_costs_at_most_seven_points),
        HOUSE_TEST(only_advanced_plans_are_asked_for_staff),
        HOUSE_TEST(an_advanced_plan_tells_who_has_sold),
        HOUSE_TEST(defect_1_what_goes_beyond_a_page_is_read),
        HOUSE_TEST(refunds_come_with_their_lines),
        HOUSE_TEST(defect_2_returns_beyond_a_page_are_read),
        HOUSE_TEST(exchanges_are_known_as_such),
        HOUSE_TEST(an_edit_before_the_document_is_no_conflict),
        HOUSE_TEST(defect_12_what_is_left_to_send_is_read_again),
        HOUSE_TEST(customer_and_addresses_stay_as_they_were),
        HOUSE_TEST(defect_8_a_change_that_is_settled_does_not_come_back),
        HOUSE_TEST(an_order_that_is_unlinked_looks_for_its_document),
        HOUSE_TEST(an_order_is_archived_when_nothing_is_left_to_do),
        HOUSE_TEST(what_needs_no_fulfilment_is_archived_too),
        HOUSE_TEST(what_comes_back_because_we_wrote_is_not_loaded),
        HOUSE_TEST(archiving_may_be_off_and_writes_may_be),
        HOUSE_TEST(new_orders_get_their_document_at_once),
        HOUSE_TEST(without_the_setting_nothing_is_made),
        cmocka_unit_test(a_history_beyond_the_depth_of_paging_is_found_whole),
    };
    ids_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
