/* main.c - what becomes of orders, line by line: JSON lines in, JSON lines out, nothing else asked.
 *
 * Input, one object a line, in any order of members:
 *   {"settings": {...}}  settings of the shop (common/model/settings.c) for the lines that follow;
 *                        what is left out has its default. Answers nothing.
 *   {"order": {...}}     an order as schemas/shopify/orders-by-ids.graphql answers it, all lines on
 *                        it. `refunds` may hold what refund(id:) answers (refundLineItems,
 *                        refundShippingLines, transactions, return), `returns` what returns hold.
 *     "handling": "shop" | "presentment"   the currency that the order's own document was made in,
 *                        for its refunds; left out = the setting
 *     "erp_prices_include_tax": true|false the ERP takes prices so on invoices and credit memos;
 *                        left out = as the order has them. On sales orders it can be set.
 *     "erp": {"total": "12.34", "groups": ["STANDARD", ...]}  what the ERP made of the order's
 *                        document: its total with tax, and (may be left out) each line's VAT
 *                        identifier
 *
 * Output, one object for each order; every number is text in its shortest form:
 *   {"id", "name", "skip", "detail", "document", "erp", "refunds": [{"id", "skip", "detail",
 *    "document"}]}
 *     skip      "" or a code of docs/skips.md; of a refund also "nothing": it is an edit, or empty
 *     document  null where skip is not "", else
 *       {"kind": "salesOrder" | "salesInvoice" | "salesCreditMemo", "external", "date" (UTC),
 *        "due", "currency", "places", "prices_include_tax", "shipment_method", "payment_terms",
 *        "salesperson",
 *        "lines": [{"kind": "item" | "account" | "comment", "shopify_id", "number", "location",
 *                   "description", "quantity", "price", "discount", "rate", "amount"}],
 *        "discount"    the invoice discount over the lines of items
 *        "total"       with tax, as Shopify has it (cash rounding included where it is booked)
 *        "predicted"   with tax, as the ERP will have it
 *        "difference", "reason"  predicted less total; "" | "tax-by-group" | "cash-rounding" |
 *                      "duty-or-fee" | "unexplained" (it must not occur)
 *        "evened", "evened_for"  what was booked on rounding_account, and the reason it evens out}
 *     erp       null without "erp", else {"difference", "reason"} of the total that was given: ""
 * when it is Shopify's, "unexplained" when it is another one than predicted An item's number is its
 * SKU (else "variant:<id>"): every product counts as known.
 *   {"error": "..."} for a line that cannot be read; the program goes on and ends with 1.
 *
 * A difference has several parts at times; the part with the most money names it, its amount is
 * that of all parts. Parts: duty-or-fee = duties and fees without an account, and, with taxes on
 * top, the taxes that no line and no shipping line shows; cash-rounding = the rounding without an
 * account; tax-by-group = the rest, at most half a unit for each tax of each line (a whole one
 * where prices are turned), and nothing at all where both sides have tax in their prices. An
 * invoice of an order with taxes inside whose total prices without tax cannot make is a sales
 * order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/amounts.h"
#include "plan/order_plan.h"
#include "plan/refund_plan.h"
#include "store/staging.h"

struct reading { /* one line, and what lines before it have set */
    const json *line;
    const struct shop *shop;
    struct arena *arena;
    struct order order;
};

static void set_amount(json *object, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT];
    decimal_format(value, text);
    json_set_text(object, name, text);
}

/* ---- answers ---- */

static const char *number_of(const struct plan_line *line)
{
    return *line->number ? line->number : line->item_id;
}

static json *line_json(const struct plan_line *line, int places)
{
    static const char *const KINDS[] = {
        [PLAN_ITEM] = "item", [PLAN_ACCOUNT] = "account", [PLAN_COMMENT] = "comment"};
    json *object = json_new_object();
    json_set_text(object, "kind", KINDS[line->kind]);
    json_set_text(object, "shopify_id", line->shopify_id);
    json_set_text(object, "number", number_of(line));
    json_set_text(object, "location", line->location);
    json_set_text(object, "description", line->description);
    set_amount(object, "quantity", line->quantity);
    set_amount(object, "price", line->price);
    set_amount(object, "discount", line->discount);
    set_amount(object, "rate", line->rate);
    set_amount(object, "amount", amounts_line(line, places));
    return object;
}

