/* updates.c - orders that Shopify has changed after their document was made, settled by a person.
 */
#include <stdio.h>
#include <string.h>

#include "store/room.h"
#include "store/staging.h"

enum { TRIES = 5 };

/* What the document should know of the order, and of which staging that is. */
static bool read_now(struct ledger *ledger, const char *company, const char *id,
                     struct buf *snapshot, char digest[static 64], struct err *err)
{
    static const char *const FIELDS[] = {"digest", "whole"};
    OWN_TEXT char *key = mem_printf("order:%s", id);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf text = {0};
    OWN_JSON json *tree = NULL;
    struct order order;
    const char *bytes;
    size_t size;
    if (!store_read(ledger, company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    snprintf(digest, 64, "%s", store_text(rows, 0, 0));
    if (!store_bytes(rows, 0, 1, &bytes, &size))
        return true; /* the script knows whether there is such an order */
    if (!staged_unpack(bytes, size, &text, err) ||
        !json_parse(buf_str(&text), text.size, &tree, err) ||
        !staged_order(tree, arena, &order, err))
        return false;
    order_snapshot(&order, snapshot);
    return true;
}

static bool settle(struct ledger *ledger, const char *company, const char *id, const char *what,
                   bool *changed, struct err *err)
{
    OWN_BUF struct buf prefix = {0};
    store_prefix(ledger, company, &prefix);
    for (int try = 0; try < TRIES; try++) {
        char digest[64];
        OWN_BUF struct buf snapshot = {0};
        OWN_REPLY redisReply *reply = NULL;
        if (!read_now(ledger, company, id, &snapshot, digest, err))
            return err_wrap(err, "order %s", id);
        const char *const argv[] = {buf_str(&prefix),  "0", company, id, what, digest,
                                    buf_str(&snapshot)};
        if (!redis_script(ledger_redis(ledger), "resolve", 1, COUNT(argv), argv, NULL, &reply, err))
            return err_wrap(err, "order %s", id);
        if (strcmp(reply->str, "unknown") == 0)
            return err_set(err, ERR_FATAL, 404, "no order %s is staged", id);
        *changed = strcmp(reply->str, "changed") == 0;
        if (strcmp(reply->str, "moved") != 0)
            return true;
    }
    return err_set(err, ERR_RETRY, 0, "order %s is being read again and again; try once more", id);
}

bool store_update_resolve(struct ledger *ledger, const char *company, const char *id, bool *changed,
                          struct err *err)
{
    return settle(ledger, company, id, "accept", changed, err);
}

bool store_order_unlink(struct ledger *ledger, const char *company, const char *id, bool *changed,
                        struct err *err)
{
    return settle(ledger, company, id, "unlink", changed, err);
}
