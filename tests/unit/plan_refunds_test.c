/* plan_refunds_test.c - which refunds become credit memos, and which credit memos. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/amounts.h"
#include "plan/refund_plan.h"

static struct decimal dec(const char *text)
{
    struct decimal value;
    if (!decimal_parse(text, &value))
        fail_msg("\"%s\" is no decimal", text);
    return value;
}

static struct money_pair money(const char *shop, const char *presentment)
{
    return (struct money_pair){dec(shop), dec(presentment)};
}

static void assert_decimal(struct decimal got, const char *want)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    assert_string_equal(text, want);
}

/* An order of 3 chairs at 12.00 less 3.60, a gift card of 10.00, and 6.00 for shipping, tax inside;
 * in yen at 100 a pound. */
struct fixture {
    struct arena *arena;
    const struct shop *shop;
    struct order order;
    struct order_line lines[4];
    struct order_shipping shipping[1];
    struct order_tax tax[1];
    struct order_transaction payments[1];
    const char *paid[1];
    struct order_refund refund;
    struct order_refund_line back[3];
    struct order_refund_shipping freight[1];
    struct order_return returned;
    struct order_return_line returned_lines[1];
};

static const char ACCOUNTS[] =
    "{\"code\":\"DEMO\",\"store\":\"demo.myshopify.com\",\"shipping_account\":\"6610\","
    "\"gift_card_account\":\"5420\",\"custom_line_account\":\"6110\",\"tip_account\":\"6620\","
    "\"refund_account\":\"6130\",\"refund_account_non_restock\":\"6140\",\"cash_rounding_account\":"
    "\"9140\",\"return_location\":\"MAIN\",\"locations\":{\"71\":\"EAST\"}%s}";

static const struct shop *shop_with(struct arena *arena, const char *more)
{
    const struct shop *shop;
    struct err err;
    if (!settings_shop_parse(arena_printf(arena, ACCOUNTS, more), arena, &shop, &err))
        fail_msg("%s", err.text);
    return shop;
}

static struct order_line line_of(const char *id, const char *title, int64_t quantity,
                                 const char *price, const char *yen, struct order_tax *tax)
{
    return (struct order_line){
        .id = id,
        .title = title,
        .product_id = "3",
        .variant_id = "4",
        .sku = "1900-S",
        .barcode = "",
        .location_id = "",
        .delivery_method = "",
        .quantity = quantity,
        .current = quantity,
        .price = money(price, yen),
        .discount = money("0", "0"),
        .taxes = {tax, 1}
    };
}

static void open_order(struct fixture *f)
{
    *f = (struct fixture){.arena = arena_new()};
    f->shop = shop_with(f->arena, "");
    f->tax[0] =
        (struct order_tax){.title = "VAT", .percent = dec("20"), .amount = money("1", "100")};
    f->lines[0] = line_of("11", "Chair", 3, "12.00", "1200", f->tax);
    f->lines[0].discount = money("3.60", "360");
    f->lines[1] = line_of("12", "Gift card", 1, "10.00", "1000", NULL);
    f->lines[1].gift_card = true;
    f->lines[1].taxes.count = 0;
    f->lines[2] = line_of("13", "Table", 1, "30.00", "3000", f->tax);
    f->shipping[0] = (struct order_shipping){
        .id = "91",
        .title = "Standard",
        .code = "",
        .source = "",
        .price = money("6.00", "600"),
        .taxes = {f->tax, 1}
    };
    f->order = (struct order){.id = "5",
                              .name = "#1001",
                              .currency = "GBP",
                              .presentment_currency = "JPY",
                              .cancelled = "",
                              .returns = "",
                              .taxes_included = true,
                              .lines = f->lines,
                              .line_count = 3,
                              .shipping_lines = f->shipping,
                              .shipping_count = 1,
                              .refunds = &f->refund,
                              .refund_count = 1};
    f->refund = (struct order_refund){.id = "7",
                                      .return_id = "",
                                      .created = "2026-11-04T08:00:00Z",
                                      .updated = "2026-11-04T08:00:00Z",
                                      .note = "",
                                      .lines = f->back,
                                      .shipping = f->freight,
                                      .transactions = f->paid};
}

