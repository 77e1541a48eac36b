/* privacy_order.c - orders without their customer: what they were worth stays. */
#include <stdlib.h>
#include <string.h>

#include "store/lists.h"
#include "store/privacy_room.h"
#include "store/room.h"
#include "store/staging.h"

enum { TRIES = 5, LIFE_MOST = STORE_PAGE };

/* ---- Shopify's answer ---- */

/* Wherever they stand: of the order, its refunds, its returns and its lines. */
static const char *const PERSONAL[] = {"customer",       "email",           "phone",
                                       "note",           "poNumber",        "displayAddress",
                                       "billingAddress", "shippingAddress", "customAttributes",
                                       "contact",        "customerNote",    "returnReasonNote"};

static bool is_personal(const char *name)
{
    for (size_t i = 0; i < COUNT(PERSONAL); i++)
        if (strcmp(name, PERSONAL[i]) == 0)
            return true;
    return false;
}

static void blank(json *node)
{
    const char *name;
    json *child;
    for (size_t i = 0; json_is_array(node) && i < json_count(node); i++)
        blank(json_at(node, i));
    if (!json_is_object(node))
        return;
    JSON_EACH(name, child, node)
    {
        if (is_personal(name))
            json_set(node, name, json_is_array(child) ? json_new_array() : NULL);
        else
            blank(child);
    }
}

void privacy_blank(json *order)
{
    blank(order);
    json_set_bool(order, "erased", true);
}

bool privacy_is_blank(const json *order)
{
    return json_flag(order, "erased", false);
}

/* ---- a staged order ---- */

static const char *const ORDER[] = {"updated", "shop", "whole"};

static bool read_whole(const struct store_rows *rows, json **out, struct err *err)
{
    OWN_BUF struct buf text = {0};
    const char *bytes;
    size_t size;
    *out = NULL;
    return !store_bytes(rows, 0, 2, &bytes, &size) ||
           (staged_unpack(bytes, size, &text, err) &&
            json_parse(buf_str(&text), text.size, out, err));
}

bool order_whole(struct ledger *ledger, const char *company, const char *order,
                 char updated[static 32], json **out, struct err *err)
{
    OWN_TEXT char *key = mem_printf("order:%s", order);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(ledger, company, keys, 1, ORDER, COUNT(ORDER), &rows, err))
        return false;
    snprintf(updated, 32, "%s", store_text(rows, 0, 0));
    return read_whole(rows, out, err);
}

static void find_no_more(struct write *write, const char *order, const char *text)
{
    char digest[FIND_DIGEST];
    if (!find_digest(text, digest))
        return;
    OWN_TEXT char *member = mem_printf("%s:%s", digest, order);
    write_add(write, "ZREM", "find", member, NULL);
}

/* What was told of who he is. */
static bool tell_no_more(struct ledger *ledger, const char *company, const char *order,
                         struct write *write, struct err *err)
{
    OWN_TEXT char *key = mem_printf("life:%s", order);
    OWN_IDS struct store_ids events = {0};
    if (!store_zset(ledger, company, key, INT64_MAX, LIFE_MOST, &events, err))
        return false;
    for (size_t i = 0; i < events.count; i++)
        if (strncmp(events.items[i], "held\t", 5) == 0)
            write_add(write, "ZREM", key, events.items[i], NULL);
    return true;
}

/* Why his order waits stands; what was said of it may name him. */
static void skip_says_less(struct write *write, const char *order)
{
    OWN_TEXT char *key = mem_printf("skip:%s", order);
    write_add(write, "BLANK", key, "detail", NULL);
}

/* A guest stands under the number of his order. */
static void drop_guest(struct write *write, const char *order, const char *shop)
{
    OWN_TEXT char *record = mem_printf("customer:%s", order);
    OWN_TEXT char *blocks = mem_printf("blocks:customer:%s", order);
    write_add(write, "MAPPED", "customer", order, shop, NULL);
    write_add(write, "DEL", record, NULL);
    write_add(write, "DEL", blocks, NULL);
}

static bool add_blank(const char *key, json *whole, struct write *write, struct err *err)
{
    OWN_BUF struct buf packed = {0};
    privacy_blank(whole);
    const char *text = json_write(whole);
    if (!staged_pack(text, strlen(text), &packed))
        return err_set(err, ERR_FATAL, 0, "%s is too large to be staged again", key);
    const char *const argv[] = {"whole", buf_str(&packed)};
    const size_t sizes[] = {5, packed.size};
    write_add_bytes(write, "HSET", key, 2, argv, sizes);
    return true;
}

static bool erase_once(struct ledger *ledger, const char *company, const char *order,
                       const char *customer, bool last, bool *erased, bool *moved, struct err *err)
{
    OWN_TEXT char *key = mem_printf("order:%s", order);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN(write) struct write *write = write_new();
    OWN_JSON json *whole = NULL;
    *moved = false;
    if (!store_read(ledger, company, keys, 1, ORDER, COUNT(ORDER), &rows, err) ||
        !read_whole(rows, &whole, err))
        return false;
    if (!whole)
        return true;
    find_no_more(write, order, json_text(whole, "email"));
    find_no_more(write, order,
                 json_text(json_path(whole, "customer.defaultEmailAddress"), "emailAddress"));
    if (last) {
        OWN_TEXT char *owner = mem_printf("customer:%s", customer);
        find_no_more(write, order, owner);
    }
    *erased = !privacy_is_blank(whole);
    drop_guest(write, order, store_text(rows, 0, 1));
    skip_says_less(write, order);
    return tell_no_more(ledger, company, order, write, err) && add_blank(key, whole, write, err) &&
           erase_send(ledger, company, write, key, store_text(rows, 0, 0), moved, err);
}

bool erase_order(struct ledger *ledger, const char *company, const char *order,
                 const char *customer, bool last, bool *erased, struct err *err)
{
    bool moved = true;
    *erased = false;
    for (int i = 0; i < TRIES && moved; i++)
        if (!erase_once(ledger, company, order, customer, last, erased, &moved, err))
            return err_wrap(err, "erase the customer of order %s", order);
    return !moved || err_set(err, ERR_RETRY, 0, "order %s changes all the time", order);
}
