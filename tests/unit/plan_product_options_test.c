/* plan_product_options_test.c - options of a product, and what of an item's variants it lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/product_variants.h"

static const struct shop *shop_with(struct arena *arena, const char *more)
{
    const struct shop *shop = NULL;
    struct err err;
    char *text = arena_printf(arena, "{\"code\":\"DEMO\",\"store\":\"demo.myshopify.com\"%s%s}",
                              *more ? "," : "", more);
    if (!settings_shop_parse(text, arena, &shop, &err))
        fail_msg("%s", err.text);
    return shop;
}

static const struct item_variant VARIANTS[] = {
    {"v-1", "B", "Blue", false},
    {"v-2", "R", "Red",  false},
};

/* variant, language, name, value, unit, blocked, number */
static const struct item_attribute ATTRIBUTES[] = {
    {"B", "",    "Colour", "Blue",  "", false, false},
    {"B", "DEU", "Farbe",  "Blau",  "", false, false},
    {"R", "",    "Colour", "Red",   "", false, false},
    {"",  "",    "Size",   "Large", "", false, false},
    {"R", "",    "Size",   "Small", "", false, false},
    {"",  "",    "Wood",   "Oak",   "", false, false},
    {"",  "",    "Secret", "x",     "", true,  false},
};

static struct item chair(void)
{
    return (struct item){.id = "i-1",
                         .number = "1896-S",
                         .description = "Chair",
                         .base_unit = "PCS",
                         .category = "",
                         .vendor = "",
                         .variants = VARIANTS,
                         .variant_count = COUNT(VARIANTS),
                         .attributes = ATTRIBUTES,
                         .attribute_count = COUNT(ATTRIBUTES)};
}

static const struct {
    const char *name, *settings;
    const char *options, *first, *second;
    enum reason refused;
} OPTIONS[] = {
  /* clang-format off */
    {"the code alone", "", "Variant", "B", "R", REASON_NONE},
    {"attributes in the shop's order", "\"option_attributes\":\"Size, colour\"", "Size/colour", "Large/Blue", "Small/Red", REASON_NONE},
    {"none of the item's", "\"option_attributes\":\"Height\"", "Variant", "B", "R", REASON_NONE},
    {"a blocked one is none", "\"option_attributes\":\"Secret,Colour\"", "Colour", "Blue", "Red", REASON_NONE},
    {"the same values twice", "\"option_attributes\":\"Wood\"", "Wood", "Oak", "Oak", REASON_OPTION_DOUBLE},
  /* clang-format on */
};

static void join(const char *const parts[], size_t count, char out[static 64])
{
    *out = 0;
    for (size_t i = 0; i < count; i++)
        snprintf(out + strlen(out), 64 - strlen(out), "%s%s", i ? "/" : "", parts[i]);
}

static void options_go_by_the_shop(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_BUF struct buf detail = {0};
        const struct item item = chair();
        struct product_draft draft;
        char text[64];
        product_draft(&item, shop_with(arena, OPTIONS[i].settings), "2026-11-26", arena, &draft);
        join(draft.option_names, draft.option_count, text);
        if (strcmp(text, OPTIONS[i].options) != 0)
            fail_msg("%s: options %s", OPTIONS[i].name, text);
        join(draft.variants[0].options, draft.option_count, text);
        if (strcmp(text, OPTIONS[i].first) != 0)
            fail_msg("%s: first %s", OPTIONS[i].name, text);
        join(draft.variants[1].options, draft.option_count, text);
        if (strcmp(text, OPTIONS[i].second) != 0)
            fail_msg("%s: second %s", OPTIONS[i].name, text);
        if (product_refusal(&draft, &detail) != OPTIONS[i].refused)
            fail_msg("%s: %s", OPTIONS[i].name, buf_str(&detail));
    }
}

static void an_item_without_variants_has_its_own_values(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf detail = {0};
    struct item item = chair();
    struct product_draft draft;
    item.variant_count = 0;
    product_draft(&item, shop_with(arena, "\"option_attributes\":\"Wood,Size\""), "2026-11-26",
                  arena, &draft);
    assert_int_equal(draft.variant_count, 1);
    assert_string_equal(draft.variants[0].options[0], "Oak");
    assert_int_equal(product_refusal(&draft, &detail), REASON_NONE);
}

static void a_variant_without_a_value_is_refused_alone(void **state)
{
    static const struct item_attribute ONE[] = {
        {"B", "", "Colour", "Blue", "", false, false}
    };
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf detail = {0};
    struct item item = chair();
    struct product_draft draft;
    item.attributes = ONE;
    item.attribute_count = 1;
    product_draft(&item, shop_with(arena, "\"option_attributes\":\"Colour\""), "2026-11-26", arena,
                  &draft);
    assert_int_equal(variant_refusal(&draft, 0, &detail), REASON_NONE);
    assert_int_equal(variant_refusal(&draft, 1, &detail), REASON_OPTION_VALUE);
    assert_string_equal(buf_str(&detail), "variant R of item 1896-S has no Colour");
}

