/* companies_add.c - report 30113: customers of Business Central become companies of the store.
 *
 * Idempotency: a company carries the customer's number as its external id, which Shopify keeps
 * unique, so a second create is refused. Whoever has no link is looked for by it first; the search
 * index lags, so one that is refused as taken is looked for by a later run. The link is written
 * last, when contact and role stand: whatever gets lost before it, the next run finds the company
 * and goes on. A contact who has a role at the location already is refused as one too many, and has
 * it.
 *
 * The contact is the store's customer of this e-mail address, or a new one. Customers go through in
 * windows, each step for all of a window at once, as many calls as the budget carries.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/filter.h"
#include "operations/customers_run.h"
#include "operations/operations_table.h"

enum { ADDED_AT_ONCE = 25 };

struct adding { /* one customer on the way */
    struct erp_customer customer;
    struct shopper_target target;
    struct firm_change firm;  /* its terms */
    const char *id, *updated; /* of the company; "" = there is none yet */
    const char *contact, *location, *role;
    const char *person; /* the store's customer who becomes its contact; "" = a new one */
    bool assigned;      /* by this run, or by one that did not get further */
    bool stopped, stands;
};

struct add {
    struct customers run;
    struct filter *number, *country;
    struct arena *arena; /* a window's */
    struct adding list[ADDED_AT_ONCE];
    size_t count, done;
};

static void add_drop(struct add *add)
{
    filter_free(add->number);
    filter_free(add->country);
    arena_free(add->arena);
    if (add->run.write)
        customers_close(&add->run);
}

static const char *copy(const struct add *add, const char *text)
{
    return arena_text(add->arena, text);
}

static void stop(struct add *add, struct adding *one, enum reason reason, const char *detail)
{
    one->stopped = true;
    customer_skip(&add->run, one->customer.id, one->customer.number, reason, detail);
}

/* True where the call has done what it was for; else the customer is stopped with the reason. */
static bool answered(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (call->not_allowed)
        stop(add, one, REASON_WRITES_OFF, "");
    else if (call->err.kind != ERR_NONE)
        stop(add, one,
             call->err.kind == ERR_FATAL ? REASON_CUSTOMER_REFUSED : REASON_CUSTOMER_LATER,
             call->err.text);
    else if (refusal)
        stop(add, one, REASON_CUSTOMER_REFUSED, json_text(refusal, "message"));
    return !one->stopped;
}

/* ---- steps: one call for each for whom it is due ---- */

struct step {
    bool (*is_due)(const struct adding *one);
    struct shopify_call (*call)(const struct add *add, const struct adding *one);
    void (*take)(struct add *add, struct adding *one, const struct shopify_call *call);
    const char *doing;
};

