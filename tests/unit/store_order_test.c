/* store_order_test.c - Shopify's JSON of an order, whole: nothing is lost, and what follows is
 * right. tests/unit/orders/everything.json holds one of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/staging.h"

struct fixture {
    json *tree;
    struct arena *arena;
    struct order order;
};

static void read_again(struct fixture *f)
{
    struct err err;
    if (!staged_order(f->tree, f->arena, &f->order, &err))
        fail_msg("%s", err.text);
}

static int open_order(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    OWN_BUF struct buf text = {0};
    char bytes[4096];
    struct err err;
    FILE *in = fopen("tests/unit/orders/everything.json", "r");
    if (!in)
        return -1;
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        buf_add(&text, bytes, n);
    fclose(in);
    f->arena = arena_new();
    assert_true(json_parse(buf_str(&text), text.size, &f->tree, &err));
    read_again(f);
    *state = f;
    return 0;
}

static int close_order(void **state)
{
    struct fixture *f = *state;
    json_free(f->tree);
    arena_free(f->arena);
    free(f);
    return 0;
}

static void assert_decimal(struct decimal got, const char *want)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    assert_string_equal(text, want);
}

static void assert_money(struct money_pair got, const char *shop, const char *presentment)
{
    assert_decimal(money_of(got, MONEY_SHOP), shop);
    assert_decimal(money_of(got, MONEY_PRESENTMENT), presentment);
}

/* `path` in the tree becomes what `text` says; read anew. */
static void change(struct fixture *f, const char *path, const char *name, const char *text)
{
    struct err err;
    json *value = NULL;
    json *object = *path ? json_path(f->tree, path) : f->tree;
    assert_non_null(object);
    if (strcmp(text, "null") != 0)
        assert_true(json_parse(text, strlen(text), &value, &err));
    json_set(object, name, value);
    read_again(f);
}

