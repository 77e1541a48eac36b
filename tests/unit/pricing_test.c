/* pricing_test.c - the best price and discount of one piece. Prices by chance, a million of them,
 * stand in tests/pricing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "pricing/exact.h"
#include "pricing/pricing.h"

/* A line as the tables below write it: prices in text. */
struct offer {
    enum pricing_buyer buyer;
    const char *code; /* NULL = no such line */
    const char *variant, *unit, *currency, *from, *to, *least, *price, *discount;
    enum pricing_asset asset;
    bool includes_vat, no_discounts, inactive, not_of_sales;
};
#define ALL PRICING_ALL_CUSTOMERS, ""

static struct decimal decimal_of(const char *text)
{
    struct decimal value = DECIMAL_ZERO;
    if (text)
        assert_true(decimal_parse(text, &value));
    return value;
}

static const char *or_blank(const char *text)
{
    return text ? text : "";
}

static struct pricing_line line_of(const struct offer *offer)
{
    return (struct pricing_line){
        .buyer = offer->buyer,
        .buyer_code = offer->code,
        .asset = offer->asset,
        .group = "RESALE",
        .variant = or_blank(offer->variant),
        .unit = or_blank(offer->unit),
        .currency = or_blank(offer->currency),
        .from = or_blank(offer->from),
        .to = or_blank(offer->to),
        .vat_group = "",
        .active = !offer->inactive,
        .of_sales = !offer->not_of_sales,
        .has_price = offer->price != NULL,
        .has_discount = offer->discount != NULL,
        .includes_vat = offer->includes_vat,
        .line_discounts = !offer->no_discounts,
        .least = decimal_of(offer->least),
        .price = decimal_of(offer->price),
        .discount = decimal_of(offer->discount),
    };
}

/* ---- one piece of an item that costs 10 by its card, bought by WEB in the discount group WEBD
 * ---- */

