/* plan_orders_test.c - which orders become documents, and which documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "plan/order_plan.h"
#include "store/staging.h"

/* An order of two units of a product at 10.00, 4.00 of it off, and 5.00 for shipping: 21.00. */
static const char ORDER[] =
    "{\"id\":\"gid://shopify/Order/5\",\"name\":\"#1001a\",\"createdAt\":\"2026-11-02T08:00:00Z\","
    "\"updatedAt\":\"2026-11-02T09:00:00Z\",\"currencyCode\":\"GBP\",\"taxesIncluded\":true,"
    "\"tags\":[\"a\",\"b c\"],"
    "\"returnStatus\":\"NO_RETURN\",\"customer\":{\"id\":\"gid://shopify/Customer/"
    "7\",\"firstName\":\"Ann\"},"
    "\"currentTotalPriceSet\":{\"shopMoney\":{\"amount\":\"21.0\"}},"
    "\"currentTotalDiscountsSet\":{\"shopMoney\":{\"amount\":\"4.0\"}},"
    "\"totalShippingPriceSet\":{\"shopMoney\":{\"amount\":\"5.0\"}},"
    "\"shippingLines\":{\"pageInfo\":{\"hasNextPage\":false},\"nodes\":[{\"id\":\"gid://shopify/"
    "ShippingLine/9\","
    "\"title\":\"Standard\",\"isRemoved\":false,\"originalPriceSet\":{\"shopMoney\":{\"amount\":"
    "\"5.0\"}}}]},"
    "\"lineItems\":{\"nodes\":[{\"id\":\"gid://shopify/LineItem/"
    "8\",\"title\":\"Chair\",\"quantity\":2,\"currentQuantity\":2,"
    "\"product\":{\"id\":\"gid://shopify/Product/3\"},\"variant\":{\"id\":\"gid://shopify/"
    "ProductVariant/4\",\"sku\":\"1900-S\"},"
    "\"originalUnitPriceSet\":{\"shopMoney\":{\"amount\":\"10.0\"}},"
    "\"discountAllocations\":[{\"allocatedAmountSet\":{\"shopMoney\":{\"amount\":\"4.0\"}}}]}]}}";

static const struct shop SHOP = {
    .code = "DEMO",
    .currency = "",
    .default_customer = "",
    .shipping_account = "6610",
    .custom_line_account = "",
    .external_document_prefix = "web-",
};

struct fixture {
    json *tree;
    struct arena *arena;
    struct order order;
};

static void open_order(struct fixture *fixture)
{
    struct err err;
    fixture->arena = arena_new();
    assert_true(json_parse(ORDER, strlen(ORDER), &fixture->tree, &err));
    assert_true(staged_order(fixture->tree, fixture->arena, &fixture->order, &err));
}

static void close_order(struct fixture *fixture)
{
    json_free(fixture->tree);
    arena_free(fixture->arena);
}

static struct decimal dec(const char *text)
{
    struct decimal value;
    assert_true(decimal_parse(text, &value));
    return value;
}

static void assert_decimal(struct decimal got, const char *want)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    assert_string_equal(text, want);
}

static void shopifys_json_is_read(void **state)
{
    struct fixture f;
    (void)state;
    open_order(&f);
    assert_string_equal(f.order.id, "5");
    assert_string_equal(f.order.tags, "[a] [b c]");
    assert_string_equal(f.order.customer_id, "7");
    assert_int_equal(f.order.line_count, 1);
    assert_string_equal(f.order.lines[0].variant_id, "4");
    assert_decimal(f.order.lines[0].discount.shop, "4");
    assert_decimal(f.order.shipping_lines[0].price.shop, "5");
    close_order(&f);
}