static void close_order(struct fixture *f)
{
    arena_free(f->arena);
}

static struct order_refund_line *add_back(struct fixture *f, const char *line, const char *restock,
                                          int64_t quantity, const char *subtotal, const char *yen)
{
    struct order_refund_line *back = &f->back[f->refund.line_count++];
    *back = (struct order_refund_line){
        .id = "1", .line_id = line, .restock = restock, .location_id = "", .quantity = quantity};
    const struct order_line *source = order_line_by_id(&f->order, line);
    back->price = source->price;
    back->subtotal = money(subtotal, yen);
    back->tax = source->taxes.count ? money("1", "100") : money("0", "0");
    return back;
}

static enum reason try_plan(struct fixture *f, enum money_side side, const bool *erp,
                            struct order_plan *plan, struct buf *detail)
{
    static const struct item_match MATCHES[] = {
        {"chair", "", ""   },
        {"",      "", ""   },
        {"table", "", ""   },
        {"desk",  "", "BOX"}
    };
    order_settle(&f->order);
    assert_true(order_refund_is_credit(&f->order, &f->refund));
    return refund_plan(&f->order, &f->refund, f->shop, side, MATCHES, erp, NULL, f->arena, plan,
                       detail);
}

static struct order_plan plan_of(struct fixture *f, enum money_side side)
{
    struct order_plan plan = {0};
    OWN_BUF struct buf detail = {0};
    enum reason reason = try_plan(f, side, NULL, &plan, &detail);
    if (reason != REASON_NONE)
        fail_msg("left alone: %s %s", reason_row(reason)->code, buf_str(&detail));
    assert_decimal(decimal_sub(amounts_total(&plan, NULL), plan.total), "0");
    return plan;
}

static void assert_line(const struct plan_line *line, enum plan_line_kind kind, const char *number,
                        const char *quantity, const char *price, const char *discount)
{
    assert_int_equal(line->kind, kind);
    assert_string_equal(kind == PLAN_ITEM ? line->item_id : line->number, number);
    assert_decimal(line->quantity, quantity);
    assert_decimal(line->price, price);
    assert_decimal(line->discount, discount);
}

/* ---- which ---- */

static void edits_are_no_credit_memos(void **state)
{
    static const struct {
        const char *restock, *subtotal, *total, *from;
        bool credit;
    } ROWS[] = {
        {"CANCEL",     "0",  "0",  "",  false},
        {"NO_RESTOCK", "12", "0",  "",  false},
        {"CANCEL",     "12", "12", "",  true },
        {"RETURN",     "12", "0",  "",  true },
        {"CANCEL",     "12", "0",  "3", true },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        open_order(&f);
        add_back(&f, "11", ROWS[i].restock, 1, ROWS[i].subtotal, "0");
        f.refund.total = money(ROWS[i].total, "0");
        f.refund.return_id = ROWS[i].from;
        order_settle(&f.order);
        if (order_refund_is_credit(&f.order, &f.refund) != ROWS[i].credit)
            fail_msg("row %zu", i);
        close_order(&f);
    }
}

static void a_payment_on_its_way_is_waited_for(void **state)
{
    struct fixture f;
    struct order_plan plan;
    OWN_BUF struct buf detail = {0};
    (void)state;
    open_order(&f);
    f.refund.total = money("5.00", "500");
    f.payments[0] = (struct order_transaction){
        .id = "31", .kind = "REFUND", .status = "PENDING", .gateway = "", .card_company = ""};
    f.order.transactions = f.payments;
    f.order.transaction_count = 1;
    f.paid[0] = "31";
    f.refund.transaction_count = 1;
    assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_REFUND_PENDING);
    f.payments[0].status = "SUCCESS";
    assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_NONE);
    close_order(&f);
}

