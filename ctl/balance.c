/* balance.c - the daily balance and the disputes of a shop, as a table or as CSV. */
#include <inttypes.h>
#include <string.h>

#include "base/decimal.h"
#include "commands.h"
#include "text.h"

/* "-12.50" of "-12.5"; as it came where it is no amount. */
static const char *money_text(const json *row, const char *name, char out[static DECIMAL_TEXT])
{
    struct decimal amount;
    if (!decimal_parse(json_text(row, name), &amount))
        return json_text(row, name);
    decimal_format_fixed(amount, amount.scale > 2 ? amount.scale : 2, out);
    return out;
}

static void heads(struct table *table, const char *const names[], size_t count)
{
    table->columns = count;
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%s", names[i]);
}

static void amounts(struct table *table, const json *row, const char *const fields[], size_t count)
{
    char text[DECIMAL_TEXT];
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%s", money_text(row, fields[i], text));
}

/* ---- for people ---- */

static void tell_sales(struct ctl *ctl, const json *sales)
{
    for (size_t i = 0; i < json_count(sales); i++) {
        const json *row = json_at(sales, i), *open = json_get(row, "open");
        char sold[DECIMAL_TEXT], back[DECIMAL_TEXT], invoiced[DECIMAL_TEXT], credited[DECIMAL_TEXT];
        fprintf(ctl->out,
                "%s: %" PRId64 " orders %s, %" PRId64 " refunds %s; posted: %" PRId64
                " invoices %s, %" PRId64 " credit memos %s\n",
                json_text(row, "currency"), json_int(row, "orders", 0),
                money_text(row, "sold", sold), json_int(row, "refunds", 0),
                money_text(row, "given_back", back), json_int(row, "invoices", 0),
                money_text(row, "invoiced", invoiced), json_int(row, "memos", 0),
                money_text(row, "credited", credited));
        for (size_t k = 0; k < json_count(open); k++) {
            const json *each = json_at(open, k);
            char amount[DECIMAL_TEXT];
            fprintf(ctl->out, "  open: %" PRId64 " %s, %s: %s\n", json_int(each, "count", 0),
                    json_text(each, "kind"), json_text(each, "reason"),
                    money_text(each, "amount", amount));
        }
    }
}

static void tell_payouts(struct ctl *ctl, const json *payouts)
{
    static const char *const HEADS[] = {"PAYOUT",  "ISSUED", "STATUS",   "CURRENCY", "ORDERS",
                                        "REFUNDS", "FEES",   "DISPUTES", "RESERVES", "RETRIED",
                                        "OTHER",   "NET",    "LINES"};
    static const char *const AMOUNTS[] = {"orders",   "refunds",  "fees",
                                          "disputes", "reserves", "retried"};
    struct table table = {0};
    if (!json_count(payouts))
        return;
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(payouts); i++) {
        static const char *const OTHER[] = {"advances", "adjustments", "unknown"};
        const json *row = json_at(payouts, i);
        char text[DECIMAL_TEXT];
        struct decimal other = DECIMAL_ZERO, one;
        for (size_t k = 0; k < COUNT(OTHER); k++)
            if (decimal_parse(json_text(row, OTHER[k]), &one))
                other = decimal_add(other, one);
        table_cell(&table, "%s", json_text(row, "id"));
        table_cell(&table, "%.10s", json_text(row, "issued"));
        table_cell(&table, "%s", json_text(row, "status"));
        table_cell(&table, "%s", json_text(row, "currency"));
        amounts(&table, row, AMOUNTS, COUNT(AMOUNTS));
        decimal_format_fixed(other, 2, text);
        table_cell(&table, "%s", text);
        table_cell(&table, "%s", money_text(row, "net", text));
        table_cell(&table, "%" PRId64, json_int(row, "lines", 0));
    }
    table_print(&table, ctl->out);
}

static void tell_differences(struct ctl *ctl, const json *differences)
{
    static const char *const HEADS[] = {"DIFFERENCE", "RECORD", "AMOUNT", "REASON", "WHAT"};
    struct table table = {0};
    if (!json_count(differences)) {
        fprintf(ctl->out, "the books agree\n");
        return;
    }
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(differences); i++) {
        const json *row = json_at(differences, i);
        char text[DECIMAL_TEXT];
        const char *reason = json_text(row, "reason");
        table_cell(&table, "%s", json_text(row, "kind"));
        table_cell(&table, "%s", json_text(row, "record"));
        table_cell(&table, "%s %s", money_text(row, "amount", text), json_text(row, "currency"));
        table_cell(&table, "%s", *reason ? reason : "-");
        table_cell(&table, "%s", json_text(row, "text"));
    }
    table_print(&table, ctl->out);
}

/* ---- CSV ---- */

