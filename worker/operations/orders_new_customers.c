/* orders_new_customers.c - makes the customers that are nowhere, where the shop wants that.
 *
 * Idempotency: Business Central enforces no key of a customer. So whoever makes one holds the keys
 * by which he would be found (schemas/staging/lock.md), across categories, shops and records of
 * Shopify; only then he is looked for on the primary, and a note of the write in flight stands in
 * Redis until the link replaces it. Guests of one e-mail or phone are one customer. After a lost
 * answer nothing is sent until the server's own limit has passed, by this run or any other: every
 * run looks by e-mail and phone, and what it finds is linked. Who has neither is left to a person,
 * because nobody could find him again. Where the shop maps by bill-to info, name and address stand
 * for the e-mail in all this.
 *
 * Posting groups, terms and number series are those of the template that the rules of Business
 * Central's API setup choose, by the country that is sent: no access level takes a template's name
 * (spec, customers 6.1). The tax area is that of his address in tax_areas (2.4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/document_json.h"
#include "operations/operations_table.h"
#include "operations/orders_customers.h"

enum { MOST_EMAIL = 80, LEAST_DIGITS = 7 };

struct making { /* state of a call */
    struct orders_process *process;
    struct window *window;
    struct asker *asker;
    const char *tax_area_id, *terms_id;
    bool refused; /* another run makes him */
};

static const struct order_address *address_of(const struct order *order)
{
    const struct order_address *const ALL[] = {&order->sell_to, &order->bill_to, &order->ship_to};
    for (size_t i = 0; i < COUNT(ALL); i++)
        if (ALL[i]->present)
            return ALL[i];
    return NULL;
}

/* What the lookups of orders_customers.c go by. */
static bool can_be_found(const struct asker *asker)
{
    if (asker->billing.address)
        return true;
    if (asker->work->firm && asker->work->firm->by_tax_id)
        return *asker->tax_id != 0;
    size_t size = strlen(asker->email), digits = 0;
    for (const char *at = asker->phone; *at; at++)
        digits += *at >= '0' && *at <= '9';
    return (size > 0 && size <= MOST_EMAIL) || digits >= LEAST_DIGITS;
}

bool customer_may_be_made(const struct orders_process *process, const struct asker *asker)
{
    return process->shop->auto_create_customers && !asker->is_default && !*asker->by_hand &&
           !asker->work->refund && can_be_found(asker) && address_of(&asker->work->order);
}

static char *record_of(const struct asker *asker)
{
    return mem_printf("%s:%s", asker->kind, asker->key);
}

static const struct order_address *home_of(const struct asker *asker)
{
    return asker->billing.address ? asker->billing.address : address_of(&asker->work->order);
}

static struct party_names party_of(const struct orders_process *process, struct window *window,
                                   const struct asker *asker)
{
    return party_names(&asker->work->order, home_of(asker), process->shop, window->arena);
}

static const char *name_of(const struct party_names *party, const struct asker *asker)
{
    const char *const NAMES[] = {party->name, asker->work->order.customer_name, asker->email,
                                 asker->phone};
    const char *name = "";
    for (size_t i = 0; i < COUNT(NAMES) && !*name; i++)
        name = NAMES[i];
    return name;
}

static const char *phone_of(const struct asker *asker)
{
    const char *phone = home_of(asker)->phone;
    return *phone ? phone : asker->phone;
}

static json *body_of(const struct making *making)
{
    const struct asker *asker = making->asker;
    struct party_names party = party_of(making->process, making->window, asker);
    const struct order *order = &asker->work->order;
    const struct firm *firm = asker->work->firm;
    json *body = customer_json(name_of(&party, asker), &party, phone_of(asker),
                               firm ? order->email : asker->email);
    if (firm && *firm->tax_id)
        json_set_text(body, "taxRegistrationNumber", firm->tax_id);
    if (*making->terms_id)
        json_set_text(body, "paymentTermsId", making->terms_id);
    if (*making->tax_area_id) {
        json_set_text(body, "taxAreaId", making->tax_area_id);
        json_set_bool(body, "taxLiable", true);
    }
    return body;
}

/* ---- one create ---- */

