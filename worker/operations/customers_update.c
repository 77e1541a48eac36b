/* customers_update.c - what has changed of linked customers at Shopify, to Business Central.
 *
 * Idempotency: fields are set to what Shopify has, only those that differ, and under the ETag that
 * they were compared with. A change whose answer got lost differs no more, or differs again; one
 * that met another's change is refused by the ETag. Either way the next run compares anew.
 *
 * Nobody but one customer of the shop writes to a customer: where several are one there, or it is a
 * default customer, each would write his own name over the others'.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "operations/customers_run.h"
#include "operations/document_json.h"
#include "plan/party.h"
#include "plan/phone.h"

struct update {
    struct customers *run;
    const struct linked_shopper *linked;
    char *path;
    json *body;
};

static bool is_default(const struct customers *run, const char *number)
{
    const struct shop *shop = run->shop;
    bool found = strcasecmp(run->default_number, number) == 0;
    for (size_t i = 0; i < shop->country_customers.count && !found; i++)
        found = strcasecmp(shop->country_customers.pairs[i].value, number) == 0;
    return found;
}

/* ---- what differs ---- */

static bool same_text(const char *field, const char *left, const char *right)
{
    if (strcmp(field, "phoneNumber") == 0)
        return phones_match(left, right) || strcmp(left, right) == 0;
    if (strcmp(field, "email") == 0) { /* of several there the first is his */
        size_t size = strcspn(left, ";, ");
        return size == strlen(right) && strncasecmp(left, right, size) == 0;
    }
    bool code = strcmp(field, "country") == 0 || strcmp(field, "postalCode") == 0 ||
                strcmp(field, "taxRegistrationNumber") == 0 || strcmp(field, "paymentTermsId") == 0;
    return code ? strcasecmp(left, right) == 0 : strcmp(left, right) == 0;
}

/* What an address that is another one now leaves behind. */
static void clear_old(const json *wanted, const json *card, json *body)
{
    static const char *const PLACE[] = {"addressLine1", "city", "postalCode", "country"};
    static const char *const LEFT[] = {"addressLine1", "addressLine2", "city", "state",
                                       "postalCode"};
    bool moved = false;
    for (size_t i = 0; i < COUNT(PLACE); i++)
        moved = moved || json_has(body, PLACE[i]);
    for (size_t i = 0; moved && i < COUNT(LEFT); i++)
        if (!json_has(wanted, LEFT[i]) && *json_text(card, LEFT[i]))
            json_set_text(body, LEFT[i], "");
}

static json *differing(const json *wanted, const json *card)
{
    json *body = json_new_object();
    const char *name;
    json *value;
    JSON_EACH(name, value, wanted)
    {
        const char *text = json_string(value);
        if (strcmp(name, "type") != 0 && !same_text(name, json_text(card, name), text))
            json_set_text(body, name, text);
    }
    clear_old(wanted, card, body);
    return body;
}

static bool set_terms(struct customers *run, struct window *window, struct linked_shopper *one,
                      json *body, struct err *err)
{
    const char *id = "", *terms = one->work->firm ? one->work->firm->terms : "";
    if (!orders_code(&run->process, window, one->work, CODE_PAYMENT_TERMS, terms, &id, err))
        return false;
    if (*id && strcasecmp(json_text(one->card, "paymentTermsId"), id) != 0)
        json_set_text(body, "paymentTermsId", id);
    return true;
}

static bool set_tax_area(struct customers *run, struct window *window, struct linked_shopper *one,
                         json *body, struct err *err)
{
    const char *id = "";
    const char *area = plan_area_of(&one->shopper->address, run->shop, window->arena);
    if (!orders_code(&run->process, window, one->work, CODE_TAX_AREA, area, &id, err))
        return false;
    if (*id && strcasecmp(json_text(one->card, "taxAreaId"), id) != 0) {
        json_set_text(body, "taxAreaId", id);
        json_set_bool(body, "taxLiable", true);
    }
    return true;
}

static json *wanted_of(const struct customers *run, const struct linked_shopper *one,
                       struct arena *arena)
{
    const struct order *person = &one->work->order;
    const struct firm *firm = one->work->firm;
    struct party_names party = party_names(person, &person->sell_to, &run->finder, arena);
    const char *phone = *person->sell_to.phone ? person->sell_to.phone : person->phone;
    /* A company's e-mail is that of a person, who may be another one tomorrow. */
    json *wanted = customer_json(party.name, &party, phone, firm ? "" : person->email);
    if (firm && *firm->tax_id) /* what Shopify has not is kept */
        json_set_text(wanted, "taxRegistrationNumber", firm->tax_id);
    return wanted;
}

