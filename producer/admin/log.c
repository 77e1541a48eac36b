/* log.c - the log of a company: what ran, what did not, and why. */
#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "ledger/log.h"

/* By id, or by the name it was applied with; an entry that is gone still has its records. */
static void entry_named(const char *company, const char *text, char out[static UUID_TEXT])
{
    unsigned char bytes[16];
    OWN_TEXT char *full = mem_printf("%s/%s", company, text);
    if (uuid_parse(text, bytes))
        uuid_format(bytes, out);
    else
        uuid_from_name(full, out);
}

static bool kind_fits(const char *kind, struct err *err)
{
    OWN_BUF struct buf words = {0};
    for (size_t i = 0; LOG_KINDS[i]; i++) {
        if (!kind || strcmp(kind, LOG_KINDS[i]) == 0)
            return true;
        buf_printf(&words, "%s%s", i ? ", " : "", LOG_KINDS[i]);
    }
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "kind \"%.40s\" is none; want one of %s",
                   kind, buf_str(&words));
}

bool log_list(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], entry[UUID_TEXT];
    const char *named = api_query(call, "entry");
    struct log_query query = {.kind = api_query(call, "kind")};
    int64_t limit;
    json *answer = NULL;
    if (!api_company_named(call, call->params[0], company, err) || !kind_fits(query.kind, err) ||
        !api_query_int(call, "since", 0, INT64_MAX, 0, &query.since_ms, err) ||
        !api_query_int(call, "before", 0, INT64_MAX, 0, &query.before, err) ||
        !api_query_int(call, "limit", 1, 200, 50, &limit, err))
        return false;
    query.most = (size_t)limit;
    query.traces = api_query_flag(call, "traces");
    if (named) {
        entry_named(company, named, entry);
        query.entry = entry;
    }
    if (!ledger_log(call->ledger, company, &query, &answer, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, answer);
}
