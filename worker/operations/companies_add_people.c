/* companies_add_people.c - who orders for a company or a location that was added, and what he may
 * do there.
 *
 * He is the store's customer of the card's e-mail address, or the one who is linked to the card. A
 * contact who has a role at the location already is refused as one too many, and has it.
 */
#include <string.h>

#include "operations/companies_add.h"

char *adding_gid(const struct adding *one)
{
    return mem_printf("gid://shopify/Company/%s", one->firm_id);
}

/* A merchant may call his roles otherwise. */
const char *adding_role(const struct add *add, const json *roles)
{
    static const char *const NAMES[] = {
        [CONTACT_ROLE_NONE] = "",
        [CONTACT_ROLE_ORDERING] = "Ordering only",
        [CONTACT_ROLE_ADMIN] = "Location admin",
    };
    const char *name = NAMES[add->run.shop->contact_role];
    for (size_t i = 0; i < json_count(roles); i++)
        if (strcmp(json_text(json_at(roles, i), "name"), name) == 0)
            return json_text(json_at(roles, i), "id");
    return "";
}

struct shopify_call adding_find_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object(), *identifier = json_new_object();
    if (one->person && *one->person)
        json_set_text(identifier, "id", one->person);
    else
        json_set_text(identifier, "emailAddress", first_email(one->customer.email, add->arena));
    json_set(variables, "identifier", identifier);
    return (struct shopify_call){.document = "contact-by-identifier", .variables = variables};
}

void adding_take_person(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *customer = json_get(call->data, "customerByIdentifier");
    const json *profiles = json_get(customer, "companyContactProfiles");
    if (!adding_answered(add, one, call))
        return;
    one->person = adding_text(add, json_text(customer, "id"));
    for (size_t i = 0; i < json_count(profiles); i++) {
        const json *contact = json_at(profiles, i);
        const char *of = staged_id(json_text(json_get(contact, "company"), "id"), add->arena);
        if (strcmp(of, one->firm_id) == 0)
            one->contact = adding_text(add, json_text(contact, "id"));
    }
}

bool adding_has_no_contact(const struct adding *one)
{
    return *one->id && !*one->contact && one->person && *one->person;
}

struct shopify_call adding_assign_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = adding_gid(one);
    (void)add;
    json_set_text(variables, "company", gid);
    json_set_text(variables, "customer", one->person);
    return (struct shopify_call){.document = "company-contact-assign",
                                 .variables = variables,
                                 .user_errors_at = "companyAssignCustomerAsContact"};
}

void adding_take_assigned(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *contact = json_path(call->data, "companyAssignCustomerAsContact.companyContact");
    if (!adding_answered(add, one, call))
        return;
    one->contact = adding_text(add, json_text(contact, "id"));
    one->assigned = true;
}

bool adding_has_role(const struct adding *one)
{
    return *one->contact && *one->location && *one->role;
}

struct shopify_call adding_role_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object(), *roles = json_new_array(), *role = json_new_object();
    (void)add;
    json_set_text(role, "companyContactRoleId", one->role);
    json_set_text(role, "companyLocationId", one->location);
    json_add(roles, role);
    json_set_text(variables, "contact", one->contact);
    json_set(variables, "roles", roles);
    return (struct shopify_call){.document = "company-contact-roles",
                                 .variables = variables,
                                 .user_errors_at = "companyContactAssignRoles"};
}

void adding_take_role(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (!refusal || strcmp(json_text(refusal, "code"), "LIMIT_REACHED") != 0) /* has one there */
        (void)adding_answered(add, one, call);
}
