/* customers_export.c - linked customers that have changed in Business Central, to Shopify: persons,
 * and companies, what of which is told is in companies_tell.c.
 *
 * Idempotency: only fields that differ from what Shopify has now are sent, and they are set; a
 * change whose answer got lost differs no more, or differs again and is sent again. One address is
 * changed by its id, or made where there is none, so others stay: customerSet deletes what it is
 * not told of, and is never sent here.
 *
 * Business Central says which customers have changed; of each a digest says whether what Shopify
 * would be told has. The mark moves when all of them were told or stand in
 * `customers-due-there:<shop>`, which every run reads first: no time passes one that failed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "base/ids.h"
#include "model/card_metafields.h"
#include "operations/customers_run.h"
#include "operations/products_extras.h"

enum { OVERLAP_MS = 5 * 60 * 1000, GROUP = 50, IDS_A_CALL = 20 };

struct telling { /* one customer on his way */
    struct erp_customer customer;
    char digest[CUSTOMER_DIGEST];
    const char *shopper; /* Shopify's number; "" = is no customer of this shop */
    struct shopper now;
    bool found, due;
    struct shopper_target target;
    bool differs[SHOPPER_FIELDS];
    struct firm_change firm; /* of a company */
    struct extra *fields;    /* metafields; those that have changed stand in front */
    size_t field_count, changed_fields;
    const char *fields_after;
    bool failed, sent, fields_set;
};

struct export
{
    struct customers *run;
    struct arena *arena;
    struct telling *list;
    size_t count;
    char latest[40];
    bool listed; /* what has changed; what is due follows, if it is not among that */
};

/* ---- who has changed ---- */

static const struct setting_map *metafields_of(const struct customers *run)
{
    return run->sort->firms ? &run->shop->company_metafields : &run->shop->customer_metafields;
}

/* A blank one leaves its metafield as it is. */
static void take_fields(struct export *export, const json *row, struct telling *one)
{
    const struct setting_map *map = metafields_of(export->run);
    OWN_BUF struct buf whole = {0};
    if (map->count == 0)
        return;
    one->fields = arena_array(export->arena, map->count, sizeof *one->fields);
    buf_text(&whole, one->digest);
    for (size_t i = 0; i < map->count; i++) {
        char number[DECIMAL_TEXT];
        struct decimal amount;
        const char *value = json_text(row, map->pairs[i].value);
        if (!*value && json_decimal(row, map->pairs[i].value, &amount)) {
            decimal_format(amount, number);
            value = number;
        }
        if (!*value)
            continue;
        one->fields[one->field_count++] =
            (struct extra){map->pairs[i].key, arena_text(export->arena, value)};
        buf_printf(&whole, "|%s=%s", map->pairs[i].key, value);
    }
    digest_hex(buf_str(&whole), whole.size, (CUSTOMER_DIGEST - 1) / 2, one->digest);
}

static bool take_row(void *state, const json *row, struct err *err)
{
    struct export *export = state;
    struct erp_customer from;
    (void)err;
    erp_customer_read(row, &from);
    for (size_t i = 0; export->listed && i < export->count; i++)
        if (strcmp(export->list[i].customer.id, from.id) == 0)
            return true;
    export->list = mem_grow(export->list, export->count, export->count + 1, sizeof *export->list);
    struct telling *one = &export->list[export->count++];
    *one = (struct telling){.customer = from, .shopper = ""};
    const char **const TEXTS[] = {
        &one->customer.id,      &one->customer.number,   &one->customer.changed,
        &one->customer.name,    &one->customer.address1, &one->customer.address2,
        &one->customer.city,    &one->customer.county,   &one->customer.zip,
        &one->customer.country, &one->customer.phone,    &one->customer.email,
        &one->customer.tax_id,  &one->customer.terms_id};
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        *TEXTS[i] = arena_text(export->arena, *TEXTS[i]);
    one->customer.etag = "";
    erp_customer_digest(&one->customer, export->run->sort->firms, one->digest);
    take_fields(export, row, one);
    if (strcmp(one->customer.changed, export->latest) > 0)
        snprintf(export->latest, sizeof export->latest, "%s", one->customer.changed);
    return true;
}