static bool run_step(struct add *add, const struct step *step, struct err *err)
{
    struct shopify_call calls[ADDED_AT_ONCE];
    struct adding *whose[ADDED_AT_ONCE];
    size_t count = 0;
    struct err why;
    for (size_t i = 0; i < add->count; i++)
        if (!add->list[i].stopped && step->is_due(&add->list[i])) {
            whose[count] = &add->list[i];
            calls[count++] = step->call(add, &add->list[i]);
        }
    bool ok = count == 0 || shopify_call_all(add->run.attempt, calls, count, err);
    /* Also where the attempt ends: what was answered is recorded. */
    for (size_t i = 0; i < count; i++) {
        step->take(add, whose[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    bool kept = customers_flush(&add->run, true, ok ? err : &why);
    return (ok && kept) || err_wrap(err, "%s", step->doing);
}

/* ---- looking ---- */

static void take_found(struct add *add, const json *node)
{
    struct shopper firm;
    firm_read(node, add->arena, &firm);
    for (size_t i = 0; i < add->count; i++) {
        struct adding *one = &add->list[i];
        if (strcmp(one->customer.number, firm.external_id) != 0)
            continue;
        one->id = firm.id;
        one->updated = copy(add, firm.updated);
        one->contact = copy(add, firm.contact);
        one->location = copy(add, firm.location);
        one->stands = true;
    }
}

/* Those that stand from an earlier run, or from another hand. */
static bool look(struct add *add, struct err *err)
{
    OWN_BUF struct buf query = {0};
    for (size_t i = 0; i < add->count; i++)
        buf_printf(&query, "%sexternal_id:'%s'", i ? " OR " : "", add->list[i].customer.number);
    struct shopify_call call = {.document = "companies-page", .variables = json_new_object()};
    json_set_text(call.variables, "query", buf_str(&query));
    json_set_int(call.variables, "first", ADDED_AT_ONCE);
    bool ok = shopify_ask(add->run.attempt, &call, err);
    const json *nodes = json_path(call.data, "companies.nodes");
    for (size_t i = 0; ok && i < json_count(nodes); i++)
        take_found(add, json_at(nodes, i));
    shopify_call_drop(&call);
    return ok || err_wrap(err, "look for companies by their external ids");
}

/* Whose company it is already, and which customer of the store each is. */
static bool read_links(struct add *add, struct err *err)
{
    static const char *const LINK[] = {"erp_id", "number"};
    struct customers *run = &add->run;
    const char *keys[ADDED_AT_ONCE], *ids[ADDED_AT_ONCE];
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids persons = {0};
    for (size_t i = 0; i < add->count; i++) {
        keys[i] = arena_printf(add->arena, "company:%s", add->list[i].id);
        ids[i] = add->list[i].customer.id;
    }
    if (!store_read(run->attempt->ledger, run->company, keys, add->count, LINK, COUNT(LINK), &rows,
                    err) ||
        !customers_linked(run, &PERSONS, ids, add->count, &persons, err))
        return false;
    for (size_t i = 0; i < add->count; i++) {
        struct adding *one = &add->list[i];
        const char *erp_id = store_text(rows, i, 0);
        if (*persons.items[i])
            one->person = arena_printf(add->arena, "gid://shopify/Customer/%s", persons.items[i]);
        if (*one->id && *erp_id && strcmp(erp_id, one->customer.id) != 0) {
            OWN_TEXT char *detail = mem_printf("its external id %s: it is customer %s",
                                               one->customer.number, store_text(rows, i, 1));
            stop(add, one, REASON_COMPANY_TAKEN, detail);
        } else if (one->stands && !*one->contact && !*one->person)
            one->person = NULL; /* looked for: a company that was made by hand has none */
    }
    return customers_flush(run, true, err);
}

/* ---- creating ---- */

/* "" = it has none of this name, because a merchant calls it otherwise. */
static const char *role_of(const struct add *add, const json *roles)
{
    static const char *const NAMES[] = {
        [CONTACT_ROLE_NONE] = "",
        [CONTACT_ROLE_ORDERING] = "Ordering only",
        [CONTACT_ROLE_ADMIN] = "Location admin",
    };
    const char *name = NAMES[add->run.shop->contact_role];
    for (size_t i = 0; i < json_count(roles); i++)
        if (strcmp(json_text(json_at(roles, i), "name"), name) == 0)
            return copy(add, json_text(json_at(roles, i), "id"));
    return "";
}

static json *location_input(const struct adding *one)
{
    const struct erp_customer *customer = &one->customer;
    json *place = json_new_object();
    const char *const street = customer->address1;
    json_set_text(place, "name", *street ? street : customer->name);
    json_set_text(place, "externalId", customer->number);
    if (*customer->tax_id)
        json_set_text(place, "taxRegistrationId", customer->tax_id);
    if (one->target.fields[SHOPPER_ADDRESS_1] && *street) {
        json_set(place, "shippingAddress", firm_address(NULL, customer, &one->target));
        json_set_bool(place, "billingSameAsShipping", true);
    }
    if (one->firm.terms_id) {
        json *terms = json_new_object();
        json_set_text(terms, "paymentTermsTemplateId", one->firm.terms_id);
        json_set(place, "buyerExperienceConfiguration", terms);
    }
    return place;
}

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
    json_set(input, "companyLocation", location_input(one));
    if (!*one->person) {
        json *contact = json_new_object();
        json_set_text(contact, "email", first_email(one->customer.email, add->arena));
        json_set(input, "companyContact", contact);
    }
    json_set(variables, "input", input);
    return (struct shopify_call){
        .document = "company-create", .variables = variables, .user_errors_at = "companyCreate"};
}

static const char *last_field(const json *refusal)
{
    const json *field = json_get(refusal, "field");
    return json_string(json_at(field, json_count(field) - 1));
}

static void take_created(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *company = json_path(call->data, "companyCreate.company");
    const json *refusal = json_at(call->user_errors, 0);
    bool taken = refusal && strcmp(json_text(refusal, "code"), "TAKEN") == 0;
    if (taken && strcmp(last_field(refusal), "email") == 0) {
        one->person = NULL; /* looked for, and the create is sent again */
        return;
    }
    if (taken) { /* the index does not show it yet, or a location has it */
        stop(add, one, REASON_CUSTOMER_LATER, "its number is an external id there already");
        return;
    }
    if (!answered(add, one, call))
        return;
    one->id = staged_id(json_text(company, "id"), add->arena);
    one->updated = copy(add, json_text(company, "updatedAt"));
    one->contact = copy(add, json_text(json_get(company, "mainContact"), "id"));
    one->location = copy(add, json_text(json_path(company, "locations.nodes.0"), "id"));
    one->role = role_of(add, json_path(company, "contactRoles.nodes"));
    add->run.attempt->counts.created++;
}

static bool is_unknown_person(const struct adding *one)
{
    return one->person == NULL;
}

static struct shopify_call find_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object(), *identifier = json_new_object();
    json_set_text(identifier, "emailAddress", first_email(one->customer.email, add->arena));
    json_set(variables, "identifier", identifier);
    return (struct shopify_call){.document = "customer-by-identifier", .variables = variables};
}

static void take_person(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *customer = json_get(call->data, "customerByIdentifier");
    one->person = copy(add, json_text(customer, "id"));
    if (answered(add, one, call) && !*one->person)
        stop(add, one, one->stands ? REASON_COMPANY_NO_CONTACT : REASON_CUSTOMER_TAKEN,
             first_email(one->customer.email, add->arena));
}

/* ---- its people ---- */

static char *company_gid(const struct adding *one)
{
    return mem_printf("gid://shopify/Company/%s", one->id);
}

static bool is_half_made(const struct adding *one)
{
    return one->stands && !*one->contact;
}

static struct shopify_call people_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = company_gid(one);
    (void)add;
    json_set_text(variables, "id", gid);
    return (struct shopify_call){.document = "company-people", .variables = variables};
}

