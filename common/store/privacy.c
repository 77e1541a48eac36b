/* privacy.c - what stands here under a customer's number at Shopify, and how it goes. */
#include "store/privacy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "ledger/commands.h"
#include "ledger/redis.h"
#include "store/lists.h"
#include "store/privacy_room.h"
#include "store/room.h"
#include "store/staging.h"

enum { AGAIN_MS = 3600 * 1000, STEP = 50 };
/* `customer:<id>`, `shop:<code>` -> when it is to be erased; a customer then for the last time. */
static const char DUE[] = "erase-due";
static const char ERASED[] = "erased-customers"; /* customers, and who they were there -> when */

static bool id_ok(const char *id, struct err *err)
{
    size_t size = strlen(id);
    return (size > 0 && size <= 20 && strspn(id, "0123456789") == size) ||
           err_set(err, ERR_FATAL, 400, "customer \"%.40s\": want Shopify's number of the customer",
                   id);
}

/* ---- whose it is ---- */

static bool add_shops(struct person *person, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *field;
    json *shop;
    if (!ledger_settings_all(person->ledger, person->company, &settings, err))
        return false;
    person->shops.items = mem_array(STORE_PAGE, sizeof *person->shops.items);
    JSON_EACH(field, shop, settings)
    {
        (void)shop;
        if (strncmp(field, "shop:", 5) == 0)
            store_ids_add(&person->shops, field + 5, STORE_PAGE);
    }
    return true;
}

static bool add_records(struct person *person, struct err *err)
{
    OWN_TEXT char *key = mem_printf("addresses-of:%s", person->id);
    if (!store_set(person->ledger, person->company, key, &person->records, err))
        return false;
    person->records.items = mem_grow(person->records.items, person->records.count,
                                     person->records.count + 2, sizeof *person->records.items);
    person->records.items[person->records.count++] = mem_text(person->id);
    return true;
}

static bool add_orders(struct person *person, const json *more, struct err *err)
{
    OWN_TEXT char *text = mem_printf("customer:%s", person->id);
    struct list_place next = {0};
    do {
        OWN_IDS struct store_ids page = {0};
        struct list_place from = next;
        if (!list_find_orders(person->ledger, person->company, text, *from.id ? &from : NULL,
                              STORE_PAGE, &page, &next, err))
            return false;
        person->orders.items =
            mem_grow(person->orders.items, person->orders.count,
                     person->orders.count + page.count + 1, sizeof *person->orders.items);
        for (size_t i = 0; i < page.count; i++)
            person->orders.items[person->orders.count++] = mem_text(page.items[i]);
    } while (*next.id);
    size_t most = person->orders.count + json_count(more);
    person->orders.items = mem_grow(person->orders.items, person->orders.count, most + 1,
                                    sizeof *person->orders.items);
    for (size_t i = 0; i < json_count(more); i++) {
        OWN_TEXT char *order = mem_text(json_write(json_at(more, i)));
        if (strspn(order, "0123456789") == strlen(order))
            store_ids_add(&person->orders, order, most);
    }
    return true;
}

