/* orders_write_back.c - the number of each new document, to its order in Shopify: attribute
 * BC Doc. No.
 *
 * Idempotency: the mutation sets the whole list of attributes, so it may run twice; the list is
 * read just before, and an order that has the number already is left alone. `attributes:<shop>`
 * lists the orders to write; one leaves it with what Shopify has answered. It is the last thing a
 * run does, and nothing that goes wrong here touches an order's document.
 *
 * Many go as one bulk operation (shopify/bulk.h), which this run does not wait for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"
#include "operations/orders_process.h"
#include "operations/orders_told.h"

enum { MOST = 100000, GROUP = 50 };
static const char KEY[] = "BC Doc. No.";

struct writing { /* a group of orders */
    struct orders_process *process;
    struct told *told;
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

/* ---- what is there ---- */

static bool read_group(struct writing *writing, struct err *err)
{
    static const char *const FIELDS[] = {"document"};
    struct orders_process *process = writing->process;
    OWN(arena) struct arena *arena = arena_new();
    const char *keys[BULK_GROUP];
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

static json *update(const json *node, const char *number)
{
    json *variables = json_new_object();
    json_set_text(variables, "id", json_text(node, "id"));
    json_set(variables, "customAttributes", attributes_with(node, number));
    return variables;
}

/* The orders of the group that lack their number, with what writes it; the others need nothing. */
static size_t to_write(const struct writing *writing, const char *ids[], json *variables[])
{
    size_t count = 0;
    for (size_t i = 0; i < writing->count; i++) {
        const char *number = store_text(writing->rows, i, 0);
        const json *node = node_of(writing, i);
        if (!node || !*number || has_number(node, number)) {
            told_number(writing->told, writing->ids[i]);
            continue;
        }
        ids[count] = writing->ids[i];
        variables[count++] = update(node, number);
    }
    return count;
}

static bool write_group(struct writing *writing, struct err *err)
{
    const char *ids[GROUP];
    json *variables[GROUP];
    struct shopify_call calls[GROUP];
    size_t count = to_write(writing, ids, variables);
    for (size_t i = 0; i < count; i++)
        calls[i] = (struct shopify_call){.document = TOLD_NUMBERS.document,
                                         .variables = variables[i],
                                         .user_errors_at = TOLD_NUMBERS.user_errors_at};
    return told_singly(writing->told, ids, calls, count, told_numbers, err);
}

/* What the lines have no room for stays on the list. */
static void gather_group(const struct writing *writing, struct bulk_lines *lines)
{
    const char *ids[BULK_GROUP];
    json *variables[BULK_GROUP];
    size_t count = to_write(writing, ids, variables);
    for (size_t i = 0; i < count; i++)
        (void)bulk_lines_add(lines, ids[i], variables[i], NULL);
}

/* ---- all of them ---- */

/* One group after the other goes to `lines`, or to Shopify where that is NULL. */
static bool write_groups(struct orders_process *process, struct told *told, char *const ids[],
                         size_t count, struct bulk_lines *lines, struct err *err)
{
    size_t most = lines ? BULK_GROUP : GROUP;
    bool ok = true;
    for (size_t from = 0; ok && from < count; from += most) {
        __attribute__((cleanup(writing_drop))) struct writing writing = {
            .process = process,
            .told = told,
            .ids = ids + from,
            .count = count - from < most ? count - from : most,
        };
        struct err why;
        err_clear(&why);
        attempt_progress(process->attempt, "writing document numbers to Shopify", (int64_t)from,
                         (int64_t)count);
        ok = read_group(&writing, &why) && (lines || write_group(&writing, &why));
        if (ok && lines)
            gather_group(&writing, lines);
        if (!process_flush(process, true, err) || !attempt_checkpoint(process->attempt, "", 0, err))
            return false;
        if (!ok)
            *err = why;
    }
    return ok;
}

static bool write_together(struct orders_process *process, struct told *told, struct bulk *bulk,
                           char *const ids[], size_t count, struct err *err)
{
    OWN(bulk_lines) struct bulk_lines *lines = NULL;
    return bulk_lines_open(&lines, err) &&
           write_groups(process, told, ids, count < BULK_LINES ? count : BULK_LINES, lines, err) &&
           (bulk_lines_count(lines) == 0 || bulk_start(bulk, lines, err));
}

static bool write_ids(struct orders_process *process, struct told *told, struct bulk *bulk,
                      char *const ids[], size_t count, struct err *err)
{
    switch (bulk_road(bulk, count)) {
    case BULK_LATER:
        return true;
    case BULK_TOGETHER:
        return write_together(process, told, bulk, ids, count, err);
    case BULK_SINGLY:
        break;
    }
    return write_groups(process, told, ids, count, NULL, err);
}

/* Those that are not in an operation already, in the list's order. */
static size_t free_ids(const struct bulk *bulk, struct store_ids *ids, char *out[])
{
    size_t count = 0;
    for (size_t i = 0; i < ids->count; i++)
        if (!bulk_holds(bulk, ids->items[i]))
            out[count++] = ids->items[i];
    return count;
}

bool orders_write_back(struct orders_process *process, struct err *err)
{
    OWN_TEXT char *key = mem_printf("attributes:%s", process->shop->code);
    OWN_IDS struct store_ids ids = {0};
    OWN(bulk) struct bulk *bulk = NULL;
    struct told told = {process->attempt, process->write};
    struct err why;
    if (!process->shop->order_attributes_to_shopify)
        return true;
    if (!bulk_look(process->attempt, &TOLD_NUMBERS, told_numbers, &told, &bulk, &why))
        return or_later(process->attempt, "orders.write_back", &why, err);
    if (!store_zset(process->attempt->ledger, process->company, key, INT64_MAX, MOST, &ids, err))
        return err_wrap(err, "list documents to tell Shopify of");
    if (ids.count > 0 && !process->shop->allow_writes) {
        log_info("orders.write_back_off", TEXT("shop", process->shop->code),
                 NUM("orders", ids.count));
        process->attempt->counts.skipped++;
        return true;
    }
    char **open = mem_array(ids.count + 1, sizeof *open);
    size_t count = free_ids(bulk, &ids, open);
    bool ok = write_ids(process, &told, bulk, open, count, &why) ||
              or_later(process->attempt, "orders.write_back", &why, err);
    free(open);
    return ok;
}