static void the_header_is_read(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    const struct {
        const char *name, *got, *want;
    } TEXTS[] = {
        {"id",               order->id,                        "5500000000001"       },
        {"name",             order->name,                      "#1001"               },
        {"processed",        order->processed,                 "2026-11-02T08:00:05Z"},
        {"cancelled",        order->cancelled,                 ""                    },
        {"tags",             order->tags,                      "[a] [b c]"           },
        {"po number",        order->po_number,                 "PO 7"                },
        {"discount codes",   order->discount_codes,            "SPRING, VIP"         },
        {"channel",          order->channel,                   "Online Store"        },
        {"source",           order->source,                    "web"                 },
        {"currency",         order->currency,                  "GBP"                 },
        {"presentment",      order->presentment_currency,      "JPY"                 },
        {"customer",         order->customer_id,               "7300000000001"       },
        {"customer's name",  order->customer_name,             "Ann Lee"             },
        {"company",          order->company_id,                "61"                  },
        {"company location", order->company_location_id,       "62"                  },
        {"company contact",  order->company_contact_id,        "63"                  },
        {"retail location",  order->retail_location_id,        "71"                  },
        {"staff",            order->staff_id,                  "81"                  },
        {"risk",             order->risk,                      "HIGH"                },
        {"terms",            order->terms_name,                "Net 30"              },
        {"type of terms",    order->terms_type,                "NET"                 },
        {"due",              order->due,                       "2026-12-02T08:00:00Z"},
        {"province",         order->sell_to.state,             "ENG"                 },
        {"province's name",  order->sell_to.state_name,        "England"             },
        {"first name",       order->sell_to.first,             "Ann"                 },
        {"attribute",        order->attributes.items[0].key,   "Gift"                },
        {"its value",        order->attributes.items[0].value, "yes"                 },
        {"gateway",          order->gateway,                   "shopify_payments"    },
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (strcmp(TEXTS[i].got, TEXTS[i].want) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", TEXTS[i].name, TEXTS[i].got, TEXTS[i].want);
    assert_true(order->taxes_included && order->tax_exempt && order->edited && order->confirmed);
    assert_false(order->bill_to.present);
    assert_int_equal(order->terms_days, 30);
    assert_int_equal(order->attributes.count, 2);
}

static void amounts_come_in_both_currencies(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    assert_money(order->sold.total, "103", "20600");
    assert_money(order->sold.tax, "17.5", "3500");
    assert_money(order->current.total, "60", "12000");
    assert_money(order->refunded, "24.99", "4998");
    assert_money(order->tips, "3", "600");
    assert_money(order->duties, "1.1", "220");
    assert_money(order->fees, "0.4", "80");
    assert_money(order->rounding, "-0.02", "-4");
    assert_money(order->refund_rounding, "0.01", "2");
    assert_money(order->lines[0].price, "10", "2000");
    assert_money(order->lines[0].discount, "6", "1200");
    assert_money(order->shipping_lines[0].price, "6", "1200");
    assert_money(order->shipping_lines[0].discount, "1", "200");
    assert_money(order->transactions[0].amount, "83.02", "16604");
    assert_money(order->transactions[0].rounding, "-0.02", "-4");
    assert_money(order->refunds[1].lines[0].subtotal, "9", "1800");
}

/* Old records hold the shop's money alone. */
static void a_missing_presentment_amount_is_the_shops(void **state)
{
    struct fixture *f = *state;
    change(f, "", "totalPriceSet", "{\"shopMoney\":{\"amount\":\"7.5\"}}");
    assert_money(f->order.sold.total, "7.5", "7.5");
}

static void taxes_are_read_where_they_stand(void **state)
{
    struct fixture *f = *state;
    const struct order *order = &f->order;
    assert_int_equal(order->taxes.count, 1);
    assert_string_equal(order->taxes.items[0].title, "GB VAT");
    assert_decimal(order->taxes.items[0].rate, "0.2");
    assert_decimal(order->taxes.items[0].percent, "20");
    assert_money(order->lines[0].taxes.items[0].amount, "9", "1800");
    assert_false(order->lines[1].taxes.items[0].channel_liable); /* null is no */
    assert_true(order->shipping_lines[0].taxes.items[0].channel_liable);
    assert_true(order->channel_tax);
    change(f, "shippingLines.nodes.0", "taxLines", "[]");
    assert_false(f->order.channel_tax);
}

static void payments_know_their_refund_card_and_gift_card(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    assert_int_equal(order->transaction_count, 4);
    assert_string_equal(order->transactions[0].kind, "SALE");
    assert_string_equal(order->transactions[0].card_company, "Visa");
    assert_string_equal(order->transactions[0].gift_card_id, "");
    assert_string_equal(order->transactions[0].refund_id, "");
    assert_string_equal(order->transactions[1].gift_card_id, "123456789012");
    assert_string_equal(order->transactions[1].gateway_name, "Gift Card");
    assert_string_equal(order->transactions[2].refund_id, "902");
    assert_string_equal(order->transactions[2].parent_id, "801");
    assert_string_equal(order->transactions[3].error, "CARD_DECLINED");
    assert_true(order->transactions[3].manual && order->transactions[3].test);
}

static void a_receipt_as_text_names_its_gift_card_too(void **state)
{
    struct fixture *f = *state;
    change(f, "transactions.1", "receiptJson", "\"{\\\"gift_card_id\\\":77}\"");
    assert_string_equal(f->order.transactions[1].gift_card_id, "77");
    change(f, "transactions.1", "receiptJson", "\"no json\"");
    assert_string_equal(f->order.transactions[1].gift_card_id, "");
}

static void the_due_date_is_the_only_ones(void **state)
{
    struct fixture *f = *state;
    change(
        f, "paymentTerms", "paymentSchedules",
        "{\"nodes\":[{\"dueAt\":\"2026-12-02T08:00:00Z\"},{\"dueAt\":\"2027-01-02T08:00:00Z\"}]}");
    assert_string_equal(f->order.due, "");
    change(f, "paymentTerms", "paymentSchedules", "{\"nodes\":[]}");
    assert_string_equal(f->order.due, "");
    change(f, "", "paymentTerms", "null");
    assert_string_equal(f->order.terms_name, "");
}

/* ---- lines ---- */

/* The reference let the flag of a tip stand for the lines after it. */
static void a_tip_is_a_line_named_so_without_a_product(void **state)
{
    struct fixture *f = *state;
    static const bool TIPS[] = {false, false, true, false, false};
    for (size_t i = 0; i < COUNT(TIPS); i++)
        assert_int_equal(f->order.lines[i].tip, TIPS[i]);
    change(f, "lineItems.nodes.0", "title", "\"Tip\"");
    assert_false(f->order.lines[0].tip);
    assert_true(f->order.lines[4].gift_card);
}

static void lines_keep_their_attributes(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    assert_int_equal(order->lines[0].attributes.count, 1);
    assert_string_equal(order->lines[0].attributes.items[0].value, "A & B");
    assert_int_equal(order->lines[1].attributes.count, 0);
}

/* An edit that gave nothing back makes the order smaller; what went back for money does not. */
static void edits_reduce_the_line_and_credits_do_not(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    assert_int_equal(order->lines[0].quantity, 6);
    assert_int_equal(order->lines[0].current, 3);
    assert_int_equal(order->lines[0].net, 4);
    assert_false(order->refunds[0].lines[0].can_credit);
    assert_true(order->refunds[1].lines[0].can_credit);
    assert_true(order_has_credit(order));
}

/* Defect 9 of the reference: the whole discount stayed on a line that had lost units. */
static void defect_9_discounts_are_prorated_after_edits(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *discount, *yen; /* of 6 units, 4 of which are left */
        const char *want, *want_yen;
    } ROWS[] = {
        {"6.00", "1200", "4",    "800"},
        {"1.00", "200",  "0.67", "133"}, /* yen have no decimals */
        {"0.01", "1",    "0.01", "1"  },
        {"0.00", "0",    "0",    "0"  },
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_TEXT char *list =
            mem_printf("[{\"allocatedAmountSet\":{\"shopMoney\":{\"amount\":\"%s\"},"
                       "\"presentmentMoney\":{\"amount\":\"%s\"}}}]",
                       ROWS[i].discount, ROWS[i].yen);
        change(f, "lineItems.nodes.0", "discountAllocations", list);
        assert_money(f->order.lines[0].net_discount, ROWS[i].want, ROWS[i].want_yen);
    }
}

static void what_was_exchanged_is_on_the_credit_memo_not_on_the_order(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    assert_true(order->lines[3].exchange);
    assert_int_equal(order->lines[3].net, 0);
    assert_false(order->lines[0].exchange);
    assert_int_equal(order->refunds[1].line_count, 2);
    const struct order_refund_line *out = &order->refunds[1].lines[1];
    assert_true(out->exchange && out->can_credit);
    assert_string_equal(out->line_id, "4");
    assert_int_equal(out->quantity, -1);
    assert_money(out->subtotal, "-10", "-2000");
    assert_money(out->tax, "-1.67", "-333");
}

/* Two refunds of one return give its exchange out once. */
static void a_return_in_two_refunds_exchanges_once(void **state)
{
    struct fixture *f = *state;
    change(f, "refunds.0", "return", "{\"id\":\"gid://shopify/Return/951\"}");
    assert_int_equal(f->order.refunds[0].line_count, 2);
    assert_int_equal(f->order.refunds[1].line_count, 1);
}

static void which_refunds_become_credit_memos(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *field, *value; /* of the first refund, which is an edit */
        bool can_credit;
    } ROWS[] = {
        {"note",             "\"x\"",                                 false},
        {"totalRefundedSet", "{\"shopMoney\":{\"amount\":\"0.01\"}}", true },
        {"totalRefundedSet", "{\"shopMoney\":{\"amount\":\"0\"}}",    false},
        {"return",           "{\"id\":\"gid://shopify/Return/952\"}", true },
        {"return",           "null",                                  false},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        change(f, "refunds.0", ROWS[i].field, ROWS[i].value);
        if (f->order.refunds[0].lines[0].can_credit != ROWS[i].can_credit)
            fail_msg("row %zu", i);
    }
    change(f, "refunds.0.refundLineItems.nodes.0", "restockType", "\"RETURN\"");
    assert_true(f->order.refunds[0].lines[0].can_credit);
    assert_int_equal(f->order.lines[0].net, 6);
}

