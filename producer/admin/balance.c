/* balance.c - the daily balance and the disputes of a shop. */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "admin/routes.h"
#include "calendar/days.h"
#include "calendar/zone.h"
#include "ledger/commands.h"
#include "model/settings.h"
#include "store/balance.h"

enum { MOST_DAYS = 92, MOST_DISPUTES = STORE_PAGE };

static bool read_day(const char *name, const char *text, int64_t *days, struct err *err)
{
    int year, month, day, used = 0;
    if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
        sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used != 10 || month < 1 ||
        month > 12 || day < 1 || day > month_days(year, month))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "%s: want a day like 2027-01-31, not \"%.40s\"", name, text);
    *days = days_of(year, month, day);
    return true;
}

struct scope { /* whose books, and in which zone its days begin */
    char company[UUID_TEXT], shop[24], store[80];
    bool shown; /* documents are in the currency that customers pay in */
    struct zone *zone;
};
static void scope_drop(struct scope *scope)
{
    zone_free(scope->zone);
}
#define OWN_SCOPE __attribute__((cleanup(scope_drop)))

/* The shop that is named, or the only one that the company has. */
static const json *shop_of(const json *settings, const char *wanted, const char **code)
{
    const char *field;
    json *child;
    const json *found = NULL;
    JSON_EACH(field, child, settings)
    {
        if (strncmp(field, "shop:", 5) != 0 || (*wanted && strcmp(field + 5, wanted) != 0))
            continue;
        if (found)
            return NULL;
        found = child;
        *code = field + 5;
    }
    return found;
}

static bool scope_open(struct api_call *call, struct scope *out, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *asked = api_query(call, "shop"), *code = "";
    char wanted[24] = "";
    if (asked && !settings_shop_code(asked, wanted, err))
        return false;
    if (!api_company(call, out->company, err) ||
        !ledger_settings_all(call->ledger, out->company, &settings, err))
        return false;
    const json *shop = shop_of(settings, wanted, &code);
    if (!shop && *wanted)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "there is no shop %s; `cartage shop list` shows the shops", wanted);
    if (!shop)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "shop: the company has several, or none; name one");
    const char *store = json_text(shop, "store");
    const char *zone = json_text(json_get(settings, "company"), "time_zone");
    snprintf(out->shop, sizeof out->shop, "%s", code);
    out->shown = strcmp(json_text(shop, "currency_handling"), "presentment") == 0;
    snprintf(out->store, sizeof out->store, "%.*s", (int)strcspn(store, "."), store);
    return !*zone || strcmp(zone, "UTC") == 0 || zone_open(zone, &out->zone, err);
}

/* ?day= or ?from=&to=, both included; else yesterday, where the company is. */
static bool days_asked(struct api_call *call, const struct zone *zone, int64_t *from, int64_t *to,
                       struct err *err)
{
    const char *day = api_query(call, "day");
    const char *first = api_query(call, "from"), *last = api_query(call, "to");
    if (day && (first || last))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "day: give it, or from and to");
    *from = floor_div(zone_local(zone, clock_now_ms(call->config->clock)), DAY_MS) - 1;
    if ((day && !read_day("day", day, from, err)) || (first && !read_day("from", first, from, err)))
        return false;
    *to = *from;
    if (last && !read_day("to", last, to, err))
        return false;
    if (*to < *from || *to - *from >= MOST_DAYS)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "to: want a day that is not before from, and at most %d days in all",
                       MOST_DAYS);
    return true;
}

static void set_day(json *object, const char *name, int64_t days)
{
    char text[40];
    struct date date = days_date(days);
    snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    json_set_text(object, name, text);
}

bool balance_get(struct api_call *call, struct err *err)
{
    OWN_SCOPE struct scope scope = {.zone = NULL};
    int64_t from, to;
    json *balance = NULL;
    if (!scope_open(call, &scope, err) || !days_asked(call, scope.zone, &from, &to, err))
        return false;
    const struct balance_ask ask = {
        .company = scope.company,
        .shop = scope.shop,
        .store = scope.store,
        .from_ms = zone_utc(scope.zone, from * DAY_MS),
        .to_ms = zone_utc(scope.zone, (to + 1) * DAY_MS),
        .shown = scope.shown,
        .lines = api_query_flag(call, "lines"),
    };
    if (!store_balance(call->ledger, &ask, &balance, err))
        return false;
    json_set_text(balance, "shop", scope.shop);
    set_day(balance, "from", from);
    set_day(balance, "to", to);
    return api_answer(call, MHD_HTTP_OK, balance);
}

bool disputes_list(struct api_call *call, struct err *err)
{
    OWN_SCOPE struct scope scope = {.zone = NULL};
    bool open = api_query_flag(call, "open");
    json *rows = NULL;
    int64_t limit;
    if (!api_query_int(call, "limit", 1, MOST_DISPUTES, 200, &limit, err) ||
        !scope_open(call, &scope, err) ||
        !store_disputes(call->ledger, scope.company, scope.store, open,
                        clock_now_ms(call->config->clock), (size_t)limit, &rows, err))
        return false;
    json *answer = json_new_object();
    json_set(answer, "disputes", rows);
    return api_answer(call, MHD_HTTP_OK, answer);
}
