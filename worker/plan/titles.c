/* titles.c - what an order names that a row of the shop's tables could lead to a code of the ERP.
 *
 * Spec, orders 1.2 and 2.4: each new gateway and card, and each new shipping title, is a row that a
 * person fills in; without one the order has simply no code.
 */
#include <string.h>

#include "plan/order_plan.h"

static void gateways(const struct order *order, const struct shop *shop, plan_title *found,
                     void *state)
{
    for (size_t i = 0; i < order->transaction_count; i++) {
        const struct order_transaction *one = &order->transactions[i];
        OWN_TEXT char *both =
            mem_printf("%s%s%s", one->gateway, *one->card_company ? "/" : "", one->card_company);
        if (*one->gateway && !setting_map_get(&shop->payment_methods, both) &&
            !setting_map_get(&shop->payment_methods, one->gateway))
            found(state, "payment_methods", both);
    }
}

void plan_titles(const struct order *order, const struct shop *shop, plan_title *found, void *state)
{
    const char *shipping = plan_shipping_title(order);
    if (*shipping && !setting_map_get(&shop->shipment_methods, shipping))
        found(state, "shipment_methods", shipping);
    if (*order->terms_name && !setting_map_get(&shop->payment_terms, order->terms_name))
        found(state, "payment_terms", order->terms_name);
    gateways(order, shop, found, state);
}