/* The fields that everybody is read with, and those of metafields. */
static void select_fields(const struct customers *run, struct buf *path)
{
    const struct setting_map *map = metafields_of(run);
    buf_text(path, "customers?$select=" BC_CUSTOMER_FIELDS);
    for (size_t k = 0; CARD_METAFIELDS[k]; k++) {
        bool wanted = false;
        for (size_t i = 0; i < map->count && !wanted; i++)
            wanted = strcmp(map->pairs[i].value, CARD_METAFIELDS[k]) == 0;
        if (wanted && !strstr(BC_CUSTOMER_FIELDS, CARD_METAFIELDS[k]))
            buf_printf(path, ",%s", CARD_METAFIELDS[k]);
    }
}

static bool list_since(struct export *export, const char *since, struct err *err)
{
    int64_t since_ms;
    char from[32];
    OWN_BUF struct buf path = {0};
    select_fields(export->run, &path);
    buf_text(&path, "&$orderby=lastModifiedDateTime");
    if (time_parse(since, &since_ms)) {
        time_format(since_ms - OVERLAP_MS, false, from);
        buf_printf(&path, "&$filter=lastModifiedDateTime%%20ge%%20%s", from);
    }
    return bc_list(export->run->attempt, buf_str(&path), false, take_row, export, err) ||
           err_wrap(err, "list customers that have changed in Business Central");
}

static bool list_due(struct export *export, struct err *err)
{
    struct customers *run = export->run;
    OWN_TEXT char *key = mem_printf("%s-due-there:%s", run->sort->words, run->shop->code);
    OWN_IDS struct store_ids due = {0};
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, STORE_PAGE, &due, err))
        return err_wrap(err, "list customers that are due again");
    export->listed = true;
    for (size_t from = 0; from < due.count; from += IDS_A_CALL) {
        OWN_BUF struct buf path = {0};
        select_fields(run, &path);
        buf_text(&path, "&$filter=");
        for (size_t i = from; i < due.count && i < from + IDS_A_CALL; i++)
            buf_printf(&path, "%sid%%20eq%%20%s", i > from ? "%20or%20" : "", due.items[i]);
        if (!bc_list(run->attempt, buf_str(&path), true, take_row, export, err))
            return err_wrap(err, "read customers that are due again");
    }
    for (size_t i = 0; i < due.count; i++) {
        bool there = false;
        for (size_t k = 0; k < export->count && !there; k++)
            if (strcmp(export->list[k].customer.id, due.items[i]) == 0)
                there = export->list[k].due = true;
        if (!there) { /* deleted there */
            customer_due_gone(run, true, due.items[i]);
            customer_skip_gone(run, due.items[i]);
        }
    }
    return true;
}

/* ---- what of it Shopify does not have ---- */

static bool is_news(const struct telling *one, const char *terms,
                    const struct staged_shopper *staged)
{
    OWN_TEXT char *told = mem_printf("%s %s", one->digest, terms);
    return one->due || strcmp(staged->told, told) != 0;
}

/* Leaves of the list from `at` on, at most STORE_PAGE of them, those that are to be compared. */
static bool pick(struct export *export, size_t at, size_t count, const char *terms,
                 struct telling **out, size_t *some, struct err *err)
{
    struct customers *run = export->run;
    const char *ids[STORE_PAGE], *keys[STORE_PAGE];
    OWN_IDS struct store_ids owners = {0};
    OWN(store_rows) struct store_rows *rows = NULL;
    for (size_t i = 0; i < count; i++)
        ids[i] = export->list[at + i].customer.id;
    if (!customers_linked(run, run->sort, ids, count, &owners, err))
        return false;
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(export->arena, "shop-%s:%s:%s", run->sort->word, run->shop->code,
                               owners.items[i]);
    if (!store_read(run->attempt->ledger, run->company, keys, count, STAGED_SHOPPER,
                    STAGED_SHOPPER_FIELDS, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct telling *one = &export->list[at + i];
        const struct staged_shopper staged = staged_shopper_row(rows, i);
        one->shopper = arena_text(export->arena, owners.items[i]);
        if (!*one->shopper)
            continue;
        run->attempt->counts.read++;
        if (!is_news(one, terms, &staged))
            continue;
        OWN_BUF struct buf after = {0};
        one->changed_fields =
            extras_changed(one->fields, one->field_count, staged.metafields, &after);
        one->fields_after = arena_text(export->arena, buf_str(&after));
        out[(*some)++] = one;
    }
    return true;
}

static bool read_now(struct export *export, struct telling *list[], size_t count, json **answer,
                     struct err *err)
{
    const struct sort *sort = export->run->sort;
    json *ids = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/%s/%s", sort->type, list[i]->shopper);
        json_add_text(ids, gid);
    }
    json_set(variables, "ids", ids);
    struct shopify_call call = {.document = sort->named, .variables = variables};
    bool ok = shopify_ask(export->run->attempt, &call, err);
    const json *nodes = ok ? json_get(call.data, "nodes") : NULL;
    for (size_t i = 0; ok && i < count; i++) {
        const json *node = json_at(nodes, i);
        list[i]->found = *json_text(node, "id") != 0;
        if (list[i]->found)
            sort->read(node, export->arena, &list[i]->now);
    }
    *answer = ok ? GIVE(call.answer) : NULL;
    shopify_call_drop(&call);
    return ok || err_wrap(err, "read customers before they are changed");
}