static bool add_links(struct person *person, struct err *err)
{
    static const char *const FIELDS[] = {"erp_id"};
    const char *keys[STORE_PAGE];
    OWN(store_rows) struct store_rows *rows = NULL;
    size_t count = person->shops.count;
    person->erp_ids = arena_array(person->arena, count + 1, sizeof *person->erp_ids);
    for (size_t i = 0; i < count; i++)
        keys[i] =
            arena_printf(person->arena, "shop-customer:%s:%s", person->shops.items[i], person->id);
    if (count > 0 && !store_read(person->ledger, person->company, keys, count, FIELDS,
                                 COUNT(FIELDS), &rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        person->erp_ids[i] = arena_text(person->arena, store_text(rows, i, 0));
    return true;
}

/* Whom a person has named instead may be many people's: he is left as he is. */
static bool add_sold_to(struct person *person, struct err *err)
{
    static const char *const FIELDS[] = {"erp_id", "by_hand"};
    OWN(store_rows) struct store_rows *rows = NULL;
    size_t count = person->records.count;
    const char **keys = arena_array(person->arena, count, sizeof *keys);
    person->sold_to = arena_array(person->arena, count, sizeof *person->sold_to);
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(person->arena, "customer:%s", person->records.items[i]);
    if (!store_read(person->ledger, person->company, keys, count, FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    for (size_t i = 0; i < count; i++)
        person->sold_to[i] =
            arena_text(person->arena, *store_text(rows, i, 1) ? "" : store_text(rows, i, 0));
    return true;
}

bool person_open(struct ledger *ledger, const char *company, const char *id, const json *orders,
                 struct person *out, struct err *err)
{
    *out = (struct person){.ledger = ledger, .company = company, .id = id, .arena = arena_new()};
    if (id_ok(id, err) && add_shops(out, err) && add_records(out, err) &&
        add_orders(out, orders, err) && add_links(out, err) && add_sold_to(out, err))
        return true;
    person_close(out);
    return false;
}

void person_close(struct person *person)
{
    store_ids_drop(&person->shops);
    store_ids_drop(&person->records);
    store_ids_drop(&person->orders);
    arena_free(person->arena);
}

/* ---- erasing ---- */

bool erase_send(struct ledger *ledger, const char *company, struct write *write, const char *order,
                const char *updated, bool *moved, struct err *err)
{
    OWN_BUF struct buf prefix = {0}, packed = {0};
    OWN_REPLY redisReply *reply = NULL;
    store_prefix(ledger, company, &prefix);
    write_pack(write, &packed);
    write_clear(write);
    const char *const argv[] = {buf_str(&prefix), "0", company, packed.data, order, updated};
    const size_t sizes[] = {prefix.size,
                            1,
                            strlen(company),
                            packed.size,
                            order ? strlen(order) : 0,
                            order ? strlen(updated) : 0};
    if (!redis_script(ledger_redis(ledger), "erase", 1, order ? 6 : 4, argv, sizes, &reply, err))
        return err_wrap(err, "erase what is kept of a customer");
    *moved = strcmp(reply->str, "moved") == 0;
    return true;
}

static void drop_record(struct write *write, const struct person *person, const char *record)
{
    OWN_TEXT char *key = mem_printf("customer:%s", record);
    OWN_TEXT char *blocks = mem_printf("blocks:customer:%s", record);
    for (size_t i = 0; i < person->shops.count; i++)
        write_add(write, "MAPPED", "customer", record, person->shops.items[i], NULL);
    write_add(write, "DEL", key, NULL);
    write_add(write, "DEL", blocks, NULL);
}

static void drop_skip(struct write *write, const char *of)
{
    OWN_TEXT char *skip = mem_printf("customer-%s", of);
    write_add(write, "UNSKIP", skip, NULL);
}

static void drop_link(struct write *write, const struct person *person, size_t shop)
{
    const char *code = person->shops.items[shop], *erp_id = person->erp_ids[shop];
    OWN_TEXT char *key = mem_printf("shop-customer:%s:%s", code, person->id);
    OWN_TEXT char *due = mem_printf("customers-due:%s", code);
    OWN_TEXT char *due_there = mem_printf("customers-due-there:%s", code);
    OWN_TEXT char *owner = mem_printf("erp-customer:%s:%s", code, erp_id);
    write_add(write, "DEL", key, NULL);
    write_add(write, "ZREM", due, person->id, NULL);
    if (!*erp_id)
        return;
    write_add(write, "ZREM", due_there, erp_id, NULL);
    write_add(write, "DEL", owner, NULL);
    drop_skip(write, erp_id);
}

/* A write that was on its way when he was erased: an hour later nobody looks for it. */
static void drop_notes(struct write *write, const struct person *person)
{
    for (size_t i = 0; i < person->records.count; i++) {
        OWN_TEXT char *record = mem_printf("customer:%s", person->records.items[i]);
        OWN_TEXT char *note = mem_printf("note:%s", record);
        write_add(write, "DEL", note, NULL);
    }
}

static void mark(struct write *write, const struct person *person, int64_t now_ms, bool last)
{
    char now[24], again[24];
    OWN_TEXT char *addresses = mem_printf("addresses-of:%s", person->id);
    OWN_TEXT char *due = mem_printf("customer:%s", person->id);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    snprintf(again, sizeof again, "%" PRId64, now_ms + AGAIN_MS);
    write_add(write, "ZADD", ERASED, now, person->id, NULL);
    for (size_t i = 0; i < person->shops.count; i++)
        if (*person->erp_ids[i])
            write_add(write, "ZADD", ERASED, now, person->erp_ids[i], NULL);
    for (size_t i = 0; i < person->records.count; i++)
        if (*person->sold_to[i])
            write_add(write, "ZADD", ERASED, now, person->sold_to[i], NULL);
    if (last) {
        write_add(write, "DEL", addresses, NULL);
        write_add(write, "ZREM", DUE, due, NULL);
        drop_notes(write, person);
    } else
        write_add(write, "ZADD", DUE, again, due, NULL);
}

static bool erase_person(struct person *person, bool last, size_t *erased, struct err *err)
{
    OWN(write) struct write *write = write_new();
    int64_t now_ms;
    bool moved;
    if (!ledger_now(person->ledger, &now_ms, err))
        return false;
    drop_skip(write, person->id);
    for (size_t i = 0; i < person->shops.count; i++)
        drop_link(write, person, i);
    for (size_t i = 0; i < person->records.count; i++)
        drop_record(write, person, person->records.items[i]);
    mark(write, person, now_ms, last);
    if (!erase_send(person->ledger, person->company, write, NULL, NULL, &moved, err))
        return false;
    for (size_t i = 0; i < person->orders.count; i++) {
        bool blank;
        if (!erase_order(person->ledger, person->company, person->orders.items[i], person->id, last,
                         &blank, err))
            return false;
        *erased += blank;
    }
    return erase_files(person->ledger, person->company, person->id, err);
}

static bool forget(struct ledger *ledger, const char *company, const char *customer,
                   const json *orders, bool last, size_t *erased, struct err *err)
{
    struct person person;
    *erased = 0;
    if (!person_open(ledger, company, customer, orders, &person, err))
        return false;
    bool ok = erase_person(&person, last, erased, err);
    person_close(&person);
    log_info("customer.erased", TEXT("customer", customer), NUM("orders", (int64_t)*erased),
             TEXT("last", last ? "yes" : "no"));
    return ok || err_wrap(err, "forget customer %s", customer);
}

bool privacy_forget(struct ledger *ledger, const char *company, const char *customer,
                    const json *orders, size_t *erased, struct err *err)
{
    return forget(ledger, company, customer, orders, false, erased, err);
}

bool privacy_erased(struct ledger *ledger, const char *company, const char *const ids[],
                    size_t count, int64_t out_ms[], struct err *err)
{
    struct store_ids asked = {(char **)(uintptr_t)ids, count};
    struct list_page *page = mem_new(sizeof *page);
    bool ok = list_places(ledger, company, ERASED, &asked, page, err);
    for (size_t i = 0; i < count; i++) {
        out_ms[i] = 0;
        for (size_t k = 0; ok && k < page->count; k++)
            if (strcmp(page->places[k].id, ids[i]) == 0)
                out_ms[i] = page->places[k].at_ms;
    }
    free(page);
    return ok;
}

/* ---- a whole shop ---- */

static bool shop_due(struct ledger *ledger, const char *company, const char *shop, struct err *err)
{
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *due = mem_printf("shop:%s", shop);
    bool moved;
    write_add(write, "ZADD", DUE, "0", due, NULL);
    return erase_send(ledger, company, write, NULL, NULL, &moved, err);
}

/* Whoever was linked by his orders alone stands under his number; they say it as long as they are
 * not blank. */
static bool erase_buyer(struct ledger *ledger, const char *company, const char *order,
                        struct err *err)
{
    char updated[32];
    bool blank;
    size_t erased;
    OWN_JSON json *whole = NULL;
    if (!order_whole(ledger, company, order, updated, &whole, err))
        return false;
    struct arena *arena = arena_new();
    const char *customer = staged_id(json_text(json_path(whole, "customer"), "id"), arena);
    bool ok = (!*customer || forget(ledger, company, customer, NULL, false, &erased, err)) &&
              erase_order(ledger, company, order, "", false, &blank, err);
    arena_free(arena);
    return ok;
}

static bool erase_shop_orders(struct ledger *ledger, const char *company, const char *shop,
                              struct err *err)
{
    OWN_TEXT char *list = mem_printf("orders:%s", shop);
    struct list_page *page = mem_new(sizeof *page);
    struct list_place after = {0};
    bool ok = true, more = true;
    while (ok && more) {
        ok = list_read(ledger, company, list, *after.id ? &after : NULL, STORE_PAGE, page, err);
        more = ok && page->count == STORE_PAGE;
        for (size_t i = 0; ok && i < page->count; i++)
            ok = erase_buyer(ledger, company, page->places[i].id, err);
        if (more)
            after = page->places[page->count - 1];
    }
    free(page);
    return ok;
}

/* Its customers stand in no list: all keys are looked through, which a shop that has left is worth.
 * The key's last part is the number. */
static bool erase_shop_customers(struct ledger *ledger, const char *company, const char *shop,
                                 struct err *err)
{
    OWN_TEXT char *rest = mem_printf("shop-customer:%s:*", shop);
    OWN_TEXT char *pattern = store_key(ledger, company, rest);
    OWN_TEXT char *cursor = mem_text("0");
    do {
        OWN_REPLY redisReply *reply = NULL;
        const char *const argv[] = {"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"};
        if (!redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, &reply, err))
            return err_wrap(err, "look for the customers of shop %s", shop);
        const redisReply *keys = reply->element[1];
        for (size_t i = 0; i < keys->elements; i++) {
            size_t erased;
            const char *number = strrchr(keys->element[i]->str, ':') + 1;
            if (!forget(ledger, company, number, NULL, false, &erased, err))
                return false;
        }
        free(cursor);
        cursor = mem_text(reply->element[0]->str);
    } while (strcmp(cursor, "0") != 0);
    return true;
}

/* Those that only its orders have named. */
static bool erase_shop_unmapped(struct ledger *ledger, const char *company, const char *shop,
                                struct err *err)
{
    OWN_TEXT char *list = mem_printf("unmapped-customers:%s", shop);
    for (;;) {
        OWN_IDS struct store_ids ids = {0};
        OWN(write) struct write *write = write_new();
        bool moved;
        if (!store_zset(ledger, company, list, INT64_MAX, STEP, &ids, err))
            return false;
        if (ids.count == 0)
            return true;
        for (size_t i = 0; i < ids.count; i++) {
            OWN_TEXT char *key = mem_printf("customer:%s", ids.items[i]);
            write_add(write, "MAPPED", "customer", ids.items[i], shop, NULL);
            write_add(write, "ZREM", list, ids.items[i], NULL);
            write_add(write, "DEL", key, NULL);
        }
        if (!erase_send(ledger, company, write, NULL, NULL, &moved, err))
            return false;
    }
}

static bool erase_shop(struct ledger *ledger, const char *company, const char *shop,
                       struct err *err)
{
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *due = mem_printf("shop:%s", shop);
    bool moved;
    log_info("shop.erasing", TEXT("company", company), TEXT("shop", shop));
    if (!erase_shop_customers(ledger, company, shop, err) ||
        !erase_shop_orders(ledger, company, shop, err) ||
        !erase_shop_unmapped(ledger, company, shop, err))
        return err_wrap(err, "erase the customers of shop %s", shop);
    write_add(write, "ZREM", DUE, due, NULL);
    return erase_send(ledger, company, write, NULL, NULL, &moved, err);
}

/* ---- what is due ---- */

bool privacy_round(struct ledger *ledger, const char *company, struct err *err)
{
    int64_t now_ms;
    size_t erased;
    OWN_IDS struct store_ids due = {0};
    if (!ledger_now(ledger, &now_ms, err) ||
        !store_zset(ledger, company, DUE, now_ms, STEP, &due, err))
        return false;
    for (size_t i = 0; i < due.count; i++) {
        const char *what = due.items[i];
        bool ok = strncmp(what, "shop:", 5) == 0
                      ? erase_shop(ledger, company, what + 5, err)
                      : forget(ledger, company, what + 9, NULL, true, &erased, err);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- Shopify's webhooks ---- */

static const char *const TOPICS[] = {"customers/redact", "shop/redact", "customers/data_request"};

bool privacy_topic(const char *topic)
{
    for (size_t i = 0; i < COUNT(TOPICS); i++)
        if (strcmp(TOPICS[i], topic) == 0)
            return true;
    return false;
}

/* A number in the body, of 64 bits, or text. */
static char *number_of(const json *node)
{
    return mem_text(*json_string(node) ? json_string(node) : node ? json_write(node) : "");
}

bool privacy_webhook(struct ledger *ledger, const char *company, const char *shop,
                     const char *topic, const json *body, struct err *err)
{
    size_t erased;
    if (strcmp(topic, "shop/redact") == 0)
        return shop_due(ledger, company, shop, err);
    OWN_TEXT char *customer = number_of(json_path(body, "customer.id"));
    if (strcmp(topic, "customers/redact") == 0)
        return privacy_forget(ledger, company, customer, json_get(body, "orders_to_redact"),
                              &erased, err);
    OWN_TEXT char *request = number_of(json_path(body, "data_request.id"));
    return file_keep(ledger, company, *request ? request : customer, customer,
                     json_get(body, "orders_requested"), err);
}