static json *document_answer(const struct order_plan *plan)
{
    static const char *const KINDS[] = {[PLAN_ORDER] = "salesOrder",
                                        [PLAN_INVOICE] = "salesInvoice",
                                        [PLAN_CREDIT_MEMO] = "salesCreditMemo"};
    struct difference difference = amounts_predict(plan, NULL);
    json *object = json_new_object(), *lines = json_new_array();
    const struct {
        const char *name, *text;
    } TEXTS[] = {
        {"kind",            KINDS[plan->document]},
        {"external",        plan->external       },
        {"date",            plan->date           },
        {"due",             plan->due            },
        {"currency",        plan->currency       },
        {"shipment_method", plan->shipment_method},
        {"payment_terms",   plan->payment_terms  },
        {"salesperson",     plan->salesperson    },
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        json_set_text(object, TEXTS[i].name, TEXTS[i].text);
    json_set_int(object, "places", plan->places);
    json_set_bool(object, "prices_include_tax", plan->prices_include_tax);
    for (size_t i = 0; i < plan->line_count; i++)
        json_add(lines, line_json(&plan->lines[i], plan->places));
    json_set(object, "lines", lines);
    set_amount(object, "discount", plan->leftover);
    set_amount(object, "total", plan->total);
    set_amount(object, "predicted", amounts_total(plan, NULL));
    set_amount(object, "difference", difference.amount);
    json_set_text(object, "reason", difference_code(difference.reason));
    set_amount(object, "evened", plan->evened);
    json_set_text(object, "evened_for", difference_code((enum difference_reason)plan->evened_for));
    return object;
}

static json *erp_answer(const struct reading *reading, const struct order_plan *plan)
{
    const json *erp = json_get(reading->line, "erp"), *names = json_get(erp, "groups");
    struct decimal total;
    if (!json_decimal(erp, "total", &total))
        return NULL;
    const char **groups = arena_array(reading->arena, plan->line_count + 1, sizeof *groups);
    for (size_t i = 0; i < plan->line_count; i++)
        groups[i] = json_string(json_at(names, i));
    struct difference difference =
        order_difference(plan, total, json_is_array(names) ? groups : NULL);
    json *object = json_new_object();
    set_amount(object, "difference", difference.amount);
    json_set_text(object, "reason", difference_code(difference.reason));
    return object;
}

/* ---- one order ---- */

static const struct item_match *match_all(const struct reading *reading)
{
    const struct order *order = &reading->order;
    struct item_match *matches =
        arena_array(reading->arena, order->line_count + 1, sizeof *matches);
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        matches[i].item_id =
            *line->sku ? line->sku : arena_printf(reading->arena, "variant:%s", line->variant_id);
        matches[i].item_variant_id = matches[i].unit = "";
    }
    return matches;
}

static const bool *tax_flag(const json *line, bool *room)
{
    *room = json_flag(line, "erp_prices_include_tax", false);
    return json_has(line, "erp_prices_include_tax") ? room : NULL;
}

static void answer_order(const struct reading *reading, json *answer)
{
    struct order_plan plan;
    bool flag;
    OWN_BUF struct buf detail = {0};
    enum reason reason = order_skip(&reading->order, reading->shop, &detail);
    if (reason == REASON_NONE)
        reason = order_plan(&reading->order, reading->shop, match_all(reading),
                            tax_flag(reading->line, &flag), NULL, reading->arena, &plan, &detail);
    json_set_text(answer, "skip", reason_row(reason)->code);
    json_set_text(answer, "detail", buf_str(&detail));
    json_set(answer, "document", reason == REASON_NONE ? document_answer(&plan) : NULL);
    json_set(answer, "erp", reason == REASON_NONE ? erp_answer(reading, &plan) : NULL);
}

