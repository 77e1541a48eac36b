/* companies_add_catalog.c - the catalog of a location that was added, where the shop wants one
 * (auto_create_catalog).
 *
 * Idempotency: a location that stood before is asked for its catalogs first, and the link is
 * written last, so a run that was lost is gone on with. The price list is made with its catalog
 * named, after it: no list is ever left without one. A location that has a catalog of another hand
 * keeps it.
 *
 * Every product is in it, at the store's prices, until somebody says in the setting `catalogs` what
 * it costs. Where the plan has no such catalogs the company is added without one, and its link says
 * so: the first run after an upgrade goes through it once more.
 */
#include <string.h>

#include "bc/catalogue.h"
#include "operations/companies_add.h"
#include "operations/plan_gate.h"

/* ---- looking ---- */

static bool stood(const struct adding *one)
{
    return one->stands && *one->location;
}

static struct shopify_call look_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object();
    (void)add;
    json_set_text(variables, "id", one->location);
    return (struct shopify_call){.document = "location-catalogs", .variables = variables};
}

static void take_look(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *catalogs = json_path(call->data, "companyLocation.catalogs.nodes");
    if (!adding_answered(add, one, call))
        return;
    one->has_catalog = json_count(catalogs) > 0;
    for (size_t i = 0; i < json_count(catalogs); i++) {
        const json *catalog = json_at(catalogs, i);
        if (strcmp(json_text(catalog, "title"), one->customer.name) == 0 &&
            !json_get(catalog, "priceList"))
            one->catalog = adding_text(add, json_text(catalog, "id")); /* a run was lost */
    }
}

/* ---- making ---- */

static bool has_none(const struct adding *one)
{
    return *one->id && *one->location && !one->has_catalog;
}

static struct shopify_call create_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object(), *input = json_new_object(), *context = json_new_object();
    json *places = json_new_array();
    (void)add;
    json_add_text(places, one->location);
    json_set(context, "companyLocationIds", places);
    json_set_text(input, "title", one->customer.name);
    json_set_text(input, "status", "ACTIVE");
    json_set(input, "context", context);
    json_set(variables, "input", input);
    return (struct shopify_call){
        .document = "catalog-create", .variables = variables, .user_errors_at = "catalogCreate"};
}

static void take_created(struct add *add, struct adding *one, const struct shopify_call *call)
{
    if (plan_refused(add->run.attempt, add->run.write, call->user_errors)) {
        add->catalogs = false; /* the shop's skip says so; the company is whole without it */
        return;
    }
    if (adding_answered(add, one, call))
        one->catalog =
            adding_text(add, json_text(json_path(call->data, "catalogCreate.catalog"), "id"));
}

static bool has_no_list(const struct adding *one)
{
    return *one->catalog != 0;
}

/* Names of price lists are unique in a store, names of customers are not. */
static struct shopify_call list_call(const struct add *add, const struct adding *one)
{
    json *variables = json_new_object(), *input = json_new_object(), *parent = json_new_object();
    json *adjustment = json_new_object(), *settings = json_new_object();
    OWN_TEXT char *name = mem_printf("%s %s", one->customer.name, one->customer.number);
    json_set_text(adjustment, "type", "PERCENTAGE_DECREASE");
    json_set_int(adjustment, "value", 0);
    json_set_text(settings, "compareAtMode", "NULLIFY");
    json_set(parent, "adjustment", adjustment);
    json_set(parent, "settings", settings);
    json_set_text(input, "name", name);
    json_set_text(input, "currency", add->currency);
    json_set_text(input, "catalogId", one->catalog);
    json_set(input, "parent", parent);
    json_set(variables, "input", input);
    return (struct shopify_call){.document = "price-list-create",
                                 .variables = variables,
                                 .user_errors_at = "priceListCreate"};
}

static void take_list(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (!refusal) {
        (void)adding_answered(add, one, call);
        return;
    }
    OWN_TEXT char *detail = mem_printf("price list \"%s %s\": %s", one->customer.name,
                                       one->customer.number, json_text(refusal, "message"));
    adding_stop(add, one, REASON_CUSTOMER_REFUSED, detail);
}

bool adding_catalogs(struct add *add, struct err *err)
{
    static const struct adding_step STEPS[] = {
        {stood,       look_call,   take_look,    "look for the catalogs of locations"},
        {has_none,    create_call, take_created, "create catalogs"                   },
        {has_no_list, list_call,   take_list,    "create price lists of catalogs"    },
    };
    for (size_t i = 0; add->catalogs && i < COUNT(STEPS); i++)
        if (!adding_step(add, &STEPS[i], err))
            return false;
    return true;
}

bool adding_wants_catalogs(struct add *add, struct err *err)
{
    static const enum plan_feature NEEDS[] = {PLAN_COMPANY_CATALOGS};
    const struct shop *shop = add->run.shop;
    if (!shop->auto_create_catalog)
        return true;
    add->currency = shop->currency;
    return (*shop->currency || bc_local_currency(add->run.attempt, &add->currency, err)) &&
           plan_gate(add->run.attempt, add->run.write, NEEDS, COUNT(NEEDS), &add->catalogs, err) &&
           customers_flush(&add->run, true, err);
}

/* ---- after an upgrade of the plan ---- */

static const char *const LACKS[] = {"lacks_catalog"};

bool adding_lacks_catalog(struct add *add, const char *id, bool *out, struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    const char *key = arena_printf(add->arena, "%s:%s", add->adder->record, id);
    *out = false;
    if (!add->catalogs)
        return true;
    if (!store_read(add->run.attempt->ledger, add->run.company, &key, 1, LACKS, COUNT(LACKS), &rows,
                    err))
        return false;
    *out = *store_text(rows, 0, 0) != 0;
    return true;
}

void adding_note_catalog(struct add *add, const struct adding *one)
{
    OWN_TEXT char *key = mem_printf("%s:%s", add->adder->record, one->id);
    /* Also where one was made and its price list no more: the next run looks. */
    bool lacks = add->run.shop->auto_create_catalog && !add->catalogs && !one->has_catalog;
    write_add(add->run.write, "HSET", key, LACKS[0], lacks ? "1" : "", NULL);
}
