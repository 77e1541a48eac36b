/* plan_shipments_test.c - which fulfillments a posted shipment becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/shipment_plan.h"

static struct decimal dec(const char *text)
{
    struct decimal value;
    if (!decimal_parse(text, &value))
        fail_msg("%s is no decimal", text);
    return value;
}

/* ---- what was shipped ---- */

#define LINES 6
static const struct line_link LINKS[] = {
    {10000, "81"},
    {20000, "82"},
    {30000, "81"},
    {40000, "84"},
};

static const struct {
    const char *name;
    struct {
        int64_t sequence;
        const char *object, *quantity; /* items are letters, accounts numbers */
    } lines[LINES];
    const char *want;
} SHIPMENTS[] = {
  /* clang-format off */
    {"a line as it is", {{10000, "A", "2"}}, "81:2"},
    {"what was not shipped this time has quantity 0", {{10000, "A", "0"}, {20000, "B", "1"}}, "82:1"},
    {"a line of the ERP alone is left out", {{10000, "A", "2"}, {15000, "A", "7"}}, "81:2"},
    {"nothing that Shopify knows", {{15000, "A", "7"}}, ""},
    {"two document lines of one order line add up", {{10000, "A", "2"}, {30000, "A", "3"}}, "81:5"},
    {"the same product on two order lines stays apart", {{10000, "A", "2"}, {20000, "A", "3"}}, "81:2,82:3"},
    {"whole numbers only", {{10000, "A", "1.5"}, {20000, "B", "2.4"}}, "81:2,82:2"},
    {"less than half a unit is none", {{10000, "A", "0.4"}}, ""},
    {"a correcting line takes back the one before it",
     {{10000, "A", "2"}, {15000, "A", "-2"}, {20000, "B", "1"}}, "82:1"},
    {"and of two the nearer one",
     {{10000, "A", "2"}, {20000, "A", "2"}, {25000, "A", "-2"}}, "81:2"},
    {"under the same number too", {{10000, "A", "5"}, {10000, "A", "-2"}}, "81:3"},
    {"one that is longer than the line before takes from another",
     {{10000, "A", "2"}, {20000, "A", "1"}, {25000, "A", "-3"}}, ""},
    {"another item is not touched", {{10000, "A", "2"}, {15000, "B", "-2"}}, "81:2"},
    {"lines without an item count only where Shopify waits for them",
     {{10000, "A", "1"}, {40000, "6110", "1"}}, "81:1,84:1?"},
  /* clang-format on */
};

static void shipments_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SHIPMENTS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_BUF struct buf got = {0};
        struct shipped_line lines[LINES];
        struct shipped out[LINES];
        size_t count = 0;
        for (; count < LINES && SHIPMENTS[i].lines[count].object; count++)
            lines[count] = (struct shipped_line){
                .sequence = SHIPMENTS[i].lines[count].sequence,
                .object = SHIPMENTS[i].lines[count].object,
                .quantity = dec(SHIPMENTS[i].lines[count].quantity),
                .item = SHIPMENTS[i].lines[count].object[0] >= 'A',
            };
        size_t used = shipment_lines(lines, count, LINKS, COUNT(LINKS), arena, out);
        shipped_write(out, used, &got);
        if (strcmp(buf_str(&got), SHIPMENTS[i].want) != 0)
            fail_msg("%s: %s instead of %s", SHIPMENTS[i].name, buf_str(&got), SHIPMENTS[i].want);
        struct shipped *again;
        OWN_BUF struct buf second = {0};
        used = shipped_read(SHIPMENTS[i].want, arena, &again);
        shipped_write(again, used, &second);
        assert_string_equal(buf_str(&second), SHIPMENTS[i].want);
    }
}

/* ---- placing ---- */

#define OPEN "OPEN", "UNSUBMITTED"
#define HOME "71", "Home"
#define SHOP "72", "Shop"

struct order_case {
    const char *id, *status, *request, *location, *location_name;
    bool service, may_ship;
    struct open_line lines[3];
};

