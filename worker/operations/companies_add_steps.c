/* companies_add_steps.c - how customers become companies or locations of the store, a window at a
 * time (companies_add.h).
 *
 * Who is on the way is noted before the first call, until the link is written: a sync meanwhile may
 * find the half of him by its e-mail address and link it, and who is linked would be passed over
 * without contact, role or catalog.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "operations/companies_add.h"

static void add_drop(struct add *add)
{
    arena_free(add->arena);
    arena_free(add->kept);
    store_ids_drop(&add->unfinished);
    store_ids_drop(&add->long_ago);
    if (add->run.write)
        customers_close(&add->run);
}

const char *adding_text(const struct add *add, const char *text)
{
    return arena_text(add->arena, text);
}

void adding_stop(struct add *add, struct adding *one, enum reason reason, const char *detail)
{
    one->stopped = true;
    customer_skip(&add->run, one->customer.id, one->customer.number, reason, detail);
}

void adding_elsewhere(struct add *add, struct adding *one, const char *what, const char *id)
{
    OWN_TEXT char *detail = mem_printf("it is %s %s", what, id);
    adding_stop(add, one, REASON_CUSTOMER_ELSEWHERE, detail);
}

bool adding_answered(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (call->not_allowed)
        adding_stop(add, one, REASON_WRITES_OFF, "");
    else if (call->err.kind != ERR_NONE)
        adding_stop(add, one,
                    call->err.kind == ERR_FATAL ? REASON_CUSTOMER_REFUSED : REASON_CUSTOMER_LATER,
                    call->err.text);
    else if (refusal)
        adding_stop(add, one, REASON_CUSTOMER_REFUSED, json_text(refusal, "message"));
    return !one->stopped;
}

bool adding_taken(const struct shopify_call *call, const char *field)
{
    const json *refusal = json_at(call->user_errors, 0), *path = json_get(refusal, "field");
    return refusal && strcmp(json_text(refusal, "code"), "TAKEN") == 0 &&
           strcmp(json_string(json_at(path, json_count(path) - 1)), field) == 0;
}

bool adding_step(struct add *add, const struct adding_step *step, struct err *err)
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

json *adding_location(const struct adding *one)
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

/* ---- who has not been finished ---- */

enum { UNFINISHED_MOST = 100000, LONG_AGO_MS = 3600 * 1000 };

static char *unfinished_key(const struct add *add)
{
    return mem_printf("adding-%s:%s", add->adder->record, add->run.shop->code);
}

static bool read_since(struct add *add, int64_t last_ms, struct store_ids *out, struct err *err)
{
    OWN_TEXT char *key = unfinished_key(add);
    if (!store_zset(add->run.attempt->ledger, add->run.company, key, last_ms, UNFINISHED_MOST, out,
                    err))
        return false;
    store_ids_sort(out);
    return true;
}

static bool read_unfinished(struct add *add, struct err *err)
{
    return read_since(add, INT64_MAX, &add->unfinished, err) &&
           read_since(add, customers_now_ms(&add->run) - LONG_AGO_MS, &add->long_ago, err);
}

static bool note_begun(struct add *add, struct err *err)
{
    char now[32];
    OWN_TEXT char *key = unfinished_key(add);
    snprintf(now, sizeof now, "%" PRId64, customers_now_ms(&add->run));
    for (size_t i = 0; i < add->count; i++)
        write_add(add->run.write, "ZADD", key, "NX", now, add->list[i].customer.id, NULL);
    return customers_flush(&add->run, true, err);
}

static void note_done(struct add *add, const struct adding *one)
{
    OWN_TEXT char *key = unfinished_key(add);
    write_add(add->run.write, "ZREM", key, one->customer.id, NULL);
}

/* ---- a window ---- */

/* Linked, and nothing carries his number: the index does not show it yet; or what was on its way
 * has not come to be, and he is another one there. */
static void take_missing(struct add *add, struct adding *one)
{
    if (one->lacks_catalog || !store_ids_has(&add->long_ago, one->customer.id)) {
        adding_stop(add, one, REASON_CUSTOMER_LATER,
                    "nothing there carries its number as external id, to go on with it");
        return;
    }
    one->stopped = true;
    note_done(add, one);
    customer_skip_gone(&add->run, one->customer.id);
}

/* Those that stand from an earlier run, or from another hand. */
static bool look(struct add *add, struct err *err)
{
    OWN_BUF struct buf query = {0};
    for (size_t i = 0; i < add->count; i++)
        buf_printf(&query, "%sexternal_id:'%s'", i ? " OR " : "", add->list[i].customer.number);
    struct shopify_call call = {.document = add->adder->named, .variables = json_new_object()};
    json_set_text(call.variables, "query", buf_str(&query));
    bool ok = shopify_ask(add->run.attempt, &call, err);
    const json *nodes = json_path(call.data, "found.nodes");
    for (size_t i = 0; ok && i < json_count(nodes); i++)
        for (size_t k = 0; k < add->count; k++) {
            struct adding *one = &add->list[k];
            const json *node = json_at(nodes, i);
            const char *id = staged_id(json_text(node, "id"), add->arena);
            if (strcmp(one->customer.number, json_text(node, "externalId")) != 0 ||
                (one->linked && strcmp(one->id, id) != 0))
                continue;
            one->id = id;
            one->stands = true;
            add->adder->take_found(add, one, node);
        }
    shopify_call_drop(&call);
    for (size_t i = 0; ok && i < add->count; i++)
        if (add->list[i].linked && !add->list[i].stands)
            take_missing(add, &add->list[i]);
    return ok || err_wrap(err, "look for them by their external ids");
}

