/* audit.c - which keys there are, and which of them the script looks at. */
#include "ledger/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

enum { KEYS_A_LOOK = 1000, BUCKETS_MOST = 256, TURN_MS = 60000 };

struct ids { /* entries of one bucket that wait for their check */
    char texts[AUDIT_A_STEP][UUID_TEXT];
    size_t count;
};

struct audit {
    struct ids *waiting[BUCKETS_MOST];
    redisReply *keys; /* the latest look */
    size_t at;        /* among its keys */
    char cursor[32];
    bool began;
    /* an index that is being read */
    char index[160];
    int bucket;
    int64_t from;
};

struct audit *audit_new(void)
{
    struct audit *audit = mem_new(sizeof *audit);
    strcpy(audit->cursor, "0");
    return audit;
}

void audit_free(struct audit *audit)
{
    if (!audit)
        return;
    for (size_t i = 0; i < COUNT(audit->waiting); i++)
        free(audit->waiting[i]);
    if (audit->keys)
        freeReplyObject(audit->keys);
    free(audit);
}

/* ---- the script ---- */

static bool call_audit(struct ledger *ledger, struct call *call, struct audit_step *step,
                       struct tickets *granted, int64_t *on, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!call_run(ledger, "audit", call, &reply, err))
        return false;
    const redisReply *found = reply->element[2];
    call_tickets(ledger, reply->element[0], granted);
    *on = reply_number(reply, 1);
    for (size_t i = 0; i + 1 < found->elements && step->count < COUNT(step->found); i += 2) {
        struct anomaly *anomaly = &step->found[step->count++];
        snprintf(anomaly->entry, sizeof anomaly->entry, "%s", reply_text(found, i));
        snprintf(anomaly->what, sizeof anomaly->what, "%s", reply_text(found, i + 1));
    }
    return true;
}

static bool check_entries(struct audit *audit, struct ledger *ledger, int bucket,
                          struct audit_step *step, struct tickets *granted, struct err *err)
{
    OWN_CALL struct call call;
    struct ids *ids = audit->waiting[bucket];
    int64_t on;
    call_begin(&call, ledger, bucket);
    call_number(&call, ledger_lease_ms(ledger));
    call_text(&call, "entries");
    for (size_t i = 0; i < ids->count; i++)
        call_text(&call, ids->texts[i]);
    if (!call_audit(ledger, &call, step, granted, &on, err))
        return false;
    step->entries += ids->count;
    ids->count = 0;
    return true;
}

static bool check_index(struct audit *audit, struct ledger *ledger, struct audit_step *step,
                        struct tickets *granted, struct err *err)
{
    OWN_CALL struct call call;
    call_begin(&call, ledger, audit->bucket);
    call_number(&call, ledger_lease_ms(ledger));
    call_text(&call, "index");
    call_text(&call, audit->index);
    call_number(&call, audit->from);
    if (!call_audit(ledger, &call, step, granted, &audit->from, err))
        return false;
    if (!audit->from)
        *audit->index = 0;
    return true;
}

/* ---- keys ---- */

static void remember_entry(struct audit *audit, int bucket, const char *id)
{
    if (!audit->waiting[bucket])
        audit->waiting[bucket] = mem_new(sizeof **audit->waiting);
    struct ids *ids = audit->waiting[bucket];
    snprintf(ids->texts[ids->count++], UUID_TEXT, "%s", id);
}

/* An entry waits for its check; an index is read next; whatever else there is, is not of the queue.
 */
static void take_key(struct audit *audit, const struct ledger *ledger, const char *key)
{
    static const char *const WHOLE[] = {"due", "open", "run"};
    static const char *const PARTS[] = {"wait:", "rest:", "permit:", "list:"};
    char prefix[80];
    unsigned bucket;
    ledger_prefix(ledger, 0, prefix);
    size_t before = strcspn(prefix, "/") + 1; /* ct:{env/ */
    if (strlen(key) < before + 4 || sscanf(key + before, "%2x", &bucket) != 1 ||
        bucket >= BUCKETS_MOST || strncmp(key + before + 2, "}:", 2) != 0)
        return;
    const char *name = key + before + 4;
    if (strncmp(name, "e:", 2) == 0) {
        remember_entry(audit, (int)bucket, name + 2);
        return;
    }
    bool known = false;
    for (size_t i = 0; i < COUNT(WHOLE); i++)
        known |= strcmp(WHOLE[i], name) == 0;
    for (size_t i = 0; i < COUNT(PARTS); i++)
        known |= strncmp(PARTS[i], name, strlen(PARTS[i])) == 0;
    if (!known || strlen(name) >= sizeof audit->index)
        return;
    snprintf(audit->index, sizeof audit->index, "%s", name);
    audit->bucket = (int)bucket;
    audit->from = 0;
}

