/* categories.c - a category's settings, and who holds its permits. */
#include "ledger/categories.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

static void call_change(struct call *call, const char *category,
                        const struct category_change *change)
{
    int usual = *category ? CATEGORY_PERMITS : CATEGORY_PERMITS_BLANK;
    if (change->permits) {
        call_text(call, "permits");
        if (change->permits == usual)
            call_text(call, "");
        else
            call_number(call, change->permits);
    }
    if (change->order != ORDER_AS_IS) {
        call_text(call, "order");
        call_text(call, change->order == ORDER_STRICT ? "strict" : "");
    }
    if (change->pause != PAUSE_AS_IS) {
        call_text(call, "paused");
        call_text(call, change->pause == PAUSE_ON ? "1" : "");
    }
}

bool ledger_category_set(struct ledger *ledger, const char *company, const char *category,
                         const struct category_change *change, bool *changed,
                         struct tickets *granted, struct err *err)
{
    bool more = true;
    *changed = false;
    for (bool first = true; more; first = false) {
        OWN_CALL struct call call;
        OWN_REPLY redisReply *reply = NULL;
        call_begin(&call, ledger, ledger_bucket(ledger, company));
        call_text(&call, company);
        call_text(&call, category);
        if (first)
            call_change(&call, category, change);
        if (!call_run(ledger, "category", &call, &reply, err))
            return err_wrap(err, "set category %s", category);
        call_tickets(ledger, reply->element[0], granted);
        *changed |= strcmp(reply_text(reply, 1), "changed") == 0;
        more = reply_number(reply, 2) == 1;
    }
    return true;
}

/* ---- views ---- */

static bool add_holder(struct ledger *ledger, const char *prefix, const char *entry, json *holders,
                       struct err *err)
{
    OWN_REPLY redisReply *row = NULL;
    if (!redis_commandf(ledger_redis(ledger), &row, err, "HMGET %se:%s run operation sub task",
                        prefix, entry))
        return false;
    if (!*reply_text(row, 2)) /* it has ended meanwhile */
        return true;
    json *holder = json_new_object();
    json_set_int(holder, "run", reply_number(row, 0));
    json_set_text(holder, "operation", reply_text(row, 1));
    json_set_text(holder, "state", reply_text(row, 2));
    json_set_text(holder, "task", reply_text(row, 3));
    json_add(holders, holder);
    return true;
}

bool ledger_category(struct ledger *ledger, const char *company, const char *category, json **out,
                     struct err *err)
{
    char prefix[80];
    OWN_JSON json *answer = json_new_object();
    OWN_REPLY redisReply *said = NULL, *waiting = NULL, *ids = NULL;
    struct redis *redis = ledger_redis(ledger);
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(redis, &said, err, "HMGET %scat:%s:%s permits order paused", prefix,
                        company, category) ||
        !redis_commandf(redis, &waiting, err, "ZCARD %swait:%s:%s", prefix, company, category) ||
        !redis_commandf(redis, &ids, err, "SMEMBERS %spermit:%s:%s", prefix, company, category))
        return err_wrap(err, "read category %s", category);
    int usual = *category ? CATEGORY_PERMITS : CATEGORY_PERMITS_BLANK;
    json *holders = json_new_array();
    json_set_text(answer, "category", category);
    json_set_text(answer, "company", company);
    json_set_int(answer, "permits", *reply_text(said, 0) ? reply_number(said, 0) : usual);
    json_set_text(answer, "order", *reply_text(said, 1) ? "strict" : "bounded");
    json_set_bool(answer, "paused", *reply_text(said, 2) == '1');
    json_set_int(answer, "waiting", waiting->integer);
    json_set(answer, "holders", holders);
    for (size_t i = 0; i < ids->elements; i++)
        if (!add_holder(ledger, prefix, reply_text(ids, i), holders, err))
            return err_wrap(err, "read category %s", category);
    *out = GIVE(answer);
    return true;
}

static int by_name(const void *a, const void *b)
{
    const redisReply *const *one = a, *const *two = b;
    return strcmp((*one)->str, (*two)->str);
}

bool ledger_categories(struct ledger *ledger, const char *company, json **out, struct err *err)
{
    char prefix[80];
    OWN_JSON json *list = json_new_array();
    OWN_REPLY redisReply *names = NULL;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &names, err, "SMEMBERS %scats:%s", prefix, company))
        return err_wrap(err, "list categories");
    if (names->elements)
        qsort(names->element, names->elements, sizeof(redisReply *), by_name);
    for (size_t i = 0; i < names->elements; i++) {
        json *category = NULL;
        if (!ledger_category(ledger, company, reply_text(names, i), &category, err))
            return false;
        json_add(list, category);
    }
    *out = GIVE(list);
    return true;
}