/* The refund's own payments say its method, the order says its tax area. */
static void a_memo_has_the_method_of_its_refund_and_the_orders_tax_area(void **state)
{
    static const struct {
        const char *kind, *status, *gateway, *id, *want;
    } ROWS[] = {
        {"REFUND", "SUCCESS", "shopify_payments", "31", "CARD"},
        {"REFUND", "FAILURE", "shopify_payments", "31", ""    },
        {"SALE",   "SUCCESS", "shopify_payments", "31", ""    }, /* what was paid in */
        {"REFUND", "SUCCESS", "shopify_payments", "32", ""    }, /* of another refund */
        {"REFUND", "SUCCESS", "cash",             "31", ""    },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        struct order_plan plan;
        OWN_BUF struct buf detail = {0};
        open_order(&f);
        f.shop = shop_with(f.arena, ",\"payment_methods\":{\"shopify_payments\":\"CARD\"},"
                                    "\"tax_areas\":{\"US-CA\":\"CA-F\"},\"tax_area_priority\":"
                                    "\"ship-sell-bill\"");
        f.refund.total = money("5.00", "500");
        f.payments[0] = (struct order_transaction){.id = ROWS[i].id,
                                                   .kind = ROWS[i].kind,
                                                   .status = ROWS[i].status,
                                                   .gateway = ROWS[i].gateway,
                                                   .card_company = ""};
        f.order.transactions = f.payments;
        f.order.transaction_count = 1;
        f.paid[0] = "31";
        f.refund.transaction_count = 1;
        f.order.ship_to = (struct order_address){.first = "",
                                                 .last = "New",
                                                 .name = "New",
                                                 .company = "",
                                                 .city = "Fresno",
                                                 .country = "US",
                                                 .state = "CA",
                                                 .state_name = "",
                                                 .present = true};
        f.order.tax_exempt = i == 1;
        assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_NONE);
        if (strcmp(plan.payment_method, ROWS[i].want) != 0)
            fail_msg("row %zu: \"%s\"", i, plan.payment_method);
        assert_string_equal(plan.tax_area, "CA-F");
        assert_int_equal(plan.tax_liable, i != 1);
        close_order(&f);
    }
}

/* ---- lines ---- */

/* "71" is mapped to EAST, "99" to nothing. */
static void goods_come_back_where_the_shop_says(void **state)
{
    static const struct {
        const char *settings, *from, *want;
    } ROWS[] = {
        {"",                                                                    "71", "MAIN"},
        {"",                                                                    "99", "MAIN"},
        {",\"return_location\":\"\"",                                           "71", "EAST"},
        {",\"return_location\":\"\"",                                           "99", ""    },
        {",\"return_location_priority\":\"original\"",                          "71", "EAST"},
        {",\"return_location_priority\":\"original\"",                          "99", "MAIN"},
        {",\"return_location_priority\":\"original\",\"return_location\":\"\"", "",   ""    },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        open_order(&f);
        f.shop = shop_with(f.arena, ROWS[i].settings);
        add_back(&f, "11", "RETURN", 2, "21.60", "2160")->location_id = ROWS[i].from;
        f.refund.total = money("21.60", "2160");
        if (strcmp(plan_of(&f, MONEY_SHOP).lines[0].location, ROWS[i].want) != 0)
            fail_msg("row %zu: not %s", i, ROWS[i].want);
        close_order(&f);
    }
}

static void goods_come_back_as_they_were_sold(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    add_back(&f, "11", "RETURN", 2, "21.60", "2160")->location_id = "71";
    f.refund.total = money("21.60", "2160");
    struct order_plan plan = plan_of(&f, MONEY_SHOP);
    assert_string_equal(plan.external, "#1001-R7");
    assert_string_equal(plan.date, "2026-11-04");
    assert_int_equal(plan.line_count, 1);
    assert_line(&plan.lines[0], PLAN_ITEM, "chair", "2", "12", "2.4");
    f.back[0].restock = "LEGACY_RESTOCK";
    assert_int_equal(plan_of(&f, MONEY_SHOP).lines[0].kind, PLAN_ITEM);
    f.shop = shop_with(f.arena, ",\"order_no_on_line\":true");
    assert_string_equal(plan_of(&f, MONEY_SHOP).lines[0].description, "Shopify Order No.: #1001");
    close_order(&f);
}

