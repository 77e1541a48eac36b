/* entries_found.c - entries of a company by shop, status, category, operation and words. */
#include "admin/entries_found.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "admin/directory.h"

enum { LOOKS = 8, RESTING_MOST = 1000 };

struct finding {
    struct api_call *call;
    const char *company, *status;
    struct directory_query query;
    json *rows;
    int64_t next;
};

static bool full(const struct finding *finding)
{
    return json_count(finding->rows) >= finding->query.most;
}

/* Adds those of these entries that fit, as many as there is room for; `listed` by the directory. */
static bool add(struct finding *finding, const char *const ids[], size_t count, bool listed,
                struct err *err)
{
    OWN_JSON json *entries = NULL;
    const char *status = finding->status;
    if (!ledger_entries_by_id(finding->call->ledger, finding->company, ids, count, &entries, err))
        return false;
    for (size_t i = 0; i < json_count(entries) && !full(finding); i++) {
        const json *entry = json_at(entries, i);
        finding->next = json_int(entry, "no", 0);
        if ((!status || strcasecmp(status, json_text(entry, "status")) == 0) &&
            (listed || directory_fits(&finding->query, entry)))
            json_add(finding->rows, json_share(json_at(entries, i)));
    }
    return true;
}

/* Few entries rest, among however many: they have a list of their own. */
static bool add_resting(struct finding *finding, struct err *err)
{
    OWN_JSON json *resting = NULL;
    const char *ids[ENTRIES_MOST];
    if (!ledger_resting_ids(finding->call->ledger, finding->company, finding->query.after,
                            RESTING_MOST, &resting, err))
        return false;
    size_t all = json_count(resting);
    for (size_t from = 0; from < all && !full(finding); from += ENTRIES_MOST) {
        size_t count = 0;
        for (; count < ENTRIES_MOST && from + count < all; count++)
            ids[count] = json_string(json_at(resting, from + count));
        if (!add(finding, ids, count, false, err))
            return false;
    }
    if (!full(finding))
        finding->next = 0;
    return true;
}

static bool add_listed(struct finding *finding, struct err *err)
{
    struct directory_query query = finding->query;
    const char *ids[ENTRIES_MOST];
    bool more = true;
    for (int look = 0; more && !full(finding) && look < LOOKS; look++) {
        OWN_JSON json *found = NULL;
        size_t room = finding->query.most - json_count(finding->rows);
        query.most = room < ENTRIES_MOST ? room : ENTRIES_MOST;
        if (!directory_find(admin_directory(finding->call->admin), finding->call->ledger,
                            finding->company, &query, &found, err))
            return false;
        size_t count = json_count(found);
        for (size_t i = 0; i < count; i++)
            ids[i] = json_text(json_at(found, i), "id");
        if (!add(finding, ids, count, true, err))
            return false;
        more = count == query.most;
        if (count)
            query.after = json_int(json_at(found, count - 1), "no", 0);
        if (!full(finding))
            finding->next = query.after;
    }
    if (!more && !full(finding))
        finding->next = 0;
    return true;
}

bool entries_are_filtered(const struct api_call *call)
{
    static const char *const FILTERS[] = {"shop", "status", "category", "operation", "search"};
    for (size_t i = 0; i < COUNT(FILTERS); i++)
        if (api_query(call, FILTERS[i]))
            return true;
    return false;
}

static bool is_status(const char *text, struct err *err)
{
    OWN_BUF struct buf words = {0};
    for (int i = STATUS_READY; i <= STATUS_WAITING; i++) {
        const char *name = entry_status_name((enum entry_status)i);
        if (!text || strcasecmp(text, name) == 0)
            return true;
        buf_printf(&words, "%s%s", i == STATUS_READY ? "" : ", ", name);
    }
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "status \"%.40s\" is none; want one of %s",
                   text, buf_str(&words));
}

bool entries_found(struct api_call *call, const char *company, int64_t after, size_t most,
                   json **out, int64_t *next, struct err *err)
{
    OWN_JSON json *rows = json_new_array();
    struct finding finding = {
        .call = call,
        .company = company,
        .status = api_query(call, "status"),
        .query = {.shop = api_query(call, "shop"),
                  .category = api_query(call, "category"),
                  .operation = api_query(call, "operation"),
                  .search = api_query(call, "search"),
                  .after = after,
                  .most = most},
        .rows = rows
    };
    const char *status = finding.status;
    if (!is_status(status, err))
        return false;
    bool rests = status && (strcasecmp(status, "error") == 0 || strcasecmp(status, "on hold") == 0);
    if (!(rests ? add_resting(&finding, err) : add_listed(&finding, err)))
        return false;
    *out = GIVE(rows);
    *next = finding.next;
    return true;
}
