/* changes.c - the stream of changes of an environment, and the locks of edits. */
#include "ledger/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

enum { STEP = 200, STEPS_MOST = 50, DAY_MS = 86400000 };

static void changes_key(const struct ledger *ledger, char out[static 80])
{
    snprintf(out, 80, "ct:%s:changes", ledger_environment(ledger));
}

bool ledger_change_add(struct ledger *ledger, const char *json_text, struct err *err)
{
    char key[80], kept[24], oldest[32];
    OWN_REPLY redisReply *added = NULL, *trimmed = NULL;
    changes_key(ledger, key);
    snprintf(kept, sizeof kept, "%d", CHANGES_KEPT);
    if (!redis_commandf(ledger_redis(ledger), &added, err, "XADD %s MAXLEN ~ %s * change %s", key,
                        kept, json_text))
        return err_wrap(err, "note a change");
    int64_t at_ms = strtoll(added->str, NULL, 10); /* its id begins with its time */
    snprintf(oldest, sizeof oldest, "%" PRId64, at_ms - (int64_t)CHANGES_DAYS * DAY_MS);
    return redis_commandf(ledger_redis(ledger), &trimmed, err, "XTRIM %s MINID ~ %s", key,
                          oldest) ||
           err_wrap(err, "trim the changes");
}

static bool same(const char *wanted, const char *text)
{
    return !wanted || strcmp(wanted, text) == 0;
}

static bool holds(const char *wanted, const char *text)
{
    return !wanted || strcasestr(text, wanted);
}

static bool fits(const struct change_query *query, const json *change, int64_t at_ms)
{
    return (!query->until_ms || at_ms <= query->until_ms) &&
           same(query->who, json_text(change, "who")) &&
           same(query->company, json_text(change, "company")) &&
           holds(query->record, json_text(change, "record")) &&
           holds(query->route, json_text(change, "route"));
}

/* Adds what fits of one step; `last` becomes the last id that was looked at. */
static bool add_step(const struct change_query *query, const redisReply *rows, json *list,
                     char last[static 48], struct err *err)
{
    for (size_t i = 0; i < rows->elements && json_count(list) < query->most; i++) {
        const redisReply *row = rows->element[i], *fields = row->element[1];
        json *change = NULL;
        snprintf(last, 48, "%s", reply_text(row, 0));
        int64_t at_ms = strtoll(last, NULL, 10);
        const char *text = reply_text(fields, 1);
        if (!json_parse(text, strlen(text), &change, err))
            return err_wrap(err, "stored change %s", last);
        if (fits(query, change, at_ms)) {
            json_set_int(change, "at_ms", at_ms);
            json_add(list, change);
        } else {
            json_free(change);
        }
    }
    return true;
}

bool ledger_changes(struct ledger *ledger, const struct change_query *query, json **out,
                    struct err *err)
{
    char key[80], from[64], since[32], step[16], last[48] = "";
    OWN_JSON json *list = json_new_array();
    bool more = true;
    changes_key(ledger, key);
    snprintf(step, sizeof step, "%d", STEP);
    snprintf(since, sizeof since, "%" PRId64, query->since_ms);
    snprintf(from, sizeof from, "%s%s", query->before ? "(" : "+",
             query->before ? query->before : "");
    for (int steps = 0; more && steps < STEPS_MOST && json_count(list) < query->most; steps++) {
        OWN_REPLY redisReply *rows = NULL;
        if (!redis_commandf(ledger_redis(ledger), &rows, err, "XREVRANGE %s %s %s COUNT %s", key,
                            from, since, step) ||
            !add_step(query, rows, list, last, err))
            return err_wrap(err, "list changes");
        more = rows->elements == STEP;
        snprintf(from, sizeof from, "(%s", last);
    }
    *out = json_new_object();
    if (*last && (more || json_count(list) == query->most))
        json_set_text(*out, "next", last);
    json_set(*out, "changes", GIVE(list));
    return true;
}

/* ---- edits ---- */

static bool lock(struct ledger *ledger, const char *verb, const char *record, const char *owner,
                 bool *done, struct err *err)
{
    char lease[16];
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *key = mem_printf("ct:%s:edit:%s", ledger_environment(ledger), record);
    snprintf(lease, sizeof lease, "%d", EDIT_MS);
    const char *const argv[] = {key, verb, owner, lease};
    if (!redis_script(ledger_redis(ledger), "edit_lock", 1, COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "lock %s", record);
    *done = reply->integer == 1;
    return true;
}

bool ledger_edit_take(struct ledger *ledger, const char *record, char owner[static EDIT_OWNER],
                      bool *mine, struct err *err)
{
    random_hex((EDIT_OWNER - 1) / 2, owner);
    return lock(ledger, "take", record, owner, mine, err);
}

bool ledger_edit_give(struct ledger *ledger, const char *record, const char *owner, struct err *err)
{
    bool done;
    return lock(ledger, "give", record, owner, &done, err);
}
