/* model_catalog_terms_test.c - how a catalog's prices are made, as a person writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/catalog_terms.h"

static const struct setting_pair PAIRS[] = {
    {"Gold",        "price_group=GOLD , discount_group=B2B, include_vat=yes"},
    {"32000000001", "customer=C00010,vat_group=EXPORT,line_discounts=no,"   },
    {"*",           "quantity_breaks=yes"                                   },
};

static void a_catalog_has_the_terms_of_its_row(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct shop shop = {
        .catalogs = {PAIRS, COUNT(PAIRS)}
    };
    struct catalog_terms terms;
    assert_true(catalog_terms_of(&shop, "gold", "1", arena, &terms));
    assert_string_equal("GOLD", terms.price_group);
    assert_string_equal("B2B", terms.discount_group);
    assert_string_equal("", terms.customer);
    assert_true(terms.include_vat && terms.line_discounts && !terms.quantity_breaks);
    assert_true(catalog_terms_of(&shop, "Gold", "32000000001", arena, &terms)); /* number first */
    assert_string_equal("C00010", terms.customer);
    assert_string_equal("EXPORT", terms.vat_group);
    assert_false(terms.include_vat || terms.line_discounts);
    assert_true(catalog_terms_of(&shop, "Other", "2", arena, &terms));
    assert_string_equal("", terms.price_group);
    assert_true(terms.quantity_breaks);
    shop.catalogs.count = 2;
    assert_false(catalog_terms_of(&shop, "Other", "2", arena, &terms));
}

static void what_is_no_term_is_refused_by_its_name(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "group=GOLD",  "price_group=",       "line_discounts=perhaps",
        "include_vat", "quantity_breaks=10", "customer=123456789012345678901"};
    struct err err;
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        const struct setting_pair pair = {"Gold", WRONG[i]};
        const struct shop shop = {
            .catalogs = {&pair, 1}
        };
        if (catalog_terms_check(&shop, &err))
            fail_msg("%s is taken", WRONG[i]);
        assert_non_null(strstr(err.text, "\"Gold\""));
    }
    const struct shop good = {
        .catalogs = {PAIRS, COUNT(PAIRS)}
    };
    assert_true(catalog_terms_check(&good, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_catalog_has_the_terms_of_its_row),
        cmocka_unit_test(what_is_no_term_is_refused_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