/* A contact whom an earlier run has assigned, and not chosen yet. */
static void take_people(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *contacts = json_path(call->data, "company.contacts.nodes");
    if (!answered(add, one, call))
        return;
    for (size_t i = 0; i < json_count(contacts); i++) {
        const json *contact = json_at(contacts, i);
        if (strcmp(json_text(json_get(contact, "customer"), "id"), one->person) != 0)
            continue;
        one->contact = copy(add, json_text(contact, "id"));
        one->assigned = true;
    }
}

static bool has_no_contact(const struct adding *one)
{
    return *one->id && !*one->contact && one->person && *one->person;
}

static struct shopify_call assign_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = company_gid(one);
    (void)add;
    json_set_text(variables, "company", gid);
    json_set_text(variables, "customer", one->person);
    return (struct shopify_call){.document = "company-contact-assign",
                                 .variables = variables,
                                 .user_errors_at = "companyAssignCustomerAsContact"};
}

static void take_assigned(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *contact = json_path(call->data, "companyAssignCustomerAsContact.companyContact");
    if (!answered(add, one, call))
        return;
    one->contact = copy(add, json_text(contact, "id"));
    one->assigned = true;
}

static bool is_assigned(const struct adding *one)
{
    return one->assigned;
}

static struct shopify_call main_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = company_gid(one);
    (void)add;
    json_set_text(variables, "company", gid);
    json_set_text(variables, "contact", one->contact);
    return (struct shopify_call){.document = "company-main-contact",
                                 .variables = variables,
                                 .user_errors_at = "companyAssignMainContact"};
}

