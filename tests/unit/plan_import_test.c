/* plan_import_test.c - what a SKU says, what an item that is made is called, what is news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "plan/import_plan.h"
#include "plan/product_plan.h"

static struct shop shop_of(int mapping)
{
    return (struct shop){.sku_mapping = mapping, .sku_separator = "|", .variant_prefix = "v_"};
}

static const struct {
    int mapping;
    const char *sku, *item, *code;
} SKUS[] = {
    {SKU_ITEM_NO,         "chair-1",               "CHAIR-1",              ""   },
    {SKU_ITEM_NO,         "12345678901234567890",  "12345678901234567890", ""   },
    {SKU_ITEM_NO,         "123456789012345678901", "",                     ""   },
    {SKU_ITEM_NO,         "a|b",                   "A|B",                  ""   },
    {SKU_ITEM_NO_VARIANT, "chair|red",             "CHAIR",                "RED"},
    {SKU_ITEM_NO_VARIANT, "chair",                 "CHAIR",                ""   },
    {SKU_ITEM_NO_VARIANT, "chair|red|xl",          "",                     ""   },
    {SKU_ITEM_NO_VARIANT, "chair|",                "",                     ""   },
    {SKU_ITEM_NO_VARIANT, "|red",                  "",                     ""   },
    {SKU_ITEM_NO_VARIANT, "chair|much-too-long",   "",                     ""   },
    {SKU_VARIANT_CODE,    "red",                   "",                     "RED"},
    {SKU_VARIANT_CODE,    "eleven-long",           "",                     ""   },
    {SKU_BARCODE,         "4006381333931",         "",                     ""   },
    {SKU_VENDOR_ITEM_NO,  "V-1",                   "",                     ""   },
    {SKU_NONE,            "chair",                 "",                     ""   },
};

static void a_sku_says_what_its_mapping_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SKUS); i++) {
        const struct shop shop = shop_of(SKUS[i].mapping);
        struct sku_parts parts;
        sku_read(SKUS[i].sku, &shop, &parts);
        if (strcmp(parts.item, SKUS[i].item) != 0 || strcmp(parts.code, SKUS[i].code) != 0)
            fail_msg("%s by mapping %d: \"%s\", \"%s\"", SKUS[i].sku, SKUS[i].mapping, parts.item,
                     parts.code);
    }
}

static void an_item_is_called_as_its_first_sku_says(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct shop by_both = shop_of(SKU_ITEM_NO_VARIANT), by_code = shop_of(SKU_VARIANT_CODE);
    const struct import_variant lead = {.sku = "coat|much-too-long"}, none = {.sku = ""};
    (void)state;
    assert_string_equal(import_number(&lead, &by_both, arena), "COAT");
    assert_string_equal(import_number(&none, &by_both, arena), "");
    assert_string_equal(import_number(&lead, &by_code, arena), "");
}

static const struct {
    const char *taken[4];
    const char *code;
} CODES[] = {
    {{NULL},                      "V_001" },
    {{"RED", "V_", "V_X"},        "V_001" },
    {{"V_001", "V_007", "V_002"}, "V_008" },
    {{"V_1x", "V_004"},           "V_005" },
    {{"V_999"},                   "V_1000"},
};

static void a_code_counts_up_from_the_last(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct shop shop = shop_of(SKU_ITEM_NO_VARIANT);
    (void)state;
    for (size_t i = 0; i < COUNT(CODES); i++) {
        size_t count = 0;
        while (count < COUNT(CODES[i].taken) && CODES[i].taken[count])
            count++;
        assert_string_equal(import_code(CODES[i].taken, count, &shop, arena), CODES[i].code);
    }
}

static void a_text_is_cut_between_characters(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    (void)state;
    assert_string_equal(import_text("a\tb", 10, arena), "a b");
    assert_string_equal(import_text("\xC3\xA4\xC3\xB6\xC3\xBC", 2, arena), "\xC3\xA4\xC3\xB6");
    assert_string_equal(import_text("", 2, arena), "");
}

static void a_tariff_number_is_its_digits(void **state)
{
    (void)state;
    assert_true(import_same_tariff("9403.20", "940320"));
    assert_true(import_same_tariff("", ""));
    assert_false(import_same_tariff("9403.20", "94032"));
    assert_false(import_same_tariff("", "1"));
}

static void only_what_was_neither_sent_nor_seen_is_news(void **state)
{
    static const char *const NAMES[] = {"title", "vendor"};
    const char *before[] = {"Chair", "Oak & Co"}, *now[] = {"Chair", "Elm & Co"};
    OWN_BUF struct buf sent = {0}, seen = {0};
    bool news[2];
    (void)state;
    assert_int_equal(import_news(NAMES, before, 2, "", "", news), 2);
    sent_write(NAMES, before, 2, "", &sent);
    sent_write(NAMES, now, 2, "", &seen);
    assert_int_equal(import_news(NAMES, before, 2, buf_str(&sent), "", news), 0);
    assert_int_equal(import_news(NAMES, now, 2, buf_str(&sent), "", news), 1);
    assert_true(news[1]);
    assert_int_equal(import_news(NAMES, now, 2, buf_str(&sent), buf_str(&seen), news), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sku_says_what_its_mapping_reads),
        cmocka_unit_test(an_item_is_called_as_its_first_sku_says),
        cmocka_unit_test(a_code_counts_up_from_the_last),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(a_tariff_number_is_its_digits),
        cmocka_unit_test(only_what_was_neither_sent_nor_seen_is_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
