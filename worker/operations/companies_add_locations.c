/* companies_add_locations.c - report 30121: customers of Business Central become locations of a
 * company of the store, each sold to by himself.
 *
 * Idempotency: that of companies_add.c; here it is the location that carries the customer's number
 * as its external id. A location belongs to one customer, and a customer is a company or a
 * location, once: whoever is something else there already is a skip that says what.
 *
 * Orders of the location are its customer's (orders_companies.c); whom Business Central bills for
 * him stands on his card.
 */
#include <string.h>

#include "operations/companies_add.h"
#include "operations/operations_table.h"
#include "operations/orders_lookup.h"

/* ---- the company ---- */

enum { SHOPIFY_DIGITS = 10 }; /* a number of Shopify's has as many, one of a customer fewer */

/* By the number of its customer. */
static bool parent_of_customer(struct add *add, const char *number, struct err *err)
{
    struct customers *run = &add->run;
    struct lookup *lookup = lookup_new();
    OWN_IDS struct store_ids links = {0};
    lookup_want(lookup, LOOKUP_CUSTOMER_NUMBER, number);
    bool ok = lookup_round(lookup, run->attempt, err);
    const json *row = ok ? lookup_find(lookup, LOOKUP_CUSTOMER_NUMBER, number) : NULL;
    if (ok && !row)
        ok = err_set(err, ERR_FATAL, 0, "company: there is no customer %s", number);
    const char *id = json_text(row, "id");
    ok = ok && customers_linked(run, &FIRMS, &id, 1, &links, err);
    if (ok)
        add->parent = arena_text(add->kept, links.items[0]);
    lookup_free(lookup);
    return ok;
}

static bool find_parent(struct add *add, struct err *err)
{
    const char *asked = json_text(add->run.attempt->args, "company");
    bool shopifys = strlen(asked) >= SHOPIFY_DIGITS && strspn(asked, "0123456789") == strlen(asked);
    add->parent = arena_text(add->kept, asked);
    add->parent_role = "";
    return shopifys || parent_of_customer(add, asked, err) ||
           err_wrap(err, "find the company of customer %s", asked);
}

/* Its roles, as the first window needs them. */
static bool read_parent(struct add *add, struct err *err)
{
    struct shopify_call call = {.document = "company-roles", .variables = json_new_object()};
    OWN_TEXT char *gid = mem_printf("gid://shopify/Company/%s", add->parent);
    json_set_text(call.variables, "id", gid);
    bool ok = shopify_ask(add->run.attempt, &call, err);
    const json *company = json_get(call.data, "company");
    if (ok && !company)
        ok = err_set(err, ERR_FATAL, 0, "company: the store has no company %s", add->parent);
    add->parent_read = ok;
    if (ok)
        add->parent_role =
            arena_text(add->kept, adding_role(add, json_path(company, "contactRoles.nodes")));
    shopify_call_drop(&call);
    return ok || err_wrap(err, "read the company");
}

/* ---- creating ---- */

static bool is_new(const struct adding *one)
{
    return !*one->id;
}

static struct shopify_call create_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = adding_gid(one);
    (void)add;
    json_set_text(variables, "company", gid);
    json_set(variables, "input", adding_location(one));
    return (struct shopify_call){.document = "company-location-create",
                                 .variables = variables,
                                 .user_errors_at = "companyLocationCreate"};
}

static void take_created(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *place = json_path(call->data, "companyLocationCreate.companyLocation");
    if (adding_taken(call, "externalId")) { /* the index does not show it yet */
        adding_stop(add, one, REASON_CUSTOMER_LATER, "its number is an external id there already");
        return;
    }
    if (!adding_answered(add, one, call))
        return;
    one->location = adding_text(add, json_text(place, "id"));
    one->id = staged_id(one->location, add->arena);
    add->run.attempt->counts.created++;
}

static void take_found(struct add *add, struct adding *one, const json *node)
{
    const char *of = staged_id(json_text(json_get(node, "company"), "id"), add->arena);
    one->location = adding_text(add, json_text(node, "id"));
    if (strcmp(of, add->parent) != 0)
        adding_elsewhere(add, one, "a location of company", of);
}

/* ---- its people ---- */

static bool is_anybody(const struct adding *one)
{
    return !*one->contact;
}