/* ---- totals ---- */

static void without_credits_the_documents_total_is_shopifys(void **state)
{
    struct fixture *f = *state;
    change(f, "", "refunds", "[]");
    change(f, "", "returns", "null");
    assert_money(f->order.net.total, "60", "12000");
    assert_money(f->order.net.tax, "10", "2000");
    assert_money(f->order.net.discounts, "3", "600");
    assert_money(f->order.net.shipping, "2", "400");
}

/* 60.00 now, 9.00 of goods and 3.00 of shipping went back; the chair of 10.00 that went out for
 * them is not the order's. */
static void credits_do_not_make_the_order_smaller(void **state)
{
    struct fixture *f = *state;
    assert_money(f->order.net.total, "62", "12400");
    assert_money(f->order.net.shipping, "5", "1000");
    assert_money(f->order.net.discounts, "5", "1000");
    assert_money(f->order.net.tax, "10.33", "2067");
    change(f, "", "taxesIncluded", "false"); /* 1.50 and 0.50 of tax on top, 1.67 of the exchange */
    assert_money(f->order.net.total, "62.33", "12467");
}

/* ---- returns ---- */

/* Defect 4 of the reference: reason and note of a refusal were looked for where they never are. */
static void defect_4_a_declined_return_says_why(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    assert_int_equal(order->return_count, 2);
    assert_string_equal(order->return_list[1].status, "DECLINED");
    assert_string_equal(order->return_list[1].decline_reason, "FINAL_SALE");
    assert_string_equal(order->return_list[1].decline_note, "it was on sale");
    assert_string_equal(order->return_list[0].decline_reason, "");
}

