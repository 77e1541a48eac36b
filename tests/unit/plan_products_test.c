/* plan_products_test.c - from an item to the product it is, and what of it is news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "plan/product_plan.h"

static struct decimal d(const char *text)
{
    struct decimal value;
    assert_true(decimal_parse(text, &value));
    return value;
}

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
    {"v-1", "BLUE",  "Blue chair", false},
    {"v-2", "RED",   "Red chair",  false},
    {"v-3", "OLIVE", "No longer",  true },
};
static const struct item_barcode CODES[] = {
    {"",     "",    "111"},
    {"",     "BOX", "222"},
    {"BLUE", "",    "333"},
    {"BLUE", "BOX", "444"},
};

static const struct item_barcode VENDORS[] = {
    {"BLUE", "", "GDI-7-BLUE"},
};

static struct item chair(void)
{
    static struct item_unit units[2];
    units[0] = (struct item_unit){
        "PCS", {1, 0}
    };
    units[1] = (struct item_unit){
        "BOX", {6, 0}
    };
    return (struct item){
        .id = "item-1",
        .number = "1896-S",
        .description = "ATHENS Desk",
        .category = "Desks",
        .vendor = "Graphic Design Institute",
        .shows_vendor = true,
        .base_unit = "PCS",
        .gtin = "900",
        .sales_unit = "PCS",
        .vendor_item_number = "GDI-7",
        .tariff = "9403.30 91",
        .origin = "DE",
        .has_weight = true,
        .weight = {125, 1},
        .shows_barcodes = true,
        .barcodes = CODES,
        .barcode_count = COUNT(CODES),
        .vendor_codes = VENDORS,
        .vendor_code_count = COUNT(VENDORS),
        .units = units,
        .unit_count = 2,
    };
}

/* ---- SKU and bar code ---- */

static const struct {
    const char *name, *settings;
    int variant;
    const char *unit, *want_sku, *want_barcode;
} SKUS[] = {
    {"none has no SKU",               "",                                                            -1, "",    NULL,          "111"},
    {"item number",                   "\"sku_mapping\":\"item-no\"",                                 0,  "",    "1896-S",      "333"},
    {"item number and variant",       "\"sku_mapping\":\"item-no-variant\"",                         0,  "",    "1896-S|BLUE", "333"},
    {"alone without a variant",       "\"sku_mapping\":\"item-no-variant\"",                         -1, "",    "1896-S",      "111"},
    {"another separator",             "\"sku_mapping\":\"item-no-variant\",\"sku_separator\":\"/\"", 1,  "",
     "1896-S/RED",                                                                                                             "111"},
    {"vendor's number",               "\"sku_mapping\":\"vendor-item-no\"",                          -1, "",    "GDI-7",       "111"},
    {"bar code of variant and unit",  "\"sku_mapping\":\"barcode\"",                                 0,  "BOX", "444",         "444"},
    {"variant goes before unit",      "\"sku_mapping\":\"barcode\"",                                 0,  "PCS", "333",         "333"},
    {"unit where no variant has one", "\"sku_mapping\":\"barcode\"",                                 1,  "BOX", "222",         "222"},
    {"variant code",                  "\"sku_mapping\":\"variant-code\"",                            0,  "",    "BLUE",        "333"},
    {"no variant, no code",           "\"sku_mapping\":\"variant-code\"",                            -1, "",    "",            "111"},
    {"the vendor's of a variant",     "\"sku_mapping\":\"vendor-item-no\"",                          0,  "",    "GDI-7-BLUE",  "333"},
    {"the vendor's of another",       "\"sku_mapping\":\"vendor-item-no\"",                          1,  "",    "GDI-7",       "111"},
};

static void skus_go_by_the_mapping(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SKUS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        const struct shop *shop = shop_with(arena, SKUS[i].settings);
        const struct item item = chair();
        const struct item_variant *variant =
            SKUS[i].variant < 0 ? NULL : &VARIANTS[SKUS[i].variant];
        const char *sku = product_sku(&item, variant, SKUS[i].unit, shop, arena);
        const char *code = product_barcode(&item, variant, SKUS[i].unit);
        if (!sku != !SKUS[i].want_sku || (sku && strcmp(sku, SKUS[i].want_sku) != 0))
            fail_msg("%s: SKU %s", SKUS[i].name, sku ? sku : "none");
        if (strcmp(code, SKUS[i].want_barcode) != 0)
            fail_msg("%s: bar code %s", SKUS[i].name, code);
    }
}

