/* people.c - what people see of the staged records, and their mapping by hand. */
#include <stdlib.h>
#include <string.h>

#include "model/reasons.h"
#include "store/lists.h"
#include "store/room.h"

enum { BLOCKS_MOST = 10 };

static const struct {
    const char *word, *words;
} MAPPINGS[] = {
    [MAPPING_CUSTOMER] = {"customer", "customers"},
    [MAPPING_PRODUCT] = {"product",  "products" },
    [MAPPING_COMPANY] = {"company",  "companies"}
};

bool mapping_parse(const char *word, enum mapping *out)
{
    for (size_t i = 0; i < COUNT(MAPPINGS); i++)
        if (strcmp(MAPPINGS[i].word, word) == 0 || strcmp(MAPPINGS[i].words, word) == 0) {
            *out = (enum mapping)i;
            return true;
        }
    return false;
}

const char *mapping_word(enum mapping mapping)
{
    return MAPPINGS[mapping].word;
}

const char *mapping_words(enum mapping mapping)
{
    return MAPPINGS[mapping].words;
}

/* ---- lists ---- */

/* The ids of a page; where it ends, unless it is the last. */
static bool read_page(struct ledger *ledger, const char *company, const char *key,
                      const struct list_place *after, size_t most, struct store_ids *ids,
                      struct list_place *next, struct err *err)
{
    struct list_page *page = mem_new(sizeof *page);
    size_t asked = most < STORE_PAGE ? most + 1 : STORE_PAGE;
    bool good = list_read(ledger, company, key, after, asked, page, err);
    size_t count = page->count > most ? most : page->count;
    ids->items = mem_array(count + 1, sizeof *ids->items);
    for (size_t i = 0; good && i < count; i++)
        ids->items[ids->count++] = mem_text(page->places[i].id);
    if (next)
        *next = good && page->count == asked && count ? page->places[count - 1]
                                                      : (struct list_place){0};
    free(page);
    return good;
}

json *suggestions_of(const char *text)
{
    json *list = NULL;
    struct err unreadable;
    return json_parse(text, strlen(text), &list, &unreadable) ? list : json_new_array();
}

bool store_unmapped(struct ledger *ledger, const char *company, const char *shop, enum mapping kind,
                    const struct list_place *after, size_t most, json **out,
                    struct list_place *next, struct err *err)
{
    static const char *const FIELDS[] = {"name", "sku", "reason", "suggested"};
    const char *word = MAPPINGS[kind].word;
    OWN_TEXT char *index = mem_printf("unmapped-%s:%s", MAPPINGS[kind].words, shop);
    OWN_TEXT char *prefix = mem_printf("%s:", word);
    OWN_IDS struct store_ids ids = {0};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_JSON json *list = json_new_array(), *waiting = NULL;
    if (!read_page(ledger, company, index, after, most, &ids, next, err) ||
        (ids.count > 0 &&
         (!store_read_ids(ledger, company, prefix, &ids, FIELDS, COUNT(FIELDS), &rows, err) ||
          !list_waiting(ledger, company, kind, &ids, BLOCKS_MOST, &waiting, err))))
        return err_wrap(err, "unmapped %s of shop %s", MAPPINGS[kind].words, shop);
    for (size_t i = 0; i < ids.count; i++) {
        json *row = json_new_object(), *blocks = json_new_array();
        const json *orders = json_get(json_at(waiting, i), "orders");
        OWN_TEXT char *cure = mem_printf("cartage map %s %s NUMBER", word, ids.items[i]);
        json_add(list, row);
        json_set_text(row, "id", ids.items[i]);
        json_set_text(row, "shop", shop);
        json_set_text(row, "name", store_text(rows, i, 0));
        if (kind == MAPPING_PRODUCT)
            json_set_text(row, "sku", store_text(rows, i, 1));
        json_set_text(row, "reason", store_text(rows, i, 2));
        json_set_text(row, "cure", cure);
        json_set(row, "suggestions", suggestions_of(store_text(rows, i, 3)));
        json_set_int(row, "blocked", json_int(json_at(waiting, i), "count", 0));
        for (size_t k = 0; k < json_count(orders); k++)
            json_add_text(blocks, json_text(json_at(orders, k), "name"));
        json_set(row, "blocks", blocks);
    }
    *out = GIVE(list);
    return true;
}