static void returns_have_lines_of_two_kinds(void **state)
{
    const struct order *order = &((struct fixture *)*state)->order;
    const struct order_return *one = &order->return_list[0];
    assert_int_equal(one->line_count, 2);
    assert_string_equal(one->lines[0].line_id, "1");
    assert_string_equal(one->lines[0].reason, "size-too-small");
    assert_string_equal(one->lines[0].customer_note, "sorry");
    assert_int_equal(one->lines[0].refunded, 1);
    assert_money(one->lines[0].total, "9", "1800");
    assert_string_equal(one->lines[1].line_id, "");
    assert_money(one->lines[1].total, "4", "4");
    assert_string_equal(order->refunds[1].return_id, "951");
    assert_string_equal(order->refunds[1].note, "too small");
    assert_string_equal(order->refunds[1].lines[0].location_id, "72");
    assert_string_equal(order->refunds[1].shipping[0].title, "Standard");
    assert_money(order->refunds[1].shipping[0].tax, "0.5", "100");
    assert_string_equal(order->refunds[1].adjustments[0].reason, "REFUND_DISCREPANCY");
    assert_money(order->refunds[1].adjustments[0].amount, "-12.99", "-2598");
    assert_string_equal(order->refunds[1].transactions[0], "803");
}

/* A refund line's own location goes before that of its return. */
static void what_comes_back_knows_where_it_was_put(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(f->order.return_list[0].lines[0].location_id, "75");
    assert_string_equal(f->order.refunds[1].lines[0].location_id, "72");
    change(f, "refunds.1.refundLineItems.nodes.0", "location", "null");
    assert_string_equal(f->order.refunds[1].lines[0].location_id, "75");
    change(f, "returns.nodes.0.reverseFulfillmentOrders.nodes.0.lineItems.nodes.0.dispositions.1",
           "location", "{\"id\":\"gid://shopify/Location/76\"}");
    assert_string_equal(f->order.refunds[1].lines[0].location_id, ""); /* at two: unknown */
    change(f, "returns.nodes.0.reverseFulfillmentOrders.nodes.0.lineItems.nodes.0", "dispositions",
           "[]");
    assert_string_equal(f->order.refunds[1].lines[0].location_id, "");
}

/* ---- where a line is sent from ---- */

