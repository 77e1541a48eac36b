/* conf.c - settings and credentials: what people configure, as JSON texts with a rev. */
#include <stdio.h>
#include <string.h>

#include "ledger/call.h"
#include "ledger/commands.h"

static bool parse_reply(const redisReply *reply, const char *what, json **out, struct err *err)
{
    *out = NULL;
    if (reply->type != REDIS_REPLY_STRING)
        return true;
    return json_parse(reply->str, reply->len, out, err) || err_wrap(err, "stored %s", what);
}

/* Puts a field and answers whether it is another text than before. */
static bool put(struct ledger *ledger, const char *key, const char *field, const char *text,
                bool *changed, struct err *err)
{
    OWN_REPLY redisReply *before = NULL;
    OWN_REPLY redisReply *stored = NULL;
    OWN_REPLY redisReply *rev = NULL;
    if (!redis_commandf(ledger_redis(ledger), &before, err, "HGET %s %s", key, field))
        return err_wrap(err, "read %s", field);
    *changed = before->type != REDIS_REPLY_STRING || strcmp(before->str, text) != 0;
    if (!*changed)
        return true;
    return (redis_commandf(ledger_redis(ledger), &stored, err, "HSET %s %s %s", key, field, text) &&
            redis_commandf(ledger_redis(ledger), &rev, err, "HINCRBY %s :rev 1", key)) ||
           err_wrap(err, "store %s", field);
}

static void conf_key(const struct ledger *ledger, const char *company, char out[static 160])
{
    char prefix[80];
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    snprintf(out, 160, "%sconf:%s", prefix, company);
}

static void global_key(const struct ledger *ledger, const char *name, char out[static 160])
{
    snprintf(out, 160, "ct:%s:%s", ledger_environment(ledger), name);
}

bool ledger_settings_put(struct ledger *ledger, const char *company, const char *field,
                         const char *json_text, bool *changed, struct err *err)
{
    char key[160], companies[160];
    OWN_REPLY redisReply *known = NULL;
    conf_key(ledger, company, key);
    global_key(ledger, "companies", companies);
    /* First the company is known, then it has settings: a crash in between is cured by asking
     * again. */
    if (!redis_commandf(ledger_redis(ledger), &known, err, "HSET %s %s %d", companies, company,
                        ledger_bucket(ledger, company)))
        return err_wrap(err, "store company %s", company);
    return put(ledger, key, field, json_text, changed, err);
}

bool ledger_settings_get(struct ledger *ledger, const char *company, const char *field, json **out,
                         struct err *err)
{
    char key[160];
    OWN_REPLY redisReply *reply = NULL;
    conf_key(ledger, company, key);
    return redis_commandf(ledger_redis(ledger), &reply, err, "HGET %s %s", key, field) &&
           parse_reply(reply, field, out, err);
}

/* Every field of a hash that holds JSON, as members of one object. */
static bool all_fields(struct ledger *ledger, const char *key, json **out, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    OWN_JSON json *all = json_new_object();
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HGETALL %s", key))
        return false;
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        json *value = NULL;
        if (strcmp(reply_text(reply, i), ":rev") == 0)
            continue;
        if (!parse_reply(reply->element[i + 1], reply_text(reply, i), &value, err))
            return false;
        json_set(all, reply_text(reply, i), value);
    }
    *out = GIVE(all);
    return true;
}

bool ledger_settings_all(struct ledger *ledger, const char *company, json **out, struct err *err)
{
    char key[160];
    conf_key(ledger, company, key);
    return all_fields(ledger, key, out, err) || err_wrap(err, "read settings of %s", company);
}

bool ledger_companies(struct ledger *ledger, json **out, struct err *err)
{
    char key[160];
    OWN_REPLY redisReply *reply = NULL;
    global_key(ledger, "companies", key);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HKEYS %s", key))
        return err_wrap(err, "list companies");
    *out = json_new_array();
    for (size_t i = 0; i < reply->elements; i++)
        json_add_text(*out, reply_text(reply, i));
    return true;
}

bool ledger_credential_put(struct ledger *ledger, const char *name, const char *json_text,
                           bool *changed, struct err *err)
{
    char key[160];
    global_key(ledger, "credentials", key);
    return put(ledger, key, name, json_text, changed, err);
}

bool ledger_credential_get(struct ledger *ledger, const char *name, json **out, struct err *err)
{
    char key[160];
    OWN_REPLY redisReply *reply = NULL;
    global_key(ledger, "credentials", key);
    return redis_commandf(ledger_redis(ledger), &reply, err, "HGET %s %s", key, name) &&
           parse_reply(reply, "credential", out, err);
}

bool ledger_credentials(struct ledger *ledger, json **out, struct err *err)
{
    char key[160];
    global_key(ledger, "credentials", key);
    return all_fields(ledger, key, out, err) || err_wrap(err, "list credentials");
}

bool ledger_thresholds_put(struct ledger *ledger, const char *user, const char *json_text,
                           bool *changed, struct err *err)
{
    char key[160];
    global_key(ledger, "thresholds", key);
    return put(ledger, key, user, json_text, changed, err);
}

bool ledger_thresholds_get(struct ledger *ledger, const char *user, json **out, struct err *err)
{
    char key[160];
    OWN_REPLY redisReply *reply = NULL;
    global_key(ledger, "thresholds", key);
    return redis_commandf(ledger_redis(ledger), &reply, err, "HGET %s %s", key, user) &&
           parse_reply(reply, "thresholds", out, err);
}
