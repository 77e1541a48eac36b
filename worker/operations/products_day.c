/* products_day.c - a store takes so many new variants a day and no more.
 *
 * What it has refused for that is left alone until the day is over: asking on would cost a call for
 * each product and end in nothing. The day is UTC's, as Shopify does not say whose it is: a first
 * call too early costs one call, one too late a few hours.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "operations/products_run.h"

static const int64_t DAY_MS = 86400000;

bool products_day_read(struct products *run, struct err *err)
{
    static const char *const FIELDS[] = {"until"};
    OWN_TEXT char *key = mem_printf("mark:new-variants:%s", run->shop->code);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, 1, &rows, err))
        return false;
    run->day_over = products_now_ms(run) < store_int(rows, 0, 0);
    return true;
}

bool products_day_over(struct products *run, const struct shopify_call *call)
{
    char until[32];
    OWN_TEXT char *key = mem_printf("mark:new-variants:%s", run->shop->code);
    if (strcmp(call->err.peer_code, "VARIANT_THROTTLE_EXCEEDED") != 0)
        return false;
    run->day_over = true;
    snprintf(until, sizeof until, "%" PRId64, (products_now_ms(run) / DAY_MS + 1) * DAY_MS);
    write_add(run->write, "HSET", key, "until", until, NULL);
    log_warn("products.day_over", TEXT("shop", run->shop->code), TEXT("why", call->err.text));
    return true;
}