static const struct {
    const char *name, *shipped;
    struct order_case orders[3];
    const char *service;
    bool fulfilled;
    enum reason reason;
    const char *calls; /* "location order:line=units ... | ..." */
    const char *accepts;
    int64_t held, others, capped;
} PLANS[] = {
  /* clang-format off */
    {"all of it", "81:2", {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}}, "", false,
     REASON_NONE, "71 61:51=2", "", 0, 0, 0},
    {"part of it", "81:1", {{"61", OPEN, HOME, false, true, {{"51", "81", 5, false}}}}, "", false,
     REASON_NONE, "71 61:51=1", "", 0, 0, 0},
    {"two locations: the place is Shopify's", "81:2,82:1",
     {{"62", OPEN, SHOP, false, true, {{"52", "82", 1, false}}}, {"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}},
     "", false, REASON_NONE, "71 61:51=2 | 72 62:52=1", "", 0, 0, 0},
    {"one line from two locations", "81:3",
     {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}, {"62", OPEN, SHOP, false, true, {{"52", "81", 2, false}}}},
     "", false, REASON_NONE, "71 61:51=2 | 72 62:52=1", "", 0, 0, 0},
    {"two fulfillment orders of one location are one call", "81:2,82:1",
     {{"62", OPEN, HOME, false, true, {{"52", "82", 1, false}}}, {"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}},
     "", false, REASON_NONE, "71 61:51=2 62:52=1", "", 0, 0, 0},
    {"numbers are sorted as numbers", "81:1,82:1",
     {{"100", OPEN, "9", "Nine", false, true, {{"52", "82", 1, false}}}, {"99", OPEN, "10", "Ten", false, true, {{"51", "81", 1, false}}}},
     "", false, REASON_NONE, "9 100:52=1 | 10 99:51=1", "", 0, 0, 0},
    {"closed ones are over", "81:2",
     {{"60", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"50", "81", 9, false}}}, {"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}},
     "", false, REASON_NONE, "71 61:51=2", "", 0, 0, 0},
    {"more shipped than is open", "81:5", {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}}, "", false,
     REASON_NONE, "71 61:51=2", "", 0, 0, 3},
    {"the same product on two lines", "81:1,82:2",
     {{"61", OPEN, HOME, false, true, {{"52", "82", 2, false}, {"51", "81", 2, false}}}}, "", false,
     REASON_NONE, "71 61:51=1 61:52=2", "", 0, 0, 0},
    {"another service ships it", "81:2", {{"61", OPEN, "79", "Depot", true, false, {{"51", "81", 2, false}}}}, "", false,
     REASON_THIRD_PARTY, "", "", 0, 2, 0},
    {"another service ships a part", "81:2,82:1",
     {{"61", OPEN, "79", "Depot", true, false, {{"51", "81", 2, false}}}, {"62", OPEN, HOME, false, true, {{"52", "82", 1, false}}}},
     "", false, REASON_NONE, "71 62:52=1", "", 0, 2, 0},
    {"another service may even have accepted it", "81:2",
     {{"61", "IN_PROGRESS", "ACCEPTED", "79", "Depot", true, true, {{"51", "81", 2, false}}}}, "Cartage", false,
     REASON_THIRD_PARTY, "", "", 0, 2, 0},
    {"our own service accepts its request first", "81:2",
     {{"61", "OPEN", "SUBMITTED", "79", "cartage", true, false, {{"51", "81", 2, false}}}}, "Cartage", false,
     REASON_NONE, "79 61:51=2", "61", 0, 0, 0},
    {"an accepted request is just shipped", "81:2",
     {{"61", "IN_PROGRESS", "ACCEPTED", "79", "Cartage", true, true, {{"51", "81", 2, false}}}}, "Cartage", false,
     REASON_NONE, "79 61:51=2", "", 0, 0, 0},
    {"a request of a location of one's own is none", "81:2",
     {{"61", "OPEN", "SUBMITTED", HOME, false, true, {{"51", "81", 2, false}}}}, "", false,
     REASON_NONE, "71 61:51=2", "", 0, 0, 0},
    {"on hold", "81:2", {{"61", "ON_HOLD", "UNSUBMITTED", HOME, false, false, {{"51", "81", 2, false}}}}, "", false,
     REASON_FULFILLMENT_HELD, "", "", 2, 0, 0},
    {"scheduled", "81:2", {{"61", "SCHEDULED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 2, false}}}}, "", false,
     REASON_FULFILLMENT_HELD, "", "", 2, 0, 0},
    {"open, and yet not to be shipped", "81:2", {{"61", OPEN, HOME, false, false, {{"51", "81", 2, false}}}}, "", false,
     REASON_FULFILLMENT_HELD, "", "", 2, 0, 0},
    {"a part is on hold", "81:3",
     {{"61", "ON_HOLD", "UNSUBMITTED", HOME, false, false, {{"51", "81", 2, false}}}, {"62", OPEN, HOME, false, true, {{"52", "81", 1, false}}}},
     "", false, REASON_NONE, "71 62:52=1", "", 2, 0, 0},
    {"fulfilled already", "81:2", {{"61", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 0, false}}}}, "", true,
     REASON_ALREADY_FULFILLED, "", "", 0, 0, 2},
    {"nothing is open, and the order is not fulfilled", "81:2",
     {{"61", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 0, false}}}}, "", false,
     REASON_NOTHING_OPEN, "", "", 0, 0, 2},
    {"given back before it was told", "81:2,84:1?",
     {{"61", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 0, true}, {"54", "84", 0, true}}}}, "", false,
     REASON_GIVEN_BACK, "", "", 0, 0, 2},
    {"given back, but for what has no item", "81:2,84:1?",
     {{"61", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 0, true}, {"54", "84", 0, false}}}}, "", false,
     REASON_NOTHING_OPEN, "", "", 0, 0, 2},
    {"fulfilled by hand, then given back", "81:2",
     {{"61", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 0, true}}}}, "", true,
     REASON_ALREADY_FULFILLED, "", "", 0, 0, 2},
    {"one line given back, another gone for no reason", "81:2,82:1",
     {{"61", "CLOSED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 0, true}, {"52", "82", 0, false}}}}, "", false,
     REASON_NOTHING_OPEN, "", "", 0, 0, 3},
    {"one line given back, another open", "81:2,82:1",
     {{"61", OPEN, HOME, false, true, {{"51", "81", 0, true}, {"52", "82", 1, false}}}}, "", false,
     REASON_NONE, "71 61:52=1", "", 0, 0, 2},
    {"cancelled", "81:2", {{"61", "CANCELLED", "UNSUBMITTED", HOME, false, false, {{"51", "81", 2, false}}}}, "", false,
     REASON_NOTHING_OPEN, "", "", 0, 0, 2},
    {"no line of the order", "", {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}}, "", false,
     REASON_SHIPMENT_NO_LINES, "", "", 0, 0, 0},
    {"an account's line that Shopify does not ship", "84:1?", {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}}, "", false,
     REASON_SHIPMENT_NO_LINES, "", "", 0, 0, 0},
    {"and one that it does", "81:1,84:1?",
     {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}, {"54", "84", 1, false}}}}, "", false,
     REASON_NONE, "71 61:51=1 61:54=1", "", 0, 0, 0},
    {"what is sent already is nothing to send", "81:0", {{"61", OPEN, HOME, false, true, {{"51", "81", 2, false}}}}, "", false,
     REASON_SHIPMENT_NO_LINES, "", "", 0, 0, 0},
  /* clang-format on */
};