static void without_references_the_gtin_is_the_items_bar_code_alone(void **state)
{
    (void)state;
    struct item item = chair();
    item.shows_barcodes = false;
    assert_string_equal(product_barcode(&item, NULL, ""), "900");
    assert_string_equal(product_barcode(&item, &VARIANTS[0], ""), "");
}

/* ---- drafts ---- */

static void draft_with(struct item *item, const char *settings, struct arena *arena,
                       struct product_draft *out)
{
    product_draft(item, shop_with(arena, settings), "2026-11-26", arena, out);
}

static void an_item_without_variants_has_the_default_one(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct item item = chair();
    struct product_draft draft;
    draft_with(&item,
               "\"sku_mapping\":\"item-no\",\"inventory_tracked\":true,"
               "\"inventory_policy\":\"deny\"",
               arena, &draft);
    assert_int_equal(draft.option_count, 0);
    assert_int_equal(draft.variant_count, 1);
    assert_string_equal(draft.fields[PRODUCT_TITLE], "ATHENS Desk");
    assert_string_equal(draft.fields[PRODUCT_TYPE], "Desks");
    assert_string_equal(draft.fields[PRODUCT_VENDOR], "Graphic Design Institute");
    assert_null(draft.fields[PRODUCT_STATUS]);
    const char *const *fields = draft.variants[0].fields;
    assert_string_equal(fields[VARIANT_SKU], "1896-S");
    assert_string_equal(fields[VARIANT_TRACKED], "true");
    assert_string_equal(fields[VARIANT_POLICY], "DENY");
    assert_string_equal(fields[VARIANT_WEIGHT], "12.5");
    assert_string_equal(fields[VARIANT_TARIFF], "94033091"); /* Shopify keeps the digits */
    assert_string_equal(fields[VARIANT_ORIGIN], "DE");
}

static void blocked_variants_are_left_out(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct item item = chair();
    struct product_draft draft;
    item.variants = VARIANTS;
    item.variant_count = COUNT(VARIANTS);
    draft_with(&item, "", arena, &draft);
    assert_int_equal(draft.option_count, 1);
    assert_string_equal(draft.option_names[0], "Variant");
    assert_int_equal(draft.variant_count, 2);
    assert_string_equal(draft.variants[1].options[0], "RED");
    assert_int_equal(draft.blocked_variants, 1);
}

static void each_unit_is_a_variant_where_the_shop_says_so(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct item item = chair();
    struct product_draft draft;
    item.variants = VARIANTS;
    item.variant_count = COUNT(VARIANTS);
    draft_with(&item, "\"uom_as_variant\":true,\"uom_option_name\":\"Pack\"", arena, &draft);
    assert_int_equal(draft.variant_count, 4);
    assert_string_equal(draft.option_names[1], "Pack");
    assert_string_equal(draft.variants[1].options[0], "BLUE");
    assert_string_equal(draft.variants[1].options[1], "BOX");
    assert_string_equal(draft.variants[1].fields[VARIANT_WEIGHT], "75");
    item.variant_count = 0;
    draft_with(&item, "\"uom_as_variant\":true", arena, &draft);
    assert_int_equal(draft.variant_count, 2);
    assert_string_equal(draft.option_names[0], "Unit of Measure");
    assert_string_equal(draft.variants[0].options[0], "PCS");
    draft_with(&item, "\"uom_as_variant\":true,\"uom_option_name\":\"\"", arena, &draft);
    assert_int_equal(draft.option_count, 0); /* a blank name switches it off */
}

static void what_the_level_lacks_is_not_said(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct item item = chair();
    struct product_draft draft;
    item.shows_vendor = item.has_weight = false;
    item.tariff = item.origin = NULL;
    draft_with(&item, "", arena, &draft);
    assert_null(draft.fields[PRODUCT_VENDOR]);
    assert_null(draft.variants[0].fields[VARIANT_WEIGHT]);
    assert_null(draft.variants[0].fields[VARIANT_TARIFF]);
    item = chair();
    draft_with(&item, "\"sync_tariff\":false", arena, &draft);
    assert_null(draft.variants[0].fields[VARIANT_TARIFF]);
    assert_null(draft.variants[0].fields[VARIANT_ORIGIN]);
}

static void a_title_is_cut_between_characters(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf name = {0};
    struct item item = chair();
    struct product_draft draft;
    for (int i = 0; i < 99; i++)
        buf_text(&name, i == 3 ? "\t" : "x");
    buf_text(&name, "\u00d6\u00d6");
    item.description = buf_str(&name);
    draft_with(&item, "", arena, &draft);
    assert_int_equal(strlen(draft.fields[PRODUCT_TITLE]), 101);
    assert_string_equal(draft.fields[PRODUCT_TITLE] + 99, "\u00d6");
    assert_int_equal(draft.fields[PRODUCT_TITLE][3], ' ');
}

