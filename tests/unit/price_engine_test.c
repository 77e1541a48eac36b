/* price_engine_test.c - the best price and discount of one piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bc/catalogue_engine.h"

/* A line as the tables below write it: prices in text. */
struct offer {
    const char *source_type, *source, *variant, *unit, *currency, *from, *to, *least, *price,
        *discount;
    bool includes_vat;
};
#define ALL "All Customers", ""

static struct decimal decimal_of(const char *text)
{
    struct decimal value = DECIMAL_ZERO;
    if (text)
        assert_true(decimal_parse(text, &value));
    return value;
}

static struct bc_price_line line_of(const struct offer *offer)
{
    return (struct bc_price_line){
        .source_type = offer->source_type,
        .source = offer->source,
        .variant_code = offer->variant ? offer->variant : "",
        .unit = offer->unit ? offer->unit : "",
        .currency = offer->currency ? offer->currency : "",
        .from = offer->from ? offer->from : "",
        .to = offer->to ? offer->to : "",
        .group = "",
        .vat_group = "",
        .has_price = offer->price != NULL,
        .has_discount = offer->discount != NULL,
        .includes_vat = offer->includes_vat,
        .line_discounts = true,
        .least = decimal_of(offer->least),
        .price = decimal_of(offer->price),
        .discount = decimal_of(offer->discount),
    };
}

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
    {"this group's",                  {{"Customer Price Group", "WEB", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"another group's",               {{"Customer Price Group", "SHOP", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a discount group has no price", {{"Customer Disc. Group", "WEBD", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a campaign's",                  {{"Campaign", "C1", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"from tomorrow",                 {{ALL, .from = "2026-11-03", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"its first day",                 {{ALL, .from = "2026-11-02", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"its last day",                  {{ALL, .to = "2026-11-02", .price = "7"}}, NULL, NULL, false, "7", "0"},
    {"over",                          {{ALL, .to = "2026-11-01", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"for more than one",             {{ALL, .least = "2", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"a box is more than two",        {{ALL, .least = "2", .price = "7"}}, "BOX", NULL, false, "84", "0"},
    {"of the box",                    {{ALL, .unit = "BOX", .price = "90"}}, "BOX", NULL, false, "90", "0"},
    {"of the box, not by the piece",  {{ALL, .unit = "BOX", .price = "90"}}, NULL, NULL, false, "10", "0"},
    {"of another variant",            {{ALL, .variant = "RED", .price = "7"}}, NULL, NULL, false, "10", "0"},
    {"of the variant before any's",   {{ALL, .variant = "BLUE", .price = "13"}, {ALL, .price = "7"}}, NULL, NULL, false, "13", "0"},
    {"in euro before converted",      {{ALL, .price = "5"}, {ALL, .currency = "EUR", .price = "14"}}, NULL, "EUR", false, "14", "0"},
    {"in euro for pounds",            {{ALL, .currency = "EUR", .price = "4"}}, NULL, NULL, false, "10", "0"},
    {"VAT taken out",                 {{ALL, .price = "12", .includes_vat = true}}, NULL, NULL, false, "10", "0"},
    {"VAT stays in",                  {{ALL, .price = "9.99", .includes_vat = true}}, NULL, NULL, true, "9.99", "0"},
    {"the highest discount",          {{ALL, .discount = "5"}, {"Customer Disc. Group", "WEBD", .discount = "12.5"}}, NULL, NULL, false, "8.75", "10"},
    {"another's discount",            {{"Customer Disc. Group", "X", .discount = "12.5"}}, NULL, NULL, false, "10", "0"},
    {"half a penny is one",           {{ALL, .price = "0.333", .discount = "50"}}, NULL, NULL, false, "0.16", "0.333"},
  /* clang-format on */
};

static void expect(const char *name, const char *what, const char *want, struct decimal got)
{
    char text[DECIMAL_TEXT];
    decimal_format(got, text);
    if (decimal_cmp(decimal_of(want), got) != 0)
        fail_msg("%s: %s %s, not %s", name, what, text, want);
}

static void one_piece_costs(void **state)
{
    (void)state;
    const struct bc_unit units[] = {
        {"PCS", decimal_from_int(1) },
        {"BOX", decimal_from_int(12)}
    };
    const struct bc_vat_rate vat[] = {
        {"DOMESTIC", "STANDARD", decimal_from_int(20)}
    };
    const struct bc_variant blue = {.code = "BLUE"};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct bc_price_line lines[3];
        struct bc_item item = {.unit_price = decimal_from_int(10),
                               .vat_group = "STANDARD",
                               .price_lines = lines,
                               .price_lines_read = true};
        for (; item.price_line_count < 3 && ROWS[i].offers[item.price_line_count].source_type;
             item.price_line_count++)
            lines[item.price_line_count] = line_of(&ROWS[i].offers[item.price_line_count]);
        const struct bc_terms terms = {.date = "2026-11-02",
                                       .currency = ROWS[i].currency ? ROWS[i].currency : "",
                                       .price_group = "WEB",
                                       .discount_group = "WEBD",
                                       .vat_group = "DOMESTIC",
                                       .customer = "",
                                       .line_discounts = true,
                                       .include_vat = ROWS[i].include_vat};
        struct bc_engine engine = {.terms = &terms, .vat = vat, .vat_count = 1};
        engine.rate = (struct bc_rate){decimal_from_int(1), decimal_from_int(1), 2};
        if (ROWS[i].currency)
            engine.rate.amount = decimal_of("1.16");
        struct bc_price price = {.item = &item, .variant = &blue};
        bc_engine_price(&engine, &units[ROWS[i].unit ? 1 : 0], &price);
        expect(ROWS[i].name, "price", ROWS[i].price, price.price);
        expect(ROWS[i].name, "compare-at", ROWS[i].compare_at, price.compare_at);
    }
}

static void discounts_can_be_forbidden(void **state)
{
    (void)state;
    struct offer offers[] = {
        {ALL, .price = "9"    },
        {ALL, .discount = "10"}
    };
    struct bc_price_line lines[] = {line_of(&offers[0]), line_of(&offers[1])};
    const struct bc_unit unit = {"PCS", decimal_from_int(1)};
    struct bc_item item = {.price_lines = lines, .price_line_count = 2};
    struct bc_terms terms = {.date = "2026-11-02",
                             .currency = "",
                             .price_group = "",
                             .discount_group = "",
                             .vat_group = "",
                             .customer = "",
                             .line_discounts = true};
    struct bc_engine engine = {
        .terms = &terms, .rate = {decimal_from_int(1), decimal_from_int(1), 2}
    };
    struct bc_price price = {.item = &item};
    bc_engine_price(&engine, &unit, &price);
    expect("allowed", "price", "8.1", price.price);
    lines[0].line_discounts = false;
    bc_engine_price(&engine, &unit, &price);
    expect("not by the line", "price", "9", price.price);
    lines[0].line_discounts = true;
    terms.line_discounts = false;
    bc_engine_price(&engine, &unit, &price);
    expect("not by the terms", "price", "9", price.price);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_piece_costs),
        cmocka_unit_test(discounts_can_be_forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
