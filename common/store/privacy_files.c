/* privacy_files.c - all that is kept of a customer, as one file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/lists.h"
#include "store/privacy_room.h"
#include "store/staging.h"

enum { FILES_MOST = STORE_PAGE };
static const char FILES[] = "data-requests"; /* their ids -> when */

/* ---- what is in it ---- */

/* What we know a customer by, in the words of schemas/staging. */
static bool add_hash(struct person *person, const char *key, const char *const fields[],
                     size_t count, json *list, struct err *err)
{
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_JSON json *row = json_new_object();
    bool any = false;
    if (!store_read(person->ledger, person->company, keys, 1, fields, count, &rows, err))
        return false;
    json_set_text(row, "record", key);
    for (size_t i = 0; i < count; i++) {
        const char *text = store_text(rows, 0, i);
        if (*text)
            json_set_text(row, fields[i], text);
        any |= *text != 0;
    }
    if (any)
        json_add(list, GIVE(row));
    return true;
}

static bool add_records(struct person *person, json *file, struct err *err)
{
    static const char *const MAPPING[] = {"name", "shops", "erp_id", "number", "by_hand", "reason"};
    static const char *const LINK[] = {"erp_id", "updated"};
    static const char *const SKIP[] = {"record", "reason", "detail", "shop"};
    json *links = json_new_array(), *skips = json_new_array();
    json_set(file, "links", links);
    json_set(file, "skips", skips);
    for (size_t i = 0; i < person->records.count; i++) {
        OWN_TEXT char *key = mem_printf("customer:%s", person->records.items[i]);
        if (!add_hash(person, key, MAPPING, COUNT(MAPPING), links, err))
            return false;
    }
    for (size_t i = 0; i < person->shops.count; i++) {
        OWN_TEXT char *key = mem_printf("shop-customer:%s:%s", person->shops.items[i], person->id);
        OWN_TEXT char *skip = mem_printf("skip:customer-%s", person->erp_ids[i]);
        if (!add_hash(person, key, LINK, COUNT(LINK), links, err) ||
            (*person->erp_ids[i] && !add_hash(person, skip, SKIP, COUNT(SKIP), skips, err)))
            return false;
    }
    OWN_TEXT char *skip = mem_printf("skip:customer-%s", person->id);
    return add_hash(person, skip, SKIP, COUNT(SKIP), skips, err);
}

/* Of an order what says anything of him, and what he has bought. */
static json *order_row(const json *whole)
{
    static const char *const PARTS[] = {"id",
                                        "name",
                                        "createdAt",
                                        "email",
                                        "phone",
                                        "note",
                                        "poNumber",
                                        "customer",
                                        "displayAddress",
                                        "billingAddress",
                                        "shippingAddress",
                                        "customAttributes",
                                        "returns",
                                        "totalPriceSet",
                                        "currencyCode"};
    json *row = json_new_object(), *lines = json_new_array();
    for (size_t i = 0; i < COUNT(PARTS); i++) {
        const json *part = json_get(whole, PARTS[i]);
        if (part)
            json_set(row, PARTS[i], json_copy(part));
    }
    const json *nodes = json_path(whole, "lineItems.nodes");
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *line = json_at(nodes, i);
        json *out = json_new_object();
        json_set_text(out, "title", json_text(line, "title"));
        json_set_int(out, "quantity", json_int(line, "quantity", 0));
        json_set(out, "customAttributes", json_copy(json_get(line, "customAttributes")));
        json_add(lines, out);
    }
    json_set(row, "lines", lines);
    return row;
}

static bool add_orders(struct person *person, json *file, struct err *err)
{
    json *orders = json_new_array();
    json_set(file, "orders", orders);
    for (size_t i = 0; i < person->orders.count; i++) {
        char updated[32];
        OWN_JSON json *whole = NULL;
        if (!order_whole(person->ledger, person->company, person->orders.items[i], updated, &whole,
                         err))
            return false;
        if (whole)
            json_add(orders, order_row(whole));
    }
    return true;
}

bool privacy_gather(struct ledger *ledger, const char *company, const char *customer,
                    const json *orders, json **out, struct err *err)
{
    struct person person;
    OWN_JSON json *file = json_new_object();
    if (!person_open(ledger, company, customer, orders, &person, err))
        return false;
    json_set_text(file, "customer", customer);
    bool ok = add_records(&person, file, err) && add_orders(&person, file, err);
    person_close(&person);
    if (!ok)
        return err_wrap(err, "gather what is kept of customer %s", customer);
    *out = GIVE(file);
    return true;
}