static void titles_are_those_of_the_shops_language(void **state)
{
    (void)state;
    static const struct item_translation WORDS[] = {
        {"DEU", "BLUE", "Variante"    },
        {"DEU", "",     "Schreibtisch"},
        {"FRA", "",     "Bureau"      },
    };
    OWN(arena) struct arena *arena = arena_new();
    struct item item = chair();
    struct product_draft draft;
    item.translations = WORDS;
    item.translation_count = COUNT(WORDS);
    draft_with(&item, "\"language\":\"DEU\"", arena, &draft);
    assert_string_equal(draft.fields[PRODUCT_TITLE], "Schreibtisch");
    draft_with(&item, "\"language\":\"ITA\"", arena, &draft);
    assert_string_equal(draft.fields[PRODUCT_TITLE], "ATHENS Desk");
}

/* ---- refusals ---- */

static const struct {
    const char *name;
    bool blocked, sales_blocked, no_title;
    size_t variants;
    enum reason want;
} REFUSALS[] = {
    {"as it should be",         false, false, false, 0,    REASON_NONE               },
    {"blocked",                 true,  false, false, 0,    REASON_ITEM_BLOCKED       },
    {"blocked for sale",        false, true,  false, 0,    REASON_ITEM_BLOCKED       },
    {"no description",          false, false, true,  0,    REASON_ITEM_NO_DESCRIPTION},
    {"no variant that is sold", false, false, false, 1,    REASON_ITEM_BLOCKED       },
    {"too many variants",       false, false, false, 2049, REASON_ITEM_VARIANTS      },
};

static void items_that_cannot_be_products_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(REFUSALS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_BUF struct buf detail = {0};
        struct item item = chair();
        struct product_draft draft;
        struct item_variant *variants =
            arena_array(arena, REFUSALS[i].variants + 1, sizeof *variants);
        for (size_t k = 0; k < REFUSALS[i].variants; k++)
            variants[k] = REFUSALS[i].variants == 1 ? VARIANTS[2] : VARIANTS[0];
        item.blocked = REFUSALS[i].blocked;
        item.sales_blocked = REFUSALS[i].sales_blocked;
        item.description = REFUSALS[i].no_title ? "" : item.description;
        item.variants = variants;
        item.variant_count = REFUSALS[i].variants;
        draft_with(&item, "", arena, &draft);
        if (product_refusal(&draft, &detail) != REFUSALS[i].want)
            fail_msg("%s: %s", REFUSALS[i].name, buf_str(&detail));
        if (REFUSALS[i].want != REASON_NONE && !strstr(buf_str(&detail), "1896-S"))
            fail_msg("%s: \"%s\" does not name the item", REFUSALS[i].name, buf_str(&detail));
    }
}

/* ---- body ---- */

static void the_body_has_what_the_shop_wants_in_order(void **state)
{
    (void)state;
    static const struct item_text TEXTS[] = {
        {true,  "",    "",           "",           "Sit <b>well</b>"                           },
        {false, "",    "2026-01-01", "",           "Solid oak\nwith doors.\nAnti/\nslip\n\nNew"},
        {false, "",    "2026-12-01", "",           "not yet"                                   },
        {false, "",    "",           "2026-11-25", "no longer"                                 },
        {false, "DEU", "",           "",           "deutsch"                                   },
    };
    static const struct item_attribute ATTRIBUTES[] = {
        {"", "",    "Depth",  "5 < 6", "cm", false, true },
        {"", "DEU", "Tiefe",  "fünf", "cm", false, true },
        {"", "",    "Colour", "Red",   "x",  false, false},
        {"", "",    "Secret", "no",    "",   true,  false},
    };
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf html = {0};
    struct item item = chair();
    item.texts = TEXTS;
    item.text_count = COUNT(TEXTS);
    item.attributes = ATTRIBUTES;
    item.attribute_count = COUNT(ATTRIBUTES);
    const struct shop *shop = shop_with(arena, "\"sync_extended_text\":true,"
                                               "\"sync_marketing_text\":true,"
                                               "\"sync_attributes\":true");
    product_body(&item, shop, "", "2026-11-26", &html);
    assert_string_equal(
        buf_str(&html),
        "<div class=\"productDescription\">Solid oak with doors.<br>Antislip <br>New</div><br>"
        "<div class=\"productDescription\">Sit <b>well</b></div><br>"
        "<div class=\"productAttributes\"><table><tr><td>Depth</td><td>5 &lt; 6 cm</td></tr>"
        "<tr><td>Colour</td><td>Red</td></tr></table></div>");
    buf_clear(&html);
    product_body(&item, shop_with(arena, ""), "", "2026-11-26", &html);
    assert_string_equal(buf_str(&html), "");
    shop = shop_with(arena, "\"sync_attributes\":true,\"language\":\"DEU\"");
    product_body(&item, shop, "DEU", "2026-11-26", &html);
    assert_non_null(strstr(buf_str(&html), "<td>Tiefe</td><td>fünf cm</td>"));
}