static bool before(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    struct making *making = call->state;
    bool refused = false;
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *record = record_of(making->asker);
    const char *key = making->asker->billing.address ? making->asker->billing.name
                      : *making->asker->tax_id       ? making->asker->tax_id
                      : *making->asker->email        ? making->asker->email
                                                     : making->asker->phone;
    making->asker->look_until_ms =
        clock_now_ms(attempt->clock) + attempt->company->bc_late_s * 1000;
    customer_keep(write, making->asker);
    write_note(write, record, "bc", "create customer", key, making->asker->look_until_ms);
    if (!attempt_write(attempt, write, &refused, err))
        return false;
    making->refused = refused;
    if (refused)
        err_set(&call->err, ERR_RETRY, 0, "another run is making the customer of %s",
                making->asker->work->name);
    return true;
}

static void wait_in_flight(struct orders_process *process, const struct asker *asker,
                           int64_t until_ms)
{
    work_stop(asker->work, REASON_IN_FLIGHT,
              "the call that makes its customer got no answer, and may still come through");
    undone_look(&process->awaited, asker->work->name, until_ms);
}

static void not_made(struct making *making, const struct err *why)
{
    struct orders_process *process = making->process;
    OWN_TEXT char *record = record_of(making->asker);
    if (why->kind == ERR_UNCERTAIN) {
        wait_in_flight(process, making->asker, making->asker->look_until_ms);
        making->asker->in_flight = true;
        return; /* and the lock stays */
    }
    customer_unlock(process, making->asker);
    if (!making->refused)
        write_note_clear(process->write, record);
    if (why->kind == ERR_FATAL) {
        OWN_TEXT char *text = mem_printf("Business Central has refused to make it: %s", why->text);
        customer_unmapped(process, making->asker, "not-made", text);
        return;
    }
    making->asker->work->leave = true; /* nothing has happened; the next run or attempt sends it */
    undone_add(&process->unsent, making->asker->work->name, why->text);
}

static bool after(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    struct making *making = call->state;
    struct orders_process *process = making->process;
    (void)attempt;
    if (call->err.kind != ERR_NONE)
        not_made(making, &call->err);
    else {
        OWN_TEXT char *record = record_of(making->asker);
        customer_take(process, making->asker, json_text(call->answer, "id"),
                      json_text(call->answer, "number"), "");
        write_note_clear(process->write, record);
        customer_was_made(process, making->asker, json_text(call->answer, "id"),
                          json_text(call->answer, "number"), phone_of(making->asker));
        customer_unlock(process, making->asker);
        making->asker->work->customer_made = true;
        if (*making->asker->work->id)
            stage_life(process->write, making->asker->work->id, "mapped", "customer %s, made",
                       json_text(call->answer, "number"));
    }
    return process_flush(process, true, err);
}

/* ---- a window's ---- */

/* Guests of one e-mail are one, and of one phone, unless they have two e-mails. */
static bool same_guest(const struct asker *left, const struct asker *right)
{
    if (*left->tax_id || *right->tax_id)
        return strcmp(left->tax_id, right->tax_id) == 0;
    return *left->email && *right->email ? strcmp(left->email, right->email) == 0
                                         : phones_match(left->phone, right->phone);
}

/* Orders of one customer wait for the first of them. */
static const struct asker *leader_of(const struct asker askers[], size_t at)
{
    for (size_t i = 0; i < at; i++) {
        bool billed = askers[i].billing.address && askers[at].billing.address;
        bool same = billed ? strcmp(askers[i].billing.key, askers[at].billing.key) == 0
                           : strcmp(askers[i].key, askers[at].key) == 0 ||
                                 same_guest(&askers[i], &askers[at]);
        if (askers[i].missing && same)
            return &askers[i];
    }
    return NULL;
}

static void follow(struct orders_process *process, const struct asker *asker,
                   const struct asker *leader)
{
    const struct work *first = leader->work;
    if (*leader->party->id)
        customer_take(process, asker, leader->party->id, leader->party->number, "");
    else if (first->leave)
        asker->work->leave = true;
    else
        work_stop(asker->work, first->reason, "%s", buf_str(&first->detail));
}

static const json *row_of(const struct window *window, const struct asker *asker)
{
    if (asker->billing.address)
        return customer_billed(window->lookup, LOOKUP_CUSTOMER_NAME_NOW, asker,
                               *asker->note_fence != 0);
    const json *row = lookup_find(window->lookup, LOOKUP_CUSTOMER_EMAIL_NOW, asker->email);
    return row ? row : lookup_find(window->lookup, LOOKUP_CUSTOMER_ID, asker->made_id);
}