static void each_kind_of_line_has_its_account(void **state)
{
    static const struct {
        const char *line, *restock;
        int64_t quantity;
        const char *subtotal, *number, *want_quantity, *price, *discount;
    } ROWS[] = {
        {"11", "NO_RESTOCK",     2, "21.60", "6140", "2", "12",   "2.4"},
        {"11", "CANCEL",         2, "21.60", "6130", "1", "21.6", "0"  },
        {"12", "RETURN",         1, "10.00", "5420", "1", "10",   "0"  },
        {"12", "LEGACY_RESTOCK", 1, "10.00", "5420", "1", "10",   "0"  },
        {"12", "NO_RESTOCK",     1, "10.00", "5420", "1", "10",   "0"  },
        {"13", "CANCEL",         1, "30.00", "6130", "1", "30",   "0"  },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        open_order(&f);
        add_back(&f, ROWS[i].line, ROWS[i].restock, ROWS[i].quantity, ROWS[i].subtotal, "0");
        f.refund.total = money(ROWS[i].subtotal, "0");
        struct order_plan plan = plan_of(&f, MONEY_SHOP);
        assert_int_equal(plan.line_count, 1);
        assert_line(&plan.lines[0], PLAN_ACCOUNT, ROWS[i].number, ROWS[i].want_quantity,
                    ROWS[i].price, ROWS[i].discount);
        close_order(&f);
    }
}

static void custom_lines_come_back_on_their_account(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    f.lines[2].product_id = f.lines[2].variant_id = f.lines[2].sku = "";
    add_back(&f, "13", "RETURN", 1, "30.00", "3000");
    f.refund.total = money("30.00", "3000");
    struct order_plan plan = plan_of(&f, MONEY_SHOP);
    assert_line(&plan.lines[0], PLAN_ACCOUNT, "6110", "1", "30", "0");
    f.lines[2].tip = true;
    plan = plan_of(&f, MONEY_SHOP);
    assert_line(&plan.lines[0], PLAN_ACCOUNT, "6620", "1", "30", "0");
    close_order(&f);
}

/* The ERP refuses a discount on a negative quantity: the price is what was really paid. */
static void exchanged_goods_go_out_on_the_memo(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    f.lines[3] = line_of("14", "Desk", 3, "10.00", "1000", f.tax);
    f.order.line_count = 4;
    f.refund.return_id = "3";
    add_back(&f, "11", "RETURN", 3, "32.40", "3240");
    struct order_refund_line *out = add_back(&f, "14", "RETURN", -3, "-20.00", "-2000");
    out->exchange = true;
    out->tax = money("-1", "-100");
    f.lines[3].location_id = "71";
    f.refund.total = money("12.40", "1240");
    order_settle(&f.order);
    struct order_plan plan = plan_of(&f, MONEY_SHOP);
    assert_int_equal(plan.line_count, 2); /* it nets without a balance */
    assert_line(&plan.lines[0], PLAN_ITEM, "chair", "3", "12", "3.6");
    assert_line(&plan.lines[1], PLAN_ITEM, "desk", "-3", "6.66667", "0");
    assert_string_equal(plan.lines[1].unit, "BOX"); /* it comes back by the box, too */
    assert_decimal(amounts_line(&plan.lines[1], 2), "-20");
    close_order(&f);
}

