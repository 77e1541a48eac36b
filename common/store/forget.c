/* forget.c - skips that nobody has to do anything about, and how long they stay. */
#include "store/forget.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/reasons.h"
#include "store/room.h"

enum { LISTS_MOST = 48 };

static const char *const RECORDS[] = {"order", "refund", "posting", "shipment", "item", "customer"};
static const struct {
    enum reason_class class;
    const char *record;
} QUIET[] = {
    {CLASS_QUIET,          "order"   },
    {CLASS_SHIPMENT_QUIET, "shipment"},
    {CLASS_ITEM_QUIET,     "item"    },
    {CLASS_CUSTOMER_QUIET, "customer"},
};

char *skips_of(const char *shop, const char *record, const char *code)
{
    return mem_printf("skips-of:%s:%s/%s", shop, record, code);
}

/* Of records that need nobody, and of whatever a person has dealt with. */
static size_t quiet_lists(const char *shop, char *lists[static LISTS_MOST])
{
    size_t count = 0;
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        const struct reason_row *row = reason_row((enum reason)i);
        for (size_t k = 0; k < COUNT(QUIET); k++)
            if (row->class == QUIET[k].class)
                lists[count++] = skips_of(shop, QUIET[k].record, row->code);
        assert(count < LISTS_MOST - COUNT(RECORDS));
    }
    for (size_t i = 0; i < COUNT(RECORDS); i++)
        lists[count++] = skips_of(shop, RECORDS[i], "done");
    return count;
}

bool store_forget(struct ledger *ledger, const char *company, const char *shop, int64_t days,
                  int64_t *gone, struct err *err)
{
    const char *argv[LISTS_MOST + 4];
    char *lists[LISTS_MOST], days_text[24], now_text[24];
    int64_t now_ms; /* counts in a simulation only */
    OWN_BUF struct buf prefix = {0};
    OWN_REPLY redisReply *reply = NULL;
    if (!ledger_now(ledger, &now_ms, err))
        return false;
    size_t count = quiet_lists(shop, lists);
    snprintf(now_text, sizeof now_text, "%" PRId64, now_ms);
    store_prefix(ledger, company, &prefix);
    snprintf(days_text, sizeof days_text, "%" PRId64, days);
    argv[0] = buf_str(&prefix);
    argv[1] = now_text;
    argv[2] = company;
    argv[3] = days_text;
    for (size_t i = 0; i < count; i++)
        argv[i + 4] = lists[i];
    bool good =
        redis_script(ledger_redis(ledger), "forget", 1, (int)count + 4, argv, NULL, &reply, err);
    for (size_t i = 0; i < count; i++)
        free(lists[i]);
    if (!good)
        return err_wrap(err, "forget old skips of shop %s", shop);
    *gone = reply->integer;
    return true;
}
