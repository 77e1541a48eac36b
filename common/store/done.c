/* done.c - a skipped record that a person has dealt with. */
#include <string.h>

#include "store/room.h"

bool store_skip_done(struct ledger *ledger, const char *company, const char *id, bool *changed,
                     struct err *err)
{
    OWN_BUF struct buf prefix = {0};
    OWN_REPLY redisReply *reply = NULL;
    store_prefix(ledger, company, &prefix);
    const char *const argv[] = {buf_str(&prefix), "0", company, id};
    if (!redis_script(ledger_redis(ledger), "done", 1, COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "skipped record %s", id);
    *changed = strcmp(reply->str, "changed") == 0;
    return true;
}