static void an_order_becomes_lines(void **state)
{
    struct fixture f;
    struct order_plan plan;
    OWN_BUF struct buf detail = {0};
    const struct item_match match = {.item_id = "item", .item_variant_id = ""};
    (void)state;
    open_order(&f);
    f.order.po_number = "PO 7";
    assert_int_equal(order_skip(&f.order, &SHOP, &detail), REASON_NONE);
    assert_int_equal(order_plan(&f.order, &SHOP, &match, NULL, f.arena, &plan, &detail),
                     REASON_NONE);
    assert_string_equal(plan.external, "WEB-#1001A");
    assert_string_equal(plan.date, "2026-11-02");
    OWN(zone) struct zone *sydney = NULL;
    struct err err;
    assert_true(zone_open("Australia/Sydney", &sydney, &err));
    f.order.created = "2026-11-02T13:00:00Z";
    assert_int_equal(order_plan(&f.order, &SHOP, &match, sydney, f.arena, &plan, &detail),
                     REASON_NONE);
    assert_string_equal(plan.date, "2026-11-03");
    assert_string_equal(plan.currency, "GBP");
    assert_true(plan.prices_include_tax);
    assert_int_equal(plan.line_count, 3);
    assert_int_equal(plan.lines[0].kind, PLAN_ITEM);
    assert_decimal(plan.lines[0].quantity, "2");
    assert_decimal(plan.lines[0].discount, "4");
    assert_int_equal(plan.lines[1].kind, PLAN_ACCOUNT);
    assert_string_equal(plan.lines[1].account, "6610");
    assert_string_equal(plan.lines[2].description, "PO number: PO 7");
    assert_decimal(plan.leftover, "0");
    assert_decimal(plan.total, "21");
    close_order(&f);
}

/* Shopify allocates a discount to all units sold; what is left of the line keeps its share. */
static void discounts_follow_the_quantity(void **state)
{
    static const struct {
        int64_t quantity, current;
        const char *allocated, *current_discounts, *line, *leftover;
    } ROWS[] = {
        {2, 2, "4.00", "4.00", "4",    "0"   },
        {2, 1, "4.00", "2.00", "2",    "0"   },
        {3, 1, "1.00", "0.33", "0.33", "0"   },
        {3, 2, "1.00", "0.66", "0.67", "0"   }, /* a penny of rounding is no negative discount */
        {3, 2, "1.00", "0.68", "0.67", "0.01"},
        {2, 2, "4.00", "7.00", "4",    "3"   }, /* an order discount that no line carries */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        struct order_plan plan;
        OWN_BUF struct buf detail = {0};
        const struct item_match match = {.item_id = "item", .item_variant_id = ""};
        open_order(&f);
        f.order.lines[0].quantity = ROWS[i].quantity;
        f.order.lines[0].current = ROWS[i].current;
        f.order.lines[0].discount.shop = dec(ROWS[i].allocated);
        f.order.current.discounts.shop = dec(ROWS[i].current_discounts);
        assert_int_equal(order_plan(&f.order, &SHOP, &match, NULL, f.arena, &plan, &detail),
                         REASON_NONE);
        assert_decimal(plan.lines[0].discount, ROWS[i].line);
        assert_decimal(plan.leftover, ROWS[i].leftover);
        close_order(&f);
    }
}

static void make_test(struct order *order)
{
    order->test = true;
}
static void cancel(struct order *order)
{
    order->cancelled = "2026-11-03T00:00:00Z";
}
static void refund(struct order *order)
{
    order->refunded.shop = dec("1.00");
}
static void give_back(struct order *order)
{
    order->returns = "IN_PROGRESS";
}
static void take_all_off(struct order *order)
{
    order->lines[0].current = 0;
    order->shipping_lines[0].removed = true;
}
static void sell_to_company(struct order *order)
{
    order->company_id = "1";
}
static void sell_gift_card(struct order *order)
{
    order->lines[0].gift_card = true;
}
static void make_custom(struct order *order)
{
    order->lines[0].product_id = order->lines[0].variant_id = order->lines[0].sku = "";
}
static void tip(struct order *order)
{
    make_custom(order);
    order->lines[0].title = "Tip";
}
static void let_channel_pay(struct order *order)
{
    order->channel_tax = true;
}
static void add_duties(struct order *order)
{
    order->duties.shop = dec("0.01");
}
static void add_fees(struct order *order)
{
    order->fees.shop = dec("0.01");
}
static void round_cash(struct order *order)
{
    order->rounding.shop = dec("-0.02");
}
static void cut_shipping(struct order *order)
{
    order->more_shipping = true;
}
static void name_long(struct order *order)
{
    order->name = "#10010000000000000000000000000000000";
}

