/* runs.c - runs: lists, one run, waiting for its next change, cancel, why. */
#include "admin/runs.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/routes.h"
#include "admin/why.h"
#include "ledger/commands.h"

enum { LOOK_MS = 200 }; /* between two looks at a run that somebody waits for */

bool run_ended(const json *run)
{
    return strcmp(json_text(run, "state"), "finished") == 0;
}

bool run_read(struct ledger *ledger, const char *company, const char *run, json **out,
              struct err *err)
{
    char version[17];
    if (!ledger_run(ledger, company, run, out, err))
        return false;
    const char *text = json_write(*out);
    digest_hex(text, strlen(text), 8, version);
    json_set_text(*out, "version", version);
    return true;
}

bool runs_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    int64_t wait_s;
    json *run = NULL;
    if (!api_query_int(call, "wait", 0, 60, 0, &wait_s, err) ||
        !api_holder(call, call->params[0], run_read, company, &run, err))
        return false;
    const char *since = api_query(call, "since");
    int64_t end_ms = clock_mono_ms(call->config->clock) + wait_s * 1000;
    while (since && strcmp(json_text(run, "version"), since) == 0 && !run_ended(run) &&
           clock_mono_ms(call->config->clock) < end_ms && admin_pause(call->admin, LOOK_MS)) {
        json_free(GIVE(run));
        if (!run_read(call->ledger, company, call->params[0], &run, err))
            return false;
    }
    return api_answer(call, MHD_HTTP_OK, run);
}

/* Newest first over several companies; one that has not started yet is the newest. */
static int newer_first(const void *a, const void *b)
{
    int64_t left = json_int(*(json *const *)a, "started_ms", 0);
    int64_t right = json_int(*(json *const *)b, "started_ms", 0);
    left = left ? left : INT64_MAX;
    right = right ? right : INT64_MAX;
    return left < right ? 1 : left > right ? -1 : 0;
}

/* The newest `most` of what the companies' lists hold. */
static json *newest(const json *pages, size_t most)
{
    json *out = json_new_array();
    size_t count = 0, used = 0;
    for (size_t i = 0; i < json_count(pages); i++)
        count += json_count(json_at(pages, i));
    json **rows = mem_array(count + 1, sizeof(json *));
    for (size_t i = 0; i < json_count(pages); i++)
        for (size_t k = 0; k < json_count(json_at(pages, i)); k++)
            rows[used++] = json_at(json_at(pages, i), k);
    if (json_count(pages) > 1) /* one company's list is in order */
        qsort(rows, used, sizeof *rows, newer_first);
    for (size_t i = 0; i < used && i < most; i++)
        json_add(out, json_share(rows[i]));
    free(rows);
    return out;
}

bool runs_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *pages = json_new_array();
    struct runs_query query = {.open = api_query_flag(call, "open")};
    int64_t limit;
    if (!api_query_int(call, "before", 0, INT64_MAX, 0, &query.before, err) ||
        !api_query_int(call, "limit", 1, 200, 50, &limit, err) ||
        !api_companies(call, &companies, err))
        return false;
    size_t count = json_count(companies);
    query.most = (size_t)limit;
    if (count != 1 && query.before)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "before goes with one company; add company=NAME");
    for (size_t i = 0; i < count; i++) {
        json *page = NULL;
        if (!ledger_runs(call->ledger, json_string(json_at(companies, i)), &query, &page, err))
            return false;
        json_add(pages, page);
    }
    json *answer = json_new_object(), *runs = newest(pages, query.most);
    /* Run numbers count one company: they page its list, and only its. */
    bool more = !query.open && count == 1 && json_count(runs) == (size_t)limit;
    json_set(answer, "runs", runs);
    json_set_int(answer, "next", more ? json_int(json_at(runs, (size_t)limit - 1), "no", 0) : 0);
    return api_answer(call, MHD_HTTP_OK, answer);
}

bool runs_cancel(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *run = NULL, *after = NULL;
    if (!api_holder(call, call->params[0], ledger_run, company, &run, err))
        return false;
    const char *task = json_text(run, "task");
    if (!ledger_cancel(call->ledger, company, task, &call->granted, err) ||
        !run_read(call->ledger, company, task, &after, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, GIVE(after));
}

bool runs_why(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *run = NULL;
    json *why = NULL;
    if (!api_holder(call, call->params[0], ledger_run, company, &run, err) ||
        !why_run(call->config, call->ledger, company, json_text(run, "task"), &why, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, why);
}

bool entries_why(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *entry = NULL;
    json *why = NULL;
    if (!api_holder(call, call->params[0], entry_named, company, &entry, err) ||
        !why_entry(call->config, call->ledger, company, json_text(entry, "id"), &why, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, why);
}
