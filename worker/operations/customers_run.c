/* customers_run.c - customers of both sides as records, and what is kept of them. */
#include "operations/customers_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"
#include "operations/plan_gate.h"

/* ---- the run ---- */

const struct sort PERSONS = {"customer",        "customers", "Customer",  "customers-page",
                             "customers-named", false,       shopper_read};
const struct sort FIRMS = {"company",         "companies", "Company", "companies-page",
                           "companies-named", true,        firm_read};
const struct sort PLACES = {
    "company-location", "company-locations", "CompanyLocation", NULL, NULL, true, NULL};

/* Companies are found, made and named by settings of their own. */
static void set_terms(struct customers *run)
{
    const struct shop *shop = run->shop;
    bool firms = run->sort->firms;
    run->import = firms ? shop->company_import : shop->customer_import;
    run->shopify_writes =
        firms ? shop->shopify_can_update_companies : shop->shopify_can_update_customers;
    run->erp_writes =
        firms ? shop->can_update_shopify_companies : shop->can_update_shopify_customers;
    run->default_number = firms ? shop->default_company : shop->default_customer;
    if (!firms)
        return;
    run->finder.auto_create_customers = shop->auto_create_companies;
    run->finder.default_customer = shop->default_company;
    run->finder.name_source = NAME_COMPANY;
    run->finder.name_2_source = run->finder.contact_source = NAME_NONE;
}

bool customers_open(struct customers *run, const struct sort *sort, struct attempt *attempt,
                    struct err *err)
{
    *run = (struct customers){.attempt = attempt, .sort = sort, .shop = attempt->shop};
    if (!shop_ready(attempt, err))
        return false;
    run->company = attempt->sheet->ticket.company;
    run->finder = *attempt->shop;
    run->finder.customer_mapping = CUSTOMER_BY_EMAIL_PHONE;
    run->finder.country_customers = (struct setting_map){NULL, 0};
    set_terms(run);
    run->write = write_new();
    run->process = (struct orders_process){.attempt = attempt,
                                           .company = run->company,
                                           .shop = &run->finder,
                                           .write = run->write,
                                           .firms = sort->firms};
    if (bc_of(attempt, &run->process.bc, err))
        return true;
    write_free(GIVE(run->write));
    return false;
}

void customers_close(struct customers *run)
{
    orders_free_known(&run->process);
    orders_free_codes(&run->process);
    json_free(run->templates);
    write_free(GIVE(run->write));
}

bool customers_flush(struct customers *run, bool all, struct err *err)
{
    return attempt_flush(run->attempt, run->write, all ? 0 : WRITE_FLUSH_BYTES, err);
}

bool customers_have_firms(struct customers *run, bool *has, struct err *err)
{
    static const enum plan_feature NEEDS[] = {PLAN_B2B};
    return plan_gate(run->attempt, run->write, NEEDS, COUNT(NEEDS), has, err) &&
           customers_flush(run, true, err);
}

int64_t customers_now_ms(const struct customers *run)
{
    return clock_now_ms(run->attempt->clock);
}

bool customers_own_country(struct customers *run, struct err *err)
{
    struct bc_call call = {.method = "GET", .path = "companyInformation?$select=id,country"};
    if (*run->own_country)
        return true;
    bool ok = bc_ask(run->attempt, &call, err);
    const json *row = ok ? json_path(call.answer, "value.0") : NULL;
    snprintf(run->own_country, sizeof run->own_country, "%s", json_text(row, "country"));
    bc_call_drop(&call);
    return ok || err_wrap(err, "read the company's own country");
}

/* ---- records ---- */

static struct order_address address_read(const json *node)
{
    return (struct order_address){
        .first = json_text(node, "firstName"),
        .last = json_text(node, "lastName"),
        .name = "",
        .company = json_text(node, "company"),
        .address1 = json_text(node, "address1"),
        .address2 = json_text(node, "address2"),
        .city = json_text(node, "city"),
        .zip = json_text(node, "zip"),
        .state = json_text(node, "provinceCode"),
        .state_name = json_text(node, "province"),
        .country = json_text(node, "countryCodeV2"),
        .phone = json_text(node, "phone"),
        .present = node != NULL,
    };
}

