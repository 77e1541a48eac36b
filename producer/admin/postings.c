/* postings.c - posted documents, what a run would post, and orders that a person names for posting.
 */
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "admin/pages.h"
#include "admin/routes.h"
#include "ledger/commands.h"
#include "ledger/wake.h"
#include "store/postings.h"

enum { MOST_ROWS = 2000, MOST_ORDERS = 200 };

static bool read_postings(struct api_call *call, const char *company, const char *shop,
                          const struct list_place *after, size_t most, json **out,
                          struct list_place *next, struct err *err)
{
    const struct posting_query query = {.shop = api_query(call, "shop"),
                                        .state = api_query(call, "state"),
                                        .text = api_query(call, "q"),
                                        .after = after,
                                        .most = most};
    (void)shop;
    return store_postings(call->ledger, company, &query, out, next, err);
}

bool postings_list(struct api_call *call, struct err *err)
{
    static const struct paged_list LIST = {"postings", false, MOST_ROWS, 200, read_postings};
    return page_list(call, &LIST, err);
}

bool runs_preview(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *run = NULL;
    json *preview = NULL;
    if (!api_holder(call, call->params[0], ledger_run, company, &run, err) ||
        !store_posting_preview(call->ledger, company, json_text(run, "task"), &preview, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, preview);
}

/* ---- orders that a person names ---- */

static bool mark_one(struct api_call *call, const char *company, const json *settings,
                     const char *text, json *marked, struct err *err)
{
    const char *wanted = api_query(call, "shop"), *field;
    json *shop;
    size_t before = json_count(marked);
    if (!*text)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "orders: each is a text, a name, an id or a document's number");
    JSON_EACH(field, shop, settings)
    {
        if (strncmp(field, "shop:", 5) != 0 || (wanted && strcasecmp(field + 5, wanted) != 0))
            continue;
        if (!store_post_mark(call->ledger, company, field + 5, text, marked, err))
            return false;
    }
    return json_count(marked) > before ||
           err_set(
               err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
               "order %.60s is not ready to be posted: it has no document yet, its totals "
               "differ, a change of it is open, or it is posted; `cartage post list '%.60s'` and "
               "`cartage cues` say which",
               text, text);
}

bool postings_wake(struct api_call *call, const char *company, int64_t *woken, struct err *err)
{
    static const char *const OPERATIONS_THAT_POST[] = {"sales-orders.post", "sales-invoices.post"};
    const struct wake_cause cause = {0};
    for (size_t i = 0; i < COUNT(OPERATIONS_THAT_POST); i++) {
        OWN_JSON json *entries = NULL;
        if (!ledger_entries_of(call->ledger, company, OPERATIONS_THAT_POST[i], &entries, err))
            return false;
        for (size_t k = 0; k < json_count(entries); k++) {
            const char *const id[] = {json_text(json_at(entries, k), "id")};
            enum wake answer;
            if (!ledger_wakes(call->ledger, company, id, 1, &cause, &answer, &call->granted, err))
                return false;
            *woken += !wake_is_refusal(answer);
        }
    }
    return true;
}

bool postings_mark(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    const json *orders = json_get(call->body, "orders");
    OWN_JSON json *settings = NULL, *marked = json_new_array();
    int64_t woken = 0;
    if (!json_is_array(orders) || json_count(orders) == 0 || json_count(orders) > MOST_ORDERS)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "orders: want a list of 1 to %d names, ids or document numbers",
                       MOST_ORDERS);
    if (!api_company(call, company, err) ||
        !ledger_settings_all(call->ledger, company, &settings, err))
        return false;
    for (size_t i = 0; i < json_count(orders); i++)
        if (!mark_one(call, company, settings, json_string(json_at(orders, i)), marked, err))
            return false;
    if (!postings_wake(call, company, &woken, err))
        return false;
    call->config->kick(call->config->state);
    json *answer = json_new_object();
    json_set(answer, "marked", GIVE(marked));
    json_set_int(answer, "woken", woken);
    return api_answer(call, MHD_HTTP_OK, answer);
}
