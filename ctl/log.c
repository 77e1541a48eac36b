/* log.c - the log of a company: what ran, what did not, and why. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "follow.h"
#include "pages.h"
#include "text.h"

enum { MOST = 100000, DEFAULT_MOST = 50 };

/* The company of --company, or the only one there is: the log's path names it. */
static int company_path(struct ctl *ctl, struct buf *path)
{
    OWN_JSON json *answer = NULL;
    buf_text(path, "/v1/companies/");
    if (ctl->company) {
        ctl_escape(path, ctl->company);
        return EXIT_OK;
    }
    int code = ctl_ask(ctl, "GET", "/v1/companies", NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *companies = json_get(answer, "companies");
    if (json_count(companies) != 1)
        return ctl_fail(ctl, EXIT_USAGE, "there are %zu companies; say which one (--company NAME)",
                        json_count(companies));
    ctl_escape(path, json_text(json_at(companies, 0), "id"));
    return EXIT_OK;
}

bool page_time(const struct ctl *ctl, const char *flag, const char *text, int64_t *ms,
               struct err *err)
{
    *ms = 0;
    if (!text || time_parse(text, ms))
        return true;
    if (!span_parse(text, ms, err))
        return err_set(err, ERR_FATAL, 0,
                       "%s \"%.40s\": write \"2 hours\", 1d, or 2027-01-01T06:00:00Z", flag, text);
    *ms = clock_now_ms(ctl->clock) - *ms;
    return true;
}

bool page_most(const struct ctl *ctl, int64_t *most, struct err *err)
{
    char *end = NULL;
    *most = ctl->limit ? strtoll(ctl->limit, &end, 10) : DEFAULT_MOST;
    if ((end && *end) || *most < 1 || *most > MOST)
        return err_set(err, ERR_FATAL, 0, "--limit takes a number from 1 to %d", MOST);
    return true;
}

/* Page after page, until there are enough or no more. */
static int read_log(struct ctl *ctl, const char *base, int64_t since, int64_t most, json *records)
{
    int64_t before = 0;
    do {
        OWN_BUF struct buf path = {0};
        OWN_JSON json *answer = NULL;
        int64_t left = most - (int64_t)json_count(records);
        buf_printf(&path, "%s/log?limit=%" PRId64 "&since=%" PRId64, base,
                   left < PAGE ? left : (int64_t)PAGE, since);
        if (before)
            buf_printf(&path, "&before=%" PRId64, before);
        ctl_query(&path, "entry", ctl->entry);
        ctl_query(&path, "kind", ctl->kind);
        ctl_query(&path, "traces", ctl->traces ? "true" : NULL);
        int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
        if (code != EXIT_OK)
            return code;
        const json *rows = json_get(answer, "records");
        for (size_t i = 0; i < json_count(rows); i++)
            json_add(records, json_copy(json_at(rows, i)));
        before = json_int(answer, "next", 0);
    } while (before && (int64_t)json_count(records) < most && !ctl_leaving());
    return EXIT_OK;
}

/* ---- for people ---- */

static void what_came(const json *record, struct buf *out)
{
    const char *error = json_text(record, "error"), *why = json_text(record, "why");
    int64_t times = json_int(record, "times", 1), until = json_int(record, "until_ms", 0);
    if (times > 1) {
        char since[32];
        time_format(json_int(record, "since_ms", 0), false, since);
        buf_printf(out, "nothing to do, %" PRId64 " runs since %s", times, since);
    } else if (until) {
        char from[32], to[32];
        time_format(json_int(record, "since_ms", 0), false, from);
        time_format(until, false, to);
        buf_printf(out, "%s to %s%s%s", from, to, *why ? ": " : "", why);
    } else if (*json_text(record, "target")) {
        buf_printf(out, "%s to %s: %s%s%s", json_text(record, "outcome"),
                   json_text(record, "target"), why, *error ? ": " : "", error);
    } else if (*error) {
        buf_printf(out, "%s%s%s", error, *why ? ": " : "", why);
    } else if (*why) {
        buf_text(out, why);
    } else {
        counts_text(json_get(record, "counts"), out);
    }
}

static void log_row(struct table *table, const json *record)
{
    OWN_BUF struct buf came = {0};
    char at[32], took[32] = "-";
    const char *outcome = json_text(record, "outcome");
    time_format(json_int(record, "at_ms", 0), false, at);
    if (json_int(record, "started_ms", 0))
        span_text(json_int(record, "took_ms", 0), took);
    what_came(record, &came);
    table_cell(table, "%s", at);
    if (strcmp(json_text(record, "kind"), "attempt") == 0)
        table_cell(table, "%s", outcome);
    else
        table_cell(table, "%s", json_text(record, "kind"));
    table_cell(table, "%s", *json_text(record, "operation") ? json_text(record, "operation") : "-");
    if (json_int(record, "no", 0))
        table_cell(table, "%" PRId64 ".%" PRId64, json_int(record, "no", 0),
                   json_int(record, "attempt", 0));
    else
        table_cell(table, "-");
    table_cell(table, "%s", took);
    table_cell(table, "%.160s", came.size ? buf_str(&came) : "-");
}

static void print_traces(struct ctl *ctl, const json *records)
{
    for (size_t i = 0; i < json_count(records); i++) {
        const json *record = json_at(records, i);
        const char *trace = json_text(record, "trace");
        if (*trace)
            fprintf(ctl->out, "\nlast calls of run %" PRId64 ", attempt %" PRId64 "\n%s",
                    json_int(record, "no", 0), json_int(record, "attempt", 0), trace);
    }
}

int command_log(struct ctl *ctl)
{
    static const char *const HEADS[] = {"TIME", "WHAT", "OPERATION", "RUN", "TOOK", "RESULT"};
    OWN_JSON json *records = json_new_array();
    OWN_BUF struct buf base = {0};
    struct table table = {.columns = COUNT(HEADS)};
    struct err err = {0};
    int64_t since, most;
    if (!page_time(ctl, "--since", ctl->since, &since, &err) || !page_most(ctl, &most, &err))
        return ctl_fail(ctl, EXIT_USAGE, "%s", err.text);
    int code = company_path(ctl, &base);
    if (code == EXIT_OK)
        code = read_log(ctl, buf_str(&base), since, most, records);
    if (code != EXIT_OK)
        return code;
    if (ctl->json) {
        OWN_JSON json *answer = json_new_object();
        json_set(answer, "records", json_copy(records));
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    if (!json_count(records)) {
        fputs("no records\n", ctl->err);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = json_count(records); i-- > 0;) /* as it happened: the newest last */
        log_row(&table, json_at(records, i));
    table_print(&table, ctl->out);
    if (ctl->traces)
        print_traces(ctl, records);
    return EXIT_OK;
}
