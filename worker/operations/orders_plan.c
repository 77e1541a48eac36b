/* orders_plan.c - a window's documents planned: prices as the ERP takes them of this customer, and
 * what the shop's settings name by a code as the id that the ERP wants.
 *
 * Whether an invoice or a credit memo holds prices with tax follows from its customer and can only
 * be read off the document. So the first one is made as the order has its prices; what its answer
 * says is kept for the run.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "operations/orders_process.h"
#include "plan/refund_plan.h"

/* ---- prices ---- */

static const struct tax_flag *tax_flag_find(const struct orders_process *process, const char *id)
{
    for (size_t i = 0; i < process->tax_flag_count; i++)
        if (strcmp(process->tax_flags[i].customer_id, id) == 0)
            return &process->tax_flags[i];
    return NULL;
}

void tax_flag_put(struct orders_process *process, const char *customer_id, bool include)
{
    if (tax_flag_find(process, customer_id))
        return;
    process->tax_flags = mem_grow(process->tax_flags, process->tax_flag_count,
                                  process->tax_flag_count + 1, sizeof *process->tax_flags);
    struct tax_flag *flag = &process->tax_flags[process->tax_flag_count++];
    snprintf(flag->customer_id, sizeof flag->customer_id, "%s", customer_id);
    flag->prices_include_tax = include;
}

const struct party *work_billed(const struct work *work)
{
    return *work->bill_to.id ? &work->bill_to : &work->customer;
}

static void plan_one(struct orders_process *process, struct window *window, struct work *work)
{
    const struct tax_flag *flag = tax_flag_find(process, work_billed(work)->id);
    const bool *include = flag ? &flag->prices_include_tax : NULL;
    buf_clear(&work->detail);
    work->reason =
        work->refund
            ? refund_plan(&work->order, work->refund, process->shop, work->side, work->matches,
                          include, process->zone, window->arena, &work->plan, &work->detail)
            : order_plan(&work->order, process->shop, work->matches, include, process->zone,
                         window->arena, &work->plan, &work->detail);
}

/* ---- codes ---- */

static const struct {
    const char *path, *name;
} CODES[CODE_KINDS] = {
    [CODE_SHIPMENT_METHOD] = {"shipmentMethods?$select=id,code", "shipment method"},
    [CODE_PAYMENT_TERMS] = {"paymentTerms?$select=id,code",    "payment terms"  },
    [CODE_LOCATION] = {"locations?$select=id,code",       "location"       },
    [CODE_TAX_AREA] = {"taxAreas?$select=id,code",        "tax area"       },
};

static bool take_code(void *state, const json *row, struct err *err)
{
    struct codes *codes = state;
    (void)err;
    codes->items = mem_grow(codes->items, codes->count, codes->count + 1, sizeof *codes->items);
    struct code *code = &codes->items[codes->count++];
    snprintf(code->code, sizeof code->code, "%s", json_text(row, "code"));
    snprintf(code->id, sizeof code->id, "%s", json_text(row, "id"));
    return true;
}

void orders_free_codes(struct orders_process *process)
{
    for (int kind = 0; kind < CODE_KINDS; kind++)
        free(process->codes[kind].items);
    free(process->tax_flags);
}

static bool read_codes(struct orders_process *process, enum code_kind kind, struct err *err)
{
    struct codes *codes = &process->codes[kind];
    if (!codes->read && !bc_list(process->attempt, CODES[kind].path, false, take_code, codes, err))
        return err_wrap(err, "read the codes of each %s", CODES[kind].name);
    codes->read = true;
    return true;
}

bool orders_code_named(struct orders_process *process, enum code_kind kind, const char *id,
                       const char **code, struct err *err)
{
    const struct codes *codes = &process->codes[kind];
    *code = "";
    if (!read_codes(process, kind, err))
        return false;
    for (size_t i = 0; i < codes->count && !**code; i++)
        if (strcasecmp(codes->items[i].id, id) == 0)
            *code = codes->items[i].code;
    return true;
}

bool orders_code(struct orders_process *process, struct window *window, struct work *work,
                 enum code_kind kind, const char *code, const char **id, struct err *err)
{
    const struct codes *codes = &process->codes[kind];
    if (!*code || !work_open(work))
        return true;
    if (!read_codes(process, kind, err))
        return false;
    for (size_t i = 0; i < codes->count; i++)
        if (strcasecmp(codes->items[i].code, code) == 0) {
            *id = arena_text(window->arena, codes->items[i].id);
            return true;
        }
    work_stop(work, REASON_CODE_UNKNOWN, "%s %s", CODES[kind].name, code);
    return true;
}

static bool find_codes(struct orders_process *process, struct window *window, struct work *work,
                       struct err *err)
{
    struct order_plan *plan = &work->plan;
    bool ok = orders_code(process, window, work, CODE_SHIPMENT_METHOD, plan->shipment_method,
                          &plan->shipment_method_id, err) &&
              orders_code(process, window, work, CODE_PAYMENT_TERMS, plan->payment_terms,
                          &plan->payment_terms_id, err);
    for (size_t i = 0; ok && i < plan->line_count; i++)
        ok = orders_code(process, window, work, CODE_LOCATION, plan->lines[i].location,
                         &plan->lines[i].location_id, err);
    return ok;
}

bool work_plan_again(struct orders_process *process, struct window *window, struct work *work,
                     struct err *err)
{
    plan_one(process, window, work);
    return !work_open(work) || find_codes(process, window, work, err);
}

bool orders_plan(struct orders_process *process, struct window *window, struct err *err)
{
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (work_open(work) && !work_plan_again(process, window, work, err))
            return false;
        if (!work_open(work) && !work_finish(process, work, err))
            return false;
    }
    return true;
}
