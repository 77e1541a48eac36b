/* orders_money.c - of an order that is staged, what its books are compared by: sold, given back,
 * and the fees that its payments have told; in the shop's money and in the customer's, as the
 * document may be in either. In records of its own (schemas/staging/payment.md): the daily balance
 * reads many orders, and no whole one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "operations/orders_group.h"

/* "<transaction> <amount> <currency>", a line each. */
static void fees_text(const json *node, struct arena *arena, struct buf *out)
{
    const json *transactions = json_get(node, "transactions");
    for (size_t i = 0; i < json_count(transactions); i++) {
        const json *transaction = json_at(transactions, i), *fees = json_get(transaction, "fees");
        struct decimal all = DECIMAL_ZERO, one;
        const char *currency = "";
        char text[DECIMAL_TEXT];
        for (size_t k = 0; k < json_count(fees); k++) {
            const json *amount = json_get(json_at(fees, k), "amount");
            if (!json_decimal(amount, "amount", &one))
                continue;
            all = decimal_add(all, one);
            currency = json_text(amount, "currencyCode");
        }
        if (!*currency)
            continue;
        decimal_format(all, text);
        buf_printf(out, "%s %s %s\n", staged_id(json_text(transaction, "id"), arena), text,
                   currency);
    }
}

static void write_refund(struct write *write, const char *shop, const struct order *order,
                         const struct order_refund *refund, struct buf *totals, struct buf *shown)
{
    char total[DECIMAL_TEXT], score[32];
    struct money_pair back = money_add(refund->total, order_refund_rounding(order, refund));
    int64_t created_ms;
    if (!order_refund_is_credit(order, refund) || !time_parse(refund->created, &created_ms))
        return;
    OWN_TEXT char *index = mem_printf("refunds-made:%s", shop);
    OWN_TEXT char *member = mem_printf("%s:%s", order->id, refund->id);
    decimal_format(back.presentment, total);
    buf_printf(shown, "%s %s\n", refund->id, total);
    decimal_format(back.shop, total);
    snprintf(score, sizeof score, "%" PRId64, created_ms);
    write_add(write, "ZADD", index, score, member, NULL);
    buf_printf(totals, "%s %s", refund->id, total);
    for (size_t i = 0; i < refund->transaction_count; i++)
        buf_printf(totals, " %s", refund->transactions[i]);
    buf_text(totals, "\n");
}

void orders_money_write(struct write *write, const char *shop, const struct order *order,
                        const json *node, struct arena *arena)
{
    char sold[DECIMAL_TEXT], sold_shown[DECIMAL_TEXT];
    OWN_BUF struct buf fees = {0}, refunds = {0}, refunds_shown = {0};
    struct money_pair total = money_add(order->net.total, order->rounding);
    OWN_TEXT char *key = mem_printf("money:%s", order->id);
    decimal_format(total.shop, sold);
    decimal_format(total.presentment, sold_shown);
    fees_text(node, arena, &fees);
    for (size_t i = 0; i < order->refund_count; i++)
        write_refund(write, shop, order, &order->refunds[i], &refunds, &refunds_shown);
    write_add(write, "HSET", key, "sold", sold, "sold_shown", sold_shown, "shown",
              order->presentment_currency, "fees", buf_str(&fees), "refunds", buf_str(&refunds),
              "refunds_shown", buf_str(&refunds_shown), NULL);
}
