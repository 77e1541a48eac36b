/* once.c - keys of requests and their first answers. */
#include "ledger/once.h"

#include "ledger/call.h"

static char *key_of(const struct ledger *ledger, const char *key)
{
    return mem_printf("ct:%s:once:%s", ledger_environment(ledger), key);
}

bool ledger_once_take(struct ledger *ledger, const char *key, const char *mark, bool *first,
                      json **kept, struct err *err)
{
    OWN_TEXT char *name = key_of(ledger, key);
    OWN_REPLY redisReply *taken = NULL, *stands = NULL;
    if (!redis_commandf(ledger_redis(ledger), &taken, err, "SET %s %s NX EX %d", name, mark,
                        ONCE_PENDING_S))
        return err_wrap(err, "note an Idempotency-Key");
    *first = taken->type != REDIS_REPLY_NIL;
    if (*first)
        return true;
    if (!redis_commandf(ledger_redis(ledger), &stands, err, "GET %s", name))
        return err_wrap(err, "look up an Idempotency-Key");
    if (stands->type == REDIS_REPLY_STRING)
        return json_parse(stands->str, stands->len, kept, err) ||
               err_wrap(err, "stored answer of an Idempotency-Key");
    *kept = json_new_object();
    return true;
}

bool ledger_once_keep(struct ledger *ledger, const char *key, const char *answer, struct err *err)
{
    OWN_TEXT char *name = key_of(ledger, key);
    OWN_REPLY redisReply *reply = NULL;
    bool good = answer ? redis_commandf(ledger_redis(ledger), &reply, err, "SET %s %s EX %d", name,
                                        answer, ONCE_KEPT_S)
                       : redis_commandf(ledger_redis(ledger), &reply, err, "DEL %s", name);
    return good || err_wrap(err, "keep the answer of an Idempotency-Key");
}
