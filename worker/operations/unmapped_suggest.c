/* unmapped_suggest.c - who the records of Shopify without a partner might be there, for a person to
 * say so.
 *
 * Idempotency: nothing is written to either peer, and nothing is linked: of each record what is
 * suggested now replaces what was (schemas/staging/mapping.md). Business Central's side is read
 * once, whole; nothing is asked where everything has a partner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bc/bc.h"
#include "operations/operations_table.h"
#include "plan/suggest.h"
#include "shopify/shopify.h"
#include "store/staging.h"
#include "store/store.h"

enum { MOST = 5000, A_CALL = 50 };

static const struct kind {
    enum mapping mapping;
    const char *type, *document; /* at Shopify */
    bool goods;                  /* an item there; else a customer */
} KINDS[] = {
    {MAPPING_CUSTOMER, "Customer", "customers-named", false},
    {MAPPING_COMPANY,  "Company",  "companies-named", false},
    {MAPPING_PRODUCT,  "Product",  "products-by-ids", true },
};

struct suggesting {
    struct attempt *attempt;
    struct write *write;
    struct arena *arena; /* as long as Business Central's side */
    const struct kind *kind;
    bool goods;                     /* what has been read there */
    struct suggest_record *records; /* of Business Central */
    const char **numbers, **names;
    size_t count;
    struct suggest_index *index;
};

static const struct suggest_record NOBODY = {"", "", "", "", "", "", "", ""};

/* ---- Business Central's side ---- */

/* "a@x.com; b@x.com" as lines. */
static const char *lines_of(const char *emails, struct arena *arena)
{
    char *lines = arena_text(arena, emails);
    for (char *at = lines; *at; at++)
        if (strchr(";, ", *at))
            *at = '\n';
    return lines;
}

static bool take_row(void *state, const json *row, struct err *err)
{
    struct suggesting *all = state;
    struct arena *arena = all->arena;
    size_t at = all->count++;
    (void)err;
    all->records = mem_grow(all->records, at, at + 1, sizeof *all->records);
    all->numbers = mem_grow(all->numbers, at, at + 1, sizeof *all->numbers);
    all->names = mem_grow(all->names, at, at + 1, sizeof *all->names);
    all->numbers[at] = arena_text(arena, json_text(row, "number"));
    all->names[at] = arena_text(arena, json_text(row, "displayName"));
    struct suggest_record *one = &all->records[at];
    *one = NOBODY;
    one->name = all->names[at];
    if (all->goods) {
        one->codes = all->numbers[at];
        one->barcodes = arena_text(arena, json_text(row, "gtin"));
        return true;
    }
    one->emails = lines_of(json_text(row, "email"), arena);
    one->phone = arena_text(arena, json_text(row, "phoneNumber"));
    one->street = arena_text(arena, json_text(row, "addressLine1"));
    one->zip = arena_text(arena, json_text(row, "postalCode"));
    one->tax_id = arena_text(arena, json_text(row, "taxRegistrationNumber"));
    return true;
}

/* Companies are customers there, as customers are. */
static bool read_there(struct suggesting *all, struct err *err)
{
    static const char CUSTOMERS[] =
        "customers?$select=id,number,displayName,email,phoneNumber,addressLine1,postalCode,"
        "taxRegistrationNumber&$orderby=number";
    static const char ITEMS[] = "items?$select=id,number,displayName,gtin&$orderby=number";
    if (all->index && all->goods == all->kind->goods)
        return true;
    all->goods = all->kind->goods;
    all->count = 0;
    if (!bc_list(all->attempt, all->goods ? ITEMS : CUSTOMERS, false, take_row, all, err))
        return err_wrap(err, "list %s of Business Central", all->goods ? "items" : "customers");
    all->index = suggest_index_new(all->records, all->count, all->arena);
    return true;
}

/* ---- Shopify's side ---- */