static void take_main(struct add *add, struct adding *one, const struct shopify_call *call)
{
    (void)answered(add, one, call);
}

static bool has_no_role(const struct adding *one)
{
    return *one->contact && *one->location && !*one->role;
}

static void take_roles(struct add *add, struct adding *one, const struct shopify_call *call)
{
    if (!answered(add, one, call))
        return;
    one->role = role_of(add, json_path(call->data, "company.contactRoles.nodes"));
    if (!*one->role)
        stop(add, one, REASON_COMPANY_NO_ROLE, "");
}

static bool has_role(const struct adding *one)
{
    return *one->contact && *one->location && *one->role;
}

static struct shopify_call role_call(const struct add *add, const struct adding *one)
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

static void take_role(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (!refusal || strcmp(json_text(refusal, "code"), "LIMIT_REACHED") != 0) /* has one there */
        (void)answered(add, one, call);
}

/* ---- a window ---- */

static bool is_through(const struct adding *one)
{
    return !one->stopped && *one->id;
}

static void link_window(struct add *add)
{
    struct customers *run = &add->run;
    for (size_t i = 0; i < add->count; i++) {
        const struct adding *one = &add->list[i];
        if (!is_through(one))
            continue;
        shopper_link(run, one->id, one->customer.name, "", &one->customer);
        customer_skip_gone(run, one->customer.id);
        if (one->stands)
            run->attempt->counts.updated++;
        if (one->stands && run->erp_writes)
            customer_due(run, true, one->customer.id); /* what differs is told by the next sync */
    }
}

static bool run_window(struct add *add, struct err *err)
{
    static const struct step CREATE = {is_new, create_call, take_created, "create companies"};
    static const struct step FIND = {is_unknown_person, find_call, take_person,
                                     "look for contacts by e-mail"};
    static const struct step STEPS[] = {
        {is_half_made,   people_call, take_people,   "read the contacts of companies"      },
        {has_no_contact, assign_call, take_assigned, "make customers contacts of companies"},
        {is_assigned,    main_call,   take_main,     "choose main contacts of companies"   },
    };
    static const struct step ROLES[] = {
        {has_no_role, people_call, take_roles, "read the roles of companies"},
        {has_role,    role_call,   take_role,  "give contacts their roles"  },
    };
    if (add->count == 0)
        return true;
    add->done += add->count;
    if (!look(add, err) || !read_links(add, err) || !run_step(add, &CREATE, err) ||
        !run_step(add, &FIND, err) || !run_step(add, &CREATE, err))
        return false;
    for (size_t i = 0; i < COUNT(STEPS); i++)
        if (!run_step(add, &STEPS[i], err))
            return false;
    for (size_t i = 0; add->run.shop->contact_role != CONTACT_ROLE_NONE && i < COUNT(ROLES); i++)
        if (!run_step(add, &ROLES[i], err))
            return false;
    link_window(add);
    add->count = 0;
    arena_free(add->arena);
    add->arena = arena_new();
    attempt_progress(add->run.attempt, "adding companies", (int64_t)add->done, 0);
    return customers_flush(&add->run, true, err) &&
           attempt_checkpoint(add->run.attempt, "", 0, err);
}

/* ---- who ---- */