static void a_line_knows_its_location(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *why, *location, *method;
    } ROWS[] = {
        {"two locations that are not the whole line", "",   ""        },
        {"two that are: the last",                    "74", "PICK_UP" },
        {"only a closed one",                         "73", "SHIPPING"},
        {"none",                                      "",   ""        },
    };
    for (size_t i = 0; i < COUNT(ROWS); i++)
        if (strcmp(f->order.lines[i].location_id, ROWS[i].location) != 0 ||
            strcmp(f->order.lines[i].delivery_method, ROWS[i].method) != 0)
            fail_msg("%s: %s", ROWS[i].why, f->order.lines[i].location_id);
    change(f, "fulfillmentOrders.nodes.2", "status", "\"CLOSED\"");
    assert_string_equal(f->order.lines[0].location_id, "72"); /* the only open one */
}

/* Defect 12 of the reference: what it once knew of a line to be sent stayed as it was. */
static void defect_12_what_is_left_to_send_follows_shopify(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->order.fulfillment_count, 3);
    assert_string_equal(f->order.fulfillments[2].request, "SUBMITTED");
    assert_int_equal(f->order.fulfillments[2].lines[0].total, 2);
    assert_int_equal(f->order.fulfillments[2].lines[0].remaining, 1);
    change(f, "fulfillmentOrders.nodes.2.lineItems.nodes.0", "remainingQuantity", "0");
    change(f, "fulfillmentOrders.nodes.2", "status", "\"IN_PROGRESS\"");
    assert_string_equal(f->order.fulfillments[2].status, "IN_PROGRESS");
    assert_int_equal(f->order.fulfillments[2].lines[0].remaining, 0);
}

static void channels_have_the_names_of_the_admin(void **state)
{
    static const struct {
        const char *source, *app, *want;
    } ROWS[] = {
        {"web",                 "Some app", "Online Store" },
        {"pos",                 "",         "Point of Sale"},
        {"shopify_draft_order", "",         "Draft Orders" },
        {"2376822",             "Market",   "Market"       },
        {"2376822",             "",         "2376822"      },
        {"",                    "",         ""             },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++)
        assert_string_equal(order_channel(ROWS[i].source, ROWS[i].app), ROWS[i].want);
}

static void currencies_have_their_own_decimals(void **state)
{
    (void)state;
    assert_int_equal(money_places("GBP"), 2);
    assert_int_equal(money_places("JPY"), 0);
    assert_int_equal(money_places("KWD"), 3);
    assert_int_equal(money_places(""), 2);
}

#define ORDER_TEST(test) cmocka_unit_test_setup_teardown(test, open_order, close_order)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ORDER_TEST(the_header_is_read),
        ORDER_TEST(amounts_come_in_both_currencies),
        ORDER_TEST(a_missing_presentment_amount_is_the_shops),
        ORDER_TEST(taxes_are_read_where_they_stand),
        ORDER_TEST(payments_know_their_refund_card_and_gift_card),
        ORDER_TEST(a_receipt_as_text_names_its_gift_card_too),
        ORDER_TEST(the_due_date_is_the_only_ones),
        ORDER_TEST(a_tip_is_a_line_named_so_without_a_product),
        ORDER_TEST(lines_keep_their_attributes),
        ORDER_TEST(edits_reduce_the_line_and_credits_do_not),
        ORDER_TEST(defect_9_discounts_are_prorated_after_edits),
        ORDER_TEST(what_was_exchanged_is_on_the_credit_memo_not_on_the_order),
        ORDER_TEST(a_return_in_two_refunds_exchanges_once),
        ORDER_TEST(which_refunds_become_credit_memos),
        ORDER_TEST(without_credits_the_documents_total_is_shopifys),
        ORDER_TEST(credits_do_not_make_the_order_smaller),
        ORDER_TEST(defect_4_a_declined_return_says_why),
        ORDER_TEST(returns_have_lines_of_two_kinds),
        ORDER_TEST(what_comes_back_knows_where_it_was_put),
        ORDER_TEST(a_line_knows_its_location),
        ORDER_TEST(defect_12_what_is_left_to_send_follows_shopify),
        cmocka_unit_test(channels_have_the_names_of_the_admin),
        cmocka_unit_test(currencies_have_their_own_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
