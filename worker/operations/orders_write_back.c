/* orders_write_back.c - the number of each new document, to its order in Shopify: attribute
 * BC Doc. No.
 *
 * Idempotency: the mutation sets the whole list of attributes, so it may run twice; the list is
 * read just before, and an order that has the number already is left alone. `attributes:<shop>`
 * lists the orders to write; one leaves it with what Shopify has answered. It is the last thing a
 * run does, and nothing that goes wrong here touches an order's document.
 *
 * Our own write makes the order look changed. What Shopify answers as its time is kept as `echo`:
 * discovery knows by it that there is nothing to read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/orders_process.h"
#include "shopify/shopify.h"

enum { MOST = 100000, GROUP = 50 };
static const char KEY[] = "BC Doc. No.";

struct writing { /* a group of orders */
    struct orders_process *process;
    char *const *ids;
    size_t count;
    struct store_rows *rows; /* their documents' numbers */
    json *answer;            /* their attributes */
};

static void writing_drop(struct writing *writing)
{
    store_rows_free(writing->rows);
    json_free(writing->answer);
}

static void is_written(struct orders_process *process, const char *id)
{
    OWN_TEXT char *list = mem_printf("attributes:%s", process->shop->code);
    write_add(process->write, "ZREM", list, id, NULL);
}

/* ---- what is there ---- */

static bool read_group(struct writing *writing, struct err *err)
{
    static const char *const FIELDS[] = {"document", "name"};
    struct orders_process *process = writing->process;
    OWN(arena) struct arena *arena = arena_new();
    const char *keys[GROUP];
    json *variables = json_new_object(), *ids = json_new_array();
    for (size_t i = 0; i < writing->count; i++) {
        keys[i] = arena_printf(arena, "order:%s", writing->ids[i]);
        json_add_text(ids, arena_printf(arena, "gid://shopify/Order/%s", writing->ids[i]));
    }
    json_set(variables, "ids", ids);
    struct shopify_call call = {.document = "order-attributes", .variables = variables};
    bool ok = store_read(process->attempt->ledger, process->company, keys, writing->count, FIELDS,
                         COUNT(FIELDS), &writing->rows, err) &&
              shopify_ask(process->attempt, &call, err);
    if (ok)
        writing->answer = GIVE(call.answer);
    shopify_call_drop(&call);
    return ok;
}

static const json *node_of(const struct writing *writing, size_t at)
{
    return json_at(json_path(writing->answer, "data.nodes"), at);
}

static bool has_number(const json *node, const char *number)
{
    const json *list = json_get(node, "customAttributes");
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "key"), KEY) == 0 &&
            strcmp(json_text(json_at(list, i), "value"), number) == 0)
            return true;
    return false;
}

/* ---- what is written ---- */

static json *attributes_with(const json *node, const char *number)
{
    json *list = json_new_array(), *own = json_new_object();
    const json *before = json_get(node, "customAttributes");
    for (size_t i = 0; i < json_count(before); i++)
        if (strcmp(json_text(json_at(before, i), "key"), KEY) != 0)
            json_add(list, json_copy(json_at(before, i)));
    json_set_text(own, "key", KEY);
    json_set_text(own, "value", number);
    json_add(list, own);
    return list;
}

static struct shopify_call update(const json *node, const char *number)
{
    json *variables = json_new_object();
    json_set_text(variables, "id", json_text(node, "id"));
    json_set(variables, "customAttributes", attributes_with(node, number));
    return (struct shopify_call){
        .document = "order-update", .variables = variables, .user_errors_at = "orderUpdate"};
}

static void refused(struct orders_process *process, const char *id, const char *name,
                    const char *why)
{
    OWN_TEXT char *key = mem_printf("order:%s", id);
    log_warn("order.attribute", TEXT("order", name), TEXT("why", why));
    write_add(process->write, "HSET", key, "attribute_error", why, NULL);
    is_written(process, id);
}

static void take_answer(const struct writing *writing, size_t at, const struct shopify_call *call)
{
    struct orders_process *process = writing->process;
    const char *id = writing->ids[at], *name = store_text(writing->rows, at, 1);
    OWN_TEXT char *key = mem_printf("order:%s", id);
    if (call->user_errors)
        refused(process, id, name, json_text(json_at(call->user_errors, 0), "message"));
    else if (call->err.kind == ERR_FATAL)
        refused(process, id, name, call->err.text);
    else if (call->err.kind == ERR_NONE && !call->not_allowed) {
        write_add(process->write, "HSET", key, "echo",
                  json_text(json_path(call->data, "orderUpdate.order"), "updatedAt"), NULL);
        write_add(process->write, "HDEL", key, "attribute_error", NULL);
        is_written(process, id);
    } /* else nothing, or nothing known: the next run writes it */
}

static bool write_group(struct writing *writing, struct err *err)
{
    struct shopify_call calls[GROUP];
    size_t whose[GROUP], count = 0;
    for (size_t i = 0; i < writing->count; i++) {
        const char *number = store_text(writing->rows, i, 0);
        const json *node = node_of(writing, i);
        if (!node || !*number || has_number(node, number)) {
            is_written(writing->process, writing->ids[i]);
            continue;
        }
        calls[count] = update(node, number);
        whose[count++] = i;
    }
    bool ok = count == 0 || shopify_call_all(writing->process->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        take_answer(writing, whose[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

/* Only what parks or ends the attempt is handed on: the documents stand, and the list remains. */
static bool or_later(struct orders_process *process, struct err *err)
{
    if (err->kind == ERR_CANCELLED || err->kind == ERR_THROTTLED)
        return false;
    log_warn("orders.write_back", TEXT("shop", process->shop->code), TEXT("why", err->text));
    err_clear(err);
    return true;
}

bool orders_write_back(struct orders_process *process, struct err *err)
{
    OWN_TEXT char *key = mem_printf("attributes:%s", process->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!process->shop->order_attributes_to_shopify)
        return true;
    if (!store_zset(process->attempt->ledger, process->company, key, INT64_MAX, MOST, &ids, err))
        return err_wrap(err, "list documents to tell Shopify of");
    if (ids.count > 0 && !process->shop->allow_writes) {
        log_info("orders.write_back_off", TEXT("shop", process->shop->code),
                 NUM("orders", ids.count));
        process->attempt->counts.skipped++;
        return true;
    }
    for (size_t from = 0; from < ids.count; from += GROUP) {
        __attribute__((cleanup(writing_drop))) struct writing writing = {
            .process = process,
            .ids = ids.items + from,
            .count = ids.count - from < GROUP ? ids.count - from : GROUP,
        };
        attempt_progress(process->attempt, "writing document numbers to Shopify", (int64_t)from,
                         (int64_t)ids.count);
        struct err why;
        err_clear(&why);
        bool ok = read_group(&writing, &why) && write_group(&writing, &why);
        if (!process_flush(process, true, err) || !attempt_checkpoint(process->attempt, "", 0, err))
            return false;
        if (!ok) {
            *err = why;
            return or_later(process, err);
        }
    }
    return true;
}