/* ---- whose it is ---- */

static bool read_owners(struct customers *run, const struct linked_shopper linked[], size_t count,
                        struct store_ids *owners, struct err *err)
{
    const char *ids[WINDOW] = {NULL};
    for (size_t i = 0; i < count; i++)
        ids[i] = linked[i].work->customer.id;
    return customers_linked(run, run->sort, ids, count, owners, err);
}

static bool is_shared(const struct linked_shopper linked[], size_t count, size_t at,
                      const char *owner)
{
    if (*owner && strcmp(owner, linked[at].shopper->id) != 0)
        return true;
    for (size_t i = 0; i < count; i++)
        if (i != at && strcmp(linked[i].work->customer.id, linked[at].work->customer.id) == 0 &&
            !*owner)
            return true;
    return false;
}

/* ---- a window's ---- */

static void take_answer(struct customers *run, struct update *update, const struct bc_call *call)
{
    struct linked_shopper *one = (struct linked_shopper *)update->linked;
    const char *id = one->shopper->id, *name = one->work->order.customer_name;
    if (call->err.kind == ERR_NONE) {
        run->attempt->counts.updated++;
        return;
    }
    one->failed = one->skipped = true;
    customer_skip(run, id, name,
                  call->err.kind == ERR_FATAL ? REASON_CUSTOMER_REFUSED : REASON_CUSTOMER_LATER,
                  call->err.text);
}

static bool send(struct customers *run, struct update updates[], size_t count, struct err *err)
{
    struct bc_call calls[WINDOW];
    for (size_t i = 0; i < count; i++) {
        const char *etag = json_text(updates[i].linked->card, "@odata.etag");
        calls[i] = (struct bc_call){.method = "PATCH",
                                    .path = updates[i].path,
                                    .body = GIVE(updates[i].body),
                                    .if_match = *etag ? etag : "*"};
    }
    bool ok = count == 0 ||
              (attempt_may_write(run->attempt, err) && bc_batch(run->attempt, calls, count, err));
    for (size_t i = 0; i < count; i++) {
        if (ok)
            take_answer(run, &updates[i], &calls[i]);
        bc_call_drop(&calls[i]);
    }
    return ok || err_wrap(err, "change customers");
}

static bool prepare(struct customers *run, struct window *window, struct linked_shopper linked[],
                    size_t count, struct update updates[], size_t *some, struct err *err)
{
    OWN_IDS struct store_ids owners = {0};
    if (!read_owners(run, linked, count, &owners, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct linked_shopper *one = &linked[i];
        if (is_default(run, one->work->customer.number) || one->shopper->is_contact)
            continue;
        OWN_JSON json *wanted = wanted_of(run, one, window->arena);
        OWN_JSON json *body = differing(wanted, one->card);
        if (!set_tax_area(run, window, one, body, err) || !set_terms(run, window, one, body, err))
            return false;
        one->skipped = one->work->reason == REASON_CODE_UNKNOWN;
        if (one->skipped)
            customer_skip(run, one->shopper->id, one->work->order.customer_name,
                          REASON_CODE_UNKNOWN, buf_str(&one->work->detail));
        if (strcmp(json_write(body), "{}") == 0)
            continue;
        if (is_shared(linked, count, i, owners.items[i])) {
            OWN_TEXT char *which = mem_printf("customer %s", one->work->customer.number);
            one->skipped = true;
            customer_skip(run, one->shopper->id, one->work->order.customer_name,
                          REASON_CUSTOMER_SHARED, which);
            continue;
        }
        updates[(*some)++] = (struct update){
            run, one, mem_printf("customers(%s)", one->work->customer.id), GIVE(body)};
    }
    return true;
}

bool customers_update(struct customers *run, struct window *window, struct linked_shopper linked[],
                      size_t count, struct err *err)
{
    struct update updates[WINDOW];
    size_t some = 0;
    bool ok =
        prepare(run, window, linked, count, updates, &some, err) && send(run, updates, some, err);
    for (size_t i = 0; i < some; i++) {
        free(updates[i].path);
        json_free(updates[i].body);
    }
    return ok;
}
