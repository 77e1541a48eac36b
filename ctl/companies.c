/* companies.c - companies, credentials, the budgets of the stores, and how fast changes arrive. */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "lists.h"
#include "text.h"

int command_company_list(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {.columns = 2};
    int code = list_ask(ctl, "/v1/companies", "companies", false, &answer, &rows);
    for (size_t i = 0; i < json_count(rows); i++) {
        table_cell(&table, "%s", json_text(json_at(rows, i), "id"));
        table_cell(&table, "%s", json_text(json_at(rows, i), "name"));
    }
    if (table.cells)
        table_print(&table, ctl->out);
    return code;
}

int command_company_show(struct ctl *ctl)
{
    OWN_JSON json *company = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/companies/");
    ctl_escape(&path, ctl->args[0]);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &company);
    if (code == EXIT_OK)
        record_print(ctl, company);
    return code;
}

int command_credential_list(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {.columns = 2};
    int code = list_ask(ctl, "/v1/credentials", "credentials", false, &answer, &rows);
    for (size_t i = 0; i < json_count(rows); i++) {
        table_cell(&table, "%s", json_text(json_at(rows, i), "name"));
        table_cell(&table, "%s", json_text(json_at(rows, i), "kind"));
    }
    if (table.cells)
        table_print(&table, ctl->out);
    return code;
}

/* Points of the latest hour: its minutes added up. */
static int64_t used(const json *store)
{
    int64_t sum = 0;
    const json *minutes = json_get(store, "minutes");
    for (size_t i = 0; i < json_count(minutes); i++) {
        OWN_JSON json *one = json_new_object();
        json_set(one, "n", json_copy(json_at(minutes, i)));
        sum += json_int(one, "n", 0);
    }
    return sum;
}

int command_store_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"STORE",    "APP",     "LEFT",      "OF",
                                        "A SECOND", "WAITING", "THROTTLED", "LATEST HOUR"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {.columns = COUNT(HEADS)};
    int code = list_ask(ctl, "/v1/stores", "stores", true, &answer, &rows);
    for (size_t i = 0; i < COUNT(HEADS) && json_count(rows); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++) {
        static const char *const NUMBERS[] = {"available", "maximum", "rate", "waiting",
                                              "throttled"};
        const json *store = json_at(rows, i);
        table_cell(&table, "%s", json_text(store, "store"));
        table_cell(&table, "%s", *json_text(store, "app") ? json_text(store, "app") : "-");
        for (size_t k = 0; k < COUNT(NUMBERS); k++)
            table_cell(&table, "%" PRId64, json_int(store, NUMBERS[k], 0));
        table_cell(&table, "%" PRId64, used(store));
    }
    if (table.cells)
        table_print(&table, ctl->out);
    return code;
}

int command_freshness(struct ctl *ctl)
{
    static const char *const HEADS[] = {"SHOP",        "KIND",        "CHANGES", "LATE",
                                        "HALF WITHIN", "99 % WITHIN", "TARGET",  ""};
    static const char *const TIMES[] = {"p50_ms", "p99_ms", "target_ms"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {.columns = COUNT(HEADS)};
    int code = list_ask(ctl, "/v1/freshness", "freshness", true, &answer, &rows);
    for (size_t i = 0; i < COUNT(HEADS) && json_count(rows); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        table_cell(&table, "%s", json_text(row, "shop"));
        table_cell(&table, "%s", json_text(row, "kind"));
        table_cell(&table, "%" PRId64, json_int(row, "count", 0));
        table_cell(&table, "%" PRId64, json_int(row, "late", 0));
        for (size_t k = 0; k < COUNT(TIMES); k++)
            table_cell(&table, "%.2f s", (double)json_int(row, TIMES[k], 0) / 1000);
        table_cell(&table, "%s", json_text(row, "colour"));
    }
    if (table.cells)
        table_print(&table, ctl->out);
    return code;
}
