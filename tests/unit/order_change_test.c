/* order_change_test.c - what Shopify changes after a document was made, and what is no change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "plan/order_change.h"

/* Three chairs and a lamp, and 5.00 for shipping. */
struct fixture {
    struct order order;
    struct order_line lines[3];
    struct order_refund refund;
    struct order_refund_line back;
    struct buf snapshot, detail;
};

static struct money_pair money(const char *text)
{
    struct money_pair pair;
    assert_true(decimal_parse(text, &pair.shop));
    pair.presentment = pair.shop;
    return pair;
}

static void open_order(struct fixture *f)
{
    *f = (struct fixture){
        .order = {.cancelled = "", .currency = "GBP", .presentment_currency = "GBP"}
    };
    f->lines[0] = (struct order_line){
        .id = "8", .title = "Chair", .sku = "1900-S", .quantity = 3, .current = 3};
    f->lines[1] =
        (struct order_line){.id = "81", .title = "Lamp", .sku = "", .quantity = 1, .current = 1};
    f->lines[2] = (struct order_line){
        .id = "9", .title = "Table", .sku = "1896-S", .quantity = 2, .current = 2};
    f->refund =
        (struct order_refund){.id = "1", .return_id = "", .total = money("0"), .lines = &f->back};
    f->back = (struct order_refund_line){.id = "2",
                                         .line_id = "8",
                                         .restock = "NO_RESTOCK",
                                         .quantity = 1,
                                         .subtotal = money("0"),
                                         .tax = money("0")};
    f->order.lines = f->lines;
    f->order.line_count = 2;
    f->order.refunds = &f->refund;
    f->order.sold.shipping = money("5.00");
    order_settle(&f->order);
    order_snapshot(&f->order, &f->snapshot);
}

static void close_order(struct fixture *f)
{
    buf_drop(&f->snapshot);
    buf_drop(&f->detail);
}

static void add_line(struct fixture *f)
{
    f->order.line_count = 3;
}
static void add_units(struct fixture *f)
{
    f->lines[0].quantity = f->lines[0].current = 5;
}
/* A unit taken off an order: nothing is given back, a refund of nothing tells of it. */
static void edit_refund(struct fixture *f)
{
    f->lines[0].current = 2;
    f->order.refund_count = f->refund.line_count = 1;
}
static void edit_all(struct fixture *f)
{
    edit_refund(f);
    f->lines[0].current = 0;
    f->back.quantity = 3;
}
static void give_money_back(struct fixture *f)
{
    edit_refund(f);
    f->refund.total = money("10.00");
}
static void take_goods_back(struct fixture *f)
{
    edit_refund(f);
    f->back.restock = "RETURN";
}
static void exchange(struct fixture *f)
{
    static struct order_exchange_line out = {.line_id = "9", .quantity = 2};
    static struct order_return back = {.id = "5", .exchanges = &out, .exchange_count = 1};
    add_line(f);
    f->order.return_list = &back;
    f->order.return_count = 1;
}
static void lose_line(struct fixture *f)
{
    f->order.line_count = 1;
}
static void dearer_shipping(struct fixture *f)
{
    f->order.sold.shipping = money("7.5");
}
static void same_shipping(struct fixture *f)
{
    f->order.sold.shipping = money("5.0");
}
static void cancel(struct fixture *f)
{
    f->order.cancelled = "2026-11-03T00:00:00Z";
}
static void cancel_and_empty(struct fixture *f)
{
    cancel(f);
    f->lines[0].current = f->lines[1].current = 0;
}
static void cancel_and_refund(struct fixture *f)
{
    static struct order_refund_line lines[2];
    cancel_and_empty(f);
    f->order.refund_count = 1;
    lines[0] = lines[1] = f->back;
    lines[0].quantity = 3;
    lines[1].line_id = "81";
    lines[0].restock = lines[1].restock = "CANCEL";
    f->refund.lines = lines;
    f->refund.line_count = 2;
    f->refund.total = money("40.00");
}

static void changes_are_told_by_name_and_quantity(void **state)
{
    static const struct {
        void (*change)(struct fixture *f);
        const char *detail; /* "" = no change */
    } ROWS[] = {
        {add_line,          "\"Table\" (1896-S) was added: 2"                          },
        {add_units,         "\"Chair\" (1900-S): 3 before, 5 now"                      },
        {edit_refund,       "\"Chair\" (1900-S): 3 before, 2 now"                      },
        {edit_all,          "\"Chair\" (1900-S) was taken off: 3 before"               },
        {give_money_back,   ""                                                         },
        {take_goods_back,   ""                                                         },
        {exchange,          ""                                                         },
        {lose_line,         "line 81 was taken off: 1 before"                          },
        {dearer_shipping,   "shipping: 5.00 before, 7.50 now"                          },
        {same_shipping,     ""                                                         },
        {cancel,            "the order was cancelled, and \"Chair\" was not given back"},
        {cancel_and_empty,
         "\"Chair\" (1900-S) was taken off: 3 before; \"Lamp\" was taken off: 1 before; "
         "the order was cancelled"                                                     },
        {cancel_and_refund, ""                                                         },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        open_order(&f);
        assert_string_equal(buf_str(&f.snapshot), "8:3,81:1;5");
        ROWS[i].change(&f);
        order_settle(&f.order);
        bool changed = order_changed(&f.order, buf_str(&f.snapshot), &f.detail);
        if (changed != (*ROWS[i].detail != 0) || strcmp(buf_str(&f.detail), ROWS[i].detail) != 0)
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, buf_str(&f.detail), ROWS[i].detail);
        close_order(&f);
    }
}

/* Defect 8 of the reference: an edit that somebody had settled came back with each import, and one
 * from before the document counted, too. */
static void defect_8_what_was_there_at_the_snapshot_is_no_change(void **state)
{
    static void (*const CHANGES[])(struct fixture * f) = {
        add_line, edit_refund, edit_all, lose_line, dearer_shipping, cancel, cancel_and_empty};
    (void)state;
    for (size_t i = 0; i < COUNT(CHANGES); i++) {
        struct fixture f;
        open_order(&f);
        CHANGES[i](&f);
        order_settle(&f.order);
        buf_clear(&f.snapshot);
        order_snapshot(&f.order, &f.snapshot);
        if (order_changed(&f.order, buf_str(&f.snapshot), &f.detail))
            fail_msg("row %zu: %s", i, buf_str(&f.detail));
        close_order(&f);
    }
}

static void snapshots_that_say_nothing_find_nothing(void **state)
{
    static const char *const ROWS[] = {"", "8:3", "8:3;", "8:3;x"};
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        open_order(&f);
        assert_false(order_changed(&f.order, ROWS[i], &f.detail));
        close_order(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told_by_name_and_quantity),
        cmocka_unit_test(defect_8_what_was_there_at_the_snapshot_is_no_change),
        cmocka_unit_test(snapshots_that_say_nothing_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