static void a_product_has_three_options_at_most(void **state)
{
    static const struct item_attribute FOUR[] = {
        {"", "", "A", "1", "", false, false},
        {"", "", "B", "1", "", false, false},
        {"", "", "C", "1", "", false, false},
        {"", "", "D", "1", "", false, false},
    };
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf detail = {0};
    struct item item = chair();
    struct product_draft draft;
    item.attributes = FOUR;
    item.attribute_count = COUNT(FOUR);
    item.variant_count = 0;
    product_draft(&item, shop_with(arena, "\"option_attributes\":\"A,B,C,D\""), "2026-11-26", arena,
                  &draft);
    assert_int_equal(product_refusal(&draft, &detail), REASON_OPTIONS_MOST);
}

/* Both together are refused as a contradiction; stored all the same, attributes go first. */
static void units_are_no_variants_beside_attributes(void **state)
{
    static const struct item_unit UNITS[] = {
        {"PCS", {1, 0}},
        {"BOX", {6, 0}},
    };
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct item item = chair();
    struct product_draft draft;
    item.units = UNITS;
    item.unit_count = COUNT(UNITS);
    product_draft(&item,
                  shop_with(arena, "\"uom_as_variant\":true,\"option_attributes\":\"Colour\""),
                  "2026-11-26", arena, &draft);
    assert_int_equal(draft.option_count, 1);
    assert_int_equal(draft.variant_count, 2);
}

/* ---- what stands ---- */

static const struct shown_variant SHOWN[] = {
    {.sku = "X",
     .barcode = "",
     .names = {"Variant"},
     .values = {"B"},
     .option_count = 1,
     .taken = true},
    {.sku = "Y",          .barcode = "7",  .names = {"Variant"}, .values = {"R"}, .option_count = 1},
    {.sku = "Y",          .barcode = "8",  .names = {"Variant"}, .values = {"O"}, .option_count = 1},
};

static const struct {
    const char *name, *value, *sku, *barcode;
    int want;
} STANDING[] = {
    {"by its value",                    "R", NULL, "",  1 },
    {"its value goes before its codes", "O", NULL, "7", 2 },
    {"linked already",                  "B", NULL, "",  -1},
    {"by its bar code",                 "Z", "",   "8", 2 },
    {"a SKU of two is nobody's",        "Z", "Y",  "",  -1},
    {"the taken one's SKU",             "Z", "X",  "",  -1},
    {"an empty SKU is none",            "Z", "",   "",  -1},
};

static void what_stands_is_found(void **state)
{
    (void)state;
    const struct product_draft product = {.option_names = {"Variant"}, .option_count = 1};
    for (size_t i = 0; i < COUNT(STANDING); i++) {
        const struct variant_draft draft = {
            .options = {STANDING[i].value                       },
            .fields = { [VARIANT_SKU] = STANDING[i].sku, [VARIANT_BARCODE] = STANDING[i].barcode}
        };
        int got = variant_standing(&product, &draft, SHOWN, COUNT(SHOWN));
        if (got != STANDING[i].want)
            fail_msg("%s: %d", STANDING[i].name, got);
    }
}

static void options_take_the_drafts_or_not(void **state)
{
    static const struct shown_variant PLAIN[] = {
        {.sku = "",
         .barcode = "",
         .names = {"Title"},
         .values = {"Default Title"},
         .option_count = 1}
    };
    const struct product_draft one =
                                   {
                                       .option_names = {"Variant"},
                                         .option_count = 1
    },
                               two = {.option_names = {"Variant", "Unit"}, .option_count = 2},
                               other = {.option_names = {"Size"}, .option_count = 1},
                               none = {.option_count = 0};
    (void)state;
    assert_int_equal(options_fit(&one, SHOWN, COUNT(SHOWN)), OPTIONS_FIT);
    assert_int_equal(options_fit(&one, PLAIN, 1), OPTIONS_RENAME);
    assert_int_equal(options_fit(&two, PLAIN, 1), OPTIONS_OTHER);
    assert_int_equal(options_fit(&two, SHOWN, COUNT(SHOWN)), OPTIONS_OTHER);
    assert_int_equal(options_fit(&other, SHOWN, COUNT(SHOWN)), OPTIONS_OTHER);
    assert_int_equal(options_fit(&none, SHOWN, COUNT(SHOWN)), OPTIONS_OTHER);
    assert_int_equal(options_fit(&one, SHOWN, 0), OPTIONS_OTHER);
}

/* Defect 10 of the original: a plain variant is always in the sales unit, whatever says so. */
static void defect_10_a_plain_variant_is_in_the_sales_unit(void **state)
{
    struct item item = chair();
    (void)state;
    item.sales_unit = "BOX";
    assert_true(same_unit(&item, "", "BOX"));
    assert_false(same_unit(&item, "", "PCS"));
    item.sales_unit = NULL;
    assert_true(same_unit(&item, "pcs", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_go_by_the_shop),
        cmocka_unit_test(an_item_without_variants_has_its_own_values),
        cmocka_unit_test(a_variant_without_a_value_is_refused_alone),
        cmocka_unit_test(a_product_has_three_options_at_most),
        cmocka_unit_test(units_are_no_variants_beside_attributes),
        cmocka_unit_test(what_stands_is_found),
        cmocka_unit_test(options_take_the_drafts_or_not),
        cmocka_unit_test(defect_10_a_plain_variant_is_in_the_sales_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