/* ---- telling ---- */

/* Contacts are their company's: nothing is set of them. */
static bool awaits_fields(const struct telling *one)
{
    return one->changed_fields > 0 && !one->fields_set && !one->now.is_contact;
}

/* He counts as told with the last of it: a worker that dies before his metafields are set leaves
 * him to be told again. */
static void told(struct export *export, const struct telling *one, const char *terms,
                 const char *updated)
{
    struct customers *run = export->run;
    OWN_TEXT char *digest = mem_printf("%s %s", one->digest, terms);
    bool whole = !awaits_fields(one);
    const struct staged_shopper staged = {.updated = updated,
                                          .seen = "",
                                          .told = whole ? digest : "",
                                          .erp_id = "",
                                          .metafields = one->fields_set ? one->fields_after : NULL};
    stage_shopper(run, one->shopper, &staged);
    if (!whole)
        return;
    customer_due_gone(run, true, one->customer.id);
    customer_skip_gone(run, one->customer.id);
}

static void put_off(struct export *export, struct telling *one, enum reason reason,
                    const char *detail)
{
    one->failed = true;
    customer_skip(export->run, one->customer.id, one->customer.number, reason, detail);
    customer_due(export->run, true, one->customer.id);
}

/* The customer was deleted at Shopify: his link ends. */
static void gone(struct export *export, const struct telling *one)
{
    struct customers *run = export->run;
    stage_shopper_gone(run, one->shopper, one->customer.id);
    customer_due_gone(run, true, one->customer.id);
    customer_skip_gone(run, one->customer.id);
}

/* `*differs` = it is to be sent; false = a read has failed. */
static bool compare(struct export *export, struct telling *one, const char *terms, bool *differs,
                    struct err *err)
{
    struct customers *run = export->run;
    OWN_BUF struct buf detail = {0};
    *differs = false;
    if (!one->found) {
        gone(export, one);
        return true;
    }
    if (one->now.is_contact) { /* what stands there is the company that he orders for */
        told(export, one, terms, "");
        return true;
    }
    one->customer.company = one->customer.company || run->sort->firms;
    enum reason reason = shopper_target(&one->customer, &run->finder, run->own_country, &one->now,
                                        export->arena, &one->target, &detail);
    if (reason != REASON_NONE) {
        put_off(export, one, reason, buf_str(&detail));
        return true;
    }
    if (run->sort->firms) {
        if (!firm_compare(run, &one->customer, &one->now, &one->target, one->differs, &one->firm,
                          err))
            return false;
        const struct firm_change *change = &one->firm;
        *differs = change->firm || change->place || change->tax || change->terms;
    } else
        *differs = shopper_differs(&one->target, &one->now, one->differs) > 0;
    if (!*differs)
        told(export, one, terms, "");
    return true;
}

