/* orders_told.c - what Shopify answers to what is written to orders.
 *
 * Our own write makes an order look changed. What Shopify answers as its time is kept as `echo`:
 * discovery knows by it that there is nothing to read. Answers of a bulk operation may come after
 * those of later writes (a fulfillment), so the latest time stays.
 */
#include "operations/orders_told.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/staging.h"
#include "store/store.h"

const struct bulk_job TOLD_NUMBERS = {"numbers", "order-update", "orderUpdate"};
const struct bulk_job TOLD_CLOSED = {"close", "order-close", "orderClose"};

enum { NAME, ECHO, FIELDS };

static bool read_orders(const struct told *told, const char *const ids[], size_t count,
                        struct store_rows **out, struct err *err)
{
    static const char *const FIELD[FIELDS] = {"name", "echo"};
    const char *keys[BULK_GROUP];
    OWN(arena) struct arena *arena = arena_new();
    assert(count <= BULK_GROUP);
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(arena, "order:%s", ids[i]);
    return store_read(told->attempt->ledger, told->attempt->sheet->ticket.company, keys, count,
                      FIELD, FIELDS, out, err);
}

/* What people are told of an answer that is a refusal or a failure; "" = it is none. */
static const char *why_not(const struct shopify_call *answer)
{
    return answer->user_errors            ? json_text(json_at(answer->user_errors, 0), "message")
           : answer->err.kind != ERR_NONE ? answer->err.text
                                          : "";
}

static void write_echo(const struct told *told, const char *key, const char *before,
                       const json *order)
{
    const char *updated = json_text(order, "updatedAt");
    if (strcmp(updated, before) > 0)
        write_add(told->write, "HSET", key, "echo", updated, NULL);
}

/* ---- numbers ---- */

void told_number(const struct told *told, const char *id)
{
    OWN_TEXT char *list = mem_printf("attributes:%s", told->attempt->shop->code);
    write_add(told->write, "ZREM", list, id, NULL);
}

static void take_number(const struct told *told, const char *id, const char *name, const char *echo,
                        const struct shopify_call *answer)
{
    OWN_TEXT char *key = mem_printf("order:%s", id);
    if (answer->user_errors || answer->err.kind == ERR_FATAL) {
        log_warn("order.attribute", TEXT("order", name), TEXT("why", why_not(answer)));
        write_add(told->write, "HSET", key, "attribute_error", why_not(answer), NULL);
        told_number(told, id);
    } else if (answer->err.kind == ERR_NONE && !answer->not_allowed) {
        write_echo(told, key, echo, json_path(answer->data, "orderUpdate.order"));
        write_add(told->write, "HDEL", key, "attribute_error", NULL);
        told_number(told, id);
    } /* else nothing, or nothing known: the next run writes it */
}

/* ---- closings ---- */

void told_close(const struct told *told, const char *id)
{
    OWN_TEXT char *list = mem_printf("archive:%s", told->attempt->shop->code);
    write_add(told->write, "ZREM", list, id, NULL);
}

void told_close_later(const struct told *told, const char *id, int64_t wait_ms)
{
    char score[32];
    OWN_TEXT char *list = mem_printf("archive:%s", told->attempt->shop->code);
    snprintf(score, sizeof score, "%" PRId64, clock_now_ms(told->attempt->clock) + wait_ms);
    write_add(told->write, "ZADD", list, score, id, NULL);
}

static void take_closed(const struct told *told, const char *id, const char *name, const char *echo,
                        const struct shopify_call *answer)
{
    const json *order = json_path(answer->data, "orderClose.order");
    OWN_TEXT char *key = mem_printf("order:%s", id);
    if (!*why_not(answer)) {
        write_add(told->write, "HSET", key, "closed", "1", NULL);
        write_echo(told, key, echo, order);
        stage_life(told->write, id, "closed", "%s", json_text(order, "closedAt"));
        told_close(told, id);
        return;
    }
    log_warn("order.not_archived", TEXT("order", name), TEXT("why", why_not(answer)));
    told->attempt->counts.failed++;
    told_close_later(told, id, TOLD_AGAIN_MS);
}

/* ---- all of a group ---- */

typedef void take_one(const struct told *told, const char *id, const char *name, const char *echo,
                      const struct shopify_call *answer);

static bool take_all(const struct told *told, take_one *take, const char *const ids[],
                     const struct shopify_call answers[], size_t count, struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!read_orders(told, ids, count, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        take(told, ids[i], store_text(rows, i, NAME), store_text(rows, i, ECHO), &answers[i]);
    return attempt_flush(told->attempt, told->write, 0, err);
}

bool told_numbers(void *told, const char *const ids[], const char *const kept[],
                  struct shopify_call answers[], size_t count, struct err *err)
{
    (void)kept;
    return take_all(told, take_number, ids, answers, count, err);
}

bool told_closed(void *told, const char *const ids[], const char *const kept[],
                 struct shopify_call answers[], size_t count, struct err *err)
{
    (void)kept;
    return take_all(told, take_closed, ids, answers, count, err);
}

/* ---- one by one ---- */

bool told_singly(struct told *told, const char *const ids[], struct shopify_call calls[],
                 size_t count, bulk_take take, struct err *err)
{
    const char *answered[BULK_GROUP];
    struct err why;
    size_t kept = 0;
    bool ok = count == 0 || shopify_call_all(told->attempt, calls, count, &why);
    for (size_t i = 0; i < count; i++) {
        if (!ok && calls[i].err.kind != ERR_NONE)
            continue; /* what ends the attempt is no answer to this call */
        struct shopify_call call = calls[i];
        calls[i] = calls[kept];
        calls[kept] = call;
        answered[kept++] = ids[i];
    }
    bool taken = kept == 0 || take(told, answered, NULL, calls, kept, err);
    for (size_t i = 0; i < count; i++)
        shopify_call_drop(&calls[i]);
    if (taken && !ok)
        *err = why;
    return taken && ok;
}

/* ---- what is under way ---- */

static struct under_way *under_way_new(const char *shop)
{
    struct under_way *under_way = mem_new(sizeof *under_way);
    snprintf(under_way->shop, sizeof under_way->shop, "%s", shop);
    return under_way;
}

void under_way_free(struct under_way *list)
{
    while (list) {
        struct under_way *next = list->next;
        bulk_free(list->numbers);
        bulk_free(list->closing);
        free(list);
        list = next;
    }
}

bool told_look(struct told *told, struct under_way **out, struct err *err)
{
    OWN(under_way) struct under_way *own = under_way_new(told->attempt->shop->code);
    if (!bulk_look(told->attempt, &TOLD_NUMBERS, told_numbers, told, &own->numbers, err) ||
        !bulk_look(told->attempt, &TOLD_CLOSED, told_closed, told, &own->closing, err))
        return false;
    *out = GIVE(own);
    return true;
}

bool told_peek(struct attempt *attempt, struct under_way *list, const char *shop,
               struct under_way **out, struct err *err)
{
    for (;; list = list->next) {
        *out = list;
        if (strcmp(list->shop, shop) == 0)
            return true;
        if (!list->next)
            break;
    }
    *out = list->next = under_way_new(shop);
    return bulk_peek(attempt, shop, &TOLD_NUMBERS, &list->next->numbers, err) &&
           bulk_peek(attempt, shop, &TOLD_CLOSED, &list->next->closing, err);
}
