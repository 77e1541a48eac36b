/* plan_payment_method_test.c - gateway, card and priority, and the method that follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/order_plan.h"

static const char SETTINGS[] =
    "{\"code\":\"DEMO\",\"store\":\"demo.myshopify.com\",\"payment_methods\":{"
    "\"shopify_payments\":\"CARD\",\"Shopify_Payments/Visa\":\"VISA\",\"gift_card\":\"GIFT\","
    "\"paypal\":\"PAYPAL\",\"cash\":\"CASH\"},\"payment_priorities\":{"
    "\"shopify_payments\":5,\"shopify_payments/visa\":\"7\",\"paypal\":5}}";

enum { MOST = 3 };
struct paid {
    const char *gateway, *company, *amount, *status, *kind; /* kind NULL = as the table says */
};
/* It went through. */
#define PAID(gateway, company, amount)                                                             \
    {                                                                                              \
        gateway, company, amount, "SUCCESS", NULL                                                  \
    }

/* clang-format off */
static const struct {
    const char *name;
    struct paid paid[MOST];
    const char *want;
} ORDERS[] = {
    {"not paid",                          {{NULL, NULL, NULL, NULL, NULL}},                                                  ""      },
    {"the gateway's own row",             {PAID("shopify_payments", "", "9")},                        "CARD"  },
    {"in any case",                       {PAID("Shopify_Payments", "", "9")},                        "CARD"  },
    {"a card that has no row",            {PAID("shopify_payments", "Bogus", "9")},                   "CARD"  },
    {"a card that has one",               {PAID("shopify_payments", "VISA", "9")},                    "VISA"  },
    {"the card of another gateway",       {PAID("paypal", "Visa", "9")},                              "PAYPAL"},
    {"a gateway without a row",           {PAID("bogus", "Visa", "9")},                               ""      },
    {"one method twice",                  {PAID("cash", "", "1"), PAID("cash", "", "2")},                 "CASH"  },
    {"two without priority: none",        {PAID("cash", "", "9"), PAID("gift_card", "", "1")},            ""      },
    {"one has a priority",                {PAID("cash", "", "9"), PAID("shopify_payments", "", "1")},     "CARD"  },
    {"whichever comes first",             {PAID("shopify_payments", "", "1"), PAID("cash", "", "9")},     "CARD"  },
    {"one has a priority, one no row",    {PAID("bogus", "", "9"), PAID("shopify_payments", "", "1")},    "CARD"  },
    {"the card's priority is its own",
     {PAID("shopify_payments", "", "9"), PAID("shopify_payments", "Visa", "1")},                           "VISA"  },
    {"equal ones: who paid most",         {PAID("shopify_payments", "", "4"), PAID("paypal", "", "4.01")}, "PAYPAL"},
    {"and likewise the other way round",  {PAID("shopify_payments", "", "4.02"), PAID("paypal", "", "4")}, "CARD"  },
    {"three of them",
     {PAID("cash", "", "50"), PAID("gift_card", "", "40"), PAID("paypal", "", "1")},                           "PAYPAL"},
    {"no row at all, and one without priority", {PAID("bogus", "", "9"), PAID("cash", "", "1")},           ""      },
    {"a failure does not count",
     {PAID("cash", "", "9"), {"shopify_payments", "", "9", "FAILURE", "SALE"}},                                "CASH"  },
    {"nor money that went back",
     {PAID("cash", "", "9"), {"shopify_payments", "", "9", "SUCCESS", "REFUND"}},                           "CASH"  },
    {"an authorization does",
     {{"cash", "", "9", "SUCCESS", "CAPTURE"}, {"paypal", "", "1", "SUCCESS", "AUTHORIZATION"}},             "PAYPAL"},
};
/* clang-format on */

static struct decimal amount(const char *text)
{
    struct decimal value;
    assert_true(decimal_parse(text, &value));
    return value;
}

static size_t pay(struct order_transaction out[static MOST], const struct paid paid[static MOST],
                  const char *kind)
{
    static const char *const IDS[MOST] = {"1", "2", "3"};
    size_t count = 0;
    for (; count < MOST && paid[count].gateway; count++)
        out[count] = (struct order_transaction){
            .id = IDS[count],
            .kind = paid[count].kind ? paid[count].kind : kind,
            .status = paid[count].status,
            .gateway = paid[count].gateway,
            .card_company = paid[count].company,
            .amount.shop = amount(paid[count].amount),
        };
    return count;
}

static const struct shop *shop_of(struct arena *arena)
{
    const struct shop *shop;
    struct err err;
    if (!settings_shop_parse(SETTINGS, arena, &shop, &err))
        fail_msg("%s", err.text);
    return shop;
}

static void an_order_has_the_method_of_its_payments(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    const struct shop *shop = shop_of(arena);
    (void)state;
    for (size_t i = 0; i < COUNT(ORDERS); i++) {
        struct order_transaction paid[MOST];
        struct order order = {.transactions = paid};
        order.transaction_count = pay(paid, ORDERS[i].paid, "SALE");
        const char *got = plan_payment_method(&order, NULL, shop);
        if (strcmp(got, ORDERS[i].want) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", ORDERS[i].name, got, ORDERS[i].want);
    }
}

/* Its own payments only, by the same rules. */
static void a_refund_has_that_of_what_went_back(void **state)
{
    static const struct {
        const char *name;
        size_t own; /* so many of the three are this refund's */
        const char *want;
    } ROWS[] = {
        {"nothing went back", 0, ""    },
        {"to the card",       1, "VISA"},
        {"to two: the card",  2, "VISA"}
    };
    static const struct paid BACK[MOST] = {PAID("shopify_payments", "Visa", "1"),
                                           PAID("gift_card", "", "5"), PAID("cash", "", "3")};
    const char *ids[] = {"1", "2", "3"};
    OWN(arena) struct arena *arena = arena_new();
    const struct shop *shop = shop_of(arena);
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct order_transaction paid[MOST];
        struct order order = {.transactions = paid};
        struct order_refund refund = {.transactions = ids, .transaction_count = ROWS[i].own};
        order.transaction_count = pay(paid, BACK, "REFUND");
        const char *got = plan_payment_method(&order, &refund, shop);
        if (strcmp(got, ROWS[i].want) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", ROWS[i].name, got, ROWS[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(an_order_has_the_method_of_its_payments),
        cmocka_unit_test(a_refund_has_that_of_what_went_back),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