static void write_calls(const struct ship_plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct ship_call *call = &plan->calls[i];
        buf_printf(out, "%s%s", i ? " | " : "", call->pieces[0].order->location);
        for (size_t k = 0; k < call->count; k++)
            buf_printf(out, " %s:%s=%d", call->pieces[k].order->id, call->pieces[k].line->id,
                       (int)call->pieces[k].quantity);
    }
}

static void shipments_find_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PLANS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_BUF struct buf calls = {0}, accepts = {0};
        struct open_order orders[3];
        struct open_line lines[3][3];
        struct shipped *shipped;
        struct ship_plan plan;
        size_t count = 0;
        memset(lines, 0, sizeof lines);
        for (; count < 3 && PLANS[i].orders[count].id; count++) {
            const struct order_case *from = &PLANS[i].orders[count];
            size_t used = 0;
            for (; used < 3 && from->lines[used].id; used++)
                lines[count][used] = from->lines[used];
            orders[count] = (struct open_order){from->id,       from->status,        from->request,
                                                from->location, from->location_name, from->service,
                                                from->may_ship, lines[count],        used};
        }
        size_t used = shipped_read(PLANS[i].shipped, arena, &shipped);
        enum reason got = shipment_plan(shipped, used, orders, count, PLANS[i].service,
                                        PLANS[i].fulfilled, arena, &plan);
        write_calls(&plan, &calls);
        for (size_t k = 0; k < plan.accept_count; k++)
            buf_printf(&accepts, "%s%s", k ? " " : "", plan.accepts[k]->id);
        if (got != PLANS[i].reason)
            fail_msg("%s: reason %s", PLANS[i].name, reason_row(got)->code);
        if (strcmp(buf_str(&calls), PLANS[i].calls) != 0)
            fail_msg("%s: %s", PLANS[i].name, buf_str(&calls));
        if (strcmp(buf_str(&accepts), PLANS[i].accepts) != 0)
            fail_msg("%s: accepts %s", PLANS[i].name, buf_str(&accepts));
        if (plan.held != PLANS[i].held || plan.others != PLANS[i].others ||
            plan.capped != PLANS[i].capped)
            fail_msg("%s: held %d, others %d, capped %d", PLANS[i].name, (int)plan.held,
                     (int)plan.others, (int)plan.capped);
    }
}

