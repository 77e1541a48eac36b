/* orders_known.c - customers by what OData cannot compare: a phone number's digits, the first of
 * several e-mail addresses in one field, and a tax number. Each list is read once a run, when it is
 * first needed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "operations/orders_customers.h"
#include "plan/customer_plan.h"

static struct known_customer *add_row(struct known_list *list, const json *row)
{
    list->items = mem_grow(list->items, list->count, list->count + 1, sizeof *list->items);
    struct known_customer *known = &list->items[list->count++];
    snprintf(known->id, sizeof known->id, "%s", json_text(row, "id"));
    snprintf(known->number, sizeof known->number, "%s", json_text(row, "number"));
    snprintf(known->blocked, sizeof known->blocked, "%s", json_text(row, "blocked"));
    return known;
}

static bool take_phone(void *state, const json *row, struct err *err)
{
    struct orders_process *process = state;
    (void)err;
    phone_digits(json_text(row, "phoneNumber"), add_row(&process->phones, row)->key);
    return true;
}

static bool take_email(void *state, const json *row, struct err *err)
{
    struct orders_process *process = state;
    OWN(arena) struct arena *arena = arena_new();
    struct known_customer *known = add_row(&process->emails, row);
    (void)err;
    snprintf(known->key, sizeof known->key, "%s", first_email(json_text(row, "email"), arena));
    return true;
}

static bool read_list(struct orders_process *process, struct known_list *list, const char *path,
                      bool primary, bool (*take)(void *state, const json *row, struct err *err),
                      const char *what, struct err *err)
{
    if (list->read)
        return true;
    list->read = true;
    return bc_list(process->attempt, path, primary, take, process, err) ||
           err_wrap(err, "read the %s of customers", what);
}

bool known_phones(struct orders_process *process, struct err *err)
{
    static const char PATH[] = "customers?$select=id,number,phoneNumber,blocked&$orderby=number"
                               "&$filter=phoneNumber%20ne%20''";
    return read_list(process, &process->phones, PATH, false, take_phone, "phone numbers", err);
}

bool known_emails(struct orders_process *process, struct err *err)
{
    static const char PATH[] = "customers?$select=id,number,email,blocked&$orderby=number"
                               "&$filter=contains(email,';')%20or%20contains(email,',')";
    return read_list(process, &process->emails, PATH, false, take_email, "several e-mail addresses",
                     err);
}

static bool take_tax_id(void *state, const json *row, struct err *err)
{
    struct orders_process *process = state;
    const char *tax_id = json_text(row, "taxRegistrationNumber");
    (void)err;
    if (*tax_id) {
        struct known_customer *known = add_row(&process->tax_ids, row);
        snprintf(known->key, sizeof known->key, "%s", tax_id);
    }
    return true;
}

/* It is a calculated property there, which no filter takes. */
bool known_tax_ids(struct orders_process *process, bool again, struct err *err)
{
    static const char PATH[] =
        "customers?$select=id,number,taxRegistrationNumber,blocked&$orderby=number";
    if (again) {
        free(process->tax_ids.items);
        process->tax_ids = (struct known_list){0};
    }
    return read_list(process, &process->tax_ids, PATH, true, take_tax_id, "tax numbers", err);
}

const struct known_customer *known_by_tax_id(const struct orders_process *process, const char *text,
                                             const struct known_customer *after)
{
    const struct known_list *list = &process->tax_ids;
    for (size_t i = after ? (size_t)(after - list->items) + 1 : 0; *text && i < list->count; i++)
        if (strcasecmp(list->items[i].key, text) == 0)
            return &list->items[i];
    return NULL;
}

/* One side may write it with its country's code, the other without. */
const struct known_customer *known_by_phone(const struct orders_process *process, const char *text,
                                            const struct known_customer *after)
{
    const struct known_list *list = &process->phones;
    for (size_t i = after ? (size_t)(after - list->items) + 1 : 0; i < list->count; i++)
        if (phones_match(list->items[i].key, text))
            return &list->items[i];
    return NULL;
}

const struct known_customer *known_by_email(const struct orders_process *process, const char *text,
                                            const struct known_customer *after)
{
    const struct known_list *list = &process->emails;
    for (size_t i = after ? (size_t)(after - list->items) + 1 : 0; *text && i < list->count; i++)
        if (strcasecmp(list->items[i].key, text) == 0)
            return &list->items[i];
    return NULL;
}

void orders_free_known(struct orders_process *process)
{
    free(process->phones.items);
    free(process->emails.items);
    free(process->tax_ids.items);
}
