/* products_sent.c - products whose mutation may still take effect, though nobody waits for it.
 *
 * Shopify knows no key for these mutations, and may carry one out a minute after its answer was
 * given up: it would then put back what a later one has changed. So each is noted before it is
 * sent, until when that can happen (late_s), and the note goes with the answer. Until then nothing
 * is sent of that item, by whichever run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "operations/products_run.h"

enum { MOST = 10000 };

static char *key_of(const struct products *run)
{
    return mem_printf("products-sent:%s", run->shop->code);
}

bool sent_read(struct products *run, struct err *err)
{
    OWN_TEXT char *key = key_of(run);
    return store_zset_between(run->attempt->ledger, run->company, key, products_now_ms(run),
                              INT64_MAX, MOST, &run->unsure, err);
}

bool sent_waits(const struct products *run, const char *item)
{
    for (size_t i = 0; i < run->unsure.count; i++)
        if (strcmp(run->unsure.items[i], item) == 0)
            return true;
    return false;
}

void sent_note(struct products *run, const char *item)
{
    char now[32], until[32];
    OWN_TEXT char *key = key_of(run);
    int64_t now_ms = products_now_ms(run);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    snprintf(until, sizeof until, "%" PRId64, now_ms + run->shop->late_s * 1000);
    if (!run->swept)
        write_add(run->write, "ZREMRANGEBYSCORE", key, "-inf", now, NULL);
    run->swept = true;
    write_add(run->write, "ZADD", key, until, item, NULL);
}

void sent_answered(struct products *run, const char *item, const struct shopify_call *call)
{
    OWN_TEXT char *key = key_of(run);
    if (call->err.kind != ERR_UNCERTAIN && call->err.kind != ERR_CANCELLED)
        write_add(run->write, "ZREM", key, item, NULL);
}
