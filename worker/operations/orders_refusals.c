/* orders_refusals.c - what lies behind a document that Business Central has refused.
 *
 * Links are by SystemId and not looked at again while they work. When a document is refused, its
 * customer and items are: a blocked customer is asked for by every run before anything is sent, and
 * a link to a record that is gone is dropped, so that the next run looks for it anew or shows it as
 * unmapped.
 */
#include <string.h>

#include "operations/orders_process.h"

static bool refused(const struct work *work)
{
    return work->reason == REASON_ERP_REFUSED && !work->done && !work->leave;
}

static size_t ask(struct window *window)
{
    size_t asked = 0;
    for (size_t i = 0; i < window->count; i++) {
        const struct work *work = &window->works[i];
        if (!refused(work))
            continue;
        lookup_want(window->lookup, LOOKUP_CUSTOMER_ID, work->customer.id);
        lookup_want(window->lookup, LOOKUP_CUSTOMER_ID, work->bill_to.id);
        for (size_t k = 0; k < work->order.line_count; k++)
            lookup_want(window->lookup, LOOKUP_ITEM_ID, work->matches[k].item_id);
        asked++;
    }
    return asked;
}

static void explain_customer(struct orders_process *process, struct window *window,
                             struct work *work, const struct party *party)
{
    const json *row = lookup_find(window->lookup, LOOKUP_CUSTOMER_ID, party->id);
    if (!row) {
        OWN_TEXT char *key =
            mem_printf("%s:%s", party->kind ? party->kind : "customer", party->key);
        write_add(process->write, "HDEL", key, "erp_id", "number", NULL);
        work_stop(work, REASON_CUSTOMER_UNMAPPED, "customer %s is no longer in Business Central",
                  party->number);
    } else if (customer_is_blocked(json_text(row, "blocked")))
        work_stop(work, REASON_CUSTOMER_BLOCKED, "customer %s is blocked (%s)",
                  json_text(row, "number"), json_text(row, "blocked"));
}

static void explain_items(struct orders_process *process, struct window *window, struct work *work)
{
    for (size_t k = 0; k < work->order.line_count; k++) {
        const struct order_line *line = &work->order.lines[k];
        const char *item = work->matches[k].item_id;
        if (!*item || lookup_find(window->lookup, LOOKUP_ITEM_ID, item))
            continue;
        OWN_TEXT char *variant = mem_printf("variant:%s", line->variant_id);
        OWN_TEXT char *product = mem_printf("product:%s", line->product_id);
        write_add(process->write, "HDEL", variant, "item", "item_variant", "number", NULL);
        write_add(process->write, "HDEL", product, "erp_id", "number", NULL);
        work_stop(work, REASON_PRODUCT_UNMAPPED,
                  "the item of \"%.80s\" is no longer in Business Central", line->title);
    }
}

bool orders_explain_refusals(struct orders_process *process, struct window *window, struct err *err)
{
    if (ask(window) == 0)
        return true;
    if (!lookup_round(window->lookup, process->attempt, err))
        return err_wrap(err, "look at customers and items of refused orders");
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (!refused(work))
            continue;
        explain_customer(process, window, work, &work->customer);
        if (refused(work) && *work->bill_to.id)
            explain_customer(process, window, work, &work->bill_to);
        if (refused(work))
            explain_items(process, window, work);
    }
    return true;
}