static void a_return_without_refunded_lines_names_the_goods(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    f.returned_lines[0] = (struct order_return_line){.id = "1",
                                                     .line_id = "11",
                                                     .quantity = 3,
                                                     .total = money("32.40", "3240"),
                                                     .location_id = "71"};
    f.returned = (struct order_return){.id = "3", .lines = f.returned_lines, .line_count = 1};
    f.order.return_list = &f.returned;
    f.order.return_count = 1;
    f.refund.return_id = "3";
    f.refund.total = money("30.00", "3000"); /* a fee of 2.40 was kept */
    struct order_plan plan = plan_of(&f, MONEY_SHOP);
    assert_int_equal(plan.line_count, 2);
    assert_line(&plan.lines[0], PLAN_ITEM, "chair", "3", "10.8", "0");
    assert_line(&plan.lines[1], PLAN_ACCOUNT, "6130", "1", "-2.4", "0");
    close_order(&f);
}

/* Defect 10 of the original: shipping was refunded in the customer's currency, whatever the
 * document's. And every amount is of the side that the order's document had. */
static void defect_10_shipping_is_refunded_in_the_documents_currency(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    f.freight[0] = (struct order_refund_shipping){.id = "1",
                                                  .shipping_id = "91",
                                                  .title = "Standard",
                                                  .subtotal = money("5.00", "500"),
                                                  .tax = money("1.00", "100")};
    f.refund.shipping_count = 1;
    f.refund.total = money("6.00", "600");
    f.shop = shop_with(f.arena, ",\"currency_handling\":\"presentment\"");
    struct order_plan plan = plan_of(&f, MONEY_SHOP); /* as the order's document */
    assert_string_equal(plan.currency, "GBP");
    assert_line(&plan.lines[0], PLAN_ACCOUNT, "6610", "1", "6", "0");
    plan = plan_of(&f, MONEY_PRESENTMENT);
    assert_string_equal(plan.currency, "JPY");
    assert_line(&plan.lines[0], PLAN_ACCOUNT, "6610", "1", "600", "0");
    f.order.taxes_included = false; /* then the tax goes on top */
    plan = plan_of(&f, MONEY_SHOP);
    assert_line(&plan.lines[0], PLAN_ACCOUNT, "6610", "1", "5", "0");
    assert_decimal(plan.total, "6");
    close_order(&f);
}

static void money_without_goods_is_on_the_refund_account(void **state)
{
    struct fixture f;
    struct order_plan plan;
    OWN_BUF struct buf detail = {0};
    (void)state;
    open_order(&f);
    f.refund.total = money("5.00", "500");
    plan = plan_of(&f, MONEY_SHOP);
    assert_int_equal(plan.line_count, 1);
    assert_line(&plan.lines[0], PLAN_ACCOUNT, "6130", "1", "5", "0");
    f.shop = shop_with(f.arena, ",\"refund_account\":\"\"");
    assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_REFUND_ACCOUNT);
    add_back(&f, "11", "NO_RESTOCK", 1, "5.00", "500");
    f.shop = shop_with(f.arena, ",\"refund_account_non_restock\":\"\"");
    buf_clear(&detail);
    assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_REFUND_ACCOUNT);
    assert_string_equal(buf_str(&detail), "Chair");
    close_order(&f);
}

/* Tax on top is rounded by line at Shopify and by group here: the memo is what was given back. */
static void the_total_is_what_was_given_back(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    f.order.taxes_included = false;
    add_back(&f, "11", "RETURN", 1, "0.12", "12");
    add_back(&f, "13", "RETURN", 1, "0.12", "12");
    f.refund.total = money("0.28", "28"); /* 2 * 0.144, and not 0.288 */
    struct order_plan plan = plan_of(&f, MONEY_SHOP);
    assert_int_equal(plan.line_count, 3);
    assert_line(&plan.lines[2], PLAN_ACCOUNT, "6130", "1", "-0.01", "0");
    close_order(&f);
}

