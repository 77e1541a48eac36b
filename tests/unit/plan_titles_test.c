/* plan_titles_test.c - what an order names that no row of the shop's tables stands for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "plan/order_plan.h"

static const char SETTINGS[] =
    "{\"code\":\"DEMO\",\"store\":\"demo.myshopify.com\",\"payment_methods\":{\"paypal\":"
    "\"PAYPAL\","
    "\"shopify_payments/Visa\":\"VISA\"},\"shipment_methods\":{\"Standard\":\"DDP\"},"
    "\"payment_terms\":{\"Net 30\":\"30 DAYS\"}}";

/* clang-format off */
static const struct {
    const char *gateway, *card, *shipping, *terms, *want;
} ROWS[] = {
    {"",                 "",       "",         "",       ""                                            },
    {"paypal",           "",       "Standard", "Net 30", ""                                            },
    {"PayPal",           "",       "standard", "net 30", ""                                            },
    {"paypal",           "Visa",   "",         "",       ""                                            },
    {"shopify_payments", "Visa",   "",         "",       ""                                            },
    {"shopify_payments", "Amex",   "",         "",       "payment_methods=shopify_payments/Amex "       },
    {"shopify_payments", "",       "",         "",       "payment_methods=shopify_payments "            },
    {"klarna",           "",       "Express",  "Net 60", "shipment_methods=Express payment_terms=Net 60 payment_methods=klarna "},
};
/* clang-format on */

static void note(void *state, const char *setting, const char *title)
{
    buf_printf(state, "%s=%s ", setting, title);
}

static void a_title_without_a_row_is_told(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct shop *shop;
    struct err err;
    (void)state;
    if (!settings_shop_parse(SETTINGS, arena, &shop, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct order_transaction paid = {.gateway = ROWS[i].gateway, .card_company = ROWS[i].card};
        struct order_shipping lines[] = {
            {.title = "Gone", .removed = true},
            {.title = ROWS[i].shipping              }
        };
        const struct order order = {.transactions = &paid,
                                    .transaction_count = 1,
                                    .shipping_lines = lines,
                                    .shipping_count = COUNT(lines),
                                    .terms_name = ROWS[i].terms};
        OWN_BUF struct buf told = {0};
        plan_titles(&order, shop, note, &told);
        assert_string_equal(buf_str(&told), ROWS[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_title_without_a_row_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
