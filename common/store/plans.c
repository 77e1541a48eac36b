/* plans.c - see plans.h. */
#include "store/plans.h"

#include <string.h>

#include "store/room.h"

bool store_plan(struct ledger *ledger, const char *company, const char *entry, json **out,
                struct err *err)
{
    static const char *const FIELDS[] = {"plan", "run", "at", "brakes"};
    OWN_TEXT char *key = mem_printf("brake:%s", entry);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    json *brakes = NULL;
    *out = NULL;
    if (!store_read(ledger, company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    const char *text = store_text(rows, 0, 3);
    if (!*store_text(rows, 0, 0))
        return true;
    if (!json_parse(text, strlen(text), &brakes, err))
        return err_wrap(err, "plan of entry %s", entry);
    *out = json_new_object();
    json_set_text(*out, "plan", store_text(rows, 0, 0));
    json_set_int(*out, "run", store_int(rows, 0, 1));
    json_set_int(*out, "at", store_int(rows, 0, 2));
    json_set(*out, "brakes", brakes);
    return true;
}

bool store_plan_approve(struct ledger *ledger, const char *company, const char *entry,
                        const char *plan, struct err *err)
{
    OWN_BUF struct buf prefix = {0};
    OWN_REPLY redisReply *reply = NULL;
    store_prefix(ledger, company, &prefix);
    const char *const argv[] = {buf_str(&prefix), "0", company, entry, plan};
    if (!redis_script(ledger_redis(ledger), "approve", 1, COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "approve a plan");
    if (strcmp(reply->str, "none") == 0)
        return err_set(err, ERR_FATAL, 404, "no plan waits for approval");
    if (strcmp(reply->str, "other") == 0)
        return err_set(err, ERR_FATAL, 409, "it is another plan by now; look at it first");
    return true;
}
