/* failed.c - entries whose latest run failed. */
#include "ledger/failed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Entries as the API shows them, each with the time since which it stands there. */
static bool read_since(struct ledger *ledger, const char *company, const char *const ids[],
                       const int64_t since_ms[], size_t count, json **out, struct err *err)
{
    OWN_JSON json *list = NULL;
    if (!ledger_entries_by_id(ledger, company, ids, count, &list, err))
        return false;
    for (size_t i = 0, at = 0; i < json_count(list); i++, at++) {
        while (strcmp(ids[at], json_text(json_at(list, i), "id")) != 0)
            at++; /* it was deleted between the two looks */
        json_set_int(json_at(list, i), "since_ms", since_ms[at]);
    }
    *out = GIVE(list);
    return true;
}

bool ledger_failed(struct ledger *ledger, const char *company, const char *shop, const char *after,
                   int64_t after_ms, size_t most, json **out, struct err *err)
{
    char key[200], count[24], score[24];
    OWN_REPLY redisReply *page = NULL;
    const char *ids[ENTRIES_MOST];
    int64_t since_ms[ENTRIES_MOST];
    errors_key(ledger, company, shop, key);
    snprintf(count, sizeof count, "%zu", most);
    snprintf(score, sizeof score, "(%" PRId64, after_ms);
    const char *const argv[] = {key, count, after ? after : "", score};
    if (!redis_script(ledger_redis(ledger), "page", 1, COUNT(argv), argv, NULL, &page, err))
        return err_wrap(err, "list failed entries");
    size_t found = page->elements / 2;
    assert(found <= ENTRIES_MOST);
    for (size_t i = 0; i < found; i++) {
        ids[i] = reply_text(page, 2 * i);
        since_ms[i] = reply_number(page, 2 * i + 1);
    }
    return read_since(ledger, company, ids, since_ms, found, out, err);
}

bool ledger_failed_among(struct ledger *ledger, const char *company, const char *shop,
                         const char *const ids[], size_t count, size_t most, json **out,
                         struct err *err)
{
    char key[200];
    OWN_REPLY redisReply *scores = NULL;
    const char *argv[ENTRIES_MOST + 2] = {"ZMSCORE", key}, *there[ENTRIES_MOST];
    int64_t since_ms[ENTRIES_MOST];
    size_t found = 0;
    assert(count <= ENTRIES_MOST);
    errors_key(ledger, company, shop, key);
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = ids[i];
    if (count && !redis_command(ledger_redis(ledger), (int)count + 2, argv, NULL, &scores, err))
        return err_wrap(err, "look for failed entries");
    for (size_t i = 0; i < count && found < most; i++) {
        if (scores->element[i]->type != REDIS_REPLY_STRING)
            continue;
        there[found] = ids[i];
        since_ms[found++] = strtoll(scores->element[i]->str, NULL, 10);
    }
    return read_since(ledger, company, there, since_ms, found, out, err);
}
