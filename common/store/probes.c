/* probes.c - reads what was found on the way to the peers. */
#include "store/probes.h"

#include <string.h>

#include "store/room.h"

bool store_probes(struct ledger *ledger, const char *company, json **out, struct err *err)
{
    OWN_TEXT char *key = store_key(ledger, company, "probe");
    OWN_REPLY redisReply *reply = NULL;
    OWN_JSON json *all = json_new_object();
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HGETALL %s", key))
        return err_wrap(err, "read what was found at the peers");
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        json *facts = NULL;
        if (!json_parse(reply->element[i + 1]->str, reply->element[i + 1]->len, &facts, err))
            return err_wrap(err, "stored findings %s", reply->element[i]->str);
        json_set(all, reply->element[i]->str, facts);
    }
    *out = GIVE(all);
    return true;
}

bool store_check(struct ledger *ledger, const char *company, const char *entry, json **out,
                 struct err *err)
{
    OWN_TEXT char *rest = mem_printf("check:%s", entry);
    OWN_TEXT char *key = store_key(ledger, company, rest);
    OWN_REPLY redisReply *reply = NULL;
    *out = NULL;
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HGET %s facts", key))
        return err_wrap(err, "read what was found");
    return reply->type != REDIS_REPLY_STRING || json_parse(reply->str, reply->len, out, err);
}