static bool take_customer(struct add *add, const struct erp_customer *from, struct err *err)
{
    struct adding *one = &add->list[add->count];
    struct shopper nobody;
    bool differs[SHOPPER_FIELDS];
    OWN_BUF struct buf detail = {0};
    *one = (struct adding){.customer = *from,
                           .id = "",
                           .updated = "",
                           .contact = "",
                           .location = "",
                           .role = "",
                           .person = ""};
    struct erp_customer *to = &one->customer;
    const char **const TEXTS[] = {
        &to->id,  &to->number,  &to->name,  &to->address1, &to->address2, &to->city,    &to->county,
        &to->zip, &to->country, &to->phone, &to->email,    &to->tax_id,   &to->terms_id};
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        *TEXTS[i] = copy(add, *TEXTS[i]);
    to->company = true;
    enum reason reason = to->blocked ? REASON_CUSTOMER_NOT_OFFERED
                         : !*first_email(to->email, add->arena)
                             ? REASON_CUSTOMER_NO_EMAIL
                             : shopper_target(to, &add->run.finder, add->run.own_country, NULL,
                                              add->arena, &one->target, &detail);
    if (reason != REASON_NONE) {
        stop(add, one, reason, buf_str(&detail));
        return true;
    }
    firm_read(NULL, add->arena, &nobody);
    nobody.location = "new"; /* it will have one, and its terms are compared with none */
    add->count++;
    return firm_compare(&add->run, to, &nobody, &one->target, differs, &one->firm, err);
}

struct listed {
    struct add *add;
    json *rows; /* of those that are wanted */
};

static bool take_row(void *state, const json *row, struct err *err)
{
    struct listed *listed = state;
    const struct add *add = listed->add;
    (void)err;
    if (filter_fits(add->number, json_text(row, "number")) &&
        filter_fits(add->country, json_text(row, "country")))
        json_add(listed->rows, json_copy(row));
    return true;
}

static bool run_rows(struct add *add, const json *rows, size_t from, size_t count, struct err *err)
{
    const char *ids[STORE_PAGE];
    OWN_IDS struct store_ids linked = {0};
    for (size_t i = 0; i < count; i++)
        ids[i] = json_text(json_at(rows, from + i), "id");
    if (!customers_linked(&add->run, &FIRMS, ids, count, &linked, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct erp_customer customer;
        erp_customer_read(json_at(rows, from + i), &customer);
        add->run.attempt->counts.read++;
        if (*linked.items[i] || strcmp(customer.number, add->run.default_number) == 0)
            continue;
        if (!take_customer(add, &customer, err) ||
            (add->count == ADDED_AT_ONCE && !run_window(add, err)))
            return false;
    }
    return true;
}

static bool run_all(struct add *add, struct err *err)
{
    static const char PATH[] = "customers?$select=" BC_CUSTOMER_FIELDS "&$orderby=number";
    OWN_JSON json *rows = json_new_array();
    struct listed listed = {add, rows};
    if (!bc_list(add->run.attempt, PATH, false, take_row, &listed, err))
        return err_wrap(err, "list customers");
    for (size_t at = 0; at < json_count(rows); at += STORE_PAGE) {
        size_t left = json_count(rows) - at;
        if (!run_rows(add, rows, at, left < STORE_PAGE ? left : STORE_PAGE, err))
            return false;
    }
    return run_window(add, err) && customers_flush(&add->run, true, err);
}

bool companies_add_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(add_drop))) struct add add = {0};
    add.arena = arena_new();
    if (!customers_open(&add.run, &FIRMS, attempt, err) ||
        !argument_filter(attempt->args, "customer_no", &add.number, err) ||
        !argument_filter(attempt->args, "customer_country", &add.country, err))
        return false;
    if (!add.run.shop->allow_writes)
        return err_set(err, ERR_FATAL, 0,
                       "nothing may be written to shop %s; set allow_writes of the shop",
                       add.run.shop->code);
    return customers_own_country(&add.run, err) && run_all(&add, err);
}