void shopper_read(const json *node, struct arena *arena, struct shopper *out)
{
    const json *address = json_get(node, "defaultAddress");
    *out = (struct shopper){
        .id = staged_id(json_text(node, "id"), arena),
        .updated = json_text(node, "updatedAt"),
        .first = json_text(node, "firstName"),
        .last = json_text(node, "lastName"),
        .email = json_text(json_get(node, "defaultEmailAddress"), "emailAddress"),
        .phone = json_text(json_get(node, "defaultPhoneNumber"), "phoneNumber"),
        .address_id = json_text(address, "id"),
        .address = address_read(address),
        .is_contact = json_count(json_get(node, "companyContactProfiles")) > 0,
        .name = "",
        .external_id = "",
        .contact = "",
        .location = "",
        .tax_id = "",
        .terms = "",
    };
    struct order_address *at = &out->address;
    at->name =
        arena_printf(arena, "%s%s%s", at->first, *at->first && *at->last ? " " : "", at->last);
}

void firm_read(const json *node, struct arena *arena, struct shopper *out)
{
    const json *contact = json_get(node, "mainContact"), *person = json_get(contact, "customer");
    const json *place = json_path(node, "locations.nodes.0");
    const json *address = json_get(place, "billingAddress");
    const char *phone = json_text(place, "phone"), *name = json_text(node, "name");
    const char *terms =
        json_text(json_path(place, "buyerExperienceConfiguration.paymentTermsTemplate"), "name");
    *out = (struct shopper){
        .id = staged_id(json_text(node, "id"), arena),
        .updated = json_text(node, "updatedAt"),
        .first = json_text(person, "firstName"),
        .last = json_text(person, "lastName"),
        .email = json_text(json_get(person, "defaultEmailAddress"), "emailAddress"),
        .phone = json_text(json_get(person, "defaultPhoneNumber"), "phoneNumber"),
        .address_id = json_text(place, "id"), /* it stands at its location */
        .address = address_read(address),
        .name = name,
        .external_id = json_text(node, "externalId"),
        .contact = json_text(contact, "id"),
        .location = json_text(place, "id"),
        .tax_id = json_text(json_get(place, "taxSettings"), "taxRegistrationId"),
        .terms = terms,
    };
    struct order_address *at = &out->address;
    at->name = at->company = name;
    at->state = json_text(address, "zoneCode");
    at->country = json_text(address, "countryCode");
    if (!*at->phone)
        at->phone = phone;
}

void erp_customer_read(const json *row, struct erp_customer *out)
{
    *out = (struct erp_customer){
        .id = json_text(row, "id"),
        .number = json_text(row, "number"),
        .etag = json_text(row, "@odata.etag"),
        .changed = json_text(row, "lastModifiedDateTime"),
        .name = json_text(row, "displayName"),
        .address1 = json_text(row, "addressLine1"),
        .address2 = json_text(row, "addressLine2"),
        .city = json_text(row, "city"),
        .county = json_text(row, "state"),
        .zip = json_text(row, "postalCode"),
        .country = json_text(row, "country"),
        .phone = json_text(row, "phoneNumber"),
        .email = json_text(row, "email"),
        .tax_id = json_text(row, "taxRegistrationNumber"),
        .terms_id = json_text(row, "paymentTermsId"),
        .company = strcmp(json_text(row, "type"), "Person") != 0,
        .blocked = customer_is_blocked(json_text(row, "blocked")),
    };
}

static json *input_of(const struct shopper_target *target, const bool differs[], int from, int to)
{
    json *input = NULL;
    for (int i = from; i < to; i++) {
        if (!differs[i])
            continue;
        if (!input)
            input = json_new_object();
        json_set_text(input, SHOPPER_NAMES[i], target->fields[i]);
    }
    return input;
}

json *shopper_person_input(const struct shopper_target *target, const bool differs[],
                           const char *id)
{
    json *input = input_of(target, differs, 0, SHOPPER_PERSON);
    if (input && id)
        json_set_text(input, "id", id);
    return input;
}

