/* post.c - posting, as a person meets it: what would be posted, what was, and which order is next.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "operation_flags.h"
#include "text.h"

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

/* ---- post preview ---- */

static int wanted(struct ctl *ctl, json *body)
{
    int code = operation_or_entry(ctl, body);
    if (code == EXIT_OK)
        json_set_text(json_get(body, "arguments"), "preview", "true");
    return code;
}

static int wait_for_run(struct ctl *ctl, json **run)
{
    while (strcmp(json_text(*run, "state"), "finished") != 0) {
        OWN_TEXT char *path =
            mem_printf("/v1/runs/%s?company=%s&wait=10&since=%s", json_text(*run, "task"),
                       json_text(*run, "company"), json_text(*run, "version"));
        json *later = NULL;
        int code = ctl_ask(ctl, "GET", path, NULL, &later);
        if (code != EXIT_OK)
            return code;
        json_free(*run);
        *run = later;
    }
    const char *error = json_text(*run, "error");
    return *error ? ctl_fail(ctl, EXIT_FAILED, "%s", error) : EXIT_OK;
}

static void preview_rows(struct ctl *ctl, const json *rows)
{
    static const char *const HEADS[] = {"ORDER",        "DOCUMENT", "KIND", "CUSTOMER",
                                        "POSTING DATE", "AMOUNT",   "WILL"};
    struct table table = {.columns = COUNT(HEADS)};
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        struct decimal amount = DECIMAL_ZERO;
        char text[DECIMAL_TEXT];
        if (!json_decimal(row, "amount", &amount))
            amount = DECIMAL_ZERO;
        decimal_format_fixed(amount, 2, text);
        bool post = json_flag(row, "post", false);
        table_cell(&table, "%s", or_dash(json_text(row, "name")));
        table_cell(&table, "%s", json_text(row, "number"));
        table_cell(&table, "%s", json_text(row, "kind"));
        table_cell(&table, "%s", or_dash(json_text(row, "customer")));
        table_cell(&table, "%s", or_dash(json_text(row, "posting_date")));
        table_cell(&table, "%s %s", text, json_text(row, "currency"));
        table_cell(&table, "%s%s%.80s", post ? "be posted" : json_text(row, "reason"),
                   post ? "" : ": ", post ? "" : json_text(row, "detail"));
    }
    table_print(&table, ctl->out);
}

int command_post_preview(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *run = NULL, *preview = NULL;
    OWN_BUF struct buf path = {0};
    int code = wanted(ctl, body);
    if (code != EXIT_OK)
        return code;
    json_set_bool(body, "detach", true);
    buf_text(&path, "/v1/sync");
    ctl_scope(ctl, &path, false);
    code = ctl_ask(ctl, "POST", buf_str(&path), body, &run);
    if (code == EXIT_OK)
        code = wait_for_run(ctl, &run);
    if (code != EXIT_OK)
        return code;
    OWN_TEXT char *list = mem_printf("/v1/runs/%s/preview?company=%s", json_text(run, "task"),
                                     json_text(run, "company"));
    code = ctl_ask(ctl, "GET", list, NULL, &preview);
    if (code != EXIT_OK)
        return code;
    const json *rows = json_get(preview, "documents");
    int64_t post = json_int(preview, "post", 0), all = (int64_t)json_count(rows);
    if (!ctl->json && all > 0)
        preview_rows(ctl, rows);
    return ctl_answer(ctl, preview, "%" PRId64 " would be posted, %" PRId64 " not\n", post,
                      all - post);
}

/* ---- post list ---- */

static bool is_state(const char *word)
{
    static const char *const STATES[] = {"posted", "partly", "skipped", "failed"};
    for (size_t i = 0; i < COUNT(STATES); i++)
        if (strcmp(STATES[i], word) == 0)
            return true;
    return false;
}