static void cash_given_back_is_rounded(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    add_back(&f, "12", "RETURN", 1, "10.02", "1002");
    f.refund.total = money("10.02", "1002");
    f.payments[0] = (struct order_transaction){.id = "31",
                                               .kind = "REFUND",
                                               .status = "SUCCESS",
                                               .gateway = "",
                                               .card_company = "",
                                               .rounding = money("-0.02", "-2")};
    f.order.transactions = f.payments;
    f.order.transaction_count = 1;
    f.paid[0] = "31";
    f.refund.transaction_count = 1;
    struct order_plan plan = plan_of(&f, MONEY_SHOP);
    assert_line(&plan.lines[1], PLAN_ACCOUNT, "9140", "1", "-0.02", "0");
    assert_decimal(plan.total, "10");
    f.shop = shop_with(f.arena, ",\"cash_rounding_account\":\"\"");
    OWN_BUF struct buf detail = {0};
    assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_NONE);
    assert_int_equal(plan.line_count, 1);
    struct difference difference = amounts_predict(&plan, NULL);
    assert_int_equal(difference.reason, DIFFERENCE_CASH_ROUNDING);
    assert_decimal(difference.amount, "0.02");
    f.shop = shop_with(f.arena, ",\"cash_rounding_account\":\"\",\"rounding_account\":\"9150\"");
    plan = plan_of(&f, MONEY_SHOP);
    assert_line(&plan.lines[1], PLAN_ACCOUNT, "9150", "1", "-0.02", "0");
    close_order(&f);
}

static void a_memo_without_tax_in_its_prices_has_the_same_total(void **state)
{
    struct fixture f;
    struct order_plan plan;
    OWN_BUF struct buf detail = {0};
    bool include = false;
    (void)state;
    open_order(&f);
    add_back(&f, "11", "RETURN", 3, "32.40", "3240");
    add_back(&f, "12", "RETURN", 1, "0.03", "3")->tax = money("0", "0");
    f.refund.total = money("32.46", "3246"); /* 3 pence of goodwill */
    assert_int_equal(try_plan(&f, MONEY_SHOP, &include, &plan, &detail), REASON_NONE);
    assert_false(plan.prices_include_tax);
    assert_decimal(amounts_total(&plan, NULL), "32.46");
    assert_decimal(amounts_line(&plan.lines[0], 2), "27");
    assert_line(&plan.lines[2], PLAN_ACCOUNT, "6130", "1", "0.03", "0");
    close_order(&f);
}

static void what_is_needed_is_looked_up(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    add_back(&f, "11", "RETURN", 1, "12", "0");
    add_back(&f, "13", "NO_RESTOCK", 1, "12", "0");
    assert_true(refund_needs_item(&f.order, &f.refund, &f.lines[0]));
    assert_false(refund_needs_item(&f.order, &f.refund, &f.lines[1]));
    assert_false(refund_needs_item(&f.order, &f.refund, &f.lines[2]));
    f.order.name = "#1001000000000000000000000000000000";
    f.refund.total = money("24", "0");
    struct order_plan plan;
    OWN_BUF struct buf detail = {0};
    assert_int_equal(try_plan(&f, MONEY_SHOP, NULL, &plan, &detail), REASON_LONG_NAME);
    close_order(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_no_credit_memos),
        cmocka_unit_test(a_payment_on_its_way_is_waited_for),
        cmocka_unit_test(a_memo_has_the_method_of_its_refund_and_the_orders_tax_area),
        cmocka_unit_test(goods_come_back_where_the_shop_says),
        cmocka_unit_test(goods_come_back_as_they_were_sold),
        cmocka_unit_test(each_kind_of_line_has_its_account),
        cmocka_unit_test(custom_lines_come_back_on_their_account),
        cmocka_unit_test(exchanged_goods_go_out_on_the_memo),
        cmocka_unit_test(a_return_without_refunded_lines_names_the_goods),
        cmocka_unit_test(defect_10_shipping_is_refunded_in_the_documents_currency),
        cmocka_unit_test(money_without_goods_is_on_the_refund_account),
        cmocka_unit_test(the_total_is_what_was_given_back),
        cmocka_unit_test(cash_given_back_is_rounded),
        cmocka_unit_test(a_memo_without_tax_in_its_prices_has_the_same_total),
        cmocka_unit_test(what_is_needed_is_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