static bool look(struct audit *audit, struct ledger *ledger, struct err *err)
{
    redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "SCAN %s MATCH ct:{%s/*}:* COUNT %d",
                        audit->cursor, ledger_environment(ledger), KEYS_A_LOOK))
        return err_wrap(err, "look for keys");
    if (audit->keys)
        freeReplyObject(audit->keys);
    audit->keys = reply;
    audit->at = 0;
    audit->began = true;
    snprintf(audit->cursor, sizeof audit->cursor, "%s", reply_text(reply, 0));
    return true;
}

/* A bucket whose entries fill a call; at the end of the walk, any that has some. -1 = none. */
static int full_bucket(const struct audit *audit, bool ending)
{
    for (int i = 0; i < BUCKETS_MOST; i++)
        if (audit->waiting[i] && audit->waiting[i]->count >= (ending ? 1 : AUDIT_A_STEP))
            return i;
    return -1;
}

bool audit_next(struct audit *audit, struct ledger *ledger, struct audit_step *step,
                struct tickets *granted, struct err *err)
{
    step->done = false;
    step->entries = step->count = 0;
    while (!*audit->index && full_bucket(audit, false) < 0 && audit->keys &&
           audit->at < audit->keys->element[1]->elements)
        take_key(audit, ledger, reply_text(audit->keys->element[1], audit->at++));
    bool read = !audit->keys || audit->at == audit->keys->element[1]->elements;
    bool ending = audit->began && read && strcmp(audit->cursor, "0") == 0;
    int bucket = full_bucket(audit, ending && !*audit->index);

    if (*audit->index)
        return check_index(audit, ledger, step, granted, err);
    if (bucket >= 0)
        return check_entries(audit, ledger, bucket, step, granted, err);
    step->done = ending;
    return ending || look(audit, ledger, err);
}

/* ---- turns ---- */

static void turn_key(const struct ledger *ledger, char out[static 64])
{
    snprintf(out, 64, "ct:%s:audit", ledger_environment(ledger));
}

bool audit_turn(struct ledger *ledger, const char *producer, bool at_once, bool *mine, bool *busy,
                struct err *err)
{
    char key[64];
    OWN_REPLY redisReply *taken = NULL, *who = NULL;
    turn_key(ledger, key);
    if (!redis_commandf(ledger_redis(ledger), &taken, err, "SET %s %s NX PX %d", key, producer,
                        TURN_MS))
        return false;
    *mine = taken->type == REDIS_REPLY_STATUS;
    *busy = false;
    if (*mine)
        return true;
    if (!redis_commandf(ledger_redis(ledger), &who, err, "GET %s", key))
        return false;
    *busy = who->type == REDIS_REPLY_STRING && strcmp(who->str, "done") != 0;
    *mine = !*busy && at_once;
    return !*mine || audit_keep(ledger, producer, err);
}

bool audit_keep(struct ledger *ledger, const char *producer, struct err *err)
{
    char key[64];
    OWN_REPLY redisReply *reply = NULL;
    turn_key(ledger, key);
    return redis_commandf(ledger_redis(ledger), &reply, err, "SET %s %s PX %d", key, producer,
                          TURN_MS);
}

bool audit_over(struct ledger *ledger, int64_t period_ms, struct err *err)
{
    char key[64];
    OWN_REPLY redisReply *reply = NULL;
    turn_key(ledger, key);
    return redis_commandf(ledger_redis(ledger), &reply, err, "SET %s done PX %" PRId64, key,
                          period_ms);
}