static void what_is_not_supported_is_left_alone(void **state)
{
    static const struct {
        void (*change)(struct order *order);
        enum reason reason;
    } ROWS[] = {
        {make_test,       REASON_TEST               },
        {cancel,          REASON_CANCELLED          },
        {refund,          REASON_REFUNDED           },
        {give_back,       REASON_RETURNED           },
        {take_all_off,    REASON_NO_LINES           },
        {sell_to_company, REASON_COMPANY            },
        {sell_gift_card,  REASON_GIFT_CARD          },
        {make_custom,     REASON_CUSTOM_LINE        },
        {tip,             REASON_TIP                },
        {let_channel_pay, REASON_CHANNEL_TAX        },
        {add_duties,      REASON_DUTIES             },
        {add_fees,        REASON_FEES               },
        {round_cash,      REASON_CASH_ROUNDING      },
        {cut_shipping,    REASON_MANY_SHIPPING_LINES},
        {name_long,       REASON_LONG_NAME          },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct fixture f;
        OWN_BUF struct buf detail = {0};
        open_order(&f);
        ROWS[i].change(&f.order);
        enum reason got = order_skip(&f.order, &SHOP, &detail);
        if (got != ROWS[i].reason)
            fail_msg("row %zu: %s instead of %s", i, reason_row(got)->code,
                     reason_row(ROWS[i].reason)->code);
        close_order(&f);
    }
}

static void custom_lines_and_shipping_need_accounts(void **state)
{
    struct fixture f;
    struct order_plan plan;
    OWN_BUF struct buf detail = {0};
    static const struct setting_pair EXPRESS[] = {
        {"standard", "6620"}
    };
    struct shop shop = SHOP;
    (void)state;
    open_order(&f);
    make_custom(&f.order);
    shop.custom_line_account = "6110";
    assert_int_equal(order_skip(&f.order, &shop, &detail), REASON_NONE);
    assert_false(order_line_needs_item(&f.order.lines[0]));
    shop.shipment_accounts = (struct setting_map){EXPRESS, 1};
    assert_int_equal(order_plan(&f.order, &shop, NULL, NULL, f.arena, &plan, &detail), REASON_NONE);
    assert_string_equal(plan.lines[0].account, "6110");
    assert_string_equal(plan.lines[0].description, "Chair");
    assert_string_equal(plan.lines[1].account, "6620");
    shop.shipment_accounts.count = 0;
    shop.shipping_account = "";
    assert_int_equal(order_plan(&f.order, &shop, NULL, NULL, f.arena, &plan, &detail),
                     REASON_SHIPPING_ACCOUNT);
    assert_non_null(strstr(buf_str(&detail), "Standard"));
    close_order(&f);
}

/* docs/skips.md is what people read; the table is what happens. */
static void the_page_of_reasons_is_the_table(void **state)
{
    OWN_BUF struct buf page = {0}, file = {0};
    char bytes[4096];
    (void)state;
    reasons_page(&page);
    FILE *in = fopen("docs/skips.md", "r");
    assert_non_null(in);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        buf_add(&file, bytes, n);
    fclose(in);
    assert_string_equal(buf_str(&file), buf_str(&page));
    for (int i = 1; i < REASON_COUNT; i++)
        assert_int_equal(reason_by_code(reason_row((enum reason)i)->code), i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shopifys_json_is_read),
        cmocka_unit_test(an_order_becomes_lines),
        cmocka_unit_test(discounts_follow_the_quantity),
        cmocka_unit_test(what_is_not_supported_is_left_alone),
        cmocka_unit_test(custom_lines_and_shipping_need_accounts),
        cmocka_unit_test(the_page_of_reasons_is_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
