/* companies_tell.c - what a customer of Business Central's is to be as a company of the store.
 *
 * Only its oldest location is told of him: it is the one that his address was read from, and others
 * are places of their own. An address is sent whole, because Shopify replaces it whole. Blank terms
 * match no template: a customer who has none takes the location's away, where the shop maps terms.
 * The external id is his number, where the company has none; one of another's is never replaced.
 */
#include <string.h>
#include <strings.h>

#include "operations/customers_run.h"

static const char NO_ID[] = "00000000-0000-0000-0000-000000000000";

static bool read_templates(struct customers *run, struct err *err)
{
    if (run->templates)
        return true;
    struct shopify_call call = {.document = "payment-terms-list", .variables = json_new_object()};
    bool ok = shopify_ask(run->attempt, &call, err);
    if (ok)
        run->templates = json_copy(json_get(call.data, "paymentTermsTemplates"));
    shopify_call_drop(&call);
    return ok || err_wrap(err, "list payment terms of the store");
}

/* The template that is mapped to his terms; a code that no template is mapped to changes nothing.
 */
static bool compare_terms(struct customers *run, const struct erp_customer *customer,
                          const struct shopper *now, struct firm_change *out, struct err *err)
{
    const struct setting_map *map = &run->shop->payment_terms;
    const char *code = "", *name = NULL;
    bool none = !*customer->terms_id || strcmp(customer->terms_id, NO_ID) == 0;
    if (map->count == 0)
        return true;
    if (none) {
        out->terms = *now->terms != 0;
        return true;
    }
    if (!orders_code_named(&run->process, CODE_PAYMENT_TERMS, customer->terms_id, &code, err))
        return false;
    for (size_t i = 0; *code && i < map->count && !name; i++)
        if (strcasecmp(map->pairs[i].value, code) == 0)
            name = map->pairs[i].key;
    const char *before = *now->terms ? setting_map_get(map, now->terms) : NULL;
    if (!name || (before && strcasecmp(before, code) == 0))
        return true; /* several names may be one code */
    if (!read_templates(run, err))
        return false;
    for (size_t i = 0; i < json_count(run->templates) && !out->terms_id; i++) {
        const json *row = json_at(run->templates, i);
        if (strcasecmp(json_text(row, "name"), name) == 0)
            out->terms_id = json_text(row, "id");
    }
    out->terms = out->terms_id != NULL;
    return true;
}

bool firm_compare(struct customers *run, const struct erp_customer *customer,
                  const struct shopper *now, struct shopper_target *target,
                  bool differs[static SHOPPER_FIELDS], struct firm_change *out, struct err *err)
{
    /* Its people are their own: only what stands at company and location is told. */
    if (target->fields[SHOPPER_PHONE])
        target->fields[SHOPPER_ADDRESS_PHONE] = target->fields[SHOPPER_PHONE];
    for (int i = 0; i < SHOPPER_PERSON; i++)
        target->fields[i] = NULL;
    shopper_differs(target, now, differs);
    *out = (struct firm_change){.external_id = *now->external_id ? "" : customer->number,
                                .tax_id = customer->tax_id};
    out->firm = differs[SHOPPER_COMPANY] || *out->external_id;
    for (int i = SHOPPER_ADDRESS_1; i < SHOPPER_FIELDS; i++)
        out->place = out->place || differs[i];
    out->place = out->place && target->fields[SHOPPER_ADDRESS_1] && *now->location;
    out->tax = *customer->tax_id && strcmp(customer->tax_id, now->tax_id) != 0 && *now->location;
    return !*now->location || compare_terms(run, customer, now, out, err);
}

static const char *or_now(const struct shopper_target *target, enum shopper_field field,
                          const char *now)
{
    return target->fields[field] ? target->fields[field] : now;
}

json *firm_address(const struct shopper *now, const struct erp_customer *customer,
                   const struct shopper_target *target)
{
    static const char *const NAMES[] = {"recipient", "firstName", "lastName", "address1",
                                        "address2",  "zip",       "city",     "countryCode",
                                        "zoneCode",  "phone"};
    static const struct order_address NONE = {"", "", "", "", "", "",   "",
                                              "", "", "", "", "", false};
    const struct order_address *at = now ? &now->address : &NONE;
    const char *const texts[COUNT(NAMES)] = {customer->name,
                                             at->first,
                                             at->last,
                                             or_now(target, SHOPPER_ADDRESS_1, at->address1),
                                             or_now(target, SHOPPER_ADDRESS_2, at->address2),
                                             or_now(target, SHOPPER_ZIP, at->zip),
                                             or_now(target, SHOPPER_CITY, at->city),
                                             or_now(target, SHOPPER_COUNTRY, at->country),
                                             or_now(target, SHOPPER_PROVINCE, at->state),
                                             or_now(target, SHOPPER_ADDRESS_PHONE, at->phone)};
    json *address = json_new_object();
    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (*texts[i])
            json_set_text(address, NAMES[i], texts[i]);
    return address;
}

struct shopify_call firm_call(const struct shopper *now, const struct erp_customer *customer,
                              const struct shopper_target *target, const struct firm_change *change)
{
    json *variables = json_new_object(), *input = json_new_object(), *card = json_new_object();
    json *terms = json_new_object();
    OWN_TEXT char *gid = mem_printf("gid://shopify/Company/%s", now->id);
    json_set_text(input, "name", customer->name);
    if (*change->external_id)
        json_set_text(input, "externalId", change->external_id);
    if (change->terms_id)
        json_set_text(terms, "paymentTermsTemplateId", change->terms_id);
    else
        json_set(terms, "paymentTermsTemplateId", NULL);
    json_set(card, "buyerExperienceConfiguration", terms);
    json_set_text(variables, "company", gid);
    json_set(variables, "input", input);
    json_set_text(variables, "location", *now->location ? now->location : gid);
    json_set(variables, "address",
             change->place ? firm_address(now, customer, target) : json_new_object());
    json_set_text(variables, "taxId", change->tax_id);
    json_set(variables, "card", card);
    json_set_bool(variables, "firm", change->firm);
    json_set_bool(variables, "place", change->place);
    json_set_bool(variables, "tax", change->tax);
    json_set_bool(variables, "terms", change->terms);
    return (struct shopify_call){.document = "company-change",
                                 .variables = variables,
                                 .user_errors_at =
                                     change->firm ? "companyUpdate" : "companyLocationUpdate"};
}
