/* tokens.c - the hash of tokens of an environment. */
#include "ledger/tokens.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

static const char USED[] = ":used"; /* no name holds a colon */

static void tokens_key(const struct ledger *ledger, char out[static 80])
{
    snprintf(out, 80, "ct:%s:tokens", ledger_environment(ledger));
}

static bool record_of(const redisReply *reply, const char *name, json **out, struct err *err)
{
    *out = NULL;
    if (reply->type != REDIS_REPLY_STRING)
        return true;
    return json_parse(reply->str, reply->len, out, err) || err_wrap(err, "stored token %s", name);
}

bool ledger_token_add(struct ledger *ledger, const char *name, const char *json_text, bool *added,
                      struct err *err)
{
    char key[80];
    OWN_REPLY redisReply *reply = NULL;
    tokens_key(ledger, key);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HSETNX %s %s %s", key, name, json_text))
        return err_wrap(err, "store token %s", name);
    *added = reply->integer == 1;
    return true;
}

bool ledger_token_get(struct ledger *ledger, const char *name, json **out, int64_t *used_ms,
                      struct err *err)
{
    char key[80];
    OWN_REPLY redisReply *reply = NULL;
    tokens_key(ledger, key);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HMGET %s %s %s%s", key, name, name,
                        USED))
        return err_wrap(err, "read token %s", name);
    *used_ms = reply_number(reply, 1);
    return record_of(reply->element[0], name, out, err);
}

bool ledger_token_used(struct ledger *ledger, const char *name, int64_t now_ms, struct err *err)
{
    char key[80], number[24];
    OWN_REPLY redisReply *reply = NULL;
    tokens_key(ledger, key);
    snprintf(number, sizeof number, "%" PRId64, now_ms);
    return redis_commandf(ledger_redis(ledger), &reply, err, "HSET %s %s%s %s", key, name, USED,
                          number) ||
           err_wrap(err, "note the use of token %s", name);
}

bool ledger_token_remove(struct ledger *ledger, const char *name, bool *removed, struct err *err)
{
    char key[80];
    OWN_REPLY redisReply *reply = NULL, *used = NULL;
    tokens_key(ledger, key);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HDEL %s %s", key, name) ||
        !redis_commandf(ledger_redis(ledger), &used, err, "HDEL %s %s%s", key, name, USED))
        return err_wrap(err, "withdraw token %s", name);
    *removed = reply->integer == 1;
    return true;
}

bool ledger_tokens(struct ledger *ledger, json **out, struct err *err)
{
    char key[80];
    OWN_REPLY redisReply *reply = NULL;
    OWN_JSON json *all = json_new_object();
    tokens_key(ledger, key);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HGETALL %s", key))
        return err_wrap(err, "list tokens");
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        json *record = NULL;
        if (strchr(reply_text(reply, i), ':'))
            continue;
        if (!record_of(reply->element[i + 1], reply_text(reply, i), &record, err))
            return false;
        json_set(all, reply_text(reply, i), record);
    }
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        OWN_TEXT char *name = mem_text(reply_text(reply, i));
        char *colon = strchr(name, ':');
        if (!colon)
            continue;
        *colon = 0;
        json *record = json_get(all, name);
        if (record) /* a use that was noted while it was withdrawn belongs to nothing */
            json_set_int(record, "used_ms", reply_number(reply, i + 1));
    }
    *out = GIVE(all);
    return true;
}