/* ---- files that were asked for ---- */

static bool send(struct ledger *ledger, const char *company, struct write *write, struct err *err)
{
    bool moved;
    return erase_send(ledger, company, write, NULL, NULL, &moved, err);
}

bool file_keep(struct ledger *ledger, const char *company, const char *id, const char *customer,
               const json *orders, struct err *err)
{
    char now[24], oldest[24];
    int64_t now_ms;
    OWN_JSON json *file = NULL;
    OWN_BUF struct buf packed = {0};
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *key = mem_printf("data-request:%s", id);
    if (!ledger_now(ledger, &now_ms, err) ||
        !privacy_gather(ledger, company, customer, orders, &file, err))
        return false;
    const char *text = json_write(file);
    if (!staged_pack(text, strlen(text), &packed))
        return err_set(err, ERR_FATAL, 413,
                       "what is kept of customer %s is too much for one file of %d KiB; `cartage "
                       "data customer %s` prints it",
                       customer, STAGED_PACKED_MAX >> 10, customer);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    snprintf(oldest, sizeof oldest, "%d", PRIVACY_FILE_DAYS * 86400);
    const char *const argv[] = {"customer", customer, "at", now, "whole", buf_str(&packed)};
    const size_t sizes[] = {8, strlen(customer), 2, strlen(now), 5, packed.size};
    write_add_bytes(write, "HSET", key, COUNT(argv), argv, sizes);
    write_add(write, "EXPIRE", key, oldest, NULL);
    write_add(write, "ZADD", FILES, now, id, NULL);
    return send(ledger, company, write, err);
}

static bool read_files(struct ledger *ledger, const char *company, struct store_ids *ids,
                       struct store_rows **rows, struct err *err)
{
    static const char *const FIELDS[] = {"customer", "at"};
    struct list_page *page = mem_new(sizeof *page);
    bool ok = list_read(ledger, company, FILES, NULL, FILES_MOST, page, err);
    ids->items = mem_array(FILES_MOST, sizeof *ids->items);
    for (size_t i = 0; ok && i < page->count; i++)
        store_ids_add(ids, page->places[i].id, FILES_MOST);
    free(page);
    return ok && (ids->count == 0 || store_read_ids(ledger, company, "data-request:", ids, FIELDS,
                                                    COUNT(FIELDS), rows, err));
}

bool privacy_files(struct ledger *ledger, const char *company, json **out, struct err *err)
{
    OWN_IDS struct store_ids ids = {0};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!read_files(ledger, company, &ids, &rows, err))
        return err_wrap(err, "list files of data requests");
    *out = json_new_array();
    for (size_t i = 0; i < ids.count; i++) {
        if (!*store_text(rows, i, 0))
            continue; /* its days are over */
        json *row = json_new_object();
        json_set_text(row, "id", ids.items[i]);
        json_set_text(row, "customer", store_text(rows, i, 0));
        json_set_int(row, "at_ms", store_int(rows, i, 1));
        json_add(*out, row);
    }
    return true;
}

bool privacy_file(struct ledger *ledger, const char *company, const char *id, json **out,
                  struct err *err)
{
    static const char *const WHOLE[] = {"whole"};
    OWN_TEXT char *key = mem_printf("data-request:%s", id);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_BUF struct buf text = {0};
    const char *bytes;
    size_t size;
    if (!store_read(ledger, company, keys, 1, WHOLE, 1, &rows, err))
        return false;
    if (!store_bytes(rows, 0, 0, &bytes, &size))
        return err_set(err, ERR_FATAL, 404,
                       "there is no file of data request \"%.40s\"; `cartage data requests` lists "
                       "them",
                       id);
    return staged_unpack(bytes, size, &text, err) &&
           json_parse(buf_str(&text), text.size, out, err);
}

bool erase_files(struct ledger *ledger, const char *company, const char *customer, struct err *err)
{
    OWN_IDS struct store_ids ids = {0};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN(write) struct write *write = write_new();
    if (!read_files(ledger, company, &ids, &rows, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        const char *whose = store_text(rows, i, 0);
        OWN_TEXT char *key = mem_printf("data-request:%s", ids.items[i]);
        if (*whose && strcmp(whose, customer) != 0)
            continue;
        write_add(write, "DEL", key, NULL);
        write_add(write, "ZREM", FILES, ids.items[i], NULL);
    }
    return write_count(write) == 0 || send(ledger, company, write, err);
}