static struct shopify_call change_call(const struct telling *one)
{
    if (*one->now.name)
        return firm_call(&one->now, &one->customer, &one->target, &one->firm);
    OWN_TEXT char *gid = mem_printf("gid://shopify/Customer/%s", one->shopper);
    json *person = shopper_person_input(&one->target, one->differs, gid);
    json *address = shopper_address_input(&one->target, one->differs);
    bool makes = address && !*one->now.address_id; /* his first address */
    json *variables = json_new_object();
    bool has_person = person != NULL, has_place = address != NULL;
    if (!person) {
        person = json_new_object();
        json_set_text(person, "id", gid);
    }
    json_set(variables, "input", person);
    json_set_text(variables, "customer", gid);
    json_set_text(variables, "addressId", has_place && !makes ? one->now.address_id : gid);
    json_set(variables, "address", address ? address : json_new_object());
    json_set_bool(variables, "person", has_person);
    json_set_bool(variables, "change", has_place && !makes);
    json_set_bool(variables, "make", makes);
    return (struct shopify_call){
        .document = "customer-change", .variables = variables, .user_errors_at = "customerUpdate"};
}

static const char *refusal_of(const struct shopify_call *call)
{
    static const char *const ROOTS[] = {
        "customerUpdate",       "customerAddressUpdate",        "customerAddressCreate",
        "companyUpdate",        "companyLocationAssignAddress", "companyLocationTaxSettingsUpdate",
        "companyLocationUpdate"};
    const json *first = NULL;
    for (size_t i = 0; i < COUNT(ROOTS) && !first; i++)
        first = json_at(json_get(json_get(call->data, ROOTS[i]), "userErrors"), 0);
    return first ? json_text(first, "message") : NULL;
}

static void take_answer(struct export *export, struct telling *one, const char *terms,
                        const struct shopify_call *call)
{
    const char *refusal = refusal_of(call);
    if (call->not_allowed)
        put_off(export, one, REASON_WRITES_OFF, "");
    else if (call->err.kind != ERR_NONE)
        put_off(export, one,
                call->err.kind == ERR_FATAL ? REASON_CUSTOMER_REFUSED : REASON_CUSTOMER_LATER,
                call->err.text);
    else if (refusal)
        put_off(export, one, REASON_CUSTOMER_REFUSED, refusal);
    else {
        int64_t changed_ms = 0;
        if (!one->due && time_parse(one->customer.changed, &changed_ms))
            attempt_fresh(export->run->attempt, FRESH_CUSTOMERS, AT_BC, changed_ms);
        export->run->attempt->counts.updated++;
        one->sent = true;
        const json *customer = json_path(call->data, "customerUpdate.customer");
        const json *company = json_path(call->data, "companyUpdate.company");
        told(export, one, terms, json_text(customer ? customer : company, "updatedAt"));
    }
}

static bool send(struct export *export, struct telling *list[], size_t count, const char *terms,
                 struct err *err)
{
    struct customers *run = export->run;
    for (size_t from = 0; from < count; from += GROUP) {
        struct shopify_call calls[GROUP];
        size_t some = count - from < GROUP ? count - from : GROUP;
        for (size_t i = 0; i < some; i++)
            calls[i] = change_call(list[from + i]);
        bool ok = shopify_call_all(run->attempt, calls, some, err);
        /* Also where the attempt ends: what was answered is recorded. */
        for (size_t i = 0; i < some; i++) {
            take_answer(export, list[from + i], terms, &calls[i]);
            shopify_call_drop(&calls[i]);
        }
        if (!ok)
            return err_wrap(err, "change customers at Shopify");
        if (!customers_flush(run, true, err) || !attempt_checkpoint(run->attempt, "", 0, err))
            return false;
    }
    return true;
}

/* ---- metafields ---- */

static enum reason reason_of(enum reason of_products)
{
    return of_products == REASON_WRITES_OFF      ? REASON_WRITES_OFF
           : of_products == REASON_PRODUCT_LATER ? REASON_CUSTOMER_LATER
                                                 : REASON_CUSTOMER_REFUSED;
}

