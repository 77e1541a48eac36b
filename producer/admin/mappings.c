/* mappings.c - records without a partner in Business Central, mapping them by hand, and skips. */
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "admin/routes.h"
#include "ledger/commands.h"
#include "store/store.h"

enum { SKIPS_MOST = 2000 };

static bool kind_of(const char *list, enum mapping *out, struct err *err)
{
    char word[32];
    size_t size = strlen(list);
    snprintf(word, sizeof word, "%.*s", size && size < sizeof word ? (int)size - 1 : 0, list);
    if (size && list[size - 1] == 's' && mapping_parse(word, out))
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND, "\"%.40s\" is not products or customers",
                   list);
}

/* ---- lists over shops ---- */

typedef bool (*shop_lister)(struct api_call *call, const char *company, const char *shop,
                            json **out, struct err *err);

static bool list_shops(struct api_call *call, const char *company, shop_lister read, json *rows,
                       struct err *err)
{
    OWN_JSON json *all = NULL;
    const char *wanted = api_query(call, "shop"), *field;
    json *settings;
    if (!ledger_settings_all(call->ledger, company, &all, err))
        return false;
    JSON_EACH(field, settings, all)
    {
        OWN_JSON json *part = NULL;
        if (strncmp(field, "shop:", 5) != 0 || (wanted && strcasecmp(field + 5, wanted) != 0))
            continue;
        if (!read(call, company, field + 5, &part, err))
            return false;
        api_add_rows(rows, part, company);
    }
    return true;
}

static bool list(struct api_call *call, const char *name, shop_lister read, struct err *err)
{
    OWN_JSON json *companies = NULL, *rows = json_new_array();
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        if (!list_shops(call, json_string(json_at(companies, i)), read, rows, err))
            return false;
    json *answer = json_new_object();
    json_set(answer, name, GIVE(rows));
    return api_answer(call, MHD_HTTP_OK, answer);
}

static bool read_unmapped(struct api_call *call, const char *company, const char *shop, json **out,
                          struct err *err)
{
    enum mapping kind;
    int64_t limit;
    return kind_of(call->params[0], &kind, err) &&
           api_query_int(call, "limit", 1, STORE_PAGE, STORE_PAGE, &limit, err) &&
           store_unmapped(call->ledger, company, shop, kind, (size_t)limit, out, err);
}

static bool read_skips(struct api_call *call, const char *company, const char *shop, json **out,
                       struct err *err)
{
    int64_t limit;
    return api_query_int(call, "limit", 1, SKIPS_MOST, SKIPS_MOST, &limit, err) &&
           store_skips(call->ledger, company, shop, (size_t)limit, out, err);
}

bool unmapped_list(struct api_call *call, struct err *err)
{
    enum mapping kind;
    return kind_of(call->params[0], &kind, err) && list(call, "unmapped", read_unmapped, err);
}

bool skips_list(struct api_call *call, struct err *err)
{
    return list(call, "skips", read_skips, err);
}

static bool is_asked_for(const json *row, const json *body)
{
    const char *reason = json_text(body, "reason"), *record = json_text(body, "record");
    const char *class = json_text(row, "class");
    if (strcmp(class, "unsupported") != 0 && strcmp(class, "posting") != 0 &&
        strncmp(json_text(row, "id"), "refund:", 7) != 0)
        return false;
    if (*reason)
        return strcmp(json_text(row, "reason"), reason) == 0;
    return strcmp(json_text(row, "id"), record) == 0 ||
           strcmp(json_text(row, "record"), record) == 0;
}

/* A person has booked by hand what cartage left alone. */
bool skips_done(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *rows = json_new_array();
    const char *reason = json_text(call->body, "reason");
    const char *record = json_text(call->body, "record");
    int64_t done = 0, known = 0;
    if (!*reason == !*record)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "record or reason is missing: the order's name or id, or a reason of "
                       "`cartage skips`");
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        if (!list_shops(call, json_string(json_at(companies, i)), read_skips, rows, err))
            return false;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        bool changed = false;
        if (!is_asked_for(row, call->body))
            continue;
        if (!store_skip_done(call->ledger, json_text(row, "company"), json_text(row, "id"),
                             &changed, err))
            return false;
        known++;
        done += changed;
    }
    if (!known)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "no skipped record \"%.40s\" waits for a person; `cartage skips` lists them",
                       *reason ? reason : record);
    json *answer = json_new_object();
    json_set_int(answer, "done", done);
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* ---- mapping ---- */

bool mappings_put(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    enum mapping kind;
    bool changed = false;
    const char *number = json_text(call->body, "number");
    if (!kind_of(call->params[0], &kind, err) || !api_company(call, company, err))
        return false;
    if (!*number)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "number is missing: the record's number in Business Central, as text");
    if (!store_map(call->ledger, company, kind, call->params[1], number, &changed, err))
        return false;
    return api_changed(call, changed ? "changed" : "unchanged", call->params[1]);
}

bool mappings_delete(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    enum mapping kind;
    bool changed = false;
    if (!kind_of(call->params[0], &kind, err) || !api_company(call, company, err) ||
        !store_unmap(call->ledger, company, kind, call->params[1], &changed, err))
        return false;
    return api_changed(call, changed ? "changed" : "unchanged", call->params[1]);
}
