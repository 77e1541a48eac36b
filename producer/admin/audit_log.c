/* audit_log.c - who changed what, when and from where. */
#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "ledger/changes.h"

/* An id of the stream: milliseconds, a dash, a number. */
static bool page_fits(const char *after, struct err *err)
{
    static const char DIGITS[] = "0123456789";
    size_t ms = after ? strspn(after, DIGITS) : 0;
    size_t number = ms && after[ms] == '-' ? strspn(after + ms + 1, DIGITS) : 0;
    if (!after || (ms <= 18 && number && number <= 18 && !after[ms + 1 + number]))
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                   "after: \"%.40s\" is not the `next` of a page", after);
}

bool audit_list(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    const char *named = api_query(call, "company");
    struct change_query query = {.before = api_query(call, "after"),
                                 .who = api_query(call, "who"),
                                 .record = api_query(call, "record"),
                                 .route = api_query(call, "route")};
    int64_t limit;
    json *answer = NULL;
    if (!page_fits(query.before, err) || !api_query_int(call, "limit", 1, 200, 50, &limit, err) ||
        !api_query_int(call, "since", 0, INT64_MAX, 0, &query.since_ms, err) ||
        !api_query_int(call, "until", 0, INT64_MAX, 0, &query.until_ms, err) ||
        (named && !api_company_named(call, named, company, err)))
        return false;
    query.company = named ? company : NULL;
    query.most = (size_t)limit;
    if (!ledger_changes(call->ledger, &query, &answer, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, answer);
}
