/* done.c - a skipped record that a person has dealt with. */
#include <stdlib.h>

#include "store/room.h"

bool store_skip_done(struct ledger *ledger, const char *company, const char *shop, const char *id,
                     bool *changed, struct err *err)
{
    OWN_TEXT char *cue = mem_printf("skips-cue:%s", shop);
    OWN_TEXT char *key = store_key(ledger, company, cue);
    OWN_REPLY redisReply *reply = NULL;
    const char *const argv[] = {"SREM", key, id};
    if (!redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "skipped record %s", id);
    *changed = reply->integer == 1;
    return true;
}
