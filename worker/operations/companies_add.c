/* companies_add.c - report 30113: customers of Business Central become companies of the store.
 *
 * Idempotency: a company carries the customer's number as its external id, which Shopify keeps
 * unique, so a second create is refused. Whoever has no link is looked for by it first; the search
 * index lags, so one that is refused as taken is looked for by a later run. The link is written
 * last, when contact and role stand: whatever gets lost before it, the next run finds the company
 * and goes on.
 *
 * The contact is the store's customer of this e-mail address, or a new one.
 */
#include <string.h>

#include "operations/companies_add.h"
#include "operations/operations_table.h"

/* ---- creating ---- */

static bool is_new(const struct adding *one)
{
    return !*one->id;
}

static struct shopify_call create_call(const struct add *add, const struct adding *one)
{
    json *input = json_new_object(), *company = json_new_object(), *variables = json_new_object();
    json_set_text(company, "name", one->customer.name);
    json_set_text(company, "externalId", one->customer.number);
    json_set(input, "company", company);
    json_set(input, "companyLocation", adding_location(one));
    if (!*one->person) {
        json *contact = json_new_object();
        json_set_text(contact, "email", first_email(one->customer.email, add->arena));
        json_set(input, "companyContact", contact);
    }
    json_set(variables, "input", input);
    return (struct shopify_call){
        .document = "company-create", .variables = variables, .user_errors_at = "companyCreate"};
}

static void take_created(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *company = json_path(call->data, "companyCreate.company");
    if (adding_taken(call, "email")) {
        one->person = NULL; /* looked for, and the create is sent again */
        return;
    }
    if (adding_taken(call,
                     "externalId")) { /* the index does not show it yet, or a location has it */
        adding_stop(add, one, REASON_CUSTOMER_LATER, "its number is an external id there already");
        return;
    }
    if (!adding_answered(add, one, call))
        return;
    one->id = one->firm_id = staged_id(json_text(company, "id"), add->arena);
    one->contact = adding_text(add, json_text(json_get(company, "mainContact"), "id"));
    one->location = adding_text(add, json_text(json_path(company, "locations.nodes.0"), "id"));
    one->role = adding_text(add, adding_role(add, json_path(company, "contactRoles.nodes")));
    add->run.attempt->counts.created++;
}

static void take_found(struct add *add, struct adding *one, const json *node)
{
    one->firm_id = one->id;
    one->contact = adding_text(add, json_text(json_get(node, "mainContact"), "id"));
    one->location = adding_text(add, json_text(json_path(node, "locations.nodes.0"), "id"));
}

/* ---- its people ---- */

/* Of one that was made by hand, or by a run that did not get further. */
static bool is_unknown_person(const struct adding *one)
{
    return !one->person || (one->stands && !*one->contact);
}

static void take_person(struct add *add, struct adding *one, const struct shopify_call *call)
{
    adding_take_person(add, one, call);
    one->assigned = *one->contact != 0;
    if (!one->stopped && !*one->person)
        adding_stop(add, one, one->stands ? REASON_COMPANY_NO_CONTACT : REASON_CUSTOMER_TAKEN,
                    first_email(one->customer.email, add->arena));
}

static bool is_assigned(const struct adding *one)
{
    return one->assigned;
}

static struct shopify_call main_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = adding_gid(one);
    (void)add;
    json_set_text(variables, "company", gid);
    json_set_text(variables, "contact", one->contact);
    return (struct shopify_call){.document = "company-main-contact",
                                 .variables = variables,
                                 .user_errors_at = "companyAssignMainContact"};
}

static void take_main(struct add *add, struct adding *one, const struct shopify_call *call)
{
    (void)adding_answered(add, one, call);
}

static bool has_no_role(const struct adding *one)
{
    return *one->contact && *one->location && !*one->role;
}

static struct shopify_call roles_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = adding_gid(one);
    (void)add;
    json_set_text(variables, "id", gid);
    return (struct shopify_call){.document = "company-roles", .variables = variables};
}

static void take_roles(struct add *add, struct adding *one, const struct shopify_call *call)
{
    if (!adding_answered(add, one, call))
        return;
    one->role =
        adding_text(add, adding_role(add, json_path(call->data, "company.contactRoles.nodes")));
    if (!*one->role)
        adding_stop(add, one, REASON_COMPANY_NO_ROLE, "");
}

/* ---- the run ---- */

static bool run_window(struct add *add, struct err *err)
{
    static const struct adding_step CREATE = {is_new, create_call, take_created,
                                              "create companies"};
    static const struct adding_step STEPS[] = {
        {is_unknown_person,     adding_find_call,   take_person,          "look for contacts by e-mail"      },
        {is_new,                create_call,        take_created,         "create companies"                 },
        {adding_has_no_contact, adding_assign_call, adding_take_assigned,
         "make customers contacts of companies"                                                              },
        {is_assigned,           main_call,          take_main,            "choose main contacts of companies"},
    };
    static const struct adding_step ROLES[] = {
        {has_no_role,     roles_call,       take_roles,       "read the roles of companies"},
        {adding_has_role, adding_role_call, adding_take_role, "give contacts their roles"  },
    };
    if (!adding_step(add, &CREATE, err))
        return false;
    for (size_t i = 0; i < COUNT(STEPS); i++)
        if (!adding_step(add, &STEPS[i], err))
            return false;
    for (size_t i = 0; add->run.shop->contact_role != CONTACT_ROLE_NONE && i < COUNT(ROLES); i++)
        if (!adding_step(add, &ROLES[i], err))
            return false;
    return true;
}

static void link_one(struct add *add, const struct adding *one)
{
    struct customers *run = &add->run;
    shopper_link(run, one->id, one->customer.name, "", &one->customer);
    if (run->erp_writes && (one->stands || run->shop->company_metafields.count > 0))
        customer_due(run, true, one->customer.id); /* what differs is told by the next sync */
}

bool companies_add_run(struct attempt *attempt, struct err *err)
{
    static const struct adder COMPANIES = {.sort = &FIRMS,
                                           .other = &PLACES,
                                           .record = "company",
                                           .doing = "adding companies",
                                           .named = "companies-by-external-id",
                                           .take_found = take_found,
                                           .run_window = run_window,
                                           .link = link_one};
    return adding_run(attempt, &COMPANIES, err);
}