json *shopper_address_input(const struct shopper_target *target, const bool differs[])
{
    return input_of(target, differs, SHOPPER_PERSON, SHOPPER_FIELDS);
}

/* ---- what is kept ---- */

const char *const STAGED_SHOPPER[STAGED_SHOPPER_FIELDS] = {"updated", "seen", "told", "erp_id",
                                                           "metafields"};

struct staged_shopper staged_shopper_row(const struct store_rows *rows, size_t row)
{
    return (struct staged_shopper){store_text(rows, row, 0),
                                   store_text(rows, row, 1),
                                   store_text(rows, row, 2),
                                   store_text(rows, row, 3),
                                   false,
                                   store_text(rows, row, 4)};
}

void stage_shopper(struct customers *run, const char *id, const struct staged_shopper *staged)
{
    const char *const TEXTS[] = {staged->updated, staged->seen, staged->told, staged->erp_id,
                                 staged->metafields};
    const char *word = run->sort->word;
    OWN_TEXT char *key = mem_printf("shop-%s:%s:%s", word, run->shop->code, id);
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (TEXTS[i] && *TEXTS[i])
            write_add(run->write, "HSET", key, STAGED_SHOPPER[i], TEXTS[i], NULL);
    if (!*staged->erp_id || staged->shared)
        return;
    OWN_TEXT char *there = mem_printf("erp-%s:%s:%s", word, run->shop->code, staged->erp_id);
    write_add(run->write, "SET", there, id, "NX", NULL); /* the first one is who it is */
}

void stage_shopper_gone(struct customers *run, const char *id, const char *erp_id)
{
    const char *word = run->sort->word;
    OWN_TEXT char *key = mem_printf("shop-%s:%s:%s", word, run->shop->code, id);
    OWN_TEXT char *there = mem_printf("erp-%s:%s:%s", word, run->shop->code, erp_id);
    write_add(run->write, "DEL", key, NULL);
    if (*erp_id)
        write_add(run->write, "DEL", there, NULL);
}

void shopper_link(struct customers *run, const char *id, const char *name, const char *shops,
                  const struct erp_customer *customer)
{
    const struct staged_shopper staged = {
        .updated = "", .seen = "", .told = "", .erp_id = customer->id};
    write_mapped(&run->process, run->sort->word, id, shops, name, "", customer->id,
                 customer->number);
    stage_shopper(run, id, &staged);
}

bool customers_linked(struct customers *run, const struct sort *sort, const char *const erp_ids[],
                      size_t count, struct store_ids *out, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    const char **keys = arena_array(arena, count + 1, sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(arena, "erp-%s:%s:%s", sort->word, run->shop->code, erp_ids[i]);
    return store_values(run->attempt->ledger, run->company, keys, count, out, err);
}

/* ---- skips, and what is tried again ---- */

void customer_skip(struct customers *run, const char *id, const char *name, enum reason reason,
                   const char *detail)
{
    struct err why;
    OWN_TEXT char *record = mem_printf("%s-%s", run->sort->word, id);
    run->attempt->counts.skipped++;
    /* What exactly stands in the skip: it may name an e-mail address. */
    log_info("customer.skipped", TEXT(run->sort->word, id),
             TEXT("reason", reason_row(reason)->code));
    skip_one(run->attempt, run->write, record, name, reason, detail, &why);
}

void customer_skip_gone(struct customers *run, const char *id)
{
    OWN_TEXT char *record = mem_printf("%s-%s", run->sort->word, id);
    stage_skip_gone(run->write, record);
}

static char *due_key(const struct customers *run, bool there)
{
    return mem_printf("%s-due%s:%s", run->sort->words, there ? "-there" : "", run->shop->code);
}

void customer_due(struct customers *run, bool there, const char *id)
{
    char now[32];
    OWN_TEXT char *key = due_key(run, there);
    snprintf(now, sizeof now, "%" PRId64, customers_now_ms(run));
    write_add(run->write, "ZADD", key, "NX", now, id, NULL);
}

void customer_due_gone(struct customers *run, bool there, const char *id)
{
    OWN_TEXT char *key = due_key(run, there);
    write_add(run->write, "ZREM", key, id, NULL);
}
