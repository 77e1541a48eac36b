/* marks.c - sync times.
 *
 * A walk moves its mark with each page, so a time that a person sets beside a running walk must not
 * stand in the same field: the walk would write over it. It waits in a field of its own until the
 * next walk begins.
 */
#include "store/marks.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/room.h"

bool store_mark(struct ledger *ledger, const char *company, const char *key, struct store_mark *out,
                struct err *err)
{
    static const char *const FIELDS[] = {"at", "reset"};
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(ledger, company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return err_wrap(err, "read the watermark");
    snprintf(out->at, sizeof out->at, "%s", store_text(rows, 0, 0));
    snprintf(out->reset, sizeof out->reset, "%s", store_text(rows, 0, 1));
    return true;
}

bool store_walk_start(struct ledger *ledger, const char *company, const char *key,
                      int64_t overlap_ms, const char *first, struct write *write,
                      char from[static 32], struct err *err)
{
    struct store_mark mark;
    int64_t mark_ms;
    if (!store_mark(ledger, company, key, &mark, err))
        return false;
    if (*mark.reset) {
        write_add(write, "HSET", key, "at", mark.reset, NULL);
        write_add(write, "HDEL", key, "reset", NULL);
        snprintf(from, 32, "%s", mark.reset);
    } else if (time_parse(mark.at, &mark_ms)) {
        time_format(mark_ms - overlap_ms, false, from);
    } else {
        snprintf(from, 32, "%s", first);
    }
    return true;
}

bool store_mark_reset(struct ledger *ledger, const char *company, const char *key, const char *to,
                      const char *operation, const char *why, struct err *err)
{
    OWN_BUF struct buf prefix = {0};
    OWN_REPLY redisReply *reply = NULL;
    store_prefix(ledger, company, &prefix);
    const char *const argv[] = {buf_str(&prefix), "0", company, key, to, operation, why};
    return redis_script(ledger_redis(ledger), "reset", 1, COUNT(argv), argv, NULL, &reply, err) ||
           err_wrap(err, "reset %s", key);
}