/* Pages of one shop may be short, so they are asked for until there are enough. */
static int ask_postings(struct ctl *ctl, const char *path, int64_t most, json **answer)
{
    int code = ctl_ask(ctl, "GET", path, NULL, answer);
    while (code == EXIT_OK && *json_text(*answer, "next") && !ctl_leaving()) {
        OWN_JSON json *page = NULL;
        OWN_BUF struct buf next = {0};
        json *rows = json_get(*answer, "postings");
        if ((int64_t)json_count(rows) >= most)
            break;
        buf_text(&next, path);
        ctl_query(&next, "after", json_text(*answer, "next"));
        code = ctl_ask(ctl, "GET", buf_str(&next), NULL, &page);
        const json *more = json_get(page, "postings");
        for (size_t i = 0; i < json_count(more) && (int64_t)json_count(rows) < most; i++)
            json_add(rows, json_copy(json_at(more, i)));
        json_set_text(*answer, "next", json_text(page, "next"));
    }
    return code;
}

int command_post_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"ORDER",    "SHOP",  "DOCUMENT", "STATE", "INVOICE",
                                        "SHIPMENT", "TRIES", "WHEN",     "REASON"};
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    struct table table = {.columns = COUNT(HEADS)};
    buf_text(&path, "/v1/postings");
    ctl_query(&path, "limit", ctl->limit ? ctl->limit : "50");
    if (ctl->arg_count)
        ctl_query(&path, is_state(ctl->args[0]) ? "state" : "q", ctl->args[0]);
    ctl_scope(ctl, &path, true);
    int code =
        ask_postings(ctl, buf_str(&path), ctl->limit ? strtoll(ctl->limit, NULL, 10) : 50, &answer);
    if (code != EXIT_OK)
        return code;
    const json *rows = json_get(answer, "postings");
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    if (!json_count(rows))
        fprintf(ctl->err, "no posted documents%s%s\n", ctl->arg_count ? ": " : "",
                ctl->arg_count ? ctl->args[0] : "");
    for (size_t i = 0; json_count(rows) && i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        char when[32];
        const char *error = json_text(row, "error");
        when_text(json_int(row, "at_ms", 0), clock_now_ms(ctl->clock), when);
        table_cell(&table, "%s", or_dash(json_text(row, "name")));
        table_cell(&table, "%s", or_dash(json_text(row, "shop")));
        table_cell(&table, "%s", json_text(row, "number"));
        table_cell(&table, "%s", json_text(row, "state"));
        table_cell(&table, "%s", or_dash(json_text(row, "invoice_number")));
        table_cell(&table, "%s", or_dash(json_text(row, "shipment_number")));
        table_cell(&table, "%" PRId64, json_int(row, "attempts", 0));
        table_cell(&table, "%s", when);
        table_cell(&table, "%s%s%.100s", json_text(row, "reason"), *error ? ": " : "", error);
    }
    if (table.cells)
        table_print(&table, ctl->out);
    return EXIT_OK;
}

/* ---- post ORDER... ---- */

int command_post(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    OWN_BUF struct buf path = {0};
    json *orders = json_new_array();
    json_set(body, "orders", orders);
    for (size_t i = 0; i < ctl->arg_count; i++)
        json_add_text(orders, ctl->args[i]);
    buf_text(&path, "/v1/postings/mark");
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "POST", buf_str(&path), body, &answer);
    if (code != EXIT_OK || ctl->json) {
        if (code == EXIT_OK)
            ctl_print_json(ctl, answer);
        return code;
    }
    const json *marked = json_get(answer, "marked");
    for (size_t i = 0; i < json_count(marked); i++)
        fprintf(ctl->out, "%s, document %s: named for posting\n",
                json_text(json_at(marked, i), "name"), json_text(json_at(marked, i), "document"));
    if (json_int(answer, "woken", 0) == 0)
        fprintf(
            ctl->err,
            "no entry posts; `cartage sync sales-orders.post --post-when manual` does it now\n");
    return EXIT_OK;
}