static json *skip_row(const struct store_rows *rows, size_t i, const char *id, const char *shop)
{
    static const char *const CLASSES[] = {
        [CLASS_QUIET] = "quiet",
        [CLASS_UNSUPPORTED] = "unsupported",
        [CLASS_WAITS] = "waits",
        [CLASS_POSTING] = "posting",
        [CLASS_ITEM] = "item",
        [CLASS_ITEM_QUIET] = "item-quiet",
        [CLASS_CUSTOMER] = "customer",
        [CLASS_CUSTOMER_QUIET] = "customer-quiet",
        [CLASS_SHIPMENT_WAITS] = "shipment-waits",
        [CLASS_SHIPMENT_FAILED] = "shipment-failed",
        [CLASS_SHIPMENT_QUIET] = "shipment-quiet",
    };
    const struct reason_row *reason = reason_row(reason_by_code(store_text(rows, i, 1)));
    json *row = json_new_object();
    json_set_text(row, "shop", shop);
    json_set_text(row, "record", store_text(rows, i, 0));
    json_set_text(row, "id", id);
    json_set_text(row, "reason", store_text(rows, i, 1));
    json_set_text(row, "detail", store_text(rows, i, 2));
    json_set_text(row, "text", reason->text);
    json_set_text(row, "cure", reason->cure);
    json_set_text(row, "class", CLASSES[reason->class]);
    json_set_int(row, "count", store_int(rows, i, 3));
    json_set_int(row, "first_ms", store_int(rows, i, 4));
    json_set_int(row, "last_ms", store_int(rows, i, 5));
    return row;
}

bool store_skips(struct ledger *ledger, const char *company, const char *shop,
                 const struct list_place *after, size_t most, json **out, struct list_place *next,
                 struct err *err)
{
    static const char *const FIELDS[] = {"record", "reason", "detail", "count", "first", "last"};
    OWN_TEXT char *index = mem_printf("skips:%s", shop);
    OWN_JSON json *list = json_new_array();
    struct list_place end = after ? *after : (struct list_place){0};
    do {
        OWN_IDS struct store_ids page = {0};
        OWN(store_rows) struct store_rows *rows = NULL;
        struct list_place from = end;
        if (!read_page(ledger, company, index, *from.id ? &from : NULL, most - json_count(list),
                       &page, &end, err) ||
            (page.count &&
             !store_read_ids(ledger, company, "skip:", &page, FIELDS, COUNT(FIELDS), &rows, err)))
            return err_wrap(err, "skips of shop %s", shop);
        for (size_t i = 0; i < page.count; i++)
            json_add(list, skip_row(rows, i, page.items[i], shop));
    } while (*end.id && json_count(list) < most);
    if (next)
        *next = end;
    *out = GIVE(list);
    return true;
}

/* ---- mapping by hand ---- */

static bool id_ok(const char *id, struct err *err)
{
    /* Behind a customer's number may stand the key of an address that was billed. */
    size_t number = strspn(id, "0123456789"), size = strlen(id);
    return (number > 0 && number <= 20 && size < 64 && (!id[number] || id[number] == '-') &&
            strspn(id + number, "-0123456789abcdef") == size - number) ||
           err_set(err, ERR_FATAL, 400, "id \"%.40s\": want Shopify's number of the record", id);
}

static bool map(struct ledger *ledger, const char *company, enum mapping kind, const char *id,
                const char *number, bool *changed, struct err *err)
{
    const char *word = MAPPINGS[kind].word;
    OWN_BUF struct buf prefix = {0};
    OWN_REPLY redisReply *reply = NULL;
    if (!id_ok(id, err))
        return false;
    store_prefix(ledger, company, &prefix);
    const char *const argv[] = {buf_str(&prefix), "0", company, word, id, number};
    if (!redis_script(ledger_redis(ledger), "map", 1, COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "map %s %s", word, id);
    if (strcmp(reply->str, "unknown") == 0)
        return err_set(
            err, ERR_FATAL, 404,
            "no order has named a %s %s yet; `cartage unmapped %s` lists those that wait", word, id,
            MAPPINGS[kind].words);
    *changed = strcmp(reply->str, "changed") == 0;
    return true;
}

bool store_map(struct ledger *ledger, const char *company, enum mapping kind, const char *id,
               const char *number, bool *changed, struct err *err)
{
    if (!*number || strlen(number) > 20)
        return err_set(err, ERR_FATAL, 400, "number \"%.40s\": want 1 to 20 characters", number);
    return map(ledger, company, kind, id, number, changed, err);
}

bool store_unmap(struct ledger *ledger, const char *company, enum mapping kind, const char *id,
                 bool *changed, struct err *err)
{
    return map(ledger, company, kind, id, "", changed, err);
}