static bool is_nobody(const struct adding *one)
{
    return !*one->contact && !*one->person;
}

static struct shopify_call contact_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object(), *input = json_new_object();
    OWN_TEXT char *gid = adding_gid(one);
    json_set_text(input, "email", first_email(one->customer.email, add->arena));
    json_set_text(variables, "company", gid);
    json_set(variables, "input", input);
    return (struct shopify_call){.document = "company-contact-create",
                                 .variables = variables,
                                 .user_errors_at = "companyContactCreate"};
}

static void take_contact(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *contact = json_path(call->data, "companyContactCreate.companyContact");
    if (adding_taken(call, "email")) /* a linked one is gone, and this address is another's */
        adding_stop(add, one, REASON_CUSTOMER_TAKEN, first_email(one->customer.email, add->arena));
    else if (adding_answered(add, one, call))
        one->contact = adding_text(add, json_text(contact, "id"));
}

/* ---- the run ---- */

/* Without a company, or without the role that the setting asks for, nobody is added. */
static void take_parent(struct add *add)
{
    for (size_t i = 0; i < add->count; i++) {
        struct adding *one = &add->list[i];
        one->firm_id = add->parent;
        one->role = add->parent_role;
        if (!one->stopped && !*add->parent)
            adding_stop(add, one, REASON_PARENT_NO_COMPANY,
                        json_text(add->run.attempt->args, "company"));
        else if (!one->stopped && add->run.shop->contact_role != CONTACT_ROLE_NONE && !*one->role)
            adding_stop(add, one, REASON_COMPANY_NO_ROLE, "");
    }
}

static bool run_window(struct add *add, struct err *err)
{
    static const struct adding_step STEPS[] = {
        {is_new,                create_call,        take_created,         "create locations"           },
        {is_anybody,            adding_find_call,   adding_take_person,   "look for contacts by e-mail"},
        {is_nobody,             contact_call,       take_contact,         "create contacts"            },
        {adding_has_no_contact, adding_assign_call, adding_take_assigned,
         "make customers contacts of the company"                                                      },
        {adding_has_role,       adding_role_call,   adding_take_role,     "give contacts their roles"  },
    };
    if (*add->parent && !add->parent_read && !read_parent(add, err))
        return false;
    take_parent(add);
    for (size_t i = 0; i < COUNT(STEPS); i++)
        if (!adding_step(add, &STEPS[i], err))
            return false;
    return true;
}

/* As orders look for it, and as the next run does. */
static void link_one(struct add *add, const struct adding *one)
{
    struct customers *run = &add->run;
    const struct erp_customer *customer = &one->customer;
    OWN_TEXT char *key = mem_printf("company-location:%s", one->id);
    OWN_TEXT char *there = mem_printf("erp-company-location:%s:%s", run->shop->code, customer->id);
    write_add(run->write, "HSET", key, "name", customer->name, "erp_id", customer->id, "number",
              customer->number, "company", one->firm_id, NULL);
    write_add(run->write, "SET", there, one->id, "NX", NULL);
}

/* One of this company's is done; one of another's stays there. */
static bool already(struct add *add, const struct erp_customer *customer, const char *id,
                    struct err *err)
{
    static const char *const FIELDS[] = {"company"};
    OWN(store_rows) struct store_rows *rows = NULL;
    const char *key = arena_printf(add->arena, "company-location:%s", id);
    if (!store_read(add->run.attempt->ledger, add->run.company, &key, 1, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    struct adding one = {.customer = *customer};
    if (strcmp(store_text(rows, 0, 0), add->parent) != 0)
        adding_elsewhere(add, &one, "a location of company", store_text(rows, 0, 0));
    return customers_flush(&add->run, false, err);
}

bool companies_add_locations_run(struct attempt *attempt, struct err *err)
{
    static const struct adder LOCATIONS = {.sort = &PLACES,
                                           .other = &FIRMS,
                                           .record = "company-location",
                                           .doing = "adding locations",
                                           .named = "company-locations-by-external-id",
                                           .prepare = find_parent,
                                           .take_found = take_found,
                                           .run_window = run_window,
                                           .link = link_one,
                                           .already = already};
    return adding_run(attempt, &LOCATIONS, err);
}
