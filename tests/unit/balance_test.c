/* balance_test.c - verdicts of the daily balance, and the words of Shopify Payments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/balance.h"

static struct decimal amount(const char *text)
{
    struct decimal value;
    assert_true(decimal_parse(text, &value));
    return value;
}

static void expect_amount(const char *name, struct decimal got, const char *want)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    if (strcmp(text, want) != 0)
        fail_msg("%s: want %s, got %s", name, want, text);
}

static const struct {
    const char *name;
    bool refund;
    const char *shop, *erp;
    const char *state, *reason, *document, *posting, *posting_reason, *posted, *difference;
    const char *cancelled; /* NULL = it is not */
    enum balance_kind kind;
    const char *why, *amount;
} DOCUMENTS[] = {
  /* clang-format off */
    {"posted with its total", false, "10.00", "10", "processed", "", "101", "posted", "", "", "", NULL, BALANCE_AGREES, "", "0"},
    {"found posted", false, "10", "10", "processed", "", "101", "", "", "103001", "", NULL, BALANCE_AGREES, "", "0"},
    {"waits for a customer", false, "10", "0", "waiting", "no-customer", "", "", "", "", "", NULL, BALANCE_NO_INVOICE, "no-customer", "10"},
    {"not looked at", false, "10", "0", "new", "", "", "", "", "", "", NULL, BALANCE_NO_INVOICE, "new", "10"},
    {"has a document", false, "10", "10", "processed", "", "101", "", "", "", "", NULL, BALANCE_NO_INVOICE, "not-posted", "10"},
    {"posting was refused", false, "10", "10", "processed", "", "101", "failed", "posting-refused", "", "", NULL, BALANCE_NO_INVOICE, "posting-refused", "10"},
    {"a part is posted", false, "10", "10", "processed", "", "101", "partly", "", "", "", NULL, BALANCE_NO_INVOICE, "posted-partly", "10"},
    {"nothing was sold", false, "0", "0", "skipped", "cancelled", "", "", "", "", "", NULL, BALANCE_AGREES, "", "0"},
    {"a cent of rounding", false, "10.00", "9.99", "processed", "", "101", "posted", "", "", "tax-by-group", NULL, BALANCE_OTHER_TOTAL, "tax-by-group", "0.01"},
    {"nobody knows why", false, "10", "12", "processed", "", "101", "posted", "", "", "", NULL, BALANCE_OTHER_TOTAL, "unexplained", "-2"},
    {"a part is invoiced", false, "10", "10", "processed", "", "101", "partly", "", "103001", "", NULL, BALANCE_NO_INVOICE, "posted-partly", "10"},
    {"posted, and cancelled there since", false, "10", "10", "processed", "", "101", "posted", "", "103001", "", "103001", BALANCE_NO_INVOICE, "posting-cancelled", "10"},
    {"a refund and its memo", true, "4", "4", "processed", "", "201", "posted", "", "", "", NULL, BALANCE_AGREES, "", "0"},
    {"a refund without memo lowers Shopify's side", true, "4", "0", "waiting", "refund-account", "", "", "", "", "", NULL, BALANCE_NO_MEMO, "refund-account", "-4"},
    {"a memo of more than was given back", true, "4", "5", "processed", "", "201", "posted", "", "", "", NULL, BALANCE_OTHER_TOTAL, "unexplained", "1"},
    {"a refund that nobody has looked at", true, "4", "0", "", "", "", "", "", "", "", NULL, BALANCE_NO_MEMO, "not-processed", "-4"},
  /* clang-format on */
};

static void each_document_has_one_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DOCUMENTS); i++) {
        const struct balance_document document = {
            .refund = DOCUMENTS[i].refund,
            .shop = amount(DOCUMENTS[i].shop),
            .erp = amount(DOCUMENTS[i].erp),
            .state = DOCUMENTS[i].state,
            .reason = DOCUMENTS[i].reason,
            .document = DOCUMENTS[i].document,
            .posting = DOCUMENTS[i].posting,
            .posting_reason = DOCUMENTS[i].posting_reason,
            .posted_number = DOCUMENTS[i].posted,
            .difference_reason = DOCUMENTS[i].difference,
            .cancelled = DOCUMENTS[i].cancelled ? DOCUMENTS[i].cancelled : "",
        };
        struct balance_verdict verdict = balance_document(&document);
        if (verdict.kind != DOCUMENTS[i].kind || strcmp(verdict.reason, DOCUMENTS[i].why) != 0)
            fail_msg("%s: %s, %s", DOCUMENTS[i].name, balance_kind_word(verdict.kind),
                     verdict.reason);
        expect_amount(DOCUMENTS[i].name, verdict.amount, DOCUMENTS[i].amount);
    }
}