/* After the rest of him: whoever could not be told that is told all of it another time. */
static bool set_fields(struct export *export, struct telling *list[], size_t count,
                       const char *terms, struct err *err)
{
    struct customers *run = export->run;
    struct extras sets[STORE_PAGE];
    struct telling *whose[STORE_PAGE];
    size_t some = 0;
    for (size_t i = 0; i < count; i++) {
        struct telling *one = list[i];
        if (!awaits_fields(one) || one->failed || !one->found)
            continue;
        whose[some] = one;
        sets[some++] = (struct extras){.product = one->shopper,
                                       .type = run->sort->type,
                                       .fields = one->fields,
                                       .field_count = one->changed_fields};
    }
    if (!extras_set_fields(run->attempt, sets, some, err))
        return false;
    for (size_t i = 0; i < some; i++) {
        struct telling *one = whose[i];
        if (sets[i].reason != REASON_NONE) {
            put_off(export, one, reason_of(sets[i].reason), sets[i].refusal);
            continue;
        }
        one->fields_set = true;
        told(export, one, terms, "");
        run->attempt->counts.updated += !one->sent;
    }
    return true;
}

static bool tell_page(struct export *export, size_t at, size_t count, const char *terms,
                      struct err *err)
{
    struct telling *list[STORE_PAGE], *changed[STORE_PAGE];
    size_t some = 0, differing = 0;
    OWN_JSON json *answer = NULL;
    if (!pick(export, at, count, terms, list, &some, err))
        return false;
    if (some == 0)
        return true;
    if (!customers_own_country(export->run, err) || !read_now(export, list, some, &answer, err))
        return false;
    for (size_t i = 0; i < some; i++) {
        bool differs;
        if (!compare(export, list[i], terms, &differs, err))
            return false;
        if (differs)
            changed[differing++] = list[i];
    }
    return send(export, changed, differing, terms, err) &&
           set_fields(export, list, some, terms, err) && customers_flush(export->run, true, err);
}

/* ---- the run ---- */

static void terms_of(const struct customers *run, char out[static CUSTOMER_DIGEST])
{
    const struct shop *shop = run->shop;
    OWN_BUF struct buf text = {0};
    buf_printf(&text, "%d %d %zu %s", shop->name_source, shop->county_source, shop->tax_areas.count,
               shop->store);
    for (size_t i = 0; i < shop->tax_areas.count; i++)
        buf_printf(&text, " %s", shop->tax_areas.pairs[i].key);
    for (size_t i = 0; i < metafields_of(run)->count; i++)
        buf_printf(&text, " %s=%s", metafields_of(run)->pairs[i].key,
                   metafields_of(run)->pairs[i].value);
    for (size_t i = 0; run->sort->firms && i < shop->payment_terms.count; i++)
        buf_printf(&text, " %s=%s", shop->payment_terms.pairs[i].key,
                   shop->payment_terms.pairs[i].value);
    digest_hex(buf_str(&text), text.size, (CUSTOMER_DIGEST - 1) / 2, out);
}

static bool tell_all(struct export *export, const char *key, const char *terms, struct err *err)
{
    struct customers *run = export->run;
    for (size_t at = 0; at < export->count; at += STORE_PAGE) {
        size_t count = export->count - at < STORE_PAGE ? export->count - at : STORE_PAGE;
        attempt_progress(run->attempt,
                         run->sort->firms ? "telling changed companies"
                                          : "telling changed customers",
                         (int64_t)at, (int64_t) export->count);
        if (!tell_page(export, at, count, terms, err))
            return false;
    }
    if (*export->latest)
        write_add(run->write, "HSET", key, "at", export->latest, "terms", terms, NULL);
    return customers_flush(run, true, err);
}

static bool start(struct export *export, const char *key, char terms[static CUSTOMER_DIGEST],
                  struct err *err)
{
    static const char *const FIELDS[] = {"at", "terms"};
    struct customers *run = export->run;
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    terms_of(run, terms);
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    bool same = strcmp(store_text(rows, 0, 1), terms) == 0;
    return list_since(export, same ? store_text(rows, 0, 0) : "", err) && list_due(export, err);
}

bool customers_export(struct customers *run, struct err *err)
{
    char terms[CUSTOMER_DIGEST];
    OWN(arena) struct arena *arena = arena_new();
    OWN_TEXT char *key = mem_printf("mark:%s-there:%s", run->sort->words, run->shop->code);
    struct export export = {.run = run, .arena = arena};
    if (!run->erp_writes)
        return true;
    bool ok = start(&export, key, terms, err) && tell_all(&export, key, terms, err);
    free(export.list);
    return ok;
}