static json *refund_answer(const struct reading *reading, const struct order_refund *refund)
{
    struct order_plan plan;
    bool flag;
    OWN_BUF struct buf detail = {0};
    const char *handling = json_text(reading->line, "handling");
    enum money_side side = !*handling                             ? plan_side(reading->shop)
                           : strcmp(handling, "presentment") == 0 ? MONEY_PRESENTMENT
                                                                  : MONEY_SHOP;
    bool credit = order_refund_is_credit(&reading->order, refund);
    enum reason reason = REASON_NONE;
    if (credit)
        reason = refund_plan(&reading->order, refund, reading->shop, side, match_all(reading),
                             tax_flag(reading->line, &flag), NULL, reading->arena, &plan, &detail);
    json *object = json_new_object();
    json_set_text(object, "id", refund->id);
    json_set_text(object, "skip", credit ? reason_row(reason)->code : "nothing");
    json_set_text(object, "detail", buf_str(&detail));
    json_set(object, "document", credit && reason == REASON_NONE ? document_answer(&plan) : NULL);
    return object;
}

static json *answer_line(struct reading *reading, struct err *err)
{
    const json *order = json_get(reading->line, "order");
    if (!json_is_object(order)) {
        err_set(err, ERR_FATAL, 0, "want \"order\" or \"settings\"");
        return NULL;
    }
    if (!staged_order(order, reading->arena, &reading->order, err))
        return NULL;
    json *answer = json_new_object(), *refunds = json_new_array();
    json_set_text(answer, "id", reading->order.id);
    json_set_text(answer, "name", reading->order.name);
    answer_order(reading, answer);
    for (size_t i = 0; i < reading->order.refund_count; i++)
        json_add(refunds, refund_answer(reading, &reading->order.refunds[i]));
    json_set(answer, "refunds", refunds);
    return answer;
}

/* ---- lines ---- */

static bool read_settings(const json *settings, struct arena *arena, const struct shop **out,
                          struct err *err)
{
    OWN_JSON json *whole = json_copy(settings);
    if (!json_has(whole, "code"))
        json_set_text(whole, "code", "DEMO");
    if (!json_has(whole, "store"))
        json_set_text(whole, "store", "demo.myshopify.com");
    return settings_shop_parse(json_write(whole), arena, out, err);
}

static void print(const json *answer)
{
    puts(json_write(answer));
}

static bool take_line(const char *text, size_t size, const struct shop **shop,
                      struct arena *settings)
{
    struct err err;
    OWN_JSON json *line = NULL;
    OWN_JSON json *answer = NULL;
    OWN(arena) struct arena *arena = arena_new();
    bool ok = json_parse(text, size, &line, &err);
    if (ok && json_has(line, "settings")) {
        ok = read_settings(json_get(line, "settings"), settings, shop, &err);
        if (ok)
            return true;
    } else if (ok) {
        struct reading reading = {.line = line, .shop = *shop, .arena = arena};
        answer = answer_line(&reading, &err);
        ok = answer != NULL;
    }
    if (!ok) {
        answer = json_new_object();
        json_set_text(answer, "error", err.text);
    }
    print(answer);
    return ok;
}

int main(void)
{
    OWN(arena) struct arena *settings = arena_new();
    const struct shop *shop = NULL;
    struct err err;
    char *text = NULL;
    size_t room = 0;
    bool ok = true;
    OWN_JSON json *none = json_new_object();
    if (!read_settings(none, settings, &shop, &err)) {
        fprintf(stderr, "settings: %s\n", err.text);
        return 2;
    }
    for (ssize_t size; (size = getline(&text, &room, stdin)) > 0;)
        if (size > 1)
            ok = take_line(text, (size_t)size, &shop, settings) && ok;
    free(text);
    return ok ? 0 : 1;
}