static const char *full_name(const json *node, struct arena *arena)
{
    const char *first = json_text(node, "firstName"), *last = json_text(node, "lastName");
    return arena_printf(arena, "%s%s%s", first, *first && *last ? " " : "", last);
}

static void of_address(const json *address, struct suggest_record *out)
{
    const char *company = json_text(address, "company");
    if (!*out->name)
        out->name = *company ? company : json_text(address, "name");
    if (!*out->phone)
        out->phone = json_text(address, "phone");
    out->street = json_text(address, "address1");
    out->zip = json_text(address, "zip");
}

static struct suggest_record of_customer(const json *node, struct arena *arena)
{
    struct suggest_record one = NOBODY;
    one.name = full_name(node, arena);
    one.emails = json_text(json_get(node, "defaultEmailAddress"), "emailAddress");
    one.phone = json_text(json_get(node, "defaultPhoneNumber"), "phoneNumber");
    of_address(json_get(node, "defaultAddress"), &one);
    return one;
}

/* Of its oldest location. */
static struct suggest_record of_company(const json *node)
{
    struct suggest_record one = NOBODY;
    const json *contact = json_path(node, "mainContact.customer");
    const json *place = json_path(node, "locations.nodes.0");
    one.name = json_text(node, "name");
    one.emails = json_text(json_get(contact, "defaultEmailAddress"), "emailAddress");
    one.phone = json_text(place, "phone");
    if (!*one.phone)
        one.phone = json_text(json_get(contact, "defaultPhoneNumber"), "phoneNumber");
    one.tax_id = json_text(json_get(place, "taxSettings"), "taxRegistrationId");
    of_address(json_get(place, "billingAddress"), &one);
    return one;
}

/* Of a guest his order says all that there is. */
static struct suggest_record of_order(const json *whole)
{
    struct suggest_record one = NOBODY;
    const json *billed = json_get(whole, "billingAddress"),
               *sent = json_get(whole, "shippingAddress");
    one.emails = json_text(whole, "email");
    one.phone = json_text(whole, "phone");
    one.name = json_text(billed ? billed : sent, "name");
    of_address(billed ? billed : sent, &one);
    return one;
}

static struct suggest_record of_product(const json *node, struct arena *arena)
{
    struct suggest_record one = NOBODY;
    OWN_BUF struct buf codes = {0}, barcodes = {0};
    const json *variants = json_path(node, "variants.nodes");
    for (size_t i = 0; i < json_count(variants); i++) {
        buf_printf(&codes, "%s\n", json_text(json_at(variants, i), "sku"));
        buf_printf(&barcodes, "%s\n", json_text(json_at(variants, i), "barcode"));
    }
    one.name = json_text(node, "title");
    one.codes = arena_text(arena, buf_str(&codes));
    one.barcodes = arena_text(arena, buf_str(&barcodes));
    return one;
}

static bool read_order(struct suggesting *all, const char *order, json **out, struct err *err)
{
    static const char *const WHOLE[] = {"whole"};
    OWN_TEXT char *key = mem_printf("order:%s", order);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_BUF struct buf text = {0};
    const char *bytes;
    size_t size;
    return store_read(all->attempt->ledger, all->attempt->company->id, keys, 1, WHOLE, 1, &rows,
                      err) &&
           (!store_bytes(rows, 0, 0, &bytes, &size) ||
            (staged_unpack(bytes, size, &text, err) &&
             json_parse(buf_str(&text), text.size, out, err)));
}

/* ---- what is suggested ---- */

static json *reasons_of(unsigned why)
{
    json *list = json_new_array();
    for (int i = 0; i < WHY_COUNT; i++)
        if (why & 1u << i)
            json_add_text(list, suggest_word((enum suggest_why)i));
    return list;
}

