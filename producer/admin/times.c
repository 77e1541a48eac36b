/* times.c - up to when a shop's records are read, and setting that back. */
#include <microhttpd.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/routes.h"
#include "base/clock.h"
#include "companies.h"
#include "model/operations.h"
#include "model/sync_times.h"
#include "store/marks.h"

static bool time_row(struct api_call *call, const char *company, const json *shop,
                     const struct sync_time *time, json *rows, struct err *err)
{
    struct store_mark mark;
    OWN_TEXT char *key = sync_time_key(time, json_text(shop, "store"), json_text(shop, "code"));
    if (!store_mark(call->ledger, company, key, &mark, err))
        return false;
    json *row = json_new_object();
    json_add(rows, row);
    json_set_text(row, "name", time->name);
    json_set_text(row, "operation", time->operation);
    json_set_text(row, "at", mark.at);
    json_set_text(row, "reset", mark.reset);
    return true;
}

bool times_list(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *shop = NULL, *rows = json_new_array();
    if (!api_holder(call, call->params[0], shop_read, company, &shop, err))
        return false;
    for (const struct sync_time *time = SYNC_TIMES; time->name; time++)
        if (operation_by_name(time->operation) && !time_row(call, company, shop, time, rows, err))
            return false;
    json *answer = json_new_object();
    json_set(answer, "times", GIVE(rows));
    json_set_text(answer, "history_start", json_text(shop, "order_history_start"));
    return api_answer(call, MHD_HTTP_OK, answer);
}

bool times_put(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], to[32];
    const struct sync_time *time;
    int64_t to_ms;
    OWN_JSON json *shop = NULL;
    const char *text = json_text(call->body, "to");
    if (!sync_time_named(call->params[1], &time, err) ||
        !api_holder(call, call->params[0], shop_read, company, &shop, err))
        return false;
    if (!time_parse(text, &to_ms) || to_ms > clock_now_ms(call->config->clock))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "to: want a time that has passed, like 2027-01-31T06:00:00Z");
    time_format(to_ms, false, to);
    const char *code = json_text(shop, "code");
    OWN_TEXT char *key = sync_time_key(time, json_text(shop, "store"), code);
    OWN_TEXT char *why = mem_printf("shop %s: the next %s reads what has changed since %s", code,
                                    time->operation, to);
    return store_mark_reset(call->ledger, company, key, to, time->operation, why, err) &&
           api_changed(call, "changed", time->name);
}
