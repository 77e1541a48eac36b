/* find.c - which orders people mean. */
#include <stdlib.h>
#include <string.h>

#include "store/room.h"
#include "store/staging.h"
#include "store/story.h"

enum { BRIEF_NAME, BRIEF_SHOP, BRIEF_STATE, BRIEF_CREATED, BRIEF_CURRENCY, BRIEF_TOTAL, BRIEF_DOC };
static const char *const BRIEF[] = {"name",     "shop",  "state",   "created",
                                    "currency", "total", "document"};
static const char *const OUTSIDE[] = {"name", "record", "shop"};

static bool is_number(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && size <= 20 && strspn(text, "0123456789") == size;
}

static void add_id(struct store_ids *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->items[i], id) == 0)
            return;
    if (ids->count < STORY_FOUND)
        ids->items[ids->count++] = mem_text(id);
}

/* Members of the index are `<digest>:<order>`. */
static bool look_up(struct ledger *ledger, const char *company, const char *text,
                    struct store_ids *ids, struct err *err)
{
    char digest[FIND_DIGEST], from[FIND_DIGEST + 2], to[FIND_DIGEST + 2], most[16];
    OWN_TEXT char *key = store_key(ledger, company, "find");
    OWN_REPLY redisReply *reply = NULL;
    if (!find_digest(text, digest))
        return true;
    snprintf(from, sizeof from, "[%s:", digest);
    snprintf(to, sizeof to, "(%s;", digest);
    snprintf(most, sizeof most, "%d", STORY_FOUND);
    const char *const argv[] = {"ZRANGEBYLEX", key, from, to, "LIMIT", "0", most};
    if (!redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "look for orders");
    for (size_t i = 0; i < reply->elements; i++)
        add_id(ids, reply->element[i]->str + FIND_DIGEST);
    return true;
}

static json *brief_row(const struct store_rows *orders, const struct store_rows *rows,
                       const struct store_rows *skips, size_t i, const char *id)
{
    const char *name = store_text(orders, i, BRIEF_NAME), *shop = store_text(orders, i, BRIEF_SHOP);
    if (!*name)
        name = store_text(rows, i, 0);
    if (!*name)
        name = store_text(skips, i, 1);
    if (!*name)
        return NULL;
    json *row = json_new_object();
    json_set_text(row, "id", id);
    json_set_text(row, "name", name);
    json_set_text(row, "shop", *shop ? shop : store_text(skips, i, 2));
    json_set_text(row, "state", store_text(orders, i, BRIEF_STATE));
    json_set_text(row, "created", store_text(orders, i, BRIEF_CREATED));
    json_set_text(row, "currency", store_text(orders, i, BRIEF_CURRENCY));
    json_set_text(row, "total", store_text(orders, i, BRIEF_TOTAL));
    json_set_text(row, "document", store_text(orders, i, BRIEF_DOC));
    return row;
}

/* "1001" names order #1001 as well as whatever is called 1001, or has that number at Shopify. */
bool store_find(struct ledger *ledger, const char *company, const char *text, json **out,
                struct err *err)
{
    OWN(store_rows) struct store_rows *orders = NULL, *rows = NULL, *skips = NULL;
    OWN_IDS struct store_ids ids = {.items = mem_array(STORY_FOUND, sizeof *ids.items)};
    OWN_TEXT char *name = mem_printf("#%s", text);
    OWN_JSON json *list = json_new_array();
    if (is_number(text))
        add_id(&ids, text);
    if (!look_up(ledger, company, text, &ids, err) || !look_up(ledger, company, name, &ids, err))
        return false;
    if (ids.count > 0 &&
        (!store_read_ids(ledger, company, "order:", &ids, BRIEF, COUNT(BRIEF), &orders, err) ||
         !store_read_ids(ledger, company, "row:", &ids, OUTSIDE, COUNT(OUTSIDE), &rows, err) ||
         !store_read_ids(ledger, company, "skip:", &ids, OUTSIDE, COUNT(OUTSIDE), &skips, err)))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        json *row = brief_row(orders, rows, skips, i, ids.items[i]);
        if (row)
            json_add(list, row);
    }
    *out = GIVE(list);
    return true;
}
