/* customers_add.c - report 30112: customers of Business Central become customers of the store.
 *
 * Idempotency: a customer carries his SystemId in the metafield cartage.bc_id, which Shopify keeps
 * unique, and customerSet names him by it: sent twice, it is the same customer. The link in Redis
 * is a cache: who has none is looked for by his bc_id first (consistent, not the search index), and
 * one that stands is linked, never set again, because customerSet deletes addresses that it is not
 * told of. E-mail and phone are one customer's each at Shopify: who is refused for one of them is
 * looked for by it and linked, unless he is somebody else's already.
 *
 * Customers go through in windows, created as many at a time as the budget carries. There is no
 * cursor: whoever has a link is passed over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/bc_id.h"
#include "operations/customers_run.h"
#include "operations/operations_table.h"
#include "store/privacy.h"

enum { ADDED_AT_ONCE = 25 };

struct adding { /* one customer on his way */
    struct erp_customer customer;
    struct shopper_target target;
    const char *found; /* Shopify's number of one that stands; "" = none */
    const char *taken; /* by which identifier he is to be looked for; NULL = by none */
    const char *value;
};

struct add {
    struct customers run;
    struct arena *arena; /* a window's */
    struct adding list[ADDED_AT_ONCE];
    size_t count, done;
};

static void add_drop(struct add *add)
{
    arena_free(add->arena);
    if (add->run.write)
        customers_close(&add->run);
}

/* ---- looking ---- */

static json *bc_id_of(const char *id)
{
    json *identifier = json_new_object(), *custom = json_new_object();
    json_set_text(custom, "namespace", "cartage");
    json_set_text(custom, "key", "bc_id");
    json_set_text(custom, "value", id);
    json_set(identifier, "customId", custom);
    return identifier;
}

static bool look_by_bc_id(struct add *add, struct err *err)
{
    json *variables = json_new_object();
    for (size_t i = 0; i < ADDED_AT_ONCE; i++) {
        size_t at = i < add->count ? i : 0; /* the document asks for so many */
        OWN_TEXT char *name = mem_printf("c%zu", i);
        json_set(variables, name, bc_id_of(add->list[at].customer.id));
    }
    struct shopify_call call = {.document = "customers-by-bc-id", .variables = variables};
    bool ok = shopify_ask(add->run.attempt, &call, err);
    for (size_t i = 0; ok && i < add->count; i++) {
        OWN_TEXT char *name = mem_printf("c%zu", i);
        add->list[i].found = staged_id(json_text(json_get(call.data, name), "id"), add->arena);
    }
    shopify_call_drop(&call);
    return ok || err_wrap(err, "look for customers by cartage.bc_id");
}

/* ---- linking ---- */

static void skip(struct add *add, const struct adding *one, enum reason reason, const char *detail)
{
    customer_skip(&add->run, one->customer.id, one->customer.number, reason, detail);
}

static void link_one(struct add *add, const struct adding *one, const char *shops,
                     const char *updated)
{
    const struct staged_shopper staged = {.updated = updated, .seen = "", .told = "", .erp_id = ""};
    shopper_link(&add->run, one->found, one->customer.name, shops, &one->customer);
    stage_shopper(&add->run, one->found, &staged);
    customer_skip_gone(&add->run, one->customer.id);
}

