/* stores.c - the budget of each Shopify store: what is left of it, and what the last hour has used.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "admin/routes.h"
#include "ledger/commands.h"
#include "limiter/limiter.h"

/* Several shops share the budget of their store and app. */
static bool is_listed(const json *rows, const char *store, const char *app)
{
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "store"), store) == 0 &&
            strcmp(json_text(json_at(rows, i), "app"), app) == 0)
            return true;
    return false;
}

/* `available` comes back while nobody asks for it. */
static double available_now(const struct points_view *view, int64_t now_ms)
{
    double passed = now_ms > view->updated_ms ? (double)(now_ms - view->updated_ms) / 1000 : 0;
    double available = view->available + view->rate * passed;
    return available < view->maximum ? available : view->maximum;
}

static bool add_store(struct api_call *call, struct limiter *limiter, const char *store,
                      const char *app, json *rows, struct err *err)
{
    struct points_view view;
    OWN_TEXT char *bucket = mem_printf("%s/%s", store, app);
    if (!limiter_points_look(limiter, bucket, &view, err))
        return false;
    if (!view.updated_ms) /* nobody has asked this store for a day */
        return true;
    json *row = json_new_object(), *minutes = json_new_array();
    for (size_t i = 0; i < LIMITER_MINUTES; i++)
        json_add_int(minutes, view.used[i]);
    json_set_text(row, "store", store);
    json_set_text(row, "app", app);
    json_set_int(row, "available",
                 (int64_t)available_now(&view, clock_now_ms(call->config->clock)));
    json_set_int(row, "maximum", (int64_t)view.maximum);
    json_set_int(row, "rate", (int64_t)view.rate);
    json_set_int(row, "waiting", view.waiting);
    json_set_int(row, "throttled", view.throttled);
    json_set(row, "minutes", minutes);
    json_add(rows, row);
    return true;
}

static bool add_company(struct api_call *call, struct limiter *limiter, const char *company,
                        const json *credentials, json *rows, struct err *err)
{
    OWN_JSON json *all = NULL;
    const char *field, *wanted = api_query(call, "shop");
    json *shop;
    if (!ledger_settings_all(call->ledger, company, &all, err))
        return false;
    JSON_EACH(field, shop, all)
    {
        const char *store = json_text(shop, "store");
        const char *app =
            json_text(json_get(credentials, json_text(shop, "credential")), "client_id");
        if (strncmp(field, "shop:", 5) != 0 || (wanted && strcmp(field + 5, wanted) != 0) ||
            is_listed(rows, store, app))
            continue;
        if (!add_store(call, limiter, store, app, rows, err))
            return false;
    }
    return true;
}

bool stores_list(struct api_call *call, struct err *err)
{
    OWN(limiter) struct limiter *limiter = limiter_new(call->ledger, "api");
    OWN_JSON json *companies = NULL, *credentials = NULL, *rows = json_new_array();
    if (!ledger_credentials(call->ledger, &credentials, err) ||
        !api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        if (!add_company(call, limiter, json_string(json_at(companies, i)), credentials, rows, err))
            return false;
    json *answer = json_new_object();
    json_set(answer, "stores", GIVE(rows));
    return api_answer(call, MHD_HTTP_OK, answer);
}