/* ---- news ---- */

static void only_what_differs_is_news(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"title", "vendor", "body"};
    const char *values[] = {"Desk", NULL, ""};
    bool differs[3];
    OWN_BUF struct buf sent = {0}, again = {0};
    assert_int_equal(sent_differs(NAMES, values, 3, "", differs), 1);
    assert_true(differs[0] && !differs[1] && !differs[2]);
    sent_write(NAMES, values, 3, "vendor=0123456789abcdef", &sent);
    assert_int_equal(sent_differs(NAMES, values, 3, buf_str(&sent), differs), 0);
    assert_non_null(strstr(buf_str(&sent), "vendor=0123456789abcdef")); /* not said, so kept */
    values[0] = "Desk 2";
    values[2] = "text";
    assert_int_equal(sent_differs(NAMES, values, 3, buf_str(&sent), differs), 2);
    sent_write(NAMES, values, 3, buf_str(&sent), &again);
    values[2] = ""; /* emptied on purpose */
    assert_int_equal(sent_differs(NAMES, values, 3, buf_str(&again), differs), 1);
    assert_true(differs[2]);
}

static const struct {
    const char *name, *price, *compare_at, *cost, *want;
} PRICES[] = {
    {"a price alone",                "12.50",  "0",      "0",     "12.5//"       },
    {"half cents go away from zero", "12.345", "15.555", "8.004", "12.35/15.56/8"},
    {"compare-at has to be above",   "10",     "10",     "4",     "10//4"        },
    {"also after rounding",          "9.999",  "10.001", "0",     "10//"         },
    {"nothing costs nothing",        "0",      "0",      "0",     "0//"          },
};

static void prices_are_rounded_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PRICES); i++) {
        OWN_BUF struct buf sent = {0}, again = {0};
        struct price back;
        struct price price =
            price_rounded(d(PRICES[i].price), d(PRICES[i].compare_at), d(PRICES[i].cost), 2);
        price_write(&price, &sent);
        if (strcmp(buf_str(&sent), PRICES[i].want) != 0)
            fail_msg("%s: %s", PRICES[i].name, buf_str(&sent));
        assert_true(price_read(buf_str(&sent), &back));
        price_write(&back, &again);
        assert_string_equal(buf_str(&again), PRICES[i].want);
    }
    struct price none;
    assert_false(price_read("", &none));
}

static const struct {
    const char *before, *after;
    bool want;
} JUMPS[] = {
    {"100", "130",    false},
    {"100", "130.01", true },
    {"100", "70",     false},
    {"100", "69.99",  true },
    {"0",   "5",      true },
    {"5",   "5",      false},
};

static void a_jump_is_more_than_so_many_percent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(JUMPS); i++)
        if (price_jumps(d(JUMPS[i].before), d(JUMPS[i].after), 30) != JUMPS[i].want)
            fail_msg("%s -> %s", JUMPS[i].before, JUMPS[i].after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skus_go_by_the_mapping),
        cmocka_unit_test(without_references_the_gtin_is_the_items_bar_code_alone),
        cmocka_unit_test(an_item_without_variants_has_the_default_one),
        cmocka_unit_test(blocked_variants_are_left_out),
        cmocka_unit_test(each_unit_is_a_variant_where_the_shop_says_so),
        cmocka_unit_test(what_the_level_lacks_is_not_said),
        cmocka_unit_test(a_title_is_cut_between_characters),
        cmocka_unit_test(titles_are_those_of_the_shops_language),
        cmocka_unit_test(items_that_cannot_be_products_say_why),
        cmocka_unit_test(the_body_has_what_the_shop_wants_in_order),
        cmocka_unit_test(only_what_differs_is_news),
        cmocka_unit_test(prices_are_rounded_and_read_back),
        cmocka_unit_test(a_jump_is_more_than_so_many_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