/* Who stands there and is nobody else's is him. */
static bool link_found(struct add *add, struct err *err)
{
    static const char *const LINK[] = {"erp_id", "number", "shops"};
    struct customers *run = &add->run;
    const char *keys[ADDED_AT_ONCE], *ids[ADDED_AT_ONCE];
    int64_t erased[ADDED_AT_ONCE];
    OWN(store_rows) struct store_rows *rows = NULL;
    for (size_t i = 0; i < add->count; i++) {
        ids[i] = add->list[i].found;
        keys[i] = arena_printf(add->arena, "customer:%s", ids[i]);
    }
    if (!customers_flush(run, true, err) ||
        !store_read(run->attempt->ledger, run->company, keys, add->count, LINK, COUNT(LINK), &rows,
                    err) ||
        !privacy_erased(run->attempt->ledger, run->company, ids, add->count, erased, err))
        return false;
    for (size_t i = 0; i < add->count; i++) {
        struct adding *one = &add->list[i];
        const char *erp_id = store_text(rows, i, 0);
        if (!*one->found || erased[i])
            continue;
        if (*erp_id && strcmp(erp_id, one->customer.id) != 0) {
            OWN_TEXT char *detail =
                mem_printf("%s: it is customer %s", one->value ? one->value : "its cartage.bc_id",
                           store_text(rows, i, 1));
            skip(add, one, REASON_CUSTOMER_TAKEN, detail);
            continue;
        }
        run->attempt->counts.updated++;
        link_one(add, one, store_text(rows, i, 2), "");
        if (run->shop->can_update_shopify_customers)
            customer_due(run, true, one->customer.id); /* what differs is told by the next sync */
    }
    return customers_flush(run, true, err);
}

/* ---- creating ---- */

static struct shopify_call set_call(const struct adding *one)
{
    bool all[SHOPPER_FIELDS];
    for (int i = 0; i < SHOPPER_FIELDS; i++)
        all[i] = one->target.fields[i] && *one->target.fields[i];
    json *variables = json_new_object(), *list = json_new_array();
    json *person = shopper_person_input(&one->target, all, NULL);
    json *address = shopper_address_input(&one->target, all);
    if (address) {
        const char *const NAMES[] = {one->target.fields[SHOPPER_FIRST],
                                     one->target.fields[SHOPPER_LAST]};
        for (size_t i = 0; i < COUNT(NAMES); i++)
            if (NAMES[i] && *NAMES[i])
                json_set_text(address, SHOPPER_NAMES[i], NAMES[i]);
        json_add(list, address);
    }
    json_set(person, "addresses", list);
    json_set(variables, "identifier", bc_id_of(one->customer.id));
    json_set(variables, "input", person);
    return (struct shopify_call){
        .document = "customer-set", .variables = variables, .user_errors_at = "customerSet"};
}

static const char *field_of(const json *refusal)
{
    const json *field = json_get(refusal, "field");
    return json_string(json_at(field, json_count(field) - 1));
}

static void take_answer(struct add *add, struct adding *one, const struct shopify_call *call)
{
    const json *customer = json_path(call->data, "customerSet.customer");
    const json *refusal = json_at(call->user_errors, 0);
    bool taken = refusal && strcmp(json_text(refusal, "code"), "TAKEN") == 0;
    if (call->not_allowed)
        skip(add, one, REASON_WRITES_OFF, "");
    else if (call->err.kind != ERR_NONE)
        skip(add, one,
             call->err.kind == ERR_FATAL ? REASON_CUSTOMER_REFUSED : REASON_CUSTOMER_LATER,
             call->err.text);
    else if (taken && strcmp(field_of(refusal), "phone") == 0) {
        one->taken = "phoneNumber";
        one->value = one->target.fields[SHOPPER_PHONE];
    } else if (taken) {
        one->taken = "emailAddress";
        one->value = one->target.fields[SHOPPER_EMAIL];
    } else if (!customer)
        skip(add, one, REASON_CUSTOMER_REFUSED,
             refusal ? json_text(refusal, "message") : "the answer holds no customer");
    else {
        add->run.attempt->counts.created++;
        one->found = staged_id(json_text(customer, "id"), add->arena);
        link_one(add, one, "", json_text(customer, "updatedAt"));
        if (add->run.erp_writes && add->run.shop->customer_metafields.count > 0)
            customer_due(&add->run, true, one->customer.id); /* the next sync sets them */
    }
}