/* The last look before the create. */
static bool is_to_be_made(struct orders_process *process, const struct window *window,
                          const struct asker *asker)
{
    const json *row = row_of(window, asker);
    const struct known_customer *known = known_by_tax_id(process, asker->tax_id, NULL);
    int64_t strays_ms = attempt_strays_left_ms(process->attempt);
    int64_t now_ms = process_now_ms(process);
    if (row)
        customer_take(process, asker, json_text(row, "id"), json_text(row, "number"),
                      json_text(row, "blocked"));
    else if (known)
        customer_take(process, asker, known->id, known->number, known->blocked);
    else if (strays_ms > 0)
        wait_in_flight(process, asker, now_ms + strays_ms);
    else if (*asker->note_fence && now_ms < asker->look_until_ms)
        wait_in_flight(process, asker, asker->look_until_ms);
    else if (!asker->locked) { /* another run is just making him */
        asker->work->leave = true;
        undone_look(&process->awaited, asker->work->name, asker->free_ms);
    } else
        return true;
    return false;
}

static bool make(struct orders_process *process, struct making makings[], size_t count,
                 struct err *err)
{
    struct bc_call calls[ASKERS];
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *record = record_of(makings[i].asker);
        if (*makings[i].asker->note_fence) /* the server can no longer finish that call */
            write_note_clear(process->write, record);
        calls[i] = (struct bc_call){.method = "POST",
                                    .path = "customers",
                                    .body = body_of(&makings[i]),
                                    .before = before,
                                    .after = after,
                                    .state = &makings[i]};
    }
    bool ok = count == 0 || (process_flush(process, true, err) &&
                             bc_call_all(process->attempt, calls, count, err));
    for (size_t i = 0; i < count; i++) {
        if (makings[i].refused) /* not sent: no answer has said so */
            not_made(&makings[i], &calls[i].err);
        bc_call_drop(&calls[i]);
    }
    return ok;
}

static bool find_codes(struct orders_process *process, struct window *window, struct making *making,
                       struct err *err)
{
    struct work *work = making->asker->work;
    const char *area = plan_area_of(home_of(making->asker), process->shop, window->arena);
    const char *terms = work->firm ? work->firm->terms : "";
    return orders_code(process, window, work, CODE_TAX_AREA, area, &making->tax_area_id, err) &&
           orders_code(process, window, work, CODE_PAYMENT_TERMS, terms, &making->terms_id, err);
}

/* Takes their locks, and looks for them once more. */
static bool look_locked(struct orders_process *process, struct window *window,
                        struct asker askers[], size_t count, struct err *err)
{
    bool by_tax_id = false;
    for (size_t i = 0; i < count; i++) {
        if (!askers[i].missing || leader_of(askers, i))
            continue;
        by_tax_id = by_tax_id || *askers[i].tax_id;
        struct party_names party = party_of(process, window, &askers[i]);
        if (!customer_lock(process, window, &askers[i], name_of(&party, &askers[i]), err))
            return false;
        if (askers[i].billing.address)
            lookup_want(window->lookup, LOOKUP_CUSTOMER_NAME_NOW, askers[i].billing.name);
        else
            lookup_want(window->lookup, LOOKUP_CUSTOMER_EMAIL_NOW, askers[i].email);
    }
    customers_share_locks(askers, count);
    return (!by_tax_id || known_tax_ids(process, true, err)) &&
           customers_made(process, window, askers, count, err) &&
           lookup_round(window->lookup, process->attempt, err);
}

bool customers_make(struct orders_process *process, struct window *window, struct asker askers[],
                    size_t count, struct err *err)
{
    struct making makings[ASKERS];
    size_t some = 0;
    if (!look_locked(process, window, askers, count, err))
        return err_wrap(err, "look for customers before they are made");
    for (size_t i = 0; i < count; i++) {
        if (!askers[i].missing || leader_of(askers, i))
            continue;
        if (!is_to_be_made(process, window, &askers[i])) {
            customer_unlock(process, &askers[i]);
            continue;
        }
        makings[some] = (struct making){.process = process,
                                        .window = window,
                                        .asker = &askers[i],
                                        .tax_area_id = "",
                                        .terms_id = ""};
        if (!find_codes(process, window, &makings[some], err))
            return false;
        if (work_open(askers[i].work))
            some++;
        else
            customer_unlock(process, &askers[i]);
    }
    if (!make(process, makings, some, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct asker *leader = askers[i].missing ? leader_of(askers, i) : NULL;
        if (leader)
            follow(process, &askers[i], leader);
    }
    customers_unlock_shared(process, askers, count);
    return process_flush(process, false, err);
}
