/* failed.c - entries whose latest run failed. */
#include "ledger/failed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/call.h"

static void errors_key(struct ledger *ledger, const char *company, const char *shop,
                       char out[static 200])
{
    char prefix[80];
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    snprintf(out, 200, "%serrors:%s:%s", prefix, company, shop);
}

bool ledger_failed_counts(struct ledger *ledger, const char *company, const char *shop,
                          struct failed_counts *out, struct err *err)
{
    char prefix[80], key[200];
    OWN_REPLY redisReply *now = NULL;
    OWN_REPLY redisReply *ever = NULL;
    errors_key(ledger, company, shop, key);
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &now, err, "ZCARD %s", key) ||
        !redis_commandf(ledger_redis(ledger), &ever, err, "HGET %sno:%s failed:%s", prefix, company,
                        shop))
        return err_wrap(err, "count failed entries");
    out->now = now->integer;
    out->historic = ever->type == REDIS_REPLY_STRING ? strtoll(ever->str, NULL, 10) : 0;
    return true;
}

bool ledger_failed(struct ledger *ledger, const char *company, const char *shop, const char *after,
                   int64_t after_ms, size_t most, json **out, struct err *err)
{
    char key[200], count[24], score[24];
    OWN_REPLY redisReply *page = NULL;
    OWN_JSON json *list = json_new_array();
    errors_key(ledger, company, shop, key);
    snprintf(count, sizeof count, "%zu", most);
    snprintf(score, sizeof score, "(%" PRId64, after_ms);
    const char *const argv[] = {key, count, after ? after : "", score};
    if (!redis_script(ledger_redis(ledger), "page", 1, COUNT(argv), argv, NULL, &page, err))
        return err_wrap(err, "list failed entries");
    for (size_t i = 0; i + 1 < page->elements; i += 2) {
        json *entry = NULL;
        if (!ledger_entry(ledger, company, reply_text(page, i), &entry, err)) {
            if (err->code != 404)
                return false;
            err_clear(err); /* deleted between the two looks */
            continue;
        }
        json_set_int(entry, "since_ms", strtoll(reply_text(page, i + 1), NULL, 10));
        json_add(list, entry);
    }
    *out = GIVE(list);
    return true;
}