static const struct {
    const char *name, *type, *amount, *fee, *net, *told; /* told NULL = nothing */
    bool of_order, staged;
    enum balance_kind kind;
    const char *difference;
} LINES[] = {
  /* clang-format off */
    {"a sale with the fee that was told", "CHARGE", "100", "3.2", "96.8", "3.20", true, true, BALANCE_AGREES, "0"},
    {"a sale whose payment told none", "CHARGE", "100", "3.2", "96.8", NULL, true, true, BALANCE_AGREES, "0"},
    {"another fee", "CHARGE", "100", "4", "96", "3.2", true, true, BALANCE_WRONG_FEE, "-0.8"},
    {"an order that was never imported", "CHARGE", "100", "4", "96", NULL, true, false, BALANCE_NOT_IMPORTED, "100"},
    {"its refund likewise", "REFUND", "-100", "0", "-100", NULL, true, false, BALANCE_NOT_IMPORTED, "-100"},
    {"a label is of no order", "SHIPPING_LABEL", "-3", "0", "-3", NULL, false, false, BALANCE_AGREES, "0"},
    {"a newer type", "TELEPORT_FEE", "-3", "1", "-4", NULL, false, false, BALANCE_UNKNOWN_TYPE, "-4"},
    {"a dispute's fee is not the payment's", "DISPUTE_WITHDRAWAL", "-100", "15", "-115", "3.2", true, true, BALANCE_AGREES, "0"},
  /* clang-format on */
};

static struct balance_line line_of(size_t i)
{
    return (struct balance_line){
        .type = LINES[i].type,
        .amount = amount(LINES[i].amount),
        .fee = amount(LINES[i].fee),
        .net = amount(LINES[i].net),
        .of_order = LINES[i].of_order,
        .staged = LINES[i].staged,
        .told = LINES[i].told,
        .told_fee = LINES[i].told ? amount(LINES[i].told) : DECIMAL_ZERO,
    };
}

static void each_line_has_one_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LINES); i++) {
        const struct balance_line line = line_of(i);
        struct balance_verdict verdict = balance_line(&line);
        if (verdict.kind != LINES[i].kind)
            fail_msg("%s: %s", LINES[i].name, balance_kind_word(verdict.kind));
        expect_amount(LINES[i].name, verdict.amount, LINES[i].difference);
    }
}

static void a_payout_is_the_sum_of_its_lines_without_the_transfer(void **state)
{
    (void)state;
    struct balance_sum sum = {.lines = 0};
    struct balance_line transfer = {
        .type = "TRANSFER", .amount = amount("-50"), .net = amount("-50")};
    struct decimal net = DECIMAL_ZERO;
    for (size_t i = 0; i < COUNT(LINES); i++) {
        const struct balance_line line = line_of(i);
        balance_add(&sum, &line);
        net = decimal_add(net, line.net);
    }
    balance_add(&sum, &transfer);
    assert_int_equal(COUNT(LINES), sum.lines);
    expect_amount("orders", sum.amounts[LINE_CHARGE], "400");
    expect_amount("refunds", sum.amounts[LINE_REFUND], "-100");
    expect_amount("unknown", sum.amounts[LINE_UNKNOWN], "-3");
    assert_int_equal(BALANCE_AGREES, balance_payout(net, &sum).kind);
    struct balance_verdict verdict = balance_payout(decimal_add(net, amount("0.01")), &sum);
    assert_int_equal(BALANCE_UNEVEN_PAYOUT, verdict.kind);
    expect_amount("uneven", verdict.amount, "0.01");
}

static void types_and_ends_are_known_by_their_names(void **state)
{
    static const struct {
        const char *type;
        enum line_class is;
    } TYPES[] = {
        {"ACH_BANK_FAILURE_DEBIT_FEE", LINE_FEE       },
        {"CHARGE",                     LINE_CHARGE    },
        {"CHARGEBACK_HOLD",            LINE_DISPUTE   },
        {"REFUND_FAILURE",             LINE_REFUND    },
        {"RESERVED_FUNDS",             LINE_RESERVE   },
        {"TRANSFER_FAILURE",           LINE_RETRIED   },
        {"VAT_REFUND_CREDIT_REVERSAL", LINE_ADJUSTMENT},
        {"",                           LINE_UNKNOWN   },
        {"charge",                     LINE_UNKNOWN   },
    };
    static const char *const OPEN[] = {"NEEDS_RESPONSE", "UNDER_REVIEW", "SOMETHING_NEW", ""};
    (void)state;
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (line_class(TYPES[i].type) != TYPES[i].is)
            fail_msg("%s is %s", TYPES[i].type, line_class_word(line_class(TYPES[i].type)));
    for (size_t i = 0; i < COUNT(OPEN); i++)
        assert_false(dispute_ended(OPEN[i]));
    assert_true(dispute_ended("PREVENTED"));
    assert_true(dispute_ended("CHARGE_REFUNDED"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_document_has_one_verdict),
        cmocka_unit_test(each_line_has_one_verdict),
        cmocka_unit_test(a_payout_is_the_sum_of_its_lines_without_the_transfer),
        cmocka_unit_test(types_and_ends_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