/* Whose it is already, and which customer of the store each is. */
static bool read_links(struct add *add, struct err *err)
{
    static const char *const LINK[] = {"erp_id", "number"};
    struct customers *run = &add->run;
    const char *keys[ADDED_AT_ONCE], *ids[ADDED_AT_ONCE];
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids persons = {0}, others = {0};
    for (size_t i = 0; i < add->count; i++) {
        keys[i] = arena_printf(add->arena, "%s:%s", run->sort->word, add->list[i].id);
        ids[i] = add->list[i].customer.id;
    }
    if (!store_read(run->attempt->ledger, run->company, keys, add->count, LINK, COUNT(LINK), &rows,
                    err) ||
        !customers_linked(run, &PERSONS, ids, add->count, &persons, err) ||
        !customers_linked(run, add->adder->other, ids, add->count, &others, err))
        return false;
    for (size_t i = 0; i < add->count; i++) {
        struct adding *one = &add->list[i];
        const char *erp_id = store_text(rows, i, 0);
        if (*persons.items[i])
            one->person = arena_printf(add->arena, "gid://shopify/Customer/%s", persons.items[i]);
        if (!one->stopped && *others.items[i]) {
            adding_elsewhere(add, one, add->adder->other == &PLACES ? "location" : "company",
                             others.items[i]);
        } else if (!one->stopped && *one->id && *erp_id && strcmp(erp_id, one->customer.id) != 0) {
            OWN_TEXT char *detail = mem_printf("its external id %s: it is customer %s",
                                               one->customer.number, store_text(rows, i, 1));
            adding_stop(add, one, REASON_COMPANY_TAKEN, detail);
        }
    }
    return customers_flush(run, true, err);
}

static bool run_window(struct add *add, struct err *err)
{
    struct customers *run = &add->run;
    if (add->count == 0)
        return true;
    add->done += add->count;
    if (!note_begun(add, err) || !look(add, err) || !read_links(add, err) ||
        !add->adder->run_window(add, err) || !adding_catalogs(add, err))
        return false;
    for (size_t i = 0; i < add->count; i++) {
        const struct adding *one = &add->list[i];
        if (one->stopped || !*one->id)
            continue;
        add->adder->link(add, one);
        adding_note_catalog(add, one);
        note_done(add, one);
        customer_skip_gone(run, one->customer.id);
        if (one->stands)
            run->attempt->counts.updated++;
    }
    add->count = 0;
    arena_free(add->arena);
    add->arena = arena_new();
    attempt_progress(run->attempt, add->adder->doing, (int64_t)add->done, 0);
    return customers_flush(run, true, err) && attempt_checkpoint(run->attempt, "", 0, err);
}

/* ---- who ---- */

static bool take_customer(void *state, const struct erp_customer *customer, const char *id,
                          struct err *err)
{
    struct add *add = state;
    struct adding *one = &add->list[add->count];
    struct shopper nobody;
    bool differs[SHOPPER_FIELDS];
    OWN_BUF struct buf detail = {0};
    bool lacks_catalog = false;
    if (*id && !adding_lacks_catalog(add, id, &lacks_catalog, err))
        return false;
    if (*id && !lacks_catalog && !store_ids_has(&add->unfinished, customer->id))
        return !add->adder->already || add->adder->already(add, customer, id, err);
    *one = (struct adding){.customer = *customer,
                           .id = "",
                           .firm_id = "",
                           .contact = "",
                           .location = "",
                           .role = "",
                           .catalog = "",
                           .person = ""};
    one->customer.company = true;
    if (*id) { /* linked, so never made anew */
        one->id = arena_text(add->arena, id);
        one->linked = true;
        one->lacks_catalog = lacks_catalog;
    }
    enum reason reason =
        customer_offered(&add->run, &one->customer, add->arena, &one->target, &detail);
    if (reason != REASON_NONE) {
        adding_stop(add, one, reason, buf_str(&detail));
        return true;
    }
    firm_read(NULL, add->arena, &nobody);
    nobody.location = "new"; /* it will have one, and its terms are compared with none */
    add->count++;
    return firm_compare(&add->run, &one->customer, &nobody, &one->target, differs, &one->firm,
                        err) &&
           (add->count < ADDED_AT_ONCE || run_window(add, err));
}

bool adding_run(struct attempt *attempt, const struct adder *adder, struct err *err)
{
    __attribute__((cleanup(add_drop))) struct add add = {.adder = adder};
    add.arena = arena_new();
    add.kept = arena_new();
    bool has;
    if (!customers_open(&add.run, adder->sort, attempt, err) ||
        !customers_writable(&add.run, err) || !customers_have_firms(&add.run, &has, err))
        return false;
    if (!has)
        return true;
    if ((adder->prepare && !adder->prepare(&add, err)) || !adding_wants_catalogs(&add, err) ||
        !read_unfinished(&add, err))
        return false;
    return customers_offer(&add.run, take_customer, &add, err) && run_window(&add, err) &&
           customers_flush(&add.run, true, err);
}
