/* orders_customers.c - who has ordered, in Business Central.
 *
 * The customer of the ship-to country, where the shop has one; a link or a number given by hand;
 * then e-mail without case, then phone; then he is made, where the shop wants that. Where the shop
 * maps by bill-to info (spec, orders 3.2, customers 2.6) name and address on the bill take the
 * place of e-mail and phone, and a link is the address's: the customer of exactly that name and
 * address, else a new one, else the person's own. Where the order's own address is another one, its
 * customer is looked for likewise and goods are sold to him; he who is nowhere and may not be made
 * is the one who is billed. Nobody is billed for another: an order whose bill has no customer
 * waits. The shop's default customer only where the order has no customer data at all, so that a
 * stranger is never booked on it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/document_json.h"
#include "operations/orders_customers.h"

/* ---- what is known before asking ---- */

static const char *first_of(const char *const texts[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (*texts[i])
            return texts[i];
    return "";
}

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = arena_text(arena, text);
    for (char *at = copy; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

/* The record of ours that stands for him: Shopify's, or the order itself for guests. */
static const char *person_of(const struct work *work)
{
    return *work->order.customer_id ? work->order.customer_id : work->order.id;
}

/* Where the goods go. */
static const char *country_of(const struct order *order)
{
    return order->ship_to.present ? order->ship_to.country : order->sell_to.country;
}

static const char *key_of(struct arena *arena, const struct work *work,
                          const struct billing *billing)
{
    return billing->address ? arena_printf(arena, "%s-%s", person_of(work), billing->key)
                            : person_of(work);
}

static void describe(struct orders_process *process, struct window *window, struct work *work,
                     struct asker *asker)
{
    const struct order *order = &work->order;
    const char *const emails[] = {order->email, order->customer_email};
    const char *const phones[] = {order->phone, order->sell_to.phone, order->customer_phone,
                                  order->ship_to.phone, order->bill_to.phone};
    *asker = (struct asker){
        .work = work,
        .kind = process->firms ? "company" : "customer",
        .tax_id = work->firm && work->firm->by_tax_id ? work->firm->tax_id : "",
        .party = &work->customer,
        .billing = {.name = "", .county = "", .key = ""},
        .own_id = "",
        .own_number = "",
        .email = lower(window->arena, first_of(emails, COUNT(emails))),
        .phone = first_of(phones, COUNT(phones)),
        .shops = "",
        .by_hand = "",
        .erp_id = "",
        .number = "",
        .note_fence = "",
        .made_id = "",
        .was_blocked = strcmp(work->was_reason, "customer-blocked") == 0,
    };
    const char *country = country_of(order);
    const char *of_country =
        *country ? setting_map_get(&process->shop->country_customers, country) : NULL;
    bool anonymous = !*order->customer_id && !*asker->email && !*asker->phone;
    asker->is_default =
        of_country || anonymous || process->shop->customer_mapping == CUSTOMER_DEFAULT;
    asker->fixed = of_country ? of_country : process->shop->default_customer;
    if (!asker->is_default && process->shop->customer_mapping == CUSTOMER_BY_BILL_TO)
        asker->billing = billing_of(order, process->shop, window->arena);
    asker->party->key = asker->key = key_of(window->arena, work, &asker->billing);
    if (!work->firm)
        return;
    asker->is_default = work->firm->to_default;
    if (work->firm->by_tax_id)
        asker->email = asker->phone = "";
    else if (*asker->email)
        asker->phone = ""; /* spec, customers 3.3: it is tried where there is no e-mail */
}

/* The sell-to customer beside the one that is billed; false = they are the same. */
static bool describe_seller(struct orders_process *process, struct window *window,
                            struct asker *billed, struct asker *out)
{
    struct work *work = billed->work;
    struct billing seller =
        billing_seller(&work->order, &billed->billing, process->shop, window->arena);
    if (!seller.address)
        return false;
    *out = *billed;
    out->billing = seller;
    out->may_lack = true;
    out->party->key = out->key = key_of(window->arena, work, &seller);
    billed->party = &work->bill_to;
    billed->party->key = billed->key;
    return true;
}

static bool read_notes(struct orders_process *process, struct window *window, struct asker *askers,
                       size_t count, struct store_rows **out, struct err *err)
{
    static const char *const FIELDS[] = {"fence", "look_until"};
    const char *keys[ASKERS];
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(window->arena, "note:%s:%s", askers[i].kind, askers[i].key);
    if (!store_read(process->attempt->ledger, process->company, keys, count, FIELDS, COUNT(FIELDS),
                    out, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        askers[i].note_fence = store_text(*out, i, 0);
        askers[i].look_until_ms = store_int(*out, i, 1);
    }
    return true;
}

static bool read_links(struct orders_process *process, struct window *window, struct asker *askers,
                       size_t count, struct store_rows **out, struct err *err)
{
    static const char *const FIELDS[] = {"erp_id", "number", "by_hand", "shops"};
    const char *keys[ASKERS];
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(window->arena, "%s:%s", askers[i].kind, askers[i].key);
    if (!store_read(process->attempt->ledger, process->company, keys, count, FIELDS, COUNT(FIELDS),
                    out, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        askers[i].erp_id = store_text(*out, i, 0);
        askers[i].number = store_text(*out, i, 1);
        askers[i].by_hand = store_text(*out, i, 2);
        askers[i].shops = store_text(*out, i, 3);
        if (askers[i].work->firm && (*askers[i].erp_id || *askers[i].by_hand))
            askers[i].is_default = false;
    }
    return true;
}

/* What the person was linked to without his address, before the shop mapped by it or by hand. */
static bool read_persons(struct orders_process *process, struct window *window,
                         struct asker *askers, size_t count, struct store_rows **out,
                         struct err *err)
{
    static const char *const FIELDS[] = {"erp_id", "number"};
    const char *keys[ASKERS];
    size_t some = 0;
    for (size_t i = 0; i < count; i++) {
        keys[i] = arena_printf(window->arena, "customer:%s", person_of(askers[i].work));
        some += askers[i].billing.address != NULL;
    }
    if (some == 0)
        return true;
    if (!store_read(process->attempt->ledger, process->company, keys, count, FIELDS, COUNT(FIELDS),
                    out, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        askers[i].own_id = askers[i].billing.address ? store_text(*out, i, 0) : "";
        askers[i].own_number = store_text(*out, i, 1);
    }
    return true;
}

static void ask(struct window *window, const struct asker *asker)
{
    if (asker->is_default)
        lookup_want(window->lookup, LOOKUP_CUSTOMER_NUMBER, asker->fixed);
    else if (*asker->erp_id && asker->was_blocked)
        lookup_want(window->lookup, LOOKUP_CUSTOMER_ID, asker->erp_id);
    else if (*asker->erp_id)
        return;
    else if (*asker->by_hand)
        lookup_want(window->lookup, LOOKUP_CUSTOMER_NUMBER, asker->by_hand);
    else if (asker->billing.address)
        lookup_want(window->lookup, LOOKUP_CUSTOMER_NAME, asker->billing.name);
    else
        lookup_want(window->lookup, LOOKUP_CUSTOMER_EMAIL, asker->email);
}

/* ---- answers ---- */

bool customer_is_blocked(const char *blocked)
{
    return *blocked && strcmp(blocked, "_x0020_") != 0 && strcmp(blocked, " ") != 0;
}

/* Codes are upper case there; names, streets and towns are compared as they are written. */
static bool is_billed(const json *row, const struct billing *billing, bool ours)
{
    const struct order_address *address = billing->address;
    const struct {
        const char *field, *text;
        size_t most;
        bool follows; /* what the ERP may have put there for the post code */
    } PARTS[] = {
        {"displayName",  billing->name,     100, false},
        {"addressLine1", address->address1, 100, false},
        {"addressLine2", address->address2, 50,  false},
        {"city",         address->city,     30,  true },
        {"state",        billing->county,   30,  true },
        {"postalCode",   address->zip,      20,  false},
        {"country",      address->country,  10,  false},
    };
    for (size_t i = 0; i < COUNT(PARTS); i++) {
        const char *theirs = json_text(row, PARTS[i].field);
        OWN_TEXT char *cut = mem_text_n(PARTS[i].text, document_cut(PARTS[i].text, PARTS[i].most));
        bool code = i >= COUNT(PARTS) - 2;
        bool same = code ? strcasecmp(theirs, cut) == 0 : strcmp(theirs, cut) == 0;
        if (!same && !(ours && PARTS[i].follows))
            return false;
    }
    return true;
}

const json *customer_billed(const struct lookup *lookup, enum lookup_kind kind,
                            const struct asker *asker, bool ours)
{
    size_t at = 0;
    const json *row;
    while ((row = lookup_next(lookup, kind, asker->billing.name, &at)))
        if (is_billed(row, &asker->billing, ours))
            return row;
    return NULL;
}

static void party_set(struct party *party, const char *id, const char *number)
{
    snprintf(party->id, sizeof party->id, "%s", id);
    snprintf(party->number, sizeof party->number, "%s", number);
}

/* Which customer of the shop he is there (schemas/staging/customer.md); no guest, and nobody whose
 * link is an address's. The first one stays. */
static void write_owner(struct orders_process *process, const struct asker *asker, const char *id)
{
    const char *customer = asker->work->order.customer_id;
    if (!*customer || strcmp(customer, asker->key) != 0)
        return;
    OWN_TEXT char *key = mem_printf("erp-%s:%s:%s", asker->kind, process->shop->code, id);
    write_add(process->write, "SET", key, customer, "NX", NULL);
    OWN_TEXT char *skip = mem_printf("%s-%s", asker->kind, id); /* of one who could not be added */
    stage_skip_gone(process->write, skip);
    if (process->firms || !process->shop->can_update_shopify_customers)
        return;
    char now[32];
    OWN_TEXT char *due = mem_printf("customers-due-there:%s", process->shop->code);
    snprintf(now, sizeof now, "%" PRId64, process_now_ms(process));
    write_add(process->write, "ZADD", due, "NX", now, id, NULL); /* customers.sync tells Shopify */
}

void customer_take(struct orders_process *process, const struct asker *asker, const char *id,
                   const char *number, const char *blocked)
{
    struct work *work = asker->work;
    party_set(asker->party, id, number);
    if ((!asker->is_default || work->firm) && strcmp(asker->erp_id, id) != 0) {
        write_mapped(process, asker->kind, asker->key, asker->shops, work->order.customer_name, "",
                     id, number);
        if (!asker->is_default)
            write_owner(process, asker, id);
    }
    if (*asker->note_fence) {
        OWN_TEXT char *record = mem_printf("%s:%s", asker->kind, asker->key);
        write_note_clear(process->write, record);
    }
    if (customer_is_blocked(blocked))
        work_stop(work, REASON_CUSTOMER_BLOCKED, "customer %s is blocked (%s)", number, blocked);
}

static void no_default(struct orders_process *process, const struct asker *asker)
{
    if (asker->work->firm) {
        customer_unmapped(process, asker, "no-default",
                          *asker->fixed ? "it goes to default_company of the shop, a number that "
                                          "Business Central does not have"
                                        : "it goes to the default company, and the shop has none");
        return;
    }
    work_stop(asker->work, REASON_CUSTOMER_UNMAPPED,
              *asker->fixed
                  ? "the order goes to the default customer, and Business Central has no %s"
                  : "the order goes to the default customer, and the shop has none%s",
              asker->fixed);
}

void customer_unmapped(struct orders_process *process, const struct asker *asker, const char *code,
                       const char *why)
{
    struct work *work = asker->work;
    work_stop(work, REASON_CUSTOMER_UNMAPPED, "%s", why);
    if (work->refund)
        return;
    const char *name = asker->billing.address       ? asker->billing.name
                       : *work->order.customer_name ? work->order.customer_name
                                                    : work->name;
    const struct unmapped unmapped = {.kind = asker->kind,
                                      .id = asker->key,
                                      .order = work->id,
                                      .shops = asker->shops,
                                      .name = name,
                                      .sku = asker->tax_id,
                                      .email = asker->email,
                                      .phone = asker->phone,
                                      .code = *asker->by_hand ? "mapped-to-nothing" : code,
                                      .text = why};
    write_unmapped(process, &unmapped);
    work_waits_for(work, asker->kind, asker->key);
}

static void not_found(struct orders_process *process, struct asker *asker)
{
    if (asker->is_default) {
        no_default(process, asker);
        return;
    }
    asker->missing = customer_may_be_made(process, asker);
    if (asker->missing)
        return;
    if (*asker->own_id && !*asker->by_hand) { /* his, and not linked: that was not this address */
        party_set(asker->party, asker->own_id, asker->own_number);
        return;
    }
    if (asker->may_lack && !*asker->by_hand)
        return;
    bool by_tax_id = asker->work->firm && asker->work->firm->by_tax_id;
    OWN_TEXT char *why =
        *asker->by_hand ? mem_printf("mapped by hand to %s, which Business Central does not have",
                                     asker->by_hand)
        : asker->billing.address
            ? mem_printf("no customer there is \"%s\" of the address on the bill",
                         asker->billing.name)
        : by_tax_id && *asker->tax_id
            ? mem_printf("no customer there has the tax number %s", asker->tax_id)
        : by_tax_id ? mem_text("it has no tax number")
                    : mem_printf("no customer there has this %s%s%s", *asker->email ? "e-mail" : "",
                                 *asker->email && *asker->phone ? " or " : "",
                                 *asker->phone ? "phone" : "");
    customer_unmapped(process, asker,
                      asker->billing.address ? "no-billing-match"
                      : by_tax_id            ? "no-tax-id"
                                             : "no-customer",
                      why);
}

/* Several fit alike: a person says which. */
static bool is_ambiguous(struct orders_process *process, const struct asker *asker,
                         const char *what, const char *first, const char *second)
{
    if (!process->exact || !second || strcmp(first, second) == 0)
        return false;
    OWN_TEXT char *why =
        mem_printf("several customers there have this %s, as %s and %s", what, first, second);
    customer_unmapped(process, asker, "ambiguous", why);
    return true;
}

/* By e-mail alone: no link, no number given by hand, nothing else that goes before it. */
static bool goes_by_email(const struct asker *asker)
{
    return *asker->email && !*asker->erp_id && !*asker->by_hand && !asker->billing.address &&
           !asker->is_default;
}

/* Who has it; false = a read has failed. `*settled`: several have it. */
static bool by_email(struct orders_process *process, const struct lookup *lookup,
                     const struct asker *asker, bool *settled, struct err *err)
{
    size_t at = 0;
    const json *row = lookup_next(lookup, LOOKUP_CUSTOMER_EMAIL, asker->email, &at);
    const json *next = row ? lookup_next(lookup, LOOKUP_CUSTOMER_EMAIL, asker->email, &at) : NULL;
    if ((process->exact || !row) && !known_emails(process, err))
        return false;
    const struct known_customer *known = known_by_email(process, asker->email, NULL);
    const struct known_customer *other =
        known ? known_by_email(process, asker->email, known) : NULL;
    if (!row && !known)
        return true;
    const char *number = row ? json_text(row, "number") : known->number;
    const char *second = next           ? json_text(next, "number")
                         : row && known ? known->number
                         : other        ? other->number
                                        : NULL;
    *settled = true;
    if (is_ambiguous(process, asker, "e-mail", number, second))
        return true;
    customer_take(process, asker, row ? json_text(row, "id") : known->id, number,
                  row ? json_text(row, "blocked") : known->blocked);
    return true;
}

static bool by_tax_id(struct orders_process *process, const struct asker *asker, bool *settled,
                      struct err *err)
{
    if (!known_tax_ids(process, false, err))
        return false;
    const struct known_customer *found = known_by_tax_id(process, asker->tax_id, NULL);
    const struct known_customer *second =
        found ? known_by_tax_id(process, asker->tax_id, found) : NULL;
    *settled = found != NULL;
    if (found &&
        !is_ambiguous(process, asker, "tax number", found->number, second ? second->number : NULL))
        customer_take(process, asker, found->id, found->number, found->blocked);
    return true;
}

static bool by_phone(struct orders_process *process, const struct asker *asker, bool *settled,
                     struct err *err)
{
    if (!known_phones(process, err))
        return false;
    const struct known_customer *phone = known_by_phone(process, asker->phone, NULL);
    if (!phone)
        return true;
    const struct known_customer *second = known_by_phone(process, asker->phone, phone);
    *settled = true;
    if (!is_ambiguous(process, asker, "phone", phone->number, second ? second->number : NULL))
        customer_take(process, asker, phone->id, phone->number, phone->blocked);
    return true;
}

static bool needs_phone(const struct asker *asker)
{
    return !asker->billing.address && !asker->is_default && !*asker->erp_id && !*asker->by_hand &&
           *asker->phone;
}

static bool resolve(struct orders_process *process, struct window *window, struct asker *asker,
                    struct err *err)
{
    const struct lookup *lookup = window->lookup;
    const char *linked = asker->erp_id;
    const json *row = NULL;
    if (asker->is_default)
        row = lookup_find(lookup, LOOKUP_CUSTOMER_NUMBER, asker->fixed);
    else if (*linked && !asker->was_blocked) {
        customer_take(process, asker, linked, asker->number, "");
        return true;
    } else if (*linked)
        row = lookup_find(lookup, LOOKUP_CUSTOMER_ID, linked);
    else if (*asker->by_hand)
        row = lookup_find(lookup, LOOKUP_CUSTOMER_NUMBER, asker->by_hand);
    else if (asker->billing.address)
        row = customer_billed(lookup, LOOKUP_CUSTOMER_NAME, asker, *asker->note_fence != 0);
    if (row) {
        customer_take(process, asker, json_text(row, "id"), json_text(row, "number"),
                      json_text(row, "blocked"));
        return true;
    }
    bool settled = false;
    if (*asker->tax_id && !*asker->by_hand && !asker->is_default &&
        !by_tax_id(process, asker, &settled, err))
        return false;
    if (goes_by_email(asker) && !by_email(process, lookup, asker, &settled, err))
        return false;
    if (!settled && needs_phone(asker) && !by_phone(process, asker, &settled, err))
        return false;
    if (!settled)
        not_found(process, asker);
    return true;
}

/* Who is sold to goes without saying where he is the one who is billed, too. */
static void settle_parties(struct work *work)
{
    assert(!work->bill_to.key || *work->bill_to.id); /* nobody is billed for another */
    if (!*work->customer.id)
        work->customer = work->bill_to;
    if (strcmp(work->customer.id, work->bill_to.id) == 0)
        work->bill_to.id[0] = work->bill_to.number[0] = 0;
}

bool orders_find_customers(struct orders_process *process, struct window *window, struct err *err)
{
    struct asker askers[ASKERS];
    size_t count = 0;
    OWN(store_rows) struct store_rows *links = NULL;
    OWN(store_rows) struct store_rows *notes = NULL;
    OWN(store_rows) struct store_rows *persons = NULL;
    for (size_t i = 0; i < window->count; i++) {
        if (work_open(&window->works[i]) && window->works[i].order.erased)
            work_stop(&window->works[i], REASON_CUSTOMER_ERASED, "%s", "");
        if (work_open(&window->works[i]) && !*window->works[i].customer.id) {
            describe(process, window, &window->works[i], &askers[count]);
            count += describe_seller(process, window, &askers[count], &askers[count + 1]) ? 2 : 1;
        }
    }
    if (count == 0)
        return true;
    if (!read_links(process, window, askers, count, &links, err) ||
        !read_notes(process, window, askers, count, &notes, err) ||
        !read_persons(process, window, askers, count, &persons, err))
        return false;
    for (size_t i = 0; i < count; i++)
        ask(window, &askers[i]);
    if (!lookup_round(window->lookup, process->attempt, err))
        return err_wrap(err, "find customers");
    for (size_t i = 0; i < count; i++)
        if (!resolve(process, window, &askers[i], err))
            return false;
    if (!customers_make(process, window, askers, count, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        if (work_open(&window->works[i]))
            settle_parties(&window->works[i]);
    return true;
}
