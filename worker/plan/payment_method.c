/* payment_method.c - by which payment method of the ERP an order was paid, or a refund given back.
 *
 * A row of the shop's table stands for a gateway and a card's company, "shopify_payments/Visa", or
 * for a gateway whatever the card is. Spec, orders 1.2, 3.2 and, of refunds, 4.2.
 */
#include <stdlib.h>
#include <string.h>

#include "plan/order_plan.h"

struct payment {
    const char *method; /* "" = no row has it */
    int64_t priority;   /* 0 = the row has none */
    struct decimal amount;
};

static bool is_of(const struct order_transaction *one, const struct order_refund *refund)
{
    static const char *const PAYS[] = {"SALE", "CAPTURE", "AUTHORIZATION"};
    for (size_t i = 0; !refund && i < COUNT(PAYS); i++)
        if (strcmp(one->kind, PAYS[i]) == 0)
            return true;
    for (size_t i = 0; refund && i < refund->transaction_count; i++)
        if (strcmp(one->id, refund->transactions[i]) == 0)
            return strcmp(one->kind, "REFUND") == 0;
    return false;
}

/* The row of gateway and company goes before the gateway's own, with its priority. */
static struct payment payment_of(const struct order_transaction *one, const struct shop *shop)
{
    OWN_TEXT char *both = mem_printf("%s/%s", one->gateway, one->card_company);
    const char *const KEYS[] = {*one->card_company ? both : "", one->gateway};
    struct payment payment = {.method = "", .amount = one->amount.shop};
    for (size_t i = 0; i < COUNT(KEYS); i++) {
        const char *method = *KEYS[i] ? setting_map_get(&shop->payment_methods, KEYS[i]) : NULL;
        if (!method)
            continue;
        const char *priority = setting_map_get(&shop->payment_priorities, KEYS[i]);
        payment.method = method;
        payment.priority = priority ? strtoll(priority, NULL, 10) : 0;
        return payment;
    }
    return payment;
}

static bool goes_before(const struct payment *one, const struct payment *other)
{
    return one->priority > other->priority ||
           (one->priority == other->priority && decimal_cmp(one->amount, other->amount) > 0);
}

const char *plan_payment_method(const struct order *order, const struct order_refund *refund,
                                const struct shop *shop)
{
    struct payment best = {.method = ""};
    bool several = false, any = false;
    for (size_t i = 0; i < order->transaction_count; i++) {
        const struct order_transaction *one = &order->transactions[i];
        if (!is_of(one, refund) || strcmp(one->status, "SUCCESS") != 0)
            continue;
        struct payment payment = payment_of(one, shop);
        several = several || (any && strcmp(payment.method, best.method) != 0);
        if (!any || goes_before(&payment, &best))
            best = payment;
        any = true;
    }
    return several && best.priority == 0 ? "" : best.method;
}