static void keep(struct suggesting *all, const char *id, const struct suggest_record *record)
{
    struct suggestions found;
    OWN_TEXT char *key = mem_printf("%s:%s", mapping_word(all->kind->mapping), id);
    OWN_JSON json *list = json_new_array();
    suggest(all->index, record, &found);
    for (size_t i = 0; i < found.count; i++) {
        json *row = json_new_object();
        json_set_text(row, "number", all->numbers[found.items[i].record]);
        json_set_text(row, "name", all->names[found.items[i].record]);
        json_set(row, "why", reasons_of(found.items[i].why));
        json_set_bool(row, "sure", i == 0 && found.sure);
        json_add(list, row);
    }
    if (found.count > 0)
        write_add(all->write, "HSET", key, "suggested", json_write(list), NULL);
    else
        write_add(all->write, "HDEL", key, "suggested", NULL);
    all->attempt->counts.read++;
    all->attempt->counts.updated += found.count > 0;
}

static struct suggest_record of_node(const struct suggesting *all, const json *node,
                                     struct arena *arena)
{
    return all->kind->goods                        ? of_product(node, arena)
           : all->kind->mapping == MAPPING_COMPANY ? of_company(node)
                                                   : of_customer(node, arena);
}

static bool keep_node(struct suggesting *all, const char *id, const json *node, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_JSON json *order = NULL;
    struct suggest_record record = NOBODY;
    bool known = *json_text(node, "id") != 0;
    if (!known && all->kind->mapping == MAPPING_CUSTOMER && !read_order(all, id, &order, err))
        return false;
    if (known)
        record = of_node(all, node, arena);
    else if (order)
        record = of_order(order);
    keep(all, id, &record);
    return true;
}

static bool run_page(struct suggesting *all, char *const ids[], size_t count, struct err *err)
{
    json *list = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) { /* behind a customer's number may stand an address's key */
        OWN_TEXT char *gid =
            mem_printf("gid://shopify/%s/%.*s", all->kind->type, (int)strcspn(ids[i], "-"), ids[i]);
        json_add_text(list, gid);
    }
    json_set(variables, "ids", list);
    struct shopify_call call = {.document = all->kind->document, .variables = variables};
    bool ok = shopify_ask(all->attempt, &call, err);
    const json *nodes = ok ? json_get(call.data, "nodes") : NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = keep_node(all, ids[i], json_at(nodes, i), err);
    shopify_call_drop(&call);
    return (ok && attempt_flush(all->attempt, all->write, 0, err) &&
            attempt_checkpoint(all->attempt, "", 0, err)) ||
           err_wrap(err, "suggest partners of %s", mapping_words(all->kind->mapping));
}

static bool run_kind(struct suggesting *all, struct err *err)
{
    const char *words = mapping_words(all->kind->mapping);
    OWN_TEXT char *key = mem_printf("unmapped-%s:%s", words, all->attempt->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(all->attempt->ledger, all->attempt->company->id, key, INT64_MAX, MOST, &ids,
                    err))
        return err_wrap(err, "list %s without a partner", words);
    if (ids.count > 0 && !read_there(all, err))
        return false;
    for (size_t from = 0; from < ids.count; from += A_CALL) {
        size_t left = ids.count - from;
        attempt_progress(all->attempt, "suggesting partners", (int64_t)from, (int64_t)ids.count);
        if (!run_page(all, ids.items + from, left < A_CALL ? left : A_CALL, err))
            return false;
    }
    return true;
}

bool unmapped_suggest_run(struct attempt *attempt, struct err *err)
{
    const char *only = json_text(attempt->args, "kind"); /* "customers" */
    struct suggesting all = {.attempt = attempt, .write = write_new(), .arena = arena_new()};
    bool ok = shop_ready(attempt, err);
    for (size_t i = 0; ok && i < COUNT(KINDS); i++) {
        all.kind = &KINDS[i];
        if (!*only || strcmp(only, mapping_words(all.kind->mapping)) == 0)
            ok = run_kind(&all, err);
    }
    write_free(all.write);
    arena_free(all.arena);
    free(all.records);
    free(all.numbers);
    free(all.names);
    return ok;
}
