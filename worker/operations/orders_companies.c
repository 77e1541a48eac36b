/* orders_companies.c - a company has ordered (B2B): whose order it is in Business Central.
 *
 * Spec, orders 3.2 and customers 3.6: a company that is linked is its customer; where the location
 * that has ordered is a customer by itself, goods are sold to that one. Both are known by their
 * records (schemas/staging/company.md), which companies.sync and people keep. A company without a
 * customer is the default company where company_mapping says so. Else it is looked for by nobody
 * here, for an order does not say what a company is found by: it is due for companies.sync, listed
 * for people, and its orders wait. Who has ordered for it, and the default customer of the shop,
 * are never billed for a company.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "operations/orders_process.h"

struct firms { /* the companies' orders of a window, and their records */
    struct work *works[WINDOW];
    size_t count;
    struct store_rows *companies, *locations;
};

static void firms_drop(struct firms *firms)
{
    store_rows_free(firms->companies);
    store_rows_free(firms->locations);
}

enum { ERP_ID, NUMBER, BY_HAND, SHOPS };
static const char *const FIELDS[] = {"erp_id", "number", "by_hand", "shops"};

static bool read_firms(struct orders_process *process, struct window *window, struct firms *firms,
                       struct err *err)
{
    const char *companies[WINDOW], *locations[WINDOW];
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (!work_open(work) || !*work->order.company_id)
            continue;
        companies[firms->count] = arena_printf(window->arena, "company:%s", work->order.company_id);
        locations[firms->count] =
            arena_printf(window->arena, "company-location:%s", work->order.company_location_id);
        firms->works[firms->count++] = work;
    }
    return firms->count == 0 ||
           (store_read(process->attempt->ledger, process->company, companies, firms->count, FIELDS,
                       COUNT(FIELDS), &firms->companies, err) &&
            store_read(process->attempt->ledger, process->company, locations, firms->count, FIELDS,
                       COUNT(FIELDS), &firms->locations, err));
}

/* The record that says whose the order is: the location's only where its company is linked. */
static const struct store_rows *says(const struct firms *firms, size_t i)
{
    bool own = *store_text(firms->companies, i, ERP_ID) && *store_text(firms->locations, i, ERP_ID);
    return own ? firms->locations : firms->companies;
}

static bool was_blocked(const struct work *work)
{
    return strcmp(work->was_reason, "customer-blocked") == 0;
}

/* The number of the customer that an unlinked company is; "" = nobody knows. */
static const char *number_said(const struct orders_process *process, const struct firms *firms,
                               size_t i)
{
    const char *by_hand = store_text(firms->companies, i, BY_HAND);
    bool is_default = process->shop->company_mapping == COMPANY_DEFAULT;
    return *by_hand || !is_default ? by_hand : process->shop->default_company;
}

static void ask(const struct orders_process *process, const struct firms *firms,
                struct window *window)
{
    for (size_t i = 0; i < firms->count; i++) {
        const char *id = store_text(says(firms, i), i, ERP_ID);
        if (!*id)
            lookup_want(window->lookup, LOOKUP_CUSTOMER_NUMBER, number_said(process, firms, i));
        else if (was_blocked(firms->works[i]))
            lookup_want(window->lookup, LOOKUP_CUSTOMER_ID, id);
    }
}

static void take(struct work *work, bool of_location, const char *id, const char *number)
{
    work->customer.kind = of_location ? "company-location" : "company";
    work->customer.key = of_location ? work->order.company_location_id : work->order.company_id;
    snprintf(work->customer.id, sizeof work->customer.id, "%s", id);
    snprintf(work->customer.number, sizeof work->customer.number, "%s", number);
}

static char *nobody(const struct orders_process *process, const struct firms *firms, size_t i)
{
    const char *name = firms->works[i]->order.company_name;
    const char *number = number_said(process, firms, i);
    if (*store_text(firms->companies, i, BY_HAND))
        return mem_printf(
            "company %s is mapped by hand to %s, which Business Central does not have", name,
            number);
    if (*number)
        return mem_printf("company %s goes to default_company of the shop, %s, which Business "
                          "Central does not have",
                          name, number);
    return mem_printf("company %s has no customer there", name);
}

static void unmapped(struct orders_process *process, const struct firms *firms, size_t i)
{
    struct work *work = firms->works[i];
    const struct order *order = &work->order;
    const char *by_hand = store_text(firms->companies, i, BY_HAND);
    char now[32];
    OWN_TEXT char *due = mem_printf("companies-due:%s", process->shop->code);
    OWN_TEXT char *why = nobody(process, firms, i);
    work_stop(work, REASON_COMPANY, "%s", why);
    if (work->refund)
        return;
    const struct unmapped row = {.kind = "company",
                                 .id = order->company_id,
                                 .order = work->id,
                                 .shops = store_text(firms->companies, i, SHOPS),
                                 .name = order->company_name,
                                 .sku = "",
                                 .email = "",
                                 .phone = "",
                                 .code = *by_hand ? "mapped-to-nothing" : "no-customer",
                                 .text = why};
    write_unmapped(process, &row);
    work_waits_for(work, "company", order->company_id);
    snprintf(now, sizeof now, "%" PRId64, process_now_ms(process));
    write_add(process->write, "ZADD", due, "NX", now, order->company_id, NULL);
}

static void resolve(struct orders_process *process, const struct window *window,
                    const struct firms *firms, size_t i)
{
    struct work *work = firms->works[i];
    const struct store_rows *rows = says(firms, i);
    const char *id = store_text(rows, i, ERP_ID);
    bool of_location = rows == firms->locations;
    if (*id && !was_blocked(work)) {
        take(work, of_location, id, store_text(rows, i, NUMBER));
        return;
    }
    const json *row =
        *id ? lookup_find(window->lookup, LOOKUP_CUSTOMER_ID, id)
            : lookup_find(window->lookup, LOOKUP_CUSTOMER_NUMBER, number_said(process, firms, i));
    if (!row) {
        unmapped(process, firms, i);
        return;
    }
    take(work, of_location, json_text(row, "id"), json_text(row, "number"));
    if (!*id)
        write_mapped(process, "company", work->order.company_id,
                     store_text(firms->companies, i, SHOPS), work->order.company_name, "",
                     work->customer.id, work->customer.number);
    if (customer_is_blocked(json_text(row, "blocked")))
        work_stop(work, REASON_CUSTOMER_BLOCKED, "customer %s is blocked (%s)",
                  work->customer.number, json_text(row, "blocked"));
}

bool orders_find_companies(struct orders_process *process, struct window *window, struct err *err)
{
    __attribute__((cleanup(firms_drop))) struct firms firms = {.count = 0};
    if (!read_firms(process, window, &firms, err))
        return err_wrap(err, "read companies that have ordered");
    if (firms.count == 0)
        return true;
    ask(process, &firms, window);
    if (!lookup_round(window->lookup, process->attempt, err))
        return err_wrap(err, "find customers of companies");
    for (size_t i = 0; i < firms.count; i++)
        resolve(process, window, &firms, i);
    return true;
}
