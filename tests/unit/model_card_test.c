/* model_card_test.c - every setting of a shop is explained, the page says the same, and what
 * contradicts itself is found. Reads docs/settings.md: run from the repository's root; with
 * CARTAGE_WRITE_PAGES=1 it writes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/settings_card.h"

static void each_setting_has_its_row(void **state)
{
    size_t settings, cards, groups;
    const struct setting *rows = settings_shop_table(&settings);
    const struct setting_group *known = setting_groups(&groups);
    (void)settings_cards(&cards);
    (void)state;
    for (size_t i = 0; i < settings; i++) {
        const struct setting_card *card = setting_card(rows[i].name);
        bool grouped = false;
        if (!card)
            fail_msg("%s stands on no shop card: add its row to settings_card.c", rows[i].name);
        for (size_t k = 0; k < groups; k++)
            grouped = grouped || strcmp(known[k].code, card->group) == 0;
        if (!grouped || !*card->title || strlen(card->explain) < 60)
            fail_msg("%s: group %s, \"%s\"", rows[i].name, card->group, card->explain);
        /* A switch says what it does on both sides, a choice what each word means. */
        if (rows[i].type == SETTING_BOOL &&
            (!strstr(card->explain, "On: ") || !strstr(card->explain, "Off: ")))
            fail_msg("%s: on and off are not both explained", rows[i].name);
        for (size_t k = 0; rows[i].type == SETTING_CHOICE && rows[i].choices[k] &&
                           strcmp(rows[i].name, "tax_area_priority") != 0;
             k++)
            if (!strstr(card->explain, rows[i].choices[k]))
                fail_msg("%s: %s is not explained", rows[i].name, rows[i].choices[k]);
    }
    assert_int_equal(cards, settings);
}

static const struct shop *shop_of(struct arena *arena, const char *more)
{
    const struct shop *shop;
    struct err err;
    char *text = arena_printf(arena, "{\"code\":\"A\",\"store\":\"demo.myshopify.com\"%s}", more);
    if (!settings_shop_parse(text, arena, &shop, &err))
        fail_msg("%s: %s", more, err.text);
    return shop;
}

/* One row a contradiction, and beside it the same shop after the cure. */
static const struct {
    const char *code, *wrong, *right, *says;
} ROWS[] = {
  /* clang-format off */
    {"sku-separator-missing", ",\"sku_mapping\":\"item-no-variant\",\"sku_separator\":\"\"",
     ",\"sku_mapping\":\"item-no-variant\"", "sku_separator left empty"},
    {"both-update", ",\"shopify_can_update_items\":true,\"can_update_shopify_products\":true",
     ",\"shopify_can_update_items\":true", "can_update_shopify_products \"true\""},
    {"default-customer-missing", ",\"customer_mapping\":\"default\"",
     ",\"customer_mapping\":\"default\",\"default_customer\":\"WEB\"", "default_customer left empty"},
    {"nobody-unknown",
     ",\"customer_mapping\":\"default\",\"default_customer\":\"WEB\",\"auto_create_customers\":true",
     ",\"customer_mapping\":\"bill-to\",\"default_customer\":\"WEB\",\"auto_create_customers\":true",
     "auto_create_customers \"true\""},
    {"customers-both-ways",
     ",\"shopify_can_update_customers\":true,\"can_update_shopify_customers\":true",
     ",\"can_update_shopify_customers\":true", "can_update_shopify_customers \"true\""},
    {"companies-both-ways",
     ",\"shopify_can_update_companies\":true,\"can_update_shopify_companies\":true",
     ",\"can_update_shopify_companies\":true", "can_update_shopify_companies \"true\""},
    {"default-company-missing", ",\"company_mapping\":\"default\"",
     ",\"company_mapping\":\"default\",\"default_company\":\"WEB\"", "default_company left empty"},
    {"no-company-unknown",
     ",\"company_mapping\":\"default\",\"default_company\":\"WEB\",\"auto_create_companies\":true",
     ",\"company_mapping\":\"tax-id\",\"default_company\":\"WEB\",\"auto_create_companies\":true",
     "auto_create_companies \"true\""},
    {"options-twice", ",\"uom_as_variant\":true,\"option_attributes\":\"Colour\"",
     ",\"option_attributes\":\"Colour\"", "option_attributes \"Colour\""},
    {"currency-twice", ",\"currency_handling\":\"presentment\",\"currency\":\"GBP\"",
     ",\"currency\":\"GBP\"", "currency \"GBP\""},
    {"tax-areas-missing", ",\"tax_area_priority\":\"ship-sell-bill\"",
     ",\"tax_area_priority\":\"ship-sell-bill\",\"tax_areas\":{\"US-CA\":\"CA\"}",
     "tax_area_priority \"ship-sell-bill\""},
    {"agent-missing",
     ",\"shipment_agents\":{\"b\":\"DHL\"},\"shipment_agent_services\":{\"B\":\"X\",\"Post\":\"NEXT DAY\"}",
     ",\"shipment_agents\":{\"b\":\"DHL\"},\"shipment_agent_services\":{\"B\":\"X\"}",
     "shipment_agent_services \"Post\""},
    {"payment-method-missing",
     ",\"payment_methods\":{\"cash\":\"CASH\"},\"payment_priorities\":{\"CASH\":1,\"bogus\":2}",
     ",\"payment_methods\":{\"cash\":\"CASH\"},\"payment_priorities\":{\"CASH\":1}",
     "payment_priorities \"bogus\""},
    {"title-twice", ",\"shipment_items\":{\"Courier\":\"FREIGHT\"},\"shipment_accounts\":{\"courier\":\"6610\"}",
     ",\"shipment_items\":{\"Courier\":\"FREIGHT\"},\"shipment_accounts\":{\"Express\":\"6610\"}",
     "shipment_items \"Courier\""},
  /* clang-format on */
};