/* A document knows at most 250 lines a call; the rest goes into a second one. */
static void long_shipments_are_cut(void **state)
{
    enum { MANY = 601 };
    OWN(arena) struct arena *arena = arena_new();
    struct open_line *lines = arena_array(arena, MANY, sizeof *lines);
    struct shipped *shipped = arena_array(arena, MANY, sizeof *shipped);
    struct ship_plan plan;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        lines[i] = (struct open_line){arena_printf(arena, "%d", 50000 + i),
                                      arena_printf(arena, "%d", 80000 + i), 1, false};
        shipped[i] = (struct shipped){lines[i].line_item, 1, true};
    }
    const struct open_order order = {"61", OPEN, HOME, false, true, lines, MANY};
    assert_int_equal(shipment_plan(shipped, MANY, &order, 1, "", false, arena, &plan), REASON_NONE);
    assert_int_equal(plan.call_count, 3);
    assert_int_equal(plan.calls[0].count, 250);
    assert_int_equal(plan.calls[1].count, 250);
    assert_int_equal(plan.calls[2].count, 101);
    assert_string_equal(plan.calls[2].pieces[100].line->id, "50600");
}

/* ---- what stands there already ---- */

static const struct {
    const char *a, *b;
    bool same;
} PAIRS[] = {
    {"81:2",      "81:2",      true },
    {"81:2,82:1", "82:1,81:2", true },
    {"81:1,81:1", "81:2",      true },
    {"81:2",      "81:1",      false},
    {"81:2",      "81:2,82:1", false},
    {"81:2,82:1", "81:2",      false},
    {"",          "81:1",      false},
};

static void fulfillments_are_known_by_their_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        struct shipped *a, *b;
        size_t a_count = shipped_read(PAIRS[i].a, arena, &a);
        size_t b_count = shipped_read(PAIRS[i].b, arena, &b);
        if (shipped_same(a, a_count, b, b_count) != PAIRS[i].same)
            fail_msg("%s and %s", PAIRS[i].a, PAIRS[i].b);
    }
}

static void what_is_sent_is_taken_off(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf text = {0};
    struct shipped *all, *part, *more;
    (void)state;
    size_t count = shipped_read("81:3,82:1", arena, &all);
    size_t part_count = shipped_read("81:2", arena, &part);
    size_t more_count = shipped_read("82:1,81:2", arena, &more);
    assert_true(shipped_take(all, count, part, part_count));
    assert_false(shipped_take(all, count, more, more_count));
    shipped_write(all, count, &text);
    assert_string_equal(buf_str(&text), "81:1,82:1");
}

static void reasons_say_the_marker(void **state)
{
    (void)state;
    assert_int_equal(shipment_marker(REASON_FULFILLMENT_HELD), 0);
    assert_int_equal(shipment_marker(REASON_ORDER_NOT_STAGED), 0);
    assert_int_equal(shipment_marker(REASON_THIRD_PARTY), -1);
    assert_int_equal(shipment_marker(REASON_NOTHING_OPEN), -1);
    assert_int_equal(shipment_marker(REASON_FULFILLMENT_REFUSED), -1);
    assert_int_equal(shipment_marker(REASON_SHIPMENT_NO_LINES), -2);
    assert_int_equal(shipment_marker(REASON_ALREADY_FULFILLED), -2);
    assert_int_equal(shipment_marker(REASON_GIVEN_BACK), -2);
}

static const struct {
    const char *template, *number, *want;
} URLS[] = {
    {"https://t.example/?no=%1",     "1Z 9/A", "https://t.example/?no=1Z%209%2FA"},
    {"https://t.example/%1/details", "77",     "https://t.example/77/details"    },
    {"https://t.example/",           "77",     "https://t.example/"              },
    {"",                             "77",     ""                                },
    {"https://t.example/%1",         "",       ""                                },
};

static void the_number_goes_into_the_address(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < COUNT(URLS); i++)
        assert_string_equal(tracking_url(URLS[i].template, URLS[i].number, arena), URLS[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipments_are_read),
        cmocka_unit_test(shipments_find_their_place),
        cmocka_unit_test(long_shipments_are_cut),
        cmocka_unit_test(fulfillments_are_known_by_their_lines),
        cmocka_unit_test(what_is_sent_is_taken_off),
        cmocka_unit_test(reasons_say_the_marker),
        cmocka_unit_test(the_number_goes_into_the_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