/* Quoted where it must be; a text that a spreadsheet would run is made a text. */
static void csv_cell(FILE *out, const char *text, bool last)
{
    bool formula = strchr("=+@\t", *text) && *text;
    bool quoted = formula || strpbrk(text, ",\"\r\n");
    if (quoted)
        fputc('"', out);
    if (formula)
        fputc('\'', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputs(quoted ? "\"" : "", out);
    fputs(last ? "\r\n" : ",", out);
}

static void csv_rows(FILE *out, const char *what, const json *rows, const char *const fields[],
                     size_t count)
{
    for (size_t i = 0; i < json_count(rows); i++) {
        csv_cell(out, what, false);
        for (size_t f = 0; f < count; f++)
            csv_cell(out, *fields[f] ? json_text(json_at(rows, i), fields[f]) : "", f + 1 == count);
    }
}

/* One table for all: what a row is stands first. */
static void tell_csv(struct ctl *ctl, const json *answer)
{
    static const char *const HEADS[] = {"what",    "record",   "kind",   "order", "payout",
                                        "date",    "currency", "amount", "fee",   "net",
                                        "invoice", "memo",     "reason"};
    static const char *const LINES[] = {"id",  "type",     "order_name", "payout",
                                        "at",  "currency", "amount",     "fee",
                                        "net", "invoice",  "memo",       ""};
    static const char *const PAYOUTS[] = {"id", "status", "",    "id", "issued", "currency",
                                          "",   "fees",   "net", "",   "",       ""};
    static const char *const DIFFERENCES[] = {"record", "kind", "", "payout", "", "currency",
                                              "amount", "",     "", "",       "", "reason"};
    for (size_t i = 0; i < COUNT(HEADS); i++)
        csv_cell(ctl->out, HEADS[i], i + 1 == COUNT(HEADS));
    csv_rows(ctl->out, "payout", json_get(answer, "payouts"), PAYOUTS, COUNT(PAYOUTS));
    csv_rows(ctl->out, "line", json_get(answer, "lines"), LINES, COUNT(LINES));
    csv_rows(ctl->out, "difference", json_get(answer, "differences"), DIFFERENCES,
             COUNT(DIFFERENCES));
}

int command_balance(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/balance");
    ctl_query(&path, "day", ctl->day);
    ctl_query(&path, "from", ctl->from);
    ctl_query(&path, "to", ctl->to);
    ctl_query(&path, "lines", ctl->csv ? "true" : NULL);
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    if (ctl->csv) {
        tell_csv(ctl, answer);
        return EXIT_OK;
    }
    fprintf(ctl->out, "shop %s, %s to %s\n", json_text(answer, "shop"), json_text(answer, "from"),
            json_text(answer, "to"));
    tell_sales(ctl, json_get(answer, "sales"));
    tell_payouts(ctl, json_get(answer, "payouts"));
    tell_differences(ctl, json_get(answer, "differences"));
    return EXIT_OK;
}

/* ---- disputes ---- */

static void dispute_cells(struct table *table, const json *row)
{
    char text[DECIMAL_TEXT];
    bool open = json_flag(row, "open", false);
    int64_t left = json_int(row, "days_left", 0);
    table_cell(table, "%s", json_text(row, "order_name"));
    table_cell(table, "%s", json_text(row, "type"));
    table_cell(table, "%s", json_text(row, "status"));
    table_cell(table, "%s %s", money_text(row, "amount", text), json_text(row, "currency"));
    table_cell(table, "%s", json_text(row, "reason"));
    table_cell(table, "%.10s", open ? json_text(row, "due") : json_text(row, "finalized"));
    if (!open || *json_text(row, "sent"))
        table_cell(table, "%s", open ? "sent" : "-");
    else
        table_cell(table, "%" PRId64 " days %s", left < 0 ? -left : left,
                   left < 0 ? "late" : "left");
}

int command_dispute_list(struct ctl *ctl)
{
    static const char *const HEADS[] = {"ORDER",  "TYPE",         "STATUS",  "AMOUNT",
                                        "REASON", "DUE OR ENDED", "EVIDENCE"};
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    struct table table = {0};
    buf_text(&path, "/v1/disputes");
    ctl_query(&path, "limit", ctl->limit ? ctl->limit : "50");
    ctl_query(&path, "open", ctl->open ? "true" : NULL);
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *rows = json_get(answer, "disputes");
    if (ctl->json) {
        ctl_print_json(ctl, answer);
        return EXIT_OK;
    }
    if (!json_count(rows)) {
        fprintf(ctl->err, "no disputes\n");
        return EXIT_OK;
    }
    heads(&table, HEADS, COUNT(HEADS));
    for (size_t i = 0; i < json_count(rows); i++)
        dispute_cells(&table, json_at(rows, i));
    table_print(&table, ctl->out);
    return EXIT_OK;
}