static void contradictions_are_found_and_cured(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    char detail[CONTRADICTION_DETAIL];
    size_t count;
    (void)state;
    (void)settings_contradictions(&count);
    assert_int_equal(count, COUNT(ROWS));
    assert_null(settings_contradiction(NULL, shop_of(arena, ""), detail));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_BUF struct buf text = {0};
        const struct shop *wrong = shop_of(arena, ROWS[i].wrong);
        const struct contradiction *found = settings_contradiction(NULL, wrong, detail);
        if (!found || strcmp(found->code, ROWS[i].code) != 0)
            fail_msg("%s: found %s", ROWS[i].code, found ? found->code : "nothing");
        contradiction_text(found, detail, &text);
        /* An error's text has 255 bytes, and the shop's code goes before it. */
        if (!strstr(buf_str(&text), ROWS[i].says) || !strstr(buf_str(&text), found->cure) ||
            text.size > 200)
            fail_msg("%s: %s", ROWS[i].code, buf_str(&text));
        assert_null(settings_contradiction(wrong, wrong, detail)); /* it stood before */
        found = settings_contradiction(NULL, shop_of(arena, ROWS[i].right), detail);
        if (found)
            fail_msg("%s cured: found %s", ROWS[i].code, found->code);
    }
}

static void a_title_is_quoted_whatever_it_begins_with(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf text = {0};
    char detail[CONTRADICTION_DETAIL];
    (void)state;
    const struct shop *shop = shop_of(arena, ",\"shipment_agent_services\":{\"(Post)\":\"X\"}");
    contradiction_text(settings_contradiction(NULL, shop, detail), detail, &text);
    assert_non_null(strstr(buf_str(&text), "shipment_agent_services \"(Post)\" contradicts "
                                           "shipment_agents (no such row): "));
}

static void the_page_is_the_table(void **state)
{
    static const char PAGE[] = "docs/settings.md";
    OWN_BUF struct buf page = {0}, file = {0};
    char bytes[4096];
    (void)state;
    settings_page(&page);
    if (getenv("CARTAGE_WRITE_PAGES")) {
        FILE *out = fopen(PAGE, "we");
        assert_non_null(out);
        assert_int_equal(fwrite(buf_str(&page), 1, page.size, out), page.size);
        fclose(out);
    }
    FILE *in = fopen(PAGE, "re");
    assert_non_null(in);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        buf_add(&file, bytes, n);
    fclose(in);
    assert_string_equal(buf_str(&file), buf_str(&page));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_has_its_row),
        cmocka_unit_test(contradictions_are_found_and_cured),
        cmocka_unit_test(a_title_is_quoted_whatever_it_begins_with),
        cmocka_unit_test(the_page_is_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