/* Those whose e-mail or phone stands at Shopify, and who stand there, therefore. */
static bool look_by_identifier(struct add *add, struct err *err)
{
    struct shopify_call calls[ADDED_AT_ONCE];
    size_t count = 0;
    for (size_t i = 0; i < add->count; i++) {
        struct adding *one = &add->list[i];
        json *variables = json_new_object(), *identifier = json_new_object();
        json_set_text(identifier, one->taken, one->value);
        json_set(variables, "identifier", identifier);
        calls[count++] =
            (struct shopify_call){.document = "customer-by-identifier", .variables = variables};
    }
    bool ok = count == 0 || shopify_call_all(add->run.attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        const json *customer = json_get(calls[i].data, "customerByIdentifier");
        if (ok && calls[i].err.kind != ERR_NONE)
            skip(add, &add->list[i], REASON_CUSTOMER_LATER, calls[i].err.text);
        else if (ok && !customer)
            skip(add, &add->list[i], REASON_CUSTOMER_TAKEN, add->list[i].value);
        else if (ok)
            add->list[i].found = staged_id(json_text(customer, "id"), add->arena);
        shopify_call_drop(&calls[i]);
    }
    return ok || err_wrap(err, "look for customers by e-mail and phone");
}

/* Keeps of the window those for whom `is_left` holds. */
static void keep(struct add *add, bool (*is_left)(const struct adding *one))
{
    size_t used = 0;
    for (size_t i = 0; i < add->count; i++)
        if (is_left(&add->list[i]))
            add->list[used++] = add->list[i];
    add->count = used;
}
static bool is_new(const struct adding *one)
{
    return !*one->found;
}
static bool is_taken(const struct adding *one)
{
    return one->taken != NULL;
}

static bool create_window(struct add *add, struct err *err)
{
    struct shopify_call calls[ADDED_AT_ONCE];
    for (size_t i = 0; i < add->count; i++)
        calls[i] = set_call(&add->list[i]);
    bool ok = add->count == 0 || shopify_call_all(add->run.attempt, calls, add->count, err);
    struct err why;
    /* Also where the attempt ends: what was answered is recorded. */
    for (size_t i = 0; i < add->count; i++) {
        take_answer(add, &add->list[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    bool kept = customers_flush(&add->run, true, ok ? err : &why);
    return (ok && kept) || err_wrap(err, "create customers");
}

static bool run_window(struct add *add, struct err *err)
{
    if (add->count == 0)
        return true;
    add->done += add->count;
    if (!look_by_bc_id(add, err) || !link_found(add, err))
        return false;
    keep(add, is_new);
    if (!create_window(add, err))
        return false;
    keep(add, is_taken);
    if (!look_by_identifier(add, err) || !link_found(add, err))
        return false;
    add->count = 0;
    arena_free(add->arena);
    add->arena = arena_new();
    attempt_progress(add->run.attempt, "adding customers", (int64_t)add->done, 0);
    return attempt_checkpoint(add->run.attempt, "", 0, err);
}

/* ---- who ---- */

static bool take_customer(void *state, const struct erp_customer *customer, const char *id,
                          struct err *err)
{
    struct add *add = state;
    struct adding *one = &add->list[add->count];
    OWN_BUF struct buf detail = {0};
    if (*id)
        return true;
    *one = (struct adding){.customer = *customer, .found = ""};
    enum reason reason =
        customer_offered(&add->run, &one->customer, add->arena, &one->target, &detail);
    if (reason == REASON_NONE)
        add->count++;
    else
        skip(add, one, reason, buf_str(&detail));
    return add->count < ADDED_AT_ONCE || run_window(add, err);
}

/* ---- the run ---- */

/* Once a store: bc_id is an id, which Shopify keeps unique. */
static bool define_bc_id(struct add *add, struct err *err)
{
    struct customers *run = &add->run;
    OWN_TEXT char *mark = mem_printf("mark:customers-added:%s", run->shop->code);
    return bc_id_define(run->attempt, run->write, run->company, mark, "CUSTOMER",
                        "Business Central customer", err);
}

bool customers_add_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(add_drop))) struct add add = {0};
    add.arena = arena_new();
    if (!customers_open(&add.run, &PERSONS, attempt, err) || !customers_writable(&add.run, err))
        return false;
    return (define_bc_id(&add, err) || err_wrap(err, "prepare the store")) &&
           customers_offer(&add.run, take_customer, &add, err) && run_window(&add, err) &&
           customers_flush(&add.run, true, err);
}
