/* mappings.c - records without a partner in Business Central, mapping them by hand, and skips. */
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "admin/cues.h"
#include "admin/pages.h"
#include "admin/routes.h"
#include "ledger/commands.h"
#include "store/store.h"

enum { SKIPS_MOST = 2000 };

static bool kind_of(const char *list, enum mapping *out, struct err *err)
{
    if (mapping_parse(list, out) && strcmp(list, mapping_words(*out)) == 0)
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                   "\"%.40s\" is not products, customers or companies", list);
}

/* ---- lists ---- */

static bool read_unmapped(struct api_call *call, const char *company, const char *shop,
                          const struct list_place *after, size_t most, json **out,
                          struct list_place *next, struct err *err)
{
    enum mapping kind;
    return kind_of(call->params[0], &kind, err) &&
           store_unmapped(call->ledger, company, shop, kind, after, most, out, next, err);
}

static bool read_skips(struct api_call *call, const char *company, const char *shop,
                       const struct list_place *after, size_t most, json **out,
                       struct list_place *next, struct err *err)
{
    return store_skips(call->ledger, company, shop, after, most, out, next, err);
}

bool unmapped_list(struct api_call *call, struct err *err)
{
    static const struct paged_list LIST = {"unmapped", true, STORE_PAGE, STORE_PAGE, read_unmapped};
    enum mapping kind;
    return kind_of(call->params[0], &kind, err) && page_list(call, &LIST, err);
}

bool skips_list(struct api_call *call, struct err *err)
{
    static const struct paged_list LIST = {"skips", true, SKIPS_MOST, SKIPS_MOST, read_skips};
    return page_list(call, &LIST, err);
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

static bool settle(struct api_call *call, const char *company, const json *rows, int64_t *known,
                   int64_t *done, struct err *err)
{
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        bool changed = false;
        if (!is_asked_for(row, call->body))
            continue;
        if (!store_skip_done(call->ledger, company, json_text(row, "id"), &changed, err))
            return false;
        ++*known;
        *done += changed;
    }
    return true;
}

static bool settle_shop(struct api_call *call, const struct scope *scope, int64_t *known,
                        int64_t *done, struct err *err)
{
    struct list_place place = {0};
    do {
        OWN_JSON json *rows = NULL;
        struct list_place from = place;
        if (!store_skips(call->ledger, scope->company, scope->code, *from.id ? &from : NULL,
                         SKIPS_MOST, &rows, &place, err) ||
            !settle(call, scope->company, rows, known, done, err))
            return false;
    } while (*place.id);
    return true;
}

/* A person has booked by hand what cartage left alone. */
bool skips_done(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    const char *reason = json_text(call->body, "reason");
    const char *record = json_text(call->body, "record");
    int64_t done = 0, known = 0;
    if (!*reason == !*record)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "record or reason is missing: the order's name or id, or a reason of "
                       "`cartage skips`");
    if (!scopes_read(call, &scopes, err))
        return false;
    for (size_t i = 0; i < scopes.count; i++)
        if (*scopes.items[i].code && !settle_shop(call, &scopes.items[i], &known, &done, err))
            return false;
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