static const struct {
    const char *name;
    struct offer offers[3];
    const char *unit, *currency; /* NULL = base unit, local currency */
    bool include_vat;
    const char *price, *compare_at;
} ROWS[] = {
  /* clang-format off */
    {"the card",                      {{0}}, NULL, NULL, false, "10", "0"},
    {"the card, by the box",          {{0}}, "BOX", NULL, false, "120", "0"},
    {"the card, with VAT",            {{0}}, NULL, NULL, true, "12", "0"},
    {"the card, in euro",             {{0}}, NULL, "EUR", false, "11.6", "0"},
    {"everybody's, though dearer",    {{ALL, .price = "11"}}, NULL, NULL, false, "11", "0"},
    {"the lower of two",              {{ALL, .price = "9"}, {ALL, .price = "8.5"}}, NULL, NULL, false, "8.5", "0"},
    {"this group's",                  {{PRICING_PRICE_GROUP, "WEB", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"another group's",               {{PRICING_PRICE_GROUP, "SHOP", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"nobody's group",                {{PRICING_PRICE_GROUP, "", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a discount group has no price", {{PRICING_DISCOUNT_GROUP, "WEBD", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a price group no discount",     {{PRICING_PRICE_GROUP, "WEB", .discount = "7"}}, NULL, NULL, false, "10", "0"},
    {"a campaign's",                  {{PRICING_CAMPAIGN, "C1", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"another campaign's",            {{PRICING_CAMPAIGN, "C2", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a contact's",                   {{PRICING_NOBODY, "CT1", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a draft",                       {{ALL, .price = "7", .inactive = true}}, NULL, NULL, false, "10", "0"},
    {"of purchases",                  {{ALL, .price = "7", .not_of_sales = true}}, NULL, NULL, false, "10", "0"},
    {"from tomorrow",                 {{ALL, .from = "2026-11-03", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"its first day",                 {{ALL, .from = "2026-11-02", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"its last day",                  {{ALL, .to = "2026-11-02", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"over",                          {{ALL, .to = "2026-11-01", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"for more than one",             {{ALL, .least = "2", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a box is more than two",        {{ALL, .least = "2", .price = "7"}}, "BOX", NULL, false, "84", "0"},
    {"two boxes are more than one",   {{ALL, .least = "2", .unit = "BOX", .price = "7"}}, "BOX", NULL, false, "120", "0"},
    {"of the box",                    {{ALL, .unit = "BOX", .price = "90"}}, "BOX", NULL, false, "90", "0"},
    {"of the box, not by the piece",  {{ALL, .unit = "BOX", .price = "90"}}, NULL, NULL, false, "10", "0"},
    {"of another variant",            {{ALL, .variant = "RED", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"of the variant before any's",   {{ALL, .variant = "BLUE", .price = "13"}, {ALL, .price = "7"}}, NULL, NULL, false, "13", "0"},
    {"in euro before converted",      {{ALL, .price = "5"}, {ALL, .currency = "EUR", .price = "14"}}, NULL, "EUR", false, "14", "0"},
    {"in euro for pounds",            {{ALL, .currency = "EUR", .price = "4"}}, NULL, NULL, false, "10", "0"},
    {"both before either",            {{ALL, .variant = "BLUE", .price = "1"}, {ALL, .variant = "BLUE", .currency = "EUR", .price = "15"},
                                       {ALL, .currency = "EUR", .price = "2"}}, NULL, "EUR", false, "15", "0"},
    {"either: the lower",             {{ALL, .currency = "EUR", .price = "6"}, {ALL, .variant = "BLUE", .price = "10"}, {ALL, .price = "1"}},
                                       NULL, "EUR", false, "6", "0"},
    {"either, the other way",         {{ALL, .variant = "BLUE", .price = "5"}, {ALL, .currency = "EUR", .price = "6"}}, NULL, "EUR", false, "5.8", "0"},
    {"all items'",                    {{ALL, .price = "4", .asset = PRICING_ALL_ITEMS}}, NULL, NULL, false, "4", "0"},
    {"the item's before all items'",  {{ALL, .price = "4", .asset = PRICING_ALL_ITEMS}, {ALL, .price = "9"}}, NULL, NULL, false, "9", "0"},
    {"a group of items has no price", {{ALL, .price = "4", .asset = PRICING_ITEM_GROUP}}, NULL, NULL, false, "10", "0"},
    {"VAT taken out",                 {{ALL, .price = "12", .includes_vat = true}}, NULL, NULL, false, "10", "0"},
    {"VAT stays in",                  {{ALL, .price = "9.99", .includes_vat = true}}, NULL, NULL, true, "9.99", "0"},
    {"rounded once, at the end",      {{ALL, .price = "0.1", .includes_vat = true}}, "BOX", NULL, false, "1", "0"},
    {"the highest discount",          {{ALL, .discount = "5"}, {PRICING_DISCOUNT_GROUP, "WEBD", .discount = "12.5"}}, NULL, NULL, false, "8.75", "10"},
    {"of the item's group",           {{ALL, .discount = "5"}, {ALL, .discount = "20", .asset = PRICING_ITEM_GROUP}}, NULL, NULL, false, "8", "10"},
    {"all items' discount",           {{ALL, .discount = "30", .asset = PRICING_ALL_ITEMS}}, NULL, NULL, false, "7", "10"},
    {"not beside the item's",         {{ALL, .discount = "30", .asset = PRICING_ALL_ITEMS}, {ALL, .discount = "5"}}, NULL, NULL, false, "9.5", "10"},
    {"another's discount",            {{PRICING_DISCOUNT_GROUP, "X", .discount = "12.5"}}, NULL, NULL, false, "10", "0"},
    {"price and discount in one",     {{ALL, .price = "8", .discount = "25"}}, NULL, NULL, false, "6", "8"},
    {"half a penny is one",           {{ALL, .price = "0.333", .discount = "50"}}, NULL, NULL, false, "0.16", "0.333"},
    {"a share of what is rounded",    {{ALL, .price = "0.345", .discount = "50"}}, NULL, NULL, false, "0.17", "0.345"},
    {"everything off",                {{ALL, .discount = "100"}}, NULL, NULL, false, "0", "10"},
  /* clang-format on */
};

static void expect(const char *name, const char *what, const char *want, struct decimal got)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    if (decimal_cmp(decimal_of(want), got) != 0)
        fail_msg("%s: %s %s, not %s", name, what, text, want);
}

static const struct pricing_unit UNITS[] = {
    {"PCS", {1, 0} },
    {"BOX", {12, 0}},
    {"NIL", {0, 0} }
};
static const struct pricing_vat VAT[] = {
    {"DOMESTIC", "STANDARD", {20, 0}}
};
static const char *const CAMPAIGNS[] = {"C1"};

/* What one test asks; it changes what it is about. */
struct shop {
    struct pricing_line lines[3];
    struct pricing_item item;
    struct pricing_terms terms;
    struct pricing_question question;
};

static void shop_open(const struct offer offers[3], struct shop *shop)
{
    *shop = (struct shop){
        .item = {.units = UNITS,
                 .unit_count = COUNT(UNITS),
                 .base_unit = "PCS",
                 .sales_unit = "",
                 .price = {10, 0},
                 .cost = {25, 1},
                 .price_vat_group = "",
                 .vat_group = "STANDARD",
                 .discount_group = "RESALE",
                 .lines = {shop->lines, 0}},
        .terms = { .date = "2026-11-02",
                 .currency = "",
                 .customer = "",
                 .price_group = "WEB",
                 .discount_group = "WEBD",
                 .vat_group = "DOMESTIC",
                 .campaigns = CAMPAIGNS,
                 .campaign_count = COUNT(CAMPAIGNS),
                 .line_discounts = true,
                 .has_rate = true,
                 .rate = {{116, 2}, {1, 0}},
                 .unit_step = {1, 5},
                 .amount_step = {1, 2},
                 .vat = VAT,
                 .vat_count = COUNT(VAT)},
    };
    for (; shop->item.lines.count < 3 && offers[shop->item.lines.count].code;
         shop->item.lines.count++)
        shop->lines[shop->item.lines.count] = line_of(&offers[shop->item.lines.count]);
    shop->question = (struct pricing_question){
        .item = &shop->item, .variant = "BLUE", .unit = "", .quantity = {1, 0}
    };
}

static struct pricing_result ask(const struct shop *shop)
{
    return pricing_work_out(&shop->terms, &shop->question);
}

static void one_piece_costs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct shop shop;
        shop_open(ROWS[i].offers, &shop);
        shop.terms.currency = or_blank(ROWS[i].currency);
        shop.terms.include_vat = ROWS[i].include_vat;
        shop.question.unit = or_blank(ROWS[i].unit);
        struct pricing_result result = ask(&shop);
        assert_int_equal(PRICING_DONE, result.answer);
        expect(ROWS[i].name, "price", ROWS[i].price, result.price);
        expect(ROWS[i].name, "compare-at", ROWS[i].compare_at, result.compare_at);
    }
}

/* Where a line makes the price, the line decides; else the terms. */
static void discounts_can_be_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool has_line, line_allows, terms_allow;
        enum pricing_refusal refusal;
        const char *price;
    } REFUSALS[] = {
        {"card, allowed",      false, false, true,  PRICING_ALLOWED,          "9"  },
        {"card, refused",      false, false, false, PRICING_REFUSED_BY_TERMS, "10" },
        {"line, allowed",      true,  true,  true,  PRICING_ALLOWED,          "7.2"},
        {"line, not by terms", true,  true,  false, PRICING_ALLOWED,          "7.2"},
        {"line, refused",      true,  false, true,  PRICING_REFUSED_BY_LINE,  "8"  },
    };
    for (size_t i = 0; i < COUNT(REFUSALS); i++) {
        const struct offer offers[3] = {
            {ALL,           .discount = "10"                        },
            { ALL, .price = "8", .no_discounts = !REFUSALS[i].line_allows}
        };
        struct shop shop;
        shop_open(offers, &shop);
        shop.terms.line_discounts = REFUSALS[i].terms_allow;
        shop.item.lines.count = REFUSALS[i].has_line ? 2 : 1;
        struct pricing_result result = ask(&shop);
        expect(REFUSALS[i].name, "price", REFUSALS[i].price, result.price);
        assert_int_equal(REFUSALS[i].refusal, result.refusal);
        bool refused = REFUSALS[i].refusal != PRICING_ALLOWED;
        assert_ptr_equal(refused ? NULL : &shop.lines[0], result.discount_line);
        assert_ptr_equal(REFUSALS[i].has_line ? &shop.lines[1] : NULL, result.line);
    }
}

/* The original sends a price of 0 for a unit that is none of the item's. */
static void what_cannot_be_priced_has_no_price(void **state)
{
    (void)state;
    static const struct offer WITH_VAT[3] = {
        {ALL, .price = "9", .includes_vat = true}
    };
    static const struct offer HUGE[3] = {
        {ALL, .price = "99999999999999999999.99"}
    };
    static const struct offer MORE_THAN_ALL[3] = {
        {ALL, .discount = "100.1"}
    };
    static const struct {
        const char *name;
        const struct offer *offers;
        const char *unit, *currency, *vat_group;
        bool no_rate, no_step;
        enum pricing_answer answer;
    } NOTHING[] = {
        {"unit unknown",        WITH_VAT,      "TON", "",    "STANDARD", false, false, PRICING_NO_UNIT     },
        {"unit of nothing",     WITH_VAT,      "NIL", "",    "STANDARD", false, false, PRICING_NO_UNIT     },
        {"no rate of VAT",      WITH_VAT,      "",    "",    "REDUCED",  false, false, PRICING_NO_VAT      },
        {"no exchange rate",    WITH_VAT,      "",    "EUR", "STANDARD", true,  false, PRICING_NO_RATE     },
        {"beyond all money",    HUGE,          "",    "",    "STANDARD", false, false, PRICING_OUT_OF_RANGE},
        {"more than all of it", MORE_THAN_ALL, "",    "",    "STANDARD", false, false,
         PRICING_OUT_OF_RANGE                                                                              },
        {"rounded to nothing",  WITH_VAT,      "",    "",    "STANDARD", false, true,  PRICING_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < COUNT(NOTHING); i++) {
        struct shop shop;
        shop_open(NOTHING[i].offers, &shop);
        shop.question.unit = NOTHING[i].unit;
        shop.terms.currency = NOTHING[i].currency;
        shop.item.vat_group = NOTHING[i].vat_group;
        shop.terms.has_rate = !NOTHING[i].no_rate;
        if (NOTHING[i].no_step)
            shop.terms.amount_step = DECIMAL_ZERO;
        struct pricing_result result = ask(&shop);
        if (result.answer != NOTHING[i].answer)
            fail_msg("%s: answer %d", NOTHING[i].name, result.answer);
        assert_int_equal(0, decimal_sign(result.price));
        assert_null(result.line);
    }
}

static void the_sales_unit_is_what_it_is_sold_in(void **state)
{
    (void)state;
    const struct offer none[3] = {{0}};
    struct shop shop;
    shop_open(none, &shop);
    shop.item.sales_unit = "BOX";
    struct pricing_result result = ask(&shop);
    expect("a box", "price", "120", result.price);
    expect("a box", "cost", "30", result.cost);
    assert_string_equal("BOX", result.unit->code);
    shop.question.unit = "PCS";
    result = ask(&shop);
    expect("a piece", "price", "10", result.price);
}

static void lines_of_all_items_stand_with_the_terms(void **state)
{
    (void)state;
    const struct offer offers[3] = {
        {ALL, .discount = "10", .asset = PRICING_ITEM_GROUP}
    };
    struct shop shop;
    shop_open(offers, &shop);
    shop.terms.common = shop.item.lines;
    shop.item.lines.count = 0;
    struct pricing_result result = ask(&shop);
    expect("of its group", "price", "9", result.price);
    assert_ptr_equal(&shop.lines[0], result.discount_line);
    shop.item.discount_group = "";
    result = ask(&shop);
    expect("of no group", "price", "10", result.price);
}

static void more_pieces_reach_more_lines(void **state)
{
    (void)state;
    const struct offer offers[3] = {
        {ALL,           .price = "9" },
        { ALL, .price = "7", .least = "10"}
    };
    struct shop shop;
    shop_open(offers, &shop);
    shop.question.quantity = decimal_from_int(9);
    expect("nine", "price", "9", ask(&shop).price);
    shop.question.quantity = decimal_from_int(10);
    expect("ten", "price", "7", ask(&shop).price);
}

/* Where the price changes, as "pieces:price ...". */
static void a_price_has_its_breaks(void **state)
{
    (void)state;
    static const struct {
        const char *name, *unit;
        struct offer offers[3];
        const char *want;
    } BREAKS[] = {
        {"none",                      "",    {{0}},                                                                       ""    },
        {"one piece is no break",     "",    {{ALL, .price = "9", .least = "1"}},                                         ""    },
        {"two lines, the lower last",
         "",                                 {{ALL, .price = "7", .least = "50"}, {ALL, .price = "8", .least = "10"}},
         "10:8 50:7"                                                                                                            },
        {"one that is no lower",
         "",                                 {{ALL, .price = "8", .least = "10"}, {ALL, .price = "8", .least = "50"}},
         "10:8"                                                                                                                 },
        {"a discount from ten",       "",    {{ALL, .discount = "10", .least = "10"}},                                    "10:9"},
        {"another group's",           "",    {{PRICING_PRICE_GROUP, "SHOP", .price = "7", .least = "10"}},                ""    },
        {"base units in boxes",       "BOX", {{ALL, .price = "8", .least = "30"}},                                        "3:96"},
        {"a part of a box",           "BOX", {{ALL, .price = "8", .least = "13"}},                                        "2:96"},
        {"less than a box",           "BOX", {{ALL, .price = "8", .least = "10"}},                                        ""    },
        {"boxes",                     "BOX", {{ALL, .price = "90", .least = "3", .unit = "BOX"}},                         "3:90"},
        {"half a piece more",         "",    {{ALL, .price = "8", .least = "1.5"}},                                       "2:8" },
        {"dearer where it is named",
         "",                                 {{ALL, .price = "5"}, {ALL, .price = "6", .least = "4", .variant = "BLUE"}},
         "4:6"                                                                                                                  },
    };
    for (size_t i = 0; i < COUNT(BREAKS); i++) {
        struct shop shop;
        struct pricing_break breaks[3];
        char got[128] = "", price[DECIMAL_TEXT];
        shop_open(BREAKS[i].offers, &shop);
        shop.question.unit = BREAKS[i].unit;
        size_t count = pricing_breaks(&shop.terms, &shop.question, breaks, COUNT(breaks));
        for (size_t k = 0; k < count; k++) {
            decimal_format(breaks[k].price, price);
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%d:%s", k ? " " : "",
                     (int)breaks[k].least, price);
        }
        if (strcmp(BREAKS[i].want, got) != 0)
            fail_msg("%s: %s, not %s", BREAKS[i].name, got, BREAKS[i].want);
    }
}

static void only_the_first_breaks_are_given(void **state)
{
    (void)state;
    const struct offer offers[3] = {
        {ALL, .price = "9", .least = "2"},
        {ALL, .price = "8", .least = "3"},
        {ALL, .price = "7", .least = "4"},
    };
    struct shop shop;
    struct pricing_break breaks[2];
    shop_open(offers, &shop);
    assert_int_equal(3, pricing_breaks(&shop.terms, &shop.question, breaks, COUNT(breaks)));
    assert_int_equal(3, breaks[1].least);
}

static void amounts_are_rounded_to_steps(void **state)
{
    (void)state;
    static const struct {
        const char *value, *by, *per, *step, *want;
    } STEPS[] = {
        {"1.025",    "1",    "1",       "0.05", "1.05"     },
        {"1.024",    "1",    "1",       "0.05", "1"        },
        {"0.5",      "1",    "1",       "1",    "1"        },
        {"-0.5",     "1",    "1",       "1",    "-1"       },
        {"10",       "1",    "3",       "0.01", "3.33"     },
        {"20",       "1",    "3",       "0.01", "6.67"     },
        {"99999.99", "1.19", "1.07",    "0.01", "111214.94"},
        {"0",        "1.19", "1.07",    "0.01", "0"        },
        {"7",        "0.05", "0.00025", "1",    "1400"     },
    };
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        struct exact exact = exact_of(decimal_of(STEPS[i].value));
        struct decimal rounded;
        assert_true(exact_scale(&exact, decimal_of(STEPS[i].by), decimal_of(STEPS[i].per)));
        assert_true(exact_round(&exact, decimal_of(STEPS[i].step), &rounded));
        expect(STEPS[i].value, "rounded", STEPS[i].want, rounded);
    }
    struct exact exact = exact_of(decimal_of("99999999999999999999.99999"));
    for (int i = 0; i < 3; i++)
        if (!exact_scale(&exact, decimal_of("99999999999.99"), decimal_of("1")))
            return;
    fail_msg("more than 38 digits fit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_piece_costs),
        cmocka_unit_test(discounts_can_be_refused),
        cmocka_unit_test(what_cannot_be_priced_has_no_price),
        cmocka_unit_test(the_sales_unit_is_what_it_is_sold_in),
        cmocka_unit_test(lines_of_all_items_stand_with_the_terms),
        cmocka_unit_test(more_pieces_reach_more_lines),
        cmocka_unit_test(a_price_has_its_breaks),
        cmocka_unit_test(only_the_first_breaks_are_given),
        cmocka_unit_test(amounts_are_rounded_to_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
